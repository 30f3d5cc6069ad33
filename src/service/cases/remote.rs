//! Cases across servers: what is told of ours, and what others tell of theirs.

use chrono::{DateTime, Utc};

use super::discuss::{tell_marked, untell_marked};
pub use crate::store::cases::remote::RemoteCase;
use crate::{
    error::Result,
    model::{AccountId, Case, CaseBody, CaseState, Consent, ConsentBasis, ConsentScope, Post, PostId},
    service::Ctx,
    store::{
        self, Conn,
        cases::{core, core::NewCase, read, remote},
        incoming::RemotePost,
    },
    text::sanitize,
};

/// What a post of ours tells besides, where it is a case: the case, and how the patient agreed. Whoever asks may have read the
/// post.
pub async fn wire_parts(ctx: &Ctx, post: &Post) -> Result<Option<(Case, Option<Consent>)>> {
    if post.group_id.is_none() || post.reply_to_uri.is_some() || post.deleted_at.is_some() {
        return Ok(None);
    }
    let mut conn = ctx.pool.read().await?;
    let case = core::find(&mut conn, post.id).await?;
    let Some(case) = case.filter(|case| case.state != CaseState::Withdrawn) else { return Ok(None) };
    let consent = core::find_consent(&mut conn, post.id).await?;
    Ok(Some((case, consent)))
}

/// A post in a group has come from another server: where it is a case, that is kept beside it.
pub(in crate::service) async fn arrived(conn: &mut Conn, id: PostId, post: &RemotePost) -> Result<()> {
    match (post.group, &post.case, &post.reply_to) {
        (Some(group), Some(told), None) => insert(conn, id, group, told, post.published_at).await,
        _ => Ok(()),
    }
}

async fn insert(
    conn: &mut Conn,
    id: PostId,
    group: AccountId,
    told: &RemoteCase,
    asked_at: DateTime<Utc>,
) -> Result<()> {
    let case = NewCase {
        post: id,
        group,
        report: told.report,
        urgency: told.urgency,
        specialties: told.specialties.clone(),
        body: told.body.clone(),
        kept_sealed: None,
        asked_at,
    };
    core::insert(conn, case).await?;
    put_consent(conn, id, told.consent).await?;
    remote::update(conn, id, told, asked_at).await
}

/// How the patient agreed is written down once: whoever tells something else later is not followed.
async fn put_consent(conn: &mut Conn, id: PostId, told: Option<(ConsentBasis, ConsentScope)>) -> Result<()> {
    let Some((basis, scope)) = told else { return Ok(()) };
    if core::find_consent(conn, id).await?.is_some() {
        return Ok(());
    }
    let consent = Consent {
        post_id: id,
        basis,
        scope,
        holder: String::new(),
        given_on: None,
        expires_on: None,
        form_hash: String::new(),
        withdrawn_at: None,
    };
    core::insert_consent(conn, &consent).await
}

/// The author of a post of another server tells its case anew: an outcome, an answer, other words. It never goes back to a
/// state that it has left for good, and what is ranked stays what it was.
pub(in crate::service) async fn changed(
    conn: &mut Conn,
    post: &Post,
    told: &RemoteCase,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(group) = post.group_id.filter(|_| post.reply_to_uri.is_none()) else { return Ok(()) };
    let Some(known) = core::find(conn, post.id).await? else {
        // With a case goes all that was said below it: what others have answered becomes none.
        if store::posts::is_answered(conn, post.id).await? {
            return Ok(());
        }
        return insert(conn, post.id, group, told, post.published_at).await;
    };
    if known.state == CaseState::Withdrawn {
        return Ok(());
    }
    let state = if known.state.may_become(told.state) { told.state } else { known.state };
    put_consent(conn, post.id, told.consent).await?;
    // Ballots are about the options that were told first.
    let ranking_ended = known.body.ranking_ended || told.body.ranking_ended;
    let body = CaseBody { options: known.body.options.clone(), ranking_ended, ..told.body.clone() };
    remote::update(conn, post.id, &RemoteCase { state, body, ..told.clone() }, now).await?;
    tell(conn, post, &known).await
}

/// Tells our people what has become of a case of another server, as they are told of ours.
async fn tell(conn: &mut Conn, post: &Post, before: &Case) -> Result<()> {
    let Some(case) = core::find(conn, post.id).await? else { return Ok(()) };
    if case.answer_id != before.answer_id {
        for (reply, marked) in [(before.answer_id, false), (case.answer_id, true)] {
            let Some(reply) = reply else { continue };
            match store::posts::find(conn, reply).await? {
                Some(answer) if marked => tell_marked(conn, post.id, &answer, post.author_id).await?,
                Some(answer) => untell_marked(conn, post.id, &answer, post.author_id).await?,
                None => {}
            }
        }
    }
    if case.state == CaseState::Resolved && before.state != CaseState::Resolved {
        read::tell_participants(conn, post.id).await?;
    }
    Ok(())
}

/// What a case tells in plain words, to be looked through for what could identify a patient.
pub(in crate::service) fn words(body: &CaseBody, outcome_html: &str) -> Vec<String> {
    let sections = body.sections.iter().map(|section| sanitize::plain(&section.html));
    let steps = body.timeline.iter().map(|step| format!("{}: {}", step.at, step.text));
    let rest = [body.age.clone(), sanitize::plain(outcome_html)];
    sections.chain(steps).chain(body.options.iter().cloned()).chain(rest).filter(|text| !text.is_empty()).collect()
}

/// The same of a case that we have.
pub(in crate::service) async fn words_of(conn: &mut Conn, id: PostId) -> Result<Vec<String>> {
    let known = core::find(conn, id).await?;
    Ok(known.map(|case| words(&case.body, &case.outcome_html)).unwrap_or_default())
}
