use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{AccountId, DeadLetterId, DeliveryId, HostId, Order, OutboxId, PostId, ReceivedId, text_enum::text_enum};
use crate::schema::{dead_letters, outbox, received};

/// What other servers are to be told. Carries what its rendering needs and later rows no longer tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A post was published; `again` where its group did not take it before: an activity is taken once.
    Create {
        post: PostId,
        #[serde(default)]
        again: bool,
    },
    /// A post was edited.
    Update { post: PostId },
    /// A post was deleted.
    Delete { post: PostId },
    /// A post was liked.
    Like { post: PostId, uri: String },
    /// A like was taken back.
    Unlike { post: PostId, uri: String },
    /// A post was boosted; `boost` is the boost's own row.
    Boost { boost: PostId },
    /// A boost was taken back.
    Unboost { boost: PostId },
    /// Somebody asks to follow; `reason` is for the moderators of a group, `invitation` is the code of a link of theirs.
    Follow {
        target: AccountId,
        uri: String,
        #[serde(default)]
        reason: String,
        #[serde(default)]
        invitation: String,
    },
    /// A follow was withdrawn.
    Unfollow { target: AccountId, uri: String },
    /// A follow of ours was accepted by us; `uri` is the Follow's.
    Accept { follower: AccountId, uri: String },
    /// A follow request was rejected, or a follower removed; `reason` is that of the moderators of a group.
    Reject {
        follower: AccountId,
        uri: String,
        #[serde(default)]
        reason: String,
    },
    /// Somebody voted on a poll of another server; places count from 0.
    Vote { post: PostId, place: i16 },
    /// Votes on a poll of ours were counted.
    PollCounts { post: PostId },
    /// Somebody ranked the options of a case in a group of another server: places of options, the first choice first.
    Ballot { post: PostId, ranks: Vec<i16> },
    /// Ballots of a case in a group of ours were counted.
    Ranked { post: PostId },
    /// A post was put on top of its author's page.
    Pin { post: PostId },
    /// It was taken off there.
    Unpin { post: PostId },
    /// Somebody was blocked.
    Block { target: AccountId, uri: String },
    /// A block was taken back.
    Unblock { target: AccountId, uri: String },
    /// Something is reported to the server it comes from; the reporter is not named.
    Flag { target: AccountId, posts: Vec<PostId>, comment: String, uri: String },
    /// What a member of a group sent to it is handed on to the others, as it came; `post` is the post that it tells.
    HandOn {
        activity: String,
        #[serde(default)]
        post: Option<PostId>,
    },
    /// A post of somebody of another server waits for the moderators of a group of ours: its author's server is told.
    Held { post: PostId },
    /// A group of ours did not take a post of somebody of another server: the server is told why. `uri` is the post, `activity`
    /// what it came in.
    Refuse { author: AccountId, uri: String, activity: String, reason: String },
    /// A moderator of a group removed a post.
    Remove { post: PostId, reason: String },
    /// A server that still has a case which was taken back is told once more.
    Recall { post: PostId, host: HostId },
    /// Somebody (`by`) leads a group: one of ours tells its members, one of another server is asked to do it.
    Order { group: AccountId, by: AccountId, order: Order },
    /// Posts in a group are reported to those who lead it (`to`); the reporter is not named.
    Report { group: AccountId, posts: Vec<PostId>, comment: String, uri: String, to: Vec<AccountId> },
    /// Something waits in a group of ours, or waits no more: those who lead it from other servers are told how much does.
    Waiting,
    /// A profile changed.
    Profile,
    /// An account was deleted.
    Leave,
}

/// An event that waits to be rendered and handed out.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct OutboxRow {
    /// Its id.
    pub id: OutboxId,
    /// Whose deed.
    pub account_id: AccountId,
    /// An [`Event`].
    pub event: serde_json::Value,
    /// Tries so far.
    pub attempts: i32,
}

/// One inbox that an event has to reach.
#[derive(Debug, Clone, Queryable)]
pub struct Delivery {
    /// Its id; the order within a host.
    pub id: DeliveryId,
    /// The host.
    pub host_id: HostId,
    /// Where to.
    pub inbox: String,
    /// Who signs.
    pub account_id: AccountId,
    /// The event.
    pub outbox_id: OutboxId,
    /// It is for the followers of this account alone.
    pub followers_of: Option<AccountId>,
}

/// An activity that was taken in.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = received)]
pub struct Received {
    /// Its id; the order within an actor.
    pub id: ReceivedId,
    /// Who signed it.
    pub actor: String,
    /// The bytes as they came.
    pub body: String,
    /// Tries so far.
    pub attempts: i32,
}

text_enum! {
    /// Which way a dead letter was going.
    Direction {
        /// To us.
        In = "in",
        /// From us.
        Out = "out",
    }
}

/// What could not be delivered or understood.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = dead_letters)]
pub struct DeadLetter {
    /// Its id.
    pub id: DeadLetterId,
    /// Which way.
    pub direction: Direction,
    /// The other server.
    pub host: String,
    /// Who sent it.
    pub actor: String,
    /// Where it was going.
    pub inbox: Option<String>,
    /// Our account that signs, outgoing only.
    pub outbox_account_id: Option<AccountId>,
    /// The activity; of one that is withheld no more than its id and its type.
    pub body: String,
    /// Why it died.
    pub reason: String,
    /// When.
    pub created_at: chrono::DateTime<chrono::Utc>,
    /// The post of whose end it tells.
    pub ended_post_id: Option<PostId>,
    /// The post that it tells.
    pub post_id: Option<PostId>,
    /// What it said was for a group alone, and is not kept.
    pub withheld: bool,
}
