//! Light or dark, kept in a cookie of this browser.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::web::{
    error::Problem,
    layout::Shell,
    session::{Form, Visitor},
};

#[derive(Template)]
#[template(path = "web/settings/appearance.html")]
struct AppearancePage {
    shell: Shell,
    tab: &'static str,
}

/// `GET /settings/appearance`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    visitor.page(&AppearancePage { shell: visitor.shell("settings"), tab: "appearance" })
}

/// What was chosen.
#[derive(Debug, Deserialize)]
pub struct Fields {
    theme: String,
}

/// `POST /settings/appearance`
pub async fn save(Form { visitor, fields, .. }: Form<Fields>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    Ok(visitor.go_with_theme("/settings/appearance?done=saved", &fields.theme))
}
