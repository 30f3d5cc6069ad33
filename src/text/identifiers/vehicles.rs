//! Number plates behind a word for a vehicle: "the truck (WV 8KD 214)", "with the car L-HZ 447E", "in ambulance KCX 418Q".

use std::sync::LazyLock;

use regex::Regex;

use super::{
    kind::Kind,
    page::{Mark, Page, pattern},
};

/// A word for a vehicle, and what can be a plate.
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\b(?:car|cab|moped|bromfiets|brommer|jeepney|tricycle|tro-tro|trotro|okada|keke|danfo|coach|hgv|vw|bmw|audi|toyota|ford|tesla|volvo|kia|truck|van|lorry|ambulance|jeep|ute|bakkie|taxi|motorbike|motorcycle|scooter|trailer|tractor|bus|minibus|suv|pickup|pick-up|minivan|camper|combi|matatu|boda|tuk-tuk|auto|rickshaw|mini|fiesta|corsa|golf|polo|civic|corolla|hilux|transit|sprinter|focus|astra|micra|yaris|clio|octavia|passat|berlingo|duster|landcruiser|land cruiser|f-150|silverado|camry|accord|prius)",
        r"(?:,? (?:no\.?|reg\.?|with|plates?|plate|tag|number))?(?: ?[(\[,:] ?| )([a-zäöü0-9]{1,4}(?:[ ·-][a-z0-9]{1,4}){1,3}|[a-z]{1,3}[0-9]{1,4}[a-z]{0,3}|[0-9]{1,4}[a-z]{1,3}[0-9]{0,4})\b",
    ))
});

/// A plate before what a vehicle did: "DL 3C AB 1234 hit and run".
static FLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b([a-z]{1,3}[ -]?[0-9]{1,2}[a-z]?[ -][a-z]{1,3}[ -]?[0-9]{1,4}|[a-z]{2}[0-9]{2} ?[a-z]{3}|[a-z]{3}[ -][0-9]{3,4})[,)]? (?:hit|ran over|clipped|fled|sped|drove|left the scene|did not stop|parked)\b",
    )
});

pub(super) fn find(page: &Page<'_>, marks: &mut Vec<Mark>) {
    for found in BEHIND.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        let written = page.at(&found.range());
        // Words in small letters behind it belong to the sentence.
        let small = written.find(char::is_lowercase).and_then(|at| written.get(..at)).unwrap_or(written);
        let written = small.trim_end_matches([' ', '-', '·']);
        let range = found.start()..found.start() + written.len();
        let digits = written.bytes().filter(u8::is_ascii_digit).count();
        let letters = written.chars().filter(|c| c.is_alphabetic()).count();
        if (1..=6).contains(&digits) && (1..=5).contains(&letters) && written.len() >= 5 {
            let why = "A number plate leads to its keeper.";
            marks.push(Mark { range, kind: Kind::Vehicle, why, suggestion: String::new(), weight: 79 });
        }
    }
    for found in FLED.captures_iter(&page.lower).filter_map(|found| found.get(1)) {
        if !page.at(&found.range()).chars().any(char::is_lowercase) {
            let why = "A number plate leads to its keeper.";
            marks.push(Mark { range: found.range(), kind: Kind::Vehicle, why, suggestion: String::new(), weight: 79 });
        }
    }
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
        assert_eq!(found("DL 3C AB 1234 hit and run"), ["DL 3C AB 1234"]);
        assert!(found("the bus 46 stops there, a golf 2 h a day, mini 5 mg").is_empty());
    }
}
