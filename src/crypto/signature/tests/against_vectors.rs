//! The shared vectors: every case must come out as its file says.

use serde_json::Value;

use super::*;
use crate::crypto::{token, vectors};

fn headers_of(case: &Value) -> Headers {
    let pairs = vectors::list(case, "headers").iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    pairs.map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

fn host_of(headers: &Headers) -> String {
    let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
    host.unwrap().1.clone()
}

fn verify_at(case: &Value) -> i64 {
    let time = DateTime::parse_from_rfc3339(vectors::text(case, "verify_at"));
    time.unwrap().timestamp()
}

fn body_of(case: &Value) -> Option<Vec<u8>> {
    case["body"].as_str().map(|body| body.as_bytes().to_vec())
}

#[test]
fn the_cavage_vectors_hold() {
    let Some(file) = vectors::json("http-signatures/cavage.json") else {
        return;
    };
    for case in vectors::list(&file, "cases") {
        let name = vectors::text(case, "name");
        let key_id = vectors::text(case, "key_id");
        let key = VerifyingKey::from_pem_of_any_size(vectors::text(&file["keys"][key_id], "public_pem"));
        let names = vectors::list(case, "signed_headers").iter();
        let names = names.map(|name| name.as_str().unwrap()).collect::<Vec<_>>().join(" ");
        let mut header = format!(
            r#"keyId="{key_id}",algorithm="{}",headers="{names}",signature="{}""#,
            vectors::text(case, "algorithm"),
            vectors::text(case, "signature"),
        );
        for parameter in ["created", "expires"] {
            if let Some(time) = case["params"][parameter].as_i64() {
                header = format!("{header},{parameter}={time}");
            }
        }
        let headers = headers_of(case);
        let request = Request {
            method: vectors::text(case, "method").to_owned(),
            target: vectors::text(case, "target").to_owned(),
            scheme: "https".to_owned(),
            authority: host_of(&headers),
            headers,
            body: body_of(case),
        };
        let request = request.add("Signature", &header);

        let parameters = cavage::read_parameters(&header).unwrap();
        let base = request.with(|m| cavage::signing_string(m, m.target, &names, &parameters));
        let same = base.unwrap() == vectors::text(case, "signing_string");
        assert_eq!(same, case["signature_verifies_over_request"] == true, "{name}");

        let parsed = request.parse_at(verify_at(case));
        let accepted = parsed.as_ref().is_ok_and(|parsed| {
            assert_eq!(parsed.key_id(), key_id);
            parsed.verify(key.as_ref().unwrap())
        });
        assert_eq!(accepted, case["accept"] == true, "{name}: {:?}", parsed.err());
        if let Some((_, expected)) = CAVAGE_REFUSALS.iter().find(|(known, _)| *known == name) {
            assert_eq!(parsed.err(), Some(*expected), "{name}");
        }
    }
}

const CAVAGE_REFUSALS: [(&str, Refusal); 10] = [
    ("cavage12-C.1-default", Refusal::NotCovered("the request target")),
    ("cavage12-C.2-basic", Refusal::NotCovered("the digest")),
    ("mastodon-post-tampered-body", Refusal::WrongDigest),
    ("mastodon-post-digest-not-signed", Refusal::NotCovered("the digest")),
    // Its weekday is wrong as well, so it is not a date at all.
    ("mastodon-get-two-days-old", Refusal::UnreadableDate),
    ("mastodon-get-unparsable-date", Refusal::UnreadableDate),
    ("made-hs2019-expired", Refusal::TooOld),
    ("made-hs2019-created-in-future", Refusal::InTheFuture),
    ("made-host-not-signed", Refusal::NotCovered("the host")),
    ("made-target-not-signed", Refusal::NotCovered("the request target")),
];

#[test]
fn the_rfc9421_vectors_of_the_fediverse_hold() {
    let Some(file) = vectors::json("http-signatures/rfc9421-fediverse.json") else {
        return;
    };
    let rsa = VerifyingKey::from_pem(vectors::text(&file["rsa_key"], "public_pem")).unwrap();
    let ed25519 = vectors::text(&file["ed25519_key"], "publicKeyMultibase");
    let ed25519 = VerifyingKey::from_multibase(ed25519).unwrap();
    for case in vectors::list(&file, "cases") {
        let name = vectors::text(case, "name");
        let label = vectors::text(case, "label");
        let url = Url::parse(vectors::text(case, "url")).unwrap();
        let Destination { authority, target } = Destination::of(&url).unwrap();
        let input = format!("{label}={}", vectors::text(case, "signature_input"));
        let signature = format!("{label}=:{}:", vectors::text(case, "signature"));
        let request = Request {
            method: vectors::text(case, "method").to_owned(),
            target,
            scheme: url.scheme().to_owned(),
            authority,
            headers: headers_of(case),
            body: body_of(case),
        };
        let request = request.add("Signature-Input", &input).add("Signature", &signature);

        let parsed_input = rfc9421::read_input(&input).unwrap();
        let base = request.with(|message| rfc9421::signature_base(message, &parsed_input));
        assert_eq!(base.unwrap(), vectors::text(case, "signature_base"), "{name}");

        let key = if vectors::text(case, "alg") == "ed25519" { &ed25519 } else { &rsa };
        let parsed = request.parse_at(verify_at(case));
        let accepted = parsed.as_ref().is_ok_and(|parsed| {
            assert_eq!(parsed.key_id(), vectors::text(case, "keyid"));
            parsed.verify(key)
        });
        assert_eq!(accepted, case["accept"] == true, "{name}: {:?}", parsed.err());
    }
}

#[test]
fn the_request_vectors_of_rfc_9421_hold() {
    let (Some(file), Some(keys)) =
        (vectors::json("http-signatures/rfc9421.json"), vectors::json("http-signatures/rfc9421-keys.json"))
    else {
        return;
    };
    let (mut compared, mut verified) = (0, 0);
    for case in vectors::list(&file, "cases") {
        let name = vectors::text(case, "name");
        if vectors::text(case, "kind") == "response" {
            eprintln!("{name}: skipped, for @status and ;req are of responses, which we do not sign");
            continue;
        }
        let line: Vec<_> = vectors::text(case, "start_line").split(' ').collect();
        let headers = headers_of(case);
        let request = Request {
            method: line[0].to_owned(),
            target: line[1].to_owned(),
            scheme: "https".to_owned(),
            authority: host_of(&headers),
            headers,
            body: body_of(case),
        };
        let label = vectors::text(case, "label");
        let input = format!("{label}={}", vectors::text(case, "signature_input"));
        let input = rfc9421::read_input(&input).unwrap();
        let base = request.with(|message| rfc9421::signature_base(message, &input)).unwrap();
        assert_eq!(base, vectors::text(case, "signature_base"), "{name}");
        compared += 1;

        let signature = format!("{label}=:{}:", vectors::text(case, "signature"));
        let signature = rfc9421::read_signature(&signature, label).unwrap();
        let key = &keys["keys"][vectors::text(case, "keyid")];
        let valid = match vectors::text(case, "alg") {
            "ed25519" | "rsa-v1_5-sha256" => {
                let key = VerifyingKey::from_pem(vectors::text(key, "public_pem")).unwrap();
                key.verify(base.as_bytes(), &signature)
            }
            "hmac-sha256" => {
                let secret = STANDARD.decode(vectors::text(key, "secret_base64")).unwrap();
                let mac = token::hmac_sha256(&secret, base.as_bytes()).unwrap();
                token::equal(&mac, &signature)
            }
            // rsa-pss-sha512 and ecdsa-p256-sha256 are not accepted here: the base alone counts.
            _ => continue,
        };
        assert_eq!(valid, case["valid"] == true, "{name}");
        verified += 1;
    }
    eprintln!("{compared} signature bases compared, {verified} signatures verified");
    assert!(compared >= 17 && verified >= 8);
}
