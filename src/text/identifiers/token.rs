//! Cuts a text into words and numbers, with what stands between them and what the lists know of each.
//! A possessive "'s" is no part of a word, an apostrophe inside one is; at a hyphen a word ends and the next begins.

use std::{borrow::Cow, ops::Range};

use unicode_normalization::UnicodeNormalization;

use super::lexicon::{self, Flags};

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// All in small letters.
    Lower,
    /// Like a name: a capital and small letters, also McDonagh and O'Brien.
    Capital,
    /// All in capitals, two or more.
    Upper,
    /// A single capital.
    Initial,
    /// With digits, or capitals where no name has them.
    Mixed,
    /// Only digits.
    Number,
}

/// What stands before a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Spaces.
    Space,
    /// A hyphen.
    Hyphen,
    /// A full stop and perhaps spaces.
    Dot,
    /// A comma and spaces.
    Comma,
    /// An ampersand or a slash.
    Join,
    /// A colon.
    Colon,
    /// A bracket or quotation mark that opens.
    Open,
    /// The start of a line, or of the text.
    Line,
    /// Anything else.
    Other,
}

/// A word or a number.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) range: Range<usize>,
    pub(super) text: &'a str,
    /// In small letters, without accents, and with a plain apostrophe.
    pub(super) key: Cow<'a, str>,
    pub(super) shape: Shape,
    pub(super) flags: Flags,
    pub(super) gap: Gap,
    /// Whether a sentence, a line or a quotation begins here, where any word has a capital.
    pub(super) starts: bool,
    /// Whether "'s" follows.
    pub(super) owns: bool,
}

impl Token<'_> {
    pub(super) fn is(&self, flags: Flags) -> bool {
        self.flags.any(flags)
    }

    /// Whether it is written as names are, in a text with capitals.
    pub(super) fn is_capital(&self) -> bool {
        self.shape == Shape::Capital
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '´' | '`')
}

/// The words and numbers of a text.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::with_capacity(text.len() / 6);
    let (mut chars, mut last_end) = (text.char_indices().peekable(), 0);
    while let Some((start, first)) = chars.next() {
        if !first.is_alphanumeric() {
            continue;
        }
        let mut end = start + first.len_utf8();
        let mut owns = false;
        while let Some(&(at, c)) = chars.peek() {
            if c.is_alphanumeric() || is_mark(c) {
                end = at + c.len_utf8();
                chars.next();
            } else if is_apostrophe(c) {
                let mut rest = text.get(at + c.len_utf8()..).unwrap_or_default().chars();
                let (next, then) = (rest.next(), rest.next());
                owns = matches!(next, Some('s' | 'S')) && !then.is_some_and(char::is_alphanumeric)
                    || next.is_none_or(|c| !c.is_alphanumeric()) && text.get(..at).is_some_and(|t| t.ends_with('s'));
                if owns || !next.is_some_and(char::is_alphabetic) {
                    break;
                }
                chars.next();
            } else {
                break;
            }
        }
        if owns {
            // The apostrophe and its s are passed over.
            chars.next();
            chars.next_if(|(_, c)| matches!(c, 's' | 'S'));
        }
        let between = text.get(last_end..start).unwrap_or_default();
        let after_owner = out.last().is_some_and(|token: &Token<'_>| token.owns);
        let (gap, starts) = gap(between, out.is_empty(), after_owner);
        let starts = starts || gap == Gap::Dot && !out.last().is_some_and(abbreviates);
        out.push(token(text, start..end, (gap, starts, owns)));
        last_end = end;
    }
    out
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Whether a full stop after it ends no sentence.
fn abbreviates(token: &Token<'_>) -> bool {
    token.shape == Shape::Initial
        || token.is(lexicon::TITLE)
        || matches!(&*token.key, "st" | "no" | "co" | "pt" | "dept")
}

fn token(text: &str, mut range: Range<usize>, (gap, starts, owns): (Gap, bool, bool)) -> Token<'_> {
    let mut word = text.get(range.clone()).unwrap_or_default();
    // "l'Hôpital": the article is no part of the name.
    let article = word.split_once(is_apostrophe).filter(|(article, _)| matches!(*article, "l" | "d"));
    if let Some((_, rest)) = article.filter(|(_, rest)| rest.starts_with(char::is_uppercase)) {
        range.start = range.end - rest.len();
        word = rest;
    }
    let key = fold(word);
    let shape = shape(word);
    let flags = if shape == Shape::Number { Flags::NONE } else { lexicon::look_up(&key) };
    Token { range, text: word, key, shape, flags, gap, starts, owns }
}

fn gap(between: &str, first: bool, after_owner: bool) -> (Gap, bool) {
    if first || between.contains('\n') {
        return (Gap::Line, true);
    }
    let mut marks = between.trim();
    if after_owner {
        marks = marks.trim_start_matches(|c: char| is_apostrophe(c) || matches!(c, 's' | 'S')).trim_start();
    }
    match marks {
        "" if between.is_empty() => (Gap::Other, false),
        "" => (Gap::Space, false),
        "-" | "‐" | "‑" | "–" => (
            if between.len() == marks.len() { Gap::Hyphen } else { Gap::Other },
            marks == "–" || between.len() > marks.len(),
        ),
        "." => (Gap::Dot, false),
        "," => (Gap::Comma, false),
        "&" | "/" => (Gap::Join, false),
        _ if marks.ends_with(':') && !marks.contains([')', ']', '"']) => (Gap::Colon, true),
        "(" | "[" | "\"" | "“" | "'" | "‘" | ": \"" | ", \"" | ": “" => (Gap::Open, !matches!(marks, "(" | "[")),
        other => (Gap::Other, other.contains(['.', '!', '?', ':', ';', '•', '–', '—', '*', '#', '|'])),
    }
}

fn shape(word: &str) -> Shape {
    let (mut upper, mut lower, mut digits) = (0, 0, 0);
    for c in word.chars() {
        if c.is_numeric() {
            digits += 1;
        } else if c.is_uppercase() {
            upper += 1;
        } else if c.is_alphabetic() {
            lower += 1;
        }
    }
    let capital = word.starts_with(char::is_uppercase);
    match (upper, lower, digits) {
        (0, 0, _) => Shape::Number,
        (_, _, 1..) => Shape::Mixed,
        (0, ..) => Shape::Lower,
        (1, 0, _) => Shape::Initial,
        (_, 0, _) => Shape::Upper,
        (1, ..) if capital => Shape::Capital,
        _ if capital && is_name_like(word) => Shape::Capital,
        _ => Shape::Mixed,
    }
}

/// Whether capitals inside a word are those of a name: McDonagh, MacNamara, O'Brien, D'Arcy, DeVries.
fn is_name_like(word: &str) -> bool {
    let starts = ["Mc", "Mac", "De", "Di", "Da", "Du", "La", "Le", "Van", "Fitz", "St", "Ó", "Ní"];
    let second = |rest: &str| {
        let mut chars = rest.chars();
        chars.next().is_some_and(char::is_uppercase)
            && chars.clone().next().is_some()
            && chars.all(|c| !c.is_uppercase())
    };
    if let Some((before, after)) = word.split_once(is_apostrophe) {
        return before.chars().count() <= 2 && (second(after) || is_name_like(after));
    }
    starts.iter().any(|start| word.strip_prefix(start).is_some_and(second))
}

/// A word in small letters, without accents.
pub(super) fn fold(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        return if word.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(word.to_ascii_lowercase())
        } else {
            Cow::Borrowed(word)
        };
    }
    let mut out = String::with_capacity(word.len());
    for c in word.nfd().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => out.push_str("ss"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            c if is_apostrophe(c) => out.push('\''),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}
