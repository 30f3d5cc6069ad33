//! Cases that are being written. What is in them comes and goes sealed, and each is found by its author alone.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::{Error, Result},
    model::{AccountId, CaseDraftId, ConsentBasis, ConsentScope, DraftRow, Urgency},
    schema::case_drafts,
    store::{Conn, fault, sql::sql},
};

/// An id for what is about to be sealed: the seal says what it is.
pub async fn new_id(conn: &mut Conn) -> Result<i64> {
    sql::<BigInt>("SELECT timestamp_id()").get_result(conn).await.map_err(fault)
}

/// Keeps a new one.
pub async fn insert(
    conn: &mut Conn,
    who: AccountId,
    group: AccountId,
    id: CaseDraftId,
    sealed: Vec<u8>,
    at: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(case_drafts::table)
        .values((
            case_drafts::id.eq(id),
            case_drafts::account_id.eq(who),
            case_drafts::group_id.eq(group),
            case_drafts::sealed.eq(sealed),
            case_drafts::updated_at.eq(at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Somebody's own.
pub async fn find(conn: &mut Conn, who: AccountId, id: CaseDraftId) -> Result<Option<DraftRow>> {
    case_drafts::table
        .find(id)
        .filter(case_drafts::account_id.eq(who))
        .select((case_drafts::id, case_drafts::group_id, case_drafts::sealed, case_drafts::updated_at))
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// The same, locked until the transaction ends; [`Error::NotFound`] where there is none of theirs.
pub async fn lock(conn: &mut Conn, who: AccountId, id: CaseDraftId) -> Result<DraftRow> {
    case_drafts::table
        .find(id)
        .filter(case_drafts::account_id.eq(who))
        .select((case_drafts::id, case_drafts::group_id, case_drafts::sealed, case_drafts::updated_at))
        .for_update()
        .first(conn)
        .await
        .map_err(fault)
}

/// All of somebody's, those saved last first.
pub async fn list(conn: &mut Conn, who: AccountId) -> Result<Vec<DraftRow>> {
    case_drafts::table
        .filter(case_drafts::account_id.eq(who))
        .order((case_drafts::updated_at.desc(), case_drafts::id.desc()))
        .limit(100)
        .select((case_drafts::id, case_drafts::group_id, case_drafts::sealed, case_drafts::updated_at))
        .load(conn)
        .await
        .map_err(fault)
}

/// How many somebody has.
pub async fn count(conn: &mut Conn, who: AccountId) -> Result<i64> {
    case_drafts::table.filter(case_drafts::account_id.eq(who)).count().get_result(conn).await.map_err(fault)
}

/// Keeps what is in one now.
pub async fn update(conn: &mut Conn, id: CaseDraftId, sealed: Vec<u8>, at: DateTime<Utc>) -> Result<()> {
    diesel::update(case_drafts::table.find(id))
        .set((case_drafts::sealed.eq(sealed), case_drafts::updated_at.eq(at)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Deletes somebody's own with its pictures; [`Error::NotFound`] where there is none.
pub async fn delete(conn: &mut Conn, who: AccountId, id: CaseDraftId) -> Result<()> {
    let rows = diesel::delete(case_drafts::table.find(id).filter(case_drafts::account_id.eq(who)))
        .execute(conn)
        .await
        .map_err(fault)?;
    if rows == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Deletes those that nobody went on with since a time, with their pictures; returns how many.
pub async fn sweep(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    diesel::delete(case_drafts::table.filter(case_drafts::updated_at.lt(before))).execute(conn).await.map_err(fault)
}

/// In which group somebody is likely to ask next: of those where members can ask, that of their last case, or else the only one.
/// What they asked without their name does not tell.
pub async fn likely_group(conn: &mut Conn, who: AccountId) -> Result<Option<AccountId>> {
    sql::<Nullable<BigInt>>(
        "WITH mine AS (SELECT g.account_id FROM follows f JOIN groups g ON g.account_id = f.target_id AND g.archived_at IS NULL \
           JOIN accounts a ON a.id = g.account_id AND a.state = 'active' WHERE f.follower_id = $1 AND f.state = 'accepted') \
         SELECT coalesce((SELECT c.group_id FROM posts p JOIN cases c ON c.post_id = p.id JOIN mine ON mine.account_id = c.group_id \
             WHERE p.author_id = $1 AND p.deleted_at IS NULL ORDER BY p.id DESC LIMIT 1), \
           (SELECT max(account_id) FROM mine HAVING count(*) = 1))",
    )
    .bind::<BigInt, _>(who)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// How somebody asked their last case in a group: how soon, why it may be told, to whom, and who holds the form; of a case that
/// was taken back the last is forgotten.
pub async fn last_manner(
    conn: &mut Conn,
    who: AccountId,
    group: AccountId,
) -> Result<Option<(Urgency, ConsentBasis, ConsentScope, String)>> {
    sql::<(Text, Text, Text, Text)>(
        "SELECT c.urgency, k.basis, k.scope, k.holder FROM posts p JOIN cases c ON c.post_id = p.id JOIN case_consents k ON k.post_id = p.id \
         WHERE p.author_id = $1 AND c.group_id = $2 ORDER BY p.id DESC LIMIT 1",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(group)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}
