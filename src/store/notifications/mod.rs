//! What happened to our people.

mod apart;

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

pub use apart::{RequestRow, Rules, count_filtered, let_through, requests, rules, set_rules, throw_away};

use super::{
    Conn,
    accounts::{AUTHOR, AuthorSql},
    fault,
    page::{Page, Paged},
    sql::{command, sql},
    visible::{known, told_of},
};
use crate::{
    error::Result,
    model::{AccountId, GroupDeed, Notification, NotificationId, NotificationKind, PostId, Role},
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
        "INSERT INTO notifications (account_id, kind, from_id, post_id, filtered) SELECT a.id, $2, $3, $4, x.fate = 'filter' \
         FROM accounts a CROSS JOIN LATERAL (SELECT notification_fate(a.id, $3, $2, $4) AS fate) x \
         WHERE a.id = $1 AND a.host_id IS NULL AND a.id <> $3 AND x.fate <> 'drop' ON CONFLICT DO NOTHING",
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

/// Tells some of our people what their own rules keep from nobody, once, however often it happens.
pub async fn insert_anew(
    conn: &mut Conn,
    to: Vec<AccountId>,
    kind: NotificationKind,
    from: AccountId,
    post: Option<PostId>,
) -> Result<()> {
    put_anew(conn, to, (kind, from, post), (None, "")).await
}

/// The same of what was decided in a group, and why.
pub async fn insert_decided(
    conn: &mut Conn,
    to: Vec<AccountId>,
    kind: NotificationKind,
    from: AccountId,
    post: Option<PostId>,
    (deed, reason): (GroupDeed, &str),
) -> Result<()> {
    put_anew(conn, to, (kind, from, post), (Some(deed), reason)).await
}

async fn put_anew(
    conn: &mut Conn,
    to: Vec<AccountId>,
    (kind, from, post): (NotificationKind, AccountId, Option<PostId>),
    (deed, reason): (Option<GroupDeed>, &str),
) -> Result<()> {
    // A statement of its own: a row is no longer in the way of another one only when it is gone.
    command("DELETE FROM notifications WHERE account_id = ANY($1) AND kind = $2 AND from_id = $3 AND post_id IS NOT DISTINCT FROM $4")
        .bind::<Array<BigInt>, _>(to.clone())
        .bind::<Text, _>(kind)
        .bind::<BigInt, _>(from)
        .bind::<Nullable<BigInt>, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    command(
        "INSERT INTO notifications (account_id, kind, from_id, post_id, deed, reason) SELECT a.id, $2, $3, $4, $5, $6 \
         FROM accounts a WHERE a.id = ANY($1) AND a.host_id IS NULL AND a.id <> $3 ON CONFLICT DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(to)
    .bind::<Text, _>(kind)
    .bind::<BigInt, _>(from)
    .bind::<Nullable<BigInt>, _>(post)
    .bind::<Nullable<Text>, _>(deed)
    .bind::<Text, _>(reason.to_owned())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Tells everybody with one of these roles that something of somebody's (`from`) waits, but for themselves; once, however
/// often it does.
pub async fn insert_for_role(conn: &mut Conn, roles: &[Role], kind: NotificationKind, from: AccountId) -> Result<()> {
    // A statement of its own: a row is no longer in the way of another one only when it is gone.
    command("DELETE FROM notifications WHERE kind = $1 AND from_id = $2")
        .bind::<Text, _>(kind)
        .bind::<BigInt, _>(from)
        .execute(conn)
        .await
        .map_err(fault)?;
    command(
        "INSERT INTO notifications (account_id, kind, from_id) SELECT u.account_id, $1, $2 FROM users u \
         WHERE u.role = ANY($3) AND u.state = 'active' AND u.account_id <> $2 ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(kind)
    .bind::<BigInt, _>(from)
    .bind::<Array<Text>, _>(roles.to_vec())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Tells those of our people whom posts mention or answer, and those who want to be told of each post of an author.
pub async fn insert_for_posts(conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    command(
        "INSERT INTO notifications (account_id, kind, from_id, post_id, filtered) \
         SELECT y.who, y.kind, y.author_id, y.id, x.fate = 'filter' FROM ( \
           SELECT m.account_id AS who, CASE WHEN rp.author_id = m.account_id THEN 'reply' ELSE 'mention' END AS kind, p.author_id, p.id \
           FROM posts p JOIN mentions m ON m.post_id = p.id JOIN accounts a ON a.id = m.account_id AND a.host_id IS NULL \
             LEFT JOIN posts rp ON rp.id = p.reply_to_id \
           WHERE p.id = ANY($1) AND m.account_id <> p.author_id AND p.held = '' \
             AND (p.visibility <> 'group' OR EXISTS (SELECT 1 FROM follows gf \
               WHERE gf.follower_id = m.account_id AND gf.target_id = p.group_id AND gf.state = 'accepted')) \
           UNION SELECT rp.author_id, 'reply', p.author_id, p.id \
           FROM posts p JOIN posts rp ON rp.id = p.reply_to_id JOIN accounts a ON a.id = rp.author_id AND a.host_id IS NULL \
           WHERE p.id = ANY($1) AND rp.author_id <> p.author_id AND p.held = '' AND p.visibility IN ('public', 'unlisted') \
           UNION SELECT f.follower_id, 'post', p.author_id, p.id \
           FROM posts p JOIN follows f ON f.target_id = p.author_id AND f.state = 'accepted' AND f.notify \
             JOIN accounts a ON a.id = f.follower_id AND a.host_id IS NULL \
           WHERE p.id = ANY($1) AND p.visibility NOT IN ('group', 'direct') AND p.held = '' AND p.reply_to_uri IS NULL AND p.boost_of_id IS NULL) y \
         CROSS JOIN LATERAL (SELECT notification_fate(y.who, y.author_id, y.kind, y.id) AS fate) x WHERE x.fate <> 'drop' \
         ON CONFLICT DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(posts)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Tells those of our people who boosted a post that it says something else now.
pub async fn insert_for_edit(conn: &mut Conn, post: PostId) -> Result<()> {
    // A statement of its own: a row is no longer in the way of another one only when it is gone.
    command("DELETE FROM notifications WHERE post_id = $1 AND kind = 'edit'")
        .bind::<BigInt, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    command(
        "INSERT INTO notifications (account_id, kind, from_id, post_id) \
         SELECT b.author_id, 'edit', p.author_id, p.id FROM posts p JOIN posts b ON b.boost_of_id = p.id AND b.deleted_at IS NULL \
           JOIN accounts a ON a.id = b.author_id AND a.host_id IS NULL \
         WHERE p.id = $1 AND p.held = '' AND b.author_id <> p.author_id AND notification_fate(b.author_id, p.author_id, 'edit', p.id) = 'accept' \
         ON CONFLICT DO NOTHING",
    )
    .bind::<BigInt, _>(post)
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

/// Which notifications are meant.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Of these kinds.
    pub kinds: Vec<NotificationKind>,
    /// By this person only.
    pub from: Option<AccountId>,
    /// Also those that are kept apart.
    pub filtered: bool,
}

/// Notification `n` of person `a` (`$3` the receiver, `$4` kinds, `$5` from whom, `$6` with those kept apart) that the
/// viewer (`$1`, `$2`) may still see. Neither a mute nor that they left keeps from anybody that they opened a document alone.
const SHOWN: &str = "n.account_id = $3 AND n.kind = ANY($4) AND ($5::bigint IS NULL OR n.from_id = $5) AND ($6 OR NOT n.filtered) \
    AND (n.kind = 'emergency' OR (a.state = 'active' AND NOT EXISTS (SELECT 1 FROM mutes x WHERE x.account_id = $3 \
      AND x.target_id = n.from_id AND x.notifications AND (x.ends_at IS NULL OR x.ends_at > now()))))";
/// True where it may be said whom it is from: of a group of which its reader may know no more, what that has decided about them is said.
const NAMED: &str = concat!("((n.kind = 'group' AND n.post_id IS NULL) OR ", known!("a"), ")");

fn shown() -> String {
    format!("{SHOWN} AND {NAMED} AND {}", told_of("n.post_id"))
}

/// A page of what happened, newest first. What has become invisible to the person is left out.
pub async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    to: AccountId,
    wanted: &Wanted,
    page: &Page,
) -> Result<Paged<Notification>> {
    let order = page.order();
    let rows: Vec<Notification> = sql::<(BigInt, Text, Timestamptz, AuthorSql, Nullable<BigInt>, Nullable<Text>, Text)>(format!(
        "SELECT n.id, n.kind, n.created_at, {AUTHOR}, n.post_id, n.deed, n.reason FROM notifications n JOIN accounts a ON a.id = n.from_id \
         WHERE {} AND n.id < $7 AND n.id > $8 ORDER BY n.id {order} LIMIT $9",
        shown()
    ))
    .viewer(viewer)
    .bind::<BigInt, _>(to)
    .bind::<Array<Text>, _>(wanted.kinds.clone())
    .bind::<Nullable<BigInt>, _>(wanted.from)
    .bind::<Bool, _>(wanted.filtered)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |n| n.id.0))
}

/// What notifications of the same kind about the same post within half a day have in common; others stand alone.
const KEY: &str = "CASE WHEN n.kind = ANY(GROUPED) THEN n.kind || '-' || coalesce(n.post_id, 0) || '-' || floor(extract(epoch FROM n.created_at) / 43200) \
    ELSE 'ungrouped-' || n.id END";

/// How many are newer than an id, those of kinds to be put `together` once a group; at most so many are counted.
pub async fn count_newer(
    conn: &mut Conn,
    viewer: &Viewer,
    to: AccountId,
    wanted: &Wanted,
    together: &[NotificationKind],
    (than, most): (i64, i64),
) -> Result<i64> {
    let key = KEY.replace("GROUPED", "$9");
    sql::<BigInt>(format!(
        "SELECT least(count(DISTINCT key), $8) FROM (SELECT {key} AS key FROM notifications n JOIN accounts a ON a.id = n.from_id \
           WHERE {} AND n.id > $7 ORDER BY n.id DESC LIMIT 1000) n",
        shown()
    ))
    .viewer(viewer)
    .bind::<BigInt, _>(to)
    .bind::<Array<Text>, _>(wanted.kinds.clone())
    .bind::<Nullable<BigInt>, _>(wanted.from)
    .bind::<Bool, _>(wanted.filtered)
    .bind::<BigInt, _>(than)
    .bind::<BigInt, _>(most)
    .bind::<Array<Text>, _>(together.to_vec())
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Notifications put together.
#[derive(Debug, Clone, Queryable)]
pub struct GroupRow {
    /// What they have in common.
    pub key: String,
    /// What happened.
    pub kind: NotificationKind,
    /// The post that they are about.
    pub post: Option<PostId>,
    /// How many.
    pub count: i64,
    /// The newest.
    pub newest: NotificationId,
    /// The oldest.
    pub oldest: NotificationId,
    /// When the newest came.
    pub at: DateTime<Utc>,
    /// The newest people, at most eight.
    pub people: Vec<AccountId>,
    /// What was decided, where that was.
    pub deed: Option<GroupDeed>,
    /// Why; empty where nobody said.
    pub reason: String,
}

type GroupSql =
    (Text, Text, Nullable<BigInt>, BigInt, BigInt, BigInt, Timestamptz, Array<BigInt>, Nullable<Text>, Text);
const GROUP: &str = "key, kind, post_id, count(*), max(id), min(id), max(created_at), \
    (array_agg(from_id ORDER BY id DESC))[1:8], (array_agg(deed ORDER BY id DESC))[1], (array_agg(reason ORDER BY id DESC))[1]";

/// A page of groups, newest first. A group stands where its newest member stands, and there alone.
pub async fn groups(
    conn: &mut Conn,
    viewer: &Viewer,
    to: AccountId,
    wanted: &Wanted,
    grouped: Vec<NotificationKind>,
    page: &Page,
) -> Result<Paged<GroupRow>> {
    let order = page.order();
    let key = KEY.replace("GROUPED", "$10");
    let rows: Vec<GroupRow> = sql::<GroupSql>(format!(
        "WITH above AS (SELECT DISTINCT {key} AS key FROM notifications n WHERE n.account_id = $3 AND n.id >= $7 AND n.kind = ANY($10)) \
         SELECT {GROUP} FROM (SELECT n.*, {key} AS key FROM notifications n JOIN accounts a ON a.id = n.from_id \
           WHERE {SHOWN} AND {NAMED} AND n.id < $7 ORDER BY n.id DESC LIMIT 500) g \
         WHERE g.key NOT IN (SELECT key FROM above) GROUP BY key, kind, post_id HAVING max(id) > $8 \
           AND {} ORDER BY max(id) {order} LIMIT $9",
        told_of("g.post_id")
    ))
    .viewer(viewer)
    .bind::<BigInt, _>(to)
    .bind::<Array<Text>, _>(wanted.kinds.clone())
    .bind::<Nullable<BigInt>, _>(wanted.from)
    .bind::<Bool, _>(wanted.filtered)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .bind::<Array<Text>, _>(grouped)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |g| g.newest.0))
}

/// The notifications of one group: ids and people, newest first.
pub async fn of_group(
    conn: &mut Conn,
    to: AccountId,
    key: &str,
    grouped: Vec<NotificationKind>,
) -> Result<Vec<(NotificationId, AccountId)>> {
    sql::<(BigInt, BigInt)>(format!(
        "SELECT id, from_id FROM (SELECT n.id, n.from_id, {} AS key FROM notifications n WHERE n.account_id = $1 AND NOT n.filtered) g \
         WHERE key = $2 ORDER BY id DESC LIMIT 500",
        KEY.replace("GROUPED", "$3")
    ))
    .bind::<BigInt, _>(to)
    .bind::<Text, _>(key.to_owned())
    .bind::<Array<Text>, _>(grouped)
    .load(conn)
    .await
    .map_err(fault)
}

/// Takes several of somebody's notifications away.
pub async fn dismiss_all(conn: &mut Conn, to: AccountId, ids: Vec<NotificationId>) -> Result<usize> {
    command("DELETE FROM notifications WHERE account_id = $1 AND id = ANY($2)")
        .bind::<BigInt, _>(to)
        .bind::<Array<BigInt>, _>(ids)
        .execute(conn)
        .await
        .map_err(fault)
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
