//! What happened to somebody, one by one and in groups, and whose of it is let through.

use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

use super::{auth::Call, entity, error::Answer, json, page};
use crate::{
    error::Error,
    model::{AccountId, NotificationId, NotificationKind},
    policy::Viewer,
    service::{
        Page,
        notifications::{self, GROUPABLE, Rules, Wanted},
        profiles,
        pushes::kind_word,
    },
};

/// What the request asks for.
fn wanted(call: &Call) -> Wanted {
    let (wanted, unwanted) = (call.params.list("types"), call.params.list("exclude_types"));
    let kinds = NotificationKind::ALL
        .iter()
        .copied()
        .filter(|kind| wanted.is_empty() || wanted.iter().any(|w| w == kind_word(*kind)))
        .filter(|kind| !unwanted.iter().any(|w| w == kind_word(*kind)))
        .collect();
    Wanted {
        kinds,
        from: call.params.text("account_id").and_then(|id| id.parse().ok()),
        filtered: call.params.flag("include_filtered").unwrap_or(false),
    }
}

/// `GET /api/v1/notifications`
pub(super) async fn list(call: Call) -> Answer {
    let viewer = call.own("read:notifications")?;
    let page = page::asked(&call, 40);
    let listed = notifications::page(&call.ctx, &viewer, &wanted(&call), &page).await?;
    let keys = listed.items.first().zip(listed.items.last()).map(|(f, l)| (f.notification.id.0, l.notification.id.0));
    let items = entity::notifications(&call.ctx, &viewer, &listed.items).await?;
    Ok(page::answer(&call, &page, &listed, keys, &items))
}

/// `GET /api/v1/notifications/{id}`
pub(super) async fn read(call: Call, id: web::Path<NotificationId>) -> Answer {
    let viewer = call.own("read:notifications")?;
    let view = notifications::read(&call.ctx, &viewer, *id).await?;
    let body = entity::notifications(&call.ctx, &viewer, &[view]).await?.pop().ok_or(Error::NotFound)?;
    Ok(json(&body))
}

/// `POST /api/v1/notifications/{id}/dismiss`
pub(super) async fn dismiss(call: Call, id: web::Path<NotificationId>) -> Answer {
    let viewer = call.own("write:notifications")?;
    notifications::dismiss(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::Empty {}))
}

/// `POST /api/v1/notifications/dismiss`
pub(super) async fn dismiss_named(call: Call) -> Answer {
    let viewer = call.own("write:notifications")?;
    let id = call.params.required("id")?.parse().map_err(|_| Error::NotFound)?;
    notifications::dismiss(&call.ctx, &viewer, id).await?;
    Ok(json(&entity::Empty {}))
}

/// `POST /api/v1/notifications/clear`
pub(super) async fn clear(call: Call) -> Answer {
    let viewer = call.own("write:notifications")?;
    notifications::clear(&call.ctx, &viewer).await?;
    Ok(json(&entity::Empty {}))
}

/// A number.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Count {
    count: i64,
}

async fn unread(call: Call, together: &[NotificationKind]) -> Answer {
    let viewer = call.own("read:notifications")?;
    let most = call.params.number("limit").unwrap_or(100).clamp(1, 1_000);
    let count = notifications::count_unread(&call.ctx, &viewer, &wanted(&call), together, most).await?;
    Ok(json(&Count { count }))
}

/// `GET /api/v1/notifications/unread_count`
pub(super) async fn unread_count(call: Call) -> Answer {
    unread(call, &[]).await
}

/// `GET /api/v2/notifications/unread_count`: what is put together counts once.
pub(super) async fn unread_groups(call: Call) -> Answer {
    let together = grouped_kinds(&call);
    unread(call, &together).await
}

/// Which kinds are put together: those that the request names, of those that can be.
fn grouped_kinds(call: &Call) -> Vec<NotificationKind> {
    let named = call.params.list("grouped_types");
    GROUPABLE.into_iter().filter(|kind| named.is_empty() || named.iter().any(|n| n == kind_word(*kind))).collect()
}

/// `GET /api/v2/notifications`
pub(super) async fn grouped(call: Call) -> Answer {
    let viewer = call.own("read:notifications")?;
    let page = page::asked(&call, 40);
    let listed = notifications::groups(&call.ctx, &viewer, &wanted(&call), grouped_kinds(&call), &page).await?;
    let keys = listed.items.first().zip(listed.items.last()).map(|(f, l)| (f.newest.0, l.newest.0));
    let body = entity::grouped(&call.ctx, &viewer, &listed.items).await?;
    Ok(page::with_links(&call, &page, &listed, keys, json(&body)))
}

/// `GET /api/v2/notifications/{key}`
pub(super) async fn group(call: Call, key: web::Path<String>) -> Answer {
    let viewer = call.own("read:notifications")?;
    let one = notifications::group(&call.ctx, &viewer, &key).await?;
    Ok(json(&entity::grouped(&call.ctx, &viewer, &[one]).await?))
}

/// `POST /api/v2/notifications/{key}/dismiss`
pub(super) async fn dismiss_group(call: Call, key: web::Path<String>) -> Answer {
    let viewer = call.own("write:notifications")?;
    notifications::dismiss_group(&call.ctx, &viewer, &key).await?;
    Ok(json(&entity::Empty {}))
}

/// `GET /api/v2/notifications/{key}/accounts`
pub(super) async fn group_people(call: Call, key: web::Path<String>) -> Answer {
    let viewer = call.own("write:notifications|read:notifications")?;
    let people = notifications::people_of_group(&call.ctx, &viewer, &key).await?;
    let found = profiles::several(&call.ctx, &viewer, people).await?;
    Ok(json(&entity::accounts(&call.ctx, &found)))
}

/// Whose notifications are let through: `accept`, `filter` or `drop`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotificationPolicy {
    for_not_following: String,
    for_not_followers: String,
    for_new_accounts: String,
    for_private_mentions: String,
    for_limited_accounts: String,
    summary: Summary,
}

#[derive(Debug, Serialize, ToSchema)]
struct Summary {
    pending_requests_count: i64,
    pending_notifications_count: i64,
}

async fn shown_policy(call: &Call, viewer: &Viewer) -> Answer {
    let (rules, (people, count)) = notifications::rules(&call.ctx, viewer).await?;
    Ok(json(&NotificationPolicy {
        for_not_following: rules.0,
        for_not_followers: rules.1,
        for_new_accounts: rules.2,
        for_private_mentions: rules.3,
        for_limited_accounts: rules.4,
        summary: Summary { pending_requests_count: people, pending_notifications_count: count },
    }))
}

/// `GET /api/v2/notifications/policy`
pub(super) async fn policy(call: Call) -> Answer {
    let viewer = call.own("read:notifications")?;
    shown_policy(&call, &viewer).await
}

/// `PATCH /api/v2/notifications/policy`
pub(super) async fn set_policy(call: Call) -> Answer {
    let viewer = call.own("write:notifications")?;
    let known = notifications::rules(&call.ctx, &viewer).await?.0;
    let rule = |name: &str, known: String| call.params.text(name).unwrap_or(known);
    let rules: Rules = (
        rule("for_not_following", known.0),
        rule("for_not_followers", known.1),
        rule("for_new_accounts", known.2),
        rule("for_private_mentions", known.3),
        rule("for_limited_accounts", known.4),
    );
    notifications::set_rules(&call.ctx, &viewer, &rules).await?;
    shown_policy(&call, &viewer).await
}

/// `GET /api/v1/notifications/requests`
pub(super) async fn requests(call: Call) -> Answer {
    let viewer = call.own("read:notifications")?;
    let page = page::asked(&call, 40);
    let listed = notifications::requests(&call.ctx, &viewer, None, &page).await?;
    let keys = listed.items.first().zip(listed.items.last()).map(|(f, l)| (f.newest, l.newest));
    let items = entity::requests(&call.ctx, &viewer, &listed.items).await?;
    Ok(page::answer(&call, &page, &listed, keys, &items))
}

/// `GET /api/v1/notifications/requests/{id}`; its id is that of the person.
pub(super) async fn request(call: Call, from: web::Path<AccountId>) -> Answer {
    let viewer = call.own("read:notifications")?;
    let found = notifications::requests(&call.ctx, &viewer, Some(*from), &Page::first(1)).await?;
    let one = entity::requests(&call.ctx, &viewer, &found.items).await?.pop().ok_or(Error::NotFound)?;
    Ok(json(&one))
}

async fn decide(call: &Call, from: Vec<AccountId>, accept: bool) -> Answer {
    let viewer = call.own("write:notifications")?;
    if from.is_empty() {
        return Err(Error::invalid("id", "The parameter id is missing").into());
    }
    notifications::decide_requests(&call.ctx, &viewer, from, accept).await?;
    Ok(json(&entity::Empty {}))
}

/// `POST /api/v1/notifications/requests/{id}/accept`
pub(super) async fn accept(call: Call, from: web::Path<AccountId>) -> Answer {
    decide(&call, vec![*from], true).await
}

/// `POST /api/v1/notifications/requests/{id}/dismiss`
pub(super) async fn decline(call: Call, from: web::Path<AccountId>) -> Answer {
    decide(&call, vec![*from], false).await
}

/// `POST /api/v1/notifications/requests/accept`
pub(super) async fn accept_named(call: Call) -> Answer {
    decide(&call, super::statuses::people_ids(&call.params, "id"), true).await
}

/// `POST /api/v1/notifications/requests/dismiss`
pub(super) async fn decline_named(call: Call) -> Answer {
    decide(&call, super::statuses::people_ids(&call.params, "id"), false).await
}

/// Whether what was accepted has come among the others: it has, at once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Merged {
    merged: bool,
}

/// `GET /api/v1/notifications/requests/merged`
pub(super) async fn merged(call: Call) -> Answer {
    call.own("read:notifications")?;
    Ok(json(&Merged { merged: true }))
}
