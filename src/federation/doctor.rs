//! Whether others can reach us: our own WebFinger, asked through our public address.

use std::time::Duration;

use crate::service::{Ctx, doctor::Finding};

/// Asks our public address for the instance's own handle.
pub async fn examine(ctx: &Ctx) -> Vec<Finding> {
    let instance = &ctx.config.instance;
    let url = format!("{0}/.well-known/webfinger?resource=acct:{1}@{1}", instance.origin(), instance.host());
    // The one request that goes to ourselves: a client of its own, which fetches nothing else.
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .no_proxy()
        .dns_resolver(std::sync::Arc::new(super::url_guard::Resolver::new(&ctx.config.federation)))
        .build();
    let client = match client {
        Ok(client) => client,
        Err(error) => return vec![Finding::wrong("public address", format!("no client could be made: {error}"))],
    };
    let finding = match client.get(&url).send().await {
        Ok(response) if response.status().is_success() => match response.text().await {
            Ok(text) if text.contains(&format!("acct:{0}@{0}", instance.host())) => {
                Finding::fine("public address", format!("{} answers as itself", instance.origin()))
            }
            Ok(_) | Err(_) => Finding::wrong(
                "public address",
                format!(
                    "{} is answered by something else: check instance.public_url and the proxy in front.",
                    instance.origin()
                ),
            ),
        },
        Ok(response) => Finding::wrong(
            "public address",
            format!(
                "{url} answered {}: the proxy must pass /.well-known/ and keep the Host header.",
                response.status().as_u16()
            ),
        ),
        Err(error) => Finding::wrong(
            "public address",
            format!(
                "{} cannot be reached ({}): start the server, then check DNS, firewall and certificate.",
                instance.origin(),
                reason(&error)
            ),
        ),
    };
    vec![finding]
}

fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "cannot connect"
    } else {
        "the request failed"
    }
}
