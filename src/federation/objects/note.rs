use activitypub_federation::{config::Data, fetch::object_id::ObjectId, traits::Object};
use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use super::RemoteActor;
use crate::{
    error::{Error, Result},
    federation::{Fed, FedData, wire},
    model::{Account, AccountKind, GroupKind, Held, Post},
    service::{
        groups,
        remote::{self, RemotePost},
    },
    text::handle,
};

/// What stands at an address of another server: a post, or, as people paste both, somebody.
#[derive(Debug, Clone)]
pub enum RemoteNote {
    /// A post.
    Post(Box<Post>, Url),
    /// Somebody.
    Actor(Box<Account>, Url),
}

#[async_trait]
impl Object for RemoteNote {
    type DataType = Fed;
    type Kind = Value;
    type Error = Error;

    fn id(&self) -> &Url {
        match self {
            Self::Post(_, id) | Self::Actor(_, id) => id,
        }
    }

    async fn read_from_id(id: Url, data: &Data<Fed>) -> Result<Option<Self>> {
        if let Some(post) = remote::post_by_uri(&data.ctx, id.as_str()).await? {
            return if post.deleted_at.is_some() { Err(Error::Gone) } else { Ok(Some(Self::Post(Box::new(post), id))) };
        }
        let account = remote::account_by_uri(&data.ctx, id.as_str()).await?;
        Ok(account.map(|a| Self::Actor(Box::new(a), id)))
    }

    async fn into_json(self, _: &Data<Fed>) -> Result<Value> {
        Err(Error::NotFound)
    }

    async fn verify(json: &Value, expected: &Url, data: &Data<Fed>) -> Result<()> {
        RemoteActor::verify(json, expected, data).await
    }

    async fn from_json(mut json: Value, data: &Data<Fed>) -> Result<Self> {
        wire::value::without_nul(&mut json);
        if wire::actor::kind(&json).is_some() {
            let actor = RemoteActor::from_json(json, data).await?;
            let id = actor.id().clone();
            return Ok(Self::Actor(Box::new(actor.0), id));
        }
        // What is in a group that is not for everybody comes through that group, and on no other way.
        if let Some(audience) = wire::value::id(&json, "audience")
            && groups::by_uri(&data.ctx, audience).await?.is_some_and(|(_, how)| how.kind != GroupKind::Open)
        {
            return Err(Error::refused("", "a post of a group that has not told us of it"));
        }
        let (_, post) = to_remote_post(&json, data, true).await?;
        remote::store_posts(&data.ctx, std::slice::from_ref(&post)).await?;
        let id = Url::parse(&post.uri).map_err(|_| Error::refused("", "a post id that is no address"))?;
        let stored = remote::post_by_uri(&data.ctx, &post.uri).await?.ok_or(Error::NotFound)?;
        Ok(Self::Post(Box::new(stored), id))
    }
}

/// Reads a post and finds its author, asking their server where we do not know them yet.
pub async fn to_remote_post(json: &Value, data: &FedData, wanted: bool) -> Result<(Account, RemotePost)> {
    let bare = wire::note::read(json, None).map_err(|e| Error::refused("", e.0))?;
    let id = Url::parse(&bare.author).map_err(|_| Error::refused("", "an author that is no address"))?;
    if handle::host_of(&id).as_deref() == Some(data.ctx.config.instance.host().as_str()) {
        return Err(Error::refused("", "a post of ours from elsewhere"));
    }
    let author = ObjectId::<RemoteActor>::from(id).dereference(data).await?.0;
    if author.uri != bare.author {
        return Err(Error::refused("", "the author answers with somebody else"));
    }
    let post = with_author(json, &author, data, wanted)?;
    Ok((author, post))
}

/// Reads a post of somebody we know.
pub(in crate::federation) fn with_author(
    json: &Value,
    author: &Account,
    data: &FedData,
    wanted: bool,
) -> Result<RemotePost> {
    let note = wire::note::read(json, author.followers_uri.as_deref()).map_err(|e| Error::refused("", e.0))?;
    let now = data.ctx.now();
    // A list goes by time of publication: nobody stands on top of it by claiming tomorrow, or 1970.
    let published_at = note.published.filter(|at| *at <= now && at.timestamp() > 0).unwrap_or(now);
    Ok(RemotePost {
        uri: note.id,
        url: note.url,
        author: author.id,
        kind: note.kind,
        visibility: note.visibility,
        reply_to: note.reply_to,
        title: note.title,
        warning: note.warning,
        html: note.html,
        language: note.language,
        published_at,
        edited_at: note.updated.filter(|at| *at > published_at).map(|at| at.min(now)),
        mentions: note.mentions,
        tags: note.tags,
        sensitive: note.sensitive,
        media: note.media,
        poll: note.poll,
        case: note.case,
        // Only a group says of a post of its own how whoever asked is shown.
        label: if author.kind == AccountKind::Group { note.label } else { String::new() },
        interests: note.interests,
        sources: note.sources,
        struck: note.struck,
        topic: note.topic,
        group: None,
        held: Held::No,
        wanted,
        late: false,
    })
}
