//! Dates that are more exact than a year: in numbers, with month names, days of the week, feasts.
//! Each pattern matches wide; what it matched is then checked, for 120/80 and "may have" are no dates.

mod days;
mod relative;
mod spelt;
mod words;

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    kind::Kind,
    lexicon::{WORD, look_up},
    page::{Mark, Page, has_word, pattern},
};

/// Three numbers, in any order and with any mark between them.
static THREE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"([0-9]{1,4})( ?[/.\-‐‑–] ?)([0-9]{1,2})( ?[/.\-‐‑–] ?)([0-9]{1,4})(?:t[0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?(?:\.[0-9]+)?(?:z|[+-][0-9]{2}:?[0-9]{2})?)?",
    )
});
/// Two numbers: a date only where a word says so, or where the second is a year.
static TWO: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9]{1,2}) ?([/.\-]) ?([0-9]{4}|[0-9]{1,2})\b"));
/// Eight digits, as computers write a day.
static PACKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:t?[0-9]{4}(?:[0-9]{2})?)?|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}",
    )
});
static PACKED_SHORT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:dob|d\.o\.b\.?|date|born|dated)[: ]{1,3}([0-9]{6})\b"));

/// Words before two numbers that make them a day.
const BEFORE: &[&str] = &[
    "on",
    "since",
    "from",
    "dated",
    "until",
    "till",
    "by",
    "admitted",
    "discharged",
    "seen",
    "d/c",
    "dc",
    "date",
    "dob",
    "born",
    "before",
    "after",
    "op",
    "review",
    "reviewed",
    "between",
    "through",
    "starting",
    "started",
    "due",
    "to",
    "clinic",
    "bloods",
    "labs",
    "repeat",
    "taken",
    "sent",
    "surgery",
    "appt",
    "appointment",
    "last",
    "next",
    "adm",
    "transferred",
    "w/c",
    "week",
    "lmp",
    "edd",
    "w/e",
    "ward",
    "dx",
    "visit",
    "follow-up",
    "f/u",
    "ct",
    "mri",
    "echo",
    "inserted",
    "removed",
    "booked",
    "aufnahme",
    "entlassung",
    "entlassen",
    "opname",
    "ontslag",
    "geb",
    "geboren",
    "seit",
    "sinds",
    "bis",
    "vom",
    "ab",
    "le",
    "du",
    "au",
];
/// Words near two numbers that make them none.
const NOT_BEFORE: &[&str] = &[
    "score", "scored", "power", "pain", "strength", "bp", "grade", "vision", "acuity", "rated", "gcs", "apgar", "nrs",
    "vas", "ratio", "motor", "murmur", "systolic", "mmt", "mrc", "reflexes", "va",
];
/// Words that end like what was done on a day, before a score or a dose.
const RATED: &[&str] = &[
    "scored",
    "rated",
    "graded",
    "reduced",
    "increased",
    "titrated",
    "halved",
    "dosed",
    "used",
    "needed",
    "noted",
    "ranged",
    "estimated",
    "measured",
    "diluted",
    "improved",
    "recovered",
    "dropped",
    "impaired",
    "preserved",
    "corrected",
    "aided",
    "unaided",
    "involved",
    "affected",
    "missed",
    "achieved",
    "weighed",
    "based",
    "combined",
    "fixed",
];
const UNITS: &[&str] = &[
    "mg",
    "mmhg",
    "ml",
    "mcg",
    "g",
    "kg",
    "mm",
    "cm",
    "mmol",
    "units",
    "l",
    "tablets",
    "tab",
    "h",
    "hours",
    "pain",
    "murmur",
    "strength",
    "power",
    "bilaterally",
    "times",
    "of",
    "systolic",
    "in",
    "patients",
    "cases",
    "days",
    "weeks",
    "months",
    "years",
    "intensity",
    "x",
];

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut days = Vec::new();
    three(page, &mut days);
    two(page, &mut days);
    for found in page.matches(&PACKED).filter(|found| !page.joined(&found.range(), &['.', '-', '/'])) {
        days.push(Day::of(found.range(), packed(found.as_str())));
    }
    for found in PACKED_SHORT.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        days.push(Day::of(found.range(), None));
    }
    words::find(page, &mut days);
    days::find(page, &mut days);
    spelt::find(page, &mut days);
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
        let version = before.ends_with('v') || has_word(before, &["version", "bp", "v", "cycle", "t", "loinc"]);
        let unit = UNITS.contains(&page.word_after(whole.end()))
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

fn after_percent(page: &Page<'_>, at: usize) -> bool {
    page.after(at, 2).trim_start().starts_with('%')
}

/// Whether a day of the week or the like stands right before: "yesterday, 11/3".
fn follows_day(page: &Page<'_>, at: usize) -> bool {
    let before = page.before(at, 16).trim_end_matches([',', ' ', '(', '.']);
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    // "on Sunday and 25/5".
    let word = if word == "and" {
        before.trim_end_matches("and").trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
    } else {
        word
    };
    matches!(word, "mon" | "tue" | "tues" | "wed" | "weds" | "thu" | "thur" | "thurs" | "fri" | "sat" | "sun")
        || word.len() > 4 && word.ends_with("day")
        || matches!(word, "today" | "tonight" | "tomorrow" | "tmrw" | "tmw" | "yest")
}

/// "am 14.10.", "booked 14.10.", "the scan date at the top 22.06".
fn dotted(page: &Page<'_>, range: &Range<usize>, before: &str) -> bool {
    let point = page.after(range.end, 1) == ".";
    let padded = range.len() == 5;
    let wide = page.words_before(range.start, 28);
    let wide = wide.rsplit(['.', ';', '\n']).next().unwrap_or_default();
    matches!(before, "on" | "am" | "vom" | "op" | "bis") && point
        || point && padded && BEFORE.contains(&before) && page.after(range.end, 2).ends_with([' ', '\n'])
        || padded && has_word(wide, &["date", "dated", "datum"])
}

fn two(page: &Page<'_>, days: &mut Vec<Day>) {
    let mut last_end = 0;
    for found in TWO.captures_iter(&page.lower) {
        let Some(whole) = found.get(0) else { continue };
        let ((a, _), (b, places)) = (number(found.get(1)), number(found.get(3)));
        let mark = found.get(2).map_or("", |m| m.as_str());
        if !page.alone(&whole.range())
            || page.joined(&whole.range(), &['.', '-', '/', ','])
            || after_percent(page, whole.end())
        {
            continue;
        }
        if places == 4 {
            // A month and its year.
            if (1..=12).contains(&a) && (1900..=2100).contains(&b) && mark != "." {
                days.push(Day::of(whole.range(), None));
            }
            continue;
        }
        let calendar = (1..=31).contains(&a) && (1..=12).contains(&b) || (1..=12).contains(&a) && (1..=31).contains(&b);
        let before = page.word_before(whole.start());
        let day_before = follows_day(page, whole.start());
        let done = before.ends_with("ed")
            && before.len() > 4
            && look_up(before).any(WORD)
            && !RATED.contains(&before)
            && (a > 12 || a != b);
        // "scoped her 6/3", "born there 4/30 @ 2214".
        let lead = page.before(whole.start(), 20);
        let done = done
            || matches!(before, "her" | "him" | "them" | "it")
                && lead
                    .trim_end()
                    .rsplit(' ')
                    .nth(1)
                    .is_some_and(|verb| verb.len() > 4 && verb.ends_with("ed") && !RATED.contains(&verb))
            || page.after(whole.end(), 3).starts_with(" @");
        // The end of a range that began with a date.
        let goes_on = last_end > 0
            && matches!(
                page.lower.get(last_end..whole.start()).map(str::trim),
                Some("-" | "–" | "to" | "and" | "," | "&")
            );
        let zero = found.get(1).is_some_and(|m| m.as_str().starts_with('0'))
            || found.get(3).is_some_and(|m| m.as_str().starts_with('0'));
        let diary = page.before(whole.start(), 1).chars().all(|c| c == '\n')
            && page.after(whole.end(), 2).starts_with(' ')
            && !page.word_after(whole.end()).is_empty();
        let cued = BEFORE.contains(&before)
            || day_before
            || done
            || zero
            || diary
            || goes_on
            || page.before(whole.start(), 3).trim_end().ends_with("d/c");
        let wide = page.words_before(whole.start(), 24);
        let wide = wide.rsplit(['.', ';', '\n']).next().unwrap_or_default();
        let score = has_word(wide, NOT_BEFORE) || UNITS.contains(&page.word_after(whole.end()));
        let labelled =
            page.before(whole.start(), 2).ends_with('(') && page.after(whole.end(), 1) == ")" && places == 2 && a > 12;
        let fraction = a == 1 && b <= 4
            || a == 24 && b == 7
            || b == 10 && a <= 10 && before != "admitted" && !goes_on
            || a == b && a <= 5;
        if calendar
            && mark == "/"
            && (cued || labelled)
            && !score
            && !(fraction
                && !matches!(before, "due" | "since" | "until" | "till" | "admitted" | "dob" | "dated" | "discharged"))
        {
            days.push(Day::of(whole.range(), None));
            last_end = whole.end();
        } else if calendar && mark == "." && dotted(page, &whole.range(), before) {
            days.push(Day::of(whole.range(), None));
        } else if calendar
            && mark == "/"
            && page.after(whole.end(), 1) == ":"
            && page.before(whole.start(), 2).trim().is_empty()
        {
            // A line of a diary: "12/3: fever".
            days.push(Day::of(whole.range(), None));
        }
    }
}
