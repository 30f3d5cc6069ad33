//! Post codes, streets with their numbers, post boxes and coordinates.
//! Post codes are read with the areas that are in use, for "L5" and "T12" are vertebrae too.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    kind::Kind,
    lexicon::{FUNCTION, PLACE, STREET, TITLE, WORD},
    page::{Mark, Page, has_word, pattern},
    token::{Gap, Shape},
};

static BRITISH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b([a-z]{1,2})[0-9][0-9a-z]?[ \u{a0}]{0,2}[0-9][abd-hjlnp-uw-z]{2}\b"));
static IRISH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:[ac-fhknprtv-y][0-9]{2}|d6w)[ \u{a0}-]?[0-9ac-fhknprtv-y]{4}\b"));
static DUTCH: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[1-9][0-9]{3}[ \u{a0}]?([a-z]{2})\b"));
static ZIP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:zip(?: ?code)?|postal code|post ?code|eircode|plz|postcode)[ :#is]{0,5}([a-z]?[0-9][0-9a-z -]{2,8}[0-9a-z])|\b(?:al|ak|az|ar|ca|co|ct|de|fl|ga|hi|ia|id|il|in|ks|ky|la|ma|md|me|mi|mn|mo|ms|mt|nc|nd|ne|nh|nj|nm|nv|ny|oh|ok|or|pa|ri|sc|sd|tn|tx|ut|va|vt|wa|wi|wv|wy|dc|pr)\.?,? ([0-9]{5}(?:-[0-9]{4})?)\b|\b(?:nsw|vic|qld|sa|wa|tas|act|nt),? ([0-9]{4})\b|\b([a-z][0-9][a-z][ -]?[0-9][a-z][0-9])\b",
    )
});
/// Five digits and a town, as in Germany and France.
static TOWN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:d-|f-|b-|a-|ch-|nl-)?[0-9]{4,5} ([a-zÀ-ɏ]{3,}(?:[- ][a-zÀ-ɏ]{3,})?)"));
static BOX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bp\.? ?o\.? box [0-9a-z]{1,8}|\bpostbus [0-9]{1,6}|\bpostfach [0-9 ]{1,8}|\bgpo box [0-9]{1,6}|\brural (?:route|delivery) [0-9]{1,4}|\brr ?[0-9]{1,2},? box [0-9]{1,5}",
    )
});
/// Numbered roads, and places on them.
static ROAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:on|off|along|of|near|from) the (?:m|n|a|r|b|e)[0-9]{1,4}(?: (?:near|at|between|by|before|after) (?:junction|exit|j) ?[0-9]{1,3})?\b|\b(?:i-[0-9]{1,3}|(?:us|state|route|rte|sr|highway|hwy)[- ](?:route |highway )?[0-9]{1,3})(?:,? (?:near |at )?(?:mile marker|exit|mm) [0-9]{1,3})\b|\b(?:mile marker|junction) [0-9]{1,3}\b|\bm[0-9]{1,2} (?:motorway|near junction [0-9]{1,2})",
    )
});
static POINT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"-?[0-9]{1,3}\.[0-9]{3,8}°?[ ]?[ns]?,[ ]?-?[0-9]{1,3}\.[0-9]{3,8}°?[ ]?[ew]?|[0-9]{1,2}°[ ]?[0-9]{1,2}[′'’](?:[ ]?[0-9.]{1,5}[″\x22”])?[ ]?[ns],?[ ]?[0-9]{1,3}°[ ]?[0-9]{1,2}[′'’](?:[ ]?[0-9.]{1,5}[″\x22”])?[ ]?[ew]|///[a-z]{3,20}\.[a-z]{3,20}\.[a-z]{3,20}",
    )
});

const AREAS: &str = " ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy e ec eh en ex fk fy g gl gu gy ha hd hg hp hr hs hu hx ig im ip iv je ka kt kw ky l la ld le ll ln ls lu m me mk ml n ne ng nn np nr nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk sl sm sn so sp sr ss st sw sy ta td tf tn tq tr ts tw ub w wa wc wd wf wn wr ws wv yo ze ";
/// What is no end of a Dutch post code but a unit.
const UNITS: &[&str] = &[
    "mg", "ml", "iu", "kg", "cm", "mm", "hz", "ad", "bc", "am", "pm", "hr", "mv", "ms", "cc", "gy", "kj", "ng", "pg",
    "wk", "ct", "bp", "rv", "lv",
];
/// Words that mean nothing but a road.
const ROADS: &[&str] = &[
    "street",
    "road",
    "avenue",
    "lane",
    "crescent",
    "terrace",
    "boulevard",
    "straat",
    "laan",
    "gracht",
    "strasse",
    "rue",
    "highway",
    "parade",
    "mews",
    "ave",
    "rd",
    "close",
    "blvd",
    "parkway",
];
/// The first three letters and digits of an Eircode.
const ROUTING: &str = " a41 a42 a45 a63 a67 a75 a81 a82 a83 a84 a85 a86 a91 a92 a94 a96 a98 c15 d01 d02 d03 d04 d05 d06 d07 d08 d09 d10 d11 d12 d13 d14 d15 d16 d17 d18 d20 d22 d24 d6w e21 e25 e32 e34 e41 e45 e53 e91 f12 f23 f26 f28 f31 f35 f42 f45 f52 f56 f91 f92 f93 f94 h12 h14 h16 h18 h23 h53 h54 h62 h65 h71 h91 k32 k34 k36 k45 k56 k67 k78 n37 n39 n41 n91 p12 p14 p17 p24 p25 p31 p32 p36 p43 p47 p51 p56 p61 p67 p72 p75 p81 p85 r14 r21 r32 r35 r42 r45 r51 r56 r93 r95 t12 t23 t34 t45 t56 v14 v15 v23 v31 v35 v42 v92 v93 v94 v95 w12 w23 w34 w91 x35 x42 x91 y14 y21 y25 y34 y35 ";
const CODE: &str = "A post code leads to a few households.";
const WHY: &str = "An address leads to a household.";

fn mark(range: std::ops::Range<usize>, why: &'static str, weight: u8) -> Mark {
    Mark { range, kind: Kind::Location, why, suggestion: String::new(), weight }
}

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    codes(page, marks);
    figures(page, marks);
    streets(page, marks);
    for found in ROAD.find_iter(&page.lower).filter(|found| page.alone(&found.range())) {
        let start = found.start() + found.as_str().find(" the ").map_or(0, |at| at + 5);
        marks.push(mark(start..found.end(), "A place on a road tells where somebody was.", 45));
    }
    for found in BOX.find_iter(&page.lower) {
        marks.push(mark(found.range(), WHY, 58));
    }
    for found in POINT.find_iter(&page.lower).filter(|found| !page.joined(&found.range(), &['.', ','])) {
        marks.push(mark(found.range(), "Coordinates lead to a place.", 79));
    }
}

fn codes(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in BRITISH.captures_iter(&page.lower) {
        let (Some(whole), Some(area)) = (found.get(0), found.get(1)) else { continue };
        let text = page.at(&whole.range());
        let capitals = !text.chars().any(char::is_lowercase);
        let spaced = text.contains([' ', '\u{a0}']);
        let address = page.near(
            &whole.range(),
            40,
            &["road", "street", "lane", "avenue", "postcode", "close", "drive", "lives", "address"],
        );
        if AREAS.contains(&format!(" {} ", area.as_str()))
            && page.alone(&whole.range())
            && (capitals && (spaced || text.len() >= 6) || address && spaced)
        {
            marks.push(mark(whole.range(), CODE, 59));
        }
    }
    for found in page.matches(&IRISH) {
        let text = page.at(&found.range());
        let last: String = text.chars().rev().take(4).collect();
        let mixed = last.contains(|c: char| c.is_ascii_digit()) && last.contains(|c: char| c.is_ascii_alphabetic())
            || page.near(&found.range(), 30, &["eircode", "co", "dublin", "address"]);
        let address = page.near(&found.range(), 50, &["eircode", "road", "street", "co", "lives", "address"]);
        let routed = found.as_str().get(..3).is_some_and(|key| ROUTING.contains(&format!(" {key} ")));
        if mixed && routed && (!text.chars().any(char::is_lowercase) || address) {
            marks.push(mark(found.range(), CODE, 59));
        }
    }
}

/// Post codes of figures, which need a town or a label beside them.
fn figures(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in DUTCH.captures_iter(&page.lower) {
        let (Some(whole), Some(letters)) = (found.get(0), found.get(1)) else { continue };
        let capitals = page.at(&letters.range()).chars().all(char::is_uppercase);
        let unit = UNITS.contains(&letters.as_str());
        let next = page
            .text
            .get(whole.end()..)
            .unwrap_or_default()
            .trim_start_matches([' ', ','])
            .starts_with(char::is_uppercase);
        let listed = page.before(whole.start(), 3).ends_with(", ") || page.before(whole.start(), 2).ends_with('\n');
        if capitals
            && !unit
            && page.alone(&whole.range())
            && !page.joined(&whole.range(), &['.', ',', '-'])
            && (next && listed
                || page.near(&whole.range(), 30, &["postcode", "address", "straat", "laan", "gracht"])
                || next
                    && whole.as_str().contains(' ')
                    && page.word_after(whole.end()).len() > 3
                    && !page.before(whole.start(), 12).ends_with('='))
        {
            marks.push(mark(whole.range(), CODE, 59));
        }
    }
    for found in ZIP.captures_iter(&page.lower) {
        let Some(code) = found.iter().skip(1).flatten().next() else { continue };
        let Some(whole) = found.get(0) else { continue };
        let written = page.at(&whole.range());
        let labelled = found.get(1).is_some();
        // "in 12500", "or 10000" are no states.
        if page.alone(&code.range())
            && (labelled || !written.starts_with(char::is_lowercase))
            && (found.get(4).is_none() || written.contains(' ') && !written.chars().any(char::is_lowercase))
        {
            marks.push(mark(code.range(), CODE, 61));
        }
    }
    for found in TOWN.captures_iter(&page.lower) {
        let (Some(whole), Some(town)) = (found.get(0), found.get(1)) else { continue };
        let name = super::token::fold(town.as_str());
        let known = super::lexicon::look_up(&name).any(PLACE) && !super::lexicon::look_up(&name).any(WORD);
        let five = whole.as_str().chars().filter(char::is_ascii_digit).count() == 5
            || page.before(whole.start(), 2).ends_with(", ");
        if known && five && page.at(&town.range()).starts_with(char::is_uppercase) && page.alone(&whole.range()) {
            marks.push(mark(whole.range(), CODE, 59));
        }
    }
}

/// "14 Main Street", "Oakfield Road", "Flat 3, 12 Elm Grove".
fn streets(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for (at, street) in page.tokens.iter().enumerate() {
        let person = &*street.key == "dr"
            && page.tokens.get(at + 1).is_some_and(|next| next.gap == Gap::Space && next.shape != Shape::Lower);
        if !street.is(STREET)
            || at == 0
            || person
            || matches!(street.gap, Gap::Line | Gap::Other | Gap::Colon | Gap::Dot | Gap::Comma)
        {
            continue;
        }
        let common = !ROADS.contains(&&*street.key);
        let (start, words, number) = named(page, at);
        let capital = street.is_capital() || street.shape == Shape::Upper;
        let address = has_word(page.words_before(start, 30), &["on", "lives", "at", "address", "of", "along", "near"])
            || page.before(start, 2).trim().is_empty() && start == 0;
        let road = !common && capital && words > 0 && street.text.len() > 2;
        if words > 0
            && words <= 3
            && (number && capital
                || road
                || capital
                    && address
                    && common
                    && street.text.len() > 4
                    && has_word(page.words_before(start, 12), &["lives", "address"]))
        {
            let start = flat(page, start);
            marks.push(mark(start..street.range.end, WHY, 57));
        }
    }
    lower_streets(page, marks);
}

/// Where the name of a street begins, how many words it has, and whether a house number stands before it.
fn named(page: &Page<'_>, at: usize) -> (usize, usize, bool) {
    let Some(street) = page.tokens.get(at) else { return (0, 0, false) };
    let before: Vec<_> = page.tokens.get(at.saturating_sub(4)..at).unwrap_or_default().iter().rev().collect();
    let mut words = 0;
    let mut start = street.range.start;
    let mut number = false;
    let mut gap = street.gap;
    for token in before {
        if !matches!(gap, Gap::Space | Gap::Hyphen)
            && !(gap == Gap::Comma && words > 0)
            && !(gap == Gap::Dot && &*token.key == "st")
        {
            break;
        }
        let counts = token.shape == Shape::Number && token.text.len() <= 5
            || token.shape == Shape::Mixed
                && token.text.len() <= 5
                && token.text.starts_with(|c: char| c.is_ascii_digit());
        if counts && (words > 0 || token.text.contains(char::is_alphabetic)) {
            start = token.range.start;
            number = true;
            break;
        }
        let name = token.is_capital() && gap != Gap::Comma && !token.is(TITLE)
            || token.shape == Shape::Upper && street.shape == Shape::Upper
            || token.shape == Shape::Mixed;
        if !name
            || token.is(FUNCTION)
                && !matches!(&*token.key, "church" | "long" | "high" | "old" | "new" | "north" | "south")
        {
            break;
        }
        words += 1;
        start = token.range.start;
        gap = token.gap;
    }
    (start, words, number)
}

/// "Flat 3," or "Apt 2B," in front.
fn flat(page: &Page<'_>, start: usize) -> usize {
    static FLAT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\b(?:flat|apt\.?|apartment|unit|suite|room|no\.?)[ ]?#?[0-9a-z]{1,4},? ?$"));
    let before = page.before(start, 18);
    FLAT.find(before).map_or(start, |found| start - (before.len() - found.start()))
}

/// A house number, small letters, and a street that is written out: "12 elm road".
fn lower_streets(page: &Page<'_>, marks: &mut Vec<Mark>) {
    static LOWER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b[0-9]{1,4}[a-z]? (?:[a-zÀ-ɏ'’]{3,16} ){1,2}(?:street|road|avenue|lane|crescent|terrace|boulevard|straat|laan|gracht)\b|\b[0-9]{1,4}[a-z]? rue (?:de |du |des |de la )?[a-zÀ-ɏ]{3,20}|\b[a-zÀ-ɏ]{3,24}(?:straße|strasse|str\.|straat|laan|gracht|weg|allee|gasse|plein|kade|platz)[ ][0-9]{1,4}[a-z]?\b",
        )
    });
    for found in page.matches(&LOWER) {
        let text = found.as_str();
        let measured =
            has_word(text, &["m", "km", "min", "the", "weeks", "days", "years", "of", "metres", "miles", "times"]);
        if !measured {
            marks.push(mark(found.range(), WHY, 57));
        }
    }
}
