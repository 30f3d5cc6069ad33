//! How cases are taken back, and how long drafts of them stay.

use serde::Deserialize;

use super::ConfigError;

/// `[cases]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cases {
    /// Seconds after which other servers are first asked whether a case that was taken back is gone there; the pause doubles
    /// each time.
    pub recall_first_check_seconds: i64,
    /// Longest pause between two times that a server is asked, in seconds.
    pub recall_longest_check_seconds: i64,
    /// Days for which servers are asked by themselves.
    pub recall_days: i64,
    /// Days before a consent ends when the author of its case is told.
    pub consent_notice_days: i64,
    /// Days for which a draft stays that nobody goes on with.
    pub draft_days: i64,
}

impl Default for Cases {
    fn default() -> Self {
        Self {
            recall_first_check_seconds: 300,
            recall_longest_check_seconds: 43_200,
            recall_days: 14,
            consent_notice_days: 14,
            draft_days: 90,
        }
    }
}

impl Cases {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let numbers = [
            ("recall_first_check_seconds", self.recall_first_check_seconds, 86_400),
            ("recall_longest_check_seconds", self.recall_longest_check_seconds, 604_800),
            ("recall_days", self.recall_days, 365),
            ("consent_notice_days", self.consent_notice_days, 365),
            ("draft_days", self.draft_days, 3_650),
        ];
        for (key, number, most) in numbers {
            if !(1..=most).contains(&number) {
                return Err(ConfigError(format!("cases.{key} must be between 1 and {most}.")));
            }
        }
        Ok(())
    }
}
