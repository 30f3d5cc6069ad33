//! Opening who asked a case without their name: one moderator of the group asks with a reason, another one agrees within a
//! week, and then these two see the name. Each step is in the audit log and in the group's log, and whoever asked is told.

use chrono::TimeDelta;
use serde_json::json;

use super::unnamed::asker;
use crate::{
    error::{Error, Result},
    model::{
        Account, AccountId, AuditAction, CaseOpening, GroupDeed, Held, NotificationKind, OpeningState, Post, PostId,
    },
    policy::{Viewer, cases as rules, moderation, unnamed as policy},
    service::{
        Ctx,
        audit::{self, About, By, Deed},
        groups::{self, Led},
    },
    store::{self, Conn, cases::openings},
};

pub use crate::store::cases::openings::OpeningWish;

/// What a moderator, or whoever asked, is shown of the opening of a case.
#[derive(Debug, Clone)]
pub struct OpeningView {
    /// The post of the case.
    pub post: Post,
    /// The group that it is in; none where whoever asked has left it, and may know of it no more.
    pub group: Option<Account>,
    /// The viewer asked the case.
    pub mine: bool,
    /// The wish that waits for another moderator, and who has it.
    pub waiting: Option<(CaseOpening, Account)>,
    /// The viewer has that wish.
    pub own_wish: bool,
    /// Who asked the case, where the viewer is one of the two who opened it.
    pub asker: Option<Account>,
    /// How it was opened, as whoever asked is told: who wanted to know, and who agreed.
    pub opened: Vec<(CaseOpening, Account, Account)>,
}

/// A case without a name, in the hands of a moderator of its group, and who asked it.
async fn led(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, id: PostId) -> Result<(Led, Post, AccountId)> {
    // What was sent back is its author's alone.
    let is_theirs = |post: &Post| !post.label.is_empty() && post.local && post.held != Held::Refused;
    let post = store::posts::find(conn, id).await?.filter(is_theirs).ok_or(Error::NotFound)?;
    let led = Led::lock(ctx, conn, viewer, post.group_id.ok_or(Error::NotFound)?).await?;
    store::cases::core::find(conn, id).await?.ok_or(Error::NotFound)?;
    let Some((asker, _)) = asker(ctx, conn, &post).await? else {
        return Err(Error::Conflict(
            "The person who asked this has closed their account: nobody can tell any more.".into(),
        ));
    };
    if asker == led.me {
        return Err(Error::Forbidden("You asked this case: two others decide about that."));
    }
    Ok((led, post, asker))
}

/// The wish that waits. One whose time has passed, or whose moderator leads the group no more, lapses.
async fn waiting(ctx: &Ctx, conn: &mut Conn, post: PostId) -> Result<Option<CaseOpening>> {
    let Some(known) = openings::lock_waiting(conn, post).await? else { return Ok(None) };
    let leads = groups::leads(ctx, conn, known.group_id, known.asked_by).await?;
    if leads && policy::is_waiting(known.asked_at, ctx.now()) {
        return Ok(Some(known));
    }
    openings::decide(conn, known.id, OpeningState::Lapsed, None, ctx.now()).await?;
    Ok(None)
}

/// A moderator wants to know who asked a case; the others are told.
pub async fn ask_opening(ctx: &Ctx, viewer: &Viewer, case: PostId, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if !rules::is_reason(reason) {
        return Err(Error::invalid("reason", "Say in a sentence why: the members and the person who asked read it."));
    }
    let mut tx = ctx.tx().await?;
    let (led, post, _) = led(ctx, &mut tx, viewer, case).await?;
    if waiting(ctx, &mut tx, case).await?.is_some() {
        return Err(Error::Conflict("A moderator has asked that already: it waits for another one.".into()));
    }
    let group = led.group.account_id;
    openings::insert(&mut tx, post.id, group, led.me, reason, ctx.now()).await?;
    store::groups::log(&mut tx, group, Some(led.me), GroupDeed::AskOpening, None, reason).await?;
    let leaders = groups::leading(ctx, &mut tx, group).await?.into_iter().map(|(leader, _)| leader.id).collect();
    store::notifications::insert_anew(&mut tx, leaders, NotificationKind::GroupDesk, led.me, None).await?;
    record(ctx, &mut tx, &led, AuditAction::AskOpening, post.id, reason).await?;
    tx.commit().await
}

/// Another moderator agrees: both see from now on who asked, and whoever asked is told.
pub async fn agree_opening(ctx: &Ctx, viewer: &Viewer, case: PostId) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let (led, post, asker) = led(ctx, &mut tx, viewer, case).await?;
    let Some(wish) = waiting(ctx, &mut tx, case).await? else {
        tx.commit().await?;
        return Err(Error::Conflict(OVER.into()));
    };
    if wish.asked_by == led.me {
        return Err(Error::Forbidden("It takes another moderator: nobody opens it alone."));
    }
    let group = led.group.account_id;
    openings::decide(&mut tx, wish.id, OpeningState::Opened, Some(led.me), ctx.now()).await?;
    store::groups::log(&mut tx, group, Some(led.me), GroupDeed::OpenAsker, None, &wish.reason).await?;
    store::notifications::insert_anew(&mut tx, vec![wish.asked_by], NotificationKind::GroupDesk, led.me, None).await?;
    store::notifications::insert_anew(&mut tx, vec![asker], NotificationKind::Case, led.me, None).await?;
    record(ctx, &mut tx, &led, AuditAction::OpenAsker, post.id, &wish.reason).await?;
    tx.commit().await
}

/// A moderator refuses it, or takes their own wish back.
pub async fn refuse_opening(ctx: &Ctx, viewer: &Viewer, case: PostId) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let (led, post, _) = led(ctx, &mut tx, viewer, case).await?;
    let Some(wish) = waiting(ctx, &mut tx, case).await? else {
        tx.commit().await?;
        return Err(Error::Conflict(OVER.into()));
    };
    let group = led.group.account_id;
    openings::decide(&mut tx, wish.id, OpeningState::Refused, Some(led.me), ctx.now()).await?;
    store::groups::log(&mut tx, group, Some(led.me), GroupDeed::RefuseOpening, None, "").await?;
    store::notifications::insert_anew(&mut tx, vec![wish.asked_by], NotificationKind::GroupDesk, led.me, None).await?;
    record(ctx, &mut tx, &led, AuditAction::RefuseOpening, post.id, "").await?;
    tx.commit().await
}

/// What is said where a wish does not wait any more.
const OVER: &str = "Nobody's wish waits any more: it was decided or taken back, or a week has passed.";

/// Writes a step down: which case, and never whose.
async fn record(ctx: &Ctx, conn: &mut Conn, led: &Led, action: AuditAction, case: PostId, reason: &str) -> Result<()> {
    let deed = Deed::new(By::Account(led.me), action, About::Group(led.group.account_id));
    audit::record(ctx, conn, deed.because(reason).with(json!({ "case": case.to_string() }))).await
}

/// How the opening of a case stands, for the moderators of its group on its own server and for whoever asked it.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn opening(ctx: &Ctx, viewer: &Viewer, case: PostId) -> Result<OpeningView> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let post = store::posts::find(&mut conn, case).await?.filter(|post| !post.label.is_empty() && post.local);
    let post = post.ok_or(Error::NotFound)?;
    store::cases::core::find(&mut conn, case).await?.ok_or(Error::NotFound)?;
    let group = post.group_id.ok_or(Error::NotFound)?;
    let by = asker(ctx, &mut conn, &post).await?.map(|(who, _)| who);
    let mine = by == Some(me);
    let leads = post.held != Held::Refused && groups::leads(ctx, &mut conn, group, me).await?;
    if !mine && !leads {
        return Err(Error::NotFound);
    }
    let all = openings::list(&mut conn, case).await?;
    let knows =
        |one: &CaseOpening| one.state == OpeningState::Opened && (one.asked_by == me || one.decided_by == Some(me));
    let asker = match by {
        Some(who) if !mine && all.iter().any(knows) => Some(store::accounts::get(&mut conn, who).await?),
        Some(_) | None => None,
    };
    let (mut opened, mut wish) = (Vec::new(), None);
    for one in all {
        let by = store::accounts::get(&mut conn, one.asked_by).await?;
        match (one.state, one.decided_by) {
            (OpeningState::Opened, Some(second)) if mine => {
                let second = store::accounts::get(&mut conn, second).await?;
                opened.push((one, by, second));
            }
            (OpeningState::Asked, _) if !mine && policy::is_waiting(one.asked_at, ctx.now()) => wish = Some((one, by)),
            _ => {}
        }
    }
    let own_wish = wish.as_ref().is_some_and(|(one, _)| one.asked_by == me);
    let group = groups::named(&mut conn, viewer, group).await?;
    Ok(OpeningView { post, group, mine, waiting: wish, own_wish, asker, opened })
}

/// The wishes that wait for the moderators of a group.
pub async fn openings_waiting(ctx: &Ctx, viewer: &Viewer, group: AccountId) -> Result<Vec<OpeningWish>> {
    let mut conn = ctx.pool.get().await?;
    groups::require_led(ctx, &mut conn, viewer, group).await?;
    let since = ctx.now() - TimeDelta::days(policy::OPENING_DAYS);
    openings::waiting(&mut conn, group, since).await
}
