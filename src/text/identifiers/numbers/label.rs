//! The label of a number: read backwards from it, word by word, until something else begins.

use std::ops::Range;

use super::{
    super::{
        kind::Kind,
        lexicon::{FUNCTION, VERB},
        page::Page,
        token::{Shape, Token},
    },
    is_unknown,
    table::column,
    topics::{Word, is_letter, known, meaning, pair, short},
};

/// What stands before a number.
#[derive(Debug, Default)]
pub(super) struct Label {
    /// Whether a word for "number" is there.
    pub(super) marker: bool,
    /// Whether the label stands right before the number, or only small words between.
    pub(super) near: bool,
    /// Whether a colon, a column or the like stands between.
    pub(super) mark: bool,
    /// Whether a word stands before the word for "number".
    pub(super) modified: bool,
    pub(super) topic: Option<(Kind, u8)>,
    /// Whether the word that says whose number it is may be that of anybody: "case", "ref.", "file".
    pub(super) vague: bool,
    pub(super) public: bool,
    pub(super) phone: bool,
    /// Whether an abbreviation that no list knows is the label.
    pub(super) acronym: bool,
    /// Whether no other word stands between.
    pub(super) close: bool,
    /// Whether a comma stands between.
    pub(super) comma: bool,
    /// What the label says before "of the …": "invoice number of the clinic".
    beyond: Option<(Kind, u8)>,
    /// Whether the letters before the number may as well be its label.
    loose: bool,
    /// Where letters begin that belong to the number.
    pub(super) start: Option<usize>,
}

/// Words that say only that somebody keeps something under a number.
const VAGUE: &[&str] = &[
    "referral",
    "case",
    "cases",
    "file",
    "files",
    "application",
    "request",
    "report",
    "form",
    "letter",
    "call",
    "review",
    "event",
    "entry",
    "record",
    "records",
    "appeal",
    "interview",
];
/// Words between a label and its number at most.
const BETWEEN: usize = 6;
/// Words of a label at most.
const LONGEST: usize = 4;

impl Label {
    /// Whether anything is known of it.
    pub(super) fn any(&self) -> bool {
        self.marker || self.topic.is_some() || self.public || self.phone
    }

    /// What stands before the number, or over it in a table.
    pub(super) fn of(page: &Page<'_>, value: &Range<usize>) -> Self {
        let label = Self::before(page, value);
        if label.any() {
            return label;
        }
        column(page, value).unwrap_or(label)
    }

    pub(super) fn before(page: &Page<'_>, value: &Range<usize>) -> Self {
        let mut label = Self { near: true, close: true, ..Self::default() };
        let tokens = &page.tokens;
        let mut right = value.start;
        let mut at = tokens.partition_point(|token| token.range.end <= value.start);
        let (mut passed, mut words, mut closed) = (0, 0, 0_i32);
        let mut first = true;
        while let Some(token) = at.checked_sub(1).and_then(|at| tokens.get(at)) {
            let gap = page.lower.get(token.range.end..right).unwrap_or_default();
            if !label.crosses(page, gap, token, (first, value.end), &mut closed) {
                break;
            }
            right = token.range.start;
            at -= 1;
            if first && label.prefix(page, token, at, gap) {
                continue;
            }
            first = false;
            // "N.H.S. no.", "D L #": letters that are spelt out are one word.
            if let Some((start, word)) = spelt(page, at) {
                right = page.tokens.get(start).map_or(right, |token| token.range.start);
                at = start;
                label.add(word, &mut words);
                continue;
            }
            if !label.take(page, token, at, (&mut passed, &mut words)) {
                break;
            }
        }
        // "HRN 118-44-71": the letters are a label after all.
        if label.loose && !label.any() {
            label.start = None;
            label.acronym = true;
        }
        label.topic = match (label.topic, label.beyond) {
            (Some((_, 1..=2)), Some((kind, rank @ 3..))) => Some((kind, rank)),
            (topic, beyond) => topic.or(beyond),
        };
        label
    }

    /// Whether a label may reach over what stands between two words.
    fn crosses(
        &mut self,
        page: &Page<'_>,
        gap: &str,
        token: &Token<'_>,
        (first, end): (bool, usize),
        closed: &mut i32,
    ) -> bool {
        let marks = gap.trim_matches([' ', '\t', '\u{a0}']);
        if gap.contains('\n') {
            self.mark = true;
            return first && is_form(page, gap, end);
        }
        if first {
            self.marker |= marks.contains(['#', '°', 'º']);
            self.mark |= marks.contains([':', '#', '=', '|', '>', '^', '°', 'º'])
                || gap.contains("  ")
                || gap.contains('\t')
                || gap.contains("..");
            let opened = marks.trim_matches(|c: char| {
                matches!(
                    c,
                    '>' | '<'
                        | '_'
                        | '^'
                        | '{'
                        | '['
                        | ':'
                        | '#'
                        | '='
                        | '|'
                        | '*'
                        | '.'
                        | '-'
                        | '–'
                        | '"'
                        | '\''
                        | '“'
                        | '‘'
                        | '°'
                        | 'º'
                        | ' '
                        | '\t'
                )
            });
            return match opened {
                "" if marks == "." => short(token) || is_letter(token),
                "" | "(" => true,
                "," => {
                    self.comma = true;
                    true
                }
                ")" | "):" | ") #" | ") =" => {
                    *closed += 1;
                    true
                }
                _ => false,
            };
        }
        let found = self.marker || self.topic.is_some();
        if marks.contains('<') {
            return false;
        }
        if marks.contains(')') {
            *closed += 1;
        }
        if marks.contains(['(', '[']) {
            *closed -= 1;
            if *closed < 0 {
                return false;
            }
        }
        // "Policy  no.": two spaces are a slip, more are a column.
        let column = gap.contains("   ") || gap.contains('\t') || self.topic.is_some() && gap.contains("  ");
        if found && column {
            return false;
        }
        self.mark |= !found && marks.contains([':', '#', '=', '|']);
        let rest = marks.trim_matches([
            '(', ')', ' ', '\'', '’', 's', '-', '/', '&', '#', '_', '<', '>', '{', '^', '"', '“', '”', '*', '‑', '°',
            'º',
        ]);
        match rest {
            "" => true,
            "." => short(token) || is_letter(token),
            ":" | ":." | "=" | "|" => !found,
            "," => !found && *closed > 0 || self.marker && self.topic.is_none(),
            _ => false,
        }
    }

    /// Letters right before the digits that belong to the number: "no. KV 55 108 774".
    fn prefix(&mut self, page: &Page<'_>, token: &Token<'_>, at: usize, gap: &str) -> bool {
        let before = at.checked_sub(1).and_then(|at| page.tokens.get(at));
        let led = before.is_some_and(|before| {
            let (word, marker) = meaning(before);
            let gap = page.lower.get(before.range.end..token.range.start).unwrap_or_default();
            let named = matches!(word, Some(Word::Topic(..))) && matches!(token.shape, Shape::Upper | Shape::Initial);
            (marker || named || matches!(word, Some(Word::Topic(..))) && gap.contains([':', '#']))
                && !gap.contains(['\n', ',', ';', '('])
        });
        let written = matches!(token.shape, Shape::Upper | Shape::Initial) && token.text.len() <= 4
            || token.shape == Shape::Lower && token.text.len() <= 2;
        let plain = meaning(token).0.is_none() && !token.is(VERB);
        let count = page.at(&(token.range.end..page.lower.len().min(token.range.end + 12)));
        let count = count.trim_start().bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'/' | b'-')).count();
        let loose = !led && token.shape == Shape::Upper && token.text.len() > 1 && is_unknown(token) && count >= 4;
        let led = led || loose;
        self.loose |= self.start.is_none() && loose;
        if self.start.is_none() && led && written && plain && matches!(gap, " " | "\u{a0}") {
            self.start = Some(token.range.start);
            return true;
        }
        false
    }

    /// Takes a topic where it says more than the one before: "gym member", "DoLS authorisation".
    fn weigh(&mut self, kind: Kind, rank: u8) {
        let general = matches!(kind, Kind::Other | Kind::Account | Kind::Vehicle);
        let more = self
            .topic
            .is_none_or(|(known, level)| rank > level || rank == level && known == Kind::HealthPlan && general);
        if more {
            self.topic = Some((kind, rank));
        }
    }

    /// Takes a word that says whose number it is.
    fn add(&mut self, (kind, rank): (Kind, u8), words: &mut usize) {
        *words += 1;
        self.weigh(kind, rank);
        self.modified = true;
    }

    /// Reads one more word; whether the label may go on before it.
    fn take(
        &mut self,
        page: &Page<'_>,
        token: &Token<'_>,
        at: usize,
        (passed, words): (&mut usize, &mut usize),
    ) -> bool {
        let before = at.checked_sub(1).and_then(|at| page.tokens.get(at));
        let (mut word, is_number) = meaning(token);
        let close = before.is_some_and(|before| {
            page.lower
                .get(before.range.end..token.range.start)
                .is_some_and(|gap| matches!(gap, " " | "-" | "/" | "_" | ". " | "." | ".-" | "'s " | "’s "))
        });
        let both = before.filter(|_| close).and_then(|before| pair(before, token));
        word = both.or(word);
        let product = both.is_none() && !self.mark && is_product(token, before);
        let number = token.text.bytes().any(|b| b.is_ascii_digit());
        let found = self.marker || self.topic.is_some() || self.beyond.is_some();
        if self.beyond.is_some()
            && self.topic.is_none()
            && !self.marker
            && !matches!(word, Some(Word::Filler | Word::Marker | Word::Topic(_, 4)))
            && !is_number
        {
            return false;
        }
        if stops(token, word, before) {
            return false;
        }
        if product {
            self.public = !found;
            return false;
        }
        // "SSN last 4", "ref given by 111".
        if number && word.is_none() {
            *passed += 1;
            return *passed <= BETWEEN;
        }
        self.marker |= is_number;
        match word {
            Some(Word::Topic(kind, rank)) => {
                self.vague = both.is_none() && (self.topic.is_none() || self.vague) && VAGUE.contains(&&*token.key);
                self.add((kind, rank), words);
            }
            Some(Word::Marker) => *words += 1,
            // "Safeguarding alert", "police section": the word before says more.
            Some(Word::Public)
                if both.is_none()
                    && before.is_some_and(|before| close && matches!(meaning(before).0, Some(Word::Topic(_, 3..)))) =>
            {
                *words += 1;
            }
            Some(Word::Public) => {
                self.public |= self.topic.is_none_or(|(_, rank)| rank < 3);
                return false;
            }
            Some(Word::Phone) => {
                self.phone |= self.topic.is_none_or(|(_, rank)| rank < 3);
                return false;
            }
            Some(Word::Filler) if self.topic.is_some() && !self.marker && self.beyond.is_none() => {
                self.beyond = self.topic.take();
                *passed += 1;
            }
            Some(Word::Filler) if self.beyond.is_some() && !self.marker && *passed < 4 => *passed += 1,
            Some(Word::Filler) if found => return false,
            Some(Word::Filler) => {
                self.close = false;
                *passed += 1;
            }
            None if found => {
                if token.is(FUNCTION.or(VERB)) {
                    return false;
                }
                self.modified = true;
                *words += 1;
            }
            None => {
                if *passed == 0 && is_unknown(token) {
                    self.acronym = true;
                }
                *passed += 1;
                self.close = false;
                self.near = false;
            }
        }
        *passed <= BETWEEN && *words <= LONGEST
    }
}

/// Whether a word with digits in it ends the label: one that no list knows, or a stage ("T2 N0"; "IPD N0. 936" is read by a
/// machine).
fn stops(token: &Token<'_>, word: Option<Word>, before: Option<&Token<'_>>) -> bool {
    let topic = |token: &Token<'_>| matches!(meaning(token).0, Some(Word::Topic(..)));
    let number = token.text.bytes().any(|b| b.is_ascii_digit());
    let known = matches!(word, Some(Word::Topic(..) | Word::Marker)) || matches!(&*token.key, "4" | "a1c" | "111");
    number && (!known || &*token.key == "n0" && !before.is_some_and(topic))
}

/// The first of single letters that end here and that are an abbreviation together, and what that means.
fn spelt(page: &Page<'_>, last: usize) -> Option<(usize, (Kind, u8))> {
    // "m.r.n." as well.
    let small = |token: &Token<'_>| {
        token.text.len() == 1
            && token.shape == Shape::Lower
            && (page.after(token.range.end, 1) == "." || page.before(token.range.start, 1) == ".")
    };
    let letter = |token: &&Token<'_>| token.text.is_ascii() && (token.shape == Shape::Initial || small(token));
    let single = |at: usize| page.tokens.get(at).filter(letter);
    let (mut first, mut key) = (last, single(last)?.key.to_string());
    while let Some((at, token)) = first.checked_sub(1).and_then(|at| Some((at, single(at)?))) {
        let right = page.tokens.get(first)?.range.start;
        if key.len() > 4 || !matches!(page.lower.get(token.range.end..right)?, " " | "." | ". ") {
            break;
        }
        key.insert_str(0, &token.key);
        first = at;
    }
    match known(&key).0 {
        Some(Word::Topic(kind, rank @ 3..)) if key.len() > 1 => Some((first, (kind, rank))),
        _ => None,
    }
}

/// "REF 5012" is the number of a product, "Ref. 5012" is a reference.
fn is_product(token: &Token<'_>, before: Option<&Token<'_>>) -> bool {
    let labelled = |before: &Token<'_>| match meaning(before).0 {
        Some(Word::Topic(kind, _)) => kind != Kind::Device,
        word => word == Some(Word::Marker),
    };
    token.text == "REF" && !before.is_some_and(labelled)
}

/// A form: the label has a line of its own, and so has the number.
fn is_form(page: &Page<'_>, gap: &str, end: usize) -> bool {
    let rest = page.after(end, 2);
    let lone = rest.is_empty() || rest.starts_with('\n');
    lone && gap.trim_start_matches([':', ' ', '.']).starts_with('\n') && gap.matches('\n').count() == 1
}
