//! Finding practitioners: the badge beside a name, the directory, and the same for programs of hospitals (FHIR).

use consilium::{
    model::{HostState, Role},
    service::hosts,
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Browser, Cluster, Instance, Page, text};

const NUCC: &str = "http://nucc.org/provider-taxonomy";

async fn sql(instance: &Instance, command: &str) {
    let mut conn = instance.ctx.pool.get().await.unwrap();
    diesel::sql_query(command).execute(&mut conn).await.unwrap();
}

/// What somebody of ours says of themselves.
async fn says(instance: &Instance, username: &str, columns: &str) {
    sql(instance, &format!("UPDATE accounts SET {columns} WHERE username = '{username}' AND host_id IS NULL")).await;
}

/// The badge that an institution's statement leaves beside the name, last confirmed so long ago.
async fn badge(instance: &Instance, username: &str, specialty: &str, confirmed: &str) {
    says(
        instance,
        username,
        &format!(
            "badge = jsonb_build_object('token', 'proof-of-{username}', 'discipline', 'medicine', 'specialty', '{specialty}', \
             'issuer', 'Hospital {}', 'register', 'General Medical Council', 'jurisdiction', 'GB', 'checked_on', '2026-05-04', \
             'until', now() + interval '1 year', 'confirmed_at', {confirmed}), badge_until = now() + interval '1 year'",
            instance.name
        ),
    )
    .await;
}

/// A statement of ours about a doctor, as the desk leaves it.
async fn state(instance: &Instance, username: &str, place: u32, specialty: (&str, &str)) {
    badge(instance, username, specialty.1, "NULL").await;
    let (code, label) = specialty;
    sql(
        instance,
        &format!(
            "WITH c AS (INSERT INTO credentials (account_id, kind, state, level, register, body, jurisdiction, discipline, \
                 specialties, family_name, given_names) \
               SELECT id, 'registration', 'attested', 4, 'gb-gmc', 'General Medical Council', 'GB', 'medicine', ARRAY['{code}'], \
                 name, name FROM accounts WHERE username = '{username}' AND host_id IS NULL RETURNING id, account_id) \
             INSERT INTO attestations (token, account_id, uri, issuer_uri, document, name, discipline, specialties, register, \
                 jurisdiction, level, checked_on, valid_from, valid_until, credential_id, list_number, list_index) \
             SELECT 'proof-of-{username}', a.id, 'http://alpha.test/attestations/proof-of-{username}', \
               'http://alpha.test/users/institution', '{{}}', a.name, 'medicine', \
               '[{{\"system\": \"{NUCC}\", \"code\": \"{code}\", \"display\": \"{label}\"}}]', 'General Medical Council', 'GB', 4, \
               '2026-05-04', now() - interval '1 day', now() + interval '1 year', c.id, 1, {place} \
             FROM c JOIN accounts a ON a.id = c.account_id"
        ),
    )
    .await;
}

/// Handles of a list, in its order.
fn handles(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.html);
    let rows = page.html.split("class=\"handle\">@").skip(1);
    rows.map(|row| row.split('<').next().unwrap().to_owned()).collect()
}

async fn listed(browser: &mut Browser, query: &str) -> Vec<String> {
    handles(&browser.get(&format!("/directory{query}")).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_stands_wherever_the_name_stands_and_costs_no_question() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut ada = alpha.clinician("ada").await;
    let mut bo = alpha.clinician("bo").await;
    state(alpha, "ada", 7, ("207RC0000X", "Cardiology")).await;
    says(alpha, "ada", "discipline = 'Doctor', specialty = 'Cardiac surgery'").await;
    says(alpha, "bo", "discipline = 'Nurse'").await;
    for n in 0..40 {
        ada.post(&format!("Round {n}"), "public").await;
    }
    let id = bo.post("Who is on call?", "public").await;
    ada.get("/compose").await;
    ada.send(&format!("/posts/{id}/like"), &[("back", "/")]).await;

    // What waits for a specialty is looked for by what stands beside the badge.
    says(
        alpha,
        "bo",
        "proven = '[{\"discipline\": \"medicine\", \"codes\": [\"207RC0000X\"], \"until\": \"2100-01-01T00:00:00Z\"}]'",
    )
    .await;

    // Nothing of what follows asks for statements: the pages work without that table.
    sql(alpha, "ALTER TABLE attestations RENAME TO attestations_away").await;
    assert_eq!(bo.get("/").await.status, 200);
    assert_eq!(bo.get("/cases").await.status, 200);
    let first = bo.get("/?tab=local").await;
    let beside = "Doctor · Cardiology</span>, verified by Hospital alpha.test<span class=\"hide\"> against the General Medical \
                  Council, May 2026</span>";
    let posts = first.html.matches("Round ").count();
    assert!(posts > 10 && first.html.matches(beside).count() == posts, "{}", first.html);
    assert!(first.says("href=\"/verify/proof-of-ada\"") && first.says("Claims: Nurse"), "{}", first.html);
    assert!(bo.get("/notifications").await.says(beside));
    assert!(bo.get("/search?q=ada").await.says(beside));
    assert!(first.says("<a href=\"/directory\">"), "the directory is in the navigation");
    assert!(bo.get("/directory").await.says(beside));
    sql(alpha, "ALTER TABLE attestations_away RENAME TO attestations").await;

    let profile = bo.get("/@ada").await;
    assert!(
        profile.says("See the proof") && profile.says("General Medical Council, United Kingdom"),
        "{}",
        profile.html
    );
    let claims = profile.html.split("id=\"claims\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(claims.contains("Cardiac surgery") && !claims.contains("Doctor"), "only what is not verified: {claims}");
    assert!(!bo.get("/@bo").await.says("See the proof"));

    badge(alpha, "ada", "Cardiology", "now() - interval '3 days'").await;
    let stale = bo.get("/@ada").await;
    assert!(stale.says("not confirmed since") && stale.says("#seal-hollow"), "{}", stale.html);
    says(alpha, "ada", "badge_until = now() - interval '1 hour', badge = jsonb_set(badge, '{until}', to_jsonb(now() - interval '1 hour'))")
        .await;
    let ended = bo.get("/@ada").await;
    assert!(!ended.says("verified by") && ended.says("Claims: Doctor"), "{}", ended.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_read_what_is_verified_and_nobody_can_write_it() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "bo"] {
        alpha.account(name, Role::Clinician).await;
    }
    state(alpha, "ada", 7, ("207RC0000X", "Cardiology")).await;
    let bo = App::of(alpha, "bo", "read write").await;
    let seen = bo.get("/api/v1/accounts/lookup?acct=ada").await.body;
    assert_eq!(
        seen["fields"][0],
        json!({
            "name": "Verified by Hospital alpha.test",
            "value": "<a href=\"http://alpha.test/verify/proof-of-ada\" rel=\"me nofollow noopener noreferrer\">Doctor · Cardiology, \
                      checked against the General Medical Council, May 2026</a>",
            "verified_at": "2026-05-04T00:00:00.000Z",
        })
    );
    let badge = &seen["consilium"]["badge"];
    assert_eq!((badge["title"].as_str(), badge["confirmed"].as_bool()), (Some("Doctor · Cardiology"), Some(true)));
    let work = bo.get(&format!("/api/consilium/v1/practitioners/{}", text(&seen["id"]))).await.body;
    assert_eq!(work["badge"], *badge);

    let forged = json!({ "fields_attributes": [
        { "name": "Verified by Hospital alpha.test", "value": "Doctor" }, { "name": "Ward", "value": "4" },
    ] });
    let own = bo.ask(Method::PATCH, "/api/v1/accounts/update_credentials", Some(forged)).await.body;
    assert_eq!(
        (own["fields"].as_array().unwrap().len(), own["fields"][0]["name"].as_str()),
        (1, Some("Ward")),
        "{own}"
    );
    assert_eq!(own["consilium"], json!({ "badge": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_is_narrowed_by_what_is_verified_or_else_by_what_is_claimed() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let mut zoe = alpha.clinician("zoe").await;
    for name in ["ada", "bo", "cyd", "dan"] {
        alpha.account(name, Role::Clinician).await;
    }
    // A badge falls with the name beside which it stood.
    says(alpha, "ada", "discipline = 'Nurse', specialty = 'Dermatology', name = 'Dr Ada Lovelace'").await;
    badge(alpha, "ada", "Cardiology", "NULL").await;
    let claims = "discipline = 'Nurse', specialty = 'Cardiology', employer = 'Northmere General', place = 'Galway', languages = '{ga,en}'";
    says(alpha, "bo", claims).await;
    says(alpha, "cyd", &format!("discoverable = false, {claims}")).await;
    says(alpha, "dan", "discipline = 'Doctor'").await;

    assert_eq!(listed(&mut zoe, "").await, ["dan", "bo", "ada", "zoe"], "the newest first");
    for (query, expected) in [
        ("?verified=on", vec!["ada"]),
        ("?discipline=medicine", vec!["dan", "ada"]),
        ("?discipline=nursing", vec!["bo"]),
        ("?specialty=CARDIO", vec!["bo", "ada"]),
        ("?specialty=dermatology", vec![]),
        ("?institution=northmere", vec!["bo"]),
        ("?institution=hospital+alpha", vec!["dan", "bo", "ada", "zoe"]),
        ("?language=ga", vec!["bo"]),
        ("?place=gal", vec!["bo"]),
        ("?name=love+ada", vec!["ada"]),
        ("?discipline=nursing&specialty=cardiology&place=galway&language=en", vec!["bo"]),
        ("?verified=on&discipline=nursing", vec![]),
        ("?discipline=alchemy&here=on", vec!["dan", "bo", "ada", "zoe"]),
    ] {
        assert_eq!(listed(&mut zoe, query).await, expected, "{query}");
    }
    let nobody = zoe.get("/directory?place=Ultima+Thule").await;
    assert!(
        nobody.says("Nobody fits") && nobody.says("value=\"Ultima Thule\""),
        "what was asked stays: {}",
        nobody.html
    );
    let found = zoe.get("/directory?place=galway").await;
    assert!(found.says("Galway · Gaeilge, English"), "{}", found.html);
    for query in ["?name=cyd", "?place=galway", "?institution=northmere", ""] {
        assert!(!listed(&mut zoe, query).await.contains(&"cyd".to_owned()), "who is not to be found: {query}");
    }

    let page = zoe.get("/@bo").await;
    let id = page.html.split("/people/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    zoe.send(&format!("/people/{id}/block"), &[("back", "/")]).await;
    assert_eq!(listed(&mut zoe, "").await, ["dan", "ada", "zoe"], "nor whom one has blocked");
    assert_eq!(alpha.browser().get("/directory").await.status, 303, "it is for people of the house");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_knows_people_of_other_hospitals_and_ends_somewhere() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let (alpha, beta) = (cluster.get("alpha.test"), cluster.get("beta.test"));
    for name in ["jonas", "shy"] {
        beta.account(name, Role::Clinician).await;
    }
    says(beta, "shy", "discoverable = false").await;
    let mut zoe = alpha.clinician("zoe").await;
    for name in ["jonas@beta.test", "shy@beta.test"] {
        zoe.follow(name).await;
    }
    cluster.settle().await;
    assert_eq!(listed(&mut zoe, "").await, ["jonas@beta.test", "zoe"], "who has not chosen to be found is not");
    assert_eq!(listed(&mut zoe, "?here=on").await, ["zoe"]);
    assert_eq!(listed(&mut zoe, "?institution=beta").await, ["jonas@beta.test"]);
    badge(alpha, "zoe", "Cardiology", "NULL").await;
    sql(
        alpha,
        "UPDATE accounts a SET badge = z.badge, badge_until = z.badge_until FROM accounts z \
         WHERE z.username = 'zoe' AND a.username = 'jonas'",
    )
    .await;
    assert_eq!(listed(&mut zoe, "?verified=on&discipline=medicine").await, ["jonas@beta.test", "zoe"]);
    assert_eq!(listed(&mut zoe, "?verified=on&here=on").await, ["zoe"]);
    for (state, expected) in [(HostState::Limited, &["zoe"][..]), (HostState::Allowed, &["jonas@beta.test", "zoe"][..])]
    {
        hosts::decide_by_operator(&alpha.ctx, "beta.test", state, "").await.unwrap();
        assert_eq!(listed(&mut zoe, "").await, expected, "{state}");
    }

    sql(
        alpha,
        "INSERT INTO accounts (username, uri, url, name, place, discoverable) \
         SELECT 'p' || n, 'http://alpha.test/users/p' || n, 'http://alpha.test/@p' || n, 'Person ' || n, 'Cork', true \
         FROM generate_series(1, 45) n",
    )
    .await;
    sql(
        alpha,
        "INSERT INTO accounts (username, uri, url, name, place) \
         VALUES ('quiet', 'http://alpha.test/users/quiet', 'http://alpha.test/@quiet', 'Somebody', 'Cork')",
    )
    .await;
    let (mut path, mut seen) = ("/directory?place=Cork".to_owned(), Vec::new());
    loop {
        let page = zoe.get(&path).await;
        let part = handles(&page);
        assert!(part.len() <= 20, "{}", part.len());
        seen.extend(part);
        let Some((before, _)) = page.html.split_once("\" rel=\"next\"") else { break };
        path = before.rsplit("href=\"").next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        assert!(path.contains("place=Cork"), "{path}");
    }
    let expected: Vec<String> = (1..=45).rev().map(|n| format!("p{n}")).collect();
    assert_eq!(seen, expected, "everybody once, the newest first");
}

struct Program(App);

impl Program {
    async fn ask(&self, path: &str, strict: bool) -> (u16, Value) {
        let mut request = self.0.request(Method::GET, path);
        if strict {
            request = request.header("prefer", "handling=strict");
        }
        let response = request.send().await.unwrap();
        let (status, kind) = (response.status().as_u16(), response.headers()["content-type"].clone());
        assert_eq!(kind, "application/fhir+json; charset=utf-8", "{path}");
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
    }

    /// What a search finds: names or references, and the total.
    async fn found(&self, path: &str) -> (Vec<String>, i64) {
        let (status, bundle) = self.ask(path, true).await;
        assert_eq!(
            (status, bundle["resourceType"].as_str(), bundle["type"].as_str()),
            (200, Some("Bundle"), Some("searchset")),
            "{bundle}"
        );
        let none = Vec::new();
        let entries = bundle["entry"].as_array().unwrap_or(&none);
        let shown = entries.iter().map(|entry| {
            let resource = &entry["resource"];
            let address = text(&entry["fullUrl"]);
            assert!(
                address.ends_with(&format!("/fhir/{}/{}", text(&resource["resourceType"]), text(&resource["id"]))),
                "{address}"
            );
            assert_eq!(entry["search"]["mode"], "match");
            let name = resource["name"][0]["text"].as_str().or(resource["practitioner"]["display"].as_str());
            name.unwrap().to_owned()
        });
        (shown.collect(), bundle["total"].as_i64().unwrap())
    }

    async fn outcome(&self, path: &str, strict: bool) -> (u16, String) {
        let (status, body) = self.ask(path, strict).await;
        assert_eq!(body["resourceType"], "OperationOutcome", "{body}");
        assert!(body["issue"][0]["details"]["text"].is_string() && body["issue"][0]["severity"] == "error", "{body}");
        (status, text(&body["issue"][0]["code"]))
    }
}

/// Ada and Jonas of whom we state something, Máire of whom we do not, and three who are not there for programs.
async fn hospital(cluster: &Cluster) -> Program {
    let alpha = cluster.get("alpha.test");
    for name in ["ada", "jonas", "maire", "hidden"] {
        alpha.account(name, Role::Clinician).await;
    }
    alpha.account("citizen", Role::Public).await;
    says(alpha, "ada", "name = 'Dr Ada Lovelace, FRCP', languages = '{en,ga}'").await;
    says(alpha, "jonas", "name = 'Prof. Dr. med. Jonas von Dahl'").await;
    says(alpha, "maire", "name = 'Máire Ní Dhomhnaill', discipline = 'Doctor'").await;
    says(alpha, "hidden", "name = 'Hidden Lovelace'").await;
    state(alpha, "ada", 7, ("207RC0000X", "Cardiology")).await;
    state(alpha, "jonas", 8, ("207N00000X", "Dermatology")).await;
    state(alpha, "hidden", 9, ("207RC0000X", "Cardiology")).await;
    says(alpha, "hidden", "discoverable = false").await;
    Program(App::new(alpha, ""))
}

const ADA: &str = "Dr Ada Lovelace, FRCP";
const JONAS: &str = "Prof. Dr. med. Jonas von Dahl";
const MAIRE: &str = "Máire Ní Dhomhnaill";

#[tokio::test(flavor = "multi_thread")]
async fn a_hospitals_program_finds_practitioners_and_never_a_number_or_a_claim() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    cluster.get("beta.test").account("far", Role::Clinician).await;
    let program = hospital(&cluster).await;
    let alpha = cluster.get("alpha.test");
    alpha.clinician("zoe").await.follow("far@beta.test").await;
    cluster.settle().await;
    says(alpha, "zoe", "discoverable = false").await;

    assert_eq!(program.found("/fhir/Practitioner").await, (vec![ADA.into(), JONAS.into(), MAIRE.into()], 3));
    for (query, expected) in [
        ("name=love", vec![ADA]),
        ("name=ada+lovelace", vec![ADA]),
        ("name=velace", vec![]),
        ("name=M%C3%81IRE++n%C3%AD", vec![MAIRE]),
        ("name=%25", vec![]),
        ("given=_da,a%25,%CC%81", vec![]),
        ("family=von,love,dho", vec![ADA, JONAS]),
        ("family=von+d", vec![JONAS]),
        ("family=ni+dhomhnaill", vec![MAIRE]),
        ("family=jonas", vec![]),
        ("given=MAIRE", vec![MAIRE]),
        ("given=dr", vec![]),
        ("given=ada,jonas", vec![ADA, JONAS]),
        ("name=dr&family=dahl", vec![]),
        ("name=dr&given=ada", vec![ADA]),
        ("identifier=http://alpha.test/users/jonas", vec![JONAS]),
        ("identifier=urn:ietf:rfc:3986%7Chttp://alpha.test/users/ada", vec![ADA]),
        ("identifier=http://hl7.org/fhir/sid/us-npi%7C1234567893", vec![]),
        ("identifier=http://alpha.test/users/hidden", vec![]),
        ("active=true&name=love", vec![ADA]),
        ("active=false", vec![]),
        ("_lastUpdated=ge2100", vec![]),
        ("_lastUpdated=ge2020-01-01&_lastUpdated=lt2100-01&name=love", vec![ADA]),
        ("_id=1,x", vec![]),
        ("_format=json&name=m%C3%A1ire", vec![MAIRE]),
    ] {
        let found = program.found(&format!("/fhir/Practitioner?{query}")).await;
        assert_eq!(
            found,
            (expected.iter().map(|e| (*e).to_owned()).collect(), i64::try_from(expected.len()).unwrap()),
            "{query}"
        );
    }

    let (_, bundle) = program.ask("/fhir/Practitioner?name=ada", false).await;
    let ada = &bundle["entry"][0]["resource"];
    let (status, read) = program.ask(&format!("/fhir/Practitioner/{}", text(&ada["id"])), false).await;
    assert_eq!((status, &read), (200, ada));
    assert_eq!(read["identifier"], json!([{ "system": "urn:ietf:rfc:3986", "value": "http://alpha.test/users/ada" }]));
    assert_eq!(read["name"], json!([{ "text": ADA, "family": "Lovelace", "given": ["Ada"] }]));
    assert_eq!(read["communication"][1]["coding"][0]["code"], "ga");
    let qualification = &read["qualification"][0];
    assert_eq!(qualification["code"]["text"], "Doctor · Cardiology");
    assert_eq!(qualification["issuer"], json!({ "display": "General Medical Council" }));
    assert_eq!(qualification["identifier"][0]["value"], "http://alpha.test/attestations/proof-of-ada");
    assert!(qualification["period"]["end"].is_string() && read["meta"]["lastUpdated"].is_string(), "{read}");
    let profile = alpha.browser().get("/@ada").await;
    for shown in [ADA, "English, Gaeilge", "Doctor · Cardiology", "General Medical Council"] {
        assert!(
            profile.says(shown),
            "what programs are told stands on the page for everybody, {shown}: {}",
            profile.html
        );
    }
    assert!(!read.to_string().contains("ada@alpha.test"), "an address of a mailbox does not: {read}");
    let (_, bundle) = program.ask("/fhir/Practitioner?name=dhomhnaill", false).await;
    let maire = &bundle["entry"][0]["resource"];
    assert!(
        maire.get("qualification").is_none() && maire.get("communication").is_none(),
        "no claim, no empty list: {maire}"
    );
    assert!(!maire.to_string().contains("Doctor"), "{maire}");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_what_the_institution_states_and_end_with_it() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let program = hospital(&cluster).await;
    let (_, bundle) = program.ask("/fhir/Practitioner?given=jonas", false).await;
    let jonas = text(&bundle["entry"][0]["resource"]["id"]);
    assert_eq!(program.found("/fhir/PractitionerRole").await, (vec![ADA.into(), JONAS.into()], 2));
    for (query, expected) in [
        ("specialty=207RC0000X".to_owned(), vec![ADA]),
        (format!("specialty={NUCC}%7C207N00000X"), vec![JONAS]),
        ("specialty=http://snomed.info/sct%7C207N00000X".to_owned(), vec![]),
        ("role=medicine".to_owned(), vec![ADA, JONAS]),
        ("role=nursing".to_owned(), vec![]),
        (format!("practitioner=Practitioner/{jonas}"), vec![JONAS]),
        (format!("practitioner=http://alpha.test/fhir/Practitioner/{jonas}&role=medicine"), vec![JONAS]),
        ("organization=Organization/institution&specialty=207RC0000X".to_owned(), vec![ADA]),
        ("organization=Organization/other".to_owned(), vec![]),
    ] {
        let found = program.found(&format!("/fhir/PractitionerRole?{query}")).await.0;
        assert_eq!(found, expected, "{query}");
    }
    let path = format!("/fhir/PractitionerRole/{jonas}");
    let (status, role) = program.ask(&path, false).await;
    assert_eq!((status, role["active"].as_bool()), (200, Some(true)));
    assert_eq!(role["practitioner"], json!({ "reference": format!("Practitioner/{jonas}"), "display": JONAS }));
    assert_eq!(
        role["organization"],
        json!({ "reference": "Organization/institution", "display": "Hospital alpha.test" })
    );
    assert_eq!(
        (role["code"][0]["coding"][0]["code"].as_str(), role["code"][0]["text"].as_str()),
        (Some("medicine"), Some("Doctor"))
    );
    assert_eq!(
        role["specialty"][0]["coding"],
        json!([{ "system": NUCC, "code": "207N00000X", "display": "Dermatology" }])
    );
    let (status, house) = program.ask("/fhir/Organization/institution", false).await;
    assert_eq!(
        (status, house["name"].as_str(), house["active"].as_bool()),
        (200, Some("Hospital alpha.test"), Some(true))
    );

    for change in
        ["suspended_at = now()", "suspended_at = NULL, ended_at = now()", "ended_at = NULL, name = 'Somebody Else'"]
    {
        sql(alpha, &format!("UPDATE attestations SET {change} WHERE token = 'proof-of-jonas'")).await;
        assert_eq!(program.outcome(&path, false).await, (404, "not-found".into()), "{change}");
        assert_eq!(program.found("/fhir/PractitionerRole").await.0, [ADA], "{change}");
        let (_, person) = program.ask(&format!("/fhir/Practitioner/{jonas}"), false).await;
        assert!(person.get("qualification").is_none(), "{change}: {person}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fhir_can_do_is_told_and_whatever_is_told_is_taken() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let program = hospital(&cluster).await;
    let (status, told) = program.ask("/fhir/metadata", false).await;
    assert_eq!(
        (status, told["resourceType"].as_str(), told["fhirVersion"].as_str()),
        (200, Some("CapabilityStatement"), Some("4.0.1"))
    );
    assert_eq!(told["implementation"]["url"], "http://alpha.test/fhir");
    let resources = told["rest"][0]["resource"].as_array().unwrap();
    let kinds: Vec<_> = resources.iter().map(|one| text(&one["type"])).collect();
    assert_eq!(kinds, ["Practitioner", "PractitionerRole", "Organization"]);
    for resource in resources {
        for parameter in resource["searchParam"].as_array().unwrap_or(&Vec::new()) {
            let value = match parameter["name"].as_str().unwrap() {
                "_lastUpdated" => "ge2020",
                "active" => "true",
                _ => "1",
            };
            let path = format!("/fhir/{}?{}={value}", text(&resource["type"]), text(&parameter["name"]));
            assert_eq!(program.ask(&path, true).await.0, 200, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fhir_cannot_do_here_is_refused_in_its_own_words() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let program = hospital(&cluster).await;
    assert_eq!(program.ask("/fhir/Practitioner?gender=female", false).await.0, 200);
    assert_eq!(program.outcome("/fhir/Practitioner?gender=female", true).await, (400, "not-supported".into()));
    assert_eq!(program.outcome("/fhir/PractitionerRole?name=ada", true).await, (400, "not-supported".into()));
    for wrong in
        ["_count=many", "_count=-1", "_lastUpdated=yesterday", "_lastUpdated=ap2026", "active=maybe", "name:exact=ada"]
    {
        assert_eq!(
            program.outcome(&format!("/fhir/Practitioner?{wrong}"), false).await,
            (400, "invalid".into()),
            "{wrong}"
        );
    }
    assert_eq!(program.outcome("/fhir/Practitioner?_format=xml", false).await.0, 406);
    for nothing in [
        "/fhir",
        "/fhir/Patient",
        "/fhir/Patient/1",
        "/fhir/Practitioner/1",
        "/fhir/Practitioner/x",
        "/fhir/Organization/other",
    ] {
        assert_eq!(program.outcome(nothing, false).await.0, 404, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_costs_too_much_is_refused_in_words() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let program = hospital(&cluster).await;
    let most = format!("/fhir/Practitioner?_count=5&_format=json&name=a{}", "&given=a,j,m,1,2,3,4,5,6,7".repeat(4));
    assert_eq!(program.found(&most).await.0, [ADA]);
    for (asked, words) in [
        (format!("{most}&name=b"), "A search may have 5 conditions; this one has 6."),
        (format!("/fhir/Practitioner?name=a{}", ",a".repeat(10)), "A condition may have 10 values; this one has 11."),
        (format!("/fhir/Practitioner?family={}", "a".repeat(101)), "A value may have 100 characters."),
        (format!("/fhir/PractitionerRole?specialty={NUCC}%7C{}", "0".repeat(101)), "A value may have 100 characters."),
    ] {
        let (status, refused) = program.ask(&asked, false).await;
        assert_eq!((status, text(&refused["issue"][0]["details"]["text"]).as_str()), (400, words));
    }

    let alpha = cluster.get("alpha.test");
    let mut busy = alpha.ctx.pool.get().await.unwrap();
    busy.batch_execute("BEGIN; LOCK TABLE attestations IN ACCESS EXCLUSIVE MODE").await.unwrap();
    assert_eq!(program.outcome("/fhir/PractitionerRole", false).await, (422, "too-costly".into()));
    busy.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(program.found("/fhir/PractitionerRole").await.1, 2, "and nobody else has to wait for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_comes_in_parts_that_lead_to_each_other() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let program = hospital(&cluster).await;
    let (mut path, mut seen) = ("/fhir/Practitioner?_count=1&gender=x".to_owned(), Vec::new());
    loop {
        let (_, bundle) = program.ask(&path, false).await;
        assert_eq!(bundle["total"], 3, "{bundle}");
        seen.push(text(&bundle["entry"][0]["resource"]["name"][0]["text"]));
        let links = bundle["link"].as_array().unwrap();
        assert!(links[0]["relation"] == "self" && !text(&links[0]["url"]).contains("gender"), "{bundle}");
        let Some(next) = links.iter().find(|link| link["relation"] == "next") else { break };
        path = text(&next["url"]).replace("http://alpha.test", "");
    }
    assert_eq!(seen, [ADA, JONAS, MAIRE]);
    let (_, counted) = program.ask("/fhir/Practitioner?_count=0", false).await;
    assert_eq!((counted["total"].as_i64(), counted.get("entry")), (Some(3), None));
}
