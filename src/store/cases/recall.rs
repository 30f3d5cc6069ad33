//! Which servers have a post in a group, and how far it is called back from them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, CopyState, HostId, NotificationKind, OutboxId, PostId, RecallReason},
    policy::Viewer,
    schema::case_recalls,
    store::{
        Conn,
        cases::follows::FOLLOWERS,
        fault,
        sql::{command, sql},
        visible::{GONE, VISIBLE},
    },
};

/// Post `p` is one of which it is written down who has it: it is for a group alone, or a case.
const FOLLOWED: &str = "p.deleted_at IS NULL AND p.group_id IS NOT NULL \
    AND (p.visibility = 'group' OR EXISTS (SELECT 1 FROM cases k WHERE k.post_id = p.id))";

/// Writes down that a server has posts. Of a post that is for everybody, and no case, nothing is written down.
pub async fn put_copies_at(conn: &mut Conn, posts: Vec<PostId>, host: HostId) -> Result<()> {
    command(format!(
        "INSERT INTO case_copies (post_id, host_id) SELECT p.id, $2 FROM posts p WHERE p.id = ANY($1) AND {FOLLOWED} \
         ON CONFLICT DO NOTHING"
    ))
    .bind::<Array<BigInt>, _>(posts)
    .bind::<BigInt, _>(host)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// The same of every server to which an event that tells the post is about to be delivered.
pub(in crate::store) async fn put_copies(conn: &mut Conn, post: PostId, event: OutboxId) -> Result<()> {
    command(format!(
        "INSERT INTO case_copies (post_id, host_id) SELECT DISTINCT p.id, d.host_id FROM deliveries d JOIN posts p ON p.id = $1 \
         WHERE d.outbox_id = $2 AND {FOLLOWED} ON CONFLICT DO NOTHING"
    ))
    .bind::<BigInt, _>(post)
    .bind::<BigInt, _>(event)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Begins to call a case back: its consent ends, and whoever has a copy counts as told.
pub async fn begin(
    conn: &mut Conn,
    post: PostId,
    reason: RecallReason,
    by: Option<AccountId>,
    now: DateTime<Utc>,
    first_check: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(case_recalls::table)
        .values((
            case_recalls::post_id.eq(post),
            case_recalls::reason.eq(reason),
            case_recalls::started_by.eq(by),
            case_recalls::started_at.eq(now),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    command("UPDATE case_consents SET withdrawn_at = $2, holder = '', form_hash = '' WHERE post_id = $1 AND withdrawn_at IS NULL")
        .bind::<BigInt, _>(post)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    tell_holders(conn, vec![post], first_check).await
}

/// Whoever has a copy of cases that are called back, or of what was said below them, counts as told.
async fn tell_holders(conn: &mut Conn, posts: Vec<PostId>, first_check: DateTime<Utc>) -> Result<()> {
    command(
        "INSERT INTO case_copies (post_id, host_id) \
         WITH RECURSIVE thread AS (SELECT id AS root, id FROM unnest($1::bigint[]) AS p (id) \
           UNION SELECT thread.root, q.id FROM posts q JOIN thread ON q.reply_to_id = thread.id) \
         SELECT DISTINCT thread.root, c.host_id FROM thread JOIN case_copies c ON c.post_id = thread.id ON CONFLICT DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(posts.clone())
    .execute(conn)
    .await
    .map_err(fault)?;
    command("UPDATE case_copies SET state = 'told', next_check_at = $2 WHERE post_id = ANY($1)")
        .bind::<Array<BigInt>, _>(posts)
        .bind::<Timestamptz, _>(first_check)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The same of all cases among the posts of somebody who left; but not of those that neither they nor the group told from here.
pub async fn begin_all(
    conn: &mut Conn,
    posts: Vec<PostId>,
    who: AccountId,
    now: DateTime<Utc>,
    first_check: DateTime<Utc>,
) -> Result<()> {
    let begun: Vec<PostId> = sql::<BigInt>(
        "WITH mine AS (SELECT p.id FROM posts p JOIN cases k ON k.post_id = p.id JOIN accounts g ON g.id = k.group_id \
             WHERE p.id = ANY($1) AND (p.local OR g.host_id IS NULL)), \
           c AS (UPDATE case_consents SET withdrawn_at = $4 WHERE post_id IN (SELECT id FROM mine) AND withdrawn_at IS NULL) \
         INSERT INTO case_recalls (post_id, reason, started_by, started_at) SELECT id, $2, $3, $4 FROM mine \
         ON CONFLICT DO NOTHING RETURNING post_id",
    )
    .bind::<Array<BigInt>, _>(posts)
    .bind::<Text, _>(RecallReason::AuthorLeft)
    .bind::<BigInt, _>(who)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)?;
    if begun.is_empty() { Ok(()) } else { tell_holders(conn, begun, first_check).await }
}

/// Whether anything is left here of a case, or below it.
pub async fn is_left(conn: &mut Conn, post: PostId) -> Result<bool> {
    sql::<Bool>(
        "WITH RECURSIVE thread AS (SELECT p.id, p.deleted_at FROM posts p WHERE p.id = $1 \
           UNION SELECT q.id, q.deleted_at FROM posts q JOIN thread ON q.reply_to_id = thread.id \
             WHERE EXISTS (SELECT 1 FROM cases k WHERE k.post_id = $1)) \
         SELECT EXISTS (SELECT 1 FROM thread WHERE deleted_at IS NULL)",
    )
    .bind::<BigInt, _>(post)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// That a case was taken back.
#[derive(Debug, Clone, Queryable)]
pub struct Recall {
    /// Why.
    pub reason: RecallReason,
    /// By whom; none where the clock did it.
    pub by: Option<AccountId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Whether a case was taken back from here.
pub async fn find(conn: &mut Conn, post: PostId) -> Result<Option<Recall>> {
    case_recalls::table
        .find(post)
        .select((case_recalls::reason, case_recalls::started_by, case_recalls::started_at))
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// A server that has a copy, or had one.
#[derive(Debug, Clone, Queryable)]
pub struct Holder {
    /// Its name.
    pub host: String,
    /// Where it stands.
    pub state: CopyState,
    /// When that was last looked at.
    pub checked_at: Option<DateTime<Utc>>,
    /// When it is looked at again; none where nobody does by themselves any more.
    pub next_check_at: Option<DateTime<Utc>>,
    /// How often it was looked at.
    pub tries: i32,
    /// Since when nothing can be delivered there.
    pub failing_since: Option<DateTime<Utc>>,
}

/// The servers that have a copy or had one, those with which nothing is settled first.
pub async fn holders(conn: &mut Conn, post: PostId) -> Result<Vec<Holder>> {
    sql::<(Text, Text, Nullable<Timestamptz>, Nullable<Timestamptz>, Integer, Nullable<Timestamptz>)>(
        "SELECT h.name, c.state, c.checked_at, c.next_check_at, c.tries, h.failing_since FROM case_copies c JOIN hosts h ON h.id = c.host_id \
         WHERE c.post_id = $1 ORDER BY array_position(ARRAY['serving', 'told', 'has', 'acknowledged', 'gone'], c.state), h.name LIMIT 1000",
    )
    .bind::<BigInt, _>(post)
    .load(conn)
    .await
    .map_err(fault)
}

/// Lets those that have a copy left, as far as we know, be looked at now; returns how many. One that was looked at since
/// `recently` is left alone.
pub async fn check_now(conn: &mut Conn, post: PostId, now: DateTime<Utc>, recently: DateTime<Utc>) -> Result<usize> {
    command(
        "UPDATE case_copies SET next_check_at = $2 WHERE post_id = $1 AND state NOT IN ('has', 'gone') \
         AND (checked_at IS NULL OR checked_at <= $3)",
    )
    .bind::<BigInt, _>(post)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(recently)
    .execute(conn)
    .await
    .map_err(fault)
}

/// A server to look at.
#[derive(Debug, Clone, Queryable)]
pub struct Due {
    /// The case.
    pub post: PostId,
    /// The server.
    pub host: HostId,
    /// Its name.
    pub name: String,
    /// ActivityPub id of the case.
    pub uri: String,
    /// Who of ours speaks for the case: the group where it is ours, its author where not.
    pub speaker: AccountId,
    /// Where it stands.
    pub state: CopyState,
    /// How often it was looked at, this time counted.
    pub tries: i32,
    /// The word that the case is withdrawn has not been taken yet.
    pub waits: bool,
    /// That word was given up.
    pub died: bool,
}

/// Pauses between two looks at a server.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Seconds of the first; it doubles each time.
    pub first: i64,
    /// Seconds of the longest.
    pub longest: i64,
    /// Of a recall that began before, a server is looked at one last time.
    pub give_up: DateTime<Utc>,
}

/// An event `o` that tells of the end of the case of copy `c`.
const OF_ITS_END: &str = "o.event->>'type' IN ('delete', 'remove', 'recall') AND o.event->>'post' = c.post_id::text";

/// Takes servers that are due to be looked at, and puts their next time off. `states` are the host states we speak with.
pub async fn take_due(
    conn: &mut Conn,
    now: DateTime<Utc>,
    pace: &Pace,
    states: Vec<&'static str>,
    limit: i64,
) -> Result<Vec<Due>> {
    sql::<(BigInt, BigInt, Text, Text, BigInt, Text, Integer, Bool, Bool)>(format!(
        "WITH due AS (SELECT post_id, host_id FROM case_copies WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT $2 \
           FOR UPDATE SKIP LOCKED) \
         UPDATE case_copies c SET tries = c.tries + 1, checked_at = $1, next_check_at = CASE WHEN r.started_at > $3 \
           THEN $1::timestamptz + make_interval(secs => least($4 * power(2, least(c.tries + 1, 30)), $5)) END \
         FROM due d, case_recalls r, posts p, cases k, accounts g, hosts h \
         WHERE c.post_id = d.post_id AND c.host_id = d.host_id AND r.post_id = d.post_id AND p.id = d.post_id AND k.post_id = d.post_id \
           AND g.id = k.group_id AND h.id = d.host_id \
         RETURNING c.post_id, c.host_id, h.name, p.uri, CASE WHEN g.host_id IS NULL THEN g.id ELSE p.author_id END, c.state, c.tries, \
           NOT (h.state = ANY($6)) OR EXISTS (SELECT 1 FROM outbox o WHERE o.fanned_out_at IS NULL AND {OF_ITS_END}) \
             OR EXISTS (SELECT 1 FROM deliveries q JOIN outbox o ON o.id = q.outbox_id WHERE q.host_id = c.host_id AND {OF_ITS_END}), \
           EXISTS (SELECT 1 FROM dead_letters l WHERE l.ended_post_id = c.post_id AND l.host = h.name)"
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .bind::<Timestamptz, _>(pace.give_up)
    .bind::<BigInt, _>(pace.first)
    .bind::<BigInt, _>(pace.longest)
    .bind::<Array<Text>, _>(states)
    .load(conn)
    .await
    .map_err(fault)
}

/// Where it stands with a server now; once settled, it is looked at no more.
pub async fn set_state(conn: &mut Conn, due: &Due, state: CopyState, is_settled: bool) -> Result<()> {
    command(
        "UPDATE case_copies SET state = $3, next_check_at = CASE WHEN $4 THEN NULL ELSE next_check_at END \
         WHERE post_id = $1 AND host_id = $2",
    )
    .bind::<BigInt, _>(due.post)
    .bind::<BigInt, _>(due.host)
    .bind::<Text, _>(state)
    .bind::<Bool, _>(is_settled)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Those of our people who took part in a case or follow it, and may read it.
pub async fn concerned(conn: &mut Conn, case: PostId) -> Result<Vec<AccountId>> {
    let all = concerned_by(conn, "c.post_id = $1", case.0).await?;
    Ok(all.into_iter().map(|(who, ..)| who).collect())
}

/// The same of all cases of somebody, but for themselves.
pub async fn concerned_by_all_of(conn: &mut Conn, author: AccountId) -> Result<Vec<Concerned>> {
    let mut all = concerned_by(conn, "p.author_id = $1 AND p.deleted_at IS NULL", author.0).await?;
    all.retain(|(who, ..)| *who != author);
    Ok(all)
}

/// One of our people whom a case concerns, the group of the case, and the case.
pub type Concerned = (AccountId, AccountId, PostId);

/// Whom the end of each case `c` with post `p` among `which` concerns.
async fn concerned_by(conn: &mut Conn, which: &str, key: i64) -> Result<Vec<Concerned>> {
    sql::<(BigInt, BigInt, BigInt)>(format!(
        "WITH RECURSIVE mine AS (SELECT c.post_id, c.group_id, p.visibility FROM cases c JOIN posts p ON p.id = c.post_id WHERE {which}), \
           down AS (SELECT m.post_id, q.id, q.author_id, q.held, q.deleted_at, 1 AS step FROM mine m JOIN posts q ON q.reply_to_id = m.post_id \
           UNION ALL SELECT down.post_id, q.id, q.author_id, q.held, q.deleted_at, down.step + 1 FROM posts q JOIN down ON q.reply_to_id = down.id \
             WHERE down.step < 100) \
         SELECT a.id, m.group_id, m.post_id FROM mine m JOIN down ON down.post_id = m.post_id \
           JOIN accounts a ON a.id = down.author_id AND a.host_id IS NULL \
         WHERE down.held = '' AND down.deleted_at IS NULL AND (m.visibility <> 'group' OR EXISTS (SELECT 1 FROM follows f \
           WHERE f.follower_id = a.id AND f.target_id = m.group_id AND f.state = 'accepted')) \
         UNION SELECT k.account_id, m.group_id, m.post_id FROM mine m JOIN ({FOLLOWERS}) ON k.post_id = m.post_id"
    ))
    .bind::<BigInt, _>(key)
    .load(conn)
    .await
    .map_err(fault)
}

/// Tells them that the case is gone, in the name of the group.
pub async fn tell_concerned(conn: &mut Conn, told: Vec<Concerned>) -> Result<()> {
    let (mut people, mut groups, mut cases) = (Vec::new(), Vec::new(), Vec::new());
    for (who, group, case) in told {
        people.push(who);
        groups.push(group);
        cases.push(case);
    }
    command(
        "INSERT INTO notifications (account_id, kind, from_id, post_id) \
         SELECT a.id, $1, t.group_id, t.case_id FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS t (who, group_id, case_id) \
           JOIN accounts a ON a.id = t.who AND a.host_id IS NULL ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(NotificationKind::Case)
    .bind::<Array<BigInt>, _>(people)
    .bind::<Array<BigInt>, _>(groups)
    .bind::<Array<BigInt>, _>(cases)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// A case that is gone.
#[derive(Debug, Clone, Queryable)]
pub struct Gone {
    /// Who asked it.
    pub author: AccountId,
    /// The group that it was asked in.
    pub group: AccountId,
    /// It was asked here.
    pub local: bool,
    /// Who took it back, where that is known.
    pub by: Option<AccountId>,
    /// Why, where that was done here.
    pub reason: Option<RecallReason>,
    /// Why those removed it who lead the group, as they say; empty where they did not.
    pub refusal: String,
}

/// A case that is gone, for somebody who could read it before.
pub async fn find_gone(conn: &mut Conn, viewer: &Viewer, id: PostId) -> Result<Option<Gone>> {
    sql::<(BigInt, BigInt, Bool, Nullable<BigInt>, Nullable<Text>, Text)>(format!(
        "SELECT p.author_id, cases.group_id, p.local, r.started_by, r.reason, p.refusal FROM {GONE} LEFT JOIN case_recalls r ON r.post_id = p.id \
         WHERE p.id = $3 AND {VISIBLE}"
    ))
    .viewer(viewer)
    .bind::<BigInt, _>(id)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Cases of ours whose consent has ended by a day, at most so many.
pub async fn list_expired(conn: &mut Conn, today: NaiveDate, limit: i64) -> Result<Vec<PostId>> {
    sql::<BigInt>(
        "SELECT p.id FROM case_consents c JOIN posts p ON p.id = c.post_id AND p.local AND p.deleted_at IS NULL \
           JOIN cases k ON k.post_id = p.id WHERE c.expires_on <= $1 AND c.withdrawn_at IS NULL ORDER BY c.expires_on, p.id LIMIT $2",
    )
    .bind::<Date, _>(today)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Cases of ours whose consent ends by a day and whose authors were not told yet, at most so many, with their groups. They count
/// as told from now on.
pub async fn remind(
    conn: &mut Conn,
    today: NaiveDate,
    until: NaiveDate,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(PostId, AccountId)>> {
    sql::<(BigInt, BigInt)>(
        "WITH due AS (SELECT c.post_id, k.group_id FROM case_consents c JOIN cases k ON k.post_id = c.post_id \
             JOIN posts p ON p.id = c.post_id AND p.local AND p.deleted_at IS NULL \
           WHERE c.withdrawn_at IS NULL AND c.expires_on > $1 AND c.expires_on <= $2 AND c.reminded_at IS NULL \
           ORDER BY c.expires_on LIMIT $4 FOR UPDATE OF c SKIP LOCKED) \
         UPDATE case_consents c SET reminded_at = $3 FROM due WHERE c.post_id = due.post_id RETURNING due.post_id, due.group_id",
    )
    .bind::<Date, _>(today)
    .bind::<Date, _>(until)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}
