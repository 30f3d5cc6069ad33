//! What could not be delivered or understood, until an admin has looked.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    page::{Page, Paged},
};
use crate::{
    error::{Error, Result},
    model::{DeadLetter, DeadLetterId},
    schema::dead_letters,
};

/// A page, newest first.
pub async fn list(conn: &mut Conn, page: &Page) -> Result<Paged<DeadLetter>> {
    let rows: Vec<DeadLetter> = dead_letters::table
        .filter(dead_letters::id.lt(DeadLetterId(page.below())))
        .filter(dead_letters::id.gt(DeadLetterId(page.above())))
        .order(dead_letters::id.desc())
        .limit(page.limit + 1)
        .select(DeadLetter::as_select())
        .load(conn)
        .await
        .map_err(fault)?;
    Ok(Paged::cut(rows, page, |d| d.id.0))
}

/// Takes one out.
pub async fn take(conn: &mut Conn, id: DeadLetterId) -> Result<DeadLetter> {
    diesel::delete(dead_letters::table.find(id))
        .returning(DeadLetter::as_returning())
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)?
        .ok_or(Error::NotFound)
}

/// Puts an outgoing one back into the queue of its host. It is rendered already: its event says no more than which post it
/// tells, or of which it tells the end.
pub async fn requeue_out(conn: &mut Conn, letter: &DeadLetter) -> Result<()> {
    use diesel::sql_types::*;
    super::sql::command(
        "WITH o AS (INSERT INTO outbox (account_id, event, body, fanned_out_at) \
           VALUES ($1, CASE WHEN $5::bigint IS NOT NULL THEN jsonb_build_object('type', 'delete', 'post', $5::bigint) \
             WHEN $6::bigint IS NOT NULL THEN jsonb_build_object('type', 'update', 'post', $6::bigint) \
             ELSE jsonb_build_object('type', 'profile') END, convert_to($2, 'UTF8'), now()) RETURNING id) \
         INSERT INTO deliveries (outbox_id, host_id, inbox) SELECT o.id, h.id, $3 FROM o, hosts h WHERE h.name = $4",
    )
    .bind::<Nullable<BigInt>, _>(letter.outbox_account_id)
    .bind::<Text, _>(letter.body.clone())
    .bind::<Nullable<Text>, _>(letter.inbox.clone())
    .bind::<Text, _>(letter.host.clone())
    .bind::<Nullable<BigInt>, _>(letter.ended_post_id)
    .bind::<Nullable<BigInt>, _>(letter.post_id)
    .execute(conn)
    .await
    .map_err(fault)?;
    super::wake::notify(conn, super::wake::Queue::Deliveries).await
}
