//! Taking one's follows, blocks and mutes along, and bringing them from elsewhere.

use actix_web::{HttpResponse, http::header, web};
use askama::Template;
use serde::Deserialize;

use crate::{
    service::{
        self,
        portability::{self, Kind},
    },
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, Visitor},
    },
};

/// Kinds of files, in words.
pub const KINDS: [(Kind, &str); 4] = [
    (Kind::Follows, "People you follow"),
    (Kind::Blocks, "People you block"),
    (Kind::Mutes, "People you mute"),
    (Kind::Hosts, "Servers you hide"),
];

#[derive(Template)]
#[template(path = "web/settings/data.html")]
struct DataPage {
    shell: Shell,
    tab: &'static str,
    waiting: i64,
    faults: Faults,
}

async fn page(visitor: &Visitor, faults: Faults) -> Result<HttpResponse, Problem> {
    let waiting = portability::waiting(&visitor.ctx, &visitor.viewer()).await?;
    let page = DataPage { shell: visitor.shell("settings"), tab: "data", waiting, faults };
    page.faults.page(visitor, &page)
}

/// `GET /settings/data`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    page(&visitor, Faults::none()).await
}

/// `GET /settings/data/{kind}.csv`
pub async fn export(visitor: Visitor, kind: web::Path<Kind>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    Ok(csv(kind.as_str(), portability::export(&visitor.ctx, &visitor.viewer(), *kind).await?))
}

/// `GET /settings/data/cases.csv`: what one asked, under one's name or not.
pub async fn cases(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    Ok(csv("cases", service::cases::export(&visitor.ctx, &visitor.viewer()).await?))
}

/// A file to take along.
pub(in crate::web) fn csv(name: &str, lines: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(lines)
}

/// What a file is about.
#[derive(Debug, Deserialize)]
pub struct Typed {
    kind: Kind,
}

/// `POST /settings/data`
pub async fn import(form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, files } = form;
    let Some((_, file)) = files.iter().find(|(name, _)| name == "file") else {
        return page(&visitor, Faults::none().with("file", "Choose a file first.")).await;
    };
    match portability::import(&visitor.ctx, &visitor.viewer(), fields.kind, file).await {
        Ok(_) => Ok(visitor.go("/settings/data?done=imported")),
        Err(error) => page(&visitor, Faults::of_error(error, "file")?).await,
    }
}
