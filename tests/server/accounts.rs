//! Accounts and sessions, as people live them.

use chrono::TimeDelta;
use consilium::model::Role;

use crate::harness::{App, Cluster, Instance, Options, Page, cluster::PASSWORD};

fn link(mail: &str, part: &str) -> String {
    let start = mail.find(part).unwrap_or_else(|| panic!("no {part} in: {mail}"));
    mail[start..].split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_signs_up_confirms_waits_and_is_let_in() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut admin = alpha.person("rooty", Role::Admin).await;
    let mut newcomer = alpha.browser();
    newcomer.get("/sign-up").await;
    let form = [
        ("username", "nina"),
        ("name", "Nina Falk"),
        ("email", "nina@alpha.test"),
        ("password", PASSWORD),
        ("reason", "Nurse on ward 4, please let me in."),
        ("rules", "yes"),
    ];
    let sent = newcomer.send("/sign-up", &form).await;
    assert!(sent.status.is_success() || sent.status.is_redirection(), "{}", sent.html);
    cluster.settle().await;
    assert!(newcomer.sign_in("nina", PASSWORD).await.says("Open the link in the mail"));

    let mails = alpha.mails();
    let confirm = link(mails.last().unwrap(), "/confirm/");
    assert!(newcomer.get(&confirm).await.status.is_success());
    newcomer.send(&confirm, &[]).await;
    cluster.settle().await;
    assert!(newcomer.sign_in("nina", PASSWORD).await.says("An admin is looking"));
    assert!(
        alpha.mails().iter().any(|m| m.contains("To: rooty@alpha.test") && m.contains("waits")),
        "the admin is told"
    );

    let waiting = admin.get("/admin/sign-ups").await;
    assert!(waiting.says("Nurse on ward 4"));
    let id = waiting.html.split("/admin/sign-ups/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    admin.send(&format!("/admin/sign-ups/{id}/approve"), &[]).await;
    cluster.settle().await;
    assert!(newcomer.sign_in("nina", PASSWORD).await.status.is_redirection());
    assert!(newcomer.home().await.says("Nina Falk"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_who_has_an_account() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let mut eve = alpha.browser();
    let wrong = eve.sign_in("ada", "not the password").await;
    let unknown = eve.sign_in("nobody", "not the password").await;
    assert_eq!(wrong.status, unknown.status);
    assert_eq!(wrong.html.replace("ada", "X"), unknown.html.replace("nobody", "X").replace("ada", "X"));
    eve.get("/forgotten").await;
    let known = eve.send("/forgotten", &[("email", "ada@alpha.test")]).await;
    eve.get("/forgotten").await;
    let unknown = eve.send("/forgotten", &[("email", "nobody@alpha.test")]).await;
    assert_eq!((known.status, known.location), (unknown.status, unknown.location));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_passwords_gets_slower_and_slower() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let mut eve = alpha.browser();
    for _ in 0..5 {
        eve.sign_in("ada", "a wrong guess").await;
    }
    assert_eq!(eve.sign_in("ada", PASSWORD).await.status, 429, "even the right one has to wait");
    cluster.pass(TimeDelta::minutes(20));
    assert!(eve.sign_in("ada", PASSWORD).await.status.is_redirection());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_and_every_session_ends() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut again = alpha.browser();
    again.get("/forgotten").await;
    again.send("/forgotten", &[("email", "ada@alpha.test")]).await;
    cluster.settle().await;
    let reset = link(alpha.mails().last().unwrap(), "/reset/");
    again.get(&reset).await;
    let done = again.send(&reset, &[("new_password", "four other plain words")]).await;
    assert!(done.status.is_redirection() || done.status.is_success(), "{}", done.html);
    assert!(!ada.home().await.says("Share something"), "the old session has ended");
    assert!(again.sign_in("ada", "four other plain words").await.status.is_redirection());
    assert!(again.get(&reset).await.says("This link no longer works"), "the link works once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_left_alone_ends() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let mut bo = cluster.get("alpha.test").clinician("bo").await;
    cluster.pass(TimeDelta::hours(7));
    assert!(ada.home().await.says("Share something"), "seven hours are not eight");
    cluster.pass(TimeDelta::hours(2));
    assert!(ada.home().await.says("Share something"), "she has been here two hours ago");
    assert!(!bo.home().await.says("Share something"), "he has not been here for nine");
    cluster.pass(TimeDelta::hours(4));
    assert!(!ada.home().await.says("Share something"), "no session lasts longer than twelve hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_pages_ask_for_the_password_after_a_quarter_of_an_hour() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let mut admin = cluster.get("alpha.test").person("rooty", Role::Admin).await;
    assert_eq!(admin.get("/admin").await.status, 200);
    cluster.pass(TimeDelta::minutes(16));
    let asked = admin.get("/admin").await;
    assert!(asked.location.starts_with("/admin/prove"), "{}", asked.location);
    admin.get("/admin/prove").await;
    let proved =
        admin.send("/admin/prove", &[("current_password", PASSWORD), ("password", PASSWORD), ("next", "/admin")]).await;
    assert!(proved.status.is_redirection(), "{}", proved.html);
    assert_eq!(admin.get("/admin").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_site_is_not_carried_out() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut other = alpha.clinician("other").await;
    other.get("/compose").await;
    ada.get("/compose").await;
    let form = [("text", "Not hers"), ("visibility", "public"), ("warning", ""), ("language", "en")];
    for token in ["", "nonsense", other.token()] {
        let sent = ada.send_with_token(token, "/posts", &form).await;
        assert_eq!(sent.status, 403, "{token:?}");
    }
    let sent = ada.clone().at_origin("http://evil.test").send("/posts", &form).await;
    assert_eq!(sent.status, 403, "the right token, sent from elsewhere");
    assert!(!ada.home().await.says("Not hers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_up_by_invitation_needs_one_that_works() {
    let options = Options { config: "[accounts]\nregistration = \"invite\"\n".into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test"], &[], options).await;
    let alpha = cluster.get("alpha.test");
    let mut admin = alpha.person("rooty", Role::Admin).await;
    admin.get("/admin/invitations").await;
    let made = admin.send("/admin/invitations", &[("uses", "1"), ("days", "7")]).await;
    let code = made
        .html
        .split("invitation=")
        .nth(1)
        .unwrap_or_else(|| panic!("{}", made.html))
        .split(['"', '<', '&'])
        .next()
        .unwrap()
        .to_owned();
    for (name, code, works) in [("nina", "wrong", false), ("nina", code.as_str(), true), ("nils", code.as_str(), false)]
    {
        let mut browser = alpha.browser();
        browser.get(&format!("/sign-up?invitation={code}")).await;
        let email = format!("{name}@alpha.test");
        let form = [
            ("username", name),
            ("name", name),
            ("email", email.as_str()),
            ("password", PASSWORD),
            ("invitation", code),
            ("reason", ""),
            ("rules", "yes"),
        ];
        let sent = browser.send("/sign-up", &form).await;
        assert_eq!(!sent.status.is_client_error(), works, "{name} with {code}: {}", sent.status);
    }
}

fn wish<'a>(name: &'a str, email: &'a str, reason: &'a str) -> [(&'a str, &'a str); 6] {
    [("username", name), ("name", name), ("email", email), ("password", PASSWORD), ("reason", reason), ("rules", "yes")]
}

async fn ask(alpha: &Instance, name: &str, email: &str, reason: &str) -> Page {
    let mut browser = alpha.browser();
    browser.get("/sign-up").await;
    browser.send("/sign-up", &wish(name, email, reason)).await
}

const REASON: &str = "Nurse on ward 4, please let me in.";

#[tokio::test(flavor = "multi_thread")]
async fn saying_that_one_was_invited_is_no_invitation() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    ask(alpha, "nina", "nina@alpha.test", "Came by invitation").await;
    cluster.settle().await;
    let mut nina = alpha.browser();
    let confirm = link(alpha.mails().last().unwrap(), "/confirm/");
    nina.get(&confirm).await;
    nina.send(&confirm, &[]).await;
    assert!(nina.sign_in("nina", PASSWORD).await.says("An admin is looking"));
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_an_account_tells_nobody_which_addresses_have_one() {
    let options = Options { config: "[limits]\nsign_ups_per_half_hour = 100\n".into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test"], &[], options).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let seen = |page: &Page, name: &str, email: &str| page.html.replace(email, "E").replace(name, "N").len();
    // A free name: the same words for a known and an unknown address, the first time and the second.
    let known = ask(alpha, "anna", "ada@alpha.test", REASON).await;
    let unknown = ask(alpha, "otto", "otto@alpha.test", REASON).await;
    assert_eq!(known.status, unknown.status);
    assert_eq!(seen(&known, "anna", "ada@alpha.test"), seen(&unknown, "otto", "otto@alpha.test"));
    let (known, unknown) =
        (ask(alpha, "anna", "ada@alpha.test", REASON).await, ask(alpha, "otto", "otto@alpha.test", REASON).await);
    assert_eq!((known.status, unknown.status), (unknown.status, known.status));
    assert!(known.says("taken") && unknown.says("taken"), "{}", known.html);
    // A name in use says so whatever the address.
    for email in ["ada@alpha.test", "nobody@alpha.test"] {
        assert!(ask(alpha, "ada", email, REASON).await.says("This user name is taken"));
    }
    cluster.settle().await;
    assert!(alpha.mails().iter().any(|m| m.contains("To: ada@alpha.test") && m.contains("You have one already")));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_mail_asks_again_and_an_unconfirmed_name_is_free_after_days() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    ask(alpha, "nina", "nina@alpha.test", REASON).await;
    cluster.settle().await;
    ask(alpha, "nina2", "nina@alpha.test", REASON).await;
    cluster.settle().await;
    let confirms = alpha.mails().iter().filter(|m| m.contains("/confirm/")).count();
    assert_eq!(confirms, 2, "a second link, no word of a password");
    cluster.pass(TimeDelta::days(4));
    consilium::service::sweep::run(&alpha.ctx).await.unwrap();
    assert!(!ask(alpha, "nina", "nina@alpha.test", REASON).await.says("taken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ups_and_resets_from_one_place_have_an_end() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let mut last = 0;
    for n in 0..6 {
        last = ask(alpha, &format!("nina{n}"), &format!("n{n}@alpha.test"), REASON).await.status.as_u16();
    }
    assert_eq!(last, 429);
    let mut browser = alpha.browser();
    for _ in 0..6 {
        browser.get("/forgotten").await;
        last = browser.send("/forgotten", &[("email", "ada@alpha.test")]).await.status.as_u16();
    }
    assert_eq!(last, 429);
    cluster.settle().await;
    assert!(alpha.mails().iter().filter(|m| m.contains("/reset/")).count() <= 5, "nobody's mailbox is flooded");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_spelling_of_a_name_is_no_new_guess_and_many_at_once_are_many() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let guesses = ["ada", "@ada", "@@ada", "ADA", "ada@alpha.test", " ada ", "@Ada", "ADA@alpha.test"];
    let tries = guesses.map(|name| {
        let mut browser = alpha.browser();
        async move { browser.sign_in(name, "a wrong guess").await.status.as_u16() }
    });
    let answers = futures_util::future::join_all(tries).await;
    assert!(answers.iter().filter(|s| **s == 429).count() >= 3, "{answers:?}");
    assert_eq!(alpha.browser().sign_in("ada", PASSWORD).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_address_is_confirmed_at_the_new_one_and_told_to_the_old_one() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    ada.get("/settings/account").await;
    let wrong =
        ada.send("/settings/account/email", &[("email", "new@alpha.test"), ("email_password", "not this")]).await;
    assert_eq!(wrong.status, 422);
    ada.get("/settings/account").await;
    ada.send("/settings/account/email", &[("email", "new@alpha.test"), ("email_password", PASSWORD)]).await;
    cluster.settle().await;
    assert!(alpha.mails().iter().any(|m| m.contains("To: ada@alpha.test") && m.contains("is being changed")));
    assert!(!alpha.browser().sign_in("new@alpha.test", PASSWORD).await.status.is_redirection(), "not yet");
    let mail = alpha.mails().into_iter().find(|m| m.contains("To: new@alpha.test")).unwrap();
    let confirm = link(&mail, "/confirm-email/");
    ada.get(&confirm).await;
    ada.send(&confirm, &[]).await;
    assert!(alpha.browser().sign_in("new@alpha.test", PASSWORD).await.status.is_redirection());
    let mut last = 0;
    for n in 0..5 {
        let email = format!("stranger{n}@beta.test");
        ada.get("/settings/account").await;
        let asked = ada.send("/settings/account/email", &[("email", &email), ("email_password", PASSWORD)]).await;
        last = asked.status.as_u16();
    }
    assert_eq!(last, 429, "nobody writes to strangers by our hand for long");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_and_a_new_password_ends_the_others() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut here = alpha.clinician("ada").await;
    let (mut phone, mut library) = (alpha.browser(), alpha.browser());
    phone.sign_in("ada", PASSWORD).await;
    library.sign_in("ada", PASSWORD).await;
    let listed = here.get("/settings/sessions").await;
    assert_eq!(listed.html.matches("/end\"").count(), 2, "{}", listed.html);
    let id = listed.html.split("/settings/sessions/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    here.send(&format!("/settings/sessions/{id}/end"), &[]).await;
    let open = [phone.home().await, library.home().await].iter().filter(|p| p.says("Share something")).count();
    assert_eq!(open, 1);
    here.get("/settings/account").await;
    let (mut copied, app) = (here.clone(), App::of(alpha, "ada", "read").await);
    let form = [("current_password", PASSWORD), ("new_password", "four other plain words")];
    let changed = here.send("/settings/account/password", &form).await;
    assert!(changed.status.is_redirection(), "{}", changed.html);
    let open = [phone.home().await, library.home().await].iter().filter(|p| p.says("Share something")).count();
    assert_eq!(open, 0);
    assert!(here.home().await.says("Share something"), "the one at hand stays");
    assert!(!copied.home().await.says("Share something"), "a copy of its cookie from before is worth nothing");
    assert_eq!(app.get("/api/v1/accounts/verify_credentials").await.status, 401, "apps are let in anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_place_takes_nobody_and_an_open_one_everybody_who_confirms() {
    for (mode, works) in [("closed", false), ("open", true)] {
        let config = format!("[accounts]\nregistration = \"{mode}\"\n");
        let cluster = Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await;
        let alpha = cluster.get("alpha.test");
        let asked = ask(alpha, "nina", "nina@alpha.test", "").await;
        assert_eq!(asked.status.is_success(), works, "{mode}: {}", asked.status);
        if works {
            cluster.settle().await;
            let mut nina = alpha.browser();
            let confirm = link(alpha.mails().last().unwrap(), "/confirm/");
            nina.get(&confirm).await;
            nina.send(&confirm, &[]).await;
            assert!(nina.sign_in("nina", PASSWORD).await.status.is_redirection());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_newcomer_reads_why_by_mail() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut admin = alpha.person("rooty", Role::Admin).await;
    ask(alpha, "nina", "nina@alpha.test", REASON).await;
    cluster.settle().await;
    let confirm = link(alpha.mails().last().unwrap(), "/confirm/");
    let mut nina = alpha.browser();
    nina.get(&confirm).await;
    nina.send(&confirm, &[]).await;
    let waiting = admin.get("/admin/sign-ups").await;
    let id = waiting.html.split("/admin/sign-ups/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let path = format!("/admin/sign-ups/{id}/reject");
    admin.get(&path).await;
    assert_eq!(admin.send(&path, &[("reason", "")]).await.status, 422, "without a reason it is not sent");
    admin.send(&path, &[("reason", "Please use your hospital address.")]).await;
    cluster.settle().await;
    assert!(alpha.mails().iter().any(|m| m.contains("Please use your hospital address.")));
    assert!(!nina.sign_in("nina", PASSWORD).await.status.is_redirection());
}

#[tokio::test(flavor = "multi_thread")]
async fn in_production_cookies_are_for_this_host_over_https_and_out_of_reach_of_scripts() {
    let cluster = Cluster::guarded(&["alpha.test"], "").await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let mut ada = alpha.browser();
    ada.get("/sign-in").await;
    let signed_in = ada.send("/sign-in", &[("login", "ada"), ("password", PASSWORD)]).await;
    let cookies: Vec<_> = signed_in.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    let session = cookies.iter().find(|c| c.starts_with("__Host-session=")).unwrap();
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(session.contains(part), "{session}");
    }
    let home = ada.home().await;
    assert!(home.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert!(home.headers.contains_key("strict-transport-security"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_is_gone_with_everything_it_wrote() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut bo = cluster.get("beta.test").clinician("bo").await;
    bo.follow("@ada@alpha.test").await;
    cluster.settle().await;
    let id = ada.post("My last words here", "public").await;
    cluster.settle().await;
    assert!(bo.home().await.says("My last words here"));
    ada.get("/settings/account/close").await;
    let closed = ada.send("/settings/account/close", &[("current_password", PASSWORD)]).await;
    assert!(closed.status.is_redirection(), "{}", closed.html);
    cluster.settle().await;
    assert!(!bo.home().await.says("My last words here"), "gone at the other hospital");
    assert_eq!(alpha.browser().get(&format!("/@ada/{id}")).await.status, 410);
    assert!(!ada.sign_in("ada", PASSWORD).await.status.is_redirection());
    assert!(ask(alpha, "ada", "other@alpha.test", REASON).await.says("taken"), "the name is not given again");
}
