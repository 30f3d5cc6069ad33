//! Groups: how they work, how somebody stands to them, who leads them, and what the leaders did.

mod history;
mod hosts;
mod lead;
mod log;
mod members;
mod overseen;
mod posts;
mod reports;
mod seekers;
mod waits;

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::*};
use diesel_async::RunQueryDsl;

pub use history::{
    Shown, claim_histories, discussion, history_waits, opened_with, put_pins, settle_history, settled_among, shown,
    want_history,
};
pub use hosts::{
    KeptOut, bar_members, concerned_by, delete_host, forget_host, kept_out, put_host, readmit_members, sweep_hosts,
};
pub use lead::{
    Ban, MAX_INVITATIONS, ban, bans, count_leaders, insert_invitation, leaders, leaders_at, list_invitations, owned,
    put_moderators, revoke_invitation, revoke_invitations_by, role, set_role, take_invitation, unban, works,
    written_role,
};
pub(super) use lead::{LEADS, leads};
pub use log::{Line, last_word, log, log_page};
pub use members::{
    Request, any_of_host, doubt, doubted, doubted_no_more, hold_membership, joined_elsewhere, lapsed, lapsed_leaders,
    list_requests, lock_joined, lock_joined_from, members, membership, put_request, reads, servers, take_to_look_at,
};
pub use overseen::{Overseen, clear_owner, overseen, overseen_one};
pub use posts::{
    adopt, answers, forget, forget_returned, has_posted, held, hold, is_locked, note_refusal, open_among, post_with,
    posts, put_refusal, release, send_again, set_lock, tell_removed, tell_removed_below, was_told,
};
pub use reports::{Reported, close_report, insert_report, list_reports, report_uri, reported_in, sweep_reports};
pub use seekers::{Asked, delete_seeker, find_seeker, is_looked_at_later, list_seekers, put_seeker, take_seeker};
pub use waits::{put_waiting, waited_in, waiting, waiting_here};

use super::{
    Conn,
    accounts::{AUTHOR, AuthorSql},
    fault,
    sql::sql,
};
use crate::{
    error::Result,
    model::{AccountId, Author, Group, GroupKind, Membership},
    schema::{accounts, groups},
};

/// Writes down how a new group works.
pub async fn insert(conn: &mut Conn, group: &Group) -> Result<()> {
    diesel::insert_into(groups::table).values(group).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// How a group works.
pub async fn find(conn: &mut Conn, id: AccountId) -> Result<Option<Group>> {
    groups::table.find(id).select(Group::as_select()).first(conn).await.optional().map_err(fault)
}

/// How those of these accounts work that are groups.
pub async fn list(conn: &mut Conn, ids: Vec<AccountId>) -> Result<Vec<Group>> {
    groups::table.filter(groups::account_id.eq_any(ids)).select(Group::as_select()).load(conn).await.map_err(fault)
}

/// The same, locked until the transaction ends; [`crate::error::Error::NotFound`] where there is none.
pub async fn lock(conn: &mut Conn, id: AccountId) -> Result<Group> {
    groups::table.find(id).select(Group::as_select()).for_no_key_update().first(conn).await.map_err(fault)
}

/// Changes how it works.
pub async fn update(conn: &mut Conn, group: &Group) -> Result<()> {
    diesel::update(groups::table.find(group.account_id)).set(group).execute(conn).await.map_err(fault)?;
    Ok(())
}

/// What a group is about, and whether who asks to join it has to wait.
pub async fn set_about(conn: &mut Conn, id: AccountId, source: &str, html: &str, locked: bool) -> Result<()> {
    diesel::update(accounts::table.find(id))
        .set((accounts::bio_source.eq(source), accounts::bio_html.eq(html), accounts::locked.eq(locked)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// What a group is called.
pub async fn rename(conn: &mut Conn, id: AccountId, name: &str, skeleton: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::update(accounts::table.find(id))
        .set((accounts::name.eq(name), accounts::name_skeleton.eq(skeleton), accounts::updated_at.eq(now)))
        .execute(conn)
        .await
        .map_err(fault)?;
    Ok(())
}

/// A group in a list, as one viewer sees it.
#[derive(Debug, Clone, Queryable)]
pub struct Listed {
    /// Its account.
    pub account: Author,
    /// What it is about, as safe HTML.
    pub about: String,
    /// Who it is for.
    pub kind: GroupKind,
    /// How many members it has; of a group of another server, how many of ours belong to it.
    pub members: i64,
    /// From how many servers they are, as [`servers`] counts them.
    pub servers: i64,
    /// How the viewer stands to it.
    pub membership: Membership,
    /// It can only be read.
    pub archived: bool,
    /// How much waits for the viewer, where they lead it.
    pub waiting: i64,
}

type MembershipSql = (Bool, Bool, Bool, Nullable<Text>);
type ListedSql = (AuthorSql, Text, Text, BigInt, BigInt, MembershipSql, Bool, BigInt);

/// How account `$1` stands to group `g`.
const STANDING: &str = concat!(
    "EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = $1 AND f.target_id = g.account_id AND f.state = 'accepted'), \
    EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = $1 AND f.target_id = g.account_id AND f.state = 'pending'), \
    EXISTS (SELECT 1 FROM group_bans b WHERE b.account_id = $1 AND b.group_id = g.account_id AND (b.ends_at IS NULL OR b.ends_at > now())), \
    (SELECT m.role FROM group_moderators m WHERE m.account_id = $1 AND m.group_id = g.account_id AND ",
    leads!(),
    ")"
);

/// From how many servers, ours among them, the members of the group with account `a` are; 0 of a group of another server, of
/// which we know our own people alone.
const SERVERS: &str = "CASE WHEN a.host_id IS NULL THEN (SELECT count(DISTINCT coalesce(b.host_id, 0)) \
    FROM follows n JOIN accounts b ON b.id = n.follower_id WHERE n.target_id = a.id AND n.state = 'accepted') ELSE 0 END";

/// The groups that somebody belongs to, or has asked to, by name.
pub async fn of(conn: &mut Conn, who: AccountId) -> Result<Vec<Listed>> {
    let (requests, posts) = waits::waits("g.account_id");
    sql::<ListedSql>(format!(
        "SELECT {AUTHOR}, a.bio_html, g.kind, a.followers_count, {SERVERS}, {STANDING}, g.archived_at IS NOT NULL, \
           CASE WHEN x.state = 'accepted' AND EXISTS (SELECT 1 FROM group_moderators m WHERE m.account_id = $1 \
             AND m.group_id = g.account_id AND {LEADS}) THEN {requests} + {posts} ELSE 0 END \
         FROM follows x JOIN groups g ON g.account_id = x.target_id JOIN accounts a ON a.id = g.account_id AND a.state = 'active' \
         WHERE x.follower_id = $1 ORDER BY lower(a.name), a.id LIMIT 500"
    ))
    .bind::<BigInt, _>(who)
    .load(conn)
    .await
    .map_err(fault)
}

/// Groups that may be listed to one of our people, by how many belong to them: those with any of some words in their name
/// or description, or all. `handle` is the words read as one, such as `cardio` or `cardio@other.example`: that group comes first.
/// Closed ones that only an invitation opens are listed to their members alone.
pub async fn search(conn: &mut Conn, who: AccountId, words: &str, handle: &str, limit: i64) -> Result<Vec<Listed>> {
    sql::<ListedSql>(format!(
        "SELECT {AUTHOR}, a.bio_html, g.kind, a.followers_count, 0::bigint, {STANDING}, g.archived_at IS NOT NULL, 0::bigint \
         FROM groups g JOIN accounts a ON a.id = g.account_id AND a.state = 'active' \
         WHERE (g.admission <> 'invitation' OR g.kind IN ('open', 'verified') OR EXISTS (SELECT 1 FROM follows f \
             WHERE f.follower_id = $1 AND f.target_id = g.account_id AND f.state = 'accepted')) \
           AND ($2 = '' OR position(lower($2) in lower(a.name || ' ' || a.username || ' ' || a.bio_source)) > 0 \
             OR lower(a.username) || coalesce('@' || a.host, '') = $4) \
         ORDER BY lower(a.username) || coalesce('@' || a.host, '') <> $4, a.followers_count DESC, a.id DESC LIMIT $3"
    ))
    .bind::<BigInt, _>(who)
    .bind::<Text, _>(words.to_owned())
    .bind::<BigInt, _>(limit)
    .bind::<Text, _>(handle.to_owned())
    .load(conn)
    .await
    .map_err(fault)
}
