//! What a group of another server has shown of a post of ours, where its author has written other words since: that is what the
//! group goes on showing if it does not take them.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{Edit, held::set_held, put_words};
use crate::{
    error::Result,
    model::{AccountId, Held, MediaId, PostId, discreet::discreet},
    schema::posts,
    store::{
        Conn, fault,
        sql::{command, sql},
        streams, tags,
    },
};

/// An earlier version of a post that others could read.
#[derive(Clone, PartialEq, Eq, Queryable)]
pub struct Shown {
    /// Which version it is.
    pub id: i64,
    /// Content warning then.
    pub warning: String,
    /// As it was typed.
    pub source: String,
    /// Safe HTML then.
    pub html: String,
    /// Code.
    pub language: String,
    /// Its author asked to look twice.
    pub sensitive: bool,
    /// Its pictures, in order; none where that is not known, nor its language.
    pub media: Option<Vec<MediaId>>,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// Its words were taken out.
    pub struck: bool,
    /// The post has the same poll still, or none as then.
    pub same_poll: bool,
}

discreet!(Shown { id });

/// The last one; none where nothing of the post was shown before.
pub async fn last(conn: &mut Conn, post: PostId) -> Result<Option<Shown>> {
    sql::<(BigInt, Text, Text, Text, Text, Bool, Nullable<Array<BigInt>>, Timestamptz, Bool, Bool)>(
        "SELECT e.id, e.warning, e.source, e.html, e.language, e.sensitive, e.media, e.written_at, e.struck_at IS NOT NULL, \
           e.media IS NULL OR e.choices IS NOT DISTINCT FROM \
             (SELECT array_agg(o.title ORDER BY o.place) FROM poll_options o WHERE o.post_id = e.post_id) \
         FROM post_edits e WHERE e.post_id = $1 AND e.shown ORDER BY e.id DESC LIMIT 1",
    )
    .bind::<BigInt, _>(post)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Its group shows what a post of ours said at a time, and not yet what it says now.
pub async fn note(conn: &mut Conn, post: PostId, as_of: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE post_edits SET shown = true WHERE id = (SELECT e.id FROM post_edits e \
           WHERE e.post_id = $1 AND date_trunc('milliseconds', e.written_at) <= $2 ORDER BY e.id DESC LIMIT 1)",
    )
    .bind::<BigInt, _>(post)
    .bind::<Timestamptz, _>(as_of)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Gives a post that its group did not take other words, or the same once more. What it has said since the group last showed it was
/// read by its author alone, and is kept nowhere; one of which the group has shown nothing (`is_new`) is published only now.
pub async fn replace(conn: &mut Conn, post: PostId, edit: Edit, is_new: bool) -> Result<()> {
    let at = edit.at;
    command(
        "DELETE FROM post_edits WHERE post_id = $1 \
           AND id > coalesce((SELECT max(e.id) FROM post_edits e WHERE e.post_id = $1 AND e.shown), 0)",
    )
    .bind::<BigInt, _>(post)
    .execute(conn)
    .await
    .map_err(fault)?;
    put_words(conn, post, edit).await?;
    if is_new {
        diesel::update(posts::table.find(post))
            .set((posts::published_at.eq(at), posts::edited_at.eq(None::<DateTime<Utc>>)))
            .execute(conn)
            .await
            .map_err(fault)?;
    }
    Ok(())
}

/// Gives a post back what it said when its group last showed it, with the hashtags of that; people whom it named only since are named
/// by it no more. What it has said since was read by its author alone, and is kept nowhere.
pub async fn restore(
    conn: &mut Conn,
    post: PostId,
    shown: &Shown,
    mentions: Vec<AccountId>,
    hashtags: Vec<String>,
) -> Result<()> {
    command("DELETE FROM post_edits WHERE post_id = $1 AND id >= $2")
        .bind::<BigInt, _>(post)
        .bind::<BigInt, _>(shown.id)
        .execute(conn)
        .await
        .map_err(fault)?;
    command(
        "UPDATE posts SET warning = $2, source = $3, html = $4, edited_at = nullif($5, published_at), \
           language = CASE WHEN $6 THEN $7 ELSE language END, sensitive = CASE WHEN $6 THEN $8 ELSE sensitive END WHERE id = $1",
    )
    .bind::<BigInt, _>(post)
    .bind::<Text, _>(shown.warning.clone())
    .bind::<Text, _>(shown.source.clone())
    .bind::<Text, _>(shown.html.clone())
    .bind::<Timestamptz, _>(shown.written_at)
    .bind::<Bool, _>(shown.media.is_some())
    .bind::<Text, _>(shown.language.clone())
    .bind::<Bool, _>(shown.sensitive)
    .execute(conn)
    .await
    .map_err(fault)?;
    set_held(conn, post, Held::No, "").await?;
    command(
        "DELETE FROM mentions m USING posts p LEFT JOIN posts rp ON rp.id = p.reply_to_id \
         WHERE p.id = $1 AND m.post_id = p.id AND m.account_id <> ALL($2) AND m.account_id IS DISTINCT FROM rp.author_id",
    )
    .bind::<BigInt, _>(post)
    .bind::<Array<BigInt>, _>(mentions)
    .execute(conn)
    .await
    .map_err(fault)?;
    tags::clear(conn, post).await?;
    tags::put(conn, post, hashtags).await?;
    streams::edited(conn, post).await
}
