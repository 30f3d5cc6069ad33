//! Posts that wait for their time, and drafts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Ctx, Page, Paged, media,
    polls::{self, NewPoll},
    posts::{self, NewPost},
};
use crate::{
    error::{Error, Result},
    model::{AccountId, AppId, Markup, Media, MediaId, PostId, ScheduledId, Visibility},
    policy::{Viewer, moderation, posting},
    service::sessions,
    store::{self, Conn},
};

/// What a post to come says, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// As it was typed.
    pub text: String,
    /// How.
    pub markup: Markup,
    /// Content warning.
    pub warning: String,
    /// Look twice.
    pub sensitive: bool,
    /// Code.
    pub language: String,
    /// Who it is for.
    pub visibility: Visibility,
    /// What it answers.
    pub reply_to: Option<PostId>,
    /// A poll.
    pub poll: Option<NewPoll>,
    /// The program that it was written with.
    pub app: Option<AppId>,
}

/// One as its author sees it.
#[derive(Debug, Clone)]
pub struct Scheduled {
    /// Its id.
    pub id: ScheduledId,
    /// What it says.
    pub content: Content,
    /// When it is published; none for a draft.
    pub at: Option<DateTime<Utc>>,
    /// Why it could not be published; empty where nothing went wrong.
    pub failure: String,
    /// Its pictures.
    pub media: Vec<Media>,
}

/// The soonest time, from now.
const SOONEST: TimeDelta = TimeDelta::minutes(5);
/// The latest.
const LATEST: TimeDelta = TimeDelta::days(366 * 5);
/// Most of one person with a time, and most drafts.
const MOST: i64 = 300;

impl From<NewPost> for Content {
    fn from(new: NewPost) -> Self {
        Self {
            text: new.text,
            markup: new.markup,
            warning: new.warning,
            sensitive: new.sensitive,
            language: new.language,
            visibility: new.visibility,
            reply_to: new.reply_to,
            poll: new.poll,
            app: new.app,
        }
    }
}

fn shown(row: store::scheduled::Row) -> Result<Scheduled> {
    let (id, _, content, at, failure, media) = row;
    let content = serde_json::from_value(content).map_err(|e| Error::Internal(e.into()))?;
    Ok(Scheduled { id, content, at, failure, media: media.0 })
}

fn check_time(ctx: &Ctx, at: DateTime<Utc>) -> Result<()> {
    let now = ctx.now();
    if at < now + SOONEST {
        return Err(Error::invalid(
            "scheduled_at",
            "Scheduled at The scheduled date must be in the future: at least five minutes from now",
        ));
    }
    if at > now + LATEST {
        return Err(Error::invalid("scheduled_at", "The date is too far away: five years are the limit"));
    }
    Ok(())
}

/// Keeps a post until its time.
pub async fn schedule(ctx: &Ctx, viewer: &Viewer, new: NewPost, at: DateTime<Utc>) -> Result<ScheduledId> {
    let me = moderation::require_account(viewer)?;
    check_time(ctx, at)?;
    posting::check_text(&new.text, &new.warning, !new.media.is_empty())?;
    if let Some(poll) = &new.poll {
        polls::check(ctx, poll)?;
    }
    if let Some(parent) = new.reply_to {
        posts::read(ctx, viewer, parent).await?;
    }
    keep(ctx, me, None, new, Some(at)).await
}

/// Keeps a draft, in place of an earlier one where an id is given. Nothing in it has to be complete.
pub async fn save_draft(ctx: &Ctx, viewer: &Viewer, id: Option<ScheduledId>, new: NewPost) -> Result<ScheduledId> {
    let me = moderation::require_account(viewer)?;
    if new.text.chars().count() > posting::MAX_POST || new.warning.chars().count() > posting::MAX_WARNING {
        posting::check_text(&new.text, &new.warning, true)?;
    }
    keep(ctx, me, id, new, None).await
}

async fn keep(
    ctx: &Ctx,
    me: AccountId,
    id: Option<ScheduledId>,
    new: NewPost,
    at: Option<DateTime<Utc>>,
) -> Result<ScheduledId> {
    let ids = media::loose(ctx, me, new.media.clone(), None).await?;
    let content = serde_json::to_value(Content::from(new)).map_err(|e| Error::Internal(e.into()))?;
    let mut tx = ctx.tx().await?;
    let (timed, drafts) = store::scheduled::count(&mut tx, me).await?;
    if id.is_none() && (if at.is_some() { timed } else { drafts }) >= MOST {
        return Err(Error::invalid("text", format!("You may have {MOST} waiting posts and {MOST} drafts.")));
    }
    let id = store::scheduled::put(&mut tx, me, id, content, at).await?;
    store::scheduled::keep_media(&mut tx, me, id, ids).await?;
    tx.commit().await?;
    Ok(id)
}

/// One's own that wait for their time, or one's drafts.
pub async fn list(ctx: &Ctx, viewer: &Viewer, drafts: bool, page: &Page) -> Result<Paged<Scheduled>> {
    let me = moderation::require_account(viewer)?;
    let Paged { items, older, newer } = store::scheduled::list(&mut *ctx.pool.get().await?, me, drafts, page).await?;
    Ok(Paged { items: items.into_iter().map(shown).collect::<Result<_>>()?, older, newer })
}

/// One of one's own.
pub async fn get(ctx: &Ctx, viewer: &Viewer, id: ScheduledId) -> Result<Scheduled> {
    let me = moderation::require_account(viewer)?;
    shown(store::scheduled::find(&mut *ctx.pool.get().await?, me, id).await?.ok_or(Error::NotFound)?)
}

/// Another time for one.
pub async fn move_to(ctx: &Ctx, viewer: &Viewer, id: ScheduledId, at: DateTime<Utc>) -> Result<Scheduled> {
    let me = moderation::require_account(viewer)?;
    check_time(ctx, at)?;
    let known = get(ctx, viewer, id).await?;
    let content = serde_json::to_value(known.content).map_err(|e| Error::Internal(e.into()))?;
    store::scheduled::put(&mut *ctx.pool.get().await?, me, Some(id), content, Some(at)).await?;
    get(ctx, viewer, id).await
}

/// Deletes one.
pub async fn delete(ctx: &Ctx, viewer: &Viewer, id: ScheduledId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    if store::scheduled::delete(&mut *ctx.pool.get().await?, me, id).await? { Ok(()) } else { Err(Error::NotFound) }
}

/// Publishes what is due; returns how much that was. One that cannot be published stays, with the reason, for its author.
pub(super) async fn publish_due(ctx: &Ctx) -> Result<usize> {
    let mut tx = ctx.tx().await?;
    let due = store::scheduled::lock_due(&mut tx, ctx.now(), 20).await?;
    let count = due.len();
    for row in due {
        let (who, one) = (row.1, shown(row)?);
        match publish(ctx, who, &one).await {
            Ok(()) => {
                store::scheduled::delete(&mut tx, who, one.id).await?;
            }
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => fail(&mut tx, one.id, &error).await?,
        }
    }
    tx.commit().await?;
    Ok(count)
}

async fn fail(conn: &mut Conn, id: ScheduledId, error: &Error) -> Result<()> {
    tracing::info!(scheduled = %id, %error, "a waiting post could not be published");
    store::scheduled::set_failure(conn, id, &error.public()).await
}

async fn publish(ctx: &Ctx, who: AccountId, one: &Scheduled) -> Result<()> {
    let viewer = sessions::viewer_of(ctx, who).await?.ok_or(Error::Forbidden("The account may not post."))?;
    let content = one.content.clone();
    let new = NewPost {
        text: content.text,
        markup: content.markup,
        warning: content.warning,
        sensitive: content.sensitive,
        language: content.language,
        visibility: content.visibility,
        reply_to: content.reply_to,
        poll: content.poll,
        app: content.app,
        media: one.media.iter().map(|m| m.id).collect::<Vec<MediaId>>(),
        // The post itself tells that this one has been published, should we die before its row is gone.
        once: Some(format!("scheduled|{}", one.id)),
    };
    posts::publish(ctx, &viewer, new).await.map(drop)
}
