//! Other servers: whom we speak with, and how they fare.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use serde_json::json;

use super::{
    Ctx, Queue,
    attestations::peers,
    audit::{self, About, By, Deed},
    follows,
    groups::{self, End},
};
use crate::{
    error::{Error, Result},
    model::{AuditAction, Host, HostId, HostState, HostTrust},
    policy::{self, Viewer, disciplines::Discipline, moderation},
    store,
    text::handle,
};

/// Host rows by name, at most 30 seconds old; changes here and elsewhere clear it by NOTIFY.
#[derive(Debug)]
pub(crate) struct PolicyCache(Cache<String, Arc<Host>>);

impl Default for PolicyCache {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(30)).build())
    }
}

/// Forgets what was remembered of hosts and keys.
pub fn forget(ctx: &Ctx) {
    ctx.policies.0.invalidate_all();
    ctx.keyring.forget();
}

/// A host by name; made with state unknown where it is new, so that an admin sees who knocked.
pub async fn known(ctx: &Ctx, name: &str) -> Result<Arc<Host>> {
    if let Some(host) = ctx.policies.0.get(name) {
        return Ok(host);
    }
    let host = Arc::new(store::hosts::find_or_insert(&mut *ctx.pool.get().await?, name).await?);
    ctx.policies.0.insert(name.to_owned(), Arc::clone(&host));
    Ok(host)
}

/// Hosts that nobody has decided about and that have nobody here yet: more are not written down, so that names out of
/// the air do not bury the real ones.
const STRANGERS: i64 = 1_000;

/// A host that asks for something: noted so that an admin sees who knocked, unless too many strangers stand there.
pub async fn knocks(ctx: &Ctx, name: &str) -> Result<Option<Arc<Host>>> {
    if let Some(host) = ctx.policies.0.get(name) {
        return Ok(Some(host));
    }
    let found = store::hosts::find_or_insert_among(&mut *ctx.pool.get().await?, name, STRANGERS).await?.map(Arc::new);
    if let Some(host) = &found {
        ctx.policies.0.insert(name.to_owned(), Arc::clone(host));
    }
    Ok(found)
}

async fn state(ctx: &Ctx, name: &str) -> Result<HostState> {
    Ok(match ctx.policies.0.get(name) {
        Some(host) => host.state,
        None => store::hosts::find(&mut *ctx.pool.get().await?, name).await?.map_or(HostState::Unknown, |h| h.state),
    })
}

/// Whether we speak with a host. To ask leaves no trace of it.
pub async fn may_speak(ctx: &Ctx, name: &str) -> Result<bool> {
    Ok(policy::hosts::may_speak(ctx.config.federation.mode, state(ctx, name).await?))
}

/// Whether an admin has blocked a host.
pub async fn is_blocked(ctx: &Ctx, name: &str) -> Result<bool> {
    Ok(state(ctx, name).await? == HostState::Blocked)
}

/// The same as an error that says so to one of our people.
pub async fn require_speaking(ctx: &Ctx, name: &str) -> Result<()> {
    if may_speak(ctx, name).await? {
        Ok(())
    } else {
        Err(Error::Forbidden("This hospital's server is not connected with ours. Ask your admin to allow it."))
    }
}

/// All hosts, for admins.
pub async fn list(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Host>> {
    moderation::require_moderator(viewer)?;
    list_by_operator(ctx).await
}

/// All hosts, for the operator.
pub async fn list_by_operator(ctx: &Ctx) -> Result<Vec<Host>> {
    store::hosts::list(&mut *ctx.pool.get().await?).await
}

/// One host with what it comes to: accounts known, follows, deliveries waiting.
pub async fn read(ctx: &Ctx, viewer: &Viewer, name: &str) -> Result<(Host, (i64, i64, i64))> {
    moderation::require_moderator(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let host = store::hosts::find(&mut conn, name).await?.ok_or(Error::NotFound)?;
    let totals = store::hosts::totals(&mut conn, host.id).await?;
    Ok((host, totals))
}

/// Decides about a host, by an admin.
pub async fn decide(ctx: &Ctx, viewer: &Viewer, name: &str, state: HostState, note: &str) -> Result<Host> {
    let by = moderation::require_admin(viewer)?;
    let host = settle(ctx, By::Account(by), name, state, note).await?;
    tracing::info!(host = %host.name, state = %state, by = %by, "host decided");
    Ok(host)
}

/// Decides about a host, by the operator.
pub async fn decide_by_operator(ctx: &Ctx, name: &str, state: HostState, note: &str) -> Result<Host> {
    settle(ctx, By::Operator, name, state, note).await
}

/// The name of another server, in its one spelling.
fn other(ctx: &Ctx, name: &str) -> Result<String> {
    let name = handle::normal_host(name)
        .filter(|n| n.contains('.') || n.contains("localhost"))
        .ok_or_else(|| Error::invalid("host", "Enter a host name such as hospital.example."))?;
    if name == ctx.config.instance.host() {
        return Err(Error::invalid("host", "This is your own server."));
    }
    Ok(name)
}

/// Decides about a host. Blocking cuts every follow and drops what waits for it, in one transaction.
async fn settle(ctx: &Ctx, by: By, name: &str, state: HostState, note: &str) -> Result<Host> {
    let name = other(ctx, name)?;
    if note.chars().count() > 1_000 {
        return Err(Error::invalid("note", "Please use 1,000 characters or fewer."));
    }
    let mut tx = ctx.tx().await?;
    let before = store::hosts::find_locked(&mut tx, &name).await?.map_or(HostState::Unknown, |h| h.state);
    let host = store::hosts::set_state(&mut tx, &name, state, note.trim()).await?;
    if state == HostState::Blocked {
        store::groups::lock_joined_from(&mut tx, host.id).await?;
        for follow in store::follows::list_with_host(&mut tx, host.id).await? {
            follows::end(ctx, &mut tx, &follow, End::Gone).await?;
        }
        store::deliveries::delete_host(&mut tx, host.id).await?;
        store::groups::forget_host(&mut tx, host.id).await?;
    } else if host.trust == HostTrust::Trusted {
        store::hosts::ask_software(&mut tx, host.id, ctx.now()).await?;
    }
    peers::believed_anew(ctx, &mut tx, host.id).await?;
    store::wake::notify(&mut tx, Queue::Policy).await?;
    let deed = Deed::new(by, AuditAction::DecideHost, About::Host(&host)).because(note);
    audit::record(ctx, &mut tx, deed.with(json!({ "from": before.as_str(), "to": state.as_str() }))).await?;
    tx.commit().await?;
    forget(ctx);
    Ok(host)
}

/// Decides how far a host's institutions are believed, by an admin: in some disciplines, or in all where none is named. Groups
/// for clinicians admit the people of hosts that are trusted, and of no others.
pub async fn trust(
    ctx: &Ctx,
    viewer: &Viewer,
    name: &str,
    trust: HostTrust,
    disciplines: Vec<String>,
    reason: &str,
) -> Result<Host> {
    let by = moderation::require_admin(viewer)?;
    let host = believe(ctx, By::Account(by), name, (trust, disciplines), reason).await?;
    tracing::info!(host = %host.name, trust = %trust, by = %by, "trust in a host decided");
    Ok(host)
}

/// The same by the operator.
pub async fn trust_by_operator(
    ctx: &Ctx,
    name: &str,
    trust: HostTrust,
    disciplines: Vec<String>,
    reason: &str,
) -> Result<Host> {
    believe(ctx, By::Operator, name, (trust, disciplines), reason).await
}

async fn believe(
    ctx: &Ctx,
    by: By,
    name: &str,
    (trust, mut disciplines): (HostTrust, Vec<String>),
    reason: &str,
) -> Result<Host> {
    let name = other(ctx, name)?;
    if reason.chars().count() > 1_000 {
        return Err(Error::invalid("reason", "Please use 1,000 characters or fewer."));
    }
    if let Some(unknown) = disciplines.iter().find(|key| Discipline::find(key).is_none()) {
        return Err(Error::invalid("disciplines", format!("There is no discipline {unknown}.")));
    }
    disciplines.sort_unstable();
    disciplines.dedup();
    if trust != HostTrust::Trusted {
        disciplines.clear();
    }
    let mut tx = ctx.tx().await?;
    let before = store::hosts::find_locked(&mut tx, &name).await?;
    let from = before.map_or_else(|| HostTrust::Claim.to_string(), |h| in_words(h.trust, &h.trusted_disciplines));
    let to = in_words(trust, &disciplines);
    let host = store::hosts::set_trust(&mut tx, &name, trust, disciplines).await?;
    if trust == HostTrust::Trusted {
        store::hosts::ask_software(&mut tx, host.id, ctx.now()).await?;
    }
    groups::reconsider(ctx, &mut tx, host.id).await?;
    peers::believed_anew(ctx, &mut tx, host.id).await?;
    store::wake::notify(&mut tx, Queue::Policy).await?;
    let deed = Deed::new(by, AuditAction::TrustHost, About::Host(&host)).because(reason);
    audit::record(ctx, &mut tx, deed.with(json!({ "from": from, "to": to }))).await?;
    tx.commit().await?;
    forget(ctx);
    Ok(host)
}

/// "trusted", or "trusted (medicine, nursing)".
fn in_words(trust: HostTrust, disciplines: &[String]) -> String {
    if disciplines.is_empty() { trust.to_string() } else { format!("{trust} ({})", disciplines.join(", ")) }
}

/// A host gave a sign of life: what waits for it is tried again now.
pub async fn alive(ctx: &Ctx, host: &Host) -> Result<()> {
    if host.failures == 0 {
        return Ok(());
    }
    ctx.policies.0.invalidate(&host.name);
    let mut tx = ctx.tx().await?;
    wake(&mut tx, host.id).await?;
    tx.commit().await
}

async fn wake(conn: &mut store::Conn, id: HostId) -> Result<()> {
    store::hosts::wake(conn, id).await?;
    store::wake::notify(conn, Queue::Deliveries).await
}

/// An admin wants a host tried again now.
pub async fn retry(ctx: &Ctx, viewer: &Viewer, name: &str) -> Result<()> {
    let by = moderation::require_admin(viewer)?;
    let mut tx = ctx.tx().await?;
    let host = store::hosts::find(&mut tx, name).await?.ok_or(Error::NotFound)?;
    wake(&mut tx, host.id).await?;
    audit::record(ctx, &mut tx, Deed::new(By::Account(by), AuditAction::RetryHost, About::Host(&host))).await?;
    tx.commit().await
}
