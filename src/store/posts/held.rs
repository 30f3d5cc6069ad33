//! Posts that are held back: they stand in no number until everybody sees them, and in none again once nobody does.

use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{Held, PostId},
    store::{Conn, fault, sql::command},
};

/// Holds a post back, or lets it be seen; `refusal` is why its group did not take it. The numbers of its author
/// and of what it answers go along, in the same statement. The post is locked by whoever decides, and what it answers before it
/// ([`super::lock`]).
pub async fn set_held(conn: &mut Conn, id: PostId, held: Held, refusal: &str) -> Result<()> {
    command(
        "WITH step AS (SELECT p.author_id, p.reply_to_id, ($2 = '')::int - (p.held = '')::int AS n FROM posts p \
             WHERE p.id = $1 AND p.visibility IN ('public', 'unlisted') AND (p.held = '') <> ($2 = '')), \
           a AS (UPDATE accounts t SET posts_count = greatest(t.posts_count + s.n, 0) FROM step s WHERE t.id = s.author_id), \
           r AS (UPDATE posts t SET replies_count = greatest(t.replies_count + s.n, 0) FROM step s WHERE t.id = s.reply_to_id) \
         UPDATE posts SET held = $2, refusal = $3 WHERE id = $1",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(held)
    .bind::<Text, _>(refusal.to_owned())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}
