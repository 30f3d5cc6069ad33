//! Other servers: what we decided of them and how they fare.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::{Error, Result},
    model::{Host, HostId, HostState, HostTrust, SignatureDialect},
    schema::hosts,
};

/// By name.
pub async fn find(conn: &mut Conn, name: &str) -> Result<Option<Host>> {
    hosts::table.filter(hosts::name.eq(name)).select(Host::as_select()).first(conn).await.optional().map_err(fault)
}

/// By name, locked until the transaction ends: nobody else decides about it meanwhile.
pub async fn find_locked(conn: &mut Conn, name: &str) -> Result<Option<Host>> {
    let found = hosts::table.filter(hosts::name.eq(name)).select(Host::as_select()).for_no_key_update();
    found.first(conn).await.optional().map_err(fault)
}

/// By id.
pub async fn get(conn: &mut Conn, id: HostId) -> Result<Host> {
    hosts::table.find(id).select(Host::as_select()).first(conn).await.map_err(fault)
}

/// By id, as it stays until the transaction ends. It is taken before any group: whoever decides about it takes them after it.
pub async fn hold(conn: &mut Conn, id: HostId) -> Result<Host> {
    hosts::table.find(id).select(Host::as_select()).for_share().first(conn).await.map_err(fault)
}

/// By name; made with state unknown where it is new.
pub async fn find_or_insert(conn: &mut Conn, name: &str) -> Result<Host> {
    if let Some(host) = find(conn, name).await? {
        return Ok(host);
    }
    diesel::insert_into(hosts::table)
        .values(hosts::name.eq(name))
        .on_conflict(hosts::name)
        .do_nothing()
        .execute(conn)
        .await
        .map_err(fault)?;
    find(conn, name).await?.ok_or(Error::NotFound)
}

/// The same, unless `most` strangers (nobody decided about them, nobody of theirs is known) stand there already.
pub async fn find_or_insert_among(conn: &mut Conn, name: &str, most: i64) -> Result<Option<Host>> {
    if let Some(host) = find(conn, name).await? {
        return Ok(Some(host));
    }
    command(
        "INSERT INTO hosts (name) SELECT $1 WHERE (SELECT count(*) FROM hosts h WHERE h.state = 'unknown' \
           AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.host_id = h.id)) < $2 ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(name.to_owned())
    .bind::<BigInt, _>(most)
    .execute(conn)
    .await
    .map_err(fault)?;
    find(conn, name).await
}

/// Those that wait for a decision first, newest first, at most 200; then the others by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<Host>> {
    let mut all: Vec<Host> = hosts::table
        .filter(hosts::state.eq(HostState::Unknown))
        .order(hosts::id.desc())
        .limit(200)
        .select(Host::as_select())
        .load(conn)
        .await
        .map_err(fault)?;
    let decided: Vec<Host> = hosts::table
        .filter(hosts::state.ne(HostState::Unknown))
        .order(hosts::name)
        .limit(5_000)
        .select(Host::as_select())
        .load(conn)
        .await
        .map_err(fault)?;
    all.extend(decided);
    Ok(all)
}

/// Forgets strangers after a month, and after a week which signature a host understood: it may have learned.
pub async fn sweep(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    command(
        "UPDATE hosts SET dialect = NULL, dialect_at = NULL WHERE dialect_at < $1::timestamptz - interval '7 days'",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    command(
        "DELETE FROM hosts h WHERE h.state = 'unknown' AND h.note = '' AND h.trust = 'claim' \
           AND h.created_at < $1::timestamptz - interval '30 days' \
         AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.host_id = h.id) \
         AND NOT EXISTS (SELECT 1 FROM issuers i WHERE i.host_id = h.id)",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)
}

/// Names of the hosts that are blocked.
pub async fn names_in_state(conn: &mut Conn, state: HostState) -> Result<Vec<String>> {
    hosts::table.filter(hosts::state.eq(state)).select(hosts::name).load(conn).await.map_err(fault)
}

/// Decides about a host.
pub async fn set_state(conn: &mut Conn, name: &str, state: HostState, note: &str) -> Result<Host> {
    diesel::insert_into(hosts::table)
        .values((hosts::name.eq(name), hosts::state.eq(state), hosts::note.eq(note)))
        .on_conflict(hosts::name)
        .do_update()
        .set((hosts::state.eq(state), hosts::note.eq(note)))
        .returning(Host::as_returning())
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Decides how far a host's institutions are believed, and in which disciplines.
pub async fn set_trust(conn: &mut Conn, name: &str, trust: HostTrust, disciplines: Vec<String>) -> Result<Host> {
    diesel::insert_into(hosts::table)
        .values((hosts::name.eq(name), hosts::trust.eq(trust), hosts::trusted_disciplines.eq(&disciplines)))
        .on_conflict(hosts::name)
        .do_update()
        .set((hosts::trust.eq(trust), hosts::trusted_disciplines.eq(&disciplines)))
        .returning(Host::as_returning())
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Remembers what a server says that it runs, and when it is asked again.
pub async fn said_software(
    conn: &mut Conn,
    id: HostId,
    software: &str,
    now: DateTime<Utc>,
    again: DateTime<Utc>,
) -> Result<()> {
    diesel::update(hosts::table.find(id))
        .set((hosts::software.eq(software), hosts::software_at.eq(now), hosts::software_due_at.eq(again)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A server did not say what it runs: what it said before a time counts no more, and it is asked again.
pub async fn kept_silent(conn: &mut Conn, id: HostId, before: DateTime<Utc>, again: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE hosts SET software_due_at = $3, \
           software = CASE WHEN software_at >= $2 THEN software ELSE '' END WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(before)
    .bind::<Timestamptz, _>(again)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// A server is asked soon what it runs.
pub async fn ask_software(conn: &mut Conn, id: HostId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(hosts::table.find(id)).set(hosts::software_due_at.eq(now)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Takes servers that are due to be asked what they run, until a time, and returns their names. They are those that we trust,
/// and those with people who belong to groups of ours that choose servers, or ask to; all others are asked no more. `states`
/// are the states of servers that we speak with.
pub async fn claim_software(
    conn: &mut Conn,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    states: Vec<&'static str>,
    limit: i64,
) -> Result<Vec<String>> {
    let rows: Vec<(String, bool)> = sql::<(Text, Bool)>(
        "UPDATE hosts h SET software_due_at = CASE WHEN h.state = ANY($3) AND (h.trust = 'trusted' OR EXISTS ( \
             SELECT 1 FROM accounts a JOIN follows f ON f.follower_id = a.id \
               JOIN groups g ON g.account_id = f.target_id AND g.kind IN ('verified', 'closed') \
               JOIN accounts o ON o.id = g.account_id AND o.host_id IS NULL WHERE a.host_id = h.id)) THEN $2::timestamptz END \
         WHERE h.id IN (SELECT x.id FROM hosts x WHERE x.software_due_at <= $1 ORDER BY x.software_due_at LIMIT $4 \
           FOR NO KEY UPDATE SKIP LOCKED) \
         RETURNING h.name, h.software_due_at IS NOT NULL",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<Array<Text>, _>(states)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(rows.into_iter().filter(|(_, is_asked)| *is_asked).map(|(name, _)| name).collect())
}

/// Remembers which signature a host understood.
pub async fn set_dialect(conn: &mut Conn, id: HostId, dialect: SignatureDialect) -> Result<()> {
    diesel::update(hosts::table.find(id))
        .set((hosts::dialect.eq(dialect), hosts::dialect_at.eq(diesel::dsl::now)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// What a host's people and queue come to: accounts known, follows with us, deliveries waiting.
pub async fn totals(conn: &mut Conn, id: HostId) -> Result<(i64, i64, i64)> {
    sql::<(BigInt, BigInt, BigInt)>(
        "SELECT (SELECT count(*) FROM accounts WHERE host_id = $1), \
                (SELECT count(*) FROM follows f JOIN accounts a ON a.id IN (f.follower_id, f.target_id) WHERE a.host_id = $1), \
                (SELECT count(*) FROM deliveries WHERE host_id = $1)",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Takes up to `limit` hosts that have deliveries due, for the length of a lease. Healthy hosts come first.
pub async fn claim(
    conn: &mut Conn,
    me: i64,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(HostId, String, Option<SignatureDialect>)>> {
    sql::<(BigInt, Text, Nullable<Text>)>(
        "UPDATE hosts SET leased_by = $1, leased_until = $3 WHERE id IN ( \
           SELECT h.id FROM hosts h WHERE h.retry_at <= $2 AND h.leased_until <= $2 \
             AND EXISTS (SELECT 1 FROM deliveries d WHERE d.host_id = h.id AND d.retry_at <= $2 AND NOT EXISTS ( \
               SELECT 1 FROM deliveries y WHERE y.host_id = h.id AND y.inbox = d.inbox AND y.id < d.id AND y.retry_at > $2)) \
           ORDER BY h.failures, h.id LIMIT $4 FOR UPDATE SKIP LOCKED) \
         RETURNING id, name, dialect",
    )
    .bind::<BigInt, _>(me)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Gives hosts back that took all they were sent.
pub async fn release_healthy(conn: &mut Conn, me: i64, ids: Vec<HostId>, now: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE hosts SET leased_by = NULL, leased_until = 'epoch', failures = 0, failing_since = NULL, \
           last_error = '', last_success_at = $3, retry_at = 'epoch' \
         WHERE id IN (SELECT id FROM hosts WHERE id = ANY($1) AND leased_by = $2 ORDER BY id FOR UPDATE)",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<BigInt, _>(me)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Gives a host back that failed; it is tried again at `retry_at`.
pub async fn release_failing(
    conn: &mut Conn,
    me: i64,
    id: HostId,
    error: &str,
    now: DateTime<Utc>,
    (first, longest): (i64, i64),
    at_least: i64,
) -> Result<Option<DateTime<Utc>>> {
    sql::<Nullable<Timestamptz>>(
        "UPDATE hosts SET leased_by = NULL, leased_until = 'epoch', failures = failures + 1, \
           failing_since = coalesce(failing_since, $4), last_error = $3, \
           retry_at = $4::timestamptz + make_interval(secs => greatest(least($5 * power(2, least(failures, 30)), $6), $7)) \
         WHERE id = $1 AND leased_by = $2 RETURNING failing_since",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(me)
    .bind::<Text, _>(error.chars().take(300).collect::<String>())
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(first)
    .bind::<BigInt, _>(longest)
    .bind::<BigInt, _>(at_least)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
    .map(Option::flatten)
}

/// A host gave a sign of life: what waits for it is tried now.
pub async fn wake(conn: &mut Conn, id: HostId) -> Result<()> {
    diesel::update(hosts::table.find(id).filter(hosts::failures.gt(0)))
        .set(hosts::retry_at.eq(DateTime::UNIX_EPOCH))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Names of servers that we have exchanged something with.
pub async fn peers(conn: &mut Conn) -> Result<Vec<String>> {
    sql::<Text>(
        "SELECT name FROM hosts WHERE last_success_at IS NOT NULL AND state <> 'blocked' ORDER BY name LIMIT 10000",
    )
    .load(conn)
    .await
    .map_err(fault)
}

/// Servers that were blocked or limited: name, and whether only limited.
pub async fn kept_away(conn: &mut Conn) -> Result<Vec<(String, bool)>> {
    sql::<(Text, Bool)>(
        "SELECT name, state = 'limited' FROM hosts WHERE state IN ('blocked', 'limited') ORDER BY name LIMIT 10000",
    )
    .load(conn)
    .await
    .map_err(fault)
}
