//! Where we do not go: private addresses, literal addresses, servers that we do not speak with (R10).

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use activitypub_federation::{config::UrlVerifier, error::Error as LibraryError, resolver::ValidatingDnsResolver};
use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

use crate::{
    config::Federation,
    error::{Error, Result},
    service::{Ctx, hosts},
    text::handle,
};

/// The library asks here before each fetch.
#[derive(Debug, Clone)]
pub(super) struct HostPolicy(pub(super) Ctx);

#[async_trait]
impl UrlVerifier for HostPolicy {
    async fn verify(&self, url: &Url) -> Result<(), LibraryError> {
        match check(&self.0, url).await {
            Ok(_) => Ok(()),
            Err(_) => Err(LibraryError::UrlVerificationError("we do not speak with this server")),
        }
    }
}

/// Whether we may send a request to an address; returns the host's one spelling.
pub(super) async fn check(ctx: &Ctx, url: &Url) -> Result<String> {
    let name = check_form(ctx, url)?;
    if hosts::may_speak(ctx, &name).await? {
        Ok(name)
    } else {
        Err(Error::refused(name, "we do not speak with this server"))
    }
}

/// The same for a file: many servers keep theirs under another name, which nobody has decided about. Only what is
/// blocked is refused.
pub(super) async fn check_file(ctx: &Ctx, url: &Url) -> Result<String> {
    let name = check_form(ctx, url)?;
    if hosts::is_blocked(ctx, &name).await? { Err(Error::refused(name, "this server is blocked")) } else { Ok(name) }
}

fn check_form(ctx: &Ctx, url: &Url) -> Result<String> {
    let config = &ctx.config.federation;
    let name = handle::host_of(url).ok_or_else(|| Error::refused("", "the address names no host"))?;
    let refuse = |why: &str| Err(Error::refused(name.clone(), why));
    if url.scheme() != "https" && !(url.scheme() == "http" && config.allow_insecure) {
        return refuse("only https is spoken");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("the address carries a login");
    }
    if url.port().is_some() && !config.allow_insecure {
        return refuse("the address names a port");
    }
    if name == ctx.config.instance.host() {
        return refuse("the address is our own");
    }
    Ok(name)
}

/// The one resolver of all outgoing requests: fixed entries first, then DNS, checked at the moment of connecting.
pub(super) struct Resolver {
    fixed: BTreeMap<String, SocketAddr>,
    private: bool,
    dns: Arc<ValidatingDnsResolver>,
}

impl Resolver {
    pub(super) fn new(config: &Federation) -> Self {
        Self {
            fixed: config.resolve.clone(),
            private: config.allow_private_addresses,
            dns: Arc::new(ValidatingDnsResolver::new(Vec::new(), !config.allow_private_addresses)),
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().trim_end_matches('.').to_ascii_lowercase();
        let fixed = self.fixed.get(&host).copied().or_else(|| {
            // RFC 6761: names below localhost are this machine, whatever the system's resolver thinks of them.
            let local = host == "localhost" || host.ends_with(".localhost");
            (local && self.private).then(|| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0))
        });
        match fixed {
            Some(address) => Box::pin(async move {
                let addresses: Addrs = Box::new(std::iter::once(address));
                Ok(addresses)
            }),
            None => self.dns.resolve(name),
        }
    }
}
