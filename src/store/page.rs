//! Keyset pages: a page is named by the ids around it, never by a number.

/// Which part of a list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Only what is older than this id.
    pub before: Option<i64>,
    /// Only what is newer than this id.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: i64,
    /// The rows next to `after` are wanted rather than the newest.
    upwards: bool,
}

/// Longest page (R11).
pub const MAX_LIMIT: i64 = 80;

impl Page {
    /// The first page.
    pub const fn first(limit: i64) -> Self {
        Self { before: None, after: None, limit, upwards: false }
    }

    /// A page from untrusted numbers.
    pub fn new(before: Option<i64>, after: Option<i64>, limit: i64) -> Self {
        Self { before, after, limit: limit.clamp(1, MAX_LIMIT), upwards: after.is_some() && before.is_none() }
    }

    /// The newest of what lies between two ids.
    pub fn newest(before: Option<i64>, after: Option<i64>, limit: i64) -> Self {
        Self { before, after, limit: limit.clamp(1, MAX_LIMIT), upwards: false }
    }

    /// The upper bound, exclusive.
    pub(crate) fn below(&self) -> i64 {
        self.before.unwrap_or(i64::MAX)
    }

    /// The lower bound, exclusive.
    pub(crate) fn above(&self) -> i64 {
        self.after.unwrap_or(i64::MIN)
    }

    /// Whether the rows next to `after` are wanted rather than the newest.
    pub fn upwards(&self) -> bool {
        self.upwards
    }

    /// `ASC` when paging towards newer rows, else `DESC`.
    pub(crate) fn order(&self) -> &'static str {
        if self.upwards() { "ASC" } else { "DESC" }
    }
}

/// A list's part, newest first, and whether there is more on either side.
#[derive(Debug, Clone)]
pub struct Paged<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Give this as `before` for the next older page.
    pub older: Option<i64>,
    /// Give this as `after` for the next newer page.
    pub newer: Option<i64>,
}

impl<T> Paged<T> {
    /// Cuts rows that were read with one more than the limit; `key` is what they are sorted by.
    pub(crate) fn cut(mut rows: Vec<T>, page: &Page, key: impl Fn(&T) -> i64) -> Self {
        let limit = usize::try_from(page.limit).unwrap_or(0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        if page.upwards() {
            rows.reverse();
        }
        let first = rows.first().map(&key);
        let last = rows.last().map(&key);
        let (older, newer) = if page.upwards() {
            (last, first.filter(|_| more))
        } else {
            (last.filter(|_| more), first.filter(|_| page.before.is_some()))
        };
        Self { items: rows, older, newer }
    }

    /// The same part with other items.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Paged<U> {
        Paged { items: self.items.into_iter().map(change).collect(), older: self.older, newer: self.newer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_walked_to_its_end_and_back() {
        let page = Page::first(2);
        let cut = Paged::cut(vec![9, 8, 7], &page, |r| *r);
        assert_eq!((cut.items, cut.older, cut.newer), (vec![9, 8], Some(8), None));
        let cut = Paged::cut(vec![7], &Page::new(Some(8), None, 2), |r| *r);
        assert_eq!((cut.items, cut.older, cut.newer), (vec![7], None, Some(7)));
        let cut = Paged::cut(vec![8, 9], &Page::new(None, Some(7), 2), |r| *r);
        assert_eq!((cut.items, cut.older, cut.newer), (vec![9, 8], Some(8), None));
    }
}
