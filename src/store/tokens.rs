//! Bearer tokens of apps and scripts.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, fault};
use crate::{
    error::Result,
    model::{AccessToken, AccountId, Role, TokenId, UserState},
    schema::{access_tokens, users},
};

/// Stores a token.
pub async fn insert(conn: &mut Conn, hash: &[u8], id: AccountId, name: &str, scopes: &str) -> Result<TokenId> {
    diesel::insert_into(access_tokens::table)
        .values((
            access_tokens::token_hash.eq(hash),
            access_tokens::account_id.eq(id),
            access_tokens::name.eq(name),
            access_tokens::scopes.eq(scopes),
        ))
        .returning(access_tokens::id)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Whose a token is, with the owner's role, where it has not been revoked and its owner may act.
pub async fn find(conn: &mut Conn, hash: &[u8]) -> Result<Option<(AccessToken, Role)>> {
    access_tokens::table
        .inner_join(users::table.on(users::account_id.eq(access_tokens::account_id)))
        .filter(access_tokens::token_hash.eq(hash))
        .filter(access_tokens::revoked_at.is_null())
        .filter(users::state.eq(UserState::Active))
        .select((AccessToken::as_select(), users::role))
        .first(conn)
        .await
        .optional()
        .map_err(fault)
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
