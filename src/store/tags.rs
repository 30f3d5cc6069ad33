//! Hashtags.

use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{error::Result, model::PostId, schema::post_tags};

/// Adds hashtags (lower case) to a post.
pub async fn put(conn: &mut Conn, id: PostId, names: Vec<String>) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    put_many(conn, vec![id; names.len()], names).await
}

/// The same for many posts at once: pairs of post and name.
pub(super) async fn put_many(conn: &mut Conn, ids: Vec<PostId>, names: Vec<String>) -> Result<()> {
    command("INSERT INTO tags (name) SELECT DISTINCT n FROM unnest($1::text[]) n ORDER BY n ON CONFLICT DO NOTHING")
        .bind::<Array<Text>, _>(names.clone())
        .execute(conn)
        .await
        .map_err(fault)?;
    command(
        "INSERT INTO post_tags (tag_id, post_id) SELECT t.id, x.post_id FROM unnest($1::bigint[], $2::text[]) AS x (post_id, name) \
         JOIN tags t ON t.name = x.name ON CONFLICT DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<Text>, _>(names)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Takes all hashtags off a post.
pub async fn clear(conn: &mut Conn, id: PostId) -> Result<()> {
    diesel::delete(post_tags::table.filter(post_tags::post_id.eq(id))).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// The hashtags of a post.
pub async fn list(conn: &mut Conn, id: PostId) -> Result<Vec<String>> {
    sql::<Text>("SELECT t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id = $1 ORDER BY t.name")
        .bind::<BigInt, _>(id)
        .load(conn)
        .await
        .map_err(fault)
}

/// Hashtags that begin so and have public posts, with their number (at most 1,000 are counted).
pub async fn search(conn: &mut Conn, words: &str, limit: i64) -> Result<Vec<(String, i64)>> {
    let pattern = format!("{}%", words.trim_start_matches('#').to_lowercase().replace(['%', '_', '\\'], ""));
    sql::<(Text, BigInt)>(
        "SELECT name, n FROM (SELECT t.name, (SELECT count(*) FROM (SELECT 1 FROM post_tags pt JOIN posts p ON p.id = pt.post_id \
           WHERE pt.tag_id = t.id AND p.visibility = 'public' AND p.held = '' AND p.deleted_at IS NULL LIMIT 1000) x) AS n \
         FROM tags t WHERE t.name LIKE $1 ORDER BY t.name LIMIT 200) y WHERE n > 0 ORDER BY n DESC, name LIMIT $2",
    )
    .bind::<Text, _>(pattern)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}
