//! Posting a case: past the gate, its pictures painted, in one transaction with the end of its draft.

use super::{
    Mark,
    draft::unseal,
    gate, pictures, told,
    unnamed::{self, Unnamed},
};
use crate::{
    error::{Error, FieldError, Result},
    model::{
        AccountId, CaseDraft, CaseDraftId, Consent, DraftRow, Group, Held, Kept, Markup, MediaId, NotificationKind,
        PostId,
    },
    policy::{Viewer, cases as policy, moderation, unnamed::held},
    service::{
        Ctx, demands,
        groups::{self, Place},
        media::{self, Purpose},
        posts::{self, NewPost},
        sources,
    },
    store::{
        self, Conn,
        cases::{core, core::NewCase},
    },
};

/// What the seal of what was kept says that it is.
pub(super) fn kept_context(id: PostId) -> String {
    format!("case_kept/{id}")
}

/// Posts a case. Where nothing of the draft is open, its post, the case and the log of what was found are written down, and the
/// draft goes with the pictures as they were before anything was covered.
///
/// # Errors
/// [`Error::Invalid`] with what is still open; the draft stays as it is.
pub async fn publish(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId) -> Result<PostId> {
    let me = moderation::require_account(viewer)?;
    let found = store::cases::drafts::find(&mut *ctx.pool.get().await?, me, id).await?;
    let row = found.ok_or(Error::NotFound)?;
    let read = Read::of(ctx, viewer, unseal(ctx, &row)?).await?;
    let mut conn = ctx.pool.get().await?;
    let group = store::groups::find(&mut conn, row.group_id).await?.ok_or(Error::NotFound)?;
    let (place, unnamed) = settle(ctx, &mut conn, viewer, me, &group, &read).await?;
    let unseen = nobody_looks(ctx, &mut conn, me, &place, &read).await?;
    drop(conn);
    let draft = &read.draft;
    let mut open = gate::open_points(draft, group.kind, gate::unsettled(&read.marks));
    open.extend(unseen);
    let today = ctx.now().date_naive();
    let days = policy::consent_dates(&draft.consent, today).into_iter();
    open.extend(days.map(|wrong| FieldError { field: "consent", message: wrong.into() }));
    if !open.is_empty() {
        return Err(Error::Invalid(open));
    }
    let told = told::tell(ctx, draft).await?;
    if place.visibility.is_open() {
        demands::may_publish(ctx, me, place.visibility, &told.rendered.mentions, None).await?;
    }
    // Of a case without a name nothing is kept that belongs to whoever asks it.
    let of = if unnamed.is_some() { place.group } else { me };
    let mut painted = Vec::new();
    let done = match paint(ctx, (me, of), id, draft, &mut painted).await {
        Ok(()) => {
            let pictures = painted.clone();
            put_down(ctx, viewer, me, Ready { row, read, told, place, is_named: unnamed.is_none(), pictures }).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(post) => {
            tracing::info!(%post, account = %of, "asked a case");
            Ok(post)
        }
        Err(error) => {
            forget(ctx, of, painted).await;
            Err(error)
        }
    }
}

/// A draft that was looked through: the same words have the same marks as long as it is what it was.
struct Read {
    draft: CaseDraft,
    marks: Vec<Mark>,
    /// What was marked and stays, with its reasons.
    kept: Vec<Kept>,
}

impl Read {
    async fn of(ctx: &Ctx, viewer: &Viewer, draft: CaseDraft) -> Result<Self> {
        let marks = gate::marks_of(ctx, viewer, &draft).await?;
        let kept = kept(&marks);
        Ok(Self { draft, marks, kept })
    }
}

/// A case before anything of it is written down.
struct Ready {
    row: DraftRow,
    read: Read,
    told: told::Told,
    /// Where it was to go when it was looked at first.
    place: Place,
    is_named: bool,
    pictures: Vec<MediaId>,
}

/// Where a case goes as things are, why it waits there, and how whoever asks it is shown.
async fn settle(
    ctx: &Ctx,
    conn: &mut Conn,
    viewer: &Viewer,
    me: AccountId,
    group: &Group,
    Read { draft, kept, .. }: &Read,
) -> Result<(Place, Option<Unnamed>)> {
    let mut place = groups::place(ctx, conn, viewer, me, group.account_id, &draft.topic).await?;
    let unnamed = unnamed::wanted(ctx, conn, me, group, draft).await?;
    if unnamed.is_some() {
        place.held = held(group.premoderation);
    }
    // What moderators here have sent back they look at again.
    if place.held == Held::No && !draft.refused.is_empty() {
        place.held = Held::Premoderation;
    }
    if policy::needs_review(group.review, kept.len(), !draft.returned.is_empty()) {
        place.held = Held::Review;
    }
    Ok((place, unnamed))
}

/// What is wrong with a case that would wait for a second look which nobody can take. What is asked in a group of another server
/// only members of this one look at before it leaves; in a group of ours its moderators can let it be seen.
async fn nobody_looks(
    ctx: &Ctx,
    conn: &mut Conn,
    me: AccountId,
    place: &Place,
    read: &Read,
) -> Result<Option<FieldError>> {
    if place.held != Held::Review
        || store::accounts::get(conn, place.group).await?.is_local()
        || !store::cases::review::reviewers(conn, place.group, me, ctx.now(), 1).await?.is_empty()
    {
        return Ok(None);
    }
    let message = if read.kept.len() >= policy::REVIEW_FROM {
        "Three or more marked things stay, and nobody of your hospital in this group can look first: put them in other words."
    } else {
        "This was sent back, and nobody of your hospital in this group can look once more: put what is marked in other words."
    };
    Ok(Some(FieldError { field: "marks", message: message.into() }))
}

/// What was marked and stays, with its reasons.
fn kept(marks: &[Mark]) -> Vec<Kept> {
    let stays = |mark: &Mark| {
        let (field, words, kind) = (mark.field.clone(), mark.words.clone(), mark.kind.as_str().to_owned());
        mark.reason.clone().map(|reason| Kept { field, words, kind, reason })
    };
    marks.iter().filter_map(stays).collect()
}

/// Paints the pictures of somebody's draft and keeps them, in their order, as pictures of a post to come of theirs or of a
/// group's.
async fn paint(
    ctx: &Ctx,
    (me, of): (AccountId, AccountId),
    id: CaseDraftId,
    draft: &CaseDraft,
    painted: &mut Vec<MediaId>,
) -> Result<()> {
    for one in &draft.pictures {
        let made = pictures::paint(ctx, me, id, one.id).await?;
        let description = one.description.trim();
        let (media, _) = media::keep(ctx, of, Purpose::Post, made, description, (0.0, 0.0)).await?;
        painted.push(media);
    }
    Ok(())
}

/// Removes pictures that became part of no post. Those that cannot be removed now are swept like all that are part of none.
async fn forget(ctx: &Ctx, of: AccountId, painted: Vec<MediaId>) {
    for media in painted {
        let gone = match ctx.pool.get().await {
            Ok(mut conn) => store::media::delete_loose(&mut conn, of, media).await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = gone {
            tracing::warn!(%media, %error, "a picture of a case that was not posted stays for a while");
        }
    }
}

/// Writes a case down with all that follows from it. Whether it may be, and where, is asked once more: while its pictures were
/// painted, its author may have been kept out, or the group may look at posts first now.
async fn put_down(ctx: &Ctx, viewer: &Viewer, me: AccountId, ready: Ready) -> Result<PostId> {
    let Ready { row, read, told, place: before, is_named, pictures } = ready;
    let draft = &read.draft;
    let mut tx = ctx.tx().await?;
    store::groups::hold_membership(&mut tx, row.group_id, me).await?;
    let group = store::groups::find(&mut tx, row.group_id).await?.ok_or(Error::NotFound)?;
    let (place, unnamed) = settle(ctx, &mut tx, viewer, me, &group, &read).await?;
    if place.visibility != before.visibility || unnamed.is_none() != is_named {
        return Err(Error::Conflict("The group was changed in the meantime. Please look at the case again.".into()));
    }
    if let Some(unseen) = nobody_looks(ctx, &mut tx, me, &place, &read).await? {
        return Err(Error::Invalid(vec![unseen]));
    }
    if store::cases::drafts::lock(&mut tx, me, row.id).await?.sealed != row.sealed {
        return Err(Error::Conflict("This case was changed in the meantime. Please look at it again.".into()));
    }
    let new = NewPost {
        markup: Markup::Markdown,
        title: draft.question.clone(),
        topic: draft.topic.clone(),
        group: Some(place.group),
        media: pictures,
        ..NewPost::default()
    };
    let post = posts::put_case(ctx, &mut tx, me, new, told.rendered, place, unnamed).await?;
    let case = NewCase {
        post,
        group: place.group,
        report: draft.report,
        urgency: draft.urgency,
        specialties: draft.specialties.clone(),
        body: told.body,
        kept_sealed: sealed(ctx, post, place.held, &read.kept)?,
        asked_at: ctx.now(),
    };
    core::insert(&mut tx, case).await?;
    core::insert_findings(&mut tx, post, gate::findings(draft, &read.marks)).await?;
    core::insert_consent(&mut tx, &consent(post, draft)?).await?;
    core::set_interests(&mut tx, post, &draft.interests).await?;
    sources::cite(ctx, &mut tx, post, place.group, told.cited).await?;
    if place.held == Held::Review {
        tell_reviewers(ctx, &mut tx, place.group, me, is_named).await?;
    }
    store::cases::drafts::delete(&mut tx, me, row.id).await?;
    tx.commit().await?;
    Ok(post)
}

/// What whoever looks second reads of what was kept; nothing where nobody does.
fn sealed(ctx: &Ctx, post: PostId, held: Held, kept: &[Kept]) -> Result<Option<Vec<u8>>> {
    if held != Held::Review {
        return Ok(None);
    }
    let json = serde_json::to_vec(kept).map_err(|e| Error::Internal(e.into()))?;
    ctx.keyring.seal(&kept_context(post), &json).map(Some)
}

fn consent(post: PostId, draft: &CaseDraft) -> Result<Consent> {
    let given = &draft.consent;
    let (Some(basis), Some(scope)) = (given.basis, given.scope) else {
        return Err(Error::invalid("consent", "Choose how the patient agreed. Your text is saved."));
    };
    Ok(Consent {
        post_id: post,
        basis,
        scope,
        holder: given.holder.clone(),
        given_on: given.given_on,
        expires_on: given.expires_on,
        form_hash: given.form_hash.clone(),
        withdrawn_at: None,
    })
}

/// Tells verified members that a case of somebody's waits for a second look. The word leads to all that wait: the post itself is
/// not theirs to open like any other. Where it bears no name, neither whom they told nor whom they keep off tells of its author.
async fn tell_reviewers(ctx: &Ctx, conn: &mut Conn, group: AccountId, author: AccountId, is_named: bool) -> Result<()> {
    let from = if is_named { author } else { group };
    let mut to = store::cases::review::reviewers(conn, group, from, ctx.now(), policy::MAX_REVIEWERS).await?;
    to.retain(|who| *who != author);
    store::notifications::insert_anew(conn, to, NotificationKind::CaseReview, from, None).await
}
