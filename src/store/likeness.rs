//! Names that look alike, where one of them is verified.

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{Conn, fault, sql::sql};
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
