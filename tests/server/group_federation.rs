//! Cases that cross servers, and open groups among software that knows no groups.

use consilium::{
    error::Error,
    model::{
        Admission, CaseDraft, CaseState, ConsentBasis, ConsentScope, GroupKind, Held, PostId, Premoderation, Review,
        Role, SectionKey, Sex, Step, Urgency,
    },
    policy::Viewer,
    service::{
        Page, cases,
        groups::{self, GroupForm},
        posts,
    },
};
use serde_json::json;

use crate::{
    documents::captured,
    harness::{
        cases::{begin_case, plain, post_case},
        groups::{Circle, GROUP, form},
        people::verify,
    },
};

/// What whoever asks declares.
const CHAIR: &str = "Chairs the registry of a device";

impl Circle {
    /// Somebody asks a case, and keeps whatever is marked in it. Returns its ActivityPub id.
    async fn ask(&self, host: &str, who: &Viewer, history: &str) -> (PostId, String) {
        let ctx = &self.at(host).ctx;
        let draft = CaseDraft {
            age: "90 or older".into(),
            interests: CHAIR.into(),
            sex: Sex::Female,
            urgency: Urgency::Today,
            sections: vec![
                (SectionKey::Asked, "Whether to treat short runs at rest.".into()),
                (SectionKey::Presentation, "Palpitations at night, none on **exertion**.".into()),
                (SectionKey::History, history.into()),
            ],
            timeline: vec![Step { at: "Day 0".into(), text: "Broad complexes".into(), turning: true }],
            ..plain("Treat or wait?")
        };
        let id = begin_case(self.at(host), who, self.group(host).await, draft).await;
        for mark in cases::marks(&cases::open_draft(ctx, who, id).await.unwrap().draft) {
            let reason = "The group knows whom this is about.";
            cases::keep(ctx, who, id, &mark.field, &mark.words, reason).await.unwrap();
        }
        let post = cases::publish(ctx, who, id).await.unwrap();
        self.cluster.settle().await;
        (post, posts::raw(ctx, post).await.unwrap().uri)
    }

    /// A case as somebody reads it on their own server.
    async fn case(&self, host: &str, who: &Viewer, uri: &str) -> cases::CaseView {
        let ctx = &self.at(host).ctx;
        let id = posts::by_uri(ctx, uri).await.unwrap().unwrap().id;
        let post = posts::read(ctx, who, id).await.unwrap().post;
        cases::view(ctx, who, &post).await.unwrap().unwrap()
    }

    async fn eve_follows(&self) {
        self.deliver(&self.eve.activity("Follow", "follow", json!(GROUP))).await;
        assert!(self.eve.was_told("Accept"));
    }

    /// Whether a post at alpha is in the group.
    async fn is_in_group(&self, uri: &str) -> bool {
        posts::by_uri(&self.at("alpha.test").ctx, uri).await.unwrap().unwrap().group_id.is_some()
    }

    /// How the group passed a post on to Eve's server: as the activity that it came in, and as a boost.
    fn announced(&self, uri: &str) -> (bool, bool) {
        let received = self.eve.received.lock().unwrap();
        let from_group = || received.iter().filter(|a| a["type"] == "Announce" && a["actor"] == GROUP);
        let wrapped = from_group().any(|a| a["object"]["type"] == "Create" && a["object"]["object"]["id"] == uri);
        (wrapped, from_group().any(|a| a["object"] == uri))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_reaches_another_hospital_in_its_sections_and_so_does_what_it_turned_out_to_be() {
    let story = Circle::joined(GroupKind::Closed).await;
    let (id, uri) = story.ask("alpha.test", &story.ada, "No medicines, no family history.").await;
    for (host, who) in [("beta.test", story.bo), ("gamma.test", story.cy)] {
        let told = story.case(host, &who, &uri).await;
        assert_eq!((told.case.urgency, told.case.state), (Urgency::Today, CaseState::Open), "{host}");
        assert_eq!((told.case.body.age.as_str(), told.case.body.sex), ("90 or older", Sex::Female));
        let sections: Vec<_> = told.case.body.sections.iter().map(|section| section.key).collect();
        assert_eq!(sections, [SectionKey::Asked, SectionKey::Presentation, SectionKey::History]);
        assert!(told.case.body.sections[1].html.contains("<strong>exertion</strong>"), "{:?}", told.case.body);
        assert!(told.case.body.timeline[0].turning);
        assert_eq!(posts::by_uri(&story.at(host).ctx, &uri).await.unwrap().unwrap().interests, CHAIR);
        let consent = told.consent.unwrap();
        assert_eq!((consent.basis, consent.scope), (ConsentBasis::NotIdentifiable, ConsentScope::Group));
    }

    let alpha = &story.at("alpha.test").ctx;
    story.cluster.pass(chrono::TimeDelta::minutes(5));
    cases::add_outcome(alpha, &story.ada, id, "Sarcoid on **biopsy**.", &[]).await.unwrap();
    story.cluster.settle().await;
    let told = story.case("beta.test", &story.bo, &uri).await;
    assert_eq!(told.case.state, CaseState::Resolved);
    assert!(told.case.outcome_html.contains("Sarcoid on <strong>biopsy</strong>"), "{}", told.case.outcome_html);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_sway_somebody_stands_beside_their_answers_and_discussions_at_every_hospital() {
    let story = Circle::of(GroupKind::Closed, Admission::Free).await;
    let mut bo = story.at("beta.test").signed_in("bo").await;
    let fees = "Fees of a device maker";
    let form = [("name", "Dr bo"), ("interests", fees), ("discoverable", "on")];
    let saved = bo.submit("/settings/profile", "/settings/profile", &form).await;
    assert_eq!(saved.location, "/settings/profile?done=saved", "{}", saved.html);
    story.join("beta.test", &story.bo, "").await;
    let (id, uri) = story.ask("alpha.test", &story.ada, "No medicines, no family history.").await;

    let there = posts::by_uri(&story.at("beta.test").ctx, &uri).await.unwrap().unwrap().id;
    let page = bo.get(&format!("/@ada@alpha.test/{there}")).await;
    assert!(page.says(&format!("value=\"{fees}\"")), "what stands on one's profile is filled in: {}", page.html);
    assert!(page.says(&format!("Interests declared: {CHAIR}")), "{}", page.html);
    let to = there.to_string();
    let said =
        |interests| [("text", "Treat."), ("language", "en"), ("reply_to", to.as_str()), ("interests", interests)];
    let long = "x".repeat(501);
    for (interests, words) in [(long.as_str(), "500 characters or fewer"), ("Paid by Mrs Miller", "<mark>Mrs Miller")] {
        let refused = bo.send("/posts", &said(interests)).await;
        assert!(refused.status == 422 && refused.says(words), "{}", refused.html);
    }
    let (_, reply) = bo.send("/posts", &said("Shares of another one")).await.written();
    let talk = "/groups/hearts@alpha.test/new";
    assert!(bo.get(talk).await.says(&format!("value=\"{fees}\"")));
    let fields = [("title", "Which lead?"), ("text", "We have two."), ("language", "en"), ("interests", fees)];
    let opened = bo.submit(talk, talk, &fields).await;
    assert!(opened.status.is_redirection(), "{}", opened.html);
    story.cluster.settle().await;

    let mut ada = story.at("alpha.test").signed_in("ada").await;
    let page = ada.get(&format!("/@ada/{id}")).await;
    assert!(page.says(&format!("Interests declared: Shares of another one; {fees}")), "{}", page.html);
    let page = ada.get("/groups/hearts?what=talk").await;
    assert!(page.says("Which lead?") && page.says(&format!("Interests declared: {fees}")), "{}", page.html);
    assert!(ada.get("/@bo@beta.test").await.says(&format!("Interests declared: {fees}")), "on their page as well");
    let own = bo.get(&format!("/@ada@alpha.test/{there}")).await;
    assert!(own.says(&format!("id=\"post-{reply}\"")) && own.says("Shares of another one"), "{}", own.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_from_elsewhere_with_a_name_in_it_waits_until_a_moderator_has_looked() {
    let story = Circle::joined(GroupKind::Closed).await;
    let deb = story.at("beta.test").account("deb", Role::Clinician).await;
    story.join("beta.test", &deb, "").await;
    let (here, uri) = story.ask("beta.test", &story.bo, "Margaret Doyle, a teacher, takes no medicines.").await;
    let alpha = story.at("alpha.test");
    assert_eq!(story.titles("alpha.test", &story.ada).await.unwrap(), Vec::<String>::new());
    assert!(posts::by_uri(&story.at("gamma.test").ctx, &uri).await.unwrap().is_none(), "nobody else has it");
    // On the author's own server nobody but its author sees it either, and they are told why.
    let beta = &story.at("beta.test").ctx;
    assert_eq!(posts::raw(beta, here).await.unwrap().held, Held::Waits);
    assert_eq!(story.titles("beta.test", &deb).await.unwrap(), Vec::<String>::new());
    assert!(matches!(posts::read(beta, &deb, here).await, Err(Error::NotFound)));
    let mut bo = story.at("beta.test").signed_in("bo").await;
    assert!(bo.get("/notifications").await.says("lets your post wait for a moderator"));
    assert!(bo.get(&format!("/@bo/{here}")).await.says("it waits for a moderator of the group"));

    let group = story.group("alpha.test").await;
    let held = groups::held(&alpha.ctx, &story.ada, group, &Page::first(5)).await.unwrap().items;
    assert_eq!(held.iter().map(|card| card.post.held).collect::<Vec<_>>(), [Held::Screening]);
    let told = story.case("alpha.test", &story.ada, &uri).await;
    assert!(told.findings.iter().any(|(kind, found, _)| kind == "name" && *found >= 1), "{:?}", told.findings);
    let mut ada = alpha.signed_in("ada").await;
    assert!(ada.get("/notifications").await.says("waits in a group that you lead"));
    assert!(ada.get("/groups/hearts/moderation").await.says("Margaret Doyle"));

    groups::release(&alpha.ctx, &story.ada, held[0].post.id).await.unwrap();
    story.cluster.settle().await;
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), ["Treat or wait?"], "{host}");
        assert_eq!(story.case(host, &who, &uri).await.case.urgency, Urgency::Today, "{host}");
    }
    assert_eq!(story.titles("beta.test", &deb).await.unwrap(), ["Treat or wait?"]);
    assert!(bo.get("/notifications").await.says("shows your post now"));

    // What is not let be seen comes back to its author, who alone reads why, and sends it again.
    let first = GroupForm { premoderation: Premoderation::All, ..form() };
    groups::change(&alpha.ctx, &story.ada, group, &first).await.unwrap();
    let uri = story.say("beta.test", &story.bo, "Once more").await;
    let held = groups::held(&alpha.ctx, &story.ada, group, &Page::first(5)).await.unwrap().items;
    groups::remove_post(&alpha.ctx, &story.ada, held[0].post.id, "It names a patient").await.unwrap();
    story.cluster.settle().await;
    let back = posts::by_uri(beta, &uri).await.unwrap().unwrap();
    assert_eq!((back.held, back.refusal.as_str()), (Held::Refused, "It names a patient"));
    assert!(matches!(posts::read(beta, &deb, back.id).await, Err(Error::NotFound)));
    assert!(bo.get("/notifications").await.says("did not take your post"));
    let log = bo.get("/groups/hearts@alpha.test/log").await;
    assert!(log.says("back before the group saw it") && !log.says("It names a patient"), "{}", log.html);
    assert!(groups::held(&alpha.ctx, &story.ada, group, &Page::first(5)).await.unwrap().items.is_empty());
    let edit = format!("/posts/{}/edit", back.id);
    let sent = bo.submit(&edit, &edit, &[("text", "What now?"), ("warning", ""), ("language", "en")]).await;
    assert!(sent.location.ends_with("done=post-sent"), "{}", sent.html);
    story.cluster.settle().await;
    let held = groups::held(&alpha.ctx, &story.ada, group, &Page::first(5)).await.unwrap().items;
    assert!(held.len() == 1 && held[0].post.html.contains("What now?"), "{held:?}");
    groups::release(&alpha.ctx, &story.ada, held[0].post.id).await.unwrap();
    story.cluster.settle().await;
    for (host, who) in story.all() {
        assert!(story.titles(host, &who).await.unwrap().contains(&"Once more".to_owned()), "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_an_open_group_from_mastodon_opens_discussions_and_answers_in_it() {
    let names = [
        ("http://mastodon.example.org/users/admin", "http://eve.test/users/eve"),
        ("mastodon.example.org", "eve.test"),
        ("http://localtesting.pleroma.lol/users/lain", GROUP),
        ("@lain@localtesting.pleroma.lol", "@hearts@alpha.test"),
        ("</a></span></p>", "</a></span> Which lead shows it best?</p><p>I see nothing in V1.</p>"),
    ];
    let Some(create) = captured("mastodon/plf_mastodon-post-activity.json", &names) else { return };
    let story = Circle::joined(GroupKind::Open).await;
    let eve = &story.eve;
    let mention = json!([{ "type": "Mention", "href": GROUP, "name": "@hearts@alpha.test" }]);
    let mut early = eve.note("early", "@hearts May I ask something?");
    early["tag"] = mention.clone();
    story.deliver(&eve.activity("Create", "early", early.clone())).await;
    assert!(!story.is_in_group(early["id"].as_str().unwrap()).await, "whoever is no member mentions it, and no more");

    story.eve_follows().await;
    let uri = create["object"]["id"].as_str().unwrap();
    eve.serve(uri.strip_prefix("http://eve.test").unwrap(), create["object"].clone());
    story.deliver(&create).await;
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), ["Which lead shows it best?"], "{host}");
    }
    assert_eq!(story.announced(uri), (true, true), "for those who know groups, and for those who do not");

    let mut narrow = eve.note("narrow", "@hearts Only for my followers");
    narrow["tag"] = mention;
    narrow["to"] = json!(["http://eve.test/users/eve/followers"]);
    narrow["cc"] = json!([GROUP]);
    story.deliver(&eve.activity("Create", "narrow", narrow)).await;
    assert_eq!(story.titles("alpha.test", &story.ada).await.unwrap().len(), 1, "what is for followers is for no group");

    let mut answer = eve.note("answer", "In V2.");
    answer["inReplyTo"] = json!(uri);
    eve.serve("/notes/answer", answer.clone());
    story.deliver(&eve.activity("Create", "answer", answer.clone())).await;
    let answer = answer["id"].as_str().unwrap();
    assert!(story.is_in_group(answer).await);
    assert_eq!(story.announced(answer), (true, false), "answers are not boosted");
    let there = posts::by_uri(&story.at("beta.test").ctx, answer).await.unwrap().unwrap();
    assert!(there.group_id.is_some(), "members elsewhere read it in the group as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_an_open_group_from_lemmy_posts_and_comments_in_it() {
    let names = [
        ("http://ds9.lemmy.ml/u/lemmy_alpha", "http://eve.test/users/eve"),
        ("ds9.lemmy.ml", "eve.test"),
        ("https://enterprise.lemmy.ml/c/main", GROUP),
        ("http://enterprise.lemmy.ml/c/main", GROUP),
    ];
    let Some(page) = captured("lemmy/create_or_update_create_page.json", &names) else { return };
    let Some(comment) = captured("lemmy/create_or_update_create_comment.json", &names) else { return };
    let story = Circle::joined(GroupKind::Open).await;
    story.eve_follows().await;
    for activity in [&page, &comment] {
        let object = &activity["object"];
        let uri = object["id"].as_str().unwrap();
        story.eve.serve(uri.strip_prefix("http://eve.test").unwrap(), object.clone());
        story.deliver(activity).await;
        assert!(story.is_in_group(uri).await, "{uri}");
        assert!(story.announced(uri).0, "{uri}");
    }
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), ["test post"], "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_addressed_to_everybody_is_not_taken_by_a_group_that_is_not_open() {
    let story = Circle::joined(GroupKind::Closed).await;
    story.eve.runs("consilium");
    story.eve_follows().await;
    let (eve, alpha) = (&story.eve, &story.at("alpha.test").ctx);
    let page = |id: &str| {
        let mut page = eve.note(id, "Broad complexes in a runner.");
        (page["type"], page["name"], page["audience"]) = (json!("Page"), json!(id), json!(GROUP));
        page
    };
    for (id, to, around, taken) in [
        ("wide", json!("as:Public"), json!([GROUP]), false),
        ("around", json!([GROUP]), json!("as:Public"), false),
        ("narrow", json!([GROUP]), json!([GROUP]), true),
    ] {
        let mut page = page(id);
        page["to"] = to;
        eve.serve(&format!("/notes/{id}"), page.clone());
        let mut create = eve.activity("Create", id, page.clone());
        (create["to"], create["audience"]) = (around, json!(GROUP));
        story.deliver(&create).await;
        let uri = page["id"].as_str().unwrap();
        assert_eq!(posts::by_uri(alpha, uri).await.unwrap().is_some(), taken, "{id}");
    }
    assert_eq!(story.titles("beta.test", &story.bo).await.unwrap(), ["narrow"]);
    let mut other = page("narrow");
    (other["content"], other["updated"]) = (json!("<p>Seen by all</p>"), json!("2026-01-02T00:00:00Z"));
    story.deliver(&eve.activity("Update", "wider", other.clone())).await;
    let kept = posts::by_uri(alpha, other["id"].as_str().unwrap()).await.unwrap().unwrap();
    assert!(!kept.html.contains("Seen by all"), "{}", kept.html);

    // What the group says of itself is for its members' servers as well, and says the same as its own page for them.
    let about = GroupForm { about: "For hearts in general.".into(), ..form() };
    groups::change(alpha, &story.ada, story.group("alpha.test").await, &about).await.unwrap();
    story.cluster.settle().await;
    let received = eve.received.lock().unwrap().clone();
    let followers = json!([format!("{GROUP}/followers")]);
    let told: Vec<_> = received.iter().filter(|one| one["type"] == "Announce" || one["type"] == "Update").collect();
    assert!(told.iter().all(|one| one["to"] == followers && one.get("proof").is_none()), "{told:?}");
    let document = &told.last().unwrap()["object"];
    assert_eq!((&document["id"], &document["audienceKind"]), (&json!(GROUP), &json!("closed")));
    assert_eq!(document["moderators"], format!("{GROUP}/moderators"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_every_case_gets_a_second_look_one_from_elsewhere_waits_for_the_moderators() {
    let story = Circle::joined(GroupKind::Closed).await;
    let (alpha, group) = (story.at("alpha.test"), story.group("alpha.test").await);
    let twice = GroupForm { review: Review::All, ..form() };
    groups::change(&alpha.ctx, &story.ada, group, &twice).await.unwrap();
    let dan = alpha.account("dan", Role::Clinician).await;
    story.join("alpha.test", &dan, "").await;
    verify(alpha, &["dan"], "").await;
    story.say("beta.test", &story.bo, "Which stent?").await;
    let there = story.group("beta.test").await;
    let case = post_case(story.at("beta.test"), &story.bo, there, plain("Treat or wait?")).await;
    story.cluster.settle().await;
    assert_eq!(story.titles("alpha.test", &dan).await.unwrap(), ["Which stent?"], "what is no case does not wait");
    assert_eq!(posts::raw(&story.at("beta.test").ctx, case).await.unwrap().held, Held::Waits);
    let second = cases::waiting_for_review(&alpha.ctx, &dan).await.unwrap();
    assert!(second.is_empty(), "it cannot be sent back as a draft");

    let mut ada = alpha.signed_in("ada").await;
    let desk = ada.get("/groups/hearts/moderation").await;
    assert!(desk.says("Treat or wait?") && desk.says("so a moderator takes it"), "{}", desk.html);
    let held = groups::held(&alpha.ctx, &story.ada, group, &Page::first(5)).await.unwrap().items;
    groups::release(&alpha.ctx, &story.ada, held[0].post.id).await.unwrap();
    story.cluster.settle().await;
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), ["Treat or wait?", "Which stent?"], "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_for_a_group_elsewhere_in_which_much_stays_goes_only_where_a_colleague_can_look_first() {
    let story = Circle::joined(GroupKind::Closed).await;
    let (beta, there) = (story.at("beta.test"), story.group("beta.test").await);
    let sections = vec![
        (SectionKey::History, "Mr Hargreaves came on 3 March 2024 with palpitations.".into()),
        (SectionKey::Done, "On 9 March 2024 he was well on flecainide.".into()),
    ];
    let id = begin_case(beta, &story.bo, there, CaseDraft { sections, ..plain("Ablate or wait?") }).await;
    for mark in cases::marks(&cases::open_draft(&beta.ctx, &story.bo, id).await.unwrap().draft) {
        cases::keep(&beta.ctx, &story.bo, id, &mark.field, &mark.words, "He wants it told").await.unwrap();
    }
    let refused = cases::publish(&beta.ctx, &story.bo, id).await.unwrap_err().public();
    assert!(refused.contains("nobody of your hospital in this group can look first"), "{refused}");
    assert_eq!(cases::drafts(&beta.ctx, &story.bo).await.unwrap().len(), 1, "it stays a draft");

    let deb = beta.account("deb", Role::Clinician).await;
    story.join("beta.test", &deb, "").await;
    verify(beta, &["deb"], "").await;
    let post = cases::publish(&beta.ctx, &story.bo, id).await.unwrap();
    assert_eq!(posts::raw(&beta.ctx, post).await.unwrap().held, Held::Review);
    cases::approve(&beta.ctx, &deb, post).await.unwrap();
    story.cluster.settle().await;
    assert_eq!(posts::raw(&beta.ctx, post).await.unwrap().held, Held::Waits, "the group's moderators look as well");
}
