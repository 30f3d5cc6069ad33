//! What a group has shown before a hospital had a member in it: it comes with the first one, tells nobody, and is called back from
//! there like all else.

use consilium::{
    model::{Admission, GroupKind, RecallReason},
    service::{cases, groups, posts},
};
use serde_json::json;

use crate::harness::{
    cases::{plain, post_case},
    groups::{Circle, GROUP, said},
    rows::ask,
};

/// The group's page on every other server.
const THERE: &str = "/groups/hearts@alpha.test";

#[tokio::test(flavor = "multi_thread")]
async fn the_first_member_at_a_hospital_reads_what_was_there_and_a_case_among_it_is_called_back() {
    let story = Circle::of(GroupKind::Closed, Admission::Free).await;
    story.join("gamma.test", &story.cy, "").await;
    let (alpha, group) = (story.at("alpha.test"), story.group("alpha.test").await);
    let case = post_case(alpha, &story.ada, group, plain("Treat or wait?")).await;
    let case_uri = posts::raw(&alpha.ctx, case).await.unwrap().uri;
    let murmur = story.say("gamma.test", &story.cy, "A murmur").await;
    let at_alpha = posts::by_uri(&alpha.ctx, &murmur).await.unwrap().unwrap().id;
    let answers = posts::NewPost { reply_to: Some(at_alpha), ..said("") };
    let answer = story.write("alpha.test", &story.ada, answers).await;
    groups::pin(&alpha.ctx, &story.ada, at_alpha).await.unwrap();
    groups::lock(&alpha.ctx, &story.ada, at_alpha).await.unwrap();
    story.cluster.settle().await;

    story.join("beta.test", &story.bo, "").await;
    assert_eq!(story.titles("beta.test", &story.bo).await.unwrap(), ["A murmur", "Treat or wait?"]);
    let (beta, there) = (&story.at("beta.test").ctx, story.group("beta.test").await);
    let known = async |uri: &str| posts::by_uri(beta, uri).await.unwrap().unwrap();
    let told = cases::view(beta, &story.bo, &known(&case_uri).await).await.unwrap().unwrap();
    assert_eq!((told.case.body.age.as_str(), told.case.body.sections.len()), ("30 to 39", 1), "with its structure");
    let discussion = known(&murmur).await;
    assert!(discussion.locked_at.is_some(), "it had been ended");
    assert_eq!(known(&answer).await.reply_to_id, Some(discussion.id));
    let top = groups::pinned(beta, &story.bo, there).await.unwrap();
    assert_eq!(top.into_iter().map(|card| card.post.uri).collect::<Vec<_>>(), std::slice::from_ref(&murmur));
    let told = ask(story.at("beta.test"), "SELECT kind AS words FROM notifications").await;
    assert_eq!(told, ["group"], "of the membership, and of nothing else");
    for path in ["/users/hearts/outbox?page=first", "/users/hearts/featured"] {
        let (_, list) = story.eve.get_as(alpha, &story.eve.actor(), path).await;
        assert_eq!(list["orderedItems"], json!([]), "a server without members is told nothing: {path}");
    }

    // Nobody there belongs to it any more, and all of it is called back all the same.
    groups::leave(beta, &story.bo, there).await.unwrap();
    story.cluster.settle().await;
    cases::withdraw(&alpha.ctx, &story.ada, case, RecallReason::Mistake).await.unwrap();
    let gamma = &story.at("gamma.test").ctx;
    let own = posts::by_uri(gamma, &murmur).await.unwrap().unwrap().id;
    posts::delete(gamma, &story.cy, own, posts::Pictures::Delete).await.unwrap();
    story.cluster.settle().await;
    for uri in [&case_uri, &murmur] {
        assert!(known(uri).await.deleted_at.is_some(), "{uri}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_open_group_elsewhere_says_why_it_is_empty_until_somebody_follows_it() {
    let story = Circle::of(GroupKind::Open, Admission::Free).await;
    story.say("alpha.test", &story.ada, "Broad complexes").await;
    story.group("beta.test").await;
    let mut bo = story.at("beta.test").signed_in("bo").await;
    let page = bo.get(THERE).await;
    assert!(page.says("Nothing of this group has arrived here yet"), "{}", page.html);
    assert!(page.says("Nobody at this hospital belongs to this group.") && !page.says("No discussion yet"));
    let page = bo.get(&format!("{THERE}?what=cases")).await;
    assert!(page.says("No case of this group has arrived here yet") && !page.says("Ask the first one"));

    story.join("beta.test", &story.bo, "").await;
    let page = bo.get(THERE).await;
    assert!(page.says("Broad complexes") && !page.says("has arrived here yet"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_group_shows_what_is_discussed_in_it_to_whoever_finds_it_with_another_program() {
    let story = Circle::joined(GroupKind::Open).await;
    let alpha = story.at("alpha.test");
    let first = story.say("alpha.test", &story.ada, "Broad complexes").await;
    let id = posts::by_uri(&alpha.ctx, &first).await.unwrap().unwrap().id;
    let answers = posts::NewPost { reply_to: Some(id), ..said("") };
    let answer = story.write("alpha.test", &story.ada, answers).await;
    let hers = story.say("gamma.test", &story.cy, "A murmur").await;
    let get = async |path: &str| {
        let (status, body) = story.eve.get_as(alpha, &story.eve.actor(), path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    };

    let outbox = get("/users/hearts/outbox").await;
    let items = outbox["orderedItems"].as_array().unwrap();
    assert!(items.len() == 2 && outbox["totalItems"] == 2, "{outbox}");
    for (item, uri) in items.iter().zip([&hers, &first]) {
        assert_eq!((&item["type"], &item["actor"]), (&json!("Announce"), &json!(GROUP)));
        assert_eq!((&item["object"]["type"], &item["object"]["object"]["id"]), (&json!("Create"), &json!(uri)));
    }
    assert!(items[0]["object"]["object"].get("content").is_none(), "what others wrote is theirs to say: {outbox}");
    let page = &items[1]["object"]["object"];
    assert_eq!((&page["type"], &page["name"]), (&json!("Page"), &json!("Broad complexes")));
    assert!(page["content"].as_str().unwrap().contains("in a runner"), "{page}");
    assert_eq!((&page["audience"], &page["context"]), (&json!(GROUP), &json!(format!("{first}/context"))));

    let all = get("/users/hearts/outbox?page=first").await;
    let listed: Vec<_> = all["orderedItems"].as_array().unwrap().iter().map(|one| one["object"].clone()).collect();
    assert_eq!(listed.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&hers, &answer, &first]);
    assert_eq!(listed[1]["inReplyTo"], json!(first));
    let discussion = get(format!("{first}/context").strip_prefix("http://alpha.test").unwrap()).await;
    assert_eq!((&discussion["attributedTo"], &discussion["orderedItems"]), (&json!(GROUP), &json!([first, answer])));

    // What somebody of another server has opened stands with the group.
    let id = posts::by_uri(&alpha.ctx, &hers).await.unwrap().unwrap().id;
    let answers = posts::NewPost { reply_to: Some(id), ..said("") };
    let to_hers = story.write("alpha.test", &story.ada, answers).await;
    let address = format!("{GROUP}/posts/{id}/context");
    let answer = get(to_hers.strip_prefix("http://alpha.test").unwrap()).await;
    for told in [&listed[0], &items[0]["object"]["object"], &answer] {
        assert_eq!(told["context"], json!(address), "{told}");
    }
    let discussion = get(address.strip_prefix("http://alpha.test").unwrap()).await;
    assert_eq!((&discussion["id"], &discussion["attributedTo"]), (&json!(address), &json!(GROUP)));
    assert_eq!(discussion["orderedItems"], json!([hers, to_hers]));
}
