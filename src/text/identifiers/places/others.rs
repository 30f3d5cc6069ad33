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
    beside(page, marks);
}

/// "her school (Mercy Mounthawk)", "the trawler Ocean Dawn": a name right behind what it is the name of.
fn beside(page: &Page<'_>, marks: &mut Vec<Mark>) {
    const VESSELS: &[&str] = &[
        "trawler", "boat", "ferry", "yacht", "vessel", "ship", "lifeboat", "liner", "tanker", "barge", "dinghy", "tug",
        "crabber",
    ];
    for (at, house) in page.tokens.iter().enumerate() {
        let vessel = VESSELS.contains(&&*house.key);
        if house.shape != Shape::Lower || !(vessel || house.is(HOUSE) && !house.is(EPONYM_NOUN)) {
            continue;
        }
        let article = page.tokens.get(at + 1).is_some_and(|next| vessel && next.key == "the");
        let from = at + 1 + usize::from(article);
        let name = |token: &Token<'_>| {
            token.is_capital() && !token.is(TITLE.or(lexicon::PERSON).or(lexicon::RELATIVE).or(lexicon::FUNCTION))
        };
        let length = page
            .tokens
            .iter()
            .skip(from)
            .take(4)
            .enumerate()
            .take_while(|(n, token)| {
                name(token)
                    && (*n == 0
                        || matches!(token.gap, Gap::Space | Gap::Hyphen)
                        || token.gap == Gap::Other && !token.starts)
            })
            .count();
        let Some((first, last)) =
            length.checked_sub(1).and_then(|more| page.tokens.get(from).zip(page.tokens.get(from + more)))
        else {
            continue;
        };
        let opened = first.gap == Gap::Open
            && page.after(last.range.end, 3).trim_start_matches(['\'', '’', 's']).starts_with([')', ',']);
        let called = vessel && (first.gap == Gap::Space || article || first.gap == Gap::Comma);
        let country = length == 1 && (first.is(TRAP) || first.is(WORD) && !first.is(PLACE));
        if (opened && !first.is(lexicon::GIVEN) || called) && !country {
            push(first.range.start..last.range.end, if vessel { "a ship" } else { "a place" }, 48, marks);
        }
    }
}

/// Places that are in no list: "lives in Pontardawe", "at the Alfred", "from Altnagelvin".
fn unlisted(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for (at, token) in page.tokens.iter().enumerate().skip(1) {
        if is_home(page, at) {
            push(token.range.clone(), "a town", 43, marks);
            continue;
        }
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
        let (the, back) = (key(1) == "the", usize::from(key(1) == "the") + 1);
        let preposition = if token.gap == Gap::Comma { "" } else { key(back) };
        let settled = SETTLED.contains(&key(back + 1));
        let run = page
            .tokens
            .iter()
            .skip(at + 1)
            .take(3)
            .take_while(|next| matches!(next.gap, Gap::Space | Gap::Hyphen) && next.is_capital() && !next.is(TITLE))
            .count();
        let words = page.tokens.get(at..=at + run).unwrap_or_default();
        let several = run > 0 && matches!(key(back), "at" | "near" | "outside" | "in" | "from") && is_several(words);
        let next = page.tokens.get(at + 1 + if several || the { run } else { 0 });
        let ends = next.is_none_or(|next| {
            next.gap != Gap::Space
                || next.is(lexicon::VERB.or(lexicon::FUNCTION).or(lexicon::TOWARDS))
                || next.shape == Shape::Number && !page.after(next.range.end, 1).starts_with(['.', '%'])
                || matches!(next.shape, Shape::Mixed | Shape::Upper) && !next.is(EPONYM_NOUN)
        });
        let person = of_person(page, at);
        let listed = token.is(WORD.or(TRAP).or(ABBREVIATION).or(HOUSE).or(lexicon::STREET));
        let unknown = !listed && !token.is(ANY_NAME.or(PLACE));
        let counted = next.is_some_and(|next| matches!(&*next.key, "pop" | "population") && next.gap == Gap::Open);
        let distant = is_distant(page, token.range.start);
        let takes = counted && unknown
            || match preposition {
                "at" if the && token.is(lexicon::FAMILY) && !token.is(TRAP.or(HOUSE).or(lexicon::FUNCTION)) => ends,
                "at" | "in" | "near" | "outside"
                    if !the && token.is(ANY_NAME) && !listed && !token.is(lexicon::GIVEN) =>
                {
                    ends
                }
                "at" | "in" | "to" | "from" if the => !listed && ends && (preposition != "to" || settled || unknown),
                "in" | "from" | "near" | "outside" | "off" | "at" => {
                    settled && !token.is(TRAP.or(ABBREVIATION)) && !(token.is(WORD) && !token.is(ANY_NAME))
                        || unknown && ends && preposition != "off"
                        || several && ends
                        || preposition == "off" && (unknown || token.is(PLACE) && !listed) && (settled || distant)
                }
                "of" => person && ends && (unknown || token.is(PLACE) && !listed),
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
            let weight = 43 + u8::from(the) * 4 + u8::from(the && run > 0) * 5;
            push(token.range.start..end, "a town", weight, marks);
        }
    }
}

/// Whether several words with capitals are the name of a place: one is a street, a town, or in no list.
fn is_several(words: &[Token<'_>]) -> bool {
    let last = words.last().is_some_and(|last| last.is(HOUSE.or(lexicon::STREET)));
    let other = WORD.or(TRAP).or(ANY_NAME).or(ABBREVIATION).or(EPONYM_NOUN);
    let named = last || words.iter().any(|token| token.is(PLACE) && !token.is(WORD) || !token.is(other));
    named && !words.iter().any(|token| token.is(TRAP.or(EPONYM_NOUN)) && !token.is(PLACE))
}

/// "twelve miles off Castletownbere".
fn is_distant(page: &Page<'_>, at: usize) -> bool {
    let before = page.before(at, 16);
    ["miles ", "mile ", "km ", "m ", "coast "].iter().any(|unit| before.contains(unit))
}

/// "lives in pontardawe", in small letters or in capitals.
fn is_home(page: &Page<'_>, at: usize) -> bool {
    let Some(token) = page.tokens.get(at) else { return false };
    let plain = token.flags == lexicon::Flags::NONE && token.text.len() > 4 && token.gap == Gap::Space;
    let two = at.checked_sub(2).and_then(|at| page.tokens.get(at)).is_some_and(|word| word.key != "is");
    plain && two && matches!(token.shape, Shape::Lower | Shape::Upper) && super::lives(page, at)
}

/// "the dispatcher of Hoogeveen", "Dr Stroud of Horncastle": whether somebody stands two words before.
fn of_person(page: &Page<'_>, at: usize) -> bool {
    at.checked_sub(2).and_then(|at| page.tokens.get(at)).is_some_and(|who| {
        who.is(lexicon::PERSON.or(lexicon::RELATIVE)) && who.shape == Shape::Lower
            || ["man", "woman", "girls", "boys", "girl", "boy", "er", "ist"].iter().any(|end| who.key.ends_with(end))
                && who.shape == Shape::Lower
                && !matches!(
                    &*who.key,
                    "number" | "fever" | "order" | "other" | "cancer" | "letter" | "ulcer" | "disorder" | "marker"
                )
            || who.is(ANY_NAME) && who.is_capital() && !who.is(TRAP.or(WORD))
    })
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
        // "mv stena prosper", in small letters.
        if matches!(token.text, "mv" | "mfv" | "hmp" | "hms" | "raf") {
            let plain = |next: &Token<'_>| {
                next.gap == Gap::Space && next.shape == Shape::Lower && !next.is(lexicon::FUNCTION.or(lexicon::VERB))
            };
            let length = page.tokens.iter().skip(at + 1).take(2).take_while(|next| plain(next)).count();
            if let (1.., Some(last)) = (length, page.tokens.get(at + length)) {
                push(token.range.start..last.range.end, "a ship", 49, marks);
            }
            continue;
        }
        let ship = matches!(
            token.text,
            "MV" | "HMS"
                | "RMS"
                | "USS"
                | "MFV"
                | "RV"
                | "SS"
                | "MS"
                | "HMAS"
                | "HMNZS"
                | "RNLB"
                | "RAF"
                | "RNAS"
                | "RAAF"
                | "HMP"
                | "FPSO"
                | "YOI"
                | "FV"
                | "LE"
                | "LÉ"
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
