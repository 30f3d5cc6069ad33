//! What of its group's topics a post is about, as it stands in its document under `topic`.

use serde_json::{Value, json};

use super::value;
use crate::{policy::groups::MAX_LINE, text::sanitize};

/// Adds the topic to the document of a post, where it has one.
pub fn add(note: &mut Value, topic: &str) {
    if let (false, Some(note)) = (topic.is_empty(), note.as_object_mut()) {
        note.insert("topic".into(), topic.into());
    }
}

/// Says in the context of a document what `topic` means, where it stands in it, in its object, or in that one's object.
pub(super) fn add_term(document: &mut Value, terms: &str) {
    let object = document.get("object");
    let places = [Some(&*document), object, object.and_then(|inner| inner.get("object"))];
    if !places.into_iter().flatten().any(|place| place.get("topic").is_some()) {
        return;
    }
    let term = json!({ "consilium": format!("{terms}#"), "topic": "consilium:topic" });
    if let Some(context) = document.get_mut("@context").and_then(Value::as_array_mut)
        && !context.contains(&term)
    {
        context.push(term);
    }
}

/// Reads it; empty where the post does not say.
pub fn read(note: &Value) -> String {
    let said = ["topic", "consilium:topic"].into_iter().find_map(|key| value::text(note, key));
    sanitize::line(value::bounded(said.unwrap_or_default(), 4 * MAX_LINE), MAX_LINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_read_as_it_is_written() {
        let mut note = json!({ "@context": [] });
        add(&mut note, "");
        add_term(&mut note, "https://alpha.test/terms");
        assert_eq!((read(&note), &note), (String::new(), &json!({ "@context": [] })));
        add(&mut note, "Heart & lung");
        add_term(&mut note, "https://alpha.test/terms");
        assert_eq!(read(&note), "Heart & lung");
        assert!(note["@context"].to_string().contains("consilium:topic"));
        assert_eq!(read(&json!({ "topic": ["Rhythm"] })), "");
        assert_eq!(read(&json!({ "topic": "x".repeat(1_000) })).len(), MAX_LINE);
    }
}
