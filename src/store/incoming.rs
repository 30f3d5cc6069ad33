//! Posts of other servers, stored many at a time.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    cases::remote::RemoteCase,
    fault,
    media::{self, RemoteMedia, random_name},
    notifications,
    polls::{self, NewPoll},
    sql::{command, sql},
    tags, timelines,
};
use crate::{
    error::Result,
    model::{AccountId, Held, PostId, PostKind, SourceKey, Visibility, discreet::discreet},
};

/// A post of another server, cleaned and checked.
#[derive(Clone)]
pub struct RemotePost {
    /// ActivityPub id.
    pub uri: String,
    /// The page for people.
    pub url: String,
    /// Who wrote it.
    pub author: AccountId,
    /// What it was sent as.
    pub kind: PostKind,
    /// Who it is for.
    pub visibility: Visibility,
    /// ActivityPub id of what it answers.
    pub reply_to: Option<String>,
    /// Title of articles and pages.
    pub title: String,
    /// Content warning.
    pub warning: String,
    /// Safe HTML.
    pub html: String,
    /// Code.
    pub language: String,
    /// When it was published, never in the future.
    pub published_at: DateTime<Utc>,
    /// When it was edited.
    pub edited_at: Option<DateTime<Utc>>,
    /// ActivityPub ids of who is mentioned.
    pub mentions: Vec<String>,
    /// Hashtags, lower case.
    pub tags: Vec<String>,
    /// Its author asks to look twice.
    pub sensitive: bool,
    /// Its pictures.
    pub media: Vec<RemoteMedia>,
    /// Its poll.
    pub poll: Option<NewPoll>,
    /// What it tells as a case; counts in a group alone.
    pub case: Option<RemoteCase>,
    /// What it stands on, where its server says so; counts in a group alone.
    pub sources: Option<Vec<SourceKey>>,
    /// When those of its earlier versions were written whose words are to go.
    pub struck: Vec<DateTime<Utc>>,
    /// The group that it is in, as that group has said, and why it is held back there.
    pub group: Option<AccountId>,
    /// Why.
    pub held: Held,
    /// What stands in place of a name, where it is a group's own.
    pub label: String,
    /// What of its group's topics it is about; counts in a group alone.
    pub topic: String,
    /// Conflicts of interest that its author declares for it; empty for none.
    pub interests: String,
    /// Somebody here asked for it: it is kept even where nobody here is concerned.
    pub wanted: bool,
    /// Its group has shown it before anybody here belonged to it: nobody is told of it.
    pub late: bool,
}

discreet!(RemotePost { uri, author, group, held });

/// Stores new posts with all that follows from them, in a fixed number of statements; returns those that are
/// new. Nobody is told of what comes late. Left out are posts we have, posts whose deletion came first, posts for a closed circle that
/// nobody here belongs to, answers in a group that did not come through it, and whatever stands below a case that was withdrawn.
pub async fn insert(conn: &mut Conn, new: &[RemotePost]) -> Result<Vec<PostId>> {
    hold_answered(conn, new).await?;
    let rows: Vec<Row> = sql::<(BigInt, Text, BigInt, Nullable<BigInt>, Text, Text)>(
        "INSERT INTO posts (id, author_id, local, uri, url, kind, visibility, reply_to_id, reply_to_uri, title, warning, html, \
             language, published_at, edited_at, sensitive, group_id, held, label, topic, interests) \
         SELECT timestamp_id(x.published_at), x.author, false, x.uri, x.url, x.kind, x.visibility, parent.id, x.reply_to, x.title, \
             x.warning, x.html, x.language, x.published_at, x.edited_at, x.sensitive, x.group_id, x.held, x.label, \
             CASE WHEN x.group_id IS NULL THEN '' ELSE x.topic END, x.interests \
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], \
             $10::text[], $11::timestamptz[], $12::timestamptz[], $13::bool[], $16::bool[], $17::bigint[], $18::text[], $19::text[], $20::text[], $21::text[]) \
           AS x (uri, url, author, kind, visibility, reply_to, title, warning, html, language, published_at, edited_at, wanted, sensitive, group_id, held, label, topic, interests) \
         JOIN accounts au ON au.id = x.author LEFT JOIN posts parent ON parent.uri = x.reply_to AND parent.deleted_at IS NULL \
         WHERE NOT EXISTS (SELECT 1 FROM tombstones t WHERE t.uri = x.uri AND t.owner = au.uri) \
           AND (parent.id IS NULL OR parent.visibility <> 'group' OR x.group_id = parent.group_id) \
           AND (x.reply_to IS NULL OR parent.id IS NOT NULL OR NOT EXISTS ( \
             WITH RECURSIVE up AS (SELECT q.id, q.reply_to_id FROM posts q WHERE q.uri = x.reply_to AND q.deleted_at IS NOT NULL \
               UNION SELECT q.id, q.reply_to_id FROM posts q JOIN up ON q.id = up.reply_to_id) \
             SELECT 1 FROM up JOIN cases k ON k.post_id = up.id AND k.state = 'withdrawn')) \
           AND (x.wanted OR x.visibility IN ('public', 'unlisted') \
             OR EXISTS (SELECT 1 FROM unnest($14::text[], $15::text[]) AS m (post, account) JOIN accounts ma ON ma.uri = m.account \
               WHERE m.post = x.uri AND ma.host_id IS NULL) \
             OR (x.visibility = 'group' AND EXISTS (SELECT 1 FROM follows f JOIN accounts fa ON fa.id = f.follower_id \
               WHERE f.target_id = x.group_id AND f.state = 'accepted' AND fa.host_id IS NULL)) \
             OR (x.visibility = 'followers' AND EXISTS (SELECT 1 FROM follows f JOIN accounts fa ON fa.id = f.follower_id \
               WHERE f.target_id = x.author AND f.state = 'accepted' AND fa.host_id IS NULL))) \
         ON CONFLICT (uri) DO NOTHING RETURNING id, uri, author_id, reply_to_id, visibility, held",
    )
    .bind::<Array<Text>, _>(column(new, |p| p.uri.clone()))
    .bind::<Array<Text>, _>(column(new, |p| p.url.clone()))
    .bind::<Array<BigInt>, _>(column(new, |p| p.author))
    .bind::<Array<Text>, _>(column(new, |p| p.kind))
    .bind::<Array<Text>, _>(column(new, |p| p.visibility))
    .bind::<Array<Nullable<Text>>, _>(column(new, |p| p.reply_to.clone()))
    .bind::<Array<Text>, _>(column(new, |p| p.title.clone()))
    .bind::<Array<Text>, _>(column(new, |p| p.warning.clone()))
    .bind::<Array<Text>, _>(column(new, |p| p.html.clone()))
    .bind::<Array<Text>, _>(column(new, |p| p.language.clone()))
    .bind::<Array<Timestamptz>, _>(column(new, |p| p.published_at))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(new, |p| p.edited_at))
    .bind::<Array<Bool>, _>(column(new, |p| p.wanted))
    .bind::<Array<Text>, _>(pairs(new, |p| &p.mentions).0)
    .bind::<Array<Text>, _>(pairs(new, |p| &p.mentions).1)
    .bind::<Array<Bool>, _>(column(new, |p| p.sensitive))
    .bind::<Array<Nullable<BigInt>>, _>(column(new, |p| p.group))
    .bind::<Array<Text>, _>(column(new, |p| p.held))
    .bind::<Array<Text>, _>(column(new, |p| p.label.clone()))
    .bind::<Array<Text>, _>(column(new, |p| p.topic.clone()))
    .bind::<Array<Text>, _>(column(new, |p| p.interests.clone()))
    .load(conn)
    .await
    .map_err(fault)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<PostId> = rows.iter().map(|r| r.0).collect();
    link(conn, new, &rows).await?;
    count(conn, &rows).await?;
    super::threads::note_gaps(conn, ids.clone()).await?;
    let late: HashSet<&str> = new.iter().filter(|p| p.late).map(|p| p.uri.as_str()).collect();
    let told: Vec<PostId> = rows.iter().filter(|r| !late.contains(r.1.as_str())).map(|r| r.0).collect();
    if !told.is_empty() {
        timelines::fan_out(conn, told.clone()).await?;
        notifications::insert_for_posts(conn, told).await?;
    }
    Ok(ids)
}

/// Keeps what is answered in groups from being withdrawn meanwhile: whoever withdraws a case finds these answers below it, or they
/// find it gone.
async fn hold_answered(conn: &mut Conn, new: &[RemotePost]) -> Result<()> {
    let answered: Vec<String> =
        new.iter().filter(|post| post.group.is_some()).filter_map(|post| post.reply_to.clone()).collect();
    if answered.is_empty() {
        return Ok(());
    }
    command("SELECT id FROM posts WHERE uri = ANY($1) ORDER BY id FOR KEY SHARE")
        .bind::<Array<Text>, _>(answered)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A post that is new: its id here and elsewhere, its author, what it answers, who it is for, and why it is held.
type Row = (PostId, String, AccountId, Option<PostId>, Visibility, Held);

/// Whether a post stands in the numbers of its author and of what it answers.
fn is_counted(row: &Row) -> bool {
    row.4.is_open() && row.5 == Held::No
}

/// Mentions, hashtags, pictures, polls, and answers that came before what they answer. What is for a group alone stays within it.
async fn link(conn: &mut Conn, new: &[RemotePost], rows: &[Row]) -> Result<()> {
    let id_of: HashMap<&str, PostId> = rows.iter().map(|r| (r.1.as_str(), r.0)).collect();
    let stored: Vec<(&RemotePost, PostId)> =
        new.iter().filter_map(|p| Some((p, *id_of.get(p.uri.as_str())?))).collect();
    let mentions: Vec<(PostId, String)> =
        stored.iter().flat_map(|(p, id)| p.mentions.iter().map(|m| (*id, m.clone()))).collect();
    if !mentions.is_empty() {
        let (ids, uris): (Vec<_>, Vec<_>) = mentions.into_iter().unzip();
        command(
            "INSERT INTO mentions (post_id, account_id) SELECT x.post_id, a.id FROM unnest($1::bigint[], $2::text[]) AS x (post_id, uri) \
             JOIN accounts a ON a.uri = x.uri ON CONFLICT DO NOTHING",
        )
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Text>, _>(uris)
        .execute(conn)
        .await
        .map_err(fault)?;
    }
    let hashtags: Vec<(PostId, String)> =
        stored.iter().flat_map(|(p, id)| p.tags.iter().map(|t| (*id, t.clone()))).collect();
    if !hashtags.is_empty() {
        let (ids, names) = hashtags.into_iter().unzip();
        tags::put_many(conn, ids, names).await?;
    }
    let pictures =
        stored.iter().flat_map(|(p, id)| (0..).zip(&p.media).map(|(place, m)| (*id, place, random_name(), m.clone())));
    media::insert_remote(conn, pictures.collect()).await?;
    for (post, id) in &stored {
        if let Some(poll) = &post.poll {
            polls::put(conn, *id, poll).await?;
        }
    }
    command(
        "WITH adopted AS (UPDATE posts c SET reply_to_id = p.id FROM posts p WHERE p.id = ANY($1) \
           AND c.reply_to_uri = p.uri AND c.reply_to_id IS NULL AND c.deleted_at IS NULL \
           AND (c.group_id IS NOT DISTINCT FROM p.group_id OR 'group' NOT IN (c.visibility, p.visibility)) RETURNING p.id, c.visibility, c.held), \
         counted AS (SELECT id, count(*) AS n FROM adopted WHERE visibility IN ('public', 'unlisted') AND held = '' GROUP BY id) \
         UPDATE posts p SET replies_count = p.replies_count + counted.n FROM counted WHERE p.id = counted.id",
    )
    .bind::<Array<BigInt>, _>(column(rows, |r| r.0))
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

async fn count(conn: &mut Conn, rows: &[Row]) -> Result<()> {
    // Posts before accounts, as everywhere.
    let parents: Vec<PostId> = rows.iter().filter(|r| is_counted(r)).filter_map(|r| r.3).collect();
    if !parents.is_empty() {
        command(
            "UPDATE posts p SET replies_count = p.replies_count + x.n FROM \
               (SELECT i AS id, count(*) AS n FROM unnest($1::bigint[]) AS i GROUP BY i ORDER BY i) x WHERE p.id = x.id",
        )
        .bind::<Array<BigInt>, _>(parents)
        .execute(conn)
        .await
        .map_err(fault)?;
    }
    command(
        "UPDATE accounts a SET posts_count = a.posts_count + x.n FROM \
           (SELECT i AS id, count(*) AS n FROM unnest($1::bigint[]) AS i GROUP BY i ORDER BY i) x WHERE a.id = x.id",
    )
    .bind::<Array<BigInt>, _>(rows.iter().filter(|r| is_counted(r)).map(|r| r.2).collect::<Vec<_>>())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

fn column<T, U>(rows: &[T], get: impl Fn(&T) -> U) -> Vec<U> {
    rows.iter().map(get).collect()
}

fn pairs(new: &[RemotePost], get: impl Fn(&RemotePost) -> &Vec<String>) -> (Vec<String>, Vec<String>) {
    new.iter().flat_map(|p| get(p).iter().map(|m| (p.uri.clone(), m.clone()))).unzip()
}
