//! May this viewer read this post? The same rule stands in SQL in `store::visible`; a test pits the two.

use super::Viewer;
use crate::model::{AccountId, Held, Visibility};

/// What must be known of a post and a viewer to decide.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Who wrote it.
    pub author: AccountId,
    /// Who it is for.
    pub visibility: Visibility,
    /// It was deleted, or its author takes no part any more.
    pub gone: bool,
    /// The author has blocked the viewer's account.
    pub blocked: bool,
    /// The viewer's account follows the author, accepted.
    pub follows: bool,
    /// The viewer's account is mentioned.
    pub mentioned: bool,
    /// Somebody on the viewer's server follows the author, accepted.
    pub host_follows: bool,
    /// Somebody on the viewer's server is mentioned.
    pub host_mentioned: bool,
    /// Whether it waits for a moderator or for a second member, or its group did not take it.
    pub held: Held,
    /// The viewer's account is a member of the group that it is in.
    pub member: bool,
    /// Somebody on the viewer's server is.
    pub host_member: bool,
    /// The viewer leads that group.
    pub moderator: bool,
    /// That group is for all verified servers, and the viewer is one of our practitioners or a server that we trust.
    pub verified_reader: bool,
}

/// The one read policy (R7).
pub fn may_view(viewer: &Viewer, facts: &Facts) -> bool {
    if facts.gone || (facts.blocked && viewer.account().is_some()) {
        return false;
    }
    let to_moderators = facts.moderator && facts.held != Held::Refused;
    if facts.held != Held::No && viewer.account() != Some(facts.author) && !to_moderators {
        return false;
    }
    if facts.visibility.is_open() || viewer.account() == Some(facts.author) {
        return true;
    }
    if facts.visibility == Visibility::Group {
        return facts.member || facts.host_member || facts.verified_reader;
    }
    let by_account =
        viewer.account().is_some() && (facts.mentioned || (facts.visibility == Visibility::Followers && facts.follows));
    let by_host = viewer.whole_host().is_some()
        && (facts.host_mentioned || (facts.visibility == Visibility::Followers && facts.host_follows));
    by_account || by_host
}
