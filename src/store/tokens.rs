//! Bearer tokens of apps and scripts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, fault};
use crate::{
    error::Result,
    model::{AccessToken, AccountId, AppId, Role, TokenId, UserState},
    schema::{access_tokens, users},
};

/// Stores a token, of a person or of an app itself.
pub async fn insert(
    conn: &mut Conn,
    hash: &[u8],
    id: Option<AccountId>,
    name: &str,
    scopes: &str,
    app: Option<AppId>,
) -> Result<TokenId> {
    diesel::insert_into(access_tokens::table)
        .values((
            access_tokens::token_hash.eq(hash),
            access_tokens::account_id.eq(id),
            access_tokens::name.eq(name),
            access_tokens::scopes.eq(scopes),
            access_tokens::app_id.eq(app),
        ))
        .returning(access_tokens::id)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Stores a token for a sign-up that leads nowhere.
pub async fn insert_pending(conn: &mut Conn, hash: &[u8], name: &str, scopes: &str) -> Result<()> {
    diesel::insert_into(access_tokens::table)
        .values((
            access_tokens::token_hash.eq(hash),
            access_tokens::name.eq(name),
            access_tokens::scopes.eq(scopes),
            access_tokens::pending.eq(true),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A token that has not been revoked: with the role and the state of its owner, where there is one, and whether it is one
/// that leads nowhere.
pub async fn find(
    conn: &mut Conn,
    hash: &[u8],
) -> Result<Option<(AccessToken, Option<Role>, Option<UserState>, bool)>> {
    access_tokens::table
        .left_join(users::table.on(users::account_id.nullable().eq(access_tokens::account_id)))
        .filter(access_tokens::token_hash.eq(hash))
        .filter(access_tokens::revoked_at.is_null())
        .select((AccessToken::as_select(), users::role.nullable(), users::state.nullable(), access_tokens::pending))
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Notes a use.
pub async fn touch(conn: &mut Conn, id: TokenId, now: DateTime<Utc>) -> Result<()> {
    diesel::update(access_tokens::table.find(id))
        .set(access_tokens::used_at.eq(now))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Revokes one token, whoever's it is.
pub async fn revoke_by_id(conn: &mut Conn, id: TokenId) -> Result<()> {
    diesel::update(access_tokens::table.find(id).filter(access_tokens::revoked_at.is_null()))
        .set(access_tokens::revoked_at.eq(diesel::dsl::now))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The working tokens of an account, newest first.
pub async fn list(conn: &mut Conn, id: AccountId) -> Result<Vec<AccessToken>> {
    access_tokens::table
        .filter(access_tokens::account_id.eq(id))
        .filter(access_tokens::revoked_at.is_null())
        .order(access_tokens::id.desc())
        .limit(100)
        .select(AccessToken::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// Revokes one token of an account, or all of them.
pub async fn revoke(conn: &mut Conn, account: AccountId, id: Option<TokenId>) -> Result<usize> {
    let query = diesel::update(
        access_tokens::table.filter(access_tokens::account_id.eq(account)).filter(access_tokens::revoked_at.is_null()),
    );
    match id {
        Some(id) => {
            query
                .filter(access_tokens::id.eq(id))
                .set(access_tokens::revoked_at.eq(diesel::dsl::now))
                .execute(conn)
                .await
        }
        None => query.set(access_tokens::revoked_at.eq(diesel::dsl::now)).execute(conn).await,
    }
    .map_err(fault)
}
