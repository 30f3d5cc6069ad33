//! Documents at the desk that no one person opens alone.

use chrono::TimeDelta;
use consilium::{
    model::Role,
    service::{Ctx, accounts, audit},
};

use crate::{
    desk::{bring, press},
    harness::{App, Browser, Cluster, Instance, Options, Page, cluster::PASSWORD},
};

/// A number of the American register that is nobody's.
const NPI: &str = "1234567893";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n";

/// A hospital where two persons open a document, Ada, who is a verifier as well, and what she has brought to the desk.
struct House {
    cluster: Cluster,
    ada: Browser,
    /// Her credential.
    id: String,
    /// The document that she has sent along.
    document: String,
}

impl House {
    async fn new(rules: &str) -> Self {
        Self::with(rules, "").await
    }

    /// The same with a mailbox of the institution's own.
    async fn with(rules: &str, contact: &str) -> Self {
        let config = format!("[verification]\n{rules}");
        let options = Options { config, contact: contact.to_owned(), ..Options::default() };
        let cluster = Cluster::with(&["alpha.test"], &[], options).await;
        let mut ada = cluster.get("alpha.test").person("ada", Role::Verifier).await;
        let id = bring(&mut ada, NPI).await;
        let page = format!("/credentials/{id}");
        ada.get(&page).await;
        let sent = ada.send_files(&format!("{page}/evidence"), &[("file", PDF)], &[("label", "Certificate")]).await;
        assert!(sent.status.is_redirection(), "{}", sent.html);
        let shown = ada.get(&page).await;
        let document = shown.html.split("href=\"/credentials/evidence/").nth(1).unwrap().split('"').next().unwrap();
        Self { document: document.to_owned(), cluster, ada, id }
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    async fn verifier(&self, name: &str) -> Browser {
        self.alpha().person(name, Role::Verifier).await
    }

    /// The address of the document.
    fn file(&self) -> String {
        format!("/credentials/evidence/{}", self.document)
    }

    /// The credential on the desk, as somebody there sees it.
    async fn desk(&self, who: &mut Browser) -> Page {
        who.get(&format!("/desk/{}", self.id)).await
    }

    /// Presses a button beside the document.
    async fn press(&self, who: &mut Browser, act: &str) -> Page {
        press(who, &self.id, &format!("evidence/{}/{act}", self.document), &[]).await
    }

    /// Opens the document alone, and reads it.
    async fn open_alone(&self, who: &mut Browser, why: &str) -> Page {
        let glass = format!("/desk/{}/evidence/{}/alone", self.id, self.document);
        let page = who.get(&glass).await;
        let opened = who.submit_from(&page, &glass, &[("reason", why)]).await;
        if opened.status.is_redirection() {
            assert!(is_file(&who.get(&self.file()).await));
        }
        opened
    }

    /// Presses what is no button on the page.
    async fn send(&self, who: &mut Browser, act: &str) -> Page {
        who.send(&format!("/desk/{}/evidence/{}/{act}", self.id, self.document), &[]).await
    }
}

/// Who did what with documents.
async fn log(ctx: &Ctx) -> Vec<(String, String)> {
    let all = audit::after_by_operator(ctx, 0).await.unwrap().into_iter();
    let about = all.filter(|entry| entry.action.ends_with("_evidence") && entry.action != "add_evidence");
    about.map(|entry| (entry.action, entry.actor.split('@').next().unwrap().to_owned())).collect()
}

fn is_file(page: &Page) -> bool {
    page.status == 200 && page.html.as_bytes() == PDF
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_open_a_document_one_asks_a_colleague_agrees_and_it_opens_once() {
    let house = House::new("evidence_by_two = true\n").await;
    let (mut vera, mut vic) = (house.verifier("vera").await, house.verifier("vic").await);
    let file = house.file();
    vera.get("/desk").await;
    assert_eq!(house.send(&mut vera, "ask").await.status, 409, "she has not taken it");
    press(&mut vera, &house.id, "claim", &[]).await;
    let desk = house.desk(&mut vera).await;
    assert!(desk.says("Two persons open a document here.") && !desk.says(&file), "{}", desk.html);
    let alone = vera.get(&file).await;
    assert!(alone.status == 403 && alone.says("Two persons open a document here"), "{}", alone.html);

    house.desk(&mut vera).await;
    assert!(house.press(&mut vera, "ask").await.location.ends_with("done=document-asked"));
    assert!(house.desk(&mut vera).await.says("For a day it waits for a colleague to agree."));
    assert_eq!(house.send(&mut vera, "ask").await.status, 409, "once is enough");
    assert_eq!(house.send(&mut vera, "agree").await.status, 403, "not with herself");
    let mut ada = house.ada.clone();
    ada.get("/credentials").await;
    assert_eq!(house.send(&mut ada, "agree").await.status, 403, "not about what is one's own");
    assert!(!ada.get("/notifications").await.says("/desk/openings") && !ada.get("/desk").await.says("second person"));
    assert!(!ada.get("/desk/openings").await.says("Dr vera"));

    assert!(vic.get("/notifications").await.says("has asked or answered you about a document"));
    assert!(vic.get("/desk").await.says("1 document waits for a second person"));
    assert!(vic.get("/desk/openings").await.says("<b>Dr vera</b> asks to open a document of <b>Dr ada</b>."));
    let asked = house.desk(&mut vic).await;
    assert!(asked.says("Dr vera asks to open it.") && !asked.says("Certificate"), "{}", asked.html);
    assert!(house.press(&mut vic, "agree").await.location.ends_with("done=document-agreed"));
    assert_eq!(vic.get(&file).await.status, 404, "whoever agrees sees nothing of it");

    assert!(vera.get("/notifications").await.says("has asked or answered you about a document"));
    let agreed = house.desk(&mut vera).await;
    assert!(agreed.says("Dr vic has agreed. It opens to you once, until "), "{}", agreed.html);
    assert!(agreed.says(&format!("{file}?desk={}", house.id)));
    assert!(is_file(&vera.get(&file).await));
    assert_eq!(vera.get(&file).await.status, 403, "it opens once");

    house.desk(&mut vera).await;
    house.press(&mut vera, "ask").await;
    house.press(&mut vic, "agree").await;
    house.cluster.pass(TimeDelta::minutes(16));
    assert!(vera.get(&file).await.location.starts_with("/admin/prove"), "she has to be there in person");
    let mut vera = house.alpha().signed_in("vera").await;
    assert_eq!(vera.get(&file).await.status, 403, "it was a quarter of an hour");
    house.press(&mut vera, "ask").await;
    assert!(house.press(&mut vera, "refuse").await.location.ends_with("done=document-refused"), "she takes it back");
    let mut ada = house.alpha().signed_in("ada").await;
    assert!(is_file(&ada.get(&file).await), "to its holder it is always open");

    let said = |(action, who): &(String, String)| format!("{who} {action}");
    let log: Vec<String> = log(&house.alpha().ctx).await.iter().map(said).collect();
    assert_eq!(
        log,
        [
            "vera ask_evidence",
            "vic agree_evidence",
            "vera see_evidence",
            "vera ask_evidence",
            "vic agree_evidence",
            "vera ask_evidence",
            "vera refuse_evidence",
            "ada see_evidence",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_on_somebodys_page_opens_no_document_and_uses_up_no_yes() {
    let house = House::new("evidence_by_two = true\n").await;
    let (mut vera, mut vic) = (house.verifier("vera").await, house.verifier("vic").await);
    press(&mut vera, &house.id, "claim", &[]).await;
    house.press(&mut vera, "ask").await;
    assert!(house.press(&mut vic, "agree").await.location.ends_with("done=document-agreed"));
    let (file, desk) = (house.file(), format!("/desk/{}", house.id));
    let mut led = vera.clone().led_here();
    for (path, back) in [(&file, "/credentials"), (&format!("{file}?desk={}", house.id), desk.as_str())] {
        let page = led.get(path).await;
        assert!(page.status.is_redirection() && page.location == back, "{path}: {} {}", page.status, page.location);
    }
    assert!(is_file(&vera.get(&file).await), "what her colleague agreed to is still hers to open");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_decide_about_nobody_opens_alone_and_a_wish_ends_with_the_work() {
    let house = House::new("two_persons = [\"us-nppes\"]\n").await;
    let mut vera = house.verifier("vera").await;
    press(&mut vera, &house.id, "claim", &[]).await;
    let nobody = house.press(&mut vera, "ask").await;
    assert!(nobody.status == 409 && nobody.says("Nobody else works at this desk who could agree."), "{}", nobody.html);
    let mut vic = house.verifier("vic").await;
    assert!(house.press(&mut vera, "ask").await.location.ends_with("done=document-asked"));
    let asked = house.desk(&mut vic).await;
    assert!(asked.says("Dr vera asks to open it."));
    press(&mut vera, &house.id, "release", &[]).await;
    let over = house.send(&mut vic, "agree").await;
    assert!(over.status == 409 && over.says("Nobody asks to open this document any more"), "{}", over.html);
    assert!(vic.get("/desk/openings").await.says("No document waits."));

    house.cluster.pass(TimeDelta::minutes(1));
    press(&mut vera, &house.id, "claim", &[]).await;
    assert!(!house.desk(&mut vic).await.says("asks to open it"), "it does not come back with her");
    press(&mut vera, &house.id, "release", &[]).await;
    let mut wim = house.verifier("wim").await;
    press(&mut wim, &house.id, "claim", &[]).await;
    house.press(&mut wim, "ask").await;
    let agree = format!("/desk/{}/evidence/{}/agree", house.id, house.document);
    let other = vic.submit_from(&asked, &agree, &[]).await;
    assert!(other.status == 409 && other.says("Look again at who asks."), "he has read of another's: {}", other.html);
    assert!(other.says("Dr wim asks to open it."));
    assert!(vic.submit_from(&other, &agree, &[]).await.location.ends_with("done=document-agreed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_a_document_alone_says_why_and_two_colleagues_read_it_at_once() {
    const WHY: &str = "The ward asks tonight whether she may practise, and nobody else is here.";
    let house = House::new("evidence_by_two = true\n").await;
    let (file, glass) = (house.file(), format!("/desk/{}/evidence/{}/alone", house.id, house.document));
    let mut vera = house.verifier("vera").await;
    assert!(house.desk(&mut vera).await.says(&glass));
    assert!(vera.get(&glass).await.says("Nobody else works at this desk, so nobody is told."));
    let mut vic = house.verifier("vic").await;
    assert!(vera.get(&glass).await.says("There is one other person at this desk: Dr vic is told at once"));
    let mut rooty = house.alpha().person("rooty", Role::Admin).await;
    press(&mut vic, &house.id, "claim", &[]).await;
    let page = vera.get(&glass).await;
    assert!(page.says("Dr rooty and Dr vic are told at once, here and by mail"), "{}", page.html);

    let short = vera.submit_from(&page, &glass, &[("reason", "Urgent")]).await;
    assert!(short.status == 422 && short.says("20 characters or more") && short.says("Urgent"), "{}", short.html);
    assert_eq!(vera.get(&file).await.status, 404, "without a reason nothing opens");
    let opened = vera.submit_from(&page, &glass, &[("reason", WHY)]).await;
    assert!(opened.location.ends_with("done=alone-two"), "{}", opened.html);
    let desk = vera.get(&opened.location).await;
    assert!(desk.says("Two colleagues are told") && desk.says("In an emergency it opens to you alone, once, until "));
    assert_eq!(vera.get(&glass).await.status, 409, "it is open to her already");
    assert!(is_file(&vera.get(&file).await));
    assert_eq!(vera.get(&file).await.status, 404, "it opens once");

    house.cluster.settle().await;
    let mails = house.alpha().mails();
    let told = |who: &str| mails.iter().filter(|mail| mail.contains(WHY) && mail.contains(who)).count();
    assert_eq!((told("To: vic@alpha.test"), told("To: rooty@alpha.test"), told("To: ")), (1, 1, 2));
    let mail = mails.iter().find(|mail| mail.contains(WHY)).unwrap();
    assert!(mail.contains("Dr vera (@vera)") && !mail.contains("Dr ada") && !mail.contains("Certificate"), "{mail}");
    // Neither of the two keeps the word of it from a colleague.
    let id = async |name| accounts::by_username(&house.alpha().ctx, name).await.unwrap().id;
    let (block, mute) = (format!("/people/{}/block", id("vic").await), format!("/people/{}/mute", id("vera").await));
    assert!(vera.send(&block, &[("back", "/")]).await.location.ends_with("done=blocked"));
    rooty.get("/").await;
    assert!(rooty.send(&mute, &[("back", "/")]).await.location.ends_with("done=muted"));
    for who in [&mut vic, &mut rooty] {
        let told = who.get("/notifications").await;
        assert!(told.says("opened a document alone, in an emergency:") && told.says(WHY), "{}", told.html);
        assert!(who.get("/desk/openings").await.says(WHY) && house.desk(who).await.says(WHY));
    }
    let mut ada = house.ada.clone();
    for path in ["/notifications", "/desk/openings", &format!("/credentials/{}", house.id)] {
        assert!(!ada.get(path).await.says(WHY), "{path}");
    }
    assert_eq!(ada.get(&glass).await.status, 403, "one's own needs no emergency");

    let entries = audit::after_by_operator(&house.alpha().ctx, 0).await.unwrap();
    let broken = entries.iter().position(|entry| entry.action == "break_glass").unwrap();
    assert_eq!((entries[broken].actor.as_str(), entries[broken].reason.as_str()), ("vera@alpha.test", WHY));
    let look = &entries[broken + 1];
    assert_eq!((look.action.as_str(), look.details["alone"].as_str()), ("see_evidence", Some("yes")));
    assert!(rooty.get("/admin/audit").await.says("opened a document of @ada alone, in an emergency"));
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_small_desk_the_house_is_told_and_three_emergencies_a_day_are_enough() {
    const WHY: &str = "The ward asks tonight whether she may practise, and nobody else is here.";
    const CLOSE: &str = "/settings/account/close";
    let house = House::with("evidence_by_two = true\n", "help@alpha.test").await;
    let mut vera = house.verifier("vera").await;
    let glass = format!("/desk/{}/evidence/{}/alone", house.id, house.document);
    assert!(vera.get(&glass).await.says("mailbox is told at once, who and why."));
    let opened = house.open_alone(&mut vera, WHY).await;
    assert!(opened.location.ends_with("done=alone-house"), "{} {}", opened.location, opened.html);
    let mut vic = house.verifier("vic").await;
    for _ in 0..2 {
        let opened = house.open_alone(&mut vera, WHY).await;
        assert!(opened.location.ends_with("done=alone-both"), "{} {}", opened.location, opened.html);
    }
    let fourth = house.open_alone(&mut vera, WHY).await;
    assert!(fourth.status == 409 && fourth.says("second person: a colleague"), "{}", fourth.html);
    assert_eq!(vera.get(&house.file()).await.status, 404);

    house.cluster.settle().await;
    let mails = house.alpha().mails();
    let told = |who: &str| mails.iter().filter(|mail| mail.contains(WHY) && mail.contains(who)).count();
    assert_eq!((told("To: help@alpha.test"), told("To: vic@alpha.test"), told("To: ")), (3, 2, 5));
    let entries = audit::after_by_operator(&house.alpha().ctx, 0).await.unwrap();
    let broken = entries.iter().filter(|entry| entry.action == "break_glass");
    let counts: Vec<_> = broken.map(|entry| entry.details["told_count"].as_i64()).collect();
    assert_eq!(counts, [Some(1), Some(2), Some(2)], "the log says how many were told");

    // Whoever leaves takes nothing of it along.
    let closed = vera.submit(CLOSE, CLOSE, &[("current_password", PASSWORD)]).await;
    assert!(closed.location.ends_with("done=closed"), "{}", closed.html);
    let left = vic.get("/notifications").await;
    assert!(left.says("opened a document alone, in an emergency:") && left.says(WHY), "{}", left.html);
    assert!(left.says("Dr vera"));
    let app = App::of(house.alpha(), "vic", "read").await;
    let listed = app.get("/api/v1/notifications").await;
    assert!(listed.body.to_string().contains("consilium.emergency"), "{}", listed.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mailbox_of_the_house_is_not_told_where_it_is_the_openers_own() {
    let house = House::with("evidence_by_two = true\n", "Vera@alpha.test").await;
    let mut vera = house.verifier("vera").await;
    let opened = house.open_alone(&mut vera, "Nobody else is here, and the ward has to know.").await;
    assert!(opened.location.ends_with("done=alone-none"), "{} {}", opened.location, opened.html);
}
