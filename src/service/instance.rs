//! What this instance says of itself.

use super::Ctx;
use crate::{
    error::{Error, Result},
    policy::{Viewer, moderation},
    store,
};

/// True numbers for the landing page and NodeInfo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// People with an account here.
    pub people: i64,
    /// Of these, signed in within 30 days.
    pub active_month: i64,
    /// Of these, signed in within 180 days.
    pub active_half_year: i64,
    /// Posts written here.
    pub posts: i64,
    /// Servers that we have exchanged something with.
    pub hosts: i64,
}

/// Counts.
pub async fn numbers(ctx: &Ctx) -> Result<Numbers> {
    let (people, active_month, active_half_year, posts, hosts) =
        store::users::counts(&mut *ctx.pool.get().await?).await?;
    Ok(Numbers { people, active_month, active_half_year, posts, hosts })
}

/// Writes our own address down, once; a different one later is refused, as every id we gave out carries it.
pub async fn claim_name(ctx: &Ctx) -> Result<()> {
    let origin = ctx.config.instance.origin();
    let written = store::instance::claim_name(&mut *ctx.pool.get().await?, &origin).await?;
    if written == origin {
        return Ok(());
    }
    Err(Error::internal(format!(
        "This database belongs to {written}, and instance.public_url says {origin}. An instance cannot change its \
         address: set public_url back, or use another database."
    )))
}

/// Whether any account has sealed keys: then the instance key must not be made anew.
pub async fn has_sealed_keys(pool: &store::Pool) -> Result<bool> {
    store::accounts::any_sealed(&mut *pool.get().await?).await
}

/// Servers that we have exchanged something with.
pub async fn peers(ctx: &Ctx) -> Result<Vec<String>> {
    store::hosts::peers(&mut *ctx.pool.get().await?).await
}

/// The last twelve weeks, the newest first: first day (seconds since 1970), posts, people who came, new people.
pub async fn weeks(ctx: &Ctx) -> Result<Vec<(i64, i64, i64, i64)>> {
    store::instance::weeks(&mut *ctx.pool.get().await?, ctx.now()).await
}

/// Servers that we do not speak with or speak little of, for our own people: name, SHA-256 of the name, and whether the
/// server is only limited.
pub async fn blocked_hosts(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<(String, String, bool)>> {
    moderation::require_account(viewer)?;
    let hosts = store::hosts::kept_away(&mut *ctx.pool.get().await?).await?;
    let hex = |name: &str| crate::crypto::digest::sha256_hex(name.as_bytes());
    Ok(hosts.into_iter().map(|(name, limited)| (name.clone(), hex(&name), limited)).collect())
}
