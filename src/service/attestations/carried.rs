use crate::{
    error::Result,
    model::{Account, AccountKind, Attestation, IssuingKey},
    service::{Ctx, organization, urls},
    store,
};

/// Most statements that one account carries.
const MOST: i64 = 8;
/// Longest statement that is carried, in bytes.
const LONGEST: usize = 16 << 10;

/// What the document of one of our accounts carries of what the institution signs.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// Name of the institution.
    pub institution: String,
    /// Address of our own terms.
    pub terms: String,
    /// What holds of somebody, the newest first.
    pub statements: Vec<Attestation>,
    /// The keys of the institution itself, the newest first.
    pub keys: Vec<IssuingKey>,
}

/// Finds it: one query.
pub async fn carried(ctx: &Ctx, account: &Account) -> Result<Carried> {
    let mut carried =
        Carried { institution: organization::name(ctx), terms: urls::practitioner_terms(ctx), ..Carried::default() };
    let mut conn = ctx.pool.read().await?;
    if account.kind == AccountKind::Organization {
        carried.keys = store::issuing::keys(&mut conn).await?;
    } else {
        let live = store::attestations::list_live(&mut conn, account.id, ctx.now(), MOST).await?;
        // A field of a profile that says "verified" stands beside no other name than the one that was checked.
        carried.statements =
            live.into_iter().filter(|one| one.name == account.name && one.document.len() <= LONGEST).collect();
    }
    Ok(carried)
}
