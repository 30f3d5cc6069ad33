//! What a group has shown: ours, for servers that may have it; and one of another server, asked for once somebody here belongs to it.

use std::{collections::HashSet, time::Duration};

use chrono::TimeDelta;

use super::{
    Shown, by_id,
    remote::{of_post, take_in},
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, Held, Post, PostId},
    policy::Viewer,
    service::{
        Ctx, Page, Paged, cases, hosts, pins, posts,
        remote::RemotePost,
        timelines::{self, Timeline},
    },
    store,
};

/// Most posts of a discussion that are told in their order.
const DISCUSSION: i64 = 200;
/// Groups that are asked in one round.
const AT_ONCE: i64 = 2;
/// How long one of them is waited for, all in all; what has come by then stays.
const PATIENCE: Duration = Duration::from_secs(300);
/// Tries before it is left as it is.
const TRIES: i32 = 8;

/// What a group of ours shows, answers as well, newest first, as far as the asker may have it. Where a server asks, it counts as
/// having a copy of all that it is told of.
pub async fn shown(ctx: &Ctx, viewer: &Viewer, group: AccountId, page: &Page) -> Result<Paged<Shown>> {
    let listed = store::groups::shown(&mut *ctx.pool.read().await?, viewer, group, page).await?;
    handed_out(ctx, viewer, listed.items.iter().map(|one| one.id).collect()).await?;
    Ok(listed)
}

/// What stands on top of a group of ours, as far as the asker may have it: ActivityPub ids.
pub async fn on_top(ctx: &Ctx, viewer: &Viewer, group: AccountId) -> Result<Vec<String>> {
    let top = timelines::page(ctx, viewer, &Timeline::Pinned(group), &Page::first(pins::MOST)).await?;
    let seen = top.items.into_iter().map(|card| card.post).filter(|post| post.held == Held::No);
    let seen: Vec<Post> = seen.collect();
    handed_out(ctx, viewer, seen.iter().map(|post| post.id).collect()).await?;
    Ok(seen.into_iter().map(|post| post.uri).collect())
}

/// Where the discussion stands in its order that a post in an open group is in (FEP-7888): with what opened it where one of ours did,
/// else with the group where that is ours.
pub async fn context_of(ctx: &Ctx, post: &Post) -> Result<Option<String>> {
    let Some(group) = post.group_id.filter(|_| post.visibility.is_open()) else { return Ok(None) };
    let mut conn = ctx.pool.read().await?;
    let opened = match post.reply_to_uri {
        None => Some((post.id, post.uri.clone(), post.local)),
        Some(_) => store::groups::opened_with(&mut conn, post.id).await?,
    };
    let Some((id, uri, is_ours)) = opened else { return Ok(None) };
    let group = store::accounts::get(&mut conn, group).await?;
    Ok(context_in(&group, id, &uri, is_ours))
}

/// The same of what opened a discussion in an open group, by its id and its ActivityPub id.
pub fn context_in(group: &Account, id: PostId, uri: &str, is_ours: bool) -> Option<String> {
    if is_ours {
        return Some(format!("{uri}/context"));
    }
    group.is_local().then(|| format!("{}/posts/{id}/context", group.uri))
}

/// What somebody of another server opened a discussion with in a group of ours, by the group's user name.
pub async fn opened_elsewhere(ctx: &Ctx, viewer: &Viewer, group: &str, id: PostId) -> Result<Post> {
    let post = posts::read(ctx, viewer, id).await?.post;
    let (account, _) = of_post(ctx, &post).await?.filter(|_| !post.local).ok_or(Error::NotFound)?;
    let is_its = account.is_local() && account.username.eq_ignore_ascii_case(group);
    if is_its { Ok(post) } else { Err(Error::NotFound) }
}

/// A discussion in an open group as it stands, oldest first.
#[derive(Debug, Clone)]
pub struct Discussion {
    /// Where it stands.
    pub address: String,
    /// ActivityPub id of whose it is to say so.
    pub owner: String,
    /// ActivityPub ids of its posts.
    pub posts: Vec<String>,
}

/// The discussion that a post has opened.
pub async fn discussion(ctx: &Ctx, viewer: &Viewer, post: &Post) -> Result<Discussion> {
    let opens = post.reply_to_uri.is_none() && post.visibility.is_open();
    let group = post.group_id.filter(|_| opens).ok_or(Error::NotFound)?;
    let mut conn = ctx.pool.read().await?;
    let group = store::accounts::get(&mut conn, group).await?;
    let address = context_in(&group, post.id, &post.uri, post.local).ok_or(Error::NotFound)?;
    let owner = if group.is_local() { group } else { store::accounts::get(&mut conn, post.author_id).await? };
    let posts = store::groups::discussion(&mut conn, viewer, post.id, DISCUSSION).await?;
    Ok(Discussion { address, owner: owner.uri, posts })
}

/// Writes down that a server is given posts of a group, so that they can be called back from there.
pub async fn handed_out(ctx: &Ctx, viewer: &Viewer, posts: Vec<PostId>) -> Result<()> {
    match viewer {
        Viewer::Remote { host, .. } => cases::handed_out(ctx, posts, *host).await,
        Viewer::Anonymous | Viewer::Account { .. } => Ok(()),
    }
}

/// Whether what a group of another server has shown before is still on its way here.
pub async fn is_on_its_way(ctx: &Ctx, _: &Viewer, group: AccountId) -> Result<bool> {
    store::groups::history_waits(&mut *ctx.pool.read().await?, group).await
}

/// Asks groups of other servers that are due for what they have shown before; returns how many.
pub(in crate::service) async fn fetch_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let until = now + TimeDelta::minutes(15);
    let due = store::groups::claim_histories(&mut *ctx.pool.get().await?, now, until, AT_ONCE).await?;
    let count = due.len();
    for (group, tries) in due {
        let again = match fetch(ctx, group).await {
            Ok(()) => None,
            Err(error) if error.is_passing() && tries < TRIES => {
                tracing::info!(%group, %error, "what a group has shown before has not all come yet");
                let wait = 2_i64.saturating_pow(u32::try_from(tries.clamp(1, 12)).unwrap_or(1));
                Some(ctx.now() + TimeDelta::minutes(wait))
            }
            Err(error) => {
                tracing::info!(%group, %error, "what a group has shown before does not come");
                None
            }
        };
        store::groups::settle_history(&mut *ctx.pool.get().await?, group, again).await?;
    }
    Ok(count)
}

async fn fetch(ctx: &Ctx, id: AccountId) -> Result<()> {
    let Some(place) = by_id(ctx, id).await? else { return Ok(()) };
    let Some(host) = place.0.host.clone() else { return Ok(()) };
    // Of a group of another server our own people alone are counted.
    if place.0.followers_count == 0 {
        return Ok(());
    }
    hosts::require_speaking(ctx, &host).await?;
    let asked = ctx.remote()?.history(&place);
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(Error::remote(host, "it took too long")))
}

/// Which of these posts, by ActivityPub id, need not be fetched for a group.
pub async fn settled_among(ctx: &Ctx, group: AccountId, uris: Vec<String>) -> Result<HashSet<String>> {
    if uris.is_empty() {
        return Ok(HashSet::new());
    }
    Ok(store::groups::settled_among(&mut *ctx.pool.read().await?, group, uris).await?.into_iter().collect())
}

/// A post that a group of another server has shown before: kept like what it hands on, but nobody is told of it. `ended` is whether
/// the group says that nobody answers it any more.
pub async fn came_late(ctx: &Ctx, group: &Account, post: RemotePost, ended: bool) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let new = take_in(ctx, &mut tx, group.id, RemotePost { late: true, ..post }).await?;
    if let Some(id) = new.filter(|_| ended) {
        store::groups::set_lock(&mut tx, id, Some(ctx.now())).await?;
    }
    tx.commit().await
}

/// What a group of another server says that stands on top of it, by ActivityPub id, the first one uppermost.
pub async fn stand_on_top(ctx: &Ctx, group: &Account, uris: Vec<String>) -> Result<()> {
    if group.is_local() {
        return Ok(());
    }
    store::groups::put_pins(&mut *ctx.pool.get().await?, group.id, uris).await
}
