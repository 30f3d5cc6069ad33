//! Striking an earlier version of a post: what it said is gone, so that what should not have stood there does not stay readable
//! among the versions.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::publish::{is_ours, tell};
use crate::{
    error::{Error, Result},
    model::{AuditAction, Event, GroupDeed, Post, PostId, ReportId},
    policy::{Viewer, moderation},
    service::{
        Ctx,
        audit::{self, About, By, Deed},
        cases, groups,
    },
    store::{self, Conn},
};

/// As what somebody strikes versions of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It is their own.
    Author,
    /// It is in a group of ours that they lead.
    Leader,
    /// It is in a group of ours, and this open report to the moderators of the house names it.
    House(ReportId),
}

/// What the members of a group read in its log where a moderator of the house has struck something.
const BY_HOUSE: &str = "As a moderator of this server, after a report.";

/// As what a viewer may strike versions of a post; none where they may not.
async fn part_of(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, post: &Post) -> Result<Option<Part>> {
    let Ok(me) = moderation::require_account(viewer) else { return Ok(None) };
    if is_ours(post) && cases::is_own(ctx, conn, me, post).await? {
        return Ok(Some(Part::Author));
    }
    if leads(ctx, conn, viewer, post).await? {
        return Ok(Some(Part::Leader));
    }
    if moderation::require_moderator(viewer).is_err() || !groups::is_of_ours(conn, post).await? {
        return Ok(None);
    }
    Ok(store::reports::naming(conn, post.id).await?.map(Part::House))
}

/// Whether a viewer may strike versions of a post: it is their own, in a group of ours that they lead, or in one of ours and reported
/// to them as a moderator of the house.
pub async fn may_strike(ctx: &Ctx, viewer: &Viewer, post: &Post) -> Result<bool> {
    Ok(part_of(ctx, &mut *ctx.pool.read().await?, viewer, post).await?.is_some())
}

/// Whether a viewer would strike versions of a post as a moderator of the house, and as nothing else.
pub async fn strikes_for_house(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<bool> {
    if moderation::require_moderator(viewer).is_err() {
        return Ok(false);
    }
    let mut conn = ctx.pool.read().await?;
    let Some(post) = store::posts::find(&mut conn, id).await? else { return Ok(false) };
    Ok(matches!(part_of(ctx, &mut conn, viewer, &post).await?, Some(Part::House(_))))
}

/// Whether a viewer has read all that a post ever said: it is their own, or in a group of ours that they lead.
pub(super) async fn wrote_or_leads(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, post: &Post) -> Result<bool> {
    Ok(matches!(part_of(ctx, conn, viewer, post).await?, Some(Part::Author | Part::Leader)))
}

/// Whether a viewer leads the group of a post, where that is one of ours.
async fn leads(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, post: &Post) -> Result<bool> {
    let Some(group) = post.group_id else { return Ok(false) };
    if !store::accounts::get(conn, group).await?.is_local() {
        return Ok(false);
    }
    match groups::require_led(ctx, conn, viewer, group).await {
        Ok(()) => Ok(true),
        Err(Error::Forbidden(_) | Error::NotFound | Error::Unauthenticated) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes the words out of an earlier version of a post: here, and on the servers that hold copies of one of ours and know the
/// word. The members of a group of ours read in its log that it was done.
///
/// # Errors
/// [`Error::NotFound`] where there is no such version, or it is not the viewer's to strike.
pub async fn strike(ctx: &Ctx, viewer: &Viewer, id: PostId, version: i64) -> Result<()> {
    let post = super::read(ctx, viewer, id).await?.post;
    carry_out(ctx, viewer, &post, Some(version)).await
}

/// The same of all earlier versions. A moderator of the house strikes those of a reported post also where it is in a group that is not
/// theirs to read, unseen.
///
/// # Errors
/// [`Error::NotFound`] where no version has words left, or they are not the viewer's to strike.
pub async fn strike_all(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    let post = match super::read(ctx, viewer, id).await {
        Ok(card) => card.post,
        Err(Error::NotFound) => {
            moderation::require_moderator(viewer)?;
            let post = store::posts::find(&mut *ctx.pool.read().await?, id).await?;
            post.filter(|post| post.deleted_at.is_none()).ok_or(Error::NotFound)?
        }
        Err(error) => return Err(error),
    };
    carry_out(ctx, viewer, &post, None).await
}

/// Strikes one version of a post, or all.
async fn carry_out(ctx: &Ctx, viewer: &Viewer, post: &Post, version: Option<i64>) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let (id, now) = (post.id, ctx.now());
    let mut tx = ctx.tx().await?;
    let Some(part) = part_of(ctx, &mut tx, viewer, post).await? else {
        tx.roll_back().await?;
        return Err(Error::NotFound);
    };
    let post = store::posts::lock(&mut tx, id).await?;
    let is_done = match version {
        Some(version) => store::posts::strike::one(&mut tx, id, version, now).await?,
        None => store::posts::strike::all(&mut tx, id, now).await? > 0,
    };
    if !is_done {
        tx.roll_back().await?;
        return Err(Error::NotFound);
    }
    // Whoever asked without their name stays without it.
    let unnamed = part == Part::Author && !post.label.is_empty();
    if let Some(group) = post.group_id
        && store::accounts::get(&mut tx, group).await?.is_local()
    {
        let by = if unnamed { post.author_id } else { me };
        let why = if matches!(part, Part::House(_)) { BY_HOUSE } else { "" };
        store::groups::log(&mut tx, group, Some(by), GroupDeed::Strike, Some(post.author_id), why).await?;
    }
    if is_ours(&post) {
        tell(&mut tx, &post, &Event::Update { post: id }).await?;
    }
    if let (Part::House(report), Some(group)) = (part, post.group_id) {
        let deed = Deed::new(By::Account(me), AuditAction::StrikeVersion, About::Group(group));
        let details = json!({ "post": id.to_string(), "report": report.to_string() });
        audit::record(ctx, &mut tx, deed.with(details)).await?;
    }
    tx.commit().await?;
    if unnamed {
        tracing::info!(post = %id, ?version, "struck a version");
    } else {
        tracing::info!(post = %id, ?version, account = %me, "struck a version");
    }
    Ok(())
}

/// When the versions of a post were written that were struck, for other servers; nothing where it was never changed.
pub async fn struck(ctx: &Ctx, post: &Post) -> Result<Vec<DateTime<Utc>>> {
    match post.edited_at {
        Some(_) => store::posts::strike::list(&mut *ctx.pool.read().await?, post.id).await,
        None => Ok(Vec::new()),
    }
}
