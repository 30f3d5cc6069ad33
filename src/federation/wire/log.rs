//! The log of a group, as its server tells it to members elsewhere.

use serde_json::{Value, json};

use super::{actor::stamp, value};
use crate::{
    model::GroupDeed,
    service::groups::{LogLine, LogName},
    text::sanitize,
};

/// Most lines that are read.
const MOST: usize = 80;
/// Longest reason that is read, in characters.
const MOST_WORDS: usize = 1_000;

/// Writes a page of the log of a group; `next` is the line below which the next page begins.
pub fn write(group: &str, lines: &[LogLine], next: Option<i64>) -> Value {
    let name = |who: Option<&LogName>| who.map(|who| who.handle.clone());
    let line = |one: &LogLine| {
        json!({
            "deed": one.deed,
            "reason": one.reason,
            "actor": name(one.by.as_ref()),
            "object": name(one.about.as_ref()),
            "published": stamp(one.at),
        })
    };
    let lines: Vec<Value> = lines.iter().map(line).collect();
    json!({ "id": format!("{group}/log"), "type": "OrderedCollectionPage", "orderedItems": lines, "next": next })
}

/// Reads such a page. Deeds that we do not know are passed over.
pub fn read(body: &Value) -> (Vec<LogLine>, Option<i64>) {
    let lines = value::list(body, "orderedItems").into_iter().take(MOST).filter_map(read_line).collect();
    (lines, body.get("next").and_then(Value::as_i64))
}

fn read_line(line: &Value) -> Option<LogLine> {
    let name = |key: &str| {
        let handle = sanitize::line(value::bounded(value::text(line, key)?, 8_000), 330);
        Some(LogName { handle, known: false }).filter(|name| !name.handle.is_empty())
    };
    let reason = sanitize::plain(value::bounded(value::text(line, "reason").unwrap_or_default(), 8_000));
    Some(LogLine {
        deed: value::text(line, "deed").and_then(GroupDeed::parse)?,
        reason: reason.trim().chars().take(MOST_WORDS).collect(),
        by: name("actor"),
        about: name("object"),
        at: value::time(line, "published")?,
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn what_is_told_is_read_and_what_is_unheard_of_is_passed_over() {
        let told = LogLine {
            deed: GroupDeed::Ban,
            reason: "Advertising".into(),
            by: Some(LogName { handle: "ada@a.example".into(), known: false }),
            about: None,
            at: DateTime::UNIX_EPOCH,
        };
        let mut page = write("https://a.example/users/hearts", std::slice::from_ref(&told), Some(7));
        page["orderedItems"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "deed": "sing", "published": "2026-01-01T00:00:00Z" }));
        assert_eq!(read(&page), (vec![told], Some(7)));
        assert_eq!(read(&json!("x")), (Vec::new(), None));
    }
}
