//! What the author of a post declares as conflicts of interest for it, as it stands in its document under `interests`: a line of
//! plain words.

use serde_json::{Value, json};

use super::value;
use crate::{policy::posting::MAX_INTERESTS, text::sanitize};

/// Adds it to the document of its post.
pub fn add(note: &mut Value, interests: &str) {
    if let (false, Some(note)) = (interests.is_empty(), note.as_object_mut()) {
        note.insert("interests".into(), interests.into());
    }
}

/// Says in the context of a document what `interests` means, where it stands in it, in its object, or in that one's object.
pub(super) fn add_term(document: &mut Value, terms: &str) {
    let object = document.get("object");
    let places = [Some(&*document), object, object.and_then(|inner| inner.get("object"))];
    if !places.into_iter().flatten().any(|place| place.get("interests").is_some()) {
        return;
    }
    let term = json!({ "consilium": format!("{terms}#"), "interests": "consilium:interests" });
    if let Some(context) = document.get_mut("@context").and_then(Value::as_array_mut)
        && !context.contains(&term)
    {
        context.push(term);
    }
}

/// Reads it; empty where nothing is declared.
pub fn read(note: &Value) -> String {
    let told = ["interests", "consilium:interests"].into_iter().find_map(|key| value::text(note, key));
    sanitize::name(&sanitize::plain(value::bounded(told.unwrap_or_default(), 8_000)), MAX_INTERESTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interests_are_a_plain_line_and_read_as_they_are_written() {
        let mut note = json!({ "@context": [] });
        add(&mut note, "");
        add_term(&mut note, "https://a.example/ns/practitioner/v1");
        assert_eq!((read(&note), &note), (String::new(), &json!({ "@context": [] })));
        add(&mut note, "Fees of a device maker");
        assert_eq!(read(&note), "Fees of a device maker");
        add_term(&mut note, "https://a.example/ns/practitioner/v1");
        assert_eq!(note["@context"][0]["interests"], "consilium:interests");
        let told = read(&json!({ "consilium:interests": format!("Fees <b>of</b>\n{}", "x".repeat(900)) }));
        assert!(told.starts_with("Fees of x") && told.chars().count() <= MAX_INTERESTS, "{told}");
        assert_eq!(read(&json!({ "interests": ["Fees"] })), "");
    }
}
