//! What comes from other servers for a closed group of ours is looked through for what could identify a patient, before the
//! group sees it. What was found is kept as kinds and numbers, never as words.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{changes::held_anew, outside::titled};
use crate::{
    error::Result,
    model::{Group, Held, Post, PostId},
    policy::cases::needs_review,
    service::{Ctx, cases, remote::RemotePost, sources},
    store::{self, Conn},
    text::{
        identifiers::{self, Kind},
        sanitize,
    },
};

/// What was found: the kind, and the words.
pub(super) type Marks = Vec<(Kind, String)>;

/// Why what another server sent waits for the moderators, beside what they look at of everybody: for what is marked in it, or, of a
/// case, for the second look that the group wants for every one. Whoever takes that elsewhere is not known to us.
pub(super) fn looked_at_for(group: &Group, is_marked: bool, is_case: bool) -> Held {
    match (is_marked, is_case && needs_review(group.review, 0, false)) {
        (true, _) => Held::Screening,
        (false, true) => Held::Review,
        (false, false) => Held::No,
    }
}

/// What could identify a patient in texts that were looked through before the transaction begins in which they are kept: a long one
/// keeps a core busy for a while.
#[derive(Default)]
pub(in crate::service) struct Looked(HashMap<String, Marks>);

impl Looked {
    /// Looks through texts, away from the async threads.
    async fn through(ctx: &Ctx, mut texts: Vec<String>) -> Result<Self> {
        texts.retain(|text| !text.is_empty());
        if texts.is_empty() {
            return Ok(Self::default());
        }
        let look = |text: String| {
            let found = marks(&text);
            (text, found)
        };
        ctx.heavy(move || Ok(Self(texts.into_iter().map(look).collect()))).await
    }

    /// What is in these. What nobody could know of before, as it has changed since, is looked through now.
    async fn of(&self, ctx: &Ctx, texts: &[String]) -> Result<Marks> {
        let unread = texts.iter().filter(|text| !self.0.contains_key(*text)).cloned().collect();
        let unread = Self::through(ctx, unread).await?;
        let found = texts.iter().filter_map(|text| self.0.get(text).or_else(|| unread.0.get(text)));
        Ok(found.flatten().cloned().collect())
    }
}

fn marks(text: &str) -> Marks {
    let found = identifiers::find(text).into_iter();
    found.filter_map(|one| Some((one.kind, text.get(one.range)?.to_owned()))).collect()
}

/// Looks through a post that another server tells, and through what it said before, where it is for a closed group of ours and by
/// one of its members. Called before a transaction begins.
pub(in crate::service) async fn look_through(ctx: &Ctx, post: Option<&RemotePost>) -> Result<Looked> {
    let texts = match post {
        Some(post) => to_look_through(ctx, post).await?,
        None => Vec::new(),
    };
    Looked::through(ctx, texts).await
}

async fn to_look_through(ctx: &Ctx, post: &RemotePost) -> Result<Vec<String>> {
    let mut conn = ctx.pool.read().await?;
    let known = store::posts::find_by_uri(&mut conn, &post.uri).await?;
    let Some(id) = known.as_ref().map_or(post.group, |known| known.group_id) else { return Ok(Vec::new()) };
    let is_closed = store::groups::find(&mut conn, id).await?.is_some_and(|group| group.kind.is_for_members());
    if !is_closed
        || !store::accounts::get(&mut conn, id).await?.is_local()
        || !store::groups::membership(&mut conn, post.author, id).await?.member
    {
        return Ok(Vec::new());
    }
    let mut texts = words_of(&titled(post.clone()));
    if let Some(known) = known.filter(|known| known.author_id == post.author) {
        texts.extend(words_before(&mut conn, &known).await?);
    }
    Ok(texts)
}

/// What could identify a patient in a new post; nothing where the group is not closed.
pub(super) async fn of_new(ctx: &Ctx, group: &Group, post: &RemotePost, looked: &Looked) -> Result<Marks> {
    if group.kind.is_for_members() { looked.of(ctx, &words_of(post)).await } else { Ok(Vec::new()) }
}

/// Whether anything was found that did not stand there before.
async fn is_new(ctx: &Ctx, found: &[(Kind, String)], before: &[String], looked: &Looked) -> Result<bool> {
    if found.is_empty() {
        return Ok(false);
    }
    let known: HashSet<(Kind, String)> = looked.of(ctx, before).await?.into_iter().collect();
    Ok(found.iter().any(|mark| !known.contains(mark)))
}

/// Everything that a post tells, in plain words.
fn words_of(post: &RemotePost) -> Vec<String> {
    let mut all = vec![post.title.clone(), post.warning.clone(), plain(&post.html), post.interests.clone()];
    all.extend(post.media.iter().map(|picture| picture.description.clone()));
    all.extend(post.poll.iter().flat_map(|poll| poll.options.iter().map(|option| option.0.clone())));
    if let Some(case) = &post.case {
        all.extend(cases::remote::words(&case.body, &case.outcome_html));
    }
    all
}

/// The same of a post that we have.
async fn words_before(conn: &mut Conn, post: &Post) -> Result<Vec<String>> {
    let mut all = vec![post.title.clone(), post.warning.clone(), plain(&post.html), post.interests.clone()];
    all.extend(store::media::list_of(conn, post.id).await?.into_iter().map(|picture| picture.description));
    let poll = store::polls::find(conn, None, post.id).await?;
    all.extend(poll.into_iter().flat_map(|poll| poll.options).map(|option| option.title));
    all.extend(cases::remote::words_of(conn, post.id).await?);
    Ok(all)
}

/// The words of safe HTML without links to people: whoever is named by an address is a colleague.
pub(super) fn plain(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, link)) = rest.split_once("<a ") {
        kept.push_str(before);
        let (inner, after) = link.split_once("</a>").unwrap_or((link, ""));
        let (attributes, words) = inner.split_once('>').unwrap_or(("", inner));
        if !is_mention(attributes) || !sanitize::plain(words).starts_with('@') {
            kept.push_str(words);
        }
        rest = after;
    }
    kept.push_str(rest);
    sanitize::plain(&kept)
}

fn is_mention(attributes: &str) -> bool {
    let classes = attributes.split_once("class=\"").and_then(|(_, rest)| rest.split('"').next());
    classes.is_some_and(|classes| classes.split(' ').any(|class| class == "mention"))
}

/// Writes down what was found in a post. All of it still stands in the text.
pub(super) async fn log(conn: &mut Conn, post: PostId, found: &[(Kind, String)]) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    // A case tells its sections twice, in the text of the post and in their own fields: the same words are one mark.
    let distinct: HashSet<&(Kind, String)> = found.iter().collect();
    let mut counts: BTreeMap<Kind, i32> = BTreeMap::new();
    for (kind, _) in distinct {
        let count = counts.entry(*kind).or_default();
        *count = count.saturating_add(1);
    }
    let rows = counts.into_iter().map(|(kind, count)| (kind.as_str().to_owned(), count, count));
    store::cases::remote::clear_findings(conn, post).await?;
    store::cases::core::insert_findings(conn, post, rows.collect()).await
}

/// A post of another server in a group says something else now. Where that could identify a patient and did not stand there
/// before, where it is a case only now and the group looks at each twice, or where moderators look at all that its author posts,
/// nobody but these and its author sees it until one of them has looked. Its case and its sources are what it says now.
pub(in crate::service) async fn rewritten(
    ctx: &Ctx,
    conn: &mut Conn,
    post: &Post,
    new: &RemotePost,
    looked: &Looked,
) -> Result<()> {
    let Some(id) = post.group_id else { return Ok(()) };
    if let Some(group) = store::groups::find(conn, id).await?
        && store::accounts::get(conn, id).await?.is_local()
    {
        let before = words_before(conn, post).await?;
        let found = of_new(ctx, &group, new, looked).await?;
        let marked = is_new(ctx, &found, &before, looked).await?;
        let why = looked_at_for(&group, marked, becomes_case(conn, post, new).await?);
        if why != Held::No || says_more(conn, post, new, &before).await? {
            held_anew(ctx, conn, post, why).await?;
        }
        if marked {
            log(conn, post.id, &found).await?;
        }
    }
    sources::told(ctx, conn, post.id, id, new).await?;
    match &new.case {
        Some(told) => cases::remote::changed(conn, post, told, ctx.now()).await,
        None => Ok(()),
    }
}

/// Whether a post is a case now, and was none before.
async fn becomes_case(conn: &mut Conn, post: &Post, new: &RemotePost) -> Result<bool> {
    let is_case = new.case.is_some() && post.reply_to_uri.is_none();
    Ok(is_case
        && store::cases::core::find(conn, post.id).await?.is_none()
        && !store::posts::is_answered(conn, post.id).await?)
}

/// Whether a post of another server shows and says nothing that it did not before.
pub(super) async fn says_the_same(conn: &mut Conn, post: &Post, new: &RemotePost) -> Result<bool> {
    let before = words_before(conn, post).await?;
    Ok(!says_more(conn, post, &titled(new.clone()), &before).await?)
}

/// Whether a post shows or says what it did not before. That votes were counted is nothing of the kind.
async fn says_more(conn: &mut Conn, post: &Post, new: &RemotePost, before: &[String]) -> Result<bool> {
    let other = post.html != new.html || post.title != new.title || post.warning != new.warning;
    if other || words_of(new).iter().any(|words| !before.contains(words)) {
        return Ok(true);
    }
    let shown = store::media::list_of(conn, post.id).await?;
    let is_shown = |url: &String| shown.iter().any(|picture| picture.remote_url.as_ref() == Some(url));
    Ok(new.media.iter().any(|picture| !is_shown(&picture.url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_colleague_is_no_name_of_a_patient() {
        let html = "<p><span><a href=\"https://b.example/@bo\" class=\"u-url mention\" rel=\"x\">@<span>bo</span></a></span> \
            wrote to <a href=\"https://b.example/\" rel=\"x\">@John</a> and <a href=\"https://b.example/t\" class=\"mention hashtag\">#ecg</a></p>";
        assert_eq!(plain(html), "wrote to @John and #ecg");
        assert_eq!(plain("<p>No link</p>"), "No link");
        assert_eq!(plain("<a href=\"x\" class=\"mention\">@open"), "");
    }
}
