//! Secrets of the house other than keys of accounts: made when first needed, sealed under the instance key.

use std::fmt;

use super::Ctx;
use crate::{
    crypto::token,
    error::{Error, Result},
    model::AccountId,
    store::{self, Conn},
};

const NUMBER_INDEX: &str = "number-index";
const OWNER_INDEX: &str = "owner-index";
/// Bytes of what equal numbers have in common.
const INDEX: usize = 16;

/// The key under which equal numbers of a register, or what one person wrote, are found without keeping either.
#[derive(Clone)]
pub struct IndexKey([u8; 32]);

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKey(..)")
    }
}

impl IndexKey {
    /// What equal numbers of one register have in common, and no others.
    pub fn index(&self, register: &str, number: &str) -> Result<Vec<u8>> {
        let text = format!("{register}\0{number}");
        let mac = token::hmac_sha256(&self.0, text.as_bytes()).map_err(|e| Error::Internal(e.into()))?;
        Ok(mac.iter().take(INDEX).copied().collect())
    }

    /// What all that somebody wrote without their name has in common.
    fn owner(&self, who: AccountId) -> Result<Vec<u8>> {
        self.index("account", &who.to_string())
    }
}

/// The key of the index of numbers; made on first use.
pub async fn index_key(ctx: &Ctx, conn: &mut Conn) -> Result<IndexKey> {
    key(ctx, conn, NUMBER_INDEX).await
}

/// By what is found whatever somebody wrote without their name.
pub(super) async fn owner_mark(ctx: &Ctx, conn: &mut Conn, who: AccountId) -> Result<Vec<u8>> {
    key(ctx, conn, OWNER_INDEX).await?.owner(who)
}

async fn key(ctx: &Ctx, conn: &mut Conn, name: &str) -> Result<IndexKey> {
    let context = format!("house-secret/{name}");
    let sealed = if let Some(sealed) = store::secrets::find(conn, name).await? {
        sealed
    } else {
        let fresh = ctx.keyring.seal(&context, &rand::random::<[u8; 32]>())?;
        store::secrets::insert(conn, name, fresh).await?;
        // Another process may have been faster: what stands there counts.
        store::secrets::find(conn, name).await?.ok_or(Error::Unavailable)?
    };
    let key = ctx.keyring.open_sealed(&context, &sealed)?;
    let key = key.try_into().map_err(|_: Vec<u8>| Error::internal("the key of an index has 32 bytes"))?;
    Ok(IndexKey(key))
}

#[cfg(test)]
mod tests {
    use super::IndexKey;

    #[test]
    fn equal_numbers_of_one_register_are_found_and_no_others() {
        let key = IndexKey([7; 32]);
        let index = |register, number| key.index(register, number).unwrap();
        assert_eq!(index("gb-gmc", "7012345"), index("gb-gmc", "7012345"));
        assert_eq!(index("gb-gmc", "7012345").len(), 16);
        assert_ne!(index("gb-gmc", "7012345"), index("gb-gphc", "7012345"));
        assert_ne!(index("gb-gmc", "7012345"), IndexKey([8; 32]).index("gb-gmc", "7012345").unwrap());
        assert_eq!(format!("{key:?}"), "IndexKey(..)");
    }
}
