//! Posts that a group of another server did not take: their author sends them to it once more, in other words or in the same.

use crate::{
    error::Result,
    model::{Event, Held, Post, PostId},
    service::Ctx,
    store::{self, Conn, posts::Edit},
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
/// as other words for what it shows. Returns what the group is told.
pub(super) async fn send(conn: &mut Conn, post: PostId, words: Edit) -> Result<Event> {
    let is_new = store::posts::shown::last(conn, post).await?.is_none();
    store::groups::send_again(conn, post).await?;
    store::posts::shown::replace(conn, post, words, is_new).await?;
    Ok(if is_new { Event::Create { post, again: true } } else { Event::Update { post } })
}
