//! What a token may be used for: scopes with parents and children, as Mastodon's clients know them.

/// The scopes that apps may ask for; each but the last two has children such as `read:statuses`.
pub const PARENTS: &[&str] = &["read", "write", "follow", "push", "profile"];

const READ: &[&str] = &[
    "accounts",
    "blocks",
    "bookmarks",
    "favourites",
    "filters",
    "follows",
    "lists",
    "mutes",
    "notifications",
    "search",
    "statuses",
];
const WRITE: &[&str] = &[
    "accounts",
    "blocks",
    "bookmarks",
    "conversations",
    "favourites",
    "filters",
    "follows",
    "lists",
    "media",
    "mutes",
    "notifications",
    "reports",
    "statuses",
];

/// Whether there is such a scope.
pub fn is_known(scope: &str) -> bool {
    match scope.split_once(':') {
        None => PARENTS.contains(&scope),
        Some(("read", child)) => READ.contains(&child),
        Some(("write", child)) => WRITE.contains(&child),
        Some(_) => false,
    }
}

/// All scopes, for the metadata of the authorisation server.
pub fn all() -> Vec<String> {
    let children = |parent: &str, names: &[&str]| names.iter().map(|n| format!("{parent}:{n}")).collect::<Vec<_>>();
    PARENTS.iter().map(|p| (*p).to_owned()).chain(children("read", READ)).chain(children("write", WRITE)).collect()
}

/// Whether granted scopes (separated by spaces) cover one that is needed: itself, its parent, or `follow` for what has
/// to do with follows, blocks and mutes.
pub fn covers(granted: &str, needed: &str) -> bool {
    let (parent, child) = needed.split_once(':').unwrap_or((needed, ""));
    granted.split_whitespace().any(|scope| {
        scope == needed || scope == parent || (scope == "follow" && matches!(child, "follows" | "blocks" | "mutes"))
    })
}

/// Whether every asked scope is covered.
pub fn is_subset(asked: &str, granted: &str) -> bool {
    asked.split_whitespace().all(|scope| covers(granted, scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_covers_its_children_and_no_child_its_parent() {
        assert!(covers("read write", "read:statuses"));
        assert!(!covers("read:statuses", "read"));
        assert!(!covers("read:statuses", "read:accounts"));
        assert!(covers("follow", "write:blocks") && !covers("follow", "write:statuses"));
        assert!(is_subset("read:accounts push", "read push") && !is_subset("write", "read"));
    }

    #[test]
    fn scopes_out_of_the_air_are_unknown() {
        assert!(is_known("write:media") && !is_known("write:everything") && !is_known("admin:read"));
        assert!(all().iter().all(|s| is_known(s)));
    }
}
