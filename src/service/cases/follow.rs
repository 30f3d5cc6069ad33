//! Following a single case without taking part in it: being told of its answers, of the one that answers it, and of the outcome.
//! Who follows is seen by nobody.

use super::{CaseView, is_own};
use crate::{
    error::{Error, Result},
    model::PostId,
    policy::{Viewer, moderation},
    service::{Ctx, posts, sheet::Sheet},
    store::{self, cases::follows},
};

/// Most cases that are listed of one person.
const MOST: i64 = 1_000;

/// What a member of the group hears of a case that somebody else asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hearing {
    /// They follow it: they are told of every answer, of the one that is marked, and of the outcome.
    pub follows: bool,
    /// They took part in it: they are told of answers to theirs, and of the outcome.
    pub took_part: bool,
    /// They have muted it: they are told nothing.
    pub muted: bool,
}

/// What the viewer hears of a case that they read; none where they asked it, or do not belong to its group.
pub async fn hearing(ctx: &Ctx, viewer: &Viewer, view: &CaseView) -> Result<Option<Hearing>> {
    let Some(me) = viewer.account().filter(|_| !view.mine) else { return Ok(None) };
    let found = follows::find(&mut *ctx.pool.read().await?, view.case.post_id, me).await?;
    Ok(found.map(|(follows, took_part, muted)| Hearing { follows, took_part, muted }))
}

/// Follows a case. One that was muted is muted no more.
pub async fn follow(ctx: &Ctx, viewer: &Viewer, case: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let post = posts::read(ctx, viewer, case).await?.post;
    let mut tx = ctx.tx().await?;
    if store::cases::core::find(&mut tx, case).await?.is_none() {
        return Err(Error::NotFound);
    }
    if is_own(ctx, &mut tx, me, &post).await? {
        return Err(Error::Conflict("You asked this case: you are told of its answers as it is.".into()));
    }
    if !follows::insert(&mut tx, case, me).await? {
        return Err(Error::Forbidden("Only members of its group follow a case."));
    }
    store::shuns::unmute_thread(&mut tx, me, case).await?;
    tx.commit().await
}

/// Follows it no more.
pub async fn unfollow(ctx: &Ctx, viewer: &Viewer, case: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    posts::read(ctx, viewer, case).await?;
    follows::delete(&mut *ctx.pool.get().await?, case, me).await
}

/// The cases that the viewer follows, as CSV.
pub async fn export_followed(ctx: &Ctx, viewer: &Viewer) -> Result<String> {
    moderation::require_account(viewer)?;
    let mut sheet = Sheet::new();
    sheet.line(&["Followed since", "Group", "Question", "Address"])?;
    for (since, group, question, url) in follows::of_viewer(&mut *ctx.pool.read().await?, viewer, MOST).await? {
        sheet.line(&[since.to_rfc3339(), group, question, url])?;
    }
    sheet.finish()
}
