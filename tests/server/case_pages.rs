//! Cases as people at a browser write them: on one page, past the gate, with pictures covered by two taps, and looked at by a
//! second member.

use chrono::TimeDelta;
use consilium::{
    model::{AccountId, CaseDraftId, CasePictureId},
    service::cases,
};
use image::{DynamicImage, GenericImageView, ImageFormat};

use crate::{
    api::pictures::drawn,
    harness::{
        Browser, Cluster, Instance, Options, Page,
        groups::{found_by_form, join_by_form, known},
        people::{verify, viewer},
    },
};

const TOLD: &str = "Palpitations for two weeks, none before.";
const TELLING: &str = "Mr Hargreaves came on 3 March 2024 with palpitations.";

/// Ada owns a group and Bo belongs to it; both are signed in.
struct Story {
    cluster: Cluster,
    ada: Browser,
    bo: Browser,
    group: AccountId,
}

impl Story {
    async fn new(review: &str) -> Self {
        Self::with(review, Options::default()).await
    }

    async fn with(review: &str, options: Options) -> Self {
        let cluster = Cluster::with(&["alpha.test"], &[], options).await;
        let alpha = cluster.get("alpha.test");
        let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
        let founded = found_by_form(&mut ada, &[("review", review)]).await;
        assert!(founded.status.is_redirection(), "{}", founded.html);
        join_by_form(&mut bo).await;
        let group = known(alpha).await;
        Self { cluster, ada, bo, group }
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    /// Ada begins a case; its page.
    async fn begin(&mut self) -> String {
        let begun = self.ada.get(&format!("/cases/new?group={}", self.group)).await;
        assert!(begun.location.starts_with("/cases/drafts/"), "{} {}", begun.status, begun.html);
        begun.location
    }

    /// Ada sends the form of a case; `to` is what the button that she presses adds to its address.
    async fn press(&mut self, path: &str, to: &str, fields: &[(&str, &str)]) -> Page {
        self.ada.get(path).await;
        self.ada.send(&format!("{path}{to}"), fields).await
    }
}

/// What a button of the page sends that is the first to lead there.
fn value(page: &Page, action: &str) -> String {
    let after = page.html.split(&format!("formaction=\"{action}\" name=\"mark\" value=\"")).nth(1);
    after.unwrap_or_else(|| panic!("no button leads to {action}: {}", page.html)).split('"').next().unwrap().to_owned()
}

/// The form, as it is filled in where nothing could identify anybody.
fn plain(text: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("question", "Ablate or wait?"),
        ("section-presentation", text),
        ("age", "30 to 39"),
        ("sex", "male"),
        ("basis", "not_identifiable"),
        ("scope", "group"),
        ("urgency", "soon"),
        ("topic", "Rhythm"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clinician_writes_a_case_on_one_page_and_the_group_reads_it() {
    let mut story = Story::new("kept").await;
    let choice = story.ada.get("/cases/new?choose=yes").await;
    assert!(choice.says("Heart cases") && choice.says(&format!("/cases/new?group={}", story.group)), "{}", choice.html);
    let path = story.begin().await;
    assert_eq!(story.begin().await, path, "a draft that is still empty is gone on with");
    assert_eq!(story.ada.get("/cases/new").await.location, path, "her only group is not asked for");
    let page = story.ada.get(&path).await;
    for words in ["What do you want to know?", "What happened", "This is no emergency line", "3 things still open"] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let mut fields = plain(TOLD);
    fields.extend([("steps", "1"), ("step_at", "Day 0"), ("step_text", "Palpitations at rest"), ("step_turning", "1")]);
    fields.extend([("step_at", ""), ("step_text", "")]);
    let saved = story.press(&path, "/save", &fields).await;
    assert_eq!(saved.location, format!("{path}?done=saved"));
    let page = story.ada.get(&path).await;
    for words in [TOLD, "Nothing open", "sealed.", "Palpitations at rest"] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let more = story.press(&path, "/save", &[("rows", "5")]).await;
    let page = story.ada.get(&more.location.replace("#timeline", "")).await;
    assert!(page.says("aria-label=\"Step 6\"") && page.says(TOLD), "what a form does not carry stays: {}", page.html);
    assert!(story.ada.get("/cases/drafts").await.says("Ablate or wait?"));
    assert_eq!(story.bo.get(&path).await.status, 404, "only its author opens it");

    let posted = story.press(&path, "/check", &fields).await;
    let case = posted.location.split('?').next().unwrap().to_owned();
    assert_eq!(posted.location, format!("{case}?done=case-posted"), "{}", posted.html);
    assert!(case.starts_with("/@ada/"), "{case}");
    let read = story.bo.get(&case).await;
    assert!(read.says("Ablate or wait?") && read.says(TOLD), "{}", read.html);
    assert!(story.ada.get("/cases/drafts").await.says("You are writing no case"));
    assert_eq!(story.ada.get(&path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_case_looked_through_too_often_is_told_so_and_loses_no_word() {
    let config = "[limits]\nchecks_per_five_minutes = 3\n".to_owned();
    let mut story = Story::with("kept", Options { config, ..Options::default() }).await;
    let path = story.begin().await;
    let saved = story.press(&path, "/save", &plain(TOLD)).await;
    assert_eq!(saved.location, format!("{path}?done=saved"), "{}", saved.html);
    let later = "None since, on flecainide.";
    let refused = story.press(&path, "/save", &plain(later)).await;
    assert!(refused.status == 429 && refused.headers.contains_key("retry-after"), "{}", refused.html);
    for words in ["That was too often", later, "Not looked through yet"] {
        assert!(refused.says(words), "{words}: {}", refused.html);
    }
    story.cluster.pass(TimeDelta::minutes(6));
    assert!(story.ada.get(&path).await.says(TOLD), "what was kept before is there");
    let saved = story.ada.send(&format!("{path}/save"), &plain(later)).await;
    assert_eq!(saved.location, format!("{path}?done=saved"), "{}", saved.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_group_of_the_last_case_is_remembered_and_can_be_changed() {
    let mut story = Story::new("kept").await;
    let founded = found_by_form(&mut story.ada, &[("name", "Wards"), ("username", "wards")]).await;
    assert!(founded.status.is_redirection(), "{}", founded.html);
    assert!(story.ada.get("/cases/new").await.says("Ask here"), "of two groups none is usual yet");
    let path = story.begin().await;
    let posted = story.press(&path, "/check", &plain(TOLD)).await;
    assert!(posted.location.ends_with("done=case-posted"), "{} {}", posted.status, posted.html);

    let next = story.ada.get("/cases/new").await.location;
    let page = story.ada.get(&next).await;
    for words in ["Heart cases", "2 members, 1 hospital", "Change<span class=\"hide\"> the group"] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let changed = story.press(&next, "/save", &[("question", "Ablate or wait?"), ("change", "group")]).await;
    let choice = story.ada.get(&changed.location).await;
    assert!(choice.says("Wards") && choice.says("Ask here"), "{}: {}", changed.location, choice.html);
    assert!(story.ada.get(&next).await.says("Ablate or wait?"), "what was typed is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gate_stops_a_name_and_a_date_and_each_is_settled_in_its_row() {
    let mut story = Story::new("kept").await;
    let path = story.begin().await;
    let page = story.press(&path, "/check", &plain(TELLING)).await;
    assert_eq!(page.status, 422, "{}", page.location);
    for words in ["<title>Error:", "Read it once more", "Hargreaves", "3 March 2024", "id=\"mark-1\"", "2 marks"] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    assert!(!page.says("name=\"section-presentation\""), "the text is shown for reading");

    let check = format!("{path}/check");
    let use_it = format!("{path}/marks/use");
    let first = value(&page, &use_it);
    let done = story.ada.send(&use_it, &[("mark", &first), ("checked", "1")]).await;
    assert_eq!(done.location, format!("{check}#mark-1"), "{}", done.html);
    let page = story.ada.get(&check).await;
    assert!(page.says("2 marks, 1 mended") && page.says("<s>"), "{}", page.html);
    assert!(page.says("1 thing still open"), "{}", page.html);

    // A reason is a reason; what was typed is still there.
    let keep = format!("{path}/marks/keep");
    let second = value(&page, &keep);
    let refused = story.ada.send(&keep, &[("mark", &second), ("reason-2", "ok"), ("checked", "1")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.says("Say in a few words why this may stay") && refused.says("ok</textarea>"), "{}", refused.html);
    let kept =
        story.ada.send(&keep, &[("mark", &second), ("reason-2", "The day of the flood"), ("checked", "1")]).await;
    assert_eq!(kept.location, format!("{check}#mark-2"), "{}", kept.html);
    let page = story.ada.get(&check).await;
    assert!(page.says("kept: The day of the flood") && page.says("Nothing open"), "{}", page.html);

    let back = format!("{path}/marks/undo");
    let mended = value(&page, &back);
    let undone = story.ada.send(&back, &[("mark", &mended), ("checked", "1")]).await;
    assert!(undone.status.is_redirection(), "{}", undone.html);
    let page = story.ada.get(&path).await;
    assert!(page.says(TELLING), "what was mended is back: {}", page.html);

    let page = story.ada.get(&check).await;
    let (reword, mark) = (format!("{path}/marks/reword"), value(&page, &format!("{path}/marks/reword")));
    story.ada.send(&reword, &[("mark", &mark), ("now-1", "A farmer"), ("checked", "1")]).await;
    assert!(story.ada.get(&path).await.says("A farmer came on 3 March 2024 with palpitations."));
    let posted = story.press(&path, "/check", &[]).await;
    assert!(posted.location.ends_with("done=case-posted"), "{} {}", posted.status, posted.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_suggestions_are_used_at_once_and_the_case_is_posted() {
    let mut story = Story::new("kept").await;
    let path = story.begin().await;
    let page = story.press(&path, "/check", &plain(TELLING)).await;
    assert!(page.says("Use all 2 suggestions"), "{}", page.html);
    let done = story.ada.send(&format!("{path}/marks/all"), &[("checked", "1"), ("question", "")]).await;
    assert_eq!(done.location, format!("{path}/check#marks"), "{}", done.html);
    let page = story.ada.get(&format!("{path}/check")).await;
    assert!(page.says("mended") && !page.says("marks/use"), "{}", page.html);
    assert!(!page.says("Nothing open"), "what else was changed is kept, and is said to be missing: {}", page.html);
    let page = story.press(&path, "/check", &[("question", "Ablate or wait?")]).await;
    let case = page.location.split('?').next().unwrap().to_owned();
    assert!(page.location.ends_with("done=case-posted"), "{} {}", page.status, page.html);
    let read = story.bo.get(&case).await;
    assert!(read.says("Day 0") && !read.says("Hargreaves") && !read.says("March 2024"), "{}", read.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_without_consent_is_not_posted_and_nothing_has_to_be_typed_again() {
    let mut story = Story::new("kept").await;
    let path = story.begin().await;
    let fields = [
        ("question", "Ablate or wait?"),
        ("section-presentation", TOLD),
        ("given_on", "last May"),
        ("specialties", "207RC0000X NONSENSE"),
    ];
    let page = story.press(&path, "/check", &fields).await;
    assert_eq!(page.status, 422);
    for words in ["last May", "NONSENSE", "is no day", "No specialty has the code", TOLD, "Please check 2 things"] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let page = story.press(&path, "/check", &[("given_on", ""), ("specialties", "207RC0000X")]).await;
    assert_eq!(page.status, 422);
    assert!(page.says("Choose how the patient agreed. Your text is saved.") && page.says(TOLD), "{}", page.html);
    assert!(page.says("href=\"#consent\"") && page.says("id=\"consent\"") && page.says("Cardiology"), "{}", page.html);
    let page = story.press(&path, "/check", &[("basis", "written"), ("scope", "group")]).await;
    assert!(page.status == 422 && page.says("Say who holds the form"), "{}", page.html);
    let page = story.press(&path, "/check", &[("holder", "Cardiology office")]).await;
    assert!(page.location.ends_with("done=case-posted"), "{} {}", page.status, page.html);

    // The next one in this group remembers how the patient agreed.
    let next = story.begin().await;
    let page = story.ada.get(&next).await;
    assert!(page.says("value=\"written\" checked") && page.says("value=\"group\" checked"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_of_kin_or_the_institution_agree_in_place_of_the_patient_and_the_page_says_who() {
    let mut story = Story::new("kept").await;
    for (basis, scope, holder, said) in [
        ("next_of_kin", "teaching", "Ward office", "Next of kin, this group and teaching"),
        ("institution", "group", "Ethics office", "Institution, this group"),
    ] {
        let path = story.begin().await;
        let page = story.ada.get(&path).await;
        for words in ["The next of kin agreed", "The institution has approved it", "This group, and teaching"] {
            assert!(page.says(words), "{words}: {}", page.html);
        }
        let rest = plain(TOLD).into_iter().filter(|(name, _)| !matches!(*name, "basis" | "scope"));
        let fields: Vec<_> = rest.chain([("basis", basis), ("scope", scope), ("holder", "")]).collect();
        let page = story.press(&path, "/check", &fields).await;
        assert!(page.status == 422 && page.says("Say who holds the form"), "{}", page.html);
        assert!(page.says(&format!("value=\"{basis}\" checked")), "{}", page.html);
        let posted = story.press(&path, "/check", &[("holder", holder)]).await;
        assert!(posted.location.ends_with("done=case-posted"), "{} {}", posted.status, posted.html);
        let case = posted.location.split('?').next().unwrap();
        let read = story.bo.get(case).await;
        assert!(read.says(said) && !read.says(holder), "{}", read.html);
        assert!(story.ada.get(case).await.says(holder), "whoever answers for it reads where the form lies");
    }
}

/// The items of CARE 2013 that are sections of the form, in their order, and what Ada tells in each. What is told of the patient
/// stands above the others.
const REPORT: [(&str, &str); 10] = [
    ("section-patient", "Endurance runner, no medicines."),
    ("section-keywords", "Palpitations, ablation"),
    ("section-abstract", "Rare, and easily missed."),
    ("section-introduction", "Few such cases are told."),
    ("section-findings", "Blood pressure 118/70, lungs clear."),
    ("section-assessment", "Broad complexes on the ECG."),
    ("section-intervention", "A beta blocker at a low dose."),
    ("section-follow_up", "Well on Day +90."),
    ("section-discussion", "We would wait longer the next time."),
    ("section-perspective", "I was afraid to run again."),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_full_report_is_written_in_the_items_of_care_and_read_in_their_order() {
    let mut story = Story::new("kept").await;
    let path = story.begin().await;
    let mut fields = plain(TOLD);
    fields.push(("report", "yes"));
    let turned = story.press(&path, "/save", &fields).await;
    assert_eq!(turned.location, format!("{path}#sections"), "{}", turned.html);
    let page = story.ada.get(&path).await;
    assert!(page.says("Full report") && page.says("Back to a quick case"), "{}", page.html);
    assert!(page.says(TOLD), "what was told before stays: {}", page.html);
    for (item, _) in REPORT {
        assert!(page.says(&format!("name=\"{item}\"")), "{item}: {}", page.html);
    }
    for item in ["CARE 2", "CARE 3", "CARE 4", "CARE 5", "CARE 6", "CARE 8", "CARE 9", "CARE 10", "CARE 11", "CARE 12"]
    {
        assert!(page.says(&format!("{item}:")), "{item}: {}", page.html);
    }
    let steps = [("steps", "1"), ("step_at", "Day 0"), ("step_text", "Palpitations at rest"), ("step_turning", "1")];
    let posted = story.press(&path, "/check", &[&REPORT[..], &steps].concat()).await;
    assert!(posted.location.ends_with("done=case-posted"), "{} {}", posted.status, posted.html);

    let read = story.bo.get(posted.location.split('?').next().unwrap()).await;
    let mut order: Vec<&str> = vec!["Ablate or wait?</h1>", "id=\"patient\"", "30 to 39, male"];
    order.extend([REPORT[0].1, "id=\"timeline\"", "Palpitations at rest"]);
    let headed: Vec<String> = REPORT[1..].iter().map(|(item, _)| format!("id=\"{item}\"")).collect();
    order.extend(headed.iter().zip(&REPORT[1..]).flat_map(|(heading, (_, words))| [heading.as_str(), *words]));
    order.push("id=\"section-presentation\"");
    assert!(read.says_in_order(&order), "{order:?}: {}", read.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_covered_by_two_taps_and_confirmed() {
    let mut story = Story::new("kept").await;
    let path = story.begin().await;
    story.ada.get(&path).await;
    let file = drawn(576, 288, ImageFormat::Png);
    let sent = story.ada.send_files(&format!("{path}/pictures"), &[("file", &file)], &plain(TOLD)).await;
    let id = sent.location.split("#picture-").nth(1).unwrap_or_else(|| panic!("{}", sent.html)).to_owned();
    let page = story.ada.get(&path).await;
    assert!(page.says(TOLD) && page.says("Tap two corners to cover something."), "{}", page.html);
    assert!(page.says("1 picture"), "{}", page.html);

    let pictures = format!("{path}/pictures/{id}");
    let tap = format!("{pictures}/tap?w=288&h=144");
    assert!(
        page.says(&format!("width=\"288\" height=\"144\" formaction=\"{}", tap.replace('&', "&amp;"))),
        "{}",
        page.html
    );
    let marked = [("picture", id.as_str())];
    let tapped = story.ada.send(&tap, &[marked[0], ("x", "50"), ("y", "20")]).await;
    assert_eq!(tapped.location, format!("{path}#picture-{id}"), "{}", tapped.html);
    assert!(story.ada.get(&path).await.says("One corner is set, 100 from the left and 40 from the top: the dot."));
    let dotted = picture(&story, &pictures).await;
    assert_eq!(dotted.get_pixel(100, 40).0[..3], [14, 79, 134], "it is seen without a script");
    story.ada.send(&tap, &[marked[0], ("x", "100"), ("y", "60")]).await;
    assert!(story.ada.get(&path).await.says("1 box painted over."));
    let by_key = story.ada.send(&tap, &[marked[0], ("x", "0"), ("y", "0")]).await;
    assert!(by_key.status == 422 && by_key.says("Tap the picture where a corner"), "{}", by_key.html);

    let shown = picture(&story, &pictures).await;
    assert_eq!(shown.get_pixel(150, 60).0[..3], [0, 0, 0]);
    assert_ne!(shown.get_pixel(90, 60).0[..3], [0, 0, 0]);
    story.ada.get(&path).await;
    story.ada.send(&format!("{pictures}/cover"), &[marked[0], ("strip", "top")]).await;
    assert_eq!(picture(&story, &pictures).await.get_pixel(20, 10).0[..3], [0, 0, 0]);
    let page = story.ada.get(&path).await;
    assert!(page.says("2 boxes painted over."), "{}", page.html);
    story.ada.send(&format!("{pictures}/uncover"), &[marked[0]]).await;
    assert_ne!(picture(&story, &pictures).await.get_pixel(20, 10).0[..3], [0, 0, 0]);
    assert_eq!(story.bo.get(&pictures).await.status, 404, "nobody else sees it");
    let own = story.ada.get(&pictures).await;
    assert_eq!(own.status, 200);
    assert_eq!(own.headers["cache-control"], "private, no-store");

    let page = story.press(&path, "/check", &marked).await;
    assert!(page.status == 422 && page.says("look once more"), "{}", page.html);
    let (description, looked) = (format!("description-{id}"), format!("looked-{id}"));
    let said = [marked[0], (description.as_str(), "ECG with broad complexes"), (looked.as_str(), "on")];
    let page = story.press(&path, "/check", &said).await;
    let case = page.location.split('?').next().unwrap().to_owned();
    assert!(page.location.ends_with("done=case-posted"), "{} {}", page.status, page.html);
    assert!(story.bo.get(&case).await.says("ECG with broad complexes"));
}

/// A picture of a draft of Ada's as she sees it.
async fn picture(story: &Story, path: &str) -> DynamicImage {
    let ada = viewer(story.alpha(), "ada").await;
    let mut ids = path.split('/').filter_map(|part| part.parse::<i64>().ok());
    let (draft, picture) = (CaseDraftId(ids.next().unwrap()), CasePictureId(ids.next().unwrap()));
    let (bytes, mime) = cases::picture(&story.alpha().ctx, &ada, draft, picture).await.unwrap();
    assert_eq!(mime, "image/png");
    image::load_from_memory(&bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_picture_is_refused_and_the_text_stays() {
    let mut story = Story::new("kept").await;
    let path = story.begin().await;
    story.ada.get(&path).await;
    let add = format!("{path}/pictures");
    let mut dicom = vec![0_u8; 128];
    dicom.extend_from_slice(b"DICM and a patient's name");
    let page = story.ada.send_files(&add, &[("file", &dicom)], &plain(TOLD)).await;
    assert_eq!(page.status, 422);
    assert!(page.says("id=\"file-fault\"") && page.says(TOLD), "{}", page.html);
    let page = story.ada.send(&add, &[]).await;
    assert!(page.status == 422 && page.says("Choose a picture first."), "{}", page.html);
    let discard = format!("{path}/discard");
    assert!(story.ada.get(&discard).await.says("Discard this draft?"));
    let gone = story.ada.submit(&discard, &discard, &[]).await;
    assert_eq!(gone.location, "/cases/drafts?done=discarded");
    assert_eq!(story.ada.get(&path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_member_sends_a_case_back_and_lets_the_next_one_be_seen() {
    let mut story = Story::new("all").await;
    verify(story.alpha(), &["bo"], "").await;
    let path = story.begin().await;
    let posted = story.press(&path, "/check", &plain(TOLD)).await;
    assert!(posted.location.ends_with("done=case-review"), "{} {}", posted.status, posted.html);
    let id = posted.location.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();

    let list = story.bo.get("/cases/review").await;
    let place = format!("/cases/review/{id}");
    assert!(list.says("Ablate or wait?") && list.says(&place), "{}", list.html);
    assert_eq!(story.ada.get(&place).await.status, 404, "not one's own");
    let page = story.bo.get(&place).await;
    assert!(page.says(TOLD) && page.says("What was kept, and why"), "{}", page.html);
    let back = format!("{place}/send-back");
    let refused = story.bo.submit(&place, &back, &[("reason", "no")]).await;
    assert!(refused.status == 422 && refused.says("Say in a sentence what is to be changed"), "{}", refused.html);
    let sent = story.bo.submit(&place, &back, &[("reason", "Leave the age out")]).await;
    assert_eq!(sent.location, "/cases/review?done=case-returned", "{}", sent.html);
    assert!(story.bo.get("/cases/review").await.says("No case is waiting for you"));

    let drafts = story.ada.get("/cases/drafts").await;
    assert!(drafts.says("Sent back"), "{}", drafts.html);
    let path = drafts.html.split("href=\"/cases/drafts/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = format!("/cases/drafts/{path}");
    assert!(story.ada.get(&path).await.says("Leave the age out"));
    let posted = story.press(&path, "/check", &[("age", "")]).await;
    let case = posted.location.split('?').next().unwrap().to_owned();
    let place = format!("/cases/review/{}", case.rsplit('/').next().unwrap());
    let approved = story.bo.submit(&place, &format!("{place}/approve"), &[]).await;
    assert_eq!(approved.location, "/cases/review?done=case-approved", "{}", approved.html);
    assert!(story.bo.get(&case).await.says(TOLD));
}

/// Somebody in a hurry: the page before them, how many pages they have waited for, and how many fields they have filled in.
struct Hurried<'a> {
    who: &'a mut Browser,
    page: Page,
    pages: usize,
    fields: usize,
}

impl<'a> Hurried<'a> {
    async fn open(who: &'a mut Browser, path: &str) -> Self {
        let page = who.visit(path).await;
        Self { who, page, pages: 1, fields: 0 }
    }

    /// Waits for a page.
    async fn wait_for(&mut self, path: &str) {
        self.page = self.who.visit(path).await;
        self.pages += 1;
    }

    /// Waits for the page to which a form leads; its address.
    async fn arrive(&mut self, sent: Page) -> String {
        assert!(sent.status.is_redirection(), "{}: {}", sent.status, sent.html);
        let path = sent.location.split('#').next().unwrap().to_owned();
        self.wait_for(&path).await;
        path
    }

    async fn follow(&mut self, place: &str) {
        let path = address(&self.page, "href", place);
        self.wait_for(&path).await;
    }

    /// Chooses a picture and sends it in.
    async fn photograph(&mut self, file: &[u8]) {
        self.fields += 1;
        let action = address(&self.page, "formaction", "/pictures");
        let sent = self.who.send_files(&action, &[("file", file)], &[]).await;
        self.arrive(sent).await;
    }

    /// Taps the picture, as a phone shows it.
    async fn tap(&mut self, x: &str, y: &str) {
        let action = address(&self.page, "formaction", "/tap?w=288");
        let sent = self.who.submit_from(&self.page, &action, &[("x", x), ("y", y)]).await;
        self.arrive(sent).await;
    }

    /// Fills in these fields and presses "Check and post"; where that leads.
    async fn check(&mut self, fields: &[(&str, &str)]) -> String {
        self.fields += fields.len();
        let action = address(&self.page, "formaction", "/check");
        let sent = self.who.submit_from(&self.page, &action, fields).await;
        self.arrive(sent).await
    }
}

/// The first address on a page that leads to such a place.
fn address(page: &Page, attribute: &str, place: &str) -> String {
    let start = format!(" {attribute}=\"");
    let mut all = page.html.split(start.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap());
    let found = all.find(|one| one.contains(place));
    found.unwrap_or_else(|| panic!("nothing leads to {place}: {}", page.html)).replace("&amp;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_with_a_covered_photo_is_asked_at_the_bedside_in_six_pages_and_few_fields() {
    let mut story = Story::new("kept").await;
    let file = drawn(576, 288, ImageFormat::Png);
    let consent = [("basis", "not_identifiable"), ("scope", "group")];
    // The first case in a group also says how the patient agreed; each one after it remembers that.
    for (agreed, open, most) in [(&consent[..], "4 things still open", 7), (&consent[..0], "3 things still open", 5)] {
        // From any page: her group is known.
        let mut ada = Hurried::open(&mut story.ada, "/").await;
        ada.follow("/cases/new").await;
        let order = [
            "Add a picture",
            "What do you want to know?",
            "What happened",
            "How the patient agreed",
            "How soon an answer helps",
            "id=\"more\"",
            "Check and post",
        ];
        assert!(ada.page.says_in_order(&order) && ada.page.says("Heart cases"), "{}", ada.page.html);
        ada.photograph(&file).await;
        ada.tap("50", "20").await;
        ada.tap("100", "60").await;
        assert!(ada.page.says("1 box painted over.") && ada.page.says(open), "{open}: {}", ada.page.html);

        let picture = address(&ada.page, "formaction", "/tap?w=288").split('/').rev().nth(1).unwrap().to_owned();
        let (description, looked) = (format!("description-{picture}"), format!("looked-{picture}"));
        let said = [
            (description.as_str(), "ECG with broad complexes"),
            (looked.as_str(), "on"),
            ("question", "Ablate or wait?"),
            ("section-presentation", TOLD),
        ];
        let posted = ada.check(&[&said[..], agreed].concat()).await;
        assert!(posted.ends_with("?done=case-posted") && ada.page.says("Ablate or wait?"), "{}", ada.page.html);
        assert!(ada.pages <= 6 && ada.fields <= most, "{} pages and {} fields", ada.pages, ada.fields);
        let read = story.bo.get(posted.split('?').next().unwrap()).await;
        assert!(read.says(TOLD) && read.says("ECG with broad complexes"), "{}", read.html);
    }
}
