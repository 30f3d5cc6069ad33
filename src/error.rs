//! One error for the whole house: a closed set of kinds, a text for the reader, a source for the log.

use std::fmt;

/// What went wrong with one field of a form, in words for the person who filled it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the form field.
    pub field: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// The kinds of failure. Each face maps a kind to its own status by an exhaustive `match`.
///
/// What a viewer may not know of is [`Error::NotFound`], never [`Error::Forbidden`].
#[derive(Debug)]
pub enum Error {
    /// There is no such thing, or not for this viewer.
    NotFound,
    /// Nobody is signed in, or the credentials are wrong.
    Unauthenticated,
    /// The viewer is known and may not do this; the text says why.
    Forbidden(&'static str),
    /// The input is wrong; one entry a field.
    Invalid(Vec<FieldError>),
    /// It collides with what is stored.
    Conflict(String),
    /// It was here and was deleted.
    Gone,
    /// Too often; seconds until the next try makes sense.
    TooMany(u64),
    /// Another server failed us.
    Remote {
        /// The other server's name.
        host: String,
        /// Why, in words for an admin.
        reason: String,
        /// Whether a later try can help.
        lasting: bool,
    },
    /// We cannot serve right now (database away, shutting down).
    Unavailable,
    /// A fault of ours; the source is for the log alone.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// The result that every room returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of one field.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field, message: message.into() }])
    }

    /// A fault of ours, described for the log.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(message.into().into())
    }

    /// A failure of another server that a later try may mend.
    pub fn remote(host: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Remote { host: host.into(), reason: reason.into(), lasting: false }
    }

    /// A failure of another server, or of what it sent, that no later try will mend.
    pub fn refused(host: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Remote { host: host.into(), reason: reason.into(), lasting: true }
    }

    /// The text that may leave the house.
    pub fn public(&self) -> String {
        match self {
            Self::NotFound => "There is nothing here, or it is not for you to see.".into(),
            Self::Unauthenticated => "Please sign in first.".into(),
            Self::Forbidden(why) => (*why).into(),
            Self::Invalid(fields) => fields.iter().map(|f| f.message.as_str()).collect::<Vec<_>>().join(" "),
            Self::Conflict(what) => what.clone(),
            Self::Gone => "This was deleted by its author. Nothing of it is kept here.".into(),
            Self::TooMany(seconds) => format!("That was too often. Please try again in {}.", wait_words(*seconds)),
            Self::Remote { host, .. } => format!("{host} did not give a usable answer. Please try again later."),
            Self::Unavailable => "The server cannot answer right now. Please try again in a minute.".into(),
            Self::Internal(_) => "Something went wrong on our side. Nothing was lost.".into(),
        }
    }

    /// Whether trying the same again later may succeed: decides between a retry and a dead letter.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Remote { lasting, .. } => !lasting,
            Self::Unavailable | Self::Internal(_) | Self::TooMany(_) => true,
            Self::NotFound
            | Self::Unauthenticated
            | Self::Forbidden(_)
            | Self::Invalid(_)
            | Self::Conflict(_)
            | Self::Gone => false,
        }
    }
}

fn wait_words(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".into(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal(source) => write!(f, "internal: {source}"),
            Self::Remote { host, reason, .. } => write!(f, "{host}: {reason}"),
            other => f.write_str(&other.public()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Internal(source) => Some(source.as_ref()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_never_sees_the_source_of_a_fault() {
        let error = Error::internal("column secret_thing does not exist");
        assert!(!error.public().contains("secret_thing"));
        assert!(error.to_string().contains("secret_thing"));
    }
}
