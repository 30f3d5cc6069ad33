//! Keys: the instance key that seals, and the keys that sign in the name of our people.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use moka::sync::Cache;

use super::{
    Ctx,
    audit::{self, About, By, Deed},
    urls,
};
pub use crate::crypto::RsaKeyPair;
use crate::{
    config::{ConfigError, KEY_VARIABLES, Secrets},
    crypto::{Ed25519KeyPair, InstanceKey, SecretToken, SigningKey},
    error::{Error, Result},
    model::{AccountId, AccountKind, AuditAction, KeyKind},
    store,
};

/// The keys at hand.
#[derive(Debug)]
pub struct Keyring {
    instance: Vec<InstanceKey>,
    signing: Cache<AccountId, Signer>,
    spare: Mutex<Vec<RsaKeyPair>>,
}

/// Who signs, and with what.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The `keyId`.
    pub key_id: String,
    /// The parsed private half.
    pub key: SigningKey,
}

/// A key from its text, which no message repeats.
fn key_of(text: &str, place: &str) -> Result<InstanceKey, ConfigError> {
    let words = "must hold 32 bytes in hexadecimal or base64, as `head -c 32 /dev/urandom | base64` makes them";
    InstanceKey::from_text(text).map_err(|_| ConfigError(format!("{place} {words}.")))
}

fn read_key(path: &Path) -> Result<InstanceKey, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|e| ConfigError(format!("cannot read {}: {e}", path.display())))?;
    key_of(&text, &path.display().to_string())
}

/// The key that seals: from the environment, else from its file, which is made where `may_make` and there is none.
fn present(secrets: &Secrets, may_make: bool) -> Result<InstanceKey, ConfigError> {
    let [variable, _] = KEY_VARIABLES;
    if let Some(key) = &secrets.key {
        return key_of(key.expose(), variable);
    }
    let path = &secrets.key_file;
    if !path.exists() {
        if !may_make {
            return Err(ConfigError(format!(
                "{} is missing, and the database holds keys that were sealed with it. Restore that file, or give the key \
                 by {variable}.",
                path.display()
            )));
        }
        write_new_key(path)?;
    }
    read_key(path)
}

impl Keyring {
    /// Reads the instance key, and earlier ones; makes a file with one where `may_make` and there is none.
    pub fn open(secrets: &Secrets, may_make: bool) -> Result<Self, ConfigError> {
        let [_, previous] = KEY_VARIABLES;
        let mut instance = vec![present(secrets, may_make)?];
        for path in &secrets.previous_key_files {
            instance.push(read_key(path)?);
        }
        for text in secrets.previous_texts() {
            instance.push(key_of(text, previous)?);
        }
        Ok(Self {
            instance,
            signing: Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(3_600)).build(),
            spare: Mutex::default(),
        })
    }

    /// The same with RSA keys that were made ahead: new accounts get these before more are made, each one of them once.
    #[must_use]
    pub fn with_spare(self, keys: Vec<RsaKeyPair>) -> Self {
        Self { spare: Mutex::new(keys), ..self }
    }

    fn take_spare(&self) -> Option<RsaKeyPair> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Seals a secret of an account.
    pub fn seal(&self, context: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let key = self.instance.first().ok_or(Error::Unavailable)?;
        crate::crypto::seal::seal(key, context.as_bytes(), secret).map_err(|e| Error::Internal(e.into()))
    }

    /// A mark on a text that only this instance can make and check, in base64url.
    pub fn mac(&self, context: &str, text: &str) -> Result<String> {
        let key = self.instance.first().ok_or(Error::Unavailable)?;
        key.mac(context, text).map_err(|e| Error::Internal(e.into()))
    }

    /// Whether such a mark is ours; also one from before the instance key was exchanged, as long as the key is at hand.
    pub fn is_mac(&self, context: &str, text: &str, mac: &str) -> Result<bool> {
        for key in &self.instance {
            let ours = key.mac(context, text).map_err(|e| Error::Internal(e.into()))?;
            if crate::crypto::token::equal(ours.as_bytes(), mac.as_bytes()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the instance keys are called: the present one, which seals, and those before it.
    pub fn ids(&self) -> Vec<String> {
        self.instance.iter().map(InstanceKey::id).collect()
    }

    /// The head of a sealed record, wrapped in the present key; none where no key at hand opens it.
    pub(super) fn rewrap(&self, head: &[u8]) -> Result<Option<Vec<u8>>> {
        let present = self.instance.first().ok_or(Error::Unavailable)?;
        let id = crate::crypto::seal::key_id(head);
        let Some(known) = self.instance.iter().find(|key| Some(key.id()) == id) else { return Ok(None) };
        Ok(crate::crypto::seal::rewrap(known, present, head).ok())
    }

    /// Opens what was sealed.
    pub fn open_sealed(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        crate::crypto::seal::open(&self.instance, context.as_bytes(), sealed).map_err(|e| Error::Internal(e.into()))
    }

    /// Forgets parsed keys, after a rotation.
    pub(crate) fn forget(&self) {
        self.signing.invalidate_all();
    }
}

fn write_new_key(path: &Path) -> Result<(), ConfigError> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let wrong = |e: std::io::Error| ConfigError(format!("cannot write {}: {e}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(wrong)?;
    }
    // Written whole beside its place, then put there: of two processes that start together one wins, and both read it.
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(wrong)?;
    writeln!(file, "{}", SecretToken::generate().as_str()).and_then(|()| file.sync_all()).map_err(wrong)?;
    let placed = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).map_err(wrong)?;
    match placed {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        other => other.map_err(wrong)?,
    }
    tracing::info!(path = %path.display(), "made a new instance key: keep a copy in a safe place");
    Ok(())
}

/// New keys for an account: RSA-2048 for HTTP signatures, Ed25519 for proofs. Slow: runs off the async threads.
pub(crate) async fn make(ctx: &Ctx, uri: &str, suffix: &str) -> Result<Vec<store::accounts::NewKey>> {
    let internal = |e: crate::crypto::CryptoError| Error::Internal(e.into());
    let rsa = match ctx.keyring.take_spare() {
        Some(spare) => spare,
        None => ctx.heavy(move || RsaKeyPair::generate().map_err(internal)).await?,
    };
    let ed25519 = Ed25519KeyPair::generate().map_err(internal)?;
    let rsa_uri = format!("{uri}#main-key{suffix}");
    let ed_uri = format!("{uri}#ed25519-key{suffix}");
    Ok(vec![
        store::accounts::NewKey {
            private_sealed: Some(ctx.keyring.seal(&rsa_uri, rsa.private_pem().map_err(internal)?.as_bytes())?),
            uri: rsa_uri,
            kind: KeyKind::Rsa,
            public_key: rsa.public_pem().map_err(internal)?,
        },
        store::accounts::NewKey {
            private_sealed: Some(ctx.keyring.seal(&ed_uri, ed25519.seed())?),
            uri: ed_uri,
            kind: KeyKind::Ed25519,
            public_key: ed25519.public_multibase(),
        },
    ])
}

/// Who signs HTTP requests for one of our accounts.
pub async fn signer(ctx: &Ctx, id: AccountId) -> Result<Signer> {
    if let Some(signer) = ctx.keyring.signing.get(&id) {
        return Ok(signer);
    }
    let keys = store::accounts::keys(&mut *ctx.pool.get().await?, id).await?;
    let key = keys.into_iter().find(|k| k.kind == KeyKind::Rsa).ok_or(Error::NotFound)?;
    let sealed = key.private_sealed.ok_or(Error::NotFound)?;
    let pem = ctx.keyring.open_sealed(&key.uri, &sealed)?;
    let pem = std::str::from_utf8(&pem).map_err(|e| Error::Internal(e.into()))?;
    let pair = RsaKeyPair::from_private_pem(pem).map_err(|e| Error::Internal(e.into()))?;
    let signer = Signer { key_id: key.uri, key: pair.signing_key() };
    ctx.keyring.signing.insert(id, signer.clone());
    Ok(signer)
}

/// The Ed25519 key of one of our accounts, with its id, for proofs on public documents.
pub async fn proof_key(ctx: &Ctx, id: AccountId) -> Result<(String, Ed25519KeyPair)> {
    let keys = store::accounts::keys(&mut *ctx.pool.read().await?, id).await?;
    let key = keys.into_iter().find(|k| k.kind == KeyKind::Ed25519).ok_or(Error::NotFound)?;
    let seed = ctx.keyring.open_sealed(&key.uri, &key.private_sealed.ok_or(Error::NotFound)?)?;
    let seed: [u8; 32] = seed.try_into().map_err(|_: Vec<u8>| Error::internal("an Ed25519 seed has 32 bytes"))?;
    let pair = Ed25519KeyPair::from_seed(&seed).map_err(|e| Error::Internal(e.into()))?;
    Ok((key.uri, pair))
}

/// The public keys of an account.
pub async fn public(ctx: &Ctx, id: AccountId) -> Result<Vec<crate::model::AccountKey>> {
    store::accounts::keys(&mut *ctx.pool.read().await?, id).await
}

/// Gives an account of ours new keys under new ids and tells its followers, by the operator.
pub async fn rotate(ctx: &Ctx, id: AccountId) -> Result<()> {
    let account = store::accounts::get(&mut *ctx.pool.get().await?, id).await?;
    if !account.is_local() {
        return Err(Error::NotFound);
    }
    let suffix = format!("-{}", ctx.now().timestamp());
    let mut keys = make(ctx, &account.uri, &suffix).await?;
    if account.kind == AccountKind::Organization {
        // What it issues with is exchanged by a command of its own.
        keys.retain(|key| key.kind == KeyKind::Rsa);
    }
    let mut tx = ctx.tx().await?;
    store::accounts::replace_keys(&mut tx, id, keys).await?;
    store::outbox::insert(&mut tx, id, &crate::model::Event::Profile).await?;
    store::wake::notify(&mut tx, store::wake::Queue::Policy).await?;
    audit::record(ctx, &mut tx, Deed::new(By::Operator, AuditAction::RotateKeys, About::Account(id))).await?;
    tx.commit().await?;
    ctx.keyring.forget();
    Ok(())
}

/// The account of the instance itself: it signs fetches. Made on first use.
pub async fn instance_account(ctx: &Ctx) -> Result<AccountId> {
    let uri = urls::instance_actor(ctx);
    if let Some(account) = store::accounts::find_by_uri(&mut *ctx.pool.get().await?, &uri).await? {
        return Ok(account.id);
    }
    let keys = make(ctx, &uri, "").await?;
    let mut tx = ctx.tx().await?;
    let made = store::accounts::insert_local(
        &mut tx,
        store::accounts::NewLocal {
            username: ctx.config.instance.host(),
            name_skeleton: crate::text::skeleton(&ctx.config.instance.name),
            name: ctx.config.instance.name.clone(),
            kind: AccountKind::Application,
            state: crate::model::AccountState::Active,
            discoverable: false,
            url: format!("{}/about", ctx.config.instance.origin()),
            shared_inbox: urls::shared_inbox(ctx),
            uri: uri.clone(),
            keys,
        },
    )
    .await;
    match made {
        Ok(id) => {
            tx.commit().await?;
            Ok(id)
        }
        // Another process was faster.
        Err(Error::Conflict(_)) => {
            tx.roll_back().await?;
            let account = store::accounts::find_by_uri(&mut *ctx.pool.get().await?, &uri).await?;
            account.map(|a| a.id).ok_or(Error::NotFound)
        }
        Err(error) => Err(error),
    }
}
