//! What somebody with a server of their own making tries, and what comes of it.

use std::time::Duration;

use chrono::TimeDelta;
use consilium::model::{HostState, SignatureDialect};
use serde_json::json;

use crate::harness::{Cluster, Options, Stranger};

async fn besieged_with(config: &str) -> (Cluster, Stranger) {
    let eve = Stranger::at("eve.test").await;
    let others = [("eve.test", eve.address), ("victim.test", eve.address)];
    let cluster =
        Cluster::with(&["alpha.test"], &others, Options { config: config.into(), ..Options::default() }).await;
    (cluster, eve)
}

async fn besieged() -> (Cluster, Stranger) {
    besieged_with("").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_does_not_make_one_person_another() {
    let (mut cluster, eve) = besieged().await;
    cluster.expect_dead_letters();
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    // A post of Mallory's, whose page leads to a victim on another server.
    let mut note = eve.note("1", "Words of the victim?");
    note["attributedTo"] = json!("http://eve.test/users/mallory");
    eve.serve("/notes/1", note);
    eve.redirect("/users/mallory", "http://victim.test/users/vic");
    let mut victim = eve.person("vic");
    victim["id"] = json!("http://victim.test/users/vic");
    victim["inbox"] = json!("http://victim.test/users/vic/inbox");
    eve.serve("/users/vic", victim);
    assert_eq!(eve.deliver(alpha, &eve.activity("Announce", "1", json!("http://eve.test/notes/1"))).await, 202);
    cluster.settle().await;
    let all = ada.get("/?tab=all").await;
    assert!(!all.says("Words of the victim?"), "{}", all.html);
    assert_eq!(ada.get("/@vic@victim.test").await.status, 404, "nobody was taken for the victim");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newer_signatures_are_understood_too() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let create = eve.activity("Create", "1", eve.note("1", "Signed by RFC 9421"));
    assert_eq!(eve.deliver_in_rfc9421(alpha, &create).await, 202);
    cluster.settle().await;
    assert!(alpha.clinician("ada").await.get("/?tab=all").await.says("Signed by RFC 9421"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_knows_one_dialect_only_is_asked_in_the_other_once_and_remembered() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    eve.answer_next(&[401]);
    let follow = eve.activity("Follow", "1", json!("http://alpha.test/users/ada"));
    assert_eq!(eve.deliver(alpha, &follow).await, 202);
    cluster.settle().await;
    assert_eq!(eve.dialects(), [SignatureDialect::Cavage, SignatureDialect::Rfc9421], "a second knock");
    ada.post("In your dialect", "public").await;
    cluster.settle().await;
    assert_eq!(eve.dialects().last(), Some(&SignatureDialect::Rfc9421), "no first knock in vain");
    assert!(eve.was_told("In your dialect"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_whose_admin_has_not_decided_yet_gets_the_follow_later() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let follow = eve.activity("Follow", "1", json!("http://alpha.test/users/ada"));
    eve.answer_next(&[403]);
    assert_eq!(eve.deliver(alpha, &follow).await, 202);
    cluster.settle().await;
    assert!(!eve.was_told("Accept"));
    ada.post("Meanwhile", "public").await;
    cluster.settle().await;
    assert!(!eve.was_told("Meanwhile"), "nothing overtakes what the same inbox refused");
    cluster.pass(TimeDelta::minutes(30));
    cluster.settle().await;
    assert!(eve.was_told("Accept") && eve.was_told("Meanwhile"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_not_lost_because_the_server_of_the_question_is_silent() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let mut answer = eve.note("2", "I would ask neurology.");
    answer["inReplyTo"] = json!("http://victim.test/notes/7");
    eve.hang("/notes/7", Duration::from_millis(200));
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "2", answer)).await, 202);
    cluster.settle().await;
    let mut ada = alpha.clinician("ada").await;
    let shown = ada.get("/@eve@eve.test?replies=1").await;
    assert!(shown.says("I would ask neurology."), "{}", shown.html);

    // The question's server comes back: the thread is completed by itself.
    let mut victim = eve.person("vic");
    victim["id"] = json!("http://victim.test/users/vic");
    victim["inbox"] = json!("http://victim.test/users/vic/inbox");
    victim["endpoints"] = json!({});
    victim["followers"] = json!(null);
    eve.serve("/users/vic", victim);
    let mut question = eve.note("7", "Whom would you ask?");
    question["id"] = json!("http://victim.test/notes/7");
    question["attributedTo"] = json!("http://victim.test/users/vic");
    eve.serve("/notes/7", question);
    cluster.pass(TimeDelta::minutes(5));
    cluster.settle().await;
    let id = crate::harness::Browser::id_of(&shown, "I would ask neurology.");
    let thread = ada.visit(&format!("/@eve@eve.test/{id}")).await;
    assert!(thread.says("Whom would you ask?"), "{}", thread.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_made_to_explode_is_a_post_like_any_other() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let bomb: String = (0..5_000).map(|n| format!("<b a={n}>")).chain((0..20_000).map(|_| "<p>x".to_owned())).collect();
    let mut note = eve.note("1", "");
    note["content"] = json!(bomb);
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "1", note)).await, 202);
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "2", eve.note("2", "Still standing"))).await, 202);
    cluster.settle().await;
    assert!(alpha.clinician("ada").await.get("/?tab=all").await.says("Still standing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_without_end_are_turned_away_in_words() {
    let (mut cluster, eve) = besieged().await;
    cluster.expect_dead_letters();
    let alpha = cluster.get("alpha.test");
    let noise: String = (0..3_000_u32).map(|n| char::from(b'a' + u8::try_from(n * 7919 % 26).unwrap())).collect();
    let long = format!("http://eve.test/{noise}");
    let mut activity = eve.activity("Create", "1", eve.note("1", "x"));
    activity["id"] = json!(long);
    assert_eq!(eve.deliver(alpha, &activity).await, 400);
    for (n, object) in [json!(long), json!({ "id": long, "type": "Note" }), json!("a\u{1}b")].into_iter().enumerate() {
        for kind in ["Announce", "Delete", "Like", "Follow", "Undo", "Create"] {
            let status = eve.deliver(alpha, &eve.activity(kind, &format!("{kind}{n}"), object.clone())).await;
            assert_eq!(status, 202, "{kind}");
        }
    }
    cluster.settle().await;
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "9", eve.note("9", "Still standing"))).await, 202);
    cluster.settle().await;
    assert!(alpha.clinician("ada").await.get("/?tab=all").await.says("Still standing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_buries_a_post_of_somebody_else_before_it_comes() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    eve.serve("/users/mallory", eve.person("mallory"));
    let note = eve.note("1", "Not yours to bury");
    let mut early = eve.activity("Delete", "d", note["id"].clone());
    early["actor"] = json!("http://eve.test/users/mallory");
    assert_eq!(eve.deliver_as(alpha, "http://eve.test/users/mallory", &early).await, 202);
    cluster.settle().await;
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "1", note)).await, 202);
    cluster.settle().await;
    assert!(alpha.clinician("ada").await.get("/?tab=all").await.says("Not yours to bury"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_over_the_name_of_somebody_on_the_same_server() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "1", eve.note("1", "The first Eve"))).await, 202);
    let mut double = eve.person("double");
    double["preferredUsername"] = json!("eve");
    eve.serve("/users/double", double);
    let actor = "http://eve.test/users/double";
    let mut note = eve.note("2", "The second Eve");
    note["attributedTo"] = json!(actor);
    let mut create = eve.activity("Create", "2", note);
    create["actor"] = json!(actor);
    assert_eq!(eve.deliver_as(alpha, actor, &create).await, 202);
    cluster.settle().await;
    let mut ada = alpha.clinician("ada").await;
    let first = ada.get("/@eve@eve.test").await;
    assert!(first.says("The first Eve") && !first.says("The second Eve"), "{}", first.html);
    assert!(ada.get("/?tab=all").await.says("The second Eve"), "under a name of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_edit_after_a_newer_one_changes_nothing() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let version = |words: &str, at: &str| {
        let mut note = eve.note("1", words);
        note["updated"] = json!(at);
        note
    };
    eve.deliver(alpha, &eve.activity("Create", "1", eve.note("1", "First words"))).await;
    eve.deliver(alpha, &eve.activity("Update", "3", version("Third words", "2026-01-03T00:00:00Z"))).await;
    eve.deliver(alpha, &eve.activity("Update", "2", version("Second words", "2026-01-02T00:00:00Z"))).await;
    cluster.settle().await;
    let all = alpha.clinician("ada").await.get("/?tab=all").await;
    assert!(all.says("Third words") && !all.says("Second words"), "{}", all.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_copies_at_once_are_one() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let id = ada.post("Count me", "public").await;
    let post = format!("http://alpha.test/users/ada/posts/{id}");
    let create = eve.activity("Create", "1", eve.note("1", "Only once"));
    let like = eve.activity("Like", "2", json!(post));
    let boost = eve.activity("Announce", "3", json!(post));
    let follow = eve.activity("Follow", "4", json!("http://alpha.test/users/ada"));
    let copies = (0..16).flat_map(|_| [&create, &like, &boost, &follow]);
    let sent = futures_util::future::join_all(copies.map(|activity| eve.deliver(alpha, activity))).await;
    assert!(sent.iter().all(|status| *status == 202), "{sent:?}");
    assert_eq!(eve.fetched(), ["/users/eve"], "her key is asked for once");
    cluster.settle().await;
    let page = ada.get(&format!("/@ada/{id}")).await;
    assert!(page.says("1 boost") && page.says("1 like"), "{}", page.html);
    assert_eq!(ada.get("/?tab=all").await.html.matches("Only once").count(), 1);
    let told = ada.get("/notifications").await;
    assert_eq!(told.html.matches("<b>Eve</b>").count().max(3), 3, "{}", told.html);
    assert!(ada.get("/@ada").await.says("<b>1</b> follower"));
}

#[tokio::test(flavor = "multi_thread")]
async fn first_words_are_told_to_come_again_while_nobody_says_whose_key_it_is() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let create = eve.activity("Create", "1", eve.note("1", "My first words"));
    eve.hang("/users/eve", Duration::from_secs(1));
    let sent = futures_util::future::join_all((0..120).map(|_| eve.deliver(alpha, &create))).await;
    assert!(sent.iter().all(|status| *status == 503), "401 would be the last word: {sent:?}");
    assert_eq!(eve.fetched(), ["/users/eve"], "a server that is silent is left alone for a moment");
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_what_has_not_come_yet_is_no_fault_and_a_forged_accept_no_follow() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let id = ada.post("Do you like it?", "public").await;
    let like = eve.activity("Like", "1", json!(format!("http://alpha.test/users/ada/posts/{id}")));
    eve.deliver(alpha, &eve.activity("Undo", "2", like.clone())).await;
    let accept = eve.activity(
        "Accept",
        "3",
        json!({ "type": "Follow", "actor": "http://alpha.test/users/ada", "object": eve.actor() }),
    );
    eve.deliver(alpha, &accept).await;
    cluster.settle().await;
    assert!(!ada.get("/@ada/following").await.says("eve.test"), "nobody asked to follow Eve");
    eve.deliver(alpha, &like).await;
    cluster.settle().await;
    assert!(ada.get(&format!("/@ada/{id}")).await.says("1 like"));
    eve.deliver(alpha, &eve.activity("Undo", "4", like["id"].clone())).await;
    cluster.settle().await;
    assert!(!ada.get(&format!("/@ada/{id}")).await.says("1 like"), "known by its id alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_holds_up_nobody_else() {
    let (cluster, eve) = besieged_with("[worker]\nactivity_seconds = 3\n").await;
    let alpha = cluster.get("alpha.test");
    eve.hang("/notes/slow", Duration::from_secs(60));
    eve.serve("/users/mallory", eve.person("mallory"));
    let slow = eve.activity("Announce", "slow", json!("http://victim.test/notes/slow"));
    assert_eq!(eve.deliver(alpha, &slow).await, 202);
    let mut note = eve.note("quick", "Quick words");
    note["attributedTo"] = json!("http://eve.test/users/mallory");
    let mut quick = eve.activity("Create", "quick", note);
    quick["actor"] = json!("http://eve.test/users/mallory");
    assert_eq!(eve.deliver_as(alpha, "http://eve.test/users/mallory", &quick).await, 202);
    let mut ada = alpha.clinician("ada").await;
    tokio::select! {
        () = cluster.settle() => panic!("the slow one cannot be settled yet"),
        () = async { while !ada.get("/?tab=all").await.says("Quick words") { tokio::task::yield_now().await } } => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_server_is_listed_for_the_admin_and_not_heard() {
    let eve = Stranger::at("new.test").await;
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "1", eve.note("1", "Let me in"))).await, 403);
    assert!(eve.fetched().is_empty(), "nothing is fetched from a server nobody decided about");
    let mut admin = alpha.person("rooty", consilium::model::Role::Admin).await;
    assert!(admin.get("/admin/hosts").await.says("new.test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_server_is_read_by_its_followers_and_stays_out_of_public_timelines() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    consilium::service::hosts::decide_by_operator(&alpha.ctx, "eve.test", HostState::Limited, "").await.unwrap();
    assert_eq!(eve.deliver(alpha, &eve.activity("Create", "1", eve.note("1", "Loud advertising"))).await, 202);
    cluster.settle().await;
    let mut ada = alpha.clinician("ada").await;
    assert!(!ada.get("/?tab=all").await.says("Loud advertising"));
    assert!(ada.get("/@eve@eve.test").await.says("Loud advertising"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_for_followers_is_fetched_by_a_followers_server_and_by_nobody_elses() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    eve.serve("/users/mallory", eve.person("mallory"));
    eve.deliver(alpha, &eve.activity("Follow", "1", json!("http://alpha.test/users/ada"))).await;
    cluster.settle().await;
    let id = ada.post("For followers", "followers").await;
    let path = format!("/users/ada/posts/{id}");
    let (status, note) = eve.get_as(alpha, &eve.actor(), &path).await;
    assert!(status == 200 && note.to_string().contains("For followers"), "{status}");
    let mallory = "http://eve.test/users/mallory";
    assert_eq!(eve.get_as(alpha, mallory, &path).await.0, 404, "not for somebody else, though of the same server");
    let (_, outbox) = eve.get_as(alpha, mallory, "/users/ada/outbox?page=first").await;
    assert!(!outbox.to_string().contains("For followers"));
    assert_eq!(eve.get_as(alpha, mallory, "/users/ada/outbox").await.1["totalItems"], 0, "nor counted");
    ada.send(&format!("/posts/{id}/pin"), &[]).await;
    let (_, featured) = eve.get_as(alpha, &eve.actor(), "/users/ada/featured").await;
    assert_eq!(featured["orderedItems"], json!([]), "what is pinned for followers is not in the collection");
    ada.send(&format!("/posts/{id}/delete"), &[]).await;
    assert_eq!(eve.get_as(alpha, &eve.actor(), &path).await.0, 404, "a closed post leaves no tombstone");
    let open = ada.post("For all", "public").await;
    ada.send(&format!("/posts/{open}/pin"), &[]).await;
    let (_, actor) = eve.get_as(alpha, &eve.actor(), "/users/ada").await;
    assert_eq!(actor["featured"], "http://alpha.test/users/ada/featured");
    let (_, featured) = eve.get_as(alpha, &eve.actor(), "/users/ada/featured").await;
    assert_eq!(featured["orderedItems"], json!([format!("http://alpha.test/users/ada/posts/{open}")]), "{featured}");
    ada.send(&format!("/posts/{open}/delete"), &[]).await;
    let (status, tombstone) = eve.get_as(alpha, &eve.actor(), &format!("/users/ada/posts/{open}")).await;
    assert!(status == 410 && tombstone["type"] == "Tombstone", "{status} {tombstone}");
    consilium::service::hosts::decide_by_operator(&alpha.ctx, "eve.test", HostState::Blocked, "").await.unwrap();
    assert_eq!(eve.get_as(alpha, &eve.actor(), "/users/ada").await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_of_a_user_does_not_speak_for_its_server() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    eve.deliver(alpha, &eve.activity("Follow", "1", json!("http://alpha.test/users/ada"))).await;
    cluster.settle().await;
    let path = format!("/users/ada/posts/{}", ada.post("For followers", "followers").await);
    for (name, path_of_actor, expected) in [("robot", "/users/robot", 404), ("eve.test", "/actor", 200)] {
        let mut actor = eve.person(name);
        let id = format!("http://eve.test{path_of_actor}");
        actor["id"] = json!(id);
        actor["type"] = json!("Application");
        actor["publicKey"]["id"] = json!(format!("{id}#main-key"));
        actor["publicKey"]["owner"] = json!(id);
        eve.serve(path_of_actor, actor);
        assert_eq!(eve.get_as(alpha, &id, &path).await.0, expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_key_ids_do_not_make_us_ask_without_end() {
    let (cluster, eve) = besieged().await;
    let alpha = cluster.get("alpha.test");
    for n in 0..30 {
        let actor = format!("http://victim.test/users/nobody{n}");
        let mut forged = eve.activity("Create", &n.to_string(), eve.note("1", "x"));
        forged["actor"] = json!(actor);
        assert_eq!(eve.deliver_as(alpha, &actor, &forged).await, 401);
    }
    assert!(eve.fetched().len() <= 20, "{} requests for 30 forgeries", eve.fetched().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_never_asked_whatever_name_they_hide_behind() {
    let eve = Stranger::at("eve.test").await;
    let config = "[accounts]\nregistration = \"open\"\n";
    let cluster = Cluster::guarded(&["alpha.test"], config).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let port = eve.address.port();
    for name in [
        "localhost".to_owned(),
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
        "127.0.0.1".into(),
        "[::1]".into(),
        "[::ffff:127.0.0.1]".into(),
        "0.0.0.0".into(),
        "169.254.169.254".into(),
        "10.0.0.1".into(),
        "eve@127.0.0.1".into(),
    ] {
        for address in [format!("http://{name}/users/eve"), format!("https://{name}/users/eve")] {
            let encoded: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
            let page = ada.get(&format!("/search?q={encoded}")).await;
            assert!(page.status.is_success() && !page.says("@eve@"), "{address}: {}", page.status);
        }
    }
    assert!(eve.fetched().is_empty(), "{:?}", eve.fetched());
}
