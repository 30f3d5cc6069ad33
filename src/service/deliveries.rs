//! Deliveries: what each host still has to get, in order, with patience for silent ones.

use std::collections::HashMap;

use bytes::Bytes;

use chrono::TimeDelta;

use super::{Ctx, keys::Signer};
use crate::{
    error::Result,
    model::{AccountId, DeliveryId, HostId, SignatureDialect},
    store,
};

/// What one host is to get now, in order.
#[derive(Debug)]
pub struct Batch {
    /// The host.
    pub host: HostId,
    /// Its name.
    pub name: String,
    /// Which signature it understood last.
    pub dialect: Option<SignatureDialect>,
    /// Its deliveries.
    pub items: Vec<Item>,
}

/// One POST.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its id.
    pub id: DeliveryId,
    /// Where to.
    pub inbox: String,
    /// Whose key signs.
    pub account: AccountId,
    /// The bytes.
    pub body: Bytes,
}

/// Deliveries of one host in one turn.
const EACH: i64 = 20;

/// Takes up to `limit` hosts that have something due, each with its next deliveries.
pub async fn claim(ctx: &Ctx, worker: i64, limit: usize) -> Result<Vec<Batch>> {
    let now = ctx.now();
    let until = now + TimeDelta::seconds(ctx.config.worker.lease_seconds.max(30));
    let mut conn = ctx.pool.get().await?;
    let hosts = store::hosts::claim(&mut conn, worker, now, until, i64::try_from(limit).unwrap_or(1)).await?;
    if hosts.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<HostId> = hosts.iter().map(|h| h.0).collect();
    let rows = store::deliveries::list_for_hosts(&mut conn, ids, EACH).await?;
    let mut events: Vec<_> = rows.iter().map(|r| r.outbox_id).collect();
    events.sort_unstable();
    events.dedup();
    let bodies: HashMap<_, Bytes> = store::deliveries::bodies(&mut conn, events)
        .await?
        .into_iter()
        .map(|(id, body)| (id, Bytes::from(body)))
        .collect();
    let mut by_host: HashMap<HostId, Vec<Item>> = HashMap::new();
    for row in rows {
        if let Some(body) = bodies.get(&row.outbox_id) {
            let item = Item { id: row.id, inbox: row.inbox, account: row.account_id, body: body.clone() };
            by_host.entry(row.host_id).or_default().push(item);
        }
    }
    Ok(hosts
        .into_iter()
        .map(|(host, name, dialect)| Batch { items: by_host.remove(&host).unwrap_or_default(), host, name, dialect })
        .collect())
}

/// These reached their inboxes; the hosts took all they were sent.
pub async fn delivered(ctx: &Ctx, worker: i64, ids: Vec<DeliveryId>, healthy: Vec<HostId>) -> Result<()> {
    let mut conn = ctx.pool.get().await?;
    if !ids.is_empty() {
        store::deliveries::delete(&mut conn, ids).await?;
    }
    if !healthy.is_empty() {
        store::hosts::release_healthy(&mut conn, worker, healthy, ctx.now()).await?;
    }
    Ok(())
}

/// A host refused one for good: a dead letter, and the next ones go on.
pub async fn refused(ctx: &Ctx, id: DeliveryId, reason: &str) -> Result<()> {
    store::deliveries::bury(&mut *ctx.pool.get().await?, vec![id], reason).await
}

/// A host failed and is left alone for a while; after days of silence what waits for it becomes dead letters.
pub async fn failed(ctx: &Ctx, worker: i64, host: HostId, reason: &str) -> Result<()> {
    let config = &ctx.config.worker;
    let now = ctx.now();
    let mut conn = ctx.pool.get().await?;
    let since = store::hosts::release_failing(
        &mut conn,
        worker,
        host,
        reason,
        now,
        config.first_retry_seconds,
        config.longest_retry_seconds,
    )
    .await?;
    if since.is_some_and(|since| now - since > TimeDelta::hours(config.give_up_hours)) {
        let words = format!("no answer for {} hours: {reason}", config.give_up_hours);
        store::deliveries::bury_host(&mut conn, host, &words).await?;
    }
    Ok(())
}

/// Remembers which signature a host understood.
pub async fn learned_dialect(ctx: &Ctx, host: HostId, dialect: SignatureDialect) -> Result<()> {
    store::hosts::set_dialect(&mut *ctx.pool.get().await?, host, dialect).await
}

/// Who signs for an account.
pub async fn signer(ctx: &Ctx, account: AccountId) -> Result<Signer> {
    super::keys::signer(ctx, account).await
}
