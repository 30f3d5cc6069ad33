//! The mails we write: short, plain, without a word that is not for the reader's mailbox.

use chrono::TimeDelta;

use super::{
    Ctx, Queue,
    throttles::{self, Act},
};
use crate::{
    error::Result,
    model::{Account, CredentialId, Mail, User},
    store::{self, Conn},
};

async fn queue(ctx: &Ctx, conn: &mut Conn, to: &str, subject: &str, body: &str) -> Result<()> {
    store::mails::insert(conn, to.trim(), subject, &signed(ctx, body)).await?;
    store::wake::notify(conn, Queue::Mails).await
}

/// A text with who sends it below.
fn signed(ctx: &Ctx, body: &str) -> String {
    let name = &ctx.config.instance.name;
    let help = match ctx.config.instance.contact.as_str() {
        "" => String::new(),
        contact => format!("\nQuestions: {contact}"),
    };
    format!("{body}\n\n--\n{name} on Consilium\n{}{help}\n", ctx.config.instance.origin())
}

pub(super) async fn confirm(ctx: &Ctx, conn: &mut Conn, to: &str, code: &str) -> Result<()> {
    let link = format!("{}/confirm/{code}", ctx.config.instance.origin());
    let body = format!(
        "Somebody, hopefully you, asked for an account with this address.\n\nConfirm the address within three days:\n{link}\n\n\
         If it was not you, do nothing: without the link no account is made."
    );
    queue(ctx, conn, to, "Confirm your e-mail address", &body).await
}

/// Whether a mailbox is told once more that somebody was turned away: they try again, and it must not drown.
async fn is_told(ctx: &Ctx, conn: &mut Conn, user: &User) -> Result<bool> {
    let room = throttles::has_room(ctx, conn, Act::Refusal, &user.email).await?;
    if !room {
        tracing::warn!(account = %user.account_id, "somebody is turned away so often that no mail tells of it");
    }
    Ok(room)
}

pub(super) async fn already_registered(ctx: &Ctx, conn: &mut Conn, user: &User) -> Result<()> {
    if !is_told(ctx, conn, user).await? {
        return Ok(());
    }
    let link = format!("{}/forgotten", ctx.config.instance.origin());
    let body = format!(
        "Somebody, perhaps you, asked for a new account with this address. You have one already.\n\n\
         If you forgot the password, choose a new one here:\n{link}\n\nIf it was not you, do nothing."
    );
    queue(ctx, conn, &user.email, "You have an account already", &body).await
}

pub(super) async fn sign_up_waits(ctx: &Ctx, conn: &mut Conn) -> Result<()> {
    let link = format!("{}/admin/sign-ups", ctx.config.instance.origin());
    let body = format!("A sign-up waits for a decision:\n{link}");
    for to in store::users::moderator_emails(conn).await? {
        queue(ctx, conn, &to, "A sign-up waits", &body).await?;
    }
    Ok(())
}

pub(super) async fn approved(ctx: &Ctx, conn: &mut Conn, user: &User) -> Result<()> {
    let link = format!("{}/sign-in", ctx.config.instance.origin());
    let body = format!("Welcome. Your account is ready.\n\nSign in:\n{link}");
    queue(ctx, conn, &user.email, "Your account is ready", &body).await
}

pub(super) async fn rejected(ctx: &Ctx, conn: &mut Conn, user: &User, reason: &str) -> Result<()> {
    let body = format!("Your sign-up was not accepted. The reason given:\n\n{}", reason.trim());
    queue(ctx, conn, &user.email, "Your sign-up was not accepted", &body).await
}

pub(super) async fn reset(ctx: &Ctx, conn: &mut Conn, user: &User, code: &str) -> Result<()> {
    let link = format!("{}/reset/{code}", ctx.config.instance.origin());
    let body = format!(
        "Somebody, hopefully you, asked for a new password.\n\nChoose one within an hour:\n{link}\n\n\
         If it was not you, do nothing: your password stays as it is."
    );
    queue(ctx, conn, &user.email, "Choose a new password", &body).await
}

pub(super) async fn password_changed(ctx: &Ctx, conn: &mut Conn, user: &User) -> Result<()> {
    let link = format!("{}/forgotten", ctx.config.instance.origin());
    let body = format!(
        "Your password was changed, and other sessions ended.\n\nIf it was not you, choose a new one at once:\n{link}"
    );
    queue(ctx, conn, &user.email, "Your password was changed", &body).await
}

pub(super) async fn change_email(ctx: &Ctx, conn: &mut Conn, to: &str, code: &str) -> Result<()> {
    let link = format!("{}/confirm-email/{code}", ctx.config.instance.origin());
    let body = format!(
        "Confirm within a day that this is your new address:\n{link}\n\nIf you did not ask for it, do nothing."
    );
    queue(ctx, conn, to, "Confirm your new e-mail address", &body).await
}

pub(super) async fn email_change_asked(ctx: &Ctx, conn: &mut Conn, user: &User) -> Result<()> {
    let link = format!("{}/forgotten", ctx.config.instance.origin());
    let body = format!(
        "Somebody who knows your password asked to change the address of your account. It changes once the new \
         address is confirmed.\n\nIf it was not you, choose a new password at once:\n{link}"
    );
    queue(ctx, conn, &user.email, "Your e-mail address is being changed", &body).await
}

/// Something happened to a second factor: a subject, and what it was.
pub(super) async fn second_factor(ctx: &Ctx, conn: &mut Conn, user: &User, subject: &str, words: &str) -> Result<()> {
    let link = format!("{}/forgotten", ctx.config.instance.origin());
    let body =
        format!("{words}\n\nIf it was not you, choose a new password at once, and tell your hospital's admin:\n{link}");
    queue(ctx, conn, &user.email, subject, &body).await
}

/// A second factor was refused: a subject, and why. A few an hour are told.
pub(super) async fn refused(ctx: &Ctx, conn: &mut Conn, user: &User, subject: &str, words: &str) -> Result<()> {
    if is_told(ctx, conn, user).await? { second_factor(ctx, conn, user, subject, words).await } else { Ok(()) }
}

/// Something happened to a credential: a subject, and a sentence without a word of the claim itself.
pub(super) async fn credential(
    ctx: &Ctx,
    conn: &mut Conn,
    user: &User,
    id: CredentialId,
    (subject, words): (&str, &str),
) -> Result<()> {
    let link = format!("{}/credentials/{id}", ctx.config.instance.origin());
    queue(ctx, conn, &user.email, subject, &format!("{words}\n\n{link}")).await
}

/// A colleague opened a document alone: who and why, and neither what it is nor whose.
pub(super) async fn opened_alone(
    ctx: &Ctx,
    conn: &mut Conn,
    people: Vec<String>,
    who: &Account,
    reason: &str,
) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let link = format!("{}/desk/openings", ctx.config.instance.origin());
    let body = format!(
        "{} (@{}) opened a document at the verification desk alone, in an emergency. The reason given:\n\n{reason}\n\n\
         Look at it, and ask if it was not right:\n{link}",
        who.name, who.username
    );
    let subject = "A document was opened by one person alone";
    let mail = |to: String| (to.trim().to_owned(), subject.to_owned(), signed(ctx, &body));
    store::mails::insert_many(conn, people.into_iter().map(mail).collect()).await?;
    store::wake::notify(conn, Queue::Mails).await
}

pub(super) async fn credential_code(ctx: &Ctx, conn: &mut Conn, to: &str, code: &str) -> Result<()> {
    let body = format!(
        "A colleague entered this mailbox to show that they work here. The code, good for half an hour:\n\n{code}\n\n\
         If it was not you, do nothing and tell nobody the code."
    );
    queue(ctx, conn, to, "Your code", &body).await
}

/// Cases wait for these people, and for each of them how many. Neither what is asked nor in which group is in such a mail.
pub(super) async fn cases_wait(ctx: &Ctx, conn: &mut Conn, people: Vec<(String, i64)>) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let origin = ctx.config.instance.origin();
    let mail = |(to, count): (String, i64)| {
        let waiting = match count {
            1 => "1 case waits for an answer".to_owned(),
            count @ ..=99 => format!("{count} cases wait for an answer"),
            _ => "More than 99 cases wait for an answer".to_owned(),
        };
        let body = format!(
            "{waiting} that you may be able to give.\n\nRead what is asked:\n{origin}/cases\n\n\
             You get this mail at most once a day, as you have asked for. Switch it off:\n{origin}/cases/wishes"
        );
        (to.trim().to_owned(), "Cases wait for you".to_owned(), signed(ctx, &body))
    };
    store::mails::insert_many(conn, people.into_iter().map(mail).collect()).await?;
    store::wake::notify(conn, Queue::Mails).await
}

/// Sends what waits; returns how many left. A mail that fails is tried again, later each time.
pub async fn send_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let lease = now + TimeDelta::seconds(120);
    let mails: Vec<Mail> = store::mails::claim(&mut *ctx.pool.get().await?, now, lease).await?;
    let mut sent = 0;
    for mail in mails {
        match ctx.mailer().send(&mail).await {
            Ok(()) => {
                store::mails::delete(&mut *ctx.pool.get().await?, mail.id).await?;
                sent += 1;
            }
            Err(error) => {
                let wait = 60_i64.saturating_mul(1 << mail.attempts.clamp(0, 10));
                tracing::warn!(mail = %mail.id, attempts = mail.attempts, %error, "a mail did not leave");
                store::mails::retry_at(&mut *ctx.pool.get().await?, mail.id, now + TimeDelta::seconds(wait)).await?;
            }
        }
    }
    Ok(sent)
}
