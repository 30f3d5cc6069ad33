//! Closed groups whose members are on three servers.

use diesel_async::SimpleAsyncConnection;

use consilium::{
    error::Error,
    model::{AccountId, Admission, FollowState, GroupKind, PostId, Premoderation, Role, Visibility},
    policy::Viewer,
    service::{
        Page,
        follows::{self, Side},
        groups,
        groups::{GroupForm, Wish},
        posts, profiles,
    },
};

use crate::harness::{Cluster, Instance};

fn form() -> GroupForm {
    GroupForm {
        name: "Heart cases".into(),
        about: "For those who look after hearts.".into(),
        rules: "No names of patients.".into(),
        welcome: String::new(),
        topics: "Rhythm\nValves".into(),
        admission: Admission::Request,
        premoderation: Premoderation::None,
        review: consilium::model::Review::Kept,
        level: 0,
        disciplines: Vec::new(),
        specialties: Vec::new(),
        issuers: String::new(),
    }
}

/// Alpha has the group, with Ada who owns it; Bo is at beta, Cy at gamma.
struct Story {
    cluster: Cluster,
    ada: Viewer,
    bo: Viewer,
    cy: Viewer,
    group: AccountId,
}

impl Story {
    async fn new() -> Self {
        let cluster = Cluster::of(["alpha.test", "beta.test", "gamma.test"]).await;
        let ada = cluster.get("alpha.test").account("ada", Role::Clinician).await;
        let bo = cluster.get("beta.test").account("bo", Role::Clinician).await;
        let cy = cluster.get("gamma.test").account("cy", Role::Clinician).await;
        let ctx = &cluster.get("alpha.test").ctx;
        let group = groups::found(ctx, &ada, "hearts", GroupKind::Closed, &form()).await.unwrap();
        Self { cluster, ada, bo, cy, group }
    }

    fn at(&self, host: &str) -> &Instance {
        self.cluster.get(host)
    }

    /// The group as another server knows it.
    async fn there(&self, host: &str) -> AccountId {
        self.at(host).ctx.remote().unwrap().account("hearts", "alpha.test").await.unwrap()
    }

    /// Somebody of another server asks, and Ada lets them in.
    async fn join(&self, host: &str, who: &Viewer) -> AccountId {
        let group = self.there(host).await;
        let wish = Wish { reason: "I look after hearts".into(), ..Wish::default() };
        assert_eq!(groups::join(&self.at(host).ctx, who, group, &wish).await.unwrap(), FollowState::Pending);
        self.cluster.settle().await;
        let alpha = &self.at("alpha.test").ctx;
        let asked = groups::requests(alpha, &self.ada, self.group, &Page::first(20)).await.unwrap().items;
        let theirs = asked.iter().find(|request| request.who.host.as_deref() == Some(host)).unwrap();
        groups::admit(alpha, &self.ada, self.group, theirs.who.id).await.unwrap();
        self.cluster.settle().await;
        group
    }

    async fn say(&self, host: &str, who: &Viewer, group: AccountId, title: &str) -> PostId {
        let new = posts::NewPost {
            text: "Broad complexes in a runner.".into(),
            title: title.into(),
            topic: String::new(),
            language: "en".into(),
            group: Some(group),
            ..posts::NewPost::default()
        };
        let id = posts::publish(&self.at(host).ctx, who, new).await.unwrap();
        self.cluster.settle().await;
        id
    }

    /// Titles of what somebody reads in the group; none where they may not.
    async fn titles(&self, host: &str, who: &Viewer, group: AccountId) -> Option<Vec<String>> {
        match groups::list(&self.at(host).ctx, who, group, "", &Page::first(20)).await {
            Ok(listed) => Some(listed.items.into_iter().map(|card| card.post.title).collect()),
            Err(Error::NotFound) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_group_spans_three_hospitals_and_reaches_its_members_alone() {
    let story = Story::new().await;
    let (at_beta, at_gamma) = (story.join("beta.test", &story.bo).await, story.join("gamma.test", &story.cy).await);
    let stranger = story.at("beta.test").account("stranger", Role::Admin).await;

    let hers = story.say("alpha.test", &story.ada, story.group, "Broad complexes").await;
    assert_eq!(story.titles("beta.test", &story.bo, at_beta).await.unwrap(), ["Broad complexes"]);
    assert_eq!(story.titles("gamma.test", &story.cy, at_gamma).await.unwrap(), ["Broad complexes"]);
    assert_eq!(story.titles("beta.test", &stranger, at_beta).await, None, "an admin of a member's server is no member");
    let kept = posts::raw(&story.at("alpha.test").ctx, hers).await.unwrap();
    assert_eq!(kept.visibility, Visibility::Group);
    let there = posts::by_uri(&story.at("beta.test").ctx, &kept.uri).await.unwrap().unwrap();
    assert_eq!((there.visibility, there.group_id), (Visibility::Group, Some(at_beta)));
    let refused = posts::read(&story.at("beta.test").ctx, &stranger, there.id).await;
    assert!(matches!(refused, Err(Error::NotFound)));

    // Who belongs to it stands in no list of whom somebody follows.
    let beta = &story.at("beta.test").ctx;
    let bo = profiles::by_id(beta, &story.bo, story.bo.account().unwrap()).await.unwrap().account;
    let follows = follows::list(beta, &story.bo, &bo, Side::Following, &Page::first(20)).await.unwrap();
    assert_eq!(follows.items.len(), 0);

    // What a member elsewhere writes comes from their own server, which asks the group's whether it may hand it out.
    story.say("beta.test", &story.bo, at_beta, "A murmur").await;
    for (host, who, group) in [
        ("alpha.test", &story.ada, story.group),
        ("beta.test", &story.bo, at_beta),
        ("gamma.test", &story.cy, at_gamma),
    ] {
        assert_eq!(story.titles(host, who, group).await.unwrap(), ["A murmur", "Broad complexes"], "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_removed_gets_nothing_more_and_their_server_neither() {
    let story = Story::new().await;
    let (at_beta, at_gamma) = (story.join("beta.test", &story.bo).await, story.join("gamma.test", &story.cy).await);
    let alpha = &story.at("alpha.test").ctx;
    let cy = alpha.remote().unwrap().account("cy", "gamma.test").await.unwrap();
    groups::remove(alpha, &story.ada, story.group, cy, "Left the hospital").await.unwrap();
    story.cluster.settle().await;
    assert_eq!(story.titles("gamma.test", &story.cy, at_gamma).await, None, "access ends at once, there too");

    let hers = story.say("alpha.test", &story.ada, story.group, "Later").await;
    story.say("beta.test", &story.bo, at_beta, "Later still").await;
    assert_eq!(story.titles("beta.test", &story.bo, at_beta).await.unwrap(), ["Later still", "Later"]);
    let uri = posts::raw(alpha, hers).await.unwrap().uri;
    let gamma = story.at("gamma.test");
    assert!(posts::by_uri(&gamma.ctx, &uri).await.unwrap().is_none(), "nothing came");
    let fetched = gamma.ctx.remote().unwrap().address(&uri.parse().unwrap()).await;
    assert!(fetched.is_err(), "nor can it be fetched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_a_moderator_removes_is_gone_on_every_server() {
    let story = Story::new().await;
    let (at_beta, at_gamma) = (story.join("beta.test", &story.bo).await, story.join("gamma.test", &story.cy).await);
    let his = story.say("beta.test", &story.bo, at_beta, "Too much of a patient").await;
    let uri = posts::raw(&story.at("beta.test").ctx, his).await.unwrap().uri;
    let alpha = &story.at("alpha.test").ctx;
    let there = posts::by_uri(alpha, &uri).await.unwrap().unwrap();
    groups::remove_post(alpha, &story.ada, there.id, "It names a patient").await.unwrap();
    story.cluster.settle().await;
    for (host, who, group) in [
        ("alpha.test", &story.ada, story.group),
        ("beta.test", &story.bo, at_beta),
        ("gamma.test", &story.cy, at_gamma),
    ] {
        assert_eq!(story.titles(host, who, group).await.unwrap(), Vec::<String>::new(), "{host}");
    }
    let log = groups::log(alpha, &story.ada, story.group, &Page::first(5)).await.unwrap().items;
    assert_eq!(log[0].reason, "It names a patient");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_credential_is_no_longer_proven_is_a_member_no_longer() {
    let story = Story::new().await;
    let at_beta = story.join("beta.test", &story.bo).await;
    story.say("alpha.test", &story.ada, story.group, "For the verified").await;
    assert!(story.titles("beta.test", &story.bo, at_beta).await.is_some());
    let alpha = &story.at("alpha.test").ctx;
    let asks = GroupForm { level: 4, ..form() };
    let refused = groups::change(alpha, &story.ada, story.group, &asks).await.unwrap_err().to_string();
    assert!(refused.contains("You do not meet this yourself"), "{refused}");
    // As if it were proven of Ada when she asked for it, and is no more.
    let text = format!("UPDATE groups SET level = 4 WHERE account_id = {}", story.group);
    alpha.pool.get().await.unwrap().batch_execute(&text).await.unwrap();
    story.cluster.settle().await;
    assert_eq!(story.titles("beta.test", &story.bo, at_beta).await, None, "access ends at once, there too");
    assert_eq!(story.titles("alpha.test", &story.ada, story.group).await, None, "an owner is a member like all others");
    let view = groups::view_by_id(alpha, &story.ada, story.group).await.unwrap();
    assert!(view.group.archived_at.is_some() && view.leaders.is_empty(), "nobody is left who could lead it");
}
