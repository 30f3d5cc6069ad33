//! Likes, boosts and bookmarks.

use super::{Ctx, Page, Paged, urls};
use crate::{
    error::{Error, Result},
    model::{AccountId, Author, Event, NotificationKind, Post, PostId, Visibility},
    policy::{Viewer, moderation, posting},
    store::{self, Conn},
};

/// Whether somebody may hear who does what with a post: of what is for a group alone nobody does who reads it no more, not even
/// of what they wrote there, as that would tell who belongs to it.
pub(super) async fn may_hear(conn: &mut Conn, who: AccountId, post: &Post) -> Result<bool> {
    match post.group_id.filter(|_| post.visibility == Visibility::Group) {
        Some(group) => store::groups::reads(conn, group, who).await,
        None => Ok(true),
    }
}

/// Likes a post.
pub async fn like(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let card = super::posts::read(ctx, viewer, id).await?;
    let mut tx = ctx.tx().await?;
    let author = store::accounts::get(&mut tx, me).await?;
    let uri = urls::fresh(ctx, &author.username, "likes");
    if store::reactions::like(&mut tx, me, id, &uri).await? && may_hear(&mut tx, card.author.id, &card.post).await? {
        store::notifications::insert(&mut tx, card.author.id, NotificationKind::Like, me, Some(id)).await?;
        if !card.post.local {
            store::outbox::insert(&mut tx, me, &Event::Like { post: id, uri }).await?;
        }
    }
    tx.commit().await
}

/// Takes a like back.
pub async fn unlike(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let card = super::posts::read(ctx, viewer, id).await?;
    let mut tx = ctx.tx().await?;
    if let Some(uri) = store::reactions::unlike(&mut tx, me, id).await? {
        store::notifications::delete(&mut tx, card.author.id, NotificationKind::Like, me, Some(id)).await?;
        if !card.post.local && may_hear(&mut tx, card.author.id, &card.post).await? {
            store::outbox::insert(&mut tx, me, &Event::Unlike { post: id, uri }).await?;
        }
    }
    tx.commit().await
}

/// Passes a post on to one's followers; returns the boost, the earlier one where that was so already.
pub async fn boost(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostId> {
    let me = moderation::require_account(viewer)?;
    let card = super::posts::read(ctx, viewer, id).await?;
    posting::may_boost(me, card.author.id, card.post.visibility)?;
    let mut tx = ctx.tx().await?;
    let author = store::accounts::get(&mut tx, me).await?;
    let base = urls::posts(ctx, &author.username);
    let new = store::reactions::boost(&mut tx, me, &card.post, None, &base, ctx.now()).await?;
    let boost = match new {
        Some(boost) => {
            store::timelines::fan_out(&mut tx, vec![boost]).await?;
            store::notifications::insert(&mut tx, card.author.id, NotificationKind::Boost, me, Some(id)).await?;
            store::outbox::insert(&mut tx, me, &Event::Boost { boost }).await?;
            boost
        }
        None => store::reactions::find_boost(&mut tx, me, id).await?.ok_or(Error::NotFound)?,
    };
    tx.commit().await?;
    Ok(boost)
}

/// Takes a boost back.
pub async fn unboost(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let card = super::posts::read(ctx, viewer, id).await?;
    let mut tx = ctx.tx().await?;
    if let Some(boost) = store::reactions::unboost(&mut tx, me, id, ctx.now()).await? {
        store::notifications::delete(&mut tx, card.author.id, NotificationKind::Boost, me, Some(id)).await?;
        store::outbox::insert(&mut tx, me, &Event::Unboost { boost }).await?;
    }
    tx.commit().await
}

/// Saves a post for oneself. Nobody is told.
pub async fn bookmark(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    super::posts::read(ctx, viewer, id).await?;
    store::reactions::bookmark(&mut *ctx.pool.get().await?, me, id).await
}

/// Saves a post no more.
pub async fn unbookmark(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    store::reactions::unbookmark(&mut *ctx.pool.get().await?, me, id).await
}

/// Who likes a post.
pub async fn likers(ctx: &Ctx, viewer: &Viewer, id: PostId, page: &Page) -> Result<Paged<(i64, Author)>> {
    let post = super::posts::read(ctx, viewer, id).await?.post;
    let mut conn = ctx.pool.get().await?;
    let told = match viewer.account() {
        Some(who) => may_hear(&mut conn, who, &post).await?,
        None => post.visibility.is_open(),
    };
    if told { store::reactions::likers(&mut conn, id, page).await } else { Err(Error::NotFound) }
}

/// Who boosted a post.
pub async fn boosters(ctx: &Ctx, viewer: &Viewer, id: PostId, page: &Page) -> Result<Paged<(i64, Author)>> {
    super::posts::read(ctx, viewer, id).await?;
    store::reactions::boosters(&mut *ctx.pool.get().await?, id, page).await
}

/// Another server's person likes a post. Only what they could read counts.
pub async fn liked_by_remote(conn: &mut Conn, viewer: &Viewer, who: AccountId, post: &Post, uri: &str) -> Result<()> {
    if store::posts::is_visible(conn, viewer, post.id).await?
        && store::reactions::like(conn, who, post.id, uri).await?
        && may_hear(conn, post.author_id, post).await?
    {
        store::notifications::insert(conn, post.author_id, NotificationKind::Like, who, Some(post.id)).await?;
    }
    Ok(())
}

/// Another server's person takes a like back.
pub async fn unliked_by_remote(conn: &mut Conn, who: AccountId, post: PostId) -> Result<()> {
    if store::reactions::unlike(conn, who, post).await?.is_some()
        && let Some(post) = store::posts::find(conn, post).await?
    {
        store::notifications::delete(conn, post.author_id, NotificationKind::Like, who, Some(post.id)).await?;
    }
    Ok(())
}

/// Another server's person passes a post on.
pub async fn boosted_by_remote(
    conn: &mut Conn,
    who: AccountId,
    post: &Post,
    uri: &str,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    if posting::may_boost(who, post.author_id, post.visibility).is_err()
        || post.deleted_at.is_some()
        || store::shuns::is_blocked(conn, post.author_id, who).await?
    {
        return Ok(());
    }
    if let Some(boost) = store::reactions::boost(conn, who, post, Some(uri), "", at).await? {
        store::timelines::fan_out(conn, vec![boost]).await?;
        store::notifications::insert(conn, post.author_id, NotificationKind::Boost, who, Some(post.id)).await?;
    }
    Ok(())
}

/// Another server's person takes a boost back.
pub async fn unboosted_by_remote(
    conn: &mut Conn,
    who: AccountId,
    post: PostId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    if store::reactions::unboost(conn, who, post, now).await?.is_some()
        && let Some(post) = store::posts::find(conn, post).await?
    {
        store::notifications::delete(conn, post.author_id, NotificationKind::Boost, who, Some(post.id)).await?;
    }
    Ok(())
}
