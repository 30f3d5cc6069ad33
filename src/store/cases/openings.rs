//! Moderators who want to know who asked a case without a name, and what became of that. Who it was is not here.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, Author, CaseOpening, CaseOpeningId, OpeningState, PostId},
    schema::case_openings,
    store::{
        Conn,
        accounts::{AUTHOR, AuthorSql},
        fault,
        groups::LEADS,
        sql::{command, sql},
    },
};

/// Writes a wish down.
pub async fn insert(
    conn: &mut Conn,
    post: PostId,
    group: AccountId,
    by: AccountId,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(case_openings::table)
        .values((
            case_openings::post_id.eq(post),
            case_openings::group_id.eq(group),
            case_openings::asked_by.eq(by),
            case_openings::reason.eq(reason),
            case_openings::asked_at.eq(at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// All about a case, the newest first.
pub async fn list(conn: &mut Conn, post: PostId) -> Result<Vec<CaseOpening>> {
    case_openings::table
        .filter(case_openings::post_id.eq(post))
        .order(case_openings::id.desc())
        .limit(100)
        .select(CaseOpening::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// The one that waits, locked until the transaction ends.
pub async fn lock_waiting(conn: &mut Conn, post: PostId) -> Result<Option<CaseOpening>> {
    case_openings::table
        .filter(case_openings::post_id.eq(post))
        .filter(case_openings::state.eq(OpeningState::Asked))
        .select(CaseOpening::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// What became of one, by whom; by nobody where its time passed.
pub async fn decide(
    conn: &mut Conn,
    id: CaseOpeningId,
    state: OpeningState,
    by: Option<AccountId>,
    at: DateTime<Utc>,
) -> Result<()> {
    diesel::update(case_openings::table.find(id))
        .set((case_openings::state.eq(state), case_openings::decided_by.eq(by), case_openings::decided_at.eq(at)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The wishes of somebody who leads a group no more lapse.
pub async fn lapse(conn: &mut Conn, group: AccountId, by: AccountId, at: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE case_openings SET state = 'lapsed', decided_at = $3 WHERE group_id = $1 AND asked_by = $2 AND state = 'asked'",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(by)
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// A wish that waits for the moderators of a group.
#[derive(Debug, Clone, Queryable)]
pub struct OpeningWish {
    /// The case.
    pub post: PostId,
    /// What is asked in it, in one line.
    pub question: String,
    /// Who wants to know.
    pub by: Author,
    /// Why.
    pub reason: String,
    /// Since when.
    pub asked_at: DateTime<Utc>,
}

/// Those that wait in a group and were asked after `since`, the oldest first.
pub async fn waiting(conn: &mut Conn, group: AccountId, since: DateTime<Utc>) -> Result<Vec<OpeningWish>> {
    sql::<(BigInt, Text, AuthorSql, Text, Timestamptz)>(format!(
        "SELECT o.post_id, p.title, {AUTHOR}, o.reason, o.asked_at FROM case_openings o JOIN posts p ON p.id = o.post_id AND p.held <> 'refused' \
           JOIN group_moderators m ON m.group_id = o.group_id AND m.account_id = o.asked_by AND {LEADS} \
           JOIN accounts a ON a.id = o.asked_by WHERE o.group_id = $1 AND o.state = 'asked' AND o.asked_at >= $2 ORDER BY o.id LIMIT 100"
    ))
    .bind::<BigInt, _>(group)
    .bind::<Timestamptz, _>(since)
    .load(conn)
    .await
    .map_err(fault)
}
