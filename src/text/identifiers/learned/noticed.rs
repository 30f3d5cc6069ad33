//! What is noticed of a word: how it is written, what the lists know of it, what stands before and behind it and the words
//! with capitals around it, and what the rest of the text says of it.

use std::{collections::HashMap, sync::LazyLock};

use super::super::{
    lexicon::{
        ABBREVIATION, ANY_NAME, EPONYM_NOUN, FAMILIAR, FAMILY, FUNCTION, Flags, GIVEN, GIVEN_ELSEWHERE, GIVEN_RARE,
        HOUSE, LABEL, MEDICAL, NAMING, OF_MEDICINE, PARTICLE, PERSON, PLACE, PLACE_HEAD, POSTNOMINAL, RELATIVE, STAFF,
        STREET, TITLE, TOWARDS, TRAP, VERB, WHERE, WORD,
    },
    page::Page,
    token::{Gap, Shape, Token},
};

/// So many words before and behind one are looked at of those with capitals that stand together.
const REACH: usize = 6;

/// A word of what is noticed, with its hash.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    hash: u64,
}

impl<'a> Part<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, hash: hash(text) }
    }
}

/// FNV-1a.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// One number for a name and its parts.
pub(super) fn combined(name: &str, parts: &[Part<'_>]) -> u64 {
    let mixed = |sum: u64, part: u64| (sum.rotate_left(23) ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let sum = parts.iter().fold(hash(name), |sum, part| mixed(sum, part.hash));
    sum ^ sum >> 29
}

/// Takes what is noticed.
pub(super) trait Notes {
    fn note(&mut self, name: &str, parts: &[Part<'_>]);
}

/// What the lists can know of a word that could be a name, each with a letter.
const KNOWN: [(Flags, char); 9] = [
    (GIVEN, 'g'),
    (GIVEN_ELSEWHERE, 'e'),
    (FAMILY, 'f'),
    (PLACE, 'p'),
    (WORD, 'w'),
    (TRAP, 't'),
    (GIVEN_RARE, 'r'),
    (MEDICAL, 'm'),
    (OF_MEDICINE, 'c'),
];
/// What a word says about those around it.
const ROLES: [(Flags, &str); 18] = [
    (TITLE, "title"),
    (STAFF, "staff"),
    (RELATIVE, "relative"),
    (PERSON, "person"),
    (NAMING, "naming"),
    (VERB, "verb"),
    (HOUSE, "house"),
    (STREET, "street"),
    (ABBREVIATION, "abbreviation"),
    (PARTICLE, "particle"),
    (POSTNOMINAL, "postnominal"),
    (TOWARDS, "towards"),
    (WHERE, "where"),
    (FUNCTION, "function"),
    (EPONYM_NOUN, "eponym"),
    (LABEL, "label"),
    (FAMILIAR, "familiar"),
    (PLACE_HEAD, "placehead"),
];
/// The same more broadly.
const BROAD: [(Flags, char); 5] = [
    (GIVEN.or(GIVEN_ELSEWHERE).or(GIVEN_RARE), 'G'),
    (FAMILY, 'F'),
    (PLACE, 'P'),
    (WORD, 'W'),
    (TRAP.or(MEDICAL).or(OF_MEDICINE), 'M'),
];
/// All that such a table can say, by its bits.
static CLASSES: LazyLock<Vec<Part<'static>>> = LazyLock::new(|| classes(&KNOWN));
static BROAD_CLASSES: LazyLock<Vec<Part<'static>>> = LazyLock::new(|| classes(&BROAD));
static ROLE_PARTS: LazyLock<Vec<(Flags, Part<'static>)>> =
    LazyLock::new(|| ROLES.iter().map(|(flags, name)| (*flags, Part::new(name))).collect());

/// Each set of letters of a table. They are kept for as long as the program runs.
fn classes(table: &[(Flags, char)]) -> Vec<Part<'static>> {
    let letters = |n: usize| {
        let known = table.iter().enumerate().filter(|(bit, _)| n >> bit & 1 == 1).map(|(_, (_, letter))| *letter);
        let letters: String = known.collect();
        Part::new(if letters.is_empty() { "-" } else { letters.leak() })
    };
    (0..1 << table.len()).map(letters).collect()
}

/// What is read of a word once, for itself and those around it.
struct Seen<'p> {
    key: Part<'p>,
    known: Part<'static>,
    /// The same more broadly.
    broad: Part<'static>,
    shape: Part<'static>,
    gap: Part<'static>,
    /// First and last of the words with capitals that stand together here.
    run: (usize, usize),
    /// The word before the last colon of the line.
    label: Option<usize>,
    /// First and last of the line.
    line: (usize, usize),
}

/// What the text says elsewhere of a word.
#[derive(Debug, Default, Clone, Copy)]
struct Elsewhere {
    count: u32,
    small: bool,
    capital: bool,
    titled: bool,
    led: bool,
}

/// A page as it is looked at.
pub(super) struct Surroundings<'p, 'a> {
    page: &'p Page<'a>,
    seen: Vec<Seen<'p>>,
    elsewhere: HashMap<&'p str, Elsewhere>,
    /// Whether the text has hardly any capitals.
    small: bool,
    /// Whether it is in another language: there a word that no list knows says nothing.
    foreign: bool,
}

fn shape(token: &Token<'_>) -> Part<'static> {
    let text = match (token.shape, token.starts) {
        (Shape::Lower, _) => "lower",
        (Shape::Capital, false) => "capital",
        (Shape::Capital, true) => "Capital",
        (Shape::Upper, false) => "upper",
        (Shape::Upper, true) => "UPPER",
        (Shape::Initial, false) => "initial",
        (Shape::Initial, true) => "INITIAL",
        (Shape::Mixed, _) => "mixed",
        (Shape::Number, _) => "number",
    };
    Part::new(text)
}

fn gap(token: &Token<'_>) -> Part<'static> {
    Part::new(match token.gap {
        Gap::Space => "_",
        Gap::Hyphen => "-",
        Gap::Dot => ".",
        Gap::Comma => ",",
        Gap::Join => "/",
        Gap::Colon => ":",
        Gap::Open => "(",
        Gap::Line => "|",
        Gap::Other => "?",
    })
}

fn class(token: &Token<'_>, table: &[(Flags, char)], classes: &[Part<'static>]) -> Part<'static> {
    let bits = table.iter().enumerate().fold(0, |bits, (n, (flag, _))| bits | usize::from(token.is(*flag)) << n);
    classes.get(bits).copied().unwrap_or(Part { text: "-", hash: 0 })
}

/// Whether it is written like a name.
fn named(token: &Token<'_>) -> bool {
    matches!(token.shape, Shape::Capital | Shape::Upper | Shape::Initial)
}

/// Whether a run of words goes on from one to the next.
fn joins(before: &Token<'_>, token: &Token<'_>) -> bool {
    let close =
        matches!(token.gap, Gap::Space | Gap::Hyphen) || token.gap == Gap::Dot && before.shape == Shape::Initial;
    close && !before.owns && named(before) && named(token)
}

impl<'p, 'a> Surroundings<'p, 'a> {
    pub(super) fn read(page: &'p Page<'a>) -> Self {
        let tokens = page.tokens.as_slice();
        let mut seen: Vec<Seen<'p>> = Vec::with_capacity(tokens.len());
        let mut elsewhere: HashMap<&'p str, Elsewhere> = HashMap::with_capacity(tokens.len() / 2);
        let (mut line, mut run, mut label) = (0, 0, None);
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| tokens.get(at));
            if token.gap == Gap::Line {
                (line, label) = (at, None);
            }
            if token.gap == Gap::Colon {
                label = at.checked_sub(1);
            }
            if !before.is_some_and(|before| joins(before, token)) {
                run = at;
            }
            seen.push(Seen {
                key: Part::new(&token.key),
                known: class(token, &KNOWN, &CLASSES),
                broad: class(token, &BROAD, &BROAD_CLASSES),
                shape: shape(token),
                gap: gap(token),
                run: (run, at),
                label,
                line: (line, at),
            });
            let word = elsewhere.entry(&*token.key).or_default();
            word.count += 1;
            word.small |= token.shape == Shape::Lower;
            word.capital |= token.is_capital() && !token.starts;
            if let Some(before) = before.filter(|_| matches!(token.gap, Gap::Space | Gap::Dot)) {
                word.titled |= before.is(TITLE.or(RELATIVE).or(NAMING));
                word.led |= before.is(WHERE);
            }
        }
        // The ends are known only from behind.
        for at in (0..seen.len().saturating_sub(1)).rev() {
            let next = seen.get(at + 1).map(|next| (next.run, next.line));
            if let (Some((run, line)), Some(here)) = (next, seen.get_mut(at)) {
                if run.0 == here.run.0 {
                    here.run.1 = run.1;
                }
                if line.0 == here.line.0 {
                    here.line.1 = line.1;
                }
            }
        }
        let words = tokens.iter().filter(|token| matches!(token.shape, Shape::Lower | Shape::Capital)).count();
        let capitals = tokens.iter().filter(|token| token.is_capital()).count();
        let lower = || tokens.iter().filter(|token| token.shape == Shape::Lower);
        let known = lower().filter(|token| token.is(WORD.or(MEDICAL).or(FUNCTION))).count();
        Self { page, seen, elsewhere, small: capitals * 40 < words, foreign: known * 10 < lower().count() * 7 }
    }

    /// Whether the word can be asked about: numbers are for others, and what is written small hardly ever is a name.
    pub(super) fn asks(&self, at: usize) -> bool {
        self.page.tokens.get(at).is_some_and(|token| match token.shape {
            Shape::Capital | Shape::Upper | Shape::Initial => true,
            Shape::Lower if self.foreign => false,
            Shape::Lower if self.small => token.text.len() > 1 && !token.is(FUNCTION),
            Shape::Lower => {
                token.text.len() > 2 && (!token.is(WORD.or(MEDICAL)) || token.is(ANY_NAME)) && !token.is(FUNCTION)
            }
            Shape::Mixed | Shape::Number => false,
        })
    }

    fn near(&self, at: usize, by: isize) -> Option<(&Seen<'p>, &'p Token<'a>)> {
        let at = at.checked_add_signed(by)?;
        self.seen.get(at).zip(self.page.tokens.get(at))
    }

    /// Notes all that is noticed of a word.
    pub(super) fn notice(&self, at: usize, notes: &mut impl Notes) {
        let Some((here, token)) = self.near(at, 0) else { return };
        self.own(here, token, notes);
        self.neighbours(at, here, notes);
        self.run(at, here, notes);
        self.text(here, token, notes);
    }

    fn own(&self, here: &Seen<'_>, token: &Token<'_>, notes: &mut impl Notes) {
        let key = &*token.key;
        notes.note("one", &[]);
        notes.note("k", &[here.known]);
        notes.note("s", &[here.shape]);
        notes.note("ks", &[here.known, here.shape]);
        notes.note("bs", &[here.broad, here.shape]);
        notes.note("w", &[here.key]);
        notes.note("g", &[here.gap, here.shape]);
        for (_, role) in ROLE_PARTS.iter().filter(|(flag, _)| token.is(*flag)) {
            notes.note("r", &[*role, here.shape]);
        }
        let mut ends = key.char_indices().rev().map(|(from, _)| from).skip(1);
        for name in ["e2", "e3", "e4"] {
            let end = ends.next().and_then(|from| key.get(from..));
            notes.note(name, &[Part::new(end.unwrap_or("-"))]);
        }
        let start = key.char_indices().nth(3).map_or(key, |(to, _)| key.get(..to).unwrap_or(key));
        notes.note("b3", &[Part::new(start)]);
        let length = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"].get(token.text.len()).unwrap_or(&"+");
        notes.note("l", &[Part::new(length), here.shape]);
        if token.owns {
            notes.note("own", &[here.broad]);
        }
        if !token.text.is_ascii() {
            notes.note("accent", &[here.shape]);
        }
        if self.small {
            notes.note("small", &[here.broad]);
        }
    }

    fn neighbours(&self, at: usize, here: &Seen<'_>, notes: &mut impl Notes) {
        const NONE: &str = "^";
        let none = Part::new(NONE);
        let key = |by: isize| self.near(at, by).map_or(none, |(seen, _)| seen.key);
        let class = |by: isize| self.near(at, by).map_or(none, |(seen, _)| seen.broad);
        let shape = |by: isize| self.near(at, by).map_or(none, |(seen, _)| seen.shape);
        let behind = self.near(at, 1).map_or(none, |(seen, _)| seen.gap);
        let before_last = self.near(at, -1).map_or(none, |(seen, _)| seen.gap);
        notes.note("p", &[key(-1), here.gap]);
        notes.note("pk", &[key(-1), here.broad]);
        notes.note("pp", &[key(-2), key(-1)]);
        notes.note("p2", &[key(-2), before_last]);
        notes.note("p3", &[key(-3)]);
        notes.note("n", &[key(1), behind]);
        notes.note("nk", &[key(1), here.broad]);
        notes.note("nn", &[key(1), key(2)]);
        notes.note("n2", &[key(2)]);
        notes.note("pn", &[key(-1), key(1)]);
        notes.note("ps", &[shape(-1), here.gap, here.broad]);
        notes.note("ns", &[shape(1), behind, here.broad]);
        notes.note("pc", &[class(-1), shape(-1), here.shape]);
        notes.note("nc", &[class(1), shape(1), here.shape]);
        notes.note("gg", &[here.gap, behind, here.broad]);
        for (by, name, also) in [(-1, "pr", "prk"), (1, "nr", "nrk"), (-2, "p2r", ""), (2, "n2r", "")] {
            let Some((_, other)) = self.near(at, by) else { continue };
            for (_, role) in ROLE_PARTS.iter().filter(|(flag, _)| other.is(*flag)) {
                notes.note(name, &[*role, if by < 0 { here.gap } else { behind }]);
                if !also.is_empty() {
                    notes.note(also, &[*role, here.broad]);
                }
            }
        }
    }

    /// What stands around the words with capitals that it is one of.
    fn run(&self, at: usize, here: &Seen<'p>, notes: &mut impl Notes) {
        let (first, last) = here.run;
        let Some((opening, _)) = self.near(first, 0) else { return };
        let length = ["1", "2", "3", "4"].get(last - first).unwrap_or(&"5");
        let place = ["0", "1", "2", "3"].get(at - first).unwrap_or(&"4");
        notes.note("run", &[Part::new(length), Part::new(place), here.broad]);
        if let Some((before, token)) = self.near(first, -1) {
            notes.note("rb", &[before.key, opening.gap]);
            for (_, role) in ROLE_PARTS.iter().filter(|(flag, _)| token.is(*flag)) {
                notes.note("rbr", &[*role, here.broad]);
            }
        }
        if let Some((after, token)) = self.near(last, 1) {
            notes.note("ra", &[after.key, after.gap]);
            for (_, role) in ROLE_PARTS.iter().filter(|(flag, _)| token.is(*flag)) {
                notes.note("rar", &[*role, here.broad]);
            }
        }
        if last == first {
            return;
        }
        // Of a text in capitals alone, what is near.
        let near = first.max(at.saturating_sub(REACH))..=last.min(at + REACH);
        let words = self.page.tokens.get(near).unwrap_or_default();
        if let Some((seen, _)) = self.near(last, 0) {
            notes.note("rl", &[seen.key]);
            notes.note("rlk", &[seen.broad, here.broad]);
        }
        notes.note("rf", &[opening.key]);
        notes.note("rfk", &[opening.broad, here.broad]);
        for (_, role) in ROLE_PARTS.iter().filter(|(flag, _)| words.iter().any(|token| token.is(*flag))) {
            notes.note("rr", &[*role, here.broad]);
        }
    }

    /// What the line and the rest of the text say.
    fn text(&self, here: &Seen<'_>, token: &Token<'_>, notes: &mut impl Notes) {
        if let Some((label, _)) = here.label.and_then(|at| self.near(at, 0)) {
            notes.note("label", &[label.key]);
        }
        let (first, last) = here.line;
        if here.run == here.line {
            notes.note("line", &[here.broad]);
        }
        if let Some((opening, _)) = self.near(first, 0).filter(|_| last - first < 12) {
            notes.note("lf", &[opening.key]);
        }
        let Some(word) = self.elsewhere.get(&*token.key).filter(|word| word.count > 1) else { return };
        for (says, name) in
            [(word.small, "xsmall"), (word.capital, "xcapital"), (word.titled, "xtitled"), (word.led, "xled")]
        {
            if says {
                notes.note(name, &[here.broad, here.shape]);
            }
        }
    }
}
