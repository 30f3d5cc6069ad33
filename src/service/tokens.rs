//! Bearer tokens of apps and scripts.

use chrono::TimeDelta;

use super::Ctx;
use crate::{
    crypto::{SecretToken, token},
    error::{Error, Result},
    model::{AccessToken, AccountId, TokenId},
    policy::{Viewer, moderation, scopes},
    store,
};

/// Makes a token for somebody, by the operator; shown once and never again.
pub async fn create(ctx: &Ctx, id: AccountId, name: &str, scopes: &str) -> Result<String> {
    let asked: Vec<&str> = scopes.split_whitespace().collect();
    if asked.is_empty() || asked.iter().any(|s| !scopes::is_known(s)) {
        let known = scopes::PARENTS.join(", ");
        return Err(Error::invalid("scopes", format!("Scopes are {known}, and parts of them such as read:statuses.")));
    }
    let secret = SecretToken::generate();
    let mut conn = ctx.pool.get().await?;
    store::users::get(&mut conn, id).await?;
    store::tokens::insert(&mut conn, &token::hash(secret.as_str()), Some(id), name, &asked.join(" "), None).await?;
    Ok(secret.as_str().to_owned())
}

/// Who is behind a token, and what it may do. A token of an app itself has nobody behind it.
pub async fn authenticate(ctx: &Ctx, secret: &str) -> Result<Option<(Viewer, AccessToken)>> {
    if secret.is_empty() || secret.len() > 200 {
        return Ok(None);
    }
    let found = store::tokens::find(&mut *ctx.pool.read().await?, &token::hash(secret)).await?;
    let Some((token, role)) = found else { return Ok(None) };
    let now = ctx.now();
    if token.used_at.is_none_or(|at| now - at > TimeDelta::minutes(1)) {
        store::tokens::touch(&mut *ctx.pool.get().await?, token.id, now).await?;
    }
    let viewer = match (token.account_id, role) {
        (Some(id), Some(role)) => Viewer::Account { id, role },
        (Some(_) | None, _) => Viewer::Anonymous,
    };
    Ok(Some((viewer, token)))
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
