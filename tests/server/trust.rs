//! What one hospital makes of another's word: a badge where it is trusted, a claim where it is not, and whatever is wrong
//! with it by its name.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use consilium::{
    crypto::{Bitstring, Ed25519KeyPair, proof::add_proof},
    model::{CredentialId, HostState, HostTrust, Role},
    policy::Viewer,
    service::{
        attestations::keys,
        credentials::{self, CredentialForm, Decision},
        hosts,
        profiles::{self, ProfileForm},
        schedule::{self, Job},
    },
};
use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};

use crate::{
    cli::Operator,
    harness::{App, Browser, Cluster, Instance, Options, Page, Stranger, postgres, text},
};

/// Two hospitals: at alpha Ada has been attested by Vera; at beta Bo has looked her up.
struct Hospitals {
    cluster: Cluster,
    verifiers: [Viewer; 2],
    registration: CredentialId,
    bo: Browser,
}

impl Hospitals {
    async fn new() -> Self {
        let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
        let alpha = cluster.get("alpha.test");
        let (ada, vera) = (alpha.account("ada", Role::Clinician).await, alpha.account("vera", Role::Verifier).await);
        let vic = alpha.account("vic", Role::Verifier).await;
        edit(alpha, &ada, |profile| profile.discoverable = true).await;
        let registration = credentials::save(&alpha.ctx, &ada, None, form(), true).await.unwrap();
        attest(alpha, &vera, registration).await;
        let mut bo = cluster.get("beta.test").clinician("bo").await;
        assert!(bo.get("/search?q=%40ada%40alpha.test").await.says("Dr ada"));
        cluster.settle().await;
        Self { cluster, verifiers: [vera, vic], registration, bo }
    }

    /// The same, with alpha trusted at beta.
    async fn trusting() -> Self {
        let mut story = Self::new().await;
        story.trust(HostTrust::Trusted, &[]).await;
        story.cluster.settle().await;
        assert!(story.is_verified().await);
        story
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    fn beta(&self) -> &Instance {
        self.cluster.get("beta.test")
    }

    async fn trust(&self, trust: HostTrust, disciplines: &[&str]) {
        let disciplines = disciplines.iter().map(ToString::to_string).collect();
        hosts::trust_by_operator(&self.beta().ctx, "alpha.test", trust, disciplines, "").await.unwrap();
    }

    /// The word for what beta makes of the statement about Ada; empty where there is none.
    async fn state(&self) -> String {
        state(self.beta(), "ada@alpha.test").await
    }

    /// Whether beta shows the badge, to people and to programs alike.
    async fn is_verified(&mut self) -> bool {
        let shown = self.page().await.says("Verified by Hospital alpha.test");
        let said = stated(self.beta(), "ada@alpha.test").await;
        assert_eq!(said["verified"], shown, "{said}");
        shown
    }

    async fn page(&mut self) -> Page {
        self.bo.get("/@ada@alpha.test").await
    }

    async fn revoke(&self) {
        let (ctx, [vera, vic]) = (&self.alpha().ctx, &self.verifiers);
        credentials::suspend(ctx, vera, self.registration, "Struck off").await.unwrap();
        credentials::revoke(ctx, vic, self.registration, "Struck off").await.unwrap();
    }

    async fn pass(&self, time: TimeDelta) {
        self.cluster.pass(time);
        self.cluster.settle().await;
    }
}

fn form() -> CredentialForm {
    CredentialForm {
        kind: "registration".into(),
        register: "gb-gmc".into(),
        body: "General Medical Council".into(),
        jurisdiction: "GB".into(),
        number: "7012345".into(),
        discipline: "medicine".into(),
        specialties: vec!["207RC0000X".into()],
        family_name: "Quartermain".into(),
        given_names: "Allan".into(),
        role: "Consultant".into(),
        issued_on: "2015-08-01".into(),
        ..CredentialForm::default()
    }
}

async fn edit(at: &Instance, who: &Viewer, change: impl FnOnce(&mut ProfileForm)) {
    let known = profiles::by_id(&at.ctx, who, who.account().unwrap()).await.unwrap();
    let mut form = ProfileForm::of(&known.account);
    change(&mut form);
    profiles::update(&at.ctx, who, form).await.unwrap();
}

async fn attest(alpha: &Instance, vera: &Viewer, id: CredentialId) {
    credentials::claim(&alpha.ctx, vera, id).await.unwrap();
    let review = credentials::open(&alpha.ctx, vera, id).await.unwrap();
    let ticked = review.checklist.iter().map(|item| item.key.to_owned()).collect();
    credentials::tick(&alpha.ctx, vera, id, ticked, "Seen in the register", &review.mark).await.unwrap();
    assert!(matches!(credentials::attest(&alpha.ctx, vera, id, &review.mark).await.unwrap(), Decision::Attested));
}

async fn stated(at: &Instance, acct: &str) -> Value {
    let answer = App::new(at, "").get(&format!("/api/consilium/v1/verify?acct={}", acct.replace('@', "%40"))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn state(at: &Instance, acct: &str) -> String {
    stated(at, acct).await["statements"][0]["state"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trusted_hospital_has_attested_is_a_badge_and_anybody_elses_word_a_claim() {
    let mut story = Hospitals::new().await;
    assert_eq!(story.state().await, "claim", "it holds, and nobody has decided to trust alpha");
    assert!(!story.is_verified().await);
    story.trust(HostTrust::Trusted, &[]).await;
    assert_eq!(story.state().await, "verified", "at once");
    assert!(story.is_verified().await);
    assert!(story.page().await.says("Doctor · Cardiology"));
    assert!(story.bo.get("/search?q=%40ada%40alpha.test").await.says("verified by Hospital alpha.test"));

    story.trust(HostTrust::Trusted, &["nursing"]).await;
    assert_eq!(story.state().await, "other_discipline");
    assert!(!story.is_verified().await);
    story.trust(HostTrust::Trusted, &["medicine", "nursing"]).await;
    assert!(story.is_verified().await);
    story.trust(HostTrust::None, &[]).await;
    assert_eq!((story.state().await.as_str(), story.is_verified().await), ("", false), "nothing of it is shown");
    story.trust(HostTrust::Claim, &[]).await;
    story.cluster.settle().await;
    assert_eq!(story.state().await, "claim");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_hospital_verifies_nobody() {
    let mut story = Hospitals::trusting().await;
    hosts::decide_by_operator(&story.beta().ctx, "alpha.test", HostState::Blocked, "").await.unwrap();
    assert!(!story.is_verified().await);
    hosts::decide_by_operator(&story.beta().ctx, "alpha.test", HostState::Allowed, "").await.unwrap();
    story.cluster.settle().await;
    assert!(story.is_verified().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_is_gone_at_once_where_it_is_told_and_within_minutes_where_it_is_not() {
    let mut story = Hospitals::trusting().await;
    story.pass(TimeDelta::minutes(10)).await;
    story.revoke().await;
    story.cluster.settle().await;
    assert!(story.is_verified().await, "nobody at beta follows Ada, so nobody there was told");
    story.pass(TimeDelta::minutes(6)).await;
    assert_eq!(story.state().await, "revoked", "the list has been fetched again");
    assert!(!story.is_verified().await);

    let mut story = Hospitals::trusting().await;
    story.bo.follow("@ada@alpha.test").await;
    story.cluster.settle().await;
    story.revoke().await;
    story.cluster.settle().await;
    assert!(!story.is_verified().await, "by an Update, without any time passing");
    assert_eq!(story.state().await, "", "it is no longer attached");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_is_nobodys_badge_until_it_is_checked() {
    let mut story = Hospitals::trusting().await;
    story.bo.follow("@ada@alpha.test").await;
    story.cluster.settle().await;
    let mut ada = story.alpha().signed_in("ada").await;
    ada.get("/settings/profile").await;
    let saved = ada.send("/settings/profile", &[("name", "Sir William Osler"), ("discoverable", "on")]).await;
    assert!(saved.status.is_redirection(), "{}", saved.html);
    story.cluster.settle().await;
    let page = story.page().await;
    assert!(page.says("Sir William Osler") && !page.says("Verified by Hospital alpha.test"), "{}", page.html);
    assert!(!story.is_verified().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_that_is_silent_is_believed_for_a_while_and_no_longer() {
    let mut story = Hospitals::trusting().await;
    story.cluster.get_mut("alpha.test").go_down().await;
    story.pass(TimeDelta::hours(20)).await;
    assert!(story.is_verified().await);
    story.pass(TimeDelta::hours(10)).await;
    assert!(story.page().await.says("not confirmed since"), "{}", story.page().await.html);
    assert!(story.is_verified().await, "still");
    story.pass(TimeDelta::hours(43)).await;
    assert!(!story.is_verified().await);
    assert_eq!(story.state().await, "not_confirmed");
    let page = story.verify_page().await;
    assert!(page.says("Not confirmed since"), "{}", page.html);

    let alpha = story.cluster.get_mut("alpha.test");
    alpha.come_back().await;
    alpha.ctx.clock.advance(TimeDelta::hours(73));
    story.pass(TimeDelta::hours(2)).await;
    assert!(story.is_verified().await);
}

impl Hospitals {
    /// Beta's page of the statement, for everybody.
    async fn verify_page(&self) -> Page {
        verify_page(self.beta(), &stated(self.beta(), "ada@alpha.test").await).await
    }
}

/// What the page of a statement offers to download.
async fn download(at: &Instance, page: &Page) -> Page {
    let path = page.html.split("href=\"/verify/").nth(1).unwrap().split('"').next().unwrap();
    at.browser().get(&format!("/verify/{path}")).await
}

async fn verify_page(at: &Instance, said: &Value) -> Page {
    let url = text(&said["statements"][0]["url"]);
    let page = at.browser().get(&url.replace(&format!("http://{}", at.name), "")).await;
    assert_eq!(page.status, 200, "{}", page.html);
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_statement_tells_everybody_who_says_so_and_how_to_check_it() {
    let story = Hospitals::trusting().await;
    let there = story.verify_page().await;
    let at_home = stated(story.alpha(), "ada").await;
    assert_eq!((at_home["acct"].as_str(), at_home["verified"].as_bool()), (Some("ada@alpha.test"), Some(true)));
    let at_home = verify_page(story.alpha(), &at_home).await;
    for (page, link) in [
        (&at_home, "<a rel=\"me\" href=\"http://alpha.test/@ada\""),
        (&there, "<a rel=\"nofollow noopener noreferrer\" href=\"http://alpha.test/@ada\""),
    ] {
        for words in [
            link,
            "Hospital alpha.test",
            "Doctor · Cardiology",
            "General Medical Council",
            "United Kingdom",
            "Attested by the institution",
            "This holds",
            "consilium attestations verify statement.json --with issuer.json --with list-1.json --with list-2.json",
        ] {
            assert!(page.says(words), "{words}: {}", page.html);
        }
        assert!(!page.says("7012345") && !page.says("Quartermain") && !page.says("noindex"));
    }
    assert!(there.says("Last confirmed to this server") && !there.says("rel=\"me\""));
    let own = download(story.alpha(), &at_home).await;
    assert_eq!(own.headers["content-type"], "application/vc");
    let kept = download(story.beta(), &there).await;
    assert_eq!(kept.headers["content-type"], "application/octet-stream", "what others have written is no page of ours");
    for page in [&own, &kept] {
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert!(page.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    }
    let document: Value = serde_json::from_str(&kept.html).unwrap();
    assert_eq!(document["credentialSubject"]["id"], "http://alpha.test/users/ada");
    assert_eq!(story.beta().browser().get("/verify/nonsense").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_exchange_of_keys_changes_nothing_and_a_theft_asks_for_an_admin() {
    let mut story = Hospitals::trusting().await;
    story.bo.follow("@ada@alpha.test").await;
    story.cluster.settle().await;
    story.pass(TimeDelta::minutes(2)).await;
    keys::rotate(&story.alpha().ctx, false).await.unwrap();
    story.cluster.settle().await;
    story.pass(TimeDelta::minutes(20)).await;
    assert!(story.is_verified().await, "the old key vouches for the new one");

    keys::rotate(&story.alpha().ctx, true).await.unwrap();
    story.cluster.settle().await;
    story.pass(TimeDelta::minutes(20)).await;
    assert_eq!(story.state().await, "keys_changed", "anybody could have made the new one");
    assert!(!story.is_verified().await);

    let mut rooty = story.beta().person("rooty", Role::Admin).await;
    assert!(rooty.get("/admin/hosts").await.says("Keys changed"));
    let page = rooty.get("/admin/hosts/alpha.test").await;
    assert!(page.says("Its keys have changed") && page.says("http://alpha.test/users/institution"), "{}", page.html);
    let seen = page.html.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let confirm = "/admin/hosts/alpha.test/issuers/confirm";
    let other = [("issuer", "http://alpha.test/users/institution"), ("seen", "0000000000000000")];
    assert_eq!(rooty.send(confirm, &other).await.status, 409, "only what was looked at is confirmed");
    let these = [("issuer", "http://alpha.test/users/institution"), ("seen", seen.as_str())];
    assert!(rooty.send(confirm, &these).await.status.is_redirection());
    story.cluster.settle().await;
    assert!(story.is_verified().await);
    let log = rooty.get("/admin/audit").await;
    assert!(log.says("confirmed the keys of http://alpha.test/users/institution"), "{}", log.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_decides_on_the_page_of_a_host_whom_to_believe() {
    let mut story = Hospitals::new().await;
    let mut rooty = story.beta().person("rooty", Role::Admin).await;
    let page = rooty.get("/admin/hosts/alpha.test").await;
    let key = &keys::list(&story.alpha().ctx).await.unwrap()[0];
    let (fingerprint, multikey) = (keys::fingerprint(&key.public_key), key.public_key.as_str());
    for words in ["Hospital alpha.test", "1 found to hold", fingerprint.as_str(), multikey] {
        assert!(page.says(words), "{words}: {}", page.html);
    }
    let path = "/admin/hosts/alpha.test/trust";
    let wrong = rooty.send(path, &[("trust", "trusted"), ("disciplines", "wizardry")]).await;
    assert!(wrong.status == 422 && wrong.says("There is no discipline wizardry."), "{}", wrong.html);
    let fields =
        [("trust", "trusted"), ("disciplines", "medicine"), ("disciplines", "nursing"), ("reason", "Contract")];
    let saved = rooty.send(path, &fields).await;
    assert!(saved.status.is_redirection(), "{}", saved.html);
    assert!(story.is_verified().await);
    let page = rooty.get("/admin/hosts/alpha.test").await;
    assert!(page.says("value=\"medicine\" checked"), "{}", page.html);
    let log = rooty.get("/admin/audit?who=alpha.test").await;
    assert!(log.says("changed the trust in alpha.test from claim to trusted (medicine, nursing)"), "{}", log.html);
    assert!(log.says("Contract"));
    let mut moddy = story.beta().person("moddy", Role::Moderator).await;
    assert!(moddy.get("/admin/hosts/alpha.test").await.says("Trusted"));
    assert_eq!(moddy.send(path, &[("trust", "none")]).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_decides_whom_to_believe() {
    let url = postgres::database().await;
    let op = Operator::with("trust", &format!("[database]\nurl = \"{}\"\n", url.expose()));
    let some = ["--as", "trusted", "--discipline", "nursing", "--discipline", "medicine", "--json"];
    let decided = op.json(&[&["hosts", "trust", "College.Example"], &some[..]].concat(), "");
    let disciplines = json!(["medicine", "nursing"]);
    assert_eq!(decided, json!({ "name": "college.example", "trust": "trusted", "trusted_disciplines": disciplines }));
    let none = op.says(&["hosts", "trust", "college.example", "--as", "none"], "");
    assert!(none.contains("Nothing that college.example states is shown now."), "{none}");
    let wrong = op.run(&["hosts", "trust", "college.example", "--as", "trusted", "--discipline", "wizardry"], "");
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("no discipline wizardry"));
}

/// A college that alpha trusts, and Eve, who tries what she can; both on a server of somebody else's making.
struct Court {
    cluster: Cluster,
    eve: Stranger,
    acts: usize,
}

const COLLEGE: &str = "http://college.test/org";
const INSTITUTE: &str = "http://eve.test/institute";

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed(&[seed; 32]).unwrap()
}

fn key_id(seed: u8) -> String {
    format!("{COLLEGE}#key-{seed}")
}

fn multikey(seed: u8) -> Value {
    let key = pair(seed).public_multibase();
    json!({ "id": key_id(seed), "type": "Multikey", "controller": COLLEGE, "publicKeyMultibase": key })
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Court {
    async fn new() -> Self {
        let eve = Stranger::at("eve.test").await;
        let others = [("eve.test", eve.address), ("college.test", eve.address)];
        let cluster = Cluster::with(&["alpha.test"], &others, Options::default()).await;
        let court = Self { cluster, eve, acts: 0 };
        hosts::trust_by_operator(&court.alpha().ctx, "college.test", HostTrust::Trusted, Vec::new(), "").await.unwrap();
        court.eve.serve("/org", court.college(&[multikey(1)], &[]));
        court.list("/list", COLLEGE, 1, &[9]);
        court
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    fn now(&self) -> DateTime<Utc> {
        self.alpha().ctx.now()
    }

    /// The college's document with these keys and what they say of each other.
    fn college(&self, keys: &[Value], words: &[Value]) -> Value {
        let mut college = self.eve.person("org");
        for (name, value) in [
            ("id", json!(COLLEGE)),
            ("type", json!("Organization")),
            ("name", json!("The College")),
            ("inbox", json!(format!("{COLLEGE}/inbox"))),
            ("endpoints", json!({})),
            ("followers", json!(null)),
            ("assertionMethod", json!(keys)),
            ("keyEndorsements", json!(words)),
        ] {
            college[name] = value;
        }
        college["publicKey"]["id"] = json!(format!("{COLLEGE}#main-key"));
        college["publicKey"]["owner"] = json!(COLLEGE);
        college
    }

    /// Puts a list at a path of the college's: of this issuer, signed with this key, with these bits set.
    fn list(&self, path: &str, issuer: &str, seed: u8, set: &[usize]) {
        let mut bits = Bitstring::empty();
        for place in set {
            assert!(bits.set(*place));
        }
        let mut list = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "id": format!("http://college.test{path}"), "issuer": issuer,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "validFrom": stamp(self.now() - TimeDelta::days(1)), "validUntil": stamp(self.now() + TimeDelta::days(1)),
            "credentialSubject": {
                "id": format!("http://college.test{path}#list"), "type": "BitstringStatusList",
                "statusPurpose": "revocation", "encodedList": bits.pack().unwrap(), "ttl": 300_000,
            },
        });
        self.sign(&mut list, seed);
        self.eve.serve(path, list);
    }

    /// Puts a list without any bit at an address, by an issuer of Eve's own making; it has more to say besides.
    fn own_list(&self, address: &str, issuer: &str, besides: &str) {
        let mut list = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "id": address, "issuer": issuer, "besides": besides,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "credentialSubject": { "statusPurpose": "revocation", "encodedList": Bitstring::empty().pack().unwrap() },
        });
        add_proof(&mut list, &pair(66), &format!("{issuer}#k"), self.now()).unwrap();
        self.eve.serve(&format!("/{}", address.rsplit('/').next().unwrap()), list);
    }

    /// Puts an institution of Eve's own making at her server, with a list; returns its document.
    fn institute(&self) -> Value {
        let mut institute = self.college(&[], &[]);
        institute["id"] = INSTITUTE.into();
        institute["name"] = "The Institute".into();
        let key = pair(66).public_multibase();
        let id = format!("{INSTITUTE}#k");
        institute["assertionMethod"] =
            json!([{ "id": id, "type": "Multikey", "controller": INSTITUTE, "publicKeyMultibase": key }]);
        self.eve.serve("/institute", institute.clone());
        self.own_list("http://eve.test/own-list", INSTITUTE, "");
        institute
    }

    /// A statement about Eve by an institution of her own making, which calls itself the college.
    fn by_own(&self, id: &str, issuer: &str, list: &str) -> Value {
        let mut own = self.statement(id, 1);
        own["issuer"] = json!({ "id": issuer, "name": "The College" });
        own["credentialStatus"]["statusListCredential"] = list.into();
        add_proof(&mut own, &pair(66), &format!("{issuer}#k"), self.now()).unwrap();
        own
    }

    fn sign(&self, document: &mut Value, seed: u8) {
        add_proof(document, &pair(seed), &key_id(seed), self.now() - TimeDelta::hours(1)).unwrap();
    }

    /// A statement about Eve by the college, at this place of its list, before it is signed.
    fn statement(&self, id: &str, place: usize) -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "id": format!("http://college.test/statements/{id}"),
            "type": ["VerifiableCredential", "PractitionerCredential"],
            "issuer": { "id": COLLEGE, "name": "The College" },
            "validFrom": stamp(self.now() - TimeDelta::days(1)), "validUntil": stamp(self.now() + TimeDelta::days(300)),
            "credentialSubject": {
                "id": self.eve.actor(), "type": "Practitioner", "name": "Eve", "handle": "eve@eve.test",
                "discipline": "medicine", "level": 4, "checkedOn": "2026-05-04",
                "licence": { "type": "registration", "jurisdiction": "GB", "register": "General Medical Council" },
            },
            "credentialStatus": {
                "id": format!("http://college.test/list#{place}"), "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation", "statusListIndex": place.to_string(),
                "statusListCredential": "http://college.test/list",
            },
        })
    }

    fn signed(&self, id: &str, change: impl FnOnce(&mut Value)) -> Value {
        let mut statement = self.statement(id, 1);
        change(&mut statement);
        self.sign(&mut statement, 1);
        statement
    }

    /// Eve carries a statement and says so; what alpha makes of it.
    async fn carry(&mut self, statement: &Value) -> String {
        self.carry_all(std::slice::from_ref(statement)).await
    }

    async fn carry_all(&mut self, statements: &[Value]) -> String {
        let mut eve = self.eve.person("eve");
        eve["name"] = "Eve".into();
        let attached = statements.iter().map(|statement| {
            json!({
                "type": "VerifiableCredentialAttachment", "name": "Verified", "mediaType": "application/vc",
                "href": statement["id"], "credential": statement,
            })
        });
        eve["attachment"] = attached.collect::<Vec<_>>().into();
        self.eve.serve("/users/eve", eve);
        self.acts += 1;
        let update = self.eve.activity("Update", &format!("eve-{}", self.acts), json!(self.eve.actor()));
        assert_eq!(self.eve.deliver(self.alpha(), &update).await, 202);
        self.cluster.settle().await;
        self.state().await
    }

    async fn state(&self) -> String {
        state(self.alpha(), "eve@eve.test").await
    }

    async fn is_verified(&self) -> bool {
        let said = stated(self.alpha(), "eve@eve.test").await;
        let shown = self.profile().await.says("Verified by The College");
        assert_eq!(said["verified"], shown, "{said}");
        shown
    }

    /// The college tells that it has changed.
    async fn tell(&mut self) {
        self.acts += 1;
        let mut update = self.eve.activity("Update", "", json!(COLLEGE));
        update["id"] = json!(format!("http://college.test/activities/{}", self.acts));
        update["actor"] = json!(COLLEGE);
        assert_eq!(self.eve.deliver_as(self.alpha(), COLLEGE, &update).await, 202);
        self.cluster.settle().await;
    }

    /// Her page at alpha.
    async fn profile(&self) -> Page {
        self.alpha().browser().get("/@eve@eve.test").await
    }

    /// How often the path was asked for.
    fn fetched(&self, path: &str) -> usize {
        self.eve.fetched().iter().filter(|asked| *asked == path).count()
    }

    async fn says(&self, words: &str) {
        let page = verify_page(self.alpha(), &stated(self.alpha(), "eve@eve.test").await).await;
        assert!(page.says(words), "{words}: {}", page.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_taken_as_what_it_is_whoever_carries_it() {
    let mut court = Court::new().await;
    let good = court.signed("good", |_| {});
    assert_eq!(court.carry(&good).await, "verified");
    assert!(court.is_verified().await);
    court.says("This holds: The College has signed it").await;

    let mut changed = court.signed("changed", |_| {});
    changed["credentialSubject"]["discipline"] = "nursing".into();
    assert_eq!(court.carry(&changed).await, "proof");
    assert!(!court.is_verified().await);
    court.says("Its signature does not fit").await;

    let mut forged = court.statement("forged", 1);
    add_proof(&mut forged, &pair(66), &key_id(1), court.now()).unwrap();
    assert_eq!(court.carry(&forged).await, "proof", "made by Eve herself under the name of the college's key");

    let mut own_key = court.statement("own-key", 1);
    add_proof(&mut own_key, &pair(66), "http://eve.test/users/eve#key", court.now()).unwrap();
    assert_eq!(court.carry(&own_key).await, "unknown_key");
    court.says("a key that The College does not list").await;

    let ada = court.signed("ada", |s| s["credentialSubject"]["id"] = "http://alpha.test/users/ada".into());
    assert_eq!(court.carry(&ada).await, "other_subject");
    court.says("made for another account").await;

    let named = court.signed("named", |s| s["credentialSubject"]["name"] = "Dr Quartermain".into());
    assert_eq!(court.carry(&named).await, "other_name");

    let late = stamp(court.now() - TimeDelta::hours(2));
    let over = court.signed("over", |s| s["validUntil"] = late.into());
    assert_eq!(court.carry(&over).await, "expired");

    let before = court.signed("before-renewal", |s| s["credentialStatus"]["statusListIndex"] = "9".into());
    assert_eq!(court.carry(&before).await, "revoked", "one from before the renewal, shown again");
    court.says("The College has taken it back").await;

    let ours = court.signed("ours", |s| s["issuer"]["id"] = "http://alpha.test/users/institution".into());
    assert_eq!(court.carry(&ours).await, "not_ours");
    assert!(!court.is_verified().await);

    assert_eq!(court.carry(&good).await, "verified", "and the true one is taken again");
    let beyond = json!({ "type": "Note", "text": "no credential" });
    assert_eq!(court.carry(&beyond).await, "", "what is no statement is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_makes_an_institution_of_their_own_verifies_nobody() {
    let mut court = Court::new().await;
    court.institute();
    let own = court.by_own("own", INSTITUTE, "http://eve.test/own-list");
    assert_eq!(court.carry(&own).await, "claim", "it holds, and nobody trusts who made it");
    assert!(!court.is_verified().await);
    court.says("This hospital has not decided to trust The Institute").await;

    // The same by a person of a host that is trusted.
    let person = "http://college.test/users/student";
    let mut student = court.eve.person("student");
    student["id"] = person.into();
    let key = pair(66).public_multibase();
    let id = format!("{person}#k");
    student["assertionMethod"] =
        json!([{ "id": id, "type": "Multikey", "controller": person, "publicKeyMultibase": key }]);
    court.eve.serve("/users/student", student);
    court.own_list("http://college.test/student-list", person, "");
    let by_student = court.by_own("by-student", person, "http://college.test/student-list");
    assert_eq!(court.carry(&by_student).await, "no_institution");
    assert!(!court.is_verified().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_institutions_own_list_says_that_nothing_was_taken_back() {
    let mut court = Court::new().await;
    court.list("/of-another", "http://college.test/other", 1, &[]);
    court.list("/forged", COLLEGE, 66, &[]);
    for (id, address) in [
        ("of-another", "http://college.test/of-another"),
        ("forged-list", "http://college.test/forged"),
        ("elsewhere", "http://eve.test/list"),
    ] {
        // Whoever signs with a key that is not listed makes us ask for the keys once more, not too often.
        court.cluster.pass(TimeDelta::minutes(2));
        let statement = court.signed(id, |s| s["credentialStatus"]["statusListCredential"] = address.into());
        assert_eq!(court.carry(&statement).await, "list", "{id}");
        assert!(!court.is_verified().await);
    }
    let nowhere = "http://college.test/nowhere";
    let missing = court.signed("missing", |s| s["credentialStatus"]["statusListCredential"] = nowhere.into());
    assert_eq!(court.carry(&missing).await, "list", "a list that is not there says nothing");
    assert!(!court.is_verified().await);
    let long = format!("http://college.test/{}", "l".repeat(3_000));
    let long = court.signed("long", |s| s["credentialStatus"]["statusListCredential"] = long.into());
    assert_eq!(court.carry(&long).await, "list", "and one that cannot be kept is not asked for");
    let without = court.signed("without", |s| drop(s.as_object_mut().unwrap().remove("credentialStatus")));
    assert_eq!(court.carry(&without).await, "form", "what cannot be taken back is not relied upon");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_fetched_once_however_many_statements_name_it() {
    let mut court = Court::new().await;
    let mut all = Vec::new();
    for (id, place) in [("one", "1"), ("two", "2"), ("three", "3")] {
        all.push(court.signed(id, |s| s["credentialStatus"]["statusListIndex"] = place.into()));
    }
    assert_eq!(court.carry_all(&all).await, "verified");
    let said = stated(court.alpha(), "eve@eve.test").await;
    assert_eq!(said["statements"].as_array().unwrap().len(), 3);
    assert_eq!((court.fetched("/list"), court.fetched("/org")), (1, 1));
    court.cluster.pass(TimeDelta::minutes(6));
    court.cluster.settle().await;
    assert_eq!((court.fetched("/list"), court.fetched("/org")), (2, 1), "the list again once its time is over");

    // Whoever says that something has changed makes us look anew, long before that time.
    court.list("/list", COLLEGE, 1, &[1, 2, 3]);
    court.cluster.pass(TimeDelta::seconds(10));
    assert_eq!(court.carry_all(&all).await, "revoked");
    assert_eq!(court.fetched("/list"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_nobody_vouches_for_are_distrusted_until_an_admin_has_looked() {
    let mut court = Court::new().await;
    let statement = court.signed("first", |_| {});
    assert_eq!(court.carry(&statement).await, "verified");

    // A new key with the word of the old one.
    let mut word = json!({ "type": "KeyEndorsement", "controller": COLLEGE, "endorses": multikey(2) });
    court.sign(&mut word, 1);
    court.eve.serve("/org", court.college(&[multikey(2), multikey(1)], &[word.clone()]));
    court.list("/list", COLLEGE, 2, &[9]);
    court.tell().await;
    let mut second = court.statement("second", 1);
    court.sign(&mut second, 2);
    assert_eq!(court.carry(&second).await, "verified");
    assert!(court.is_verified().await);

    // One more, with nobody's word.
    court.cluster.pass(TimeDelta::minutes(2));
    court.eve.serve("/org", court.college(&[multikey(3), multikey(2), multikey(1)], &[word]));
    court.tell().await;
    assert_eq!(court.state().await, "keys_changed", "also for what an old key has signed");
    assert!(!court.is_verified().await);
    court.says("no key that this hospital knew vouches for the new ones").await;
    let mut rooty = court.alpha().person("rooty", Role::Admin).await;
    let page = rooty.get("/admin/hosts/college.test").await;
    assert!(page.says("Its keys have changed") && page.says(">New<") && page.says(">Known<"), "{}", page.html);
    let seen = page.html.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    rooty.send("/admin/hosts/college.test/issuers/confirm", &[("issuer", COLLEGE), ("seen", seen.as_str())]).await;
    court.cluster.settle().await;
    assert!(court.is_verified().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_holds_that_is_signed_with_a_stolen_key() {
    let mut court = Court::new().await;
    let statement = court.signed("true", |_| {});
    assert_eq!(court.carry(&statement).await, "verified");
    let mut stolen = multikey(1);
    stolen["revoked"] = json!(stamp(court.now() - TimeDelta::minutes(1)));
    court.eve.serve("/org", court.college(&[multikey(2), stolen], &[]));
    court.list("/list", COLLEGE, 2, &[]);
    court.cluster.pass(TimeDelta::seconds(10));
    court.tell().await;
    assert!(!court.is_verified().await);
    let by_thief = court.signed("by-thief", |_| {});
    assert_eq!(court.carry(&by_thief).await, "ended_key");
    court.says("a key that The College has ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_of_keys_that_nobody_told_of_is_found_by_the_list() {
    let mut court = Court::new().await;
    let statement = court.signed("true", |_| {});
    assert_eq!(court.carry(&statement).await, "verified");
    let mut stolen = multikey(1);
    stolen["revoked"] = json!(stamp(court.now()));
    court.eve.serve("/org", court.college(&[multikey(2), stolen], &[]));
    court.list("/list", COLLEGE, 2, &[]);
    court.cluster.pass(TimeDelta::minutes(6));
    court.cluster.settle().await;
    assert_eq!(court.state().await, "ended_key", "long before the document's own day is over");
    assert!(!court.is_verified().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_more_than_an_institution_has_to_say_is_not_heard() {
    let mut court = Court::new().await;
    let mut institute = court.institute();
    institute["summary"] = "x".repeat(70_000).into();
    court.eve.serve("/institute", institute.clone());
    let own = court.by_own("own", INSTITUTE, "http://eve.test/own-list");
    assert_eq!(court.carry(&own).await, "no_institution");
    assert_eq!((court.fetched("/institute"), court.fetched("/own-list")), (1, 0));
    court.says("nobody stands behind it").await;

    institute["summary"] = "short".into();
    institute["name"] = json!(["no", "words"]);
    court.eve.serve("/institute", institute);
    court.cluster.pass(TimeDelta::seconds(10));
    assert_eq!(court.carry(&own).await, "claim", "no verdict is for ever");
    court.says("This hospital has not decided to trust eve.test").await;

    court.own_list("http://eve.test/long-list", INSTITUTE, &"x".repeat(100_000));
    court.own_list("http://eve.test/endless-list", INSTITUTE, &"x".repeat(600_000));
    for name in ["long-list", "endless-list"] {
        let own = court.by_own(name, INSTITUTE, &format!("http://eve.test/{name}"));
        assert_eq!(court.carry(&own).await, "list", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_names_an_institution_that_is_not_there_claims_nothing() {
    let mut court = Court::new().await;
    let forged = court.by_own("forged", "http://college.test/nobody", "http://college.test/list");
    assert_eq!(court.carry(&forged).await, "no_institution", "though its host is trusted");
    let said = stated(court.alpha(), "eve@eve.test").await;
    assert_eq!(said["statements"][0]["issuer"]["trusted"], false, "{said}");
    court.says("This statement names college.test as its maker").await;
    court.says("nobody stands behind it").await;
    assert!(!court.profile().await.says("says college.test"), "grey is for what was signed by whom it names");

    court.eve.hang("/slow", std::time::Duration::ZERO);
    let slow = court.by_own("slow", "http://college.test/slow", "http://college.test/list");
    assert_eq!(court.carry(&slow).await, "unchecked", "it may come back");
    assert!(!court.profile().await.says("says college.test"));
    court.says("has not checked it yet").await;
    court.cluster.pass(TimeDelta::days(6));
    court.cluster.settle().await;
    assert_eq!(court.state().await, "unchecked");
    court.cluster.pass(TimeDelta::days(2));
    court.cluster.settle().await;
    assert_eq!(court.state().await, "unreachable", "nobody waits for ever");
    court.says("so it could never be checked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_state_delays_nothing_that_is_relied_upon() {
    let mut court = Court::new().await;
    court.institute();
    let good = court.signed("good", |_| {});
    let own = court.by_own("own", INSTITUTE, "http://eve.test/own-list");
    court.carry_all(&[good.clone(), own]).await;
    assert!(court.is_verified().await);
    assert_eq!((court.fetched("/list"), court.fetched("/own-list")), (1, 1));

    court.cluster.pass(TimeDelta::minutes(50));
    court.cluster.settle().await;
    assert_eq!(court.fetched("/own-list"), 1, "a stranger is asked once an hour, whatever the list says");
    court.cluster.pass(TimeDelta::minutes(20));
    let lists = court.fetched("/list");
    schedule::run(&court.alpha().ctx, Job::Attestations).await.unwrap();
    assert_eq!((court.fetched("/list"), court.fetched("/own-list")), (lists + 1, 1), "each has a turn of its own");
    schedule::run(&court.alpha().ctx, Job::Claims).await.unwrap();
    assert_eq!((court.fetched("/list"), court.fetched("/own-list")), (lists + 1, 2));

    // A thousand statements of a stranger about somebody else: no more are kept.
    let many = format!(
        "INSERT INTO accounts (host_id, host, username, uri, url, inbox, followers_uri) SELECT host_id, host, 'mallory', \
           'http://eve.test/users/mallory', '', inbox, '' FROM accounts WHERE username = 'eve'; \
         INSERT INTO attestations (token, account_id, uri, issuer_uri, document, name, valid_from, valid_until) \
           SELECT 'many-' || n, a.id, 'http://eve.test/many/' || n, '{INSTITUTE}', '{{}}', 'M', now(), now() \
           FROM accounts a, generate_series(1, 1000) n WHERE a.username = 'mallory'"
    );
    court.alpha().ctx.pool.get().await.unwrap().batch_execute(&many).await.unwrap();
    let another = court.by_own("another", INSTITUTE, "http://eve.test/own-list");
    assert_eq!(court.carry_all(&[another, good]).await, "verified");
    let said = stated(court.alpha(), "eve@eve.test").await;
    assert_eq!(said["statements"].as_array().unwrap().len(), 1, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_had_the_name_before_is_looked_at_when_a_hospital_comes_to_be_trusted() {
    let mut story = Hospitals::new().await;
    let beta = story.beta();
    let eve = beta.account("eve", Role::Clinician).await;
    // With a Cyrillic letter.
    edit(beta, &eve, |profile| profile.name = "Dr Аda".into()).await;
    let mut moddy = beta.person("moddy", Role::Moderator).await;
    assert!(!moddy.get("/admin/reports").await.says("looks like"), "nobody is verified yet");
    story.trust(HostTrust::Trusted, &[]).await;
    let page = moddy.get("/admin/reports").await;
    assert!(page.says("The name looks like that of @ada@alpha.test, who is verified."), "{}", page.html);
    assert!(story.is_verified().await);
}
