//! Dates of two numbers: "seen 12/3", "DOB 4/51", "am 14.10.", "courier on 22-10".
//! Scores, doses, pressures and the durations of British doctors ("6/52") are written in the same way, so that a word has to tell.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    super::{
        lexicon::{WORD, look_up},
        page::{Page, has_word, pattern},
        token::Shape,
    },
    Day, after_percent,
    cues::{any, is},
    dotted, number,
    told::{self, Habit},
};

/// Two numbers.
static TWO: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9]{1,2}) ?([/.\-]) ?([0-9]{4}|[0-9]{1,2})\b"));
pub(super) const DONE_ENDS: &[&str] =
    &["ectomy", "otomy", "ostomy", "oscopy", "plasty", "gram", "graphy", "centesis", "opsy", "ectomies", "transplant"];

/// Whether a day of the week or the like stands right before: "yesterday, 11/3".
pub(super) fn follows_day(page: &Page<'_>, at: usize) -> bool {
    let before = page.before(at, 16).trim_end_matches([',', ' ', '(', '.']);
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    // "on Sunday and 25/5".
    let word = if word == "and" {
        before.trim_end_matches("and").trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
    } else {
        word
    };
    // Days of two letters, in Dutch and German: "do 29/2".
    let short = matches!(
        word,
        "di" | "wo"
            | "vr"
            | "za"
            | "zo"
            | "mi"
            | "do"
            | "ma"
            | "mo"
            | "fr"
            | "lun"
            | "mer"
            | "jeu"
            | "ven"
            | "sam"
            | "dim"
    );
    short
        || matches!(word, "mon" | "tue" | "tues" | "wed" | "weds" | "thu" | "thur" | "thurs" | "fri" | "sat" | "sun")
        || word.len() > 4 && word.ends_with("day")
        || matches!(word, "today" | "tonight" | "tomorrow" | "tmrw" | "tmw" | "yest")
}

/// Two numbers that can be a day and a month.
pub(super) struct Pair<'p> {
    pub(super) range: Range<usize>,
    /// Both numbers as they are written.
    pub(super) first: &'p str,
    pub(super) second: &'p str,
    pub(super) a: u32,
    pub(super) b: u32,
    /// The word before them.
    pub(super) before: &'p str,
    /// What stands before them in the same sentence.
    pub(super) wide: &'p str,
}

impl Pair<'_> {
    /// Whether only one of the two can be the month, and if so, whether the day stands first.
    pub(super) fn day_first(&self) -> Option<bool> {
        (self.a > 12 || self.b > 12).then_some(self.a > 12)
    }

    /// Whether both are written with two figures: "03.06".
    pub(super) fn is_padded(&self) -> bool {
        self.first.len() == 2 && self.second.len() == 2
    }

    /// Whether it is a fraction or a score rather than a day.
    fn is_fraction(&self, goes_on: bool) -> bool {
        let Self { a, b, before, .. } = *self;
        let told = matches!(
            before,
            "due" | "since" | "until" | "till" | "admitted" | "dob" | "dated" | "discharged" | "edd" | "lmp" | "dod"
        );
        !told
            && (a == 1 && b <= 4
                || a == 24 && b == 7
                || b == 10 && a <= 10 && !goes_on
                || a == b && a <= 5
                || matches!(b, 7 | 12) && is("lasting", before) && !self.first.starts_with('0'))
    }
}

/// Two days with a hyphen between: "7/22-8/1".
static FROM_TO: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b([0-9]{1,2})/([0-9]{1,2}) ?[-–] ?([0-9]{1,2})/([0-9]{1,2})\b"));

/// Both in one order of day and month that a day above the twelfth tells.
fn spans(page: &Page<'_>, days: &mut Vec<Day>) {
    for found in FROM_TO.captures_iter(&page.lower) {
        let [a, b, c, d] = [1, 2, 3, 4].map(|group| number(found.get(group)).0);
        let month_first = (1..=12).contains(&a) && (1..=12).contains(&c) && b.max(d) > 12;
        let day_first = (1..=12).contains(&b) && (1..=12).contains(&d) && a.max(c) > 12;
        let real = [a, b, c, d].iter().all(|n| (1..=31).contains(n));
        if let Some(whole) = found.get(0).filter(|whole| page.alone(&whole.range()))
            && real
            && (month_first || day_first)
            && !page.joined(&whole.range(), &['.', '-', '/', ','])
        {
            days.push(Day::of(whole.range(), None));
        }
    }
}

pub(super) fn find(page: &Page<'_>, days: &mut Vec<Day>) {
    spans(page, days);
    dotted::spans(page, days);
    let mut last_end = 0;
    let mut unsure = Vec::new();
    let mut habit = Habit::of(page);
    let mut any_day = habit.day_first.is_some();
    for found in TWO.captures_iter(&page.lower) {
        let (Some(whole), Some(first), Some(second)) = (found.get(0), found.get(1), found.get(3)) else { continue };
        let ((a, _), (b, places)) = (number(Some(first)), number(Some(second)));
        let range = whole.range();
        if !page.alone(&range) || page.joined(&range, &['.', '-', '/', ',']) || after_percent(page, range.end) {
            continue;
        }
        let mark = found.get(2).map_or("", |m| m.as_str());
        if places == 4 {
            // A month and its year.
            if (1..=12).contains(&a) && (1900..=2100).contains(&b) && (mark != "." || first.len() == 2 && b < 2040) {
                days.push(Day::of(range, None));
            }
            continue;
        }
        let calendar = (1..=31).contains(&a) && (1..=12).contains(&b) || (1..=12).contains(&a) && (1..=31).contains(&b);
        let wide = page.words_before(range.start, 28);
        let wide = wide.rsplit(['.', ';', '\n']).next().unwrap_or_default();
        let before = page.word_before(range.start);
        let pair = Pair { first: first.as_str(), second: second.as_str(), a, b, before, wide, range };
        let after = page.word_after(pair.range.end);
        let unit = is("unit", after) && !(matches!(after, "in" | "of") && is("sure", before));
        let score = any("score", wide) || is("counted", before) || unit;
        if !calendar || score || told::is_house(page, &pair.range) {
            continue;
        }
        let goes_on = last_end > 0
            && matches!(
                page.lower.get(last_end..pair.range.start).map(|gap| gap.trim_start_matches('.').trim()),
                Some("-" | "–" | "to" | "and" | "," | "&")
            );
        let takes = match mark {
            "/" => slashed(page, &pair, goes_on, habit),
            "." => dotted::is_day(page, &pair, habit),
            _ => hyphened(page, &pair),
        };
        if takes {
            last_end = pair.range.end;
            any_day |= mark == "/";
            habit.day_first = habit.day_first.or(pair.day_first().filter(|_| mark == "/"));
            days.push(Day::of(pair.range, None));
        } else if mark == "/" && !pair.is_fraction(false) {
            unsure.push(pair);
        }
    }
    // A text that has one day in this order has others.
    let others = unsure.into_iter().filter(|pair| match pair.day_first() {
        first @ Some(_) if first == habit.day_first => {
            plain(page, &pair.range) && !told::lasting(pair) || told::likely(page, pair, habit)
        }
        Some(_) => habit.day_first.is_none() && any_day && told::likely(page, pair, habit),
        None => any_day && told::likely(page, pair, habit),
    });
    days.extend(others.map(|pair| Day::of(pair.range, None)));
}

/// Whether a common word or a bracket stands before, and no name of a score or a medicine.
fn plain(page: &Page<'_>, range: &Range<usize>) -> bool {
    let at = page.tokens.partition_point(|token| token.range.end <= range.start);
    let before = at.checked_sub(1).and_then(|at| page.tokens.get(at));
    page.before(range.start, 1).ends_with(['(', '\n'])
        || before.is_some_and(|word| {
            matches!(word.shape, Shape::Lower) && word.is(WORD) && word.range.end + 1 == range.start
        })
}

fn slashed(page: &Page<'_>, pair: &Pair<'_>, goes_on: bool, habit: Habit) -> bool {
    let (start, end, before) = (pair.range.start, pair.range.end, pair.before);
    let listed = |word: &str| is("done", word) || DONE_ENDS.iter().any(|end| word.ends_with(end));
    let done = before.ends_with("ed") && before.len() > 4 && look_up(before).any(WORD) && !is("rated", before)
        || listed(before) && pair.day_first().is_some();
    // "scoped her 6/3", "born there 4/30 @ 2214".
    let whom = matches!(before, "her" | "him" | "them" | "it")
        && page
            .before(start, 20)
            .trim_end()
            .rsplit(' ')
            .nth(1)
            .is_some_and(|verb| verb.len() > 4 && verb.ends_with("ed") && !is("rated", verb));
    // "stopped 1/7", where others are "3/7 ahead" and "for 2/52".
    let length = habit.lengths && told::lasting(pair);
    let done = (done || whom) && (pair.a > 12 || pair.a != pair.b) && !length || page.after(end, 3).starts_with(" @");
    let label =
        page.before(start, 2).trim_end().ends_with([':', '=']) && has_word(pair.wide, &["date", "dated", "datum"]);
    let zero = pair.first.starts_with('0') || pair.second.starts_with('0');
    let opens = page.before(start, 1).chars().all(|c| c == '\n');
    let diary = opens && page.after(end, 2).starts_with(' ') && !page.word_after(end).is_empty();
    let cued = is("before", before)
        || follows_day(page, start)
        || done
        || label
        || zero
        || diary
        || goes_on
        || page.before(start, 3).trim_end().ends_with("d/c");
    let held =
        page.before(start, 2).ends_with('(') && page.after(end, 1) == ")" && pair.second.len() == 2 && pair.a > 12;
    // A line or a sentence of a diary: "12/3: fever".
    let entry = page.after(end, 2) == ": " || page.after(end, 2) == ":\n";
    let sentence = page.before(start, 2).trim().is_empty()
        || page.before(start, 2).ends_with([';', '.'])
        || page.before(start, 2) == ". ";
    // The first words of a text: "11/29, handoff".
    let first = start == 0 && pair.day_first().is_some() && page.after(end, 1).starts_with([',', '.', ':', ';', '\n']);
    (cued || held) && !pair.is_fraction(goes_on)
        || sentence && entry && (opens || !pair.is_fraction(false))
        || first
        || told::surely(page, pair)
}

/// "courier on 22-10", "Date: 7-14", "seen 6-12 and".
fn hyphened(page: &Page<'_>, pair: &Pair<'_>) -> bool {
    let label = page.before(pair.range.start, 2).trim_end().ends_with([':', '=']);
    let sure = is("sure", pair.before) || label && has_word(pair.wide, &["date", "dated", "dob"]);
    let loose = matches!(pair.before, "on" | "since" | "until" | "till" | "am" | "bis");
    // "changed twice (18-01 and 26-01)": no range ends so.
    let padded = pair.is_padded() && pair.second.starts_with('0') && pair.a > pair.b;
    padded && !is("unit", page.word_after(pair.range.end))
        || sure && (pair.day_first().is_some() || !loose) && ends(page, pair.range.end)
}

/// Whether no noun follows that is counted.
pub(super) fn ends(page: &Page<'_>, at: usize) -> bool {
    let word = page.word_after(at);
    word.is_empty()
        || matches!(word, "and" | "in" | "at" | "with" | "for" | "by" | "to" | "she" | "he" | "but" | "under" | "from")
}

#[cfg(test)]
mod tests {
    use super::super::super::{Kind, find};

    fn days(text: &str) -> Vec<&str> {
        let found = find(text).into_iter().filter(|found| found.kind == Kind::Date);
        found.map(|found| text.get(found.range).unwrap()).collect()
    }

    #[test]
    fn days_without_a_year_are_found_by_their_form() {
        assert_eq!(days("The membrane was changed twice (18-01 and 26-01)."), ["18-01", "26-01"]);
        assert_eq!(days("Antibiotics 7/22-8/1 only."), ["7/22-8/1"]);
        assert_eq!(days("Seen 12/3 in clinic."), ["12/3"]);
        assert!(days("Potassium 5.9. then 4.8. Power 4/5, murmur 3/6, nodes 3/12 positive.").is_empty());
    }
}
