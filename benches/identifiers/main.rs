//! `cargo bench --bench identifiers [-- --misses] [-- --only=tuning]`: how much of what is marked in the case files the
//! detector finds, how much of what it finds is marked, and how long it takes. The held-out files are for measuring
//! alone: their misses are counted, never shown. Generated cases are counted apart, as they are more alike than real ones.
//! `--train` writes the weights of the second opinion, and `--cross` measures it with each writer left out.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::panic,
    reason = "a benchmark ends loudly and prints"
)]

mod cases;
mod generated;
mod swapped;
mod train;

use std::{cmp::Reverse, collections::BTreeMap, hint::black_box, ops::Range, time::Instant};

use cases::{Case, cases_of};
use consilium::text::identifiers::{Found, Kind, find};
use generated::generated;

#[derive(Default, Clone, Copy)]
struct Tally {
    marked: usize,
    hit: usize,
    found: usize,
    right: usize,
}

fn main() {
    let asked = |option: &str| std::env::args().any(|a| a == option);
    if asked("--train") {
        return train::write(&cases_of("tuning"));
    }
    if asked("--cross") {
        return train::cross(&cases_of("tuning"), asked("--misses"));
    }
    let misses = asked("--misses");
    let only = std::env::args().find_map(|a| a.strip_prefix("--only=").map(str::to_owned));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    let begun = Instant::now();
    black_box(find("x"));
    println!("first use, in which lists and patterns are read {:>8.0} ms", begun.elapsed().as_secs_f64() * 1e3);
    for name in ["tuning", "held_out"] {
        if wanted(name) {
            let cases = cases_of(name);
            report(name, &cases, misses && name == "tuning");
            if name == "tuning" {
                files(&cases);
            }
        }
    }
    if wanted("generated") {
        report("generated", &generated(), misses);
    }
    if only.is_none_or(|only| only == "speed") {
        speed(&cases_of("tuning"));
    }
}

/// A found place counts where it overlaps a mark of its kind.
fn fits(found: &Found, (range, kind): &(Range<usize>, Kind)) -> bool {
    found.kind == *kind && found.range.start < range.end && range.start < found.range.end
}

/// What was counted, by kind and for all.
#[derive(Default)]
struct Count {
    kinds: BTreeMap<Kind, Tally>,
    cases: usize,
    clean: usize,
    flags: usize,
    seen: usize,
    apt: usize,
    /// How often one kind was said of what is another.
    mistaken: BTreeMap<(Kind, Kind), usize>,
}

impl Count {
    fn add(&mut self, case: &Case, found: &[Found], misses: bool) {
        let Case { id, text, marks, .. } = case;
        self.cases += 1;
        self.clean += usize::from(marks.is_empty());
        self.flags += if marks.is_empty() { found.len() } else { 0 };
        let overlap = |found: &Found, mark: &(Range<usize>, Kind)| fits(&Found { kind: mark.1, ..found.clone() }, mark);
        self.seen += marks.iter().filter(|mark| found.iter().any(|found| overlap(found, mark))).count();
        self.apt += found.iter().filter(|found| marks.iter().any(|mark| overlap(found, mark))).count();
        for mark in marks {
            let tally = self.kinds.entry(mark.1).or_default();
            tally.marked += 1;
            if found.iter().any(|found| fits(found, mark)) {
                tally.hit += 1;
                continue;
            }
            if let Some(other) = found.iter().find(|found| overlap(found, mark)) {
                *self.mistaken.entry((mark.1, other.kind)).or_default() += 1;
            }
            if misses {
                println!("  missed {:<12} {id}: {:?}", mark.1.as_str(), &text[mark.0.clone()]);
            }
        }
        for found in found {
            let tally = self.kinds.entry(found.kind).or_default();
            tally.found += 1;
            if marks.iter().any(|mark| fits(found, mark)) {
                tally.right += 1;
            } else if misses {
                println!("  wrong  {:<12} {id}: {:?}", found.kind.as_str(), &text[found.range.clone()]);
            }
        }
    }

    fn all(&self) -> Tally {
        self.kinds.values().fold(Tally::default(), |all, tally| Tally {
            marked: all.marked + tally.marked,
            hit: all.hit + tally.hit,
            found: all.found + tally.found,
            right: all.right + tally.right,
        })
    }

    fn print(&self, name: &str) {
        println!("\n{name}: {} cases, of which {} are clean", self.cases, self.clean);
        println!("{:<20} {:>6} {:>6} {:>23} {:>23}", "kind", "marked", "missed", "recall", "precision");
        for (kind, tally) in &self.kinds {
            line(kind.as_str(), *tally);
        }
        let all = self.all();
        line("all", all);
        // The same places, whatever kind was said: what an author would have been shown.
        println!(
            "{:<20} {:>6} {:>6} {:>23} {:>23}",
            "any kind",
            all.marked,
            all.marked - self.seen,
            interval(self.seen, all.marked),
            interval(self.apt, all.found)
        );
        println!("false flags a clean case {:>10.3}", self.flags as f64 / self.clean.max(1) as f64);
        let mut mistaken: Vec<_> = self.mistaken.iter().collect();
        mistaken.sort_by_key(|(_, count)| Reverse(*count));
        for ((kind, other), count) in mistaken.into_iter().take(12) {
            println!("{:>6} of {} taken for {}", count, kind.as_str(), other.as_str());
        }
    }
}

fn report(name: &str, cases: &[Case], misses: bool) {
    let mut count = Count::default();
    for case in cases {
        count.add(case, &find(&case.text), misses);
    }
    count.print(name);
}

/// The same, a line for each file.
fn files(cases: &[Case]) {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for case in cases {
        counts.entry(&case.file).or_default().add(case, &find(&case.text), false);
    }
    for (file, count) in counts {
        line(file, count.all());
    }
}

fn line(name: &str, Tally { marked, hit, found, right }: Tally) {
    println!("{name:<20} {marked:>6} {:>6} {:>23} {:>23}", marked - hit, interval(hit, marked), interval(right, found));
}

/// How many standard deviations hold 95 % of a normal distribution.
const Z: f64 = 1.959_964;

/// A share and its Wilson 95 % interval.
fn interval(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".into();
    }
    let (n, p) = (whole as f64, part as f64 / whole as f64);
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    format!("{p:.3} ({:.3}-{:.3})", middle - half, (middle + half).min(1.0))
}

/// Time for texts of 5,000 bytes, and for one of a megabyte.
fn speed(cases: &[Case]) {
    let text: String = cases.iter().map(|case| case.text.as_str()).collect::<Vec<_>>().join("\n");
    if text.is_empty() {
        return;
    }
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    while let Some(end) = (5_000..rest.len()).find(|end| rest.is_char_boundary(*end)) {
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    let mut times: Vec<f64> = Vec::new();
    for _ in 0..20 {
        for part in &parts {
            let begun = Instant::now();
            black_box(find(part));
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[(times.len() as f64 * share) as usize];
    println!("\n5 kB: middle {:.2} ms, 99th of 100 {:.2} ms", at(0.5), at(0.99));
    for factor in [1, 2, 4] {
        let long = text.repeat(250_000 * factor / text.len() + 1);
        let begun = Instant::now();
        black_box(find(&long));
        let each = begun.elapsed().as_secs_f64() * 1e3 * 5_000.0 / long.len() as f64;
        println!("{:>5} kB in one: {each:.2} ms for each 5 kB", long.len() / 1_000);
    }
}
