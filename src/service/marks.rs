//! Marks: words that could identify a patient, where they stand in the fields of a form, and what can stand there instead.
//! Nothing is stored here: drafts of cases, posts in groups and outcomes make of them what is theirs.

use std::{collections::BTreeMap, ops::Range};

use super::{
    Ctx,
    throttles::{self, Act},
};
use crate::{
    error::Result,
    model::{AccountId, discreet::discreet},
    text::identifiers::{self, Kind},
};

/// Words that could identify a patient.
#[derive(Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where: the name of a field, as in [`crate::model::Kept::field`].
    pub field: String,
    /// Where they begin in the text of the field, in bytes.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// The words.
    pub words: String,
    /// What they could be.
    pub kind: Kind,
    /// Why they were found.
    pub why: &'static str,
    /// Wording that can stand in their place; empty where leaving them out is best.
    pub suggestion: String,
    /// Why they stay, where their author has said so.
    pub reason: Option<String>,
}

discreet!(Mark { field, kind });

/// How much goes where words are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The words, with the short phrase around them that says nothing without them.
    Phrase,
    /// The sentence that they stand in.
    Sentence,
}

/// Looks through what somebody has written. That keeps a core busy for a while where the text is long: so it is done away from
/// the async threads, never inside a transaction, and for each person not without end.
///
/// # Errors
/// [`Error::TooMany`](crate::error::Error::TooMany); whatever `work` says.
pub(super) async fn look_through<T: Send + 'static>(
    ctx: &Ctx,
    who: AccountId,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    throttles::allow(ctx, Act::Check, &who.to_string()).await?;
    ctx.heavy(work).await
}

/// What parts two fields when they are read as one text.
const APART: &str = "\n\n";

/// What in fields could identify a patient, in their order and in that of their texts. All are read as one text: so days count
/// from the same first one, and a name that is told of in one place is known in the next.
pub(super) fn of_fields(fields: &[(String, &str)]) -> Vec<Mark> {
    let whole = fields.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(APART);
    let found = identifiers::find(&whole);
    let (mut marks, mut from) = (Vec::new(), 0);
    for (field, text) in fields {
        let to = from + text.len();
        for one in &found {
            let (start, end) = (one.range.start.max(from), one.range.end.min(to));
            let start = if one.kind == Kind::Name { before_title(&whole, from, start) } else { start };
            let Some(words) = (start < end).then(|| whole.get(start..end)).flatten() else { continue };
            let (before, after) = (whole.get(from..start).unwrap_or_default(), whole.get(end..to).unwrap_or_default());
            marks.push(Mark {
                field: field.clone(),
                start: start - from,
                end: end - from,
                words: words.to_owned(),
                kind: one.kind,
                why: one.why,
                suggestion: capital(&fitting(&one.suggestion, before, after), before),
                reason: None,
            });
        }
        from = to + APART.len();
    }
    marks
}

/// How many there are of each kind.
pub(super) fn counts(marks: &[Mark]) -> BTreeMap<&'static str, i32> {
    let mut counts = BTreeMap::new();
    for mark in marks {
        let count: &mut i32 = counts.entry(mark.kind.as_str()).or_default();
        *count = count.saturating_add(1);
    }
    counts
}

/// Where the title of somebody begins whose name begins at `start`: what stands for the name stands for both.
fn before_title(whole: &str, from: usize, start: usize) -> usize {
    let before = whole.get(from..start).unwrap_or_default();
    let Some(close) = before.strip_suffix(' ') else { return start };
    let word = close.rsplit([' ', '\n', '(']).next().unwrap_or_default();
    if is_title(word.trim_end_matches('.')) { start - word.len() - 1 } else { start }
}

fn is_title(word: &str) -> bool {
    ["Mr", "Mrs", "Ms", "Miss", "Dr", "Prof"].contains(&word)
}

fn ends_in_title(text: &str) -> bool {
    // The longest title has four letters.
    let start = text.char_indices().rev().nth(4).map_or(0, |(at, _)| at);
    is_title(text.get(start..).unwrap_or_default().rsplit([' ', '\n', '(']).next().unwrap_or_default())
}

/// A suggestion as grammar wants it between what stands before and after it: no second article, and a town that is told by
/// where it lies.
fn fitting(suggestion: &str, before: &str, after: &str) -> String {
    let word = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    let owned = ["the", "a", "an", "this", "that", "his", "her", "their", "our", "my", "your", "its"];
    let bare = suggestion.strip_prefix("a ").or_else(|| suggestion.strip_prefix("an "));
    let is_owned = before.ends_with(' ') && owned.contains(&word.as_str());
    let beside = before.trim_end().ends_with([',', '(']) && after.starts_with([',', ')']);
    let noun_follows = after.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    match (suggestion, bare) {
        // "A man of 52, Mr Kane, with": what he is called goes.
        ("the patient", _) if beside => String::new(),
        ("a town", _) if is_owned && noun_follows => "local".to_owned(),
        ("a town", _) if is_owned || ["near", "outside", "by", "beside"].contains(&word.as_str()) => {
            if is_owned { "town" } else { "a town" }.to_owned()
        }
        ("a town", _) => "a town nearby".to_owned(),
        (_, Some(bare)) if is_owned => bare.to_owned(),
        _ => suggestion.to_owned(),
    }
}

/// A suggestion as it is written behind `before`: a sentence begins with a capital.
fn capital(suggestion: &str, before: &str) -> String {
    let before = before.trim_end_matches(' ');
    let mut letters = suggestion.chars();
    match letters.next() {
        Some(first) if before.is_empty() || before.ends_with(['.', '?', '!', '\n']) => {
            first.to_uppercase().chain(letters).collect()
        }
        Some(_) | None => suggestion.to_owned(),
    }
}

/// Most other words of a phrase that goes with what is left out of it.
const FEW_WORDS: usize = 3;

/// What goes where words are left out: `others` are places that something else is to be said of, and are never part of it
/// unless the whole sentence goes.
pub(super) fn cut(text: &str, words: &Range<usize>, how: Cut, others: &[Range<usize>]) -> Range<usize> {
    let sentence = sentence(text, words);
    match how {
        Cut::Sentence => with_space(text, sentence),
        Cut::Phrase => {
            let phrase = phrase(text, words, &sentence);
            let is_free = |phrase: &Range<usize>| {
                others.iter().all(|other| other.end <= phrase.start || phrase.end <= other.start)
            };
            let led = led_in(text, words)..words.end;
            let range = [phrase, led].into_iter().find(|range| range != words && is_free(range));
            with_space(text, range.unwrap_or_else(|| words.clone()))
        }
    }
}

/// The sentence around some words, with the mark that ends it.
fn sentence(text: &str, words: &Range<usize>) -> Range<usize> {
    let before = text.get(..words.start).unwrap_or_default();
    let mut start = 0;
    for (at, c) in before.char_indices() {
        if !matches!(c, '\n' | '.' | '?' | '!') {
            continue;
        }
        let behind = at + c.len_utf8();
        let rest = text.get(behind..).unwrap_or_default();
        let ends = rest.starts_with(char::is_whitespace) && !ends_in_title(before.get(..at).unwrap_or_default());
        if c == '\n' || ends {
            start = behind;
        }
    }
    let rest = before.get(start..).unwrap_or_default();
    let start = start + (rest.len() - rest.trim_start().len());
    let mut end = text.len();
    for (at, c) in text.get(words.end..).unwrap_or_default().char_indices() {
        let at = words.end + at;
        let behind = at + c.len_utf8();
        let rest = text.get(behind..).unwrap_or_default();
        if c == '\n' {
            end = at;
            break;
        }
        if matches!(c, '.' | '?' | '!') && (rest.is_empty() || rest.starts_with(char::is_whitespace)) {
            end = behind;
            break;
        }
    }
    start..end
}

/// The phrase around some words: what stands in the same brackets or between the same commas, where that is hardly more than
/// the words.
fn phrase(text: &str, words: &Range<usize>, sentence: &Range<usize>) -> Range<usize> {
    let before = text.get(sentence.start..words.start).unwrap_or_default();
    let after = text.get(words.end..sentence.end).unwrap_or_default();
    let inner = after.trim_end_matches(['.', '?', '!']);
    let (opens, closes) = (before.rfind(['(', ',', ';']), inner.find([')', ',', ';']));
    let start = opens.map_or(sentence.start, |at| sentence.start + at);
    let end = words.end + closes.unwrap_or(inner.len());
    let is_bracket = text.get(start..).is_some_and(|rest| rest.starts_with('('));
    let closed = text.get(end..).is_some_and(|rest| rest.starts_with(')'));
    let count = |part: &str| part.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    let around =
        count(text.get(start..words.start).unwrap_or_default()) + count(text.get(words.end..end).unwrap_or_default());
    if around > FEW_WORDS || opens.is_none() || is_bracket != closed {
        return words.clone();
    }
    start..if closed { end + 1 } else { end }
}

/// Words that say nothing once what follows is gone: "reached at …", "admitted on …", "with MRN …".
const LEADING: [&str; 35] = [
    "on", "at", "in", "since", "from", "until", "till", "by", "via", "under", "no", "number", "nr", "id", "ref", "mrn",
    "nhs", "chi", "dob", "born", "tel", "phone", "ph", "fax", "mobile", "mob", "email", "ip", "ssn", "serial", "sn",
    "policy", "licence", "license", "with",
];

/// Where what leads up to some words begins in their line: no sentence ends with "No."
fn led_in(text: &str, words: &Range<usize>) -> usize {
    let line = text.get(..words.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let mut start = words.start;
    while let Some(before) = text.get(line..start) {
        let close = before.trim_end_matches([' ', ':', '#', '.']);
        let word = close.rsplit([' ', '(', '\n']).next().unwrap_or_default();
        if close.len() == before.len() || !LEADING.contains(&word.to_lowercase().as_str()) {
            break;
        }
        start = line + close.len() - word.len();
    }
    start
}

/// One of the spaces around what goes, so that none stands twice.
fn with_space(text: &str, range: Range<usize>) -> Range<usize> {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    if after.starts_with(' ') && (before.is_empty() || before.ends_with([' ', '\n'])) {
        range.start..range.end + 1
    } else if before.ends_with(' ') && (after.is_empty() || after.starts_with(['.', ',', ';', '?', '!', ')', '\n'])) {
        range.start - 1..range.end
    } else {
        range
    }
}

/// A text with other words in the place of a mark; none where they do not stand there any more. Without other words its phrase
/// goes too.
pub(super) fn mended(
    text: &str,
    mark: &Mark,
    now: &str,
    how: Cut,
    others: &[Range<usize>],
) -> Option<(Range<usize>, String)> {
    let words = mark.start..mark.end;
    if text.get(words.clone()) != Some(mark.words.as_str()) {
        return None;
    }
    let range = if now.is_empty() { cut(text, &words, how, others) } else { words };
    let mut changed = text.to_owned();
    changed.replace_range(range.clone(), now);
    Some((range, changed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out(text: &str, words: &str, how: Cut) -> String {
        let start = text.find(words).unwrap();
        let range = cut(text, &(start..start + words.len()), how, &[]);
        format!("{}{}", text.get(..range.start).unwrap(), text.get(range.end..).unwrap())
    }

    #[test]
    fn what_says_nothing_without_the_words_goes_with_them() {
        let phrase = |text, words| left_out(text, words, Cut::Phrase);
        assert_eq!(
            phrase("Seen in 2019 for Wilson disease, MRN 00412345. Well now.", "MRN 00412345"),
            "Seen in 2019 for Wilson disease. Well now."
        );
        assert_eq!(phrase("He was stung (MRN 00412345) twice.", "MRN 00412345"), "He was stung twice.");
        assert_eq!(phrase("MRN 00412345 came in shock.", "MRN 00412345"), "came in shock.");
        assert_eq!(
            phrase("Give adrenaline, and tell me on 07915550123 how the pressure went.", "07915550123"),
            "Give adrenaline, and tell me how the pressure went.",
            "a phrase that says more stays"
        );
        assert_eq!(phrase("She can be reached at 07915550123.", "07915550123"), "She can be reached.");
        assert_eq!(
            phrase("Admitted to our unit on 12/3 with chest pain.", "12/3"),
            "Admitted to our unit with chest pain."
        );
        assert_eq!(phrase("Somebody with MRN no. 4482137 came twice.", "4482137"), "Somebody came twice.");
    }

    #[test]
    fn a_whole_sentence_goes_where_that_is_asked_for() {
        let text = "Stung twice. Seen by Dr. Miller, MRN 00412345, before. BP 92/60.";
        assert_eq!(left_out(text, "MRN 00412345", Cut::Sentence), "Stung twice. BP 92/60.");
        assert_eq!(left_out("Call 07915550123", "07915550123", Cut::Sentence), "");
        assert_eq!(left_out("One.\nCall 07915550123!\nTwo.", "07915550123", Cut::Sentence), "One.\n\nTwo.");
    }

    #[test]
    fn a_phrase_that_something_else_is_to_be_said_of_stays() {
        let text = "Well since, Day +3 MRN 00412345.";
        let start = text.find("MRN").unwrap();
        let range = cut(text, &(start..start + 12), Cut::Phrase, std::slice::from_ref(&(12..18)));
        assert_eq!(text.get(range), Some(" MRN 00412345"));
    }

    #[test]
    fn a_place_is_told_in_words_that_fit_where_they_stand() {
        assert_eq!(fitting("a town", "He lives in ", "."), "a town nearby");
        assert_eq!(fitting("a town", "She lives near ", "."), "a town");
        assert_eq!(fitting("a town", "Sent by the ", " clinic"), "local");
        assert_eq!(fitting("a regional hospital", "Moved to the ", "."), "regional hospital");
        assert_eq!(fitting("a regional hospital", "Moved to ", "."), "a regional hospital");
        assert_eq!(fitting("Day 0", "the ", ""), "Day 0");
        assert_eq!(fitting("the patient", "A man of 52, ", ", with"), "");
        assert_eq!(fitting("the patient", "Then ", " fell"), "the patient");
    }
}
