//! Groups across servers: what another server says of a group of its own, and what happens in groups on both sides.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Ctx,
    changes::is_known_elsewhere,
    orders::said,
    outside::titled,
    posts::{held_for, tell_author},
    refused, screen,
};
use crate::{
    error::{Error, Result},
    model::{
        Account, AccountId, AccountKind, Event, FollowState, Group, GroupDeed, GroupKind, GroupSaid, Held, HostId,
        Order, Post, PostId, Premoderation, Review, Visibility,
    },
    service::{cases, posts, remote::RemotePost, sources},
    store::{self, Conn},
    text::handle,
};

/// What another server says of a group of its own: we keep who it is for, how it is joined, what it asks of its members, its rules,
/// its topics, and whether it goes on. What it asks is shown here and looked at there; nothing here goes by the rest of how it works.
pub async fn learned(ctx: &Ctx, account: &Account, told: GroupSaid) -> Result<()> {
    if account.is_local() || account.kind != AccountKind::Group {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    // Who a group is for does not change: what was written for its members stays theirs.
    if let Some(known) = store::groups::find(&mut tx, account.id).await? {
        let group = said_now(told, known.clone());
        if group != known {
            store::groups::update(&mut tx, &group).await?;
        }
        return tx.commit().await;
    }
    let group = Group {
        account_id: account.id,
        kind: told.kind,
        admission: told.admission,
        premoderation: Premoderation::None,
        topics: Vec::new(),
        rules: String::new(),
        welcome: String::new(),
        level: 0,
        disciplines: Vec::new(),
        specialties: Vec::new(),
        issuers: Vec::new(),
        archived_at: None,
        created_at: ctx.now(),
        review: Review::Kept,
    };
    store::groups::insert(&mut tx, &said_now(told, group)).await?;
    tx.commit().await
}

/// A group of another server as it says now that it works. What it does not tell, as nobody here was a member, stays as it was told.
fn said_now(told: GroupSaid, known: Group) -> Group {
    let GroupSaid { admission, rules, level, disciplines, specialties, issuers, archived_at, .. } = told;
    Group {
        welcome: told.welcome.unwrap_or(known.welcome),
        topics: told.topics.unwrap_or(known.topics),
        admission,
        rules,
        level,
        disciplines,
        specialties,
        issuers,
        archived_at,
        ..known
    }
}

/// A group by its ActivityPub id, where we know it.
pub async fn by_uri(ctx: &Ctx, uri: &str) -> Result<Option<(Account, Group)>> {
    let mut conn = ctx.pool.read().await?;
    let Some(account) = store::accounts::find_by_uri(&mut conn, uri).await? else { return Ok(None) };
    Ok(store::groups::find(&mut conn, account.id).await?.map(|group| (account, group)))
}

/// A group by its account's id.
pub async fn by_id(ctx: &Ctx, id: AccountId) -> Result<Option<(Account, Group)>> {
    let mut conn = ctx.pool.read().await?;
    let account = store::accounts::get(&mut conn, id).await?;
    Ok(store::groups::find(&mut conn, id).await?.map(|group| (account, group)))
}

/// The group that a post is in.
pub async fn of_post(ctx: &Ctx, post: &Post) -> Result<Option<(Account, Group)>> {
    match post.group_id {
        Some(id) => by_id(ctx, id).await,
        None => Ok(None),
    }
}

/// The group that the post with an ActivityPub id is in, where we have it.
pub async fn of_post_at(ctx: &Ctx, uri: &str) -> Result<Option<(Account, Group)>> {
    match posts::by_uri(ctx, uri).await? {
        Some(post) => of_post(ctx, &post).await,
        None => Ok(None),
    }
}

/// Who leads a group, as ActivityPub ids, the owner first.
pub async fn moderators(ctx: &Ctx, group: AccountId) -> Result<Vec<String>> {
    let leaders = super::leading(ctx, &mut *ctx.pool.read().await?, group).await?;
    Ok(leaders.into_iter().map(|(leader, _)| leader.uri).collect())
}

/// Who leads a group of another server, as that server says.
pub async fn led_by(ctx: &Ctx, group: &Account, uris: Vec<String>) -> Result<()> {
    let mut tx = ctx.tx().await?;
    if group.is_local() || store::groups::find(&mut tx, group.id).await?.is_none() {
        return tx.roll_back().await;
    }
    store::groups::put_moderators(&mut tx, group.id, uris).await?;
    tx.commit().await
}

/// A post that a member of another server sends to a group of ours: it is kept, held back where the group says so, where it may
/// name a patient, or where every case gets a second look, and handed on to the servers of the others, as it came (`activity`).
/// What is not taken is answered, and not kept.
pub(in crate::service) async fn posted_by_remote(
    ctx: &Ctx,
    conn: &mut Conn,
    who: &Account,
    mut post: RemotePost,
    activity: &str,
    looked: &screen::Looked,
) -> Result<()> {
    let Some(id) = post.group else { return Ok(()) };
    let group = store::groups::find(conn, id).await?.ok_or(Error::NotFound)?;
    let membership = store::groups::membership(conn, who.id, id).await?;
    if !membership.member && is_barred(conn, who.id, id).await? {
        tracing::info!(group = %id, account = %who.id, "a post came from a server that its group does not admit");
        return Ok(());
    }
    match refused::may_take(ctx, conn, &group, (who.id, membership), &post).await {
        Ok(()) => {}
        Err(why @ (Error::Forbidden(_) | Error::Invalid(_))) => {
            return refused::turn_back(conn, &group, (who, membership), &post, activity, why).await;
        }
        Err(error) => return Err(error),
    }
    let first = super::posts::is_first(conn, &group, who.id).await?;
    let found = screen::of_new(ctx, &group, &post, looked).await?;
    let is_case = post.case.is_some() && post.reply_to.is_none();
    post.held = match screen::looked_at_for(&group, !found.is_empty(), is_case) {
        Held::No => held_for(&group, membership, first),
        why => why,
    };
    if !group.topics.contains(&post.topic) {
        post.topic.clear();
    }
    // Whatever it says of itself, in a group that is not open it is for the members alone.
    post.visibility = match (group.kind, post.visibility) {
        (GroupKind::Open, Visibility::Unlisted) => Visibility::Unlisted,
        (GroupKind::Open, _) => Visibility::Public,
        _ => Visibility::Group,
    };
    store::groups::forget_returned(conn, &post.uri, who.id).await?;
    let Some(stored) = put(ctx, conn, &group, &post).await? else { return Ok(()) };
    screen::log(conn, stored, &found).await?;
    if post.held == Held::No {
        hand_on(conn, id, activity, Some(stored)).await?;
        super::posts::pass_on(ctx, conn, stored).await
    } else {
        store::outbox::insert(conn, id, &Event::Held { post: stored }).await?;
        super::queue::begins_to_wait(ctx, conn, id, who.id, Some(stored)).await
    }
}

/// Whether somebody's membership is without effect: their own server does not know that.
pub(super) async fn is_barred(conn: &mut Conn, who: AccountId, group: AccountId) -> Result<bool> {
    let follow = store::follows::lock(conn, who, group).await?;
    Ok(follow.is_some_and(|follow| follow.state == FollowState::Barred))
}

/// A group of another server shows a post of one of ours: from now on its members here see it as well. Who was told that it
/// waits, or was not taken, is told of this, too. `as_of` is when the words were written that it shows, where that is known: newer ones
/// it may not have looked at, and if it does not take them these are what it goes on showing.
pub(in crate::service) async fn shown_by_group(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    post: &Post,
    as_of: Option<DateTime<Utc>>,
) -> Result<()> {
    let told = told_to(conn, group, post).await?;
    let waits = |post: &Post| post.held.is_with_group() || post.held == Held::Refused;
    let Some(post) = told.filter(waits) else { return Ok(()) };
    if let Some(shown) = as_of.filter(|_| is_newer(&post, as_of)) {
        return store::posts::shown::note(conn, post.id, shown).await;
    }
    store::groups::release(conn, post.id).await?;
    posts::announce(conn, &[post.id]).await?;
    if post.edited_at.is_some() {
        store::notifications::insert_for_edit(conn, post.id).await?;
    }
    if post.reply_to_uri.is_some() {
        cases::replied(ctx, conn, vec![post.id]).await?;
    }
    if matches!(post.held, Held::Waits | Held::Refused) {
        tell_author(ctx, conn, group, &post, Some(post.id), Some((GroupDeed::Release, ""))).await?;
    }
    Ok(())
}

/// Whether a post says something newer than what was written then. Between servers times have no more than milliseconds.
fn is_newer(post: &Post, as_of: Option<DateTime<Utc>>) -> bool {
    post.edited_at.zip(as_of).is_some_and(|(edited_at, shown)| edited_at - shown >= TimeDelta::milliseconds(1))
}

/// A group of another server says that a post of one of ours waits for its moderators: a new one, or new words of one that was
/// seen before.
pub(in crate::service) async fn held_by_group(ctx: &Ctx, conn: &mut Conn, group: AccountId, post: &Post) -> Result<()> {
    let told = told_to(conn, group, post).await?;
    let Some(post) = told.filter(|post| matches!(post.held, Held::No | Held::Sent)) else { return Ok(()) };
    store::groups::hold(conn, post.id, Held::Waits).await?;
    tell_author(ctx, conn, group, &post, Some(post.id), None).await.map(drop)
}

/// A post of one of ours that was told to its group on another server, locked; none where it is no such post.
pub(super) async fn told_to(conn: &mut Conn, group: AccountId, post: &Post) -> Result<Option<Post>> {
    if !post.local || post.group_id != Some(group) || post.deleted_at.is_some() {
        return Ok(None);
    }
    match store::posts::lock(conn, post.id).await {
        Ok(post) => Ok(Some(post).filter(|post| post.held.is_told() || post.held == Held::Refused)),
        // Its author has deleted it meanwhile.
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Stores a post in a group, with its case; none where it is there already. One in an open group may have come on another way
/// before, as a post like any other.
async fn put(ctx: &Ctx, conn: &mut Conn, group: &Group, post: &RemotePost) -> Result<Option<PostId>> {
    let new = store::incoming::insert(conn, std::slice::from_ref(post)).await?;
    let stored = match new.first() {
        Some(id) => Some(*id),
        None if group.kind == GroupKind::Open => store::groups::adopt(conn, post).await?,
        None => None,
    };
    if let Some(id) = stored {
        cases::remote::arrived(conn, id, post).await?;
        sources::told(ctx, conn, id, group.account_id, post).await?;
        if post.reply_to.is_some() && !post.late {
            cases::replied(ctx, conn, vec![id]).await?;
        }
    }
    Ok(stored)
}

/// Hands an activity on to the servers of a group's members, as it came (FEP-1b12); `post` is the post that it tells, where it
/// tells one.
pub(super) async fn hand_on(conn: &mut Conn, group: AccountId, activity: &str, post: Option<PostId>) -> Result<()> {
    let event = Event::HandOn { activity: activity.to_owned(), post };
    store::outbox::insert_for_group(conn, group, group, &event).await
}

/// What a group of another server has handed on, written by somebody there or elsewhere: kept where it is for members of
/// ours. Posts come from their own server, so that nobody says anything in another's name.
pub async fn handed_on(ctx: &Ctx, group: &Account, post: RemotePost) -> Result<()> {
    let mut tx = ctx.tx().await?;
    take_in(ctx, &mut tx, group.id, post).await?;
    tx.commit().await
}

/// A post of which a group of another server says that it is in it; none where it is there already, or is for nobody here.
pub(super) async fn take_in(ctx: &Ctx, conn: &mut Conn, group: AccountId, post: RemotePost) -> Result<Option<PostId>> {
    let known = store::groups::find(conn, group).await?.ok_or(Error::NotFound)?;
    let visibility = if known.kind == GroupKind::Open { post.visibility } else { Visibility::Group };
    let post = titled(RemotePost { group: Some(group), visibility, ..post });
    put(ctx, conn, &known, &post).await
}

/// A group has removed a post: it is gone here as well, and the log says why, but where its author did (`by`). Where one of ours
/// wrote it, they are told.
pub(super) async fn removed_by_group(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    by: Option<AccountId>,
    order: &Order,
) -> Result<()> {
    let found = store::posts::find_by_uri(conn, &order.object).await?;
    let Some(post) = found.filter(|post| post.group_id == Some(group)) else { return Ok(()) };
    if post.deleted_at.is_some() {
        return store::posts::bury_below(conn, post.id, ctx.now()).await;
    }
    // What the group never showed is its author's own, and has come back to them.
    if post.local && post.held == Held::Refused && store::posts::shown::last(conn, post.id).await?.is_none() {
        return Ok(());
    }
    // Moderators always say why; where nobody does, the author of a case without a name may have.
    let reason = said(&order.reason);
    let is_removal = by.map_or(!reason.is_empty(), |by| by != post.author_id);
    let removal = is_removal.then_some((group, reason.as_str()));
    let is_case = cases::taken_back(ctx, conn, &post, by.unwrap_or(group), removal).await?;
    if by == Some(post.author_id) {
        return Ok(());
    }
    if !reason.is_empty() {
        store::groups::log(conn, group, by, GroupDeed::RemovePost, Some(post.author_id), &reason).await?;
    }
    if post.local && !is_case {
        tell_author(ctx, conn, group, &post, None, Some((GroupDeed::RemovePost, reason.as_str()))).await?;
    }
    Ok(())
}

/// What a member of another server did to a post of theirs in a group of ours is handed on as well: other words (`tells`) once
/// the group sees them, and its end to whoever has got it.
pub(in crate::service) async fn changed_by_remote(
    conn: &mut Conn,
    who: AccountId,
    uri: &str,
    activity: &str,
    tells: bool,
) -> Result<()> {
    let found = store::posts::find_by_uri(conn, uri).await?;
    let Some(post) = found.filter(|post| post.author_id == who) else { return Ok(()) };
    let Some(group) = post.group_id else { return Ok(()) };
    if !store::accounts::get(conn, group).await?.is_local() {
        return Ok(());
    }
    let is_told = if tells { post.held == Held::No } else { is_known_elsewhere(conn, &post).await? };
    if is_told { hand_on(conn, group, activity, Some(post.id).filter(|_| tells)).await } else { Ok(()) }
}

/// Groups of other servers to which one of ours belongs, or asks to: they go by what is verified of their members.
pub async fn joined_elsewhere(ctx: &Ctx, who: AccountId) -> Result<Vec<AccountId>> {
    store::groups::joined_elsewhere(&mut *ctx.pool.read().await?, who).await
}

/// Whether anybody of a server belongs to a group.
pub async fn has_host(ctx: &Ctx, group: AccountId, host: HostId) -> Result<bool> {
    store::groups::any_of_host(&mut *ctx.pool.read().await?, group, host).await
}

/// Whether the server of whoever is asked about has members in a group of ours: all of it is trusted with what its members
/// read, as it is in Lemmy's private communities.
pub async fn is_member(ctx: &Ctx, group: AccountId, asked: &str) -> Result<bool> {
    let Some(host) = url::Url::parse(asked).ok().and_then(|url| handle::host_of(&url)) else { return Ok(false) };
    let mut conn = ctx.pool.read().await?;
    match store::hosts::find(&mut conn, &host).await? {
        Some(host) => store::groups::any_of_host(&mut conn, group, host.id).await,
        None => Ok(false),
    }
}
