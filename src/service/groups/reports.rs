//! What reaches those who lead a group, wherever they are: reports of posts, and who asks to join.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use url::Url;

use super::{
    Led, Reported, Request, leading, leading_elsewhere,
    membership::tell_leaders,
    orders::{About, announce, elsewhere, said},
    require_led,
};
use crate::{
    error::{Error, Result},
    model::{
        Account, AccountId, Event, GroupKind, GroupReportId, Held, HostId, Order, OrderKind, Post, PostCard, PostId,
    },
    policy::Viewer,
    service::{Ctx, Page, Paged, posts::several, urls},
    store::{self, Conn},
};

/// Somebody who asks to join a group of another server, as that server says.
#[derive(Debug, Clone)]
pub struct Asking {
    /// Who.
    pub who: Account,
    /// Why.
    pub reason: String,
    /// Since when.
    pub asked_at: DateTime<Utc>,
}

/// Most requests that a server is told of at once.
const REQUESTS: i64 = 40;

/// Most people who are asked for whom we do not know yet, each time a list of requests is looked at.
const STRANGERS: usize = 8;

/// How long they are waited for, all together.
const PATIENCE: Duration = Duration::from_secs(8);

/// Most posts of one report that those who lead a group are told of.
const NAMED: usize = 20;

/// Who asks to join a group of ours, for a server from which somebody leads it.
pub async fn requests_for_server(ctx: &Ctx, viewer: &Viewer, group: AccountId) -> Result<Vec<Request>> {
    let Viewer::Remote { host, .. } = viewer else { return Err(Error::NotFound) };
    let mut conn = ctx.pool.read().await?;
    let there = store::groups::leaders_at(&mut conn, group, *host).await?;
    if !leading(ctx, &mut conn, group).await?.iter().any(|(leader, _)| there.contains(&leader.id)) {
        return Err(Error::NotFound);
    }
    Ok(store::groups::list_requests(&mut conn, group, &Page::first(REQUESTS)).await?.items)
}

/// Who asks to join a group of another server, for those of ours who lead it: its server is asked. Of one that does not say so
/// nobody asks.
pub async fn asking(ctx: &Ctx, viewer: &Viewer, group: &Account) -> Result<Vec<Asking>> {
    require_led(ctx, &mut *ctx.pool.read().await?, viewer, group.id).await?;
    let asked = ctx.remote()?.requests(group).await?;
    let mut known = known_among(ctx, &asked).await?;
    let strangers = asked.iter().map(|one| &one.0);
    let strangers = strangers.filter(|uri| !known.contains_key(*uri) && !ctx.strangers.contains_key(*uri));
    let strangers: Vec<String> = strangers.take(STRANGERS).cloned().collect();
    if !strangers.is_empty() {
        let looks: Vec<_> = strangers.into_iter().map(|uri| look_at(ctx, uri)).collect();
        if tokio::time::timeout(PATIENCE, join_all(looks)).await.is_err() {
            tracing::debug!(group = %group.id, "those who ask to join cannot all be looked at");
        }
        known.extend(known_among(ctx, &asked).await?);
    }
    let shown = asked.into_iter().filter_map(|(uri, reason, asked_at)| {
        Some(Asking { who: known.get(&uri)?.clone(), reason: said(&reason), asked_at })
    });
    Ok(shown.collect())
}

/// Asks for somebody whom we do not know yet. That is noted first: whoever cannot be found, or not in time, is not asked for each
/// time that the list is looked at.
async fn look_at(ctx: &Ctx, uri: String) {
    let url = Url::parse(&uri);
    ctx.strangers.insert(uri, ());
    let (Ok(url), Ok(remote)) = (url, ctx.remote()) else { return };
    if let Err(error) = remote.person(&url).await {
        tracing::debug!(%error, "somebody who asks to join cannot be looked at");
    }
}

async fn known_among(ctx: &Ctx, asked: &[(String, String, DateTime<Utc>)]) -> Result<HashMap<String, Account>> {
    let uris = asked.iter().map(|one| one.0.clone()).collect();
    let known = store::accounts::list_by_uri(&mut *ctx.pool.read().await?, uris).await?;
    Ok(known.into_iter().map(|account| (account.uri.clone(), account)).collect())
}

/// Reports that wait, for those who lead the group, each with the post as far as they may see it.
pub async fn reports(ctx: &Ctx, viewer: &Viewer, id: AccountId, page: &Page) -> Result<Paged<ReportShown>> {
    let mut conn = ctx.pool.read().await?;
    require_led(ctx, &mut conn, viewer, id).await?;
    let listed = store::groups::list_reports(&mut conn, id, page).await?;
    drop(conn);
    let cards = several(ctx, viewer, listed.items.iter().map(|one| one.post).collect()).await?;
    let cards: HashMap<PostId, _> = cards.into_iter().map(|card| (card.post.id, card)).collect();
    Ok(listed.map(|report| ReportShown { post: cards.get(&report.post).cloned(), report }))
}

/// A report with the post that it is about.
#[derive(Debug, Clone)]
pub struct ReportShown {
    /// The report.
    pub report: Reported,
    /// The post; none where the viewer may not see it.
    pub post: Option<PostCard>,
}

/// Closes a report: nothing has to be done.
pub async fn dismiss_report(ctx: &Ctx, viewer: &Viewer, id: AccountId, report: GroupReportId) -> Result<()> {
    if elsewhere(ctx, viewer, id, About::Report(report), Order::new(OrderKind::Resolve, "")).await? {
        return Ok(());
    }
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    let uri = store::groups::report_uri(&mut tx, id, report).await?.ok_or(Error::NotFound)?;
    close(ctx, &mut tx, &led, &uri).await?;
    tx.commit().await
}

/// Closes a report, for somebody who leads the group, and tells the others who lead it elsewhere; false where it is closed.
pub(super) async fn close(ctx: &Ctx, conn: &mut Conn, led: &Led, uri: &str) -> Result<bool> {
    let closed = store::groups::close_report(conn, led.group.account_id, uri, ctx.now()).await?;
    if closed {
        announce(conn, led, Order::new(OrderKind::Resolve, uri)).await?;
    }
    Ok(closed)
}

/// One of ours reports posts: those who lead the groups that they are in are told, wherever the groups live, in words for those
/// `here` and for those `elsewhere`. Who reported is told to nobody.
pub(in crate::service) async fn reported(
    ctx: &Ctx,
    conn: &mut Conn,
    viewer: &Viewer,
    posts: &[PostId],
    (here, elsewhere): (&str, &str),
    uri: &str,
) -> Result<()> {
    for (group, posts) in by_group(conn, viewer, posts).await? {
        let account = store::accounts::get(conn, group).await?;
        if account.is_local() {
            let uri = urls::fresh(ctx, &account.username, "reports");
            let new = take_in(ctx, conn, &posts, here, &uri).await?;
            pass_on(ctx, conn, group, new, (elsewhere, &uri)).await?;
            continue;
        }
        let ids = posts.iter().map(|post| post.id).collect();
        let instance =
            store::accounts::find_by_uri(conn, &urls::instance_actor(ctx)).await?.ok_or(Error::Unavailable)?;
        let (comment, uri) = (elsewhere.to_owned(), uri.to_owned());
        let event = Event::Report { group, posts: ids, comment, uri, to: vec![group] };
        store::outbox::insert_for_group(conn, group, instance.id, &event).await?;
    }
    Ok(())
}

/// Posts in groups that a viewer may read, by group, as many as a report names.
async fn by_group(conn: &mut Conn, viewer: &Viewer, posts: &[PostId]) -> Result<HashMap<AccountId, Vec<Post>>> {
    let mut found: HashMap<AccountId, Vec<Post>> = HashMap::new();
    for id in posts {
        let Some((group, post)) = store::posts::find(conn, *id).await?.and_then(in_its_group) else { continue };
        if super::require_reader(conn, viewer, group).await.is_ok() {
            found.entry(group).or_default().push(post);
        }
    }
    for posts in found.values_mut() {
        posts.truncate(NAMED);
    }
    Ok(found)
}

/// A post that stands in a group for its readers, with the group: one that is gone or waits to be looked at does not.
fn in_its_group(post: Post) -> Option<(AccountId, Post)> {
    let stands = post.deleted_at.is_none() && post.held == Held::No;
    post.group_id.filter(|_| stands).map(|group| (group, post))
}

/// Files a report of posts in a group and tells those of ours who lead it, once; the posts of which it is news.
async fn take_in(ctx: &Ctx, conn: &mut Conn, posts: &[Post], comment: &str, uri: &str) -> Result<Vec<PostId>> {
    let mut new = Vec::new();
    for post in posts {
        let Some(group) = post.group_id else { continue };
        if store::groups::insert_report(conn, group, post.id, uri, comment, ctx.now()).await? {
            tell_leaders(ctx, conn, group, post.author_id, Some(post.id)).await?;
            new.push(post.id);
        }
    }
    Ok(new)
}

/// Tells the servers of members who lead a group of ours from elsewhere of a report.
async fn pass_on(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    posts: Vec<PostId>,
    (comment, uri): (&str, &str),
) -> Result<()> {
    let to = leading_elsewhere(ctx, conn, group).await?;
    let is_here_only = store::groups::find(conn, group).await?.is_none_or(|group| group.kind == GroupKind::Local);
    if to.is_empty() || posts.is_empty() || is_here_only {
        return Ok(());
    }
    let event = Event::Report { group, posts, comment: comment.to_owned(), uri: uri.to_owned(), to };
    store::outbox::insert_for_group(conn, group, group, &event).await
}

/// Another server reports posts in groups. In a group of ours that counts from whoever may read it; in one of another server
/// from the group alone, which passes it on to those who lead it.
pub(in crate::service) async fn reported_by_remote(
    ctx: &Ctx,
    conn: &mut Conn,
    who: &Account,
    objects: &[String],
    comment: &str,
    uri: &str,
) -> Result<()> {
    let comment = said(comment);
    let mut named: HashMap<AccountId, Vec<Post>> = HashMap::new();
    for address in objects.iter().take(NAMED) {
        if let Some((group, post)) = store::posts::find_by_uri(conn, address).await?.and_then(in_its_group) {
            named.entry(group).or_default().push(post);
        }
    }
    for (group, posts) in named {
        let account = store::accounts::get(conn, group).await?;
        if !counts(conn, who, &account).await? {
            continue;
        }
        if account.is_local() {
            // By a name of the group's own, as it passes the report on.
            let uri = urls::fresh(ctx, &account.username, "reports");
            let new = take_in(ctx, conn, &posts, &comment, &uri).await?;
            pass_on(ctx, conn, group, new, (&comment, &uri)).await?;
        } else {
            take_in(ctx, conn, &posts, &comment, uri).await?;
        }
    }
    Ok(())
}

/// Whether a report by an actor of another server counts in a group.
async fn counts(conn: &mut Conn, who: &Account, group: &Account) -> Result<bool> {
    if !group.is_local() {
        return Ok(who.id == group.id);
    }
    if store::groups::find(conn, group.id).await?.is_some_and(|known| known.kind == GroupKind::Open) {
        return Ok(true);
    }
    match who.host_id {
        Some(host) => store::groups::any_of_host(conn, group.id, host).await,
        None => Ok(false),
    }
}

/// Whether a report of these posts may go to a server: what is said of a group that is not open goes where it has members, and
/// nowhere else.
pub(in crate::service) async fn may_tell(conn: &mut Conn, posts: &[PostId], host: HostId) -> Result<bool> {
    for id in posts {
        let Some(group) = store::posts::find(conn, *id).await?.and_then(|post| post.group_id) else { continue };
        let is_open = store::groups::find(conn, group).await?.is_some_and(|known| known.kind == GroupKind::Open);
        let lives_there = store::accounts::get(conn, group).await?.host_id == Some(host);
        if !is_open && !lives_there && !store::groups::any_of_host(conn, group, host).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
