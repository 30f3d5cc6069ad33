//! A case that a colleague follows without taking part in it: what they hear of it, at its own hospital and at another one, and
//! when that ends.

use consilium::{
    error::Error,
    model::{AccountId, GroupKind, PostId, RecallReason, Role},
    policy::Viewer,
    service::{cases, groups, posts},
};

use crate::harness::{
    Browser, Cluster, Instance,
    cases::{plain, post_case},
    groups::{found, join},
    people::viewer,
};

const QUESTION: &str = "Ablate now, or wait?";
const FOLLOW: &str = "Follow this case";
const ANSWERED: &str = "answered in a case that you follow";
const MARKED: &str = "marked an answer in a case that you follow";
const OUTCOME: &str = "added the outcome to <a href=";

/// Ada asks in a closed group of hers at alpha, to which Bo, Cy and Dan belong, and Finn at beta; Eve belongs to no group.
struct Story {
    cluster: Cluster,
    ada: Viewer,
    dan: Viewer,
    bo: Browser,
    cy: Browser,
    eve: Browser,
    finn: Browser,
    group: AccountId,
    case: PostId,
    /// Its page at alpha.
    path: String,
}

impl Story {
    async fn new() -> Self {
        let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
        let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
        let ada = alpha.account("ada", Role::Clinician).await;
        let dan = alpha.account("dan", Role::Clinician).await;
        let (bo, cy) = (alpha.clinician("bo").await, alpha.clinician("cy").await);
        let (eve, finn) = (alpha.clinician("eve").await, beta.clinician("finn").await);
        let group = found(alpha, &ada, GroupKind::Closed).await;
        for (at, name) in [(alpha, "bo"), (alpha, "cy"), (alpha, "dan"), (beta, "finn")] {
            join(at, &viewer(at, name).await, "").await;
        }
        cluster.settle().await;
        let case = post_case(alpha, &ada, group, plain(QUESTION)).await;
        cluster.settle().await;
        Self { path: format!("/@ada/{case}"), cluster, ada, dan, bo, cy, eve, finn, group, case }
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    /// Dan answers something, and everybody's server hears of it; the answer's id.
    async fn answer(&self, to: PostId, text: &str) -> PostId {
        let new = posts::NewPost { text: text.into(), reply_to: Some(to), ..posts::NewPost::default() };
        let id = posts::publish(&self.alpha().ctx, &self.dan, new).await.unwrap();
        self.cluster.settle().await;
        id
    }

    async fn mark(&self, reply: PostId) {
        cases::mark_answer(&self.alpha().ctx, &self.ada, self.case, reply).await.unwrap();
        self.cluster.settle().await;
    }

    async fn unmark(&self) {
        cases::unmark_answer(&self.alpha().ctx, &self.ada, self.case).await.unwrap();
        self.cluster.settle().await;
    }

    async fn resolve(&self) {
        cases::add_outcome(&self.alpha().ctx, &self.ada, self.case, "It was sarcoidosis.", &[]).await.unwrap();
        self.cluster.settle().await;
    }

    fn act(&self, what: &str) -> String {
        format!("/cases/{}/{what}", self.case)
    }
}

/// How often words stand among somebody's notifications.
async fn told(who: &mut Browser, words: &str) -> usize {
    let page = who.get("/notifications").await;
    assert_eq!(page.status, 200);
    page.html.matches(words).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn i_follow_a_case_and_hear_of_answers_and_of_the_outcome_until_i_stop() {
    let mut story = Story::new().await;
    let (path, follow, unfollow) = (story.path.clone(), story.act("follow"), story.act("unfollow"));
    let before = story.answer(story.case, "Which drugs does he take?").await;
    let page = story.bo.get(&path).await;
    assert!(page.says(FOLLOW) && !page.says("Mute this case"), "{}", page.html);
    let followed = story.bo.submit(&path, &follow, &[]).await;
    assert_eq!(followed.location, format!("{path}?done=case-followed"), "{}", followed.html);
    let page = story.bo.get(&path).await;
    assert!(page.says("You follow this case") && !page.says(FOLLOW), "{}", page.html);
    assert_eq!(told(&mut story.bo, ANSWERED).await, 0, "what was said before is no news");

    let reply = story.answer(before, "Without any, ablate now.").await;
    let notes = story.bo.get("/notifications").await;
    assert!(notes.says(ANSWERED) && notes.says("Without any, ablate now."), "{}", notes.html);
    story.mark(reply).await;
    assert_eq!(told(&mut story.bo, MARKED).await, 1);
    story.unmark().await;
    assert_eq!((told(&mut story.bo, MARKED).await, told(&mut story.bo, ANSWERED).await), (0, 1));
    story.resolve().await;
    let notes = story.bo.get("/notifications").await;
    assert!(notes.says(&format!("{OUTCOME}\"{path}\">“{QUESTION}”</a>")), "{}", notes.html);

    let file = story.bo.get("/settings/data/followed.csv").await;
    assert!(file.says(QUESTION) && file.says("Heart cases"), "{}", file.html);
    assert!(!story.cy.get("/settings/data/followed.csv").await.says(QUESTION));
    let seen = story.cy.get(&path).await;
    assert!(!seen.says("Dr bo") && seen.says(FOLLOW), "nobody else sees who follows: {}", seen.html);
    assert_eq!(told(&mut story.cy, OUTCOME).await + told(&mut story.cy, ANSWERED).await, 0, "Cy follows nothing");

    let stopped = story.bo.submit(&path, &unfollow, &[]).await;
    assert_eq!(stopped.location, format!("{path}?done=case-unfollowed"), "{}", stopped.html);
    story.answer(story.case, "Thank you all.").await;
    assert_eq!(told(&mut story.bo, ANSWERED).await, 1, "nothing more than before");
    assert!(story.bo.get(&path).await.says(FOLLOW));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_took_part_can_mute_the_case_and_hear_of_it_again() {
    let mut story = Story::new().await;
    let path = story.path.clone();
    story.bo.get("/").await;
    let to = story.case.to_string();
    let fields = [("text", "I would wait."), ("language", "en"), ("reply_to", to.as_str())];
    let page = story.bo.send("/posts", &fields).await;
    let (place, own) = page.written();
    let own = PostId(own);
    assert_eq!(
        page.location,
        format!("{path}?done=posted#post-{own}"),
        "back on the case, at one's own words: {place}"
    );
    let page = story.bo.get(&path).await;
    assert!(page.says("You took part") && page.says("Mute this case") && page.says(FOLLOW), "{}", page.html);

    let (mute, unmute) = (format!("/posts/{}/mute", story.case), format!("/posts/{}/unmute", story.case));
    let muted = story.bo.submit(&path, &mute, &[]).await;
    assert_eq!(muted.location, format!("{path}?done=thread-muted"), "{}", muted.html);
    assert!(story.bo.get(&path).await.says("You are told nothing of this case."));
    story.answer(own, "For how long?").await;
    assert_eq!(told(&mut story.bo, "answered you").await, 0);
    let heard = story.bo.submit(&path, &unmute, &[]).await;
    assert_eq!(heard.location, format!("{path}?done=thread-unmuted"), "{}", heard.html);
    story.resolve().await;
    assert_eq!(told(&mut story.bo, OUTCOME).await, 1);

    // Who follows, mutes and follows again hears of it; an answer to oneself is told once.
    for act in [story.act("follow"), mute, unmute] {
        assert!(story.bo.submit(&path, &act, &[]).await.status.is_redirection(), "{act}");
    }
    story.answer(own, "Until the genetics are there?").await;
    assert_eq!((told(&mut story.bo, "answered you").await, told(&mut story.bo, ANSWERED).await), (1, 0));
    story.answer(story.case, "Good to know.").await;
    assert_eq!(told(&mut story.bo, ANSWERED).await, 1);

    // Who only follows is told as well that the case is withdrawn, and finds what is left of it.
    assert!(story.cy.submit(&path, &story.act("follow"), &[]).await.status.is_redirection());
    cases::withdraw(&story.alpha().ctx, &story.ada, story.case, RecallReason::Mistake).await.unwrap();
    story.cluster.settle().await;
    for who in [&mut story.bo, &mut story.cy] {
        let notes = who.get("/notifications").await;
        assert!(notes.says(&format!("withdrew <a href=\"{path}\">a case")) && !notes.says(QUESTION), "{}", notes.html);
        let left = who.get(&path).await;
        assert!(left.status == 410 && left.says("href=\"/groups/hearts\""), "{}", left.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_the_group_hears_nothing_and_no_stranger_follows() {
    let mut story = Story::new().await;
    let (path, follow) = (story.path.clone(), story.act("follow"));
    assert!(story.cy.submit(&path, &follow, &[]).await.status.is_redirection());
    let ctx = story.alpha().ctx.clone();
    let cy = viewer(story.alpha(), "cy").await;
    groups::leave(&ctx, &cy, story.group).await.unwrap();
    story.answer(story.case, "Ablate now.").await;
    story.resolve().await;
    let notes = story.cy.get("/notifications").await;
    assert!(!notes.says(ANSWERED) && !notes.says(OUTCOME) && !notes.says("Ablate"), "{}", notes.html);
    assert!(!story.cy.get("/settings/data/followed.csv").await.says(QUESTION));
    join(story.alpha(), &cy, "").await;
    assert!(story.cy.get(&path).await.says(FOLLOW), "it does not begin anew by itself");
    assert_eq!(told(&mut story.cy, OUTCOME).await, 0);

    story.eve.get("/").await;
    for act in [follow, story.act("unfollow")] {
        assert_eq!(story.eve.send(&act, &[("back", "/")]).await.status, 404, "{act}");
    }
    let own = cases::follow(&ctx, &story.ada, story.case).await;
    assert!(matches!(own, Err(Error::Conflict(_))), "{own:?}");
    let no_case = story.answer(story.case, "One more thing.").await;
    let refused = cases::follow(&ctx, &cy, no_case).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_at_another_hospital_follows_as_those_do_who_are_there() {
    let mut story = Story::new().await;
    let beta = story.cluster.get("beta.test").ctx.clone();
    let uri = posts::raw(&story.alpha().ctx, story.case).await.unwrap().uri;
    let copy = posts::by_uri(&beta, &uri).await.unwrap().unwrap().id;
    let path = format!("/@ada@alpha.test/{copy}");
    let followed = story.finn.submit(&path, &format!("/cases/{copy}/follow"), &[]).await;
    assert_eq!(followed.location, format!("{path}?done=case-followed"), "{}", followed.html);

    let reply = story.answer(story.case, "Ablate now.").await;
    let notes = story.finn.get("/notifications").await;
    assert!(notes.says(ANSWERED) && notes.says("Ablate now."), "{}", notes.html);
    story.mark(reply).await;
    assert_eq!(told(&mut story.finn, MARKED).await, 1);
    story.resolve().await;
    assert_eq!(told(&mut story.finn, OUTCOME).await, 1);

    let finn = viewer(story.cluster.get("beta.test"), "finn").await;
    let group = posts::raw(&beta, copy).await.unwrap().group_id.unwrap();
    groups::leave(&beta, &finn, group).await.unwrap();
    story.cluster.settle().await;
    story.answer(story.case, "And look again in a month.").await;
    assert_eq!(told(&mut story.finn, "look again in a month").await, 0);
}
