//! A group that is joined by invitation: whoever is not in it is not told that it is there, whatever they know of its number.

use consilium::{
    model::{Admission, GroupKind, Role},
    service::groups,
};
use reqwest::Method;
use serde_json::json;

use super::things::{form, heard};
use crate::harness::{App, Cluster};

/// What an app is told, and with which status.
async fn asked(app: &App, method: Method, path: &str, body: Option<serde_json::Value>) -> (u16, Vec<String>) {
    let mut request = app.request(method, path);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), heard(&answer.text().await.unwrap()))
}

/// A number that nobody has.
const NOBODYS: &str = "7";

/// What an app asks of an account by its number.
const BY_NUMBER: [(Method, &str); 19] = [
    (Method::GET, "/api/v1/accounts/{id}"),
    (Method::GET, "/api/v1/accounts/{id}/statuses"),
    (Method::GET, "/api/v1/accounts/{id}/followers"),
    (Method::GET, "/api/v1/accounts/{id}/following"),
    (Method::GET, "/api/v1/accounts/{id}/featured_tags"),
    (Method::GET, "/api/v1/accounts/{id}/lists"),
    (Method::GET, "/api/v1/accounts/relationships?id%5B%5D={id}"),
    (Method::GET, "/api/v1/accounts/familiar_followers?id%5B%5D={id}"),
    (Method::GET, "/api/consilium/v1/practitioners/{id}"),
    (Method::POST, "/api/v1/accounts/{id}/follow"),
    (Method::POST, "/api/v1/accounts/{id}/unfollow"),
    (Method::POST, "/api/v1/accounts/{id}/remove_from_followers"),
    (Method::POST, "/api/v1/accounts/{id}/block"),
    (Method::POST, "/api/v1/accounts/{id}/unblock"),
    (Method::POST, "/api/v1/accounts/{id}/mute"),
    (Method::POST, "/api/v1/accounts/{id}/unmute"),
    (Method::POST, "/api/v1/accounts/{id}/note"),
    (Method::POST, "/api/v1/follow_requests/{id}/authorize"),
    (Method::POST, "/api/v1/follow_requests/{id}/reject"),
];

/// The status and the words of an answer, the number apart.
async fn answered(app: &App, method: &Method, (path, number): (String, String)) -> (u16, String) {
    let mut request = app.request(method.clone(), &path);
    if *method == Method::POST {
        request = request.header("content-type", "application/json").body("{}");
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap().replace(&number, "{id}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_knows_the_number_of_a_group_by_invitation_is_not_told_what_it_is_called() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let owner = alpha.account("owner", Role::Clinician).await;
    let mut browser = alpha.person("stranger", Role::Clinician).await;
    let secret = form('i', Admission::Invitation);
    let group = groups::found(&alpha.ctx, &owner, "hiddengroup", GroupKind::Closed, &secret).await.unwrap();
    let member = App::of(alpha, "owner", "read write").await;
    let stranger = App::of(alpha, "stranger", "read write follow").await;
    let nobody = App::new(alpha, "");

    let by_number = format!("/api/v1/accounts?id%5B%5D={group}");
    assert_eq!(asked(&member, Method::GET, &by_number, None).await, (200, vec!["gi".to_owned()]));
    for app in [&stranger, &nobody] {
        assert_eq!(asked(app, Method::GET, &by_number, None).await, (200, Vec::new()));
    }
    let report = Some(json!({ "account_id": group.to_string(), "comment": "What is this?" }));
    assert_eq!(asked(&stranger, Method::POST, "/api/v1/reports", report).await, (404, Vec::new()));
    for act in ["block", "mute", "follow"] {
        let path = format!("/api/v1/accounts/{group}/{act}");
        assert_eq!(asked(&stranger, Method::POST, &path, Some(json!({}))).await, (404, Vec::new()), "{act}");
    }
    for (method, path) in BY_NUMBER {
        let [hidden, none] =
            [group.to_string(), NOBODYS.to_owned()].map(|number| (path.replace("{id}", &number), number));
        let hidden = answered(&stranger, &method, hidden).await;
        assert_eq!(hidden, answered(&stranger, &method, none).await, "{method} {path}");
    }
    browser.get("/settings/quiet").await;
    for act in ["block", "unblock", "mute", "unmute", "note"] {
        let page = browser.send(&format!("/people/{group}/{act}"), &[("back", "/")]).await;
        assert_eq!(page.status, 404, "{act}: {}", page.html);
    }
    for path in ["/api/v1/blocks", "/api/v1/mutes"] {
        assert_eq!(asked(&stranger, Method::GET, path, None).await, (200, Vec::new()), "{path}");
    }
    assert_eq!(heard(&browser.get("/settings/quiet").await.html), Vec::<String>::new());
}
