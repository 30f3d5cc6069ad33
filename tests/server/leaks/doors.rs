//! Through which doors is asked: every route that answers a GET, read from the source, and what else can be asked of some of them.

use super::things::{Place, Said};

/// What can be asked of pages beyond their address.
const PAGES: [&str; 16] = [
    "/@{handle:[^/]+}?replies=1",
    "/authorize_interaction?uri={uri}",
    "/authorize_interaction?uri={group-uri}",
    "/cases/new?choose=yes",
    "/cases?group={group}",
    "/cases?show=all",
    "/cases?show=open",
    "/compose?reply_to={id}",
    "/groups/{handle:[^/]+}?what=cases",
    "/groups/{handle:[^/]+}?what=talk",
    "/groups?q=needle",
    "/report?person={group}",
    "/report?person={owner}&post={id}",
    "/search?q=needle",
    "/search?q=nothing",
    "/search?q={uri}",
];

/// The same of the client API.
const CALLS: [&str; 15] = [
    "/api/v1/accounts/familiar_followers?id%5B%5D={group}",
    "/api/v1/accounts/lookup?acct={group-handle}",
    "/api/v1/accounts/relationships?id%5B%5D={group}",
    "/api/v1/accounts/search?q=needle",
    "/api/v1/accounts/search?q={group-handle}",
    "/api/v1/accounts/{owner}/statuses?exclude_replies=false&limit=40",
    "/api/v1/accounts/{owner}/statuses?only_media=true",
    "/api/v1/accounts/{owner}/statuses?pinned=true",
    "/api/v1/accounts/{group}/statuses",
    "/api/v1/accounts?id%5B%5D={group}",
    "/api/v1/statuses?id%5B%5D={id}",
    "/api/v2/search?q=needle&resolve=false",
    "/api/v2/search?q=nothing&resolve=false",
    "/api/v2/search?q={group-uri}&resolve=true",
    "/api/v2/search?q={uri}&resolve=true",
];

/// The same of documents for servers.
const DOCUMENTS: [&str; 7] = [
    "/.well-known/webfinger?resource=acct:{group-handle}@alpha.test",
    "/consilium/copies?of={uri}",
    "/users/{name}/followers?is_follower={uri}",
    "/users/{name}/followers?page=first",
    "/users/{name}/following?page=first",
    "/users/{name}/outbox?page=first",
    "/users/{name}/posts/{id}/replies?page=0",
];

/// What a route is written as, and what is asked for in its place.
#[derive(Debug, Clone)]
pub(super) struct Door {
    pub(super) pattern: String,
    pub(super) paths: Vec<String>,
}

/// Patterns of what can be asked for in a room's list of routes.
fn routes(source: &str) -> Vec<String> {
    let pattern = |line: &str| {
        let (_, rest) = line.split_once(".route(\"")?;
        let (pattern, rest) = rest.split_once('"')?;
        rest.contains("get()").then(|| pattern.to_owned())
    };
    let mut all: Vec<String> = source.lines().filter_map(pattern).filter(|one| !one.contains("sign-out")).collect();
    all.dedup();
    all
}

fn open(patterns: Vec<String>, more: &[&str], said: &[Said]) -> Vec<Door> {
    let all = patterns.into_iter().chain(more.iter().map(|one| (*one).to_owned()));
    all.map(|pattern| Door { paths: fill(&pattern, said), pattern }).collect()
}

/// Pages, as they are asked for on a server that knows these things.
pub(super) fn pages(said: &[Said]) -> Vec<Door> {
    let routes = routes(include_str!("../../../src/web/mod.rs"));
    assert!(routes.len() > 60, "the pages could not be read: {}", routes.len());
    open(routes, &PAGES, said)
}

/// Calls of the client API. `book` is the document that describes them.
pub(super) fn calls(book: &serde_json::Value, said: &[Said]) -> Vec<Door> {
    let paths = book["paths"].as_object().unwrap().iter();
    let asked = paths.filter(|(path, acts)| acts.get("get").is_some() && !path.contains("streaming"));
    let routes: Vec<String> = asked.map(|(path, _)| path.clone()).collect();
    assert!(routes.len() > 60, "the calls could not be read: {}", routes.len());
    open(routes, &CALLS, said)
}

/// Documents for servers.
pub(super) fn documents(said: &[Said]) -> Vec<Door> {
    let routes = routes(include_str!("../../../src/federation/mod.rs"));
    assert!(routes.len() > 20, "the documents could not be read: {}", routes.len());
    open(routes, &DOCUMENTS, said)
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What a pattern can stand for where something of these groups is meant.
fn fill(pattern: &str, said: &[Said]) -> Vec<String> {
    if !pattern.contains('{') {
        return vec![pattern.to_owned()];
    }
    if pattern.contains("{kind}") {
        return ["follows", "blocks", "mutes", "hosts"].map(|kind| pattern.replace("{kind}", kind)).to_vec();
    }
    let mut all = Vec::new();
    for one in said {
        for (id, post) in asked_about(pattern, one) {
            for name in names(pattern, one, &post) {
                all.push(written(pattern, one, id, &post, &name));
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Which ids of a group's stand in a pattern, each with a post.
fn asked_about(pattern: &str, said: &Said) -> Vec<(i64, Place)> {
    // One kind is asked for by everything that it has, the others by what they discuss; and where more is asked about a post than
    // to read it, one of those kinds is enough that are alike.
    let reads = pattern.ends_with("{id}");
    let posts: Vec<&Place> = match said.kind {
        'c' if reads => said.posts(),
        'c' => [&said.case].into_iter().chain(&said.unnamed).collect(),
        'l' | 'i' if !reads => Vec::new(),
        _ => vec![&said.case],
    };
    let first = said.case.clone();
    let group = |id: i64| vec![(id, first.clone())];
    let is = |words: &[&str]| words.iter().any(|word| pattern.contains(word));
    if is(&["drafts"]) {
        return said.draft.map(|draft| group(draft.0)).unwrap_or_default();
    }
    if is(&["media"]) {
        return said.picture.as_ref().map(|picture| group(picture.0.0)).unwrap_or_default();
    }
    if is(&["posts", "statuses", "cases", "/@", "{uri}", "reply_to", "post="]) {
        return posts.into_iter().map(|post| (post.id.0, post.clone())).collect();
    }
    if is(&["accounts", "people", "members", "requests", "{group", "{owner}"]) {
        return vec![(said.group.0, first.clone()), (said.owner.0, first.clone())];
    }
    // Where an id is of something else, it leads nowhere: once is enough.
    if is(&["groups", "users", "tags", "{name}", "{hashtag}", "{tag}"]) || said.kind == 'c' {
        return group(first.id.0);
    }
    Vec::new()
}

/// What stands for a name in a pattern.
fn names(pattern: &str, said: &Said, post: &Place) -> Vec<String> {
    if pattern.starts_with("/groups") {
        return vec![said.handle.clone()];
    }
    if pattern.contains("tags") || pattern.contains("{hashtag}") || pattern.contains("timelines/tag") {
        return vec![format!("a{}tag", said.kind)];
    }
    if pattern.contains("media") {
        return said.picture.iter().map(|picture| picture.1.clone()).collect();
    }
    if pattern.contains("{id") && (pattern.contains("posts") || pattern.starts_with("/@")) {
        return vec![post.by.clone()];
    }
    vec![said.handle.clone(), post.by.clone()]
}

fn written(pattern: &str, said: &Said, id: i64, post: &Place, name: &str) -> String {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some((before, hole)) = rest.split_once('{') {
        let (hole, after) = hole.split_once('}').unwrap();
        path.push_str(before);
        match hole.split(':').next().unwrap() {
            "handle" | "name" | "hashtag" | "tag" | "acct" => path.push_str(name),
            "uri" => path.push_str(&encoded(&post.uri)),
            "group" => path.push_str(&said.group.to_string()),
            "group-uri" => path.push_str(&encoded(&said.uri)),
            "group-handle" => path.push_str(&said.handle),
            "owner" => path.push_str(&said.owner.to_string()),
            "version" => path.push_str("2.1"),
            _ => path.push_str(&id.to_string()),
        }
        rest = after;
    }
    path.push_str(rest);
    path
}
