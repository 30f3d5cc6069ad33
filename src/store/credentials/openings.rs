//! Documents that are opened by two persons, or in an emergency by one: what was asked, what became of it, and who else there
//! is at the desk.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::queue::WAITING;
use crate::{
    error::Result,
    model::{
        AccountId, Author, CredentialId, EvidenceId, EvidenceOpening, EvidenceOpeningId, EvidenceOpeningState, Role,
    },
    schema::evidence_openings,
    store::{
        Conn,
        accounts::{AUTHOR, AuthorSql},
        fault,
        page::{Page, Paged},
        sql::sql,
    },
};

/// What was asked about a document, and not decided, has lapsed.
pub async fn lapse(conn: &mut Conn, document: EvidenceId, at: DateTime<Utc>) -> Result<()> {
    diesel::update(
        evidence_openings::table
            .filter(evidence_openings::evidence_id.eq(document))
            .filter(evidence_openings::state.eq(EvidenceOpeningState::Asked)),
    )
    .set((evidence_openings::state.eq(EvidenceOpeningState::Lapsed), evidence_openings::decided_at.eq(at)))
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Writes a wish down, in place of one that was not decided.
pub async fn ask(conn: &mut Conn, document: EvidenceId, by: AccountId, at: DateTime<Utc>) -> Result<()> {
    lapse(conn, document, at).await?;
    diesel::insert_into(evidence_openings::table)
        .values((
            evidence_openings::evidence_id.eq(document),
            evidence_openings::asked_by.eq(by),
            evidence_openings::asked_at.eq(at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Writes an emergency down.
pub async fn open_alone(
    conn: &mut Conn,
    document: EvidenceId,
    by: AccountId,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(evidence_openings::table)
        .values((
            evidence_openings::evidence_id.eq(document),
            evidence_openings::asked_by.eq(by),
            evidence_openings::asked_at.eq(at),
            evidence_openings::reason.eq(reason),
            evidence_openings::state.eq(EvidenceOpeningState::Alone),
            evidence_openings::decided_at.eq(at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The wish about a document that nobody has decided, locked until the transaction ends.
pub async fn lock_asked(conn: &mut Conn, document: EvidenceId) -> Result<Option<EvidenceOpening>> {
    evidence_openings::table
        .filter(evidence_openings::evidence_id.eq(document))
        .filter(evidence_openings::state.eq(EvidenceOpeningState::Asked))
        .select(EvidenceOpening::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// The last one by which somebody may open a document, as a colleague agreed or in an emergency, and that was not used; locked
/// until the transaction ends.
pub async fn lock_open(conn: &mut Conn, document: EvidenceId, by: AccountId) -> Result<Option<EvidenceOpening>> {
    evidence_openings::table
        .filter(evidence_openings::evidence_id.eq(document))
        .filter(evidence_openings::asked_by.eq(by))
        .filter(evidence_openings::state.eq_any([EvidenceOpeningState::Agreed, EvidenceOpeningState::Alone]))
        .filter(evidence_openings::used_at.is_null())
        .order(evidence_openings::decided_at.desc())
        .select(EvidenceOpening::as_select())
        .for_update()
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// What became of one, by whom.
pub async fn decide(
    conn: &mut Conn,
    id: EvidenceOpeningId,
    state: EvidenceOpeningState,
    by: AccountId,
    at: DateTime<Utc>,
) -> Result<()> {
    diesel::update(evidence_openings::table.find(id))
        .set((
            evidence_openings::state.eq(state),
            evidence_openings::decided_by.eq(by),
            evidence_openings::decided_at.eq(at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The document was opened by it.
pub async fn use_up(conn: &mut Conn, id: EvidenceOpeningId, at: DateTime<Utc>) -> Result<()> {
    diesel::update(evidence_openings::table.find(id))
        .set(evidence_openings::used_at.eq(at))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

type OpeningSql =
    (BigInt, BigInt, BigInt, Timestamptz, Text, Text, Nullable<BigInt>, Nullable<Timestamptz>, Nullable<Timestamptz>);

/// Those about the documents of a credential, asked for since then, the newest first; with the names of who asked and of
/// who decided.
pub async fn list(
    conn: &mut Conn,
    of: CredentialId,
    since: DateTime<Utc>,
) -> Result<Vec<(EvidenceOpening, String, Option<String>)>> {
    sql::<(OpeningSql, Text, Nullable<Text>)>(
        "SELECT o.id, o.evidence_id, o.asked_by, o.asked_at, o.reason, o.state, o.decided_by, o.decided_at, o.used_at, \
           a.name, d.name \
         FROM evidence_openings o JOIN evidence e ON e.id = o.evidence_id JOIN accounts a ON a.id = o.asked_by \
           LEFT JOIN accounts d ON d.id = o.decided_by \
         WHERE e.credential_id = $1 AND o.asked_at >= $2 ORDER BY o.id DESC LIMIT 100",
    )
    .bind::<BigInt, _>(of)
    .bind::<Timestamptz, _>(since)
    .load(conn)
    .await
    .map_err(fault)
}

/// A wish as the list of all shows it.
#[derive(Debug, Clone, Queryable)]
pub struct ListedWish {
    /// The credential whose document it is about.
    pub credential: CredentialId,
    /// Its holder's name.
    pub holder: String,
    /// Who asks.
    pub by: Author,
    /// Since when.
    pub asked_at: DateTime<Utc>,
    /// When a colleague agreed, where one has.
    pub agreed_at: Option<DateTime<Utc>>,
}

/// Wish `o` about document `e` of credential `c`, asked for after `$2`, of somebody who has worked on it since; not of
/// one's own (`$1`) credentials.
fn waits() -> String {
    format!(
        "o.asked_at >= $2 AND o.used_at IS NULL AND e.deleted_at IS NULL AND c.claimed_by = o.asked_by \
         AND c.claimed_at <= o.asked_at AND {WAITING} AND c.account_id <> $1"
    )
}

/// Those of others that wait for a second person, and one's own that wait or to which somebody agreed after `agreed_since`;
/// the oldest first.
pub async fn waiting(
    conn: &mut Conn,
    me: AccountId,
    since: DateTime<Utc>,
    agreed_since: DateTime<Utc>,
) -> Result<Vec<ListedWish>> {
    sql::<(BigInt, Text, AuthorSql, Timestamptz, Nullable<Timestamptz>)>(format!(
        "SELECT c.id, h.name, {AUTHOR}, o.asked_at, o.decided_at FROM evidence_openings o JOIN evidence e ON e.id = o.evidence_id \
           JOIN credentials c ON c.id = e.credential_id JOIN accounts h ON h.id = c.account_id JOIN accounts a ON a.id = o.asked_by \
         WHERE {} AND (o.state = 'asked' OR (o.state = 'agreed' AND o.asked_by = $1 AND o.decided_at >= $3)) \
         ORDER BY o.id LIMIT 100",
        waits()
    ))
    .bind::<BigInt, _>(me)
    .bind::<Timestamptz, _>(since)
    .bind::<Timestamptz, _>(agreed_since)
    .load(conn)
    .await
    .map_err(fault)
}

/// How many of others wait for a second person, who may be this one.
pub async fn count_waiting(conn: &mut Conn, me: AccountId, since: DateTime<Utc>) -> Result<i64> {
    sql::<BigInt>(format!(
        "SELECT count(*) FROM evidence_openings o JOIN evidence e ON e.id = o.evidence_id \
           JOIN credentials c ON c.id = e.credential_id WHERE {} AND o.state = 'asked' AND o.asked_by <> $1",
        waits()
    ))
    .bind::<BigInt, _>(me)
    .bind::<Timestamptz, _>(since)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// An emergency, as all at the desk read of it.
#[derive(Debug, Clone, Queryable)]
pub struct OpenedAlone {
    /// Its id.
    pub id: EvidenceOpeningId,
    /// The credential whose document it was.
    pub credential: CredentialId,
    /// Its holder's name.
    pub holder: String,
    /// Who opened it.
    pub by: Author,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When the document was handed out, where it was.
    pub used_at: Option<DateTime<Utc>>,
}

/// Emergencies, the newest first; not about one's own credentials.
pub async fn emergencies(conn: &mut Conn, me: AccountId, page: &Page) -> Result<Paged<OpenedAlone>> {
    let order = page.order();
    let rows: Vec<OpenedAlone> =
        sql::<(BigInt, BigInt, Text, AuthorSql, Text, Timestamptz, Nullable<Timestamptz>)>(format!(
            "SELECT o.id, c.id, h.name, {AUTHOR}, o.reason, o.asked_at, o.used_at FROM evidence_openings o \
               JOIN evidence e ON e.id = o.evidence_id JOIN credentials c ON c.id = e.credential_id \
               JOIN accounts h ON h.id = c.account_id JOIN accounts a ON a.id = o.asked_by \
             WHERE o.state = 'alone' AND c.account_id <> $1 AND o.id < $2 AND o.id > $3 ORDER BY o.id {order} LIMIT $4"
        ))
        .bind::<BigInt, _>(me)
        .bind::<BigInt, _>(page.below())
        .bind::<BigInt, _>(page.above())
        .bind::<BigInt, _>(page.limit + 1)
        .load(conn)
        .await
        .map_err(fault)?;
    Ok(Paged::cut(rows, page, |one| one.id.0))
}

/// Why each of these people opened a document alone the last time; not where it was about one's own credentials.
pub async fn last_reasons(conn: &mut Conn, me: AccountId, by: Vec<AccountId>) -> Result<Vec<(AccountId, String)>> {
    sql::<(BigInt, Text)>(
        "SELECT DISTINCT ON (o.asked_by) o.asked_by, o.reason FROM evidence_openings o \
           JOIN evidence e ON e.id = o.evidence_id JOIN credentials c ON c.id = e.credential_id \
         WHERE o.state = 'alone' AND o.asked_by = ANY($1) AND c.account_id <> $2 ORDER BY o.asked_by, o.id DESC",
    )
    .bind::<Array<BigInt>, _>(by)
    .bind::<BigInt, _>(me)
    .load(conn)
    .await
    .map_err(fault)
}

/// Somebody at the desk.
#[derive(Debug, Clone, Queryable)]
pub struct Colleague {
    /// Who.
    pub id: AccountId,
    /// Their name.
    pub name: String,
    /// Their mailbox.
    pub email: String,
}

/// Everybody at the desk but these people: admins first, and whoever was here last before others.
pub async fn colleagues(conn: &mut Conn, without: Vec<AccountId>) -> Result<Vec<Colleague>> {
    sql::<(BigInt, Text, Text)>(
        "SELECT u.account_id, a.name, u.email FROM users u JOIN accounts a ON a.id = u.account_id AND a.state = 'active' \
         WHERE u.role = ANY($1) AND u.state = 'active' AND u.account_id <> ALL($2) \
         ORDER BY u.role = 'admin' DESC, \
           (SELECT max(s.seen_at) FROM sessions s WHERE s.account_id = u.account_id) DESC NULLS LAST, u.account_id LIMIT 200",
    )
    .bind::<Array<Text>, _>(vec![Role::Verifier, Role::Admin])
    .bind::<Array<BigInt>, _>(without)
    .load(conn)
    .await
    .map_err(fault)
}
