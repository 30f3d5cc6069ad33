//! The desk: what waits there.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::facts::{self, Flag};
use crate::{
    error::{Error, Result},
    model::{AccountId, Author, Credential, CredentialId, CredentialKind},
    policy::{Viewer, credentials, disciplines::Discipline, registers::Register},
    service::{Ctx, Page, Paged},
    store::{
        self, Conn,
        credentials::queue::{Part, Queued, Sort, Wanted},
    },
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

/// What is asked for of the queue, in the words of addresses; an empty one asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// `mine`, `free`, `recheck`, `asked`, `attested` or `suspended`; empty for all that waits.
    pub only: String,
    /// What is claimed.
    pub kind: String,
    /// Key of a discipline.
    pub discipline: String,
    /// Key of a register.
    pub register: String,
    /// The level reached, `1` to `4`.
    pub level: String,
    /// `yes`: only what there is something to look out for.
    pub flagged: String,
    /// `level` or `register`; empty for what has waited longest first.
    pub sort: String,
}

impl QueueFilter {
    /// What that comes to. For words that nobody offers there is no list.
    fn wanted(&self) -> Result<Wanted> {
        let kind = CredentialKind::parse(&self.kind);
        let known = [
            self.kind.is_empty() || kind.is_some(),
            self.discipline.is_empty() || Discipline::find(&self.discipline).is_some(),
            self.register.is_empty() || Register::find(&self.register).is_some(),
            matches!(self.flagged.as_str(), "" | "yes"),
        ];
        if known.contains(&false) {
            return Err(Error::NotFound);
        }
        let part = match self.only.as_str() {
            "" => Part::Waiting,
            "mine" => Part::Mine,
            "free" => Part::Free,
            "recheck" => Part::Recheck,
            "asked" => Part::Asked,
            "attested" => Part::Attested,
            "suspended" => Part::Suspended,
            _ => return Err(Error::NotFound),
        };
        let level = match self.level.as_str() {
            "" => 0,
            "1" => 1,
            "2" => 2,
            "3" => 3,
            "4" => 4,
            _ => return Err(Error::NotFound),
        };
        let sort = match self.sort.as_str() {
            "" => Sort::Age,
            "level" => Sort::Level,
            "register" => Sort::Register,
            _ => return Err(Error::NotFound),
        };
        let (register, discipline) = (self.register.clone(), self.discipline.clone());
        Ok(Wanted { part, kind, register, discipline, level, sort })
    }

    /// Whether only what is flagged is asked for.
    fn is_flagged(&self) -> bool {
        !self.flagged.is_empty()
    }
}

/// Whether a flag asks for attention, rather than saying why something is here.
fn warns(flag: &Flag) -> bool {
    !matches!(flag, Flag::NoRegister | Flag::Recheck | Flag::SecondLook)
}

/// How many are looked at for a page of those that are flagged.
const LOOKED_AT: i64 = 400;

/// A page of the queue, longest waiting first where nothing else is asked for; one's own are left out.
pub async fn queue(ctx: &Ctx, viewer: &Viewer, filter: &QueueFilter, page: &Page) -> Result<Paged<Waiting>> {
    let me = credentials::require_verifier(viewer)?;
    let wanted = filter.wanted()?;
    let mut conn = ctx.pool.read().await?;
    let mut part = *page;
    if filter.is_flagged() {
        part.limit = LOOKED_AT;
    }
    let paged = store::credentials::queue::list(&mut conn, me, &wanted, &part).await?;
    let rows: Vec<&Credential> = paged.items.iter().map(|one| &one.credential).collect();
    let facts = facts::of(&mut conn, me, &rows).await?;
    let names = claimers(&mut conn, &rows).await?;
    let paged = paged.map(|Queued { credential, holder, place }| {
        let waiting = Waiting {
            since: credential.submitted_at.unwrap_or(credential.created_at),
            flags: facts.get(&credential.id).map_or_else(Vec::new, |facts| facts.flags(&credential, &holder.name)),
            score: facts.get(&credential.id).and_then(|facts| facts.comparison.as_ref()).map(|found| found.score),
            claimed_by: credential.claimed_by.and_then(|who| names.get(&who).cloned()),
            holder,
            credential,
        };
        (place, waiting)
    });
    let paged = if filter.is_flagged() { flagged_of(paged, page) } else { paged };
    Ok(paged.map(|(_, waiting)| waiting))
}

/// Those that are flagged, no more than a page has; the next page goes on behind the last one that was looked at.
fn flagged_of(mut paged: Paged<(i64, Waiting)>, page: &Page) -> Paged<(i64, Waiting)> {
    paged.items.retain(|(_, waiting)| waiting.flags.iter().any(warns));
    let limit = usize::try_from(page.limit).unwrap_or(0);
    let over = paged.items.len().saturating_sub(limit);
    if over > 0 && page.upwards() {
        paged.items.drain(..over);
        paged.newer = paged.items.first().map(|(place, _)| *place);
    } else if over > 0 {
        paged.items.truncate(limit);
        paged.older = paged.items.last().map(|(place, _)| *place);
    }
    paged
}

/// Where a credential stands in a list.
pub(super) struct Beside {
    /// From 1 (0 where it is not in it), and how many there are; no more than 1,000 are counted.
    pub(super) place: (i64, i64),
    pub(super) previous: Option<CredentialId>,
    pub(super) next: Option<CredentialId>,
}

/// Where this one stands in a list, and what is on either side of it. What has left the list, as it was decided, keeps
/// its neighbours; after the last one the list begins again.
pub(super) async fn beside(conn: &mut Conn, me: AccountId, filter: &QueueFilter, id: CredentialId) -> Result<Beside> {
    let mut list = store::credentials::queue::around(conn, me, &filter.wanted()?, id).await?;
    if filter.is_flagged() {
        let flagged = flagged_among(conn, me, list.iter().map(|(one, _)| *one).collect()).await?;
        list.retain(|(one, _)| flagged.contains(one));
    }
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let at = list.iter().position(|(one, _)| *one == id);
    let first = list.first().filter(|_| at.is_none());
    let previous = list.iter().rev().find(|(_, before)| *before);
    let next = list.iter().find(|(one, before)| !before && *one != id).or(first);
    Ok(Beside {
        place: (at.map_or(0, |at| count(at + 1)), count(list.len())),
        previous: previous.map(|(one, _)| *one),
        next: next.map(|(one, _)| *one),
    })
}

/// Those of these that are flagged.
async fn flagged_among(conn: &mut Conn, me: AccountId, ids: Vec<CredentialId>) -> Result<HashSet<CredentialId>> {
    let found = store::credentials::queue::with_holders(conn, ids).await?;
    let rows: Vec<&Credential> = found.iter().map(|(credential, _)| credential).collect();
    let facts = facts::of(conn, me, &rows).await?;
    let flags = |(credential, holder): &(Credential, Author)| {
        facts.get(&credential.id).map_or_else(Vec::new, |facts| facts.flags(credential, &holder.name))
    };
    Ok(found.iter().filter(|one| flags(one).iter().any(warns)).map(|(credential, _)| credential.id).collect())
}

/// The day of the next check of what the institution stands by, where there is any; one's own are left out.
pub async fn next_check(ctx: &Ctx, viewer: &Viewer) -> Result<Option<NaiveDate>> {
    let me = credentials::require_verifier(viewer)?;
    store::credentials::queue::next_check(&mut *ctx.pool.read().await?, me).await
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
