//! How a group works, as its document says it.

use serde_json::{Value, json};

use super::{actor::stamp, value};
use crate::{
    model::{Admission, Group, GroupKind, GroupSaid},
    policy::groups::{MAX_LINE, MAX_TEXT, MAX_TOPICS},
    text::{handle, sanitize},
};

/// Most professions, specialties or institutions that are read of what a group asks.
const MOST: usize = 100;

/// Reads how a group works. Rules come as Markdown from our own servers alone; others have them in the summary. What is for members
/// is told to their servers, and to no other.
pub fn read(body: &Value) -> GroupSaid {
    let null = Value::Null;
    let asked = body.get("requires").unwrap_or(&null);
    let level = asked.get("level").and_then(Value::as_i64).unwrap_or(0).clamp(0, 4);
    GroupSaid {
        kind: kind(body),
        admission: admission(body),
        rules: said(body, "rules").unwrap_or_default(),
        welcome: said(body, "welcome"),
        topics: body.get("topics").map(|_| lines(body, "topics", MAX_TOPICS)),
        level: i16::try_from(level).unwrap_or(0),
        disciplines: lines(asked, "disciplines", MOST),
        specialties: lines(asked, "specialties", MOST),
        issuers: lines(asked, "issuers", MOST).iter().filter_map(|host| handle::normal_host(host)).collect(),
        archived_at: value::time(body, "archived"),
    }
}

/// A text in Markdown, within bounds.
fn said(body: &Value, key: &str) -> Option<String> {
    Some(value::text(body, key)?.chars().take(MAX_TEXT).collect())
}

/// Lines of text, each once, within bounds.
fn lines(body: &Value, key: &str, most: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in value::list(body, key).into_iter().filter_map(Value::as_str) {
        let line = sanitize::line(value::bounded(line, 4 * MAX_LINE), MAX_LINE);
        if all.len() < most && !line.is_empty() && !all.contains(&line) {
            all.push(line);
        }
    }
    all
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

/// What a group's document has besides an actor's: who it is for, how it is joined, what it asks of its members, its rules, whether
/// it goes on, and where it says who leads it. `terms` is where our own terms stand.
pub fn add(body: &mut Value, group: &Group, terms: &str) {
    let moderators = value::text(body, "id").map(|id| format!("{id}/moderators"));
    let Some(body) = body.as_object_mut() else { return };
    body.insert("attributedTo".into(), moderators.clone().into());
    body.insert("moderators".into(), moderators.into());
    body.insert("audienceKind".into(), group.kind.as_str().into());
    body.insert("admission".into(), group.admission.as_str().into());
    if !group.rules.is_empty() {
        body.insert("rules".into(), group.rules.clone().into());
    }
    body.insert("requires".into(), requires(group));
    // Programs that know no archive let nobody write but those who lead it.
    body.insert("postingRestrictedToMods".into(), group.archived_at.is_some().into());
    if let Some(at) = group.archived_at {
        body.insert("archived".into(), stamp(at).into());
    }
    if let Some(context) = body.get_mut("@context").and_then(Value::as_array_mut) {
        context.push(context_of(terms));
    }
}

/// What it says besides to the servers of its members: what they read first, and what is talked about.
pub fn add_inside(body: &mut Value, group: &Group) {
    let Some(body) = body.as_object_mut() else { return };
    body.insert("welcome".into(), group.welcome.clone().into());
    body.insert("topics".into(), json!(group.topics));
}

/// What a group asks of its members: a level, keys of professions, codes of specialties, hosts of institutions.
fn requires(group: &Group) -> Value {
    json!({
        "level": group.level,
        "disciplines": group.disciplines,
        "specialties": group.specialties,
        "issuers": group.issuers,
    })
}

/// What our own words mean.
fn context_of(terms: &str) -> Value {
    json!({
        "consilium": format!("{terms}#"),
        "audienceKind": "consilium:audienceKind",
        "admission": "consilium:admission",
        "rules": "consilium:rules",
        "welcome": "consilium:welcome",
        "topics": { "@id": "consilium:topics", "@container": "@list" },
        "requires": { "@id": "consilium:requires", "@type": "@json" },
        "archived": { "@id": "consilium:archived", "@type": "http://www.w3.org/2001/XMLSchema#dateTime" },
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{AccountId, Premoderation, Review};

    fn group() -> Group {
        Group {
            account_id: AccountId(1),
            kind: GroupKind::Closed,
            admission: Admission::Request,
            premoderation: Premoderation::None,
            topics: vec!["Rhythm".into(), "Heart & lung".into()],
            rules: "No names.".into(),
            welcome: "Say **hello**.".into(),
            level: 4,
            disciplines: vec!["medicine".into()],
            specialties: vec!["207RC0000X".into()],
            issuers: vec!["alpha.test".into()],
            archived_at: Some(DateTime::UNIX_EPOCH),
            created_at: DateTime::UNIX_EPOCH,
            review: Review::Kept,
        }
    }

    #[test]
    fn how_a_group_works_is_read_as_it_is_written_and_what_is_for_members_only_where_it_is_told() {
        let group = group();
        let mut body = json!({ "id": "https://a.example/users/hearts", "@context": [] });
        add(&mut body, &group, "https://a.example/terms");
        let told = read(&body);
        assert_eq!((told.kind, told.admission, told.rules.as_str()), (group.kind, group.admission, "No names."));
        assert_eq!((told.level, &told.disciplines, &told.issuers), (4, &group.disciplines, &group.issuers));
        assert_eq!((&told.specialties, told.archived_at), (&group.specialties, group.archived_at));
        assert_eq!((&told.welcome, &told.topics), (&None, &None));
        assert!(!body.to_string().contains("hello") && !body.to_string().contains("Rhythm"), "{body}");
        add_inside(&mut body, &group);
        let told = read(&body);
        assert_eq!((told.welcome, told.topics), (Some(group.welcome), Some(group.topics)));
    }

    #[test]
    fn what_is_too_much_or_odd_is_left_out() {
        let many: Vec<String> = (0..50).map(|n| format!("Topic {n}")).collect();
        let body = json!({
            "topics": many, "welcome": 7, "archived": true,
            "requires": { "level": 99, "disciplines": ["medicine", "medicine", 3], "issuers": ["a/b", "Alpha.test"] },
        });
        let told = read(&body);
        assert_eq!(told.topics.unwrap().len(), MAX_TOPICS);
        assert_eq!((told.level, told.welcome, told.archived_at), (4, None, None));
        assert_eq!((told.disciplines, told.issuers), (vec!["medicine".to_owned()], vec!["alpha.test".to_owned()]));
        let plain = read(&json!({ "type": "Group", "requires": "much" }));
        assert_eq!((plain.kind, plain.level, plain.topics), (GroupKind::Open, 0, None));
    }
}
