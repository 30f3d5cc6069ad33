//! What an address of the desk asks for: which of the queue, and in which order. All pages of the desk carry it on.

use crate::service::credentials::QueueFilter;

/// What the address asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked(pub(super) QueueFilter);

impl Asked {
    /// From the path and query of a page, or of what a form was sent to.
    pub(super) fn of(here: &str) -> Self {
        let mut asked = Self::default();
        let (_, query) = here.split_once('?').unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            asked.set(&name, &value);
        }
        asked
    }

    fn set(&mut self, name: &str, value: &str) {
        let filter = &mut self.0;
        let place = match name {
            "only" => &mut filter.only,
            "kind" => &mut filter.kind,
            "discipline" => &mut filter.discipline,
            "register" => &mut filter.register,
            "level" => &mut filter.level,
            "flagged" => &mut filter.flagged,
            "sort" => &mut filter.sort,
            _ => return,
        };
        value.clone_into(place);
    }

    fn all(&self) -> [(&'static str, &str); 7] {
        let QueueFilter { only, kind, discipline, register, level, flagged, sort } = &self.0;
        [
            ("only", only),
            ("kind", kind),
            ("discipline", discipline),
            ("register", register),
            ("level", level),
            ("flagged", flagged),
            ("sort", sort),
        ]
    }

    /// The value of one of them.
    pub(super) fn value(&self, name: &str) -> &str {
        self.all().into_iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value)
    }

    /// The end of an address that asks for the same, with its question mark; empty where nothing is asked for.
    pub(super) fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.all().into_iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    /// The address of the list.
    pub(super) fn address(&self) -> String {
        format!("/desk{}", self.query())
    }

    /// The address of the list with another choice of one of them.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let mut other = self.clone();
        other.set(name, value);
        other.address()
    }

    /// The address of the part that is shown, with all that is in it.
    pub(super) fn whole(&self) -> String {
        let QueueFilter { only, sort, .. } = self.0.clone();
        Self(QueueFilter { only, sort, ..QueueFilter::default() }).address()
    }

    /// Whether less than all that waits is asked for.
    pub(super) fn is_narrow(&self) -> bool {
        self.all().into_iter().any(|(name, value)| name != "sort" && !value.is_empty())
    }

    /// Whether it is narrowed within the part that is shown.
    pub(super) fn is_chosen(&self) -> bool {
        self.all().into_iter().any(|(name, value)| !matches!(name, "only" | "sort") && !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_choice_changes_and_the_others_stay() {
        let asked = Asked::of("/desk/9/claim?only=free&sort=level&done=claimed&before=7&register=gb-gmc");
        assert_eq!(asked.query(), "?only=free&register=gb-gmc&sort=level");
        assert_eq!(asked.with("only", ""), "/desk?register=gb-gmc&sort=level");
        assert_eq!(asked.with("flagged", "yes"), "/desk?only=free&register=gb-gmc&flagged=yes&sort=level");
        assert_eq!((asked.value("only"), asked.value("kind")), ("free", ""));
        assert_eq!(asked.whole(), "/desk?only=free&sort=level");
        assert_eq!(Asked::of("/desk?done=released").address(), "/desk");
        assert_eq!(Asked::of("/desk?kind=a%26b+c").query(), "?kind=a%26b+c");
    }

    #[test]
    fn an_order_alone_leaves_nothing_out() {
        for (query, narrow, chosen) in
            [("sort=level", false, false), ("only=mine", true, false), ("level=2", true, true)]
        {
            let asked = Asked::of(&format!("/desk?{query}"));
            assert_eq!((asked.is_narrow(), asked.is_chosen()), (narrow, chosen), "{query}");
        }
    }
}
