//! Asking without one's name: the post is the group's own and bears a label, and who wrote it is sealed apart from it. Whoever
//! asks still hears of answers, answers as the one who asked, and finds what they asked.

use crate::{
    error::{Error, Result},
    model::{AccountId, AskedAs, CaseDraft, Group, Held, NotificationKind, Post, PostId},
    policy::{Viewer, moderation, unnamed as policy},
    service::{
        Ctx,
        groups::{self, Led},
        secrets,
        sheet::Sheet,
    },
    store::{self, Conn, cases::unnamed as kept},
};

pub use crate::store::cases::unnamed::{OwnCase, Returned};

/// What a group is called of which the viewer may know no more.
pub const LEFT: &str = "A group that you have left";

/// Most cases that are listed of one person.
const MOST: i64 = 1_000;

/// How a post without a name is shown.
#[derive(Debug, Clone)]
pub(in crate::service) struct Unnamed {
    /// In place of the name: "a verified cardiologist".
    pub(in crate::service) label: String,
    /// How coarse that may be, as its author chose.
    pub(in crate::service) asked_as: AskedAs,
}

/// What a member is offered who would ask without their name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// How they may be shown, the finest first.
    pub labels: Vec<(AskedAs, String)>,
    /// Why they cannot; empty where they can.
    pub why_not: &'static str,
}

/// What the viewer is offered in a group; none where its kind knows no cases without a name.
pub async fn offer(ctx: &Ctx, viewer: &Viewer, group: AccountId) -> Result<Option<Offer>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.read().await?;
    let Some(group) = store::groups::find(&mut conn, group).await? else { return Ok(None) };
    offered(ctx, &mut conn, me, &group).await
}

async fn offered(ctx: &Ctx, conn: &mut Conn, me: AccountId, group: &Group) -> Result<Option<Offer>> {
    if !policy::is_possible(group.kind) {
        return Ok(None);
    }
    let no = |why_not| Ok(Some(Offer { labels: Vec::new(), why_not }));
    if !store::accounts::get(conn, group.account_id).await?.is_local() {
        return no("Only members with an account on the group's own server can ask without their name: who asks is \
                   known to that server alone, and yours would have to know it too.");
    }
    if !policy::is_allowed(group.kind, kept::settled(conn, group.account_id).await?) {
        return no("In this group everybody asks under their name.");
    }
    let account = store::accounts::get(conn, me).await?;
    let Some(badge) = account.badge(ctx.now()) else {
        return no("Only verified members can ask without their name: have your credentials verified first.");
    };
    let circle = kept::shares(conn, group.account_id, ctx.now()).await?;
    Ok(Some(Offer { labels: policy::labels(badge, &circle), why_not: "" }))
}

/// How a case is shown that is to be posted; none where that is under its author's name.
///
/// # Errors
/// [`Error::Invalid`] where it cannot be posted without the name, or would tell it.
pub(super) async fn wanted(
    ctx: &Ctx,
    conn: &mut Conn,
    me: AccountId,
    group: &Group,
    draft: &CaseDraft,
) -> Result<Option<Unnamed>> {
    if draft.asked_as == AskedAs::Named {
        return Ok(None);
    }
    let Some(offer) = offered(ctx, conn, me, group).await? else {
        return Err(Error::invalid("unnamed", "In an open group everybody asks under their name."));
    };
    if !offer.why_not.is_empty() {
        return Err(Error::invalid("unnamed", offer.why_not));
    }
    refuse_known(conn, me, &draft.interests).await?;
    Ok(Some(Unnamed { label: policy::chosen(&offer.labels, draft.asked_as), asked_as: draft.asked_as }))
}

/// What stands on one's profile as conflicts of interest would tell, word for word, who writes without their name.
///
/// # Errors
/// [`Error::Invalid`] where somebody declares that.
pub(in crate::service) async fn refuse_known(conn: &mut Conn, me: AccountId, interests: &str) -> Result<()> {
    let said = interests.trim();
    if !said.is_empty() && said.eq_ignore_ascii_case(store::accounts::get(conn, me).await?.interests.trim()) {
        let words = "This stands on your profile word for word, and would tell who asks. Say it in other words, or leave it out.";
        return Err(Error::invalid("interests", words));
    }
    Ok(())
}

/// What the seal says that it is.
fn context(post: PostId) -> String {
    format!("unnamed_author/{post}")
}

/// Gives a post of a group's own its label, and keeps who wrote it.
pub(in crate::service) async fn keep_author(
    ctx: &Ctx,
    conn: &mut Conn,
    post: PostId,
    who: AccountId,
    unnamed: &Unnamed,
) -> Result<()> {
    kept::set_label(conn, post, &unnamed.label).await?;
    let sealed = ctx.keyring.seal(&context(post), format!("{who} {}", unnamed.asked_as).as_bytes())?;
    let owner = secrets::owner_mark(ctx, conn, who).await?;
    kept::insert(conn, post, owner, sealed).await
}

fn unseal(ctx: &Ctx, post: PostId, sealed: &[u8]) -> Result<(AccountId, AskedAs)> {
    let opened = ctx.keyring.open_sealed(&context(post), sealed)?;
    let words = String::from_utf8(opened).map_err(|e| Error::Internal(e.into()))?;
    let told = words.split_once(' ').and_then(|(who, shade)| Some((who.parse().ok()?, AskedAs::parse(shade)?)));
    told.ok_or_else(|| Error::internal("the seal of an author holds an account and how it is shown"))
}

/// Who wrote a post without a name, and how they chose to be shown; none of posts under a name, and where they have closed
/// their account.
pub(super) async fn asker(ctx: &Ctx, conn: &mut Conn, post: &Post) -> Result<Option<(AccountId, AskedAs)>> {
    if post.label.is_empty() || !post.local {
        return Ok(None);
    }
    kept::find(conn, post.id).await?.map(|sealed| unseal(ctx, post.id, &sealed)).transpose()
}

/// Who wrote a post, under their name or not; none where nobody knows it any more.
pub(in crate::service) async fn author(ctx: &Ctx, conn: &mut Conn, post: &Post) -> Result<Option<AccountId>> {
    if post.label.is_empty() {
        return Ok(Some(post.author_id));
    }
    Ok(asker(ctx, conn, post).await?.map(|(who, _)| who))
}

/// Whether somebody wrote a post, under their name or not.
pub(in crate::service) async fn is_own(ctx: &Ctx, conn: &mut Conn, who: AccountId, post: &Post) -> Result<bool> {
    Ok(author(ctx, conn, post).await? == Some(who))
}

/// How whoever asked a case without their name is shown where they answer below it.
///
/// # Errors
/// [`Error::Forbidden`] for everybody else.
pub(in crate::service) async fn as_asker(ctx: &Ctx, conn: &mut Conn, me: AccountId, above: PostId) -> Result<Unnamed> {
    let refused = || Error::Forbidden("Only the person who asked a case without their name answers like that.");
    let root = kept::root(conn, above).await?.ok_or_else(refused)?;
    let case = store::posts::find(conn, root).await?.ok_or_else(refused)?;
    match asker(ctx, conn, &case).await? {
        Some((who, asked_as)) if who == me => Ok(Unnamed { label: case.label, asked_as }),
        Some(_) | None => Err(refused()),
    }
}

/// Whether the viewer may answer a post in a group as the one who asked a case without a name.
pub async fn answers_unnamed(ctx: &Ctx, viewer: &Viewer, post: &Post) -> Result<bool> {
    let Some(me) = viewer.account().filter(|_| post.group_id.is_some()) else { return Ok(false) };
    match as_asker(ctx, &mut *ctx.pool.read().await?, me, post.id).await {
        Ok(_) => Ok(true),
        Err(Error::Forbidden(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Tells those who wrote without their name that somebody has answered. The word is the group's and names no post: it is that
/// of any member to whom a case of the group matters.
pub(super) async fn tell_answered(ctx: &Ctx, conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    for one in kept::answered(conn, posts).await? {
        let (who, _) = unseal(ctx, one.post, &one.sealed)?;
        if let Some(group) = one.group.filter(|_| who != one.by) {
            store::notifications::insert_anew(conn, vec![who], NotificationKind::Case, group, None).await?;
        }
    }
    Ok(())
}

/// The posts that somebody wrote without their name.
pub(super) async fn own(ctx: &Ctx, conn: &mut Conn, who: AccountId) -> Result<Vec<PostId>> {
    let mark = secrets::owner_mark(ctx, conn, who).await?;
    kept::of_owner(conn, mark).await
}

/// Somebody closes their account: nobody can find out any more what they asked without their name. What the group sees stays;
/// what it has never seen goes. A case that waits with its outcome was seen before, and is elsewhere: it is left to the moderators.
pub(in crate::service) async fn forget(ctx: &Ctx, conn: &mut Conn, who: AccountId) -> Result<()> {
    for id in own(ctx, conn, who).await? {
        let post = store::posts::find(conn, id).await?;
        if let Some(post) = post.filter(|post| post.held != Held::No && post.deleted_at.is_none())
            && store::posts::shown::last(conn, id).await?.is_none()
        {
            store::posts::bury(conn, &post, ctx.now()).await?;
            groups::waits_no_more(ctx, conn, vec![id]).await?;
        }
    }
    let mark = secrets::owner_mark(ctx, conn, who).await?;
    kept::forget(conn, mark).await
}

/// The cases that the viewer asked, under their name or not, the newest first.
pub async fn mine(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<OwnCase>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let unnamed = own(ctx, &mut conn, me).await?;
    let mut asked = kept::asked(&mut conn, me, unnamed, MOST).await?;
    for one in asked.iter_mut().filter(|one| one.group_name.is_empty()) {
        LEFT.clone_into(&mut one.group_name);
    }
    Ok(asked)
}

/// The answers that the viewer gave without their name and that have come back: no page shows them to anybody.
pub async fn returned_answers(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Returned>> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    let unnamed = own(ctx, &mut conn, me).await?;
    if unnamed.is_empty() { Ok(Vec::new()) } else { kept::returned(&mut conn, me, unnamed).await }
}

/// The same cases as CSV.
pub async fn export(ctx: &Ctx, viewer: &Viewer) -> Result<String> {
    let mut sheet = Sheet::new();
    sheet.line(&["Asked at", "Group", "Question", "Shown as", "State", "Outcome", "Address"])?;
    for one in mine(ctx, viewer).await? {
        let shown = if one.label.is_empty() { one.handle } else { one.label };
        let (asked_at, state) = (one.asked_at.to_rfc3339(), one.state.to_string());
        let fields = [asked_at, one.group_name, one.question, shown, state, one.outcome, one.url];
        sheet.line(&fields)?;
    }
    sheet.finish()
}

/// Whether members of a group of ours may ask without their name.
pub async fn allows_unnamed(ctx: &Ctx, group: &Group) -> Result<bool> {
    let settled = kept::settled(&mut *ctx.pool.read().await?, group.account_id).await?;
    Ok(policy::is_allowed(group.kind, settled))
}

/// Settles that, as a moderator. In open groups everybody asks under their name.
pub async fn allow_unnamed(ctx: &Ctx, viewer: &Viewer, group: AccountId, allowed: bool) -> Result<()> {
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, group).await?;
    if policy::is_possible(led.group.kind) {
        kept::settle(&mut tx, group, allowed).await?;
    }
    tx.commit().await
}
