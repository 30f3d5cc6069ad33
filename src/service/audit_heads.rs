//! The head of the audit log, signed by the institution once a day: whoever keeps one can show later that the end of the
//! log was cut off, or that all of it was written anew.
//!
//! It tells a number and a hash and nothing of what the log says, so everybody may have it.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde_json::{Value, json};

use super::{
    Ctx,
    attestations::{self, CREDENTIALS, Documents, Fault, canonical, multikey, stamp},
    organization, urls,
};
use crate::{
    crypto::digest,
    error::{Error, Result},
    store,
};

const TYPE: &str = "AuditHead";

/// A head as an institution has signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// Whose log.
    pub issuer: String,
    /// Until the end of which day, UTC.
    pub day: String,
    /// The place of the last entry.
    pub seq: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// Why a document is not taken for the signed head of a log. The words are fit for an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// It is not of the form that we read.
    #[error("it is not the signed head of a log: {0}")]
    Form(&'static str),
    /// It is of another institution than it should be.
    #[error("it is the head of another institution's log: {0}")]
    OtherLog(String),
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] Fault),
}

impl HeadFault {
    /// One word for scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Form(_) => "head_form",
            Self::OtherLog(_) => "head_of_another_log",
            Self::Signature(fault) => fault.word(),
        }
    }
}

/// Signs the head of the day that is over, where that has not been done; returns how many were signed.
pub(super) async fn sign_due(ctx: &Ctx) -> Result<usize> {
    let today = ctx.now().date_naive();
    let Some(day) = today.checked_sub_days(Days::new(1)) else { return Ok(0) };
    let mut conn = ctx.pool.get().await?;
    if store::audit_heads::find(&mut conn, Some(day)).await?.is_some() {
        return Ok(0);
    }
    let midnight = today.and_time(NaiveTime::MIN).and_utc();
    let Some((seq, hash)) = store::audit_heads::last_before(&mut conn, midnight).await? else { return Ok(0) };
    drop(conn);
    if let Err(error) = organization::account(ctx).await {
        // The log has said it at the start: without its user name the institution signs nothing.
        return if matches!(error, Error::Conflict(_)) { Ok(0) } else { Err(error) };
    }
    let mut tx = ctx.tx().await?;
    let signer = attestations::keys::signer(ctx, &mut tx).await?;
    let created = ctx.now();
    let mut document = json!({
        "@context": [CREDENTIALS, urls::practitioner_terms(ctx)],
        "id": format!("{}/audit/heads/{day}", ctx.config.instance.origin()),
        "type": [TYPE],
        "issuer": organization::uri(ctx),
        "day": day.to_string(),
        "seq": seq,
        "hash": digest::hex(&hash),
        "created": stamp(created),
    });
    signer.sign(&mut document, created)?;
    let is_new = store::audit_heads::insert(&mut tx, day, seq, &canonical(&document)?).await?;
    tx.commit().await?;
    Ok(usize::from(is_new))
}

/// The signed head of a day (`2026-11-26`), or the newest (`latest`), as JSON.
pub async fn published(ctx: &Ctx, day: &str) -> Result<String> {
    let day = match day {
        "latest" => None,
        day => Some(day.parse::<NaiveDate>().map_err(|_| Error::NotFound)?),
    };
    store::audit_heads::find(&mut *ctx.pool.read().await?, day).await?.ok_or(Error::NotFound)
}

/// Reads a signed head; `documents` has to hold that of its issuer, under its id.
///
/// # Errors
/// The first [`HeadFault`] found.
pub fn check(document: &Value, documents: &Documents, now: DateTime<Utc>) -> Result<SignedHead, HeadFault> {
    let text = |name| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let types = document.get("type").and_then(Value::as_array);
    if !types.is_some_and(|types| types.iter().any(|one| one == TYPE)) {
        return Err(HeadFault::Form("its type is not AuditHead"));
    }
    let head = SignedHead {
        issuer: text("issuer").ok_or(HeadFault::Form("it has no issuer"))?,
        day: text("day").ok_or(HeadFault::Form("it has no day"))?,
        seq: document.get("seq").and_then(Value::as_i64).ok_or(HeadFault::Form("it has no number"))?,
        hash: text("hash").ok_or(HeadFault::Form("it has no hash"))?,
    };
    attestations::signed(document, &head.issuer, documents, now)?;
    Ok(head)
}

/// The same with the keys that the database has, and of our own log alone. Whoever can rewrite the log may have
/// exchanged those keys too: the institution's document from another place is worth more.
pub async fn check_by_operator(
    ctx: &Ctx,
    document: &Value,
    now: DateTime<Utc>,
) -> Result<Result<SignedHead, HeadFault>> {
    let ours = organization::uri(ctx);
    let keys = store::issuing::keys(&mut *ctx.pool.get().await?).await?;
    let methods: Vec<Value> = keys.iter().map(|key| multikey(key, &ours)).collect();
    let own = json!({ "id": ours, "assertionMethod": methods });
    Ok(match check(document, &Documents::from([(ours.clone(), own)]), now) {
        Err(HeadFault::Signature(Fault::Needs(issuer))) => Err(HeadFault::OtherLog(issuer)),
        outcome => outcome,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Ed25519KeyPair, proof};

    const ISSUER: &str = "https://hospital.example/users/institution";

    #[test]
    fn a_head_holds_as_its_institution_signed_it_and_no_other_way() {
        let now = DateTime::from_timestamp(1_795_600_000, 0).unwrap();
        let key = Ed25519KeyPair::from_seed(&[7; 32]).unwrap();
        let method = format!("{ISSUER}#issuing-1");
        let mut signed = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["AuditHead"], "issuer": ISSUER,
            "day": "2026-11-25", "seq": 12, "hash": "ab".repeat(32), "created": "2026-11-26T00:00:04Z",
        });
        proof::add_proof(&mut signed, &key, &method, now).unwrap();
        let own = json!({ "id": ISSUER, "assertionMethod": [{ "id": method, "type": "Multikey", "controller": ISSUER,
            "publicKeyMultibase": key.public_multibase() }] });
        let documents = Documents::from([(ISSUER.to_owned(), own)]);
        let head = check(&signed, &documents, now).unwrap();
        assert_eq!((head.seq, head.hash), (12, "ab".repeat(32)));

        let mut touched = signed.clone();
        touched["seq"] = 11.into();
        assert_eq!(check(&touched, &documents, now).unwrap_err().word(), "proof");
        touched["type"] = json!(["PractitionerCredential"]);
        assert_eq!(check(&touched, &documents, now).unwrap_err().word(), "head_form");
        assert_eq!(check(&signed, &Documents::new(), now).unwrap_err().word(), "needs");
    }
}
