//! What waits for those who lead a group, across servers: told to those of other servers who lead one of ours, and decided there by
//! those of ours who lead one of theirs.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    leading, leading_elsewhere, leads,
    membership::tell_leaders,
    orders::{About, elsewhere},
    posts::why,
    require_led,
};
use crate::{
    error::{Error, Result},
    model::{
        Account, AccountId, Event, Held, Kept, NotificationKind, Order, OrderKind, PostCard, PostId, discreet::discreet,
    },
    policy::{Viewer, moderation},
    service::{Ctx, Page, cases},
    store::{self, Conn},
};

/// How long the server of a group is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);
/// How far ahead the clock of a group's server may be.
const AHEAD: TimeDelta = TimeDelta::minutes(10);
/// Most posts that are told at once.
const TOLD: i64 = 20;

/// A post that waits in a group, as the group's server tells it to those who lead the group. Elsewhere nothing of it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct WaitingPost {
    /// Its ActivityPub id.
    pub uri: String,
    /// Who is shown as its author.
    pub by: String,
    /// `ada@other.example`.
    pub handle: String,
    /// Whom it answers; empty for what opens a discussion.
    pub answers: String,
    /// Title.
    pub title: String,
    /// Content warning.
    pub warning: String,
    /// Safe HTML.
    pub html: String,
    /// What its pictures are described as.
    pub pictures: Vec<String>,
    /// Choices of its poll.
    pub options: Vec<String>,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// Why it waits.
    pub held: Held,
    /// What was found in it, and stays: kinds and numbers.
    pub found: Vec<(String, i32)>,
    /// Why some of that stays, as its author says: kinds and reasons.
    pub kept: Vec<(String, String)>,
}

discreet!(WaitingPost { uri });

impl WaitingPost {
    fn of(card: PostCard, found: &[(PostId, String, i32)], kept: &[(PostId, Vec<Kept>)], own_host: &str) -> Self {
        let (author, post) = (&card.author, &card.post);
        let named = if author.name.is_empty() { &author.username } else { &author.name };
        let theirs = found.iter().filter(|(of, ..)| *of == post.id);
        let reasons = kept.iter().filter(|(of, _)| *of == post.id).flat_map(|(_, kept)| kept);
        let poll = card.poll.as_ref().map(|poll| poll.0.options.iter());
        let whom = card.replies_to.as_ref();
        let answered = whom.map(|whom| if whom.name.is_empty() { &whom.handle } else { &whom.name });
        Self {
            by: card.byline().unwrap_or_else(|| named.clone()),
            handle: format!("{}@{}", author.username, author.host.as_deref().unwrap_or(own_host)),
            answers: answered.cloned().unwrap_or_default(),
            pictures: card.media.0.iter().map(|picture| picture.description.clone()).collect(),
            options: poll.into_iter().flatten().map(|option| option.title.clone()).collect(),
            found: theirs.map(|(_, kind, count)| (kind.clone(), *count)).collect(),
            kept: reasons.map(|one| (one.kind.clone(), one.reason.clone())).collect(),
            uri: post.uri.clone(),
            title: post.title.clone(),
            warning: post.warning.clone(),
            html: post.html.clone(),
            published_at: post.published_at,
            held: post.held,
        }
    }
}

/// What waits in a group of ours, the newest first, for somebody of another server who leads it; and whether there is more.
pub async fn waiting_for(ctx: &Ctx, viewer: &Viewer, group: AccountId) -> Result<(Vec<WaitingPost>, bool)> {
    let Viewer::Remote { account: Some(who), .. } = viewer else { return Err(Error::NotFound) };
    let mut conn = ctx.pool.read().await?;
    if !leads(ctx, &mut conn, group, *who).await? {
        return Err(Error::NotFound);
    }
    let held = store::groups::held(&mut conn, viewer, group, &Page::first(TOLD)).await?;
    let ids: Vec<PostId> = held.items.iter().map(|card| card.post.id).collect();
    let kept = cases::kept_in(ctx, &mut conn, group, ids.clone()).await?;
    let found = if ids.is_empty() { Vec::new() } else { store::cases::core::findings_of(&mut conn, ids).await? };
    let (more, host) = (held.older.is_some(), ctx.config.instance.host());
    Ok((held.items.into_iter().map(|card| WaitingPost::of(card, &found, &kept, &host)).collect(), more))
}

/// Why what was found stays in cases that wait for a second look in a group of ours, as their authors say, for those who lead it here.
pub async fn kept_in_held(
    ctx: &Ctx,
    viewer: &Viewer,
    group: AccountId,
    posts: Vec<PostId>,
) -> Result<Vec<(PostId, Vec<Kept>)>> {
    let mut conn = ctx.pool.read().await?;
    require_led(ctx, &mut conn, viewer, group).await?;
    cases::kept_in(ctx, &mut conn, group, posts).await
}

/// Something of somebody's (`from`) waits in a group from now on: those who lead it are told, here and at other servers.
pub(super) async fn begins_to_wait(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    from: AccountId,
    post: Option<PostId>,
) -> Result<()> {
    tell_leaders(ctx, conn, group, from, post).await?;
    tell_waiting(ctx, conn, group).await
}

/// How much waits in a group has changed: where it is one of ours, those who lead it from other servers are told the numbers, and
/// nothing of what waits.
pub(in crate::service) async fn tell_waiting(ctx: &Ctx, conn: &mut Conn, group: AccountId) -> Result<()> {
    let is_ours = store::accounts::get(conn, group).await?.is_local();
    if !is_ours || leading_elsewhere(ctx, conn, group).await?.is_empty() {
        return Ok(());
    }
    store::outbox::insert_for_group(conn, group, group, &Event::Waiting).await
}

/// How much waits in a group of ours: requests to join, and posts.
pub async fn how_much_waits(ctx: &Ctx, group: AccountId) -> Result<(i64, i64)> {
    store::groups::waiting_here(&mut *ctx.pool.get().await?, group).await
}

/// A group of another server says how much waits there for those who lead it (requests, and posts), and when it has counted that:
/// those of ours who do are told where it is more than before. What was counted before the last that we know is passed over.
pub(in crate::service) async fn waiting_told(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    told: (i64, i64),
    counted_at: Option<DateTime<Utc>>,
) -> Result<()> {
    if store::groups::find(conn, group).await?.is_none() {
        return Ok(());
    }
    // A clock that is far ahead keeps nothing newer away for long.
    let now = ctx.now();
    let counted_at = counted_at.unwrap_or(now).min(now + AHEAD);
    let Some(before) = store::groups::put_waiting(conn, group, told, counted_at).await? else { return Ok(()) };
    if told.0 <= before.0 && told.1 <= before.1 {
        return Ok(());
    }
    let leaders = leading(ctx, conn, group).await?.into_iter().map(|(leader, _)| leader.id).collect();
    store::notifications::insert_anew(conn, leaders, NotificationKind::GroupDesk, group, None).await
}

/// What waits in a group of another server, as that server tells one of ours who leads it; none where it does not say so.
pub async fn waiting_there(ctx: &Ctx, viewer: &Viewer, group: &Account) -> Result<Option<(Vec<WaitingPost>, bool)>> {
    require_led(ctx, &mut *ctx.pool.read().await?, viewer, group.id).await?;
    let asked = ctx.remote()?.waiting(group, moderation::require_account(viewer)?);
    in_time(group, asked).await
}

/// What the server of a group answers, where it does within the time that a reader waits.
pub(super) async fn in_time<T>(group: &Account, asked: impl Future<Output = Result<T>>) -> Result<T> {
    let host = || group.host.clone().unwrap_or_default();
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(Error::remote(host(), "it took too long")))
}

/// Has the server of a group let a post be seen that waits there.
pub async fn release_there(ctx: &Ctx, viewer: &Viewer, group: AccountId, post: &str) -> Result<()> {
    decide(ctx, viewer, group, post, Order::new(OrderKind::Release, "")).await
}

/// Has it sent back to its author, with the reason; where the group has seen it before it is removed, and the members read why as well.
pub async fn remove_there(ctx: &Ctx, viewer: &Viewer, group: AccountId, post: &str, reason: &str) -> Result<()> {
    decide(ctx, viewer, group, post, Order::new(OrderKind::RemovePost, "").because(why(reason)?)).await
}

async fn decide(ctx: &Ctx, viewer: &Viewer, group: AccountId, post: &str, order: Order) -> Result<()> {
    if elsewhere(ctx, viewer, group, About::Waiting(post), order).await? { Ok(()) } else { Err(Error::NotFound) }
}
