//! Direct posts by thread.

use diesel::{OptionalExtension, sql_types::*};
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
    model::{AccountId, Author, ConversationId, PostId},
};

/// True where `who` has put the author of post `p` out of their sight.
fn unwanted(who: &str) -> String {
    format!(
        "(EXISTS (SELECT 1 FROM blocks s WHERE s.account_id = {who} AND s.target_id = p.author_id) \
         OR EXISTS (SELECT 1 FROM mutes s WHERE s.account_id = {who} AND s.target_id = p.author_id AND (s.ends_at IS NULL OR s.ends_at > now())) \
         OR EXISTS (SELECT 1 FROM host_blocks s JOIN accounts w ON w.host = s.host WHERE s.account_id = {who} AND w.id = p.author_id))"
    )
}

/// The newest post of conversation `c` that is there and that `$1` wants to see.
fn last() -> String {
    format!(
        "(SELECT max(x.post_id) FROM conversation_posts x JOIN posts p ON p.id = x.post_id AND p.deleted_at IS NULL \
          WHERE x.conversation_id = c.id AND NOT {})",
        unwanted("$1")
    )
}

/// Puts direct posts into the conversations of those of our people who take part: that of the post which they answer,
/// else a new one. Who has blocked or muted the author, or hides their server, hears nothing of it.
pub async fn put(conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    // Whose, which post, and whether it is their own; direct posts are few, and come one after the other.
    let parties: Vec<(AccountId, PostId, bool)> = sql::<(BigInt, BigInt, Bool)>(format!(
        "SELECT a.id, p.id, a.id = p.author_id FROM posts p \
         JOIN LATERAL (SELECT p.author_id AS who UNION SELECT m.account_id FROM mentions m WHERE m.post_id = p.id) w ON true \
         JOIN accounts a ON a.id = w.who AND a.host_id IS NULL \
         WHERE p.id = ANY($1) AND p.visibility = 'direct' AND p.boost_of_id IS NULL AND p.deleted_at IS NULL AND NOT {} ORDER BY p.id",
        unwanted("a.id")
    ))
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)?;
    for (who, post, own) in parties {
        let id: ConversationId = sql::<BigInt>(
            "WITH known AS (SELECT c.id FROM posts p JOIN conversation_posts x ON x.post_id = p.reply_to_id \
                 JOIN conversations c ON c.id = x.conversation_id AND c.account_id = $1 WHERE p.id = $2 LIMIT 1), \
               moved AS (UPDATE conversations SET last_post_id = greatest(last_post_id, $2), unread = NOT $3 \
                 WHERE id = (SELECT id FROM known) RETURNING id), \
               made AS (INSERT INTO conversations (account_id, last_post_id, unread) SELECT $1, $2, NOT $3 \
                 WHERE NOT EXISTS (SELECT 1 FROM known) RETURNING id) \
             SELECT id FROM moved UNION ALL SELECT id FROM made",
        )
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(post)
        .bind::<Bool, _>(own)
        .get_result(conn)
        .await
        .map_err(fault)?;
        command("INSERT INTO conversation_posts (post_id, conversation_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind::<BigInt, _>(post)
            .bind::<BigInt, _>(id)
            .execute(conn)
            .await
            .map_err(fault)?;
    }
    Ok(())
}

/// A conversation as a list shows it: its last post's id, its own, and whether that is unread.
pub type Row = (i64, ConversationId, bool);

/// Somebody's conversations, the newest first. A last post that is gone gives way to the one before it.
pub async fn list(conn: &mut Conn, who: AccountId, page: &Page) -> Result<Paged<Row>> {
    let order = page.order();
    let rows: Vec<Row> = sql::<(BigInt, BigInt, Bool)>(format!(
        "SELECT last, id, unread FROM (SELECT c.id, c.unread, {} AS last FROM conversations c WHERE c.account_id = $1 \
             AND c.last_post_id > $3) y \
         WHERE last < $2 AND last > $3 ORDER BY last {order} LIMIT $4",
        last()
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

/// One of somebody's own.
pub async fn find(conn: &mut Conn, who: AccountId, id: ConversationId) -> Result<Option<Row>> {
    sql::<(BigInt, BigInt, Bool)>(format!(
        "SELECT last, id, unread FROM (SELECT c.id, c.unread, {} AS last FROM conversations c WHERE c.account_id = $1 AND c.id = $2) y \
         WHERE last IS NOT NULL",
        last()
    ))
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// The conversations of somebody that these posts are in.
pub async fn of_post(conn: &mut Conn, post: PostId) -> Result<Vec<(AccountId, Row)>> {
    sql::<(BigInt, (BigInt, BigInt, Bool))>(
        "SELECT c.account_id, c.last_post_id, c.id, c.unread FROM conversation_posts x JOIN conversations c ON c.id = x.conversation_id \
         WHERE x.post_id = $1",
    )
    .bind::<BigInt, _>(post)
    .load(conn)
    .await
    .map_err(fault)
}

/// Who takes part in the posts with these ids.
pub async fn participants(conn: &mut Conn, posts: Vec<PostId>) -> Result<Vec<(PostId, Author)>> {
    sql::<(BigInt, AuthorSql)>(format!(
        "SELECT w.post_id, {AUTHOR} FROM (SELECT p.id AS post_id, p.author_id AS who FROM posts p WHERE p.id = ANY($1) \
           UNION SELECT m.post_id, m.account_id FROM mentions m WHERE m.post_id = ANY($1)) w \
         JOIN accounts a ON a.id = w.who AND a.state = 'active' ORDER BY w.post_id, a.id"
    ))
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)
}

/// Marks one as read, or as unread.
pub async fn set_unread(conn: &mut Conn, who: AccountId, id: ConversationId, unread: bool) -> Result<usize> {
    command("UPDATE conversations SET unread = $3 WHERE account_id = $1 AND id = $2")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(id)
        .bind::<Bool, _>(unread)
        .execute(conn)
        .await
        .map_err(fault)
}

/// Takes one off somebody's list; its posts stay where they are.
pub async fn delete(conn: &mut Conn, who: AccountId, id: ConversationId) -> Result<usize> {
    command("DELETE FROM conversations WHERE account_id = $1 AND id = $2")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await
        .map_err(fault)
}
