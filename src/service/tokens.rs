//! Bearer tokens of apps and scripts.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Ctx,
    audit::{self, About, By, Deed},
    second_factor,
};
use crate::{
    crypto::{SecretToken, token},
    error::{Error, Result},
    model::{AccessToken, AccountId, AuditAction, TokenId, UserState},
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
    let scopes = asked.join(" ");
    let mut tx = ctx.tx().await?;
    store::users::get(&mut tx, id).await?;
    let made = store::tokens::insert(&mut tx, &token::hash(secret.as_str()), Some(id), name, &scopes, None).await?;
    let deed = Deed::new(By::Operator, AuditAction::CreateToken, About::Account(id));
    let deed = deed.with(json!({ "token": made.to_string(), "name": name, "scopes": scopes }));
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    Ok(secret.as_str().to_owned())
}

/// What a token turned out to be.
#[derive(Debug, Clone)]
pub enum Bearer {
    /// It works: who is behind it, and what it may do. A token of an app itself has nobody behind it.
    Works(Viewer, AccessToken),
    /// Its owner may not sign in (yet): why, and whose it is where their e-mail address is not confirmed.
    Held(&'static str, Option<AccountId>),
}

const UNCONFIRMED: &str = "Your login is missing a confirmed e-mail address";

/// Who is behind a token; none where there is no such token.
pub async fn authenticate(ctx: &Ctx, secret: &str) -> Result<Option<Bearer>> {
    if secret.is_empty() || secret.len() > 200 {
        return Ok(None);
    }
    let found = store::tokens::find(&mut *ctx.pool.read().await?, &token::hash(secret)).await?;
    let Some((token, role, state, pending)) = found else { return Ok(None) };
    match state {
        _ if pending => return Ok(Some(Bearer::Held(UNCONFIRMED, None))),
        None | Some(UserState::Active) => {}
        Some(UserState::Unconfirmed) => return Ok(Some(Bearer::Held(UNCONFIRMED, token.account_id))),
        Some(UserState::Waiting) => return Ok(Some(Bearer::Held("Your login is currently pending approval", None))),
        Some(UserState::Rejected | UserState::Disabled) => {
            return Ok(Some(Bearer::Held("Your login is currently disabled", None)));
        }
    }
    if let (Some(id), Some(role)) = (token.account_id, role)
        && second_factor::is_missing(ctx, id, role).await?
    {
        return Ok(Some(Bearer::Held(second_factor::MISSING, None)));
    }
    let now = ctx.now();
    if token.used_at.is_none_or(|at| now - at > TimeDelta::minutes(1)) {
        store::tokens::touch(&mut *ctx.pool.get().await?, token.id, now).await?;
    }
    let viewer = match (token.account_id, role) {
        (Some(id), Some(role)) => Viewer::Account { id, role },
        (Some(_) | None, _) => Viewer::Anonymous,
    };
    Ok(Some(Bearer::Works(viewer, token)))
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
