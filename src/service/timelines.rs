//! Timelines: lists of posts, each as its viewer may see it.

use super::{Ctx, Page, Paged};
pub use crate::store::timelines::Timeline;
use crate::{
    error::{Error, Result},
    model::PostCard,
    policy::{Viewer, moderation},
    store,
};

/// A page of a timeline.
pub async fn page(ctx: &Ctx, viewer: &Viewer, timeline: &Timeline, page: &Page) -> Result<Paged<PostCard>> {
    if let Timeline::Home(owner) | Timeline::Bookmarks(owner) | Timeline::Favourites(owner) = timeline
        && moderation::require_account(viewer)? != *owner
    {
        return Err(Error::NotFound);
    }
    store::timelines::page(&mut *ctx.pool.read().await?, viewer, timeline, page).await
}

/// How many posts came to one's home since (at most 100 are counted).
pub async fn count_newer(ctx: &Ctx, viewer: &Viewer, than: i64) -> Result<i64> {
    let me = moderation::require_account(viewer)?;
    store::timelines::count_newer(&mut *ctx.pool.read().await?, me, than).await
}
