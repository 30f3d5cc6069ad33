//! Towns and counties, and houses with a name: hospitals, schools, wards, homes, workplaces.
//! A town that stands in the name of a score or a disease is none: Glasgow Coma Scale, Lyme disease.

mod headed;
mod houses;
mod near;
mod others;

use std::ops::Range;

use super::{
    kind::Kind,
    lexicon::{self, ABBREVIATION, ANY_NAME, EPONYM_NOUN, GIVEN, HOUSE, PLACE, PLACE_HEAD, TITLE, TRAP, WHERE, WORD},
    page::{Mark, Page},
    token::{Gap, Shape},
};

pub(super) const WHY: &str = "A place smaller than a state narrows down who it is.";

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    towns(page, marks);
    houses::find(page, marks);
    others::find(page, marks);
    headed::find(page, marks);
    near::find(page, marks);
}

fn push(range: Range<usize>, suggestion: &str, weight: u8, marks: &mut Vec<Mark>) {
    marks.push(Mark { range, kind: Kind::Location, why: WHY, suggestion: suggestion.into(), weight });
}

/// The longest town that begins with this word: how many words it has.
fn longest(page: &Page<'_>, at: usize) -> Option<usize> {
    let first = page.tokens.get(at)?;
    let mut key = first.key.trim_end_matches('.').to_owned();
    let mut best = first.is(PLACE).then_some(1);
    if first.is(PLACE_HEAD) {
        for (n, token) in page.tokens.iter().skip(at + 1).take(3).enumerate() {
            if !matches!(token.gap, Gap::Space | Gap::Hyphen | Gap::Dot) {
                break;
            }
            key.push(' ');
            key.push_str(&token.key);
            if lexicon::look_up(&key).any(PLACE) {
                best = Some(n + 2);
            }
        }
    }
    best
}

fn towns(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut at = 0;
    while let Some(token) = page.tokens.get(at) {
        let small = token.shape == Shape::Lower;
        let counted = longest(page, at)
            .filter(|_| token.is_capital() || token.shape == Shape::Upper || small && token.text.len() >= 4);
        let Some(count) = counted else {
            at += 1;
            continue;
        };
        let last = page.tokens.get(at + count - 1).unwrap_or(token);
        if is_town(page, at, count, small) {
            push(token.range.start..last.range.end, "a town", if count > 1 { 46 } else { 42 }, marks);
        }
        at += count;
    }
}

/// Words before "of" and a town.
const PARTS: &[&str] = &[
    "village",
    "town",
    "city",
    "outskirts",
    "county",
    "suburb",
    "north",
    "south",
    "east",
    "west",
    "university",
    "bishop",
    "mayor",
    "middle",
    "centre",
    "side",
];

/// What stands around a town, and whether that says that it is one.
struct Around {
    where_word: bool,
    county: bool,
    of: bool,
    listed: bool,
    titled: bool,
}

fn around(page: &Page<'_>, at: usize, count: usize, small: bool) -> Option<Around> {
    let token = page.tokens.get(at)?;
    let before = at.checked_sub(1).and_then(|at| page.tokens.get(at));
    let where_word = before.is_some_and(|word| word.is(WHERE) && matches!(token.gap, Gap::Space));
    let county = before.is_some_and(|word| {
        matches!(
            &*word.key,
            "co" | "county"
                | "home"
                | "hometown"
                | "loc"
                | "village"
                | "townland"
                | "town"
                | "city"
                | "suburb"
                | "parish"
        ) && matches!(token.gap, Gap::Space | Gap::Dot)
    });
    let of = before.is_some_and(|word| &*word.key == "of")
        && at.checked_sub(2).and_then(|at| page.tokens.get(at)).is_some_and(|word| PARTS.contains(&&*word.key));
    let after_place = before.is_some_and(|word| {
        word.is_capital()
            || word.shape == Shape::Mixed
            || word.is(HOUSE.or(lexicon::STREET))
            || word.shape == Shape::Upper
    });
    let ends = page.tokens.get(at + count).is_none_or(|next| !matches!(next.gap, Gap::Space | Gap::Hyphen));
    let listed = token.gap == Gap::Comma
        && (after_place || small || ends && before.is_some_and(|word| word.shape == Shape::Lower))
        || page.tokens.get(at + count).is_some_and(|next| next.gap == Gap::Comma && next.is(PLACE));
    let titled = before.is_some_and(|word| word.is(TITLE) && matches!(token.gap, Gap::Space | Gap::Dot));
    Some(Around { where_word, county, of, listed, titled })
}

fn is_town(page: &Page<'_>, at: usize, count: usize, small: bool) -> bool {
    let (Some(token), Some(last)) = (page.tokens.get(at), page.tokens.get(at + count - 1)) else { return false };
    let Some(Around { where_word, county, of, listed, titled }) = around(page, at, count, small) else { return false };
    if titled || eponymic(page, at + count - 1) || last.is(EPONYM_NOUN) {
        return false;
    }
    let shouting = token.shape == Shape::Upper;
    let short = shouting && (token.is(ABBREVIATION) || token.text.len() < 4);
    let ambiguous = token.is(WORD) && count == 1 || token.is(TRAP) && count == 1;
    let personal = count == 1 && token.is(ANY_NAME);
    let strong = county || of || where_word && !small;
    if small && token.is(TRAP) && !token.is(WORD) && token.is(PLACE) && count == 1 {
        // "to bristol": nothing follows that could be called by it.
        let ends = page.tokens.get(at + 1).is_none_or(|next| next.gap != Gap::Space);
        return where_word && ends && !is_country(&token.key) && token.text.len() > 4;
    }
    if small && token.text.len() > 3 && count == 1 && token.is(PLACE) && !token.is(WORD.or(TRAP)) && lives(page, at) {
        return true;
    }
    if small {
        // In small letters only what can be nothing else, or follows a word that says where.
        return !ambiguous
            && token.text.len() >= 4
            && (county
                || of
                || where_word && !token.is(GIVEN)
                || !personal && token.text.len() >= 6 && (where_word || listed));
    }
    if short {
        return false;
    }
    if token.is(TRAP) && count == 1 && token.owns {
        return false;
    }
    if token.is(TRAP) && count == 1 {
        return county
            || of
            || where_word
                && token.is(PLACE)
                && !matches!(&*token.key, "mayo" | "normal" | "essex")
                && !next_is_noun(page, at)
                && !is_country(&token.key)
                && !token.is(WORD)
            || &*token.key == "mayo" && (county || where_word && !next_is_capital(page, at));
    }
    if ambiguous {
        return county
            || of
            || where_word && !token.starts && !next_is_noun(page, at)
            || listed && token.gap == Gap::Comma && !token.is(WORD);
    }
    if personal {
        return strong || listed && token.gap == Gap::Comma && !token.is(GIVEN) && !follows_name(page, at);
    }
    // A town by itself may be the name of a score; one of several words hardly.
    let line = token.gap == Gap::Line
        && page.tokens.get(at + count).is_none_or(|next| next.gap == Gap::Line || next.gap == Gap::Comma);
    let staged = page.tokens.get(at + count).is_some_and(|next| {
        next.gap == Gap::Space && matches!(next.shape, Shape::Upper | Shape::Number | Shape::Mixed | Shape::Initial)
    });
    strong || listed || line || count > 1 && !shouting && !staged
}

/// Whether somebody lives or was born there: "lives in pontardawe".
fn lives(page: &Page<'_>, at: usize) -> bool {
    let key = |back: usize| at.checked_sub(back).and_then(|at| page.tokens.get(at)).map_or("", |token| &*token.key);
    // "staying with auntie bisi in thurrock": in the same sentence.
    let stays = page.tokens.get(at.saturating_sub(6)..at).unwrap_or_default().iter().rev();
    let stays = stays.take_while(|token| !token.starts).any(|token| {
        matches!(
            &*token.key,
            "lives" | "living" | "lived" | "staying" | "stays" | "moved" | "born" | "raised" | "resides"
        )
    });
    matches!(key(1), "in" | "at" | "near" | "outside" | "from")
        && (stays
            || matches!(
                key(2),
                "lives"
                    | "living"
                    | "lived"
                    | "live"
                    | "born"
                    | "resides"
                    | "based"
                    | "raised"
                    | "family"
                    | "home"
                    | "is"
            ))
}

fn is_country(key: &str) -> bool {
    matches!(
        key,
        "jersey"
            | "georgia"
            | "mexico"
            | "singapore"
            | "panama"
            | "luxembourg"
            | "guatemala"
            | "kuwait"
            | "monaco"
            | "victoria"
            | "india"
            | "asia"
            | "poland"
            | "holland"
            | "denmark"
            | "norway"
            | "sweden"
            | "finland"
            | "france"
            | "germany"
            | "spain"
            | "italy"
            | "portugal"
            | "greece"
            | "china"
            | "japan"
            | "brazil"
            | "lebanon"
            | "cuba"
            | "peru"
            | "washington"
            | "delaware"
            | "nevada"
            | "oregon"
            | "california"
            | "texas"
            | "ontario"
            | "jordan"
            | "israel"
            | "guinea"
            | "niger"
            | "chad"
            | "mali"
            | "benin"
            | "togo"
    )
}

fn follows_name(page: &Page<'_>, at: usize) -> bool {
    at.checked_sub(1).and_then(|at| page.tokens.get(at)).is_some_and(|word| word.is(ANY_NAME) && word.is_capital())
}

fn next_is_capital(page: &Page<'_>, at: usize) -> bool {
    page.tokens.get(at + 1).is_some_and(|next| next.gap == Gap::Space && next.is_capital())
}

/// Whether a common noun follows, to which the word belongs: "from Bath salts".
fn next_is_noun(page: &Page<'_>, at: usize) -> bool {
    page.tokens.get(at + 1).is_some_and(|next| next.gap == Gap::Space && next.is_capital() && !next.is(HOUSE))
}

/// Whether the word belongs to the name of a disease, a score, a guideline.
fn eponymic(page: &Page<'_>, at: usize) -> bool {
    for (n, token) in page.tokens.iter().skip(at + 1).take(3).enumerate() {
        if !matches!(token.gap, Gap::Space | Gap::Hyphen) && !(n == 0 && token.gap == Gap::Join) {
            return false;
        }
        if token.is(EPONYM_NOUN)
            && !matches!(
                &*token.key,
                "unit"
                    | "units"
                    | "list"
                    | "heart"
                    | "test"
                    | "tests"
                    | "trust"
                    | "attack"
                    | "level"
                    | "number"
                    | "position"
            )
        {
            return true;
        }
        if !(token.is_capital()
            || token.shape == Shape::Number
            || token.shape == Shape::Mixed
            || token.shape == Shape::Upper
            || matches!(
                &*token.key,
                "activity"
                    | "foot"
                    | "bowel"
                    | "coma"
                    | "hip"
                    | "knee"
                    | "triage"
                    | "severity"
                    | "staging"
                    | "outcome"
                    | "stool"
                    | "postnatal"
            ))
        {
            return false;
        }
    }
    false
}
