//! Lists of posts: each is one query, whatever its length.

use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    page::{Page, Paged},
    posts::cards,
    sql::command,
};
use crate::{
    error::Result,
    model::{AccountId, PostCard, PostId},
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
    /// Public posts with a hashtag (lower case).
    Tag(String),
    /// What the viewer saved.
    Bookmarks(AccountId),
    /// What the viewer likes.
    Favourites(AccountId),
}

/// A page of a list as the viewer may see it.
pub async fn page(conn: &mut Conn, viewer: &Viewer, timeline: &Timeline, page: &Page) -> Result<Paged<PostCard>> {
    let listed = "AND p.visibility = 'public' AND coalesce((SELECT h.state FROM hosts h WHERE h.id = a.host_id), 'allowed') NOT IN ('limited', 'blocked')";
    let fresh = "AND e.visibility = 'public' AND e.boost_of_id IS NULL AND e.reply_to_uri IS NULL";
    let (key, from, filter) = match timeline {
        Timeline::Home(_) => {
            ("h.post_id", "home_entries h JOIN posts e ON e.id = h.post_id", "AND h.account_id = $6".to_owned())
        }
        Timeline::Local => ("e.id", "posts e", format!("AND e.local {fresh}")),
        Timeline::Federated => ("e.id", "posts e", format!("{fresh} {listed}")),
        Timeline::Remote => ("e.id", "posts e", format!("AND NOT e.local {fresh} {listed}")),
        Timeline::Profile { replies, boosts, .. } => {
            let own = if *replies { "" } else { " AND (e.reply_to_uri IS NULL OR rp.author_id = e.author_id)" };
            let written = if *boosts { "" } else { " AND e.boost_of_id IS NULL" };
            ("e.id", "posts e", format!("AND e.author_id = $6{own}{written}"))
        }
        Timeline::Tag(_) => (
            "e.id",
            "post_tags pt JOIN posts e ON e.id = pt.post_id",
            format!("AND pt.tag_id = (SELECT id FROM tags WHERE name = $6) {listed}"),
        ),
        Timeline::Bookmarks(_) => {
            ("k0.id", "bookmarks k0 JOIN posts e ON e.id = k0.post_id", "AND k0.account_id = $6".to_owned())
        }
        Timeline::Favourites(_) => {
            ("l0.id", "likes l0 JOIN posts e ON e.id = l0.post_id", "AND l0.account_id = $6".to_owned())
        }
    };
    let order = page.order();
    let rest = format!("{filter} AND {key} < $3 AND {key} > $4 ORDER BY {key} {order} LIMIT $5");
    let query = cards(key, from, &rest, viewer)
        .bind::<BigInt, _>(page.below())
        .bind::<BigInt, _>(page.above())
        .bind::<BigInt, _>(page.limit + 1);
    let query = match timeline {
        Timeline::Home(id)
        | Timeline::Bookmarks(id)
        | Timeline::Favourites(id)
        | Timeline::Profile { account: id, .. } => query.bind::<BigInt, _>(*id),
        Timeline::Tag(name) => query.bind::<Text, _>(name.clone()),
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
/// An answer reaches who follows both sides, or whom it answers; a boost who does not have the post yet.
pub async fn fan_out(conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    command(
        "INSERT INTO home_entries (account_id, post_id) \
         SELECT f.follower_id, p.id FROM posts p JOIN follows f ON f.target_id = p.author_id AND f.state = 'accepted' \
           JOIN accounts me ON me.id = f.follower_id AND me.host_id IS NULL \
           LEFT JOIN posts rp ON rp.id = p.reply_to_id LEFT JOIN posts o ON o.id = p.boost_of_id \
         WHERE p.id = ANY($1) AND p.visibility <> 'direct' \
           AND (p.reply_to_uri IS NULL OR rp.author_id = p.author_id OR rp.author_id = me.id OR EXISTS ( \
             SELECT 1 FROM follows g WHERE g.follower_id = me.id AND g.target_id = rp.author_id AND g.state = 'accepted')) \
           AND (o.id IS NULL OR (o.author_id <> me.id AND NOT EXISTS ( \
             SELECT 1 FROM home_entries h WHERE h.account_id = me.id AND h.post_id = o.id))) \
         UNION SELECT a.id, p.id FROM posts p JOIN accounts a ON a.id = p.author_id AND a.host_id IS NULL WHERE p.id = ANY($1) \
         UNION SELECT m.account_id, p.id FROM posts p JOIN mentions m ON m.post_id = p.id \
           JOIN accounts a ON a.id = m.account_id AND a.host_id IS NULL WHERE p.id = ANY($1) AND p.visibility = 'direct' \
         ON CONFLICT DO NOTHING",
    )
    .bind::<Array<BigInt>, _>(posts)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Gives a new follower the newest posts of whom they follow, so that home is not empty.
pub async fn backfill(conn: &mut Conn, follower: AccountId, target: AccountId) -> Result<()> {
    command(
        "INSERT INTO home_entries (account_id, post_id) SELECT $1, p.id FROM posts p \
         WHERE p.author_id = $2 AND p.deleted_at IS NULL AND p.visibility <> 'direct' AND p.reply_to_uri IS NULL \
         ORDER BY p.id DESC LIMIT 40 ON CONFLICT DO NOTHING",
    )
    .bind::<BigInt, _>(follower)
    .bind::<BigInt, _>(target)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}
