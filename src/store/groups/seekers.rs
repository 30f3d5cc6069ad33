//! People of other servers who ask to join groups of ours, and wait until what is stated about them has been looked at.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, discreet::discreet},
    store::{
        Conn, fault,
        sql::{command, sql},
    },
};

/// What somebody has asked with.
#[derive(Clone, Queryable)]
pub struct Asked {
    /// ActivityPub id of their Follow.
    pub uri: String,
    /// Why they want to join.
    pub reason: String,
    /// The hash of the link that they hold; empty for none.
    pub code_hash: Vec<u8>,
}

discreet!(Asked { uri });

/// In SQL, whether an institution that we trust states something about somebody which nobody has looked at yet: who, and now.
fn is_open(who: &str, now: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM attestations t JOIN issuers i ON i.uri = t.issuer_uri JOIN hosts h ON h.id = i.host_id \
         WHERE t.account_id = {who} AND t.credential_id IS NULL AND t.verdict = 'unchecked' AND t.check_at IS NOT NULL \
           AND t.valid_until > {now} AND h.trust = 'trusted' AND h.state <> 'blocked')"
    )
}

/// Whether an institution that we trust states something about somebody which nobody has looked at yet.
pub async fn is_looked_at_later(conn: &mut Conn, who: AccountId, now: DateTime<Utc>) -> Result<bool> {
    sql::<Bool>(format!("SELECT {}", is_open("$1", "$2")))
        .bind::<BigInt, _>(who)
        .bind::<Timestamptz, _>(now)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Writes down that somebody waits since a time, who does not yet. Their group is locked.
pub async fn put_seeker(
    conn: &mut Conn,
    (who, group): (AccountId, AccountId),
    asked: &Asked,
    since: DateTime<Utc>,
) -> Result<()> {
    command(
        "INSERT INTO group_seekers (account_id, group_id, uri, reason, code_hash, since) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(group)
    .bind::<Text, _>(asked.uri.clone())
    .bind::<Text, _>(asked.reason.clone())
    .bind::<Binary, _>(asked.code_hash.clone())
    .bind::<Timestamptz, _>(since)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// What somebody has asked with who waits.
pub async fn find_seeker(conn: &mut Conn, who: AccountId, group: AccountId) -> Result<Option<Asked>> {
    sql::<(Text, Text, Binary)>(
        "SELECT uri, reason, code_hash FROM group_seekers WHERE account_id = $1 AND group_id = $2",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(group)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Somebody waits no more: since when they did; none where they did not.
pub async fn take_seeker(conn: &mut Conn, who: AccountId, group: AccountId) -> Result<Option<DateTime<Utc>>> {
    sql::<Timestamptz>("DELETE FROM group_seekers WHERE account_id = $1 AND group_id = $2 RETURNING since")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(group)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// The same by the id of their Follow.
pub async fn delete_seeker(conn: &mut Conn, who: AccountId, uri: &str) -> Result<()> {
    command("DELETE FROM group_seekers WHERE account_id = $1 AND uri = $2")
        .bind::<BigInt, _>(who)
        .bind::<Text, _>(uri.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Those who need not wait any longer, who came first before all others: all that is stated about them has been looked at, or they
/// wait since before `late`. Who, and the group.
pub async fn list_seekers(
    conn: &mut Conn,
    now: DateTime<Utc>,
    late: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(AccountId, AccountId)>> {
    sql::<(BigInt, BigInt)>(format!(
        "SELECT s.account_id, s.group_id FROM group_seekers s WHERE s.since <= $2 OR NOT {} ORDER BY s.since LIMIT $3",
        is_open("s.account_id", "$1")
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(late)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}
