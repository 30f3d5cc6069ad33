//! What is posted in a group: where it goes, what is held back, and what moderators do with it.

use serde_json::json;

use super::{
    Led,
    orders::{About, announce, elsewhere},
    queue::{begins_to_wait, tell_waiting},
    remote::hand_on,
    require_led, require_may_post, require_reader,
    returned::take_down,
    standing,
};
use crate::{
    error::{Error, Result},
    model::{
        AccountId, Event, Group, GroupDeed, GroupKind, Held, Membership, NotificationKind, Order, OrderKind, Post,
        PostCard, PostId, Premoderation, Visibility,
    },
    policy::{Viewer, groups as policy},
    service::{
        Ctx, Page, Paged, cases, pins,
        timelines::{self, Timeline},
        urls,
    },
    store::{self, Conn},
};

/// Where a new post in a group goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) struct Place {
    /// The group.
    pub(in crate::service) group: AccountId,
    /// Who it is for.
    pub(in crate::service) visibility: Visibility,
    /// Why it is held back, where it is.
    pub(in crate::service) held: Held,
}

/// Where a post of the viewer's in a group goes, and whether they may post there at all.
pub(in crate::service) async fn place(
    ctx: &Ctx,
    conn: &mut Conn,
    viewer: &Viewer,
    who: AccountId,
    id: AccountId,
    topic: &str,
) -> Result<Place> {
    let group = store::groups::find(conn, id).await?.ok_or(Error::NotFound)?;
    let membership = standing(conn, viewer, id).await?;
    if !policy::may_know(viewer, &group, membership, false) {
        return Err(Error::NotFound);
    }
    require_may_post(ctx, conn, &group, (who, membership)).await?;
    if !topic.is_empty() && !group.topics.iter().any(|known| known == topic) {
        return Err(Error::invalid("topic", "Choose one of the group's topics."));
    }
    let first = is_first(conn, &group, who).await?;
    let visibility = if group.kind == GroupKind::Open { Visibility::Public } else { Visibility::Group };
    let held = or_sent(conn, id, held_for(&group, membership, first)).await?;
    Ok(Place { group: id, visibility, held })
}

/// What nobody here holds back is on its way where the group lives on another server: that server decides what is seen.
pub(in crate::service) async fn or_sent(conn: &mut Conn, group: AccountId, held: Held) -> Result<Held> {
    let is_ours = held != Held::No || store::accounts::get(conn, group).await?.is_local();
    Ok(if is_ours { held } else { Held::Sent })
}

/// Whether somebody has not posted in a group yet, looked up only where the group makes something of that.
pub(super) async fn is_first(conn: &mut Conn, group: &Group, who: AccountId) -> Result<bool> {
    Ok(group.premoderation == Premoderation::First && !store::groups::has_posted(conn, group.account_id, who).await?)
}

/// Why a new post is held back, where it is.
pub(super) fn held_for(group: &Group, membership: Membership, first: bool) -> Held {
    policy::holds_back(group, membership, first)
}

/// What follows from a new post of one of ours in a group: the moderators are told that it waits, or the members that it
/// is there.
pub(in crate::service) async fn posted(
    ctx: &Ctx,
    conn: &mut Conn,
    place: &Place,
    who: AccountId,
    post: PostId,
) -> Result<()> {
    if place.held.is_told() {
        tell(conn, place.group, who, &Event::Create { post, again: false }).await?;
        pass_on(ctx, conn, post).await
    } else {
        begins_to_wait(ctx, conn, place.group, who, Some(post)).await
    }
}

/// An open group of ours boosts what opens a discussion: so it comes to the home of its members, and to followers on servers
/// that know no groups.
pub(super) async fn pass_on(ctx: &Ctx, conn: &mut Conn, post: PostId) -> Result<()> {
    let post = store::posts::lock(conn, post).await?;
    let Some(id) = post.group_id.filter(|_| post.reply_to_uri.is_none() && post.visibility.is_open()) else {
        return Ok(());
    };
    let group = store::accounts::get(conn, id).await?;
    if !group.is_local() {
        return Ok(());
    }
    let base = urls::posts(ctx, &group.username);
    if let Some(boost) = store::reactions::boost(conn, id, &post, None, &base, ctx.now()).await? {
        store::timelines::fan_out(conn, vec![boost]).await?;
        store::outbox::insert(conn, id, &Event::Boost { boost }).await?;
    }
    Ok(())
}

/// Tells the servers of the members of a group what became of a post of one of ours. A group of ours speaks for itself; one
/// of another server is told by the author, and hands it on.
pub(in crate::service) async fn tell(
    conn: &mut Conn,
    group: AccountId,
    author: AccountId,
    event: &Event,
) -> Result<()> {
    let account = store::accounts::get(conn, group).await?;
    if account.is_local() {
        let known = store::groups::find(conn, group).await?.ok_or(Error::NotFound)?;
        // Nothing of it leaves this server.
        if known.kind == GroupKind::Local {
            return Ok(());
        }
        return store::outbox::insert_for_group(conn, group, group, event).await;
    }
    store::outbox::insert_for_group(conn, group, author, event).await
}

/// What a group talks about, for those who may read it.
pub async fn list(ctx: &Ctx, viewer: &Viewer, id: AccountId, topic: &str, page: &Page) -> Result<Paged<PostCard>> {
    let mut conn = ctx.pool.read().await?;
    require_reader(&mut conn, viewer, id).await?;
    store::groups::posts(&mut conn, viewer, id, topic, false, page).await
}

/// The cases of a group, for those who may read it.
pub async fn cases(ctx: &Ctx, viewer: &Viewer, id: AccountId, topic: &str, page: &Page) -> Result<Paged<PostCard>> {
    let mut conn = ctx.pool.read().await?;
    require_reader(&mut conn, viewer, id).await?;
    store::groups::posts(&mut conn, viewer, id, topic, true, page).await
}

/// What waits for a moderator.
pub async fn held(ctx: &Ctx, viewer: &Viewer, id: AccountId, page: &Page) -> Result<Paged<PostCard>> {
    let mut conn = ctx.pool.read().await?;
    require_led(ctx, &mut conn, viewer, id).await?;
    store::groups::held(&mut conn, viewer, id, page).await
}

/// What was found in posts that wait for a moderator, and stays: which post, what kind, how many. Never the words.
pub async fn found_in_held(
    ctx: &Ctx,
    viewer: &Viewer,
    id: AccountId,
    posts: Vec<PostId>,
) -> Result<Vec<(PostId, String, i32)>> {
    let mut conn = ctx.pool.read().await?;
    require_led(ctx, &mut conn, viewer, id).await?;
    if posts.is_empty() { Ok(Vec::new()) } else { store::cases::core::findings_of(&mut conn, posts).await }
}

/// A post in a group of ours, in the hands of a moderator.
async fn led(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, post: PostId) -> Result<(Led, Post)> {
    let group = store::posts::find(conn, post).await?.and_then(|post| post.group_id).ok_or(Error::NotFound)?;
    let led = Led::lock(ctx, conn, viewer, group).await?;
    let post = store::posts::lock(conn, post).await?;
    // What was sent back is its author's alone.
    if post.held == Held::Refused { Err(Error::NotFound) } else { Ok((led, post)) }
}

/// Lets a post be seen that was held: from now on it is what it would have been at once.
pub async fn release(ctx: &Ctx, viewer: &Viewer, post: PostId) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let (led, post) = led(ctx, &mut tx, viewer, post).await?;
    let_be_seen(ctx, &mut tx, &led, &post).await?;
    tx.commit().await
}

/// The same for somebody who leads the group, wherever they are; false where it is seen already.
pub(super) async fn let_be_seen(ctx: &Ctx, conn: &mut Conn, led: &Led, post: &Post) -> Result<bool> {
    if post.held == Held::No {
        return Ok(false);
    }
    if post.held == Held::Review && cases::is_own(ctx, conn, led.me, post).await? {
        return Err(Error::Forbidden("Your case waits for a second look, by somebody else."));
    }
    // Where nobody else leads the group, nobody else could look.
    if post.held == Held::Screening
        && cases::is_own(ctx, conn, led.me, post).await?
        && super::leading(ctx, conn, led.group.account_id).await?.len() > 1
    {
        return Err(Error::Forbidden(
            "Too much stays in it that could identify a patient: another moderator looks first.",
        ));
    }
    store::groups::release(conn, post.id).await?;
    store::cases::review::settle(conn, post.id, Held::No).await?;
    let group = led.group.account_id;
    store::groups::log(conn, group, Some(led.me), GroupDeed::Release, Some(post.author_id), "").await?;
    crate::service::posts::announce(conn, &[post.id]).await?;
    if post.reply_to_uri.is_some() {
        cases::replied(ctx, conn, vec![post.id]).await?;
    } else {
        cases::seen_now(conn, post.id).await?;
    }
    told_of(ctx, conn, group, post).await?;
    tell_waiting(ctx, conn, group).await?;
    if post.author_id != led.me {
        tell_author(ctx, conn, group, post, Some(post.id), Some((GroupDeed::Release, ""))).await?;
    }
    Ok(true)
}

/// Tells one of ours what was decided about their post in a group, or that it waits there (none); `about` is the post where they can
/// open it still. To whoever wrote without their name neither the post is named nor what was decided, as their list would tell who wrote
/// it. Whoever has left a group of which they may know no more is told nothing: false.
pub(in crate::service) async fn tell_author(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    post: &Post,
    about: Option<PostId>,
    decided: Option<(GroupDeed, &str)>,
) -> Result<bool> {
    let Some(author) = cases::author(ctx, conn, post).await? else { return Ok(false) };
    if store::groups::find(conn, group).await?.is_some_and(|group| policy::is_hidden(&group)) {
        let standing = store::groups::membership(conn, author, group).await?;
        if !standing.member && !standing.asked {
            return Ok(false);
        }
    }
    let about = about.filter(|_| post.label.is_empty());
    let (to, kind) = (vec![author], NotificationKind::Group);
    match decided.filter(|_| post.label.is_empty()) {
        Some(decided) => store::notifications::insert_decided(conn, to, kind, group, about, decided).await?,
        None => store::notifications::insert_anew(conn, to, kind, group, about).await?,
    }
    Ok(true)
}

/// Tells the members' servers of a post that was held: one of ours is told anew, one of another server is handed on by its
/// address, as what it came in is not kept.
async fn told_of(ctx: &Ctx, conn: &mut Conn, group: AccountId, post: &Post) -> Result<()> {
    if post.local {
        let post_id = post.id;
        tell(conn, group, post.author_id, &Event::Create { post: post_id, again: false }).await?;
        // Where it was seen before it was edited, it is new to nobody.
        if post.edited_at.is_some() {
            tell(conn, group, post.author_id, &Event::Update { post: post_id }).await?;
        }
    } else {
        let author = store::accounts::get(conn, post.author_id).await?;
        let account = store::accounts::get(conn, group).await?;
        let activity = json!({
            "id": format!("{}/activity", post.uri),
            "type": "Create",
            "actor": author.uri,
            "audience": account.uri,
            "to": [account.uri],
            "object": { "id": post.uri, "type": "Note", "attributedTo": author.uri, "audience": account.uri },
        });
        hand_on(conn, group, &activity.to_string(), Some(post.id)).await?;
    }
    pass_on(ctx, conn, post.id).await
}

/// The group of a post that is there.
async fn group_of(ctx: &Ctx, post: PostId) -> Result<AccountId> {
    let found = store::posts::find(&mut *ctx.pool.read().await?, post).await?;
    found.filter(|post| post.deleted_at.is_none()).and_then(|post| post.group_id).ok_or(Error::NotFound)
}

/// Why a post is removed, as it was typed, within bounds.
pub(super) fn why(typed: &str) -> Result<&str> {
    let typed = typed.trim();
    if typed.is_empty() || typed.chars().count() > policy::MAX_LINE * 5 {
        return Err(Error::invalid("reason", "Say why in a sentence: its author and the members read it."));
    }
    Ok(typed)
}

/// Removes a post of somebody's, with a reason that they and the members read. A case is taken back everywhere. What the group has
/// never seen goes back to its author, who alone reads the reason.
pub async fn remove_post(ctx: &Ctx, viewer: &Viewer, post: PostId, reason: &str) -> Result<()> {
    let reason = why(reason)?;
    let order = Order::new(OrderKind::RemovePost, "").because(reason);
    if elsewhere(ctx, viewer, group_of(ctx, post).await?, About::Post(post), order.clone()).await? {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    let (led, post) = led(ctx, &mut tx, viewer, post).await?;
    if take_down(ctx, &mut tx, &led, &post, reason).await? {
        // Of what was held its author's server alone knows, and it alone is told.
        announce(&mut tx, &led, Order { object: post.uri, ..order }).await?;
    }
    tx.commit().await
}

/// Posts are gone, and what went with the cases among them: where any of that waited, less waits now.
pub(in crate::service) async fn waits_no_more(ctx: &Ctx, conn: &mut Conn, gone: Vec<PostId>) -> Result<()> {
    for group in store::groups::waited_in(conn, gone).await? {
        tell_waiting(ctx, conn, group).await?;
    }
    Ok(())
}

/// Ends a discussion: nobody answers any more.
pub async fn lock(ctx: &Ctx, viewer: &Viewer, post: PostId) -> Result<()> {
    set_lock(ctx, viewer, post, OrderKind::Lock).await
}

/// Opens it again.
pub async fn unlock(ctx: &Ctx, viewer: &Viewer, post: PostId) -> Result<()> {
    set_lock(ctx, viewer, post, OrderKind::Unlock).await
}

async fn set_lock(ctx: &Ctx, viewer: &Viewer, post: PostId, kind: OrderKind) -> Result<()> {
    if elsewhere(ctx, viewer, group_of(ctx, post).await?, About::Post(post), Order::new(kind, "")).await? {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    let (led, post) = led(ctx, &mut tx, viewer, post).await?;
    if end_or_open(ctx, &mut tx, &led, &post, kind == OrderKind::Lock).await? && post.held == Held::No {
        announce(&mut tx, &led, Order::new(kind, &post.uri)).await?;
    }
    tx.commit().await
}

/// Ends a discussion or opens it again, for somebody who leads its group; false where it is so already.
pub(super) async fn end_or_open(ctx: &Ctx, conn: &mut Conn, led: &Led, post: &Post, locked: bool) -> Result<bool> {
    if post.locked_at.is_some() == locked {
        return Ok(false);
    }
    store::groups::set_lock(conn, post.id, locked.then(|| ctx.now())).await?;
    let deed = if locked { GroupDeed::Lock } else { GroupDeed::Unlock };
    store::groups::log(conn, led.group.account_id, Some(led.me), deed, Some(post.author_id), "").await?;
    Ok(true)
}

/// Puts a discussion on top of its group's page.
pub async fn pin(ctx: &Ctx, viewer: &Viewer, post: PostId) -> Result<()> {
    set_pin(ctx, viewer, post, OrderKind::Pin).await
}

/// Takes it off there.
pub async fn unpin(ctx: &Ctx, viewer: &Viewer, post: PostId) -> Result<()> {
    set_pin(ctx, viewer, post, OrderKind::Unpin).await
}

async fn set_pin(ctx: &Ctx, viewer: &Viewer, post: PostId, kind: OrderKind) -> Result<()> {
    if elsewhere(ctx, viewer, group_of(ctx, post).await?, About::Post(post), Order::new(kind, "")).await? {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    let (led, post) = led(ctx, &mut tx, viewer, post).await?;
    if put_on_top(&mut tx, &led, &post, kind == OrderKind::Pin).await? {
        announce(&mut tx, &led, Order::new(kind, &post.uri)).await?;
    }
    tx.commit().await
}

/// Puts a discussion on top or takes it off there, for somebody who leads its group; false where it is so already.
pub(super) async fn put_on_top(conn: &mut Conn, led: &Led, post: &Post, on_top: bool) -> Result<bool> {
    let group = led.group.account_id;
    let (changed, deed) = if on_top {
        if post.reply_to_uri.is_some() || post.held != Held::No {
            return Err(Error::Forbidden("Only what opens a discussion, and the group sees, stands on top."));
        }
        if store::taste::count_pins(conn, group).await? >= pins::MOST {
            return Err(Error::Forbidden("Five discussions stand on top already: take one off first."));
        }
        (store::taste::pin(conn, group, post.id).await?, GroupDeed::Pin)
    } else {
        (store::taste::unpin(conn, group, post.id).await?, GroupDeed::Unpin)
    };
    if changed {
        store::groups::log(conn, group, Some(led.me), deed, Some(post.author_id), "").await?;
    }
    Ok(changed)
}

/// What stands on top of a group's page, for those who may read it.
pub async fn pinned(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<Vec<PostCard>> {
    require_reader(&mut *ctx.pool.read().await?, viewer, id).await?;
    let top = timelines::page(ctx, viewer, &Timeline::Pinned(id), &Page::first(pins::MOST)).await?;
    Ok(top.items)
}

/// Whether a discussion goes on that a viewer may read: neither this post nor anything above it has been ended.
pub(in crate::service) async fn may_answer(conn: &mut Conn, post: &Post) -> Result<()> {
    if store::groups::is_locked(conn, post.id).await? {
        Err(Error::Forbidden("The moderators have ended this discussion."))
    } else {
        Ok(())
    }
}
