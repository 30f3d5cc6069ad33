//! Institutions of other servers, for admins: with which keys they sign, what was found of what they have stated, and
//! whether their keys are still those that we knew.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    Ctx,
    attestations::{keys, peers, pins},
    audit::{self, About, By, Deed},
};
use crate::{
    crypto::jcs,
    error::{Error, Result},
    model::{AuditAction, Host, HostId, Issuer},
    policy::{Viewer, moderation},
    store,
};

/// A key of an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// To compare: 16 hexadecimal digits in groups of four.
    pub fingerprint: String,
    /// Itself, as a Multikey.
    pub multikey: String,
    /// We take it for theirs.
    pub known: bool,
    /// Nothing that it signed holds any more.
    pub ended: bool,
}

/// An institution with what an admin has to know of it.
#[derive(Debug, Clone)]
pub struct Institution {
    /// The row.
    pub issuer: Issuer,
    /// Its keys.
    pub keys: Vec<Key>,
    /// How many statements have which verdict, the most frequent first.
    pub verdicts: Vec<(String, i64)>,
    /// What tells these keys from others: a confirmation names it.
    pub seen: String,
}

/// The institutions of a host.
pub async fn list(ctx: &Ctx, viewer: &Viewer, host: &Host) -> Result<Vec<Institution>> {
    moderation::require_moderator(viewer)?;
    let mut conn = ctx.pool.read().await?;
    let issuers = store::issuers::list_of_host(&mut conn, host.id).await?;
    if issuers.is_empty() {
        return Ok(Vec::new());
    }
    let verdicts = store::peers::verdicts_of_host(&mut conn, host.id).await?;
    drop(conn);
    let now = ctx.now();
    // Two hundred institutions with all their keys take a while to read.
    ctx.heavy(move || Ok(issuers.into_iter().map(|issuer| Institution::of(issuer, &verdicts, now)).collect())).await
}

impl Institution {
    fn of(issuer: Issuer, verdicts: &[(String, String, i64)], now: DateTime<Utc>) -> Self {
        let of_it = verdicts.iter().filter(|(uri, ..)| *uri == issuer.uri);
        Self {
            keys: keys_of(&issuer, now),
            seen: seen(&in_force(&issuer, now)),
            verdicts: of_it.map(|(_, verdict, count)| (verdict.clone(), *count)).collect(),
            issuer,
        }
    }
}

/// Hosts with an institution whose keys changed without a word of one that we knew: somebody has to look.
pub async fn changed(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<HostId>> {
    moderation::require_moderator(viewer)?;
    store::issuers::hosts_with_changed_keys(&mut *ctx.pool.read().await?).await
}

fn document(issuer: &Issuer) -> serde_json::Value {
    let kept = issuer.document.as_ref().and_then(|text| jcs::parse_strict(text.as_bytes()).ok());
    kept.unwrap_or(serde_json::Value::Null)
}

fn keys_of(issuer: &Issuer, now: DateTime<Utc>) -> Vec<Key> {
    let listed = pins::listed(&document(issuer), &issuer.uri, now);
    let shown = listed.into_iter().map(|key| Key {
        fingerprint: keys::fingerprint(&key.multikey),
        known: issuer.pinned.contains(&key.multikey),
        multikey: key.multikey,
        ended: key.ended,
        id: key.id,
    });
    shown.collect()
}

fn in_force(issuer: &Issuer, now: DateTime<Utc>) -> Vec<String> {
    pins::in_force(&document(issuer), &issuer.uri, now)
}

fn seen(keys: &[String]) -> String {
    keys::fingerprint(&keys.join(" ")).replace(' ', "")
}

/// An admin has compared the keys of an institution with what the institution says of them by another way, and takes
/// them for theirs. `seen` tells which keys those were: meanwhile there may be others.
pub async fn confirm(ctx: &Ctx, viewer: &Viewer, host: &str, uri: &str, seen_keys: &str) -> Result<()> {
    let by = moderation::require_admin(viewer)?;
    let mut tx = ctx.tx().await?;
    let host = store::hosts::find(&mut tx, host).await?.ok_or(Error::NotFound)?;
    let issuer = store::issuers::find_locked(&mut tx, uri).await?.filter(|issuer| issuer.host_id == host.id);
    let issuer = issuer.ok_or(Error::NotFound)?;
    let keys = in_force(&issuer, ctx.now());
    if keys.is_empty() || seen(&keys) != seen_keys {
        return Err(Error::Conflict("The keys are others by now. Please look at them again.".into()));
    }
    let fingerprints: Vec<String> = keys.iter().map(|key| keys::fingerprint(key)).collect();
    store::issuers::confirm(&mut tx, uri, keys).await?;
    peers::known_anew(ctx, &mut tx, uri).await?;
    let deed = Deed::new(By::Account(by), AuditAction::ConfirmIssuer, About::Issuer(uri));
    audit::record(ctx, &mut tx, deed.with(json!({ "fingerprints": fingerprints.join(", ") }))).await?;
    tx.commit().await?;
    tracing::info!(issuer = %uri, by = %by, "the keys of an institution are confirmed");
    Ok(())
}
