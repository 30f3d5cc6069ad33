//! The desk: what waits there.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::facts::{self, Flag};
use crate::{
    error::Result,
    model::{AccountId, Author, Credential},
    policy::{Viewer, credentials},
    service::{Ctx, Page, Paged},
    store::{self, Conn, credentials::queue::Part},
};

/// One that waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The record.
    pub credential: Credential,
    /// Whose.
    pub holder: Author,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// What to look out for.
    pub flags: Vec<Flag>,
    /// How sure it is that the register has this person, of 100; none where its copy does not have the number.
    pub score: Option<u8>,
    /// Name of the verifier who works on it.
    pub claimed_by: Option<String>,
}

/// Which part of the queue; empty for all that waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Key of a register.
    pub register: String,
    /// Key of a discipline.
    pub discipline: String,
    /// `mine`, `free`, `recheck`, `asked`, `attested` or `suspended`.
    pub only: String,
}

impl QueueFilter {
    fn part(&self) -> Part {
        match self.only.as_str() {
            "mine" => Part::Mine,
            "free" => Part::Free,
            "recheck" => Part::Recheck,
            "asked" => Part::Asked,
            "attested" => Part::Attested,
            "suspended" => Part::Suspended,
            _ => Part::Waiting,
        }
    }
}

/// A page of the queue, longest waiting first; one's own are left out.
pub async fn queue(ctx: &Ctx, viewer: &Viewer, filter: &QueueFilter, page: &Page) -> Result<Paged<Waiting>> {
    let me = credentials::require_verifier(viewer)?;
    let mut conn = ctx.pool.read().await?;
    // A name with a NUL in it is that of no register, and would be refused by the database.
    let plain = |typed: &str| typed.trim().replace('\0', "\u{fffd}");
    let (register, discipline) = (plain(&filter.register), plain(&filter.discipline));
    let wanted = (register.as_str(), discipline.as_str());
    let paged = store::credentials::queue::list(&mut conn, me, filter.part(), wanted, page).await?;
    let rows: Vec<&Credential> = paged.items.iter().map(|(credential, _)| credential).collect();
    let facts = facts::of(&mut conn, me, &rows).await?;
    let names = claimers(&mut conn, &rows).await?;
    Ok(paged.map(|(credential, holder)| Waiting {
        since: credential.submitted_at.unwrap_or(credential.created_at),
        flags: facts.get(&credential.id).map_or_else(Vec::new, |facts| facts.flags(&credential, &holder.name)),
        score: facts.get(&credential.id).and_then(|facts| facts.comparison.as_ref()).map(|found| found.score),
        claimed_by: credential.claimed_by.and_then(|who| names.get(&who).cloned()),
        holder,
        credential,
    }))
}

async fn claimers(conn: &mut Conn, rows: &[&Credential]) -> Result<HashMap<AccountId, String>> {
    let mut ids: Vec<AccountId> = rows.iter().filter_map(|credential| credential.claimed_by).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let people = store::accounts::list_by_ids(conn, ids).await?;
    Ok(people.into_iter().map(|account| (account.id, account.name)).collect())
}

/// How many wait; one's own are left out, and no more than 1,000 are counted.
pub async fn count_waiting(ctx: &Ctx, viewer: &Viewer) -> Result<i64> {
    let me = credentials::require_verifier(viewer)?;
    store::credentials::queue::count(&mut *ctx.pool.read().await?, me).await
}

/// All, newest first, each with its holder, for the operator.
pub async fn list_by_operator(ctx: &Ctx, page: &Page) -> Result<Paged<(Credential, Author)>> {
    store::credentials::list(&mut *ctx.pool.get().await?, page).await
}
