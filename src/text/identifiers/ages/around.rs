//! What stands around a number that could be an age: units, ranges and words that make it none.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::super::page::{Page, pattern};

/// A day on which somebody has or had a birthday: "on the 23rd", "on Canada Day".
static WHEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^,? (?:on|in|come|next|this|last) (?:the [0-9]{1,2}(?:st|nd|rd|th)|[0-9]{1,2}(?:st|nd|rd|th)?[ /][a-z0-9]|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b|(?:[a-z']+ )?day\b|christmas|xmas|easter|new year|boxing)",
    )
});

/// Whether the day of a birthday follows.
pub(super) fn dated(page: &Page<'_>, at: usize) -> bool {
    WHEN.is_match(page.after(at, 24))
}

/// Whether nothing that is measured follows.
pub(super) fn ends_plainly(page: &Page<'_>, at: usize) -> bool {
    let after = page.after(at, 12);
    let word = page.word_after(at);
    after.trim().is_empty()
        || after.starts_with([',', '.', ';', ')', '!', '?', '\n', '"', '”'])
            && !after.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        || matches!(
            word,
            "and"
                | "but"
                | "with"
                | "who"
                | "when"
                | "now"
                | "so"
                | "lives"
                | "years"
                | "today"
                | "in"
                | "next"
                | "this"
                | "last"
                | "she"
                | "he"
                | "has"
                | "yet"
                | "from"
                | "living"
                | "soon"
                | "tomorrow"
        )
}

pub(super) fn measured(page: &Page<'_>, range: Range<usize>, said: bool) -> bool {
    let after = page.after(range.end, 10);
    let word = page.word_after(range.end);
    after.trim_start().starts_with(['%', '/', '°', '×'])
        || after.starts_with('.') && after.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        || matches!(
            word,
            "mmhg"
                | "bpm"
                | "beats"
                | "percent"
                | "per"
                | "kg"
                | "mg"
                | "cm"
                | "mm"
                | "ml"
                | "g"
                | "mcg"
                | "mmol"
                | "days"
                | "months"
                | "weeks"
                | "hours"
                | "minutes"
                | "min"
                | "degrees"
                | "units"
                | "systolic"
                | "l"
                | "lb"
                | "lbs"
                | "pounds"
                | "seconds"
                | "day"
                | "month"
                | "week"
                | "cases"
                | "patients"
                | "miles"
                | "km"
                | "metres"
        )
        || !said && word == "on" && !dated(page, range.end)
        || !said && matches!(word, "at" | "over" | "sats" | "st" | "th" | "x" | "f" | "c")
}

/// Whether it is the end of a range, of which the first number is what counts.
pub(super) fn ranged(page: &Page<'_>, range: &Range<usize>) -> bool {
    let before = page.before(range.start, 8).trim_end();
    let joined =
        before.strip_suffix(['-', '–']).or_else(|| before.strip_suffix(" to")).or_else(|| before.strip_suffix(" and"));
    joined.is_some_and(|rest| rest.trim_end().ends_with(|c: char| c.is_ascii_digit()))
}

/// "90 or older", "over 90s", "> 90 years": no age of one person.
pub(super) fn general(page: &Page<'_>, range: &Range<usize>) -> bool {
    let after = page.after(range.end, 14).trim_start_matches([' ', '-']);
    let before = page.before(range.start, 12).trim_end();
    after.starts_with('+')
        || [
            "or older",
            "or over",
            "or more",
            "and over",
            "and older",
            "and above",
            "or above",
            "years or old",
            "years and old",
            "plus",
        ]
        .iter()
        .any(|words| after.starts_with(words))
        || before.ends_with(['>', '<', '≥', '≤', '±']) && !before.ends_with("->")
        || ["over", "under", "above", "below", "least", "than", "beyond"].iter().any(|word| before.ends_with(word))
            && !page.after(range.start, 24).contains("old")
}
