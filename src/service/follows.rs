//! Following: one rule for the button, the app and the remote Follow.

use super::{
    Ctx, Page, Paged,
    groups::{self, End},
    urls,
};
pub use crate::store::follows::{Relation, Side};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, AccountKind, AccountState, Author, Event, Follow, FollowState, NotificationKind},
    policy::{Viewer, moderation},
    store::{self, Conn},
};

/// Follows somebody, or asks to. To follow a group is to join it.
pub async fn request(ctx: &Ctx, viewer: &Viewer, target: AccountId) -> Result<FollowState> {
    let me = moderation::require_account(viewer)?;
    if store::groups::find(&mut *ctx.pool.read().await?, target).await?.is_some() {
        return groups::join(ctx, viewer, target, &groups::Wish::default()).await;
    }
    let mut tx = ctx.tx().await?;
    let follower = store::accounts::get(&mut tx, me).await?;
    let uri = urls::fresh(ctx, &follower.username, "follows");
    let state = begin(ctx, &mut tx, &follower, target, &uri).await?;
    tx.commit().await?;
    Ok(state)
}

/// A Follow that came from another server; `finish` removes the received activity in the same transaction.
pub async fn request_from_remote(
    ctx: &Ctx,
    conn: &mut Conn,
    follower: &Account,
    target_uri: &str,
    uri: &str,
    wish: &groups::Wish,
) -> Result<()> {
    let target =
        store::accounts::find_by_uri(conn, target_uri).await?.filter(Account::is_local).ok_or(Error::NotFound)?;
    if target.kind == AccountKind::Application {
        return Err(Error::Forbidden("The instance itself cannot be followed."));
    }
    if target.kind == AccountKind::Group {
        return groups::asked_by_remote(ctx, conn, follower, &target, uri, wish).await;
    }
    if store::shuns::is_blocked(conn, follower.id, target.id).await? {
        let refusal = Event::Reject { follower: follower.id, uri: uri.to_owned(), reason: String::new() };
        return store::outbox::insert(conn, target.id, &refusal).await.map(drop);
    }
    if let Some(follow) = store::follows::lock(conn, follower.id, target.id).await? {
        store::follows::set_uri(conn, &follow, uri).await?;
        if follow.state == FollowState::Accepted {
            // They ask again because they missed the answer.
            answer(conn, target.id, follower.id, uri).await?;
        }
        return Ok(());
    }
    begin(ctx, conn, follower, target.id, uri).await?;
    Ok(())
}

async fn begin(ctx: &Ctx, conn: &mut Conn, follower: &Account, target: AccountId, uri: &str) -> Result<FollowState> {
    let target = store::accounts::get(conn, target).await?;
    if target.state != AccountState::Active {
        return Err(Error::NotFound);
    }
    if follower.id == target.id {
        return Err(Error::invalid("target", "You cannot follow yourself."));
    }
    if store::shuns::is_blocked(conn, follower.id, target.id).await? {
        return Err(Error::Forbidden("One of you has blocked the other."));
    }
    if let Some(host) = target.host.as_deref() {
        super::hosts::require_speaking(ctx, host).await?;
    }
    let state = if target.is_local() && !target.locked { FollowState::Accepted } else { FollowState::Pending };
    if !store::follows::insert(conn, follower.id, target.id, state, uri).await? {
        let known = store::follows::lock(conn, follower.id, target.id).await?;
        return Ok(known.map_or(state, |f| f.state));
    }
    if target.is_local() {
        let kind =
            if state == FollowState::Accepted { NotificationKind::Follow } else { NotificationKind::FollowRequest };
        store::notifications::insert(conn, target.id, kind, follower.id, None).await?;
    } else {
        let (uri, reason, invitation) = (uri.to_owned(), String::new(), String::new());
        let asked = Event::Follow { target: target.id, uri, reason, invitation };
        store::outbox::insert(conn, follower.id, &asked).await?;
    }
    if state == FollowState::Accepted {
        if follower.is_local() {
            store::timelines::backfill(conn, follower.id, target.id).await?;
        } else {
            answer(conn, target.id, follower.id, uri).await?;
        }
    }
    Ok(state)
}

async fn answer(conn: &mut Conn, target: AccountId, follower: AccountId, uri: &str) -> Result<()> {
    store::outbox::insert(conn, target, &Event::Accept { follower, uri: uri.to_owned() }).await?;
    Ok(())
}

/// Follows somebody no more, or withdraws the request.
pub async fn withdraw(ctx: &Ctx, viewer: &Viewer, target: AccountId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    if store::groups::find(&mut *ctx.pool.read().await?, target).await?.is_some() {
        return groups::leave(ctx, viewer, target).await;
    }
    let mut tx = ctx.tx().await?;
    if let Some(follow) = store::follows::lock(&mut tx, me, target).await? {
        end(ctx, &mut tx, &follow, End::Left).await?;
        let target = store::accounts::get(&mut tx, target).await?;
        if !target.is_local() {
            store::outbox::insert(&mut tx, me, &Event::Unfollow { target: target.id, uri: follow.uri }).await?;
        }
    }
    tx.commit().await
}

/// Ends a follow or a request to; one of a group is a membership, with all that hung on it.
pub(super) async fn end(ctx: &Ctx, conn: &mut Conn, follow: &Follow, how: End<'_>) -> Result<()> {
    if store::groups::find(conn, follow.target_id).await?.is_some() {
        return groups::end(ctx, conn, follow, how).await;
    }
    store::follows::delete(conn, follow).await?;
    for kind in [NotificationKind::Follow, NotificationKind::FollowRequest] {
        store::notifications::delete(conn, follow.target_id, kind, follow.follower_id, None).await?;
    }
    Ok(())
}

/// Ends all follows of somebody, both ways: they are gone.
pub(super) async fn end_all_of(ctx: &Ctx, conn: &mut Conn, who: AccountId) -> Result<()> {
    store::groups::lock_joined(conn, who).await?;
    for follow in store::follows::list_of(conn, who).await? {
        end(ctx, conn, &follow, End::Gone).await?;
    }
    Ok(())
}

/// Lets somebody follow who asked.
pub async fn accept(ctx: &Ctx, viewer: &Viewer, follower: AccountId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let follow = store::follows::lock(&mut tx, follower, me).await?.ok_or(Error::NotFound)?;
    if !follow.state.may_become(FollowState::Accepted) {
        return Ok(());
    }
    store::follows::accept(&mut tx, &follow).await?;
    store::notifications::delete(&mut tx, me, NotificationKind::FollowRequest, follower, None).await?;
    store::notifications::insert(&mut tx, me, NotificationKind::Follow, follower, None).await?;
    if store::accounts::get(&mut tx, follower).await?.is_local() {
        store::timelines::backfill(&mut tx, follower, me).await?;
    } else {
        answer(&mut tx, me, follower, &follow.uri).await?;
    }
    tx.commit().await
}

/// Turns a request down, or removes a follower.
pub async fn reject(ctx: &Ctx, viewer: &Viewer, follower: AccountId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let follow = store::follows::lock(&mut tx, follower, me).await?.ok_or(Error::NotFound)?;
    end(ctx, &mut tx, &follow, End::Left).await?;
    if !store::accounts::get(&mut tx, follower).await?.is_local() {
        let refusal = Event::Reject { follower, uri: follow.uri, reason: String::new() };
        store::outbox::insert(&mut tx, me, &refusal).await?;
    }
    tx.commit().await
}

/// Another server's person accepted a follow of ours. Only a pending one to exactly that person counts (R5).
pub async fn accepted_by_remote(
    conn: &mut Conn,
    by: AccountId,
    follow_uri: Option<&str>,
    follower_uri: Option<&str>,
) -> Result<()> {
    match ours(conn, by, follow_uri, follower_uri).await? {
        Some(follow) => agreed(conn, &follow).await,
        None => Ok(()),
    }
}

/// A follow of ours holds: the other server says so.
pub(super) async fn agreed(conn: &mut Conn, follow: &Follow) -> Result<()> {
    if follow.state.may_become(FollowState::Accepted) {
        store::follows::accept(conn, follow).await?;
        store::timelines::backfill(conn, follow.follower_id, follow.target_id).await?;
        groups::let_in_there(conn, follow).await?;
    }
    Ok(())
}

/// Another server's person refused a follow of ours, or removed the follower.
pub async fn rejected_by_remote(
    ctx: &Ctx,
    conn: &mut Conn,
    by: AccountId,
    follow_uri: Option<&str>,
    follower_uri: Option<&str>,
    reason: &str,
) -> Result<()> {
    match ours(conn, by, follow_uri, follower_uri).await? {
        Some(follow) => ended_there(ctx, conn, &follow, reason).await,
        None => Ok(()),
    }
}

/// A follow of ours ends: the other server says so, and why where it is a group's.
pub(super) async fn ended_there(ctx: &Ctx, conn: &mut Conn, follow: &Follow, reason: &str) -> Result<()> {
    end(ctx, conn, follow, End::refused(follow.state, reason)).await
}

/// The follow of one of our people towards `target` that an answer speaks of: by its id, else by the pair.
async fn ours(
    conn: &mut Conn,
    target: AccountId,
    uri: Option<&str>,
    follower_uri: Option<&str>,
) -> Result<Option<Follow>> {
    let by_uri = match uri {
        Some(uri) => store::follows::find_by_uri(conn, target, uri).await?,
        None => None,
    };
    let follow = match (by_uri, follower_uri) {
        (Some(follow), _) => Some(follow),
        (None, Some(follower)) => match store::accounts::find_by_uri(conn, follower).await? {
            Some(follower) => store::follows::lock(conn, follower.id, target).await?,
            None => None,
        },
        (None, None) => None,
    };
    match follow {
        Some(follow) if store::accounts::get(conn, follow.follower_id).await?.is_local() => Ok(Some(follow)),
        Some(_) | None => Ok(None),
    }
}

/// Another server's person follows no more.
pub async fn withdrawn_by_remote(ctx: &Ctx, conn: &mut Conn, follower: AccountId, target_uri: &str) -> Result<()> {
    let Some(target) = store::accounts::find_by_uri(conn, target_uri).await?.filter(Account::is_local) else {
        return Ok(());
    };
    match store::follows::lock(conn, follower, target.id).await? {
        Some(follow) => end(ctx, conn, &follow, End::Left).await,
        None => store::groups::take_seeker(conn, follower, target.id).await.map(drop),
    }
}

/// The same, known by the id of the Follow alone.
pub async fn withdrawn_by_uri(ctx: &Ctx, conn: &mut Conn, follower: AccountId, uri: &str) -> Result<()> {
    match store::follows::find_by_follower_uri(conn, follower, uri).await? {
        Some(follow) => end(ctx, conn, &follow, End::Left).await,
        None => store::groups::delete_seeker(conn, follower, uri).await,
    }
}

/// Who follows somebody, or whom they follow. Signed-in people see these lists; others the numbers only.
/// Requests are the owner's alone.
pub async fn list(
    ctx: &Ctx,
    viewer: &Viewer,
    account: &Account,
    side: Side,
    page: &Page,
) -> Result<Paged<(i64, Author)>> {
    let owner = viewer.account() == Some(account.id);
    let may = match side {
        Side::Requests => owner,
        Side::Followers | Side::Following => owner || (viewer.role().is_some() && account.discoverable),
    };
    if !may {
        return Err(if viewer.role().is_some() { Error::NotFound } else { Error::Unauthenticated });
    }
    store::follows::list(&mut *ctx.pool.read().await?, account.id, side, page).await
}

/// The same for other servers: ids, of people who are listed and not locked; others give the number only.
pub async fn list_for_servers(ctx: &Ctx, account: &Account, side: Side, page: &Page) -> Result<Paged<(i64, String)>> {
    if !account.discoverable || account.locked || side == Side::Requests {
        return Ok(Paged { items: Vec::new(), older: None, newer: None });
    }
    let listed = store::follows::list(&mut *ctx.pool.read().await?, account.id, side, page).await?;
    Ok(listed.map(|(follow, author)| (follow, author.uri)))
}

/// How the viewer and these people stand to each other, in the order asked. Of a group that is not for them nothing is said.
pub async fn relations(ctx: &Ctx, viewer: &Viewer, others: Vec<AccountId>) -> Result<Vec<Relation>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let known = groups::known_among(&mut conn, viewer, others).await?;
    store::follows::relations(&mut conn, me, known).await
}

/// How the viewer stands now to somebody of whom they were to know until just now: whoever leaves a group may not be to any more.
///
/// # Errors
/// [`Error::NotFound`] where there is nobody.
pub async fn relation(ctx: &Ctx, viewer: &Viewer, with: AccountId) -> Result<Relation> {
    let me = moderation::require_account(viewer)?;
    let found = store::follows::relations(&mut *ctx.pool.get().await?, me, vec![with]).await?;
    found.into_iter().next().ok_or(Error::NotFound)
}

/// Changes what one wants of whom one follows: boosts, and word of each post.
pub async fn set_options(
    ctx: &Ctx,
    viewer: &Viewer,
    target: AccountId,
    boosts: Option<bool>,
    notify: Option<bool>,
) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    store::follows::set_options(&mut *ctx.pool.get().await?, me, target, boosts, notify).await
}

/// How many requests wait for the viewer's answer.
pub async fn count_requests(ctx: &Ctx, viewer: &Viewer) -> Result<i64> {
    let me = moderation::require_account(viewer)?;
    store::follows::count_requests(&mut *ctx.pool.read().await?, me).await
}

/// Which of these people the viewer follows or has asked.
pub async fn followed_of(ctx: &Ctx, viewer: &Viewer, others: Vec<AccountId>) -> Result<Vec<(AccountId, FollowState)>> {
    match viewer.account() {
        Some(me) => store::follows::followed_of(&mut *ctx.pool.read().await?, me, others).await,
        None => Ok(Vec::new()),
    }
}
