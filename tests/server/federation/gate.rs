use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{Cluster, Options, Stranger};

async fn besieged() -> (Cluster, Stranger) {
    let eve = Stranger::at("eve.test").await;
    let cluster =
        Cluster::with(&["alpha.test"], &[("eve.test", eve.address), ("victim.test", eve.address)], Options::default())
            .await;
    (cluster, eve)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_stranger_is_heard() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let status = eve.deliver(alpha, &eve.activity("Create", "1", eve.note("1", "Good morning"))).await;
    assert_eq!(status, 202);
    cluster.settle().await;
    let mut ada = alpha.clinician("ada").await;
    assert!(ada.get("/?tab=all").await.says("Good morning"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_activity_twice_is_one_post() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let create = eve.activity("Create", "1", eve.note("1", "Only once"));
    for _ in 0..3 {
        assert_eq!(eve.deliver(alpha, &create).await, 202);
    }
    cluster.settle().await;
    let mut ada = alpha.clinician("ada").await;
    assert_eq!(ada.get("/?tab=all").await.html.matches("Only once").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_whose_deletion_came_first_does_not_appear() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let note = eve.note("1", "Too late");
    eve.deliver(alpha, &eve.activity("Delete", "2", note["id"].clone())).await;
    cluster.settle().await;
    eve.deliver(alpha, &eve.activity("Create", "1", note)).await;
    cluster.settle().await;
    let mut ada = alpha.clinician("ada").await;
    assert!(!ada.get("/?tab=all").await.says("Too late"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_in_anothers_name() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let mut forged = eve.activity("Create", "1", eve.note("1", "Forged"));
    forged["actor"] = json!("http://victim.test/users/ada");
    assert_eq!(eve.deliver(alpha, &forged).await, 401, "the signer is not the actor");
    let mut forged = eve.activity("Create", "2", eve.note("2", "Forged"));
    forged["id"] = json!("http://victim.test/activities/2");
    assert_eq!(eve.deliver(alpha, &forged).await, 400, "the id is of another server");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nested_post_of_somebody_else_is_read_where_it_lives_or_not_at_all() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let mut stolen = eve.note("1", "Words put into a mouth");
    stolen["id"] = json!("http://victim.test/notes/9");
    stolen["attributedTo"] = json!("http://victim.test/users/ada");
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "1", stolen)).await, 202);
    let mut half = eve.note("2", "Half forged");
    half["attributedTo"] = json!(["http://victim.test/users/ada", eve.actor()]);
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "2", half)).await, 202);
    for _ in 0..3 {
        cluster.get("alpha.test").ctx.clock.advance(TimeDelta::hours(13));
    }
    let mut cluster = cluster;
    cluster.expect_dead_letters();
    cluster.settle().await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let all = ada.get("/?tab=all").await;
    assert!(!all.says("Words put into a mouth") && !all.says("Half forged"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_owner_edits_or_deletes_a_post() {
    let (mut cluster, eve) = besieged().await;
    cluster.expect_dead_letters();
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let id = ada.post("Mine alone", "public").await;
    let target = format!("http://alpha.test/users/ada/posts/{id}");
    let mut update = eve.note("x", "Taken over");
    update["id"] = json!(target);
    update["updated"] = json!("2030-01-01T00:00:00Z");
    eve.deliver(alpha, &eve.activity("Update", "1", update)).await;
    eve.deliver(alpha, &eve.activity("Delete", "2", json!(target))).await;
    cluster.settle().await;
    let page = ada.get(&format!("/@ada/{id}")).await;
    assert!(page.says("Mine alone") && !page.says("Taken over"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_what_was_signed_is_turned_away() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let now = alpha.ctx.now();
    let body = eve.activity("Create", "1", eve.note("1", "Nothing of this"));
    let other_digest = |headers: &mut Vec<(String, String)>| {
        for (name, value) in headers.iter_mut().filter(|(n, _)| n.eq_ignore_ascii_case("digest")) {
            *value = consilium::crypto::digest::digest_header(name.as_bytes());
        }
    };
    assert_eq!(eve.deliver_with(alpha, &body, now, other_digest).await, 401, "wrong digest");
    let no_target = |headers: &mut Vec<(String, String)>| {
        for (_, value) in headers.iter_mut().filter(|(n, _)| n.eq_ignore_ascii_case("signature")) {
            *value = value.replace("(request-target) ", "");
        }
    };
    assert_eq!(eve.deliver_with(alpha, &body, now, no_target).await, 401, "the target is not signed");
    assert_eq!(eve.deliver_with(alpha, &body, now - TimeDelta::hours(2), |_| {}).await, 401, "too old");
    assert_eq!(eve.deliver_with(alpha, &body, now + TimeDelta::minutes(30), |_| {}).await, 401, "from the future");
    let unsigned = |headers: &mut Vec<(String, String)>| headers.retain(|(n, _)| !n.eq_ignore_ascii_case("signature"));
    assert_eq!(eve.deliver_with(alpha, &body, now, unsigned).await, 401, "unsigned");
    assert_eq!(
        eve.deliver_with(alpha, &body, now - TimeDelta::minutes(5), |_| {}).await,
        202,
        "a clock that is a little slow"
    );
    let huge = eve.activity("Create", "9", json!({ "content": "x".repeat(1_100_000) }));
    assert_eq!(eve.deliver(alpha, &huge).await, 413);
    for odd in [json!([]), json!("x"), json!({ "type": "Create" }), json!({ "actor": 1 })] {
        assert_eq!(eve.deliver(alpha, &odd).await, 400, "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_activities_are_taken_and_ignored_never_a_fault() {
    let (mut cluster, eve) = besieged().await;
    cluster.expect_dead_letters();
    let alpha = cluster.get("alpha.test");
    let odd = [
        eve.activity("Dance", "1", json!({ "type": "Waltz" })),
        eve.activity("Create", "2", json!(7)),
        eve.activity("Create", "3", json!({ "type": "Note" })),
        eve.activity("Undo", "4", json!(null)),
        eve.activity("Accept", "5", json!("http://nowhere.test/x")),
        eve.activity("Like", "6", json!({ "id": "http://alpha.test/users/nobody/posts/1" })),
        eve.activity("Follow", "7", json!("http://alpha.test/users/nobody")),
        eve.activity("Announce", "8", json!([1, 2, 3])),
    ];
    for activity in odd {
        assert_eq!(eve.deliver(alpha, &activity).await, 202, "{activity}");
    }
    cluster.settle().await;
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "99", eve.note("99", "Still standing"))).await, 202);
    cluster.settle().await;
    assert!(alpha.clinician("ada").await.get("/?tab=all").await.says("Still standing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_key_is_asked_for_once_and_the_old_one_stops_working() {
    let (cluster, mut eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "1", eve.note("1", "Old key"))).await, 202);
    let old = eve.key.clone();
    eve.change_key();
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "2", eve.note("2", "New key"))).await, 202);
    let new = std::mem::replace(&mut eve.key, old);
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "3", eve.note("3", "Stolen key"))).await, 401);
    eve.key = new;
    cluster.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_server_is_neither_heard_nor_told() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let follow = eve.activity("Follow", "1", json!("http://alpha.test/users/ada"));
    assert_eq!(eve.deliver(alpha, &follow).await, 202);
    cluster.settle().await;
    ada.post("Before the block", "followers").await;
    cluster.settle().await;
    let told = |words: &str| eve.received.lock().unwrap().iter().any(|a| a.to_string().contains(words));
    assert!(told("Before the block"));
    consilium::service::hosts::decide_by_operator(&alpha.ctx, "eve.test", consilium::model::HostState::Blocked, "")
        .await
        .unwrap();
    ada.post("After the block", "public").await;
    cluster.settle().await;
    assert!(!told("After the block"));
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "2", eve.note("2", "x"))).await, 403);
    assert!(!ada.get("/@ada/followers").await.says("eve.test"), "the follow is cut");
}
