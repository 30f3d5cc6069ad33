//! Filters of words and posts.

use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::{Error, Result},
    model::{AccountId, Filter, FilterAction, FilterContext, FilterId, FilterKeywordId, FilterPostId, Json, PostId},
};

/// One filter `f` as the JSON that [`Filter`] reads.
pub(super) const FILTER: &str = "jsonb_build_object('id', f.id, 'title', f.title, 'contexts', f.contexts, 'action', f.action, \
    'ends_at', f.ends_at, \
    'keywords', coalesce((SELECT jsonb_agg(jsonb_build_object('id', k.id, 'keyword', k.keyword, 'whole_word', k.whole_word) \
      ORDER BY k.id) FROM filter_keywords k WHERE k.filter_id = f.id), '[]'), \
    'posts', coalesce((SELECT jsonb_agg(jsonb_build_object('id', x.id, 'post_id', x.post_id) ORDER BY x.id) \
      FROM filter_posts x WHERE x.filter_id = f.id), '[]'))";

/// Somebody's filters, oldest first.
pub async fn list(conn: &mut Conn, who: AccountId) -> Result<Vec<Filter>> {
    let rows: Vec<Json<Filter>> =
        sql::<Jsonb>(format!("SELECT {FILTER} FROM filters f WHERE f.account_id = $1 ORDER BY f.id LIMIT 200"))
            .bind::<BigInt, _>(who)
            .load(conn)
            .await
            .map_err(fault)?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// The filters of several people.
pub async fn list_of(conn: &mut Conn, people: Vec<AccountId>) -> Result<Vec<(AccountId, Filter)>> {
    let rows: Vec<(AccountId, Json<Filter>)> = sql::<(BigInt, Jsonb)>(format!(
        "SELECT f.account_id, {FILTER} FROM filters f WHERE f.account_id = ANY($1) ORDER BY f.id"
    ))
    .bind::<Array<BigInt>, _>(people)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(rows.into_iter().map(|r| (r.0, r.1.0)).collect())
}

/// One of somebody's own, found by a condition on its own id (`f.id`) or on those of its parts.
async fn find(conn: &mut Conn, who: AccountId, condition: &str, id: i64) -> Result<Filter> {
    let row: Option<Json<Filter>> =
        sql::<Jsonb>(format!("SELECT {FILTER} FROM filters f WHERE f.account_id = $1 AND {condition}"))
            .bind::<BigInt, _>(who)
            .bind::<BigInt, _>(id)
            .get_result(conn)
            .await
            .optional()
            .map_err(fault)?;
    row.map(|r| r.0).ok_or(Error::NotFound)
}

/// One of somebody's own.
pub async fn get(conn: &mut Conn, who: AccountId, id: FilterId) -> Result<Filter> {
    find(conn, who, "f.id = $2", id.0).await
}

/// The one that a word belongs to.
pub async fn get_by_keyword(conn: &mut Conn, who: AccountId, id: FilterKeywordId) -> Result<Filter> {
    find(conn, who, "f.id = (SELECT filter_id FROM filter_keywords WHERE id = $2)", id.0).await
}

/// The one that a post belongs to.
pub async fn get_by_post(conn: &mut Conn, who: AccountId, id: FilterPostId) -> Result<Filter> {
    find(conn, who, "f.id = (SELECT filter_id FROM filter_posts WHERE id = $2)", id.0).await
}

/// What a filter says of itself.
#[derive(Debug, Clone)]
pub struct FilterHead {
    /// Its name.
    pub title: String,
    /// Where it holds.
    pub contexts: Vec<FilterContext>,
    /// What it does.
    pub action: FilterAction,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Makes one, or (with an id) changes one of somebody's own.
pub async fn put(conn: &mut Conn, who: AccountId, id: Option<FilterId>, head: &FilterHead) -> Result<FilterId> {
    let text = match id {
        None => {
            "INSERT INTO filters (account_id, title, contexts, action, ends_at) SELECT $1, $3, $4, $5, $6 WHERE $2::bigint IS NULL RETURNING id"
        }
        Some(_) => {
            "UPDATE filters SET title = $3, contexts = $4, action = $5, ends_at = $6 WHERE account_id = $1 AND id = $2 RETURNING id"
        }
    };
    sql::<BigInt>(text)
        .bind::<BigInt, _>(who)
        .bind::<Nullable<BigInt>, _>(id)
        .bind::<Text, _>(head.title.clone())
        .bind::<Array<Text>, _>(head.contexts.clone())
        .bind::<Text, _>(head.action)
        .bind::<Nullable<Timestamptz>, _>(head.ends_at)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Deletes one of somebody's own; false where there is none.
pub async fn delete(conn: &mut Conn, who: AccountId, id: FilterId) -> Result<bool> {
    let rows = command("DELETE FROM filters WHERE account_id = $1 AND id = $2")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(rows > 0)
}

/// Adds a word.
pub async fn add_keyword(conn: &mut Conn, id: FilterId, keyword: &str, whole_word: bool) -> Result<FilterKeywordId> {
    sql::<BigInt>("INSERT INTO filter_keywords (filter_id, keyword, whole_word) VALUES ($1, $2, $3) RETURNING id")
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(keyword.to_owned())
        .bind::<Bool, _>(whole_word)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// How many words somebody's filters have together.
pub async fn count_words(conn: &mut Conn, who: AccountId) -> Result<i64> {
    sql::<BigInt>("SELECT count(*) FROM filter_keywords k JOIN filters f ON f.id = k.filter_id WHERE f.account_id = $1")
        .bind::<BigInt, _>(who)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Changes a word of a filter.
pub async fn set_keyword(
    conn: &mut Conn,
    filter: FilterId,
    id: FilterKeywordId,
    keyword: &str,
    whole_word: bool,
) -> Result<()> {
    command("UPDATE filter_keywords SET keyword = $3, whole_word = $4 WHERE filter_id = $1 AND id = $2")
        .bind::<BigInt, _>(filter)
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(keyword.to_owned())
        .bind::<Bool, _>(whole_word)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Takes a word out of a filter.
pub async fn remove_keyword(conn: &mut Conn, filter: FilterId, id: FilterKeywordId) -> Result<()> {
    command("DELETE FROM filter_keywords WHERE filter_id = $1 AND id = $2")
        .bind::<BigInt, _>(filter)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Adds a post.
pub async fn add_post(conn: &mut Conn, id: FilterId, post: PostId) -> Result<FilterPostId> {
    sql::<BigInt>(
        "INSERT INTO filter_posts (filter_id, post_id) VALUES ($1, $2) ON CONFLICT (filter_id, post_id) \
         DO UPDATE SET post_id = excluded.post_id RETURNING id",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(post)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Takes a post out of a filter.
pub async fn remove_post(conn: &mut Conn, filter: FilterId, id: FilterPostId) -> Result<()> {
    command("DELETE FROM filter_posts WHERE filter_id = $1 AND id = $2")
        .bind::<BigInt, _>(filter)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
