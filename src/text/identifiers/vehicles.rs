//! Number plates behind a word for a vehicle: "the truck (WV 8KD 214)", "with the car L-HZ 447E", "in ambulance KCX 418Q".

use std::sync::LazyLock;

use regex::Regex;

use super::{
    kind::Kind,
    lexicon::{ABBREVIATION, WORD, look_up},
    page::{Mark, Page, pattern},
    shaped::{LABORATORY, VEHICLES},
};

/// A word for a vehicle, and what can be a plate.
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:car|vehicle|bike|pkw|lkw|kfz|wagen|fahrzeug|voiture|camion|vrachtwagen|bil|bilen|registreringsnummer|kennz|cab|moped|bromfiets|brommer|jeepney|tricycle|tro-tro|trotro|okada|keke|danfo|coach|hgv|vw|bmw|audi|toyota|ford|tesla|volvo|kia|truck|van|lorry|ambulance|jeep|ute|bakkie|taxi|motorbike|motorcycle|scooter|trailer|tractor|bus|minibus|suv|pickup|pick-up|minivan|camper|combi|matatu|boda|tuk-tuk|auto|rickshaw|mini|fiesta|corsa|golf|polo|civic|corolla|hilux|transit|sprinter|focus|astra|micra|yaris|clio|octavia|passat|berlingo|duster|landcruiser|land cruiser|f-150|silverado|camry|accord|prius)",
        r"(?:,? (?:no\.?|reg\.?|with|plates?|plate|tag|number))?(?: ?[(\[,:] ?| )([a-zäöü0-9]{1,4}(?:[ ·-][a-z0-9]{1,4}){1,3}|[a-z]{1,3}[0-9]{1,4}[a-z]{0,3}|[0-9]{1,4}[a-z]{1,3}[0-9]{0,4})\b",
    ))
});

/// A plate before what a vehicle did: "DL 3C AB 1234 hit and run".
static FLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b([a-z]{1,3}[ -]?[0-9]{1,2}[a-z]?[ -][a-z]{1,3}[ -]?[0-9]{1,4}|[a-z]{2}[0-9]{2} ?[a-z]{3}|[a-z]{3}[ -][0-9]{3,4})[,)]? (?:hit|ran over|clipped|fled|sped|drove|left the scene|did not stop|parked)\b",
    )
});

/// A label a few words before: "rego of the ute that brought her CK 47 RW", "readable on the second: ZH 418 902".
static OF_IT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:rego|plates?|number ?plate|licen[cs]e plate|vehicle reg|car reg|kennzeichen|kennz\.?|kontrollschild|kenteken|immatriculation|left (?:his|her|the|my|a) (?:ute|car|van|truck|bike|bakkie)|parked (?:his|her|the|my|a) (?:ute|car|van|truck|bike|bakkie))\b[^.;\n0-9]{2,70}?[ (:,]([a-z]{1,3}[ ·-]?[0-9]{2,3}[ ·-]?[0-9]{3}|[a-z]{2,3}[ ·-]?[0-9]{2}[ ·-]?[a-z]{2}|[0-9]{3}[ ·-]?[a-z]{3}|[a-z]{3}[ ·-]?[0-9]{2,4}[a-z]?|[a-z]{2,3}[ ·-][0-9][a-z0-9]{4}|[a-z]{2}[0-9]{2} ?[a-z]{3}|[a-z]{2}-[0-9]{3}-[a-z]{2})\b",
    )
});

/// "TN tag 4B7-9K2", "He drives! Tag 4TK P19".
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:([a-z]{2}) )?tags?(?: no\.?)?[ :#]{1,2}([a-z0-9]{1,4}(?:[ -][a-z0-9]{1,6}){1,2}|[a-z]{2,3}[0-9]{3,4})\b",
    )
});

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in BEHIND.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        let written = page.at(&found.range());
        let written = plate_in(written);
        let range = found.start()..found.start() + written.len();
        let digits = written.bytes().filter(u8::is_ascii_digit).count();
        let letters = written.chars().filter(|c| c.is_alphabetic()).count();
        let model = matches!(&*written.to_ascii_lowercase(), "f-150" | "f-250" | "f-350" | "rav-4" | "cx-30" | "mx-5");
        if !model && (1..=6).contains(&digits) && (1..=5).contains(&letters) && written.len() >= 5 {
            let why = "A number plate leads to its keeper.";
            marks.push(Mark { range, kind: Kind::Vehicle, why, suggestion: String::new(), weight: 79 });
        }
    }
    for found in OF_IT.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        let digits = found.as_str().bytes().filter(u8::is_ascii_digit).count();
        let small = page.at(&found.range()).chars().any(char::is_lowercase);
        let head: String = found.as_str().chars().take_while(char::is_ascii_alphabetic).collect();
        let other = LABORATORY.contains(&&*head) || look_up(&head).any(ABBREVIATION.or(WORD)) && head.len() > 2;
        if !small && !other && (2..=6).contains(&digits) && digits < found.as_str().len() && page.alone(&found.range())
        {
            let why = "A number plate leads to its keeper.";
            marks.push(Mark { range: found.range(), kind: Kind::Vehicle, why, suggestion: String::new(), weight: 79 });
        }
    }
    for found in TAG.captures_iter(&page.lower) {
        let Some(plate) = found.get(2) else { continue };
        let written = plate_in(page.at(&plate.range()));
        let plate = plate.start()..plate.start() + written.len();
        let digits = written.bytes().filter(u8::is_ascii_digit).count();
        let capitals = written.bytes().all(|b| !b.is_ascii_lowercase());
        let near = found.get(1).is_some_and(|state| !page.at(&state.range()).bytes().any(|b| b.is_ascii_lowercase()))
            || page.near(&plate, 60, VEHICLES);
        if capitals && near && (2..=6).contains(&digits) && digits < written.len() - 1 && page.alone(&plate) {
            let why = "A number plate leads to its keeper.";
            marks.push(Mark { range: plate, kind: Kind::Vehicle, why, suggestion: String::new(), weight: 79 });
        }
    }
    for found in FLED.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        if !page.at(&found.range()).chars().any(char::is_lowercase) {
            let why = "A number plate leads to its keeper.";
            marks.push(Mark { range: found.range(), kind: Kind::Vehicle, why, suggestion: String::new(), weight: 79 });
        }
    }
}

/// A plate without the words behind it, which are those of the sentence: in small letters, or with one capital as in "the car,
/// 2021 Ford".
fn plate_in(written: &str) -> &str {
    let small = written.find(char::is_lowercase).and_then(|at| written.get(..at));
    let small = small.map(|kept| kept.trim_end_matches(|c: char| c.is_alphabetic()));
    small.unwrap_or(written).trim_end_matches([' ', '-', '·'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_behind_a_word_for_a_vehicle_is_one() {
        let found = |text: &str| {
            let page = Page::read(text);
            let mut marks = Vec::new();
            find(&page, &mut marks);
            marks.iter().map(|mark| page.at(&mark.range).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("and so is the truck (WV 8KD 214). He sleeps"), ["WV 8KD 214"]);
        assert_eq!(found("visits him with the car L-HZ 447E."), ["L-HZ 447E"]);
        assert_eq!(found("came in ambulance KCX 418Q."), ["KCX 418Q"]);
        assert_eq!(found("moped W 123 AB in the yard"), ["W 123 AB"]);
        assert_eq!(found("rego of the ute that brought her out CK 47 RW if anyone asks"), ["CK 47 RW"]);
        assert_eq!(found("the plate on the photo is readable on the second: ZH 418 902, sorry"), ["ZH 418 902"]);
        assert_eq!(found("he left his ute out front, CJ·52·KP, engine running"), ["CJ·52·KP"]);
        assert_eq!(found("LKW HH-KL 448 in the yard"), ["HH-KL 448"]);
        assert_eq!(found("PA tag ZKR-4417 on the tractor, TN tag 4B7-9K2"), ["ZKR-4417", "4B7-9K2"]);
        assert!(found("tag 45, ear tags 2 or 3, TAG 1182 mg/dl").is_empty());
        assert!(found("a photo of the car, 2021 Ford F150").is_empty());
        assert!(found("plates were fixed with screws, then CRP 118").is_empty());
        assert_eq!(found("DL 3C AB 1234 hit and run"), ["DL 3C AB 1234"]);
        assert!(found("the bus 46 stops there, a golf 2 h a day, mini 5 mg").is_empty());
    }
}
