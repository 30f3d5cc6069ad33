//! What the form of a number says against its label, where one label is used for several things: a PIN of a nurse or of a
//! door, "MCR" of a doctor or of Medicare, "ref. COMP-0388".

use std::ops::Range;

use super::{
    super::{
        check,
        kind::Kind,
        page::{Page, digits, has_word},
    },
    label::Label,
    values::Value,
};

/// Heads of numbers that say whose they are.
const HEADS: &[(&str, Kind)] = &[
    ("comp", Kind::Other),
    ("compl", Kind::Other),
    ("qa", Kind::Other),
    ("inc", Kind::Other),
    ("sui", Kind::Other),
    ("pals", Kind::Other),
    ("mash", Kind::Other),
    ("marac", Kind::Other),
    ("dols", Kind::Other),
    ("foi", Kind::Other),
    ("sar", Kind::Other),
    ("hdc", Kind::Other),
    ("ems", Kind::Other),
    ("police", Kind::Other),
    ("pol", Kind::Other),
    ("coroner", Kind::Other),
    ("ooh", Kind::Mrn),
    ("mdt", Kind::Mrn),
    ("clm", Kind::HealthPlan),
    ("claim", Kind::HealthPlan),
    ("pa", Kind::HealthPlan),
    ("auth", Kind::HealthPlan),
    ("p2p", Kind::HealthPlan),
    ("gop", Kind::HealthPlan),
    ("inv", Kind::Account),
];

/// The kind that the head of a number says: "COMP-2024-0388".
fn headed(text: &str) -> Option<Kind> {
    let (head, rest) = text.split_once(['-', '/'])?;
    let known = HEADS.iter().find(|(known, _)| *known == head);
    known.filter(|_| digits(rest).len() > 2).map(|(_, kind)| *kind)
}

/// The kind of a number, where its form tells more than the label.
pub(super) fn told(page: &Page<'_>, range: &Range<usize>, value: &Value, label: &Label, kind: Kind) -> Kind {
    let text = page.lower.get(range.clone()).unwrap_or_default();
    let labelled = |words: &[&str]| has_word(page.before(range.start, 14), words);
    let sizes = || text.split(' ').map(str::len);
    let weak = label.topic.is_none_or(|(_, rank)| rank < 3);
    let registered = &["nmc", "nmbi", "nurse", "midwife", "gphc", "register", "registration", "rn", "rm", "sn"];
    match kind {
        Kind::License | Kind::Mrn | Kind::Other | Kind::NationalId if check::mbi(text) => Kind::HealthPlan,
        Kind::License if labelled(&["mcr"]) && value.digits >= 9 => Kind::HealthPlan,
        Kind::License
            if labelled(&["pin", "pincode"])
                && value.letters == 0
                && value.digits <= 8
                && !has_word(page.words_before(range.start, 40), registered) =>
        {
            Kind::Other
        }
        Kind::NationalId if labelled(&["qid"]) && value.letters > 0 => Kind::Other,
        Kind::NationalId if labelled(&["pnr"]) && value.digits < 9 => Kind::Other,
        Kind::NationalId if labelled(&["matricule"]) && value.digits != 13 => Kind::Other,
        Kind::HealthPlan if value.digits == 10 && check::svnr(text) => Kind::NationalId,
        // "INS 2 95 10 …" of France.
        Kind::HealthPlan if value.digits == 15 && check::nir(text) => Kind::NationalId,
        Kind::Mrn if labelled(&["fin", "ic"]) && is_singapore(text) => Kind::NationalId,
        Kind::Mrn if weak && sizes().eq([3, 3, 4]) && check::nhs(text) => Kind::NationalId,
        _ if weak || label.vague => headed(text).unwrap_or(kind),
        kind => kind,
    }
}

/// "S4207498E".
fn is_singapore(text: &str) -> bool {
    text.len() == 9
        && text.starts_with(['s', 't', 'f', 'g', 'm'])
        && text.ends_with(|c: char| c.is_ascii_lowercase())
        && digits(text).len() == 7
}
