//! Passkeys: a second factor that somebody holds, beside the codes of an app.

use chrono::TimeDelta;
use consilium::{
    model::Role,
    policy::Viewer,
    service::{self, audit, phones, second_factor},
};

use crate::{
    harness::{App, Browser, Cluster, Instance, Options, Page, Passkey, cluster::PASSWORD, rows},
    second_factor::{Phone, codes, is_in, turn_on},
};

const PLACE: &str = "/settings/second-factor";
const NEW: &str = "/settings/second-factor/passkeys/new";
const ADD: &str = "/settings/second-factor/passkeys";
const MOVE: &str = "/settings/second-factor/new-phone";
const CODES: &str = "/settings/second-factor/codes";

/// Has a passkey made, on the page that offers one.
async fn make(person: &mut Browser, offered: &Page, key: &Passkey, name: &str) -> Page {
    assert_eq!(offered.status, 200, "{}", offered.html);
    let made = key.made_for(&offered.asked());
    person.submit_from(offered, ADD, &[("name", name), ("passkey", &made)]).await
}

/// The first one of somebody, who shows their password before, and what they have on paper then.
async fn first_of(person: &mut Browser, at: &Instance, name: &str) -> (Passkey, Vec<String>) {
    let key = Passkey::new(&at.ctx.config.instance.origin());
    let offered = person.submit(NEW, NEW, &[("current_password", PASSWORD)]).await;
    let added = make(person, &offered, &key, name).await;
    assert!(added.says("The passkey is added") && codes(&added).len() == 10, "{} {}", added.location, added.html);
    assert!(person.visit(PLACE).await.says(name));
    (key, codes(&added))
}

/// What a page offers for a new one, to somebody who shows the password and one that they have.
async fn offer(person: &mut Browser, key: &mut Passkey) -> Page {
    let page = person.visit(NEW).await;
    let used = key.used_for(&page.asked());
    person.submit_from(&page, NEW, &[("current_password", PASSWORD), ("passkey", &used)]).await
}

/// Where the first one of a list is removed.
fn removal(list: &Page) -> String {
    let mut links = list.html.split("href=\"").map(|rest| rest.split('"').next().unwrap());
    links.find(|link| link.ends_with("/remove")).unwrap().to_owned()
}

/// Gives the password, and sees what is asked then.
async fn half_way(browser: &mut Browser) -> Page {
    let asked = browser.sign_in("ada", PASSWORD).await;
    assert!(asked.location.starts_with("/sign-in/code"), "{}", asked.location);
    browser.visit(&asked.location).await
}

/// Answers what a page asks.
async fn answer(browser: &mut Browser, page: &Page, answer: &str) -> Page {
    browser.submit_from(page, "/sign-in/code", &[("passkey", answer)]).await
}

/// How many codes on paper there are, of all.
async fn on_paper(at: &Instance) -> Vec<String> {
    rows::ask(at, "SELECT count(*)::text AS words FROM recovery_codes").await
}

/// What the log has of somebody's second factor, newest first.
async fn logged(at: &Instance, rooty: &Viewer, name: &str) -> Vec<String> {
    let log = audit::list(&at.ctx, rooty, name, &service::Page::first(20)).await.unwrap().items;
    let of_it = |action: &String| action.contains("passkey") || action.contains("second_factor");
    log.into_iter().map(|entry| entry.action).filter(of_it).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_opens_the_door_after_the_password() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut library) = (alpha.clinician("ada").await, alpha.signed_in("ada").await);
    let refused = ada.submit(NEW, NEW, &[("current_password", "not the password")]).await;
    assert!(refused.status == 422 && !refused.says("data-asked"), "{}", refused.html);
    let (mut key, _) = first_of(&mut ada, alpha, "Key on my ring").await;
    assert!(is_in(&mut ada).await && !is_in(&mut library).await, "the session at hand goes on, the others end");
    assert!(ada.get(PLACE).await.says("Not used yet"));
    cluster.settle().await;
    assert!(alpha.mails().iter().any(|m| m.contains("To: ada@alpha.test") && m.contains("Your second factor is on")));

    let page = half_way(&mut library).await;
    assert!(page.says("Use a passkey") && !page.says("Code of your app"), "{}", page.html);
    assert!(!is_in(&mut library).await, "the password alone opens nothing");
    let coded = library.send("/sign-in/code", &[("code", "123456")]).await;
    assert!(coded.status == 422 && coded.says("as it stands on your paper"), "{}", coded.html);
    let used = key.used_for(&coded.asked());
    assert_eq!(answer(&mut library, &coded, &used).await.location, "/");
    assert!(is_in(&mut library).await && ada.get(PLACE).await.says("Used now"));
    assert!(!ada.get(PLACE).await.says(MOVE), "a new phone is for who has an app");
    assert_eq!(ada.get(MOVE).await.location, PLACE);

    let mut office = alpha.browser();
    half_way(&mut office).await;
    let id = service::accounts::by_username(&alpha.ctx, "ada").await.unwrap().id;
    assert!(second_factor::reset_by_operator(&alpha.ctx, id).await.unwrap());
    let away = office.get("/sign-in/code").await;
    assert!(away.location.starts_with("/sign-in?"), "there is nothing to show any more: {}", away.location);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_once_and_only_where_it_was_asked_for() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let (mut key, _) = first_of(&mut ada, alpha, "Phone").await;
    let (mut one, mut other) = (alpha.browser(), alpha.browser());
    let (first, elsewhere) = (half_way(&mut one).await, half_way(&mut other).await);
    let early = key.used_for(&first.asked());
    let page = one.visit("/sign-in/code").await;
    let late = answer(&mut one, &page, &early).await;
    assert!(late.status == 422 && late.says("This passkey did not do"), "the question was another: {}", late.html);
    let used = key.used_for(&page.asked());
    let again = answer(&mut one, &page, &used).await;
    assert_eq!(again.status, 422, "a question that was answered before, wrongly, is over");
    let used = key.used_for(&elsewhere.asked());
    assert_eq!(answer(&mut one, &again, &used).await.status, 422, "an answer to what another browser was asked");

    let page = one.visit("/sign-in/code").await;
    let mut fooled = key.clone();
    fooled.origin = "http://alpha.test.evil.test".to_owned();
    let used = fooled.used_for(&page.asked());
    assert_eq!(answer(&mut one, &page, &used).await.status, 422, "somebody was lured to another site");
    let page = one.visit("/sign-in/code").await;
    let stranger = Passkey::new(&key.origin).used_for(&page.asked());
    assert_eq!(answer(&mut one, &page, &stranger).await.status, 422, "a key of somebody else");
    assert!(!is_in(&mut one).await);

    let page = one.visit("/sign-in/code").await;
    let used = key.used_for(&page.asked());
    assert_eq!(answer(&mut one, &page, &used).await.location, "/");
    let replayed = answer(&mut other, &elsewhere, &used).await;
    assert!(replayed.status == 422 && !is_in(&mut other).await, "what was overheard opens nothing: {}", replayed.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_passkey_is_refused_and_the_log_says_so() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let rooty = alpha.account("rooty", Role::Admin).await;
    let mut ada = alpha.clinician("ada").await;
    let (mut key, _) = first_of(&mut ada, alpha, "Key on my ring").await;
    let mut twin = key.clone();
    let (mut library, mut eve) = (alpha.browser(), alpha.browser());
    let page = half_way(&mut library).await;
    let used = key.used_for(&page.asked());
    assert_eq!(answer(&mut library, &page, &used).await.location, "/");

    let page = half_way(&mut eve).await;
    let used = twin.used_for(&page.asked());
    let mut refused = answer(&mut eve, &page, &used).await;
    assert!(refused.status == 422 && refused.says("there may be a copy of it"), "{}", refused.html);
    assert!(!is_in(&mut eve).await);
    assert_eq!(logged(alpha, &rooty, "ada").await, ["refuse_passkey"]);
    cluster.settle().await;
    let told = |m: &&String| m.contains("To: ada@alpha.test") && m.contains("A passkey was refused");
    assert_eq!(alpha.mails().iter().filter(told).count(), 1);
    for _ in 0..6 {
        twin.counter = 0;
        let used = twin.used_for(&refused.asked());
        refused = answer(&mut eve, &refused, &used).await;
        assert_eq!(refused.status, 422);
    }
    cluster.settle().await;
    assert_eq!(alpha.mails().iter().filter(told).count(), 5, "a mailbox is not flooded");
    assert_eq!(logged(alpha, &rooty, "ada").await.len(), 7, "the log has all of them");
    let used = key.used_for(&refused.asked());
    assert_eq!(answer(&mut eve, &refused, &used).await.location, "/", "her own goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_is_content_with_a_passkey_and_keeps_the_last_one() {
    let config = "[accounts]\nsecond_factor_for = [\"verifier\"]\n".to_owned();
    let cluster = Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await;
    let alpha = cluster.get("alpha.test");
    let rooty = alpha.account("rooty", Role::Admin).await;
    let mut vera = alpha.person("vera", Role::Verifier).await;
    assert_eq!(vera.get("/desk").await.location, PLACE);
    let app = App::of(alpha, "vera", "read").await;
    let (mut blue, mut red) = (Passkey::new("http://alpha.test"), Passkey::new("http://alpha.test"));
    let offered = vera.get(NEW).await;
    let made = make(&mut vera, &offered, &blue, "Blue key").await;
    assert!(codes(&made).len() == 10 && made.says("<a class=\"btn main\" href=\"/\">"), "{}", made.html);
    assert_eq!(vera.get("/desk").await.status, 200);
    assert_eq!(app.get("/api/v1/accounts/verify_credentials").await.status, 200);

    let remove = removal(&vera.get(PLACE).await);
    assert!(vera.get(&remove).await.says("this is all that you have"));
    assert_eq!(vera.send(&remove, &[("current_password", PASSWORD)]).await.status, 403, "her role needs it");

    let page = vera.get(NEW).await;
    let refused = vera.submit_from(&page, NEW, &[("current_password", PASSWORD)]).await;
    assert_eq!(refused.status, 422, "the password alone adds no key beside the first");
    let offered = offer(&mut vera, &mut blue).await;
    assert!(make(&mut vera, &offered, &red, "Red key").await.location.ends_with("done=passkey-added"));
    let page = vera.get(&remove).await;
    let used = red.used_for(&page.asked());
    let removed = vera.submit_from(&page, &remove, &[("current_password", PASSWORD), ("passkey", &used)]).await;
    assert!(removed.location.ends_with("done=passkey-removed"), "{}", removed.html);
    let list = vera.visit(&removed.location).await;
    assert!(list.says("Red key") && !list.says("Blue key"), "{}", list.html);
    let log = logged(alpha, &rooty, "vera").await;
    assert_eq!(log, ["remove_passkey", "add_passkey", "turn_on_second_factor"]);
    cluster.settle().await;
    for subject in ["A passkey was added", "A passkey was removed"] {
        assert!(alpha.mails().iter().any(|m| m.contains(subject)), "{subject}");
    }

    let id = service::accounts::by_username(&alpha.ctx, "vera").await.unwrap().id;
    let resettable = phones::resettable(&alpha.ctx, &rooty, vec![id]).await.unwrap();
    assert!(resettable.contains(&id), "an admin can help her");
    phones::reset_by_admin(&alpha.ctx, &rooty, id, "Both keys are lost; I know her.").await.unwrap();
    assert!(!second_factor::reset_by_operator(&alpha.ctx, id).await.unwrap(), "nothing is left to take away");
    assert_eq!(on_paper(alpha).await, ["0"]);
    assert_eq!(vera.sign_in("vera", PASSWORD).await.location, "/");
    assert_eq!(vera.get("/desk").await.location, PLACE);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_and_a_passkey_stand_in_for_each_other() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let (phone, _) = turn_on(&mut ada, alpha).await;
    cluster.pass(TimeDelta::seconds(60));
    let code = phone.code(alpha);
    let offered = ada.submit(NEW, NEW, &[("current_password", PASSWORD), ("code", &code)]).await;
    let mut key = Passkey::new("http://alpha.test");
    make(&mut ada, &offered, &key, "").await;

    let page = ada.visit(CODES).await;
    let used = key.used_for(&page.asked());
    let typed = [("current_password", PASSWORD), ("passkey", used.as_str())];
    assert_eq!(codes(&ada.submit_from(&page, CODES, &typed).await).len(), 10);

    let page = ada.visit(MOVE).await;
    let new = Phone::of(&page);
    let (code, used) = (new.code(alpha), key.used_for(&page.asked()));
    let typed = [("new_code", code.as_str()), ("current_password", PASSWORD), ("passkey", used.as_str())];
    let moved = ada.submit_from(&page, MOVE, &typed).await;
    assert!(moved.says("Your new phone is set up.") && codes(&moved).len() == 10, "{}", moved.html);
    cluster.pass(TimeDelta::seconds(60));
    let mut library = alpha.browser();
    let page = half_way(&mut library).await;
    assert!(page.says("Use a passkey") && page.says("Code of your app"), "{}", page.html);
    let before = phone.code(alpha);
    assert_eq!(library.submit_from(&page, "/sign-in/code", &[("code", &before)]).await.status, 422);
    let code = new.code(alpha);
    assert_eq!(library.submit_from(&page, "/sign-in/code", &[("code", &code)]).await.location, "/");

    let page = ada.visit(PLACE).await;
    let used = key.used_for(&page.asked());
    let typed = [("current_password", PASSWORD), ("passkey", used.as_str())];
    let off = ada.submit_from(&page, "/settings/second-factor/off", &typed).await;
    assert!(off.location.ends_with("done=app-off"), "{}", off.html);
    let page = half_way(&mut library).await;
    assert!(page.says("Use a passkey") && !page.says("Code of your app"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn paper_stands_in_for_a_lost_passkey_and_ends_with_the_last_one() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    assert_eq!(ada.get(CODES).await.location, PLACE, "there is nothing that they would stand in for");
    let (_, paper) = first_of(&mut ada, alpha, "Phone").await;
    assert!(ada.get(PLACE).await.says("10 recovery codes are left"));
    let (mut library, mut eve) = (alpha.browser(), alpha.browser());
    let page = half_way(&mut library).await;
    let entered = library.submit_from(&page, "/sign-in/code", &[("recovery", &paper[0])]).await;
    assert_eq!(entered.location, "/", "{}", entered.html);
    assert!(is_in(&mut library).await);
    let page = half_way(&mut eve).await;
    let again = eve.submit_from(&page, "/sign-in/code", &[("recovery", &paper[0])]).await;
    assert!(again.status == 422 && again.says("as it stands on your paper"), "{}", again.html);
    assert!(library.get(PLACE).await.says("9 recovery codes are left"));

    let typed = [("current_password", PASSWORD), ("code", paper[1].as_str())];
    let renewed = codes(&library.submit(CODES, CODES, &typed).await);
    assert!(renewed.len() == 10 && !renewed.contains(&paper[2]));
    let old = eve.submit_from(&again, "/sign-in/code", &[("recovery", &paper[2])]).await;
    assert_eq!(old.status, 422, "those from before no longer work");
    let remove = removal(&library.get(PLACE).await);
    let typed = [("current_password", PASSWORD), ("code", renewed[0].as_str())];
    let removed = library.submit(&remove, &remove, &typed).await;
    assert!(removed.location.ends_with("done=passkey-removed"), "{}", removed.html);
    assert!(is_in(&mut library).await && !is_in(&mut ada).await, "the session at hand goes on, the others end");
    assert_eq!(on_paper(alpha).await, ["0"]);
    assert_eq!(alpha.browser().sign_in("ada", PASSWORD).await.location, "/");
    cluster.settle().await;
    let told = |m: &String| m.contains("To: ada@alpha.test") && m.contains("You have new recovery codes");
    assert!(alpha.mails().iter().any(told));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_cannot_be_read_any_more_leaves_the_others() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let (mut blue, paper) = first_of(&mut ada, alpha, "Blue key").await;
    let mut red = Passkey::new("http://alpha.test");
    let offered = offer(&mut ada, &mut blue).await;
    assert!(make(&mut ada, &offered, &red, "Red key").await.location.ends_with("done=passkey-added"));
    rows::run(alpha, "UPDATE passkeys SET credential = '{}' WHERE name = 'Blue key'").await;
    let (mut library, mut office) = (alpha.browser(), alpha.browser());
    let page = half_way(&mut library).await;
    let used = blue.used_for(&page.asked());
    let refused = answer(&mut library, &page, &used).await;
    assert_eq!(refused.status, 422, "nobody can tell any more whether it is the one");
    let used = red.used_for(&refused.asked());
    assert_eq!(answer(&mut library, &refused, &used).await.location, "/");

    rows::run(alpha, "UPDATE passkeys SET credential = 'nothing'").await;
    let page = half_way(&mut office).await;
    assert!(page.status == 200 && page.says("none of your passkeys can be asked for here"), "{}", page.html);
    let entered = office.submit_from(&page, "/sign-in/code", &[("recovery", &paper[0])]).await;
    assert_eq!(entered.location, "/", "{}", entered.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_answers_what_it_was_asked_for_by_whom_it_knows() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let (mut key, _) = first_of(&mut ada, alpha, "Phone").await;
    let mut library = alpha.browser();
    let page = half_way(&mut library).await;
    let mut found = key.clone();
    found.knows = false;
    let used = found.used_for(&page.asked());
    let refused = answer(&mut library, &page, &used).await;
    assert_eq!(refused.status, 422, "whoever finds a key opens nothing with it");

    // To sign in, to show that it is her, and to make another one are three questions.
    let shown = ada.visit(NEW).await;
    let used = key.used_for(&refused.asked());
    let fields = [("current_password", PASSWORD), ("passkey", used.as_str())];
    assert_eq!(ada.submit_from(&shown, NEW, &fields).await.status, 422, "it was for signing in");
    let shown = ada.visit(NEW).await;
    let used = key.used_for(&shown.asked());
    assert_eq!(answer(&mut library, &refused, &used).await.status, 422, "it was to show that it is her");
    let other = Passkey::new("http://alpha.test");
    let made = other.made_for(&shown.asked());
    let added = ada.send(ADD, &[("name", "Other"), ("passkey", &made)]).await;
    assert!(added.location.ends_with("done=passkey-failed"), "it was no offer: {}", added.location);
    let offered = offer(&mut ada, &mut key).await;
    let (asked, shown) = (offered.asked(), ada.clone().visit(NEW).await);
    let used = key.used_for(&asked);
    let fields = [("current_password", PASSWORD), ("passkey", used.as_str())];
    assert_eq!(ada.submit_from(&shown, NEW, &fields).await.status, 422, "it was for a new one");

    let mut twin = key.clone();
    twin.counter = 0;
    let copied = offer(&mut ada, &mut twin).await;
    assert!(copied.status == 422 && copied.says("there may be a copy of it"), "{}", copied.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_of_nobody_too_long_or_too_many_are_not_kept() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let (mut key, _) = first_of(&mut ada, alpha, "Phone").await;
    let (mut open, mut long) = (Passkey::new("http://alpha.test"), Passkey::new("http://alpha.test"));
    open.knows = false;
    long.id = vec![7; 1_024];
    for (new, why) in [(&open, "it does not know who is there"), (&long, "no key calls itself so")] {
        let offered = offer(&mut ada, &mut key).await;
        let added = make(&mut ada, &offered, new, "New").await;
        assert!(added.location.ends_with("done=passkey-failed"), "{why}: {}", added.location);
    }

    let offered = offer(&mut ada, &mut key).await;
    let others = "INSERT INTO passkeys (account_id, credential_id, credential, name, created_at) \
                  SELECT account_id, int4send(n), '{}', 'Key ' || n, created_at \
                  FROM passkeys, generate_series(1, 15) n";
    rows::run(alpha, others).await;
    let another = Passkey::new("http://alpha.test");
    let added = make(&mut ada, &offered, &another, "The seventeenth").await;
    assert!(added.location.ends_with("done=passkey-failed"), "{}", added.location);
    let full = offer(&mut ada, &mut key).await;
    assert!(full.status == 409 && full.says("You have 16 passkeys."), "{}", full.html);
}
