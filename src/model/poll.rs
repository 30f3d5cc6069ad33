use chrono::{DateTime, Utc};
use serde::Deserialize;

/// A poll as one viewer sees it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Poll {
    /// More than one choice may be made.
    pub multiple: bool,
    /// Counts are shown only after the end.
    pub hide_totals: bool,
    /// When voting ends; none for polls without an end.
    pub ends_at: Option<DateTime<Utc>>,
    /// How many people voted, where it is known.
    pub voters_count: Option<i64>,
    /// What can be chosen, in order.
    pub options: Vec<PollOption>,
    /// What the viewer chose: places from 0.
    pub own: Vec<i16>,
}

/// One of the choices.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PollOption {
    /// Plain text.
    pub title: String,
    /// Votes for it.
    pub votes: i64,
}

impl Poll {
    /// Whether voting has ended.
    pub fn ended(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_some_and(|at| at <= now)
    }

    /// Whether its counts are for nobody to know yet.
    pub fn hides_counts(&self, now: DateTime<Utc>) -> bool {
        self.hide_totals && !self.ended(now)
    }

    /// Votes all in all.
    pub fn votes(&self) -> i64 {
        self.options.iter().map(|o| o.votes).sum()
    }
}
