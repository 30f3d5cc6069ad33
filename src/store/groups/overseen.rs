//! The groups of this server as its admins see them: how they are led, and nothing of what is said in them.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, Author, GroupKind, Named},
    store::{
        Conn,
        accounts::{AUTHOR, AuthorSql},
        fault,
        page::{Page, Paged},
        sql::{command, sql},
    },
};

/// A group of this server in numbers.
#[derive(Debug, Clone, Queryable)]
pub struct Overseen {
    /// Its account.
    pub account: Author,
    /// Who it is for.
    pub kind: GroupKind,
    /// Whether the admin may know of it as anybody here: of a closed one that only an invitation opens, as a member alone.
    pub known: bool,
    /// Who owns it; none where nobody does who is a member still.
    pub owner: Option<Named>,
    /// How many members it has.
    pub members: i64,
    /// How many posts wait for somebody to look at them.
    pub held: i64,
    /// When something was last posted in it.
    pub last_at: Option<DateTime<Utc>>,
    /// Since when it can only be read.
    pub archived_at: Option<DateTime<Utc>>,
}

type NamedSql = Nullable<(BigInt, Text, Text, Nullable<Jsonb>)>;
type OverseenSql = (AuthorSql, Text, Bool, NamedSql, BigInt, BigInt, Nullable<Timestamptz>, Nullable<Timestamptz>);

/// What is read of group `g` with account `a` for admin `$1`.
const SHOWN: &str = "g.kind, \
    (g.admission <> 'invitation' OR g.kind IN ('open', 'verified') OR EXISTS (SELECT 1 FROM follows f \
      WHERE f.follower_id = $1 AND f.target_id = g.account_id AND f.state = 'accepted')), \
    o.id, o.name, o.username || coalesce('@' || o.host, ''), o.badge, a.followers_count, \
    (SELECT count(*) FROM posts p WHERE p.group_id = g.account_id AND p.held <> '' AND p.held <> 'refused' AND p.deleted_at IS NULL), \
    (SELECT p.published_at FROM posts p WHERE p.group_id = g.account_id AND p.boost_of_id IS NULL \
      AND p.reply_to_uri IS NULL AND p.deleted_at IS NULL ORDER BY p.id DESC LIMIT 1), g.archived_at";

/// Where it is read from: at most one owner, who is a member still and has an account.
const FROM: &str = "groups g JOIN accounts a ON a.id = g.account_id AND a.host_id IS NULL AND a.state = 'active' \
    LEFT JOIN LATERAL (SELECT b.id, b.name, b.username, b.host, b.badge FROM group_moderators m \
      JOIN accounts b ON b.id = m.account_id AND b.state = 'active' \
      JOIN follows f ON f.follower_id = b.id AND f.target_id = m.group_id AND f.state = 'accepted' \
      WHERE m.group_id = g.account_id AND m.role = 'owner' LIMIT 1) o ON true";

/// A page, the newest first.
pub async fn overseen(conn: &mut Conn, admin: AccountId, page: &Page) -> Result<Paged<Overseen>> {
    let order = page.order();
    let rows: Vec<Overseen> = sql::<OverseenSql>(format!(
        "SELECT {AUTHOR}, {SHOWN} FROM {FROM} WHERE a.id < $2 AND a.id > $3 ORDER BY a.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(admin)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |one| one.account.id.0))
}

/// One of them; none where it is no group of this server.
pub async fn overseen_one(conn: &mut Conn, admin: AccountId, group: AccountId) -> Result<Option<Overseen>> {
    sql::<OverseenSql>(format!("SELECT {AUTHOR}, {SHOWN} FROM {FROM} WHERE a.id = $2"))
        .bind::<BigInt, _>(admin)
        .bind::<BigInt, _>(group)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Takes off whoever is written down to own a group and does no more: they have left it, or have no account any more.
pub async fn clear_owner(conn: &mut Conn, group: AccountId) -> Result<()> {
    command("DELETE FROM group_moderators WHERE group_id = $1 AND role = 'owner'")
        .bind::<BigInt, _>(group)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
