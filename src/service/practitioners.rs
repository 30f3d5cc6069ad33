//! Our own practitioners for programs of hospitals: whoever lets themselves be found, with what we state about them now.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use unicode_normalization::UnicodeNormalization;

use super::Ctx;
pub use crate::store::practitioners::{Clause, On, Stated, Wanted};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId},
    store::{self, Conn},
};

/// Somebody who may be found, and what we state about them.
#[derive(Debug, Clone)]
pub struct Practitioner {
    /// Who.
    pub account: Account,
    /// Statements that hold now.
    pub stated: Vec<Stated>,
}

/// A part of those who were looked for.
#[derive(Debug, Clone)]
pub struct Found {
    /// In the order of their ids.
    pub people: Vec<Practitioner>,
    /// How many there are in all.
    pub total: i64,
    /// Give this as [`Wanted::after`] for the next part.
    pub next: Option<i64>,
}

/// Looks for people; none where that takes too long. With a limit of 0 they are only counted.
pub async fn find(ctx: &Ctx, wanted: &Wanted) -> Result<Option<Found>> {
    let mut wanted = wanted.clone();
    for clause in wanted.clauses.iter_mut().filter(|clause| matches!(clause.on, On::Name | On::Family | On::Given)) {
        // What has no letters stands in every name.
        clause.values = clause.values.iter().map(|said| folded(said)).filter(|said| !said.is_empty()).collect();
    }
    let mut tx = ctx.pool.begin_reading(store::practitioners::LONGEST).await?;
    let found = read_all(&mut tx, wanted, ctx.now()).await;
    let ended = tx.roll_back().await;
    let found = found?;
    ended.map(|()| found)
}

async fn read_all(conn: &mut Conn, wanted: Wanted, now: DateTime<Utc>) -> Result<Option<Found>> {
    let limit = usize::try_from(wanted.limit).unwrap_or(0);
    let more = Wanted { limit: wanted.limit.saturating_add(1), ..wanted };
    let Some((total, mut ids)) = store::practitioners::list(conn, &more, now).await? else { return Ok(None) };
    let is_more = ids.len() > limit;
    ids.truncate(limit);
    let next = ids.last().filter(|_| is_more).map(|id| id.0);
    let Some(all) = store::practitioners::stated(conn, ids.clone(), now).await? else { return Ok(None) };
    let mut stated: HashMap<AccountId, Vec<Stated>> = HashMap::new();
    for one in all {
        stated.entry(one.account_id).or_default().push(one);
    }
    let people = store::accounts::list_by_ids(conn, ids).await?;
    let with = |account: Account| Practitioner { stated: stated.remove(&account.id).unwrap_or_default(), account };
    Ok(Some(Found { people: people.into_iter().map(with).collect(), total, next }))
}

/// One of them; `stated` asks for somebody about whom we state something.
pub async fn read(ctx: &Ctx, id: AccountId, stated: bool) -> Result<Practitioner> {
    let clause = Clause { on: On::Id, values: vec![id.to_string()] };
    let wanted = Wanted { clauses: vec![clause], stated, limit: 1, ..Wanted::default() };
    find(ctx, &wanted).await?.ok_or(Error::Unavailable)?.people.pop().ok_or(Error::NotFound)
}

/// Small letters without marks, with one space between words, as `store::practitioners` has the names.
fn folded(said: &str) -> String {
    let bare: String =
        said.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).flat_map(char::to_lowercase).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn marks_case_and_spaces_are_of_no_account() {
        assert_eq!(folded("  MÁIRE\tNí  Dhomhnaill "), "maire ni dhomhnaill");
        assert_eq!(folded("S\u{30c}imic\u{301}"), folded("Šimić"));
        assert_eq!((folded("İnönü").as_str(), folded("ΣΤΕΦΑΝΟΣ").as_str()), ("inonu", "στεφανοσ"));
        assert_eq!(folded("\u{301} "), "");
    }
}
