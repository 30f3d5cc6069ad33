//! The second factor of signing in: a code of an app on the phone, or a passkey ([`passkeys`]), or one of ten codes on
//! paper ([`recovery`]).
//!
//! The seed that app and server share is sealed under the instance key. Each code is taken once. Nothing of a seed is
//! kept before its first code was right: until then it travels sealed, with the page.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    Ctx,
    audit::{self, About, By, Deed},
    mails,
    passkeys::{self, Asking},
    recovery,
    sessions::{self, SignedIn},
    throttles::{key, seconds_until},
};
pub use crate::picture::qr::Qr;
use crate::{
    crypto::{
        SecretToken, token,
        totp::{self, Seed},
    },
    error::{Error, Result},
    model::{AccountId, AuditAction, Role, UserState},
    picture::qr,
    policy::moderation,
    store::{self, Conn},
};

/// Minutes from the password to the code.
pub const MINUTES: i64 = 5;
/// Wrong codes of one account in a day, beside the waits between them.
const WRONG_A_DAY: i32 = 50;
/// Letters of the institution's name that an app shows.
const NAME: usize = 60;

const WRONG: &str = "This code is not right, or it was used before. Wait for the next one in your app and type that.";
/// The same of a code on paper.
pub const WRONG_PAPER: &str =
    "This code is not right, or it was used before. Type another one as it stands on your paper.";
pub(super) const NO_APP: &str = "There is no app on this account.";
const NO_CODE: &str = "There is neither an app nor a recovery code on this account, so no code is right. Use your \
                       passkey: it needs JavaScript.";
const NEEDED: &str = "Your role needs a second factor.";

/// What an app is told that has a token of somebody who has to set up a second factor first.
pub(super) const MISSING: &str =
    "Your login needs a second factor: sign in on the pages of this server and set it up first";

/// Whether somebody has to set up a second factor before anything else.
pub(super) async fn is_missing(ctx: &Ctx, id: AccountId, role: Role) -> Result<bool> {
    Ok(is_needed(ctx, role) && !store::second_factor::is_on(&mut *ctx.pool.read().await?, id).await?)
}

/// Whether a role has to have one.
pub fn is_needed(ctx: &Ctx, role: Role) -> bool {
    moderation::needs_second_factor(role, &ctx.config.accounts.second_factor_for)
}

/// What somebody has of a second factor, beside passkeys.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Since when their app is on; none where there is none.
    pub app: Option<DateTime<Utc>>,
    /// How many codes on paper are left.
    pub codes: i64,
}

/// What one has oneself.
pub async fn standing(ctx: &Ctx, me: &SignedIn) -> Result<Standing> {
    let (mut conn, id) = (ctx.pool.get().await?, me.me.id);
    let app = store::second_factor::app_since(&mut conn, id).await?;
    Ok(Standing { app, codes: store::second_factor::count_codes(&mut conn, id).await? })
}

/// What somebody shows beside the password.
#[derive(Clone)]
pub enum Second {
    /// A code of the app, or one on paper.
    Code(String),
    /// What a browser has answered for a passkey.
    Passkey(String),
}

impl fmt::Debug for Second {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Second(..)")
    }
}

/// The password was right: what has to come back with a code or a passkey.
pub(super) async fn begin(ctx: &Ctx, conn: &mut Conn, id: AccountId) -> Result<String> {
    let secret = SecretToken::generate();
    let ends = ctx.now() + TimeDelta::minutes(MINUTES);
    store::second_factor::begin(conn, &token::hash(secret.as_str()), id, ends).await?;
    Ok(secret.as_str().to_owned())
}

/// How a half sign-in can go on.
#[derive(Debug, Clone)]
pub struct Ways {
    /// By a code of the app.
    pub app: bool,
    /// By a code on paper.
    pub paper: bool,
    /// By a passkey: what the browser is asked, as JSON; empty where there is none.
    pub passkey: String,
}

impl Ways {
    /// By a passkey alone.
    #[must_use]
    pub fn is_passkey_alone(&self) -> bool {
        !self.app && !self.paper
    }
}

/// How a half sign-in can go on; none where it was too long ago, where it was used, or where there is no second factor
/// any more.
pub async fn ways(ctx: &Ctx, half: &str) -> Result<Option<Ways>> {
    let mut conn = ctx.pool.get().await?;
    let begun = store::second_factor::begun(&mut conn, &token::hash(half), ctx.now()).await?;
    let Some(id) = begun else { return Ok(None) };
    if !store::second_factor::is_on(&mut conn, id).await? {
        return Ok(None);
    }
    let app = store::second_factor::has_app(&mut conn, id).await?;
    let paper = store::second_factor::count_codes(&mut conn, id).await? > 0;
    drop(conn);
    Ok(Some(Ways { app, paper, passkey: passkeys::ask_for(ctx, id, Asking::SignIn(half)).await? }))
}

/// The second half of a sign-in: checks what is shown and starts a session; returns its secret for the cookie.
/// [`Error::Unauthenticated`] where the first half was too long ago, or was used.
pub async fn finish(ctx: &Ctx, half: &str, second: &Second, device: &str) -> Result<String> {
    let asking = Asking::SignIn(half);
    let half = token::hash(half);
    let begun = store::second_factor::begun(&mut *ctx.pool.get().await?, &half, ctx.now()).await?;
    let id = begun.ok_or(Error::Unauthenticated)?;
    use_second(ctx, id, asking, second).await?;
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    if user.state != UserState::Active || !store::second_factor::end(&mut tx, &half, ctx.now()).await? {
        tx.roll_back().await?;
        return Err(Error::Unauthenticated);
    }
    let secret = sessions::start(ctx, &mut tx, id, device).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Checks what is shown beside the password, and uses it up.
async fn use_second(ctx: &Ctx, id: AccountId, asking: Asking<'_>, second: &Second) -> Result<()> {
    match second {
        Second::Code(typed) => use_code(ctx, id, typed).await,
        Second::Passkey(answer) => passkeys::check(ctx, id, asking, answer).await,
    }
}

/// Checks a code and uses it up; guesses slow down like those of passwords.
async fn use_code(ctx: &Ctx, id: AccountId, typed: &str) -> Result<()> {
    let mut conn = ctx.pool.get().await?;
    let app = store::second_factor::has_app(&mut conn, id).await?;
    if !app && store::second_factor::count_codes(&mut conn, id).await? == 0 {
        return Err(Error::invalid("passkey", NO_CODE));
    }
    drop(conn);
    let now = ctx.now();
    let who = id.to_string();
    let (soon, day) = (key(ctx, "second-factor", &who), key(ctx, "second-factor-day", &who));
    sessions::slow_down(ctx, &soon, ctx.config.accounts.failed_sign_ins).await?;
    let over = store::throttles::take(&mut *ctx.pool.get().await?, &day, WRONG_A_DAY, 86_400, now).await?;
    if let Some(until) = over {
        return Err(Error::TooMany(seconds_until(now, until)));
    }
    let mut tx = ctx.tx().await?;
    if !take(ctx, &mut tx, id, typed).await? {
        tx.roll_back().await?;
        return Err(Error::invalid("code", if app { WRONG } else { WRONG_PAPER }));
    }
    store::throttles::clear(&mut tx, &soon).await?;
    store::throttles::clear(&mut tx, &day).await?;
    tx.commit().await
}

/// Takes a code of the app or of the paper; false where it is not right.
async fn take(ctx: &Ctx, conn: &mut Conn, id: AccountId, typed: &str) -> Result<bool> {
    let digits = digits(typed);
    if digits.len() != totp::DIGITS {
        return recovery::take(ctx, conn, id, typed).await;
    }
    let Some(sealed) = store::second_factor::find_seed(conn, id).await? else { return Ok(false) };
    let seed = ctx.keyring.open_sealed(&context(id), &sealed)?;
    let seed = Seed::from_bytes(&seed).ok_or_else(|| Error::internal("a seed has 20 bytes"))?;
    let Some(step) = step_of(ctx, &seed, &digits) else { return Ok(false) };
    store::second_factor::take_step(conn, id, step).await
}

/// The digits of a code of an app, however they are parted; of anything else nothing.
pub(super) fn digits(typed: &str) -> String {
    let plain: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(totp::DIGITS + 1).collect();
    if plain.bytes().all(|b| b.is_ascii_digit()) { plain } else { String::new() }
}

pub(super) fn step_of(ctx: &Ctx, seed: &Seed, code: &str) -> Option<i64> {
    let seconds = u64::try_from(ctx.now().timestamp()).ok()?;
    seed.step_of(code, seconds).and_then(|step| i64::try_from(step).ok())
}

/// What a seed is sealed for.
pub(super) fn context(id: AccountId) -> String {
    format!("second-factor/{id}")
}

/// A second factor that somebody may turn on.
#[derive(Clone)]
pub struct Offer {
    /// The seed, sealed for this session: it comes back with the first code.
    pub sealed: String,
    /// The seed, to be typed into an app.
    pub secret: String,
    /// The address that opens an app on the same device.
    pub address: String,
    /// The same, for an app's camera.
    pub picture: Qr,
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offer(..)")
    }
}

/// A new seed.
pub fn offer(ctx: &Ctx, me: &SignedIn) -> Result<Offer> {
    let seed = Seed::generate();
    let sealed = ctx.keyring.seal(&offered_to(me), seed.as_bytes())?;
    show(ctx, me, &seed, URL_SAFE_NO_PAD.encode(sealed))
}

/// The seed of an offer that was made before, to be shown again.
pub fn offer_again(ctx: &Ctx, me: &SignedIn, sealed: &str) -> Result<Offer> {
    match offered(ctx, me, sealed) {
        Some(seed) => show(ctx, me, &seed, sealed.to_owned()),
        None => offer(ctx, me),
    }
}

fn offered_to(me: &SignedIn) -> String {
    format!("second-factor-offer/{}/{}", me.me.id, me.session)
}

/// The seed that was offered to this session; none where it was offered to another.
pub(super) fn offered(ctx: &Ctx, me: &SignedIn, sealed: &str) -> Option<Seed> {
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    Seed::from_bytes(&ctx.keyring.open_sealed(&offered_to(me), &sealed).ok()?)
}

fn show(ctx: &Ctx, me: &SignedIn, seed: &Seed, sealed: String) -> Result<Offer> {
    let instance = &ctx.config.instance;
    let issuer: String = instance.short_name.chars().take(NAME).collect();
    let account = format!("{}@{}", me.me.username, instance.public_url.host_str().unwrap_or_default());
    let address = seed.address(&issuer, &account).map_err(|e| Error::Internal(e.into()))?;
    let picture = qr::draw(&address).ok_or_else(|| Error::internal("an address is too long for a QR code"))?;
    Ok(Offer { sealed, secret: seed.text(), address, picture })
}

/// What somebody types to turn their app on.
#[derive(Debug, Clone, Default)]
pub struct FirstCode {
    /// The seed, as it was offered.
    pub sealed: String,
    /// The code that the app shows.
    pub code: String,
    /// The password; none from whoever has to set it up, and has just given it.
    pub password: Option<String>,
    /// What the browser has answered for a passkey, where there are passkeys.
    pub passkey: String,
}

/// Turns one's app on; other sessions end. The new secret of this session, and the codes for paper; none where those that
/// came with a passkey go on.
pub async fn turn_on(ctx: &Ctx, me: &SignedIn, first: FirstCode, address: &str) -> Result<(String, Vec<String>)> {
    let id = me.me.id;
    let seed = offered(ctx, me, &first.sealed);
    let seed =
        seed.ok_or_else(|| Error::Conflict("This page was open for too long: scan the new code below.".into()))?;
    let step = step_of(ctx, &seed, &digits(&first.code));
    let step = step.ok_or_else(|| Error::invalid("code", "This is not the code that your app shows now."))?;
    if let Some(password) = first.password {
        check_owner(ctx, me, Both { password, second: Second::Passkey(first.passkey) }, address).await?;
    }
    let sealed = ctx.keyring.seal(&context(id), seed.as_bytes())?;
    let secret = SecretToken::generate();
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    let is_first = !store::second_factor::is_on(&mut tx, id).await?;
    if is_overtaken(me, is_first) || !store::second_factor::insert(&mut tx, id, sealed, step, now).await? {
        tx.roll_back().await?;
        return Err(Error::Conflict("Your second factor is on already.".into()));
    }
    let codes = recovery::give_first(&mut tx, id).await?;
    store::sessions::delete_others(&mut tx, id, Some(me.session)).await?;
    store::sessions::prove(&mut tx, me.session, &token::hash(secret.as_str()), now).await?;
    let (subject, words) = if is_first {
        ("Your second factor is on", "Signing in asks for a code of your app from now on. Other sessions ended.")
    } else {
        ("Your app for codes is on", "Signing in takes its codes or a passkey from now on. Other sessions ended.")
    };
    mails::second_factor(ctx, &mut tx, &user, subject, words).await?;
    if moderation::is_of_the_house(user.role) {
        let deed = Deed::new(By::Account(id), AuditAction::TurnOnSecondFactor, About::Account(id));
        audit::record(ctx, &mut tx, deed).await?;
    }
    tx.commit().await?;
    tracing::info!(account = %id, "second factor turned on");
    Ok((secret.as_str().to_owned(), codes))
}

/// Whether somebody who had no second factor to show has one by now: another browser was faster.
pub(super) fn is_overtaken(me: &SignedIn, is_first: bool) -> bool {
    !me.second_factor && !is_first
}

/// What somebody shows to change their second factor: the password, and what they have of it.
#[derive(Debug, Clone)]
pub struct Both {
    /// The password.
    pub password: String,
    /// A code or a passkey; of no matter where they have no second factor yet.
    pub second: Second,
}

/// Whether it is the owner: by the password, and by the second factor where there is one. A code or an answer is used
/// up.
pub(super) async fn check_owner(ctx: &Ctx, me: &SignedIn, both: Both, address: &str) -> Result<()> {
    let id = me.me.id;
    sessions::check_own_password(ctx, id, both.password, address).await?;
    if !store::second_factor::is_on(&mut *ctx.pool.get().await?, id).await? {
        return Ok(());
    }
    use_second(ctx, id, Asking::Prove(me.session), &both.second).await
}

/// Turns one's app off; other sessions end. Not for roles that need a second factor, unless they have passkeys. The new
/// secret of this session, and whether there are passkeys.
pub async fn turn_off(ctx: &Ctx, me: &SignedIn, both: Both, address: &str) -> Result<(String, bool)> {
    let id = me.me.id;
    if is_needed(ctx, me.role) && store::passkeys::count(&mut *ctx.pool.get().await?, id).await? == 0 {
        return Err(Error::Forbidden(NEEDED));
    }
    if !store::second_factor::has_app(&mut *ctx.pool.get().await?, id).await? {
        return Err(Error::Conflict(NO_APP.into()));
    }
    check_owner(ctx, me, both, address).await?;
    let secret = SecretToken::generate();
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    store::second_factor::delete(&mut tx, id).await?;
    let is_on = store::second_factor::is_on(&mut tx, id).await?;
    if is_needed(ctx, user.role) && !is_on {
        tx.roll_back().await?;
        return Err(Error::Forbidden(NEEDED));
    }
    store::second_factor::end_codes(&mut tx, id).await?;
    store::sessions::delete_others(&mut tx, id, Some(me.session)).await?;
    store::sessions::prove(&mut tx, me.session, &secret.hash(), ctx.now()).await?;
    let (subject, words) = if is_on {
        ("Your app for codes is off", "Signing in asks for a passkey from now on. Other sessions ended.")
    } else {
        ("Your second factor is off", "Signing in asks for your password alone from now on. Other sessions ended.")
    };
    mails::second_factor(ctx, &mut tx, &user, subject, words).await?;
    if moderation::is_of_the_house(user.role) {
        let deed = Deed::new(By::Account(id), AuditAction::TurnOffSecondFactor, About::Account(id));
        let left = if is_on { "passkeys" } else { "" };
        audit::record(ctx, &mut tx, deed.with(json!({ "left": left }))).await?;
    }
    tx.commit().await?;
    tracing::info!(account = %id, "second factor turned off");
    Ok((secret.as_str().to_owned(), is_on))
}

/// Takes somebody's second factor away, app, passkeys and paper, and ends all sessions and tokens; false where there is none.
pub(super) async fn take_away(conn: &mut Conn, id: AccountId) -> Result<bool> {
    let app = store::second_factor::delete(conn, id).await?;
    if store::passkeys::delete_all(conn, id).await? == 0 && !app {
        return Ok(false);
    }
    store::second_factor::end_codes(conn, id).await?;
    store::sessions::delete_others(conn, id, None).await?;
    store::apps::delete_codes(conn, id).await?;
    store::tokens::revoke(conn, id, None).await?;
    Ok(true)
}

/// Takes the second factor away from somebody who has lost phone, paper and keys, by the operator; all sessions and
/// tokens end, as the phone held some. False where there is none.
pub async fn reset_by_operator(ctx: &Ctx, id: AccountId) -> Result<bool> {
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    if !take_away(&mut tx, id).await? {
        tx.roll_back().await?;
        return Ok(false);
    }
    let words = "The people who run this server took your second factor away. All sessions and access tokens ended. Sign in \
                 with your password, and set it up anew.";
    mails::second_factor(ctx, &mut tx, &user, "Your second factor was reset", words).await?;
    let deed = Deed::new(By::Operator, AuditAction::ResetSecondFactor, About::Account(id));
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    tracing::info!(account = %id, "second factor reset by the operator");
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn a_code_is_read_however_it_is_parted() {
        for typed in ["123456", "123 456", " 123-456 ", "12 34 56"] {
            assert_eq!(digits(typed), "123456");
        }
        for typed in ["", "12345", "1234567", "ABCD-EFGH-IJKL-MNOP", "12345x"] {
            assert_ne!(digits(typed).len(), 6, "{typed}");
        }
    }
}
