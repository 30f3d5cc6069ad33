//! RFC 9421 in the profile of the fediverse: one signature over a request, by RSA (PKCS#1 v1.5 with
//! SHA-256) or Ed25519, with `created` and `keyid`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use url::{Url, form_urlencoded};

use super::structured::{self, Bare};
use super::{
    COMPONENTS_MAX, Destination, Dialect, Message, Parsed, Refusal, SignatureParams, check_key_id, without_default_port,
};
use crate::crypto::digest::{content_digest_header, content_digest_matches};
use crate::crypto::{CryptoError, KeyKind, SigningKey};

const UNREADABLE_INPUT: Refusal = Refusal::Malformed("the Signature-Input header");
const UNREADABLE: Refusal = Refusal::Malformed("the Signature header");

/// Signs a request (method, address, body) with the algorithm of the key's kind and returns the headers to add to it, names
/// in lower case: `content-digest` if there is a body, one more that is covered too if there is one, `signature-input` and
/// `signature`.
///
/// # Errors
/// When the URL has no host or the key id cannot be written in a header, or openssl refuses.
pub fn sign(
    (method, url, body): (&str, &Url, Option<&[u8]>),
    key_id: &str,
    key: &SigningKey,
    now: DateTime<Utc>,
    more: Option<(&'static str, String)>,
) -> Result<Vec<(&'static str, String)>, CryptoError> {
    check_key_id(key_id)?;
    let Destination { authority, target } = Destination::of(url)?;
    let digest = body.map(|body| ("content-digest", content_digest_header(body)));
    let mut headers: Vec<(&'static str, String)> = digest.into_iter().chain(more).collect();
    let mut components = String::from(r#"("@method" "@target-uri""#);
    for (name, _) in &headers {
        components.push_str(" \"");
        components.push_str(name);
        components.push('"');
    }
    components.push(')');
    let created = now.timestamp();
    let input = format!(r#"sig1={components};created={created};keyid="{key_id}""#);
    let lines: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let message =
        Message { method, target: &target, scheme: url.scheme(), authority: &authority, headers: &lines, body };
    let base = signature_base(&message, &read_input(&input)?)?;
    let signature = STANDARD.encode(key.sign(base.as_bytes())?);
    headers.push(("signature-input", input));
    headers.push(("signature", format!("sig1=:{signature}:")));
    Ok(headers)
}

/// The one member of a `Signature-Input` header.
#[derive(Debug)]
pub(super) struct Input<'a> {
    label: &'a str,
    /// The components and parameters as received: the base is built from these very bytes.
    raw: &'a str,
    components: Vec<Component<'a>>,
    created: Option<i64>,
    expires: Option<i64>,
    key_id: Option<&'a str>,
    algorithm: Option<&'a str>,
}

/// A component identifier (RFC 9421, section 2).
#[derive(Debug)]
struct Component<'a> {
    raw: &'a str,
    name: &'a str,
    /// The parameter `name` of `@query-param`, the only parameter that we support.
    query_name: Option<&'a str>,
}

/// Reads both headers and checks what they cover.
pub(super) fn parse(message: &Message<'_>, input_header: &str, signature_header: &str) -> Result<Parsed, Refusal> {
    let input = read_input(input_header)?;
    let signature = read_signature(signature_header, input.label)?;
    let key_id = input.key_id.ok_or(UNREADABLE_INPUT)?;
    check_key_id(key_id)?;
    let algorithm = match input.algorithm {
        None => None,
        Some("rsa-v1_5-sha256") => Some(KeyKind::Rsa),
        Some("ed25519") => Some(KeyKind::Ed25519),
        Some(_) => return Err(Refusal::Algorithm),
    };
    if input.created.is_none() {
        return Err(Refusal::NotCovered("the time of its creation"));
    }
    check_covered(message, &input)?;
    let params = SignatureParams {
        key_id: key_id.to_owned(),
        dialect: Dialect::Rfc9421,
        algorithm,
        created: input.created,
        expires: input.expires,
    };
    Ok(Parsed { params, signature, base: signature_base(message, &input)?, base_without_query: None })
}

/// A digest that is there must match; with a body it must be there.
pub(super) fn check_digest(message: &Message<'_>) -> Result<(), Refusal> {
    message.check_digest("content-digest", content_digest_matches)
}

fn check_covered(message: &Message<'_>, input: &Input<'_>) -> Result<(), Refusal> {
    let covers = |name: &str| input.components.iter().any(|part| part.name == name);
    let target = covers("@target-uri") || (covers("@path") && covers("@query") && covers("@authority"));
    let digest = covers("content-digest") || !message.has_body();
    for (covered, what) in [(covers("@method"), "the method"), (target, "the request target"), (digest, "the digest")] {
        if !covered {
            return Err(Refusal::NotCovered(what));
        }
    }
    Ok(())
}

/// Reads a `Signature-Input` header of exactly one member (section 4.1).
pub(super) fn read_input(header: &str) -> Result<Input<'_>, Refusal> {
    let header = header.trim();
    // Nothing of it may pass for the end of a line in the base.
    if !header.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(UNREADABLE_INPUT);
    }
    let mut rest = header;
    let label = structured::key(&mut rest).ok_or(UNREADABLE_INPUT)?;
    let raw = rest.strip_prefix('=').ok_or(UNREADABLE_INPUT)?;
    rest = raw.strip_prefix('(').ok_or(UNREADABLE_INPUT)?;
    let components = read_components(&mut rest)?;
    let mut input = Input { label, raw, components, created: None, expires: None, key_id: None, algorithm: None };
    while rest.starts_with(';') {
        let (name, value) = structured::parameter(&mut rest).ok_or(UNREADABLE_INPUT)?;
        let doubtful = match (name, value) {
            ("created", Bare::Integer(time)) => input.created.replace(time).is_some(),
            ("expires", Bare::Integer(time)) => input.expires.replace(time).is_some(),
            ("keyid", Bare::Text(text)) => input.key_id.replace(text).is_some(),
            ("alg", Bare::Text(text)) => input.algorithm.replace(text).is_some(),
            ("created" | "expires" | "keyid" | "alg", _) => true,
            _ => false,
        };
        if doubtful {
            return Err(UNREADABLE_INPUT);
        }
    }
    match rest.trim_start().chars().next() {
        None => Ok(input),
        Some(',') => Err(Refusal::SeveralSignatures),
        Some(_) => Err(UNREADABLE_INPUT),
    }
}

/// Reads the components up to and with the closing bracket, none of them twice.
fn read_components<'a>(rest: &mut &'a str) -> Result<Vec<Component<'a>>, Refusal> {
    let mut components: Vec<Component<'a>> = Vec::with_capacity(8);
    loop {
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(')') {
            *rest = after;
            return Ok(components);
        }
        if components.len() == COMPONENTS_MAX {
            return Err(Refusal::TooLarge);
        }
        let component = read_component(rest)?;
        if components.iter().any(|other| other.raw == component.raw) {
            return Err(UNREADABLE_INPUT);
        }
        if !rest.starts_with([' ', ')']) {
            return Err(UNREADABLE_INPUT);
        }
        components.push(component);
    }
}

fn read_component<'a>(rest: &mut &'a str) -> Result<Component<'a>, Refusal> {
    let start = *rest;
    let name = structured::string(rest).ok_or(UNREADABLE_INPUT)?;
    let mut query_name = None;
    while rest.starts_with(';') {
        query_name = match structured::parameter(rest).ok_or(UNREADABLE_INPUT)? {
            ("name", Bare::Text(text)) if name == "@query-param" && query_name.is_none() => Some(text),
            _ => return Err(Refusal::UnsupportedComponent),
        };
    }
    let (raw, _) = start.split_at_checked(start.len().saturating_sub(rest.len())).ok_or(UNREADABLE_INPUT)?;
    Ok(Component { raw, name, query_name })
}

/// Reads a `Signature` header whose one member is a byte sequence with this label.
pub(super) fn read_signature(header: &str, label: &str) -> Result<Vec<u8>, Refusal> {
    let (name, value) = header.trim().split_once('=').ok_or(UNREADABLE)?;
    if name != label {
        return Err(UNREADABLE);
    }
    let value = value.strip_prefix(':').ok_or(UNREADABLE)?;
    let base64 = value.strip_suffix(':').ok_or(UNREADABLE)?;
    if base64.contains(',') {
        return Err(Refusal::SeveralSignatures);
    }
    STANDARD.decode(base64).ok().ok_or(UNREADABLE)
}

/// The text that is signed (section 2.5).
pub(super) fn signature_base(message: &Message<'_>, input: &Input<'_>) -> Result<String, Refusal> {
    let mut base = String::with_capacity(512);
    for component in &input.components {
        base.push_str(component.raw);
        base.push_str(": ");
        push_component(&mut base, message, component)?;
        base.push('\n');
    }
    base.push_str(r#""@signature-params": "#);
    base.push_str(input.raw);
    Ok(base)
}

/// Appends the value of a component of a request (sections 2.1 and 2.2).
fn push_component(base: &mut String, message: &Message<'_>, component: &Component<'_>) -> Result<(), Refusal> {
    let (path, query) = message.path_and_query();
    let authority = || without_default_port(message.scheme, message.authority).to_ascii_lowercase();
    match component.name {
        "@method" => base.push_str(message.method),
        "@target-uri" => {
            base.push_str(message.scheme);
            base.push_str("://");
            base.push_str(&authority());
            base.push_str(message.target);
        }
        "@authority" => base.push_str(&authority()),
        "@scheme" => base.push_str(message.scheme),
        "@request-target" => base.push_str(message.target),
        "@path" => base.push_str(path),
        "@query" => {
            base.push('?');
            base.push_str(query.unwrap_or_default());
        }
        "@query-param" => {
            let name = component.query_name.ok_or(Refusal::UnsupportedComponent)?;
            push_query_param(base, query.unwrap_or_default(), name)?;
        }
        name if name.starts_with('@') => return Err(Refusal::UnsupportedComponent),
        name if name.bytes().any(|byte| byte.is_ascii_uppercase()) => return Err(UNREADABLE_INPUT),
        name => message.push_header(base, name)?,
    }
    Ok(())
}

/// The value of a query parameter, decoded and encoded again (section 2.2.8); it must be there
/// once.
fn push_query_param(base: &mut String, query: &str, name: &str) -> Result<(), Refusal> {
    let mut named = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| encode(key) == name);
    match (named.next(), named.next()) {
        (Some((_, value)), None) => base.push_str(&encode(&value)),
        (None, _) => return Err(Refusal::CoveredHeaderMissing),
        (Some(_), Some(_)) => return Err(Refusal::UnsupportedComponent),
    }
    Ok(())
}

/// Form encoding, but with `%20` for a blank; a plus sign in it can only stand for one.
fn encode(text: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.replace('+', "%20")
}
