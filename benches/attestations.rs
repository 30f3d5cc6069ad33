//! `cargo bench --bench attestations`: how many statements of other institutions one core checks in a second, each with
//! the proof of the statement, that of the list of what was revoked, and that of the list of what is suspended.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark ends loudly and prints")]

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use consilium::{
    crypto::{Bitstring, Ed25519KeyPair, proof::add_proof},
    service::attestations::{Documents, check},
};
use serde_json::{Value, json};

const ISSUER: &str = "https://hospital.example/users/institution";
const CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";
const RUN: Duration = Duration::from_secs(3);

/// Signs a document as the institution.
fn signed(mut document: Value, key: &Ed25519KeyPair, at: DateTime<Utc>) -> Value {
    add_proof(&mut document, key, &format!("{ISSUER}#issuing-key-1"), at).unwrap();
    document
}

/// A list in which every thousandth place is set.
fn list(purpose: &str, key: &Ed25519KeyPair, at: DateTime<Utc>) -> Value {
    let mut bits = Bitstring::empty();
    for index in (0..131_072).step_by(1_000) {
        bits.set(index);
    }
    let subject =
        json!({ "type": "BitstringStatusList", "statusPurpose": purpose, "encodedList": bits.pack().unwrap() });
    let list = json!({ "@context": [CONTEXT], "id": format!("https://hospital.example/lists/{purpose}"),
        "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": ISSUER,
        "validFrom": at, "validUntil": at + TimeDelta::hours(1), "credentialSubject": subject });
    signed(list, key, at)
}

fn main() {
    let (key, at) = (Ed25519KeyPair::generate().unwrap(), DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
    let multikey = json!({ "id": format!("{ISSUER}#issuing-key-1"), "type": "Multikey", "controller": ISSUER,
        "publicKeyMultibase": key.public_multibase() });
    let issuer = json!({ "id": ISSUER, "type": "Organization", "assertionMethod": [multikey] });
    let mut documents = Documents::from([(ISSUER.to_owned(), issuer)]);
    let status: Vec<Value> = ["revocation", "suspension"]
        .iter()
        .map(|purpose| {
            let list = list(purpose, &key, at);
            let address = format!("https://hospital.example/lists/{purpose}");
            documents.insert(address.clone(), list);
            json!({ "type": "BitstringStatusListEntry", "statusPurpose": purpose, "statusListIndex": "94567",
                "statusListCredential": address })
        })
        .collect();
    let statement = json!({ "@context": [CONTEXT], "id": "https://hospital.example/attestations/one",
        "type": ["VerifiableCredential", "PractitionerCredential"], "issuer": { "id": ISSUER, "name": "A hospital" },
        "validFrom": at, "validUntil": at + TimeDelta::days(365), "credentialStatus": status,
        "credentialSubject": { "id": "https://hospital.example/users/ada", "type": "Practitioner", "name": "Ada",
            "handle": "ada@hospital.example", "discipline": "medicine", "level": 4, "checkedOn": "2024-10-04" } });
    let statement = signed(statement, &key, at);
    let (begun, mut checked) = (Instant::now(), 0_u32);
    while begun.elapsed() < RUN {
        check(&statement, &documents, None, at + TimeDelta::minutes(1)).unwrap();
        checked += 1;
    }
    println!("statements checked, with both lists   {:>10.0} /s", f64::from(checked) / begun.elapsed().as_secs_f64());
}
