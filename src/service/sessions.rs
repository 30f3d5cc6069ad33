//! Signing in and out, and what a session is worth.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Ctx, registration, second_factor,
    throttles::{key, network, seconds_until},
};
pub use crate::store::sessions::SignedIn;
use crate::{
    crypto::{SecretToken, password, token},
    error::{Error, Result},
    model::{AccountId, Role, Session, SessionId, User, UserState},
    policy::{Viewer, moderation},
    store::{self, Conn},
};

/// What a person fills in to sign in.
#[derive(Debug, Clone, Default)]
pub struct SignIn {
    /// E-mail address or user name.
    pub login: String,
    /// Password.
    pub password: String,
    /// Such as "Firefox on Windows".
    pub device: String,
    /// The address of the request, for the slow-down only; it is hashed before it is kept.
    pub address: String,
}

/// Where a right password leads.
#[derive(Debug)]
pub enum Entry {
    /// In: the secret of a session, for its cookie.
    In(String),
    /// Half-way: the secret that has to come back with a code of the second factor.
    HalfWay(String),
}

const WRONG: &str = "That e-mail and password do not match. Check both, or ask for a new password.";

/// Checks a password and starts a session, or asks for the second factor where there is one.
///
/// Equal words and equal time whether the account exists or not.
pub async fn sign_in(ctx: &Ctx, form: SignIn) -> Result<Entry> {
    let user = store::users::find_by_login(&mut *ctx.pool.get().await?, &form.login).await?;
    // One account has many spellings of its name, and one counter.
    let by_account = match &user {
        Some(user) => key(ctx, "account", &user.account_id.to_string()),
        None => key(ctx, "account", form.login.trim().trim_start_matches('@')),
    };
    let by_address = key(ctx, "address", &network(&form.address));
    let limits = &ctx.config.accounts;
    for (key, allowed) in [(&by_account, limits.failed_sign_ins), (&by_address, limits.failed_sign_ins * 10)] {
        slow_down(ctx, key, allowed).await?;
    }
    let right = verify_password(ctx, user.as_ref(), form.password).await?;
    let mut conn = ctx.pool.get().await?;
    let Some(user) = user.filter(|_| right) else { return Err(Error::invalid("password", WRONG)) };
    store::throttles::clear(&mut conn, &by_account).await?;
    store::throttles::uncount(&mut conn, &by_address).await?;
    match user.state {
        UserState::Active => {}
        UserState::Unconfirmed => return Err(Error::invalid("login", "Open the link in the mail we sent you first.")),
        UserState::Waiting => {
            return Err(Error::invalid(
                "login",
                "An admin is looking at your sign-up. You get a mail when it is decided.",
            ));
        }
        UserState::Rejected | UserState::Disabled => {
            return Err(Error::invalid("login", "This account is closed. Ask your hospital's admin."));
        }
    }
    if store::second_factor::is_on(&mut conn, user.account_id).await? {
        return second_factor::begin(ctx, &mut conn, user.account_id).await.map(Entry::HalfWay);
    }
    start(ctx, &mut conn, user.account_id, &form.device).await.map(Entry::In)
}

/// Starts a session of somebody who has shown who they are; returns its secret for the cookie.
pub(super) async fn start(ctx: &Ctx, conn: &mut Conn, id: AccountId, device: &str) -> Result<String> {
    let secret = SecretToken::generate();
    let session = store::sessions::insert(conn, &token::hash(secret.as_str()), id, device, ctx.now()).await?;
    tracing::info!(account = %id, %session, "signed in");
    Ok(secret.as_str().to_owned())
}

/// Counts a guess before it is checked, so that many at once cannot pass together.
pub(super) async fn slow_down(ctx: &Ctx, key: &[u8], allowed: i32) -> Result<()> {
    let now = ctx.now();
    let wait = ctx.config.accounts.sign_in_wait_seconds;
    match store::throttles::count(&mut *ctx.pool.get().await?, key, allowed, wait, now).await? {
        Some(until) => Err(Error::TooMany(seconds_until(now, until))),
        None => Ok(()),
    }
}

pub(super) async fn verify_password(ctx: &Ctx, user: Option<&User>, given: String) -> Result<bool> {
    let hash = user.map(|u| u.password_hash.clone());
    ctx.heavy(move || Ok(given.len() <= registration::MAX_PASSWORD && password::verify(&given, hash.as_deref()))).await
}

/// How long a session may be left alone.
fn idle(ctx: &Ctx, role: Role) -> TimeDelta {
    let accounts = &ctx.config.accounts;
    let longest = if moderation::is_of_the_house(role) { accounts.idle_minutes_desk } else { i64::MAX };
    TimeDelta::minutes(accounts.idle_minutes.min(longest))
}

fn begun_after(ctx: &Ctx) -> DateTime<Utc> {
    ctx.now() - TimeDelta::hours(ctx.config.accounts.session_hours)
}

/// Who is behind a cookie.
#[derive(Debug)]
pub enum Known {
    /// Somebody who is signed in.
    In(SignedIn),
    /// Somebody who has given their password a short time ago, and whose role needs a second factor that they do not have: until they have
    /// set it up, they are nobody.
    SettingUp(SignedIn),
}

/// Who is behind a cookie's secret, where the session has not ended.
pub async fn authenticate(ctx: &Ctx, secret: &str) -> Result<Option<Known>> {
    if secret.len() > 100 {
        return Ok(None);
    }
    let now = ctx.now();
    // By the longest time; below by that of the role.
    let seen_after = now - TimeDelta::minutes(ctx.config.accounts.idle_minutes);
    let mut conn = ctx.pool.read().await?;
    let found = store::sessions::find(&mut conn, token::hash(secret).to_vec(), seen_after, begun_after(ctx)).await?;
    let Some(signed_in) = found.filter(|found| found.seen_at > now - idle(ctx, found.role)) else { return Ok(None) };
    if now - signed_in.seen_at > TimeDelta::seconds(60) {
        store::sessions::touch(&mut conn, signed_in.session, now).await?;
    }
    let needed = moderation::needs_second_factor(signed_in.role, &ctx.config.accounts.second_factor_for);
    if needed && !signed_in.second_factor {
        // What they set up is theirs for good: a session that was left open somewhere is no proof of who they are.
        return Ok(is_proved(ctx, &signed_in).then_some(Known::SettingUp(signed_in)));
    }
    Ok(Some(Known::In(signed_in)))
}

/// One of our people as a viewer, where they may sign in.
pub(super) async fn viewer_of(ctx: &Ctx, id: AccountId) -> Result<Option<Viewer>> {
    let user = store::users::find(&mut *ctx.pool.read().await?, id).await?;
    Ok(user.filter(|u| u.state == UserState::Active).map(|u| Viewer::Account { id, role: u.role }))
}

/// When a session ends in any case.
pub fn ends_at(ctx: &Ctx, signed_in: &SignedIn) -> DateTime<Utc> {
    let absolute = signed_in.created_at + TimeDelta::hours(ctx.config.accounts.session_hours);
    absolute.min(ctx.now() + idle(ctx, signed_in.role))
}

/// Whether the password was given recently enough for admin pages.
pub fn is_proved(ctx: &Ctx, signed_in: &SignedIn) -> bool {
    ctx.now() - signed_in.proved_at <= TimeDelta::minutes(ctx.config.accounts.admin_idle_minutes)
}

/// Notes a look at an admin page: the short idle time begins anew. The session's secret is left alone: another request may
/// have given it a new one meanwhile, and whoever holds the one before is out.
pub async fn keep_proved(ctx: &Ctx, signed_in: &SignedIn) -> Result<()> {
    let now = ctx.now();
    if now - signed_in.proved_at < TimeDelta::seconds(30) {
        return Ok(());
    }
    store::sessions::keep_proved(&mut *ctx.pool.get().await?, signed_in.session, now).await
}

/// Checks the password again and gives the session a new secret.
pub async fn prove(ctx: &Ctx, signed_in: &SignedIn, given: String, address: &str) -> Result<String> {
    check_own_password(ctx, signed_in.me.id, given, address).await?;
    let secret = SecretToken::generate();
    store::sessions::prove(&mut *ctx.pool.get().await?, signed_in.session, &token::hash(secret.as_str()), ctx.now())
        .await?;
    Ok(secret.as_str().to_owned())
}

/// Whether this is the signed-in person's password; failures slow down like those of signing in.
pub(super) async fn check_own_password(ctx: &Ctx, id: AccountId, given: String, address: &str) -> Result<()> {
    let key = key(ctx, "proof", &format!("{id}|{}", network(address)));
    slow_down(ctx, &key, ctx.config.accounts.failed_sign_ins).await?;
    let user = store::users::get(&mut *ctx.pool.get().await?, id).await?;
    if verify_password(ctx, Some(&user), given).await? {
        return store::throttles::clear(&mut *ctx.pool.get().await?, &key).await;
    }
    Err(Error::invalid("current_password", "This is not your password."))
}

/// Ends the session at hand.
pub async fn sign_out(ctx: &Ctx, signed_in: &SignedIn) -> Result<()> {
    store::sessions::delete(&mut *ctx.pool.get().await?, signed_in.me.id, signed_in.session).await?;
    Ok(())
}

/// The sessions of the signed-in person.
pub async fn list(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Session>> {
    let Viewer::Account { id, role } = *viewer else { return Err(Error::Unauthenticated) };
    let seen_after = ctx.now() - idle(ctx, role);
    store::sessions::list(&mut *ctx.pool.get().await?, id, seen_after, begun_after(ctx)).await
}

/// Ends one of one's own sessions.
pub async fn end(ctx: &Ctx, viewer: &Viewer, id: SessionId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    if store::sessions::delete(&mut *ctx.pool.get().await?, me, id).await? { Ok(()) } else { Err(Error::NotFound) }
}

/// Ends all one's sessions but the one at hand.
pub async fn end_others(ctx: &Ctx, signed_in: &SignedIn) -> Result<()> {
    store::sessions::delete_others(&mut *ctx.pool.get().await?, signed_in.me.id, Some(signed_in.session)).await
}

/// The token that a form of this browser must bring back (CSRF): bound to the cookie's secret.
pub fn form_token(secret: &str) -> String {
    token::form_token(secret)
}

/// Whether a form brought the right token.
pub fn form_token_fits(secret: &str, given: &str) -> bool {
    token::equal(token::form_token(secret).as_bytes(), given.as_bytes())
}

/// A secret for the cookie of somebody who is not signed in, so that their forms can have a token as well.
pub fn visitor_secret() -> String {
    SecretToken::generate().as_str().to_owned()
}
