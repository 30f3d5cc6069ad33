//! Opening a document alone, in an emergency: what follows from it, and the reason.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    asked::Asked,
    enter,
    evidence::OfDocument,
    review::{Typed, at, page},
};
use crate::{
    error::Error,
    model::{CredentialId, EvidenceId},
    service::credentials,
    web::{
        credentials::words,
        error::Problem,
        form::Faults,
        layout::{Shell, Who},
        session::{Form, Visitor},
    },
};

#[derive(Template)]
#[template(path = "web/desk/alone.html")]
struct AlonePage {
    shell: Shell,
    id: CredentialId,
    evidence: EvidenceId,
    /// The query of the list from which one came.
    query: String,
    who: Who,
    title: String,
    /// Who is told.
    told: String,
    typed: String,
    faults: Faults,
}

impl AlonePage {
    async fn new(
        visitor: &Visitor,
        (id, evidence): (CredentialId, EvidenceId),
        typed: String,
        faults: Faults,
    ) -> Result<Self, Problem> {
        let found = credentials::emergency(&visitor.ctx, &visitor.viewer(), id, evidence).await?;
        let shell = visitor.shell("desk");
        Ok(Self {
            id,
            evidence,
            query: Asked::of(&visitor.here).query(),
            who: Who::from_account(&found.holder, shell.now),
            title: words::title(&found.credential),
            told: told(&found.told, found.house),
            typed,
            faults,
            shell,
        })
    }
}

/// Who is told, in a sentence.
fn told(names: &[String], house: bool) -> String {
    match (names, house) {
        ([], false) => "Nobody else works at this desk, so nobody is told.".to_owned(),
        ([], true) => {
            "Nobody else works at this desk: this institution's mailbox is told at once, who and why.".to_owned()
        }
        ([one], false) => {
            format!("There is one other person at this desk: {one} is told at once, here and by mail, who and why.")
        }
        ([one], true) => format!(
            "There is one other person at this desk: {one} is told at once, here and by mail, who and why, and so \
             is this institution's mailbox."
        ),
        ([one, other, ..], _) => {
            format!("{one} and {other} are told at once, here and by mail, that it was you, and why.")
        }
    }
}

/// `GET /desk/{id}/evidence/{evidence}/alone`
pub async fn show(visitor: Visitor, path: OfDocument) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    visitor.page(&AlonePage::new(&visitor, path.into_inner(), String::new(), Faults::none()).await?)
}

/// Why it cannot wait.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Why {
    reason: String,
}

/// `POST /desk/{id}/evidence/{evidence}/alone`
pub async fn open(form: Form<Why>, path: OfDocument) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let (id, evidence) = path.into_inner();
    if let Some(away) = enter(&visitor, &at(&visitor, id)).await? {
        return Ok(away);
    }
    let reason = fields.reason.replace("\r\n", "\n");
    match credentials::open_alone(&visitor.ctx, &visitor.viewer(), id, evidence, &reason).await {
        Ok(told) => {
            let code = match (told.colleagues, told.house) {
                (0, false) => "alone-none",
                (0, true) => "alone-house",
                (1, false) => "alone-one",
                (1, true) => "alone-both",
                _ => "alone-two",
            };
            Ok(visitor.go_back(&at(&visitor, id), code))
        }
        Err(error @ Error::Conflict(_)) => page(&visitor, id, Typed::default(), Faults::of_error(error, "")?).await,
        Err(error) => {
            let page = AlonePage::new(&visitor, (id, evidence), reason, Faults::of_error(error, "reason")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn whoever_is_told_is_named() {
        let names = |all: &[&str], house| told(&all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>(), house);
        assert!(names(&["Dr Vic", "Dr Rooty"], false).starts_with("Dr Vic and Dr Rooty are told"));
        assert!(names(&["Dr Vic"], false).contains("one other person at this desk: Dr Vic is told"));
        assert!(names(&["Dr Vic"], true).ends_with("and so is this institution's mailbox."));
        assert!(names(&[], false).ends_with("so nobody is told."));
        assert!(names(&[], true).contains("this institution's mailbox is told"));
    }
}
