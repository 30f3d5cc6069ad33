//! Cases with other names and places, for learning.

use std::path::Path;

use consilium::text::identifiers::Kind;

use super::{cases::Case, generated::Dice};

/// Names and places that are put in the stead of those of the cases, so that it is learned how names stand and not which.
pub(super) struct Others {
    given: Vec<String>,
    family: Vec<String>,
    place: Vec<String>,
}

impl Others {
    pub(super) fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/text/identifiers/lists");
        let list = |name: &str| {
            let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
            text.lines().filter(|word| !word.contains(' ')).map(str::to_owned).collect::<Vec<_>>()
        };
        let given = list("given_core.txt").into_iter().chain(list("given_other.txt")).collect();
        Self { given, family: list("family.txt"), place: list("places.txt") }
    }

    /// Another word in the stead of one, with its capitals.
    fn other(&self, word: &str, kind: Kind, place: usize, dice: &mut Dice) -> String {
        let from = match kind {
            Kind::Location => &self.place,
            _ if place == 0 => &self.given,
            _ => &self.family,
        };
        let other = match dice.below(6) {
            // In no list: the front of one and the end of another.
            0 => {
                let (a, b) =
                    (&from[dice.below(from.len() as u64) as usize], &from[dice.below(from.len() as u64) as usize]);
                let (front, end) = (a.chars().count() / 2, b.chars().count() / 2);
                a.chars().take(front.max(2)).chain(b.chars().skip(end)).collect()
            }
            _ => from[dice.below(from.len() as u64) as usize].clone(),
        };
        if word.chars().all(char::is_uppercase) {
            other.to_uppercase()
        } else if word.starts_with(char::is_uppercase) {
            let mut chars = other.chars();
            chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
        } else {
            other
        }
    }
}

/// A case with other names and places.
pub(super) fn swapped(case: &Case, others: &Others, dice: &mut Dice) -> Case {
    let (mut text, mut marks, mut done) = (String::new(), Vec::new(), 0);
    for (range, kind) in &case.marks {
        if range.start < done {
            continue;
        }
        text.push_str(&case.text[done..range.start]);
        done = range.end;
        let words = &case.text[range.clone()];
        let start = text.len();
        if !matches!(kind, Kind::Name | Kind::Location) {
            text.push_str(words);
            marks.push((start..text.len(), *kind));
            continue;
        }
        let mut word = String::new();
        let mut count = 0;
        for c in words.chars().chain(['\0']) {
            if c.is_alphabetic() || matches!(c, '\'' | '’') {
                word.push(c);
                continue;
            }
            if !word.is_empty() {
                let keep = word.chars().count() < 3
                    || *kind == Kind::Location && (word.starts_with(char::is_lowercase) || dice.below(2) == 0);
                text.push_str(&if keep { word.clone() } else { others.other(&word, *kind, count, dice) });
                count += 1;
                word.clear();
            }
            if c != '\0' {
                text.push(c);
            }
        }
        marks.push((start..text.len(), *kind));
    }
    text.push_str(&case.text[done..]);
    Case { text, marks, ..case.clone() }
}

/// A case in small letters.
pub(super) fn small(case: &Case) -> Case {
    Case { text: case.text.to_ascii_lowercase(), ..case.clone() }
}
