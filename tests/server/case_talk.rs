//! A case among colleagues at their browsers: how it is read and answered, what it turned out to be, and who hears of that.

use chrono::TimeDelta;
use consilium::{
    model::{
        Admission, CaseDraft, ConsentBasis, ConsentScope, DraftConsent, GroupKind, Premoderation, Review, Role,
        SectionKey, Sex, Step,
    },
    policy::Viewer,
    service::{
        accounts, cases,
        groups::{self, GroupForm},
    },
};

use crate::harness::{Browser, Cluster, Instance, Page};

const GROUP: &str = "/groups/hearts";
const QUESTION: &str = "Ablate now, or wait?";

/// Ada asks in a closed group of hers, Bo and Dan are members; Cy is none.
struct Story {
    cluster: Cluster,
    ada: Browser,
    bo: Browser,
    cy: Browser,
    dan: Browser,
    /// The page of the case, and its post.
    path: String,
    case: i64,
}

async fn viewer(instance: &Instance, username: &str) -> Viewer {
    let id = accounts::by_username(&instance.ctx, username).await.unwrap().id;
    Viewer::Account { id, role: Role::Clinician }
}

fn draft() -> CaseDraft {
    let step = |at: &str, text: &str, turning| Step { at: at.into(), text: text.into(), turning };
    CaseDraft {
        question: QUESTION.into(),
        age: "30 to 39".into(),
        sex: Sex::Male,
        sections: vec![
            (SectionKey::Asked, "Would you ablate before he runs again?".into()),
            (SectionKey::History, "Endurance runner, no medicines.".into()),
            (SectionKey::Findings, "Blood pressure 118/70, lungs clear.".into()),
        ],
        timeline: vec![
            step("Day 0", "Palpitations after a hard run.", true),
            step("Day +3", "Mild hypokinesia of the right free wall.", false),
        ],
        consent: DraftConsent {
            basis: Some(ConsentBasis::NotIdentifiable),
            scope: Some(ConsentScope::Group),
            ..DraftConsent::default()
        },
        ..CaseDraft::default()
    }
}

impl Story {
    async fn new() -> Self {
        let cluster = Cluster::of(["alpha.test"]).await;
        let alpha = cluster.get("alpha.test");
        let (ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
        let (cy, mut dan) = (alpha.clinician("cy").await, alpha.clinician("dan").await);
        let asker = viewer(alpha, "ada").await;
        let form = GroupForm {
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
        };
        let group = groups::found(&alpha.ctx, &asker, "hearts", GroupKind::Closed, &form).await.unwrap();
        for member in [&mut bo, &mut dan] {
            let join = format!("{GROUP}/join");
            let joined = member.submit(&join, &join, &[]).await;
            assert!(joined.status.is_redirection(), "{}", joined.html);
        }
        let id = cases::start(&alpha.ctx, &asker, group).await.unwrap();
        cases::save(&alpha.ctx, &asker, id, draft()).await.unwrap();
        let case = cases::publish(&alpha.ctx, &asker, id).await.unwrap().0;
        Self { path: format!("/@ada/{case}"), case, cluster, ada, bo, cy, dan }
    }

    fn mark(&self, reply: i64) -> String {
        format!("/cases/{}/answer/{reply}", self.case)
    }

    fn outcome(&self) -> String {
        format!("/cases/{}/outcome", self.case)
    }
}

/// Answers a post and returns the answer's id.
async fn answer(who: &mut Browser, to: i64, text: &str) -> i64 {
    let page = try_answer(who, to, text).await;
    assert!(page.status.is_redirection(), "{}: {}", page.status, page.html);
    let path = page.location.split('?').next().unwrap();
    path.rsplit('/').next().unwrap().parse().unwrap()
}

async fn try_answer(who: &mut Browser, to: i64, text: &str) -> Page {
    who.get("/").await;
    let to = to.to_string();
    who.send("/posts", &[("text", text), ("language", "en"), ("reply_to", &to)]).await
}

/// Where words stand on a page.
fn place(page: &Page, words: &str) -> usize {
    page.html.find(words).unwrap_or_else(|| panic!("{words}: {}", page.html))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_read_part_by_part_and_stands_in_lists_as_a_card() {
    let mut story = Story::new().await;
    let page = story.bo.get(&story.path).await;
    for words in [
        "Heart cases",
        "id=\"question\"",
        QUESTION,
        "Dr ada",
        "What is asked",
        "Would you ablate before he runs again?",
        "Age and sex",
        "30 to 39, male",
        "Endurance runner",
        "Timeline",
        "Day +3",
        "Turning point",
        "Findings",
        "118/70",
        "Open",
        "Routine",
        "None yet",
        "Closed, 3 members",
        "Not identifiable, this group",
        "Checked, none open",
        "0 replies",
        "Professional discussion among clinicians. It is not medical advice and creates no care relationship.",
        "Write a reply",
    ] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let order =
        ["What is asked", "Age and sex", "Mild hypokinesia", "118/70", "0 replies", "creates no care relationship"];
    assert!(order.windows(2).all(|pair| place(&page, pair[0]) < place(&page, pair[1])), "{}", page.html);
    assert!(!page.says("/recall") && !page.says("/outcome"), "only its author is offered that: {}", page.html);
    let own = story.ada.get(&story.path).await;
    for act in ["/recall", "/outcome"] {
        assert!(own.says(&format!("/cases/{}{act}", story.case)), "{act}: {}", own.html);
    }
    assert!(!own.says(&format!("/posts/{}/edit", story.case)), "a case is not edited like a post");

    story.cluster.pass(TimeDelta::minutes(38));
    answer(&mut story.bo, story.case, "I would wait.").await;
    let cases_alone = format!("{GROUP}?what=cases");
    for list in [GROUP, &cases_alone] {
        let page = story.dan.get(list).await;
        for words in ["Read the case", QUESTION, "30 to 39, male", "1 reply", "first answer after 38 min"] {
            assert!(page.says(words), "{words} at {list}: {}", page.html);
        }
        assert!(!page.says("Endurance runner"), "a card is short: {}", page.html);
    }
    let talk = format!("{GROUP}/new");
    let fields = [("title", "Which stent?"), ("text", "We have two."), ("language", "en")];
    assert!(story.bo.submit(&talk, &talk, &fields).await.status.is_redirection());
    assert!(story.dan.get(GROUP).await.says("Which stent?"));
    assert!(!story.dan.get(&cases_alone).await.says("Which stent?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_author_says_which_reply_answers_and_it_comes_first() {
    let mut story = Story::new().await;
    let path = story.path.clone();
    answer(&mut story.ada, story.case, "He is on a beta blocker by the way.").await;
    assert!(story.bo.get(&path).await.says("None yet"), "one's own words are no answer");
    let first = answer(&mut story.bo, story.case, "Ablate now.").await;
    assert!(!story.bo.get(&path).await.says("None yet"));
    let second = answer(&mut story.dan, first, "Wait for the genetics.").await;
    answer(&mut story.bo, second, "True, genetics first.").await;

    let (mark, undo) = (story.mark(second), format!("{}/undo", story.mark(second)));
    let refused = story.bo.send(&mark, &[("back", "/")]).await;
    assert_eq!(refused.status, 403, "nobody else decides that: {}", refused.html);
    assert!(story.ada.get(&path).await.says("Mark as the answer"));
    let marked = story.ada.submit(&path, &mark, &[]).await;
    assert_eq!(marked.location, format!("{path}?done=answer-marked"), "{}", marked.html);
    let page = story.bo.get(&path).await;
    assert!(page.says("Answered"), "{}", page.html);
    let order = [
        "id=\"replies\"",
        "Answers the question, says Dr ada",
        "Wait for the genetics.",
        "True, genetics first.",
        "Ablate now.",
    ];
    assert!(order.windows(2).all(|pair| place(&page, pair[0]) < place(&page, pair[1])), "{}", page.html);
    assert!(story.dan.get("/notifications").await.says("brings word of a case"), "whoever wrote it is told");
    assert!(!story.bo.get("/notifications").await.says("brings word of a case"));

    let undone = story.ada.submit(&path, &undo, &[]).await;
    assert!(undone.status.is_redirection(), "{}", undone.html);
    let page = story.bo.get(&path).await;
    assert!(!page.says("Answers the question") && !page.says("Answered"), "{}", page.html);
    assert!(!story.dan.get("/notifications").await.says("brings word of a case"));
    let elsewhere = story.bo.post("A post of my own", "public").await;
    let mark = story.mark(elsewhere);
    let refused = story.ada.send(&mark, &[("back", "/")]).await;
    assert_eq!(refused.status, 404, "it answers nothing here");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_names_no_patient_and_everybody_who_took_part_hears_of_it() {
    let mut story = Story::new().await;
    let (path, outcome) = (story.path.clone(), story.outcome());
    answer(&mut story.bo, story.case, "Ablate now.").await;
    assert_eq!(story.bo.get(&outcome).await.status, 403);
    assert_eq!(story.ada.submit(&outcome, &outcome, &[("outcome", " ")]).await.status, 422);
    let named = "Mrs Miller was operated on 3 March 2026.";
    let page = story.ada.submit(&outcome, &outcome, &[("outcome", named)]).await;
    assert_eq!(page.status, 422);
    assert!(page.says("could identify the patient") && page.says("Miller"), "{}", page.html);
    assert!(page.says(named), "nothing is typed twice: {}", page.html);
    assert!(!story.bo.get(&path).await.says("Miller"));

    let told = story.ada.submit(&outcome, &outcome, &[("outcome", "**Sarcoidosis**, well on Day +90.")]).await;
    assert_eq!(told.location, format!("{path}?done=outcome"), "{}", told.html);
    let page = story.bo.get(&path).await;
    assert!(page.says("Resolved") && page.says("<strong>Sarcoidosis</strong>"), "{}", page.html);
    assert!(place(&page, "What is asked") < place(&page, "Sarcoidosis"), "{}", page.html);
    assert!(place(&page, "Sarcoidosis") < place(&page, "Age and sex"), "right under the question: {}", page.html);
    assert!(story.bo.get("/notifications").await.says("brings word of a case"));
    assert!(!story.dan.get("/notifications").await.says("brings word of a case"), "Dan took no part");

    let again = story.ada.submit(&outcome, &outcome, &[("outcome", "Sarcoidosis, in remission.")]).await;
    assert!(again.status.is_redirection(), "{}", again.html);
    let page = story.bo.get(&path).await;
    assert!(page.says("in remission") && !page.says("well on Day +90"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discussion_that_has_ended_takes_no_answer_anywhere_below() {
    let mut story = Story::new().await;
    let path = story.path.clone();
    let first = answer(&mut story.bo, story.case, "Ablate now.").await;
    let second = answer(&mut story.dan, first, "Why so soon?").await;
    let lock = format!("{GROUP}/posts/{}/lock", story.case);
    assert!(story.ada.submit(&path, &lock, &[]).await.status.is_redirection());
    for to in [story.case, first, second] {
        let refused = try_answer(&mut story.bo, to, "One more").await;
        assert_eq!(refused.status, 403, "{to}: {}", refused.html);
    }
    assert!(story.bo.get(&path).await.says("Answers are closed"));
    let unlock = format!("{GROUP}/posts/{}/unlock", story.case);
    assert!(story.ada.submit(&path, &unlock, &[]).await.status.is_redirection());
    answer(&mut story.bo, second, "Because he runs again.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_member_sees_nothing_of_a_case_whichever_way_they_ask() {
    let mut story = Story::new().await;
    let (path, outcome) = (story.path.clone(), story.outcome());
    let reply = answer(&mut story.bo, story.case, "Ablate now.").await;
    let told = story.ada.submit(&outcome, &outcome, &[("outcome", "It was sarcoidosis.")]).await;
    assert!(told.status.is_redirection(), "{}", told.html);

    let mark = story.mark(reply);
    for page in [&path, &outcome, &format!("/@bo/{reply}")] {
        let seen = story.cy.get(page).await;
        assert_eq!(seen.status, 404, "{page}");
        assert!(!seen.says(QUESTION) && !seen.says("sarcoidosis") && !seen.says("Ablate"), "{page}: {}", seen.html);
    }
    for list in ["/groups/hearts?what=cases", GROUP, "/", "/@ada", "/notifications"] {
        let seen = story.cy.visit(list).await;
        assert!(!seen.says(QUESTION) && !seen.says("sarcoidosis"), "{list}: {}", seen.html);
    }
    assert_eq!(story.cy.send(&outcome, &[("outcome", "It was a clot.")]).await.status, 404);
    assert_eq!(story.cy.send(&mark, &[("back", "/")]).await.status, 404);
    assert_eq!(story.cy.send(&format!("{mark}/undo"), &[("back", "/")]).await.status, 404);
    let refused = try_answer(&mut story.cy, story.case, "May I?").await;
    assert_eq!(refused.status, 404, "{}", refused.html);

    let mut nobody = story.cluster.get("alpha.test").browser();
    assert_eq!(nobody.get(&path).await.status, 404);
    assert!(nobody.get(&outcome).await.status.is_redirection(), "to the sign-in page");
    assert!(story.bo.get(&path).await.says("It was sarcoidosis."), "members still do");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_sway_somebody_stands_beside_what_they_write() {
    let mut story = Story::new().await;
    let declared = "Advisory board of a device maker";
    let form = [("name", "Dr ada"), ("interests", declared), ("discoverable", "on")];
    let saved = story.ada.submit("/settings/profile", "/settings/profile", &form).await;
    assert_eq!(saved.location, "/settings/profile?done=saved", "{}", saved.html);
    assert!(story.ada.get("/settings/profile").await.says(declared));
    let words = format!("Interests declared: {declared}");
    let path = story.path.clone();
    for page in ["/@ada", path.as_str()] {
        let seen = story.bo.get(page).await;
        assert!(seen.says(&words), "{page}: {}", seen.html);
    }
    let long = "x".repeat(501);
    let form = [("name", "Dr ada"), ("interests", long.as_str())];
    assert_eq!(story.ada.submit("/settings/profile", "/settings/profile", &form).await.status, 422);
}
