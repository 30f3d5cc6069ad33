//! What is said in groups, looked for through every door of the house by everybody who might stand there, in one table. The doors
//! are read from the source, so that a new one cannot be forgotten.

use std::collections::BTreeMap;

use consilium::{
    model::{
        Admission, CaseDraft, ConsentBasis, ConsentScope, DraftConsent, GroupKind, MediaId, PostId, Premoderation,
        Review, Role, SectionKey,
    },
    policy::Viewer,
    service::{
        cases,
        groups::{self, GroupForm, Wish},
        posts,
    },
};
use serde_json::Value;

use crate::harness::{App, Browser, Cluster, Instance, Stranger};

const KINDS: [(GroupKind, char); 4] =
    [(GroupKind::Open, 'o'), (GroupKind::Verified, 'v'), (GroupKind::Closed, 'c'), (GroupKind::Local, 'l')];

/// Somebody at the door, with a browser and with an app.
struct Asker {
    name: &'static str,
    browser: Browser,
    app: Option<App>,
    /// Whether what is for members is for them.
    inside: bool,
}

/// What was said in a group of each kind, and where.
struct Said {
    kind: char,
    group: i64,
    handle: String,
    question: PostId,
    answer: PostId,
    picture: MediaId,
    file: String,
}

fn form(kind: char) -> GroupForm {
    GroupForm {
        name: format!("Group {kind}"),
        about: "For those who look after hearts.".into(),
        rules: String::new(),
        welcome: format!("w{kind}needle"),
        topics: String::new(),
        admission: Admission::Free,
        premoderation: Premoderation::None,
        review: Review::Kept,
        level: 0,
        disciplines: Vec::new(),
        specialties: Vec::new(),
        issuers: String::new(),
    }
}

fn new_post(kind: char, word: char) -> posts::NewPost {
    posts::NewPost {
        // Whoever is named and is no member reads nothing of it all the same.
        text: format!("{word}{kind}needle and nothing for @stranger, @former and @member, see #{word}{kind}tag"),
        language: "en".into(),
        ..posts::NewPost::default()
    }
}

/// A group with a case that has a picture, an answer and an outcome, a removed post and a ban.
async fn say(alpha: &Instance, kind: GroupKind, letter: char, people: &BTreeMap<&str, Viewer>) -> Said {
    let ctx = &alpha.ctx;
    let (owner, member) = (&people["owner"], &people["member"]);
    let handle = format!("{}group", kind.as_str());
    let group = groups::found(ctx, owner, &handle, kind, &form(letter)).await.unwrap();
    for name in ["member", "former", "banned"] {
        groups::join(ctx, &people[name], group, &Wish::default()).await.unwrap();
    }
    let draft = cases::start(ctx, owner, group).await.unwrap();
    let written = CaseDraft {
        question: format!("t{letter}needle"),
        sections: vec![(SectionKey::History, format!("q{letter}needle and nothing before."))],
        consent: DraftConsent {
            basis: Some(ConsentBasis::NotIdentifiable),
            scope: Some(ConsentScope::Public),
            ..DraftConsent::default()
        },
        ..CaseDraft::default()
    };
    cases::save(ctx, owner, draft, written).await.unwrap();
    let png = crate::api::pictures::drawn(40, 30, image::ImageFormat::Png);
    let picture = cases::add_picture(ctx, owner, draft, png.into(), &format!("p{letter}needle")).await.unwrap();
    cases::look(ctx, owner, draft, picture, true).await.unwrap();
    let question = cases::publish(ctx, owner, draft).await.unwrap();
    let picture = posts::read(ctx, owner, question).await.unwrap().media.0[0].clone();
    let answer = posts::NewPost { reply_to: Some(question), ..new_post(letter, 'a') };
    let answer = posts::publish(ctx, member, answer).await.unwrap();
    cases::add_outcome(ctx, owner, question, &format!("o{letter}needle")).await.unwrap();
    let removed = posts::NewPost { title: "Off topic".into(), group: Some(group), ..new_post(letter, 'x') };
    let removed = posts::publish(ctx, member, removed).await.unwrap();
    groups::remove_post(ctx, owner, removed, &format!("r{letter}needle")).await.unwrap();
    groups::leave(ctx, &people["former"], group).await.unwrap();
    let banned = people["banned"].account().unwrap();
    groups::ban(ctx, owner, group, banned, &format!("b{letter}needle"), None).await.unwrap();
    Said { kind: letter, group: group.0, handle, question, answer, picture: picture.id, file: picture.name }
}

/// Which of the words that were said stand in an answer: "qc" is the question in the closed group.
fn heard(text: &str) -> Vec<String> {
    let mut all: Vec<String> = text
        .match_indices("needle")
        .filter_map(|(at, _)| text.get(at.checked_sub(2)?..at))
        .map(ToOwned::to_owned)
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Patterns of what can be asked for in a room's list of routes.
fn doors(source: &str) -> Vec<String> {
    let pattern = |line: &str| {
        let (_, rest) = line.split_once(".route(\"")?;
        let (pattern, rest) = rest.split_once('"')?;
        rest.contains("get()").then(|| pattern.to_owned())
    };
    source.lines().filter_map(pattern).collect()
}

/// What a pattern can stand for where something of these groups is meant.
fn fill(pattern: &str, said: &[Said]) -> Vec<String> {
    let holes = pattern.matches('{').count();
    if holes == 0 {
        return vec![pattern.to_owned()];
    }
    let mut out = Vec::new();
    for one in said {
        let all = [one.question.0, one.group, one.answer.0, one.picture.0];
        // Two kinds are asked for by everything that they have, two by what they discuss.
        let ids = if matches!(one.kind, 'c' | 'v') { all.as_slice() } else { &all[..2] };
        for id in ids {
            let mut path = String::new();
            let mut rest = pattern;
            while let Some((before, hole)) = rest.split_once('{') {
                let (name, after) = hole.split_once('}').unwrap();
                path.push_str(before);
                let name = name.split(':').next().unwrap();
                match name {
                    "handle" | "name" if pattern.starts_with("/groups") => path.push_str(&one.handle),
                    "handle" => path.push_str("owner"),
                    "name" if pattern.contains("media") => path.push_str(&one.file),
                    "name" if pattern.contains("tags") => path.push_str(&format!("q{}tag", one.kind)),
                    "name" => path.push_str(&one.handle),
                    "hashtag" => path.push_str(&format!("q{}tag", one.kind)),
                    _ => path.push_str(&id.to_string()),
                }
                rest = after;
            }
            path.push_str(rest);
            if !out.contains(&path) {
                out.push(path);
            }
        }
    }
    out
}

async fn api_doors(app: &App) -> Vec<String> {
    let document = app.get("/api/openapi.json").await.body;
    let paths = document["paths"].as_object().unwrap().iter();
    let asked = |(path, acts): (&String, &Value)| {
        (acts.get("get").is_some() && !path.contains("streaming")).then(|| path.clone())
    };
    paths.filter_map(asked).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_in_a_group_is_heard_by_those_it_is_for_and_through_no_other_door() {
    let cluster = Cluster::with(
        &["alpha.test"],
        &[],
        crate::harness::Options {
            config: "[limits]\ncalls_per_five_minutes = 0\n".into(),
            ..crate::harness::Options::default()
        },
    )
    .await;
    let alpha = cluster.get("alpha.test");
    let roles = [
        ("public", Role::Public),
        ("stranger", Role::Clinician),
        ("former", Role::Clinician),
        ("banned", Role::Clinician),
        ("member", Role::Clinician),
        ("owner", Role::Clinician),
        ("moddy", Role::Moderator),
        ("rooty", Role::Admin),
    ];
    let mut people = BTreeMap::new();
    let mut askers = vec![Asker { name: "anonymous", browser: alpha.browser(), app: None, inside: false }];
    for (name, role) in roles {
        let browser = alpha.person(name, role).await;
        let id = consilium::service::accounts::by_username(&alpha.ctx, name).await.unwrap().id;
        people.insert(name, Viewer::Account { id, role });
        let app = App::of(alpha, name, "read write follow push").await;
        askers.push(Asker { name, browser, app: Some(app), inside: matches!(name, "member" | "owner") });
    }
    let mut said = Vec::new();
    for (kind, letter) in KINDS {
        said.push(say(alpha, kind, letter, &people).await);
    }
    let web = doors(include_str!("../../src/web/mod.rs"));
    let api = api_doors(askers[1].app.as_ref().unwrap()).await;
    assert!(web.len() > 60 && api.len() > 60, "the doors could not be read: {} and {}", web.len(), api.len());

    let mut table = BTreeMap::<String, Vec<String>>::new();
    let mut wrong = Vec::new();
    let count = askers.len();
    for (at, asker) in askers.iter_mut().enumerate() {
        for pattern in web.iter().filter(|pattern| !pattern.contains("sign-out")) {
            for path in fill(pattern, &said) {
                let page = asker.browser.get(&path).await;
                note(&mut table, &mut wrong, pattern, at, count, asker, heard(&page.html));
            }
        }
        // What is searched for stands in the box again, so it is a word that gives nothing away.
        for query in ["nothing", "Group"] {
            let page = asker.browser.get(&format!("/search?q={query}")).await;
            note(&mut table, &mut wrong, "/search?q=…", at, count, asker, heard(&page.html));
        }
        if let Some(app) = &asker.app {
            for pattern in &api {
                for path in fill(pattern, &said) {
                    let text = app.get(&path).await.body.to_string();
                    note(&mut table, &mut wrong, pattern, at, count, asker, heard(&text));
                }
            }
            let text = app.get("/api/v2/search?q=nothing&resolve=false").await.body.to_string();
            note(&mut table, &mut wrong, "/api/v2/search?q=…", at, count, asker, heard(&text));
        }
        for one in &said {
            let page = asker.browser.get(&format!("/media/{}", one.file)).await;
            let seen = if page.status == 200 { vec![format!("p{}", one.kind)] } else { Vec::new() };
            note(&mut table, &mut wrong, "the picture itself", at, count, asker, seen);
        }
    }
    let mails = alpha.mails().join("\n");
    assert_eq!(heard(&mails), Vec::<String>::new(), "a mail tells what was said: {mails}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let names: Vec<String> = askers.iter().map(|asker| format!("{:<26}", asker.name)).collect();
    let mut text = format!("{:<56}{}\n", "", names.concat());
    for (door, cells) in table {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<26}")).collect();
        text.push_str(format!("{door:<56}{}", cells.concat()).trim_end());
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

/// Adds what somebody heard at a door to the table; what they should not have heard is wrong.
fn note(
    table: &mut BTreeMap<String, Vec<String>>,
    wrong: &mut Vec<String>,
    door: &str,
    at: usize,
    count: usize,
    asker: &Asker,
    words: Vec<String>,
) {
    for word in &words {
        let (thing, kind) = word.split_at(1);
        let for_members = matches!(kind, "c" | "l") || matches!(thing, "w");
        // A reason is told to whom it concerns, and what one wrote oneself one reads.
        let own = (thing == "b" && asker.name == "banned") || (thing == "w" && kind == "o");
        let clinicians = kind == "v" && matches!(asker.name, "anonymous" | "public");
        if (for_members && !asker.inside && !own) || clinicians {
            wrong.push(format!("{} hears {word} at {door}", asker.name));
        }
    }
    if words.is_empty() {
        return;
    }
    let row = table.entry(door.to_owned()).or_insert_with(|| vec![String::new(); count]);
    let mut all: Vec<&str> = row[at].split(' ').filter(|word| !word.is_empty()).collect();
    all.extend(words.iter().map(String::as_str));
    all.sort_unstable();
    all.dedup();
    row[at] = all.join(" ");
}

/// Which servers get what: one with a member, one whose member has left, one that is blocked, one that has nothing to do with it.
#[tokio::test(flavor = "multi_thread")]
async fn servers_get_what_is_for_their_members_and_no_more() {
    let other = Stranger::at("other.test").await;
    let blocked = Stranger::at("blocked.test").await;
    let others = [("other.test", other.address), ("blocked.test", blocked.address)];
    let cluster =
        Cluster::with(&["alpha.test", "beta.test", "gamma.test"], &others, crate::harness::Options::default()).await;
    let alpha = cluster.get("alpha.test");
    let mut people = BTreeMap::new();
    for name in ["owner", "member", "former", "banned", "stranger"] {
        people.insert(name, alpha.account(name, Role::Clinician).await);
    }
    let block = consilium::model::HostState::Blocked;
    consilium::service::hosts::decide_by_operator(&alpha.ctx, "blocked.test", block, "").await.unwrap();
    let said = say(alpha, GroupKind::Closed, 'c', &people).await;
    let bo = cluster.get("beta.test").account("bo", Role::Clinician).await;
    let cy = cluster.get("gamma.test").account("cy", Role::Clinician).await;
    for (host, who, leaves) in [("beta.test", &bo, false), ("gamma.test", &cy, true)] {
        let ctx = &cluster.get(host).ctx;
        let there = ctx.remote().unwrap().account(&said.handle, "alpha.test").await.unwrap();
        groups::join(ctx, who, there, &Wish::default()).await.unwrap();
        cluster.settle().await;
        if leaves {
            groups::leave(ctx, who, there).await.unwrap();
            cluster.settle().await;
        }
    }
    let later = posts::NewPost {
        title: "tcneedle".into(),
        group: Some(consilium::model::AccountId(said.group)),
        ..new_post('c', 'q')
    };
    let later = posts::publish(&alpha.ctx, &people["owner"], later).await.unwrap();
    cluster.settle().await;
    let uri = posts::raw(&alpha.ctx, later).await.unwrap().uri;
    let at = |host: &str| cluster.get(host).ctx.clone();
    assert!(posts::by_uri(&at("beta.test"), &uri).await.unwrap().is_some(), "beta has a member");
    assert!(posts::by_uri(&at("gamma.test"), &uri).await.unwrap().is_none(), "the member of gamma has left");

    let mut heard_by = Vec::new();
    for pattern in doors(include_str!("../../src/federation/mod.rs")) {
        for path in fill(&pattern, std::slice::from_ref(&said)) {
            let path = path.replace("closedgroup/posts", "owner/posts");
            for server in [&other, &blocked] {
                let (status, body) = server.get_as(alpha, &server.actor(), &path).await;
                for word in heard(&body.to_string()) {
                    heard_by.push(format!("{} hears {word} at {path}: {status}", server.host));
                }
            }
        }
    }
    for server in [&other, &blocked] {
        for words in ["needle", "closedgroup"] {
            assert!(!server.was_told(words), "{} was told of {words}", server.host);
        }
    }
    assert!(heard_by.is_empty(), "{}", heard_by.join("\n"));
}
