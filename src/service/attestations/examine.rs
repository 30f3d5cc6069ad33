//! One round of looking at statements by the institutions of one host. What they point to is asked for once in a round,
//! however many statements name it; an institution that does not answer is left alone until the next round.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{
    check::{Carrier, Documents, Statement, check, has_type, items, time},
    fault::Fault,
    pins,
};
use crate::{
    crypto::jcs,
    error::Result,
    model::Issuer,
    service::Ctx,
    store::{
        self,
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
/// The verdict on a statement whose institution has not answered for too long.
pub(super) const UNREACHABLE: &str = "unreachable";

/// How long an institution's document is kept.
pub(super) const DOCUMENT: TimeDelta = TimeDelta::hours(24);
/// How soon it is asked for again where a key is not in it.
pub(super) const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// How soon and how late an institution that does not answer is asked again.
const SILENT: (TimeDelta, TimeDelta) = (TimeDelta::minutes(1), TimeDelta::hours(1));
/// How long a statement waits for an institution that does not answer.
const PATIENCE: TimeDelta = TimeDelta::days(7);
/// Documents that one statement may make us look for.
const STEPS: usize = 8;
/// Longest round.
pub(super) const ROUND: Duration = Duration::from_secs(20);

/// Why a document that a statement points to is not at hand.
#[derive(Debug, Clone)]
pub(super) enum Lack {
    /// It cannot be had now.
    Later,
    /// There is nothing of use at its address; the verdict where nothing else was found before.
    Nowhere(&'static str),
    /// Something else is there.
    Wrong(Fault),
}

/// A round.
pub(super) struct Round {
    pub(super) ctx: Ctx,
    pub(super) now: DateTime<Utc>,
    pub(super) begun: Instant,
    /// An admin trusts the host.
    pub(super) trusted: bool,
    /// What is at hand for the statement that is looked at, and no more: others decide how large that is.
    pub(super) documents: Documents,
    /// Its institution.
    pub(super) issuer: Option<Issuer>,
    /// When each list was fetched, and when it has to be fetched again.
    pub(super) lists: BTreeMap<String, (DateTime<Utc>, DateTime<Utc>)>,
    /// Institutions whose document was fetched in this round.
    pub(super) fetched: BTreeSet<String>,
    /// Addresses that gave nothing in this round.
    pub(super) barren: BTreeMap<String, Lack>,
    /// Addresses that gave no list for a purpose in this round.
    pub(super) wrong: BTreeMap<(String, String), Fault>,
    /// Institutions that did not answer in this round.
    pub(super) silent: BTreeSet<String>,
    /// Institutions that turned out to have keys that nobody vouched for.
    pub(super) changed: Vec<String>,
}

impl Round {
    pub(super) fn new(ctx: &Ctx, now: DateTime<Utc>, trusted: bool) -> Self {
        Self {
            ctx: ctx.clone(),
            now,
            begun: Instant::now(),
            trusted,
            documents: Documents::new(),
            issuer: None,
            lists: BTreeMap::new(),
            fetched: BTreeSet::new(),
            barren: BTreeMap::new(),
            wrong: BTreeMap::new(),
            silent: BTreeSet::new(),
            changed: Vec::new(),
        }
    }

    /// Whether it has taken so long that the rest is left to the next one.
    pub(super) fn is_over(&self) -> bool {
        self.begun.elapsed() > ROUND
    }

    /// Looks at one statement. Those of one institution come one after the other.
    pub(super) async fn examine(&mut self, due: &Due) -> Result<Settled> {
        let text = due.document.clone();
        let Some(credential) = self.parsed(text).await? else {
            return Ok(self.found(due, Fault::Form("it is not JSON with one reading").word(), None));
        };
        self.make_room(due, &credential);
        let carrier = carrier(due, &credential);
        for _ in 0..STEPS {
            let brought = match self.check(&credential, &carrier).await? {
                Err(Fault::Needs(address)) => self.bring(&due.issuer_uri, &address, &credential).await?,
                // The institution may have a new key that its document did not list when we last asked.
                Err(Fault::UnknownKey) if self.may_ask_again(&due.issuer_uri) => {
                    self.fetch_issuer(&due.issuer_uri).await?
                }
                Ok(_) => return self.holds(due, &credential).await,
                Err(fault) => return Ok(self.fault(due, &credential, &fault)),
            };
            if let Err(lack) = brought {
                return Ok(self.without(due, &credential, &lack));
            }
        }
        Ok(self.without(due, &credential, &Lack::Later))
    }

    /// Forgets what the statement before pointed to and this one does not.
    fn make_room(&mut self, due: &Due, credential: &Value) {
        let named = list_addresses(credential);
        self.documents.retain(|address, _| *address == due.issuer_uri || named.contains(&address.as_str()));
        if self.issuer.as_ref().is_some_and(|issuer| issuer.uri != due.issuer_uri) {
            self.issuer = None;
        }
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

    /// Reads JSON, off the async threads as well; none where it has not one reading.
    pub(super) async fn parsed(&self, text: String) -> Result<Option<Value>> {
        self.ctx.heavy(move || Ok(jcs::parse_strict(text.as_bytes()).ok())).await
    }

    /// It is what its institution signed and has not taken back. Keys of the first time are taken for its own.
    async fn holds(&mut self, due: &Due, credential: &Value) -> Result<Settled> {
        let uri = &due.issuer_uri;
        let document = self.documents.get(uri).unwrap_or(&Value::Null);
        if !has_type(document, "Organization") {
            return Ok(self.found(due, NO_INSTITUTION, Some(self.now + DOCUMENT)));
        }
        if let Some(issuer) = self.issuer.as_mut().filter(|i| i.pinned.is_empty() && i.changed_at.is_none()) {
            let keys = pins::in_force(document, uri, self.now);
            store::issuers::pin_first(&mut *self.ctx.pool.get().await?, uri, keys.clone()).await?;
            issuer.pinned = keys;
        }
        let (confirmed_at, check_at) = self.lists_of(credential).unwrap_or((self.now, self.now + self.usual()));
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
        let lists = || self.lists_of(credential).map_or(self.now + self.usual(), |(_, stale_at)| stale_at);
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

    /// Something that it points to is not at hand. What was found before stays for now; where nothing was, it does not
    /// wait for ever.
    fn without(&self, due: &Due, credential: &Value, lack: &Lack) -> Settled {
        let open = [UNCHECKED, UNREACHABLE].contains(&due.verdict.as_str());
        let since = self.now - due.confirmed_at.unwrap_or(due.created_at);
        let soon = (since / 4).clamp(SILENT.0, SILENT.1);
        let (verdict, wait) = match lack {
            Lack::Wrong(fault) => return self.fault(due, credential, fault),
            Lack::Nowhere(word) if open => (*word, DOCUMENT),
            Lack::Nowhere(_) if due.verdict != HOLDS => (due.verdict.as_str(), DOCUMENT),
            Lack::Later if open && self.now - due.created_at >= PATIENCE => (UNREACHABLE, DOCUMENT),
            Lack::Nowhere(_) | Lack::Later => (due.verdict.as_str(), soon),
        };
        let over = time(credential, "validUntil").is_some_and(|end| end <= self.now);
        self.found(due, verdict, (!over).then_some(self.now + wait))
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
