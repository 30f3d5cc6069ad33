//! Numbers that follow a label: "MRN 00412345", "Policy no. XK-22 91", "GMC 7012345".
//! Each kind has one pattern of labels; what follows is read in code, where dates and words end it.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    kind::Kind,
    lexicon::{FUNCTION, WORD, look_up},
    numbers::is_label,
    page::{Mark, Page, digits, has_word, pattern},
};

/// Words for "number", without which a common word is no label.
const NUMBER: &str = r"(?:[ ]?(?:nos?\b\.?|number|numbers|num\b\.?|nr\b\.?|n°|nº|#|id\b|ids\b|i\.d\.|identifier|ident\b|ref\b\.?|reference|code))";
/// What may stand between a label and its number.
const BETWEEN: &str = r"(?:(?: [a-z]{1,10}){1,4}[ ]?:|[ ]?\(last (?:four|4)[^)\n]{0,30}\))?(?:[ \t]*(?:\.{2,}|[:#=(\x22“'*-]|[-–—]|nos?\b\.?|number|num\b\.?|nr\b\.?|id\b|ref\b\.?|reference|is\b|was\b|as\b|of\b|on (?:the|his|her|their) [a-z]+|\.|,|reads|given as|ending(?: in)?|ends in|ends with|last four(?: digits)?|starting\b|begins\b|under\b|with\b|her\b|his\b|new\b|old\b|hers\b|mine\b)[ \t]*){0,5}[ \t]*(?:\n[ \t]*)?";
/// A number, with letters in or before it.
const VALUE: &str = r"([a-z]{0,6}(?:[-/ .][a-z]{1,4})?[-/ ]?[0-9][0-9a-z]*(?:(?:[-/.·:_]|[ \u{a0}])[0-9a-z]+){0,8})";

/// Labels of one kind, and the fewest letters and digits of what follows them.
struct Labels {
    kind: Kind,
    why: &'static str,
    pattern: Regex,
    least: usize,
    weight: u8,
}

fn labels(kind: Kind, why: &'static str, words: &str, least: usize, weight: u8) -> Labels {
    let pattern = pattern(&format!(r"\b(?:{}){BETWEEN}{VALUE}", words.replace("NUM", NUMBER)));
    Labels { kind, why, pattern, least, weight }
}

static LABELS: LazyLock<[Labels; 6]> = LazyLock::new(|| {
    [
        labels(
            Kind::Ssn,
            "A social security number belongs to one person.",
            r"va (?:record |file )?last (?:four|4)|last (?:four|4)(?: digits)? of (?:the |her |his |their |patient'?s? )?(?:social(?: security)?(?: number)?|ssn|ss#?)|ssn|social|ss#|ss ?no|s\.s\.n\.|soc(?:ial)?\.? sec(?:urity)?(?:NUM)?",
            4,
            84,
        ),
        labels(
            Kind::NationalId,
            "A national number belongs to one person.",
            concat!(
                r"nhs(?:NUM)?|nhs no|chi(?:NUM)?|h ?& ?c(?:NUM)?|h&c|hcn(?:NUM)?|hscn|health (?:and|&) care(?:NUM)|pps[- ]?n?(?:NUM)?|personal public service(?:NUM)?|ihi(?:NUM)?|individual health(?:care)? identifier|medicare(?:NUM| card(?:NUM)?| details)?|bsn(?:NUM|-nummer)?|burgerservicenummer|sofinummer|",
                r"kvnr|kv-nr|kv-nummer|krankenversicherten(?:nummer|-nr)|krankenversichertennr|versicherten(?:nummer|-nr|nr|-id)|egk(?:NUM)?|steuer-?(?:id|identifikationsnummer|idnr|nummer)(?:nummer)?(?:NUM)?|idnr|tax id(?:entification)?(?:NUM)?|tin(?:NUM)|tfn|tax file(?:NUM)|",
                r"nir(?:NUM)?|insee(?:NUM)?|ins(?:NUM)|num[ée]ro de s[ée]curit[ée] sociale|s[ée]curit[ée] sociale|n° ?s[ée]cu|s[ée]cu|carte vitale|rentenversicherungsnummer|sv-nummer|svnr|sozialversicherungsnummer|",
                r"(?:irish |british |uk |us |german |french |dutch |polish |indian |nigerian |australian |eu )?passports?(?:NUM)?|reisepass(?:nummer|-nr)?|passeport|paspoort(?:nummer)?|nino|ni(?:NUM)|national insurance(?:NUM)?|national id(?:entity)?(?: card)?(?:NUM)?|nat(?:ional)?\.? ?id|(?:id|identity) card(?:NUM)?|personalausweis(?:nummer|-nr)?|identiteitskaart|carte d'identit[ée]|cni|nhi(?:NUM)?|sin(?:NUM)|social insurance(?:NUM)?|health ?card(?:NUM)?|ohip(?:NUM)?|phn|pesel|codice fiscale|dni(?:NUM)?|nie(?:NUM)|cpf(?:NUM)?|aadhaar(?:NUM)?|aadhar(?:NUM)?|pan(?:NUM| card)|personnummer|cpr(?:NUM)|f[øo]dselsnummer|ahv(?:NUM)?|alien(?:NUM)|a-number|a#|uscis(?:NUM)?|visa(?:NUM)|residence permit(?:NUM)?|brp(?:NUM)?|irp(?: card)?(?:NUM)?|gnib(?:NUM)?|emirates id|cnic|bvn|nin(?:NUM)|asylum(?:NUM)|v-nummer|tsi|cmu",
            ),
            6,
            83,
        ),
        labels(
            Kind::Device,
            "A serial number belongs to one device, and so to whoever has it.",
            concat!(
                r"(?:serial|ser\.?|s/n|s\.n\.|sn|udi(?:-di|-pi)?|imei|meid|mac address|sernr|seriennummer|serienummer)(?:NUM)?s?|",
                r"(?:implant|device|pacemaker|generator|lead|pump|ventilator|cgm|sensor|transmitter|monitor|prosthesis|valve|stent|cochlear|processor|handset|tag|micro-?chip|hearing aid|wheelchair|glucometer|meter|oximeter|machine|asset|equipment|scope|endoscope|scanner|loop recorder|ilr|shunt|lens|iol|stimulator|cpap|concentrator|defibrillator|crt-?d)(?: serial| unit| device| implant| tag| card)*(?:NUM)|implant card|serial",
            ),
            4,
            81,
        ),
        labels(
            Kind::License,
            "A licence or registration number leads to a person.",
            concat!(
                r"(?:driver'?s?|driving|drivers|pilot'?s?|gun|firearms?|shotgun|fishing|hunting|professional|medical|nursing|state|physician|pharmacy|taxi|hgv|pcv|marriage|birth|death|teaching|dvla)? ?(?:licen[cs]e|permit|certificate|cert\.?|registration|regn?\.?|provider|prescriber|practitioner|pin|council)(?:NUM)|",
                r"(?:driver'?s?|driving|drivers|pilot'?s?|pcv|hgv|firearms?|shotgun|gun|medical|nursing|state|fishing) ?(?:licen[cs]e|permit|cert(?:ificate)?)(?:NUM)?|",
                r"cdl(?:NUM)?|dl(?:#|NUM|:)|licen[cs]e[ ]?[(:]|examiner registry(?:NUM)|(?:gmc|nmc|imc|mcrn|mcn|nmbi|gphc|hcpc|gdc|coru|ahpra|big|rpps|adeli|lanr|bsnr|npi|dea|psi|fsrh|mdcn|mcnz|cpso|hpi-i|agb|lic\.?|f[üu]hrerschein(?:nummer)?|rijbewijs(?:nummer)?|permis de conduire|permis|prescriber|big-nummer|reg\. med)(?: pin|-registratie| registration| register| reg\.?| council)?(?:NUM)?",
            ),
            5,
            82,
        ),
        labels(
            Kind::Vehicle,
            "A number plate or vehicle number leads to its keeper.",
            r"vin(?:NUM)?|vehicle identification(?:NUM)?|chassis(?:NUM)?|frame(?:NUM)|(?:licen[cs]e|number|registration|reg\.?|car|vehicle) ?plates?(?:NUM)?|(?:number|license|licence)?plates?|rego|vrm|vrn|(?:vehicle|car|van|tractor|jeep|bike|motorbike|scooter|truck|taxi|lorry|trailer|ambulance|minibus|bus|boat)(?:'s)?,? ?(?:reg(?:istration|istered|o|n)?\b\.?|plates?|tag)(?:NUM)?|reg\.?|regn|registered|registration(?: mark)?|licen[cs]e disc|kontrollschild|nummerplade|nummerplaat|kjennemerke|rekisterinumero|regnr\.?|registreringsnummer|reg\.? ?nr\.?|plaque(?: d'immatriculation)?|(?:lkw|pkw|kfz|amtl\.)[ -]kennz(?:eichen|\.)?|kennz\.?|kennzeichen|kenteken|immatriculation|immatricul[ée]e?|tail(?:NUM)|hull(?:NUM)|tag(?:NUM)",
            4,
            80,
        ),
        labels(
            Kind::Account,
            "The last digits of a card lead to its owner.",
            r"(?:visa|mastercard|amex|card|account|acct|debit|credit|iban)(?: [a-z]{1,6}){0,2} end(?:ing|s)",
            4,
            78,
        ),
    ]
});
pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for labels in LABELS.iter() {
        let mut from = 0;
        while let Some(found) = labels.pattern.captures_at(&page.lower, from) {
            let (Some(whole), Some(value)) = (found.get(0), found.get(1)) else { break };
            let label = page.lower.get(whole.start()..value.start()).unwrap_or_default();
            let range = read(page, value.range(), labels.kind);
            from = range.end.max(whole.start() + 1);
            while !page.lower.is_char_boundary(from) {
                from += 1;
            }
            // "Pre-cert no." is about insurance.
            let ahead = labels.kind == Kind::License
                && page.before(whole.start(), 4).ends_with([' ', '-'])
                && page.before(whole.start(), 4).contains("pre");
            if !ahead && fits(page, labels, label, &range) {
                push(page, labels, label, range, marks);
            }
        }
    }
}

/// Where the number ends: at a space, unless another group of it follows.
fn read(page: &Page<'_>, range: Range<usize>, kind: Kind) -> Range<usize> {
    let text = page.lower.get(range.clone()).unwrap_or_default();
    let original = page.at(&range);
    let mut end = 0;
    for (at, group) in groups(text) {
        let capitals = original.get(at..at + group.len()).is_some_and(|g| !g.chars().any(char::is_lowercase));
        let has_digit = group.contains(|c: char| c.is_ascii_digit());
        // "rego 418 zkb", in small letters.
        let plate = kind == Kind::Vehicle && group.len() <= 4 && !look_up(group).any(WORD.or(FUNCTION));
        let capitals = capitals || plate;
        let so_far = text.get(..end).unwrap_or_default();
        let follows = text.get(at + group.len()..).unwrap_or_default();
        let unit = matches!(
            page.word_after(range.start + at + group.len()),
            "year"
                | "years"
                | "yo"
                | "y"
                | "mg"
                | "ml"
                | "week"
                | "weeks"
                | "month"
                | "months"
                | "day"
                | "days"
                | "kg"
                | "cm"
                | "mm"
        );
        let long = digits(so_far).len() >= 16;
        let goes_on = end == 0
            || !has_digit
                && capitals
                && group.len() <= 3
                && at == end + 1
                && !matches!(
                    group,
                    "yo" | "m"
                        | "f"
                        | "dr"
                        | "mr"
                        | "mrs"
                        | "bp"
                        | "hr"
                        | "dob"
                        | "gp"
                        | "ct"
                        | "mri"
                        | "he"
                        | "she"
                        | "pt"
                )
            || has_digit
                && capitals
                && !long
                && !unit
                && !is_date(group)
                && (group.len() <= 7 || digits(so_far).is_empty())
                && !follows.starts_with(['/', '.'])
            || !has_digit && !so_far.contains(|c: char| c.is_ascii_digit());
        if !goes_on {
            break;
        }
        end = at + group.len();
    }
    let kept = text.get(..end).unwrap_or_default().trim_end_matches(['.', '-', '/', ':', '_', ' ']);
    range.start..range.start + kept.len()
}

/// The parts between spaces, each with its place.
fn groups(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split([' ', '\u{a0}']).filter_map(move |group| {
        let place = at;
        let space = text.get(at + group.len()..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        at += group.len() + space;
        (!group.is_empty()).then_some((place, group))
    })
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let number = |part: &&str| part.len() <= 4 && part.chars().all(|c| c.is_ascii_digit());
    let sizes: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    parts.len() == 3
        && parts.iter().all(number)
        && matches!(sizes.as_slice(), [1 | 2, 1 | 2, 2 | 4] | [4, 1 | 2, 1 | 2])
}

/// What is numbered in public: trials, papers, codes.
const PUBLIC: &[&str] =
    &["nct", "isrctn", "pmid", "pmc", "doi", "eudract", "cve", "icd", "actrn", "prospero", "crd", "iso", "lot", "ref"];

/// Whether it is such a number: its letters, and digits.
fn is_public(value: &str) -> bool {
    let number = |rest: &str| rest.chars().all(|c| !c.is_ascii_alphabetic());
    PUBLIC.iter().any(|known| value.strip_prefix(known).is_some_and(number))
}

fn fits(page: &Page<'_>, labels: &Labels, label: &str, range: &Range<usize>) -> bool {
    let value = page.lower.get(range.clone()).unwrap_or_default();
    let count = value.chars().filter(|c| c.is_alphanumeric()).count();
    let numbers = digits(value).len();
    let year = count == 4 && (value.starts_with("19") || value.starts_with("20")) && !label.contains(['#', ':']);
    let measured = page.after(range.end, 2).trim_start().starts_with('%')
        || matches!(
            page.word_after(range.end),
            "mg" | "ml"
                | "mmol"
                | "kg"
                | "mcg"
                | "cm"
                | "mm"
                | "hours"
                | "minutes"
                | "days"
                | "weeks"
                | "months"
                | "years"
                | "patients"
                | "cases"
                | "units"
                | "bpm"
                | "mmhg"
                | "g"
                | "l"
                | "iu"
                | "micrograms"
        );
    // "Serial CK 1182, 2214": a value that was taken again and again.
    let aged = value.contains("year") || value.contains("month") || value.contains("week");
    let again = labels.kind == Kind::Device
        && label.trim_end() == "serial"
        && (numbers < 5 || digits(value).len() == value.len() && numbers < 6);
    // "Ur Na 40", "Lab: Hb 10": a value with its name.
    let spaced_value = labels.kind == Kind::Mrn
        && value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.contains(' ')
        && (numbers < 4 || page.at(range).split(' ').next().is_some_and(|head| head.contains(char::is_lowercase)));
    let letters: String = value.chars().take_while(char::is_ascii_alphabetic).collect();
    let wordy = letters.len() > 3 && page.at(range).starts_with(|c: char| c.is_lowercase()) && value.contains(' ');
    // "HCN HBF 441…": the number has a nearer label.
    let nearer =
        !letters.is_empty() && page.at(range).as_bytes().get(letters.len()) == Some(&b' ') && is_label(&letters);
    numbers >= 2
        && !nearer
        && !again
        && !aged
        && count >= labels.least
        && !year
        && !(is_date(value) && !(labels.kind == Kind::Mrn && value.len() == 8 && value.contains('-')))
        && !(measured && count < 7)
        && !is_public(value)
        && !(label.ends_with(|c: char| c.is_ascii_alphabetic()) && value.starts_with(|c: char| c.is_ascii_alphabetic()))
        && !wordy
        && !spaced_value
        && page.alone(&(range.start..range.end))
        && !(value.contains('.') && numbers < 5 && letters.is_empty())
        && kind_fits(labels.kind, label, value)
}

/// What a kind asks for beyond its label.
fn kind_fits(kind: Kind, label: &str, value: &str) -> bool {
    let numbers = digits(value).len();
    let labelled = |words: &[&str]| has_word(label, words);
    match kind {
        Kind::Ssn => {
            let last_four =
                label.contains([':', '(', '#']) || ["end", "four", "ss", "va "].iter().any(|word| label.contains(word));
            numbers == 9 || numbers == 4 && last_four
        }
        Kind::NationalId if labelled(&["nhs"]) => numbers >= 9,
        // The French one; that of an insured person elsewhere.
        Kind::NationalId if label.starts_with("ins") && !label.starts_with("insee") => matches!(numbers, 13 | 15 | 22),
        Kind::NationalId => numbers >= 5,
        Kind::License if labelled(&["big", "psi", "council"]) => numbers >= 6,
        Kind::Vehicle if label.starts_with("reg") || label.starts_with("plate") => {
            value.contains(|c: char| c.is_ascii_alphabetic()) && numbers <= 7
        }
        Kind::HealthPlan => numbers >= 4,
        Kind::Account => {
            numbers >= 4 && (label.contains([':', '#']) || numbers >= 5 || labelled(&["no", "number", "ending"]))
        }
        _ => true,
    }
}

/// People who are registered.
const WORKERS: &[&str] = &[
    "lpn",
    "rn",
    "nurse",
    "midwife",
    "physician",
    "pharmacist",
    "physio",
    "physiotherapist",
    "therapist",
    "paramedic",
    "psychologist",
    "dentist",
    "optometrist",
    "surgeon",
    "chiropractor",
    "swe",
    "radiographer",
];

/// Whether it is written as plates are: "MLB 47K", "AB 11827".
fn is_plate(value: &str) -> bool {
    let Some((first, second)) = value.split_once([' ', '-', '·']) else { return false };
    let figures = digits(value).len();
    let letters = value.chars().filter(char::is_ascii_alphabetic).count();
    first.len() <= 3 && second.len() <= 6 && (2..=5).contains(&figures) && (1..=5).contains(&letters)
}

/// Whether a medical council stands at its head: "KMC118277", "DMC/R/11827".
fn is_council(value: &str) -> bool {
    const COUNCILS: &[&str] =
        &["kmc", "tnmc", "dmc", "mci", "mmc", "wbmc", "apmc", "gmc", "nmc", "hpcsa", "mdcn", "imc", "ucmc"];
    let head = value.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    COUNCILS.iter().any(|council| council.eq_ignore_ascii_case(head)) && digits(value).len() > 3
}

fn push(page: &Page<'_>, labels: &Labels, label: &str, range: Range<usize>, marks: &mut Vec<Mark>) {
    let value = page.at(&range);
    let kind = match labels.kind {
        Kind::NationalId if has_word(label, &["ohip", "msp"]) && has_word(label, &["billing"]) => Kind::License,
        Kind::License if has_word(label, &["permit"]) && page.before(range.start, 40).contains("asylum") => {
            Kind::NationalId
        }
        // "Reg.nr. MLB 47K": letters and digits in two groups are a plate.
        Kind::License if has_word(label, &["reg", "regn", "regnr"]) && is_plate(value) => Kind::Vehicle,
        Kind::Vehicle if is_council(value) => Kind::License,
        // "LPN, registration P-20418".
        Kind::Vehicle
            if has_word(label, &["registration", "reg", "regn", "registered"])
                && has_word(page.words_before(range.start, 44), WORKERS) =>
        {
            Kind::License
        }
        // The number of a patient's registration at a hospital.
        Kind::License
            if has_word(label, &["registration", "reg"])
                && has_word(page.words_before(range.start, 60), &["hospital", "opd", "ipd"]) =>
        {
            Kind::Mrn
        }
        Kind::NationalId if has_word(label, &["medicare"]) && value.contains(|c: char| c.is_ascii_alphabetic()) => {
            Kind::HealthPlan
        }
        // "Registration" is that of a car where a car is near.
        Kind::License
            if has_word(label, &["registration", "reg"])
                && page.near(&range, 40, &["car", "van", "vehicle", "plate", "truck"]) =>
        {
            Kind::Vehicle
        }
        Kind::Vehicle if has_word(label, &["council", "register"]) => Kind::License,
        kind => kind,
    };
    marks.push(Mark { range, kind, why: labels.why, suggestion: String::new(), weight: labels.weight });
}
