//! Passkeys and security keys: a second factor that somebody holds, beside the codes of an app.
//!
//! What a browser is asked is kept here for a quarter of an hour, for that browser and one purpose, and is gone with
//! the first answer, right or wrong. A key that has counted further before has a twin somewhere: it is refused, and its
//! owner and the log are told.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Ctx,
    audit::{self, About, By, Deed},
    mails, recovery,
    second_factor::{self, Both},
    sessions::SignedIn,
};
use crate::{
    crypto::{
        CryptoError, SecretToken,
        passkey::{self, Answer, KeyUse, Place},
        token,
    },
    error::{Error, Result},
    model::{AccountId, AuditAction, Passkey, PasskeyId, SessionId},
    policy::moderation,
    store::{self, Conn},
    text::sanitize,
};

/// Minutes from the question to the answer.
const MINUTES: i64 = 15;
/// Passkeys of one account.
const MOST: i64 = 16;
/// Letters of a name.
const NAME: usize = 60;

const FULL: &str = "You have 16 passkeys. Remove one first.";
const LATE: &str = "That took too long, or this page was open twice. Try it once more.";
const WRONG: &str = "This passkey did not do. Try it once more, or use another one.";
const COPIED: &str = "This passkey has counted further before, so there may be a copy of it, and it is refused. Use \
                      another way, remove it, and tell your hospital's admin.";
const NOT_MADE: &str = "The browser made no passkey that can be used here, or it took too long.";
const LAST: &str = "Your role needs a second factor: add another passkey, or an app, before you remove this one.";

/// Which browser is asked, and what for.
#[derive(Clone, Copy)]
pub(super) enum Asking<'a> {
    /// The second half of a sign-in, by the secret of the first.
    SignIn(&'a str),
    /// Whether whoever is signed in is still the same person.
    Prove(SessionId),
    /// A new passkey.
    Add(SessionId),
}

impl Asking<'_> {
    fn holder(self) -> [u8; 32] {
        match self {
            Self::SignIn(half) => token::hash(&format!("passkey|sign-in|{half}")),
            Self::Prove(session) => token::hash(&format!("passkey|prove|{session}")),
            Self::Add(session) => token::hash(&format!("passkey|add|{session}")),
        }
    }
}

fn fault(error: CryptoError) -> Error {
    Error::Internal(error.into())
}

/// What keys of this server are bound to.
fn place(ctx: &Ctx) -> Option<Place> {
    let instance = &ctx.config.instance;
    Place::new(&instance.public_url, &instance.name)
}

/// Whether there can be passkeys here: not where the address of the server is a number.
pub fn are_possible(ctx: &Ctx) -> bool {
    place(ctx).is_some()
}

/// One's own, oldest first.
pub async fn list(ctx: &Ctx, me: &SignedIn) -> Result<Vec<Passkey>> {
    store::passkeys::list(&mut *ctx.pool.get().await?, me.me.id).await
}

/// Asks the browser at hand for one of one's own passkeys, as JSON; empty where there are none.
pub async fn ask(ctx: &Ctx, me: &SignedIn) -> Result<String> {
    ask_for(ctx, me.me.id, Asking::Prove(me.session)).await
}

/// Asks a browser for one of somebody's passkeys, as JSON; empty where there are none.
pub(super) async fn ask_for(ctx: &Ctx, id: AccountId, asking: Asking<'_>) -> Result<String> {
    let Some(place) = place(ctx) else { return Ok(String::new()) };
    let mut conn = ctx.pool.get().await?;
    let keys = readable(&mut conn, id).await?;
    let Some(question) = place.ask(&keys).map_err(fault)? else { return Ok(String::new()) };
    keep(ctx, &mut conn, id, asking, &question.state).await?;
    Ok(question.asked)
}

/// The public keys of somebody. One that cannot be read any more is left out, so that the others go on.
async fn readable(conn: &mut Conn, id: AccountId) -> Result<Vec<String>> {
    let mut keys = Vec::new();
    for (passkey, key) in store::passkeys::keys(conn, id).await? {
        if passkey::is_readable(&key) {
            keys.push(key);
        } else {
            tracing::warn!(account = %id, %passkey, "what is kept of a passkey cannot be read: it is left out");
        }
    }
    Ok(keys)
}

async fn keep(ctx: &Ctx, conn: &mut Conn, id: AccountId, asking: Asking<'_>, state: &str) -> Result<()> {
    let minutes = if matches!(asking, Asking::SignIn(_)) { second_factor::MINUTES } else { MINUTES };
    let until = ctx.now() + TimeDelta::minutes(minutes);
    store::passkeys::ask(conn, &asking.holder(), id, state, until).await
}

/// Whether an answer is that of one of somebody's passkeys. The question is used up.
pub(super) async fn check(ctx: &Ctx, id: AccountId, asking: Asking<'_>, answer: &str) -> Result<()> {
    let state = store::passkeys::take(&mut *ctx.pool.get().await?, &asking.holder(), id, ctx.now()).await?;
    let (Some(place), Some(state)) = (place(ctx), state) else { return Err(Error::invalid("passkey", LATE)) };
    match place.take(&state, answer).map_err(fault)? {
        Answer::Right(used) => note(ctx, id, &used).await,
        Answer::Copied(key) => refuse(ctx, id, &key).await,
        Answer::Wrong => Err(Error::invalid("passkey", WRONG)),
    }
}

/// Notes that a passkey was used. Since it was asked for, it may have been removed, or have counted on.
async fn note(ctx: &Ctx, id: AccountId, used: &KeyUse) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let Some(kept) = store::passkeys::lock(&mut tx, id, used.id()).await? else {
        tx.roll_back().await?;
        return Err(Error::invalid("passkey", WRONG));
    };
    let counts = used.counter() > 0 || kept.counter > 0;
    if counts && used.counter() <= kept.counter {
        tx.roll_back().await?;
        return refuse(ctx, id, used.id()).await;
    }
    let credential = used.noted_in(&kept.credential).map_err(fault)?;
    store::passkeys::note_use(&mut tx, kept.id, &credential, used.counter(), ctx.now()).await?;
    tx.commit().await
}

/// Refuses a passkey that has counted further before.
async fn refuse(ctx: &Ctx, id: AccountId, key: &[u8]) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    let Some(kept) = store::passkeys::lock(&mut tx, id, key).await? else {
        tx.roll_back().await?;
        return Err(Error::invalid("passkey", WRONG));
    };
    let words = format!(
        "Your passkey “{}” was refused. It had counted further before, so there may be a copy of it. Remove it.",
        kept.name
    );
    mails::refused(ctx, &mut tx, &user, "A passkey was refused", &words).await?;
    let deed = Deed::new(By::Account(id), AuditAction::RefusePasskey, About::Account(id));
    audit::record(ctx, &mut tx, deed.with(json!({ "passkey": kept.id.to_string() }))).await?;
    tx.commit().await?;
    tracing::warn!(account = %id, passkey = %kept.id, "a passkey that has counted further before was refused");
    Err(Error::invalid("passkey", COPIED))
}

/// Asks the browser at hand for a new passkey, as JSON. Whoever has just given their password, to set up a second
/// factor, shows nothing more.
pub async fn begin(ctx: &Ctx, me: &SignedIn, shown: Option<Both>, address: &str) -> Result<String> {
    let id = me.me.id;
    let place = place(ctx).ok_or(Error::NotFound)?;
    if store::passkeys::count(&mut *ctx.pool.get().await?, id).await? >= MOST {
        return Err(Error::Conflict(FULL.into()));
    }
    if let Some(shown) = shown {
        second_factor::check_owner(ctx, me, shown, address).await?;
    }
    let mut conn = ctx.pool.get().await?;
    let keys = readable(&mut conn, id).await?;
    let username = format!("{}@{}", me.me.username, ctx.config.instance.host());
    let name = if me.me.name.trim().is_empty() { &me.me.username } else { &me.me.name };
    let question = place.ask_for_new(&id.to_string(), &username, name, &keys).map_err(fault)?;
    keep(ctx, &mut conn, id, Asking::Add(me.session), &question.state).await?;
    Ok(question.asked)
}

/// Keeps a new passkey. The new secret of this session, and the codes for paper; none where some are left from before.
/// Other sessions end where it is the first second factor.
pub async fn add(ctx: &Ctx, me: &SignedIn, name: &str, answer: &str) -> Result<(String, Vec<String>)> {
    let (id, now) = (me.me.id, ctx.now());
    let holder = Asking::Add(me.session).holder();
    let state = store::passkeys::take(&mut *ctx.pool.get().await?, &holder, id, now).await?;
    let made = match (place(ctx), state) {
        (Some(place), Some(state)) => place.take_new(&state, answer).map_err(fault)?,
        _ => None,
    };
    let made = made.ok_or_else(|| Error::invalid("passkey", NOT_MADE))?;
    let (name, secret) = (named(name), SecretToken::generate());
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    let is_first = !store::second_factor::is_on(&mut tx, id).await?;
    if second_factor::is_overtaken(me, is_first) {
        tx.roll_back().await?;
        return Err(Error::Conflict("Your second factor is on already.".into()));
    }
    if store::passkeys::count(&mut tx, id).await? >= MOST {
        tx.roll_back().await?;
        return Err(Error::Conflict(FULL.into()));
    }
    let key = (made.id.as_slice(), made.key.as_str());
    let Some(passkey) = store::passkeys::insert(&mut tx, id, key, &name, now).await? else {
        tx.roll_back().await?;
        return Err(Error::Conflict("This passkey is in use already.".into()));
    };
    let codes = recovery::give_first(&mut tx, id).await?;
    store::sessions::prove(&mut tx, me.session, &token::hash(secret.as_str()), now).await?;
    let (subject, words, action) = if is_first {
        store::sessions::delete_others(&mut tx, id, Some(me.session)).await?;
        let words = format!("Signing in asks for your passkey “{name}” from now on. Other sessions ended.");
        ("Your second factor is on", words, AuditAction::TurnOnSecondFactor)
    } else {
        let words = format!("The passkey “{name}” can be used as your second factor from now on.");
        ("A passkey was added", words, AuditAction::AddPasskey)
    };
    mails::second_factor(ctx, &mut tx, &user, subject, &words).await?;
    if moderation::is_of_the_house(user.role) {
        let deed = Deed::new(By::Account(id), action, About::Account(id));
        audit::record(ctx, &mut tx, deed.with(json!({ "passkey": passkey.to_string() }))).await?;
    }
    tx.commit().await?;
    tracing::info!(account = %id, %passkey, "passkey added");
    Ok((secret.as_str().to_owned(), codes))
}

/// A name as it is kept: in one line, not too long, and never empty.
fn named(typed: &str) -> String {
    let short = sanitize::line(typed, NAME);
    if short.is_empty() { "Passkey".to_owned() } else { short }
}

/// Whether a passkey has to stay: it is all that somebody has whose role needs a second factor.
pub async fn has_to_stay(ctx: &Ctx, me: &SignedIn) -> Result<bool> {
    if !second_factor::is_needed(ctx, me.role) {
        return Ok(false);
    }
    let mut conn = ctx.pool.get().await?;
    Ok(!store::second_factor::has_app(&mut conn, me.me.id).await?
        && store::passkeys::count(&mut conn, me.me.id).await? <= 1)
}

/// Removes one of one's own; other sessions end. The new secret of this session.
pub async fn remove(ctx: &Ctx, me: &SignedIn, passkey: PasskeyId, both: Both, address: &str) -> Result<String> {
    let id = me.me.id;
    if !list(ctx, me).await?.iter().any(|key| key.id == passkey) {
        return Err(Error::NotFound);
    }
    if has_to_stay(ctx, me).await? {
        return Err(Error::Forbidden(LAST));
    }
    second_factor::check_owner(ctx, me, both, address).await?;
    let secret = SecretToken::generate();
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    let Some(name) = store::passkeys::delete(&mut tx, id, passkey).await? else {
        tx.roll_back().await?;
        return Err(Error::NotFound);
    };
    let is_on = store::second_factor::is_on(&mut tx, id).await?;
    if second_factor::is_needed(ctx, user.role) && !is_on {
        tx.roll_back().await?;
        return Err(Error::Forbidden(LAST));
    }
    store::second_factor::end_codes(&mut tx, id).await?;
    store::sessions::delete_others(&mut tx, id, Some(me.session)).await?;
    store::sessions::prove(&mut tx, me.session, &secret.hash(), ctx.now()).await?;
    let left = if is_on { "" } else { " Signing in asks for your password alone from now on." };
    let words = format!("The passkey “{name}” was removed. Other sessions ended.{left}");
    mails::second_factor(ctx, &mut tx, &user, "A passkey was removed", &words).await?;
    if moderation::is_of_the_house(user.role) {
        let action = if is_on { AuditAction::RemovePasskey } else { AuditAction::TurnOffSecondFactor };
        let deed = Deed::new(By::Account(id), action, About::Account(id));
        audit::record(ctx, &mut tx, deed.with(json!({ "passkey": passkey.to_string() }))).await?;
    }
    tx.commit().await?;
    tracing::info!(account = %id, %passkey, "passkey removed");
    Ok(secret.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{NAME, named};

    #[test]
    fn a_name_is_one_line_and_never_empty() {
        assert_eq!(named("  Key\r\non my \u{7} ring "), "Key on my ring");
        assert_eq!(named(" \n "), "Passkey");
        assert_eq!(named(&"ä".repeat(200)).chars().count(), NAME);
    }
}
