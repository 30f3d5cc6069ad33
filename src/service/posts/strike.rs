//! Striking an earlier version of a post: what it said is gone, so that what should not have stood there does not stay readable
//! among the versions.

use chrono::{DateTime, Utc};

use super::publish::{is_ours, tell};
use crate::{
    error::{Error, Result},
    model::{Event, GroupDeed, Post, PostId},
    policy::{Viewer, moderation},
    service::{Ctx, cases, groups},
    store::{self, Conn},
};

/// Whether a viewer may strike versions of a post that they may read: it is their own, or in a group of ours that they lead.
pub async fn may_strike(ctx: &Ctx, viewer: &Viewer, post: &Post) -> Result<bool> {
    let Ok(me) = moderation::require_account(viewer) else { return Ok(false) };
    let mut conn = ctx.pool.read().await?;
    Ok((is_ours(post) && cases::is_own(ctx, &mut conn, me, post).await?) || leads(ctx, &mut conn, viewer, post).await?)
}

/// Whether a viewer leads the group of a post, where that is one of ours.
async fn leads(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, post: &Post) -> Result<bool> {
    let Some(group) = post.group_id else { return Ok(false) };
    if !store::accounts::get(conn, group).await?.is_local() {
        return Ok(false);
    }
    match groups::require_led(ctx, conn, viewer, group).await {
        Ok(()) => Ok(true),
        Err(Error::Forbidden(_) | Error::NotFound | Error::Unauthenticated) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes the words out of an earlier version of a post: here, and on the servers that hold copies of one of ours and know the
/// word. The members of a group of ours read in its log that it was done.
///
/// # Errors
/// [`Error::NotFound`] where there is no such version, or it is not the viewer's to strike.
pub async fn strike(ctx: &Ctx, viewer: &Viewer, id: PostId, version: i64) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let post = super::read(ctx, viewer, id).await?.post;
    if !may_strike(ctx, viewer, &post).await? {
        return Err(Error::NotFound);
    }
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    if !store::posts::strike::one(&mut tx, id, version, ctx.now()).await? {
        tx.roll_back().await?;
        return Err(Error::NotFound);
    }
    let unnamed = !post.label.is_empty() && cases::is_own(ctx, &mut tx, me, &post).await?;
    if let Some(group) = post.group_id
        && store::accounts::get(&mut tx, group).await?.is_local()
    {
        // Whoever asked without their name stays without it.
        let by = if unnamed { post.author_id } else { me };
        store::groups::log(&mut tx, group, Some(by), GroupDeed::Strike, Some(post.author_id), "").await?;
    }
    if is_ours(&post) {
        tell(&mut tx, &post, &Event::Update { post: id }).await?;
    }
    tx.commit().await?;
    if unnamed {
        tracing::info!(post = %id, version, "struck a version");
    } else {
        tracing::info!(post = %id, version, account = %me, "struck a version");
    }
    Ok(())
}

/// When the versions of a post were written that were struck, for other servers; nothing where it was never changed.
pub async fn struck(ctx: &Ctx, post: &Post) -> Result<Vec<DateTime<Utc>>> {
    match post.edited_at {
        Some(_) => store::posts::strike::list(&mut *ctx.pool.read().await?, post.id).await,
        None => Ok(Vec::new()),
    }
}
