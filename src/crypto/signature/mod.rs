//! HTTP signatures of both dialects, and the one gate that a signed request has to pass, live here.
//! Fetching the key, comparing it with the actor and remembering replays never do: that is the
//! caller's part.

pub mod cavage;
mod message;
pub mod rfc9421;
mod structured;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use message::{Destination, http_date, read_date, without_default_port};

use super::digest::sha256;
use super::{KeyKind, VerifyingKey};

pub use message::Message;

/// Longest `Signature` or `Signature-Input` header that is read, in bytes.
const HEADER_MAX: usize = 8 * 1024;
/// Most components that one signature may cover.
const COMPONENTS_MAX: usize = 64;
/// Headers that two readers could read in two ways if they came twice.
const ONCE: [&str; 4] = ["date", "digest", "content-digest", "content-type"];

/// How far the time in a request may be from ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Seconds behind.
    pub past_seconds: u32,
    /// Seconds ahead.
    pub future_seconds: u32,
}

impl Default for Window {
    /// One hour behind, ten minutes ahead.
    fn default() -> Self {
        Self { past_seconds: 3600, future_seconds: 600 }
    }
}

/// The two ways of signing a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// draft-cavage-http-signatures-12, as the fediverse practises it.
    Cavage,
    /// RFC 9421, HTTP Message Signatures.
    Rfc9421,
}

/// What a signature says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureParams {
    /// The `keyId` or `keyid` as sent: an address that nobody has vouched for yet.
    pub key_id: String,
    /// Which dialect it is written in.
    pub dialect: Dialect,
    /// The kind of key that it names; `None` leaves that to the key.
    pub algorithm: Option<KeyKind>,
    /// When it was made, in seconds since 1970, if it says so itself.
    pub created: Option<i64>,
    /// When it ends, in seconds since 1970, if it says so.
    pub expires: Option<i64>,
}

/// Why a request is not taken as signed. The words are fit for an answer and a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no `Signature` header.
    #[error("the request is not signed")]
    Unsigned,
    /// A header that must be there is not.
    #[error("the header {0} is missing")]
    Missing(&'static str),
    /// A header that must be there once is there more often.
    #[error("the header {0} is there more than once")]
    Repeated(&'static str),
    /// A signature header is longer, or covers more, than is read here.
    #[error("the signature is too large")]
    TooLarge,
    /// A signature header, or the request line, cannot be read.
    #[error("{0} cannot be read")]
    Malformed(&'static str),
    /// RFC 9421 with more than one signature.
    #[error("there is more than one signature")]
    SeveralSignatures,
    /// The signature leaves something open that it has to cover.
    #[error("the signature does not cover {0}")]
    NotCovered(&'static str),
    /// The signature covers a header that the request does not have.
    #[error("the signature covers a header that is not there")]
    CoveredHeaderMissing,
    /// The signature covers a component outside of our profile.
    #[error("the signature covers a component that is not supported")]
    UnsupportedComponent,
    /// The algorithm is none of those that we accept.
    #[error("the algorithm of the signature is not accepted")]
    Algorithm,
    /// The request was made for another host.
    #[error("the host is not this server")]
    WrongHost,
    /// The digest does not tell the body that came.
    #[error("the digest does not match the body")]
    WrongDigest,
    /// A date that cannot be read.
    #[error("the date cannot be read")]
    UnreadableDate,
    /// The time of the request is too far behind.
    #[error("the request is too old")]
    TooOld,
    /// The time of the request is too far ahead.
    #[error("the date of the request is in the future")]
    InTheFuture,
    /// The signature has ended.
    #[error("the signature has expired")]
    Expired,
}

/// A signature that passed every check that needs no key.
#[derive(Debug, Clone)]
pub struct Parsed {
    params: SignatureParams,
    signature: Vec<u8>,
    base: String,
    /// The same text as senders write it that leave the query out; cavage only.
    base_without_query: Option<String>,
}

impl Parsed {
    /// The key that the sender claims to have signed with.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.params.key_id
    }

    /// Everything that the signature says of itself.
    #[must_use]
    pub fn params(&self) -> &SignatureParams {
        &self.params
    }

    /// Whether the signature is of this key and over this request.
    ///
    /// In cavage, where many senders sign the path alone, the path without its query counts too.
    #[must_use]
    pub fn verify(&self, key: &VerifyingKey) -> bool {
        let fits = self.params.algorithm.is_none_or(|kind| kind == key.kind());
        let over = |base: &String| key.verify(base.as_bytes(), &self.signature);
        fits && (over(&self.base) || self.base_without_query.as_ref().is_some_and(over))
    }

    /// An id of the signature for detecting replays: SHA-256 of its bytes.
    ///
    /// Both algorithms are deterministic: the same request signed twice within a second has the
    /// same id.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        sha256(&self.signature)
    }
}

/// Reads the signature of a request and checks all that can be checked without a key: one each of
/// the headers that matter, our host, what the signature covers, the time, and the digest of the
/// body. `Signature-Input` selects RFC 9421; if that fails, cavage is tried where the `Signature`
/// header is written in it.
///
/// # Errors
/// The first [`Refusal`] found.
pub fn parse(message: &Message<'_>, now: DateTime<Utc>, window: Window) -> Result<Parsed, Refusal> {
    let signature = message.only("signature")?.ok_or(Refusal::Unsigned)?;
    let input = message.only("signature-input")?;
    if signature.len().max(input.map_or(0, str::len)) > HEADER_MAX {
        return Err(Refusal::TooLarge);
    }
    message.check_request_line()?;
    message.check_host()?;
    for name in ONCE {
        message.only(name)?;
    }
    let parsed = match input.map(|input| rfc9421::parse(message, input, signature)) {
        Some(Ok(parsed)) => parsed,
        Some(Err(refusal)) if !cavage::is_cavage(signature) => return Err(refusal),
        _ => cavage::parse(message, signature)?,
    };
    check_time(message, &parsed.params, now.timestamp(), window)?;
    // Last, because it alone costs in proportion to the body.
    match parsed.params.dialect {
        Dialect::Cavage => cavage::check_digest(message)?,
        Dialect::Rfc9421 => rfc9421::check_digest(message)?,
    }
    Ok(parsed)
}

/// Every time that the request tells counts: its `Date`, covered or not, `created` and `expires`.
fn check_time(message: &Message<'_>, params: &SignatureParams, now: i64, window: Window) -> Result<(), Refusal> {
    let date = match message.only("date")? {
        Some(text) => Some(read_date(text).ok_or(Refusal::UnreadableDate)?),
        None => None,
    };
    for time in [date, params.created].into_iter().flatten() {
        if time < now.saturating_sub(window.past_seconds.into()) {
            return Err(Refusal::TooOld);
        }
        if time > now.saturating_add(window.future_seconds.into()) {
            return Err(Refusal::InTheFuture);
        }
    }
    match params.expires {
        Some(end) if end <= now => Err(Refusal::Expired),
        _ => Ok(()),
    }
}

/// A key id is written between quotes, in both dialects without escapes.
fn check_key_id(key_id: &str) -> Result<(), Refusal> {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if !key_id.is_empty() && key_id.bytes().all(plain) { Ok(()) } else { Err(Refusal::Malformed("the key id")) }
}
