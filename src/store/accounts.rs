//! Accounts: people of ours and of other servers, and their keys.

use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, fault, media,
    page::{Page, Paged},
    sql::{command, sql},
};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, AccountKey, AccountKind, AccountState, Author, HostId, KeyKind, Purpose},
    schema::{account_keys, accounts},
};

/// Columns of [`Author`], of a table called `a`.
pub(super) const AUTHOR: &str =
    "a.id, a.host, a.username, a.uri, a.url, a.name, a.discipline, a.employer, a.locked, a.avatar, a.badge";
/// SQL types of [`AUTHOR`].
pub(super) type AuthorSql = (BigInt, Nullable<Text>, Text, Text, Text, Text, Text, Text, Bool, Text, Nullable<Jsonb>);

/// By id.
pub async fn find(conn: &mut Conn, id: AccountId) -> Result<Option<Account>> {
    accounts::table.find(id).select(Account::as_select()).first(conn).await.optional().map_err(fault)
}

/// By id, or [`Error::NotFound`].
pub async fn get(conn: &mut Conn, id: AccountId) -> Result<Account> {
    find(conn, id).await?.ok_or(Error::NotFound)
}

/// By id, locked until the transaction ends, though rows that point to it may come; [`Error::NotFound`] where there is
/// none.
pub async fn lock(conn: &mut Conn, id: AccountId) -> Result<Account> {
    accounts::table.find(id).select(Account::as_select()).for_no_key_update().first(conn).await.map_err(fault)
}

/// By ActivityPub id.
pub async fn find_by_uri(conn: &mut Conn, uri: &str) -> Result<Option<Account>> {
    accounts::table
        .filter(accounts::uri.eq(uri))
        .select(Account::as_select())
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// Those of the given ActivityPub ids that we have.
pub async fn list_by_uri(conn: &mut Conn, uris: Vec<String>) -> Result<Vec<Account>> {
    accounts::table.filter(accounts::uri.eq_any(uris)).select(Account::as_select()).load(conn).await.map_err(fault)
}

/// By handle; `host` is none for our own people. Where a group of another server goes by the same name as a person there, the
/// person is meant.
pub async fn find_by_handle(conn: &mut Conn, username: &str, host: Option<&str>) -> Result<Option<Account>> {
    match named(conn, username, host, false).await? {
        Some(account) => Ok(Some(account)),
        None => find_group_by_handle(conn, username, host).await,
    }
}

/// A group by its handle; `host` is none for ours.
pub async fn find_group_by_handle(conn: &mut Conn, username: &str, host: Option<&str>) -> Result<Option<Account>> {
    named(conn, username, host, true).await
}

async fn named(conn: &mut Conn, username: &str, host: Option<&str>, is_group: bool) -> Result<Option<Account>> {
    let query = accounts::table
        .filter(diesel::dsl::sql::<Bool>("lower(username) = ").bind::<Text, _>(username.to_lowercase()))
        .filter(diesel::dsl::sql::<Bool>("(kind = 'group') = ").bind::<Bool, _>(is_group));
    let query = match host {
        Some(host) => query.filter(accounts::host.eq(host)).select(Account::as_select()).into_boxed(),
        None => query.filter(accounts::host_id.is_null()).select(Account::as_select()).into_boxed(),
    };
    query.first(conn).await.optional().map_err(fault)
}

/// Accounts `a` of whom anybody may hear: people, and groups that are open. Who belongs to another group, and that there is
/// one, is nobody's business.
pub(super) const HEARD_OF: &str =
    "(a.kind <> 'group' OR NOT EXISTS (SELECT 1 FROM groups gx WHERE gx.account_id = a.id AND gx.kind <> 'open'))";

/// Those of the given handles (`name` or `name@host`, lower case) that we have: handle and account.
pub async fn list_by_handles(
    conn: &mut Conn,
    handles: Vec<String>,
) -> Result<Vec<(String, AccountId, String, String, String)>> {
    sql::<(Text, BigInt, Text, Text, Text)>(format!(
        "SELECT h.handle, a.id, a.uri, a.url, a.username FROM unnest($1::text[]) AS h (handle) \
         JOIN accounts a ON lower(a.username) = split_part(h.handle, '@', 1) \
            AND coalesce(a.host, '') = split_part(h.handle, '@', 2) AND a.state = 'active' AND {HEARD_OF}"
    ))
    .bind::<Array<Text>, _>(handles)
    .load(conn)
    .await
    .map_err(fault)
}

/// A new account of ours.
#[derive(Debug)]
pub struct NewLocal {
    /// User name.
    pub username: String,
    /// Display name.
    pub name: String,
    /// The name as it looks.
    pub name_skeleton: String,
    /// What it is.
    pub kind: AccountKind,
    /// Whether it takes part already.
    pub state: AccountState,
    /// May be listed.
    pub discoverable: bool,
    /// ActivityPub id.
    pub uri: String,
    /// The page for people.
    pub url: String,
    /// Our shared inbox.
    pub shared_inbox: String,
    /// Key id, public and sealed private half.
    pub keys: Vec<NewKey>,
}

/// A key to keep.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The `keyId`.
    pub uri: String,
    /// What for.
    pub kind: KeyKind,
    /// Public half.
    pub public_key: String,
    /// Sealed private half (ours only).
    pub private_sealed: Option<Vec<u8>>,
}

/// Makes an account of ours with its keys.
pub async fn insert_local(conn: &mut Conn, new: NewLocal) -> Result<AccountId> {
    let id: AccountId = diesel::insert_into(accounts::table)
        .values((
            accounts::username.eq(&new.username),
            accounts::name.eq(&new.name),
            accounts::name_skeleton.eq(&new.name_skeleton),
            accounts::kind.eq(new.kind),
            accounts::state.eq(new.state),
            accounts::discoverable.eq(new.discoverable),
            accounts::uri.eq(&new.uri),
            accounts::url.eq(&new.url),
            accounts::inbox.eq(format!("{}/inbox", new.uri)),
            accounts::outbox.eq(format!("{}/outbox", new.uri)),
            accounts::followers_uri.eq(format!("{}/followers", new.uri)),
            accounts::shared_inbox.eq(&new.shared_inbox),
        ))
        .returning(accounts::id)
        .get_result(conn)
        .await
        .map_err(fault)?;
    put_keys(conn, id, new.keys).await?;
    Ok(id)
}

/// What we learned of an account of another server.
#[derive(Debug, Clone)]
pub struct RemoteAccount {
    /// Its server.
    pub host_id: HostId,
    /// Its server's name.
    pub host: String,
    /// User name.
    pub username: String,
    /// What it is.
    pub kind: AccountKind,
    /// ActivityPub id.
    pub uri: String,
    /// The page for people.
    pub url: String,
    /// Display name, cleaned.
    pub name: String,
    /// Biography, safe HTML.
    pub bio_html: String,
    /// Label-value pairs, safe HTML.
    pub fields: serde_json::Value,
    /// Claimed discipline.
    pub discipline: String,
    /// Claimed specialty.
    pub specialty: String,
    /// Claimed employer.
    pub employer: String,
    /// As given.
    pub pronouns: String,
    /// Town or region.
    pub place: String,
    /// Conflicts of interest, as declared.
    pub interests: String,
    /// The name as it looks.
    pub name_skeleton: String,
    /// The name, as it came, wore a sign that looks like a badge.
    pub name_marked: bool,
    /// Followers must be approved.
    pub locked: bool,
    /// May be listed.
    pub discoverable: bool,
    /// Inbox URL.
    pub inbox: String,
    /// Inbox of the whole server.
    pub shared_inbox: Option<String>,
    /// Outbox URL.
    pub outbox: Option<String>,
    /// Followers collection URL.
    pub followers_uri: Option<String>,
    /// Where its picture is.
    pub avatar: Option<String>,
    /// Where the band on top of its page is.
    pub banner: Option<String>,
    /// Its keys.
    pub keys: Vec<NewKey>,
}

/// Stores or refreshes an account of another server; true where keys that we had are no longer the same.
///
/// A handle belongs to whoever had it first: a second id that claims it gets it with a mark, unless the first is gone.
pub async fn upsert_remote(conn: &mut Conn, mut new: RemoteAccount) -> Result<(AccountId, bool)> {
    command(
        "UPDATE accounts SET username = username || '.' || id::text \
             WHERE host_id = $1 AND lower(username) = lower($2) AND uri <> $3 AND state = 'gone'",
    )
    .bind::<BigInt, _>(new.host_id)
    .bind::<Text, _>(new.username.clone())
    .bind::<Text, _>(new.uri.clone())
    .execute(conn)
    .await
    .map_err(fault)?;
    let taken: Option<String> = sql::<Text>(
        "SELECT username || '.' || left(md5($3), 8) FROM accounts WHERE host_id = $1 AND lower(username) = lower($2) \
             AND uri <> $3 AND (kind = 'group') = $4",
    )
    .bind::<BigInt, _>(new.host_id)
    .bind::<Text, _>(new.username.clone())
    .bind::<Text, _>(new.uri.clone())
    .bind::<Bool, _>(new.kind == AccountKind::Group)
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)?;
    if let Some(marked) = taken {
        new.username = marked;
    }
    let values = (
        accounts::host_id.eq(new.host_id),
        accounts::host.eq(&new.host),
        accounts::username.eq(&new.username),
        accounts::kind.eq(new.kind),
        accounts::url.eq(&new.url),
        accounts::name.eq(&new.name),
        accounts::bio_html.eq(&new.bio_html),
        accounts::fields.eq(&new.fields),
        accounts::discipline.eq(&new.discipline),
        accounts::specialty.eq(&new.specialty),
        accounts::employer.eq(&new.employer),
        accounts::pronouns.eq(&new.pronouns),
        accounts::place.eq(&new.place),
        accounts::interests.eq(&new.interests),
        accounts::name_skeleton.eq(&new.name_skeleton),
        accounts::locked.eq(new.locked),
        accounts::discoverable.eq(new.discoverable),
        accounts::inbox.eq(&new.inbox),
        accounts::shared_inbox.eq(&new.shared_inbox),
        accounts::outbox.eq(&new.outbox),
        accounts::followers_uri.eq(&new.followers_uri),
        accounts::refreshed_at.eq(diesel::dsl::now),
    );
    let id: AccountId = diesel::insert_into(accounts::table)
        .values((accounts::uri.eq(&new.uri), values))
        .on_conflict(accounts::uri)
        .do_update()
        .set(values)
        .returning(accounts::id)
        .get_result(conn)
        .await
        .map_err(fault)?;
    let before: Vec<(String, String)> = account_keys::table
        .filter(account_keys::account_id.eq(id))
        .select((account_keys::uri, account_keys::public_key))
        .load(conn)
        .await
        .map_err(fault)?;
    let changed = before.iter().any(|(uri, key)| !new.keys.iter().any(|k| k.uri == *uri && k.public_key == *key));
    let kept: Vec<String> = new.keys.iter().map(|k| k.uri.clone()).collect();
    diesel::delete(account_keys::table.filter(account_keys::account_id.eq(id)).filter(account_keys::uri.ne_all(kept)))
        .execute(conn)
        .await
        .map_err(fault)?;
    put_keys(conn, id, new.keys).await?;
    for (purpose, url) in [(Purpose::Avatar, &new.avatar), (Purpose::Banner, &new.banner)] {
        media::set_remote_face(conn, id, purpose, url.as_deref()).await?;
    }
    Ok((id, changed))
}

/// Stores keys. A key's id that is another account's stays that account's.
async fn put_keys(conn: &mut Conn, id: AccountId, keys: Vec<NewKey>) -> Result<()> {
    for key in keys {
        let values = (
            account_keys::account_id.eq(id),
            account_keys::kind.eq(key.kind),
            account_keys::public_key.eq(key.public_key),
            account_keys::private_sealed.eq(key.private_sealed),
            account_keys::fetched_at.eq(diesel::dsl::now),
        );
        let insert = diesel::insert_into(account_keys::table)
            .values((account_keys::uri.eq(key.uri), values.clone()))
            .on_conflict(account_keys::uri)
            .do_update()
            .set(values);
        diesel::query_dsl::methods::FilterDsl::filter(insert, account_keys::account_id.eq(id))
            .execute(conn)
            .await
            .map_err(fault)?;
    }
    Ok(())
}

/// Adds keys to an account of ours and forgets the old ones.
pub async fn replace_keys(conn: &mut Conn, id: AccountId, keys: Vec<NewKey>) -> Result<()> {
    diesel::delete(account_keys::table.filter(account_keys::account_id.eq(id))).execute(conn).await.map_err(fault)?;
    put_keys(conn, id, keys).await
}

/// The keys of an account.
pub async fn keys(conn: &mut Conn, id: AccountId) -> Result<Vec<AccountKey>> {
    account_keys::table
        .filter(account_keys::account_id.eq(id))
        .order(account_keys::id)
        .select(AccountKey::as_select())
        .load(conn)
        .await
        .map_err(fault)
}

/// A key and its owner by the key's id.
pub async fn find_key(conn: &mut Conn, uri: &str) -> Result<Option<(AccountKey, Account)>> {
    account_keys::table
        .inner_join(accounts::table.on(accounts::id.eq(account_keys::account_id)))
        .filter(account_keys::uri.eq(uri))
        .select((AccountKey::as_select(), Account::as_select()))
        .first(conn)
        .await
        .optional()
        .map_err(fault)
}

/// What a person may change of their own profile.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = accounts)]
pub struct ProfileChange {
    /// Display name.
    pub name: String,
    /// As given.
    pub pronouns: String,
    /// Claim.
    pub discipline: String,
    /// Claim.
    pub specialty: String,
    /// Claim.
    pub employer: String,
    /// Markdown.
    pub bio_source: String,
    /// Safe HTML.
    pub bio_html: String,
    /// Label-value pairs.
    pub fields: serde_json::Value,
    /// URLs.
    pub links: serde_json::Value,
    /// Codes.
    pub languages: Vec<String>,
    /// Town or region.
    pub place: String,
    /// The name as it looks.
    pub name_skeleton: String,
    /// Followers must be approved.
    pub locked: bool,
    /// May be listed.
    pub discoverable: bool,
    /// Conflicts of interest, as declared.
    pub interests: String,
}

/// Changes a profile.
pub async fn update_profile(conn: &mut Conn, id: AccountId, change: &ProfileChange) -> Result<()> {
    diesel::update(accounts::table.find(id))
        .set((change, accounts::updated_at.eq(diesel::dsl::now)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Moves an account to another state.
pub async fn set_state(conn: &mut Conn, id: AccountId, state: AccountState) -> Result<()> {
    diesel::update(accounts::table.find(id))
        .set((accounts::state.eq(state), accounts::updated_at.eq(diesel::dsl::now)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Those of these ids that take part, in the order in which they were asked.
pub async fn list_by_ids(conn: &mut Conn, ids: Vec<AccountId>) -> Result<Vec<Account>> {
    let mut found = list_also_gone(conn, ids).await?;
    found.retain(|account| account.state == AccountState::Active);
    Ok(found)
}

/// The same, also of who has left.
pub async fn list_also_gone(conn: &mut Conn, ids: Vec<AccountId>) -> Result<Vec<Account>> {
    let mut found: Vec<Account> = accounts::table
        .filter(accounts::id.eq_any(ids.clone()))
        .select(Account::as_select())
        .load(conn)
        .await
        .map_err(fault)?;
    found.sort_by_key(|account| ids.iter().position(|id| *id == account.id));
    Ok(found)
}

/// People in whose handle or name each of the words begins a word: ours and discoverable ones of other servers.
pub async fn search(conn: &mut Conn, words: &str, limit: i64) -> Result<Vec<Author>> {
    let begin: Vec<String> =
        words.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(|w| format!("{w}:*")).collect();
    if begin.is_empty() {
        return Ok(Vec::new());
    }
    sql::<AuthorSql>(format!(
        "SELECT {AUTHOR} FROM accounts a WHERE a.state = 'active' AND a.kind IN ('person', 'service', 'organization') \
         AND (a.discoverable OR lower(a.username) || coalesce('@' || a.host, '') = $2) \
         AND account_words(a.username, a.host, a.name) @@ to_tsquery('simple', $1) \
         ORDER BY lower(a.username) || coalesce('@' || a.host, '') <> $2, a.host_id IS NOT NULL, a.followers_count DESC, a.id LIMIT $3"
    ))
    .bind::<Text, _>(begin.join(" & "))
    .bind::<Text, _>(words.trim_start_matches('@').to_lowercase())
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await
    .map_err(fault)
}

/// Our own people, newest first, for operators and admins: account, e-mail, role and state.
pub async fn list_local(conn: &mut Conn, page: &Page) -> Result<Paged<(Account, crate::model::User)>> {
    use crate::{model::User, schema::users};
    let rows: Vec<(Account, User)> = accounts::table
        .inner_join(users::table.on(users::account_id.eq(accounts::id)))
        .filter(accounts::id.lt(page.below()))
        .filter(accounts::id.gt(page.above()))
        .order(accounts::id.desc())
        .limit(page.limit + 1)
        .select((Account::as_select(), User::as_select()))
        .load(conn)
        .await
        .map_err(fault)?;
    Ok(Paged::cut(rows, page, |(account, _)| account.id.0))
}

/// Somebody by their ActivityPub id or by our own page of them.
pub async fn find_by_address(conn: &mut Conn, address: &str) -> Result<Option<AccountId>> {
    sql::<BigInt>(format!(
        "SELECT id FROM accounts a WHERE uri = $1 AND state = 'active' AND {HEARD_OF} \
         UNION ALL SELECT id FROM accounts a WHERE host_id IS NULL AND lower(username) = lower(substring($1 from '/@([A-Za-z0-9_.-]+)$')) \
           AND url = $1 AND state = 'active' AND {HEARD_OF} LIMIT 1"
    ))
    .bind::<Text, _>(address.to_owned())
    .get_result(conn)
    .await
    .optional()
    .map_err(fault)
}

/// Whether any key is sealed.
pub async fn any_sealed(conn: &mut Conn) -> Result<bool> {
    diesel::select(diesel::dsl::exists(account_keys::table.filter(account_keys::private_sealed.is_not_null())))
        .get_result(conn)
        .await
        .map_err(fault)
}
