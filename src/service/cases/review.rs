//! The second look: a verified member of the group reads a case before the others do, lets it be seen, or sends it back.

use super::{again, publish::kept_context, unnamed};
pub use crate::store::cases::review::ReviewLine;
use crate::{
    error::{Error, Result},
    model::{
        AccountId, Case, CaseDraft, Consent, Group, GroupDeed, Held, Kept, Media, MediaId, NotificationKind, Post,
        PostId, discreet::discreet,
    },
    policy::{Viewer, cases as policy, groups as group_policy, moderation, unnamed::held as held_unnamed},
    service::{
        Ctx,
        groups::{self, Place},
        posts,
    },
    store::{
        self, Conn,
        cases::{core, review as waiting},
    },
};

/// A case as whoever looks at it second reads it.
#[derive(Clone)]
pub struct ReviewView {
    /// Who asks what, and where.
    pub line: ReviewLine,
    /// The case.
    pub case: Case,
    /// The whole of it as safe HTML.
    pub html: String,
    /// Conflicts of interest, as its author declares them.
    pub interests: String,
    /// Its pictures: their files are opened by [`review_picture`].
    pub pictures: Vec<Media>,
    /// How the patient agreed.
    pub consent: Option<Consent>,
    /// What its author kept although it was marked, and why.
    pub kept: Vec<Kept>,
}

discreet!(ReviewView { line });

/// The cases that wait for the viewer, the oldest first: those of groups in which they are a verified member, but their own.
pub async fn waiting_for_review(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<ReviewLine>> {
    let mut conn = ctx.pool.get().await?;
    waiting_for(ctx, &mut conn, viewer, None).await
}

/// What waits for the viewer, or one case of that. What they asked themselves without their name is not theirs to look at.
async fn waiting_for(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, one: Option<PostId>) -> Result<Vec<ReviewLine>> {
    let me = moderation::require_account(viewer)?;
    let mut lines = waiting::waiting(conn, viewer, one, ctx.now()).await?;
    if lines.iter().any(|line| !line.label.is_empty()) {
        let own = unnamed::own(ctx, conn, me).await?;
        lines.retain(|line| !own.contains(&line.post));
    }
    Ok(lines)
}

/// One that waits for the viewer; [`Error::NotFound`] for everybody else.
async fn find(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, id: PostId) -> Result<ReviewLine> {
    waiting_for(ctx, conn, viewer, Some(id)).await?.pop().ok_or(Error::NotFound)
}

/// Opens a case that waits for the viewer.
pub async fn review(ctx: &Ctx, viewer: &Viewer, post: PostId) -> Result<ReviewView> {
    let mut conn = ctx.pool.get().await?;
    let line = find(ctx, &mut conn, viewer, post).await?;
    let raw = store::posts::find(&mut conn, post).await?.ok_or(Error::NotFound)?;
    Ok(ReviewView {
        line,
        case: core::find(&mut conn, post).await?.ok_or(Error::NotFound)?,
        html: raw.html,
        interests: raw.interests,
        pictures: store::media::list_of(&mut conn, post).await?,
        consent: core::find_consent(&mut conn, post).await?,
        kept: kept(ctx, &mut conn, post).await?,
    })
}

/// What its author kept.
pub(super) async fn kept(ctx: &Ctx, conn: &mut Conn, post: PostId) -> Result<Vec<Kept>> {
    let Some(sealed) = waiting::find_kept(conn, post).await? else { return Ok(Vec::new()) };
    unsealed(ctx, post, &sealed)
}

fn unsealed(ctx: &Ctx, post: PostId, sealed: &[u8]) -> Result<Vec<Kept>> {
    let opened = ctx.keyring.open_sealed(&kept_context(post), sealed)?;
    serde_json::from_slice(&opened).map_err(|e| Error::Internal(e.into()))
}

/// What the authors of cases kept that wait for a second look among some posts of a group, for those who lead it.
pub(in crate::service) async fn kept_in(
    ctx: &Ctx,
    conn: &mut Conn,
    group: AccountId,
    posts: Vec<PostId>,
) -> Result<Vec<(PostId, Vec<Kept>)>> {
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    let sealed = waiting::list_kept(conn, group, posts).await?;
    sealed.into_iter().map(|(post, sealed)| Ok((post, unsealed(ctx, post, &sealed)?))).collect()
}

/// The file of a picture of a case that waits for the viewer, and its media type.
pub async fn review_picture(ctx: &Ctx, viewer: &Viewer, post: PostId, picture: MediaId) -> Result<(Vec<u8>, String)> {
    let mut conn = ctx.pool.get().await?;
    find(ctx, &mut conn, viewer, post).await?;
    let known = store::media::list_of(&mut conn, post).await?;
    drop(conn);
    let known = known.into_iter().find(|one| one.id == picture).ok_or(Error::NotFound)?;
    Ok((ctx.blobs().get(&known.name).await?.to_vec(), known.mime))
}

/// Takes a case that waits, so that nobody else decides meanwhile.
async fn take(ctx: &Ctx, conn: &mut Conn, viewer: &Viewer, id: PostId) -> Result<(Group, Post)> {
    let line = find(ctx, conn, viewer, id).await?;
    let group = store::groups::lock(conn, line.group).await?;
    let post = store::posts::lock(conn, id).await?;
    if post.held != Held::Review {
        return Err(Error::Conflict("Somebody else has looked at this case.".into()));
    }
    Ok((group, post))
}

/// Lets a case be seen. Where the group's moderators look at posts of its author first, it waits for them now. Whether somebody
/// who asks without their name still belongs to the group is not looked at: the answer would tell of them.
pub async fn approve(ctx: &Ctx, viewer: &Viewer, post: PostId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut tx = ctx.tx().await?;
    let (group, post) = take(ctx, &mut tx, viewer, post).await?;
    let (id, by) = (group.account_id, post.author_id);
    let author = unnamed::author(ctx, &mut tx, &post).await?.ok_or(Error::NotFound)?;
    let membership = store::groups::membership(&mut tx, author, id).await?;
    let is_named = post.label.is_empty();
    if is_named && !membership.member {
        return Err(Error::Conflict("Its author does not belong to the group any more: send it back.".into()));
    }
    let held = if is_named {
        let first = !store::groups::has_posted(&mut tx, id, author).await?;
        group_policy::holds_back(&group, membership, first)
    } else {
        held_unnamed(group.premoderation)
    };
    let held = groups::or_sent(&mut tx, id, held).await?;
    waiting::settle(&mut tx, post.id, held).await?;
    store::groups::log(&mut tx, id, Some(me), GroupDeed::Review, Some(by), "").await?;
    if held == Held::No {
        posts::announce(&mut tx, &[post.id]).await?;
    }
    let place = Place { group: id, visibility: post.visibility, held };
    groups::posted(ctx, &mut tx, &place, by, post.id).await?;
    if held == Held::No {
        groups::tell_waiting(ctx, &mut tx, id).await?;
    }
    // Whoever has left the group hears nothing of it any more.
    if membership.member {
        let about = Some(post.id).filter(|_| is_named);
        store::notifications::insert_anew(&mut tx, vec![author], NotificationKind::Case, me, about).await?;
    }
    tx.commit().await?;
    tracing::info!(post = %post.id, account = %me, "looked at a case second");
    Ok(())
}

/// Sends a case back: its post is gone, and its author finds it among their drafts with the reason.
pub async fn send_back(ctx: &Ctx, viewer: &Viewer, post: PostId, reason: &str) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let reason = reason.trim();
    if !policy::is_reason(reason) {
        return Err(Error::invalid("reason", "Say in a sentence what is to be changed: its author reads it."));
    }
    let seen = review(ctx, viewer, post).await?;
    let mut draft = CaseDraft { returned: reason.to_owned(), ..reviewed(&seen) };
    let pictures = again::seal(ctx, &seen.pictures).await?;
    let mut tx = ctx.tx().await?;
    let (group, post) = take(ctx, &mut tx, viewer, post).await?;
    let author = unnamed::author(ctx, &mut tx, &post).await?.ok_or(Error::NotFound)?;
    if let Some((_, asked_as)) = unnamed::asker(ctx, &mut tx, &post).await? {
        draft.asked_as = asked_as;
    }
    again::put(ctx, &mut tx, author, &post, draft, pictures).await?;
    groups::waits_no_more(ctx, &mut tx, vec![post.id]).await?;
    // Why is for its author alone.
    let shown = Some(post.author_id);
    store::groups::log(&mut tx, group.account_id, Some(me), GroupDeed::SendBack, shown, "").await?;
    store::notifications::insert_anew(&mut tx, vec![author], NotificationKind::Case, me, None).await?;
    tx.commit().await?;
    tracing::info!(post = %post.id, account = %me, "sent a case back");
    Ok(())
}

/// A case that is looked at, as it stood in its draft.
pub fn reviewed(seen: &ReviewView) -> CaseDraft {
    let ReviewView { line, case, interests, consent, kept, .. } = seen;
    again::written(&line.question, case, interests, consent.as_ref(), kept.clone())
}
