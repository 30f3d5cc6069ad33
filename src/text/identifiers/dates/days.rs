//! Days without a month: "last Tuesday", "on the 14th". "sat" and "sun" are no days, unless what stands around says so.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    super::page::{Page, has_word, pattern},
    Day, cues, feasts, habits,
    words::real_day,
};

/// Days of the week, and the day of the month that may follow.
static WEEKDAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:(?:last|this|next|on|good|ash|maundy|holy|easter|whit|shrove|palm|super bowl|bank holiday|black|spy) )?(monday|tuesday|teusday|tuseday|wednesday|wednsday|wensday|wedensday|wednesay|thursday|thrusday|thurday|friday|firday|satuday|saterday|sunady|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lørdag|søndag|mandag|tirsdag|onsdag|torsdag|fredag|lördag|söndag|måndag|tisdag|sondag|vrydag|saterdag|martes|miércoles|jueves|viernes|lunedì|martedì|mercoledì|giovedì|venerdì|poniedziałek|saturday|sunday|tues|thurs|thur|mon|tue|weds|wed|thu|fri|sat|sun)\b\.?(?: (?:night|nite|eve|arvo|morning|evening|afternoon|lunchtime|teatime|am|pm)\b)?(?:,? (?:the )?[0-3]?[0-9](?:st|nd|rd|th)\b)?",
    )
});

/// The day of a month that is not named.
static ORDINAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:(?:on|until|till|til|by|since|from|for|to|before|after|and|of|seen|was|till|booked|due) the|on|since|from|yesterday|today|tomorrow|until|till|til|by|admitted|discharged|visit|appt|appointment|clinic|review|seen|due|booked|back|scan|surgery|w/c|w/e|wc|w/b|again|a&e|ed|theatre|op|procedure|bloods|labs|mri|ct|echo|rescan|recheck|redo|repeat) ((?:[0-3]?[0-9])(?:st|nd|rd|th))\b|\b([0-3]?[0-9](?:st|nd|rd|th)) (?:inst|ult|prox)\b|\b([0-3]?[0-9](?:st|nd|rd|th)) of (?:this|last|next|the (?:same|previous|following)) month\b",
    )
});

pub(super) fn find(page: &Page<'_>, days: &mut Vec<Day>) {
    weekdays(page, days);
    habits::foreign(page, days);
    feasts::find(page, days);
    ordinals(page, days);
}

/// Words before a day of the week that make it one.
const CUES: &[&str] = &[
    "on", "last", "this", "next", "until", "till", "by", "since", "from", "late", "early", "before", "after", "for",
    "of", "was", "seen", "to", "clinic", "booked", "done", "did", "admitted",
];

/// Parts of a day.
const PARTS: &[&str] = &["am", "pm", "night", "nite", "eve", "arvo", "morning", "evening", "afternoon"];

/// Words behind "sat" and "sun" with which they are no days, also behind "since".
const SUNNY: &[&str] = &[
    "exposure",
    "damage",
    "burn",
    "bathing",
    "screen",
    "light",
    "protection",
    "cream",
    "block",
    "up",
    "down",
    "on",
    "in",
    "at",
    "with",
];

/// Words behind "mon" with which it is French for "my".
const FRENCH: &[&str] = &["cher", "chère", "patient", "mari", "ami", "père", "fils", "collègue", "nom"];

/// Whether a number follows that can be a day of the month or an hour: no "Sat 94".
fn is_number_of_day(after: &str) -> bool {
    let rest = after.trim_start_matches([',', '.', ' ']);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest.get(..end).unwrap_or_default();
    !number.is_empty() && (number.len() != 2 || real_day(number))
}

fn weekdays(page: &Page<'_>, days: &mut Vec<Day>) {
    let spans = habits::spans(page);
    for found in WEEKDAY.captures_iter(&page.lower) {
        let (Some(whole), Some(day)) = (found.get(0), found.get(1)) else { continue };
        if !page.alone(&whole.range()) {
            continue;
        }
        let written = page.at(&day.range());
        let capital = written.starts_with(char::is_uppercase) && !written.chars().all(char::is_uppercase);
        let before = page.word_before(day.start());
        let before_whole = page.word_before(whole.start());
        let after = page.after(day.end(), 12);
        let habit = matches!(before, "every" | "each" | "alternate") || matches!(before_whole, "every" | "each");
        let cue = CUES.contains(&before);
        let word = page.word_after(day.end());
        let part = PARTS.contains(&word);
        let habit = habit || word.strip_suffix('s').is_some_and(|word| PARTS.contains(&word));
        let after = after.strip_prefix(" the").unwrap_or(after);
        let percent = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with('%');
        let dated = !percent && is_number_of_day(after);
        let day_and_month =
            after.trim_start().split(|c: char| !(c.is_ascii_digit() || c == '/')).next().unwrap_or_default();
        let counted =
            after.trim_start().strip_prefix("and ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let slashed = counted || day_and_month.contains('/') && day_and_month.len() >= 3;
        let ends = after.trim().is_empty() || after.starts_with(['\n', '.', ',', ';', ')', '!', '?']);
        let clock = after.trim_start().trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ':' | '.'));
        let timed = dated && ["am", "pm", "h ", "hrs"].iter().any(|unit| clock.starts_with(unit));
        // "a Monday to Friday basis".
        let week = day.as_str().starts_with("fri")
            && ["monday to", "mon to", "mon-", "mon–", "monday-", "monday–", "mon -", "monday -"]
                .iter()
                .any(|start| page.before(whole.start(), 12).trim_end().ends_with(start));
        let french = day.as_str() == "mon" && FRENCH.iter().any(|word| after.trim_start().starts_with(word));
        let ordinal = ["st", "nd", "rd", "th"].iter().any(|end| clock.starts_with(end));
        let regular = habits::is_regular(page, &whole.range(), &day.range(), &spans);
        let schedule = page.joined_by_letters(&day.range());
        let takes = match day.as_str() {
            "tue"
                if ["ref", "form", "exemption", "certificate", "application"].contains(&page.word_after(day.end())) =>
            {
                false
            }
            name if name.ends_with("day") || name.len() > 5 || name == "lundi" || name == "mardi" => true,
            "fri" | "tue" | "thu" | "wed" if written.chars().all(char::is_uppercase) => true,
            "tues" | "thurs" | "weds" | "thur" => true,
            // "sat", "sun", "mon" and "wed" are other words too.
            "sat" | "sun" => {
                (capital || part)
                    && (matches!(before, "on" | "last" | "this" | "next" | "until" | "till" | "by" | "since")
                        || part
                        || dated)
                    || matches!(before, "last" | "next" | "on")
                    || slashed
                    || capital && (after.starts_with(':') || ends && !before.is_empty() || timed && !before.is_empty())
                    || ends && matches!(before, "until" | "till" | "by" | "since" | "says" | "from" | "this" | "til")
                    || matches!(before, "since" | "until" | "till" | "til")
                        && !percent
                        && !SUNNY.contains(&page.word_after(day.end()))
            }
            "mon" | "tue" | "wed" | "thu" | "fri" if capital && !schedule => true,
            _ => {
                (capital || matches!(before, "last" | "next" | "on" | "booked" | "until" | "by" | "since") || part)
                    && (cue || part || dated)
                    || (capital || slashed || timed || ordinal) && dated
            }
        };
        let hours = matches!(after.get(..4), Some("-fri" | "–fri" | " to "))
            && matches!(day.as_str(), "mon" | "monday")
            && after.contains("fri");
        if takes && !habit && !regular && !hours && !week && !french {
            days.push(Day {
                why: "A day of the week narrows down the date.",
                weight: 51,
                ..Day::of(whole.range(), None)
            });
        }
    }
}

/// Words after a day of the month that belong to no noun of it.
const GOES_ON: &[&str] = &[
    "and",
    "with",
    "at",
    "he",
    "she",
    "they",
    "but",
    "when",
    "because",
    "until",
    "via",
    "due",
    "following",
    "it",
    "we",
    "if",
    "so",
    "which",
    "after",
    "before",
    "for",
    "i",
    "inst",
    "ult",
    "prox",
];

/// A day, or several, behind what happened: "rash 14th", "ITU 16th-20th".
static HAPPENED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[a-z/-]{2,14} ([0-3]?[0-9](?:st|nd|rd|th)(?: ?[-–] ?[0-3]?[0-9](?:st|nd|rd|th))?)\b"));

fn ordinals(page: &Page<'_>, days: &mut Vec<Day>) {
    let happened = HAPPENED.captures_iter(&page.lower).filter_map(|found| found.get(1));
    let happened = happened.filter(|day| cues::is("event", page.word_before(day.start())));
    let told = ORDINAL.captures_iter(&page.lower).filter_map(|found| found.get(1).or(found.get(2)).or(found.get(3)));
    for day in told.chain(happened) {
        let after = page.after(day.end(), 24);
        let word = page.word_after(day.end());
        let ends = after.is_empty() || after.starts_with(['.', ',', ';', ')', '\n', '!', '?']);
        let goes_on = GOES_ON.contains(&word)
            || after.trim_start().starts_with("of this")
            || after.trim_start().starts_with("of last")
            || after.trim_start().starts_with("of the month")
            || after.trim_start().starts_with("of next");
        let part = has_word(
            page.words_before(day.start(), 24),
            &[
                "rib",
                "toe",
                "finger",
                "ray",
                "digit",
                "percentile",
                "centile",
                "floor",
                "quartile",
                "decile",
                "metatarsal",
                "metacarpal",
                "nerve",
                "between",
                "centiles",
                "percentiles",
                "3rd",
                "4th",
                "50th",
            ],
        ) || has_word(
            after,
            &[
                "centile",
                "centiles",
                "percentile",
                "percentiles",
                "ribs",
                "toes",
                "fingers",
                "rib",
                "metatarsal",
                "metatarsals",
                "mcp",
                "mcps",
                "mtp",
                "mtps",
                "pip",
                "pips",
                "dip",
                "dips",
                "cmc",
                "molar",
                "molars",
                "lumbrical",
                "lumbricals",
            ],
        );
        let first = day.as_str().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if real_day(first) && (ends || goes_on) && !part {
            days.push(Day {
                why: "A day of the month is more exact than the year.",
                weight: 49,
                ..Day::of(day.range(), None)
            });
        }
    }
}
