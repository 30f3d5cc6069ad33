//! Secrets of the house other than keys of accounts. They come and go sealed.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, fault};
use crate::{error::Result, schema::house_secrets};

/// By name.
pub async fn find(conn: &mut Conn, name: &str) -> Result<Option<Vec<u8>>> {
    house_secrets::table.find(name).select(house_secrets::sealed).first(conn).await.optional().map_err(fault)
}

/// Keeps one, unless there is one of this name.
pub async fn insert(conn: &mut Conn, name: &str, sealed: Vec<u8>) -> Result<()> {
    diesel::insert_into(house_secrets::table)
        .values((house_secrets::name.eq(name), house_secrets::sealed.eq(sealed)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
