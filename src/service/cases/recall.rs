//! Taking a case back: nothing of it is kept here, and the servers that got it are told to delete it.

use crate::{
    error::{Error, Result},
    model::{AccountId, Case, Event, GroupDeed, Held, NotificationKind, Post, PostId, RecallReason},
    policy::{Viewer, moderation},
    service::{Ctx, groups},
    store::{self, Conn},
};

/// Whether the viewer may take a case back: its author, and whoever leads its group on this server.
pub async fn may_withdraw(ctx: &Ctx, viewer: &Viewer, post: &Post) -> Result<bool> {
    let Some(me) = viewer.account() else { return Ok(false) };
    may(&mut *ctx.pool.read().await?, me, post).await
}

async fn may(conn: &mut Conn, me: AccountId, post: &Post) -> Result<bool> {
    if post.author_id == me && post.local {
        return Ok(true);
    }
    let Some(group) = post.group_id else { return Ok(false) };
    let leads = store::groups::role(conn, me, group).await?.is_some();
    Ok(leads && store::accounts::get(conn, group).await?.is_local())
}

/// Takes a case back. Its author may, and whoever leads its group on this server.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn withdraw(ctx: &Ctx, viewer: &Viewer, id: PostId, reason: RecallReason) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    let case = store::cases::core::lock(&mut tx, id).await?;
    if !may(&mut tx, me, &post).await? {
        return Err(Error::NotFound);
    }
    recall(ctx, &mut tx, &post, &case, Some(me), reason).await?;
    tx.commit().await
}

/// Empties a case, tells the servers that got it, and whoever took part.
async fn recall(
    ctx: &Ctx,
    conn: &mut Conn,
    post: &Post,
    case: &Case,
    by: Option<AccountId>,
    reason: RecallReason,
) -> Result<()> {
    if post.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    let mut people = store::cases::recall::participants(conn, post.id).await?;
    people.push(post.author_id);
    people.sort_unstable();
    people.dedup();
    people.retain(|who| Some(*who) != by);
    store::cases::recall::withdraw(conn, post.id, by, reason, ctx.now()).await?;
    store::posts::bury(conn, post, ctx.now()).await?;
    if post.held == Held::No {
        let event = match by {
            // The group's own word where its moderators or the clock say so of somebody elsewhere.
            Some(who) if who == post.author_id => Event::Delete { post: post.id },
            _ if post.local => Event::Delete { post: post.id },
            _ => Event::Remove { post: post.id, reason: String::new() },
        };
        groups::tell(conn, case.group_id, post.author_id, &event).await?;
    }
    if store::accounts::get(conn, case.group_id).await?.is_local() {
        store::groups::log(conn, case.group_id, by, GroupDeed::Recall, Some(post.author_id), "").await?;
    }
    store::notifications::insert_anew(conn, people, NotificationKind::Case, by.unwrap_or(case.group_id), None).await
}

/// Takes back cases whose consent has ended, some at a time; returns how many.
pub async fn expire_due(ctx: &Ctx) -> Result<usize> {
    let due = store::cases::recall::expired(&mut *ctx.pool.get().await?, ctx.now().date_naive(), 50).await?;
    let mut done = 0;
    for id in due {
        let mut tx = ctx.tx().await?;
        let post = store::posts::lock(&mut tx, id).await?;
        let case = store::cases::core::lock(&mut tx, id).await?;
        if post.deleted_at.is_some() {
            tx.roll_back().await?;
            continue;
        }
        recall(ctx, &mut tx, &post, &case, None, RecallReason::ConsentExpired).await?;
        tx.commit().await?;
        tracing::info!(post = %id, "a case was taken back: its consent has ended");
        done += 1;
    }
    Ok(done)
}
