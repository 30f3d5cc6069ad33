//! People who can sign in.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    page::{Page, Paged},
    sql::{command, sql},
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, MailPurpose, Role, User, UserState, Visibility},
    schema::{accounts, mail_tokens, users},
};

/// A sign-up.
#[derive(Debug)]
pub struct NewUser {
    /// The account.
    pub account_id: AccountId,
    /// Address.
    pub email: String,
    /// Whether it needs no confirmation.
    pub confirmed: bool,
    /// PHC string.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// Where the sign-up stands.
    pub state: UserState,
    /// Why they ask.
    pub reason: String,
    /// They came by an invitation.
    pub invited: bool,
}

/// Stores a sign-up.
pub async fn insert(conn: &mut Conn, new: NewUser, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(users::table)
        .values((
            users::account_id.eq(new.account_id),
            users::email.eq(new.email),
            users::email_confirmed_at.eq(new.confirmed.then_some(now)),
            users::password_hash.eq(new.password_hash),
            users::role.eq(new.role),
            users::state.eq(new.state),
            users::reason.eq(new.reason),
            users::invited.eq(new.invited),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// By account.
pub async fn find(conn: &mut Conn, id: AccountId) -> Result<Option<User>> {
    users::table.find(id).select(User::as_select()).first(conn).await.optional().map_err(fault)
}

/// By account, or [`Error::NotFound`].
pub async fn get(conn: &mut Conn, id: AccountId) -> Result<User> {
    find(conn, id).await?.ok_or(Error::NotFound)
}

/// By account, locked until the transaction ends.
pub async fn lock(conn: &mut Conn, id: AccountId) -> Result<User> {
    users::table.find(id).select(User::as_select()).for_update().first(conn).await.map_err(fault)
}

/// By e-mail address or user name, in any case.
pub async fn find_by_login(conn: &mut Conn, login: &str) -> Result<Option<User>> {
    let login = login.trim().to_lowercase();
    users::table
        .inner_join(accounts::table.on(accounts::id.eq(users::account_id)))
        .filter(
            diesel::dsl::sql::<Bool>("lower(users.email) = ")
                .bind::<Text, _>(login.clone())
                .sql(" OR (accounts.host_id IS NULL AND lower(accounts.username) = ")
                .bind::<Text, _>(login.trim_start_matches('@').to_owned())
                .sql(")"),
        )
        .select(User::as_select())
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// By e-mail address, in any case.
pub async fn find_by_email(conn: &mut Conn, email: &str) -> Result<Option<User>> {
    users::table
        .filter(diesel::dsl::sql::<Bool>("lower(email) = ").bind::<Text, _>(email.trim().to_lowercase()))
        .select(User::as_select())
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Forgets sign-ups whose address nobody confirmed, with their accounts, so that names and addresses are free again.
pub async fn sweep_unconfirmed(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    command(
        "DELETE FROM accounts a WHERE a.host_id IS NULL AND a.kind = 'person' AND a.state = 'waiting' AND a.created_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM users u WHERE u.account_id = a.id AND u.state <> 'unconfirmed')",
    )
    .bind::<Timestamptz, _>(before)
    .execute(conn)
    .await
    .map_err(fault)
}

/// Moves a sign-up to another state.
pub async fn set_state(
    conn: &mut Conn,
    id: AccountId,
    state: UserState,
    by: Option<AccountId>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(users::table.find(id))
        .set((users::state.eq(state), users::decided_at.eq(now), users::decided_by.eq(by)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Marks the address as confirmed, and changes it where a new one is given.
pub async fn set_email(conn: &mut Conn, id: AccountId, email: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::update(users::table.find(id))
        .set((users::email.eq(email), users::email_confirmed_at.eq(now)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Changes the password.
pub async fn set_password(conn: &mut Conn, id: AccountId, hash: &str) -> Result<()> {
    diesel::update(users::table.find(id)).set(users::password_hash.eq(hash)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Changes the role.
pub async fn set_role(conn: &mut Conn, id: AccountId, role: Role) -> Result<()> {
    diesel::update(users::table.find(id)).set(users::role.eq(role)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Changes what new posts begin with.
pub async fn set_preferences(conn: &mut Conn, id: AccountId, language: &str, visibility: Visibility) -> Result<()> {
    diesel::update(users::table.find(id))
        .set((users::language.eq(language), users::default_visibility.eq(visibility)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Remembers the newest notification seen.
pub async fn set_notifications_read(conn: &mut Conn, id: AccountId, newest: i64) -> Result<()> {
    diesel::update(users::table.find(id).filter(users::notifications_read_id.lt(newest)))
        .set(users::notifications_read_id.eq(newest))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Sign-ups that wait for a decision, oldest first.
pub async fn list_waiting(conn: &mut Conn, page: &Page) -> Result<Paged<(Account, User)>> {
    let rows: Vec<(Account, User)> = users::table
        .inner_join(accounts::table.on(accounts::id.eq(users::account_id)))
        .filter(users::state.eq(UserState::Waiting))
        .filter(users::account_id.lt(page.below()))
        .filter(users::account_id.gt(page.above()))
        .order(users::account_id.desc())
        .limit(page.limit + 1)
        .select((Account::as_select(), User::as_select()))
        .load(conn)
        .await
        .map_err(fault)?;
    Ok(Paged::cut(rows, page, |(account, _)| account.id.0))
}

/// Addresses of everybody who may decide on sign-ups.
pub async fn moderator_emails(conn: &mut Conn) -> Result<Vec<String>> {
    users::table
        .filter(users::role.eq_any([Role::Moderator, Role::Admin]))
        .filter(users::state.eq(UserState::Active))
        .select(users::email)
        .load(conn)
        .await
        .map_err(fault)
}

/// Numbers for the landing page and NodeInfo: people, active within a month, within half a year, local posts, servers reached.
pub async fn counts(conn: &mut Conn) -> Result<(i64, i64, i64, i64, i64)> {
    sql::<(BigInt, BigInt, BigInt, BigInt, BigInt)>(
        "SELECT (SELECT count(*) FROM users WHERE state = 'active'), \
                (SELECT count(DISTINCT account_id) FROM sessions WHERE seen_at > now() - interval '30 days'), \
                (SELECT count(DISTINCT account_id) FROM sessions WHERE seen_at > now() - interval '180 days'), \
                coalesce(sum(posts_count), 0)::bigint, \
                (SELECT count(*) FROM hosts WHERE last_success_at IS NOT NULL) FROM accounts WHERE host_id IS NULL",
    )
    .get_result(conn)
    .await
    .map_err(fault)
}

/// A link was mailed.
pub async fn insert_mail_token(
    conn: &mut Conn,
    hash: &[u8],
    id: AccountId,
    purpose: MailPurpose,
    email: &str,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(mail_tokens::table)
        .values((
            mail_tokens::token_hash.eq(hash),
            mail_tokens::account_id.eq(id),
            mail_tokens::purpose.eq(purpose),
            mail_tokens::email.eq(email),
            mail_tokens::expires_at.eq(expires_at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Uses up a mailed link: whose it was and for which address.
pub async fn take_mail_token(
    conn: &mut Conn,
    hash: &[u8],
    purpose: MailPurpose,
    now: DateTime<Utc>,
) -> Result<Option<(AccountId, String)>> {
    diesel::delete(
        mail_tokens::table
            .filter(mail_tokens::token_hash.eq(hash))
            .filter(mail_tokens::purpose.eq(purpose))
            .filter(mail_tokens::expires_at.gt(now)),
    )
    .returning((mail_tokens::account_id, mail_tokens::email))
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Whether a mailed link would still work.
pub async fn mail_token_works(conn: &mut Conn, hash: &[u8], purpose: MailPurpose, now: DateTime<Utc>) -> Result<bool> {
    diesel::select(diesel::dsl::exists(
        mail_tokens::table
            .filter(mail_tokens::token_hash.eq(hash))
            .filter(mail_tokens::purpose.eq(purpose))
            .filter(mail_tokens::expires_at.gt(now)),
    ))
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Forgets the mailed links of an account.
pub async fn delete_mail_tokens(conn: &mut Conn, id: AccountId) -> Result<()> {
    diesel::delete(mail_tokens::table.filter(mail_tokens::account_id.eq(id))).execute(conn).await.map_err(fault)?;
    Ok(())
}
