//! Sources: what a case or a reply stands on, by its DOI or PMID, and what is known of it.

use std::fmt;

use super::text_enum::text_enum;

text_enum! {
    /// Who has given a source its number.
    SourceScheme {
        /// A digital object identifier (ISO 26324).
        Doi = "doi",
        /// A number of PubMed.
        Pmid = "pmid",
    }
}

text_enum! {
    /// What is known of a source.
    SourceState {
        /// Nobody has been asked yet.
        Waiting = "waiting",
        /// What it is called.
        Known = "known",
        /// Whoever gives out such numbers knows none like it.
        Unknown = "unknown",
        /// Whoever was asked gave no usable answer.
        Unreachable = "unreachable",
    }
}

/// A source by its one spelling: a DOI in small letters, or a PMID without zeros in front.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceKey {
    /// Whose number it is.
    pub scheme: SourceScheme,
    /// The number.
    pub name: String,
}

impl SourceKey {
    /// Where everybody finds it.
    pub fn address(&self) -> String {
        match self.scheme {
            SourceScheme::Doi => format!("https://doi.org/{}", self.encoded()),
            SourceScheme::Pmid => format!("https://pubmed.ncbi.nlm.nih.gov/{}/", self.encoded()),
        }
    }

    /// The number as a part of an address: a DOI may have marks in it that mean something else there.
    pub fn encoded(&self) -> String {
        let mut out = String::with_capacity(self.name.len());
        for byte in self.name.bytes() {
            match char::from(byte) {
                plain if plain.is_ascii_alphanumeric() || matches!(plain, '-' | '.' | '_' | '/') => out.push(plain),
                _ => {
                    let digit = |half: u8| char::from_digit(u32::from(half), 16).map(|c| c.to_ascii_uppercase());
                    out.push('%');
                    out.extend([byte >> 4, byte & 15].into_iter().filter_map(digit));
                }
            }
        }
        out
    }
}

impl fmt::Display for SourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scheme {
            SourceScheme::Doi => write!(f, "doi:{}", self.name),
            SourceScheme::Pmid => write!(f, "PMID {}", self.name),
        }
    }
}

/// A source with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Which.
    pub key: SourceKey,
    /// What is known.
    pub state: SourceState,
    /// Its title, plain words; empty where it is not known.
    pub title: String,
    /// The journal or book that it is in.
    pub container: String,
    /// The year of its publication.
    pub year: Option<i32>,
    /// It was taken back.
    pub retracted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_the_marks_of_a_doi_unharmed() {
        let doi = |name: &str| SourceKey { scheme: SourceScheme::Doi, name: name.to_owned() };
        assert_eq!(doi("10.1056/nejmoa2034577").address(), "https://doi.org/10.1056/nejmoa2034577");
        let old = doi("10.1002/(sici)1096(19960122)61:3<216::aid-1>3.0.co;2-s");
        let address = "https://doi.org/10.1002/%28sici%291096%2819960122%2961%3A3%3C216%3A%3Aaid-1%3E3.0.co%3B2-s";
        assert_eq!(old.address(), address);
        assert_eq!(doi("10.1000/a#b?c%d").address(), "https://doi.org/10.1000/a%23b%3Fc%25d");
        assert_eq!(doi("10.1000/é").address(), "https://doi.org/10.1000/%C3%A9");
        let paper = SourceKey { scheme: SourceScheme::Pmid, name: "33301246".to_owned() };
        assert_eq!(paper.address(), "https://pubmed.ncbi.nlm.nih.gov/33301246/");
        assert_eq!(paper.to_string(), "PMID 33301246");
    }
}
