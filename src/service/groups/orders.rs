//! Leading groups across servers. A moderator of another server orders, and the group obeys by the same rules as here; what a
//! group of another server says of itself holds here as well.

use url::Url;

use super::{
    Led, bans, by_id, by_uri,
    end::{End, end},
    lead, membership, posts, reports, returned,
};
use crate::{
    error::{Error, Result},
    model::{
        Account, AccountId, Event, Group, GroupDeed, GroupReportId, GroupRole, Held, Order, OrderKind, Post, PostId,
    },
    policy::{Viewer, groups as policy, moderation},
    service::{Ctx, hosts},
    store::{self, Conn},
    text::sanitize,
};

/// Longest ActivityPub id of a post that is ordered about and not known here, in bytes.
const MAX_URI: usize = 2_048;

/// What an order of one of ours is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About<'a> {
    /// Somebody.
    Person(AccountId),
    /// A post in the group.
    Post(PostId),
    /// A post that waits there, and is not known here: its ActivityPub id.
    Waiting(&'a str),
    /// A report.
    Report(GroupReportId),
}

/// Where a group lives elsewhere, its server is asked to do it; true where that was done. Here it shows once it has been done
/// there.
pub(super) async fn elsewhere(
    ctx: &Ctx,
    viewer: &Viewer,
    group: AccountId,
    about: About<'_>,
    order: Order,
) -> Result<bool> {
    let me = moderation::require_account(viewer)?;
    let account = store::accounts::get(&mut *ctx.pool.read().await?, group).await?;
    let Some(host) = account.host.as_deref() else { return Ok(false) };
    hosts::require_speaking(ctx, host).await?;
    let mut tx = ctx.tx().await?;
    policy::require_moderator(store::groups::membership(&mut tx, me, group).await?)?;
    let object = match about {
        About::Person(who) => Some(store::accounts::get(&mut tx, who).await?.uri),
        About::Post(id) => {
            let post = store::posts::find(&mut tx, id).await?;
            post.filter(|post| is_known_in(post, group)).map(|post| post.uri)
        }
        About::Waiting(uri) => Some(uri).filter(|uri| is_address(uri)).map(str::to_owned),
        About::Report(id) => store::groups::report_uri(&mut tx, group, id).await?,
    };
    let order = Order { object: object.ok_or(Error::NotFound)?, ..order };
    posts::tell(&mut tx, group, me, &Event::Order { group, by: me, order }).await?;
    tx.commit().await?;
    Ok(true)
}

fn is_address(uri: &str) -> bool {
    uri.len() <= MAX_URI && Url::parse(uri).is_ok()
}

/// Tells the servers of the members of a group of ours what one of ours who leads it did.
pub(super) async fn announce(conn: &mut Conn, led: &Led, order: Order) -> Result<()> {
    let group = led.group.account_id;
    posts::tell(conn, group, led.me, &Event::Order { group, by: led.me, order }).await
}

/// The group that an order is about, where we know it: the one that is named, else that of the post or the report.
pub async fn meant(ctx: &Ctx, named: Option<&str>, order: &Order) -> Result<Option<(Account, Group)>> {
    if let Some(uri) = named {
        return by_uri(ctx, uri).await;
    }
    let mut conn = ctx.pool.read().await?;
    let group = match order.kind {
        OrderKind::Resolve => store::groups::reported_in(&mut conn, &order.object).await?,
        _ => store::posts::find_by_uri(&mut conn, &order.object).await?.and_then(|post| post.group_id),
    };
    drop(conn);
    match group {
        Some(group) => by_id(ctx, group).await,
        None => Ok(None),
    }
}

/// Somebody of another server orders something in a group of ours. Whoever does not lead it is not heard; what is done is
/// handed on to the servers of the members, as it came (`activity`).
pub(in crate::service) async fn ordered_by_remote(
    ctx: &Ctx,
    conn: &mut Conn,
    who: AccountId,
    group: AccountId,
    order: &Order,
    activity: &str,
) -> Result<()> {
    let obeyed = match Led::of(ctx, conn, who, group).await {
        Ok(led) => obey(ctx, conn, &led, order).await,
        Err(error) => Err(error),
    };
    match obeyed {
        Ok(true) if is_told(order.kind) => super::remote::hand_on(conn, group, activity, None).await,
        Ok(_) => Ok(()),
        Err(error @ (Error::Forbidden(_) | Error::NotFound | Error::Invalid(_))) => {
            tracing::info!(%group, account = %who, kind = %order.kind, %error, "an order was not heard");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Whether the members' servers are told. Whom a decision about joining concerns is told by the group itself, as is what is seen from
/// now on, and reports are the moderators' alone.
fn is_told(kind: OrderKind) -> bool {
    !matches!(kind, OrderKind::Admit | OrderKind::Refuse | OrderKind::Resolve | OrderKind::Release)
}

/// A reason as it came, in plain words and within bounds.
pub(super) fn said(reason: &str) -> String {
    sanitize::plain(reason).trim().chars().take(policy::MAX_LINE * 5).collect()
}

async fn person(conn: &mut Conn, order: &Order) -> Result<AccountId> {
    Ok(store::accounts::find_by_uri(conn, &order.object).await?.ok_or(Error::NotFound)?.id)
}

async fn post_in(conn: &mut Conn, group: AccountId, order: &Order) -> Result<Post> {
    let found = store::posts::find_by_uri(conn, &order.object).await?;
    let post = found.filter(|post| is_known_in(post, group)).ok_or(Error::NotFound)?;
    store::posts::lock(conn, post.id).await
}

/// A post in a group of ours, also one that waits: those who lead the group from elsewhere are told of both.
async fn any_post_in(conn: &mut Conn, group: AccountId, order: &Order) -> Result<Post> {
    let found = store::posts::find_by_uri(conn, &order.object).await?;
    let post = found.filter(|post| post.group_id == Some(group)).ok_or(Error::NotFound)?;
    let post = store::posts::lock(conn, post.id).await?;
    // What was sent back is its author's alone.
    if post.held == Held::Refused { Err(Error::NotFound) } else { Ok(post) }
}

/// Whether servers speak of a post to each other: of one that waits none of them knows but its own.
fn is_known_in(post: &Post, group: AccountId) -> bool {
    post.group_id == Some(group) && post.deleted_at.is_none() && post.held == Held::No
}

/// Does what whoever leads a group orders, by the rules for all who lead it; false where there was nothing to do.
async fn obey(ctx: &Ctx, conn: &mut Conn, led: &Led, order: &Order) -> Result<bool> {
    let (group, reason) = (led.group.account_id, said(&order.reason));
    match order.kind {
        OrderKind::Release => {
            let post = any_post_in(conn, group, order).await?;
            posts::let_be_seen(ctx, conn, led, &post).await
        }
        OrderKind::RemovePost => {
            let post = any_post_in(conn, group, order).await?;
            returned::take_down(ctx, conn, led, &post, &reason).await
        }
        OrderKind::Lock | OrderKind::Unlock => {
            let post = post_in(conn, group, order).await?;
            posts::end_or_open(ctx, conn, led, &post, order.kind == OrderKind::Lock).await
        }
        OrderKind::Pin | OrderKind::Unpin => {
            let post = post_in(conn, group, order).await?;
            posts::put_on_top(conn, led, &post, order.kind == OrderKind::Pin).await
        }
        OrderKind::Ban if order.ends_at.is_some_and(|at| at <= ctx.now()) => Ok(false),
        OrderKind::Ban => {
            let who = person(conn, order).await?;
            bans::keep_out(ctx, conn, led, who, (&reason, order.ends_at)).await?;
            Ok(true)
        }
        OrderKind::Unban => {
            let who = person(conn, order).await?;
            bans::let_back(conn, led, who).await?;
            Ok(true)
        }
        OrderKind::Admit => {
            let who = person(conn, order).await?;
            membership::let_in(ctx, conn, led, who).await
        }
        OrderKind::Refuse => {
            let who = person(conn, order).await?;
            membership::turn_away(ctx, conn, led, who, &reason).await?;
            Ok(true)
        }
        OrderKind::Appoint => {
            let who = person(conn, order).await?;
            lead::raise(conn, led, who).await
        }
        OrderKind::Dismiss => {
            let who = person(conn, order).await?;
            lead::lower(conn, led, who).await
        }
        OrderKind::Resolve => reports::close(ctx, conn, led, &order.object).await,
        // What was removed is deleted, and cannot be given back.
        OrderKind::Restore => Ok(false),
    }
}

/// A group of another server tells what those did who lead it: the same holds for its members here, and stands in the log that
/// they read here. `by` is who did it, as the group says; its own doing is told of nobody.
pub(in crate::service) async fn told_by_group(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    by: Option<&str>,
    order: &Order,
) -> Result<()> {
    if store::groups::find(conn, group).await?.is_none() {
        return Ok(());
    }
    let by = match by {
        Some(uri) => store::accounts::find_by_uri(conn, uri).await?.map(|by| by.id).filter(|by| *by != group),
        None => None,
    };
    match order.kind {
        OrderKind::RemovePost => super::remote::removed_by_group(ctx, conn, group, by, order).await,
        OrderKind::Lock | OrderKind::Unlock | OrderKind::Pin | OrderKind::Unpin => {
            told_of_post(ctx, conn, group, by, order).await
        }
        OrderKind::Ban | OrderKind::Unban | OrderKind::Appoint | OrderKind::Dismiss => {
            told_of_person(ctx, conn, group, by, order).await
        }
        OrderKind::Resolve => store::groups::close_report(conn, group, &order.object, ctx.now()).await.map(drop),
        OrderKind::Admit | OrderKind::Refuse | OrderKind::Release | OrderKind::Restore => Ok(()),
    }
}

async fn told_of_post(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    by: Option<AccountId>,
    order: &Order,
) -> Result<()> {
    let post = match post_in(conn, group, order).await {
        Ok(post) => post,
        // It never came here, or is gone.
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    let (is_new, deed) = match order.kind {
        OrderKind::Lock | OrderKind::Unlock => {
            let ends = order.kind == OrderKind::Lock;
            let is_new = post.locked_at.is_some() != ends;
            if is_new {
                store::groups::set_lock(conn, post.id, ends.then(|| ctx.now())).await?;
            }
            (is_new, if ends { GroupDeed::Lock } else { GroupDeed::Unlock })
        }
        OrderKind::Pin => (store::taste::pin(conn, group, post.id).await?, GroupDeed::Pin),
        _ => (store::taste::unpin(conn, group, post.id).await?, GroupDeed::Unpin),
    };
    if !is_new {
        return Ok(());
    }
    store::groups::log(conn, group, by, deed, Some(post.author_id), &said(&order.reason)).await
}

/// Of our own people it is known here who belongs to a group: nobody else is led by it, named as its moderator or told of it.
async fn told_of_person(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    by: Option<AccountId>,
    order: &Order,
) -> Result<()> {
    let Some(who) = store::accounts::find_by_uri(conn, &order.object).await? else { return Ok(()) };
    let before = store::groups::membership(conn, who.id, group).await?;
    let concerned = before.member || before.asked || (order.kind == OrderKind::Unban && before.banned);
    if who.is_local() && !concerned {
        return Ok(());
    }
    let deed = match order.kind {
        OrderKind::Ban => {
            store::groups::ban(conn, group, who.id, &said(&order.reason), order.ends_at).await?;
            store::groups::set_role(conn, group, who.id, None).await?;
            if let Some(follow) = store::follows::lock(conn, who.id, group).await? {
                let how = End::Told { deed: GroupDeed::Ban, reason: &order.reason };
                return end(ctx, conn, &follow, how).await;
            }
            GroupDeed::Ban
        }
        OrderKind::Unban => {
            store::groups::unban(conn, group, who.id).await?;
            GroupDeed::Unban
        }
        OrderKind::Appoint => {
            store::groups::set_role(conn, group, who.id, Some(GroupRole::Moderator)).await?;
            GroupDeed::Appoint
        }
        _ => {
            store::groups::set_role(conn, group, who.id, None).await?;
            GroupDeed::Dismiss
        }
    };
    let reason = said(&order.reason);
    store::groups::log(conn, group, by, deed, Some(who.id), &reason).await?;
    if who.is_local() { membership::tell(conn, group, who.id, (deed, reason.as_str())).await } else { Ok(()) }
}
