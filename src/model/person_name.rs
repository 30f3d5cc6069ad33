/// What stands before a name and is none, in small letters and without a full stop.
pub const TITLES: &[&str] = &[
    "dr",
    "prof",
    "professor",
    "med",
    "dent",
    "pd",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "sir",
    "dame",
    "sister",
    "sr",
    "nurse",
];

/// What begins a family name of several words, in small letters and without marks.
pub const PARTICLES: &[&str] = &[
    "von", "van", "de", "del", "della", "der", "den", "di", "da", "du", "dos", "la", "le", "el", "al", "bin", "ibn",
    "ter", "ten", "te", "zu", "zur", "ni", "ui", "nic",
];

/// A display name as forms want it: given names apart from the family name. A best guess, as nobody writes it so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonName {
    /// Such as "Ada"; several in their order.
    pub given: Vec<String>,
    /// Such as "Lovelace" or "von Dahl".
    pub family: String,
}

impl PersonName {
    /// The parts of a display name: titles before it and whatever follows a comma are left out. `store::practitioners`
    /// searches by the same rule.
    pub fn guess(name: &str) -> Self {
        let bare = name.split(',').next().unwrap_or_default();
        let mut words: Vec<&str> = bare.split_whitespace().collect();
        while words.len() > 1 && words.first().is_some_and(|first| is_title(first)) {
            words.remove(0);
        }
        let mut family: Vec<&str> = words.pop().into_iter().collect();
        // The first word is a given name, whatever it looks like.
        while words.len() > 1
            && let Some(particle) = words.pop_if(|last| PARTICLES.contains(&unmarked(last).as_str()))
        {
            family.insert(0, particle);
        }
        Self { given: words.into_iter().map(ToOwned::to_owned).collect(), family: family.join(" ") }
    }
}

/// A known title, or a longer word that was cut short, such as "rer.".
fn is_title(word: &str) -> bool {
    match word.strip_suffix('.') {
        Some(cut) if cut.chars().count() >= 3 && cut.chars().all(char::is_alphabetic) => true,
        cut => TITLES.contains(&cut.unwrap_or(word).to_lowercase().as_str()),
    }
}

/// The particles of Irish names have marks.
fn unmarked(word: &str) -> String {
    word.to_lowercase().replace('í', "i")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(name: &str) -> (String, String) {
        let guessed = PersonName::guess(name);
        (guessed.given.join("+"), guessed.family)
    }

    #[test]
    fn names_come_apart_as_far_as_one_can_tell() {
        for (name, given, family) in [
            ("Ada Lovelace", "Ada", "Lovelace"),
            ("Prof. Dr. rer. nat. Jonas von Dahl", "Jonas", "von Dahl"),
            ("Dr Aoife Mary Merrow, FRCP", "Aoife+Mary", "Merrow"),
            ("Máire Ní Dhomhnaill", "Máire", "Ní Dhomhnaill"),
            ("Dr Al Pacino", "Al", "Pacino"),
            ("J. R. Smith", "J.+R.", "Smith"),
            ("Dr Ada", "", "Ada"),
            ("PD Dr. med. dent. Ada Sister", "Ada", "Sister"),
            ("Dr", "", "Dr"),
            ("Ōtani", "", "Ōtani"),
            ("", "", ""),
        ] {
            assert_eq!(parts(name), (given.to_owned(), family.to_owned()), "{name}");
        }
    }
}
