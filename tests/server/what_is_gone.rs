//! What no longer belongs in a group or on a server: words of those who left, words that nobody has looked at, and words of what
//! was deleted or was for the members alone.

use chrono::TimeDelta;
use consilium::{
    error::Error,
    model::{GroupKind, Held, Post, Premoderation, Role},
    policy::Viewer,
    service::{
        groups::{self, GroupForm},
        posts::{self, Change, Draft, Pictures},
        remote,
    },
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    actor_tokens::get,
    harness::{
        Cluster,
        cases::{plain, post_case},
        cluster::PASSWORD,
        groups::{Circle, GROUP, form, found, found_like, join, said},
        rows::{ask, everything, lies_open, rows, run},
    },
};

/// What is said where a story says nothing else.
const WORDS: &str = "Broad complexes in a runner.";

impl Circle {
    /// A post as a server has it.
    async fn stored(&self, host: &str, uri: &str) -> Post {
        posts::by_uri(&self.at(host).ctx, uri).await.unwrap().unwrap()
    }

    /// Eve gives her post other words.
    async fn eve_writes(&self, day: i64, words: &str) {
        let note = question(self, day, words);
        self.eve.serve("/notes/question", note.clone());
        self.deliver(&self.eve.activity("Update", &format!("update-{day}"), note)).await;
    }

    /// Eve strikes what her post said on a day, and leaves its third words as they are.
    async fn eve_strikes(&self, day: i64) {
        let mut note = question(self, 3, "Third words");
        note["struck"] = json!([format!("2026-01-0{day}T00:00:00Z")]);
        self.eve.serve("/notes/question", note.clone());
        self.deliver(&self.eve.activity("Update", &format!("strike-{day}"), note)).await;
    }
}

/// Eve's question to the group, as it stands on a day.
fn question(story: &Circle, day: i64, words: &str) -> Value {
    let mut note = story.eve.note("question", words);
    note["tag"] = json!([{ "type": "Mention", "href": GROUP, "name": "@hearts@alpha.test" }]);
    if day > 1 {
        note["updated"] = json!(format!("2026-01-0{day}T00:00:00Z"));
    }
    note
}

fn rewritten(text: &str) -> Draft {
    Draft {
        text: text.into(),
        warning: String::new(),
        language: "en".into(),
        sensitive: false,
        media: None,
        poll: Change::Keep,
        stays: posts::Stays::All("Invented for a story".into()),
        looked: posts::Looked::default(),
    }
}

async fn edit(story: &Circle, host: &str, who: &Viewer, uri: &str, text: &str) -> Result<(), Error> {
    let id = story.stored(host, uri).await.id;
    posts::edit(&story.at(host).ctx, who, id, rewritten(text)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn new_words_wait_where_moderators_look_first_and_whoever_was_kept_out_has_none() {
    let story = Circle::joined(GroupKind::Open).await;
    let alpha = &story.at("alpha.test").ctx;
    let group = story.group("alpha.test").await;
    story.deliver(&story.eve.activity("Follow", "follow", json!(GROUP))).await;
    let first = question(&story, 1, "First words");
    let uri = first["id"].as_str().unwrap().to_owned();
    story.eve.serve("/notes/question", first.clone());
    story.deliver(&story.eve.activity("Create", "question", first)).await;
    assert!(story.stored("beta.test", &uri).await.html.contains("First words"));

    let watchful = GroupForm { premoderation: Premoderation::All, ..form() };
    groups::change(alpha, &story.ada, group, &watchful).await.unwrap();
    story.eve_writes(2, "Second words").await;
    let held = story.stored("alpha.test", &uri).await;
    assert_eq!(held.held, Held::Premoderation);
    assert!(held.html.contains("Second words"), "the moderators read what is meant: {}", held.html);
    assert!(story.stored("beta.test", &uri).await.html.contains("First words"), "nobody else hears of it yet");
    groups::release(alpha, &story.ada, held.id).await.unwrap();
    story.cluster.settle().await;
    assert!(story.stored("beta.test", &uri).await.html.contains("Second words"));

    groups::change(alpha, &story.ada, group, &form()).await.unwrap();
    story.eve_writes(3, "Third words").await;
    groups::lock(alpha, &story.ada, held.id).await.unwrap();
    story.eve_strikes(1).await;
    for host in ["alpha.test", "beta.test"] {
        let kept = rows(story.at(host), &["post_edits"]).await;
        assert!(!lies_open(&kept, "First words"), "what members strike is gone all the same: {host}: {kept}");
    }
    let eve = remote::account_by_uri(alpha, &story.eve.actor()).await.unwrap().unwrap().id;
    groups::ban(alpha, &story.ada, group, eve, "Advertises", None).await.unwrap();
    story.eve_writes(4, "Fourth words").await;
    story.eve_strikes(2).await;
    for (host, is_kept) in [("alpha.test", false), ("beta.test", true)] {
        assert!(story.stored(host, &uri).await.html.contains("Third words"), "{host}");
        let kept = rows(story.at(host), &["post_edits"]).await;
        assert_eq!(lies_open(&kept, "Second words"), is_kept, "the group hands nothing on of hers: {host}: {kept}");
    }

    let own = story.say("beta.test", &story.bo, "Which lead?").await;
    let id = story.stored("alpha.test", &own).await.id;
    groups::lock(alpha, &story.ada, id).await.unwrap();
    story.cluster.settle().await;
    let ended = edit(&story, "beta.test", &story.bo, &own, "Buy this").await;
    assert!(
        matches!(ended, Err(Error::Forbidden(words)) if words.contains("ended")),
        "nothing is put into it any more"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_was_edited_while_it_waited_is_new_to_everybody_when_it_is_shown() {
    let story = Circle::joined(GroupKind::Open).await;
    let alpha = story.at("alpha.test");
    story.deliver(&story.eve.activity("Follow", "follow", json!(GROUP))).await;
    let dan = alpha.account("dan", Role::Clinician).await;
    story.join("alpha.test", &dan, "").await;
    let watchful = GroupForm { premoderation: Premoderation::All, ..form() };
    let group = story.group("alpha.test").await;
    groups::change(&alpha.ctx, &story.ada, group, &watchful).await.unwrap();
    let uri = story.say("alpha.test", &dan, "Which lead?").await;
    edit(&story, "alpha.test", &dan, &uri, "Second thoughts").await.unwrap();
    groups::release(&alpha.ctx, &story.ada, story.stored("alpha.test", &uri).await.id).await.unwrap();
    story.cluster.settle().await;
    assert!(story.stored("beta.test", &uri).await.html.contains("Second thoughts"));
    let kinds: Vec<String> = {
        let received = story.eve.received.lock().unwrap();
        let of_it = received.iter().filter(|one| one["object"]["object"]["id"] == uri.as_str());
        of_it.map(|one| one["object"]["type"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert!(
        kinds.iter().any(|kind| kind == "Create"),
        "programs that know no such post take an Update for nothing: {kinds:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_words_in_a_group_elsewhere_are_read_by_their_author_alone_until_it_shows_them() {
    let story = Circle::joined(GroupKind::Open).await;
    let (alpha, beta) = (&story.at("alpha.test").ctx, &story.at("beta.test").ctx);
    let deb = story.at("beta.test").account("deb", Role::Clinician).await;
    story.join("beta.test", &deb, "").await;
    let uri = story.say("beta.test", &story.bo, "Which lead?").await;
    let id = story.stored("beta.test", &uri).await.id;
    edit(&story, "beta.test", &story.bo, &uri, "Second words").await.unwrap();
    assert_eq!(story.stored("beta.test", &uri).await.held, Held::Sent);
    assert!(matches!(posts::read(beta, &deb, id).await, Err(Error::NotFound)));
    story.cluster.settle().await;
    assert!(posts::read(beta, &deb, id).await.unwrap().post.html.contains("Second words"));

    let watchful = GroupForm { premoderation: Premoderation::All, ..form() };
    groups::change(alpha, &story.ada, story.group("alpha.test").await, &watchful).await.unwrap();
    edit(&story, "beta.test", &story.bo, &uri, "Third words").await.unwrap();
    story.cluster.settle().await;
    assert_eq!(story.stored("beta.test", &uri).await.held, Held::Waits, "and he is told so");
    assert!(matches!(posts::read(beta, &deb, id).await, Err(Error::NotFound)));
    groups::release(alpha, &story.ada, story.stored("alpha.test", &uri).await.id).await.unwrap();
    story.cluster.settle().await;
    assert!(posts::read(beta, &deb, id).await.unwrap().post.html.contains("Third words"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_added_later_elsewhere_waits_until_a_moderator_has_looked() {
    let story = Circle::joined(GroupKind::Closed).await;
    let alpha = story.at("alpha.test");
    let uri = story.say("beta.test", &story.bo, "Which lead?").await;
    let read = async |words: &str| story.stored("gamma.test", &uri).await.html.contains(words);
    let named = "Margaret Doyle, a teacher, takes no medicines.";
    edit(&story, "beta.test", &story.bo, &uri, named).await.unwrap();
    story.cluster.settle().await;
    let held = story.stored("alpha.test", &uri).await;
    assert_eq!(held.held, Held::Screening);
    assert!(read(WORDS).await, "nobody else hears of it");
    assert_eq!(story.stored("beta.test", &uri).await.held, Held::Waits, "its author is told");
    let mut ada = alpha.signed_in("ada").await;
    assert!(ada.get("/groups/hearts/moderation").await.says("Margaret Doyle"));

    groups::release(&alpha.ctx, &story.ada, held.id).await.unwrap();
    story.cluster.settle().await;
    assert!(read("Margaret Doyle").await);
    edit(&story, "beta.test", &story.bo, &uri, &format!("{named} She sleeps well.")).await.unwrap();
    story.cluster.settle().await;
    assert_eq!(story.stored("alpha.test", &uri).await.held, Held::No, "what they let stand is not looked at again");
    assert!(read("She sleeps well").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_members_said_stays_in_no_queue_and_among_no_dead_letters() {
    let mut story = Circle::joined(GroupKind::Closed).await;
    story.cluster.get_mut("gamma.test").go_down().await;
    story.cluster.expect_dead_letters();
    let told = story.say("alpha.test", &story.ada, "Which lead?").await;
    assert!(lies_open(&rows(story.at("alpha.test"), &["outbox"]).await, WORDS), "it waits for gamma");
    let id = story.stored("alpha.test", &told).await.id;
    posts::delete(&story.at("alpha.test").ctx, &story.ada, id, Pictures::Delete).await.unwrap();
    story.cluster.settle().await;
    let waits = rows(story.at("alpha.test"), &["outbox"]).await;
    assert!(!lies_open(&waits, WORDS) && lies_open(&waits, "Delete"), "only that it is gone is told: {waits}");

    // Strangers are told nothing of such a group, and so nothing of why they may not post in it.
    run(story.at("alpha.test"), "UPDATE groups SET admission = 'invitation'").await;
    let mut note = story.eve.note("told", "Mrs Miller has palpitations");
    (note["to"], note["cc"], note["audience"]) = (json!([GROUP]), json!([]), json!(GROUP));
    story.deliver(&story.eve.activity("Create", "told", note)).await;
    let given_up = story.say("alpha.test", &story.ada, "Which drug?").await;
    for _ in 0..15 {
        story.cluster.pass(TimeDelta::hours(13));
        story.cluster.settle().await;
    }
    let alpha = story.at("alpha.test");
    let dead = rows(alpha, &["dead_letters"]).await;
    assert!(dead.contains("eve.test") && dead.contains("gamma.test"), "{dead}");
    assert!(!dead.contains("Mrs Miller") && !dead.contains(WORDS), "{dead}");
    let mut admin = alpha.person("root1", Role::Admin).await;
    let page = admin.get("/admin/dead-letters").await;
    assert!(page.says("Its words are not kept") && page.says("gamma.test"), "{}", page.html);

    let id = story.stored("alpha.test", &given_up).await.id;
    posts::delete(&alpha.ctx, &story.ada, id, Pictures::Delete).await.unwrap();
    let dead = rows(alpha, &["dead_letters"]).await;
    assert!(!dead.contains(&given_up), "what told it goes with it: {dead}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_is_told_to_a_hospital_that_nobody_in_the_group_works_at_any_more() {
    let mut story = Circle::joined(GroupKind::Closed).await;
    let uri = story.say("alpha.test", &story.ada, "Which lead?").await;
    story.cluster.get_mut("gamma.test").go_down().await;
    story.say("alpha.test", &story.ada, "Which drug?").await;
    let (alpha, group) = (story.at("alpha.test"), story.group("alpha.test").await);
    let id = story.stored("alpha.test", &uri).await.id;
    posts::delete(&alpha.ctx, &story.ada, id, Pictures::Delete).await.unwrap();
    story.cluster.settle().await;
    let waiting = "SELECT DISTINCT o.event->>'type' AS words FROM deliveries d JOIN outbox o ON o.id = d.outbox_id \
                   ORDER BY 1";
    assert_eq!(ask(alpha, waiting).await, ["create", "delete"]);
    let cy = remote::account_by_uri(&alpha.ctx, "http://gamma.test/users/cy").await.unwrap().unwrap().id;
    groups::remove(&alpha.ctx, &story.ada, group, cy, "Left the hospital").await.unwrap();
    story.cluster.settle().await;
    assert_eq!(ask(alpha, waiting).await, ["delete", "reject"], "what they have still goes, and nothing else comes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_waited_for_a_hospital_is_not_told_to_it_once_its_only_member_was_removed() {
    let mut story = Circle::joined(GroupKind::Closed).await;
    let waiting = "SELECT count(*)::text AS words FROM deliveries";
    story.cluster.get_mut("gamma.test").go_down().await;
    let (alpha, group) = (story.at("alpha.test"), story.group("alpha.test").await);
    let case = post_case(alpha, &story.ada, group, plain("Treat or wait?")).await;
    story.cluster.settle().await;
    let uri = posts::raw(&alpha.ctx, case).await.unwrap().uri;
    assert_ne!(ask(alpha, waiting).await, ["0"], "it waits for gamma");
    let cy = remote::account_by_uri(&alpha.ctx, "http://gamma.test/users/cy").await.unwrap().unwrap().id;
    groups::remove(&alpha.ctx, &story.ada, group, cy, "Left the hospital").await.unwrap();
    story.cluster.settle().await;

    story.cluster.get_mut("gamma.test").come_back().await;
    story.cluster.pass(TimeDelta::minutes(10));
    story.cluster.settle().await;
    assert_eq!(story.titles("gamma.test", &story.cy).await, None, "it hears that she belongs to it no more");
    let kept = everything(story.at("gamma.test")).await;
    for words in ["Treat or wait?", "Palpitations after a hard run", uri.as_str()] {
        assert!(!lies_open(&kept, words), "{words}");
    }
    let alpha = story.at("alpha.test");
    assert_eq!(ask(alpha, waiting).await, ["0"]);
    let path = uri.strip_prefix("http://alpha.test").unwrap();
    for (host, expected) in [("beta.test", StatusCode::OK), ("gamma.test", StatusCode::NOT_FOUND)] {
        let (status, _) = get(alpha, &story.signer(host).await, path, None).await;
        assert_eq!(status, expected, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_wrote_who_closes_their_account_is_gone_at_every_hospital_of_the_group() {
    let story = Circle::joined(GroupKind::Open).await;
    story.deliver(&story.eve.activity("Follow", "follow", json!(GROUP))).await;
    let first = question(&story, 1, "First words");
    let uri = first["id"].as_str().unwrap().to_owned();
    story.eve.serve("/notes/question", first.clone());
    story.deliver(&story.eve.activity("Create", "question", first)).await;
    assert!(story.stored("gamma.test", &uri).await.deleted_at.is_none());
    // Her server tells that of the group, and no other.
    story.deliver(&story.eve.activity("Delete", "gone", json!(story.eve.actor()))).await;
    for host in ["alpha.test", "beta.test", "gamma.test"] {
        assert!(story.stored(host, &uri).await.deleted_at.is_some(), "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_of_the_house_strikes_earlier_words_of_what_was_reported_unseen_and_the_logs_say_so() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    let group = found(alpha, &ada, GroupKind::Closed).await;
    join(alpha, &bo, "").await;
    let asked = posts::NewPost { group: Some(group), ..said("Which lead?") };
    let id = posts::publish(&alpha.ctx, &bo, asked).await.unwrap();
    posts::edit(&alpha.ctx, &bo, id, rewritten("I would wait.")).await.unwrap();
    let (history, strike) = (format!("/posts/{id}/history"), format!("/posts/{id}/history/0/strike"));
    let mut moddy = alpha.person("moddy", Role::Moderator).await;
    moddy.get("/").await;
    assert_eq!(moddy.send(&strike, &[]).await.status, 404, "nobody has reported it");

    let mut owner = alpha.signed_in("ada").await;
    owner.get("/").await;
    let (person, post) = (bo.account().unwrap().to_string(), id.to_string());
    let fields = [("person", person.as_str()), ("post", &post), ("category", "privacy"), ("comment", "See before")];
    assert_eq!(owner.send("/report", &fields).await.location, "/?done=reported");
    let desk = format!("/admin/reports/{}", ask(alpha, "SELECT id::text AS words FROM reports").await[0]);
    let page = moddy.get(&desk).await;
    assert!(page.says("1 earlier version") && !page.says(WORDS) && !page.says("I would wait."), "{}", page.html);
    moddy.submit(&desk, &format!("{desk}/resolve"), &[]).await;
    assert!(!moddy.get(&desk).await.says("earlier version"), "with the report ends what it is good for");
    assert_eq!(moddy.send(&strike, &[]).await.status, 404);
    moddy.submit(&desk, &format!("{desk}/reopen"), &[]).await;
    let page = moddy.get(&desk).await;
    cluster.pass(TimeDelta::minutes(16));
    let away = moddy.submit_from(&page, &strike, &[]).await;
    assert!(away.location.starts_with("/admin/prove?next=%2Fadmin%2Freports%2F"), "{}", away.location);
    moddy.send("/admin/prove", &[("current_password", PASSWORD), ("next", &desk)]).await;
    let struck = moddy.submit(&desk, &strike, &[]).await;
    assert_eq!(struck.location, format!("{desk}?done=struck"), "{}", struck.html);
    assert!(!lies_open(&rows(alpha, &["post_edits"]).await, WORDS));
    assert!(owner.get(&history).await.says("was struck on"));
    assert_eq!(moddy.get(&history).await.status, 404, "it is no way into the group");
    assert!(!moddy.get(&desk).await.says("earlier version"), "once is enough");

    let log = owner.get("/groups/hearts/log").await;
    let words = ["@moddy", "struck an earlier version of a post by", "As a moderator of this server, after a report."];
    assert!(log.says_in_order(&words), "{}", log.html);
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    let audit = rooty.get("/admin/audit").await;
    let did = format!("struck earlier versions of a reported post in the group {group}");
    assert!(audit.says(&did), "{}", audit.html);
    cluster.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_waited_and_were_replaced_stand_in_the_history_for_their_author_and_moderators_alone() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let ada = alpha.account("ada", Role::Clinician).await;
    let (bo, cy) = (alpha.account("bo", Role::Clinician).await, alpha.account("cy", Role::Clinician).await);
    let watchful = GroupForm { premoderation: Premoderation::All, ..form() };
    let group = found_like(alpha, &ada, GroupKind::Closed, &watchful).await;
    for who in [&bo, &cy] {
        join(alpha, who, "").await;
    }
    let asked = posts::NewPost { group: Some(group), ..said("Which lead?") };
    let id = posts::publish(&alpha.ctx, &bo, asked).await.unwrap();
    let versions = async |who: &Viewer| posts::history(&alpha.ctx, who, id).await.unwrap().1.len();
    // The first words are seen by nobody, those after them by all.
    for (words, seen) in [("I would wait.", 0), ("I would not wait.", 1)] {
        posts::edit(&alpha.ctx, &bo, id, rewritten(words)).await.unwrap();
        groups::release(&alpha.ctx, &ada, id).await.unwrap();
        assert_eq!(versions(&cy).await, seen, "{words}");
        assert_eq!((versions(&bo).await, versions(&ada).await), (seen + 1, seen + 1), "{words}");
    }
    cluster.settle().await;
}
