use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::check::items;
use crate::{model::StatedSpecialty, policy::disciplines::Discipline, text::sanitize};

/// Most specialties of one statement.
const SPECIALTIES_MAX: usize = 8;

// What a statement says beside the name is read leniently: none of it decides whether the statement holds.

/// Words of a member, on one line and bounded; empty where there are none.
pub(super) fn words(subject: &Value, pointer: &str, most: usize) -> String {
    let text = subject.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    // What is far too long is not walked through.
    let near = text.char_indices().nth(most.saturating_mul(4)).map_or(text, |(end, _)| text.get(..end).unwrap_or(""));
    sanitize::name(near, most)
}

/// A profession by its key; empty where it is none that we know.
pub(super) fn discipline(subject: &Value) -> String {
    let key = subject.get("discipline").and_then(Value::as_str).unwrap_or_default();
    Discipline::find(key).map(|known| known.key.to_owned()).unwrap_or_default()
}

/// 1 to 4; 0 where it is not said.
pub(super) fn level(subject: &Value) -> i16 {
    let said = subject.get("level").and_then(Value::as_i64).unwrap_or_default();
    i16::try_from(said).ok().filter(|level| (1..=4).contains(level)).unwrap_or_default()
}

/// A day, such as `2026-05-04`.
pub(super) fn day(subject: &Value, pointer: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(subject.pointer(pointer)?.as_str()?, "%Y-%m-%d").ok()?;
    (1_900..=9_999).contains(&day.year()).then_some(day)
}

/// What it is about: a registration, a degree, or work for an institution.
fn claim(subject: &Value) -> &Value {
    let found = ["licence", "qualification", "affiliation"].iter().find_map(|member| subject.get(member));
    found.unwrap_or(&Value::Null)
}

/// The register or body in words.
pub(super) fn register(subject: &Value) -> String {
    let register = words(claim(subject), "/register", 120);
    if register.is_empty() { words(claim(subject), "/body", 120) } else { register }
}

/// ISO 3166-1, or 3166-2 for a part of a country; empty for anything else.
pub(super) fn jurisdiction(subject: &Value) -> String {
    let code = claim(subject).get("jurisdiction").and_then(Value::as_str).unwrap_or_default();
    let (country, part) = code.split_once('-').map_or((code, None), |(country, part)| (country, Some(part)));
    let fine = country.len() == 2
        && country.chars().all(|c| c.is_ascii_uppercase())
        && part.is_none_or(|p| (1..=3).contains(&p.len()) && p.chars().all(|c| c.is_ascii_alphanumeric()));
    if fine { code.to_owned() } else { String::new() }
}

/// Specialties that have words.
pub(super) fn specialties(subject: &Value) -> Vec<StatedSpecialty> {
    let listed = subject.get("specialty").map(items).unwrap_or_default();
    listed
        .iter()
        .take(SPECIALTIES_MAX)
        .map(|one| StatedSpecialty {
            system: words(one, "/system", 200),
            code: words(one, "/code", 40),
            display: words(one, "/display", 80),
        })
        .filter(|one| !one.display.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn facts_are_read_as_they_are_stated() {
        let subject = json!({
            "discipline": "medicine", "role": "Consultant", "level": 4, "checkedOn": "2026-05-04",
            "licence": { "jurisdiction": "GB-SCT", "register": "General Medical Council" },
            "specialty": [{ "system": "http://nucc.org/provider-taxonomy", "code": "207RC0000X", "display": "Cardiology" }],
        });
        assert_eq!((discipline(&subject).as_str(), level(&subject)), ("medicine", 4));
        assert_eq!(words(&subject, "/role", 80), "Consultant");
        assert_eq!(register(&subject), "General Medical Council");
        let work = json!({ "affiliation": { "type": "employment", "body": "St Brigid’s", "jurisdiction": "IE" } });
        assert_eq!((register(&work).as_str(), jurisdiction(&work).as_str()), ("St Brigid’s", "IE"));
        assert_eq!(day(&subject, "/checkedOn"), NaiveDate::from_ymd_opt(2026, 5, 4));
        assert_eq!(jurisdiction(&subject), "GB-SCT");
        assert_eq!(specialties(&subject)[0].display, "Cardiology");
    }

    #[test]
    fn what_is_no_fact_is_nothing() {
        let subject = json!({
            "discipline": "wizardry", "role": "A\u{202e}\u{0}\nB".repeat(900), "level": 9, "checkedOn": "May",
            "licence": { "jurisdiction": "<b>", "register": 7 }, "specialty": { "code": "x" },
        });
        assert_eq!((discipline(&subject).as_str(), level(&subject)), ("", 0));
        assert!(words(&subject, "/role", 80).starts_with("A B") && words(&subject, "/role", 80).len() <= 80);
        assert_eq!(register(&subject), "");
        assert_eq!((day(&subject, "/checkedOn"), jurisdiction(&subject).as_str()), (None, ""));
        assert_eq!(day(&json!({ "on": "0000-01-01" }), "/on"), None);
        assert!(specialties(&subject).is_empty() && specialties(&Value::Null).is_empty());
    }
}
