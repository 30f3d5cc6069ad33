//! Cases that wait for an answer, and how long that takes.

use crate::{
    error::Result,
    model::{AccountId, PostCard},
    policy::{Viewer, moderation},
    service::{Ctx, Page, Paged},
    store,
};

pub use crate::store::cases::queue::{AnswerTime, QueueFilter};

/// Fewest cases of a group of which it is told how quickly they are answered.
const FEWEST: i64 = 5;

/// Open cases in the groups that the viewer belongs to, the newest first.
pub async fn queue(ctx: &Ctx, viewer: &Viewer, filter: &QueueFilter, page: &Page) -> Result<Paged<PostCard>> {
    moderation::require_account(viewer)?;
    store::cases::queue::queue(&mut *ctx.pool.read().await?, viewer, filter, page).await
}

/// The codes of the specialties that are proven of the viewer.
pub async fn own_specialties(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<String>> {
    let me = moderation::require_account(viewer)?;
    let stale = chrono::TimeDelta::hours(ctx.config.verification.stale_hours);
    let host = ctx.config.instance.host();
    let proven = store::demands::proven(&mut *ctx.pool.read().await?, me, &host, ctx.now(), stale).await?;
    let mut codes: Vec<String> = proven.into_iter().flat_map(|one| one.specialties).collect();
    codes.sort_unstable();
    codes.dedup();
    Ok(codes)
}

/// How quickly the cases of a group that the viewer reads are answered; none under 5 cases.
pub async fn answer_time(ctx: &Ctx, group: AccountId) -> Result<Option<AnswerTime>> {
    let time = store::cases::queue::answer_time(&mut *ctx.pool.read().await?, group).await?;
    Ok(Some(time).filter(|time| time.asked >= FEWEST))
}
