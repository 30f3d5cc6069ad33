//! The institution's staff list: a file of HR, matched with the people here and attested as employment.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{AFTER_FORM, enter};
use crate::{
    policy::moderation::require_admin,
    service::credentials::{self, StaffReport},
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, Visitor},
    },
};

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

/// What the file is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// Who is not in it has left.
    whole: Option<String>,
}

/// `POST /admin/staff`: the page with what was done.
pub async fn import(form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, files } = form;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    let whole = fields.whole.is_some();
    let Some((_, file)) = files.iter().find(|(name, _)| name == "file") else {
        return page(&visitor, None, whole, Faults::none().with("file", "Choose a file first."));
    };
    match credentials::import_staff(&visitor.ctx, &visitor.viewer(), file, whole).await {
        Ok(report) => page(&visitor, Some(report), false, Faults::none()),
        Err(error) => page(&visitor, None, whole, Faults::of_error(error, "file")?),
    }
}
