//! Cases that wait for an answer, as a member of their groups may see them.

use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, PostCard},
    policy::Viewer,
    store::{
        Conn, fault,
        page::{Page, Paged},
        posts::cards,
        sql::sql,
        visible::WANTED,
    },
};

/// Which cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Of this group alone.
    pub group: Option<AccountId>,
    /// That ask one of these specialties, or none; all where it is empty.
    pub specialties: Vec<String>,
    /// Also those that somebody has replied to.
    pub replied: bool,
}

/// Open cases in the groups that the viewer belongs to, the newest first.
pub async fn queue(conn: &mut Conn, viewer: &Viewer, filter: &QueueFilter, page: &Page) -> Result<Paged<PostCard>> {
    let order = page.order();
    let rest = format!(
        "AND {WANTED} AND e.held = '' AND EXISTS (SELECT 1 FROM cases c WHERE c.post_id = e.id AND c.state = 'open' \
             AND ($7 OR c.first_answer_at IS NULL) \
             AND (cardinality($8) = 0 OR cardinality(c.specialties) = 0 OR c.specialties && $8)) \
         AND EXISTS (SELECT 1 FROM follows mf WHERE mf.follower_id = $1 AND mf.target_id = e.group_id AND mf.state = 'accepted') \
         AND ($6 IS NULL OR e.group_id = $6) AND e.boost_of_id IS NULL AND e.reply_to_uri IS NULL \
         AND e.id < $3 AND e.id > $4 ORDER BY e.id {order} LIMIT $5"
    );
    let rows: Vec<PostCard> = cards("e.id", "posts e", &rest, viewer)
        .bind::<BigInt, _>(page.below())
        .bind::<BigInt, _>(page.above())
        .bind::<BigInt, _>(page.limit + 1)
        .bind::<Nullable<BigInt>, _>(filter.group)
        .bind::<Bool, _>(filter.replied)
        .bind::<Array<Text>, _>(filter.specialties.clone())
        .load(conn)
        .await
        .map_err(fault)?;
    Ok(Paged::cut(rows, page, |card| card.entry_id))
}

/// How quickly the cases of a group are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct AnswerTime {
    /// How many were asked in the last 90 days.
    pub asked: i64,
    /// How many of them somebody has replied to.
    pub answered: i64,
    /// Minutes to the first reply, in the middle of those; none where there is no reply.
    pub median_minutes: Option<i64>,
}

/// The same of a group, over its last 90 days.
pub async fn answer_time(conn: &mut Conn, group: AccountId) -> Result<AnswerTime> {
    sql::<(BigInt, BigInt, Nullable<BigInt>)>(
        "SELECT count(*), count(c.first_answer_at), \
           (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.first_answer_at - c.asked_at)) / 60)::bigint \
         FROM cases c JOIN posts p ON p.id = c.post_id WHERE c.group_id = $1 AND p.deleted_at IS NULL AND p.held = '' \
           AND c.asked_at > now() - interval '90 days'",
    )
    .bind::<BigInt, _>(group)
    .get_result(conn)
    .await
    .map_err(fault)
}
