//! Cases on their way to whoever can answer them: what waits for whom, in which order, who is told by mail, and how long
//! answers take.

use chrono::TimeDelta;
use consilium::{
    error::Error,
    model::{AccountId, CaseDraft, ConsentScope, GroupKind, PostId, Role, SectionKey, Urgency},
    policy::Viewer,
    service::{
        Ctx,
        cases::{self, WishForm},
        groups::{self, GroupForm},
    },
};

use crate::{
    desk::{bring, take_and_attest},
    harness::{
        Browser, Cluster, Instance, Page,
        cases::{answer, consent, plain, post_case},
        groups::{form, found, join},
        people::{attest, viewer},
        rows::run,
    },
    registers::npi,
};

const CARDIOLOGY: &str = "207RC0000X";
const DERMATOLOGY: &str = "207N00000X";
const ABLATE: &str = "Ablate now, or wait?";
const BIOPSY: &str = "Biopsy this rash, or treat it?";
const DRESSING: &str = "Which dressing would you choose?";

/// Ada asks in a closed group of hers, to which Bo belongs; Cy is a stranger.
struct Story {
    cluster: Cluster,
    ada: Viewer,
    bo: Browser,
    cy: Browser,
    group: AccountId,
}

/// Founds another group than that of the story.
async fn found_other(ctx: &Ctx, who: &Viewer, username: &str, name: &str, kind: GroupKind) -> AccountId {
    let form = GroupForm { name: name.into(), ..form() };
    groups::found(ctx, who, username, kind, &form).await.unwrap()
}

impl Story {
    async fn new() -> Self {
        let cluster = Cluster::of(["alpha.test"]).await;
        let alpha = cluster.get("alpha.test");
        let ada = alpha.account("ada", Role::Clinician).await;
        let (bo, cy) = (alpha.clinician("bo").await, alpha.clinician("cy").await);
        let group = found(alpha, &ada, GroupKind::Closed).await;
        join(alpha, &viewer(alpha, "bo").await, "").await;
        Self { cluster, ada, bo, cy, group }
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    /// Ada asks in a group; a minute passes.
    async fn ask_in(&self, group: AccountId, question: &str, urgency: Urgency, specialties: &[&str]) -> PostId {
        let draft = CaseDraft {
            sections: vec![(SectionKey::Presentation, "Worse for two weeks, none of it before.".into())],
            urgency,
            specialties: specialties.iter().map(|code| (*code).to_owned()).collect(),
            consent: consent(ConsentScope::Network),
            ..plain(question)
        };
        let post = post_case(self.alpha(), &self.ada, group, draft).await;
        self.cluster.pass(TimeDelta::minutes(1));
        post
    }

    /// The same in the group of the story, without haste.
    async fn ask(&self, question: &str, specialties: &[&str]) -> PostId {
        self.ask_in(self.group, question, Urgency::Routine, specialties).await
    }

    /// Bo answers a case; the answer's id.
    async fn answer(&mut self, case: PostId, text: &str) -> PostId {
        PostId(answer(&mut self.bo, case.0, text).await)
    }

    /// The mails that say that cases wait, to somebody.
    fn mails_to(&self, username: &str) -> Vec<String> {
        let to = format!("To: {username}@alpha.test\n");
        let told = |mail: &String| mail.contains(&to) && mail.contains("Subject: Cases wait for you\n");
        self.alpha().mails().into_iter().filter(told).collect()
    }

    /// Time does what is due.
    async fn tell(&self) {
        cases::mail_due(&self.alpha().ctx).await.unwrap();
        self.cluster.settle().await;
    }
}

/// Chooses specialties, and whether mail tells of them.
async fn choose(who: &mut Browser, specialties: &[&str], mail: bool) {
    let mut fields: Vec<(&str, &str)> = specialties.iter().map(|code| ("specialties", *code)).collect();
    if mail {
        fields.push(("mail", "on"));
    }
    let page = who.submit("/cases/wishes", "/cases/wishes", &fields).await;
    assert_eq!(page.location, "/cases/wishes?done=saved", "{}", page.html);
}

/// What is asked, row by row.
fn questions(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.html);
    let rows = page.html.split("<h2><a class=\"name\" href=\"").skip(1);
    rows.map(|row| row.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()).collect()
}

/// Where the pager leads, `next` or `prev`.
fn link(page: &Page, rel: &str) -> Option<String> {
    let (before, _) = page.html.split_once(&format!("\" rel=\"{rel}\""))?;
    Some(before.rsplit("href=\"").next().unwrap().replace("&#38;", "&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_my_specialty_stands_first() {
    let mut story = Story::new().await;
    story.ask(DRESSING, &[]).await;
    story.ask(ABLATE, &[CARDIOLOGY]).await;
    story.ask(BIOPSY, &[DERMATOLOGY]).await;
    let page = story.bo.get("/cases").await;
    assert_eq!(questions(&page), [DRESSING], "nobody knows yet what he is asked about");
    assert!(page.says("Choose your specialties") && !story.bo.get("/").await.says("Waiting for your specialty"));

    choose(&mut story.bo, &[CARDIOLOGY], false).await;
    assert!(story.bo.get("/cases/wishes").await.says("value=\"207RC0000X\" checked"));
    let page = story.bo.get("/cases").await;
    assert_eq!(questions(&page), [ABLATE, DRESSING]);
    for words in
        ["For you (2)", "All (3)", "Cardiology", "Dr ada", "no answer yet", "href=\"/groups/hearts\"", "Routine"]
    {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let home = story.bo.get("/").await;
    assert!(home.says("Waiting for your specialty") && home.says("1 case names what you are asked about."));
    assert!(home.says(ABLATE) && !home.says(DRESSING), "{}", home.html);

    // Haste comes before that, and age after it.
    let stent = "Stent before anything else?";
    story.ask_in(story.group, stent, Urgency::Today, &[]).await;
    assert_eq!(questions(&story.bo.get("/cases").await), [stent, ABLATE, DRESSING]);
    let page = story.bo.get("/cases?show=all").await;
    assert_eq!(questions(&page), [stent, DRESSING, ABLATE, BIOPSY]);
    let skin = "/cases?show=all&specialty=207N00000X";
    assert!(page.says(&skin.replace('&', "&#38;")) && page.says("Dermatology (1)"), "{}", page.html);
    assert_eq!(questions(&story.bo.get(skin).await), [BIOPSY]);
    let of_group = format!("/cases?group={}", story.group);
    assert!(page.says(&format!("/cases?show=all&#38;group={}", story.group)), "{}", page.html);
    assert_eq!(questions(&story.bo.get(&of_group).await), [stent, ABLATE, DRESSING]);
    for wrong in ["show=some", "group=x", "specialty=%00", "before=x"] {
        assert_eq!(story.bo.get(&format!("/cases?{wrong}")).await.status, 404, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cardiologist_who_never_chose_is_asked_about_what_the_hospital_attests() {
    let mut story = Story::new().await;
    story.ask(DRESSING, &[]).await;
    story.ask(ABLATE, &[CARDIOLOGY]).await;
    story.ask(BIOPSY, &[DERMATOLOGY]).await;
    let id = bring(&mut story.bo, &npi(1)).await;
    assert_eq!(questions(&story.bo.get("/cases").await), [DRESSING], "a claim alone proves nothing");
    let mut vera = story.alpha().person("vera", Role::Verifier).await;
    take_and_attest(&mut vera, &id).await;
    assert_eq!(questions(&story.bo.get("/cases").await), [ABLATE, DRESSING]);
    assert!(story.bo.get("/cases/wishes").await.says("This is what is proven of you."));
    // It stands beside every timeline, and no statement is asked for it.
    run(story.alpha(), "ALTER TABLE attestations RENAME TO attestations_away").await;
    for tab in ["/", "/?tab=local", "/?tab=all"] {
        let home = story.bo.get(tab).await;
        assert!(home.says("Waiting for your specialty") && home.says(ABLATE), "{tab}: {}", home.html);
    }
    assert_eq!(questions(&story.bo.get("/cases").await), [ABLATE, DRESSING]);
    run(story.alpha(), "ALTER TABLE attestations_away RENAME TO attestations").await;

    // What is proven is proven under that name, and ends with it.
    run(story.alpha(), "UPDATE accounts SET name = 'Somebody Else' WHERE username = 'bo'").await;
    assert_eq!(questions(&story.bo.get("/cases").await), [DRESSING]);

    // Whoever unticks it is not asked about it any more.
    choose(&mut story.bo, &[DERMATOLOGY], false).await;
    assert_eq!(questions(&story.bo.get("/cases").await), [BIOPSY, DRESSING]);
    let wrong = [("specialties", "NONSENSE"), ("more", "Alchemy"), ("mail", "on")];
    let page = story.bo.submit("/cases/wishes", "/cases/wishes", &wrong).await;
    assert_eq!(page.status, 422);
    assert!(page.says("No specialty is called “Alchemy” here.") && page.says("value=\"Alchemy\""), "{}", page.html);
    assert!(page.says("Choose among the specialties of this page.") && page.says("name=\"mail\" checked"));
    let named = story.bo.submit("/cases/wishes", "/cases/wishes", &[("more", "cardiology, 207N00000X")]).await;
    assert!(named.status.is_redirection(), "{}", named.html);
    assert_eq!(questions(&story.bo.get("/cases").await), [ABLATE, BIOPSY, DRESSING]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_answered_leaves_the_queue() {
    let mut story = Story::new().await;
    choose(&mut story.bo, &[CARDIOLOGY], false).await;
    let case = story.ask(ABLATE, &[CARDIOLOGY]).await;
    assert_eq!(questions(&story.bo.get("/cases").await), [ABLATE]);
    let reply = story.answer(case, "Wait, and look again in a month.").await;
    let page = story.bo.get("/cases").await;
    assert_eq!(questions(&page), [ABLATE], "whether that answers it, its author says");
    assert!(page.says("not settled yet"), "{}", page.html);

    let ctx = &story.alpha().ctx;
    cases::mark_answer(ctx, &story.ada, case, reply).await.unwrap();
    story.cluster.pass(TimeDelta::minutes(40));
    let page = story.bo.get("/cases").await;
    assert!(questions(&page).is_empty() && page.says("For you (0)"), "{}", page.html);
    let words = "The last one in cardiology was answered 40 minutes ago.";
    assert!(page.says("No case is waiting for you") && page.says(words), "{}", page.html);
    assert!(!story.bo.get("/").await.says("Waiting for your specialty"));

    cases::unmark_answer(&story.alpha().ctx, &story.ada, case).await.unwrap();
    assert_eq!(questions(&story.bo.get("/cases").await), [ABLATE], "it was not the answer after all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_another_group_is_never_listed_to_somebody_who_is_no_member() {
    let mut story = Story::new().await;
    let ctx = story.alpha().ctx.clone();
    let valves = found_other(&ctx, &story.ada, "valves", "Valves apart", GroupKind::Local).await;
    attest(story.alpha(), &["ada"], "medicine").await;
    let ward = found_other(&ctx, &story.ada, "ward", "The open ward", GroupKind::Verified).await;
    choose(&mut story.bo, &[CARDIOLOGY], false).await;
    choose(&mut story.cy, &[CARDIOLOGY], false).await;
    story.ask_in(valves, ABLATE, Urgency::Today, &[CARDIOLOGY]).await;
    story.ask_in(story.group, BIOPSY, Urgency::Soon, &[CARDIOLOGY]).await;
    story.ask_in(ward, DRESSING, Urgency::Routine, &[CARDIOLOGY]).await;
    let mut citizen = story.alpha().person("citizen", Role::Public).await;
    choose(&mut citizen, &[CARDIOLOGY], false).await;
    let addresses = [
        "/cases".to_owned(),
        "/cases?show=all".to_owned(),
        format!("/cases?show=all&specialty={CARDIOLOGY}"),
        format!("/cases?group={valves}"),
        format!("/cases?show=all&group={}", story.group),
        "/".to_owned(),
    ];
    let seen: [(&mut Browser, &str, &[&str], &[&str]); 3] = [
        (&mut story.bo, "a member", &[BIOPSY, DRESSING], &[ABLATE, "Valves apart"]),
        (&mut story.cy, "a stranger", &[DRESSING], &[ABLATE, "Valves apart", BIOPSY, "Heart cases"]),
        (&mut citizen, "a member of the public", &[], &[ABLATE, "Valves apart", BIOPSY, "Heart cases", DRESSING]),
    ];
    for (who, name, listed, hidden) in seen {
        assert_eq!(questions(&who.get("/cases?show=all").await), listed, "{name}");
        for address in &addresses {
            let page = who.get(address).await;
            assert_eq!(page.status, 200, "{name} at {address}");
            for words in hidden {
                assert!(!page.says(words), "{name} at {address} reads {words}: {}", page.html);
            }
        }
    }
    assert!(story.bo.get(&format!("/cases?group={valves}")).await.says("No case of this kind is waiting"));
    assert_eq!(story.alpha().browser().get("/cases").await.location.split('?').next(), Some("/sign-in"));

    // Whoever asks does not wait for themselves, and whoever leaves reads nothing any more.
    let own =
        cases::queue(&ctx, &story.ada, &cases::QueueFilter::default(), &consilium::service::Page::first(20)).await;
    assert!(own.unwrap().rows.items.is_empty());
    groups::leave(&ctx, &viewer(story.alpha(), "bo").await, story.group).await.unwrap();
    assert_eq!(questions(&story.bo.get("/cases?show=all").await), [DRESSING]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_says_how_many_wait_and_nothing_else_and_comes_once_a_day() {
    let mut story = Story::new().await;
    let alpha = story.cluster.get("alpha.test");
    let bo = viewer(alpha, "bo").await;
    let mut dan = alpha.clinician("dan").await;
    join(alpha, &viewer(alpha, "dan").await, "").await;
    let case = story.ask(ABLATE, &[CARDIOLOGY]).await;
    story.tell().await;
    assert!(story.mails_to("bo").is_empty(), "nobody is told who did not ask for it");

    choose(&mut story.bo, &[CARDIOLOGY], true).await;
    choose(&mut dan, &[DERMATOLOGY], true).await;
    story.tell().await;
    let mails = story.mails_to("bo");
    assert_eq!(mails.len(), 1, "{mails:?}");
    for words in
        ["1 case waits for an answer", "http://alpha.test/cases\n", "Switch it off:\nhttp://alpha.test/cases/wishes"]
    {
        assert!(mails[0].contains(words), "{words}: {}", mails[0]);
    }
    for words in ["Ablate", "two weeks", "Heart", "hearts", "ada", "ardiology", "outine"] {
        assert!(!mails[0].contains(words), "{words}: {}", mails[0]);
    }
    assert!(story.mails_to("dan").is_empty(), "no case waits for a dermatologist");

    story.tell().await;
    choose(&mut story.bo, &[CARDIOLOGY], true).await;
    story.tell().await;
    story.cluster.pass(TimeDelta::hours(23));
    story.tell().await;
    assert_eq!(story.mails_to("bo").len(), 1, "once a day, however often it is chosen");
    story.cluster.pass(TimeDelta::hours(2));
    story.tell().await;
    assert_eq!(story.mails_to("bo").len(), 2, "it still waits");

    let ctx = &story.cluster.get("alpha.test").ctx;
    cases::add_outcome(ctx, &story.ada, case, "It went on by itself.", &[]).await.unwrap();
    story.cluster.pass(TimeDelta::hours(25));
    story.tell().await;
    assert_eq!(story.mails_to("bo").len(), 2, "nothing waits any more");

    cases::wish(ctx, &bo, &WishForm { specialties: vec![CARDIOLOGY.into()], ..WishForm::default() }).await.unwrap();
    story.ask(BIOPSY, &[CARDIOLOGY]).await;
    story.cluster.pass(TimeDelta::hours(25));
    story.tell().await;
    assert_eq!(story.mails_to("bo").len(), 2, "he has switched it off");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_queue_says_so() {
    let mut story = Story::new().await;
    let page = story.bo.get("/cases").await;
    assert!(page.says("No case is waiting for you") && page.says("All that wait"), "{}", page.html);
    assert!(!page.says("The last one"), "nothing is known of one");
    assert!(story.bo.get("/cases?show=all").await.says("No case is waiting in your groups"));
    let page = story.bo.get(&format!("/cases?show=all&specialty={DERMATOLOGY}")).await;
    assert!(page.says("No case of this kind is waiting") && page.says("href=\"/cases?show=all\""), "{}", page.html);
    assert!(story.bo.get("/cases?before=-1").await.says("Nothing more is waiting"));
    assert!(story.cy.get("/cases").await.says("No case is waiting for you"), "without a group as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_the_queue_loses_or_repeats_a_case() {
    let mut story = Story::new().await;
    // All of one hour, of three urgencies, some at the same time.
    let fifty = format!(
        "WITH p AS (INSERT INTO posts (author_id, local, uri, url, kind, visibility, title, html, language, group_id) \
             SELECT a.id, true, 'http://alpha.test/p/' || n, 'http://alpha.test/p/' || n, 'page', 'group', 'Question ' || n, '', 'en', {group} \
             FROM accounts a, generate_series(1, 50) AS n WHERE a.username = 'ada' AND a.host_id IS NULL RETURNING id, title) \
         INSERT INTO cases (post_id, group_id, urgency, specialties, body, asked_at) \
           SELECT p.id, {group}, (ARRAY['routine', 'soon', 'today'])[1 + x.n % 3], \
             CASE WHEN x.n % 2 = 0 THEN '{{207RC0000X}}'::text[] ELSE '{{}}' END, '{{}}', now() - make_interval(mins => x.n / 10) \
           FROM p CROSS JOIN LATERAL (SELECT substring(p.title from '[0-9]+$')::int AS n) x",
        group = story.group
    );
    run(story.alpha(), &fifty).await;
    choose(&mut story.bo, &[CARDIOLOGY], false).await;
    for (query, number) in [("", 50), ("?show=all", 50), ("?show=all&specialty=207RC0000X", 25)] {
        let mut pages = vec![story.bo.get(&format!("/cases{query}")).await];
        while let Some(next) = link(pages.last().unwrap(), "next") {
            pages.push(story.bo.get(&next).await);
        }
        let all: Vec<Vec<String>> = pages.iter().map(questions).collect();
        let mut once = all.concat();
        once.sort_unstable();
        once.dedup();
        assert_eq!((once.len(), all.concat().len()), (number, number), "{query}");
        let tags = pages.iter().map(|page| page.html.as_str()).collect::<String>();
        let [today, soon] = ["amber\">Today<", "\">Soon<"].map(|tag| (tags.find(tag), tags.rfind(tag)));
        assert!(today.1 < soon.0 && soon.1 < tags.find("\">Routine<"), "{query}: the most urgent first");
        let back = story.bo.get(&link(&pages[1], "prev").unwrap()).await;
        assert_eq!(questions(&back), all[0], "{query}: and back again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_answers_take_is_said_from_five_cases_on() {
    let mut story = Story::new().await;
    let ctx = story.alpha().ctx.clone();
    let bo = viewer(story.alpha(), "bo").await;
    for number in 1..=5 {
        assert_eq!(cases::answer_time(&ctx, &bo, story.group).await.unwrap(), None, "after {}", number - 1);
        let case = story.ask(ABLATE, &[CARDIOLOGY]).await;
        story.cluster.pass(TimeDelta::minutes(10 * number - 1));
        story.answer(case, "Wait, and look again.").await;
    }
    story.ask(DRESSING, &[]).await;
    let time = cases::answer_time(&ctx, &bo, story.group).await.unwrap().unwrap();
    assert_eq!((time.median_minutes, time.answered, time.asked), (30, 5, 6));
    let page = story.bo.get("/cases?show=all").await;
    assert!(page.says("Time to the first answer") && page.says("30 minutes"), "{}", page.html);
    let cy = viewer(story.alpha(), "cy").await;
    assert!(matches!(cases::answer_time(&ctx, &cy, story.group).await, Err(Error::NotFound)));
    story.cluster.pass(TimeDelta::days(91));
    assert_eq!(cases::answer_time(&ctx, &bo, story.group).await.unwrap(), None, "that is long ago");
}
