//! Whether a post in a group that is taken back is gone: asked of other servers, and answered to those it concerns.

use activitypub_federation::config::Data;
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{Fed, FedData, gate, negotiate::answer, wire};
use crate::{
    error::{Error, Result},
    model::AccountId,
    service::{cases, hosts, keys},
    text::handle,
};

/// Largest answer that is read, in bytes.
const LARGEST: usize = 1_000;
/// Largest document of a post that is read, in bytes.
const LARGEST_POST: usize = 1_048_576;

/// `?of=`: the ActivityPub id of a post.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Query {
    of: String,
}

/// `GET /consilium/copies`: for the servers of the post, of its author and of its group. For all others there is nothing.
pub(super) async fn get(request: HttpRequest, query: web::Query<Query>, data: Data<Fed>) -> HttpResponse {
    let read = async {
        if !gate::is_signed(&request) {
            return Err(Error::NotFound);
        }
        let signed = match gate::check(&request, None, &data).await {
            Ok(signed) => signed,
            // The owner of the key has nothing to say, or cannot be asked anew: either way it is not proven.
            Err(Error::Gone | Error::NotFound | Error::Remote { .. }) => return Err(Error::Unauthenticated),
            Err(error) => return Err(error),
        };
        let held = cases::is_held(&data.ctx, &signed.host, &query.of).await?;
        Ok(HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .insert_header((header::VARY, "Accept, Signature, Signature-Input"))
            .json(json!({ "held": held })))
    };
    read.await.unwrap_or_else(|error: Error| answer(&error))
}

/// Asks another server in the name of `who`, and looks whether it still shows the post at an address of its own; none where it
/// knows no such question, or does not answer it, and shows nothing.
pub(super) async fn ask(data: &FedData, host: &str, who: AccountId, uri: &str) -> Result<Option<bool>> {
    hosts::require_speaking(&data.ctx, host).await?;
    let scheme = if data.ctx.config.federation.allow_insecure { "http" } else { "https" };
    let mut url = Url::parse(&format!("{scheme}://{host}/consilium/copies")).map_err(|_| Error::NotFound)?;
    url.query_pairs_mut().append_pair("of", uri);
    let signer = keys::signer(&data.ctx, who).await?;
    let held = match data.client.ask(&url, &signer, LARGEST).await {
        Ok(body) => {
            let said: Value =
                serde_json::from_slice(&body).map_err(|_| Error::refused(host, "the answer is not JSON"))?;
            said.get("held").and_then(Value::as_bool)
        }
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    Ok(if held != Some(true) && is_shown(data, host, uri).await { Some(true) } else { held })
}

/// Whether a server still shows a post where the post's own address is one of that server. Where others keep their copies, nobody
/// is told.
async fn is_shown(data: &FedData, host: &str, uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    if handle::host_of(&url).as_deref() != Some(host) {
        return false;
    }
    match data.client.document(&url, LARGEST_POST).await {
        Ok(body) => serde_json::from_slice::<Value>(&body)
            .is_ok_and(|shown| wire::value::text(&shown, "id") == Some(uri) && wire::note::kind(&shown).is_some()),
        Err(error) => {
            tracing::debug!(%host, %error, "a post that is taken back is not shown at its address");
            false
        }
    }
}
