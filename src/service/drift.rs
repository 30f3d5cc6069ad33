//! Followers that two servers count differently (FEP-8fcf): what is for followers alone says whom we take for such, and where
//! somebody else's server counts otherwise than we do, both come to agree.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use url::Url;

use super::{Ctx, follows, urls};
use crate::{
    crypto::digest,
    error::{Error, Result},
    model::{Account, AccountId, AccountKind, AccountState, Event, FollowState, HostId},
    policy::Viewer,
    store,
    text::handle,
};

/// Most followers on one server that are told or compared.
const MOST: usize = 10_000;
/// So many are taken back at once; the others the next time.
const TOLD: usize = 20;
/// The followers of somebody are not compared again so soon.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// Tries before it is left until the other server says again that something is amiss.
const TRIES: i32 = 5;

/// The part of a followers collection that is of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The collection.
    pub collection: String,
    /// Where that part stands.
    pub url: String,
    /// What it comes to, in hexadecimal.
    pub digest: String,
}

/// Where the part of a followers collection stands that is of the asker's server.
pub fn address(account: &Account) -> String {
    format!("{}/followers_synchronization", account.uri)
}

/// Whom of a server's people we take for followers of somebody of ours; none where there are too many to tell.
pub async fn part_of(ctx: &Ctx, id: AccountId, host: HostId) -> Result<Option<Part>> {
    let mut conn = ctx.pool.get().await?;
    let account = store::accounts::get(&mut conn, id).await?;
    let Some(collection) = account.followers_uri.clone().filter(|_| account.is_local()) else { return Ok(None) };
    let followers = store::drift::followers_of_host(&mut conn, id, host, limit()).await?;
    let whole = followers.len() <= MOST;
    Ok(whole.then(|| Part { collection, url: address(&account), digest: digest::of_set(&followers) }))
}

/// The same as a list, for that server itself.
pub async fn known_of(ctx: &Ctx, viewer: &Viewer, account: &Account) -> Result<Vec<String>> {
    let Viewer::Remote { host, .. } = viewer else { return Err(Error::NotFound) };
    let mut conn = ctx.pool.get().await?;
    let followers = store::drift::followers_of_host(&mut conn, account.id, *host, limit()).await?;
    if followers.len() > MOST { Err(Error::NotFound) } else { Ok(followers) }
}

/// One more than are told, so that too many are noticed.
fn limit() -> i64 {
    i64::try_from(MOST).unwrap_or(i64::MAX).saturating_add(1)
}

/// Somebody of another server whom somebody here follows, or asks to, tells what their followers here come to. Where we count
/// otherwise, both are compared soon; it is not looked at again for a while either way.
pub async fn heard(ctx: &Ctx, who: &Account, collection: &str, url: &str, told: &str) -> Result<()> {
    let host = Url::parse(url).ok().and_then(|url| handle::host_of(&url));
    if who.followers_uri.as_deref() != Some(collection) || host.is_none() || host != who.host {
        return Ok(());
    }
    let now = ctx.now();
    let mut conn = ctx.pool.get().await?;
    if !store::drift::may_want(&mut conn, who.id, now - FRESH).await? {
        return Ok(());
    }
    let here = store::drift::followers_here(&mut conn, who.id, limit()).await?;
    let too_many = here.len() > MOST;
    let here: Vec<String> = here.into_iter().map(|(_, uri)| uri).collect();
    if too_many || digest::of_set(&here) == told {
        return store::drift::looked_at(&mut conn, who.id, url, now).await;
    }
    store::drift::want(&mut conn, who.id, url, now, now - FRESH).await
}

/// Compares what is due; returns how much that was.
pub(super) async fn repair_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let due = store::drift::claim(&mut *ctx.pool.get().await?, now, now + TimeDelta::minutes(10), 8).await?;
    let count = due.len();
    for (account, url, tries) in due {
        let outcome = repair(ctx, account, &url).await;
        let mut conn = ctx.pool.get().await?;
        match outcome {
            Err(error) if error.is_passing() && tries < TRIES => {
                tracing::info!(%account, %error, "followers could not be compared yet");
                let wait = TimeDelta::minutes(2_i64.saturating_pow(u32::try_from(tries.clamp(1, 12)).unwrap_or(1)));
                store::drift::retry(&mut conn, account, ctx.now() + wait).await?;
            }
            Err(error) => {
                tracing::info!(%account, %error, "followers cannot be compared");
                store::drift::checked(&mut conn, account, ctx.now()).await?;
            }
            Ok(()) => store::drift::checked(&mut conn, account, ctx.now()).await?,
        }
    }
    Ok(count)
}

/// Whom their server does not take for a follower follows no more; whom it does and we do not, it is told to forget.
async fn repair(ctx: &Ctx, id: AccountId, url: &str) -> Result<()> {
    let url = Url::parse(url).map_err(|_| Error::NotFound)?;
    // What was agreed before the other server is asked: what is agreed meanwhile may stand on neither list yet.
    let before = store::drift::followers_here(&mut *ctx.pool.get().await?, id, limit()).await?;
    if before.len() > MOST {
        return Ok(());
    }
    let there: BTreeSet<String> = ctx.remote()?.followers_here(&url, MOST).await?.into_iter().collect();
    let mut tx = ctx.tx().await?;
    for (who, uri) in before {
        if !there.contains(&uri)
            && let Some(follow) = store::follows::lock(&mut tx, who, id).await?
            && follow.state == FollowState::Accepted
        {
            follows::ended_there(ctx, &mut tx, &follow, "").await?;
        }
    }
    let listed = there.into_iter().filter(|uri| urls::is_ours(ctx, uri)).collect();
    let mut people = store::accounts::list_by_uri(&mut tx, listed).await?;
    // Only people follow: nobody else signs an answer to a list, on which any guess may stand.
    people.retain(|who| who.is_local() && who.kind == AccountKind::Person && who.state == AccountState::Active);
    people.sort_by_key(|who| who.id);
    let mut strangers = Vec::new();
    for who in people {
        match store::follows::lock(&mut tx, who.id, id).await? {
            // The answer never came.
            Some(follow) => follows::agreed(&mut tx, &follow).await?,
            None => strangers.push(who),
        }
    }
    for who in strangers.into_iter().take(TOLD) {
        let uri = urls::fresh(ctx, &who.username, "follows");
        store::outbox::insert(&mut tx, who.id, &Event::Unfollow { target: id, uri }).await?;
    }
    tx.commit().await
}
