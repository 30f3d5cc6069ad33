use bytes::Bytes;

use super::{MAX_DESCRIPTION, Media, Purpose, bounds, small};
use crate::{
    crypto::SecretToken,
    error::{Error, Result},
    model::{AccountId, Event, MediaId, PostId},
    picture::{self, Picture},
    policy::{Viewer, moderation},
    service::{
        Ctx, demands, posts, scheduled,
        throttles::{self, Act},
    },
    store::{self, media::Stored},
};

/// Takes in a picture for a post to come.
///
/// # Errors
/// [`Error::Invalid`] for what is no picture that is taken here; [`Error::TooMany`].
pub async fn upload(
    ctx: &Ctx,
    viewer: &Viewer,
    bytes: Bytes,
    description: &str,
    focus: Option<(f64, f64)>,
) -> Result<Media> {
    let me = moderation::require_account(viewer)?;
    let description = check_description(description)?;
    throttles::allow(ctx, Act::Upload, &me.to_string()).await?;
    let id = take_in(ctx, me, Purpose::Post, bytes, &description, focus.unwrap_or_default()).await?.0;
    find(ctx, viewer, id).await
}

/// Makes a picture anew and keeps it.
pub(super) async fn take_in(
    ctx: &Ctx,
    who: AccountId,
    purpose: Purpose,
    bytes: Bytes,
    description: &str,
    focus: (f64, f64),
) -> Result<(MediaId, String)> {
    let bounds = bounds(ctx);
    let made =
        ctx.heavy(move || picture::make(&bytes, bounds).map_err(|refused| Error::invalid("file", refused.0))).await?;
    keep(ctx, who, purpose, made, description, focus).await
}

/// Keeps a picture that was made anew: the row first, so that a file without one cannot be.
pub(in crate::service) async fn keep(
    ctx: &Ctx,
    who: AccountId,
    purpose: Purpose,
    made: Picture,
    description: &str,
    focus: (f64, f64),
) -> Result<(MediaId, String)> {
    let name = SecretToken::generate().as_str().to_owned();
    let id = store::media::insert(&mut *ctx.pool.get().await?, who, purpose, &name, description, focus).await?;
    store_files(ctx, id, &name, made).await?;
    Ok((id, name))
}

/// Puts the files of a picture in their place and notes that they are there.
pub(in crate::service) async fn store_files(ctx: &Ctx, id: MediaId, name: &str, made: Picture) -> Result<()> {
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    let stored = Stored {
        mime: made.mime,
        size: (side(made.width), side(made.height)),
        small_mime: made.small_mime,
        small_size: (side(made.small_width), side(made.small_height)),
        bytes: i64::try_from(made.full.len() + made.small.len()).unwrap_or(i64::MAX),
        blurhash: made.blurhash,
    };
    ctx.blobs().put(name, made.full.into()).await?;
    ctx.blobs().put(&small(name), made.small.into()).await?;
    if store::media::set_stored(&mut *ctx.pool.get().await?, id, &stored, ctx.now()).await? {
        return Ok(());
    }
    // Its post was deleted in the meantime.
    ctx.blobs().delete(name).await?;
    ctx.blobs().delete(&small(name)).await?;
    Err(Error::NotFound)
}

fn check_description(text: &str) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length > MAX_DESCRIPTION {
        let words = format!("This description has {length} characters. The limit is {MAX_DESCRIPTION}.");
        return Err(Error::invalid("description", words));
    }
    Ok(text.to_owned())
}

/// One's own picture.
pub async fn find(ctx: &Ctx, viewer: &Viewer, id: MediaId) -> Result<Media> {
    let me = moderation::require_account(viewer)?;
    let found = store::media::find_own(&mut *ctx.pool.get().await?, me, id).await?;
    found.map(|(media, _)| media).ok_or(Error::NotFound)
}

/// New words for one's own picture; none leaves them as they are. Of a picture that was posted other servers are told them, too. One
/// that was posted in a group, or is to be at a time, keeps its words: they went past the gate and the moderators.
///
/// # Errors
/// [`Error::Invalid`] where they are too long, or the picture is part of a post in a group, or of one that waits for its time.
pub async fn describe(
    ctx: &Ctx,
    viewer: &Viewer,
    id: MediaId,
    description: Option<&str>,
    focus: Option<(f64, f64)>,
) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let description = description.map(check_description).transpose()?;
    let posted = store::media::find_own(&mut *ctx.pool.get().await?, me, id).await?.and_then(|(_, post)| post);
    if let (Some(_), Some(post)) = (&description, posted) {
        // New words are a new publication.
        let post = store::posts::get_or_gone(&mut *ctx.pool.get().await?, post).await?;
        demands::may_rewrite(ctx, me, post.visibility, &[], post.reply_to_id).await?;
    }
    let mut tx = ctx.tx().await?;
    let (known, post) = store::media::find_own(&mut tx, me, id).await?.ok_or(Error::NotFound)?;
    let plain = |text: &str| text.replace("\r\n", "\n");
    let is_new = description.as_deref().is_some_and(|new| plain(new) != plain(&known.description));
    if let (true, Some(post)) = (is_new, post) {
        let post = store::posts::lock(&mut tx, post).await?;
        if post.group_id.is_some() {
            let words =
                "In a group a picture keeps its description: take the picture out, and add it again with other words.";
            return Err(Error::invalid("pictures", words));
        }
        store::posts::set_edited(&mut tx, post.id, ctx.now()).await?;
        posts::tell(&mut tx, &post, &Event::Update { post: post.id }).await?;
    } else if is_new && scheduled::waits_in_group(ctx, &mut tx, id).await? {
        let words = "This answer waits for its time, and its pictures keep their words: discard it, and write it anew.";
        return Err(Error::invalid("pictures", words));
    }
    store::media::describe(&mut tx, me, id, description.as_deref(), focus).await?;
    tx.commit().await
}

/// Deletes one's own picture that is part of no post.
pub async fn discard(ctx: &Ctx, viewer: &Viewer, id: MediaId) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let mut conn = ctx.pool.get().await?;
    match store::media::find_own(&mut conn, me, id).await? {
        None => Err(Error::NotFound),
        Some((_, Some(_))) => {
            Err(Error::invalid("id", "This picture is part of a post. Take it out of the post first."))
        }
        Some((_, None)) => store::media::delete_loose(&mut conn, me, id).await.map(drop),
    }
}

/// One's own pictures that are part of no post yet, or of `post`, each once and in order.
///
/// # Errors
/// [`Error::Invalid`] where one of them is not there, or there are too many.
pub(in crate::service) async fn loose(
    ctx: &Ctx,
    conn: &mut store::Conn,
    me: AccountId,
    mut ids: Vec<MediaId>,
    post: Option<PostId>,
) -> Result<Vec<MediaId>> {
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    let most = ctx.config.media.per_post;
    if ids.len() > most {
        return Err(Error::invalid("media_ids", format!("A post may have {most} pictures.")));
    }
    if ids.is_empty() {
        return Ok(ids);
    }
    let mut known: Vec<MediaId> =
        store::media::list_loose(conn, me, ids.clone()).await?.into_iter().map(|m| m.id).collect();
    if let Some(post) = post {
        known.extend(store::media::list_of(conn, post).await?.into_iter().map(|m| m.id));
    }
    if ids.iter().all(|id| known.contains(id)) {
        Ok(ids)
    } else {
        Err(Error::invalid("media_ids", "A picture is missing or part of another post. Please add it again."))
    }
}

/// The point that stays in view, from "x,y".
pub fn focus(text: &str) -> Option<(f64, f64)> {
    let (x, y) = text.split_once(',')?;
    let number = |t: &str| t.trim().parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| n.clamp(-1.0, 1.0));
    Some((number(x)?, number(y)?))
}
