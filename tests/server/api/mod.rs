//! Apps: how they come to act for somebody, what they read and do then, and what they never get.

mod contract;
mod finding;
mod house;
mod listening;
mod people;
pub mod pictures;
mod polls;
mod scopes;
mod writing;

use consilium::model::Role;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::harness::{Answer, App, Browser, Cluster, Options};

const REDIRECT: &str = "oauth2redirect://com.example.app/";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The page where a person says yes, and the code that the app gets.
async fn consent(person: &mut Browser, client_id: &str, scope: &str, redirect: &str) -> String {
    let asked = format!(
        "/oauth/authorize?response_type=code&client_id={client_id}&redirect_uri={}&scope={}&state=s1\
         &code_challenge={CHALLENGE}&code_challenge_method=S256",
        encoded(redirect),
        encoded(scope)
    );
    let page = person.get(&asked).await;
    assert!(page.says("Example app") && page.says("Do not allow"), "{}", page.html);
    assert!(!page.headers["content-security-policy"].to_str().unwrap().contains("form-action"));
    let fields = [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect),
        ("scope", scope),
        ("state", "s1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("answer", "allow"),
    ];
    let sent = person.send("/oauth/authorize", &fields).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    sent.location
        .split("code=")
        .nth(1)
        .unwrap_or_else(|| panic!("{}", sent.location))
        .split('&')
        .next()
        .unwrap()
        .to_owned()
}

async fn register(app: &App, scopes: &str) -> (String, String) {
    let form = json!({ "client_name": "Example app", "redirect_uris": format!("{REDIRECT}\nurn:ietf:wg:oauth:2.0:oob"), "scopes": scopes });
    let made = app.post("/api/v1/apps", form).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let text = |name: &str| made.body[name].as_str().unwrap().to_owned();
    (text("client_id"), text("client_secret"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_allowed_to_act_for_somebody_and_stopped_again() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let stranger = App::new(alpha, "");
    let (id, secret) = register(&stranger, "read write").await;
    let code = consent(&mut ada, &id, "read write", REDIRECT).await;
    let exchange = |code: String, verifier: &'static str| {
        let (id, secret, stranger) = (id.clone(), secret.clone(), &stranger);
        async move {
            let pairs = [
                ("grant_type", "authorization_code"),
                ("client_id", &id),
                ("client_secret", &secret),
                ("redirect_uri", REDIRECT),
                ("code", &code),
                ("code_verifier", verifier),
            ];
            stranger.form("/oauth/token", &pairs).await
        }
    };
    let granted = exchange(code.clone(), VERIFIER).await;
    assert_eq!(
        (granted.status.as_u16(), granted.body["scope"].as_str()),
        (200, Some("read write")),
        "{}",
        granted.body
    );
    let token = granted.body["access_token"].as_str().unwrap().to_owned();
    let app = App::new(alpha, &token);
    let me = app.get("/api/v1/accounts/verify_credentials").await;
    assert_eq!((me.status.as_u16(), me.body["acct"].as_str()), (200, Some("ada")), "{}", me.body);
    assert_eq!(app.get("/api/v1/apps/verify_credentials").await.body["name"], "Example app");
    assert!(ada.get("/settings/sessions").await.says("Example app"), "she sees it among her tokens");

    // A code that comes twice was stolen: what came of it ends.
    let again = exchange(code, VERIFIER).await;
    assert_eq!((again.status.as_u16(), again.body["error"].as_str()), (400, Some("invalid_grant")));
    assert_eq!(app.get("/api/v1/accounts/verify_credentials").await.status, 401);

    // Without the verifier a code is worth nothing.
    let code = consent(&mut ada, &id, "read", REDIRECT).await;
    assert_eq!(exchange(code, "wrong").await.body["error"], "invalid_grant");

    // The app gives its token back.
    let code = consent(&mut ada, &id, "read", REDIRECT).await;
    let token = exchange(code, VERIFIER).await.body["access_token"].as_str().unwrap().to_owned();
    let pairs = [("client_id", id.as_str()), ("client_secret", secret.as_str()), ("token", token.as_str())];
    assert_eq!(stranger.form("/oauth/revoke", &pairs).await.status, 200);
    let ended = App::new(alpha, &token).get("/api/v1/timelines/home").await;
    assert_eq!((ended.status.as_u16(), ended.body["error"].as_str()), (401, Some("The access token is invalid")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_never_sent_where_the_app_did_not_register() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let stranger = App::new(alpha, "");
    let (id, secret) = register(&stranger, "read").await;
    for redirect in ["https://evil.example/", "oauth2redirect://com.example.app/more", ""] {
        let path =
            format!("/oauth/authorize?response_type=code&client_id={id}&scope=read&redirect_uri={}", encoded(redirect));
        let page = ada.get(&path).await;
        assert!(page.status == 400 && page.location.is_empty(), "{redirect}: {} {}", page.status, page.location);
    }
    let too_much =
        format!("/oauth/authorize?response_type=code&client_id={id}&scope=write&redirect_uri={}", encoded(REDIRECT));
    let told = ada.get(&too_much).await;
    assert!(told.location.starts_with(REDIRECT) && told.location.contains("error=invalid_scope"), "{}", told.location);
    let plain = format!(
        "/oauth/authorize?response_type=code&client_id={id}&scope=read&code_challenge={CHALLENGE}&code_challenge_method=plain&redirect_uri={}",
        encoded(REDIRECT)
    );
    assert!(ada.get(&plain).await.location.contains("error=invalid_request"), "plain challenges are refused");
    let fields = [
        ("response_type", "code"),
        ("client_id", id.as_str()),
        ("redirect_uri", REDIRECT),
        ("scope", "read"),
        ("answer", "deny"),
    ];
    ada.get("/compose").await;
    assert!(ada.send("/oauth/authorize", &fields).await.location.contains("error=access_denied"));
    let unknown = alpha
        .browser()
        .get(&format!("/oauth/authorize?response_type=code&client_id={id}&redirect_uri={}", encoded(REDIRECT)))
        .await;
    assert!(unknown.location.starts_with("/sign-in?next="), "{}", unknown.location);
    for bad in ["javascript:alert(1)", "data:text/html,x", "http://evil.example/"] {
        let form = json!({ "client_name": "x", "redirect_uris": bad });
        let made = stranger.post("/api/v1/apps", form).await;
        assert!(made.status == 422 || bad.starts_with("http://"), "{bad}: {}", made.status);
    }
    let wrong = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", "wrong")];
    assert_eq!(stranger.form("/oauth/token", &wrong).await.body["error"], "invalid_client");
    let password = [
        ("grant_type", "password"),
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
        ("username", "ada"),
    ];
    assert_eq!(stranger.form("/oauth/token", &password).await.body["error"], "unsupported_grant_type");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_opens_what_it_says_and_no_more() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let reader = App::of(alpha, "ada", "read:statuses").await;
    assert_eq!(reader.get("/api/v1/timelines/home").await.status, 200);
    for path in ["/api/v1/accounts/verify_credentials", "/api/v1/bookmarks", "/api/v1/follow_requests"] {
        let refused = reader.get(path).await;
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(refused.body["error"], "This action is outside the authorized scopes");
    }
    assert_eq!(reader.post("/api/v1/statuses", json!({ "status": "x" })).await.status, 403);
    let nobody = App::new(alpha, "");
    assert_eq!(nobody.get("/api/v1/timelines/home").await.status, 401);
    assert_eq!(
        App::new(alpha, "nonsense").get("/api/v1/timelines/public").await.status,
        401,
        "a bad token is never ignored"
    );
    // Whatever is wrong with an address, the answer is JSON.
    for path in
        ["/api/v1/no/such/thing", "/api/v1/statuses/99999999999999999999", "/api/v1/accounts/ada", "/oauth/token"]
    {
        let lost = nobody.get(path).await;
        assert_eq!((lost.status.as_u16(), lost.body["error"].as_str()), (404, Some("Record not found")), "{path}");
    }
    assert_eq!(nobody.ask(Method::DELETE, "/api/v1/instance", None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn posting_reading_and_reacting_from_an_app_reach_the_other_hospital() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    alpha.account("ada", Role::Clinician).await;
    beta.account("bo", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read write follow").await;
    let bo = App::of(beta, "bo", "read write follow").await;
    let found = ada.get("/api/v1/accounts/search?q=bo%40beta.test&resolve=true").await;
    let id = found.body[0]["id"].as_str().unwrap_or_else(|| panic!("{}", found.body)).to_owned();
    let followed = ada.post(&format!("/api/v1/accounts/{id}/follow"), json!({})).await;
    assert_eq!((followed.body["requested"].as_bool(), followed.body["following"].as_bool()), (Some(true), Some(false)));
    cluster.settle().await;
    let relation = ada.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await;
    assert_eq!(relation.body[0]["following"], true, "{}", relation.body);

    let written = bo
        .post(
            "/api/v1/statuses",
            json!({ "status": "0.123 is *not* Markdown\nsecond line #ecg", "in_reply_to_id": null, "media_ids": [] }),
        )
        .await;
    assert_eq!(written.status, 200, "{}", written.body);
    assert!(written.body["content"].as_str().unwrap().starts_with("<p>0.123 is *not* Markdown<br>second line "));
    assert_eq!(written.body["tags"][0]["name"], "ecg");
    cluster.settle().await;
    let home = ada.get("/api/v1/timelines/home").await;
    let status = &home.body[0];
    assert_eq!(status["account"]["acct"], "bo@beta.test", "{}", home.body);
    let id = status["id"].as_str().unwrap().to_owned();
    for (act, field) in [("favourite", "favourited"), ("bookmark", "bookmarked")] {
        assert_eq!(ada.post(&format!("/api/v1/statuses/{id}/{act}"), json!({})).await.body[field], true, "{act}");
    }
    let boost = ada.post(&format!("/api/v1/statuses/{id}/reblog"), json!({})).await;
    assert_eq!(
        (boost.body["reblog"]["id"].as_str(), boost.body["reblog"]["reblogged"].as_bool()),
        (Some(id.as_str()), Some(true))
    );
    let twice = ada.post(&format!("/api/v1/statuses/{id}/reblog"), json!({})).await;
    assert_eq!(twice.body["id"], boost.body["id"], "the same boost");
    let answer =
        ada.post("/api/v1/statuses", json!({ "status": "@bo@beta.test Thank you", "in_reply_to_id": id })).await;
    assert_eq!(answer.body["mentions"][0]["acct"], "bo@beta.test", "{}", answer.body);
    cluster.settle().await;
    let own = written.body["id"].as_str().unwrap();
    let context = bo.get(&format!("/api/v1/statuses/{own}/context")).await;
    assert!(context.body["descendants"][0]["content"].as_str().unwrap().contains("Thank you"));
    let seen = bo.get(&format!("/api/v1/statuses/{own}")).await;
    assert_eq!((seen.body["favourites_count"].as_i64(), seen.body["reblogs_count"].as_i64()), (Some(1), Some(1)));
    assert_eq!(bo.get(&format!("/api/v1/statuses/{own}/favourited_by")).await.body[0]["acct"], "ada@alpha.test");
    let undone = ada.post(&format!("/api/v1/statuses/{id}/unreblog"), json!({})).await;
    assert_eq!((undone.body["id"].as_str(), undone.body["reblogged"].as_bool()), (Some(id.as_str()), Some(false)));
    let deleted = bo.ask(Method::DELETE, &format!("/api/v1/statuses/{own}"), None).await;
    assert!(deleted.body["text"].as_str().unwrap().contains("0.123"));
    assert_eq!(bo.get(&format!("/api/v1/statuses/{own}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_for_followers_or_by_name_is_for_no_other_app() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "friend", "stranger"] {
        alpha.account(name, Role::Clinician).await;
    }
    let ada = App::of(alpha, "ada", "read write").await;
    let friend = App::of(alpha, "friend", "read write follow").await;
    let stranger = App::of(alpha, "stranger", "read write").await;
    let nobody = App::new(alpha, "");
    let me = ada.get("/api/v1/accounts/verify_credentials").await.body["id"].as_str().unwrap().to_owned();
    friend.post(&format!("/api/v1/accounts/{me}/follow"), json!({})).await;
    for visibility in ["private", "direct"] {
        let text = format!("@friend for few #secret {visibility}");
        let id = ada.post("/api/v1/statuses", json!({ "status": text, "visibility": visibility })).await.body["id"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(friend.get(&format!("/api/v1/statuses/{id}")).await.status, 200);
        for other in [&stranger, &nobody] {
            for path in [
                format!("/api/v1/statuses/{id}"),
                format!("/api/v1/statuses/{id}/context"),
                format!("/api/v1/statuses/{id}/favourited_by"),
            ] {
                assert_eq!(other.get(&path).await.status, 404, "{visibility} {path}");
            }
            for path in [
                format!("/api/v1/accounts/{me}/statuses"),
                "/api/v1/timelines/public".into(),
                "/api/v1/timelines/tag/secret".into(),
            ] {
                let listed = other.get(&path).await;
                assert!(!listed.body.to_string().contains("for few"), "{visibility} {path}");
            }
        }
        for act in ["favourite", "reblog", "bookmark"] {
            assert_eq!(stranger.post(&format!("/api/v1/statuses/{id}/{act}"), json!({})).await.status, 404, "{act}");
        }
        assert_eq!(stranger.ask(Method::DELETE, &format!("/api/v1/statuses/{id}"), None).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_walked_by_their_links_without_a_gap_or_a_repeat() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read write").await;
    for n in 0..7 {
        assert_eq!(ada.post("/api/v1/statuses", json!({ "status": format!("Number {n}") })).await.status, 200);
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/timelines/home?limit=3".to_owned();
    loop {
        let page = ada.get(&path).await;
        let items = page.body.as_array().unwrap();
        seen.extend(items.iter().map(|s| s["id"].as_str().unwrap().to_owned()));
        let Some(link) = page.headers.get("link").map(|l| l.to_str().unwrap().to_owned()) else { break };
        let Some(next) = link.split(", ").find(|l| l.ends_with("rel=\"next\"")) else { break };
        assert!(link.starts_with('<') && next.contains("limit=3"), "{link}");
        path = next.split('>').next().unwrap().trim_start_matches('<').replace("http://alpha.test", "");
    }
    let mut sorted = seen.clone();
    sorted.sort_by_key(|id| std::cmp::Reverse(id.parse::<i64>().unwrap()));
    sorted.dedup();
    assert_eq!((seen.len(), &seen), (7, &sorted));
    let middle = &seen[4];
    let ids = |answer: Answer| {
        answer.body.as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        ids(ada.get(&format!("/api/v1/timelines/home?limit=2&min_id={middle}")).await),
        seen[2..4],
        "just above"
    );
    assert_eq!(
        ids(ada.get(&format!("/api/v1/timelines/home?limit=2&since_id={middle}")).await),
        seen[0..2],
        "the newest"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_may_call_and_too_many_calls_are_told_so() {
    let options = Options { config: "[limits]\ncalls_per_five_minutes = 5\n".into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test"], &[], options).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read").await;
    let client = Client::builder().no_proxy().build().unwrap();
    let preflight = client
        .request(Method::OPTIONS, format!("http://{}/api/v1/statuses", alpha.address))
        .header("host", "alpha.test")
        .header("origin", "https://phanpy.example")
        .header("access-control-request-method", "POST")
        .send()
        .await
        .unwrap();
    assert!(preflight.status().is_success());
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
    for left in [4, 3, 2, 1, 0] {
        let answer = ada.get("/api/v1/timelines/home").await;
        assert_eq!(answer.headers["x-ratelimit-remaining"], left.to_string().as_str());
        assert!(answer.headers["access-control-expose-headers"].to_str().unwrap().contains("Link"));
        assert_eq!(answer.headers["cache-control"], "private, no-store");
    }
    let refused = ada.get("/api/v1/timelines/home").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.headers["access-control-allow-origin"], "*", "a failure too can be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_says_of_itself_is_true_and_whole() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let nobody = App::new(alpha, "");
    let v2 = nobody.get("/api/v2/instance").await.body;
    assert_eq!((v2["domain"].as_str(), v2["api_versions"]["mastodon"].as_i64()), (Some("alpha.test"), Some(2)));
    for path in ["/api/v1/instance", "/api/v1/instance/", "/api/v1/instance/?x=1"] {
        assert_eq!(nobody.get(path).await.body["uri"], "alpha.test", "{path}");
    }
    let metadata = nobody.get("/.well-known/oauth-authorization-server").await.body;
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    let account = nobody.get("/api/v1/accounts/lookup?acct=ada%40alpha.test").await.body;
    let path = account["avatar"].as_str().unwrap().replace("http://alpha.test", "");
    let picture =
        nobody.client.get(format!("{}{path}", nobody.base)).header("host", "alpha.test").send().await.unwrap();
    assert_eq!((picture.status().as_u16(), picture.headers()["content-type"].to_str().unwrap()), (200, "image/png"));
    insta::assert_json_snapshot!(account, { ".id" => "[id]", ".created_at" => "[time]" });
    let written =
        App::of(alpha, "ada", "read write").await.post("/api/v1/statuses", json!({ "status": "A word" })).await.body;
    insta::assert_json_snapshot!(written, {
        ".id" => "[id]", ".uri" => "[uri]", ".url" => "[url]", ".created_at" => "[time]", ".account" => "[account]"
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_told_what_happened_and_puts_it_away() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    let ada = App::of(alpha, "ada", "read write").await;
    let bo = App::of(alpha, "bo", "read write follow").await;
    let me = ada.get("/api/v1/accounts/verify_credentials").await.body["id"].as_str().unwrap().to_owned();
    let id = ada.post("/api/v1/statuses", json!({ "status": "A word" })).await.body["id"].as_str().unwrap().to_owned();
    bo.post(&format!("/api/v1/accounts/{me}/follow"), json!({})).await;
    bo.post(&format!("/api/v1/statuses/{id}/favourite"), json!({})).await;
    bo.post("/api/v1/statuses", json!({ "status": "@ada An answer", "in_reply_to_id": id, "visibility": "direct" }))
        .await;
    let told = ada.get("/api/v1/notifications").await.body;
    let kinds: Vec<&str> = told.as_array().unwrap().iter().map(|n| n["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["mention", "favourite", "follow"], "{told}");
    assert_eq!(
        (told[0]["account"]["acct"].as_str(), told[0]["status"]["visibility"].as_str()),
        (Some("bo"), Some("direct"))
    );
    let likes = ada.get("/api/v1/notifications?types[]=favourite").await.body;
    assert_eq!(likes.as_array().unwrap().len(), 1);
    assert_eq!(ada.get("/api/v1/notifications?exclude_types[]=follow").await.body.as_array().unwrap().len(), 2);
    let first = told[0]["id"].as_str().unwrap();
    assert_eq!(ada.get(&format!("/api/v1/notifications/{first}")).await.body["type"], "mention");
    assert_eq!(bo.get(&format!("/api/v1/notifications/{first}")).await.status, 404, "not Bo's");
    assert_eq!(bo.post(&format!("/api/v1/notifications/{first}/dismiss"), json!({})).await.status, 404);
    assert_eq!(ada.post(&format!("/api/v1/notifications/{first}/dismiss"), json!({})).await.body, json!({}));
    assert_eq!(ada.get("/api/v1/notifications").await.body.as_array().unwrap().len(), 2);
    ada.post("/api/v1/notifications/clear", json!({})).await;
    assert_eq!(ada.get("/api/v1/notifications").await.body, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_from_an_app_keeps_what_was_said_before() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    let ada = App::of(alpha, "ada", "read write").await;
    let bo = App::of(alpha, "bo", "read write").await;
    let form = json!({ "status": "Give *5* mg", "spoiler_text": "Doses" });
    let id = ada.post("/api/v1/statuses", form).await.body["id"].as_str().unwrap().to_owned();
    cluster.pass(chrono::TimeDelta::minutes(1));
    let path = format!("/api/v1/statuses/{id}");
    let boundary = "----story";
    let part = |name: &str, value: &str| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = format!("{}{}--{boundary}--\r\n", part("status", "By multipart"), part("visibility", "private"));
    let sent = ada
        .client
        .post(format!("{}/api/v1/statuses", ada.base))
        .header("host", &ada.host)
        .bearer_auth(&ada.token)
        .header("content-type", format!("multipart/form-data; boundary={boundary}"))
        .body(body)
        .send()
        .await
        .unwrap();
    let sent: Value = serde_json::from_str(&sent.text().await.unwrap()).unwrap();
    assert_eq!(
        (sent["content"].as_str(), sent["visibility"].as_str()),
        (Some("<p>By multipart</p>"), Some("private")),
        "{sent}"
    );
    let huge = ada.post("/api/v1/statuses", json!({ "status": "x".repeat(400_000) })).await;
    assert_eq!(huge.status, 422, "a body without end is refused in JSON");
    let edited = ada.ask(Method::PUT, &path, Some(json!({ "status": "Give *0.5* mg" }))).await;
    assert_eq!(edited.body["content"], "<p>Give *0.5* mg</p>", "still plain words: {}", edited.body);
    assert!(
        edited.body["edited_at"].is_string()
            && edited.body["spoiler_text"] == "Doses"
            && edited.body["sensitive"] == true
    );
    assert_eq!(ada.get(&format!("{path}/source")).await.body["text"], "Give *0.5* mg");
    let history = bo.get(&format!("{path}/history")).await.body;
    assert_eq!((history[0]["content"].as_str(), history.as_array().unwrap().len()), (Some("<p>Give *5* mg</p>"), 2));
    assert_eq!(bo.ask(Method::PUT, &path, Some(json!({ "status": "Mine" }))).await.status, 404);
    assert_eq!(bo.get(&format!("{path}/source")).await.status, 404);
    let empty = ada.ask(Method::PUT, &path, Some(json!({ "status": "" }))).await;
    assert_eq!(
        (empty.status.as_u16(), empty.body["error"].as_str()),
        (422, Some("Validation failed: Write something first."))
    );
    assert_eq!(ada.post("/api/v1/statuses", json!({ "status": "x", "media_ids": ["1"] })).await.status, 422);
    let preferences = ada.get("/api/v1/preferences").await.body;
    assert_eq!(preferences["posting:default:visibility"], "public");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_finds_people_posts_and_tags_also_elsewhere() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    alpha.account("ada", Role::Clinician).await;
    beta.account("bo", Role::Clinician).await;
    let ada = App::of(alpha, "ada", "read write").await;
    let bo = App::of(beta, "bo", "read write").await;
    let written = bo.post("/api/v1/statuses", json!({ "status": "On #sepsis" })).await.body;
    assert_eq!(
        ada.get("/api/v2/search?q=bo%40beta.test&type=accounts").await.body["accounts"],
        json!([]),
        "not asked for"
    );
    let found = ada.get("/api/v2/search?q=%40bo%40beta.test&type=accounts&resolve=true").await.body;
    assert_eq!(found["accounts"][0]["acct"], "bo@beta.test", "{found}");
    let address = encoded(written["url"].as_str().unwrap());
    let found = ada.get(&format!("/api/v2/search?q={address}&resolve=true")).await.body;
    let id = found["statuses"][0]["id"].as_str().unwrap_or_else(|| panic!("{found}")).to_owned();
    assert_eq!(ada.get("/api/v2/search?q=%23sep&type=hashtags").await.body["hashtags"][0]["name"], "sepsis");
    ada.post(&format!("/api/v1/statuses/{id}/favourite"), json!({})).await;
    assert_eq!(ada.get("/api/v1/favourites").await.body[0]["id"], id.as_str());
    let nobody = App::new(alpha, "");
    let stranger = nobody.get("/api/v2/search?q=%40new%40gamma.test&resolve=true").await;
    assert_eq!((stranger.status.as_u16(), &stranger.body["accounts"]), (200, &json!([])));
}

/// Exchanges a code for a token, with the verifier of [`consent`].
async fn exchanged(app: &App, id: &str, secret: &str, code: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", id),
        ("client_secret", secret),
        ("redirect_uri", REDIRECT),
        ("code", code),
        ("code_verifier", VERIFIER),
    ];
    app.form("/oauth/token", &pairs).await
}

/// A token of an app itself.
async fn of_the_app(app: &App, id: &str, secret: &str) -> Answer {
    app.form(
        "/oauth/token",
        &[("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret), ("scope", "read")],
    )
    .await
}

fn token_of(granted: &Answer) -> String {
    crate::harness::text(&granted.body["access_token"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_worth_nothing_late_twice_or_after_a_new_password() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let stranger = App::new(alpha, "");
    let (id, secret) = register(&stranger, "read write").await;
    let late = consent(&mut ada, &id, "read", REDIRECT).await;
    let used = consent(&mut ada, &id, "read", REDIRECT).await;
    let app = App::new(alpha, &token_of(&exchanged(&stranger, &id, &secret, &used).await));
    let path = "/api/v1/accounts/verify_credentials";
    assert_eq!(app.get(path).await.status, 200);
    cluster.pass(chrono::TimeDelta::minutes(5));
    assert_eq!(exchanged(&stranger, &id, &secret, &late).await.body["error"], "invalid_grant");
    assert_eq!(app.get(path).await.status, 200);
    assert_eq!(exchanged(&stranger, &id, &secret, &used).await.body["error"], "invalid_grant");
    assert_eq!(app.get(path).await.status, 401, "it was stolen, however late it comes again");

    let before = consent(&mut ada, &id, "read", REDIRECT).await;
    let account = consilium::service::accounts::by_username(&alpha.ctx, "ada").await.unwrap();
    let new = "four other plain words".to_owned();
    consilium::service::accounts::set_password_by_operator(&alpha.ctx, account.id, new).await.unwrap();
    let refused = exchanged(&stranger, &id, &secret, &before).await;
    assert_eq!((refused.status.as_u16(), refused.body["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_tokens_are_not_more_calls() {
    let options = Options { config: "[limits]\ncalls_per_five_minutes = 6\n".into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test"], &[], options).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    let stranger = App::new(alpha, "");
    let (id, secret) = register(&stranger, "read").await;
    let mut apps = Vec::new();
    for _ in 0..2 {
        apps.push(App::new(alpha, &token_of(&of_the_app(&stranger, &id, &secret).await)));
    }
    for app in [&apps[0], &apps[1], &apps[0]] {
        assert_eq!(app.get("/api/v1/apps/verify_credentials").await.status, 200);
    }
    assert_eq!(apps[1].get("/api/v1/apps/verify_credentials").await.status, 429, "they come from one place");
    let ada = [App::of(alpha, "ada", "read").await, App::of(alpha, "ada", "read").await];
    let in_address = format!("/api/v1/timelines/home?access_token={}", ada[0].token);
    assert_eq!(stranger.get(&in_address).await.status, 429);
    for n in 0..6 {
        assert_eq!(ada[n % 2].get("/api/v1/timelines/home").await.status, 200, "a person is not in a stranger's way");
    }
    assert_eq!(ada[0].get("/api/v1/timelines/home").await.status, 429);
    assert_eq!(ada[1].get("/api/v1/timelines/home").await.status, 429);
    assert_eq!(App::of(alpha, "bo", "read").await.get("/api/v1/timelines/home").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_nobody_used_for_a_month_is_forgotten() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let stranger = App::new(alpha, "");
    let (idle, idle_secret) = register(&stranger, "read").await;
    let (kept, kept_secret) = register(&stranger, "read").await;
    let code = consent(&mut ada, &kept, "read", REDIRECT).await;
    let hers = App::new(alpha, &token_of(&exchanged(&stranger, &kept, &kept_secret, &code).await));
    let alone = App::new(alpha, &token_of(&of_the_app(&stranger, &idle, &idle_secret).await));
    for days in [20, 20] {
        cluster.pass(chrono::TimeDelta::days(days));
        cluster.sweep().await;
        assert_eq!(alone.get("/api/v1/apps/verify_credentials").await.status, 200, "it is in use");
    }
    cluster.pass(chrono::TimeDelta::days(31));
    cluster.sweep().await;
    assert_eq!(alone.get("/api/v1/apps/verify_credentials").await.status, 401);
    assert_eq!(of_the_app(&stranger, &idle, &idle_secret).await.body["error"], "invalid_client");
    assert_eq!(hers.get("/api/v1/accounts/verify_credentials").await.body["acct"], "ada");
    assert_eq!(of_the_app(&stranger, &kept, &kept_secret).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_place_registers_only_so_many_apps() {
    let options = Options { config: "[limits]\napps_per_half_hour = 2\n".into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test"], &[], options).await;
    let stranger = App::new(cluster.get("alpha.test"), "");
    for _ in 0..2 {
        register(&stranger, "read").await;
    }
    let form = json!({ "client_name": "Example app", "redirect_uris": REDIRECT, "scopes": "read" });
    let refused = stranger.post("/api/v1/apps", form).await;
    assert!(refused.status == 429 && refused.headers.contains_key("retry-after"), "{}", refused.body);
    cluster.pass(chrono::TimeDelta::minutes(31));
    register(&stranger, "read").await;
}
