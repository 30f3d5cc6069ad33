//! Small entities.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Account, CustomEmoji, MediaAttachment, Status, Tag, accounts, attachment, stamp, statuses, visibility};
use crate::{
    error::Result,
    model::{self, PostCard},
    policy::Viewer,
    service::{Ctx, announcements, conversations as direct, profiles, reports, scheduled as waiting},
};

/// Nothing more to say.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Empty {}

/// What is around a post.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Context {
    pub(in crate::api) ancestors: Vec<Status>,
    pub(in crate::api) descendants: Vec<Status>,
}

/// A post as it was typed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct StatusSource {
    pub(in crate::api) id: String,
    pub(in crate::api) text: String,
    pub(in crate::api) spoiler_text: String,
}

/// What a post said at one time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct StatusEdit {
    pub(in crate::api) content: String,
    pub(in crate::api) spoiler_text: String,
    pub(in crate::api) sensitive: bool,
    pub(in crate::api) created_at: String,
    pub(in crate::api) account: Account,
    pub(in crate::api) media_attachments: Vec<MediaAttachment>,
    pub(in crate::api) emojis: Vec<CustomEmoji>,
}

/// What was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Search {
    pub(in crate::api) accounts: Vec<Account>,
    pub(in crate::api) statuses: Vec<Status>,
    pub(in crate::api) hashtags: Vec<Tag>,
}

/// People whose posts are read apart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct List {
    id: String,
    title: String,
    /// `followed`, `list` or `none`.
    replies_policy: &'static str,
    exclusive: bool,
}

/// `List`.
pub(in crate::api) fn list(list: &model::List) -> List {
    List {
        id: list.id.to_string(),
        title: list.title.clone(),
        replies_policy: list.replies.as_str(),
        exclusive: list.exclusive,
    }
}

/// How far somebody has read.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Marker {
    pub(in crate::api) last_read_id: String,
    pub(in crate::api) version: i32,
    pub(in crate::api) updated_at: String,
}

/// A direct conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Conversation {
    id: String,
    unread: bool,
    accounts: Vec<Account>,
    last_status: Option<Status>,
}

/// `Conversation` for each of a page.
pub(in crate::api) async fn conversations(
    ctx: &Ctx,
    viewer: &Viewer,
    found: &[direct::Conversation],
) -> Result<Vec<Conversation>> {
    let cards: Vec<PostCard> = found.iter().map(|c| c.last.clone()).collect();
    let shown = statuses(ctx, viewer, &cards).await?;
    let mut ids: Vec<_> = found.iter().flat_map(|c| c.people.iter().map(|p| p.id)).collect();
    ids.sort_unstable();
    ids.dedup();
    let people = profiles::by_ids(ctx, ids).await?;
    Ok(found
        .iter()
        .map(|one| {
            let theirs: Vec<model::Account> =
                people.iter().filter(|p| one.people.iter().any(|o| o.id == p.id)).cloned().collect();
            let id = one.last.post.id.to_string();
            Conversation {
                id: one.id.to_string(),
                unread: one.unread,
                accounts: accounts(ctx, &theirs),
                last_status: shown.iter().find(|s| s.id == id).cloned(),
            }
        })
        .collect())
}

/// A post that waits for its time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct ScheduledStatus {
    id: String,
    scheduled_at: String,
    params: ScheduledParams,
    media_attachments: Vec<MediaAttachment>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct ScheduledParams {
    text: String,
    poll: Option<ScheduledPoll>,
    media_ids: Option<Vec<String>>,
    sensitive: bool,
    spoiler_text: String,
    visibility: &'static str,
    /// A number, as clients read it.
    in_reply_to_id: Option<i64>,
    language: Option<String>,
    scheduled_at: Option<String>,
    idempotency: Option<String>,
    application_id: Option<i64>,
    with_rate_limit: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct ScheduledPoll {
    options: Vec<String>,
    expires_in: i64,
    multiple: bool,
    hide_totals: bool,
}

/// `ScheduledStatus`.
pub(in crate::api) fn scheduled(ctx: &Ctx, viewer: &Viewer, one: &waiting::Scheduled) -> Result<ScheduledStatus> {
    let content = &one.content;
    let pictures: Result<Vec<_>> = one.media.iter().map(|m| attachment(ctx, viewer, m, false)).collect();
    let ids: Vec<String> = one.media.iter().map(|m| m.id.to_string()).collect();
    Ok(ScheduledStatus {
        id: one.id.to_string(),
        scheduled_at: one.at.map(stamp).unwrap_or_default(),
        params: ScheduledParams {
            text: content.text.clone(),
            poll: content.poll.as_ref().map(|p| ScheduledPoll {
                options: p.options.clone(),
                expires_in: p.seconds,
                multiple: p.multiple,
                hide_totals: p.hide_totals,
            }),
            media_ids: (!ids.is_empty()).then_some(ids),
            sensitive: content.sensitive,
            spoiler_text: content.warning.clone(),
            visibility: visibility(content.visibility),
            in_reply_to_id: content.reply_to.map(|id| id.0),
            language: (!content.language.is_empty()).then(|| content.language.clone()),
            scheduled_at: None,
            idempotency: None,
            application_id: None,
            with_rate_limit: false,
        },
        media_attachments: pictures?,
    })
}

/// Word of the house.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Announcement {
    id: String,
    content: String,
    starts_at: Option<String>,
    ends_at: Option<String>,
    all_day: bool,
    published_at: String,
    updated_at: String,
    read: bool,
    mentions: Vec<Account>,
    statuses: Vec<Status>,
    tags: Vec<Tag>,
    emojis: Vec<CustomEmoji>,
    reactions: Vec<Reaction>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct Reaction {
    name: String,
    count: i64,
    me: bool,
    url: Option<String>,
    static_url: Option<String>,
}

/// `Announcement`.
pub(in crate::api) fn announcement(one: &announcements::Announcement) -> Announcement {
    Announcement {
        id: one.id.to_string(),
        content: one.html.clone(),
        starts_at: one.starts_at.map(stamp),
        ends_at: one.ends_at.map(stamp),
        all_day: false,
        published_at: stamp(one.published_at),
        updated_at: stamp(one.updated_at),
        read: one.read,
        mentions: Vec::new(),
        statuses: Vec::new(),
        tags: Vec::new(),
        emojis: Vec::new(),
        reactions: one
            .reactions
            .iter()
            .map(|(name, count, me)| Reaction {
                name: name.clone(),
                count: *count,
                me: *me,
                url: None,
                static_url: None,
            })
            .collect(),
    }
}

/// A report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Report {
    id: String,
    action_taken: bool,
    action_taken_at: Option<String>,
    category: &'static str,
    comment: String,
    forwarded: bool,
    created_at: String,
    status_ids: Vec<String>,
    rule_ids: Vec<String>,
    target_account: Account,
}

/// `Report`.
pub(in crate::api) fn report(ctx: &Ctx, filed: &reports::Report, target: &model::Account) -> Report {
    Report {
        id: filed.id.to_string(),
        action_taken: filed.resolved_at.is_some(),
        action_taken_at: filed.resolved_at.map(stamp),
        category: match filed.category.as_str() {
            "spam" => "spam",
            "legal" => "legal",
            "violation" | "privacy" => "violation",
            _ => "other",
        },
        comment: filed.comment.clone(),
        forwarded: filed.forwarded,
        created_at: stamp(filed.at),
        status_ids: filed.post_ids.iter().map(ToString::to_string).collect(),
        rule_ids: Vec::new(),
        target_account: super::account(ctx, target),
    }
}

/// Of somebody, those whom one follows that follow them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct FamiliarFollowers {
    pub(in crate::api) id: String,
    pub(in crate::api) accounts: Vec<Account>,
}

/// Somebody whom one may want to follow.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Suggestion {
    pub(in crate::api) source: &'static str,
    pub(in crate::api) sources: Vec<&'static str>,
    pub(in crate::api) account: Account,
}
