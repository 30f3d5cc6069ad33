//! Invitation links: made by moderators, each for a number of people and a time.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Ctx,
    audit::{self, About, By, Deed},
};
use crate::{
    crypto::{SecretToken, token},
    error::{Error, Result},
    model::{AuditAction, Invitation, InvitationId},
    policy::{Viewer, moderation},
    store,
};

/// Makes one; the link is shown once and never again.
pub async fn create(ctx: &Ctx, viewer: &Viewer, uses: i32, days: i64) -> Result<String> {
    let by = moderation::require_moderator(viewer)?;
    if !(1..=500).contains(&uses) || !(1..=90).contains(&days) {
        return Err(Error::invalid("uses", "An invitation is for 1 to 500 people and lasts 1 to 90 days."));
    }
    let secret = SecretToken::generate();
    let ends = ctx.now() + TimeDelta::days(days);
    let mut tx = ctx.tx().await?;
    let id = store::invitations::insert(&mut tx, &token::hash(secret.as_str()), by, uses, ends).await?;
    let deed = Deed::new(By::Account(by), AuditAction::CreateInvitation, About::Invitation(id));
    audit::record(ctx, &mut tx, deed.with(json!({ "uses": uses, "days": days }))).await?;
    tx.commit().await?;
    Ok(format!("{}/sign-up?invitation={}", ctx.config.instance.origin(), secret.as_str()))
}

/// Those that still work.
pub async fn list(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Invitation>> {
    moderation::require_moderator(viewer)?;
    store::invitations::list(&mut *ctx.pool.get().await?, ctx.now()).await
}

/// Ends one.
pub async fn revoke(ctx: &Ctx, viewer: &Viewer, id: InvitationId) -> Result<()> {
    let by = moderation::require_moderator(viewer)?;
    let mut tx = ctx.tx().await?;
    if !store::invitations::delete(&mut tx, id).await? {
        return Err(Error::NotFound);
    }
    let deed = Deed::new(By::Account(by), AuditAction::RevokeInvitation, About::Invitation(id));
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await
}
