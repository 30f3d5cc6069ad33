//! What could not be delivered or understood: an admin sees it with its reason.

use serde_json::json;

use super::{
    Ctx, Page, Paged, Queue,
    audit::{self, About, By, Deed},
};
use crate::{
    error::Result,
    model::{AccountId, AuditAction, DeadLetter, DeadLetterId, Direction},
    policy::{Viewer, moderation},
    store::{self, Conn},
};

/// A page, newest first.
pub async fn list(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<DeadLetter>> {
    moderation::require_admin(viewer)?;
    store::dead_letters::list(&mut *ctx.pool.get().await?, page).await
}

/// Tries one again.
pub async fn retry(ctx: &Ctx, viewer: &Viewer, id: DeadLetterId) -> Result<()> {
    let by = moderation::require_admin(viewer)?;
    let mut tx = ctx.tx().await?;
    let letter = store::dead_letters::take(&mut tx, id).await?;
    match letter.direction {
        Direction::In => {
            store::received::requeue(&mut tx, &letter.actor, &letter.body).await?;
            store::wake::notify(&mut tx, Queue::Received).await?;
        }
        Direction::Out => store::dead_letters::requeue_out(&mut tx, &letter).await?,
    }
    record(ctx, &mut tx, by, AuditAction::RetryDeadLetter, &letter).await?;
    tx.commit().await
}

/// Throws one away.
pub async fn discard(ctx: &Ctx, viewer: &Viewer, id: DeadLetterId) -> Result<()> {
    let by = moderation::require_admin(viewer)?;
    let mut tx = ctx.tx().await?;
    let letter = store::dead_letters::take(&mut tx, id).await?;
    record(ctx, &mut tx, by, AuditAction::DiscardDeadLetter, &letter).await?;
    tx.commit().await
}

async fn record(ctx: &Ctx, conn: &mut Conn, by: AccountId, action: AuditAction, letter: &DeadLetter) -> Result<()> {
    let deed = Deed::new(By::Account(by), action, About::DeadLetter(letter));
    audit::record(ctx, conn, deed.with(json!({ "direction": letter.direction.as_str() }))).await
}

/// What waits in the queues, for the admin's overview.
pub async fn queue_lengths(ctx: &Ctx, viewer: &Viewer) -> Result<(i64, i64, i64, i64, i64)> {
    moderation::require_moderator(viewer)?;
    queue_lengths_by_operator(ctx).await
}

/// The same for the operator: received, outbox, deliveries, mails, dead letters.
pub async fn queue_lengths_by_operator(ctx: &Ctx) -> Result<(i64, i64, i64, i64, i64)> {
    store::instance::queue_lengths(&mut *ctx.pool.get().await?).await
}
