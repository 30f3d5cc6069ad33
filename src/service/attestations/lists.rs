//! The signed lists that tell which of our statements were taken back.

use chrono::{SubsecRound, TimeDelta};
use serde_json::json;

use super::{
    CREDENTIALS, canonical,
    keys::{self, Signer},
    stamp,
};
use crate::{
    crypto::Bitstring,
    error::{Error, Result},
    model::ListPurpose,
    service::{Ctx, organization, urls},
    store::{self, Conn, issuing::Signed},
};

/// A list as it stands now, canonical JSON. It is signed anew where a bit has changed and from half its time on.
pub async fn document(ctx: &Ctx, purpose: ListPurpose, number: i32) -> Result<String> {
    let known = store::issuing::find_list(&mut *ctx.pool.read().await?, number, purpose).await?;
    if let Some(document) = fresh(ctx, known.ok_or(Error::NotFound)?) {
        return Ok(document);
    }
    let mut tx = ctx.tx().await?;
    let signer = keys::signer(ctx, &mut tx).await?;
    // Whoever sets a bit waits for us, or we for them: no list is kept without a bit that is known to be set.
    let known = store::issuing::lock_list(&mut tx, number, purpose).await?.ok_or(Error::NotFound)?;
    if let Some(document) = fresh(ctx, known) {
        tx.roll_back().await?;
        return Ok(document);
    }
    let document = sign(ctx, &mut tx, &signer, (purpose, number)).await?;
    store::issuing::put_list(&mut tx, number, purpose, &document, ctx.now()).await?;
    tx.commit().await?;
    Ok(document)
}

fn fresh(ctx: &Ctx, (document, signed_at): Signed) -> Option<String> {
    let half = TimeDelta::seconds(ctx.config.verification.list_ttl_seconds / 2);
    let age = ctx.now() - signed_at?;
    (age < half).then_some(document).flatten()
}

async fn sign(ctx: &Ctx, conn: &mut Conn, signer: &Signer, (purpose, number): (ListPurpose, i32)) -> Result<String> {
    let mut bits = Bitstring::empty();
    for place in store::issuing::set_bits(conn, number, purpose).await? {
        if !usize::try_from(place).is_ok_and(|place| bits.set(place)) {
            return Err(Error::internal("a statement stands beyond the end of its status list"));
        }
    }
    let (ttl, now) = (ctx.config.verification.list_ttl_seconds, ctx.now().trunc_subsecs(0));
    let id = urls::status_list(ctx, purpose, number);
    let mut document = json!({
        "@context": [CREDENTIALS],
        "id": id,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": organization::uri(ctx),
        "validFrom": stamp(now),
        // A list that is held back by somebody ends soon.
        "validUntil": stamp(now + TimeDelta::seconds(ttl * 4)),
        "credentialSubject": {
            "id": format!("{id}#list"),
            "type": "BitstringStatusList",
            "statusPurpose": purpose.as_str(),
            "encodedList": bits.pack().map_err(|e| Error::Internal(e.into()))?,
            "ttl": ttl * 1_000,
        },
    });
    signer.sign(&mut document, now)?;
    canonical(&document)
}
