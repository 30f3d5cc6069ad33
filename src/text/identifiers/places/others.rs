//! Places that are in no list: by "lives in" and "at the", by somebody's work, and ships.

use super::{
    super::{
        lexicon::{self, ABBREVIATION, ANY_NAME, EPONYM_NOUN, HOUSE, PLACE, TITLE, TRAP, WORD},
        page::{Mark, Page},
        token::{Gap, Shape, Token},
    },
    eponymic, push,
};

/// Words before "in" or "at", after which somebody is at home or went.
const SETTLED: &[&str] = &[
    "lives",
    "live",
    "living",
    "lived",
    "born",
    "home",
    "moved",
    "move",
    "back",
    "family",
    "up",
    "out",
    "down",
    "raised",
    "resides",
    "based",
    "house",
    "farm",
    "cottage",
    "flat",
    "returned",
    "travelled",
    "traveled",
    "transferred",
    "flown",
    "drove",
    "flew",
    "trip",
    "holiday",
    "retired",
    "went",
    "over",
    "locum",
    "registrar",
    "grew",
    "brought",
    "stationed",
];
pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    unlisted(page, marks);
    departments(page, marks);
    works(page, marks);
    ships(page, marks);
}

/// Places that are in no list: "lives in Pontardawe", "at the Alfred", "from Altnagelvin".
fn unlisted(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for (at, token) in page.tokens.iter().enumerate().skip(1) {
        if !token.is_capital()
            || !matches!(token.gap, Gap::Space | Gap::Comma)
            || token.starts
            || token.owns
            || eponymic(page, at)
            || token.is(EPONYM_NOUN.or(TITLE))
        {
            continue;
        }
        let key = |back: usize| at.checked_sub(back).and_then(|at| page.tokens.get(at)).map_or("", |token| &*token.key);
        let the = key(1) == "the";
        let back = usize::from(the) + 1;
        let preposition = if token.gap == Gap::Comma { "" } else { key(back) };
        let settled = SETTLED.contains(&key(back + 1));
        let next = page.tokens.get(at + 1);
        let ends = next.is_none_or(|next| {
            next.gap != Gap::Space
                || next.is(lexicon::VERB.or(lexicon::FUNCTION).or(lexicon::TOWARDS))
                || next.shape == Shape::Number
        });
        let listed = token.is(WORD.or(TRAP).or(ABBREVIATION).or(HOUSE).or(lexicon::STREET));
        let unknown = !listed && !token.is(ANY_NAME.or(PLACE));
        let counted = next.is_some_and(|next| matches!(&*next.key, "pop" | "population") && next.gap == Gap::Open);
        let takes = counted && unknown
            || match preposition {
                "at" if the && token.is(lexicon::FAMILY) && !token.is(TRAP.or(HOUSE).or(lexicon::FUNCTION)) => ends,
                "at" | "in" | "to" | "from" if the => !listed && ends && (preposition != "to" || settled),
                "in" | "from" | "near" | "outside" | "off" | "at" => {
                    settled && !token.is(TRAP.or(ABBREVIATION)) && !(token.is(WORD) && !token.is(ANY_NAME))
                        || unknown && ends && preposition != "off"
                        || unknown && page.before(token.range.start, 16).contains("miles")
                }
                "to" => settled && !listed,
                _ => false,
            };
        if takes {
            let length = page
                .tokens
                .iter()
                .skip(at + 1)
                .take(2)
                .take_while(|next| matches!(next.gap, Gap::Space | Gap::Hyphen) && next.is_capital() && !next.is(TITLE))
                .count();
            let end = page.tokens.get(at + length).unwrap_or(token).range.end;
            push(token.range.start..end, "a town", if the { 47 } else { 43 }, marks);
        }
    }
}

/// "Harborview ED": a house by a word that is in no list, and one of its departments.
fn departments(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for pair in page.tokens.windows(2) {
        let [house, department] = pair else { continue };
        let known = house.is(WORD.or(TRAP).or(ANY_NAME).or(ABBREVIATION).or(EPONYM_NOUN).or(TITLE)) && !house.is(PLACE);
        let part = matches!(department.text, "ED" | "ER" | "ICU" | "CCU" | "NICU" | "PICU" | "AMU" | "MAU" | "OPD");
        let initials = house.shape == Shape::Upper && house.text.len() > 2 && !known && department.gap == Gap::Space;
        let local = department.is_capital() && !department.is(WORD.or(TRAP).or(EPONYM_NOUN))
            || department.key == "children" && department.owns;
        let after_where = page.word_before(house.range.start);
        if initials && local && matches!(after_where, "at" | "from" | "to" | "in") {
            push(house.range.start..department.range.end, "a regional hospital", 45, marks);
        }
        if house.is_capital() && !house.owns && !known && !house.is(WORD) && part && department.gap == Gap::Space {
            push(house.range.start..department.range.end, "a regional hospital", 45, marks);
        }
    }
}

/// "works at Intel", "employed by Dunnes": a workplace with a name.
fn works(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for (at, token) in page.tokens.iter().enumerate() {
        let preposition = matches!(&*token.key, "at" | "for" | "with" | "by" | "in");
        let verb = at.checked_sub(1).and_then(|at| page.tokens.get(at)).is_some_and(|word| {
            matches!(
                &*word.key,
                "works"
                    | "work"
                    | "worked"
                    | "working"
                    | "employed"
                    | "job"
                    | "teaches"
                    | "taught"
                    | "studies"
                    | "student"
                    | "pupil"
                    | "boarder"
                    | "apprentice"
                    | "teacher"
                    | "driver"
                    | "cleaner"
                    | "manager"
                    | "operative"
                    | "foreman"
                    | "supervisor"
                    | "welder"
                    | "chef"
                    | "cook"
                    | "porter"
            )
        });
        if !(preposition && verb) {
            continue;
        }
        let skip =
            usize::from(page.tokens.get(at + 1).is_some_and(|next| &*next.key == "the" && next.gap == Gap::Space));
        let from = at + 1 + skip;
        let name = |token: &Token<'_>| {
            token.is_capital() && !token.is(TITLE)
                || token.shape == Shape::Mixed && token.text.starts_with(char::is_uppercase)
        };
        let length = page
            .tokens
            .iter()
            .skip(from)
            .take(5)
            .enumerate()
            .take_while(|(n, token)| {
                name(token) && (matches!(token.gap, Gap::Space | Gap::Hyphen | Gap::Join) || *n == 0)
            })
            .count();
        let (Some(first), Some(last)) = (page.tokens.get(from), page.tokens.get((from + length).saturating_sub(1)))
        else {
            continue;
        };
        let country = length == 1 && (first.is(TRAP) || first.is(ABBREVIATION));
        if length > 0 && first.gap == Gap::Space && !country {
            push(first.range.start..last.range.end, "the workplace", 48, marks);
        }
    }
}

/// "MV Atlantic Rose", "HMS Albion".
fn ships(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for (at, token) in page.tokens.iter().enumerate() {
        let ship = matches!(
            token.text,
            "MV" | "HMS" | "RMS" | "USS" | "MFV" | "RV" | "SS" | "MS" | "HMAS" | "HMNZS" | "RNLB" | "FV" | "LE" | "LÉ"
        );
        let length = page
            .tokens
            .iter()
            .skip(at + 1)
            .take(3)
            .enumerate()
            .take_while(|(n, next)| {
                next.is_capital() && !next.is(EPONYM_NOUN) && next.gap == Gap::Space && (*n > 0 || !next.is(TRAP))
            })
            .count();
        let unsure = matches!(token.text, "RV" | "SS" | "MS" | "LE")
            && !page.near(
                &token.range,
                50,
                &[
                    "ship", "trawler", "vessel", "aboard", "ferry", "boat", "crew", "cruise", "deckhand", "sailed",
                    "skipper",
                ],
            );
        if let (true, false, Some(last)) = (ship && length > 0, unsure, page.tokens.get(at + length)) {
            push(token.range.start..last.range.end, "a ship", 49, marks);
        }
    }
}
