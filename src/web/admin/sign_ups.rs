//! Sign-ups that wait for somebody to decide.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{AFTER_FORM, enter};
use crate::{
    error::Error,
    model::{Account, AccountId, User},
    service::{Page, registration},
    web::{
        error::Problem,
        form::Faults,
        layout::{self, Shell},
        paging::{At, Pager},
        session::{Form, Visitor},
        settings::Press,
    },
};

/// A sign-up as the list shows it.
struct Waiting {
    id: AccountId,
    name: String,
    username: String,
    email: String,
    confirmed: bool,
    since: String,
    iso: String,
    full: String,
    reason: String,
}

impl Waiting {
    fn of((account, user): (Account, User), shell: &Shell) -> Self {
        Self {
            id: account.id,
            name: account.name,
            username: account.username,
            email: user.email,
            confirmed: user.email_confirmed_at.is_some(),
            since: layout::ago(user.created_at, shell.now),
            iso: user.created_at.to_rfc3339(),
            full: layout::full_date(user.created_at),
            reason: user.reason,
        }
    }
}

#[derive(Template)]
#[template(path = "web/admin/sign_ups.html")]
struct SignUpsPage {
    shell: Shell,
    tab: &'static str,
    waiting: Vec<Waiting>,
    pager: Pager,
}

/// `GET /admin/sign-ups`
pub async fn show(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let list = registration::waiting(&visitor.ctx, &visitor.viewer(), &at.page()).await?;
    let pager = Pager::of(&list, "/admin/sign-ups");
    let shell = visitor.shell("admin");
    let waiting = list.items.into_iter().map(|row| Waiting::of(row, &shell)).collect();
    visitor.page(&SignUpsPage { shell, tab: "sign-ups", waiting, pager })
}

/// `POST /admin/sign-ups/{id}/approve`
pub async fn approve(form: Form<Press>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    registration::approve(&visitor.ctx, &visitor.viewer(), id.into_inner()).await?;
    Ok(visitor.go("/admin/sign-ups?done=approved"))
}

/// Why not: one of a few openings, a sentence of one's own, or both.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reason {
    opening: String,
    reason: String,
}

impl Reason {
    /// The words that are mailed.
    fn words(&self, shell: &Shell) -> String {
        let opening = match self.opening.as_str() {
            "staff" => format!("This place is for people who work at {}.", shell.institution),
            "unclear" => "We could not tell from your request who you are or where you work.".to_owned(),
            "mailbox" => "Your request did not come from a mailbox of the hospital.".to_owned(),
            _ => String::new(),
        };
        [opening.as_str(), self.reason.trim()].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

#[derive(Template)]
#[template(path = "web/admin/reject.html")]
struct RejectPage {
    shell: Shell,
    tab: &'static str,
    person: Waiting,
    typed: Reason,
    faults: Faults,
}

impl RejectPage {
    async fn new(visitor: &Visitor, id: AccountId, typed: Reason, faults: Faults) -> Result<Self, Problem> {
        // The newest row below the next id is this one, where it still waits.
        let page = Page::new(Some(id.0.saturating_add(1)), None, 1);
        let found = registration::waiting(&visitor.ctx, &visitor.viewer(), &page).await?.items.into_iter().next();
        let row = found.filter(|(account, _)| account.id == id).ok_or(Error::NotFound)?;
        let shell = visitor.shell("admin");
        Ok(Self { person: Waiting::of(row, &shell), shell, tab: "sign-ups", typed, faults })
    }
}

/// `GET /admin/sign-ups/{id}/reject`
pub async fn reject_page(visitor: Visitor, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let typed = Reason { opening: "staff".to_owned(), reason: String::new() };
    visitor.page(&RejectPage::new(&visitor, id.into_inner(), typed, Faults::none()).await?)
}

/// `POST /admin/sign-ups/{id}/reject`
pub async fn reject(form: Form<Reason>, id: web::Path<AccountId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    let id = id.into_inner();
    let words = fields.words(&visitor.shell("admin"));
    match registration::reject(&visitor.ctx, &visitor.viewer(), id, &words).await {
        Ok(()) => Ok(visitor.go("/admin/sign-ups?done=rejected")),
        Err(error) => {
            let page = RejectPage::new(&visitor, id, fields, Faults::of_error(error, "reason")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}
