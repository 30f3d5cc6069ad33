//! What is posted in groups.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, PostCard, PostId},
    policy::Viewer,
    schema::posts,
    store::{
        Conn, fault,
        page::{Page, Paged},
        posts::cards,
        sql::{command, sql},
        visible::WANTED,
    },
};

/// What a group talks about, newest first, as the viewer may see it: posts that answer nothing, of one topic or of all
/// (empty). What is held is not among them.
pub async fn posts(
    conn: &mut Conn,
    viewer: &Viewer,
    group: AccountId,
    topic: &str,
    page: &Page,
) -> Result<Paged<PostCard>> {
    let order = page.order();
    let wanted = if viewer.account().is_some() { format!("AND {WANTED}") } else { String::new() };
    let rest = format!(
        "AND e.group_id = $6 AND e.boost_of_id IS NULL AND e.reply_to_uri IS NULL AND e.held = '' AND ($7 = '' OR e.topic = $7) \
         {wanted} AND e.id < $3 AND e.id > $4 ORDER BY e.id {order} LIMIT $5"
    );
    listed(conn, &rest, viewer, group, topic, page).await
}

/// What waits for a moderator, the oldest last, as the viewer may see it.
pub async fn held(conn: &mut Conn, viewer: &Viewer, group: AccountId, page: &Page) -> Result<Paged<PostCard>> {
    let order = page.order();
    let rest = format!(
        "AND e.group_id = $6 AND e.held <> '' AND $7 = '' AND e.id < $3 AND e.id > $4 ORDER BY e.id {order} LIMIT $5"
    );
    listed(conn, &rest, viewer, group, "", page).await
}

async fn listed(
    conn: &mut Conn,
    rest: &str,
    viewer: &Viewer,
    group: AccountId,
    topic: &str,
    page: &Page,
) -> Result<Paged<PostCard>> {
    let rows: Vec<PostCard> = cards("e.id", "posts e", rest, viewer)
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
    diesel::update(posts::table.find(id)).set(posts::held.eq("")).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Ends a discussion, or opens it again (none).
pub async fn set_lock(conn: &mut Conn, id: PostId, at: Option<DateTime<Utc>>) -> Result<()> {
    diesel::update(posts::table.find(id)).set(posts::locked_at.eq(at)).execute(conn).await.map_err(fault)?;
    Ok(())
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

/// Takes what a group told somebody off their notifications and saved posts: they are no member any more. Where nobody on
/// their server is a member now, what waits to be delivered there never is.
pub async fn forget(conn: &mut Conn, group: AccountId, who: AccountId) -> Result<()> {
    command(
        "WITH hidden AS (SELECT p.id FROM posts p WHERE p.group_id = $1 AND p.visibility = 'group' AND p.author_id <> $2), \
           n AS (DELETE FROM notifications x USING hidden h WHERE x.account_id = $2 AND x.post_id = h.id), \
           k AS (DELETE FROM bookmarks x USING hidden h WHERE x.account_id = $2 AND x.post_id = h.id), \
           o AS (SELECT a.host_id FROM accounts a WHERE a.id = $2 AND a.host_id IS NOT NULL AND NOT EXISTS ( \
             SELECT 1 FROM follows f JOIN accounts b ON b.id = f.follower_id \
             WHERE f.target_id = $1 AND f.state = 'accepted' AND b.host_id = a.host_id)) \
         DELETE FROM deliveries d USING outbox q, o WHERE d.host_id = o.host_id AND q.id = d.outbox_id AND q.group_id = $1",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(who)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}
