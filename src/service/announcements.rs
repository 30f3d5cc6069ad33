//! Word of the house to everybody in it.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    Ctx,
    audit::{self, About, By, Deed},
    organization,
    posts::{self, NewPost},
    streams,
};
use crate::{
    error::{Error, Result},
    model::{AccountId, AnnouncementId, AuditAction, Event, Markup, Visibility},
    policy::{Viewer, moderation},
    store,
};

/// One as its reader sees it.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// Its id.
    pub id: AnnouncementId,
    /// Markdown.
    pub source: String,
    /// Safe HTML.
    pub html: String,
    /// From when.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when.
    pub ends_at: Option<DateTime<Utc>>,
    /// Since when it is there.
    pub published_at: DateTime<Utc>,
    /// When it was changed.
    pub updated_at: DateTime<Utc>,
    /// The reader has put it away.
    pub read: bool,
    /// Emoji, how many, and whether the reader is among them.
    pub reactions: Vec<(String, i64, bool)>,
}

/// Longest announcement, in characters.
const LONGEST: usize = 5_000;
/// Most different reactions to one.
const MOST_REACTIONS: usize = 8;

fn shown(row: store::announcements::Row) -> Announcement {
    let (id, source, html, starts_at, ends_at, published_at, updated_at, read) = row;
    Announcement { id, source, html, starts_at, ends_at, published_at, updated_at, read, reactions: Vec::new() }
}

/// Those that hold now, newest first: two queries.
pub async fn current(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Announcement>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let mut all: Vec<Announcement> =
        store::announcements::list(&mut conn, me, Some(ctx.now())).await?.into_iter().map(shown).collect();
    if all.is_empty() {
        return Ok(all);
    }
    let ids = all.iter().map(|a| a.id).collect();
    for (id, name, count, mine) in store::announcements::reactions(&mut conn, me, ids).await? {
        if let Some(one) = all.iter_mut().find(|a| a.id == id) {
            one.reactions.push((name, count, mine));
        }
    }
    Ok(all)
}

/// All of them, for admins.
pub async fn all(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Announcement>> {
    let me = moderation::require_admin(viewer)?;
    let rows = store::announcements::list(&mut *ctx.pool.get().await?, me, None).await?;
    Ok(rows.into_iter().map(shown).collect())
}

/// Publishes one.
pub async fn publish(
    ctx: &Ctx,
    viewer: &Viewer,
    text: &str,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
) -> Result<AnnouncementId> {
    let by = moderation::require_admin(viewer)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("text", "Write what everybody should know."));
    }
    if text.chars().count() > LONGEST {
        return Err(Error::invalid("text", format!("An announcement may have {LONGEST} characters.")));
    }
    if let (Some(from), Some(to)) = (starts_at, ends_at)
        && from >= to
    {
        return Err(Error::invalid("ends_at", "It would end before it begins."));
    }
    let rendered = posts::render(ctx, text, Markup::Markdown).await?;
    // What begins later is told to the house alone.
    let institution = if starts_at.is_some_and(|at| at > ctx.now()) { None } else { institution(ctx).await? };
    let mut tx = ctx.tx().await?;
    let html = rendered.html.clone();
    let post = match institution {
        Some(institution) => {
            let language = store::users::get(&mut tx, by).await?.language;
            let word =
                NewPost { text: text.to_owned(), language, visibility: Visibility::Public, ..NewPost::default() };
            Some(posts::say(ctx, &mut tx, institution, word, rendered).await?)
        }
        None => None,
    };
    let id = store::announcements::insert(&mut tx, text, &html, starts_at, ends_at, post).await?;
    streams::announced(&mut tx, id).await?;
    let deed = Deed::new(By::Account(by), AuditAction::PublishAnnouncement, About::Announcement(id));
    audit::record(ctx, &mut tx, deed.with(json!({ "starts_at": starts_at, "ends_at": ends_at }))).await?;
    tx.commit().await?;
    Ok(id)
}

/// The account that says to its followers elsewhere what the house announces; none where it could not be made.
async fn institution(ctx: &Ctx) -> Result<Option<AccountId>> {
    match organization::account(ctx).await {
        Ok(id) => Ok(Some(id)),
        Err(Error::Conflict(words)) => {
            tracing::warn!("an announcement stays in the house: {words}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Takes one back, and the institution's post that says the same.
pub async fn withdraw(ctx: &Ctx, viewer: &Viewer, id: AnnouncementId) -> Result<()> {
    let by = moderation::require_admin(viewer)?;
    let mut tx = ctx.tx().await?;
    if let Some(said) = store::announcements::delete(&mut tx, id).await? {
        match store::posts::lock(&mut tx, said).await {
            Ok(post) => {
                store::posts::bury(&mut tx, &post, ctx.now()).await?;
                store::outbox::insert(&mut tx, post.author_id, &Event::Delete { post: said }).await?;
            }
            // It was deleted before.
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    streams::unannounced(&mut tx, id).await?;
    let deed = Deed::new(By::Account(by), AuditAction::WithdrawAnnouncement, About::Announcement(id));
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await
}

/// One for a reader, where it holds now.
pub async fn get(ctx: &Ctx, viewer: &Viewer, id: AnnouncementId) -> Result<Announcement> {
    current(ctx, viewer).await?.into_iter().find(|a| a.id == id).ok_or(Error::NotFound)
}

/// Puts one away.
pub async fn dismiss(ctx: &Ctx, viewer: &Viewer, id: AnnouncementId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    store::announcements::find(&mut conn, me, id).await?.ok_or(Error::NotFound)?;
    store::announcements::read(&mut conn, me, id).await
}

/// Adds a reaction, or takes it back. A reaction is one emoji.
pub async fn react(ctx: &Ctx, viewer: &Viewer, id: AnnouncementId, name: &str, add: bool) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let one = get(ctx, viewer, id).await?;
    let emoji =
        !name.is_empty() && name.chars().count() <= 8 && name.chars().all(|c| !c.is_ascii() && !c.is_alphanumeric());
    if add && !emoji {
        return Err(Error::invalid("name", "Name is not a recognized emoji"));
    }
    if add && one.reactions.len() >= MOST_REACTIONS && !one.reactions.iter().any(|r| r.0 == name) {
        return Err(Error::invalid("name", "Limit of different reactions reached"));
    }
    let mut tx = ctx.tx().await?;
    store::announcements::react(&mut tx, me, id, name, add).await?;
    // What is taken back may never have been a reaction, and then nobody is told.
    if emoji {
        streams::reacted(&mut tx, id, name).await?;
    }
    tx.commit().await
}

/// How many reacted with this emoji.
pub async fn count_reactions(ctx: &Ctx, id: AnnouncementId, emoji: &str) -> Result<i64> {
    store::announcements::count_reactions(&mut *ctx.pool.read().await?, id, emoji).await
}
