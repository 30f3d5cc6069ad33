//! Sign-up: closed, by invitation, by approval, or open; each address is confirmed by mail.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Ctx, Page, Paged,
    audit::{self, About, By, Deed},
    keys, likeness, mails,
    oauth::Granted,
    throttles, urls,
};
use crate::{
    config::Registration,
    crypto::{SecretToken, password, token},
    error::{Error, FieldError, Result},
    model::{
        AccessToken, Account, AccountId, AccountKind, AccountState, AuditAction, MailPurpose, NotificationKind, Role,
        User, UserState,
    },
    policy::{Viewer, moderation},
    store::{self, accounts::NewLocal, users::NewUser},
    text::{self, handle, sanitize},
};

/// What a person fills in.
#[derive(Debug, Clone, Default)]
pub struct SignUp {
    /// Wanted user name.
    pub username: String,
    /// Display name.
    pub name: String,
    /// Address.
    pub email: String,
    /// Password.
    pub password: String,
    /// Why they ask (approval).
    pub reason: String,
    /// An invitation's code.
    pub invitation: String,
    /// They wish to be listed, and suggested to others.
    pub discoverable: bool,
}

/// Shortest password (NIST SP 800-63B asks for 8 or more; these are not changed often).
pub const MIN_PASSWORD: usize = 10;
/// Longest password, in bytes.
pub const MAX_PASSWORD: usize = 200;
/// How long a link that confirms an address works; after it an unconfirmed sign-up is forgotten.
pub const CONFIRM: TimeDelta = TimeDelta::days(3);
const SPENT: &str = "This invitation has been used or has ended. Ask for a new one.";

/// A sign-up by an app: the token works once the person may sign in. For an e-mail address that is in use it never does,
/// and looks the same.
pub async fn ask_by_app(ctx: &Ctx, form: SignUp, address: &str, app: &AccessToken) -> Result<Granted> {
    let made = sign_up(ctx, form, address).await?;
    let secret = SecretToken::generate();
    let mut conn = ctx.pool.get().await?;
    match made {
        Some(id) => {
            store::tokens::insert(&mut conn, &secret.hash(), Some(id), &app.name, &app.scopes, app.app_id).await?;
        }
        None => store::tokens::insert_pending(&mut conn, &secret.hash(), &app.name, &app.scopes).await?,
    }
    Ok(Granted { secret: secret.as_str().to_owned(), scopes: app.scopes.clone(), created_at: ctx.now().timestamp() })
}

/// Mails the link once more to somebody whose address is not confirmed yet.
pub async fn mail_again(ctx: &Ctx, id: AccountId) -> Result<()> {
    throttles::allow(ctx, throttles::Act::Reset, &id.to_string()).await?;
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    if user.state == UserState::Unconfirmed {
        let code = mail_token(ctx, &mut tx, id, MailPurpose::Confirm, &user.email, CONFIRM).await?;
        mails::confirm(ctx, &mut tx, &user.email, &code).await?;
    }
    tx.commit().await
}

/// Takes a sign-up: the account, where one was made. Whether the e-mail address is in use is told to its owner alone, by
/// mail.
pub async fn sign_up(ctx: &Ctx, form: SignUp, address: &str) -> Result<Option<AccountId>> {
    let mode = ctx.config.accounts.registration;
    let invited = !form.invitation.is_empty();
    if mode == Registration::Closed || (mode == Registration::Invite && !invited) {
        return Err(Error::Forbidden("New accounts are by invitation here. Ask your hospital's admin for one."));
    }
    check(ctx, &form, mode == Registration::Approval && !invited)?;
    for who in [&form.email, &throttles::network(address)] {
        throttles::allow(ctx, throttles::Act::SignUp, who).await?;
    }
    let now = ctx.now();
    let mut conn = ctx.pool.get().await?;
    let code = token::hash(&form.invitation);
    if invited && !store::invitations::works(&mut conn, &code, now).await? {
        return Err(Error::invalid("invitation", SPENT));
    }
    if store::accounts::find_by_handle(&mut conn, &form.username, None).await?.is_some() {
        return Err(Error::invalid("username", "This user name is taken. Please choose another."));
    }
    drop(conn);
    let hash = hash_password(ctx, form.password.clone()).await?;
    let keys = keys::make(ctx, &urls::account(ctx, &form.username), "").await?;
    let mut tx = ctx.tx().await?;
    if invited && !store::invitations::take(&mut tx, &code, now).await? {
        return Err(Error::invalid("invitation", SPENT));
    }
    let known = store::users::find_by_email(&mut tx, &form.email).await?;
    // The name is taken in any case: were it free afterwards, that would tell that the address is known.
    let new = new_local(ctx, &form, AccountState::Waiting, keys);
    let id = store::accounts::insert_local(&mut tx, new).await?;
    let is_new = known.is_none();
    match known {
        Some(user) if user.state == UserState::Unconfirmed => {
            let code = mail_token(ctx, &mut tx, user.account_id, MailPurpose::Confirm, &user.email, CONFIRM).await?;
            mails::confirm(ctx, &mut tx, &user.email, &code).await?;
        }
        Some(user) => mails::already_registered(ctx, &mut tx, &user).await?,
        None => {
            let user = NewUser {
                account_id: id,
                email: form.email.trim().to_owned(),
                confirmed: false,
                password_hash: hash,
                role: Role::Clinician,
                state: UserState::Unconfirmed,
                reason: form.reason.trim().to_owned(),
                invited,
            };
            store::users::insert(&mut tx, user, now).await?;
            if sanitize::wears_badge(&form.name) {
                likeness::marked(ctx, &mut tx, id, true).await?;
            }
            let code = mail_token(ctx, &mut tx, id, MailPurpose::Confirm, &form.email, CONFIRM).await?;
            mails::confirm(ctx, &mut tx, &form.email, &code).await?;
        }
    }
    if is_new && !ctx.config.accounts.confirm_email {
        admit(ctx, &mut tx, id, form.email.trim()).await?;
    }
    tx.commit().await?;
    Ok(is_new.then_some(id))
}

fn check(ctx: &Ctx, form: &SignUp, needs_reason: bool) -> Result<()> {
    let mut wrong = Vec::new();
    if let Err(message) = handle::check_username(&form.username, &ctx.config.verification.organization) {
        wrong.push(FieldError { field: "username", message });
    }
    if form.name.chars().count() > 100 {
        wrong.push(FieldError { field: "name", message: "A name may have 100 characters.".into() });
    }
    if let Err(message) = check_email(&form.email) {
        wrong.push(FieldError { field: "email", message });
    }
    if let Err(message) = check_password(&form.password, &[&form.username, &form.email]) {
        wrong.push(FieldError { field: "password", message });
    }
    if needs_reason && form.reason.trim().chars().count() < 10 {
        wrong.push(FieldError {
            field: "reason",
            message: "Tell the admin in a sentence who you are and where you work.".into(),
        });
    }
    if form.reason.chars().count() > 2_000 {
        wrong.push(FieldError { field: "reason", message: "Please use 2,000 characters or fewer.".into() });
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// Whether an address can be mailed to.
pub(crate) fn check_email(email: &str) -> Result<(), String> {
    let fine = email.trim().len() <= 254 && email.trim().parse::<lettre::Address>().is_ok();
    if fine { Ok(()) } else { Err("Enter an e-mail address such as a.merrow@hospital.example.".into()) }
}

/// Whether a password is good enough; `known` are words that it must not be.
pub(crate) fn check_password(password: &str, known: &[&str]) -> Result<(), String> {
    if password.chars().count() < MIN_PASSWORD {
        return Err(format!("Use {MIN_PASSWORD} characters or more. Three words you can remember do well."));
    }
    if password.len() > MAX_PASSWORD {
        return Err("This password is too long.".into());
    }
    let lower = password.to_lowercase();
    let distinct = lower.chars().collect::<std::collections::HashSet<_>>().len();
    if distinct < 4 || known.iter().any(|k| !k.is_empty() && lower == k.to_lowercase()) {
        return Err("This password is too easy to guess.".into());
    }
    Ok(())
}

/// Hashes a password off the async threads.
pub(crate) async fn hash_password(ctx: &Ctx, text: String) -> Result<String> {
    ctx.heavy(move || password::hash(&text).map_err(|e| Error::Internal(e.into()))).await
}

fn new_local(ctx: &Ctx, form: &SignUp, state: AccountState, keys: Vec<store::accounts::NewKey>) -> NewLocal {
    let said = sanitize::name(&form.name, 100);
    // A name of nothing but signs is none.
    let name = if said.is_empty() { form.username.clone() } else { said };
    NewLocal {
        username: form.username.clone(),
        name_skeleton: text::skeleton(&name),
        name,
        kind: AccountKind::Person,
        state,
        discoverable: form.discoverable,
        uri: urls::account(ctx, &form.username),
        url: urls::profile(ctx, &form.username),
        shared_inbox: urls::shared_inbox(ctx),
        keys,
    }
}

/// A link that works once: stores its hash and returns the secret for the mail.
pub(crate) async fn mail_token(
    ctx: &Ctx,
    conn: &mut store::Conn,
    id: AccountId,
    purpose: MailPurpose,
    email: &str,
    lasts: TimeDelta,
) -> Result<String> {
    let secret = SecretToken::generate();
    store::users::insert_mail_token(conn, &token::hash(secret.as_str()), id, purpose, email.trim(), ctx.now() + lasts)
        .await?;
    Ok(secret.as_str().to_owned())
}

/// Where a confirmed sign-up stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// They may sign in.
    Ready,
    /// An admin decides.
    Waiting,
}

/// Confirms an address with the mailed code.
pub async fn confirm(ctx: &Ctx, code: &str) -> Result<Confirmed> {
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let Some((id, email)) =
        store::users::take_mail_token(&mut tx, &token::hash(code), MailPurpose::Confirm, now).await?
    else {
        return Err(Error::NotFound);
    };
    let stands = admit(ctx, &mut tx, id, &email).await?;
    store::wake::notify(&mut tx, store::wake::Queue::Mails).await?;
    tx.commit().await?;
    Ok(stands)
}

/// Confirms somebody's address by the operator, who knows them.
pub async fn confirm_by_operator(ctx: &Ctx, id: AccountId) -> Result<Confirmed> {
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    let stands = admit(ctx, &mut tx, id, &user.email).await?;
    let deed = Deed::new(By::Operator, AuditAction::ConfirmEmail, About::Account(id));
    let waits = stands == Confirmed::Waiting;
    audit::record(ctx, &mut tx, deed.with(json!({ "waits_for_an_admin": waits }))).await?;
    tx.commit().await?;
    Ok(stands)
}

/// The address is confirmed: they may sign in, or an admin decides.
async fn admit(ctx: &Ctx, conn: &mut store::Conn, id: AccountId, email: &str) -> Result<Confirmed> {
    let now = ctx.now();
    let user = store::users::lock(conn, id).await?;
    store::users::set_email(conn, id, email, now).await?;
    let asks = ctx.config.accounts.registration == Registration::Approval && !user.invited;
    let waits = asks && user.state != UserState::Active;
    let next = if waits { UserState::Waiting } else { UserState::Active };
    if user.state.may_become(next) {
        store::users::set_state(conn, id, next, None, now).await?;
        if next == UserState::Active {
            store::accounts::set_state(conn, id, AccountState::Active).await?;
        } else {
            store::reports::tell_moderators(conn, NotificationKind::SignUp, id).await?;
            mails::sign_up_waits(ctx, conn).await?;
        }
        likeness::look_at(ctx, conn, id).await?;
    }
    Ok(if waits { Confirmed::Waiting } else { Confirmed::Ready })
}

/// Sign-ups that wait, for moderators.
pub async fn waiting(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<(Account, User)>> {
    moderation::require_moderator(viewer)?;
    store::users::list_waiting(&mut *ctx.pool.get().await?, page).await
}

/// Lets somebody in.
pub async fn approve(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<()> {
    decide(ctx, viewer, id, UserState::Active, "").await
}

/// Refuses a sign-up; the text goes to the person.
pub async fn reject(ctx: &Ctx, viewer: &Viewer, id: AccountId, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "Say why in a sentence: it is mailed to the person."));
    }
    decide(ctx, viewer, id, UserState::Rejected, reason).await
}

async fn decide(ctx: &Ctx, viewer: &Viewer, id: AccountId, next: UserState, reason: &str) -> Result<()> {
    let by = moderation::require_moderator(viewer)?;
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    if user.state != UserState::Waiting || !user.state.may_become(next) {
        return Err(Error::Conflict("This sign-up has been decided already.".into()));
    }
    store::users::set_state(&mut tx, id, next, Some(by), ctx.now()).await?;
    if next == UserState::Active {
        store::accounts::set_state(&mut tx, id, AccountState::Active).await?;
        likeness::look_at(ctx, &mut tx, id).await?;
        mails::approved(ctx, &mut tx, &user).await?;
    } else {
        mails::rejected(ctx, &mut tx, &user, reason).await?;
    }
    let action = if next == UserState::Active { AuditAction::ApproveSignUp } else { AuditAction::RejectSignUp };
    let deed = Deed::new(By::Account(by), action, About::Account(id)).because(reason);
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    tracing::info!(account = %id, by = %by, decision = %next, "sign-up decided");
    Ok(())
}

/// An account made by the operator: confirmed and active at once.
pub async fn create(ctx: &Ctx, form: SignUp, role: Role) -> Result<AccountId> {
    check(ctx, &form, false)?;
    let hash = hash_password(ctx, form.password.clone()).await?;
    let keys = keys::make(ctx, &urls::account(ctx, &form.username), "").await?;
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let new = new_local(ctx, &form, AccountState::Active, keys);
    let id = store::accounts::insert_local(&mut tx, new).await?;
    let user = NewUser {
        account_id: id,
        email: form.email.trim().to_owned(),
        confirmed: true,
        password_hash: hash,
        role,
        state: UserState::Active,
        reason: "Made by the operator".into(),
        invited: false,
    };
    store::users::insert(&mut tx, user, now).await?;
    if sanitize::wears_badge(&form.name) {
        likeness::marked(ctx, &mut tx, id, true).await?;
    }
    likeness::look_at(ctx, &mut tx, id).await?;
    let deed = Deed::new(By::Operator, AuditAction::CreateAccount, About::Account(id));
    audit::record(ctx, &mut tx, deed.with(json!({ "role": role.as_str() }))).await?;
    tx.commit().await?;
    Ok(id)
}
