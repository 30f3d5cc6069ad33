//! What our institution signs with: its issuing keys, and the lists that tell what it has taken back.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{Account, AccountId, AccountKind, IssuingKey, ListPurpose},
    schema::{accounts, issuing_keys},
};

/// The account of our institution.
pub async fn institution(conn: &mut Conn) -> Result<Option<Account>> {
    accounts::table
        .filter(accounts::host_id.is_null())
        .filter(accounts::kind.eq(AccountKind::Organization))
        .order(accounts::id)
        .select(Account::as_select())
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Gives the account of our institution another name; with it, as it looks.
pub async fn rename(conn: &mut Conn, account: AccountId, name: &str, skeleton: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::update(accounts::table.find(account))
        .set((accounts::name.eq(name), accounts::name_skeleton.eq(skeleton), accounts::updated_at.eq(now)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A key that is to be kept.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = issuing_keys)]
pub struct NewIssuingKey {
    /// Its id.
    pub uri: String,
    /// Multikey.
    pub public_key: String,
    /// The seed, sealed.
    pub seed_sealed: Vec<u8>,
    /// The word of the key before it.
    pub endorsement: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// All keys, the newest first.
pub async fn keys(conn: &mut Conn) -> Result<Vec<IssuingKey>> {
    issuing_keys::table.order(issuing_keys::id.desc()).select(IssuingKey::as_select()).load(conn).await.map_err(fault)
}

/// The same; until the transaction ends nobody signs, and nobody takes back what was signed.
pub async fn lock_keys(conn: &mut Conn) -> Result<Vec<IssuingKey>> {
    issuing_keys::table
        .order(issuing_keys::id.desc())
        .select(IssuingKey::as_select())
        .for_update()
        .load(conn)
        .await
        .map_err(fault)
}

/// The key that signs. It stays the one until the transaction ends.
pub async fn current_key(conn: &mut Conn) -> Result<Option<IssuingKey>> {
    // Whoever had to wait for the end of a rotation finds the new key only by looking once more.
    for _ in 0..2 {
        let found = issuing_keys::table
            .filter(issuing_keys::retired_at.is_null())
            .filter(issuing_keys::revoked_at.is_null())
            .order(issuing_keys::id.desc())
            .select(IssuingKey::as_select())
            .for_share()
            .first(conn)
            .await
            .optional()
            .map_err(fault)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Keeps a key.
pub async fn insert_key(conn: &mut Conn, new: &NewIssuingKey) -> Result<()> {
    diesel::insert_into(issuing_keys::table).values(new).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// From now on no key signs that did.
pub async fn retire_keys(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    command("UPDATE issuing_keys SET retired_at = $1 WHERE retired_at IS NULL AND revoked_at IS NULL")
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// From now on nothing holds that any key has signed.
pub async fn revoke_keys(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    command("UPDATE issuing_keys SET revoked_at = $1 WHERE revoked_at IS NULL")
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The newest list, and how many of its places are taken; 1 where there is none yet.
pub async fn newest_list(conn: &mut Conn) -> Result<(i32, i64)> {
    sql::<(Integer, BigInt)>(
        "SELECT l.number, (SELECT count(*) FROM attestations a WHERE a.list_number = l.number) \
         FROM (SELECT coalesce(max(number), 1) AS number FROM status_lists) l",
    )
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Adds a list, where there is none of that number.
pub async fn add_list(conn: &mut Conn, number: i32) -> Result<()> {
    command(
        "INSERT INTO status_lists (number, purpose) VALUES ($1, 'revocation'), ($1, 'suspension') ON CONFLICT DO NOTHING",
    )
    .bind::<Integer, _>(number)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// The first of these places that nobody has.
pub async fn free_place(conn: &mut Conn, number: i32, places: Vec<i32>) -> Result<Option<i32>> {
    sql::<Integer>(
        "SELECT p.place FROM unnest($2::integer[]) WITH ORDINALITY AS p (place, n) WHERE NOT EXISTS \
           (SELECT 1 FROM attestations a WHERE a.list_number = $1 AND a.list_index = p.place) ORDER BY p.n LIMIT 1",
    )
    .bind::<Integer, _>(number)
    .bind::<Array<Integer>, _>(places)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// A list as it was last signed, and when that was.
pub type Signed = (Option<String>, Option<DateTime<Utc>>);
type SignedSql = (Nullable<Text>, Nullable<Timestamptz>);

/// A list; none where there is none of that number.
pub async fn find_list(conn: &mut Conn, number: i32, purpose: ListPurpose) -> Result<Option<Signed>> {
    sql::<SignedSql>("SELECT document, signed_at FROM status_lists WHERE number = $1 AND purpose = $2")
        .bind::<Integer, _>(number)
        .bind::<Text, _>(purpose)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// The same; whoever changes a bit of it waits until the transaction ends.
pub async fn lock_list(conn: &mut Conn, number: i32, purpose: ListPurpose) -> Result<Option<Signed>> {
    sql::<SignedSql>("SELECT document, signed_at FROM status_lists WHERE number = $1 AND purpose = $2 FOR UPDATE")
        .bind::<Integer, _>(number)
        .bind::<Text, _>(purpose)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// The places of a list whose bit is set.
pub async fn set_bits(conn: &mut Conn, number: i32, purpose: ListPurpose) -> Result<Vec<i32>> {
    let text = match purpose {
        ListPurpose::Revocation => {
            "SELECT coalesce(list_index, 0) FROM attestations WHERE list_number = $1 AND ended_at IS NOT NULL"
        }
        ListPurpose::Suspension => {
            "SELECT coalesce(list_index, 0) FROM attestations WHERE list_number = $1 AND suspended_at IS NOT NULL"
        }
    };
    sql::<Integer>(text).bind::<Integer, _>(number).load(conn).await.map_err(fault)
}

/// Keeps a list as it was signed.
pub async fn put_list(
    conn: &mut Conn,
    number: i32,
    purpose: ListPurpose,
    document: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    command("UPDATE status_lists SET document = $3, signed_at = $4 WHERE number = $1 AND purpose = $2")
        .bind::<Integer, _>(number)
        .bind::<Text, _>(purpose)
        .bind::<Text, _>(document.to_owned())
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Has these lists signed anew when they are next asked for, one after the other in their order so that nobody waits in
/// a ring.
pub async fn clear_lists(conn: &mut Conn, numbers: Vec<i32>, purpose: ListPurpose) -> Result<()> {
    command(
        "WITH l AS (SELECT number, purpose FROM status_lists WHERE number = ANY($1) AND purpose = $2 ORDER BY number FOR UPDATE) \
         UPDATE status_lists s SET document = NULL, signed_at = NULL FROM l WHERE s.number = l.number AND s.purpose = l.purpose",
    )
    .bind::<Array<Integer>, _>(numbers)
    .bind::<Text, _>(purpose)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Has all lists signed anew.
pub async fn clear_all_lists(conn: &mut Conn) -> Result<()> {
    command(
        "WITH l AS (SELECT number, purpose FROM status_lists ORDER BY number, purpose FOR UPDATE) \
         UPDATE status_lists s SET document = NULL, signed_at = NULL FROM l WHERE s.number = l.number AND s.purpose = l.purpose",
    )
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}
