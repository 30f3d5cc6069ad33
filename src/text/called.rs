use super::fold;
use crate::model::{PARTICLES, TITLES};

/// Fewest letters of a given name that stand for the whole; a single one is an initial.
const SHORT: usize = 3;

/// Whether a name that is shown may be that of somebody who is registered so: it has a word of the family name, as
/// people marry and have several, and beside it a given name, the beginning of one, or an initial. Order, titles, case
/// and marks are of no account.
#[must_use]
pub fn may_be_called(shown: &str, family_name: &str, given_names: &str) -> bool {
    let (shown, family, given) = (words(shown), words(family_name), words(given_names));
    let telling: Vec<&String> =
        family.iter().filter(|word| word.len() > 1 && !PARTICLES.contains(&word.as_str())).collect();
    // A family name may be nothing but a word that is a particle elsewhere.
    let telling = if telling.is_empty() { family.iter().collect() } else { telling };
    let beside = |place: usize, rest: &str| {
        let others = shown.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, word)| word.as_str());
        let mut others = others.filter(|word| !TITLES.contains(word)).chain([rest]);
        // Some people have one name alone.
        given.is_empty() || others.any(|word| given.iter().any(|name| stands_for(word, name)))
    };
    let fits = |place: usize, word: &str, part: &str| rest_of(word, part).is_some_and(|rest| beside(place, rest));
    shown.iter().enumerate().any(|(place, word)| telling.iter().any(|part| fits(place, word, part)))
}

fn words(name: &str) -> Vec<String> {
    let words = name.split(|c: char| c.is_whitespace() || "-‐‑‒–/,.()".contains(c));
    words.map(fold).filter(|word| !word.is_empty()).collect()
}

/// What is left of a word without the family name; none where that is not in it. Where names are written without
/// spaces, the given name may stand before it or after it.
fn rest_of<'a>(word: &'a str, family: &str) -> Option<&'a str> {
    if word == family {
        return Some("");
    }
    word.strip_prefix(family).or_else(|| word.strip_suffix(family)).filter(|_| !family.is_ascii())
}

/// Whether a word may stand for a given name, or the name, an initial itself, for the word. Nothing stands for nothing.
fn stands_for(word: &str, name: &str) -> bool {
    let letters = word.chars().count();
    let short = (letters == 1 || letters >= SHORT) && name.starts_with(word);
    short || (letters > 0 && word == name) || (name.chars().count() == 1 && word.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::may_be_called;

    #[test]
    fn a_shown_name_may_be_shortened_and_in_another_order() {
        for (shown, family, given) in [
            ("Dr Sam Kader", "KADER", "Samira"),
            ("Kader, Samira", "Kader", "Samira Jane"),
            ("Samira Kader-Roe", "Kader", "S."),
            ("J. Roe", "Kader Roe", "Samira Jane"),
            ("Prof. Jonas von Dahl, FRCP", "von Dahl", "Jonas"),
            ("J.R. Smith", "Smith", "John Ronald"),
            ("Siobhán O’Brien", "O'Brien", "Siobhan"),
            ("Anh Le", "Le", "Anh"),
            ("Иван Иванов", "Иванов", "Иван"),
            ("李小龙", "李", "小龙"),
            ("Suharto", "Suharto", ""),
        ] {
            assert!(may_be_called(shown, family, given), "{shown}: {family}, {given}");
        }
    }

    #[test]
    fn a_family_name_alone_or_with_anothers_given_name_is_not_enough() {
        for (shown, family, given) in [
            ("Kader", "Kader", "Samira"),
            ("Dr Kader", "Kader", "Drew"),
            ("Kader, MA", "Kader", "Mary"),
            ("Amira Kader", "Kader", "Samira"),
            ("A. Kader", "Kader", "Samira"),
            ("Samira", "Kader", "Samira"),
            ("Dr House", "Kader", "Samira"),
            ("Jonas von Berg", "von Dahl", "Jonas"),
            ("Alice Williams", "Li", "Alice"),
            ("Samira Kaderson", "Kader", "Samira"),
            ("李", "李", "小龙"),
            ("", "Kader", "Samira"),
        ] {
            assert!(!may_be_called(shown, family, given), "{shown}: {family}, {given}");
        }
    }
}
