//! What somebody shows, follows and has read: pins, hashtags, reading marks, suggestions.

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    accounts::HEARD_OF,
    fault,
    page::{Page, Paged},
    sql::{command, sql},
    timelines::LISTED,
};
use crate::{
    error::Result,
    model::{AccountId, PostId},
};

/// Puts a post on top of its author's page; false where it is there already.
pub async fn pin(conn: &mut Conn, who: AccountId, post: PostId) -> Result<bool> {
    let rows = command("INSERT INTO pins (account_id, post_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(rows > 0)
}

/// Takes it off there; false where it was not.
pub async fn unpin(conn: &mut Conn, who: AccountId, post: PostId) -> Result<bool> {
    let rows = command("DELETE FROM pins WHERE account_id = $1 AND post_id = $2")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(rows > 0)
}

/// How many posts that are still there somebody has pinned.
pub async fn count_pins(conn: &mut Conn, who: AccountId) -> Result<i64> {
    sql::<BigInt>(
        "SELECT count(*) FROM pins k JOIN posts p ON p.id = k.post_id AND p.deleted_at IS NULL WHERE k.account_id = $1",
    )
    .bind::<BigInt, _>(who)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// The id of a hashtag; made where it is new.
pub async fn tag(conn: &mut Conn, name: &str) -> Result<i64> {
    command("INSERT INTO tags (name) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind::<Text, _>(name.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    sql::<BigInt>("SELECT id FROM tags WHERE name = $1")
        .bind::<Text, _>(name.to_owned())
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Follows a hashtag.
pub async fn follow_tag(conn: &mut Conn, who: AccountId, tag: i64) -> Result<()> {
    command("INSERT INTO followed_tags (account_id, tag_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(tag)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Follows it no more, and takes off the home timeline what came there by this hashtag alone.
pub async fn unfollow_tag(conn: &mut Conn, who: AccountId, tag: i64) -> Result<()> {
    command(
        "WITH gone AS (DELETE FROM followed_tags WHERE account_id = $1 AND tag_id = $2 RETURNING tag_id) \
         DELETE FROM home_entries h USING gone g, post_tags t, posts p \
         WHERE h.account_id = $1 AND t.tag_id = g.tag_id AND h.post_id = t.post_id AND p.id = h.post_id AND p.visibility = 'public' AND p.author_id <> $1 \
           AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = $1 AND f.target_id = p.author_id AND f.state = 'accepted') \
           AND NOT EXISTS (SELECT 1 FROM post_tags o JOIN followed_tags x ON x.tag_id = o.tag_id \
             WHERE o.post_id = p.id AND x.account_id = $1 AND o.tag_id <> $2)",
    )
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(tag)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The hashtags that somebody follows, newest first.
pub async fn followed_tags(conn: &mut Conn, who: AccountId, page: &Page) -> Result<Paged<(i64, String)>> {
    let order = page.order();
    let rows: Vec<(i64, String)> = sql::<(BigInt, Text)>(format!(
        "SELECT x.id, t.name FROM followed_tags x JOIN tags t ON t.id = x.tag_id \
         WHERE x.account_id = $1 AND x.id < $2 AND x.id > $3 ORDER BY x.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |r| r.0))
}

/// A hashtag on somebody's page: its id there, its name, how many open posts of theirs have it, and the day of the last.
pub type Featured = (i64, String, i64, Option<DateTime<Utc>>);

/// The hashtags on somebody's page.
pub async fn featured_tags(conn: &mut Conn, who: AccountId) -> Result<Vec<Featured>> {
    sql::<(BigInt, Text, BigInt, Nullable<Timestamptz>)>(
        "SELECT x.id, t.name, coalesce(n.posts, 0), n.last FROM featured_tags x JOIN tags t ON t.id = x.tag_id \
         LEFT JOIN LATERAL (SELECT count(*) AS posts, max(p.published_at) AS last FROM posts p JOIN post_tags pt ON pt.post_id = p.id \
           AND pt.tag_id = x.tag_id WHERE p.author_id = $1 AND p.deleted_at IS NULL AND p.held = '' AND p.visibility IN ('public', 'unlisted')) n ON true \
         WHERE x.account_id = $1 ORDER BY t.name",
    )
    .bind::<BigInt, _>(who)
    .load(conn)
    .await
    .map_err(fault)
}

/// Puts a hashtag on somebody's page.
pub async fn feature_tag(conn: &mut Conn, who: AccountId, tag: i64) -> Result<()> {
    command("INSERT INTO featured_tags (account_id, tag_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(tag)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Takes it off there, by its id there or by the tag's; how many were there.
pub async fn unfeature_tag(conn: &mut Conn, who: AccountId, id: i64) -> Result<usize> {
    command("DELETE FROM featured_tags WHERE account_id = $1 AND (id = $2 OR tag_id = $2)")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await
        .map_err(fault)
}

/// Hashtags that somebody often uses and does not show yet.
pub async fn own_tags(conn: &mut Conn, who: AccountId, limit: i64) -> Result<Vec<String>> {
    sql::<Text>(
        "SELECT t.name FROM (SELECT id FROM posts WHERE author_id = $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT 500) p \
         JOIN post_tags pt ON pt.post_id = p.id JOIN tags t ON t.id = pt.tag_id \
         WHERE NOT EXISTS (SELECT 1 FROM featured_tags f WHERE f.account_id = $1 AND f.tag_id = t.id) \
         GROUP BY t.name ORDER BY count(*) DESC, t.name LIMIT $2",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// How a hashtag fares: its name, its id, whether the viewer follows and shows it.
pub type TagMarks = (String, i64, bool, bool);

/// The same for several, as far as they were ever used.
pub async fn tag_marks(conn: &mut Conn, viewer: Option<AccountId>, names: Vec<String>) -> Result<Vec<TagMarks>> {
    sql::<(Text, BigInt, Bool, Bool)>(
        "SELECT t.name, t.id, EXISTS (SELECT 1 FROM followed_tags f WHERE f.tag_id = t.id AND f.account_id = $1), \
           EXISTS (SELECT 1 FROM featured_tags f WHERE f.tag_id = t.id AND f.account_id = $1) \
         FROM tags t WHERE t.name = ANY($2)",
    )
    .bind::<Nullable<BigInt>, _>(viewer)
    .bind::<Array<Text>, _>(names)
    .load(conn)
    .await
    .map_err(fault)
}

/// A day of a hashtag: its name, how many days ago, uses, and by how many people.
pub type TagDay = (String, i32, i64, i64);

/// What public posts of the last seven days had these hashtags, of those that may be listed.
pub async fn tag_days(conn: &mut Conn, names: Vec<String>, now: DateTime<Utc>) -> Result<Vec<TagDay>> {
    sql::<(Text, Integer, BigInt, BigInt)>(format!(
        "SELECT t.name, (floor(extract(epoch FROM $2) / 86400) - floor(extract(epoch FROM p.published_at) / 86400))::integer AS ago, \
           count(*), count(DISTINCT p.author_id) \
         FROM tags t JOIN post_tags pt ON pt.tag_id = t.id JOIN posts p ON p.id = pt.post_id JOIN accounts a ON a.id = p.author_id \
         WHERE t.name = ANY($1) AND pt.post_id > (((extract(epoch FROM $2) - 604800) * 1000)::bigint << 16) \
           AND p.deleted_at IS NULL AND p.held = '' {LISTED} GROUP BY t.name, ago"
    ))
    .bind::<Array<Text>, _>(names)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}

/// The hashtags that most people used in the last two days, in posts that may be listed, of people who may be found.
pub async fn trending_tags(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<String>> {
    sql::<Text>(format!(
        "SELECT t.name FROM posts p JOIN accounts a ON a.id = p.author_id AND a.discoverable AND a.state = 'active' \
         JOIN post_tags pt ON pt.post_id = p.id JOIN tags t ON t.id = pt.tag_id \
         WHERE p.id > (((extract(epoch FROM $1) - 172800) * 1000)::bigint << 16) AND p.deleted_at IS NULL AND p.held = '' {LISTED} \
         GROUP BY t.name HAVING count(DISTINCT p.author_id) > 1 ORDER BY count(DISTINCT p.author_id) DESC, count(*) DESC, t.name LIMIT $2"
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// The public posts of the last two days that may be listed and that most people liked or passed on.
pub async fn trending_posts(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<PostId>> {
    sql::<BigInt>(format!(
        "SELECT p.id FROM posts p JOIN accounts a ON a.id = p.author_id AND a.discoverable AND a.state = 'active' \
         WHERE p.id > (((extract(epoch FROM $1) - 172800) * 1000)::bigint << 16) AND p.deleted_at IS NULL AND p.held = '' {LISTED} \
           AND p.boost_of_id IS NULL AND NOT p.sensitive AND p.warning = '' AND p.likes_count + p.boosts_count > 0 \
         ORDER BY p.likes_count + 2 * p.boosts_count DESC, p.id DESC LIMIT $2"
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// How far somebody has read: the timeline, the last id, how often it moved, and when.
pub type Marker = (String, i64, i32, DateTime<Utc>);

/// Reading marks of these timelines.
pub async fn markers(conn: &mut Conn, who: AccountId, timelines: Vec<String>) -> Result<Vec<Marker>> {
    sql::<(Text, BigInt, Integer, Timestamptz)>(
        "SELECT timeline, last_read_id, version, updated_at FROM markers WHERE account_id = $1 AND timeline = ANY($2)",
    )
    .bind::<BigInt, _>(who)
    .bind::<Array<Text>, _>(timelines)
    .load(conn)
    .await
    .map_err(fault)
}

/// Moves a reading mark. An older place does not take it back.
pub async fn set_marker(conn: &mut Conn, who: AccountId, timeline: &str, id: i64, now: DateTime<Utc>) -> Result<()> {
    command(
        "INSERT INTO markers (account_id, timeline, last_read_id, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (account_id, timeline) DO UPDATE SET last_read_id = greatest(markers.last_read_id, $3), \
           version = markers.version + 1, updated_at = $4",
    )
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(timeline.to_owned())
    .bind::<BigInt, _>(id)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// People whom somebody may want to follow: those whom most of whom they follow follow, then the newest of our own.
pub async fn suggestions(conn: &mut Conn, who: AccountId, limit: i64) -> Result<Vec<(AccountId, bool)>> {
    sql::<(BigInt, Bool)>(
        "WITH mine AS (SELECT target_id FROM follows WHERE follower_id = $1), \
           friends AS (SELECT f.target_id AS id, count(*) AS n FROM mine JOIN follows f ON f.follower_id = mine.target_id AND f.state = 'accepted' \
             GROUP BY f.target_id ORDER BY n DESC LIMIT 200), \
           fresh AS (SELECT id, 0::bigint AS n FROM accounts WHERE host_id IS NULL AND discoverable AND state = 'active' AND kind = 'person' \
             ORDER BY id DESC LIMIT 100) \
         SELECT x.id, bool_or(x.n > 0) FROM (SELECT * FROM friends UNION ALL SELECT * FROM fresh) x \
         JOIN accounts a ON a.id = x.id AND a.discoverable AND a.state = 'active' AND a.kind = 'person' \
         WHERE x.id <> $1 AND NOT EXISTS (SELECT 1 FROM mine WHERE mine.target_id = x.id) AND NOT shuns($1, x.id) \
           AND NOT EXISTS (SELECT 1 FROM hidden_suggestions h WHERE h.account_id = $1 AND h.target_id = x.id) \
         GROUP BY x.id ORDER BY max(x.n) DESC, x.id DESC LIMIT $2",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Suggests somebody no more.
pub async fn hide_suggestion(conn: &mut Conn, who: AccountId, target: AccountId) -> Result<()> {
    command("INSERT INTO hidden_suggestions (account_id, target_id) SELECT $1, id FROM accounts WHERE id = $2 ON CONFLICT DO NOTHING")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(target)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Of each of these people, whom somebody follows that follow them, at most five of each.
pub async fn familiar(conn: &mut Conn, who: AccountId, people: Vec<AccountId>) -> Result<Vec<(AccountId, AccountId)>> {
    sql::<(BigInt, BigInt)>(format!(
        "SELECT x.id, y.follower_id FROM unnest($2::bigint[]) WITH ORDINALITY AS x (id, n) \
         JOIN accounts a ON a.id = x.id AND a.discoverable AND {HEARD_OF} \
         JOIN LATERAL (SELECT f.follower_id FROM follows mine JOIN follows f ON f.follower_id = mine.target_id AND f.target_id = x.id \
           AND f.state = 'accepted' WHERE mine.follower_id = $1 AND mine.state = 'accepted' ORDER BY f.id DESC LIMIT 5) y ON true ORDER BY x.n"
    ))
    .bind::<BigInt, _>(who)
    .bind::<Array<BigInt>, _>(people)
    .load(conn)
    .await
    .map_err(fault)
}

/// People of the directory: those who may be found, the newest first or the most recently active.
pub async fn directory(conn: &mut Conn, local: bool, active: bool, offset: i64, limit: i64) -> Result<Vec<AccountId>> {
    let place = if local { " AND a.host_id IS NULL" } else { "" };
    let order = if active {
        "(SELECT max(p.id) FROM posts p WHERE p.author_id = a.id AND p.deleted_at IS NULL AND p.visibility IN ('public', 'unlisted')) DESC NULLS LAST, a.id DESC"
    } else {
        "a.id DESC"
    };
    sql::<BigInt>(format!(
        "SELECT a.id FROM accounts a WHERE a.discoverable AND a.state = 'active' AND a.kind = 'person'{place} ORDER BY {order} OFFSET $1 LIMIT $2"
    ))
    .bind::<BigInt, _>(offset)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}
