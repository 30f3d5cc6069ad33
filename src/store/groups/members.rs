//! Who belongs to a group, and who asks to.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{LEADS, MembershipSql, SERVERS, STANDING};
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
        visible::admitted,
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

/// Keeps a membership as it is until the transaction ends, and how its group stands before it, as whoever ends one does it. Others
/// may do so as well.
pub async fn hold_membership(conn: &mut Conn, group: AccountId, who: AccountId) -> Result<()> {
    sql::<BigInt>("SELECT account_id FROM groups WHERE account_id = $1 FOR SHARE")
        .bind::<BigInt, _>(group)
        .load::<AccountId>(conn)
        .await
        .map_err(fault)?;
    sql::<BigInt>("SELECT id FROM follows WHERE follower_id = $1 AND target_id = $2 FOR SHARE")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(group)
        .load::<FollowId>(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// From how many servers, ours among them, the members of a group of ours are; 0 of a group of another server.
pub async fn servers(conn: &mut Conn, group: AccountId) -> Result<i64> {
    sql::<BigInt>(format!("SELECT {SERVERS} FROM accounts a WHERE a.id = $1"))
        .bind::<BigInt, _>(group)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Locks the groups to which somebody belongs or asks to, in the order of their ids: memberships are locked after their groups.
pub async fn lock_joined(conn: &mut Conn, who: AccountId) -> Result<Vec<AccountId>> {
    sql::<BigInt>(
        "SELECT g.account_id FROM groups g JOIN follows f ON f.target_id = g.account_id \
         WHERE f.follower_id = $1 ORDER BY g.account_id FOR NO KEY UPDATE OF g",
    )
    .bind::<BigInt, _>(who)
    .load(conn)
    .await
    .map_err(fault)
}

/// The same for all people of a server.
pub async fn lock_joined_from(conn: &mut Conn, host: HostId) -> Result<Vec<AccountId>> {
    sql::<BigInt>(
        "SELECT g.account_id FROM groups g WHERE EXISTS (SELECT 1 FROM follows f JOIN accounts a ON a.id = f.follower_id \
           WHERE f.target_id = g.account_id AND a.host_id = $1) ORDER BY g.account_id FOR NO KEY UPDATE OF g",
    )
    .bind::<BigInt, _>(host)
    .load(conn)
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

/// Groups of other servers to which one of ours belongs, or asks to.
pub async fn joined_elsewhere(conn: &mut Conn, who: AccountId) -> Result<Vec<AccountId>> {
    sql::<BigInt>(
        "SELECT g.account_id FROM follows f JOIN groups g ON g.account_id = f.target_id \
           JOIN accounts a ON a.id = g.account_id AND a.host_id IS NOT NULL WHERE f.follower_id = $1 ORDER BY g.account_id",
    )
    .bind::<BigInt, _>(who)
    .load(conn)
    .await
    .map_err(fault)
}

/// Whether somebody reads what is for a group alone, beyond what they wrote in it themselves: a member, here or on the server of
/// one, and whoever else a group for all verified servers is for. A group reads what is its own. Who of other servers belongs to
/// a group that is not ours either is for that group's server to say.
pub async fn reads(conn: &mut Conn, group: AccountId, who: AccountId) -> Result<bool> {
    sql::<Bool>(concat!(
        "SELECT $1 = $2 \
           OR EXISTS (SELECT 1 FROM accounts a JOIN accounts g ON g.id = $1 AND g.host_id IS NOT NULL \
             WHERE a.id = $2 AND a.host_id IS NOT NULL) \
           OR EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = $2 AND f.target_id = $1 AND f.state = 'accepted') \
           OR EXISTS (SELECT 1 FROM accounts a JOIN accounts b ON b.host_id = a.host_id \
             JOIN follows f ON f.follower_id = b.id AND f.target_id = $1 AND f.state = 'accepted' WHERE a.id = $2) \
           OR (EXISTS (SELECT 1 FROM groups g WHERE g.account_id = $1 AND g.kind = 'verified') \
             AND (EXISTS (SELECT 1 FROM users u WHERE u.account_id = $2 AND u.role <> 'public') \
               OR EXISTS (SELECT 1 FROM accounts a JOIN hosts h ON h.id = a.host_id AND ",
        admitted!("h"),
        " WHERE a.id = $2)))"
    ))
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(who)
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
         LEFT JOIN group_moderators m ON m.group_id = f.target_id AND m.account_id = f.follower_id AND {LEADS} \
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

/// Whether group `g` asks that something is proven of its members.
const ASKS: &str = "(g.level > 0 OR cardinality(g.disciplines || g.specialties || g.issuers) > 0)";

/// Notes that something else is proven of these people than before: whether they may stay in their groups is looked at next. A
/// note that is there already is written anew, so that nobody who looks at an older one takes it away.
pub async fn doubt(conn: &mut Conn, people: &[AccountId]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    command(format!(
        "INSERT INTO group_doubts (account_id) SELECT DISTINCT f.follower_id FROM follows f \
           JOIN groups g ON g.account_id = f.target_id AND {ASKS} WHERE f.follower_id = ANY($1) AND f.state = 'accepted' \
         ORDER BY f.follower_id ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id"
    ))
    .bind::<Array<BigInt>, _>(people.to_vec())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// People who are doubted, each with the version of the note that says so.
pub async fn doubted(conn: &mut Conn, limit: i64) -> Result<Vec<(AccountId, String)>> {
    sql::<(BigInt, Text)>("SELECT account_id, xmin::text FROM group_doubts ORDER BY account_id LIMIT $1")
        .bind::<BigInt, _>(limit)
        .load(conn)
        .await
        .map_err(fault)
}

/// These people were looked at. Whoever is doubted anew since, or just now, stays so. This comes last in a transaction: who
/// doubts them holds their accounts, and waits until it has ended.
pub async fn doubted_no_more(conn: &mut Conn, doubted: Vec<(AccountId, String)>) -> Result<()> {
    if doubted.is_empty() {
        return Ok(());
    }
    let (people, notes): (Vec<_>, Vec<_>) = doubted.into_iter().unzip();
    command(
        "DELETE FROM group_doubts WHERE account_id IN (SELECT d.account_id FROM group_doubts d \
           JOIN unnest($1::bigint[], $2::text[]) AS n (account_id, note) ON n.account_id = d.account_id AND n.note = d.xmin::text \
           FOR UPDATE OF d SKIP LOCKED)",
    )
    .bind::<Array<BigInt>, _>(people)
    .bind::<Array<Text>, _>(notes)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Takes memberships of our own groups to look at whether what their group asks is still proven: those of people who are doubted,
/// and of all others the next so many in turn, from the first group to the last one and then from the beginning.
pub async fn take_to_look_at(conn: &mut Conn, doubted: Vec<AccountId>, limit: i64) -> Result<Vec<FollowId>> {
    sql::<BigInt>(format!(
        "WITH asking AS MATERIALIZED (SELECT g.account_id FROM groups g JOIN accounts a ON a.id = g.account_id AND a.host_id IS NULL WHERE {ASKS}), \
           turn AS MATERIALIZED (SELECT g.account_id, f.id FROM ( \
               SELECT s.account_id, CASE WHEN s.account_id = i.looked_at_group THEN i.looked_at_follow ELSE 0 END AS above \
               FROM instance i JOIN asking s ON s.account_id >= i.looked_at_group ORDER BY s.account_id OFFSET 0) g \
             CROSS JOIN LATERAL (SELECT x.id FROM follows x \
               WHERE x.target_id = g.account_id AND x.state = 'accepted' AND x.id > g.above OFFSET 0) f \
             ORDER BY g.account_id, f.id LIMIT $1), \
           next AS (SELECT account_id, id FROM turn ORDER BY account_id DESC, id DESC LIMIT CASE WHEN (SELECT count(*) FROM turn) < $1 THEN 0 ELSE 1 END), \
           moved AS (UPDATE instance i SET looked_at_group = n.place, looked_at_follow = n.id \
             FROM (SELECT coalesce(max(account_id), 0) AS place, coalesce(max(id), 0) AS id FROM next) n \
             WHERE (i.looked_at_group, i.looked_at_follow) <> (n.place, n.id)) \
         SELECT f.id FROM unnest($2::bigint[]) AS d (account_id) CROSS JOIN LATERAL (SELECT x.id, x.target_id FROM follows x \
             WHERE x.follower_id = d.account_id AND x.state = 'accepted' OFFSET 0) f \
           JOIN asking g ON g.account_id = f.target_id UNION SELECT id FROM turn"
    ))
    .bind::<BigInt, _>(limit)
    .bind::<Array<BigInt>, _>(doubted)
    .load(conn)
    .await
    .map_err(fault)
}

/// Those of some memberships of our own groups of whom is no longer proven what their group asks: group and member. `own_host`
/// and `stale` are as for [`crate::store::demands::proven`].
pub async fn lapsed(
    conn: &mut Conn,
    memberships: Vec<FollowId>,
    own_host: &str,
    now: DateTime<Utc>,
    stale: TimeDelta,
) -> Result<Vec<(AccountId, AccountId)>> {
    sql::<(BigInt, BigInt)>(lapsed_among("f.id = ANY($5)"))
        .bind::<Text, _>(own_host.to_owned())
        .bind::<Date, _>(now.date_naive())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - stale)
        .bind::<Array<BigInt>, _>(memberships)
        .load(conn)
        .await
        .map_err(fault)
}

/// Those who lead a group and of whom is no longer proven what it asks: group and member, as for [`lapsed`].
pub async fn lapsed_leaders(
    conn: &mut Conn,
    group: AccountId,
    own_host: &str,
    now: DateTime<Utc>,
    stale: TimeDelta,
) -> Result<Vec<(AccountId, AccountId)>> {
    let leading = "f.target_id = $5 AND EXISTS (SELECT 1 FROM group_moderators m \
                   WHERE m.group_id = f.target_id AND m.account_id = f.follower_id)";
    sql::<(BigInt, BigInt)>(lapsed_among(leading))
        .bind::<Text, _>(own_host.to_owned())
        .bind::<Date, _>(now.date_naive())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - stale)
        .bind::<BigInt, _>(group)
        .load(conn)
        .await
        .map_err(fault)
}

/// In SQL, the memberships `f` among `which` of whom is no longer proven what group `g`, one of ours, asks. What one of another server
/// asks, that server looks at itself.
fn lapsed_among(which: &str) -> String {
    let proven = proven_of(["f.follower_id", "$1", "$2", "$3", "$4"]);
    format!(
        "SELECT g.account_id, f.follower_id FROM follows f JOIN groups g ON g.account_id = f.target_id \
           JOIN accounts o ON o.id = g.account_id AND o.host_id IS NULL \
         CROSS JOIN LATERAL (SELECT CASE WHEN g.level = 0 AND cardinality(g.disciplines || g.specialties || g.issuers) > 0 \
           THEN 4 ELSE g.level END AS least) d \
         WHERE {which} AND f.state = 'accepted' AND d.least > 0 AND NOT EXISTS (SELECT 1 FROM ({proven}) v (level, discipline, specialties, issuer) WHERE v.level >= d.least \
           AND (cardinality(g.disciplines) = 0 OR v.discipline = ANY (g.disciplines)) \
           AND (cardinality(g.specialties) = 0 OR v.specialties && g.specialties) \
           AND (cardinality(g.issuers) = 0 OR lower(v.issuer) = ANY (SELECT lower(i) FROM unnest(g.issuers) i))) \
         ORDER BY f.id"
    )
}
