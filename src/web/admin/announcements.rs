//! Word of the house to everybody in it.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;

use super::{AFTER_FORM, enter};
use crate::{
    model::AnnouncementId,
    service::announcements::{self, Announcement},
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, full_date},
        session::{Form, Visitor},
        settings::Press,
    },
};

struct Line {
    id: AnnouncementId,
    html: String,
    since: String,
    until: String,
}

impl From<Announcement> for Line {
    fn from(one: Announcement) -> Self {
        Self {
            id: one.id,
            html: one.html,
            since: full_date(one.starts_at.unwrap_or(one.published_at)),
            until: one.ends_at.map(full_date).unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "web/admin/announcements.html")]
struct AnnouncementsPage {
    shell: Shell,
    tab: &'static str,
    lines: Vec<Line>,
    text: String,
    ends_at: String,
    faults: Faults,
}

async fn page(visitor: &Visitor, (text, ends_at): (String, String), faults: Faults) -> Result<HttpResponse, Problem> {
    let lines = announcements::all(&visitor.ctx, &visitor.viewer()).await?.into_iter().map(Line::from).collect();
    let page = AnnouncementsPage { shell: visitor.shell("admin"), tab: "announcements", lines, text, ends_at, faults };
    page.faults.page(visitor, &page)
}

/// `GET /admin/announcements`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    page(&visitor, (String::new(), String::new()), Faults::none()).await
}

/// What everybody should know.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    text: String,
    ends_at: String,
}

/// `POST /admin/announcements`
pub async fn publish(form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    let ends: Option<DateTime<Utc>> =
        NaiveDateTime::parse_from_str(fields.ends_at.trim(), "%Y-%m-%dT%H:%M").ok().map(|at| at.and_utc());
    if ends.is_none() && !fields.ends_at.trim().is_empty() {
        let faults = Faults::none().with("ends_at", "Write it as 2027-05-31T09:12, in UTC.");
        return page(&visitor, (fields.text, fields.ends_at), faults).await;
    }
    match announcements::publish(&visitor.ctx, &visitor.viewer(), &fields.text, None, ends).await {
        Ok(_) => Ok(visitor.go("/admin/announcements?done=announced")),
        Err(error) => page(&visitor, (fields.text, fields.ends_at), Faults::of_error(error, "text")?).await,
    }
}

/// `POST /admin/announcements/{id}/withdraw`
pub async fn withdraw(form: Form<Press>, id: web::Path<AnnouncementId>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&form.visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    announcements::withdraw(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go("/admin/announcements?done=withdrawn-word"))
}

/// `POST /announcements/{id}/dismiss`, by whoever has read it.
pub async fn dismiss(form: Form<Press>, id: web::Path<AnnouncementId>) -> Result<HttpResponse, Problem> {
    announcements::dismiss(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go("/"))
}
