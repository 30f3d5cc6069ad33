//! What a member is asked about, and whether mail tells them.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::{
    error::Result,
    policy::disciplines::SPECIALTIES,
    service::{
        cases::{self, WishForm},
        specialties,
    },
    web::{
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, Visitor},
    },
};

/// A specialty to choose.
struct Line {
    code: String,
    label: String,
    chosen: bool,
    proven: bool,
}

#[derive(Template)]
#[template(path = "web/cases/wishes.html")]
struct WishesPage {
    shell: Shell,
    /// What is chosen or proven.
    ticked: Vec<Line>,
    /// What else can be chosen.
    others: Vec<Line>,
    more: String,
    mail: bool,
    /// They have chosen before.
    chosen: bool,
    faults: Faults,
}

/// The page with what was typed, or else with what is stored.
async fn page(visitor: &Visitor, typed: Option<WishForm>, faults: Faults) -> Result<WishesPage> {
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let stored = cases::wishes(ctx, &viewer).await?;
    let form = typed.unwrap_or_else(|| WishForm {
        specialties: stored.specialties.clone(),
        more: String::new(),
        mail: stored.mail,
    });
    let listed: BTreeSet<&String> = stored.specialties.iter().chain(&stored.proven).collect();
    let mut ticked = Vec::new();
    for code in &listed {
        ticked.push(Line {
            label: specialties::label(ctx, code).await?,
            chosen: form.specialties.contains(code),
            proven: stored.proven.contains(code),
            code: (*code).clone(),
        });
    }
    let mut others = Vec::new();
    for (code, label, _) in SPECIALTIES.iter().filter(|(code, ..)| listed.iter().all(|other| other.as_str() != *code)) {
        let chosen = form.specialties.iter().any(|other| other == code);
        let line = Line { code: (*code).to_owned(), label: (*label).to_owned(), chosen, proven: false };
        // What was ticked before a fault was found stands where it is seen.
        if chosen { ticked.push(line) } else { others.push(line) }
    }
    ticked.sort_by_cached_key(|line| line.label.to_lowercase());
    others.sort_by_cached_key(|line| line.label.to_lowercase());
    let (more, mail) = (form.more, form.mail);
    Ok(WishesPage { shell: visitor.shell("cases"), ticked, others, more, mail, chosen: stored.chosen, faults })
}

/// `GET /cases/wishes`
pub(in crate::web) async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    visitor.page(&page(&visitor, None, Faults::none()).await?)
}

/// What was sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Sent {
    specialties: Vec<String>,
    more: String,
    mail: Option<String>,
}

/// `POST /cases/wishes`
pub(in crate::web) async fn save(form: Form<Sent>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    visitor.require()?;
    let wish = WishForm { specialties: fields.specialties, more: fields.more, mail: fields.mail.is_some() };
    match cases::wish(&visitor.ctx, &visitor.viewer(), &wish).await {
        Ok(()) => Ok(visitor.go("/cases/wishes?done=saved")),
        Err(error) => {
            let faults = Faults::of_error(error, "specialties")?;
            let page = page(&visitor, Some(wish), faults).await?;
            page.faults.page(&visitor, &page)
        }
    }
}
