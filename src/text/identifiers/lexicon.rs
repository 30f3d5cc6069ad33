//! What the lists know of a word: one look-up tells all of it.
//! The lists are part of the program; docs/IDENTIFIERS.md says where each is from.

use std::{collections::HashMap, sync::LazyLock};

/// What is known of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flags(u32);

impl Flags {
    pub(super) const NONE: Self = Self(0);

    /// Whether one of these is known of it.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A given name in English-speaking countries.
pub(super) const GIVEN: Flags = Flags(1);
/// A given name elsewhere.
pub(super) const GIVEN_ELSEWHERE: Flags = Flags(1 << 1);
/// A family name.
pub(super) const FAMILY: Flags = Flags(1 << 2);
/// A town or county.
pub(super) const PLACE: Flags = Flags(1 << 3);
/// The first word of towns with names of several words.
pub(super) const PLACE_HEAD: Flags = Flags(1 << 4);
/// A common English word.
pub(super) const WORD: Flags = Flags(1 << 5);
/// A word with a capital that is no name of somebody: eponyms, medicines, organisms, countries and the like.
pub(super) const TRAP: Flags = Flags(1 << 6);
/// What follows an eponym: disease, sign, score.
pub(super) const EPONYM_NOUN: Flags = Flags(1 << 7);
/// Mr, Mrs, Dr, Sister.
pub(super) const TITLE: Flags = Flags(1 << 8);
/// Of these, the titles of staff.
pub(super) const STAFF: Flags = Flags(1 << 9);
/// Wife, son, neighbour.
pub(super) const RELATIVE: Flags = Flags(1 << 10);
/// Patient, nurse, boy.
pub(super) const PERSON: Flags = Flags(1 << 11);
/// Named, called, née.
pub(super) const NAMING: Flags = Flags(1 << 12);
/// What people do or are: was, reports, lives.
pub(super) const VERB: Flags = Flags(1 << 13);
/// Hospital, school, ward.
pub(super) const HOUSE: Flags = Flags(1 << 14);
/// Street, road, avenue.
pub(super) const STREET: Flags = Flags(1 << 15);
/// An abbreviation in capitals that is nobody's initials.
pub(super) const ABBREVIATION: Flags = Flags(1 << 16);
/// van, de, al.
pub(super) const PARTICLE: Flags = Flags(1 << 17);
/// MD, RN, FRCS.
pub(super) const POSTNOMINAL: Flags = Flags(1 << 18);
/// By, with, to: a person may follow.
pub(super) const TOWARDS: Flags = Flags(1 << 19);
/// In, from, near: a place may follow.
pub(super) const WHERE: Flags = Flags(1 << 20);
/// He, so, this: never a name, whatever a list of names says.
pub(super) const FUNCTION: Flags = Flags(1 << 22);
/// A given name so common that it counts although diseases and scores are called so too: Thomas, Kelly, Grace.
pub(super) const FAMILIAR: Flags = Flags(1 << 23);
/// Label of a form in front of a name.
pub(super) const LABEL: Flags = Flags(1 << 21);

/// A given name that few have, and no other word.
pub(super) const GIVEN_RARE: Flags = Flags(1 << 24);
/// A word of medicine that is in no list of common words, and no name.
pub(super) const MEDICAL: Flags = Flags(1 << 25);
/// A word that has a capital in medicine: who a sign, a disease or a stain is called after, an organism, a product.
pub(super) const OF_MEDICINE: Flags = Flags(1 << 26);

/// Any given name.
pub(super) const ANY_GIVEN: Flags = GIVEN.or(GIVEN_ELSEWHERE);
/// Any name.
pub(super) const ANY_NAME: Flags = ANY_GIVEN.or(FAMILY);

static LEXICON: LazyLock<HashMap<&'static str, Flags>> = LazyLock::new(read);

/// What is known of a word, or of several with one space between them, folded.
pub(super) fn look_up(key: &str) -> Flags {
    let known = LEXICON.get(key).copied().unwrap_or(Flags::NONE);
    let known = if known == Flags::NONE && is_surname(key) { FAMILY } else { known };
    // Regular forms stand in the list of words under their stem.
    let stem = key.strip_suffix("'s").or_else(|| key.strip_suffix('s')).filter(|stem| stem.len() > 2);
    match stem.and_then(|stem| LEXICON.get(stem)) {
        Some(stem) if stem.any(WORD) => known.or(WORD),
        Some(_) | None => known,
    }
}

/// Whether a word that no list knows ends, or begins, as family names do and hardly anything else does.
fn is_surname(key: &str) -> bool {
    const ENDS: &[&str] = &[
        "owski", "ewski", "inski", "owska", "ewska", "inska", "nska", "nski", "wicz", "czyk", "czak", "enko", "chuk",
        "czuk", "yshyn", "syan", "nyan", "idze", "shvili", "opoulos", "opoulou", "oglu", "ovic", "ovich", "evich",
        "evic", "escu", "sdottir", "sson", "singhe", "wardena", "nayake", "thwaite", "waite", "botham", "bottom",
        "huizen", "hofer", "hauser", "meier", "maier", "mayr", "ucci", "swamy", "murthy", "krishnan", "appan", "zadeh",
        "uddin", "ullah", "wala",
    ];
    let plain = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'\'');
    let begins = ["mc", "o'", "fitz"].iter().any(|start| key.strip_prefix(start).is_some_and(|rest| rest.len() > 3));
    plain && (key.len() > 6 && ENDS.iter().any(|end| key.ends_with(end)) || begins)
}

fn read() -> HashMap<&'static str, Flags> {
    let mut all: HashMap<&'static str, Flags> = HashMap::with_capacity(250_000);
    let mut add = |word: &'static str, flags: Flags| {
        let known = all.entry(word).or_insert(Flags::NONE);
        *known = known.or(flags);
    };
    for (list, flags) in [
        (include_str!("lists/given_core.txt"), GIVEN),
        (include_str!("lists/given_other.txt"), GIVEN_ELSEWHERE),
        (include_str!("lists/family.txt"), FAMILY),
        (include_str!("lists/words.txt"), WORD),
        (include_str!("lists/given_rare.txt"), GIVEN_RARE),
        (include_str!("lists/medical.txt"), MEDICAL),
        (include_str!("lists/eponyms.txt"), OF_MEDICINE),
    ] {
        list.lines().for_each(|word| add(word, flags));
    }
    for place in include_str!("lists/places.txt").lines() {
        add(place, PLACE);
        if let Some((head, _)) = place.split_once(' ') {
            add(head, PLACE_HEAD);
        }
    }
    for (list, flags) in [(include_str!("lists/traps.txt"), Some(TRAP)), (include_str!("lists/cues.txt"), None)] {
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            let (flags, words) = match (flags, line.split_once(": ")) {
                (None, Some((section, words))) => (section_of(section), words),
                _ => (flags.unwrap_or(Flags::NONE), line),
            };
            words.split_whitespace().for_each(|word| add(word, flags));
        }
    }
    for flags in all.values_mut().filter(|flags| flags.any(FUNCTION)) {
        *flags = flags.without(ANY_NAME.or(PLACE));
    }
    all
}

fn section_of(name: &str) -> Flags {
    match name {
        "title" => TITLE,
        "staff" => TITLE.or(STAFF),
        "relative" => RELATIVE,
        "person" => PERSON,
        "naming" => NAMING,
        "verb" => VERB,
        "house" => HOUSE,
        "street" => STREET,
        "abbreviation" => ABBREVIATION,
        "particle" => PARTICLE,
        "postnominal" => POSTNOMINAL,
        "towards" => TOWARDS,
        "where" => WHERE,
        "label" => LABEL,
        "familiar" => GIVEN.or(FAMILIAR),
        "function" => FUNCTION.or(WORD),
        "eponym" => EPONYM_NOUN,
        _ => Flags::NONE,
    }
}
