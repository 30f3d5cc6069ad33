//! Web push: where an app wants to be woken, and for what.

use serde::Serialize;
use utoipa::ToSchema;

use super::{auth::Call, entity, error::Answer, json, params::Params};
use crate::{
    model::NotificationKind,
    service::pushes::{self, NewSubscription, PushSubscription, kind_word},
};

/// Where an app wants to be woken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebPushSubscription {
    /// A number, as clients read it.
    id: i32,
    endpoint: String,
    standard: bool,
    server_key: String,
    alerts: Alerts,
    policy: String,
}

/// Which kinds of notifications.
#[derive(Debug, Serialize, ToSchema)]
struct Alerts {
    mention: bool,
    status: bool,
    reblog: bool,
    follow: bool,
    follow_request: bool,
    favourite: bool,
    poll: bool,
    update: bool,
    quote: bool,
    quoted_update: bool,
    #[serde(rename = "admin.sign_up")]
    admin_sign_up: bool,
    #[serde(rename = "admin.report")]
    admin_report: bool,
}

async fn shown(call: &Call, subscription: PushSubscription) -> Answer {
    let on = |kind| subscription.alerts.contains(&kind);
    Ok(json(&WebPushSubscription {
        id: subscription.id,
        server_key: pushes::public_key(&call.ctx).await?,
        standard: subscription.standard,
        alerts: Alerts {
            mention: on(NotificationKind::Mention),
            status: on(NotificationKind::Post),
            reblog: on(NotificationKind::Boost),
            follow: on(NotificationKind::Follow),
            follow_request: on(NotificationKind::FollowRequest),
            favourite: on(NotificationKind::Like),
            poll: on(NotificationKind::Poll),
            update: on(NotificationKind::Edit),
            quote: false,
            quoted_update: false,
            admin_sign_up: on(NotificationKind::SignUp),
            admin_report: on(NotificationKind::Report),
        },
        policy: subscription.policy,
        endpoint: subscription.endpoint,
    }))
}

/// What the request says of alerts; `known` stands where it says nothing.
fn alerts(data: &Params, known: &[NotificationKind]) -> Vec<NotificationKind> {
    let named = data.inner("alerts");
    let on = |kind: &NotificationKind| named.flag(kind_word(*kind)).unwrap_or_else(|| known.contains(kind));
    NotificationKind::ALL.iter().copied().filter(on).collect()
}

fn policy(call: &Call, known: &str) -> String {
    let said = call.params.inner("data").text("policy").or_else(|| call.params.text("policy"));
    said.filter(|p| matches!(p.as_str(), "all" | "followed" | "follower" | "none")).unwrap_or_else(|| known.to_owned())
}

/// `POST /api/v1/push/subscription`
pub(super) async fn subscribe(call: Call) -> Answer {
    let token = call.token("push")?;
    let wanted = call.params.inner("subscription");
    let keys = wanted.inner("keys");
    let new = NewSubscription {
        endpoint: wanted.required("endpoint")?,
        p256dh: keys.required("p256dh")?,
        auth: keys.required("auth")?,
        standard: wanted.flag("standard").unwrap_or(false),
        alerts: alerts(&call.params.inner("data"), &[]),
        policy: policy(&call, "all"),
    };
    let made = pushes::subscribe(&call.ctx, token, new).await?;
    shown(&call, made).await
}

/// `GET /api/v1/push/subscription`
pub(super) async fn read(call: Call) -> Answer {
    let found = pushes::find(&call.ctx, call.token("push")?).await?;
    shown(&call, found).await
}

/// `PUT /api/v1/push/subscription`
pub(super) async fn update(call: Call) -> Answer {
    let token = call.token("push")?;
    let known = pushes::find(&call.ctx, token).await?;
    let alerts = alerts(&call.params.inner("data"), &known.alerts);
    let now = pushes::set_alerts(&call.ctx, token, alerts, &policy(&call, &known.policy)).await?;
    shown(&call, now).await
}

/// `DELETE /api/v1/push/subscription`
pub(super) async fn unsubscribe(call: Call) -> Answer {
    pushes::unsubscribe(&call.ctx, call.token("push")?).await?;
    Ok(json(&entity::Empty {}))
}
