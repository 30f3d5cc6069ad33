//! What a case and its replies stand on: papers by DOI or PMID, whose titles are asked of a stand-in for those who know them.

use std::time::Duration;

use chrono::TimeDelta;
use consilium::{
    model::{AccountId, CaseDraft, GroupKind, PostId, RecallReason, Role, SectionKey},
    policy::Viewer,
    service::{
        Ctx, cases,
        posts::{self, NewPost},
        sources,
    },
};
use serde_json::{Value, json};

use crate::harness::{
    Browser, Cluster, Options, Page, Stranger,
    cases::{plain, post_case},
    groups::{found, join, join_by_form},
    people::viewer,
};

const DOI: &str = "10.1056/NEJMoa2034577";
const TOLD: &str = "Palpitations for two weeks, none before.";

/// Where titles are asked for, and how often: at once, one after the other.
fn config(more: &str) -> Options {
    let asked = "doi_address = \"http://doi.test/\"\npubmed_address = \"http://pubmed.test/esummary\"";
    Options { config: format!("[sources]\n{asked}\nseconds_between = 0\n{more}"), ..Options::default() }
}

/// What is told of a paper by its DOI.
fn paper(title: &str) -> Value {
    json!({ "title": title, "container-title": "A Journal", "issued": { "date-parts": [[2020, 12, 31]] } })
}

/// Ada asks in a group of hers to which Bo belongs; somebody knows papers.
struct Story {
    cluster: Cluster,
    papers: Stranger,
    ada: Browser,
    bo: Browser,
    asker: Viewer,
    group: AccountId,
    scope: &'static str,
}

impl Story {
    async fn of(kind: GroupKind, settings: &str) -> Self {
        let papers = Stranger::at("doi.test").await;
        let others = [("doi.test", papers.address), ("pubmed.test", papers.address)];
        let cluster = Cluster::with(&["alpha.test"], &others, config(settings)).await;
        let alpha = cluster.get("alpha.test");
        let (ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
        let asker = viewer(alpha, "ada").await;
        let group = found(alpha, &asker, kind).await;
        join_by_form(&mut bo).await;
        let scope = if kind == GroupKind::Open { "public" } else { "group" };
        Self { cluster, papers, ada, bo, asker, group, scope }
    }

    fn ctx(&self) -> &Ctx {
        &self.cluster.get("alpha.test").ctx
    }

    /// Ada fills in the form of a case and presses "Check and post".
    async fn try_to_ask(&mut self, sources: &str, told: &str) -> Page {
        let begun = self.ada.get(&format!("/cases/new?group={}", self.group)).await;
        let path = begun.location;
        self.ada.get(&path).await;
        let fields = [
            ("question", "Ablate or wait?"),
            ("section-presentation", told),
            ("age", "30 to 39"),
            ("basis", "not_identifiable"),
            ("scope", self.scope),
            ("urgency", "soon"),
            ("sources", sources),
        ];
        self.ada.send(&format!("{path}/check"), &fields).await
    }

    /// The same where nothing is wrong with it; its page.
    async fn ask(&mut self, sources: &str, told: &str) -> String {
        let posted = self.try_to_ask(sources, told).await;
        assert!(posted.location.ends_with("done=case-posted"), "{} {}", posted.status, posted.html);
        posted.written().0
    }

    /// Bo answers a case.
    async fn answer(&mut self, case: &str, text: &str, sources: &str) -> Page {
        self.bo.get(case).await;
        let to = id_of(case).to_string();
        let fields = [("text", text), ("sources", sources), ("language", "en"), ("reply_to", to.as_str())];
        self.bo.send("/posts", &fields).await
    }
}

fn id_of(case: &str) -> PostId {
    case.rsplit('/').next().unwrap().parse().unwrap()
}

/// The sources of a post as somebody reads them.
async fn cited(ctx: &Ctx, who: &Viewer, post: PostId) -> Vec<String> {
    let mut known = sources::list(ctx, who, &[post]).await.unwrap();
    known.remove(&post).unwrap_or_default().iter().map(|source| source.key.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_is_linked_by_its_number_until_its_title_is_known_and_is_asked_about_once() {
    let mut story = Story::of(GroupKind::Open, "").await;
    story.papers.serve("/10.1056/nejmoa2034577", paper("Safety and <i>Efficacy</i>"));
    let known = json!({ "uid": "33301246", "title": "Of mice & men.", "fulljournalname": "The Mouse", "sortpubdate": "2003/01/01 00:00" });
    story.papers.serve("/esummary", json!({ "result": { "uids": ["33301246"], "33301246": known } }));
    let case = story.ask(DOI, &format!("{TOLD} As PMID 33301246 has it, we waited.")).await;
    let page = story.bo.get(&case).await;
    for words in [
        "id=\"cited\"",
        "href=\"#cited\"",
        "<a href=\"https://doi.org/10.1056/nejmoa2034577\" rel=\"noopener noreferrer\"><bdi>doi:10.1056/nejmoa2034577</bdi>",
        "<a href=\"https://pubmed.ncbi.nlm.nih.gov/33301246/\" rel=\"noopener noreferrer\"><bdi>PMID 33301246</bdi>",
    ] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    assert!(story.papers.fetched().is_empty(), "nobody has been asked while the form was taken");

    story.cluster.settle().await;
    let page = story.bo.get(&case).await;
    for words in [
        "<bdi>Safety and Efficacy</bdi>",
        "A Journal, 2020, doi:10.1056/nejmoa2034577",
        "The Mouse, 2003, PMID 33301246",
    ] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    assert!(page.says("<bdi>Of mice &#38; men.</bdi>") && !page.says("Retracted"), "{}", page.html);
    assert_eq!(story.papers.fetched().len(), 2, "{:?}", story.papers.fetched());

    let answered = story.answer(&case, "See https://doi.org/10.1056/NEJMOA2034577.", "PMID: 33301246").await;
    assert!(answered.status.is_redirection(), "{}", answered.html);
    story.cluster.settle().await;
    let page = story.ada.get(&case).await;
    assert_eq!(page.html.matches("<bdi>Safety and Efficacy</bdi>").count(), 2, "{}", page.html);
    assert_eq!(page.html.matches("The Mouse, 2003").count(), 2, "{}", page.html);
    assert_eq!(story.papers.fetched().len(), 2, "what is known is known for all");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_answers_the_number_stays_and_is_tried_again_but_not_for_ever() {
    let mut story = Story::of(GroupKind::Open, "").await;
    for path in ["/10.1000/late", "/10.1000/never"] {
        story.papers.hang(path, Duration::ZERO);
    }
    let case = story.ask("10.1000/late\n10.1000/never\n10.1000/unheard-of", TOLD).await;
    story.cluster.settle().await;
    let asked = |story: &Story, path: &str| story.papers.fetched().iter().filter(|one| *one == path).count();
    assert_eq!((asked(&story, "/10.1000/late"), asked(&story, "/10.1000/unheard-of")), (1, 1));
    let page = story.bo.get(&case).await;
    for number in ["doi:10.1000/late", "doi:10.1000/never", "doi:10.1000/unheard-of"] {
        assert!(page.says(&format!("<bdi>{number}</bdi>")), "{number}: {}", page.html);
    }

    assert_eq!(page.html.matches("No title was found for it.").count(), 1, "{}", page.html);

    story.papers.serve("/10.1000/late", paper("Better late"));
    story.cluster.settle().await;
    assert_eq!(asked(&story, "/10.1000/late"), 1, "not at once");
    story.cluster.pass(TimeDelta::minutes(2));
    story.cluster.settle().await;
    assert!(story.bo.get(&case).await.says("<bdi>Better late</bdi>"));
    for _ in 0..8 {
        story.cluster.pass(TimeDelta::hours(1));
        story.cluster.settle().await;
    }
    let counts = ["/10.1000/late", "/10.1000/never", "/10.1000/unheard-of"].map(|path| asked(&story, path));
    assert_eq!(counts, [2, 5, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinician_who_types_no_number_is_told_so_and_types_nothing_twice() {
    let mut story = Story::of(GroupKind::Closed, "lookup = false\n").await;
    let refused = story.try_to_ask("the blue book\nPMID 33301246", TOLD).await;
    assert_eq!(refused.status, 422);
    for words in ["“the blue book” is no DOI and no PMID", "the blue book\nPMID 33301246", TOLD, "the sources"] {
        assert!(refused.says(words), "{words}: {}", refused.html);
    }
    let case = story.ask("PMID 33301246", TOLD).await;
    assert_eq!(cited(story.ctx(), &story.asker, id_of(&case)).await, ["PMID 33301246"]);

    let refused = story.answer(&case, "I would wait.", "page 12").await;
    assert_eq!(refused.status, 422);
    for words in ["“page 12” is no DOI and no PMID", "I would wait.", "page 12</textarea>"] {
        assert!(refused.says(words), "{words}: {}", refused.html);
    }
    let many: Vec<String> = (1..=21).map(|n| format!("PMID {n}")).collect();
    assert!(story.answer(&case, "I would wait.", &many.join("\n")).await.says("The limit is 20."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_that_was_taken_back_is_marked() {
    let mut story = Story::of(GroupKind::Open, "").await;
    let mut withdrawn = paper("On stents");
    withdrawn["updated-by"] = json!([{ "type": "retraction", "DOI": "10.1000/notice" }]);
    story.papers.serve("/10.1000/stents", withdrawn);
    let case = story.ask("doi:10.1000/stents", TOLD).await;
    assert!(!story.bo.get(&case).await.says("Retracted"));
    story.cluster.settle().await;
    let page = story.bo.get(&case).await;
    assert!(page.says("<bdi>On stents</bdi></a> <span class=\"tag amber\">Retracted</span>"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_anything_where_that_is_off() {
    let all = Story::of(GroupKind::Open, "lookup = false\n").await;
    let members = Story::of(GroupKind::Closed, "lookup_for_members = false\n").await;
    for mut story in [all, members] {
        let case = story.ask(DOI, TOLD).await;
        story.cluster.settle().await;
        assert!(story.bo.get(&case).await.says("<bdi>doi:10.1056/nejmoa2034577</bdi>"));
        story.cluster.pass(TimeDelta::hours(48));
        story.cluster.settle().await;
        assert!(story.papers.fetched().is_empty(), "{:?}", story.papers.fetched());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_few_may_read_is_asked_about_at_another_time_and_what_was_withdrawn_not_at_all() {
    let mut story = Story::of(GroupKind::Closed, "").await;
    let (kept, withdrawn) = (story.ask(DOI, TOLD).await, story.ask("10.1000/gone", TOLD).await);
    story.cluster.settle().await;
    assert!(story.papers.fetched().is_empty(), "the time of a look-up would say when the case was asked");
    cases::withdraw(story.ctx(), &story.asker, id_of(&withdrawn), RecallReason::Mistake).await.unwrap();
    assert!(cited(story.ctx(), &story.asker, id_of(&withdrawn)).await.is_empty(), "its sources go with it");
    story.cluster.pass(TimeDelta::hours(25));
    story.cluster.settle().await;
    assert_eq!(story.papers.fetched(), ["/10.1056/nejmoa2034577"]);
    assert_eq!(cited(story.ctx(), &story.asker, id_of(&kept)).await, ["doi:10.1056/nejmoa2034577"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_cross_to_another_hospital_and_go_with_the_case() {
    let cluster = Cluster::with(&["alpha.test", "beta.test"], &[], config("lookup = false\n")).await;
    let (alpha, beta) = (&cluster.get("alpha.test").ctx, &cluster.get("beta.test").ctx);
    let ada = cluster.get("alpha.test").account("ada", Role::Clinician).await;
    let bo = cluster.get("beta.test").account("bo", Role::Clinician).await;
    let group = found(cluster.get("alpha.test"), &ada, GroupKind::Closed).await;
    join(cluster.get("beta.test"), &bo, "").await;
    cluster.settle().await;

    let draft = CaseDraft {
        sections: vec![(SectionKey::Presentation, format!("{TOLD} Compare PMID 33301246."))],
        sources: "10.1016/S0140-6736(20)30183-5".into(),
        ..plain("Ablate or wait?")
    };
    let case = post_case(cluster.get("alpha.test"), &ada, group, draft).await;
    cluster.settle().await;
    let uri = posts::raw(alpha, case).await.unwrap().uri;
    let copy = posts::by_uri(beta, &uri).await.unwrap().unwrap().id;
    assert_eq!(cited(beta, &bo, copy).await, ["doi:10.1016/s0140-6736(20)30183-5", "PMID 33301246"]);

    let (text, sources) = ("I would wait.".to_owned(), "PMID 7".to_owned());
    let new = NewPost { text, sources, reply_to: Some(copy), ..NewPost::default() };
    let reply = posts::publish(beta, &bo, new).await.unwrap();
    cluster.settle().await;
    let reply = posts::by_uri(alpha, &posts::raw(beta, reply).await.unwrap().uri).await.unwrap().unwrap();
    assert_eq!(cited(alpha, &ada, reply.id).await, ["PMID 7"]);

    cluster.pass(TimeDelta::minutes(5));
    cases::add_outcome(alpha, &ada, case, "Sarcoid, as in doi:10.1000/x.", &[]).await.unwrap();
    cluster.settle().await;
    assert_eq!(cited(beta, &bo, copy).await.last().map(String::as_str), Some("doi:10.1000/x"));

    cases::withdraw(alpha, &ada, case, RecallReason::ConsentWithdrawn).await.unwrap();
    cluster.settle().await;
    for (ctx, who, post) in [(alpha, &ada, case), (beta, &bo, copy)] {
        assert!(cited(ctx, who, post).await.is_empty());
    }
}
