//! What a clinician does with a credential of theirs.

use chrono::{DateTime, Utc};

use super::{
    changes,
    events::{self, Step, go},
    evidence, facts,
    form::{self, Checked, CredentialForm, Rules},
    number,
};
use crate::{
    error::{Error, Result},
    model::{AccountId, AuditAction, Credential, CredentialId, CredentialKind, CredentialSource, CredentialState},
    policy::{
        Viewer,
        credentials::{may_edit, may_renew},
        moderation,
    },
    service::{
        Ctx,
        attestations::issue,
        audit::{self, About, By, Deed},
        specialties,
        throttles::{self, Act},
    },
    store::{self, Conn},
};

/// Most credentials of one person that are not over.
const MOST: i64 = 20;
/// Longest word to the desk or from it, in characters.
const LONGEST: usize = 2_000;

/// One's own, locked; for everybody else there is none.
pub(super) async fn own(conn: &mut Conn, me: AccountId, id: CredentialId) -> Result<Credential> {
    require_own(me, store::credentials::lock(conn, id).await?)
}

/// One's own as it stands; for everybody else there is none.
pub(super) async fn find_own(conn: &mut Conn, me: AccountId, id: CredentialId) -> Result<Credential> {
    require_own(me, store::credentials::get(conn, id).await?)
}

fn require_own(me: AccountId, credential: Credential) -> Result<Credential> {
    if credential.account_id == me { Ok(credential) } else { Err(Error::NotFound) }
}

/// Refuses, in words, to change what its holder may not.
fn require_edit(credential: &Credential) -> Result<()> {
    if may_edit(credential) {
        return Ok(());
    }
    Err(Error::Conflict(match credential.source {
        CredentialSource::Staff => "The staff list says this, and nobody else changes it.".into(),
        CredentialSource::Clinician if credential.state.is_over() => "This is over. You can add a new one.".into(),
        CredentialSource::Clinician => "This has gone to the desk, and is as it is there.".into(),
    }))
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
    // Such marks are not seen, and would hide what follows them.
    if typed.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Error::invalid(field, "There is a character in it that cannot be shown. Please type it anew."));
    }
    Ok(typed)
}

/// A new one, of which nothing is said yet.
pub(super) async fn blank(ctx: &Ctx, conn: &mut Conn, who: AccountId, kind: CredentialKind) -> Result<Credential> {
    let id = CredentialId(store::credentials::new_id(conn).await?);
    Ok(Credential::blank(id, who, kind, ctx.now()))
}

/// A new draft, where somebody may have one more. They are locked already: two forms that are sent at once are counted one
/// after the other.
async fn draft(ctx: &Ctx, conn: &mut Conn, me: AccountId, kind: CredentialKind) -> Result<Credential> {
    if store::credentials::count_open(conn, me).await? >= MOST {
        return Err(Error::Conflict(format!("You have {MOST} credentials that are not over. Withdraw one first.")));
    }
    blank(ctx, conn, me, kind).await
}

/// Writes a form into a credential; says what it changed.
async fn write(ctx: &Ctx, conn: &mut Conn, into: &mut Credential, checked: Checked) -> Result<String> {
    let (before, old) = (into.clone(), number::open(ctx, into)?);
    let number = checked.number.as_deref().unwrap_or_default();
    into.number_index = match number {
        "" => None,
        number => Some(number::index(ctx, conn, (&checked.register, &checked.body), number).await?),
    };
    if number != old {
        into.number_sealed = if number.is_empty() { None } else { Some(number::seal(ctx, into.id, number)?) };
        evidence::hide_number(conn, into.id, number).await?;
    }
    // Whoever writes the number also elsewhere does not want it to be read there.
    (into.body, into.role) = (number::hide(&checked.body, number), number::hide(&checked.role, number));
    (into.kind, into.register, into.jurisdiction) = (checked.kind, checked.register, checked.jurisdiction);
    (into.discipline, into.specialties) = (checked.discipline, checked.specialties);
    (into.family_name, into.given_names) = (checked.family_name, checked.given_names);
    (into.issued_on, into.expires_on) = (checked.issued_on, checked.expires_on);
    Ok(changes::between((&before, &old), (into, number)))
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
    let state = match id {
        Some(id) => {
            let found = find_own(&mut *ctx.pool.get().await?, me, id).await?;
            require_edit(&found)?;
            found.state
        }
        None => CredentialState::Draft,
    };
    let asked = state == CredentialState::NeedsInformation;
    let rules = Rules { today: ctx.now().date_naive(), complete: submit || asked, specialties: &known };
    let checked = form::check(&form, rules)?;
    if submit || asked {
        throttles::allow(ctx, Act::Desk, &me.to_string()).await?;
    }
    let mut tx = ctx.tx().await?;
    let (mut credential, is_new) = if let Some(id) = id {
        (own(&mut tx, me, id).await?, false)
    } else {
        store::users::lock(&mut tx, me).await?;
        (draft(ctx, &mut tx, me, checked.kind).await?, true)
    };
    if credential.state != state {
        return Err(Error::Conflict("The desk has just done something with it. Please look again.".into()));
    }
    let changed = write(ctx, &mut tx, &mut credential, checked).await?;
    credential.updated_at = ctx.now();
    if is_new {
        store::credentials::insert(&mut tx, &credential).await?;
    } else {
        store::credentials::update(&mut tx, &credential).await?;
    }
    let id = credential.id;
    if asked {
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
    credential.level = facts::reached(conn, &credential).await?.level(&credential);
    step.write(ctx, conn, &mut credential, "").await?;
    store::credentials::tell_desk(conn, me).await?;
    step.record(ctx, conn, &credential, "").await
}

/// Changes what the desk has asked about. What was seen of it, and who had said yes, was about something else.
async fn mend(ctx: &Ctx, conn: &mut Conn, mut credential: Credential, changed: &str, submit: bool) -> Result<()> {
    let me = credential.account_id;
    let step = Step::new(By::Account(me), AuditAction::AnswerAboutCredential, &credential);
    let mut words = String::new();
    if !changed.is_empty() {
        words = format!("Changed: {changed}.");
        let seen = std::mem::take(&mut credential.seen);
        if !seen.is_empty() {
            words = events::with_note(&words, &format!("Noted before, and cleared: “{seen}”"));
        }
        credential.ticked.clear();
        credential.confirmed_by = None;
    } else if !submit {
        return Ok(());
    }
    if submit {
        hand_back(&mut credential)?;
    } else {
        events::require_turn(conn, &credential).await?;
    }
    credential.level = facts::reached(conn, &credential).await?.level(&credential);
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
    throttles::allow(ctx, Act::Desk, &me.to_string()).await?;
    let mut tx = ctx.tx().await?;
    let mut credential = own(&mut tx, me, id).await?;
    let step = Step::new(By::Account(me), AuditAction::AnswerAboutCredential, &credential);
    match credential.state {
        CredentialState::NeedsInformation => hand_back(&mut credential)?,
        // A re-check asks without letting go of what holds.
        CredentialState::RecheckDue => events::require_turn(&mut tx, &credential).await?,
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
    throttles::allow(ctx, Act::Desk, &me.to_string()).await?;
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
    throttles::allow(ctx, Act::Desk, &me.to_string()).await?;
    let mut tx = ctx.tx().await?;
    store::users::lock(&mut tx, me).await?;
    let old = own(&mut tx, me, id).await?;
    if !may_renew(&old) {
        return Err(Error::Conflict(match old.source {
            CredentialSource::Staff => "The staff list says this, and renews it by itself.".into(),
            CredentialSource::Clinician => "Only what holds, or has run out, can be renewed.".into(),
        }));
    }
    if let Some(under_way) = store::credentials::find_renewal(&mut tx, id).await? {
        tx.roll_back().await?;
        return Ok(under_way);
    }
    let blank = draft(ctx, &mut tx, me, old.kind).await?;
    let number = number::open(ctx, &old)?;
    let (number_sealed, number_index) = match number.as_str() {
        "" => (None, None),
        number => (
            Some(number::seal(ctx, blank.id, number)?),
            Some(number::index(ctx, &mut tx, (&old.register, &old.body), number).await?),
        ),
    };
    let renewal = Credential {
        register: old.register,
        body: old.body,
        jurisdiction: old.jurisdiction,
        number_sealed,
        number_index,
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

/// What one's own says, to be changed where it may be. This opens the number.
pub async fn form_of(ctx: &Ctx, viewer: &Viewer, id: CredentialId) -> Result<CredentialForm> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let credential = own(&mut tx, me, id).await?;
    require_edit(&credential)?;
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
