use super::{
    again,
    gate::{self, Looked, Stays},
    publish::{is_ours, tell},
    render::render,
};
use crate::{
    error::{Error, Result},
    model::{Event, Held, MediaId, Post, PostId},
    policy::{Viewer, moderation, posting},
    service::{
        Ctx, demands, groups,
        marks::Mark,
        media,
        polls::{self, NewPoll, Poll},
        sources,
    },
    store::{self, Conn},
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
    /// Look twice, with or without a warning in words.
    pub sensitive: bool,
    /// Its pictures, in order; none leaves them as they are.
    pub media: Option<Vec<MediaId>>,
    /// A poll in place of what it had: [`Change::Keep`] leaves that as it is.
    pub poll: Change,
    /// What new could identify a patient and stays; counts in a group alone.
    pub stays: Stays,
    /// Which of the pictures that come with it its author has looked at; counts in a group alone.
    pub looked: Looked,
}

/// What becomes of a post's poll.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Change {
    /// It stays.
    #[default]
    Keep,
    /// It goes.
    Remove,
    /// This takes its place; votes are gone where the choices are others.
    Replace(NewPoll),
}

/// One's own post as it was typed, for the edit form.
pub async fn draft(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<(Post, Draft)> {
    let me = moderation::require_account(viewer)?;
    let post = store::posts::get_or_gone(&mut *ctx.pool.get().await?, id).await?;
    posting::may_change(me, &post)?;
    if !is_ours(&post) {
        return Err(Error::NotFound);
    }
    refuse_case(ctx, id).await?;
    // Where its group did not take it and takes nothing more, an edit can be taken back still.
    if post.held != Held::Refused {
        groups::may_rewrite(ctx, &mut *ctx.pool.get().await?, &post).await?;
    }
    let draft = Draft {
        text: post.source.clone(),
        warning: post.warning.clone(),
        language: post.language.clone(),
        sensitive: post.sensitive,
        media: None,
        poll: Change::Keep,
        stays: Stays::default(),
        looked: Looked::default(),
    };
    Ok((post, draft))
}

/// A case went past the gate as it stands: it is added to, and not rewritten.
pub(super) async fn refuse_case(ctx: &Ctx, id: PostId) -> Result<()> {
    match store::cases::core::find(&mut *ctx.pool.get().await?, id).await? {
        Some(_) => Err(Error::Forbidden("A case is not edited once it is posted: add its outcome, or answer it.")),
        None => Ok(()),
    }
}

/// Rewrites one's own post; what it said before stays readable. In a group that looks at posts first, new words wait; in one of
/// another server they are on their way to it. What that group did not take goes to it once more, also in the same words.
pub async fn edit(ctx: &Ctx, viewer: &Viewer, id: PostId, draft: Draft) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let known = store::posts::get_or_gone(&mut *ctx.pool.get().await?, id).await?;
    posting::may_change(me, &known)?;
    refuse_case(ctx, id).await?;
    let before = store::media::list_of(&mut *ctx.pool.get().await?, id).await?;
    let pictures = match draft.media.clone() {
        Some(ids) => media::loose(ctx, &mut *ctx.pool.get().await?, me, ids, Some(id)).await?,
        None => before.iter().map(|m| m.id).collect(),
    };
    posting::check_text(&draft.text, &draft.warning, !pictures.is_empty())?;
    let poll = match &draft.poll {
        Change::Replace(poll) => Some(polls::check(ctx, poll)?),
        Change::Keep | Change::Remove => None,
    };
    let rendered = render(ctx, &draft.text, known.markup).await?;
    let added = gate::added(ctx, &known, &draft).await?;
    let found = gate::rewritten(ctx, &known, &draft, &added, &rendered.handles).await?;
    let new_pictures: Vec<MediaId> = added.iter().map(|one| one.id).collect();
    gate::require_passed(&found, (&pictures, &new_pictures), &draft.looked)?;
    // New words are a new publication; only whom the post has named before may stay named in any case.
    let named = store::posts::mentions(&mut *ctx.pool.get().await?, id).await?;
    let new: Vec<_> = rendered.mentions.iter().copied().filter(|m| named.iter().all(|n| n.0 != *m)).collect();
    demands::may_rewrite(ctx, me, known.visibility, &new, known.reply_to_id).await?;
    groups::look_at_home(ctx, &known).await?;
    let mut tx = ctx.tx().await?;
    let post = store::posts::lock(&mut tx, id).await?;
    posting::may_change(me, &post)?;
    if !is_ours(&post) {
        return Err(Error::NotFound);
    }
    groups::may_rewrite(ctx, &mut tx, &post).await?;
    let warning = draft.warning.trim().to_owned();
    let asked = store::polls::find(&mut tx, None, id).await?;
    let poll_changes = match (&poll, &asked) {
        (Some(new), Some(old)) => differs(new, old),
        (Some(_), None) => true,
        (None, old) => draft.poll == Change::Remove && old.is_some(),
    };
    let same_pictures = before.iter().map(|m| m.id).eq(pictures.iter().copied());
    let same_words = post.source == draft.text && post.warning == warning && post.language == draft.language;
    let is_same = same_words && same_pictures && !poll_changes && post.sensitive == draft.sensitive;
    if is_same && post.held != Held::Refused {
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
        sensitive: draft.sensitive,
        at: ctx.now(),
    };
    let (held, event) = put(ctx, &mut tx, &post, change, &found).await?;
    if store::media::attach(&mut tx, me, id, pictures.clone()).await? != pictures.len() {
        return Err(Error::Conflict("A picture has become part of another post. Please add it again.".into()));
    }
    if poll_changes {
        match &poll {
            Some(poll) => store::polls::put(&mut tx, id, poll).await?,
            None => store::polls::remove(&mut tx, id).await?,
        }
    }
    store::notifications::insert_for_posts(&mut tx, vec![id]).await?;
    store::notifications::insert_for_edit(&mut tx, id).await?;
    gate::log(&mut tx, id, &found).await?;
    tell(&mut tx, &Post { held, ..post }, &event).await?;
    tx.commit().await
}

/// Writes new words down, in which this could identify a patient and stays. Returns why the post is held from now on, and what other
/// servers are told of it.
async fn put(
    ctx: &Ctx,
    conn: &mut Conn,
    post: &Post,
    words: store::posts::Edit,
    found: &[Mark],
) -> Result<(Held, Event)> {
    sources::rewritten(ctx, conn, post, &words.source).await?;
    if post.held == Held::Refused {
        return again::send(ctx, conn, post, words, gate::needs_look(found)).await;
    }
    let is_marked = post.held == Held::No && gate::needs_look(found);
    let is_marked = is_marked && groups::is_of_ours(conn, post).await?;
    let why = if is_marked { Held::Screening } else { Held::No };
    let held = groups::held_anew(ctx, conn, post, why).await?;
    store::posts::update(conn, post, words).await?;
    Ok((held, Event::Update { post: post.id }))
}

/// Whether other choices, or another way to choose, are asked for: then voting begins anew.
fn differs(new: &polls::Told, old: &Poll) -> bool {
    new.multiple != old.multiple || new.options.iter().map(|o| &o.0).ne(old.options.iter().map(|o| &o.title))
}
