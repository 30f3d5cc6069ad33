//! Invitation links: made here, shown once.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{AFTER_FORM, enter};
use crate::{
    error::{Error, Result},
    model::{Invitation, InvitationId},
    service::invitations,
    web::{
        error::Problem,
        form::Faults,
        layout::{self, Shell},
        session::{Form, Visitor},
        settings::Press,
    },
};

/// An open invitation.
struct Open {
    id: InvitationId,
    uses: i32,
    until: String,
}

impl From<Invitation> for Open {
    fn from(invitation: Invitation) -> Self {
        Self { id: invitation.id, uses: invitation.uses_left, until: layout::full_date(invitation.expires_at) }
    }
}

/// The form, as it was typed.
#[derive(Debug, Deserialize)]
pub struct Fields {
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
        let days = self.days.parse().map_err(|_| Error::invalid("days", "Choose how long it works."))?;
        Ok((uses, days))
    }
}

#[derive(Template)]
#[template(path = "web/admin/invitations.html")]
struct InvitationsPage {
    shell: Shell,
    tab: &'static str,
    /// The new link: on this one page and never again.
    link: String,
    open: Vec<Open>,
    typed: Fields,
    faults: Faults,
}

impl InvitationsPage {
    async fn new(visitor: &Visitor, typed: Fields, faults: Faults) -> Result<Self> {
        let open = invitations::list(&visitor.ctx, &visitor.viewer()).await?.into_iter().map(Open::from).collect();
        Ok(Self { shell: visitor.shell("admin"), tab: "invitations", link: String::new(), open, typed, faults })
    }
}

/// `GET /admin/invitations`
pub async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    visitor.page(&InvitationsPage::new(&visitor, Fields::default(), Faults::none()).await?)
}

async fn make(visitor: &Visitor, fields: &Fields) -> Result<String> {
    let (uses, days) = fields.numbers()?;
    invitations::create(&visitor.ctx, &visitor.viewer(), uses, days).await
}

/// `POST /admin/invitations`: answers with the link, as it cannot be shown again.
pub async fn create(form: Form<Fields>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    match make(&visitor, &fields).await {
        Ok(link) => {
            let page = InvitationsPage::new(&visitor, Fields::default(), Faults::none()).await?;
            visitor.page(&InvitationsPage { link, ..page })
        }
        Err(error) => {
            let page = InvitationsPage::new(&visitor, fields, Faults::of_error(error, "uses")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}

/// `POST /admin/invitations/{id}/revoke`
pub async fn revoke(form: Form<Press>, id: web::Path<InvitationId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    invitations::revoke(&visitor.ctx, &visitor.viewer(), id.into_inner()).await?;
    Ok(visitor.go("/admin/invitations?done=revoked"))
}
