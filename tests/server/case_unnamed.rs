//! A case that is asked without a name, over two hospitals: who finds out who asked, who does not, and what it takes to open it.

use chrono::TimeDelta;
use consilium::{
    error::Error,
    model::{
        AccountId, AskedAs, CaseDraft, CaseState, GroupKind, Held, PostId, Premoderation, RecallReason, Review, Role,
    },
    policy::Viewer,
    service::{
        Ctx, accounts, cases,
        groups::{self, GroupForm},
        posts,
    },
};
use serde_json::{Value, json};

use crate::harness::{
    App, Browser, Cluster, Instance, Page,
    cases::{plain, post_case},
    cluster::PASSWORD,
    groups::{form, found_like, join},
    people::{verify, viewer},
    rows::{ask, everything, rows, run},
};

const GROUP: &str = "/groups/hearts";
const QUESTION: &str = "Ablate now, or wait?";
/// In place of the name.
const BYLINE: &str = "A verified cardiologist, asked through Heart cases";
/// Whoever asks: a name that stands on no page for another reason.
const ASKER: &str = "zebedee";

fn draft() -> CaseDraft {
    CaseDraft { asked_as: AskedAs::Specialty, ..plain(QUESTION) }
}

/// Alpha has the group. Olga owns it, Mo and Ned lead it with her; Zebedee and four more are cardiologists. Bo is a member at
/// beta.
struct Story {
    cluster: Cluster,
    olga: Viewer,
    asker: Viewer,
    bo: Viewer,
    group: AccountId,
}

impl Story {
    async fn new() -> Self {
        Self::of(Review::Kept, Premoderation::None).await
    }

    async fn of(review: Review, premoderation: Premoderation) -> Self {
        let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
        let alpha = cluster.get("alpha.test");
        let olga = alpha.account("olga", Role::Clinician).await;
        let like = GroupForm { review, premoderation, ..form() };
        let group = found_like(alpha, &olga, GroupKind::Closed, &like).await;
        for name in ["mo", "ned", ASKER, "cara", "cole", "cyd", "cuno"] {
            let one = alpha.account(name, Role::Clinician).await;
            join(alpha, &one, "").await;
            if matches!(name, "mo" | "ned") {
                groups::appoint(&alpha.ctx, &olga, group, one.account().unwrap()).await.unwrap();
            }
        }
        verify(alpha, &[ASKER, "cara", "cole", "cyd", "cuno"], "Cardiology").await;
        let asker = viewer(alpha, ASKER).await;
        let beta = cluster.get("beta.test");
        let bo = beta.account("bo", Role::Clinician).await;
        join(beta, &bo, "").await;
        cluster.settle().await;
        Self { cluster, olga, asker, bo, group }
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    fn ctx(&self) -> &Ctx {
        &self.alpha().ctx
    }

    /// Zebedee asks.
    async fn ask(&self, written: CaseDraft) -> PostId {
        let post = post_case(self.alpha(), &self.asker, self.group, written).await;
        self.cluster.settle().await;
        post
    }

    /// Somebody of alpha at a browser.
    async fn at_browser(&self, name: &str) -> Browser {
        self.alpha().signed_in(name).await
    }
}

/// Answers a post.
async fn answer(ctx: &Ctx, who: &Viewer, to: PostId, text: &str, as_asker: bool) -> PostId {
    let new = posts::NewPost { text: text.into(), reply_to: Some(to), as_asker, ..posts::NewPost::default() };
    posts::publish(ctx, who, new).await.unwrap()
}

/// Nothing on a page tells who asked.
fn assert_silent(page: &Page, place: &str) {
    assert!(!page.html.to_lowercase().contains(ASKER), "{place}: {}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_finds_who_asked_by_any_page_app_document_or_list() {
    let story = Story::new().await;
    let case = story.ask(draft()).await;
    let unnamed = answer(story.ctx(), &story.asker, case, "No structural disease.", true).await;
    story.cluster.settle().await;
    let asker = story.asker.account().unwrap();

    let mut cara = story.at_browser("cara").await;
    let page = cara.get(&format!("/@hearts/{case}")).await;
    assert!(page.says(BYLINE) && page.says("Palpitations"), "{}", page.html);
    assert!(page.says("A verified cardiologist, who asked, through Heart cases"), "{}", page.html);
    assert!(!page.says("You asked this"), "{}", page.html);
    for path in [GROUP, "/cases", "/cases?show=open", "/cases/mine", "/notifications"] {
        assert_silent(&cara.visit(path).await, path);
    }
    for path in [
        format!("/@hearts/{case}"),
        format!("/@hearts/{unnamed}"),
        format!("/posts/{unnamed}/history"),
        format!("/report?person={}&post={case}", story.group),
        format!("{GROUP}?what=cases"),
        format!("{GROUP}/log"),
    ] {
        assert_silent(&cara.visit(&path).await, &path);
    }
    let profile = cara.visit(&format!("/@{ASKER}")).await;
    assert!(!profile.says(QUESTION), "{}", profile.html);
    let found = cara.visit("/search?q=Palpitations").await;
    assert!(!found.says(QUESTION), "{}", found.html);

    let app = App::of(story.alpha(), "cara", "read").await;
    for path in [format!("/api/v1/statuses/{case}"), format!("/api/v1/statuses/{case}/context")] {
        let told = app.get(&path).await.body.to_string();
        assert!(!told.to_lowercase().contains(ASKER) && !told.contains(&asker.to_string()), "{told}");
        assert!(told.contains("erified cardiologist"), "{told}");
    }
    let listed = app.get(&format!("/api/v1/accounts/{asker}/statuses")).await.body.to_string();
    assert_eq!(listed, "[]");
    let account = app.get(&format!("/api/v1/accounts/{asker}")).await.body;
    assert_eq!((&account["statuses_count"], &account["last_status_at"]), (&json!(0), &Value::Null));

    let there = story.cluster.get("beta.test");
    let uri = posts::raw(story.ctx(), case).await.unwrap().uri;
    let copy = posts::by_uri(&there.ctx, &uri).await.unwrap().unwrap();
    let mut bo = there.signed_in("bo").await;
    let page = bo.get(&format!("/@hearts@alpha.test/{}", copy.id)).await;
    assert!(page.says(BYLINE), "a member elsewhere sees the label: {}", page.html);
    assert_silent(&page, "beta");
    let all = everything(there).await;
    assert!(!all.to_lowercase().contains(ASKER), "beta has never heard of whoever asked");

    let kept = [
        "posts",
        "cases",
        "case_consents",
        "case_findings",
        "media",
        "mentions",
        "group_log",
        "outbox",
        "unnamed_authors",
    ];
    let kept = rows(story.alpha(), &kept).await;
    assert!(!kept.contains(&asker.to_string()), "no row leads from the case to whoever asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_marks_the_answer_and_adds_the_outcome_without_being_named() {
    let story = Story::new().await;
    let case = story.ask(draft()).await;
    let (cole, ctx) = (viewer(story.alpha(), "cole").await, story.ctx());
    let reply = answer(ctx, &cole, case, "I would wait.", false).await;
    let mut asker = story.at_browser(ASKER).await;
    assert!(
        asker.get("/notifications").await.says("a case that you asked or took part in"),
        "they are told of the answer"
    );
    let mine = asker.get("/cases/mine").await;
    assert!(mine.says(QUESTION) && mine.says("without your name, as “a verified cardiologist”"), "{}", mine.html);
    let path = format!("/@hearts/{case}");
    let page = asker.get(&path).await;
    assert!(page.says("You asked this") && page.says("As the one who asked, without my name"), "{}", page.html);
    let declared = format!("UPDATE accounts SET interests = 'Fees of a device maker' WHERE username = '{ASKER}'");
    run(story.alpha(), &declared).await;
    assert!(!asker.get(&path).await.says("Fees of a device maker"), "it would tell who answers");
    let known = posts::NewPost {
        text: "I see.".into(),
        reply_to: Some(case),
        as_asker: true,
        interests: "fees of a device maker".into(),
        ..posts::NewPost::default()
    };
    let refused = posts::publish(ctx, &story.asker, known).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");

    let mark = format!("/cases/{case}/answer/{reply}");
    assert!(asker.submit(&path, &mark, &[]).await.status.is_redirection());
    let outcome = format!("/cases/{case}/outcome");
    let told = asker.submit(&outcome, &outcome, &[("outcome", "It was **sarcoidosis**.")]).await;
    assert_eq!(told.location, format!("{path}?done=outcome"), "{}", told.html);
    asker.get("/").await;
    let to = reply.to_string();
    let fields = [("text", "Thank you, that helped."), ("language", "en"), ("reply_to", &to), ("as_asker", "1")];
    assert!(asker.send("/posts", &fields).await.status.is_redirection());

    let mut cole = story.at_browser("cole").await;
    let page = cole.get(&path).await;
    assert!(page.says("Resolved") && page.says("sarcoidosis") && page.says("Thank you, that helped."), "{}", page.html);
    assert_silent(&page, "the case");
    let told = cole.get("/notifications").await;
    assert!(told.says("A verified cardiologist") && told.says("added the outcome to"), "{}", told.html);
    assert_silent(&told, "the notifications of others");
    let refused = cole.send(&mark, &[("back", "/")]).await;
    assert_eq!(refused.status, 403, "{}", refused.html);
    let new =
        posts::NewPost { text: "I too".into(), reply_to: Some(case), as_asker: true, ..posts::NewPost::default() };
    let refused = posts::publish(ctx, &viewer(story.alpha(), "cole").await, new).await.unwrap_err();
    assert!(matches!(refused, Error::Forbidden(_)), "{refused}");

    story.cluster.settle().await;
    let csv = asker.get("/settings/data/cases.csv").await;
    assert!(csv.says(QUESTION) && csv.says("a verified cardiologist"), "{}", csv.html);
    assert!(!cole.get("/settings/data/cases.csv").await.says(QUESTION));
    let recall = format!("/cases/{case}/recall");
    let gone = asker.submit(&recall, &recall, &[("reason", "mistake")]).await;
    assert!(gone.status.is_redirection(), "{}", gone.html);
    story.cluster.settle().await;
    assert_silent(&cole.get(&format!("{GROUP}/log")).await, "the log");
    let started = "SELECT started_by::text AS words FROM case_recalls";
    assert_eq!(ask(story.alpha(), started).await, [story.group.to_string()], "the group takes it back");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_moderators_open_who_asked_and_one_alone_cannot() {
    let story = Story::new().await;
    let case = story.ask(draft()).await;
    let (page, asker) = (format!("/@hearts/{case}"), format!("/cases/{case}/asker"));
    let (agree, refuse) = (format!("{asker}/agree"), format!("{asker}/refuse"));
    let reason = "The patient says that nobody asked for consent.";
    let mut mo = story.at_browser("mo").await;
    assert!(mo.get(&page).await.says("Open who asked…"));
    assert_eq!(mo.submit(&asker, &asker, &[("reason", " ")]).await.status, 422, "it takes a reason");
    assert!(mo.submit(&asker, &asker, &[("reason", reason)]).await.status.is_redirection());
    let waiting = mo.get(&asker).await;
    assert!(waiting.says("It waits for another moderator"), "{}", waiting.html);
    assert_silent(&waiting, "one moderator");
    assert_eq!(mo.send(&agree, &[]).await.status, 403, "nobody opens it alone");

    let mut cara = story.at_browser("cara").await;
    for path in [&asker, &format!("{GROUP}/moderation")] {
        let seen = cara.get(path).await;
        assert!(seen.status.is_client_error(), "{path}: {}", seen.html);
    }
    assert!(!cara.get(&page).await.says("Open who asked…"));

    let mut ned = story.at_browser("ned").await;
    let desk = ned.get(&format!("{GROUP}/moderation")).await;
    assert!(desk.says(reason) && desk.says(&asker), "{}", desk.html);
    assert!(ned.submit(&asker, &refuse, &[]).await.status.is_redirection());
    assert_silent(&ned.get(&asker).await, "refused");
    assert!(mo.submit(&asker, &asker, &[("reason", reason)]).await.status.is_redirection(), "it may be asked again");
    assert!(ned.submit(&asker, &agree, &[]).await.status.is_redirection());
    for browser in [&mut mo, &mut ned] {
        let seen = browser.get(&asker).await;
        assert!(seen.says("Dr zebedee"), "both see the name: {}", seen.html);
        assert_silent(&browser.get(&page).await, "on no other page");
    }
    let mut olga = story.at_browser("olga").await;
    assert_silent(&olga.get(&asker).await, "a moderator who took no part");

    let log = cara.get(&format!("{GROUP}/log")).await;
    for words in ["asked to know who asked", "it is not opened", "two moderators know", reason] {
        assert!(log.says(words), "{words}: {}", log.html);
    }
    assert_silent(&log, "the log");
    let audit = ask(story.alpha(), "SELECT action || details::text || subject || reason AS words FROM audit").await;
    let audit = audit.join("\n");
    for action in ["ask_opening", "refuse_opening", "open_asker"] {
        assert!(audit.contains(action) && audit.contains(&case.to_string()), "{action}: {audit}");
    }
    let openings =
        "SELECT t::text AS words FROM audit t WHERE action IN ('ask_opening', 'refuse_opening', 'open_asker')";
    let openings = ask(story.alpha(), openings).await.join("\n");
    assert!(!openings.contains(&story.asker.account().unwrap().to_string()), "{openings}");

    let mut own = story.at_browser(ASKER).await;
    assert!(own.get("/notifications").await.says("a case that you asked or took part in"));
    let told = own.get(&asker).await;
    for words in ["Dr mo", "Dr ned", reason] {
        assert!(told.says(words), "{words}: {}", told.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_to_know_lapses_after_a_week_and_whoever_asked_opens_nothing_themselves() {
    let story = Story::new().await;
    let case = story.ask(draft()).await;
    let ctx = story.ctx();
    let (mo, ned) = (viewer(story.alpha(), "mo").await, viewer(story.alpha(), "ned").await);
    groups::appoint(ctx, &story.olga, story.group, story.asker.account().unwrap()).await.unwrap();
    let own = cases::ask_opening(ctx, &story.asker, case, "To see what happens.").await;
    assert!(matches!(own, Err(Error::Forbidden(_))));
    cases::ask_opening(ctx, &mo, case, "The patient never agreed.").await.unwrap();
    let again = cases::ask_opening(ctx, &ned, case, "Neither did the family.").await;
    assert!(matches!(again, Err(Error::Conflict(_))), "one at a time");
    let agreed = cases::agree_opening(ctx, &story.asker, case).await;
    let refused = cases::refuse_opening(ctx, &story.asker, case).await;
    assert!(matches!((agreed, refused), (Err(Error::Forbidden(_)), Err(Error::Forbidden(_)))));
    story.cluster.pass(TimeDelta::days(8));
    assert!(matches!(cases::agree_opening(ctx, &ned, case).await, Err(Error::Conflict(_))));
    assert!(cases::opening(ctx, &mo, case).await.unwrap().asker.is_none());
    cases::ask_opening(ctx, &mo, case, "The patient never agreed.").await.unwrap();
    groups::dismiss(ctx, &story.olga, story.group, mo.account().unwrap()).await.unwrap();
    let late = cases::agree_opening(ctx, &ned, case).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "whoever asked leads the group no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_elsewhere_answers_and_is_told_why_they_ask_under_their_name() {
    let story = Story::new().await;
    let case = story.ask(draft()).await;
    let beta = story.cluster.get("beta.test");
    let uri = posts::raw(story.ctx(), case).await.unwrap().uri;
    let copy = posts::by_uri(&beta.ctx, &uri).await.unwrap().unwrap();
    assert_eq!(copy.label, "a verified cardiologist");
    answer(&beta.ctx, &story.bo, copy.id, "We wait here.", false).await;
    story.cluster.settle().await;
    let mut asker = story.at_browser(ASKER).await;
    assert!(asker.get(&format!("/@hearts/{case}")).await.says("We wait here."));
    assert!(asker.get("/notifications").await.says("a case that you asked or took part in"));

    let back = answer(story.ctx(), &story.asker, case, "So do we now.", true).await;
    cases::add_outcome(story.ctx(), &story.asker, case, "It was sarcoidosis.", &[]).await.unwrap();
    story.cluster.settle().await;
    let raw = posts::raw(story.ctx(), back).await.unwrap();
    let there = posts::by_uri(&beta.ctx, &raw.uri).await.unwrap().unwrap();
    assert_eq!((there.label.as_str(), there.author_id), ("a verified cardiologist", copy.author_id));
    let view = cases::view(&beta.ctx, &story.bo, &copy).await.unwrap().unwrap();
    assert!(view.case.state == CaseState::Resolved && !view.mine);

    let offer = cases::offer(&beta.ctx, &story.bo, copy.group_id.unwrap()).await.unwrap().unwrap();
    assert!(offer.labels.is_empty() && offer.why_not.contains("own server"), "{offer:?}");
    let id = cases::start(&beta.ctx, &story.bo, copy.group_id.unwrap()).await.unwrap();
    cases::save(&beta.ctx, &story.bo, id, draft()).await.unwrap();
    let refused = cases::publish(&beta.ctx, &story.bo, id).await;
    assert!(matches!(refused, Err(Error::Invalid(faults)) if faults.iter().any(|one| one.field == "unnamed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_fits_too_few_gives_way_to_a_coarser_one_and_the_form_says_who_knows() {
    let story = Story::new().await;
    let (alpha, ctx) = (story.alpha(), story.ctx());
    let labels = async || {
        let offer = cases::offer(ctx, &story.asker, story.group).await.unwrap().unwrap();
        offer.labels.into_iter().map(|(_, words)| words).collect::<Vec<_>>()
    };
    assert_eq!(labels().await, ["a verified cardiologist", "a verified doctor", "a verified member"]);
    verify(alpha, &["cuno"], "Neurology").await;
    assert_eq!(labels().await, ["a verified doctor", "a verified member"]);
    let case = story.ask(draft()).await;
    assert_eq!(posts::raw(ctx, case).await.unwrap().label, "a verified doctor");

    let mut asker = story.at_browser(ASKER).await;
    let page = asker.visit(&format!("/cases/new?group={}", story.group)).await;
    for words in ["Ask without my name", "Two moderators of the group together can open it", "a verified doctor"] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let mut mo = story.at_browser("mo").await;
    let page = mo.visit(&format!("/cases/new?group={}", story.group)).await;
    assert!(page.says("Only verified members can ask without their name"), "{}", page.html);
    let settings = format!("{GROUP}/settings");
    let off = mo.submit(&settings, &settings, &[("name", "Heart cases"), ("unnamed", "no")]).await;
    assert!(off.status.is_redirection(), "{}", off.html);
    let offer = cases::offer(ctx, &story.asker, story.group).await.unwrap().unwrap();
    assert!(offer.why_not.contains("everybody asks under their name"), "{offer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_second_sees_the_label_and_whoever_asked_does_not_look_themselves() {
    let story = Story::of(Review::All, Premoderation::First).await;
    let case = story.ask(draft()).await;
    let ctx = story.ctx();
    assert_eq!(posts::raw(ctx, case).await.unwrap().held, Held::Review);
    let mut cara = story.at_browser("cara").await;
    let review = format!("/cases/review/{case}");
    for path in ["/cases/review", review.as_str(), "/notifications"] {
        let page = cara.get(path).await;
        assert!(page.status.is_success(), "{path}");
        assert_silent(&page, path);
    }
    assert!(cara.get(&review).await.says("A verified cardiologist"));
    let mut asker = story.at_browser(ASKER).await;
    assert_eq!(asker.get(&review).await.status, 404);
    assert!(asker.get("/cases/mine").await.says("Waits for a second look"));

    let sent = cara.submit(&review, &format!("{review}/send-back"), &[("reason", "Say what was tried.")]).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    let [back] = <[_; 1]>::try_from(cases::drafts(ctx, &story.asker).await.unwrap()).unwrap();
    assert_eq!((back.draft.asked_as, back.draft.returned.as_str()), (AskedAs::Specialty, "Say what was tried."));
    let case = cases::publish(ctx, &story.asker, back.id).await.unwrap();
    let review = format!("/cases/review/{case}");
    let approved = cara.submit(&review, &format!("{review}/approve"), &[]).await;
    assert!(approved.status.is_redirection(), "{}", approved.html);
    assert_eq!(posts::raw(ctx, case).await.unwrap().held, Held::Premoderation, "as any post without a name");
    assert_eq!(posts::raw(ctx, case).await.unwrap().language, "", "nor does a language tell");
    let mut mo = story.at_browser("mo").await;
    for path in [format!("{GROUP}/moderation"), "/notifications".into(), format!("{GROUP}/log")] {
        assert_silent(&mo.get(&path).await, &path);
    }
    assert!(mo.get(&format!("{GROUP}/log")).await.says("and sent it back"));
    assert!(!asker.get("/notifications").await.says("has decided on"));
    groups::release(ctx, &viewer(story.alpha(), "mo").await, case).await.unwrap();
    let told = asker.get("/notifications").await;
    assert!(told.says("has decided on") && !told.says("shows your post now"), "{}", told.html);

    // What moderators send back waits for whoever asked, under their cases, and names them to nobody.
    let answered = answer(ctx, &story.asker, case, "No fever.", true).await;
    let case = story.ask(draft()).await;
    for (post, why) in [(answered, "Say since when."), (case, "Say what was tried.")] {
        groups::remove_post(ctx, &viewer(story.alpha(), "mo").await, post, why).await.unwrap();
    }
    for path in [format!("{GROUP}/moderation"), "/notifications".into(), format!("{GROUP}/log")] {
        let page = mo.get(&path).await;
        assert!(!page.says("No fever.") && !page.says("Say since when."), "{path}: {}", page.html);
        assert_silent(&page, &path);
    }
    assert_eq!(mo.get(&format!("/cases/{case}/asker")).await.status, 404);
    let mine = asker.get("/cases/mine").await;
    for words in ["No fever.", "Say since when.", "Say what was tried.", "Edit and send again"] {
        assert!(mine.says(words), "{words}: {}", mine.html);
    }
    let back = cases::write_again(ctx, &story.asker, case).await.unwrap();
    assert!(cases::write_again(ctx, &viewer(story.alpha(), "cara").await, case).await.is_err());
    let written = cases::open_draft(ctx, &story.asker, back).await.unwrap().draft;
    assert_eq!((written.asked_as, written.refused.as_str()), (AskedAs::Specialty, "Say what was tried."));

    let case = story.ask(draft()).await;
    groups::leave(ctx, &story.asker, story.group).await.unwrap();
    let review = format!("/cases/review/{case}");
    let approved = cara.submit(&review, &format!("{review}/approve"), &[]).await;
    assert!(approved.status.is_redirection(), "who has left the group is not told: {}", approved.html);
    assert_eq!(posts::raw(ctx, case).await.unwrap().held, Held::Premoderation);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_blocks_and_leaves_without_being_found_by_it() {
    let story = Story::new().await;
    let case = story.ask(draft()).await;
    let (ctx, path) = (story.ctx(), format!("/@hearts/{case}"));
    let cole = accounts::by_username(ctx, "cole").await.unwrap().id;
    consilium::service::shuns::block(ctx, &story.asker, cole).await.unwrap();
    let mut browser = story.at_browser("cole").await;
    assert!(browser.get(&path).await.says(BYLINE), "a block tells nothing");
    assert!(browser.get(&format!("{GROUP}?what=cases")).await.says(QUESTION));

    let mut asker = story.at_browser(ASKER).await;
    asker.get("/settings/account/close").await;
    let closed = asker.send("/settings/account/close", &[("current_password", PASSWORD)]).await;
    assert!(closed.status.is_redirection(), "{}", closed.html);
    story.cluster.settle().await;
    let page = browser.get(&path).await;
    assert!(page.says(BYLINE) && page.says("Palpitations"), "that it vanished would tell whose it was: {}", page.html);
    let links = ask(story.alpha(), "SELECT post_id::text AS words FROM unnamed_authors").await;
    assert_eq!(links, Vec::<String>::new(), "the link is gone");
    let mo = viewer(story.alpha(), "mo").await;
    let nobody = cases::ask_opening(ctx, &mo, case, "The patient never agreed.").await;
    assert!(matches!(nobody, Err(Error::Conflict(_))));
    cases::withdraw(ctx, &mo, case, RecallReason::Moderators).await.unwrap();
    story.cluster.settle().await;
    assert_eq!(browser.get(&path).await.status, 410);
}
