//! Deliveries: what each host still has to get, in order, with patience for silent ones.

use std::collections::HashMap;

use bytes::Bytes;

use chrono::TimeDelta;

use super::{Ctx, follows, groups::End, keys::Signer};
use crate::{
    error::Result,
    model::{AccountId, DeliveryId, FollowState, HostId, SignatureDialect},
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
    /// It is for the followers of this account alone.
    pub followers_of: Option<AccountId>,
}

/// Deliveries of one host in one turn.
const EACH: i64 = 20;

/// How long a turn of one host may last; twice two requests (a second knock) fit into what is left at its end.
pub fn turn_lasts(ctx: &Ctx) -> std::time::Duration {
    let request = i64::try_from(ctx.config.federation.request_seconds).unwrap_or(10);
    (lease(ctx) - TimeDelta::seconds(2 * request + 2)).to_std().unwrap_or_default()
}

/// A host is ours for so long; a turn ends before.
fn lease(ctx: &Ctx) -> TimeDelta {
    let request = i64::try_from(ctx.config.federation.request_seconds).unwrap_or(10);
    TimeDelta::seconds(ctx.config.worker.lease_seconds.max(4 * request + 4))
}

/// Takes up to `limit` hosts that have something due, each with its next deliveries.
pub async fn claim(ctx: &Ctx, worker: i64, limit: usize) -> Result<Vec<Batch>> {
    let now = ctx.now();
    let until = now + lease(ctx);
    let mut conn = ctx.pool.get().await?;
    let hosts = store::hosts::claim(&mut conn, worker, now, until, i64::try_from(limit).unwrap_or(1)).await?;
    if hosts.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<HostId> = hosts.iter().map(|h| h.0).collect();
    let rows = store::deliveries::list_for_hosts(&mut conn, ids, EACH, now).await?;
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
            let (body, followers_of) = (body.clone(), row.followers_of);
            let item = Item { id: row.id, inbox: row.inbox, account: row.account_id, body, followers_of };
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

/// An inbox refused one: it is tried again later, as the other side may be waiting for its admin; after days it becomes
/// a dead letter. The next ones go on.
pub async fn refused(ctx: &Ctx, id: DeliveryId, reason: &str) -> Result<()> {
    let config = &ctx.config.worker;
    let now = ctx.now();
    let give_up = now - TimeDelta::hours(config.give_up_hours);
    let pace = (config.first_retry_seconds, config.longest_retry_seconds);
    let mut conn = ctx.pool.get().await?;
    if !store::deliveries::set_aside(&mut conn, id, now, give_up, pace).await? {
        store::deliveries::bury(&mut conn, vec![id], reason).await?;
    }
    Ok(())
}

/// It can never be delivered: a dead letter at once.
pub async fn hopeless(ctx: &Ctx, id: DeliveryId, reason: &str) -> Result<()> {
    store::deliveries::bury(&mut *ctx.pool.get().await?, vec![id], reason).await
}

/// Somebody's inbox is gone for good: they follow nobody here any more, and belong to no group.
pub async fn inbox_gone(ctx: &Ctx, inbox: &str) -> Result<()> {
    let mut tx = ctx.tx().await?;
    for who in store::deliveries::whose(&mut tx, inbox).await? {
        store::groups::lock_joined(&mut tx, who).await?;
        for follow in store::follows::list_of(&mut tx, who).await? {
            if follow.follower_id == who && follow.state != FollowState::Pending {
                follows::end(ctx, &mut tx, &follow, End::Gone).await?;
            }
        }
    }
    tx.commit().await
}

/// A host failed and is left alone for a while; after days of silence what waits for it becomes dead letters.
///
/// `at_least` are the seconds that the host asked for.
pub async fn failed(ctx: &Ctx, worker: i64, host: HostId, reason: &str, at_least: i64) -> Result<()> {
    let config = &ctx.config.worker;
    let now = ctx.now();
    let mut conn = ctx.pool.get().await?;
    let since = store::hosts::release_failing(
        &mut conn,
        worker,
        host,
        reason,
        now,
        (config.first_retry_seconds, config.longest_retry_seconds),
        at_least.clamp(0, config.longest_retry_seconds),
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
