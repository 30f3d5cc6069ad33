//! Which earlier versions of a post were struck, as it stands in its document under `struck`: the times at which they were written.
//! A server that keeps them takes their words out.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{actor::stamp, value};

/// Adds them to the document of their post.
pub fn add(note: &mut Value, written_at: &[DateTime<Utc>]) {
    if let (false, Some(note)) = (written_at.is_empty(), note.as_object_mut()) {
        let times: Vec<String> = written_at.iter().map(|at| stamp(*at)).collect();
        note.insert("struck".into(), json!(times));
    }
}

/// Says in the context of a document what `struck` means, where it stands in it, in its object, or in that one's object.
pub fn add_term(document: &mut Value, terms: &str) {
    let object = document.get("object");
    let places = [Some(&*document), object, object.and_then(|inner| inner.get("object"))];
    if !places.into_iter().flatten().any(|place| place.get("struck").is_some()) {
        return;
    }
    let term = json!({
        "consilium": format!("{terms}#"),
        "struck": {
            "@id": "consilium:struck",
            "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
            "@container": "@set",
        },
    });
    if let Some(context) = document.get_mut("@context").and_then(Value::as_array_mut)
        && !context.contains(&term)
    {
        context.push(term);
    }
}

/// Reads them.
pub fn read(note: &Value) -> Vec<DateTime<Utc>> {
    let key = ["struck", "consilium:struck"].into_iter().find(|key| note.get(*key).is_some());
    let times = key.map(|key| value::list(note, key)).unwrap_or_default();
    let time = |time: &Value| DateTime::parse_from_rfc3339(time.as_str()?).ok().map(|at| at.to_utc());
    times.into_iter().filter_map(time).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let at = DateTime::parse_from_rfc3339("2026-05-31T09:12:00.120Z").unwrap().to_utc();
        let mut note = json!({ "@context": [] });
        add(&mut note, &[]);
        assert!(read(&note).is_empty() && note.get("struck").is_none());
        add(&mut note, &[at]);
        assert_eq!(read(&note), [at]);
        add_term(&mut note, "https://alpha.test/terms");
        assert_eq!(note["@context"][0]["struck"]["@id"], "consilium:struck");
        assert!(read(&json!({ "struck": ["yesterday", 7, null] })).is_empty());
    }
}
