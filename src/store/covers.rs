//! Pictures that take the place of others, as the painted one does of the one that was painted over.

use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, MediaId, ScheduledId},
};

/// Another picture of somebody's takes the place of one that is part of no post: its id, and its place in a draft. False where that
/// one is gone, posted, or has other files by now. The files that it had are to be removed.
pub async fn put_in_place(
    conn: &mut Conn,
    who: AccountId,
    (id, name): (MediaId, &str),
    other: MediaId,
) -> Result<bool> {
    let gone: Option<(Option<ScheduledId>, i16)> = sql::<(Nullable<BigInt>, SmallInt)>(
        "DELETE FROM media WHERE id = $1 AND account_id = $2 AND name = $3 AND purpose = 'post' AND post_id IS NULL \
         RETURNING scheduled_id, place",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(name.to_owned())
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)?;
    let Some((draft, place)) = gone else { return Ok(false) };
    let rows = command("UPDATE media SET id = $1, scheduled_id = $3, place = $4 WHERE id = $2 AND account_id = $5")
        .bind::<BigInt, _>(id)
        .bind::<BigInt, _>(other)
        .bind::<Nullable<BigInt>, _>(draft)
        .bind::<SmallInt, _>(place)
        .bind::<BigInt, _>(who)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(rows == 1)
}
