//! Lists of posts: each is one query, whatever its length.

use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    page::{Page, Paged},
    posts::cards,
    sql::command,
    visible::{VISIBLE, WANTED},
};
use crate::{
    error::Result,
    model::{AccountId, ListId, ListReplies, PostCard, PostId},
    policy::Viewer,
};

/// Which list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timeline {
    /// What the viewer follows.
    Home(AccountId),
    /// Public posts of our own people.
    Local,
    /// Public posts of everybody we know.
    Federated,
    /// The same without our own people's.
    Remote,
    /// What somebody wrote and passed on; with or without answers.
    Profile {
        /// Whose.
        account: AccountId,
        /// With answers to others.
        replies: bool,
        /// With what they passed on.
        boosts: bool,
    },
    /// What somebody put on top of their page.
    Pinned(AccountId),
    /// The same with pictures only.
    Pictures(AccountId),
    /// What somebody wrote with a hashtag.
    ProfileTag(AccountId, String),
    /// What the members of a list wrote and passed on.
    List(ListId, ListReplies),
    /// Direct posts of the viewer's and to the viewer.
    Direct(AccountId),
    /// Public posts with any of some hashtags, all of others and none of yet others (lower case).
    Tags { any: Vec<String>, all: Vec<String>, none: Vec<String>, local: Option<bool> },
    /// What the viewer saved.
    Bookmarks(AccountId),
    /// What the viewer likes.
    Favourites(AccountId),
}

/// Public posts `p` by authors `a` that may be listed: those of limited servers are not.
pub(super) const LISTED: &str = "AND p.visibility = 'public' AND coalesce((SELECT h.state FROM hosts h WHERE h.id = a.host_id), 'allowed') NOT IN ('limited', 'blocked')";
/// Public posts that answer nothing.
const FRESH: &str = "AND e.visibility = 'public' AND e.boost_of_id IS NULL AND e.reply_to_uri IS NULL";
/// Posts with pictures.
const WITH_PICTURES: &str = "AND EXISTS (SELECT 1 FROM media x WHERE x.post_id = p.id)";

/// The newest entries of the members of list `$6`, so many as a page may show. What is not shown is left out before it
/// is counted: somebody who writes much that is not for this list does not hide what is.
fn of_members(replies: ListReplies, order: &str, pictures: &str) -> String {
    let shown = match replies {
        ListReplies::None => "",
        ListReplies::List => {
            "OR rp.author_id = $1 \
             OR EXISTS (SELECT 1 FROM list_members rm WHERE rm.list_id = $6 AND rm.account_id = rp.author_id)"
        }
        ListReplies::Followed => {
            "OR rp.author_id = $1 \
             OR EXISTS (SELECT 1 FROM follows rf WHERE rf.follower_id = $1 AND rf.target_id = rp.author_id AND rf.state = 'accepted')"
        }
    };
    format!(
        "(SELECT q.* FROM list_members lm CROSS JOIN LATERAL (SELECT e.* FROM posts e \
             JOIN posts p ON p.id = coalesce(e.boost_of_id, e.id) JOIN accounts a ON a.id = p.author_id \
             LEFT JOIN accounts b ON e.boost_of_id IS NOT NULL AND b.id = e.author_id LEFT JOIN posts rp ON rp.id = p.reply_to_id \
           WHERE e.author_id = lm.account_id AND e.deleted_at IS NULL AND e.id < $3 AND e.id > $4 \
             AND e.visibility NOT IN ('group', 'direct') AND (e.reply_to_uri IS NULL OR rp.author_id = e.author_id {shown}) \
             AND {VISIBLE} AND {WANTED} {pictures} \
           ORDER BY e.id {order} LIMIT $5) q WHERE lm.list_id = $6 ORDER BY q.id {order} LIMIT $5) e"
    )
}

/// What a list is read from: the sort key, where entries come from, which of them, and whether what the viewer put out
/// of their sight stays out. `pictures` is the condition on what they carry.
fn parts(timeline: &Timeline, order: &str, pictures: &str) -> (&'static str, String, String, bool) {
    let posts = || "posts e".to_owned();
    match timeline {
        Timeline::Home(_) => (
            "h.post_id",
            "home_entries h JOIN posts e ON e.id = h.post_id".into(),
            "AND h.account_id = $6 AND NOT EXISTS (SELECT 1 FROM lists xl JOIN list_members xm ON xm.list_id = xl.id \
               WHERE xl.account_id = $6 AND xl.exclusive AND xm.account_id = e.author_id)"
                .into(),
            true,
        ),
        Timeline::Local => ("e.id", posts(), format!("AND e.local {FRESH}"), true),
        Timeline::Federated => ("e.id", posts(), format!("{FRESH} {LISTED}"), true),
        Timeline::Remote => ("e.id", posts(), format!("AND NOT e.local {FRESH} {LISTED}"), true),
        Timeline::Profile { replies, boosts, .. } => {
            let own = if *replies { "" } else { " AND (e.reply_to_uri IS NULL OR rp.author_id = e.author_id)" };
            let written = if *boosts { "" } else { " AND e.boost_of_id IS NULL" };
            ("e.id", posts(), format!("AND e.author_id = $6 AND e.visibility <> 'group'{own}{written}"), false)
        }
        Timeline::Pinned(_) => {
            ("k0.id", "pins k0 JOIN posts e ON e.id = k0.post_id".into(), "AND k0.account_id = $6".into(), false)
        }
        Timeline::Pictures(_) => {
            ("e.id", posts(), format!("AND e.author_id = $6 AND e.visibility <> 'group' AND e.boost_of_id IS NULL {WITH_PICTURES}"), false)
        }
        Timeline::ProfileTag(..) => (
            "e.id",
            posts(),
            "AND e.author_id = $6 AND e.visibility <> 'group' AND EXISTS (SELECT 1 FROM post_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.post_id = e.id AND t.name = $7)"
                .into(),
            false,
        ),
        Timeline::List(_, replies) => ("e.id", of_members(*replies, order, pictures), String::new(), false),
        Timeline::Direct(_) => (
            "cp.post_id",
            "(SELECT DISTINCT x.post_id FROM conversation_posts x JOIN conversations c ON c.id = x.conversation_id AND c.account_id = $6) cp \
               JOIN posts e ON e.id = cp.post_id"
                .into(),
            String::new(),
            true,
        ),
        Timeline::Tags { local, .. } => {
            let place = match local {
                None => "",
                Some(true) => " AND e.local",
                Some(false) => " AND NOT e.local",
            };
            (
                "pt.post_id",
                "(SELECT DISTINCT pt0.post_id FROM post_tags pt0 JOIN tags t ON t.id = pt0.tag_id WHERE t.name = ANY($6) \
                   AND pt0.post_id < $3 AND pt0.post_id > $4) pt JOIN posts e ON e.id = pt.post_id"
                    .into(),
                format!(
                    "{LISTED}{place} \
                     AND (SELECT count(*) FROM post_tags x JOIN tags t ON t.id = x.tag_id WHERE x.post_id = e.id AND t.name = ANY($7)) = cardinality($7) \
                     AND NOT EXISTS (SELECT 1 FROM post_tags x JOIN tags t ON t.id = x.tag_id WHERE x.post_id = e.id AND t.name = ANY($8))"
                ),
                true,
            )
        }
        Timeline::Bookmarks(_) => {
            ("k0.id", "bookmarks k0 JOIN posts e ON e.id = k0.post_id".into(), "AND k0.account_id = $6".into(), false)
        }
        Timeline::Favourites(_) => {
            ("l0.id", "likes l0 JOIN posts e ON e.id = l0.post_id".into(), "AND l0.account_id = $6".into(), false)
        }
    }
}

/// A page of a list as the viewer may see it; with `media` only posts with pictures.
pub async fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    timeline: &Timeline,
    media: bool,
    page: &Page,
) -> Result<Paged<PostCard>> {
    let order = page.order();
    let pictures = if media { WITH_PICTURES } else { "" };
    let (key, from, filter, sorted_out) = parts(timeline, order, pictures);
    let wanted = if sorted_out && viewer.account().is_some() { format!(" AND {WANTED}") } else { String::new() };
    let rest = format!("{filter}{wanted} {pictures} AND {key} < $3 AND {key} > $4 ORDER BY {key} {order} LIMIT $5");
    let query = cards(key, &from, &rest, viewer)
        .bind::<BigInt, _>(page.below())
        .bind::<BigInt, _>(page.above())
        .bind::<BigInt, _>(page.limit + 1);
    let query = match timeline {
        Timeline::Home(id)
        | Timeline::Bookmarks(id)
        | Timeline::Favourites(id)
        | Timeline::Pinned(id)
        | Timeline::Pictures(id)
        | Timeline::Direct(id)
        | Timeline::Profile { account: id, .. } => query.bind::<BigInt, _>(*id),
        Timeline::ProfileTag(id, name) => query.bind::<BigInt, _>(*id).bind::<Text, _>(name.clone()),
        Timeline::List(id, _) => query.bind::<BigInt, _>(*id),
        Timeline::Tags { any, all, none, .. } => query
            .bind::<Array<Text>, _>(any.clone())
            .bind::<Array<Text>, _>(all.clone())
            .bind::<Array<Text>, _>(none.clone()),
        Timeline::Local | Timeline::Federated | Timeline::Remote => query,
    };
    let rows: Vec<PostCard> = query.load(conn).await.map_err(fault)?;
    Ok(Paged::cut(rows, page, |card| card.entry_id))
}

/// How many posts came to a home timeline since; at most 100 are counted.
pub async fn count_newer(conn: &mut Conn, id: AccountId, than: i64) -> Result<i64> {
    super::sql::sql::<BigInt>(
        "SELECT count(*) FROM (SELECT 1 FROM home_entries WHERE account_id = $1 AND post_id > $2 LIMIT 100) x",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(than)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Puts posts and boosts on the home timelines of those of our people whom they are for.
///
/// An answer reaches who follows both sides, or whom it answers; a boost who does not have the post yet. Who follows a
/// hashtag gets what may be listed.
pub async fn fan_out(conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    command(format!(
        "INSERT INTO home_entries (account_id, post_id) \
         SELECT f.follower_id, p.id FROM posts p JOIN follows f ON f.target_id = p.author_id AND f.state = 'accepted' \
           JOIN accounts me ON me.id = f.follower_id AND me.host_id IS NULL \
           LEFT JOIN posts rp ON rp.id = p.reply_to_id LEFT JOIN posts o ON o.id = p.boost_of_id \
         WHERE p.id = ANY($1) AND p.visibility NOT IN ('group', 'direct') AND p.held = '' \
           AND (p.reply_to_uri IS NULL OR rp.author_id = p.author_id OR rp.author_id = me.id OR EXISTS ( \
             SELECT 1 FROM follows g WHERE g.follower_id = me.id AND g.target_id = rp.author_id AND g.state = 'accepted')) \
           AND (o.id IS NULL OR (f.boosts AND o.author_id <> me.id AND NOT EXISTS ( \
             SELECT 1 FROM home_entries h WHERE h.account_id = me.id AND h.post_id = o.id))) \
         UNION SELECT ft.account_id, p.id FROM posts p JOIN accounts a ON a.id = p.author_id \
           JOIN post_tags pt ON pt.post_id = p.id JOIN followed_tags ft ON ft.tag_id = pt.tag_id WHERE p.id = ANY($1) AND p.held = '' {LISTED} \
         UNION SELECT a.id, p.id FROM posts p JOIN accounts a ON a.id = p.author_id AND a.host_id IS NULL \
           WHERE p.id = ANY($1) AND p.visibility <> 'group' \
         UNION SELECT m.account_id, p.id FROM posts p JOIN mentions m ON m.post_id = p.id \
           JOIN accounts a ON a.id = m.account_id AND a.host_id IS NULL WHERE p.id = ANY($1) AND p.visibility = 'direct' \
         ON CONFLICT DO NOTHING"
    ))
    .bind::<Array<BigInt>, _>(posts.clone())
    .execute(conn)
    .await
    .map_err(fault)?;
    super::conversations::put(conn, posts.clone()).await?;
    super::streams::posted(conn, &posts).await
}

/// Gives a new follower the newest posts of whom they follow, so that home is not empty.
pub async fn backfill(conn: &mut Conn, follower: AccountId, target: AccountId) -> Result<()> {
    command(
        "INSERT INTO home_entries (account_id, post_id) SELECT $1, p.id FROM posts p \
         WHERE p.author_id = $2 AND p.deleted_at IS NULL AND p.visibility NOT IN ('group', 'direct') AND p.held = '' AND p.reply_to_uri IS NULL \
         ORDER BY p.id DESC LIMIT 40 ON CONFLICT DO NOTHING",
    )
    .bind::<BigInt, _>(follower)
    .bind::<BigInt, _>(target)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}
