//! Posts that wait for their time, and drafts.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::{
    Ctx, Page, Paged, media,
    polls::{self, NewPoll},
    posts::{self, NewPost, Stays},
};
use crate::{
    crypto::token,
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
    /// Sources, as they were typed.
    pub sources: String,
    /// Conflicts of interest, as its author declares them.
    pub interests: String,
    /// Its author has settled what in it could identify a patient; of a draft nothing was asked yet.
    pub settled: bool,
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
/// Posts of one round of publishing.
const ROUND: i64 = 20;
/// Posts under way at once.
const AT_ONCE: usize = 4;
/// Tries of one post where the fault is not its own: about an hour.
const TRIES: i32 = 6;

/// Why what is marked stays in a post whose time has come.
const SETTLED: &str = "Its author has said so before.";

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
            sources: new.sources,
            interests: new.interests,
            settled: false,
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

/// Keeps a post until its time. The same request again within an hour gives the same waiting post and no second one.
pub async fn schedule(ctx: &Ctx, viewer: &Viewer, new: NewPost, at: DateTime<Utc>) -> Result<ScheduledId> {
    let me = moderation::require_account(viewer)?;
    if let Some(once) = &new.once
        && let Some(id) = kept_before(ctx, me, once).await?
    {
        return Ok(id);
    }
    check_time(ctx, at)?;
    posting::check_text(&new.text, &new.warning, !new.media.is_empty())?;
    if let Some(poll) = &new.poll {
        polls::check(ctx, poll)?;
    }
    if let Some(parent) = new.reply_to {
        let parent = posts::read(ctx, viewer, parent).await?;
        if parent.post.group_id.is_some() {
            posts::require_settled(&posts::marks(ctx, viewer, &new).await?)?;
        }
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
    let mut tx = ctx.tx().await?;
    let kept = put(ctx, &mut tx, me, id, new, at).await;
    match kept {
        Ok(id) => {
            tx.commit().await?;
            Ok(id)
        }
        Err(error) => {
            tx.roll_back().await?;
            Err(error)
        }
    }
}

/// Writes one down; with a time, once for each key.
async fn put(
    ctx: &Ctx,
    conn: &mut Conn,
    me: AccountId,
    id: Option<ScheduledId>,
    new: NewPost,
    at: Option<DateTime<Utc>>,
) -> Result<ScheduledId> {
    let key = at.and(new.once.as_deref()).map(token::hash);
    if let Some(key) = &key
        && let Some(known) = kept_by(ctx, conn, me, key).await?
    {
        return Ok(known);
    }
    let ids = media::loose(ctx, conn, me, new.media.clone(), None).await?;
    // Whatever has a time went past the gate.
    let content = Content { settled: at.is_some(), ..Content::from(new) };
    let content = serde_json::to_value(content).map_err(|e| Error::Internal(e.into()))?;
    let (timed, drafts) = store::scheduled::count(conn, me).await?;
    if id.is_none() && (if at.is_some() { timed } else { drafts }) >= MOST {
        return Err(Error::invalid("text", format!("You may have {MOST} waiting posts and {MOST} drafts.")));
    }
    let id = store::scheduled::put(conn, me, id, content, at).await?;
    store::scheduled::keep_media(conn, me, id, ids).await?;
    if let Some(key) = &key {
        store::scheduled::set_key(conn, me, key, None, Some(id)).await?;
    }
    Ok(id)
}

/// Takes the key of a request; the waiting post that the same request has made within the last hour.
async fn kept_by(ctx: &Ctx, conn: &mut Conn, me: AccountId, key: &[u8]) -> Result<Option<ScheduledId>> {
    let hour = ctx.now() - TimeDelta::hours(1);
    let used = |words: &str| Err(Error::Conflict(words.into()));
    match store::scheduled::take_key(conn, me, key, hour).await? {
        None => Ok(None),
        Some((None, Some(id))) => match store::scheduled::find(conn, me, id).await? {
            Some(_) => Ok(Some(id)),
            None => used("What this request has made waits no longer: it has been published or discarded."),
        },
        Some(_) => used("This request has been used for something else."),
    }
}

async fn kept_before(ctx: &Ctx, me: AccountId, once: &str) -> Result<Option<ScheduledId>> {
    let mut tx = ctx.tx().await?;
    let known = kept_by(ctx, &mut tx, me, &token::hash(once)).await;
    tx.roll_back().await?;
    known
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

/// Publishes what is due, each post for itself; returns how many there were. One that cannot be published is tried
/// again where that may help, else it stays, with the reason, for its author.
pub(super) async fn publish_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let lease = now + TimeDelta::seconds(ctx.config.worker.lease_seconds.max(30));
    let due = store::scheduled::claim(&mut *ctx.pool.get().await?, now, lease, ROUND).await?;
    let count = due.len();
    let settled: Vec<Result<()>> =
        stream::iter(due).map(|(row, attempts)| settle(ctx, row, attempts)).buffer_unordered(AT_ONCE).collect().await;
    settled.into_iter().collect::<Result<()>>()?;
    Ok(count)
}

async fn settle(ctx: &Ctx, row: store::scheduled::Row, attempts: i32) -> Result<()> {
    let id = row.0;
    let Err(error) = publish(ctx, row).await else { return Ok(()) };
    let mut conn = ctx.pool.get().await?;
    if error.is_passing() && attempts < TRIES {
        tracing::warn!(scheduled = %id, %error, "a waiting post is tried again");
        let wait = TimeDelta::seconds(ctx.config.worker.first_retry_seconds << attempts.clamp(0, 10));
        return store::scheduled::retry(&mut conn, id, ctx.now() + wait).await;
    }
    tracing::info!(scheduled = %id, %error, "a waiting post could not be published");
    store::scheduled::set_failure(&mut conn, id, &error.public()).await
}

async fn publish(ctx: &Ctx, row: store::scheduled::Row) -> Result<()> {
    let who = row.1;
    let Scheduled { id, content, media, .. } = shown(row)?;
    let viewer = sessions::viewer_of(ctx, who).await?.ok_or(Error::Forbidden("The account may not post."))?;
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
        sources: content.sources,
        interests: content.interests,
        media: media.iter().map(|m| m.id).collect::<Vec<MediaId>>(),
        once: None,
        stays: if content.settled { Stays::All(SETTLED.into()) } else { Stays::default() },
        ..NewPost::default()
    };
    if !posts::publish_waiting(ctx, &viewer, new, id).await? {
        tracing::debug!(scheduled = %id, "a waiting post was changed in the last moment");
    }
    Ok(())
}
