//! How far the institutions of another server are believed, with which keys they sign, and what came of their
//! statements.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::{AFTER_FORM, enter, hosts::HostPage};
use crate::{
    error::{Error, Result},
    model::{Host, HostTrust},
    service::{
        hosts,
        issuers::{self, Institution, Key},
    },
    web::{
        error::Problem,
        form::Faults,
        layout,
        session::{Form, Visitor},
    },
};

/// What was decided, or typed.
pub(super) struct TrustShown {
    trust: String,
    disciplines: Vec<String>,
    pub(super) reason: String,
}

impl TrustShown {
    pub(super) fn of(host: &Host) -> Self {
        Self { trust: host.trust.to_string(), disciplines: host.trusted_disciplines.clone(), reason: String::new() }
    }

    pub(super) fn is(&self, trust: &str) -> bool {
        self.trust == trust
    }

    pub(super) fn among(&self, discipline: &str) -> bool {
        self.disciplines.iter().any(|key| key == discipline)
    }

    /// It holds for some disciplines only.
    pub(super) fn limited(&self) -> bool {
        !self.disciplines.is_empty()
    }

    /// The decision in a word.
    pub(super) fn word(&self) -> &'static str {
        match HostTrust::parse(&self.trust) {
            Some(HostTrust::None) => "Not shown",
            Some(HostTrust::Trusted) => "Trusted",
            Some(HostTrust::Claim) | None => "Shown as a claim",
        }
    }
}

/// An institution as the page shows it.
pub(super) struct InstitutionShown {
    pub(super) uri: String,
    pub(super) name: String,
    /// Since when its keys are in question; empty where they are not.
    pub(super) changed: String,
    pub(super) keys: Vec<Key>,
    /// "12 hold", "1 taken back".
    pub(super) counts: Vec<String>,
    pub(super) seen: String,
}

impl InstitutionShown {
    fn of(institution: Institution) -> Self {
        let Institution { issuer, keys, verdicts, seen } = institution;
        Self {
            name: if issuer.name.is_empty() { issuer.uri.clone() } else { issuer.name },
            uri: issuer.uri,
            changed: issuer.changed_at.map(layout::full_date).unwrap_or_default(),
            counts: verdicts
                .iter()
                .map(|(verdict, count)| format!("{} {}", layout::thousands(*count), in_words(verdict)))
                .collect(),
            keys,
            seen,
        }
    }
}

/// A verdict, after a number.
fn in_words(verdict: &str) -> &'static str {
    match verdict {
        "holds" => "found to hold",
        "unchecked" => "not checked yet",
        "revoked" => "taken back",
        "suspended" => "suspended",
        "expired" => "expired",
        "not_yet" => "not valid yet",
        "other_subject" => "made for another account",
        "other_name" => "on an account that shows another name",
        "unknown_key" => "signed with a key that is not listed",
        "ended_key" => "signed with a key that was ended",
        "proof" => "forged or changed",
        "list" | "bits" => "without a usable list of what was taken back",
        "no_institution" => "by no institution",
        "unreachable" => "never checked, as nobody answers",
        _ => "not readable",
    }
}

/// The institutions of a host, as pages show them.
pub(super) async fn institutions(visitor: &Visitor, host: &Host) -> Result<Vec<InstitutionShown>> {
    let all = issuers::list(&visitor.ctx, &visitor.viewer(), host).await?;
    Ok(all.into_iter().map(InstitutionShown::of).collect())
}

/// How far it is believed from now on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    trust: String,
    disciplines: Vec<String>,
    reason: String,
}

/// `POST /admin/hosts/{name}/trust`
pub async fn trust(form: Form<Typed>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    match decided(&visitor, &name, &fields).await {
        Ok(name) => Ok(visitor.go(&format!("/admin/hosts/{name}?done=host"))),
        Err(error) => {
            let mut page = HostPage::new(&visitor, &name, Faults::of_error(error, "trust")?).await?;
            let Typed { trust, disciplines, reason } = fields;
            page.trust = TrustShown { trust, disciplines, reason };
            page.faults.page(&visitor, &page)
        }
    }
}

async fn decided(visitor: &Visitor, name: &str, typed: &Typed) -> Result<String> {
    let trust = HostTrust::parse(&typed.trust).ok_or_else(|| Error::invalid("trust", "Choose how far it is believed."));
    let (disciplines, reason) = (typed.disciplines.clone(), typed.reason.as_str());
    Ok(hosts::trust(&visitor.ctx, &visitor.viewer(), name, trust?, disciplines, reason).await?.name)
}

/// Keys that were compared.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Compared {
    issuer: String,
    seen: String,
}

/// `POST /admin/hosts/{name}/issuers/confirm`
pub async fn confirm(form: Form<Compared>, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    match issuers::confirm(&visitor.ctx, &visitor.viewer(), &name, &fields.issuer, &fields.seen).await {
        Ok(()) => Ok(visitor.go(&format!("/admin/hosts/{name}?done=host"))),
        Err(error) => {
            let page = HostPage::new(&visitor, &name, Faults::of_error(error, "institutions")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}
