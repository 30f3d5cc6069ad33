//! Another phone: the app on it takes the place of the one before.

use super::{
    Ctx,
    audit::{self, About, By, Deed},
    mails,
    second_factor::{NONE, context, digits, new_codes, offered, step_of, use_code},
    sessions::{self, SignedIn},
};
use crate::{
    crypto::{SecretToken, token},
    error::{Error, Result},
    model::AuditAction,
    policy::moderation,
    store,
};

/// What somebody types to go on with another phone.
#[derive(Debug, Clone, Default)]
pub struct NewPhone {
    /// The seed, as it was offered.
    pub sealed: String,
    /// The code that the app on the new phone shows.
    pub new_code: String,
    /// A code of the phone before, or one on paper.
    pub code: String,
    /// The password.
    pub password: String,
}

/// Puts another phone in place of the one before, in one step: until the new one has shown a right code, the one before goes
/// on working. Other sessions end. The new secret of this session, and new codes for paper.
pub async fn replace(ctx: &Ctx, me: &SignedIn, new: NewPhone, address: &str) -> Result<(String, Vec<String>)> {
    let id = me.me.id;
    if store::second_factor::standing(&mut *ctx.pool.get().await?, id).await?.is_none() {
        return Err(Error::Conflict(NONE.into()));
    }
    let seed = offered(ctx, me, &new.sealed);
    let seed = seed.ok_or_else(|| Error::Conflict("This page was open for too long: scan the new code.".into()))?;
    let step = step_of(ctx, &seed, &digits(&new.new_code));
    let step = step.ok_or_else(|| Error::invalid("new_code", "This is not the code that the new phone shows now."))?;
    sessions::check_own_password(ctx, id, new.password, address).await?;
    use_code(ctx, id, &new.code).await?;
    let sealed = ctx.keyring.seal(&context(id), seed.as_bytes())?;
    let secret = SecretToken::generate();
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    if !store::second_factor::replace(&mut tx, id, sealed, step, now).await? {
        tx.roll_back().await?;
        return Err(Error::Conflict(NONE.into()));
    }
    let codes = new_codes(&mut tx, id).await?;
    store::sessions::delete_others(&mut tx, id, Some(me.session)).await?;
    store::sessions::prove(&mut tx, me.session, &token::hash(secret.as_str()), now).await?;
    let words = "Signing in asks for a code of the app on your new phone from now on. That of the phone before, and your \
                 recovery codes from before, no longer work. Other sessions ended.";
    mails::second_factor(ctx, &mut tx, &user, "Your second factor is on another phone", words).await?;
    if moderation::is_of_the_house(user.role) {
        let deed = Deed::new(By::Account(id), AuditAction::ReplaceSecondFactor, About::Account(id));
        audit::record(ctx, &mut tx, deed).await?;
    }
    tx.commit().await?;
    tracing::info!(account = %id, "second factor moved to another phone");
    Ok((secret.as_str().to_owned(), codes))
}
