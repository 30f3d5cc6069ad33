//! `to` and `cc`, and the visibility they stand for.

use serde_json::Value;

use super::{PUBLIC, value};
use crate::model::Visibility;

/// Reads a visibility. Without any address a post is for nobody else: never for everybody.
pub fn read(object: &Value, followers: Option<&str>) -> Visibility {
    let to = value::ids(object, "to");
    let cc = value::ids(object, "cc");
    let public = |list: &[String]| list.iter().any(|a| a == PUBLIC || a == "as:Public" || a == "Public");
    let to_followers = |list: &[String]| followers.is_some_and(|f| list.iter().any(|a| a == f));
    if public(&to) {
        Visibility::Public
    } else if public(&cc) {
        Visibility::Unlisted
    } else if to_followers(&to) || to_followers(&cc) {
        Visibility::Followers
    } else {
        Visibility::Direct
    }
}

/// Writes a visibility: `to` and `cc`.
pub fn write(visibility: Visibility, followers: &str, mentions: Vec<String>) -> (Vec<String>, Vec<String>) {
    let followers = followers.to_owned();
    let first = |head: String| std::iter::once(head).chain(mentions.clone()).collect();
    match visibility {
        Visibility::Public => (vec![PUBLIC.to_owned()], first(followers)),
        Visibility::Unlisted => (vec![followers], first(PUBLIC.to_owned())),
        Visibility::Followers => (vec![followers], mentions),
        // To whom it goes says the group: see `to_group`.
        Visibility::Group | Visibility::Direct => (mentions, Vec::new()),
    }
}

/// Writes what a post in a group is addressed to: `to` and `cc`. What is for the members alone names nobody else, as Lemmy's
/// private communities do.
pub fn to_group(visibility: Visibility, group: &str, mentions: Vec<String>) -> (Vec<String>, Vec<String>) {
    match visibility {
        Visibility::Public => (vec![PUBLIC.to_owned(), group.to_owned()], mentions),
        Visibility::Unlisted => (vec![group.to_owned()], std::iter::once(PUBLIC.to_owned()).chain(mentions).collect()),
        Visibility::Followers | Visibility::Group | Visibility::Direct => (vec![group.to_owned()], Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let followers = "https://a.example/users/ada/followers";
        for visibility in Visibility::CHOICES {
            let (to, cc) = write(*visibility, followers, vec!["https://b.example/u".into()]);
            assert_eq!(read(&json!({ "to": to, "cc": cc }), Some(followers)), *visibility);
        }
    }

    #[test]
    fn a_post_without_addresses_is_for_nobody_else() {
        assert_eq!(read(&json!({}), None), Visibility::Direct);
    }
}
