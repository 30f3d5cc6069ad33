//! Invitation links.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, fault};
use crate::{
    error::Result,
    model::{AccountId, Invitation, InvitationId, Role},
    schema::invitations,
};

/// Makes one.
pub async fn insert(
    conn: &mut Conn,
    hash: &[u8],
    by: AccountId,
    uses: i32,
    expires_at: DateTime<Utc>,
) -> Result<InvitationId> {
    diesel::insert_into(invitations::table)
        .values((
            invitations::code_hash.eq(hash),
            invitations::created_by.eq(by),
            invitations::role.eq(Role::Clinician),
            invitations::uses_left.eq(uses),
            invitations::expires_at.eq(expires_at),
        ))
        .returning(invitations::id)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Whether one works still.
pub async fn works(conn: &mut Conn, hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    let open = invitations::table
        .filter(invitations::code_hash.eq(hash))
        .filter(invitations::uses_left.gt(0))
        .filter(invitations::expires_at.gt(now));
    diesel::select(diesel::dsl::exists(open)).get_result(conn).await.map_err(fault)
}

/// Uses one up by one; false where it does not work (any more).
pub async fn take(conn: &mut Conn, hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    let count = diesel::update(
        invitations::table
            .filter(invitations::code_hash.eq(hash))
            .filter(invitations::uses_left.gt(0))
            .filter(invitations::expires_at.gt(now)),
    )
    .set(invitations::uses_left.eq(invitations::uses_left - 1))
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(count > 0)
}

/// Those that still work, newest first.
pub async fn list(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Invitation>> {
    invitations::table
        .filter(invitations::uses_left.gt(0))
        .filter(invitations::expires_at.gt(now))
        .order(invitations::id.desc())
        .limit(200)
        .select(Invitation::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// Ends one; false where there is none.
pub async fn delete(conn: &mut Conn, id: InvitationId) -> Result<bool> {
    Ok(diesel::delete(invitations::table.find(id)).execute(conn).await.map_err(fault)? > 0)
}

/// Forgets those that ended.
pub async fn sweep(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    diesel::delete(invitations::table.filter(invitations::expires_at.lt(now).or(invitations::uses_left.eq(0))))
        .execute(conn)
        .await
        .map_err(fault)
}
