//! `cargo bench --bench identifiers [-- --misses] [-- --only=tuning]`: how much of what is marked in the case files the
//! detector finds, how much of what it finds is marked, and how long it takes. The held-out files are for measuring
//! alone: their misses are counted, never shown. Generated cases are counted apart, as they are more alike than real ones.
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

use std::{collections::BTreeMap, hint::black_box, ops::Range, path::Path, time::Instant};

use consilium::text::identifiers::{Found, Kind, find};

/// How many cases are generated, and from what number.
const GENERATED: u64 = 3_000;
const SEED: u64 = 20_261_126;

/// A text, and what is marked in it.
struct Case {
    id: String,
    text: String,
    marks: Vec<(Range<usize>, Kind)>,
}

#[derive(Default, Clone, Copy)]
struct Tally {
    marked: usize,
    hit: usize,
    found: usize,
    right: usize,
}

fn main() {
    let misses = std::env::args().any(|a| a == "--misses");
    let only = std::env::args().find_map(|a| a.strip_prefix("--only=").map(str::to_owned));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    let begun = Instant::now();
    black_box(find("x"));
    println!("first use, in which lists and patterns are read {:>8.0} ms", begun.elapsed().as_secs_f64() * 1e3);
    for name in ["tuning", "held_out"] {
        if wanted(name) {
            let cases = cases_of(name);
            report(name, &cases, misses && name == "tuning");
        }
    }
    if wanted("generated") {
        report("generated", &generated(), misses);
    }
    if only.is_none_or(|only| only == "speed") {
        speed(&cases_of("tuning"));
    }
}

/// The cases of a folder of files.
fn cases_of(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/identifiers").join(folder);
    let Ok(files) = std::fs::read_dir(&folder) else { return Vec::new() };
    let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    let texts = paths.iter().filter(|p| p.extension().is_some_and(|e| e == "txt"));
    texts.flat_map(|path| cases(&std::fs::read_to_string(path).unwrap())).collect()
}

/// Reads `=== id` and the text below it, with marks `[[kind|words]]`.
fn cases(file: &str) -> Vec<Case> {
    let file = format!("\n{file}");
    let parts = file.split("\n=== ").skip(1).map(|part| part.split_once('\n').unwrap_or((part, "")));
    parts.map(|(id, body)| case(id.trim(), body)).collect()
}

fn case(id: &str, body: &str) -> Case {
    let (mut text, mut marks) = (String::with_capacity(body.len()), Vec::new());
    let mut pieces = body.split("[[");
    text.push_str(pieces.next().unwrap());
    for piece in pieces {
        let (mark, rest) = piece.split_once("]]").unwrap_or_else(|| panic!("{id}: a mark has no end"));
        let (kind, words) = mark.split_once('|').unwrap_or_else(|| panic!("{id}: a mark has no kind"));
        let kind = Kind::ALL.iter().find(|k| k.as_str() == kind).unwrap_or_else(|| panic!("{id}: {kind} is no kind"));
        marks.push((text.len()..text.len() + words.len(), *kind));
        text.push_str(words);
        text.push_str(rest);
    }
    Case { id: id.to_owned(), text, marks }
}

/// A found place counts where it overlaps a mark of its kind.
fn fits(found: &Found, (range, kind): &(Range<usize>, Kind)) -> bool {
    found.kind == *kind && found.range.start < range.end && range.start < found.range.end
}

fn report(name: &str, cases: &[Case], misses: bool) {
    let mut tallies: BTreeMap<Kind, Tally> = BTreeMap::new();
    let (mut clean, mut flags, mut seen, mut apt) = (0_usize, 0_usize, 0_usize, 0_usize);
    for Case { id, text, marks } in cases {
        let found = find(text);
        clean += usize::from(marks.is_empty());
        flags += if marks.is_empty() { found.len() } else { 0 };
        let overlap = |found: &Found, mark: &(Range<usize>, Kind)| fits(&Found { kind: mark.1, ..found.clone() }, mark);
        seen += marks.iter().filter(|mark| found.iter().any(|found| overlap(found, mark))).count();
        apt += found.iter().filter(|found| marks.iter().any(|mark| overlap(found, mark))).count();
        for mark in marks {
            let tally = tallies.entry(mark.1).or_default();
            tally.marked += 1;
            if found.iter().any(|found| fits(found, mark)) {
                tally.hit += 1;
            } else if misses {
                println!("  missed {:<12} {id}: {:?}", mark.1.as_str(), &text[mark.0.clone()]);
            }
        }
        for found in &found {
            let tally = tallies.entry(found.kind).or_default();
            tally.found += 1;
            if marks.iter().any(|mark| fits(found, mark)) {
                tally.right += 1;
            } else if misses {
                println!("  wrong  {:<12} {id}: {:?}", found.kind.as_str(), &text[found.range.clone()]);
            }
        }
    }
    println!("\n{name}: {} cases, of which {clean} are clean", cases.len());
    println!("{:<12} {:>6} {:>6} {:>23} {:>23}", "kind", "marked", "missed", "recall", "precision");
    let mut all = Tally::default();
    for (kind, tally) in &tallies {
        line(kind.as_str(), *tally);
        all.marked += tally.marked;
        all.hit += tally.hit;
        all.found += tally.found;
        all.right += tally.right;
    }
    line("all", all);
    // The same places, whatever kind was said: what an author would have been shown.
    println!(
        "{:<12} {:>6} {:>6} {:>23} {:>23}",
        "any kind",
        all.marked,
        all.marked - seen,
        interval(seen, all.marked),
        interval(apt, all.found)
    );
    println!("false flags a clean case {:>10.3}", flags as f64 / clean.max(1) as f64);
}

fn line(name: &str, Tally { marked, hit, found, right }: Tally) {
    println!("{name:<12} {marked:>6} {:>6} {:>23} {:>23}", marked - hit, interval(hit, marked), interval(right, found));
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

// Generated cases.

/// A small generator of numbers (SplitMix64), so that each run has the same cases.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }

    /// Each `#` becomes a digit, each `*` a capital.
    fn form(&mut self, pattern: &str) -> String {
        let letter = |dice: &mut Self| char::from(b'A' + dice.below(26) as u8);
        pattern
            .chars()
            .map(|c| match c {
                '#' => char::from(b'0' + self.below(10) as u8),
                '*' => letter(self),
                c => c,
            })
            .collect()
    }
}

const GIVEN: &[&str] = &[
    "Siobhán",
    "Mary",
    "Padraig",
    "Aoife",
    "John",
    "Oluwaseun",
    "Priya",
    "Mohammed",
    "Wei",
    "Katarzyna",
    "Pieter",
    "Annegret",
    "Jean-Luc",
    "María",
    "Giulia",
    "Thandiwe",
    "Fatima",
    "Gwenllian",
    "Hamish",
    "Charlene",
    "DeShawn",
    "Nguyệt",
    "Bronwyn",
    "Lachlan",
    "Eilidh",
    "Kwame",
];
const FAMILY: &[&str] = &[
    "O'Brien",
    "McDonagh",
    "van der Berg",
    "Smith",
    "Kowalczyk",
    "Okafor",
    "Patel",
    "Nguyen",
    "de la Cruz",
    "Müller",
    "Murphy",
    "Wilson",
    "Brennan",
    "Al-Rashid",
    "Fitzgerald",
    "Szymański",
    "Dubois",
    "Rossi",
    "Thibodeaux",
    "Llewellyn",
    "Abernathy",
    "O’Sullivan",
    "Hernández",
    "Wu",
];
const TOWNS: &[&str] = &[
    "Ballina",
    "Castlebar",
    "Stoke-on-Trent",
    "Groningen",
    "Regensburg",
    "Clermont-Ferrand",
    "Toowoomba",
    "Poughkeepsie",
    "Galway",
    "Aberystwyth",
    "Dundee",
    "Lubbock",
    "Chattanooga",
    "Bendigo",
    "Eindhoven",
    "Wollongong",
];
const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const CONTEXT: &[&str] = &[
    "BP 120/80, HR 94, sats 92% on air. Crohn's disease since childhood, on Humira 40 mg.",
    "Glasgow Coma Scale 15/15. Babinski negative. Hb 9.4, platelets 150-400.",
    "We may start methotrexate 15 mg weekly. Power 5/5, Murphy's sign negative.",
    "Gestation 31+4. A Foley catheter was placed. Lyme serology negative.",
    "INR 2.5, eGFR 38, T10/11 wedge fracture. Wells score 3.",
    "Pain 7/10, Addison's disease excluded by Synacthen test.",
];

/// What a slot of a template becomes, and its kind.
fn slot(name: &str, dice: &mut Dice) -> (Kind, String) {
    let day = 1 + dice.below(28);
    let (month, year) = (1 + dice.below(12), 2_005 + dice.below(20));
    let words = dice.pick(MONTHS);
    let style = dice.below(8);
    match name {
        "given" => (Kind::Name, dice.pick(GIVEN).to_owned()),
        "family" => (Kind::Name, dice.pick(FAMILY).to_owned()),
        "full" => (Kind::Name, format!("{} {}", dice.pick(GIVEN), dice.pick(FAMILY))),
        "back" => (Kind::Name, format!("{}, {}", dice.pick(FAMILY), dice.pick(GIVEN))),
        "date" => (
            Kind::Date,
            match style {
                0 => format!("{year}-{month:02}-{day:02}"),
                1 => format!("{day:02}/{month:02}/{year}"),
                2 => format!("{month}/{day}/{:02}", year % 100),
                3 => format!("{day:02}.{month:02}.{year}"),
                4 => format!("{day} {words} {year}"),
                5 => format!("{words} {day}, {year}"),
                6 => format!("{day}-{}-{:02}", &words[..3], year % 100),
                _ => format!("the {day}th of {words}"),
            },
        ),
        "age" => {
            let age = 90 + dice.below(15);
            let form = ["-year-old", " year old", "yo", " y/o", " yrs old", " years of age", "-yr-old", " years old"]
                [style as usize];
            (Kind::AgeOver89, format!("{age}{form}"))
        }
        "town" => (Kind::Location, dice.pick(TOWNS).to_owned()),
        "house" => {
            let house = dice.pick(&[
                "St Luke's Hospital",
                "Mercy Regional Medical Center",
                "Oakfield Nursing Home",
                "Kilmore National School",
            ]);
            (Kind::Location, house.to_owned())
        }
        "phone" => {
            let form = dice.pick(&[
                "+353 87 ### ####",
                "(415) 555-01##",
                "020 7946 0###",
                "+61 4## ### ###",
                "06-########",
                "01 42 ## ## ##",
                "0161 496 0###",
            ]);
            (Kind::Phone, dice.form(form))
        }
        "fax" => (Kind::Fax, dice.form("01632 960 ###")),
        "email" => (Kind::Email, dice.form("m.doyle##@example.org")),
        "ssn" => {
            (Kind::Ssn, format!("{}-{:02}-{:04}", 100 + dice.below(500), 1 + dice.below(99), 1 + dice.below(9_999)))
        }
        "nhs" => (Kind::NationalId, nhs(dice)),
        "mrn" => {
            let form = dice.pick(&["########", "A#######", "**-######", "##-##-##", "H##/#######"]);
            (Kind::Mrn, dice.form(form))
        }
        "plan" => {
            let form = dice.pick(&["***#########", "####-####-##", "*##-######"]);
            (Kind::HealthPlan, dice.form(form))
        }
        "account" => (Kind::Account, dice.form("########")),
        "gmc" => (Kind::License, dice.form("7######")),
        "serial" => (Kind::Device, dice.form("***######*")),
        "plate" => (Kind::Vehicle, dice.form("191-D-#####")),
        "url" => (Kind::Url, dice.form("https://photos.example.org/u/####")),
        "ip" => (Kind::Ip, format!("10.{}.{}.{}", dice.below(256), dice.below(256), 1 + dice.below(254))),
        _ => (Kind::Other, dice.form("moss_green##")),
    }
}

/// A number whose last digit fits.
fn nhs(dice: &mut Dice) -> String {
    loop {
        let digits: Vec<u64> = (0..9).map(|_| dice.below(10)).collect();
        let sum: u64 = digits.iter().zip([10, 9, 8, 7, 6, 5, 4, 3, 2]).map(|(d, w)| d * w).sum();
        let check = (11 - sum % 11) % 11;
        if check < 10 {
            let text: String = digits.iter().chain([&check]).map(u64::to_string).collect();
            return format!("{} {} {}", &text[..3], &text[3..6], &text[6..]);
        }
    }
}

const TEMPLATES: &[&str] = &[
    "Mrs {family} was admitted on {date} with chest pain.",
    "Patient: {full}, DOB {date}, MRN {mrn}.",
    "{age} woman from {town}, seen with her daughter {given}.",
    "Discussed with Dr {full} at {house} on {date}.",
    "Re: {back}. NHS No. {nhs}. Tel {phone}.",
    "His wife {given} can be reached on {phone} or {email}.",
    "SSN {ssn}; member ID {plan}; account number {account}.",
    "Pacemaker serial number {serial}. GMC {gmc}. Fax: {fax}.",
    "She drives a car with the plate {plate} and posts at {url}.",
    "Logged in from {ip}, username {user}.",
    "Referred by Dr {family}, {town}. Hospital number {mrn}.",
    "Lives in {town}. {given} was well until {date}.",
    "Mr {full}, aged {bare}, fell at {house}.",
    "Follow-up on {date}; ring {phone}.",
    "Signed, {full} MD. Chart #{mrn}.",
    "The {age} man was transferred from {house} to us on {date}.",
    "Policy no. {plan}, claim reviewed on {date} by {full}.",
    "NEXT OF KIN: {full} ({phone}).",
    "Seen by Prof {family} and Dr {family} in {town}.",
    "NHS number {nhs}, hospital no {mrn}, seen {date}.",
];

/// Cases made of templates, of which a tenth have typing slips beside the marks, and a tenth no marks.
fn generated() -> Vec<Case> {
    let mut dice = Dice(SEED);
    (0..GENERATED)
        .map(|n| {
            let (mut text, mut marks) = (String::new(), Vec::new());
            let count = if n % 10 == 0 { 0 } else { 1 + dice.below(3) };
            for _ in 0..count {
                let template = dice.pick(TEMPLATES);
                fill(template, &mut dice, &mut text, &mut marks);
                text.push(if dice.below(4) == 0 { '\n' } else { ' ' });
            }
            let context = dice.pick(CONTEXT);
            text.push_str(context);
            Case { id: format!("generated-{n}"), text, marks }
        })
        .collect()
}

fn fill(template: &str, dice: &mut Dice, text: &mut String, marks: &mut Vec<(Range<usize>, Kind)>) {
    let slips = dice.below(10) == 0;
    for piece in template.split('{') {
        let (plain, rest) = match piece.split_once('}') {
            Some((name, rest)) => {
                let (kind, words) = if name == "bare" {
                    (Kind::AgeOver89, (90 + dice.below(15)).to_string())
                } else {
                    slot(name, dice)
                };
                marks.push((text.len()..text.len() + words.len(), kind));
                text.push_str(&words);
                (String::new(), rest)
            }
            None => (piece.to_owned(), ""),
        };
        let plain = format!("{plain}{rest}");
        // A doubled space is the commonest slip, then a small letter for a capital.
        text.push_str(&if slips {
            plain.replacen(' ', "  ", 1).replace("Patient", "patient").replace("Seen", "seen")
        } else {
            plain
        });
    }
}
