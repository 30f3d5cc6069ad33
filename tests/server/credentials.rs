//! Credentials from the draft to the end: what clinicians bring, what the desk makes of it, what time and the staff list do,
//! and that nothing of it lies open.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{NaiveDate, TimeDelta};
use consilium::{
    crypto::digest,
    error::Error,
    model::{
        AuditEntry, Badge, CredentialId, CredentialKind, CredentialSource, CredentialState, NotificationKind, Role,
    },
    policy::Viewer,
    service::{
        Ctx, Page, audit,
        credentials::{self, CredentialForm, Decision, EventBy, Flag, QueueFilter, StaffReport},
        notifications::{self, Wanted},
        profiles::{self, ProfileForm},
        registers::{self, Progress, Source},
    },
};
use diesel_async::SimpleAsyncConnection;

use crate::{
    cli::Operator,
    harness::{
        Cluster, Instance, Options,
        cluster::PASSWORD,
        people::viewer,
        postgres,
        rows::{self, ask, lies_open},
    },
};

const NUMBER: &str = "7012345";
const GMC: &str = include_str!("../../docs/registers/gb-gmc.toml");

async fn house(rules: &str) -> Cluster {
    let config = format!("[verification]\nmail_domains = [\"alpha.test\"]\n{rules}");
    Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await
}

fn registration(number: &str) -> CredentialForm {
    CredentialForm {
        kind: "registration".into(),
        register: "gb-gmc".into(),
        number: number.into(),
        discipline: "medicine".into(),
        specialties: vec!["207RC0000X".into()],
        family_name: "Kader".into(),
        given_names: "Samira".into(),
        ..CredentialForm::default()
    }
}

async fn submit(ctx: &Ctx, who: &Viewer, form: CredentialForm) -> CredentialId {
    credentials::save(ctx, who, None, form, true).await.unwrap()
}

/// Ticks everything.
async fn look_through(ctx: &Ctx, who: &Viewer, id: CredentialId) {
    let review = credentials::open(ctx, who, id).await.unwrap();
    let keys = review.checklist.iter().map(|item| item.key.to_owned()).collect();
    credentials::tick(ctx, who, id, keys, "Entry and passport seen", &review.mark).await.unwrap();
}

/// Says yes to what stands there now.
async fn say_yes(ctx: &Ctx, who: &Viewer, id: CredentialId) -> Result<Decision, Error> {
    let mark = credentials::open(ctx, who, id).await?.mark;
    credentials::attest(ctx, who, id, &mark).await
}

/// Takes it, looks through it, and says yes.
async fn attest(ctx: &Ctx, who: &Viewer, id: CredentialId) -> Decision {
    credentials::claim(ctx, who, id).await.unwrap();
    look_through(ctx, who, id).await;
    say_yes(ctx, who, id).await.unwrap()
}

/// Where it stands, and its level, as its holder sees it.
async fn standing(ctx: &Ctx, holder: &Viewer, id: CredentialId) -> (CredentialState, i16) {
    let credential = credentials::read(ctx, holder, id).await.unwrap().credential;
    (credential.state, credential.level)
}

/// The badge beside somebody's name.
async fn badge(ctx: &Ctx, who: &Viewer) -> Option<Badge> {
    let account = profiles::by_id(ctx, who, who.account().unwrap()).await.unwrap().account;
    account.badge(ctx.now()).cloned()
}

async fn rename(ctx: &Ctx, who: &Viewer, name: &str) {
    let known = profiles::by_id(ctx, who, who.account().unwrap()).await.unwrap().account;
    let form = ProfileForm { name: name.into(), ..ProfileForm::of(&known) };
    profiles::update(ctx, who, form).await.unwrap();
}

/// What is said to who may not, or has mistaken something.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    outcome.unwrap_err().public()
}

fn is_hidden<T: std::fmt::Debug>(outcome: Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::NotFound))
}

/// What the queue tells of it, but that people are called by their user names in these stories.
async fn flags(ctx: &Ctx, verifier: &Viewer, id: CredentialId) -> Vec<Flag> {
    let queue = credentials::queue(ctx, verifier, &QueueFilter::default(), &Page::first(20)).await.unwrap();
    let waiting = queue.items.into_iter().find(|waiting| waiting.credential.id == id).unwrap();
    waiting.flags.into_iter().filter(|flag| *flag != Flag::ShownName).collect()
}

/// How many words on credentials are new to somebody, who has seen them then.
async fn news(ctx: &Ctx, who: &Viewer) -> usize {
    let wanted = Wanted { kinds: vec![NotificationKind::Credential], ..notifications::everything() };
    let seen = notifications::seen_up_to(ctx, who).await.unwrap();
    let page = notifications::page(ctx, who, &wanted, &Page::first(20)).await.unwrap();
    let ids: Vec<_> = page.items.iter().map(|one| one.notification.id).collect();
    if let Some(newest) = ids.iter().max() {
        notifications::mark_read(ctx, who, newest.0).await.unwrap();
    }
    ids.iter().filter(|id| **id > seen).count()
}

async fn log(ctx: &Ctx, action: &str) -> Vec<AuditEntry> {
    let all = audit::after_by_operator(ctx, 0).await.unwrap();
    all.into_iter().filter(|entry| entry.action == action).collect()
}

/// Every row of every table, and every mail that was sent.
async fn everything(alpha: &Instance) -> String {
    format!("{}\n{}", alpha.mails().join("\n"), rows::everything(alpha).await)
}

/// The newest code that was sent to a mailbox.
fn code(alpha: &Instance, mailbox: &str) -> String {
    let mails = alpha.mails();
    let mail = mails.iter().rev().find(|mail| mail.contains(&format!("To: {mailbox}"))).unwrap();
    let is_code = |line: &&str| line.len() == 6 && line.chars().all(|c| c.is_ascii_digit());
    mail.lines().map(str::trim).find(is_code).unwrap().to_owned()
}

/// Takes in a copy of the General Medical Council's list with these lines.
async fn copy_of_register(alpha: &Instance, lines: &str) -> i64 {
    let file_name = format!("lrmp-{}.csv", alpha.address.port());
    let path = std::path::PathBuf::from(format!("/tmp/consilium-test-{}/files/{file_name}", std::process::id()));
    let head = "GMC Ref No;Surname;Given Name;Registration Status;Specialty;FTP Conditions Exist\n";
    std::fs::write(&path, format!("{head}{lines}").replace(';', ",")).unwrap();
    let (register, mapping) = ("gb-gmc".to_owned(), Some(GMC.to_owned()));
    let source = Source { register, path, file_name, snapshot_date: None, mapping, force: true };
    registers::import_by_operator(&alpha.ctx, source, &Arc::new(Progress::default())).await.unwrap().rechecks
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_is_refused_in_words() {
    let cluster = house("").await;
    let ctx = &cluster.get("alpha.test").ctx;
    let ada = cluster.get("alpha.test").account("ada", Role::Clinician).await;
    let npi = CredentialForm { register: "us-nppes".into(), ..registration("1234567890") };
    for submit in [false, true] {
        let said = refused(credentials::save(ctx, &ada, None, npi.clone(), submit).await);
        assert_eq!(said, "the last digit does not fit: please check 1234567890");
    }
    let short = refused(credentials::save(ctx, &ada, None, registration("701"), true).await);
    assert!(short.contains("7 digits"), "{short}");
    assert!(credentials::mine(ctx, &ada).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_two_people_claim_is_told_to_the_desk_and_to_neither_of_them() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    let vera = alpha.account("vera", Role::Verifier).await;
    let first = submit(ctx, &ada, registration(NUMBER)).await;
    assert_eq!(flags(ctx, &vera, first).await, [Flag::NoRegister]);
    let draft = credentials::save(ctx, &bo, None, registration("701 2345"), false).await.unwrap();
    assert!(!flags(ctx, &vera, first).await.contains(&Flag::SameNumber), "a draft is nobody's business");
    let second = credentials::save(ctx, &bo, Some(draft), registration("701 2345"), true).await.unwrap();
    for id in [first, second] {
        assert_eq!(flags(ctx, &vera, id).await, [Flag::SameNumber, Flag::NoRegister]);
        assert!(credentials::open(ctx, &vera, id).await.unwrap().flags.contains(&Flag::SameNumber));
    }
    for (who, id) in [(&ada, first), (&bo, second)] {
        let seen = format!("{:?}", credentials::read(ctx, who, id).await.unwrap()).to_lowercase();
        assert!(!seen.contains("same") && !seen.contains("twice") && !seen.contains("somebody"), "{seen}");
    }
    let other = submit(ctx, &bo, CredentialForm { register: "gb-gdc".into(), ..registration("701234") }).await;
    assert!(!flags(ctx, &vera, other).await.contains(&Flag::SameNumber));
    credentials::withdraw(ctx, &bo, second, "A slip of the hand").await.unwrap();
    assert_eq!(flags(ctx, &vera, first).await, [Flag::NoRegister]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_goes_from_the_register_over_the_mailbox_to_the_badge() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, vera) = (alpha.account("ada", Role::Clinician).await, alpha.account("vera", Role::Verifier).await);
    copy_of_register(alpha, "7012345;KADER;Samíra Jane;Registered with Licence;Cardiology;N\n").await;
    let id = submit(ctx, &ada, registration(NUMBER)).await;
    assert_eq!(standing(ctx, &ada, id).await, (CredentialState::Submitted, 2), "the register has her");

    assert!(refused(credentials::send_code(ctx, &ada, id, "ada@mail.test").await).contains("@alpha.test"));
    assert!(is_hidden(credentials::send_code(ctx, &vera, id, "s.kader@alpha.test").await), "it is not hers");
    credentials::send_code(ctx, &ada, id, "S.Kader@alpha.test").await.unwrap();
    cluster.settle().await;
    let sent = code(alpha, "s.kader@alpha.test");
    let other = if sent == "000000" { "000001" } else { "000000" };
    assert!(refused(credentials::enter_code(ctx, &ada, id, other).await).contains("not the code"));
    assert_eq!(standing(ctx, &ada, id).await.1, 2);
    credentials::enter_code(ctx, &ada, id, &format!(" {sent}")).await.unwrap();
    assert_eq!(standing(ctx, &ada, id).await, (CredentialState::Submitted, 3));

    let review = credentials::open(ctx, &vera, id).await.unwrap();
    let flags_there = &[Flag::ShownName][..];
    assert_eq!((review.number.as_str(), review.flags.as_slice(), review.place), ("••• ••45", flags_there, (1, 1)));
    assert!(review.comparison.unwrap().matches() && review.mailbox.unwrap().proven_at.is_some());
    assert!(refused(credentials::see_number(ctx, &vera, id).await).contains("Take it first"));
    credentials::claim(ctx, &vera, id).await.unwrap();
    assert_eq!(credentials::see_number(ctx, &vera, id).await.unwrap(), NUMBER);
    assert_eq!(log(ctx, "see_number").await.len(), 1);
    assert!(refused(say_yes(ctx, &vera, id).await).contains("4 checks left"));
    look_through(ctx, &vera, id).await;
    assert_eq!(say_yes(ctx, &vera, id).await.unwrap(), Decision::Attested);
    let done = credentials::read(ctx, &ada, id).await.unwrap();
    assert_eq!((done.credential.state, done.credential.level), (CredentialState::Attested, 4));
    assert!(done.statement.is_some() && done.missing.is_empty());
    let shown = badge(ctx, &ada).await.unwrap();
    assert_eq!((shown.specialty.as_str(), shown.register.as_str()), ("Cardiology", "General Medical Council"));
    cluster.settle().await;
    assert!(
        alpha.mails().iter().any(|m| m.contains("To: ada@alpha.test") && m.contains("Your credential is attested"))
    );

    assert_eq!(copy_of_register(alpha, "7012345;KADER;Samira;Erased;Cardiology;N\n").await, 1);
    assert_eq!(standing(ctx, &ada, id).await, (CredentialState::RecheckDue, 4), "it holds until the desk has looked");
    assert_eq!(flags(ctx, &vera, id).await, [Flag::Inactive, Flag::Differences(1), Flag::Recheck]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_persons_decide_the_second_is_another_one_and_looks_herself() {
    let cluster = house("two_persons = [\"gb-gmc\"]\n").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let ada = alpha.account("ada", Role::Clinician).await;
    let (vera, vic) = (alpha.account("vera", Role::Verifier).await, alpha.account("vic", Role::Verifier).await);
    let id = submit(ctx, &ada, registration(NUMBER)).await;
    assert_eq!(attest(ctx, &vera, id).await, Decision::SecondNeeded);
    assert_eq!(standing(ctx, &ada, id).await.0, CredentialState::Submitted);
    assert!(badge(ctx, &ada).await.is_none());
    assert!(flags(ctx, &vic, id).await.contains(&Flag::SecondLook));

    credentials::claim(ctx, &vera, id).await.unwrap();
    look_through(ctx, &vera, id).await;
    assert!(refused(say_yes(ctx, &vera, id).await).contains("a colleague confirms"));
    credentials::release(ctx, &vera, id).await.unwrap();
    credentials::claim(ctx, &vic, id).await.unwrap();
    let review = credentials::open(ctx, &vic, id).await.unwrap();
    assert!(review.two_persons && review.confirmed_by.as_deref() == Some("Dr vera"));
    look_through(ctx, &vic, id).await;
    assert_eq!(say_yes(ctx, &vic, id).await.unwrap(), Decision::Attested);
    assert!(badge(ctx, &ada).await.is_some());

    assert!(refused(credentials::revoke(ctx, &vera, id, "Struck off").await).contains("suspend it"));
    credentials::suspend(ctx, &vera, id, "Struck off").await.unwrap();
    assert!(badge(ctx, &ada).await.is_none(), "it is gone at once");
    assert!(refused(credentials::revoke(ctx, &vera, id, "Struck off").await).contains("a colleague revokes it"));
    credentials::revoke(ctx, &vic, id, "Struck off").await.unwrap();
    assert_eq!(standing(ctx, &ada, id).await.0, CredentialState::Revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_may_attest_two_revoke() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let ada = alpha.account("ada", Role::Clinician).await;
    let (vera, vic) = (alpha.account("vera", Role::Verifier).await, alpha.account("vic", Role::Verifier).await);
    let id = submit(ctx, &ada, registration(NUMBER)).await;
    assert_eq!(attest(ctx, &vera, id).await, Decision::Attested);
    assert!(refused(credentials::revoke(ctx, &vera, id, "Struck off").await).contains("Two persons revoke"));
    assert!(badge(ctx, &ada).await.is_some());
    credentials::suspend(ctx, &vera, id, "Struck off").await.unwrap();
    assert!(badge(ctx, &ada).await.is_none(), "it is gone at once");
    assert!(refused(credentials::revoke(ctx, &vera, id, "Struck off").await).contains("a colleague revokes it"));
    credentials::revoke(ctx, &vic, id, "Struck off").await.unwrap();
    assert_eq!(standing(ctx, &ada, id).await.0, CredentialState::Revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_verifies_oneself_nor_sees_what_the_desk_sees_of_it() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (vera, rooty) = (alpha.account("vera", Role::Verifier).await, alpha.account("rooty", Role::Admin).await);
    for me in [&vera, &rooty] {
        let id = submit(ctx, me, registration(if *me == vera { NUMBER } else { "7012346" })).await;
        let queue = credentials::queue(ctx, me, &QueueFilter::default(), &Page::first(20)).await.unwrap();
        assert!(queue.items.iter().all(|waiting| waiting.credential.id != id));
        let own = "This is your own: a colleague decides about it.";
        assert_eq!(refused(credentials::open(ctx, me, id).await), own);
        assert_eq!(refused(credentials::claim(ctx, me, id).await), own);
        assert_eq!(refused(credentials::attest(ctx, me, id, "").await), own);
        assert_eq!(refused(credentials::see_number(ctx, me, id).await), own);
    }
    assert_eq!(credentials::count_waiting(ctx, &vera).await.unwrap(), 1, "a colleague's waits for her");
    let ada = alpha.account("ada", Role::Clinician).await;
    let (hers, form) = (submit(ctx, &ada, registration("7012347")).await, registration("7012348"));
    assert!(is_hidden(credentials::open(ctx, &ada, hers).await), "for clinicians there is no desk");
    assert!(is_hidden(credentials::read(ctx, &vera, hers).await), "and her side of it is hers");
    let draft = credentials::save(ctx, &ada, None, form, false).await.unwrap();
    assert!(is_hidden(credentials::open(ctx, &vera, draft).await), "a draft is nobody's business");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_asks_and_the_holder_answers_without_knowing_who_asked() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, vera) = (alpha.account("ada", Role::Clinician).await, alpha.account("vera", Role::Verifier).await);
    let id = submit(ctx, &ada, registration(NUMBER)).await;
    assert!(refused(credentials::ask(ctx, &vera, id, "Where did you train?").await).contains("Take it first"));
    credentials::claim(ctx, &vera, id).await.unwrap();
    assert!(refused(credentials::ask(ctx, &vera, id, "  ").await).contains("Write what you need"));
    credentials::ask(ctx, &vera, id, "Where did you train?").await.unwrap();
    assert_eq!(standing(ctx, &ada, id).await.0, CredentialState::NeedsInformation);
    credentials::answer(ctx, &ada, id, "In Lund.").await.unwrap();
    assert_eq!(standing(ctx, &ada, id).await.0, CredentialState::InReview, "it is back with who asked");
    assert!(refused(credentials::answer(ctx, &ada, id, "In Lund!").await).contains("does not wait for an answer"));

    let said = |events: Vec<credentials::CredentialEvent>| -> Vec<(EventBy, String)> {
        events.into_iter().filter(|event| !event.words.is_empty()).map(|event| (event.by, event.words)).collect()
    };
    let (question, answer) = ("Where did you train?".to_owned(), "In Lund.".to_owned());
    let hers = said(credentials::read(ctx, &ada, id).await.unwrap().events);
    let by_desk = EventBy::Desk("the desk".into());
    assert_eq!(hers, [(by_desk, question.clone()), (EventBy::Holder, answer.clone())]);
    let theirs = said(credentials::open(ctx, &vera, id).await.unwrap().events);
    assert_eq!(theirs, [(EventBy::Desk("Dr vera".into()), question), (EventBy::Holder, answer)]);
    cluster.settle().await;
    let mail = alpha.mails().pop().unwrap();
    assert!(mail.contains("has a question") && !mail.contains("train"), "a mail tells no more than that: {mail}");

    // What she changes is looked at anew.
    look_through(ctx, &vera, id).await;
    credentials::ask(ctx, &vera, id, "Please send a clearer copy.").await.unwrap();
    let changed = CredentialForm { given_names: "Samira Jane".into(), ..registration(NUMBER) };
    credentials::save(ctx, &ada, Some(id), changed, true).await.unwrap();
    let review = credentials::open(ctx, &vera, id).await.unwrap();
    assert!(review.checklist.iter().all(|item| !item.ticked) && review.credential.seen.is_empty());
    assert_eq!(review.credential.level, 1, "nothing is seen of what it says now");
    let change = "Changed: given names from “Samira” to “Samira Jane”.";
    let told = &review.events.last().unwrap().words;
    assert!(told.starts_with(change) && told.contains("“Entry and passport seen”"), "{told}");
    let hers = credentials::read(ctx, &ada, id).await.unwrap().events;
    assert_eq!(hers.last().unwrap().words, change, "what the desk had noted is the desk's");

    credentials::ask(ctx, &vera, id, "Is this the number?").await.unwrap();
    let changed = CredentialForm { given_names: "Samira Jane".into(), ..registration("7012399") };
    credentials::save(ctx, &ada, Some(id), changed.clone(), true).await.unwrap();
    let told = credentials::open(ctx, &vera, id).await.unwrap().events.pop().unwrap().words;
    assert_eq!(told, "Changed: number from “••• ••45” to “••• ••99”.");
    look_through(ctx, &vera, id).await;
    credentials::ask(ctx, &vera, id, "Are you sure?").await.unwrap();
    credentials::save(ctx, &ada, Some(id), changed, true).await.unwrap();
    let review = credentials::open(ctx, &vera, id).await.unwrap();
    assert!(review.checklist.iter().all(|item| item.ticked), "what stays the same stays looked at");
    for entry in log(ctx, "answer_about_credential").await {
        let kept = format!("{} {}", entry.reason, entry.details);
        assert!(!kept.contains("Jane") && !kept.contains("Lund") && !kept.contains("99"), "{kept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_on_and_on_waits_for_the_desk() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, vera) = (alpha.account("ada", Role::Clinician).await, alpha.account("vera", Role::Verifier).await);
    let id = submit(ctx, &ada, registration(NUMBER)).await;
    attest(ctx, &vera, id).await;
    rename(ctx, &ada, "Samira Kader").await;
    assert_eq!(standing(ctx, &ada, id).await.0, CredentialState::RecheckDue);
    credentials::claim(ctx, &vera, id).await.unwrap();
    for round in 0..2 {
        credentials::ask(ctx, &vera, id, "Is it you?").await.unwrap();
        for _ in 0..10 {
            credentials::answer(ctx, &ada, id, "It is me.").await.unwrap();
        }
        let said = refused(credentials::answer(ctx, &ada, id, "Truly.").await);
        assert!(said.contains("wait for the desk"), "{round}: {said}");
    }
    let many =
        format!("INSERT INTO credential_events (credential_id, at) SELECT {id}, now() FROM generate_series(1, 300)");
    alpha.ctx.pool.get().await.unwrap().batch_execute(&many).await.unwrap();
    credentials::answer(ctx, &ada, id, "The newest.").await.unwrap();
    let read = credentials::read(ctx, &ada, id).await.unwrap().events;
    assert_eq!((read.len(), read.last().unwrap().words.as_str()), (200, "The newest."));
    let open = credentials::open(ctx, &vera, id).await.unwrap().events;
    assert_eq!((open.len(), open.last().unwrap().words.as_str()), (200, "The newest."));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_too_often_waits_for_a_day() {
    const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    let form = || registration(NUMBER);
    let is_too_often = |said: String| assert!(said.starts_with("That was too often."), "{said}");
    let asked = submit(ctx, &ada, form()).await;
    for _ in 0..29 {
        assert!(refused(credentials::save(ctx, &ada, None, registration("1"), true).await).contains("7 digits"));
        refused(credentials::answer(ctx, &ada, asked, "Is anybody there?").await);
    }
    is_too_often(refused(credentials::save(ctx, &ada, None, form(), true).await));
    is_too_often(refused(credentials::answer(ctx, &ada, asked, "Is anybody there?").await));
    is_too_often(refused(credentials::withdraw(ctx, &ada, asked, "").await));
    is_too_often(refused(credentials::renew(ctx, &ada, asked).await));
    let mut drafts = Vec::new();
    for _ in 0..3 {
        drafts.push(credentials::save(ctx, &ada, None, form(), false).await.unwrap());
    }
    is_too_often(refused(credentials::save(ctx, &ada, Some(drafts[0]), form(), true).await));
    submit(ctx, &bo, form()).await;

    let add = async |id| credentials::add_evidence(ctx, &ada, id, "Letter", Bytes::from_static(PDF)).await;
    for number in 0..20 {
        add(drafts[number / 8]).await.unwrap();
    }
    is_too_often(refused(add(drafts[2]).await));
    cluster.pass(TimeDelta::days(1) + TimeDelta::seconds(1));
    add(drafts[2]).await.unwrap();
    credentials::save(ctx, &ada, Some(drafts[0]), form(), true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_by_trying_which_numbers_a_register_has() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    copy_of_register(alpha, "7012345;KADER;Samira;Registered with Licence;Cardiology;N\n").await;
    let there = credentials::save(ctx, &ada, None, registration(NUMBER), false).await.unwrap();
    let not_there = credentials::save(ctx, &bo, None, registration("7012346"), false).await.unwrap();
    credentials::send_code(ctx, &ada, there, "ada@alpha.test").await.unwrap();
    credentials::send_code(ctx, &bo, not_there, "bo@alpha.test").await.unwrap();
    cluster.settle().await;
    for entered in [false, true] {
        if entered {
            credentials::enter_code(ctx, &ada, there, &code(alpha, "ada@alpha.test")).await.unwrap();
            credentials::enter_code(ctx, &bo, not_there, &code(alpha, "bo@alpha.test")).await.unwrap();
        }
        let mut told = Vec::new();
        for (who, id) in [(&ada, there), (&bo, not_there)] {
            let read = credentials::read(ctx, who, id).await.unwrap();
            let listed = credentials::mine(ctx, who).await.unwrap().remove(0);
            assert_eq!(read.missing, listed.missing);
            told.push((read.missing, read.credential.level));
        }
        assert_eq!(told[0], told[1]);
        assert!(told[0].0.iter().any(|words| words.contains("shows the registration")), "{told:?}");
    }
    for (who, id, number) in [(&ada, there, NUMBER), (&bo, not_there, "7012346")] {
        credentials::save(ctx, who, Some(id), registration(number), true).await.unwrap();
    }
    let missing = async |who, id| credentials::read(ctx, who, id).await.unwrap().missing;
    assert_eq!(missing(&ada, there).await, missing(&bo, not_there).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_the_same_however_it_is_spelt() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    let vera = alpha.account("vera", Role::Verifier).await;
    let form = |register: &str, body: &str, number: &str| CredentialForm {
        register: register.into(),
        body: body.into(),
        jurisdiction: "GB".into(),
        ..registration(number)
    };
    for (register, (body, number), (other_body, other_number)) in [
        ("gb-gdc", ("", "123456"), ("", "CD 123456")),
        ("gb-hcpc", ("", "PH029821"), ("", "ph 29821")),
        ("other", ("Medical Council of Ireland", "A 12/345"), ("MEDICAL COUNCIL, OF IRELAND", "a-１2345")),
    ] {
        let one = submit(ctx, &ada, form(register, body, number)).await;
        let other = submit(ctx, &bo, form(register, other_body, other_number)).await;
        for id in [one, other] {
            assert!(flags(ctx, &vera, id).await.contains(&Flag::SameNumber), "{register}");
        }
    }
    let elsewhere = submit(ctx, &bo, form("other", "Medical Council of Malta", "A 12/345")).await;
    assert!(!flags(ctx, &vera, elsewhere).await.contains(&Flag::SameNumber), "another body has its own");
    for body in ["General Medical Council", "the G.M.C."] {
        let said = refused(credentials::save(ctx, &bo, None, form("other", body, NUMBER), false).await);
        assert_eq!(said, "Choose it from the list of registers: General Medical Council.");
    }
    let german = CredentialForm { register: "de-lanr".into(), ..registration("123456701") };
    let said = refused(credentials::save(ctx, &ada, None, german, false).await);
    assert_eq!(said, "the seventh digit does not fit: please check 123456701");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_mailbox_gives_up_the_one_that_was_proven_and_a_shared_one_is_told() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    let vera = alpha.account("vera", Role::Verifier).await;
    let prove = async |who, id, email| {
        credentials::send_code(ctx, who, id, email).await.unwrap();
        cluster.settle().await;
        credentials::enter_code(ctx, who, id, &code(alpha, email)).await.unwrap();
        cluster.pass(TimeDelta::minutes(2));
    };
    let hers = submit(ctx, &ada, registration(NUMBER)).await;
    prove(&ada, hers, "ward@alpha.test").await;
    assert_eq!(standing(ctx, &ada, hers).await.1, 3);
    let his = submit(ctx, &bo, registration("7012346")).await;
    assert!(!flags(ctx, &vera, hers).await.contains(&Flag::SameMailbox));
    prove(&bo, his, "ward@alpha.test").await;
    for id in [hers, his] {
        assert!(flags(ctx, &vera, id).await.contains(&Flag::SameMailbox));
    }
    assert!(refused(credentials::send_code(ctx, &ada, hers, "Ward@alpha.test").await).contains("proven already"));
    credentials::send_code(ctx, &ada, hers, "ada@alpha.test").await.unwrap();
    assert_eq!(standing(ctx, &ada, hers).await.1, 1);
    let told = credentials::read(ctx, &ada, hers).await.unwrap().events.pop().unwrap();
    assert_eq!(told.words, "Gave up ward@alpha.test, which was proven: a code went to ada@alpha.test.");
    assert!(!flags(ctx, &vera, his).await.contains(&Flag::SameMailbox));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_desk_did_not_stand_by_before_is_told() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    let vera = alpha.account("vera", Role::Verifier).await;
    let was = async |id| flags(ctx, &vera, id).await.contains(&Flag::Before);
    let first = submit(ctx, &ada, registration(NUMBER)).await;
    assert!(!was(first).await);
    credentials::claim(ctx, &vera, first).await.unwrap();
    credentials::reject(ctx, &vera, first, "The photo is of somebody else.").await.unwrap();
    let by_her = submit(ctx, &ada, registration("7012399")).await;
    assert!(was(by_her).await, "the same register, by the same person");
    let by_him = submit(ctx, &bo, registration(NUMBER)).await;
    assert!(was(by_him).await, "the same number");
    let other = submit(ctx, &bo, registration("7012398")).await;
    assert!(!was(other).await);
    let school = |body: &str| CredentialForm {
        kind: "degree".into(),
        register: String::new(),
        body: body.into(),
        jurisdiction: "IE".into(),
        ..registration("")
    };
    let degree = submit(ctx, &ada, school("Trinity College")).await;
    assert!(!was(degree).await, "a degree is something else");
    credentials::claim(ctx, &vera, degree).await.unwrap();
    credentials::reject(ctx, &vera, degree, "They do not know you.").await.unwrap();
    let (again, another) = (submit(ctx, &ada, school("TRINITY College")).await, submit(ctx, &ada, school("UCD")).await);
    assert!(was(again).await && !was(another).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_rejected_without_a_reason() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, vera) = (alpha.account("ada", Role::Clinician).await, alpha.account("vera", Role::Verifier).await);
    let id = submit(ctx, &ada, registration(NUMBER)).await;
    credentials::claim(ctx, &vera, id).await.unwrap();
    assert!(refused(credentials::reject(ctx, &vera, id, " ").await).contains("Say why"));
    let (_, sentence) = credentials::REASONS.iter().find(|(key, _)| *key == "lapsed").unwrap();
    credentials::reject(ctx, &vera, id, sentence).await.unwrap();
    let told = credentials::read(ctx, &ada, id).await.unwrap();
    assert_eq!(told.credential.state, CredentialState::Rejected);
    assert_eq!(told.events.last().unwrap().words, *sentence);
    assert_eq!(log(ctx, "reject_credential").await[0].reason, *sentence);
    assert!(refused(credentials::withdraw(ctx, &ada, id, "").await).contains("cannot become withdrawn"));
    let again = submit(ctx, &ada, registration(NUMBER)).await;
    assert_eq!(attest(ctx, &vera, again).await, Decision::Attested, "another try is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn holders_are_reminded_in_time_and_what_is_over_expires_by_itself() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let mut browser = alpha.clinician("ada").await;
    let ada = viewer(alpha, "ada").await;
    let vera = alpha.account("vera", Role::Verifier).await;
    let in_days = |days| (ctx.now().date_naive() + TimeDelta::days(days)).to_string();
    let id = submit(ctx, &ada, CredentialForm { expires_on: in_days(90), ..registration(NUMBER) }).await;
    attest(ctx, &vera, id).await;
    let day = |days| (ctx.now().date_naive() + TimeDelta::days(days)).format("%-d %B %Y");
    let said = format!("On {}, {} and {}, among your notifications and by mail", day(30), day(60), day(83));
    let page = browser.get(&format!("/credentials/{id}")).await;
    assert!(page.says("Reminders") && page.says(&said), "{}", page.html);
    let count = |words: &str| alpha.mails().iter().filter(|mail| mail.contains(words)).count();
    assert_eq!(news(ctx, &ada).await, 1, "it is attested");
    let mut told = 0;
    for (days, reminders) in [(29, 0), (1, 1), (29, 1), (1, 2), (22, 2), (1, 3)] {
        cluster.pass(TimeDelta::days(days));
        cluster.settle().await;
        assert_eq!(count("ends soon"), reminders, "after {days} more days");
        assert_eq!(news(ctx, &ada).await, reminders - told, "in the app as by mail");
        told = reminders;
    }
    assert!(badge(ctx, &ada).await.is_some());
    let renewal = credentials::renew(ctx, &ada, id).await.unwrap();
    assert_eq!(credentials::renew(ctx, &ada, id).await.unwrap(), renewal, "one is under way");
    cluster.pass(TimeDelta::days(8));
    cluster.settle().await;
    assert_eq!(standing(ctx, &ada, id).await.0, CredentialState::Expired);
    assert!(badge(ctx, &ada).await.is_none());
    assert_eq!((count("ends soon"), count("has ended")), (3, 1));
    assert_eq!(log(ctx, "expire_credential").await[0].actor, audit::HOUSE);

    let form = CredentialForm { expires_on: in_days(365), ..registration(NUMBER) };
    credentials::save(ctx, &ada, Some(renewal), form, true).await.unwrap();
    assert_eq!(attest(ctx, &vera, renewal).await, Decision::Attested);
    assert!(badge(ctx, &ada).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_looks_at_again_in_time_is_suspended() {
    let cluster = house("recheck_days = 10\n").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, vera) = (alpha.account("ada", Role::Clinician).await, alpha.account("vera", Role::Verifier).await);
    let id = submit(ctx, &ada, registration(NUMBER)).await;
    attest(ctx, &vera, id).await;
    let day = (ctx.now().date_naive() + TimeDelta::days(30)).to_string();
    assert!(refused(credentials::set_next_check(ctx, &vera, id, "soon").await).contains("Write a day"));
    credentials::set_next_check(ctx, &vera, id, &day).await.unwrap();
    cluster.pass(TimeDelta::days(31));
    cluster.settle().await;
    assert_eq!(standing(ctx, &ada, id).await, (CredentialState::RecheckDue, 4));
    assert!(badge(ctx, &ada).await.is_some(), "it goes on holding meanwhile");
    cluster.pass(TimeDelta::days(11));
    cluster.settle().await;
    assert_eq!(standing(ctx, &ada, id).await.0, CredentialState::Suspended);
    assert!(badge(ctx, &ada).await.is_none());
    credentials::reinstate(ctx, &vera, id, "Looked at late").await.unwrap();
    assert_eq!(standing(ctx, &ada, id).await, (CredentialState::RecheckDue, 3), "it rests until somebody looks");
    assert!(badge(ctx, &ada).await.is_none());
    assert_eq!(attest(ctx, &vera, id).await, Decision::Attested);
    assert!(badge(ctx, &ada).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_takes_the_badge_off_until_the_desk_has_looked() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, vera) = (alpha.account("ada", Role::Clinician).await, alpha.account("vera", Role::Verifier).await);
    let id = submit(ctx, &ada, registration(NUMBER)).await;
    attest(ctx, &vera, id).await;
    rename(ctx, &ada, "Dr ada").await;
    assert_eq!(standing(ctx, &ada, id).await.0, CredentialState::Attested, "the same name changes nothing");
    rename(ctx, &ada, "Prof. Somebody Else").await;
    assert!(badge(ctx, &ada).await.is_none());
    assert_eq!(standing(ctx, &ada, id).await.0, CredentialState::RecheckDue);
    assert!(flags(ctx, &vera, id).await.contains(&Flag::NameChanged));
    assert_eq!(attest(ctx, &vera, id).await, Decision::Attested);
    assert!(badge(ctx, &ada).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_closes_the_account_takes_everything_back() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let mut browser = alpha.clinician("ada").await;
    let ada = viewer(alpha, "ada").await;
    let vera = alpha.account("vera", Role::Verifier).await;
    let attested = submit(ctx, &ada, registration(NUMBER)).await;
    attest(ctx, &vera, attested).await;
    submit(ctx, &ada, CredentialForm { register: "gb-gdc".into(), ..registration("701234") }).await;
    browser.get("/settings/account/close").await;
    let closed = browser.send("/settings/account/close", &[("current_password", PASSWORD)]).await;
    assert!(closed.status.is_redirection(), "{}", closed.html);
    let states = ask(alpha, "SELECT DISTINCT state AS words FROM credentials").await;
    assert_eq!(states, ["withdrawn"]);
    assert!(ask(alpha, "SELECT token AS words FROM attestations WHERE ended_at IS NULL").await.is_empty());
    assert_eq!(log(ctx, "withdraw_credential").await.len(), 2);
    assert_eq!(credentials::count_waiting(ctx, &vera).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_open_to_two_people_and_goes_when_it_is_needed_no_more() {
    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Title (Diploma of Samira Kader) >>\nendobj\n%%EOF\n";
    let cluster = house("evidence_days = 30\n").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    let (vera, rooty) = (alpha.account("vera", Role::Verifier).await, alpha.account("rooty", Role::Admin).await);
    let id = submit(ctx, &ada, registration(NUMBER)).await;
    let add = |who: Viewer, bytes: &'static [u8]| {
        let bytes = Bytes::from_static(bytes);
        async move { credentials::add_evidence(ctx, &who, id, "Diploma", bytes).await }
    };
    assert!(refused(add(ada, b"MZ\x90\x00 a program").await).contains("no PDF, JPEG or PNG"));
    assert!(is_hidden(add(bo, PDF).await));
    add(ada, PDF).await.unwrap();
    let evidence = credentials::read(ctx, &ada, id).await.unwrap().evidence.remove(0);
    assert_eq!((evidence.label.as_str(), evidence.media_type.as_str()), ("Diploma", "application/pdf"));
    assert_eq!(evidence.digest, digest::sha256(PDF));
    for who in [&vera, &rooty, &bo] {
        assert!(is_hidden(credentials::open_evidence(ctx, who, evidence.id).await), "she has not taken it");
    }
    credentials::claim(ctx, &vera, id).await.unwrap();
    for who in [&ada, &vera] {
        assert_eq!(credentials::open_evidence(ctx, who, evidence.id).await.unwrap().1, PDF);
    }
    assert!(is_hidden(credentials::open_evidence(ctx, &rooty, evidence.id).await), "an admin is nobody special here");
    let looks = log(ctx, "see_evidence").await;
    assert_eq!(looks.iter().map(|e| e.actor.as_str()).collect::<Vec<_>>(), ["ada@alpha.test", "vera@alpha.test"]);
    assert!(refused(credentials::remove_evidence(ctx, &ada, evidence.id).await).contains("The desk has it"));
    assert!(!lies_open(&everything(alpha).await, "Diploma of Samira Kader"));

    look_through(ctx, &vera, id).await;
    say_yes(ctx, &vera, id).await.unwrap();
    assert!(is_hidden(credentials::open_evidence(ctx, &vera, evidence.id).await), "her work with it is done");
    cluster.pass(TimeDelta::days(29));
    cluster.settle().await;
    assert_eq!(credentials::open_evidence(ctx, &ada, evidence.id).await.unwrap().1, PDF);
    cluster.pass(TimeDelta::days(2));
    cluster.settle().await;
    assert!(is_hidden(credentials::open_evidence(ctx, &ada, evidence.id).await));
    let left = credentials::read(ctx, &ada, id).await.unwrap();
    assert!(left.evidence[0].deleted_at.is_some() && left.evidence[0].digest == digest::sha256(PDF));
    assert_eq!(left.credential.seen, "Entry and passport seen", "and what was seen stays");
    assert_eq!(ask(alpha, "SELECT label AS words FROM evidence WHERE sealed IS NOT NULL").await, [""; 0]);
    assert_eq!(log(ctx, "delete_evidence").await[0].actor, audit::HOUSE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_nobody_touches_loses_its_documents() {
    let cluster = house("evidence_days = 30\n").await;
    let ctx = &cluster.get("alpha.test").ctx;
    let ada = cluster.get("alpha.test").account("ada", Role::Clinician).await;
    let mut drafts = Vec::new();
    for _ in 0..3 {
        let id = credentials::save(ctx, &ada, None, registration(NUMBER), false).await.unwrap();
        let bytes = Bytes::from_static(b"%PDF-1.7\n%%EOF\n");
        credentials::add_evidence(ctx, &ada, id, "Diploma", bytes).await.unwrap();
        drafts.push(id);
    }
    let gone = async |id| {
        let evidence = credentials::read(ctx, &ada, id).await.unwrap().evidence;
        evidence.iter().filter(|one| one.deleted_at.is_some()).count()
    };
    let (left, written, sent) = (drafts[0], drafts[1], drafts[2]);
    cluster.pass(TimeDelta::days(20));
    credentials::save(ctx, &ada, Some(written), registration("7012346"), false).await.unwrap();
    credentials::save(ctx, &ada, Some(sent), registration(NUMBER), true).await.unwrap();
    for (days, of_drafts) in [(0, (0, 0)), (11, (1, 0)), (20, (1, 1))] {
        cluster.pass(TimeDelta::days(days));
        cluster.settle().await;
        assert_eq!((gone(left).await, gone(written).await), of_drafts, "after {days} more days");
    }
    assert_eq!(gone(sent).await, 0, "the desk has not looked at it yet");
    assert!(log(ctx, "delete_evidence").await.iter().all(|entry| entry.actor == audit::HOUSE));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_refuses_moves_that_no_credential_may_make() {
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let mut conn = alpha.ctx.pool.get().await.unwrap();
    for from in CredentialState::ALL {
        for to in CredentialState::ALL.iter().filter(|to| *to != from) {
            // One transaction: what is refused leaves nothing.
            let moved = conn
                .batch_execute(&format!(
                    "INSERT INTO credentials (account_id, kind, state, body, jurisdiction, discipline, family_name, given_names) \
                       SELECT id, 'degree', '{from}', 'A school', 'GB', 'medicine', 'Kader', 'Samira' FROM accounts \
                       WHERE username = 'ada'; \
                     UPDATE credentials SET state = '{to}' WHERE state = '{from}'; DELETE FROM credentials"
                ))
                .await;
            match moved {
                Ok(()) => assert!(from.may_become(*to), "{from} became {to}"),
                Err(error) => {
                    assert!(!from.may_become(*to), "{from} could not become {to}: {error}");
                    assert!(error.to_string().contains(&format!("that is {from} cannot become {to}")), "{error}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_a_number_nor_a_document_lies_open_anywhere() {
    const PIN: &str = "98B7654Q";
    const MARKER: &str = "Zeugnis-der-Samira-K";
    let cluster = house("").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let (ada, vera) = (alpha.account("ada", Role::Clinician).await, alpha.account("vera", Role::Verifier).await);
    let form = || CredentialForm {
        register: "gb-nmc".into(),
        discipline: "nursing".into(),
        specialties: Vec::new(),
        role: format!("Ward sister, PIN {PIN}"),
        ..registration("98b 7654q")
    };
    let bytes = || Bytes::from(format!("%PDF-1.7\n{MARKER} {PIN}\n%%EOF\n"));
    let early = CredentialForm { number: String::new(), role: String::new(), ..form() };
    let rejected = credentials::save(ctx, &ada, None, early, false).await.unwrap();
    credentials::add_evidence(ctx, &ada, rejected, &format!("Card of {PIN}"), bytes()).await.unwrap();
    assert_eq!(credentials::read(ctx, &ada, rejected).await.unwrap().evidence[0].label, format!("Card of {PIN}"));
    credentials::save(ctx, &ada, Some(rejected), form(), true).await.unwrap();
    for label in [PIN, "９８Ｂ７６５４Ｑ", "9 8 b-7.6 5 4 q"] {
        credentials::add_evidence(ctx, &ada, rejected, &format!("Card of {label}"), bytes()).await.unwrap();
    }
    for evidence in credentials::read(ctx, &ada, rejected).await.unwrap().evidence {
        assert_eq!(evidence.label, "Card of ••• ••4Q", "also where the label came before the number");
    }
    credentials::claim(ctx, &vera, rejected).await.unwrap();
    credentials::see_number(ctx, &vera, rejected).await.unwrap();
    let mark = credentials::open(ctx, &vera, rejected).await.unwrap().mark;
    credentials::tick(ctx, &vera, rejected, Vec::new(), &format!("Card {PIN} seen"), &mark).await.unwrap();
    credentials::ask(ctx, &vera, rejected, &format!("Is {PIN} yours?")).await.unwrap();
    credentials::answer(ctx, &ada, rejected, &format!("{PIN} is mine.")).await.unwrap();
    credentials::reject(ctx, &vera, rejected, &format!("{PIN} is another's.")).await.unwrap();
    let attested = submit(ctx, &ada, form()).await;
    credentials::send_code(ctx, &ada, attested, "ada@alpha.test").await.unwrap();
    attest(ctx, &vera, attested).await;
    credentials::suspend(ctx, &vera, attested, &format!("{PIN} was asked about.")).await.unwrap();
    credentials::reinstate(ctx, &vera, attested, &format!("{PIN} is fine.")).await.unwrap();
    credentials::renew(ctx, &ada, attested).await.unwrap();
    cluster.settle().await;

    let events = credentials::read(ctx, &ada, rejected).await.unwrap().events;
    assert!(events.iter().any(|event| event.words == format!("{PIN} is mine.")), "its holder reads it");
    let seen = credentials::open(ctx, &vera, rejected).await.unwrap().events;
    assert!(seen.iter().any(|event| event.words == "Is ••• ••4Q yours?"), "{seen:?}");
    assert!(!seen.iter().any(|event| event.words.contains(PIN)), "each look at a number is recorded, and this is none");
    assert_eq!(log(ctx, "reject_credential").await[0].reason, "••• ••4Q is another's.");
    let all = everything(alpha).await;
    assert!(all.contains("ada@alpha.test") && all.contains("Your credential is attested"), "this is everything");
    for secret in [PIN, "98b 7654q", "98B 7654Q", "９８Ｂ７６５４Ｑ", "9 8 b-7.6 5 4 q", MARKER] {
        assert!(!lies_open(&all, secret), "{secret}");
    }
}

const HEAD: &str = "email,family_name,given_names,role,discipline,country,start,end,staff_number\n";

fn list(lines: &[&str]) -> String {
    format!("{HEAD}{}\n", lines.join("\n"))
}

fn report(attested: u64, unchanged: u64, ended: u64) -> StaffReport {
    StaffReport { attested, unchanged, ended, unknown: Vec::new() }
}

/// A hospital with Ada Kader, Bo Lind and two admins.
async fn staffed() -> (Cluster, [Viewer; 4]) {
    let cluster = house("revoke_by_two = false\n").await;
    let alpha = cluster.get("alpha.test");
    let (ada, bo) = (alpha.account("ada", Role::Clinician).await, alpha.account("bo", Role::Clinician).await);
    let (rooty, vera) = (alpha.account("rooty", Role::Admin).await, alpha.account("vera", Role::Verifier).await);
    rename(&alpha.ctx, &ada, "Dr Ada Kader").await;
    rename(&alpha.ctx, &bo, "Bo Lind").await;
    (cluster, [ada, bo, rooty, vera])
}

const ADA: &str = "Ada@alpha.test,Kader,Ada Samira,Registrar,medicine,GB,2020-02-01,,HR-77Q41";
const BO: &str = "bo@alpha.test,Lind,Bo,,Nurse,GB,,,";

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_in_the_staff_list_is_employed_here_until_they_leave() {
    let (cluster, [ada, bo, rooty, vera]) = staffed().await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let import = async |lines: &[&str], whole| {
        credentials::import_staff(ctx, &rooty, list(lines).as_bytes(), whole).await.unwrap()
    };
    assert!(is_hidden(credentials::import_staff(ctx, &vera, list(&[ADA]).as_bytes(), true).await));
    let wrong = refused(credentials::import_staff(ctx, &rooty, b"email,discipline\nx,y\n", true).await);
    assert!(wrong.contains("no column family_name, given_names, country"), "{wrong}");

    let stranger = "kim@alpha.test,Kim,Jo,,medicine,GB,,,";
    let first = import(&[ADA, BO, stranger], false).await;
    let unknown = vec!["Line 4: nobody here has confirmed the address kim@alpha.test.".to_owned()];
    assert_eq!(first, StaffReport { unknown, ..report(2, 0, 0) });
    let mine = credentials::mine(ctx, &ada).await.unwrap();
    let one = &mine[0].credential;
    assert!(!mine[0].renewable && mine[0].missing.is_empty());
    assert_eq!((one.kind, one.source), (CredentialKind::Employment, CredentialSource::Staff));
    assert_eq!((one.state, one.level, one.role.as_str()), (CredentialState::Attested, 4, "Registrar"));
    assert_eq!((one.body.as_str(), one.issued_on), ("Hospital alpha.test", NaiveDate::from_ymd_opt(2020, 2, 1)));
    assert!(badge(ctx, &ada).await.is_some() && badge(ctx, &bo).await.is_some());
    let said = credentials::read(ctx, &ada, one.id).await.unwrap();
    assert!(said.number == "••• ••41" && said.statement.is_some());
    cluster.settle().await;
    assert!(alpha.mails().iter().any(|m| m.contains("To: bo@alpha.test") && m.contains("Your employment is attested")));
    assert!(!lies_open(&everything(alpha).await, "HR-77Q41"));

    assert_eq!(import(&[ADA, BO], true).await, report(0, 2, 0));
    let promoted = ADA.replace("Registrar", "Consultant");
    assert_eq!(import(&[promoted.as_str(), BO], true).await, report(1, 1, 0));
    let now = credentials::mine(ctx, &ada).await.unwrap();
    let stand: Vec<_> = now.iter().map(|one| (one.credential.state, one.credential.role.as_str())).collect();
    assert_eq!(stand, [(CredentialState::Attested, "Consultant"), (CredentialState::Withdrawn, "Registrar")]);
    let live = "SELECT name AS words FROM attestations WHERE ended_at IS NULL ORDER BY name";
    assert_eq!(ask(alpha, live).await, ["Bo Lind", "Dr Ada Kader"]);

    assert_eq!(import(&[promoted.as_str()], false).await, report(0, 1, 0), "joiners alone end nobody's employment");
    assert_eq!(import(&[promoted.as_str()], true).await, report(0, 1, 1));
    assert!(badge(ctx, &bo).await.is_none() && badge(ctx, &ada).await.is_some());
    let left = promoted.replace(",,HR", ",2021-01-31,HR");
    assert_eq!(import(&[left.as_str()], false).await, report(0, 0, 1));
    assert!(badge(ctx, &ada).await.is_none());
    assert_eq!(import(&[left.as_str()], false).await, report(0, 0, 0), "what is over is no news");
    assert_eq!(import(&[BO], false).await, report(1, 0, 0), "who comes back is attested again");
    assert_eq!(log(ctx, "import_staff").await.len(), 8);
    assert_eq!(log(ctx, "attest_credential").await.len(), 4);
    assert_eq!(log(ctx, "withdraw_credential").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_staff_list_overrules_neither_the_desk_nor_the_person_and_names_nobody_anew() {
    let (cluster, [ada, bo, rooty, vera]) = staffed().await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let import =
        async |lines: &[&str]| credentials::import_staff(ctx, &rooty, list(lines).as_bytes(), false).await.unwrap();
    let told = |report: StaffReport, words: &str| {
        assert!((report.attested, report.ended, report.unknown.len()) == (0, 0, 1), "{report:?}");
        assert!(report.unknown[0].contains(words), "{report:?}");
    };
    // Another name than the one that is shown.
    rename(ctx, &bo, "Prof. House").await;
    told(import(&[BO]).await, "It waits at the desk.");
    assert!(badge(ctx, &bo).await.is_none());
    let waiting = credentials::mine(ctx, &bo).await.unwrap().remove(0).credential;
    assert_eq!((waiting.state, waiting.level), (CredentialState::Submitted, 3));
    assert!(flags(ctx, &vera, waiting.id).await.contains(&Flag::NameChanged));
    assert_eq!(import(&[BO]).await, report(0, 1, 0), "it waits there once");
    assert_eq!(attest(ctx, &vera, waiting.id).await, Decision::Attested);
    assert_eq!(import(&[BO]).await, report(0, 1, 0));

    // What the desk revoked.
    credentials::revoke(ctx, &vera, waiting.id, "He never worked here.").await.unwrap();
    told(import(&[BO]).await, "did not stand by just this");
    let otherwise = BO.replace("Bo,,", "Bo,Matron,");
    rename(ctx, &bo, "Bo Lind").await;
    told(import(&[otherwise.as_str()]).await, "It waits at the desk.");
    told(import(&[otherwise.replace("Matron", "Sister").as_str()]).await, "It waits at the desk.");
    assert!(badge(ctx, &bo).await.is_none());

    // What she took back herself, and what is to come.
    assert_eq!(import(&[ADA]).await, report(1, 0, 0));
    let hers = credentials::mine(ctx, &ada).await.unwrap().remove(0).credential;
    assert!(refused(credentials::renew(ctx, &ada, hers.id).await).contains("staff list"));
    credentials::withdraw(ctx, &ada, hers.id, "I do not want it shown").await.unwrap();
    told(import(&[ADA]).await, "took back themselves");
    told(import(&["rooty@alpha.test,rooty,R,,medicine,GB,,,"]).await, "this is you");
    told(import(&["vera@alpha.test,vera,V,,medicine,GB,2199-01-01,,"]).await, "has not come yet");
    rename(ctx, &vera, "V. Vera").await;
    let twice = import(&["vera@alpha.test,vera,V,,medicine,GB,,,", "vera@alpha.test,vera,V,Clerk,other,GB,,,"]).await;
    assert!(twice.attested == 1 && twice.unknown[0].starts_with("Line 3: the same person"), "{twice:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_desk_suspended_does_not_hold_again_because_a_list_was_wrong_for_a_day() {
    let (cluster, [ada, bo, rooty, vera]) = staffed().await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let import = async |lines: &[&str], whole| {
        credentials::import_staff(ctx, &rooty, list(lines).as_bytes(), whole).await.unwrap()
    };
    let waits = |report: &StaffReport| {
        (report.attested, report.unknown.len()) == (0, 1) && report.unknown[0].contains("It waits at the desk.")
    };
    assert_eq!(import(&[ADA, BO], true).await, report(2, 0, 0));
    let his = credentials::mine(ctx, &bo).await.unwrap().remove(0).credential;
    credentials::suspend(ctx, &vera, his.id, "Under inquiry.").await.unwrap();
    assert_eq!(import(&[ADA], true).await, report(0, 1, 1), "he was left out");
    let back = import(&[ADA, BO], true).await;
    assert!(waits(&back), "{back:?}");
    assert!(badge(ctx, &bo).await.is_none());

    // Nor does a list settle whose name it is now.
    rename(ctx, &ada, "Prof. Kader-Roe").await;
    assert_eq!(import(&[ADA], false).await, report(0, 1, 0), "the desk looks at it already");
    let promoted = import(&[ADA.replace("Registrar", "Consultant").as_str()], false).await;
    assert!(waits(&promoted), "{promoted:?}");
    assert!(badge(ctx, &ada).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_with_a_list_attests_nobody_where_two_decide() {
    let cluster = house("two_persons = [\"*\"]\n").await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let bo = alpha.account("bo", Role::Clinician).await;
    let (rooty, vera) = (alpha.account("rooty", Role::Admin).await, alpha.account("vera", Role::Verifier).await);
    rename(ctx, &bo, "Bo Lind").await;
    let import = async || credentials::import_staff(ctx, &rooty, list(&[BO]).as_bytes(), true).await.unwrap();
    let first = import().await;
    assert_eq!((first.attested, first.unknown.len()), (0, 1), "{first:?}");
    assert!(first.unknown[0].contains("Two persons decide about this. It waits at the desk."), "{first:?}");
    assert!(badge(ctx, &bo).await.is_none());
    let id = credentials::mine(ctx, &bo).await.unwrap().remove(0).credential.id;
    assert_eq!(attest(ctx, &vera, id).await, Decision::SecondNeeded);
    assert_eq!(import().await, report(0, 1, 0), "it waits there once");
    assert_eq!(attest(ctx, &rooty, id).await, Decision::Attested);
    assert!(badge(ctx, &bo).await.is_some());
    cluster.pass(TimeDelta::days(200));
    assert_eq!(import().await, report(0, 1, 0));
    assert!(badge(ctx, &bo).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_list_renews_by_itself_what_it_says_again() {
    let (cluster, [ada, _, rooty, _]) = staffed().await;
    let ctx = &cluster.get("alpha.test").ctx;
    let import = async || credentials::import_staff(ctx, &rooty, list(&[ADA]).as_bytes(), true).await.unwrap();
    assert_eq!(import().await, report(1, 0, 0));
    for days in [100, 100, 100, 100] {
        cluster.pass(TimeDelta::days(days));
        import().await;
        cluster.settle().await;
        assert!(badge(ctx, &ada).await.is_some());
    }
    let mails = cluster.get("alpha.test").mails();
    assert_eq!(mails.iter().filter(|m| m.contains("Your employment is attested")).count(), 1, "which is no news");
    // The day of the next check, and the days in which somebody might have looked.
    for days in [366, 15] {
        cluster.pass(TimeDelta::days(days));
        cluster.settle().await;
    }
    assert!(badge(ctx, &ada).await.is_none(), "a list that does not come any more holds nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_staff_list_says_is_answered_for_and_not_rewritten() {
    let (cluster, [_, bo, rooty, vera]) = staffed().await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    rename(ctx, &bo, "Prof. House").await;
    credentials::import_staff(ctx, &rooty, list(&[BO]).as_bytes(), false).await.unwrap();
    let id = credentials::mine(ctx, &bo).await.unwrap().remove(0).credential.id;
    credentials::claim(ctx, &vera, id).await.unwrap();
    credentials::ask(ctx, &vera, id, "Who are you?").await.unwrap();
    let mut browser = alpha.signed_in("bo").await;
    let (path, edit, renew) =
        (format!("/credentials/{id}"), format!("/credentials/{id}/edit"), format!("/credentials/{id}/renew"));
    let page = browser.get(&path).await;
    assert!(page.says("Your answer") && !page.says(&edit) && !page.says(&renew), "{}", page.html);
    assert_eq!(browser.get(&edit).await.status, 409);
    assert!(refused(credentials::form_of(ctx, &bo, id).await).contains("The staff list says this"));
    assert!(refused(credentials::save(ctx, &bo, Some(id), registration(NUMBER), true).await).contains("staff list"));
    let answered = browser.send(&format!("{path}/answer"), &[("words", "House is my name at work.")]).await;
    assert!(answered.status.is_redirection(), "{}", answered.html);
    look_through(ctx, &vera, id).await;
    say_yes(ctx, &vera, id).await.unwrap();
    let page = browser.get(&path).await;
    assert!(page.says(">Verified<") && !page.says(&edit) && !page.says(&renew), "{}", page.html);
    assert!(!browser.get("/credentials").await.says(&renew));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_takes_in_the_staff_list_and_lists_credentials() {
    let url = postgres::database().await;
    let op = Operator::with("staff", &format!("[database]\nurl = \"{}\"\n", url.expose()));
    let create = ["accounts", "create", "--username", "aoife", "--email", "a@mail.test", "--password-stdin"];
    op.says(&[&create[..], &["--display-name", "Dr Aoife Merrow"]].concat(), "three plain words\n");
    let path = format!("/tmp/consilium-test-{}/files/cli-staff/staff.csv", std::process::id());
    std::fs::write(&path, list(&["a@mail.test,Merrow,Aoife,Consultant,medicine,IE,,,HR-77Q41", ADA])).unwrap();
    let done = op.json(&["staff", "import", "--file", &path, "--whole", "--json"], "");
    assert_eq!((&done["attested"], &done["ended"]), (&1.into(), &0.into()), "{done}");
    assert!(done["unknown"][0].as_str().unwrap().starts_with("Line 3: nobody here"), "{done}");
    let words = op.says(&["staff", "import", "--file", &path], "");
    assert!(words.starts_with("0 attested, 1 as before, 0 ended\nLine 3: nobody here"), "{words}");
    let listed = op.json(&["credentials", "list", "--json"], "");
    for (field, value) in [("handle", "aoife"), ("kind", "employment"), ("state", "attested"), ("source", "staff")] {
        assert_eq!(listed[field], value, "{listed}");
    }
    assert!(listed["level"] == 4 && !listed.to_string().contains("HR-77"), "{listed}");
    assert!(op.says(&["credentials", "list"], "").contains("aoife"));
    std::fs::write(&path, list(&["a@mail.test,Merrow,Aoife,Consultant,magic,IE,,,"])).unwrap();
    let wrong = op.run(&["staff", "import", "--file", &path], "");
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("Line 2: the discipline"));
}
