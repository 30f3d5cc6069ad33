//! What waits at the desk, and what registers say of it.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, Author, Credential, CredentialId, CredentialKind, RegisterEntry},
    policy::registers::REGISTERS,
    schema::{accounts, credentials},
    store::{
        Conn, fault,
        page::{Page, Paged},
        registers::{BEST_FIRST, EntrySql},
        sql::{Sql, sql},
    },
};

/// Which part of the queue. `$1` is who looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// Everything that waits.
    #[default]
    Waiting,
    /// What they have taken themselves.
    Mine,
    /// What nobody has taken.
    Free,
    /// What is to be looked at again.
    Recheck,
    /// What its holder was asked about.
    Asked,
    /// What the institution stands by.
    Attested,
    /// What rests.
    Suspended,
}

/// The condition of `credentials_queue_idx`, word for word.
pub(super) const WAITING: &str = "c.state IN ('submitted', 'in_review', 'needs_information', 'recheck_due')";

impl Part {
    fn condition(self) -> String {
        match self {
            Self::Waiting => WAITING.to_owned(),
            Self::Mine => format!("{WAITING} AND c.claimed_by = $1"),
            Self::Free => format!("{WAITING} AND c.claimed_by IS NULL AND c.state <> 'needs_information'"),
            Self::Recheck => "c.state = 'recheck_due'".to_owned(),
            Self::Asked => "c.state = 'needs_information'".to_owned(),
            Self::Attested => "c.state = 'attested'".to_owned(),
            Self::Suspended => "c.state = 'suspended'".to_owned(),
        }
    }
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// What has waited longest first.
    #[default]
    Age,
    /// The highest level first, and of each what has waited longest.
    Level,
    /// By register, and of each what has waited longest; last what none keeps.
    Register,
}

/// Since when it waits, in milliseconds.
const SINCE: &str = "(extract(epoch FROM coalesce(c.submitted_at, c.created_at)) * 1000)::bigint";

impl Sort {
    /// The place in the queue as one number, larger for what comes first: what it is sorted by, since when it waits
    /// (where it is sorted by more than that, in seconds), then the end of the id.
    fn place(self) -> String {
        let rank = match self {
            Self::Age => return format!("-(({SINCE} << 20) | (c.id & 1048575))"),
            Self::Level => "4 - c.level".to_owned(),
            Self::Register => {
                let keys: Vec<&str> = REGISTERS.iter().map(|register| register.key).collect();
                format!("coalesce(array_position('{{{}}}'::text[], c.register), 99)", keys.join(","))
            }
        };
        format!("-((({rank})::bigint << 53) | (({SINCE} / 1000) << 20) | (c.id & 1048575))")
    }
}

/// What is asked for of the queue; an empty word means any.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Which part of it.
    pub part: Part,
    /// What is claimed.
    pub kind: Option<CredentialKind>,
    /// Key of a register.
    pub register: String,
    /// Key of a discipline.
    pub discipline: String,
    /// The level reached; 0 for any.
    pub level: i16,
    /// In which order.
    pub sort: Sort,
}

impl Wanted {
    /// A statement about rows `x`, each with id and place, without the viewer's own. Its own binds begin at `$6`.
    fn statement<ST>(&self, me: AccountId, columns: &str, rest: &str) -> Sql<ST> {
        let (condition, place) = (self.part.condition(), self.sort.place());
        let text = format!(
            "SELECT {columns} FROM (SELECT c.id, {place} AS place FROM credentials c \
               WHERE {condition} AND c.account_id <> $1 AND ($2 = '' OR c.kind = $2) AND ($3 = '' OR c.register = $3) \
                 AND ($4 = '' OR c.discipline = $4) AND ($5 = 0 OR c.level = $5)) x {rest}"
        );
        // Parts, orders and directions make more texts than a connection should hold.
        sql::<ST>(text)
            .once()
            .bind::<BigInt, _>(me)
            .bind::<Text, _>(self.kind.map_or("", CredentialKind::as_str).to_owned())
            .bind::<Text, _>(self.register.clone())
            .bind::<Text, _>(self.discipline.clone())
            .bind::<SmallInt, _>(self.level)
    }
}

/// One of the queue.
#[derive(Debug, Clone)]
pub struct Queued {
    /// The record.
    pub credential: Credential,
    /// Whose.
    pub holder: Author,
    /// Its place, as pages name it.
    pub place: i64,
}

/// A page of the queue.
pub async fn list(conn: &mut Conn, me: AccountId, wanted: &Wanted, page: &Page) -> Result<Paged<Queued>> {
    let rest = format!("WHERE x.place < $6 AND x.place > $7 ORDER BY x.place {} LIMIT $8", page.order());
    let rows: Vec<(CredentialId, i64)> = wanted
        .statement::<(BigInt, BigInt)>(me, "x.id, x.place", &rest)
        .bind::<BigInt, _>(page.below())
        .bind::<BigInt, _>(page.above())
        .bind::<BigInt, _>(page.limit + 1)
        .load(conn)
        .await
        .map_err(fault)?;
    let paged = Paged::cut(rows, page, |row| row.1);
    let ids = paged.items.iter().map(|row| row.0).collect();
    let found = with_holders(conn, ids).await?;
    let mut found: HashMap<CredentialId, (Credential, Author)> = found.into_iter().map(|one| (one.0.id, one)).collect();
    let queued = |(id, place): &(CredentialId, i64)| {
        found.remove(id).map(|(credential, holder)| Queued { credential, holder, place: *place })
    };
    let items = paged.items.iter().filter_map(queued).collect();
    Ok(Paged { items, older: paged.older, newer: paged.newer })
}

/// The first thousand of what is asked for, in their order, and of each whether it comes before this one.
pub async fn around(
    conn: &mut Conn,
    me: AccountId,
    wanted: &Wanted,
    id: CredentialId,
) -> Result<Vec<(CredentialId, bool)>> {
    let own = wanted.sort.place();
    let columns = format!("x.id, x.place > (SELECT {own} FROM credentials c WHERE c.id = $6)");
    wanted
        .statement::<(BigInt, Bool)>(me, &columns, "ORDER BY x.place DESC LIMIT 1000")
        .bind::<BigInt, _>(id)
        .load(conn)
        .await
        .map_err(fault)
}

/// These, each with its holder, in no order.
pub async fn with_holders(conn: &mut Conn, ids: Vec<CredentialId>) -> Result<Vec<(Credential, Author)>> {
    credentials::table
        .inner_join(accounts::table.on(accounts::id.eq(credentials::account_id)))
        .filter(credentials::id.eq_any(ids))
        .select((Credential::as_select(), Author::as_select()))
        .load(conn)
        .await
        .map_err(fault)
}

/// The day of the next check of what the institution stands by, without the viewer's own.
pub async fn next_check(conn: &mut Conn, me: AccountId) -> Result<Option<NaiveDate>> {
    sql::<Nullable<Date>>(
        "SELECT min(c.next_check_on) FROM credentials c WHERE c.state = 'attested' AND c.account_id <> $1",
    )
    .bind::<BigInt, _>(me)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// How many wait, without the viewer's own; at most 1,000 are counted.
pub async fn count(conn: &mut Conn, me: AccountId) -> Result<i64> {
    sql::<BigInt>(format!(
        "SELECT count(*) FROM (SELECT 1 FROM credentials c WHERE {WAITING} AND c.account_id <> $1 LIMIT 1000) x"
    ))
    .bind::<BigInt, _>(me)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Those of these whose number somebody else claims too. Whoever looks learns nothing of a number of their own.
pub async fn with_same_number(conn: &mut Conn, me: AccountId, ids: Vec<CredentialId>) -> Result<Vec<CredentialId>> {
    sql::<BigInt>(
        "SELECT c.id FROM credentials c WHERE c.id = ANY($2) AND EXISTS (SELECT 1 FROM credentials d \
           WHERE d.number_index = c.number_index AND d.account_id <> c.account_id AND d.account_id <> $1 \
             AND d.state NOT IN ('draft', 'withdrawn'))",
    )
    .bind::<BigInt, _>(me)
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)
    .await
    .map_err(fault)
}

/// What the copies of registers have under the numbers of these. Of several lines of one number the best one stands for
/// all, with the specialties of the others.
pub async fn entries(conn: &mut Conn, ids: Vec<CredentialId>) -> Result<Vec<(CredentialId, RegisterEntry)>> {
    sql::<(BigInt, EntrySql)>(format!(
        "SELECT DISTINCT ON (c.id) c.id, e.family_name, e.given_names, e.family_folded, e.given_folded, e.discipline, \
           ARRAY(SELECT DISTINCT x.word FROM register_entries o, unnest(o.specialties) AS x (word) \
             WHERE o.snapshot_id = s.id AND o.number_index = c.number_index AND o.active = e.active ORDER BY x.word), \
           e.status, e.active, e.valid_until, e.conditions FROM credentials c \
         JOIN register_snapshots s ON s.register = c.register AND s.state = 'current' \
         JOIN register_entries e ON e.snapshot_id = s.id AND e.number_index = c.number_index WHERE c.id = ANY($1) \
         ORDER BY c.id, {BEST_FIRST}"
    ))
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)
    .await
    .map_err(fault)
}

/// Registers of which there is a copy.
pub async fn registers(conn: &mut Conn) -> Result<Vec<String>> {
    sql::<Text>("SELECT register FROM register_snapshots WHERE state = 'current'").load(conn).await.map_err(fault)
}
