//! Who follows whom.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    accounts::{AUTHOR, AuthorSql, HEARD_OF},
    fault,
    page::{Page, Paged},
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, Author, Follow, FollowState, HostId},
    schema::follows,
};

/// The follow of a pair, locked until the transaction ends.
pub async fn lock(conn: &mut Conn, follower: AccountId, target: AccountId) -> Result<Option<Follow>> {
    follows::table
        .filter(follows::follower_id.eq(follower))
        .filter(follows::target_id.eq(target))
        .select(Follow::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// How the viewer and somebody stand to each other.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Relation {
    /// Who.
    pub with: AccountId,
    /// The viewer follows them.
    pub following: bool,
    /// The viewer has asked to.
    pub requested: bool,
    /// They follow the viewer.
    pub followed_by: bool,
    /// They have asked to follow the viewer.
    pub requested_by: bool,
    /// The viewer sees what they pass on.
    pub boosts: bool,
    /// The viewer is told of each of their posts.
    pub notify: bool,
    /// The viewer has blocked them.
    pub blocking: bool,
    /// They have blocked the viewer.
    pub blocked_by: bool,
    /// The viewer has muted them.
    pub muting: bool,
    /// With their notifications.
    pub muting_notifications: bool,
    /// Until when.
    pub mute_ends_at: Option<DateTime<Utc>>,
    /// The viewer hides their whole server.
    pub host_blocked: bool,
    /// What the viewer noted about them.
    pub note: String,
}

/// Changes what a follower wants of whom they follow; none leaves it.
pub async fn set_options(
    conn: &mut Conn,
    follower: AccountId,
    target: AccountId,
    boosts: Option<bool>,
    notify: Option<bool>,
) -> Result<()> {
    command(
        "UPDATE follows SET boosts = coalesce($3, boosts), notify = coalesce($4, notify) WHERE follower_id = $1 AND target_id = $2",
    )
    .bind::<BigInt, _>(follower)
    .bind::<BigInt, _>(target)
    .bind::<Nullable<Bool>, _>(boosts)
    .bind::<Nullable<Bool>, _>(notify)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// All follows between somebody and the people of a server.
pub async fn list_between(conn: &mut Conn, who: AccountId, host: &str) -> Result<Vec<Follow>> {
    sql::<(BigInt, BigInt, BigInt, Text, Text)>(
        "SELECT f.id, f.follower_id, f.target_id, f.state, f.uri FROM follows f \
         JOIN accounts o ON o.id = CASE WHEN f.follower_id = $1 THEN f.target_id ELSE f.follower_id END \
         WHERE (f.follower_id = $1 OR f.target_id = $1) AND o.host = $2 FOR UPDATE OF f",
    )
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(host.to_owned())
    .load(conn)
    .await
    .map_err(fault)
}

/// How two accounts stand to each other, seen from the first: follows, asked, is followed, is asked.
pub async fn relation(conn: &mut Conn, me: AccountId, other: AccountId) -> Result<(bool, bool, bool, bool)> {
    sql::<(Bool, Bool, Bool, Bool)>(
        "SELECT coalesce(bool_or(follower_id = $1 AND state = 'accepted'), false), \
                coalesce(bool_or(follower_id = $1 AND state = 'pending'), false), \
                coalesce(bool_or(target_id = $1 AND state = 'accepted'), false), \
                coalesce(bool_or(target_id = $1 AND state = 'pending'), false) \
         FROM follows WHERE (follower_id = $1 AND target_id = $2) OR (follower_id = $2 AND target_id = $1)",
    )
    .bind::<BigInt, _>(me)
    .bind::<BigInt, _>(other)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// How an account stands to others, in the order asked.
pub async fn relations(conn: &mut Conn, me: AccountId, others: Vec<AccountId>) -> Result<Vec<Relation>> {
    sql::<(BigInt, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Nullable<Timestamptz>, Bool, Text)>(
        "SELECT o.id, coalesce(f.state = 'accepted', false), coalesce(f.state = 'pending', false), \
                coalesce(b.state = 'accepted', false), coalesce(b.state = 'pending', false), coalesce(f.boosts, true), coalesce(f.notify, false), \
                EXISTS (SELECT 1 FROM blocks x WHERE x.account_id = $1 AND x.target_id = o.id), \
                EXISTS (SELECT 1 FROM blocks x WHERE x.account_id = o.id AND x.target_id = $1), \
                m.id IS NOT NULL, coalesce(m.notifications, false), m.ends_at, \
                EXISTS (SELECT 1 FROM host_blocks x WHERE x.account_id = $1 AND x.host = a.host), coalesce(w.text, '') \
         FROM unnest($2::bigint[]) WITH ORDINALITY AS o (id, n) JOIN accounts a ON a.id = o.id \
         LEFT JOIN follows f ON f.follower_id = $1 AND f.target_id = o.id \
         LEFT JOIN follows b ON b.follower_id = o.id AND b.target_id = $1 \
         LEFT JOIN mutes m ON m.account_id = $1 AND m.target_id = o.id AND (m.ends_at IS NULL OR m.ends_at > now()) \
         LEFT JOIN account_notes w ON w.account_id = $1 AND w.target_id = o.id ORDER BY o.n",
    )
    .bind::<BigInt, _>(me)
    .bind::<Array<BigInt>, _>(others)
    .load(conn)
    .await
    .map_err(fault)
}

/// How many wait for an answer of this account.
pub async fn count_requests(conn: &mut Conn, me: AccountId) -> Result<i64> {
    follows::table
        .filter(follows::target_id.eq(me))
        .filter(follows::state.eq(FollowState::Pending))
        .count()
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Which of these accounts the first one follows or has asked to follow.
pub async fn followed_of(
    conn: &mut Conn,
    me: AccountId,
    others: Vec<AccountId>,
) -> Result<Vec<(AccountId, FollowState)>> {
    follows::table
        .filter(follows::follower_id.eq(me))
        .filter(follows::target_id.eq_any(others))
        .select((follows::target_id, follows::state))
        .load(conn)
        .await
        .map_err(fault)
}

/// Adds a follow; false where the pair is there already.
pub async fn insert(
    conn: &mut Conn,
    follower: AccountId,
    target: AccountId,
    state: FollowState,
    uri: &str,
) -> Result<bool> {
    let count = diesel::insert_into(follows::table)
        .values((
            follows::follower_id.eq(follower),
            follows::target_id.eq(target),
            follows::state.eq(state),
            follows::uri.eq(uri),
        ))
        .on_conflict((follows::follower_id, follows::target_id))
        .do_nothing()
        .execute(conn)
        .await
        .map_err(fault)?;
    if count > 0 && state == FollowState::Accepted {
        count_pair(conn, follower, target, 1).await?;
    }
    Ok(count > 0)
}

/// Remembers the newest id under which a follow was asked for.
pub async fn set_uri(conn: &mut Conn, follow: &Follow, uri: &str) -> Result<()> {
    diesel::update(follows::table.find(follow.id)).set(follows::uri.eq(uri)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Accepts a request.
pub async fn accept(conn: &mut Conn, follow: &Follow) -> Result<()> {
    diesel::update(follows::table.find(follow.id))
        .set(follows::state.eq(FollowState::Accepted))
        .execute(conn)
        .await
        .map_err(fault)?;
    count_pair(conn, follow.follower_id, follow.target_id, 1).await
}

/// Ends a follow and takes the other's posts off the follower's home timeline.
pub async fn delete(conn: &mut Conn, follow: &Follow) -> Result<()> {
    diesel::delete(follows::table.find(follow.id)).execute(conn).await.map_err(fault)?;
    if follow.state == FollowState::Accepted {
        count_pair(conn, follow.follower_id, follow.target_id, -1).await?;
    }
    command(
        "DELETE FROM home_entries h USING posts p \
         WHERE h.account_id = $1 AND p.id = h.post_id AND p.author_id = $2 \
           AND NOT EXISTS (SELECT 1 FROM mentions m WHERE m.post_id = p.id AND m.account_id = $1)",
    )
    .bind::<BigInt, _>(follow.follower_id)
    .bind::<BigInt, _>(follow.target_id)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

async fn count_pair(conn: &mut Conn, follower: AccountId, target: AccountId, step: i64) -> Result<()> {
    // Both rows in one statement and in the order of ids, so that two follows at once cannot lock each other out. Of a group
    // that is not open nobody learns who belongs to it: neither does the number tell that there is one more than the list shows.
    command(
        "WITH pair AS (SELECT id FROM accounts WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE) \
         UPDATE accounts a SET following_count = greatest(following_count + CASE WHEN a.id = $1 \
             AND NOT EXISTS (SELECT 1 FROM groups g WHERE g.account_id = $2 AND g.kind <> 'open') THEN $3 ELSE 0 END, 0), \
           followers_count = followers_count + CASE WHEN a.id = $2 THEN $3 ELSE 0 END \
         FROM pair WHERE a.id = pair.id",
    )
    .bind::<BigInt, _>(follower)
    .bind::<BigInt, _>(target)
    .bind::<BigInt, _>(step)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Which side of follows a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Who follows the account.
    Followers,
    /// Whom the account follows.
    Following,
    /// Who asks to follow the account.
    Requests,
}

/// People on one side of an account, newest first, with the follow's id.
pub async fn list(conn: &mut Conn, id: AccountId, side: Side, page: &Page) -> Result<Paged<(i64, Author)>> {
    let (mine, theirs, state) = match side {
        Side::Followers => ("target_id", "follower_id", "accepted"),
        Side::Following => ("follower_id", "target_id", "accepted"),
        Side::Requests => ("target_id", "follower_id", "pending"),
    };
    let order = page.order();
    let rows: Vec<(i64, Author)> = sql::<(BigInt, AuthorSql)>(format!(
        "SELECT f.id, {AUTHOR} FROM follows f JOIN accounts a ON a.id = f.{theirs} \
         WHERE f.{mine} = $1 AND f.state = '{state}' AND {HEARD_OF} AND f.id < $2 AND f.id > $3 AND a.state = 'active' \
         ORDER BY f.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |(id, _)| *id))
}

/// All follows between us and a host.
pub async fn list_with_host(conn: &mut Conn, host: HostId) -> Result<Vec<Follow>> {
    sql::<(BigInt, BigInt, BigInt, Text, Text)>(
        "SELECT f.id, f.follower_id, f.target_id, f.state, f.uri FROM follows f \
         JOIN accounts x ON x.id = f.follower_id JOIN accounts y ON y.id = f.target_id \
         WHERE x.host_id = $1 OR y.host_id = $1 FOR UPDATE OF f",
    )
    .bind::<BigInt, _>(host)
    .load(conn)
    .await
    .map_err(fault)
}

/// All follows of an account, both ways.
pub async fn list_of(conn: &mut Conn, id: AccountId) -> Result<Vec<Follow>> {
    follows::table
        .filter(follows::follower_id.eq(id).or(follows::target_id.eq(id)))
        .select(Follow::as_select())
        .for_update()
        .load(conn)
        .await
        .map_err(fault)
}

/// The follow with this ActivityPub id towards an account, locked until the transaction ends.
pub async fn find_by_uri(conn: &mut Conn, target: AccountId, uri: &str) -> Result<Option<Follow>> {
    follows::table
        .filter(follows::target_id.eq(target))
        .filter(follows::uri.eq(uri))
        .select(Follow::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// The follow with this ActivityPub id by an account, locked until the transaction ends.
pub async fn find_by_follower_uri(conn: &mut Conn, follower: AccountId, uri: &str) -> Result<Option<Follow>> {
    follows::table
        .filter(follows::follower_id.eq(follower))
        .filter(follows::uri.eq(uri))
        .select(Follow::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}
