//! Polls: asking, voting, and what happens when they end.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};

use super::{Ctx, posts, reactions};
use crate::{
    error::{Error, Result},
    model::{Account, Event, Post, PostCard, PostId},
    policy::{Viewer, moderation, posting},
    store::{self, Conn},
    text::sanitize,
};
pub use crate::{model::Poll, store::polls::NewPoll as Told};

/// A poll that somebody wants to ask.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NewPoll {
    /// What can be chosen.
    pub options: Vec<String>,
    /// How long it runs.
    pub seconds: i64,
    /// More than one choice may be made.
    pub multiple: bool,
    /// Counts are shown only after the end.
    pub hide_totals: bool,
}

/// Checks a poll and makes it ready to be kept.
pub(super) fn check(ctx: &Ctx, poll: &NewPoll) -> Result<Told> {
    let options: Vec<String> = poll
        .options
        .iter()
        .map(|o| o.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|o| !o.is_empty())
        .collect();
    posting::check_poll(&options, poll.seconds)?;
    Ok(Told {
        options: options.into_iter().map(|o| (o, 0)).collect(),
        multiple: poll.multiple,
        hide_totals: poll.hide_totals,
        ends_at: Some(ctx.now() + TimeDelta::seconds(poll.seconds)),
        voters_count: Some(0),
    })
}

const TWICE: &str = "You have already voted on this poll";
const NO_SUCH: &str = "The chosen vote option does not exist";
const OVER: &str = "The poll has already ended";

/// Votes, once. Of another server's poll its author's server is told, and counts.
pub async fn vote(ctx: &Ctx, viewer: &Viewer, id: PostId, mut places: Vec<usize>) -> Result<PostCard> {
    let me = moderation::require_account(viewer)?;
    let card = posts::read(ctx, viewer, id).await?;
    let Some(poll) = &card.poll else { return Err(Error::NotFound) };
    let wrong = |words: &str| Err(Error::invalid("choices", words));
    places.sort_unstable();
    places.dedup();
    if poll.0.ended(ctx.now()) {
        return wrong(OVER);
    }
    if places.is_empty() || places.iter().any(|p| *p >= poll.0.options.len()) {
        return wrong(NO_SUCH);
    }
    if card.author.id == me {
        return wrong("Your own poll is for others to answer");
    }
    if !poll.0.multiple && places.len() > 1 {
        return wrong(TWICE);
    }
    let places: Vec<i16> = places.into_iter().filter_map(|p| i16::try_from(p).ok()).collect();
    let mut tx = ctx.tx().await?;
    store::polls::lock(&mut tx, id).await?;
    let now = store::polls::find(&mut tx, Some(me), id).await?.ok_or(Error::NotFound)?;
    if !now.own.is_empty() {
        tx.roll_back().await?;
        return wrong(TWICE);
    }
    store::polls::vote(&mut tx, me, id, places.clone(), ctx.now()).await?;
    if !card.post.local && reactions::may_hear(&mut tx, card.author.id, &card.post).await? {
        for place in places {
            store::outbox::insert(&mut tx, me, &Event::Vote { post: id, place }).await?;
        }
    }
    tx.commit().await?;
    posts::read(ctx, viewer, id).await
}

/// Somebody on another server voted on a poll of ours, naming their choice. What does not fit is passed over.
pub(super) async fn voted_by_remote(
    ctx: &Ctx,
    conn: &mut Conn,
    viewer: &Viewer,
    who: &Account,
    post: &Post,
    choice: &str,
) -> Result<()> {
    if !post.local || store::posts::find_card(conn, viewer, post.id).await?.is_none() {
        return Ok(());
    }
    let Some(_) = store::polls::find(conn, None, post.id).await? else { return Ok(()) };
    store::polls::lock(conn, post.id).await?;
    let poll = store::polls::find(conn, Some(who.id), post.id).await?.ok_or(Error::NotFound)?;
    let place = poll.options.iter().position(|o| o.title == choice).and_then(|p| i16::try_from(p).ok());
    let Some(place) = place else { return Ok(()) };
    if poll.ended(ctx.now()) || (!poll.multiple && !poll.own.is_empty()) {
        return Ok(());
    }
    store::polls::vote(conn, who.id, post.id, vec![place], ctx.now()).await.map(drop)
}

/// Results that are asked for at once.
const AT_ONCE: usize = 8;
/// How long another server may take to tell one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ends polls whose time is over and tells other servers of new counts, at most every few minutes a poll.
pub async fn look_after(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let (ended, voted) = store::polls::end_due(&mut tx, now).await?;
    let quiet = TimeDelta::seconds(ctx.config.worker.poll_counts_seconds);
    let changed = store::polls::take_changed(&mut tx, now - quiet, now).await?;
    for (post, author) in &changed {
        store::outbox::insert(&mut tx, *author, &Event::PollCounts { post: *post }).await?;
    }
    tx.commit().await?;
    stream::iter(voted).for_each_concurrent(AT_ONCE, |(post, uri)| ask_result(ctx, post, uri)).await;
    Ok(ended + changed.len())
}

/// The last counts are those of a poll's own server. It is asked once: whoever looks later sees what was known here.
async fn ask_result(ctx: &Ctx, post: PostId, uri: String) {
    let asking = async {
        let url = url::Url::parse(&uri).map_err(|_| Error::NotFound)?;
        ctx.remote()?.refresh(&url).await
    };
    let asked = tokio::time::timeout(PATIENCE, asking).await;
    if let Err(error) = asked.unwrap_or_else(|_| Err(Error::remote("", "it took too long"))) {
        tracing::debug!(%post, %error, "the result of a poll could not be asked for");
    }
}

/// Cleans what another server says of a poll.
pub fn told(mut poll: Told) -> Told {
    poll.options.truncate(20);
    for (title, votes) in &mut poll.options {
        *title = sanitize::line(&sanitize::plain(title), 200);
        *votes = (*votes).max(0);
    }
    poll
}
