//! Another phone, whose app takes the place of the one before, and what an admin does for whoever has lost phone, paper
//! and keys.

use std::collections::HashSet;

use super::{
    Ctx,
    audit::{self, About, By, Deed},
    mails, recovery,
    second_factor::{Both, NO_APP, check_owner, context, digits, offered, step_of, take_away},
    sessions::SignedIn,
};
use crate::{
    crypto::{SecretToken, token},
    error::{Error, Result},
    model::{Account, AccountId, AuditAction},
    policy::{Viewer, moderation},
    store,
};

/// Longest note of how an admin made sure who asks, in characters.
const NOTE: usize = 500;
const NOTHING: &str = "They have no second factor, so there is nothing to reset.";

/// What somebody types to go on with another phone.
#[derive(Debug, Clone)]
pub struct NewPhone {
    /// The seed, as it was offered.
    pub sealed: String,
    /// The code that the app on the new phone shows.
    pub new_code: String,
    /// The password, with a code of the phone before, one on paper, or a passkey.
    pub owner: Both,
}

/// Puts another phone in place of the one before, in one step: until the new one has shown a right code, the one before goes
/// on working. Other sessions end. The new secret of this session, and new codes for paper.
pub async fn replace(ctx: &Ctx, me: &SignedIn, new: NewPhone, address: &str) -> Result<(String, Vec<String>)> {
    let id = me.me.id;
    if !store::second_factor::has_app(&mut *ctx.pool.get().await?, id).await? {
        return Err(Error::Conflict(NO_APP.into()));
    }
    let seed = offered(ctx, me, &new.sealed);
    let seed = seed.ok_or_else(|| Error::Conflict("This page was open for too long: scan the new code.".into()))?;
    let step = step_of(ctx, &seed, &digits(&new.new_code));
    let step = step.ok_or_else(|| Error::invalid("new_code", "This is not the code that the new phone shows now."))?;
    check_owner(ctx, me, new.owner, address).await?;
    let sealed = ctx.keyring.seal(&context(id), seed.as_bytes())?;
    let secret = SecretToken::generate();
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    if !store::second_factor::replace(&mut tx, id, sealed, step, now).await? {
        tx.roll_back().await?;
        return Err(Error::Conflict(NO_APP.into()));
    }
    let codes = recovery::give(&mut tx, id).await?;
    store::sessions::delete_others(&mut tx, id, Some(me.session)).await?;
    store::sessions::prove(&mut tx, me.session, &token::hash(secret.as_str()), now).await?;
    let words = "Your codes come from the app on your new phone from now on. Those of the phone before, and your \
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

/// Those of these people whose second factor the viewer may take away; nobody for who is no admin.
pub async fn resettable(ctx: &Ctx, viewer: &Viewer, people: Vec<AccountId>) -> Result<HashSet<AccountId>> {
    let others = |id: &AccountId| moderation::may_reset_second_factor(viewer, *id).is_ok();
    let people: Vec<AccountId> = people.into_iter().filter(others).collect();
    if people.is_empty() {
        return Ok(HashSet::new());
    }
    Ok(store::second_factor::among(&mut *ctx.pool.read().await?, people).await?.into_iter().collect())
}

/// Somebody whose second factor an admin may take away.
pub async fn find_resettable(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<Account> {
    moderation::may_reset_second_factor(viewer, id)?;
    let mut conn = ctx.pool.get().await?;
    store::users::get(&mut conn, id).await?;
    if store::second_factor::among(&mut conn, vec![id]).await?.is_empty() {
        return Err(Error::Conflict(NOTHING.into()));
    }
    store::accounts::get(&mut conn, id).await
}

/// Takes the second factor away from somebody else who has lost phone, paper and keys, by an admin, who says how they made
/// sure who asks. All sessions and tokens end; where the role needs a second factor, it is set up at the next sign-in.
pub async fn reset_by_admin(ctx: &Ctx, viewer: &Viewer, id: AccountId, note: &str) -> Result<()> {
    let me = moderation::may_reset_second_factor(viewer, id)?;
    let note = note.trim();
    match note.chars().count() {
        0 => return Err(Error::invalid("note", "Say how you made sure that it is them.")),
        1..=NOTE => {}
        _ => return Err(Error::invalid("note", format!("Please use {NOTE} characters or fewer."))),
    }
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    if !take_away(&mut tx, id).await? {
        tx.roll_back().await?;
        return Err(Error::Conflict(NOTHING.into()));
    }
    let words = "An admin of your hospital took your second factor away. All sessions and access tokens ended. Sign \
                 in with your password, and set it up anew.";
    mails::second_factor(ctx, &mut tx, &user, "Your second factor was reset", words).await?;
    let deed = Deed::new(By::Account(me), AuditAction::ResetSecondFactor, About::Account(id)).because(note);
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    tracing::info!(account = %id, by = %me, "second factor reset by an admin");
    Ok(())
}
