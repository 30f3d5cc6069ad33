//! Cases in lists, and what becomes of one while it is discussed. Who may see a case has been asked of its post before.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::follows::FOLLOWERS;
use crate::{
    error::Result,
    model::{AccountId, Case, CaseBody, CaseLine, CaseState, Json, NotificationKind, PostId, Urgency},
    schema::cases,
    store::{
        Conn, fault,
        sql::{command, sql},
    },
};

type Row = (
    PostId,
    AccountId,
    bool,
    Urgency,
    CaseState,
    Vec<String>,
    Json<CaseBody>,
    Option<PostId>,
    Option<DateTime<Utc>>,
    String,
    String,
    Option<DateTime<Utc>>,
    DateTime<Utc>,
);

/// A case with all that it tells, by its post.
pub(super) async fn find(conn: &mut Conn, id: PostId) -> Result<Option<Case>> {
    let row: Option<Row> = cases::table
        .find(id)
        .select((
            cases::post_id,
            cases::group_id,
            cases::report,
            cases::urgency,
            cases::state,
            cases::specialties,
            cases::body,
            cases::answer_id,
            cases::first_answer_at,
            cases::outcome,
            cases::outcome_html,
            cases::outcome_at,
            cases::asked_at,
        ))
        .first(conn)
        .await
        .optional()
        .map_err(fault)?;
    Ok(row.map(case))
}

/// The cases among some posts, as lists show them.
pub async fn lines(conn: &mut Conn, posts: Vec<PostId>) -> Result<Vec<CaseLine>> {
    sql::<(BigInt, BigInt, Text, Text, Array<Text>, Text, Text, Nullable<Timestamptz>, Timestamptz)>(
        "SELECT post_id, group_id, urgency, state, specialties, coalesce(body->>'age', ''), coalesce(body->>'sex', ''), \
           first_answer_at, asked_at FROM cases WHERE post_id = ANY($1)",
    )
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)
}

fn case(row: Row) -> Case {
    let (post_id, group_id, report, urgency, state, specialties, body, answer_id, first_answer_at, ..) = row;
    let (.., outcome, outcome_html, outcome_at, asked_at) = row;
    Case {
        post_id,
        group_id,
        report,
        urgency,
        state,
        specialties,
        body: body.0,
        answer_id,
        first_answer_at,
        outcome,
        outcome_html,
        outcome_at,
        asked_at,
    }
}

/// How many answers stand below each of some cases, for those who may read them: what is held is not counted, nor what is
/// for a narrower circle. No more than `most` are counted of each, so that a list costs the same however much is said.
pub async fn replies(conn: &mut Conn, posts: Vec<PostId>, most: i64) -> Result<Vec<(PostId, i64)>> {
    sql::<(BigInt, BigInt)>(
        "SELECT c.post_id, n.count FROM cases c CROSS JOIN LATERAL (SELECT count(*) FROM ( \
             WITH RECURSIVE down (id, author_id, counts, step) AS ( \
               SELECT c.post_id, NULL::bigint, false, 0 \
               UNION ALL SELECT q.id, q.author_id, q.deleted_at IS NULL AND q.held = '' \
                   AND (q.visibility IN ('public', 'unlisted') OR (q.visibility = 'group' AND q.group_id = c.group_id)), down.step + 1 \
                 FROM posts q JOIN down ON q.reply_to_id = down.id WHERE down.step < 100) \
             SELECT FROM down JOIN accounts a ON a.id = down.author_id AND a.state = 'active' WHERE down.counts LIMIT $2) x) n \
         WHERE c.post_id = ANY($1)",
    )
    .bind::<Array<BigInt>, _>(posts)
    .bind::<BigInt, _>(most)
    .load(conn)
    .await
    .map_err(fault)
}

/// Whether a post stands somewhere below another one, at most 100 steps down.
pub async fn is_below(conn: &mut Conn, post: PostId, root: PostId) -> Result<bool> {
    sql::<Bool>(
        "WITH RECURSIVE up AS (SELECT reply_to_id AS id, 1 AS step FROM posts WHERE id = $1 \
           UNION ALL SELECT q.reply_to_id, up.step + 1 FROM posts q JOIN up ON q.id = up.id WHERE up.step < 100) \
         SELECT EXISTS (SELECT 1 FROM up WHERE id = $2)",
    )
    .bind::<BigInt, _>(post)
    .bind::<BigInt, _>(root)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Says which reply answers a case, or that none does.
pub async fn set_answer(conn: &mut Conn, case: PostId, answer: Option<PostId>) -> Result<()> {
    diesel::update(cases::table.find(case)).set(cases::answer_id.eq(answer)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Writes down what it was, in Markdown and as safe HTML, and since when that is known.
pub async fn set_outcome(conn: &mut Conn, case: PostId, source: &str, html: &str, at: DateTime<Utc>) -> Result<()> {
    diesel::update(cases::table.find(case))
        .set((cases::outcome.eq(source), cases::outcome_html.eq(html), cases::outcome_at.eq(at)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Notes when cases were first answered, where some of these posts do that: by somebody else than who asked, and once. A case
/// is at most 100 steps above its answer.
pub async fn set_first_answer(conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    command(
        "WITH RECURSIVE up AS (SELECT p.author_id, p.published_at, p.reply_to_id AS id, 1 AS step FROM posts p \
             WHERE p.id = ANY($1) AND p.held = '' AND p.reply_to_id IS NOT NULL \
           UNION ALL SELECT up.author_id, up.published_at, q.reply_to_id, up.step + 1 FROM posts q JOIN up ON q.id = up.id WHERE up.step < 100) \
         UPDATE cases c SET first_answer_at = greatest(x.at, c.asked_at) FROM ( \
           SELECT up.id, min(up.published_at) AS at FROM up JOIN posts root ON root.id = up.id \
           WHERE root.author_id <> up.author_id GROUP BY up.id) x \
         WHERE c.post_id = x.id AND c.first_answer_at IS NULL AND c.state <> 'withdrawn'",
    )
    .bind::<Array<BigInt>, _>(posts)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Tells those of our people who took part in a case or follow it, and may still read it, that there is word of it from its
/// author.
pub async fn tell_participants(conn: &mut Conn, case: PostId) -> Result<()> {
    // A statement of its own: a row is no longer in the way of another one only when it is gone.
    command("DELETE FROM notifications n USING posts p WHERE p.id = $1 AND n.post_id = p.id AND n.kind = $2 AND n.from_id = p.author_id")
        .bind::<BigInt, _>(case)
        .bind::<Text, _>(NotificationKind::Case)
        .execute(conn)
        .await
        .map_err(fault)?;
    command(format!(
        "WITH RECURSIVE down AS (SELECT id, author_id, held, deleted_at, 1 AS step FROM posts WHERE reply_to_id = $1 \
           UNION ALL SELECT q.id, q.author_id, q.held, q.deleted_at, down.step + 1 FROM posts q JOIN down ON q.reply_to_id = down.id \
             WHERE down.step < 100) \
         INSERT INTO notifications (account_id, kind, from_id, post_id, filtered) \
         SELECT y.who, $2, p.author_id, p.id, x.fate = 'filter' \
         FROM posts p JOIN (SELECT author_id AS who FROM down WHERE held = '' AND deleted_at IS NULL \
             UNION SELECT k.account_id FROM {FOLLOWERS} WHERE k.post_id = $1) y ON y.who <> p.author_id \
           JOIN accounts a ON a.id = y.who AND a.host_id IS NULL \
           CROSS JOIN LATERAL (SELECT notification_fate(y.who, p.author_id, $2, p.id) AS fate) x \
         WHERE p.id = $1 AND p.held = '' AND x.fate <> 'drop' AND (p.visibility <> 'group' OR EXISTS (SELECT 1 FROM follows f \
           WHERE f.follower_id = y.who AND f.target_id = p.group_id AND f.state = 'accepted')) \
         ON CONFLICT DO NOTHING"
    ))
    .bind::<BigInt, _>(case)
    .bind::<Text, _>(NotificationKind::Case)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}
