//! Cases from the first word to the group: sealed while they are written, past the gate, their pictures painted over, and looked
//! at by a second member where the group wants that.

use chrono::TimeDelta;
use consilium::{
    crypto::digest,
    error::Error,
    model::{
        AccountId, CaseDraft, CaseDraftId, ConsentBasis, ConsentScope, Cover, DraftConsent, GroupDeed, GroupKind, Held,
        NotificationKind, PostId, Premoderation, Review, Role, SectionKey, Step, Urgency,
    },
    policy::Viewer,
    service::{
        Ctx, Page, cases,
        groups::{self, GroupForm},
        notifications::{self, Wanted},
        posts, scheduled,
    },
};
use image::{Frame, RgbaImage, codecs::gif::GifEncoder};

use crate::harness::{
    Cluster, Instance,
    cases::begin_case,
    groups::{form, found_like, join},
    people::verify,
    pictures::red,
    rows::{ask, everything, lies_open},
};

/// The group of these stories, which wants cases looked at.
fn watchful(review: Review, premoderation: Premoderation) -> GroupForm {
    GroupForm { topics: "Rhythm\nValves".into(), review, premoderation, ..form() }
}

/// Olga owns a group; Ada, Bo and Cy belong to it, and Bo is verified; Dan is a stranger.
struct Story {
    cluster: Cluster,
    olga: Viewer,
    ada: Viewer,
    bo: Viewer,
    cy: Viewer,
    dan: Viewer,
    group: AccountId,
}

impl Story {
    async fn new() -> Self {
        Self::of(GroupKind::Closed, watchful(Review::Kept, Premoderation::None)).await
    }

    async fn of(kind: GroupKind, form: GroupForm) -> Self {
        let cluster = Cluster::of(["alpha.test"]).await;
        let alpha = cluster.get("alpha.test");
        let mut people = Vec::new();
        for name in ["olga", "ada", "bo", "cy", "dan"] {
            people.push(alpha.account(name, Role::Clinician).await);
        }
        let [olga, ada, bo, cy, dan]: [Viewer; 5] = people.try_into().unwrap();
        let group = found_like(alpha, &olga, kind, &form).await;
        for member in [&ada, &bo, &cy] {
            join(alpha, member, "").await;
        }
        verify(alpha, &["bo"], "").await;
        Self { cluster, olga, ada, bo, cy, dan, group }
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    fn ctx(&self) -> &Ctx {
        &self.alpha().ctx
    }

    /// Ada begins a case and saves this.
    async fn begin(&self, written: CaseDraft) -> CaseDraftId {
        begin_case(self.alpha(), &self.ada, self.group, written).await
    }

    /// Ada posts a case in which nothing is marked.
    async fn ask_plainly(&self) -> PostId {
        let id = self.begin(plain()).await;
        cases::publish(self.ctx(), &self.ada, id).await.unwrap()
    }

    async fn draft(&self, id: CaseDraftId) -> CaseDraft {
        cases::open_draft(self.ctx(), &self.ada, id).await.unwrap().draft
    }

    async fn reads(&self, who: &Viewer, post: PostId) -> bool {
        match posts::read(self.ctx(), who, post).await {
            Ok(_) => true,
            Err(Error::NotFound) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// How many words of a kind somebody has got.
    async fn words(&self, who: &Viewer, kind: NotificationKind) -> usize {
        let wanted = Wanted { kinds: vec![kind], ..notifications::everything() };
        notifications::page(self.ctx(), who, &wanted, &Page::first(20)).await.unwrap().items.len()
    }

    async fn held(&self, post: PostId) -> Held {
        posts::raw(self.ctx(), post).await.unwrap().held
    }
}

fn consent() -> DraftConsent {
    DraftConsent {
        basis: Some(ConsentBasis::Written),
        scope: Some(ConsentScope::Group),
        holder: "Cardiology office".into(),
        ..DraftConsent::default()
    }
}

/// A case that names its patient.
fn telling() -> CaseDraft {
    CaseDraft {
        question: "Ablate or wait?".into(),
        age: "30 to 39".into(),
        sections: vec![
            (SectionKey::Asked, "Would you ablate now?".into()),
            (SectionKey::History, "Mr Hargreaves came on 3 March 2024 with palpitations.".into()),
            (SectionKey::Done, "On 9 March 2024 he was well on flecainide.".into()),
        ],
        timeline: vec![Step { at: "Day 0".into(), text: "Palpitations at rest".into(), turning: true }],
        urgency: Urgency::Today,
        topic: "Rhythm".into(),
        consent: consent(),
        ..CaseDraft::default()
    }
}

/// A case in which nothing is marked.
fn plain() -> CaseDraft {
    CaseDraft { sections: vec![(SectionKey::History, "Palpitations for two weeks, none before.".into())], ..telling() }
}

/// What a case has open, field by field.
fn open(outcome: Result<PostId, Error>) -> Vec<(&'static str, String)> {
    match outcome {
        Err(Error::Invalid(open)) => open.into_iter().map(|one| (one.field, one.message)).collect(),
        other => panic!("{other:?}"),
    }
}

fn pixel(file: &[u8], x: u32, y: u32) -> [u8; 3] {
    image::load_from_memory(file).unwrap().to_rgb8().get_pixel(x, y).0
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_written_lies_sealed_and_is_opened_by_its_author_alone() {
    let story = Story::new().await;
    let ctx = story.ctx();
    let id = story.begin(telling()).await;
    let picture = cases::add_picture(ctx, &story.ada, id, red().into(), "ECG with broad complexes").await.unwrap();
    // What somebody keeps of an answer lies as a case does.
    let answer = posts::NewPost { text: "Mrs Miller had it, too.".into(), ..posts::NewPost::default() };
    let kept = scheduled::save_draft(ctx, &story.ada, None, answer).await.unwrap();
    assert_eq!(scheduled::get(ctx, &story.ada, kept).await.unwrap().content.text, "Mrs Miller had it, too.");
    let all = everything(story.alpha()).await;
    for secret in ["Hargreaves", "Ablate or wait", "broad complexes", "Cardiology office", "flecainide", "Mrs Miller"] {
        assert!(!lies_open(&all, secret), "{secret}");
    }
    let png = digest::hex(b"\x89PNG\r\n\x1a\n");
    assert!(!all.contains(&png), "pictures as well");

    let opened = story.draft(id).await;
    assert_eq!((opened.sections, opened.pictures.len()), (telling().sections, 1));
    assert_eq!(cases::drafts(ctx, &story.ada).await.unwrap().len(), 1);
    for other in [&story.olga, &story.bo, &story.dan] {
        assert!(matches!(cases::open_draft(ctx, other, id).await, Err(Error::NotFound)));
        assert!(matches!(cases::picture(ctx, other, id, picture).await, Err(Error::NotFound)));
        assert!(matches!(cases::save(ctx, other, id, plain()).await, Err(Error::NotFound)));
        assert!(matches!(cases::publish(ctx, other, id).await, Err(Error::NotFound)));
        assert!(matches!(cases::discard(ctx, other, id).await, Err(Error::NotFound)));
    }
    assert!(cases::start(ctx, &story.dan, story.group).await.is_err(), "only members ask");
    cases::discard(ctx, &story.ada, id).await.unwrap();
    for table in ["case_drafts", "case_pictures"] {
        assert_eq!(ask(story.alpha(), &format!("SELECT count(*)::text AS words FROM {table}")).await, ["0"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_posted_before_every_mark_is_in_other_words_or_has_a_reason() {
    let story = Story::new().await;
    let ctx = story.ctx();
    let id = story.begin(telling()).await;
    let left = open(cases::publish(ctx, &story.ada, id).await);
    assert!(matches!(left.as_slice(), [("marks", words)] if words.contains("3 marks")), "{left:?}");

    let marks = cases::marks(&story.draft(id).await);
    let first = marks.iter().find(|mark| mark.words == "3 March 2024").unwrap();
    let refused = cases::keep(ctx, &story.ada, id, &first.field, &first.words, "no").await;
    assert!(refused.unwrap_err().public().contains("why this may stay"));
    cases::keep(ctx, &story.ada, id, &first.field, &first.words, "The day of the flood").await.unwrap();
    let name = marks.iter().find(|mark| mark.words.contains("Hargreaves")).unwrap();
    cases::mend(ctx, &story.ada, id, &name.field, name.start, &name.words, "A farmer").await.unwrap();
    let again = cases::mend(ctx, &story.ada, id, &name.field, name.start, &name.words, "A farmer").await;
    assert!(matches!(again, Err(Error::Conflict(_))), "it is gone");
    let second = cases::marks(&story.draft(id).await).into_iter().find(|mark| mark.words == "9 March 2024").unwrap();
    cases::mend(ctx, &story.ada, id, &second.field, second.start, &second.words, &second.suggestion).await.unwrap();
    let post = cases::publish(ctx, &story.ada, id).await.unwrap();

    let card = posts::read(ctx, &story.cy, post).await.unwrap();
    assert_eq!((card.post.title.as_str(), card.post.topic.as_str()), ("Ablate or wait?", "Rhythm"));
    for words in [
        "<strong>Patient:</strong> 30 to 39",
        "<h3>What is asked</h3>",
        "A farmer came on 3 March 2024",
        "On Day +6 he was well",
        "<strong>Day 0:</strong> Palpitations at rest",
    ] {
        assert!(card.post.html.contains(words), "{words}: {}", card.post.html);
    }
    assert!(!story.reads(&story.dan, post).await && story.held(post).await == Held::No);
    assert!(matches!(cases::open_draft(ctx, &story.ada, id).await, Err(Error::NotFound)));
    let log = "SELECT kind || ' ' || found || ' ' || kept AS words FROM case_findings ORDER BY kind";
    assert_eq!(ask(story.alpha(), log).await, ["date 2 1", "name 1 0"]);
    let all = everything(story.alpha()).await;
    for secret in ["Hargreaves", "The day of the flood", "9 March 2024"] {
        assert!(!lies_open(&all, secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_marks_that_are_settled_at_the_same_time_are_both_settled() {
    let story = Story::new().await;
    let ctx = story.ctx();
    let id = story.begin(telling()).await;
    let marks = cases::marks(&story.draft(id).await);
    let mark = |words: &str| marks.iter().find(|mark| mark.words.contains(words)).unwrap();
    let (day, name) = (mark("3 March 2024"), mark("Hargreaves"));
    let (kept, mended) = tokio::join!(
        cases::keep(ctx, &story.ada, id, &day.field, &day.words, "The day of the flood"),
        cases::mend(ctx, &story.ada, id, &name.field, name.start, &name.words, "A farmer"),
    );
    assert!(kept.is_ok() && mended.is_ok(), "{kept:?} {mended:?}");
    let draft = story.draft(id).await;
    assert_eq!((draft.kept.len(), draft.mended.len()), (1, 1));
    assert_eq!(cases::field_text(&draft, "section-history"), Some("A farmer came on 3 March 2024 with palpitations."));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_suggestions_are_followed_at_once_and_one_is_taken_back() {
    let story = Story::new().await;
    let ctx = story.ctx();
    let id = story.begin(telling()).await;
    cases::mend_all(ctx, &story.ada, id).await.unwrap();
    let mended = story.draft(id).await;
    assert!(cases::marks(&mended).is_empty());
    assert_eq!(cases::field_text(&mended, "section-history"), Some("The patient came on Day 0 with palpitations."));
    let place = mended.mended.iter().position(|one| one.was == "3 March 2024").unwrap();
    cases::undo(ctx, &story.ada, id, place).await.unwrap();
    let undone = story.draft(id).await;
    assert_eq!(
        cases::field_text(&undone, "section-history"),
        Some("The patient came on 3 March 2024 with palpitations.")
    );
    // Whatever is typed later, what was mended stays so.
    cases::mend_all(ctx, &story.ada, id).await.unwrap();
    let typed = CaseDraft { question: "Ablate, or wait?".into(), ..story.draft(id).await };
    cases::save(ctx, &story.ada, id, typed).await.unwrap();
    assert_eq!(story.draft(id).await.mended.len(), 3);
    cases::publish(ctx, &story.ada, id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_covered_in_a_picture_is_gone_for_everybody() {
    let story = Story::new().await;
    let ctx = story.ctx();
    let id = story.begin(plain()).await;
    let picture = cases::add_picture(ctx, &story.ada, id, red().into(), "").await.unwrap();
    let (_, size) = cases::picture_sizes(ctx, &story.ada, id).await.unwrap()[0];
    assert_eq!((size.width, size.height), (80, 60));
    cases::look(ctx, &story.ada, id, picture, true).await.unwrap();
    cases::tap(ctx, &story.ada, id, picture, 10, 10).await.unwrap();
    let left = open(cases::publish(ctx, &story.ada, id).await);
    assert_eq!(left.iter().map(|one| one.0).collect::<Vec<_>>(), ["pictures"; 3], "words, corner, look: {left:?}");
    cases::tap(ctx, &story.ada, id, picture, 39, 29).await.unwrap();
    let (seen, mime) = cases::picture(ctx, &story.ada, id, picture).await.unwrap();
    assert_eq!((mime.as_str(), pixel(&seen, 20, 20), pixel(&seen, 60, 40)), ("image/png", [0; 3], [255, 0, 0]));
    let strip = Cover { x: 0, y: 50, width: 80, height: 10 };
    cases::cover(ctx, &story.ada, id, picture, strip).await.unwrap();
    cases::uncover_last(ctx, &story.ada, id, picture).await.unwrap();
    cases::describe_picture(ctx, &story.ada, id, picture, "ECG with broad complexes").await.unwrap();
    cases::look(ctx, &story.ada, id, picture, true).await.unwrap();
    let post = cases::publish(ctx, &story.ada, id).await.unwrap();

    let card = posts::read(ctx, &story.cy, post).await.unwrap();
    let media = &card.media.0[0];
    assert_eq!((card.media.0.len(), media.description.as_str()), (1, "ECG with broad complexes"));
    for name in [media.name.clone(), format!("{}.small", media.name)] {
        let file = ctx.blobs().get(&name).await.unwrap();
        let inside = pixel(&file, 20, 20);
        assert!(inside.iter().all(|part| *part < 30), "{name}: {inside:?}");
    }
    let file = ctx.blobs().get(&media.name).await.unwrap();
    assert_eq!(
        (pixel(&file, 10, 10), pixel(&file, 20, 55)),
        ([138; 3], [255, 0, 0]),
        "the edge, and what was uncovered"
    );
    assert_eq!(ask(story.alpha(), "SELECT count(*)::text AS words FROM case_pictures").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_scanner_and_a_moving_picture_are_refused_with_what_to_do() {
    let story = Story::new().await;
    let ctx = story.ctx();
    let id = story.begin(plain()).await;
    let mut dicom = vec![0; 128];
    dicom.extend(b"DICM\x02\0\0\0UL\x04\0PN HARGREAVES^JOHN");
    let said = cases::add_picture(ctx, &story.ada, id, dicom.into(), "CT").await.unwrap_err().public();
    assert!(said.contains("DICOM") && said.contains("export the picture as PNG or JPEG"), "{said}");
    let mut gif = Vec::new();
    let frame = || Frame::new(RgbaImage::new(4, 4));
    GifEncoder::new(&mut gif).encode_frames([frame(), frame()]).unwrap();
    let said = cases::add_picture(ctx, &story.ada, id, gif.into(), "Echo").await.unwrap_err().public();
    assert!(said.contains("a still"), "{said}");
    assert!(story.draft(id).await.pictures.is_empty());
    for _ in 0..4 {
        cases::add_picture(ctx, &story.ada, id, red().into(), "ECG").await.unwrap();
    }
    let said = cases::add_picture(ctx, &story.ada, id, red().into(), "ECG").await.unwrap_err().public();
    assert!(said.contains("4 pictures"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_consent_that_reaches_far_enough_nothing_is_posted_and_nothing_is_lost() {
    let story = Story::of(GroupKind::Open, watchful(Review::Kept, Premoderation::None)).await;
    let ctx = story.ctx();
    let id = story.begin(CaseDraft { consent: DraftConsent::default(), ..plain() }).await;
    let left = open(cases::publish(ctx, &story.ada, id).await);
    assert!(left.contains(&("consent", "Choose how the patient agreed. Your text is saved.".into())), "{left:?}");
    assert_eq!(story.draft(id).await.sections, plain().sections);

    let today = ctx.now().date_naive();
    let wrong = DraftConsent { given_on: today.succ_opt(), expires_on: Some(today), ..consent() };
    cases::save(ctx, &story.ada, id, CaseDraft { consent: wrong, ..plain() }).await.unwrap();
    let said: Vec<String> = open(cases::publish(ctx, &story.ada, id).await).into_iter().map(|one| one.1).collect();
    let said = said.join(" ");
    for words in ["Everybody can read this group", "lies in the future", "has ended"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let enough = DraftConsent { scope: Some(ConsentScope::Public), ..consent() };
    cases::save(ctx, &story.ada, id, CaseDraft { consent: enough, ..plain() }).await.unwrap();
    let post = cases::publish(ctx, &story.ada, id).await.unwrap();
    assert!(story.reads(&Viewer::Anonymous, post).await, "an open group is for everybody");
    let kept = "SELECT basis || ' ' || scope || ' ' || holder AS words FROM case_consents";
    assert_eq!(ask(story.alpha(), kept).await, ["written public Cardiology office"]);

    let next = cases::start(ctx, &story.ada, story.group).await.unwrap();
    let next = story.draft(next).await;
    assert_eq!((next.urgency, next.consent.scope), (Urgency::Today, Some(ConsentScope::Public)), "as the last time");
    assert_eq!((next.consent.holder.as_str(), next.question.as_str()), ("Cardiology office", ""));
    posts::delete(ctx, &story.ada, post, posts::Pictures::Delete).await.unwrap();
    assert_eq!(ask(story.alpha(), "SELECT holder || form_hash AS words FROM case_consents").await, [""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_verified_member_looks_first_and_lets_it_be_seen() {
    let story = Story::of(GroupKind::Closed, watchful(Review::All, Premoderation::None)).await;
    let ctx = story.ctx();
    let post = story.ask_plainly().await;
    assert_eq!(story.held(post).await, Held::Review);
    for other in [&story.bo, &story.cy, &story.dan] {
        assert!(!story.reads(other, post).await, "not like any other post");
    }
    assert_eq!(story.words(&story.bo, NotificationKind::CaseReview).await, 1);
    assert_eq!(story.words(&story.cy, NotificationKind::CaseReview).await, 0);
    for other in [&story.ada, &story.cy, &story.dan, &story.olga] {
        assert!(cases::waiting_for_review(ctx, other).await.unwrap().is_empty());
        assert!(matches!(cases::review(ctx, other, post).await, Err(Error::NotFound)));
        assert!(matches!(cases::approve(ctx, other, post).await, Err(Error::NotFound)));
        assert!(matches!(cases::send_back(ctx, other, post, "Too much of it").await, Err(Error::NotFound)));
    }
    let waiting = cases::waiting_for_review(ctx, &story.bo).await.unwrap();
    assert_eq!(waiting.iter().map(|line| line.question.as_str()).collect::<Vec<_>>(), ["Ablate or wait?"]);
    let seen = cases::review(ctx, &story.bo, post).await.unwrap();
    assert!(seen.html.contains("Palpitations for two weeks") && seen.consent.is_some() && seen.kept.is_empty());
    cases::approve(ctx, &story.bo, post).await.unwrap();
    assert!(story.reads(&story.cy, post).await);
    assert_eq!(story.words(&story.ada, NotificationKind::Case).await, 1);
    assert!(matches!(cases::approve(ctx, &story.bo, post).await, Err(Error::NotFound)), "once");
    let log = groups::log(ctx, &story.cy, story.group, &Page::first(20)).await.unwrap();
    assert_eq!(log.items[0].deed, GroupDeed::Review);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_which_much_is_kept_is_looked_at_and_comes_back_with_a_reason() {
    let story = Story::new().await;
    let ctx = story.ctx();
    let id = story.begin(telling()).await;
    let picture = cases::add_picture(ctx, &story.ada, id, red().into(), "ECG with broad complexes").await.unwrap();
    let cover = Cover { x: 10, y: 10, width: 30, height: 20 };
    cases::cover(ctx, &story.ada, id, picture, cover).await.unwrap();
    cases::look(ctx, &story.ada, id, picture, true).await.unwrap();
    let marks = cases::marks(&story.draft(id).await);
    assert_eq!(marks.len(), 3);
    for mark in &marks {
        cases::keep(ctx, &story.ada, id, &mark.field, &mark.words, "He wants it told").await.unwrap();
    }
    let post = cases::publish(ctx, &story.ada, id).await.unwrap();
    assert_eq!(story.held(post).await, Held::Review);
    assert!(!lies_open(&everything(story.alpha()).await, "He wants it told"), "reasons are sealed");
    let seen = cases::review(ctx, &story.bo, post).await.unwrap();
    assert_eq!((seen.line.kept, seen.kept.len(), seen.kept[0].reason.as_str()), (3, 3, "He wants it told"));
    let desk = groups::kept_in_held(ctx, &story.olga, story.group, vec![post]).await.unwrap();
    assert_eq!(
        desk.iter().map(|(_, kept)| kept.len()).collect::<Vec<_>>(),
        [3],
        "who leads the group reads why as well"
    );
    assert!(groups::kept_in_held(ctx, &story.cy, story.group, vec![post]).await.is_err());
    let (file, _) = cases::review_picture(ctx, &story.bo, post, seen.pictures[0].id).await.unwrap();
    assert_eq!(pixel(&file, 20, 20), [0; 3]);
    assert!(cases::review_picture(ctx, &story.cy, post, seen.pictures[0].id).await.is_err());

    assert!(cases::send_back(ctx, &story.bo, post, " ").await.is_err(), "with a reason");
    cases::send_back(ctx, &story.bo, post, "Leave the name out").await.unwrap();
    assert!(!story.reads(&story.ada, post).await);
    assert_eq!(story.words(&story.ada, NotificationKind::Case).await, 1);
    for table in ["cases", "case_consents"] {
        assert_eq!(ask(story.alpha(), &format!("SELECT count(*)::text AS words FROM {table}")).await, ["0"]);
    }
    assert_eq!(ask(story.alpha(), "SELECT sum(kept)::text AS words FROM case_findings").await, ["3"], "numbers alone");
    let log = groups::log(ctx, &story.cy, story.group, &Page::first(20)).await.unwrap();
    assert_eq!((log.items[0].deed, log.items[0].reason.as_str()), (GroupDeed::SendBack, ""));
    let all = everything(story.alpha()).await;
    assert!(!lies_open(&all, "Hargreaves") && !lies_open(&all, "Leave the name out"));

    let again = cases::drafts(ctx, &story.ada).await.unwrap().pop().unwrap();
    assert_eq!((again.group, again.draft.returned.as_str()), (story.group, "Leave the name out"));
    assert_eq!((&again.draft.sections, &again.draft.topic), (&telling().sections, &telling().topic));
    assert_eq!((again.draft.kept.len(), again.draft.pictures[0].looked), (3, false));
    let (file, _) = cases::picture(ctx, &story.ada, again.id, again.draft.pictures[0].id).await.unwrap();
    assert_eq!(pixel(&file, 20, 20), [0; 3], "what was covered stays gone");
    for mark in cases::marks(&again.draft) {
        cases::unkeep(ctx, &story.ada, again.id, &mark.field, &mark.words).await.unwrap();
    }
    cases::mend_all(ctx, &story.ada, again.id).await.unwrap();
    cases::look(ctx, &story.ada, again.id, again.draft.pictures[0].id, true).await.unwrap();
    let post = cases::publish(ctx, &story.ada, again.id).await.unwrap();
    assert!(story.held(post).await == Held::No && story.reads(&story.cy, post).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_second_look_moderators_look_where_they_look_at_everything() {
    let story = Story::of(GroupKind::Closed, watchful(Review::All, Premoderation::All)).await;
    let ctx = story.ctx();
    let post = story.ask_plainly().await;
    assert_eq!(story.held(post).await, Held::Review);
    cases::approve(ctx, &story.bo, post).await.unwrap();
    assert_eq!(story.held(post).await, Held::Premoderation);
    assert!(!story.reads(&story.cy, post).await);
    groups::release(ctx, &story.olga, post).await.unwrap();
    assert!(story.reads(&story.cy, post).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_its_author_leaves_for_three_months_is_deleted_with_its_pictures() {
    let story = Story::new().await;
    let ctx = story.ctx();
    let left = story.begin(plain()).await;
    cases::add_picture(ctx, &story.ada, left, red().into(), "ECG with broad complexes").await.unwrap();
    story.cluster.pass(TimeDelta::days(60));
    let kept = story.begin(plain()).await;
    story.cluster.pass(TimeDelta::days(29));
    story.cluster.sweep().await;
    assert_eq!(cases::drafts(ctx, &story.ada).await.unwrap().len(), 2, "there is time for a day yet");
    story.cluster.pass(TimeDelta::days(2));
    story.cluster.sweep().await;
    let drafts = cases::drafts(ctx, &story.ada).await.unwrap();
    assert_eq!(drafts.iter().map(|draft| draft.id).collect::<Vec<_>>(), [kept]);
    assert!(matches!(cases::open_draft(ctx, &story.ada, left).await, Err(Error::NotFound)));
    assert_eq!(ask(story.alpha(), "SELECT count(*)::text AS words FROM case_pictures").await, ["0"]);

    let mut eve = story.alpha().clinician("eve").await;
    let page = eve.get("/cases/drafts").await;
    assert!(page.says("leave it for 90 days"), "whoever writes one is told: {}", page.html);
}
