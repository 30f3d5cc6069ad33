//! One's own account: password, e-mail address; and what the operator may change.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Ctx, Page, Paged,
    audit::{self, About, By, Deed},
    cases, credentials, follows, groups, mails, registration, sessions, throttles,
};
use crate::{
    crypto::{SecretToken, token},
    error::{Error, Result},
    model::{
        Account, AccountId, AccountState, AuditAction, Event, MailPurpose, Role, SessionId, User, UserState, Visibility,
    },
    policy::{Viewer, moderation},
    store,
    text::handle,
};

/// Changes one's password; other sessions and all tokens end. The new secret of this session: whoever had a copy of the one
/// before is out.
pub async fn change_password(
    ctx: &Ctx,
    signed_in: &sessions::SignedIn,
    current: String,
    new: String,
    address: &str,
) -> Result<String> {
    registration::check_password(&new, &[&signed_in.me.username]).map_err(|m| Error::invalid("new_password", m))?;
    sessions::check_own_password(ctx, signed_in.me.id, current, address).await?;
    let secret = SecretToken::generate();
    set_password(ctx, signed_in.me.id, new, Some((signed_in.session, &secret)), None).await?;
    Ok(secret.as_str().to_owned())
}

/// Sets a password; `by` is none where its owner does it. The session that goes on, where one does, goes on under a new
/// secret.
async fn set_password(
    ctx: &Ctx,
    id: AccountId,
    new: String,
    keep: Option<(SessionId, &SecretToken)>,
    by: Option<By>,
) -> Result<()> {
    let hash = registration::hash_password(ctx, new).await?;
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    store::users::set_password(&mut tx, id, &hash).await?;
    store::users::delete_mail_tokens(&mut tx, id).await?;
    store::sessions::delete_others(&mut tx, id, keep.map(|(session, _)| session)).await?;
    if let Some((session, secret)) = keep {
        store::sessions::prove(&mut tx, session, &secret.hash(), ctx.now()).await?;
    }
    // Codes first: one that is being exchanged is waited for, and its token ends with the others.
    store::apps::delete_codes(&mut tx, id).await?;
    store::tokens::revoke(&mut tx, id, None).await?;
    mails::password_changed(ctx, &mut tx, &user).await?;
    if let Some(by) = by {
        audit::record(ctx, &mut tx, Deed::new(by, AuditAction::SetPassword, About::Account(id))).await?;
    }
    tx.commit().await?;
    tracing::info!(account = %id, "password changed");
    Ok(())
}

/// Asks for a link to choose a new password. The answer is the same whether the address is known or not.
pub async fn request_reset(ctx: &Ctx, email: &str, address: &str) -> Result<()> {
    for who in [email, &throttles::network(address)] {
        throttles::allow(ctx, throttles::Act::Reset, who).await?;
    }
    let mut tx = ctx.tx().await?;
    let user = store::users::find_by_email(&mut tx, email).await?;
    if let Some(user) = user.filter(|u| matches!(u.state, UserState::Active | UserState::Waiting)) {
        let code = registration::mail_token(
            ctx,
            &mut tx,
            user.account_id,
            MailPurpose::Reset,
            &user.email,
            TimeDelta::hours(1),
        )
        .await?;
        mails::reset(ctx, &mut tx, &user, &code).await?;
    }
    tx.commit().await
}

/// Whether a reset link would still work.
pub async fn reset_link_works(ctx: &Ctx, code: &str) -> Result<bool> {
    store::users::mail_token_works(&mut *ctx.pool.get().await?, &token::hash(code), MailPurpose::Reset, ctx.now()).await
}

/// Chooses a new password with a mailed link; all sessions and tokens end.
pub async fn reset(ctx: &Ctx, code: &str, new: String) -> Result<()> {
    registration::check_password(&new, &[]).map_err(|m| Error::invalid("new_password", m))?;
    let mut conn = ctx.pool.get().await?;
    let taken = store::users::take_mail_token(&mut conn, &token::hash(code), MailPurpose::Reset, ctx.now()).await?;
    drop(conn);
    let (id, _) = taken.ok_or(Error::NotFound)?;
    set_password(ctx, id, new, None, None).await
}

/// Asks to change one's e-mail address: a link goes to the new one, a notice to the old one.
pub async fn change_email(
    ctx: &Ctx,
    signed_in: &sessions::SignedIn,
    current: String,
    email: &str,
    address: &str,
) -> Result<()> {
    registration::check_email(email).map_err(|m| Error::invalid("email", m))?;
    sessions::check_own_password(ctx, signed_in.me.id, current, address).await?;
    // Each time two mailboxes get a mail, one of them perhaps a stranger's.
    throttles::allow(ctx, throttles::Act::Reset, &signed_in.me.id.to_string()).await?;
    let mut tx = ctx.tx().await?;
    let user = store::users::get(&mut tx, signed_in.me.id).await?;
    // An address in use gets no link; who asks is not told, as that would tell who is registered here.
    if store::users::find_by_email(&mut tx, email).await?.is_none() {
        let code = registration::mail_token(
            ctx,
            &mut tx,
            signed_in.me.id,
            MailPurpose::ChangeEmail,
            email,
            TimeDelta::hours(24),
        )
        .await?;
        mails::change_email(ctx, &mut tx, email, &code).await?;
    }
    mails::email_change_asked(ctx, &mut tx, &user).await?;
    tx.commit().await
}

/// Confirms a new e-mail address with the mailed link.
pub async fn confirm_email(ctx: &Ctx, code: &str) -> Result<()> {
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let taken = store::users::take_mail_token(&mut tx, &token::hash(code), MailPurpose::ChangeEmail, now).await?;
    let (id, email) = taken.ok_or(Error::NotFound)?;
    store::users::set_email(&mut tx, id, &email, now).await?;
    tx.commit().await
}

/// One's own user record.
pub async fn own(ctx: &Ctx, viewer: &Viewer) -> Result<User> {
    let me = moderation::require_account(viewer)?;
    store::users::get(&mut *ctx.pool.get().await?, me).await
}

/// What one's posts begin with.
pub async fn set_preferences(ctx: &Ctx, viewer: &Viewer, language: &str, visibility: Visibility) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    if crate::text::language::name(language).is_none() {
        return Err(Error::invalid("language", "Choose a language from the list."));
    }
    store::users::set_preferences(&mut *ctx.pool.get().await?, me, language, visibility).await
}

/// One of our people by user name, for the operator.
pub async fn by_username(ctx: &Ctx, username: &str) -> Result<Account> {
    let handle = handle::parse(username, &ctx.config.instance.host()).ok_or(Error::NotFound)?;
    store::accounts::find_by_handle(&mut *ctx.pool.get().await?, &handle.username, None).await?.ok_or(Error::NotFound)
}

/// Our people, for the operator.
pub async fn list(ctx: &Ctx, page: &Page) -> Result<Paged<(Account, User)>> {
    store::accounts::list_local(&mut *ctx.pool.get().await?, page).await
}

/// Our people, for admins.
pub async fn list_for(ctx: &Ctx, viewer: &Viewer, page: &Page) -> Result<Paged<(Account, User)>> {
    moderation::require_moderator(viewer)?;
    list(ctx, page).await
}

/// Changes a role, by the operator; all sessions end so that none keeps the old one. Whoever is a practitioner no more leaves the
/// groups that are for clinicians.
pub async fn set_role(ctx: &Ctx, id: AccountId, role: Role) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let user = store::users::lock(&mut tx, id).await?;
    store::users::set_role(&mut tx, id, role).await?;
    if role == Role::Public {
        groups::no_practitioner(ctx, &mut tx, id).await?;
    }
    store::sessions::delete_others(&mut tx, id, None).await?;
    let deed = Deed::new(By::Operator, AuditAction::SetRole, About::Account(id));
    let deed = deed.with(json!({ "from": user.role.as_str(), "to": role.as_str() }));
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    tracing::info!(account = %id, role = %role, "role changed by the operator");
    Ok(())
}

/// Sets a password, by the operator; all sessions and tokens end.
pub async fn set_password_by_operator(ctx: &Ctx, id: AccountId, new: String) -> Result<()> {
    registration::check_password(&new, &[]).map_err(|m| Error::invalid("password", m))?;
    set_password(ctx, id, new, None, Some(By::Operator)).await
}

/// Closes one's own account: its posts, follows and sessions go, other servers are told, the name is not given again. What it owns
/// is inherited; admins read in the audit log which groups nobody could inherit.
pub async fn close(ctx: &Ctx, signed_in: &sessions::SignedIn, current: String, address: &str) -> Result<()> {
    sessions::check_own_password(ctx, signed_in.me.id, current, address).await?;
    let id = signed_in.me.id;
    let mut tx = ctx.tx().await?;
    store::users::lock(&mut tx, id).await?;
    // Groups first: whoever removes a post holds its group before the post.
    let ownerless = groups::hand_over(ctx, &mut tx, id).await?;
    let left = credentials::holder_left(ctx, &mut tx, id).await?;
    store::outbox::insert(&mut tx, id, &Event::Leave).await?;
    store::users::set_state(&mut tx, id, UserState::Disabled, Some(id), ctx.now()).await?;
    store::accounts::set_state(&mut tx, id, AccountState::Gone).await?;
    cases::forget(ctx, &mut tx, id).await?;
    let concerned = cases::concerned_by_all_of(&mut tx, id).await?;
    let gone = store::posts::bury_all_of(&mut tx, id, ctx.now()).await?;
    cases::begin_all(ctx, &mut tx, id, gone.clone(), concerned).await?;
    store::groups::tell_removed_below(&mut tx, gone.clone()).await?;
    groups::waits_no_more(ctx, &mut tx, gone).await?;
    follows::end_all_of(ctx, &mut tx, id).await?;
    store::second_factor::delete(&mut tx, id).await?;
    store::passkeys::delete_all(&mut tx, id).await?;
    store::second_factor::end_codes(&mut tx, id).await?;
    store::sessions::delete_others(&mut tx, id, None).await?;
    store::apps::delete_codes(&mut tx, id).await?;
    store::tokens::revoke(&mut tx, id, None).await?;
    left.record(ctx, &mut tx).await?;
    let mut deed = Deed::new(By::Account(id), AuditAction::CloseAccount, About::Account(id));
    if !ownerless.is_empty() {
        let ids: Vec<String> = ownerless.iter().map(ToString::to_string).collect();
        deed = deed.with(json!({ "archived_groups": ids.join(", ") }));
    }
    audit::record(ctx, &mut tx, deed).await?;
    tx.commit().await?;
    tracing::info!(account = %id, "account closed by its owner");
    Ok(())
}
