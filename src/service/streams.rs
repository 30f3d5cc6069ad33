//! Open streams: what happened, in one word to every process, and for whom of those who listen there it is.

use std::collections::{HashMap, HashSet};

use super::{Ctx, conversations, conversations::Conversation};
pub use crate::store::wake::Signal;
use crate::{
    error::Result,
    model::{AccountId, AnnouncementId, ListId, NotificationId, PostCard, PostId, TokenId},
    policy::Viewer,
    store::{self, Conn},
};

/// Somebody's filters changed.
pub(super) async fn filters_changed(conn: &mut Conn, who: AccountId) -> Result<()> {
    store::streams::filters_changed(conn, who).await
}

/// The house has something to say.
pub(super) async fn announced(conn: &mut Conn, id: AnnouncementId) -> Result<()> {
    store::streams::announced(conn, id.0, true).await
}

/// The house takes something back.
pub(super) async fn unannounced(conn: &mut Conn, id: AnnouncementId) -> Result<()> {
    store::streams::announced(conn, id.0, false).await
}

/// Somebody reacted to what the house said, or no longer does.
pub(super) async fn reacted(conn: &mut Conn, id: AnnouncementId, emoji: &str) -> Result<()> {
    store::streams::reacted(conn, id.0, emoji).await
}

/// What had waited apart is among somebody's notifications now.
pub(super) async fn merged(conn: &mut Conn, who: AccountId) -> Result<()> {
    store::streams::merged(conn, who).await
}

/// For whom of those who listen a post is.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// Everybody may see it.
    pub open: bool,
    /// Its server is kept out of public lists.
    pub limited: bool,
    /// Who has it at home.
    pub home: HashSet<AccountId>,
    /// Who has it on which of their lists.
    pub lists: HashMap<AccountId, Vec<ListId>>,
    /// Who must not get it by any way.
    pub unwilling: HashSet<AccountId>,
}

/// For whom of these people these posts are: three queries, whatever their number.
pub async fn audiences(ctx: &Ctx, posts: Vec<PostId>, people: Vec<AccountId>) -> Result<HashMap<PostId, Audience>> {
    let mut conn = ctx.pool.get().await?;
    let mut all: HashMap<PostId, Audience> = HashMap::new();
    for (post, open, limited) in store::streams::facts(&mut conn, posts.clone()).await? {
        all.insert(post, Audience { open, limited, ..Audience::default() });
    }
    for (post, who, lists, exclusive) in store::streams::at_home(&mut conn, posts.clone(), people.clone()).await? {
        let one = all.entry(post).or_default();
        if !exclusive {
            one.home.insert(who);
        }
        if !lists.is_empty() {
            one.lists.insert(who, lists);
        }
    }
    for (post, who) in store::streams::unwilling(&mut conn, posts, people).await? {
        all.entry(post).or_default().unwilling.insert(who);
    }
    Ok(all)
}

/// Which of these people see a post otherwise than the others, so that it has to be written for them alone.
pub async fn own_ways(ctx: &Ctx, post: PostId, people: Vec<AccountId>) -> Result<HashSet<AccountId>> {
    Ok(store::streams::own_ways(&mut *ctx.pool.get().await?, post, people).await?.into_iter().collect())
}

/// Whose these notifications are.
pub async fn notified(ctx: &Ctx, ids: Vec<NotificationId>) -> Result<Vec<(NotificationId, AccountId)>> {
    store::streams::notified(&mut *ctx.pool.get().await?, ids).await
}

/// The conversations that a direct post is in, each as its owner sees it.
pub async fn conversations_of(ctx: &Ctx, card: &PostCard, owner: &Viewer) -> Result<Option<Conversation>> {
    let Some(who) = owner.account() else { return Ok(None) };
    let rows = store::conversations::of_post(&mut *ctx.pool.get().await?, card.post.id).await?;
    let row = rows.into_iter().find(|(of, _)| *of == who).map(|(_, row)| row);
    match row {
        Some(row) => Ok(conversations::shown(ctx, owner, vec![row]).await?.pop()),
        None => Ok(None),
    }
}

/// Which of these tokens no longer work.
pub async fn dead_tokens(ctx: &Ctx, tokens: Vec<TokenId>) -> Result<HashSet<TokenId>> {
    let living: HashSet<TokenId> =
        store::streams::living_tokens(&mut *ctx.pool.get().await?, tokens.clone()).await?.into_iter().collect();
    Ok(tokens.into_iter().filter(|t| !living.contains(t)).collect())
}
