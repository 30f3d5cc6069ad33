use crate::harness::{Browser, Cluster};

async fn following() -> (Cluster, Browser, Browser) {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let bo = cluster.get("beta.test").clinician("bo").await;
    ada.follow("@bo@beta.test").await;
    cluster.settle().await;
    (cluster, ada, bo)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_for_followers_reaches_them_and_nobody_else() {
    let (cluster, mut ada, mut bo) = following().await;
    let mut carl = cluster.get("alpha.test").clinician("carl").await;
    bo.post("Rota for the holidays", "followers").await;
    cluster.settle().await;
    let home = ada.home().await;
    let id = Browser::id_of(&home, "Rota for the holidays");
    assert_eq!(carl.get(&format!("/@bo@beta.test/{id}")).await.status, 404, "not for Carl");
    assert!(!carl.get("/@bo@beta.test").await.says("Rota for the holidays"));
    assert!(!carl.get("/?tab=all").await.says("Rota for the holidays"));
    assert_eq!(
        cluster.get("alpha.test").browser().get(&format!("/@bo@beta.test/{id}")).await.status,
        404,
        "nor for strangers"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_arrives_and_the_earlier_words_stay_readable_until_they_are_struck() {
    let (cluster, mut ada, mut bo) = following().await;
    let id = bo.post("Give 5 mg", "public").await;
    cluster.settle().await;
    cluster.pass(chrono::TimeDelta::minutes(1));
    let saved =
        bo.send(&format!("/posts/{id}/edit"), &[("text", "Give 0.5 mg"), ("warning", ""), ("language", "en")]).await;
    assert!(saved.status.is_redirection(), "{}", saved.html);
    cluster.settle().await;
    let home = ada.home().await;
    assert!(home.says("Give 0.5 mg") && !home.says("Give 5 mg"), "{}", home.html);
    let here = Browser::id_of(&home, "Give 0.5 mg");
    let history = ada.get(&format!("/posts/{here}/history")).await;
    assert!(history.says("Give 5 mg") && history.says("Give 0.5 mg"));
    assert!(!history.says("/strike"), "that is its author's to do: {}", history.html);

    let own = format!("/posts/{id}/history");
    let page = bo.get(&own).await;
    let strike = page.html.split('"').find(|value| value.ends_with("/strike")).unwrap().to_owned();
    let refused = ada.send(&strike.replace(&id.to_string(), &here.to_string()), &[]).await;
    assert_eq!(refused.status, 404);
    let struck = bo.submit(&own, &strike, &[]).await;
    assert_eq!(struck.location, format!("{own}?done=struck"), "{}", struck.html);
    cluster.settle().await;
    for page in [bo.get(&own).await, ada.get(&format!("/posts/{here}/history")).await] {
        assert!(page.says("was struck on") && page.says("Give 0.5 mg"), "{}", page.html);
        assert!(!page.says("Give 5 mg"), "{}", page.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_post_is_gone_everywhere_and_says_so() {
    let (cluster, mut ada, mut bo) = following().await;
    let id = bo.post("Written in haste", "public").await;
    cluster.settle().await;
    let here = Browser::id_of(&ada.home().await, "Written in haste");
    bo.send(&format!("/posts/{id}/delete"), &[]).await;
    cluster.settle().await;
    assert!(!ada.home().await.says("Written in haste"));
    assert_eq!(ada.get(&format!("/@bo@beta.test/{here}")).await.status, 410);
    assert_eq!(bo.get(&format!("/@bo/{id}")).await.status, 410);
}

#[tokio::test(flavor = "multi_thread")]
async fn likes_and_boosts_are_told_and_taken_back() {
    let (cluster, mut ada, mut bo) = following().await;
    let id = bo.post("Nine out of ten handovers on time", "public").await;
    cluster.settle().await;
    let here = Browser::id_of(&ada.home().await, "Nine out of ten");
    for act in ["like", "boost"] {
        ada.send(&format!("/posts/{here}/{act}"), &[("back", "/")]).await;
    }
    cluster.settle().await;
    let post = bo.get(&format!("/@bo/{id}")).await;
    assert!(post.says("1 boost") && post.says("1 like"), "{}", post.html);
    for act in ["unlike", "unboost"] {
        ada.send(&format!("/posts/{here}/{act}"), &[("back", "/")]).await;
    }
    cluster.settle().await;
    let post = bo.get(&format!("/@bo/{id}")).await;
    assert!(!post.says("1 boost") && !post.says("1 like"), "{}", post.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_across_three_hospitals_is_completed_for_who_joins_late() {
    let cluster = Cluster::of(["alpha.test", "beta.test", "gamma.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let mut bo = cluster.get("beta.test").clinician("bo").await;
    let mut cyd = cluster.get("gamma.test").clinician("cyd").await;
    bo.follow("@ada@alpha.test").await;
    cluster.settle().await;
    ada.post("How do you hand over at night?", "public").await;
    cluster.settle().await;
    let first = Browser::id_of(&bo.home().await, "How do you hand over");
    bo.reply(first, "@ada@alpha.test With a silent minute.").await;
    cluster.settle().await;
    // Cyd follows Bo afterwards and gets only Bo's next words; the thread above them is fetched.
    cyd.follow("@bo@beta.test").await;
    cluster.settle().await;
    let thread = bo.get("/@bo?replies=1").await;
    let own = Browser::id_of(&thread, "With a silent minute.");
    bo.reply(own, "And a printed sheet.").await;
    cluster.settle().await;
    let home = cyd.home().await;
    let here = Browser::id_of(&home, "And a printed sheet.");
    let seen = cyd.visit(&format!("/@bo@beta.test/{here}")).await;
    assert!(seen.says("How do you hand over at night?") && seen.says("With a silent minute."), "{}", seen.html);
}
