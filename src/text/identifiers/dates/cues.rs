//! What words say of the numbers beside them, from `lists/days.txt`.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

static SECTIONS: LazyLock<HashMap<&'static str, HashSet<&'static str>>> = LazyLock::new(|| {
    let lines = include_str!("../lists/days.txt").lines().filter(|line| !line.starts_with('#'));
    let sections = lines.filter_map(|line| line.split_once(": "));
    sections.map(|(name, words)| (name, words.split_whitespace().collect())).collect()
});

/// Whether a word stands in a section of the list.
pub(super) fn is(section: &str, word: &str) -> bool {
    SECTIONS.get(section).is_some_and(|words| words.contains(word))
}

/// Whether one of the words of a text does.
pub(super) fn any(section: &str, text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| is(section, word))
}
