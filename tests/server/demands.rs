//! What a house demands of its own people before they post for everybody or write to strangers.

use chrono::TimeDelta;
use consilium::model::Role;
use diesel_async::SimpleAsyncConnection;
use reqwest::Method;
use serde_json::json;

use crate::{
    cli::Operator,
    harness::{App, Browser, Cluster, Instance, Options, Page},
};

const ATTESTED: &str = "Only verified clinicians may post for everybody here. Send a credential to the desk first.";
const STRANGERS: &str = "Only verified clinicians may write to people who do not follow them here.";

async fn house(rules: &str) -> Cluster {
    Cluster::with(&["alpha.test"], &[], Options { config: rules.into(), ..Options::default() }).await
}

async fn execute(instance: &Instance, sql: &str) {
    instance.ctx.pool.get().await.unwrap().batch_execute(sql).await.unwrap();
}

/// Gives somebody a credential of medicine, and states it where it is attested.
async fn credential(instance: &Instance, username: &str, state: &str, level: i16) {
    let sql = format!(
        "WITH c AS (INSERT INTO credentials \
             (account_id, kind, state, level, body, jurisdiction, discipline, family_name, given_names) \
           SELECT id, 'registration', '{state}', {level}, 'General Medical Council', 'GB', 'medicine', 'Merrow', 'Ada' \
           FROM accounts WHERE username = '{username}' AND host_id IS NULL RETURNING id, account_id, state) \
         INSERT INTO attestations (token, account_id, uri, issuer_uri, document, name, valid_from, valid_until, \
             credential_id, list_number, list_index) \
         SELECT 'token-' || c.id, a.id, 'http://alpha.test/attestations/' || c.id, '', '{{}}', a.name, now(), \
           now() + interval '1 year', c.id, 1, (c.id % 131072)::integer \
         FROM c JOIN accounts a ON a.id = c.account_id WHERE c.state = 'attested'"
    );
    execute(instance, &sql).await;
}

/// Tries to publish.
async fn tries(who: &mut Browser, text: &str, visibility: &str) -> Page {
    let form = [("text", text), ("visibility", visibility), ("warning", ""), ("language", "en")];
    who.send("/posts", &form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_verified_clinicians_post_for_everybody_where_the_house_wants_it_so() {
    let cluster = house("[verification.public_posts]\nlevel = 4\n").await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    for visibility in ["public", "unlisted"] {
        let refused = tries(&mut ada, "Good morning, everybody", visibility).await;
        assert_eq!(refused.status, 422, "{visibility}");
        assert!(refused.says(ATTESTED) && refused.says("id=\"visibility-fault\""), "{}", refused.html);
        assert!(refused.says("Good morning, everybody"), "nothing has to be typed again");
    }
    let app = App::of(alpha, "ada", "read write").await;
    let refused = app.post("/api/v1/statuses", json!({ "status": "From an app" })).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body["error"].as_str().unwrap().contains(ATTESTED), "{}", refused.body);
    ada.post("Good morning, friends", "followers").await;

    credential(alpha, "ada", "submitted", 2).await;
    assert_eq!(tries(&mut ada, "On its way", "public").await.status, 422, "to have sent one in is not enough");
    credential(alpha, "ada", "attested", 4).await;
    ada.post("Good morning, everybody", "public").await;
    execute(alpha, "UPDATE accounts SET name = 'Prof. Somebody Else' WHERE username = 'ada'").await;
    let renamed = tries(&mut ada, "Under another name", "public").await;
    assert_eq!(renamed.status, 422, "what was checked of one name is not proven of another");
    execute(alpha, "UPDATE accounts SET name = 'Dr ada' WHERE username = 'ada'").await;
    ada.post("Under the name that was checked", "public").await;
    execute(alpha, "UPDATE credentials SET state = 'suspended' WHERE state = 'attested'").await;
    assert_eq!(tries(&mut ada, "Once more", "public").await.status, 422, "and it is over at once");
    let mut bo = alpha.clinician("bo").await;
    assert_eq!(tries(&mut bo, "Me too", "public").await.status, 422, "what one has proven is nobody else's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_may_ask_for_less_than_a_decision_and_for_a_profession() {
    let cluster = house("[verification.public_posts]\nlevel = 2\ndisciplines = [\"medicine\"]\n").await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let refused = tries(&mut ada, "Hello", "public").await;
    assert!(refused.says("clinicians in medicine whose credential stands in a register"), "{}", refused.html);
    credential(alpha, "ada", "draft", 3).await;
    assert_eq!(tries(&mut ada, "Hello", "public").await.status, 422, "a draft is nobody's business");
    credential(alpha, "ada", "in_review", 2).await;
    ada.post("Hello", "public").await;
    execute(alpha, "UPDATE credentials SET discipline = 'nursing'").await;
    assert_eq!(tries(&mut ada, "Hello again", "public").await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_not_rewritten_for_everybody_by_whom_the_house_no_longer_stands_by() {
    let cluster = house("[verification.public_posts]\nlevel = 4\n").await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let app = App::of(alpha, "ada", "read write").await;
    credential(alpha, "ada", "attested", 4).await;
    let open = [ada.post("Wash your hands", "public").await, ada.post("Wash your hands", "unlisted").await];
    let inner = ada.post("Wash your hands", "followers").await;
    execute(alpha, "UPDATE credentials SET state = 'suspended'").await;
    let form = [("text", "Buy my soap"), ("warning", ""), ("language", "en")];
    for id in open {
        ada.get(&format!("/posts/{id}/edit")).await;
        let refused = ada.send(&format!("/posts/{id}/edit"), &form).await;
        assert!(refused.status == 422 && refused.says(ATTESTED), "{}", refused.html);
        assert!(refused.says("Buy my soap"), "nothing has to be typed again");
        let path = format!("/api/v1/statuses/{id}");
        let refused = app.ask(Method::PUT, &path, Some(json!({ "status": "Buy my soap" }))).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(app.get(&path).await.body["content"].as_str().unwrap().contains("Wash your hands"));
    }
    ada.get(&format!("/posts/{inner}/edit")).await;
    assert!(ada.send(&format!("/posts/{inner}/edit"), &form).await.status.is_redirection(), "among friends she may");

    execute(alpha, "UPDATE credentials SET state = 'attested'").await;
    ada.get(&format!("/posts/{}/edit", open[0])).await;
    assert!(ada.send(&format!("/posts/{}/edit", open[0]), &form).await.status.is_redirection());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demand_that_nobody_could_ever_meet_is_refused_before_the_house_opens() {
    let op =
        Operator::with("demand", "[verification.strangers]\nissuers = [\"demand.localhost:9\", \"college.test\"]\n");
    let output = op.run(&["doctor"], "");
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success() && words.contains("WRONG configuration"), "{words}");
    let why = "verification.strangers.issuers: “college.test” can verify nobody of this house";
    assert!(words.contains(why) && words.contains("Name “demand.localhost:9”, or none."), "{words}");
    let refused = op.run(&["hosts", "list"], "");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains(why), "{refused:?}");

    let cluster = house("[verification.public_posts]\nissuers = [\"Alpha.test\"]\n").await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    credential(alpha, "ada", "in_review", 3).await;
    let refused = tries(&mut ada, "Hello", "public").await;
    let why = "Only clinicians whom Alpha.test has verified may post for everybody here. Send a credential to the desk first.";
    assert!(refused.status == 422 && refused.says(why), "{}", refused.html);
    credential(alpha, "ada", "attested", 4).await;
    ada.post("Hello", "public").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trusted_institution_elsewhere_has_verified_counts_as_long_as_it_is_trusted() {
    let cluster = house("[verification.public_posts]\nlevel = 4\n").await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    assert_eq!(tries(&mut ada, "Hello", "public").await.status, 422);
    execute(
        alpha,
        "INSERT INTO hosts (name, state, trust) VALUES ('college.test', 'allowed', 'trusted'); \
         INSERT INTO issuers (uri, host_id, name) SELECT 'https://college.test/college', id, 'The College' \
           FROM hosts WHERE name = 'college.test'; \
         INSERT INTO attestations (token, account_id, uri, issuer_uri, document, name, discipline, level, valid_from, \
             valid_until, verdict, confirmed_at) \
           SELECT 'token', id, 'https://college.test/statements/1', 'https://college.test/college', '{}', name, \
             'medicine', 4, now() - interval '1 day', now() + interval '1 year', 'holds', now() \
           FROM accounts WHERE username = 'ada' AND host_id IS NULL",
    )
    .await;
    ada.post("Hello", "public").await;
    for (change, back) in [
        ("UPDATE hosts SET trust = 'claim' WHERE name = 'college.test'", "UPDATE hosts SET trust = 'trusted'"),
        ("UPDATE issuers SET changed_at = now()", "UPDATE issuers SET changed_at = NULL"),
        ("UPDATE hosts SET trusted_disciplines = '{nursing}'", "UPDATE hosts SET trusted_disciplines = '{}'"),
        ("UPDATE attestations SET verdict = 'revoked'", "UPDATE attestations SET verdict = 'holds'"),
    ] {
        execute(alpha, change).await;
        assert_eq!(tries(&mut ada, "Hello again", "public").await.status, 422, "{change}");
        execute(alpha, back).await;
    }
    cluster.pass(TimeDelta::hours(80));
    ada.sign_in("ada", crate::harness::cluster::PASSWORD).await;
    assert_eq!(tries(&mut ada, "Hello again", "public").await.status, 422, "nobody has confirmed it for too long");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_written_to_by_verified_clinicians_alone() {
    let cluster = house("[verification.strangers]\nlevel = 4\n").await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut bo = alpha.clinician("bo").await;
    let mut cyd = alpha.clinician("cyd").await;
    for visibility in ["direct", "followers"] {
        let refused = tries(&mut ada, "@bo Please buy my book", visibility).await;
        assert!(refused.status == 422 && refused.says(STRANGERS), "{visibility}: {}", refused.html);
    }
    ada.post("@bo Good morning", "public").await;
    ada.post("Among us", "followers").await;
    bo.follow("ada").await;
    let id = ada.post("@bo Lunch at noon?", "direct").await;
    ada.get(&format!("/posts/{id}/edit")).await;
    let form = [("text", "@bo @cyd Lunch at noon?"), ("warning", ""), ("language", "en")];
    let refused = ada.send(&format!("/posts/{id}/edit"), &form).await;
    assert!(refused.status == 422 && refused.says(STRANGERS), "nobody new comes in by an edit: {}", refused.html);
    let form = [("text", "@bo Lunch at one?"), ("warning", ""), ("language", "en")];
    assert!(ada.send(&format!("/posts/{id}/edit"), &form).await.status.is_redirection());

    credential(alpha, "cyd", "attested", 4).await;
    let asks = cyd.post("@ada May I ask you something?", "direct").await;
    let answer = ada.reply(asks, "@cyd Of course").await;
    assert_eq!(cyd.get(&format!("/@ada/{answer}")).await.status, 200, "who was written to may answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_waits_is_held_against_the_rule_when_its_time_comes() {
    let cluster = house("[verification.public_posts]\nlevel = 4\n").await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let app = App::of(alpha, "ada", "read write").await;
    let at = (alpha.ctx.now() + TimeDelta::hours(1)).to_rfc3339();
    let form = json!({ "status": "Rounds at eight", "scheduled_at": at, "visibility": "public" });
    assert_eq!(app.post("/api/v1/statuses", form).await.status, 200, "she may be verified by then");
    cluster.pass(TimeDelta::hours(2));
    cluster.settle().await;
    let mut ada = alpha.signed_in("ada").await;
    let waiting = ada.get("/scheduled").await;
    assert!(waiting.says("Rounds at eight") && waiting.says(ATTESTED), "{}", waiting.html);
    assert!(!alpha.browser().get("/@ada").await.says("Rounds at eight"));
}
