//! How a badge reads: what is verified, by whom, against what, and whether that was confirmed lately.

use chrono::{DateTime, TimeDelta, Utc};

use super::{disciplines::Discipline, registers::REGISTERS};
use crate::model::Badge;

/// How long another institution's word stands without a fresh list before it shows that it was not confirmed.
const FRESH: TimeDelta = TimeDelta::hours(24);

/// "Doctor · Cardiology".
pub fn title(badge: &Badge) -> String {
    let person = Discipline::find(&badge.discipline).map(|discipline| discipline.person);
    let parts = [person.unwrap_or_default(), badge.specialty.as_str()];
    let words = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    if words.is_empty() { "Practitioner".into() } else { words }
}

/// The field, such as "Medicine"; empty where it is none that we know.
pub fn field(badge: &Badge) -> &'static str {
    Discipline::find(&badge.discipline).map_or("", |discipline| discipline.name)
}

/// " against the General Medical Council, May 2026", or as much of it as is known.
pub fn against(badge: &Badge) -> String {
    let mut words = String::new();
    if !badge.register.is_empty() && badge.register != badge.issuer {
        let whole = REGISTERS.iter().any(|register| register.name == badge.register && register.name.contains(' '));
        words = format!(" against {}{}", if whole { "the " } else { "" }, badge.register);
    }
    match badge.checked_on {
        Some(day) => format!("{words}, {}", day.format("%B %Y")),
        None => words,
    }
}

/// "verified by St Brigid's University Hospital against the General Medical Council, May 2026".
pub fn by(badge: &Badge) -> String {
    format!("verified by {}{}", badge.issuer, against(badge))
}

/// "and 1 more", of what is verified besides; empty where nothing is.
pub fn more(badge: &Badge, now: DateTime<Utc>) -> String {
    match badge.more(now) {
        0 => String::new(),
        number => format!("and {number} more"),
    }
}

/// Since when another institution's word was not confirmed, where that is too long ago. Our own needs none.
pub fn unconfirmed_since(badge: &Badge, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    badge.confirmed_at.filter(|at| *at < now - FRESH)
}

/// Whether the badge says already what somebody claims.
pub fn covers(badge: &Badge, claim: &str) -> bool {
    let person = Discipline::find(&badge.discipline).map_or("", |discipline| discipline.person);
    let said = [person, field(badge), badge.specialty.as_str(), badge.issuer.as_str()];
    said.iter().any(|said| !said.is_empty() && said.eq_ignore_ascii_case(claim.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn badge() -> Badge {
        Badge {
            token: "x".into(),
            discipline: "medicine".into(),
            specialty: "Cardiology".into(),
            issuer: "St Brigid's".into(),
            register: "General Medical Council".into(),
            jurisdiction: "GB".into(),
            checked_on: "2026-05-04".parse().ok(),
            until: "2027-05-04T00:00:00Z".parse().unwrap(),
            confirmed_at: None,
            ends: Vec::new(),
        }
    }

    #[test]
    fn a_badge_reads_as_a_sentence_with_as_much_as_is_known() {
        let whole = badge();
        assert_eq!(title(&whole), "Doctor · Cardiology");
        assert_eq!(by(&whole), "verified by St Brigid's against the General Medical Council, May 2026");
        let bare = Badge { specialty: String::new(), register: String::new(), ..badge() };
        assert_eq!((title(&bare), by(&bare)), ("Doctor".into(), "verified by St Brigid's, May 2026".into()));
        let own = Badge { register: "St Brigid's".into(), checked_on: None, ..badge() };
        assert_eq!(by(&own), "verified by St Brigid's");
        let other = Badge { register: "ORCID".into(), checked_on: None, discipline: "alchemy".into(), ..badge() };
        assert_eq!((title(&other), by(&other)), ("Cardiology".into(), "verified by St Brigid's against ORCID".into()));
    }

    #[test]
    fn only_the_word_of_others_grows_stale() {
        let now = badge().until;
        assert_eq!(unconfirmed_since(&badge(), now), None);
        let fresh = Badge { confirmed_at: Some(now - TimeDelta::hours(23)), ..badge() };
        assert_eq!(unconfirmed_since(&fresh, now), None);
        let stale = Badge { confirmed_at: Some(now - TimeDelta::hours(25)), ..badge() };
        assert_eq!(unconfirmed_since(&stale, now), stale.confirmed_at);
    }

    #[test]
    fn only_what_has_not_ended_is_counted_besides() {
        let now = badge().until - TimeDelta::days(9);
        assert_eq!(more(&badge(), now), "");
        let days = |days| now + TimeDelta::days(days);
        let three = Badge { ends: vec![badge().until, days(3), days(1)], ..badge() };
        assert_eq!(more(&three, now), "and 2 more");
        assert_eq!(more(&three, days(1)), "and 1 more");
        assert_eq!(more(&three, days(3)), "");
    }

    #[test]
    fn what_is_verified_is_not_claimed_as_well() {
        assert!(covers(&badge(), "cardiology") && covers(&badge(), "Doctor") && covers(&badge(), "St Brigid's"));
        assert!(!covers(&badge(), "Neurology") && !covers(&badge(), ""));
    }
}
