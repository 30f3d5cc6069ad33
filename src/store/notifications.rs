//! What happened to our people.

use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    accounts::{AUTHOR, AuthorSql},
    fault,
    page::{Page, Paged},
    sql::{command, sql},
    visible::VISIBLE,
};
use crate::{
    error::Result,
    model::{AccountId, Notification, NotificationId, NotificationKind, PostId},
    policy::Viewer,
};

/// Tells one of our people; nothing happens for people of other servers, for oneself, or the second time.
pub async fn insert(
    conn: &mut Conn,
    to: AccountId,
    kind: NotificationKind,
    from: AccountId,
    post: Option<PostId>,
) -> Result<()> {
    command(
        "INSERT INTO notifications (account_id, kind, from_id, post_id) SELECT a.id, $2, $3, $4 FROM accounts a \
         WHERE a.id = $1 AND a.host_id IS NULL AND a.id <> $3 ON CONFLICT DO NOTHING",
    )
    .bind::<BigInt, _>(to)
    .bind::<Text, _>(kind)
    .bind::<BigInt, _>(from)
    .bind::<Nullable<BigInt>, _>(post)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Tells those of our people whom posts mention or answer.
pub async fn insert_for_posts(conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    command(
        "INSERT INTO notifications (account_id, kind, from_id, post_id) \
         SELECT m.account_id, CASE WHEN rp.author_id = m.account_id THEN 'reply' ELSE 'mention' END, p.author_id, p.id \
         FROM posts p JOIN mentions m ON m.post_id = p.id JOIN accounts a ON a.id = m.account_id AND a.host_id IS NULL \
           LEFT JOIN posts rp ON rp.id = p.reply_to_id \
         WHERE p.id = ANY($1) AND m.account_id <> p.author_id \
         UNION SELECT rp.author_id, 'reply', p.author_id, p.id \
         FROM posts p JOIN posts rp ON rp.id = p.reply_to_id JOIN accounts a ON a.id = rp.author_id AND a.host_id IS NULL \
         WHERE p.id = ANY($1) AND rp.author_id <> p.author_id AND p.visibility IN ('public', 'unlisted') \
         ON CONFLICT DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(posts)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Takes a notification back.
pub async fn delete(
    conn: &mut Conn,
    to: AccountId,
    kind: NotificationKind,
    from: AccountId,
    post: Option<PostId>,
) -> Result<()> {
    command("DELETE FROM notifications WHERE account_id = $1 AND kind = $2 AND from_id = $3 AND coalesce(post_id, 0) = coalesce($4, 0)")
        .bind::<BigInt, _>(to)
        .bind::<Text, _>(kind)
        .bind::<BigInt, _>(from)
        .bind::<Nullable<BigInt>, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A page of what happened, newest first, of these kinds. What has become invisible to the person is left out.
pub async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    to: AccountId,
    kinds: Vec<NotificationKind>,
    page: &Page,
) -> Result<Paged<Notification>> {
    let order = page.order();
    let rows: Vec<Notification> = sql::<(BigInt, Text, Timestamptz, AuthorSql, Nullable<BigInt>)>(format!(
        "SELECT n.id, n.kind, n.created_at, {AUTHOR}, n.post_id FROM notifications n JOIN accounts a ON a.id = n.from_id \
         WHERE n.account_id = $3 AND n.id < $4 AND n.id > $5 AND n.kind = ANY($7) AND a.state = 'active' \
           AND (n.post_id IS NULL OR EXISTS (SELECT 1 FROM posts p JOIN accounts a ON a.id = p.author_id WHERE p.id = n.post_id AND {VISIBLE})) \
         ORDER BY n.id {order} LIMIT $6"
    ))
    .viewer(viewer)
    .bind::<BigInt, _>(to)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .bind::<Array<Text>, _>(kinds)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |n| n.id.0))
}

/// Takes one of somebody's notifications away, or all of them.
pub async fn dismiss(conn: &mut Conn, to: AccountId, id: Option<NotificationId>) -> Result<usize> {
    command("DELETE FROM notifications WHERE account_id = $1 AND ($2 IS NULL OR id = $2)")
        .bind::<BigInt, _>(to)
        .bind::<Nullable<BigInt>, _>(id)
        .execute(conn)
        .await
        .map_err(fault)
}

/// The posts that notifications are about, as the viewer may see them.
pub async fn posts(conn: &mut Conn, viewer: &Viewer, ids: Vec<PostId>) -> Result<Vec<crate::model::PostCard>> {
    super::posts::cards("e.id", "posts e", "AND e.id = ANY($3) AND e.boost_of_id IS NULL", viewer)
        .bind::<Array<BigInt>, _>(ids)
        .load(conn)
        .await
        .map_err(fault)
}
