//! People in lists, each with what the viewer can do about them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{
    layout::{Shell, Who},
    session::Visitor,
};
use crate::{
    error::Result,
    model::{Author, FollowState},
    service::follows,
};

/// Somebody as a row of a list.
#[derive(Debug, Clone)]
pub(super) struct PersonShown {
    /// Who.
    pub who: Who,
    /// The viewer may follow them.
    pub follow: bool,
    /// The viewer follows them.
    pub following: bool,
    /// The viewer has asked to.
    pub requested: bool,
    /// They ask to follow the viewer.
    pub asks: bool,
    /// The viewer may remove them as a follower.
    pub removable: bool,
}

impl PersonShown {
    /// Somebody without any button.
    pub(super) fn plain(author: &Author, now: DateTime<Utc>) -> Self {
        Self {
            who: Who::of(author, now),
            follow: false,
            following: false,
            requested: false,
            asks: false,
            removable: false,
        }
    }

    /// Somebody who waits for an answer.
    pub(super) fn asking(author: &Author, now: DateTime<Utc>) -> Self {
        Self { asks: true, ..Self::plain(author, now) }
    }
}

/// People with a button each: follow, following, or asked.
pub(super) async fn shown(visitor: &Visitor, shell: &Shell, authors: &[Author]) -> Result<Vec<PersonShown>> {
    let ids = authors.iter().map(|a| a.id).collect();
    let followed: HashMap<_, _> =
        follows::followed_of(&visitor.ctx, &visitor.viewer(), ids).await?.into_iter().collect();
    let me = shell.me.as_ref().map(|me| me.id);
    Ok(authors
        .iter()
        .map(|author| {
            let state = followed.get(&author.id);
            PersonShown {
                follow: me.is_some() && me != Some(author.id) && state.is_none(),
                following: state == Some(&FollowState::Accepted),
                requested: state == Some(&FollowState::Pending),
                ..PersonShown::plain(author, shell.now)
            }
        })
        .collect())
}
