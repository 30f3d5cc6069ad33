use super::render::{Rendered, render};
use crate::{
    error::{Error, Result},
    model::{Event, Markup, Post, PostId, Visibility},
    policy::{Viewer, moderation, posting},
    service::{Ctx, urls},
    store,
    text::language,
};

/// What a person wants to say.
#[derive(Debug, Clone)]
pub struct NewPost {
    /// As it was typed.
    pub text: String,
    /// How.
    pub markup: Markup,
    /// Content warning, or empty.
    pub warning: String,
    /// Code; empty for the person's own language.
    pub language: String,
    /// Who it is for. An answer never reaches further than what it answers.
    pub visibility: Visibility,
    /// What it answers.
    pub reply_to: Option<PostId>,
}

/// Publishes a post: the row, home timelines, notifications and the word to other servers in one transaction.
pub async fn publish(ctx: &Ctx, viewer: &Viewer, new: NewPost) -> Result<PostId> {
    let me = moderation::require_account(viewer)?;
    posting::check_text(&new.text, &new.warning)?;
    let parent = match new.reply_to {
        Some(id) => Some(super::read(ctx, viewer, id).await?),
        None => None,
    };
    let rendered = render(ctx, &new.text, new.markup).await?;
    let visibility = parent.as_ref().map_or(new.visibility, |p| p.post.visibility.narrower(new.visibility));
    let Rendered { html, mut mentions, tags } = rendered;
    if let Some(parent) = &parent
        && !mentions.contains(&parent.author.id)
        && parent.author.id != me
    {
        mentions.push(parent.author.id);
    }
    if visibility == Visibility::Direct && mentions.iter().all(|m| *m == me) && parent.is_none() {
        return Err(Error::invalid(
            "text",
            "A direct post needs somebody to go to: mention a person as @name@hospital.",
        ));
    }
    let mut tx = ctx.tx().await?;
    let author = store::accounts::get(&mut tx, me).await?;
    let user = store::users::get(&mut tx, me).await?;
    let id = store::posts::insert(
        &mut tx,
        store::posts::NewPost {
            author: me,
            uri_base: urls::posts(ctx, &author.username),
            url_base: format!("{}/", urls::profile(ctx, &author.username)),
            visibility,
            reply_to: parent.map(|p| (p.post.id, p.post.uri)),
            warning: new.warning.trim().to_owned(),
            source: new.text,
            markup: new.markup,
            html,
            language: if language::name(&new.language).is_some() { new.language } else { user.language },
            mentions,
            tags,
            published_at: ctx.now(),
        },
    )
    .await?;
    announce(&mut tx, &[id]).await?;
    store::outbox::insert(&mut tx, me, &Event::Create { post: id }).await?;
    tx.commit().await?;
    tracing::info!(post = %id, account = %me, "published");
    Ok(id)
}

/// Puts new posts on home timelines and tells whom they mention or answer.
async fn announce(conn: &mut store::Conn, ids: &[PostId]) -> Result<()> {
    store::timelines::fan_out(conn, ids.to_vec()).await?;
    store::notifications::insert_for_posts(conn, ids.to_vec()).await
}

/// Whether a post is one that may be edited here.
pub(super) fn is_ours(post: &Post) -> bool {
    post.local && post.boost_of_id.is_none()
}
