//! LISTEN and NOTIFY: a commit here wakes workers everywhere. Polling catches what a lost connection missed.

use std::{pin::pin, time::Duration};

use diesel::sql_types::*;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::{Conn, fault, sql::command};
use crate::{
    config::Secret,
    error::Result,
    model::{AccountId, AnnouncementId, NotificationId, PostId},
};

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
    /// Push messages to send.
    Pushes,
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
            Self::Pushes => "pushes",
            Self::Policy => "policy",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Outbox, Self::Deliveries, Self::Received, Self::Threads, Self::Mails, Self::Pushes, Self::Policy]
            .into_iter()
            .find(|q| q.word() == word)
    }
}

/// What open streams are to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// Posts or boosts came.
    Posted(Vec<PostId>),
    /// A post says something else now.
    Edited(PostId),
    /// A post is gone: which, whether everybody could read it, and who had it at home.
    Deleted(PostId, bool, Vec<AccountId>),
    /// Notifications came.
    Notified(Vec<NotificationId>),
    /// Somebody's filters changed.
    Filters(AccountId),
    /// The house has something to say.
    Announced(AnnouncementId),
    /// The house takes something back.
    Unannounced(AnnouncementId),
    /// Somebody reacted to what the house said, with this emoji, or no longer does.
    Reacted(AnnouncementId, String),
    /// Notifications that had waited apart are among somebody's others now.
    Merged(AccountId),
}

impl Signal {
    fn parse(words: &str) -> Option<Self> {
        fn list<T: std::str::FromStr>(text: &str) -> Vec<T> {
            text.split(',').filter_map(|id| id.parse().ok()).collect()
        }
        let mut words = words.split(' ');
        let (kind, first) = (words.next()?, words.next()?);
        Some(match kind {
            "posted" => Self::Posted(list(first)),
            "edited" => Self::Edited(first.parse().ok()?),
            "deleted" => Self::Deleted(first.parse().ok()?, words.next()? == "open", list(words.next().unwrap_or(""))),
            "notified" => Self::Notified(list(first)),
            "filters" => Self::Filters(first.parse().ok()?),
            "announced" => Self::Announced(first.parse().ok()?),
            "unannounced" => Self::Unannounced(first.parse().ok()?),
            "reacted" => Self::Reacted(first.parse().ok()?, words.next()?.to_owned()),
            "merged" => Self::Merged(first.parse().ok()?),
            _ => return None,
        })
    }
}

/// Tells every process, once the transaction commits.
pub async fn notify(conn: &mut Conn, queue: Queue) -> Result<()> {
    command("SELECT pg_notify('consilium', $1)").bind::<Text, _>(queue.word()).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Listens for ever and passes on what it hears; comes back by itself after a lost connection.
pub async fn listen(url: Secret, heard: mpsc::Sender<Queue>, signals: mpsc::Sender<Signal>) {
    loop {
        if let Err(error) = listen_once(&url, &heard, &signals).await {
            tracing::warn!(%error, "the listening connection was lost");
        }
        if heard.is_closed() {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn listen_once(url: &Secret, heard: &mpsc::Sender<Queue>, signals: &mpsc::Sender<Signal>) -> Result<()> {
    let mut conn = Conn::establish(url.expose()).await.map_err(|e| crate::error::Error::Internal(e.into()))?;
    conn.batch_execute("LISTEN consilium; LISTEN consilium_stream").await.map_err(fault)?;
    let mut stream = pin!(conn.notifications_stream());
    while let Some(notification) = stream.next().await {
        let notification = notification.map_err(fault)?;
        let payload = notification.payload;
        if notification.channel == "consilium_stream" {
            // A process that cannot keep up shows its readers less rather than holding up the queues.
            if let Some(signal) = Signal::parse(&payload)
                && signals.try_send(signal).is_err()
            {
                tracing::debug!("the streams are behind, or nobody has any");
            }
            continue;
        }
        if let Some(queue) = Queue::parse(&payload) {
            // A full channel means that the workers are awake already.
            if let Err(mpsc::error::TrySendError::Closed(_)) = heard.try_send(queue) {
                return Ok(());
            }
        }
    }
    Ok(())
}
