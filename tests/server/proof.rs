//! What the institution signs about a clinician, as anybody may fetch and check it: on the clinician's document, in
//! lists, and after its keys were exchanged.

use bytes::Bytes;
use chrono::TimeDelta;
use consilium::{
    crypto::{Bitstring, VerifyingKey, digest, jcs::parse_strict, proof::verify_proof},
    model::{CredentialId, CredentialState, Role},
    policy::Viewer,
    service::{
        announcements,
        attestations::{Carrier, Documents, Fault, Statement, check, keys},
        credentials::{self, CredentialForm, Decision},
        discovery,
        profiles::{self, ProfileForm},
        registration::{self, SignUp},
    },
};
use diesel_async::SimpleAsyncConnection;
use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

use crate::{
    cli::Operator,
    harness::{App, Cluster, Instance, Options, cluster::PASSWORD, postgres, text},
};

const NUMBER: &str = "7012345";
const FAMILY: &str = "Quartermain";
const ORG: &str = "http://alpha.test/users/institution";

/// One hospital that shows its people to everybody, with Ada, and a verifier.
struct House {
    cluster: Cluster,
    web: App,
    ada: Viewer,
    vera: Viewer,
}

impl House {
    async fn new() -> Self {
        let config =
            "authorized_fetch = false\n[verification]\nmail_domains = [\"alpha.test\"]\nrevoke_by_two = false\n";
        let cluster =
            Cluster::with(&["alpha.test"], &[], Options { config: config.to_owned(), ..Options::default() }).await;
        let alpha = cluster.get("alpha.test");
        let (ada, vera) = (alpha.account("ada", Role::Clinician).await, alpha.account("vera", Role::Verifier).await);
        Self { web: App::new(alpha, ""), ada, vera, cluster }
    }

    fn alpha(&self) -> &Instance {
        self.cluster.get("alpha.test")
    }

    /// Ada's registration, attested by Vera.
    async fn attested(&self) -> CredentialId {
        let id = credentials::save(&self.alpha().ctx, &self.ada, None, form(), true).await.unwrap();
        self.attest(id).await;
        id
    }

    async fn attest(&self, id: CredentialId) {
        let mark = self.look_through(id, "Seen in the register").await;
        let decision = credentials::attest(&self.alpha().ctx, &self.vera, id, &mark).await.unwrap();
        assert!(matches!(decision, Decision::Attested));
    }

    /// Vera takes it and ticks everything, with a note of what documents she has seen; the mark of what she was shown.
    async fn look_through(&self, id: CredentialId, seen: &str) -> String {
        let (ctx, vera) = (&self.alpha().ctx, &self.vera);
        credentials::claim(ctx, vera, id).await.unwrap();
        let review = credentials::open(ctx, vera, id).await.unwrap();
        let ticked = review.checklist.iter().map(|item| item.key.to_owned()).collect();
        credentials::tick(ctx, vera, id, ticked, seen, &review.mark).await.unwrap();
        review.mark
    }

    /// Ada calls herself otherwise.
    async fn rename(&self, name: &str) {
        let known = profiles::by_id(&self.alpha().ctx, &self.ada, self.ada.account().unwrap()).await.unwrap().account;
        let form = ProfileForm { name: name.into(), ..ProfileForm::of(&known) };
        profiles::update(&self.alpha().ctx, &self.ada, form).await.unwrap();
    }

    /// Whether a badge stands beside Ada's name.
    async fn is_badged(&self) -> bool {
        let ctx = &self.alpha().ctx;
        let ada = profiles::by_id(ctx, &self.ada, self.ada.account().unwrap()).await.unwrap().account;
        ada.badge(ctx.now()).is_some()
    }

    /// What stands at an address of this server, for a program that speaks ActivityPub or checks credentials.
    async fn fetch(&self, url: &str) -> (u16, HeaderMap, Vec<u8>) {
        let path = url.replace("http://alpha.test", "");
        let request =
            self.web.request(Method::GET, &path).header("accept", "application/activity+json, application/vc");
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.bytes().await.unwrap().to_vec())
    }

    async fn document(&self, url: &str) -> Value {
        let (status, _, bytes) = self.fetch(url).await;
        assert_eq!(status, 200, "{url}: {}", String::from_utf8_lossy(&bytes));
        parse_strict(&bytes).unwrap()
    }

    async fn actor(&self) -> Value {
        self.document("http://alpha.test/users/ada").await
    }

    /// The statements that Ada's document carries.
    async fn carried(&self) -> Vec<Value> {
        let actor = self.actor().await;
        let attached = actor["attachment"].as_array().unwrap().iter();
        attached
            .filter(|one| one["type"] == "VerifiableCredentialAttachment")
            .map(|one| one["credential"].clone())
            .collect()
    }

    /// Everything that a statement points to, fetched anew.
    async fn documents(&self, statement: &Value) -> Documents {
        let mut addresses = vec![text(&statement["issuer"]["id"])];
        for entry in statement["credentialStatus"].as_array().unwrap() {
            addresses.push(text(&entry["statusListCredential"]));
        }
        let mut documents = Documents::new();
        for address in addresses {
            documents.insert(address.clone(), self.document(&address).await);
        }
        documents
    }

    /// Checks a statement as another server would, with what is published now.
    async fn check(&self, statement: &Value) -> Result<Statement, Fault> {
        let actor = self.actor().await;
        let carrier =
            Carrier { id: text(&actor["id"]), name: text(&actor["name"]), handle: Some(text(&actor["webfinger"])) };
        check(statement, &self.documents(statement).await, Some(&carrier), self.alpha().ctx.now())
    }
}

fn form() -> CredentialForm {
    CredentialForm {
        kind: "registration".into(),
        register: "gb-gmc".into(),
        body: "General Medical Council".into(),
        jurisdiction: "GB".into(),
        number: NUMBER.into(),
        discipline: "medicine".into(),
        specialties: vec!["207RC0000X".into()],
        family_name: FAMILY.into(),
        given_names: "Allan".into(),
        role: "Consultant".into(),
        issued_on: "2015-08-01".into(),
        ..CredentialForm::default()
    }
}

fn index(statement: &Value) -> usize {
    text(&statement["credentialStatus"][0]["statusListIndex"]).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attested_clinicians_document_says_so_twice_and_anybody_can_check_it() {
    let house = House::new().await;
    assert!(house.carried().await.is_empty());
    house.attested().await;
    let actor = house.actor().await;
    let (field, attached) = (&actor["attachment"][0], &actor["attachment"][1]);
    assert_eq!(
        (text(&field["type"]), text(&field["name"])),
        ("PropertyValue".into(), "Verified by Hospital alpha.test".into())
    );
    let (value, statement) = (text(&field["value"]), &attached["credential"]);
    assert!(value.contains("rel=\"me nofollow noopener\">Doctor (GB) · Cardiology · to 20"), "{value}");
    let token = text(&statement["id"]).rsplit('/').next().unwrap().to_owned();
    assert!(token.len() >= 22 && value.contains(&format!("href=\"http://alpha.test/verify/{token}\"")), "{value}");
    assert!(actor["@context"].to_string().contains("http://alpha.test/ns/practitioner/v1#"));

    let (status, headers, bytes) = house.fetch(&text(&statement["id"])).await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "application/vc"));
    assert_eq!(headers["cache-control"], "public, max-age=900");
    assert_eq!(&parse_strict(&bytes).unwrap(), statement);
    assert_eq!(text(&attached["digestMultibase"]), digest::sha256_multibase(&bytes));
    assert_eq!((&attached["href"], text(&attached["mediaType"])), (&statement["id"], "application/vc".into()));

    let held = house.check(statement).await.unwrap();
    assert_eq!(
        (held.issuer.as_str(), held.subject.as_str(), held.name.as_str()),
        (ORG, "http://alpha.test/users/ada", "Dr ada")
    );
    assert_eq!(held.handle.as_deref(), Some("ada@alpha.test"));
    let subject = &statement["credentialSubject"];
    for (pointer, said) in [
        ("/type", "Practitioner"),
        ("/discipline", "medicine"),
        ("/role", "Consultant"),
        ("/licence/type", "registration"),
        ("/licence/jurisdiction", "GB"),
        ("/licence/register", "General Medical Council"),
        ("/licence/registerKey", "gb-gmc"),
        ("/specialty/0/system", "http://nucc.org/provider-taxonomy"),
        ("/specialty/0/code", "207RC0000X"),
        ("/specialty/0/display", "Cardiology"),
    ] {
        assert_eq!(subject.pointer(pointer).and_then(Value::as_str), Some(said), "{pointer} in {subject}");
    }
    assert_eq!(
        (subject["level"].as_i64(), text(&statement["evidence"][0]["type"])),
        (Some(4), "RegisterLookup".into())
    );
    let unknown = house.fetch("http://alpha.test/attestations/none").await.0;
    assert_eq!(unknown, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_document_tells_the_number_or_the_name_in_the_register() {
    let house = House::new().await;
    house.attested().await;
    let statement = house.carried().await.remove(0);
    let mut all = house.documents(&statement).await;
    all.insert("actor".into(), house.actor().await);
    all.insert("statement".into(), house.document(&text(&statement["id"])).await);
    let terms = house.document("http://alpha.test/ns/practitioner/v1").await;
    for (address, document) in &all {
        let words = document.to_string();
        for secret in [NUMBER, FAMILY, "Allan", "Seen in the register"] {
            assert!(!words.contains(secret), "{secret} in {address}: {words}");
        }
    }
    let own = ["handle", "discipline", "level", "checkedOn", "licence", "registerKey", "verifiedOn", "RegisterLookup"];
    for word in own {
        assert!(statement.to_string().contains(&format!("\"{word}\"")), "{word}: {statement}");
        assert!(terms.to_string().contains(&format!("\"{word}\":")), "{word} is in no context: {terms}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_is_taken_back_is_marked_in_the_list_at_once() {
    let house = House::new().await;
    let (ctx, vera) = (&house.alpha().ctx, &house.vera);
    let id = house.attested().await;
    let statement = house.carried().await.remove(0);
    house.check(&statement).await.unwrap();

    credentials::suspend(ctx, vera, id, "A question of the register").await.unwrap();
    assert_eq!(house.check(&statement).await.unwrap_err(), Fault::Suspended);
    assert!(house.carried().await.is_empty(), "what is suspended is not carried");
    credentials::reinstate(ctx, vera, id, "Answered").await.unwrap();
    house.check(&statement).await.unwrap();
    assert_eq!(house.carried().await, std::slice::from_ref(&statement));

    credentials::revoke(ctx, vera, id, "Struck off").await.unwrap();
    assert_eq!(house.check(&statement).await.unwrap_err(), Fault::Revoked);
    assert!(house.carried().await.is_empty());
    assert_eq!(house.document(&text(&statement["id"])).await, statement, "the list tells it, not the statement");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_long_small_kept_for_a_while_and_signed_anew_in_time() {
    let house = House::new().await;
    let id = house.attested().await;
    let statement = house.carried().await.remove(0);
    credentials::revoke(&house.alpha().ctx, &house.vera, id, "Struck off").await.unwrap();
    let address = text(&statement["credentialStatus"][0]["statusListCredential"]);
    assert_eq!(address, "http://alpha.test/attestations/lists/revocation/1");
    let (_, headers, bytes) = house.fetch(&address).await;
    assert_eq!(headers["content-type"], "application/vc");
    assert_eq!(headers["cache-control"], "public, max-age=60");
    assert!(bytes.len() < 2_000, "{} bytes", bytes.len());
    let list = parse_strict(&bytes).unwrap();
    assert_eq!(list["credentialSubject"]["ttl"], 900_000);
    let bits = Bitstring::unpack(list["credentialSubject"]["encodedList"].as_str().unwrap()).unwrap();
    let set: Vec<usize> = (0..131_072).filter(|place| bits.bit(*place) == Some(true)).collect();
    assert_eq!((set, bits.bit(131_072)), (vec![index(&statement)], None));
    let suspended = house.document("http://alpha.test/attestations/lists/suspension/1").await;
    let bits = Bitstring::unpack(suspended["credentialSubject"]["encodedList"].as_str().unwrap()).unwrap();
    assert_eq!(bits.bit(index(&statement)), Some(false));

    house.cluster.pass(TimeDelta::minutes(5));
    assert_eq!(house.fetch(&address).await.2, bytes, "nothing has changed");
    house.cluster.pass(TimeDelta::minutes(5));
    let anew = house.document(&address).await;
    assert_ne!(anew["validUntil"], list["validUntil"]);
    assert_eq!(anew["credentialSubject"], list["credentialSubject"]);
    for nothing in ["lists/revocation/2", "lists/other/1", "lists/revocation/x", "lists/suspension/0"] {
        assert_eq!(house.fetch(&format!("http://alpha.test/attestations/{nothing}")).await.0, 404, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_statement_takes_the_place_of_the_one_before() {
    let house = House::new().await;
    let ctx = &house.alpha().ctx;
    let first = house.attested().await;
    let before = house.carried().await.remove(0);
    let second = credentials::renew(ctx, &house.ada, first).await.unwrap();
    let form = CredentialForm { role: "Professor".into(), ..form() };
    credentials::save(ctx, &house.ada, Some(second), form, true).await.unwrap();
    house.check(&before).await.unwrap();
    house.attest(second).await;
    assert_eq!(house.check(&before).await.unwrap_err(), Fault::Revoked);
    let carried = house.carried().await;
    assert_eq!((carried.len(), text(&carried[0]["credentialSubject"]["role"])), (1, "Professor".into()));
    house.check(&carried[0]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_holds_after_an_ordinary_exchange_of_keys() {
    let house = House::new().await;
    house.attested().await;
    let statement = house.carried().await.remove(0);
    assert_eq!(text(&statement["proof"]["verificationMethod"]), format!("{ORG}#issuing-key-1"));
    let before = house.document(ORG).await;
    let rotation = keys::rotate(&house.alpha().ctx, false).await.unwrap();
    assert_eq!((rotation.key.uri, rotation.reissued), (format!("{ORG}#issuing-key-2"), 0));

    let after = house.document(ORG).await;
    let listed = after["assertionMethod"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[1], before["assertionMethod"][0], "the old key stays listed");
    let word = &after["keyEndorsements"][0];
    let old =
        VerifyingKey::from_multibase(before["assertionMethod"][0]["publicKeyMultibase"].as_str().unwrap()).unwrap();
    verify_proof(word, &old, house.alpha().ctx.now()).unwrap();
    assert_eq!((&word["endorses"], text(&word["controller"])), (&listed[0], ORG.into()));
    house.check(&statement).await.unwrap();
    let list = text(&statement["credentialStatus"][0]["statusListCredential"]);
    let list = house.document(&list).await;
    assert_eq!(text(&list["proof"]["verificationMethod"]), format!("{ORG}#issuing-key-2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_holds_that_a_stolen_key_has_signed_and_what_is_true_is_signed_anew() {
    let house = House::new().await;
    let ctx = &house.alpha().ctx;
    let id = house.attested().await;
    let statement = house.carried().await.remove(0);
    let degree = CredentialForm {
        kind: "degree".into(),
        register: String::new(),
        body: "A college".into(),
        number: String::new(),
        ..form()
    };
    let second = credentials::save(ctx, &house.ada, None, degree, true).await.unwrap();
    house.attest(second).await;
    let suspended = house.carried().await.into_iter().find(|one| one["id"] != statement["id"]).unwrap();
    assert_eq!(text(&suspended["credentialSubject"]["qualification"]["body"]), "A college");
    credentials::suspend(ctx, &house.vera, second, "A question").await.unwrap();

    let rotation = keys::rotate(ctx, true).await.unwrap();
    assert_eq!(rotation.reissued, 2);
    for old in [&statement, &suspended] {
        assert_eq!(house.check(old).await.unwrap_err(), Fault::EndedKey);
    }
    let carried = house.carried().await;
    assert_eq!(carried.len(), 1, "what was suspended is suspended still");
    house.check(&carried[0]).await.unwrap();
    assert_ne!(carried[0]["id"], statement["id"]);
    assert_eq!(carried[0]["credentialSubject"], statement["credentialSubject"]);
    assert_eq!(carried[0]["validUntil"], statement["validUntil"]);
    let institution = house.document(ORG).await;
    assert!(institution["assertionMethod"][1]["revoked"].is_string(), "{institution}");
    assert_eq!(institution["keyEndorsements"], serde_json::json!([]), "a thief vouches for nobody");

    credentials::reinstate(ctx, &house.vera, second, "Answered").await.unwrap();
    assert_eq!(house.carried().await.len(), 2);
    credentials::revoke(ctx, &house.vera, id, "Struck off").await.unwrap();
    assert_eq!(house.check(&carried[0]).await.unwrap_err(), Fault::Revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_another_name_nobody_carries_what_was_verified() {
    let house = House::new().await;
    house.attested().await;
    let statement = house.carried().await.remove(0);
    let mut ada = house.alpha().signed_in("ada").await;
    ada.get("/settings/profile").await;
    assert!(ada.send("/settings/profile", &[("name", "Sir William Osler")]).await.status.is_redirection());
    assert!(house.carried().await.is_empty());
    assert_eq!(house.check(&statement).await.unwrap_err(), Fault::OtherName("name"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_badge_is_gone_in_the_moment_in_which_the_name_changes() {
    let house = House::new().await;
    let id = house.attested().await;
    assert!(house.is_badged().await);
    house.rename("Dr Ada Osler").await;
    assert!(!house.is_badged().await, "nothing has to come to pass before");
    let credential = credentials::read(&house.alpha().ctx, &house.ada, id).await.unwrap().credential;
    assert_eq!(credential.state, CredentialState::RecheckDue);

    house.attest(id).await;
    assert!(house.is_badged().await, "the new name was looked at");
    let sql = "UPDATE accounts SET name = 'Somebody' WHERE username = 'ada'";
    house.alpha().ctx.pool.get().await.unwrap().batch_execute(sql).await.unwrap();
    assert!(!house.is_badged().await, "whoever changes it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_changes_while_the_desk_decides_is_never_stated_unseen() {
    let house = House::new().await;
    let ctx = &house.alpha().ctx;
    for round in 0..4 {
        let degree = CredentialForm {
            kind: "degree".into(),
            register: String::new(),
            body: format!("College {round}"),
            number: String::new(),
            ..form()
        };
        let id = credentials::save(ctx, &house.ada, None, degree, true).await.unwrap();
        let mark = house.look_through(id, "The diploma").await;
        let name = format!("Dr Ada {round}");
        let (decision, ()) = tokio::join!(credentials::attest(ctx, &house.vera, id, &mark), house.rename(&name));
        let expected = match decision {
            Ok(_) => CredentialState::RecheckDue,
            Err(error) => {
                assert!(error.public().contains("It has changed since you opened it"), "{error}");
                CredentialState::InReview
            }
        };
        let standing = credentials::read(ctx, &house.ada, id).await.unwrap();
        assert_eq!((standing.credential.state, house.is_badged().await), (expected, false));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_run_out_while_it_was_suspended_is_stated_anew() {
    let house = House::new().await;
    let (ctx, vera) = (&house.alpha().ctx, &house.vera);
    let id = house.attested().await;
    let before = house.carried().await.remove(0);
    let pause = async || {
        credentials::suspend(ctx, vera, id, "A question of the register").await.unwrap();
        house.cluster.pass(TimeDelta::days(366));
    };
    pause().await;
    credentials::reinstate(ctx, vera, id, "Answered").await.unwrap();
    let carried = house.carried().await;
    assert!(carried.len() == 1 && house.is_badged().await, "{carried:?}");
    assert_ne!(carried[0]["id"], before["id"]);
    assert_eq!(carried[0]["credentialSubject"], before["credentialSubject"], "it is checked no later for that");
    house.check(&carried[0]).await.unwrap();
    assert_eq!(house.check(&before).await.unwrap_err(), Fault::Expired);

    pause().await;
    house.rename("Dr Ada Osler").await;
    credentials::reinstate(ctx, vera, id, "Answered").await.unwrap();
    assert!(house.carried().await.is_empty() && !house.is_badged().await, "nobody has looked at that name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_names_what_was_looked_at_and_the_day_of_each() {
    let house = House::new().await;
    let ctx = &house.alpha().ctx;
    let id = credentials::save(ctx, &house.ada, None, form(), true).await.unwrap();
    credentials::add_evidence(ctx, &house.ada, id, "Diploma", Bytes::from_static(b"%PDF-1.7\n%%EOF\n")).await.unwrap();
    credentials::send_code(ctx, &house.ada, id, "ada@alpha.test").await.unwrap();
    house.cluster.settle().await;
    let mails = house.alpha().mails().join("\n");
    let is_code = |line: &&str| line.len() == 6 && line.chars().all(|c| c.is_ascii_digit());
    let code = mails.lines().map(str::trim).find(is_code).unwrap();
    let proven = ctx.now().date_naive().to_string();
    credentials::enter_code(ctx, &house.ada, id, code).await.unwrap();
    house.cluster.pass(TimeDelta::days(3));
    let mark = house.look_through(id, "").await;
    assert!(matches!(credentials::attest(ctx, &house.vera, id, &mark).await.unwrap(), Decision::Attested));
    let today = ctx.now().date_naive().to_string();
    let grounds = |statement: &Value| -> Vec<(String, String)> {
        let evidence = statement["evidence"].as_array().unwrap().iter();
        evidence.map(|one| (text(&one["type"]), text(&one["verifiedOn"]))).collect()
    };
    let told = |kind: &str, day: &str| (kind.to_owned(), day.to_owned());
    let expected = [told("RegisterLookup", &today), told("MailboxControl", &proven)];
    assert_eq!(grounds(&house.carried().await[0]), expected, "the document was sent, and nobody has looked at it");

    let second = CredentialForm { number: "7012346".into(), ..form() };
    let second = credentials::save(ctx, &house.ada, None, second, true).await.unwrap();
    house.attest(second).await;
    let expected = [told("RegisterLookup", &today), told("DocumentReview", &today)];
    assert_eq!(grounds(&house.carried().await[0]), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_chosen_nothing_is_verified_and_in_no_list() {
    let house = House::new().await;
    let ctx = &house.alpha().ctx;
    let sign_up = SignUp {
        username: "nina".into(),
        name: "Dr Nina Falk".into(),
        email: "nina@alpha.test".into(),
        password: PASSWORD.into(),
        ..SignUp::default()
    };
    let id = registration::create(ctx, sign_up, Role::Clinician).await.unwrap();
    let nina = Viewer::Account { id, role: Role::Clinician };
    let credential = credentials::save(ctx, &nina, None, form(), true).await.unwrap();
    house.attest(credential).await;
    let mut ada = house.alpha().signed_in("ada").await;
    assert!(ada.get("/@nina").await.says("See the proof"));
    let mut listed = async || {
        let mut all = Vec::new();
        for path in ["/directory", "/directory?verified=on", "/explore"] {
            all.push((path, ada.get(path).await.html));
        }
        for path in ["/fhir/Practitioner", "/fhir/PractitionerRole"] {
            let answer = house.web.request(Method::GET, path).send().await.unwrap();
            all.push((path, answer.text().await.unwrap()));
        }
        let suggested = discovery::suggestions(ctx, &house.ada, 40).await.unwrap();
        all.push(("suggestions", suggested.into_iter().map(|(account, _)| account.name).collect()));
        all.into_iter().map(|(path, shown)| (path, shown.contains("Nina Falk"))).collect::<Vec<_>>()
    };
    let lists = listed().await;
    assert!(lists.iter().all(|(_, there)| !there), "{lists:?}");
    let known = profiles::by_id(ctx, &nina, id).await.unwrap().account;
    profiles::update(ctx, &nina, ProfileForm { discoverable: true, ..ProfileForm::of(&known) }).await.unwrap();
    let lists = listed().await;
    assert!(lists.iter().all(|(_, there)| *there), "{lists:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stated_about_somebody_ends_when_they_leave() {
    let house = House::new().await;
    house.attested().await;
    let statement = house.carried().await.remove(0);
    let mut ada = house.alpha().signed_in("ada").await;
    ada.get("/settings/account/close").await;
    assert!(ada.send("/settings/account/close", &[("current_password", PASSWORD)]).await.status.is_redirection());
    let outcome = check(&statement, &house.documents(&statement).await, None, house.alpha().ctx.now());
    assert_eq!(outcome.unwrap_err(), Fault::Revoked, "also in the hands of somebody who has kept it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_institution_is_found_and_followed_from_another_hospital_and_says_what_is_announced() {
    let cluster = Cluster::of(["alpha.test", "beta.test"]).await;
    let alpha = cluster.get("alpha.test");
    let admin = alpha.account("rooty", Role::Admin).await;
    alpha.account("ada", Role::Clinician).await;
    let mut bo = cluster.get("beta.test").clinician("bo").await;
    let web = App::new(alpha, "");
    let found = web.get("/.well-known/webfinger?resource=acct:institution@alpha.test").await.body;
    assert_eq!(found["links"][1]["href"], ORG);
    assert_eq!(found["links"][1]["properties"]["https://www.w3.org/ns/activitystreams#type"], "Organization");
    let unsigned = async |path: &str| {
        let answer = web.request(Method::GET, path).header("accept", "application/activity+json").send().await.unwrap();
        serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap()
    };
    let institution = unsigned("/users/institution").await;
    assert_eq!(
        (text(&institution["type"]), text(&institution["name"])),
        ("Organization".into(), "Hospital alpha.test".into())
    );
    assert_eq!(institution["assertionMethod"][0]["controller"], ORG);
    assert_ne!(institution["publicKey"]["publicKeyPem"], Value::Null);
    assert!(unsigned("/users/ada").await["name"].is_null(), "people are not shown to whoever does not sign");

    bo.follow("@institution@alpha.test").await;
    cluster.settle().await;
    let id = announcements::publish(&alpha.ctx, &admin, "The old wing is **closed**", None, None).await.unwrap();
    let later = alpha.ctx.now() + TimeDelta::days(1);
    announcements::publish(&alpha.ctx, &admin, "Not yet", Some(later), None).await.unwrap();
    cluster.settle().await;
    let home = bo.home().await;
    assert!(home.says("The old wing is <strong>closed</strong>") && !home.says("Not yet"), "{}", home.html);
    assert!(bo.get("/@institution@alpha.test").await.says("It says of itself that it is an institution"));
    assert!(alpha.browser().get("/@institution").await.says("This is the institution itself"));
    announcements::withdraw(&alpha.ctx, &admin, id).await.unwrap();
    cluster.settle().await;
    assert!(!bo.home().await.says("The old wing"), "what is taken back is taken back there as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_takes_the_institutions_name_or_its_words() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let alpha = cluster.get("alpha.test");
    let form = SignUp {
        username: "institution".into(),
        email: "eve@alpha.test".into(),
        password: PASSWORD.into(),
        ..SignUp::default()
    };
    let refused = registration::create(&alpha.ctx, form, Role::Clinician).await.unwrap_err();
    assert!(refused.public().contains("kept for the hospital"), "{}", refused.public());
    let mut ada = alpha.clinician("ada").await;
    ada.get("/settings/profile").await;
    let field = [("name", "Dr Ada"), ("label", "Vеrifiеd by Hospital"), ("value", "GMC")];
    let page = ada.send("/settings/profile", &field).await;
    assert!(page.says("who is verified is for the institution to say"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_the_keys_and_exchanges_them() {
    let url = postgres::database().await;
    let database = format!("[database]\nurl = \"{}\"\n", url.expose());
    let op = Operator::with("issuing", &database);
    let keys = |op: &Operator| -> Vec<Value> {
        let lines = op.says(&["attestations", "keys", "--json"], "");
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let first = keys(&op);
    assert_eq!((first.len(), text(&first[0]["state"])), (1, "signs".into()));
    let fingerprint = text(&first[0]["fingerprint"]);
    assert!(fingerprint.len() == 19 && fingerprint.split(' ').all(|group| group.len() == 4), "{fingerprint}");
    let new = op.json(&["attestations", "rotate-key", "--json"], "");
    assert!(text(&new["id"]).ends_with("/users/institution#issuing-key-2"), "{new}");
    let states: Vec<String> = keys(&op).iter().map(|key| text(&key["state"])).collect();
    assert_eq!(states, ["signs", "retired"]);
    let said = op.says(&["attestations", "rotate-key", "--compromised"], "");
    assert!(said.contains("Statements signed anew: 0") && said.contains("Fingerprint: "), "{said}");
    let states: Vec<String> = keys(&op).iter().map(|key| text(&key["state"])).collect();
    assert_eq!(states, ["signs", "revoked", "revoked"]);
    let log = op.says(&["audit", "export"], "");
    let entries: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let rotated: Vec<&Value> = entries.iter().filter(|entry| entry["action"] == "rotate_issuing_key").collect();
    assert_eq!((rotated.len(), &rotated[1]["details"]["compromised"]), (2, &Value::Bool(true)));

    // What was signed names its signer: another user name is refused in words, and the server starts all the same.
    let renamed = Operator::with("issuing", &format!("{database}[verification]\norganization = \"st_brigid\"\n"));
    let findings = renamed.run(&["doctor", "--json"], "").stdout;
    let findings = String::from_utf8(findings).unwrap();
    assert!(findings.contains("known as institution") && findings.contains("Set that back"), "{findings}");
}
