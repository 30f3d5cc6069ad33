//! Pictures: their rows. The files themselves are in `Blobs`, under the name that a row gives them.

use chrono::{DateTime, Utc};
use diesel::OptionalExtension;
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
    visible::VISIBLE,
};
use crate::{
    error::Result,
    model::{AccountId, Json, Media, MediaFile, MediaId, PostId, Purpose},
    policy::Viewer,
};

/// One picture `m` as the JSON that [`Media`] reads.
pub(super) const MEDIA: &str = "jsonb_build_object('id', m.id, 'name', m.name, 'mime', m.mime, 'width', m.width, \
    'height', m.height, 'small_width', m.small_width, 'small_height', m.small_height, 'blurhash', m.blurhash, \
    'focus_x', m.focus_x, 'focus_y', m.focus_y, 'description', m.description, 'remote_url', m.remote_url)";

/// The pictures of post `p` as one JSON list.
pub(super) const MEDIA_OF_POST: &str = "coalesce((SELECT jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name, \
    'mime', m.mime, 'width', m.width, 'height', m.height, 'small_width', m.small_width, 'small_height', m.small_height, \
    'blurhash', m.blurhash, 'focus_x', m.focus_x, 'focus_y', m.focus_y, 'description', m.description, \
    'remote_url', m.remote_url) ORDER BY m.place) FROM media m WHERE m.post_id = p.id), '[]'::jsonb)";

/// A picture that somebody here sent in; its files are not there yet.
pub async fn insert(
    conn: &mut Conn,
    who: AccountId,
    purpose: Purpose,
    name: &str,
    description: &str,
    focus: (f64, f64),
) -> Result<MediaId> {
    sql::<BigInt>(
        "INSERT INTO media (account_id, purpose, name, description, focus_x, focus_y) VALUES ($1, $2, $3, $4, $5, $6) \
         RETURNING id",
    )
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(purpose)
    .bind::<Text, _>(name.to_owned())
    .bind::<Text, _>(description.to_owned())
    .bind::<Double, _>(focus.0)
    .bind::<Double, _>(focus.1)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// What making a picture anew gave.
#[derive(Debug)]
pub struct Stored {
    /// Media type.
    pub mime: &'static str,
    /// Width and height in pixels.
    pub size: (i32, i32),
    /// Media type of the small version.
    pub small_mime: &'static str,
    /// Its width and height.
    pub small_size: (i32, i32),
    /// Both files, in bytes.
    pub bytes: i64,
    /// The sketch.
    pub blurhash: String,
}

/// The files of a picture are there now, and no longer to be removed; false where its row is gone.
pub async fn set_stored(conn: &mut Conn, id: MediaId, stored: &Stored, now: DateTime<Utc>) -> Result<bool> {
    let rows = command(
        "WITH found AS (DELETE FROM lost_files WHERE name = (SELECT name FROM media WHERE id = $1)) \
         UPDATE media SET mime = $2, width = $3, height = $4, small_mime = $5, small_width = $6, small_height = $7, \
           bytes = $8, blurhash = $9, stored_at = $10, used_at = $10 WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(stored.mime.to_owned())
    .bind::<Integer, _>(stored.size.0)
    .bind::<Integer, _>(stored.size.1)
    .bind::<Text, _>(stored.small_mime.to_owned())
    .bind::<Integer, _>(stored.small_size.0)
    .bind::<Integer, _>(stored.small_size.1)
    .bind::<BigInt, _>(stored.bytes)
    .bind::<Text, _>(stored.blurhash.clone())
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(rows == 1)
}

/// The files of another server's picture are not there, though they were stored by this time: they have to be fetched
/// again.
pub async fn unset_stored(conn: &mut Conn, id: MediaId, by: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE media SET stored_at = NULL, bytes = 0 WHERE id = $1 AND remote_url IS NOT NULL AND stored_at <= $2",
    )
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(by)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Another server did not give a picture: it is not asked again before this time.
pub async fn set_retry(conn: &mut Conn, id: MediaId, at: DateTime<Utc>) -> Result<()> {
    command("UPDATE media SET retry_at = $2 WHERE id = $1")
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A picture was looked at. Written at most once a day for each.
pub async fn touch(conn: &mut Conn, id: MediaId, now: DateTime<Utc>) -> Result<()> {
    command("UPDATE media SET used_at = $2 WHERE id = $1 AND used_at < $2 - interval '1 day'")
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Somebody's own picture for a post, and the post that it is part of.
pub async fn find_own(conn: &mut Conn, who: AccountId, id: MediaId) -> Result<Option<(Media, Option<PostId>)>> {
    let row: Option<(Json<Media>, Option<PostId>)> = sql::<(Jsonb, Nullable<BigInt>)>(format!(
        "SELECT {MEDIA}, m.post_id FROM media m WHERE m.id = $1 AND m.account_id = $2 AND m.purpose = 'post' \
         AND m.stored_at IS NOT NULL AND m.remote_url IS NULL"
    ))
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(who)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)?;
    Ok(row.map(|(media, post)| (media.0, post)))
}

/// Somebody's own pictures that are ready and part of no post, in the order asked.
pub async fn list_loose(conn: &mut Conn, who: AccountId, ids: Vec<MediaId>) -> Result<Vec<Media>> {
    let rows: Vec<Json<Media>> = sql::<Jsonb>(format!(
        "SELECT {MEDIA} FROM media m WHERE m.id = ANY($1) AND m.account_id = $2 AND m.purpose = 'post' \
         AND m.stored_at IS NOT NULL AND m.post_id IS NULL ORDER BY array_position($1, m.id)"
    ))
    .bind::<Array<BigInt>, _>(ids)
    .bind::<BigInt, _>(who)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// The pictures of a post.
pub async fn list_of(conn: &mut Conn, post: PostId) -> Result<Vec<Media>> {
    let rows: Vec<Json<Media>> =
        sql::<Jsonb>(format!("SELECT {MEDIA} FROM media m WHERE m.post_id = $1 ORDER BY m.place"))
            .bind::<BigInt, _>(post)
            .load(conn)
            .await
            .map_err(fault)?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// Makes these the pictures of a post, in this order; the others that it had become loose. Returns how many were taken:
/// only the author's own that are ready and part of no other post.
pub async fn attach(conn: &mut Conn, who: AccountId, post: PostId, ids: Vec<MediaId>) -> Result<usize> {
    command("UPDATE media SET post_id = NULL WHERE post_id = $1 AND NOT id = ANY($2)")
        .bind::<BigInt, _>(post)
        .bind::<Array<BigInt>, _>(ids.clone())
        .execute(conn)
        .await
        .map_err(fault)?;
    if ids.is_empty() {
        return Ok(0);
    }
    command(
        "UPDATE media SET post_id = $1, place = array_position($2, id) WHERE id = ANY($2) AND account_id = $3 \
         AND purpose = 'post' AND stored_at IS NOT NULL AND (post_id IS NULL OR post_id = $1)",
    )
    .bind::<BigInt, _>(post)
    .bind::<Array<BigInt>, _>(ids)
    .bind::<BigInt, _>(who)
    .execute(conn)
    .await
    .map_err(fault)
}

/// Takes the pictures off a post without deleting them: their author may want to write it anew.
pub async fn loosen(conn: &mut Conn, post: PostId) -> Result<()> {
    command("UPDATE media SET post_id = NULL, created_at = now() WHERE post_id = $1")
        .bind::<BigInt, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// New words for a picture; none leaves them as they are.
pub async fn describe(
    conn: &mut Conn,
    who: AccountId,
    id: MediaId,
    description: Option<&str>,
    focus: Option<(f64, f64)>,
) -> Result<()> {
    command(
        "UPDATE media SET description = coalesce($3, description), focus_x = coalesce($4, focus_x), \
           focus_y = coalesce($5, focus_y) WHERE id = $1 AND account_id = $2 AND purpose = 'post'",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(who)
    .bind::<Nullable<Text>, _>(description.map(ToOwned::to_owned))
    .bind::<Nullable<Double>, _>(focus.map(|f| f.0))
    .bind::<Nullable<Double>, _>(focus.map(|f| f.1))
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Deletes somebody's picture that is part of no post; false where there is none.
pub async fn delete_loose(conn: &mut Conn, who: AccountId, id: MediaId) -> Result<bool> {
    let rows = command("DELETE FROM media WHERE id = $1 AND account_id = $2 AND purpose = 'post' AND post_id IS NULL")
        .bind::<BigInt, _>(id)
        .bind::<BigInt, _>(who)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(rows == 1)
}

/// What is to be known of a file, where the viewer may see it: pictures of people are for everybody, those of a post
/// for whoever may read it, and loose ones for whoever sent them in.
pub async fn find_file(conn: &mut Conn, viewer: &Viewer, name: &str, now: DateTime<Utc>) -> Result<Option<MediaFile>> {
    sql::<(BigInt, BigInt, Nullable<BigInt>, Text, Text, Text, Nullable<Text>, Bool, Bool)>(format!(
        "SELECT m.id, m.account_id, m.post_id, m.purpose, m.mime, m.small_mime, m.remote_url, m.stored_at IS NOT NULL, \
           m.retry_at <= $4 FROM media m \
         WHERE m.name = $3 AND CASE \
           WHEN m.purpose <> 'post' THEN EXISTS (SELECT 1 FROM accounts a WHERE a.id = m.account_id AND a.state = 'active') \
           WHEN m.post_id IS NULL THEN m.account_id = $1 \
           ELSE EXISTS (SELECT 1 FROM posts p JOIN accounts a ON a.id = p.author_id WHERE p.id = m.post_id AND {VISIBLE}) END"
    ))
    .viewer(viewer)
    .bind::<Text, _>(name.to_owned())
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Makes a picture somebody's avatar or banner, and deletes the one before it. An empty name is none.
pub async fn set_face(conn: &mut Conn, who: AccountId, purpose: Purpose, name: &str) -> Result<()> {
    command("DELETE FROM media WHERE account_id = $1 AND purpose = $2 AND name <> $3")
        .bind::<BigInt, _>(who)
        .bind::<Text, _>(purpose)
        .bind::<Text, _>(name.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    let column = if purpose == Purpose::Banner { "banner" } else { "avatar" };
    command(format!("UPDATE accounts SET {column} = $2, updated_at = now() WHERE id = $1"))
        .bind::<BigInt, _>(who)
        .bind::<Text, _>(name.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Somebody of another server shows this picture now, or none.
pub async fn set_remote_face(conn: &mut Conn, who: AccountId, purpose: Purpose, url: Option<&str>) -> Result<()> {
    let column = if purpose == Purpose::Banner { "banner" } else { "avatar" };
    command(format!(
        "WITH gone AS (DELETE FROM media WHERE account_id = $1 AND purpose = $2 AND remote_url IS DISTINCT FROM $3), \
           new AS (INSERT INTO media (account_id, purpose, name, remote_url) SELECT $1, $2, $4, $3 \
             WHERE $3 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM media WHERE account_id = $1 AND purpose = $2 AND remote_url = $3) \
             RETURNING name) \
         UPDATE accounts SET {column} = CASE WHEN $3 IS NULL THEN '' ELSE coalesce((SELECT name FROM new), {column}) END \
         WHERE id = $1"
    ))
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(purpose)
    .bind::<Nullable<Text>, _>(url.map(ToOwned::to_owned))
    .bind::<Text, _>(random_name())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// The unguessable part of an address: 256 bits in base64url.
pub(super) fn random_name() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// A picture of another server's post.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteMedia {
    /// Where it is.
    pub url: String,
    /// Alternative text, plain.
    pub description: String,
    /// Width and height in pixels, as told; 0 where it is not.
    pub size: (i32, i32),
    /// The sketch, as told.
    pub blurhash: String,
    /// The point that stays in view.
    pub focus: (f64, f64),
}

/// Adds pictures to posts of other servers: the post, its place, an unguessable name, and what is known.
pub async fn insert_remote(conn: &mut Conn, new: Vec<(PostId, i16, String, RemoteMedia)>) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    command(
        "INSERT INTO media (account_id, post_id, place, purpose, name, remote_url, description, width, height, blurhash, \
           focus_x, focus_y) \
         SELECT p.author_id, p.id, x.place, 'post', x.name, x.url, x.description, x.width, x.height, x.blurhash, x.fx, x.fy \
         FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::integer[], $8::text[], \
           $9::float8[], $10::float8[]) AS x (post_id, place, name, url, description, width, height, blurhash, fx, fy) \
         JOIN posts p ON p.id = x.post_id",
    )
    .bind::<Array<BigInt>, _>(new.iter().map(|n| n.0).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(new.iter().map(|n| n.1).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(new.iter().map(|n| n.2.clone()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(new.iter().map(|n| n.3.url.clone()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(new.iter().map(|n| n.3.description.clone()).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(new.iter().map(|n| n.3.size.0).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(new.iter().map(|n| n.3.size.1).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(new.iter().map(|n| n.3.blurhash.clone()).collect::<Vec<_>>())
    .bind::<Array<Double>, _>(new.iter().map(|n| n.3.focus.0).collect::<Vec<_>>())
    .bind::<Array<Double>, _>(new.iter().map(|n| n.3.focus.1).collect::<Vec<_>>())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// The pictures of a post of another server are these now: what is known stays, what is no longer named goes.
pub async fn put_remote(conn: &mut Conn, post: PostId, now: &[RemoteMedia]) -> Result<()> {
    let urls: Vec<String> = now.iter().map(|m| m.url.clone()).collect();
    command("DELETE FROM media WHERE post_id = $1 AND NOT remote_url = ANY($2)")
        .bind::<BigInt, _>(post)
        .bind::<Array<Text>, _>(urls.clone())
        .execute(conn)
        .await
        .map_err(fault)?;
    command(
        "UPDATE media m SET place = x.place - 1, description = x.description \
         FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS x (url, description, place) WHERE m.post_id = $1 AND m.remote_url = x.url",
    )
    .bind::<BigInt, _>(post)
    .bind::<Array<Text>, _>(urls)
    .bind::<Array<Text>, _>(now.iter().map(|m| m.description.clone()).collect::<Vec<_>>())
    .execute(conn)
    .await
    .map_err(fault)?;
    let known: Vec<String> = sql::<Text>("SELECT remote_url FROM media WHERE post_id = $1 AND remote_url IS NOT NULL")
        .bind::<BigInt, _>(post)
        .load(conn)
        .await
        .map_err(fault)?;
    let new = (0..).zip(now).filter(|(_, m)| !known.contains(&m.url));
    insert_remote(conn, new.map(|(place, m)| (post, place, random_name(), m.clone())).collect()).await
}

/// Forgets rows: pictures that nobody put into a post since `loose`, uploads that never came to an end, and (their files
/// only) pictures of other servers that nobody looked at since `unused`, or that are more than `most_bytes` all in all. What an edit
/// takes out of a post in a group elsewhere stays until the group has taken the edit.
pub async fn sweep(conn: &mut Conn, loose: DateTime<Utc>, unused: DateTime<Utc>, most_bytes: i64) -> Result<usize> {
    let mut swept = command(
        "DELETE FROM media WHERE created_at < $1 AND post_id IS NULL AND scheduled_id IS NULL AND (purpose = 'post' OR (stored_at IS NULL AND remote_url IS NULL)) \
           AND id <> ALL (ARRAY(SELECT unnest(e.media) FROM posts p JOIN post_edits e ON e.post_id = p.id AND e.shown \
             WHERE p.held <> '' AND p.held IN ('sent', 'waits', 'refused') AND p.deleted_at IS NULL))",
    )
    .bind::<Timestamptz, _>(loose)
    .execute(conn)
    .await
    .map_err(fault)?;
    swept += command(
        "WITH kept AS (SELECT id, used_at, sum(bytes) OVER (ORDER BY used_at DESC, id) AS up_to FROM media \
             WHERE remote_url IS NOT NULL AND stored_at IS NOT NULL), \
           old AS (SELECT id FROM kept WHERE used_at < $1 OR up_to > $2), \
           emptied AS (UPDATE media SET stored_at = NULL, bytes = 0 WHERE id IN (SELECT id FROM old) RETURNING name) \
         INSERT INTO lost_files (name) SELECT name FROM emptied ON CONFLICT DO NOTHING",
    )
    .bind::<Timestamptz, _>(unused)
    .bind::<BigInt, _>(most_bytes)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(swept)
}

/// Files to remove: not those that were fetched again in the meantime.
pub async fn list_lost(conn: &mut Conn, limit: i64) -> Result<Vec<String>> {
    sql::<Text>(
        "SELECT l.name FROM lost_files l \
         WHERE NOT EXISTS (SELECT 1 FROM media m WHERE m.name = l.name AND m.stored_at IS NOT NULL) \
         ORDER BY l.lost_at LIMIT $1",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Whether a file is still to be removed.
pub async fn is_lost(conn: &mut Conn, name: &str) -> Result<bool> {
    sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM lost_files WHERE name = $1) \
         AND NOT EXISTS (SELECT 1 FROM media WHERE name = $1 AND stored_at IS NOT NULL)",
    )
    .bind::<Text, _>(name.to_owned())
    .get_result(conn)
    .await
    .map_err(fault)
}

/// These files are gone.
pub async fn forget_lost(conn: &mut Conn, names: Vec<String>) -> Result<usize> {
    command("DELETE FROM lost_files WHERE name = ANY($1)")
        .bind::<Array<Text>, _>(names)
        .execute(conn)
        .await
        .map_err(fault)
}
