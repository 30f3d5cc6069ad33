//! Posts on top of one's page, and how far one has read.

use super::{Ctx, posts};
pub use crate::store::taste::Marker;
use crate::{
    error::{Error, Result},
    model::{Event, PostId},
    policy::{Viewer, moderation, posting},
    store,
};

/// Most pinned posts of one person.
pub const MOST: i64 = 5;

/// Pins one's own post.
pub async fn pin(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    // Of what is not for the viewer it is not even said that it is somebody else's.
    posts::read(ctx, viewer, id).await?;
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    if posting::may_change(me, &post).is_err() {
        return Err(Error::invalid("id", "Someone else's post cannot be pinned"));
    }
    if !post.visibility.is_pinnable() {
        return Err(Error::invalid("id", "Posts that are only visible to mentioned users cannot be pinned"));
    }
    if store::taste::count_pins(&mut tx, me).await? >= MOST {
        return Err(Error::invalid("id", "You have already pinned the maximum number of posts"));
    }
    if store::taste::pin(&mut tx, me, id).await? && post.visibility.is_open() {
        store::outbox::insert(&mut tx, me, &Event::Pin { post: id }).await?;
    }
    tx.commit().await
}

/// Pins it no more.
pub async fn unpin(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    posting::may_change(me, &post)?;
    if store::taste::unpin(&mut tx, me, id).await? && post.visibility.is_open() {
        store::outbox::insert(&mut tx, me, &Event::Unpin { post: id }).await?;
    }
    tx.commit().await
}

/// How far one has read in these timelines.
pub async fn markers(ctx: &Ctx, viewer: &Viewer, timelines: Vec<String>) -> Result<Vec<Marker>> {
    let me = moderation::require_account(viewer)?;
    store::taste::markers(&mut *ctx.pool.get().await?, me, timelines).await
}

/// Notes how far one has read; `home` and `notifications` are the timelines that can be marked.
pub async fn set_markers(ctx: &Ctx, viewer: &Viewer, read: Vec<(String, i64)>) -> Result<Vec<Marker>> {
    let me = moderation::require_account(viewer)?;
    let names: Vec<String> = read.iter().map(|r| r.0.clone()).collect();
    let mut tx = ctx.tx().await?;
    for (timeline, id) in read {
        store::taste::set_marker(&mut tx, me, &timeline, id, ctx.now()).await?;
        if timeline == "notifications" {
            store::users::set_notifications_read(&mut tx, me, id).await?;
        }
    }
    let now = store::taste::markers(&mut tx, me, names).await?;
    tx.commit().await?;
    Ok(now)
}
