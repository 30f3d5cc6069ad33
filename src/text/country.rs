//! Countries (ISO 3166-1), and the parts of those where each part has registers of its own (ISO 3166-2), in words.

fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("countries.txt").lines().filter_map(|line| line.split_once(' '))
}

/// Every code with its name, by name; parts follow their country.
pub fn all() -> Vec<(&'static str, String)> {
    let mut whole = "";
    let named = known().map(|(code, name)| {
        if code.contains('-') {
            return (code, format!("{name}, {whole}"));
        }
        whole = name;
        (code, name.to_owned())
    });
    named.collect()
}

fn find(code: &str) -> Option<&'static str> {
    known().find(|(one, _)| *one == code).map(|(_, name)| name)
}

/// "United Kingdom", or "California, United States"; the code itself where it is none that we know, and nothing for
/// what holds everywhere.
#[must_use]
pub fn name(code: &str) -> String {
    if matches!(code, "" | "*") {
        return String::new();
    }
    let whole = code.split_once('-').and_then(|(country, _)| find(country));
    match (find(code), whole) {
        (Some(part), Some(whole)) => format!("{part}, {whole}"),
        (Some(one), None) => one.to_owned(),
        (None, _) => code.to_owned(),
    }
}

/// Whether a text has the form of a code: two letters, or a part of such a country.
#[must_use]
pub fn is_place(code: &str) -> bool {
    let (country, part) = code.split_once('-').map_or((code, None), |(country, part)| (country, Some(part)));
    country.len() == 2
        && country.chars().all(|c| c.is_ascii_uppercase())
        && part.is_none_or(|part| {
            (1..=3).contains(&part.len()) && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_said_in_words() {
        assert_eq!(name("GB"), "United Kingdom");
        assert_eq!(name("US-CA"), "California, United States");
        assert_eq!((name("XX").as_str(), name("*").as_str()), ("XX", ""));
        assert!(all().into_iter().all(|(code, words)| name(code) == words));
    }

    #[test]
    fn places_are_written_as_the_norm_has_it() {
        for code in ["GB", "US-CA", "GB-SCT", "AT-9"] {
            assert!(is_place(code), "{code}");
        }
        for code in ["", "G", "GBR", "gb", "GB-", "GB-SCOT", "-GB", "*"] {
            assert!(!is_place(code), "{code}");
        }
    }

    #[test]
    fn every_country_stands_once_and_every_part_below_its_country() {
        let codes: Vec<&str> = known().map(|(code, _)| code).collect();
        assert_eq!(codes.iter().filter(|code| code.len() == 2).count(), 249);
        for code in &codes {
            assert_eq!(codes.iter().filter(|other| *other == code).count(), 1, "{code}");
            assert!(code.split('-').next().is_some_and(|country| codes.contains(&country)), "{code}");
        }
    }
}
