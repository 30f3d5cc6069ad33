//! Posts that a group did not take, or its moderators sent back: their author sends them to it once more, in other words or in the
//! same, or goes back to what the group shows.

use super::{edit::refuse_case, render::render};
use crate::{
    error::{Error, Result},
    model::{Event, Held, Post, PostId},
    policy::{Viewer, moderation, posting},
    service::{Ctx, groups, sources},
    store::{
        self, Conn,
        posts::{Edit, shown::Shown},
    },
};

/// The text and the warning that others have read of a post: of one that its group did not take those that the group shows, or none.
/// What else stands in it goes past the gate.
pub(super) async fn as_read(ctx: &Ctx, post: &Post) -> Result<(String, String)> {
    if post.held != Held::Refused {
        return Ok((post.source.clone(), post.warning.clone()));
    }
    let shown = store::posts::shown::last(&mut *ctx.pool.read().await?, post.id).await?;
    Ok(shown.map(|shown| (shown.source, shown.warning)).unwrap_or_default())
}

/// Gives a post that its group did not take these words and lets the group have it once more: as new where it has nothing of it, else
/// as other words for what it shows. `is_marked` is whether much stays in them that could identify a patient. Returns why the post is
/// held from now on, and what the group is told.
pub(super) async fn send(
    ctx: &Ctx,
    conn: &mut Conn,
    known: &Post,
    words: Edit,
    is_marked: bool,
) -> Result<(Held, Event)> {
    let post = known.id;
    let is_new = store::posts::shown::last(conn, post).await?.is_none();
    let held = groups::send_again(ctx, conn, known, is_marked).await?;
    store::posts::shown::replace(conn, post, words, is_new).await?;
    Ok((held, if is_new { Event::Create { post, again: true } } else { Event::Update { post } }))
}

/// What its group shows of a post that has been edited, where the group did not take that, and its author may go back to it: neither
/// struck words nor a poll that is gone with its votes are given back.
async fn shown(conn: &mut Conn, post: &Post) -> Result<Option<Shown>> {
    if post.held != Held::Refused {
        return Ok(None);
    }
    let shown = store::posts::shown::last(conn, post.id).await?;
    Ok(shown.filter(|shown| !shown.struck && shown.same_poll))
}

/// Whether there is anything to go back to with [`take_edit_back`].
pub async fn may_take_edit_back(ctx: &Ctx, viewer: &Viewer, post: &Post) -> Result<bool> {
    if viewer.account() != Some(post.author_id) {
        return Ok(false);
    }
    Ok(shown(&mut *ctx.pool.read().await?, post).await?.is_some())
}

/// Takes an edit back that the group of one's own post did not take: the post says and shows again what it does there, and is seen by
/// the group's members here again. Nobody else is told, as nobody else has read anything else.
///
/// # Errors
/// [`Error::NotFound`] where there is nothing to go back to.
pub async fn take_edit_back(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let known = store::posts::get_or_gone(&mut *ctx.pool.get().await?, id).await?;
    posting::may_change(me, &known)?;
    refuse_case(ctx, id).await?;
    let before = shown(&mut *ctx.pool.get().await?, &known).await?.ok_or(Error::NotFound)?;
    let rendered = render(ctx, &before.source, known.markup).await?;
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    if shown(&mut tx, &post).await?.as_ref() != Some(&before) {
        return Err(Error::Conflict("The group has looked at it in the meantime. Please look again.".into()));
    }
    sources::rewritten(ctx, &mut tx, &post, &before.source).await?;
    store::posts::shown::restore(&mut tx, id, &before, rendered.mentions, rendered.tags).await?;
    if let Some(pictures) = before.media {
        let count = pictures.len();
        if store::media::attach(&mut tx, me, id, pictures).await? != count {
            return Err(Error::Conflict("A picture of it is gone by now. Edit it, and send it again.".into()));
        }
    }
    tx.commit().await?;
    tracing::info!(post = %id, account = %me, "took an edit back that was not taken");
    Ok(())
}
