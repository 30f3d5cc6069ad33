//! Who leads a group, whom it has banned, and the links that let people in.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, Author, GroupInvitationId, GroupRole, HostId},
    schema::group_bans,
    store::{
        Conn,
        accounts::{AUTHOR, AuthorSql},
        fault,
        sql::{command, sql},
    },
};

/// In SQL, whether the person of row `m` of `group_moderators` leads the group: a member still, whose account takes part and whom
/// nobody keeps out. Who of other servers leads a group that is not ours either is for that group's server to say.
macro_rules! leads {
    () => {
        "EXISTS (SELECT 1 FROM accounts la JOIN accounts lg ON lg.id = m.group_id \
         WHERE la.id = m.account_id AND la.state = 'active' \
           AND ((la.host_id IS NOT NULL AND lg.host_id IS NOT NULL) OR EXISTS (SELECT 1 FROM follows lf \
             WHERE lf.follower_id = la.id AND lf.target_id = lg.id AND lf.state = 'accepted')) \
           AND NOT EXISTS (SELECT 1 FROM group_bans lb WHERE lb.group_id = lg.id AND lb.account_id = la.id \
             AND (lb.ends_at IS NULL OR lb.ends_at > now())))"
    };
}
pub(in crate::store) use leads;

/// The same, to be put into a longer text.
pub(in crate::store) const LEADS: &str = leads!();

/// Most links of a group that still work.
pub const MAX_INVITATIONS: usize = 100;

/// What somebody leads a group as.
pub async fn role(conn: &mut Conn, group: AccountId, who: AccountId) -> Result<Option<GroupRole>> {
    let text = format!("SELECT m.role FROM group_moderators m WHERE m.group_id = $1 AND m.account_id = $2 AND {LEADS}");
    sql::<Text>(text).bind::<BigInt, _>(group).bind::<BigInt, _>(who).get_result(conn).await.optional().map_err(fault)
}

/// What somebody is written down to lead a group as, whether they lead it still or not.
pub async fn written_role(conn: &mut Conn, group: AccountId, who: AccountId) -> Result<Option<GroupRole>> {
    sql::<Text>("SELECT role FROM group_moderators WHERE group_id = $1 AND account_id = $2")
        .bind::<BigInt, _>(group)
        .bind::<BigInt, _>(who)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Groups of ours that somebody is written down to own.
pub async fn owned(conn: &mut Conn, who: AccountId) -> Result<Vec<AccountId>> {
    sql::<BigInt>("SELECT group_id FROM group_moderators WHERE account_id = $1 AND role = 'owner' ORDER BY group_id")
        .bind::<BigInt, _>(who)
        .load(conn)
        .await
        .map_err(fault)
}

/// Makes a member a leader, or a plain member again (none). Reports in a group of ours that wait to be delivered to their server
/// never are, where nobody else leads the group from there, nor is how much waits there.
pub async fn set_role(conn: &mut Conn, group: AccountId, who: AccountId, role: Option<GroupRole>) -> Result<()> {
    let statement = match role {
        Some(_) => {
            "INSERT INTO group_moderators (group_id, account_id, role) VALUES ($1, $2, $3) \
             ON CONFLICT (group_id, account_id) DO UPDATE SET role = $3"
        }
        None => {
            concat!(
                "WITH gone AS (DELETE FROM group_moderators WHERE group_id = $1 AND account_id = $2 AND $3::text IS NULL \
               RETURNING account_id) \
             DELETE FROM deliveries d USING gone, accounts a, accounts g, outbox q \
             WHERE a.id = gone.account_id AND g.id = $1 AND g.host_id IS NULL AND d.host_id = a.host_id \
               AND q.id = d.outbox_id AND q.group_id = $1 AND q.event->>'type' IN ('report', 'waiting') \
               AND NOT EXISTS (SELECT 1 FROM group_moderators m JOIN accounts b ON b.id = m.account_id \
                 WHERE m.group_id = $1 AND m.account_id <> $2 AND b.host_id = a.host_id AND ",
                leads!(),
                ")"
            )
        }
    };
    command(statement)
        .bind::<BigInt, _>(group)
        .bind::<BigInt, _>(who)
        .bind::<Nullable<Text>, _>(role)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Who leads a group, the owner first.
pub async fn leaders(conn: &mut Conn, group: AccountId) -> Result<Vec<(Author, GroupRole)>> {
    sql::<(AuthorSql, Text)>(format!(
        "SELECT {AUTHOR}, m.role FROM group_moderators m JOIN accounts a ON a.id = m.account_id \
         WHERE m.group_id = $1 AND {LEADS} ORDER BY m.role = 'owner' DESC, m.since, a.id"
    ))
    .bind::<BigInt, _>(group)
    .load(conn)
    .await
    .map_err(fault)
}

/// How many lead a group.
pub async fn count_leaders(conn: &mut Conn, group: AccountId) -> Result<i64> {
    sql::<BigInt>(format!("SELECT count(*) FROM group_moderators m WHERE m.group_id = $1 AND {LEADS}"))
        .bind::<BigInt, _>(group)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// People of a server who lead a group.
pub async fn leaders_at(conn: &mut Conn, group: AccountId, host: HostId) -> Result<Vec<AccountId>> {
    sql::<BigInt>(format!(
        "SELECT a.id FROM group_moderators m JOIN accounts a ON a.id = m.account_id AND a.host_id = $2 \
         WHERE m.group_id = $1 AND {LEADS} ORDER BY a.id"
    ))
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(host)
    .load(conn)
    .await
    .map_err(fault)
}

/// Whoever leads a group of another server, as that server says: those of them whom we know, and nobody else. Of our own people
/// it is known here whether they belong to it.
pub async fn put_moderators(conn: &mut Conn, group: AccountId, uris: Vec<String>) -> Result<()> {
    command(
        "WITH named AS (SELECT a.id FROM accounts a WHERE a.uri = ANY($2) AND (a.host_id IS NOT NULL OR EXISTS \
             (SELECT 1 FROM follows f WHERE f.follower_id = a.id AND f.target_id = $1 AND f.state = 'accepted'))), \
           gone AS (DELETE FROM group_moderators WHERE group_id = $1 AND account_id NOT IN (SELECT id FROM named)) \
         INSERT INTO group_moderators (group_id, account_id, role) SELECT $1, id, 'moderator' FROM named \
         ON CONFLICT (group_id, account_id) DO NOTHING",
    )
    .bind::<BigInt, _>(group)
    .bind::<Array<Text>, _>(uris)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Keeps somebody out, for good or until a time.
pub async fn ban(
    conn: &mut Conn,
    group: AccountId,
    who: AccountId,
    reason: &str,
    ends_at: Option<DateTime<Utc>>,
) -> Result<()> {
    diesel::insert_into(group_bans::table)
        .values((
            group_bans::group_id.eq(group),
            group_bans::account_id.eq(who),
            group_bans::reason.eq(reason),
            group_bans::ends_at.eq(ends_at),
        ))
        .on_conflict((group_bans::group_id, group_bans::account_id))
        .do_update()
        .set((group_bans::reason.eq(reason), group_bans::ends_at.eq(ends_at)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Ends a ban; false where there was none.
pub async fn unban(conn: &mut Conn, group: AccountId, who: AccountId) -> Result<bool> {
    let ended = diesel::delete(group_bans::table.find((group, who))).execute(conn).await.map_err(fault)?;
    Ok(ended > 0)
}

/// Somebody who is kept out.
#[derive(Debug, Clone, Queryable)]
pub struct Ban {
    /// Who.
    pub who: Author,
    /// Why.
    pub reason: String,
    /// Until when; none for good.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Who is kept out, the newest first.
pub async fn bans(conn: &mut Conn, group: AccountId, now: DateTime<Utc>) -> Result<Vec<Ban>> {
    sql::<(AuthorSql, Text, Nullable<Timestamptz>)>(format!(
        "SELECT {AUTHOR}, b.reason, b.ends_at FROM group_bans b JOIN accounts a ON a.id = b.account_id \
         WHERE b.group_id = $1 AND (b.ends_at IS NULL OR b.ends_at > $2) ORDER BY b.created_at DESC, a.id LIMIT 200"
    ))
    .bind::<BigInt, _>(group)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}

/// Keeps the hash of a link that lets so many people in.
pub async fn insert_invitation(
    conn: &mut Conn,
    group: AccountId,
    by: AccountId,
    code_hash: &[u8],
    uses: i32,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    command(
        "INSERT INTO group_invitations (group_id, code_hash, created_by, uses_left, expires_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind::<BigInt, _>(group)
    .bind::<Binary, _>(code_hash.to_vec())
    .bind::<BigInt, _>(by)
    .bind::<Integer, _>(uses)
    .bind::<Timestamptz, _>(expires_at)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Takes one use of a link; false where it is spent, over, or of another group.
pub async fn take_invitation(conn: &mut Conn, group: AccountId, code_hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    let taken = command(
        "UPDATE group_invitations SET uses_left = uses_left - 1 \
         WHERE group_id = $1 AND code_hash = $2 AND uses_left > 0 AND expires_at > $3",
    )
    .bind::<BigInt, _>(group)
    .bind::<Binary, _>(code_hash.to_vec())
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(taken > 0)
}

/// Whether a link of a group works, without taking a use of it.
pub async fn works(conn: &mut Conn, group: AccountId, code_hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
    sql::<Bool>(
        "SELECT EXISTS (SELECT 1 FROM group_invitations \
         WHERE group_id = $1 AND code_hash = $2 AND uses_left > 0 AND expires_at > $3)",
    )
    .bind::<BigInt, _>(group)
    .bind::<Binary, _>(code_hash.to_vec())
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// The links that still work: id, who made it, uses left, and when it ends.
pub async fn list_invitations(
    conn: &mut Conn,
    group: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<(GroupInvitationId, Author, i32, DateTime<Utc>)>> {
    sql::<(BigInt, AuthorSql, Integer, Timestamptz)>(format!(
        "SELECT i.id, {AUTHOR}, i.uses_left, i.expires_at FROM group_invitations i JOIN accounts a ON a.id = i.created_by \
         WHERE i.group_id = $1 AND i.uses_left > 0 AND i.expires_at > $2 ORDER BY i.id DESC LIMIT {MAX_INVITATIONS}"
    ))
    .bind::<BigInt, _>(group)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}

/// Ends the links that somebody made.
pub async fn revoke_invitations_by(conn: &mut Conn, group: AccountId, by: AccountId) -> Result<()> {
    command("DELETE FROM group_invitations WHERE group_id = $1 AND created_by = $2")
        .bind::<BigInt, _>(group)
        .bind::<BigInt, _>(by)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Ends a link; false where there is none of this group.
pub async fn revoke_invitation(conn: &mut Conn, group: AccountId, id: GroupInvitationId) -> Result<bool> {
    let ended = command("DELETE FROM group_invitations WHERE group_id = $1 AND id = $2")
        .bind::<BigInt, _>(group)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(ended > 0)
}
