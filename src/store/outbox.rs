//! Events that other servers are to be told.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, cases, fault,
    groups::LEADS,
    sql::{command, sql},
};
use crate::{
    error::{Error, Result},
    model::{AccountId, Event, HostId, OutboxId, OutboxRow, PostId},
    schema::outbox,
};

/// Kinds of events that tell a post (SQL): with the post goes what waits to tell it.
pub(super) const TELLING: &str = "'create', 'update', 'poll_counts', 'ranked', 'hand_on'";

/// Writes an event down, in the transaction of the deed itself, and wakes the workers at the commit.
pub async fn insert(conn: &mut Conn, who: AccountId, event: &Event) -> Result<OutboxId> {
    let event = serde_json::to_value(event).map_err(|e| Error::Internal(e.into()))?;
    let id = diesel::insert_into(outbox::table)
        .values((outbox::account_id.eq(who), outbox::event.eq(event)))
        .returning(outbox::id)
        .get_result(conn)
        .await
        .map_err(fault)?;
    super::wake::notify(conn, super::wake::Queue::Outbox).await?;
    Ok(id)
}

/// The same for what is told to a group alone: it reaches no server on which nobody is a member any more.
pub async fn insert_for_group(conn: &mut Conn, group: AccountId, who: AccountId, event: &Event) -> Result<()> {
    let id = insert(conn, who, event).await?;
    diesel::update(outbox::table.find(id)).set(outbox::group_id.eq(group)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Events that are due to be rendered, oldest first.
pub async fn list_due(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<OutboxRow>> {
    outbox::table
        .filter(outbox::fanned_out_at.is_null())
        .filter(outbox::retry_at.le(now))
        .order(outbox::id)
        .limit(limit)
        .select(OutboxRow::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// Who is to be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    /// Followers of this account.
    pub followers_of: Option<AccountId>,
    /// It is for those alone, so that each server is told whom of its people we take for such.
    pub closed: bool,
    /// Everybody whom this post mentions.
    pub mentioned_in: Option<PostId>,
    /// Everybody who answered, liked or boosted this post.
    pub touched_by: Option<PostId>,
    /// These accounts.
    pub accounts: Vec<AccountId>,
    /// Every host that has sent or got something.
    pub everyone: bool,
    /// Every host of which it is written down that it has this post, whether anybody there is concerned any more or not.
    pub holders_of: Option<PostId>,
    /// Of these, this one alone.
    pub host: Option<HostId>,
    /// Whoever is told has this post from now on: that is written down where it may have to be called back.
    pub copies_of: Option<PostId>,
}

/// Keeps the rendered bytes and writes one row for each inbox, all in one statement; false where another
/// process was faster. A report in a group of ours, or how much waits there, goes to those alone who lead the group still; members at
/// a server that their group does not admit are not among its followers. `states` are the host states we speak with.
pub async fn fan_out(
    conn: &mut Conn,
    id: OutboxId,
    body: &[u8],
    to: &Audience,
    states: Vec<&'static str>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let mine = diesel::update(outbox::table.find(id).filter(outbox::fanned_out_at.is_null()))
        .set((
            outbox::fanned_out_at.eq(now),
            outbox::body.eq(body),
            outbox::followers_of.eq(to.followers_of.filter(|_| to.closed)),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    if mine == 0 {
        return Ok(false);
    }
    command(format!(
        "WITH people AS ( \
           SELECT follower_id AS id FROM follows WHERE target_id = $2 AND state = 'accepted' \
           UNION SELECT account_id FROM mentions WHERE post_id = $3 \
           UNION SELECT author_id FROM posts WHERE reply_to_id = $4 OR boost_of_id = $4 \
           UNION SELECT account_id FROM likes WHERE post_id = $4 \
           UNION SELECT s.id FROM unnest($5::bigint[]) AS s (id) WHERE NOT EXISTS ( \
               SELECT 1 FROM outbox q JOIN accounts g ON g.id = q.group_id AND g.host_id IS NULL \
               WHERE q.id = $1 AND q.event->>'type' IN ('report', 'waiting') AND NOT EXISTS (SELECT 1 FROM group_moderators m \
                 WHERE m.group_id = q.group_id AND m.account_id = s.id AND {LEADS})) \
           UNION SELECT id FROM accounts WHERE $6 AND host_id IS NOT NULL \
           UNION SELECT x.id FROM case_copies c CROSS JOIN LATERAL (SELECT s.id FROM accounts s WHERE s.host_id = c.host_id \
               AND s.inbox <> '' AND s.state = 'active' ORDER BY s.shared_inbox IS NULL, s.id LIMIT 1) x \
             WHERE c.post_id = $8 AND ($9::bigint IS NULL OR c.host_id = $9)) \
         INSERT INTO deliveries (outbox_id, host_id, inbox) \
         SELECT DISTINCT $1, a.host_id, coalesce(a.shared_inbox, a.inbox) \
         FROM people JOIN accounts a ON a.id = people.id JOIN hosts h ON h.id = a.host_id \
         WHERE h.state = ANY($7) AND a.inbox <> '' AND a.state = 'active' ON CONFLICT DO NOTHING"
    ))
    .bind::<BigInt, _>(id)
    .bind::<Nullable<BigInt>, _>(to.followers_of)
    .bind::<Nullable<BigInt>, _>(to.mentioned_in)
    .bind::<Nullable<BigInt>, _>(to.touched_by)
    .bind::<Array<BigInt>, _>(to.accounts.clone())
    .bind::<Bool, _>(to.everyone)
    .bind::<Array<Text>, _>(states)
    .bind::<Nullable<BigInt>, _>(to.holders_of)
    .bind::<Nullable<BigInt>, _>(to.host)
    .execute(conn)
    .await
    .map_err(fault)?;
    if let Some(post) = to.copies_of {
        cases::recall::put_copies(conn, post, id).await?;
    }
    Ok(true)
}

/// An event could not be rendered; it is tried again.
pub async fn retry(conn: &mut Conn, id: OutboxId, at: DateTime<Utc>) -> Result<()> {
    diesel::update(outbox::table.find(id))
        .set((outbox::retry_at.eq(at), outbox::attempts.eq(outbox::attempts + 1)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// An event leads nowhere.
pub async fn delete(conn: &mut Conn, id: OutboxId) -> Result<()> {
    diesel::delete(outbox::table.find(id)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Forgets events that reached everybody.
pub async fn sweep(conn: &mut Conn) -> Result<usize> {
    command(
        "DELETE FROM outbox o WHERE o.fanned_out_at < now() - interval '1 minute' \
         AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.outbox_id = o.id)",
    )
    .execute(conn)
    .await
    .map_err(fault)
}

/// How many wait to be rendered.
pub async fn count_due(conn: &mut Conn) -> Result<i64> {
    sql::<BigInt>("SELECT count(*) FROM outbox WHERE fanned_out_at IS NULL").get_result(conn).await.map_err(fault)
}
