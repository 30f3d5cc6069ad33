//! Appointing moderators, passing a group on, closing it, and the log of what moderators did.

use super::{
    Led, Line,
    membership::tell,
    orders::{About, announce, elsewhere},
    posts,
    queue::tell_waiting,
    require_reader,
};
use crate::{
    error::{Error, Result},
    model::{AccountId, Event, Group, GroupDeed, GroupRole, Order, OrderKind},
    policy::{Viewer, groups as policy, moderation},
    service::{Ctx, Page, Paged},
    store::{self, Conn},
};

/// A member on whom the owner decides.
async fn member(conn: &mut Conn, led: &Led, who: AccountId) -> Result<Option<GroupRole>> {
    policy::require_owner(led.membership)?;
    let theirs = store::groups::membership(conn, who, led.group.account_id).await?;
    if theirs.member { Ok(theirs.role) } else { Err(Error::NotFound) }
}

async fn done(conn: &mut Conn, led: &Led, deed: GroupDeed, who: AccountId) -> Result<()> {
    let group = led.group.account_id;
    store::groups::log(conn, group, Some(led.me), deed, Some(who), "").await?;
    tell(conn, group, who, (deed, "")).await?;
    posts::tell(conn, group, group, &Event::Profile).await
}

async fn announce_of(conn: &mut Conn, led: &Led, kind: OrderKind, who: AccountId) -> Result<()> {
    let who = store::accounts::get(conn, who).await?;
    announce(conn, led, Order::new(kind, &who.uri)).await
}

/// Makes a member a moderator, on whichever server they are.
pub async fn appoint(ctx: &Ctx, viewer: &Viewer, id: AccountId, who: AccountId) -> Result<()> {
    let order = Order::new(OrderKind::Appoint, "");
    if elsewhere(ctx, viewer, id, About::Person(who), order).await? {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    if raise(&mut tx, &led, who).await? {
        announce_of(&mut tx, &led, OrderKind::Appoint, who).await?;
        tell_waiting(ctx, &mut tx, id).await?;
    }
    tx.commit().await
}

/// Makes a member a moderator, for the owner; false where they lead the group already.
pub(super) async fn raise(conn: &mut Conn, led: &Led, who: AccountId) -> Result<bool> {
    if member(conn, led, who).await?.is_some() {
        return Ok(false);
    }
    policy::require_room(store::groups::count_leaders(conn, led.group.account_id).await?)?;
    store::groups::set_role(conn, led.group.account_id, who, Some(GroupRole::Moderator)).await?;
    done(conn, led, GroupDeed::Appoint, who).await?;
    Ok(true)
}

/// Makes a moderator a plain member again. Moderators may step down themselves.
pub async fn dismiss(ctx: &Ctx, viewer: &Viewer, id: AccountId, who: AccountId) -> Result<()> {
    let order = Order::new(OrderKind::Dismiss, "");
    if elsewhere(ctx, viewer, id, About::Person(who), order).await? {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    if lower(&mut tx, &led, who).await? {
        announce_of(&mut tx, &led, OrderKind::Dismiss, who).await?;
    }
    tx.commit().await
}

/// Makes a moderator a plain member again, for the owner or themselves; false where they are one.
pub(super) async fn lower(conn: &mut Conn, led: &Led, who: AccountId) -> Result<bool> {
    let theirs = if who == led.me { led.membership.role } else { member(conn, led, who).await? };
    match theirs {
        Some(GroupRole::Moderator) => {
            store::groups::set_role(conn, led.group.account_id, who, None).await?;
            done(conn, led, GroupDeed::Dismiss, who).await?;
            Ok(true)
        }
        Some(GroupRole::Owner) => Err(Error::Forbidden("The owner passes the group on first.")),
        None => Ok(false),
    }
}

/// Passes the group on to another moderator of this server; whoever owned it stays a moderator.
pub async fn transfer(ctx: &Ctx, viewer: &Viewer, id: AccountId, who: AccountId) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    let leads = member(&mut tx, &led, who).await? == Some(GroupRole::Moderator);
    if !leads || !super::leads(ctx, &mut tx, id, who).await? {
        return Err(Error::Forbidden("Pass the group on to one of its moderators."));
    }
    if !store::accounts::get(&mut tx, who).await?.is_local() {
        return Err(Error::Forbidden("The owner of a group is somebody of the server that it lives on."));
    }
    store::groups::set_role(&mut tx, id, led.me, Some(GroupRole::Moderator)).await?;
    store::groups::set_role(&mut tx, id, who, Some(GroupRole::Owner)).await?;
    done(&mut tx, &led, GroupDeed::Transfer, who).await?;
    tx.commit().await
}

/// Closes a group: it can be read, and no more.
pub async fn archive(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<()> {
    set_archived(ctx, viewer, id, true).await
}

/// Opens it again.
pub async fn reopen(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<()> {
    set_archived(ctx, viewer, id, false).await
}

async fn set_archived(ctx: &Ctx, viewer: &Viewer, id: AccountId, archived: bool) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    policy::require_owner(led.membership)?;
    if led.group.archived_at.is_some() == archived {
        return Ok(());
    }
    let group = Group { archived_at: archived.then(|| ctx.now()), ..led.group };
    store::groups::update(&mut tx, &group).await?;
    let deed = if archived { GroupDeed::Archive } else { GroupDeed::Reopen };
    store::groups::log(&mut tx, id, Some(led.me), deed, None, "").await?;
    posts::tell(&mut tx, id, id, &Event::Profile).await?;
    tx.commit().await
}

/// What moderators did, for the members: it tells why somebody was refused or removed, which is nobody else's business.
pub async fn log(ctx: &Ctx, viewer: &Viewer, id: AccountId, page: &Page) -> Result<Paged<Line>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    require_reader(&mut conn, viewer, id).await?;
    if !store::groups::membership(&mut conn, me, id).await?.member {
        return Err(Error::Forbidden("Only the members of this group read its log."));
    }
    store::groups::log_page(&mut conn, id, page).await
}
