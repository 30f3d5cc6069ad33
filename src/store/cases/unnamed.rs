//! Posts without a name, and who wrote them: sealed, and read by whoever has to know alone. No list is read beside it.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, CaseState, Held, PostId, Share, discreet::discreet},
    schema::{groups, unnamed_authors},
    store::{
        Conn, fault,
        sql::{command, sql},
        visible::known,
    },
};

/// What a group has settled about cases without a name; none where it is as usual for its kind.
pub async fn settled(conn: &mut Conn, group: AccountId) -> Result<Option<bool>> {
    groups::table.find(group).select(groups::unnamed).first(conn).await.map_err(fault)
}

/// Settles it.
pub async fn settle(conn: &mut Conn, group: AccountId, allowed: bool) -> Result<()> {
    diesel::update(groups::table.find(group)).set(groups::unnamed.eq(allowed)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// How many members of a group share what is verified of them now.
pub async fn shares(conn: &mut Conn, group: AccountId, now: DateTime<Utc>) -> Result<Vec<Share>> {
    sql::<(Text, Text, BigInt)>(
        "SELECT coalesce(v.badge->>'discipline', ''), coalesce(v.badge->>'specialty', ''), count(*) \
         FROM follows f JOIN accounts v ON v.id = f.follower_id AND v.state = 'active' AND v.badge_until > $2 \
         WHERE f.target_id = $1 AND f.state = 'accepted' AND v.badge IS NOT NULL GROUP BY 1, 2",
    )
    .bind::<BigInt, _>(group)
    .bind::<Timestamptz, _>(now)
    .load(conn)
    .await
    .map_err(fault)
}

/// Keeps who wrote a post, sealed. `owner` is what all posts of that person have in common.
pub async fn insert(conn: &mut Conn, post: PostId, owner: Vec<u8>, sealed: Vec<u8>) -> Result<()> {
    diesel::insert_into(unnamed_authors::table)
        .values((
            unnamed_authors::post_id.eq(post),
            unnamed_authors::owner.eq(owner),
            unnamed_authors::sealed.eq(sealed),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Who wrote a post, sealed.
pub async fn find(conn: &mut Conn, post: PostId) -> Result<Option<Vec<u8>>> {
    unnamed_authors::table.find(post).select(unnamed_authors::sealed).first(conn).await.optional().map_err(fault)
}

/// The posts of one person.
pub async fn of_owner(conn: &mut Conn, owner: Vec<u8>) -> Result<Vec<PostId>> {
    unnamed_authors::table
        .filter(unnamed_authors::owner.eq(owner))
        .select(unnamed_authors::post_id)
        .load(conn)
        .await
        .map_err(fault)
}

/// Forgets that one person wrote what they wrote.
pub async fn forget(conn: &mut Conn, owner: Vec<u8>) -> Result<()> {
    diesel::delete(unnamed_authors::table.filter(unnamed_authors::owner.eq(owner)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The case without a name above a post, or that post itself: at most 100 steps up.
pub async fn root(conn: &mut Conn, post: PostId) -> Result<Option<PostId>> {
    sql::<BigInt>(
        "WITH RECURSIVE up AS (SELECT id, reply_to_id, 0 AS step FROM posts WHERE id = $1 \
           UNION ALL SELECT q.id, q.reply_to_id, up.step + 1 FROM posts q JOIN up ON q.id = up.reply_to_id WHERE up.step < 100) \
         SELECT up.id FROM up JOIN cases c ON c.post_id = up.id JOIN unnamed_authors u ON u.post_id = up.id",
    )
    .bind::<BigInt, _>(post)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// A post that answers one without a name.
#[derive(Debug, Clone, Queryable)]
pub struct Answered {
    /// Who answers.
    pub by: AccountId,
    /// The group.
    pub group: Option<AccountId>,
    /// What is answered.
    pub post: PostId,
    /// Who wrote that, sealed.
    pub sealed: Vec<u8>,
}

/// Those among some posts that answer one without a name, and that the group sees; but what whoever asked answers themselves.
pub async fn answered(conn: &mut Conn, posts: Vec<PostId>) -> Result<Vec<Answered>> {
    sql::<(BigInt, Nullable<BigInt>, BigInt, Binary)>(
        "SELECT p.author_id, p.group_id, u.post_id, u.sealed FROM posts p JOIN unnamed_authors u ON u.post_id = p.reply_to_id \
         WHERE p.id = ANY($1) AND p.held = '' AND p.label = '' AND p.deleted_at IS NULL",
    )
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)
}

/// A case that somebody asked.
#[derive(Clone, Queryable)]
pub struct OwnCase {
    /// Its post.
    pub post: PostId,
    /// What is asked, in one line.
    pub question: String,
    /// The words in place of the name; empty where it was asked under the name.
    pub label: String,
    /// The page of the post; empty where that would name a group of which its author may know no more.
    pub url: String,
    /// Handle of whoever is shown as its author; empty likewise.
    pub handle: String,
    /// What the group is called; empty likewise.
    pub group_name: String,
    /// Where it stands.
    pub state: CaseState,
    /// Why the group does not see it yet.
    pub held: Held,
    /// Why it came back, where it did.
    pub refusal: String,
    /// What it was, in Markdown.
    pub outcome: String,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
}

discreet!(OwnCase { post });

/// The cases that somebody asked under their name, and those among some posts: the newest first. What was taken back is gone.
pub async fn asked(conn: &mut Conn, who: AccountId, unnamed: Vec<PostId>, limit: i64) -> Result<Vec<OwnCase>> {
    sql::<(BigInt, Text, Text, Text, Text, Text, Text, Text, Text, Text, Timestamptz)>(
        concat!(
            "SELECT p.id, p.title, p.label, CASE WHEN k.known OR p.label = '' THEN p.url ELSE '' END, \
               CASE WHEN k.known OR p.label = '' THEN a.username || coalesce('@' || a.host, '') ELSE '' END, \
               CASE WHEN k.known THEN coalesce(nullif(g.name, ''), g.username) ELSE '' END, c.state, p.held, p.refusal, c.outcome, c.asked_at \
             FROM cases c JOIN posts p ON p.id = c.post_id AND p.deleted_at IS NULL JOIN accounts a ON a.id = p.author_id \
               JOIN accounts g ON g.id = c.group_id CROSS JOIN LATERAL (SELECT ",
            known!("g"),
            " AS known) k WHERE p.author_id = $1 OR p.id = ANY($2) ORDER BY p.id DESC LIMIT $3"
        ),
    )
    .bind::<BigInt, _>(who)
    .bind::<Array<BigInt>, _>(unnamed)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// An answer without a name that has come back to whoever wrote it.
#[derive(Clone, Queryable)]
pub struct Returned {
    /// Its post.
    pub post: PostId,
    /// As it was typed.
    pub text: String,
    /// Why it came back.
    pub refusal: String,
    /// What the group is called; empty where its author may know of it no more.
    pub group_name: String,
    /// What it answers, with the handle of its author; empty likewise, and where that is gone.
    pub answers: Option<(String, PostId)>,
}

discreet!(Returned { post });

/// Those among some posts without a name that are answers and have come back, the newest first; `who` wrote them.
pub async fn returned(conn: &mut Conn, who: AccountId, posts: Vec<PostId>) -> Result<Vec<Returned>> {
    sql::<(BigInt, Text, Text, Text, Nullable<(Text, BigInt)>)>(concat!(
        "SELECT p.id, p.source, p.refusal, CASE WHEN k.known THEN coalesce(nullif(g.name, ''), g.username) ELSE '' END, \
           ra.username || coalesce('@' || ra.host, ''), rp.id \
         FROM posts p JOIN accounts g ON g.id = p.group_id CROSS JOIN LATERAL (SELECT ",
        known!("g"),
        " AS known) k LEFT JOIN posts rp ON rp.id = p.reply_to_id AND rp.deleted_at IS NULL AND k.known \
           LEFT JOIN accounts ra ON ra.id = rp.author_id \
         WHERE p.id = ANY($2) AND p.held = 'refused' AND p.reply_to_uri IS NOT NULL AND p.deleted_at IS NULL ORDER BY p.id DESC"
    ))
    .bind::<BigInt, _>(who)
    .bind::<Array<BigInt>, _>(posts)
    .load(conn)
    .await
    .map_err(fault)
}

/// Writes the label of a post of ours down.
pub async fn set_label(conn: &mut Conn, post: PostId, label: &str) -> Result<()> {
    command("UPDATE posts SET label = $2 WHERE id = $1")
        .bind::<BigInt, _>(post)
        .bind::<Text, _>(label.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
