//! A second opinion on words: how likely each is part of a person's name, or of a place's, as weights say that were learned
//! from the tuning cases. `cargo bench --bench identifiers -- --train` writes the weights.
//!
//! It is a logistic regression with three outcomes (name, place, neither). What it looks at is in `noticed.rs`, all of it
//! within a line and the text itself. The file of weights can be read: a line says what was noticed, and what that says.

pub(super) mod figures;
mod lesson;
mod noticed;

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
};

pub use figures::KINDS;
pub use lesson::{Lesson, lessons, lessons_of_figures};
use noticed::{Notes, Part, Surroundings, combined, hash};

use super::page::Page;

/// How many outcomes there are beside "neither".
pub const OUTCOMES: usize = 2;
/// Weights are kept as whole numbers, so many of them to one.
pub const SCALE: f32 = 16.0;

static WEIGHTS: LazyLock<Weights> =
    LazyLock::new(|| Weights::read(include_str!("weights.txt"), include_str!("figures.txt")));

/// Keys are hashes already.
#[derive(Debug, Default, Clone)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |sum, byte| sum.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// What each thing that can be noticed says for each outcome.
#[derive(Debug, Clone)]
struct Table<const N: usize>(HashMap<u64, [i16; N], BuildHasherDefault<Same>>);

impl<const N: usize> Table<N> {
    /// Reads lines of what is noticed and of weights, each behind the number of its outcome: "5:12". What is no such line is passed
    /// over.
    fn read(file: &str) -> Self {
        let line = |line: &str| {
            let mut cells = line.split('\t');
            let mut words = cells.next()?.split(' ');
            let name = words.next()?;
            let parts: Vec<Part<'_>> = words.map(Part::new).collect();
            let mut weights = [0; N];
            for cell in cells {
                let (outcome, weight) = cell.split_once(':')?;
                *weights.get_mut(outcome.parse::<usize>().ok()?)? = weight.parse().ok()?;
            }
            Some((combined(name, &parts), weights))
        };
        Self(file.lines().filter_map(line).collect())
    }
}

/// The weights of both opinions.
#[derive(Debug, Clone)]
pub struct Weights {
    /// What is noticed of words says for a name and for a place.
    words: Table<OUTCOMES>,
    /// What is noticed of figures says for each of [`KINDS`].
    figures: Table<{ KINDS.len() }>,
}

impl Weights {
    /// Reads the files of words and of figures.
    #[must_use]
    pub fn read(words: &str, figures: &str) -> Self {
        Self { words: Table::read(words), figures: Table::read(figures) }
    }

    /// Those that are part of the program.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &WEIGHTS
    }
}

/// Adds up what is noticed.
struct Sum<'w, const N: usize> {
    weights: &'w Table<N>,
    sum: [i32; N],
}

impl<const N: usize> Notes for Sum<'_, N> {
    fn note(&mut self, name: &str, parts: &[Part<'_>]) {
        if let Some(weights) = self.weights.0.get(&combined(name, parts)) {
            for (sum, weight) in self.sum.iter_mut().zip(weights) {
                *sum += i32::from(*weight);
            }
        }
    }
}

/// How likely a word is part of a name, and of a place.
#[derive(Debug, Clone, Copy)]
pub struct Likely {
    /// Of a person's name.
    pub name: f32,
    /// Of the name of a place.
    pub place: f32,
}

/// What is thought of each word of a page; nothing of such as cannot be asked about.
pub(super) fn opinion(page: &Page<'_>, weights: &Weights) -> Vec<Option<Likely>> {
    let around = Surroundings::read(page);
    let one = |at: usize| {
        let mut sum = Sum { weights: &weights.words, sum: [0; OUTCOMES] };
        around.asks(at).then(|| around.notice(at, &mut sum))?;
        Some(likely(sum.sum))
    };
    (0..page.tokens.len()).map(one).collect()
}

/// The shares of three outcomes, of which "neither" has the sum 0.
fn likely(sum: [i32; OUTCOMES]) -> Likely {
    let [name, place] = sum.map(power);
    let all = 1.0 + name + place;
    Likely { name: name / all, place: place / all }
}

/// How much a sum of weights speaks for its outcome.
fn power(sum: i32) -> f32 {
    // What is as sure as this is not made surer.
    (f32::from(i16::try_from(sum.clamp(-400, 400)).unwrap_or_default()) / SCALE).exp()
}
