//! Statements of one hospital, checked by somebody who has nothing but files: a registrar, an auditor, another server's
//! admin.

use std::{io::Write, path::PathBuf, process::Command};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use consilium::crypto::{Ed25519KeyPair, proof::add_proof};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

const ORG: &str = "https://brigid.example/org";
const KEY: &str = "https://brigid.example/org#issuing-1";
const LIST: &str = "https://brigid.example/attestations/status/1";
const ADA: &str = "https://brigid.example/users/ada";
/// The place of Ada's statement in the list.
const PLACE: usize = 70_001;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed(&[seed; 32]).unwrap()
}

fn signed(mut document: Value, by: &Ed25519KeyPair) -> Value {
    add_proof(&mut document, by, KEY, at("2026-05-04T09:00:00Z")).unwrap();
    document
}

fn hospital(key: &Ed25519KeyPair) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": ORG, "type": "Organization",
        "name": "St Brigid's University Hospital",
        "assertionMethod": [
            { "id": KEY, "type": "Multikey", "controller": ORG, "publicKeyMultibase": key.public_multibase() },
        ],
    })
}

fn statement(purpose: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://brigid.example/ns/practitioner/v1"],
        "id": "https://brigid.example/attestations/9mZ2",
        "type": ["VerifiableCredential", "PractitionerCredential"],
        "issuer": { "id": ORG, "name": "St Brigid's University Hospital" },
        "validFrom": "2026-05-04T09:00:00Z", "validUntil": "2027-05-04T00:00:00Z",
        "credentialSubject": { "id": ADA, "name": "Ada O'Brien", "handle": "ada@brigid.example" },
        "credentialStatus": {
            "id": format!("{LIST}#{PLACE}"), "type": "BitstringStatusListEntry", "statusPurpose": purpose,
            "statusListIndex": PLACE.to_string(), "statusListCredential": LIST,
        },
    })
}

fn list(issuer: &str, purpose: &str, set: &[usize]) -> Value {
    let mut bits = vec![0_u8; 16_384];
    for place in set {
        bits[place / 8] |= 0x80 >> (place % 8);
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(&bits).unwrap();
    let packed = URL_SAFE_NO_PAD.encode(packer.finish().unwrap());
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "id": LIST, "issuer": issuer,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "validFrom": "2026-05-04T09:00:00Z", "validUntil": "2027-05-04T09:00:00Z",
        "credentialSubject": {
            "id": format!("{LIST}#list"), "type": "BitstringStatusList", "statusPurpose": purpose,
            "encodedList": format!("u{packed}"),
        },
    })
}

fn actor(id: &str, name: &str, username: &str) -> Value {
    json!({ "id": id, "type": "Person", "name": name, "preferredUsername": username })
}

/// A folder with what somebody was sent.
struct Desk(PathBuf);

impl Desk {
    /// A statement about Ada that holds, and what it takes to check it.
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(format!("/tmp/consilium-test-{}/files/desk-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let desk = Self(folder);
        desk.put("statement", &signed(statement("revocation"), &key(1)));
        desk.put("hospital", &hospital(&key(1)));
        desk.put("list", &signed(list(ORG, "revocation", &[PLACE - 1, PLACE + 1]), &key(1)));
        desk
    }

    fn put(&self, name: &str, document: &Value) {
        std::fs::write(self.0.join(name), document.to_string()).unwrap();
    }

    /// The end of the command, and what it printed.
    fn run(&self, more: &[&str]) -> (bool, String) {
        let mut args = vec!["attestations", "verify", "statement", "--with", "hospital", "--with", "list"];
        if !more.contains(&"--at") {
            args.extend(["--at", "2026-06-01T00:00:00Z"]);
        }
        args.extend(more);
        let mut command = Command::new(env!("CARGO_BIN_EXE_consilium"));
        let output = command.current_dir(&self.0).args(args).output().unwrap();
        let words = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(words).unwrap())
    }

    fn fault(&self, more: &[&str]) -> String {
        let (fine, words) = self.run(&[&["--json"], more].concat());
        assert!(!fine, "{words}");
        serde_json::from_str::<Value>(&words).unwrap()["fault"].as_str().unwrap().to_owned()
    }
}

#[test]
fn an_auditor_without_network_sees_that_a_statement_holds_and_of_whom_it_speaks() {
    let desk = Desk::new("holds");
    let (fine, words) = desk.run(&[]);
    assert!(fine, "{words}");
    for part in [ORG, "Ada O'Brien", ADA, "4 May 2027", "No account was compared"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    desk.put("ada", &actor(ADA, "Ada O'Brien", "Ada"));
    let (fine, words) = desk.run(&["--actor", "ada", "--json"]);
    let said: Value = serde_json::from_str(&words).unwrap();
    assert!(fine && said["actor_compared"] == true, "{words}");
    assert_eq!(said["statement"]["issuer"], ORG);
}

#[test]
fn a_statement_that_was_taken_back_or_has_ended_does_not_hold() {
    let desk = Desk::new("ended");
    desk.put("list", &signed(list(ORG, "revocation", &[PLACE]), &key(1)));
    let (fine, words) = desk.run(&[]);
    assert!(!fine && words.contains("WRONG: its issuer has revoked it."), "{words}");
    assert_eq!(desk.fault(&[]), "revoked");
    let desk = Desk::new("late");
    assert_eq!(desk.fault(&["--at", "2027-05-04T00:06:00Z"]), "expired");
    assert_eq!(desk.fault(&["--at", "2026-05-01T00:00:00Z"]), "proof", "the proof itself is from the future");
}

#[test]
fn a_badge_copied_by_somebody_else_or_shown_under_another_name_is_found() {
    let desk = Desk::new("copied");
    for (actor, fault) in [
        (actor("https://evil.example/users/ada", "Ada O'Brien", "ada"), "other_subject"),
        (actor(ADA, "Sir William Osler", "ada"), "other_name"),
        (actor(ADA, "Ada O'Brien", "osler"), "other_name"),
    ] {
        desk.put("carrier", &actor);
        assert_eq!(desk.fault(&["--actor", "carrier"]), fault);
    }
}

#[test]
fn a_forged_or_changed_statement_is_found() {
    let desk = Desk::new("forged");
    desk.put("statement", &signed(statement("revocation"), &key(2)));
    assert_eq!(desk.fault(&[]), "proof", "signed by somebody else under the hospital's key id");
    let mut changed = signed(statement("revocation"), &key(1));
    changed["credentialSubject"]["name"] = "Mallory".into();
    desk.put("statement", &changed);
    assert_eq!(desk.fault(&[]), "proof");
    let mut document = statement("revocation");
    document.as_object_mut().unwrap().remove("credentialStatus");
    desk.put("statement", &signed(document, &key(1)));
    assert_eq!(desk.fault(&[]), "form", "what cannot be taken back");
}

#[test]
fn a_key_that_the_hospital_has_dropped_or_ended_proves_nothing() {
    let desk = Desk::new("keys");
    let mut rotated = hospital(&key(3));
    rotated["assertionMethod"][0]["id"] = "https://brigid.example/org#issuing-2".into();
    desk.put("hospital", &rotated);
    assert_eq!(desk.fault(&[]), "unknown_key");
    let mut ended = hospital(&key(1));
    ended["assertionMethod"][0]["revoked"] = "2026-05-20T00:00:00Z".into();
    desk.put("hospital", &ended);
    assert_eq!(desk.fault(&[]), "ended_key");
}

#[test]
fn only_the_hospitals_own_list_of_the_right_purpose_says_that_nothing_was_taken_back() {
    let desk = Desk::new("lists");
    desk.put("list", &signed(list("https://other.example/org", "revocation", &[]), &key(1)));
    assert_eq!(desk.fault(&[]), "list", "of another issuer");
    desk.put("list", &signed(list(ORG, "suspension", &[]), &key(1)));
    assert_eq!(desk.fault(&[]), "list", "for another purpose");
    desk.put("list", &signed(list(ORG, "revocation", &[]), &key(2)));
    assert_eq!(desk.fault(&[]), "list", "signed by somebody else");
    let mut old = list(ORG, "revocation", &[]);
    old["validUntil"] = "2026-05-10T00:00:00Z".into();
    desk.put("list", &signed(old, &key(1)));
    assert_eq!(desk.fault(&[]), "list", "an old list, from before the revocation");
}

#[test]
fn what_is_missing_or_unreadable_is_said_in_words() {
    let desk = Desk::new("words");
    let mut elsewhere = statement("revocation");
    elsewhere["credentialStatus"]["statusListCredential"] = "https://brigid.example/attestations/status/2".into();
    desk.put("statement", &signed(elsewhere, &key(1)));
    let (fine, words) = desk.run(&[]);
    assert!(!fine && words.contains("UNKNOWN") && words.contains("status/2") && words.contains("--with"), "{words}");
    std::fs::write(desk.0.join("statement"), "{\"id\":1,\"id\":2}").unwrap();
    let (fine, words) = desk.run(&[]);
    assert!(!fine && words.contains("cannot read statement"), "{words}");
    let mut loud = statement("revocation");
    loud["credentialSubject"]["name"] = "Ada\u{1b}[2J\u{202e}".into();
    desk.put("statement", &signed(loud, &key(1)));
    let (fine, words) = desk.run(&[]);
    assert!(fine && !words.contains('\u{1b}') && !words.contains('\u{202e}'), "{words}");
}
