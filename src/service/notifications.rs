//! What happened to one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Ctx, Page, Paged, streams};
pub use crate::store::notifications::{Rules, Wanted};
use crate::{
    error::{Error, Result},
    model::{AccountId, GroupDeed, Notification, NotificationId, NotificationKind, PostCard, PostId},
    policy::{Viewer, moderation},
    store,
};

/// A notification with the post that it is about.
#[derive(Debug, Clone)]
pub struct NotificationView {
    /// What happened.
    pub notification: Notification,
    /// The post, where there is one.
    pub post: Option<PostCard>,
}

/// Kinds that are put together where they are about the same post, or are follows, within half a day.
pub const GROUPABLE: [NotificationKind; 3] =
    [NotificationKind::Like, NotificationKind::Boost, NotificationKind::Follow];

impl NotificationView {
    /// What it has in common with others of its group.
    pub fn group_key(&self) -> String {
        let n = &self.notification;
        if GROUPABLE.contains(&n.kind) {
            let post = n.post_id.map_or(0, |p| p.0);
            format!("{}-{post}-{}", n.kind, n.created_at.timestamp().div_euclid(43_200))
        } else {
            format!("ungrouped-{}", n.id)
        }
    }
}

/// What a group has decided about somebody, in words that follow its name; none where that is about a post of theirs that is there, or
/// is not said.
pub fn decided(deed: GroupDeed) -> Option<&'static str> {
    Some(match deed {
        GroupDeed::Admit => "has let you in",
        GroupDeed::Refuse => "has not let you in",
        GroupDeed::RemoveMember => "has removed you from its members",
        GroupDeed::Ban => "has banned you",
        GroupDeed::Unban => "has ended your ban",
        GroupDeed::Lapse => "has ended your membership, as what it asks is no longer proven of you",
        GroupDeed::Appoint => "has made you a moderator",
        GroupDeed::Dismiss => "has made you a plain member again",
        GroupDeed::Transfer => "has made you its owner",
        GroupDeed::RemovePost => "has removed a post of yours",
        _ => return None,
    })
}

/// Notifications put together.
#[derive(Debug, Clone)]
pub struct Group {
    /// What they have in common.
    pub key: String,
    /// What happened.
    pub kind: NotificationKind,
    /// How many.
    pub count: i64,
    /// The newest.
    pub newest: NotificationId,
    /// The oldest.
    pub oldest: NotificationId,
    /// When the newest came.
    pub at: DateTime<Utc>,
    /// The newest people, at most eight.
    pub people: Vec<AccountId>,
    /// The post that they are about, where it is still there.
    pub post: Option<PostCard>,
    /// Its id, also where it is a case that was withdrawn.
    pub about: Option<PostId>,
    /// What was decided in a group, where that is what happened.
    pub deed: Option<GroupDeed>,
    /// Why; empty where nobody said.
    pub reason: String,
}

/// Somebody whose notifications wait apart.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who.
    pub from: AccountId,
    /// How many.
    pub count: i64,
    /// The first.
    pub first_at: DateTime<Utc>,
    /// The last.
    pub last_at: DateTime<Utc>,
    /// The newest post, where the viewer may see it.
    pub post: Option<PostCard>,
    /// The newest notification: what lists go by.
    pub newest: i64,
}

/// Everything that is not kept apart.
pub fn everything() -> Wanted {
    Wanted { kinds: NotificationKind::ALL.to_vec(), from: None, filtered: false }
}

async fn cards(ctx: &Ctx, viewer: &Viewer, ids: Vec<PostId>) -> Result<HashMap<PostId, PostCard>> {
    let mut conn = ctx.pool.read().await?;
    let found = store::notifications::posts(&mut conn, viewer, ids).await?;
    Ok(found.into_iter().map(|c| (c.post.id, c)).collect())
}

/// A page, newest first: two queries whatever its length.
pub async fn page(ctx: &Ctx, viewer: &Viewer, wanted: &Wanted, page: &Page) -> Result<Paged<NotificationView>> {
    let me = moderation::require_account(viewer)?;
    let listed = store::notifications::list(&mut *ctx.pool.read().await?, viewer, me, wanted, page).await?;
    let posts = cards(ctx, viewer, listed.items.iter().filter_map(|n| n.post_id).collect()).await?;
    Ok(listed.map(|notification| {
        let post = notification.post_id.and_then(|id| posts.get(&id)).cloned();
        NotificationView { notification, post }
    }))
}

/// A page of groups, newest first: two queries whatever its length. The key is the newest notification's id.
pub async fn groups(
    ctx: &Ctx,
    viewer: &Viewer,
    wanted: &Wanted,
    grouped: Vec<NotificationKind>,
    page: &Page,
) -> Result<Paged<Group>> {
    let me = moderation::require_account(viewer)?;
    let listed = store::notifications::groups(&mut *ctx.pool.read().await?, viewer, me, wanted, grouped, page).await?;
    let posts = cards(ctx, viewer, listed.items.iter().filter_map(|g| g.post).collect()).await?;
    Ok(listed.map(|row| Group {
        key: row.key,
        kind: row.kind,
        count: row.count,
        newest: row.newest,
        oldest: row.oldest,
        at: row.at,
        people: row.people,
        post: row.post.and_then(|id| posts.get(&id)).cloned(),
        about: row.post,
        deed: row.deed,
        reason: row.reason,
    }))
}

/// One group of one's own.
pub async fn group(ctx: &Ctx, viewer: &Viewer, key: &str) -> Result<Group> {
    let me = moderation::require_account(viewer)?;
    let members = of_group(ctx, me, key).await?;
    let newest = members.first().ok_or(Error::NotFound)?.0;
    let around = Page::newest(newest.0.checked_add(1), newest.0.checked_sub(1), 1);
    let found = groups(ctx, viewer, &everything(), GROUPABLE.to_vec(), &around).await?;
    found.items.into_iter().find(|g| g.key == key).ok_or(Error::NotFound)
}

async fn of_group(ctx: &Ctx, me: AccountId, key: &str) -> Result<Vec<(NotificationId, AccountId)>> {
    store::notifications::of_group(&mut *ctx.pool.read().await?, me, key, GROUPABLE.to_vec()).await
}

/// Who is in a group, newest first.
pub async fn people_of_group(ctx: &Ctx, viewer: &Viewer, key: &str) -> Result<Vec<AccountId>> {
    let me = moderation::require_account(viewer)?;
    let mut people: Vec<AccountId> = of_group(ctx, me, key).await?.into_iter().map(|m| m.1).collect();
    let mut seen = std::collections::HashSet::new();
    people.retain(|who| seen.insert(*who));
    people.truncate(80);
    if people.is_empty() { Err(Error::NotFound) } else { Ok(people) }
}

/// Takes a group away.
pub async fn dismiss_group(ctx: &Ctx, viewer: &Viewer, key: &str) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let ids: Vec<NotificationId> = of_group(ctx, me, key).await?.into_iter().map(|m| m.0).collect();
    if store::notifications::dismiss_all(&mut *ctx.pool.get().await?, me, ids).await? > 0 {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

/// The newest one that was marked as seen: whatever is newer is new.
pub async fn seen_up_to(ctx: &Ctx, viewer: &Viewer) -> Result<NotificationId> {
    let me = moderation::require_account(viewer)?;
    let user = store::users::get(&mut *ctx.pool.read().await?, me).await?;
    Ok(NotificationId(user.notifications_read_id))
}

/// How many are not seen yet, those of kinds to be put `together` once a group; at most `most` are counted.
pub async fn count_unread(
    ctx: &Ctx,
    viewer: &Viewer,
    wanted: &Wanted,
    together: &[NotificationKind],
    most: i64,
) -> Result<i64> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let read = store::users::get(&mut conn, me).await?.notifications_read_id;
    store::notifications::count_newer(&mut conn, viewer, me, wanted, together, (read, most)).await
}

/// Whose notifications are let through: for people whom one does not follow, who do not follow one, new ones, direct
/// mentions by strangers, people of limited servers; each `accept`, `filter` or `drop`.
pub async fn rules(ctx: &Ctx, viewer: &Viewer) -> Result<(Rules, (i64, i64))> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let accept = || "accept".to_owned();
    let rules = store::notifications::rules(&mut conn, me).await?;
    let rules = rules.unwrap_or_else(|| (accept(), accept(), accept(), accept(), accept()));
    Ok((rules, store::notifications::count_filtered(&mut conn, me).await?))
}

/// Changes them.
pub async fn set_rules(ctx: &Ctx, viewer: &Viewer, rules: &Rules) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    for rule in [&rules.0, &rules.1, &rules.2, &rules.3, &rules.4] {
        if !matches!(rule.as_str(), "accept" | "filter" | "drop") {
            return Err(Error::invalid("policy", "A rule is accept, filter or drop."));
        }
    }
    store::notifications::set_rules(&mut *ctx.pool.get().await?, me, rules).await
}

/// People whose notifications wait apart; only this one, where one is named.
pub async fn requests(ctx: &Ctx, viewer: &Viewer, from: Option<AccountId>, page: &Page) -> Result<Paged<Request>> {
    let me = moderation::require_account(viewer)?;
    let listed = store::notifications::requests(&mut *ctx.pool.get().await?, me, from, page).await?;
    let posts = cards(ctx, viewer, listed.items.iter().filter_map(|r| r.4).collect()).await?;
    Ok(listed.map(|(from, count, first_at, last_at, post, newest)| Request {
        from,
        count,
        first_at,
        last_at,
        post: post.and_then(|id| posts.get(&id)).cloned(),
        newest,
    }))
}

/// Lets through what these people have done and will do, or throws away what waits.
pub async fn decide_requests(ctx: &Ctx, viewer: &Viewer, from: Vec<AccountId>, accept: bool) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    if !accept {
        return store::notifications::throw_away(&mut *ctx.pool.get().await?, me, from).await;
    }
    let mut tx = ctx.tx().await?;
    store::notifications::let_through(&mut tx, me, from).await?;
    streams::merged(&mut tx, me).await?;
    tx.commit().await
}

/// Marks everything up to this one as seen.
pub async fn mark_read(ctx: &Ctx, viewer: &Viewer, newest: i64) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    store::users::set_notifications_read(&mut *ctx.pool.get().await?, me, newest).await
}

/// One of one's own.
pub async fn read(ctx: &Ctx, viewer: &Viewer, id: NotificationId) -> Result<NotificationView> {
    let around = Page::newest(id.0.checked_add(1), id.0.checked_sub(1), 1);
    page(ctx, viewer, &Wanted { filtered: true, ..everything() }, &around).await?.items.pop().ok_or(Error::NotFound)
}

/// Takes one of one's own away.
pub async fn dismiss(ctx: &Ctx, viewer: &Viewer, id: NotificationId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let gone = store::notifications::dismiss(&mut *ctx.pool.get().await?, me, Some(id)).await?;
    if gone > 0 { Ok(()) } else { Err(Error::NotFound) }
}

/// Takes all of them away.
pub async fn clear(ctx: &Ctx, viewer: &Viewer) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    store::notifications::dismiss(&mut *ctx.pool.get().await?, me, None).await.map(|_| ())
}
