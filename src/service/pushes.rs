//! Web push: waking an app whose owner is not looking. A message never quotes what is not for everybody.

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use serde_json::json;
use url::Url;

use super::{
    Ctx, notifications,
    notifications::{NotificationView, Wanted, everything},
    second_factor, sessions,
};
use crate::{
    crypto::push::{self, PushKey},
    error::{Error, Result},
    model::{AccessToken, AccountId, GroupDeed, NotificationKind, Push},
    store,
    text::sanitize,
};
pub use crate::{model::PushSubscription, store::pushes::NewSubscription};

/// Messages under way at once.
const AT_ONCE: usize = 16;
/// Tries of one message.
const TRIES: i32 = 5;

/// The key that push services know us by; made on first use.
async fn key(ctx: &Ctx) -> Result<(PushKey, String)> {
    const CONTEXT: &str = "web push";
    let internal = |e: crate::crypto::CryptoError| Error::Internal(e.into());
    let mut conn = ctx.pool.get().await?;
    if store::pushes::key(&mut conn).await?.is_none() {
        let made = PushKey::generate().map_err(internal)?;
        let sealed = ctx.keyring.seal(CONTEXT, &made.to_der().map_err(internal)?)?;
        store::pushes::put_key(&mut conn, &sealed, &made.public().map_err(internal)?).await?;
    }
    let (sealed, public) = store::pushes::key(&mut conn).await?.ok_or(Error::Unavailable)?;
    let key = PushKey::from_der(&ctx.keyring.open_sealed(CONTEXT, &sealed)?).map_err(internal)?;
    Ok((key, public))
}

/// The public half, for apps.
pub async fn public_key(ctx: &Ctx) -> Result<String> {
    Ok(key(ctx).await?.1)
}

/// Whose token it is.
fn owner(token: &AccessToken) -> Result<AccountId> {
    token.account_id.ok_or(Error::Unauthenticated)
}

/// Subscribes an app, in place of what it had.
pub async fn subscribe(ctx: &Ctx, token: &AccessToken, new: NewSubscription) -> Result<PushSubscription> {
    let who = owner(token)?;
    let address = Url::parse(&new.endpoint).ok();
    let fine = |u: &Url| u.scheme() == "https" || (u.scheme() == "http" && ctx.config.federation.allow_insecure);
    if new.endpoint.len() > 2_000 || !address.as_ref().is_some_and(fine) {
        return Err(Error::invalid("endpoint", "Endpoint is not a web address of a push service"));
    }
    push::seal(&new.p256dh, &new.auth, b"{}", new.standard)
        .map_err(|_| Error::invalid("keys", "The keys p256dh and auth are not those of a push subscription"))?;
    store::pushes::put(&mut *ctx.pool.get().await?, token.id, who, &new).await?;
    find(ctx, token).await
}

/// The subscription of an app.
pub async fn find(ctx: &Ctx, token: &AccessToken) -> Result<PushSubscription> {
    store::pushes::find(&mut *ctx.pool.get().await?, token.id).await?.ok_or(Error::NotFound)
}

/// Changes what an app is woken for.
pub async fn set_alerts(
    ctx: &Ctx,
    token: &AccessToken,
    alerts: Vec<NotificationKind>,
    policy: &str,
) -> Result<PushSubscription> {
    find(ctx, token).await?;
    store::pushes::set_alerts(&mut *ctx.pool.get().await?, token.id, alerts, policy).await?;
    find(ctx, token).await
}

/// Ends the subscription of an app.
pub async fn unsubscribe(ctx: &Ctx, token: &AccessToken) -> Result<()> {
    owner(token)?;
    store::pushes::delete(&mut *ctx.pool.get().await?, token.id).await
}

/// Sends what is due; returns how much that was.
pub async fn send_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let lease = now + TimeDelta::seconds(ctx.config.worker.lease_seconds.max(30));
    let due = store::pushes::claim(&mut *ctx.pool.get().await?, now, lease, 100).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let count = due.len();
    let (key, public) = key(ctx).await?;
    let sent: Vec<Result<()>> =
        stream::iter(due).map(|one| send(ctx, &key, &public, one)).buffer_unordered(AT_ONCE).collect().await;
    sent.into_iter().collect::<Result<()>>()?;
    Ok(count)
}

async fn send(ctx: &Ctx, key: &PushKey, public: &str, one: Push) -> Result<()> {
    let Some(message) = message(ctx, &one).await? else {
        return store::pushes::finish(&mut *ctx.pool.get().await?, one.id).await;
    };
    let answered = post(ctx, key, public, &one.subscription, &message).await;
    let mut conn = ctx.pool.get().await?;
    match answered {
        Ok(200..=299) => store::pushes::finish(&mut conn, one.id).await,
        // The app is no longer there (RFC 8030, 7.3).
        Ok(404 | 410) => store::pushes::delete(&mut conn, one.subscription.token_id).await,
        Ok(400 | 401 | 403 | 413) | Err(Error::Remote { lasting: true, .. } | Error::Invalid(_)) => {
            tracing::debug!(push = %one.id, "a push service refuses");
            store::pushes::finish(&mut conn, one.id).await
        }
        _ if one.attempts >= TRIES => store::pushes::finish(&mut conn, one.id).await,
        _ => {
            let wait = TimeDelta::seconds(ctx.config.worker.first_retry_seconds << one.attempts.clamp(0, 10));
            store::pushes::retry(&mut conn, one.id, ctx.now() + wait).await
        }
    }
}

async fn post(ctx: &Ctx, key: &PushKey, public: &str, to: &PushSubscription, message: &str) -> Result<u16> {
    let internal = |e: crate::crypto::CryptoError| Error::Internal(e.into());
    let url = Url::parse(&to.endpoint).map_err(|_| Error::invalid("endpoint", "no address"))?;
    let sealed = push::seal(&to.p256dh, &to.auth, message.as_bytes(), to.standard).map_err(internal)?;
    let contact = &ctx.config.instance.contact;
    let subject = if contact.is_empty() { ctx.config.instance.origin() } else { format!("mailto:{contact}") };
    let token = key.token(&url.origin().ascii_serialization(), &subject, ctx.now()).map_err(internal)?;
    let mut headers = sealed.headers;
    headers.push(("ttl", "172800".into()));
    headers.push(("urgency", "normal".into()));
    if to.standard {
        headers.push(("authorization", format!("vapid t={token}, k={public}")));
    } else {
        headers.push(("authorization", format!("WebPush {token}")));
        match headers.iter_mut().find(|h| h.0 == "crypto-key") {
            Some(known) => known.1 = format!("{};p256ecdsa={public}", known.1),
            None => headers.push(("crypto-key", format!("p256ecdsa={public}"))),
        }
    }
    ctx.remote()?.push(&url, headers, sealed.body.into()).await
}

/// What an app is told; none where there is nothing to tell any more.
async fn message(ctx: &Ctx, one: &Push) -> Result<Option<String>> {
    let who = one.subscription.account_id;
    let Some(viewer) = sessions::viewer_of(ctx, who).await? else { return Ok(None) };
    if let Some(role) = viewer.role()
        && second_factor::is_missing(ctx, who, role).await?
    {
        return Ok(None);
    }
    let id = one.notification_id;
    let around = super::Page::newest(id.0.checked_add(1), id.0.checked_sub(1), 1);
    let wanted = Wanted { filtered: false, ..everything() };
    let Some(view) = notifications::page(ctx, &viewer, &wanted, &around).await?.items.pop() else { return Ok(None) };
    let (title, body) = words(&view);
    Ok(Some(
        json!({
            // Only its hash is kept here; an app knows its token.
            "access_token": "",
            "preferred_locale": "en",
            "notification_id": id.0,
            "notification_type": kind_word(view.notification.kind),
            "icon": format!("{}/pictures/avatar.png", ctx.config.instance.origin()),
            "title": title,
            "body": body,
        })
        .to_string(),
    ))
}

/// The client API's word for a kind, which apps read in messages too. It knows no replies apart from mentions.
pub fn kind_word(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Follow => "follow",
        NotificationKind::FollowRequest => "follow_request",
        NotificationKind::Mention | NotificationKind::Reply => "mention",
        NotificationKind::Like => "favourite",
        NotificationKind::Boost => "reblog",
        NotificationKind::Poll => "poll",
        NotificationKind::Post => "status",
        NotificationKind::Edit => "update",
        NotificationKind::SignUp => "admin.sign_up",
        NotificationKind::Report => "admin.report",
        NotificationKind::Credential => "consilium.credential",
        NotificationKind::Desk => "consilium.desk",
        NotificationKind::Evidence => "consilium.evidence",
        NotificationKind::Emergency => "consilium.emergency",
        NotificationKind::Group => "consilium.group",
        NotificationKind::GroupDesk => "consilium.group_desk",
        NotificationKind::Case => "consilium.case",
        NotificationKind::CaseReview => "consilium.case_review",
    }
}

/// What a group has decided, without the reason: that may be about what stands in it.
fn decided(group: &str, deed: Option<GroupDeed>) -> String {
    let words = match deed {
        Some(GroupDeed::Release) => Some("shows your post now"),
        Some(GroupDeed::ReturnPost) => Some("did not take your post: you can send it again"),
        other => other.and_then(notifications::decided),
    };
    let unsaid = "There is word from a group that you belong to, or asked to join";
    words.map_or_else(|| unsaid.to_owned(), |words| format!("{group} {words}"))
}

/// Title and body. Words of a post come along only where everybody may read it, and without a warning on it.
fn words(view: &NotificationView) -> (String, String) {
    let from = &view.notification.from;
    let name = if from.name.is_empty() { from.username.clone() } else { from.name.clone() };
    let title = match view.notification.kind {
        NotificationKind::Follow => format!("{name} follows you now"),
        NotificationKind::FollowRequest => format!("{name} asks to follow you"),
        NotificationKind::Mention => format!("{name} mentioned you"),
        NotificationKind::Reply => format!("{name} answered you"),
        NotificationKind::Like => format!("{name} liked your post"),
        NotificationKind::Boost => format!("{name} boosted your post"),
        NotificationKind::Poll => "A poll has ended".to_owned(),
        NotificationKind::Post => format!("{name} has posted"),
        NotificationKind::Edit => format!("{name} changed a post"),
        NotificationKind::SignUp => "Somebody asks for an account".to_owned(),
        NotificationKind::Report => "There is a new report".to_owned(),
        NotificationKind::Credential => "There is word on your credentials".to_owned(),
        NotificationKind::Desk => "A credential waits at the desk".to_owned(),
        NotificationKind::Evidence => "There is word on opening a document at the desk".to_owned(),
        NotificationKind::Emergency => "A document was opened by one person alone".to_owned(),
        NotificationKind::Group => decided(&name, view.notification.deed),
        NotificationKind::GroupDesk => "Something waits in a group that you lead".to_owned(),
        NotificationKind::Case => "There is news of a case".to_owned(),
        NotificationKind::CaseReview => "A case waits for a second look".to_owned(),
    };
    let body = match &view.post {
        Some(card) if card.post.visibility.is_open() && card.post.warning.is_empty() && !card.post.sensitive => {
            sanitize::plain(&card.post.html)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .chars()
                .take(140)
                .collect()
        }
        Some(_) => "Open the app to read it.".to_owned(),
        None => String::new(),
    };
    (title, body)
}
