//! A text that is being read: its words, its lower-case twin, and what stands around a place in it.
//! Both twins have the same bytes at the same places, so that a place in one is a place in the other.

use std::ops::Range;

use regex::{Match, Regex};

use super::{
    kind::Kind,
    token::{Token, tokens},
};

/// A proposal: what may stand there, and how much it weighs against others.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    pub(super) why: &'static str,
    pub(super) suggestion: String,
    pub(super) weight: u8,
}

/// A text that is being read.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    /// The text with A to Z in lower case.
    pub(super) lower: String,
    pub(super) tokens: Vec<Token<'a>>,
}

impl<'a> Page<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        Self { text, lower: text.to_ascii_lowercase(), tokens: tokens(text) }
    }

    /// The part of the text.
    pub(super) fn at(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Up to so many bytes before a place, in lower case.
    pub(super) fn before(&self, at: usize, bytes: usize) -> &str {
        let from = (at.saturating_sub(bytes)..=at).find(|from| self.lower.is_char_boundary(*from)).unwrap_or(at);
        self.lower.get(from..at).unwrap_or_default()
    }

    /// Up to so many bytes after a place, in lower case.
    pub(super) fn after(&self, at: usize, bytes: usize) -> &str {
        let end = at.saturating_add(bytes).min(self.lower.len());
        let end = (at..=end).rev().find(|end| self.lower.is_char_boundary(*end)).unwrap_or(at);
        self.lower.get(at..end).unwrap_or_default()
    }

    /// The whole words in up to so many bytes before a place.
    pub(super) fn words_before(&self, at: usize, bytes: usize) -> &str {
        let window = self.before(at, bytes);
        match window.split_once(|c: char| !c.is_alphanumeric()) {
            Some((_, whole)) if window.len() < at => whole,
            Some(_) | None => window,
        }
    }

    /// The whole words in up to so many bytes after a place.
    pub(super) fn words_after(&self, at: usize, bytes: usize) -> &str {
        let window = self.after(at, bytes);
        match window.rsplit_once(|c: char| !c.is_alphanumeric()) {
            Some((whole, _)) if at + window.len() < self.lower.len() => whole,
            Some(_) | None => window,
        }
    }

    /// The last word before a place, in lower case and without marks around it; empty where a line or sentence ends.
    pub(super) fn word_before(&self, at: usize) -> &str {
        let before = self.before(at, 24).trim_end_matches([' ', '\t', '(', '"', '“', '~']);
        before.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '/' | '-'))).next().unwrap_or_default()
    }

    /// The first word after a place, in lower case; empty where something else stands there.
    pub(super) fn word_after(&self, at: usize) -> &str {
        let after = self.after(at, 32);
        let after = after.strip_prefix([' ', '\t', '-', '\u{a0}']).unwrap_or(after);
        after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
    }

    /// Whether the range is no part of a longer word or number.
    pub(super) fn alone(&self, range: &Range<usize>) -> bool {
        let inner = |c: char| c.is_alphanumeric() || c == '_';
        let before = self.text.get(..range.start).and_then(|text| text.chars().next_back());
        let after = self.text.get(range.end..).and_then(|text| text.chars().next());
        !before.is_some_and(inner) && !after.is_some_and(inner)
    }

    /// Whether more digits follow after a mark that joins numbers, or stand before one.
    pub(super) fn joined(&self, range: &Range<usize>, marks: &[char]) -> bool {
        let mut before = self.text.get(..range.start).unwrap_or_default().chars().rev();
        let mut after = self.text.get(range.end..).unwrap_or_default().chars();
        let joins = |mark: Option<char>, digit: Option<char>| {
            mark.is_some_and(|c| marks.contains(&c)) && digit.is_some_and(|c| c.is_ascii_digit())
        };
        joins(before.next(), before.next()) || joins(after.next(), after.next())
    }

    /// Whether it is one of several words with slashes or hyphens between: "Mon/Wed/Fri".
    pub(super) fn joined_by_letters(&self, range: &Range<usize>) -> bool {
        self.before(range.start, 1).ends_with(['/', '-', '–']) || self.after(range.end, 1).starts_with(['/', '-', '–'])
    }

    /// What a pattern matches in the lower-case twin, where it is no part of a longer word.
    pub(super) fn matches<'p>(&'p self, pattern: &'p Regex) -> impl Iterator<Item = Match<'p>> {
        pattern.find_iter(&self.lower).filter(|found| self.alone(&found.range()))
    }

    /// Whether one of the words stands, whole, in what comes before or after.
    pub(super) fn near(&self, range: &Range<usize>, bytes: usize, words: &[&str]) -> bool {
        has_word(self.words_before(range.start, bytes), words) || has_word(self.words_after(range.end, bytes), words)
    }
}

/// Whether one of the words stands whole in a text in lower case.
pub(super) fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
}

/// The digits of a text.
pub(super) fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

/// A pattern that is part of the program. Its `\b` is that of ASCII, which is quick; who uses it looks at letters beyond.
#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles each of them")]
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(&text.replace(r"\b", r"(?-u:\b)")).expect("a constant pattern compiles")
}
