//! Cases that wait for a second look: read by verified members of their group alone, and by no other way than this.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, Author, Held, PostId, Urgency, discreet::discreet},
    policy::Viewer,
    schema::cases,
    store::{
        Conn,
        accounts::{AUTHOR, AuthorSql},
        fault,
        posts::set_held,
        sql::sql,
    },
};

/// A case that waits for a second look.
#[derive(Clone, Queryable)]
pub struct ReviewLine {
    /// Its post.
    pub post: PostId,
    /// The group.
    pub group: AccountId,
    /// What the group is called.
    pub group_name: String,
    /// Who asks.
    pub author: Author,
    /// What is asked, in one line.
    pub question: String,
    /// How soon.
    pub urgency: Urgency,
    /// How many marks its author kept.
    pub kept: i64,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// What stands in place of the author's name; empty for none.
    pub label: String,
}

discreet!(ReviewLine { post, group });

type LineSql = (BigInt, BigInt, Text, AuthorSql, Text, Text, BigInt, Timestamptz, Text);

/// What waits for the viewer, or one case of that: they are a member of the group, verified, and not its author. The oldest
/// first. What came from another server is not among it: that cannot be sent back to a draft, and waits for the moderators.
pub async fn waiting(
    conn: &mut Conn,
    viewer: &Viewer,
    one: Option<PostId>,
    now: DateTime<Utc>,
) -> Result<Vec<ReviewLine>> {
    sql::<LineSql>(format!(
        "SELECT p.id, c.group_id, g.name, {AUTHOR}, p.title, c.urgency, \
           (SELECT coalesce(sum(n.kept), 0) FROM case_findings n WHERE n.post_id = p.id), c.asked_at, p.label \
         FROM accounts v JOIN follows f ON f.follower_id = v.id AND f.state = 'accepted' \
           JOIN posts p ON p.group_id = f.target_id AND p.held <> '' AND p.held = 'review' AND p.local AND p.deleted_at IS NULL \
           JOIN cases c ON c.post_id = p.id JOIN accounts g ON g.id = c.group_id \
           JOIN accounts a ON a.id = p.author_id AND a.state = 'active' \
         WHERE v.id = $1 AND v.host_id IS NULL AND v.state = 'active' AND v.badge IS NOT NULL AND v.badge_until > $3 \
           AND p.author_id <> v.id AND ($2::bigint IS NULL OR p.id = $2) \
           AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = p.author_id AND b.target_id = v.id) \
         ORDER BY p.id LIMIT 100"
    ))
    .bind::<Nullable<BigInt>, _>(viewer.account())
    .bind::<Nullable<BigInt>, _>(one)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}

/// Those of ours who may look at a case of somebody's in a group; at most so many, those who joined last first.
pub async fn reviewers(
    conn: &mut Conn,
    group: AccountId,
    author: AccountId,
    now: DateTime<Utc>,
    most: i64,
) -> Result<Vec<AccountId>> {
    sql::<BigInt>(
        "SELECT v.id FROM follows f JOIN accounts v ON v.id = f.follower_id AND v.host_id IS NULL AND v.state = 'active' \
         WHERE f.target_id = $1 AND f.state = 'accepted' AND v.id <> $2 AND v.badge IS NOT NULL AND v.badge_until > $3 \
           AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = $2 AND b.target_id = v.id) \
         ORDER BY f.id DESC LIMIT $4",
    )
    .bind::<BigInt, _>(group)
    .bind::<BigInt, _>(author)
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(most)
    .load(conn)
    .await
    .map_err(fault)
}

/// What the author of a case kept, with the reasons, sealed.
pub async fn find_kept(conn: &mut Conn, id: PostId) -> Result<Option<Vec<u8>>> {
    let found: Option<Option<Vec<u8>>> =
        cases::table.find(id).select(cases::kept_sealed).first(conn).await.optional().map_err(fault)?;
    Ok(found.flatten())
}

/// The same of those among some posts that wait for a second look in a group.
pub async fn list_kept(conn: &mut Conn, group: AccountId, posts: Vec<PostId>) -> Result<Vec<(PostId, Vec<u8>)>> {
    sql::<(BigInt, Binary)>(
        "SELECT c.post_id, c.kept_sealed FROM cases c JOIN posts p ON p.id = c.post_id AND p.held = 'review' \
         WHERE c.post_id = ANY($2) AND c.group_id = $1 AND c.kept_sealed IS NOT NULL",
    )
    .bind::<BigInt, _>(group)
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)
}

/// A second member has looked: what was kept and why is forgotten, and the post is held for another reason, or for none.
pub async fn settle(conn: &mut Conn, id: PostId, held: Held) -> Result<()> {
    diesel::update(cases::table.find(id))
        .set(cases::kept_sealed.eq(None::<Vec<u8>>))
        .execute(conn)
        .await
        .map_err(fault)?;
    set_held(conn, id, held, "").await
}
