//! Web push: subscriptions of apps and the messages that wait for them.

use chrono::{DateTime, Utc};
use diesel::{OptionalExtension, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault,
    sql::{command, sql},
};
use crate::{
    error::Result,
    model::{AccountId, NotificationKind, Push, PushId, PushSubscription, TokenId},
};

const COLUMNS: &str = "s.id, s.token_id, s.account_id, s.endpoint, s.p256dh, s.auth, s.standard, s.alerts, s.policy";
type SubscriptionSql = (Integer, BigInt, BigInt, Text, Text, Text, Bool, Array<Text>, Text);

/// What an app asks for.
#[derive(Debug, Clone)]
pub struct NewSubscription {
    /// The address at the push service.
    pub endpoint: String,
    /// The app's public key.
    pub p256dh: String,
    /// The app's secret.
    pub auth: String,
    /// RFC 8291 rather than the draft before it.
    pub standard: bool,
    /// Kinds of notifications.
    pub alerts: Vec<NotificationKind>,
    /// From whom.
    pub policy: String,
}

/// Subscribes a token, in place of what it had.
pub async fn put(conn: &mut Conn, token: TokenId, who: AccountId, new: &NewSubscription) -> Result<()> {
    command("DELETE FROM push_subscriptions WHERE token_id = $1")
        .bind::<BigInt, _>(token)
        .execute(conn)
        .await
        .map_err(fault)?;
    command(
        "INSERT INTO push_subscriptions (token_id, account_id, endpoint, p256dh, auth, standard, alerts, policy) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<BigInt, _>(token)
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(new.endpoint.clone())
    .bind::<Text, _>(new.p256dh.clone())
    .bind::<Text, _>(new.auth.clone())
    .bind::<Bool, _>(new.standard)
    .bind::<Array<Text>, _>(new.alerts.clone())
    .bind::<Text, _>(new.policy.clone())
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Changes what a token is woken for.
pub async fn set_alerts(conn: &mut Conn, token: TokenId, alerts: Vec<NotificationKind>, policy: &str) -> Result<()> {
    command("UPDATE push_subscriptions SET alerts = $2, policy = $3 WHERE token_id = $1")
        .bind::<BigInt, _>(token)
        .bind::<Array<Text>, _>(alerts)
        .bind::<Text, _>(policy.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The subscription of a token.
pub async fn find(conn: &mut Conn, token: TokenId) -> Result<Option<PushSubscription>> {
    sql::<SubscriptionSql>(format!("SELECT {COLUMNS} FROM push_subscriptions s WHERE s.token_id = $1"))
        .bind::<BigInt, _>(token)
        .get_result(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Ends the subscription of a token.
pub async fn delete(conn: &mut Conn, token: TokenId) -> Result<()> {
    command("DELETE FROM push_subscriptions WHERE token_id = $1")
        .bind::<BigInt, _>(token)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Messages that are due, each claimed until `lease`. Those of tokens that no longer work go.
pub async fn claim(conn: &mut Conn, now: DateTime<Utc>, lease: DateTime<Utc>, limit: i64) -> Result<Vec<Push>> {
    command(
        "DELETE FROM push_subscriptions s USING access_tokens t, users u WHERE t.id = s.token_id AND u.account_id = s.account_id \
         AND (t.revoked_at IS NOT NULL OR u.state <> 'active')",
    )
    .execute(conn)
    .await
    .map_err(fault)?;
    sql::<(BigInt, BigInt, Integer, SubscriptionSql)>(format!(
        "WITH due AS (UPDATE pushes SET attempts = attempts + 1, retry_at = $2 WHERE id IN \
           (SELECT id FROM pushes WHERE retry_at <= $1 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED) \
           RETURNING id, notification_id, attempts, subscription_id) \
         SELECT due.id, due.notification_id, due.attempts, {COLUMNS} FROM due JOIN push_subscriptions s ON s.id = due.subscription_id"
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(lease)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// A message was sent, or is given up.
pub async fn finish(conn: &mut Conn, id: PushId) -> Result<()> {
    command("DELETE FROM pushes WHERE id = $1").bind::<BigInt, _>(id).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// A message is tried again later.
pub async fn retry(conn: &mut Conn, id: PushId, at: DateTime<Utc>) -> Result<()> {
    command("UPDATE pushes SET retry_at = $2 WHERE id = $1")
        .bind::<BigInt, _>(id)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The sealed private half and the public half of our key.
pub async fn key(conn: &mut Conn) -> Result<Option<(Vec<u8>, String)>> {
    sql::<(Binary, Text)>(
        "SELECT push_key_sealed, push_key_public FROM instance WHERE push_key_sealed IS NOT NULL AND push_key_public IS NOT NULL",
    )
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Keeps our key, unless another process was faster.
pub async fn put_key(conn: &mut Conn, sealed: &[u8], public: &str) -> Result<()> {
    command("UPDATE instance SET push_key_sealed = $1, push_key_public = $2 WHERE push_key_sealed IS NULL")
        .bind::<Binary, _>(sealed.to_vec())
        .bind::<Text, _>(public.to_owned())
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}
