//! A second opinion on figures: of which kind each word with a digit is, if of any. It looks at the form of the figure, the words
//! before and behind it, what the labels before it and over it say, and at what the rules have found.

use std::{cmp::Ordering, ops::Range};

use super::{
    super::{
        kind::Kind,
        lexicon::{ANY_NAME, FUNCTION, MEDICAL, PERSON, RELATIVE, STAFF, TITLE, WORD},
        numbers::{self, Told},
        page::{Mark, Page, digits},
        token::{Shape, Token},
    },
    Sum, Weights,
    noticed::{Notes, Part},
};

/// The kinds that figures can be of, in the order of their weights.
pub const KINDS: [Kind; 13] = [
    Kind::Date,
    Kind::AgeOver89,
    Kind::Phone,
    Kind::Fax,
    Kind::Ssn,
    Kind::Mrn,
    Kind::HealthPlan,
    Kind::Account,
    Kind::License,
    Kind::Vehicle,
    Kind::Device,
    Kind::NationalId,
    Kind::Other,
];

/// From here on something is marked that no rule has found.
const ADDED: f32 = 0.3;
/// From here on it is taken for another kind than a rule says.
const RENAMED: f32 = 0.4;
/// What a rule has found stays, unless it is less likely anything than this.
const DOUBTED: f32 = 0.03;
/// Rules up to this weight can be wrong.
const WEAK: u8 = 60;
/// Longest figure, in bytes.
const LONGEST: usize = 40;
/// Words that are looked at, before and behind a figure.
const BEFORE: usize = 8;
const BEHIND: usize = 4;

/// A word with a digit in it.
pub(super) struct Figure {
    pub(super) range: Range<usize>,
    /// What a rule has found there.
    pub(super) rule: Option<(Kind, u8)>,
}

/// The figures of a page that can be asked about: what is part of an address, a name or a place is not.
pub(super) fn figures(page: &Page<'_>, marks: &[Mark]) -> Vec<Figure> {
    let mut out = Vec::new();
    let parts = page.lower.split_inclusive(|c: char| {
        c.is_whitespace()
            || matches!(c, ',' | ';' | '|' | '"' | '(' | ')' | '[' | ']' | '=' | '^' | '<' | '>' | '{' | '}')
    });
    let mut at = 0;
    for part in parts {
        let from = at;
        at += part.len();
        let inner = |c: char| c.is_alphanumeric();
        let Some(first) = part.find(inner) else { continue };
        let end = part.char_indices().rev().find(|(_, c)| inner(*c)).map_or(first, |(at, c)| at + c.len_utf8());
        let mut range = from + first..from + end;
        // "DOB:12/3/60".
        let text = page.lower.get(range.clone()).unwrap_or_default();
        if let Some((label, _)) = text.split_once(':').filter(|(label, _)| label.chars().all(char::is_alphabetic)) {
            range.start += label.len() + 1;
        }
        let text = page.lower.get(range.clone()).unwrap_or_default();
        if range.len() > LONGEST || !text.bytes().any(|b| b.is_ascii_digit()) {
            continue;
        }
        let found = marks.get(marks.partition_point(|mark| mark.range.end <= range.start));
        let rule = found.filter(|mark| mark.range.start < range.end).map(|mark| (mark.kind, mark.weight));
        // Lots and models are numbered for everybody, and those of an implant a rule finds.
        // "*4/*4" are alleles.
        let allele = page.before(range.start, 1) == "*";
        let is_asked = || can_be_told(text) && !allele && !numbers::told(page, &range).public;
        if rule.map_or_else(is_asked, |(kind, _)| KINDS.contains(&kind)) {
            out.push(Figure { range, rule });
        }
    }
    out
}

/// Whether a figure that no rule has found can be more than a value or a dose: a short, a round or a decimal number is none, unless
/// it can be a great age or a day.
fn can_be_told(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.len() == digits;
    let year = |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    match digits {
        // "1998-2012".
        8 if text.split_once('-').is_some_and(|(from, to)| year(from) && year(to)) => false,
        _ if plain && text.ends_with("000") => false,
        _ if plain && digits < 4 => matches!(size(text), "nineties" | "hundred"),
        0..=2 => text.contains(['/', '.', '-']) && pair(text) != "none" && pair(text) != "-",
        3 if text.contains('.') => matches!(pair(text), "day-first" | "month-first" | "both-padded"),
        _ => true,
    }
}

/// A letter for each kind of sign of a figure.
fn form(text: &str, squeezed: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let sign = match c {
            _ if c.is_ascii_digit() => '9',
            _ if c.is_uppercase() => 'A',
            _ if c.is_alphabetic() => 'a',
            _ => c,
        };
        if !(squeezed && out.ends_with(sign)) {
            out.push(sign);
        }
    }
    out
}

/// What the size of a plain number says.
fn size(text: &str) -> &'static str {
    let Ok(number) = text.parse::<u64>() else { return "-" };
    match (number, text.len()) {
        (1..=31, ..=2) => "day",
        (32..=89, _) => "two",
        (90..=99, _) => "nineties",
        (100..=115, _) => "hundred",
        (1900..=2035, 4) => "year",
        (_, ..=3) => "three",
        (_, 4) => "four",
        (_, 5 | 6) => "five",
        (_, 7 | 8) => "seven",
        (_, 9 | 10) => "ten",
        _ => "more",
    }
}

/// What two numbers could be as day and month.
fn pair(text: &str) -> &'static str {
    let mut parts = text.split(['/', '.', '-']);
    let (Some(a), Some(b), None) = (parts.next(), parts.next(), parts.next()) else { return "-" };
    let (Ok(first), Ok(second)) = (a.parse::<u32>(), b.parse::<u32>()) else { return "-" };
    match (first, second) {
        (1..=12, 1900..=2035) => "month-year",
        (1..=12, 1..=12) if a.len() == 2 && b.len() == 2 => "both-padded",
        (1..=12, 1..=12) => "both",
        (13..=31, 1..=12) => "day-first",
        (1..=12, 13..=31) => "month-first",
        _ => "none",
    }
}

fn count(text: &str) -> &'static str {
    const COUNTS: [&str; 13] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
    COUNTS.get(digits(text).len()).copied().unwrap_or("+")
}

/// A word as context: of a number its form alone.
fn word(token: &Token<'_>) -> String {
    if token.text.bytes().any(|b| b.is_ascii_digit()) { form(token.text, false) } else { token.key.to_string() }
}

/// Who or what a word stands for, broadly.
fn class(token: &Token<'_>) -> &'static str {
    let named = matches!(token.shape, Shape::Capital | Shape::Upper | Shape::Initial);
    match token.shape {
        Shape::Number => "number",
        Shape::Mixed => "mixed",
        _ if token.is(TITLE.or(RELATIVE).or(STAFF).or(PERSON)) => "person",
        _ if token.is(FUNCTION) => "function",
        _ if named && token.is(ANY_NAME) && !token.is(WORD) => "name",
        _ if token.is(MEDICAL) => "medical",
        _ if token.is(WORD) => "word",
        _ if named => "Unknown",
        _ => "unknown",
    }
}

/// Notes all that is noticed of a figure; without what the rules say where that is hidden.
pub(super) fn notice(page: &Page<'_>, figure: &Figure, hidden: bool, notes: &mut impl Notes) {
    let own = Own::of(page, figure, hidden);
    own.note(page, notes);
    own.around(page, notes);
    own.label(page, notes);
}

/// What is known of a figure by itself.
struct Own {
    range: Range<usize>,
    lower: String,
    form: String,
    squeezed: String,
    rule: &'static str,
    weight: &'static str,
    told: Told,
}

impl Own {
    fn of(page: &Page<'_>, figure: &Figure, hidden: bool) -> Self {
        let range = figure.range.clone();
        let written = page.at(&range);
        let rule = figure.rule.filter(|_| !hidden);
        let weight = match rule {
            None => "none",
            Some((_, ..=49)) => "weak",
            Some((_, ..=60)) => "middle",
            Some(_) => "strong",
        };
        Self {
            lower: page.lower.get(range.clone()).unwrap_or_default().to_owned(),
            form: form(written, false),
            squeezed: form(written, true),
            rule: rule.map_or("none", |(kind, _)| kind.as_str()),
            weight: if hidden { "hidden" } else { weight },
            told: numbers::told(page, &range),
            range,
        }
    }

    fn note(&self, page: &Page<'_>, notes: &mut impl Notes) {
        let (form, squeezed, rule) = (Part::new(&self.form), Part::new(&self.squeezed), Part::new(self.rule));
        let head: String = self.lower.chars().take_while(|c| c.is_alphabetic()).take(5).collect();
        let (size, pair, count) = (size(&self.lower), pair(&self.lower), count(&self.lower));
        notes.note("Fone", &[]);
        notes.note("Fform", &[form]);
        notes.note("Fsqueezed", &[squeezed]);
        notes.note("Fhead", &[Part::new(&head), squeezed]);
        notes.note("Fsize", &[Part::new(size)]);
        notes.note("Fpair", &[Part::new(pair)]);
        notes.note("Fcount", &[Part::new(count), squeezed]);
        notes.note("Frule", &[rule, Part::new(self.weight)]);
        notes.note("Frulesq", &[rule, squeezed]);
        notes.note("Frulesize", &[rule, Part::new(size), Part::new(pair)]);
        let before = page.text.get(..self.range.start).and_then(|text| text.chars().next_back()).unwrap_or('^');
        let behind = page.text.get(self.range.end..).and_then(|text| text.chars().next()).unwrap_or('^');
        let (before, behind) = (before.to_string(), behind.to_string());
        notes.note("Fbefore", &[Part::new(&before), squeezed]);
        notes.note("Fbehind", &[Part::new(&behind), squeezed]);
        notes.note("Fbehindsize", &[Part::new(&behind), Part::new(size), Part::new(pair)]);
    }

    /// The words before and behind it.
    fn around(&self, page: &Page<'_>, notes: &mut impl Notes) {
        let tokens = page.tokens.as_slice();
        let first = tokens.partition_point(|token| token.range.end <= self.range.start);
        let next = tokens.partition_point(|token| token.range.start < self.range.end);
        let none = || "^".to_owned();
        let near = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or_else(none, word);
        let (p1, p2, p3) = (near(first.checked_sub(1)), near(first.checked_sub(2)), near(first.checked_sub(3)));
        let (n1, n2) = (near(Some(next)), near(Some(next + 1)));
        let gap = first.checked_sub(1).and_then(|at| tokens.get(at)).map_or(0, |token| token.range.end);
        let gap: String = page.text.get(gap..self.range.start).unwrap_or_default().chars().rev().take(4).collect();
        let (squeezed, rule) = (Part::new(&self.squeezed), Part::new(self.rule));
        let shape = format!("{}{}", size(&self.lower), pair(&self.lower));
        let shape = Part::new(&shape);
        let [p1, p2, p3, n1, n2, gap] = [&p1, &p2, &p3, &n1, &n2, &gap].map(|text| Part::new(text));
        let class = |at: Option<usize>| Part::new(at.and_then(|at| tokens.get(at)).map_or("^", class));
        notes.note("Fp1", &[p1, gap]);
        notes.note("Fp1s", &[p1, squeezed]);
        notes.note("Fp1r", &[p1, rule]);
        notes.note("Fp1z", &[p1, shape]);
        notes.note("Fp2", &[p2, squeezed]);
        notes.note("Fp3", &[p3, squeezed]);
        notes.note("Fp21", &[p2, p1]);
        notes.note("Fn1", &[n1, squeezed]);
        notes.note("Fn1z", &[n1, shape]);
        notes.note("Fn12", &[n1, n2]);
        notes.note("Fpn", &[p1, n1]);
        notes.note("Fpc", &[class(first.checked_sub(1)), class(first.checked_sub(2)), shape]);
        notes.note("Fnc", &[class(Some(next)), gap, shape]);
        let (line, end) = self.line(page);
        for token in tokens.get(first.saturating_sub(BEFORE)..first).unwrap_or_default() {
            if token.range.start >= line && token.shape != Shape::Number {
                notes.note("Fb", &[Part::new(&token.key)]);
                notes.note("Fbs", &[Part::new(&token.key), squeezed]);
            }
        }
        for token in tokens.get(next..(next + BEHIND).min(tokens.len())).unwrap_or_default() {
            if token.range.end <= end && token.shape != Shape::Number {
                notes.note("Fa", &[Part::new(&token.key)]);
            }
        }
    }

    /// Where the line begins and ends.
    fn line(&self, page: &Page<'_>) -> (usize, usize) {
        let before = page.before(self.range.start, 400);
        let behind = page.after(self.range.end, 200);
        let start = before.rfind('\n').map_or(before.len(), |at| before.len() - at - 1);
        (self.range.start - start, self.range.end + behind.find('\n').unwrap_or(behind.len()))
    }

    /// What the labels say before it, and the line that it stands in.
    fn label(&self, page: &Page<'_>, notes: &mut impl Notes) {
        let Told { topic, marker, public, phone, close, near } = self.told;
        let (kind, rank) = topic.map_or(("none", 0), |(kind, rank)| (kind.as_str(), rank));
        let rank = ["0", "1", "2", "3", "4"].get(usize::from(rank)).copied().unwrap_or("4");
        let how =
            format!("{}{}{}{}{}", u8::from(marker), u8::from(public), u8::from(phone), u8::from(close), u8::from(near));
        let (kind, rank, how) = (Part::new(kind), Part::new(rank), Part::new(&how));
        let (squeezed, rule) = (Part::new(&self.squeezed), Part::new(self.rule));
        notes.note("Flabel", &[kind, rank, how]);
        notes.note("Flabels", &[kind, squeezed]);
        notes.note("Flabelr", &[kind, rank, rule]);
        let (start, end) = self.line(page);
        let line = page.lower.get(start..end).unwrap_or_default();
        let opening: String = line.trim_start().chars().take_while(|c| c.is_alphanumeric()).take(16).collect();
        let before = page.lower.get(start..self.range.start).unwrap_or_default();
        let opening = form(&opening, false).to_lowercase();
        let cell = before.matches('|').count().cmp(&0) == Ordering::Greater;
        notes.note("Fline", &[Part::new(&opening), squeezed]);
        if cell {
            let cell = before.matches('|').count().min(20).to_string();
            notes.note("Fcell", &[Part::new(&opening), Part::new(&cell)]);
        }
        let alone = line.trim().len() == self.range.len();
        if alone {
            notes.note("Falone", &[squeezed]);
        }
        let bytes = line.len();
        let sparse = line.bytes().filter(u8::is_ascii_digit).count() * 3 > bytes;
        if sparse {
            notes.note("Fsparse", &[squeezed]);
        }
    }
}

/// How likely each kind is, by the order of [`KINDS`], and last that it is none.
fn likely(sum: [i32; KINDS.len()]) -> [f32; KINDS.len()] {
    let power = sum.map(super::power);
    let all: f32 = 1.0 + power.iter().sum::<f32>();
    power.map(|power| power / all)
}

/// Gives other kinds to what was found, leaves out what is hardly any, and returns what is likely of a kind and was not found.
pub(in super::super) fn second(page: &Page<'_>, weights: &Weights, marks: &mut Vec<Mark>) -> Vec<Mark> {
    let mut added: Vec<Mark> = Vec::new();
    for figure in figures(page, marks) {
        let mut sum = Sum { weights: &weights.figures, sum: [0; KINDS.len()] };
        notice(page, &figure, false, &mut sum);
        let likely = likely(sum.sum);
        let best = likely.iter().zip(KINDS).max_by(|a, b| a.0.total_cmp(b.0));
        let Some((share, kind)) = best else { continue };
        let Some((known, weight)) = figure.rule else {
            if *share >= ADDED {
                add(page, &mut added, figure.range, kind);
            }
            continue;
        };
        let at = marks.partition_point(|mark| mark.range.end <= figure.range.start);
        let any: f32 = likely.iter().sum();
        if any < DOUBTED && weight <= WEAK {
            marks.remove(at);
        } else if kind != known
            && *share >= RENAMED
            && let Some(mark) = marks.get_mut(at)
        {
            mark.kind = kind;
        }
    }
    added
}

/// Adds a mark, or makes the one before it longer: a number may be written in several parts.
fn add(page: &Page<'_>, added: &mut Vec<Mark>, range: Range<usize>, kind: Kind) {
    if let Some(last) = added.last_mut().filter(|last| last.kind == kind)
        && page.lower.get(last.range.end..range.start).is_some_and(|gap| matches!(gap, " " | "-" | " - " | ") "))
    {
        last.range.end = range.end;
        return;
    }
    let suggestion = if kind == Kind::AgeOver89 { "90 or older".into() } else { String::new() };
    let why = "It stands as what belongs to one person stands.";
    added.push(Mark { range, kind, why, suggestion, weight: 40 });
}
