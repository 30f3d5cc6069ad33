//! What can be done to a group by whoever does not belong to it: every form and every call that changes something is tried with
//! the numbers of what is in a closed group, and in one that only an invitation opens. The routes are read from the source, so
//! that a new one is tried without being added by hand.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    SCOPES,
    askers::{Home, Standing, Who},
    doors::{called, fill, page_routes},
    gather,
    staging::Stage,
    things::{KINDS, Said, heard},
};
use crate::harness::{App, Browser, Cluster, Instance, Options, Page, cluster::PASSWORD, rows::ask};

/// Routes about something that is in no group: what they name is a code, a name, or one's own.
const OF_NO_GROUP: [&str; 25] = [
    "/@{",
    "/admin/announcements",
    "/admin/dead-letters",
    "/admin/hosts",
    "/admin/invitations",
    "/admin/sign-ups",
    "/announcements",
    "/api/v1/announcements",
    "/api/v1/conversations",
    "/api/v1/featured_tags",
    "/api/v1/filters",
    "/api/v1/lists",
    "/api/v1/notifications",
    "/api/v1/tags",
    "/api/v2/filters",
    "/api/v2/notifications",
    "/confirm",
    "/credentials",
    "/desk",
    "/lists",
    "/messages",
    "/reset",
    "/settings",
    "/sign-",
    "/tags",
];

/// Routes about anybody: whoever knows of a group follows, blocks and mutes it like somebody. Of the hidden one they do not know.
const OF_ANYBODY: [&str; 6] = [
    "/api/v1/accounts/{",
    "/api/v1/follow_requests/{",
    "/api/v1/suggestions/{",
    "/explore/people/{",
    "/people/{",
    "/requests/{",
];

/// What is done by whoever knows of a group to become a member of it.
const JOINING: [&str; 2] = ["/groups/{handle:[^/]+}/join", "/groups/{handle:[^/]+}/leave"];

/// What leads back whatever it is asked about, so that nothing is told by it: something of one's own is taken back, or the way to
/// the page on which one joins.
const LEADS_BACK: [&str; 6] = [
    "/api/v1/suggestions/{id}",
    "/explore/people/{id}/hide",
    "/groups/{handle:[^/]+}/join-elsewhere",
    "/people/{id}/options",
    "/people/{id}/unfollow",
    "/posts/{id}/unsave",
];

/// Everything in groups that a server keeps, a line for each table.
async fn state(at: &Instance) -> Vec<String> {
    let tables = "SELECT format('%I', table_name) AS words FROM information_schema.tables \
                  WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND (table_name ~ '^(case|group|poll|post)_' \
                    OR table_name IN ('cases', 'follows', 'groups', 'likes', 'media', 'mentions', 'pins', 'polls', 'posts', \
                      'scheduled_posts', 'thread_mutes', 'unnamed_authors')) ORDER BY table_name";
    let mut all = Vec::new();
    for table in ask(at, tables).await {
        let rows = format!(
            "SELECT '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') AS words \
             FROM {table} t"
        );
        all.extend(ask(at, &rows).await);
    }
    assert!(all.len() > 30, "what is kept could not be read: {all:?}");
    all
}

/// Whether a route takes something that can be in a group.
fn is_about_groups(pattern: &str) -> bool {
    pattern.contains('{') && !OF_NO_GROUP.iter().any(|start| pattern.starts_with(start))
}

/// What is tried of a route in a group.
fn addresses(pattern: &str, said: &Said) -> Vec<String> {
    let is_hidden = said.kind == 'i';
    if OF_ANYBODY.iter().any(|start| pattern.starts_with(start)) {
        return if is_hidden { vec![pattern.replace("{id}", &said.group.to_string())] } else { Vec::new() };
    }
    if JOINING.contains(&pattern) && !is_hidden {
        return Vec::new();
    }
    // What one has written oneself one may delete, also afterwards.
    let own = said.farewell.id.to_string();
    let all = fill(pattern, std::slice::from_ref(said)).into_iter().map(|one| one.path);
    all.filter(|path| !path.contains(&own)).collect()
}

/// What the forms of the house ask for, as little as it takes: whatever a form does not know it passes over.
const FIELDS: [(&str, &str); 14] = [
    ("back", "/"),
    ("category", "other"),
    ("choice", "0"),
    ("comment", "A word"),
    ("days", "7"),
    ("first", "0"),
    ("note", "A word"),
    ("outcome", "A word"),
    ("question", "A word"),
    ("reason", "It is so."),
    ("resolution", "A word"),
    ("text", "A word"),
    ("title", "A word"),
    ("uses", "1"),
];

/// The same of calls.
fn body(at: &Instance) -> Value {
    json!({
        "choices": ["0"], "comment": "A word", "description": "A word", "status": "A word",
        "scheduled_at": (at.ctx.now() + TimeDelta::days(1)).to_rfc3339(),
    })
}

/// Somebody who does not belong to the groups.
struct Outsider {
    who: Who,
    browser: Browser,
    app: App,
    /// What was wrong.
    faults: Vec<String>,
}

impl Outsider {
    async fn at(alpha: &Instance, name: &str, known_as: &'static str, standing: Standing) -> Self {
        let who = Who::new(known_as, standing, Home::Here);
        let mut browser = alpha.browser();
        let mut app = App::new(alpha, "");
        if standing == Standing::Nobody {
            browser.get("/sign-in").await;
        } else {
            browser.sign_in(name, PASSWORD).await;
            app = App::of(alpha, name, SCOPES).await;
        }
        Self { who, browser, app, faults: Vec::new() }
    }

    /// Looks at an answer: it says no, and nothing that is not for them.
    fn look(&mut self, door: &str, (status, location, text): (u16, &str, &str)) {
        let (method, pattern) = door.split_once(' ').unwrap();
        let leads_back = LEADS_BACK.contains(&pattern) && matches!(status, 200 | 303);
        let is_refused = matches!(status, 401 | 403 | 404 | 422) || (status == 303 && location.starts_with("/sign-in"));
        if !is_refused && !leads_back {
            self.faults.push(format!("{} is answered {status} {location} at {door}", self.who.name));
        }
        if text.contains("open for too long") {
            self.faults.push(format!("{} has no form for {method} {pattern}", self.who.name));
        }
        for word in heard(&format!("{location}\n{text}")) {
            let mut letters = word.chars();
            if !self.who.may_hear(letters.next().unwrap(), letters.next().unwrap(), pattern) {
                self.faults.push(format!("{} hears {word} at {door}", self.who.name));
            }
        }
    }

    async fn send(&mut self, door: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.browser.send(path, fields).await;
        self.look(&format!("POST {door}"), (page.status.as_u16(), &page.location, &page.html));
        page
    }

    async fn call(&mut self, method: &Method, door: &str, path: &str, body: &Value) {
        let request = self.app.request(method.clone(), path).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        self.look(&format!("{method} {door}"), (status, "", &text));
    }

    /// Every form that takes something of the groups.
    async fn try_forms(&mut self, said: &[Said]) -> usize {
        let mut tried = 0;
        let forms = page_routes(true);
        for pattern in forms.iter().filter(|pattern| is_about_groups(pattern)) {
            for one in said {
                for path in addresses(pattern, one) {
                    self.send(pattern, &path, &FIELDS).await;
                    tried += 1;
                }
            }
        }
        for one in said {
            let (case, picture) = (one.case.id.to_string(), one.pictures[0].id.to_string());
            self.send("/posts", "/posts", &[("text", "A word"), ("reply_to", &case)]).await;
            self.send("/posts", "/posts", &[("text", "A word"), ("picture", &picture)]).await;
        }
        tried
    }

    /// Every call.
    async fn try_calls(&mut self, at: &Instance, said: &[Said]) -> usize {
        let mut tried = 0;
        let (book, usual) = (self.app.get("/api/openapi.json").await.body, body(at));
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let calls = called(&book, &method.as_str().to_lowercase());
            for pattern in calls.iter().filter(|pattern| is_about_groups(pattern)) {
                for one in said {
                    for path in addresses(pattern, one) {
                        self.call(&method, pattern, &path, &usual).await;
                        tried += 1;
                    }
                }
            }
        }
        for one in said {
            let (case, picture) = (one.case.id.to_string(), one.pictures[0].id.to_string());
            for more in [json!({ "in_reply_to_id": case }), json!({ "media_ids": [picture] })] {
                let mut post = json!({ "status": "A word" });
                post.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                self.call(&Method::POST, "/api/v1/statuses", "/api/v1/statuses", &post).await;
            }
        }
        tried
    }

    /// Whoever is signed in may report anybody: that tells nothing of a post that they cannot read.
    async fn try_reports(&mut self, said: &[Said]) {
        for one in said {
            let (owner, case) = (one.owner.to_string(), one.case.id.to_string());
            let fields = [("person", owner.as_str()), ("post", &case), ("category", "other"), ("comment", "A word")];
            let page = self.browser.send("/report", &fields).await;
            let call = json!({ "account_id": owner, "status_ids": [case], "comment": "A word" });
            let told = self.app.post("/api/v1/reports", call).await;
            assert_eq!((page.location.as_str(), told.status.as_u16()), ("/?done=reported", 200), "{}", page.html);
            let text = format!("{}{}", page.html, told.body);
            assert_eq!((heard(&text), text.contains(&case)), (Vec::new(), false), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_belong_to_a_group_changes_nothing_in_it() {
    let config = "[limits]\ncalls_per_five_minutes = 0\nsearches_per_five_minutes = 100000\n\
        checks_per_five_minutes = 100000\n[sources]\nlookup = false\n";
    let options = Options { config: config.into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test"], &[], options).await;
    let alpha = cluster.get("alpha.test");
    let kinds = [KINDS[2], KINDS[4]];
    let people = gather(alpha, &kinds).await;
    let stage = Stage { cluster: &cluster, ctx: &alpha.ctx, people: &people };
    let mut said = Vec::new();
    for kind in kinds {
        let founded = stage.found(kind).await;
        said.push(stage.say(&founded).await);
    }
    cluster.settle().await;

    let before = state(alpha).await;
    for (name, known_as, standing) in [
        ("", "anonymous", Standing::Nobody),
        ("stranger", "stranger", Standing::Colleague),
        ("former", "ex-member", Standing::Former),
    ] {
        let mut outsider = Outsider::at(alpha, name, known_as, standing).await;
        let forms = outsider.try_forms(&said).await;
        let calls = outsider.try_calls(alpha, &said).await;
        assert!(forms > 150 && calls > 50, "what can be tried could not be read: {forms} forms, {calls} calls");
        if standing != Standing::Nobody {
            outsider.try_reports(&said).await;
        }
        assert_eq!(outsider.faults, Vec::<String>::new());
        assert_eq!(state(alpha).await, before, "{known_as} has changed something");
    }
    let named = ask(alpha, "SELECT cardinality(post_ids)::text AS words FROM reports WHERE comment = 'A word'").await;
    assert!(!named.is_empty() && named.iter().all(|count| count == "0"), "no report names what its writer cannot read");

    // What a member does would have been seen.
    let mut member = Outsider::at(alpha, "member", "member", Standing::Member).await;
    let like = format!("/posts/{}/like", said[1].case.id);
    assert!(member.browser.send(&like, &FIELDS).await.status.is_redirection());
    assert_ne!(state(alpha).await, before);
}
