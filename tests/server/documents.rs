//! Documents captured from other servers are read, or refused in words; none is a fault of ours.

use std::path::PathBuf;

use consilium::federation::wire;
use serde_json::Value;

use crate::harness::{Cluster, Options, Stranger};

fn vectors() -> Option<PathBuf> {
    let folder = std::env::var_os("CONSILIUM_VECTORS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/vectors")), PathBuf::from)
        .join("activities");
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("NOT RUN: no captured documents at {} (set CONSILIUM_VECTORS)", folder.display());
    None
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
