//! Browsers that are signed in.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    accounts::{AUTHOR, AuthorSql},
    fault,
    filters::FILTER,
    sql::sql,
};
use crate::{
    error::{Error, Result},
    model::{AccountId, Author, Filter, Json, Role, Session, SessionId, Visibility},
    schema::{passkey_questions, sessions, sign_in_steps},
};

/// Who is behind a session: everything a page needs of the signed-in person, in one row.
#[derive(Debug, Clone, Queryable)]
pub struct SignedIn {
    /// The session.
    pub session: SessionId,
    /// Who.
    pub me: Author,
    /// What they may do.
    pub role: Role,
    /// Language they write in.
    pub language: String,
    /// Whom their posts are for unless they choose.
    pub default_visibility: Visibility,
    /// When the session began.
    pub created_at: DateTime<Utc>,
    /// Last request before this one.
    pub seen_at: DateTime<Utc>,
    /// When the password was last given.
    pub proved_at: DateTime<Utc>,
    /// They have a second factor.
    pub second_factor: bool,
    /// Notifications not yet seen (at most 100 are counted).
    pub unread: i64,
    /// Follow requests that wait.
    pub requests: i64,
    /// Their filters.
    pub filters: Json<Vec<Filter>>,
}

/// Starts a session.
pub async fn insert(
    conn: &mut Conn,
    hash: &[u8],
    id: AccountId,
    device: &str,
    now: DateTime<Utc>,
) -> Result<SessionId> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(hash),
            sessions::account_id.eq(id),
            sessions::device.eq(device),
            sessions::created_at.eq(now),
            sessions::seen_at.eq(now),
            sessions::proved_at.eq(now),
        ))
        .returning(sessions::id)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Who is behind a session's token, where it has not ended.
pub async fn find(
    conn: &mut Conn,
    hash: Vec<u8>,
    seen_after: DateTime<Utc>,
    begun_after: DateTime<Utc>,
) -> Result<Option<SignedIn>> {
    sql::<(BigInt, AuthorSql, Text, Text, Text, Timestamptz, Timestamptz, Timestamptz, Bool, BigInt, BigInt, Jsonb)>(format!(
        "SELECT s.id, {AUTHOR}, u.role, u.language, u.default_visibility, s.created_at, s.seen_at, s.proved_at, \
           EXISTS (SELECT 1 FROM second_factors sf WHERE sf.account_id = a.id) \
             OR EXISTS (SELECT 1 FROM passkeys pk WHERE pk.account_id = a.id), \
           (SELECT count(*) FROM (SELECT 1 FROM notifications n WHERE n.account_id = a.id AND n.id > u.notifications_read_id AND NOT n.filtered LIMIT 100) x), \
           (SELECT count(*) FROM (SELECT 1 FROM follows f WHERE f.target_id = a.id AND f.state = 'pending' LIMIT 100) y), \
           coalesce((SELECT jsonb_agg({FILTER} ORDER BY f.id) FROM filters f WHERE f.account_id = a.id), '[]') \
         FROM sessions s JOIN users u ON u.account_id = s.account_id JOIN accounts a ON a.id = s.account_id \
         WHERE s.token_hash = $1 AND s.seen_at > $2 AND s.created_at > $3 AND u.state = 'active' AND a.state = 'active'"
    ))
    .bind::<Binary, _>(hash)
    .bind::<Timestamptz, _>(seen_after)
    .bind::<Timestamptz, _>(begun_after)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Notes a request.
pub async fn touch(conn: &mut Conn, id: SessionId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(sessions::table.find(id)).set(sessions::seen_at.eq(now)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Notes that somebody goes on with what the password was given again for.
pub async fn keep_proved(conn: &mut Conn, id: SessionId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(sessions::table.find(id))
        .set((sessions::proved_at.eq(now), sessions::seen_at.eq(now)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Notes that the password was given again, and changes the token with it.
///
/// # Errors
/// [`Error::Unauthenticated`] where the session has ended meanwhile.
pub async fn prove(conn: &mut Conn, id: SessionId, hash: &[u8], now: DateTime<Utc>) -> Result<()> {
    let count = diesel::update(sessions::table.find(id))
        .set((sessions::proved_at.eq(now), sessions::seen_at.eq(now), sessions::token_hash.eq(hash)))
        .execute(conn)
        .await
        .map_err(fault)?;
    if count == 0 { Err(Error::Unauthenticated) } else { Ok(()) }
}

/// The sessions of an account, newest first.
pub async fn list(
    conn: &mut Conn,
    id: AccountId,
    seen_after: DateTime<Utc>,
    begun_after: DateTime<Utc>,
) -> Result<Vec<Session>> {
    sessions::table
        .filter(sessions::account_id.eq(id))
        .filter(sessions::seen_at.gt(seen_after))
        .filter(sessions::created_at.gt(begun_after))
        .order(sessions::seen_at.desc())
        .limit(100)
        .select(Session::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// Ends one session of an account; false where there is none.
pub async fn delete(conn: &mut Conn, account: AccountId, id: SessionId) -> Result<bool> {
    let count = diesel::delete(sessions::table.find(id).filter(sessions::account_id.eq(account)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(count > 0)
}

/// Ends all sessions of an account but one, whatever sign-in is under way, and what browsers were asked about passkeys.
pub async fn delete_others(conn: &mut Conn, account: AccountId, keep: Option<SessionId>) -> Result<()> {
    diesel::delete(passkey_questions::table.filter(passkey_questions::account_id.eq(account)))
        .execute(conn)
        .await
        .map_err(fault)?;
    diesel::delete(sign_in_steps::table.filter(sign_in_steps::account_id.eq(account)))
        .execute(conn)
        .await
        .map_err(fault)?;
    diesel::delete(
        sessions::table.filter(sessions::account_id.eq(account)).filter(sessions::id.ne(keep.unwrap_or(SessionId(0)))),
    )
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Forgets sessions that have ended by themselves.
pub async fn sweep(conn: &mut Conn, seen_before: DateTime<Utc>, begun_before: DateTime<Utc>) -> Result<usize> {
    diesel::delete(sessions::table.filter(sessions::seen_at.lt(seen_before).or(sessions::created_at.lt(begun_before))))
        .execute(conn)
        .await
        .map_err(fault)
}
