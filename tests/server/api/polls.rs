//! Polls, within a hospital and between two.

use consilium::model::Role;
use serde_json::json;

use crate::harness::{App, Cluster, Options, Stranger, text};

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_of_two_hospitals_vote_and_learn_what_came_of_it() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    let mut ada_browser = alpha.clinician("ada").await;
    for name in ["bo", "bea"] {
        beta.account(name, Role::Clinician).await;
    }
    let ada = App::of(alpha, "ada", "read write").await;
    let (bo, bea) = (App::of(beta, "bo", "read write").await, App::of(beta, "bea", "read write").await);
    let ada_there = bo.find("ada@alpha.test").await;
    for one in [&bo, &bea] {
        one.post(&format!("/api/v1/accounts/{ada_there}/follow"), json!({})).await;
    }
    cluster.settle().await;
    let poll = json!({ "options": ["Apixaban", "Warfarin"], "expires_in": 3600, "multiple": false });
    let asked = ada.post("/api/v1/statuses", json!({ "status": "Which one?", "poll": poll })).await.body;
    assert_eq!(asked["poll"]["options"][1], json!({ "title": "Warfarin", "votes_count": 0 }), "{asked}");
    let here = text(&asked["poll"]["id"]);
    cluster.settle().await;
    let home = bo.get("/api/v1/timelines/home").await.body;
    let there = text(&home[0]["poll"]["id"]);
    assert_eq!((home[0]["poll"]["voted"].as_bool(), home[0]["poll"]["expired"].as_bool()), (Some(false), Some(false)));
    let votes = format!("/api/v1/polls/{there}/votes");
    assert_eq!(bo.post(&votes, json!({ "choices": [0, 1] })).await.status, 422, "one answer only");
    assert_eq!(bo.post(&votes, json!({ "choices": [7] })).await.status, 422, "there is no eighth");
    let voted = bo.post(&votes, json!({ "choices": [0] })).await.body;
    assert_eq!((voted["voted"].as_bool(), &voted["own_votes"]), (Some(true), &json!([0])), "{voted}");
    assert_eq!(bo.post(&votes, json!({ "choices": [1] })).await.status, 422, "once only");
    bea.post(&votes, json!({ "choices": ["0"] })).await;
    cluster.settle().await;
    let counted = ada.get(&format!("/api/v1/polls/{here}")).await.body;
    assert_eq!(
        (counted["votes_count"].as_i64(), counted["options"][0]["votes_count"].as_i64()),
        (Some(2), Some(2)),
        "{counted}"
    );
    assert_eq!(
        ada.post(&format!("/api/v1/polls/{here}/votes"), json!({ "choices": [0] })).await.status,
        422,
        "not on one's own"
    );

    // The count comes back to the other hospital, and when time is up everybody is told.
    cluster.pass(chrono::TimeDelta::minutes(5));
    cluster.settle().await;
    let known = bo.get(&format!("/api/v1/polls/{there}")).await.body;
    assert_eq!(known["options"][0]["votes_count"], 2, "{known}");
    cluster.pass(chrono::TimeDelta::hours(1));
    cluster.settle().await;
    let closed = bo.get(&format!("/api/v1/polls/{there}")).await.body;
    assert_eq!(closed["expired"], true);
    assert_eq!(bo.listed("/api/v1/notifications?types[]=poll", "type").await, ["poll"]);
    assert_eq!(ada.listed("/api/v1/notifications?types[]=poll", "type").await, ["poll"]);
    let late = bea.post(&votes, json!({ "choices": [1] })).await;
    assert_eq!(late.status, 422, "too late: {}", late.body);
    assert!(ada_browser.home().await.says("Apixaban"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_is_answered_on_the_page_and_its_count_is_hidden_until_the_end() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut bo = alpha.clinician("bo").await;
    alpha.account("carl", Role::Clinician).await;
    let carl = App::of(alpha, "carl", "read write").await;
    ada.get("/compose").await;
    let fields = [
        ("text", "Whom may I ask?"),
        ("visibility", "public"),
        ("choice", "Cardiology"),
        ("choice", "Nephrology"),
        ("choice", ""),
        ("poll_hours", "24"),
        ("multiple", "on"),
        ("hide_totals", "on"),
    ];
    let sent = ada.send("/posts", &fields).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    let page = bo.get("/@ada").await;
    assert!(page.says("Cardiology") && page.says("Nephrology"), "{}", page.html);
    let id = page.html.split("id=\"post-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let voted = bo.send(&format!("/posts/{id}/vote"), &[("choice", "0"), ("choice", "1"), ("back", "/")]).await;
    assert!(voted.status.is_redirection(), "{}", voted.html);
    let seen = carl.get(&format!("/api/v1/polls/{id}")).await.body;
    assert_eq!(seen["options"][0]["votes_count"], json!(null), "hidden: {seen}");
    assert_eq!((seen["voters_count"].as_i64(), seen["multiple"].as_bool()), (Some(1), Some(true)), "{seen}");
    cluster.pass(chrono::TimeDelta::hours(25));
    cluster.settle().await;
    assert_eq!(carl.get(&format!("/api/v1/polls/{id}")).await.body["options"][1]["votes_count"], 1);
    for wrong in [json!(["One"]), json!(["Same", "Same"]), json!(["", " "])] {
        let refused = carl
            .post("/api/v1/statuses", json!({ "status": "?", "poll": { "options": wrong, "expires_in": 3600 } }))
            .await;
        assert_eq!(refused.status, 422, "{wrong}: {}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_hides_its_counts_tells_them_to_no_other_server_before_the_end() {
    let eve = Stranger::at("eve.test").await;
    let cluster = Cluster::with(&["alpha.test"], &[("eve.test", eve.address)], Options::default()).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    let (ada, bo) = (App::of(alpha, "ada", "read write").await, App::of(alpha, "bo", "read write").await);
    let follow = eve.activity("Follow", "1", json!("http://alpha.test/users/ada"));
    assert_eq!(eve.deliver(alpha, &follow).await, 202);
    cluster.settle().await;
    let poll = json!({ "options": ["Yes", "No"], "expires_in": 3600, "hide_totals": true });
    let id = ada.write(json!({ "status": "Shall we?", "poll": poll })).await;
    let voted = bo.post(&format!("/api/v1/polls/{id}/votes"), json!({ "choices": [0] })).await;
    assert_eq!(voted.status, 200, "{}", voted.body);
    cluster.pass(chrono::TimeDelta::minutes(5));
    cluster.settle().await;
    assert!(eve.was_told("Question"), "she has the poll");
    assert!(!eve.was_told("\"totalItems\":1") && !eve.was_told("\"votersCount\":1"), "and no counts");
    let path = format!("/users/ada/posts/{id}");
    let (status, shown) = eve.get_as(alpha, &eve.actor(), &path).await;
    assert_eq!(status, 200);
    assert_eq!((&shown["oneOf"][0]["name"], &shown["votersCount"]), (&json!("Yes"), &json!(null)), "{shown}");
    assert_eq!(shown["oneOf"][0]["replies"]["totalItems"], json!(null), "{shown}");

    cluster.pass(chrono::TimeDelta::hours(1));
    cluster.settle().await;
    assert!(eve.was_told("\"totalItems\":1") && eve.was_told("\"votersCount\":1"), "when it is over she gets them");
    let (_, shown) = eve.get_as(alpha, &eve.actor(), &path).await;
    assert_eq!(shown["oneOf"][0]["replies"]["totalItems"], 1, "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_poll_is_another_each_time_is_asked_for_its_result_once() {
    let eve = Stranger::at("eve.test").await;
    let cluster = Cluster::with(&["alpha.test"], &[("eve.test", eve.address)], Options::default()).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("bo", Role::Clinician).await;
    let bo = App::of(alpha, "bo", "read write").await;
    let ends = (alpha.ctx.now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let question = |id: &str, choices: [&str; 2]| {
        let count = json!({ "type": "Collection", "totalItems": 3 });
        let mut note = eve.note(id, "Which one?");
        note["type"] = "Question".into();
        note["oneOf"] = choices.iter().map(|c| json!({ "type": "Note", "name": c, "replies": count })).collect();
        note["endTime"] = ends.clone().into();
        note
    };
    for id in ["1", "2"] {
        let asked = question(id, ["Apixaban", "Warfarin"]);
        eve.serve(&format!("/notes/{id}"), asked.clone());
        assert_eq!(eve.deliver(alpha, &eve.activity("Create", id, asked)).await, 202);
    }
    cluster.settle().await;
    let public = bo.get("/api/v1/timelines/public").await.body;
    let first = public.as_array().unwrap().iter().find(|s| s["uri"] == "http://eve.test/notes/1");
    let votes = format!("/api/v1/polls/{}/votes", text(&first.unwrap()["poll"]["id"]));
    assert_eq!(bo.post(&votes, json!({ "choices": [0] })).await.status, 200);
    cluster.settle().await;
    let asked = |path: &str| eve.fetched().iter().filter(|p| p.as_str() == path).count();
    let before = (asked("/notes/1"), asked("/notes/2"));
    cluster.pass(chrono::TimeDelta::hours(2));
    for choices in [["Edoxaban", "Dabigatran"], ["Heparin", "Aspirin"]] {
        eve.serve("/notes/1", question("1", choices));
        cluster.settle().await;
    }
    let now = (asked("/notes/1"), asked("/notes/2"));
    assert_eq!((now.0 - before.0, now.1 - before.1), (1, 0), "once, and not at all where nobody here had voted");
    assert_eq!(bo.listed("/api/v1/notifications?types[]=poll", "type").await, ["poll"]);
}
