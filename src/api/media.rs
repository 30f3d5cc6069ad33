//! Pictures.

use actix_web::web;

use super::{auth::Call, entity, error::Answer, json};
use crate::{
    error::Error,
    model::MediaId,
    service::media::{self, focus},
};

/// `POST /api/v2/media` and `POST /api/v1/media`: it is ready when the answer comes.
pub(super) async fn upload(call: Call) -> Answer {
    let viewer = call.own("write:media")?;
    let file = call.params.file("file").ok_or_else(|| Error::invalid("file", "File can't be blank"))?;
    let description = call.params.text("description").unwrap_or_default();
    let point = call.params.text("focus").and_then(|f| focus(&f));
    let made = media::upload(&call.ctx, &viewer, file, &description, point).await?;
    Ok(json(&entity::attachment(&call.ctx, &viewer, &made, false)?))
}

/// `GET /api/v1/media/{id}`
pub(super) async fn read(call: Call, id: web::Path<MediaId>) -> Answer {
    let viewer = call.own("write:media")?;
    let found = media::find(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::attachment(&call.ctx, &viewer, &found, false)?))
}

/// `PUT /api/v1/media/{id}`
pub(super) async fn describe(call: Call, id: web::Path<MediaId>) -> Answer {
    let viewer = call.own("write:media")?;
    let point = call.params.text("focus").and_then(|f| focus(&f));
    media::describe(&call.ctx, &viewer, *id, call.params.text("description").as_deref(), point).await?;
    let found = media::find(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::attachment(&call.ctx, &viewer, &found, false)?))
}

/// `DELETE /api/v1/media/{id}`
pub(super) async fn discard(call: Call, id: web::Path<MediaId>) -> Answer {
    let viewer = call.own("write:media")?;
    media::discard(&call.ctx, &viewer, *id).await?;
    Ok(json(&entity::Empty {}))
}
