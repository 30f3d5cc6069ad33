//! Who takes a case back, and for what.

use crate::model::RecallReason;

/// How often a server that still has a copy is told again.
pub const MAX_TOLD_AGAIN: i32 = 12;

/// As what somebody takes a case back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// They have asked it.
    Author,
    /// They lead its group.
    Moderator,
}

impl Part {
    /// For what they may.
    pub fn reasons(self) -> &'static [RecallReason] {
        match self {
            Self::Author => &[RecallReason::ConsentWithdrawn, RecallReason::Identifiable, RecallReason::Mistake],
            Self::Moderator => &[RecallReason::Identifiable, RecallReason::Moderators],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_says_in_anothers_name_why_a_case_is_withdrawn() {
        assert!(!Part::Author.reasons().contains(&RecallReason::Moderators));
        assert!(!Part::Moderator.reasons().contains(&RecallReason::ConsentWithdrawn));
        // That a consent has ended says the clock alone.
        for part in [Part::Author, Part::Moderator] {
            assert!(!part.reasons().contains(&RecallReason::ConsentExpired), "{part:?}");
        }
    }
}
