//! What is peculiar to RFC 9421.

use super::*;

#[test]
fn what_must_be_covered_is_enforced_in_rfc_9421() {
    let request = post(Dialect::Rfc9421);
    let tail = format!(r#";created={NOW};keyid="{KEY_ID}""#);
    for (components, what) in [
        (r#""@target-uri" "content-digest""#, "the method"),
        (r#""@method" "content-digest""#, "the request target"),
        (r#""@method" "@path" "@query" "content-digest""#, "the request target"),
        (r#""@method" "@path" "@authority" "content-digest""#, "the request target"),
        (r#""@method" "@target-uri""#, "the digest"),
        ("", "the method"),
    ] {
        let request = rfc9421_over(&request, &format!("({components}){tail}"));
        assert_eq!(request.refusal(), Some(Refusal::NotCovered(what)), "{components}");
    }
    for components in [
        r#""@method" "@target-uri" "content-digest""#,
        r#""content-digest" "@authority" "@query" "@path" "@method""#,
        r#""@method" "@target-uri" "content-digest" "host" "@scheme" "@request-target""#,
    ] {
        let request = rfc9421_over(&request, &format!("({components}){tail}"));
        assert!(request.accepted_by(&rsa_public()), "{components}");
    }
}

#[test]
fn parameters_are_enforced_in_rfc_9421() {
    let request = post(Dialect::Rfc9421);
    let components = r#"("@method" "@target-uri" "content-digest")"#;
    let over = |tail: &str| rfc9421_over(&request, &format!("{components}{tail}"));
    let good = format!(r#";created={NOW};keyid="{KEY_ID}""#);

    for more in [
        "",
        r#";alg="rsa-v1_5-sha256""#,
        r#";nonce="x";tag="app";other;flag=?1;bytes=:AA==:"#,
        &format!(";expires={}", NOW + 1),
    ] {
        assert!(over(&format!("{good}{more}")).accepted_by(&rsa_public()), "{more}");
    }
    for alg in ["rsa-pss-sha512", "ecdsa-p256-sha256", "hmac-sha256", "none", "rsa-sha256", ""] {
        let request = over(&format!(r#"{good};alg="{alg}""#));
        assert_eq!(request.refusal(), Some(Refusal::Algorithm), "{alg}");
    }
    let contradicting = over(&format!(r#"{good};alg="ed25519""#));
    assert!(contradicting.parse_at(NOW).is_ok());
    assert!(!contradicting.accepted_by(&rsa_public()));

    let expired = over(&format!("{good};expires={NOW}"));
    assert_eq!(expired.refusal(), Some(Refusal::Expired));
    let uncreated = over(&format!(r#";keyid="{KEY_ID}""#));
    assert_eq!(uncreated.refusal(), Some(Refusal::NotCovered("the time of its creation")));
    let unreadable = Some(Refusal::Malformed("the Signature-Input header"));
    assert_eq!(over(&format!(";created={NOW}")).refusal(), unreadable);
    for key_id in ["", "a b"] {
        let request = over(&format!(r#";created={NOW};keyid="{key_id}""#));
        assert_eq!(request.refusal(), Some(Refusal::Malformed("the key id")));
    }
}

#[test]
fn malformed_signature_input_is_refused() {
    let unreadable = Some(Refusal::Malformed("the Signature-Input header"));
    let good = r#"("@method" "@target-uri" "content-digest")"#;
    for (input, refusal) in [
        (String::new(), unreadable),
        ("sig1".to_owned(), unreadable),
        ("sig1=".to_owned(), unreadable),
        ("sig1=1".to_owned(), unreadable),
        (format!("={good}"), unreadable),
        (format!("Sig1={good}"), unreadable),
        (format!("sig1={good};created=now;keyid=\"k\""), unreadable),
        (format!("sig1={good};created=1;created=2;keyid=\"k\""), unreadable),
        (format!("sig1={good};created=1;keyid=k"), unreadable),
        (format!("sig1={good};created=1;keyid=\"a\\\"b\""), unreadable),
        (format!("sig1={good};created=1;keyid=\"é\""), unreadable),
        (format!("sig1={good} junk"), unreadable),
        (r#"sig1=("@method""#.to_owned(), unreadable),
        (r#"sig1=("@method""@path")"#.to_owned(), unreadable),
        (r#"sig1=("host" "host")"#.to_owned(), unreadable),
        (r"sig1=(host)".to_owned(), unreadable),
        (format!("sig1={good};created=1;keyid=\"k\", sig2={good}"), Some(Refusal::SeveralSignatures)),
        (r#"sig1=("@status");created=1"#.to_owned(), None),
        (r#"sig1=("@method";req);created=1"#.to_owned(), Some(Refusal::UnsupportedComponent)),
        (r#"sig1=("host";bs);created=1"#.to_owned(), Some(Refusal::UnsupportedComponent)),
        (r#"sig1=("host";name="x");created=1"#.to_owned(), Some(Refusal::UnsupportedComponent)),
    ] {
        assert_eq!(rfc9421::read_input(&input).err(), refusal, "{input}");
    }
}

#[test]
fn components_outside_of_the_profile_are_refused() {
    let request = post(Dialect::Rfc9421);
    for (component, refusal) in [
        ("@status", Refusal::UnsupportedComponent),
        ("@signature-params", Refusal::UnsupportedComponent),
        ("@query-param", Refusal::UnsupportedComponent),
        ("Host", Refusal::Malformed("the Signature-Input header")),
        ("x-absent", Refusal::CoveredHeaderMissing),
    ] {
        let request = request.clone().replace(
            "signature-input",
            r#""content-digest""#,
            &format!(r#""content-digest" "{component}""#),
        );
        assert_eq!(request.refusal(), Some(refusal), "{component}");
    }
}

#[test]
fn components_are_derived_as_the_rfc_shows() {
    let request = Request {
        method: "GET".to_owned(),
        target: "/path?param=value&foo=bar&baz=b%20az&qux=&dup=1&dup=2&q+a=c%2Bd".to_owned(),
        scheme: "https".to_owned(),
        authority: "WWW.Example.com:443".to_owned(),
        headers: Headers::new(),
        body: None,
    };
    let base = |request: &Request, component: &str| {
        let input = format!("sig1=({component})");
        let input = rfc9421::read_input(&input).unwrap();
        let base = request.with(|message| rfc9421::signature_base(message, &input))?;
        let value = base.lines().next().unwrap().split_once(": ").unwrap().1;
        Ok::<_, Refusal>(value.to_owned())
    };
    for (component, value) in [
        (r#""@authority""#, "www.example.com"),
        (r#""@target-uri""#, &format!("https://www.example.com{}", request.target)),
        (r#""@request-target""#, &request.target),
        (r#""@path""#, "/path"),
        (r#""@query-param";name="baz""#, "b%20az"),
        (r#""@query-param";name="qux""#, ""),
        (r#""@query-param";name="q%20a""#, "c%2Bd"),
    ] {
        assert_eq!(base(&request, component).unwrap(), value, "{component}");
    }
    let twice = base(&request, r#""@query-param";name="dup""#);
    assert_eq!(twice, Err(Refusal::UnsupportedComponent));
    let absent = base(&request, r#""@query-param";name="none""#);
    assert_eq!(absent, Err(Refusal::CoveredHeaderMissing));
    let plain = Request { target: "/path".to_owned(), ..request.clone() };
    assert_eq!(base(&plain, r#""@query""#).unwrap(), "?");
    let folded = request.add("Cache-Control", "max-age=60").add("cache-control", "  must-\r\n\trevalidate ");
    assert_eq!(base(&folded, r#""cache-control""#).unwrap(), "max-age=60, must- revalidate");
}

#[test]
fn signature_input_selects_rfc_9421_and_cavage_is_the_fallback() {
    let cavage = post(Dialect::Cavage).add("Signature-Input", "nonsense");
    let parsed = cavage.parse_at(NOW).unwrap();
    assert_eq!(parsed.params().dialect, Dialect::Cavage);
    assert!(parsed.verify(&rsa_public()));

    let broken = post(Dialect::Rfc9421).replace("signature-input", "created", "made");
    assert_eq!(broken.refusal(), Some(Refusal::NotCovered("the time of its creation")));

    let relabelled = post(Dialect::Rfc9421).replace("signature", "sig1=", "sig2=");
    assert_eq!(relabelled.refusal(), Some(Refusal::Malformed("the Signature header")));
    let several = post(Dialect::Rfc9421).replace("signature", "==:", "==:, sig2=:AAAA:");
    assert_eq!(several.refusal(), Some(Refusal::SeveralSignatures));
}
