//! Posts on one instance.

use crate::harness::{Browser, Cluster};

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_post_is_for_those_it_names() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut bo = alpha.clinician("bo").await;
    let mut cyd = alpha.clinician("cyd").await;
    cyd.follow("ada").await;
    let id = ada.post("@bo Lunch at noon?", "direct").await;
    assert_eq!(bo.get(&format!("/@ada/{id}")).await.status, 200);
    assert_eq!(cyd.get(&format!("/@ada/{id}")).await.status, 404);
    assert!(!cyd.home().await.says("Lunch at noon") && !cyd.get("/@ada").await.says("Lunch at noon"));
    let boost = bo.send(&format!("/posts/{id}/boost"), &[("back", "/")]).await;
    assert_eq!(boost.status, 403, "what is not for everybody is not passed on");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_never_wider_than_what_it_answers() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut bo = alpha.clinician("bo").await;
    bo.follow("ada").await;
    let id = ada.post("Only among us", "followers").await;
    let answer = bo.reply(id, "A public answer, I thought").await;
    assert_eq!(alpha.browser().get(&format!("/@bo/{answer}")).await.status, 404);
    assert_eq!(ada.get(&format!("/@bo/{answer}")).await.status, 200, "whom it answers can read it");
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_in_a_post_are_shown_as_words() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    ada.post("<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))", "public").await;
    let home = ada.home().await;
    assert!(!home.says("<script>alert") && !home.says("<img") && !home.says("javascript:alert(1)\""));
    assert!(home.says("&lt;script&gt;"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_walked_to_its_end() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    for n in 0..45 {
        ada.post(&format!("Entry number {n} of many"), "public").await;
    }
    let mut page = ada.home().await;
    let mut seen = page.html.matches("Entry number").count();
    while let Some(older) = page.html.split("rel=\"next\"").next().filter(|_| page.says("rel=\"next\"")) {
        let path = older
            .rsplit("href=\"")
            .next()
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .replace("&amp;", "&")
            .replace("&#38;", "&");
        page = ada.get(&path).await;
        seen += page.html.matches("Entry number").count();
    }
    assert_eq!(seen, 45);
}

#[tokio::test(flavor = "multi_thread")]
async fn hashtags_bookmarks_and_search_find_posts_and_people() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut bo = alpha.clinician("bo").await;
    let id = ada.post("A clean #ECG strip", "public").await;
    assert!(bo.get("/tags/ecg").await.says("A clean"));
    bo.get(&format!("/@ada/{id}")).await;
    bo.send(&format!("/posts/{id}/save"), &[("back", "/")]).await;
    assert!(bo.get("/bookmarks").await.says("A clean"));
    assert!(bo.get("/search?q=ada").await.says("Dr ada"));
    let by_address = bo.get(&format!("/search?q=http%3A%2F%2Falpha.test%2F%40ada%2F{id}")).await;
    assert_eq!(Browser::id_of(&by_address, "A clean"), id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_character_that_cannot_be_kept_breaks_no_page() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    ada.get("/compose").await;
    let sent = ada.send("/posts", &[("text", "Pasted\0 words"), ("visibility", "public"), ("warning", "\0")]).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    assert!(ada.home().await.says("Pasted words"));
    for path in ["/search?q=a%00b", "/tags/a%00b", "/users/a%00b", "/users/a%00b/outbox", "/media/a%00b"] {
        assert_eq!(ada.get(path).await.status, 404, "{path}");
    }
    let mut nobody = cluster.get("alpha.test").browser();
    nobody.get("/sign-in").await;
    let refused = nobody.send("/sign-in", &[("login", "a\0da"), ("password", "three\0"), ("next", "/")]).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
}
