//! Days of the week that are none of one week, and days of the week in other languages: "Tues/Thurs", "our Thursday meeting",
//! "Saturday night palsy"; "since domingo", "MRCP Rabu".

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    super::page::{Page, pattern},
    Day,
};

const SHORT: &str = r"(?:mon|tues?|weds?|thur?s?|fri|sat|sun)(?:days?|nesdays?|rsdays?|urdays?)?";

/// Several days of every week.
static HABIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b{SHORT}(?: ?(?:/|,|&|\+|and) ?{SHORT}){{1,3}} (?:lists?|clinics?|dialysis|hd|slots?|only|schedule|sessions?)\b|\b(?:twice weekly|thrice weekly|three times a week|dialy[sz]es|dialysis|hd|weekly|every week)[ ,(:]{{1,3}}(?:on )?{SHORT}(?: ?(?:/|,|&|\+|and) ?{SHORT}){{1,3}}\b"
    ))
});
static FOREIGN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:since|on|until|till|til|by|last|next|this|from|for|desde|el|il|dal|od|we|w|na)[ ]{1,2}(domingo|sábado|segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira|isnin|selasa|rabu|jumaat|sabtu|senin|kamis|poniedział(?:ek|ku)|wtor(?:ek|ku)|środ[aęy]|czwart(?:ek|ku)|piąt(?:ek|ku)|sobot[aęy]|niedziel[aęi]|maanantai(?:na|sta)?|tiistai(?:na|sta)?|keskiviik(?:ko|kona)|torstai(?:na|sta)?|perjantai(?:na|sta)?|lauantai(?:na|sta)?|sunnuntai(?:na|sta)?|pazartesi|çarşamba|perşembe|cumartesi|hétfő|szerda|csütörtök|péntek|szombat|vasárnap|pondělí|úterý|střed[ay]|čtvrtek|pátek|neděle|miercuri|vineri|sâmbătă|duminică)",
        r"|(lunedì|martedì|mercoledì|giovedì|venerdì)|\b(isnin|selasa|rabu|jumaat)(?:[.,;)]|\n|$)",
    ))
});

/// What is called after a day of the week.
const CALLED: &[&str] = &["palsy", "palsies", "roast", "roasts", "driver", "drivers", "roasties"];

/// Where a text speaks of several days of every week.
pub(super) fn spans(page: &Page<'_>) -> Vec<Range<usize>> {
    HABIT.find_iter(&page.lower).map(|found| found.range()).collect()
}

/// Whether a day of the week is part of such, of the name of something, or only quoted.
pub(super) fn is_regular(page: &Page<'_>, whole: &Range<usize>, day: &Range<usize>, spans: &[Range<usize>]) -> bool {
    let after = page.word_after(whole.end);
    let short = day.len() <= 5 && !page.at(day).ends_with("day");
    let beside = short
        && (page.before(day.start, 1).ends_with('/') && page.before(day.start, 2).starts_with(char::is_alphabetic)
            || page.after(day.end, 2).starts_with('/') && page.after(day.end, 2).ends_with(char::is_alphabetic));
    let quoted = page.before(whole.start, 1).ends_with('"') && page.after(whole.end, 1).starts_with('"');
    let ours = page.word_before(whole.start) == "our";
    let called = CALLED.contains(&after) || after == "fever" && page.at(day).eq_ignore_ascii_case("monday");
    let within = spans.iter().any(|span| span.start <= day.start && day.end <= span.end);
    called || quoted || ours || beside || within
}

/// Days of the week in other languages.
pub(super) fn foreign(page: &Page<'_>, days: &mut Vec<Day>) {
    for day in FOREIGN.captures_iter(&page.lower).filter_map(|found| found.iter().skip(1).flatten().next()) {
        // Somebody may be called so.
        let name = day.as_str() == "domingo" && page.at(&day.range()).starts_with(char::is_uppercase);
        if page.alone(&day.range()) && !name {
            days.push(Day {
                why: "A day of the week narrows down the date.",
                weight: 51,
                ..Day::of(day.range(), None)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Kind, find};

    fn days(text: &str) -> Vec<&str> {
        let found = find(text).into_iter().filter(|found| found.kind == Kind::Date);
        found.map(|found| text.get(found.range).unwrap()).collect()
    }

    #[test]
    fn days_of_every_week_are_no_dates() {
        for text in [
            "Home help is here Tues/Thurs.",
            "Twice weekly, Tue and Fri list.",
            "Show them at our Thursday bone meeting.",
            "The textbook Saturday night palsy and a Sunday roast.",
            "The system prints \"Mon\" for monocytes.",
            "Worse since sun exposure.",
        ] {
            assert!(days(text).is_empty(), "{text}: {:?}", days(text));
        }
        assert_eq!(days("no bowel motion since sat abdo like a drum"), ["sat"]);
        assert_eq!(days("cycle 1 on lunedì, shocks since domingo"), ["lunedì", "domingo"]);
        assert_eq!(days("says no bed til the 28th"), ["28th"]);
    }
}
