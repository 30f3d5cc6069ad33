//! What tells that two numbers are a day and a month, beyond the word right before them: the hour behind them, a result or a deed
//! before them, the other dates of the text.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    super::{
        lexicon::{ABBREVIATION, WORD, look_up},
        page::{Page, pattern},
    },
    THREE,
    cues::is,
    day_of, number,
    pairs::Pair,
};

/// The hour, or the part of the day: "10/31 approx 2330", "29/1 1430", "10/31 PM".
static HOUR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^,? ?(?:@|(?:at|approx\.?|around|about|ca\.?|c\.|~) ?)?(?:(?:[01][0-9]|2[0-3]):?[0-5][0-9](?: ?(?:h|hrs|hours)\b|\b)|[0-9]{1,2} ?(?:am|pm)\b|(?:am|pm|night|overnight|morning|evening|afternoon|midnight|noon|lunchtime|teatime)\b)",
    )
});
/// Something was done, and two or three words later stands when: "sent to the reference lab 10/14".
static DEED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:sent|taken|drawn|collected|swabbed|posted|faxed|found|flew|flown|travelled|traveled|arrived|returned|presented|came|went|moved|landed|delivered|extubated|intubated|transferred|discharged|admitted|operated|scanned|biopsied|reviewed|seen|started|stopped|booked|listed|scheduled|planned|pencilled in|due|signed|diagnosed|last dose|first dose|last seen|lkw|onset|expires?|exp)(?: [a-zäöüé'’/-]+){0,5}[ ,(]{1,2}$",
    )
});
/// A value before it: "INR 3.8 12/30".
static VALUE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[a-z][a-z0-9-]{0,9}:? [<>~]?[0-9]{1,3}[.,][0-9]{1,2} (?:on )?\(?$"));
/// Days that are the length of something: "for 3/7", "6/52", "2/7 ago".
static LENGTH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b[0-9]{1,2}/(?:52|40)\b|\b(?:for|x|every|within|over) ?[0-9]{1,2}/(?:7|12|24)\b|\b[0-9]{1,2}/(?:7|12|24) (?:ago|ahead|course|hx|history|later|of|post|prior|before|or [0-9]{1,2}/(?:7|12|24))\b",
    )
});

/// What the whole text tells of its days.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Habit {
    /// Whether the day stands before the month, where a slash parts them.
    pub(super) day_first: Option<bool>,
    /// Whether it has full dates with points.
    pub(super) dotted: bool,
    /// Whether it writes lengths as "3/7" and "6/52".
    pub(super) lengths: bool,
}

impl Habit {
    pub(super) fn of(page: &Page<'_>) -> Self {
        let mut habit = Self { lengths: LENGTH.is_match(&page.lower), ..Self::default() };
        for found in THREE.captures_iter(&page.lower) {
            let [a, b, c] = [1, 3, 5].map(|group| number(found.get(group)));
            let mark = found.get(2).map_or("", |mark| mark.as_str());
            if day_of([a, b, c]).is_none() || a.1 == 4 || found.get(4).is_none_or(|second| second.as_str() != mark) {
                continue;
            }
            habit.dotted |= mark == ".";
            if mark == "/" && (a.0 > 12 || b.0 > 12) {
                habit.day_first = habit.day_first.or(Some(a.0 > 12));
            }
        }
        habit
    }
}

/// Whether what stands around such numbers, of which only one can be the month, makes them a day.
pub(super) fn surely(page: &Page<'_>, pair: &Pair<'_>) -> bool {
    let (start, end) = (pair.range.start, pair.range.end);
    let ends = ends(page, end);
    let resulted = is("result", pair.before) && pair.a > 12 && !lasting(pair);
    let day_off = matches!(pair.before, "hol" | "hols" | "holiday" | "bankhol");
    pair.day_first().is_some()
        && (is_timed(page, pair) && !lasting(pair)
            || ends && (resulted || day_off || VALUE.is_match(page.before(start, 24)))
            || ends && !lasting(pair) && DEED.is_match(clause(page, start)))
}

/// The same, where the text has other days, of whose order this one can be.
pub(super) fn likely(page: &Page<'_>, pair: &Pair<'_>, habit: Habit) -> bool {
    let (start, end) = (pair.range.start, pair.range.end);
    let sample = matches!(pair.before, "of" | "from")
        && matches!(
            page.word_before(start.saturating_sub(pair.before.len() + 1)),
            "sample"
                | "specimen"
                | "swab"
                | "scan"
                | "film"
                | "biopsy"
                | "labs"
                | "bloods"
                | "letter"
                | "report"
                | "culture"
                | "cultures"
                | "note"
                | "ct"
                | "mri"
                | "echo"
                | "cxr"
                | "ecg"
                | "us"
        );
    // Where the month stands first, nobody writes lengths so.
    let lasting = lasting(pair) && habit.day_first != Some(false);
    let happened = is("event", pair.before) && (pair.day_first().is_some() || habit.day_first.is_some())
        || is("culture", pair.before) && pair.day_first().is_some();
    !lasting
        && (sample
            || happened && !is("unit", page.word_after(end))
            || is_timed(page, pair)
            || ends(page, end)
                && (is("result", pair.before)
                    || matches!(pair.before, "now" | "today" | "update" | "addendum")
                        && page.text.get(..start).is_some_and(opens)
                    || VALUE.is_match(page.before(start, 24))
                    || DEED.is_match(clause(page, start))))
}

/// Whether an hour follows, or a part of the day and no medicine stands before: "ramipril 5/25 morning".
fn is_timed(page: &Page<'_>, pair: &Pair<'_>) -> bool {
    let after = page.after(pair.range.end, 24);
    let hour = after.get(..12).unwrap_or(after).contains(|c: char| c.is_ascii_digit());
    HOUR.is_match(after) && (hour || look_up(pair.before).any(WORD.or(ABBREVIATION)))
}

/// Whether they are written like a number of days, weeks, months or hours.
pub(super) fn lasting(pair: &Pair<'_>) -> bool {
    let plain = !pair.first.starts_with('0') && !pair.second.starts_with('0');
    plain
        && match pair.b {
            7 => pair.a <= 10 || pair.a.is_multiple_of(7),
            12 => pair.a <= 11 || pair.a.is_multiple_of(6),
            24 => true,
            _ => false,
        }
}

/// Whether the last word of a text begins a sentence: "Now 4/2".
fn opens(text: &str) -> bool {
    let text = text.trim_end();
    let word = text.rfind(' ').map_or(text, |at| text.get(at + 1..).unwrap_or_default());
    let before = text.strip_suffix(word).unwrap_or_default().trim_end_matches(' ');
    word.starts_with(char::is_uppercase) && (before.is_empty() || before.ends_with(['.', '\n', '!', '?']))
}

/// What stands before, up to the last mark that ends a sentence or a number.
fn clause<'p>(page: &'p Page<'_>, at: usize) -> &'p str {
    page.words_before(at, 48).rsplit(['.', ';', '\n', ':', '?', '!']).next().unwrap_or_default()
}

/// Whether a mark, a line or a small word follows.
fn ends(page: &Page<'_>, at: usize) -> bool {
    let after = page.after(at, 2);
    after.is_empty()
        || after.starts_with([',', ';', ')', '\n', '.', '!', '?', ':'])
        || after.starts_with(' ')
            && matches!(
                page.word_after(at),
                "" | "and"
                    | "but"
                    | "with"
                    | "she"
                    | "he"
                    | "by"
                    | "then"
                    | "when"
                    | "was"
                    | "at"
                    | "after"
                    | "because"
                    | "still"
            )
}

/// Whether they are the number of a house: "of 12/7 Pillaiyar Koil 2nd Street", "14/2, 3rd Cross".
pub(super) fn is_house(page: &Page<'_>, range: &Range<usize>) -> bool {
    static ROAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^,? (?:[0-9]{1,2}(?:st|nd|rd|th) |[a-z'’.-]+,? ){1,4}?(?:street|st|road|rd|cross|lane|avenue|ave|nagar|marg|colony|layout|terrace|crescent|drive|close|court|place|strasse|straße|gasse)\b",
        )
    });
    let after = page.text.get(range.end..).unwrap_or_default().trim_start_matches([',', ' ']);
    let labelled = matches!(page.word_before(range.start), "address" | "addr" | "flat" | "unit" | "plot")
        || page.before(range.start, 12).trim_end().ends_with("address:");
    let named = after.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    labelled || named && ROAD.is_match(page.after(range.end, 48))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Kind, find};

    fn days(text: &str) -> Vec<&str> {
        let found = find(text).into_iter().filter(|found| found.kind == Kind::Date);
        found.map(|found| text.get(found.range).unwrap()).collect()
    }

    #[test]
    fn what_stands_around_two_numbers_makes_them_a_day() {
        for (text, expected) in [
            ("Found on floor by CNA 10/31 approx 2330, last dose 10/31 PM.", vec!["10/31", "10/31"]),
            ("PF4 sent to the reference lab 10/14, not back.", vec!["10/14"]),
            ("Antibody screen neg 19/10.", vec!["19/10"]),
            ("On warfarin, INR 3.8 12/30", vec!["12/30"]),
            ("(public hol 27/1), theatre not until 29/1 1430", vec!["27/1", "29/1"]),
            ("11/29, handoff to days", vec!["11/29"]),
            ("Seen 31/8, fever from 4/9. Ag pos 7/9. Now 5/2, worse.", vec!["31/8", "4/9", "7/9", "5/2"]),
        ] {
            assert_eq!(days(text), expected, "{text}");
        }
        for text in [
            "Power 4/5 at 1400, GCS 12/15 at 1430, MoCA 12/30, nodes pos 3/12, cores 5/14.",
            "BiPAP 18/6 overnight. Ramipril 5/25 morning. Pain 7/10 at 0600.",
            "Seen 31/8. How long do you give it for this, 10/7 or 14/7?",
            "Stop 3/7 ahead (4/7 for this one). Ours was stopped 1/7.",
            "Address: 14/2, 3rd Cross, Gandhi Bazaar",
        ] {
            assert!(days(text).iter().all(|day| *day == "31/8"), "{text}: {:?}", days(text));
        }
    }
}
