//! Whom groups take in for the sake of what they are and where they come from: practitioners and members of the public, verified
//! or not, of servers that are trusted, that are not, and that run something else.

use chrono::TimeDelta;
use consilium::{
    model::{Admission, GroupKind, HostTrust, Role},
    service::{accounts, hosts},
};
use serde_json::json;

use crate::{
    desk::{bring, take_and_attest},
    harness::{
        Browser, Cluster, Page,
        cases::try_answer,
        groups::{Circle, GROUP as ADDRESS, found_by_form, join_by_form, known},
        people::viewer,
    },
    registers::npi,
};

const GROUP: &str = "/groups/hearts";
/// The same on every other server.
pub const THERE: &str = "/groups/hearts@alpha.test";
const UNVERIFIED: &str = "Only verified clinicians may post here. Send a credential to the desk first.";

/// Somebody brings a registration to the desk of their hospital, which attests it; its id.
pub async fn get_verified(verifier: &mut Browser, who: &mut Browser, n: u32) -> String {
    let id = bring(who, &npi(n)).await;
    let done = take_and_attest(verifier, &id).await;
    assert!(done.location.ends_with("done=attested"), "{}", done.html);
    id
}

/// Somebody of another server finds the group and asks to join it.
pub async fn join_there(who: &mut Browser) {
    assert_eq!(who.get("/groups?q=hearts@alpha.test").await.location, THERE);
    let join = format!("{THERE}/join");
    let asked = who.submit(&join, &join, &[]).await;
    assert!(asked.status.is_redirection(), "{}: {}", asked.status, asked.html);
}

/// Opens a discussion in the group, as it is called on one's server.
pub async fn discuss(who: &mut Browser, at: &str, title: &str) -> Page {
    let action = format!("{at}/new");
    who.submit(&action, &action, &[("title", title), ("text", "What do you use?"), ("language", "en")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_for_clinicians_is_read_by_practitioners_and_posted_in_by_those_who_are_verified() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo, mut cy) =
        (alpha.clinician("ada").await, alpha.clinician("bo").await, alpha.clinician("cy").await);
    let mut vera = alpha.person("vera", Role::Verifier).await;
    let mut citizen = alpha.person("citizen", Role::Public).await;
    let kind = [("kind", "verified")];
    let refused = found_by_form(&mut ada, &kind).await;
    assert!(refused.status == 422 && refused.says("Only verified clinicians post in a group"), "{}", refused.html);
    get_verified(&mut vera, &mut ada, 1).await;
    let done = found_by_form(&mut ada, &kind).await;
    assert_eq!(done.location, "/groups/hearts?done=founded", "{}", done.html);
    let (path, id) = discuss(&mut ada, GROUP, "Which dressing?").await.written();

    let page = citizen.get(GROUP).await;
    assert!(page.says("Members of the public neither read nor join") && !page.says("Which dressing?"), "{}", page.html);
    let join = format!("{GROUP}/join");
    assert!(citizen.get(&join).await.says("members of the public neither read nor join it"));
    assert_eq!(citizen.send(&join, &[]).await.status, 403);
    assert_eq!(citizen.get(&path).await.status, 404);
    assert!(cy.get(GROUP).await.says("Which dressing?"), "any clinician reads it");

    join_by_form(&mut bo).await;
    let page = bo.get(GROUP).await;
    assert!(page.says("You are a member") && page.says("Which dressing?"), "{}", page.html);
    assert!(page.says(UNVERIFIED) && !page.says("New discussion"), "{}", page.html);
    assert_eq!(bo.get(&format!("{GROUP}/new")).await.location, GROUP);
    assert_eq!(bo.get(&format!("/compose?reply_to={id}")).await.location, format!("{path}#reply"));
    assert!(bo.get(&format!("/cases/new?group={}", known(alpha).await)).await.says(UNVERIFIED));
    let page = bo.get(&path).await;
    assert!(page.says(UNVERIFIED) && !page.says("Write a reply"), "{}", page.html);
    let new = [("title", "Me too"), ("text", "Honey."), ("language", "en")];
    let refused = bo.send(&format!("{GROUP}/new"), &new).await;
    assert!(refused.status == 422 && refused.says(UNVERIFIED), "{}", refused.html);
    assert_eq!(try_answer(&mut bo, id, "Honey.").await.status, 422);

    get_verified(&mut vera, &mut bo, 2).await;
    assert!(!bo.get(GROUP).await.says(UNVERIFIED));
    try_answer(&mut bo, id, "Honey.").await.written();
    assert!(cy.get(&path).await.says("Honey."));

    let who = viewer(alpha, "bo").await.account().unwrap();
    accounts::set_role(&alpha.ctx, who, Role::Public).await.unwrap();
    let mut bo = alpha.signed_in("bo").await;
    let page = bo.get(GROUP).await;
    assert!(!page.says("You are a member") && !page.says("Which dressing?"), "no practitioner any more: {}", page.html);
    assert!(!ada.get(&format!("{GROUP}/members")).await.says("Dr bo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_for_clinicians_takes_in_people_of_a_server_for_as_long_as_it_is_trusted() {
    let cluster = Cluster::of(["alpha.test", "beta.test", "gamma.test"]).await;
    let [alpha, beta, gamma] = ["alpha.test", "beta.test", "gamma.test"].map(|name| cluster.get(name));
    let trust = async |how: HostTrust| {
        hosts::trust_by_operator(&alpha.ctx, "beta.test", how, Vec::new(), "").await.unwrap();
        cluster.settle().await;
    };
    let mut ada = alpha.clinician("ada").await;
    get_verified(&mut alpha.person("vera", Role::Verifier).await, &mut ada, 1).await;
    found_by_form(&mut ada, &[("kind", "verified")]).await;
    let (mut bea, mut dan) = (beta.clinician("bea").await, beta.clinician("dan").await);
    get_verified(&mut beta.person("vera", Role::Verifier).await, &mut bea, 1).await;
    let (mut cy, mut eli) = (gamma.clinician("cy").await, gamma.clinician("eli").await);
    trust(HostTrust::Trusted).await;
    for who in [&mut bea, &mut dan, &mut cy, &mut eli] {
        join_there(who).await;
        cluster.settle().await;
    }

    let page = cy.get(THERE).await;
    let why = "none of those that the server of this group trusts";
    assert!(page.says("Your request was refused") && page.says(why), "{}", page.html);
    let (desk, log) = (format!("{GROUP}/moderation"), format!("{GROUP}/log"));
    let untrusted = "gamma.test is not trusted by this server.";
    assert!(ada.get(&desk).await.says(untrusted));
    assert!(ada.get("/notifications").await.says("has decided about another server: see"));
    assert_eq!(ada.get(&log).await.html.matches(untrusted).count(), 1, "once, however many ask");

    let page = dan.get(THERE).await;
    assert!(page.says("You are a member") && page.says(UNVERIFIED) && !page.says("New discussion"), "{}", page.html);
    discuss(&mut bea, THERE, "Which bandage?").await.written();
    cluster.settle().await;
    assert!(ada.get(GROUP).await.says("Which bandage?") && dan.get(THERE).await.says("Which bandage?"));

    trust(HostTrust::Claim).await;
    let page = ada.get(&desk).await;
    assert!(page.says("beta.test is not trusted by this server."), "{}", page.html);
    assert!(page.says("2 members there have no access."), "{}", page.html);
    discuss(&mut ada, GROUP, "Which tape?").await.written();
    discuss(&mut bea, THERE, "Anybody there?").await.written();
    cluster.settle().await;
    assert!(!bea.get(THERE).await.says("Which tape?"), "nothing goes there");
    assert!(!ada.get(GROUP).await.says("Anybody there?"), "nor does anything come from there");

    trust(HostTrust::Trusted).await;
    assert!(ada.get(&log).await.says("beta.test is admitted.") && !ada.get(&desk).await.says("beta.test"));
    discuss(&mut ada, GROUP, "Which glue?").await.written();
    cluster.settle().await;
    assert!(bea.get(THERE).await.says("Which glue?") && dan.get(THERE).await.says("Which glue?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_group_refuses_a_server_that_runs_mastodon_and_its_moderator_reads_why() {
    let story = Circle::of(GroupKind::Closed, Admission::Free).await;
    let (alpha, eve) = (story.at("alpha.test"), &story.eve);
    let mut ada = alpha.signed_in("ada").await;
    let (desk, log) = (format!("{GROUP}/moderation"), format!("{GROUP}/log"));
    eve.runs("Mastodon");
    eve.serve("/users/mallory", eve.person("mallory"));
    story.deliver(&eve.activity("Follow", "follow-1", json!(ADDRESS))).await;
    let mallory = "http://eve.test/users/mallory";
    let mut follow = eve.activity("Follow", "follow-2", json!(ADDRESS));
    follow["actor"] = mallory.into();
    assert_eq!(eve.deliver_as(alpha, mallory, &follow).await, 202);
    story.cluster.settle().await;
    assert!(eve.was_told("does not keep what is for members alone") && !eve.was_told("Accept"));
    let why = "eve.test runs mastodon, which does not keep what is for members to itself.";
    assert!(ada.get(&desk).await.says(why));
    assert!(ada.get("/notifications").await.says("has decided about another server: see"));
    let page = ada.get(&log).await;
    assert!(page.says("This server keeps the people of another server out."), "{}", page.html);
    assert_eq!(page.html.matches(why).count(), 1, "once, however many ask: {}", page.html);

    // What it runs is asked again when somebody wants to join later.
    eve.runs("consilium");
    story.cluster.pass(TimeDelta::hours(25));
    story.deliver(&eve.activity("Follow", "follow-3", json!(ADDRESS))).await;
    assert!(eve.was_told("Accept"));
    let mut ada = alpha.signed_in("ada").await;
    assert!(ada.get(&log).await.says("eve.test is admitted.") && !ada.get(&desk).await.says("eve.test"));
    story.say("alpha.test", &story.ada, "Broad complexes").await;
    assert!(eve.was_told("Broad complexes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_with_members_runs_is_asked_again_and_they_have_access_accordingly() {
    let story = Circle::of(GroupKind::Closed, Admission::Free).await;
    let (alpha, eve) = (story.at("alpha.test"), &story.eve);
    eve.runs("consilium");
    story.deliver(&eve.activity("Follow", "follow", json!(ADDRESS))).await;
    assert!(eve.was_told("Accept"));
    let later = async |hours: i64, title: &str| {
        story.cluster.pass(TimeDelta::hours(hours));
        story.cluster.settle().await;
        let uri = story.say("alpha.test", &story.ada, title).await;
        let path = uri.strip_prefix("http://alpha.test").unwrap();
        let (status, _) = eve.get_as(alpha, &eve.actor(), path).await;
        assert_eq!(status == 200, eve.was_told(title), "what is told can be asked for: {title} {status}");
        status == 200
    };
    let desk = async |words: &str| alpha.signed_in("ada").await.get(&format!("{GROUP}/moderation")).await.says(words);
    assert!(later(1, "A murmur").await);
    eve.runs("mastodon");
    assert!(!later(25, "A second murmur").await);
    assert!(desk("eve.test runs mastodon").await && desk("1 member there has no access.").await);
    eve.runs("consilium");
    assert!(later(25, "A third murmur").await, "it is what it was before, and they need not ask again");

    // It does not answer: what it said last counts for a week.
    eve.redirect("/.well-known/nodeinfo", "http://eve.test/nothing");
    assert!(later(25, "A fourth murmur").await);
    assert!(!later(150, "A fifth murmur").await);
    assert!(desk("eve.test does not say what it runs.").await);
}
