//! Bearer tokens of apps and scripts.

use super::Ctx;
use crate::{
    crypto::{SecretToken, token},
    error::{Error, Result},
    model::{AccessToken, AccountId, TokenId},
    policy::{Viewer, moderation},
    store,
};

/// The scopes that a token may have.
pub const SCOPES: &[&str] = &["read", "write", "follow", "push"];

/// Makes a token for somebody, by the operator; shown once and never again.
pub async fn create(ctx: &Ctx, id: AccountId, name: &str, scopes: &str) -> Result<String> {
    let asked: Vec<&str> = scopes.split_whitespace().collect();
    if asked.is_empty() || asked.iter().any(|s| !SCOPES.contains(&s.split(':').next().unwrap_or_default())) {
        return Err(Error::invalid("scopes", format!("Scopes are {}, separated by spaces.", SCOPES.join(", "))));
    }
    let secret = SecretToken::generate();
    let mut conn = ctx.pool.get().await?;
    store::users::get(&mut conn, id).await?;
    store::tokens::insert(&mut conn, &token::hash(secret.as_str()), id, name, &asked.join(" ")).await?;
    Ok(secret.as_str().to_owned())
}

/// Who is behind a token, and what it may do.
pub async fn authenticate(ctx: &Ctx, secret: &str) -> Result<Option<(Viewer, AccessToken)>> {
    if secret.is_empty() || secret.len() > 200 {
        return Ok(None);
    }
    let found = store::tokens::find(&mut *ctx.pool.read().await?, &token::hash(secret)).await?;
    Ok(found.map(|(token, role)| (Viewer::Account { id: token.account_id, role }, token)))
}

/// One's own tokens.
pub async fn list(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<AccessToken>> {
    let me = moderation::require_account(viewer)?;
    store::tokens::list(&mut *ctx.pool.get().await?, me).await
}

/// Revokes one of one's own tokens.
pub async fn revoke(ctx: &Ctx, viewer: &Viewer, id: TokenId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let count = store::tokens::revoke(&mut *ctx.pool.get().await?, me, Some(id)).await?;
    if count > 0 { Ok(()) } else { Err(Error::NotFound) }
}
