//! Lists of people.

use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    accounts::{AUTHOR, AuthorSql},
    fault,
    page::{Page, Paged},
    sql::{command, sql},
};
use crate::{
    error::{Error, Result},
    model::{AccountId, Author, List, ListId, ListReplies},
};

type ListSql = (BigInt, Text, Text, Bool);

/// Somebody's lists, by name.
pub async fn list(conn: &mut Conn, who: AccountId) -> Result<Vec<List>> {
    sql::<ListSql>(
        "SELECT id, title, replies, exclusive FROM lists WHERE account_id = $1 ORDER BY lower(title), id LIMIT 200",
    )
    .bind::<BigInt, _>(who)
    .load(conn)
    .await
    .map_err(fault)
}

/// Those of somebody's lists that a person is on.
pub async fn list_with(conn: &mut Conn, who: AccountId, member: AccountId) -> Result<Vec<List>> {
    sql::<ListSql>(
        "SELECT l.id, l.title, l.replies, l.exclusive FROM lists l JOIN list_members m ON m.list_id = l.id AND m.account_id = $2 \
         WHERE l.account_id = $1 ORDER BY lower(l.title), l.id",
    )
    .bind::<BigInt, _>(who)
    .bind::<BigInt, _>(member)
    .load(conn)
    .await
    .map_err(fault)
}

/// One of somebody's own.
pub async fn get(conn: &mut Conn, who: AccountId, id: ListId) -> Result<List> {
    let found: Option<List> =
        sql::<ListSql>("SELECT id, title, replies, exclusive FROM lists WHERE id = $2 AND account_id = $1")
            .bind::<BigInt, _>(who)
            .bind::<BigInt, _>(id)
            .get_result(conn)
            .await
            .optional()
            .map_err(fault)?;
    found.ok_or(Error::NotFound)
}

/// Makes one.
pub async fn insert(
    conn: &mut Conn,
    who: AccountId,
    title: &str,
    replies: ListReplies,
    exclusive: bool,
) -> Result<ListId> {
    sql::<BigInt>("INSERT INTO lists (account_id, title, replies, exclusive) VALUES ($1, $2, $3, $4) RETURNING id")
        .bind::<BigInt, _>(who)
        .bind::<Text, _>(title.to_owned())
        .bind::<Text, _>(replies)
        .bind::<Bool, _>(exclusive)
        .get_result(conn)
        .await
        .map_err(fault)
}

/// Changes one.
pub async fn update(conn: &mut Conn, who: AccountId, list: &List) -> Result<()> {
    command("UPDATE lists SET title = $3, replies = $4, exclusive = $5 WHERE id = $2 AND account_id = $1")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(list.id)
        .bind::<Text, _>(list.title.clone())
        .bind::<Text, _>(list.replies)
        .bind::<Bool, _>(list.exclusive)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Deletes one; false where there is none.
pub async fn delete(conn: &mut Conn, who: AccountId, id: ListId) -> Result<bool> {
    let rows = command("DELETE FROM lists WHERE id = $2 AND account_id = $1")
        .bind::<BigInt, _>(who)
        .bind::<BigInt, _>(id)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(rows > 0)
}

/// Who is on a list, newest first.
pub async fn members(conn: &mut Conn, id: ListId, page: &Page) -> Result<Paged<(i64, Author)>> {
    let order = page.order();
    let rows: Vec<(i64, Author)> = sql::<(BigInt, AuthorSql)>(format!(
        "SELECT m.id, {AUTHOR} FROM list_members m JOIN accounts a ON a.id = m.account_id AND a.state = 'active' \
         WHERE m.list_id = $1 AND m.id < $2 AND m.id > $3 ORDER BY m.id {order} LIMIT $4"
    ))
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |r| r.0))
}

/// Which of these people somebody follows (themselves counts).
pub async fn followed(conn: &mut Conn, who: AccountId, people: Vec<AccountId>) -> Result<Vec<AccountId>> {
    sql::<BigInt>(
        "SELECT x FROM unnest($2::bigint[]) x WHERE x = $1 OR EXISTS (SELECT 1 FROM follows f \
           WHERE f.follower_id = $1 AND f.target_id = x AND f.state = 'accepted')",
    )
    .bind::<BigInt, _>(who)
    .bind::<Array<BigInt>, _>(people)
    .load(conn)
    .await
    .map_err(fault)
}

/// Puts people on a list; how many are new there.
pub async fn add(conn: &mut Conn, id: ListId, people: Vec<AccountId>) -> Result<usize> {
    command("INSERT INTO list_members (list_id, account_id) SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING")
        .bind::<BigInt, _>(id)
        .bind::<Array<BigInt>, _>(people)
        .execute(conn)
        .await
        .map_err(fault)
}

/// Takes people off a list.
pub async fn remove(conn: &mut Conn, id: ListId, people: Vec<AccountId>) -> Result<()> {
    command("DELETE FROM list_members WHERE list_id = $1 AND account_id = ANY($2)")
        .bind::<BigInt, _>(id)
        .bind::<Array<BigInt>, _>(people)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
