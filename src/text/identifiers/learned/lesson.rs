//! What is noticed of words, in writing, for whoever learns weights from it.

use std::{collections::HashMap, ops::Range};

use super::{
    super::{
        lexicon::{ABBREVIATION, ANY_NAME, EPONYM_NOUN, Flags, PLACE, TRAP},
        page::Page,
    },
    figures::{Figure, figures, notice},
    hash,
    noticed::{Notes, Part, Surroundings},
};

/// A word that can be asked about, and what is noticed of it.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// Where the word is, in bytes.
    pub range: Range<usize>,
    /// What is noticed, as it stands in the file of weights.
    pub noticed: Vec<String>,
}

/// What the lists say is forgotten for so many words of a hundred: the lists were written with the tuning cases in hand, and
/// know more of their words than they will of others.
const FORGOTTEN: &[(Flags, u64)] = &[(TRAP, 30), (ANY_NAME, 12), (PLACE, 15), (ABBREVIATION, 10), (EPONYM_NOUN, 10)];

/// What the rules say of figures is hidden for so many of a hundred.
const HIDDEN: u64 = 30;

struct Written(Vec<String>);

impl Notes for Written {
    fn note(&mut self, name: &str, parts: &[Part<'_>]) {
        let mut line = name.to_owned();
        for part in parts {
            line.push(' ');
            line.push_str(part.text);
        }
        self.0.push(line);
    }
}

/// What is noticed of each word of a text that can be asked about. With a seed, part of what the lists say is forgotten.
#[must_use]
pub fn lessons(text: &str, seed: Option<u64>) -> Vec<Lesson> {
    let mut page = Page::read(text);
    if let Some(seed) = seed {
        forget(&mut page, seed);
    }
    let around = Surroundings::read(&page);
    let one = |at: usize| {
        let mut written = Written(Vec::new());
        around.notice(at, &mut written);
        let range = page.tokens.get(at).map(|token| token.range.clone()).unwrap_or_default();
        Lesson { range, noticed: written.0 }
    };
    (0..page.tokens.len()).filter(|at| around.asks(*at)).map(one).collect()
}

/// What is noticed of each figure of a text that can be asked about, beside what the rules have found. With a seed, part of what the
/// rules say is hidden: they were written with some of the cases in hand.
#[must_use]
pub fn lessons_of_figures(text: &str, seed: Option<u64>) -> Vec<Lesson> {
    let page = Page::read(text);
    let marks = super::super::by_rules(&page, super::Weights::built_in());
    let one = |figure: Figure| {
        let mut written = Written(Vec::new());
        let dice = seed.map(|seed| (hash(&format!("{seed} {}", figure.range.start)) >> 20) % 100);
        notice(&page, &figure, dice.is_some_and(|dice| dice < HIDDEN), &mut written);
        Lesson { range: figure.range, noticed: written.0 }
    };
    figures(&page, &marks).into_iter().map(one).collect()
}

fn forget(page: &mut Page<'_>, seed: u64) {
    let mut gone: HashMap<String, Flags> = HashMap::new();
    for token in &mut page.tokens {
        let lost = gone.entry(token.key.clone().into_owned()).or_insert_with(|| {
            let lost = FORGOTTEN.iter().enumerate().filter(|(n, (_, share))| {
                let dice = hash(&format!("{seed} {n} {}", token.key));
                (dice >> 20) % 100 < *share
            });
            lost.fold(Flags::NONE, |all, (_, (flags, _))| all.or(*flags))
        });
        token.flags = token.flags.without(*lost);
    }
}
