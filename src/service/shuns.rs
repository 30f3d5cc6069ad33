//! Blocks, mutes, hidden servers and threads, and private notes on people.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Ctx, Page, Paged, follows,
    groups::{self, End},
    posts, urls,
};
pub use crate::store::shuns::Muted;
use crate::{
    error::{Error, Result},
    model::{AccountId, Author, Event, PostId},
    policy::{Viewer, moderation},
    store::{self, Conn},
    text::handle,
};

/// Longest private note, in characters.
const MAX_NOTE: usize = 2_000;

async fn pair(ctx: &Ctx, viewer: &Viewer, target: AccountId) -> Result<AccountId> {
    let me = moderation::require_account(viewer)?;
    store::accounts::get(&mut *ctx.pool.get().await?, target).await?;
    if me == target {
        return Err(Error::invalid("target", "That is you."));
    }
    Ok(me)
}

/// The same where something of theirs is to be shown in a list of the viewer's own: that there is such a group is not for everybody.
async fn known_pair(ctx: &Ctx, viewer: &Viewer, target: AccountId) -> Result<AccountId> {
    let me = pair(ctx, viewer, target).await?;
    let account = store::accounts::get(&mut *ctx.pool.read().await?, target).await?;
    groups::require_known(ctx, viewer, &account).await?;
    Ok(me)
}

/// Blocks somebody: neither sees the other, follows end both ways, and their server is told so that it can keep to it. To block a
/// group is to leave it.
///
/// # Errors
/// [`Error::Forbidden`] for the owner of the group.
pub async fn block(ctx: &Ctx, viewer: &Viewer, target: AccountId) -> Result<()> {
    let me = known_pair(ctx, viewer, target).await?;
    let mut tx = ctx.tx().await?;
    let (own, other) = (store::accounts::get(&mut tx, me).await?, store::accounts::get(&mut tx, target).await?);
    let uri = urls::fresh(ctx, &own.username, "blocks");
    groups::require_may_leave(&mut tx, me, target).await?;
    if let Some(follow) = store::follows::lock(&mut tx, target, me).await? {
        follows::end(ctx, &mut tx, &follow, End::Left).await?;
        if !other.is_local() {
            let refusal = Event::Reject { follower: target, uri: follow.uri, reason: String::new() };
            store::outbox::insert(&mut tx, me, &refusal).await?;
        }
    }
    if let Some(follow) = store::follows::lock(&mut tx, me, target).await? {
        follows::end(ctx, &mut tx, &follow, End::Left).await?;
        if !other.is_local() {
            store::outbox::insert(&mut tx, me, &Event::Unfollow { target, uri: follow.uri }).await?;
        }
    }
    if store::shuns::block(&mut tx, me, target, &uri).await? && !other.is_local() {
        store::outbox::insert(&mut tx, me, &Event::Block { target, uri }).await?;
    }
    tx.commit().await
}

/// Blocks somebody no more. A group that the viewer has blocked is one of which they knew.
pub async fn unblock(ctx: &Ctx, viewer: &Viewer, target: AccountId) -> Result<()> {
    let me = pair(ctx, viewer, target).await?;
    let mut tx = ctx.tx().await?;
    let other = store::accounts::get(&mut tx, target).await?;
    match store::shuns::unblock(&mut tx, me, target).await? {
        Some(uri) if !other.is_local() => {
            store::outbox::insert(&mut tx, me, &Event::Unblock { target, uri }).await?;
        }
        Some(_) => {}
        None => return groups::require_known(ctx, viewer, &other).await,
    }
    tx.commit().await
}

/// Somebody on another server blocked one of our people. It is kept to, and not told.
pub(super) async fn blocked_by_remote(
    ctx: &Ctx,
    conn: &mut Conn,
    who: AccountId,
    target_uri: &str,
    uri: &str,
) -> Result<()> {
    let Some(target) = store::accounts::find_by_uri(conn, target_uri).await?.filter(crate::model::Account::is_local)
    else {
        return Ok(());
    };
    if let Some(follow) = store::follows::lock(conn, who, target.id).await? {
        follows::end(ctx, conn, &follow, End::Left).await?;
    }
    if let Some(follow) = store::follows::lock(conn, target.id, who).await? {
        follows::ended_there(ctx, conn, &follow, "").await?;
    }
    store::shuns::block(conn, who, target.id, uri).await.map(drop)
}

/// They took it back, known by the block's own id or by whom it was about.
pub(super) async fn unblocked_by_remote(
    conn: &mut Conn,
    who: AccountId,
    uri: Option<&str>,
    target_uri: Option<&str>,
) -> Result<()> {
    let by_uri = match uri {
        Some(uri) => store::shuns::blocked_by_uri(conn, who, uri).await?,
        None => None,
    };
    let target = match (by_uri, target_uri) {
        (Some(target), _) => Some(target),
        (None, Some(uri)) => store::accounts::find_by_uri(conn, uri).await?.map(|a| a.id),
        (None, None) => None,
    };
    match target {
        Some(target) => store::shuns::unblock(conn, who, target).await.map(drop),
        None => Ok(()),
    }
}

/// Mutes somebody, for a while or (0 seconds) for good.
pub async fn mute(ctx: &Ctx, viewer: &Viewer, target: AccountId, notifications: bool, seconds: i64) -> Result<()> {
    let me = known_pair(ctx, viewer, target).await?;
    let ends_at: Option<DateTime<Utc>> =
        (seconds > 0).then(|| ctx.now() + TimeDelta::seconds(seconds.min(315_360_000)));
    store::shuns::mute(&mut *ctx.pool.get().await?, me, target, notifications, ends_at).await
}

/// Mutes somebody no more. A group that the viewer has muted is one of which they knew.
pub async fn unmute(ctx: &Ctx, viewer: &Viewer, target: AccountId) -> Result<()> {
    let me = pair(ctx, viewer, target).await?;
    if store::shuns::unmute(&mut *ctx.pool.get().await?, me, target).await? {
        return Ok(());
    }
    known_pair(ctx, viewer, target).await.map(drop)
}

/// Whether one has blocked somebody.
pub async fn has_blocked(ctx: &Ctx, viewer: &Viewer, target: AccountId) -> Result<bool> {
    let me = moderation::require_account(viewer)?;
    store::shuns::is_blocked(&mut *ctx.pool.read().await?, me, target).await
}

/// Whom one has blocked; groups of which one may know no more are left out.
pub async fn blocked(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<(i64, Author)>> {
    let me = moderation::require_account(viewer)?;
    store::shuns::list_blocked(&mut *ctx.pool.read().await?, me, page).await
}

/// Whom one has muted, likewise.
pub async fn muted(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<Muted>> {
    let me = moderation::require_account(viewer)?;
    store::shuns::list_muted(&mut *ctx.pool.read().await?, me, page, ctx.now()).await
}

/// Hides everything of a server from oneself; followers and follows there end.
pub async fn hide_host(ctx: &Ctx, viewer: &Viewer, host: &str) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let host =
        handle::normal_host(host).ok_or_else(|| Error::invalid("domain", "That is not the name of a server."))?;
    if host == ctx.config.instance.host() {
        return Err(Error::invalid("domain", "This is your own server."));
    }
    let mut tx = ctx.tx().await?;
    for follow in store::follows::list_between(&mut tx, me, &host).await? {
        follows::end(ctx, &mut tx, &follow, End::Left).await?;
        let event = if follow.target_id == me {
            Event::Reject { follower: follow.follower_id, uri: follow.uri, reason: String::new() }
        } else {
            Event::Unfollow { target: follow.target_id, uri: follow.uri }
        };
        store::outbox::insert(&mut tx, me, &event).await?;
    }
    store::shuns::block_host(&mut tx, me, &host).await?;
    tx.commit().await
}

/// Shows a server again.
pub async fn show_host(ctx: &Ctx, viewer: &Viewer, host: &str) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let host = handle::normal_host(host).unwrap_or_default();
    store::shuns::unblock_host(&mut *ctx.pool.get().await?, me, &host).await
}

/// Servers that one hides.
pub async fn hidden_hosts(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<(i64, String)>> {
    let me = moderation::require_account(viewer)?;
    store::shuns::list_hosts(&mut *ctx.pool.read().await?, me, page).await
}

/// Mutes the thread of a post that one may read.
pub async fn mute_thread(ctx: &Ctx, viewer: &Viewer, post: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    posts::read(ctx, viewer, post).await?;
    store::shuns::mute_thread(&mut *ctx.pool.get().await?, me, post).await
}

/// Mutes it no more.
pub async fn unmute_thread(ctx: &Ctx, viewer: &Viewer, post: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    posts::read(ctx, viewer, post).await?;
    store::shuns::unmute_thread(&mut *ctx.pool.get().await?, me, post).await
}

/// Notes something about somebody that nobody else sees; an empty text is none.
pub async fn note(ctx: &Ctx, viewer: &Viewer, target: AccountId, text: &str) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    if text.chars().count() > MAX_NOTE {
        return Err(Error::invalid("comment", format!("A note may have {MAX_NOTE} characters.")));
    }
    let mut conn = ctx.pool.get().await?;
    let account = store::accounts::get(&mut conn, target).await?;
    drop(conn);
    groups::require_known(ctx, viewer, &account).await?;
    store::shuns::set_note(&mut *ctx.pool.get().await?, me, target, text.trim()).await
}
