//! Every endpoint of the document, asked as `contract.txt` says, and its answers as the snapshots keep them.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use consilium::model::Role;
use image::ImageFormat;
use reqwest::Method;
use serde_json::{Value, json};

use super::pictures::drawn;
use crate::harness::{Answer, App, Cluster, Options, Stranger};

/// Endpoints whose answers are no JSON, or never end: other stories listen to them.
const NOT_ASKED: [&str; 3] =
    ["GET /api/v1/streaming", "GET /api/v1/streaming/{stream}", "GET /api/v1/streaming/health"];

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_answers_as_written_here() {
    let push = Stranger::at("push.test").await;
    let config = "[limits]\ncalls_per_five_minutes = 0\n".to_owned();
    let others = [("push.test", push.address)];
    let cluster = Cluster::with(&["alpha.test"], &others, Options { config, ..Options::default() }).await;
    let alpha = cluster.get("alpha.test");
    let mut people = BTreeMap::from([("nobody", App::new(alpha, ""))]);
    for name in ["ada", "bo", "carl"] {
        alpha.account(name, Role::Clinician).await;
        people.insert(name, App::of(alpha, name, "read write follow push").await);
    }
    let admin = alpha.account("rooty", Role::Admin).await;
    consilium::service::announcements::publish(&alpha.ctx, &admin, "Maintenance at ten", None, None).await.unwrap();
    let (pair, secret) = ece::generate_keypair_and_auth_secret().unwrap();
    let mut names = BTreeMap::from([
        ("p256dh".to_owned(), BASE64_URL_SAFE_NO_PAD.encode(pair.pub_as_raw().unwrap())),
        ("auth".to_owned(), BASE64_URL_SAFE_NO_PAD.encode(secret)),
        ("tomorrow".to_owned(), (alpha.ctx.now() + chrono::TimeDelta::days(1)).to_rfc3339()),
    ]);
    let mut chapters: Vec<(String, String)> = Vec::new();
    let (mut asked, mut wrong) = (BTreeSet::new(), Vec::new());
    for line in include_str!("contract.txt").lines().skip(1).filter(|line| !line.is_empty()) {
        if let Some(title) = line.strip_prefix("# ") {
            chapters.push((title.to_owned(), String::new()));
            continue;
        }
        let (said, learned) = line.split_once(" > ").unwrap_or((line, ""));
        let answer = ask(&people, &names, said).await;
        let refused = line.starts_with('!');
        if answer.status.is_success() == refused || answer.status.is_server_error() {
            wrong.push(format!("{line}: {} {}", answer.status, answer.body));
        }
        for (name, pointer) in learned.split_whitespace().filter_map(|word| word.split_once('=')) {
            let Some(value) = answer.body.pointer(pointer) else {
                wrong.push(format!("{line}: no {pointer} in {}", answer.body));
                continue;
            };
            names.insert(name.to_owned(), value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned));
        }
        let mut parts = said.trim_start_matches("! ").splitn(4, ' ').skip(1);
        let (method, path) = (parts.next().unwrap(), parts.next().unwrap());
        let method = if method == "FILE" { "POST" } else { method };
        asked.insert(format!("{method} {}", path.split('?').next().unwrap()));
        let shown = serde_json::to_string_pretty(&redacted("", answer.body)).unwrap();
        let text = &mut chapters.last_mut().unwrap().1;
        text.push_str(&format!("{line}\n{}\n{shown}\n\n", answer.status.as_u16()));
        cluster.settle().await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (title, text) in chapters {
        insta::assert_snapshot!(title.to_lowercase().replace(['\'', ','], "").replace(' ', "_"), text);
    }
    let book = people["nobody"].get("/api/openapi.json").await.body;
    let left: Vec<String> = endpoints(&book).filter(|one| !asked.iter().any(|a| is_one(one, a))).collect();
    assert!(left.iter().all(|one| NOT_ASKED.contains(&one.as_str())), "not asked: {left:#?}");
}

async fn ask(people: &BTreeMap<&str, App>, names: &BTreeMap<String, String>, said: &str) -> Answer {
    let mut said = said.trim_start_matches("! ").to_owned();
    for (name, value) in names {
        said = said.replace(&format!("{{{name}}}"), value);
    }
    let mut parts = said.splitn(4, ' ');
    let (who, method, path) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let app = &people[who];
    if method == "FILE" {
        let dot = drawn(8, 8, ImageFormat::Png);
        return app.file(Method::POST, path, "file", &dot, &[("description", "A dot")]).await;
    }
    let body: Option<Value> = parts.next().map(|body| serde_json::from_str(body).unwrap_or_else(|_| panic!("{said}")));
    app.ask(method.parse().unwrap(), path, body).await
}

fn endpoints(book: &Value) -> impl Iterator<Item = String> {
    let paths = book["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |m| format!("{} {path}", m.to_uppercase())))
}

fn is_one(endpoint: &str, asked: &str) -> bool {
    let (one, other): (Vec<&str>, Vec<&str>) = (endpoint.split('/').collect(), asked.split('/').collect());
    // A step that is named stands for any that is written in braces or spelled out.
    one.len() == other.len() && one.iter().zip(&other).all(|(a, b)| a == b || (a.starts_with('{') && !b.is_empty()))
}

/// The same without what differs from run to run.
fn redacted(key: &str, value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key.clone(), redacted(&key, value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(|item| redacted(key, item)).collect::<Vec<_>>().into(),
        Value::String(text) => json!(plain(key, &text)),
        Value::Number(number) if key == "created_at" || number.as_i64().is_some_and(|n| n > 1_000_000_000) => {
            json!("[number]")
        }
        other => other,
    }
}

fn plain(key: &str, text: &str) -> String {
    if ["client_id", "client_secret", "vapid_key", "server_key", "public_key", "day", "week"].contains(&key) {
        return format!("[{key}]");
    }
    if chrono::DateTime::parse_from_rfc3339(text).is_ok() || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
    {
        return "[time]".into();
    }
    let text = hidden(&hidden(text, "/media/"), "ticket=");
    // Ids are long numbers, also inside of addresses and of keys of groups.
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        out.push_str(before);
        out.push_str(if number.len() > 4 { "[number]" } else { number });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What cannot be guessed in an address, behind a mark.
fn hidden(text: &str, mark: &str) -> String {
    let Some((before, after)) = text.split_once(mark) else { return text.to_owned() };
    let end = after.find(['/', '?', '&', '"']).unwrap_or(after.len());
    format!("{before}{mark}[secret]{}", &after[end..])
}
