//! Lists of people whose posts one reads apart.

use super::{Ctx, Page, Paged};
pub use crate::model::{List, ListReplies};
use crate::{
    error::{Error, Result},
    model::{AccountId, Author, ListId},
    policy::{Viewer, moderation},
    store,
};

/// Most lists of one person.
const MOST: usize = 50;

fn check_title(title: &str) -> Result<String> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.is_empty() {
        return Err(Error::invalid("title", "Title can't be blank"));
    }
    if title.chars().count() > 100 {
        return Err(Error::invalid("title", "A title may have 100 characters."));
    }
    Ok(title)
}

/// One's own, by name.
pub async fn all(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<List>> {
    let me = moderation::require_account(viewer)?;
    store::lists::list(&mut *ctx.pool.get().await?, me).await
}

/// Those of one's own that somebody is on.
pub async fn with(ctx: &Ctx, viewer: &Viewer, member: AccountId) -> Result<Vec<List>> {
    let me = moderation::require_account(viewer)?;
    store::lists::list_with(&mut *ctx.pool.get().await?, me, member).await
}

/// One of one's own.
pub async fn get(ctx: &Ctx, viewer: &Viewer, id: ListId) -> Result<List> {
    let me = moderation::require_account(viewer)?;
    store::lists::get(&mut *ctx.pool.get().await?, me, id).await
}

/// Makes one.
pub async fn create(ctx: &Ctx, viewer: &Viewer, title: &str, replies: ListReplies, exclusive: bool) -> Result<List> {
    let me = moderation::require_account(viewer)?;
    let title = check_title(title)?;
    let mut conn = ctx.pool.get().await?;
    if store::lists::list(&mut conn, me).await?.len() >= MOST {
        return Err(Error::invalid("title", format!("You may have {MOST} lists.")));
    }
    let id = store::lists::insert(&mut conn, me, &title, replies, exclusive).await?;
    Ok(List { id, title, replies, exclusive })
}

/// Changes one.
pub async fn update(ctx: &Ctx, viewer: &Viewer, mut list: List) -> Result<List> {
    let me = moderation::require_account(viewer)?;
    list.title = check_title(&list.title)?;
    let mut conn = ctx.pool.get().await?;
    store::lists::get(&mut conn, me, list.id).await?;
    store::lists::update(&mut conn, me, &list).await?;
    Ok(list)
}

/// Deletes one.
pub async fn delete(ctx: &Ctx, viewer: &Viewer, id: ListId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    if store::lists::delete(&mut *ctx.pool.get().await?, me, id).await? { Ok(()) } else { Err(Error::NotFound) }
}

/// Who is on one.
pub async fn members(ctx: &Ctx, viewer: &Viewer, id: ListId, page: &Page) -> Result<Paged<(i64, Author)>> {
    get(ctx, viewer, id).await?;
    store::lists::members(&mut *ctx.pool.get().await?, id, page).await
}

/// Puts people on one whom one follows.
///
/// # Errors
/// [`Error::NotFound`] where one does not follow them, [`Error::Conflict`] where all are there already.
pub async fn add(ctx: &Ctx, viewer: &Viewer, id: ListId, people: Vec<AccountId>) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    get(ctx, viewer, id).await?;
    let mut conn = ctx.pool.get().await?;
    let followed = store::lists::followed(&mut conn, me, people.clone()).await?;
    if people.is_empty() || followed.len() < people.len() {
        return Err(Error::NotFound);
    }
    if store::lists::add(&mut conn, id, people).await? == 0 {
        return Err(Error::Conflict("Account has already been taken".into()));
    }
    Ok(())
}

/// Takes people off one.
pub async fn remove(ctx: &Ctx, viewer: &Viewer, id: ListId, people: Vec<AccountId>) -> Result<()> {
    get(ctx, viewer, id).await?;
    store::lists::remove(&mut *ctx.pool.get().await?, id, people).await
}
