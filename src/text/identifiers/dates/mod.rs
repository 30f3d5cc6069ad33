//! Dates that are more exact than a year: in numbers, with month names, days of the week, feasts.
//! Each pattern matches wide; what it matched is then checked, for 120/80 and "may have" are no dates.

mod cues;
mod days;
mod dotted;
mod feasts;
mod habits;
mod months;
mod odd;
mod pairs;
mod relative;
mod spelt;
mod told;
mod words;

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    kind::Kind,
    page::{Mark, Page, has_word, pattern},
};

/// Three numbers, in any order and with any mark between them.
static THREE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"([0-9]{1,4})( ?[/.\-‐‑–] ?)([0-9]{1,2})( ?[/.\-‐‑–] ?)([0-9]{1,4})(?:t[0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?(?:\.[0-9]+)?(?:z|[+-][0-9]{2}:?[0-9]{2})?)?",
    )
});
/// Eight digits, as computers write a day.
static PACKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:t?[0-9]{4}(?:[0-9]{2})?)?|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}",
    )
});
static PACKED_SHORT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:dob|d\.o\.b\.?|date|born|dated)[: ]{1,3}([0-9]{6}|[0-3][0-9] [01][0-9] (?:19|20)?[0-9]{2})\b")
});

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut days = Vec::new();
    three(page, &mut days);
    pairs::find(page, &mut days);
    for found in page.matches(&PACKED).filter(|found| !page.joined(&found.range(), &['.', '-', '/'])) {
        days.push(Day::of(found.range(), packed(found.as_str())));
    }
    for found in PACKED_SHORT.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        days.push(Day::of(found.range(), None));
    }
    words::find(page, &mut days);
    days::find(page, &mut days);
    spelt::find(page, &mut days);
    odd::find(page, &mut days);
    relative::write(page, days, marks);
}

/// A mark for a date, and the day it is where that is known.
struct Day {
    range: Range<usize>,
    /// Year, month and day.
    on: Option<(i32, u32, u32)>,
    why: &'static str,
    suggestion: &'static str,
    weight: u8,
}

impl Day {
    fn of(range: Range<usize>, day: Option<(i32, u32, u32)>) -> Self {
        Self { range, on: day, why: "A date is more exact than its year.", suggestion: "", weight: 56 }
    }
}

fn number(text: Option<regex::Match<'_>>) -> (u32, usize) {
    text.map_or((0, 0), |text| (text.as_str().parse().unwrap_or(0), text.len()))
}

/// A year of two digits, in the century that it most likely is of.
fn full_year(year: u32, places: usize) -> u32 {
    match places {
        2 if year > 35 => 1900 + year,
        2 => 2000 + year,
        _ => year,
    }
}

fn packed(text: &str) -> Option<(i32, u32, u32)> {
    let part = |range: Range<usize>| text.get(range).and_then(|t| t.parse::<u32>().ok());
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    fits(year, month, day).then_some((i32::try_from(year).ok()?, month, day))
}

fn fits(year: u32, month: u32, day: u32) -> bool {
    (1850..=2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Which day three numbers are: year first, day first, or month first.
fn day_of(numbers: [(u32, usize); 3]) -> Option<(i32, u32, u32)> {
    let [(a, a_places), (b, _), (c, c_places)] = numbers;
    let (year, month, day) = if a_places == 4 {
        (a, b, c)
    } else {
        let year = full_year(c, c_places);
        if fits(year, b, a) { (year, b, a) } else { (year, a, b) }
    };
    let right = a_places != 3 && c_places != 3 && (a_places == 4) != (c_places == 4 || c_places == 2 && a_places < 4);
    (right && fits(year, month, day)).then_some((i32::try_from(year).ok()?, month, day))
}

fn three(page: &Page<'_>, days: &mut Vec<Day>) {
    for found in THREE.captures_iter(&page.lower) {
        let Some(whole) = found.get(0) else { continue };
        let (first, second) = (found.get(2).map_or("", |m| m.as_str()), found.get(4).map_or("", |m| m.as_str()));
        let numbers = [number(found.get(1)), number(found.get(3)), number(found.get(5))];
        let Some(day) = day_of(numbers) else { continue };
        let spaced = first.contains(' ') || second.contains(' ');
        let before = page.words_before(whole.start(), 10);
        let version = before.ends_with('v')
            || has_word(before, &["version", "bp", "v", "cycle", "t", "loinc", "hu", "apgar", "apgars"])
            || numbers.iter().all(|(_, places)| *places < 4) && dosed(page, whole.start(), whole.end());
        let unit = cues::is("unit", page.word_after(whole.end()))
            && numbers.iter().all(|(_, places)| *places < 4)
            && page.word_after(whole.end()) != "in";
        let lone = page.alone(&whole.range()) && !page.joined(&whole.range(), &['.', '-', '/']);
        if first.trim() == second.trim()
            && lone
            && !version
            && !unit
            && !(spaced && first.trim() == "." && numbers.iter().all(|(_, places)| *places < 4))
            && !after_percent(page, whole.end())
        {
            days.push(Day::of(whole.range(), Some(day)));
        }
    }
}

/// Whether three short numbers are doses of a day or the parts of a score: "NovoRapid 8/10/12 u", "the criteria (20-2-20)".
fn dosed(page: &Page<'_>, start: usize, end: usize) -> bool {
    let after = page.after(end, 12);
    matches!(page.word_after(end), "u" | "iu" | "units" | "mg" | "ml" | "mcg" | "puffs")
        || after.starts_with(" with m")
        || after.strip_prefix(" / ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        || has_word(
            page.words_before(start, 12),
            &["criteria", "novorapid", "humalog", "lispro", "aspart", "fiasp", "novolog", "insulin"],
        )
}

fn after_percent(page: &Page<'_>, at: usize) -> bool {
    page.after(at, 2).trim_start().starts_with('%')
}
