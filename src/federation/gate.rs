//! The gate (R1 to R3): who signed this request? Everything cheap is checked before any fetch.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use activitypub_federation::fetch::object_id::ObjectId;
use actix_web::{HttpRequest, http::header};
use moka::sync::Cache;
use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};
use url::Url;

use super::{FedData, objects::RemoteActor, signed_fetch::within, wire::actor_token};
use crate::{
    crypto::{
        VerifyingKey,
        signature::{self, Message, Parsed, Window},
    },
    error::{Error, Result},
    model::{Account, AccountKey, AccountKind, Host, KeyKind},
    policy::Viewer,
    service::{hosts, remote},
    text::handle,
};

/// Signatures of one host that may fail in a minute before its keys are asked for no more.
const MISSES: u32 = 10;
/// Requests that are in the line for one owner's key, with the one that asks.
const IN_LINE: usize = 100;
/// How long one of them waits for its turn.
const PATIENCE: Duration = Duration::from_secs(15);

/// Parsed keys of other servers, for a day.
#[derive(Debug, Clone)]
pub(crate) struct KeyCache {
    keys: Cache<String, Arc<Known>>,
    /// Owners whose keys are asked for now.
    lines: Cache<String, Arc<Line>>,
    /// Owners whose key did not fit, each asked again at most once in five minutes (R2).
    refetched: Cache<String, ()>,
    /// Owners whom nobody here knows, and whose server did not answer just now.
    silent: Cache<String, ()>,
    /// Signatures of a host that did not fit within a minute; from the tenth on its keys are not asked for.
    misses: Cache<String, Arc<AtomicU32>>,
}

#[derive(Debug)]
struct Known {
    key: VerifyingKey,
    owner: Arc<Account>,
}

/// One request at a time asks an owner for their keys; those that come meanwhile wait for what it learns.
#[derive(Debug)]
struct Line {
    places: Semaphore,
    asking: Mutex<()>,
}

impl Default for Line {
    fn default() -> Self {
        Self { places: Semaphore::new(IN_LINE), asking: Mutex::default() }
    }
}

impl Line {
    /// Whoever finds no place, or waits too long, is told to come again: a 401 is the last word to many servers.
    async fn turn(&self) -> Result<(SemaphorePermit<'_>, MutexGuard<'_, ()>)> {
        let place = self.places.try_acquire().map_err(|_| Error::Unavailable)?;
        let asking = tokio::time::timeout(PATIENCE, self.asking.lock()).await.map_err(|_| Error::Unavailable)?;
        Ok((place, asking))
    }
}

impl Default for KeyCache {
    fn default() -> Self {
        Self {
            keys: Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(86_400)).build(),
            lines: Cache::builder().max_capacity(50_000).time_to_idle(Duration::from_secs(60)).build(),
            refetched: Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(300)).build(),
            silent: Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(30)).build(),
            misses: Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(60)).build(),
        }
    }
}

impl KeyCache {
    /// Forgets a key whose owner was asked again.
    pub(crate) fn forget(&self, key_id: &str) {
        self.keys.invalidate(key_id);
    }

    /// Whether the owner of a key that did not fit may be asked again now; notes that it is (R2).
    pub(super) fn may_ask(&self, owner: &str) -> bool {
        let may = !self.refetched.contains_key(owner);
        self.refetched.insert(owner.to_owned(), ());
        may
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.keys.invalidate_all();
    }
}

/// A request whose signature was found true.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Who signed.
    pub account: Arc<Account>,
    /// Their server.
    pub host: Arc<Host>,
    /// The same for identical requests signed in the same second.
    pub fingerprint: [u8; 32],
}

impl Signed {
    /// The viewer that this signature makes.
    pub fn viewer(&self) -> Viewer {
        let whole_host = speaks_for_its_server(&self.account);
        Viewer::Remote { host: self.host.id, account: Some(self.account.id), whole_host }
    }
}

/// Whether an actor is that of a whole server. Some programs let their users call themselves applications, so the name
/// or the place must be one that no user can have (FEP-2677, and what Pleroma and Misskey use).
fn speaks_for_its_server(account: &Account) -> bool {
    let host = account.host.as_deref().unwrap_or_default();
    let bare = host.split(':').next().unwrap_or_default();
    let path = Url::parse(&account.uri).map(|u| u.path().to_owned()).unwrap_or_default();
    account.kind == AccountKind::Application
        && (matches!(path.as_str(), "/" | "/actor")
            || account.username == bare
            || account.username == host
            || matches!(account.username.as_str(), "instance.actor" | "internal.fetch"))
}

/// Whether a request carries a signature at all.
pub fn is_signed(request: &HttpRequest) -> bool {
    request.headers().contains_key("signature")
}

/// Checks the signature of a request. No network is used for malformed, late or unwelcome ones.
pub async fn check(request: &HttpRequest, body: Option<&[u8]>, data: &FedData) -> Result<Signed> {
    let parsed = parse(request, body, data)?;
    let key_url = Url::parse(parsed.key_id()).map_err(|_| Error::Unauthenticated)?;
    let name = handle::host_of(&key_url).ok_or(Error::Unauthenticated)?;
    if name == data.ctx.config.instance.host() {
        return Err(Error::Unauthenticated);
    }
    let host = hosts::knocks(&data.ctx, &name).await?.ok_or(Error::Unauthenticated)?;
    if !crate::policy::hosts::may_speak(data.ctx.config.federation.mode, host.state) {
        return Err(Error::Forbidden("This server is not connected with yours."));
    }
    let account = signer(&parsed, &key_url, data).await?;
    Ok(Signed { account, host, fingerprint: parsed.digest() })
}

fn parse(request: &HttpRequest, body: Option<&[u8]>, data: &FedData) -> Result<Parsed> {
    let headers: Vec<(&str, &str)> = request
        .headers()
        .iter()
        .map(|(name, value)| Ok((name.as_str(), value.to_str().map_err(|_| Error::Unauthenticated)?)))
        .collect::<Result<_>>()?;
    // Who asks is said by the signature alone. What a group proves of them comes beside it, and only with a question.
    let is_proof = |value: &str| body.is_none() && actor_token::in_header(value).is_some();
    let is_authorization = |name: &str| name.eq_ignore_ascii_case(header::AUTHORIZATION.as_str());
    if headers.iter().any(|(name, value)| is_authorization(name) && !is_proof(value)) {
        return Err(Error::Unauthenticated);
    }
    let config = &data.ctx.config;
    let authority = config.instance.host();
    let message = Message {
        method: request.method().as_str(),
        target: request.uri().path_and_query().map_or("/", |p| p.as_str()),
        scheme: config.instance.public_url.scheme(),
        authority: &authority,
        headers: &headers,
        body,
    };
    let seconds = |s: i64| u32::try_from(s).unwrap_or(0);
    let window = Window {
        past_seconds: seconds(config.federation.max_signature_age_seconds),
        future_seconds: seconds(config.federation.max_signature_ahead_seconds),
    };
    signature::parse(&message, data.ctx.now(), window).map_err(|refusal| {
        tracing::debug!(%refusal, "a signature was refused");
        Error::Unauthenticated
    })
}

async fn signer(parsed: &Parsed, key_url: &Url, data: &FedData) -> Result<Arc<Account>> {
    if let Some(account) = known(parsed, data).await? {
        return Ok(account);
    }
    // Unknown, or it did not fit: the owner is asked, once for all requests that come meanwhile.
    let owner = owner_of(key_url, data).await?;
    let line = data.keys.lines.get_with(owner.clone(), Arc::default);
    let _turn = line.turn().await?;
    match known(parsed, data).await? {
        Some(account) => Ok(account),
        None => learn(parsed, key_url, owner, data).await,
    }
}

/// Whose signature it is, by the keys that we have; none where it is of none of them.
async fn known(parsed: &Parsed, data: &FedData) -> Result<Option<Arc<Account>>> {
    if let Some(known) = data.keys.keys.get(parsed.key_id()) {
        return Ok(parsed.verify(&known.key).then(|| Arc::clone(&known.owner)));
    }
    let found = remote::key(&data.ctx, parsed.key_id()).await?;
    Ok(found.and_then(|(key, owner)| fits(parsed, key, owner, data)))
}

/// Asks the owner of a key, at most once in five minutes unless it is new and true.
async fn learn(parsed: &Parsed, key_url: &Url, owner: String, data: &FedData) -> Result<Arc<Account>> {
    let cache = &data.keys;
    if cache.refetched.contains_key(&owner) {
        return Err(Error::Unauthenticated);
    }
    if cache.silent.contains_key(&owner) {
        return Err(Error::Unavailable);
    }
    let was_known = remote::account_by_uri(&data.ctx, &owner).await?.is_some();
    if was_known {
        cache.refetched.insert(owner.clone(), ());
        cache.forget(parsed.key_id());
    }
    let misses = cache.misses.get_with(handle::host_of(key_url).unwrap_or_default(), Arc::default);
    if misses.load(Ordering::Relaxed) >= MISSES {
        return Err(Error::Unauthenticated);
    }
    // One badly signed POST makes us send two requests at most (R3).
    let error = match within(2, ask(parsed, &owner, data)).await {
        Ok(account) => return Ok(account),
        Err(error) => error,
    };
    misses.fetch_add(1, Ordering::Relaxed);
    // That nobody answers says nothing of the signature: whoever is new comes again.
    if !was_known && matches!(error, Error::Remote { lasting: false, .. } | Error::Unavailable) {
        tracing::debug!(%error, "the owner of a key cannot be asked just now");
        cache.silent.insert(owner, ());
        return Err(Error::Unavailable);
    }
    cache.refetched.insert(owner, ());
    Err(error)
}

async fn ask(parsed: &Parsed, owner: &str, data: &FedData) -> Result<Arc<Account>> {
    let id = ObjectId::<RemoteActor>::parse(owner).map_err(|_| Error::Unauthenticated)?;
    id.dereference_forced(data).await?;
    let (key, owner) = remote::key(&data.ctx, parsed.key_id()).await?.ok_or(Error::Unauthenticated)?;
    fits(parsed, key, owner, data).ok_or(Error::Unauthenticated)
}

/// Whose key it is: the address without its fragment, or, for servers whose keys have pages of their own, the owner
/// whom we know it by.
async fn owner_of(key_url: &Url, data: &FedData) -> Result<String> {
    if let Some((_, owner)) = remote::key(&data.ctx, key_url.as_str()).await? {
        return Ok(owner.uri);
    }
    let mut owner = key_url.clone();
    owner.set_fragment(None);
    // Such as /users/ada/main-key: the stub that stands there names its owner, on the same host.
    if let Some(path) = owner.path().strip_suffix("/main-key").map(ToOwned::to_owned) {
        owner.set_path(&path);
    }
    Ok(owner.into())
}

fn fits(parsed: &Parsed, key: AccountKey, owner: Account, data: &FedData) -> Option<Arc<Account>> {
    let parsed_key = match key.kind {
        KeyKind::Rsa => VerifyingKey::from_pem(&key.public_key),
        KeyKind::Ed25519 => VerifyingKey::from_multibase(&key.public_key),
    }
    .ok()?;
    if owner.is_local() || !parsed.verify(&parsed_key) {
        return None;
    }
    let owner = Arc::new(owner);
    data.keys.keys.insert(key.uri, Arc::new(Known { key: parsed_key, owner: Arc::clone(&owner) }));
    Some(owner)
}
