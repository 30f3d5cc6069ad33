use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::{
    error::Result,
    model::{Account, AccountId, Filter, Mentioned, PostCard, PostId},
    policy::{Viewer, filters::Sieve},
    service::{Ctx, filters},
    store,
};

/// What is told of a boost itself.
#[derive(Debug, Clone)]
pub struct Boost {
    /// ActivityPub id.
    pub uri: String,
    /// The page for people.
    pub url: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a list of posts needs beside its cards, for clients that show everything.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Authors and those who passed something on.
    pub accounts: HashMap<AccountId, Account>,
    /// Who is mentioned.
    pub mentions: HashMap<PostId, Vec<Mentioned>>,
    /// Hashtags.
    pub tags: HashMap<PostId, Vec<String>>,
    /// Boosts by the id of their entry.
    pub boosts: HashMap<i64, Boost>,
    /// Authors of answered posts.
    pub answered: HashMap<PostId, AccountId>,
    /// Posts on top of their author's page.
    pub pinned: HashSet<PostId>,
    /// Posts in threads that the viewer has muted.
    pub muted: HashSet<PostId>,
    /// The programs that posts were written with.
    pub apps: HashMap<PostId, AppName>,
    /// The viewer's filters.
    pub filters: Vec<Filter>,
    /// Their words, ready to be looked for.
    pub sieve: Sieve,
}

/// A program by name.
#[derive(Debug, Clone)]
pub struct AppName {
    /// Its name.
    pub name: String,
    /// Its page; may be empty.
    pub website: String,
}

/// Loads the parts of a page: five queries, whatever its length. The cards have been read through the viewer.
pub async fn parts(ctx: &Ctx, viewer: &Viewer, cards: &[PostCard]) -> Result<Parts> {
    let filters = if cards.is_empty() { Vec::new() } else { filters::of_viewer(ctx, viewer).await? };
    parts_with(ctx, viewer, cards, filters).await
}

/// The same where the viewer's filters are at hand: four queries.
pub async fn parts_with(ctx: &Ctx, viewer: &Viewer, cards: &[PostCard], filters: Vec<Filter>) -> Result<Parts> {
    if cards.is_empty() {
        return Ok(Parts::default());
    }
    let posts: Vec<PostId> = cards.iter().map(|c| c.post.id).collect();
    let boosts: Vec<PostId> = cards.iter().filter(|c| c.boosted_by.is_some()).map(|c| PostId(c.entry_id)).collect();
    let answered: Vec<PostId> = cards.iter().filter_map(|c| c.post.reply_to_id).collect();
    let people = cards.iter().map(|c| c.author.id).chain(cards.iter().filter_map(|c| Some(c.boosted_by.as_ref()?.id)));
    let mut people: Vec<AccountId> = people.collect();
    people.sort_unstable();
    people.dedup();
    let mut conn = ctx.pool.read().await?;
    let mut parts = Parts { filters, ..Parts::default() };
    for account in store::accounts::list_by_ids(&mut conn, people).await? {
        parts.accounts.insert(account.id, account);
    }
    for (post, pinned, muted, app, tags, mentions) in store::posts::parts_of(&mut conn, viewer.account(), posts).await?
    {
        if pinned {
            parts.pinned.insert(post);
        }
        if muted {
            parts.muted.insert(post);
        }
        if let Some((name, website)) = app {
            parts.apps.insert(post, AppName { name, website });
        }
        parts.tags.insert(post, tags);
        parts.mentions.insert(post, mentions.0);
    }
    if !boosts.is_empty() || !answered.is_empty() {
        for (id, author, uri, url, at) in store::posts::boosts_and_answered(&mut conn, boosts, answered).await? {
            parts.answered.insert(id, author);
            parts.boosts.insert(id.0, Boost { uri, url, at });
        }
    }
    Ok(parts)
}
