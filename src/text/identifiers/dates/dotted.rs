//! Days as much of Europe writes them: "am 14.10.", "booked for 29.7. at", "12.10., swab 14.10.", "3.8.-5.8.".
//! The point behind the month is what parts them from values, and a sentence may end there.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    super::{
        lexicon::{WORD, look_up},
        page::{Page, has_word, pattern},
    },
    Day,
    cues::is,
    number,
    pairs::{DONE_ENDS, Pair, ends, follows_day},
    told::Habit,
};

/// Two days with a hyphen between, of which each has its point.
static FROM_TO: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b([0-9]{1,2})\.(?:([0-9]{1,2})\.)? ?(?:[-–]|bis|to|und|and|tot|t/m|til|till|au|et|al|a|do|–) ?([0-9]{1,2})\.([0-9]{1,2})\.",
    )
});

pub(super) fn spans(page: &Page<'_>, days: &mut Vec<Day>) {
    for found in FROM_TO.captures_iter(&page.lower) {
        let [a, b, c, d] = [1, 2, 3, 4].map(|group| number(found.get(group)).0);
        let real = [a, c].iter().all(|day| (1..=31).contains(day)) && (1..=12).contains(&d) && b <= 12;
        let Some(whole) = found.get(0).map(|whole| whole.range()) else { continue };
        let alone =
            !page.before(whole.start, 1).ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | ',' | '-'));
        // "vom 2. bis 9.4.": the first month is left out behind such a word, or with a hyphen alone between.
        let led = found.get(2).is_some_and(|month| month.as_str() != "0")
            || c > a && found.get(0).is_some_and(|whole| whole.as_str().contains(['-', '–']))
            || c > a
                && matches!(
                    page.word_before(whole.start),
                    "vom" | "from" | "du" | "dal" | "von" | "am" | "od" | "fra" | "van"
                );
        if real && alone && led {
            days.push(Day::of(whole.start..whole.end - 1, None));
        }
    }
}

/// What stands behind the point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// A mark that ends no sentence.
    Mark,
    /// A word in small letters.
    Small,
    /// A line or the text ends, or a word with a capital follows.
    End,
    /// Anything else, or there is no point.
    Other,
}

fn behind(page: &Page<'_>, at: usize) -> Behind {
    let Some(rest) = page.text.get(at..).and_then(|rest| rest.strip_prefix('.')) else { return Behind::Other };
    match rest.chars().find(|c| *c != ' ') {
        _ if rest.starts_with([',', ';', ')', ':', '/']) => Behind::Mark,
        None | Some('\n') => Behind::End,
        Some(c) if rest.starts_with(' ') && c.is_lowercase() => Behind::Small,
        Some(c) if rest.starts_with(' ') && c.is_uppercase() => Behind::End,
        Some('-' | '–' | '(' | '→' | '&' | '+') => Behind::Mark,
        Some(_) => Behind::Other,
    }
}

/// Whether it was planned or done, or another word says when.
fn is_told(page: &Page<'_>, pair: &Pair<'_>) -> bool {
    let before = pair.before;
    let planned = matches!(before, "for" | "to" | "at" | "by" | "before" | "after" | "from")
        && has_word(
            pair.wide,
            &[
                "booked",
                "scheduled",
                "planned",
                "listed",
                "due",
                "appointment",
                "appt",
                "set",
                "fixed",
                "termin",
                "slot",
                "moved",
                "postponed",
                "deferred",
                "brought",
            ],
        );
    let done = before.len() > 4 && before.ends_with("ed") && look_up(before).any(WORD) && !is("rated", before);
    is("pointed", before)
        || planned
        || done
        || DONE_ENDS.iter().any(|end| before.ends_with(end))
        || follows_day(page, pair.range.start) && !matches!(before, "today" | "tonight" | "yest" | "tomorrow")
}

pub(super) fn is_day(page: &Page<'_>, pair: &Pair<'_>, habit: Habit) -> bool {
    let (start, end) = (pair.range.start, pair.range.end);
    let point = page.after(end, 1) == ".";
    let padded = pair.is_padded() && pair.range.len() == 5;
    let calendar = pair.a <= 31 && (1..=12).contains(&pair.b);
    let full = padded && calendar;
    let behind = behind(page, end);
    // "21.9. planned" at the start of a line.
    let opens = page.before(start, 1).chars().all(|c| c == '\n');
    let told = calendar
        && !pair.second.starts_with("00")
        && match behind {
            Behind::Mark => is_told(page, pair) || habit.dotted || full || opens,
            Behind::Small => is_told(page, pair) || opens,
            Behind::End => is("sure", pair.before) || is_told(page, pair) && (habit.dotted || pair.before == "for"),
            Behind::Other => false,
        };
    told || matches!(pair.before, "on" | "am" | "vom" | "op" | "bis") && point
        || point && padded && is("before", pair.before) && page.after(end, 2).ends_with([' ', '\n'])
        || full && matches!(pair.before, "on" | "am" | "vom" | "bis" | "dated") && ends(page, end)
        || padded && has_word(pair.wide, &["date", "dated", "datum"])
}

#[cfg(test)]
mod tests {
    use super::super::super::{Kind, find};

    fn days(text: &str) -> Vec<&str> {
        let found = find(text).into_iter().filter(|found| found.kind == Kind::Date);
        found.map(|found| text.get(found.range).unwrap()).collect()
    }

    #[test]
    fn days_with_points_are_found_where_no_value_can_stand() {
        assert_eq!(days("rescan booked for 29.7. at the clinic"), ["29.7"]);
        assert_eq!(days("Onset 9.10.24, rash 12.10., swab 14.10. sent."), ["9.10.24", "12.10", "14.10"]);
        assert_eq!(days("CT 20.2. shows a fistula"), ["20.2"]);
        assert_eq!(days("Station 4 vom 2. bis 9.4. wegen Sepsis"), ["2. bis 9.4"]);
        assert_eq!(days("In hospital 3.8.-5.8. and well since."), ["3.8.-5.8"]);
        assert!(days("k 5.9. cr 9.1. given 3.5-4.5. lactate 2.1. Then 3.2, 1.1.").is_empty());
    }
}
