//! Cases that are being written: sealed, and opened for their author alone.

use chrono::{DateTime, Utc};

use super::gate;
use crate::{
    error::{Error, Result},
    model::{AccountId, CaseDraft, CaseDraftId, DraftRow, discreet::discreet},
    policy::{Viewer, cases as policy, moderation},
    service::{
        Ctx, groups, specialties,
        throttles::{self, Act},
    },
    store::{self, Conn},
};

/// A case that is being written, as its author opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenDraft {
    /// Its id.
    pub id: CaseDraftId,
    /// The group that it is for.
    pub group: AccountId,
    /// What is in it.
    pub draft: CaseDraft,
    /// When it was last saved.
    pub saved_at: DateTime<Utc>,
}

discreet!(OpenDraft { id, group });

/// What the seal of a draft says that it is.
fn context(id: CaseDraftId) -> String {
    format!("case_draft/{id}")
}

/// Opens a draft that its author has found.
pub(super) fn unseal(ctx: &Ctx, row: &DraftRow) -> Result<CaseDraft> {
    let opened = ctx.keyring.open_sealed(&context(row.id), &row.sealed)?;
    serde_json::from_slice(&opened).map_err(|e| Error::Internal(e.into()))
}

/// Seals a draft.
///
/// # Errors
/// [`Error::Invalid`] for one that is too large.
pub(super) fn seal(ctx: &Ctx, id: CaseDraftId, draft: &CaseDraft) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(draft).map_err(|e| Error::Internal(e.into()))?;
    if json.len() > policy::MAX_DRAFT {
        let limit = policy::MAX_DRAFT / 1_000;
        let words =
            format!("This case has {} kB. The limit is {limit} kB: please tell it shorter.", json.len() / 1_000);
        return Err(Error::invalid("sections", words));
    }
    ctx.keyring.seal(&context(id), &json)
}

fn opened(ctx: &Ctx, row: &DraftRow) -> Result<OpenDraft> {
    Ok(OpenDraft { id: row.id, group: row.group_id, draft: unseal(ctx, row)?, saved_at: row.updated_at })
}

/// Begins a case in a group that one may post in. How soon, and how the patient agreed, is at first as in one's last case there.
pub async fn start(ctx: &Ctx, viewer: &Viewer, group: AccountId) -> Result<CaseDraftId> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    groups::place(ctx, &mut tx, viewer, me, group, "").await?;
    if store::cases::drafts::count(&mut tx, me).await? >= policy::MAX_DRAFTS {
        let words = format!("You are writing {} cases. Post or discard one of them first.", policy::MAX_DRAFTS);
        return Err(Error::Conflict(words));
    }
    let mut draft = CaseDraft { interests: store::accounts::get(&mut tx, me).await?.interests, ..CaseDraft::default() };
    if let Some((urgency, basis, scope, holder)) = store::cases::drafts::last_manner(&mut tx, me, group).await? {
        draft.urgency = urgency;
        (draft.consent.basis, draft.consent.scope, draft.consent.holder) = (Some(basis), Some(scope), holder);
    }
    let id = insert(ctx, &mut tx, me, group, &draft).await?;
    tx.commit().await?;
    Ok(id)
}

/// The group in which the viewer is likely to ask next: of those where members can ask, that of their last case, or else the only
/// one.
pub async fn likely_group(ctx: &Ctx, viewer: &Viewer) -> Result<Option<AccountId>> {
    let me = moderation::require_account(viewer)?;
    store::cases::drafts::likely_group(&mut *ctx.pool.get().await?, me).await
}

/// Keeps a new draft of somebody's.
pub(super) async fn insert(
    ctx: &Ctx,
    conn: &mut Conn,
    who: AccountId,
    group: AccountId,
    draft: &CaseDraft,
) -> Result<CaseDraftId> {
    let id = CaseDraftId(store::cases::drafts::new_id(conn).await?);
    let sealed = seal(ctx, id, draft)?;
    store::cases::drafts::insert(conn, who, group, id, sealed, ctx.now()).await?;
    Ok(id)
}

/// Opens one of one's own.
pub async fn open_draft(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId) -> Result<OpenDraft> {
    let me = moderation::require_account(viewer)?;
    let found = store::cases::drafts::find(&mut *ctx.pool.get().await?, me, id).await?;
    opened(ctx, &found.ok_or(Error::NotFound)?)
}

/// One's own, those saved last first.
pub async fn drafts(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<OpenDraft>> {
    let me = moderation::require_account(viewer)?;
    let rows = store::cases::drafts::list(&mut *ctx.pool.get().await?, me).await?;
    rows.iter().map(|row| opened(ctx, row)).collect()
}

/// Discards one of one's own with its pictures.
pub async fn discard(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    store::cases::drafts::delete(&mut *ctx.pool.get().await?, me, id).await
}

/// Changes one of one's own in no time, while nobody else does.
pub(super) async fn change<T: Send>(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CaseDraftId,
    how: impl FnOnce(&mut CaseDraft) -> Result<T> + Send,
) -> Result<T> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let row = store::cases::drafts::lock(&mut tx, me, id).await?;
    let mut draft = unseal(ctx, &row)?;
    let done = how(&mut draft)?;
    put(ctx, &mut tx, id, &draft).await?;
    tx.commit().await?;
    Ok(done)
}

/// Most times that a draft is changed which somebody else changes meanwhile.
const TRIES: usize = 5;

/// Changes one of one's own by what is marked in it. Looking for that takes a while: it is done away from the async threads, before
/// the draft is locked, and done anew where the draft is another one by then.
///
/// # Errors
/// [`Error::TooMany`] for whoever has cases looked through too often; [`Error::Conflict`] where the draft never stays as it was;
/// whatever `how` says.
pub(super) async fn rework(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CaseDraftId,
    how: impl Fn(&mut CaseDraft) -> Result<()> + Clone + Send + 'static,
) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    throttles::allow(ctx, Act::Check, &me.to_string()).await?;
    for _ in 0..TRIES {
        let found = store::cases::drafts::find(&mut *ctx.pool.get().await?, me, id).await?;
        let before = found.ok_or(Error::NotFound)?;
        let (mut draft, how) = (unseal(ctx, &before)?, how.clone());
        let draft = ctx.heavy(move || how(&mut draft).map(|()| draft)).await?;
        let mut tx = ctx.tx().await?;
        if store::cases::drafts::lock(&mut tx, me, id).await?.sealed == before.sealed {
            put(ctx, &mut tx, id, &draft).await?;
            return tx.commit().await;
        }
        tx.roll_back().await?;
    }
    Err(Error::Conflict("This case was changed in the meantime. Please look at it again.".into()))
}

/// Keeps what is in a draft now that its author has locked.
pub(super) async fn put(ctx: &Ctx, conn: &mut Conn, id: CaseDraftId, draft: &CaseDraft) -> Result<()> {
    let sealed = seal(ctx, id, draft)?;
    store::cases::drafts::update(conn, id, sealed, ctx.now()).await
}

/// Takes over what was written; pictures, and what was kept or mended, stay as far as their words do. Whatever is missing or
/// wrong in it is said when it is to be posted: until then everything that was typed is kept.
///
/// # Errors
/// [`Error::Invalid`] where it is too large.
pub async fn save(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, written: CaseDraft) -> Result<()> {
    let mut written = tidy(written)?;
    let known = specialties::all(ctx).await?;
    written.specialties.retain(|code| known.iter().any(|(other, _)| other == code));
    rework(ctx, viewer, id, move |draft| {
        let before = std::mem::take(draft);
        *draft = CaseDraft {
            pictures: before.pictures.clone(),
            kept: before.kept.clone(),
            mended: before.mended.clone(),
            found: before.found.clone(),
            returned: before.returned.clone(),
            refused: before.refused.clone(),
            ..written.clone()
        };
        gate::settle(&before, draft);
        let marks = gate::marks(draft);
        gate::note(draft, &marks);
        Ok(())
    })
    .await
}

/// The texts of a form as they are kept: line ends of one kind, no step without words, each section once.
fn tidy(mut written: CaseDraft) -> Result<CaseDraft> {
    let clean = |text: &mut String| {
        if text.contains('\r') {
            *text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
    };
    for text in [&mut written.question, &mut written.age, &mut written.interests] {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    for (_, text) in &mut written.sections {
        clean(text);
    }
    clean(&mut written.options);
    clean(&mut written.sources);
    let mut seen = Vec::new();
    written.sections.retain(|(key, _)| {
        let is_new = !seen.contains(key);
        seen.push(*key);
        is_new
    });
    for step in &mut written.timeline {
        clean(&mut step.text);
        step.at = step.at.trim().to_owned();
        step.text = step.text.trim().to_owned();
    }
    written.timeline.retain(|step| !step.at.is_empty() || !step.text.is_empty());
    if written.timeline.len() > policy::MAX_STEPS {
        let words = format!("A timeline may have {} steps.", policy::MAX_STEPS);
        return Err(Error::invalid("timeline", words));
    }
    written.specialties.truncate(policy::MAX_SPECIALTIES);
    written.consent.form_hash = written.consent.form_hash.trim().to_lowercase();
    written.consent.holder =
        written.consent.holder.trim().chars().filter(|c| !c.is_control()).take(policy::MAX_HOLDER).collect();
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SectionKey, Step};

    #[test]
    fn a_form_is_kept_as_it_was_typed_but_for_its_ends_and_empty_steps() {
        let step = |at: &str, text: &str| Step { at: at.into(), text: text.into(), turning: false };
        let tidied = tidy(CaseDraft {
            question: " Ablate\tor wait? ".into(),
            sections: vec![
                (SectionKey::Asked, "One.\r\nTwo.".into()),
                (SectionKey::Asked, "Again".into()),
                (SectionKey::History, String::new()),
            ],
            timeline: vec![step(" Day 0 ", " Pain "), step("  ", ""), step("", "Relief")],
            ..CaseDraft::default()
        })
        .unwrap();
        assert_eq!(tidied.question, "Ablate or wait?");
        assert_eq!(
            tidied.sections,
            [(SectionKey::Asked, "One.\nTwo.".to_owned()), (SectionKey::History, String::new())]
        );
        assert_eq!(tidied.timeline, [step("Day 0", "Pain"), step("", "Relief")]);
        let long = CaseDraft { timeline: vec![step("Day 0", "Pain"); 31], ..CaseDraft::default() };
        assert!(tidy(long).unwrap_err().public().contains("30 steps"));
    }
}
