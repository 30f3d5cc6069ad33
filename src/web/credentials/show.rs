//! One credential, as its holder sees it: where it stands, what is missing, what the desk asks.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, TimeDelta};

use super::{
    sentence,
    words::{self, EventShown, EvidenceShown, MailboxShown, Reader},
};
use crate::{
    model::{Credential, CredentialId, CredentialSource, CredentialState},
    policy::{credentials::may_edit, registers::OTHER},
    service::credentials::{self, Standing},
    text::country,
    web::{error::Problem, form::Faults, layout::Shell, session::Visitor},
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
    /// What it says may be changed, and documents may be taken back.
    editable: bool,
    removable: bool,
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
    let unkept = matches!(credential.register.as_str(), "" | OTHER);
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

/// When its holder is reminded of its end from now on; empty where nobody is.
fn reminders(credential: &Credential, days_before: &[i16], today: NaiveDate) -> String {
    let reminded = credential.state.is_in_force() && credential.source == CredentialSource::Clinician;
    credential.expires_on.filter(|_| reminded).map_or_else(String::new, |last| told(last, days_before, today))
}

fn told(last: NaiveDate, days_before: &[i16], today: NaiveDate) -> String {
    let days = days_before.iter().filter_map(|days| last.checked_sub_signed(TimeDelta::days(i64::from(*days))));
    let mut days: Vec<NaiveDate> = days.filter(|day| *day > today).collect();
    days.sort_unstable();
    days.dedup();
    let days: Vec<String> = days.into_iter().map(words::date).collect();
    match days.split_last() {
        None => String::new(),
        Some((one, [])) => format!("On {one}, among your notifications and by mail"),
        Some((last, others)) => {
            format!("On {} and {last}, among your notifications and by mail", others.join(", "))
        }
    }
}

fn facts(credential: &Credential, number: String, labels: String, reminders: String) -> Vec<(&'static str, String)> {
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
        ("Reminders", reminders),
        ("Last checked", date(credential.checked_on)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

impl ShowPage {
    async fn new(visitor: &Visitor, id: CredentialId, typed: Typed, faults: Faults) -> Result<Self, Problem> {
        let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
        let Standing { credential, number, evidence, mailbox, events, missing, renewable, statement } =
            credentials::read(ctx, &viewer, id).await?;
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
        let reminders = reminders(&credential, &config.reminder_days, shell.now.date_naive());
        Ok(Self {
            id,
            title: words::title(&credential),
            colour,
            tag,
            sentence: sentence(&credential, &shell.short_name),
            level: if state == CredentialState::Draft { 0 } else { credential.level },
            steps: steps(&credential, proven),
            missing,
            facts: facts(&credential, number, labels, reminders),
            talk,
            history,
            evidence: evidence.into_iter().map(EvidenceShown::of).collect(),
            megabytes: config.max_evidence_bytes / 1_000_000,
            days: config.evidence_days,
            mailbox: mailbox.map(MailboxShown::of),
            domains: config.mail_domains.join(", "),
            editable: may_edit(&credential),
            removable: state.is_with_holder(),
            open: state.is_pending(),
            asked,
            withdrawable: !state.is_over(),
            renewable,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reminders_to_come_are_told() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let last = day("2027-08-31");
        let at = |today| told(last, &[7, 60, 30, 30], day(today));
        let end = "among your notifications and by mail";
        assert_eq!(at("2027-01-01"), format!("On 2 July 2027, 1 August 2027 and 24 August 2027, {end}"));
        assert_eq!(at("2027-08-01"), format!("On 24 August 2027, {end}"));
        assert_eq!(at("2027-08-24"), "");
    }
}
