//! The verification desk and the clinician's side of it, through the pages.

use chrono::TimeDelta;
use consilium::{model::Role, service::audit};

use crate::harness::{Browser, Cluster, Instance, Options, Page, cluster::PASSWORD};

/// A number of the American register that is nobody's.
const NPI: &str = "1234567893";
/// What a verifier notes.
const SEEN: &str = "Entry looked up, badge seen";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n";

/// A registration as it is typed.
fn registration(number: &str) -> Vec<(&'static str, String)> {
    [
        ("kind", "registration"),
        ("register", "us-nppes"),
        ("number", number),
        ("discipline", "medicine"),
        ("specialties", "207RC0000X"),
        ("family_name", "Kader"),
        ("given_names", "Samira"),
        ("role", "Consultant"),
        ("expires_on", "2037-08-31"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

async fn fill(browser: &mut Browser, fields: &[(&'static str, String)]) -> Page {
    browser.get("/credentials/new").await;
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.send("/credentials", &fields).await
}

/// Brings a registration to the desk; its id.
pub async fn bring(browser: &mut Browser, number: &str) -> String {
    let sent = fill(browser, &registration(number)).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    id_of(&sent)
}

/// The id in the address that an answer leads to.
fn id_of(page: &Page) -> String {
    let rest = page.location.strip_prefix("/credentials/").unwrap_or_else(|| panic!("to {}", page.location));
    rest.split(['?', '/']).next().unwrap().to_owned()
}

/// Presses a button of the review page.
pub async fn press(browser: &mut Browser, id: &str, act: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(&format!("/desk/{id}")).await;
    assert_eq!(page.status, 200, "{}", page.html);
    browser.submit_from(&page, &format!("/desk/{id}/{act}"), fields).await
}

/// Everything on the list of this page, ticked, and what was seen.
pub fn checked(page: &Page) -> Vec<(&str, &str)> {
    let keys = page.html.split("name=\"keys\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let mut fields: Vec<(&str, &str)> = keys.map(|key| ("keys", key)).collect();
    fields.push(("seen", SEEN));
    fields
}

/// Ticks everything, and says yes.
async fn attest(browser: &mut Browser, id: &str) -> Page {
    let page = browser.get(&format!("/desk/{id}")).await;
    browser.submit_from(&page, &format!("/desk/{id}/attest"), &checked(&page)).await
}

/// Takes it, ticks everything, and says yes.
pub async fn take_and_attest(browser: &mut Browser, id: &str) -> Page {
    press(browser, id, "claim", &[]).await;
    attest(browser, id).await
}

/// Asks for a page of its own why, and does it.
async fn because(browser: &mut Browser, id: &str, act: &str) -> Page {
    let page = format!("/desk/{id}/{act}");
    browser.submit(&page, &page, &[("opening", ""), ("reason", "The register has a question.")]).await
}

async fn rename(browser: &mut Browser, name: &str) {
    browser.get("/settings/profile").await;
    let renamed = browser.send("/settings/profile", &[("name", name)]).await;
    assert!(renamed.status.is_redirection(), "{}", renamed.html);
}

async fn is_verified(viewer: &mut Browser) -> bool {
    viewer.get("/@ada").await.says("Verified by Hospital alpha.test")
}

async fn verifier(alpha: &Instance, name: &str) -> Browser {
    alpha.person(name, Role::Verifier).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_is_named_at_its_field_and_nothing_is_typed_twice() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    assert!(ada.get("/credentials").await.says("Nothing is verified yet"));
    let form = ada.get("/credentials/new").await;
    assert!(form.says("id=\"family_name\" name=\"family_name\" type=\"text\" value=\"ada\""), "{}", form.html);
    assert!(form.says("General Medical Council (United Kingdom)"));
    let wrong = fill(&mut ada, &registration("1234567890")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.says("<title>Error: Add a credential"));
    let at = wrong.html.split("id=\"number-fault\"").nth(1).unwrap();
    assert!(at.split("</p>").next().unwrap().contains("the last digit does not fit: please check 1234567890"));
    for kept in [
        "value=\"1234567890\"",
        "value=\"Samira\"",
        "value=\"Consultant\"",
        "value=\"2037-08-31\"",
        "value=\"us-nppes\" selected",
        "value=\"207RC0000X\" checked",
    ] {
        assert!(wrong.says(kept), "{kept}");
    }
    assert!(ada.get("/credentials").await.says("Nothing is verified yet"), "what is wrong is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_goes_to_the_desk_is_asked_about_and_attested() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut vera) = (alpha.clinician("ada").await, verifier(alpha, "vera").await);
    assert!(vera.get("/desk").await.says("All reviewed"));
    let id = bring(&mut ada, NPI).await;
    let standing = ada.get(&format!("/credentials/{id}")).await;
    assert!(standing.says("It waits for a colleague at the desk.") && standing.says("Consultant"));
    assert!(!standing.says(NPI) && standing.says("••"), "the number is masked, also for its holder");

    let queue = vera.get("/desk").await;
    assert!(queue.says("Dr ada") && queue.says("Registration, United States") && queue.says("Take it"));
    assert!(queue.says("No copy of the register"), "{}", queue.html);
    assert!(vera.home().await.says("<span class=\"count\">1<span class=\"hide\"> waiting</span>"));
    assert!(!vera.get("/desk?register=gb-gmc").await.says("Dr ada"));
    assert!(vera.get("/desk?register=us-nppes&discipline=medicine&only=free").await.says("Dr ada"));

    let review = vera.get(&format!("/desk/{id}")).await;
    assert!(review.says("1 of 1 waiting") && review.says("Kader") && !review.says(NPI));
    assert!(!review.says("/number\"") && !review.says(">Attest"), "nothing opens before it is taken");
    assert!(press(&mut vera, &id, "claim", &[]).await.status.is_redirection());
    assert!(vera.get("/desk?only=mine").await.says("yours"));
    let shown = press(&mut vera, &id, "number", &[]).await;
    assert!(shown.status.is_success() && shown.says(NPI));
    assert!(!vera.get(&format!("/desk/{id}")).await.says(NPI), "shown once, each time it is asked for");

    let half = press(&mut vera, &id, "tick", &[("checks", "1"), ("keys", "number"), ("seen", "")]).await;
    assert!(half.status.is_redirection(), "{}", half.html);
    assert!(vera.get(&format!("/desk/{id}")).await.says("3 left before it can be attested"));
    let early = press(&mut vera, &id, "attest", &[("checks", "1"), ("keys", "number"), ("seen", "Entry seen")]).await;
    assert_eq!(early.status, 422);
    assert!(early.says("3 checks left") && early.says("Entry seen"), "{}", early.html);

    assert!(vera.get(&format!("/desk/{id}/ask")).await.says("Your question"));
    let question = [("opening", ""), ("words", "Where did you train?")];
    assert!(vera.send(&format!("/desk/{id}/ask"), &question).await.status.is_redirection());
    let asked = ada.get(&format!("/credentials/{id}")).await;
    assert!(asked.says("Question asked") && asked.says("Where did you train?") && !asked.says("Dr vera"));
    let answer = ada.send(&format!("/credentials/{id}/answer"), &[("words", "In Lund.")]).await;
    assert!(answer.status.is_redirection(), "{}", answer.html);
    assert!(vera.get(&format!("/desk/{id}")).await.says("In Lund."));

    let done = attest(&mut vera, &id).await;
    assert!(done.location.ends_with("done=attested"), "{} {}", done.location, done.html);
    cluster.settle().await;
    let verified = ada.get(&format!("/credentials/{id}")).await;
    assert!(verified.says(">Verified<") && verified.says("until 31 August 2037") && verified.says("/verify/"));
    assert!(vera.get("/desk").await.says("All reviewed"));
    assert!(vera.get("/desk?only=attested").await.says("Dr ada"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_rejected_reads_why() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut vera) = (alpha.clinician("ada").await, verifier(alpha, "vera").await);
    let id = bring(&mut ada, NPI).await;
    press(&mut vera, &id, "claim", &[]).await;
    let page = vera.get(&format!("/desk/{id}/reject")).await;
    assert!(page.says("Reject this credential?") && page.says("value=\"lapsed\""));
    let silent = vera.send(&format!("/desk/{id}/reject"), &[("opening", ""), ("reason", " ")]).await;
    assert_eq!(silent.status, 422, "nobody is rejected without a word");
    let words = [("opening", "lapsed"), ("reason", "It ended in May.")];
    assert!(vera.send(&format!("/desk/{id}/reject"), &words).await.status.is_redirection());
    let told = ada.get(&format!("/credentials/{id}")).await;
    assert!(told.says("the registration is not current. It ended in May."), "{}", told.html);
    assert!(told.says("Not verified") && ada.get("/credentials").await.says("No longer in use"));
    assert_eq!(vera.get(&format!("/desk/{id}/reject")).await.status, 403, "it is decided");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_there_for_verifiers_and_admins_alone() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let id = bring(&mut ada, NPI).await;
    for role in [Role::Public, Role::Clinician, Role::Moderator] {
        let mut person = alpha.person(&format!("p_{role}"), role).await;
        for path in ["/desk".to_owned(), format!("/desk/{id}"), format!("/desk/{id}/ask"), format!("/credentials/{id}")]
        {
            assert_eq!(person.get(&path).await.status, 404, "{role} {path}");
        }
        assert!(!person.home().await.says("/desk"), "{role}");
        assert_eq!(person.send(&format!("/desk/{id}/claim"), &[]).await.status, 404, "{role}");
    }
    assert_eq!(ada.get(&format!("/desk/{id}")).await.status, 404, "not even one's own");
    assert!(alpha.browser().get("/desk").await.location.starts_with("/sign-in"));
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    assert!(rooty.get("/desk").await.says("Dr ada"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_verifies_oneself() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut vera, mut vic) = (verifier(alpha, "vera").await, verifier(alpha, "vic").await);
    let id = bring(&mut vera, NPI).await;
    assert!(!vera.get("/desk").await.says(&format!("/desk/{id}")));
    assert_eq!(vera.get(&format!("/desk/{id}")).await.status, 403);
    let typed = [("reason", "It is mine."), ("words", "Is it mine?"), ("day", "2027-08-31"), ("seen", "")];
    for act in ["claim", "tick", "attest", "number", "reject", "suspend", "reinstate", "revoke", "ask"] {
        let refused = vera.send(&format!("/desk/{id}/{act}"), &typed).await;
        assert_eq!(refused.status, 403, "{act}: {}", refused.html);
    }
    assert!(vic.get("/desk").await.says("Dr vera"));
    assert!(press(&mut vic, &id, "claim", &[]).await.status.is_redirection());
    assert!(press(&mut vic, &id, "release", &[]).await.location.starts_with("/desk?"));
    assert!(vera.get(&format!("/credentials/{id}")).await.says("It waits for a colleague"));
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_handed_out_as_files_to_two_people_alone() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    let mut vera = verifier(alpha, "vera").await;
    let id = bring(&mut ada, NPI).await;
    let (page, add) = (format!("/credentials/{id}"), format!("/credentials/{id}/evidence"));
    ada.get(&page).await;
    let script = ada.send_files(&add, &[("file", b"<html><script>")], &[("label", "A script")]).await;
    assert_eq!(script.status, 422);
    assert!(script.says("id=\"file-fault\"") && script.says("value=\"A script\""), "{}", script.html);
    assert_eq!(ada.send_files(&add, &[], &[("label", "Nothing")]).await.status, 422);
    let sent = ada.send_files(&add, &[("file", PDF)], &[("label", "Certificate of registration")]).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    let list = ada.get(&page).await;
    assert!(list.says("Certificate of registration") && list.says("PDF, 1 kB"));
    let path = list.html.split("href=\"/credentials/evidence/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/credentials/evidence/{path}");

    assert_eq!(vera.get(&path).await.status, 404, "she has not taken it");
    press(&mut vera, &id, "claim", &[]).await;
    assert!(vera.get(&format!("/desk/{id}")).await.says(&format!("{path}?desk={id}")));
    for reader in [&mut ada, &mut vera] {
        let file = reader.get(&path).await;
        assert_eq!((file.status.as_u16(), file.html.as_bytes()), (200, PDF));
        let header = |name: &str| file.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/pdf");
        assert!(header("content-disposition").starts_with("attachment; filename=\"evidence-"));
        assert!(header("content-disposition").ends_with(".pdf\""));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(header("cache-control"), "no-store");
    }
    assert_eq!(bo.get(&path).await.status, 404);
    assert!(alpha.browser().get(&path).await.location.starts_with("/sign-in"));
    cluster.pass(TimeDelta::minutes(16));
    assert!(vera.get(&path).await.location.starts_with("/admin/prove"), "she has to be there in person");
    assert_eq!(ada.get(&path).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_asks_for_the_password_again_and_leads_back() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut vera) = (alpha.clinician("ada").await, verifier(alpha, "vera").await);
    let id = bring(&mut ada, NPI).await;
    cluster.pass(TimeDelta::minutes(16));
    let away = vera.get(&format!("/desk/{id}")).await;
    assert!(away.location.starts_with("/admin/prove"), "{}", away.location);
    let asked = vera.get(&away.location).await;
    assert!(asked.says("Go on to the desk"), "{}", asked.html);
    let next = format!("/desk/{id}");
    let wrong = vera.send("/admin/prove", &[("current_password", "not hers"), ("next", &next)]).await;
    assert_eq!(wrong.status, 422);
    let proved = vera.send("/admin/prove", &[("current_password", PASSWORD), ("next", &next)]).await;
    assert_eq!(proved.location, next);
    assert_eq!(vera.get(&next).await.status, 200);
    assert_eq!(vera.get("/admin").await.status, 404, "the admin pages stay closed");
    let elsewhere = vera.send("/admin/prove", &[("current_password", PASSWORD), ("next", "/settings/account")]).await;
    assert_eq!(elsewhere.location, "/desk");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_ones_own_until_it_is_sent_and_can_be_withdrawn() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut vera) = (alpha.clinician("ada").await, verifier(alpha, "vera").await);
    let kept = fill(&mut ada, &[("kind", "registration".into()), ("act", "draft".into())]).await;
    assert!(kept.location.ends_with("?done=draft"), "{} {}", kept.location, kept.html);
    let id = id_of(&kept);
    assert!(ada.get("/credentials").await.says("What still helps"));
    assert_eq!(vera.get(&format!("/desk/{id}")).await.status, 404);
    let edit = ada.get(&format!("/credentials/{id}/edit")).await;
    assert!(edit.says(&format!("action=\"/credentials/{id}\"")), "{}", edit.html);
    let fields = registration(NPI);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let sent = ada.send(&format!("/credentials/{id}"), &fields).await;
    assert!(sent.location.ends_with("?done=credential-sent"), "{} {}", sent.location, sent.html);
    assert_eq!(ada.send(&format!("/credentials/{id}"), &fields).await.status, 409, "the desk has it as it is");
    assert_eq!(vera.get(&format!("/desk/{id}")).await.status, 200);

    let page = ada.get(&format!("/credentials/{id}/withdraw")).await;
    assert!(page.says("Withdraw this credential?") && page.says("Keep it"));
    let gone = ada.send(&format!("/credentials/{id}/withdraw"), &[("words", "")]).await;
    assert!(gone.location.starts_with("/credentials?"), "{}", gone.html);
    assert!(ada.visit(&gone.location).await.says("Withdrawn"));
    assert!(!vera.get("/desk").await.says("Dr ada"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_is_to_what_was_shown_and_to_nothing_else() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut vera) = (alpha.clinician("ada").await, verifier(alpha, "vera").await);
    let id = bring(&mut ada, NPI).await;
    let (own, desk) = (format!("/credentials/{id}"), format!("/desk/{id}"));
    press(&mut vera, &id, "claim", &[]).await;

    let opened = vera.get(&desk).await;
    ada.get(&own).await;
    let added = ada.send_files(&format!("{own}/evidence"), &[("file", PDF)], &[("label", "Another card")]).await;
    assert!(added.status.is_redirection(), "{}", added.html);
    for act in ["tick", "attest"] {
        let refused = vera.submit_from(&opened, &format!("{desk}/{act}"), &checked(&opened)).await;
        assert_eq!(refused.status, 409, "{act}");
        assert!(refused.says("It has changed since you opened it: look again."), "{act}: {}", refused.html);
        assert!(refused.says(SEEN), "{act}: nothing is typed twice");
        assert!(refused.says("Another card") && !refused.says(" checked data-key"), "{act}: nothing is ticked unseen");
    }
    assert_eq!(vera.send(&format!("{desk}/attest"), &[("checks", "1")]).await.status, 409, "nor without a mark");

    let opened = vera.get(&desk).await;
    let ticked = vera.submit_from(&opened, &format!("{desk}/tick"), &checked(&opened)).await;
    assert!(ticked.status.is_redirection(), "{}", ticked.html);
    rename(&mut ada, "Dr Somebody Else").await;
    let refused = vera.submit_from(&opened, &format!("{desk}/attest"), &checked(&opened)).await;
    assert_eq!(refused.status, 409, "she has seen another name");
    let again = vera.get(&desk).await;
    assert!(again.says("Name changed") && again.says("4 left before it can be attested"), "{}", again.html);
    assert!(again.says(&format!("Noted before, and cleared: “{SEEN}”")), "{}", again.html);
    let told = ada.get(&own).await;
    assert!(told.says("The name on the profile changed.") && !told.says(SEEN), "{}", told.html);
    let done = attest(&mut vera, &id).await;
    assert!(done.location.ends_with("done=attested"), "{} {}", done.location, done.html);
    assert!(is_verified(&mut vera).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_is_no_way_around_the_second_person_nor_around_a_re_check() {
    let config = "[verification]\ntwo_persons = [\"us-nppes\"]\n".to_owned();
    let cluster = Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let (mut vera, mut vic) = (verifier(alpha, "vera").await, verifier(alpha, "vic").await);
    let id = bring(&mut ada, NPI).await;
    assert!(take_and_attest(&mut vera, &id).await.location.ends_with("done=second"));
    assert!(take_and_attest(&mut vic, &id).await.location.ends_with("done=attested"));
    assert!(because(&mut vera, &id, "suspend").await.location.ends_with("done=suspended"));
    assert!(!is_verified(&mut vera).await);
    assert!(!vera.get(&format!("/desk/{id}")).await.says("End the suspension"));
    let alone = vera.send(&format!("/desk/{id}/reinstate"), &[("reason", "It is fine.")]).await;
    assert_eq!(alone.status, 403, "she has suspended it herself");
    assert!(because(&mut vic, &id, "reinstate").await.location.ends_with("done=reinstated"));
    assert!(is_verified(&mut vera).await, "nothing was left to look at");

    rename(&mut ada, "Dr Ada Kader").await;
    let begun = take_and_attest(&mut vic, &id).await;
    assert!(begun.location.ends_with("done=second"), "{}", begun.html);
    because(&mut vera, &id, "suspend").await;
    assert!(because(&mut vic, &id, "reinstate").await.location.ends_with("done=reinstated"));
    let resting = vera.get(&format!("/desk/{id}")).await;
    assert!(resting.says("The name on the profile changed.") && resting.says("is not verified before it is attested"));
    assert!(ada.get(&format!("/credentials/{id}")).await.says("looks at it before it is shown as verified again"));
    assert!(!is_verified(&mut vera).await);
    let bare = {
        press(&mut vera, &id, "claim", &[]).await;
        press(&mut vera, &id, "attest", &[("seen", "")]).await
    };
    assert_eq!(bare.status, 422, "what was ticked before is void: {}", bare.html);
    assert!(attest(&mut vera, &id).await.location.ends_with("done=second"), "and so is the first yes");
    assert!(!is_verified(&mut vera).await);
    assert!(take_and_attest(&mut vic, &id).await.location.ends_with("done=attested"));
    assert!(is_verified(&mut vera).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_told_of_another_name_an_earlier_no_and_a_mailbox_of_two() {
    let config = "[verification]\nmail_domains = [\"alpha.test\"]\n".to_owned();
    let cluster = Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    let mut vera = verifier(alpha, "vera").await;
    let first = bring(&mut ada, NPI).await;
    assert!(vera.get("/desk").await.says("Shown under another name"));
    press(&mut vera, &first, "claim", &[]).await;
    assert!(because(&mut vera, &first, "reject").await.location.ends_with("done=refused"));
    rename(&mut ada, "Prof. S. Kader").await;
    let again = bring(&mut ada, NPI).await;
    let queue = vera.get("/desk").await;
    assert!(queue.says("Decided against before") && !queue.says("Shown under another name"), "{}", queue.html);

    let other = bring(&mut bo, "1679567895").await;
    // Who withdraws what rests does not start with a clean sheet.
    take_and_attest(&mut vera, &other).await;
    because(&mut vera, &other, "suspend").await;
    let withdrawn = bo.send(&format!("/credentials/{other}/withdraw"), &[("words", "I start anew")]).await;
    assert!(withdrawn.status.is_redirection(), "{}", withdrawn.html);
    let other = bring(&mut bo, "1679567895").await;
    assert!(vera.get(&format!("/desk/{other}")).await.says("Decided against before"));
    for (person, id) in [(&mut ada, &again), (&mut bo, &other)] {
        let page = format!("/credentials/{id}");
        assert!(!vera.get(&format!("/desk/{id}")).await.says("Mailbox of two people"));
        let sent = person.submit(&page, &format!("{page}/code"), &[("email", "ward.7@alpha.test")]).await;
        assert!(sent.status.is_redirection(), "{}", sent.html);
        cluster.settle().await;
        let mail = alpha.mails().into_iter().rev().find(|mail| mail.contains("To: ward.7@alpha.test")).unwrap();
        let is_code = |line: &&str| line.len() == 6 && line.chars().all(|c| c.is_ascii_digit());
        let code = mail.lines().map(str::trim).find(is_code).unwrap();
        let entered = person.submit(&page, &format!("{page}/code/enter"), &[("code", code)]).await;
        assert!(entered.status.is_redirection(), "{}", entered.html);
    }
    for id in [&again, &other] {
        assert!(vera.get(&format!("/desk/{id}")).await.says("Mailbox of two people"), "{id}");
    }
    for (person, id) in [(&mut ada, &again), (&mut bo, &other)] {
        let own = person.get(&format!("/credentials/{id}")).await;
        assert!(own.status == 200 && !own.says("two people"), "neither of them is told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_taken_it_reads_no_more_than_it_takes_to_take_it() {
    let config = "[verification]\nmail_domains = [\"alpha.test\"]\n".to_owned();
    let cluster = Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut vera) = (alpha.clinician("ada").await, verifier(alpha, "vera").await);
    let id = bring(&mut ada, NPI).await;
    let (own, desk) = (format!("/credentials/{id}"), format!("/desk/{id}"));
    ada.get(&own).await;
    ada.send_files(&format!("{own}/evidence"), &[("file", PDF)], &[("label", "Letter of my union")]).await;
    ada.submit(&own, &format!("{own}/code"), &[("email", "s.kader@alpha.test")]).await;
    press(&mut vera, &id, "claim", &[]).await;
    let asking = format!("{desk}/ask");
    vera.submit(&asking, &asking, &[("opening", ""), ("words", "Where did you train?")]).await;
    ada.submit(&own, &format!("{own}/answer"), &[("words", "In Lund, before the war.")]).await;
    let private = ["Letter of my union", "s.kader@alpha.test", "In Lund, before the war."];
    let page = vera.get(&desk).await;
    for words in private {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    press(&mut vera, &id, "release", &[]).await;
    for words in private {
        assert!(!vera.get(&desk).await.says(words), "{words}");
    }
    let page = vera.get(&desk).await;
    assert!(page.says("Take it to read this.") && page.says("Where did you train?") && page.says("Kader"));
    take_and_attest(&mut vera, &id).await;
    let page = vera.get(&desk).await;
    assert!(page.says("Only the one who works on it reads this.") && !private.iter().any(|words| page.says(words)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_looked_at_is_written_down_each_time() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut vera) = (alpha.clinician("ada").await, verifier(alpha, "vera").await);
    let id = bring(&mut ada, NPI).await;
    press(&mut vera, &id, "claim", &[]).await;
    press(&mut vera, &id, "tick", &[("keys", "number"), ("seen", "Asked the board by telephone")]).await;
    press(&mut vera, &id, "tick", &[("keys", "number"), ("seen", "Asked the board by telephone")]).await;
    assert!(attest(&mut vera, &id).await.location.ends_with("done=attested"));
    let log = audit::after_by_operator(&alpha.ctx, 0).await.unwrap();
    let looks: Vec<_> = log.iter().filter(|entry| entry.action == "check_credential").collect();
    let ticked: Vec<_> = looks.iter().map(|entry| entry.details["ticked"].as_str().unwrap()).collect();
    assert_eq!(ticked, ["number", "number, current, name, conditions"], "what stays the same is no news");
    assert!(looks.iter().all(|entry| entry.actor == "vera@alpha.test" && entry.reason.is_empty()));
    assert!(!format!("{log:?}").contains("telephone"), "a note is no text for the audit log");
    let page = vera.get(&format!("/desk/{id}")).await;
    for words in ["Ticked: number. Seen: Asked the board by telephone", SEEN] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let told = ada.get(&format!("/credentials/{id}")).await;
    assert!(!told.says("telephone") && !told.says(SEEN) && !told.says("Ticked"), "{}", told.html);
    assert!(told.says("The desk attested it."), "{}", told.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_two_shows_one_badge_and_how_many_more_there_are() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    let mut vera = verifier(alpha, "vera").await;
    let first = bring(&mut ada, NPI).await;
    take_and_attest(&mut vera, &first).await;
    ada.get("/compose").await;
    let post = ada.post("Good morning", "public").await;
    let pages = [format!("/@ada/{post}"), format!("/posts/{post}/history")];
    let badge = "</span>, verified by Hospital alpha.test";
    let more = "<a class=\"plus\" href=\"/@ada#verified\"><span aria-hidden=\"true\">+1</span>\
                <span class=\"hide\">and 1 more</span></a>";
    for path in &pages {
        let seen = bo.get(path).await;
        assert!(seen.says(badge) && !seen.says("class=\"plus\""), "{path}: {}", seen.html);
    }
    let second = bring(&mut ada, "1679567895").await;
    take_and_attest(&mut vera, &second).await;
    for path in &pages {
        let seen = bo.get(path).await;
        assert!(seen.says(badge) && seen.says(more), "{path}: {}", seen.html);
    }
    let profile = bo.get("/@ada").await;
    assert!(profile.says("id=\"verified\"") && profile.html.matches("class=\"also\"").count() == 1, "{}", profile.html);
    because(&mut vera, &first, "suspend").await;
    for path in &pages {
        let seen = bo.get(path).await;
        assert!(seen.says(badge) && !seen.says("class=\"plus\""), "{path}: {}", seen.html);
    }
}
