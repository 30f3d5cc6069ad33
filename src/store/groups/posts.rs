//! What is posted in groups.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, Held, PostCard, PostId},
    policy::Viewer,
    schema::posts,
    store::{
        Conn, fault,
        incoming::RemotePost,
        page::{Page, Paged},
        posts::{cards, set_held},
        sql::{command, sql},
        visible::WANTED,
        wake,
    },
};

/// What a group talks about, newest first, as the viewer may see it: posts that answer nothing, of one topic or of all
/// (empty), with or without what is no case. What is held is not among them.
pub async fn posts(
    conn: &mut Conn,
    viewer: &Viewer,
    group: AccountId,
    topic: &str,
    cases_alone: bool,
    page: &Page,
) -> Result<Paged<PostCard>> {
    let order = page.order();
    // Cases are walked by themselves: a group may hold few of them among many posts. A topic is walked by itself as well.
    let from = if cases_alone { "cases c JOIN posts e ON e.id = c.post_id" } else { "posts e" };
    let (id, place) =
        if cases_alone && topic.is_empty() { ("c.post_id", "c.group_id") } else { ("e.id", "e.group_id") };
    let about = if topic.is_empty() { "$7 = ''" } else { "e.topic = $7 AND e.topic <> ''" };
    let wanted = if viewer.account().is_some() { format!("AND {WANTED}") } else { String::new() };
    let rest = format!(
        "AND {place} = $6 AND e.boost_of_id IS NULL AND e.reply_to_uri IS NULL AND e.held = '' AND {about} \
         {wanted} AND {id} < $3 AND {id} > $4 ORDER BY {id} {order} LIMIT $5"
    );
    listed(conn, from, &rest, viewer, (group, topic), page).await
}

/// What waits for a moderator, the oldest last, as the viewer may see it.
pub async fn held(conn: &mut Conn, viewer: &Viewer, group: AccountId, page: &Page) -> Result<Paged<PostCard>> {
    let order = page.order();
    let rest = format!(
        "AND e.group_id = $6 AND e.held <> '' AND e.held <> 'refused' AND $7 = '' AND e.id < $3 AND e.id > $4 ORDER BY e.id {order} LIMIT $5"
    );
    listed(conn, "posts e", &rest, viewer, (group, ""), page).await
}

async fn listed(
    conn: &mut Conn,
    from: &str,
    rest: &str,
    viewer: &Viewer,
    (group, topic): (AccountId, &str),
    page: &Page,
) -> Result<Paged<PostCard>> {
    let rows: Vec<PostCard> = cards("e.id", from, rest, viewer)
        .bind::<BigInt, _>(page.below())
        .bind::<BigInt, _>(page.above())
        .bind::<BigInt, _>(page.limit + 1)
        .bind::<BigInt, _>(group)
        .bind::<Text, _>(topic.to_owned())
        .load(conn)
        .await
        .map_err(fault)?;
    Ok(Paged::cut(rows, page, |card| card.entry_id))
}

/// Lets a post be seen that was held.
pub async fn release(conn: &mut Conn, id: PostId) -> Result<()> {
    set_held(conn, id, Held::No, "").await
}

/// The group of a post did not take it, or its moderators have sent it back, and say why.
pub async fn put_refusal(conn: &mut Conn, id: PostId, reason: &str) -> Result<()> {
    set_held(conn, id, Held::Refused, reason).await
}

/// Writes down why its group did not take what the author of a post has added, while it goes on showing the post, or why those removed
/// the post who lead the group; nothing where neither is so any more.
pub async fn note_refusal(conn: &mut Conn, id: PostId, reason: &str) -> Result<()> {
    diesel::update(posts::table.find(id)).set(posts::refusal.eq(reason)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// A post that its group on another server did not take is on its way to it once more.
pub async fn send_again(conn: &mut Conn, id: PostId) -> Result<()> {
    set_held(conn, id, Held::Sent, "").await
}

/// Holds a post back, for this reason from now on.
pub async fn hold(conn: &mut Conn, id: PostId, why: Held) -> Result<()> {
    set_held(conn, id, why, "").await
}

/// Forgets that a post of another server was sent back, of which nothing is kept but that: its author sends it once more.
pub async fn forget_returned(conn: &mut Conn, uri: &str, author: AccountId) -> Result<()> {
    command(
        "DELETE FROM posts WHERE uri = $1 AND author_id = $2 AND NOT local AND held = 'refused' AND deleted_at IS NOT NULL",
    )
    .bind::<Text, _>(uri.to_owned())
    .bind::<BigInt, _>(author)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Post `p` was told to other servers before it was held: of what is for everybody nothing is written down, and one that was edited
/// may have been.
const WAS_TOLD: &str = "(EXISTS (SELECT 1 FROM case_copies c WHERE c.post_id = p.id) \
    OR (p.visibility <> 'group' AND p.edited_at IS NOT NULL))";

/// Whether a post was told to other servers before it was held.
pub async fn was_told(conn: &mut Conn, id: PostId) -> Result<bool> {
    sql::<Bool>(format!("SELECT EXISTS (SELECT 1 FROM posts p WHERE p.id = $1 AND {WAS_TOLD})"))
        .bind::<BigInt, _>(id)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Lets our groups tell all who have them that these posts are gone, whether anybody there is a member still or not; but not of
/// those that no other server knows.
pub async fn tell_removed(conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    let told = command(format!(
        "INSERT INTO outbox (account_id, event) \
         SELECT p.group_id, jsonb_build_object('type', 'remove', 'post', p.id, 'reason', '') FROM posts p \
           JOIN groups g ON g.account_id = p.group_id AND g.kind <> 'local' \
           JOIN accounts a ON a.id = g.account_id AND a.host_id IS NULL \
         WHERE p.id = ANY($1) AND p.boost_of_id IS NULL AND (p.held = '' OR {WAS_TOLD}) ORDER BY p.id"
    ))
    .bind::<Array<BigInt>, _>(posts)
    .execute(conn)
    .await
    .map_err(fault)?;
    if told > 0 { wake::notify(conn, wake::Queue::Outbox).await } else { Ok(()) }
}

/// Cases among posts `$1` that are gone, with all that stands below each (SQL): what went with it has the same `deleted_at`.
pub(super) const THREADS: &str = "WITH RECURSIVE thread AS (SELECT p.id, p.id AS root, p.deleted_at \
      FROM cases k JOIN posts p ON p.id = k.post_id WHERE k.post_id = ANY($1) AND p.deleted_at IS NOT NULL \
    UNION SELECT q.id, thread.root, thread.deleted_at FROM posts q JOIN thread ON q.reply_to_id = thread.id)";

/// Most answers of one discussion that is gone of which other servers are told, one by one.
const TOLD_BELOW: i64 = 1_000;

/// Lets our open groups tell that each answer which went with these cases is gone, where they had shown it: programs that know no
/// cases take nothing away below one. It is told as its author's deed where that is one of ours, else as the group's.
pub async fn tell_removed_below(conn: &mut Conn, cases: Vec<PostId>) -> Result<()> {
    let told = command(format!(
        "{THREADS}, \
           told AS (SELECT p.id, p.local, p.group_id, row_number() OVER (PARTITION BY thread.root ORDER BY p.id) AS nth \
             FROM thread JOIN posts p ON p.id = thread.id AND p.deleted_at = thread.deleted_at \
               JOIN groups g ON g.account_id = p.group_id AND g.kind = 'open' \
               JOIN accounts a ON a.id = g.account_id AND a.host_id IS NULL \
             WHERE p.id <> ALL($1) AND (p.held = '' OR {WAS_TOLD})) \
         INSERT INTO outbox (account_id, event) \
         SELECT group_id, CASE WHEN local THEN jsonb_build_object('type', 'delete', 'post', id) \
             ELSE jsonb_build_object('type', 'remove', 'post', id, 'reason', '') END \
         FROM told WHERE nth <= $2 ORDER BY id"
    ))
    .bind::<Array<BigInt>, _>(cases)
    .bind::<BigInt, _>(TOLD_BELOW)
    .execute(conn)
    .await
    .map_err(fault)?;
    if told > 0 { wake::notify(conn, wake::Queue::Outbox).await } else { Ok(()) }
}

/// Takes a post of another server into its group that came on another way before, and is for everybody; none where there is no
/// such post, or it is in a group. Where the group holds it back, it is seen no more.
pub async fn adopt(conn: &mut Conn, post: &RemotePost) -> Result<Option<PostId>> {
    let adopted: Option<PostId> = sql::<BigInt>(
        "UPDATE posts SET group_id = $3, title = CASE WHEN title = '' THEN $4 ELSE title END, topic = $5 \
         WHERE uri = $1 AND author_id = $2 AND group_id IS NULL AND NOT local AND visibility IN ('public', 'unlisted') \
           AND deleted_at IS NULL AND boost_of_id IS NULL RETURNING id",
    )
    .bind::<Text, _>(post.uri.clone())
    .bind::<BigInt, _>(post.author)
    .bind::<Nullable<BigInt>, _>(post.group)
    .bind::<Text, _>(post.title.clone())
    .bind::<Text, _>(post.topic.clone())
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)?;
    if let Some(id) = adopted.filter(|_| post.held != Held::No) {
        hold(conn, id, post.held).await?;
    }
    Ok(adopted)
}

/// Which of these ActivityPub ids are open groups of ours, or posts in them.
pub async fn open_among(conn: &mut Conn, uris: Vec<String>) -> Result<Vec<String>> {
    sql::<Text>(
        "SELECT a.uri FROM accounts a JOIN groups g ON g.account_id = a.id AND g.kind = 'open' \
         WHERE a.uri = ANY($1) AND a.host_id IS NULL \
         UNION SELECT p.uri FROM posts p JOIN groups g ON g.account_id = p.group_id AND g.kind = 'open' \
           JOIN accounts a ON a.id = g.account_id AND a.host_id IS NULL WHERE p.uri = ANY($1)",
    )
    .bind::<Array<Text>, _>(uris)
    .load(conn)
    .await
    .map_err(fault)
}

/// ActivityPub ids of the answers to a post in its group, oldest first: key and id. For servers that may have all of the group.
pub async fn answers(
    conn: &mut Conn,
    group: AccountId,
    id: PostId,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, String)>> {
    sql::<(BigInt, Text)>(
        "SELECT p.id, p.uri FROM posts p JOIN accounts a ON a.id = p.author_id AND a.state = 'active' \
         WHERE p.group_id = $1 AND p.reply_to_id = $2 AND p.visibility = 'group' AND p.held = '' \
           AND p.deleted_at IS NULL AND p.id > $3 ORDER BY p.id LIMIT $4",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Ends a discussion, or opens it again (none).
pub async fn set_lock(conn: &mut Conn, id: PostId, at: Option<DateTime<Utc>>) -> Result<()> {
    diesel::update(posts::table.find(id)).set(posts::locked_at.eq(at)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Whether a discussion has been ended: at a post or above it, at most 100 steps up.
pub async fn is_locked(conn: &mut Conn, id: PostId) -> Result<bool> {
    sql::<Bool>(
        "WITH RECURSIVE up AS (SELECT reply_to_id, locked_at, 1 AS step FROM posts WHERE id = $1 \
           UNION ALL SELECT q.reply_to_id, q.locked_at, up.step + 1 FROM posts q JOIN up ON q.id = up.reply_to_id WHERE up.step < 100) \
         SELECT EXISTS (SELECT 1 FROM up WHERE locked_at IS NOT NULL)",
    )
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Whether somebody has posted in a group what was not held, or is no more.
pub async fn has_posted(conn: &mut Conn, group: AccountId, who: AccountId) -> Result<bool> {
    sql::<Bool>("SELECT EXISTS (SELECT 1 FROM posts WHERE group_id = $1 AND author_id = $2 AND held = '' AND deleted_at IS NULL)")
        .bind::<BigInt, _>(group)
        .bind::<BigInt, _>(who)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Takes what a group told somebody off their notifications and saved posts, and the group off their lists: they are no member any
/// more. Where nobody on their server is a member now, what waits to be delivered there never is, but for what tells the end of a
/// post: that server still has it.
pub async fn forget(conn: &mut Conn, group: AccountId, who: AccountId) -> Result<()> {
    command(format!(
        "WITH n AS (DELETE FROM notifications x USING posts p WHERE x.account_id = $2 AND p.id = x.post_id \
             AND p.group_id = $1 AND p.visibility = 'group' AND p.author_id <> $2), \
           g AS (DELETE FROM notifications WHERE account_id = $2 AND from_id = $1 AND post_id IS NULL), \
           k AS (DELETE FROM bookmarks x USING posts p WHERE x.account_id = $2 AND p.id = x.post_id \
             AND p.group_id = $1 AND p.visibility = 'group' AND p.author_id <> $2), \
           l AS (DELETE FROM list_members x USING lists y WHERE y.id = x.list_id AND y.account_id = $2 AND x.account_id = $1), \
           o AS (SELECT a.host_id FROM accounts a WHERE a.id = $2 AND a.host_id IS NOT NULL AND NOT EXISTS ( \
             SELECT 1 FROM follows f JOIN accounts b ON b.id = f.follower_id \
             WHERE f.target_id = $1 AND f.state = 'accepted' AND b.host_id = a.host_id)) \
         DELETE FROM deliveries d USING outbox q, o WHERE d.host_id = o.host_id AND q.id = d.outbox_id AND q.group_id = $1 \
           AND NOT {ENDING}"
    ))
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(who)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Event `q` tells the end of a post: that it is deleted or removed, by us or handed on as it came.
const ENDING: &str = "(q.event->>'type' IN ('delete', 'remove', 'recall') \
    OR (q.event->>'type' = 'order' AND q.event#>>'{order,kind}' = 'remove_post') \
    OR (q.event->>'type' = 'hand_on' AND q.event->>'post' IS NULL AND position('\"type\":\"Delete\"' in q.event->>'activity') > 0))";

/// The post that a picture of ours is part of.
pub async fn post_with(conn: &mut Conn, name: &str) -> Result<Option<PostId>> {
    sql::<BigInt>(
        "SELECT post_id FROM media WHERE name = $1 AND purpose = 'post' AND post_id IS NOT NULL AND remote_url IS NULL",
    )
    .bind::<Text, _>(name.to_owned())
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}
