//! Numbers with a label, read by a grammar: words for "number", words that say whose, what may stand between, and a number
//! that no dose or value has the form of. The label may follow the number, or stand in the line or the cell before it.

mod about;
mod behind;
mod forms;
mod label;
mod spoken;
mod table;
mod topics;
mod values;

use std::ops::Range;

use super::{
    kind::Kind,
    lexicon::{ABBREVIATION, ANY_NAME, STREET, TRAP, WORD},
    page::{Mark, Page, digits, has_word},
    token::{Gap, Shape},
};
use label::Label;
use topics::Word;
use values::{Value, is_date, is_measured, values};

/// What is numbered in public: trials, papers, genes, codes.
const PUBLIC: &[&str] = &[
    "nct", "isrctn", "pmid", "pmc", "doi", "eudract", "cve", "actrn", "prospero", "crd", "vcv", "rcv", "scv", "rs",
    "orpha", "omim", "mondo", "drks", "chictr", "umin", "jprn", "ctri", "irct", "tctr", "pactr", "gse", "gsm", "ensg",
    "enst", "lrg", "grch", "chr", "gm", "hgnc", "rxcui", "hcpcs", "pubmed", "arxiv", "lot", "snomed", "loinc", "jcog",
    "ema",
];
/// The same where few digits follow: guidelines, genes, standards.
const SHORT: &[&str] = &[
    "nm", "np", "nc", "nr", "xm", "hp", "ng", "cg", "ta", "hg", "cd", "il", "iso", "en", "bs", "astm", "covid", "sars",
    "egfr", "her", "pd", "ki", "ca", "hla", "drb", "dqb", "dpb", "cpt", "icd", "atc", "rev", "ver", "version", "ec",
    "qs", "dg", "mtg", "htg", "ipg", "ph", "gid", "sign", "gtg", "tsb", "who", "kct", "rbr", "slctr", "ps", "pm", "pp",
    "pvs", "ba", "bp",
];

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut last: Option<(Range<usize>, Kind, Value)> = None;
    let mut beside: Option<(usize, Kind)> = None;
    for value in values(page) {
        if value.strength == 0 && value.digits < 3 {
            continue;
        }
        let label = Label::of(page, &value.range);
        // "RA lead 5076-52 / PJN7740182": the label of the first is that of the second.
        let shared = beside.filter(|(end, _)| {
            page.lower.get(*end..value.range.start).is_some_and(|gap| gap.trim() == "/") && value.strength == 3
        });
        let shared = shared.map(|(_, kind)| (value.range.clone(), kind, 58));
        let found = shared
            .or_else(|| judge(page, &value, &label))
            .or_else(|| listed(page, &value, last.as_ref()))
            .or_else(|| {
                let (kind, weight) = bare(page, &value, &label)?;
                let kind = about::context(page, value.range.start).unwrap_or(kind);
                Some((value.range.clone(), kind, weight))
            });
        beside = label.topic.map(|(kind, _)| (value.range.end, kind));
        if let Some((range, kind, weight)) = found {
            let why = "A number of this kind belongs to one person or case.";
            marks.push(Mark { range: range.clone(), kind, why, suggestion: String::new(), weight });
            last = Some((range, kind, value));
        }
    }
    dictated(page, marks);
}

/// What the labels before and over a number say of it, for whoever asks again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) topic: Option<(Kind, u8)>,
    pub(super) marker: bool,
    pub(super) public: bool,
    pub(super) phone: bool,
    pub(super) close: bool,
    pub(super) near: bool,
}

/// The same of a number that stands there.
pub(super) fn told(page: &Page<'_>, range: &Range<usize>) -> Told {
    let Label { topic, marker, public, phone, close, near, .. } = Label::of(page, range);
    Told { topic, marker, public, phone, close, near }
}

/// Numbers in words, which need a label or a telephone before them.
fn dictated(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for (range, count) in spoken::spoken(page) {
        let label = Label::of(page, &range);
        let kind = match label.topic {
            _ if label.phone && count >= 5 => Kind::Phone,
            Some((kind, rank)) if label.marker || label.mark || rank > 3 => kind,
            None if label.marker && label.modified => Kind::Other,
            _ => continue,
        };
        let why = "A number that is spelt out belongs to one person all the same.";
        marks.push(Mark { range, kind, why, suggestion: String::new(), weight: 73 });
    }
}

/// Where a number begins and ends, its kind and its weight.
type Judged = (Range<usize>, Kind, u8);

fn judge(page: &Page<'_>, value: &Value, label: &Label) -> Option<Judged> {
    let text = page.lower.get(value.range.clone())?;
    let head: &str = text.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
    // "Chart 06-10-39": records are numbered like days, too.
    let filed = matches!(label.topic, Some((Kind::Mrn, 3..))) && text.len() == 8 && text.contains('-');
    if is_date(text) && !(filed && label.near)
        || is_public(head, text)
        || value.digits < 7 && is_measured(page, value.range.end)
    {
        return None;
    }
    if filed && label.near && (label.marker || label.close) && is_date(text) {
        return Some((value.range.clone(), Kind::Mrn, 77));
    }
    if label.public && value.strength >= 2 && about::is_implanted(page, value.range.start) {
        return Some((value.range.clone(), Kind::Device, 60));
    }
    if label.public || label.phone || names_no_one(page, value, label, text) {
        return None;
    }
    // A telephone number, unless a label of another kind stands right before it.
    let dialled = value.letters == 0
        && text.starts_with('0')
        && text.contains([' ', '-'])
        && (text.contains(' ') || value.digits > 9)
        && (9..=12).contains(&value.digits);
    let topic =
        label.topic.is_some_and(|(_, rank)| label.mark || rank > 3 || rank == 3 && label.close && !text.contains(' '));
    let american = is_american(text);
    if dialled && !(label.near && (label.marker || topic)) || american && !(label.near && (label.marker || label.mark))
    {
        return None;
    }
    let range = label.start.unwrap_or(value.range.start)..value.range.end;
    if let Some((kind, weight)) = by_label(value, label, text) {
        let about = match label.topic {
            None | Some((_, 1)) => about::context(page, range.start),
            Some(_) if label.vague => about::owner(page, range.start),
            Some(_) => None,
        };
        let kind = forms::told(page, &value.range, value, label, about.unwrap_or(kind));
        let other = kind == Kind::HealthPlan && about::is_uninsured(page, range.start);
        let insured = kind == Kind::HealthPlan
            && value.letters == 1
            && value.digits == 9
            && page.before(range.start, 16).contains("ver");
        let kind = match kind {
            _ if other => Kind::Other,
            // The number of the insured is a national one in Germany.
            _ if insured => Kind::NationalId,
            Kind::Mrn if about::is_paid(page, &range) => Kind::Account,
            kind => kind,
        };
        return Some((range, kind, weight));
    }
    // The head of a number may be a label itself: "CLM-0091", "INC-118827".
    if let (Some(Word::Topic(kind, 3..)), _) = topics::known(head)
        && head.len() > 2
        && value.strength >= 2
        && value.digits >= 4
    {
        return Some((range, kind, 57));
    }
    if value.strength >= 2
        && !label.any()
        && let Some(kind) = behind::after(page, value.range.end)
    {
        return Some((range, kind, 75));
    }
    None
}

/// Whether a label of a kind does not mean a number there: models of scopes, values in a series, names of trials.
fn names_no_one(page: &Page<'_>, value: &Value, label: &Label, text: &str) -> bool {
    const SCOPES: &[&str] = &[
        "gif", "cf", "pcf", "tjf", "jf", "gf", "cv", "clv", "bf", "enf", "ltf", "ulf", "eg", "ec", "ed", "epk", "vp",
        "bl", "xp",
    ];
    let said = label.marker || label.mark;
    // `"code": "8480-6"`, "Ave 3 #08-114": a code of a list, a flat.
    let before = page.before(value.range.start, 12);
    if before.ends_with("code\":\"") || before.ends_with("code\": \"") {
        return true;
    }
    if before.ends_with('#') && value.letters == 0 && value.digits < 7 {
        let end = page.tokens.partition_point(|token| token.range.end <= value.range.start);
        let last = page.tokens.get(end.saturating_sub(2)..end).unwrap_or_default();
        let flats =
            ["ct", "blk", "ave", "apt", "unit", "st", "rd", "dr", "ln", "blvd", "ste", "suite", "pl", "cir", "way"];
        if last.iter().any(|token| token.is(STREET) || flats.contains(&&*token.key)) {
            return true;
        }
    }
    let behind = page.after(value.range.end, 5);
    let head = text.split('-').next().unwrap_or_default();
    let word = page.words_before(value.range.start, 24).trim_end();
    match label.topic {
        // "Scope GIF-HQ190", "serial CK 1182, 2214".
        Some((Kind::Device, _)) if !said => {
            // "Processor CP910 S/N …".
            (behind.starts_with(" s/n") || behind.starts_with(" sn ") || behind.starts_with(" seri"))
                && value.digits < 5
                || text.contains('-') && SCOPES.contains(&head)
                || value.letters == 0 && value.digits < 5 && has_word(word, &["serial"])
        }
        // "The trial (GOOD-IDES-02)".
        Some((Kind::Other, _)) if !said => {
            // "KIT D816V" is a mutation.
            let ends = |c: char| c.is_ascii_lowercase();
            let changed = value.letters == 2 && value.digits < 5 && text.starts_with(ends) && text.ends_with(ends);
            changed && text.len() < 7
                || value.letters > 3 && value.digits < 4 && has_word(word, &["trial", "trials", "study", "studies"])
        }
        _ => false,
    }
}

/// Whether it is written as telephone numbers of North America are: "705-555-0188".
fn is_american(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '.']).collect();
    let [area, office, line] = parts.as_slice() else { return false };
    let figures = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    figures(area, 3)
        && figures(office, 3)
        && figures(line, 4)
        && !area.starts_with(['0', '1'])
        && !office.starts_with(['0', '1'])
}

/// What the label says, where it and the number vouch for each other.
fn by_label(value: &Value, label: &Label, text: &str) -> Option<(Kind, u8)> {
    // "asset EQ 90447": letters before a space belong to it.
    let strength =
        if label.start.is_some() && value.digits >= 4 && value.strength > 0 && (label.marker || !is_clock(text)) {
            value.strength.max(2) + 1
        } else {
            value.strength
        };
    match label.topic {
        Some((kind, rank)) => {
            // A model stands there as often as a serial number.
            let model = kind == Kind::Device && !label.marker && rank < 4;
            let least = match (rank, label.marker, label.mark) {
                _ if label.near && (label.marker || rank == 4 && label.mark) => 1,
                (4, ..) if label.near && (label.close || !is_clock(text)) => 2 - u8::from(value.digits >= 4),
                (4, ..) => 2,
                // "ED NOTE 0448", "Chart 0800": a time of the day.
                _ if is_clock(text) && !label.marker => 2,
                (_, true, _) => 2,
                _ if model && label.close && value.digits >= 6 && (value.letters == 0 && !text.contains('-')) => 2,
                _ if model => 2 + u8::from(value.letters < 2),
                (1..=3, _, true) => 2,
                (3, ..) if label.close => 2,
                (2, ..) if label.close => 3 - u8::from(value.digits >= 6),
                _ => 3,
            };
            // "Two charts, 55120933 & 55098721".
            let long = value.digits >= 7 && !text.ends_with("00");
            let listed = label.close
                && label.near
                && strength > 1
                && (rank == 4
                    || rank == 3 && (value.letters > 0 && (kind != Kind::Device || value.digits > 4) || long));
            let apart = !label.marker && (label.comma && !listed || !label.near && rank < 4);
            // "Culture: 100 000": round numbers are counts.
            let round = value.letters == 0 && !label.marker && rank < 4 && text.ends_with("000");
            let firm = !round && (value.digits >= 3 || value.letters >= 2 && value.digits >= 2) && strength > 0;
            (strength >= least && firm && !apart).then_some((kind, if rank > 1 { 74 + rank } else { 58 }))
        }
        None if label.marker && label.near => {
            // "PDMP no.": a word that no list knows says whose, and hardly a hospital's.
            let (least, kind) = if label.modified { (2, Kind::Other) } else { (3 - u8::from(label.mark), Kind::Mrn) };
            let few = label.modified && strength == 1 && (value.digits >= 4 || value.letters > 0 && value.digits >= 3);
            (strength >= least || few).then_some((kind, if label.mark { 66 } else { 58 }))
        }
        None => None,
    }
}

/// Whether it may be a time of the day: "0448".
fn is_clock(text: &str) -> bool {
    let number = text.parse::<u32>().ok().filter(|_| text.len() == 4);
    number.is_some_and(|n| n < 2400 && n % 100 < 60)
}

/// Further numbers of a list: "staff numbers 20881734, 20919402".
fn listed(page: &Page<'_>, value: &Value, last: Option<&(Range<usize>, Kind, Value)>) -> Option<Judged> {
    let (range, kind, before) = last?;
    let between = page.lower.get(range.end..value.range.start)?.trim();
    let alike = value.digits == before.digits && value.letters == before.letters && value.strength >= 1
        || between == "/" && value.strength == 3;
    // "your MRN 2048813, ours SVH-661290".
    let ours = matches!(
        between.trim_matches([',', ';', ':', ' ']),
        "ours" | "ours is" | "ours:" | "here" | "and ours" | "yours" | "theirs"
    );
    let alike = alike || ours && *kind == Kind::Mrn && (value.digits > 4 || value.letters > 0 && value.digits > 3);
    (alike && (ours || matches!(between, "," | "and" | "&" | "/" | ";" | ", and" | "or" | "then")))
        .then(|| (value.range.clone(), *kind, 58))
}

/// A number without any label that is like nothing else: an unknown abbreviation before it, or letters and digits.
fn bare(page: &Page<'_>, value: &Value, label: &Label) -> Option<(Kind, u8)> {
    let text = page.lower.get(value.range.clone())?;
    let named: &str = text.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
    if is_date(text) || is_public(named, text) || label.public || label.phone {
        return None;
    }
    let written = page.at(&value.range);
    let capitals = !written.bytes().any(|b| b.is_ascii_lowercase());
    if is_pair(text) {
        return None;
    }
    let strong = value.strength == 3 && (value.digits >= 7 || value.letters > 0 && value.digits >= 5);
    if label.acronym && strong && (capitals || value.letters <= 2) {
        return Some((Kind::Mrn, 57));
    }
    // "(CG-447182)", "S25-118827".
    let head = text.bytes().take_while(u8::is_ascii_lowercase).count();
    let parts = text.split(['-', '/', '.', '_']).count();
    let code = value.letters > 0
        && value.letters <= 5
        && value.digits >= 6
        && (1..=4).contains(&head)
        && head + 3 >= value.letters
        && parts <= 4
        && capitals
        && !text.contains('.');
    let held = value.strength > 0
        && !label.public
        && !page.before(value.range.start, 1).ends_with([':', '#', '.', '_', '@', '+']);
    // "H24/018833": a laboratory's.
    let year = text.get(head..head + 2).is_some_and(|year| ("15".."40").contains(&year));
    let laboratory = matches!(named, "h" | "s" | "c" | "hs" | "sp" | "np" | "cy" | "hi" | "su")
        && year
        && matches!(text.get(head + 2..head + 3), Some("-" | "/" | "." | "h"));
    let kind = if laboratory { Kind::Mrn } else { Kind::Other };
    (code && held && page.alone(&value.range)).then_some((kind, 48))
}

/// Whether two codes stand beside each other: "C282Y/H63D", "D9222/D9223".
fn is_pair(text: &str) -> bool {
    let form = |part: &str| part.bytes().take(3).map(|b| b.is_ascii_digit()).collect::<Vec<_>>();
    text.split_once('/').is_some_and(|(a, b)| a.len().abs_diff(b.len()) < 2 && a.len() < 7 && form(a) == form(b))
}

/// Whether letters are a label by themselves.
pub(super) fn is_label(letters: &str) -> bool {
    matches!(topics::known(letters).0, Some(Word::Topic(_, 3..)))
}

/// Whether it is numbered in public: its head, and digits.
fn is_public(head: &str, text: &str) -> bool {
    let rest = text.get(head.len()..).unwrap_or_default();
    // "NCT03619213-like".
    let rest = rest.strip_suffix("-like").or_else(|| rest.strip_suffix("-style")).unwrap_or(rest);
    let figures = !rest.bytes().any(|b| b.is_ascii_lowercase());
    let few = digits(text).len() < 5;
    let known = PUBLIC.contains(&head) && figures
        || SHORT.contains(&head) && (figures && few && !text.contains('-') || text.contains('_'));
    // "CD012466" of Cochrane, "MN908947.3" of GenBank.
    let review = head == "cd" && figures && digits(text).len() == 6;
    let sequence = (1..=2).contains(&head.len())
        && figures
        && rest.split_once('.').is_some_and(|(number, version)| matches!(number.len(), 5 | 6) && version.len() == 1);
    known
        || matches!(head, "cyp" | "ugt" | "slco" | "nudt")
        || review
        || sequence
        || head == "v" && figures && (rest.contains('.') || rest.len() < 4)
}

/// Whether a word is an abbreviation that no list knows, as the names of systems are: "RiO", "EMPI".
fn is_unknown(token: &super::token::Token<'_>) -> bool {
    let capitals = token.text.chars().filter(char::is_ascii_uppercase).count();
    capitals >= 2
        && matches!(token.shape, Shape::Upper | Shape::Mixed | Shape::Capital)
        && (2..=8).contains(&token.text.len())
        && !token.text.bytes().any(|b| b.is_ascii_digit())
        && !token.is(ABBREVIATION.or(ANY_NAME).or(WORD).or(TRAP))
        && token.gap != Gap::Hyphen
}
