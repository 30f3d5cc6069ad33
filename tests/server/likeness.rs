//! Names that could be taken for a verified colleague's, and signs in names that could be taken for a badge.

use consilium::{
    model::Role,
    policy::Viewer,
    service::{
        credentials::{self, CredentialForm},
        profiles::{self, ProfileForm},
        registration::{self, SignUp},
    },
};
use diesel_async::SimpleAsyncConnection;

use crate::harness::{Browser, Cluster, Instance, Options, Page, Stranger, cluster::PASSWORD};

const ALIKE: &str = "The name looks like that of @ada, who is verified.";
const MARKED: &str = "The name carried a mark that looks like a badge; it is not shown.";

/// Somebody is verified under the name that they have.
async fn verify(instance: &Instance, username: &str) {
    let sql = format!(
        "INSERT INTO attestations (token, account_id, uri, issuer_uri, document, name, discipline, valid_from, valid_until, \
             verdict, confirmed_at) \
           SELECT 'token', id, 'https://college.test/1', 'https://college.test/college', '{{}}', name, 'medicine', now(), \
             '2100-01-01', 'holds', now() FROM accounts WHERE username = '{username}' AND host_id IS NULL; \
         UPDATE accounts SET badge_until = '2100-01-01', badge = '{{\"token\":\"token\",\"discipline\":\"medicine\", \
             \"specialty\":\"\",\"issuer\":\"The College\",\"register\":\"GMC\",\"jurisdiction\":\"GB\",\"checked_on\":null, \
             \"until\":\"2100-01-01T00:00:00Z\",\"confirmed_at\":null}}' WHERE username = '{username}' AND host_id IS NULL"
    );
    instance.ctx.pool.get().await.unwrap().batch_execute(&sql).await.unwrap();
}

async fn rename(instance: &Instance, who: &Viewer, name: &str) {
    let known = profiles::by_id(&instance.ctx, who, who.account().unwrap()).await.unwrap();
    let form = ProfileForm { name: name.into(), ..ProfileForm::of(&known.account) };
    profiles::update(&instance.ctx, who, form).await.unwrap();
}

async fn open_reports(moderator: &mut Browser) -> Page {
    moderator.get("/admin/reports").await
}

fn count(page: &Page, words: &str) -> usize {
    page.html.matches(words).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_looks_like_a_verified_colleagues_comes_before_a_moderator_once() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut moddy = alpha.person("moddy", Role::Moderator).await;
    let ada = alpha.account("ada", Role::Clinician).await;
    let eve = alpha.account("eve", Role::Clinician).await;
    rename(alpha, &ada, "Dr Ada Merrow").await;
    rename(alpha, &eve, "Ada Merrow").await;
    assert!(!open_reports(&mut moddy).await.says("looks like"), "nobody is verified yet");
    verify(alpha, "ada").await;

    // Cyrillic letters.
    rename(alpha, &eve, "Prof. Аdа Mеrrоw").await;
    let list = open_reports(&mut moddy).await;
    assert_eq!(count(&list, ALIKE), 1, "{}", list.html);
    assert!(list.says("@eve") && list.says("By alpha.test"), "{}", list.html);
    assert!(moddy.get("/notifications").await.says("/@eve"), "and the moderators are told");
    rename(alpha, &eve, "Adà Merrow").await;
    rename(alpha, &eve, "Adà Merrow").await;
    assert_eq!(count(&open_reports(&mut moddy).await, ALIKE), 1, "not again while one is open");

    let list = open_reports(&mut moddy).await;
    let id = list.html.split("href=\"/admin/reports/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    moddy.get(&format!("/admin/reports/{id}")).await;
    moddy.send(&format!("/admin/reports/{id}/resolve"), &[("resolution", "Spoke with her")]).await;
    rename(alpha, &eve, "Ada Merrow").await;
    assert_eq!(count(&open_reports(&mut moddy).await, ALIKE), 1, "a new look-alike after that is told again");

    rename(alpha, &eve, "Eve Adams").await;
    rename(alpha, &ada, "Dr Ada Merrow").await;
    assert_eq!(count(&open_reports(&mut moddy).await, "looks like"), 1, "her own name is hers");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_had_the_name_before_is_looked_at_when_somebody_is_verified_under_it() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let ctx = &alpha.ctx;
    let mut moddy = alpha.person("moddy", Role::Moderator).await;
    let vera = alpha.account("vera", Role::Verifier).await;
    let ada = alpha.account("ada", Role::Clinician).await;
    let eve = alpha.account("eve", Role::Clinician).await;
    rename(alpha, &ada, "Ada Merrow").await;
    rename(alpha, &eve, "Dr Аdа Mеrrоw").await;
    assert!(!open_reports(&mut moddy).await.says("looks like"));
    let form = CredentialForm {
        kind: "registration".into(),
        register: "gb-gmc".into(),
        number: "7012345".into(),
        discipline: "medicine".into(),
        family_name: "Merrow".into(),
        given_names: "Ada".into(),
        ..CredentialForm::default()
    };
    let id = credentials::save(ctx, &ada, None, form, true).await.unwrap();
    credentials::claim(ctx, &vera, id).await.unwrap();
    let review = credentials::open(ctx, &vera, id).await.unwrap();
    let ticks = review.checklist.iter().map(|item| item.key.to_owned()).collect();
    credentials::tick(ctx, &vera, id, ticks, "Her passport and the register", &review.mark).await.unwrap();
    credentials::attest(ctx, &vera, id, &review.mark).await.unwrap();
    let list = open_reports(&mut moddy).await;
    assert!(list.says("@eve") && count(&list, ALIKE) == 1, "{}", list.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_from_before_names_were_looked_at_are_looked_at_by_and_by() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut moddy = alpha.person("moddy", Role::Moderator).await;
    let ada = alpha.account("ada", Role::Clinician).await;
    rename(alpha, &ada, "Dr Ada Merrow").await;
    let eve = alpha.account("eve", Role::Clinician).await;
    rename(alpha, &eve, "Аdа Mеrrоw").await;
    verify(alpha, "ada").await;
    let forget = "UPDATE accounts SET name_skeleton = ''";
    alpha.ctx.pool.get().await.unwrap().batch_execute(forget).await.unwrap();
    cluster.settle().await;
    let list = open_reports(&mut moddy).await;
    assert!(list.says("@eve") && count(&list, ALIKE) == 1, "{}", list.html);
    cluster.settle().await;
    assert_eq!(count(&open_reports(&mut moddy).await, ALIKE), 1, "which is done once");
}

#[tokio::test(flavor = "multi_thread")]
async fn newcomers_here_and_elsewhere_are_looked_at_too() {
    let eve = Stranger::at("eve.test").await;
    let cluster = Cluster::with(&["alpha.test"], &[("eve.test", eve.address)], Options::default()).await;
    let alpha = cluster.get("alpha.test");
    let mut moddy = alpha.person("moddy", Role::Moderator).await;
    alpha.account("ada", Role::Clinician).await;
    verify(alpha, "ada").await;
    let newcomer = SignUp {
        username: "mallory".into(),
        name: "Prof. A D A".into(),
        email: "mallory@alpha.test".into(),
        password: PASSWORD.into(),
        ..SignUp::default()
    };
    registration::create(&alpha.ctx, newcomer, Role::Clinician).await.unwrap();
    let mut actor = eve.person("eve");
    actor["name"] = "Ada ✅ :verified:".into();
    eve.serve("/users/eve", actor);
    let create = eve.activity("Create", "1", eve.note("1", "I am somebody"));
    assert_eq!(eve.deliver(alpha, &create).await, 202);
    cluster.settle().await;
    let list = open_reports(&mut moddy).await;
    assert!(list.says("@mallory") && list.says("@eve@eve.test") && count(&list, ALIKE) == 2, "{}", list.html);
    assert_eq!(count(&list, MARKED), 1, "{}", list.html);
    let profile = moddy.get("/@eve@eve.test").await;
    assert!(profile.says("Ada") && !profile.says("✅") && !profile.says(":verified:"), "{}", profile.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_like_a_badge_is_taken_off_a_name_and_told_to_the_moderators() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut moddy = alpha.person("moddy", Role::Moderator).await;
    let eve = alpha.account("eve", Role::Clinician).await;
    rename(alpha, &eve, "Eve 🌻 (GP: ward 4) :heart:").await;
    assert!(!open_reports(&mut moddy).await.says(MARKED), "a flower is no badge");
    assert!(alpha.browser().get("/@eve").await.says("Eve 🌻 (GP: ward 4) :heart:"));
    for name in ["Eve ✔\u{fe0f}", "Eve 🪪", "Eve 🔰 :verified_blue:"] {
        rename(alpha, &eve, name).await;
        assert_eq!(count(&open_reports(&mut moddy).await, MARKED), 1, "{name}");
    }
    let profile = alpha.browser().get("/@eve").await;
    assert!(profile.says("Eve") && !profile.says("🔰") && !profile.says(":verified_blue:"), "{}", profile.html);
}
