//! Places behind a label of a form: "Ward: Carnethy", "Site: Northfields", "Town: Maryport".

use super::{
    super::{
        lexicon::{self, ABBREVIATION, ANY_NAME, EPONYM_NOUN, FUNCTION, HOUSE, PLACE, TITLE, TRAP, WORD},
        page::{Mark, Page},
        token::{Gap, Shape, Token},
    },
    push,
};

/// Labels with a place behind them.
const LABELS: &[&str] = &[
    "ward",
    "hospital",
    "site",
    "clinic",
    "practice",
    "surgery",
    "school",
    "sch",
    "town",
    "city",
    "village",
    "county",
    "suburb",
    "employer",
    "workplace",
    "birthplace",
    "residence",
    "hometown",
    "facility",
    "centre",
    "center",
    "institution",
    "institutionname",
    "location",
    "college",
    "university",
    "pharmacy",
    "trust",
    "nursery",
    "prison",
    "station",
    "parish",
    "address",
    "trial site",
    "referrer",
    "home",
    "lives",
    "care home",
    "resides",
    "origin",
    "campus",
];
/// Words of a place at most.
const LONGEST: usize = 5;

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for (at, label) in page.tokens.iter().enumerate() {
        if !LABELS.contains(&&*label.key) {
            continue;
        }
        let Some(first) = page.tokens.get(at + 1) else { continue };
        let gap = page.lower.get(label.range.end..first.range.start).unwrap_or_default();
        if !matches!(gap.trim_matches(['"', ' ', '\t', '*']), ":" | "=" | "\":\"" | "\": \"") || gap.contains('\n') {
            continue;
        }
        let length = page.tokens.iter().skip(at + 1).take(LONGEST).enumerate().take_while(|(n, token)| {
            let joined = *n == 0
                || matches!(token.gap, Gap::Space | Gap::Hyphen | Gap::Dot)
                || token.gap == Gap::Other && page.tokens.get(at + n).is_some_and(|before| before.owns);
            joined && (token.is_capital() || *n > 0 && matches!(&*token.key, "of" | "the" | "upon" | "on" | "st"))
        });
        let Some(last) = length.count().checked_sub(1).map(|more| at + 1 + more) else {
            small(page, at, marks);
            continue;
        };
        let words = page.tokens.get(at + 1..=last).unwrap_or_default();
        let plain = |token: &Token<'_>| {
            token.is(WORD.or(ABBREVIATION).or(FUNCTION).or(HOUSE).or(EPONYM_NOUN)) && !token.is(PLACE)
                || token.is(TRAP) && !token.is(ANY_NAME.or(PLACE))
                || token.is(WORD) && words.len() == 1
        };
        let titled = first.is(TITLE);
        if let (false, false, Some(end)) = (words.iter().all(plain), titled, words.last()) {
            push(first.range.start..end.range.end, "a place", 48, marks);
        }
    }
}

/// "sch = brackenfell high", in small letters: a word that is in no list of common ones.
fn small(page: &Page<'_>, at: usize, marks: &mut Vec<Mark>) {
    let Some(first) = page.tokens.get(at + 1).filter(|first| first.shape == Shape::Lower && first.text.len() > 3)
    else {
        return;
    };
    let other = WORD.or(TRAP).or(ABBREVIATION).or(FUNCTION).or(lexicon::VERB).or(EPONYM_NOUN).or(TITLE);
    let known = first.is(ANY_NAME.or(PLACE));
    let house = page.tokens.get(at + 2).filter(|next| next.gap == Gap::Space && (next.is(HOUSE) || next.key == "high"));
    let unknown = house.is_some() && first.flags == lexicon::Flags::NONE;
    if first.is(other) || !known && !unknown {
        return;
    }
    push(first.range.start..house.unwrap_or(first).range.end, "a place", 48, marks);
}
