//! Hashtags: how they fare, who follows them, which stand on a page.

use std::collections::HashMap;

use super::{Ctx, Page, Paged};
pub use crate::store::taste::Featured;
use crate::{
    error::{Error, Result},
    model::AccountId,
    policy::{Viewer, moderation},
    store, text,
};

/// Most hashtags on one page.
pub const MOST_FEATURED: usize = 10;

/// A hashtag as a viewer sees it.
#[derive(Debug, Clone)]
pub struct TagView {
    /// Its id; 0 where it was never used.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The viewer follows it.
    pub following: bool,
    /// The viewer shows it on their page.
    pub featuring: bool,
    /// Uses and people of the last seven days, today first.
    pub days: [(i64, i64); 7],
}

/// A name as it is kept: without `#`, in lower case.
pub fn name(written: &str) -> Result<String> {
    let name = written.trim().trim_start_matches('#').to_lowercase();
    let fits = text::find(&format!("#{name}")).tags.first().is_some_and(|found| *found == name);
    if fits { Ok(name) } else { Err(Error::invalid("name", "Tag is invalid")) }
}

/// Several, in the order asked: two queries whatever their number.
pub async fn views(ctx: &Ctx, viewer: &Viewer, names: Vec<String>) -> Result<Vec<TagView>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut conn = ctx.pool.read().await?;
    let marks = store::taste::tag_marks(&mut conn, viewer.account(), names.clone()).await?;
    let mut marks: HashMap<String, _> = marks.into_iter().map(|m| (m.0.clone(), m)).collect();
    let mut days: HashMap<String, [(i64, i64); 7]> = HashMap::new();
    for (name, ago, uses, people) in store::taste::tag_days(&mut conn, names.clone(), ctx.now()).await? {
        if let Some(day) = usize::try_from(ago).ok().and_then(|ago| days.entry(name).or_default().get_mut(ago)) {
            *day = (uses, people);
        }
    }
    Ok(names
        .into_iter()
        .map(|name| {
            let (id, following, featuring) = marks.remove(&name).map_or((0, false, false), |m| (m.1, m.2, m.3));
            TagView { id, following, featuring, days: days.remove(&name).unwrap_or_default(), name }
        })
        .collect())
}

/// One.
pub async fn view(ctx: &Ctx, viewer: &Viewer, written: &str) -> Result<TagView> {
    views(ctx, viewer, vec![name(written)?]).await?.pop().ok_or(Error::NotFound)
}

/// Follows one: public posts with it come home.
pub async fn follow(ctx: &Ctx, viewer: &Viewer, written: &str) -> Result<TagView> {
    let me = moderation::require_account(viewer)?;
    let name = name(written)?;
    let mut conn = ctx.pool.get().await?;
    let tag = store::taste::tag(&mut conn, &name).await?;
    store::taste::follow_tag(&mut conn, me, tag).await?;
    drop(conn);
    view(ctx, viewer, &name).await
}

/// Follows it no more.
pub async fn unfollow(ctx: &Ctx, viewer: &Viewer, written: &str) -> Result<TagView> {
    let me = moderation::require_account(viewer)?;
    let name = name(written)?;
    let mut conn = ctx.pool.get().await?;
    let tag = store::taste::tag(&mut conn, &name).await?;
    store::taste::unfollow_tag(&mut conn, me, tag).await?;
    drop(conn);
    view(ctx, viewer, &name).await
}

/// Those that one follows: the follow's id and the tag.
pub async fn followed(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<(i64, TagView)>> {
    let me = moderation::require_account(viewer)?;
    let Paged { items, older, newer } = store::taste::followed_tags(&mut *ctx.pool.read().await?, me, page).await?;
    let (keys, names): (Vec<i64>, Vec<String>) = items.into_iter().unzip();
    let items = keys.into_iter().zip(views(ctx, viewer, names).await?).collect();
    Ok(Paged { items, older, newer })
}

/// Those on somebody's page.
pub async fn featured(ctx: &Ctx, who: AccountId) -> Result<Vec<Featured>> {
    store::taste::featured_tags(&mut *ctx.pool.read().await?, who).await
}

/// Puts one on one's own page.
pub async fn feature(ctx: &Ctx, viewer: &Viewer, written: &str) -> Result<Featured> {
    let me = moderation::require_account(viewer)?;
    let name = name(written)?;
    let mut conn = ctx.pool.get().await?;
    let known = store::taste::featured_tags(&mut conn, me).await?;
    if known.len() >= MOST_FEATURED && !known.iter().any(|f| f.1 == name) {
        return Err(Error::invalid("name", format!("A page may show {MOST_FEATURED} hashtags.")));
    }
    let tag = store::taste::tag(&mut conn, &name).await?;
    store::taste::feature_tag(&mut conn, me, tag).await?;
    let now = store::taste::featured_tags(&mut conn, me).await?;
    now.into_iter().find(|f| f.1 == name).ok_or(Error::NotFound)
}

/// Takes one off one's own page, by its id there or by the tag's.
pub async fn unfeature(ctx: &Ctx, viewer: &Viewer, id: i64) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    if store::taste::unfeature_tag(&mut *ctx.pool.get().await?, me, id).await? > 0 {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

/// Those that one often uses.
pub async fn own(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<TagView>> {
    let me = moderation::require_account(viewer)?;
    let names = store::taste::own_tags(&mut *ctx.pool.read().await?, me, 10).await?;
    views(ctx, viewer, names).await
}
