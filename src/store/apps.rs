//! Programs that act for people, their codes and their tokens.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, App, AppId, OAuthCode, TokenId},
    schema::apps,
};

/// A new app.
#[derive(Debug)]
pub struct NewApp {
    /// What it names itself with.
    pub client_id: String,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// Name for people.
    pub name: String,
    /// Its page.
    pub website: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: String,
}

/// Stores an app.
pub async fn insert(conn: &mut Conn, new: NewApp) -> Result<App> {
    diesel::insert_into(apps::table)
        .values((
            apps::client_id.eq(new.client_id),
            apps::secret_hash.eq(new.secret_hash),
            apps::name.eq(new.name),
            apps::website.eq(new.website),
            apps::redirect_uris.eq(new.redirect_uris),
            apps::scopes.eq(new.scopes),
        ))
        .returning(App::as_returning())
        .get_result(conn)
        .await
        .map_err(fault)
}

/// By the name it gives itself.
pub async fn find(conn: &mut Conn, client_id: &str) -> Result<Option<App>> {
    apps::table
        .filter(apps::client_id.eq(client_id))
        .select(App::as_select())
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// By id.
pub async fn get(conn: &mut Conn, id: AppId) -> Result<App> {
    apps::table.find(id).select(App::as_select()).first(conn).await.map_err(fault)
}

/// Gives a code out.
pub async fn insert_code(conn: &mut Conn, hash: &[u8], code: &OAuthCode, expires_at: DateTime<Utc>) -> Result<()> {
    command(
        "INSERT INTO oauth_codes (code_hash, app_id, account_id, redirect_uri, scopes, challenge, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind::<Binary, _>(hash.to_vec())
    .bind::<BigInt, _>(code.app_id)
    .bind::<BigInt, _>(code.account_id)
    .bind::<Text, _>(code.redirect_uri.clone())
    .bind::<Text, _>(code.scopes.clone())
    .bind::<Text, _>(code.challenge.clone())
    .bind::<Timestamptz, _>(expires_at)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// A code, also one that was used or has ended, locked until the transaction ends.
pub async fn lock_code(conn: &mut Conn, hash: &[u8], now: DateTime<Utc>) -> Result<Option<OAuthCode>> {
    sql::<(BigInt, BigInt, Text, Text, Text, Nullable<BigInt>, Bool, Bool)>(
        "SELECT app_id, account_id, redirect_uri, scopes, challenge, token_id, used_at IS NOT NULL, expires_at <= $2 \
         FROM oauth_codes WHERE code_hash = $1 FOR UPDATE",
    )
    .bind::<Binary, _>(hash.to_vec())
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// A code was used, and this token came of it.
pub async fn use_code(conn: &mut Conn, hash: &[u8], token: Option<TokenId>, now: DateTime<Utc>) -> Result<()> {
    command("UPDATE oauth_codes SET used_at = $3, token_id = $2 WHERE code_hash = $1")
        .bind::<Binary, _>(hash.to_vec())
        .bind::<Nullable<BigInt>, _>(token)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Forgets the codes that somebody gave out.
pub async fn delete_codes(conn: &mut Conn, who: AccountId) -> Result<usize> {
    command("DELETE FROM oauth_codes WHERE account_id = $1").bind::<BigInt, _>(who).execute(conn).await.map_err(fault)
}

/// Forgets codes that ended, and after a month without use the tokens that act for nobody and the apps that have none.
pub async fn sweep(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let codes = command("DELETE FROM oauth_codes WHERE expires_at < $1::timestamptz - interval '1 day'")
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    let tokens = command(
        "DELETE FROM access_tokens WHERE account_id IS NULL \
         AND coalesce(used_at, created_at) < $1::timestamptz - interval '30 days'",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    let unused = command(
        "DELETE FROM apps a WHERE a.created_at < $1::timestamptz - interval '30 days' \
         AND NOT EXISTS (SELECT 1 FROM access_tokens t WHERE t.app_id = a.id)",
    )
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(codes + tokens + unused)
}

/// Whose token this is: app and scopes, and the account where it acts for somebody.
pub async fn owner_of_token(
    conn: &mut Conn,
    hash: &[u8],
) -> Result<Option<(TokenId, Option<AppId>, Option<AccountId>)>> {
    sql::<(BigInt, Nullable<BigInt>, Nullable<BigInt>)>(
        "SELECT id, app_id, account_id FROM access_tokens WHERE token_hash = $1 AND revoked_at IS NULL",
    )
    .bind::<Binary, _>(hash.to_vec())
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}
