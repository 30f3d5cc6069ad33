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
pub(super) mod pressed;
pub(super) mod show;
mod words;

use chrono::{DateTime, Utc};

use super::{
    error::Problem,
    layout::{Who, counted, thousands},
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
    /// "12 members, 3 hospitals"; of a group of another server those whom we know, "3 members here".
    pub members: String,
    /// Who reads what is posted, as [`readers`] says it.
    pub readers: String,
    /// What it is about, as safe HTML.
    pub about: String,
    /// The viewer may read what is posted.
    pub readable: bool,
    /// The viewer is one of those whom it is for.
    pub fits: bool,
    /// The viewer is a member.
    pub member: bool,
    /// The viewer may post.
    pub posts: bool,
    /// Why they may not, as a member of whom it is not proven what that takes.
    pub unproven: String,
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
        let (count, is_ours) = (account.followers_count, account.is_local());
        let (kind, kind_words) = words::kind(view.group.kind);
        let role = standing.role.filter(|_| standing.member);
        let way = match view.group.admission {
            _ if standing.member || standing.asked || standing.banned || archived || !view.fits => "",
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
            members: members(count, view.servers, is_ours),
            readers: readers(view.group.kind, count, view.servers, is_ours),
            about: account.bio_html.clone(),
            readable: view.readable,
            fits: view.fits,
            member: standing.member,
            posts: standing.member && !archived && view.unproven.is_empty(),
            unproven: view.unproven.clone(),
            asked: standing.asked,
            banned: standing.banned,
            moderator: role.is_some(),
            here: is_ours,
            owner: role == Some(GroupRole::Owner) && is_ours,
            last_word: view.last_word.as_ref().map(words::last_word).unwrap_or_default(),
            archived,
            way,
            waiting: view.waiting.0 + view.waiting.1,
            who,
        }
    }
}

/// How many belong to a group, and at how many hospitals. Of one of another server we know our own people alone.
fn members(count: i64, servers: i64, is_ours: bool) -> String {
    match (is_ours, servers) {
        (false, _) => counted(count, "member here", "members here"),
        (true, 0) => counted(count, "member", "members"),
        (true, _) => format!("{}, {}", counted(count, "member", "members"), counted(servers, "hospital", "hospitals")),
    }
}

/// Who reads what is posted in a group of a kind. Where that is its members alone, it is said how many they are, as far as that
/// is known here.
pub(super) fn readers(kind: GroupKind, count: i64, servers: i64, is_ours: bool) -> String {
    match kind {
        GroupKind::Open => "Everybody, here and elsewhere".to_owned(),
        GroupKind::Verified => "Clinicians here and at trusted hospitals, and the members".to_owned(),
        GroupKind::Closed | GroupKind::Local if is_ours => members(count, servers, is_ours),
        GroupKind::Closed | GroupKind::Local if count == 0 => "The members of the group".to_owned(),
        GroupKind::Closed | GroupKind::Local => format!("The members of the group, {} of them here", thousands(count)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_a_group_is_said_as_far_as_it_is_known_here() {
        let closed = |count, servers, is_ours| readers(GroupKind::Closed, count, servers, is_ours);
        assert_eq!(closed(318, 9, true), "318 members, 9 hospitals");
        assert_eq!(closed(1, 1, true), "1 member, 1 hospital");
        assert_eq!(closed(4, 0, false), "The members of the group, 4 of them here");
        assert_eq!(closed(0, 0, false), "The members of the group");
        assert_eq!((members(4, 0, false), members(0, 0, true)), ("4 members here".to_owned(), "0 members".to_owned()));
        for kind in [GroupKind::Open, GroupKind::Verified] {
            assert!(!readers(kind, 318, 9, true).contains("318"), "more than the members read it");
        }
    }
}
