//! Filters: words and posts that one does not want to see, or not at once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::Ctx;
use crate::{
    error::{Error, Result},
    model::{AccountId, FilterId, FilterKeywordId, FilterPostId, PostCard, PostId},
    policy::{self, Viewer, moderation},
    service::{posts, streams},
    store,
    text::sanitize,
};
pub use crate::{
    model::{Filter, FilterAction, FilterContext, FilterKeyword, FilterPost},
    policy::filters::{Match, Sieve},
    store::filters::FilterHead,
};

/// Most filters of one person, and most words of one filter.
const MOST: usize = 100;
/// Most words of all filters of one person.
const MOST_WORDS: i64 = 500;

/// A word as it is given: with an id, a change or the end of one that is there.
#[derive(Debug, Clone, Default)]
pub struct KeywordChange {
    /// Which; none for a new one.
    pub id: Option<FilterKeywordId>,
    /// The word; none leaves it.
    pub keyword: Option<String>,
    /// Only as a word of its own; none leaves it.
    pub whole_word: Option<bool>,
    /// It goes.
    pub remove: bool,
}

/// One's own.
pub async fn all(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Filter>> {
    let me = moderation::require_account(viewer)?;
    store::filters::list(&mut *ctx.pool.read().await?, me).await
}

/// The viewer's own; none for somebody who is not signed in.
pub async fn of_viewer(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Filter>> {
    if viewer.role().is_some() { all(ctx, viewer).await } else { Ok(Vec::new()) }
}

/// The filters of several people: one query, whatever their number.
pub async fn of_people(ctx: &Ctx, people: Vec<AccountId>) -> Result<HashMap<AccountId, Vec<Filter>>> {
    let mut all: HashMap<AccountId, Vec<Filter>> = HashMap::new();
    for (who, filter) in store::filters::list_of(&mut *ctx.pool.read().await?, people).await? {
        all.entry(who).or_default().push(filter);
    }
    Ok(all)
}

/// One of one's own.
pub async fn get(ctx: &Ctx, viewer: &Viewer, id: FilterId) -> Result<Filter> {
    let me = moderation::require_account(viewer)?;
    store::filters::get(&mut *ctx.pool.get().await?, me, id).await
}

fn check(head: &FilterHead) -> Result<()> {
    if head.title.trim().is_empty() {
        return Err(Error::invalid("title", "Title can't be blank"));
    }
    if head.title.chars().count() > 200 {
        return Err(Error::invalid("title", "A title may have 200 characters."));
    }
    if head.contexts.is_empty() {
        return Err(Error::invalid("context", "Context can't be blank"));
    }
    Ok(())
}

fn check_word(word: &str) -> Result<String> {
    let word = word.trim();
    if word.is_empty() {
        return Err(Error::invalid("keyword", "Keyword can't be blank"));
    }
    if word.chars().count() > 200 {
        return Err(Error::invalid("keyword", "A word may have 200 characters."));
    }
    Ok(word.to_owned())
}

/// Makes one, or (with an id) changes one, with its words.
pub async fn put(
    ctx: &Ctx,
    viewer: &Viewer,
    id: Option<FilterId>,
    head: FilterHead,
    words: Vec<KeywordChange>,
) -> Result<Filter> {
    let me = moderation::require_account(viewer)?;
    check(&head)?;
    let grows = words.iter().any(|w| w.id.is_none() && !w.remove);
    let mut tx = ctx.tx().await?;
    // One after the other, so that two changes at once are counted together.
    store::users::lock(&mut tx, me).await?;
    let known = match id {
        Some(id) => store::filters::get(&mut tx, me, id).await?.keywords,
        None if store::filters::list(&mut tx, me).await?.len() >= MOST => {
            return Err(Error::invalid("title", format!("You may have {MOST} filters.")));
        }
        None => Vec::new(),
    };
    if words.len() + known.len() > MOST {
        return Err(Error::invalid("keywords", format!("A filter may have {MOST} words.")));
    }
    let id = store::filters::put(&mut tx, me, id, &head).await?;
    for word in words {
        match word.id {
            Some(at) if word.remove => store::filters::remove_keyword(&mut tx, id, at).await?,
            Some(at) => {
                let before = known.iter().find(|k| k.id == at).ok_or(Error::NotFound)?;
                let text = check_word(word.keyword.as_deref().unwrap_or(&before.keyword))?;
                store::filters::set_keyword(&mut tx, id, at, &text, word.whole_word.unwrap_or(before.whole_word))
                    .await?;
            }
            None if word.remove => {}
            None => {
                let text = check_word(&word.keyword.unwrap_or_default())?;
                store::filters::add_keyword(&mut tx, id, &text, word.whole_word.unwrap_or(true)).await?;
            }
        }
    }
    if grows && store::filters::count_words(&mut tx, me).await? > MOST_WORDS {
        return Err(Error::invalid("keywords", format!("All your filters together may have {MOST_WORDS} words.")));
    }
    streams::filters_changed(&mut tx, me).await?;
    let made = store::filters::get(&mut tx, me, id).await?;
    tx.commit().await?;
    Ok(made)
}

/// Deletes one.
pub async fn delete(ctx: &Ctx, viewer: &Viewer, id: FilterId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    if !store::filters::delete(&mut tx, me, id).await? {
        return Err(Error::NotFound);
    }
    streams::filters_changed(&mut tx, me).await?;
    tx.commit().await
}

/// The filter that a word belongs to.
pub async fn of_keyword(ctx: &Ctx, viewer: &Viewer, id: FilterKeywordId) -> Result<Filter> {
    let me = moderation::require_account(viewer)?;
    store::filters::get_by_keyword(&mut *ctx.pool.get().await?, me, id).await
}

/// The filter that a post belongs to.
pub async fn of_post(ctx: &Ctx, viewer: &Viewer, id: FilterPostId) -> Result<Filter> {
    let me = moderation::require_account(viewer)?;
    store::filters::get_by_post(&mut *ctx.pool.get().await?, me, id).await
}

/// Changes the words of one of one's own filters.
pub async fn put_words(ctx: &Ctx, viewer: &Viewer, filter: &Filter, words: Vec<KeywordChange>) -> Result<Filter> {
    let head = FilterHead {
        title: filter.title.clone(),
        contexts: filter.contexts.clone(),
        action: filter.action,
        ends_at: filter.ends_at,
    };
    put(ctx, viewer, Some(filter.id), head, words).await
}

/// Adds a post that one may read.
pub async fn add_post(ctx: &Ctx, viewer: &Viewer, id: FilterId, post: PostId) -> Result<FilterPost> {
    let me = moderation::require_account(viewer)?;
    posts::read(ctx, viewer, post).await?;
    let mut tx = ctx.tx().await?;
    store::filters::get(&mut tx, me, id).await?;
    let made = store::filters::add_post(&mut tx, id, post).await?;
    streams::filters_changed(&mut tx, me).await?;
    tx.commit().await?;
    Ok(FilterPost { id: made, post_id: post })
}

/// Takes a post out.
pub async fn remove_post(ctx: &Ctx, viewer: &Viewer, id: FilterPostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let filter = store::filters::get_by_post(&mut tx, me, id).await?;
    store::filters::remove_post(&mut tx, filter.id, id).await?;
    streams::filters_changed(&mut tx, me).await?;
    tx.commit().await
}

/// Which filters fit a post. One's own posts are never filtered.
pub fn matches<'a>(filters: &'a [Filter], viewer: &Viewer, card: &PostCard, now: DateTime<Utc>) -> Vec<Match<'a>> {
    sift(&Sieve::default(), filters, viewer, card, now)
}

/// The same for one of the many posts of a page, with the sieve of that page.
pub fn sift<'a>(
    sieve: &Sieve,
    filters: &'a [Filter],
    viewer: &Viewer,
    card: &PostCard,
    now: DateTime<Utc>,
) -> Vec<Match<'a>> {
    if filters.is_empty() || viewer.account() == Some(card.author.id) {
        return Vec::new();
    }
    sieve.matches(filters, &words(card), card.post.id, now)
}

/// What a filter looks at: the text without its marks, warning, title, choices and descriptions, in lower case.
fn words(card: &PostCard) -> String {
    let post = &card.post;
    let mut texts = vec![post.title.clone(), post.warning.clone(), sanitize::plain(&post.html)];
    texts.extend(card.poll.iter().flat_map(|p| p.0.options.iter().map(|o| o.title.clone())));
    texts.extend(card.media.0.iter().map(|m| m.description.clone()));
    texts.join("\n").to_lowercase()
}

/// A list without what one's filters hide there.
pub fn without_hidden(
    filters: &[Filter],
    viewer: &Viewer,
    cards: Vec<PostCard>,
    context: FilterContext,
    now: DateTime<Utc>,
) -> Vec<PostCard> {
    let sieve = Sieve::default();
    let hidden = |card: &PostCard| {
        sift(&sieve, filters, viewer, card, now).iter().any(|found| policy::filters::hides(found, context))
    };
    cards.into_iter().filter(|card| !hidden(card)).collect()
}
