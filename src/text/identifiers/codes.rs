//! Codes that have a form of their own: of computers, wallets, flights, ships and aircraft, and cards that are half hidden.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::{
    kind::Kind,
    lexicon::{FUNCTION, VERB, WORD, look_up},
    page::{Mark, Page, has_word, pattern},
};

static UUID: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{24,64}"));
static ORCID: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9x]"));
static WALLET: LazyLock<Regex> = LazyLock::new(|| pattern(r"0x[0-9a-f]{40}|bc1[0-9a-z]{20,60}"));
/// "xxxx xxxx xxxx 4471", "Visa 4471", "card •••• 4471".
static MASKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?:[x*•·#]{4}[ -]?){1,3}|[x*•·]{3,12}[ -]?)[0-9]{4}|\b(?:visa|mastercard|amex|maestro|revolut|american express)(?: debit| credit| card)?,? ?[(]?[ .…x*•·-]{0,8}([0-9]{4})",
    )
});
static FLIGHT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:flight|flew on|aboard|flights|plane)(?: no\.?| number)?[ :(]{1,2}([a-z][a-z0-9] ?[0-9]{2,4})\b")
});
/// Letters of aircraft and numbers of ships.
static CRAFT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:g|ei|vh|ph|d|f|oo|hb|zk|c|ei)-[a-z]{3,4}\b|\bn[0-9]{2,4}[a-z]{1,2}\b|\b(?:imo|mmsi)(?: no\.?| number)?[ :]{1,2}([0-9]{7,9})\b",
    )
});
/// "PIN 4471", "password Sunny2019!", "door code 4471".
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:pin|pin code|pin number|passcode|password|pass ?word|pwd|wi-?fi key|wi-?fi password|access code|door code|gate code|key ?code|entry code|alarm code|intercom code|buzzer code|keypad code|locker code|digicode|code of the door|unlock code|safe code|key ?safe(?: (?:code|no\.?|number))?|(?:lock|key) ?box,?(?: (?:code|no\.?|number))?|combination|sleutelkluis(?: code)?|schl(?:ü|ue)sseltresor(?: code)?)(?: (?:is|was|of|(?:for|to|at|on|in|outside|by) [a-z ]{2,22}?))?(?: (?:is|reads))?(?: ?[:=])? ?[\x22“'‘]?([^\s,;()\x22”’0-9]{0,12}[0-9][^\s,;()\x22”’]{1,24})",
    )
});

const UNIQUE: &str = "A code of this form is given out once.";

/// Numbers of a year that police stations and courts give: "CAS 218/07/2024", "OB 118/7/2024", "FIR no. 118/2024", "MLC 1182/24".
static STATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:cas|ob|fir|mlc|cr|gdd?|gd entry)(?: (?:no\.?|number|case))?[ :#]{1,2}([0-9]{1,5}/(?:[0-9]{1,2}/)?(?:20)?[0-9]{2})\b",
    )
});
/// References of bookings, of letters and digits alike: "booking ref QX7TLB", "Rx group SFHRX2".
static LOCATOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(booking|confirmation|reservation|record locator|locator|pnr|flight|rx ?gro?u?p)(?: (?:ref|reference|no|number|code|id|is|was|booking))*\.?[ :#]{1,3}([a-z0-9]{6,8})\b",
    )
});
/// The address of a surgery for messages: "HealthLink EDI waitkmed".
static MAILBOX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:healthlink|medical objects|argus)? ?edi(?: (?:address|account|id|no\.?))?[ :]{1,2}([a-z][a-z0-9]{7})\b",
    )
});

/// "Door code of the night entrance 4471#", "cabinet code is changed to 7741*".
static KEYED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bcode\b[^.;\n0-9]{0,40}[ :]([0-9]{3,8}[#*])"));
static CARD_CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:cvc|cvv2?)[ :]{1,2}([0-9]{3,4})"));
static LAST_FOUR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\blast (?:four|4)(?: (?:of )?(?:ssn|social|is))?[ :]{1,2}([0-9]{4})"));
/// Receipts of the immigration office of the USA.
static RECEIPT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:wac|eac|lin|src|msc|ioe|nbc|ysc)[0-9]{10}"));

/// Marks them.
fn references(page: &Page<'_>, push: &mut impl FnMut(Range<usize>, Kind, &'static str, u8)) {
    for found in STATION.captures_iter(&page.lower) {
        let (Some(whole), Some(number)) = (found.get(0), found.get(1)) else { continue };
        let capitals = !page.at(&(whole.start()..whole.start() + 2)).bytes().any(|b| b.is_ascii_lowercase());
        // "OB 4/12" is a day, "CR 2/24" a count.
        let long = number.as_str().matches('/').count() == 2 && number.len() > 9 || number.len() > 5;
        if (capitals || number.as_str().matches('/').count() == 2)
            && long
            && page.alone(&number.range())
            && !is_day(number.as_str())
        {
            push(number.range(), Kind::Other, "A number of the police leads to a case.", 80);
        }
    }
    for found in LOCATOR.captures_iter(&page.lower) {
        let (Some(label), Some(code)) = (found.get(1), found.get(2)) else { continue };
        let written = page.at(&code.range());
        let digits = written.bytes().filter(u8::is_ascii_digit).count();
        let capitals = written.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if capitals && digits > 0 && digits < written.len() {
            let insured = label.as_str().starts_with("rx");
            let kind = if insured { Kind::HealthPlan } else { Kind::Other };
            push(code.range(), kind, UNIQUE, 79);
        }
    }
    for found in MAILBOX.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        if !look_up(found.as_str()).any(WORD.or(FUNCTION).or(VERB)) {
            push(found.range(), Kind::Other, "An address for messages leads to a surgery.", 79);
        }
    }
}

/// Codes to come in that stand a few words behind, and the secret of a card.
fn secrets(page: &Page<'_>, push: &mut impl FnMut(Range<usize>, Kind, &'static str, u8)) {
    for found in KEYED.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        push(found.range(), Kind::Other, "A code to come in is one person's.", 77);
    }
    for found in CARD_CODE.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        if page.near(&found.range(), 60, &["visa", "card", "mastercard", "amex", "exp", "expiry"])
            && page.alone(&found.range())
        {
            push(found.range(), Kind::Account, "The code of a card is secret.", 79);
        }
    }
    for found in LAST_FOUR.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        let before = page.words_before(found.start(), 90);
        if has_word(before, &["veteran", "va", "ssn", "social", "usmc", "oef", "oif"]) && page.alone(&found.range()) {
            push(found.range(), Kind::Ssn, "The last digits of a social security number are one person's.", 80);
        }
    }
    for found in page.matches(&RECEIPT) {
        push(found.range(), Kind::Other, UNIQUE, 79);
    }
}

/// Whether it is a day of the year: "18/07/2024".
fn is_day(text: &str) -> bool {
    let mut parts = text.split('/').map(|part| part.parse::<u32>().unwrap_or_default());
    text.matches('/').count() == 2
        && parts.next().is_some_and(|day| day <= 31)
        && parts.next().is_some_and(|month| month <= 12)
}

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut push = |range, kind, why, weight| marks.push(Mark { range, kind, why, suggestion: String::new(), weight });
    for found in page.matches(&UUID) {
        let mixed = found.as_str().bytes().any(|b| b.is_ascii_digit())
            && found.as_str().bytes().any(|b| b.is_ascii_alphabetic());
        if mixed {
            push(found.range(), Kind::Other, UNIQUE, 79);
        }
    }
    references(page, &mut push);
    secrets(page, &mut push);
    for found in page.matches(&WALLET) {
        push(found.range(), Kind::Account, UNIQUE, 79);
    }
    for found in page.matches(&ORCID).filter(|found| page.near(&found.range(), 20, &["orcid", "isni"])) {
        push(found.range(), Kind::Other, UNIQUE, 79);
    }
    for found in MASKED.captures_iter(&page.lower) {
        let Some(number) = found.get(1).or(found.get(0)) else { continue };
        let before = page.before(number.start(), 1);
        let year = found.get(1).is_some() && (number.as_str().starts_with("19") || number.as_str().starts_with("20"));
        if !before.ends_with(|c: char| c.is_alphanumeric())
            && !year
            && page.alone(&(number.end() - 4..number.end())) | found.get(1).is_none()
        {
            push(number.range(), Kind::Account, "The last digits of a card lead to its owner.", 76);
        }
    }
    for found in FLIGHT.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        if !page.at(&found.range()).starts_with(char::is_lowercase) || page.at(&found.range()).len() > 4 {
            push(found.range(), Kind::Other, "A flight tells when and where somebody was.", 60);
        }
    }
    for found in CRAFT.captures_iter(&page.lower) {
        let (Some(whole), number) = (found.get(0), found.get(1)) else { continue };
        let range = number.map_or(whole.range(), |number| number.range());
        let capitals = !page.at(&range).bytes().any(|b| b.is_ascii_lowercase());
        let capitals = capitals || page.before(range.start, 14).contains("tail ");
        let near = page.near(&range, 50, CRAFTS);
        if capitals && (number.is_some() || near && page.alone(&range)) {
            push(range, Kind::Vehicle, "It leads to the keeper of an aircraft or a ship.", 66);
        }
    }
    for found in SECRET.captures_iter(&page.lower) {
        let (Some(whole), Some(value)) = (found.get(0), found.get(1)) else { continue };
        let text = value.as_str().trim_end_matches(['.', '?', ':']);
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let registered =
            whole.as_str().starts_with("pin") && (text.len() > 6 || text.bytes().any(|b| b.is_ascii_alphabetic()));
        let known = look_up(text).any(WORD.or(FUNCTION).or(VERB));
        let lone = !page.before(whole.start(), 1).ends_with(|c: char| c.is_alphanumeric() || c == '-');
        if lone && digits >= 2 && text.len() >= 4 && !registered && !known {
            push(value.start()..value.start() + text.len(), Kind::Other, "A code to come in is one person's.", 77);
        }
    }
}

const CRAFTS: &[&str] = &[
    "aircraft",
    "helicopter",
    "plane",
    "glider",
    "microlight",
    "cessna",
    "piper",
    "airfield",
    "registration",
    "tail",
    "pilot",
    "flew",
    "flying",
    "crashed",
    "aeroplane",
    "airplane",
    "gyrocopter",
    "balloon",
    "jet",
    "light",
];
