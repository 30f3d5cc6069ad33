use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use url::Url;

use super::{Purpose, bounds, small, upload::store_files};
use crate::{
    error::{Error, Result},
    model::{Account, Group, MediaFile},
    picture,
    policy::Viewer,
    service::{Ctx, groups, posts, remote},
    store,
    text::handle,
};

/// Which version of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// As it was sent.
    Full,
    /// For lists.
    Small,
}

/// A file to hand out.
#[derive(Debug, Clone)]
pub struct File {
    /// What it holds.
    pub bytes: Bytes,
    /// Its media type: that of a picture, always.
    pub mime: String,
    /// Everybody may see it, and caches may keep it.
    pub open: bool,
}

/// A picture as the viewer may see it. One of another server is fetched when it is first looked at, by us: no reader's
/// browser ever asks another server.
///
/// # Errors
/// [`Error::NotFound`] also for what is not for this viewer; [`Error::Remote`] where its server does not give it.
pub async fn open(ctx: &Ctx, viewer: &Viewer, name: &str, size: Size) -> Result<File> {
    let (file, open) = ready(ctx, viewer, name).await?;
    let seen = ctx.now();
    if file.remote_url.is_some() {
        store::media::touch(&mut *ctx.pool.get().await?, file.id, seen).await?;
    }
    match handed_out(ctx, &file, open, name, size).await {
        // The sweep was at work at the same time: the copy is made once more.
        Err(Error::NotFound) if file.remote_url.is_some() => {
            store::media::unset_stored(&mut *ctx.pool.get().await?, file.id, seen).await?;
            let (file, open) = ready(ctx, viewer, name).await?;
            handed_out(ctx, &file, open, name, size).await
        }
        done => done,
    }
}

/// The row of a picture whose files are there, and whether it is for everybody.
async fn ready(ctx: &Ctx, viewer: &Viewer, name: &str) -> Result<(MediaFile, bool)> {
    let (file, open) = allowed(ctx, viewer, name).await?;
    match (&file.remote_url, file.stored) {
        (_, true) => Ok((file, open)),
        (None, false) => Err(Error::NotFound),
        (Some(url), false) => {
            fetch_once(ctx, viewer, &file, url, name).await?;
            allowed(ctx, viewer, name).await
        }
    }
}

async fn handed_out(ctx: &Ctx, file: &MediaFile, open: bool, name: &str, size: Size) -> Result<File> {
    let (key, mime) = match size {
        Size::Full => (name.to_owned(), &file.mime),
        Size::Small => (small(name), &file.small_mime),
    };
    Ok(File { bytes: ctx.blobs().get(&key).await?, mime: mime.clone(), open })
}

/// The row, and whether it is for everybody.
async fn allowed(ctx: &Ctx, viewer: &Viewer, name: &str) -> Result<(MediaFile, bool)> {
    let mut conn = ctx.pool.read().await?;
    let now = ctx.now();
    let file = store::media::find_file(&mut conn, viewer, name, now).await?.ok_or(Error::NotFound)?;
    let open = file.purpose != Purpose::Post
        || store::media::find_file(&mut conn, &Viewer::Anonymous, name, now).await?.is_some();
    Ok((file, open))
}

/// Fetches a picture of another server. Whoever asks while that is under way waits for the same fetch.
async fn fetch_once(ctx: &Ctx, viewer: &Viewer, file: &MediaFile, url: &str, name: &str) -> Result<()> {
    let turn = ctx.fetching.get_with(file.id, || std::sync::Arc::new(tokio::sync::Mutex::new(())));
    let patience = Duration::from_secs(ctx.config.federation.request_seconds * 2);
    let _mine = tokio::time::timeout(patience, turn.lock()).await.map_err(|_| Error::Unavailable)?;
    let again = store::media::find_file(&mut *ctx.pool.get().await?, viewer, name, ctx.now()).await?;
    let again = again.ok_or(Error::NotFound)?;
    if again.stored {
        return Ok(());
    }
    if !again.may_fetch {
        return Err(Error::NotFound);
    }
    let fetched = fetch(ctx, file, url, name).await;
    if fetched.is_err() {
        let later = ctx.now() + TimeDelta::minutes(15);
        store::media::set_retry(&mut *ctx.pool.get().await?, file.id, later).await?;
    }
    fetched
}

async fn fetch(ctx: &Ctx, file: &MediaFile, url: &str, name: &str) -> Result<()> {
    let url = Url::parse(url).map_err(|_| Error::refused("", "a picture without an address"))?;
    let bounds = bounds(ctx);
    let group = group_of(ctx, file, &url).await?;
    let bytes = ctx.remote()?.file(&url, bounds.bytes, group.as_ref()).await?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let made =
        ctx.heavy(move || picture::make(&bytes, bounds).map_err(|refused| Error::refused(host, refused.0))).await?;
    store_files(ctx, file.id, name, made).await
}

/// The group that a picture's post is in, where the server of its author keeps the picture.
async fn group_of(ctx: &Ctx, file: &MediaFile, url: &Url) -> Result<Option<(Account, Group)>> {
    let Some(post) = file.post_id else { return Ok(None) };
    let post = posts::raw(ctx, post).await?;
    let author = remote::account(ctx, post.author_id).await?;
    if author.host.is_none() || author.host != handle::host_of(url) {
        return Ok(None);
    }
    groups::of_post(ctx, &post).await
}
