//! What waits for the moderators of a group, whom they keep out, and the links that let people in.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use futures_util::future::join;
use serde::Deserialize;

use super::{
    Head,
    held::{self, There},
    led, led_here, path_of, words,
};
use crate::{
    error::{Error, Result},
    model::{AccountId, FilterContext, GroupInvitationId, GroupReportId, PostCard, PostId},
    policy::groups as policy,
    service::{
        Page,
        cases::{self, OpeningWish},
        groups::{self, Ban, KeptOut, Request, View},
    },
    text::sanitize,
    web::{
        error::Problem,
        form::Faults,
        layout::{PostShown, Shell, Who, ago, counted, full_date},
        paging::{At, LIMIT, Pager},
        session::{Form, Press, Visitor},
        shown,
    },
};

/// Somebody who asks to join.
struct Asking {
    who: Who,
    reason: String,
    since: String,
    full: String,
    iso: String,
}

impl Asking {
    fn new(who: Who, reason: String, at: DateTime<Utc>, shell: &Shell) -> Self {
        Self { who, reason, since: ago(at, shell.now), full: full_date(at), iso: at.to_rfc3339() }
    }

    fn of(request: Request, shell: &Shell) -> Self {
        Self::new(Who::of(&request.who, shell.now), request.reason, request.asked_at, shell)
    }

    fn elsewhere(asking: groups::Asking, shell: &Shell) -> Self {
        Self::new(Who::from_account(&asking.who, shell.now), asking.reason, asking.asked_at, shell)
    }
}

/// A report of a post.
struct Flagged {
    id: GroupReportId,
    post: Option<PostShown>,
    /// The beginning of the post.
    excerpt: String,
    comment: String,
    since: String,
    full: String,
    iso: String,
}

/// How much of a reported post is shown, in characters.
const EXCERPT: usize = 600;

impl Flagged {
    fn of(shown: groups::ReportShown, shell: &Shell) -> Self {
        let at = shown.report.at;
        let words = shown.post.as_ref().map(|card| format!("{} {}", card.post.title, sanitize::plain(&card.post.html)));
        Self {
            id: shown.report.id,
            excerpt: words.unwrap_or_default().trim().chars().take(EXCERPT).collect(),
            post: shown.post.map(|card| PostShown::of(card, shell)),
            comment: shown.report.comment,
            since: ago(at, shell.now),
            full: full_date(at),
            iso: at.to_rfc3339(),
        }
    }
}

/// Somebody who is kept out.
struct Banned {
    who: Who,
    reason: String,
    /// "until 31 May 2027, 09:12 UTC", or "for good".
    until: String,
}

impl Banned {
    fn of(ban: Ban, shell: &Shell) -> Self {
        let until = ban.ends_at.map_or_else(|| "for good".to_owned(), |at| format!("until {}", full_date(at)));
        Self { who: Who::of(&ban.who, shell.now), reason: ban.reason, until }
    }
}

/// A server that the group does not admit.
struct Server {
    /// "m.example runs mastodon, which does not keep what is for members to itself."
    why: String,
    /// "3 members there have no access"; empty for none.
    members: String,
    since: String,
    full: String,
    iso: String,
}

impl Server {
    fn of(one: &KeptOut, shell: &Shell) -> Self {
        let members = counted(one.members, "member there has no access", "members there have no access");
        Self {
            why: policy::bar_words(one.bar, &one.host, &one.software),
            members: if one.members > 0 { members } else { String::new() },
            since: ago(one.since, shell.now),
            full: full_date(one.since),
            iso: one.since.to_rfc3339(),
        }
    }
}

/// A link that still works.
struct Link {
    id: GroupInvitationId,
    uses: i32,
    by: String,
    until: String,
}

/// The form of a new link, as it was typed.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Fields {
    uses: String,
    days: String,
}

impl Default for Fields {
    fn default() -> Self {
        Self { uses: "1".to_owned(), days: "7".to_owned() }
    }
}

impl Fields {
    fn numbers(&self) -> Result<(i32, i64)> {
        let uses = self.uses.trim().parse().map_err(|_| Error::invalid("uses", "Enter a number such as 1 or 20."))?;
        let days = self.days.trim().parse().map_err(|_| Error::invalid("days", "Choose how long it works."))?;
        Ok((uses, days))
    }
}

/// A moderator who wants to know who asked a case without their name.
struct Opening {
    /// Where another one decides.
    path: String,
    question: String,
    who: Who,
    reason: String,
    since: String,
}

impl Opening {
    fn of(wish: OpeningWish, shell: &Shell) -> Self {
        Self {
            path: format!("/cases/{}/asker", wish.post),
            question: wish.question,
            who: Who::of(&wish.by, shell.now),
            reason: wish.reason,
            since: full_date(wish.asked_at),
        }
    }
}

/// A post that waits.
struct Waiting {
    post: PostShown,
    /// Why.
    why: String,
    /// What its author kept, and why.
    kept: Vec<(String, String)>,
}

/// What waits, each with why it does.
async fn waiting(visitor: &Visitor, view: &View, held: Vec<PostCard>, shell: &Shell) -> Result<Vec<Waiting>> {
    let ids: Vec<PostId> = held.iter().map(|card| card.post.id).collect();
    let kept = groups::kept_in_held(&visitor.ctx, &visitor.viewer(), view.account.id, ids.clone()).await?;
    let found = groups::found_in_held(&visitor.ctx, &visitor.viewer(), view.account.id, ids).await?;
    let waiting = |post: PostShown| {
        let row = &post.card.post;
        let kinds = found.iter().filter(|(of, ..)| *of == row.id).map(|(_, kind, count)| (kind.as_str(), *count));
        let kinds: Vec<_> = kinds.collect();
        let reasons = kept.iter().filter(|(of, _)| *of == row.id).flat_map(|(_, kept)| kept);
        let kept = words::kept(reasons.map(|one| (one.kind.as_str(), one.reason.as_str())));
        Waiting { why: words::why_held((row.held, row.local), view.group.premoderation, &kinds), kept, post }
    };
    Ok(shown::posts(held, shell, FilterContext::Account).into_iter().map(waiting).collect())
}

#[derive(Template)]
#[template(path = "web/groups/moderate.html")]
struct ModeratePage {
    shell: Shell,
    g: Head,
    requests: Vec<Asking>,
    /// The server of the group does not say who asks.
    silent: bool,
    pager: Pager,
    reports: Vec<Flagged>,
    /// There are more than these.
    more_reports: bool,
    held: Vec<Waiting>,
    /// There are more than these.
    more_held: bool,
    /// What waits in a group of another server; none in one of ours.
    there: Option<There>,
    openings: Vec<Opening>,
    bans: Vec<Banned>,
    servers: Vec<Server>,
    links: Vec<Link>,
    /// The new link: on this one page and never again.
    link: String,
    typed: Fields,
    faults: Faults,
}

impl ModeratePage {
    async fn new(visitor: &Visitor, view: &View, at: At, typed: Fields, faults: Faults) -> Result<Self> {
        let (ctx, viewer, id) = (&visitor.ctx, visitor.viewer(), view.account.id);
        let mut shell = visitor.shell("groups");
        let g = Head::of(view, shell.now);
        // The page may be the answer to a form: acts on it come back to one that can be loaded.
        shell.here = format!("{}/moderation", g.path);
        let (asks, there) = join(asking(visitor, view, at, &shell), held::there(visitor, view, &shell)).await;
        let ((requests, pager, silent), there) = (asks?, there?);
        let reports = groups::reports(ctx, &viewer, id, &Page::first(LIMIT)).await?;
        let held = groups::held(ctx, &viewer, id, &Page::first(LIMIT)).await?;
        let openings = cases::openings_waiting(ctx, &viewer, id).await?;
        let bans = groups::bans(ctx, &viewer, id).await?;
        let servers = groups::kept_out(ctx, &viewer, id).await?;
        let links = groups::invitations(ctx, &viewer, id).await?;
        let link = |(id, by, uses, until): (GroupInvitationId, crate::model::Author, i32, _)| Link {
            id,
            uses,
            by: Who::of(&by, shell.now).name,
            until: full_date(until),
        };
        Ok(Self {
            pager,
            requests,
            silent,
            there,
            more_reports: reports.older.is_some(),
            reports: reports.items.into_iter().map(|one| Flagged::of(one, &shell)).collect(),
            more_held: held.older.is_some(),
            held: waiting(visitor, view, held.items, &shell).await?,
            openings: openings.into_iter().map(|one| Opening::of(one, &shell)).collect(),
            bans: bans.into_iter().map(|one| Banned::of(one, &shell)).collect(),
            servers: servers.iter().map(|one| Server::of(one, &shell)).collect(),
            links: links.into_iter().map(link).collect(),
            link: String::new(),
            typed,
            faults,
            g,
            shell,
        })
    }
}

/// Who asks to join, and whether the server of a group elsewhere says so just now.
async fn asking(visitor: &Visitor, view: &View, at: At, shell: &Shell) -> Result<(Vec<Asking>, Pager, bool)> {
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    if view.account.is_local() {
        let requests = groups::requests(ctx, &viewer, view.account.id, &at.page()).await?;
        let pager = Pager::of(&requests, &shell.here);
        return Ok((requests.items.into_iter().map(|one| Asking::of(one, shell)).collect(), pager, false));
    }
    match groups::asking(ctx, &viewer, &view.account).await {
        Ok(asking) => {
            let shown = asking.into_iter().map(|one| Asking::elsewhere(one, shell)).collect();
            Ok((shown, Pager::default(), false))
        }
        Err(Error::Remote { .. } | Error::Unavailable) => Ok((Vec::new(), Pager::default(), true)),
        Err(error) => Err(error),
    }
}

/// `GET /groups/{handle}/moderation`
pub(in crate::web) async fn show(
    visitor: Visitor,
    handle: web::Path<String>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    let view = led(&visitor, &handle).await?;
    visitor.page(&ModeratePage::new(&visitor, &view, *at, Fields::default(), Faults::none()).await?)
}

async fn make(visitor: &Visitor, view: &View, fields: &Fields) -> Result<String> {
    let (uses, days) = fields.numbers()?;
    groups::invite(&visitor.ctx, &visitor.viewer(), view.account.id, uses, days).await
}

/// `POST /groups/{handle}/invitations`: answers with the link, as it cannot be shown again.
pub(in crate::web) async fn invite(form: Form<Fields>, handle: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let view = led_here(&visitor, &handle).await?;
    match make(&visitor, &view, &fields).await {
        Ok(link) => {
            let page = ModeratePage::new(&visitor, &view, At::default(), Fields::default(), Faults::none()).await?;
            visitor.page(&ModeratePage { link, ..page })
        }
        Err(error) => {
            let faults = Faults::of_error(error, "uses")?;
            let page = ModeratePage::new(&visitor, &view, At::default(), fields, faults).await?;
            page.faults.page(&visitor, &page)
        }
    }
}

/// `POST /groups/{handle}/invitations/{id}/end`
pub(in crate::web) async fn end_invitation(
    form: Form<Press>,
    path: web::Path<(String, GroupInvitationId)>,
) -> Result<HttpResponse, Problem> {
    let (visitor, (handle, id)) = (form.visitor, path.into_inner());
    let view = led_here(&visitor, &handle).await?;
    groups::revoke_invitation(&visitor.ctx, &visitor.viewer(), view.account.id, id).await?;
    Ok(back(&visitor, &view, "revoked"))
}

/// `POST /groups/{handle}/requests/{id}/admit`
pub(in crate::web) async fn admit(
    form: Form<Press>,
    path: web::Path<(String, AccountId)>,
) -> Result<HttpResponse, Problem> {
    let (visitor, (handle, who)) = (form.visitor, path.into_inner());
    let view = led(&visitor, &handle).await?;
    groups::admit(&visitor.ctx, &visitor.viewer(), view.account.id, who).await?;
    Ok(back(&visitor, &view, "admitted"))
}

/// `POST /groups/{handle}/members/{id}/unban`
pub(in crate::web) async fn unban(
    form: Form<Press>,
    path: web::Path<(String, AccountId)>,
) -> Result<HttpResponse, Problem> {
    let (visitor, (handle, who)) = (form.visitor, path.into_inner());
    let view = led(&visitor, &handle).await?;
    groups::unban(&visitor.ctx, &visitor.viewer(), view.account.id, who).await?;
    Ok(back(&visitor, &view, "unbanned"))
}

/// `POST /groups/{handle}/reports/{id}/dismiss`
pub(in crate::web) async fn dismiss_report(
    form: Form<Press>,
    path: web::Path<(String, GroupReportId)>,
) -> Result<HttpResponse, Problem> {
    let (visitor, (handle, id)) = (form.visitor, path.into_inner());
    let view = led(&visitor, &handle).await?;
    groups::dismiss_report(&visitor.ctx, &visitor.viewer(), view.account.id, id).await?;
    Ok(back(&visitor, &view, "report-closed"))
}

fn back(visitor: &Visitor, view: &View, done: &str) -> HttpResponse {
    let done = if view.account.is_local() { done } else { "ordered" };
    visitor.go(&format!("{}/moderation?done={done}", path_of(&view.account.handle())))
}
