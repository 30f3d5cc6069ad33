//! Statements of other institutions about people of other servers, as they came, and what was found of them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, AttestationId, HostId},
    schema::attestations,
};

/// A statement that is attached to somebody of another server.
#[derive(Debug, Clone)]
pub struct NewStatement {
    /// The last part of its page's address, where it is new.
    pub token: String,
    /// Its own id.
    pub uri: String,
    /// Id of the institution.
    pub issuer_uri: String,
    /// Canonical JSON.
    pub document: String,
    /// The name that was checked, as names are kept here.
    pub name: String,
    /// Key of the discipline.
    pub discipline: String,
    /// A list of [`StatedSpecialty`](crate::model::StatedSpecialty).
    pub specialties: serde_json::Value,
    /// Name of the register.
    pub register: String,
    /// ISO 3166.
    pub jurisdiction: String,
    /// 0 where it is not said.
    pub level: i16,
    /// The day of the check.
    pub checked_on: Option<NaiveDate>,
    /// From when on it holds.
    pub valid_from: DateTime<Utc>,
    /// When it ends.
    pub valid_until: DateTime<Utc>,
    /// `unchecked`, or what is wrong with it whatever anybody else says.
    pub verdict: &'static str,
    /// When it is to be checked.
    pub check_at: Option<DateTime<Utc>>,
}

/// Keeps a statement. What was found of the same document before stays.
pub async fn put(conn: &mut Conn, account: AccountId, new: NewStatement, now: DateTime<Utc>) -> Result<()> {
    command(
        "INSERT INTO attestations AS t (token, account_id, uri, issuer_uri, document, name, discipline, specialties, \
             register, jurisdiction, level, checked_on, valid_from, valid_until, verdict, check_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
         ON CONFLICT (account_id, uri) DO UPDATE SET issuer_uri = $4, document = $5, name = $6, discipline = $7, \
             specialties = $8, register = $9, jurisdiction = $10, level = $11, checked_on = $12, valid_from = $13, \
             valid_until = $14, check_at = $16, \
             verdict = CASE WHEN t.document = $5 THEN t.verdict ELSE $15 END, \
             created_at = CASE WHEN t.document = $5 THEN t.created_at ELSE $17 END, \
             confirmed_at = CASE WHEN t.document = $5 THEN t.confirmed_at END \
         WHERE t.credential_id IS NULL",
    )
    .bind::<Text, _>(new.token)
    .bind::<BigInt, _>(account)
    .bind::<Text, _>(new.uri)
    .bind::<Text, _>(new.issuer_uri)
    .bind::<Text, _>(new.document)
    .bind::<Text, _>(new.name)
    .bind::<Text, _>(new.discipline)
    .bind::<Jsonb, _>(new.specialties)
    .bind::<Text, _>(new.register)
    .bind::<Text, _>(new.jurisdiction)
    .bind::<SmallInt, _>(new.level)
    .bind::<Nullable<Date>, _>(new.checked_on)
    .bind::<Timestamptz, _>(new.valid_from)
    .bind::<Timestamptz, _>(new.valid_until)
    .bind::<Text, _>(new.verdict)
    .bind::<Nullable<Timestamptz>, _>(new.check_at)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Forgets the statements of others about somebody, but for these.
pub async fn delete_others(conn: &mut Conn, account: AccountId, kept: Vec<String>) -> Result<usize> {
    let attached = attestations::table
        .filter(attestations::account_id.eq(account))
        .filter(attestations::credential_id.is_null())
        .filter(attestations::uri.ne_all(kept));
    diesel::delete(attached).execute(conn).await.map_err(fault)
}

/// How many statements that do not hold are kept with others than this account on its server, counted up to so many; none
/// count where that server is trusted.
pub async fn count_beside(conn: &mut Conn, account: AccountId, most: i64) -> Result<i64> {
    sql::<BigInt>(
        "SELECT count(*) FROM (SELECT 1 FROM accounts a JOIN hosts h ON h.id = a.host_id AND h.trust <> 'trusted' \
           JOIN accounts o ON o.host_id = a.host_id AND o.id <> a.id JOIN attestations t ON t.account_id = o.id \
         WHERE a.id = $1 AND t.credential_id IS NULL AND t.verdict <> 'holds' LIMIT $2) n",
    )
    .bind::<BigInt, _>(account)
    .bind::<BigInt, _>(most)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Ids of the statements that are kept with an account.
pub async fn list_uris(conn: &mut Conn, account: AccountId) -> Result<Vec<String>> {
    attestations::table
        .filter(attestations::account_id.eq(account))
        .select(attestations::uri)
        .load(conn)
        .await
        .map_err(fault)
}

/// A statement to look at now, with the account that carries it.
#[derive(Debug, Clone, Queryable)]
pub struct Due {
    /// Its id.
    pub id: AttestationId,
    /// About whom.
    pub account_id: AccountId,
    /// Id of the institution.
    pub issuer_uri: String,
    /// As it was signed.
    pub document: String,
    /// What tells this document from a later one.
    pub mark: String,
    /// What was found last.
    pub verdict: String,
    /// When that was last confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When it came to us.
    pub created_at: DateTime<Utc>,
    /// From when on it holds.
    pub valid_from: DateTime<Utc>,
    /// Id of the account.
    pub actor: String,
    /// The name that it shows.
    pub name: String,
    /// The name in its handle.
    pub username: String,
    /// The host in it.
    pub host: Option<String>,
}

type DueSql = (
    BigInt,
    BigInt,
    Text,
    Text,
    Text,
    Text,
    Nullable<Timestamptz>,
    Timestamptz,
    Timestamptz,
    Text,
    Text,
    Text,
    Nullable<Text>,
);

/// Takes statements that are due, until a time at which they come back by themselves: those by institutions of servers
/// that we trust, or all others.
pub async fn claim(
    conn: &mut Conn,
    trusted: bool,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<Due>> {
    let not = if trusted { "" } else { "NOT" };
    sql::<DueSql>(format!(
        "UPDATE attestations t SET check_at = $2 FROM accounts a WHERE a.id = t.account_id AND t.id IN ( \
           SELECT d.id FROM attestations d WHERE d.check_at <= $1 AND d.credential_id IS NULL \
             AND {not} EXISTS (SELECT 1 FROM issuers i JOIN hosts h ON h.id = i.host_id \
               WHERE i.uri = d.issuer_uri AND h.trust = 'trusted') \
           ORDER BY d.check_at LIMIT $3 FOR UPDATE SKIP LOCKED) \
         RETURNING t.id, t.account_id, t.issuer_uri, t.document, md5(t.document), t.verdict, t.confirmed_at, \
           t.created_at, t.valid_from, a.uri, a.name, a.username, a.host",
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// What came of looking at a statement.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Which.
    pub id: AttestationId,
    /// The mark of the document that was looked at.
    pub mark: String,
    /// `holds`, or the word of what is wrong.
    pub verdict: String,
    /// When its institution confirmed it, where it did now.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When to look again.
    pub check_at: Option<DateTime<Utc>>,
}

/// Notes what was found of statements that were claimed until a time. A document that came meanwhile is not touched,
/// and whoever wants another look gets it.
pub async fn settle(conn: &mut Conn, claimed_until: DateTime<Utc>, all: &[Settled]) -> Result<()> {
    command(
        "UPDATE attestations t SET verdict = n.verdict, confirmed_at = coalesce(n.confirmed_at, t.confirmed_at), \
           check_at = CASE WHEN t.check_at = $6 THEN n.check_at ELSE t.check_at END \
         FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[]) \
           AS n (id, mark, verdict, confirmed_at, check_at) \
         WHERE t.id = n.id AND md5(t.document) = n.mark",
    )
    .bind::<Array<BigInt>, _>(all.iter().map(|s| s.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(all.iter().map(|s| s.mark.clone()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(all.iter().map(|s| s.verdict.clone()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(all.iter().map(|s| s.confirmed_at).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(all.iter().map(|s| s.check_at).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(claimed_until)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Has every statement by institutions of a host looked at now.
pub async fn hurry_host(conn: &mut Conn, host: HostId, now: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE attestations SET check_at = $2 WHERE credential_id IS NULL \
         AND issuer_uri IN (SELECT uri FROM issuers WHERE host_id = $1)",
    )
    .bind::<BigInt, _>(host)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// People about whom institutions of a host have made statements.
pub async fn people_of_host(conn: &mut Conn, host: HostId) -> Result<Vec<AccountId>> {
    sql::<BigInt>(
        "SELECT DISTINCT t.account_id FROM attestations t JOIN issuers i ON i.uri = t.issuer_uri \
         WHERE i.host_id = $1 AND t.credential_id IS NULL",
    )
    .bind::<BigInt, _>(host)
    .load(conn)
    .await
    .map_err(fault)
}

/// Those of these people that are verified now.
pub async fn verified_among(conn: &mut Conn, people: &[AccountId], now: DateTime<Utc>) -> Result<Vec<AccountId>> {
    sql::<BigInt>("SELECT id FROM accounts WHERE id = ANY($1) AND badge IS NOT NULL AND badge_until > $2 ORDER BY id")
        .bind::<Array<BigInt>, _>(people.to_vec())
        .bind::<Timestamptz, _>(now)
        .load(conn)
        .await
        .map_err(fault)
}

/// People about whom these institutions have made statements.
pub async fn people_of_issuers(conn: &mut Conn, issuers: Vec<String>) -> Result<Vec<AccountId>> {
    attestations::table
        .filter(attestations::issuer_uri.eq_any(issuers))
        .filter(attestations::credential_id.is_null())
        .select(attestations::account_id)
        .distinct()
        .load(conn)
        .await
        .map_err(fault)
}

/// How many statements of a host's institutions have which verdict: institution, verdict, count.
pub async fn verdicts_of_host(conn: &mut Conn, host: HostId) -> Result<Vec<(String, String, i64)>> {
    sql::<(Text, Text, BigInt)>(
        "SELECT t.issuer_uri, t.verdict, count(*) FROM attestations t JOIN issuers i ON i.uri = t.issuer_uri \
         WHERE i.host_id = $1 AND t.credential_id IS NULL GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2",
    )
    .bind::<BigInt, _>(host)
    .load(conn)
    .await
    .map_err(fault)
}
