use unicode_security::skeleton as confusable;

use crate::model::TITLES;

/// A name as it looks to somebody who reads it quickly: names that could be taken for each other have the same
/// (Unicode TR 39, skeletons), whatever their letters, case, marks, spaces and the titles before them are. A name of
/// nothing but pictures looks like itself: none but an empty one has nothing.
#[must_use]
pub fn skeleton(name: &str) -> String {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    // The last word is a name, whatever it looks like.
    let titles = words.iter().take(words.len().saturating_sub(1)).take_while(|word| TITLES.contains(word)).count();
    let plain: String = words.into_iter().skip(titles).collect();
    let seen: String = confusable(&plain).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if seen.is_empty() { lower.split_whitespace().collect() } else { seen }
}

/// Whether a label begins with the words that the institution alone uses, "Verified by", in whatever letters (R20).
#[must_use]
pub fn says_verified(label: &str) -> bool {
    skeleton(label).starts_with(&skeleton("Verified by"))
}

#[cfg(test)]
mod tests {
    use super::{says_verified, skeleton};

    #[test]
    fn the_words_of_the_institution_are_known_in_whatever_letters() {
        for label in ["Verified by St Brigid's", "verified  by me", "✔ VERIFIED BY x", "Vеrifiеd bу Hospital"] {
            assert!(says_verified(label), "{label}");
        }
        for label in ["Website", "Verified", "Not verified by anybody", "GMC"] {
            assert!(!says_verified(label), "{label}");
        }
    }

    #[test]
    fn names_that_look_alike_have_one_skeleton() {
        let name = skeleton("Dr Samira Kader");
        for other in ["samira kader", "Samira  Kader", "Dr. Ѕаmіrа Kаdеr", "Samìra Kader", "Prof. Samira-Kader"]
        {
            assert_eq!(skeleton(other), name, "{other}");
        }
        assert_ne!(skeleton("Samir Kader"), name);
        assert_ne!(skeleton("Samira Kader Miss"), name, "what stands behind a name belongs to it");
        assert_eq!(skeleton("Prof. Dr. med. Nurse"), skeleton("nurse"));
        assert_eq!((skeleton("🌻 🌻").as_str(), skeleton(" ").as_str()), ("🌻🌻", ""));
    }
}
