//! Whatever is sealed under the instance key, wherever it lies: what it takes to exchange that key.

use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::error::Result;

/// A column of sealed records.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Its primary key, and the SQL type of that.
    pub key: (&'static str, &'static str),
}

/// Every column of sealed records. A test holds it against the database: their names end in `sealed`.
pub static PLACES: &[Place] = &[
    Place { table: "account_keys", column: "private_sealed", key: ("id", "bigint") },
    Place { table: "case_drafts", column: "sealed", key: ("id", "bigint") },
    Place { table: "case_pictures", column: "sealed", key: ("id", "bigint") },
    Place { table: "cases", column: "kept_sealed", key: ("post_id", "bigint") },
    Place { table: "credential_events", column: "text_sealed", key: ("id", "bigint") },
    Place { table: "credentials", column: "number_sealed", key: ("id", "bigint") },
    Place { table: "evidence", column: "sealed", key: ("id", "bigint") },
    Place { table: "house_secrets", column: "sealed", key: ("name", "text") },
    Place { table: "instance", column: "push_key_sealed", key: ("id", "boolean") },
    Place { table: "issuing_keys", column: "seed_sealed", key: ("id", "bigint") },
    Place { table: "scheduled_posts", column: "content_sealed", key: ("id", "bigint") },
    Place { table: "second_factors", column: "seed_sealed", key: ("account_id", "bigint") },
    Place { table: "unnamed_authors", column: "sealed", key: ("post_id", "bigint") },
];

/// The first bytes of a record: the version, the id of the instance key, and what that key wraps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The row's primary key as text.
    pub row: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// How many records of a place are sealed under which key: its id in hexadecimal, and how many.
pub async fn count(conn: &mut Conn, place: &Place) -> Result<Vec<(String, i64)>> {
    let Place { table, column, .. } = place;
    sql::<(Text, BigInt)>(format!(
        "SELECT encode(substring({column} from 2 for 4), 'hex'), count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 1"
    ))
    .load(conn)
    .await
    .map_err(fault)
}

/// The next heads, `length` bytes each, of records that are sealed under another key than `present` (in hexadecimal),
/// after a row.
pub async fn list_others(
    conn: &mut Conn,
    place: &Place,
    present: &str,
    after: Option<String>,
    length: usize,
    limit: i64,
) -> Result<Vec<Head>> {
    let Place { table, column, key: (key, kind) } = place;
    let rows: Vec<(String, Vec<u8>)> = sql::<(Text, Binary)>(format!(
        "SELECT t.{key}::text, substring(t.{column} from 1 for {length}) FROM {table} t WHERE t.{column} IS NOT NULL \
           AND encode(substring(t.{column} from 2 for 4), 'hex') <> $1 AND ($2::text IS NULL OR t.{key} > $2::text::{kind}) \
         ORDER BY t.{key} LIMIT $3"
    ))
    .bind::<Text, _>(present.to_owned())
    .bind::<Nullable<Text>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(rows.into_iter().map(|(row, bytes)| Head { row, bytes }).collect())
}

/// Puts new heads in place of old ones of the same length; returns how many. A record that somebody else has sealed anew
/// in between stays as it is.
pub async fn put(conn: &mut Conn, place: &Place, changes: Vec<(Head, Vec<u8>)>, length: usize) -> Result<usize> {
    let Place { table, column, key: (key, kind) } = place;
    let (mut rows, mut old, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for (head, bytes) in changes {
        rows.push(head.row);
        old.push(head.bytes);
        new.push(bytes);
    }
    command(format!(
        "UPDATE {table} t SET {column} = n.head || substring(t.{column} from {rest}) \
         FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS n (id, was, head) \
         WHERE t.{key} = n.id::{kind} AND substring(t.{column} from 1 for {length}) = n.was",
        rest = length + 1
    ))
    .bind::<Array<Text>, _>(rows)
    .bind::<Array<Binary>, _>(old)
    .bind::<Array<Binary>, _>(new)
    .execute(conn)
    .await
    .map_err(fault)
}
