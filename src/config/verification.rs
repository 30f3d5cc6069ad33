//! How credentials are checked, stated and believed.

use serde::Deserialize;

use super::ConfigError;

/// What somebody must have proven to do something. Level 0 with empty lists asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Demand {
    /// Least level, 1 to 4; 4 is attested. With a list below and no level, 4 is meant.
    pub level: i16,
    /// Keys of disciplines, of which one is needed; empty for any.
    pub disciplines: Vec<String>,
    /// Codes of specialties (NUCC), of which one is needed; empty for any.
    pub specialties: Vec<String>,
    /// Host names of institutions, of which one must have attested it: of our own people only this house does. Empty for
    /// any.
    pub issuers: Vec<String>,
}

/// `[verification]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Verification {
    /// User name of the institution's own actor, which signs and can be followed.
    pub organization: String,
    /// Domains of the institution's mailboxes: who enters a code that was sent there has proven control.
    pub mail_domains: Vec<String>,
    /// Largest document sent as evidence, in bytes.
    pub max_evidence_bytes: usize,
    /// Days after the decision when evidence is deleted.
    pub evidence_days: i64,
    /// Longest time that a statement holds, in days.
    pub valid_days: i64,
    /// Days in which a re-check has to be done; after them the credential is suspended.
    pub recheck_days: i64,
    /// Days before expiry when its holder is reminded.
    pub reminder_days: Vec<i16>,
    /// Registers (keys, or `*` for everything) where two persons decide.
    pub two_persons: Vec<String>,
    /// Two persons decide where less than this level was reached without them.
    pub two_persons_below: i16,
    /// Two persons revoke, whatever two or one have attested: one suspends, and the badge is gone; another revokes.
    pub revoke_by_two: bool,
    /// Two persons open a document, whatever two or one attest: one asks, another agrees. Where two attest, two open.
    pub evidence_by_two: bool,
    /// Seconds that others may keep our status lists.
    pub list_ttl_seconds: i64,
    /// Hours after which a badge of another institution falls where its list could not be had.
    pub stale_hours: i64,
    /// What it takes to post for everybody.
    pub public_posts: Demand,
    /// What it takes to write, other than for everybody, to people who do not follow the sender.
    pub strangers: Demand,
}

impl Default for Verification {
    fn default() -> Self {
        Self {
            organization: "institution".into(),
            mail_domains: Vec::new(),
            max_evidence_bytes: 10_000_000,
            evidence_days: 30,
            valid_days: 365,
            recheck_days: 14,
            reminder_days: vec![60, 30, 7],
            two_persons: Vec::new(),
            two_persons_below: 0,
            revoke_by_two: true,
            evidence_by_two: false,
            list_ttl_seconds: 900,
            stale_hours: 72,
            public_posts: Demand::default(),
            strangers: Demand::default(),
        }
    }
}

impl Verification {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |text: &str| Err(ConfigError(text.to_owned()));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if self.organization.is_empty() || self.organization.len() > 30 || !self.organization.chars().all(plain) {
            return wrong("verification.organization must be a user name: up to 30 small letters, digits and _.");
        }
        for (name, days) in [
            ("evidence_days", self.evidence_days),
            ("valid_days", self.valid_days),
            ("recheck_days", self.recheck_days),
        ] {
            if !(1..=3_660).contains(&days) {
                return wrong(&format!("verification.{name} must be 1 to 3660."));
            }
        }
        if !(60..=86_400).contains(&self.list_ttl_seconds) {
            return wrong("verification.list_ttl_seconds must be 60 to 86400.");
        }
        if !(1..=720).contains(&self.stale_hours) {
            return wrong("verification.stale_hours must be 1 to 720.");
        }
        if self.reminder_days.iter().any(|days| !(1..=366).contains(days)) {
            return wrong("verification.reminder_days must be numbers of days from 1 to 366.");
        }
        if let Some(wrong) = self.mail_domains.iter().find(|name| !is_domain(name)) {
            return Err(ConfigError(format!(
                "verification.mail_domains: “{wrong}” is no domain. Write what stands behind the @ of a mailbox, such as \
                 hospital.example."
            )));
        }
        let demands = [&self.public_posts, &self.strangers];
        if let Some(wrong) = demands.iter().flat_map(|demand| &demand.issuers).find(|name| !is_host(name)) {
            return Err(ConfigError(format!(
                "verification.public_posts.issuers and .strangers.issuers: “{wrong}” is no host. Write the name of a \
                 server alone, such as consilium.hospital.example."
            )));
        }
        if demands.iter().any(|d| !(0..=4).contains(&d.level)) || !(0..=4).contains(&self.two_persons_below) {
            return wrong("Levels are 0 to 4: see verification.public_posts, .strangers and .two_persons_below.");
        }
        Ok(())
    }
}

/// Whether a text has the form of a domain: labels of letters, digits and hyphens, and dots between them.
fn is_domain(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || c == '-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(plain)
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}

/// Whether a text is the name of a server, as servers know each other: in plain letters, with a port where it is not the
/// usual one, as in development.
fn is_host(name: &str) -> bool {
    let (domain, port) = name.split_once(':').unwrap_or((name, "443"));
    name.is_ascii() && is_domain(domain) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_domain_and_no_host_is_named() {
        for domain in ["hospital.example", "Mail.Hospital.example", "xn--klinik-kln-yfb.de", "a-1.test"] {
            assert!(is_domain(domain) && is_host(domain), "{domain}");
        }
        assert!(is_domain("klinik-köln.de") && !is_host("klinik-köln.de"), "servers write it in plain letters");
        for wrong in
            ["", "hospital", "@hospital.example", "dr@hospital.example", "hospital.example.", ".example", "a..b"]
        {
            assert!(!is_domain(wrong) && !is_host(wrong), "{wrong}");
        }
        for wrong in ["*.hospital.example", "https://hospital.example", "-a.example", "a b.example"] {
            assert!(!is_domain(wrong) && !is_host(wrong), "{wrong}");
        }
        assert!(is_host("st-brigid.localhost:8101") && !is_domain("st-brigid.localhost:8101") && !is_host("a.test:x"));

        let said = |rules: Verification| rules.check().map_err(|e| e.to_string());
        let words = said(Verification { mail_domains: vec!["@hospital.example".into()], ..Verification::default() });
        assert!(words.unwrap_err().contains("“@hospital.example” is no domain"));
        let demand = Demand { issuers: vec!["St Brigid's".into()], ..Demand::default() };
        let words = said(Verification { strangers: demand, ..Verification::default() });
        assert!(words.unwrap_err().contains("“St Brigid's” is no host"));
        assert_eq!(said(Verification::default()), Ok(()));
    }
}
