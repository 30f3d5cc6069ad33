//! The queue of activities taken in: stored before the 202, carried out once, in order per sender.

use chrono::TimeDelta;

use super::{Ctx, Queue, dead_letters};
pub use crate::store::received::Arrival;
use crate::{
    error::{Error, Result},
    model::{Received, ReceivedId},
    store,
};

/// What a worker shows to remove an activity together with its effect.
#[derive(Debug, Clone, Copy)]
pub struct Receipt {
    /// The activity.
    pub id: ReceivedId,
    /// Who claimed it.
    pub worker: i64,
}

/// Stores arrivals in one statement and wakes the workers.
pub async fn take_in(ctx: &Ctx, arrivals: Vec<Arrival>) -> Result<usize> {
    let mut tx = ctx.tx().await?;
    let new = store::received::insert(&mut tx, arrivals).await?;
    if new > 0 {
        store::wake::notify(&mut tx, Queue::Received).await?;
    }
    tx.commit().await?;
    Ok(new)
}

/// Takes up to `limit` activities that are due.
pub async fn claim(ctx: &Ctx, worker: i64, limit: i64) -> Result<Vec<Received>> {
    let now = ctx.now();
    store::received::claim(&mut *ctx.pool.get().await?, worker, now, now + lease(ctx), limit).await
}

/// Until when after its claim the last activity may be begun.
pub fn claim_lasts(ctx: &Ctx) -> std::time::Duration {
    let activity = i64::try_from(ctx.config.worker.activity_seconds).unwrap_or(30);
    (lease(ctx) - TimeDelta::seconds(activity)).to_std().unwrap_or_default()
}

fn lease(ctx: &Ctx) -> TimeDelta {
    let activity = i64::try_from(ctx.config.worker.activity_seconds).unwrap_or(30);
    TimeDelta::seconds(ctx.config.worker.lease_seconds.max(2 * activity))
}

/// Gives back what waits for a slow server, for a while. It does not count as a try.
pub async fn defer(ctx: &Ctx, worker: i64, ids: Vec<ReceivedId>) -> Result<()> {
    let at = ctx.now() + TimeDelta::seconds(5);
    store::received::defer(&mut *ctx.pool.get().await?, worker, ids, at).await
}

/// Gives back what was claimed and not begun.
pub async fn release(ctx: &Ctx, worker: i64, ids: Vec<ReceivedId>) -> Result<()> {
    store::received::release(&mut *ctx.pool.get().await?, worker, ids).await
}

/// An activity failed: a passing failure is tried again, any other becomes a dead letter with its reason.
/// True where it is settled, so that later activities of its actor may go on.
pub async fn failed(ctx: &Ctx, worker: i64, activity: &Received, error: &Error) -> Result<bool> {
    let worker_config = &ctx.config.worker;
    let mut conn = ctx.pool.get().await?;
    if error.is_passing() && activity.attempts + 1 < worker_config.received_tries {
        let wait = worker_config.first_retry_seconds.saturating_mul(1 << activity.attempts.clamp(0, 20));
        let at = ctx.now() + TimeDelta::seconds(wait.min(worker_config.longest_retry_seconds));
        store::received::retry(&mut conn, worker, activity.id, &error.to_string(), at).await?;
        return Ok(false);
    }
    let host = url::Url::parse(&activity.actor).ok().and_then(|u| crate::text::handle::host_of(&u)).unwrap_or_default();
    tracing::warn!(received = %activity.id, %host, %error, "an activity became a dead letter");
    let letter = dead_letters::letter_of(&mut conn, activity).await?;
    store::received::bury(&mut conn, worker, activity.id, (host.as_str(), error.to_string().as_str()), letter).await?;
    Ok(true)
}
