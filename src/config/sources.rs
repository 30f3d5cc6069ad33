//! Where the titles of papers are looked up, and whether at all.

use serde::Deserialize;
use url::Url;

use super::ConfigError;

/// `[sources]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    /// Whether titles of sources are looked up: whoever is asked learns that somebody here reads them.
    pub lookup: bool,
    /// Whether for what is named in groups that not everybody reads, too.
    pub lookup_for_members: bool,
    /// Hours over which these are spread.
    pub spread_hours: i64,
    /// Seconds between two of them.
    pub seconds_between: i64,
    /// How often one is tried that gives no usable answer.
    pub tries: i32,
    /// The address that the title of a DOI is asked of, which is put behind it.
    pub doi_address: String,
    /// The address that the title of a PMID is asked of.
    pub pubmed_address: String,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            lookup: true,
            lookup_for_members: true,
            spread_hours: 24,
            seconds_between: 1,
            tries: 5,
            doi_address: "https://doi.org/".into(),
            pubmed_address: "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esummary.fcgi".into(),
        }
    }
}

impl Sources {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (key, address) in [("doi_address", &self.doi_address), ("pubmed_address", &self.pubmed_address)] {
            let is_web =
                Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
            if !is_web {
                return Err(ConfigError(format!("sources.{key} must be an address such as https://doi.org/.")));
            }
        }
        if !self.doi_address.ends_with('/') {
            return Err(ConfigError("sources.doi_address must end with a slash.".into()));
        }
        let least = [self.spread_hours, self.seconds_between, i64::from(self.tries) - 1];
        if least.iter().any(|number| *number < 0) || self.spread_hours > 24 * 365 {
            let words = "sources.spread_hours must be 0 to 8760, seconds_between 0 or more, and tries 1 or more.";
            return Err(ConfigError(words.into()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_the_web() {
        assert!(Sources::default().check().is_ok());
        for wrong in ["", "doi.org/", "ftp://doi.org/", "https://doi.org"] {
            assert!(Sources { doi_address: wrong.into(), ..Sources::default() }.check().is_err(), "{wrong}");
        }
        assert!(Sources { tries: 0, ..Sources::default() }.check().is_err());
        assert!(Sources { spread_hours: -1, ..Sources::default() }.check().is_err());
    }
}
