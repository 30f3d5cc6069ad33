use super::fold;
use crate::model::{PARTICLES, PersonName};

/// Whether the name that people see is the registered one. Titles, the order, given names that are left out but for one,
/// and initials in their place make no difference. A part of the family name that is missing does, and so does any word
/// that is not registered: a colleague looks where it comes from.
#[must_use]
pub fn is_called(shown: &str, family: &str, given: &str) -> bool {
    let bare = |name: &str| {
        let PersonName { mut given, family } = PersonName::guess(name);
        given.push(family);
        words(&given.join(" "))
    };
    let (family, given) = (words(family), words(given));
    // What follows a comma is a title, or the given names.
    (family.is_empty() && given.is_empty())
        || [bare(shown), bare(&shown.replace(',', " "))].iter().any(|shown| says(shown, &family, &given))
}

fn says(shown: &[String], family: &[String], given: &[String]) -> bool {
    // Where names are written without spaces, all of it is one word.
    let (whole, ours, theirs) = (shown.concat(), family.concat(), given.concat());
    if [[&*ours, &*theirs], [&*theirs, &*ours]].iter().any(|order| order.concat() == whole) {
        return true;
    }
    let mut left: Vec<&str> = shown.iter().map(String::as_str).collect();
    for word in family {
        match left.iter().position(|other| other == word) {
            Some(place) => {
                left.remove(place);
            }
            None if PARTICLES.contains(&word.as_str()) => {}
            None => return false,
        }
    }
    let mut open: Vec<&str> = given.iter().map(String::as_str).collect();
    let is_given = |word: &&str| {
        let initial = |name: &str| word.chars().count() == 1 && name.starts_with(*word);
        let found = open.iter().position(|name| name == word).or_else(|| open.iter().position(|name| initial(name)));
        found.map(|place| open.remove(place)).is_some()
    };
    (given.is_empty() || !left.is_empty()) && left.iter().all(is_given)
}

fn words(name: &str) -> Vec<String> {
    let words = name.split(|c: char| c.is_whitespace() || "-‐‑‒–/,.()".contains(c));
    words.map(fold).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::is_called;

    #[test]
    fn titles_order_and_initials_make_no_other_name() {
        for (shown, family, given) in [
            ("Samira Kader", "KADER", "Samíra"),
            ("Prof. Dr. med. Samira Kader, FRCP", "Kader", "Samira"),
            ("Kader, Samira", "Kader", "Samira"),
            ("Kader Samira", "Kader", "Samira"),
            ("S. J. Kader", "Kader", "Samira Jane"),
            ("S.J. Kader", "Kader", "Samira Jane"),
            ("Jane Kader", "Kader", "Samira Jane"),
            ("Samira Kader Lindqvist", "Kader-Lindqvist", "Samira"),
            ("Jonas Dahl", "von Dahl", "Jonas"),
            ("Siobhan O'Brien", "O’Brien", "Siobhán"),
            ("李小龙", "李", "小龙"),
            ("Suharto", "Suharto", ""),
            ("Anybody", "", ""),
        ] {
            assert!(is_called(shown, family, given), "{shown}: {family}, {given}");
        }
    }

    #[test]
    fn a_word_more_or_less_is_another_name() {
        for (shown, family, given) in [
            ("Dr ada", "Kader", "Samira"),
            ("Dr Kader", "Kader", "Samira"),
            ("Sam Kader", "Kader", "Samira"),
            ("A. Kader", "Kader", "Samira"),
            ("Samira Kader-Roe", "Kader", "Samira"),
            ("Samira Kader", "Kader-Lindqvist", "Samira"),
            ("Samira Samira Kader", "Kader", "Samira"),
            ("Samira Jane Kader", "Kader", "Samira"),
            ("", "Kader", "Samira"),
        ] {
            assert!(!is_called(shown, family, given), "{shown}: {family}, {given}");
        }
    }
}
