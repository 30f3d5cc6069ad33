//! One credential at the desk: what is claimed beside what the register says, the checklist, and what was said.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::{asked::Asked, enter, evidence::DocumentShown, flag};
use crate::{
    model::{Credential, CredentialId, CredentialState, Snapshot},
    policy::{
        credentials::holds,
        matching::{Comparison, Line, Verdict},
        registers::Register,
    },
    service::credentials::{self, CheckItem, May, Review},
    web::{
        credentials::words::{self, EventShown, MailboxShown, Reader},
        error::Problem,
        form::Faults,
        layout::{Shell, Who},
        session::{Form, Visitor},
        settings::Press,
    },
};

/// One thing, side by side.
struct Row {
    field: &'static str,
    claim: String,
    /// What the register says: before, within and after the part that differs.
    before: String,
    other: String,
    after: String,
    icon: &'static str,
    /// "Same", "Differs"; empty where there is no register to compare with.
    verdict: &'static str,
    why: &'static str,
    good: bool,
    odd: bool,
    /// It is the number, which can be asked for.
    number: bool,
}

impl Row {
    /// Of the claim alone.
    fn claimed(field: &'static str, claim: String) -> Self {
        Self {
            field,
            claim,
            before: String::new(),
            other: String::new(),
            after: String::new(),
            icon: "",
            verdict: "",
            why: "",
            good: false,
            odd: false,
            number: false,
        }
    }

    fn compared(line: &Line) -> Self {
        let (icon, verdict) = match line.verdict {
            Verdict::Same => ("check", "Same"),
            Verdict::Fits => ("check", "Fits"),
            Verdict::Wider => ("warn", "Wider"),
            Verdict::Differs => ("warn", "Differs"),
            Verdict::Missing => ("claim", "Missing"),
        };
        let odd = matches!(line.verdict, Verdict::Wider | Verdict::Differs);
        let good = matches!(line.verdict, Verdict::Same | Verdict::Fits);
        let (before, other, after) = if odd {
            parted(&line.claim, &line.register)
        } else {
            (line.register.clone(), String::new(), String::new())
        };
        let why = if line.verdict == Verdict::Same { "" } else { line.why };
        Self { before, other, after, icon, verdict, why, good, odd, ..Self::claimed(line.field, line.claim.clone()) }
    }
}

/// What the register says in three parts: what it has in common with the claim at the beginning, what differs, and what
/// it has in common at the end. Capitals make no difference.
fn parted(claim: &str, register: &str) -> (String, String, String) {
    let (ours, theirs): (Vec<char>, Vec<char>) = (claim.chars().collect(), register.chars().collect());
    let same = |(one, other): &(&char, &char)| one.to_lowercase().eq(other.to_lowercase());
    let begin = ours.iter().zip(&theirs).take_while(same).count();
    let most = ours.len().min(theirs.len()).saturating_sub(begin);
    let end = ours.iter().rev().zip(theirs.iter().rev()).take_while(same).count().min(most);
    let middle = theirs.iter().skip(begin).take(theirs.len().saturating_sub(begin + end));
    let middle: String = middle.collect();
    // Commas and spaces before the common end are no difference that anybody looks for.
    let other = middle.trim_end_matches(|c: char| c == ',' || c.is_whitespace());
    let joint = middle.strip_prefix(other).unwrap_or_default();
    let after: String = joint.chars().chain(theirs.iter().skip(theirs.len() - end).copied()).collect();
    (theirs.iter().take(begin).collect(), other.to_owned(), after)
}

/// The rows of the table: those that were compared, with the number after the names, or the claim alone.
fn rows(credential: &Credential, comparison: Option<&Comparison>, number: &str, labels: &str) -> Vec<Row> {
    let date = |day: Option<NaiveDate>| day.map(words::date).unwrap_or_default();
    let mut rows: Vec<Row> = match comparison {
        Some(comparison) => comparison.lines.iter().map(Row::compared).collect(),
        None => vec![
            Row::claimed("Family name", credential.family_name.clone()),
            Row::claimed("Given names", credential.given_names.clone()),
            Row::claimed("Discipline", words::discipline(&credential.discipline).to_owned()),
            Row::claimed("Specialty", labels.to_owned()),
            Row::claimed("Valid until", date(credential.expires_on)),
        ],
    };
    if !number.is_empty() {
        let claimed = Row { number: true, ..Row::claimed("Number", number.to_owned()) };
        // An entry of the register is found by its number.
        let row = match comparison {
            Some(_) => Row { before: number.to_owned(), icon: "check", verdict: "Same", good: true, ..claimed },
            None => claimed,
        };
        rows.insert(rows.len().min(2), row);
    }
    rows.push(Row::claimed("Role", credential.role.clone()));
    rows.push(Row::claimed("Since", date(credential.issued_on)));
    rows.retain(|row| !row.claim.is_empty() || !row.verdict.is_empty());
    rows
}

/// What a verifier typed into a form of this page, when it is shown again.
#[derive(Debug, Default)]
pub(super) struct Typed {
    /// Keys that were ticked, and what was seen.
    pub(super) checks: Option<(Vec<String>, String)>,
    pub(super) day: Option<String>,
}

#[derive(Template)]
#[template(path = "web/desk/review.html")]
struct ReviewPage {
    shell: Shell,
    id: CredentialId,
    /// The query of the list from which one came.
    query: String,
    who: Who,
    title: String,
    /// "Registration, United Kingdom".
    what: String,
    /// "waiting 1 day"; empty where it does not wait.
    waiting: String,
    colour: &'static str,
    tag: String,
    flags: Vec<(&'static str, String)>,
    /// "3 of 12 waiting", or "in the list"; empty where it is not in it.
    place: String,
    previous: Option<CredentialId>,
    next: Option<CredentialId>,
    rows: Vec<Row>,
    /// The number is not shown whole.
    masked: bool,
    /// Head of the register's column, and what to say where there is nothing in it.
    register: String,
    lacking: &'static str,
    /// The score, and what it is made of.
    score: String,
    evidence: Vec<DocumentShown>,
    days: i64,
    mailbox: Option<MailboxShown>,
    level: i16,
    level_words: String,
    checklist: Vec<CheckItem>,
    seen: String,
    /// What stands on this page comes to this.
    mark: String,
    /// Why the holder's words are not here; empty where they are.
    closed: &'static str,
    left: usize,
    talk: Vec<EventShown>,
    history: Vec<EventShown>,
    /// Why a re-check is due, and until when.
    recheck: String,
    /// In what two persons are needed.
    two_persons: Vec<String>,
    next_check: String,
    /// The day of the next check may be set.
    checkable: bool,
    may: May,
    faults: Faults,
}

/// "In review, yours".
fn tag(credential: &Credential, claimed_by: Option<&str>, mine: bool) -> (&'static str, String) {
    let (colour, word) = words::tag(credential.state);
    let words = match claimed_by {
        _ if mine => format!("{word}, yours"),
        Some(name) if credential.state.is_waiting() => format!("{word}, with {name}"),
        _ => word.to_owned(),
    };
    (colour, words)
}

/// What the level means, and what comes next.
fn level_words(credential: &Credential, comparison: Option<&Comparison>) -> String {
    let matched = comparison.is_some_and(Comparison::matches);
    let reached = match (credential.level, matched) {
        (..=1, _) => "Well-formed.",
        (2, _) => "Well-formed, matched in the register.",
        (3, true) => "Well-formed, matched in the register, control proven.",
        (3, false) => "Well-formed and control proven, without a match in a register.",
        _ => "Attested.",
    };
    let next =
        if credential.state.is_waiting() && credential.level < 4 { " Your decision makes it attested." } else { "" };
    format!("{reached}{next}")
}

fn two_persons(review: &Review) -> Vec<String> {
    let decide = review.two_persons.then(|| match &review.confirmed_by {
        None => "Two persons decide on this one. After you, one colleague confirms.".to_owned(),
        Some(name) => format!("Two persons decide on this one. {name} has said yes; a colleague confirms."),
    });
    let has_documents = review.evidence.iter().any(|one| one.deleted_at.is_none());
    let open = (review.two_open && has_documents).then(|| {
        "Two persons open a document here. Whoever works on it asks, a colleague agrees, and it opens once.".to_owned()
    });
    decide.into_iter().chain(open).collect()
}

/// Head of the register's column, and what to say where it is empty.
fn register_words(credential: &Credential, snapshot: Option<&Snapshot>, found: bool) -> (String, &'static str) {
    let name = Register::find(&credential.register).map_or("", |register| register.name);
    match snapshot {
        Some(copy) if found => (format!("{name}, {}", words::date(copy.taken_on)), ""),
        Some(copy) => {
            let head = format!("{name}, {}", words::date(copy.taken_on));
            (head, "Nobody stands in this copy of the register with this number.")
        }
        None => (String::new(), "No copy of a register is here to compare with. Look it up where it is kept."),
    }
}

fn recheck(credential: &Credential) -> String {
    if credential.state != CredentialState::RecheckDue {
        return String::new();
    }
    let until = credential.recheck_by.map(|at| words::date(at.date_naive())).unwrap_or_default();
    let until = if holds(credential) {
        format!("It stays verified until {until}. Then it is suspended by itself.")
    } else {
        format!("It was suspended, and is not verified before it is attested. On {until} it is suspended again.")
    };
    words::joined(&[&credential.recheck_reason, &until], " ")
}

/// "Match 87 of 100: Number 40 of 40, Family name 20 of 25, …"
fn score(comparison: &Comparison) -> String {
    let points = comparison.points().into_iter();
    let points: Vec<String> = points.map(|(field, earned, most)| format!("{field} {earned} of {most}")).collect();
    format!("Match {} of 100: {}.", comparison.score, points.join(", "))
}

impl ReviewPage {
    async fn new(
        visitor: &Visitor,
        id: CredentialId,
        number: Option<String>,
        typed: Typed,
        faults: Faults,
    ) -> Result<Self, Problem> {
        let asked = Asked::of(&visitor.here);
        let review = credentials::open_from(&visitor.ctx, &visitor.viewer(), id, &asked.0).await?;
        let labels = words::specialties(&visitor.ctx, &review.credential.specialties).await?;
        let mut page = Self::of(visitor, &asked, review, number, &labels);
        if let Some((keys, seen)) = typed.checks {
            for item in &mut page.checklist {
                item.ticked = keys.iter().any(|key| key == item.key);
            }
            page.seen = seen;
            page.left = page.checklist.iter().filter(|item| !item.ticked).count();
        }
        page.next_check = typed.day.unwrap_or(page.next_check);
        page.faults = faults;
        Ok(page)
    }

    fn of(visitor: &Visitor, asked: &Asked, review: Review, number: Option<String>, labels: &str) -> Self {
        let (shell, config) = (visitor.shell("desk"), &visitor.ctx.config.verification);
        let (two_persons, may) = (two_persons(&review), review.may);
        let shown = |one| DocumentShown::of(one, &review.wishes, may, review.two_open, shell.now);
        let evidence = review.evidence.into_iter().map(shown).collect();
        let credential = &review.credential;
        let masked = number.is_none();
        let number = number.unwrap_or(review.number);
        let rows = rows(credential, review.comparison.as_ref(), &number, labels);
        let (register, lacking) = register_words(credential, review.snapshot.as_ref(), review.comparison.is_some());
        let (colour, tag) = tag(credential, review.claimed_by.as_deref(), review.mine);
        let since = credential.submitted_at.filter(|_| credential.state.is_waiting());
        let who = Who::from_account(&review.holder, shell.now);
        let (talk, history) = EventShown::sorted(review.events, Reader::Desk(&who.name), shell.now);
        Self {
            id: credential.id,
            query: asked.query(),
            title: words::title(credential),
            what: words::kind_and_place(credential),
            waiting: since.map(|at| format!("waiting {}", words::age(at, shell.now))).unwrap_or_default(),
            colour,
            tag,
            flags: review.flags.iter().map(flag).collect(),
            place: match review.place {
                (..=0, _) => String::new(),
                (place, all) if asked.is_narrow() => format!("{place} of {all} in the list"),
                (place, all) => format!("{place} of {all} waiting"),
            },
            previous: review.previous,
            next: review.next,
            rows,
            masked,
            register,
            lacking,
            score: review.comparison.as_ref().map(score).unwrap_or_default(),
            evidence,
            days: config.evidence_days,
            mailbox: review.mailbox.map(MailboxShown::of),
            level: credential.level,
            level_words: level_words(credential, review.comparison.as_ref()),
            seen: credential.seen.clone(),
            mark: review.mark,
            closed: review.closed,
            left: review.checklist.iter().filter(|item| !item.ticked).count(),
            checklist: review.checklist,
            talk,
            history,
            recheck: recheck(credential),
            two_persons,
            next_check: credential.next_check_on.as_ref().map(ToString::to_string).unwrap_or_default(),
            checkable: credential.state == CredentialState::Attested,
            may,
            faults: Faults::none(),
            who,
            shell,
        }
    }

    /// Whether there is anything that the verifier may do with it.
    fn acts(&self) -> bool {
        let May { claim, release, ask, tick: _, attest, reject, suspend, reinstate, revoke, see: _, open: _ } =
            self.may;
        claim || release || ask || attest || reject || suspend || reinstate || revoke
    }

    /// Whether the first document opens to the viewer now.
    fn opens(&self) -> bool {
        self.evidence.first().is_some_and(|one| one.opens)
    }
}

/// The address of the page, with the list from which one came.
pub(super) fn at(visitor: &Visitor, id: CredentialId) -> String {
    format!("/desk/{id}{}", Asked::of(&visitor.here).query())
}

/// The page, or the page again with what is wrong and what was typed.
pub(super) async fn page(
    visitor: &Visitor,
    id: CredentialId,
    typed: Typed,
    faults: Faults,
) -> Result<HttpResponse, Problem> {
    let page = ReviewPage::new(visitor, id, None, typed, faults).await?;
    page.faults.page(visitor, &page)
}

/// `GET /desk/{id}`
pub async fn show(visitor: Visitor, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    page(&visitor, *id, Typed::default(), Faults::none()).await
}

/// `POST /desk/{id}/number`: the page with the whole number, this once.
pub async fn number(form: Form<Press>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    if let Some(away) = enter(&visitor, &at(&visitor, *id)).await? {
        return Ok(away);
    }
    let number = credentials::see_number(&visitor.ctx, &visitor.viewer(), *id).await?;
    let page = ReviewPage::new(&visitor, *id, Some(number), Typed::default(), Faults::none()).await?;
    visitor.page(&page)
}

#[cfg(test)]
mod tests {
    use super::parted;

    #[test]
    fn the_characters_that_differ_are_marked() {
        for (claim, register, before, other, after) in [
            ("Kader", "Kader-Whelan", "Kader", "-Whelan", ""),
            (
                "Cardiology",
                "General (internal) medicine, cardiology",
                "",
                "General (internal) medicine",
                ", cardiology",
            ),
            ("Smith", "Smythe", "Sm", "ythe", ""),
            ("Anna Maria", "Anna", "Anna", "", ""),
            ("", "Whelan", "", "Whelan", ""),
            ("aa", "aaa", "aa", "a", ""),
        ] {
            let found = parted(claim, register);
            assert_eq!((found.0.as_str(), found.1.as_str(), found.2.as_str()), (before, other, after), "{register}");
        }
    }
}
