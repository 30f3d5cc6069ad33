//! What could be a number of somebody: a run of letters and digits that no dose, value, date or score has the form of.

use std::ops::Range;

use super::super::page::{Page, digits};

/// A run of letters and digits, and how unlike a laboratory value it is.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) range: Range<usize>,
    pub(super) letters: usize,
    pub(super) digits: usize,
    /// From 0, like any value, to 3, like nothing but a number of somebody.
    pub(super) strength: u8,
}

/// Units that digits may have with no space between.
const GLUED: &[&str] = &[
    "mg", "ml", "mcg", "g", "kg", "l", "cm", "mm", "m", "h", "hr", "hrs", "min", "mins", "s", "d", "w", "wk", "wks",
    "x", "u", "iu", "mmol", "ug", "ng", "pg", "k", "am", "pm", "f", "c", "fr", "th", "st", "nd", "rd", "yo", "y", "yr",
    "v", "j", "gy", "hz", "bpm", "mmhg", "kpa", "cc", "t", "b", "p", "i", "mv", "ms", "ct", "lb", "lbs", "mo", "yrs",
    "kcal", "ft", "km", "mwt", "cmh", "mos", "nm", "um", "meq", "q", "r", "n", "o", "mcmol", "pmol", "nmol", "units",
    "tabs", "days", "weeks", "day", "week", "month", "year", "night", "nocte", "hour", "cycle", "tab", "dose", "visit",
];
const UNITS: &[&str] = &[
    "mg",
    "ml",
    "mmol",
    "kg",
    "mcg",
    "cm",
    "mm",
    "hours",
    "hour",
    "minutes",
    "min",
    "mins",
    "days",
    "day",
    "weeks",
    "week",
    "months",
    "month",
    "years",
    "year",
    "yo",
    "patients",
    "cases",
    "units",
    "bpm",
    "mmhg",
    "g",
    "l",
    "iu",
    "micrograms",
    "h",
    "hrs",
    "percent",
    "copies",
    "cells",
    "u",
    "ng",
    "pg",
    "umol",
    "nmol",
    "pmol",
    "kcal",
    "steps",
    "m",
    "miles",
    "km",
    "x",
    "episodes",
    "people",
    "women",
    "men",
    "children",
    "adults",
    "participants",
    "samples",
    "times",
    "beats",
    "ohm",
    "ms",
    "mv",
    "hz",
    "ft",
    "metres",
    "per",
    "units/l",
    "subjects",
    "mf",
    "eur",
    "euro",
    "euros",
    "usd",
    "dollars",
    "pounds",
    "reads",
    "genes",
    "slides",
    "reports",
    "devices",
    "events",
    "doses",
    "tablets",
    "implants",
    "procedures",
    "deaths",
    "births",
    "admissions",
    "episodes",
    "specimens",
    "controls",
    "volunteers",
    "words",
    "characters",
    "copies",
];

/// Whether what follows is a unit, so that the number is a quantity.
pub(super) fn is_measured(page: &Page<'_>, end: usize) -> bool {
    page.after(end, 3).trim_start().starts_with(['%', '‰', '°', '×', 'µ', 'μ']) || UNITS.contains(&page.word_after(end))
}

/// All runs with a digit in them.
pub(super) fn values(page: &Page<'_>) -> Vec<Value> {
    let bytes = page.lower.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
    let joins = |at: usize| {
        bytes.get(at).is_some_and(|b| matches!(b, b'-' | b'/' | b'.' | b'_'))
            && at > 0
            && is_word(at - 1)
            && is_word(at + 1)
    };
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_word(at) {
            at += 1;
            continue;
        }
        let start = at;
        while is_word(at) || joins(at) {
            at += 1;
        }
        let Some(run) =
            page.lower.get(start..at).filter(|run| run.is_ascii() && run.bytes().any(|b| b.is_ascii_digit()))
        else {
            continue;
        };
        // "no.4471": the label is no part of it.
        let label = run
            .find('.')
            .filter(|dot| run.get(..*dot).is_some_and(|head| head.bytes().all(|b| b.is_ascii_lowercase())));
        let from = start + label.map_or(0, |dot| dot + 1);
        if let Some(value) = value(page, from..at) {
            at = value.range.end;
            out.push(value);
        }
    }
    out
}

fn value(page: &Page<'_>, range: Range<usize>) -> Option<Value> {
    let range = range.start..more(page, &range);
    let text = page.lower.get(range.clone())?;
    let letters = text.bytes().filter(u8::is_ascii_lowercase).count();
    let count = digits(text).len();
    (count > 0).then(|| Value { strength: strength(page, &range, text, letters, count), range, letters, digits: count })
}

/// Where it ends when more groups of it follow after spaces: "118 447", "304 118 772 A".
fn more(page: &Page<'_>, range: &Range<usize>) -> usize {
    let (mut end, mut last) = (range.end, page.lower.get(range.clone()).unwrap_or_default().to_owned());
    let mut all = digits(&last).len();
    for _ in 0..5 {
        let rest = page.lower.get(end..).unwrap_or_default();
        let Some(next) = rest.strip_prefix(' ').or_else(|| rest.strip_prefix('\u{a0}')) else { break };
        let from = end + rest.len() - next.len();
        let size = next.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/')).count();
        let group = next.get(..size).unwrap_or_default().trim_end_matches(['-', '/']);
        let count = digits(group).len();
        let after = from + group.len();
        let figures = group.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'/'));
        let letter = group.len() == 1 && count == 0 && page.at(&(from..after)).bytes().all(|b| b.is_ascii_uppercase());
        let closes = letter && !page.after(after, 1).starts_with(|c: char| c.is_alphanumeric());
        let figures_at_end = last.bytes().rev().take_while(u8::is_ascii_digit).count();
        let digits_end = (2..=6).contains(&figures_at_end) && last.len() <= 7 || last.len() <= 3 && figures_at_end > 0;
        let capitals = !page.at(&(range.start..from)).bytes().any(|b| b.is_ascii_lowercase());
        let mixed = capitals && last.len() <= 6 && last.bytes().any(|b| b.is_ascii_alphabetic());
        // "HC2 7704418", "25RV 0044 188", "W0368 25 441882", "1G0418 0F7719".
        let coded = mixed
            && figures
            && !group.contains('/')
            && (last.len() > 3 && !last.contains('-') && (3..=5).contains(&count) || (6..=8).contains(&count))
            || figures && count == 6 && all >= 6 && capitals && !page.at(range).bytes().all(|b| b.is_ascii_digit())
            || mixed && group.len() == last.len() && count >= 4 && group.bytes().all(|b| b.is_ascii_alphanumeric());
        // "1 402 775", "204 118 553K".
        let three = |text: &str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
        let thousands = all == 1 && last.len() == 1 && three(group) && {
            let rest = page.after(after, 4);
            rest.strip_prefix(' ').is_some_and(three) && !page.after(after + 4, 1).starts_with(char::is_alphanumeric)
        };
        let lettered = three(&last)
            && all >= 6
            && group.len() == 4
            && group.get(..3).is_some_and(three)
            && page.at(&(from..after)).ends_with(|c: char| c.is_ascii_uppercase());
        // "XDB 882 M 41907".
        let inner = letter
            && three(&last)
            && all == 3
            && page.at(&(range.start.saturating_sub(4)..range.start)).ends_with(' ')
            && page
                .at(&(range.start.saturating_sub(4)..range.start.saturating_sub(1)))
                .bytes()
                .all(|b| b.is_ascii_uppercase())
            && page
                .after(after, 6)
                .strip_prefix(' ')
                .is_some_and(|rest| rest.len() == 5 && rest.bytes().all(|b| b.is_ascii_digit()));
        let followed = last.len() == 1 && last.bytes().all(|b| b.is_ascii_lowercase()) && figures && count > 3;
        // "2352 140284": the day of birth behind the number of an insured person.
        let day = |text: &str| {
            text.get(..2).is_some_and(|day| ("01"..="31").contains(&day))
                && text.get(2..4).is_some_and(|month| ("01"..="12").contains(&month))
        };
        let insured = all == 4 && last.len() == 4 && count == 6 && group.len() == 6 && day(group);
        let grouped = coded
            || insured
            || inner
            || followed
            || thousands
            || lettered
            || digits_end && figures && (2..=5).contains(&count) && last.len() >= 2
            || digits_end && figures && count == 1 && group.len() == 1 && all >= 9;
        let decimal = page.after(after, 2).starts_with(['.', ',', ':'])
            && page.after(after, 2).get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let glued = page.after(after, 1).starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let dated = group.matches(['/', '-']).count() == 2;
        if !(grouped || closes && all >= 7) || decimal || glued || dated || all + count > 20 || is_measured(page, after)
        {
            break;
        }
        (end, all) = (after, all + count);
        group.clone_into(&mut last);
    }
    end
}

fn strength(page: &Page<'_>, range: &Range<usize>, text: &str, letters: usize, count: usize) -> u8 {
    let parts: Vec<&str> = text.split(['-', '/', '.', '_', ' ']).collect();
    let sizes = || parts.iter().map(|part| part.len());
    let tail = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '/'));
    let unit = letters > 0
        && !tail.bytes().any(|b| b.is_ascii_digit())
        && GLUED.contains(&tail.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default());
    let one = tail.len() == 1 && count > 3;
    let dose = unit && !one && text.starts_with(|c: char| c.is_ascii_digit()) && count < 6;
    let decimal = letters == 0
        && text.contains('.')
        && (text.contains(['/', '-']) || text.matches('.').count() == 1)
        && count < 8;
    // "12/24", "30/500", "1.5-2.5".
    let ratio = letters == 0
        && parts.len() > 1
        && sizes().all(|size| size <= 3)
        && (text.contains('/') || parts.len() == 2)
        && !text.contains(' ');
    let span = letters == 0
        && parts.len() == 2
        && !text.contains(' ')
        && parts.first().zip(parts.get(1)).is_some_and(|(a, b)| a.len() == b.len() && a < b && !a.starts_with('0'));
    let (years, of_year) = (letters == 0 && is_years(&parts, text), letters == 0 && count == 8 && is_of_year(&parts));
    let moment = |part: &str| part.len() == 4 && part.parse::<u32>().is_ok_and(|n| n < 2400 && n % 100 < 60);
    let fives = |part: &str| part.ends_with(['0', '5']);
    let hours = letters == 0 && parts.len() == 2 && parts.iter().all(|part| moment(part) && fives(part));
    let tagged = page.before(range.start, 2).starts_with(|c: char| c.is_ascii_alphabetic());
    let around = !(tagged && page.before(range.start, 1) == ">")
        && page.before(range.start, 1).ends_with(['<', '>', '±', '≥', '≤', '£', '$', '€', '~', '+', '−', '^']);

    let thousands = count < 7 && page.joined(range, &[',']) || page.joined(range, &[':']) || page.joined(range, &['–']);
    let year = letters == 0 && count == 4 && (text.starts_with("19") || text.starts_with("20"));
    // "E746_A750": a mutation.
    let changed = text.contains('_')
        && parts.iter().all(|part| {
            part.len() > 2 && part.starts_with(|c: char| c.is_ascii_lowercase()) && digits(part).len() + 1 == part.len()
        });
    if changed {
        return 0;
    }
    if ratio && text.contains('-') && count >= 5 && !span {
        return 1;
    }
    if dose || years || decimal || ratio || around || thousands || is_date(text) {
        return 0;
    }
    let all = letters + count;
    let small = page.at(range).bytes().any(|b| b.is_ascii_lowercase());
    let mutation = letters == 2
        && count <= 4
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.ends_with(|c: char| c.is_ascii_lowercase())
        && parts.len() == 1;
    match () {
        () if of_year && !hours => 2,
        () if span || hours => u8::from(count >= 8),
        () if count >= 7 || letters > 0 && count >= 4 && all >= 6 => 3,
        () if mutation => 1,
        () if count >= 5
            || letters > 1 && count > 1 && all >= 6 && !small
            || letters > 0 && count >= 3 && all >= 5
            || count >= 4 && parts.len() > 1 =>
        {
            2
        }
        () if (count >= 3 || letters > 0 && count >= 2 && all >= 4) && !year => 1,
        () => 0,
    }
}

/// "1998-2012", "2024/11".
fn is_years(parts: &[&str], text: &str) -> bool {
    let year = |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    let [from, to] = parts else { return false };
    year(from) && (year(to) || text.contains('/') && to.len() < 3)
}

/// "2024-9047": a number of some thousands of a year.
fn is_of_year(parts: &[&str]) -> bool {
    let [year, number] = parts else { return false };
    ("2010"..="2035").contains(year)
        && number.len() == 4
        && !number.ends_with("00")
        && number.starts_with(|c: char| c > '2' || c == '0')
}

/// Whether three numbers may be a day.
pub(super) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let number = |part: &&str| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
    let sizes: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let small = |part: Option<&&str>| part.and_then(|p| p.parse::<u32>().ok()).is_some_and(|n| (1..=31).contains(&n));
    let named = parts.iter().filter(|part| is_month(part)).count() == 1
        && parts.iter().all(|part| is_month(part) || number(part));
    let packed = parts.len() == 1
        && text.get(2..5).is_some_and(is_month)
        && (7..=9).contains(&text.len())
        && digits(text).len() == text.len() - 3;
    packed
        || (2..=3).contains(&parts.len()) && named
        || parts.len() == 3
            && parts.iter().all(number)
            && match sizes.as_slice() {
                [1 | 2, 1 | 2, 2 | 4] => small(parts.first()) && small(parts.get(1)),
                [4, 1 | 2, 1 | 2] => small(parts.get(1)) && small(parts.get(2)),
                _ => false,
            }
}

/// The name of a month, or its number as the Romans wrote it.
fn is_month(part: &str) -> bool {
    const MONTHS: &[&str] =
        &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sept"];
    const FULL: &[&str] = &[
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    const ROMAN: &[&str] = &["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
    MONTHS.contains(&part) || FULL.contains(&part) || ROMAN.contains(&part)
}
