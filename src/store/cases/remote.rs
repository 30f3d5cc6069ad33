//! Cases of other servers, as these tell them.

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use crate::{
    error::{Error, Result},
    model::{CaseBody, CaseState, ConsentBasis, ConsentScope, PostId, Urgency, discreet::discreet},
    store::{Conn, fault, sql::command},
};

/// What another server tells of a case: cleaned, and within bounds.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteCase {
    /// A full report rather than a quick case.
    pub report: bool,
    /// How soon.
    pub urgency: Urgency,
    /// Where it stands; never withdrawn, as then there is nothing to tell.
    pub state: CaseState,
    /// Specialties that are asked (NUCC codes).
    pub specialties: Vec<String>,
    /// What it tells.
    pub body: CaseBody,
    /// How the patient agreed.
    pub consent: Option<(ConsentBasis, ConsentScope)>,
    /// What it was, as safe HTML.
    pub outcome_html: String,
    /// ActivityPub id of the reply that answers it.
    pub answer: Option<String>,
}

discreet!(RemoteCase {});

/// Writes down what is told now of a case that we have. An answer counts where we have it, in the same group; an outcome is
/// known since `now` where it is another than before.
pub async fn update(conn: &mut Conn, id: PostId, told: &RemoteCase, now: DateTime<Utc>) -> Result<()> {
    let body = serde_json::to_value(&told.body).map_err(|e| Error::Internal(e.into()))?;
    command(
        "UPDATE cases c SET report = $2, urgency = $3, state = $4, specialties = $5, body = $6, outcome_html = $7, \
           outcome_at = CASE WHEN $7 = '' THEN NULL WHEN c.outcome_html = $7 THEN c.outcome_at ELSE $8 END, \
           answer_id = (SELECT p.id FROM posts p WHERE p.uri = $9 AND p.group_id = c.group_id AND p.deleted_at IS NULL) \
         WHERE c.post_id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Bool, _>(told.report)
    .bind::<Text, _>(told.urgency)
    .bind::<Text, _>(told.state)
    .bind::<Array<Text>, _>(told.specialties.clone())
    .bind::<Jsonb, _>(body)
    .bind::<Text, _>(told.outcome_html.clone())
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<Text>, _>(told.answer.clone())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Forgets what was found in a text that says something else now.
pub async fn clear_findings(conn: &mut Conn, id: PostId) -> Result<()> {
    command("DELETE FROM case_findings WHERE post_id = $1").bind::<BigInt, _>(id).execute(conn).await.map_err(fault)?;
    Ok(())
}
