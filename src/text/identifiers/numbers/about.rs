//! What a sentence is about before a number whose label does not say it.

use std::ops::Range;

use super::{
    super::{kind::Kind, page::Page},
    topics::{Word, meaning, pair, short},
};

/// Words back at most.
const BACK: usize = 9;

/// The kind that the nearest word of some weight tells: "her pacemaker (PJN-118827)". Before a number of no other kind
/// also a weaker word of a hospital counts.
pub(super) fn context(page: &Page<'_>, at: usize) -> Option<Kind> {
    nearest(page, at, &|_, rank| rank >= 3)
}

/// Words of a lower rank that say all the same whose case, file or reference it is.
const OWNERS: &[&str] = &[
    "police",
    "crime",
    "coroner",
    "coroners",
    "complaint",
    "complaints",
    "incident",
    "safeguarding",
    "court",
    "prison",
    "insurer",
    "insurance",
    "policy",
    "claim",
    "veteran",
    "veterans",
    "fire",
    "cps",
    "sheriff",
    "trooper",
    "patrol",
    "constable",
    "gendarmerie",
    "polizei",
    "stadtpolizei",
    "kantonspolizei",
    "politie",
    "policia",
    "carabinieri",
    "tribunal",
];

/// The kind by whoever keeps it, of a number whose label is a vague word: "OPO called, referral # 0131-7741".
pub(super) fn owner(page: &Page<'_>, at: usize) -> Option<Kind> {
    nearest(page, at, &|key, rank| rank == 4 || OWNERS.contains(&key))
        .filter(|kind| matches!(kind, Kind::Other | Kind::HealthPlan))
}

/// The kind of the nearest word before a place that says enough.
fn nearest(page: &Page<'_>, at: usize, enough: &dyn Fn(&str, u8) -> bool) -> Option<Kind> {
    let end = page.tokens.partition_point(|token| token.range.end <= at);
    let (mut right, mut weaker) = (at, None);
    let first = end.saturating_sub(BACK);
    for (place, token) in page.tokens.get(first..end)?.iter().enumerate().rev() {
        let gap = page.lower.get(token.range.end..right).unwrap_or_default();
        if gap.contains(['\n', ';']) || gap.contains(". ") && !short(token) || gap.contains("  ") {
            return weaker;
        }
        right = token.range.start;
        // What stands before another number is about that one.
        if token.text.bytes().filter(u8::is_ascii_digit).count() >= 4 {
            return weaker;
        }
        let before = (first + place).checked_sub(1).and_then(|at| page.tokens.get(at));
        match before.and_then(|before| pair(before, token)).or(meaning(token).0) {
            Some(Word::Topic(kind, rank)) if enough(&token.key, rank) => return Some(kind),
            Some(Word::Topic(Kind::Mrn, 2)) => weaker = Some(Kind::Mrn),
            _ => {}
        }
    }
    weaker
}

/// What stays in a patient, or on one, and has a lot.
const IMPLANTS: &[&str] = &[
    "nail",
    "nails",
    "stapler",
    "stentriever",
    "anchor",
    "anchors",
    "omnipod",
    "iol",
    "lens",
    "plate",
    "screw",
    "screws",
    "implant",
    "implants",
    "stent",
    "mesh",
    "cup",
    "stem",
    "liner",
    "head",
    "cage",
    "coil",
    "coils",
    "filter",
    "shunt",
    "expander",
    "sling",
    "occluder",
    "valve",
    "graft",
    "lead",
    "leads",
    "catheter",
    "port",
    "pump",
    "sensor",
    "prosthesis",
    "spacer",
    "cement",
    "tibial",
    "femoral",
    "acetabular",
    "device",
    "clip",
    "pessary",
    "iud",
    "mirena",
    "nexplanon",
    "udi",
    "des",
];

/// Whether a lot is that of an implant or the like, which is one person's.
pub(super) fn is_implanted(page: &Page<'_>, at: usize) -> bool {
    // "LOT D2084471, REF 3L92511": the second is a product.
    let label = page.before(at, 24).rsplit([',', ';']).next().unwrap_or_default();
    let lot = ["lot", "lots", "batch", "bn"]
        .iter()
        .any(|word| label.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == *word));
    let before = page.words_before(at, 90);
    let sentence = before.rsplit('\n').next().unwrap_or_default();
    // "Serial no. 7H2206, lot L40922" is one sentence.
    let end =
        sentence.rmatch_indices(". ").find(|(at, _)| !sentence.get(..*at).is_some_and(|text| text.ends_with("no")));
    let sentence = end.and_then(|(at, _)| sentence.get(at..)).unwrap_or(sentence);
    // A tablet is a computer as well.
    let swallowed = super::super::page::has_word(sentence, &["tablet", "tablets", "capsules"]);
    lot && !swallowed && (context(page, at) == Some(Kind::Device) || super::super::page::has_word(sentence, IMPLANTS))
}

/// Whether it is about money: "BSB 063-418 acc 1044 8827".
pub(super) fn is_paid(page: &Page<'_>, range: &Range<usize>) -> bool {
    const MONEY: &[&str] = &["bsb", "bank", "sort", "iban", "refund", "payment", "paid", "transfer", "deposit", "bic"];
    let before = page.words_before(range.start, 40);
    let behind = page.words_after(range.end, 24);
    let label = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    matches!(label, "acc" | "no" | "a/c" | "number")
        && before.contains("acc")
        && (super::super::page::has_word(before, MONEY)
            || super::super::page::has_word(behind, &["sort", "iban", "bsb", "bic"]))
}

/// Whether it is a policy or claim of a car, a house or a journey.
pub(super) fn is_uninsured(page: &Page<'_>, at: usize) -> bool {
    const THINGS: &[&str] = &[
        "car",
        "van",
        "vehicle",
        "motor",
        "motorbike",
        "home",
        "house",
        "buildings",
        "pet",
        "boat",
        "farm",
        "hire",
        "lorry",
        "truck",
        "legal",
        "solicitor",
        "negligence",
    ];
    let before = page.words_before(at, 48);
    let sentence = before.rsplit([';', '\n']).next().unwrap_or_default();
    let sentence = sentence.rsplit(". ").next().unwrap_or_default();
    super::super::page::has_word(sentence, THINGS)
}
