//! Mails that wait to leave.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{Conn, fault, sql::sql};
use crate::{
    error::Result,
    model::{Mail, MailId},
    schema::{mail_tokens, mails},
};

/// Queues a mail.
pub async fn insert(conn: &mut Conn, recipient: &str, subject: &str, body: &str) -> Result<()> {
    diesel::insert_into(mails::table)
        .values((mails::recipient.eq(recipient), mails::subject.eq(subject), mails::body.eq(body)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Queues many mails: recipient, subject and body.
pub async fn insert_many(conn: &mut Conn, all: Vec<(String, String, String)>) -> Result<()> {
    let row = |(recipient, subject, body): (String, String, String)| {
        (mails::recipient.eq(recipient), mails::subject.eq(subject), mails::body.eq(body))
    };
    let rows: Vec<_> = all.into_iter().map(row).collect();
    diesel::insert_into(mails::table).values(rows).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Takes mails that are due, for the length of a lease.
pub async fn claim(conn: &mut Conn, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<Mail>> {
    sql::<(BigInt, Text, Text, Text, Integer)>(
        "UPDATE mails SET retry_at = $2, attempts = attempts + 1 WHERE id IN \
           (SELECT id FROM mails WHERE retry_at <= $1 ORDER BY id LIMIT 20 FOR UPDATE SKIP LOCKED) \
         RETURNING id, recipient, subject, body, attempts",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(until)
    .load(conn)
    .await
    .map_err(fault)
}

/// A mail left.
pub async fn delete(conn: &mut Conn, id: MailId) -> Result<()> {
    diesel::delete(mails::table.find(id)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// A mail has to be tried again.
pub async fn retry_at(conn: &mut Conn, id: MailId, at: DateTime<Utc>) -> Result<()> {
    diesel::update(mails::table.find(id)).set(mails::retry_at.eq(at)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// How many wait.
pub async fn count(conn: &mut Conn) -> Result<i64> {
    mails::table.count().get_result(conn).await.map_err(fault)
}

/// Forgets mailed links that have ended.
pub async fn sweep_tokens(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    diesel::delete(mail_tokens::table.filter(mail_tokens::expires_at.lt(now))).execute(conn).await.map_err(fault)
}
