//! Credentials in words: what they claim, where they stand, how far they are checked, and what happened to them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    error::Result,
    model::{Credential, CredentialKind, CredentialState, Evidence, EvidenceId},
    policy::{
        disciplines::Discipline,
        registers::{OTHER, Register},
    },
    service::{
        Ctx,
        credentials::{CredentialEvent, EventBy, Mailbox},
        specialties,
    },
    text::country,
    web::layout::{ago, full_date},
};

/// What a credential claims.
pub(in crate::web) fn kind(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Registration => "Registration",
        CredentialKind::Specialist => "Specialist certificate",
        CredentialKind::Degree => "Degree",
        CredentialKind::Employment => "Employment",
        CredentialKind::Training => "Training",
    }
}

/// Whose word it rests on: the register's name, or the issuing body.
pub(in crate::web) fn body(credential: &Credential) -> &str {
    match Register::find(&credential.register).filter(|register| register.key != OTHER) {
        Some(register) => register.name,
        None => &credential.body,
    }
}

/// "Registration, General Medical Council".
pub(in crate::web) fn title(credential: &Credential) -> String {
    joined(&[kind(credential.kind), body(credential)], ", ")
}

/// "Registration, United Kingdom".
pub(in crate::web) fn kind_and_place(credential: &Credential) -> String {
    joined(&[kind(credential.kind), &country::name(&credential.jurisdiction)], ", ")
}

/// The parts that hold anything.
pub(in crate::web) fn joined(parts: &[&str], joint: &str) -> String {
    parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(joint)
}

/// The field of a profession.
pub(in crate::web) fn discipline(key: &str) -> &str {
    Discipline::find(key).map_or(key, |discipline| discipline.name)
}

/// Labels of specialties, in the order in which they were chosen.
pub(in crate::web) async fn specialties(ctx: &Ctx, codes: &[String]) -> Result<String> {
    let mut labels = Vec::new();
    for code in codes {
        labels.push(specialties::label(ctx, code).await?);
    }
    Ok(labels.join(", "))
}

/// Colour and word of a state.
pub(in crate::web) fn tag(state: CredentialState) -> (&'static str, &'static str) {
    match state {
        CredentialState::Draft => ("", "Draft"),
        CredentialState::Submitted => ("blue", "Waiting"),
        CredentialState::InReview => ("blue", "In review"),
        CredentialState::NeedsInformation => ("amber", "Question asked"),
        CredentialState::Attested => ("green", "Verified"),
        CredentialState::RecheckDue => ("amber", "Re-check due"),
        CredentialState::Rejected => ("", "Not verified"),
        CredentialState::Expired => ("amber", "Expired"),
        CredentialState::Suspended => ("amber", "Suspended"),
        CredentialState::Revoked => ("red", "Revoked"),
        CredentialState::Withdrawn => ("", "Withdrawn"),
    }
}

/// The four levels: name, and what it takes.
pub(in crate::web) const LEVELS: [(&str, &str); 4] = [
    ("Well-formed", "The number has the form that its register gives out, or there is none to check."),
    ("Matched in a register", "Number and name stand in the hospital’s copy of the register."),
    ("Control proven", "A code to a mailbox of the hospital, the word of the employer, or a document that was seen."),
    ("Attested", "The hospital has decided, and states it with its signature."),
];

/// The name of a level.
pub(in crate::web) fn level(level: i16) -> &'static str {
    (1..).zip(LEVELS).find(|(place, _)| *place == level).map_or("", |(_, (name, _))| name)
}

/// "31 August 2027".
pub(in crate::web) fn date(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// "12 min", "3 h", "1 day", "40 days".
pub(in crate::web) fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - since).num_days() {
        ..=0 => ago(since, now),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// A document as pages show it.
pub(in crate::web) struct EvidenceShown {
    pub(in crate::web) id: EvidenceId,
    pub(in crate::web) label: String,
    /// "PDF, 120 kB, sent on 24 November 2026".
    pub(in crate::web) about: String,
    /// "Deleted on …"; empty while it is here.
    pub(in crate::web) gone: String,
}

impl EvidenceShown {
    pub(in crate::web) fn of(evidence: Evidence) -> Self {
        let kind = match evidence.media_type.as_str() {
            "application/pdf" => "PDF",
            "image/jpeg" => "JPEG",
            "image/png" => "PNG",
            other => other,
        };
        let day = |at: DateTime<Utc>| date(at.date_naive());
        let print = fingerprint(&evidence.digest);
        let gone = evidence.deleted_at.map(|at| format!("Deleted on {}. Its SHA-256 began with {print}.", day(at)));
        Self {
            id: evidence.id,
            about: format!("{kind}, {}, sent on {}", size(evidence.bytes), day(evidence.created_at)),
            label: evidence.label,
            gone: gone.unwrap_or_default(),
        }
    }
}

/// A mailbox of the institution, and whether its code came back, as pages show it.
pub(in crate::web) struct MailboxShown {
    pub(in crate::web) email: String,
    /// "Entered on 24 November 2026, 09:12 UTC", or that it was not.
    pub(in crate::web) words: String,
    pub(in crate::web) proven: bool,
}

impl MailboxShown {
    pub(in crate::web) fn of(mailbox: Mailbox) -> Self {
        let words = match mailbox.proven_at {
            Some(at) => format!("Entered on {}", full_date(at)),
            None => format!("Sent on {}, not entered yet", full_date(mailbox.sent_at)),
        };
        Self { email: mailbox.email, words, proven: mailbox.proven_at.is_some() }
    }
}

/// How a file is called that somebody opens.
pub(in crate::web) fn file_name(evidence: &Evidence) -> String {
    let ending = match evidence.media_type.as_str() {
        "application/pdf" => "pdf",
        "image/jpeg" => "jpg",
        _ => "png",
    };
    format!("evidence-{}.{ending}", evidence.id)
}

fn size(bytes: i32) -> String {
    match bytes {
        ..1_000_000 => format!("{} kB", (bytes / 1_000).max(1)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

fn fingerprint(digest: &[u8]) -> String {
    let digits = digest.iter().take(8).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// Something that happened, as pages show it.
pub(in crate::web) struct EventShown {
    /// Who, as in "Dr Vera".
    pub(in crate::web) by: String,
    /// "Dr Vera took it to check."
    pub(in crate::web) what: String,
    /// The words that came with it.
    pub(in crate::web) words: String,
    pub(in crate::web) when: String,
    pub(in crate::web) full: String,
    pub(in crate::web) iso: String,
    /// The desk asks.
    pub(in crate::web) asks: bool,
}

/// Who reads what happened.
#[derive(Debug, Clone, Copy)]
pub(in crate::web) enum Reader<'a> {
    /// Its holder, to whom the desk is one voice.
    Holder,
    /// The desk, with the holder's name.
    Desk(&'a str),
}

impl EventShown {
    /// What was asked and answered, and what else happened.
    pub(in crate::web) fn sorted(
        events: Vec<CredentialEvent>,
        reader: Reader<'_>,
        now: DateTime<Utc>,
    ) -> (Vec<Self>, Vec<Self>) {
        let (mut talk, mut history, mut stands) = (Vec::new(), Vec::new(), None);
        for event in events {
            stands = event.state.or(stands);
            // A re-check asks without letting go of what holds.
            let open = match event.state {
                None => stands == Some(CredentialState::RecheckDue),
                Some(state) => state == CredentialState::NeedsInformation,
            };
            let asks = open && matches!(event.by, EventBy::Desk(_)) && !event.aside;
            let tells = event.by == EventBy::Holder && event.state != Some(CredentialState::Withdrawn);
            // Before the first question nothing is an answer.
            let is_talk = !event.words.is_empty() && (asks || (tells && !talk.is_empty()));
            let shown = Self::of(event, reader, asks && is_talk, now);
            if is_talk { talk.push(shown) } else { history.push(shown) }
        }
        (talk, history)
    }

    fn of(event: CredentialEvent, reader: Reader<'_>, asks: bool, now: DateTime<Utc>) -> Self {
        let (by, did) = match (event.by, reader) {
            (EventBy::Holder, Reader::Holder) => ("You".to_owned(), by_holder(event.state)),
            (EventBy::Holder, Reader::Desk(name)) => (name.to_owned(), by_holder(event.state)),
            (EventBy::Desk(_), Reader::Holder) => ("The desk".to_owned(), by_desk(event.state)),
            (EventBy::Desk(name), Reader::Desk(_)) => (name, by_desk(event.state)),
            (EventBy::House, _) => (String::new(), by_itself(event.state)),
        };
        Self {
            what: joined(&[&by, did], " "),
            by,
            words: event.words,
            when: ago(event.at, now),
            full: full_date(event.at),
            iso: event.at.to_rfc3339(),
            asks,
        }
    }
}

fn by_holder(state: Option<CredentialState>) -> &'static str {
    match state {
        Some(CredentialState::Submitted) => "sent it to the desk.",
        Some(CredentialState::InReview) => "answered.",
        Some(CredentialState::Withdrawn) => "withdrew it.",
        Some(_) | None => "added to it.",
    }
}

fn by_desk(state: Option<CredentialState>) -> &'static str {
    match state {
        Some(CredentialState::Submitted) => "gave it back to the queue.",
        Some(CredentialState::InReview) => "took it to check.",
        Some(CredentialState::NeedsInformation) => "asked a question.",
        Some(CredentialState::Attested) => "attested it.",
        Some(CredentialState::Rejected) => "rejected it.",
        Some(CredentialState::RecheckDue) => "opened a re-check.",
        Some(CredentialState::Suspended) => "suspended it.",
        Some(CredentialState::Revoked) => "revoked it.",
        Some(CredentialState::Expired) => "ended it.",
        Some(CredentialState::Withdrawn) => "took it off the list.",
        Some(CredentialState::Draft) | None => "worked on it.",
    }
}

fn by_itself(state: Option<CredentialState>) -> &'static str {
    match state {
        Some(CredentialState::Attested) => "It was attested.",
        Some(CredentialState::Expired) => "It expired.",
        Some(CredentialState::RecheckDue) => "A re-check became due.",
        Some(CredentialState::Suspended) => "It was suspended.",
        Some(CredentialState::Revoked) => "It was revoked.",
        Some(CredentialState::Withdrawn) => "It was replaced, or ended.",
        Some(CredentialState::Submitted) => "It went back to the queue.",
        Some(_) | None => "A note was made.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_prints_are_short() {
        assert_eq!((size(20).as_str(), size(120_400).as_str(), size(9_870_000).as_str()), ("1 kB", "120 kB", "9.8 MB"));
        assert_eq!(fingerprint(&[0x0f, 0xa0]), "0fa0");
    }

    #[test]
    fn levels_have_names() {
        assert_eq!((level(1), level(4), level(0)), ("Well-formed", "Attested", ""));
    }
}
