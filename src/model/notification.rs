use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Author, NotificationId, PostId, text_enum::text_enum};

text_enum! {
    /// What happened.
    NotificationKind {
        /// Somebody follows you.
        Follow = "follow",
        /// Somebody asks to follow you.
        FollowRequest = "follow_request",
        /// Somebody mentioned you.
        Mention = "mention",
        /// Somebody answered you.
        Reply = "reply",
        /// Somebody likes your post.
        Like = "like",
        /// Somebody boosted your post.
        Boost = "boost",
    }
}

/// Something that happened to one of our people.
#[derive(Debug, Clone, Queryable)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// What.
    pub kind: NotificationKind,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Who did it.
    pub from: Author,
    /// Which post it is about.
    pub post_id: Option<PostId>,
}
