//! The pages of groups: finding and founding one, what is discussed in it, who belongs to it, and what moderators do.
//! Who may know, read, join or lead a group is never decided here.

pub(super) mod act;
pub(super) mod discuss;
pub(super) mod edit;
pub(super) mod held;
pub(super) mod index;
pub(super) mod join;
pub(super) mod log;
pub(super) mod members;
pub(super) mod moderate;
pub(super) mod show;
mod words;

use chrono::{DateTime, Utc};

use super::{
    error::Problem,
    layout::{Who, counted},
    session::Visitor,
};
use crate::{
    error::Error,
    model::{AccountId, Admission, GroupKind, GroupRole},
    policy::groups as policy,
    service::groups::{self, View},
};

/// A group as the head of its pages shows it.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// Its account.
    pub id: AccountId,
    /// Our page of it.
    pub path: String,
    /// What it is called.
    pub name: String,
    /// Its account, for the picture.
    pub who: Who,
    /// `@cardio@other.example`.
    pub handle: String,
    /// What its kind is called.
    pub kind: &'static str,
    /// Who reads it, and where it goes.
    pub kind_words: &'static str,
    /// Everybody reads it.
    pub open: bool,
    /// "12 members"; of a group of another server those whom we know, "3 members here".
    pub members: String,
    /// What it is about, as safe HTML.
    pub about: String,
    /// The viewer may read what is posted.
    pub readable: bool,
    /// The viewer is a member.
    pub member: bool,
    /// The viewer has asked.
    pub asked: bool,
    /// The viewer is banned.
    pub banned: bool,
    /// The viewer leads it.
    pub moderator: bool,
    /// It lives here, and is decided about here.
    pub here: bool,
    /// The viewer owns it.
    pub owner: bool,
    /// What was last decided of the viewer, and why; empty where nothing stands in the way.
    pub last_word: String,
    /// It can only be read.
    pub archived: bool,
    /// How the viewer can become a member, as a button; empty where they cannot, or are one.
    pub way: &'static str,
    /// What waits for the viewer as a moderator.
    pub waiting: i64,
}

impl Head {
    /// For a viewer.
    pub(super) fn of(view: &View, now: DateTime<Utc>) -> Self {
        let (account, standing) = (&view.account, view.membership);
        let who = Who::from_account(account, now);
        let archived = view.group.archived_at.is_some();
        let (kind, kind_words) = words::kind(view.group.kind);
        let role = standing.role.filter(|_| standing.member);
        let way = match view.group.admission {
            _ if standing.member || standing.asked || standing.banned || archived => "",
            Admission::Free => "Join the group",
            Admission::Request => "Ask to join",
            Admission::Invitation => "",
        };
        Self {
            id: account.id,
            path: path_of(&who.handle),
            name: who.name.clone(),
            handle: format!("@{}", who.handle),
            kind,
            kind_words,
            open: view.group.kind == GroupKind::Open,
            members: members(account.followers_count, account.is_local()),
            about: account.bio_html.clone(),
            readable: view.readable,
            member: standing.member,
            asked: standing.asked,
            banned: standing.banned,
            moderator: role.is_some(),
            here: account.is_local(),
            owner: role == Some(GroupRole::Owner) && account.is_local(),
            last_word: view.last_word.as_ref().map(words::last_word).unwrap_or_default(),
            archived,
            way,
            waiting: view.waiting.0 + view.waiting.1,
            who,
        }
    }
}

/// How many belong to a group. Of one of another server we know our own people alone.
fn members(count: i64, is_ours: bool) -> String {
    if is_ours { counted(count, "member", "members") } else { counted(count, "member here", "members here") }
}

/// What a kind is called.
pub(super) fn kind_of(kind: GroupKind) -> &'static str {
    words::kind(kind).0
}

/// Our page of a group.
pub(super) fn path_of(handle: &str) -> String {
    format!("/groups/{handle}")
}

/// A group as the visitor may know it.
async fn known(visitor: &Visitor, handle: &str) -> Result<View, Problem> {
    Ok(groups::view(&visitor.ctx, &visitor.viewer(), handle, "").await?)
}

/// The same for somebody who is signed in.
async fn known_inside(visitor: &Visitor, handle: &str) -> Result<View, Problem> {
    visitor.require()?;
    known(visitor, handle).await
}

/// A group for somebody who leads it, wherever it lives.
async fn led(visitor: &Visitor, handle: &str) -> Result<View, Problem> {
    let view = known_inside(visitor, handle).await?;
    policy::require_moderator(view.membership)?;
    Ok(view)
}

/// A group of ours for somebody who leads it.
async fn led_here(visitor: &Visitor, handle: &str) -> Result<View, Problem> {
    let view = led(visitor, handle).await?;
    if view.account.is_local() {
        Ok(view)
    } else {
        Err(Error::Forbidden("This group lives on another server and is led there.").into())
    }
}
