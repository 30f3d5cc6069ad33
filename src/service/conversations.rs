//! Direct conversations.

use std::collections::HashMap;

use super::{Ctx, Page, Paged};
use crate::{
    error::{Error, Result},
    model::{Author, ConversationId, PostCard, PostId},
    policy::{Viewer, moderation},
    store,
};

/// A conversation as one of its people sees it.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Not read yet.
    pub unread: bool,
    /// The others.
    pub people: Vec<Author>,
    /// The newest post.
    pub last: PostCard,
}

/// A page of one's own, the newest first: three queries whatever its length. The key is the last post's id.
pub async fn page(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<Conversation>> {
    let me = moderation::require_account(viewer)?;
    let listed = store::conversations::list(&mut *ctx.pool.read().await?, me, page).await?;
    let Paged { items, older, newer } = listed;
    Ok(Paged { items: shown(ctx, viewer, items).await?, older, newer })
}

/// Conversations with their last posts and people, as far as the viewer may see these.
pub(super) async fn shown(
    ctx: &Ctx,
    viewer: &Viewer,
    rows: Vec<store::conversations::Row>,
) -> Result<Vec<Conversation>> {
    let me = viewer.account();
    let ids: Vec<PostId> = rows.iter().map(|r| PostId(r.0)).collect();
    let mut conn = ctx.pool.read().await?;
    let mut cards: HashMap<PostId, PostCard> = store::notifications::posts(&mut conn, viewer, ids.clone())
        .await?
        .into_iter()
        .map(|card| (card.post.id, card))
        .collect();
    let mut people: HashMap<PostId, Vec<Author>> = HashMap::new();
    for (post, author) in store::conversations::participants(&mut conn, ids).await? {
        if Some(author.id) != me {
            people.entry(post).or_default().push(author);
        }
    }
    Ok(rows
        .into_iter()
        .filter_map(|(last, id, unread)| {
            let last = cards.remove(&PostId(last))?;
            Some(Conversation { id, unread, people: people.remove(&last.post.id).unwrap_or_default(), last })
        })
        .collect())
}

/// One of one's own.
pub async fn get(ctx: &Ctx, viewer: &Viewer, id: ConversationId) -> Result<Conversation> {
    let me = moderation::require_account(viewer)?;
    let row = store::conversations::find(&mut *ctx.pool.get().await?, me, id).await?.ok_or(Error::NotFound)?;
    shown(ctx, viewer, vec![row]).await?.pop().ok_or(Error::NotFound)
}

/// Marks one as read or unread.
pub async fn set_unread(ctx: &Ctx, viewer: &Viewer, id: ConversationId, unread: bool) -> Result<Conversation> {
    let me = moderation::require_account(viewer)?;
    if store::conversations::set_unread(&mut *ctx.pool.get().await?, me, id, unread).await? == 0 {
        return Err(Error::NotFound);
    }
    get(ctx, viewer, id).await
}

/// Takes one off one's list.
pub async fn delete(ctx: &Ctx, viewer: &Viewer, id: ConversationId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    if store::conversations::delete(&mut *ctx.pool.get().await?, me, id).await? > 0 {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}
