//! How a group works, as its document says it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{actor::stamp, value};
use crate::{
    model::{Admission, Group, GroupKind, GroupSaid},
    policy::groups::MAX_TEXT,
};

/// Reads how a group works. Rules come as Markdown from our own servers alone; others have them in the summary.
pub fn read(body: &Value) -> GroupSaid {
    GroupSaid { kind: kind(body), admission: admission(body), rules: said(body, "rules"), archived_at: archived(body) }
}

/// A text in Markdown, within bounds.
fn said(body: &Value, key: &str) -> String {
    value::text(body, key).unwrap_or_default().chars().take(MAX_TEXT).collect()
}

/// Who a group is for, as our own servers say it; of others those are for members whose followers are approved, as in
/// Lemmy's private communities. None of another server is for this server alone.
fn kind(body: &Value) -> GroupKind {
    match value::text(body, "audienceKind").and_then(GroupKind::parse) {
        Some(kind) if kind != GroupKind::Local => kind,
        _ if value::flag(body, "manuallyApprovesFollowers") => GroupKind::Closed,
        _ => GroupKind::Open,
    }
}

/// How a group is joined, as our own servers say it; of others it is known whether followers are approved.
fn admission(body: &Value) -> Admission {
    match value::text(body, "admission").and_then(Admission::parse) {
        Some(admission) => admission,
        None if value::flag(body, "manuallyApprovesFollowers") => Admission::Request,
        None => Admission::Free,
    }
}

/// Since when a group can only be read; none where it goes on.
fn archived(body: &Value) -> Option<DateTime<Utc>> {
    value::time(body, "archived")
}

/// What a group's document has besides an actor's: who it is for, how it is joined, its rules, whether it goes on, and where it says
/// who leads it.
pub fn add(body: &mut Value, group: &Group) {
    let moderators = value::text(body, "id").map(|id| format!("{id}/moderators"));
    let Some(body) = body.as_object_mut() else { return };
    body.insert("attributedTo".into(), moderators.clone().into());
    body.insert("moderators".into(), moderators.into());
    body.insert("audienceKind".into(), group.kind.as_str().into());
    body.insert("admission".into(), group.admission.as_str().into());
    if !group.rules.is_empty() {
        body.insert("rules".into(), group.rules.clone().into());
    }
    // Programs that know no archive let nobody write but those who lead it.
    body.insert("postingRestrictedToMods".into(), group.archived_at.is_some().into());
    if let Some(at) = group.archived_at {
        body.insert("archived".into(), stamp(at).into());
    }
}
