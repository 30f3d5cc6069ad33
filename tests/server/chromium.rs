//! Stories in a real browser: Chromium through its driver, at the width of a phone and of a ward PC, with and without
//! script. Every page on the way is checked by axe-core.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use consilium::model::Role;
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    wd::WebDriverCompatibleCommand,
};
use http::Method;
use image::ImageFormat;
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};
use url::{ParseError, Url};

use crate::{
    across,
    api::pictures::drawn,
    desk::bring,
    harness::{App, Browser, Cluster, Instance, Options, cluster::PASSWORD, groups::found_by_form},
    registers::{npi, nppes},
};

/// What WebDriver calls these keys.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// One browser at a time: two cores are all a test machine may have.
static ONE: Mutex<()> = Mutex::const_new(());

struct Chromium {
    client: Client,
    driver: Child,
    profile: PathBuf,
    script: bool,
    _turn: MutexGuard<'static, ()>,
}

impl Chromium {
    /// Opens a browser that finds the instances by name; none where Chromium is not installed.
    async fn open(cluster: &Cluster, width: u32, script: bool) -> Option<Self> {
        let found = |name: &str| {
            ["/usr/bin", "/usr/local/bin"].iter().map(|d| PathBuf::from(d).join(name)).find(|p| p.exists())
        };
        let (Some(chromium), Some(driver)) = (found("chromium"), found("chromedriver")) else {
            eprintln!("NOT RUN: chromium and chromedriver are not installed (script/bootstrap browser installs them)");
            return None;
        };
        let turn = ONE.lock().await;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new(driver)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let profile = PathBuf::from(format!("/tmp/consilium-test-{}/chromium-{port}", std::process::id()));
        std::fs::create_dir_all(&profile).unwrap();
        let rules: Vec<String> = cluster.instances.iter().map(|i| format!("MAP {}:80 {}", i.name, i.address)).collect();
        let args = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            format!("--host-resolver-rules={}", rules.join(", ")),
            format!("--user-data-dir={}", profile.display()),
            format!("--window-size={width},900"),
        ]);
        let allowed = if script { 1 } else { 2 };
        // Without script the driver waits for ever for the answer to a tap; a click is answered.
        let options = json!({ "binary": chromium, "args": args, "prefs": { "profile.managed_default_content_settings.javascript": allowed },
            "mobileEmulation": if width < 500 { json!({ "deviceMetrics": { "width": width, "height": 844, "pixelRatio": 1.0, "touch": script } }) } else { Value::Null } });
        let options = options
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect::<serde_json::Map<_, _>>();
        let capabilities = json!({ "goog:chromeOptions": options, "pageLoadStrategy": "normal" });
        let until = Instant::now() + Duration::from_secs(20);
        let client = loop {
            let mut builder = ClientBuilder::native();
            builder.capabilities(capabilities.as_object().unwrap().clone());
            match builder.connect(&format!("http://127.0.0.1:{port}")).await {
                Ok(client) => break client,
                Err(error) if Instant::now() > until => panic!("the browser does not start: {error}"),
                Err(_) => tokio::task::yield_now().await,
            }
        };
        Some(Self { client, driver, profile, script, _turn: turn })
    }

    /// Opens a page and has it checked.
    async fn open_page(&self, host: &str, path: &str) {
        self.client.goto(&format!("http://{host}{path}")).await.unwrap();
        self.check().await;
    }

    async fn find(&self, css: &str) -> Element {
        self.client
            .wait()
            .at_most(Duration::from_secs(10))
            .for_element(Locator::Css(css))
            .await
            .unwrap_or_else(|e| panic!("{css}: {e}"))
    }

    /// The first that can be seen: phone and desktop hide different ones.
    async fn shown(&self, css: &str) -> Element {
        self.find(css).await;
        for element in self.client.find_all(Locator::Css(css)).await.unwrap() {
            if element.is_displayed().await.unwrap() {
                return element;
            }
        }
        panic!("{css} is there, but hidden");
    }

    async fn fill(&self, css: &str, text: &str) {
        let field = self.shown(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn press(&self, css: &str) {
        let before = self.find("main").await;
        self.shown(css).await.click().await.unwrap();
        self.arrive(before, css).await;
    }

    /// Waits for the page that comes after this one, and has it checked.
    async fn arrive(&self, before: Element, by: &str) {
        // The new page is there once the old one's parts are gone.
        let until = Instant::now() + Duration::from_secs(10);
        while before.tag_name().await.is_ok() {
            assert!(Instant::now() < until, "{by} leads nowhere");
            tokio::task::yield_now().await;
        }
        self.find("main").await;
        self.check().await;
    }

    /// Presses a key where the keyboard is.
    async fn key(&self, key: char) {
        let down_and_up = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        self.client.perform_actions(down_and_up).await.unwrap();
    }

    /// Presses a key that leads to another page; the path of that.
    async fn key_to(&self, key: char) -> String {
        let before = self.find("main").await;
        self.key(key).await;
        self.arrive(before, &format!("the key {}", key.escape_unicode())).await;
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// Whether the keyboard is at this part of the page.
    async fn is_at(&self, css: &str) -> bool {
        let script = "return document.activeElement.matches(arguments[0])";
        self.client.execute(script, vec![json!(css)]).await.unwrap() == json!(true)
    }

    /// Goes on with Tab until the keyboard is there.
    async fn tab_to(&self, css: &str) {
        for _ in 0..150 {
            if self.is_at(css).await {
                return;
            }
            self.key(TAB).await;
        }
        panic!("no Tab leads to {css}");
    }

    async fn says(&self, words: &str) -> bool {
        self.find("main").await.text().await.unwrap().contains(words)
    }

    async fn sign_in(&self, host: &str, login: &str) {
        self.open_page(host, "/sign-in").await;
        self.fill("main input[name=login]", login).await;
        self.fill("main input[name=password]", PASSWORD).await;
        self.press("main form[action^='/sign-in'] button").await;
    }

    /// No violation of WCAG 2.2 AA, and nothing to scroll sideways.
    async fn check(&self) {
        if !self.script {
            return;
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/target/axe/node_modules/axe-core/axe.min.js");
        let Ok(axe) = std::fs::read_to_string(path) else {
            eprintln!("NOT RUN: axe-core is not installed (script/bootstrap browser installs it)");
            return;
        };
        self.client.execute(&axe, vec![]).await.unwrap();
        let run = "const done = arguments[arguments.length - 1]; axe.run().then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))))";
        let found = self.client.execute_async(run, vec![]).await.unwrap();
        let url = self.client.current_url().await.unwrap();
        assert_eq!(found, json!([]), "{url}");
        let wide = self
            .client
            .execute("return document.documentElement.scrollWidth > document.documentElement.clientWidth", vec![])
            .await
            .unwrap();
        assert_eq!(wide, json!(false), "{url} scrolls sideways");
    }

    async fn close(mut self) {
        self.client.clone().close().await.unwrap();
        self.driver.kill().unwrap();
        self.driver.wait().unwrap();
        if let Err(error) = std::fs::remove_dir_all(&self.profile) {
            eprintln!("the browser's profile stays: {error}");
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // After a failed story; a driver that was stopped already says so, and that is fine.
        drop(self.driver.kill());
    }
}

/// A device that keeps passkeys, with a finger that is always on it: WebDriver adds one to the browser.
#[derive(Debug)]
struct Finger;

impl WebDriverCompatibleCommand for Finger {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/webauthn/authenticator", session_id.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let device = json!({ "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserConsenting": true, "isUserVerified": true });
        (Method::POST, Some(device.to_string()))
    }
}

/// Follow a colleague of the other hospital, read, answer, and see the answer there.
async fn talk_across_hospitals(width: u32, script: bool) {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    alpha.account("ada", Role::Clinician).await;
    let mut bo = beta.clinician("bo").await;
    let Some(browser) = Chromium::open(&cluster, width, script).await else { return };

    browser.sign_in("alpha.test", "ada").await;
    browser.open_page("alpha.test", "/search?q=%40bo%40beta.test").await;
    browser.press("main form[action$='/follow'] button").await;
    cluster.settle().await;
    bo.post("We halved our line infections.", "public").await;
    cluster.settle().await;
    browser.open_page("alpha.test", "/").await;
    assert!(browser.says("We halved our line infections.").await);

    browser.press("main .post .when a").await;
    browser.fill("#reply textarea", "@bo@beta.test How did you measure it?").await;
    browser.press("#reply button.main").await;
    cluster.settle().await;
    assert!(bo.get("/notifications").await.says("How did you measure it?"));
    bo.get("/notifications").await;
    let own = bo.get("/@bo").await;
    let id = Browser::id_of(&own, "We halved our line infections.");
    let thread = bo.get(&format!("/@bo/{id}")).await;
    let answer = Browser::id_of(&thread, "How did you measure it?");
    bo.reply(answer, "@ada@alpha.test Per thousand line days.").await;
    cluster.settle().await;
    browser.open_page("alpha.test", "/notifications").await;
    assert!(browser.says("Per thousand line days.").await);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_talk_across_hospitals_at_a_ward_pc() {
    talk_across_hospitals(1280, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_talk_across_hospitals_on_a_phone() {
    talk_across_hospitals(390, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_talk_across_hospitals_without_script() {
    talk_across_hospitals(1280, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_talk_across_hospitals_on_a_phone_without_script() {
    talk_across_hospitals(390, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_on_a_phone_signs_up_is_let_in_and_writes() {
    a_newcomer_arrives(390, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_without_script_signs_up_is_let_in_and_writes() {
    a_newcomer_arrives(1280, false).await;
}

async fn a_newcomer_arrives(width: u32, script: bool) {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("rooty", Role::Admin).await;
    let Some(browser) = Chromium::open(&cluster, width, script).await else { return };
    browser.open_page("alpha.test", "/sign-up").await;
    for (field, text) in [
        ("username", "nina"),
        ("name", "Nina Falk"),
        ("email", "nina@alpha.test"),
        ("password", PASSWORD),
        ("reason", "Nurse on ward 4, may I join?"),
    ] {
        browser.fill(&format!("main [name={field}]"), text).await;
    }
    browser.shown("#rules").await.click().await.unwrap();
    browser.press("main form button").await;
    cluster.settle().await;
    let mail = alpha.mails().pop().unwrap();
    let link = mail.split("http://alpha.test").nth(1).unwrap().split_whitespace().next().unwrap();
    browser.open_page("alpha.test", link).await;
    browser.press("main form button").await;
    cluster.settle().await;

    browser.sign_in("alpha.test", "rooty").await;
    browser.open_page("alpha.test", "/admin/sign-ups").await;
    assert!(browser.says("Nurse on ward 4").await, "{}", browser.find("main").await.text().await.unwrap());
    browser.press("main form[action$='/approve'] button").await;
    cluster.settle().await;
    assert!(alpha.mails().pop().unwrap().contains("Your account is ready"));

    browser.client.delete_all_cookies().await.unwrap();
    browser.sign_in("alpha.test", "nina").await;
    browser.open_page("alpha.test", "/compose").await;
    browser.fill("main textarea", "First day on ward 4. Who shows me the handover?").await;
    browser.press("main form button.main").await;
    browser.open_page("alpha.test", "/").await;
    assert!(browser.says("Who shows me the handover?").await);
    browser.close().await;
}

/// Pages of somebody who is signed in and runs the place.
const OWN_PAGES: &[&str] = &[
    "/",
    "/?tab=local",
    "/?tab=all",
    "/compose",
    "/notifications",
    "/search",
    "/search?q=bo",
    "/search?q=zzz",
    "/bookmarks",
    "/requests",
    "/@ada",
    "/@bo",
    "/@ada/followers",
    "/@bo/following",
    "/settings/profile",
    "/settings/account",
    "/settings/account/close",
    "/settings/second-factor",
    "/settings/second-factor/passkeys/new",
    "/settings/sessions",
    "/settings/appearance",
    "/settings/filters",
    "/settings/quiet",
    "/settings/data",
    "/credentials",
    "/credentials/new",
    "/explore",
    "/directory",
    "/lists",
    "/groups",
    "/groups?q=zzz",
    "/groups/new",
    "/groups/hearts",
    "/groups/hearts?topic=Valves&done=joined",
    "/groups/hearts/about",
    "/groups/hearts/members",
    "/groups/hearts/log",
    "/groups/hearts/moderation",
    "/groups/hearts/settings",
    "/groups/hearts/new",
    "/groups/hearts/archive",
    "/groups/hearts/leave",
    "/groups/wards/join",
    "/groups/hearts?what=cases",
    "/groups/hearts?what=talk",
    "/cases",
    "/cases?show=all",
    "/cases/new",
    "/cases/new?choose=yes",
    "/cases/drafts",
    "/cases/review",
    "/cases/wishes",
    "/drafts",
    "/scheduled",
    "/messages",
    "/tags/ecg",
    "/search?q=poll",
    "/api/docs",
    "/admin",
    "/admin/announcements",
    "/admin/reports",
    "/admin/sign-ups",
    "/admin/invitations",
    "/admin/hosts",
    "/admin/hosts/other.example",
    "/admin/hosts/other.example/block",
    "/admin/dead-letters",
    "/admin/audit",
    "/admin/people",
    "/admin/registers",
    "/admin/staff",
    "/desk",
    "/desk?only=mine",
    "/desk?only=suspended",
    "/desk/openings",
];

const OPEN_PAGES: [&str; 9] =
    ["/", "/about", "/sign-in", "/sign-up", "/forgotten", "/@ada", "/@ada/remote-follow", "/tags/ecg", "/nowhere"];

/// Posts and what stands beside them; the addresses of pages about them.
async fn posts(alpha: &Instance, ada: &mut Browser, bo: &mut Browser) -> Vec<String> {
    let id = ada.post("A post with #ECG, a [link](https://example.org) and\n\n- a list", "public").await;
    bo.follow("ada").await;
    bo.reply(id, "@ada An answer").await;
    bo.send(&format!("/posts/{id}/like"), &[("back", "/")]).await;
    let app = App::of(alpha, "ada", "read write").await;
    let picture = app.picture(&drawn(8, 8, ImageFormat::Png), "A dot").await;
    app.write(json!({ "status": "A picture", "media_ids": [picture], "sensitive": true, "spoiler_text": "A dot" }))
        .await;
    let poll = json!({ "options": ["One", "Two"], "expires_in": 3600 });
    let poll = app.write(json!({ "status": "A poll", "poll": poll })).await;
    app.post("/api/v1/lists", json!({ "title": "Cardiology" })).await;
    let words = json!([{ "keyword": "spoiler", "whole_word": true }]);
    app.post("/api/v2/filters", json!({ "title": "Series", "context": ["home"], "keywords_attributes": words })).await;
    let later = alpha.ctx.now() + chrono::TimeDelta::hours(2);
    app.post("/api/v1/statuses", json!({ "status": "Later", "scheduled_at": later.to_rfc3339() })).await;
    app.write(json!({ "status": "@bo a word", "visibility": "direct" })).await;
    let one = app.find("bo").await;
    app.post("/api/v1/reports", json!({ "account_id": one, "comment": "Please look" })).await;
    let mut pages = vec![format!("/@ada/{id}"), format!("/@ada/{poll}"), format!("/report?person={one}")];
    pages.extend(["edit", "delete", "history", "likes", "boosts"].map(|page| format!("/posts/{id}/{page}")));
    pages
}

/// Credentials in each of their states, beside a copy of the register; the addresses of the pages of whoever decides
/// about them and has some of her own.
async fn credentials(cluster: &Cluster, alpha: &Instance, ada: &mut Browser, bo: &mut Browser) -> Vec<String> {
    let numbers: Vec<String> = (1..=4).map(npi).collect();
    let copy = nppes(&[[numbers[1].as_str(), "KADER-WHELAN", "SAMIRA", "", "207R00000X"]]);
    ada.get("/admin/registers").await;
    let sent = ada.send_files("/admin/registers", &[("file", copy.as_bytes())], &[("register", "us-nppes")]).await;
    assert!(sent.status.is_redirection(), "{}", sent.html);
    cluster.settle().await;

    let hers = bring(ada, &numbers[0]).await;
    let draft = ada.submit("/credentials/new", "/credentials", &[("kind", "degree"), ("act", "draft")]).await;
    let draft = draft.location.split('?').next().unwrap().to_owned();
    let waiting = bring(bo, &numbers[1]).await;
    bo.get(&format!("/credentials/{waiting}")).await;
    let dot = drawn(8, 8, ImageFormat::Png);
    let add = format!("/credentials/{waiting}/evidence");
    let added = bo.send_files(&add, &[("file", dot.as_slice())], &[("label", "Marriage certificate")]).await;
    assert!(added.status.is_redirection(), "{}", added.html);
    ada.submit(&format!("/desk/{waiting}"), &format!("/desk/{waiting}/claim"), &[]).await;
    let mut decided = Vec::new();
    for (name, number) in ["cy", "dan"].into_iter().zip(&numbers[2..]) {
        let mut holder = alpha.clinician(name).await;
        let shown = format!("Dr {name}");
        let found = [("name", shown.as_str()), ("discoverable", "on")];
        holder.submit("/settings/profile", "/settings/profile", &found).await;
        let id = bring(&mut holder, number).await;
        let done = across::attest(ada, &id).await;
        assert!(done.location.ends_with("done=attested"), "{}", done.html);
        holder.get("/compose").await;
        holder.post("From somebody who is verified", "public").await;
        decided.push(id);
    }
    across::take_back(ada, &decided[1], "suspend").await;
    let mut pages = vec![format!("/credentials/{hers}"), format!("/credentials/{hers}/withdraw")];
    pages.extend([format!("{draft}/edit"), draft]);
    pages.extend(["", "/ask", "/reject"].map(|page| format!("/desk/{waiting}{page}")));
    pages.extend(["", "/suspend", "/revoke"].map(|page| format!("/desk/{}{page}", decided[0])));
    pages.extend(["", "/reinstate"].map(|page| format!("/desk/{}{page}", decided[1])));
    pages
}

/// A group of Ada's with somebody in it, somebody who asks, and posts; another one that she is no member of. The addresses of
/// pages about them.
async fn groups(ada: &mut Browser, bo: &mut Browser) -> Vec<String> {
    let hearts = [
        ("name", "Heart cases"),
        ("username", "hearts"),
        ("kind", "closed"),
        ("about", "For those who look after *hearts*."),
        ("rules", "- No names"),
        ("welcome", "Say hello."),
        ("topics", "Rhythm\nValves"),
        ("admission", "request"),
        ("premoderation", "all"),
    ];
    ada.submit("/groups/new", "/groups/new", &hearts).await;
    let wards = [("name", "Wards"), ("username", "wards"), ("kind", "local"), ("admission", "request")];
    bo.submit("/groups/new", "/groups/new", &wards).await;
    let new = [("title", "Broad complexes"), ("text", "In a runner"), ("topic", "Rhythm"), ("language", "en")];
    let post = ada.submit("/groups/hearts/new", "/groups/hearts/new", &new).await;
    let post = post.location.split('?').next().unwrap().to_owned();
    let made =
        ada.submit("/groups/hearts/moderation", "/groups/hearts/invitations", &[("uses", "1"), ("days", "7")]).await;
    let code =
        made.html.split("/groups/hearts/join?code=").nth(1).unwrap().split(['<', '"']).next().unwrap().to_owned();
    bo.submit(&format!("/groups/hearts/join?code={code}"), "/groups/hearts/join", &[]).await;
    bo.submit("/groups/hearts/new", "/groups/hearts/new", &[("text", "May I ask?"), ("language", "en")]).await;
    ada.submit("/groups/hearts/moderation", "/groups/hearts/invitations", &[("uses", "3"), ("days", "7")]).await;
    let members = ada.get("/groups/hearts/members").await;
    let ban =
        members.html.split("href=\"").find(|rest| rest.starts_with("/groups/hearts/members/") && rest.contains("/ban"));
    let ban = ban.unwrap().split('"').next().unwrap().replace("/remove", "/ban");
    let id = post.rsplit('/').next().unwrap();
    vec![ban.clone(), ban.replace("/ban", "/remove"), format!("/groups/hearts/posts/{id}/remove"), post]
}

/// What every case here says.
const ASKED: [(&str, &str); 5] = [
    ("question", "Ablate or wait?"),
    ("age", "30 to 39"),
    ("sex", "male"),
    ("basis", "not_identifiable"),
    ("urgency", "today"),
];

/// A new case in the group; the address of its draft.
async fn begin(ada: &mut Browser, group: &str) -> String {
    let begun = ada.get(&format!("/groups/{group}?what=cases")).await;
    let new = begun.html.split("href=\"").find(|rest| rest.starts_with("/cases/new?group=")).unwrap();
    let draft = ada.get(new.split('"').next().unwrap()).await.location;
    ada.get(&draft).await;
    draft
}

/// A case in a group that everybody reads, so that it stands in the timelines; the address of an answer, below the case.
async fn open_case(ada: &mut Browser) -> String {
    let wide = [("name", "Wide open"), ("username", "wide"), ("kind", "open"), ("admission", "free")];
    ada.submit("/groups/new", "/groups/new", &wide).await;
    let draft = begin(ada, "wide").await;
    let fields = [("section-presentation", "Palpitations for two weeks."), ("scope", "public")];
    let posted = ada.send(&format!("{draft}/check"), &[&ASKED[..], &fields].concat()).await;
    let path = posted.location.split('?').next().unwrap().to_owned();
    let id = path.rsplit('/').next().unwrap().to_owned();
    assert!(ada.get("/?tab=local").await.html.contains("class=\"case\""), "the timeline shows it as a case");
    let answer = ada.submit(&path, "/posts", &[("text", "An ECG?"), ("reply_to", &id), ("language", "en")]).await;
    format!("/@ada/{}", answer.written().1)
}

/// A case of Bo's group that is open, one that is resolved, one that was withdrawn, and one that is being written and has marks.
/// The addresses of pages about them.
async fn cases(ada: &mut Browser, bo: &mut Browser) -> Vec<String> {
    let mut pages = Vec::new();
    for state in ["writing", "open", "resolved", "withdrawn"] {
        let told =
            if state == "writing" { "Mr Hargreaves came on 3 March 2024." } else { "Palpitations for two weeks." };
        let draft = begin(ada, "hearts").await;
        let fields = [("section-presentation", told), ("scope", "group")];
        let fields = [&ASKED[..], &fields].concat();
        if state == "writing" {
            let file = drawn(576, 288, ImageFormat::Png);
            ada.send_files(&format!("{draft}/pictures"), &[("file", &file)], &fields).await;
            ada.get(&draft).await;
        }
        let posted = ada.send(&format!("{draft}/check"), &fields).await;
        if state == "writing" {
            assert_eq!(posted.status, 422, "{}", posted.location);
            pages.extend([format!("{draft}/check"), format!("{draft}/discard"), draft]);
            continue;
        }
        let path = posted.location.split('?').next().unwrap().to_owned();
        let id = path.rsplit('/').next().unwrap().to_owned();
        bo.submit(&path, "/posts", &[("text", "Wait."), ("reply_to", &id), ("language", "en")]).await;
        let recall = format!("/cases/{id}/recall");
        match state {
            "open" => pages.extend([format!("/cases/{id}/outcome"), recall.clone()]),
            "resolved" => {
                let outcome = format!("/cases/{id}/outcome");
                ada.submit(&outcome, &outcome, &[("outcome", "They went by themselves.")]).await;
            }
            _ => {
                ada.submit(&recall, &recall, &[("reason", "mistake")]).await;
                pages.push(recall.clone());
            }
        }
        pages.push(path);
    }
    pages
}

/// The address of the page on which somebody lets an app in.
async fn consent(alpha: &Instance) -> String {
    let app = consilium::service::oauth::NewApp {
        name: "Example app".into(),
        website: String::new(),
        redirect_uris: vec![consilium::service::oauth::OUT_OF_BAND.into()],
        scopes: "read write".into(),
    };
    let (app, _) = consilium::service::oauth::register(&alpha.ctx, app, "127.0.0.1").await.unwrap();
    format!(
        "/oauth/authorize?response_type=code&client_id={}&redirect_uri=urn:ietf:wg:oauth:2.0:oob&scope=read",
        app.client_id
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_free_of_accessibility_faults() {
    // So that she sees the page of revoking too.
    let options = Options { config: "[verification]\nrevoke_by_two = false\n".into(), ..Options::default() };
    let cluster = Cluster::with(&["alpha.test"], &[], options).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.person("ada", Role::Admin).await;
    let mut bo = alpha.clinician("bo").await;
    let mut own = posts(alpha, &mut ada, &mut bo).await;
    own.extend(credentials(&cluster, alpha, &mut ada, &mut bo).await);
    own.extend(groups(&mut ada, &mut bo).await);
    own.extend(cases(&mut ada, &mut bo).await);
    own.push(open_case(&mut ada).await);
    consilium::service::hosts::decide_by_operator(
        &alpha.ctx,
        "other.example",
        consilium::model::HostState::Limited,
        "Note",
    )
    .await
    .unwrap();
    own.extend([consent(alpha).await, "/oauth/authorize/native?code=abc".into()]);
    own.push("/oauth/authorize?client_id=unknown".into());
    let verified = bo.get("/@cy").await;
    assert!(verified.says("See the proof"), "{}", verified.html);
    let open = ["/@cy".to_owned(), across::facts(&verified)];
    for width in [1280, 390] {
        let Some(browser) = Chromium::open(&cluster, width, true).await else { return };
        for path in OPEN_PAGES.into_iter().chain(open.iter().map(String::as_str)) {
            browser.open_page("alpha.test", path).await;
        }
        browser.sign_in("alpha.test", "ada").await;
        for path in OWN_PAGES.iter().copied().chain(own.iter().chain(&open).map(String::as_str)) {
            browser.open_page("alpha.test", path).await;
        }
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_being_written_is_kept_by_itself() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let mut ada = cluster.get("alpha.test").clinician("ada").await;
    found_by_form(&mut ada, &[]).await;
    let draft = begin(&mut ada, "hearts").await;
    let Some(browser) = Chromium::open(&cluster, 1280, true).await else { return };
    browser.sign_in("alpha.test", "ada").await;
    browser.open_page("alpha.test", &draft).await;
    browser.fill("#question", "Ablate now, or wait?").await;
    // What the server says names the zone, what the script says does not; whoever leaves then is not asked whether to.
    let kept = "const done = arguments[arguments.length - 1]; const said = document.querySelector('[data-saved]'); \
                const look = () => /[0-9], sealed/.test(said.textContent) \
                  && dispatchEvent(new Event('beforeunload', { cancelable: true })) \
                  ? done(true) : requestAnimationFrame(look); look();";
    assert_eq!(browser.client.execute_async(kept, vec![]).await.unwrap(), json!(true));

    browser.open_page("alpha.test", &draft).await;
    let question = browser.find("#question").await.prop("value").await.unwrap();
    assert_eq!(question.as_deref(), Some("Ablate now, or wait?"));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_worked_by_keyboard_alone() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    alpha.account("vera", Role::Verifier).await;
    let (mut ada, mut bo) = (alpha.clinician("ada").await, alpha.clinician("bo").await);
    let (first, second) = (bring(&mut ada, &npi(1)).await, bring(&mut bo, &npi(2)).await);
    let (first, second) = (format!("/desk/{first}"), format!("/desk/{second}"));
    let Some(browser) = Chromium::open(&cluster, 1280, true).await else { return };
    browser.sign_in("alpha.test", "vera").await;
    browser.open_page("alpha.test", "/desk").await;
    browser.tab_to(&format!(".queue a[href='{first}']")).await;
    assert_eq!(browser.key_to(ENTER).await, first);

    browser.key('j').await;
    browser.tab_to("[data-keys] button").await;
    browser.key(ENTER).await;
    assert!(browser.says("Turn keys off").await);
    assert_eq!(browser.key_to('j').await, second);
    assert!(browser.says("Turn keys off").await, "they stay on");
    assert_eq!(browser.key_to('k').await, first);
    browser.tab_to(".decide button.main").await;
    assert_eq!(browser.key_to(ENTER).await, first, "it is taken");

    let boxes = browser.client.find_all(Locator::Css("#checks input[name=keys]")).await.unwrap();
    assert!((3..=9).contains(&boxes.len()), "{} boxes", boxes.len());
    for (key, item) in ('1'..='9').zip(&boxes) {
        browser.key(key).await;
        assert!(item.is_selected().await.unwrap(), "{key}");
    }
    browser.tab_to("#seen").await;
    for letter in "a card, just lent".chars() {
        browser.key(letter).await;
    }
    let seen = browser.find("#seen").await.prop("value").await.unwrap();
    assert_eq!(seen.as_deref(), Some("a card, just lent"), "whoever types only types");
    browser.key(TAB).await;
    browser.key('a').await;
    assert!(browser.is_at(".decide button[formaction$='/attest']").await, "the decision takes a second press");
    assert_eq!(browser.key_to('a').await, first);
    let url = browser.client.current_url().await.unwrap();
    assert_eq!(url.query(), Some("done=attested"), "{url}");
    assert_eq!(browser.key_to('j').await, second, "on with the queue");
    browser.close().await;
    assert!(ada.get("/@ada").await.says("Verified by Hospital alpha.test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_the_browser_made_opens_the_door_on_the_next_day() {
    // Browsers know passkeys on pages that nobody can have changed on the way: over https, and of their own machine.
    let host = "alpha.localhost";
    let cluster = Cluster::of([host]).await;
    cluster.get(host).account("ada", Role::Clinician).await;
    let Some(browser) = Chromium::open(&cluster, 1280, true).await else { return };
    browser.client.issue_cmd(Finger).await.unwrap();
    browser.sign_in(host, "ada").await;
    browser.open_page(host, "/settings/second-factor").await;
    browser.press("main a[href$='/passkeys/new']").await;
    browser.fill("#current_password", PASSWORD).await;
    browser.press("main form[action$='/new'] button.main").await;
    browser.fill("#name", "Laptop").await;
    browser.press("main form[data-passkey=create] button.main").await;
    assert!(browser.says("The passkey is added").await && browser.says("Your recovery codes").await);
    browser.press("main p.part a.btn.main").await;
    assert!(browser.says("Laptop").await && browser.says("10 recovery codes are left").await);

    browser.client.delete_all_cookies().await.unwrap();
    browser.sign_in(host, "ada").await;
    assert!(browser.says("Your passkey").await);
    browser.press("#passkey").await;
    assert_eq!(browser.client.current_url().await.unwrap().path(), "/");
    browser.open_page(host, "/settings/second-factor").await;
    assert!(browser.says("Used now").await);
    browser.press("main a[href$='/remove']").await;
    browser.fill("#current_password", PASSWORD).await;
    browser.press("main form[data-passkey=get] button").await;
    assert!(browser.says("The passkey is removed").await);
    browser.close().await;
}
