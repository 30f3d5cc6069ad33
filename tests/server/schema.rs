//! `src/schema.rs` says what the migrated database is.

use diesel::{QueryableByName, sql_types::Text};
use diesel_async::RunQueryDsl;

use crate::harness::Cluster;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    line: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_in_the_source_is_the_schema_of_the_database() {
    let cluster = Cluster::of(["alpha.test"]).await;
    let mut conn = cluster.get("alpha.test").ctx.pool.get().await.unwrap();
    let query = "SELECT table_name || '.' || column_name || ' ' || CASE udt_name WHEN 'int8' THEN 'Int8' WHEN 'int4' THEN 'Int4' \
        WHEN 'text' THEN 'Text' WHEN 'bool' THEN 'Bool' WHEN 'timestamptz' THEN 'Timestamptz' WHEN 'jsonb' THEN 'Jsonb' \
        WHEN 'bytea' THEN 'Bytea' WHEN '_text' THEN 'Array<Text>' WHEN '_int8' THEN 'Array<Int8>' WHEN '_int2' THEN 'Array<Int2>' \
        WHEN 'int2' THEN 'Int2' WHEN 'date' THEN 'Date' WHEN 'float8' THEN 'Float8' ELSE udt_name END || \
        CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END AS line FROM information_schema.columns \
        WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name NOT LIKE '\\_\\_%' ORDER BY table_name, ordinal_position";
    let real: Vec<Column> = diesel::sql_query(query).load(&mut conn).await.unwrap();
    let mut written = Vec::new();
    let mut table = String::new();
    for line in include_str!("../../src/schema.rs").lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = name.to_owned();
        } else if let Some((column, kind)) = line.split_once(" -> ") {
            let kind = kind.trim_end_matches(',');
            let shown = kind
                .strip_prefix("Nullable<")
                .and_then(|k| k.strip_suffix('>'))
                .map_or(kind.to_owned(), |k| format!("{k}?"));
            written.push(format!("{table}.{column} {shown}"));
        }
    }
    let mut real: Vec<String> = real.into_iter().map(|c| c.line).collect();
    real.sort();
    written.sort();
    assert_eq!(real, written);
}
