//! Inboxes that events still have to reach.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    outbox::TELLING,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, Delivery, DeliveryId, HostId, OutboxId},
    schema::{deliveries, outbox},
};

/// The next deliveries of each of these hosts that are due, in order, at most `each` a host. What an inbox refused waits
/// with everything later for the same inbox; other inboxes of the host go on.
pub async fn list_for_hosts(
    conn: &mut Conn,
    hosts: Vec<HostId>,
    each: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Delivery>> {
    sql::<(BigInt, BigInt, Text, BigInt, BigInt, Nullable<BigInt>)>(
        "SELECT d.id, d.host_id, d.inbox, o.account_id, d.outbox_id, o.followers_of FROM unnest($1::bigint[]) AS h (id) \
         CROSS JOIN LATERAL (SELECT * FROM deliveries x WHERE x.host_id = h.id AND x.retry_at <= $3 AND NOT EXISTS ( \
           SELECT 1 FROM deliveries y WHERE y.host_id = h.id AND y.inbox = x.inbox AND y.id < x.id AND y.retry_at > $3) \
           ORDER BY x.id LIMIT $2) d \
         JOIN outbox o ON o.id = d.outbox_id ORDER BY d.host_id, d.id",
    )
    .bind::<Array<BigInt>, _>(hosts)
    .bind::<BigInt, _>(each)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}

/// The rendered bytes of events.
pub async fn bodies(conn: &mut Conn, ids: Vec<OutboxId>) -> Result<Vec<(OutboxId, Vec<u8>)>> {
    outbox::table
        .filter(outbox::id.eq_any(ids))
        .filter(outbox::body.is_not_null())
        .select((outbox::id, outbox::body.assume_not_null()))
        .load(conn)
        .await
        .map_err(fault)
}

/// These were delivered, or never will be.
pub async fn delete(conn: &mut Conn, ids: Vec<DeliveryId>) -> Result<usize> {
    diesel::delete(deliveries::table.filter(deliveries::id.eq_any(ids))).execute(conn).await.map_err(fault)
}

/// An inbox refused a delivery: it is tried again later, twice as late each time, until `give_up` (the delivery is as
/// old as its event). True where it waits, false where it is too old.
pub async fn set_aside(
    conn: &mut Conn,
    id: DeliveryId,
    now: DateTime<Utc>,
    give_up: DateTime<Utc>,
    (first, longest): (i64, i64),
) -> Result<bool> {
    let waits = command(
        "UPDATE deliveries d SET attempts = d.attempts + 1, \
           retry_at = $2::timestamptz + make_interval(secs => least($4 * power(2, least(d.attempts, 30)), $5)) \
         FROM outbox o WHERE d.id = $1 AND o.id = d.outbox_id AND o.created_at > $3",
    )
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(give_up)
    .bind::<BigInt, _>(first)
    .bind::<BigInt, _>(longest)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(waits > 0)
}

/// Those of other servers who have this inbox for themselves.
pub async fn whose(conn: &mut Conn, inbox: &str) -> Result<Vec<AccountId>> {
    sql::<BigInt>("SELECT id FROM accounts WHERE inbox = $1 AND host_id IS NOT NULL ORDER BY id")
        .bind::<Text, _>(inbox.to_owned())
        .load(conn)
        .await
        .map_err(fault)
}

/// Moves deliveries to the dead letters with a reason, but for ballots, which are for nobody else's eyes, and for how much waits, which
/// is another number by then. Of what is for a group alone no words are kept; what tells the end of a post, or an order, is kept to be
/// sent again.
pub async fn bury(conn: &mut Conn, ids: Vec<DeliveryId>, reason: &str) -> Result<()> {
    command(format!(
        "WITH gone AS (DELETE FROM deliveries WHERE id = ANY($1) RETURNING outbox_id, host_id, inbox), \
         letters AS (SELECT g.inbox, h.name AS host, a.uri AS actor, a.id AS account_id, convert_from(o.body, 'UTF8') AS body, \
             jsonb_build_object('id', p.uri, 'type', initcap(replace(o.event->>'type', '_', ' '))) AS label, \
             CASE WHEN o.event->>'type' IN ('delete', 'remove', 'recall') THEN p.id END AS ended, \
             CASE WHEN o.event->>'type' IN ({TELLING}) THEN p.id END AS told, \
             (o.event->>'type' IN ('report', 'vote') OR (o.event->>'type' IN ({TELLING}) \
                 AND (o.event->>'type' <> 'hand_on' OR o.event->>'post' IS NOT NULL))) \
               AND (p.visibility = 'group' OR EXISTS (SELECT 1 FROM groups x \
                 WHERE x.account_id IN (o.group_id, o.account_id, p.group_id, (o.event->>'group')::bigint) AND x.kind <> 'open')) AS withheld \
           FROM gone g JOIN outbox o ON o.id = g.outbox_id JOIN hosts h ON h.id = g.host_id JOIN accounts a ON a.id = o.account_id \
             LEFT JOIN posts p ON p.id = (o.event->>'post')::bigint \
           WHERE o.body IS NOT NULL AND o.event->>'type' NOT IN ('ballot', 'waiting')) \
         INSERT INTO dead_letters (direction, host, actor, inbox, outbox_account_id, body, reason, ended_post_id, post_id, withheld) \
         SELECT 'out', host, actor, inbox, account_id, CASE WHEN withheld THEN label::text ELSE body END, $2, ended, told, coalesce(withheld, false) FROM letters"
    ))
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Text, _>(reason.to_owned())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Everything that waits for a host becomes dead letters.
pub async fn bury_host(conn: &mut Conn, host: HostId, reason: &str) -> Result<()> {
    let ids: Vec<DeliveryId> = deliveries::table
        .filter(deliveries::host_id.eq(host))
        .select(deliveries::id)
        .load(conn)
        .await
        .map_err(fault)?;
    bury(conn, ids, reason).await
}

/// Everything that waits for a host is dropped.
pub async fn delete_host(conn: &mut Conn, host: HostId) -> Result<usize> {
    diesel::delete(deliveries::table.filter(deliveries::host_id.eq(host))).execute(conn).await.map_err(fault)
}
