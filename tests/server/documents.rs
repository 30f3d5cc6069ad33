//! Documents captured from other servers are read, or refused in words; none is a fault of ours.

use std::path::PathBuf;

use consilium::federation::wire;
use serde_json::{Value, json};

use crate::harness::{Cluster, Options, Stranger};

/// Where documents are that other programs have sent; none where nobody has put them there.
pub fn vectors() -> Option<PathBuf> {
    let folder = std::env::var_os("CONSILIUM_VECTORS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/vectors")), PathBuf::from)
        .join("activities");
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("NOT RUN: no captured documents at {} (set CONSILIUM_VECTORS)", folder.display());
    None
}

/// A document that another program has sent, with other names in it; none where nobody has put it there.
pub fn captured(path: &str, names: &[(&str, &str)]) -> Option<Value> {
    let text = std::fs::read_to_string(vectors()?.join(path)).unwrap();
    let text = names.iter().fold(text, |text, (was, now)| text.replace(was, now));
    Some(serde_json::from_str(&text).unwrap())
}

fn documents(folder: &PathBuf) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            out.extend(documents(&entry.path()));
        } else if entry.path().extension().is_some_and(|e| e == "json") {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            if let Ok(body) = serde_json::from_str(&text) {
                out.push((entry.path().display().to_string(), body));
            }
        }
    }
    out
}

#[test]
fn people_and_posts_of_other_programs_are_understood() {
    let Some(folder) = vectors() else { return };
    let all = documents(&folder);
    assert!(all.len() > 250, "only {} documents", all.len());
    let (mut people, mut posts, mut refused) = (0, 0, Vec::new());
    for (name, body) in &all {
        let object = if body.get("object").is_some_and(Value::is_object) { &body["object"] } else { body };
        if wire::actor::kind(object).is_some() {
            match wire::actor::read(object) {
                Ok(actor) => {
                    assert!(!actor.username.is_empty());
                    people += 1;
                }
                Err(why) => refused.push(format!("{name}: {why}")),
            }
        } else if wire::note::kind(object).is_some() {
            match wire::note::read(object, None) {
                Ok(note) => {
                    assert!(!note.html.contains("<script") && !note.html.contains("onerror="), "{name}");
                    posts += 1;
                }
                Err(why) => refused.push(format!("{name}: {why}")),
            }
        }
    }
    eprintln!("{people} actors and {posts} posts read, {} refused", refused.len());
    assert!(
        people >= 29 && posts >= 76 && refused.len() <= 50,
        "{people} actors, {posts} posts; refused: {refused:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_other_programs_send_is_taken_and_never_a_fault() {
    let Some(folder) = vectors() else { return };
    let eve = Stranger::at("eve.test").await;
    let mut cluster = Cluster::with(&["alpha.test"], &[("eve.test", eve.address)], Options::default()).await;
    cluster.expect_dead_letters();
    let alpha = cluster.get("alpha.test");
    for (n, (name, mut body)) in documents(&folder).into_iter().enumerate() {
        if !body.is_object() {
            continue;
        }
        body["id"] = format!("http://eve.test/activities/{n}").into();
        body["actor"] = eve.actor().into();
        let status = eve.deliver(alpha, &body).await;
        assert!(status == 202 || status == 400, "{name}: {status}");
    }
    cluster.settle().await;
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "after", eve.note("after", "Still standing"))).await, 202);
    cluster.settle().await;
    assert!(alpha.clinician("ada").await.get("/?tab=all").await.says("Still standing"));
}

/// Numbers that are the same in every run of a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// Drops, retypes or deepens one member of a document, somewhere in it.
fn mutate(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(members) if !members.is_empty() && dice.roll(3) > 0 => {
            let key = members.keys().nth(dice.roll(members.len())).unwrap().clone();
            match dice.roll(4) {
                0 => drop(members.remove(&key)),
                _ => mutate(members.get_mut(&key).unwrap(), dice),
            }
        }
        Value::Array(items) if !items.is_empty() && dice.roll(3) > 0 => {
            let at = dice.roll(items.len());
            mutate(&mut items[at], dice);
        }
        other => {
            *other = match dice.roll(9) {
                0 => Value::Null,
                1 => json!(dice.roll(1_000_000)),
                2 => json!(true),
                3 => json!("\u{202e}\u{fffd}<b>&\u{1}"),
                4 => json!([other.clone(), other.clone()]),
                5 => json!({ "id": other.clone(), "type": other.clone() }),
                6 => json!("x".repeat(5_000)),
                7 => (0..50).fold(other.clone(), |inner, _| json!([inner])),
                _ => json!("http://alpha.test/users/ada"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_spoiled_activities_are_no_fault_and_hold_up_nothing() {
    let eve = Stranger::at("eve.test").await;
    let mut cluster = Cluster::with(&["alpha.test"], &[("eve.test", eve.address)], Options::default()).await;
    cluster.expect_dead_letters();
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let post = format!("http://alpha.test/users/ada/posts/{}", ada.post("A word", "public").await);
    let mut note = eve.note("1", "Words");
    note["tag"] = json!([{ "type": "Mention", "href": "http://alpha.test/users/ada", "name": "@ada" }, { "type": "Hashtag", "name": "#ecg" }]);
    note["attachment"] = json!([{ "type": "Document", "url": "http://eve.test/x.png", "name": "An ECG" }]);
    note["contentMap"] = json!({ "en": "<p>Words</p>" });
    note["inReplyTo"] = json!(post);
    note["replies"] = json!({ "type": "Collection", "first": { "type": "CollectionPage", "items": [] } });
    let follow = eve.activity("Follow", "f", json!("http://alpha.test/users/ada"));
    let sound = [
        eve.activity("Create", "c", note.clone()),
        eve.activity("Update", "u", note.clone()),
        eve.activity("Delete", "d", json!({ "id": note["id"], "type": "Tombstone" })),
        eve.activity("Update", "p", eve.person("eve")),
        eve.activity("Like", "l", json!(post)),
        eve.activity("Announce", "a", json!(post)),
        eve.activity("Undo", "o", follow.clone()),
        eve.activity("Accept", "y", follow.clone()),
        eve.activity("Reject", "n", follow.clone()),
        follow,
    ];
    let seed = 20_261_125;
    let mut dice = Dice(seed);
    for n in 0..1_000 {
        let mut body = sound[n % sound.len()].clone();
        for _ in 0..=dice.roll(3) {
            mutate(&mut body, &mut dice);
        }
        // Most get past the door, to be spoiled further in.
        if let Some(members) = body.as_object_mut().filter(|_| n % 5 > 0) {
            members.insert("id".into(), json!(format!("http://eve.test/spoiled/{n}")));
            members.insert("actor".into(), json!(eve.actor()));
        }
        let status = eve.deliver(alpha, &body).await.as_u16();
        assert!(matches!(status, 202 | 400 | 401), "seed {seed}, {n}: {status} for {body}");
    }
    cluster.settle().await;
    let faults = consilium::service::dead_letters::list(
        &alpha.ctx,
        &consilium::policy::Viewer::Account { id: consilium::model::AccountId(1), role: consilium::model::Role::Admin },
        &consilium::service::Page::first(80),
    )
    .await
    .unwrap();
    let ours: Vec<_> =
        faults.items.iter().filter(|l| l.reason.contains("internal") || l.reason.contains("report")).collect();
    assert!(ours.is_empty(), "{ours:?}");
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "after", eve.note("after", "Still standing"))).await, 202);
    // What failed for now is tried again and given up in its turn.
    for _ in 0..8 {
        cluster.pass(chrono::TimeDelta::days(1));
        cluster.settle().await;
    }
    ada.sign_in("ada", crate::harness::cluster::PASSWORD).await;
    assert!(ada.get("/?tab=all").await.says("Still standing"));
}
