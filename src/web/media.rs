//! Pictures, handed out to whoever may see them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, ByteRangeSpec, HeaderValue, Range},
    },
    web,
};
use bytes::Bytes;
use serde::Deserialize;

use super::{error::Problem, session::Visitor};
use crate::service::media::{self, File, Size};

/// `?ticket=`: for whom the address was made.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    ticket: String,
}

/// `GET /media/{name}`
pub(super) async fn full(
    visitor: Visitor,
    request: HttpRequest,
    name: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    show(&visitor, &request, &name, &asked.ticket, Size::Full).await
}

/// `GET /media/{name}/small`
pub(super) async fn small(
    visitor: Visitor,
    request: HttpRequest,
    name: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    show(&visitor, &request, &name, &asked.ticket, Size::Small).await
}

async fn show(
    visitor: &Visitor,
    request: &HttpRequest,
    name: &str,
    ticket: &str,
    size: Size,
) -> Result<HttpResponse, Problem> {
    let mut viewer = visitor.viewer();
    if let (false, Some(of)) = (ticket.is_empty(), media::viewer_of(&visitor.ctx, ticket, name).await?) {
        viewer = of;
    }
    let File { bytes, mime, open } = media::open(&visitor.ctx, &viewer, name, size).await?;
    let (status, bytes, range) = part(request, bytes);
    let mut response = HttpResponse::build(status);
    response
        .content_type(mime)
        // Nothing in it may run, whatever a browser takes it for.
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header((
            header::CACHE_CONTROL,
            if open { "public, max-age=31536000, immutable" } else { "private, no-store" },
        ));
    if let Some(range) = range {
        response.insert_header((header::CONTENT_RANGE, range));
    }
    Ok(response.body(bytes))
}

/// The part of a file that a request asks for (RFC 9110, 14.2): one range; anything else gets the whole.
fn part(request: &HttpRequest, bytes: Bytes) -> (StatusCode, Bytes, Option<HeaderValue>) {
    let whole = u64::try_from(bytes.len()).unwrap_or(0);
    let asked =
        request.headers().get(header::RANGE).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<Range>().ok());
    let Some(Range::Bytes(ranges)) = asked else { return (StatusCode::OK, bytes, None) };
    let [one] = ranges.as_slice() else { return (StatusCode::OK, bytes, None) };
    let range = |text: String| HeaderValue::from_str(&text).ok();
    match ByteRangeSpec::to_satisfiable_range(one, whole) {
        Some((from, to)) => {
            let (Ok(first), Ok(last)) = (usize::try_from(from), usize::try_from(to)) else {
                return (StatusCode::OK, bytes, None);
            };
            (StatusCode::PARTIAL_CONTENT, bytes.slice(first..=last), range(format!("bytes {from}-{to}/{whole}")))
        }
        None => (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new(), range(format!("bytes */{whole}"))),
    }
}
