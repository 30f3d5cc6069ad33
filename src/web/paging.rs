//! Keyset pages in addresses: `before` and `after` in, "Newer" and "Older" out.

use serde::Deserialize;

use crate::service::{Page, Paged};

/// How many entries a list shows.
pub(super) const LIMIT: i64 = 20;

/// Which part of a list an address asks for.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct At {
    /// Only what is older.
    pub before: Option<i64>,
    /// Only what is newer.
    pub after: Option<i64>,
}

impl At {
    /// The page that is meant.
    pub fn page(self) -> Page {
        Page::new(self.before, self.after, LIMIT)
    }

    /// Whether it is the first page.
    pub fn is_first(self) -> bool {
        self.before.is_none() && self.after.is_none()
    }
}

/// The links below a list; empty where there is nothing more.
#[derive(Debug, Clone, Default)]
pub(super) struct Pager {
    /// Towards the newest.
    pub newer: String,
    /// Towards the oldest.
    pub older: String,
}

impl Pager {
    /// For a list whose address is `base`, with or without a query.
    pub(super) fn of<T>(paged: &Paged<T>, base: &str) -> Self {
        let joint = if base.contains('?') { '&' } else { '?' };
        let link = |name: &str, id: Option<i64>| id.map(|id| format!("{base}{joint}{name}={id}")).unwrap_or_default();
        Self { newer: link("after", paged.newer), older: link("before", paged.older) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_what_the_address_asks_for() {
        let paged = Paged { items: vec![()], older: Some(4), newer: None };
        let pager = Pager::of(&paged, "/?tab=all");
        assert_eq!((pager.older.as_str(), pager.newer.as_str()), ("/?tab=all&before=4", ""));
        assert_eq!(Pager::of(&paged, "/bookmarks").older, "/bookmarks?before=4");
    }
}
