//! What one can listen to, by the names that clients use.

use crate::model::ListId;

/// A stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Channel {
    /// Home and notifications.
    User,
    /// Notifications alone.
    Notifications,
    /// Public posts: of ours (true), of others (false) or of all; with pictures only.
    Public { local: Option<bool>, media: bool },
    /// Public posts with a hashtag.
    Tag { name: String, local: bool },
    /// The posts of a list's members.
    List(ListId),
    /// Direct conversations.
    Direct,
}

impl Channel {
    /// Reads the name of a stream, with the hashtag or the list that goes with it.
    pub(super) fn parse(name: &str, tag: Option<&str>, list: Option<&str>) -> Result<Self, &'static str> {
        let (base, media) = name.strip_suffix(":media").map_or((name, false), |base| (base, true));
        let public = |local| Ok(Self::Public { local, media });
        let tagged = |local| match tag.map(|t| t.trim_start_matches('#').to_lowercase()) {
            Some(name) if !name.is_empty() && name.len() <= 400 => Ok(Self::Tag { name, local }),
            Some(_) | None => Err("Missing tag name parameter"),
        };
        match base {
            "public" => public(None),
            "public:local" => public(Some(true)),
            "public:remote" => public(Some(false)),
            _ if media => Err("Unknown stream type"),
            "user" => Ok(Self::User),
            "user:notification" => Ok(Self::Notifications),
            "hashtag" => tagged(false),
            "hashtag:local" => tagged(true),
            "list" => list.and_then(|id| id.parse().ok()).map(Self::List).ok_or("Missing list name parameter"),
            "direct" => Ok(Self::Direct),
            _ => Err("Unknown stream type"),
        }
    }

    /// What frames for it are labelled with: exactly what was subscribed.
    pub(super) fn label(&self) -> Vec<String> {
        let media = |media: bool| if media { ":media" } else { "" };
        match self {
            Self::User => vec!["user".into()],
            Self::Notifications => vec!["user:notification".into()],
            Self::Public { local: None, media: m } => vec![format!("public{}", media(*m))],
            Self::Public { local: Some(true), media: m } => vec![format!("public:local{}", media(*m))],
            Self::Public { local: Some(false), media: m } => vec![format!("public:remote{}", media(*m))],
            Self::Tag { name, local: false } => vec!["hashtag".into(), name.clone()],
            Self::Tag { name, local: true } => vec!["hashtag:local".into(), name.clone()],
            Self::List(id) => vec!["list".into(), id.to_string()],
            Self::Direct => vec!["direct".into()],
        }
    }

    /// The scope that a token needs for it.
    pub(super) fn scope(&self) -> &'static str {
        match self {
            Self::Notifications => "read:notifications",
            Self::User | Self::Public { .. } | Self::Tag { .. } | Self::List(_) | Self::Direct => "read:statuses",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Channel;

    #[test]
    fn a_frame_is_labelled_with_what_was_subscribed() {
        for (name, tag, list, label) in [
            ("user", None, None, vec!["user"]),
            ("user:notification", None, None, vec!["user:notification"]),
            ("public:local:media", None, None, vec!["public:local:media"]),
            ("hashtag", Some("#ECG"), None, vec!["hashtag", "ecg"]),
            ("list", None, Some("5"), vec!["list", "5"]),
        ] {
            assert_eq!(Channel::parse(name, tag, list).unwrap().label(), label);
        }
        assert_eq!(Channel::parse("hashtag", None, None), Err("Missing tag name parameter"));
        assert!(Channel::parse("user:media", None, None).is_err());
    }
}
