//! Asking a case without one's name, and opening who asked it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{AccountId, CaseOpeningId, PostId, text_enum::text_enum};
use crate::schema::case_openings;

text_enum! {
    /// What stands in place of the name of whoever asks a case, from the finest to the coarsest.
    #[derive(Default)]
    AskedAs {
        /// Their name.
        #[default]
        Named = "",
        /// "A verified cardiologist".
        Specialty = "specialty",
        /// "A verified doctor".
        Profession = "profession",
        /// "A verified member".
        Member = "member",
    }
}

/// How many members of a group share what is verified of them.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Share {
    /// Key of the discipline.
    pub discipline: String,
    /// What the specialty is called; empty for none.
    pub specialty: String,
    /// How many.
    pub members: i64,
}

text_enum! {
    /// What became of a moderator's wish to know who asked a case.
    OpeningState {
        /// It waits for another moderator.
        Asked = "asked",
        /// Another one agreed: both see the name.
        Opened = "opened",
        /// It was refused, or taken back.
        Refused = "refused",
        /// Nobody agreed in time.
        Lapsed = "lapsed",
    }
}

/// A moderator's wish to know who asked a case, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = case_openings)]
pub struct CaseOpening {
    /// Its id.
    pub id: CaseOpeningId,
    /// The case.
    pub post_id: PostId,
    /// Its group.
    pub group_id: AccountId,
    /// The moderator who wants to know.
    pub asked_by: AccountId,
    /// Why.
    pub reason: String,
    /// Since when.
    pub asked_at: DateTime<Utc>,
    /// Where it stands.
    pub state: OpeningState,
    /// The moderator who agreed or refused.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
}
