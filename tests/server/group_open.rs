//! Open groups and what everybody is told of them: in numbers, on other servers, and by programs that know no cases.

use consilium::{
    model::{CaseDraft, ConsentScope, GroupKind, Premoderation, RecallReason},
    policy::Viewer,
    service::{
        cases,
        groups::{self, GroupForm},
        posts,
    },
};
use serde_json::{Value, json};

use crate::harness::{
    cases::{consent, plain, post_case},
    groups::{Circle, GROUP, form, said},
    rows::ask,
};

/// Somebody answers a post of the group on their own server; the answer's ActivityPub id.
async fn answer(story: &Circle, host: &str, who: &Viewer, to: &str) -> String {
    let reply_to = posts::by_uri(&story.at(host).ctx, to).await.unwrap().map(|post| post.id);
    story.write(host, who, posts::NewPost { reply_to, ..said("") }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_moderator_stands_in_no_number_until_it_is_seen() {
    let story = Circle::joined(GroupKind::Open).await;
    let (alpha, group) = (&story.at("alpha.test").ctx, story.group("alpha.test").await);
    let question = story.say("alpha.test", &story.ada, "Which lead?").await;
    let watchful = GroupForm { premoderation: Premoderation::All, ..form() };
    groups::change(alpha, &story.ada, group, &watchful).await.unwrap();
    // Bo's posts, and answers to the question, as both servers count them.
    let query = format!(
        "SELECT (SELECT posts_count FROM accounts WHERE uri = 'http://beta.test/users/bo') || ' and ' || \
           (SELECT replies_count FROM posts WHERE uri = '{question}') AS words"
    );
    let counted = async |numbers: &str| {
        for host in ["alpha.test", "beta.test"] {
            assert_eq!(ask(story.at(host), &query).await, [numbers], "{host}");
        }
    };
    for is_seen in [true, false] {
        let said = answer(&story, "beta.test", &story.bo, &question).await;
        counted("0 and 0").await;
        let id = posts::by_uri(alpha, &said).await.unwrap().unwrap().id;
        if is_seen {
            groups::release(alpha, &story.ada, id).await.unwrap();
            story.cluster.settle().await;
            counted("1 and 1").await;
        }
        groups::remove_post(alpha, &story.ada, id, "It belongs elsewhere").await.unwrap();
        story.cluster.settle().await;
        counted("0 and 0").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_case_is_withdrawn_other_programs_are_told_of_each_answer_that_goes_with_it() {
    let story = Circle::joined(GroupKind::Open).await;
    story.deliver(&story.eve.activity("Follow", "follow", json!(GROUP))).await;
    for (host, name, who) in [("alpha.test", "ada", story.ada), ("beta.test", "bo", story.bo)] {
        let at = story.at(host);
        let written = CaseDraft { consent: consent(ConsentScope::Public), ..plain("Treat or wait?") };
        let id = post_case(at, &who, story.group(host).await, written).await;
        story.cluster.settle().await;
        let case = posts::raw(&at.ctx, id).await.unwrap().uri;
        let first = answer(&story, "alpha.test", &story.ada, &case).await;
        let second = answer(&story, "gamma.test", &story.cy, &first).await;
        cases::withdraw(&at.ctx, &who, id, RecallReason::Mistake).await.unwrap();
        story.cluster.settle().await;

        let received = story.eve.received.lock().unwrap().clone();
        let deletes = received.iter().filter(|one| one["type"] == "Announce" && one["actor"] == GROUP);
        let told: Vec<(Value, Value)> = deletes
            .map(|one| &one["object"])
            .filter(|inner| inner["type"] == "Delete")
            .map(|inner| (inner["actor"].clone(), inner["object"].get("id").unwrap_or(&inner["object"]).clone()))
            .filter(|(_, object)| [&case, &first, &second].iter().any(|uri| *object == uri.as_str()))
            .collect();
        let author = format!("http://{host}/users/{name}");
        let ada = "http://alpha.test/users/ada";
        let expected = [(json!(author), json!(case)), (json!(ada), json!(first)), (json!(GROUP), json!(second))];
        assert_eq!(told, expected, "{host}");
    }
}
