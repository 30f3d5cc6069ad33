//! The group "Heart cases" at alpha: founded and joined by the services and by forms, and one whose people are at three hospitals.

use consilium::{
    error::Error,
    model::{AccountId, Admission, FollowState, GroupKind, Premoderation, Review, Role},
    policy::Viewer,
    service::{
        Page as Pages,
        groups::{self, GroupForm, Wish},
        posts,
    },
};
use serde_json::Value;

use super::{Browser, Cluster, Instance, Options, Page, Stranger};

/// Its ActivityPub id.
pub const GROUP: &str = "http://alpha.test/users/hearts";

/// What it is like where a story says nothing else: everybody may join it, and nobody looks at posts first.
pub fn form() -> GroupForm {
    GroupForm {
        name: "Heart cases".into(),
        about: "For those who look after hearts.".into(),
        rules: String::new(),
        welcome: String::new(),
        topics: String::new(),
        admission: Admission::Free,
        premoderation: Premoderation::None,
        review: Review::Kept,
        level: 0,
        disciplines: Vec::new(),
        specialties: Vec::new(),
        issuers: String::new(),
    }
}

/// Founds it as it usually is.
pub async fn found(at: &Instance, owner: &Viewer, kind: GroupKind) -> AccountId {
    found_like(at, owner, kind, &form()).await
}

/// Founds it as this form says.
pub async fn found_like(at: &Instance, owner: &Viewer, kind: GroupKind, form: &GroupForm) -> AccountId {
    groups::found(&at.ctx, owner, "hearts", kind, form).await.unwrap()
}

/// The group as a server knows it; one that has never heard of it asks alpha.
pub async fn known(at: &Instance) -> AccountId {
    match groups::by_uri(&at.ctx, GROUP).await.unwrap() {
        Some((group, _)) => group.id,
        None => at.ctx.remote().unwrap().account("hearts", "alpha.test").await.unwrap(),
    }
}

/// Somebody of any server asks to join it, and may say why.
pub async fn join(at: &Instance, who: &Viewer, reason: &str) -> FollowState {
    let wish = Wish { reason: reason.into(), ..Wish::default() };
    groups::join(&at.ctx, who, known(at).await, &wish).await.unwrap()
}

/// Founds it at a browser; `differs` is what is not as usual.
pub async fn found_by_form(who: &mut Browser, differs: &[(&str, &str)]) -> Page {
    let usual = [
        ("name", "Heart cases"),
        ("username", "hearts"),
        ("kind", "closed"),
        ("about", "For those who look after hearts."),
        ("rules", "No names of patients."),
        ("welcome", "Say hello to the others."),
        ("topics", "Rhythm\nValves"),
        ("admission", "free"),
        ("premoderation", "none"),
        ("level", "0"),
    ];
    let kept = usual.iter().filter(|(name, _)| differs.iter().all(|(other, _)| other != name));
    let all: Vec<(&str, &str)> = kept.chain(differs).copied().collect();
    who.submit("/groups/new", "/groups/new", &all).await
}

/// Joins it at a browser.
pub async fn join_by_form(who: &mut Browser) -> Page {
    let action = "/groups/hearts/join";
    let page = who.submit(action, action, &[]).await;
    assert!(page.status.is_redirection(), "{}: {}", page.status, page.html);
    page
}

/// What is said where a story says nothing else.
pub fn said(title: &str) -> posts::NewPost {
    posts::NewPost {
        text: "Broad complexes in a runner.".into(),
        title: title.into(),
        language: "en".into(),
        // Stories of the gate write posts of their own.
        stays: posts::Stays::All("Invented for a story".into()),
        ..posts::NewPost::default()
    }
}

/// Ada owns the group at alpha; Bo is at beta, Cy at gamma, and Eve has a server of her own.
pub struct Circle {
    pub cluster: Cluster,
    pub eve: Stranger,
    pub ada: Viewer,
    pub bo: Viewer,
    pub cy: Viewer,
}

impl Circle {
    /// Nobody has joined yet.
    pub async fn of(kind: GroupKind, admission: Admission) -> Self {
        let eve = Stranger::at("eve.test").await;
        let names = ["alpha.test", "beta.test", "gamma.test"];
        let cluster = Cluster::with(&names, &[("eve.test", eve.address)], Options::default()).await;
        let ada = cluster.get("alpha.test").account("ada", Role::Clinician).await;
        let bo = cluster.get("beta.test").account("bo", Role::Clinician).await;
        let cy = cluster.get("gamma.test").account("cy", Role::Clinician).await;
        found_like(cluster.get("alpha.test"), &ada, kind, &GroupForm { admission, ..form() }).await;
        Self { cluster, eve, ada, bo, cy }
    }

    /// The same with Bo and Cy as members.
    pub async fn joined(kind: GroupKind) -> Self {
        let circle = Self::of(kind, Admission::Free).await;
        for (host, who) in [("beta.test", circle.bo), ("gamma.test", circle.cy)] {
            circle.join(host, &who, "").await;
        }
        circle
    }

    pub fn at(&self, host: &str) -> &Instance {
        self.cluster.get(host)
    }

    /// Ada, Bo and Cy, each with their server.
    pub fn all(&self) -> [(&'static str, Viewer); 3] {
        [("alpha.test", self.ada), ("beta.test", self.bo), ("gamma.test", self.cy)]
    }

    /// The group as a server knows it.
    pub async fn group(&self, host: &str) -> AccountId {
        known(self.at(host)).await
    }

    /// Somebody asks to join, and their wish arrives.
    pub async fn join(&self, host: &str, who: &Viewer, reason: &str) -> FollowState {
        let state = join(self.at(host), who, reason).await;
        self.cluster.settle().await;
        state
    }

    /// Somebody says something in the group; its ActivityPub id.
    pub async fn say(&self, host: &str, who: &Viewer, title: &str) -> String {
        self.write(host, who, posts::NewPost { group: Some(self.group(host).await), ..said(title) }).await
    }

    /// Somebody writes; the post's ActivityPub id.
    pub async fn write(&self, host: &str, who: &Viewer, new: posts::NewPost) -> String {
        let ctx = &self.at(host).ctx;
        let id = posts::publish(ctx, who, new).await.unwrap();
        self.cluster.settle().await;
        posts::raw(ctx, id).await.unwrap().uri
    }

    /// Titles of what somebody reads in the group; none where they may not.
    pub async fn titles(&self, host: &str, who: &Viewer) -> Option<Vec<String>> {
        match groups::list(&self.at(host).ctx, who, self.group(host).await, "", &Pages::first(20)).await {
            Ok(listed) => Some(listed.items.into_iter().map(|card| card.post.title).collect()),
            Err(Error::NotFound) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Eve's server sends alpha something, and everything that follows is carried out.
    pub async fn deliver(&self, activity: &Value) {
        assert_eq!(self.eve.deliver(self.at("alpha.test"), activity).await, 202);
        self.cluster.settle().await;
    }
}
