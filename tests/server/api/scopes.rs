//! Every endpoint of the served document, without a token and with the wrong one.

use consilium::model::Role;
use reqwest::Method;
use serde_json::Value;

use crate::harness::{App, Cluster, Options};

#[tokio::test(flavor = "multi_thread")]
async fn no_endpoint_opens_without_the_scope_that_its_document_names() {
    let config = "[limits]\ncalls_per_five_minutes = 0\n".to_owned();
    let cluster = Cluster::with(&["alpha.test"], &[], Options { config, ..Options::default() }).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("ada", Role::Clinician).await;
    let nobody = App::new(alpha, "");
    let book = nobody.get("/api/openapi.json").await.body;
    assert_eq!(book["openapi"], "3.1.0");
    let (push, reader) = (App::of(alpha, "ada", "push").await, App::of(alpha, "ada", "read:bookmarks").await);
    let mut table = String::new();
    let mut asked = 0;
    let mut open: Vec<String> = Vec::new();
    for (pattern, item) in book["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"].as_array().map(|all| {
                let free = all.iter().any(|one| one.as_object().unwrap().is_empty());
                let named: Vec<&str> = all.iter().filter_map(|one| one["token"][0].as_str()).collect();
                (named.join(" or "), free)
            });
            table.push_str(&format!("{:<7}{pattern:<60}{}\n", method.to_uppercase(), described(scope.as_ref())));
            let Some((scope, false)) = scope else { continue };
            let path =
                pattern.replace("{stream}", "user").replace("{name}", "x").replace("{key}", "x").replace("{id}", "1");
            let method: Method = method.to_uppercase().parse().unwrap();
            let refused = nobody.ask(method.clone(), &path, None).await;
            if refused.status != 401 {
                open.push(format!("{method} {path} without a token: {} {}", refused.status, refused.body));
            }
            if scope.is_empty() {
                continue;
            }
            // One that has neither this scope nor a parent of it.
            let wrong = if scope.contains("push") { &reader } else { &push };
            let refused = wrong.ask(method.clone(), &path, None).await;
            if refused.status != 403 {
                open.push(format!("{method} {path} with another scope: {} {}", refused.status, refused.body));
            }
            asked += 1;
        }
    }
    assert!(open.is_empty(), "{open:#?}");
    assert!(asked > 120, "{asked}");
    insta::assert_snapshot!(table);
}

fn described(scope: Option<&(String, bool)>) -> String {
    match scope {
        None => "for everybody".into(),
        Some((scope, true)) => format!("for everybody; a token needs {scope}"),
        Some((scope, false)) if scope.is_empty() => "any token".into(),
        Some((scope, false)) => scope.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_holds_together_and_has_a_page() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let nobody = App::new(cluster.get("alpha.test"), "");
    let book = nobody.get("/api/openapi.json").await.body;
    let names = book["components"]["schemas"].as_object().unwrap();
    let whole = book.to_string();
    for part in whole.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(names.contains_key(name), "{name} is named and not there");
    }
    let served = |value: &Value| value.as_object().unwrap().len();
    assert!(served(&book["paths"]) > 100);
    let page = cluster.get("alpha.test").browser().get("/api/docs").await;
    assert!(page.says("/v1/timelines/home") && page.says("read:statuses"), "{}", page.html);
}
