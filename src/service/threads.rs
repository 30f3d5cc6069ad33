//! Threads with gaps: what is above and below a post of another server is asked for, within limits and with patience.

use chrono::TimeDelta;

use super::{Ctx, Queue};
use crate::{
    error::{Error, Result},
    model::{Post, PostId},
    policy::Viewer,
    store,
};

/// A thread that is being read is not asked for again so soon.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// Tries before a gap is left as it is until somebody reads the thread.
const TRIES: i32 = 8;

/// One of our people reads a post of another server: its thread is completed behind the scenes.
pub(super) async fn read(ctx: &Ctx, viewer: &Viewer, post: &Post) -> Result<()> {
    if post.local || viewer.role().is_none() {
        return Ok(());
    }
    let now = ctx.now();
    let mut conn = ctx.pool.get().await?;
    if store::threads::want(&mut conn, post.id, now, now - FRESH).await? {
        store::wake::notify(&mut conn, Queue::Threads).await?;
    }
    Ok(())
}

/// Threads to look after now: post, its ActivityPub id, tries so far.
pub async fn claim(ctx: &Ctx) -> Result<Vec<(PostId, String, i32)>> {
    let now = ctx.now();
    let until = now + TimeDelta::minutes(10);
    store::threads::claim(&mut *ctx.pool.get().await?, now, until, 8).await
}

/// A thread was looked after; where that failed for now, it is tried again, later each time.
pub async fn settled(ctx: &Ctx, id: PostId, tries: i32, outcome: Result<()>) -> Result<()> {
    let now = ctx.now();
    let mut conn = ctx.pool.get().await?;
    match outcome {
        Err(error) if error.is_passing() && tries < TRIES => {
            let wait = TimeDelta::minutes(2_i64.saturating_pow(u32::try_from(tries.clamp(1, 12)).unwrap_or(1)));
            store::threads::retry(&mut conn, id, now + wait).await
        }
        Err(Error::Unavailable | Error::Internal(_)) => {
            store::threads::retry(&mut conn, id, now + TimeDelta::hours(1)).await
        }
        Ok(()) | Err(_) => store::threads::checked(&mut conn, id, now).await,
    }
}
