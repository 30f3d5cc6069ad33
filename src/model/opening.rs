use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{AccountId, EvidenceId, EvidenceOpeningId, text_enum::text_enum};
use crate::schema::evidence_openings;

text_enum! {
    /// What became of a verifier's wish to open a document.
    EvidenceOpeningState {
        /// It waits for a second person.
        Asked = "asked",
        /// Another one agreed.
        Agreed = "agreed",
        /// It was refused, or taken back.
        Refused = "refused",
        /// Nobody agreed in time, or whoever asked does not work on it any more.
        Lapsed = "lapsed",
        /// In an emergency, with nobody else.
        Alone = "alone",
    }
}

/// A verifier's wish to open a document, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = evidence_openings)]
pub struct EvidenceOpening {
    /// Its id.
    pub id: EvidenceOpeningId,
    /// The document.
    pub evidence_id: EvidenceId,
    /// The verifier who opens it.
    pub asked_by: AccountId,
    /// Since when.
    pub asked_at: DateTime<Utc>,
    /// Why, in an emergency.
    pub reason: String,
    /// Where it stands.
    pub state: EvidenceOpeningState,
    /// The second person, who agreed or refused; none in an emergency.
    pub decided_by: Option<AccountId>,
    /// When that was, or the emergency.
    pub decided_at: Option<DateTime<Utc>>,
    /// When the document was opened: it opens once.
    pub used_at: Option<DateTime<Utc>>,
}
