use super::render::{Rendered, render};
use crate::{
    crypto::token,
    error::{Error, Result},
    model::{AccountId, AppId, Event, Markup, MediaId, Post, PostId, Visibility},
    policy::{Viewer, moderation, posting},
    service::{
        Ctx, media,
        polls::{self, NewPoll},
        urls,
    },
    store,
    text::language,
};

/// What a person wants to say.
#[derive(Debug, Clone, Default)]
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
    /// Look twice, with or without a warning in words.
    pub sensitive: bool,
    /// Pictures that were sent in before.
    pub media: Vec<MediaId>,
    /// A poll.
    pub poll: Option<NewPoll>,
    /// The program that it was written with.
    pub app: Option<AppId>,
    /// A word that names this request: the same again within an hour gives the same post and no second one.
    pub once: Option<String>,
}

/// Publishes a post: the row, home timelines, notifications and the word to other servers in one transaction.
pub async fn publish(ctx: &Ctx, viewer: &Viewer, new: NewPost) -> Result<PostId> {
    let me = moderation::require_account(viewer)?;
    posting::check_text(&new.text, &new.warning, !new.media.is_empty())?;
    let poll = new.poll.as_ref().map(|poll| polls::check(ctx, poll)).transpose()?;
    if let Some(post) = published_before(ctx, me, new.once.as_deref()).await? {
        return Ok(post);
    }
    let pictures = media::loose(ctx, me, new.media, None).await?;
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
    let key = new.once.as_deref().map(token::hash);
    if let Some(key) = &key {
        let hour = ctx.now() - chrono::TimeDelta::hours(1);
        match store::scheduled::take_key(&mut tx, me, key, hour).await? {
            Some((Some(post), _)) => {
                tx.roll_back().await?;
                return Ok(post);
            }
            Some((None, _)) => return Err(Error::Conflict("This request has been used for something else.".into())),
            None => {}
        }
    }
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
            sensitive: new.sensitive,
            app: new.app,
            html,
            language: if language::name(&new.language).is_some() { new.language } else { user.language },
            mentions,
            tags,
            published_at: ctx.now(),
        },
    )
    .await?;
    if store::media::attach(&mut tx, me, id, pictures.clone()).await? != pictures.len() {
        return Err(Error::Conflict("A picture has become part of another post. Please add it again.".into()));
    }
    if let Some(poll) = poll {
        store::polls::put(&mut tx, id, &poll).await?;
    }
    announce(&mut tx, &[id]).await?;
    if let Some(key) = &key {
        store::scheduled::set_key(&mut tx, me, key, Some(id), None).await?;
    }
    store::outbox::insert(&mut tx, me, &Event::Create { post: id }).await?;
    tx.commit().await?;
    tracing::info!(post = %id, account = %me, "published");
    Ok(id)
}

/// The post that the same request has made within the last hour.
async fn published_before(ctx: &Ctx, me: AccountId, once: Option<&str>) -> Result<Option<PostId>> {
    let Some(once) = once else { return Ok(None) };
    let hour = ctx.now() - chrono::TimeDelta::hours(1);
    let mut tx = ctx.tx().await?;
    let known = store::scheduled::take_key(&mut tx, me, &token::hash(once), hour).await?;
    tx.roll_back().await?;
    Ok(known.and_then(|k| k.0))
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
