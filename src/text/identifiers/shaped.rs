//! Numbers without a label, known by their form or their check digits.
//! Where a form is common in laboratories too, the digits have to vouch for each other.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    check,
    kind::Kind,
    lexicon::{ABBREVIATION, FUNCTION, WORD, look_up},
    page::{Mark, Page, digits, has_word, pattern},
};

static SSN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[0-9]{3}[-–‑][0-9]{2}[-–‑][0-9]{4}|(?:xxx|\*\*\*)-(?:xx|\*\*)-[0-9]{4}"));
static DIGITS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{1,6}(?:[ \u{a0}-]?[0-9]{1,6}){1,6}"));
static LETTERED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[a-z]{0,2}[ ]?[0-9]{2,9}[ -]?[0-9a-z]{0,13}(?:[ -][0-9a-z]{2,4}){0,4}"));
static IBAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[a-z]{2}[0-9]{2}[ ]?[a-z0-9]{4}(?:[ ]?[a-z0-9]{2,4}){2,7}(?:[ ]?[a-z0-9]{1,3})?"));
static VIN: LazyLock<Regex> = LazyLock::new(|| pattern(r"[a-hj-npr-z0-9]{17}"));
static DRIVER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[a-z][a-z9]{4}[ ]?[0-9][0156][0-9]{4}[ ]?[a-z9]{2}[0-9][a-z]{2}"));
static UDI: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\(01\)[ ]?[0-9]{14}(?:[ ]?\([0-9]{2}\)[ ]?[a-z0-9.-]{1,20}){0,4}"));
/// The serial number of a device identifier that is cut short.
static SERIAL: LazyLock<Regex> = LazyLock::new(|| pattern(r"\((?:21|10|11)\)[ ]?[a-z0-9-]{4,20}"));
/// Serial numbers of pacemakers, their leads and the like.
static IMPLANTED: LazyLock<Regex> = LazyLock::new(|| pattern(r"[a-z]{3}[0-9]{6}[a-z]"));
/// Words near them.
const RHYTHM: &[&str] = &[
    "pacemaker",
    "ppm",
    "icd",
    "crt",
    "lead",
    "leads",
    "generator",
    "ilr",
    "linq",
    "medtronic",
    "device",
    "implanted",
    "defibrillator",
    "programmer",
    "stimulator",
    "pump",
];
/// Registrations of Australia, by the profession, and of doctors in South Africa.
static REGISTERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:med|nmw|pha|psy|den|phy|chi|ost|opt|pod|occ|par|mrp|cmr|ats)00[0-9]{8}|mp ?0[0-9]{6}")
});
static DICOM: LazyLock<Regex> = LazyLock::new(|| pattern(r"[12]\.[0-9]{1,3}(?:\.[0-9]{1,20}){6,20}"));
/// Plates of Ireland, Britain, France, Germany and the Netherlands.
static PLATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:[a-z]{2}-[0-9]{3}-[a-z]{2}|[a-z][0-9]{1,3}[ ][a-z]{3}|[a-z]{3}[ -]?[0-9]{3,4}|[0-9]{1,2}-[a-z]{2,3}-[0-9]{1,2}|[a-z]{1,2}-[0-9]{2,3}-[a-z]{1,2}|[a-z]{1,3}-[a-z]{1,2} ?[0-9]{1,4}|[0-9][a-z]{3}[ -]?[0-9]{3}|[0-9]{3}[ -][a-z]{3})\b",
    )
});
/// Those of Ireland and Britain, which are like nothing else.
static FORMAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:[a-z][0-9]{1,3} [a-z]{3}|[0-9]{2,3}[- ](?:c|ce|cn|cw|d|dl|g|kk|ke|ky|l|ld|lh|lk|lm|ls|mh|mn|mo|oy|rn|so|t|ts|w|wd|wh|wx|ww)[- ][0-9]{1,6}|[a-z]{2}[0-9]{2}[ ]?[a-z]{3})\b",
    )
});
pub(super) const VEHICLES: &[&str] = &[
    "car",
    "van",
    "plate",
    "plates",
    "reg",
    "registration",
    "vehicle",
    "truck",
    "lorry",
    "tractor",
    "motorbike",
    "motorcycle",
    "jeep",
    "ford",
    "toyota",
    "vw",
    "volkswagen",
    "golf",
    "honda",
    "nissan",
    "bmw",
    "audi",
    "skoda",
    "hyundai",
    "kia",
    "corolla",
    "driver",
    "driving",
    "registered",
    "scooter",
    "taxi",
    "ambulance",
    "bus",
    "opel",
    "renault",
    "peugeot",
    "tesla",
    "volvo",
    "mercedes",
    "fiesta",
    "trailer",
    "minibus",
    "campervan",
    "bike",
    "yaris",
    "polo",
    "passat",
    "focus",
    "qashqai",
    "hilux",
    "transit",
    "pickup",
    "suv",
    "parked",
    "dashcam",
    "rego",
    "kennzeichen",
    "ute",
    "plated",
    "driven",
    "drives",
    "drove",
    "crashed",
    "boat",
    "trawler",
    "moped",
    "caravan",
    "mercedes",
    "citroen",
    "dacia",
    "seat",
    "mazda",
    "subaru",
    "lexus",
    "clio",
    "corsa",
    "astra",
    "tucson",
    "rego",
];
/// Values that look like a plate where a plate of bone is near: "PLT 118".
pub(super) const LABORATORY: &[&str] = &[
    "plt", "wcc", "wbc", "hgb", "hct", "mcv", "crp", "esr", "alt", "ast", "ggt", "alp", "bun", "ldh", "tsh", "bnp",
    "inr", "cpk", "amy", "lip", "hba", "gcs", "bdi", "qrs", "qtc", "phq", "gad", "iss", "ebl", "ivf", "bmi",
];
const VEHICLE_WHY: &str = "A number plate leads to the keeper of a vehicle.";

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut push = |range, kind, why, weight| marks.push(Mark { range, kind, why, suggestion: String::new(), weight });
    for found in page.matches(&SSN) {
        let hidden = found.as_str().starts_with(['x', '*']);
        if (hidden || check::ssn(found.as_str())) && !page.joined(&found.range(), &['-', '.', '/']) {
            push(found.range(), Kind::Ssn, "It has the form of a social security number.", 72);
        }
    }
    for found in page.matches(&UDI) {
        push(found.range(), Kind::Device, "A device identifier with a serial number is unique.", 88);
    }
    for found in page.matches(&REGISTERED) {
        push(found.range(), Kind::License, "It has the form of a registration of somebody of the health service.", 84);
    }
    for found in page.matches(&IMPLANTED).filter(|found| page.near(&found.range(), 80, RHYTHM)) {
        if !page.at(&found.range()).bytes().any(|b| b.is_ascii_lowercase()) {
            push(found.range(), Kind::Device, "It has the form of the serial number of an implant.", 60);
        }
    }
    // "(10) inhaled" is a list.
    for found in page.matches(&SERIAL).filter(|found| digits(found.as_str()).len() > 4) {
        push(found.range(), Kind::Device, "A device identifier with a serial number is unique.", 87);
    }
    for found in page.matches(&DICOM).filter(|found| !found.as_str().starts_with("2.16.840.1.113883")) {
        push(found.range(), Kind::Mrn, "An identifier of images leads to one examination.", 88);
    }
    for found in page.matches(&VIN) {
        let mixed = found.as_str().contains(|c: char| c.is_ascii_digit())
            && found.as_str().contains(|c: char| c.is_ascii_alphabetic());
        let told = has_word(page.words_before(found.start(), 40), &["vin", "chassis"]);
        if mixed && (check::vin(found.as_str()) || told) {
            let weight = if told { 80 } else { 75 };
            push(found.range(), Kind::Vehicle, "A vehicle identification number belongs to one vehicle.", weight);
        }
    }
    for found in page.matches(&DRIVER).filter(|found| {
        !page.at(&found.range()).chars().any(char::is_lowercase)
            || page.near(&found.range(), 40, &["licence", "license", "driving", "driver", "dvla"])
    }) {
        push(found.range(), Kind::License, "It has the form of a British driver number.", 75);
    }
    for found in page.matches(&IBAN).filter(|found| {
        check::iban(found.as_str())
            || has_word(page.words_before(found.start(), 40), PAID) && found.len() > 14 && is_european(found.as_str())
    }) {
        push(found.range(), Kind::Account, "A bank account number belongs to one person.", 86);
    }
    plates(page, &mut push);
    numbers(page, &mut push);
    lettered(page, &mut push);
}

/// Words near the number of an account of a bank.
const PAID: &[&str] = &[
    "iban",
    "sepa",
    "account",
    "konto",
    "rekening",
    "compte",
    "deposit",
    "transfer",
    "transferred",
    "bank",
    "paid",
    "pay",
    "refund",
    "rechnungskonto",
    "conto",
    "cuenta",
];

/// Whether it begins like an account of a bank in Europe.
fn is_european(text: &str) -> bool {
    const COUNTRIES: &[&str] = &[
        "nl", "de", "be", "fr", "at", "ch", "ie", "gb", "it", "es", "pt", "lu", "dk", "se", "no", "fi", "pl", "cz",
        "sk", "hu", "ro", "bg", "gr", "hr", "si", "ee", "lv", "lt", "mt", "cy", "is", "li", "tr",
    ];
    text.get(..2).is_some_and(|head| COUNTRIES.contains(&head)) && digits(text).len() > 9
}

fn plates(page: &Page<'_>, push: &mut impl FnMut(std::ops::Range<usize>, Kind, &'static str, u8)) {
    for found in page.matches(&PLATE) {
        let text = page.at(&found.range());
        let head: String = text.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        let french = text.len() == 9 && text.bytes().filter(|b| *b == b'-').count() == 2;
        let other = (look_up(&head).any(ABBREVIATION.or(WORD)) || LABORATORY.contains(&&*head)) && !french
            || text.starts_with("PD-L")
            || page.joined(&found.range(), &['-', '/', '.']);
        if page.near(&found.range(), 60, VEHICLES) && !text.chars().any(char::is_lowercase) && !other {
            push(found.range(), Kind::Vehicle, VEHICLE_WHY, 64);
        }
    }
    for found in page.matches(&FORMAL) {
        let text = page.at(&found.range());
        let capitals = !text.chars().any(char::is_lowercase);
        let parts: Vec<&str> = text.split('-').collect();
        let irish = matches!(parts.as_slice(), [year, county, number]
            if year.len() >= 2 && year.chars().all(|c| c.is_ascii_digit())
                && county.chars().all(|c| c.is_ascii_alphabetic()) && number.chars().all(|c| c.is_ascii_digit()) && number.len() > 2);
        let bytes = text.as_bytes();
        // "B1 and".
        let word = text.rsplit(' ').next().is_some_and(|end| look_up(&end.to_ascii_lowercase()).any(WORD.or(FUNCTION)));
        let older = text.len() > 5
            && (capitals || !word)
            && bytes.first().is_some_and(u8::is_ascii_alphabetic)
            && bytes.get(1).is_some_and(u8::is_ascii_digit);
        let british = (7..=8).contains(&bytes.len())
            && bytes.get(2..4).is_some_and(|two| two.iter().all(u8::is_ascii_digit))
            && text.get(text.len().saturating_sub(3)..).is_some_and(|end| end.chars().all(|c| c.is_ascii_alphabetic()));
        let vehicle = page.near(&found.range(), 60, VEHICLES) && !page.joined(&found.range(), &['-', '/']);
        if capitals && (irish || british && text.contains(' ')) || vehicle && (capitals || irish || british || older) {
            push(found.range(), Kind::Vehicle, VEHICLE_WHY, 64);
        }
    }
}

fn numbers(page: &Page<'_>, push: &mut impl FnMut(std::ops::Range<usize>, Kind, &'static str, u8)) {
    const NATIONAL: &str = "Its check digit is that of a national number.";
    for found in page.matches(&DIGITS) {
        let text = found.as_str();
        if page.joined(&found.range(), &['.', '/', ',']) || text.contains("  ") {
            continue;
        }
        let sizes: Vec<usize> = text.split([' ', '\u{a0}', '-']).map(str::len).collect();
        let kind = match (digits(text).len(), sizes.as_slice()) {
            (10, [3, 3, 4]) if check::nhs(text) && !text.contains('-') => Some((Kind::NationalId, NATIONAL, 61)),
            (10, [10] | [6, 4]) if check::nhs(text) => Some((Kind::NationalId, NATIONAL, 57)),
            (10, [10]) if check::npi(text) => Some((Kind::License, "Its check digit is that of an NPI.", 60)),
            (10 | 11, [4, 5, 1 | 2] | [4, 5, 1, 1]) if check::medicare_au(text) => {
                Some((Kind::NationalId, NATIONAL, 61))
            }
            (16, [16] | [4, 4, 4, 4]) if check::ihi(text) => Some((Kind::NationalId, NATIONAL, 66)),
            (13..=16, [13..=16] | [4, 4, 4, 4] | [4, 6, 5]) if check::luhn(text) && sizes != [15] => {
                Some((Kind::Account, "Its check digit is that of a payment card.", 65))
            }
            (15, [15] | [2, 6, 6, 1]) if check::luhn(text) => {
                Some((Kind::Device, "Its check digit is that of a telephone.", 65))
            }
            (15, _) if check::nir(text) => Some((Kind::NationalId, NATIONAL, 67)),
            (11, [11] | [2, 3, 3, 3]) if check::steuer_id(text) && !text.starts_with('0') => {
                Some((Kind::NationalId, NATIONAL, 57))
            }
            (10, [4, 6] | [10]) if check::svnr(text) => Some((Kind::NationalId, NATIONAL, 56)),
            (9, [3, 3, 3] | [4, 2, 3]) if check::bsn(text) => Some((Kind::NationalId, NATIONAL, 56)),
            _ => None,
        };
        if let Some((kind, why, weight)) = kind {
            push(found.range(), kind, why, weight);
        }
    }
}

fn lettered(page: &Page<'_>, push: &mut impl FnMut(std::ops::Range<usize>, Kind, &'static str, u8)) {
    for found in page.matches(&LETTERED) {
        let text = page.at(&found.range());
        let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        let head = plain.chars().take_while(char::is_ascii_alphabetic).count();
        let tail = plain.chars().rev().take_while(char::is_ascii_alphabetic).count();
        let count = plain.chars().filter(char::is_ascii_digit).count();
        let spaced = text.contains(' ');
        let kind = match (head, count, tail) {
            (0, 7, 1 | 2) if plain.len() == 7 + tail && check::pps(&plain) => Some(Kind::NationalId),
            (1, 9, 0) if !spaced && check::kvnr(&plain) => Some(Kind::NationalId),
            (2, 6, 1)
                if plain.len() == 9
                    && !text.contains('-')
                    && "ABCDabcd".contains(|c| plain.ends_with(c))
                    && text == text.to_uppercase() =>
            {
                Some(Kind::NationalId)
            }
            (2, 7, 0) if !spaced && dea(&plain) => Some(Kind::License),
            _ if plain.len() == 11 && check::mbi(&plain) => Some(Kind::HealthPlan),
            _ if plain.len() == 15 && (plain.contains("2A") || plain.contains("2B")) && check::nir(&plain) => {
                Some(Kind::NationalId)
            }
            _ => None,
        };
        if let Some(kind) = kind {
            push(found.range(), kind, "It has the form of a number of one person, and its check fits.", 63);
        }
    }
}

fn dea(text: &str) -> bool {
    let all = digits(text);
    let sum: u32 = all.iter().zip([1, 2, 1, 2, 1, 2]).map(|(digit, weight)| digit * weight).sum();
    all.last() == Some(&(sum % 10))
}
