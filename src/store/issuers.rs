//! Institutions of other servers: their keys, and their lists of what was taken back.

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{Conn, fault, sql::command};
use crate::{
    error::Result,
    model::{Host, HostId, Issuer},
    schema::{fetched_lists, hosts, issuers},
};

/// Notes an institution; nothing is known of its keys yet.
pub async fn insert(conn: &mut Conn, uri: &str, host: HostId) -> Result<()> {
    diesel::insert_into(issuers::table)
        .values((issuers::uri.eq(uri), issuers::host_id.eq(host)))
        .on_conflict(issuers::uri)
        .do_nothing()
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// By id.
pub async fn find(conn: &mut Conn, uri: &str) -> Result<Option<Issuer>> {
    issuers::table.find(uri).select(Issuer::as_select()).first(conn).await.optional().map_err(fault)
}

/// By id, locked until the transaction ends.
pub async fn find_locked(conn: &mut Conn, uri: &str) -> Result<Option<Issuer>> {
    issuers::table.find(uri).select(Issuer::as_select()).for_update().first(conn).await.optional().map_err(fault)
}

/// Those of these ids that we know, with their servers.
pub async fn list_with_hosts(conn: &mut Conn, uris: Vec<String>) -> Result<Vec<(Issuer, Host)>> {
    issuers::table
        .inner_join(hosts::table.on(hosts::id.eq(issuers::host_id)))
        .filter(issuers::uri.eq_any(uris))
        .select((Issuer::as_select(), Host::as_select()))
        .load(conn)
        .await
        .map_err(fault)
}

/// Those of a server, by id.
pub async fn list_of_host(conn: &mut Conn, host: HostId) -> Result<Vec<Issuer>> {
    issuers::table
        .filter(issuers::host_id.eq(host))
        .order(issuers::uri)
        .limit(200)
        .select(Issuer::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// Servers with an institution whose keys changed without a word of a key that we knew.
pub async fn hosts_with_changed_keys(conn: &mut Conn) -> Result<Vec<HostId>> {
    issuers::table
        .filter(issuers::changed_at.is_not_null())
        .select(issuers::host_id)
        .distinct()
        .load(conn)
        .await
        .map_err(fault)
}

/// What an institution's own document says now, and what that means for its keys.
#[derive(Debug, Clone)]
pub struct IssuerDocument {
    /// Its name.
    pub name: String,
    /// As much of the document as is needed, JSON.
    pub document: String,
    /// When it was fetched.
    pub fetched_at: DateTime<Utc>,
    /// Multikeys that we know to be theirs from now on.
    pub pinned: Vec<String>,
    /// Since when there are others.
    pub changed_at: Option<DateTime<Utc>>,
}

/// Keeps what an institution's document says; false where somebody changed what we know of its keys since it was read.
pub async fn put_document(conn: &mut Conn, known: &Issuer, new: IssuerDocument) -> Result<bool> {
    let changed = command(
        "UPDATE issuers SET name = $2, document = $3, fetched_at = $4, pinned = $5, changed_at = $6 \
         WHERE uri = $1 AND pinned = $7 AND changed_at IS NOT DISTINCT FROM $8",
    )
    .bind::<Text, _>(known.uri.clone())
    .bind::<Text, _>(new.name)
    .bind::<Text, _>(new.document)
    .bind::<Timestamptz, _>(new.fetched_at)
    .bind::<Array<Text>, _>(new.pinned)
    .bind::<Nullable<Timestamptz>, _>(new.changed_at)
    .bind::<Array<Text>, _>(known.pinned.clone())
    .bind::<Nullable<Timestamptz>, _>(known.changed_at)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(changed > 0)
}

/// Takes an institution's keys for its own at the first statement of it that holds.
pub async fn pin_first(conn: &mut Conn, uri: &str, keys: Vec<String>) -> Result<()> {
    command("UPDATE issuers SET pinned = $2 WHERE uri = $1 AND pinned = '{}' AND changed_at IS NULL")
        .bind::<Text, _>(uri.to_owned())
        .bind::<Array<Text>, _>(keys)
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// An admin has looked: these are its keys, and no others are in question.
pub async fn confirm(conn: &mut Conn, uri: &str, keys: Vec<String>) -> Result<()> {
    diesel::update(issuers::table.find(uri))
        .set((issuers::pinned.eq(keys), issuers::changed_at.eq(None::<DateTime<Utc>>)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// An institution says that it changed: its document is fetched anew, and its statements are looked at that were to be
/// looked at later; not more often than every few seconds, or every minute where its server is not trusted.
pub async fn hurry(conn: &mut Conn, uri: &str, now: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE attestations t SET check_at = n.at FROM ( \
           SELECT i.uri, greatest($2::timestamptz, i.fetched_at \
             + CASE WHEN h.trust = 'trusted' THEN interval '5 seconds' ELSE interval '1 minute' END) AS at \
           FROM issuers i JOIN hosts h ON h.id = i.host_id WHERE i.uri = $1 AND i.fetched_at IS NOT NULL) n \
         WHERE t.issuer_uri = n.uri AND t.credential_id IS NULL AND t.check_at > n.at",
    )
    .bind::<Text, _>(uri.to_owned())
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    diesel::update(issuers::table.find(uri).filter(issuers::fetched_at.is_not_null()))
        .set(issuers::fetched_at.eq(None::<DateTime<Utc>>))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A status list as it was last fetched.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = fetched_lists)]
pub struct FetchedList {
    /// Its address.
    pub uri: String,
    /// Whose it is.
    pub issuer_uri: String,
    /// The list, JSON.
    pub document: String,
    /// When it was fetched.
    pub fetched_at: DateTime<Utc>,
    /// When it has to be fetched again.
    pub stale_at: DateTime<Utc>,
}

/// A list by its address.
pub async fn find_list(conn: &mut Conn, uri: &str) -> Result<Option<FetchedList>> {
    fetched_lists::table.find(uri).select(FetchedList::as_select()).first(conn).await.optional().map_err(fault)
}

/// Keeps a list, and of its institution no more than so many, the newest.
pub async fn put_list(conn: &mut Conn, list: &FetchedList, most: i64) -> Result<()> {
    let values = (
        fetched_lists::issuer_uri.eq(&list.issuer_uri),
        fetched_lists::document.eq(&list.document),
        fetched_lists::fetched_at.eq(list.fetched_at),
        fetched_lists::stale_at.eq(list.stale_at),
    );
    diesel::insert_into(fetched_lists::table)
        .values((fetched_lists::uri.eq(&list.uri), values))
        .on_conflict(fetched_lists::uri)
        .do_update()
        .set(values)
        .execute(conn)
        .await
        .map_err(fault)?;
    command(
        "DELETE FROM fetched_lists WHERE uri IN (SELECT uri FROM fetched_lists WHERE issuer_uri = $1 \
         ORDER BY fetched_at DESC, uri OFFSET $2)",
    )
    .bind::<Text, _>(list.issuer_uri.clone())
    .bind::<BigInt, _>(most)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Lists of these institutions are fetched anew at the next look, unless that was done some seconds ago; an hour ago
/// where their server is not trusted.
pub async fn hurry_lists(conn: &mut Conn, issuers: Vec<String>, now: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE fetched_lists l SET stale_at = n.at FROM ( \
           SELECT f.uri, greatest($2::timestamptz, f.fetched_at \
             + CASE WHEN h.trust = 'trusted' THEN interval '5 seconds' ELSE interval '1 hour' END) AS at \
           FROM fetched_lists f JOIN issuers i ON i.uri = f.issuer_uri JOIN hosts h ON h.id = i.host_id \
           WHERE f.issuer_uri = ANY($1) ORDER BY f.uri FOR UPDATE OF f) n \
         WHERE l.uri = n.uri AND l.stale_at > n.at",
    )
    .bind::<Array<Text>, _>(issuers)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Lists of a server's institutions are fetched anew at the next look: somebody has decided how far they are believed.
pub async fn hurry_lists_of_host(conn: &mut Conn, host: HostId, now: DateTime<Utc>) -> Result<()> {
    command(
        "UPDATE fetched_lists SET stale_at = $2 WHERE stale_at > $2 \
         AND issuer_uri IN (SELECT uri FROM issuers WHERE host_id = $1)",
    )
    .bind::<BigInt, _>(host)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Forgets lists that nobody asked for in a week, and institutions of servers that we do not trust once no statement
/// names them.
pub async fn sweep(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let lists = command("DELETE FROM fetched_lists WHERE stale_at < $1::timestamptz - interval '7 days'")
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await
        .map_err(fault)?;
    let gone = command(
        "DELETE FROM issuers i USING hosts h WHERE h.id = i.host_id AND h.trust <> 'trusted' \
         AND NOT EXISTS (SELECT 1 FROM attestations t WHERE t.issuer_uri = i.uri AND t.credential_id IS NULL)",
    )
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(lists + gone)
}
