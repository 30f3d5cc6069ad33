//! Second factors of signing in: seeds of apps (sealed), recovery codes (hashed), and sign-ins that wait for a code or a
//! passkey.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::AccountId,
    schema::{recovery_codes, second_factors, sign_in_steps},
};

/// Turns an app on, with the step of time whose code was taken; false where there is one already.
pub async fn insert(conn: &mut Conn, id: AccountId, sealed: Vec<u8>, step: i64, now: DateTime<Utc>) -> Result<bool> {
    let count = diesel::insert_into(second_factors::table)
        .values((
            second_factors::account_id.eq(id),
            second_factors::seed_sealed.eq(sealed),
            second_factors::last_step.eq(step),
            second_factors::turned_on_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(count > 0)
}

/// Puts the seed of another phone in place of the one before, with the step of time whose code was taken; false where there
/// is none to replace.
pub async fn replace(conn: &mut Conn, id: AccountId, sealed: Vec<u8>, step: i64, now: DateTime<Utc>) -> Result<bool> {
    let count = diesel::update(second_factors::table.find(id))
        .set((
            second_factors::seed_sealed.eq(sealed),
            second_factors::last_step.eq(step),
            second_factors::turned_on_at.eq(now),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(count > 0)
}

/// Whether somebody has one: an app, or a passkey.
pub async fn is_on(conn: &mut Conn, id: AccountId) -> Result<bool> {
    sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM second_factors f WHERE f.account_id = $1) \
           OR EXISTS (SELECT 1 FROM passkeys k WHERE k.account_id = $1)",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Whether somebody has an app.
pub async fn has_app(conn: &mut Conn, id: AccountId) -> Result<bool> {
    diesel::select(diesel::dsl::exists(second_factors::table.find(id))).get_result(conn).await.map_err(fault)
}

/// Those of these people who have one: an app, or a passkey.
pub async fn among(conn: &mut Conn, people: Vec<AccountId>) -> Result<Vec<AccountId>> {
    sql::<BigInt>(
        "SELECT f.account_id FROM second_factors f WHERE f.account_id = ANY($1) \
         UNION SELECT k.account_id FROM passkeys k WHERE k.account_id = ANY($1)",
    )
    .bind::<Array<BigInt>, _>(people)
    .load(conn)
    .await
    .map_err(fault)
}

/// The sealed seed; none where there is no app.
pub async fn find_seed(conn: &mut Conn, id: AccountId) -> Result<Option<Vec<u8>>> {
    second_factors::table.find(id).select(second_factors::seed_sealed).first(conn).await.optional().map_err(fault)
}

/// Since when an app is on; none where there is none.
pub async fn app_since(conn: &mut Conn, id: AccountId) -> Result<Option<DateTime<Utc>>> {
    second_factors::table.find(id).select(second_factors::turned_on_at).first(conn).await.optional().map_err(fault)
}

/// Takes the code of a step of time; false where it, or a later one, was taken before.
pub async fn take_step(conn: &mut Conn, id: AccountId, step: i64) -> Result<bool> {
    let count = diesel::update(second_factors::table.find(id).filter(second_factors::last_step.lt(step)))
        .set(second_factors::last_step.eq(step))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(count > 0)
}

/// Turns the app off; false where there is none.
pub async fn delete(conn: &mut Conn, id: AccountId) -> Result<bool> {
    let count = diesel::delete(second_factors::table.find(id)).execute(conn).await.map_err(fault)?;
    Ok(count > 0)
}

/// Keeps new recovery codes in place of those before.
pub async fn set_codes(conn: &mut Conn, id: AccountId, hashes: Vec<Vec<u8>>) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(id)))
        .execute(conn)
        .await
        .map_err(fault)?;
    command("INSERT INTO recovery_codes (account_id, code_hash) SELECT $1, unnest($2::bytea[])")
        .bind::<BigInt, _>(id)
        .bind::<Array<Binary>, _>(hashes)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// How many recovery codes are left.
pub async fn count_codes(conn: &mut Conn, id: AccountId) -> Result<i64> {
    recovery_codes::table.filter(recovery_codes::account_id.eq(id)).count().get_result(conn).await.map_err(fault)
}

/// Forgets the recovery codes of somebody who has neither an app nor a passkey any more.
pub async fn end_codes(conn: &mut Conn, id: AccountId) -> Result<()> {
    command(
        "DELETE FROM recovery_codes c WHERE c.account_id = $1 \
           AND NOT EXISTS (SELECT 1 FROM second_factors f WHERE f.account_id = $1) \
           AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.account_id = $1)",
    )
    .bind::<BigInt, _>(id)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Uses a recovery code up; false where there is none of this hash.
pub async fn take_code(conn: &mut Conn, id: AccountId, hash: &[u8]) -> Result<bool> {
    let count = diesel::delete(
        recovery_codes::table.filter(recovery_codes::account_id.eq(id)).filter(recovery_codes::code_hash.eq(hash)),
    )
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(count > 0)
}

/// Somebody has given the password, and has until then to go on.
pub async fn begin(conn: &mut Conn, hash: &[u8], id: AccountId, expires_at: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(sign_in_steps::table)
        .values((
            sign_in_steps::token_hash.eq(hash),
            sign_in_steps::account_id.eq(id),
            sign_in_steps::expires_at.eq(expires_at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Who has given the password, where that was not too long ago.
pub async fn begun(conn: &mut Conn, hash: &[u8], now: DateTime<Utc>) -> Result<Option<AccountId>> {
    sign_in_steps::table
        .find(hash)
        .filter(sign_in_steps::expires_at.gt(now))
        .select(sign_in_steps::account_id)
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Uses a half sign-in up; false where there is none any more.
pub async fn end(conn: &mut Conn, hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    let count = diesel::delete(sign_in_steps::table.find(hash).filter(sign_in_steps::expires_at.gt(now)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(count > 0)
}

/// Forgets half sign-ins that nobody finished.
pub async fn sweep(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    diesel::delete(sign_in_steps::table.filter(sign_in_steps::expires_at.lt(now))).execute(conn).await.map_err(fault)
}
