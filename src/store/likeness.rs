//! Names that look alike, where one of them is verified.

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{error::Result, model::AccountId};

/// Whether an account is verified at the time `$2` under the very name that it has.
fn verified(account: &str) -> String {
    format!(
        "({account}.badge IS NOT NULL AND {account}.badge_until > $2 \
          AND EXISTS (SELECT 1 FROM attestations s WHERE s.account_id = {account}.id AND s.name = {account}.name))"
    )
}

/// `a` is not verified, and its name looks like that of `v`, who is.
fn pairs() -> String {
    format!(
        "FROM accounts v JOIN accounts a ON a.name_skeleton = v.name_skeleton AND a.id <> v.id \
         WHERE v.name_skeleton <> '' AND a.name_skeleton <> '' AND v.state = 'active' AND {} AND NOT {}",
        verified("v"),
        verified("a")
    )
}

/// Those who are verified and whose names look like that of somebody who is not: id and handle.
pub async fn verified_like(
    conn: &mut Conn,
    who: AccountId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(AccountId, String)>> {
    sql::<(BigInt, Text)>(format!(
        "SELECT v.id, v.username || coalesce('@' || v.host, '') {} AND a.id = $1 \
         ORDER BY v.host_id IS NOT NULL, v.id LIMIT $3",
        pairs()
    ))
    .bind::<BigInt, _>(who)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Those who take part, are not verified, and whose names look like that of somebody who is: id, and the handle of the
/// latter.
pub async fn unverified_like(
    conn: &mut Conn,
    who: AccountId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(AccountId, String)>> {
    sql::<(BigInt, Text)>(format!(
        "SELECT a.id, v.username || coalesce('@' || v.host, '') {} AND v.id = $1 AND a.state = 'active' \
         ORDER BY a.host_id IS NOT NULL, a.id LIMIT $3",
        pairs()
    ))
    .bind::<BigInt, _>(who)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Those of these people who are not verified, and whose names look like that of somebody who is.
pub async fn alike_among(conn: &mut Conn, people: Vec<AccountId>, now: DateTime<Utc>) -> Result<Vec<AccountId>> {
    sql::<BigInt>(format!("SELECT DISTINCT a.id {} AND a.id = ANY($1) AND a.state = 'active' ORDER BY a.id", pairs()))
        .bind::<Array<BigInt>, _>(people)
        .bind::<Timestamptz, _>(now)
        .load(conn)
        .await
        .map_err(fault)
}

/// People whose names nobody has looked at yet, locked: id and name.
pub async fn lock_unseen(conn: &mut Conn, limit: i64) -> Result<Vec<(AccountId, String)>> {
    // The condition of `accounts_unseen_idx`, word for word.
    sql::<(BigInt, Text)>(
        "SELECT id, name FROM accounts WHERE name_skeleton = '' AND name <> '' \
         ORDER BY id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Keeps how these names look.
pub async fn put_skeletons(conn: &mut Conn, people: Vec<AccountId>, skeletons: Vec<String>) -> Result<usize> {
    command(
        "UPDATE accounts a SET name_skeleton = n.skeleton FROM unnest($1::bigint[], $2::text[]) AS n (id, skeleton) \
         WHERE a.id = n.id AND n.skeleton <> ''",
    )
    .bind::<Array<BigInt>, _>(people)
    .bind::<Array<Text>, _>(skeletons)
    .execute(conn)
    .await
    .map_err(fault)
}

/// Whether there is a report on somebody with this id of its own: an open one, or any.
pub async fn is_reported(conn: &mut Conn, target: AccountId, uri: &str, open: bool) -> Result<bool> {
    sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM reports WHERE target_id = $1 AND uri = $2 AND (resolved_at IS NULL OR NOT $3))",
    )
    .bind::<BigInt, _>(target)
    .bind::<Text, _>(uri.to_owned())
    .bind::<Bool, _>(open)
    .get_result(conn)
    .await
    .map_err(fault)
}
