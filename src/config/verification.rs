//! How credentials are checked, stated and believed.

use serde::Deserialize;

use super::ConfigError;

/// What somebody must have proven to do something. Level 0 with two empty lists asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Demand {
    /// Least level, 1 to 4; 4 is attested. With a list below and no level, 4 is meant.
    pub level: i16,
    /// Keys of disciplines, of which one is needed; empty for any.
    pub disciplines: Vec<String>,
    /// Host names of institutions, of which one must have attested it; empty for any that is trusted.
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
        let demands = [&self.public_posts, &self.strangers];
        if demands.iter().any(|d| !(0..=4).contains(&d.level)) || !(0..=4).contains(&self.two_persons_below) {
            return wrong("Levels are 0 to 4: see verification.public_posts, .strangers and .two_persons_below.");
        }
        Ok(())
    }
}
