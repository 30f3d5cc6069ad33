//! Forms that carry files (RFC 7578), read within bounds; what the pages and the client API share.

use actix_web::dev::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use crate::error::{Error, Result};

/// Most parts of one form.
const PARTS: usize = 200;

/// A form: its texts and its files, each with the name of its field, in order.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Texts.
    pub(crate) texts: Vec<(String, String)>,
    /// Files that hold anything. What they are called and said to be is of no account.
    pub(crate) files: Vec<(String, Bytes)>,
    /// What the file that is not held is called.
    pub(crate) large_name: String,
}

/// Whether a content type is that of such a form.
pub(crate) fn is_multipart(kind: &str) -> bool {
    kind.to_ascii_lowercase().starts_with("multipart/form-data;")
}

impl Parts {
    /// The text of a field; empty where it is not there.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.texts.iter().find(|(name, _)| name == field).map_or("", |(_, text)| text.as_str())
    }
}

/// Reads a form of at most so many bytes.
pub(crate) async fn read(kind: &str, payload: &mut Payload, most_bytes: usize) -> Result<Parts> {
    read_beside(kind, payload, (most_bytes, most_bytes), "", async |_, _| Ok(())).await
}

/// Reads a form whose file in the field `large` is not held: its pieces are handed on as they come, with what came
/// before them. All else may have as many bytes a field as the second number of `most` says, and the whole as the first.
pub(crate) async fn read_beside(
    kind: &str,
    payload: &mut Payload,
    most: (usize, usize),
    large: &str,
    mut take: impl AsyncFnMut(&Parts, Bytes) -> Result<()>,
) -> Result<Parts> {
    let most_bytes = most.0;
    let unreadable = |error: multer::Error| match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => too_large(most_bytes),
        _ => Error::invalid("form", "The form did not arrive whole, or cannot be read."),
    };
    let boundary = multer::parse_boundary(kind).map_err(unreadable)?;
    let (whole, beside) = (u64::try_from(most.0).unwrap_or(u64::MAX), u64::try_from(most.1).unwrap_or(u64::MAX));
    let limit = multer::SizeLimit::new().whole_stream(whole).per_field(beside).for_field(large, whole);
    let limits = multer::Constraints::new().size_limit(limit);
    let (sender, receiver) = tokio::sync::mpsc::channel::<std::result::Result<Bytes, std::io::Error>>(4);
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    });
    let mut form = multer::Multipart::with_constraints(stream, boundary, limits);
    // The payload of a request stays on its thread, and the reader of forms wants one that may move.
    let feeding = async move {
        while let Some(chunk) = payload.next().await {
            if sender.send(chunk.map_err(std::io::Error::other)).await.is_err() {
                break;
            }
        }
    };
    let reading = async move {
        let mut parts = Parts::default();
        for _ in 0..PARTS {
            let Some(mut field) = form.next_field().await.map_err(unreadable)? else { return Ok(parts) };
            let name = field.name().unwrap_or_default().to_owned();
            let is_file = field.file_name().is_some();
            if is_file && !large.is_empty() && name == large {
                field.file_name().unwrap_or_default().clone_into(&mut parts.large_name);
                while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
                    take(&parts, chunk).await?;
                }
                continue;
            }
            let mut body = BytesMut::new();
            while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
                body.extend_from_slice(&chunk);
            }
            if !is_file {
                parts.texts.push((name, String::from_utf8_lossy(&body).into_owned()));
            } else if !body.is_empty() {
                parts.files.push((name, body.freeze()));
            }
        }
        Err(Error::invalid("form", "The form has too many parts."))
    };
    let ((), read) = futures_util::future::join(feeding, reading).await;
    read
}

/// What is said of a form that is larger than it may be.
pub(crate) fn too_large(most_bytes: usize) -> Error {
    let most = megabytes(most_bytes);
    Error::invalid(
        "form",
        format!("This is more than {most:.1} MB, which is the limit. Send a smaller file, or fewer at once."),
    )
}

fn megabytes(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes / 100_000).unwrap_or(u32::MAX)) / 10.0
}
