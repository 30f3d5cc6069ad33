//! Servers that groups of ours do not admit, and what becomes of the members who are there.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, GroupKind, HostBar, HostId},
    store::{
        Conn, fault,
        outbox::TELLING,
        sql::{command, sql},
    },
};

/// A server that a group does not admit.
#[derive(Debug, Clone, Queryable)]
pub struct KeptOut {
    /// Its name.
    pub host: String,
    /// Why.
    pub bar: HostBar,
    /// What it says that it runs.
    pub software: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// How many members are there, who have no access as long as that is so.
    pub members: i64,
}

/// Groups of ours that choose servers and have to do with this one: its people belong to them or ask to, or it is written down
/// that they do not admit it.
pub async fn concerned_by(conn: &mut Conn, host: HostId) -> Result<Vec<(AccountId, GroupKind)>> {
    sql::<(BigInt, Text)>(
        "SELECT g.account_id, g.kind FROM groups g JOIN accounts o ON o.id = g.account_id AND o.host_id IS NULL \
         WHERE g.kind IN ('verified', 'closed') AND (g.account_id IN (SELECT f.target_id FROM follows f \
             JOIN accounts a ON a.id = f.follower_id WHERE a.host_id = $1) \
           OR g.account_id IN (SELECT x.group_id FROM group_hosts x WHERE x.host_id = $1)) ORDER BY g.account_id",
    )
    .bind::<BigInt, _>(host)
    .load(conn)
    .await
    .map_err(fault)
}

/// Ends the access of a group's members who are at a server, for as long as the group does not admit it; how many they are. What
/// waits to be told to that server never is, but for the end of what it has.
pub async fn bar_members(conn: &mut Conn, group: AccountId, host: HostId) -> Result<i64> {
    sql::<BigInt>(format!(
        "WITH there AS (SELECT f.id, f.state FROM follows f JOIN accounts a ON a.id = f.follower_id \
             WHERE f.target_id = $1 AND f.state IN ('accepted', 'barred') AND a.host_id = $2), \
           cut AS (UPDATE follows f SET state = 'barred' FROM there t WHERE f.id = t.id AND t.state = 'accepted'), \
           fewer AS (UPDATE accounts SET followers_count = greatest(followers_count - n.cut, 0) \
             FROM (SELECT count(*) AS cut FROM there WHERE state = 'accepted') n WHERE id = $1 AND n.cut > 0), \
           untold AS (DELETE FROM deliveries d USING outbox q \
             WHERE d.host_id = $2 AND q.id = d.outbox_id AND q.group_id = $1 AND q.event->>'type' IN ({TELLING}, 'report', 'waiting', 'order') \
               AND (q.event->>'type' <> 'hand_on' OR q.event->>'post' IS NOT NULL)) \
         SELECT count(*) FROM there"
    ))
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(host)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Gives these members their access back; how many they are.
pub async fn readmit_members(conn: &mut Conn, group: AccountId, host: HostId) -> Result<i64> {
    sql::<BigInt>(
        "WITH back AS (UPDATE follows f SET state = 'accepted' FROM accounts a \
             WHERE a.id = f.follower_id AND a.host_id = $2 AND f.target_id = $1 AND f.state = 'barred' RETURNING f.id), \
           more AS (UPDATE accounts SET followers_count = followers_count + n.back \
             FROM (SELECT count(*) AS back FROM back) n WHERE id = $1 AND n.back > 0) \
         SELECT count(*) FROM back",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(host)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Writes down that a group does not admit a server, and why; true where that is new. Where so many servers are written down
/// for the group, no more are.
pub async fn put_host(
    conn: &mut Conn,
    group: AccountId,
    host: HostId,
    (bar, software): (HostBar, &str),
    now: DateTime<Utc>,
    most: i64,
) -> Result<bool> {
    let new: Option<bool> = sql::<Bool>(
        "INSERT INTO group_hosts (group_id, host_id, bar, software, since) SELECT $1, $2, $3, $4, $5 \
         WHERE EXISTS (SELECT 1 FROM group_hosts x WHERE x.group_id = $1 AND x.host_id = $2) \
           OR (SELECT count(*) FROM group_hosts x WHERE x.group_id = $1) < $6 \
         ON CONFLICT (group_id, host_id) DO UPDATE SET bar = excluded.bar, software = excluded.software \
         RETURNING xmax = 0",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(host)
    .bind::<Text, _>(bar)
    .bind::<Text, _>(software.to_owned())
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(most)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)?;
    Ok(new == Some(true))
}

/// A group admits a server again; false where nothing else was written down.
pub async fn delete_host(conn: &mut Conn, group: AccountId, host: HostId) -> Result<bool> {
    let gone = command("DELETE FROM group_hosts WHERE group_id = $1 AND host_id = $2")
        .bind::<BigInt, _>(group)
        .bind::<BigInt, _>(host)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(gone > 0)
}

/// Forgets what is written down of a server in any group: we speak with it no more.
pub async fn forget_host(conn: &mut Conn, host: HostId) -> Result<()> {
    command("DELETE FROM group_hosts WHERE host_id = $1").bind::<BigInt, _>(host).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// The servers that a group does not admit, those with members first, then the newest; at most 200.
pub async fn kept_out(conn: &mut Conn, group: AccountId) -> Result<Vec<KeptOut>> {
    sql::<(Text, Text, Text, Timestamptz, BigInt)>(
        "SELECT h.name, x.bar, x.software, x.since, n.members FROM group_hosts x JOIN hosts h ON h.id = x.host_id \
         CROSS JOIN LATERAL (SELECT count(*) AS members FROM follows f JOIN accounts a ON a.id = f.follower_id \
           WHERE f.target_id = x.group_id AND f.state = 'barred' AND a.host_id = x.host_id) n \
         WHERE x.group_id = $1 ORDER BY n.members > 0 DESC, x.since DESC, h.name LIMIT 200",
    )
    .bind::<BigInt, _>(group)
    .load(conn)
    .await
    .map_err(fault)
}

/// Forgets servers that were not admitted before a time and have no members: who asks from there anew is refused anew.
pub async fn sweep_hosts(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    command(
        "DELETE FROM group_hosts x WHERE x.since < $1 AND NOT EXISTS (SELECT 1 FROM follows f \
           JOIN accounts a ON a.id = f.follower_id \
           WHERE f.target_id = x.group_id AND f.state = 'barred' AND a.host_id = x.host_id)",
    )
    .bind::<Timestamptz, _>(before)
    .execute(conn)
    .await
    .map_err(fault)
}
