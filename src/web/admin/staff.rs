//! The institution's staff list: a file of HR, matched with the people here and attested as employment.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{AFTER_FORM, enter, kind_with_file};
use crate::{
    error::{Error, Result},
    multipart,
    policy::moderation::require_admin,
    service::credentials::{self, StaffReport},
    web::{error::Problem, form::Faults, layout::Shell, session::Visitor},
};

/// Largest form: the list has 20 MB at most, and its rule says so of a larger one.
const LARGEST: usize = 21_000_000;

#[derive(Template)]
#[template(path = "web/admin/staff.html")]
struct StaffPage {
    shell: Shell,
    tab: &'static str,
    /// What was done with the list just sent.
    report: Option<StaffReport>,
    whole: bool,
    faults: Faults,
}

fn page(visitor: &Visitor, report: Option<StaffReport>, whole: bool, faults: Faults) -> Result<HttpResponse, Problem> {
    let page = StaffPage { shell: visitor.shell("admin"), tab: "staff", report, whole, faults };
    page.faults.page(visitor, &page)
}

/// `GET /admin/staff`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    require_admin(&visitor.viewer())?;
    page(&visitor, None, false, Faults::none())
}

/// `POST /admin/staff`: the page with what was done. The file is read behind the door alone, as it may take long.
pub async fn import(visitor: Visitor, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    require_admin(&visitor.viewer())?;
    let mut whole = false;
    match take(&visitor, &request, payload, &mut whole).await {
        Ok(report) => page(&visitor, Some(report), false, Faults::none()),
        Err(error) => page(&visitor, None, whole, Faults::of_error(error, "file")?),
    }
}

async fn take(
    visitor: &Visitor,
    request: &HttpRequest,
    payload: web::Payload,
    whole: &mut bool,
) -> Result<StaffReport> {
    let parts = multipart::read(kind_with_file(request)?, &mut payload.into_inner(), LARGEST).await?;
    visitor.check_form(request, parts.text("csrf"))?;
    // Who is not in it has left.
    *whole = parts.texts.iter().any(|(name, _)| name == "whole");
    let file = parts.files.iter().find(|(name, _)| name == "file");
    let (_, file) = file.ok_or_else(|| Error::invalid("file", "Choose a file first."))?;
    credentials::import_staff(&visitor.ctx, &visitor.viewer(), file, *whole).await
}
