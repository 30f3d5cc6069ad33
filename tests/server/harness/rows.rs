//! What lies in a server's database, as text.

use consilium::crypto::digest;
use diesel::{QueryableByName, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use super::Instance;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    words: String,
}

/// The column `words` of a query.
pub async fn ask(at: &Instance, query: &str) -> Vec<String> {
    let mut conn = at.ctx.pool.get().await.unwrap();
    let rows: Vec<Row> = diesel::sql_query(query).load(&mut conn).await.unwrap();
    rows.into_iter().map(|row| row.words).collect()
}

/// Every row of these tables, a line each.
pub async fn rows(at: &Instance, tables: &[&str]) -> String {
    let mut all = Vec::new();
    for table in tables {
        all.extend(ask(at, &format!("SELECT t::text AS words FROM {table} t")).await);
    }
    all.join("\n")
}

/// Every row of every table.
pub async fn everything(at: &Instance) -> String {
    let tables = "SELECT format('%I', table_name) AS words FROM information_schema.tables \
                  WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
    let tables = ask(at, tables).await;
    rows(at, &tables.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// Whether words stand somewhere, also as bytes.
pub fn lies_open(all: &str, secret: &str) -> bool {
    all.contains(secret) || all.contains(&digest::hex(secret.as_bytes()))
}

/// Changes rows past all rules, as time or an accident would.
pub async fn run(at: &Instance, statements: &str) {
    at.ctx.pool.get().await.unwrap().batch_execute(statements).await.unwrap();
}
