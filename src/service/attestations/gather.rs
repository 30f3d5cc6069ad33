//! What a round brings: documents of institutions and their lists, from what we keep or anew. Somebody else decides what
//! stands in them and how long they are, so little of them is read, and off the async threads.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::{
    check::{items, time},
    examine::{AGAIN, DOCUMENT, Lack, NO_INSTITUTION, ROUND, Round},
    fault::Fault,
    pins::{self, Pins},
    status,
};
use crate::{
    crypto::{jcs, proof::proof_method},
    error::{Error, Result},
    service::hosts,
    store::{
        self,
        issuers::{FetchedList, IssuerDocument},
    },
    text::{handle, sanitize},
};

/// Longest document of an institution, in bytes.
const ISSUER_BYTES: usize = 64 << 10;
/// Longest list, in bytes.
const LIST_BYTES: usize = 1 << 19;
/// How much of it may be anything else than its bits.
const LIST_REST: usize = 64 << 10;
/// Lists of one institution that are kept.
const LISTS: i64 = 64;
/// Longest name of an institution that is looked at, in characters.
const NAME: usize = 1_000;
/// How soon and how late a list is fetched again, whatever it says, and how late where it says nothing.
const LIST: (TimeDelta, TimeDelta, TimeDelta) = (TimeDelta::minutes(5), TimeDelta::hours(24), TimeDelta::minutes(15));
/// How soon a list of an institution is fetched again that nobody here trusts.
const STRANGERS: TimeDelta = TimeDelta::hours(1);

/// What was looked for, or why it is not there.
type Sought<T> = Result<T, Lack>;

impl Round {
    /// Brings a document that a statement points to.
    pub(super) async fn bring(&mut self, issuer: &str, address: &str, credential: &Value) -> Result<Sought<()>> {
        if address != issuer {
            return self.bring_list(issuer, address, purpose_of(credential, address)).await;
        }
        if self.issuer.is_none() {
            self.issuer = store::issuers::find(&mut *self.ctx.pool.get().await?, issuer).await?;
        }
        let latest = self.now - DOCUMENT;
        let Some(known) = self.issuer.as_mut() else { return Ok(Err(Lack::Later)) };
        // What was read is at hand: the text is not kept beside it.
        let text = known.document.take().filter(|_| known.fetched_at.is_some_and(|at| at > latest));
        if let Some(text) = text
            && let Some(document) = self.parsed(text).await?
        {
            self.documents.insert(issuer.to_owned(), document);
            return Ok(Ok(()));
        }
        self.fetch_issuer(issuer).await
    }

    /// Whether an institution's document may be asked for again before its time.
    pub(super) fn may_ask_again(&self, issuer: &str) -> bool {
        let Some(known) = self.issuer.as_ref().filter(|_| self.documents.contains_key(issuer)) else { return false };
        !self.fetched.contains(issuer) && known.fetched_at.is_none_or(|at| at <= self.now - AGAIN)
    }

    /// Fetches an institution's document and compares its keys with those that we know.
    pub(super) async fn fetch_issuer(&mut self, uri: &str) -> Result<Sought<()>> {
        let bytes = match self.ask(uri, uri, (ISSUER_BYTES, NO_INSTITUTION)).await? {
            Ok(bytes) => bytes,
            Err(lack) => return Ok(Err(lack)),
        };
        let Some(known) = self.issuer.as_mut() else { return Ok(Err(Lack::Later)) };
        let (id, pinned, now) = (uri.to_owned(), known.pinned.clone(), self.now);
        let read = self.ctx.heavy(move || Ok(read_issuer(&bytes, &id, &pinned, now))).await?;
        let Some((document, pins)) = read else {
            let lack = Lack::Nowhere(NO_INSTITUTION);
            self.barren.insert(uri.to_owned(), lack.clone());
            return Ok(Err(lack));
        };
        let changed_at = known.changed_at.or(pins.changed.then_some(now));
        let name = document.get("name").and_then(Value::as_str).unwrap_or_default();
        let new = IssuerDocument {
            name: sanitize::name(&sanitize::plain(name), 120),
            document: document.to_string(),
            fetched_at: now,
            pinned: pins.pinned.clone(),
            changed_at,
        };
        if !store::issuers::put_document(&mut *self.ctx.pool.get().await?, known, new).await? {
            // Somebody has decided about its keys meanwhile.
            self.barren.insert(uri.to_owned(), Lack::Later);
            return Ok(Err(Lack::Later));
        }
        if known.changed_at.is_none() && changed_at.is_some() {
            tracing::warn!(issuer = %uri, "an institution has keys that nobody vouched for: an admin has to look");
            self.changed.push(uri.to_owned());
        }
        (known.fetched_at, known.pinned, known.changed_at) = (Some(now), pins.pinned, changed_at);
        self.fetched.insert(uri.to_owned());
        self.documents.insert(uri.to_owned(), document);
        Ok(Ok(()))
    }

    /// Brings a status list, from what we keep of it or anew.
    async fn bring_list(&mut self, issuer: &str, address: &str, wanted: &str) -> Result<Sought<()>> {
        let kept = store::issuers::find_list(&mut *self.ctx.pool.get().await?, address).await?;
        if let Some(list) = kept.filter(|list| list.stale_at > self.now && list.issuer_uri == issuer)
            && let Some(document) = self.parsed(list.document).await?
        {
            self.lists.insert(address.to_owned(), (list.fetched_at, list.stale_at));
            self.documents.insert(address.to_owned(), document);
            return Ok(Ok(()));
        }
        let place = (address.to_owned(), wanted.to_owned());
        if let Some(fault) = self.wrong.get(&place) {
            return Ok(Err(Lack::Wrong(fault.clone())));
        }
        let bytes = match self.ask(issuer, address, (LIST_BYTES, nothing_there().word())).await? {
            Ok(bytes) => bytes,
            Err(lack) => return Ok(Err(lack)),
        };
        let (by, (at, purpose)) = (issuer.to_owned(), place.clone());
        let read = self.ctx.heavy(move || Ok(read_list(&bytes, &at, &by, &purpose))).await?;
        let (document, text) = match read {
            Ok(list) => list,
            Err(fault) => {
                self.wrong.insert(place, fault.clone());
                return Ok(Err(Lack::Wrong(fault)));
            }
        };
        let known = self.documents.get(issuer).is_some_and(|listed| lists_key(listed, proof_method(&document)));
        // A list that is signed with a key that we have not seen listed: the institution has exchanged its keys.
        if !known && !self.fetched.contains(issuer) {
            let may_ask = self.may_ask_again(issuer);
            let outcome = if may_ask { self.fetch_issuer(issuer).await? } else { Err(Lack::Later) };
            if let Err(lack) = outcome {
                self.barren.insert(address.to_owned(), lack.clone());
                return Ok(Err(lack));
            }
        }
        let stale_at = stale_at(&document, self.now, self.trusted);
        let list = FetchedList {
            uri: address.to_owned(),
            issuer_uri: issuer.to_owned(),
            document: text,
            fetched_at: self.now,
            stale_at,
        };
        store::issuers::put_list(&mut *self.ctx.pool.get().await?, &list, LISTS).await?;
        self.lists.insert(address.to_owned(), (self.now, stale_at));
        self.documents.insert(address.to_owned(), document);
        Ok(Ok(()))
    }

    /// How late a list is fetched again of which nothing is known.
    pub(super) fn usual(&self) -> TimeDelta {
        if self.trusted { LIST.2 } else { STRANGERS }
    }

    /// Asks for a document of an institution; `verdict` is what its lack comes to where it is for good.
    async fn ask(
        &mut self,
        issuer: &str,
        address: &str,
        (most, verdict): (usize, &'static str),
    ) -> Result<Sought<Bytes>> {
        if let Some(lack) = self.barren.get(address) {
            return Ok(Err(lack.clone()));
        }
        let left = ROUND.saturating_sub(self.begun.elapsed());
        if left.is_zero() || self.silent.contains(issuer) {
            return Ok(Err(Lack::Later));
        }
        let url = Url::parse(address).ok().and_then(|url| handle::host_of(&url).map(|host| (url, host)));
        let Some((url, host)) = url else { return Ok(Err(Lack::Nowhere(verdict))) };
        if !hosts::may_speak(&self.ctx, &host).await? {
            return Ok(Err(Lack::Later));
        }
        let lack = match tokio::time::timeout(left, self.ctx.remote()?.document(&url, most)).await {
            Ok(Ok(bytes)) => return Ok(Ok(bytes)),
            Ok(Err(error @ (Error::Unavailable | Error::Internal(_)))) => return Err(error),
            Ok(Err(error)) if !error.is_passing() => {
                tracing::debug!(%error, address, "a document of an institution is not there");
                Lack::Nowhere(verdict)
            }
            Ok(Err(_)) | Err(_) => {
                tracing::debug!(address, "an institution does not answer");
                self.silent.insert(issuer.to_owned());
                Lack::Later
            }
        };
        self.barren.insert(address.to_owned(), lack.clone());
        Ok(Err(lack))
    }
}

/// What a missing list comes to.
fn nothing_there() -> Fault {
    Fault::List("there is none at its address")
}

/// For which purpose a statement names a list.
fn purpose_of<'a>(credential: &'a Value, address: &str) -> &'a str {
    let entries = credential.get("credentialStatus").map(items).unwrap_or_default();
    let mut named = entries.iter().filter(|one| one.get("statusListCredential").is_some_and(|list| list == address));
    named.find_map(|one| one.get("statusPurpose")?.as_str()).unwrap_or_default()
}

/// Reads an institution's document: what we need of it, and what its keys mean for those that we know. None where it is
/// not the one that was asked for.
fn read_issuer(bytes: &[u8], uri: &str, pinned: &[String], now: DateTime<Utc>) -> Option<(Value, Pins)> {
    let document = jcs::parse_strict(bytes).ok().filter(|document| document.get("id").is_some_and(|id| id == uri))?;
    let pins = pins::judge(&document, uri, pinned, now);
    Some((essence(document), pins))
}

/// As much of an institution's document as we need once its keys are judged.
fn essence(document: Value) -> Value {
    let Value::Object(mut members) = document else { return Value::Null };
    members.retain(|name, value| match name.as_str() {
        "id" | "name" => value.is_string(),
        "type" | "assertionMethod" => true,
        _ => false,
    });
    if let Some(Value::String(name)) = members.get_mut("name") {
        *name = name.chars().take(NAME).collect();
    }
    if let Some(kinds) = members.get_mut("type") {
        let organization = items(kinds).iter().any(|kind| kind == "Organization");
        *kinds = if organization { "Organization".into() } else { Value::Null };
    }
    if let Some(keys) = members.get_mut("assertionMethod") {
        *keys = items(keys).iter().take(pins::MOST).filter_map(key_essence).collect();
    }
    Value::Object(members)
}

/// As much of a key as we need. What should be words and is not stays as nothing: it may be an end that cannot be read.
fn key_essence(key: &Value) -> Option<Value> {
    let needed = ["id", "type", "controller", "publicKeyMultibase", "revoked", "expires"];
    let members = key.as_object()?.iter().filter(|(name, _)| needed.contains(&name.as_str()));
    let words = |value: &Value| if value.is_string() { value.clone() } else { Value::Null };
    Some(Value::Object(members.map(|(name, value)| (name.clone(), words(value))).collect()))
}

/// Reads a list, with its text: that it is what a statement wants is seen before anything of it is kept.
fn read_list(bytes: &[u8], address: &str, by: &str, wanted: &str) -> Result<(Value, String), Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| nothing_there())?;
    let document = jcs::parse_strict(bytes).map_err(|_| nothing_there())?;
    status::fits(&document, address, by, wanted)?;
    let bits = document.pointer("/credentialSubject/encodedList").and_then(Value::as_str).unwrap_or_default();
    if text.len().saturating_sub(bits.len()) > LIST_REST {
        return Err(Fault::List("it holds too much beside its bits"));
    }
    Ok((document, text.to_owned()))
}

/// Whether an institution's document lists a key of this id.
fn lists_key(document: &Value, method: Option<&str>) -> bool {
    let keys = document.get("assertionMethod").map(items).unwrap_or_default();
    method.is_some() && keys.iter().any(|key| key.get("id").and_then(Value::as_str) == method)
}

/// When a list has to be fetched again: by its own word, within bounds, and before it ends. A stranger's word counts for
/// less.
fn stale_at(list: &Value, now: DateTime<Utc>, trusted: bool) -> DateTime<Utc> {
    let (soonest, latest, usual) = LIST;
    let said = list.pointer("/credentialSubject/ttl").and_then(Value::as_i64).and_then(TimeDelta::try_milliseconds);
    let stale = now + said.unwrap_or(usual).clamp(soonest, latest);
    let ends = time(list, "validUntil").unwrap_or(stale);
    stale.min(ends).max(now + if trusted { AGAIN } else { STRANGERS })
}

#[cfg(test)]
mod tests {
    use super::{super::check::has_type, *};
    use serde_json::json;

    #[test]
    fn a_list_is_kept_as_long_as_it_says_within_bounds() {
        let now: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().unwrap();
        let minutes = |ttl: Value, until: &str, trusted: bool| {
            let list = json!({ "validUntil": until, "credentialSubject": { "ttl": ttl } });
            (stale_at(&list, now, trusted) - now).num_minutes()
        };
        let late = "2027-06-01T00:00:00Z";
        assert_eq!(minutes(json!(900_000), late, true), 15);
        assert_eq!(minutes(json!(1_000), late, true), 5);
        assert_eq!(minutes(json!(i64::MAX), late, true), 24 * 60);
        assert_eq!(minutes(Value::Null, late, true), 15);
        assert_eq!(minutes(json!(900_000), "2026-06-01T00:07:00Z", true), 7);
        assert_eq!(minutes(json!(900_000), "2026-05-01T00:00:00Z", true), 1);
        for (ttl, until) in [(json!(1_000), late), (Value::Null, late), (json!(900_000), "2026-05-01T00:00:00Z")] {
            assert_eq!(minutes(ttl, until, false), 60, "a stranger does not say how often we ask");
        }
        assert_eq!(minutes(json!(7_200_000), late, false), 120);
    }

    #[test]
    fn only_what_is_needed_of_a_document_is_kept() {
        let key = json!({ "id": "k", "type": "Multikey", "revoked": 7, "x": "y" });
        let document = json!({
            "id": "x", "type": ["Thing", "Organization"], "name": "N".repeat(2_000), "summary": "long",
            "keyEndorsements": ["long"], "assertionMethod": vec![key; 100],
        });
        let kept = essence(document);
        assert_eq!(kept["name"].as_str().unwrap().len(), NAME);
        assert_eq!(kept["assertionMethod"].as_array().unwrap().len(), pins::MOST);
        assert_eq!(kept["assertionMethod"][0], json!({ "id": "k", "type": "Multikey", "revoked": null }));
        assert!(has_type(&kept, "Organization") && kept.as_object().unwrap().len() == 4);
        assert!(lists_key(&kept, Some("k")) && !lists_key(&kept, Some("l")) && !lists_key(&kept, None));
        assert_eq!(essence(json!({ "name": ["N"], "type": "Person" })), json!({ "type": null }));
        assert_eq!(essence(json!([])), Value::Null);
    }

    #[test]
    fn a_list_that_is_none_or_says_too_much_is_refused() {
        let list = |rest: usize, purpose: &str| {
            let bits = "u".repeat(100_000);
            let list = json!({
                "id": "l", "type": "BitstringStatusListCredential", "issuer": "i", "x": "x".repeat(rest),
                "credentialSubject": { "statusPurpose": purpose, "encodedList": bits },
            });
            list.to_string().into_bytes()
        };
        assert!(read_list(&list(0, "revocation"), "l", "i", "revocation").is_ok());
        for (bytes, address, issuer) in [
            (list(LIST_REST, "revocation"), "l", "i"),
            (list(0, "suspension"), "l", "i"),
            (list(0, "revocation"), "m", "i"),
            (list(0, "revocation"), "l", "j"),
            (b"{}".to_vec(), "l", "i"),
            (vec![0xff], "l", "i"),
        ] {
            assert_eq!(read_list(&bytes, address, issuer, "revocation").unwrap_err().word(), "list");
        }
    }
}
