//! Accounts and sessions, as people live them.

use chrono::TimeDelta;
use consilium::model::Role;

use crate::harness::{Cluster, Options, cluster::PASSWORD};

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
    cluster.pass(TimeDelta::hours(7));
    assert!(ada.home().await.says("Share something"));
    cluster.pass(TimeDelta::hours(9));
    assert!(!ada.home().await.says("Share something"));
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
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    let mut other = cluster.get("alpha.test").clinician("other").await;
    other.get("/compose").await;
    // A token of another browser's session is worth nothing here.
    let token = other
        .get("/compose")
        .await
        .html
        .split("name=\"csrf\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    ada.get("/about").await;
    let sent = ada.send("/posts", &[("csrf", &token), ("text", "Hello"), ("visibility", "public")]).await;
    assert!(sent.status.is_client_error(), "two tokens are none: {}", sent.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_up_by_invitation_needs_one_that_works() {
    let options = Options { config: "[accounts]\nregistration = \"invite\"\n".into() };
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
