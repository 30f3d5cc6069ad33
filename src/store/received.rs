//! Activities that were taken in and wait to be carried out.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{PostId, Received, ReceivedId, discreet::discreet},
    schema::{received, seen_activities},
};

/// An activity at the door.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// SHA-256 of actor and activity id: what was taken once is not taken again (R6).
    pub key: Vec<u8>,
    /// Who signed it.
    pub actor: String,
    /// The bytes as they came.
    pub body: String,
}

/// Stores many arrivals in one statement; those seen before are left out. Returns how many are new.
pub async fn insert(conn: &mut Conn, arrivals: Vec<Arrival>) -> Result<usize> {
    let mut keys = Vec::with_capacity(arrivals.len());
    let mut actors = Vec::with_capacity(arrivals.len());
    let mut bodies = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        if keys.contains(&arrival.key) {
            continue;
        }
        keys.push(arrival.key);
        actors.push(arrival.actor);
        bodies.push(arrival.body);
    }
    command(
        "WITH fresh AS (INSERT INTO seen_activities (key) SELECT unnest($1::bytea[]) ON CONFLICT DO NOTHING RETURNING key) \
         INSERT INTO received (actor, body) SELECT x.actor, x.body \
         FROM unnest($1::bytea[], $2::text[], $3::text[]) WITH ORDINALITY AS x (key, actor, body, n) \
         JOIN fresh ON fresh.key = x.key ORDER BY x.n",
    )
    .bind::<Array<Binary>, _>(keys)
    .bind::<Array<Text>, _>(actors)
    .bind::<Array<Text>, _>(bodies)
    .execute(conn)
    .await
    .map_err(fault)
}

/// Takes activities that are due, for the length of a lease. Nothing overtakes an earlier activity of its own
/// actor that is under way or waits for a retry; the gate keeps two processes from claiming at the same moment.
pub async fn claim(
    conn: &mut Conn,
    me: i64,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Received>> {
    let rows: Vec<Received> = sql::<(BigInt, Text, Text, Integer)>(
        "WITH gate AS (SELECT name FROM gates WHERE name = 'received' FOR UPDATE SKIP LOCKED), \
         busy AS (SELECT actor, min(id) AS id FROM received WHERE claimed_until > $2 OR retry_at > $2 GROUP BY actor), \
         due AS (SELECT r.id FROM received r LEFT JOIN busy b ON b.actor = r.actor \
           WHERE r.claimed_until <= $2 AND r.retry_at <= $2 AND (b.id IS NULL OR r.id < b.id) \
             AND EXISTS (SELECT 1 FROM gate) ORDER BY r.id LIMIT $4) \
         UPDATE received SET claimed_by = $1, claimed_until = $3 FROM due WHERE received.id = due.id \
         RETURNING received.id, received.actor, received.body, received.attempts",
    )
    .bind::<BigInt, _>(me)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)?;
    let mut rows = rows;
    rows.sort_by_key(|r| r.id);
    Ok(rows)
}

/// Removes activities in the transaction of their effect. False where one is no longer ours: then nothing
/// may happen, as another process has taken it over.
pub async fn finish(conn: &mut Conn, me: i64, ids: Vec<ReceivedId>) -> Result<bool> {
    let wanted = ids.len();
    let count = diesel::delete(received::table.filter(received::id.eq_any(ids)).filter(received::claimed_by.eq(me)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(count == wanted)
}

/// An activity failed and is tried again.
pub async fn retry(conn: &mut Conn, me: i64, id: ReceivedId, reason: &str, at: DateTime<Utc>) -> Result<()> {
    diesel::update(received::table.find(id).filter(received::claimed_by.eq(me)))
        .set((
            received::retry_at.eq(at),
            received::attempts.eq(received::attempts + 1),
            received::last_error.eq(reason.chars().take(300).collect::<String>()),
            received::claimed_until.eq(DateTime::UNIX_EPOCH),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// What is kept of an activity among the dead letters.
pub struct Letter {
    /// The activity, or no more than its id and its type.
    pub body: String,
    /// What it said is not kept.
    pub withheld: bool,
    /// The post that it tells, where we have it.
    pub post: Option<PostId>,
}

discreet!(Letter { withheld, post });

/// Moves an activity to the dead letters.
pub async fn bury(
    conn: &mut Conn,
    me: i64,
    id: ReceivedId,
    (host, reason): (&str, &str),
    letter: Letter,
) -> Result<()> {
    command(
        "WITH gone AS (DELETE FROM received WHERE id = $1 AND claimed_by = $2 RETURNING actor) \
         INSERT INTO dead_letters (direction, host, actor, body, reason, withheld, post_id) \
         SELECT 'in', $3, actor, $5, $4, $6, $7 FROM gone",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(me)
    .bind::<Text, _>(host.to_owned())
    .bind::<Text, _>(reason.to_owned())
    .bind::<Text, _>(letter.body)
    .bind::<Bool, _>(letter.withheld)
    .bind::<Nullable<BigInt>, _>(letter.post)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Whether one of these addresses is a group that is not open, or a post in one.
pub async fn is_for_group(conn: &mut Conn, addresses: Vec<String>) -> Result<bool> {
    sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM groups g JOIN accounts a ON a.id = g.account_id \
             WHERE g.kind <> 'open' AND (a.uri = ANY($1) OR a.followers_uri = ANY($1))) \
           OR EXISTS (SELECT 1 FROM posts p WHERE p.uri = ANY($1) AND p.visibility = 'group')",
    )
    .bind::<Array<Text>, _>(addresses)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Gives back what was claimed and not begun.
pub async fn release(conn: &mut Conn, me: i64, ids: Vec<ReceivedId>) -> Result<()> {
    diesel::update(received::table.filter(received::id.eq_any(ids)).filter(received::claimed_by.eq(me)))
        .set(received::claimed_until.eq(DateTime::UNIX_EPOCH))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Gives back what was claimed, until a time.
pub async fn defer(conn: &mut Conn, me: i64, ids: Vec<ReceivedId>, at: DateTime<Utc>) -> Result<()> {
    diesel::update(received::table.filter(received::id.eq_any(ids)).filter(received::claimed_by.eq(me)))
        .set((received::claimed_until.eq(DateTime::UNIX_EPOCH), received::retry_at.eq(at)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Puts a body back into the queue, for an admin who mended the cause.
pub async fn requeue(conn: &mut Conn, actor: &str, body: &str) -> Result<()> {
    diesel::insert_into(received::table)
        .values((received::actor.eq(actor), received::body.eq(body)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// How many wait.
pub async fn count(conn: &mut Conn) -> Result<i64> {
    received::table.count().get_result(conn).await.map_err(fault)
}

/// Forgets ids of activities that are older than any retry.
pub async fn sweep(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    diesel::delete(seen_activities::table.filter(seen_activities::seen_at.lt(before)))
        .execute(conn)
        .await
        .map_err(fault)
}
