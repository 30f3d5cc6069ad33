//! Who follows a single case, and what they are told of it. Who that is, nobody else sees. A row goes with the membership in the
//! group, and with the case.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, NotificationKind, PostId},
    policy::Viewer,
    schema::case_follows,
    store::{
        Conn, fault,
        sql::{command, sql},
        visible::VISIBLE,
    },
};

/// Everybody `k` who follows a case and belongs to its group now.
pub(super) const FOLLOWERS: &str = "case_follows k \
    JOIN follows kf ON kf.follower_id = k.account_id AND kf.target_id = k.group_id AND kf.state = 'accepted' \
    JOIN accounts ka ON ka.id = k.account_id AND ka.host_id IS NULL AND ka.state = 'active'";

/// Lets a member of its group follow a case; false for everybody else.
pub async fn insert(conn: &mut Conn, case: PostId, who: AccountId) -> Result<bool> {
    sql::<Bool>(
        "WITH member AS (SELECT c.post_id, f.follower_id, f.target_id FROM cases c \
             JOIN follows f ON f.target_id = c.group_id AND f.follower_id = $2 AND f.state = 'accepted' \
             WHERE c.post_id = $1 AND c.state <> 'withdrawn' FOR KEY SHARE OF f), \
           put AS (INSERT INTO case_follows (post_id, account_id, group_id) SELECT post_id, follower_id, target_id FROM member \
             ON CONFLICT DO NOTHING) \
         SELECT EXISTS (SELECT 1 FROM member)",
    )
    .bind::<BigInt, _>(case)
    .bind::<BigInt, _>(who)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Ends it.
pub async fn delete(conn: &mut Conn, case: PostId, who: AccountId) -> Result<()> {
    diesel::delete(case_follows::table.find((case, who))).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Whether a member of its group follows a case, took part in it, and has muted it; none for everybody else.
pub async fn find(conn: &mut Conn, case: PostId, who: AccountId) -> Result<Option<(bool, bool, bool)>> {
    sql::<(Bool, Bool, Bool)>(
        "WITH RECURSIVE down AS (SELECT id, author_id, deleted_at, 1 AS step FROM posts WHERE reply_to_id = $1 \
           UNION ALL SELECT q.id, q.author_id, q.deleted_at, down.step + 1 FROM posts q JOIN down ON q.reply_to_id = down.id \
             WHERE down.step < 100) \
         SELECT EXISTS (SELECT 1 FROM case_follows k WHERE k.post_id = c.post_id AND k.account_id = $2), \
           EXISTS (SELECT 1 FROM down WHERE author_id = $2 AND deleted_at IS NULL), thread_muted($2, c.post_id) \
         FROM cases c JOIN follows f ON f.target_id = c.group_id AND f.follower_id = $2 AND f.state = 'accepted' \
         WHERE c.post_id = $1 AND c.state <> 'withdrawn'",
    )
    .bind::<BigInt, _>(case)
    .bind::<BigInt, _>(who)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Tells those who follow a case of what was answered, where some posts do that. Whoever hears of one for another reason is not
/// told twice. A case is at most 100 steps above its answer.
pub async fn tell_of_answers(conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    command(format!(
        "WITH RECURSIVE up AS (SELECT p.id AS answer, p.author_id, p.visibility, p.group_id, p.reply_to_id AS id, 1 AS step FROM posts p \
             WHERE p.id = ANY($1) AND p.held = '' AND p.deleted_at IS NULL AND p.reply_to_id IS NOT NULL \
           UNION ALL SELECT up.answer, up.author_id, up.visibility, up.group_id, q.reply_to_id, up.step + 1 \
             FROM up JOIN posts q ON q.id = up.id AND q.reply_to_id IS NOT NULL WHERE up.step < 100) \
         INSERT INTO notifications (account_id, kind, from_id, post_id, filtered) \
         SELECT k.account_id, $2, up.author_id, up.answer, x.fate = 'filter' \
         FROM up JOIN cases c ON c.post_id = up.id AND c.state <> 'withdrawn' \
           JOIN ({FOLLOWERS}) ON k.post_id = c.post_id AND k.account_id <> up.author_id \
           CROSS JOIN LATERAL (SELECT notification_fate(k.account_id, up.author_id, $2, up.answer) AS fate) x \
         WHERE x.fate <> 'drop' AND (up.visibility IN ('public', 'unlisted') OR (up.visibility = 'group' AND up.group_id = c.group_id)) \
           AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.account_id = k.account_id AND n.post_id = up.answer \
             AND n.kind IN ('reply', 'mention')) \
         ON CONFLICT DO NOTHING"
    ))
    .bind::<Array<BigInt>, _>(posts)
    .bind::<Text, _>(NotificationKind::Case)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Tells those who follow a case which reply answers it, as its author (`from`) says.
pub async fn tell_of_mark(conn: &mut Conn, case: PostId, reply: PostId, from: AccountId) -> Result<()> {
    command(format!(
        "INSERT INTO notifications (account_id, kind, from_id, post_id, filtered) SELECT k.account_id, $4, $3, q.id, x.fate = 'filter' \
         FROM {FOLLOWERS} JOIN posts q ON q.id = $2 AND q.held = '' AND q.deleted_at IS NULL AND q.author_id <> k.account_id \
           CROSS JOIN LATERAL (SELECT notification_fate(k.account_id, $3, $4, q.id) AS fate) x \
         WHERE k.post_id = $1 AND k.account_id <> $3 AND x.fate <> 'drop' ON CONFLICT DO NOTHING"
    ))
    .bind::<BigInt, _>(case)
    .bind::<BigInt, _>(reply)
    .bind::<BigInt, _>(from)
    .bind::<Text, _>(NotificationKind::Case)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Takes that back.
pub async fn untell_of_mark(conn: &mut Conn, case: PostId, reply: PostId, from: AccountId) -> Result<()> {
    command(
        "DELETE FROM notifications n USING case_follows k WHERE k.post_id = $1 AND n.account_id = k.account_id \
           AND n.kind = $4 AND n.from_id = $3 AND n.post_id = $2",
    )
    .bind::<BigInt, _>(case)
    .bind::<BigInt, _>(reply)
    .bind::<BigInt, _>(from)
    .bind::<Text, _>(NotificationKind::Case)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// A case that somebody follows: since when, what the group is called, what is asked, and its page.
pub type Followed = (DateTime<Utc>, String, String, String);

/// The cases that a viewer follows and may read, the newest first.
pub async fn of_viewer(conn: &mut Conn, viewer: &Viewer, limit: i64) -> Result<Vec<Followed>> {
    sql::<(Timestamptz, Text, Text, Text)>(format!(
        "SELECT k.created_at, coalesce(nullif(g.name, ''), g.username), p.title, p.url FROM {FOLLOWERS} \
           JOIN posts p ON p.id = k.post_id JOIN accounts a ON a.id = p.author_id JOIN accounts g ON g.id = k.group_id \
         WHERE k.account_id = $1 AND {VISIBLE} ORDER BY k.created_at DESC, p.id DESC LIMIT $3"
    ))
    .viewer(viewer)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}
