//! Cases made of templates, from a fixed seed.

use std::ops::Range;

use consilium::text::identifiers::Kind;

use super::cases::Case;

/// How many cases are generated, and from what number.
const GENERATED: u64 = 3_000;
const SEED: u64 = 20_261_126;

/// A small generator of numbers (SplitMix64), so that each run has the same cases.
#[derive(Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(super) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
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
pub(super) fn generated() -> Vec<Case> {
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
            Case { id: format!("generated-{n}"), file: "generated".into(), text, marks }
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
