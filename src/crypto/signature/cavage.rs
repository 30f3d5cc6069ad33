//! draft-cavage-http-signatures-12 as the fediverse practises it: RSA with SHA-256 always, whatever
//! `algorithm` says of it, and no `(created)` in what we send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use url::Url;

use super::{COMPONENTS_MAX, Destination, Dialect, Message, Parsed, Refusal, SignatureParams, check_key_id, http_date};
use crate::crypto::digest::{digest_header, digest_matches};
use crate::crypto::{CryptoError, KeyKind, SigningKey};

const UNREADABLE: Refusal = Refusal::Malformed("the Signature header");

/// Signs a request (method, address, body) with RSA-SHA256 and returns the headers to add to it, names in lower case:
/// `host`, `date`, `digest` if there is a body, one more that is covered too if there is one, and `signature`.
///
/// # Errors
/// When the key is not RSA, the URL has no host or the key id cannot be written in a header.
pub fn sign(
    (method, url, body): (&str, &Url, Option<&[u8]>),
    key_id: &str,
    key: &SigningKey,
    now: DateTime<Utc>,
    more: Option<(&'static str, String)>,
) -> Result<Vec<(&'static str, String)>, CryptoError> {
    check_key_id(key_id)?;
    let Destination { authority, target } = Destination::of(url)?;
    let mut headers = vec![("host", authority.clone()), ("date", http_date(now))];
    let mut names = String::from("(request-target) host date");
    if let Some(body) = body {
        headers.push(("digest", digest_header(body)));
        names.push_str(" digest");
    }
    if let Some((name, value)) = more {
        headers.push((name, value));
        names.push(' ');
        names.push_str(name);
    }
    let lines: Vec<_> = headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let message =
        Message { method, target: &target, scheme: url.scheme(), authority: &authority, headers: &lines, body };
    let text = signing_string(&message, &target, &names, &Parameters::default())?;
    let signature = STANDARD.encode(key.sign_rsa_sha256(text.as_bytes())?);
    let signature = format!(r#"keyId="{key_id}",algorithm="rsa-sha256",headers="{names}",signature="{signature}""#);
    headers.push(("signature", signature));
    Ok(headers)
}

/// The parameters of a `Signature` header, each as written.
#[derive(Debug, Default)]
pub(super) struct Parameters<'a> {
    key_id: Option<&'a str>,
    algorithm: Option<&'a str>,
    headers: Option<&'a str>,
    signature: Option<&'a str>,
    created: Option<&'a str>,
    expires: Option<&'a str>,
}

/// Whether a `Signature` header is written in this dialect.
pub(super) fn is_cavage(header: &str) -> bool {
    read_parameters(header).is_some_and(|found| found.key_id.and(found.signature).is_some())
}

/// Reads the header and checks what it covers.
pub(super) fn parse(message: &Message<'_>, header: &str) -> Result<Parsed, Refusal> {
    let found = read_parameters(header).ok_or(UNREADABLE)?;
    let key_id = found.key_id.ok_or(UNREADABLE)?;
    check_key_id(key_id)?;
    let signature = found.signature.ok_or(UNREADABLE)?;
    let signature = STANDARD.decode(signature).ok().ok_or(UNREADABLE)?;
    let accepted = |name: &&str| name.eq_ignore_ascii_case("rsa-sha256") || name.eq_ignore_ascii_case("hs2019");
    if !found.algorithm.as_ref().is_none_or(accepted) {
        return Err(Refusal::Algorithm);
    }
    let names = found.headers.unwrap_or("date");
    if names.split_ascii_whitespace().count() > COMPONENTS_MAX {
        return Err(Refusal::TooLarge);
    }
    check_covered(message, names)?;
    let created = seconds(found.created)?;
    let expires = seconds(found.expires)?;

    let base = signing_string(message, message.target, names, &found)?;
    let base_without_query = match message.path_and_query() {
        (path, Some(_)) => Some(signing_string(message, path, names, &found)?),
        (_, None) => None,
    };
    let params = SignatureParams {
        key_id: key_id.to_owned(),
        dialect: Dialect::Cavage,
        algorithm: Some(KeyKind::Rsa),
        created,
        expires,
    };
    Ok(Parsed { params, signature, base, base_without_query })
}

/// A digest that is there must match; with a body it must be there.
pub(super) fn check_digest(message: &Message<'_>) -> Result<(), Refusal> {
    message.check_digest("digest", digest_matches)
}

fn check_covered(message: &Message<'_>, names: &str) -> Result<(), Refusal> {
    let covers = |name: &str| {
        let mut names = names.split_ascii_whitespace();
        names.any(|covered| covered.eq_ignore_ascii_case(name))
    };
    let time = covers("date") || covers("(created)");
    let digest = covers("digest") || !message.has_body();
    for (covered, what) in [
        (covers("(request-target)"), "the request target"),
        (covers("host"), "the host"),
        (time, "the date"),
        (digest, "the digest"),
    ] {
        if !covered {
            return Err(Refusal::NotCovered(what));
        }
    }
    Ok(())
}

/// The text that is signed: one `name: value` line for each name (section 2.3 of the draft).
pub(super) fn signing_string(
    message: &Message<'_>,
    target: &str,
    names: &str,
    parameters: &Parameters<'_>,
) -> Result<String, Refusal> {
    let mut base = String::with_capacity(512);
    for name in names.split_ascii_whitespace() {
        if !base.is_empty() {
            base.push('\n');
        }
        let name = name.to_ascii_lowercase();
        base.push_str(&name);
        base.push_str(": ");
        match name.as_str() {
            "(request-target)" => {
                base.push_str(&message.method.to_ascii_lowercase());
                base.push(' ');
                base.push_str(target);
            }
            "(created)" => base.push_str(parameters.created.ok_or(UNREADABLE)?),
            "(expires)" => base.push_str(parameters.expires.ok_or(UNREADABLE)?),
            _ => message.push_header(&mut base, &name)?,
        }
    }
    Ok(base)
}

/// Reads `name="value"` pairs in any order, blanks and quotes as they come; a repeated name or
/// anything else is `None`.
pub(super) fn read_parameters(header: &str) -> Option<Parameters<'_>> {
    let mut found = Parameters::default();
    let mut rest = header.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = read_value(after.trim_start())?;
        let slot = match name.trim_end().to_ascii_lowercase().as_str() {
            "keyid" => &mut found.key_id,
            "algorithm" => &mut found.algorithm,
            "headers" => &mut found.headers,
            "signature" => &mut found.signature,
            "created" => &mut found.created,
            "expires" => &mut found.expires,
            _ => &mut None,
        };
        if slot.replace(value).is_some() {
            return None;
        }
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(found)
}

/// A value with or without quotes, and what follows it.
fn read_value(text: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.split_once('"');
    }
    let (value, after) = text.split_at_checked(text.find(',').unwrap_or(text.len()))?;
    Some((value.trim_end(), after))
}

/// Whole seconds since 1970; a fraction, which the draft allows, is dropped.
fn seconds(text: Option<&str>) -> Result<Option<i64>, Refusal> {
    let Some(text) = text else {
        return Ok(None);
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds = whole.parse().ok().ok_or(Refusal::UnreadableDate)?;
    if fraction.bytes().all(|byte| byte.is_ascii_digit()) { Ok(Some(seconds)) } else { Err(Refusal::UnreadableDate) }
}
