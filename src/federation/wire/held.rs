//! What waits in a group, as its server tells those who lead it from elsewhere. It is read and shown, and nothing of it is kept.

use serde_json::{Value, json};

use super::{actor::stamp, value};
use crate::{model::Held, service::groups::WaitingPost, text::sanitize};

/// Most bytes of the posts in one list; what is left over is told once these are decided.
const MOST_BYTES: usize = 900_000;
/// Most bytes of one post's text.
const MOST_TEXT: usize = 200_000;
/// Most posts that are read.
const MOST: usize = 40;
/// Most pictures, choices, finds and reasons of one post that are read.
const MOST_PARTS: usize = 20;

/// Writes a list of what waits in a group; `more` is whether there is more than these.
pub fn write(group: &str, waiting: &[WaitingPost], more: bool) -> Value {
    let (mut items, mut bytes) = (Vec::new(), 0_usize);
    for one in waiting {
        let item = write_one(one);
        bytes = bytes.saturating_add(item.to_string().len());
        if bytes > MOST_BYTES && !items.is_empty() {
            break;
        }
        items.push(item);
    }
    let more = more || items.len() < waiting.len();
    json!({ "id": format!("{group}/held"), "type": "OrderedCollection", "orderedItems": items, "more": more })
}

fn write_one(one: &WaitingPost) -> Value {
    let found = one.found.iter().map(|(kind, count)| json!({ "kind": kind, "count": count }));
    let kept = one.kept.iter().map(|(kind, reason)| json!({ "kind": kind, "reason": reason }));
    json!({
        "id": one.uri,
        "type": "Note",
        "attributedTo": { "name": one.by, "handle": one.handle },
        "inReplyTo": { "name": one.answers },
        "name": one.title,
        "summary": one.warning,
        "content": value::bounded(&one.html, MOST_TEXT),
        "pictures": one.pictures,
        "options": one.options,
        "published": stamp(one.published_at),
        "held": one.held,
        "found": found.collect::<Vec<_>>(),
        "kept": kept.collect::<Vec<_>>(),
    })
}

/// Reads such a list: its texts are cleaned like those of every foreign document.
pub fn read(body: &Value) -> (Vec<WaitingPost>, bool) {
    let items = value::list(body, "orderedItems");
    let more = value::flag(body, "more") || items.len() > MOST;
    (items.into_iter().take(MOST).filter_map(read_one).collect(), more)
}

fn read_one(item: &Value) -> Option<WaitingPost> {
    let line = |of: &Value, key: &str, most: usize| {
        sanitize::line(value::bounded(value::text(of, key).unwrap_or_default(), 8_000), most)
    };
    let lines = |key: &str, most: usize| {
        let all = value::list(item, key).into_iter().filter_map(Value::as_str).take(MOST_PARTS);
        all.map(|text| sanitize::line(value::bounded(text, 8_000), most)).collect::<Vec<String>>()
    };
    let found = |one: &Value| {
        let count = one.get("count").and_then(Value::as_i64).and_then(|count| i32::try_from(count).ok())?;
        Some((line(one, "kind", 50), count))
    };
    let kept = |one: &Value| {
        let reason = line(one, "reason", 500);
        Some((line(one, "kind", 50), reason)).filter(|(_, reason)| !reason.is_empty())
    };
    let null = Value::Null;
    let (by, answered) = (item.get("attributedTo").unwrap_or(&null), item.get("inReplyTo").unwrap_or(&null));
    Some(WaitingPost {
        uri: value::id_of(item).filter(|uri| value::host(uri).is_some())?.to_owned(),
        by: sanitize::name(value::bounded(value::text(by, "name").unwrap_or_default(), 8_000), 200),
        handle: line(by, "handle", 330),
        answers: line(answered, "name", 200),
        title: line(item, "name", 300),
        warning: line(item, "summary", 500),
        html: sanitize::html(value::bounded(value::text(item, "content").unwrap_or_default(), MOST_TEXT)),
        pictures: lines("pictures", 1_500),
        options: lines("options", 300),
        published_at: value::time(item, "published")?,
        held: value::text(item, "held").and_then(Held::parse).unwrap_or(Held::Premoderation),
        found: value::list(item, "found").into_iter().filter_map(found).take(MOST_PARTS).collect(),
        kept: value::list(item, "kept").into_iter().filter_map(kept).take(MOST_PARTS).collect(),
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn post(html: &str) -> WaitingPost {
        WaitingPost {
            uri: "https://b.example/users/bo/posts/1".into(),
            by: "Dr Bo".into(),
            handle: "bo@b.example".into(),
            answers: "Dr Ada".into(),
            title: "A murmur".into(),
            warning: "A wound".into(),
            html: html.into(),
            pictures: vec!["A tracing".into()],
            options: vec!["Wait".into(), "Treat".into()],
            published_at: DateTime::UNIX_EPOCH,
            held: Held::Screening,
            found: vec![("name".into(), 2)],
            kept: vec![("name".into(), "A colleague".into())],
        }
    }

    #[test]
    fn what_waits_is_read_as_it_was_told_and_cleaned() {
        let told = post("<p>Seen at <strong>night</strong>.</p>");
        let list = write("https://a.example/users/hearts", std::slice::from_ref(&told), true);
        assert_eq!(read(&list), (vec![told], true));
        let list = write("https://a.example/users/hearts", &[post("<script>alert(1)</script><p>x</p>")], false);
        let (read, _) = read(&list);
        assert_eq!(read[0].html, "<p>x</p>");
    }

    #[test]
    fn a_list_has_an_end() {
        let long = post(&"x".repeat(MOST_TEXT));
        let (read, more) = read(&write("https://a.example/users/hearts", &vec![long; 10], false));
        assert!(read.len() == 4 && more, "{}", read.len());
        assert!(super::read(&json!({ "orderedItems": [{ "content": "x" }, 7] })).0.is_empty());
    }
}
