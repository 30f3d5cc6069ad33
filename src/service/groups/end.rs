//! How memberships end, whoever ends them, and who owns a group whose owner is gone.

use chrono::TimeDelta;

use super::{UNPROVEN, leading, membership::tell, orders::said, posts, queue::tell_waiting};
use crate::{
    error::{Error, Result},
    model::{AccountId, Event, Follow, FollowState, Group, GroupDeed, GroupKind, GroupRole},
    service::Ctx,
    store::{self, Conn},
};

/// Why a membership, or a request to join, ends.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) enum End<'a> {
    /// They go themselves, here or on their own server.
    Left,
    /// Whoever leads the group decides so.
    Decided {
        /// Who.
        by: AccountId,
        /// What it is called in the log.
        deed: GroupDeed,
        /// Why.
        reason: &'a str,
    },
    /// The group lives elsewhere, and its server says so.
    Told {
        /// What it is called in the log.
        deed: GroupDeed,
        /// Why, as it came.
        reason: &'a str,
    },
    /// What the group asks is no longer proven of them.
    Lapsed,
    /// Their account, or their server as far as we are concerned, is gone.
    Gone,
}

impl<'a> End<'a> {
    /// A group of another server refuses a request or removes a member.
    pub(in crate::service) fn refused(state: FollowState, reason: &'a str) -> Self {
        let deed = match state {
            FollowState::Pending => GroupDeed::Refuse,
            FollowState::Accepted | FollowState::Barred => GroupDeed::RemoveMember,
        };
        Self::Told { deed, reason }
    }
}

/// Ends a membership or a request, and whatever hung on it: what they led, the links and wishes that they made as a moderator,
/// their ballots, what the group told them, and what waits to be delivered to their server. The server of whoever is put out
/// is told so, and so are they. In the log stands what was decided, and who leads the group no more; plain members go quietly.
pub(in crate::service) async fn end(ctx: &Ctx, conn: &mut Conn, follow: &Follow, how: End<'_>) -> Result<()> {
    let (group, who) = (follow.target_id, follow.follower_id);
    let is_ours = store::accounts::get(conn, group).await?.is_local();
    let role = store::groups::written_role(conn, group, who).await?;
    if role == Some(GroupRole::Owner) {
        inherit(ctx, conn, group, who).await?;
    }
    store::follows::delete(conn, follow).await?;
    if role.is_some() {
        store::groups::set_role(conn, group, who, None).await?;
        store::cases::openings::lapse(conn, group, who, ctx.now()).await?;
    }
    store::groups::revoke_invitations_by(conn, group, who).await?;
    store::cases::ranking::forget(conn, who, Some(group)).await?;
    store::groups::forget(conn, group, who).await?;
    let led = is_ours && role == Some(GroupRole::Moderator);
    if led {
        posts::tell(conn, group, group, &Event::Profile).await?;
    }
    if follow.state == FollowState::Pending {
        tell_waiting(ctx, conn, group).await?;
    }
    match how {
        End::Decided { by, deed, reason } => {
            tell_server(conn, follow, reason).await?;
            store::groups::log(conn, group, Some(by), deed, Some(who), reason).await?;
            tell(conn, group, who, (deed, reason)).await
        }
        End::Told { deed, reason } => {
            let reason = said(reason);
            store::groups::log(conn, group, None, deed, Some(who), &reason).await?;
            tell(conn, group, who, (deed, reason.as_str())).await
        }
        End::Lapsed => {
            tell_server(conn, follow, UNPROVEN).await?;
            store::groups::log(conn, group, None, GroupDeed::Lapse, Some(who), "").await?;
            tell(conn, group, who, (GroupDeed::Lapse, "")).await
        }
        End::Left | End::Gone if led => {
            let by = Some(who).filter(|_| matches!(how, End::Left));
            store::groups::log(conn, group, by, GroupDeed::Dismiss, Some(who), "").await
        }
        End::Left | End::Gone => Ok(()),
    }
}

/// Tells the server of a member, or of somebody who asks, that they are put out.
async fn tell_server(conn: &mut Conn, follow: &Follow, reason: &str) -> Result<()> {
    if store::accounts::get(conn, follow.follower_id).await?.is_local() {
        return Ok(());
    }
    let refusal = Event::Reject { follower: follow.follower_id, uri: follow.uri.clone(), reason: reason.to_owned() };
    store::outbox::insert(conn, follow.target_id, &refusal).await.map(drop)
}

/// Holds a group until the transaction ends, for somebody who wants to go: its owner passes it on first, and nobody makes them
/// its owner meanwhile. Of what is no group nothing is asked.
///
/// # Errors
/// [`Error::Forbidden`] for the owner.
pub(in crate::service) async fn require_may_leave(conn: &mut Conn, who: AccountId, group: AccountId) -> Result<()> {
    if store::groups::find(conn, group).await?.is_none() {
        return Ok(());
    }
    store::groups::lock(conn, group).await?;
    if store::groups::membership(conn, who, group).await?.role == Some(GroupRole::Owner) {
        return Err(Error::Forbidden("You own this group: pass it on to another moderator first, or archive it."));
    }
    Ok(())
}

/// Where an owner goes whom nobody asked, the moderator of this server who has led longest owns the group. Where there is none,
/// it is archived: nobody is made to lead who has not agreed to. True where that is so.
async fn inherit(ctx: &Ctx, conn: &mut Conn, group: AccountId, owner: AccountId) -> Result<bool> {
    let known = store::groups::lock(conn, group).await?;
    let all = leading(ctx, conn, group).await?;
    let heir = all.into_iter().map(|(who, _)| who).find(|who| who.id != owner && who.host.is_none());
    store::groups::set_role(conn, group, owner, None).await?;
    posts::tell(conn, group, group, &Event::Profile).await?;
    if let Some(heir) = heir {
        store::groups::set_role(conn, group, heir.id, Some(GroupRole::Owner)).await?;
        store::groups::log(conn, group, None, GroupDeed::Transfer, Some(heir.id), "").await?;
        tell(conn, group, heir.id, (GroupDeed::Transfer, "")).await?;
        return Ok(false);
    }
    tracing::warn!(%group, "a group is archived: nobody of this server leads it any more");
    if known.archived_at.is_none() {
        store::groups::update(conn, &Group { archived_at: Some(ctx.now()), ..known }).await?;
        store::groups::log(conn, group, None, GroupDeed::Archive, None, "").await?;
    }
    Ok(true)
}

/// Passes on what somebody owns who closes their account, and holds all their groups until the transaction ends; the groups
/// that nobody of this server leads any more.
pub(in crate::service) async fn hand_over(ctx: &Ctx, conn: &mut Conn, who: AccountId) -> Result<Vec<AccountId>> {
    store::groups::lock_joined(conn, who).await?;
    let mut left = Vec::new();
    for group in store::groups::owned(conn, who).await? {
        if inherit(ctx, conn, group, who).await? {
            left.push(group);
        }
    }
    Ok(left)
}

/// Somebody is a practitioner no more: what is for clinicians is theirs no longer, here and on other servers.
pub(in crate::service) async fn no_practitioner(ctx: &Ctx, conn: &mut Conn, who: AccountId) -> Result<()> {
    store::groups::lock_joined(conn, who).await?;
    let joined = store::follows::list_of(conn, who).await?;
    let mut groups = store::groups::list(conn, joined.iter().map(|follow| follow.target_id).collect()).await?;
    groups.retain(|group| group.kind == GroupKind::Verified);
    let is_one = |id: AccountId| groups.iter().any(|group| group.account_id == id);
    for follow in joined.iter().filter(|follow| follow.follower_id == who && is_one(follow.target_id)) {
        if store::accounts::get(conn, follow.target_id).await?.is_local() {
            end(ctx, conn, follow, End::Lapsed).await?;
        } else {
            end(ctx, conn, follow, End::Left).await?;
            let gone = Event::Unfollow { target: follow.target_id, uri: follow.uri.clone() };
            store::outbox::insert(conn, who, &gone).await?;
        }
    }
    Ok(())
}

/// So many memberships are looked at at once.
const LOOKS: i64 = 250;

/// Ends memberships of whom is no longer proven what their group asks; returns how many. Whoever leads the group is told by the
/// log. People whose statements have changed are looked at at once, all others in turn, some at a time: what ends by the clock
/// or by another decision is found within a round. Each ends by itself; whoever is doubted and could not be looked at stays so.
pub(in crate::service) async fn lapse_due(ctx: &Ctx) -> Result<usize> {
    let mut tx = ctx.tx().await?;
    let mut doubted = store::groups::doubted(&mut tx, LOOKS).await?;
    let people = doubted.iter().map(|(who, _)| *who).collect();
    let next = store::groups::take_to_look_at(&mut tx, people, LOOKS).await?;
    let stale = TimeDelta::hours(ctx.config.verification.stale_hours);
    let due = store::groups::lapsed(&mut tx, next, &ctx.config.instance.host(), ctx.now(), stale).await?;
    tx.commit().await?;
    let mut ended = 0_usize;
    for (group, who) in due {
        match lapse(ctx, group, who).await {
            Ok(true) => ended = ended.saturating_add(1),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%group, account = %who, %error, "a membership could not be ended");
                doubted.retain(|(doubt, _)| *doubt != who);
            }
        }
    }
    let mut tx = ctx.tx().await?;
    store::groups::doubted_no_more(&mut tx, doubted).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Ends one, unless it is there no more or something has been proven meanwhile.
async fn lapse(ctx: &Ctx, group: AccountId, who: AccountId) -> Result<bool> {
    let mut tx = ctx.tx().await?;
    store::groups::lock(&mut tx, group).await?;
    let Some(follow) = store::follows::lock(&mut tx, who, group).await? else { return Ok(false) };
    let (host, stale) = (ctx.config.instance.host(), TimeDelta::hours(ctx.config.verification.stale_hours));
    if store::groups::lapsed(&mut tx, vec![follow.id], &host, ctx.now(), stale).await?.is_empty() {
        return Ok(false);
    }
    end(ctx, &mut tx, &follow, End::Lapsed).await?;
    tx.commit().await?;
    Ok(true)
}
