use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{AccountId, Review, text_enum::text_enum};
use crate::schema::groups;

text_enum! {
    /// Who a group is for.
    GroupKind {
        /// Everybody reads it, on every server; it speaks FEP-1b12.
        Open = "open",
        /// Signed-in practitioners of trusted servers read it, verified ones post.
        Verified = "verified",
        /// Its members alone, on whichever server they are.
        Closed = "closed",
        /// Its members alone, all of them here: nothing leaves this server.
        Local = "local",
    }
}

impl GroupKind {
    /// Whether what is posted in it is for its members alone.
    pub fn is_for_members(self) -> bool {
        matches!(self, Self::Closed | Self::Local)
    }

    /// Whether people of other servers belong to it, and not of all.
    pub fn chooses_hosts(self) -> bool {
        matches!(self, Self::Verified | Self::Closed)
    }
}

text_enum! {
    /// How somebody becomes a member.
    Admission {
        /// By asking.
        Free = "free",
        /// A moderator decides, and sees the badge and the reason.
        Request = "request",
        /// By a link that a moderator has made.
        Invitation = "invitation",
    }
}

text_enum! {
    /// What a moderator looks at before the group sees it.
    Premoderation {
        /// Nothing.
        None = "none",
        /// The first post of each member.
        First = "first",
        /// Every post.
        All = "all",
    }
}

text_enum! {
    /// What a member who leads a group is to it.
    GroupRole {
        /// Lets in, holds back, removes.
        Moderator = "moderator",
        /// The same, and appoints moderators and passes the group on.
        Owner = "owner",
    }
}

text_enum! {
    /// Why a post is seen by its author and the moderators alone.
    #[derive(Default)]
    Held {
        /// It is not held.
        #[default]
        No = "",
        /// A moderator looks at it first.
        Premoderation = "premoderation",
        /// It may identify a patient: it came from another server, or much of what is marked in it stays.
        Screening = "screening",
        /// A second verified member looks at it first.
        Review = "review",
        /// It is on its way to its group on another server, which has not shown it yet.
        Sent = "sent",
        /// Its group on another server has it, and a moderator there looks at it first.
        Waits = "waits",
        /// Its group did not take it, or its moderators sent it back: its author alone reads it.
        Refused = "refused",
    }
}

impl Held {
    /// Whether the group's own server, which is another one, has it or gets it, and has not shown it yet.
    pub fn is_with_group(self) -> bool {
        matches!(self, Self::Sent | Self::Waits)
    }

    /// Whether another server knows of it: what is held here was told to nobody.
    pub fn is_told(self) -> bool {
        self == Self::No || self.is_with_group()
    }
}

text_enum! {
    /// What moderators did, as the members read it.
    GroupDeed {
        /// Founded the group.
        Found = "found",
        /// Changed how it works.
        Change = "change",
        /// Let somebody in.
        Admit = "admit",
        /// Refused a request.
        Refuse = "refuse",
        /// Removed a member.
        RemoveMember = "remove_member",
        /// Banned somebody.
        Ban = "ban",
        /// Ended a ban.
        Unban = "unban",
        /// Made an invitation link.
        Invite = "invite",
        /// Made a member a moderator.
        Appoint = "appoint",
        /// Made a moderator a member again.
        Dismiss = "dismiss",
        /// Passed the group on.
        Transfer = "transfer",
        /// Let a post that was held be seen.
        Release = "release",
        /// Removed a post.
        RemovePost = "remove_post",
        /// Sent a post back to its author before the group saw it.
        ReturnPost = "return_post",
        /// Took the words out of an earlier version of a post.
        Strike = "strike",
        /// Ended a discussion.
        Lock = "lock",
        /// Opened it again.
        Unlock = "unlock",
        /// Put a post on top.
        Pin = "pin",
        /// Took it off there.
        Unpin = "unpin",
        /// Closed the group: it can be read and no more.
        Archive = "archive",
        /// Opened it again.
        Reopen = "reopen",
        /// Somebody no longer meets what the group asks of its members.
        Lapse = "lapse",
        /// Does not admit a server.
        RefuseHost = "refuse_host",
        /// Admits it again.
        AdmitHost = "admit_host",
        /// Looked at a case as the second member, and let it be seen.
        Review = "review",
        /// Looked at a case as the second member, and sent it back.
        SendBack = "send_back",
        /// Took a case back everywhere.
        Recall = "recall",
        /// Wants to know who asked a case without their name.
        AskOpening = "ask_opening",
        /// Agreed: two of them know it now.
        OpenAsker = "open_asker",
        /// Refused that, or took the wish back.
        RefuseOpening = "refuse_opening",
    }
}

/// How a group works; what it is called and what it is about stand with its account.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = groups, treat_none_as_null = true)]
pub struct Group {
    /// Its account.
    pub account_id: AccountId,
    /// Who it is for.
    pub kind: GroupKind,
    /// How somebody becomes a member.
    pub admission: Admission,
    /// What a moderator looks at first.
    pub premoderation: Premoderation,
    /// What posts can be about; none where there is no choice.
    pub topics: Vec<String>,
    /// Its rules, in Markdown.
    pub rules: String,
    /// What a new member reads, in Markdown.
    pub welcome: String,
    /// Least level of what is proven of a member, 0 to 4.
    pub level: i16,
    /// Disciplines (keys) that its members have; any where there are none.
    pub disciplines: Vec<String>,
    /// Specialties (NUCC codes) that its members have; any where there are none.
    pub specialties: Vec<String>,
    /// Hosts of institutions that stand by its members; any that we trust where there are none.
    pub issuers: Vec<String>,
    /// Since when it can only be read.
    pub archived_at: Option<DateTime<Utc>>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When a second member looks at a case first.
    pub review: Review,
}

/// What a group of another server says of how it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSaid {
    /// Who it is for.
    pub kind: GroupKind,
    /// How somebody becomes a member.
    pub admission: Admission,
    /// Its rules, in Markdown.
    pub rules: String,
    /// What a new member reads, in Markdown; none where that is not told.
    pub welcome: Option<String>,
    /// What posts can be about; none where that is not told.
    pub topics: Option<Vec<String>>,
    /// Least level of what is proven of a member, 0 to 4.
    pub level: i16,
    /// Disciplines (keys) that its members have.
    pub disciplines: Vec<String>,
    /// Specialties (NUCC codes) that its members have.
    pub specialties: Vec<String>,
    /// Hosts of institutions that stand by its members.
    pub issuers: Vec<String>,
    /// Since when it can only be read.
    pub archived_at: Option<DateTime<Utc>>,
}

/// How somebody stands to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Queryable)]
pub struct Membership {
    /// They are a member.
    pub member: bool,
    /// They have asked.
    pub asked: bool,
    /// They are banned now.
    pub banned: bool,
    /// They lead it.
    pub role: Option<GroupRole>,
}
