//! Numbers as they are dictated: "four four seven one", "double oh seven", "4 4 7 1 8".

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::super::page::{Page, pattern};

static SPOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let digit = r"(?:(?:double|triple) )?(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine)";
    pattern(&format!(r"\b{digit}(?:(?:,? |-){digit}){{3,16}}\b|\b[0-9](?:[ ][0-9]){{4,16}}\b"))
});

/// Where they are, each with how many digits it has.
pub(super) fn spoken(page: &Page<'_>) -> Vec<(Range<usize>, usize)> {
    let count =
        |text: &str| {
            let words = text.split([' ', '-', ',']).filter(|word| !word.is_empty());
            words
                .map(|word| {
                    if word == "double" { 1 } else { 2 * usize::from(word == "triple") + usize::from(word != "triple") }
                })
                .sum()
        };
    page.matches(&SPOKEN).map(|found| (found.range(), count(found.as_str()))).collect()
}
