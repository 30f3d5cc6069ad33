//! Control of a mailbox of the institution: a code goes there, and comes back.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    events::{self, Step},
    facts,
    submit::{find_own, own},
};
use crate::{
    error::{Error, Result},
    model::{AuditAction, Credential, CredentialId, CredentialState},
    policy::{Viewer, moderation},
    service::{
        Ctx,
        audit::By,
        mails, registration,
        throttles::{self, Act},
    },
    store::{self, Conn},
};

/// A mailbox to which a code was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Its address.
    pub email: String,
    /// When.
    pub sent_at: DateTime<Utc>,
    /// When the code came back.
    pub proven_at: Option<DateTime<Utc>>,
}

/// How long a code works.
const LASTS: TimeDelta = TimeDelta::minutes(30);
/// Wrong codes, after which a new one is needed.
const TRIES: i16 = 5;
const PURPOSE: &str = "credential-code";

/// The mailbox of a credential; none where the institution has no domains of its own.
pub(super) async fn shown(ctx: &Ctx, conn: &mut Conn, id: CredentialId) -> Result<Option<Mailbox>> {
    if ctx.config.verification.mail_domains.is_empty() {
        return Ok(None);
    }
    let proof = store::credentials::mailbox::find(conn, id).await?;
    Ok(proof.map(|proof| Mailbox { email: proof.email, sent_at: proof.sent_at, proven_at: proof.proven_at }))
}

/// What is hashed: a code works for one credential and one mailbox.
fn text(id: CredentialId, email: &str, code: &str) -> String {
    format!("{id}|{email}|{code}")
}

fn may_prove(credential: &Credential) -> Result<()> {
    if credential.state.is_pending() {
        return Ok(());
    }
    Err(Error::Conflict("This has been decided: no mailbox is needed for it any more.".into()))
}

/// Sends a code to a mailbox of the institution.
///
/// # Errors
/// [`Error::NotFound`] where the institution has no domains of its own.
pub async fn send_code(ctx: &Ctx, viewer: &Viewer, id: CredentialId, email: &str) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let domains = &ctx.config.verification.mail_domains;
    if domains.is_empty() {
        return Err(Error::NotFound);
    }
    let email = email.trim().to_lowercase();
    registration::check_email(&email).map_err(|message| Error::invalid("email", message))?;
    let domain = email.rsplit('@').next().unwrap_or_default();
    if !domains.iter().any(|ours| ours.eq_ignore_ascii_case(domain)) {
        let words = format!("Use a mailbox of the institution: one that ends with @{}.", domains.join(" or @"));
        return Err(Error::invalid("email", words));
    }
    let mut conn = ctx.pool.get().await?;
    may_prove(&find_own(&mut conn, me, id).await?)?;
    proven_before(&mut conn, id, &email).await?;
    drop(conn);
    let who = me.to_string();
    throttles::allow(ctx, Act::Code, &who).await?;
    for counted in [&who, &email] {
        throttles::allow(ctx, Act::Codes, counted).await?;
    }
    let code = format!("{:06}", rand::random::<u32>() % 1_000_000);
    let mark = ctx.keyring.mac(PURPOSE, &text(id, &email, &code))?;
    let mut tx = ctx.tx().await?;
    let mut credential = own(&mut tx, me, id).await?;
    may_prove(&credential)?;
    // Whoever asks for another mailbox gives up the one that was proven.
    if let Some(given_up) = proven_before(&mut tx, id, &email).await? {
        let words = format!("Gave up {given_up}, which was proven: a code went to {email}.");
        events::add(ctx, &mut tx, &credential, By::Account(me), None, &words).await?;
    }
    store::credentials::mailbox::put(&mut tx, id, &email, mark.as_bytes(), ctx.now()).await?;
    mails::credential_code(ctx, &mut tx, &email, &code).await?;
    note_level(&mut tx, &mut credential).await?;
    tx.commit().await
}

/// Another mailbox that is proven; refused where it is this one.
async fn proven_before(conn: &mut Conn, id: CredentialId, email: &str) -> Result<Option<String>> {
    let proof = store::credentials::mailbox::find(conn, id).await?.filter(|proof| proof.proven_at.is_some());
    match proof {
        Some(proof) if proof.email == email => Err(Error::invalid("email", "This mailbox is proven already.")),
        other => Ok(other.map(|proof| proof.email)),
    }
}

/// Notes which level is reached now. How far a draft is matched is told to nobody, not even to its holder.
async fn note_level(conn: &mut Conn, credential: &mut Credential) -> Result<()> {
    if credential.state == CredentialState::Draft {
        return Ok(());
    }
    credential.level = facts::reached(conn, credential).await?.level(credential);
    store::credentials::set_level(conn, credential.id, credential.state, credential.level).await
}

/// Takes the code back: who has it has the mailbox.
pub async fn enter_code(ctx: &Ctx, viewer: &Viewer, id: CredentialId, code: &str) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let wrong = |words: &str| Err(Error::invalid("code", words));
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let mut tx = ctx.tx().await?;
    let mut credential = own(&mut tx, me, id).await?;
    may_prove(&credential)?;
    let proof = store::credentials::mailbox::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if proof.proven_at.is_some() {
        return tx.roll_back().await;
    }
    if proof.tries >= TRIES || ctx.now() > proof.sent_at + LASTS {
        tx.roll_back().await?;
        return wrong("This code works no more. Have a new one sent.");
    }
    let mark = String::from_utf8_lossy(&proof.code_hash);
    if !ctx.keyring.is_mac(PURPOSE, &text(id, &proof.email, &code), &mark)? {
        store::credentials::mailbox::count_try(&mut tx, id).await?;
        tx.commit().await?;
        return wrong("This is not the code. Look into the newest mail.");
    }
    store::credentials::mailbox::set_proven(&mut tx, id, ctx.now()).await?;
    let step = Step::new(By::Account(me), AuditAction::ProveMailbox, &credential);
    note_level(&mut tx, &mut credential).await?;
    let words = format!("Proved control of {}.", proof.email);
    events::add(ctx, &mut tx, &credential, By::Account(me), None, &words).await?;
    step.record(ctx, &mut tx, &credential, "").await?;
    tx.commit().await
}
