use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{CustomEmoji, stamp};
use crate::model::{self, PostCard};

/// A poll.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Poll {
    /// That of its post.
    id: String,
    expires_at: Option<String>,
    expired: bool,
    multiple: bool,
    votes_count: i64,
    voters_count: Option<i64>,
    options: Vec<Choice>,
    emojis: Vec<CustomEmoji>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voted: Option<bool>,
    /// Places of the viewer's choices, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_votes: Option<Vec<i16>>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct Choice {
    title: String,
    /// Not known while the totals are hidden.
    votes_count: Option<i64>,
}

/// `Poll` of a card; `signed_in` where somebody looks.
pub(in crate::api) fn poll(
    card: &PostCard,
    asked: &model::Poll,
    signed_in: bool,
    own: bool,
    now: DateTime<Utc>,
) -> Poll {
    let expired = asked.ended(now);
    let hidden = asked.hide_totals && !expired;
    Poll {
        id: card.post.id.to_string(),
        expires_at: asked.ends_at.map(stamp),
        expired,
        multiple: asked.multiple,
        votes_count: asked.votes(),
        voters_count: asked.voters_count,
        options: asked
            .options
            .iter()
            .map(|o| Choice { title: o.title.clone(), votes_count: (!hidden).then_some(o.votes) })
            .collect(),
        emojis: Vec::new(),
        voted: signed_in.then_some(own || !asked.own.is_empty()),
        own_votes: signed_in.then(|| asked.own.clone()),
    }
}
