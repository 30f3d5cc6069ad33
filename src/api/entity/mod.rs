//! The contract's entities, built from views that were loaded in a fixed number of queries a page.

mod account;
mod status;

pub(super) use account::{account, credential_account, relationship, visibility};
pub(super) use status::statuses;

use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time: three digits of a second and Z, as clients parse it.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
