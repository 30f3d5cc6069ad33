//! Posts: writing, reading, deleting, and what one does with them.

use actix_web::web;
use serde_json::json;

use super::{auth::Call, entity, error::Answer, json as answer, page};
use crate::{
    error::{Error, Result},
    model::{AccountId, Author, PostCard, PostId, Visibility},
    policy::Viewer,
    service::{
        Page, Paged, posts,
        posts::{Draft, Markup, NewPost},
        profiles, reactions,
    },
    text::sanitize,
};

async fn one(call: &Call, viewer: &Viewer, card: PostCard) -> Answer {
    let status = entity::statuses(&call.ctx, viewer, &[card]).await?.pop();
    status.map(|status| answer(&status)).ok_or_else(|| Error::NotFound.into())
}

async fn shown(call: &Call, viewer: &Viewer, id: PostId) -> Answer {
    let card = posts::entry(&call.ctx, viewer, id).await?;
    one(call, viewer, card).await
}

/// `GET /api/v1/statuses/{id}`
pub(super) async fn read(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    shown(&call, &viewer, *id).await
}

/// `GET /api/v1/statuses/{id}/context`
pub(super) async fn context(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let thread = posts::thread(&call.ctx, &viewer, *id).await?;
    let replies: Vec<PostCard> = thread.replies.into_iter().map(|(_, card)| card).collect();
    Ok(answer(&json!({
        "ancestors": entity::statuses(&call.ctx, &viewer, &thread.ancestors).await?,
        "descendants": entity::statuses(&call.ctx, &viewer, &replies).await?,
    })))
}

/// `POST /api/v1/statuses`
pub(super) async fn publish(call: Call) -> Answer {
    let viewer = call.own("write:statuses")?;
    refuse_what_is_not_there(&call)?;
    let preferred = crate::service::accounts::own(&call.ctx, &viewer).await?.default_visibility;
    let visibility = match call.params.text("visibility").as_deref() {
        None | Some("") => preferred,
        Some("public") => Visibility::Public,
        Some("unlisted") => Visibility::Unlisted,
        Some("private") => Visibility::Followers,
        Some("direct") => Visibility::Direct,
        Some(_) => return Err(Error::invalid("visibility", "Visibility is not included in the list").into()),
    };
    let reply_to = match call.params.text("in_reply_to_id").filter(|id| !id.is_empty()) {
        Some(id) => Some(id.parse().map_err(|_| Error::NotFound)?),
        None => None,
    };
    let new = NewPost {
        text: call.params.text("status").unwrap_or_default(),
        markup: Markup::Plain,
        warning: call.params.text("spoiler_text").unwrap_or_default(),
        language: call.params.text("language").unwrap_or_default(),
        visibility,
        reply_to,
    };
    if new.text.trim().is_empty() {
        return Err(Error::invalid("status", "Text can't be blank").into());
    }
    let id = posts::publish(&call.ctx, &viewer, new).await?;
    shown(&call, &viewer, id).await
}

/// `PUT /api/v1/statuses/{id}`: new words; who may read it stays as it was.
pub(super) async fn edit(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:statuses")?;
    refuse_what_is_not_there(&call)?;
    let (_, known) = posts::draft(&call.ctx, &viewer, *id).await?;
    let draft = Draft {
        text: call.params.text("status").unwrap_or(known.text),
        warning: call.params.text("spoiler_text").unwrap_or(known.warning),
        language: call.params.text("language").unwrap_or(known.language),
    };
    if draft.text.trim().is_empty() {
        return Err(Error::invalid("status", "Text can't be blank").into());
    }
    posts::edit(&call.ctx, &viewer, *id, draft).await?;
    shown(&call, &viewer, *id).await
}

/// `GET /api/v1/statuses/{id}/source`
pub(super) async fn source(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("read:statuses")?;
    let (_, draft) = posts::draft(&call.ctx, &viewer, *id).await?;
    Ok(answer(&json!({ "id": id.to_string(), "text": draft.text, "spoiler_text": draft.warning })))
}

/// `GET /api/v1/statuses/{id}/history`: oldest first, the last is what it says now.
pub(super) async fn history(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let (card, earlier) = posts::history(&call.ctx, &viewer, *id).await?;
    let author = profiles::by_ids(&call.ctx, vec![card.author.id]).await?.pop().ok_or(Error::NotFound)?;
    let author = entity::account(&call.ctx, &author);
    let version = |html: &str, warning: &str, at| {
        json!({ "content": html, "spoiler_text": sanitize::escape(warning), "sensitive": !warning.is_empty(),
                "created_at": entity::stamp(at), "account": author, "media_attachments": [], "emojis": [] })
    };
    let mut versions: Vec<_> = earlier.iter().map(|e| version(&e.html, &e.warning, e.written_at)).collect();
    let now = card.post.edited_at.unwrap_or(card.post.published_at);
    versions.push(version(&card.post.html, &card.post.warning, now));
    Ok(answer(&versions.into()))
}

/// Says so in words where a client asks for what this server does not have.
fn refuse_what_is_not_there(call: &Call) -> Result<()> {
    for unknown in ["media_ids", "poll", "scheduled_at"] {
        if !call.params.list(unknown).is_empty() || call.params.inner(unknown).has("options") {
            return Err(Error::invalid(unknown, format!("This server has no {unknown}")));
        }
    }
    Ok(())
}

/// `DELETE /api/v1/statuses/{id}`
pub(super) async fn delete(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:statuses")?;
    let (_, draft) = posts::draft(&call.ctx, &viewer, *id).await?;
    let card = posts::read(&call.ctx, &viewer, *id).await?;
    let mut status = entity::statuses(&call.ctx, &viewer, &[card]).await?.pop().ok_or(Error::NotFound)?;
    posts::delete(&call.ctx, &viewer, *id).await?;
    if let Some(status) = status.as_object_mut() {
        status.insert("text".into(), draft.text.into());
    }
    Ok(answer(&status))
}

/// What the id of a status names: the post itself, of a boost the post that it passes on.
async fn original(call: &Call, viewer: &Viewer, id: PostId) -> Result<PostId> {
    Ok(posts::entry(&call.ctx, viewer, id).await?.post.id)
}

/// `POST /api/v1/statuses/{id}/favourite`
pub(super) async fn favourite(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:favourites")?;
    let id = original(&call, &viewer, *id).await?;
    reactions::like(&call.ctx, &viewer, id).await?;
    shown(&call, &viewer, id).await
}

/// `POST /api/v1/statuses/{id}/unfavourite`
pub(super) async fn unfavourite(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:favourites")?;
    let id = original(&call, &viewer, *id).await?;
    reactions::unlike(&call.ctx, &viewer, id).await?;
    shown(&call, &viewer, id).await
}

/// `POST /api/v1/statuses/{id}/reblog`: the boost, with the post inside.
pub(super) async fn reblog(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:statuses")?;
    let id = original(&call, &viewer, *id).await?;
    let boost = reactions::boost(&call.ctx, &viewer, id).await?;
    shown(&call, &viewer, boost).await
}

/// `POST /api/v1/statuses/{id}/unreblog`: the post itself.
pub(super) async fn unreblog(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:statuses")?;
    let id = original(&call, &viewer, *id).await?;
    reactions::unboost(&call.ctx, &viewer, id).await?;
    shown(&call, &viewer, id).await
}

/// `POST /api/v1/statuses/{id}/bookmark`
pub(super) async fn bookmark(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:bookmarks")?;
    let id = original(&call, &viewer, *id).await?;
    reactions::bookmark(&call.ctx, &viewer, id).await?;
    shown(&call, &viewer, id).await
}

/// `POST /api/v1/statuses/{id}/unbookmark`
pub(super) async fn unbookmark(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:bookmarks")?;
    let id = original(&call, &viewer, *id).await?;
    reactions::unbookmark(&call.ctx, &viewer, id).await?;
    shown(&call, &viewer, id).await
}

/// `GET /api/v1/statuses/{id}/favourited_by`
pub(super) async fn favourited_by(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let page = page::asked(&call, 40);
    let listed = reactions::likers(&call.ctx, &viewer, *id, &page).await?;
    people(&call, &page, &listed).await
}

/// `GET /api/v1/statuses/{id}/reblogged_by`
pub(super) async fn reblogged_by(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let page = page::asked(&call, 40);
    let listed = reactions::boosters(&call.ctx, &viewer, *id, &page).await?;
    people(&call, &page, &listed).await
}

async fn people(call: &Call, page: &Page, listed: &Paged<(i64, Author)>) -> Answer {
    let keys = listed.items.first().map(|f| f.0).zip(listed.items.last().map(|f| f.0));
    let ids: Vec<AccountId> = listed.items.iter().map(|(_, author)| author.id).collect();
    let found = profiles::by_ids(&call.ctx, ids).await?;
    let items = found.iter().map(|account| entity::account(&call.ctx, account)).collect();
    Ok(page::answer(call, page, listed, keys, items))
}
