//! Our own practitioners for programs of hospitals: whoever lets themselves be found, with what we state about them now.

use std::collections::HashMap;

use super::Ctx;
pub use crate::store::practitioners::{Clause, On, Stated, Wanted};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId},
    store,
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

/// Looks for people. With a limit of 0 they are only counted.
pub async fn find(ctx: &Ctx, wanted: &Wanted) -> Result<Found> {
    let now = ctx.now();
    let mut conn = ctx.pool.read().await?;
    let total = store::practitioners::count(&mut conn, wanted, now).await?;
    let more = Wanted { limit: wanted.limit.saturating_add(1), ..wanted.clone() };
    let mut ids = if wanted.limit > 0 && total > 0 {
        store::practitioners::list(&mut conn, &more, now).await?
    } else {
        Vec::new()
    };
    let limit = usize::try_from(wanted.limit).unwrap_or(0);
    let is_more = ids.len() > limit;
    ids.truncate(limit);
    let next = ids.last().filter(|_| is_more).map(|id| id.0);
    let mut stated: HashMap<AccountId, Vec<Stated>> = HashMap::new();
    for one in store::practitioners::stated(&mut conn, ids.clone(), now).await? {
        stated.entry(one.account_id).or_default().push(one);
    }
    let people = store::accounts::list_by_ids(&mut conn, ids).await?;
    let with = |account: Account| Practitioner { stated: stated.remove(&account.id).unwrap_or_default(), account };
    Ok(Found { people: people.into_iter().map(with).collect(), total, next })
}

/// One of them; `stated` asks for somebody about whom we state something.
pub async fn read(ctx: &Ctx, id: AccountId, stated: bool) -> Result<Practitioner> {
    let clause = Clause { on: On::Id, values: vec![id.to_string()] };
    let wanted = Wanted { clauses: vec![clause], stated, limit: 1, ..Wanted::default() };
    find(ctx, &wanted).await?.people.pop().ok_or(Error::NotFound)
}
