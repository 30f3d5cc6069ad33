//! Likes, boosts and bookmarks.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    accounts::{AUTHOR, AuthorSql},
    fault,
    page::{Page, Paged},
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, Author, Post, PostId},
    schema::{bookmarks, likes},
};

/// Likes a post; false where that was so already.
pub async fn like(conn: &mut Conn, who: AccountId, post: PostId, uri: &str) -> Result<bool> {
    let count = diesel::insert_into(likes::table)
        .values((likes::account_id.eq(who), likes::post_id.eq(post), likes::uri.eq(uri)))
        .on_conflict((likes::post_id, likes::account_id))
        .do_nothing()
        .execute(conn)
        .await
        .map_err(fault)?;
    if count > 0 {
        step(conn, "likes_count", post, 1).await?;
    }
    Ok(count > 0)
}

/// Takes a like back; its ActivityPub id where there was one.
pub async fn unlike(conn: &mut Conn, who: AccountId, post: PostId) -> Result<Option<String>> {
    let uri: Option<String> =
        diesel::delete(likes::table.filter(likes::account_id.eq(who)).filter(likes::post_id.eq(post)))
            .returning(likes::uri)
            .get_result(conn)
            .await
            .optional()
            .map_err(fault)?;
    if uri.is_some() {
        step(conn, "likes_count", post, -1).await?;
    }
    Ok(uri)
}

/// The post that a like is about, by the like's ActivityPub id and owner.
pub async fn liked_by_uri(conn: &mut Conn, who: AccountId, uri: &str) -> Result<Option<PostId>> {
    likes::table
        .filter(likes::account_id.eq(who))
        .filter(likes::uri.eq(uri))
        .select(likes::post_id)
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Boosts a post: the boost's id, or none where that was so already. Without a URI it is one of ours.
pub async fn boost(
    conn: &mut Conn,
    who: AccountId,
    post: &Post,
    uri: Option<&str>,
    base: &str,
    at: DateTime<Utc>,
) -> Result<Option<PostId>> {
    let id: Option<PostId> = sql::<BigInt>(
        "WITH n AS (SELECT timestamp_id($6) AS id) \
         INSERT INTO posts (id, author_id, local, uri, url, kind, visibility, boost_of_id, published_at) \
         SELECT n.id, $1, $3::text IS NULL, coalesce($3, $4 || n.id), coalesce($3, $4 || n.id), 'boost', $5, $2, $6 FROM n \
         ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(post.id)
    .bind::<Nullable<Text>, _>(uri.map(ToOwned::to_owned))
    .bind::<Text, _>(base.to_owned())
    .bind::<Text, _>(post.visibility)
    .bind::<Timestamptz, _>(at)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)?;
    if id.is_some() {
        step(conn, "boosts_count", post.id, 1).await?;
    }
    Ok(id)
}

/// Somebody's boost of a post.
pub async fn find_boost(conn: &mut Conn, who: AccountId, post: PostId) -> Result<Option<PostId>> {
    sql::<BigInt>("SELECT id FROM posts WHERE boost_of_id = $2 AND author_id = $1 AND deleted_at IS NULL")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(post)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Takes a boost back: the boost's row, emptied of meaning, so that its Undo can still be rendered.
pub async fn unboost(conn: &mut Conn, who: AccountId, post: PostId, now: DateTime<Utc>) -> Result<Option<PostId>> {
    let id: Option<PostId> = sql::<BigInt>(
        "UPDATE posts SET deleted_at = $3 WHERE boost_of_id = $2 AND author_id = $1 AND deleted_at IS NULL RETURNING id",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(post)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)?;
    if let Some(boost) = id {
        step(conn, "boosts_count", post, -1).await?;
        command("DELETE FROM home_entries WHERE post_id = $1")
            .bind::<BigInt, _>(boost)
            .execute(conn)
            .await
            .map_err(fault)?;
    }
    Ok(id)
}

async fn step(conn: &mut Conn, column: &'static str, post: PostId, by: i64) -> Result<()> {
    command(format!("UPDATE posts SET {column} = greatest({column} + $2, 0) WHERE id = $1"))
        .bind::<BigInt, _>(post)
        .bind::<BigInt, _>(by)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Saves a post.
pub async fn bookmark(conn: &mut Conn, who: AccountId, post: PostId) -> Result<()> {
    diesel::insert_into(bookmarks::table)
        .values((bookmarks::account_id.eq(who), bookmarks::post_id.eq(post)))
        .on_conflict((bookmarks::post_id, bookmarks::account_id))
        .do_nothing()
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Saves a post no more.
pub async fn unbookmark(conn: &mut Conn, who: AccountId, post: PostId) -> Result<()> {
    diesel::delete(bookmarks::table.filter(bookmarks::account_id.eq(who)).filter(bookmarks::post_id.eq(post)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Who likes a post, newest first.
pub async fn likers(conn: &mut Conn, post: PostId, page: &Page) -> Result<Paged<(i64, Author)>> {
    people(conn, "likes x", "x.account_id", "x.post_id = $1", post, page).await
}

/// Who boosted a post, newest first.
pub async fn boosters(conn: &mut Conn, post: PostId, page: &Page) -> Result<Paged<(i64, Author)>> {
    people(conn, "posts x", "x.author_id", "x.boost_of_id = $1 AND x.deleted_at IS NULL", post, page).await
}

async fn people(
    conn: &mut Conn,
    from: &str,
    who: &str,
    filter: &str,
    post: PostId,
    page: &Page,
) -> Result<Paged<(i64, Author)>> {
    let order = page.order();
    let rows: Vec<(i64, Author)> = sql::<(BigInt, AuthorSql)>(format!(
        "SELECT x.id, {AUTHOR} FROM {from} JOIN accounts a ON a.id = {who} \
         WHERE {filter} AND a.state = 'active' AND x.id < $2 AND x.id > $3 ORDER BY x.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(post)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |(id, _)| *id))
}
