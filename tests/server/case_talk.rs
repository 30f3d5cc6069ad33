//! A case among colleagues at their browsers: how it is read and answered, what it turned out to be, and who hears of that.

use chrono::TimeDelta;
use consilium::model::{CaseDraft, GroupKind, SectionKey, Sex, Step};

use crate::harness::{
    App, Browser, Cluster,
    cases::{answer, plain, post_case, try_answer},
    groups::{found, join_by_form},
    people::{verify, viewer},
    rows::{ask, run},
};

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

fn draft() -> CaseDraft {
    let step = |at: &str, text: &str, turning| Step { at: at.into(), text: text.into(), turning };
    CaseDraft {
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
        ..plain(QUESTION)
    }
}

impl Story {
    async fn new() -> Self {
        let cluster = Cluster::of(["alpha.test"]).await;
        let alpha = cluster.get("alpha.test");
        let (ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
        let (cy, mut dan) = (alpha.clinician("cy").await, alpha.clinician("dan").await);
        let asker = viewer(alpha, "ada").await;
        let group = found(alpha, &asker, GroupKind::Closed).await;
        for member in [&mut bo, &mut dan] {
            join_by_form(member).await;
        }
        let case = post_case(alpha, &asker, group, draft()).await.0;
        Self { path: format!("/@ada/{case}"), case, cluster, ada, bo, cy, dan }
    }

    fn mark(&self, reply: i64) -> String {
        format!("/cases/{}/answer/{reply}", self.case)
    }

    fn outcome(&self) -> String {
        format!("/cases/{}/outcome", self.case)
    }
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
        "3 members, 1 hospital",
        "Not identifiable, this group",
        "Checked, none open",
        "No replies yet",
        "Professional discussion among clinicians. It is not medical advice and creates no care relationship.",
        "Write a reply",
    ] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let order = [
        "What is asked",
        "Age and sex",
        "Mild hypokinesia",
        "118/70",
        "No replies yet",
        "creates no care relationship",
    ];
    assert!(page.says_in_order(&order), "{}", page.html);
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
    assert!(story.dan.get(&format!("{GROUP}?what=talk")).await.says("Which stent?"));
    for list in [GROUP, &cases_alone] {
        assert!(!story.dan.get(list).await.says("Which stent?"), "a group opens on its cases: {list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_names_a_patient_is_mended_or_kept_for_a_reason_on_its_page_and_by_an_app() {
    let mut story = Story::new().await;
    let path = story.path.clone();
    let named = "@ada Mrs Miller had the same on 3 March 2026.";
    let page = try_answer(&mut story.bo, story.case, named).await;
    assert_eq!(page.status, 422, "{}", page.html);
    for words in ["2 things here could identify a patient", "<mark>Mrs Miller<a", "Use all 2 suggestions", named] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let to = story.case.to_string();
    let fields = [("text", named), ("language", "en"), ("reply_to", &to), ("mark", "5 text Mrs Miller")];
    let (now, why) = (("now", ""), ("why", "She wants to be named"));
    let settled = [&fields[..], &[now, ("why", ""), ("act", "use-1")]].concat();
    let page = story.bo.send("/posts", &settled).await;
    assert_eq!(page.status, 200, "{}", page.html);
    assert!(page.says("@ada The patient had the same on 3 March 2026."), "{}", page.html);
    let kept = [&fields[..], &[now, why, ("mark", "32 text 3 March 2026"), now, why]].concat();
    let (answered, _) = story.bo.send("/posts", &kept).await.written();
    assert!(story.ada.get(&answered).await.says("Mrs Miller"));
    assert_eq!(
        ask(story.cluster.get("alpha.test"), "SELECT kind || ' ' || kept AS words FROM case_findings ORDER BY kind")
            .await,
        ["date 1", "name 1"],
        "kinds and numbers are kept, and no words"
    );

    let app = App::of(story.cluster.get("alpha.test"), "dan", "read write").await;
    let said = |more: serde_json::Value| {
        let mut said = serde_json::json!({ "status": "Möglich: Mrs Miller had it too.", "in_reply_to_id": to });
        said.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        said
    };
    let refused = app.post("/api/v1/statuses", said(serde_json::json!({}))).await;
    assert_eq!(refused.status, 422);
    let found = &refused.body["identifiers"];
    assert_eq!((found[0]["field"].as_str(), found[0]["kind"].as_str()), (Some("status"), Some("name")), "{found}");
    assert_eq!((found[0]["start"].as_i64(), found[0]["end"].as_i64()), (Some(9), Some(19)), "in code points: {found}");
    assert!(!refused.body.to_string().contains("Miller"), "{}", refused.body);
    assert!(!story.ada.get(&path).await.says("Möglich"));
    let reason = serde_json::json!({ "keep_identifiers": "She wants to be named" });
    assert_eq!(app.post("/api/v1/statuses", said(reason)).await.status, 200);
    assert!(story.ada.get(&path).await.says("Möglich"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_much_stays_that_could_identify_the_patient_somebody_else_looks_first() {
    let mut story = Story::new().await;
    let (path, outcome) = (story.path.clone(), story.outcome());
    let app = App::of(story.cluster.get("alpha.test"), "bo", "read write").await;
    let named = "Mrs Miller and Mr Hargreaves had it on 3 March 2026.";
    let said = |words: &str| {
        serde_json::json!({
            "status": words, "in_reply_to_id": story.case.to_string(), "keep_identifiers": "They want to be named",
        })
    };
    let answered = app.post("/api/v1/statuses", said(named)).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    assert!(!story.dan.get(&path).await.says("Hargreaves"), "it waits");
    let desk = story.ada.get(&format!("{GROUP}/moderation")).await;
    assert!(desk.says("Hargreaves"), "{}", desk.html);

    let short = app.post("/api/v1/statuses", said("Ablate.")).await;
    assert!(story.dan.get(&path).await.says("Ablate."));
    let edit = format!("/api/v1/statuses/{}", short.body["id"].as_str().unwrap());
    assert_eq!(app.put(&edit, said(named)).await.status, 200);
    assert!(!story.dan.get(&path).await.says("Hargreaves"), "so do other words");

    let (talk, title) = (format!("{GROUP}/new"), "Two of a kind");
    let reasons = [("mark", "0 text Mrs Miller"), ("mark", "15 text Mr Hargreaves"), ("mark", "39 text 3 March 2026")]
        .into_iter()
        .flat_map(|mark| [mark, ("now", ""), ("why", "They want to be named")]);
    let fields: Vec<_> = [("title", title), ("text", named), ("language", "en")].into_iter().chain(reasons).collect();
    let opened = story.bo.submit(&talk, &talk, &fields).await;
    assert!(opened.location.ends_with("done=post-held"), "{} {}", opened.status, opened.html);
    assert!(!story.dan.get(GROUP).await.says(title), "so does what opens a discussion");
    let desk = story.ada.get(&format!("{GROUP}/moderation")).await;
    assert!(desk.says(title) && desk.says("Much stays in it") && !desk.says("from another server"), "{}", desk.html);

    let kept: Vec<_> =
        [("0 outcome Mrs Miller", ""), ("15 outcome Mr Hargreaves", ""), ("40 outcome 3 March 2026", "")]
            .into_iter()
            .flat_map(|(mark, now)| [("mark", mark), ("now", now), ("why", "They want to be named")])
            .collect();
    let fields = [&[("outcome", named)][..], &kept].concat();
    let told = story.ada.submit(&outcome, &outcome, &fields).await;
    assert_eq!(told.location, format!("{path}?done=outcome-held"), "{}", told.html);
    assert!(story.ada.get(&path).await.says("it waits for a moderator"));
    assert_eq!(story.dan.get(&path).await.status, 404, "and so does a case with its outcome");
    assert!(!story.dan.get("/notifications").await.says("added the outcome"));
    let (desk, release) = (format!("{GROUP}/moderation"), format!("{GROUP}/posts/{}/release", story.case));
    assert!(story.ada.submit(&desk, &release, &[]).await.status.is_redirection());
    let page = story.dan.get(&path).await;
    assert!(page.says("Resolved") && page.says(named), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_verified_of_whoever_answers_a_case_stands_beside_the_answer() {
    let mut story = Story::new().await;
    verify(story.cluster.get("alpha.test"), &["bo"], "Electrophysiology").await;
    let hers = answer(&mut story.bo, story.case, "Ablate now.").await;
    let other = answer(&mut story.dan, hers, "Wait for the genetics.").await;
    let page = story.ada.get(&story.path).await;
    let beside = |id: i64| {
        let article = page.html.split(&format!("<article class=\"post\" id=\"post-{id}\"")).nth(1);
        article.unwrap_or_else(|| panic!("no answer {id}: {}", page.html)).split("</article>").next().unwrap()
    };
    for words in ["Electrophysiology", ", verified by Hospital alpha.test"] {
        assert!(beside(hers).contains(words), "{words}: {}", beside(hers));
    }
    assert!(!beside(other).contains("verified by"), "nothing is verified of whoever wrote that: {}", beside(other));
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
    let page = story.ada.get(&path).await;
    assert!(page.says("Mark as the answer<span class=\"hide\">: the reply by Dr dan</span>"), "{}", page.html);
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
    assert!(page.says_in_order(&order), "{}", page.html);
    assert!(story.dan.get("/notifications").await.says("marked your reply as the answer"), "whoever wrote it is told");
    assert!(!story.bo.get("/notifications").await.says("as the answer"));

    let undone = story.ada.submit(&path, &undo, &[]).await;
    assert!(undone.status.is_redirection(), "{}", undone.html);
    let page = story.bo.get(&path).await;
    assert!(!page.says("Answers the question") && !page.says("Answered"), "{}", page.html);
    assert!(!story.dan.get("/notifications").await.says("marked your reply as the answer"));
    let elsewhere = story.bo.post("A post of my own", "public").await;
    let mark = story.mark(elsewhere);
    let refused = story.ada.send(&mark, &[("back", "/")]).await;
    assert_eq!(refused.status, 404, "it answers nothing here");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_choose_whether_the_answer_the_newest_or_the_oldest_reply_comes_first() {
    let mut story = Story::new().await;
    let path = story.path.clone();
    answer(&mut story.bo, story.case, "Ablate now.").await;
    assert!(!story.bo.get(&path).await.says("Answers first"), "a single reply has no order");
    let second = answer(&mut story.dan, story.case, "Wait for the genetics.").await;
    answer(&mut story.bo, second, "True, genetics first.").await;
    answer(&mut story.dan, story.case, "Or a loop recorder.").await;
    let mark = story.mark(second);
    assert!(story.ada.submit(&path, &mark, &[]).await.status.is_redirection());
    let (ablate, wait, below, last) =
        ("Ablate now.", "Wait for the genetics.", "True, genetics first.", "Or a loop recorder.");
    for (asked, order) in [
        ("", [wait, below, ablate, last]),
        ("?order=newest", [last, wait, below, ablate]),
        ("?order=oldest", [ablate, wait, below, last]),
        ("?order=sideways", [wait, below, ablate, last]),
    ] {
        let page = story.bo.get(&format!("{path}{asked}")).await;
        assert!(page.says_in_order(&order) && page.says("Answers the question, says Dr ada"), "{asked}: {}", page.html);
    }
    let newest = format!("{path}?order=newest");
    let page = story.bo.get(&newest).await;
    assert!(page.says("Newest first") && page.says(&format!("href=\"{path}?order=oldest#replies\"")), "{}", page.html);
    assert_eq!(page.html.matches("Mute the conversation").count(), 1, "replies have a short menu: {}", page.html);
    let liked = story.bo.submit(&newest, &format!("/posts/{second}/like"), &[]).await;
    assert_eq!(liked.location, format!("{newest}#post-{second}"), "{}", liked.html);
    assert!(story.bo.get(&newest).await.says(&format!("/posts/{second}/unlike")));
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
    assert!(page.says("could identify a patient") && page.says("Miller"), "{}", page.html);
    assert!(page.says(named), "nothing is typed twice: {}", page.html);
    let mended = story.ada.submit(&outcome, &outcome, &[("outcome", named), ("act", "use-all")]).await;
    assert_eq!(mended.status, 200);
    assert!(mended.says("The patient was operated on Day 0."), "{}", mended.html);
    assert!(!story.bo.get(&path).await.says("Miller"));

    let told = story.ada.submit(&outcome, &outcome, &[("outcome", "**Sarcoidosis**, well on Day +90.")]).await;
    assert_eq!(told.location, format!("{path}?done=outcome"), "{}", told.html);
    let page = story.bo.get(&path).await;
    assert!(page.says("Resolved") && page.says("<strong>Sarcoidosis</strong>"), "{}", page.html);
    let order = ["What is asked", "Sarcoidosis", "Age and sex"];
    assert!(page.says_in_order(&order), "right under the question: {}", page.html);
    assert!(story.bo.get("/notifications").await.says("added the outcome to"));
    assert!(!story.dan.get("/notifications").await.says("added the outcome to"), "Dan took no part");

    let again = story.ada.submit(&outcome, &outcome, &[("outcome", "Sarcoidosis, in remission.")]).await;
    assert!(again.status.is_redirection(), "{}", again.html);
    let page = story.bo.get(&path).await;
    assert!(page.says("in remission") && !page.says("well on Day +90"), "{}", page.html);

    let reopen = format!("/cases/{}/reopen", story.case);
    assert!(story.ada.submit(&path, &reopen, &[]).await.status.is_redirection());
    let page = story.bo.get(&path).await;
    assert!(!page.says("Resolved") && page.says("in remission"), "open again, with what is known: {}", page.html);
    assert_eq!(story.bo.send(&reopen, &[("back", "/")]).await.status, 403);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_discussion_of_hundreds_of_replies_is_read_to_its_end_and_the_answer_still_comes_first() {
    let mut story = Story::new().await;
    let path = story.path.clone();
    let replies = format!(
        "INSERT INTO posts (author_id, local, uri, url, visibility, group_id, reply_to_id, reply_to_uri, html) \
         SELECT a.id, true, c.uri || '/' || n, c.url || '/' || n, c.visibility, c.group_id, c.id, c.uri, '<p>Thought ' || n || '.</p>' \
         FROM posts c, accounts a, generate_series(1, 699) n WHERE c.id = {} AND a.username = 'dan' ORDER BY n",
        story.case
    );
    let last = "INSERT INTO posts (author_id, local, uri, url, visibility, group_id, reply_to_id, reply_to_uri, html) \
         SELECT b.id, true, p.uri || '/b', p.url || '/b', p.visibility, p.group_id, p.id, p.uri, '<p>The very last word.</p>' \
         FROM posts p, accounts b WHERE p.html = '<p>Thought 1.</p>' AND b.username = 'bo'";
    run(story.cluster.get("alpha.test"), &format!("{replies}; {last}")).await;

    let page = story.bo.get(&path).await;
    assert!(page.says("700 replies") && page.says("Thought 1.") && page.says("Later replies"), "{}", page.html);
    assert!(!page.says("Thought 699.") && !page.says("The very last word."), "{}", page.html);
    let start = format!("{path}?after=");
    let rest = page.html.split(&format!("href=\"{start}")).nth(1).unwrap();
    let later = format!("{start}{}", rest.split('#').next().unwrap());
    let page = story.bo.get(&later).await;
    assert!(page.says("Thought 699.") && page.says("First replies") && !page.says("Later replies"), "{}", page.html);
    assert!(!page.says("Thought 1.") && page.says("The very last word."), "{}", page.html);
    let own = page.html.split("The very last word.").next().unwrap();
    assert!(own.rsplit("<article").next().unwrap().contains("In reply to"), "what it answers is not on this page");
    assert!(story.bo.get(&format!("{GROUP}?what=cases")).await.says("100 replies or more"));

    let answer = Browser::id_of(&page, "Thought 699.");
    let mark = story.mark(answer);
    let marked = story.ada.submit(&later, &mark, &[]).await;
    assert!(marked.status.is_redirection(), "{}", marked.html);
    let page = story.bo.get(&path).await;
    assert!(page.says_in_order(&["Answers the question", "Thought 699.", "Thought 1."]), "{}", page.html);
}
