//! Where a request comes from.

use std::net::SocketAddr;

use actix_web::http::header::{self, HeaderMap};

use crate::config::Http;

/// The network address that asks: the connection's other end, or what our own proxies say of it. Texts of proxies are
/// cut at the length of the longest address.
pub fn address(config: &Http, peer: Option<SocketAddr>, headers: &HeaderMap) -> String {
    let peer = peer.map(|a| a.ip().to_string()).unwrap_or_default();
    let forwarded = headers.get_all(header::X_FORWARDED_FOR).filter_map(|value| value.to_str().ok());
    config.client_address(peer, forwarded).chars().take(LONGEST).collect()
}

/// Characters of an IPv6 address with an IPv4 one in it and a zone.
const LONGEST: usize = 64;
