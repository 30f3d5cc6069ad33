//! Reports: what somebody asks the moderators to look at.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    Ctx, Page, Paged,
    audit::{self, About, By, Deed},
    groups, posts,
    throttles::{self, Act},
    urls,
};
use crate::{
    crypto::SecretToken,
    error::{Error, Result},
    model::{
        Account, AccountId, AccountKind, AuditAction, Author, Event, NotificationKind, PostCard, PostId, ReportId,
    },
    policy::{Viewer, moderation},
    store::{self, Conn, reports::NewReport},
    text::sanitize,
};

/// Kinds of reports: the word in rows and in the client API, and the words for people.
pub const CATEGORIES: [(&str, &str); 5] = [
    ("privacy", "A patient could be recognised"),
    ("violation", "It breaks the rules of the house"),
    ("spam", "It is advertising or spam"),
    ("legal", "It is against the law"),
    ("other", "Something else"),
];

/// Longest comment, in characters.
const LONGEST: usize = 1_000;

/// Most things that one report names.
const MOST: usize = 100;

/// What somebody reports.
#[derive(Debug, Clone)]
pub struct Complaint {
    /// About whom.
    pub target: AccountId,
    /// Posts of theirs.
    pub posts: Vec<PostId>,
    /// In one's own words.
    pub comment: String,
    /// One of [`CATEGORIES`].
    pub category: String,
    /// Tell their server too, without naming the reporter.
    pub forward: bool,
    /// Those who lead a group from other servers read the comment as well, and not the kind alone.
    pub words_to_leaders: bool,
}

/// A report as moderators see it.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// About whom.
    pub target: Author,
    /// Who reported: a handle, or the name of a server that does not say.
    pub reporter: String,
    /// Posts that it names.
    pub post_ids: Vec<PostId>,
    /// In the reporter's words.
    pub comment: String,
    /// What kind.
    pub category: String,
    /// Their server was told.
    pub forwarded: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// When it was closed.
    pub resolved_at: Option<DateTime<Utc>>,
    /// With which words.
    pub resolution: String,
}

fn shown(row: store::reports::Row) -> Report {
    let (id, target, reporter, post_ids, comment, category, forwarded, at, resolved_at, resolution) = row;
    Report { id, target, reporter, post_ids, comment, category, forwarded, at, resolved_at, resolution }
}

/// Files a report.
pub async fn file(ctx: &Ctx, viewer: &Viewer, complaint: Complaint) -> Result<Report> {
    let me = moderation::require_account(viewer)?;
    let length = complaint.comment.chars().count();
    if length > LONGEST {
        return Err(Error::invalid("comment", format!("This has {length} characters. The limit is {LONGEST}.")));
    }
    let category = CATEGORIES.iter().find(|c| c.0 == complaint.category).map_or("other", |c| c.0);
    if complaint.posts.len() > MOST {
        return Err(Error::invalid("status_ids", "A report may name 100 posts."));
    }
    let target = store::accounts::get(&mut *ctx.pool.read().await?, complaint.target).await?;
    groups::require_known(ctx, viewer, &target).await?;
    let readable = posts::several(ctx, viewer, complaint.posts.clone()).await?;
    let readable: Vec<PostId> = readable.into_iter().map(|card| PostId(card.entry_id)).collect();
    let mut tx = ctx.tx().await?;
    if target.id == me {
        return Err(Error::invalid("account_id", "That is you."));
    }
    let forwarded = match target.host_id {
        Some(host) if complaint.forward => groups::may_tell(&mut tx, &readable, host).await?,
        Some(_) | None => false,
    };
    let uri = format!("{}#reports/{}", urls::instance_actor(ctx), SecretToken::generate().as_str());
    let new = NewReport {
        reporter: Some(me),
        target: target.id,
        posts: complaint.posts,
        readable,
        comment: complaint.comment.trim().to_owned(),
        category,
        forwarded,
        uri: uri.clone(),
    };
    let id = store::reports::insert(&mut tx, &new).await?;
    store::reports::tell_moderators(&mut tx, NotificationKind::Report, target.id).await?;
    let report = shown(store::reports::find(&mut tx, id).await?.ok_or(Error::NotFound)?);
    if forwarded {
        let instance =
            store::accounts::find_by_uri(&mut tx, &urls::instance_actor(ctx)).await?.ok_or(Error::Unavailable)?;
        // What was kept, not what was sent in: of the posts, those of the reported person alone.
        let (posts, comment, uri) = (report.post_ids.clone(), report.comment.clone(), uri.clone());
        store::outbox::insert(&mut tx, instance.id, &Event::Flag { target: target.id, posts, comment, uri }).await?;
    }
    // Whoever leads a group hears of what is reported in it, wherever it lives.
    let here = in_words(category, &report.comment);
    let elsewhere = if complaint.words_to_leaders { here.clone() } else { in_words(category, "") };
    groups::reported(ctx, &mut tx, viewer, &report.post_ids, (&here, &elsewhere), &uri).await?;
    tx.commit().await?;
    tracing::info!(report = %id, target = %target.id, "reported");
    Ok(report)
}

/// The kind of a report and its comment in one line, for those who lead a group.
fn in_words(category: &str, comment: &str) -> String {
    let kind = CATEGORIES.iter().find(|known| known.0 == category).map_or("", |known| known.1);
    if comment.is_empty() { format!("{kind}.") } else { format!("{kind}: {comment}") }
}

/// Another server asks to look at some of our people or their posts: a report for each person, and for each group that the
/// posts are in. What a group passes on is for those who lead it alone. A server that reports too much is not heard for a while.
pub(super) async fn filed_by_remote(
    ctx: &Ctx,
    conn: &mut Conn,
    who: &Account,
    mut uris: Vec<String>,
    comment: &str,
    uri: &str,
) -> Result<()> {
    let host = who.host.as_deref().unwrap_or_default();
    if !throttles::has_room(ctx, conn, Act::Flag, host).await? {
        tracing::warn!(%host, "a server reports too much: this report is dropped");
        return Ok(());
    }
    uris.truncate(MOST);
    groups::reported_by_remote(ctx, conn, who, &uris, comment, uri).await?;
    if who.kind == AccountKind::Group {
        return Ok(());
    }
    let mut named: BTreeMap<AccountId, Vec<PostId>> = BTreeMap::new();
    for account in store::accounts::list_by_uri(conn, uris.clone()).await? {
        if account.is_local() {
            named.entry(account.id).or_default();
        }
    }
    for address in &uris {
        if let Some(post) = store::posts::find_by_uri(conn, address).await?.filter(|p| p.local) {
            named.entry(post.author_id).or_default().push(post.id);
        }
    }
    let comment: String = sanitize::plain(comment).chars().take(LONGEST).collect();
    for (target, posts) in named {
        let (comment, uri) = (comment.clone(), uri.to_owned());
        let (readable, category) = (Vec::new(), "other");
        let new = NewReport { reporter: None, target, posts, readable, comment, category, forwarded: false, uri };
        store::reports::insert(conn, &new).await?;
        store::reports::tell_moderators(conn, NotificationKind::Report, target).await?;
    }
    Ok(())
}

/// Open ones or closed ones, for moderators.
pub async fn list(ctx: &Ctx, viewer: &Viewer, open: bool, page: &Page) -> Result<Paged<Report>> {
    moderation::require_moderator(viewer)?;
    Ok(store::reports::list(&mut *ctx.pool.get().await?, open, page).await?.map(shown))
}

/// One, with the posts that it names as far as the moderator may see them.
pub async fn get(ctx: &Ctx, viewer: &Viewer, id: ReportId) -> Result<(Report, Account, Vec<PostCard>)> {
    moderation::require_moderator(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let report = shown(store::reports::find(&mut conn, id).await?.ok_or(Error::NotFound)?);
    let account = store::accounts::get(&mut conn, report.target.id).await?;
    drop(conn);
    let posts = posts::several(ctx, viewer, report.post_ids.clone()).await?;
    Ok((report, account, posts))
}

/// Those of the posts that a report names which are in groups of ours, are not among those that the moderator has read (`seen`), and have
/// earlier versions with words left; and how many. They are struck unseen, while the report is open.
pub async fn unseen(ctx: &Ctx, viewer: &Viewer, report: &Report, seen: &[PostCard]) -> Result<Vec<(PostId, i64)>> {
    moderation::require_moderator(viewer)?;
    if report.resolved_at.is_some() {
        return Ok(Vec::new());
    }
    let is_unseen = |id: &&PostId| seen.iter().all(|card| card.post.id != **id);
    let named: Vec<PostId> = report.post_ids.iter().filter(is_unseen).copied().collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    store::reports::edited_in_groups(&mut *ctx.pool.read().await?, named).await
}

/// How many wait, for moderators.
pub async fn count_open(ctx: &Ctx, viewer: &Viewer) -> Result<i64> {
    moderation::require_moderator(viewer)?;
    store::reports::count_open(&mut *ctx.pool.get().await?).await
}

/// Closes one with a word on what was done.
pub async fn resolve(ctx: &Ctx, viewer: &Viewer, id: ReportId, words: &str) -> Result<()> {
    let me = moderation::require_moderator(viewer)?;
    if words.chars().count() > LONGEST {
        return Err(Error::invalid("resolution", format!("Please use {LONGEST} characters or fewer.")));
    }
    decide(ctx, me, id, AuditAction::ResolveReport, Some(words.trim())).await
}

/// Opens one again.
pub async fn reopen(ctx: &Ctx, viewer: &Viewer, id: ReportId) -> Result<()> {
    let me = moderation::require_moderator(viewer)?;
    decide(ctx, me, id, AuditAction::ReopenReport, None).await
}

async fn decide(ctx: &Ctx, me: AccountId, id: ReportId, action: AuditAction, words: Option<&str>) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let report = shown(store::reports::find(&mut tx, id).await?.ok_or(Error::NotFound)?);
    store::reports::resolve(&mut tx, id, me, words, ctx.now()).await?;
    let deed = Deed::new(By::Account(me), action, About::Report(id, report.target.id));
    audit::record(ctx, &mut tx, deed.because(words.unwrap_or_default())).await?;
    tx.commit().await
}
