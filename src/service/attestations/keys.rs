//! The keys that the institution signs statements with: one at a time, apart from every key that signs HTTP, and what
//! becomes of those before it.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Value, json};

use super::{canonical, issue};
use crate::{
    crypto::{Ed25519KeyPair, digest, proof},
    error::{Error, Result},
    model::{AuditAction, Event, IssuingKey},
    service::{
        Ctx,
        audit::{self, About, By, Deed},
        organization, urls,
    },
    store::{self, Conn, issuing::NewIssuingKey},
};

/// The context of Multikeys (W3C Controlled Identifiers 1.0).
const MULTIKEY: &str = "https://w3id.org/security/multikey/v1";

/// What signs.
pub(in crate::service) struct Signer {
    uri: String,
    pair: Ed25519KeyPair,
}

impl Signer {
    fn open(ctx: &Ctx, key: &IssuingKey) -> Result<Self> {
        let seed = ctx.keyring.open_sealed(&key.uri, &key.seed_sealed)?;
        let seed: [u8; 32] = seed.try_into().map_err(|_: Vec<u8>| Error::internal("an Ed25519 seed has 32 bytes"))?;
        let pair = Ed25519KeyPair::from_seed(&seed).map_err(|e| Error::Internal(e.into()))?;
        Ok(Self { uri: key.uri.clone(), pair })
    }

    /// Puts a proof on a document.
    pub(in crate::service) fn sign(&self, document: &mut Value, at: DateTime<Utc>) -> Result<()> {
        proof::add_proof(document, &self.pair, &self.uri, at).map_err(|e| Error::Internal(e.into()))
    }
}

/// The key that signs now; it stays the one until the transaction ends.
pub(in crate::service) async fn signer(ctx: &Ctx, conn: &mut Conn) -> Result<Signer> {
    let key = store::issuing::current_key(conn).await?;
    let key = key.ok_or_else(|| Error::internal("the institution has no issuing key: start the server once"))?;
    Signer::open(ctx, &key)
}

/// The id of the key that signs now, once it is seen that it opens.
pub(in crate::service) async fn opens(ctx: &Ctx) -> Result<String> {
    Ok(signer(ctx, &mut *ctx.pool.get().await?).await?.uri)
}

/// Makes the first key, where there is none.
pub(in crate::service) async fn make_first(ctx: &Ctx) -> Result<()> {
    let mut conn = ctx.pool.get().await?;
    if !store::issuing::keys(&mut conn).await?.is_empty() {
        return Ok(());
    }
    match store::issuing::insert_key(&mut conn, &make(ctx, 1)?).await {
        // Another process was faster.
        Ok(()) | Err(Error::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

fn make(ctx: &Ctx, number: usize) -> Result<NewIssuingKey> {
    let pair = Ed25519KeyPair::generate().map_err(|e| Error::Internal(e.into()))?;
    let uri = format!("{}#issuing-key-{number}", organization::uri(ctx));
    Ok(NewIssuingKey {
        public_key: pair.public_multibase(),
        seed_sealed: ctx.keyring.seal(&uri, pair.seed())?,
        endorsement: None,
        created_at: ctx.now(),
        uri,
    })
}

/// All keys, the newest first.
pub async fn list(ctx: &Ctx) -> Result<Vec<IssuingKey>> {
    store::issuing::keys(&mut *ctx.pool.get().await?).await
}

/// A Multikey in short, for people who compare: the first 16 hexadecimal digits of its SHA-256, in groups of 4.
#[must_use]
pub fn fingerprint(multikey: &str) -> String {
    let hex = digest::sha256_hex(multikey.as_bytes());
    let groups: Vec<&str> = [0, 4, 8, 12].into_iter().filter_map(|at| hex.get(at..at + 4)).collect();
    groups.join(" ")
}

/// What an exchange of keys came to.
#[derive(Debug, Clone)]
pub struct Rotation {
    /// The new key.
    pub key: IssuingKey,
    /// How many statements were signed anew.
    pub reissued: usize,
}

/// Gives the institution a new issuing key, by the operator. The one before vouches for it, and for what it has signed.
/// Where that one is stolen or lost, nothing holds any more that it has signed, and all that is still true is signed anew.
pub async fn rotate(ctx: &Ctx, compromised: bool) -> Result<Rotation> {
    let institution = organization::account(ctx).await?;
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let known = store::issuing::lock_keys(&mut tx).await?;
    let mut new = make(ctx, known.len() + 1)?;
    if compromised {
        store::issuing::revoke_keys(&mut tx, now).await?;
    } else {
        let old = known.iter().find(|key| key.retired_at.is_none() && key.revoked_at.is_none());
        new.endorsement = old.map(|old| endorse(ctx, old, &new)).transpose()?;
        store::issuing::retire_keys(&mut tx, now).await?;
    }
    store::issuing::insert_key(&mut tx, &new).await?;
    let reissued = if compromised { issue::again(ctx, &mut tx).await? } else { 0 };
    store::issuing::clear_all_lists(&mut tx).await?;
    store::attestations::touch(&mut tx, vec![institution], now).await?;
    store::outbox::insert(&mut tx, institution, &Event::Profile).await?;
    let key = store::issuing::current_key(&mut tx).await?.ok_or(Error::NotFound)?;
    let deed = Deed::new(By::Operator, AuditAction::RotateIssuingKey, About::Instance);
    let details = json!({
        "compromised": compromised, "key": key.uri, "fingerprint": fingerprint(&key.public_key), "reissued": reissued,
    });
    audit::record(ctx, &mut tx, deed.with(details)).await?;
    tx.commit().await?;
    tracing::info!(key = %key.uri, compromised, reissued, "the institution has a new issuing key");
    Ok(Rotation { key, reissued })
}

/// The word of a key for the one that follows it: whoever knew the old one may believe the new one.
fn endorse(ctx: &Ctx, old: &IssuingKey, new: &NewIssuingKey) -> Result<String> {
    let controller = organization::uri(ctx);
    let mut document = json!({
        "@context": [MULTIKEY, urls::practitioner_terms(ctx)],
        "type": "KeyEndorsement",
        "controller": controller,
        "endorses": {
            "id": new.uri, "type": "Multikey", "controller": controller, "publicKeyMultibase": new.public_key,
        },
    });
    Signer::open(ctx, old)?.sign(&mut document, ctx.now().trunc_subsecs(0))?;
    canonical(&document)
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn a_fingerprint_can_be_read_aloud() {
        assert_eq!(fingerprint(""), "e3b0 c442 98fc 1c14");
    }
}
