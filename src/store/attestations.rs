//! Statements about people, signed by an institution: ours, with their places in our status lists, and others'.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, Attestation, AttestationId, CredentialId},
    schema::attestations,
};

/// A statement of ours as it is kept.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = attestations)]
pub struct NewAttestation {
    /// The last part of its address.
    pub token: String,
    /// About whom.
    pub account_id: AccountId,
    /// Its id.
    pub uri: String,
    /// Id of our institution.
    pub issuer_uri: String,
    /// As it was signed, canonical JSON.
    pub document: String,
    /// The name that was checked.
    pub name: String,
    /// Key of the discipline.
    pub discipline: String,
    /// A list of [`StatedSpecialty`](crate::model::StatedSpecialty).
    pub specialties: serde_json::Value,
    /// Name of the register or body.
    pub register: String,
    /// ISO 3166.
    pub jurisdiction: String,
    /// Level.
    pub level: i16,
    /// The day of the check.
    pub checked_on: Option<NaiveDate>,
    /// From when on it holds.
    pub valid_from: DateTime<Utc>,
    /// When it ends.
    pub valid_until: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The record behind it.
    pub credential_id: Option<CredentialId>,
    /// The list that tells whether it was taken back.
    pub list_number: Option<i32>,
    /// The place in it.
    pub list_index: Option<i32>,
    /// Since when it is suspended.
    pub suspended_at: Option<DateTime<Utc>>,
}

/// Keeps a statement; false where its place in the list has been taken meanwhile.
pub async fn insert(conn: &mut Conn, new: &NewAttestation) -> Result<bool> {
    let rows = diesel::insert_into(attestations::table)
        .values(new)
        .on_conflict((attestations::list_number, attestations::list_index))
        .do_nothing()
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(rows == 1)
}

/// By the last part of its address, ours or another institution's.
pub async fn find_by_token(conn: &mut Conn, token: &str) -> Result<Option<Attestation>> {
    attestations::table
        .filter(attestations::token.eq(token))
        .select(Attestation::as_select())
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// All about somebody, ours and other institutions', the newest first.
pub async fn list_for_account(conn: &mut Conn, account: AccountId) -> Result<Vec<Attestation>> {
    attestations::table
        .filter(attestations::account_id.eq(account))
        .order(attestations::id.desc())
        .select(Attestation::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// Ours about somebody that hold now, the newest first.
pub async fn list_live(
    conn: &mut Conn,
    account: AccountId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Attestation>> {
    attestations::table
        .filter(attestations::account_id.eq(account))
        .filter(attestations::credential_id.is_not_null())
        .filter(attestations::ended_at.is_null())
        .filter(attestations::suspended_at.is_null())
        .filter(attestations::valid_until.gt(now))
        .order(attestations::id.desc())
        .limit(limit)
        .select(Attestation::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// The newest about a credential of ours.
pub async fn newest(conn: &mut Conn, credential: CredentialId) -> Result<Option<Attestation>> {
    attestations::table
        .filter(attestations::credential_id.eq(credential))
        .order(attestations::id.desc())
        .select(Attestation::as_select())
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Those about a credential that have not ended, the newest last.
pub async fn open_ids(conn: &mut Conn, credential: CredentialId) -> Result<Vec<AttestationId>> {
    attestations::table
        .filter(attestations::credential_id.eq(credential))
        .filter(attestations::ended_at.is_null())
        .order(attestations::id)
        .select(attestations::id)
        .load(conn)
        .await
        .map_err(fault)
}

/// Whose statement was changed, and in which list its bit stands.
pub type Changed = (AccountId, i32);
type ChangedSql = (BigInt, Integer);

/// Ends what is stated about these credentials.
pub async fn end(conn: &mut Conn, credentials: Vec<CredentialId>, now: DateTime<Utc>) -> Result<Vec<Changed>> {
    sql::<ChangedSql>(
        "UPDATE attestations SET ended_at = $2 WHERE credential_id = ANY($1) AND ended_at IS NULL \
         RETURNING account_id, coalesce(list_number, 0)",
    )
    .bind::<Array<BigInt>, _>(credentials)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}

/// Ends what is stated about somebody.
pub async fn end_all_of(conn: &mut Conn, account: AccountId, now: DateTime<Utc>) -> Result<Vec<Changed>> {
    sql::<ChangedSql>(
        "UPDATE attestations SET ended_at = $2 WHERE account_id = $1 AND credential_id IS NOT NULL AND ended_at IS NULL \
         RETURNING account_id, coalesce(list_number, 0)",
    )
    .bind::<BigInt, _>(account)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}

/// Suspends what is stated about a credential; without a time, ends the suspension.
pub async fn suspend(conn: &mut Conn, credential: CredentialId, since: Option<DateTime<Utc>>) -> Result<Vec<Changed>> {
    sql::<ChangedSql>(
        "UPDATE attestations SET suspended_at = $2 WHERE credential_id = $1 AND ended_at IS NULL \
           AND (suspended_at IS NULL) = ($2 IS NOT NULL) RETURNING account_id, coalesce(list_number, 0)",
    )
    .bind::<BigInt, _>(credential)
    .bind::<Nullable<Timestamptz>, _>(since)
    .load(conn)
    .await
    .map_err(fault)
}

/// All of ours that have neither ended nor run out.
pub async fn list_live_ids(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<AttestationId>> {
    attestations::table
        .filter(attestations::credential_id.is_not_null())
        .filter(attestations::ended_at.is_null())
        .filter(attestations::valid_until.gt(now))
        .order(attestations::id)
        .select(attestations::id)
        .load(conn)
        .await
        .map_err(fault)
}

/// Ends these, and returns them as they were.
pub async fn take(conn: &mut Conn, ids: Vec<AttestationId>, now: DateTime<Utc>) -> Result<Vec<NewAttestation>> {
    let open = |ids: Vec<AttestationId>| {
        attestations::table.filter(attestations::id.eq_any(ids)).filter(attestations::ended_at.is_null())
    };
    let taken = open(ids.clone())
        .order(attestations::id)
        .select(NewAttestation::as_select())
        .for_update()
        .load(conn)
        .await
        .map_err(fault)?;
    // They are locked: these are the same.
    diesel::update(open(ids)).set(attestations::ended_at.eq(now)).execute(conn).await.map_err(fault)?;
    Ok(taken)
}

/// Notes that the documents of these accounts say something else now.
pub async fn touch(conn: &mut Conn, accounts: Vec<AccountId>, now: DateTime<Utc>) -> Result<()> {
    command("UPDATE accounts SET updated_at = $2 WHERE id = ANY($1)")
        .bind::<Array<BigInt>, _>(accounts)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
