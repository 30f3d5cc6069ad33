use crate::harness::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn a_clinician_follows_reads_and_answers_a_colleague_of_another_hospital() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let mut bo = cluster.get("beta.test").clinician("bo").await;
    ada.follow("@bo@beta.test").await;
    cluster.settle().await;
    assert!(bo.get("/notifications").await.says("Dr ada"), "Bo is told of his follower");

    bo.post("Our new sepsis bundle is **out**.", "public").await;
    cluster.settle().await;
    let home = ada.home().await;
    assert!(home.says("Our new sepsis bundle is <strong>out</strong>."), "{}", home.html);

    let id = crate::harness::Browser::id_of(&home, "Our new sepsis bundle");
    ada.reply(id, "@bo@beta.test Could you share the checklist?").await;
    cluster.settle().await;
    let told = bo.get("/notifications").await;
    assert!(told.says("Could you share the checklist?"), "{}", told.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_approves_followers_is_asked_first() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let mut bo = cluster.get("beta.test").clinician("bo").await;
    bo.get("/settings/profile").await;
    let saved = bo.send("/settings/profile", &[("name", "Dr Bo"), ("locked", "on"), ("discoverable", "on")]).await;
    assert!(saved.status.is_redirection(), "{}", saved.html);
    ada.follow("@bo@beta.test").await;
    cluster.settle().await;
    bo.post("For my followers only", "followers").await;
    cluster.settle().await;
    assert!(!ada.home().await.says("For my followers only"), "nothing before the answer");

    let requests = bo.get("/requests").await;
    let id = requests.html.split("/requests/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    bo.send(&format!("/requests/{id}/accept"), &[("back", "/requests")]).await;
    cluster.settle().await;
    bo.post("Now you can read this", "followers").await;
    cluster.settle().await;
    assert!(ada.home().await.says("Now you can read this"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_follower_gets_nothing_more() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let mut bo = cluster.get("beta.test").clinician("bo").await;
    ada.follow("@bo@beta.test").await;
    cluster.settle().await;
    let page = bo.get("/@bo/followers").await;
    let id = page.html.split("/remove-follower").next().unwrap().rsplit('/').next().unwrap().to_owned();
    bo.send(&format!("/people/{id}/remove-follower"), &[("back", "/")]).await;
    cluster.settle().await;
    bo.post("After the removal", "followers").await;
    cluster.settle().await;
    assert!(!ada.home().await.says("After the removal"));
    assert!(ada.get("/@bo@beta.test").await.says(">Follow<"), "Ada sees that she no longer follows");
}
