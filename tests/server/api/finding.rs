//! Looking for posts and people by their words.

use chrono::TimeDelta;
use consilium::model::Role;
use serde_json::json;

use crate::harness::{App, Cluster, Options};

async fn found(app: &App, words: &str) -> Vec<String> {
    let answer = app.get(&format!("/api/v2/search?type=statuses&q={words}")).await.body;
    let posts = answer["statuses"].as_array().unwrap().iter();
    posts.map(|s| s["content"].as_str().unwrap().replace("<p>", "").replace("</p>", "")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_what_one_may_see_and_nothing_else() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "friend", "stranger"] {
        alpha.account(name, Role::Clinician).await;
    }
    let ada = App::of(alpha, "ada", "read write").await;
    let (friend, stranger) =
        (App::of(alpha, "friend", "read write").await, App::of(alpha, "stranger", "read write").await);
    let nobody = App::new(alpha, "");
    friend.post(&format!("/api/v1/accounts/{}/follow", ada.me().await), json!({})).await;
    ada.write(json!({ "status": "Takotsubo for all" })).await;
    let closed = ada.write(json!({ "status": "Takotsubo for followers", "visibility": "private" })).await;
    ada.write(json!({ "status": "@friend takotsubo for you", "visibility": "direct" })).await;
    let gone = ada.write(json!({ "status": "Takotsubo, regretted" })).await;
    ada.delete(&format!("/api/v1/statuses/{gone}")).await;
    assert_eq!(found(&ada, "takotsubo").await.len(), 3, "one\u{2019}s own are all found, but not what was deleted");
    assert_eq!(found(&stranger, "TAKOTSUBO").await, ["Takotsubo for all"]);
    assert_eq!(found(&nobody, "takotsubo").await, [""; 0], "posts are looked through for people who are signed in");
    let theirs = found(&friend, "takotsubo").await;
    assert!(theirs.len() == 2 && theirs[0].contains("for you"), "{theirs:?}");
    // What one has kept is found again, as long as one may read it.
    friend.post(&format!("/api/v1/statuses/{closed}/bookmark"), json!({})).await;
    assert_eq!(found(&friend, "takotsubo").await.len(), 3);
    friend.post(&format!("/api/v1/accounts/{}/unfollow", ada.me().await), json!({})).await;
    assert!(!found(&friend, "takotsubo").await.iter().any(|s| s.contains("for followers")));
    // Who does not want to be found is not, and who is blocked finds nothing.
    ada.post(&format!("/api/v1/accounts/{}/block", stranger.me().await), json!({})).await;
    assert_eq!(found(&stranger, "takotsubo").await, [""; 0]);
    ada.ask(reqwest::Method::PATCH, "/api/v1/accounts/update_credentials", Some(json!({ "discoverable": false })))
        .await;
    assert!(!found(&friend, "takotsubo").await.iter().any(|s| s.contains("for all")));
    for words in ["%25%27%3B--", "%26%7C!", "takotsubo%20nonsense"] {
        assert_eq!(found(&ada, words).await, [""; 0], "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_searches_without_end_is_told_when_to_go_on_and_others_search_as_before() {
    let options = Options { config: "[limits]\nsearches_per_five_minutes = 2\n".into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test"], &[], options).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    let app = App::of(alpha, "ada", "read").await;
    assert_eq!(app.get("/api/v2/search?q=sepsis").await.status, 200);
    assert_eq!(ada.get("/search?q=sepsis").await.status, 200);
    let refused = app.get("/api/v2/search?q=sepsis").await;
    assert!(refused.status == 429 && refused.headers.contains_key("retry-after"), "{}", refused.body);
    let page = ada.get("/search?q=sepsis").await;
    assert!(page.status == 429 && page.says("That was too often"), "{}: {}", page.status, page.html);
    assert_eq!(bo.get("/search?q=sepsis").await.status, 200);
    cluster.pass(TimeDelta::minutes(6));
    assert_eq!(ada.get("/search?q=sepsis").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_the_beginning_of_any_word_of_their_name_and_handle() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    cluster.get("beta.test").account("merrow", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read write").await;
    ada.ask(
        reqwest::Method::PATCH,
        "/api/v1/accounts/update_credentials",
        Some(json!({ "display_name": "Dr Ada O\u{2019}Brien-M\u{fc}ller" })),
    )
    .await;
    ada.find("merrow@beta.test").await;
    for (words, who) in [
        ("ada", "ada"),
        ("bri", "ada"),
        ("M%C3%BCll", "ada"),
        ("dr%20o", "ada"),
        ("merr", "merrow@beta.test"),
        ("beta", "merrow@beta.test"),
        ("%40merrow%40beta.test", "merrow@beta.test"),
    ] {
        let people = ada.listed(&format!("/api/v1/accounts/search?q={words}"), "acct").await;
        assert_eq!(people, [who], "{words}");
    }
    assert_eq!(ada.listed("/api/v1/accounts/search?q=%26%21", "acct").await, [""; 0]);
}
