//! Who belongs to a group, and who asks to.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{MembershipSql, STANDING};
use crate::{
    error::Result,
    model::{AccountId, Author, FollowId, GroupRole, HostId, Membership},
    store::{
        Conn,
        accounts::{AUTHOR, AuthorSql},
        demands::proven_of,
        fault,
        page::{Page, Paged},
        sql::{command, sql},
    },
};

/// How somebody stands to a group.
pub async fn membership(conn: &mut Conn, who: AccountId, group: AccountId) -> Result<Membership> {
    sql::<MembershipSql>(format!("SELECT {STANDING} FROM (SELECT $2::bigint AS account_id) g"))
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(group)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Whether anybody of a server is a member.
pub async fn any_of_host(conn: &mut Conn, group: AccountId, host: HostId) -> Result<bool> {
    sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM follows f JOIN accounts a ON a.id = f.follower_id \
         WHERE f.target_id = $1 AND f.state = 'accepted' AND a.host_id = $2)",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(host)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Members, those who came last first: the key of the page, who, and what they lead it as.
pub async fn members(
    conn: &mut Conn,
    group: AccountId,
    page: &Page,
) -> Result<Paged<(i64, Author, Option<GroupRole>)>> {
    let order = page.order();
    let rows: Vec<(i64, Author, Option<GroupRole>)> = sql::<(BigInt, AuthorSql, Nullable<Text>)>(format!(
        "SELECT f.id, {AUTHOR}, m.role FROM follows f JOIN accounts a ON a.id = f.follower_id \
         LEFT JOIN group_moderators m ON m.group_id = f.target_id AND m.account_id = f.follower_id \
         WHERE f.target_id = $1 AND f.state = 'accepted' AND a.state = 'active' AND f.id < $2 AND f.id > $3 \
         ORDER BY f.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |row| row.0))
}

/// Notes why somebody asks to join.
pub async fn put_request(conn: &mut Conn, follow: FollowId, reason: &str) -> Result<()> {
    command(
        "INSERT INTO group_requests (follow_id, reason) VALUES ($1, $2) ON CONFLICT (follow_id) DO UPDATE SET reason = $2",
    )
    .bind::<BigInt, _>(follow)
    .bind::<Text, _>(reason.to_owned())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Somebody who asks to join.
#[derive(Debug, Clone, Queryable)]
pub struct Request {
    /// The key of the page.
    pub id: i64,
    /// Who.
    pub who: Author,
    /// Why.
    pub reason: String,
    /// Since when.
    pub asked_at: DateTime<Utc>,
}

/// Those who ask to join, the newest first.
pub async fn list_requests(conn: &mut Conn, group: AccountId, page: &Page) -> Result<Paged<Request>> {
    let order = page.order();
    let rows: Vec<Request> = sql::<(BigInt, AuthorSql, Text, Timestamptz)>(format!(
        "SELECT f.id, {AUTHOR}, coalesce(r.reason, ''), f.created_at FROM follows f JOIN accounts a ON a.id = f.follower_id \
         LEFT JOIN group_requests r ON r.follow_id = f.id \
         WHERE f.target_id = $1 AND f.state = 'pending' AND a.state = 'active' AND f.id < $2 AND f.id > $3 \
         ORDER BY f.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |row| row.id))
}

/// Members of our own groups of whom is no longer proven what their group asks: group and member. `own_host` and `stale`
/// are as for [`crate::store::demands::proven`].
pub async fn lapsed(
    conn: &mut Conn,
    own_host: &str,
    now: DateTime<Utc>,
    stale: TimeDelta,
    limit: i64,
) -> Result<Vec<(AccountId, AccountId)>> {
    let proven = proven_of(["f.follower_id", "$1", "$2", "$3", "$4"]);
    sql::<(BigInt, BigInt)>(format!(
        "SELECT g.account_id, f.follower_id FROM groups g JOIN accounts ga ON ga.id = g.account_id AND ga.host_id IS NULL \
         JOIN follows f ON f.target_id = g.account_id AND f.state = 'accepted' \
         CROSS JOIN LATERAL (SELECT CASE WHEN g.level = 0 AND cardinality(g.disciplines || g.specialties || g.issuers) > 0 \
           THEN 4 ELSE g.level END AS least) d \
         WHERE d.least > 0 AND NOT EXISTS (SELECT 1 FROM ({proven}) v (level, discipline, specialties, issuer) WHERE v.level >= d.least \
           AND (cardinality(g.disciplines) = 0 OR v.discipline = ANY (g.disciplines)) \
           AND (cardinality(g.specialties) = 0 OR v.specialties && g.specialties) \
           AND (cardinality(g.issuers) = 0 OR lower(v.issuer) = ANY (SELECT lower(i) FROM unnest(g.issuers) i))) \
         ORDER BY f.id LIMIT $5"
    ))
    .bind::<Text, _>(own_host.to_owned())
    .bind::<Date, _>(now.date_naive())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now - stale)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}
