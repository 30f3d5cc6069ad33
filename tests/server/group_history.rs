//! What a group has shown before a hospital had a member in it: it comes with the first one, tells nobody, and is called back from
//! there like all else.

use consilium::{
    model::{Admission, GroupKind, RecallReason},
    service::{cases, groups, posts},
};

use crate::harness::{
    cases::{plain, post_case},
    groups::{Circle, said},
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
