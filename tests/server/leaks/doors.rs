//! Through which doors is asked: every route that answers a GET, read from the source, and what else can be asked of some of them.

use std::collections::BTreeMap;

use super::things::{Inside, Picture, Place, Said, Signs};

/// What can be asked of pages beyond their address.
const PAGES: [&str; 17] = [
    "/@{handle:[^/]+}?replies=1",
    "/authorize_interaction?uri={uri}",
    "/authorize_interaction?uri={group-uri}",
    "/cases/new?choose=yes",
    "/cases?group={group}",
    "/cases?show=all",
    "/cases?show=open",
    "/compose?draft={draft}",
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
    "/api/v1/statuses?id%5B%5D={ids}",
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

/// What is asked of other servers about a group that is not theirs.
const COPIES: &str = "/consilium/copies?of={uri}";
const OBJECTS: [&str; 2] = ["/users/{name}/posts/{id}", "/users/{name}/posts/{id}/activity"];

/// Of numbers that are no post's, no group's and nobody's, which all lead nowhere, one is asked for.
const OF_OTHERS: [&str; 14] = [
    "/admin/sign-ups",
    "/api/v1/filters",
    "/api/v1/lists",
    "/api/v1/notifications",
    "/api/v1/timelines/list",
    "/api/v2/filters",
    "/api/v2/notifications",
    "/assets",
    "/attestations",
    "/audit",
    "/credentials",
    "/desk",
    "/lists",
    "/settings/second-factor",
];

/// What a route is written as, and what is asked for in its place.
#[derive(Debug, Clone)]
pub(super) struct Door {
    pub(super) pattern: String,
    pub(super) asks: Vec<Ask>,
}

/// One address that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) path: String,
    /// The kind of group whose things it names.
    kind: Option<char>,
    /// The picture that it is the address of, by its letter.
    picture: Option<char>,
}

impl Ask {
    /// What is heard of it in an answer with a status, of a media type, with a text.
    pub(super) fn heard(&self, signs: &Signs, (status, mime, text): (u16, &str, &str)) -> Vec<String> {
        let mut all = signs.heard(text);
        let Some(kind) = self.kind else { return all };
        let mut say = |thing: char, is_said: bool| all.extend(is_said.then(|| format!("{thing}{kind}")));
        if let Some(picture) = self.picture {
            say(picture, status == 200 && mime.starts_with("image/"));
        }
        let is_listed = |host: &str| text.contains(&format!("<span class=\"name\">{host}</span>"));
        say('C', text.contains("a copy: ") || ["beta.test", "gamma.test", "member.test"].into_iter().any(is_listed));
        say('C', status == 200 && self.path.starts_with("/consilium/copies"));
        say('Y', text.contains("t should not have been posted."));
        say('Z', text.contains("This case was withdrawn"));
        all
    }
}

/// Patterns of what can be asked for in a room's list of routes, by whether that answers a POST.
fn routes(source: &str, posts: bool) -> Vec<String> {
    let pattern = |line: &str| {
        let (_, rest) = line.split_once(".route(\"")?;
        let (pattern, rest) = rest.split_once('"')?;
        (rest.contains("post()") == posts).then(|| pattern.to_owned())
    };
    let mut all: Vec<String> = source.lines().filter_map(pattern).filter(|one| !one.contains("sign-out")).collect();
    all.dedup();
    all
}

fn open(patterns: Vec<String>, more: &[&str], said: &[Said]) -> Vec<Door> {
    let all = patterns.into_iter().chain(more.iter().map(|one| (*one).to_owned()));
    all.map(|pattern| Door { asks: fill(&pattern, said), pattern }).collect()
}

/// Patterns of pages, by whether they answer a POST.
pub(super) fn page_routes(posts: bool) -> Vec<String> {
    let rooms = [include_str!("../../../src/web/mod.rs"), include_str!("../../../src/web/house.rs")];
    rooms.map(|source| routes(source, posts)).concat()
}

/// Pages, as they are asked for on a server that knows these things.
pub(super) fn pages(said: &[Said]) -> Vec<Door> {
    let routes = page_routes(false);
    assert!(routes.len() > 60, "the pages could not be read: {}", routes.len());
    open(routes, &PAGES, said)
}

/// Calls of the client API that are made with a method. `book` is the document that describes them.
pub(super) fn called(book: &serde_json::Value, method: &str) -> Vec<String> {
    let paths = book["paths"].as_object().unwrap().iter();
    let asked = paths.filter(|(path, acts)| acts.get(method).is_some() && !path.contains("streaming"));
    asked.map(|(path, _)| path.clone()).collect()
}

/// Those that only ask.
pub(super) fn calls(book: &serde_json::Value, said: &[Said]) -> Vec<Door> {
    let routes = called(book, "get");
    assert!(routes.len() > 60, "the calls could not be read: {}", routes.len());
    open(routes, &CALLS, said)
}

/// Documents for servers.
pub(super) fn documents(said: &[Said]) -> Vec<Door> {
    let routes = routes(include_str!("../../../src/federation/mod.rs"), false);
    assert!(routes.len() > 20, "the documents could not be read: {}", routes.len());
    open(routes, &DOCUMENTS, said)
}

/// Documents of a server on which there is a member, or was one: whether it has copies, and what its own people wrote.
pub(super) fn documents_elsewhere(said: &[Said]) -> Vec<Door> {
    let own = |one: &Said| {
        let written = one.abroad.iter().find(|place| !place.by.contains('@'));
        bare(&Said { case: written.unwrap_or(&one.case).clone(), ..one.clone() })
    };
    let own: Vec<Said> = said.iter().map(own).collect();
    let objects = OBJECTS.map(|pattern| Door { pattern: pattern.to_owned(), asks: fill(pattern, &own) });
    let copies = Door { pattern: COPIES.to_owned(), asks: fill(COPIES, said) };
    objects.into_iter().chain([copies]).collect()
}

/// A group of which only its case is asked for.
fn bare(said: &Said) -> Said {
    let case = &said.case;
    Said {
        answer: case.clone(),
        farewell: case.clone(),
        poll: case.clone(),
        unnamed: None,
        withdrawn: case.clone(),
        removed: case.clone(),
        abroad: Vec::new(),
        pictures: Vec::new(),
        inside: None,
        ..said.clone()
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What a pattern can stand for where something of these groups is meant: each address once.
pub(super) fn fill(pattern: &str, said: &[Said]) -> Vec<Ask> {
    let plain = |path: String| Ask { path, kind: None, picture: None };
    if !pattern.contains('{') {
        return vec![plain(pattern.to_owned())];
    }
    if pattern.contains("{kind}") {
        return ["follows", "blocks", "mutes", "hosts"].map(|kind| plain(pattern.replace("{kind}", kind))).to_vec();
    }
    if pattern.contains("hosts/{name}") {
        return vec![plain(pattern.replace("{name}", "beta.test"))];
    }
    let mut all = BTreeMap::new();
    for group in said {
        for one in meant(pattern, group) {
            let ask = Ask { path: one.written(pattern, group), kind: Some(group.kind), picture: one.picture };
            all.entry(ask.path.clone()).or_insert(ask);
        }
    }
    all.into_values().collect()
}

/// What the holes of a pattern stand for, once.
#[derive(Debug, Clone)]
struct Meant {
    id: i64,
    /// A second number: of a picture of a draft or a case.
    within: i64,
    uri: String,
    name: String,
    picture: Option<char>,
}

impl Meant {
    fn post(place: &Place) -> Self {
        Self { id: place.id.0, within: 0, uri: place.uri.clone(), name: place.by.clone(), picture: None }
    }

    fn number(id: i64, said: &Said) -> Self {
        Self { id, ..Self::post(&said.case) }
    }

    /// The file of a picture, or what its owner reads of it.
    fn picture(one: &Picture, said: &Said) -> Self {
        Self { name: one.file.clone(), picture: Some(one.thing), ..Self::number(one.id.0, said) }
    }

    fn written(&self, pattern: &str, said: &Said) -> String {
        let mut path = String::new();
        let mut rest = pattern;
        while let Some((before, hole)) = rest.split_once('{') {
            let (hole, after) = hole.split_once('}').unwrap();
            path.push_str(before);
            match hole.split(':').next().unwrap() {
                "handle" | "name" | "hashtag" | "tag" | "acct" => path.push_str(&self.name),
                "uri" => path.push_str(&encoded(&self.uri)),
                "group" => path.push_str(&said.group.to_string()),
                "group-uri" => path.push_str(&encoded(&said.uri)),
                "group-handle" => path.push_str(&said.handle),
                "owner" | "person" => path.push_str(&said.owner.to_string()),
                "version" => path.push_str("2.1"),
                "picture" => path.push_str(&self.within.to_string()),
                "reply" => path.push_str(&said.answer.id.to_string()),
                "edit" => path.push_str(&said.inside.as_ref().map_or(0, |inside| inside.version).to_string()),
                "ids" => {
                    let ids: Vec<String> = said.posts().into_iter().map(|place| place.id.to_string()).collect();
                    path.push_str(&ids.join("&id%5B%5D="));
                }
                _ => path.push_str(&self.id.to_string()),
            }
            rest = after;
        }
        path.push_str(rest);
        path
    }
}

/// What a pattern means in a group, with every name that can stand in it.
fn meant(pattern: &str, said: &Said) -> Vec<Meant> {
    let with_names = |one: Meant| {
        let named = |name: String| Meant { name, ..one.clone() };
        names(pattern, said, &one).into_iter().map(named).collect::<Vec<Meant>>()
    };
    let known = kept(pattern, said).or_else(|| of_posts(pattern, said));
    known.unwrap_or_else(|| of_people(pattern, said)).into_iter().flat_map(with_names).collect()
}

/// What is kept of a group: pictures, drafts, what waits; none where a pattern means none of it.
fn kept(pattern: &str, said: &Said) -> Option<Vec<Meant>> {
    let has = |word: &str| pattern.contains(word);
    let number = |id: i64| Meant::number(id, said);
    let inside = said.inside.as_ref();
    let each = |of: &dyn Fn(&Inside) -> Vec<Meant>| Some(inside.map(of).unwrap_or_default());
    if has("/media/{") {
        return Some(said.pictures.iter().map(|one| Meant::picture(one, said)).collect());
    }
    // Nobody but who is about to post it looks at such a one.
    if pattern == "/pictures/{id}" {
        return Some(
            said.pictures.iter().filter(|one| one.thing == 'K').map(|one| Meant::picture(one, said)).collect(),
        );
    }
    if has("/cases/drafts/{") {
        let picture = has("{picture}").then_some('d');
        return each(&|it: &Inside| vec![Meant { within: it.draft_picture.0, picture, ..number(it.draft.0) }]);
    }
    if has("/cases/review/{") {
        let waits = said.pictures.iter().find(|one| one.thing == 'P').map_or(0, |one| one.id.0);
        let picture = has("{picture}").then_some('P');
        return each(&|it: &Inside| vec![Meant { within: waits, picture, ..Meant::post(&it.waiting) }]);
    }
    if has("draft={draft}") {
        return each(&|it: &Inside| vec![number(it.kept.0), number(it.left.0)]);
    }
    if has("scheduled") {
        return each(&|it: &Inside| vec![number(it.scheduled.0), number(it.kept.0)]);
    }
    if has("/admin/reports/{") {
        return each(&|it: &Inside| vec![number(it.report.0)]);
    }
    if OF_OTHERS.iter().any(|other| pattern.starts_with(other)) {
        return Some(if said.kind == 'c' { vec![number(said.case.id.0)] } else { Vec::new() });
    }
    None
}

/// Which posts a pattern means; none where it means none. Whatever reads a post is asked for all that there is; what does more
/// with one, for those that it is made for, and in the closed group for one without a name as well.
fn of_posts(pattern: &str, said: &Said) -> Option<Vec<Meant>> {
    let has = |words: &[&str]| words.iter().any(|word| pattern.contains(word));
    let of_accounts = pattern.starts_with("/api/v1/accounts/{");
    if of_accounts || !has(&["posts", "statuses", "polls", "/cases/{", "/@", "{uri}", "reply_to", "post={id}"]) {
        return None;
    }
    let unnamed = said.unnamed.iter().filter(|_| said.kind == 'c');
    let closed = [&said.answer].into_iter().filter(|_| said.kind == 'c');
    let inside = said.inside.iter();
    let reads = pattern.ends_with("/{id}") && !has(&["polls"]);
    let places: Vec<&Place> = if reads || (said.kind == 'c' && pattern.ends_with("={id}")) {
        said.posts()
    } else if has(&["{ids}"]) {
        vec![&said.case]
    } else if has(&["polls", "/vote"]) {
        vec![&said.poll]
    } else if has(&["/asker"]) {
        said.unnamed.iter().collect()
    } else if has(&["/recall", "copies?of"]) {
        [&said.case, &said.withdrawn].into_iter().chain(unnamed).collect()
    } else if has(&["/history", "/edit", "/source", "/delete"]) {
        [&said.answer].into_iter().chain([&said.case].into_iter().filter(|_| said.kind == 'c')).collect()
    } else if has(&["={id}", "/posts/{id}/remove", "/posts/{id}/release"]) {
        [&said.case].into_iter().chain(inside.map(|it| &it.held)).collect()
    } else {
        [&said.case].into_iter().chain(unnamed).chain(closed).collect()
    };
    Some(places.into_iter().map(Meant::post).collect())
}

/// Which accounts a pattern means, or what else; what means nothing of a group is asked for once.
fn of_people(pattern: &str, said: &Said) -> Vec<Meant> {
    let has = |words: &[&str]| words.iter().any(|word| pattern.contains(word));
    let number = |id: i64| Meant::number(id, said);
    let (group, owner) = (said.group.0, said.owner.0);
    let (quiet, asking) = said.inside.as_ref().map_or((owner, owner), |it| (it.quiet.0, it.asking.0));
    if has(&["/admin/groups/{"]) {
        return vec![number(group)];
    }
    if has(&["/groups/{handle:[^/]+}/members/{id}"]) {
        return vec![number(quiet)];
    }
    if has(&["/groups/{handle:[^/]+}/requests/{id}"]) {
        return vec![number(asking)];
    }
    if has(&["accounts", "people", "requests", "practitioners", "{group", "{owner}"]) {
        return vec![number(group), number(owner)];
    }
    if has(&["groups", "users", "tags", "{name}", "{hashtag}", "{tag}"]) || said.kind == 'c' {
        return vec![number(said.case.id.0)];
    }
    Vec::new()
}

/// What stands for a name in a pattern.
fn names(pattern: &str, said: &Said, meant: &Meant) -> Vec<String> {
    if pattern.starts_with("/groups") {
        return vec![said.handle.clone()];
    }
    if pattern.contains("tags") || pattern.contains("{hashtag}") || pattern.contains("timelines/tag") {
        return vec![format!("a{}tag", said.kind)];
    }
    let is_of_a_post = pattern.contains("{id") && (pattern.contains("posts") || pattern.starts_with("/@"));
    if meant.picture.is_some() || is_of_a_post {
        return vec![meant.name.clone()];
    }
    vec![said.handle.clone(), meant.name.clone()]
}
