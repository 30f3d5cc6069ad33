//! SHA-256 of a body, and the two headers that carry it: `Digest` (RFC 3230) and `Content-Digest`
//! (RFC 9530).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// SHA-256 of the bytes (FIPS 180-4).
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    openssl::sha::sha256(bytes)
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// The bytes in hexadecimal, in lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digits = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|half| digits.get(usize::from(half)).map(|d| char::from(*d)))
        .collect()
}

/// What a set of ids comes to, in any order: the SHA-256 of each, combined by exclusive or, in hexadecimal (FEP-8fcf).
#[must_use]
pub fn of_set(ids: &[String]) -> String {
    let mut all = [0_u8; 32];
    for id in ids {
        for (sum, byte) in all.iter_mut().zip(sha256(id.as_bytes())) {
            *sum ^= byte;
        }
    }
    hex(&all)
}

/// SHA-256 in base64url without padding, as PKCE compares it (RFC 7636, 4.6).
#[must_use]
pub fn sha256_base64url(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha256(bytes))
}

/// SHA-256 as a multihash in base58btc, as a `digestMultibase` has it (`zQm…`; W3C VC Data Integrity 1.0, 2.6).
#[must_use]
pub fn sha256_multibase(bytes: &[u8]) -> String {
    // 0x12 names SHA-256, 0x20 its length.
    let multihash = [[0x12, 0x20].as_slice(), sha256(bytes).as_slice()].concat();
    format!("z{}", bs58::encode(multihash).into_string())
}

/// The value of a `Digest` header for this body: `SHA-256=<base64>` (RFC 3230, as draft-cavage-12
/// signs it).
#[must_use]
pub fn digest_header(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(sha256(body)))
}

/// The value of a `Content-Digest` header for this body: `sha-256=:<base64>:` (RFC 9530).
#[must_use]
pub fn content_digest_header(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256(body)))
}

/// Whether a received `Digest` header tells the SHA-256 of these bytes.
///
/// The label is compared without case; other algorithms in the list are passed over; every SHA-256
/// in it must match, and there must be one. Anything malformed is `false`.
#[must_use]
pub fn digest_matches(header_value: &str, body: &[u8]) -> bool {
    every_sha256(header_value, &STANDARD.encode(sha256(body)))
}

/// Whether a received `Content-Digest` header tells the SHA-256 of these bytes; the rules of
/// [`digest_matches`].
#[must_use]
pub fn content_digest_matches(header_value: &str, body: &[u8]) -> bool {
    every_sha256(header_value, &format!(":{}:", STANDARD.encode(sha256(body))))
}

/// Base64 has one canonical text for 32 bytes, so texts are compared and nothing is decoded.
fn every_sha256(header_value: &str, expected: &str) -> bool {
    let mut found = false;
    for item in header_value.split(',') {
        let Some((label, value)) = item.trim().split_once('=') else {
            return false;
        };
        if label.eq_ignore_ascii_case("sha-256") {
            if value != expected {
                return false;
            }
            found = true;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{\"hello\": \"world\"}";
    const BASE64: &str = "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=";

    #[test]
    fn headers_are_written_as_the_drafts_show_them() {
        assert_eq!(digest_header(BODY), format!("SHA-256={BASE64}"));
        assert_eq!(content_digest_header(BODY), format!("sha-256=:{BASE64}:"));
    }

    #[test]
    fn a_set_comes_to_the_same_in_any_order() {
        let Some(vector) = crate::crypto::vectors::json("misc/fep-8fcf.json") else { return };
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let mut ids: Vec<String> = crate::crypto::vectors::list(&vector, "followers").iter().map(text).collect();
        assert_eq!(of_set(&ids), crate::crypto::vectors::text(&vector, "digest"));
        ids.reverse();
        assert_eq!(of_set(&ids), crate::crypto::vectors::text(&vector, "digest"));
        assert_eq!(of_set(&[]), crate::crypto::vectors::text(&vector, "empty_digest"));
    }

    #[test]
    fn a_multihash_names_its_kind_and_length() {
        assert_eq!(sha256_multibase(b""), "zQmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n");
    }

    #[test]
    fn a_header_that_was_written_here_matches_its_own_body_only() {
        assert!(digest_matches(&digest_header(BODY), BODY));
        assert!(!digest_matches(&digest_header(BODY), b"another"));
        assert!(content_digest_matches(&content_digest_header(BODY), BODY));
        assert!(!content_digest_matches(&content_digest_header(BODY), b"another"));
    }

    #[test]
    fn the_label_is_compared_without_case_and_a_list_is_read() {
        for label in ["sha-256", "SHA-256", "Sha-256"] {
            assert!(digest_matches(&format!("{label}={BASE64}"), BODY));
            assert!(content_digest_matches(&format!("{label}=:{BASE64}:"), BODY));
        }
        assert!(digest_matches(&format!("unixsum=30637 , SHA-256={BASE64}"), BODY));
        assert!(content_digest_matches(&format!("sha-512=:AAAA:, sha-256=:{BASE64}:"), BODY));
    }

    #[test]
    fn every_sha256_in_the_list_must_match() {
        assert!(!digest_matches(&format!("SHA-256={BASE64},sha-256=AAAA"), BODY));
        assert!(!digest_matches(&format!("SHA-256=AAAA,sha-256={BASE64}"), BODY));
    }

    #[test]
    fn other_algorithms_do_not_count_and_malformed_values_are_false() {
        let unpadded = BASE64.trim_end_matches('=');
        for value in [
            "",
            ",",
            "SHA-256",
            "SHA-256=",
            "SHA-512=X48E",
            "md5=1B2M2Y8AsgTpgAmY7PhCfg==",
            &format!("SHA-256=:{BASE64}:"),
            &format!("SHA-256={unpadded}"),
            &format!("SHA-256={BASE64},"),
            &format!("SHA-256 = {BASE64}"),
        ] {
            assert!(!digest_matches(value, BODY), "{value}");
        }
        for value in ["", "sha-256=::", &format!("sha-256={BASE64}"), &format!("sha-256=:{BASE64}")] {
            assert!(!content_digest_matches(value, BODY), "{value}");
        }
    }
}
