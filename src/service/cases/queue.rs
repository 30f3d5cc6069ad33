//! What waits for an answer, whom it is shown to first, and how long answers take.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

pub use crate::store::cases::queue::{AnswerTime, Asked, Counts};
use crate::{
    error::{Error, Result},
    model::{AccountId, Author, CaseLine, PostCard, PostId},
    policy::{Viewer, moderation},
    service::{Ctx, Page, Paged, groups, specialties},
    store::{
        self, Conn,
        cases::{
            queue::{self as waiting, Wanted},
            wishes,
        },
    },
};

/// A case that waits for an answer.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its post.
    pub card: PostCard,
    /// The case.
    pub case: CaseLine,
    /// The group that is asked.
    pub group: Author,
}

/// Which cases are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Code of a specialty that they name; empty for any.
    pub specialty: String,
    /// Of this group alone.
    pub group: Option<AccountId>,
    /// Those that name a specialty of which the viewer is asked, before those that name none; no others.
    pub mine: bool,
}

/// For how long the time to a first answer is looked at.
const LOOKED_AT: TimeDelta = TimeDelta::days(90);
/// Nothing is said of fewer cases.
const LEAST_CASES: i64 = 5;
/// Of how many groups it is said on the page of the queue.
const MOST_TIMES: usize = 10;
/// How many a box beside other pages shows.
const SHORT: i64 = 3;

/// What a filter comes to for somebody who is asked about these specialties.
fn wanted(filter: &QueueFilter, asked_about: &[String]) -> Result<Wanted> {
    if filter.specialty.chars().any(char::is_control) {
        return Err(Error::NotFound);
    }
    let (specialties, unnamed) = match (filter.specialty.as_str(), filter.mine) {
        ("", true) => (Some(asked_about.to_vec()), true),
        ("", false) => (None, false),
        (code, _) => (Some(vec![code.to_owned()]), false),
    };
    Ok(Wanted { specialties, unnamed, group: filter.group })
}

/// A page of the queue as the viewer sees it.
#[derive(Debug, Clone)]
pub struct Queue {
    /// What waits: the most urgent first, and of each what has waited longest.
    pub rows: Paged<Waiting>,
    /// How much waits in all, and by what it can be narrowed.
    pub counts: Counts,
    /// Codes of the specialties that the viewer is asked about.
    pub asked_about: Vec<String>,
    /// How long answers take in groups where something waits; nothing of those that answer too little.
    pub times: Vec<AnswerTime>,
}

/// A page of the cases that wait for the viewer. Their own are left out, and what they may not read.
pub async fn queue(ctx: &Ctx, viewer: &Viewer, filter: &QueueFilter, page: &Page) -> Result<Queue> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    let asked_about = wishes::asked_about(&mut conn, me, ctx.now()).await?;
    let wanted = wanted(filter, &asked_about)?;
    let rows = rows(&mut conn, viewer, &wanted, page).await?;
    let counts = waiting::counts(&mut conn, viewer, asked_about.clone()).await?;
    let told_of = counts.groups.iter().map(|(id, ..)| *id).filter(|id| filter.group.is_none_or(|group| group == *id));
    let told_of: Vec<AccountId> = told_of.take(MOST_TIMES).collect();
    let times = if told_of.is_empty() {
        Vec::new()
    } else {
        waiting::answer_times(&mut conn, told_of, ctx.now() - LOOKED_AT, LEAST_CASES).await?
    };
    Ok(Queue { rows, counts, asked_about, times })
}

/// The rows of a page: three queries whatever its length.
async fn rows(conn: &mut Conn, viewer: &Viewer, wanted: &Wanted, page: &Page) -> Result<Paged<Waiting>> {
    let cards = waiting::list(conn, viewer, wanted, page).await?;
    let (older, newer) = (cards.older, cards.newer);
    if cards.items.is_empty() {
        return Ok(Paged { items: Vec::new(), older, newer });
    }
    let ids: Vec<PostId> = cards.items.iter().map(|card| card.post.id).collect();
    let asked: BTreeSet<AccountId> = cards.items.iter().filter_map(|card| card.post.group_id).collect();
    let cases = store::cases::read::lines(conn, ids).await?;
    let groups = waiting::groups(conn, asked.into_iter().collect()).await?;
    let mut cases: HashMap<PostId, CaseLine> = cases.into_iter().map(|case| (case.post_id, case)).collect();
    let groups: HashMap<AccountId, Author> = groups.into_iter().map(|group| (group.id, group)).collect();
    let row = |card: PostCard| {
        let case = cases.remove(&card.post.id)?;
        let group = groups.get(&case.group_id)?.clone();
        Some(Waiting { card, case, group })
    };
    Ok(Paged { items: cards.items.into_iter().filter_map(row).collect(), older, newer })
}

/// When the last one of such cases was answered, and what the specialty that it named is called (empty where none was asked for);
/// none where that is not known.
pub async fn last_answered(
    ctx: &Ctx,
    viewer: &Viewer,
    filter: &QueueFilter,
) -> Result<Option<(String, DateTime<Utc>)>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    let asked_about = wishes::asked_about(&mut conn, me, ctx.now()).await?;
    let wanted = wanted(filter, &asked_about)?;
    // Whoever is asked about nothing in particular hears of any.
    let specialties = wanted.specialties.filter(|codes| !codes.is_empty());
    let Some((code, at)) = waiting::last_answered(&mut conn, viewer, specialties, wanted.group).await? else {
        return Ok(None);
    };
    drop(conn);
    let label = if code.is_empty() { code } else { specialties::label(ctx, &code).await? };
    Ok(Some((label, at)))
}

/// The newest cases that name a specialty of which the viewer is asked, for a box beside other pages.
pub async fn newest(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Asked>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    let specialties = wishes::asked_about(&mut conn, me, ctx.now()).await?;
    if specialties.is_empty() {
        return Ok(Vec::new());
    }
    waiting::newest(&mut conn, viewer, specialties, SHORT).await
}

/// How long cases of a group waited for their first answer, of those asked within 90 days; none where fewer than five were
/// answered.
pub async fn answer_time(ctx: &Ctx, viewer: &Viewer, group: AccountId) -> Result<Option<AnswerTime>> {
    let mut conn = ctx.pool.read().await?;
    groups::require_reader(&mut conn, viewer, group).await?;
    let since = ctx.now() - LOOKED_AT;
    Ok(waiting::answer_times(&mut conn, vec![group], since, LEAST_CASES).await?.pop())
}
