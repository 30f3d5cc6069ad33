//! The groups of this server in the hands of its admins. They see how groups are led and nothing of what is said in them, and act
//! on those alone that nobody owns any more.

use super::{membership::tell, posts};
use crate::{
    error::{Error, Result},
    model::{AccountId, AuditAction, Event, Group, GroupDeed, GroupRole},
    policy::{Viewer, moderation},
    service::{
        Ctx, Page, Paged,
        audit::{self, About, By, Deed},
    },
    store::{self, Conn, groups::Overseen},
    text::handle,
};

/// The groups of this server, the newest first, for admins. What is closed and joined by invitation alone has no name here
/// either: [`Overseen::known`] says so.
pub async fn overseen(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<Overseen>> {
    let me = moderation::require_admin(viewer)?;
    store::groups::overseen(&mut *ctx.pool.read().await?, me, page).await
}

/// One of them.
pub async fn overseen_one(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<Overseen> {
    let me = moderation::require_admin(viewer)?;
    store::groups::overseen_one(&mut *ctx.pool.read().await?, me, id).await?.ok_or(Error::NotFound)
}

/// Takes a group that nobody owns, so that nobody else decides about it meanwhile.
async fn unowned(conn: &mut Conn, admin: AccountId, id: AccountId) -> Result<Group> {
    let group = store::groups::lock(conn, id).await?;
    let seen = store::groups::overseen_one(conn, admin, id).await?.ok_or(Error::NotFound)?;
    if seen.owner.is_some() {
        return Err(Error::Forbidden("This group has an owner, who decides about it."));
    }
    Ok(group)
}

/// Archives a group that nobody owns: it can be read by those who could read it, and no more.
pub async fn archive_unowned(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<()> {
    let me = moderation::require_admin(viewer)?;
    let mut tx = ctx.tx().await?;
    let group = unowned(&mut tx, me, id).await?;
    if group.archived_at.is_some() {
        return Ok(());
    }
    store::groups::update(&mut tx, &Group { archived_at: Some(ctx.now()), ..group }).await?;
    store::groups::log(&mut tx, id, Some(me), GroupDeed::Archive, None, "").await?;
    posts::tell(&mut tx, id, id, &Event::Profile).await?;
    let deed = Deed::new(By::Account(me), AuditAction::ArchiveGroup, About::Group(id));
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await
}

/// Gives a group that nobody owns to a member who has an account here.
pub async fn pass_on_unowned(ctx: &Ctx, viewer: &Viewer, id: AccountId, to: &str) -> Result<()> {
    let me = moderation::require_admin(viewer)?;
    let mut tx = ctx.tx().await?;
    unowned(&mut tx, me, id).await?;
    let heir = member_here(ctx, &mut tx, id, to).await?;
    store::groups::clear_owner(&mut tx, id).await?;
    store::groups::set_role(&mut tx, id, heir, Some(GroupRole::Owner)).await?;
    store::groups::log(&mut tx, id, Some(me), GroupDeed::Transfer, Some(heir), "").await?;
    tell(&mut tx, id, heir, (GroupDeed::Transfer, "")).await?;
    posts::tell(&mut tx, id, id, &Event::Profile).await?;
    let deed = Deed::new(By::Account(me), AuditAction::PassOnGroup, About::Group(id));
    audit::record(ctx, &mut tx, deed.with(serde_json::json!({ "to": heir.to_string() }))).await?;
    tx.commit().await
}

/// A member with an account here, by handle. All others are told apart by nothing.
async fn member_here(ctx: &Ctx, conn: &mut Conn, group: AccountId, typed: &str) -> Result<AccountId> {
    let wrong = || Error::invalid("to", "Nobody here by that name belongs to the group.");
    let named = handle::parse(typed, &ctx.config.instance.host()).filter(|named| named.host.is_none());
    let named = named.ok_or_else(wrong)?;
    let account = store::accounts::find_by_handle(conn, &named.username, None).await?.ok_or_else(wrong)?;
    let membership = store::groups::membership(conn, account.id, group).await?;
    if membership.member && !membership.banned { Ok(account.id) } else { Err(wrong()) }
}
