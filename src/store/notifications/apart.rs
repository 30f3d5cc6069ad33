//! Whose notifications are let through, and what waits apart.

use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, PostId},
    store::{
        Conn, fault,
        page::{Page, Paged},
        sql::{command, sql},
        visible::KNOWN,
    },
};

/// Five words on whose notifications are let through, in the order of the columns.
pub type Rules = (String, String, String, String, String);

/// Somebody's rules.
pub async fn rules(conn: &mut Conn, who: AccountId) -> Result<Option<Rules>> {
    sql::<(Text, Text, Text, Text, Text)>(
        "SELECT not_following, not_followers, new_accounts, private_mentions, limited_accounts FROM notification_policies WHERE account_id = $1",
    )
    .bind::<BigInt, _>(who)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Changes somebody's rules.
pub async fn set_rules(conn: &mut Conn, who: AccountId, rules: &Rules) -> Result<()> {
    command(
        "INSERT INTO notification_policies VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id) DO UPDATE SET \
           not_following = $2, not_followers = $3, new_accounts = $4, private_mentions = $5, limited_accounts = $6",
    )
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(rules.0.clone())
    .bind::<Text, _>(rules.1.clone())
    .bind::<Text, _>(rules.2.clone())
    .bind::<Text, _>(rules.3.clone())
    .bind::<Text, _>(rules.4.clone())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Whose notifications wait apart: who, how many, the first and the last, and the newest post and notification.
pub type RequestRow = (AccountId, i64, DateTime<Utc>, DateTime<Utc>, Option<PostId>, i64);

/// People whose notifications wait apart, the newest first; the key is the newest notification's id.
pub async fn requests(
    conn: &mut Conn,
    to: AccountId,
    from: Option<AccountId>,
    page: &Page,
) -> Result<Paged<RequestRow>> {
    let order = page.order();
    let rows: Vec<RequestRow> = sql::<(BigInt, BigInt, Timestamptz, Timestamptz, Nullable<BigInt>, BigInt)>(format!(
        "SELECT n.from_id, count(*), min(n.created_at), max(n.created_at), max(n.post_id), max(n.id) FROM notifications n \
         JOIN accounts a ON a.id = n.from_id AND a.state = 'active' AND {KNOWN} WHERE n.account_id = $1 AND n.filtered AND ($2::bigint IS NULL OR n.from_id = $2) \
         GROUP BY n.from_id HAVING max(n.id) < $3 AND max(n.id) > $4 ORDER BY max(n.id) {order} LIMIT $5"
    ))
    .bind::<BigInt, _>(to)
    .bind::<Nullable<BigInt>, _>(from)
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    Ok(Paged::cut(rows, page, |r| r.5))
}

/// How many people wait apart, and with how many notifications.
pub async fn count_filtered(conn: &mut Conn, to: AccountId) -> Result<(i64, i64)> {
    sql::<(BigInt, BigInt)>(
        "SELECT count(DISTINCT from_id), count(*) FROM notifications WHERE account_id = $1 AND filtered",
    )
    .bind::<BigInt, _>(to)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Lets through what these people have done and will do.
pub async fn let_through(conn: &mut Conn, to: AccountId, from: Vec<AccountId>) -> Result<()> {
    command(
        "WITH p AS (INSERT INTO notification_permissions (account_id, from_id) SELECT $1, id FROM accounts WHERE id = ANY($2) ON CONFLICT DO NOTHING) \
         UPDATE notifications SET filtered = false WHERE account_id = $1 AND from_id = ANY($2) AND filtered",
    )
    .bind::<BigInt, _>(to)
    .bind::<Array<BigInt>, _>(from)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Throws away what waits apart of these people.
pub async fn throw_away(conn: &mut Conn, to: AccountId, from: Vec<AccountId>) -> Result<()> {
    command("DELETE FROM notifications WHERE account_id = $1 AND from_id = ANY($2) AND filtered")
        .bind::<BigInt, _>(to)
        .bind::<Array<BigInt>, _>(from)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
