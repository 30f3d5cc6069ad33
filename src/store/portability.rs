//! What somebody takes along, and what they bring.

use chrono::{DateTime, Utc};
use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
    visible::KNOWN,
};
use crate::{
    error::Result,
    model::{AccountId, text_enum::text_enum},
};

text_enum! {
    /// What a file is about.
    Kind {
        /// Whom one follows.
        Follows = "follows",
        /// Whom one has blocked.
        Blocks = "blocks",
        /// Whom one has muted.
        Mutes = "mutes",
        /// Servers that one hides.
        Hosts = "hosts",
    }
}

/// The lines of a file: handle (without `@` for our own people) or server, and two flags: with boosts and told of each
/// post (follows), with notifications (mutes). Groups of which they may know no more are left out.
pub async fn export(conn: &mut Conn, who: AccountId, kind: Kind) -> Result<Vec<(String, bool, bool)>> {
    let handle = "a.username || coalesce('@' || a.host, '')";
    let text = match kind {
        Kind::Follows => format!(
            "SELECT {handle}, f.boosts, f.notify FROM follows f JOIN accounts a ON a.id = f.target_id WHERE f.follower_id = $1 AND f.state = 'accepted' ORDER BY f.id"
        ),
        Kind::Blocks => format!(
            "SELECT {handle}, true, true FROM blocks x JOIN accounts a ON a.id = x.target_id WHERE x.account_id = $1 AND {KNOWN} ORDER BY x.id"
        ),
        Kind::Mutes => format!(
            "SELECT {handle}, x.notifications, true FROM mutes x JOIN accounts a ON a.id = x.target_id \
             WHERE x.account_id = $1 AND x.ends_at IS NULL AND {KNOWN} ORDER BY x.id"
        ),
        Kind::Hosts => "SELECT host, true, true FROM host_blocks WHERE account_id = $1 ORDER BY id".to_owned(),
    };
    sql::<(Text, Bool, Bool)>(text).bind::<BigInt, _>(who).load(conn).await.map_err(fault)
}

/// Keeps lines (handle or server, and both flags) to be carried out.
pub async fn insert(conn: &mut Conn, who: AccountId, kind: Kind, lines: Vec<(String, bool, bool)>) -> Result<usize> {
    let (subjects, flags): (Vec<String>, Vec<(bool, bool)>) = lines.into_iter().map(|l| (l.0, (l.1, l.2))).unzip();
    let (flags, notify): (Vec<bool>, Vec<bool>) = flags.into_iter().unzip();
    command(
        "INSERT INTO import_lines (account_id, kind, subject, flag, notify) SELECT $1, $2, x.subject, x.flag, x.notify \
         FROM unnest($3::text[], $4::bool[], $5::bool[]) AS x (subject, flag, notify)",
    )
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(kind)
    .bind::<Array<Text>, _>(subjects)
    .bind::<Array<Bool>, _>(flags)
    .bind::<Array<Bool>, _>(notify)
    .execute(conn)
    .await
    .map_err(fault)
}

/// How many of somebody's lines wait.
pub async fn count(conn: &mut Conn, who: AccountId) -> Result<i64> {
    sql::<BigInt>("SELECT count(*) FROM import_lines WHERE account_id = $1")
        .bind::<BigInt, _>(who)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// A line to carry out: its id, whose, what about, whom, both flags, tries so far.
pub type Line = (i64, AccountId, Kind, String, (bool, bool), i32);

/// Lines that are due, each claimed until `lease`: at most so many, and so many of one person. Everybody's first line
/// comes before anybody's second.
pub async fn claim(
    conn: &mut Conn,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
    (most, of_one): (i64, i64),
) -> Result<Vec<Line>> {
    sql::<(BigInt, BigInt, Text, Text, (Bool, Bool), Integer)>(
        "UPDATE import_lines SET attempts = attempts + 1, retry_at = $2 WHERE id IN \
           (SELECT id FROM import_lines WHERE retry_at <= $1 AND id IN \
             (SELECT x.id FROM (SELECT id, row_number() OVER (PARTITION BY account_id ORDER BY retry_at, id) AS place \
                FROM import_lines WHERE retry_at <= $1) x WHERE x.place <= $4 ORDER BY x.place, x.id LIMIT $3) \
            FOR UPDATE SKIP LOCKED) \
         RETURNING id, account_id, kind, subject, flag, notify, attempts",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(lease)
    .bind::<BigInt, _>(most)
    .bind::<BigInt, _>(of_one)
    .load(conn)
    .await
    .map_err(fault)
}

/// Lets somebody's lines about people wait until then. The one that was begun has not been tried.
pub async fn postpone(conn: &mut Conn, who: AccountId, begun: i64, until: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE import_lines SET retry_at = $3, attempts = attempts - CASE WHEN id = $2 THEN 1 ELSE 0 END \
         WHERE account_id = $1 AND (id = $2 OR (retry_at < $3 AND kind <> 'hosts'))",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(begun)
    .bind::<Timestamptz, _>(until)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// A line is done, or given up.
pub async fn finish(conn: &mut Conn, id: i64) -> Result<()> {
    command("DELETE FROM import_lines WHERE id = $1").bind::<BigInt, _>(id).execute(conn).await.map_err(fault)?;
    Ok(())
}
