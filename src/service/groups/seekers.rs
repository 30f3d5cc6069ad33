//! People of other servers who ask to join groups of ours. Where an institution that we trust states something about them which
//! nobody has looked at yet, that is looked at first, and they are answered then.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Wish, by_uri,
    hosts::note_refusal,
    is_known_at, meets,
    membership::{accept, bar_of, enter, words_of},
    orders::said,
    proven,
};
use crate::{
    crypto::token,
    error::{Error, Result},
    model::{Account, AccountId, AccountState, Event, FollowState, Group},
    policy::groups::{self as policy, Joining},
    service::{Ctx, hosts},
    store::{self, Conn, groups::Asked},
};

/// How long somebody waits for what is stated about them; then they are answered as it stands.
const PATIENCE: TimeDelta = TimeDelta::hours(24);
/// So many are answered at once.
const AT_ONCE: i64 = 50;

/// Somebody of another server asks to join a group of ours: whether they are in, wait, or may not. A link is honoured as here,
/// also of somebody who waits already.
pub(in crate::service) async fn asked_by_remote(
    ctx: &Ctx,
    conn: &mut Conn,
    who: &Account,
    group: &Account,
    uri: &str,
    wish: &Wish,
) -> Result<()> {
    let code_hash = if wish.code.is_empty() { Vec::new() } else { token::hash(&wish.code).to_vec() };
    let asked = Asked { uri: uri.to_owned(), reason: said(&wish.reason), code_hash };
    decide(ctx, conn, who, group, &asked, false).await
}

/// Decides on it, for the first time or, of somebody who has waited, `again`.
async fn decide(ctx: &Ctx, conn: &mut Conn, who: &Account, group: &Account, asked: &Asked, again: bool) -> Result<()> {
    let host = match who.host_id {
        Some(id) => Some(store::hosts::hold(conn, id).await?),
        None => None,
    };
    let known = store::groups::lock(conn, group.id).await?;
    let since = store::groups::take_seeker(conn, who.id, group.id).await?;
    if again && since.is_none() {
        return Ok(());
    }
    let (uri, hash) = (asked.uri.as_str(), &asked.code_hash);
    let membership = store::groups::membership(conn, who.id, group.id).await?;
    let invited = !hash.is_empty() && store::groups::works(conn, group.id, hash, ctx.now()).await?;
    let before = store::follows::lock(conn, who.id, group.id).await?;
    if let Some(follow) = &before {
        store::follows::set_uri(conn, follow, uri).await?;
        match follow.state {
            FollowState::Accepted => return accept(conn, group.id, who.id, uri).await,
            FollowState::Pending if !invited => return Ok(()),
            FollowState::Pending | FollowState::Barred => {}
        }
    }
    let is_known = match who.host_id {
        _ if invited || membership.member || before.is_some() => true,
        Some(id) => is_known_at(conn, &known, id).await?,
        None => false,
    };
    if !is_known {
        return Err(Error::NotFound);
    }
    let bar = host.as_ref().and_then(|host| bar_of(&known, host));
    if let (Some(host), Some(bar)) = (&host, bar) {
        note_refusal(ctx, conn, group.id, host, bar).await?;
    }
    let proven = proven(ctx, conn, &known, who.id).await?;
    let admitted =
        policy::may_admit_host(known.kind, bar).and_then(|()| policy::may_join(&known, membership, invited, &proven));
    let is_unproven = before.is_none() && matches!(admitted, Err(Error::Invalid(_)));
    if is_unproven && may_wait(ctx, conn, who.id, since).await? {
        let since = since.unwrap_or_else(|| ctx.now());
        return store::groups::put_seeker(conn, (who.id, group.id), asked, since).await;
    }
    match admitted {
        Ok(Joining::Member) => {
            if invited {
                store::groups::take_invitation(conn, group.id, hash, ctx.now()).await?;
            }
            enter(ctx, conn, (who.id, group.id), FollowState::Accepted, (uri, "")).await?;
            accept(conn, group.id, who.id, uri).await
        }
        Ok(Joining::Asked) => enter(ctx, conn, (who.id, group.id), FollowState::Pending, (uri, &asked.reason)).await,
        // They wait as before.
        Err(Error::Forbidden(_) | Error::Invalid(_)) if before.is_some() => Ok(()),
        Err(refused @ (Error::Forbidden(_) | Error::Invalid(_))) => {
            let refusal = Event::Reject { follower: who.id, uri: uri.to_owned(), reason: words_of(refused) };
            store::outbox::insert(conn, group.id, &refusal).await.map(drop)
        }
        Err(other) => Err(other),
    }
}

/// Whether somebody waits for what is stated about them, which they have done since a time, or do not yet.
async fn may_wait(ctx: &Ctx, conn: &mut Conn, who: AccountId, since: Option<DateTime<Utc>>) -> Result<bool> {
    let now = ctx.now();
    let is_late = since.is_some_and(|since| since <= now - PATIENCE);
    Ok(!is_late && store::groups::is_looked_at_later(conn, who, now).await?)
}

/// The group of ours that somebody of another server asks to join, where they may know of it, by the code of a link or without: for
/// all others nothing is asked of anybody, as that would tell that there is one.
pub(super) async fn asked_for(ctx: &Ctx, who: &Account, group_uri: &str, code: &str) -> Result<Option<Group>> {
    let Some((account, group)) = by_uri(ctx, group_uri).await?.filter(|(account, _)| account.is_local()) else {
        return Ok(None);
    };
    let Some(host) = who.host_id else { return Ok(None) };
    let mut conn = ctx.pool.read().await?;
    let standing = store::groups::membership(&mut conn, who.id, account.id).await?;
    let is_known = standing.member
        || standing.asked
        || is_known_at(&mut conn, &group, host).await?
        || (!code.is_empty() && store::groups::works(&mut conn, account.id, &token::hash(code), ctx.now()).await?);
    Ok(Some(group).filter(|_| is_known))
}

/// Whether a group of ours would refuse somebody for what is not proven of them, as far as we know: then what is stated about them is
/// worth a new look.
pub async fn lacks_proof(ctx: &Ctx, who: &Account, group_uri: &str, code: &str) -> Result<bool> {
    match asked_for(ctx, who, group_uri, code).await? {
        Some(group) => Ok(!meets(ctx, &mut *ctx.pool.read().await?, &group, who.id).await?),
        None => Ok(false),
    }
}

/// Answers those who have asked to join and need not wait any longer; returns how many.
pub(in crate::service) async fn answer_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let due = store::groups::list_seekers(&mut *ctx.pool.get().await?, now, now - PATIENCE, AT_ONCE).await?;
    let mut answered = 0_usize;
    for (who, group) in due {
        match answer(ctx, who, group).await {
            Ok(()) => answered = answered.saturating_add(1),
            Err(error) => tracing::error!(%group, account = %who, %error, "somebody who asks to join is not answered"),
        }
    }
    Ok(answered)
}

/// Answers one. Whoever is gone meanwhile, or may know of the group no more, is told nothing.
async fn answer(ctx: &Ctx, who: AccountId, group: AccountId) -> Result<()> {
    let mut conn = ctx.pool.get().await?;
    let (who, group) = (store::accounts::get(&mut conn, who).await?, store::accounts::get(&mut conn, group).await?);
    let asked = store::groups::find_seeker(&mut conn, who.id, group.id).await?;
    drop(conn);
    let speaks = match who.host.as_deref() {
        Some(host) => hosts::may_speak(ctx, host).await?,
        None => false,
    };
    let mut tx = ctx.tx().await?;
    let done = match asked.filter(|_| speaks && who.state == AccountState::Active) {
        Some(asked) => decide(ctx, &mut tx, &who, &group, &asked, true).await,
        None => store::groups::take_seeker(&mut tx, who.id, group.id).await.map(drop),
    };
    match done {
        Ok(()) | Err(Error::NotFound) => tx.commit().await,
        Err(error) => {
            tx.roll_back().await?;
            Err(error)
        }
    }
}
