use super::{publish::is_ours, render::render};
use crate::{
    error::{Error, Result},
    model::{Event, Post, PostId},
    policy::{Viewer, moderation, posting},
    service::Ctx,
    store,
    text::language,
};

/// New words for a post.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Markdown.
    pub text: String,
    /// Content warning, or empty.
    pub warning: String,
    /// Code.
    pub language: String,
}

/// One's own post as it was typed, for the edit form.
pub async fn draft(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<(Post, Draft)> {
    let me = moderation::require_account(viewer)?;
    let post = store::posts::get_or_gone(&mut *ctx.pool.get().await?, id).await?;
    posting::may_change(me, &post)?;
    if !is_ours(&post) {
        return Err(Error::NotFound);
    }
    let draft = Draft { text: post.source.clone(), warning: post.warning.clone(), language: post.language.clone() };
    Ok((post, draft))
}

/// Rewrites one's own post; what it said before stays readable.
pub async fn edit(ctx: &Ctx, viewer: &Viewer, id: PostId, draft: Draft) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    posting::check_text(&draft.text, &draft.warning)?;
    let known = store::posts::get_or_gone(&mut *ctx.pool.get().await?, id).await?;
    let rendered = render(ctx, &draft.text, known.markup).await?;
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    posting::may_change(me, &post)?;
    if !is_ours(&post) {
        return Err(Error::NotFound);
    }
    let warning = draft.warning.trim().to_owned();
    if post.source == draft.text && post.warning == warning && post.language == draft.language {
        return tx.roll_back().await;
    }
    let change = store::posts::Edit {
        title: post.title.clone(),
        warning,
        source: draft.text,
        html: rendered.html,
        language: if language::name(&draft.language).is_some() { draft.language } else { post.language.clone() },
        mentions: rendered.mentions,
        tags: rendered.tags,
        at: ctx.now(),
    };
    store::posts::update(&mut tx, &post, change).await?;
    store::notifications::insert_for_posts(&mut tx, vec![id]).await?;
    store::outbox::insert(&mut tx, me, &Event::Update { post: id }).await?;
    tx.commit().await
}
