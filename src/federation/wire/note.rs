//! Posts as documents.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Unusable, audience, value};
use crate::{
    model::{Account, AccountId, Markup, Post, PostKind, Visibility},
    text::{language, sanitize},
};

/// What we read of a post. Texts are cleaned already: nothing else of a foreign document reaches a page.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        sanitize::name(&sanitize::plain(value::bounded(value::text(body, "name").unwrap_or_default(), 4_000)), 300);
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

/// Attachments become links under their description: nothing is loaded from another server by a reader's browser.
fn attachments(body: &Value) -> String {
    value::list(body, "attachment")
        .into_iter()
        .take(16)
        .filter_map(|a| {
            let url = value::text(a, "href").and_then(sanitize::web_url).or_else(|| value::page(a))?;
            let words = sanitize::name(
                &sanitize::plain(value::bounded(value::text(a, "name").unwrap_or_default(), 8_000)),
                300,
            );
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
    /// Who wrote it.
    pub author: &'a Account,
    /// Who is mentioned: id, ActivityPub id, handle.
    pub mentions: &'a [(AccountId, String, String)],
    /// Hashtags, lower case.
    pub tags: &'a [String],
    /// Our origin.
    pub origin: &'a str,
    /// Our host.
    pub host: &'a str,
}

/// Writes one of our posts.
pub fn write(post: &Post, parts: &Parts<'_>) -> Value {
    let followers = parts.author.followers_uri.clone().unwrap_or_default();
    let mentioned = parts.mentions.iter().map(|m| m.1.clone()).collect();
    let (to, cc) = audience::write(post.visibility, &followers, mentioned);
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
        "sensitive": !post.warning.is_empty(),
        "summary": if post.warning.is_empty() { Value::Null } else { post.warning.clone().into() },
        "content": post.html,
        "contentMap": { (if post.language.is_empty() { "en" } else { post.language.as_str() }): post.html },
        "source": { "content": post.source, "mediaType": if post.markup == Markup::Plain { "text/plain" } else { "text/markdown" } },
        "published": super::actor::stamp(post.published_at),
        "tag": tag,
        "attachment": [],
        "replies": format!("{id}/replies"),
        "likes": { "id": format!("{id}/likes"), "type": "Collection", "totalItems": post.likes_count },
        "shares": { "id": format!("{id}/shares"), "type": "Collection", "totalItems": post.boosts_count },
    });
    if let (Some(at), Some(body)) = (post.edited_at, body.as_object_mut()) {
        body.insert("updated".into(), super::actor::stamp(at).into());
    }
    body
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
    use super::*;

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
    fn an_attachment_becomes_a_link_under_its_description() {
        let post = note(
            json!({ "attachment": { "type": "Image", "url": "https://m.example/x.png", "name": "ECG <b>strip</b>" } }),
        );
        assert!(read(&post, None).unwrap().html.contains(">ECG strip</a>"));
    }

    #[test]
    fn an_event_becomes_a_link() {
        let event = note(json!({ "type": "Event", "name": "Grand round", "url": "https://m.example/e/1" }));
        let read = read(&event, None).unwrap();
        assert!(read.html.contains("<a href=\"https://m.example/e/1\""));
        assert_eq!(read.title, "Grand round");
    }
}
