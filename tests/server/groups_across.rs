//! Closed groups whose members are on three servers.

use consilium::{
    error::Error,
    model::{Admission, FollowState, GroupDeed, GroupKind, Held, Role, Visibility},
    policy::Viewer,
    service::{
        Page,
        follows::{self, Side},
        groups::{self, GroupForm},
        posts, profiles,
    },
};

use crate::harness::{
    groups::{Circle, GROUP, form, said},
    rows::run,
};

impl Circle {
    /// Bo and Cy ask to join, and Ada lets them in.
    async fn admitted() -> Self {
        let story = Self::of(GroupKind::Closed, Admission::Request).await;
        for (host, who) in [("beta.test", story.bo), ("gamma.test", story.cy)] {
            story.admit(host, &who).await;
        }
        story
    }

    /// Somebody of another server asks, and Ada lets them in.
    async fn admit(&self, host: &str, who: &Viewer) {
        assert_eq!(self.join(host, who, "I look after hearts").await, FollowState::Pending);
        let (alpha, group) = (&self.at("alpha.test").ctx, self.group("alpha.test").await);
        let asked = groups::requests(alpha, &self.ada, group, &Page::first(20)).await.unwrap().items;
        let theirs = asked.iter().find(|request| request.who.host.as_deref() == Some(host)).unwrap();
        groups::admit(alpha, &self.ada, group, theirs.who.id).await.unwrap();
        self.cluster.settle().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_group_spans_three_hospitals_and_reaches_its_members_alone() {
    let story = Circle::admitted().await;
    let stranger = story.at("beta.test").account("stranger", Role::Admin).await;

    let uri = story.say("alpha.test", &story.ada, "Broad complexes").await;
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), ["Broad complexes"], "{host}");
    }
    assert_eq!(story.titles("beta.test", &stranger).await, None, "an admin of a member's server is no member");
    for host in ["alpha.test", "beta.test"] {
        let kept = posts::by_uri(&story.at(host).ctx, &uri).await.unwrap().unwrap();
        assert_eq!((kept.visibility, kept.group_id), (Visibility::Group, Some(story.group(host).await)), "{host}");
    }
    let beta = &story.at("beta.test").ctx;
    let there = posts::by_uri(beta, &uri).await.unwrap().unwrap();
    let refused = posts::read(beta, &stranger, there.id).await;
    assert!(matches!(refused, Err(Error::NotFound)));

    // Who belongs to it stands in no list of whom somebody follows.
    let bo = profiles::by_id(beta, &story.bo, story.bo.account().unwrap()).await.unwrap().account;
    let follows = follows::list(beta, &story.bo, &bo, Side::Following, &Page::first(20)).await.unwrap();
    assert_eq!(follows.items.len(), 0);

    // What a member elsewhere writes comes from their own server, which asks the group's whether it may hand it out.
    story.say("beta.test", &story.bo, "A murmur").await;
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), ["A murmur", "Broad complexes"], "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_removed_gets_nothing_more_and_their_server_neither() {
    let story = Circle::admitted().await;
    let (alpha, group) = (&story.at("alpha.test").ctx, story.group("alpha.test").await);
    let cy = alpha.remote().unwrap().account("cy", "gamma.test").await.unwrap();
    groups::remove(alpha, &story.ada, group, cy, "Left the hospital").await.unwrap();
    story.cluster.settle().await;
    assert_eq!(story.titles("gamma.test", &story.cy).await, None, "access ends at once, there too");

    let uri = story.say("alpha.test", &story.ada, "Later").await;
    story.say("beta.test", &story.bo, "Later still").await;
    assert_eq!(story.titles("beta.test", &story.bo).await.unwrap(), ["Later still", "Later"]);
    let gamma = story.at("gamma.test");
    assert!(posts::by_uri(&gamma.ctx, &uri).await.unwrap().is_none(), "nothing came");
    let fetched = gamma.ctx.remote().unwrap().address(&uri.parse().unwrap()).await;
    assert!(fetched.is_err(), "nor can it be fetched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_a_moderator_removes_is_gone_on_every_server() {
    let story = Circle::admitted().await;
    let uri = story.say("beta.test", &story.bo, "Too much of a patient").await;
    let (alpha, group) = (&story.at("alpha.test").ctx, story.group("alpha.test").await);
    let there = posts::by_uri(alpha, &uri).await.unwrap().unwrap();
    groups::remove_post(alpha, &story.ada, there.id, "It names a patient").await.unwrap();
    story.cluster.settle().await;
    for (host, who) in story.all() {
        assert_eq!(story.titles(host, &who).await.unwrap(), Vec::<String>::new(), "{host}");
    }
    let log = groups::log(alpha, &story.ada, group, &Page::first(5)).await.unwrap().items;
    assert_eq!(log[0].reason, "It names a patient");
    // Members elsewhere read it on their own servers.
    for (host, who) in [("beta.test", &story.bo), ("gamma.test", &story.cy)] {
        let log = groups::log(&story.at(host).ctx, who, story.group(host).await, &Page::first(5)).await.unwrap().items;
        assert_eq!((log[0].deed, log[0].reason.as_str()), (GroupDeed::RemovePost, "It names a patient"), "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_credential_is_no_longer_proven_is_a_member_no_longer() {
    let story = Circle::of(GroupKind::Closed, Admission::Request).await;
    story.admit("beta.test", &story.bo).await;
    story.say("alpha.test", &story.ada, "For the verified").await;
    assert!(story.titles("beta.test", &story.bo).await.is_some());
    let (alpha, group) = (&story.at("alpha.test").ctx, story.group("alpha.test").await);
    let asks = GroupForm { level: 4, ..form() };
    let refused = groups::change(alpha, &story.ada, group, &asks).await.unwrap_err().to_string();
    assert!(refused.contains("You do not meet this yourself"), "{refused}");
    // As if it were proven of Ada when she asked for it, and is no more.
    run(story.at("alpha.test"), &format!("UPDATE groups SET level = 4 WHERE account_id = {group}")).await;
    story.cluster.settle().await;
    assert_eq!(story.titles("beta.test", &story.bo).await, None, "access ends at once, there too");
    assert_eq!(story.titles("alpha.test", &story.ada).await, None, "an owner is a member like all others");
    let view = groups::view_by_id(alpha, &story.ada, group).await.unwrap();
    let leaders = groups::leaders(alpha, &story.ada, group).await.unwrap();
    assert!(view.group.archived_at.is_some() && leaders.is_empty(), "nobody is left who could lead it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_found_where_a_person_of_its_hospital_goes_by_the_same_name() {
    let story = Circle::of(GroupKind::Closed, Admission::Request).await;
    let (beta, group) = (story.at("beta.test"), story.group("beta.test").await);
    // As a hospital tells it whose program lets people and groups share a name.
    let text = format!(
        "INSERT INTO accounts (username, name, kind, state, uri, url, inbox, outbox, followers_uri, shared_inbox, host_id, host) \
         SELECT 'hearts', 'Dr Hearts', 'person', 'active', uri || '-person', url || '-person', inbox || '-person', \
           outbox || '-person', followers_uri || '-person', shared_inbox, host_id, host FROM accounts WHERE id = {group}"
    );
    run(beta, &text).await;
    let mut dan = beta.clinician("dan").await;
    let page = dan.get("/groups/hearts@alpha.test").await;
    assert!(page.status == 200 && page.says("Heart cases") && !page.says("Dr Hearts"), "{}", page.html);
    let page = dan.get("/@hearts@alpha.test").await;
    assert!(page.status == 200 && page.says("Dr Hearts"), "{}", page.html);

    // From now on it is joined by invitation alone: gamma, which has never heard of it, finds it by a link and in no other way.
    let (alpha, home) = (story.at("alpha.test"), story.group("alpha.test").await);
    let alone = GroupForm { admission: Admission::Invitation, ..form() };
    groups::change(&alpha.ctx, &story.ada, home, &alone).await.unwrap();
    story.cluster.settle().await;
    let mut cy = story.at("gamma.test").signed_in("cy").await;
    let there = "/groups/hearts@alpha.test";
    assert!(!cy.get("/groups?q=hearts%40alpha.test").await.status.is_redirection());
    assert_eq!(cy.get(there).await.status, 404);
    let link = groups::invite(&alpha.ctx, &story.ada, home, 1, 7).await.unwrap();
    let path = link.strip_prefix("http://alpha.test").unwrap();
    let mut stranger = alpha.browser();
    let page = stranger.get(path).await;
    assert!(page.status == 200 && page.says("Your account is at another hospital"), "{}", page.html);
    let page = stranger.submit(path, "/groups/hearts/join-elsewhere", &[("handle", "@cy@gamma.test")]).await;
    let form = cy.get(page.location.strip_prefix("http://gamma.test").unwrap()).await.location;
    let joined = cy.submit(&form, &format!("{there}/join"), &[]).await;
    assert_eq!(joined.location, format!("{there}?done=asked-to-join"), "{}", joined.html);
    story.cluster.settle().await;
    assert!(story.titles("gamma.test", &story.cy).await.is_some(), "whoever holds a link is asked nothing more");
    let gamma = story.at("gamma.test");
    let stranger = gamma.account("eli", Role::Clinician).await;
    let asked = follows::request(&gamma.ctx, &stranger, story.group("gamma.test").await).await;
    assert!(matches!(asked, Err(Error::NotFound)), "not by its number either");
    let mut eli = gamma.signed_in("eli").await;
    assert_eq!(eli.get(there).await.status, 404, "nobody else there knows of it");
    for name in ["hearts", "nothing"] {
        let page = eli.get(&format!("/groups/{name}@alpha.test/join?code=guessed")).await;
        assert_eq!(page.status, 404, "a wrong code does not tell which is there: {name}");
    }
    let pasted: String = url::form_urlencoded::byte_serialize(link.as_bytes()).collect();
    assert_eq!(eli.get(&format!("/groups?q={pasted}")).await.status, 403, "it was for one");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_post_an_archived_group_does_not_take_reads_why_and_then_that_it_is_archived() {
    let story = Circle::joined(GroupKind::Closed).await;
    let (alpha, beta) = (story.at("alpha.test"), story.at("beta.test"));
    let deb = beta.account("deb", Role::Clinician).await;
    story.join("beta.test", &deb, "").await;
    // As if it had been archived just now, and beta had not been told yet.
    run(alpha, "UPDATE groups SET archived_at = now()").await;
    let uri = story.say("beta.test", &story.bo, "Too late").await;
    assert!(posts::by_uri(&alpha.ctx, &uri).await.unwrap().is_none(), "it is not taken");
    let there = posts::by_uri(&beta.ctx, &uri).await.unwrap().unwrap();
    assert_eq!(there.held, Held::Refused);
    assert!(matches!(posts::read(&beta.ctx, &deb, there.id).await, Err(Error::NotFound)), "nobody else sees it");
    let mut bo = beta.signed_in("bo").await;
    let page = bo.get(&format!("/@bo/{}", there.id)).await;
    assert!(page.says("The group did not take this: “This group is archived"), "{}", page.html);
    assert!(bo.get("/notifications").await.says("did not take your post"));
    let still = story.titles("beta.test", &story.bo).await;
    assert_eq!(still, Some(Vec::new()), "who is told so is a member as before");

    let group = story.group("alpha.test").await;
    groups::reopen(&alpha.ctx, &story.ada, group).await.unwrap();
    groups::archive(&alpha.ctx, &story.ada, group).await.unwrap();
    story.cluster.settle().await;
    let page = bo.get("/groups/hearts@alpha.test").await;
    assert!(page.says("This group is archived") && !page.says("New discussion"), "{}", page.html);
    let here = Some(story.group("beta.test").await);
    let again = posts::publish(&beta.ctx, &story.bo, posts::NewPost { group: here, ..said("Once more") }).await;
    assert!(matches!(again, Err(Error::Forbidden(words)) if words.contains("archived")), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_welcomes_members_elsewhere_offers_them_its_topics_and_says_what_it_asks() {
    let story = Circle::of(GroupKind::Closed, Admission::Free).await;
    let (alpha, group) = (story.at("alpha.test"), story.group("alpha.test").await);
    let told = GroupForm { welcome: "Say hello to the others.".into(), topics: "Rhythm\nValves".into(), ..form() };
    groups::change(&alpha.ctx, &story.ada, group, &told).await.unwrap();
    let there = story.group("beta.test").await;
    let (page, about) = ("/groups/hearts@alpha.test", "/groups/hearts@alpha.test/about");
    let mut bo = story.at("beta.test").signed_in("bo").await;
    let (_, known) = groups::by_uri(&story.at("beta.test").ctx, GROUP).await.unwrap().unwrap();
    assert!(known.welcome.is_empty() && known.topics.is_empty(), "that is for members");
    story.join("beta.test", &story.bo, "").await;
    assert!(bo.get(about).await.says("Say hello to the others."));
    let form = bo.get(&format!("{page}/new")).await;
    assert!(form.says("<option value=\"Valves\""), "{}", form.html);

    let leak = posts::NewPost { group: Some(there), topic: "Valves".into(), ..said("A leak") };
    story.write("beta.test", &story.bo, leak).await;
    for (host, who, id) in [("alpha.test", &story.ada, group), ("beta.test", &story.bo, there)] {
        for (topic, titles) in [("Valves", vec!["A leak"]), ("Rhythm", vec![])] {
            let listed = groups::list(&story.at(host).ctx, who, id, topic, &Page::first(5)).await.unwrap().items;
            let found: Vec<_> = listed.iter().map(|card| card.post.title.as_str()).collect();
            assert_eq!(found, titles, "{topic} at {host}");
        }
    }
    assert!(bo.get(&format!("{page}?topic=Valves")).await.says_in_order(&["All topics", "Rhythm", "A leak"]));

    // As if more were proven of Ada and Bo than is, and asked for. Cy is told before joining.
    run(alpha, "UPDATE groups SET level = 4").await;
    story.group("gamma.test").await;
    let mut cy = story.at("gamma.test").signed_in("cy").await;
    let asked = cy.get(&format!("{page}/join")).await;
    assert!(asked.says("A credential that an institution has attested"), "{}", asked.html);
}
