//! Asking for titles: one source at a time in the whole house, each until there is an answer, and not for ever.

use chrono::TimeDelta;
use serde_json::Value;
use url::Url;

use super::answer;
use crate::{
    error::{Error, Result},
    model::{SourceKey, SourceScheme},
    policy::sources::again,
    service::Ctx,
    store::{self, sources::Told},
};

/// Largest document that is read, in bytes.
const MOST: usize = 1_048_576;
/// Seconds that one look-up may take before another process goes on.
const LEASE: i64 = 120;
/// What is asked for of a DOI: a record for lists of references.
const CSL: &str = "application/vnd.citationstyles.csl+json";

/// Asks about the source whose time has come; returns how many that was.
pub(in crate::service) async fn look_up_due(ctx: &Ctx) -> Result<usize> {
    let (config, worker) = (&ctx.config.sources, &ctx.config.worker);
    if !config.lookup {
        return Ok(0);
    }
    let now = ctx.now();
    let lease = now + TimeDelta::seconds(worker.lease_seconds.max(LEASE));
    let claimed = store::sources::claim(&mut *ctx.pool.get().await?, now, lease).await?;
    let Some((key, attempts)) = claimed else { return Ok(0) };
    let answer = ask(ctx, &key).await;
    let (now, mut conn) = (ctx.now(), ctx.pool.get().await?);
    match answer {
        Ok(told) => store::sources::settle(&mut conn, &key, told, now).await?,
        Err(Error::NotFound | Error::Gone) => store::sources::settle(&mut conn, &key, None, now).await?,
        Err(error) => {
            let (first, longest) = (worker.first_retry_seconds, worker.longest_retry_seconds);
            let later = again(now, attempts, config.tries, first, longest).filter(|_| error.is_passing());
            tracing::debug!(scheme = key.scheme.as_str(), attempts, %error, "a source was not looked up");
            store::sources::put_off(&mut conn, &key, later).await?;
        }
    }
    store::sources::end_turn(&mut conn, now + TimeDelta::seconds(config.seconds_between)).await?;
    Ok(1)
}

/// What is told of a source; none where whoever is asked knows no title of it.
async fn ask(ctx: &Ctx, key: &SourceKey) -> Result<Option<Told>> {
    let url = address(ctx, key)?;
    let accept = match key.scheme {
        SourceScheme::Doi => CSL,
        SourceScheme::Pmid => "application/json",
    };
    let bytes = ctx.remote()?.look_up(&url, accept, MOST).await?;
    let document: Value = serde_json::from_slice(&bytes)
        .map_err(|_| Error::remote(url.host_str().unwrap_or_default(), "the document cannot be read"))?;
    Ok(match key.scheme {
        SourceScheme::Doi => answer::of_doi(&document),
        SourceScheme::Pmid => answer::of_pmid(&document, &key.name),
    })
}

/// Where a source is asked about. NCBI wants to know which program asks, and whom to write to about it.
fn address(ctx: &Ctx, key: &SourceKey) -> Result<Url> {
    let config = &ctx.config.sources;
    let wrong = |_| Error::internal("an address of [sources] is malformed");
    match key.scheme {
        SourceScheme::Doi => Url::parse(&format!("{}{}", config.doi_address, key.encoded())).map_err(wrong),
        SourceScheme::Pmid => {
            let mut url = Url::parse(&config.pubmed_address).map_err(wrong)?;
            let mut query = url.query_pairs_mut();
            query.append_pair("db", "pubmed").append_pair("id", &key.name).append_pair("retmode", "json");
            query.append_pair("tool", "consilium");
            if !ctx.config.instance.contact.is_empty() {
                query.append_pair("email", &ctx.config.instance.contact);
            }
            drop(query);
            Ok(url)
        }
    }
}
