//! Finding people, posts by their address, and hashtags; also on other servers.

use url::Url;

use super::{
    Ctx,
    groups::{self, Listed},
    ports::Found,
    throttles,
};
pub use crate::store::posts::Query;
use crate::{
    error::Result,
    model::{Account, AccountKind, Author, PostCard},
    policy::Viewer,
    store,
    text::handle,
};

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// People.
    pub people: Vec<Author>,
    /// Groups that the viewer may find.
    pub groups: Vec<Listed>,
    /// Posts: the one whose address was given, or those with these words.
    pub posts: Vec<PostCard>,
    /// Hashtags with the number of their public posts.
    pub tags: Vec<(String, i64)>,
    /// Why another server was of no help, in words for the reader.
    pub trouble: Option<String>,
}

/// What an app found.
#[derive(Debug, Clone, Default)]
pub struct AppResults {
    /// People.
    pub people: Vec<Account>,
    /// Posts: the one whose address was given, or those with these words.
    pub posts: Vec<PostCard>,
    /// Hashtags with the number of their public posts.
    pub tags: Vec<(String, i64)>,
}

/// Looks a text up. A whole handle or an address is asked of its own server, by signed-in people only.
pub async fn search(ctx: &Ctx, viewer: &Viewer, text: &str) -> Result<Results> {
    let text: String = text.trim().chars().take(500).collect();
    let mut results = Results::default();
    if text.is_empty() {
        return Ok(results);
    }
    may_search(ctx, viewer).await?;
    if let Some(url) = Url::parse(&text).ok().filter(|u| matches!(u.scheme(), "http" | "https")) {
        return by_address(ctx, viewer, &url).await;
    }
    let whole =
        handle::parse(&text, &ctx.config.instance.host()).filter(|h| h.host.is_some() && viewer.role().is_some());
    if let Some(handle::Handle { username, host: Some(host) }) = whole {
        results.trouble = ask(ctx, viewer, &username, &host).await;
    }
    let mut conn = ctx.pool.read().await?;
    if !text.starts_with('#') {
        results.people = store::accounts::search(&mut conn, &text, 20).await?;
    }
    if !text.starts_with('@') {
        results.tags = store::tags::search(&mut conn, &text, 10).await?;
    }
    drop(conn);
    if viewer.role().is_some() && !text.starts_with('#') {
        results.groups = groups::search(ctx, viewer, &text, 10).await?;
    }
    if !text.starts_with(['@', '#']) {
        results.posts = posts(ctx, viewer, &Query { words: text, limit: 20, ..Query::default() }).await?;
    }
    Ok(results)
}

/// One of our people searches: not without end.
async fn may_search(ctx: &Ctx, viewer: &Viewer) -> Result<()> {
    match viewer.account() {
        Some(me) => throttles::allow(ctx, throttles::Act::Search, &me.to_string()).await,
        None => Ok(()),
    }
}

/// One of our people makes us ask another server: not without end.
async fn may_ask(ctx: &Ctx, viewer: &Viewer) -> Result<()> {
    match viewer.account() {
        Some(me) => throttles::allow(ctx, throttles::Act::Lookup, &me.to_string()).await,
        None => Err(crate::error::Error::Unauthenticated),
    }
}

async fn ask(ctx: &Ctx, viewer: &Viewer, username: &str, host: &str) -> Option<String> {
    let known = async {
        let mut conn = ctx.pool.read().await?;
        store::accounts::find_by_handle(&mut conn, username, Some(host)).await
    };
    match known.await {
        Ok(None) => {}
        Ok(Some(_)) | Err(_) => return None,
    }
    let asked = async {
        may_ask(ctx, viewer).await?;
        ctx.remote()?.account(username, host).await
    };
    asked.await.err().map(|e| e.public())
}

async fn by_address(ctx: &Ctx, viewer: &Viewer, url: &Url) -> Result<Results> {
    let mut results = Results::default();
    let found = match known(ctx, url).await? {
        Some(found) => Ok(found),
        None if viewer.role().is_some() => {
            let asked = async {
                may_ask(ctx, viewer).await?;
                ctx.remote()?.address(url).await
            };
            asked.await
        }
        None => return Ok(results),
    };
    match found {
        Ok(Found::Account(id)) => {
            let account = store::accounts::get(&mut *ctx.pool.read().await?, id).await?;
            let handle = account.handle();
            if account.kind == AccountKind::Group && viewer.role().is_some() {
                // The handle names it: it comes first where the viewer may find it at all.
                let found = groups::search(ctx, viewer, &handle, 1).await?;
                results.groups = found.into_iter().filter(|group| group.account.id == id).collect();
            } else {
                results.people = store::accounts::search(&mut *ctx.pool.read().await?, &handle, 1).await?;
            }
        }
        Ok(Found::Post(id)) => {
            results.posts.extend(store::posts::find_card(&mut *ctx.pool.read().await?, viewer, id).await?);
        }
        Err(error) => results.trouble = Some(error.public()),
    }
    Ok(results)
}

/// People alone, for apps that complete a handle; with `resolve` a whole handle is asked of its own server.
pub async fn accounts(ctx: &Ctx, viewer: &Viewer, words: &str, limit: i64, resolve: bool) -> Result<Vec<Account>> {
    let words: String = words.trim().chars().take(200).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let whole = handle::parse(&words, &ctx.config.instance.host());
    if let Some(handle::Handle { username, host: Some(host) }) = whole.filter(|_| resolve) {
        // Who is not found there is not found here either.
        ask(ctx, viewer, &username, &host).await;
    }
    let found = store::accounts::search(&mut *ctx.pool.read().await?, &words, limit).await?;
    super::profiles::by_ids(ctx, found.into_iter().map(|author| author.id).collect()).await
}

/// Posts with all of some words that the viewer may see: public ones of people who may be found, one's own, and those
/// that one is named in, likes, saved or passed on. Signed-in people only.
pub async fn posts(ctx: &Ctx, viewer: &Viewer, query: &Query) -> Result<Vec<PostCard>> {
    if viewer.role().is_none() || query.words.trim().is_empty() {
        return Ok(Vec::new());
    }
    store::posts::search(&mut *ctx.pool.read().await?, viewer, query).await
}

/// What an app looks for: people, a post by its address, hashtags. Other servers are asked only with `resolve`.
pub async fn for_app(ctx: &Ctx, viewer: &Viewer, query: &Query, resolve: bool) -> Result<AppResults> {
    let words: String = query.words.trim().chars().take(500).collect();
    let limit = query.limit;
    let mut results = AppResults::default();
    may_search(ctx, viewer).await?;
    if let Some(url) = Url::parse(&words).ok().filter(|u| matches!(u.scheme(), "http" | "https")) {
        if resolve || known(ctx, &url).await?.is_some() {
            let found = by_address(ctx, viewer, &url).await?;
            results.people = super::profiles::by_ids(ctx, found.people.iter().map(|p| p.id).collect()).await?;
            results.posts = found.posts;
        }
        return Ok(results);
    }
    if !words.starts_with('#') {
        results.people = accounts(ctx, viewer, &words, limit, resolve).await?;
    }
    if !words.starts_with(['@', '#']) {
        results.posts = posts(ctx, viewer, query).await?;
    }
    if !words.is_empty() && !words.starts_with('@') {
        results.tags = store::tags::search(&mut *ctx.pool.read().await?, &words, limit.min(20)).await?;
    }
    Ok(results)
}

async fn known(ctx: &Ctx, url: &Url) -> Result<Option<Found>> {
    let mut conn = ctx.pool.read().await?;
    if let Some(post) = store::posts::find_by_address(&mut conn, url.as_str()).await? {
        return Ok(Some(Found::Post(post)));
    }
    Ok(store::accounts::find_by_address(&mut conn, url.as_str()).await?.map(Found::Account))
}

/// The page on a stranger's own server where they can follow one of our people.
pub async fn interaction_page(ctx: &Ctx, handle: &str, uri: &str, address: &str) -> Result<Url> {
    throttles::allow(ctx, throttles::Act::Lookup, &throttles::network(address)).await?;
    let wrong = || crate::error::Error::invalid("handle", "Enter your handle as @name@your-hospital.example.");
    let handle = handle::parse(handle, &ctx.config.instance.host()).ok_or_else(wrong)?;
    let host = handle.host.ok_or_else(wrong)?;
    ctx.remote()?.interaction_page(&handle.username, &host, uri).await
}

/// Whose or what an address is: our own page of it, for people who come from another server.
pub async fn page_of(ctx: &Ctx, viewer: &Viewer, address: &str) -> Result<String> {
    let results = search(ctx, viewer, address).await?;
    let named =
        results.groups.first().filter(|one| one.account.handle().eq_ignore_ascii_case(address.trim_start_matches('@')));
    if let Some(group) = named.or(results.groups.first().filter(|_| results.people.is_empty())) {
        return Ok(format!("/groups/{}", group.account.handle()));
    }
    let person = results.people.first().map(|p| format!("/@{}", p.handle()));
    let post = results.posts.first().map(|c| format!("/@{}/{}", c.author.handle(), c.post.id));
    post.or(person).ok_or(crate::error::Error::NotFound)
}
