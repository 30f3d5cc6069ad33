//! One round of looking at statements by the institutions of one host. What they point to is asked for once in a round,
//! however many statements name it; an institution that does not answer is left alone until the next round.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use url::Url;

use super::{
    check::{Carrier, Documents, Statement, check, has_type, items, time},
    fault::Fault,
    pins,
};
use crate::{
    crypto::{jcs, proof::proof_method},
    error::{Error, Result},
    model::Issuer,
    service::Ctx,
    store::{
        self,
        issuers::{FetchedList, IssuerDocument},
        peers::{Due, Settled},
    },
    text::sanitize,
};

/// The verdict on what was not checked yet.
pub(super) const UNCHECKED: &str = "unchecked";
/// The verdict on what holds.
pub(super) const HOLDS: &str = "holds";
/// The verdict on a statement by somebody who is no institution.
pub(super) const NO_INSTITUTION: &str = "no_institution";

/// How long an institution's document is kept.
const DOCUMENT: TimeDelta = TimeDelta::hours(24);
/// How soon it is asked for again where a key is not in it.
const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// How soon and how late a list is fetched again, whatever it says, and how late where it says nothing.
const LIST: (TimeDelta, TimeDelta, TimeDelta) = (TimeDelta::minutes(5), TimeDelta::hours(24), TimeDelta::minutes(15));
/// How soon and how late an institution that does not answer is asked again.
const SILENT: (TimeDelta, TimeDelta) = (TimeDelta::minutes(1), TimeDelta::hours(1));
/// Largest list that is kept, in bytes.
const LIST_BYTES: usize = 1 << 19;
/// Documents that one statement may make us look for.
const STEPS: usize = 8;
/// Longest round.
const ROUND: Duration = Duration::from_secs(60);

/// A round.
pub(super) struct Round {
    ctx: Ctx,
    now: DateTime<Utc>,
    begun: Instant,
    documents: Documents,
    issuers: BTreeMap<String, Issuer>,
    /// When each list at hand was fetched, and when it has to be fetched again.
    lists: BTreeMap<String, (DateTime<Utc>, DateTime<Utc>)>,
    /// Institutions whose document was fetched in this round.
    fetched: BTreeSet<String>,
    /// Addresses that gave nothing in this round.
    barren: BTreeSet<String>,
    /// Institutions that did not answer in this round.
    silent: BTreeSet<String>,
    /// Institutions that turned out to have keys that nobody vouched for.
    pub(super) changed: Vec<String>,
}

impl Round {
    pub(super) fn new(ctx: &Ctx, now: DateTime<Utc>) -> Self {
        Self {
            ctx: ctx.clone(),
            now,
            begun: Instant::now(),
            documents: Documents::new(),
            issuers: BTreeMap::new(),
            lists: BTreeMap::new(),
            fetched: BTreeSet::new(),
            barren: BTreeSet::new(),
            silent: BTreeSet::new(),
            changed: Vec::new(),
        }
    }

    /// Whether it has taken so long that the rest is left to the next one.
    pub(super) fn is_over(&self) -> bool {
        self.begun.elapsed() > ROUND
    }

    /// Looks at one statement.
    pub(super) async fn examine(&mut self, due: &Due) -> Result<Settled> {
        let Ok(credential) = jcs::parse_strict(due.document.as_bytes()) else {
            return Ok(self.found(due, Fault::Form("it is not JSON with one reading").word(), None));
        };
        let carrier = carrier(due, &credential);
        for _ in 0..STEPS {
            match self.check(&credential, &carrier).await? {
                Err(Fault::Needs(address)) => {
                    if !self.bring(&due.issuer_uri, &address).await? {
                        return Ok(self.unreachable(due));
                    }
                }
                // The institution may have a new key that its document did not list when we last asked.
                Err(Fault::UnknownKey) if self.may_ask_again(&due.issuer_uri) => {
                    if !self.fetch_issuer(&due.issuer_uri).await? {
                        return Ok(self.unreachable(due));
                    }
                }
                Ok(_) => return self.holds(due, &credential).await,
                Err(fault) => return Ok(self.fault(due, &credential, &fault)),
            }
        }
        Ok(self.unreachable(due))
    }

    /// The pure part, which may unpack a long list: off the async threads.
    async fn check(&mut self, credential: &Value, carrier: &Carrier) -> Result<Result<Statement, Fault>> {
        let (credential, carrier, now) = (credential.clone(), carrier.clone(), self.now);
        let documents = std::mem::take(&mut self.documents);
        let (documents, outcome) = self
            .ctx
            .heavy(move || {
                let outcome = check(&credential, &documents, Some(&carrier), now);
                Ok((documents, outcome))
            })
            .await?;
        self.documents = documents;
        Ok(outcome)
    }

    /// Brings a document that a statement points to; false where it cannot be had now.
    async fn bring(&mut self, issuer: &str, address: &str) -> Result<bool> {
        if address != issuer {
            return self.bring_list(issuer, address).await;
        }
        if !self.issuers.contains_key(issuer) {
            let found = store::issuers::find(&mut *self.ctx.pool.get().await?, issuer).await?;
            let Some(found) = found else { return Ok(false) };
            self.issuers.insert(issuer.to_owned(), found);
        }
        let fresh = self.issuers.get(issuer).filter(|i| i.fetched_at.is_some_and(|at| at > self.now - DOCUMENT));
        let kept = fresh.and_then(|issuer| jcs::parse_strict(issuer.document.as_ref()?.as_bytes()).ok());
        match kept {
            Some(document) => {
                self.documents.insert(issuer.to_owned(), document);
                Ok(true)
            }
            None => self.fetch_issuer(issuer).await,
        }
    }

    /// Whether an institution's document may be asked for again before its time.
    fn may_ask_again(&self, issuer: &str) -> bool {
        let Some(known) = self.issuers.get(issuer).filter(|_| self.documents.contains_key(issuer)) else {
            return false;
        };
        !self.fetched.contains(issuer) && known.fetched_at.is_none_or(|at| at <= self.now - AGAIN)
    }

    /// Fetches an institution's document and compares its keys with those that we know.
    async fn fetch_issuer(&mut self, uri: &str) -> Result<bool> {
        let Some(document) = self.fetch(uri, uri).await? else { return Ok(false) };
        let document = essence(document);
        let Some(known) = self.issuers.get(uri).filter(|_| document.get("id").is_some_and(|id| id == uri)) else {
            self.barren.insert(uri.to_owned());
            return Ok(false);
        };
        let pins = pins::judge(&document, uri, &known.pinned, self.now);
        let changed_at = known.changed_at.or(pins.changed.then_some(self.now));
        let name = document.get("name").and_then(Value::as_str).unwrap_or_default();
        let new = IssuerDocument {
            name: sanitize::name(&sanitize::plain(&name.chars().take(1_000).collect::<String>()), 120),
            document: document.to_string(),
            fetched_at: self.now,
            pinned: pins.pinned.clone(),
            changed_at,
        };
        if !store::issuers::put_document(&mut *self.ctx.pool.get().await?, known, new).await? {
            self.barren.insert(uri.to_owned());
            return Ok(false);
        }
        if known.changed_at.is_none() && changed_at.is_some() {
            tracing::warn!(issuer = %uri, "an institution has keys that nobody vouched for: an admin has to look");
            self.changed.push(uri.to_owned());
        }
        if let Some(known) = self.issuers.get_mut(uri) {
            known.fetched_at = Some(self.now);
            known.pinned = pins.pinned;
            known.changed_at = changed_at;
        }
        self.fetched.insert(uri.to_owned());
        self.documents.insert(uri.to_owned(), document);
        Ok(true)
    }

    /// Brings a status list, from what we keep of it or anew.
    async fn bring_list(&mut self, issuer: &str, address: &str) -> Result<bool> {
        let kept = store::issuers::find_list(&mut *self.ctx.pool.get().await?, address).await?;
        let fresh = kept.filter(|list| list.stale_at > self.now && list.issuer_uri == issuer);
        if let Some(list) = fresh
            && let Ok(document) = jcs::parse_strict(list.document.as_bytes())
        {
            self.lists.insert(address.to_owned(), (list.fetched_at, list.stale_at));
            self.documents.insert(address.to_owned(), document);
            return Ok(true);
        }
        let Some(document) = self.fetch(issuer, address).await? else { return Ok(false) };
        let known = self.documents.get(issuer).is_some_and(|listed| lists_key(listed, proof_method(&document)));
        let mut newest = known || self.fetched.contains(issuer);
        // A list that is signed with a key that we have not seen listed: the institution has exchanged its keys.
        if !newest && self.may_ask_again(issuer) {
            newest = self.fetch_issuer(issuer).await?;
        }
        if !newest {
            return Ok(false);
        }
        let stale_at = stale_at(&document, self.now);
        let text = document.to_string();
        if has_type(&document, "BitstringStatusListCredential") && text.len() <= LIST_BYTES {
            let list = FetchedList {
                uri: address.to_owned(),
                issuer_uri: issuer.to_owned(),
                document: text,
                fetched_at: self.now,
                stale_at,
            };
            store::issuers::put_list(&mut *self.ctx.pool.get().await?, &list).await?;
        }
        self.lists.insert(address.to_owned(), (self.now, stale_at));
        self.documents.insert(address.to_owned(), document);
        Ok(true)
    }

    /// Asks for a document of an institution; none where it cannot be had now.
    async fn fetch(&mut self, issuer: &str, address: &str) -> Result<Option<Value>> {
        if self.silent.contains(issuer) || self.barren.contains(address) {
            return Ok(None);
        }
        let fetched = match Url::parse(address) {
            Ok(url) => self.ctx.remote()?.document(&url).await,
            Err(_) => Err(Error::NotFound),
        };
        match fetched {
            Ok(document) => Ok(Some(document)),
            Err(error @ (Error::Unavailable | Error::Internal(_))) => Err(error),
            Err(error) => {
                tracing::debug!(%error, address, "a document of an institution cannot be had");
                if error.is_passing() {
                    self.silent.insert(issuer.to_owned());
                }
                self.barren.insert(address.to_owned());
                Ok(None)
            }
        }
    }

    /// It is what its institution signed and has not taken back. Keys of the first time are taken for its own.
    async fn holds(&mut self, due: &Due, credential: &Value) -> Result<Settled> {
        let uri = &due.issuer_uri;
        let document = self.documents.get(uri).unwrap_or(&Value::Null);
        if !has_type(document, "Organization") {
            return Ok(self.found(due, NO_INSTITUTION, Some(self.now + DOCUMENT)));
        }
        let first = self.issuers.get(uri).is_some_and(|i| i.pinned.is_empty() && i.changed_at.is_none());
        if first {
            let keys = pins::in_force(document, uri, self.now);
            store::issuers::pin_first(&mut *self.ctx.pool.get().await?, uri, keys.clone()).await?;
            if let Some(issuer) = self.issuers.get_mut(uri) {
                issuer.pinned = keys;
            }
        }
        let (confirmed_at, check_at) = self.lists_of(credential).unwrap_or((self.now, self.now + LIST.2));
        let mut settled = self.found(due, HOLDS, Some(check_at));
        settled.confirmed_at = Some(confirmed_at);
        Ok(settled)
    }

    /// When the lists that a statement names were fetched, and when the first of them has to be fetched again.
    fn lists_of(&self, credential: &Value) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let named = list_addresses(credential);
        let at_hand: Vec<_> = named.iter().filter_map(|address| self.lists.get(*address)).collect();
        let fetched_at = at_hand.iter().map(|(fetched_at, _)| *fetched_at).min()?;
        let stale_at = at_hand.iter().map(|(_, stale_at)| *stale_at).min()?;
        Some((fetched_at, stale_at.max(self.now + TimeDelta::seconds(1))))
    }

    /// It does not hold; when to look again depends on who could mend it.
    fn fault(&self, due: &Due, credential: &Value, fault: &Fault) -> Settled {
        let lists = || self.lists_of(credential).map_or(self.now + LIST.2, |(_, stale_at)| stale_at);
        let check_at = match fault {
            Fault::Suspended | Fault::List(_) | Fault::Bits(_) => Some(lists()),
            Fault::NotYet => Some(due.valid_from.max(self.now + AGAIN)),
            // Asked for a moment ago, for another statement: this one waits its turn.
            Fault::UnknownKey if !self.fetched.contains(&due.issuer_uri) => Some(self.now + AGAIN),
            Fault::UnknownKey | Fault::EndedKey | Fault::Proof(_) | Fault::Needs(_) => Some(self.now + DOCUMENT),
            Fault::Form(_) | Fault::OtherSubject | Fault::OtherName(_) | Fault::Expired | Fault::Revoked => None,
        };
        self.found(due, fault.word(), check_at)
    }

    /// The institution does not answer, or not usably: what was found last stays for now.
    fn unreachable(&self, due: &Due) -> Settled {
        let since = self.now - due.confirmed_at.unwrap_or(due.created_at);
        let wait = (since / 4).clamp(SILENT.0, SILENT.1);
        self.found(due, &due.verdict, Some(self.now + wait))
    }

    fn found(&self, due: &Due, verdict: &str, check_at: Option<DateTime<Utc>>) -> Settled {
        Settled { id: due.id, mark: due.mark.clone(), verdict: verdict.to_owned(), confirmed_at: None, check_at }
    }
}

/// The account that carries a statement. Names are kept cleaned, so the one that was stated is cleaned as well before
/// the two are compared.
fn carrier(due: &Due, credential: &Value) -> Carrier {
    let said = credential.pointer("/credentialSubject/name").and_then(Value::as_str).unwrap_or_default();
    let name = if kept_name(said) == due.name { said.to_owned() } else { due.name.clone() };
    let handle = due.host.as_ref().map(|host| format!("{}@{host}", due.username));
    Carrier { id: due.actor.clone(), name, handle }
}

/// A name as names of other servers' people are kept.
pub(super) fn kept_name(said: &str) -> String {
    sanitize::name(&sanitize::plain(said), 200)
}

/// Addresses of the status lists that a statement names.
pub(super) fn list_addresses(credential: &Value) -> Vec<&str> {
    let entries = credential.get("credentialStatus").map(items).unwrap_or_default();
    entries.iter().filter_map(|entry| entry.get("statusListCredential")?.as_str()).take(4).collect()
}

/// As much of an institution's document as we need.
fn essence(document: Value) -> Value {
    let Value::Object(members) = document else { return Value::Null };
    let needed = ["id", "type", "name", "assertionMethod", "keyEndorsements"];
    Value::Object(members.into_iter().filter(|(name, _)| needed.contains(&name.as_str())).collect::<Map<_, _>>())
}

/// Whether an institution's document lists a key of this id.
fn lists_key(document: &Value, method: Option<&str>) -> bool {
    let keys = document.get("assertionMethod").map(items).unwrap_or_default();
    method.is_some() && keys.iter().any(|key| key.get("id").and_then(Value::as_str) == method)
}

/// When a list has to be fetched again: by its own word, within bounds, and before it ends.
fn stale_at(list: &Value, now: DateTime<Utc>) -> DateTime<Utc> {
    let (soonest, latest, usual) = LIST;
    let said = list.pointer("/credentialSubject/ttl").and_then(Value::as_i64).and_then(TimeDelta::try_milliseconds);
    let stale = now + said.unwrap_or(usual).clamp(soonest, latest);
    let ends = time(list, "validUntil").unwrap_or(stale);
    stale.min(ends).max(now + AGAIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_is_kept_as_long_as_it_says_within_bounds() {
        let now: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().unwrap();
        let minutes = |ttl: Value, until: &str| {
            let list = json!({ "validUntil": until, "credentialSubject": { "ttl": ttl } });
            (stale_at(&list, now) - now).num_minutes()
        };
        let late = "2027-06-01T00:00:00Z";
        assert_eq!(minutes(json!(900_000), late), 15);
        assert_eq!(minutes(json!(1_000), late), 5);
        assert_eq!(minutes(json!(i64::MAX), late), 24 * 60);
        assert_eq!(minutes(Value::Null, late), 15);
        assert_eq!(minutes(json!(900_000), "2026-06-01T00:07:00Z"), 7);
        assert_eq!(minutes(json!(900_000), "2026-05-01T00:00:00Z"), 1);
    }

    #[test]
    fn only_what_is_needed_of_a_document_is_kept() {
        let document =
            json!({ "id": "x", "type": "Organization", "summary": "long", "assertionMethod": [{ "id": "k" }] });
        let kept = essence(document);
        assert_eq!(kept, json!({ "id": "x", "type": "Organization", "assertionMethod": [{ "id": "k" }] }));
        assert!(lists_key(&kept, Some("k")) && !lists_key(&kept, Some("l")) && !lists_key(&kept, None));
        assert_eq!(essence(json!([])), Value::Null);
    }
}
