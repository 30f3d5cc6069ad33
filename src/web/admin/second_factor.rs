//! Taking a second factor away from somebody who has lost phone, paper and keys.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::enter;
use crate::{
    model::AccountId,
    service::phones,
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, Who},
        session::{Form, Visitor},
    },
};

#[derive(Template)]
#[template(path = "web/admin/second_factor.html")]
struct ResetPage {
    shell: Shell,
    tab: &'static str,
    who: Who,
    typed: String,
    faults: Faults,
}

impl ResetPage {
    async fn new(visitor: &Visitor, id: AccountId, typed: String, faults: Faults) -> Result<Self, Problem> {
        let account = phones::find_resettable(&visitor.ctx, &visitor.viewer(), id).await?;
        let shell = visitor.shell("admin");
        Ok(Self { who: Who::from_account(&account, shell.now), shell, tab: "people", typed, faults })
    }
}

fn address(id: AccountId) -> String {
    format!("/admin/people/{id}/second-factor")
}

/// `GET /admin/people/{id}/second-factor`
pub async fn show(visitor: Visitor, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    visitor.page(&ResetPage::new(&visitor, id.into_inner(), String::new(), Faults::none()).await?)
}

/// How the admin made sure who asks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Note {
    note: String,
}

/// `POST /admin/people/{id}/second-factor`
pub async fn reset(form: Form<Note>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let id = id.into_inner();
    if let Some(away) = enter(&visitor, &address(id)).await? {
        return Ok(away);
    }
    let note = fields.note.replace("\r\n", "\n");
    match phones::reset_by_admin(&visitor.ctx, &visitor.viewer(), id, &note).await {
        Ok(()) => Ok(visitor.go("/admin/people?done=second-factor-reset")),
        Err(error) => {
            let page = ResetPage::new(&visitor, id, note, Faults::of_error(error, "note")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}
