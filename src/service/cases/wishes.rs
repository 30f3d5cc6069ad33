//! What members are asked about: what they chose, or else what is proven of them; and the mail that tells them once a day.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::{
    error::{Error, FieldError, Result},
    policy::{Viewer, moderation},
    service::{Ctx, mails, specialties},
    store::cases::wishes,
};

/// Most specialties that somebody is asked about.
const MOST: usize = 50;
/// How long after one mail the next one may come.
const BETWEEN: TimeDelta = TimeDelta::hours(24);
/// How many are looked at in one transaction.
const AT_ONCE: i64 = 50;

/// What somebody is asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Codes of specialties.
    pub specialties: Vec<String>,
    /// They are told by mail once a day where something waits.
    pub mail: bool,
    /// They have chosen themselves.
    pub chosen: bool,
    /// Codes of the specialties that are proven of them.
    pub proven: Vec<String>,
}

/// What somebody would like to be asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WishForm {
    /// Codes of specialties.
    pub specialties: Vec<String>,
    /// Names or codes of others, parted by commas.
    pub more: String,
    /// Whether to be told by mail.
    pub mail: bool,
}

/// What the viewer is asked about.
pub async fn wishes(ctx: &Ctx, viewer: &Viewer) -> Result<Wishes> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    let proven = wishes::proven(&mut conn, me, ctx.now()).await?;
    let found = wishes::find(&mut conn, me).await?;
    let chosen = found.is_some();
    let (specialties, mail) = found.unwrap_or_else(|| (proven.clone(), false));
    Ok(Wishes { specialties, mail, chosen, proven })
}

/// Keeps what the viewer would like to be asked about.
///
/// # Errors
/// [`Error::Invalid`] at `specialties` or `more`, where there is no such specialty.
pub async fn wish(ctx: &Ctx, viewer: &Viewer, form: &WishForm) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let known = specialties::all(ctx).await?;
    let proven = wishes::proven(&mut *ctx.pool.read().await?, me, ctx.now()).await?;
    let is_known = |code: &String| proven.contains(code) || known.iter().any(|(other, _)| other == code);
    let mut faults = Vec::new();
    let mut chosen: BTreeSet<String> = form.specialties.iter().filter(|code| is_known(code)).cloned().collect();
    if form.specialties.iter().any(|code| !is_known(code)) {
        faults.push(FieldError { field: "specialties", message: "Choose among the specialties of this page.".into() });
    }
    let (more, unknown) = specialties::called(ctx, &form.more).await?;
    chosen.extend(more);
    if !unknown.is_empty() {
        faults.push(FieldError { field: "more", message: specialties::unknown_words(&unknown) });
    }
    if chosen.len() > MOST {
        faults.push(FieldError { field: "specialties", message: format!("Choose at most {MOST} specialties.") });
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let chosen = chosen.into_iter().collect();
    wishes::put(&mut *ctx.pool.get().await?, me, chosen, form.mail).await
}

/// Mails those who want to be told that cases wait for them, each at most once a day; returns how many were looked at.
pub async fn mail_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let turns = wishes::take_turns(&mut tx, now, now - BETWEEN, AT_ONCE).await?;
    let looked_at = turns.len();
    let told: Vec<(String, i64)> = turns.into_iter().filter(|(to, waiting)| !to.is_empty() && *waiting > 0).collect();
    let count = told.len();
    mails::cases_wait(ctx, &mut tx, told).await?;
    tx.commit().await?;
    if count > 0 {
        tracing::info!(count, "told members by mail that cases wait");
    }
    Ok(looked_at)
}
