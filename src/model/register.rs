use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::{SnapshotId, text_enum::text_enum};
use crate::schema::{register_entries, register_snapshots};

text_enum! {
    /// Where the copy of a register stands.
    SnapshotState {
        /// Being read.
        Loading = "loading",
        /// In use.
        Current = "current",
        /// A newer one is in use.
        Replaced = "replaced",
        /// Could not be read.
        Failed = "failed",
    }
}

/// The copy of a register as of a day.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = register_snapshots)]
pub struct Snapshot {
    /// Its id.
    pub id: SnapshotId,
    /// Key of the register.
    pub register: String,
    /// The day it is of.
    pub taken_on: NaiveDate,
    /// Name of the file.
    pub file_name: String,
    /// Where it stands.
    pub state: SnapshotState,
    /// Entries taken.
    pub rows: i64,
    /// Lines that could not be read as one.
    pub refused: i64,
    /// Progress, in bytes.
    pub bytes_read: i64,
    /// Of how many; 0 where that is not known.
    pub bytes_total: i64,
    /// Re-checks that it opened.
    pub rechecks: i64,
    /// Why it failed.
    pub error: String,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// Last sign of progress.
    pub beat_at: DateTime<Utc>,
    /// When it was finished.
    pub finished_at: Option<DateTime<Utc>>,
}

/// One practitioner in the copy of a register.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = register_entries)]
pub struct RegisterEntry {
    /// As registered.
    pub family_name: String,
    /// As registered.
    pub given_names: String,
    /// The family name without case, marks and whatever is no letter.
    pub family_folded: String,
    /// The given names, likewise.
    pub given_folded: String,
    /// Key of the discipline; empty where the register does not say.
    pub discipline: String,
    /// NUCC codes, or the register's own words where it has no codes.
    pub specialties: Vec<String>,
    /// The register's own word.
    pub status: String,
    /// Whether they may practise.
    pub active: bool,
    /// Until when.
    pub valid_until: Option<NaiveDate>,
    /// Conditions on the registration; empty for none.
    pub conditions: String,
}
