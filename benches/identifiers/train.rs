//! Learns the weights of the second opinion from the tuning cases, and measures by leaving one writer out at a time.
//! Nothing is drawn but from fixed seeds, so that the same cases give the same weights.

use std::{collections::HashMap, ops::Range, path::Path};

use consilium::text::identifiers::{
    Kind, find_with,
    learned::{KINDS, Lesson, OUTCOMES, SCALE, Weights, lessons, lessons_of_figures},
};

use super::{
    Count,
    cases::Case,
    generated::{Dice, generated},
    swapped::{Others, small, swapped},
};

/// How often all lessons are gone through, how far a step goes, and how much of a weight each step takes back.
const ROUNDS: usize = 6;
const STEP: f32 = 0.05;
const DECAY: f32 = 0.002;
/// What is noticed in fewer cases is not learned.
const CASES: usize = 3;
/// Weights below this, in parts of [`SCALE`], are not kept.
const LEAST: i32 = 2;
/// How often a case is learned with other names and places, how much such a lesson counts, and one in small letters.
const SWAPS: usize = 3;
const OF_SWAPPED: f32 = 0.5;
const OF_SMALL: f32 = 0.4;
/// So many generated cases are learned, and how much each counts.
const GENERATED: usize = 200;
const OF_GENERATED: f32 = 0.3;

/// How much a figure counts of cases that the rules were written with, one of which the rules say less, and one in small letters.
const OF_KNOWN: f32 = 0.5;
const OF_HIDDEN: f32 = 0.5;
const OF_SMALL_FIGURES: f32 = 0.3;

/// Files by one writer, of which the rules were written with the first six.
const WRITERS: &[&[&str]] = &[
    &["australia", "britain", "ireland", "mainland_more", "specialties", "united_states"],
    &["australia_newworld", "britain_ireland", "specialties_clean"],
    &["long_reports", "mainland", "night_shift", "paperwork"],
    &["letters_and_threads"],
    &["wards_abroad", "wards_abroad_more"],
    &["many_houses", "look_alikes"],
    &["hospital_teams"],
    &["primary_care"],
    &["community_and_emergency"],
    &["hospital_specialists"],
    &["american_units"],
    &["isles"],
    &["continent"],
    &["network_posts"],
    &["world_english"],
    &["american_wards"],
    &["british_surgeries"],
    &["continent_colleagues"],
    &["american_hospitals"],
    &["british_consultants"],
    &["numbers_and_codes"],
    &["days_and_ages"],
    &["people_and_places"],
    &["southern_practice"],
    &["european_colleagues"],
    &["everyday_posts"],
    &["ward_life"],
    &["families_and_schools"],
    &["outpatient_clinics"],
    &["formal_reports"],
    &["registers_and_numbers"],
];
const OF_RULES: usize = 6;

/// Who wrote a file.
fn writer(file: &str) -> usize {
    WRITERS.iter().position(|files| files.contains(&file)).unwrap_or_else(|| panic!("nobody has written {file}"))
}

/// A word of a case: what was noticed, by number, and which outcome is right.
struct Example {
    noticed: Vec<u32>,
    right: usize,
    weight: f32,
}

/// All that was noticed, numbered; in how many cases, and in which last.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, u32>,
    seen: Vec<(usize, usize)>,
}

impl Names {
    fn number(&mut self, name: &str, case: usize) -> u32 {
        let next = self.seen.len() as u32;
        let number = *self.numbers.entry(name.to_owned()).or_insert(next);
        if number == next {
            self.seen.push((1, case));
        }
        let seen = &mut self.seen[number as usize];
        if seen.1 != case {
            *seen = (seen.0 + 1, case);
        }
        number
    }
}

/// What is marked there.
fn marked(range: &Range<usize>, marks: &[(Range<usize>, Kind)]) -> Option<Kind> {
    marks.iter().find(|(mark, _)| mark.start < range.end && range.start < mark.end).map(|(_, kind)| *kind)
}

/// Which of the outcomes is right of a word: 1 for a name, 2 for a place, 0 for neither; nothing where it cannot be said.
fn of_word(marked: Option<Kind>) -> Option<usize> {
    match marked {
        None | Some(Kind::Date) => Some(0),
        Some(Kind::Name) => Some(1),
        Some(Kind::Location) => Some(2),
        Some(_) => None,
    }
}

/// The same of a figure: its place in [`KINDS`] and one more, 0 for none.
fn of_figure(marked: Option<Kind>) -> Option<usize> {
    match marked {
        None => Some(0),
        Some(kind) => KINDS.iter().position(|known| *known == kind).map(|place| place + 1),
    }
}

#[derive(Default)]
struct School {
    names: Names,
    examples: Vec<Example>,
}

impl School {
    fn learn(
        &mut self,
        case: &Case,
        number: usize,
        lessons: Vec<Lesson>,
        right: impl Fn(Option<Kind>) -> Option<usize>,
        weight: f32,
    ) {
        for lesson in lessons {
            let Some(right) = right(marked(&lesson.range, &case.marks)) else { continue };
            let noticed = lesson.noticed.iter().map(|name| self.names.number(name, number)).collect();
            self.examples.push(Example { noticed, right, weight });
        }
    }

    /// The file of weights.
    fn file<const N: usize>(self, dice: &mut Dice) -> String {
        let Self { names, mut examples } = self;
        let worth: Vec<bool> = names.seen.iter().map(|(count, _)| *count >= CASES).collect();
        for example in &mut examples {
            example.noticed.retain(|name| worth[*name as usize]);
        }
        let weights = descend::<N>(&examples, names.seen.len(), dice);
        let mut lines: Vec<String> = Vec::new();
        for (name, number) in &names.numbers {
            let whole = weights[*number as usize].map(|weight| (weight * SCALE).round() as i32);
            let told = whole.iter().enumerate().filter(|(_, weight)| weight.abs() >= LEAST);
            let cells: Vec<String> = told.map(|(outcome, weight)| format!("{outcome}:{weight}")).collect();
            if !cells.is_empty() {
                lines.push(format!("{name}\t{}\n", cells.join("\t")));
            }
        }
        lines.sort();
        lines.concat()
    }
}

/// Learns of words from cases, and gives the file of weights.
fn words(cases: &[&Case]) -> String {
    let (mut school, mut dice, others) = (School::default(), Dice(7), Others::read());
    for (n, case) in cases.iter().enumerate() {
        school.learn(case, n, lessons(&case.text, None), of_word, 1.0);
        for _ in 0..SWAPS {
            let seed = dice.next();
            let case = swapped(case, &others, &mut dice);
            school.learn(&case, n, lessons(&case.text, Some(seed)), of_word, OF_SWAPPED);
        }
        let seed = dice.next();
        let case = small(&swapped(case, &others, &mut dice));
        school.learn(&case, n, lessons(&case.text, Some(seed)), of_word, OF_SMALL);
    }
    for (n, case) in generated().iter().take(GENERATED).enumerate() {
        let case = swapped(case, &others, &mut dice);
        school.learn(&case, cases.len() + n, lessons(&case.text, Some(dice.next())), of_word, OF_GENERATED);
    }
    school.file::<OUTCOMES>(&mut dice)
}

/// The same of figures.
fn figures(cases: &[&Case]) -> String {
    let (mut school, mut dice) = (School::default(), Dice(7));
    for (n, case) in cases.iter().enumerate() {
        let share = if writer(&case.file) < OF_RULES { OF_KNOWN } else { 1.0 };
        school.learn(case, n, lessons_of_figures(&case.text, None), of_figure, share);
        let seed = Some(dice.next());
        school.learn(case, n, lessons_of_figures(&case.text, seed), of_figure, OF_HIDDEN);
        let case = small(case);
        school.learn(&case, n, lessons_of_figures(&case.text, None), of_figure, OF_SMALL_FIGURES);
    }
    for (n, case) in generated().iter().take(GENERATED).enumerate() {
        let seed = Some(dice.next());
        school.learn(case, cases.len() + n, lessons_of_figures(&case.text, seed), of_figure, OF_GENERATED);
    }
    school.file::<{ KINDS.len() }>(&mut dice)
}

/// Steps towards the weights that make the right outcomes likeliest (AdaGrad).
fn descend<const N: usize>(examples: &[Example], count: usize, dice: &mut Dice) -> Vec<[f32; N]> {
    let mut weights = vec![[0.0_f32; N]; count];
    let mut steep = vec![[1e-6_f32; N]; count];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for _ in 0..ROUNDS {
        for n in (1..order.len()).rev() {
            order.swap(n, dice.below(n as u64 + 1) as usize);
        }
        for at in &order {
            let Example { noticed, right, weight } = &examples[*at];
            let mut power = [0.0_f32; N];
            for name in noticed {
                for (sum, weight) in power.iter_mut().zip(weights[*name as usize]) {
                    *sum += weight;
                }
            }
            let power = power.map(|sum| sum.clamp(-30.0, 30.0).exp());
            let all: f32 = 1.0 + power.iter().sum::<f32>();
            for outcome in 0..N {
                let slope = (power[outcome] / all - f32::from(u8::from(*right == outcome + 1))) * weight;
                if slope.abs() < 1e-4 {
                    continue;
                }
                for name in noticed {
                    let (weight, steep) = (&mut weights[*name as usize][outcome], &mut steep[*name as usize][outcome]);
                    *steep += slope * slope;
                    *weight -= STEP / steep.sqrt() * (slope + DECAY * *weight);
                }
            }
        }
    }
    weights
}

/// Writes the weights that are part of the program.
pub(super) fn write(cases: &[Case]) {
    let cases: Vec<&Case> = cases.iter().collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/text/identifiers/learned");
    for (name, weights) in [("weights.txt", words(&cases)), ("figures.txt", figures(&cases))] {
        println!("{name}: {} lines, {} bytes", weights.lines().count(), weights.len());
        std::fs::write(folder.join(name), weights).unwrap();
    }
}

/// Measures each writer's cases with weights that were learned from the others', and with none.
pub(super) fn cross(cases: &[Case], misses: bool) {
    let (mut all, mut new, mut rules, nothing) =
        (Count::default(), Count::default(), Count::default(), Weights::read("", ""));
    let mut without = Count::default();
    for (left, files) in WRITERS.iter().enumerate() {
        let (own, others): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| writer(&case.file) == left);
        let words = words(&others);
        let (both, half) = (Weights::read(&words, &figures(&others)), Weights::read(&words, ""));
        let mut count = Count::default();
        for case in own {
            let found = find_with(&case.text, &both);
            count.add(case, &found, false);
            all.add(case, &found, misses);
            rules.add(case, &find_with(&case.text, &nothing), false);
            if left >= OF_RULES {
                new.add(case, &found, false);
                without.add(case, &find_with(&case.text, &half), false);
            }
        }
        super::line(files[0], count.all());
    }
    rules.print("without a second opinion");
    without.print("each writer left out, of those whom the rules do not know, without the opinion on figures");
    new.print("each writer left out, of those whom the rules do not know");
    all.print("each writer left out");
}
