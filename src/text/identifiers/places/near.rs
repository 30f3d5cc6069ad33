//! Places by small words around them: "the Finchley route", "Enschede and Oldenzaal", "ex-Faslane", "Route 20", "st anne's".

use std::sync::LazyLock;

use regex::Regex;

use super::{
    super::{
        lexicon::{self, ABBREVIATION, ANY_GIVEN, ANY_NAME, FUNCTION, HOUSE, PLACE, STREET, TITLE, TRAP, VERB, WORD},
        page::{Mark, Page, pattern},
        token::{Gap, Shape, Token},
    },
    eponymic, push,
};

/// Nouns that a town stands before: "the Listowel case".
const OF_TOWN: &[&str] = &[
    "bus",
    "route",
    "train",
    "line",
    "area",
    "branch",
    "office",
    "depot",
    "team",
    "case",
    "road",
    "market",
    "fair",
    "festival",
    "plant",
    "factory",
    "mine",
    "quarry",
    "club",
    "squad",
    "rotary",
    "region",
    "side",
    "end",
    "coast",
    "ferry",
    "hills",
    "direction",
    "way",
    "bypass",
    "marathon",
    "regatta",
    "races",
    "derby",
    "carnival",
    "bridge",
    "tunnel",
    "barracks",
    "prison",
    "jail",
    "police",
    "fire",
    "council",
    "library",
    "pool",
    "harbour",
    "seafront",
    "exit",
    "junction",
    "motorway",
    "estate",
    "farm",
    "village",
];
/// What hospitals are called without the word.
const CALLED: &[&str] = &[
    "mater",
    "rotunda",
    "coombe",
    "bons",
    "alfred",
    "brompton",
    "marsden",
    "freeman",
    "whittington",
    "radcliffe",
    "christie",
    "karolinska",
    "charite",
    "erasmus",
    "beaumont",
    "lister",
    "nuffield",
    "papworth",
    "harefield",
];
/// Words for "in", "to" and "from" of other languages.
const ABROAD: &[&str] = &["à", "aus", "nach", "uit", "naar", "bei", "te", "près", "chez", "in", "vers"];
/// Ends of the names of practices.
const PRACTICES: &[&str] = &[
    "medicine",
    "associates",
    "health",
    "healthcare",
    "partners",
    "physicians",
    "pediatrics",
    "paediatrics",
    "dental",
    "medical",
    "wellness",
    "rehab",
    "orthopedics",
    "cardiology",
    "oncology",
    "family",
    "care",
];
static ROAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:on|off|along|near|via|at|down|up|outside|plowing|ploughing|by)[ ](?:the )?((?:state |county |us |old )?(?:route|highway|hwy|rte|interstate|county road|farm road|rural route)[ ][0-9]{1,4}|i-[0-9]{1,3}|us-[0-9]{1,3}|(?:a|m|n|b)[0-9]{1,4}(?:\([m]\))?)\b",
    )
});
const DRIVEN: &[&str] = &[
    "crash",
    "rtc",
    "rta",
    "mvc",
    "mva",
    "collision",
    "driver",
    "driving",
    "drove",
    "lorry",
    "motorway",
    "junction",
    "car",
    "hgv",
    "motorbike",
    "cyclist",
    "truck",
    "overturned",
    "road",
    "traffic",
    "coach",
    "bus",
    "van",
    "layby",
    "services",
    "passenger",
    "pedestrian",
    "cycling",
];

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut last_town: Option<usize> = None;
    for (at, token) in page.tokens.iter().enumerate() {
        if is_near(page, at, last_town) {
            push(token.range.clone(), "a town", 45, marks);
            last_town = Some(at);
        } else if token.is(PLACE) && marks.iter().rev().take(40).any(|mark| mark.range.start == token.range.start) {
            last_town = Some(at);
        }
        mount(page, at, marks);
        small_saint(page, at, marks);
        practice(page, at, marks);
    }
    for found in ROAD.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        let short = found.as_str().starts_with(['a', 'm', 'n', 'b']) && !found.as_str().contains(' ');
        let driven = found.len() >= 3
            && page.near(&found.range(), 60, DRIVEN)
            && page.at(&found.range()).starts_with(char::is_uppercase);
        if page.alone(&found.range()) && (!short || driven) {
            push(found.range(), "a road", 46, marks);
        }
    }
}

fn key<'p>(page: &'p Page<'_>, at: usize, back: usize) -> &'p str {
    at.checked_sub(back).and_then(|at| page.tokens.get(at)).map_or("", |token| &*token.key)
}

fn is_near(page: &Page<'_>, at: usize, last_town: Option<usize>) -> bool {
    let Some(token) = page.tokens.get(at) else { return false };
    let plain = token.is(WORD.or(TRAP).or(ABBREVIATION).or(FUNCTION).or(TITLE)) || super::is_country(&token.key);
    let next = page.tokens.get(at + 1);
    let before = at.checked_sub(1).and_then(|at| page.tokens.get(at));
    if !token.is_capital() || plain || eponymic(page, at) {
        return false;
    }
    let ends = next.is_none_or(|next| !matches!(next.gap, Gap::Space | Gap::Hyphen) || next.is(VERB.or(FUNCTION)));
    // "Kaitaia, Northland": a word that no list knows, before a place.
    let unknown = token.flags == lexicon::Flags::NONE && token.text.len() > 3;
    let heads = unknown
        && matches!(token.gap, Gap::Line | Gap::Dot)
        && next.is_some_and(|next| {
            next.gap == Gap::Comma && next.is(PLACE) && !next.is(ANY_GIVEN.or(WORD)) && next.is_capital()
        });
    if heads {
        return true;
    }
    if !token.is(PLACE) {
        return false;
    }
    let noun =
        next.is_some_and(|next| next.gap == Gap::Space && next.shape == Shape::Lower && OF_TOWN.contains(&&*next.key));
    let of = key(page, at, 1) == "de"
        && at
            .checked_sub(2)
            .and_then(|at| page.tokens.get(at))
            .is_some_and(|noun| noun.shape == Shape::Lower && !noun.is(FUNCTION));
    let article = matches!(key(page, at, 1), "the" | "that" | "this" | "a" | "our" | "their");
    let abroad = before.is_some_and(|before| ABROAD.contains(&before.text)) && token.gap == Gap::Space;
    let former = key(page, at, 1) == "ex" && token.gap == Gap::Hyphen;
    let home = matches!(key(page, at, 1), "lives" | "live" | "now" | "formerly" | "works" | "based")
        && ends
        && !token.is(ANY_GIVEN);
    let joined = matches!(key(page, at, 1), "and" | "or" | "then" | "to" | "&")
        && last_town.is_some_and(|town| at - town <= 3)
        && token.gap == Gap::Space
        && !token.is(ANY_GIVEN);
    let house = key(page, at, 1) == "of"
        && !token.is(ANY_NAME)
        && at
            .checked_sub(2)
            .and_then(|at| page.tokens.get(at))
            .is_some_and(|first| first.is_capital() && !first.is(TITLE.or(TRAP)));
    token.gap != Gap::Hyphen && noun && article || abroad || former || home || joined || of && ends || house && ends
}

/// "at Mount Carmel East", "Fort Bragg".
fn mount(page: &Page<'_>, at: usize, marks: &mut Vec<Mark>) {
    let Some(token) = page.tokens.get(at).filter(|token| token.is_capital()) else { return };
    let head = matches!(
        &*token.key,
        "mount" | "mt" | "fort" | "camp" | "lake" | "cape" | "loch" | "lough" | "glen" | "isle" | "port"
    );
    let led = matches!(key(page, at, 1), "at" | "in" | "from" | "to" | "near" | "of");
    let length = page
        .tokens
        .iter()
        .skip(at + 1)
        .take(2)
        .take_while(|next| next.is_capital() && matches!(next.gap, Gap::Space | Gap::Dot))
        .count();
    if head
        && led
        && length > 0
        && !eponymic(page, at + length)
        && let Some(last) = page.tokens.get(at + length).filter(|last| !last.is(TITLE))
    {
        push(token.range.start..last.range.end, "a place", 52, marks);
    }
}

/// "st anne's ward", "the mater", in small letters.
fn small_saint(page: &Page<'_>, at: usize, marks: &mut Vec<Mark>) {
    let Some(token) = page.tokens.get(at).filter(|token| token.shape == Shape::Lower) else { return };
    let Some(next) =
        page.tokens.get(at + 1).filter(|next| matches!(next.gap, Gap::Space | Gap::Dot) && next.shape == Shape::Lower)
    else {
        return;
    };
    if matches!(&*token.key, "st" | "saint") && next.text.len() > 3 {
        let house = page.tokens.get(at + 2).filter(|house| house.is(HOUSE) || house.is(STREET));
        let house = house.filter(|house| matches!(house.gap, Gap::Space | Gap::Other) && house.shape == Shape::Lower);
        let named = next.is(ANY_GIVEN) && !next.is(WORD) || next.flags == lexicon::Flags::NONE;
        if named && (next.owns || house.is_some()) || next.owns && house.is_some() {
            push(token.range.start..house.unwrap_or(next).range.end, "a place", 52, marks);
        }
    }
    let where_before = matches!(key(page, at, 1), "at" | "from" | "to" | "in" | "via" | "of");
    if token.key == "the" && where_before && CALLED.contains(&&*next.key) {
        push(token.range.start..next.range.end, "a regional hospital", 48, marks);
    }
}

/// "at Cedar Bluff Family Medicine": words with capitals, of which the last says what it is.
fn practice(page: &Page<'_>, at: usize, marks: &mut Vec<Mark>) {
    if !matches!(key(page, at, 1), "at" | "from" | "to" | "with" | "by") {
        return;
    }
    let name =
        |token: &Token<'_>, n: usize| token.is_capital() && (n == 0 || token.gap == Gap::Space) && !token.is(TITLE);
    let length = page.tokens.iter().skip(at).take(5).enumerate().take_while(|(n, token)| name(token, *n)).count();
    let (Some(first), Some(last)) =
        (page.tokens.get(at), (at + length).checked_sub(1).and_then(|last| page.tokens.get(last)))
    else {
        return;
    };
    let branch = matches!(
        &*first.key,
        "general"
            | "internal"
            | "emergency"
            | "family"
            | "acute"
            | "sports"
            | "public"
            | "mental"
            | "occupational"
            | "community"
            | "women"
            | "child"
            | "primary"
            | "intensive"
            | "critical"
            | "palliative"
            | "social"
    );
    if length >= 3 && !branch && PRACTICES.contains(&&*last.key) && !first.is(TRAP) {
        push(first.range.start..last.range.end, "a clinic", 52, marks);
    }
}
