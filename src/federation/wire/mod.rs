//! The shapes of documents on the wire, read leniently and written strictly. No behaviour, no I/O.
//!
//! Documents are JSON, not JSON-LD: matched on names and types; a string, an object or a list is taken wherever
//! other servers send one for the other; what is unknown is passed over.

pub mod activity;
pub mod actor;
pub mod actor_token;
pub mod audience;
pub mod case;
pub mod collection;
pub mod group;
pub mod held;
pub mod interests;
pub mod log;
pub mod note;
pub mod order;
pub mod ranking;
pub mod source;
mod statement;
pub mod struck;
pub mod synchronization;
pub mod terms;
pub mod topic;
pub mod value;
pub mod waiting;

/// `as:Public`.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// Why a document is of no use to us; for the log, never quoting it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub &'static str);
