//! Cases that become drafts of their authors again: sent back after the second look or by moderators, or not taken by their group on
//! another server.

use super::{draft, pictures::context, review, unnamed};
use crate::{
    error::{Error, Result},
    model::{
        AccountId, Case, CaseDraft, CaseDraftId, CasePictureId, Consent, DraftConsent, DraftPicture, Event, Held, Kept,
        Media, Post, PostId,
    },
    policy::{Viewer, moderation},
    service::{Ctx, posts, sources},
    store::{
        self, Conn,
        cases::{core, pictures::NewPicture},
    },
};

/// A picture of a case on its way back into a draft: it keeps what was painted over.
pub(super) struct Picture {
    id: CasePictureId,
    sealed: Vec<u8>,
    mime: String,
    size: (i32, i32),
    description: String,
}

/// Seals the pictures of a case anew. Their files are read, so it is never called inside a transaction.
pub(super) async fn seal(ctx: &Ctx, pictures: &[Media]) -> Result<Vec<Picture>> {
    let mut all = Vec::with_capacity(pictures.len());
    for media in pictures {
        let file = ctx.blobs().get(&media.name).await?;
        let id = CasePictureId(store::cases::drafts::new_id(&mut *ctx.pool.get().await?).await?);
        let house = ctx.clone();
        let sealed = ctx.heavy(move || house.keyring.seal(&context(id), &file)).await?;
        let (mime, size, description) = (media.mime.clone(), (media.width, media.height), media.description.clone());
        all.push(Picture { id, sealed, mime, size, description });
    }
    Ok(all)
}

/// A case as a draft again: what was mended stays as it is.
pub(super) fn written(
    question: &str,
    case: &Case,
    interests: &str,
    consent: Option<&Consent>,
    kept: Vec<Kept>,
) -> CaseDraft {
    let consent = consent.map_or_else(DraftConsent::default, |given| DraftConsent {
        basis: Some(given.basis),
        scope: Some(given.scope),
        holder: given.holder.clone(),
        given_on: given.given_on,
        expires_on: given.expires_on,
        form_hash: given.form_hash.clone(),
    });
    CaseDraft {
        question: question.to_owned(),
        report: case.report,
        age: case.body.age.clone(),
        sex: case.body.sex,
        sections: case.body.sections.iter().map(|section| (section.key, section.source.clone())).collect(),
        timeline: case.body.timeline.clone(),
        options: case.body.options.join("\n"),
        urgency: case.urgency,
        specialties: case.specialties.clone(),
        interests: interests.to_owned(),
        consent,
        kept,
        ..CaseDraft::default()
    }
}

/// Keeps a case that the group has not seen as a draft of its author's, in place of its post.
pub(super) async fn put(
    ctx: &Ctx,
    conn: &mut Conn,
    author: AccountId,
    post: &Post,
    mut draft: CaseDraft,
    pictures: Vec<Picture>,
) -> Result<CaseDraftId> {
    let group = post.group_id.ok_or(Error::NotFound)?;
    draft.found = core::findings(conn, post.id).await?.into_iter().map(|(kind, found, _)| (kind, found)).collect();
    draft.topic.clone_from(&post.topic);
    draft.sources = sources::typed(conn, post.id).await?;
    let drafted = |one: &Picture| DraftPicture {
        id: one.id,
        description: one.description.clone(),
        boxes: Vec::new(),
        corner: None,
        looked: false,
    };
    draft.pictures = pictures.iter().map(drafted).collect();
    let id = draft::insert(ctx, conn, author, group, &draft).await?;
    for Picture { id: picture, sealed, mime, size, .. } in pictures {
        store::cases::pictures::insert(conn, NewPicture { id: picture, draft: id, sealed, mime, size }).await?;
    }
    store::posts::bury(conn, post, ctx.now()).await?;
    core::delete(conn, post.id).await?;
    Ok(id)
}

/// Makes a case of one's own that its group did not take a draft again: it goes past the gate once more. The servers that were sent it
/// are told that it is gone, as nothing leads from the draft to what they may have kept.
///
/// # Errors
/// [`Error::NotFound`] where it is no such case; [`Error::Conflict`] where the group has shown it before.
pub async fn write_again(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<CaseDraftId> {
    let me = moderation::require_account(viewer)?;
    let is_back = |post: &Post| post.local && post.held == Held::Refused && post.deleted_at.is_none();
    let mut conn = ctx.pool.get().await?;
    let post = store::posts::find(&mut conn, id).await?.filter(is_back).ok_or(Error::NotFound)?;
    if !unnamed::is_own(ctx, &mut conn, me, &post).await? {
        return Err(Error::NotFound);
    }
    let case = core::find(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let consent = core::find_consent(&mut conn, id).await?;
    let kept = review::kept(ctx, &mut conn, id).await?;
    let pictures = store::media::list_of(&mut conn, id).await?;
    let mut draft = CaseDraft {
        refused: post.refusal.clone(),
        ..written(&post.title, &case, &post.interests, consent.as_ref(), kept)
    };
    if let Some((_, asked_as)) = unnamed::asker(ctx, &mut conn, &post).await? {
        draft.asked_as = asked_as;
    }
    drop(conn);
    let pictures = seal(ctx, &pictures).await?;
    let mut tx = ctx.tx().await?;
    let post = Some(store::posts::lock(&mut tx, id).await?).filter(is_back).ok_or(Error::NotFound)?;
    if store::posts::shown::last(&mut tx, id).await?.is_some() {
        return Err(Error::Conflict("The group has shown this case before: withdraw it instead.".into()));
    }
    let draft = put(ctx, &mut tx, me, &post, draft, pictures).await?;
    posts::tell(&mut tx, &post, &Event::Delete { post: id }).await?;
    tx.commit().await?;
    if post.label.is_empty() {
        tracing::info!(post = %id, account = %me, "a case that was not taken is a draft again");
    }
    Ok(draft)
}
