//! What waits at the desk, and what registers say of it.

use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::Result,
    model::{AccountId, Author, Credential, CredentialId, RegisterEntry},
    schema::{accounts, credentials},
    store::{
        Conn, fault,
        page::{Page, Paged},
        registers::{BEST_FIRST, EntrySql},
        sql::sql,
    },
};

/// Which part of the queue. `$1` is who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything that waits.
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
const WAITING: &str = "c.state IN ('submitted', 'in_review', 'needs_information', 'recheck_due')";

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

/// The place in the queue as one number, larger for what has waited longer: milliseconds, then the end of the id.
const PLACE: &str =
    "-(((extract(epoch FROM coalesce(c.submitted_at, c.created_at)) * 1000)::bigint << 20) | (c.id & 1048575))";

/// A page of the queue, longest waiting first, without the viewer's own. An empty register or discipline means any.
pub async fn list(
    conn: &mut Conn,
    me: AccountId,
    part: Part,
    (register, discipline): (&str, &str),
    page: &Page,
) -> Result<Paged<(Credential, Author)>> {
    let order = page.order();
    let rows: Vec<(CredentialId, i64)> = sql::<(BigInt, BigInt)>(format!(
        "SELECT x.id, x.place FROM (SELECT c.id, {PLACE} AS place FROM credentials c WHERE {} AND c.account_id <> $1 \
           AND ($2 = '' OR c.register = $2) AND ($3 = '' OR c.discipline = $3)) x \
         WHERE x.place < $4 AND x.place > $5 ORDER BY x.place {order} LIMIT $6",
        part.condition()
    ))
    .bind::<BigInt, _>(me)
    .bind::<Text, _>(register.to_owned())
    .bind::<Text, _>(discipline.to_owned())
    .bind::<BigInt, _>(page.below())
    .bind::<BigInt, _>(page.above())
    .bind::<BigInt, _>(page.limit + 1)
    .load(conn)
    .await
    .map_err(fault)?;
    let paged = Paged::cut(rows, page, |row| row.1);
    let ids: Vec<CredentialId> = paged.items.iter().map(|row| row.0).collect();
    let mut items = with_holders(conn, ids.clone()).await?;
    items.sort_by_key(|(credential, _)| ids.iter().position(|id| *id == credential.id));
    Ok(Paged { items, older: paged.older, newer: paged.newer })
}

async fn with_holders(conn: &mut Conn, ids: Vec<CredentialId>) -> Result<Vec<(Credential, Author)>> {
    credentials::table
        .inner_join(accounts::table.on(accounts::id.eq(credentials::account_id)))
        .filter(credentials::id.eq_any(ids))
        .select((Credential::as_select(), Author::as_select()))
        .load(conn)
        .await
        .map_err(fault)
}

/// The first thousand that wait, longest waiting first, without the viewer's own.
pub async fn waiting_ids(conn: &mut Conn, me: AccountId) -> Result<Vec<CredentialId>> {
    sql::<BigInt>(format!(
        "SELECT c.id FROM credentials c WHERE {WAITING} AND c.account_id <> $1 ORDER BY {PLACE} DESC LIMIT 1000"
    ))
    .bind::<BigInt, _>(me)
    .load(conn)
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
