//! Joining, leaving, letting in and keeping out.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Led, Request,
    end::{End, end, require_may_leave},
    invited::join_there,
    leading,
    orders::{About, elsewhere},
    proven,
    queue::{begins_to_wait, tell_waiting},
    require_led, require_reader,
};
use crate::{
    crypto::{SecretToken, token},
    error::{Error, Result},
    model::{
        AccountId, Author, Event, Follow, FollowState, Group, GroupDeed, GroupInvitationId, GroupRole, Host, HostBar,
        NotificationKind, Order, OrderKind,
    },
    policy::{
        Viewer,
        groups::{self as policy, Joining},
        moderation,
    },
    service::{Ctx, Page, Paged, urls},
    store::{self, Conn},
};

/// What somebody says who wants to join.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Why, for the moderators.
    pub reason: String,
    /// The code of an invitation link; empty for none.
    pub code: String,
}

/// What somebody is told who would join what they have blocked.
pub(super) const BLOCKED: &str = "You have blocked this group: take that back first.";

/// Joins a group, or asks to. A group of another server decides there.
pub async fn join(ctx: &Ctx, viewer: &Viewer, id: AccountId, wish: &Wish) -> Result<FollowState> {
    let me = moderation::require_account(viewer)?;
    let reason = line("reason", &wish.reason, true)?;
    let account = store::accounts::get(&mut *ctx.pool.read().await?, id).await?;
    if !account.is_local() {
        let wish = Wish { reason: reason.to_owned(), code: wish.code.clone() };
        join_there(ctx, viewer, &account, wish).await?;
        return Ok(FollowState::Pending);
    }
    let mut tx = ctx.tx().await?;
    let blocked = store::shuns::is_blocked(&mut tx, me, id).await?;
    let uri = urls::fresh(ctx, &store::accounts::get(&mut tx, me).await?.username, "follows");
    let group = store::groups::lock(&mut tx, id).await?;
    let membership = store::groups::membership(&mut tx, me, id).await?;
    if membership.member {
        return Ok(FollowState::Accepted);
    }
    let hash = token::hash(&wish.code);
    let invited = !wish.code.is_empty() && store::groups::works(&mut tx, id, &hash, ctx.now()).await?;
    if !policy::may_know(viewer, &group, membership, invited) {
        return Err(Error::NotFound);
    }
    policy::require_practitioner(viewer, group.kind)?;
    if blocked {
        return Err(Error::Forbidden(BLOCKED));
    }
    if !wish.code.is_empty() && !invited {
        return Err(Error::Forbidden("This invitation is over or spent. Ask the moderators for another one."));
    }
    let proven = proven(ctx, &mut tx, &group, me).await?;
    let state = match policy::may_join(&group, membership, invited, &proven)? {
        Joining::Member => FollowState::Accepted,
        Joining::Asked => FollowState::Pending,
    };
    if invited {
        store::groups::take_invitation(&mut tx, id, &hash, ctx.now()).await?;
    }
    enter(ctx, &mut tx, (me, id), state, (&uri, reason)).await?;
    tx.commit().await?;
    Ok(state)
}

/// Writes a membership or a request down.
pub(super) async fn enter(
    ctx: &Ctx,
    conn: &mut Conn,
    (who, group): (AccountId, AccountId),
    state: FollowState,
    (uri, reason): (&str, &str),
) -> Result<()> {
    if !store::follows::insert(conn, who, group, state, uri).await?
        && state == FollowState::Accepted
        && let Some(asked) = store::follows::lock(conn, who, group).await?
        && asked.state.may_become(FollowState::Accepted)
    {
        store::follows::accept(conn, &asked).await?;
        tell_waiting(ctx, conn, group).await?;
    }
    if state == FollowState::Pending {
        if let Some(follow) = store::follows::lock(conn, who, group).await? {
            store::groups::put_request(conn, follow.id, reason).await?;
        }
        begins_to_wait(ctx, conn, group, who, None).await?;
    }
    Ok(())
}

/// Tells those who lead a group that something of somebody's waits for them.
pub(super) async fn tell_leaders(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    from: AccountId,
    post: Option<crate::model::PostId>,
) -> Result<()> {
    let leaders = leading(ctx, conn, group).await?.into_iter().map(|(leader, _)| leader.id).collect();
    store::notifications::insert_anew(conn, leaders, NotificationKind::GroupDesk, from, post).await
}

/// Why somebody was not let in, or what they sent was not taken, as they read it.
pub(super) fn words_of(refused: Error) -> String {
    match refused {
        Error::Forbidden(words) => words.to_owned(),
        Error::Invalid(faults) => faults.into_iter().next().map(|fault| fault.message).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Why a group does not admit a server, where it does not.
pub(super) fn bar_of(group: &Group, host: &Host) -> Option<HostBar> {
    policy::bar(group.kind, &host.software, host.trust)
}

pub(super) async fn accept(conn: &mut Conn, group: AccountId, follower: AccountId, uri: &str) -> Result<()> {
    store::outbox::insert(conn, group, &Event::Accept { follower, uri: uri.to_owned() }).await.map(drop)
}

/// Leaves a group, or takes the request back. The owner passes it on first.
pub async fn leave(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    require_may_leave(&mut tx, me, id).await?;
    if let Some(follow) = store::follows::lock(&mut tx, me, id).await? {
        end(ctx, &mut tx, &follow, End::Left).await?;
        if !store::accounts::get(&mut tx, id).await?.is_local() {
            store::outbox::insert(&mut tx, me, &Event::Unfollow { target: id, uri: follow.uri }).await?;
        }
    }
    tx.commit().await
}

/// Lets somebody in who has asked.
pub async fn admit(ctx: &Ctx, viewer: &Viewer, id: AccountId, who: AccountId) -> Result<()> {
    if elsewhere(ctx, viewer, id, About::Person(who), Order::new(OrderKind::Admit, "")).await? {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    let_in(ctx, &mut tx, &led, who).await?;
    tx.commit().await
}

/// Lets somebody in who has asked, for somebody who leads the group; false where they are in.
pub(super) async fn let_in(ctx: &Ctx, conn: &mut Conn, led: &Led, who: AccountId) -> Result<bool> {
    let id = led.group.account_id;
    let follow = store::follows::lock(conn, who, id).await?.ok_or(Error::NotFound)?;
    if !follow.state.may_become(FollowState::Accepted) {
        return Ok(false);
    }
    if let Some(host) = store::accounts::get(conn, who).await?.host_id {
        let host = store::hosts::get(conn, host).await?;
        policy::may_admit_host(led.group.kind, bar_of(&led.group, &host))?;
    }
    store::follows::accept(conn, &follow).await?;
    store::groups::log(conn, id, Some(led.me), GroupDeed::Admit, Some(who), "").await?;
    tell(conn, id, who, (GroupDeed::Admit, "")).await?;
    tell_waiting(ctx, conn, id).await?;
    if !store::accounts::get(conn, who).await?.is_local() {
        accept(conn, id, who, &follow.uri).await?;
    }
    Ok(true)
}

/// The server of a group has let one of ours in: they are told, and what the group has shown before is asked for.
pub(in crate::service) async fn let_in_there(conn: &mut Conn, follow: &Follow) -> Result<()> {
    if store::groups::find(conn, follow.target_id).await?.is_none() {
        return Ok(());
    }
    store::groups::log(conn, follow.target_id, None, GroupDeed::Admit, Some(follow.follower_id), "").await?;
    store::groups::want_history(conn, follow.target_id, follow.follower_id).await?;
    tell(conn, follow.target_id, follow.follower_id, (GroupDeed::Admit, "")).await
}

/// Tells one of ours what was decided about them in a group, and why.
pub(super) async fn tell(conn: &mut Conn, group: AccountId, who: AccountId, decided: (GroupDeed, &str)) -> Result<()> {
    store::notifications::insert_decided(conn, vec![who], NotificationKind::Group, group, None, decided).await
}

/// Refuses a request.
pub async fn refuse(ctx: &Ctx, viewer: &Viewer, id: AccountId, who: AccountId, reason: &str) -> Result<()> {
    let reason = line("reason", reason, true)?;
    put_out(ctx, viewer, id, who, (GroupDeed::Refuse, reason)).await
}

/// Removes a member: access ends at once, here and at the member's server.
pub async fn remove(ctx: &Ctx, viewer: &Viewer, id: AccountId, who: AccountId, reason: &str) -> Result<()> {
    let reason = line("reason", reason, false)?;
    put_out(ctx, viewer, id, who, (GroupDeed::RemoveMember, reason)).await
}

async fn put_out(
    ctx: &Ctx,
    viewer: &Viewer,
    id: AccountId,
    who: AccountId,
    (deed, reason): (GroupDeed, &str),
) -> Result<()> {
    let order = Order::new(OrderKind::Refuse, "").because(reason);
    if elsewhere(ctx, viewer, id, About::Person(who), order).await? {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    if turn_away(ctx, &mut tx, &led, who, reason).await? != deed {
        // They are in, or out, in the meantime: whoever decided did not know.
        tx.roll_back().await?;
        return Err(Error::NotFound);
    }
    tx.commit().await
}

/// Refuses a request or removes a member, for somebody who leads the group; which of the two it was.
pub(super) async fn turn_away(
    ctx: &Ctx,
    conn: &mut Conn,
    led: &Led,
    who: AccountId,
    reason: &str,
) -> Result<GroupDeed> {
    outrank(conn, led, who).await?;
    let follow = store::follows::lock(conn, who, led.group.account_id).await?.ok_or(Error::NotFound)?;
    let deed = if follow.state == FollowState::Pending { GroupDeed::Refuse } else { GroupDeed::RemoveMember };
    end(ctx, conn, &follow, End::Decided { by: led.me, deed, reason }).await?;
    Ok(deed)
}

/// Nobody puts out whoever leads the group as well, but for the owner.
pub(super) async fn outrank(conn: &mut Conn, led: &Led, who: AccountId) -> Result<()> {
    let theirs = store::groups::role(conn, led.group.account_id, who).await?;
    match (theirs, led.membership.role) {
        _ if who == led.me => Err(Error::Forbidden("This is you: leave the group instead.")),
        (None, _) | (Some(GroupRole::Moderator), Some(GroupRole::Owner)) => Ok(()),
        (Some(_), _) => Err(Error::Forbidden("Only the owner decides about whoever leads the group.")),
    }
}

/// Makes a link that lets so many people in for some days; it is shown once and never again.
pub async fn invite(ctx: &Ctx, viewer: &Viewer, id: AccountId, uses: i32, days: i64) -> Result<String> {
    if !(1..=500).contains(&uses) || !(1..=90).contains(&days) {
        return Err(Error::invalid("uses", "An invitation is for 1 to 500 people and lasts 1 to 90 days."));
    }
    let secret = SecretToken::generate();
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    if store::groups::list_invitations(&mut tx, id, ctx.now()).await?.len() >= store::groups::MAX_INVITATIONS {
        return Err(Error::Conflict("There are as many links as a group can have. End one that is not needed.".into()));
    }
    let hash = token::hash(secret.as_str());
    store::groups::insert_invitation(&mut tx, id, led.me, &hash, uses, ctx.now() + TimeDelta::days(days)).await?;
    store::groups::log(&mut tx, id, Some(led.me), GroupDeed::Invite, None, "").await?;
    let account = store::accounts::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(format!("{}/join?code={}", account.url, secret.as_str()))
}

/// The links that still work.
pub async fn invitations(
    ctx: &Ctx,
    viewer: &Viewer,
    id: AccountId,
) -> Result<Vec<(GroupInvitationId, Author, i32, DateTime<Utc>)>> {
    let mut conn = ctx.pool.read().await?;
    require_led(ctx, &mut conn, viewer, id).await?;
    store::groups::list_invitations(&mut conn, id, ctx.now()).await
}

/// Ends a link.
pub async fn revoke_invitation(ctx: &Ctx, viewer: &Viewer, id: AccountId, link: GroupInvitationId) -> Result<()> {
    let mut tx = ctx.tx().await?;
    Led::lock(ctx, &mut tx, viewer, id).await?;
    if !store::groups::revoke_invitation(&mut tx, id, link).await? {
        return Err(Error::NotFound);
    }
    tx.commit().await
}

/// Who belongs to a group, for those who may read it; of an open one for those who are signed in.
pub async fn members(
    ctx: &Ctx,
    viewer: &Viewer,
    id: AccountId,
    page: &Page,
) -> Result<Paged<(i64, Author, Option<GroupRole>)>> {
    moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    require_reader(&mut conn, viewer, id).await?;
    store::groups::members(&mut conn, id, page).await
}

/// Who asks to join, for the moderators.
pub async fn requests(ctx: &Ctx, viewer: &Viewer, id: AccountId, page: &Page) -> Result<Paged<Request>> {
    let mut conn = ctx.pool.read().await?;
    require_led(ctx, &mut conn, viewer, id).await?;
    store::groups::list_requests(&mut conn, id, page).await
}

/// A line that was typed, within bounds; empty only where it may be.
pub(super) fn line<'a>(field: &'static str, typed: &'a str, optional: bool) -> Result<&'a str> {
    let typed = typed.trim();
    if typed.is_empty() && !optional {
        return Err(Error::invalid(field, "Say why in a sentence: the person and the members read it."));
    }
    if typed.chars().count() > policy::MAX_LINE * 5 {
        return Err(Error::invalid(field, format!("This may have {} characters.", policy::MAX_LINE * 5)));
    }
    Ok(typed)
}
