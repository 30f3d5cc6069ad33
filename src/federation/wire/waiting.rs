//! How much waits in a group for those who lead it, as its server tells those of them who are elsewhere: two numbers, and nothing of
//! what it is.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::value;

/// What it is called.
const COUNT: &str = "WaitingCount";
/// Most of anything that is told or believed.
const MOST: i64 = 1_000_000;

/// Writes how many ask to join a group, and how many posts wait in it, counted at a time: in microseconds, as two may be counted at
/// once.
pub fn write(group: &str, counted_at: DateTime<Utc>, (requests, posts): (i64, i64)) -> Value {
    json!({
        "id": format!("{group}#waiting"),
        "type": COUNT,
        "attributedTo": group,
        "updated": counted_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "requests": requests.min(MOST),
        "posts": posts.min(MOST),
    })
}

/// Reads them: requests, and posts.
pub fn read(object: &Value) -> Option<(i64, i64)> {
    value::is(object, COUNT).then_some(())?;
    let number = |key: &str| object.get(key).and_then(Value::as_i64).filter(|number| (0..=MOST).contains(number));
    Some((number("requests")?, number("posts")?))
}

/// Says in the context of a document what its words mean.
pub fn add_terms(document: &mut Value, terms: &str) {
    let term = json!({
        "consilium": format!("{terms}#"),
        (COUNT): format!("consilium:{COUNT}"),
        "requests": "consilium:requests",
        "posts": "consilium:posts",
    });
    if let Some(context) = document.get_mut("@context").and_then(Value::as_array_mut) {
        context.push(term);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written_and_nothing_else_is() {
        let (group, at) = ("https://a.example/users/hearts", DateTime::UNIX_EPOCH);
        let written = write(group, at, (2, 5));
        assert_eq!((read(&written), value::time(&written, "updated")), (Some((2, 5)), Some(at)));
        assert_eq!(read(&write(group, at, (0, MOST + 1))), Some((0, MOST)));
        let odd = [json!([-1, 0]), json!([0, MOST + 1]), json!(["2", 0]), json!([2, null])];
        for odd in odd {
            let (requests, posts) = (&odd[0], &odd[1]);
            let odd = json!({ "type": COUNT, "requests": requests, "posts": posts });
            assert_eq!(read(&odd), None, "{odd}");
        }
        assert_eq!(read(&json!({ "type": "Note", "requests": 1, "posts": 1 })), None);
    }
}
