//! What happened to one.

use std::collections::HashMap;

use super::{Ctx, Page, Paged};
use crate::{
    error::{Error, Result},
    model::{Notification, NotificationId, NotificationKind, PostCard, PostId},
    policy::{Viewer, moderation},
    store,
};

/// A notification with the post that it is about.
#[derive(Debug, Clone)]
pub struct NotificationView {
    /// What happened.
    pub notification: Notification,
    /// The post, where there is one.
    pub post: Option<PostCard>,
}

/// A page of these kinds, newest first: two queries whatever its length.
pub async fn page(
    ctx: &Ctx,
    viewer: &Viewer,
    kinds: &[NotificationKind],
    page: &Page,
) -> Result<Paged<NotificationView>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    let listed = store::notifications::list(&mut conn, viewer, me, kinds.to_vec(), page).await?;
    let ids: Vec<PostId> = listed.items.iter().filter_map(|n| n.post_id).collect();
    let posts: HashMap<PostId, PostCard> =
        store::notifications::posts(&mut conn, viewer, ids).await?.into_iter().map(|c| (c.post.id, c)).collect();
    Ok(listed.map(|notification| {
        let post = notification.post_id.and_then(|id| posts.get(&id)).cloned();
        NotificationView { notification, post }
    }))
}

/// Marks everything up to this one as seen.
pub async fn mark_read(ctx: &Ctx, viewer: &Viewer, newest: i64) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    store::users::set_notifications_read(&mut *ctx.pool.get().await?, me, newest).await
}

/// One of one's own.
pub async fn read(ctx: &Ctx, viewer: &Viewer, id: NotificationId) -> Result<NotificationView> {
    let around = Page::newest(id.0.checked_add(1), id.0.checked_sub(1), 1);
    page(ctx, viewer, NotificationKind::ALL, &around).await?.items.pop().ok_or(Error::NotFound)
}

/// Takes one of one's own away.
pub async fn dismiss(ctx: &Ctx, viewer: &Viewer, id: NotificationId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let gone = store::notifications::dismiss(&mut *ctx.pool.get().await?, me, Some(id)).await?;
    if gone > 0 { Ok(()) } else { Err(Error::NotFound) }
}

/// Takes all of them away.
pub async fn clear(ctx: &Ctx, viewer: &Viewer) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    store::notifications::dismiss(&mut *ctx.pool.get().await?, me, None).await.map(|_| ())
}
