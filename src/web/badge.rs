//! What is verified of somebody, as pages show it.

use chrono::{DateTime, Utc};

use super::{layout::day, shown};
use crate::{
    model::{Account, Badge},
    policy::badges,
    service::{attestations::view::Facts, urls},
    text::country,
};

/// The badge beside a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeShown {
    /// "Doctor · Cardiology".
    pub words: String,
    /// Name of the institution.
    pub issuer: String,
    /// " against the General Medical Council, May 2026".
    pub against: String,
    /// "verified by St Brigid's University Hospital against the General Medical Council, May 2026".
    pub by: String,
    /// The page with the facts.
    pub path: String,
    /// "not confirmed since 3 Nov 2026"; empty where it was lately.
    pub unconfirmed: String,
    /// How much is verified besides.
    pub count: usize,
    /// "and 1 more"; empty where it is nothing.
    pub more: String,
}

impl BadgeShown {
    /// From a row.
    pub fn of(badge: &Badge, now: DateTime<Utc>) -> Self {
        let since = badges::unconfirmed_since(badge, now);
        Self {
            words: badges::title(badge),
            issuer: badge.issuer.clone(),
            against: badges::against(badge),
            by: badges::by(badge),
            path: urls::verify("", &badge.token),
            unconfirmed: since.map(|at| format!("not confirmed since {}", at.format("%-d %b %Y"))).unwrap_or_default(),
            count: badge.more(now),
            more: badges::more(badge, now),
        }
    }
}

/// A line and where it leads; nowhere where that is empty.
pub(super) type Line = (String, String);

/// What else a badge says, under its labels; `stated` is the statement behind it.
pub(super) fn facts(badge: &Badge, stated: Option<&Facts>) -> Vec<(&'static str, String)> {
    let register = match (badge.register.as_str(), badge.jurisdiction.as_str()) {
        (name, "" | "*") => name.to_owned(),
        ("", place) => country::name(place),
        (name, place) => format!("{name}, {}", country::name(place)),
    };
    let specialties = stated.map(|stated| stated.specialties.join(", ")).filter(|all| !all.is_empty());
    let all = [
        ("Discipline", badges::field(badge).to_owned()),
        ("Specialty", specialties.unwrap_or_else(|| badge.specialty.clone())),
        ("Role", stated.map(|stated| stated.role.clone()).unwrap_or_default()),
        ("Register or body", register),
        ("How it was checked", stated.map(|stated| stated.checks.join(", ")).unwrap_or_default()),
        ("Valid until", day(badge.until)),
    ];
    all.into_iter().filter(|(_, said)| !said.is_empty()).collect()
}

/// A statement as a badge would say it.
fn as_badge(stated: &Facts) -> Badge {
    Badge {
        token: stated.token.clone(),
        discipline: stated.discipline.clone(),
        specialty: stated.specialties.first().cloned().unwrap_or_default(),
        issuer: stated.issuer.clone(),
        register: stated.register.clone(),
        jurisdiction: stated.jurisdiction.clone(),
        checked_on: stated.checked_on,
        until: stated.valid_until,
        confirmed_at: stated.confirmed_at,
        ends: Vec::new(),
    }
}

/// What is verified of somebody beside the badge.
pub(super) fn also(stated: &[Facts], badge: Option<&Badge>) -> Vec<Line> {
    let others = stated.iter().filter(|one| one.is_verified() && badge.is_some_and(|badge| badge.token != one.token));
    let line = |one: Badge| (format!("{}, {}", badges::title(&one), badges::by(&one)), urls::verify("", &one.token));
    others.map(as_badge).map(line).collect()
}

/// What somebody claims beyond what is verified of them, and what only institutions say that are not trusted here.
pub(super) fn claims(account: &Account, badge: Option<&Badge>, stated: &[Facts]) -> Vec<Line> {
    let open = |claim: &str| {
        let covered = badge.is_some_and(|badge| badges::covers(badge, claim));
        if covered { String::new() } else { claim.to_owned() }
    };
    let own = [shown::claim(&open(&account.discipline), &open(&account.employer)), open(&account.specialty)];
    let own = own.into_iter().filter(|line| !line.is_empty()).map(|line| (line, String::new()));
    let said = stated.iter().filter(|one| one.state.is_claim()).map(as_badge);
    let said = said.map(|one| (format!("{}, says {}", badges::title(&one), one.issuer), urls::verify("", &one.token)));
    own.chain(said).collect()
}
