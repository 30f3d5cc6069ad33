//! Documents that it takes two persons to open: one works on the credential and asks, another agrees, and then it opens
//! once.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::review::{Case, TAKE_IT, allow};
pub use crate::store::credentials::openings::ListedWish;
use crate::{
    error::{Error, Result},
    model::{
        AccountId, AuditAction, Credential, CredentialId, EvidenceId, EvidenceOpening, EvidenceOpeningId,
        EvidenceOpeningState, NotificationKind,
    },
    policy::{
        Viewer,
        credentials::{self, OPEN_MINUTES, WISH_HOURS, Wish},
    },
    service::{
        Ctx,
        audit::{self, About, By, Deed},
    },
    store::{self, Conn, credentials::openings},
};

const OVER: &str = "Nobody asks to open this document any more: it was decided, taken back, or it is too late.";
const ANOTHER: &str = "Since this page was opened it was asked anew, perhaps by somebody else. Look again at who asks.";
const NO_SECOND: &str = "Nobody else works at this desk who could agree. The operator appoints verifiers.";
const SECOND_NEEDED: &str = "Two persons open a document here: ask on the credential's page, and a colleague agrees.";

/// Somebody's wish to open a document, as the desk sees it.
#[derive(Debug, Clone)]
pub struct OpeningWish {
    /// Its id.
    pub id: EvidenceOpeningId,
    /// Which document.
    pub evidence: EvidenceId,
    /// Name of who asked.
    pub by: String,
    /// The viewer asked.
    pub mine: bool,
    /// Since when.
    pub asked_at: DateTime<Utc>,
    /// Name of who agreed; empty before that.
    pub agreed: String,
    /// Until when it opens, once somebody has agreed.
    pub until: Option<DateTime<Utc>>,
    /// It opens with nobody else, in an emergency.
    pub alone: bool,
}

/// The wishes about the documents of a credential that are not over.
pub(super) async fn open_wishes(
    ctx: &Ctx,
    conn: &mut Conn,
    me: AccountId,
    credential: &Credential,
) -> Result<Vec<OpeningWish>> {
    let now = ctx.now();
    let since = now - TimeDelta::hours(WISH_HOURS) - TimeDelta::minutes(OPEN_MINUTES);
    let found = openings::list(conn, credential.id, since).await?.into_iter();
    let stands = |(one, by, agreed): (EvidenceOpening, String, Option<String>)| {
        let until = match credentials::wish(&one, credential, now) {
            Wish::Over => return None,
            Wish::Waits => None,
            Wish::Opens(until) => Some(until),
        };
        Some(OpeningWish {
            id: one.id,
            evidence: one.evidence_id,
            by,
            mine: one.asked_by == me,
            asked_at: one.asked_at,
            agreed: agreed.unwrap_or_default(),
            until,
            alone: one.state == EvidenceOpeningState::Alone,
        })
    };
    Ok(found.filter_map(stands).collect())
}

/// Refuses where a credential has no such document, or not any more.
pub(super) async fn require_document(conn: &mut Conn, of: CredentialId, id: EvidenceId) -> Result<()> {
    let found = store::credentials::evidence::find(conn, id).await?;
    let is_there = found.is_some_and(|one| one.credential_id == of && one.deleted_at.is_none());
    if is_there { Ok(()) } else { Err(Error::NotFound) }
}

/// Writes a step down: which document, and who else had a part in it.
async fn record(
    ctx: &Ctx,
    conn: &mut Conn,
    case: &Case,
    action: AuditAction,
    (evidence, asked_by): (EvidenceId, AccountId),
) -> Result<()> {
    let about = About::Credential(case.credential.id, case.credential.account_id);
    let details = json!({ "evidence": evidence.to_string(), "asked_by": asked_by.to_string() });
    audit::record(ctx, conn, Deed::new(By::Account(case.me), action, about).with(details)).await
}

/// Asks for a second person to open a document; everybody else at the desk is told.
pub async fn ask_to_open(ctx: &Ctx, viewer: &Viewer, id: CredentialId, evidence: EvidenceId) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let case = Case::lock(ctx, &mut tx, viewer, id).await?;
    require_document(&mut tx, id, evidence).await?;
    allow(case.may.see, TAKE_IT)?;
    allow(!case.may.open, "You can open this document as it is.")?;
    let wishes = open_wishes(ctx, &mut tx, case.me, &case.credential).await?;
    let asked = wishes.iter().any(|wish| wish.mine && wish.evidence == evidence);
    allow(!asked, "You have asked to open this document already.")?;
    let colleagues = openings::colleagues(&mut tx, vec![case.me, case.credential.account_id]).await?;
    let colleagues: Vec<AccountId> = colleagues.into_iter().map(|one| one.id).collect();
    allow(!colleagues.is_empty(), NO_SECOND)?;
    openings::ask(&mut tx, evidence, case.me, ctx.now()).await?;
    store::notifications::insert_anew(&mut tx, colleagues, NotificationKind::Evidence, case.me, None).await?;
    record(ctx, &mut tx, &case, AuditAction::AskEvidence, (evidence, case.me)).await?;
    tx.commit().await
}

/// The wish about a document that still waits, locked.
async fn waiting(ctx: &Ctx, conn: &mut Conn, case: &Case, evidence: EvidenceId) -> Result<EvidenceOpening> {
    require_document(conn, case.credential.id, evidence).await?;
    let asked = openings::lock_asked(conn, evidence).await?;
    let waits = |one: &EvidenceOpening| credentials::wish(one, &case.credential, ctx.now()) == Wish::Waits;
    asked.filter(waits).ok_or_else(|| Error::Conflict(OVER.into()))
}

/// Agrees, as the second person, that whoever asked opens a document: it opens to them once, within a short time. Whoever
/// agrees sees nothing of it. `shown` is the wish that they have read of: they agree to no other.
pub async fn agree_to_open(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CredentialId,
    evidence: EvidenceId,
    shown: Option<EvidenceOpeningId>,
) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let case = Case::lock(ctx, &mut tx, viewer, id).await?;
    let wish = waiting(ctx, &mut tx, &case, evidence).await?;
    credentials::may_agree(case.me, wish.asked_by, &case.credential)?;
    allow(shown == Some(wish.id), ANOTHER)?;
    openings::decide(&mut tx, wish.id, EvidenceOpeningState::Agreed, case.me, ctx.now()).await?;
    answer(ctx, &mut tx, &case, AuditAction::AgreeEvidence, &wish).await?;
    tx.commit().await
}

/// Refuses that, or takes one's own wish back.
pub async fn refuse_to_open(ctx: &Ctx, viewer: &Viewer, id: CredentialId, evidence: EvidenceId) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let case = Case::lock(ctx, &mut tx, viewer, id).await?;
    let wish = waiting(ctx, &mut tx, &case, evidence).await?;
    openings::decide(&mut tx, wish.id, EvidenceOpeningState::Refused, case.me, ctx.now()).await?;
    answer(ctx, &mut tx, &case, AuditAction::RefuseEvidence, &wish).await?;
    tx.commit().await
}

/// Tells whoever asked, and writes it down.
async fn answer(ctx: &Ctx, conn: &mut Conn, case: &Case, action: AuditAction, wish: &EvidenceOpening) -> Result<()> {
    store::notifications::insert_anew(conn, vec![wish.asked_by], NotificationKind::Evidence, case.me, None).await?;
    record(ctx, conn, case, action, (wish.evidence_id, wish.asked_by)).await
}

/// Whether a verifier may open a document of somebody else's now. Where that takes a second person, or an emergency, what was
/// agreed or given as a reason is used up; it is given back.
pub(super) async fn take(
    ctx: &Ctx,
    conn: &mut Conn,
    case: &Case,
    evidence: EvidenceId,
) -> Result<Option<EvidenceOpening>> {
    if case.may.open {
        return Ok(None);
    }
    let (now, found) = (ctx.now(), openings::lock_open(conn, evidence, case.me).await?);
    let opens = |one: &EvidenceOpening| matches!(credentials::wish(one, &case.credential, now), Wish::Opens(_));
    match found.filter(opens) {
        Some(wish) => {
            openings::use_up(conn, wish.id, now).await?;
            Ok(Some(wish))
        }
        None if case.may.see => Err(Error::Forbidden(SECOND_NEEDED)),
        None => Err(Error::NotFound),
    }
}

/// The wishes of others that wait for a second person, and one's own; the oldest first.
pub async fn wishes(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<ListedWish>> {
    let me = credentials::require_verifier(viewer)?;
    let (asked, agreed) = since(ctx);
    openings::waiting(&mut *ctx.pool.read().await?, me, asked, agreed).await
}

/// How many of others wait for a second person.
pub async fn count_wishes(ctx: &Ctx, viewer: &Viewer) -> Result<i64> {
    let me = credentials::require_verifier(viewer)?;
    openings::count_waiting(&mut *ctx.pool.read().await?, me, since(ctx).0).await
}

/// Since when a wish still waits, and a yes still holds.
fn since(ctx: &Ctx) -> (DateTime<Utc>, DateTime<Utc>) {
    (ctx.now() - TimeDelta::hours(WISH_HOURS), ctx.now() - TimeDelta::minutes(OPEN_MINUTES))
}
