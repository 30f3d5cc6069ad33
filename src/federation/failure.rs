//! The library's failures and HTTP statuses in our own words. What another server sent is never quoted.

use activitypub_federation::error::Error as LibraryError;

use crate::error::Error;

/// A fetch was answered, but not with 200.
#[derive(Debug, thiserror::Error)]
#[error("answered {0}")]
pub(super) struct Status(pub(super) u16);

/// A request that we would not send.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotSent(pub(super) String);

impl From<LibraryError> for Error {
    fn from(error: LibraryError) -> Self {
        let host = String::new;
        match error {
            LibraryError::NotFound => Self::NotFound,
            LibraryError::ObjectDeleted(_) => Self::Gone,
            LibraryError::RequestLimit => Self::refused(host(), "it would need too many fetches"),
            LibraryError::ResponseBodyLimit => Self::refused(host(), "the document is too large"),
            LibraryError::UrlVerificationError(why) => Self::refused(host(), format!("the address is refused: {why}")),
            LibraryError::FetchInvalidContentType(url) => Self::refused(name(&url), "the document is not ActivityPub"),
            LibraryError::FetchWrongId(url) => {
                Self::refused(name(&url), "the document has another id than its address")
            }
            LibraryError::ParseFetchedObject(_, url, _) => Self::refused(name(&url), "the document cannot be read"),
            LibraryError::DomainResolveError(domain) => {
                Self::remote(domain, "the name does not resolve to a public address")
            }
            LibraryError::UrlParse(_) => Self::refused(host(), "an address in the document is malformed"),
            LibraryError::ReqwestMiddleware(error) => of_client(&error),
            LibraryError::Reqwest(error) => Self::remote(request_host(&error), kind(&error)),
            other => Self::remote(host(), first_line(&other.to_string())),
        }
    }
}

/// A failure of the client with its middleware.
pub(super) fn of_client(error: &reqwest_middleware::Error) -> Error {
    match error {
        reqwest_middleware::Error::Reqwest(error) => Error::remote(request_host(error), kind(error)),
        reqwest_middleware::Error::Middleware(error) => {
            if let Some(Status(code)) = error.downcast_ref::<Status>() {
                let words = format!("answered {code}");
                // A later try may find the server mended, our key known, or the limit lifted.
                let passing = matches!(code, 401 | 403 | 408 | 425 | 429) || *code >= 500;
                return if passing { Error::remote("", words) } else { Error::refused("", words) };
            }
            match error.downcast_ref::<NotSent>() {
                Some(NotSent(why)) => Error::refused("", why.clone()),
                None => Error::remote("", "the request could not be made"),
            }
        }
    }
}

/// A failure of the bare client.
pub(super) fn of_request(error: &reqwest::Error) -> Error {
    Error::remote(request_host(error), kind(error))
}

fn kind(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "no answer in time".into()
    } else if error.is_connect() {
        "cannot connect".into()
    } else {
        "the connection broke".into()
    }
}

fn request_host(error: &reqwest::Error) -> String {
    error.url().map(name).unwrap_or_default()
}

fn name(url: &url::Url) -> String {
    crate::text::handle::host_of(url).unwrap_or_default()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}
