//! Who listens in this process, and the loop that hands out what happened.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use super::{
    channel::Channel,
    written::{Written, as_most_see, conversations, written},
};
use crate::{
    api::{entity, error::Fault},
    error::{Error, Result},
    model::{AccessToken, AccountId, NotificationId, PostCard, PostId, TokenId, Visibility},
    policy::{Viewer, scopes},
    service::{
        Ctx, Page, announcements, notifications, posts,
        streams::{self, Audience, Signal},
    },
};

/// Frames that may wait for one reader; who does not take them in time is cut off.
const WAITING: usize = 64;
/// Streams that one person may have open at once.
const MOST_SEATS: usize = 32;
/// What is said to whoever has them.
const CROWDED: &str = "You have 32 streams open, the most for one person: close one of them first.";
/// Seconds within which a token that works no more loses its streams.
const CHECK_SECONDS: u64 = 3;

/// Something to show: the event's name and its payload, already written.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// The stream that it is for.
    pub(super) channel: Channel,
    /// `update`, `delete`, `notification` …
    pub(super) event: &'static str,
    /// JSON, or a bare id; empty where there is nothing to say.
    pub(super) payload: Arc<str>,
}

struct Listener {
    viewer: Viewer,
    who: AccountId,
    token: TokenId,
    /// The token covers notifications: they do not come by `user` to one that does not.
    notified: bool,
    channels: HashSet<Channel>,
    sender: mpsc::Sender<Frame>,
}

/// Everybody who listens in this process.
#[derive(Default)]
pub(crate) struct Hub {
    listeners: Mutex<BTreeMap<u64, Listener>>,
    next: std::sync::atomic::AtomicU64,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hub")
    }
}

/// A place in the hub; given up when it is dropped.
pub(super) struct Seat {
    hub: Arc<Hub>,
    id: u64,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.with(|all| all.remove(&self.id));
    }
}

impl Seat {
    /// Listens to one more stream.
    pub(super) fn subscribe(&self, channel: Channel) {
        self.hub.with(|all| all.get_mut(&self.id).map(|l| l.channels.insert(channel)));
    }

    /// Listens to a stream no more.
    pub(super) fn unsubscribe(&self, channel: &Channel) {
        self.hub.with(|all| all.get_mut(&self.id).map(|l| l.channels.remove(channel)));
    }
}

impl Hub {
    fn with<T>(&self, change: impl FnOnce(&mut BTreeMap<u64, Listener>) -> T) -> T {
        change(&mut self.listeners.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes somebody in. The receiver ends when they are cut off.
    pub(super) fn join(
        self: &Arc<Self>,
        viewer: Viewer,
        who: AccountId,
        token: &AccessToken,
    ) -> Result<(Seat, mpsc::Receiver<Frame>), Fault> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let id = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let notified = scopes::covers(&token.scopes, "read:notifications");
        let listener = Listener { viewer, who, token: token.id, notified, channels: HashSet::new(), sender };
        self.with(|all| {
            if all.values().filter(|l| l.who == who).count() >= MOST_SEATS {
                return Err(Fault::Crowded(CROWDED, 60));
            }
            all.insert(id, listener);
            Ok(())
        })?;
        Ok((Seat { hub: Arc::clone(self), id }, receiver))
    }

    /// Those who listen, each once.
    fn people(&self) -> HashMap<AccountId, Viewer> {
        self.with(|all| all.values().map(|l| (l.who, l.viewer)).collect())
    }

    /// Gives frames to whoever they are for; who has too many waiting is cut off.
    fn give(&self, frames: impl Fn(&Listener, &Channel) -> Option<(&'static str, Arc<str>)>) {
        self.with(|all| {
            all.retain(|_, listener| {
                listener.channels.iter().all(|channel| match frames(listener, channel) {
                    Some((event, payload)) => {
                        listener.sender.try_send(Frame { channel: channel.clone(), event, payload }).is_ok()
                    }
                    None => true,
                })
            });
        });
    }

    /// Cuts off everybody whose token works no more.
    async fn check(&self, ctx: &Ctx) -> Result<()> {
        let tokens: HashSet<TokenId> = self.with(|all| all.values().map(|l| l.token).collect());
        if tokens.is_empty() {
            return Ok(());
        }
        let dead = streams::dead_tokens(ctx, tokens.into_iter().collect()).await?;
        self.with(|all| all.retain(|_, listener| !dead.contains(&listener.token)));
        Ok(())
    }

    /// Hands out what happened until `stop` turns true; then everybody is sent home. However much there is to hand out,
    /// tokens are looked at in between.
    pub(crate) async fn run(
        self: Arc<Self>,
        ctx: Ctx,
        mut signals: mpsc::Receiver<Signal>,
        mut stop: watch::Receiver<bool>,
    ) {
        let giving = async {
            while let Some(signal) = signals.recv().await {
                missed(self.hand_out(&ctx, signal).await);
            }
        };
        let checking = async {
            let mut check = tokio::time::interval(Duration::from_secs(CHECK_SECONDS));
            loop {
                check.tick().await;
                missed(self.check(&ctx).await);
            }
        };
        tokio::select! {
            () = stopped(&mut stop) => {}
            () = giving => {}
            () = checking => {}
        }
        self.with(BTreeMap::clear);
    }

    async fn hand_out(&self, ctx: &Ctx, signal: Signal) -> Result<()> {
        let people = self.people();
        if people.is_empty() {
            return Ok(());
        }
        match signal {
            Signal::Posted(ids) => self.posted(ctx, &people, ids, "update").await,
            Signal::Edited(id) => self.posted(ctx, &people, vec![id], "status.update").await,
            Signal::Deleted(id, open, at_home) => {
                let at_home: HashSet<AccountId> = at_home.into_iter().collect();
                let payload: Arc<str> = id.to_string().into();
                self.give(|listener, channel| {
                    let theirs = match channel {
                        Channel::User | Channel::List(_) => at_home.contains(&listener.who),
                        Channel::Public { .. } | Channel::Tag { .. } => open,
                        Channel::Notifications | Channel::Direct => false,
                    };
                    theirs.then(|| ("delete", Arc::clone(&payload)))
                });
                Ok(())
            }
            Signal::Notified(ids) => self.notified(ctx, &people, ids).await,
            Signal::Filters(id) => {
                self.give(|listener, channel| {
                    (listener.who == id && *channel == Channel::User).then(|| ("filters_changed", Arc::from("")))
                });
                Ok(())
            }
            Signal::Announced(id) => {
                let Some(viewer) = people.values().next() else { return Ok(()) };
                let one = match announcements::get(ctx, viewer, id).await {
                    // It holds later only; pages show it then.
                    Err(Error::NotFound) => return Ok(()),
                    found => found?,
                };
                let payload: Arc<str> = written(&entity::announcement(&one)).into();
                self.give(|_, channel| (*channel == Channel::User).then(|| ("announcement", Arc::clone(&payload))));
                Ok(())
            }
            Signal::Reacted(id, emoji) => {
                let count = announcements::count_reactions(ctx, id, &emoji).await?;
                let body = json!({ "name": emoji, "count": count, "announcement_id": id.to_string() });
                let payload: Arc<str> = body.to_string().into();
                self.give(|_, channel| {
                    (*channel == Channel::User).then(|| ("announcement.reaction", Arc::clone(&payload)))
                });
                Ok(())
            }
            Signal::Merged(id) => {
                self.give(|listener, channel| {
                    let theirs = listener.who == id && matches!(channel, Channel::User | Channel::Notifications);
                    (theirs && listener.notified).then(|| ("notifications_merged", Arc::from("1")))
                });
                Ok(())
            }
            Signal::Unannounced(id) => {
                let payload: Arc<str> = id.to_string().into();
                self.give(|_, channel| {
                    (*channel == Channel::User).then(|| ("announcement.delete", Arc::clone(&payload)))
                });
                Ok(())
            }
        }
    }

    async fn notified(&self, ctx: &Ctx, people: &HashMap<AccountId, Viewer>, ids: Vec<NotificationId>) -> Result<()> {
        for (id, who) in streams::notified(ctx, ids).await? {
            let Some(viewer) = people.get(&who) else { continue };
            let around = Page::newest(id.0.checked_add(1), id.0.checked_sub(1), 1);
            let found = notifications::page(ctx, viewer, &notifications::everything(), &around).await?;
            let Some(one) = entity::notifications(ctx, viewer, &found.items).await?.pop() else { continue };
            let payload: Arc<str> = written(&one).into();
            self.give(|listener, channel| {
                let theirs = listener.who == who
                    && match channel {
                        Channel::User => listener.notified,
                        Channel::Notifications => true,
                        Channel::Public { .. } | Channel::Tag { .. } | Channel::List(_) | Channel::Direct => false,
                    };
                theirs.then(|| ("notification", Arc::clone(&payload)))
            });
        }
        Ok(())
    }

    async fn posted(
        &self,
        ctx: &Ctx,
        people: &HashMap<AccountId, Viewer>,
        ids: Vec<PostId>,
        event: &'static str,
    ) -> Result<()> {
        let mut audiences = streams::audiences(ctx, ids.clone(), people.keys().copied().collect()).await?;
        for id in ids {
            let audience = audiences.remove(&id).unwrap_or_default();
            self.one_posted(ctx, people, id, &audience, event).await?;
        }
        Ok(())
    }

    /// Writes a post once for all who see it alike, and anew for each who does not.
    async fn one_posted(
        &self,
        ctx: &Ctx,
        people: &HashMap<AccountId, Viewer>,
        id: PostId,
        audience: &Audience,
        event: &'static str,
    ) -> Result<()> {
        let wanting: BTreeSet<AccountId> = self.with(|all| {
            let any = |l: &Listener| l.channels.iter().any(|c| may_concern(c, l.who, audience));
            all.values().filter(|l| !audience.unwilling.contains(&l.who) && any(l)).map(|l| l.who).collect()
        });
        let wanting: Vec<(AccountId, Viewer)> =
            wanting.into_iter().filter_map(|who| Some((who, *people.get(&who)?))).collect();
        let Some(card) = as_most_see(ctx, id, audience, &wanting).await? else { return Ok(()) };
        let shown = Written::of(ctx, id, &card, &wanting, audience).await?;
        let tags = posts::tags_of(ctx, card.post.id).await?;
        let direct = if card.post.visibility == Visibility::Direct && event == "update" {
            conversations(ctx, &card, &wanting).await?
        } else {
            HashMap::new()
        };
        self.give(|Listener { who, .. }, channel| {
            if audience.unwilling.contains(who) {
                return None;
            }
            if *channel == Channel::Direct {
                return direct.get(who).map(|payload| ("conversation", Arc::clone(payload)));
            }
            if !is_for(channel, *who, &card, &tags, audience) {
                return None;
            }
            shown.to(*who)?.for_channel(channel).map(|payload| (event, payload))
        });
        Ok(())
    }
}

fn missed(done: Result<()>) {
    if let Err(error) = done {
        tracing::warn!(%error, "a stream missed something");
    }
}

/// The house is closing. An error means that whoever could say so is gone, which is the same.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|s| *s).await.is_err() {
        tracing::debug!("whoever could have stopped us is gone");
    }
}

/// Whether a stream could have to do with a post at all, before the post is looked at.
fn may_concern(channel: &Channel, who: AccountId, audience: &Audience) -> bool {
    match channel {
        Channel::User | Channel::Direct => audience.home.contains(&who) || audience.lists.contains_key(&who),
        Channel::List(id) => audience.lists.get(&who).is_some_and(|lists| lists.contains(id)),
        Channel::Public { .. } | Channel::Tag { .. } => audience.open && !audience.limited,
        Channel::Notifications => false,
    }
}

/// Whether a post belongs on somebody's stream.
fn is_for(channel: &Channel, who: AccountId, card: &PostCard, tags: &[String], audience: &Audience) -> bool {
    let post = &card.post;
    let public = post.visibility == Visibility::Public && card.boosted_by.is_none() && !audience.limited;
    match channel {
        Channel::User => audience.home.contains(&who),
        Channel::List(id) => audience.lists.get(&who).is_some_and(|lists| lists.contains(id)),
        Channel::Public { local, media } => {
            public
                && post.reply_to_uri.is_none()
                && local.is_none_or(|local| local == post.local)
                && (!media || !card.media.0.is_empty())
        }
        Channel::Tag { name, local } => public && tags.contains(name) && (!local || post.local),
        Channel::Notifications | Channel::Direct => false,
    }
}

/// A frame as the text of a WebSocket message: the payload is JSON in a string.
pub(super) fn message(frame: &Frame) -> String {
    let mut body = json!({ "stream": frame.channel.label(), "event": frame.event });
    if let (false, Some(body)) = (frame.payload.is_empty(), body.as_object_mut()) {
        body.insert("payload".into(), Value::String(frame.payload.to_string()));
    }
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;

    #[test]
    fn whoever_does_not_read_is_cut_off_and_nobody_has_too_many_seats() {
        let hub = Arc::new(Hub::default());
        let token = AccessToken {
            id: TokenId(1),
            account_id: Some(AccountId(1)),
            app_id: None,
            name: String::new(),
            scopes: "read".into(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            used_at: None,
        };
        let viewer = Viewer::Account { id: AccountId(1), role: Role::Clinician };
        let (seat, mut frames) = hub.join(viewer, AccountId(1), &token).unwrap();
        seat.subscribe(Channel::User);
        let payload: Arc<str> = Arc::from("1");
        for _ in 0..=WAITING {
            hub.give(|_, _| Some(("delete", Arc::clone(&payload))));
        }
        let mut taken = 0;
        while frames.try_recv().is_ok() {
            taken += 1;
        }
        assert_eq!(taken, WAITING, "what waits is bounded");
        assert_eq!(frames.try_recv().err(), Some(mpsc::error::TryRecvError::Disconnected), "and then it is over");
        let seats: Vec<_> = (0..MOST_SEATS).map(|_| hub.join(viewer, AccountId(1), &token).unwrap()).collect();
        let refused = hub.join(viewer, AccountId(1), &token).err().unwrap();
        assert_eq!(actix_web::ResponseError::error_response(&refused).status(), 429);
        assert!(CROWDED.contains(&format!("{MOST_SEATS} streams")), "{CROWDED}");
        drop(seats);
        assert!(hub.join(viewer, AccountId(1), &token).is_ok());
    }
}
