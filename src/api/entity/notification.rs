use std::collections::{HashMap, HashSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::{Account, Status, account, accounts, stamp, statuses};
use crate::{
    error::Result,
    model::{self, AccountId, GroupDeed, PostCard},
    policy::Viewer,
    service::{
        Ctx,
        notifications::{Group, NotificationView, Request},
        profiles,
        pushes::kind_word,
    },
};

/// Something that happened to somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Notification {
    id: String,
    r#type: &'static str,
    group_key: String,
    created_at: String,
    account: Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consilium: Option<Decision>,
}

/// What those who lead a group have decided, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Decision {
    /// As the group's log calls it.
    deed: &'static str,
    /// Empty where nobody said.
    reason: String,
}

impl Decision {
    fn of(deed: Option<GroupDeed>, reason: &str) -> Option<Self> {
        deed.map(|deed| Self { deed: deed.as_str(), reason: reason.to_owned() })
    }
}

/// The statuses of cards by their ids.
async fn by_id(ctx: &Ctx, viewer: &Viewer, cards: &[PostCard]) -> Result<HashMap<String, Status>> {
    Ok(statuses(ctx, viewer, cards).await?.into_iter().map(|s| (s.id.clone(), s)).collect())
}

/// `Notification` for each of a page, in a fixed number of queries.
pub(in crate::api) async fn notifications(
    ctx: &Ctx,
    viewer: &Viewer,
    views: &[NotificationView],
) -> Result<Vec<Notification>> {
    let people = profiles::also_gone(ctx, views.iter().map(|v| v.notification.from.id).collect()).await?;
    let cards: Vec<PostCard> = views.iter().filter_map(|v| v.post.clone()).collect();
    let shown = by_id(ctx, viewer, &cards).await?;
    let one = |view: &NotificationView| {
        let from = people.iter().find(|account| account.id == view.notification.from.id)?;
        Some(Notification {
            id: view.notification.id.to_string(),
            r#type: kind_word(view.notification.kind),
            group_key: view.group_key(),
            created_at: stamp(view.notification.created_at),
            account: account(ctx, from),
            status: view.post.as_ref().and_then(|card| shown.get(&card.post.id.to_string()).cloned()),
            consilium: Decision::of(view.notification.deed, &view.notification.reason),
        })
    };
    Ok(views.iter().filter_map(one).collect())
}

/// Notifications put together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Grouped {
    accounts: Vec<Account>,
    statuses: Vec<Status>,
    notification_groups: Vec<NotificationGroup>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct NotificationGroup {
    group_key: String,
    notifications_count: i64,
    r#type: &'static str,
    /// A number, as clients read it.
    most_recent_notification_id: i64,
    page_min_id: String,
    page_max_id: String,
    latest_page_notification_at: String,
    sample_account_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consilium: Option<Decision>,
}

/// `GroupedNotificationsResults`.
pub(in crate::api) async fn grouped(ctx: &Ctx, viewer: &Viewer, groups: &[Group]) -> Result<Grouped> {
    let mut ids: Vec<AccountId> = groups.iter().flat_map(|g| g.people.iter().copied()).collect();
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(*id));
    let people = profiles::also_gone(ctx, ids).await?;
    let mut posts = HashSet::new();
    let cards: Vec<PostCard> =
        groups.iter().filter_map(|g| g.post.clone()).filter(|c| posts.insert(c.post.id)).collect();
    Ok(Grouped {
        accounts: accounts(ctx, &people),
        statuses: statuses(ctx, viewer, &cards).await?,
        notification_groups: groups
            .iter()
            .map(|g| NotificationGroup {
                group_key: g.key.clone(),
                notifications_count: g.count,
                r#type: kind_word(g.kind),
                most_recent_notification_id: g.newest.0,
                page_min_id: g.oldest.to_string(),
                page_max_id: g.newest.to_string(),
                latest_page_notification_at: stamp(g.at),
                sample_account_ids: g.people.iter().map(ToString::to_string).collect(),
                status_id: g.post.as_ref().map(|card| card.post.id.to_string()),
                consilium: Decision::of(g.deed, &g.reason),
            })
            .collect(),
    })
}

/// Somebody whose notifications are kept apart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct NotificationRequest {
    id: String,
    created_at: String,
    updated_at: String,
    notifications_count: String,
    account: Account,
    last_status: Option<Status>,
}

/// `NotificationRequest` for each of a page.
pub(in crate::api) async fn requests(
    ctx: &Ctx,
    viewer: &Viewer,
    found: &[Request],
) -> Result<Vec<NotificationRequest>> {
    let people: HashMap<AccountId, model::Account> =
        profiles::by_ids(ctx, found.iter().map(|r| r.from).collect()).await?.into_iter().map(|a| (a.id, a)).collect();
    let cards: Vec<PostCard> = found.iter().filter_map(|r| r.post.clone()).collect();
    let shown = by_id(ctx, viewer, &cards).await?;
    Ok(found
        .iter()
        .filter_map(|r| {
            Some(NotificationRequest {
                id: r.from.to_string(),
                created_at: stamp(r.first_at),
                updated_at: stamp(r.last_at),
                notifications_count: r.count.to_string(),
                account: account(ctx, people.get(&r.from)?),
                last_status: r.post.as_ref().and_then(|c| shown.get(&c.post.id.to_string()).cloned()),
            })
        })
        .collect())
}
