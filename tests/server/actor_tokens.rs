//! What colleagues at several hospitals wrote in one group is fetched from their own hospitals, with a token of the group that
//! proves who takes part in it (FEP-db0e).

use chrono::TimeDelta;
use consilium::{
    crypto::signature::cavage,
    error::Error,
    model::{AccountId, Admission, GroupKind, HostState},
    policy::Viewer,
    service::{
        groups::{self, GroupForm, Wish},
        hosts,
        keys::{self, Signer},
        media, posts,
    },
};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use url::Url;

use crate::harness::{
    Instance,
    groups::{Circle, form, said},
    pictures::red,
};

impl Circle {
    /// Ada founds another group.
    async fn found(&self, name: &str, kind: GroupKind) {
        let form = GroupForm { name: name.into(), ..form() };
        groups::found(&self.at("alpha.test").ctx, &self.ada, name, kind, &form).await.unwrap();
    }

    /// Somebody of another server joins it; the group as it is known there.
    async fn join_other(&self, host: &str, who: &Viewer, name: &str) -> AccountId {
        let ctx = &self.at(host).ctx;
        let group = ctx.remote().unwrap().account(name, "alpha.test").await.unwrap();
        groups::join(ctx, who, group, &Wish::default()).await.unwrap();
        self.cluster.settle().await;
        group
    }

    /// Cy asks something in the group "Heart cases"; the path of it at gamma.
    async fn cy_asks(&self) -> String {
        path(&self.say("gamma.test", &self.cy, "A murmur").await)
    }

    /// With what a server signs its own questions.
    pub async fn signer(&self, host: &str) -> Signer {
        let ctx = &self.at(host).ctx;
        keys::signer(ctx, keys::instance_account(ctx).await.unwrap()).await.unwrap()
    }

    /// A server asks a group for a token.
    async fn token(&self, by: &Signer, group: &str) -> Result<String, StatusCode> {
        let (status, token) = get(self.at("alpha.test"), by, &format!("/users/{group}/actor_token"), None).await;
        if status == StatusCode::OK { Ok(token.to_string()) } else { Err(status) }
    }

    /// What gamma answers to a server, with or without a token.
    async fn gamma(&self, by: &Signer, path: &str, token: Option<&str>) -> StatusCode {
        get(self.at("gamma.test"), by, path, token).await.0
    }
}

fn path(uri: &str) -> String {
    Url::parse(uri).unwrap().path().to_owned()
}

/// Asks a server for a document, signed, and with a token where there is one.
pub async fn get(from: &Instance, by: &Signer, path: &str, token: Option<&str>) -> (StatusCode, Value) {
    let url = Url::parse(&format!("http://{}{path}", from.name)).unwrap();
    let signed = cavage::sign(("GET", &url, None), &by.key_id, &by.key, from.ctx.now(), None).unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let mut request =
        client.get(format!("http://{}{path}", from.address)).header("accept", "application/activity+json");
    for (name, value) in signed {
        request = request.header(name, value);
    }
    if let Some(token) = token {
        request = request.header("authorization", format!("ActivityPubActorToken {token}"));
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    (status, response.json().await.unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_colleague_wrote_comes_from_their_own_hospital_also_while_that_of_the_group_is_down() {
    let mut story = Circle::joined(GroupKind::Closed).await;
    let gamma = &story.at("gamma.test").ctx;
    let sheet = media::upload(gamma, &story.cy, red().into(), "A tracing", None).await.unwrap();
    let group = Some(story.group("gamma.test").await);
    let looked = posts::Looked::AtAll;
    let asks = posts::NewPost { group, media: vec![sheet.id], looked, ..said("A murmur") };
    let uri = story.write("gamma.test", &story.cy, asks).await;
    let there = posts::by_uri(&story.at("beta.test").ctx, &uri).await.unwrap().unwrap().id;
    let answers = posts::NewPost { reply_to: Some(there), ..said("") };
    let answer = story.write("beta.test", &story.bo, answers).await;
    let beta = story.signer("beta.test").await;
    let token = story.token(&beta, "hearts").await.unwrap();

    story.cluster.get_mut("alpha.test").go_down().await;
    let path = path(&uri);
    let without = story.gamma(&beta, &path, None).await;
    assert!(!without.is_success(), "the group cannot be asked: {without}");
    for part in ["", "/activity", "/likes", "/shares", "/replies"] {
        assert_eq!(story.gamma(&beta, &format!("{path}{part}"), Some(&token)).await, StatusCode::OK, "{part}");
    }
    let (_, page) = get(story.at("gamma.test"), &beta, &format!("{path}/replies?page=0"), Some(&token)).await;
    assert_eq!(page["orderedItems"], serde_json::json!([answer]));
    assert_eq!(story.gamma(&beta, &format!("/media/{}", sheet.name), Some(&token)).await, StatusCode::OK);

    // Bo's server has a token of its own from when Cy's question came, and shows it.
    let ctx = &story.at("beta.test").ctx;
    ctx.remote().unwrap().refresh(&uri.parse().unwrap()).await.unwrap();
    let card = posts::read(ctx, &story.bo, there).await.unwrap();
    let seen = media::open(ctx, &story.bo, &card.media.0[0].name, media::Size::Full).await.unwrap();
    assert!(!seen.bytes.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_gives_tokens_to_the_hospitals_of_its_members_and_they_work_for_nobody_else() {
    let story = Circle::joined(GroupKind::Closed).await;
    story.found("everybody", GroupKind::Open).await;
    let path = story.cy_asks().await;
    let beta = story.signer("beta.test").await;
    let eve = Signer { key_id: format!("{}#main-key", story.eve.actor()), key: story.eve.key.signing_key() };

    let alpha = story.at("alpha.test");
    let named = |document: Value| document["endpoints"]["actorToken"].clone();
    let closed = named(get(alpha, &beta, "/users/hearts", None).await.1);
    assert_eq!(closed, "http://alpha.test/users/hearts/actor_token");
    assert_eq!(named(get(alpha, &beta, "/users/everybody", None).await.1), Value::Null);
    assert_eq!(story.token(&beta, "everybody").await, Err(StatusCode::NOT_FOUND));
    assert_eq!(story.token(&eve, "hearts").await, Err(StatusCode::FORBIDDEN));
    let token = story.token(&beta, "hearts").await.unwrap();

    // It is not Eve's, it cannot be made hers or anything else, and without it her server has nothing to do with the group.
    assert_eq!(story.gamma(&eve, &path, None).await, StatusCode::NOT_FOUND);
    for shown in [
        token.clone(),
        token.replace("http://beta.test/actor", &story.eve.actor()),
        token.replace("users/hearts", "users/lungs"),
        "nonsense".to_owned(),
    ] {
        assert_eq!(story.gamma(&eve, &path, Some(&shown)).await, StatusCode::FORBIDDEN, "{shown}");
    }
    for shown in [token.replace("validUntil", "validUntill"), token.replace("users/hearts", "users/lungs")] {
        assert_eq!(story.gamma(&beta, &path, Some(&shown)).await, StatusCode::FORBIDDEN, "{shown}");
    }
    assert_eq!(story.gamma(&beta, &path, Some(&token)).await, StatusCode::OK);

    hosts::decide_by_operator(&alpha.ctx, "beta.test", HostState::Blocked, "").await.unwrap();
    assert_eq!(story.token(&beta, "hearts").await, Err(StatusCode::FORBIDDEN));
    hosts::decide_by_operator(&story.at("gamma.test").ctx, "beta.test", HostState::Blocked, "").await.unwrap();
    assert_eq!(story.gamma(&beta, &path, Some(&token)).await, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_group_opens_nothing_in_another() {
    let story = Circle::of(GroupKind::Closed, Admission::Free).await;
    story.found("lungs", GroupKind::Closed).await;
    story.join("gamma.test", &story.cy, "").await;
    let lungs = story.join_other("gamma.test", &story.cy, "lungs").await;
    story.join_other("beta.test", &story.bo, "lungs").await;
    let in_hearts = story.cy_asks().await;
    let asks = posts::NewPost { group: Some(lungs), ..said("A cough") };
    let in_lungs = path(&story.write("gamma.test", &story.cy, asks).await);
    let beta = story.signer("beta.test").await;
    assert_eq!(story.token(&beta, "hearts").await, Err(StatusCode::FORBIDDEN));
    let token = story.token(&beta, "lungs").await.unwrap();
    assert_eq!(story.gamma(&beta, &in_lungs, Some(&token)).await, StatusCode::OK);
    assert_eq!(story.gamma(&beta, &in_hearts, Some(&token)).await, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_whose_last_member_left_gets_no_new_token_and_its_last_one_soon_ends() {
    let story = Circle::joined(GroupKind::Closed).await;
    let group = story.group("alpha.test").await;
    let path = story.cy_asks().await;
    let beta = story.signer("beta.test").await;
    let token = story.token(&beta, "hearts").await.unwrap();
    assert_eq!(story.gamma(&beta, &path, Some(&token)).await, StatusCode::OK);

    let alpha = &story.at("alpha.test").ctx;
    let bo = alpha.remote().unwrap().account("bo", "beta.test").await.unwrap();
    groups::remove(alpha, &story.ada, group, bo, "Left the hospital").await.unwrap();
    story.cluster.settle().await;
    assert_eq!(story.token(&beta, "hearts").await, Err(StatusCode::FORBIDDEN));
    assert_eq!(story.gamma(&beta, &path, None).await, StatusCode::NOT_FOUND);
    story.cluster.pass(TimeDelta::minutes(31));
    assert_eq!(story.gamma(&beta, &path, Some(&token)).await, StatusCode::FORBIDDEN);

    // Nor does it show any more what it was once given.
    let ctx = &story.at("beta.test").ctx;
    let address = Url::parse(&format!("http://gamma.test{path}")).unwrap();
    let asked = ctx.remote().unwrap().refresh(&address).await;
    assert!(matches!(asked, Err(Error::NotFound | Error::Remote { .. })), "{asked:?}");
}
