//! Reports that wait for a moderator.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{AFTER_FORM, enter};
use crate::{
    model::{PostId, ReportId},
    service::reports::{self, CATEGORIES, Report},
    web::{
        error::Problem,
        form::Faults,
        layout::{PostShown, Shell, Who, ago, counted, full_date},
        paging::{At, Pager},
        session::{Form, Visitor},
        settings::Press,
    },
};

struct Line {
    id: ReportId,
    who: Who,
    kind: &'static str,
    comment: String,
    by: String,
    posts: usize,
    when: String,
    full: String,
    iso: String,
}

fn kind(category: &str) -> &'static str {
    CATEGORIES.iter().find(|c| c.0 == category).map_or("Something else", |c| c.1)
}

impl Line {
    fn of(report: &Report, shell: &Shell) -> Self {
        Self {
            id: report.id,
            who: Who::of(&report.target, shell.now),
            kind: kind(&report.category),
            comment: report.comment.clone(),
            by: report.reporter.clone(),
            posts: report.post_ids.len(),
            when: ago(report.at, shell.now),
            full: full_date(report.at),
            iso: report.at.to_rfc3339(),
        }
    }
}

#[derive(Template)]
#[template(path = "web/admin/reports.html")]
struct ReportsPage {
    shell: Shell,
    tab: &'static str,
    closed: bool,
    lines: Vec<Line>,
    pager: Pager,
}

/// `?closed=1`
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    closed: u8,
}

/// `GET /admin/reports`
pub async fn list(visitor: Visitor, asked: web::Query<Asked>, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let closed = asked.closed == 1;
    let paged = reports::list(&visitor.ctx, &visitor.viewer(), !closed, &at.page()).await?;
    let shell = visitor.shell("admin");
    let pager = Pager::of(&paged, if closed { "/admin/reports?closed=1" } else { "/admin/reports" });
    let lines = paged.items.iter().map(|r| Line::of(r, &shell)).collect();
    visitor.page(&ReportsPage { shell, tab: "reports", closed, lines, pager })
}

#[derive(Template)]
#[template(path = "web/admin/report.html")]
struct ReportPage {
    shell: Shell,
    line: Line,
    posts: Vec<PostShown>,
    /// Posts in groups that are not for the moderator to read, and how many earlier versions of them can be struck: "2 earlier
    /// versions".
    unseen: Vec<(PostId, String)>,
    forwarded: bool,
    /// When and with which words it was closed; empty while it is open.
    resolved: String,
    resolution: String,
    faults: Faults,
}

async fn page(visitor: &Visitor, id: ReportId, faults: Faults) -> Result<HttpResponse, Problem> {
    let (report, _, posts) = reports::get(&visitor.ctx, &visitor.viewer(), id).await?;
    let unseen = reports::unseen(&visitor.ctx, &visitor.viewer(), &report, &posts).await?;
    let versions = |(post, count)| (post, counted(count, "earlier version", "earlier versions"));
    let shell = visitor.shell("admin");
    let page = ReportPage {
        line: Line::of(&report, &shell),
        posts: posts.into_iter().map(|card| PostShown::of(card, &shell)).collect(),
        unseen: unseen.into_iter().map(versions).collect(),
        forwarded: report.forwarded,
        resolved: report.resolved_at.map(full_date).unwrap_or_default(),
        resolution: report.resolution,
        faults,
        shell,
    };
    page.faults.page(visitor, &page)
}

/// `GET /admin/reports/{id}`
pub async fn show(visitor: Visitor, id: web::Path<ReportId>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    page(&visitor, *id, Faults::none()).await
}

/// What was done about it.
#[derive(Debug, Deserialize)]
pub struct Typed {
    #[serde(default)]
    resolution: String,
}

/// `POST /admin/reports/{id}/resolve`
pub async fn resolve(form: Form<Typed>, id: web::Path<ReportId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    match reports::resolve(&visitor.ctx, &visitor.viewer(), *id, &fields.resolution).await {
        Ok(()) => Ok(visitor.go("/admin/reports?done=resolved")),
        Err(error) => page(&visitor, *id, Faults::of_error(error, "resolution")?).await,
    }
}

/// `POST /admin/reports/{id}/reopen`
pub async fn reopen(form: Form<Press>, id: web::Path<ReportId>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&form.visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    reports::reopen(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go(&format!("/admin/reports/{id}?done=reopened")))
}
