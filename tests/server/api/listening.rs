//! Streams and pushes: what happens comes to an app by itself, and to nobody who may not see it.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use consilium::model::Role;
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, handshake::client::Response},
};

use crate::harness::{App, Cluster, Instance, Options, Stranger, people::viewer, text};

/// Longest that anything may take to come.
const LONG: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<TcpStream>;

async fn open(instance: &Instance, query: &str, protocol: &str) -> Result<(Socket, Response), u16> {
    let mut request = format!("ws://{}/api/v1/streaming{query}", instance.name).into_client_request().unwrap();
    if !protocol.is_empty() {
        request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
    }
    let stream = TcpStream::connect(instance.address).await.unwrap();
    client_async(request, stream).await.map_err(|error| match error {
        tokio_tungstenite::tungstenite::Error::Http(answer) => answer.status().as_u16(),
        other => panic!("{other}"),
    })
}

/// The next event: on which stream, what it is, and what it carries.
async fn next(socket: &mut Socket) -> (Vec<String>, String, Value) {
    loop {
        let said = timeout(LONG, socket.next()).await.unwrap().unwrap().unwrap();
        let Message::Text(said) = said else { continue };
        let frame: Value = serde_json::from_str(&said).unwrap();
        assert!(frame["error"].is_null(), "{frame}");
        let stream = frame["stream"].as_array().unwrap().iter().map(text).collect();
        let payload = frame["payload"].as_str().unwrap_or_default();
        let payload = serde_json::from_str(payload).unwrap_or_else(|_| payload.into());
        return (stream, text(&frame["event"]), payload);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_comes_by_itself_and_only_to_whom_it_may() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo", "carl"] {
        alpha.account(name, Role::Clinician).await;
    }
    let ada = App::of(alpha, "ada", "read write").await;
    let (bo, carl) = (App::of(alpha, "bo", "read write").await, App::of(alpha, "carl", "read write").await);
    ada.post(&format!("/api/v1/accounts/{}/follow", bo.me().await), json!({})).await;
    let (mut hers, response) = open(alpha, "?stream=user", &ada.token).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], ada.token.as_str(), "browsers want it said back");
    let (mut his, _) = open(alpha, &format!("?stream=user&access_token={}", carl.token), "").await.unwrap();
    his.send(Message::text(r#"{"type":"subscribe","stream":"public"}"#)).await.unwrap();
    his.send(Message::text(r#"{"type":"subscribe","stream":"hashtag","tag":"Sepsis"}"#)).await.unwrap();
    // What was asked for holds once the next question is answered.
    his.send(Message::text(r#"{"type":"subscribe","stream":"nonsense"}"#)).await.unwrap();
    let refused = loop {
        if let Message::Text(said) = timeout(LONG, his.next()).await.unwrap().unwrap().unwrap() {
            break said;
        }
    };
    assert!(refused.contains("Unknown stream type"), "{refused}");

    let secret = bo.write(json!({ "status": "For followers #sepsis", "visibility": "private" })).await;
    let (stream, event, post) = next(&mut hers).await;
    assert_eq!(
        (stream, event.as_str(), post["id"].as_str()),
        (vec!["user".to_owned()], "update", Some(secret.as_str()))
    );
    let open_post = bo.write(json!({ "status": "For all #sepsis" })).await;
    let mut told = vec![next(&mut his).await, next(&mut his).await];
    told.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, event, post) in &told {
        assert_eq!(
            (event.as_str(), post["id"].as_str()),
            ("update", Some(open_post.as_str())),
            "the secret never came: {told:?}"
        );
    }
    assert_eq!(told[0].0, ["hashtag", "sepsis"]);
    assert_eq!(told[1].0, ["public"]);
    assert_eq!(next(&mut hers).await.2["id"], open_post.as_str());

    bo.put(&format!("/api/v1/statuses/{open_post}"), json!({ "status": "For all, better" })).await;
    let (_, event, post) = next(&mut hers).await;
    assert_eq!((event.as_str(), post["content"].as_str()), ("status.update", Some("<p>For all, better</p>")));
    bo.write(json!({ "status": "@ada a word", "visibility": "direct" })).await;
    let told = loop {
        let (_, event, told) = next(&mut hers).await;
        if event == "notification" {
            break told;
        }
    };
    assert_eq!(told["type"], "mention", "{told}");
    bo.delete(&format!("/api/v1/statuses/{open_post}")).await;
    loop {
        let (_, event, gone) = next(&mut hers).await;
        if event == "delete" {
            assert!(gone == json!(open_post) || gone == json!(open_post.parse::<i64>().unwrap()), "{gone}");
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_taken_back_loses_its_streams() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut browser = alpha.clinician("ada").await;
    let ada = App::of(alpha, "ada", "read write").await;
    assert_eq!(open(alpha, "?stream=user", "nonsense").await.err(), Some(401));
    let weak = App::of(alpha, "ada", "read:bookmarks").await;
    assert_eq!(open(alpha, "?stream=user", &weak.token).await.err(), Some(403));
    let (mut socket, _) = open(alpha, "?stream=user", &ada.token).await.unwrap();
    let events = ada.request(Method::GET, "/api/v1/streaming/user").send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let mut events = events.bytes_stream();
    assert_eq!(&timeout(LONG, events.next()).await.unwrap().unwrap().unwrap()[..], b":)\n\n");
    ada.write(json!({ "status": "By events" })).await;
    let words = json!({ "title": "Words", "context": ["home"], "filter_action": "warn" });
    assert_eq!(ada.post("/api/v2/filters", words).await.status, 200);
    let mut heard = String::new();
    while !heard.contains("By events") || !heard.contains("filters_changed") {
        let part = timeout(LONG, events.next()).await.unwrap().unwrap().unwrap();
        heard.push_str(std::str::from_utf8(&part).unwrap());
    }
    assert!(heard.contains("event: update\ndata: {"), "{heard}");
    assert!(heard.contains("event: filters_changed\ndata: undefined\n\n"), "{heard}");
    let told = [next(&mut socket).await.1, next(&mut socket).await.1];
    assert_eq!(told, ["update", "filters_changed"]);

    let page = browser.get("/settings/sessions").await;
    let before = std::time::Instant::now();
    for part in page.html.split("action=\"/settings/tokens/").skip(1) {
        let path = format!("/settings/tokens/{}", part.split('"').next().unwrap());
        browser.send(&path, &[]).await;
    }
    let ended = timeout(LONG, async {
        while let Some(Ok(said)) = socket.next().await {
            assert!(!said.is_text(), "{said}");
        }
    });
    ended.await.unwrap();
    timeout(LONG, async { while events.next().await.is_some_and(|c| c.is_ok()) {} }).await.unwrap();
    assert!(before.elapsed() < Duration::from_secs(5), "within five seconds: {:?}", before.elapsed());
    assert_eq!(open(alpha, "?stream=user", &ada.token).await.err(), Some(401));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_is_woken_and_a_message_never_quotes_what_is_not_for_all() {
    let service = Stranger::at("push.test").await;
    let cluster = Cluster::with(&["alpha.test"], &[("push.test", service.address)], Options::default()).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    let ada = App::of(alpha, "ada", "read write push").await;
    let bo = App::of(alpha, "bo", "read write").await;
    let (pair, secret) = ece::generate_keypair_and_auth_secret().unwrap();
    let keys = json!({ "p256dh": BASE64_URL_SAFE_NO_PAD.encode(pair.pub_as_raw().unwrap()), "auth": BASE64_URL_SAFE_NO_PAD.encode(secret) });
    let form = json!({
        "subscription": { "endpoint": "http://push.test/push", "keys": keys, "standard": true },
        "data": { "alerts": { "mention": true, "favourite": false }, "policy": "all" },
    });
    let made = ada.post("/api/v1/push/subscription", form.clone()).await;
    assert_eq!(
        (made.status.as_u16(), made.body["alerts"]["mention"].as_bool(), made.body["alerts"]["favourite"].as_bool()),
        (200, Some(true), Some(false)),
        "{}",
        made.body
    );
    let mine = ada.write(json!({ "status": "A word" })).await;
    bo.post(&format!("/api/v1/statuses/{mine}/favourite"), json!({})).await;
    bo.write(json!({ "status": "@ada about bed twelve", "visibility": "direct" })).await;
    bo.write(json!({ "status": "@ada congratulations" })).await;
    cluster.settle().await;
    let pushed = service.pushed();
    assert_eq!(pushed.len(), 2, "nothing of the like");
    let raw = pair.raw_components().unwrap();
    let messages: Vec<Value> = pushed
        .iter()
        .map(|p| {
            let header = |name: &str| p.headers.iter().find(|h| h.0 == name).map(|h| h.1.clone()).unwrap();
            assert!(header("authorization").starts_with("vapid t=") && header("content-encoding") == "aes128gcm");
            assert!(header("authorization").contains(made.body["server_key"].as_str().unwrap()));
            serde_json::from_slice(&ece::decrypt(&raw, &secret, &p.body).unwrap()).unwrap()
        })
        .collect();
    let whole = messages.iter().map(Value::to_string).collect::<String>();
    assert!(whole.contains("congratulations") && !whole.contains("bed twelve"), "{whole}");
    assert!(
        messages.iter().all(|m| m["title"] == "Dr bo mentioned you" && m["notification_type"] == "mention"),
        "{whole}"
    );

    // A telephone that is gone is asked no more; bad addresses are refused at once.
    service.answer_next(&[410]);
    bo.write(json!({ "status": "@ada once more" })).await;
    cluster.settle().await;
    assert_eq!(ada.get("/api/v1/push/subscription").await.status, 404);
    for endpoint in ["file:///etc/passwd", "ftp://push.test/", "nonsense"] {
        let mut wrong = form.clone();
        wrong["subscription"]["endpoint"] = endpoint.into();
        assert_eq!(ada.post("/api/v1/push/subscription", wrong).await.status, 422, "{endpoint}");
    }
    let mut wrong = form;
    wrong["subscription"]["keys"]["p256dh"] = "x".into();
    assert_eq!(ada.post("/api/v1/push/subscription", wrong).await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_from_a_stream_what_another_has_done_with_a_post() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo", "carl"] {
        alpha.account(name, Role::Clinician).await;
    }
    let (ada, bo) = (App::of(alpha, "ada", "read write").await, App::of(alpha, "bo", "read write").await);
    let carl = App::of(alpha, "carl", "read write").await;
    let poll = json!({ "options": ["Yes", "No"], "expires_in": 3600 });
    let id = bo.write(json!({ "status": "Which?", "poll": poll })).await;
    let poll = text(&ada.get(&format!("/api/v1/statuses/{id}")).await.body["poll"]["id"]);
    assert_eq!(ada.post(&format!("/api/v1/polls/{poll}/votes"), json!({ "choices": [1] })).await.status, 200);
    for act in ["bookmark", "favourite"] {
        assert_eq!(ada.post(&format!("/api/v1/statuses/{id}/{act}"), json!({})).await.status, 200);
    }
    cluster.settle().await;
    let (mut hers, _) = open(alpha, "?stream=public", &ada.token).await.unwrap();
    let (mut his, _) = open(alpha, "?stream=public", &carl.token).await.unwrap();
    let (mut authors, _) = open(alpha, "?stream=public", &bo.token).await.unwrap();
    bo.put(&format!("/api/v1/statuses/{id}"), json!({ "status": "Which one?" })).await;
    let seen = |post: &Value| {
        (
            post["bookmarked"].as_bool(),
            post["favourited"].as_bool(),
            post["poll"]["voted"].as_bool(),
            post["poll"]["own_votes"].clone(),
        )
    };
    assert_eq!(seen(&next(&mut hers).await.2), (Some(true), Some(true), Some(true), json!([1])));
    assert_eq!(seen(&next(&mut his).await.2), (Some(false), Some(false), Some(false), json!([])));
    assert_eq!(next(&mut authors).await.2["id"], id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_on_public_streams_keeps_nothing_from_followers() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo", "crowd"] {
        alpha.account(name, Role::Clinician).await;
    }
    let (ada, bo) = (App::of(alpha, "ada", "read write").await, App::of(alpha, "bo", "read write").await);
    let crowd = App::of(alpha, "crowd", "read").await;
    ada.post(&format!("/api/v1/accounts/{}/follow", bo.me().await), json!({})).await;
    let mut sockets = Vec::new();
    while let Ok((socket, _)) = open(alpha, "?stream=public", &crowd.token).await {
        sockets.push(socket);
        assert!(sockets.len() < 100, "one person may open only so many");
    }
    let narrow = App::of(alpha, "ada", "read:statuses").await;
    let (mut hers, _) = open(alpha, "?stream=user", &narrow.token).await.unwrap();
    bo.write(json!({ "status": "@ada for followers", "visibility": "private" })).await;
    let (_, event, post) = next(&mut hers).await;
    assert_eq!((event.as_str(), post["visibility"].as_str()), ("update", Some("private")));
    bo.write(json!({ "status": "For all" })).await;
    let (_, event, _) = next(&mut hers).await;
    assert_eq!(event, "update", "the mention came as a notification, which this token may not read");
    let (_, event, post) = next(&mut sockets[0]).await;
    assert_eq!((event.as_str(), post["content"].as_str()), ("update", Some("<p>For all</p>")));
}

#[tokio::test(flavor = "multi_thread")]
async fn word_of_the_house_and_what_was_let_through_come_by_themselves() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    let admin = alpha.account("rooty", Role::Admin).await;
    let (ada, bo) = (App::of(alpha, "ada", "read write").await, App::of(alpha, "bo", "read write").await);
    let filter = json!({ "for_not_following": "filter" });
    ada.ask(Method::PATCH, "/api/v2/notifications/policy", Some(filter)).await;
    bo.write(json!({ "status": "@ada may I ask?" })).await;
    let (mut hers, _) = open(alpha, "?stream=user", &ada.token).await.unwrap();
    let publish = consilium::service::announcements::publish;
    let id = publish(&alpha.ctx, &admin, "Maintenance at ten", None, None).await.unwrap();
    let (_, event, told) = next(&mut hers).await;
    assert_eq!((event.as_str(), told["id"].as_str()), ("announcement", Some(id.to_string().as_str())), "{told}");
    let path = format!("/api/v1/announcements/{id}/reactions/%F0%9F%91%8D");
    for (method, count) in [(Method::PUT, 1), (Method::DELETE, 0)] {
        assert_eq!(bo.ask(method, &path, None).await.status, 200);
        let (_, event, told) = next(&mut hers).await;
        assert_eq!(event, "announcement.reaction");
        assert_eq!(told, json!({ "name": "\u{1f44d}", "count": count, "announcement_id": id.to_string() }));
    }
    let from = bo.me().await;
    ada.post(&format!("/api/v1/notifications/requests/{from}/accept"), json!({})).await;
    assert_eq!(next(&mut hers).await.1, "notifications_merged");
    consilium::service::announcements::withdraw(&alpha.ctx, &admin, id).await.unwrap();
    let (_, event, gone) = next(&mut hers).await;
    assert_eq!((event.as_str(), gone.to_string().trim_matches('"')), ("announcement.delete", id.to_string().as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_one_process_tells_what_came_in_at_another() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read write").await;
    let mut other = alpha.another_process().await;
    let (mut socket, _) = open(&other, "?stream=user", &ada.token).await.unwrap();
    let id = ada.write(json!({ "status": "Sent to the first process" })).await;
    assert_eq!(next(&mut socket).await.2["id"], id.as_str());
    // Revoked at the first, it ends at the second.
    let viewer = viewer(alpha, "ada").await;
    for token in consilium::service::tokens::list(&alpha.ctx, &viewer).await.unwrap() {
        consilium::service::tokens::revoke(&alpha.ctx, &viewer, token.id).await.unwrap();
    }
    timeout(LONG, async { while socket.next().await.is_some_and(|said| said.is_ok()) {} }).await.unwrap();
    other.go_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_hospital_comes_to_its_followers_and_to_no_public_stream() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    for (instance, name) in [(alpha, "ada"), (alpha, "carl"), (beta, "bo")] {
        instance.account(name, Role::Clinician).await;
    }
    let (ada, carl) = (App::of(alpha, "ada", "read write").await, App::of(alpha, "carl", "read write").await);
    let bo = App::of(beta, "bo", "read write").await;
    let there = ada.find("bo@beta.test").await;
    ada.post(&format!("/api/v1/accounts/{there}/follow"), json!({})).await;
    cluster.settle().await;
    let limited = consilium::model::HostState::Limited;
    consilium::service::hosts::decide_by_operator(&alpha.ctx, "beta.test", limited, "").await.unwrap();
    let (mut hers, _) = open(alpha, "?stream=user", &ada.token).await.unwrap();
    let (mut his, _) = open(alpha, "?stream=public", &carl.token).await.unwrap();
    bo.write(json!({ "status": "From beta" })).await;
    cluster.settle().await;
    assert_eq!(next(&mut hers).await.2["content"], "<p>From beta</p>");
    carl.write(json!({ "status": "From alpha" })).await;
    assert_eq!(next(&mut his).await.2["content"], "<p>From alpha</p>", "the other never came");
}
