use chrono::TimeDelta;

use crate::harness::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_that_was_down_gets_everything_later_in_order() {
    let mut cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let mut bo = cluster.get("beta.test").clinician("bo").await;
    ada.follow("@bo@beta.test").await;
    cluster.settle().await;
    cluster.get_mut("alpha.test").go_down().await;
    let id = bo.post("First words", "public").await;
    cluster.settle().await;
    bo.send(&format!("/posts/{id}/edit"), &[("text", "Better words"), ("warning", ""), ("language", "en")]).await;
    bo.post("Second post", "public").await;
    cluster.settle().await;
    cluster.get_mut("alpha.test").come_back().await;
    cluster.pass(TimeDelta::minutes(10));
    cluster.settle().await;
    let home = ada.home().await;
    assert!(home.says("Better words") && home.says("Second post") && !home.says("First words"), "{}", home.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_that_stays_silent_for_a_week_leaves_dead_letters_with_a_reason() {
    let mut cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let mut bo = cluster.get("beta.test").clinician("bo").await;
    ada.follow("@bo@beta.test").await;
    cluster.settle().await;
    cluster.get_mut("alpha.test").go_down().await;
    cluster.expect_dead_letters();
    bo.post("Is anybody there?", "public").await;
    for _ in 0..20 {
        cluster.settle().await;
        cluster.pass(TimeDelta::hours(13));
    }
    cluster.settle().await;
    let mut admin = cluster.get("beta.test").person("root1", consilium::model::Role::Admin).await;
    let page = admin.get("/admin/dead-letters").await;
    assert!(page.says("no answer for 168 hours"), "{}", page.html);
    assert!(!page.says("Is anybody there?"), "the content is not shown");
}
