use diesel::prelude::*;

use super::{AccountId, FollowId, text_enum::text_enum};
use crate::schema::follows;

text_enum! {
    /// Where a follow stands.
    FollowState {
        /// Asked, not answered.
        Pending = "pending",
        /// Agreed.
        Accepted = "accepted",
        /// Agreed, of a group of ours; without effect as long as it does not admit the server of whoever follows it.
        Barred = "barred",
    }
}

impl FollowState {
    /// A request may be accepted; an accepted follow ends, or is without effect for a while.
    pub fn may_become(self, next: Self) -> bool {
        matches!((self, next), (Self::Pending | Self::Barred, Self::Accepted) | (Self::Accepted, Self::Barred))
    }
}

/// Somebody follows, or asks to follow, somebody.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = follows)]
pub struct Follow {
    /// Its id.
    pub id: FollowId,
    /// Who follows.
    pub follower_id: AccountId,
    /// Whom.
    pub target_id: AccountId,
    /// Where it stands.
    pub state: FollowState,
    /// ActivityPub id of the Follow.
    pub uri: String,
}
