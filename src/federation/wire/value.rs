//! Lenient reading of JSON.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// Longest list that is read; the rest is passed over (R11).
pub const MAX_LIST: usize = 1_000;

/// Longest id or address that is read, in bytes: what is longer is as good as absent.
pub const MAX_ID: usize = 2_048;

/// The host of a web address; none for anything else, and for what is too long to be one.
pub fn host(address: &str) -> Option<String> {
    if address.len() > MAX_ID {
        return None;
    }
    url::Url::parse(address)
        .ok()
        .filter(|u| matches!(u.scheme(), "http" | "https"))
        .and_then(|u| crate::text::handle::host_of(&u))
}

/// Takes out NUL characters, which no database text can hold.
pub fn without_nul(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => *text = text.replace('\0', ""),
        Value::Array(items) => items.iter_mut().for_each(without_nul),
        Value::Object(members) => members.values_mut().for_each(without_nul),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The beginning of a text, at most so many bytes, at a character's edge (R11).
pub fn bounded(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A member as text.
pub fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

/// A member as true or false; absent is false.
pub fn flag(object: &Value, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// The id of something that is given as text or as an object.
pub fn id_of(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| text(value, "id")).filter(|id| id.len() <= MAX_ID)
}

/// The id of a member that is given as text, as an object, or as a list of one.
pub fn id<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    match object.get(key)? {
        Value::Array(list) => list.first().and_then(id_of),
        one => id_of(one),
    }
}

/// The members of a list; a single thing is a list of one.
pub fn list<'a>(object: &'a Value, key: &str) -> Vec<&'a Value> {
    match object.get(key) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().take(MAX_LIST).collect(),
        Some(one) => vec![one],
    }
}

/// The ids of a list.
pub fn ids(object: &Value, key: &str) -> Vec<String> {
    list(object, key).into_iter().filter_map(id_of).map(ToOwned::to_owned).collect()
}

/// The types of an object.
pub fn types(object: &Value) -> Vec<&str> {
    list(object, "type").into_iter().filter_map(Value::as_str).collect()
}

/// Whether an object is of a type.
pub fn is(object: &Value, kind: &str) -> bool {
    types(object).contains(&kind)
}

/// The first type of an object; empty where there is none.
pub fn kind(object: &Value) -> &str {
    types(object).first().copied().unwrap_or_default()
}

/// A point in time, with offset and fractions as they come.
pub fn time(object: &Value, key: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text(object, key)?.trim()).ok().map(|t| t.to_utc())
}

/// The page for people: text, a Link, or a list of which `text/html` is preferred. Only http and https.
pub fn page(object: &Value) -> Option<String> {
    let links = list(object, "url");
    let href = |v: &Value| v.as_str().or_else(|| text(v, "href")).and_then(crate::text::sanitize::web_url);
    links
        .iter()
        .find(|l| text(l, "mediaType") == Some("text/html"))
        .and_then(|l| href(l))
        .or_else(|| links.iter().find_map(|l| href(l)))
}

/// A text that may come in several languages (`content`, `contentMap`): the text and its language.
pub fn said<'a>(object: &'a Value, key: &str) -> Option<(&'a str, &'a str)> {
    let map = object.get(format!("{key}Map")).and_then(Value::as_object);
    match text(object, key) {
        Some(words) => {
            let same = map.and_then(|m| m.iter().find(|(_, v)| v.as_str() == Some(words)));
            Some((words, same.map_or("", |(language, _)| language.as_str())))
        }
        None => map?.iter().find_map(|(language, v)| Some((v.as_str()?, language.as_str()))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_thing_is_a_list_of_one() {
        let object = json!({ "type": ["Note", "X"], "tag": { "id": "a" }, "to": "b", "none": null });
        assert_eq!(kind(&object), "Note");
        assert_eq!(ids(&object, "tag"), ["a"]);
        assert_eq!(ids(&object, "to"), ["b"]);
        assert!(list(&object, "none").is_empty());
    }

    #[test]
    fn the_page_for_people_is_html_and_on_the_web() {
        let object = json!({ "url": [{ "href": "magnet:?x", "mediaType": "application/x-bittorrent" },
            { "href": "https://v.example/w/1", "mediaType": "text/html" }] });
        assert_eq!(page(&object).as_deref(), Some("https://v.example/w/1"));
        assert_eq!(page(&json!({ "url": "javascript:x" })), None);
    }

    #[test]
    fn the_language_comes_from_the_map() {
        let object = json!({ "content": "Hallo", "contentMap": { "en": "Hello", "de": "Hallo" } });
        assert_eq!(said(&object, "content"), Some(("Hallo", "de")));
        assert_eq!(said(&json!({ "contentMap": { "fr": "Salut" } }), "content"), Some(("Salut", "fr")));
    }
}
