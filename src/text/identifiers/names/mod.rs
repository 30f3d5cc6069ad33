//! Names of people: patients, relatives, staff.
//! A word counts by what stands around it, and by the lists of names, words and eponyms; once found, a name is found again
//! wherever it stands in the text.

mod apposed;
mod columns;
mod cues;
mod initials;
mod people;
mod plain;
mod rows;
mod run;
mod second;
mod small;

use std::{borrow::Cow, collections::HashMap};

use super::{
    kind::Kind,
    learned::Likely,
    lexicon::{
        ABBREVIATION, ANY_NAME, GIVEN, HOUSE, NAMING, PARTICLE, PERSON, RELATIVE, STREET, TITLE, TRAP, VERB, WORD,
    },
    page::{Mark, Page},
    token::{Gap, Shape, Token},
};

/// A name: its first and last word, and what can stand in its place.
#[derive(Debug)]
struct Name {
    first: usize,
    last: usize,
    instead: Cow<'static, str>,
    /// What can stand where the name is said again.
    again: Cow<'static, str>,
    weight: u8,
}

/// What is read of a text on the way.
struct Reader<'p, 'a> {
    page: &'p Page<'a>,
    tokens: &'p [Token<'a>],
    /// Which words stand in a line that is all in capitals.
    loud: Vec<bool>,
    /// Whether the text has hardly any capitals.
    small: bool,
    names: Vec<Name>,
    taken: Vec<bool>,
}

pub(super) fn find(page: &Page<'_>, opinion: &[Option<Likely>], marks: &mut Vec<Mark>) {
    let tokens = page.tokens.as_slice();
    let words = tokens.iter().filter(|token| matches!(token.shape, Shape::Lower | Shape::Capital)).count();
    let capitals = tokens.iter().filter(|token| token.is_capital()).count();
    let mut reader = Reader {
        page,
        tokens,
        loud: loud(tokens),
        small: capitals * 40 < words,
        names: Vec::new(),
        taken: vec![false; tokens.len()],
    };
    reader.columns();
    reader.cued();
    reader.small_cued();
    reader.apposed();
    reader.plain();
    reader.initials(marks);
    reader.second(opinion);
    reader.again();
    reader.write(marks);
}

/// Which words stand in a line that is all in capitals.
fn loud(tokens: &[Token<'_>]) -> Vec<bool> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while !rest.is_empty() {
        let length = 1 + rest.iter().skip(1).take_while(|token| token.gap != Gap::Line).count();
        let (line, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        let upper = line.iter().filter(|token| token.shape == Shape::Upper).count();
        let small = line.iter().filter(|token| matches!(token.shape, Shape::Lower | Shape::Capital)).count();
        out.extend(line.iter().map(|_| upper >= 3 && small * 4 <= upper));
        rest = after;
    }
    out
}

impl Reader<'_, '_> {
    fn token(&self, at: usize) -> Option<&Token<'_>> {
        self.tokens.get(at)
    }

    fn before(&self, at: usize) -> Option<&Token<'_>> {
        at.checked_sub(1).and_then(|at| self.tokens.get(at))
    }

    fn is_loud(&self, at: usize) -> bool {
        self.loud.get(at).copied().unwrap_or_default()
    }

    fn is_taken(&self, at: usize) -> bool {
        self.taken.get(at).copied().unwrap_or_default()
    }

    /// Whether it is written like a name: with a capital, or in capitals among capitals.
    fn is_named(&self, at: usize) -> bool {
        self.token(at).is_some_and(|token| {
            token.is_capital() || token.shape == Shape::Upper && self.is_loud(at) && !token.is(ABBREVIATION)
        })
    }

    fn take(&mut self, first: usize, last: usize, words: (Cow<'static, str>, Cow<'static, str>), weight: u8) {
        if (first..=last).all(|at| self.is_taken(at)) {
            return;
        }
        for at in first..=last {
            if let Some(taken) = self.taken.get_mut(at) {
                *taken = true;
            }
        }
        self.names.push(Name { first, last, instead: words.0, again: words.1, weight });
    }

    /// Names that are known by now, wherever else they stand.
    fn again(&mut self) {
        let mut known: HashMap<String, (Cow<'static, str>, bool)> = HashMap::new();
        for name in &self.names {
            for token in self.tokens.get(name.first..=name.last).unwrap_or_default() {
                let plain = token.is(WORD) && !token.is(ANY_NAME);
                let cue = token.is(PARTICLE.or(TITLE).or(RELATIVE).or(PERSON).or(NAMING).or(VERB).or(HOUSE).or(STREET));
                let long = token.text.chars().count() > 2;
                if long && !(plain || cue && token.is(WORD)) {
                    let small = token.shape == Shape::Lower && !token.is(WORD);
                    known.entry(token.key.clone().into_owned()).or_insert((name.again.clone(), small));
                }
            }
        }
        for at in 0..self.tokens.len() {
            let Some(token) = self.token(at) else { break };
            let Some((instead, small)) = known.get(token.key.as_ref()) else { continue };
            let written = self.is_named(at)
                || token.shape == Shape::Upper && !token.is(ABBREVIATION)
                || *small && token.shape == Shape::Lower;
            // "Hope is in her nineties", where her whole name is known.
            let acts = token.is(GIVEN)
                && self
                    .token(at + 1)
                    .is_some_and(|next| next.gap == Gap::Space && next.is(VERB) && next.shape == Shape::Lower);
            let common = token.is(WORD) && (token.starts || self.is_loud(at)) && !token.owns && !acts;
            let house = self
                .token(at + 1)
                .is_some_and(|next| next.gap == Gap::Space && next.is(HOUSE.or(STREET)) && self.is_named(at + 1));
            let eponym = self.is_eponym(at) && (token.is(TRAP) || !token.owns);
            if written && !common && !house && !eponym && !self.is_taken(at) {
                let instead = instead.clone();
                self.take(at, at, (instead.clone(), instead), 41);
            }
        }
    }

    fn write(&self, marks: &mut Vec<Mark>) {
        for name in &self.names {
            let (Some(first), Some(last)) = (self.token(name.first), self.token(name.last)) else { continue };
            marks.push(Mark {
                range: first.range.start..last.range.end,
                kind: Kind::Name,
                why: "A name leads to a person.",
                suggestion: name.instead.clone().into_owned(),
                weight: name.weight,
            });
        }
    }
}
