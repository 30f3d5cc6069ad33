//! The contract's entities, built from views that were loaded in a fixed number of queries a page.

mod account;
mod filter;
mod media;
mod notification;
mod poll;
mod status;
mod tag;
mod word;

pub(super) use account::{
    Account, CredentialAccount, MutedAccount, Relationship, VerifiedBadge, account, accounts, badge,
    credential_account, relationship, visibility,
};
pub(super) use filter::{
    Filter, FilterKeyword, FilterResult, FilterStatus, FilterV1, filter, filter_results, filter_status, filters_v1,
    keyword,
};
pub(super) use media::{MediaAttachment, attachment};
pub(super) use notification::{Grouped, Notification, NotificationRequest, grouped, notifications, requests};
pub(super) use poll::{Poll, poll};
pub(super) use status::{Status, entry, statuses, statuses_with};
pub(super) use tag::{FeaturedTag, Tag, featured, tag};
pub(super) use word::{
    Announcement, Context, Conversation, Empty, FamiliarFollowers, List, Marker, Report, ScheduledStatus, Search,
    StatusEdit, StatusSource, Suggestion, announcement, conversations, list, report, scheduled,
};

use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time: three digits of a second and Z, as clients parse it.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The contract's custom emoji; there are none here.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub(super) struct CustomEmoji {
    shortcode: String,
    url: String,
    static_url: String,
    visible_in_picker: bool,
}
