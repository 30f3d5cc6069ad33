//! What we know of other servers: their people, keys and posts.

use crate::{
    error::Result,
    model::{Account, AccountId, AccountKey, Host, Post},
    service::Ctx,
    store,
};

/// Somebody by ActivityPub id, where we know them.
pub async fn account_by_uri(ctx: &Ctx, uri: &str) -> Result<Option<Account>> {
    store::accounts::find_by_uri(&mut *ctx.pool.read().await?, uri).await
}

/// Those of these ActivityPub ids whom we know.
pub async fn accounts_by_uri(ctx: &Ctx, uris: Vec<String>) -> Result<Vec<Account>> {
    store::accounts::list_by_uri(&mut *ctx.pool.read().await?, uris).await
}

/// A key and its owner by the key's id.
pub async fn key(ctx: &Ctx, uri: &str) -> Result<Option<(AccountKey, Account)>> {
    store::accounts::find_key(&mut *ctx.pool.read().await?, uri).await
}

/// Somebody by id.
pub async fn account(ctx: &Ctx, id: AccountId) -> Result<Account> {
    store::accounts::get(&mut *ctx.pool.read().await?, id).await
}

/// A post by ActivityPub id, where we have it.
pub async fn post_by_uri(ctx: &Ctx, uri: &str) -> Result<Option<Post>> {
    store::posts::find_by_uri(&mut *ctx.pool.read().await?, uri).await
}

/// Which of these posts we have.
pub async fn known_posts(ctx: &Ctx, uris: Vec<String>) -> Result<Vec<String>> {
    store::posts::known_uris(&mut *ctx.pool.get().await?, uris).await
}

/// Another server's row; made where it is new.
pub async fn host(ctx: &Ctx, name: &str) -> Result<Host> {
    store::hosts::find_or_insert(&mut *ctx.pool.get().await?, name).await
}
