//! Passkeys and security keys, and what browsers were asked about them and have not answered yet.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, fault};
use crate::{
    error::Result,
    model::{AccountId, Passkey, PasskeyId},
    schema::{passkey_questions, passkeys},
};

/// One of somebody's passkeys, as an answer is held against it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = passkeys)]
pub struct KeptPasskey {
    /// Its id.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// The public key and what goes with it.
    pub credential: String,
    /// How far it had counted when it was last used.
    pub counter: i64,
}

/// Keeps a new one: what it calls itself, and its public key; none where it is somebody's already.
pub async fn insert(
    conn: &mut Conn,
    account: AccountId,
    (credential_id, credential): (&[u8], &str),
    name: &str,
    now: DateTime<Utc>,
) -> Result<Option<PasskeyId>> {
    diesel::insert_into(passkeys::table)
        .values((
            passkeys::account_id.eq(account),
            passkeys::credential_id.eq(credential_id),
            passkeys::credential.eq(credential),
            passkeys::name.eq(name),
            passkeys::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .returning(passkeys::id)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Those of an account, oldest first.
pub async fn list(conn: &mut Conn, account: AccountId) -> Result<Vec<Passkey>> {
    passkeys::table
        .filter(passkeys::account_id.eq(account))
        .order(passkeys::id)
        .limit(100)
        .select(Passkey::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// The public keys of an account, with their ids.
pub async fn keys(conn: &mut Conn, account: AccountId) -> Result<Vec<(PasskeyId, String)>> {
    passkeys::table
        .filter(passkeys::account_id.eq(account))
        .order(passkeys::id)
        .limit(100)
        .select((passkeys::id, passkeys::credential))
        .load(conn)
        .await
        .map_err(fault)
}

/// How many there are of an account.
pub async fn count(conn: &mut Conn, account: AccountId) -> Result<i64> {
    passkeys::table.filter(passkeys::account_id.eq(account)).count().get_result(conn).await.map_err(fault)
}

/// The one of an account that calls itself so, until the transaction ends.
pub async fn lock(conn: &mut Conn, account: AccountId, credential_id: &[u8]) -> Result<Option<KeptPasskey>> {
    passkeys::table
        .filter(passkeys::credential_id.eq(credential_id))
        .filter(passkeys::account_id.eq(account))
        .select(KeptPasskey::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Notes a use: the key as it is kept from now on, and how far it has counted.
pub async fn note_use(
    conn: &mut Conn,
    id: PasskeyId,
    credential: &str,
    counter: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(passkeys::table.find(id))
        .set((passkeys::credential.eq(credential), passkeys::counter.eq(counter), passkeys::used_at.eq(now)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Removes one of an account; what it was called, none where there is none.
pub async fn delete(conn: &mut Conn, account: AccountId, id: PasskeyId) -> Result<Option<String>> {
    diesel::delete(passkeys::table.find(id).filter(passkeys::account_id.eq(account)))
        .returning(passkeys::name)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Removes all of an account; how many they were.
pub async fn delete_all(conn: &mut Conn, account: AccountId) -> Result<usize> {
    diesel::delete(passkeys::table.filter(passkeys::account_id.eq(account))).execute(conn).await.map_err(fault)
}

/// A browser was asked, in place of whatever it was asked before for the same purpose.
pub async fn ask(
    conn: &mut Conn,
    holder: &[u8],
    account: AccountId,
    state: &str,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let values = (
        passkey_questions::account_id.eq(account),
        passkey_questions::state.eq(state),
        passkey_questions::expires_at.eq(expires_at),
    );
    diesel::insert_into(passkey_questions::table)
        .values((passkey_questions::holder.eq(holder), values))
        .on_conflict(passkey_questions::holder)
        .do_update()
        .set(values)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Uses a question up; none where nothing was asked, where it was too long ago, or where it was answered already.
pub async fn take(conn: &mut Conn, holder: &[u8], account: AccountId, now: DateTime<Utc>) -> Result<Option<String>> {
    diesel::delete(
        passkey_questions::table
            .find(holder)
            .filter(passkey_questions::account_id.eq(account))
            .filter(passkey_questions::expires_at.gt(now)),
    )
    .returning(passkey_questions::state)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Forgets questions that nobody answered.
pub async fn sweep(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    diesel::delete(passkey_questions::table.filter(passkey_questions::expires_at.lt(now)))
        .execute(conn)
        .await
        .map_err(fault)
}
