//! What a case has to be before a group sees it: times without dates, ages under 90, a consent that reaches as far as the
//! group does, and when a second member looks first.

use chrono::NaiveDate;

use crate::model::{ConsentBasis, ConsentScope, DraftConsent, GroupKind, Review};

/// Most bytes of a case that is being written, as JSON.
pub const MAX_DRAFT: usize = 100_000;
/// Most cases that somebody writes at a time.
pub const MAX_DRAFTS: i64 = 20;
/// Most pictures; a post of this server may have fewer.
pub const MAX_PICTURES: usize = 8;
/// Most boxes of one picture.
pub const MAX_BOXES: usize = 100;
/// Most steps of the timeline.
pub const MAX_STEPS: usize = 30;
/// Most specialties that are asked.
pub const MAX_SPECIALTIES: usize = 10;
/// Longest age in words, in characters.
pub const MAX_AGE: usize = 40;
/// Longest name of whoever holds the consent form, in characters.
pub const MAX_HOLDER: usize = 200;
/// Longest wording in place of what was marked, in characters.
pub const MAX_WORDING: usize = 500;
/// Shortest and longest reason, in characters.
pub const REASON: std::ops::RangeInclusive<usize> = 3..=500;
/// From so many marks that stay on, a second member looks first.
pub const REVIEW_FROM: usize = 3;
/// Most members who are told that a case waits for a second look.
pub const MAX_REVIEWERS: i64 = 50;

/// How the oldest patients are told of.
const OLDEST: &str = "90 or older";

/// Whether a second member looks at a case of which so many marks stay. One that was sent `back` is looked at again as long as
/// any stays.
pub fn needs_review(review: Review, kept: usize, back: bool) -> bool {
    match review {
        Review::All => true,
        Review::Kept => kept >= REVIEW_FROM || (back && kept > 0),
    }
}

/// Whether a reason says anything.
pub fn is_reason(text: &str) -> bool {
    REASON.contains(&text.trim().chars().count())
}

/// Whether a consent reaches as far as a group does.
pub fn covers(scope: ConsentScope, kind: GroupKind) -> bool {
    match kind {
        GroupKind::Closed | GroupKind::Local => true,
        GroupKind::Verified => matches!(scope, ConsentScope::Network | ConsentScope::Public),
        GroupKind::Open => scope == ConsentScope::Public,
    }
}

/// What a consent lacks for a group of this kind.
pub fn consent_gaps(consent: &DraftConsent, kind: GroupKind) -> Vec<&'static str> {
    let mut gaps = Vec::new();
    match consent.basis {
        None => gaps.push("Choose how the patient agreed. Your text is saved."),
        Some(ConsentBasis::NotIdentifiable) => {}
        Some(ConsentBasis::Written | ConsentBasis::NextOfKin | ConsentBasis::Institution) => {
            if consent.holder.trim().is_empty() {
                gaps.push("Say who holds the form: an office or a department, and nobody's name.");
            }
        }
    }
    match consent.scope {
        None => gaps.push("Choose to whom the case may be told."),
        Some(scope) if covers(scope, kind) => {}
        Some(_) if kind == GroupKind::Open => {
            gaps.push("Everybody can read this group: the consent has to be for everybody.");
        }
        Some(_) => gaps.push("Practitioners of other institutions read this group: the consent has to reach them."),
    }
    if !consent.form_hash.is_empty() && !is_sha256(&consent.form_hash) {
        gaps.push("The SHA-256 of the form has 64 digits, 0 to 9 and a to f. It may be left out.");
    }
    gaps
}

/// What is wrong with the days of a consent.
pub fn consent_dates(consent: &DraftConsent, today: NaiveDate) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    if consent.given_on.is_some_and(|day| day > today) {
        wrong.push("The day on which the consent was given lies in the future.");
    }
    if consent.expires_on.is_some_and(|day| day <= today) {
        wrong.push("The consent has ended: ask the patient again, or correct the day.");
    }
    wrong
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// Whether an age is told so that it is nobody's: a band or an exact age under 90, or the one wording for all above.
pub fn is_age(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    if text == OLDEST {
        return true;
    }
    let told = ["ninety", "nineties", "hundred", "centenarian"];
    if text.chars().count() > MAX_AGE || told.iter().any(|word| text.contains(word)) {
        return false;
    }
    numbers(&text).into_iter().all(|(number, after)| number < 90 || is_under_a_year_or_so(number, after))
}

/// The numbers in a text, each with what follows it. What is no number that fits counts as the largest.
fn numbers(text: &str) -> Vec<(u32, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest.get(at..).unwrap_or_default();
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (number, after) = digits.split_at_checked(end).unwrap_or((digits, ""));
        found.push((number.parse().unwrap_or(u32::MAX), after));
        rest = after;
    }
    found
}

/// Days, weeks and months of the young: "95 days".
fn is_under_a_year_or_so(number: u32, after: &str) -> bool {
    let word = after.trim_start_matches([' ', '-', '\u{a0}']);
    let short = |unit: &str| word.starts_with(unit);
    number < 400 && ["day", "week", "month", "hour", "minute"].into_iter().any(short)
}

/// Whether a step's time counts from the first day: "Day 0", "Day +3", "+2 h", "-1 week", "Day 3 to 5".
pub fn is_relative(text: &str) -> bool {
    let text = text.trim().to_lowercase().replace(['\u{2212}', '\u{2013}'], "-").replace('\u{a0}', " ");
    if let Some((unit, count)) = leading_unit(&text) {
        return is_counted(count, unit, false);
    }
    let Some(end) = text.rfind(|c: char| c.is_ascii_digit()) else { return false };
    let Some((count, unit)) = text.split_at_checked(end + 1) else { return false };
    unit_of(unit.trim()).is_some_and(|unit| is_counted(count.trim(), unit, true))
}

/// How many of a unit may pass at most: more of them is a year of the calendar, or no time that a case takes.
type Most = u32;

fn unit_of(word: &str) -> Option<Most> {
    match word.trim_end_matches('.') {
        "s" | "sec" | "second" | "seconds" | "min" | "minute" | "minutes" | "h" | "hr" | "hrs" | "hour" | "hours"
        | "d" | "day" | "days" => Some(9_999),
        "w" | "wk" | "wks" | "week" | "weeks" | "month" | "months" => Some(1_200),
        "y" | "yr" | "yrs" | "year" | "years" => Some(89),
        _ => None,
    }
}

/// "Day +3": the unit and what follows it.
fn leading_unit(text: &str) -> Option<(Most, &str)> {
    let (word, count) = text.split_once(' ')?;
    Some((unit_of(word)?, count.trim()))
}

/// "3", "+3", "-1 to +2", "3-5". `signed` is whether it needs a sign: without one, "3 May" and "3 months" look alike.
fn is_counted(count: &str, most: Most, signed: bool) -> bool {
    let (from, to) = match count.split_once(" to ") {
        Some((from, to)) => (from, Some(to)),
        None => match count.char_indices().skip(1).find(|(_, c)| *c == '-') {
            Some((at, _)) => (count.get(..at).unwrap_or_default(), count.get(at + 1..)),
            None => (count, None),
        },
    };
    let number = |text: &str, signed: bool| {
        let text = text.trim();
        let bare = text.strip_prefix(['+', '-']).unwrap_or(text).trim_start();
        let (whole, part) = bare.split_once('.').unwrap_or((bare, "0"));
        let digits = |text: &str, longest: usize| {
            (1..=longest).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit())
        };
        (!signed || text.len() > bare.len())
            && digits(whole, 4)
            && digits(part, 2)
            && whole.parse::<u32>().is_ok_and(|whole| whole <= most)
    };
    number(from, signed) && to.is_none_or(|to| number(to, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_counts_from_the_first_day() {
        for good in [
            "Day 0",
            "day +3",
            "Day -2",
            "Day 3 to 5",
            "Day 3-5",
            "+2 h",
            "+ 2 h",
            "-1 week",
            "−1 week",
            "+1.5 h",
            "Week 6",
            "+3 months",
            "-10 years",
            "Hour 4",
            "+2 to +4 h",
            "Day +1 to +3",
            "+30 min",
            "Month 18",
        ] {
            assert!(is_relative(good), "{good}");
        }
        for bad in [
            "",
            "Day",
            "3 May",
            "2 h",
            "12.03.2024",
            "2024-03-12",
            "March",
            "Monday",
            "Day 0, in Leeds",
            "Year 2024",
            "+2024 years",
            "Day one",
            "yesterday",
            "03/04",
            "+3 May",
            "Day 12.03.2024",
            "Day 123456",
            "14:30",
            "Day 3 to 5 to 7",
            "h",
            "+",
            "-",
        ] {
            assert!(!is_relative(bad), "{bad}");
        }
    }

    #[test]
    fn the_oldest_are_told_of_in_one_wording() {
        for good in [
            "",
            "30 to 39",
            "89",
            "7 months",
            "90 or older",
            "90 Or Older",
            "120 days",
            "adult",
            "nineteen",
            "95-day-old",
        ] {
            assert!(is_age(good), "{good}");
        }
        for bad in [
            "90",
            "93",
            "90+",
            "over 90",
            "90 to 99",
            "ninety-two",
            "in her nineties",
            "born 1931",
            "1931",
            "101 years",
        ] {
            assert!(!is_age(bad), "{bad}");
        }
        assert!(!is_age(&"old ".repeat(20)));
    }

    #[test]
    fn a_consent_reaches_as_far_as_the_group() {
        use ConsentScope::{Group, Network, Public, Teaching};
        for (kind, enough) in [
            (GroupKind::Closed, &[Group, Network, Public, Teaching][..]),
            (GroupKind::Local, &[Group, Network, Public, Teaching]),
            (GroupKind::Verified, &[Network, Public]),
            (GroupKind::Open, &[Public]),
        ] {
            for scope in ConsentScope::ALL {
                assert_eq!(covers(*scope, kind), enough.contains(scope), "{kind} {scope}");
            }
        }
    }

    #[test]
    fn a_consent_says_on_what_it_stands_and_who_holds_the_form() {
        let gaps = |consent: &DraftConsent| consent_gaps(consent, GroupKind::Closed).join(" ");
        let mut consent = DraftConsent::default();
        assert!(gaps(&consent).contains("how the patient agreed") && gaps(&consent).contains("to whom"));
        consent.scope = Some(ConsentScope::Group);
        consent.basis = Some(ConsentBasis::NotIdentifiable);
        assert_eq!(gaps(&consent), "");
        consent.basis = Some(ConsentBasis::Written);
        assert!(gaps(&consent).contains("who holds the form"));
        consent.holder = "Cardiology office".into();
        assert_eq!(gaps(&consent), "");
        consent.form_hash = "abc".into();
        assert!(gaps(&consent).contains("64 digits"));
        consent.form_hash = "0A".repeat(32);
        assert_eq!(gaps(&consent), "");
        assert!(consent_gaps(&consent, GroupKind::Open).join(" ").contains("Everybody"));
        assert!(consent_gaps(&consent, GroupKind::Verified).join(" ").contains("other institutions"));
    }

    #[test]
    fn a_consent_is_given_before_and_holds_today() {
        let today = NaiveDate::from_ymd_opt(2027, 5, 31).unwrap();
        let (before, after) = (today.pred_opt().unwrap(), today.succ_opt().unwrap());
        let of = |given_on, expires_on| DraftConsent { given_on, expires_on, ..DraftConsent::default() };
        assert!(consent_dates(&of(Some(today), Some(after)), today).is_empty());
        assert!(consent_dates(&of(None, None), today).is_empty());
        assert_eq!(consent_dates(&of(Some(after), Some(today)), today).len(), 2);
        assert_eq!(consent_dates(&of(Some(before), Some(before)), today).len(), 1);
    }

    #[test]
    fn a_second_member_looks_where_several_marks_stay_or_always() {
        assert!(!needs_review(Review::Kept, 2, false) && needs_review(Review::Kept, 3, false));
        assert!(needs_review(Review::All, 0, false), "always");
        assert!(needs_review(Review::Kept, 1, true) && !needs_review(Review::Kept, 0, true), "after it was sent back");
        assert!(is_reason(" his own wish ") && !is_reason(" ok ") && !is_reason(&"long ".repeat(101)));
    }
}
