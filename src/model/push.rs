use diesel::prelude::*;

use super::{AccountId, NotificationId, NotificationKind, PushId, TokenId};

/// Where an app wants to be woken.
#[derive(Debug, Clone, Queryable)]
pub struct PushSubscription {
    /// A small number, as clients read it.
    pub id: i32,
    /// The app's token.
    pub token_id: TokenId,
    /// Whose.
    pub account_id: AccountId,
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
    /// From whom: `all`, `followed`, `follower` or `none`.
    pub policy: String,
}

/// A message that waits to be sent.
#[derive(Debug, Clone, Queryable)]
pub struct Push {
    /// Its id.
    pub id: PushId,
    /// Which notification.
    pub notification_id: NotificationId,
    /// Tries so far.
    pub attempts: i32,
    /// Where to.
    pub subscription: PushSubscription,
}
