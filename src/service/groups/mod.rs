//! Groups: rooms that a clinician founds and moderators lead. A group is an account; who follows it is its member, on this
//! server and on others. What is posted in one that is not open reaches its members and nobody else.

mod bans;
mod changes;
mod end;
mod found;
mod guests;
mod history;
mod hosts;
mod invited;
mod lead;
mod logs;
mod membership;
mod orders;
mod outside;
mod overseen;
mod posts;
mod queue;
mod refused;
mod remote;
mod reports;
mod returned;
mod screen;
mod seekers;

pub use crate::store::groups::{Ban, KeptOut, Line, Listed, Overseen, Reported, Request, Shown};
pub use bans::{ban, bans, unban};
pub use changes::is_known;
pub(super) use changes::{
    held_anew, is_known_elsewhere, is_of_ours, look_at_home, may_change, may_rewrite, struck_alone,
};
pub(super) use end::{End, end, hand_over, lapse_due, no_practitioner, require_may_leave};
pub use found::{GroupForm, change, found};
pub use guests::{Guest, require_members, shared_answers, shared_card, shared_file};
pub(super) use history::fetch_due;
pub use history::{
    Discussion, came_late, context_in, context_of, discussion, handed_out, is_on_its_way, on_top, opened_elsewhere,
    settled_among, shown, stand_on_top,
};
pub use hosts::{kept_out, look_at_host};
pub(super) use hosts::{look_at_due, reconsider};
pub use invited::{page_of_link, require_invited};
pub use lead::{appoint, archive, dismiss, log, reopen, transfer};
pub use logs::{LogLine, LogName, log_for, log_there};
pub(super) use membership::let_in_there;
pub use membership::{
    Wish, admit, invitations, invite, join, leave, members, refuse, remove, requests, revoke_invitation,
};
pub use orders::meant;
pub(super) use orders::{ordered_by_remote, told_by_group};
pub use outside::{open_among, open_for};
pub(super) use outside::{posted_from_outside, title_of};
pub use overseen::{archive_unowned, overseen, overseen_one, pass_on_unowned};
pub(super) use posts::{Place, may_answer, or_sent, place, posted, tell, tell_author, waits_no_more};
pub use posts::{cases, found_in_held, held, list, lock, pin, pinned, release, remove_post, unlock, unpin};
pub use queue::{WaitingPost, how_much_waits, kept_in_held, release_there, remove_there, waiting_for, waiting_there};
pub(super) use queue::{tell_waiting, waiting_told};
pub(super) use refused::refused_by_group;
pub use remote::{
    by_id, by_uri, handed_on, has_host, is_member, joined_elsewhere, learned, led_by, moderators, of_post, of_post_at,
};
pub(super) use remote::{changed_by_remote, held_by_group, posted_by_remote, shown_by_group};
pub use reports::{Asking, ReportShown, asking, dismiss_report, reports, requests_for_server};
pub(super) use reports::{may_tell, reported, reported_by_remote};
pub use returned::goes_back;
pub(super) use returned::send_again;
pub(super) use screen::{Looked, look_through, rewritten};
pub use seekers::lacks_proof;
pub(super) use seekers::{answer_due, asked_by_remote};

use chrono::TimeDelta;

use super::Ctx;
use crate::{
    error::{Error, Result},
    model::{
        Account, AccountId, AccountKind, Admission, Author, Group, GroupDeed, GroupKind, GroupRole, HostId, Membership,
    },
    policy::{Viewer, demands, groups as policy, moderation},
    store::{self, Conn},
    text::handle::Handle,
};

/// A group as a viewer may know it.
#[derive(Debug, Clone)]
pub struct View {
    /// What it is called and what it is about.
    pub account: Account,
    /// How it works.
    pub group: Group,
    /// How the viewer stands to it.
    pub membership: Membership,
    /// Whether the viewer may read what is posted.
    pub readable: bool,
    /// Whether the viewer is one of those whom the group is for.
    pub fits: bool,
    /// Why the viewer, who is a member, may not post; empty where what that takes is proven of them.
    pub unproven: String,
    /// From how many servers its members are, ours among them; 0 of a group of another server, of which we know our own alone.
    pub servers: i64,
    /// What waits for its moderators, where the viewer is one: requests to join, and posts.
    pub waiting: (i64, i64),
    /// What was last decided of the viewer, and why, where they are no member any more or never became one.
    pub last_word: Option<(GroupDeed, String)>,
}

/// A group by its user name, as `cardio` or `cardio@other.example`. `code` is that of an invitation link.
pub async fn view(ctx: &Ctx, viewer: &Viewer, handle: &str, code: &str) -> Result<View> {
    let found = crate::text::handle::parse(handle, &ctx.config.instance.host()).ok_or(Error::NotFound)?;
    if found.host.is_some() && !code.is_empty() {
        invited::allow(ctx, viewer).await?;
    }
    let account = {
        let mut conn = ctx.pool.read().await?;
        store::accounts::find_group_by_handle(&mut conn, &found.username, found.host.as_deref()).await?
    };
    let account = account.ok_or(Error::NotFound)?;
    let invited = invited::by_code(ctx, viewer, &account, code).await?;
    open(ctx, &mut *ctx.pool.read().await?, viewer, account, invited).await
}

/// The same by its id.
pub async fn view_by_id(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<View> {
    let mut conn = ctx.pool.read().await?;
    let account = store::accounts::get(&mut conn, id).await?;
    open(ctx, &mut conn, viewer, account, false).await
}

async fn open(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, account: Account, invited: bool) -> Result<View> {
    let group = store::groups::find(conn, account.id).await?.ok_or(Error::NotFound)?;
    let membership = standing(conn, viewer, account.id).await?;
    if !policy::may_know(viewer, &group, membership, invited) {
        return Err(Error::NotFound);
    }
    let waiting = match membership.role {
        Some(_) => store::groups::waiting(conn, account.id).await?,
        None => (0, 0),
    };
    let last_word = match viewer.account() {
        Some(who) if !membership.member => store::groups::last_word(conn, account.id, who).await?,
        Some(_) | None => None,
    };
    let unproven = match viewer.account() {
        Some(who) if membership.member => unproven(ctx, conn, &group, who).await?,
        Some(_) | None => String::new(),
    };
    let servers = store::groups::servers(conn, account.id).await?;
    let readable = policy::may_read(viewer, &group, membership);
    let fits = policy::require_practitioner(viewer, group.kind).is_ok();
    Ok(View { account, group, membership, readable, fits, unproven, servers, waiting, last_word })
}

/// Why somebody may not post in a group, where what that takes is not proven of them.
async fn unproven(ctx: &Ctx, conn: &mut Conn, group: &Group, who: AccountId) -> Result<String> {
    let meets = demands::meets(&policy::posting_demand(group), &proven(ctx, conn, group, who).await?);
    Ok(if meets { String::new() } else { policy::unproven(group) })
}

/// Who leads a group that the viewer knows, the owner first.
pub async fn leaders(ctx: &Ctx, _: &Viewer, id: AccountId) -> Result<Vec<(Author, GroupRole)>> {
    leading(ctx, &mut *ctx.pool.read().await?, id).await
}

/// Whether a viewer may know of an account where it is a group's; of everybody else they may.
pub async fn require_known(ctx: &Ctx, viewer: &Viewer, account: &Account) -> Result<()> {
    if account.kind != AccountKind::Group {
        return Ok(());
    }
    let mut conn = ctx.pool.read().await?;
    let Some(group) = store::groups::find(&mut conn, account.id).await? else { return Ok(()) };
    let membership = standing(&mut conn, viewer, account.id).await?;
    let asked = match viewer {
        Viewer::Remote { host, .. } => is_known_at(&mut conn, &group, *host).await?,
        Viewer::Anonymous | Viewer::Account { .. } => false,
    };
    if asked || policy::may_know(viewer, &group, membership, false) { Ok(()) } else { Err(Error::NotFound) }
}

/// Whether another server may know of a group: one that has members in it does, and one that has none learns of what can be joined
/// from outside.
async fn is_known_at(conn: &mut Conn, group: &Group, host: HostId) -> Result<bool> {
    Ok(match (group.kind, group.admission) {
        (GroupKind::Open | GroupKind::Verified, _) | (GroupKind::Closed, Admission::Free | Admission::Request) => true,
        (GroupKind::Closed, Admission::Invitation) | (GroupKind::Local, _) => {
            store::groups::any_of_host(conn, group.account_id, host).await?
        }
    })
}

/// Whether another server asks for a member of a group, or for all its people where one of them is a member: it is told what is for
/// the members.
pub async fn is_inside(ctx: &Ctx, viewer: &Viewer, group: AccountId) -> Result<bool> {
    let mut conn = ctx.pool.read().await?;
    match viewer.whole_host() {
        Some(host) => store::groups::any_of_host(&mut conn, group, host).await,
        None => Ok(standing(&mut conn, viewer, group).await?.member),
    }
}

/// Those of these accounts of which a viewer may know, in the order asked: a group that is not for them is left out, as if there
/// were none.
pub(super) async fn known_among(conn: &mut Conn, viewer: &Viewer, mut ids: Vec<AccountId>) -> Result<Vec<AccountId>> {
    for group in store::groups::list(conn, ids.clone()).await? {
        if !policy::may_know(viewer, &group, Membership::default(), false)
            && !policy::may_know(viewer, &group, standing(conn, viewer, group.account_id).await?, false)
        {
            ids.retain(|id| *id != group.account_id);
        }
    }
    Ok(ids)
}

/// A group where it may be named to a viewer: whoever has left one reads still what they wrote there, and may know of the group no more.
pub(super) async fn named(conn: &mut Conn, viewer: &Viewer, id: AccountId) -> Result<Option<Account>> {
    match known_among(conn, viewer, vec![id]).await?.first() {
        Some(known) => store::accounts::find(conn, *known).await,
        None => Ok(None),
    }
}

/// Whether a group can be found from outside by its name alone.
pub async fn require_named(ctx: &Ctx, account: &Account) -> Result<()> {
    if account.kind != AccountKind::Group {
        return Ok(());
    }
    match store::groups::find(&mut *ctx.pool.read().await?, account.id).await? {
        Some(
            Group { kind: GroupKind::Local, .. }
            | Group { kind: GroupKind::Closed, admission: Admission::Invitation, .. },
        ) => Err(Error::NotFound),
        Some(_) | None => Ok(()),
    }
}

/// How a viewer stands to a group.
async fn standing(conn: &mut Conn, viewer: &Viewer, group: AccountId) -> Result<Membership> {
    match viewer.account() {
        Some(who) => store::groups::membership(conn, who, group).await,
        None => Ok(Membership::default()),
    }
}

/// What is proven about somebody, where the group asks for anything, if only of those who post.
async fn proven(ctx: &Ctx, conn: &mut Conn, group: &Group, who: AccountId) -> Result<Vec<demands::Proven>> {
    if !demands::asks(&policy::posting_demand(group)) {
        return Ok(Vec::new());
    }
    let stale = TimeDelta::hours(ctx.config.verification.stale_hours);
    store::demands::proven(conn, who, &ctx.config.instance.host(), ctx.now(), stale).await
}

/// Whether somebody who stands to a group like this may post there, as far as it is known here.
async fn require_may_post(
    ctx: &Ctx,
    conn: &mut Conn,
    group: &Group,
    (who, standing): (AccountId, Membership),
) -> Result<()> {
    // What a group of another server asks of its members, that server looks at itself.
    if !store::accounts::get(conn, group.account_id).await?.is_local() {
        return policy::may_write(group, standing);
    }
    let proven = proven(ctx, conn, group, who).await?;
    policy::may_post(group, standing, &proven)
}

/// A group of ours in the hands of somebody who leads it.
pub(super) struct Led {
    pub(super) me: AccountId,
    pub(super) group: Group,
    pub(super) membership: Membership,
}

impl Led {
    /// Takes it for somebody who leads it, here or elsewhere, to change something: nobody else does meanwhile.
    pub(super) async fn of(ctx: &Ctx, conn: &mut Conn, who: AccountId, group: AccountId) -> Result<Self> {
        // Nobody holds up a group that they do not lead.
        policy::require_moderator(store::groups::membership(conn, who, group).await?)?;
        let group = store::groups::lock(conn, group).await?;
        let membership = store::groups::membership(conn, who, group.account_id).await?;
        policy::require_moderator(membership)?;
        if !store::accounts::get(conn, group.account_id).await?.is_local() {
            return Err(Error::Forbidden("This group lives on another server and is led there."));
        }
        if !meets(ctx, conn, &group, who).await? {
            return Err(Error::Forbidden(UNPROVEN));
        }
        Ok(Self { me: who, group, membership })
    }

    /// The same for the viewer.
    pub(super) async fn lock(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, group: AccountId) -> Result<Self> {
        Self::of(ctx, conn, moderation::require_account(viewer)?, group).await
    }
}

/// What somebody is told whose membership has ended so, or who would lead a group still, had nothing lapsed.
const UNPROVEN: &str = "What this group asks of its members is no longer proven of you.";

/// Whether what a group asks of its members is proven of somebody. Of a group of another server that is for its own server to say.
async fn meets(ctx: &Ctx, conn: &mut Conn, group: &Group, who: AccountId) -> Result<bool> {
    if !store::accounts::get(conn, group.account_id).await?.is_local() {
        return Ok(true);
    }
    Ok(demands::meets(&policy::demand(group), &proven(ctx, conn, group, who).await?))
}

/// Whether somebody leads a group: a member still, whom nobody keeps out, and of whom is proven what it asks.
pub(super) async fn leads(ctx: &Ctx, conn: &mut Conn, group: AccountId, who: AccountId) -> Result<bool> {
    if store::groups::role(conn, group, who).await?.is_none() {
        return Ok(false);
    }
    let group = store::groups::find(conn, group).await?.ok_or(Error::NotFound)?;
    meets(ctx, conn, &group, who).await
}

/// All who lead a group so, the owner first.
pub(super) async fn leading(ctx: &Ctx, conn: &mut Conn, group: AccountId) -> Result<Vec<(Author, GroupRole)>> {
    let mut all = store::groups::leaders(conn, group).await?;
    let (host, stale) = (ctx.config.instance.host(), TimeDelta::hours(ctx.config.verification.stale_hours));
    let lapsed = store::groups::lapsed_leaders(conn, group, &host, ctx.now(), stale).await?;
    all.retain(|(leader, _)| lapsed.iter().all(|(_, who)| *who != leader.id));
    Ok(all)
}

/// Those of them who are at other servers.
pub(super) async fn leading_elsewhere(ctx: &Ctx, conn: &mut Conn, group: AccountId) -> Result<Vec<AccountId>> {
    let all = leading(ctx, conn, group).await?;
    Ok(all.into_iter().filter(|(leader, _)| leader.host.is_some()).map(|(leader, _)| leader.id).collect())
}

/// The groups that the viewer belongs to, or has asked to.
pub async fn mine(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Listed>> {
    let me = moderation::require_account(viewer)?;
    store::groups::of(&mut *ctx.pool.read().await?, me).await
}

/// Groups that the viewer may find, by some words, by a handle, or all.
pub async fn search(ctx: &Ctx, viewer: &Viewer, words: &str, limit: i64) -> Result<Vec<Listed>> {
    let me = moderation::require_account(viewer)?;
    let words: String = words.trim().chars().take(policy::MAX_LINE).collect();
    let handle = match crate::text::handle::parse(&words, &ctx.config.instance.host()) {
        Some(Handle { username, host: Some(host) }) => format!("{username}@{host}"),
        Some(Handle { username, host: None }) => username,
        None => String::new(),
    };
    store::groups::search(&mut *ctx.pool.read().await?, me, &words, &handle, limit).await
}

/// A page of what moderators may see of a list; everybody else who may know the group is told so.
pub(in crate::service) async fn require_led(
    ctx: &Ctx,
    conn: &mut Conn,
    viewer: &Viewer,
    group: AccountId,
) -> Result<()> {
    policy::require_moderator(standing(conn, viewer, group).await?)?;
    let me = moderation::require_account(viewer)?;
    if leads(ctx, conn, group, me).await? { Ok(()) } else { Err(Error::Forbidden(UNPROVEN)) }
}

/// A page of the posts of a group for somebody who may read it.
pub(super) async fn require_reader(conn: &mut Conn, viewer: &Viewer, group: AccountId) -> Result<()> {
    let known = store::groups::find(conn, group).await?.ok_or(Error::NotFound)?;
    let membership = standing(conn, viewer, group).await?;
    if policy::may_read(viewer, &known, membership) { Ok(()) } else { Err(Error::NotFound) }
}
