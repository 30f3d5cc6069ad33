//! Recovery codes: ten on paper, for when the phone or the keys are lost. They come with the first second factor,
//! whichever it is, each stands in for it once, and they end with the last one.
//!
//! They are kept as hashes.

use super::{
    Ctx, mails,
    second_factor::{Both, check_owner},
    sessions::SignedIn,
};
use crate::{
    crypto::{SecretToken, token, totp},
    error::{Error, Result},
    model::AccountId,
    store::{self, Conn},
};

/// Codes on paper.
const CODES: usize = 10;

const NOTHING: &str = "There is neither an app nor a passkey on this account, so there is nothing to recover.";

fn hash_of(id: AccountId, code: &str) -> Vec<u8> {
    token::hash(&format!("recovery|{id}|{}", totp::read_recovery_code(code))).to_vec()
}

/// New codes in place of those before.
pub(super) async fn give(conn: &mut Conn, id: AccountId) -> Result<Vec<String>> {
    let codes: Vec<String> = (0..CODES).map(|_| totp::recovery_code()).collect();
    let hashes = codes.iter().map(|code| hash_of(id, code)).collect();
    store::second_factor::set_codes(conn, id, hashes).await?;
    Ok(codes)
}

/// The first codes of somebody; none where some are left, which go on.
pub(super) async fn give_first(conn: &mut Conn, id: AccountId) -> Result<Vec<String>> {
    match store::second_factor::count_codes(conn, id).await? {
        0 => give(conn, id).await,
        _ => Ok(Vec::new()),
    }
}

/// Takes a code; false where it is not right. Its owner is told.
pub(super) async fn take(ctx: &Ctx, conn: &mut Conn, id: AccountId, typed: &str) -> Result<bool> {
    if !store::second_factor::take_code(conn, id, &hash_of(id, typed)).await? {
        return Ok(false);
    }
    let user = store::users::get(conn, id).await?;
    let left = store::second_factor::count_codes(conn, id).await?;
    let words = format!("One of your recovery codes was used to show that it is you. {left} are left.");
    mails::second_factor(ctx, conn, &user, "A recovery code was used", &words).await?;
    Ok(true)
}

/// New codes for paper; those before work no more. The new secret of this session goes first.
pub async fn renew(ctx: &Ctx, me: &SignedIn, both: Both, address: &str) -> Result<(String, Vec<String>)> {
    let id = me.me.id;
    if !store::second_factor::is_on(&mut *ctx.pool.get().await?, id).await? {
        return Err(Error::Conflict(NOTHING.into()));
    }
    check_owner(ctx, me, both, address).await?;
    let secret = SecretToken::generate();
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    if !store::second_factor::is_on(&mut tx, id).await? {
        tx.roll_back().await?;
        return Err(Error::Conflict(NOTHING.into()));
    }
    let codes = give(&mut tx, id).await?;
    store::sessions::prove(&mut tx, me.session, &secret.hash(), ctx.now()).await?;
    let words = "You have new recovery codes. Those from before no longer work.";
    mails::second_factor(ctx, &mut tx, &user, "You have new recovery codes", words).await?;
    tx.commit().await?;
    Ok((secret.as_str().to_owned(), codes))
}
