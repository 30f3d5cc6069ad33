//! Houses with a name: hospitals, schools, wards, homes.
//! The name has to be more than common words: "St Luke's Hospital" has one, "the Day Ward" has none.

use super::{
    super::{
        lexicon::{self, ABBREVIATION, ANY_NAME, HOUSE, PARTICLE, PLACE, TITLE, TRAP, WHERE, WORD},
        page::{Mark, Page},
        token::{Gap, Shape, Token},
    },
    eponymic, push,
};

/// "St Mary's Hospital", "Nightingale Ward", "Elm Lodge Nursing Home", "University Hospital Galway".
pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    let mut at = 0;
    while let Some(token) = page.tokens.get(at) {
        at += 1;
        let street = token.is(lexicon::STREET) && token.shape == Shape::Lower;
        if !(token.is(HOUSE) || street)
            || !(token.is_capital() || token.shape == Shape::Upper || token.shape == Shape::Lower)
        {
            continue;
        }
        let here = at - 1;
        let (mut start, named) = back(page, here);
        let link = here
            .checked_sub(1)
            .and_then(|at| page.tokens.get(at))
            .is_some_and(|before| matches!(&*before.key, "of" | "the" | "and"));
        let (end, more) = ahead(page, here);
        let small = token.shape == Shape::Lower;
        let strong = is_strong(&token.key);
        // "Shady Pines nursing home": any words with capitals are its name.
        let cared = here
            .checked_sub(1)
            .and_then(|at| page.tokens.get(at))
            .is_some_and(|before| matches!(&*before.key, "nursing" | "residential" | "care"));
        let named = named
            || cared
                && token.key == "home"
                && start + 1 < here
                && page.tokens.get(start).is_some_and(|first| first.is_capital() && !first.starts);
        let takes = if small {
            // "Elmwood nursing home", "Ballina hospital", "St Luke's hospice": the name is what counts.
            !street && named && (cared || proper(page, start, here)) || small_house(page, here)
        } else {
            named || more && strong
        };
        if small && start == here && small_house(page, here) {
            start = small_start(page, here);
        }
        // "Incidentaloma clinic" at the start of a sentence.
        let opening = small
            && start + 1 == here
            && page.tokens.get(start).is_some_and(|first| first.starts && !first.is(ANY_NAME.or(PLACE)));
        // "Wilfred Hosp no 4471203": a label.
        let label = page.tokens.get(here + 1).filter(|next| next.gap == Gap::Space).is_some_and(|next| {
            matches!(&*next.key, "no" | "nos" | "nr" | "number" | "numbers" | "num" | "id" | "ref" | "reference")
        });
        if !takes || label || opening || small && link || start == here && end == here || eponymic(page, end) {
            continue;
        }
        let (Some(first), Some(last)) = (page.tokens.get(start), page.tokens.get(end)) else { continue };
        push(first.range.start..last.range.end, instead(page, start, end), if strong { 54 } else { 47 }, marks);
        at = end + 1;
    }
}

fn is_strong(key: &str) -> bool {
    matches!(
        key,
        "hospital"
            | "hosp"
            | "infirmary"
            | "hospice"
            | "clinic"
            | "school"
            | "college"
            | "university"
            | "academy"
            | "church"
            | "cathedral"
            | "ward"
            | "surgery"
            | "practice"
            | "sanatorium"
            | "ziekenhuis"
            | "krankenhaus"
            | "klinikum"
            | "hopital"
            | "prison"
            | "airport"
            | "lodge"
            | "manor"
            | "house"
            | "home"
            | "centre"
            | "center"
            | "primary"
            | "convent"
            | "barracks"
            | "pharmacy"
            | "nursery"
            | "hotel"
            | "pub"
            | "polyclinic"
            | "maternity"
            | "mosque"
            | "synagogue"
            | "abbey"
            | "campus"
    )
}

/// Words of a house's name that are common ones; alone they name none.
fn common(token: &Token<'_>) -> bool {
    token.is(HOUSE)
        || token.is(WORD) && !token.is(ANY_NAME) && !token.is(PLACE)
        || token.is(ABBREVIATION)
        || matches!(
            &*token.key,
            "the"
                | "day"
                | "night"
                | "stroke"
                | "general"
                | "our"
                | "his"
                | "her"
                | "acute"
                | "local"
                | "this"
                | "in"
                | "at"
                | "from"
                | "a"
        )
}

/// The first word of the name before a house, and whether one of its words is more than a common one.
fn back(page: &Page<'_>, house: usize) -> (usize, bool) {
    let (mut start, mut named) = (house, false);
    let shouting = page.tokens.get(house).is_some_and(|token| token.shape == Shape::Upper);
    let mut gap = page.tokens.get(house).map(|token| token.gap);
    for at in (house.saturating_sub(5)..house).rev() {
        let Some(token) = page.tokens.get(at) else { break };
        let joined = matches!(gap, Some(Gap::Space | Gap::Hyphen | Gap::Join))
            || gap == Some(Gap::Dot) && &*token.key == "st"
            || gap == Some(Gap::Other) && token.owns;
        let name = token.is_capital()
            || token.shape == Shape::Upper && (shouting || !token.is(ABBREVIATION) && token.text.len() > 3)
            || matches!(
                &*token.key,
                "of" | "the"
                    | "and"
                    | "nursing"
                    | "care"
                    | "residential"
                    | "retirement"
                    | "national"
                    | "primary"
                    | "secondary"
                    | "medical"
                    | "health"
                    | "day"
                    | "general"
                    | "high"
            ) && token.shape == Shape::Lower
            || token.is(PARTICLE) && token.shape == Shape::Lower;
        if !joined
            || !name
            || token.is(TITLE)
                && !matches!(
                    &*token.key,
                    "lady" | "garda" | "sister" | "bishop" | "father" | "canon" | "lord" | "king" | "master"
                )
            || token.is(lexicon::NAMING)
        {
            break;
        }
        let link = token.shape == Shape::Lower;
        if token.is(lexicon::FUNCTION) && !link && token.shape == Shape::Upper {
            break;
        }
        // A sentence may begin with a common word: "The Ward", "From Ballina Hospital".
        if token.starts
            && (token.is(WHERE)
                || matches!(
                    &*token.key,
                    "the"
                        | "our"
                        | "his"
                        | "her"
                        | "day"
                        | "transfer"
                        | "transferred"
                        | "admitted"
                        | "seen"
                        | "this"
                        | "my"
                ))
        {
            break;
        }
        if !link {
            if !common(token) && !(token.is(TRAP) && !token.is(ANY_NAME.or(PLACE)) && !matches!(&*token.key, "mayo"))
                || matches!(&*token.key, "st" | "saint")
                || token.owns && !token.is(TRAP.or(lexicon::PERSON).or(lexicon::RELATIVE))
            {
                named = true;
            }
            start = at;
        }
        gap = Some(token.gap);
        if !matches!(token.gap, Gap::Space | Gap::Hyphen | Gap::Join | Gap::Dot) {
            break;
        }
    }
    (start, named)
}

/// The last word of the name after a house: "Hospital Galway", "Hospital of St John", "Medical Center".
fn ahead(page: &Page<'_>, house: usize) -> (usize, bool) {
    let (mut end, mut named) = (house, false);
    let shouting = page.tokens.get(house).is_some_and(|token| token.shape == Shape::Upper);
    for at in house + 1..house + 6 {
        let Some(token) = page.tokens.get(at) else { break };
        let joined = matches!(token.gap, Gap::Space | Gap::Hyphen)
            || token.gap == Gap::Comma && token.is(PLACE) && !token.is(WORD) && (named || end == house);
        if !joined {
            break;
        }
        let link = matches!(&*token.key, "of" | "for" | "the" | "and" | "at" | "in") && token.shape == Shape::Lower;
        let name = token.is_capital() && !token.is(TITLE)
            || token.shape == Shape::Upper && shouting && !token.is(ABBREVIATION);
        if link {
            continue;
        }
        let shouted = shouting
            && !(token.is(PLACE.or(ANY_NAME).or(HOUSE)) && !token.is(WORD) || token.flags == lexicon::Flags::NONE);
        if !name || shouted || token.is(TRAP) && !token.is(PLACE.or(HOUSE)) {
            break;
        }
        if !common(token) {
            named = true;
        }
        end = at;
    }
    (end, named)
}

/// "larchmount residential home", "balgillo primary": in small letters, behind a word that is in no list.
fn small_house(page: &Page<'_>, house: usize) -> bool {
    let start = small_start(page, house);
    let kind = |key: &str| {
        matches!(
            key,
            "home"
                | "primary"
                | "lodge"
                | "manor"
                | "hospital"
                | "hosp"
                | "school"
                | "college"
                | "infirmary"
                | "hospice"
                | "cafe"
                | "pub"
                | "ward"
                | "surgery"
                | "salon"
                | "academy"
                | "uni"
                | "garage"
                | "takeaway"
                | "practice"
                | "county"
                | "jail"
                | "prison"
                | "high"
                | "street"
                | "road"
                | "rd"
        ) || key == "st" && page.tokens.get(house + 1).is_none_or(|next| next.gap != Gap::Space)
    };
    let Some(first) = page.tokens.get(start) else { return false };
    let open = WORD.or(TRAP).or(ABBREVIATION).or(lexicon::FUNCTION);
    let medical = ["ology", "ic", "al", "itis", "osis", "atric", "ist", "tion", "ry", "ics"]
        .iter()
        .any(|end| first.key.ends_with(end));
    let trade = first.shape == Shape::Lower
        && !first.is(WORD.or(TRAP).or(ABBREVIATION))
        && (first.is(ANY_NAME.or(PLACE)))
        && first.text.len() > 3;
    let on = |word: &Token<'_>| word.is(WHERE) || matches!(&*word.key, "on" | "by");
    let ward = matches!(page.tokens.get(house).map(|token| &*token.key), Some("ward" | "hospital" | "hospice"));
    let where_before = ward
        && start.checked_sub(1).and_then(|at| page.tokens.get(at)).is_some_and(|word| word.key == "the")
        && first.is(PLACE)
        || start.checked_sub(1).and_then(|at| page.tokens.get(at)).is_some_and(on);
    start < house
        && first.shape == Shape::Lower
        && where_before
        && (!first.is(open) || trade)
        && !medical
        && first.text.len() > 3
        && (!matches!(page.tokens.get(house).map(|token| &*token.key), Some("primary" | "high"))
            || first.is(ANY_NAME.or(PLACE)))
        && page.tokens.get(house).is_some_and(|token| kind(&token.key))
}

fn small_start(page: &Page<'_>, house: usize) -> usize {
    let middle = |key: &str| {
        matches!(
            key,
            "nursing"
                | "residential"
                | "care"
                | "rest"
                | "national"
                | "high"
                | "general"
                | "district"
                | "community"
                | "primary"
                | "secondary"
                | "grammar"
                | "university"
                | "regional"
                | "medical"
                | "family"
                | "county"
                | "road"
                | "street"
        )
    };
    let mut at = house;
    while let Some(before) = at.checked_sub(1).and_then(|before| page.tokens.get(before)) {
        if page.tokens.get(at).is_none_or(|token| token.gap != Gap::Space) {
            break;
        }
        at -= 1;
        if !middle(&before.key) {
            break;
        }
    }
    at
}

/// Whether a word between is a name that is no common word: "Elmwood nursing home".
fn proper(page: &Page<'_>, start: usize, house: usize) -> bool {
    page.tokens
        .get(start..house)
        .unwrap_or_default()
        .iter()
        .any(|token| (token.is_capital() || token.shape == Shape::Upper) && !token.is(WORD.or(TRAP)))
}

fn instead(page: &Page<'_>, start: usize, end: usize) -> &'static str {
    let keys = || page.tokens.get(start..=end).unwrap_or_default().iter().map(|token| &*token.key);
    let has = |words: &[&str]| keys().any(|key| words.contains(&key));
    match () {
        () if has(&["nursing", "care", "residential", "retirement"]) => "a nursing home",
        () if has(&[
            "hospital",
            "hosp",
            "infirmary",
            "klinikum",
            "krankenhaus",
            "ziekenhuis",
            "hopital",
            "medical",
        ]) =>
        {
            "a regional hospital"
        }
        () if has(&["hospice"]) => "a hospice",
        () if has(&["ward", "unit"]) => "a ward",
        () if has(&["school", "college", "academy", "primary", "secondary", "university", "nursery"]) => "a school",
        () if has(&["clinic", "surgery", "practice", "centre", "center"]) => "a clinic",
        () if has(&["church", "mosque", "parish", "temple", "synagogue", "cathedral"]) => "a place of worship",
        () if has(&["house", "home", "lodge", "manor", "villa"]) => "a home",
        () => "a place",
    }
}
