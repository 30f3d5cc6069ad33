//! Numbers that states give to people and that have a form like nothing else: by their marks, and the day of birth in them.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    check,
    kind::Kind,
    lexicon::{ABBREVIATION, WORD, look_up},
    numbers,
    page::{Mark, Page, digits, pattern},
};

/// Where the day of birth stands in a number.
#[derive(Debug, Clone, Copy)]
enum Birth {
    /// Nowhere.
    None,
    /// Year, month, day.
    YearFirst,
    /// Day, month, year.
    DayFirst,
    /// Year, month and sex, day.
    Quebec,
    /// Behind the number of an office: day, month, year.
    Pension,
}

/// A form, where the day of birth stands in its digits, and whether the last digit is Luhn's.
type Form = (&'static str, Birth, bool);

/// Italy, Mexico, Belgium, Switzerland, the Emirates, Pakistan, Brazil, Finland, Sweden, Norway, Denmark, Malaysia, South Africa, Sri
/// Lanka, Portugal, Quebec, the pensions of Germany, Singapore, Poland and Greece.
const FORMS: &[Form] = &[
    (r"[a-z]{6} ?[0-9]{2}[a-ehlmprst][0-9]{2} ?[a-z][0-9]{3}[a-z]", Birth::None, false),
    (r"[a-z]{4}[0-9]{6}[hmx][a-z]{5}[0-9a-z][0-9]", Birth::None, false),
    (r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}[.-][0-9]{2}", Birth::YearFirst, false),
    (r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}", Birth::None, false),
    (r"784-(?:19|20)[0-9]{2}-[0-9]{7}-[0-9]", Birth::None, false),
    (r"[1-7][0-9]{4}-[0-9]{7}-[0-9]", Birth::None, false),
    (r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", Birth::None, false),
    (r"[0-9]{6}[+a-f-][0-9]{3}[a-fhj-np-y]", Birth::DayFirst, false),
    (r"(?:19|20)?[0-9]{6}[-+][0-9]{4}", Birth::YearFirst, true),
    (r"[0-9]{6} [0-9]{5}", Birth::DayFirst, false),
    (r"[0-9]{6}-(?:0[1-9]|1[0-6]|2[1-9]|[3-5][0-9])-[0-9]{4}", Birth::YearFirst, false),
    (r"[0-9]{6} ?[0-9]{4} ?[01][89] ?[0-9]", Birth::YearFirst, true),
    (r"[0-9]{8} ?[0-9] ?[a-z]{2}[0-9]", Birth::None, false),
    (r"[4-9][0-9][0-8][0-9]{6}[vx]", Birth::None, false),
    (r"[a-z]{4} ?[0-9]{4} ?[0-9]{4}", Birth::Quebec, false),
    (r"[0-9]{2} ?[0-9]{6} ?[a-z] ?[0-9]{3}", Birth::Pension, false),
];
/// Singapore's, of which licences and cards have the like.
static WEAK: LazyLock<Regex> = LazyLock::new(|| pattern(r"[stfgm][0-9]{7}[a-z]"));

static PATTERNS: LazyLock<Vec<(Regex, Birth, bool)>> =
    LazyLock::new(|| FORMS.iter().map(|(form, birth, luhn)| (pattern(form), *birth, *luhn)).collect());

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let strong = PATTERNS.iter().map(|(form, birth, luhn)| (form, *birth, *luhn, 79));
    for (form, birth, luhn, weight) in strong.chain([(&*WEAK, Birth::None, false, 50)]) {
        for found in page.matches(form) {
            let written = page.at(&found.range());
            let capitals = !written.bytes().any(|b| b.is_ascii_lowercase());
            let joined = page.joined(&found.range(), &['.', '-', '/', ',']);
            let born = is_born(written, birth) && (!luhn || check::luhn(written));
            // "Protokollnr. 240217-0093" only looks like one.
            let label = numbers::told(page, &found.range());
            let numeric = luhn || matches!(birth, Birth::YearFirst | Birth::DayFirst);
            let other =
                numeric && label.near && label.marker && label.topic.is_some_and(|(kind, _)| kind != Kind::NationalId);
            // "UBRN 0002 1182": the letters are a label.
            let head = written.get(..4).unwrap_or_default().to_ascii_lowercase();
            let labelled = matches!(birth, Birth::Quebec)
                && (numbers::is_label(&head) || look_up(&head).any(WORD.or(ABBREVIATION)));
            let joined = joined || labelled;
            let weight = if other { weight.min(60) } else { weight };
            if capitals && !joined && born {
                marks.push(Mark {
                    range: found.range(),
                    kind: Kind::NationalId,
                    why: "It has the form of a number that a state gives to a person.",
                    suggestion: String::new(),
                    weight,
                });
            }
        }
    }
}

/// Whether the digits begin with a day that there is.
fn is_born(text: &str, birth: Birth) -> bool {
    let all = digits(text);
    // A year of four digits loses its century.
    let century = all.len() == 12 && matches!(all.get(..2), Some([1, 9] | [2, 0]));
    let all = all.get(if century { 2 } else { 0 }..).unwrap_or_default();
    let two = |at: usize| all.get(at..at + 2).map_or(0, |two| two.iter().fold(0, |sum, digit| sum * 10 + digit));
    let (day, month) = match birth {
        Birth::None => return true,
        Birth::YearFirst => (two(4), two(2)),
        Birth::Pension => (two(2), two(4)),
        // Women are born fifty months later.
        Birth::Quebec => (two(4), two(2) % 50),
        Birth::DayFirst => (two(0), two(2)),
    };
    (1..=31).contains(&day) && (1..=12).contains(&month)
}
