//! What waits for an answer: open cases of the groups that a viewer belongs to, or may read as a clinician. Each is read as its
//! post is.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, Author, PostCard, PostId, Urgency},
    policy::Viewer,
    store::{
        Conn,
        accounts::{AUTHOR, AuthorSql},
        fault,
        page::{Page, Paged},
        posts::cards,
        sql::sql,
        visible::{VISIBLE, WANTED},
    },
};

/// The groups of viewer `$1` in which an answer can be given: those to which they belong, and those that any clinician of ours
/// reads.
const GROUPS: &str = "(SELECT f.target_id AS id FROM follows f JOIN groups x ON x.account_id = f.target_id AND x.archived_at IS NULL \
      JOIN accounts y ON y.id = x.account_id AND y.state = 'active' WHERE f.follower_id = $1 AND f.state = 'accepted' \
    UNION SELECT x.account_id FROM groups x JOIN accounts y ON y.id = x.account_id AND y.state = 'active' \
      WHERE x.kind = 'verified' AND x.archived_at IS NULL AND EXISTS (SELECT 1 FROM users u WHERE u.account_id = $1 AND u.role <> 'public'))";

/// Whether post `p` of somebody else's can be answered.
const ANSWERABLE: &str = "p.held = '' AND p.locked_at IS NULL AND p.author_id <> $1";

/// Open cases `c` with their posts `p` by authors `a` that wait for a viewer, of those that are `asked` for and in that order. In
/// the text `$1` and `$2` are the viewer's, as in [`VISIBLE`].
pub(super) fn open(columns: &str, asked: &str, rest: &str) -> String {
    format!(
        "SELECT {columns} FROM (SELECT c.post_id, c.group_id, c.specialties, c.urgency, c.asked_at, c.first_answer_at \
             FROM {GROUPS} g JOIN cases c ON c.group_id = g.id AND c.state = 'open' {asked} OFFSET 0) c \
           JOIN posts p ON p.id = c.post_id JOIN accounts a ON a.id = p.author_id \
           LEFT JOIN accounts b ON false CROSS JOIN (SELECT NULL::bigint AS author_id) e \
         WHERE {VISIBLE} AND {ANSWERABLE} AND {WANTED} {rest}"
    )
}

/// What is asked for of the queue.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Cases that name any of these specialties (codes); none for all.
    pub specialties: Option<Vec<String>>,
    /// Also those that name none at all, after the others of the same urgency.
    pub unnamed: bool,
    /// Of this group alone.
    pub group: Option<AccountId>,
}

/// Whether case `c` is asked for: `$6` are specialties, `$7` is whether those fit that name none, `$8` is the group.
const FITS: &str = "($6::text[] IS NULL OR c.specialties && $6 OR ($7 AND cardinality(c.specialties) = 0)) \
    AND ($8::bigint IS NULL OR c.group_id = $8)";

/// The place of case `c` in the queue as one number, larger for what comes first: how soon, whether it names what it is asked
/// for by, since when it waits in seconds, then the end of the id.
const PLACE: &str = "-(((CASE c.urgency WHEN 'today' THEN 0 WHEN 'soon' THEN 2 ELSE 4 END \
      + CASE WHEN $7 AND cardinality(c.specialties) = 0 THEN 1 ELSE 0 END)::bigint << 53) \
    | (least(greatest(extract(epoch FROM c.asked_at), 0), 8589934591)::bigint << 20) | (c.post_id & 1048575))";

/// A page of the queue: the most urgent first, and of each what has waited longest.
pub async fn list(conn: &mut Conn, viewer: &Viewer, wanted: &Wanted, page: &Page) -> Result<Paged<PostCard>> {
    let order = page.order();
    // In the order of the page from the beginning, so that no more posts are looked at than it shows. The numbers themselves
    // are sorted anew: no index holds the cases of several groups in one order, and there are only as many as are open.
    // Nobody passes a case on, so that an entry is nothing but the case.
    let from = format!(
        "(SELECT w.post_id AS id, w.place, NULL::bigint AS boost_of_id, NULL::bigint AS author_id, NULL::timestamptz AS deleted_at \
           FROM (SELECT x.post_id, x.place FROM (SELECT c.post_id, {PLACE} AS place \
             FROM {GROUPS} g JOIN cases c ON c.group_id = g.id AND c.state = 'open' WHERE {FITS}) x \
           WHERE x.place < $3 AND x.place > $4 ORDER BY x.place {order} OFFSET 0) w) e"
    );
    let rest = format!("AND {ANSWERABLE} AND {WANTED} ORDER BY e.place {order} LIMIT $5");
    let rows: Vec<PostCard> = cards("e.place", &from, &rest, viewer)
        .bind::<BigInt, _>(page.below())
        .bind::<BigInt, _>(page.above())
        .bind::<BigInt, _>(page.limit + 1)
        .bind::<Nullable<Array<Text>>, _>(wanted.specialties.clone())
        .bind::<Bool, _>(wanted.unnamed)
        .bind::<Nullable<BigInt>, _>(wanted.group)
        .load(conn)
        .await
        .map_err(fault)?;
    Ok(Paged::cut(rows, page, |card| card.entry_id))
}

/// What some groups are called, in no order. Whoever asks has read what is posted in them.
pub async fn groups(conn: &mut Conn, ids: Vec<AccountId>) -> Result<Vec<Author>> {
    sql::<AuthorSql>(format!("SELECT {AUTHOR} FROM accounts a WHERE a.id = ANY($1)"))
        .bind::<Array<BigInt>, _>(ids)
        .load(conn)
        .await
        .map_err(fault)
}

/// How much waits, and by what it can be narrowed.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// All of it; no more than 1,000 are counted.
    pub all: i64,
    /// What names a specialty of the viewer's, or none at all.
    pub mine: i64,
    /// Groups with something that waits, by name.
    pub groups: Vec<(AccountId, String, i64)>,
    /// Specialties that are asked (codes), the most asked ones first.
    pub specialties: Vec<(String, i64)>,
}

/// How much waits for a viewer who is asked about these specialties: one query.
pub async fn counts(conn: &mut Conn, viewer: &Viewer, specialties: Vec<String>) -> Result<Counts> {
    let open = open("c.group_id, c.specialties", "", "LIMIT 1000");
    let rows: Vec<(String, AccountId, String, i64)> = sql::<(Text, BigInt, Text, BigInt)>(format!(
        "WITH open AS MATERIALIZED ({open}) \
         SELECT 'all'::text, 0::bigint, ''::text, count(*) FROM open \
         UNION ALL SELECT 'mine', 0, '', count(*) FROM open o WHERE o.specialties && $3 OR cardinality(o.specialties) = 0 \
         UNION ALL (SELECT 'group', n.id, n.name, count(*) FROM open o JOIN accounts n ON n.id = o.group_id \
           GROUP BY n.id, n.name ORDER BY lower(n.name), n.id) \
         UNION ALL (SELECT 'specialty', 0, s.code, count(*) FROM open o CROSS JOIN unnest(o.specialties) AS s (code) \
           GROUP BY s.code ORDER BY count(*) DESC, s.code LIMIT 50)"
    ))
    .viewer(viewer)
    .bind::<Array<Text>, _>(specialties)
    .load(conn)
    .await
    .map_err(fault)?;
    let mut counts = Counts::default();
    for (kind, id, word, count) in rows {
        match kind.as_str() {
            "all" => counts.all = count,
            "mine" => counts.mine = count,
            "group" => counts.groups.push((id, word, count)),
            _ => counts.specialties.push((word, count)),
        }
    }
    Ok(counts)
}

/// A case of which somebody is told that it waits.
#[derive(Debug, Clone, Queryable)]
pub struct Asked {
    /// Its post.
    pub post: PostId,
    /// What is asked.
    pub question: String,
    /// Language of that.
    pub language: String,
    /// Who asks: `ada` or `ada@other.example`.
    pub by: String,
    /// How soon.
    pub urgency: Urgency,
    /// Since when it waits.
    pub asked_at: DateTime<Utc>,
    /// Somebody has replied, though nobody has said that this answers it.
    pub replied: bool,
    /// How many wait in all; no more than 21 are counted.
    pub count: i64,
}

/// The newest cases that wait for a viewer and name any of these specialties.
pub async fn newest(conn: &mut Conn, viewer: &Viewer, specialties: Vec<String>, limit: i64) -> Result<Vec<Asked>> {
    let open = open(
        "p.id, p.title, p.language, a.username || coalesce('@' || a.host, '') AS handle, c.urgency, c.asked_at, \
           c.first_answer_at IS NOT NULL AS replied",
        "WHERE c.specialties && $3 ORDER BY c.asked_at DESC",
        "LIMIT 21",
    );
    sql::<(BigInt, Text, Text, Text, Text, Timestamptz, Bool, BigInt)>(format!(
        "WITH open AS MATERIALIZED ({open}) \
         SELECT o.id, o.title, o.language, o.handle, o.urgency, o.asked_at, o.replied, (SELECT count(*) FROM open) \
         FROM open o ORDER BY o.asked_at DESC, o.id DESC LIMIT $4"
    ))
    .viewer(viewer)
    .bind::<Array<Text>, _>(specialties)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// When a case that a viewer may read was last answered, and which of the specialties that are asked for it named (empty where
/// none are): of each group the newest 50 that have an answer are looked at.
pub async fn last_answered(
    conn: &mut Conn,
    viewer: &Viewer,
    specialties: Option<Vec<String>>,
    group: Option<AccountId>,
) -> Result<Option<(String, DateTime<Utc>)>> {
    let rows: Vec<(String, DateTime<Utc>)> = sql::<(Text, Timestamptz)>(format!(
        "SELECT coalesce((SELECT s.code FROM unnest(c.specialties) AS s (code) WHERE s.code = ANY ($3) LIMIT 1), ''), \
           coalesce(r.published_at, c.first_answer_at) AS at \
         FROM {GROUPS} g CROSS JOIN LATERAL (SELECT k.* FROM cases k WHERE k.group_id = g.id AND k.state IN ('answered', 'resolved') \
             AND ($3::text[] IS NULL OR k.specialties && $3) ORDER BY k.post_id DESC LIMIT 50) c \
           JOIN posts p ON p.id = c.post_id AND p.held = '' JOIN accounts a ON a.id = p.author_id \
           LEFT JOIN posts r ON r.id = c.answer_id AND r.deleted_at IS NULL \
         WHERE {VISIBLE} AND ($4::bigint IS NULL OR g.id = $4) AND coalesce(r.published_at, c.first_answer_at) IS NOT NULL \
         ORDER BY at DESC LIMIT 1"
    ))
    .viewer(viewer)
    .bind::<Nullable<Array<Text>>, _>(specialties)
    .bind::<Nullable<BigInt>, _>(group)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(rows.into_iter().next())
}

/// How long cases of a group waited for their first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct AnswerTime {
    /// The group.
    pub group: AccountId,
    /// Half of those that were answered had waited no longer than so many minutes.
    pub median_minutes: i64,
    /// How many were answered.
    pub answered: i64,
    /// How many were asked.
    pub asked: i64,
}

/// The same of some groups, of what was asked since: nothing of a group with fewer than `least` answered cases. Whoever asks may
/// read what is posted in them.
pub async fn answer_times(
    conn: &mut Conn,
    groups: Vec<AccountId>,
    since: DateTime<Utc>,
    least: i64,
) -> Result<Vec<AnswerTime>> {
    sql::<(BigInt, BigInt, BigInt, BigInt)>(
        "SELECT c.group_id, \
           (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM c.first_answer_at - c.asked_at)::float8) / 60)::bigint, \
           count(c.first_answer_at), count(*) \
         FROM cases c JOIN posts p ON p.id = c.post_id AND p.held = '' AND p.deleted_at IS NULL \
         WHERE c.group_id = ANY($1) AND c.asked_at > $2 AND c.state <> 'withdrawn' \
         GROUP BY c.group_id HAVING count(c.first_answer_at) >= $3",
    )
    .bind::<Array<BigInt>, _>(groups)
    .bind::<Timestamptz, _>(since)
    .bind::<BigInt, _>(least)
    .load(conn)
    .await
    .map_err(fault)
}
