//! Names in data: under the head of a column, behind a key of JSON, in the head of a DICOM file.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    super::{
        lexicon::{ABBREVIATION, ANY_NAME, TRAP, WORD, look_up},
        page::pattern,
        token::fold,
    },
    Reader,
    cues::words,
};

/// `"family": "Doyle"`, `"given": ["Mary"]`.
static JSON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#""(?:[a-z]+[_ -]?)?(family|given|first|last|middle|maiden|forename|surname|full|patient|nok|kin|carer|consultant|author|practitioner|clinician|nurse|doctor|mother|father|guardian|subject|user|name|display)(?:[_ -]?names?)?"\s*[:=]\s*\[?\s*"([^"\n]{2,40})"|<(?:family|given|first|last|patient|sur|fore)[_-]?(?:names?)?(?: value="|>)([^"<\n]{2,40})"#,
    )
});
/// "PatientName: DOYLE^MARY", "OperatorsName: doyle m".
static CAMEL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b([A-Z][a-z]+)[A-Za-z]{0,24}Name[ ]?[:=][ ]?([A-Za-zÀ-ɏ][^\n:=;|<]{1,40})"));
/// Whose names are no person's.
const THINGS: &[&str] = &[
    "institution",
    "station",
    "protocol",
    "series",
    "study",
    "manufacturer",
    "file",
    "drug",
    "product",
    "device",
    "test",
    "ward",
    "department",
    "host",
    "user",
    "model",
    "code",
    "display",
    "class",
    "source",
    "sequence",
    "brand",
    "generic",
    "trade",
    "hospital",
    "site",
];
/// Heads of columns with people under them.
const HEADS: &[&str] = &[
    "name",
    "names",
    "patient",
    "pt",
    "surname",
    "forename",
    "first name",
    "last name",
    "patient name",
    "full name",
    "family name",
    "given name",
    "nok",
    "next of kin",
    "client",
    "resident",
    "consultant",
    "cons",
    "keyworker",
    "nurse",
    "doctor",
    "gp",
    "carer",
    "contact",
    "who",
    "staff",
    "clinician",
    "firstname",
    "lastname",
    "pt name",
];
/// The first line of a table: what parts its cells, how many there are, and which of them hold names.
type Heading = (&'static str, usize, Vec<usize>);
/// Rows of a table at most.
const ROWS: usize = 200;

impl Reader<'_, '_> {
    /// All names in data.
    pub(super) fn columns(&mut self) {
        self.keyed();
        self.tables();
    }

    fn keyed(&mut self) {
        let page = self.page;
        for found in JSON.captures_iter(&page.lower) {
            let Some(value) = found.get(2).or(found.get(3)) else { continue };
            let sure = !matches!(found.get(1).map(|key| key.as_str()), Some("name" | "display" | "user" | "full"));
            self.cell(value.range(), sure);
        }
        for found in CAMEL.captures_iter(page.text) {
            let (Some(head), Some(value)) = (found.get(1), found.get(2)) else { continue };
            if THINGS.contains(&&*head.as_str().to_ascii_lowercase()) {
                continue;
            }
            let text = value.as_str();
            let end = ["^^", "  ", "\t", ","].iter().filter_map(|mark| text.find(mark)).min().unwrap_or(text.len());
            self.cell(value.start()..value.start() + end, true);
        }
    }

    fn tables(&mut self) {
        let text = self.page.text;
        let (mut at, mut head): (usize, Option<Heading>) = (0, None);
        let mut rows = 0;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            if line.trim().is_empty() || rows > ROWS {
                (head, rows) = (None, 0);
                continue;
            }
            if let Some(found) = heads(line) {
                (head, rows) = (Some(found), 0);
                continue;
            }
            let Some((mark, count, places)) = head.as_ref() else { continue };
            let cells: Vec<&str> = line.split(mark).collect();
            rows += 1;
            if *mark == "," && cells.len() != *count {
                continue;
            }
            let mut from = start;
            let mut found = Vec::new();
            for (n, cell) in cells.iter().enumerate() {
                let lead = cell.len() - cell.trim_start().len();
                if places.contains(&n) {
                    found.push(from + lead..from + lead + cell.trim().len());
                }
                from += cell.len() + mark.len();
            }
            for range in found {
                self.cell(range, false);
            }
        }
    }

    /// Takes what stands in a cell for a name, where it is written like one.
    fn cell(&mut self, range: Range<usize>, sure: bool) {
        let text = self.page.at(&range);
        let plain = |word: &str| {
            let known = look_up(&fold(word));
            known.any(WORD.or(TRAP).or(ABBREVIATION)) && !known.any(ANY_NAME)
        };
        let parts = || text.split(|c: char| !(c.is_alphabetic() || matches!(c, '\'' | '’'))).filter(|w| !w.is_empty());
        let capital = parts().all(|part| part.starts_with(char::is_uppercase) || part.len() < 4);
        let fits = (2..=40).contains(&text.len())
            && text.starts_with(char::is_alphabetic)
            && !text.bytes().any(|b| b.is_ascii_digit())
            && parts().count() <= 5
            && !parts().all(plain)
            && (sure
                || capital && parts().any(|part| !plain(part))
                || parts().any(|p| look_up(&fold(p)).any(ANY_NAME)));
        let first = self.tokens.partition_point(|token| token.range.end <= range.start);
        let last = self.tokens.partition_point(|token| token.range.start < range.end);
        if fits && first < last {
            self.take(first, last - 1, words("the patient", "the patient"), 66);
        }
    }
}

/// The heads of a table: the mark between its cells, how many there are, and which stand over names.
fn heads(line: &str) -> Option<Heading> {
    let mark = ["|", "\t", ",", "  "].into_iter().find(|mark| line.trim().contains(mark))?;
    let least = if mark == "," { 4 } else { 3 };
    let cells: Vec<&str> = line.split(mark).collect();
    let filled = || cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let short = filled().count() >= least
        && filled().all(|cell| cell.len() <= 24 && !cell.contains([':', '.', ';']))
        && filled().all(|cell| cell.bytes().filter(u8::is_ascii_digit).count() < 2);
    let named = |cell: &str| HEADS.contains(&cell.trim().to_ascii_lowercase().as_str());
    let places: Vec<usize> = cells.iter().enumerate().filter(|(_, cell)| named(cell)).map(|(n, _)| n).collect();
    (short && !places.is_empty()).then_some((mark, cells.len(), places))
}
