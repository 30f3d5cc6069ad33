//! Notifications put in order, conversations, markers, reports, announcements, and accounts asked for from an app.

use consilium::model::Role;
use serde_json::json;

use crate::harness::{App, Cluster, Options, text};

#[tokio::test(flavor = "multi_thread")]
async fn many_who_like_one_post_are_one_line() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo", "carl", "dora"] {
        alpha.account(name, Role::Clinician).await;
    }
    let ada = App::of(alpha, "ada", "read write").await;
    let id = ada.write(json!({ "status": "A word" })).await;
    for name in ["bo", "carl", "dora"] {
        let app = App::of(alpha, name, "read write").await;
        app.post(&format!("/api/v1/statuses/{id}/favourite"), json!({})).await;
        app.post("/api/v1/statuses", json!({ "status": "@ada good", "in_reply_to_id": id })).await;
    }
    let grouped = ada.get("/api/v2/notifications").await.body;
    let groups = grouped["notification_groups"].as_array().unwrap();
    assert_eq!(groups.len(), 4, "three mentions and one line of likes: {grouped}");
    let likes = groups.iter().find(|g| g["type"] == "favourite").unwrap();
    assert_eq!(
        (likes["notifications_count"].as_i64(), likes["sample_account_ids"].as_array().unwrap().len()),
        (Some(3), 3)
    );
    assert_eq!(grouped["accounts"].as_array().unwrap().len(), 4.min(grouped["accounts"].as_array().unwrap().len()));
    let key = text(&likes["group_key"]);
    assert_eq!(ada.listed(&format!("/api/v2/notifications/{key}/accounts"), "acct").await.len(), 3);
    assert_eq!(ada.get("/api/v1/notifications/unread_count").await.body["count"], 6);
    assert_eq!(ada.get("/api/v2/notifications/unread_count").await.body["count"], 4);
    let newest = text(&ada.get("/api/v1/notifications?limit=1").await.body[0]["id"]);
    let marked = ada.post("/api/v1/markers", json!({ "notifications": { "last_read_id": newest } })).await.body;
    assert_eq!(marked["notifications"]["last_read_id"], newest.as_str(), "{marked}");
    assert_eq!(ada.get("/api/v1/markers?timeline[]=notifications").await.body["notifications"]["version"], 1);
    assert_eq!(ada.get("/api/v1/notifications/unread_count").await.body["count"], 0);
    ada.post(&format!("/api/v2/notifications/{key}/dismiss"), json!({})).await;
    assert_eq!(ada.listed("/api/v1/notifications?types[]=favourite", "type").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn word_from_strangers_waits_apart_until_it_is_let_through() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo", "carl"] {
        alpha.account(name, Role::Clinician).await;
    }
    let ada = App::of(alpha, "ada", "read write").await;
    let (bo, carl) = (App::of(alpha, "bo", "read write").await, App::of(alpha, "carl", "read write").await);
    let policy = ada
        .ask(reqwest::Method::PATCH, "/api/v2/notifications/policy", Some(json!({ "for_not_following": "filter" })))
        .await;
    assert_eq!(policy.body["for_not_following"], "filter", "{}", policy.body);
    for one in [&bo, &carl] {
        one.write(json!({ "status": "@ada may I ask?" })).await;
    }
    assert_eq!(ada.get("/api/v1/notifications").await.body, json!([]));
    assert_eq!(ada.get("/api/v2/notifications/policy").await.body["summary"]["pending_requests_count"], 2);
    let waiting = ada.get("/api/v1/notifications/requests").await.body;
    let of = |name: &str| {
        let found = waiting.as_array().unwrap().iter().find(|r| r["account"]["acct"] == name).unwrap();
        text(&found["id"])
    };
    assert_eq!(ada.post(&format!("/api/v1/notifications/requests/{}/accept", of("bo")), json!({})).await.status, 200);
    ada.post(&format!("/api/v1/notifications/requests/{}/dismiss", of("carl")), json!({})).await;
    cluster.settle().await;
    assert_eq!(ada.get("/api/v1/notifications/requests").await.body, json!([]));
    let told = ada.get("/api/v1/notifications").await.body;
    assert_eq!((told.as_array().unwrap().len(), told[0]["account"]["acct"].as_str()), (1, Some("bo")), "{told}");
    bo.write(json!({ "status": "@ada thank you" })).await;
    carl.write(json!({ "status": "@ada and I?" })).await;
    assert_eq!(
        ada.listed("/api/v1/notifications", "type").await.len(),
        2,
        "Bo comes through from now on, Carl does not"
    );
    assert_eq!(carl.get(&format!("/api/v1/notifications/requests/{}", of("bo"))).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn direct_posts_are_conversations_of_those_they_name() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    for (instance, name) in [(alpha, "ada"), (alpha, "carl"), (beta, "bo")] {
        instance.account(name, Role::Clinician).await;
    }
    let (ada, carl) = (App::of(alpha, "ada", "read write").await, App::of(alpha, "carl", "read write").await);
    let bo = App::of(beta, "bo", "read write").await;
    ada.find("bo@beta.test").await;
    ada.write(json!({ "status": "@bo@beta.test A question", "visibility": "direct" })).await;
    cluster.settle().await;
    let there = bo.get("/api/v1/conversations").await.body;
    assert_eq!(
        (there[0]["unread"].as_bool(), there[0]["accounts"][0]["acct"].as_str()),
        (Some(true), Some("ada@alpha.test")),
        "{there}"
    );
    let asked = text(&there[0]["last_status"]["id"]);
    bo.write(json!({ "status": "@ada@alpha.test An answer", "visibility": "direct", "in_reply_to_id": asked })).await;
    cluster.settle().await;
    let here = ada.get("/api/v1/conversations").await.body;
    assert_eq!(here.as_array().unwrap().len(), 1, "one conversation: {here}");
    assert!(here[0]["last_status"]["content"].as_str().unwrap().contains("An answer"));
    let id = text(&here[0]["id"]);
    assert_eq!(ada.post(&format!("/api/v1/conversations/{id}/read"), json!({})).await.body["unread"], false);
    assert_eq!(carl.get("/api/v1/conversations").await.body, json!([]));
    assert_eq!(carl.post(&format!("/api/v1/conversations/{id}/read"), json!({})).await.status, 404);
    assert_eq!(ada.delete(&format!("/api/v1/conversations/{id}")).await.status, 200);
    assert_eq!(ada.get("/api/v1/conversations").await.body, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_reaches_the_moderators_here_and_where_the_post_came_from() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    alpha.account("ada", Role::Clinician).await;
    beta.account("bo", Role::Clinician).await;
    let mut here = alpha.person("moddy", Role::Moderator).await;
    let mut there = beta.person("maud", Role::Moderator).await;
    let (ada, bo) = (App::of(alpha, "ada", "read write").await, App::of(beta, "bo", "read write").await);
    let id = ada.find("bo@beta.test").await;
    ada.post(&format!("/api/v1/accounts/{id}/follow"), json!({})).await;
    cluster.settle().await;
    bo.write(json!({ "status": "Names a patient" })).await;
    cluster.settle().await;
    let post = text(&ada.get("/api/v1/timelines/home").await.body[0]["id"]);
    let form = json!({ "account_id": id, "status_ids": [post], "comment": "A patient is named", "category": "violation", "forward": true });
    let filed = ada.post("/api/v1/reports", form).await;
    assert_eq!(
        (filed.status.as_u16(), filed.body["target_account"]["acct"].as_str()),
        (200, Some("bo@beta.test")),
        "{}",
        filed.body
    );
    cluster.settle().await;
    assert!(here.get("/admin/reports").await.says("bo"), "our moderators see it");
    let list = there.get("/admin/reports").await;
    assert!(list.says("alpha.test"), "theirs too: {}", list.html);
    let path = list.html.split("href=\"/admin/reports/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let whole = there.get(&format!("/admin/reports/{path}")).await;
    assert!(whole.says("A patient is named") && whole.says("Names a patient"), "{}", whole.html);
    assert!(!whole.says("@ada"), "who reported is not told to another hospital");
    let mut clinician = alpha.clinician("carl").await;
    assert_eq!(clinician.get("/admin/reports").await.status, 404);
    let done = there.send(&format!("/admin/reports/{path}/resolve"), &[("note", "Talked to Bo")]).await;
    assert!(done.status.is_redirection(), "{}", done.html);
    let other = ada.post("/api/v1/reports", json!({ "account_id": id, "status_ids": ["1"] })).await;
    assert_eq!(other.body["status_ids"], json!([]), "a post that is not theirs is not named");
}

#[tokio::test(flavor = "multi_thread")]
async fn word_of_the_house_is_read_once_and_answered_with_a_sign() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let mut admin = alpha.person("rooty", Role::Admin).await;
    let ada = App::of(alpha, "ada", "read write").await;
    let page = admin.get("/admin/prove").await;
    assert!(page.status.is_success());
    admin.send("/admin/prove", &[("password", crate::harness::cluster::PASSWORD)]).await;
    admin.get("/admin/announcements").await;
    let sent = admin.send("/admin/announcements", &[("text", "Maintenance at **ten**"), ("ends_at", "")]).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    let told = ada.get("/api/v1/announcements").await.body;
    assert!(told[0]["content"].as_str().unwrap().contains("Maintenance at"), "{told}");
    let id = text(&told[0]["id"]);
    assert_eq!(ada.put(&format!("/api/v1/announcements/{id}/reactions/%F0%9F%91%8D"), json!({})).await.status, 200);
    let told = ada.get("/api/v1/announcements").await.body;
    assert_eq!(
        (told[0]["reactions"][0]["count"].as_i64(), told[0]["reactions"][0]["me"].as_bool()),
        (Some(1), Some(true)),
        "{told}"
    );
    ada.post(&format!("/api/v1/announcements/{id}/dismiss"), json!({})).await;
    assert_eq!(ada.get("/api/v1/announcements").await.body, json!([]));
    assert_eq!(ada.get("/api/v1/announcements?with_dismissed=true").await.body[0]["read"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_says_of_ones_work_is_read_and_changed_from_an_app() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    alpha.account("ada", Role::Clinician).await;
    beta.account("bo", Role::Clinician).await;
    let (ada, bo) = (App::of(alpha, "ada", "read write").await, App::of(beta, "bo", "read write").await);
    let there = bo.find("ada@alpha.test").await;
    bo.post(&format!("/api/v1/accounts/{there}/follow"), json!({})).await;
    cluster.settle().await;
    let work = json!({ "discipline": "Physician", "specialty": "Cardiology", "languages": ["en", "de"] });
    let said = ada.ask(reqwest::Method::PATCH, "/api/consilium/v1/practitioner", Some(work)).await;
    assert_eq!(said.status, 200, "{}", said.body);
    let own =
        ada.ask(reqwest::Method::PATCH, "/api/consilium/v1/practitioner", Some(json!({ "employer": "Alpha" }))).await;
    assert_eq!(
        (own.body["specialty"].as_str(), own.body["employer"].as_str(), own.body["languages"][1].as_str()),
        (Some("Cardiology"), Some("Alpha"), Some("de")),
        "what is not sent stays: {}",
        own.body
    );
    cluster.settle().await;
    let seen = bo.get(&format!("/api/consilium/v1/practitioners/{there}")).await.body;
    assert_eq!(
        (seen["discipline"].as_str(), seen["acct"].as_str()),
        (Some("Physician"), Some("ada@alpha.test")),
        "{seen}"
    );
    let long = json!({ "specialty": "x".repeat(200) });
    let refused = ada.ask(reqwest::Method::PATCH, "/api/consilium/v1/practitioner", Some(long)).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_asked_for_from_an_app_and_works_once_it_is_confirmed() {
    let options =
        Options { config: "[accounts]\nregistration = \"open\"\nconfirm_email = true\n".into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test"], &[], options).await;
    let alpha = cluster.get("alpha.test");
    let nobody = App::new(alpha, "");
    let form =
        json!({ "client_name": "Newcomer", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write" });
    let made = nobody.post("/api/v1/apps", form).await.body;
    let (id, secret) = (text(&made["client_id"]), text(&made["client_secret"]));
    let pairs =
        [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret), ("scope", "read write")];
    let token = text(&nobody.form("/oauth/token", &pairs).await.body["access_token"]);
    let app = App::new(alpha, &token);
    assert_eq!(app.get("/api/v1/timelines/home").await.status, 401, "an app alone is nobody");
    let account = json!({ "username": "nell", "email": "nell@alpha.test", "password": "three plain words", "agreement": true, "locale": "en" });
    let short = app
        .post(
            "/api/v1/accounts",
            json!({ "username": "nell", "email": "nell@alpha.test", "password": "x", "agreement": true }),
        )
        .await;
    assert!(short.status == 422 && short.body["details"]["password"].is_array(), "{}", short.body);
    let given = app.post("/api/v1/accounts", account.clone()).await;
    assert_eq!(given.status, 200, "{}", given.body);
    let nell = App::new(alpha, &text(&given.body["access_token"]));
    let waiting = nell.get("/api/v1/accounts/verify_credentials").await;
    assert_eq!(waiting.status, 403, "{}", waiting.body);
    cluster.settle().await;
    let mail = alpha.mails().join("\n").replace("=\r\n", "").replace("=3D", "=");
    let link = mail.split("http://alpha.test/confirm").nth(1).unwrap_or_else(|| panic!("{mail}"));
    let path = format!("/confirm{}", link.split_whitespace().next().unwrap());
    let mut browser = alpha.browser();
    browser.get(&path).await;
    let confirmed = browser.send(&path, &[]).await;
    assert!(confirmed.status.is_redirection() || confirmed.status.is_success(), "{}", confirmed.html);
    assert_eq!(nell.get("/api/v1/accounts/verify_credentials").await.body["acct"], "nell");
    let twice = app.post("/api/v1/accounts", account).await;
    assert_eq!(twice.status, 422, "{}", twice.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_goes_elsewhere_names_the_posts_of_the_reported_alone() {
    let eve = crate::harness::Stranger::at("eve.test").await;
    let cluster = Cluster::with(&["alpha.test"], &[("eve.test", eve.address)], Options::default()).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "carl"] {
        alpha.account(name, Role::Clinician).await;
    }
    let (ada, carl) = (App::of(alpha, "ada", "read write").await, App::of(alpha, "carl", "read write").await);
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "1", eve.note("1", "Names a patient"))).await, 202);
    cluster.settle().await;
    let seen = ada.get("/api/v1/timelines/public").await.body;
    let (post, account) = (text(&seen[0]["id"]), text(&seen[0]["account"]["id"]));
    let between_us = carl.write(json!({ "status": "Between us", "visibility": "private" })).await;
    let form = json!({ "account_id": account, "status_ids": [between_us, post], "comment": "Look", "forward": true });
    let filed = ada.post("/api/v1/reports", form).await;
    assert_eq!(
        (filed.body["forwarded"].as_bool(), &filed.body["status_ids"]),
        (Some(true), &json!([post])),
        "{}",
        filed.body
    );
    let form = json!({ "account_id": carl.me().await, "status_ids": [between_us], "comment": "He", "forward": true });
    let here = ada.post("/api/v1/reports", form).await;
    assert_eq!(here.body["forwarded"], false, "he is one of us: {}", here.body);
    assert_eq!(here.body["status_ids"], json!([]), "whether he wrote what is not for her is not said: {}", here.body);
    cluster.settle().await;
    let flags: Vec<serde_json::Value> =
        eve.received.lock().unwrap().iter().filter(|a| a["type"] == "Flag").cloned().collect();
    assert_eq!(flags.len(), 1, "{flags:?}");
    assert_eq!(flags[0]["object"], json!([eve.actor(), "http://eve.test/notes/1"]));
}
