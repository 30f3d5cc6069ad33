//! A second factor: a code of an app on the phone, or one on paper, after the password.

use chrono::TimeDelta;
use consilium::{
    model::Role,
    service::{self, audit, second_factor},
};
use totp_rs::{Builder, Secret, Totp};

use crate::{
    cli::Operator,
    harness::{App, Browser, Cluster, Instance, Options, Page, cluster::PASSWORD, postgres},
};

const PLACE: &str = "/settings/second-factor";

/// An app on somebody's phone.
pub struct Phone(Totp);

impl Phone {
    /// Types in the key that a page shows.
    pub fn of(page: &Page) -> Self {
        let key = key(page).replace(' ', "");
        Self(Builder::new().with_secret(Secret::try_from_base32(key).unwrap()).build().unwrap())
    }

    /// What it shows now.
    pub fn code(&self, at: &Instance) -> String {
        self.0.generate(u64::try_from(at.ctx.now().timestamp()).unwrap()).to_string()
    }

    /// What it does not show.
    fn wrong_code(&self, at: &Instance) -> String {
        format!("{:06}", (self.code(at).parse::<u32>().unwrap() + 1) % 1_000_000)
    }
}

fn key(page: &Page) -> &str {
    let after = page.html.split("id=\"key\">").nth(1).unwrap_or_else(|| panic!("no key: {}", page.html));
    after.split('<').next().unwrap()
}

/// The codes for paper that a page shows.
pub fn codes(page: &Page) -> Vec<String> {
    let list = page.html.split("id=\"codes\">").nth(1).unwrap_or_else(|| panic!("no codes: {}", page.html));
    let list = list.split("</ol>").next().unwrap();
    list.split("<li>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// Turns it on: the phone, and what is on paper.
pub async fn turn_on(person: &mut Browser, at: &Instance) -> (Phone, Vec<String>) {
    let page = person.visit(PLACE).await;
    let phone = Phone::of(&page);
    let code = phone.code(at);
    let typed = [("code", code.as_str()), ("current_password", PASSWORD)];
    let done = person.submit_from(&page, "/settings/second-factor/on", &typed).await;
    assert_eq!(done.status, 200, "{}", done.html);
    (phone, codes(&done))
}

/// Gives a code after the password.
async fn give(person: &mut Browser, field: &str, code: &str) -> Page {
    person.submit("/sign-in/code", "/sign-in/code", &[(field, code)]).await
}

pub async fn is_in(person: &mut Browser) -> bool {
    person.home().await.says("Share something")
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_asks_for_a_code_once_an_app_is_set_up() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut library) = (alpha.clinician("ada").await, alpha.browser());
    library.sign_in("ada", PASSWORD).await;
    let page = ada.visit(PLACE).await;
    assert!(page.says("<svg ") && page.says("otpauth://totp/"), "{}", page.html);
    let phone = Phone::of(&page);
    let (right, wrong) = (phone.code(alpha), phone.wrong_code(alpha));
    for (code, password) in [(&wrong, PASSWORD), (&right, "not the password")] {
        let typed = [("code", code.as_str()), ("current_password", password)];
        let refused = ada.submit_from(&page, "/settings/second-factor/on", &typed).await;
        assert_eq!(refused.status, 422);
        assert_eq!(key(&refused), key(&page), "what was scanned still holds");
    }
    let elsewhere = ada.clone().submit_from(&page, "/settings/second-factor/on", &[("offer", "nonsense")]).await;
    assert_eq!(elsewhere.status, 409);
    let typed = [("code", right.as_str()), ("current_password", PASSWORD)];
    let done = ada.submit_from(&page, "/settings/second-factor/on", &typed).await;
    assert_eq!((done.status.as_u16(), codes(&done).len()), (200, 10), "{}", done.html);
    assert!(is_in(&mut ada).await && !is_in(&mut library).await, "the session at hand goes on, the others end");
    assert!(ada.get(PLACE).await.says("10 recovery codes are left"));
    cluster.settle().await;
    assert!(alpha.mails().iter().any(|m| m.contains("To: ada@alpha.test") && m.contains("Your second factor is on")));

    cluster.pass(TimeDelta::seconds(60));
    let asked = library.sign_in("ada", PASSWORD).await;
    assert!(asked.location.starts_with("/sign-in/code"), "{}", asked.location);
    assert!(!is_in(&mut library).await, "the password alone opens nothing");
    assert!(library.get("/settings/profile").await.location.starts_with("/sign-in"));
    let code = phone.wrong_code(alpha);
    let refused = give(&mut library, "code", &code).await;
    assert!(refused.status == 422 && refused.says("This code is not right"), "{}", refused.html);
    let guessed = give(&mut library, "recovery", "ABCD-EFGH-IJKL-MNOP").await;
    assert!(guessed.status == 422 && guessed.says("as it stands on your paper"), "{}", guessed.html);
    let code = phone.code(alpha);
    let entered = give(&mut library, "code", &format!("{} {}", &code[..3], &code[3..])).await;
    assert_eq!(entered.location, "/", "{}", entered.html);
    assert!(is_in(&mut library).await);
    assert!(alpha.browser().get("/sign-in/code").await.location.starts_with("/sign-in"), "without a password, nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_once() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let (phone, _) = turn_on(&mut ada, alpha).await;
    cluster.pass(TimeDelta::seconds(60));
    let code = phone.code(alpha);
    let (mut one, mut other) = (alpha.browser(), alpha.browser());
    one.sign_in("ada", PASSWORD).await;
    other.sign_in("ada", PASSWORD).await;
    assert_eq!(give(&mut one, "code", &code).await.location, "/");
    assert_eq!(give(&mut other, "code", &code).await.status, 422, "somebody looked over her shoulder");
    cluster.pass(TimeDelta::seconds(60));
    let code = phone.code(alpha);
    assert_eq!(give(&mut other, "code", &code).await.location, "/");
    assert!(is_in(&mut one).await && is_in(&mut other).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_works_once() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let (phone, paper) = turn_on(&mut ada, alpha).await;
    for (code, works) in [(paper[0].to_lowercase(), true), (paper[0].clone(), false), (paper[1].replace('-', ""), true)]
    {
        let mut browser = alpha.browser();
        browser.sign_in("ada", PASSWORD).await;
        assert_eq!(give(&mut browser, "recovery", &code).await.status.is_redirection(), works, "{code}");
        assert_eq!(is_in(&mut browser).await, works);
    }
    cluster.settle().await;
    assert!(alpha.mails().iter().any(|m| m.contains("A recovery code was used")));
    assert!(ada.get(PLACE).await.says("8 recovery codes are left"));
    cluster.pass(TimeDelta::seconds(60));
    let code = phone.code(alpha);
    let typed = [("code", code.as_str()), ("current_password", PASSWORD)];
    let renewed = ada.submit("/settings/second-factor/codes", "/settings/second-factor/codes", &typed).await;
    let new = codes(&renewed);
    assert!(new.len() == 10 && !new.contains(&paper[2]));
    for (code, works) in [(&paper[2], false), (&new[0], true)] {
        let mut browser = alpha.browser();
        browser.sign_in("ada", PASSWORD).await;
        assert_eq!(give(&mut browser, "recovery", code).await.status.is_redirection(), works, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_without_a_second_factor_is_led_to_set_it_up_and_sees_no_desk() {
    let config = "[accounts]\nsecond_factor_for = [\"verifier\", \"moderator\", \"admin\"]\n".to_owned();
    let cluster = Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await;
    let alpha = cluster.get("alpha.test");
    let rooty = alpha.account("rooty", Role::Admin).await;
    let (mut ada, mut vera) = (alpha.clinician("ada").await, alpha.person("vera", Role::Verifier).await);
    assert!(is_in(&mut ada).await, "clinicians may do without");
    for path in ["/", "/desk", "/settings/profile", "/@ada", "/about", "/oauth/authorize", "/nothing", "/sign-in"] {
        assert_eq!(vera.get(path).await.location, PLACE, "{path}");
    }
    cluster.pass(TimeDelta::minutes(16));
    assert!(vera.get(PLACE).await.location.starts_with("/sign-in"), "what was left open is no proof of who is there");
    vera.sign_in("vera", PASSWORD).await;
    let page = vera.get(PLACE).await;
    assert!(page.says("Set up your second factor") && !page.says("/desk"), "{}", page.html);
    for (path, fields) in [
        ("/posts", vec![("text", "Not yet"), ("visibility", "public"), ("language", "en")]),
        ("/settings/second-factor/off", vec![("current_password", PASSWORD), ("code", "123456")]),
        ("/settings/sessions/end-others", vec![]),
    ] {
        assert_eq!(vera.send(path, &fields).await.status, 403, "{path}");
    }
    let app = App::of(alpha, "vera", "read write").await;
    let refused = app.get("/api/v1/accounts/verify_credentials").await;
    assert_eq!(refused.status, 403);
    assert!(refused.body["error"].as_str().unwrap().contains("second factor"), "{}", refused.body);

    let (phone, paper) = turn_on(&mut vera, alpha).await;
    assert_eq!(paper.len(), 10);
    assert_eq!(vera.get("/desk").await.status, 200);
    assert_eq!(app.get("/api/v1/accounts/verify_credentials").await.status, 200);
    cluster.pass(TimeDelta::seconds(60));
    let mut again = alpha.browser();
    again.sign_in("vera", PASSWORD).await;
    let code = phone.code(alpha);
    give(&mut again, "code", &code).await;
    assert_eq!(again.get("/desk").await.status, 200);
    assert!(!again.get(PLACE).await.says("Turn it off"));
    let typed = [("current_password", PASSWORD), ("code", paper[0].as_str())];
    assert_eq!(again.send("/settings/second-factor/off", &typed).await.status, 403, "her role needs it");
    let log = audit::list(&alpha.ctx, &rooty, "vera", &service::Page::first(10)).await.unwrap().items;
    assert!(log.iter().any(|entry| entry.action == "turn_on_second_factor" && entry.actor == "vera@alpha.test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_codes_lock_for_a_while() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let (phone, paper) = turn_on(&mut ada, alpha).await;
    let mut eve = alpha.browser();
    eve.sign_in("ada", PASSWORD).await;
    let mut answers = Vec::new();
    for _ in 0..10 {
        let code = phone.wrong_code(alpha);
        answers.push(give(&mut eve, "code", &code).await.status.as_u16());
    }
    assert_eq!((answers[0], answers[9]), (422, 429), "{answers:?}");
    assert_eq!(give(&mut eve, "recovery", &paper[0]).await.status, 429, "even a right one has to wait");
    let mut another = alpha.browser();
    another.sign_in("ada", PASSWORD).await;
    assert_eq!(give(&mut another, "recovery", &paper[0]).await.status, 429, "in every browser");
    cluster.pass(TimeDelta::minutes(20));
    assert!(another.visit("/sign-in/code").await.says("That took too long"), "half a sign-in lasts five minutes");
    another.sign_in("ada", PASSWORD).await;
    assert_eq!(give(&mut another, "recovery", &paper[0]).await.location, "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_turned_off_with_password_and_code() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut phone_browser) = (alpha.clinician("ada").await, alpha.browser());
    let (phone, paper) = turn_on(&mut ada, alpha).await;
    phone_browser.sign_in("ada", PASSWORD).await;
    give(&mut phone_browser, "recovery", &paper[0]).await;
    assert!(is_in(&mut phone_browser).await);
    cluster.pass(TimeDelta::seconds(60));
    let (right, wrong) = (phone.code(alpha), phone.wrong_code(alpha));
    let off = "/settings/second-factor/off";
    for (password, code) in [("not the password", &right), (PASSWORD, &wrong), (PASSWORD, &paper[0])] {
        let typed = [("current_password", password), ("code", code.as_str())];
        assert_eq!(ada.submit(PLACE, off, &typed).await.status, 422);
    }
    let typed = [("current_password", PASSWORD), ("code", right.as_str())];
    let done = ada.submit(PLACE, off, &typed).await;
    assert!(done.status.is_redirection(), "{}", done.html);
    assert!(ada.visit(&done.location).await.says("Your second factor is off"));
    assert!(!is_in(&mut phone_browser).await, "other sessions end");
    assert_eq!(alpha.browser().sign_in("ada", PASSWORD).await.location, "/");
    cluster.settle().await;
    assert!(alpha.mails().iter().any(|m| m.contains("Your second factor is off")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_phone_takes_the_place_of_the_one_before_in_one_step() {
    const MOVE: &str = "/settings/second-factor/new-phone";
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let rooty = alpha.account("rooty", Role::Admin).await;
    let (mut vera, mut library) = (alpha.person("vera", Role::Verifier).await, alpha.browser());
    assert_eq!(vera.get(MOVE).await.location, PLACE, "there is no phone yet");
    let (old, paper) = turn_on(&mut vera, alpha).await;
    assert!(vera.get(PLACE).await.says(MOVE));
    cluster.pass(TimeDelta::seconds(60));
    let page = vera.visit(MOVE).await;
    let new = Phone::of(&page);
    let (right, wrong, before) = (new.code(alpha), new.wrong_code(alpha), old.code(alpha));
    for (new_code, code, password) in
        [(&wrong, &before, PASSWORD), (&right, &wrong, PASSWORD), (&right, &before, "not the password")]
    {
        let typed = [("new_code", new_code.as_str()), ("code", code.as_str()), ("current_password", password)];
        let refused = vera.submit_from(&page, MOVE, &typed).await;
        assert_eq!((refused.status.as_u16(), key(&refused)), (422, key(&page)), "what was scanned still holds");
    }
    library.sign_in("vera", PASSWORD).await;
    assert_eq!(give(&mut library, "code", &before).await.location, "/", "the one before goes on working until then");
    let typed = [("new_code", right.as_str()), ("code", paper[0].as_str()), ("current_password", PASSWORD)];
    let done = vera.submit_from(&page, MOVE, &typed).await;
    assert!(done.status == 200 && done.says("Your new phone is set up."), "{}", done.html);
    let renewed = codes(&done);
    assert!(renewed.len() == 10 && !renewed.contains(&paper[1]));
    assert!(is_in(&mut vera).await && !is_in(&mut library).await, "the session at hand goes on, the others end");
    cluster.settle().await;
    assert!(alpha.mails().iter().any(|m| m.contains("Your second factor is on another phone")));

    cluster.pass(TimeDelta::seconds(60));
    library.sign_in("vera", PASSWORD).await;
    let before = old.code(alpha);
    assert_eq!(give(&mut library, "code", &before).await.status, 422);
    assert_eq!(give(&mut library, "recovery", &paper[1]).await.status, 422);
    let code = new.code(alpha);
    assert_eq!(give(&mut library, "code", &code).await.location, "/");
    let log = audit::list(&alpha.ctx, &rooty, "vera", &service::Page::first(10)).await.unwrap().items;
    assert!(log.iter().any(|entry| entry.action == "replace_second_factor" && entry.actor == "vera@alpha.test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_helps_whoever_lost_phone_and_paper() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let rooty = alpha.account("rooty", Role::Admin).await;
    let mut ada = alpha.clinician("ada").await;
    let id = service::accounts::by_username(&alpha.ctx, "ada").await.unwrap().id;
    assert!(!second_factor::reset_by_operator(&alpha.ctx, id).await.unwrap(), "there is none yet");
    turn_on(&mut ada, alpha).await;
    let app = App::of(alpha, "ada", "read").await;
    assert!(second_factor::reset_by_operator(&alpha.ctx, id).await.unwrap());
    assert!(!is_in(&mut ada).await, "whoever found the phone is out");
    assert_eq!(app.get("/api/v1/accounts/verify_credentials").await.status, 401);
    assert_eq!(ada.sign_in("ada", PASSWORD).await.location, "/");
    assert!(ada.get(PLACE).await.says("Scan this with an app"));
    let log = audit::list(&alpha.ctx, &rooty, "ada", &service::Page::first(10)).await.unwrap().items;
    assert!(log.iter().any(|entry| entry.action == "reset_second_factor" && entry.actor == audit::OPERATOR));
    cluster.settle().await;
    assert!(alpha.mails().iter().any(|m| m.contains("Your second factor was reset")));

    let url = postgres::database().await;
    let op = Operator::with("second", &format!("[database]\nurl = \"{}\"\n", url.expose()));
    let args = ["accounts", "create", "--username", "aoife", "--email", "a@x.test", "--password-stdin"];
    op.says(&args, "three plain words\n");
    let refused = op.run(&["accounts", "second-factor", "reset", "aoife"], "");
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && words.contains("aoife has no second factor"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_helps_a_verifier_who_lost_phone_and_paper_and_never_themselves() {
    const NOTE: &str = "She stood before me, with her badge.";
    let config = "[accounts]\nsecond_factor_for = [\"verifier\"]\n".to_owned();
    let cluster = Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await;
    let alpha = cluster.get("alpha.test");
    let mut rooty = alpha.person("rooty", Role::Admin).await;
    let mut moddy = alpha.person("moddy", Role::Moderator).await;
    let mut vera = alpha.person("vera", Role::Verifier).await;
    turn_on(&mut rooty, alpha).await;
    turn_on(&mut vera, alpha).await;
    let id = async |name| service::accounts::by_username(&alpha.ctx, name).await.unwrap().id;
    let of = |id| format!("/admin/people/{id}/second-factor");
    let (hers, own, moddys) = (of(id("vera").await), of(id("rooty").await), of(id("moddy").await));

    let list = rooty.get("/admin/people").await;
    assert!(list.says(&hers) && !list.says(&own) && !list.says(&moddys), "{}", list.html);
    assert!(!moddy.get("/admin/people").await.says(&hers));
    assert_eq!((moddy.get(&hers).await.status.as_u16(), moddy.send(&hers, &[]).await.status.as_u16()), (403, 403));
    assert_eq!(rooty.send(&own, &[("note", NOTE)]).await.status, 403, "never their own");
    assert_eq!(rooty.get(&moddys).await.status, 409, "there is none");
    let page = rooty.visit(&hers).await;
    let silent = rooty.submit_from(&page, &hers, &[("note", " ")]).await;
    assert!(silent.status == 422 && silent.says("Say how you made sure that it is them."), "{}", silent.html);
    cluster.pass(TimeDelta::minutes(16));
    let away = rooty.submit_from(&page, &hers, &[("note", NOTE)]).await;
    assert!(away.location.starts_with("/admin/prove"), "an admin has to be there in person: {}", away.location);
    assert_eq!(vera.get("/desk").await.location.split('?').next().unwrap(), "/admin/prove", "she still has hers");
    let proof = [("current_password", PASSWORD), ("next", hers.as_str())];
    let proved = rooty.send("/admin/prove", &proof).await;
    assert_eq!(proved.location, hers, "{}", proved.html);
    let done = rooty.submit(&hers, &hers, &[("note", NOTE)]).await;
    assert!(done.location.ends_with("done=second-factor-reset"), "{}", done.html);

    assert!(!is_in(&mut vera).await, "whoever found the phone is out");
    assert_eq!(vera.sign_in("vera", PASSWORD).await.location, "/");
    assert_eq!(vera.get("/desk").await.location, PLACE, "she sets it up anew before anything else");
    cluster.settle().await;
    let told = |m: &String| m.contains("To: vera@alpha.test") && m.contains("An admin of your hospital took");
    assert!(alpha.mails().iter().any(told));
    let log = audit::after_by_operator(&alpha.ctx, 0).await.unwrap();
    let entry = log.iter().find(|entry| entry.action == "reset_second_factor").unwrap();
    assert_eq!((entry.actor.as_str(), entry.subject.as_str()), ("rooty@alpha.test", "vera@alpha.test"));
    assert_eq!(entry.reason, NOTE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_left_alone_for_half_an_hour_is_closed() {
    let config = "[accounts]\nidle_minutes_desk = 30\n".to_owned();
    let cluster = Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await;
    let alpha = cluster.get("alpha.test");
    let (mut ada, mut vera) = (alpha.clinician("ada").await, alpha.person("vera", Role::Verifier).await);
    cluster.pass(TimeDelta::minutes(29));
    assert!(is_in(&mut vera).await);
    cluster.pass(TimeDelta::minutes(31));
    assert!(!is_in(&mut vera).await && is_in(&mut ada).await, "clinicians stay for a day's work");
}
