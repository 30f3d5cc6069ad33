//! LISTEN and NOTIFY: a commit here wakes workers everywhere. Polling catches what a lost connection missed.

use std::{pin::pin, time::Duration};

use diesel::sql_types::*;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::{Conn, fault, sql::command};
use crate::{config::Secret, error::Result};

/// What has new work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Events to render.
    Outbox,
    /// Deliveries to send.
    Deliveries,
    /// Activities to carry out.
    Received,
    /// Threads to complete.
    Threads,
    /// Mails to send.
    Mails,
    /// Host policy or keys changed: caches are stale.
    Policy,
}

impl Queue {
    const fn word(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Deliveries => "deliveries",
            Self::Received => "received",
            Self::Threads => "threads",
            Self::Mails => "mails",
            Self::Policy => "policy",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Outbox, Self::Deliveries, Self::Received, Self::Threads, Self::Mails, Self::Policy]
            .into_iter()
            .find(|q| q.word() == word)
    }
}

/// Tells every process, once the transaction commits.
pub async fn notify(conn: &mut Conn, queue: Queue) -> Result<()> {
    command("SELECT pg_notify('consilium', $1)").bind::<Text, _>(queue.word()).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Listens for ever and passes on what it hears; comes back by itself after a lost connection.
pub async fn listen(url: Secret, heard: mpsc::Sender<Queue>) {
    loop {
        if let Err(error) = listen_once(&url, &heard).await {
            tracing::warn!(%error, "the listening connection was lost");
        }
        if heard.is_closed() {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn listen_once(url: &Secret, heard: &mpsc::Sender<Queue>) -> Result<()> {
    let mut conn = Conn::establish(url.expose()).await.map_err(|e| crate::error::Error::Internal(e.into()))?;
    conn.batch_execute("LISTEN consilium").await.map_err(fault)?;
    let mut stream = pin!(conn.notifications_stream());
    while let Some(notification) = stream.next().await {
        let payload = notification.map_err(fault)?.payload;
        if let Some(queue) = Queue::parse(&payload) {
            // A full channel means that the workers are awake already.
            if let Err(mpsc::error::TrySendError::Closed(_)) = heard.try_send(queue) {
                return Ok(());
            }
        }
    }
    Ok(())
}
