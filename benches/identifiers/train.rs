//! Learns the weights of the second opinion from the tuning cases, and measures by leaving one writer out at a time.
//! Nothing is drawn but from fixed seeds, so that the same cases give the same weights.

use std::{collections::HashMap, ops::Range, path::Path};

use consilium::text::identifiers::{
    Kind, find_with,
    learned::{OUTCOMES, SCALE, Weights, lessons},
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
/// How often a case is learned with other names and places, how much such a lesson counts, and one in small letters.
const SWAPS: usize = 3;
const OF_SWAPPED: f32 = 0.5;
const OF_SMALL: f32 = 0.4;
/// So many generated cases are learned, and how much each counts.
const GENERATED: usize = 200;
const OF_GENERATED: f32 = 0.3;

/// Files by one writer.
const WRITERS: &[&[&str]] = &[
    &["australia", "britain", "ireland", "mainland_more", "specialties", "united_states"],
    &["australia_newworld", "britain_ireland", "specialties_clean"],
    &["long_reports", "mainland", "night_shift", "paperwork"],
    &["letters_and_threads"],
    &["wards_abroad", "wards_abroad_more"],
];

/// Who wrote a file; those that are in no list are one writer's.
fn writer(file: &str) -> usize {
    WRITERS.iter().position(|files| files.contains(&file)).unwrap_or(WRITERS.len())
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

/// Which of the outcomes is right: 1 for a name, 2 for a place, 0 for neither; nothing where it cannot be said.
fn outcome(range: &Range<usize>, marks: &[(Range<usize>, Kind)]) -> Option<usize> {
    let mark = marks.iter().find(|(mark, _)| mark.start < range.end && range.start < mark.end);
    match mark.map(|(_, kind)| *kind) {
        None | Some(Kind::Date) => Some(0),
        Some(Kind::Name) => Some(1),
        Some(Kind::Location) => Some(2),
        Some(_) => None,
    }
}

#[derive(Default)]
struct School {
    names: Names,
    examples: Vec<Example>,
}

impl School {
    fn learn(&mut self, case: &Case, number: usize, forget: Option<u64>, weight: f32) {
        for lesson in lessons(&case.text, forget) {
            let Some(right) = outcome(&lesson.range, &case.marks) else { continue };
            let noticed = lesson.noticed.iter().map(|name| self.names.number(name, number)).collect();
            self.examples.push(Example { noticed, right, weight });
        }
    }
}

/// Learns from cases, and gives the file of weights.
fn fit(cases: &[&Case]) -> String {
    let (mut school, mut dice, others) = (School::default(), Dice(7), Others::read());
    for (n, case) in cases.iter().enumerate() {
        school.learn(case, n, None, 1.0);
        for _ in 0..SWAPS {
            let seed = dice.next();
            school.learn(&swapped(case, &others, &mut dice), n, Some(seed), OF_SWAPPED);
        }
        let seed = dice.next();
        school.learn(&small(&swapped(case, &others, &mut dice)), n, Some(seed), OF_SMALL);
    }
    for (n, case) in generated().iter().take(GENERATED).enumerate() {
        school.learn(&swapped(case, &others, &mut dice), cases.len() + n, Some(dice.next()), OF_GENERATED);
    }
    let School { names, mut examples } = school;
    let worth: Vec<bool> = names.seen.iter().map(|(count, _)| *count >= CASES).collect();
    for example in &mut examples {
        example.noticed.retain(|name| worth[*name as usize]);
    }
    let weights = descend(&examples, names.seen.len(), &mut dice);
    let mut lines: Vec<String> = Vec::new();
    for (name, number) in &names.numbers {
        let whole = weights[*number as usize].map(|weight| (weight * SCALE).round() as i32);
        if whole.iter().any(|weight| *weight != 0) {
            lines.push(format!("{name}\t{}\t{}\n", whole[0], whole[1]));
        }
    }
    lines.sort();
    lines.concat()
}

/// Steps towards the weights that make the right outcomes likeliest (AdaGrad).
fn descend(examples: &[Example], count: usize, dice: &mut Dice) -> Vec<[f32; OUTCOMES]> {
    let mut weights = vec![[0.0_f32; OUTCOMES]; count];
    let mut steep = vec![[1e-6_f32; OUTCOMES]; count];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for _ in 0..ROUNDS {
        for n in (1..order.len()).rev() {
            order.swap(n, dice.below(n as u64 + 1) as usize);
        }
        for at in &order {
            let Example { noticed, right, weight } = &examples[*at];
            let mut power = [0.0_f32; OUTCOMES];
            for name in noticed {
                for (sum, weight) in power.iter_mut().zip(weights[*name as usize]) {
                    *sum += weight;
                }
            }
            let power = power.map(|sum| sum.clamp(-30.0, 30.0).exp());
            let all: f32 = 1.0 + power.iter().sum::<f32>();
            for outcome in 0..OUTCOMES {
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
    let weights = fit(&cases.iter().collect::<Vec<_>>());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/text/identifiers/learned/weights.txt");
    println!("{} lines, {} bytes", weights.lines().count(), weights.len());
    std::fs::write(path, weights).unwrap();
}

/// Measures each writer's cases with weights that were learned from the others', and with none.
pub(super) fn cross(cases: &[Case], misses: bool) {
    let (mut all, mut rules, nothing) = (Count::default(), Count::default(), Weights::read(""));
    for left in 0..=WRITERS.len() {
        let (own, others): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| writer(&case.file) == left);
        let file = fit(&others);
        let weights = Weights::read(&file);
        let mut count = Count::default();
        for case in own {
            let found = find_with(&case.text, &weights);
            count.add(case, &found, false);
            all.add(case, &found, misses);
            rules.add(case, &find_with(&case.text, &nothing), false);
        }
        super::line(&format!("writer {left} left out"), count.all());
    }
    rules.print("without a second opinion");
    all.print("each writer left out");
}
