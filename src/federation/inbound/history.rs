//! What a group of another server has shown before: listed by the group, and taken in from where it lives like all that it hands on.

use std::collections::HashSet;

use activitypub_federation::fetch::fetch_object_http;
use serde_json::Value;
use url::Url;

use super::activity::said_in;
use crate::{
    error::{Error, Result},
    federation::{
        FedData, Federation,
        wire::{self, value},
    },
    model::{Account, Group},
    service::{groups, pins, remote, urls},
    text::handle,
};

/// Discussions that are asked for.
const DISCUSSIONS: usize = 50;
/// Posts that are asked for, answers counted.
const POSTS: usize = 200;
/// Pages of the list that are read.
const PAGES: usize = 10;

/// A post that a group says it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    /// Its ActivityPub id.
    uri: String,
    /// What it answers, where the group says so.
    answers: Option<String>,
    /// The group says that nobody answers it any more.
    ended: bool,
}

/// Asks a group for what it has shown before and what stands on top of it, and takes in what is not here. One server that is away
/// does not keep the posts of others.
pub(in crate::federation) async fn catch_up(federation: &Federation, place: &(Account, Group)) -> Result<()> {
    let data = federation.to_request_data();
    let (group, _) = place;
    let pinned = on_top(&data, group).await?;
    let mut wanted = list(&data, group).await?;
    let is_listed = |uri: &str| wanted.iter().any(|one| one.uri == uri);
    let more: Vec<Listed> = pinned.iter().filter(|uri| !is_listed(uri.as_str())).map(|uri| named(uri)).collect();
    wanted.extend(more);
    // What is answered comes before its answers.
    wanted.reverse();
    let settled =
        groups::settled_among(&data.ctx, group.id, wanted.iter().map(|one| one.uri.clone()).collect()).await?;
    let (mut away, mut trouble) = (HashSet::new(), Ok(()));
    for one in wanted.iter().filter(|one| !settled.contains(&one.uri) && !urls::is_ours(&data.ctx, &one.uri)) {
        let host = value::host(&one.uri).unwrap_or_default();
        if away.contains(&host) {
            continue;
        }
        // Fresh data for each: fetches are counted per post.
        match take(&federation.to_request_data(), place, one).await {
            Ok(()) => {}
            Err(error) if error.is_passing() => {
                away.insert(host);
                trouble = Err(error);
            }
            Err(error) => tracing::debug!(group = %group.id, %error, "a post of a group is not taken in"),
        }
    }
    groups::stand_on_top(&data.ctx, group, pinned).await?;
    trouble
}

/// Takes in one post. What answers something that is not here in the group is left where it is, and so is what says itself that it
/// answers something else than the group says.
async fn take(data: &FedData, place: &(Account, Group), one: &Listed) -> Result<()> {
    if let Some(parent) = &one.answers {
        let parent = remote::post_by_uri(&data.ctx, parent).await?;
        if parent.is_none_or(|parent| parent.group_id != Some(place.0.id) || parent.deleted_at.is_some()) {
            return Ok(());
        }
    }
    let Some((_, post)) = said_in(data, place, &one.uri).await? else { return Ok(()) };
    if post.reply_to != one.answers {
        return Ok(());
    }
    groups::came_late(&data.ctx, &place.0, post, one.ended).await
}

/// What stands on top of a group: ids, the first one uppermost. Of one that does not say so, nothing does.
async fn on_top(data: &FedData, group: &Account) -> Result<Vec<String>> {
    let most = usize::try_from(pins::MOST).unwrap_or(0);
    match fetch(data, group, &format!("{}/featured", group.uri)).await {
        Ok(collection) => Ok(wire::collection::item_ids(&collection, most)),
        Err(error) if error.is_passing() => Err(error),
        Err(_) => Ok(Vec::new()),
    }
}

/// The newest discussions of a group and their answers, newest first, within bounds.
async fn list(data: &FedData, group: &Account) -> Result<Vec<Listed>> {
    let Some(outbox) = &group.outbox else { return Ok(Vec::new()) };
    let collection = match fetch(data, group, outbox).await {
        Ok(collection) => collection,
        Err(error) if error.is_passing() => return Err(error),
        Err(_) => return Ok(Vec::new()),
    };
    let mut page = match collection.get("first") {
        None | Some(Value::Null) => collection,
        Some(Value::String(address)) => fetch(data, group, address).await?,
        Some(first) => first.clone(),
    };
    let mut all = Vec::new();
    for _ in 0..PAGES {
        all.extend(entries(&page));
        let discussions = all.iter().filter(|one: &&Listed| one.answers.is_none()).count();
        let next = value::id(&page, "next").map(ToOwned::to_owned);
        let Some(next) = next.filter(|_| discussions < DISCUSSIONS && all.len() < POSTS) else { break };
        page = fetch(data, group, &next).await?;
    }
    cut(&mut all);
    Ok(all)
}

/// The posts that stand in a collection or on a page of one: by id, or inside of what the group says of them.
fn entries(page: &Value) -> Vec<Listed> {
    let items = ["orderedItems", "items"].into_iter().flat_map(|key| value::list(page, key));
    items.filter_map(listed).take(POSTS).collect()
}

fn listed(item: &Value) -> Option<Listed> {
    let mut one = item;
    // An Announce of a Create of a post, or less.
    for _ in 0..2 {
        match one.get("object") {
            Some(inner) if wire::note::kind(one).is_none() => one = inner,
            _ => break,
        }
    }
    let uri = value::id_of(one).filter(|uri| value::host(uri).is_some())?.to_owned();
    let answers = value::id(one, "inReplyTo").map(ToOwned::to_owned);
    Some(Listed { uri, answers, ended: one.get("commentsEnabled") == Some(&Value::Bool(false)) })
}

fn named(uri: &str) -> Listed {
    Listed { uri: uri.to_owned(), answers: None, ended: false }
}

/// Leaves so many posts, and nothing below the last discussion that is asked for.
fn cut(all: &mut Vec<Listed>) {
    all.truncate(POSTS);
    let opening = all.iter().enumerate().filter(|(_, one)| one.answers.is_none());
    if let Some((last, _)) = opening.take(DISCUSSIONS).last() {
        all.truncate(last + 1);
    }
}

/// A document of a group: nothing of it stands on another server.
async fn fetch(data: &FedData, group: &Account, address: &str) -> Result<Value> {
    let url = Url::parse(address).map_err(|_| Error::refused("", "a list that is at no address"))?;
    if handle::host_of(&url) != group.host {
        return Err(Error::refused("", "a list of a group on another server"));
    }
    Ok(fetch_object_http::<_, Value>(&url, data).await?.object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_post_is_found_however_its_group_lists_it() {
        let uri = "https://b.example/posts/1";
        let page = json!({ "orderedItems": [
            uri,
            { "type": "Page", "id": uri },
            { "type": "Announce", "object": uri },
            { "type": "Announce", "object": { "type": "Page", "id": uri } },
            { "type": "Announce", "object": { "type": "Create", "id": "https://b.example/1/activity", "object": { "type": "Page", "id": uri } } },
            { "type": "Announce", "object": 7 },
        ] });
        let found: Vec<String> = entries(&page).into_iter().map(|one| one.uri).collect();
        assert_eq!(found, [uri; 5]);
        let answer = json!({ "type": "Announce", "object": { "type": "Note", "id": uri, "inReplyTo": "https://a.example/1", "commentsEnabled": false } });
        let read = listed(&answer).unwrap();
        assert_eq!((read.answers.as_deref(), read.ended), (Some("https://a.example/1"), true));
    }

    #[test]
    fn the_last_discussion_that_is_asked_for_ends_the_list() {
        let answer = Listed { answers: Some("x".into()), ..named("y") };
        let mut all = Vec::new();
        for n in 0..60 {
            all.extend([answer.clone(), named(&format!("https://b.example/{n}"))]);
        }
        cut(&mut all);
        assert_eq!(all.len(), 2 * DISCUSSIONS);
        assert_eq!(all.last().unwrap().uri, "https://b.example/49");
    }
}
