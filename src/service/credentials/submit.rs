//! What a clinician does with a credential of theirs.

use chrono::{DateTime, Utc};

use super::{
    events::{Step, go},
    facts,
    form::{self, Checked, CredentialForm, Rules},
    number,
};
use crate::{
    error::{Error, Result},
    model::{AccountId, AuditAction, Credential, CredentialId, CredentialKind, CredentialSource, CredentialState},
    policy::{Viewer, moderation},
    service::{
        Ctx,
        attestations::issue,
        audit::{self, About, By, Deed},
        secrets, specialties,
    },
    store::{self, Conn},
};

/// Most credentials of one person that are not over.
const MOST: i64 = 20;
/// Longest word to the desk or from it, in characters.
const LONGEST: usize = 2_000;

/// One's own, locked; for everybody else there is none.
pub(super) async fn own(conn: &mut Conn, me: AccountId, id: CredentialId) -> Result<Credential> {
    let credential = store::credentials::lock(conn, id).await?;
    if credential.account_id == me { Ok(credential) } else { Err(Error::NotFound) }
}

/// Words to the other side; they have to be some.
pub(super) fn words<'a>(field: &'static str, typed: &'a str, ask: &'static str) -> Result<&'a str> {
    let typed = typed.trim();
    let length = typed.chars().count();
    if typed.is_empty() {
        return Err(Error::invalid(field, ask));
    }
    if length > LONGEST {
        return Err(Error::invalid(field, format!("This has {length} characters. The limit is {LONGEST}.")));
    }
    Ok(typed)
}

/// A new one, of which nothing is said yet.
pub(super) async fn blank(ctx: &Ctx, conn: &mut Conn, who: AccountId, kind: CredentialKind) -> Result<Credential> {
    let id = CredentialId(store::credentials::new_id(conn).await?);
    let now = ctx.now();
    Ok(Credential {
        id,
        account_id: who,
        kind,
        state: CredentialState::Draft,
        level: 1,
        register: String::new(),
        body: String::new(),
        jurisdiction: String::new(),
        number_sealed: None,
        number_index: None,
        discipline: String::new(),
        specialties: Vec::new(),
        family_name: String::new(),
        given_names: String::new(),
        role: String::new(),
        issued_on: None,
        expires_on: None,
        source: CredentialSource::Clinician,
        renews: None,
        claimed_by: None,
        claimed_at: None,
        confirmed_by: None,
        decided_by: None,
        ticked: Vec::new(),
        seen: String::new(),
        recheck_reason: String::new(),
        recheck_by: None,
        submitted_at: None,
        decided_at: None,
        checked_on: None,
        next_check_on: None,
        reminded_days: None,
        created_at: now,
        updated_at: now,
    })
}

/// A new draft, where somebody may have one more.
async fn draft(ctx: &Ctx, conn: &mut Conn, me: AccountId, kind: CredentialKind) -> Result<Credential> {
    // Two forms that are sent at once are counted one after the other.
    store::users::lock(conn, me).await?;
    if store::credentials::count_open(conn, me).await? >= MOST {
        return Err(Error::Conflict(format!("You have {MOST} credentials that are not over. Withdraw one first.")));
    }
    blank(ctx, conn, me, kind).await
}

/// Writes a form into a credential; names what it changed.
async fn write(ctx: &Ctx, conn: &mut Conn, into: &mut Credential, checked: Checked) -> Result<Vec<&'static str>> {
    let before = into.clone();
    let number = checked.number.as_deref().unwrap_or_default();
    let index = match number {
        "" => None,
        number => Some(secrets::index_key(ctx, conn).await?.index(&checked.register, number)?),
    };
    if index != into.number_index {
        into.number_sealed = if number.is_empty() { None } else { Some(number::seal(ctx, into.id, number)?) };
        into.number_index = index;
    }
    // Whoever writes the number also elsewhere does not want it to be read there.
    (into.body, into.role) = (number::hide(&checked.body, number), number::hide(&checked.role, number));
    (into.kind, into.register, into.jurisdiction) = (checked.kind, checked.register, checked.jurisdiction);
    (into.discipline, into.specialties) = (checked.discipline, checked.specialties);
    (into.family_name, into.given_names) = (checked.family_name, checked.given_names);
    (into.issued_on, into.expires_on) = (checked.issued_on, checked.expires_on);
    let changed = [
        ("kind", into.kind != before.kind),
        ("register", into.register != before.register),
        ("body", into.body != before.body),
        ("country", into.jurisdiction != before.jurisdiction),
        ("number", into.number_index != before.number_index),
        ("profession", into.discipline != before.discipline),
        ("specialties", into.specialties != before.specialties),
        ("family name", into.family_name != before.family_name),
        ("given names", into.given_names != before.given_names),
        ("role", into.role != before.role),
        ("first day", into.issued_on != before.issued_on),
        ("last day", into.expires_on != before.expires_on),
    ];
    Ok(changed.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what).collect())
}

/// Keeps what somebody has filled in: a new one (without an id), a draft, or one that the desk has asked about. With
/// `submit` it goes to the desk, and nothing may be missing.
pub async fn save(
    ctx: &Ctx,
    viewer: &Viewer,
    id: Option<CredentialId>,
    form: CredentialForm,
    submit: bool,
) -> Result<CredentialId> {
    let me = moderation::require_account(viewer)?;
    let known = specialties::all(ctx).await?;
    let mut tx = ctx.tx().await?;
    let found = match id {
        Some(id) => Some(own(&mut tx, me, id).await?),
        None => None,
    };
    let state = found.as_ref().map_or(CredentialState::Draft, |credential| credential.state);
    if !matches!(state, CredentialState::Draft | CredentialState::NeedsInformation) {
        return Err(Error::Conflict("This has gone to the desk, and is as it is there.".into()));
    }
    if found.as_ref().is_some_and(|credential| credential.source == CredentialSource::Staff) {
        return Err(Error::Conflict(
            "The staff list says this, and nobody else changes it. Answer the desk in words.".into(),
        ));
    }
    let complete = submit || state == CredentialState::NeedsInformation;
    let checked = form::check(&form, Rules { today: ctx.now().date_naive(), complete, specialties: &known })?;
    let is_new = found.is_none();
    let mut credential = match found {
        Some(credential) => credential,
        None => draft(ctx, &mut tx, me, checked.kind).await?,
    };
    let changed = write(ctx, &mut tx, &mut credential, checked).await?;
    credential.updated_at = ctx.now();
    if is_new {
        store::credentials::insert(&mut tx, &credential).await?;
    } else {
        store::credentials::update(&mut tx, &credential).await?;
    }
    let id = credential.id;
    if state == CredentialState::NeedsInformation {
        mend(ctx, &mut tx, credential, &changed, submit).await?;
    } else if submit {
        bring(ctx, &mut tx, credential).await?;
    }
    tx.commit().await?;
    Ok(id)
}

/// Brings a draft to the desk.
async fn bring(ctx: &Ctx, conn: &mut Conn, mut credential: Credential) -> Result<()> {
    let me = credential.account_id;
    let step = Step::new(By::Account(me), AuditAction::SubmitCredential, &credential);
    go(&mut credential, CredentialState::Submitted)?;
    credential.submitted_at = Some(ctx.now());
    credential.level = facts::reached(conn, &credential).await?.level(credential.state);
    step.write(ctx, conn, &mut credential, "").await?;
    store::credentials::tell_desk(conn, me).await?;
    step.record(ctx, conn, &credential, "").await
}

/// Changes what the desk has asked about. Who had said yes did so to something else.
async fn mend(
    ctx: &Ctx,
    conn: &mut Conn,
    mut credential: Credential,
    changed: &[&'static str],
    submit: bool,
) -> Result<()> {
    let me = credential.account_id;
    let step = Step::new(By::Account(me), AuditAction::AnswerAboutCredential, &credential);
    let mut words = String::new();
    if !changed.is_empty() {
        words = format!("Changed: {}.", changed.join(", "));
        credential.ticked.clear();
        credential.confirmed_by = None;
    } else if !submit {
        return Ok(());
    }
    if submit {
        hand_back(&mut credential)?;
    }
    credential.level = facts::reached(conn, &credential).await?.level(credential.state);
    step.write(ctx, conn, &mut credential, &words).await?;
    store::credentials::tell_desk(conn, me).await?;
    step.record(ctx, conn, &credential, "").await
}

/// Gives what was asked about back to whoever asked, or to the queue.
fn hand_back(credential: &mut Credential) -> Result<()> {
    let next = match credential.claimed_by {
        Some(_) => CredentialState::InReview,
        None => CredentialState::Submitted,
    };
    go(credential, next)
}

/// Answers the desk.
pub async fn answer(ctx: &Ctx, viewer: &Viewer, id: CredentialId, words: &str) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let words = self::words("words", words, "Write your answer.")?;
    let mut tx = ctx.tx().await?;
    let mut credential = own(&mut tx, me, id).await?;
    let step = Step::new(By::Account(me), AuditAction::AnswerAboutCredential, &credential);
    match credential.state {
        CredentialState::NeedsInformation => hand_back(&mut credential)?,
        // A re-check asks without letting go of what holds.
        CredentialState::RecheckDue => {}
        _ => return Err(Error::Conflict("The desk does not wait for an answer to this.".into())),
    }
    step.write(ctx, &mut tx, &mut credential, words).await?;
    store::credentials::tell_desk(&mut tx, me).await?;
    step.record(ctx, &mut tx, &credential, "").await?;
    tx.commit().await
}

/// Takes one's own back, whatever became of it; what the institution stated about it ends.
pub async fn withdraw(ctx: &Ctx, viewer: &Viewer, id: CredentialId, words: &str) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let words = if words.trim().is_empty() { "" } else { self::words("words", words, "")? };
    let mut tx = ctx.tx().await?;
    let mut credential = own(&mut tx, me, id).await?;
    let step = Step::new(By::Account(me), AuditAction::WithdrawCredential, &credential);
    put_away(&mut credential, Some(me), ctx.now())?;
    step.write(ctx, &mut tx, &mut credential, words).await?;
    issue::end(ctx, &mut tx, id).await?;
    step.record(ctx, &mut tx, &credential, words).await?;
    tx.commit().await
}

/// Makes one a withdrawn one.
pub(super) fn put_away(credential: &mut Credential, by: Option<AccountId>, now: DateTime<Utc>) -> Result<()> {
    go(credential, CredentialState::Withdrawn)?;
    (credential.claimed_by, credential.claimed_at) = (None, None);
    (credential.decided_by, credential.decided_at) = (by, Some(now));
    Ok(())
}

/// Begins the renewal of one that holds, or has run out: a draft copied from it, to which the new last day is added. Where
/// one is under way, that one.
pub async fn renew(ctx: &Ctx, viewer: &Viewer, id: CredentialId) -> Result<CredentialId> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let old = own(&mut tx, me, id).await?;
    if !old.state.is_in_force() && old.state != CredentialState::Expired {
        return Err(Error::Conflict("Only what holds, or has run out, can be renewed.".into()));
    }
    if old.source == CredentialSource::Staff {
        return Err(Error::Conflict("The staff list says this, and renews it by itself.".into()));
    }
    if let Some(under_way) = store::credentials::find_renewal(&mut tx, id).await? {
        tx.roll_back().await?;
        return Ok(under_way);
    }
    let blank = draft(ctx, &mut tx, me, old.kind).await?;
    let number = number::open(ctx, &old)?;
    let number_sealed = if number.is_empty() { None } else { Some(number::seal(ctx, blank.id, &number)?) };
    let renewal = Credential {
        register: old.register,
        body: old.body,
        jurisdiction: old.jurisdiction,
        number_sealed,
        number_index: old.number_index,
        discipline: old.discipline,
        specialties: old.specialties,
        family_name: old.family_name,
        given_names: old.given_names,
        role: old.role,
        issued_on: old.issued_on,
        renews: Some(id),
        ..blank
    };
    store::credentials::insert(&mut tx, &renewal).await?;
    tx.commit().await?;
    Ok(renewal.id)
}

/// What one's own says, to be changed. This opens the number.
pub async fn form_of(ctx: &Ctx, viewer: &Viewer, id: CredentialId) -> Result<CredentialForm> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let credential = own(&mut tx, me, id).await?;
    let number = number::open(ctx, &credential)?;
    if !number.is_empty() {
        let deed = Deed::new(By::Account(me), AuditAction::SeeNumber, About::Credential(id, me));
        audit::record(ctx, &mut tx, deed).await?;
    }
    tx.commit().await?;
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
    Ok(CredentialForm {
        kind: credential.kind.to_string(),
        register: credential.register,
        body: credential.body,
        jurisdiction: credential.jurisdiction,
        number,
        discipline: credential.discipline,
        specialties: credential.specialties,
        family_name: credential.family_name,
        given_names: credential.given_names,
        role: credential.role,
        issued_on: day(credential.issued_on),
        expires_on: day(credential.expires_on),
    })
}
