//! What is peculiar to draft-cavage-12.

use super::*;

#[test]
fn cavage_is_read_by_name_however_it_is_spaced_and_quoted() {
    let mut request = post(Dialect::Cavage);
    let header = request.value("signature").clone();
    let pairs = |header: &str| {
        let parameters = header.split(',').map(str::to_owned);
        parameters.collect::<Vec<_>>()
    };
    let mut reversed = pairs(&header);
    reversed.reverse();
    for value in [
        reversed.join(" , "),
        header.replace("\",", "\" ,\t"),
        header.replace("keyId=\"", "keyId = \""),
        header.replace("algorithm=\"rsa-sha256\"", "algorithm=rsa-sha256"),
        header.replace("algorithm=\"rsa-sha256\"", "algorithm=\"hs2019\""),
        header.replace("algorithm=\"rsa-sha256\"", "algorithm=\"RSA-SHA256\""),
        header.replace("algorithm=\"rsa-sha256\",", ""),
        header.replace("headers=\"(request-target) host", "headers=\"(Request-Target)  Host"),
        header.replace("keyId", "keyid"),
        format!("{header},opaque=\"x\",opaque=\"y\""),
        format!(" {header}, "),
    ] {
        *request.value("signature") = value;
        assert!(request.accepted_by(&rsa_public()), "{:?}", request.value("signature"));
    }
}

#[test]
fn malformed_cavage_is_refused() {
    let mut request = post(Dialect::Cavage);
    let header = request.value("signature").clone();
    for value in [
        String::new(),
        "nonsense".to_owned(),
        format!("Signature {header}"),
        format!("{header},keyId=\"other\""),
        format!("{header} junk"),
        header.replace("keyId", "key"),
        header.replace("signature=\"", "signature=\"!"),
        header.trim_end_matches('"').to_owned(),
    ] {
        *request.value("signature") = value;
        let unreadable = Some(Refusal::Malformed("the Signature header"));
        assert_eq!(request.refusal(), unreadable, "{}", request.value("signature"));
    }
}

#[test]
fn a_key_id_without_a_name_in_it_is_refused() {
    for key_id in ["", "a b", "a\\b", "\u{e9}"] {
        let request = post(Dialect::Cavage).replace("signature", KEY_ID, key_id);
        assert_eq!(request.refusal(), Some(Refusal::Malformed("the key id")));
    }
}

#[test]
fn other_algorithms_are_refused_in_cavage() {
    for algorithm in ["rsa-sha1", "rsa-sha512", "hmac-sha256", "none", "ed25519", ""] {
        let request = post(Dialect::Cavage).replace("signature", "rsa-sha256", algorithm);
        assert_eq!(request.refusal(), Some(Refusal::Algorithm), "{algorithm}");
    }
}

#[test]
fn created_and_expires_count_in_cavage() {
    let mut request = post(Dialect::Cavage);
    request.headers.retain(|(name, _)| name != "date");
    let names = "(request-target) (created) (expires) host digest";
    let over = |extra: &str| cavage_over(&request, names, extra);

    for created in [format!("{NOW}"), format!("\"{NOW}\"")] {
        let request = over(&format!("created={created},expires={}", NOW + 10));
        assert!(request.accepted_by(&rsa_public()));
        assert_eq!(request.parse_at(NOW).unwrap().params().created, Some(NOW));
    }
    let fraction = over(&format!("created={NOW},expires={}.5", NOW + 10));
    assert!(fraction.accepted_by(&rsa_public()));
    let ended = over(&format!("created={NOW},expires={NOW}"));
    assert_eq!(ended.refusal(), Some(Refusal::Expired));
    let old = over(&format!("created={},expires={}", NOW - 3601, NOW + 10));
    assert_eq!(old.refusal(), Some(Refusal::TooOld));
    let endless = over(&format!("created={},expires={}", i64::MIN, i64::MAX));
    assert_eq!(endless.refusal(), Some(Refusal::TooOld));
    for unreadable in [
        "created=x,expires=1",
        "created=1e9,expires=1",
        "created=99999999999999999999,expires=1",
        "created=1703066400.x,expires=1",
    ] {
        assert_eq!(over(unreadable).refusal(), Some(Refusal::UnreadableDate), "{unreadable}");
    }
    let absent = post(Dialect::Cavage).replace("signature", "(request-target)", "(request-target) (created)");
    assert_eq!(absent.refusal(), Some(Refusal::Malformed("the Signature header")));
}

#[test]
fn repeated_and_folded_headers_are_signed_joined_and_unfolded() {
    let request = post(Dialect::Cavage).add("X-A", " one ").add("x-a", "two\r\n  three");
    let text = request.with(|m| cavage::signing_string(m, "/", "x-a", &cavage::read_parameters("").unwrap()));
    assert_eq!(text.unwrap(), "x-a: one, two three");
    let signed = cavage_over(&request, "(request-target) host date digest x-a", "");
    assert!(signed.accepted_by(&rsa_public()));
}
