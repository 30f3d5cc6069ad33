//! Groups that are led from several hospitals: orders, reports, requests to join, and followers that two servers count alike.

use chrono::TimeDelta;
use consilium::{
    model::{AccountId, Admission, GroupDeed, GroupKind, Held, PostId, Premoderation, Role},
    policy::Viewer,
    service::{
        Page, follows,
        groups::{self, GroupForm},
        posts, remote, reports,
    },
};
use serde_json::json;

use crate::{
    documents::captured,
    harness::{
        groups::{Circle, GROUP, form},
        rows::{ask, everything, run},
    },
};

/// The group's page on every other server.
const THERE: &str = "/groups/hearts@alpha.test";

impl Circle {
    /// Somebody as alpha knows them.
    async fn at_alpha(&self, name: &str, host: &str) -> AccountId {
        let uri = format!("http://{host}/users/{name}");
        remote::account_by_uri(&self.at("alpha.test").ctx, &uri).await.unwrap().unwrap().id
    }

    async fn appoint(&self, name: &str, host: &str) -> AccountId {
        let who = self.at_alpha(name, host).await;
        groups::appoint(&self.at("alpha.test").ctx, &self.ada, self.group("alpha.test").await, who).await.unwrap();
        self.cluster.settle().await;
        who
    }

    /// A post as a server knows it.
    async fn post(&self, host: &str, uri: &str) -> PostId {
        posts::by_uri(&self.at(host).ctx, uri).await.unwrap().unwrap().id
    }

    /// Somebody reports a post that their server knows, in words for whoever leads the group or for their own server alone.
    async fn complain(&self, (host, who): (&str, &Viewer), uri: &str, comment: &str, words_to_leaders: bool) {
        let ctx = &self.at(host).ctx;
        let post = posts::by_uri(ctx, uri).await.unwrap().unwrap();
        let complaint = reports::Complaint {
            target: post.author_id,
            posts: vec![post.id],
            comment: comment.into(),
            category: "privacy".into(),
            forward: false,
            words_to_leaders,
        };
        reports::file(ctx, who, complaint).await.unwrap();
    }

    /// How many reports wait on a server, whoever leads the group.
    async fn waiting(&self, host: &str) -> String {
        let query = "SELECT count(*)::text AS words FROM group_reports WHERE closed_at IS NULL";
        ask(self.at(host), query).await.remove(0)
    }

    /// What waits in a moderator's hands as reported: the words, and the titles of the posts.
    async fn reported(&self, host: &str, who: &Viewer) -> Vec<(String, String)> {
        let group = self.group(host).await;
        let listed = groups::reports(&self.at(host).ctx, who, group, &Page::first(20)).await.unwrap();
        let line = |one: groups::ReportShown| (one.report.comment, one.post.unwrap().post.title);
        listed.items.into_iter().map(line).collect()
    }

    /// The newest line of the group's log: what, by whom, and why.
    async fn last_deed(&self) -> (GroupDeed, String, String) {
        let alpha = &self.at("alpha.test").ctx;
        let log = groups::log(alpha, &self.ada, self.group("alpha.test").await, &Page::first(1)).await.unwrap();
        let line = log.items.into_iter().next().unwrap();
        (line.deed, line.actor.map(|who| who.handle).unwrap_or_default(), line.reason)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_moderator_at_another_hospital_removes_is_gone_on_every_server() {
    let story = Circle::joined(GroupKind::Closed).await;
    story.appoint("bo", "beta.test").await;
    let uri = story.say("gamma.test", &story.cy, "Too much of a patient").await;
    story.say("alpha.test", &story.ada, "Broad complexes").await;

    let mut bo = story.at("beta.test").signed_in("bo").await;
    let page = bo.get(THERE).await;
    assert!(page.says("You moderate it") && page.says("/moderation"), "{}", page.html);
    let place = format!("{THERE}/posts/{}/remove", story.post("beta.test", &uri).await);
    let page = bo.submit(&place, &place, &[("reason", "It names a patient")]).await;
    assert!(page.location.ends_with("done=ordered"), "{}", page.html);
    story.cluster.settle().await;
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), ["Broad complexes"], "{host}");
    }
    let told = (GroupDeed::RemovePost, "bo@beta.test".to_owned(), "It names a patient".to_owned());
    assert_eq!(story.last_deed().await, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_at_another_hospital_ends_a_discussion_puts_one_on_top_and_bans() {
    let story = Circle::joined(GroupKind::Closed).await;
    story.appoint("bo", "beta.test").await;
    let uri = story.say("alpha.test", &story.ada, "Broad complexes").await;
    let beta = &story.at("beta.test").ctx;
    let there = story.post("beta.test", &uri).await;
    groups::lock(beta, &story.bo, there).await.unwrap();
    groups::pin(beta, &story.bo, there).await.unwrap();
    story.cluster.settle().await;
    for (host, who) in story.all() {
        let ctx = &story.at(host).ctx;
        let post = posts::raw(ctx, story.post(host, &uri).await).await.unwrap();
        assert!(post.locked_at.is_some(), "{host}");
        let top = groups::pinned(ctx, &who, story.group(host).await).await.unwrap();
        assert_eq!(top.into_iter().map(|card| card.post.uri).collect::<Vec<_>>(), std::slice::from_ref(&uri), "{host}");
    }
    groups::unlock(beta, &story.bo, there).await.unwrap();
    let cy = beta.remote().unwrap().account("cy", "gamma.test").await.unwrap();
    groups::ban(beta, &story.bo, story.group("beta.test").await, cy, "Advertising", Some(30)).await.unwrap();
    story.cluster.settle().await;
    assert!(posts::raw(beta, there).await.unwrap().locked_at.is_none());
    assert_eq!(story.last_deed().await, (GroupDeed::Ban, "bo@beta.test".into(), "Advertising".into()));
    assert_eq!(story.titles("gamma.test", &story.cy).await, None, "whoever is banned reads nothing more");
    let view = groups::view_by_id(&story.at("gamma.test").ctx, &story.cy, story.group("gamma.test").await).await;
    assert_eq!(view.unwrap().last_word.unwrap().1, "Advertising", "and reads why");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_at_another_hospital_looks_at_first_posts_and_lets_them_be_seen_or_not() {
    let mut story = Circle::joined(GroupKind::Closed).await;
    story.appoint("bo", "beta.test").await;
    let group = story.group("alpha.test").await;
    let look_at = async |premoderation: Premoderation| {
        let asks = GroupForm { premoderation, ..form() };
        groups::change(&story.at("alpha.test").ctx, &story.ada, group, &asks).await.unwrap();
        story.cluster.settle().await;
    };
    look_at(Premoderation::First).await;
    let uri = story.say("gamma.test", &story.cy, "A murmur").await;
    assert_eq!(story.titles("alpha.test", &story.ada).await.unwrap(), Vec::<String>::new());

    let mut bo = story.at("beta.test").signed_in("bo").await;
    let (desk, press) = (format!("{THERE}/moderation"), format!("{THERE}/held"));
    let page = bo.get(&desk).await;
    for words in ["A murmur", "Broad complexes in a runner.", "@cy@gamma.test", "A moderator looks at it"] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    assert!(!everything(story.at("beta.test")).await.contains("A murmur"), "nothing of it is kept there");
    assert!(bo.get("/groups").await.says("1 waiting"), "only how many there are");
    assert!(bo.get("/notifications").await.says("has something for those who lead it: see"));
    let (status, _) = story.eve.get_as(story.at("alpha.test"), &story.eve.actor(), "/users/hearts/held").await;
    assert_eq!(status, 404, "it is told to those alone who lead the group");
    let (gamma, there) = (&story.at("gamma.test").ctx, story.group("gamma.test").await);
    let known = groups::view_by_id(gamma, &story.cy, there).await.unwrap().account;
    assert!(groups::waiting_there(gamma, &story.cy, &known).await.is_err(), "a plain member is no such person");

    let done = bo.submit(&desk, &press, &[("post", &uri), ("act", "release")]).await;
    assert!(done.location.ends_with("done=ordered"), "{}", done.html);
    story.cluster.settle().await;
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), ["A murmur"], "{host}");
    }
    assert_eq!(story.last_deed().await, (GroupDeed::Release, "bo@beta.test".into(), String::new()));
    assert!(bo.get(&desk).await.says("No post is waiting."));
    assert!(!bo.get("/groups").await.says("1 waiting"));

    // What is not let be seen comes back to its author on their server, and no other hears of it.
    look_at(Premoderation::All).await;
    let uri = story.say("gamma.test", &story.cy, "Too much of a patient").await;
    let unsaid = bo.submit(&desk, &press, &[("post", &uri), ("act", "remove"), ("reason", " ")]).await;
    assert!(unsaid.status == 422 && unsaid.says("Say why in a sentence"), "{}", unsaid.html);
    bo.submit(&desk, &press, &[("post", &uri), ("act", "remove"), ("reason", "It names a patient")]).await;
    story.cluster.settle().await;
    assert_eq!(story.last_deed().await, (GroupDeed::ReturnPost, "bo@beta.test".into(), String::new()));
    let back = posts::by_uri(gamma, &uri).await.unwrap().unwrap();
    assert_eq!((back.held, back.refusal.as_str()), (Held::Refused, "It names a patient"));
    assert!(bo.get(&desk).await.says("No post is waiting."));
    assert!(posts::by_uri(&story.at("beta.test").ctx, &uri).await.unwrap().is_none());

    story.cluster.get_mut("alpha.test").go_down().await;
    assert!(bo.get(&desk).await.says("The group's own server does not answer just now."));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_at_other_hospitals_read_the_whole_log_of_a_group() {
    let mut story = Circle::joined(GroupKind::Closed).await;
    let (alpha, group) = (story.at("alpha.test"), story.group("alpha.test").await);
    let asks = GroupForm { rules: "No names of patients.".into(), ..form() };
    groups::change(&alpha.ctx, &story.ada, group, &asks).await.unwrap();
    let cy = story.at_alpha("cy", "gamma.test").await;
    groups::remove(&alpha.ctx, &story.ada, group, cy, "Left the hospital").await.unwrap();
    story.cluster.settle().await;

    let mut bo = story.at("beta.test").signed_in("bo").await;
    let log = format!("{THERE}/log");
    let page = bo.get(&log).await;
    for words in [
        "As alpha.test tells it now.",
        "changed how the group works",
        "founded the group",
        "@cy@gamma.test",
        "Left the hospital",
    ] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    assert!(
        !everything(story.at("beta.test")).await.contains("Left the hospital"),
        "it was told to nobody there before"
    );
    let (status, _) = story.eve.get_as(alpha, &story.eve.actor(), "/users/hearts/log").await;
    assert_eq!(status, 404);

    story.cluster.get_mut("alpha.test").go_down().await;
    let page = bo.get(&log).await;
    assert!(page.says("alpha.test does not answer just now.") && !page.says("Left the hospital"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_who_was_dismissed_or_has_left_is_not_heard() {
    let story = Circle::joined(GroupKind::Open).await;
    let eve = &story.eve;
    let first = story.say("alpha.test", &story.ada, "The first").await;
    let second = story.say("alpha.test", &story.ada, "The second").await;
    let removal = |id: &str, uri: &str| {
        let mut order = eve.activity("Delete", id, json!(uri));
        order["summary"] = "Spam".into();
        order["audience"] = GROUP.into();
        order
    };
    story.deliver(&removal("stranger", &first)).await;
    story.deliver(&eve.activity("Follow", "follow", json!(GROUP))).await;
    story.deliver(&removal("member", &first)).await;
    assert_eq!(story.titles("beta.test", &story.bo).await.unwrap(), ["The second", "The first"]);

    let who = story.appoint("eve", "eve.test").await;
    story.deliver(&removal("moderator", &first)).await;
    assert_eq!(story.titles("alpha.test", &story.ada).await.unwrap(), ["The second"]);
    assert_eq!(story.titles("beta.test", &story.bo).await.unwrap(), ["The second"]);
    assert!(eve.was_told("http://eve.test/activities/moderator"), "it is handed on as it came");

    let (alpha, group) = (&story.at("alpha.test").ctx, story.group("alpha.test").await);
    let there = async || posts::by_uri(alpha, &second).await.unwrap().unwrap().deleted_at.is_none();
    groups::dismiss(alpha, &story.ada, group, who).await.unwrap();
    story.deliver(&removal("dismissed", &second)).await;
    assert!(there().await, "whoever was dismissed");

    story.appoint("eve", "eve.test").await;
    let undo = eve.activity("Undo", "leave", eve.activity("Follow", "follow", json!(GROUP)));
    story.deliver(&undo).await;
    story.deliver(&removal("gone", &second)).await;
    assert!(there().await, "whoever has left");

    story.deliver(&eve.activity("Follow", "again", json!(GROUP))).await;
    story.deliver(&removal("back", &second)).await;
    assert!(there().await, "whoever has come back is a plain member");
    story.appoint("eve", "eve.test").await;
    // As if what the group asks had been proven of her, and were no more.
    run(story.at("alpha.test"), &format!("UPDATE groups SET level = 4 WHERE account_id = {group}")).await;
    story.deliver(&removal("lapsed", &second)).await;
    assert!(there().await, "of whom is no longer proven what the group asks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_leads_an_open_group_from_lemmy() {
    let story = Circle::joined(GroupKind::Open).await;
    let uri = story.say("beta.test", &story.bo, "Broad complexes").await;
    let spam = story.say("gamma.test", &story.cy, "Cheap stents").await;
    story.deliver(&story.eve.activity("Follow", "follow", json!(GROUP))).await;
    story.appoint("eve", "eve.test").await;
    let eve = "http://eve.test/users/eve";
    let of_lock = [
        ("http://lemmy-alpha:8541/u/lemmy_alpha", eve),
        ("http://lemmy-alpha:8541/post/2", uri.as_str()),
        ("http://lemmy-alpha:8541/c/main", GROUP),
        ("http://lemmy-alpha:8541", "http://eve.test"),
    ];
    let of_block = [
        ("http://enterprise.lemmy.ml/u/lemmy_beta", eve),
        ("http://ds9.lemmy.ml/u/lemmy_alpha", "http://gamma.test/users/cy"),
        ("http://enterprise.lemmy.ml/c/main", GROUP),
        ("http://enterprise.lemmy.ml/activities", "http://eve.test/activities"),
        ("2021-11-01", "2091-11-01"),
    ];
    let of_removal = [
        ("http://enterprise.lemmy.ml/u/lemmy_beta", eve),
        ("http://ds9.lemmy.ml/comment/1", spam.as_str()),
        ("http://enterprise.lemmy.ml/activities", "http://eve.test/activities"),
    ];
    let of_top = [
        ("https://ds9.lemmy.ml/u/lemmy_alpha", eve),
        ("https://ds9.lemmy.ml/post/2", uri.as_str()),
        ("https://ds9.lemmy.ml/c/main", GROUP),
        ("https://ds9.lemmy.ml/activities", "http://eve.test/activities"),
    ];
    let Some(lock) = captured("lemmy/community_lock_page.json", &of_lock) else { return };
    story.deliver(&lock).await;
    assert_eq!(story.last_deed().await.0, GroupDeed::Lock);
    let locked = |post: consilium::model::Post| post.locked_at.is_some();
    let gamma = &story.at("gamma.test").ctx;
    assert!(locked(posts::by_uri(gamma, &uri).await.unwrap().unwrap()), "members elsewhere are told");
    story.deliver(&captured("lemmy/community_undo_lock_page.json", &of_lock).unwrap()).await;
    assert!(!locked(posts::by_uri(gamma, &uri).await.unwrap().unwrap()));
    story.deliver(&captured("lemmy/community_add_featured_post.json", &of_top).unwrap()).await;
    assert_eq!(story.last_deed().await.0, GroupDeed::Pin);
    story.deliver(&captured("lemmy/deletion_remove_note.json", &of_removal).unwrap()).await;
    assert_eq!(story.last_deed().await, (GroupDeed::RemovePost, "eve@eve.test".into(), "bad comment".into()));
    assert_eq!(story.titles("gamma.test", &story.cy).await.unwrap(), ["Broad complexes"]);
    story.deliver(&captured("lemmy/block_block_user.json", &of_block).unwrap()).await;
    assert_eq!(story.last_deed().await, (GroupDeed::Ban, "eve@eve.test".into(), "spam post".into()));
    story.deliver(&captured("lemmy/block_undo_block_user.json", &of_block).unwrap()).await;
    assert_eq!(story.last_deed().await.0, GroupDeed::Unban);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_reply_in_a_group_elsewhere_reaches_its_moderators() {
    let story = Circle::joined(GroupKind::Closed).await;
    let deb = story.at("beta.test").account("deb", Role::Clinician).await;
    story.join("beta.test", &deb, "").await;
    story.appoint("deb", "beta.test").await;
    let uri = story.say("gamma.test", &story.cy, "The patient we all know").await;
    let beta = &story.at("beta.test").ctx;
    let complain = async |comment: &str| {
        story.complain(("beta.test", &story.bo), &uri, comment, true).await;
        story.cluster.settle().await;
    };
    complain("She is named").await;
    let line = ("A patient could be recognised: She is named".to_owned(), "The patient we all know".to_owned());
    assert_eq!(story.reported("alpha.test", &story.ada).await, std::slice::from_ref(&line));
    assert_eq!(story.reported("beta.test", &deb).await, [line], "whoever leads it from elsewhere reads it too");
    let mut ada = story.at("alpha.test").signed_in("ada").await;
    let page = ada.get("/groups/hearts/moderation").await;
    assert!(
        page.says("She is named") && page.says("The patient we all know") && !page.says("bo@beta.test"),
        "{}",
        page.html
    );
    assert!(ada.get("/groups").await.says("1 waiting"));

    // What one of them decides, the other need not.
    let (there, alpha) = (story.group("beta.test").await, &story.at("alpha.test").ctx);
    let first = groups::reports(beta, &deb, there, &Page::first(5)).await.unwrap().items.remove(0).report.id;
    groups::dismiss_report(beta, &deb, there, first).await.unwrap();
    story.cluster.settle().await;
    assert!(story.reported("alpha.test", &story.ada).await.is_empty());
    assert!(story.reported("beta.test", &deb).await.is_empty());

    complain("She still is").await;
    assert_eq!(story.reported("alpha.test", &story.ada).await.len(), 1);
    groups::remove_post(alpha, &story.ada, story.post("alpha.test", &uri).await, "It names a patient").await.unwrap();
    story.cluster.settle().await;
    assert!(story.reported("alpha.test", &story.ada).await.is_empty());
    assert!(story.reported("beta.test", &deb).await.is_empty(), "what is gone waits for nobody");
    assert_eq!(story.titles("beta.test", &story.bo).await.unwrap(), Vec::<String>::new());
    let (gamma, known) = (story.at("gamma.test"), story.group("gamma.test").await);
    let cy = groups::reports(&gamma.ctx, &story.cy, known, &Page::first(5)).await;
    assert!(cy.is_err(), "a plain member sees no reports");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_an_app_does_not_forward_stay_with_its_own_server() {
    let story = Circle::joined(GroupKind::Closed).await;
    story.appoint("cy", "gamma.test").await;
    let uri = story.say("gamma.test", &story.cy, "The patient we all know").await;
    let line = |words: &str| (words.to_owned(), "The patient we all know".to_owned());
    story.complain(("beta.test", &story.bo), &uri, "He is a colleague of mine", false).await;
    story.cluster.settle().await;
    let bare = "A patient could be recognised.";
    assert_eq!(story.reported("alpha.test", &story.ada).await, [line(bare)]);
    assert_eq!(story.reported("gamma.test", &story.cy).await, [line(bare)]);

    // Where the group lives here, so do the words; who leads it elsewhere reads the kind, or that it was said before.
    let deb = story.at("alpha.test").account("deb", Role::Clinician).await;
    story.join("alpha.test", &deb, "").await;
    story.complain(("alpha.test", &deb), &uri, "I know her", false).await;
    story.cluster.settle().await;
    let here = "A patient could be recognised: I know her";
    assert_eq!(story.reported("alpha.test", &story.ada).await, [line(here), line(bare)]);
    assert_eq!(story.reported("gamma.test", &story.cy).await, [line(bare)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_reports_from_one_server_is_one_line_and_has_an_end() {
    let story = Circle::joined(GroupKind::Open).await;
    story.appoint("bo", "beta.test").await;
    let uri = story.say("gamma.test", &story.cy, "Broad complexes").await;
    let alpha = story.at("alpha.test");
    let flood = async |id: &str, objects: &[String], words: &[String]| {
        for (n, said) in words.iter().enumerate() {
            let mut flag = story.eve.activity("Flag", &format!("{id}-{n}"), json!(objects));
            flag["content"] = said.as_str().into();
            assert_eq!(story.eve.deliver(alpha, &flag).await, 202);
        }
        story.cluster.settle().await;
    };
    let named = [uri.clone()];
    flood("same", &named, &["Spam"; 5].map(str::to_owned)).await;
    let line = [("Spam".to_owned(), "Broad complexes".to_owned())];
    assert_eq!(story.reported("alpha.test", &story.ada).await, line, "the same words wait once");
    assert_eq!(story.reported("beta.test", &story.bo).await, line, "and are passed on once");

    let others: Vec<String> = (0..40).map(|n| format!("Spam {n}")).collect();
    flood("others", &named, &others).await;
    assert_eq!(story.waiting("alpha.test").await, "26", "thirty reports in five minutes are heard, and no more");
    assert_eq!(story.waiting("beta.test").await, "26");

    story.cluster.pass(TimeDelta::minutes(6));
    let mut many: Vec<String> = (0..20).map(|n| format!("http://gamma.test/users/cy/posts/{n}")).collect();
    many.push(uri.clone());
    flood("many", &many, &["Beyond".to_owned()]).await;
    assert_eq!(story.waiting("alpha.test").await, "26", "a report names twenty posts");
    flood("later", &named, &["Later".to_owned()]).await;
    assert_eq!(story.waiting("alpha.test").await, "27");

    let fill = "INSERT INTO group_reports (group_id, post_id, uri, comment) \
                SELECT group_id, post_id, 'urn:x:' || n, 'Spam, ' || n FROM (SELECT group_id, post_id FROM group_reports LIMIT 1) r, \
                generate_series(28, 500) n";
    run(alpha, fill).await;
    flood("more", &named, &["Too much".to_owned()]).await;
    assert_eq!(story.waiting("alpha.test").await, "500");
    assert_eq!(story.waiting("beta.test").await, "27", "what is not filed is not passed on");

    let group = story.group("alpha.test").await;
    let newest = groups::reports(&alpha.ctx, &story.ada, group, &Page::first(1)).await.unwrap().items.remove(0);
    groups::dismiss_report(&alpha.ctx, &story.ada, group, newest.report.id).await.unwrap();
    run(alpha, "UPDATE group_reports SET closed_at = closed_at - interval '91 days'").await;
    story.cluster.sweep().await;
    assert_eq!(ask(alpha, "SELECT count(*)::text AS words FROM group_reports").await, ["499"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_who_is_dismissed_reads_no_report_that_was_still_on_its_way() {
    let story = Circle::joined(GroupKind::Open).await;
    let uri = story.say("gamma.test", &story.cy, "The patient we all know").await;
    let (alpha, group) = (story.at("alpha.test"), story.group("alpha.test").await);
    let complain = async |words: &str| story.complain(("alpha.test", &story.ada), &uri, words, true).await;
    story.deliver(&story.eve.activity("Follow", "follow", json!(GROUP))).await;
    let who = story.appoint("eve", "eve.test").await;
    complain("She is named").await;
    story.cluster.settle().await;
    assert!(story.eve.was_told("She is named"), "whoever leads the group reads it");

    complain("She was here").await;
    groups::dismiss(&alpha.ctx, &story.ada, group, who).await.unwrap();
    story.cluster.settle().await;
    assert!(!story.eve.was_told("She was here"), "it was not yet written");

    story.appoint("eve", "eve.test").await;
    story.eve.answer_next(&[503]);
    complain("She lives near by").await;
    story.cluster.settle().await;
    let waits = "SELECT d.id::text AS words FROM deliveries d JOIN outbox o ON o.id = d.outbox_id \
                 WHERE o.event->>'type' = 'report'";
    assert_eq!(ask(alpha, waits).await.len(), 1, "her server is busy");
    groups::dismiss(&alpha.ctx, &story.ada, group, who).await.unwrap();
    assert!(ask(alpha, waits).await.is_empty());
    story.cluster.pass(TimeDelta::hours(2));
    story.cluster.settle().await;
    assert!(!story.eve.was_told("She lives near by"), "it had not been taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn why_somebody_asks_to_join_is_read_where_it_is_decided_and_so_is_why_not() {
    let story = Circle::of(GroupKind::Closed, Admission::Request).await;
    let alpha = &story.at("alpha.test").ctx;
    let group = story.group("alpha.test").await;
    story.join("gamma.test", &story.cy, "I run the <b>device clinic</b>").await;
    let asked = groups::requests(alpha, &story.ada, group, &Page::first(5)).await.unwrap().items;
    assert_eq!(asked[0].reason, "I run the device clinic");
    groups::admit(alpha, &story.ada, group, asked[0].who.id).await.unwrap();
    story.cluster.settle().await;
    story.appoint("cy", "gamma.test").await;

    // A moderator elsewhere reads who asks, and decides.
    let mut bo = story.at("beta.test").signed_in("bo").await;
    let join = format!("{THERE}/join");
    bo.get("/groups?q=hearts@alpha.test").await;
    assert!(bo.submit(&join, &join, &[("reason", "I read many ECGs")]).await.status.is_redirection());
    story.cluster.settle().await;
    let mut cy = story.at("gamma.test").signed_in("cy").await;
    let page = cy.get(&format!("{THERE}/moderation")).await;
    assert!(page.says("bo@beta.test") && page.says("I read many ECGs"), "{}", page.html);
    let gamma = &story.at("gamma.test").ctx;
    let there = gamma.remote().unwrap().account("bo", "beta.test").await.unwrap();
    let refuse = format!("{THERE}/requests/{there}/refuse");
    let page = cy.submit(&refuse, &refuse, &[("reason", "Ask again as a cardiologist")]).await;
    assert!(page.location.ends_with("done=ordered"), "{}", page.html);
    story.cluster.settle().await;
    let told = (GroupDeed::Refuse, "cy@gamma.test".to_owned(), "Ask again as a cardiologist".to_owned());
    assert_eq!(story.last_deed().await, told);
    let page = bo.get(THERE).await;
    assert!(page.says("Your request was refused: “Ask again as a cardiologist”"), "{}", page.html);

    story.join("beta.test", &story.bo, "I am one now").await;
    let path = format!("{THERE}/requests/{there}/admit");
    assert!(cy.submit(&format!("{THERE}/moderation"), &path, &[]).await.location.ends_with("done=ordered"));
    story.cluster.settle().await;
    assert!(bo.get(THERE).await.says("You are a member"));
    assert_eq!(story.titles("beta.test", &story.bo).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn members_whom_two_servers_count_differently_are_agreed_on_with_the_next_post() {
    let story = Circle::joined(GroupKind::Closed).await;
    let deb = story.at("beta.test").account("deb", Role::Clinician).await;
    let fay = story.at("beta.test").account("fay", Role::Clinician).await;
    for who in [&deb, &fay] {
        story.join("beta.test", who, "").await;
    }
    // Alpha has lost Bo, and beta has lost Deb.
    let lost = |name: &str| {
        let id_of = |name: &str| format!("(SELECT id FROM accounts WHERE username = '{name}')");
        format!("DELETE FROM follows WHERE follower_id = {} AND target_id = {}", id_of(name), id_of("hearts"))
    };
    run(story.at("alpha.test"), &lost("bo")).await;
    run(story.at("beta.test"), &lost("deb")).await;
    let members = async |host: &str, who: &Viewer| {
        let (ctx, group) = (&story.at(host).ctx, story.group(host).await);
        let listed = groups::members(ctx, who, group, &Page::first(20)).await.unwrap();
        let mut names: Vec<String> = listed.items.into_iter().map(|(_, author, _)| author.username).collect();
        names.sort();
        names
    };
    assert_eq!(members("alpha.test", &story.ada).await, ["ada", "cy", "deb", "fay"]);
    assert_eq!(members("beta.test", &fay).await, ["bo", "fay"]);

    story.say("alpha.test", &story.ada, "Broad complexes").await;
    assert_eq!(members("alpha.test", &story.ada).await, ["ada", "cy", "fay"]);
    assert_eq!(members("beta.test", &fay).await, ["fay"]);
    assert_eq!(story.titles("beta.test", &story.bo).await, None, "whoever is no member reads nothing");
    assert_eq!(story.titles("beta.test", &fay).await.unwrap(), ["Broad complexes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_much_waits_elsewhere_is_what_was_counted_last_whatever_came_last() {
    let story = Circle::joined(GroupKind::Closed).await;
    story.appoint("bo", "beta.test").await;
    let (alpha, beta) = (story.at("alpha.test"), story.at("beta.test"));
    let looked_at = GroupForm { premoderation: Premoderation::All, ..form() };
    groups::change(&alpha.ctx, &story.ada, story.group("alpha.test").await, &looked_at).await.unwrap();
    story.cluster.settle().await;
    let told = async || ask(beta, "SELECT posts::text AS words FROM group_waits").await;
    story.say("gamma.test", &story.cy, "A murmur").await;
    assert_eq!(told().await, ["1"]);
    // As if what is counted in ten minutes had come already.
    run(beta, "UPDATE group_waits SET posts = 0, counted_at = counted_at + interval '10 minutes'").await;
    story.say("gamma.test", &story.cy, "A rub").await;
    assert_eq!(told().await, ["0"]);
    story.cluster.pass(TimeDelta::minutes(11));
    story.say("gamma.test", &story.cy, "A click").await;
    assert_eq!(told().await, ["3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_followers_tells_their_server_who_they_are() {
    let story = Circle::of(GroupKind::Open, Admission::Free).await;
    let alpha = story.at("alpha.test");
    let mut ada = alpha.signed_in("ada").await;
    let beta = &story.at("beta.test").ctx;
    let there = beta.remote().unwrap().account("ada", "alpha.test").await.unwrap();
    let deb = story.at("beta.test").account("deb", Role::Clinician).await;
    for who in [&story.bo, &deb] {
        follows::request(beta, who, there).await.unwrap();
    }
    story.cluster.settle().await;
    story.deliver(&story.eve.activity("Follow", "follow", json!("http://alpha.test/users/ada"))).await;

    // A server is told of its own people, and of nobody else's.
    let path = "/users/ada/followers_synchronization";
    let (status, body) = story.eve.get_as(alpha, &story.eve.actor(), path).await;
    assert_eq!((status.as_u16(), body["orderedItems"].clone()), (200, json!(["http://eve.test/users/eve"])));
    let lost = "DELETE FROM follows WHERE follower_id = (SELECT id FROM accounts WHERE username = 'bo')";
    run(story.at("alpha.test"), lost).await;
    ada.post("For everybody", "public").await;
    story.cluster.settle().await;
    let following = async |who: Viewer| {
        let relation = follows::relations(beta, &who, vec![there]).await.unwrap().remove(0);
        relation.following
    };
    assert!(following(story.bo).await, "what is for everybody tells nothing of followers");
    ada.post("For those who follow me", "followers").await;
    story.cluster.settle().await;
    assert!(!following(story.bo).await && following(deb).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_guesses_the_address_of_a_hidden_group_hears_nothing_from_it() {
    let story = Circle::of(GroupKind::Closed, Admission::Free).await;
    let (alpha, eve) = (story.at("alpha.test"), &story.eve);
    alpha.account("gil", Role::Clinician).await;
    let path = "/users/eve/followers_synchronization";
    let people = ["ada", "gil"].map(|name| format!("http://alpha.test/users/{name}"));
    let id = format!("http://eve.test{path}");
    eve.serve(path, json!({ "id": id, "type": "OrderedCollection", "orderedItems": [GROUP, people[0], people[1]] }));
    let write = async |name: &str| {
        let body = eve.activity("Create", &format!("create-{name}"), eve.note(name, "Good evening"));
        let told = format!("collectionId=\"{0}/followers\", url=\"{id}\", digest=\"00\"", eve.actor());
        let header = ("collection-synchronization".to_owned(), told);
        assert_eq!(eve.deliver_with(alpha, &body, alpha.ctx.now(), |headers| headers.push(header)).await, 202);
        story.cluster.settle().await;
    };
    let times_asked = || eve.fetched().iter().filter(|asked| *asked == path).count();

    write("1").await;
    assert_eq!(times_asked(), 0, "whom nobody here follows is not asked");

    let there = story.at_alpha("eve", "eve.test").await;
    follows::request(&alpha.ctx, &story.ada, there).await.unwrap();
    story.cluster.settle().await;
    write("2").await;
    assert_eq!(times_asked(), 1);
    let relation = follows::relations(&alpha.ctx, &story.ada, vec![there]).await.unwrap().remove(0);
    assert!(relation.following, "her list answers for her");
    assert!(eve.was_told("Undo") && eve.was_told(&people[1]), "Gil never followed her");
    assert!(!eve.was_told(GROUP));

    write("3").await;
    assert_eq!(times_asked(), 1, "and she is not asked again so soon");
}
