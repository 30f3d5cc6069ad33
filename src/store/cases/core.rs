//! Cases beside their posts: written down once, and where they stand. Who may see one has been asked of its post before.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::read;
use crate::{
    error::{Error, Result},
    model::{AccountId, Case, CaseBody, CaseState, Consent, PostId, Urgency, discreet::discreet},
    schema::{case_consents, case_findings, cases, posts},
    store::{Conn, fault, sql::command},
};

/// A case to write down.
pub struct NewCase {
    /// Its post.
    pub post: PostId,
    /// The group.
    pub group: AccountId,
    /// A full report rather than a quick case.
    pub report: bool,
    /// How soon.
    pub urgency: Urgency,
    /// Specialties that are asked (NUCC codes).
    pub specialties: Vec<String>,
    /// What it tells.
    pub body: CaseBody,
    /// What was kept although it was marked, with the reasons, sealed: where a second member looks first.
    pub kept_sealed: Option<Vec<u8>>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
}

discreet!(NewCase { post, group });

/// Writes one down.
pub async fn insert(conn: &mut Conn, new: NewCase) -> Result<()> {
    let body = serde_json::to_value(&new.body).map_err(|e| Error::Internal(e.into()))?;
    diesel::insert_into(cases::table)
        .values((
            cases::post_id.eq(new.post),
            cases::group_id.eq(new.group),
            cases::report.eq(new.report),
            cases::urgency.eq(new.urgency),
            cases::state.eq(CaseState::Open),
            cases::specialties.eq(new.specialties),
            cases::body.eq(body),
            cases::kept_sealed.eq(new.kept_sealed),
            cases::asked_at.eq(new.asked_at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// By its post. No viewer: whoever calls has read the post before.
pub async fn find(conn: &mut Conn, id: PostId) -> Result<Option<Case>> {
    read::find(conn, id).await
}

/// The same, locked until the transaction ends; [`Error::NotFound`] where the post is no case.
pub async fn lock(conn: &mut Conn, id: PostId) -> Result<Case> {
    let locked: PostId = cases::table.find(id).select(cases::post_id).for_update().first(conn).await.map_err(fault)?;
    find(conn, locked).await?.ok_or(Error::NotFound)
}

/// Where it stands now.
pub async fn set_state(conn: &mut Conn, id: PostId, state: CaseState) -> Result<()> {
    diesel::update(cases::table.find(id)).set(cases::state.eq(state)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Writes down how many of each kind of identifier were found and how many were kept: never the words.
pub async fn insert_findings(conn: &mut Conn, id: PostId, found: Vec<(String, i32, i32)>) -> Result<()> {
    let (mut kinds, mut counts, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for (kind, count, stays) in found {
        kinds.push(kind);
        counts.push(count);
        kept.push(stays);
    }
    command(
        "INSERT INTO case_findings (post_id, kind, found, kept) \
         SELECT $1, x.kind, x.found, x.kept FROM unnest($2::text[], $3::integer[], $4::integer[]) AS x (kind, found, kept)",
    )
    .bind::<BigInt, _>(id)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Integer>, _>(counts)
    .bind::<Array<Integer>, _>(kept)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Adds what was found and kept in words that came later.
pub async fn add_findings(conn: &mut Conn, id: PostId, kept: &BTreeMap<&'static str, i32>) -> Result<()> {
    if kept.is_empty() {
        return Ok(());
    }
    command(
        "INSERT INTO case_findings (post_id, kind, found, kept) \
         SELECT $1, x.kind, x.count, x.count FROM unnest($2::text[], $3::integer[]) AS x (kind, count) \
         ON CONFLICT (post_id, kind) DO UPDATE SET found = case_findings.found + EXCLUDED.found, \
           kept = case_findings.kept + EXCLUDED.kept",
    )
    .bind::<BigInt, _>(id)
    .bind::<Array<Text>, _>(kept.keys().map(|kind| (*kind).to_owned()).collect::<Vec<String>>())
    .bind::<Array<Integer>, _>(kept.values().copied().collect::<Vec<i32>>())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Kinds of identifiers, how many were found, and how many were kept.
pub async fn findings(conn: &mut Conn, id: PostId) -> Result<Vec<(String, i32, i32)>> {
    case_findings::table
        .filter(case_findings::post_id.eq(id))
        .order(case_findings::kind)
        .select((case_findings::kind, case_findings::found, case_findings::kept))
        .load(conn)
        .await
        .map_err(fault)
}

/// The same of several posts: which post, what kind, and how many of it stay.
pub async fn findings_of(conn: &mut Conn, ids: Vec<PostId>) -> Result<Vec<(PostId, String, i32)>> {
    case_findings::table
        .filter(case_findings::post_id.eq_any(ids))
        .filter(case_findings::kept.gt(0))
        .order((case_findings::post_id, case_findings::kind))
        .select((case_findings::post_id, case_findings::kind, case_findings::kept))
        .load(conn)
        .await
        .map_err(fault)
}

/// Writes down how the patient agreed.
pub async fn insert_consent(conn: &mut Conn, consent: &Consent) -> Result<()> {
    diesel::insert_into(case_consents::table).values(consent).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// How the patient agreed.
pub async fn find_consent(conn: &mut Conn, id: PostId) -> Result<Option<Consent>> {
    case_consents::table.find(id).select(Consent::as_select()).first(conn).await.optional().map_err(fault)
}

/// Conflicts of interest, as the author of a post declares them for it.
pub async fn set_interests(conn: &mut Conn, id: PostId, interests: &str) -> Result<()> {
    diesel::update(posts::table.find(id)).set(posts::interests.eq(interests)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Takes a case off its post: nobody but who looked at it second has seen it. How much was found in it stays, as kinds and
/// numbers.
pub async fn delete(conn: &mut Conn, id: PostId) -> Result<()> {
    for table in ["case_consents", "cases"] {
        command(format!("DELETE FROM {table} WHERE post_id = $1"))
            .bind::<BigInt, _>(id)
            .execute(conn)
            .await
            .map_err(fault)?;
    }
    diesel::update(posts::table.find(id)).set(posts::interests.eq("")).execute(conn).await.map_err(fault)?;
    Ok(())
}
