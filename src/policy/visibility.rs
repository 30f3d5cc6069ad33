//! May this viewer read this post? The same rule stands in SQL in `store::visible`; a test pits the two.

use super::Viewer;
use crate::model::{AccountId, Visibility};

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
}

/// The one read policy (R7).
pub fn may_view(viewer: &Viewer, facts: &Facts) -> bool {
    if facts.gone || (facts.blocked && viewer.account().is_some()) {
        return false;
    }
    if facts.visibility.is_open() || viewer.account() == Some(facts.author) {
        return true;
    }
    let by_account =
        viewer.account().is_some() && (facts.mentioned || (facts.visibility == Visibility::Followers && facts.follows));
    let by_host = viewer.whole_host().is_some()
        && (facts.host_mentioned || (facts.visibility == Visibility::Followers && facts.host_follows));
    by_account || by_host
}
