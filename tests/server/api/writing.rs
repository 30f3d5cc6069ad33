//! Writing: what waits for its time, what is kept, what must not be there twice.

use consilium::{
    model::{GroupKind, Role},
    service::posts::{self, NewPost},
};
use diesel_async::RunQueryDsl;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    App, Cluster, Instance,
    groups::{found, said},
    pictures::red,
    text,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_post_waits_for_its_time_and_can_still_be_moved() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    alpha.account("bo", Role::Clinician).await;
    let (ada, bo) = (App::of(alpha, "ada", "read write").await, App::of(alpha, "bo", "read write").await);
    let at = |minutes: i64| (alpha.ctx.now() + chrono::TimeDelta::minutes(minutes)).to_rfc3339();
    let poll = json!({ "options": ["Yes", "No"], "expires_in": 3600 });
    let form = json!({ "status": "Rounds at eight?", "scheduled_at": at(60), "visibility": "unlisted", "poll": poll });
    let kept = ada.post("/api/v1/statuses", form).await;
    assert_eq!(
        (kept.status.as_u16(), kept.body["params"]["text"].as_str()),
        (200, Some("Rounds at eight?")),
        "{}",
        kept.body
    );
    let path = format!("/api/v1/scheduled_statuses/{}", text(&kept.body["id"]));
    assert_eq!(bo.get(&path).await.status, 404);
    assert_eq!(bo.delete(&path).await.status, 404);
    cluster.settle().await;
    assert_eq!(ada.get("/api/v1/timelines/home").await.body, json!([]));
    assert_eq!(ada.put(&path, json!({ "scheduled_at": at(120) })).await.status, 200);
    cluster.pass(chrono::TimeDelta::minutes(61));
    cluster.settle().await;
    assert_eq!(ada.get("/api/v1/timelines/home").await.body, json!([]), "it was moved");
    cluster.pass(chrono::TimeDelta::minutes(61));
    cluster.settle().await;
    let home = ada.get("/api/v1/timelines/home").await.body;
    assert_eq!(
        (home[0]["visibility"].as_str(), home[0]["poll"]["options"][0]["title"].as_str()),
        (Some("unlisted"), Some("Yes")),
        "{home}"
    );
    assert_eq!(ada.get("/api/v1/scheduled_statuses").await.body, json!([]));
    let soon = ada.post("/api/v1/statuses", json!({ "status": "x", "scheduled_at": at(1) })).await;
    assert_eq!(soon.status, 422, "too soon: {}", soon.body);
    let unreadable = ada.post("/api/v1/statuses", json!({ "status": "x", "scheduled_at": "tomorrow" })).await;
    assert_eq!(unreadable.status, 422);
    let kept = ada.post("/api/v1/statuses", json!({ "status": "Never mind", "scheduled_at": at(60) })).await.body;
    assert_eq!(ada.delete(&format!("/api/v1/scheduled_statuses/{}", text(&kept["id"]))).await.status, 200);
    cluster.pass(chrono::TimeDelta::hours(3));
    cluster.settle().await;
    assert_eq!(ada.get("/api/v1/timelines/home").await.body.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_app_sends_twice_for_fear_of_the_network_is_there_once() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    let (ada, bo) = (App::of(alpha, "ada", "read write").await, App::of(alpha, "bo", "read write").await);
    let send = |app: &App, key: &str| {
        let request = app.request(Method::POST, "/api/v1/statuses").header("idempotency-key", key);
        let request = request.header("content-type", "application/json").body(json!({ "status": "Once" }).to_string());
        async move {
            let answer = request.send().await.unwrap();
            let status = answer.status();
            let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            assert_eq!(status, 200, "{body}");
            text(&body["id"])
        }
    };
    let all = join_all((0..6).map(|_| send(&ada, "a-key"))).await;
    assert!(all.iter().all(|id| *id == all[0]), "at the same time: {all:?}");
    assert_eq!(send(&ada, "a-key").await, all[0], "and later");
    assert_eq!(ada.get("/api/v1/timelines/home").await.body.as_array().unwrap().len(), 1);
    assert_ne!(send(&bo, "a-key").await, all[0], "a key is somebody's own");
    assert_ne!(send(&ada, "another").await, all[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_on_the_page_is_kept_with_its_picture_and_becomes_a_post() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut bo = alpha.clinician("bo").await;
    let png = red();
    ada.get("/compose").await;
    let fields = [("text", "Half a thought"), ("visibility", "unlisted"), ("new_alt", "A trace"), ("act", "draft")];
    let kept = ada.send_files("/posts", &[("file", &png)], &fields).await;
    assert_eq!(kept.location, "/drafts?done=draft", "{}", kept.html);
    let list = ada.get("/drafts").await;
    assert!(list.says("Half a thought"), "{}", list.html);
    let id = list.html.split("/compose?draft=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(bo.get(&format!("/compose?draft={id}")).await.status, 404, "hers alone");
    let form = ada.get(&format!("/compose?draft={id}")).await;
    assert!(form.says("Half a thought") && form.says("A trace"), "{}", form.html);
    let picture = form.html.split("name=\"picture\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [
        ("text", "A whole thought"),
        ("visibility", "public"),
        ("draft", id.as_str()),
        ("picture", picture.as_str()),
        ("alt", "A trace"),
    ];
    let sent = ada.send("/posts", &fields).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    let home = ada.home().await;
    assert!(home.says("A whole thought") && home.says("alt=\"A trace\""), "{}", home.html);
    assert!(!ada.get("/drafts").await.says("Half a thought"));

    ada.get("/compose").await;
    let at = (alpha.ctx.now() + chrono::TimeDelta::hours(2)).format("%Y-%m-%dT%H:%M").to_string();
    let sent = ada.send("/posts", &[("text", "At ten"), ("visibility", "public"), ("later", &at)]).await;
    assert_eq!(sent.location, "/scheduled?done=scheduled", "{}", sent.html);
    assert!(ada.get("/scheduled").await.says("At ten"));
    cluster.pass(chrono::TimeDelta::hours(3));
    cluster.settle().await;
    assert!(ada.home().await.says("At ten"));
}

/// Sends a post as an app does that may send it again.
async fn send_with_key(app: &App, key: &str, form: &Value) -> Value {
    let request = app.request(Method::POST, "/api/v1/statuses").header("idempotency-key", key);
    let request = request.header("content-type", "application/json").body(form.to_string());
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(status, 200, "{body}");
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_for_later_that_an_app_sends_twice_waits_once() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read write").await;
    let at = (alpha.ctx.now() + chrono::TimeDelta::minutes(10)).to_rfc3339();
    let form = json!({ "status": "Rounds at eight", "scheduled_at": at });
    let all = join_all((0..6).map(|_| send_with_key(&ada, "a-key", &form))).await;
    let id = text(&all[0]["id"]);
    assert!(all.iter().all(|one| one["id"] == all[0]["id"]), "at the same time: {all:?}");
    cluster.pass(chrono::TimeDelta::minutes(6));
    assert_eq!(send_with_key(&ada, "a-key", &form).await["id"], all[0]["id"], "and when it is late for a new one");
    assert_eq!(ada.listed("/api/v1/scheduled_statuses", "id").await, [id]);
    cluster.pass(chrono::TimeDelta::minutes(5));
    cluster.settle().await;
    assert_eq!(ada.get("/api/v1/timelines/home").await.body.as_array().unwrap().len(), 1);
    assert_eq!(ada.get("/api/v1/scheduled_statuses").await.body, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_an_app_sends_twice_at_once_is_in_one_post() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read write").await;
    let png = red();
    for round in 0..5 {
        let picture = ada.picture(&png, "A trace").await;
        let form = json!({ "status": "With a trace", "media_ids": [picture] });
        let key = format!("key-{round}");
        let all = join_all((0..4).map(|_| send_with_key(&ada, &key, &form))).await;
        assert!(all.iter().all(|one| one["id"] == all[0]["id"]), "{all:?}");
        assert_eq!(all[0]["media_attachments"][0]["id"], picture.as_str(), "{}", all[0]);
    }
}

/// Changes one row behind the server's back.
async fn change(instance: &Instance, text: &str) {
    let mut conn = instance.ctx.pool.get().await.unwrap();
    assert_eq!(diesel::sql_query(text).execute(&mut *conn).await.unwrap(), 1, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_cannot_be_published_keeps_no_other_from_its_time() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut browser = alpha.clinician("bo").await;
    for name in ["ada", "carl"] {
        alpha.account(name, Role::Clinician).await;
    }
    let bo = App::of(alpha, "bo", "read write").await;
    let (ada, carl) = (App::of(alpha, "ada", "read write").await, App::of(alpha, "carl", "read write").await);
    let question = ada.write(json!({ "status": "Who is on call?" })).await;
    let at = (alpha.ctx.now() + chrono::TimeDelta::minutes(10)).to_rfc3339();
    carl.write(json!({ "status": "Later", "scheduled_at": at })).await;
    bo.write(json!({ "status": "That is me", "in_reply_to_id": question, "scheduled_at": at })).await;
    bo.write(json!({ "status": "Rounds at nine", "scheduled_at": at })).await;
    let visibility = |word: &str| {
        format!(
            "UPDATE scheduled_posts SET content = jsonb_set(content, '{{visibility}}', '\"{word}\"') \
             WHERE content ->> 'text' = 'Later'"
        )
    };
    change(alpha, &visibility("nobody can read this")).await;
    assert_eq!(ada.delete(&format!("/api/v1/statuses/{question}")).await.status, 200);
    cluster.pass(chrono::TimeDelta::minutes(11));
    cluster.settle().await;
    let home = bo.get("/api/v1/timelines/home").await.body;
    assert_eq!((home.as_array().unwrap().len(), &home[0]["content"]), (1, &json!("<p>Rounds at nine</p>")), "{home}");
    let page = browser.get("/scheduled").await;
    assert!(page.says("That is me") && page.says("Not published: This was deleted by its author."), "{}", page.html);

    // What was not the post's own fault is tried again by itself, and it is there once.
    assert_eq!(carl.get("/api/v1/timelines/home").await.body, json!([]));
    change(alpha, &visibility("public")).await;
    for _ in 0..2 {
        cluster.pass(chrono::TimeDelta::minutes(5));
        cluster.settle().await;
    }
    let home = carl.get("/api/v1/timelines/home").await.body;
    assert_eq!((home.as_array().unwrap().len(), &home[0]["content"]), (1, &json!("<p>Later</p>")), "{home}");
    assert_eq!(carl.get("/api/v1/scheduled_statuses").await.body, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_a_group_that_waits_for_its_time_keeps_what_its_pictures_say() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let ada = alpha.account("ada", Role::Clinician).await;
    let group = found(alpha, &ada, GroupKind::Closed).await;
    let asked = NewPost { group: Some(group), ..said("Which lead?") };
    let question = posts::publish(&alpha.ctx, &ada, asked).await.unwrap();
    let app = App::of(alpha, "ada", "read write").await;
    let picture = app.picture(&red(), "A trace").await;
    let at = (alpha.ctx.now() + chrono::TimeDelta::minutes(10)).to_rfc3339();
    let mut answer = json!({ "status": "This one", "in_reply_to_id": question.to_string(), "media_ids": [picture] });
    answer["scheduled_at"] = json!(at);
    app.write(answer).await;
    let path = format!("/api/v1/media/{picture}");
    assert_eq!(app.put(&path, json!({ "description": "A trace" })).await.status, 200, "nothing new");
    let refused = app.put(&path, json!({ "description": "Mrs Miller's trace" })).await;
    assert_eq!(refused.status, 422, "nobody asked what stays of that: {}", refused.body);
    cluster.pass(chrono::TimeDelta::minutes(11));
    cluster.settle().await;
    let answers = app.get(&format!("/api/v1/statuses/{question}/context")).await.body;
    let shown = &answers["descendants"][0]["media_attachments"][0]["description"];
    assert_eq!(shown.as_str(), Some("A trace"), "{answers}");
}
