//! Codes of specialties with labels, from the operator's file.

use diesel::sql_types::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::error::Result;

/// All of them: code and label.
pub async fn all(conn: &mut Conn) -> Result<Vec<(String, String)>> {
    sql::<(Text, Text)>("SELECT code, label FROM specialties ORDER BY code").load(conn).await.map_err(fault)
}

/// These in place of those that are there.
pub async fn replace(conn: &mut Conn, pairs: Vec<(String, String)>) -> Result<usize> {
    command("DELETE FROM specialties").execute(conn).await.map_err(fault)?;
    let (codes, labels): (Vec<String>, Vec<String>) = pairs.into_iter().unzip();
    command("INSERT INTO specialties (code, label) SELECT x.code, x.label FROM unnest($1::text[], $2::text[]) AS x (code, label)")
        .bind::<Array<Text>, _>(codes)
        .bind::<Array<Text>, _>(labels)
        .execute(conn)
        .await
        .map_err(fault)
}
