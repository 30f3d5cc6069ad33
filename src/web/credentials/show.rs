//! One credential, as its holder sees it: where it stands, what is missing, what the desk asks.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::{
    is_over, is_renewable, sentence,
    words::{self, EventShown, EvidenceShown, Reader},
};
use crate::{
    model::{Credential, CredentialId, CredentialSource, CredentialState},
    service::credentials::{self, Mailbox, Standing},
    text::country,
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, full_date},
        session::Visitor,
    },
};

/// What was typed into one of the forms below, when the page is shown again.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) answer: String,
    pub(super) label: String,
    pub(super) email: String,
}

/// One of the four levels.
struct Step {
    name: &'static str,
    words: &'static str,
    reached: bool,
    /// "reached", "not yet".
    state: &'static str,
}

/// A mailbox of the institution, and whether its code came back.
struct MailboxShown {
    email: String,
    /// "Entered on 24 November 2026, 09:12 UTC", or that it was not.
    words: String,
    proven: bool,
}

impl From<Mailbox> for MailboxShown {
    fn from(mailbox: Mailbox) -> Self {
        let words = match mailbox.proven_at {
            Some(at) => format!("Entered on {}.", full_date(at)),
            None => format!("Sent on {}, not entered yet.", full_date(mailbox.sent_at)),
        };
        Self { email: mailbox.email, words, proven: mailbox.proven_at.is_some() }
    }
}

#[derive(Template)]
#[template(path = "web/credentials/show.html")]
struct ShowPage {
    shell: Shell,
    id: CredentialId,
    title: String,
    colour: &'static str,
    tag: &'static str,
    sentence: String,
    /// How far it is checked; none for a draft.
    level: i16,
    steps: Vec<Step>,
    missing: Vec<String>,
    facts: Vec<(&'static str, String)>,
    talk: Vec<EventShown>,
    history: Vec<EventShown>,
    evidence: Vec<EvidenceShown>,
    /// How large a document may be, and how long it is kept after the decision.
    megabytes: usize,
    days: i64,
    mailbox: Option<MailboxShown>,
    /// Domains of the institution's mailboxes, in words; empty where none is set.
    domains: String,
    editable: bool,
    /// Documents and codes still change something.
    open: bool,
    asked: bool,
    withdrawable: bool,
    renewable: bool,
    /// Token of the statement's page.
    statement: Option<String>,
    typed: Typed,
    faults: Faults,
}

/// The levels, each with whether it was reached as far as this record tells.
fn steps(credential: &Credential, proven: bool) -> Vec<Step> {
    let unkept = matches!(credential.register.as_str(), "" | "other");
    let proven = proven || credential.source == CredentialSource::Staff || !credential.seen.is_empty();
    let step = |(place, (name, words)): (i16, (&'static str, &'static str))| {
        let (reached, state) = match place {
            _ if credential.state == CredentialState::Draft => (false, "not yet"),
            2 if credential.level == 2 => (true, "reached"),
            2 if unkept => (false, "no register keeps it"),
            // Further up, the register was only one of several ways.
            2 if credential.level > 2 => (false, ""),
            3 if proven => (true, "reached"),
            3 if credential.level > 3 => (false, ""),
            _ if place <= credential.level => (true, "reached"),
            _ => (false, "not yet"),
        };
        Step { name, words, reached, state }
    };
    (1..).zip(words::LEVELS).map(step).collect()
}

fn facts(credential: &Credential, number: String, labels: String) -> Vec<(&'static str, String)> {
    let date = |day: Option<NaiveDate>| day.map(words::date).unwrap_or_default();
    let name = words::joined(&[&credential.given_names, &credential.family_name], " ");
    let all = [
        ("Number", number),
        ("Name as registered", name),
        ("Country", country::name(&credential.jurisdiction)),
        ("Discipline", words::discipline(&credential.discipline).to_owned()),
        ("Specialties", labels),
        ("Role", credential.role.clone()),
        ("Since", date(credential.issued_on)),
        ("Valid until", date(credential.expires_on)),
        ("Last checked", date(credential.checked_on)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

impl ShowPage {
    async fn new(visitor: &Visitor, id: CredentialId, typed: Typed, faults: Faults) -> Result<Self, Problem> {
        let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
        let Standing { credential, number, evidence, mailbox, events, missing, statement } =
            credentials::read(ctx, &viewer, id).await?;
        let all = credentials::mine(ctx, &viewer).await?;
        let labels = words::specialties(ctx, &credential.specialties).await?;
        let shell = visitor.shell("credentials");
        let (colour, tag) = words::tag(credential.state);
        let state = credential.state;
        let proven = mailbox.as_ref().is_some_and(|mailbox| mailbox.proven_at.is_some());
        let (talk, history) = EventShown::sorted(events, Reader::Holder, shell.now);
        let asked = match state {
            CredentialState::NeedsInformation => true,
            CredentialState::RecheckDue => credential.claimed_by.is_some() && talk.last().is_some_and(|last| last.asks),
            _ => false,
        };
        let config = &ctx.config.verification;
        Ok(Self {
            id,
            title: words::title(&credential),
            colour,
            tag,
            sentence: sentence(&credential, &shell.short_name),
            level: if state == CredentialState::Draft { 0 } else { credential.level },
            steps: steps(&credential, proven),
            missing,
            facts: facts(&credential, number, labels),
            talk,
            history,
            evidence: evidence.into_iter().map(EvidenceShown::of).collect(),
            megabytes: config.max_evidence_bytes / 1_000_000,
            days: config.evidence_days,
            mailbox: mailbox.map(MailboxShown::from),
            domains: config.mail_domains.join(", "),
            editable: matches!(state, CredentialState::Draft | CredentialState::NeedsInformation),
            open: state == CredentialState::Draft || state.is_waiting(),
            asked,
            withdrawable: !is_over(state),
            renewable: is_renewable(&credential, &all),
            statement,
            typed,
            faults,
            shell,
        })
    }

    fn domains_hint(&self) -> String {
        format!("It ends in {}.", self.domains)
    }

    /// Whether a code may be asked for.
    fn offers_code(&self) -> bool {
        self.open && !self.domains.is_empty() && !self.mailbox.as_ref().is_some_and(|mailbox| mailbox.proven)
    }
}

/// The page, or the page again with what is wrong and what was typed.
pub(super) async fn page(
    visitor: &Visitor,
    id: CredentialId,
    typed: Typed,
    faults: Faults,
) -> Result<HttpResponse, Problem> {
    let page = ShowPage::new(visitor, id, typed, faults).await?;
    page.faults.page(visitor, &page)
}

/// `GET /credentials/{id}`
pub async fn show(visitor: Visitor, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    page(&visitor, *id, Typed::default(), Faults::none()).await
}
