//! Posts as documents.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Unusable, audience, value};
use crate::{
    model::{Account, AccountId, Markup, Media, Poll, Post, PostKind, SourceKey, Visibility},
    service::{
        cases::RemoteCase,
        media::RemoteMedia as Picture,
        polls::{self, Told},
    },
    text::{language, sanitize},
};

/// What we read of a post. Texts are cleaned already: nothing else of a foreign document reaches a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// ActivityPub id.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// What it is.
    pub kind: PostKind,
    /// The page for people.
    pub url: String,
    /// Who it is for, given the author's followers collection.
    pub visibility: Visibility,
    /// What it answers.
    pub reply_to: Option<String>,
    /// Title, plain text.
    pub title: String,
    /// Content warning, plain text.
    pub warning: String,
    /// Safe HTML.
    pub html: String,
    /// Code.
    pub language: String,
    /// When.
    pub published: Option<DateTime<Utc>>,
    /// When last edited.
    pub updated: Option<DateTime<Utc>>,
    /// Who is mentioned: ActivityPub ids.
    pub mentions: Vec<String>,
    /// Hashtags, lower case.
    pub tags: Vec<String>,
    /// Look twice.
    pub sensitive: bool,
    /// Pictures.
    pub media: Vec<Picture>,
    /// A poll.
    pub poll: Option<Told>,
    /// A case.
    pub case: Option<RemoteCase>,
    /// What stands in place of the name of whoever asked, plain text; empty for none.
    pub label: String,
    /// Conflicts of interest that its author declares for it, plain text; empty for none.
    pub interests: String,
    /// What it stands on, where that is said.
    pub sources: Option<Vec<SourceKey>>,
    /// When those of its earlier versions were written whose words are to go.
    pub struck: Vec<DateTime<Utc>>,
    /// What of its group's topics it is about; empty where that is not said.
    pub topic: String,
    /// The collection of its answers, where it is on the same host.
    pub replies: Option<Value>,
}

/// What a document is as a post; none for other documents.
pub fn kind(body: &Value) -> Option<PostKind> {
    value::types(body).into_iter().find_map(|kind| {
        Some(match kind {
            "Note" | "ChatMessage" => PostKind::Note,
            "Article" => PostKind::Article,
            "Page" => PostKind::Page,
            "Question" => PostKind::Question,
            "Event" => PostKind::Event,
            "Video" | "Audio" => PostKind::Video,
            _ => return None,
        })
    })
}

/// Reads a post. `followers` is the author's followers collection, where we know it.
pub fn read(body: &Value, followers: Option<&str>) -> Result<Note, Unusable> {
    let id = value::text(body, "id").ok_or(Unusable("a post without id"))?;
    let host = value::host(id).ok_or(Unusable("a post id that is no address"))?;
    let kind = kind(body).ok_or(Unusable("not a post"))?;
    let author = author(body, &host).ok_or(Unusable("a post without an author on its own server"))?;
    let said = value::said(body, "content");
    if said.is_none() && value::text(body, "name").is_some() && kind == PostKind::Note {
        return Err(Unusable("a vote, not a post"));
    }
    let (content, spoken) = said.unwrap_or_default();
    let url = value::page(body).unwrap_or_else(|| id.to_owned());
    let title =
        sanitize::line(&sanitize::plain(value::bounded(value::text(body, "name").unwrap_or_default(), 4_000)), 300);
    let summary = sanitize::plain(value::bounded(value::said(body, "summary").map(|s| s.0).unwrap_or_default(), 8_000));
    let is_warning = matches!(kind, PostKind::Note | PostKind::Question) || value::flag(body, "sensitive");
    let mut html = sanitize::html(value::bounded(content, 200_000));
    if matches!(kind, PostKind::Event | PostKind::Video) {
        html.push_str(&link(&url, if title.is_empty() { &url } else { &title }));
    }
    html.push_str(&attachments(body));
    Ok(Note {
        id: id.to_owned(),
        author,
        kind,
        visibility: audience::read(body, followers),
        reply_to: value::id(body, "inReplyTo").map(ToOwned::to_owned),
        title: if kind == PostKind::Note { String::new() } else { title },
        warning: if is_warning { summary.chars().take(500).collect() } else { String::new() },
        html,
        language: language::code(spoken),
        published: value::time(body, "published"),
        updated: value::time(body, "updated"),
        mentions: mentions(body),
        tags: tags(body),
        sensitive: value::flag(body, "sensitive"),
        media: pictures(body),
        poll: (kind == PostKind::Question).then(|| poll(body)).flatten(),
        case: super::case::read(body),
        label: super::case::read_label(body),
        interests: super::interests::read(body),
        sources: super::source::read(body),
        struck: super::struck::read(body),
        topic: super::topic::read(body),
        replies: body
            .get("replies")
            .filter(|r| value::id_of(r).is_some_and(|i| value::host(i).as_ref() == Some(&host)))
            .cloned(),
        url,
    })
}

/// The one author on the post's own host; of a list (video channels) the first such that is a person.
fn author(body: &Value, post_host: &str) -> Option<String> {
    let all = value::list(body, "attributedTo");
    let here = |v: &&&Value| value::id_of(v).and_then(value::host).as_deref() == Some(post_host);
    let person = all.iter().filter(here).find(|v| value::is(v, "Person"));
    person.or_else(|| all.iter().find(here)).and_then(|v| value::id_of(v)).map(ToOwned::to_owned)
}

fn link(url: &str, words: &str) -> String {
    format!(
        "<p><a href=\"{}\" rel=\"nofollow noopener noreferrer ugc\">{}</a></p>",
        sanitize::escape(url),
        sanitize::escape(words)
    )
}

/// A vote on a poll of ours: the post and the chosen words (a Note with a name and no content, in answer to it).
pub fn vote(body: &Value) -> Option<(&str, &str)> {
    let named = value::text(body, "name").filter(|name| name.len() <= 2_000)?;
    (value::is(body, "Note") && value::said(body, "content").is_none()).then_some(())?;
    Some((value::id(body, "inReplyTo")?, named))
}

/// Pictures that are shown at most; more become links.
const MOST_PICTURES: usize = 8;

fn is_picture(attachment: &Value) -> bool {
    let kind = value::text(attachment, "mediaType").unwrap_or_default();
    let raster = |kind: &str| matches!(kind, "image/png" | "image/jpeg" | "image/gif" | "image/webp");
    raster(kind) || (value::is(attachment, "Image") && (kind.is_empty() || kind.starts_with("image/") && raster(kind)))
}

fn pictures(body: &Value) -> Vec<Picture> {
    let side =
        |a: &Value, key: &str| a.get(key).and_then(Value::as_i64).and_then(|n| i32::try_from(n).ok()).unwrap_or(0);
    value::list(body, "attachment")
        .into_iter()
        .filter(|a| is_picture(a))
        .filter_map(|a| {
            let focus = a.get("focalPoint").and_then(Value::as_array);
            let point = |at: usize| {
                let number = focus.and_then(|f| f.get(at)).and_then(Value::as_f64).filter(|n| n.is_finite());
                number.unwrap_or(0.0).clamp(-1.0, 1.0)
            };
            let sketch = value::text(a, "blurhash").unwrap_or_default();
            Some(Picture {
                url: value::page(a).filter(|u| u.len() <= value::MAX_ID)?,
                description: described(a, 1_500),
                size: (side(a, "width").clamp(0, 100_000), side(a, "height").clamp(0, 100_000)),
                blurhash: if sketch.len() <= 100 && sketch.is_ascii() { sketch.to_owned() } else { String::new() },
                focus: (point(0), point(1)),
            })
        })
        .take(MOST_PICTURES)
        .collect()
}

fn described(attachment: &Value, most: usize) -> String {
    let words = value::bounded(value::text(attachment, "name").unwrap_or_default(), 8_000);
    sanitize::line(&sanitize::plain(words), most)
}

fn poll(body: &Value) -> Option<Told> {
    let (multiple, options) = match (body.get("anyOf"), body.get("oneOf")) {
        (Some(_), _) => (true, value::list(body, "anyOf")),
        (None, _) => (false, value::list(body, "oneOf")),
    };
    let count = |v: Option<&Value>| v.and_then(Value::as_i64).map(|n| n.clamp(0, 1_000_000_000));
    let options: Vec<(String, i64)> = options
        .into_iter()
        .filter_map(|o| {
            let votes = count(o.get("replies").and_then(|r| r.get("totalItems")));
            Some((value::bounded(value::text(o, "name")?, 2_000).to_owned(), votes.unwrap_or(0)))
        })
        .collect();
    let ends_at = value::time(body, "endTime").or_else(|| value::time(body, "closed"));
    let poll = Told { options, multiple, hide_totals: false, ends_at, voters_count: count(body.get("votersCount")) };
    (poll.options.len() >= 2).then(|| polls::told(poll))
}

/// Other attachments become links under their description: nothing is loaded from another server by a reader's browser.
fn attachments(body: &Value) -> String {
    value::list(body, "attachment")
        .into_iter()
        .filter(|a| !is_picture(a))
        .take(16)
        .filter_map(|a| {
            let url = value::text(a, "href").and_then(sanitize::web_url).or_else(|| value::page(a))?;
            let words = described(a, 300);
            Some(link(&url, if words.is_empty() { "Attachment" } else { &words }))
        })
        .collect()
}

fn mentions(body: &Value) -> Vec<String> {
    let mut all: Vec<String> = value::list(body, "tag")
        .into_iter()
        .filter(|t| value::is(t, "Mention"))
        .filter_map(|t| value::text(t, "href").filter(|href| href.len() <= value::MAX_ID))
        .map(ToOwned::to_owned)
        .collect();
    // Private messages of some servers address a person without a Mention.
    let addressed = ["to", "cc"].into_iter().flat_map(|key| value::ids(body, key));
    all.extend(addressed.filter(|a| a.contains("/users/")));
    all.sort_unstable();
    all.dedup();
    all.truncate(crate::policy::posting::MAX_MENTIONS);
    all
}

fn tags(body: &Value) -> Vec<String> {
    let mut all: Vec<String> = value::list(body, "tag")
        .into_iter()
        .filter(|t| value::is(t, "Hashtag"))
        .filter_map(|t| value::text(t, "name"))
        .map(|n| n.trim_start_matches('#').to_lowercase())
        .filter(|n| !n.is_empty() && n.chars().count() <= 100 && n.chars().all(|c| c.is_alphanumeric() || c == '_'))
        .collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(crate::policy::posting::MAX_TAGS);
    all
}

/// What writing a post needs beside its row.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The group that it is in.
    pub group: Option<&'a Account>,
    /// Who wrote it.
    pub author: &'a Account,
    /// Who is mentioned: id, ActivityPub id, handle.
    pub mentions: &'a [(AccountId, String, String)],
    /// Hashtags, lower case.
    pub tags: &'a [String],
    /// Pictures: where they are, and what is known of them.
    pub media: &'a [(String, Media)],
    /// A poll.
    pub poll: Option<&'a Poll>,
    /// The time: some polls tell their counts only after the end.
    pub now: DateTime<Utc>,
    /// Our origin.
    pub origin: &'a str,
    /// Our host.
    pub host: &'a str,
}

/// Writes one of our posts.
pub fn write(post: &Post, parts: &Parts<'_>) -> Value {
    let followers = parts.author.followers_uri.clone().unwrap_or_default();
    let mentioned = parts.mentions.iter().map(|m| m.1.clone()).collect();
    let (to, cc) = match parts.group {
        Some(group) => audience::to_group(post.visibility, &group.uri, mentioned),
        None => audience::write(post.visibility, &followers, mentioned),
    };
    let mut tag: Vec<Value> = parts
        .mentions
        .iter()
        .map(|(_, uri, handle)| {
            let name = if handle.contains('@') { format!("@{handle}") } else { format!("@{handle}@{}", parts.host) };
            json!({ "type": "Mention", "href": uri, "name": name })
        })
        .collect();
    tag.extend(
        parts.tags.iter().map(
            |t| json!({ "type": "Hashtag", "href": format!("{}/tags/{t}", parts.origin), "name": format!("#{t}") }),
        ),
    );
    let id = &post.uri;
    let mut body = json!({
        "id": id,
        "type": "Note",
        "attributedTo": parts.author.uri,
        "url": post.url,
        "to": to,
        "cc": cc,
        "inReplyTo": post.reply_to_uri,
        "sensitive": post.sensitive || !post.warning.is_empty(),
        "summary": if post.warning.is_empty() { Value::Null } else { post.warning.clone().into() },
        "content": post.html,
        "contentMap": { (if post.language.is_empty() { "en" } else { post.language.as_str() }): post.html },
        "source": { "content": post.source, "mediaType": if post.markup == Markup::Plain { "text/plain" } else { "text/markdown" } },
        "published": super::actor::stamp(post.published_at),
        "tag": tag,
        "attachment": parts.media.iter().map(attachment).collect::<Vec<_>>(),
        "replies": format!("{id}/replies"),
        "likes": { "id": format!("{id}/likes"), "type": "Collection", "totalItems": post.likes_count },
        "shares": { "id": format!("{id}/shares"), "type": "Collection", "totalItems": post.boosts_count },
    });
    if let Some(poll) = parts.poll {
        add_poll(&mut body, poll, parts.now);
    }
    if let Some(group) = parts.group {
        add_group(&mut body, post, group, parts.host);
    }
    if let (Some(at), Some(body)) = (post.edited_at, body.as_object_mut()) {
        body.insert("updated".into(), super::actor::stamp(at).into());
    }
    body
}

/// What a post in a group has besides: the group, also as a mention, so that an answer from elsewhere finds it; and where it
/// opens a discussion a title, as Lemmy wants one.
fn add_group(body: &mut Value, post: &Post, group: &Account, host: &str) {
    let Some(body) = body.as_object_mut() else { return };
    body.insert("audience".into(), group.uri.clone().into());
    let name = format!("@{}@{}", group.username, group.host.as_deref().unwrap_or(host));
    if let Some(tags) = body.get_mut("tag").and_then(Value::as_array_mut) {
        tags.push(json!({ "type": "Mention", "href": group.uri, "name": name }));
    }
    if post.reply_to_uri.is_none() && !post.title.is_empty() {
        body.insert("name".into(), post.title.clone().into());
        if body.get("type").and_then(Value::as_str) == Some("Note") {
            body.insert("type".into(), "Page".into());
        }
    }
}

fn attachment((url, media): &(String, Media)) -> Value {
    json!({
        "type": "Document",
        "mediaType": media.mime,
        "url": url,
        "name": if media.description.is_empty() { Value::Null } else { media.description.clone().into() },
        "width": media.width,
        "height": media.height,
        "blurhash": media.blurhash,
        "focalPoint": [media.focus_x, media.focus_y],
    })
}

fn add_poll(body: &mut Value, poll: &Poll, now: DateTime<Utc>) {
    let hidden = poll.hides_counts(now);
    let replies = |votes: i64| {
        if hidden { json!({ "type": "Collection" }) } else { json!({ "type": "Collection", "totalItems": votes }) }
    };
    let options: Vec<Value> =
        poll.options.iter().map(|o| json!({ "type": "Note", "name": o.title, "replies": replies(o.votes) })).collect();
    if let Some(body) = body.as_object_mut() {
        body.insert("type".into(), "Question".into());
        body.insert(if poll.multiple { "anyOf" } else { "oneOf" }.into(), options.into());
        if !hidden {
            body.insert("votersCount".into(), poll.voters_count.into());
        }
        if let Some(at) = poll.ends_at {
            body.insert("endTime".into(), super::actor::stamp(at).into());
        }
    }
}

/// Writes a vote: a Note that is only a name, for the author of the poll alone.
pub fn write_vote(id: &str, voter: &str, poll: &Post, author: &str, choice: &str) -> Value {
    json!({
        "id": id,
        "type": "Note",
        "name": choice,
        "attributedTo": voter,
        "inReplyTo": poll.uri,
        "to": [author],
        "cc": [],
    })
}

/// Writes what stays of a deleted post.
pub fn write_tombstone(uri: &str, deleted: Option<DateTime<Utc>>) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": uri,
        "type": "Tombstone",
        "formerType": "Note",
        "deleted": deleted.map(super::actor::stamp),
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::model::PollOption;

    fn note(extra: Value) -> Value {
        let mut body = json!({ "id": "https://m.example/n/1", "type": "Note", "attributedTo": "https://m.example/users/bo", "content": "<p>Hi</p>" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    }

    #[test]
    fn an_author_of_another_server_is_not_believed() {
        let forged = note(json!({ "attributedTo": "https://victim.example/users/ada" }));
        assert!(read(&forged, None).is_err());
        for odd in [json!({ "attributedTo": 1 }), json!({ "attributedTo": null }), json!({ "attributedTo": {} })] {
            assert!(read(&note(odd), None).is_err());
        }
    }

    #[test]
    fn a_poll_vote_is_not_a_post() {
        let vote = json!({ "id": "https://m.example/v/1", "type": "Note", "attributedTo": "https://m.example/u", "name": "Yes" });
        assert_eq!(read(&vote, None), Err(Unusable("a vote, not a post")));
    }

    #[test]
    fn a_picture_comes_with_its_description_and_anything_else_as_a_link() {
        let post = note(json!({ "attachment": [
            { "type": "Image", "url": "https://m.example/x.png", "name": "ECG <b>strip</b>", "focalPoint": [7, null] },
            { "type": "Document", "mediaType": "application/pdf", "url": "https://m.example/x.pdf", "name": "Guideline" },
            { "type": "Document", "mediaType": "image/svg+xml", "url": "https://m.example/x.svg" },
        ] }));
        let read = read(&post, None).unwrap();
        assert_eq!(read.media.len(), 1);
        assert_eq!((read.media[0].description.as_str(), read.media[0].focus), ("ECG strip", (1.0, 0.0)));
        assert!(read.html.contains(">Guideline</a>") && read.html.contains("x.svg") && !read.html.contains("x.png"));
    }

    #[test]
    fn a_poll_is_read_as_it_is_written_with_and_without_its_counts() {
        let now = DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap();
        let asked = Poll {
            multiple: false,
            hide_totals: true,
            ends_at: Some(now),
            voters_count: Some(3),
            options: [("Yes", 2), ("No", 1)].map(|(title, votes)| PollOption { title: title.into(), votes }).into(),
            own: Vec::new(),
        };
        for (time, counts, voters) in [(now - TimeDelta::seconds(1), [0, 0], None), (now, [2, 1], Some(3))] {
            let mut body = note(json!({}));
            add_poll(&mut body, &asked, time);
            assert_eq!(body.to_string().contains("totalItems"), voters.is_some(), "{body}");
            let told = read(&body, None).unwrap().poll.unwrap();
            let options = vec![("Yes".to_owned(), counts[0]), ("No".to_owned(), counts[1])];
            assert_eq!((told.options, told.voters_count, told.ends_at), (options, voters, Some(now)));
        }
    }

    #[test]
    fn an_event_becomes_a_link() {
        let event = note(json!({ "type": "Event", "name": "Grand round", "url": "https://m.example/e/1" }));
        let read = read(&event, None).unwrap();
        assert!(read.html.contains("<a href=\"https://m.example/e/1\""));
        assert_eq!(read.title, "Grand round");
    }
}
