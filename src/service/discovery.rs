//! What and whom one may want to see: trends, suggestions, the directory, people known to people one knows.

use std::{collections::HashMap, time::Duration};

use moka::sync::Cache;

use super::{Ctx, profiles};
use crate::{
    error::Result,
    model::{Account, AccountId, PostCard, PostId},
    policy::{Viewer, moderation},
    store,
};

/// Trends, at most five minutes old.
#[derive(Debug)]
pub(crate) struct Trends {
    tags: Cache<(), Vec<String>>,
    posts: Cache<(), Vec<PostId>>,
}

/// Longest list of trends.
const MOST: i64 = 40;

impl Default for Trends {
    fn default() -> Self {
        let age = Duration::from_secs(300);
        Self {
            tags: Cache::builder().max_capacity(1).time_to_live(age).build(),
            posts: Cache::builder().max_capacity(1).time_to_live(age).build(),
        }
    }
}

/// Hashtags that many people use these days.
pub async fn tags(ctx: &Ctx) -> Result<Vec<String>> {
    if let Some(known) = ctx.trends.tags.get(&()) {
        return Ok(known);
    }
    let found = store::taste::trending_tags(&mut *ctx.pool.read().await?, ctx.now(), MOST).await?;
    ctx.trends.tags.insert((), found.clone());
    Ok(found)
}

/// Public posts that many people like these days, as the viewer may see them and wants to.
pub async fn posts(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<PostCard>> {
    let ids = if let Some(known) = ctx.trends.posts.get(&()) {
        known
    } else {
        let found = store::taste::trending_posts(&mut *ctx.pool.read().await?, ctx.now(), MOST).await?;
        ctx.trends.posts.insert((), found.clone());
        found
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    store::posts::list_wanted(&mut *ctx.pool.read().await?, viewer, ids).await
}

/// People whom one may want to follow; true where people whom one follows follow them.
pub async fn suggestions(ctx: &Ctx, viewer: &Viewer, limit: i64) -> Result<Vec<(Account, bool)>> {
    let me = moderation::require_account(viewer)?;
    let found = store::taste::suggestions(&mut *ctx.pool.read().await?, me, limit).await?;
    let known: HashMap<AccountId, bool> = found.iter().copied().collect();
    let people = profiles::by_ids(ctx, found.into_iter().map(|f| f.0).collect()).await?;
    Ok(people.into_iter().map(|a| (known.get(&a.id).copied().unwrap_or(false), a)).map(|(by, a)| (a, by)).collect())
}

/// Suggests somebody no more.
pub async fn hide_suggestion(ctx: &Ctx, viewer: &Viewer, target: AccountId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    store::taste::hide_suggestion(&mut *ctx.pool.get().await?, me, target).await
}

/// Of each of these people, those whom one follows that follow them.
pub async fn familiar(ctx: &Ctx, viewer: &Viewer, people: Vec<AccountId>) -> Result<Vec<(AccountId, Vec<Account>)>> {
    let me = moderation::require_account(viewer)?;
    let pairs = store::taste::familiar(&mut *ctx.pool.read().await?, me, people.clone()).await?;
    let mut ids: Vec<AccountId> = pairs.iter().map(|p| p.1).collect();
    ids.sort_unstable();
    ids.dedup();
    let accounts: HashMap<AccountId, Account> =
        profiles::by_ids(ctx, ids).await?.into_iter().map(|a| (a.id, a)).collect();
    Ok(people
        .into_iter()
        .map(|who| {
            let known = pairs.iter().filter(|p| p.0 == who).filter_map(|p| accounts.get(&p.1).cloned());
            (who, known.collect())
        })
        .collect())
}

/// Whom the directory lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing {
    /// Only our own people.
    pub local: bool,
    /// The most recently active first, rather than the newest.
    pub active: bool,
    /// So many are passed over.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// People who may be found.
pub async fn directory(ctx: &Ctx, listing: Listing) -> Result<Vec<Account>> {
    let Listing { local, active, offset, limit } = listing;
    // Deep pages cost as much as they are deep.
    let offset = offset.clamp(0, 5_000);
    let ids = store::taste::directory(&mut *ctx.pool.read().await?, local, active, offset, limit.clamp(1, 80)).await?;
    profiles::by_ids(ctx, ids).await
}
