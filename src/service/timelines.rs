//! Timelines: lists of posts, each as its viewer may see it.

use super::{Ctx, Page, Paged};
pub use crate::store::timelines::Timeline;
use crate::{
    error::{Error, Result},
    model::PostCard,
    policy::{Viewer, moderation},
    store,
};

/// The same with posts that carry pictures only.
pub async fn page_of_pictures(ctx: &Ctx, viewer: &Viewer, timeline: &Timeline, page: &Page) -> Result<Paged<PostCard>> {
    guard(viewer, timeline)?;
    store::timelines::page(&mut *ctx.pool.read().await?, viewer, timeline, true, page).await
}

/// A page of a timeline.
pub async fn page(ctx: &Ctx, viewer: &Viewer, timeline: &Timeline, page: &Page) -> Result<Paged<PostCard>> {
    guard(viewer, timeline)?;
    store::timelines::page(&mut *ctx.pool.read().await?, viewer, timeline, false, page).await
}

/// One's own lists are for oneself. Whose a list of people is has been checked when it was looked up.
fn guard(viewer: &Viewer, timeline: &Timeline) -> Result<()> {
    if let Timeline::Home(owner) | Timeline::Bookmarks(owner) | Timeline::Favourites(owner) | Timeline::Direct(owner) =
        timeline
        && moderation::require_account(viewer)? != *owner
    {
        return Err(Error::NotFound);
    }
    Ok(())
}

/// How many posts came to one's home since (at most 100 are counted).
pub async fn count_newer(ctx: &Ctx, viewer: &Viewer, than: i64) -> Result<i64> {
    let me = moderation::require_account(viewer)?;
    store::timelines::count_newer(&mut *ctx.pool.read().await?, me, than).await
}
