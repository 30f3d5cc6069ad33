//! Invitation links: made by moderators, each for a number of people and a time.

use chrono::TimeDelta;

use super::Ctx;
use crate::{
    crypto::{SecretToken, token},
    error::{Error, Result},
    model::{Invitation, InvitationId},
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
    store::invitations::insert(&mut *ctx.pool.get().await?, &token::hash(secret.as_str()), by, uses, ends).await?;
    Ok(format!("{}/sign-up?invitation={}", ctx.config.instance.origin(), secret.as_str()))
}

/// Those that still work.
pub async fn list(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Invitation>> {
    moderation::require_moderator(viewer)?;
    store::invitations::list(&mut *ctx.pool.get().await?, ctx.now()).await
}

/// Ends one.
pub async fn revoke(ctx: &Ctx, viewer: &Viewer, id: InvitationId) -> Result<()> {
    moderation::require_moderator(viewer)?;
    if store::invitations::delete(&mut *ctx.pool.get().await?, id).await? { Ok(()) } else { Err(Error::NotFound) }
}
