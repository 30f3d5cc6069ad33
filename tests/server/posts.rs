//! Posts on one instance.

use consilium::{model::Role, service::reports};

use crate::harness::{Browser, Cluster, Page};

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

#[tokio::test(flavor = "multi_thread")]
async fn four_who_like_a_post_are_one_line_that_names_two_and_lists_all() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let id = ada.post("Door to ECG in six minutes", "public").await;
    let words =
        |page: &Page| consilium::text::sanitize::plain(&page.html).split_whitespace().collect::<Vec<_>>().join(" ");
    for (name, expected) in [
        ("bo", "Dr bo liked your post"),
        ("carl", "Dr carl and Dr bo liked your post"),
        ("dee", "Dr dee, Dr carl and 1 other liked your post"),
        ("eve", "Dr eve, Dr dee and 2 others liked your post"),
    ] {
        let mut colleague = alpha.clinician(name).await;
        colleague.send(&format!("/posts/{id}/like"), &[("back", "/")]).await;
        colleague.follow("ada").await;
        let page = ada.get("/notifications").await;
        assert!(words(&page).contains(expected), "{expected}: {}", words(&page));
        assert_eq!(page.html.matches("liked your post").count(), 1);
    }
    let page = ada.get("/notifications").await;
    assert!(words(&page).contains("Dr eve, Dr dee and 2 others follow you now"), "{}", words(&page));
    assert!(page.says(&format!("href=\"/posts/{id}/likes\"")) && page.says("href=\"/@ada/followers\""));
    assert_eq!(page.html.matches("row new").count(), 2);
    let newest = page.html.split("name=\"newest\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    ada.send("/notifications/read", &[("newest", &newest)]).await;
    assert!(!ada.get("/notifications").await.says("row new"));
    let mut faye = alpha.clinician("faye").await;
    faye.send(&format!("/posts/{id}/like"), &[("back", "/")]).await;
    let page = ada.get("/notifications").await;
    assert_eq!(page.html.matches("row new").count(), 1, "the likes have a new one among them, the follows have not");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_names_those_whom_one_follows_and_who_follow_them_too() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo, mut carl) =
        (alpha.clinician("ada").await, alpha.clinician("bo").await, alpha.clinician("carl").await);
    alpha.clinician("dee").await;
    for colleague in [&mut bo, &mut carl] {
        colleague.follow("dee").await;
    }
    assert!(!ada.get("/@dee").await.says("Also followed by"), "she follows neither of them");
    for name in ["bo", "carl"] {
        ada.follow(name).await;
    }
    let page = ada.get("/@dee").await;
    assert!(page.says("Also followed by") && page.says("Dr bo") && page.says("Dr carl"), "{}", page.html);
    assert!(!alpha.browser().get("/@dee").await.says("Also followed by"));
    assert!(!bo.get("/@bo").await.says("Also followed by"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_report_about_the_same_person_is_told_too() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut mo = alpha.person("mo", Role::Moderator).await;
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    for comment in ["Please look", "And at this"] {
        let complaint = reports::Complaint {
            target: bo.account().unwrap(),
            posts: Vec::new(),
            comment: comment.into(),
            category: "other".into(),
            forward: false,
            words_to_leaders: false,
        };
        reports::file(&alpha.ctx, &ada, complaint).await.unwrap();
        assert!(mo.get("/notifications").await.says("was reported"), "{comment}");
        mo.send("/notifications/read", &[]).await;
    }
    let mut reporter = alpha.signed_in("ada").await;
    let form = format!("/report?person={}", bo.account().unwrap());
    assert!(!reporter.get(&form).await.says(" checked"), "nothing is chosen for them");
    let unsaid = reporter.submit(&form, "/report", &[]).await;
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.says("Choose what is wrong."), "{}", unsaid.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_boosted_a_post_hears_of_its_second_edit_too() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    let id = ada.post("First", "public").await;
    bo.send(&format!("/posts/{id}/boost"), &[("back", "/")]).await;
    for text in ["Second", "Third"] {
        ada.send(&format!("/posts/{id}/edit"), &[("text", text)]).await;
        assert!(bo.get("/notifications").await.says("changed a post that you boosted"), "{text}");
        bo.send("/notifications/read", &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_engines_are_asked_to_leave_out_whoever_did_not_agree_to_be_found() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    let hidden = bo.submit("/settings/profile", "/settings/profile", &[("name", "Dr bo")]).await;
    assert!(hidden.status.is_redirection(), "{}", hidden.html);
    let hers = ada.post("Rounds at eight", "public").await;
    let answered = ada.post("Who takes the night?", "public").await;
    let his = bo.reply(answered, "I do").await;

    let mut nobody = alpha.browser();
    for (path, told) in [
        ("/@ada".to_owned(), false),
        (format!("/@ada/{hers}"), false),
        (format!("/posts/{hers}/history"), false),
        ("/@bo".to_owned(), true),
        (format!("/@bo/{his}"), true),
        (format!("/posts/{his}/history"), true),
        // His words stand on the page of hers.
        (format!("/@ada/{answered}"), true),
    ] {
        let page = nobody.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.says("<meta name=\"robots\" content=\"noindex\">"), told, "{path}: {}", page.html);
    }
}
