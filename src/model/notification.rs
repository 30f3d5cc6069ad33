use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Author, GroupDeed, NotificationId, PostId, text_enum::text_enum};

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
        /// A poll that you asked or voted on has ended.
        Poll = "poll",
        /// Somebody whose posts you want to be told of has posted.
        Post = "post",
        /// A post that you boosted was edited.
        Edit = "edit",
        /// Somebody asks for an account (moderators).
        SignUp = "sign_up",
        /// Somebody reports something (moderators).
        Report = "report",
        /// Something happened to a credential of yours.
        Credential = "credential",
        /// A credential waits at the desk (verifiers).
        Desk = "desk",
        /// There is word on opening a document at the desk (verifiers).
        Evidence = "evidence",
        /// A colleague opened a document alone, in an emergency (verifiers).
        Emergency = "emergency",
        /// There is word of a group that you belong to, or asked to join.
        Group = "group",
        /// Somebody, or a post, waits in a group that you lead.
        GroupDesk = "group_desk",
        /// There is word of a case that you asked, took part in, or follow.
        Case = "case",
        /// A case waits for a second look, which may be yours.
        CaseReview = "case_review",
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
    /// What was decided in a group, where that is what happened.
    pub deed: Option<GroupDeed>,
    /// Why; empty where nobody said.
    pub reason: String,
}
