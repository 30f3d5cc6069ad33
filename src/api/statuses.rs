//! Posts: writing, reading, deleting, and what one does with them.

use actix_web::{http::StatusCode, web};
use chrono::{DateTime, Utc};

use super::{
    auth::Call,
    entity::{self, Context, StatusEdit, StatusSource},
    error::{Answer, Fault},
    json, page,
    params::Params,
};
use crate::{
    error::{Error, FieldError, Result},
    model::{AccountId, MediaId, Post, PostCard, PostId, Visibility},
    policy::Viewer,
    service::{
        cases::Mark,
        media, pins,
        polls::NewPoll,
        posts,
        posts::{Change, Draft, Markup, NewPost, Pictures, Stays},
        profiles, reactions, scheduled, shuns,
    },
    text::{identifiers, sanitize},
};

/// Longest list of ids in one request.
const MOST_IDS: usize = 40;

async fn one(call: &Call, viewer: &Viewer, card: PostCard) -> Answer {
    let status = entity::statuses(&call.ctx, viewer, &[card]).await?.pop();
    status.map(|status| json(&status)).ok_or_else(|| Error::NotFound.into())
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

/// `GET /api/v1/statuses`
pub(super) async fn several(call: Call) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let mut ids: Vec<PostId> = call.params.ids("id");
    ids.truncate(MOST_IDS);
    let cards = posts::several(&call.ctx, &viewer, ids).await?;
    Ok(json(&entity::statuses(&call.ctx, &viewer, &cards).await?))
}

/// `GET /api/v1/statuses/{id}/context`
pub(super) async fn context(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let thread = posts::thread(&call.ctx, &viewer, *id, None).await?;
    let replies: Vec<PostCard> = thread.replies.into_iter().map(|(_, card)| card).collect();
    Ok(json(&Context {
        ancestors: entity::statuses(&call.ctx, &viewer, &thread.ancestors).await?,
        descendants: entity::statuses(&call.ctx, &viewer, &replies).await?,
    }))
}

fn visibility(params: &Params, usual: Visibility) -> Result<Visibility> {
    match params.text("visibility").as_deref() {
        None | Some("") => Ok(usual),
        Some("public") => Ok(Visibility::Public),
        Some("unlisted") => Ok(Visibility::Unlisted),
        Some("private") => Ok(Visibility::Followers),
        Some("direct") => Ok(Visibility::Direct),
        Some(_) => Err(Error::invalid("visibility", "Visibility is not included in the list")),
    }
}

/// The poll of a request, where it has one.
fn poll(params: &Params) -> Option<NewPoll> {
    let poll = params.inner("poll");
    let options: Vec<String> = poll.list("options");
    (!options.is_empty()).then(|| NewPoll {
        options,
        seconds: poll.number("expires_in").unwrap_or(86_400),
        multiple: poll.flag("multiple").unwrap_or(false),
        hide_totals: poll.flag("hide_totals").unwrap_or(false),
    })
}

/// When a post is to be published, where that is not now.
pub(super) fn scheduled_at(params: &Params) -> Result<Option<DateTime<Utc>>, Fault> {
    let Some(text) = params.text("scheduled_at").filter(|t| !t.trim().is_empty()) else { return Ok(None) };
    let parsed = DateTime::parse_from_rfc3339(text.trim()).map(|at| at.to_utc());
    let parsed =
        parsed.or_else(|_| text.trim().trim_end_matches('Z').parse::<chrono::NaiveDateTime>().map(|at| at.and_utc()));
    let unreadable =
        |_| Fault::Whole(serde_json::json!({ "error": "Record invalid" }), StatusCode::UNPROCESSABLE_ENTITY);
    parsed.map(Some).map_err(unreadable)
}

/// `POST /api/v1/statuses`: a post, or (with `scheduled_at`) one that waits for its time.
pub(super) async fn publish(call: Call) -> Answer {
    let viewer = call.own("write:statuses")?;
    let preferred = crate::service::accounts::own(&call.ctx, &viewer).await?.default_visibility;
    let reply_to = match call.params.text("in_reply_to_id").filter(|id| !id.is_empty()) {
        Some(id) => Some(id.parse().map_err(|_| Error::NotFound)?),
        None => None,
    };
    let warning = call.params.text("spoiler_text").unwrap_or_default();
    let text = call.params.text("status").unwrap_or_default();
    let media: Vec<MediaId> = call.params.ids("media_ids");
    if text.trim().is_empty() && media.is_empty() {
        return Err(Error::invalid("status", "Text can't be blank").into());
    }
    if media.len() < call.params.list("media_ids").len() {
        return Err(Error::invalid("media_ids", "Media not found").into());
    }
    let at = scheduled_at(&call.params)?;
    let new = NewPost {
        text,
        markup: Markup::Plain,
        sensitive: call.params.flag("sensitive").unwrap_or(false),
        warning,
        language: call.params.text("language").unwrap_or_default(),
        visibility: visibility(&call.params, preferred)?,
        reply_to,
        media,
        poll: poll(&call.params),
        interests: call.params.text("interests").unwrap_or_default(),
        app: call.token("write:statuses")?.app_id,
        once: call.idempotency_key.clone(),
        stays: call.params.text("keep_identifiers").map(Stays::All).unwrap_or_default(),
        ..NewPost::default()
    };
    if let Some(at) = at {
        let done = scheduled::schedule(&call.ctx, &viewer, new.clone(), at).await;
        let id = settled(&call, &viewer, &new, done).await?;
        let waiting = scheduled::get(&call.ctx, &viewer, id).await?;
        return Ok(json(&entity::scheduled(&call.ctx, &viewer, &waiting)?));
    }
    let done = posts::publish(&call.ctx, &viewer, new.clone()).await;
    let id = settled(&call, &viewer, &new, done).await?;
    shown(&call, &viewer, id).await
}

/// What became of a post; where it was refused for what could identify a patient, with the places of that.
async fn settled<T>(call: &Call, viewer: &Viewer, new: &NewPost, done: Result<T>) -> Result<T, Fault> {
    match done {
        Err(Error::Invalid(faults)) if is_of_marks(&faults) => {
            let marks = posts::marks(&call.ctx, viewer, new).await?;
            Err(unsettled(&marks, new, faults))
        }
        done => done.map_err(Fault::from),
    }
}

/// The same of new words for a post.
async fn unsettled_edit(call: &Call, post: &Post, draft: Draft, error: Error) -> Fault {
    match error {
        Error::Invalid(faults) if is_of_marks(&faults) => {
            let marks = match posts::marks_of_edit(&call.ctx, post, &draft).await {
                Ok(marks) => marks,
                Err(error) => return error.into(),
            };
            let poll = if let Change::Replace(poll) = draft.poll { Some(poll) } else { None };
            let new = NewPost { text: draft.text, warning: draft.warning, poll, ..NewPost::default() };
            unsettled(&marks, &new, faults)
        }
        error => error.into(),
    }
}

fn is_of_marks(faults: &[FieldError]) -> bool {
    faults.iter().any(|one| one.field == "marks")
}

fn unsettled(marks: &[Mark], new: &NewPost, faults: Vec<FieldError>) -> Fault {
    let found: Vec<_> = marks.iter().filter(|mark| mark.reason.is_none()).map(|mark| identifier(new, mark)).collect();
    let words = Error::Invalid(faults).public();
    let body = serde_json::json!({ "error": format!("Validation failed: {words}"), "identifiers": found });
    Fault::Whole(body, StatusCode::UNPROCESSABLE_ENTITY)
}

/// A mark as an app reads it: the parameter that it is in, and where in it, in Unicode code points. The words are its own to
/// cut out.
fn identifier(new: &NewPost, mark: &Mark) -> serde_json::Value {
    let choice = mark.field.strip_prefix("choice-").and_then(|n| n.parse::<usize>().ok()?.checked_sub(1));
    let picture = mark.field.strip_prefix("picture-");
    let options = new.poll.as_ref().map(|poll| poll.options.as_slice()).unwrap_or_default();
    let (field, text) = match (mark.field.as_str(), choice, picture) {
        (_, Some(place), _) => ("poll", options.get(place).map(String::as_str)),
        (_, _, Some(_)) => ("media_ids", None),
        ("warning", ..) => ("spoiler_text", Some(new.warning.as_str())),
        ("interests", ..) => ("interests", Some(new.interests.as_str())),
        _ => ("status", Some(new.text.as_str())),
    };
    let place = text.map(|text| identifiers::code_points(text, &(mark.start..mark.end)));
    serde_json::json!({
        "field": field,
        "media_id": picture,
        "option": choice,
        "kind": mark.kind.as_str(),
        "start": place.map(|place| place.0),
        "end": place.map(|place| place.1),
        "suggestion": mark.suggestion,
    })
}

/// `PUT /api/v1/statuses/{id}`
pub(super) async fn edit(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:statuses")?;
    let (post, known) = posts::draft(&call.ctx, &viewer, *id).await?;
    let pictures =
        (call.params.has("media_ids") || call.params.has("media_attributes")).then(|| call.params.ids("media_ids"));
    let draft = Draft {
        text: call.params.text("status").unwrap_or(known.text),
        warning: call.params.text("spoiler_text").unwrap_or(known.warning),
        language: call.params.text("language").unwrap_or(known.language),
        sensitive: call.params.flag("sensitive").unwrap_or(known.sensitive),
        media: pictures.clone(),
        poll: match poll(&call.params) {
            Some(poll) => Change::Replace(poll),
            None if call.params.has("poll") => Change::Remove,
            None => Change::Keep,
        },
        stays: call.params.text("keep_identifiers").map(Stays::All).unwrap_or_default(),
    };
    if draft.text.trim().is_empty() && pictures.is_some_and(|p| p.is_empty()) {
        return Err(Error::invalid("status", "Text can't be blank").into());
    }
    for change in call.params.inners("media_attributes") {
        let Some(media_id) = change.text("id").and_then(|id| id.parse().ok()) else { continue };
        let focus = change.text("focus").and_then(|f| media::focus(&f));
        media::describe(&call.ctx, &viewer, media_id, change.text("description").as_deref(), focus).await?;
    }
    if let Err(error) = posts::edit(&call.ctx, &viewer, *id, draft.clone()).await {
        return Err(unsettled_edit(&call, &post, draft, error).await);
    }
    shown(&call, &viewer, *id).await
}

/// `GET /api/v1/statuses/{id}/source`
pub(super) async fn source(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("read:statuses")?;
    let (_, draft) = posts::draft(&call.ctx, &viewer, *id).await?;
    Ok(json(&StatusSource { id: id.to_string(), text: draft.text, spoiler_text: draft.warning }))
}

/// `GET /api/v1/statuses/{id}/history`: oldest first, the last is what it says now.
pub(super) async fn history(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let (card, earlier) = posts::history(&call.ctx, &viewer, *id).await?;
    let author = profiles::by_ids(&call.ctx, vec![card.author.id]).await?.pop().ok_or(Error::NotFound)?;
    let author = entity::account(&call.ctx, &author);
    let version = |html: &str, warning: &str, at| StatusEdit {
        content: html.to_owned(),
        spoiler_text: sanitize::escape(warning),
        sensitive: card.post.sensitive || !warning.is_empty(),
        created_at: entity::stamp(at),
        account: author.clone(),
        media_attachments: Vec::new(),
        emojis: Vec::new(),
    };
    let mut versions: Vec<_> = earlier.iter().map(|e| version(&e.html, &e.warning, e.written_at)).collect();
    let now = card.post.edited_at.unwrap_or(card.post.published_at);
    let open = card.post.visibility.is_open();
    let pictures: Result<Vec<_>> =
        card.media.0.iter().map(|m| entity::attachment(&call.ctx, &viewer, m, open)).collect();
    let mut last = version(&card.post.html, &card.post.warning, now);
    last.media_attachments = pictures?;
    versions.push(last);
    Ok(json(&versions))
}

/// `DELETE /api/v1/statuses/{id}`: the post once more, with what was typed, to write it anew.
pub(super) async fn delete(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:statuses")?;
    let (_, draft) = posts::draft(&call.ctx, &viewer, *id).await?;
    let card = posts::read(&call.ctx, &viewer, *id).await?;
    let mut status = entity::statuses(&call.ctx, &viewer, &[card]).await?.pop().ok_or(Error::NotFound)?;
    let pictures = if call.params.flag("delete_media").unwrap_or(false) { Pictures::Delete } else { Pictures::Loosen };
    posts::delete(&call.ctx, &viewer, *id, pictures).await?;
    status.text = Some(draft.text);
    Ok(json(&status))
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

/// `POST /api/v1/statuses/{id}/pin`
pub(super) async fn pin(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:accounts")?;
    let id = original(&call, &viewer, *id).await?;
    pins::pin(&call.ctx, &viewer, id).await?;
    shown(&call, &viewer, id).await
}

/// `POST /api/v1/statuses/{id}/unpin`
pub(super) async fn unpin(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:accounts")?;
    let id = original(&call, &viewer, *id).await?;
    pins::unpin(&call.ctx, &viewer, id).await?;
    shown(&call, &viewer, id).await
}

/// `POST /api/v1/statuses/{id}/mute`: the thread that it is in.
pub(super) async fn mute(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:mutes")?;
    let id = original(&call, &viewer, *id).await?;
    shuns::mute_thread(&call.ctx, &viewer, id).await?;
    shown(&call, &viewer, id).await
}

/// `POST /api/v1/statuses/{id}/unmute`
pub(super) async fn unmute(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.own("write:mutes")?;
    let id = original(&call, &viewer, *id).await?;
    shuns::unmute_thread(&call.ctx, &viewer, id).await?;
    shown(&call, &viewer, id).await
}

/// `GET /api/v1/statuses/{id}/favourited_by`
pub(super) async fn favourited_by(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let page = page::asked(&call, 40);
    let listed = reactions::likers(&call.ctx, &viewer, *id, &page).await?;
    page::people(&call, &page, &listed).await
}

/// `GET /api/v1/statuses/{id}/reblogged_by`
pub(super) async fn reblogged_by(call: Call, id: web::Path<PostId>) -> Answer {
    let viewer = call.viewer("read:statuses")?;
    let page = page::asked(&call, 40);
    let listed = reactions::boosters(&call.ctx, &viewer, *id, &page).await?;
    page::people(&call, &page, &listed).await
}

/// Those of a list of ids that are people's.
pub(super) fn people_ids(params: &Params, name: &str) -> Vec<AccountId> {
    let mut ids: Vec<AccountId> = params.ids(name);
    ids.truncate(80);
    ids
}
