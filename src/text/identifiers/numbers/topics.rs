//! The words of labels: what kind of number follows them, and how much each says about it.

use std::{collections::HashMap, sync::LazyLock};

use super::super::{
    kind::Kind,
    token::{Shape, Token},
};

/// What a word means in a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// "No.", "number", "ID".
    Marker,
    /// "Chart", "police", "member": whose number it is, and how much the word says about that, from 1 to 4.
    Topic(Kind, u8),
    /// A word that may stand between a label and its number.
    Filler,
    /// Numbers that belong to nobody: of models, codes, papers.
    Public,
    /// Numbers that are read elsewhere.
    Phone,
}

static WORDS: LazyLock<HashMap<&'static str, Word>> = LazyLock::new(|| {
    let mut all = HashMap::with_capacity(800);
    let lists = include_str!("../lists/labels.txt").lines().filter(|line| !line.starts_with('#'));
    for (section, words) in lists.filter_map(|line| line.split_once(": ")) {
        let meaning = match section.split_once(' ') {
            Some((name, rank)) => {
                let kind = Kind::ALL.iter().find(|kind| kind.as_str() == name).copied().unwrap_or(Kind::Other);
                Word::Topic(kind, rank.parse().unwrap_or(1))
            }
            None if section == "marker" => Word::Marker,
            None if section == "filler" => Word::Filler,
            None if section == "phone" => Word::Phone,
            None => Word::Public,
        };
        for word in words.split_whitespace() {
            all.entry(word).or_insert(meaning);
        }
    }
    all
});

/// What a word means, and whether a word for "number" is part of it: "Fallnummer", "numbers".
pub(super) fn meaning(token: &Token<'_>) -> (Option<Word>, bool) {
    let key = token.key.trim_end_matches('.');
    if token.shape == Shape::Mixed && token.text.len() > 5 && !WORDS.contains_key(key) {
        return humps(token.text);
    }
    let key = key.strip_prefix("d'").or_else(|| key.strip_prefix("l'")).unwrap_or(key);
    if let (None, Some(read)) = (WORDS.get(key), misread(key)) {
        return known(&read);
    }
    known(key)
}

/// A word in which a machine has read a nought for an O, a one for an I or L: "H0SPITAL", "P0L1CY".
fn misread(key: &str) -> Option<String> {
    let letters = key.bytes().filter(u8::is_ascii_lowercase).count();
    if key == "n0" {
        return Some("no".to_owned());
    }
    if letters < 3 || key.len() > letters + 2 || !key.bytes().any(|b| matches!(b, b'0' | b'1')) {
        return None;
    }
    let read = key.replace('0', "o").replace('1', "i");
    WORDS.contains_key(read.as_str()).then_some(read)
}

/// The same of words without spaces between, as in data: "DeviceSerialNumber", "memberId".
fn humps(text: &str) -> (Option<Word>, bool) {
    let (mut best, mut marker, mut from) = (None, false, 0);
    let ends = text.char_indices().skip(1).filter(|(_, c)| c.is_ascii_uppercase()).map(|(at, _)| at);
    for end in ends.chain([text.len()]) {
        let part = text.get(from..end).unwrap_or_default().to_ascii_lowercase();
        from = end;
        let (word, is_number) = known(&part);
        if matches!(&*part, "date" | "time" | "birth" | "datum") {
            return (Some(Word::Public), false);
        }
        marker |= is_number || part == "uid";
        best = match (best, word) {
            (Some(Word::Topic(_, known)), Some(Word::Topic(_, rank))) if known >= rank => best,
            (_, Some(Word::Topic(..) | Word::Public)) => word,
            _ => best,
        };
    }
    (best.or(marker.then_some(Word::Marker)), marker)
}

/// The same of a word in small letters.
pub(super) fn known(key: &str) -> (Option<Word>, bool) {
    if let Some(word) = WORDS.get(key) {
        return (Some(*word), *word == Word::Marker || key.ends_with("nummer") || key.ends_with("nr"));
    }
    for end in ["nummern", "nummer", "nr", "number", "ref", "id"] {
        if let Some(stem) = key.strip_suffix(end).filter(|stem| stem.len() > 2) {
            let stem = stem.trim_end_matches(['-', '\'']);
            let word = WORDS.get(stem).or_else(|| stem.strip_suffix('s').and_then(|stem| WORDS.get(stem)));
            if word.is_some() || end.starts_with("nummer") || end == "nr" && stem.len() > 3 {
                return (word.copied().or(Some(Word::Marker)), true);
            }
        }
    }
    let plural = key.strip_suffix("'s").or_else(|| key.strip_suffix('s')).and_then(|stem| WORDS.get(stem));
    (plural.copied().filter(|word| matches!(word, Word::Topic(..) | Word::Public)), false)
}

/// What two words mean that stand beside each other: "medical card", "sort code".
pub(super) fn pair(first: &Token<'_>, second: &Token<'_>) -> Option<Word> {
    let mut key = String::with_capacity(first.key.len() + second.key.len() + 1);
    key.push_str(&first.key);
    key.push('_');
    key.push_str(&second.key);
    WORDS.get(key.as_str()).copied()
}

/// Whether it is a single letter, as in "N.H.S.".
pub(super) fn is_letter(token: &Token<'_>) -> bool {
    token.text.len() == 1 && token.shape != Shape::Number
}

/// Words that are cut short with a full stop.
const CUT: &[&str] = &[
    "med",
    "reg",
    "pat",
    "vers",
    "ser",
    "ins",
    "mem",
    "subs",
    "auth",
    "acc",
    "acct",
    "hosp",
    "spec",
    "path",
    "histo",
    "enc",
    "adm",
    "pt",
    "pol",
    "cert",
    "lic",
    "lab",
    "rec",
    "epis",
    "vol",
    "admin",
    "dept",
    "st",
    "rentenvers",
    "sozialvers",
    "kennz",
    "prov",
    "inv",
    "guar",
    "ident",
    "mitgl",
    "einsatz",
    "prot",
    "az",
    "subscr",
    "mbr",
    "exam",
    "prelev",
    "employ",
    "emp",
    "stud",
    "compl",
    "compt",
    "inc",
    "case",
];

/// Whether a full stop after it ends no sentence.
pub(super) fn short(token: &Token<'_>) -> bool {
    meaning(token).1 || CUT.contains(&&*token.key)
}
