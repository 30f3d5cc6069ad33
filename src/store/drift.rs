//! Whom two servers take for followers of somebody, and when it is compared.

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, HostId},
};

/// People of a server who follow somebody, by ActivityPub id; also those whose membership of a group is without effect for now:
/// it holds.
pub async fn followers_of_host(conn: &mut Conn, target: AccountId, host: HostId, limit: i64) -> Result<Vec<String>> {
    sql::<Text>(
        "SELECT a.uri FROM follows f JOIN accounts a ON a.id = f.follower_id \
         WHERE f.target_id = $1 AND f.state <> 'pending' AND a.host_id = $2 ORDER BY f.id LIMIT $3",
    )
    .bind::<BigInt, _>(target)
    .bind::<BigInt, _>(host)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Our own people who follow somebody: id and ActivityPub id.
pub async fn followers_here(conn: &mut Conn, target: AccountId, limit: i64) -> Result<Vec<(AccountId, String)>> {
    sql::<(BigInt, Text)>(
        "SELECT a.id, a.uri FROM follows f JOIN accounts a ON a.id = f.follower_id \
         WHERE f.target_id = $1 AND f.state = 'accepted' AND a.host_id IS NULL ORDER BY f.id LIMIT $2",
    )
    .bind::<BigInt, _>(target)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Whether somebody here follows them or asks to, and their followers were not looked at lately.
pub async fn may_want(conn: &mut Conn, account: AccountId, unless_after: DateTime<Utc>) -> Result<bool> {
    sql::<Bool>(
        "SELECT NOT EXISTS (SELECT 1 FROM follower_checks c WHERE c.account_id = $1 \
             AND (c.due_at < 'infinity' OR c.checked_at > $2)) \
           AND EXISTS (SELECT 1 FROM follows f JOIN accounts a ON a.id = f.follower_id \
             WHERE f.target_id = $1 AND a.host_id IS NULL)",
    )
    .bind::<BigInt, _>(account)
    .bind::<Timestamptz, _>(unless_after)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// The followers of somebody need no comparing now.
pub async fn looked_at(conn: &mut Conn, account: AccountId, url: &str, now: DateTime<Utc>) -> Result<()> {
    command(
        "INSERT INTO follower_checks (account_id, url, due_at, checked_at) VALUES ($1, $2, 'infinity', $3) \
         ON CONFLICT (account_id) DO UPDATE SET checked_at = $3 WHERE follower_checks.due_at = 'infinity'",
    )
    .bind::<BigInt, _>(account)
    .bind::<Text, _>(url.to_owned())
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// The followers of somebody are compared now, unless that was done lately.
pub async fn want(
    conn: &mut Conn,
    account: AccountId,
    url: &str,
    now: DateTime<Utc>,
    unless_after: DateTime<Utc>,
) -> Result<()> {
    command(
        "INSERT INTO follower_checks (account_id, url, due_at) VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE \
         SET url = $2, due_at = $3, attempts = 0 \
         WHERE follower_checks.due_at = 'infinity' AND follower_checks.checked_at <= $4",
    )
    .bind::<BigInt, _>(account)
    .bind::<Text, _>(url.to_owned())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(unless_after)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Takes what is due until a time, of each server one at most: whose followers, where the other server lists them, tries so far.
pub async fn claim(
    conn: &mut Conn,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(AccountId, String, i32)>> {
    sql::<(BigInt, Text, Integer)>(
        "WITH turn AS MATERIALIZED (SELECT DISTINCT ON (a.host_id) c.account_id, c.due_at \
             FROM follower_checks c JOIN accounts a ON a.id = c.account_id \
             WHERE c.due_at <= $1 ORDER BY a.host_id, c.due_at), \
           next AS MATERIALIZED (SELECT account_id FROM turn ORDER BY due_at LIMIT $3) \
         UPDATE follower_checks SET due_at = $2, attempts = attempts + 1 WHERE account_id IN ( \
           SELECT c.account_id FROM follower_checks c JOIN next n ON n.account_id = c.account_id \
           WHERE c.due_at <= $1 FOR UPDATE OF c SKIP LOCKED) \
         RETURNING account_id, url, attempts",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// The followers of somebody were compared.
pub async fn checked(conn: &mut Conn, account: AccountId, now: DateTime<Utc>) -> Result<()> {
    command("UPDATE follower_checks SET due_at = 'infinity', attempts = 0, checked_at = $2 WHERE account_id = $1")
        .bind::<BigInt, _>(account)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// They are compared again later.
pub async fn retry(conn: &mut Conn, account: AccountId, at: DateTime<Utc>) -> Result<()> {
    command("UPDATE follower_checks SET due_at = $2 WHERE account_id = $1")
        .bind::<BigInt, _>(account)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
