//! Who gets what: every route of the house, asked by every kind of viewer, in one table that a registrar can read.
//! The routes are read from the source, so that a new one cannot be forgotten.

use consilium::model::{HostState, Role};

use crate::harness::{Browser, Cluster, Options, Stranger};

/// Method and pattern of every route in a room's `mod.rs`.
fn routes(source: &str) -> Vec<(bool, String)> {
    source
        .lines()
        .filter_map(|line| {
            let pattern =
                line.trim().strip_prefix(".route(\"").or_else(|| line.split_once(".route(\"").map(|p| p.1))?;
            let (pattern, rest) = pattern.split_once('"')?;
            Some((rest.contains("post()"), pattern.to_owned()))
        })
        .collect()
}

struct Cast {
    viewers: Vec<(&'static str, Browser)>,
    posts: Vec<(&'static str, i64)>,
    ada: i64,
}

async fn cast(cluster: &Cluster) -> Cast {
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut friend = alpha.clinician("friend").await;
    let stranger = alpha.clinician("stranger").await;
    let public = alpha.person("citizen", Role::Public).await;
    let verifier = alpha.person("vera", Role::Verifier).await;
    let moderator = alpha.person("moddy", Role::Moderator).await;
    let admin = alpha.person("rooty", Role::Admin).await;
    friend.follow("ada").await;
    let mut posts = Vec::new();
    for visibility in ["public", "unlisted", "followers", "direct"] {
        let text = if visibility == "direct" { "@friend a word" } else { "A word" };
        posts.push((visibility, ada.post(text, visibility).await));
    }
    // A closed group of hers, which says yes or no to whoever asks.
    let group = [("name", "Wards"), ("username", "wards"), ("kind", "closed"), ("admission", "request")];
    ada.get("/groups/new").await;
    assert!(ada.send("/groups/new", &group).await.status.is_redirection());
    let page = friend.get("/@ada").await;
    let ada_id = page.html.split("/people/").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
    let viewers = vec![
        ("anonymous", alpha.browser()),
        ("stranger", stranger),
        ("follower", friend),
        ("owner", ada),
        ("public", public),
        ("verifier", verifier),
        ("moderator", moderator),
        ("admin", admin),
    ];
    Cast { viewers, posts, ada: ada_id }
}

fn fill(pattern: &str, cast: &Cast) -> String {
    let id = match pattern {
        p if p.starts_with("/people") || p.starts_with("/requests") => cast.ada,
        p if p.contains("posts") || p.starts_with("/@") => cast.posts[0].1,
        _ => 1,
    };
    pattern
        .replace("/groups/{handle:[^/]+}", "/groups/wards")
        .replace("{handle:[^/]+}", "ada")
        .replace("{name:[a-z0-9_]+}", "ada")
        .replace("{id:[0-9]+}", &id.to_string())
        .replace("{id}", &id.to_string())
        .replace("/users/{name}", "/users/ada")
        .replace("/tags/{name}", "/tags/ecg")
        .replace("/assets/{name}", "/assets/none.css")
        .replace("{name}", "other.example")
        .replace("{code}", "nonsense")
        .replace("{token}", "nonsense")
        .replace("{kind}", "follows")
        .replace("{person}", "1")
        .replace("{post}", "1")
        .replace("{picture}", "1")
        .replace("{reply}", "1")
        .replace("{edit}", "1")
        .replace("{evidence}", "1")
        .replace("{version}", "2.1")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_answers_each_kind_of_viewer_as_written_here() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let mut cast = cast(&cluster).await;
    let rooms = [
        include_str!("../../src/web/mod.rs"),
        include_str!("../../src/web/house.rs"),
        include_str!("../../src/federation/mod.rs"),
    ];
    let all = rooms.map(routes).concat();
    assert!(all.len() > 80, "the routes could not be read from the source: {}", all.len());
    let mut table = String::new();
    let mut line = |name: &str, cells: Vec<String>| table.push_str(&format!("{name:<52}{}\n", cells.join("")));
    line("", cast.viewers.iter().map(|(name, _)| format!("{name:<12}")).collect());
    let posts = cast.posts.clone();
    for (visibility, id) in posts {
        for path in [format!("/@ada/{id}"), format!("/posts/{id}/history"), format!("/posts/{id}/likes")] {
            let mut cells = Vec::new();
            for (_, browser) in &mut cast.viewers {
                cells.push(format!("{:<12}", shown(&browser.get(&path).await)));
            }
            line(&format!("{visibility:<9} {}", path.replace(&id.to_string(), "{id}")), cells);
        }
    }
    let acts = |pattern: &str| {
        matches!(
            pattern,
            "/sign-in"
                | "/sign-out"
                | "/settings/sessions/end-others"
                | "/settings/account/close"
                | "/posts/{id}/delete"
                | "/people/{id}/unfollow"
                | "/people/{id}/block"
        )
    };
    for (is_post, pattern) in all {
        // What would end a session or take a post away is told in stories of its own.
        if is_post && acts(&pattern) {
            continue;
        }
        let path = fill(&pattern, &cast);
        let mut cells = Vec::new();
        for (_, browser) in &mut cast.viewers {
            let page = if is_post {
                browser.get("/about").await;
                browser.get("/sign-in").await;
                browser.send(&path, &[("back", "/")]).await
            } else {
                browser.get(&path).await
            };
            cells.push(format!("{:<12}", shown(&page)));
        }
        line(&format!("{} {pattern}", if is_post { "POST" } else { "GET " }), cells);
    }
    insta::assert_snapshot!(table);
}

fn shown(page: &crate::harness::Page) -> String {
    let to = page.location.split(['?', '#']).next().unwrap_or_default();
    if page.status.is_redirection() {
        let to = if to.chars().filter(char::is_ascii_digit).count() > 8 { "post" } else { to };
        format!("→{}", to.chars().take(10).collect::<String>())
    } else {
        page.status.as_u16().to_string()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_for_servers_that_sign() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let id = ada.post("A word", "public").await;
    let get = |path: String| {
        let address = alpha.address;
        async move {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request = client.get(format!("http://{address}{path}")).header("accept", "application/activity+json");
            let response = request.header("host", "alpha.test").send().await.unwrap();
            (response.status().as_u16(), response.headers().clone(), response.text().await.unwrap())
        }
    };
    let (status, headers, stub) = get("/users/ada".into()).await;
    assert_eq!(status, 200);
    assert!(headers["vary"].to_str().unwrap().contains("Signature"));
    assert!(
        stub.contains("publicKeyPem") && !stub.contains("Dr ada"),
        "only what it takes to check a signature: {stub}"
    );
    for path in [format!("/users/ada/posts/{id}"), "/users/ada/outbox".into(), "/users/ada/followers".into()] {
        assert_eq!(get(path.clone()).await.0, 401, "{path}");
    }
    for document in ["outbox", "moderators", "invitations/code"] {
        let (status, ..) = get(format!("/users/nobody/{document}")).await;
        assert_eq!(status, 401, "whoever does not sign is not told either who is not there: {document}");
    }
    let (status, _, actor) = get("/actor".into()).await;
    assert!(status == 200 && actor.contains("Application"));
    assert_eq!(get("/users/nobody".into()).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_document_answers_each_kind_of_server_as_written_here() {
    let follower = Stranger::at("follower.test").await;
    let other = Stranger::at("other.test").await;
    let blocked = Stranger::at("blocked.test").await;
    let unknown = Stranger::at("unknown.test").await;
    let others =
        [("follower.test", follower.address), ("other.test", other.address), ("blocked.test", blocked.address)];
    let cluster = Cluster::with(&["alpha.test"], &others, Options::default()).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let follow = follower.activity("Follow", "1", serde_json::json!("http://alpha.test/users/ada"));
    assert_eq!(follower.deliver(alpha, &follow).await, 202);
    cluster.settle().await;
    consilium::service::hosts::decide_by_operator(&alpha.ctx, "blocked.test", HostState::Blocked, "").await.unwrap();
    let open = ada.post("A word for all", "public").await;
    let closed = ada.post("A word for followers", "followers").await;
    let direct = ada.post("@friend a word", "public").await;
    ada.send(&format!("/posts/{direct}/delete"), &[]).await;
    let mut table = String::new();
    table.push_str(&format!(
        "{:<58}{:<10}{:<10}{:<10}{:<10}{:<10}\n",
        "", "unsigned", "unknown", "blocked", "other", "follower"
    ));
    for (is_post, pattern) in routes(include_str!("../../src/federation/mod.rs")) {
        if is_post {
            continue;
        }
        let base = pattern.replace("{name:[a-z0-9_]+}", "ada").replace("{name}", "ada").replace("{version}", "2.1");
        let variants: &[(&str, i64)] = if pattern.contains("{id") {
            &[("public", open), ("followers", closed), ("deleted", direct)]
        } else {
            &[("", 0)]
        };
        for (kind, id) in variants {
            let path = base.replace("{id:[0-9]+}", &id.to_string()).replace("{id}", &id.to_string());
            let client =
                reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
            let request =
                client.get(format!("http://{}{path}", alpha.address)).header("accept", "application/activity+json");
            let mut cells = vec![request.header("host", "alpha.test").send().await.unwrap().status().as_u16()];
            for server in [&unknown, &blocked, &other, &follower] {
                cells.push(server.get_as(alpha, &server.actor(), &path).await.0.as_u16());
            }
            let cells = cells.iter().map(|c| format!("{c:<10}")).collect::<Vec<_>>().concat();
            let line = format!("{kind:<10}{pattern:<48}{cells}\n");
            if !table.contains(&line) {
                table.push_str(&line);
            }
        }
    }
    insta::assert_snapshot!(table);
}
