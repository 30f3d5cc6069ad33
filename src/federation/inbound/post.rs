//! New posts: which may be taken as they came, and which have to be fetched from their own server (R4).

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use crate::{
    error::Result,
    federation::{FedData, objects, wire},
    model::Account,
    service::remote::{self, RemotePost},
    text::handle,
};

/// The post of a plain `Create` by its own author, on the author's server; none for anything else. `groups` are the open
/// groups of ours, and posts in them, that are spoken of (see [`spoken_of`]).
pub(super) fn plain(
    activity: &Value,
    author: &Account,
    data: &FedData,
    groups: &HashSet<String>,
) -> Option<RemotePost> {
    // What is in a group goes through the group.
    if wire::value::kind(activity) != "Create" || activity.pointer("/object/audience").is_some() {
        return None;
    }
    if !groups.is_empty() && spoken_of(activity, data).iter().any(|uri| groups.contains(uri)) {
        return None;
    }
    believable(activity.get("object")?, author, data)
}

/// Addresses of ours that a new post is sent to or names, and what it answers.
pub(super) fn spoken_of(activity: &Value, data: &FedData) -> Vec<String> {
    let Some(object) = activity.get("object").filter(|_| wire::value::kind(activity) == "Create") else {
        return Vec::new();
    };
    let origin = data.ctx.config.instance.origin();
    let parent = wire::value::id(object, "inReplyTo").map(ToOwned::to_owned);
    named(object).into_iter().filter(|uri| uri.starts_with(&origin)).chain(parent).collect()
}

/// Whom a post is sent to or names: ActivityPub ids.
pub(super) fn named(object: &Value) -> Vec<String> {
    let sent = ["to", "cc"].into_iter().flat_map(|key| wire::value::ids(object, key));
    let tags = wire::value::list(object, "tag").into_iter().filter(|tag| wire::value::is(tag, "Mention"));
    sent.chain(tags.filter_map(|tag| wire::value::text(tag, "href").map(ToOwned::to_owned))).collect()
}

/// A post that came inside an activity of its author counts only if it and the author are of one server and the
/// author is the only one named.
pub(super) fn believable(object: &Value, author: &Account, data: &FedData) -> Option<RemotePost> {
    let host = |address: &str| Url::parse(address).ok().and_then(|u| handle::host_of(&u));
    let same_host = wire::value::text(object, "id").and_then(host).is_some_and(|h| author.host.as_ref() == Some(&h));
    let by_author = object.get("attributedTo").and_then(Value::as_str) == Some(author.uri.as_str());
    if !same_host || !by_author || author.state != crate::model::AccountState::Active {
        return None;
    }
    objects::with_author(object, author, data, false).ok()
}

/// What these posts answer and we do not have, nor will have with them.
pub(super) async fn unknown_parents(
    data: &FedData,
    posts: impl Iterator<Item = &RemotePost> + Clone,
) -> Result<HashSet<String>> {
    let coming: HashSet<&str> = posts.clone().map(|p| p.uri.as_str()).collect();
    let mut parents: HashSet<String> =
        posts.filter_map(|p| p.reply_to.clone()).filter(|p| !coming.contains(p.as_str())).collect();
    if parents.is_empty() {
        return Ok(parents);
    }
    for known in remote::known_posts(&data.ctx, parents.iter().cloned().collect()).await? {
        parents.remove(&known);
    }
    Ok(parents)
}
