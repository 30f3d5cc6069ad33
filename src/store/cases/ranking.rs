//! Ballots about the options of cases, and what came of them. A ballot is read by whoever cast it, and counted; there is no other
//! way to it.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::{Error, Result},
    model::{AccountId, Ballot, Json, PostId, Ranking},
    schema::case_ballots,
    store::{
        Conn, fault,
        sql::{command, sql},
    },
};

/// Keeps somebody's ballot in place of the one that they had. They stay what was verified of them when they first ranked: so
/// that a change is a change of one ballot.
pub async fn put(
    conn: &mut Conn,
    post: PostId,
    who: AccountId,
    discipline: &str,
    ranks: Vec<i16>,
    now: DateTime<Utc>,
) -> Result<()> {
    command(
        "INSERT INTO case_ballots AS b (post_id, account_id, discipline, ranks, cast_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (post_id, account_id) DO UPDATE SET ranks = EXCLUDED.ranks, fresh = true, cast_at = EXCLUDED.cast_at \
         WHERE b.ranks <> EXCLUDED.ranks",
    )
    .bind::<BigInt, _>(post)
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(discipline.to_owned())
    .bind::<Array<SmallInt>, _>(ranks)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// One's own ballot. It is empty where the group lives on another server: there the choices are kept.
pub async fn find(conn: &mut Conn, post: PostId, who: AccountId) -> Result<Option<Vec<i16>>> {
    case_ballots::table.find((post, who)).select(case_ballots::ranks).first(conn).await.optional().map_err(fault)
}

/// All ballots about a case, without who cast them.
pub async fn ballots(conn: &mut Conn, post: PostId) -> Result<Vec<Ballot>> {
    let rows: Vec<(String, Vec<i16>, bool)> = case_ballots::table
        .filter(case_ballots::post_id.eq(post))
        .select((case_ballots::discipline, case_ballots::ranks, case_ballots::fresh))
        .load(conn)
        .await
        .map_err(fault)?;
    Ok(rows.into_iter().map(|(discipline, ranks, fresh)| Ballot { discipline, ranks, fresh }).collect())
}

/// The disciplines of ballots that the last count saw and that have gone since.
pub async fn dropped(conn: &mut Conn, post: PostId) -> Result<Vec<String>> {
    let found: Option<Vec<String>> = sql::<Array<Text>>("SELECT dropped FROM case_rankings WHERE post_id = $1")
        .bind::<BigInt, _>(post)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)?;
    Ok(found.unwrap_or_default())
}

/// What came of the last count; none where nothing was counted yet.
pub async fn result(conn: &mut Conn, post: PostId) -> Result<Option<Ranking>> {
    let found: Option<Json<Ranking>> = sql::<Jsonb>("SELECT result FROM case_rankings WHERE post_id = $1")
        .bind::<BigInt, _>(post)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)?;
    Ok(found.map(|json| json.0))
}

/// Keeps what came of a count: of all ballots that are there now.
pub async fn set_result(conn: &mut Conn, post: PostId, result: &Ranking) -> Result<()> {
    let result = serde_json::to_value(result).map_err(|e| Error::Internal(e.into()))?;
    command(
        "WITH seen AS (UPDATE case_ballots SET fresh = false, counted = true WHERE post_id = $1) \
         INSERT INTO case_rankings (post_id, result) VALUES ($1, $2) \
         ON CONFLICT (post_id) DO UPDATE SET result = EXCLUDED.result, dropped = '{}'",
    )
    .bind::<BigInt, _>(post)
    .bind::<Jsonb, _>(result)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// The author has ended it.
pub async fn end(conn: &mut Conn, post: PostId) -> Result<()> {
    command("UPDATE cases SET body = jsonb_set(body, '{ranking_ended}', 'true') WHERE post_id = $1")
        .bind::<BigInt, _>(post)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Forgets somebody's ballots in a group, or everywhere. What remains of them is the discipline of those that were counted,
/// until the next count.
pub async fn forget(conn: &mut Conn, who: AccountId, group: Option<AccountId>) -> Result<()> {
    command(
        "WITH gone AS (DELETE FROM case_ballots b USING cases c WHERE c.post_id = b.post_id AND b.account_id = $1 \
           AND ($2::bigint IS NULL OR c.group_id = $2) RETURNING b.post_id, b.discipline, b.counted) \
         UPDATE case_rankings r SET dropped = array_append(r.dropped, gone.discipline) FROM gone \
         WHERE r.post_id = gone.post_id AND gone.counted",
    )
    .bind::<BigInt, _>(who)
    .bind::<Nullable<BigInt>, _>(group)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// A ballot of one's own to take along: where the case is, its options, one's choices among them, and when.
pub type Own = (String, Vec<String>, Vec<i16>, DateTime<Utc>);

/// All of somebody's own, the newest first.
pub async fn list_own(conn: &mut Conn, who: AccountId) -> Result<Vec<Own>> {
    sql::<(Text, Array<Text>, Array<SmallInt>, Timestamptz)>(
        "SELECT p.url, ARRAY(SELECT jsonb_array_elements_text(coalesce(c.body->'options', '[]'))), b.ranks, b.cast_at \
         FROM case_ballots b JOIN cases c ON c.post_id = b.post_id JOIN posts p ON p.id = b.post_id \
         WHERE b.account_id = $1 ORDER BY b.cast_at DESC, b.post_id DESC",
    )
    .bind::<BigInt, _>(who)
    .load(conn)
    .await
    .map_err(fault)
}
