//! Days in words: "nineteenth of March nineteen fifty-eight", "the fourteenth of the ninth".

use std::sync::LazyLock;

use regex::Regex;

use super::{
    super::page::{Page, has_word, pattern},
    Day,
};

const ORDINAL: &str = r"(?:(?:twenty|thirty)[ -]?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)";
const MONTH: &str = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)";
/// A year, or the two last figures of one.
const YEAR: &str = r"(?:(?:nineteen|twenty|two thousand(?: and)?)[ -])?(?:oh[ -])?(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)";
static SPELT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:the )?{ORDINAL} (?:day )?of {MONTH}(?:,? {YEAR})?\b|\b(?:the )?{ORDINAL} {MONTH}(?:,? {YEAR})?\b|\b{MONTH} (?:the )?{ORDINAL}(?:,? {YEAR})?\b"
    ))
});
/// "the fourteenth of the ninth, nineteen fifty-one"
static COUNTED: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b(?:the )?{ORDINAL} of the {ORDINAL}(?:,? (?:of )?{YEAR})?\b")));

pub(super) fn find(page: &Page<'_>, days: &mut Vec<Day>) {
    for found in page.matches(&SPELT) {
        let text = found.as_str();
        let born =
            has_word(page.words_before(found.start(), 24), &["born", "birth", "dob", "on", "since", "until", "from"]);
        let whole = text.contains(" nineteen ") || text.contains(" twenty ") || text.contains(" two thousand");
        let small = ["march ", "may "].iter().any(|month| text.starts_with(month))
            && page.at(&found.range()).starts_with(char::is_lowercase)
            && !(born || whole);
        let verb = small
            || ["second may", "first may", "third may", "second march"].iter().any(|odd| found.as_str().ends_with(odd));
        if !verb {
            days.push(Day::of(found.range(), None));
        }
    }
    let dated = |found: &regex::Match<'_>| {
        found.as_str().contains("nineteen ")
            || has_word(
                page.words_before(found.start(), 32),
                &["born", "birth", "dob", "date", "dated", "admitted", "seen"],
            )
    };
    for found in page.matches(&COUNTED).filter(dated) {
        days.push(Day::of(found.range(), None));
    }
}
