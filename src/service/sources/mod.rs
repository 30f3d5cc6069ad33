//! Sources of cases and replies, by DOI or PMID: what is typed and written, what is told to other servers and by them, and
//! the titles that are looked up later. Only numbers are kept of what is typed; titles come from whoever gives out the numbers.

mod answer;
mod lookup;

use std::collections::HashMap;

pub(super) use lookup::look_up_due;

use crate::{
    error::{Error, FieldError, Result},
    model::{AccountId, GroupKind, Post, PostId, Source, SourceKey},
    policy::{
        Viewer,
        sources::{MAX_LIST, MAX_SOURCES, batch},
    },
    service::{Ctx, remote::RemotePost},
    store::{self, Conn},
    text::{
        sanitize,
        sources::{find, listed, unique},
    },
};

/// Lines of a list that are called wrong at most.
const MOST_FAULTS: usize = 3;

/// What is wrong with a list of sources as it is typed, in words.
pub(super) fn faults(list: &str) -> Vec<String> {
    if list.chars().count() > MAX_LIST {
        return vec!["This list is too long: one DOI or PMID a line is enough.".to_owned()];
    }
    let (known, strange) = listed(list);
    let line = |line: &String| {
        format!("“{line}” is no DOI and no PMID. Write it as doi:10.1056/NEJMoa2034577 or PMID 33301246.")
    };
    let mut faults: Vec<String> = strange.iter().take(MOST_FAULTS).map(line).collect();
    if known.len() > MAX_SOURCES {
        faults.push(format!("These are {} sources. The limit is {MAX_SOURCES}.", known.len()));
    }
    faults
}

/// The sources that a list names, and then those that texts do, each once.
///
/// # Errors
/// [`Error::Invalid`] where the list has anything else in it.
pub(super) fn named<'a>(list: &str, texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<SourceKey>> {
    let faults = faults(list);
    if !faults.is_empty() {
        let fault = |message| FieldError { field: "sources", message };
        return Err(Error::Invalid(faults.into_iter().map(fault).collect()));
    }
    let written = texts.into_iter().flat_map(find);
    let mut all = unique(listed(list).0.into_iter().chain(written));
    all.truncate(MAX_SOURCES);
    Ok(all)
}

/// Says what a post in a group stands on, in place of what was said before. Where not everybody reads the group, the titles are
/// asked for at another time, or not at all.
pub(super) async fn cite(
    ctx: &Ctx,
    conn: &mut Conn,
    post: PostId,
    group: AccountId,
    named: Vec<SourceKey>,
) -> Result<()> {
    let config = &ctx.config.sources;
    let now = ctx.now();
    if named.is_empty() {
        return store::sources::put(conn, post, &[], now).await;
    }
    let is_open = store::groups::find(conn, group).await?.is_some_and(|group| group.kind == GroupKind::Open);
    let ask_at = |key: SourceKey| {
        let later = || batch(now, config.spread_hours, rand::random());
        let at = if is_open { Some(now) } else { config.lookup_for_members.then(later) };
        (key, at)
    };
    let named: Vec<_> = named.into_iter().take(MAX_SOURCES).map(ask_at).collect();
    store::sources::put(conn, post, &named, now).await
}

/// A post in a group says more: its sources are those that it had, and those that this text names.
pub(super) async fn add(ctx: &Ctx, conn: &mut Conn, post: &Post, text: &str) -> Result<()> {
    let (Some(group), named) = (post.group_id, find(text)) else { return Ok(()) };
    if named.is_empty() {
        return Ok(());
    }
    let known = store::sources::keys(conn, post.id).await?;
    cite(ctx, conn, post.id, group, unique(known.into_iter().chain(named))).await
}

/// A post of ours says something else now: what only its earlier words have named is none of its sources any more.
pub(super) async fn rewritten(ctx: &Ctx, conn: &mut Conn, post: &Post, text: &str) -> Result<()> {
    let Some(group) = post.group_id else { return Ok(()) };
    let (before, named) = (find(&post.source), find(text));
    let known = store::sources::keys(conn, post.id).await?;
    let stays = known.iter().filter(|key| !before.contains(key) || named.contains(key)).cloned();
    let now = unique(stays.chain(named.iter().cloned()));
    if now == known { Ok(()) } else { cite(ctx, conn, post.id, group, now).await }
}

/// A post of another server in a group has come, or says something else now. Where its server tells no sources apart, they are
/// those that its text names.
pub(super) async fn told(ctx: &Ctx, conn: &mut Conn, id: PostId, group: AccountId, post: &RemotePost) -> Result<()> {
    let named = post.sources.clone().unwrap_or_else(|| find(&sanitize::plain(&post.html)));
    cite(ctx, conn, id, group, named).await
}

/// A post's sources as they can be typed.
pub(super) async fn typed(conn: &mut Conn, post: PostId) -> Result<String> {
    let known = store::sources::keys(conn, post).await?;
    Ok(known.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// Sources as the end of a text, for readers and servers that know none.
pub(super) fn html(named: &[SourceKey]) -> String {
    if named.is_empty() {
        return String::new();
    }
    let line = |key: &SourceKey| {
        let (address, words) = (sanitize::escape(&key.address()), sanitize::escape(&key.to_string()));
        format!("<li><a href=\"{address}\" rel=\"nofollow noopener noreferrer ugc\">{words}</a></li>")
    };
    format!("\n<h3>Sources</h3>\n<ol>\n{}\n</ol>", named.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// What some posts that the viewer has read stand on, each in its order.
pub async fn list(ctx: &Ctx, _: &Viewer, posts: &[PostId]) -> Result<HashMap<PostId, Vec<Source>>> {
    let mut found: HashMap<PostId, Vec<Source>> = HashMap::new();
    if posts.is_empty() {
        return Ok(found);
    }
    for (post, source) in store::sources::list(&mut *ctx.pool.read().await?, posts.to_vec()).await? {
        found.entry(post).or_default().push(source);
    }
    Ok(found)
}

/// What a post of ours stands on, for other servers. Whoever asks may have read the post.
pub async fn of_post(ctx: &Ctx, post: &Post) -> Result<Vec<SourceKey>> {
    if post.group_id.is_none() || post.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    store::sources::keys(&mut *ctx.pool.read().await?, post.id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_with_anything_else_in_it_is_refused_in_words() {
        let Err(Error::Invalid(faults)) = named("PMID 1\nthe blue book", []) else { panic!("it is refused") };
        let [fault] = faults.as_slice() else { panic!("{faults:?}") };
        assert!(fault.field == "sources" && fault.message.starts_with("“the blue book” is no DOI and no PMID."));
        let many: Vec<String> = (1..=21).map(|n| format!("PMID {n}")).collect();
        assert!(faults_of(&many.join("\n")).contains("The limit is 20"));
        assert!(faults_of(&"x".repeat(8_001)).contains("too long"));
    }

    fn faults_of(list: &str) -> String {
        faults(list).join(" ")
    }

    #[test]
    fn what_is_listed_comes_before_what_is_written() {
        let all = named("PMID 2\n10.1000/X", ["see PMID 1, PMID 2", "doi:10.1000/x"]).unwrap();
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(all, ["PMID 2", "doi:10.1000/x", "PMID 1"]);
        let text = (1..=30).map(|n| format!("PMID {n}")).collect::<Vec<_>>().join(", ");
        assert_eq!(named("", [text.as_str()]).unwrap().len(), MAX_SOURCES);
    }

    #[test]
    fn other_servers_leave_the_list_as_it_is() {
        let named = find("doi:10.1002/(sici)1096(1996)61:3<216::aid-1>3.0.co;2-s, PMID 7");
        let html = html(&named);
        let html = format!("<p>Asked.</p>{html}");
        assert_eq!(sanitize::html(&html), html);
        assert_eq!(find(&sanitize::plain(&html)), named, "and it can be read from there");
    }
}
