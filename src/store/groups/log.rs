//! What moderators of a group did, for its members to read.

use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, GroupDeed, GroupLogId, Named},
    store::{
        Conn, fault,
        page::{Page, Paged},
        sql::{command, sql},
    },
};

/// Writes a deed down. No actor where it is the clock's.
pub async fn log(
    conn: &mut Conn,
    group: AccountId,
    actor: Option<AccountId>,
    deed: GroupDeed,
    subject: Option<AccountId>,
    reason: &str,
) -> Result<()> {
    command("INSERT INTO group_log (group_id, actor_id, deed, subject_id, reason) VALUES ($1, $2, $3, $4, $5)")
        .bind::<BigInt, _>(group)
        .bind::<Nullable<BigInt>, _>(actor)
        .bind::<Text, _>(deed)
        .bind::<Nullable<BigInt>, _>(subject)
        .bind::<Text, _>(reason.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// What was last decided of somebody who is no member, and why, where a reason was given: their request was refused, they were
/// removed or banned, or their membership ended by itself.
pub async fn last_word(conn: &mut Conn, group: AccountId, who: AccountId) -> Result<Option<(GroupDeed, String)>> {
    sql::<(Text, Text)>(
        "SELECT deed, reason FROM (SELECT deed, reason FROM group_log WHERE group_id = $1 AND subject_id = $2 \
           AND deed IN ('admit', 'refuse', 'remove_member', 'ban', 'unban', 'lapse') ORDER BY id DESC LIMIT 1) l \
         WHERE deed IN ('refuse', 'remove_member', 'ban', 'lapse')",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(who)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// A line of the log; its id tells when.
#[derive(Debug, Clone, Queryable)]
pub struct Line {
    /// Its id.
    pub id: GroupLogId,
    /// What.
    pub deed: GroupDeed,
    /// Why.
    pub reason: String,
    /// Who; none for the clock, and for whoever is gone.
    pub actor: Option<Named>,
    /// About whom.
    pub subject: Option<Named>,
}

type NamedSql = Nullable<(BigInt, Text, Text, Nullable<Jsonb>)>;

/// A page, newest first.
pub async fn log_page(conn: &mut Conn, group: AccountId, page: &Page) -> Result<Paged<Line>> {
    let order = page.order();
    let rows: Vec<Line> = sql::<(BigInt, Text, Text, NamedSql, NamedSql)>(format!(
        "SELECT l.id, l.deed, l.reason, a.id, a.name, a.username || coalesce('@' || a.host, ''), a.badge, \
           s.id, s.name, s.username || coalesce('@' || s.host, ''), s.badge \
         FROM group_log l LEFT JOIN accounts a ON a.id = l.actor_id LEFT JOIN accounts s ON s.id = l.subject_id \
         WHERE l.group_id = $1 AND l.id < $2 AND l.id > $3 ORDER BY l.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |line| line.id.0))
}
