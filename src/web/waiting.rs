//! Posts that wait for their time, and drafts.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{
    error::Problem,
    layout::{Shell, full_date},
    paging::{At, Pager},
    session::{Form, Press, Visitor},
};
use crate::{model::ScheduledId, service::scheduled};

struct Waiting {
    id: ScheduledId,
    words: String,
    pictures: usize,
    at: String,
    failure: String,
}

#[derive(Template)]
#[template(path = "web/waiting.html")]
struct WaitingPage {
    shell: Shell,
    drafts: bool,
    posts: Vec<Waiting>,
    pager: Pager,
}

async fn show(visitor: Visitor, at: At, drafts: bool) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let paged = scheduled::list(&visitor.ctx, &visitor.viewer(), drafts, &at.page()).await?;
    let pager = Pager::of(&paged, if drafts { "/drafts" } else { "/scheduled" });
    let waiting = |one: scheduled::Scheduled| Waiting {
        id: one.id,
        words: one.content.text.chars().take(200).collect(),
        pictures: one.media.len(),
        at: one.at.map(full_date).unwrap_or_default(),
        failure: one.failure,
    };
    let posts = paged.items.into_iter().map(waiting).collect();
    visitor.page(&WaitingPage { shell: visitor.shell(""), drafts, posts, pager })
}

/// `GET /scheduled`
pub(super) async fn scheduled(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    show(visitor, *at, false).await
}

/// `GET /drafts`
pub(super) async fn drafts(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    show(visitor, *at, true).await
}

/// `POST /scheduled/{id}/delete`
pub(super) async fn delete(form: Form<Press>, id: web::Path<ScheduledId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    let one = scheduled::get(&visitor.ctx, &visitor.viewer(), *id).await?;
    scheduled::delete(&visitor.ctx, &visitor.viewer(), *id).await?;
    Ok(visitor.go(if one.at.is_some() { "/scheduled?done=discarded" } else { "/drafts?done=discarded" }))
}
