//! Whether a post in a group that is taken back is gone: asked of other servers, and answered to those it concerns.

use activitypub_federation::config::Data;
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{Fed, FedData, gate, negotiate::answer};
use crate::{
    error::{Error, Result},
    model::AccountId,
    service::{cases, hosts, keys},
};

/// Largest answer that is read, in bytes.
const LARGEST: usize = 1_000;

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
            // The owner of the key cannot be asked just now, or has nothing to say: either way it is not proven.
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

/// Asks another server in the name of `who`; none where it knows no such question, or does not answer it.
pub(super) async fn ask(data: &FedData, host: &str, who: AccountId, uri: &str) -> Result<Option<bool>> {
    hosts::require_speaking(&data.ctx, host).await?;
    let scheme = if data.ctx.config.federation.allow_insecure { "http" } else { "https" };
    let mut url = Url::parse(&format!("{scheme}://{host}/consilium/copies")).map_err(|_| Error::NotFound)?;
    url.query_pairs_mut().append_pair("of", uri);
    let signer = keys::signer(&data.ctx, who).await?;
    match data.client.ask(&url, &signer, LARGEST).await {
        Ok(body) => {
            let said: Value =
                serde_json::from_slice(&body).map_err(|_| Error::refused(host, "the answer is not JSON"))?;
            Ok(said.get("held").and_then(Value::as_bool))
        }
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
