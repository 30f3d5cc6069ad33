use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::text_enum::text_enum;

text_enum! {
    /// What moderators of a group do that crosses servers.
    OrderKind {
        /// Remove a post.
        RemovePost = "remove_post",
        /// Take that back.
        Restore = "restore",
        /// Let a post be seen that waits.
        Release = "release",
        /// Keep somebody out.
        Ban = "ban",
        /// End that.
        Unban = "unban",
        /// End a discussion.
        Lock = "lock",
        /// Open it again.
        Unlock = "unlock",
        /// Put a post on top.
        Pin = "pin",
        /// Take it off there.
        Unpin = "unpin",
        /// Make a member a moderator.
        Appoint = "appoint",
        /// Make a moderator a member again.
        Dismiss = "dismiss",
        /// Let somebody in who has asked.
        Admit = "admit",
        /// Refuse a request, or remove a member.
        Refuse = "refuse",
        /// Close a report.
        Resolve = "resolve",
    }
}

/// What a moderator orders in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What.
    pub kind: OrderKind,
    /// ActivityPub id of whom or what it is about.
    pub object: String,
    /// Why.
    pub reason: String,
    /// When a ban ends; none for good.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Order {
    /// An order without a reason.
    pub fn new(kind: OrderKind, object: &str) -> Self {
        Self { kind, object: object.to_owned(), reason: String::new(), ends_at: None }
    }

    /// The same for a reason.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self { reason: reason.to_owned(), ..self }
    }
}
