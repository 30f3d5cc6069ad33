//! A request as the signatures see it: its headers, its host, its target, and the dates in it.

use std::fmt;

use chrono::{DateTime, Utc};
use url::Url;

use super::Refusal;

/// A request as plain data: what a signature is computed over.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The method as received, in upper case.
    pub method: &'a str,
    /// Path and query as received, beginning with `/`.
    pub target: &'a str,
    /// The scheme under which the world reaches us, not the one behind a proxy.
    pub scheme: &'a str,
    /// Our public host, with its port unless it is the default one.
    pub authority: &'a str,
    /// Headers as received: names in any case, repeats preserved.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body as received, byte for byte.
    pub body: Option<&'a [u8]>,
}

impl fmt::Debug for Message<'_> {
    /// Neither headers nor body, which belong in no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} {}, ..)", self.method, self.target)
    }
}

impl<'a> Message<'a> {
    /// All values of a header, in the order received.
    fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = move |(key, _): &&(&str, &str)| key.eq_ignore_ascii_case(name);
        self.headers.iter().filter(named).map(|(_, value)| *value)
    }

    /// The value of a header that may be there once.
    pub(super) fn only(&self, name: &'static str) -> Result<Option<&'a str>, Refusal> {
        let mut values = self.values(name);
        let first = values.next();
        match values.next() {
            Some(_) => Err(Refusal::Repeated(name)),
            None => Ok(first),
        }
    }

    /// Appends the value of a header as both dialects sign it: trimmed, unfolded, repeats joined.
    pub(super) fn push_header(&self, base: &mut String, name: &str) -> Result<(), Refusal> {
        let mut found = false;
        for value in self.values(name) {
            if found {
                base.push_str(", ");
            }
            found = true;
            push_unfolded(base, value);
        }
        if found { Ok(()) } else { Err(Refusal::CoveredHeaderMissing) }
    }

    /// Path and query; the query without its `?`, and `None` without one.
    pub(super) fn path_and_query(&self) -> (&'a str, Option<&'a str>) {
        match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.target, None),
        }
    }

    /// Whether there is a body whose digest has to be covered. A request that changes something
    /// always has one, if only an empty one.
    pub(super) fn has_body(&self) -> bool {
        let reads = matches!(self.method, "GET" | "HEAD");
        !reads || self.body.is_some_and(|body| !body.is_empty())
    }

    /// A line break or blank here would let one signed text be read as another.
    pub(super) fn check_request_line(&self) -> Result<(), Refusal> {
        let graphic = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if self.target.starts_with('/') && graphic(self.target) && graphic(self.method) {
            Ok(())
        } else {
            Err(Refusal::Malformed("the request line"))
        }
    }

    pub(super) fn check_host(&self) -> Result<(), Refusal> {
        let host = self.only("host")?.ok_or(Refusal::Missing("host"))?;
        let plain = |authority| {
            let authority = without_default_port(self.scheme, authority);
            authority.strip_suffix('.').unwrap_or(authority)
        };
        if plain(host.trim()).eq_ignore_ascii_case(plain(self.authority)) { Ok(()) } else { Err(Refusal::WrongHost) }
    }

    pub(super) fn check_digest(&self, header: &'static str, matches: fn(&str, &[u8]) -> bool) -> Result<(), Refusal> {
        match self.only(header)? {
            Some(value) if matches(value, self.body.unwrap_or_default()) => Ok(()),
            Some(_) => Err(Refusal::WrongDigest),
            None if self.has_body() => Err(Refusal::Missing(header)),
            None => Ok(()),
        }
    }
}

/// Seconds since 1970 of an HTTP date (RFC 9110, section 5.6.7, the one form that is sent today).
pub(super) fn read_date(text: &str) -> Option<i64> {
    let date = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    Some(date.timestamp())
}

/// A `Date` header as RFC 9110 wants it.
pub(super) fn http_date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// RFC 9421, section 2.1: each line trimmed, and the lines of a folded value joined by one space.
fn push_unfolded(base: &mut String, value: &str) {
    let lines = value.split(['\r', '\n']).map(str::trim);
    for (index, line) in lines.filter(|line| !line.is_empty()).enumerate() {
        if index > 0 {
            base.push(' ');
        }
        base.push_str(line);
    }
}

pub(super) fn without_default_port<'a>(scheme: &str, authority: &'a str) -> &'a str {
    let port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return authority,
    };
    authority.strip_suffix(port).unwrap_or(authority)
}

/// Where an outgoing request goes, in the words of [`Message`].
pub(super) struct Destination {
    pub(super) authority: String,
    pub(super) target: String,
}

impl Destination {
    pub(super) fn of(url: &Url) -> Result<Self, Refusal> {
        let host = url.host_str().ok_or(Refusal::Missing("host"))?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        Ok(Self { authority, target })
    }
}
