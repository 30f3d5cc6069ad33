//! What a group did not take, here or at another hospital: its author sends it again, or goes back to what the group shows.

use consilium::{
    error::Error,
    model::{GroupKind, Held, Premoderation, Role},
    service::{Page, cases, groups, posts},
};

use crate::harness::{
    Cluster,
    cases::{plain, post_case},
    groups::{Circle, form, found_like, join, said},
    rows::{ask, run},
};

/// As if the group had been archived just now, and nobody had been told yet.
const CLOSED: &str = "UPDATE groups SET archived_at = now()";
/// And then opened again.
const OPEN: &str = "UPDATE groups SET archived_at = NULL";

/// What is typed into the form.
fn words(text: &'static str) -> [(&'static str, &'static str); 3] {
    [("text", text), ("warning", ""), ("language", "en")]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_group_elsewhere_did_not_take_goes_past_the_gate_and_to_it_once_more() {
    let story = Circle::joined(GroupKind::Closed).await;
    let (alpha, beta) = (story.at("alpha.test"), story.at("beta.test"));
    run(alpha, CLOSED).await;
    let uri = story.say("beta.test", &story.bo, "Too late").await;
    let id = posts::by_uri(&beta.ctx, &uri).await.unwrap().unwrap().id;
    let (path, edit) = (format!("/@bo/{id}"), format!("/posts/{id}/edit"));
    let mut bo = beta.signed_in("bo").await;
    assert!(bo.get(&path).await.says("Edit and send again"));
    let page = bo.get(&edit).await;
    assert!(page.says("did not take this: “This group is archived") && page.says("Broad complexes in a runner."));

    run(alpha, OPEN).await;
    let marked = bo.send(&edit, &words("I saw Mr Hargreaves too.")).await;
    assert!(marked.status == 422 && marked.says("could identify a patient"), "{}", marked.html);
    let sent = bo.submit(&edit, &edit, &words("I would wait.")).await;
    assert_eq!(sent.location, format!("{path}?done=post-sent"), "{}", sent.html);
    story.cluster.settle().await;
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), ["Too late"], "{host}");
        let there = posts::by_uri(&story.at(host).ctx, &uri).await.unwrap().unwrap();
        assert!(there.held == Held::No && there.html.contains("I would wait."), "{host}: {}", there.html);
        assert!(there.edited_at.is_none(), "it is new to everybody at {host}");
    }

    // A case is not edited: it is a draft again.
    run(alpha, CLOSED).await;
    let case = post_case(beta, &story.bo, story.group("beta.test").await, plain("Ablate or wait?")).await;
    story.cluster.settle().await;
    run(alpha, OPEN).await;
    let (path, edit) = (format!("/@bo/{case}"), format!("/posts/{case}/edit"));
    let again = bo.submit(&path, &edit, &[("act", "again")]).await;
    let page = bo.visit(&again.location).await;
    assert!(page.says("This group is archived") && page.says("Ablate or wait?"), "{}: {}", again.location, page.html);
    assert_eq!(bo.get(&path).await.status, 404, "it is a draft now");
    story.cluster.settle().await;
    let gone = format!("SELECT count(*)::text AS words FROM tombstones WHERE uri LIKE '%/posts/{case}'");
    assert_eq!(ask(alpha, &gone).await, ["1"], "the group's server keeps nothing of it");
    let draft = cases::drafts(&beta.ctx, &story.bo).await.unwrap()[0].id;
    cases::publish(&beta.ctx, &story.bo, draft).await.unwrap();
    story.cluster.settle().await;
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), ["Ablate or wait?", "Too late"], "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_a_group_elsewhere_did_not_take_is_taken_back_or_sent_again() {
    let story = Circle::joined(GroupKind::Closed).await;
    let (alpha, beta) = (story.at("alpha.test"), story.at("beta.test"));
    let deb = beta.account("deb", Role::Clinician).await;
    story.join("beta.test", &deb, "").await;
    let uri = story.say("beta.test", &story.bo, "Which lead?").await;
    let id = posts::by_uri(&beta.ctx, &uri).await.unwrap().unwrap().id;
    let (path, edit) = (format!("/@bo/{id}"), format!("/posts/{id}/edit"));
    let mut bo = beta.signed_in("bo").await;
    assert!(!bo.get(&edit).await.says("Take the edit back"));

    run(alpha, CLOSED).await;
    for text in ["I would wait.", "I would not wait."] {
        let sent = bo.submit(&edit, &edit, &words(text)).await;
        assert_eq!(sent.location, format!("{path}?done=post-sent"), "{}", sent.html);
        story.cluster.settle().await;
        let page = bo.get(&path).await;
        assert!(page.says("did not take this: “This group is archived") && page.says(text), "{}", page.html);
        assert!(matches!(posts::read(&beta.ctx, &deb, id).await, Err(Error::NotFound)), "nobody else sees it");
    }
    // Also where it is known by now that the group takes nothing more.
    run(beta, CLOSED).await;
    let back = bo.submit(&edit, &edit, &[("act", "take-back")]).await;
    run(beta, OPEN).await;
    assert_eq!(back.location, format!("{path}?done=edit-taken-back"), "{}", back.html);
    let (card, before) = posts::history(&beta.ctx, &deb, id).await.unwrap();
    assert!(card.post.html.contains("Broad complexes in a runner."), "{}", card.post.html);
    assert!(card.post.edited_at.is_none() && before.is_empty(), "as if it had never been edited");
    assert_eq!(bo.submit(&edit, &edit, &words("I would wait.")).await.location, format!("{path}?done=post-sent"));
    story.cluster.settle().await;
    assert_eq!(posts::raw(&beta.ctx, id).await.unwrap().held, Held::Refused);

    run(alpha, OPEN).await;
    // The same words once more.
    assert_eq!(bo.submit(&edit, &edit, &words("I would wait.")).await.location, format!("{path}?done=post-sent"));
    story.cluster.settle().await;
    for (host, _) in story.all() {
        let there = posts::by_uri(&story.at(host).ctx, &uri).await.unwrap().unwrap();
        assert!(there.held == Held::No && there.html.contains("I would wait."), "{host}: {}", there.html);
    }
    let (_, before) = posts::history(&beta.ctx, &deb, id).await.unwrap();
    assert_eq!(before.len(), 1, "what the group has not shown stands in no history");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moderators_do_not_let_be_seen_comes_back_to_its_author_alone() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let owner = alpha.account("ada", Role::Clinician).await;
    let first = groups::GroupForm { premoderation: Premoderation::All, ..form() };
    let group = found_like(alpha, &owner, GroupKind::Closed, &first).await;
    let author = alpha.account("bo", Role::Clinician).await;
    let member = alpha.account("cy", Role::Clinician).await;
    for who in [&author, &member] {
        join(alpha, who, "").await;
    }
    let (mut ada, mut bo, mut cy) =
        (alpha.signed_in("ada").await, alpha.signed_in("bo").await, alpha.signed_in("cy").await);
    let id = posts::publish(ctx, &author, posts::NewPost { group: Some(group), ..said("A murmur") }).await.unwrap();
    let (path, edit) = (format!("/@bo/{id}"), format!("/posts/{id}/edit"));
    let (desk, why) = ("/groups/hearts/moderation", "It names a patient");
    let remove = format!("/groups/hearts/posts/{id}/remove");

    assert!(ada.get(desk).await.says(&format!("{remove}?back={desk}")));
    let asked = ada.get(&format!("{remove}?back={desk}")).await;
    assert!(asked.says("Send this post back?") && !asked.says("and the members"), "{}", asked.html);
    let done = ada.submit_from(&asked, &remove, &[("reason", why)]).await;
    assert_eq!(done.location, format!("{desk}?done=post-returned"), "it leads back to the desk");
    for (who, browser) in [("the moderator", &mut ada), ("a member", &mut cy)] {
        assert_eq!(browser.get(&path).await.status, 404, "{who}");
        for page in ["/groups/hearts?what=talk", "/groups/hearts/log", "/notifications", "/search?q=complexes"] {
            let seen = browser.get(page).await;
            assert!(!seen.says("Broad complexes") && !seen.says(why), "{who} at {page}: {}", seen.html);
        }
    }
    let page = ada.get(desk).await;
    assert!(page.says("No post is waiting.") && !page.says("Broad complexes"), "{}", page.html);
    let again = ada.send(&format!("/groups/hearts/posts/{id}/release"), &[("back", desk)]).await;
    assert_eq!(again.status, 404, "it is not the moderators' any more");
    assert!(cy.get("/groups/hearts/log").await.says("back before the group saw it"));

    let told = bo.get("/notifications").await;
    assert!(told.says("has sent your post back to you:") && told.says(why), "{}", told.html);
    let page = bo.get(&path).await;
    assert!(page.says(why) && page.says("Only you see it.") && page.says("Broad complexes"), "{}", page.html);
    let sent = bo.submit(&edit, &edit, &words("Which lead?")).await;
    assert_eq!(sent.location, format!("{path}?done=post-held"), "{}", sent.html);
    assert!(ada.get(desk).await.says("Which lead?"), "it waits once more");
    groups::release(ctx, &owner, id).await.unwrap();
    let page = cy.get(&path).await;
    assert!(page.says("Which lead?") && !page.says(why), "{}", page.html);
    assert!(posts::raw(ctx, id).await.unwrap().edited_at.is_none(), "it is new to everybody");

    // A case is a draft again, which waits once more, whatever the group looks at by then.
    let case = post_case(alpha, &author, group, plain("Ablate or wait?")).await;
    groups::remove_post(ctx, &owner, case, why).await.unwrap();
    assert!(matches!(posts::read(ctx, &owner, case).await, Err(Error::NotFound)));
    assert!(matches!(cases::recall(ctx, &owner, case).await, Err(Error::NotFound)));
    assert!(bo.get("/cases/mine").await.says(why));
    let again = bo.submit("/cases/mine", &format!("/posts/{case}/edit"), &[("act", "again")]).await;
    let page = bo.visit(&again.location).await;
    assert!(page.says(why) && page.says("Ablate or wait?"), "{}: {}", again.location, page.html);
    groups::change(ctx, &owner, group, &form()).await.unwrap();
    let draft = cases::drafts(ctx, &author).await.unwrap()[0].id;
    let case = cases::publish(ctx, &author, draft).await.unwrap();
    let held = groups::held(ctx, &owner, group, &Page::first(5)).await.unwrap().items;
    assert_eq!(held.iter().map(|card| card.post.id).collect::<Vec<_>>(), [case]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_a_group_elsewhere_did_not_take_is_said_to_its_author_and_sent_again() {
    let story = Circle::joined(GroupKind::Closed).await;
    let (alpha, beta) = (story.at("alpha.test"), story.at("beta.test"));
    let case = post_case(beta, &story.bo, story.group("beta.test").await, plain("Ablate or wait?")).await;
    story.cluster.settle().await;
    run(alpha, CLOSED).await;
    let words = "Ablated on Day +9, well since.";
    cases::add_outcome(&beta.ctx, &story.bo, case, words, &[]).await.unwrap();
    story.cluster.settle().await;

    let (path, outcome) = (format!("/@bo/{case}"), format!("/cases/{case}/outcome"));
    let mut bo = beta.signed_in("bo").await;
    let page = bo.get(&path).await;
    assert!(page.says("The group did not take the outcome: “This group is archived"), "{}", page.html);
    assert!(page.says(words) && page.says("Edit and send again"), "{}", page.html);
    let told = bo.get("/notifications").await;
    assert!(told.says("did not take the outcome of your case:"), "{}", told.html);
    let page = bo.get(&outcome).await;
    assert!(page.says("“This group is archived") && page.says("Send it again"), "{}", page.html);

    run(alpha, OPEN).await;
    // The same words once more.
    let sent = bo.submit(&outcome, &outcome, &[("outcome", words)]).await;
    assert_eq!(sent.location, format!("{path}?done=outcome"), "{}", sent.html);
    story.cluster.settle().await;
    let uri = posts::raw(&beta.ctx, case).await.unwrap().uri;
    for host in ["alpha.test", "gamma.test"] {
        let there = posts::by_uri(&story.at(host).ctx, &uri).await.unwrap().unwrap();
        assert!(there.html.contains(words), "{host}: {}", there.html);
    }
    assert!(!bo.get(&path).await.says("did not take the outcome"));
}
