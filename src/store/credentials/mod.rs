//! Credentials: what is claimed, what happened to it, and who is told.

pub mod clock;
pub mod evidence;
pub mod mailbox;
pub mod numbers;
pub mod openings;
pub mod queue;
pub mod staff;

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use crate::{
    error::{Error, Result},
    model::{AccountId, Author, Credential, CredentialId, CredentialState, NotificationKind, Role},
    schema::{accounts, credential_events, credentials},
    store::{
        Conn, fault, notifications,
        page::{Page, Paged},
        sql::sql,
    },
};

/// An id for what is about to be sealed: the seal says whose it is.
pub async fn new_id(conn: &mut Conn) -> Result<i64> {
    sql::<BigInt>("SELECT timestamp_id()").get_result(conn).await.map_err(fault)
}

/// By id.
pub async fn find(conn: &mut Conn, id: CredentialId) -> Result<Option<Credential>> {
    credentials::table.find(id).select(Credential::as_select()).first(conn).await.optional().map_err(fault)
}

/// By id, or [`Error::NotFound`].
pub async fn get(conn: &mut Conn, id: CredentialId) -> Result<Credential> {
    find(conn, id).await?.ok_or(Error::NotFound)
}

/// By id, locked until the transaction ends; [`Error::NotFound`] where there is none.
pub async fn lock(conn: &mut Conn, id: CredentialId) -> Result<Credential> {
    credentials::table.find(id).select(Credential::as_select()).for_update().first(conn).await.map_err(fault)
}

/// Somebody's, newest first.
pub async fn list_of(conn: &mut Conn, who: AccountId) -> Result<Vec<Credential>> {
    credentials::table
        .filter(credentials::account_id.eq(who))
        .order(credentials::id.desc())
        .limit(200)
        .select(Credential::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// All, newest first, each with its holder.
pub async fn list(conn: &mut Conn, page: &Page) -> Result<Paged<(Credential, Author)>> {
    let rows: Vec<(Credential, Author)> = credentials::table
        .inner_join(accounts::table.on(accounts::id.eq(credentials::account_id)))
        .filter(credentials::id.lt(page.below()))
        .filter(credentials::id.gt(page.above()))
        .order(credentials::id.desc())
        .limit(page.limit + 1)
        .select((Credential::as_select(), Author::as_select()))
        .load(conn)
        .await
        .map_err(fault)?;
    Ok(Paged::cut(rows, page, |(credential, _)| credential.id.0))
}

/// Somebody's in these states, locked in their order.
pub async fn lock_of(conn: &mut Conn, who: AccountId, states: Vec<CredentialState>) -> Result<Vec<Credential>> {
    credentials::table
        .filter(credentials::account_id.eq(who))
        .filter(credentials::state.eq_any(states))
        .order(credentials::id)
        .select(Credential::as_select())
        .for_update()
        .load(conn)
        .await
        .map_err(fault)
}

/// Those that a verifier has taken, locked in their order.
pub async fn lock_claimed(conn: &mut Conn, by: AccountId) -> Result<Vec<Credential>> {
    credentials::table
        .filter(credentials::claimed_by.eq(by))
        .order(credentials::id)
        .select(Credential::as_select())
        .for_update()
        .load(conn)
        .await
        .map_err(fault)
}

/// How many somebody has that are not over.
pub async fn count_open(conn: &mut Conn, who: AccountId) -> Result<i64> {
    credentials::table
        .filter(credentials::account_id.eq(who))
        .filter(credentials::state.ne_all(CredentialState::OVER))
        .count()
        .get_result(conn)
        .await
        .map_err(fault)
}

/// The one under way that renews this one.
pub async fn find_renewal(conn: &mut Conn, of: CredentialId) -> Result<Option<CredentialId>> {
    credentials::table
        .filter(credentials::renews.eq(of))
        .filter(credentials::state.ne_all(CredentialState::OVER))
        .order(credentials::id.desc())
        .select(credentials::id)
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Everything of a credential that may change, as values of its columns.
macro_rules! written {
    ($c:expr) => {
        (
            credentials::kind.eq($c.kind),
            credentials::state.eq($c.state),
            credentials::level.eq($c.level),
            credentials::register.eq(&$c.register),
            credentials::body.eq(&$c.body),
            credentials::jurisdiction.eq(&$c.jurisdiction),
            credentials::number_sealed.eq(&$c.number_sealed),
            credentials::number_index.eq(&$c.number_index),
            credentials::discipline.eq(&$c.discipline),
            credentials::specialties.eq(&$c.specialties),
            credentials::family_name.eq(&$c.family_name),
            credentials::given_names.eq(&$c.given_names),
            credentials::role.eq(&$c.role),
            credentials::issued_on.eq($c.issued_on),
            credentials::expires_on.eq($c.expires_on),
            credentials::claimed_by.eq($c.claimed_by),
            credentials::claimed_at.eq($c.claimed_at),
            credentials::confirmed_by.eq($c.confirmed_by),
            credentials::decided_by.eq($c.decided_by),
            credentials::ticked.eq(&$c.ticked),
            credentials::seen.eq(&$c.seen),
            credentials::recheck_reason.eq(&$c.recheck_reason),
            credentials::recheck_by.eq($c.recheck_by),
            credentials::submitted_at.eq($c.submitted_at),
            credentials::decided_at.eq($c.decided_at),
            credentials::checked_on.eq($c.checked_on),
            credentials::next_check_on.eq($c.next_check_on),
            credentials::reminded_days.eq($c.reminded_days),
            credentials::updated_at.eq($c.updated_at),
        )
    };
}

/// Keeps a new one, under the id that it was given.
pub async fn insert(conn: &mut Conn, new: &Credential) -> Result<()> {
    diesel::insert_into(credentials::table)
        .values((
            credentials::id.eq(new.id),
            credentials::account_id.eq(new.account_id),
            credentials::source.eq(new.source),
            credentials::renews.eq(new.renews),
            credentials::created_at.eq(new.created_at),
            written!(new),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Writes back one that was locked. The database refuses moves that no credential may make.
pub async fn update(conn: &mut Conn, changed: &Credential) -> Result<()> {
    diesel::update(credentials::table.find(changed.id)).set(written!(changed)).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// Notes which level one has reached, unless it has moved on meanwhile.
pub async fn set_level(conn: &mut Conn, id: CredentialId, state: CredentialState, level: i16) -> Result<()> {
    diesel::update(credentials::table.find(id).filter(credentials::state.eq(state)))
        .set(credentials::level.eq(level))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Something that happened.
#[derive(Debug)]
pub struct NewEvent {
    /// Its id.
    pub id: i64,
    /// To which.
    pub credential: CredentialId,
    /// Who did it; none for the clock, a register or the operator.
    pub actor: Option<AccountId>,
    /// The new state; none where it stays.
    pub state: Option<CredentialState>,
    /// Words, sealed.
    pub text_sealed: Option<Vec<u8>>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Writes it down.
pub async fn insert_event(conn: &mut Conn, new: NewEvent) -> Result<()> {
    diesel::insert_into(credential_events::table)
        .values((
            credential_events::id.eq(new.id),
            credential_events::credential_id.eq(new.credential),
            credential_events::actor_id.eq(new.actor),
            credential_events::state.eq(new.state),
            credential_events::text_sealed.eq(new.text_sealed),
            credential_events::at.eq(new.at),
        ))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// What happened: its id, who did it and their name, the new state, words (sealed), and when.
pub type EventRow = (i64, Option<AccountId>, Option<String>, Option<CredentialState>, Option<Vec<u8>>, DateTime<Utc>);

/// What happened to one, oldest first: the newest 200.
pub async fn list_events(conn: &mut Conn, id: CredentialId) -> Result<Vec<EventRow>> {
    sql::<(BigInt, Nullable<BigInt>, Nullable<Text>, Nullable<Text>, Nullable<Binary>, Timestamptz)>(
        "SELECT x.* FROM (SELECT e.id, e.actor_id, a.name, e.state, e.text_sealed, e.at FROM credential_events e \
           LEFT JOIN accounts a ON a.id = e.actor_id WHERE e.credential_id = $1 ORDER BY e.id DESC LIMIT 200) x \
         ORDER BY x.id",
    )
    .bind::<BigInt, _>(id)
    .load(conn)
    .await
    .map_err(fault)
}

/// How often its holder has added to one since anybody else did anything about it.
pub async fn count_unanswered(conn: &mut Conn, id: CredentialId, holder: AccountId) -> Result<i64> {
    sql::<BigInt>(
        "SELECT count(*) FROM credential_events e WHERE e.credential_id = $1 AND e.actor_id = $2 AND e.id > coalesce( \
           (SELECT max(d.id) FROM credential_events d WHERE d.credential_id = $1 AND d.actor_id IS DISTINCT FROM $2), 0)",
    )
    .bind::<BigInt, _>(id)
    .bind::<BigInt, _>(holder)
    .get_result(conn)
    .await
    .map_err(fault)
}

/// Those of these whose number, or whose holder with the same kind and register (of bodies that we do not know: with the
/// same body), the desk did not stand by in another credential; also where its holder has withdrawn that one since.
pub async fn with_earlier_end(conn: &mut Conn, ids: Vec<CredentialId>) -> Result<Vec<CredentialId>> {
    sql::<BigInt>(
        "SELECT c.id FROM credentials c WHERE c.id = ANY($1) AND EXISTS (SELECT 1 FROM ( \
             SELECT d.id, d.state FROM credentials d WHERE d.number_index = c.number_index \
             UNION ALL SELECT d.id, d.state FROM credentials d WHERE d.account_id = c.account_id AND d.kind = c.kind \
               AND d.register = c.register AND (c.register NOT IN ('', 'other') OR lower(d.body) = lower(c.body))) d \
           WHERE d.id <> c.id AND (d.state IN ('suspended', 'revoked', 'rejected') OR (d.state = 'withdrawn' AND EXISTS ( \
             SELECT 1 FROM credential_events e WHERE e.credential_id = d.id AND e.state = 'suspended'))))",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)
    .await
    .map_err(fault)
}

/// Tells everybody at the desk that something of somebody's (`from`) waits, but for themselves.
pub async fn tell_desk(conn: &mut Conn, from: AccountId) -> Result<()> {
    notifications::insert_for_role(conn, &[Role::Verifier, Role::Admin], NotificationKind::Desk, from).await
}
