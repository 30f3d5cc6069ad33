//! Open groups of ours and software that knows no groups: whoever there follows one and names it opens a discussion in it, and
//! whoever answers there answers in it.

use std::collections::HashSet;

use super::{proven, remote::posted_by_remote, screen};
use crate::{
    error::{Error, Result},
    model::{Account, AccountId, GroupKind},
    policy::{groups as policy, posting},
    service::{Ctx, remote::RemotePost},
    store::{self, Conn},
    text::sanitize,
};

/// Which of these addresses are open groups of ours, or posts in them.
pub async fn open_among(ctx: &Ctx, uris: Vec<String>) -> Result<HashSet<String>> {
    if uris.is_empty() {
        return Ok(HashSet::new());
    }
    Ok(store::groups::open_among(&mut *ctx.pool.read().await?, uris).await?.into_iter().collect())
}

/// The open group of ours that a post is meant for: that of what it answers; where it answers nothing, the first that is named.
pub async fn open_for(ctx: &Ctx, named: &[String], parent: Option<&str>) -> Result<Option<AccountId>> {
    let mut conn = ctx.pool.read().await?;
    let Some(parent) = parent else {
        let known = store::groups::open_among(&mut conn, named.to_vec()).await?;
        let Some(first) = named.iter().find(|uri| known.contains(uri)) else { return Ok(None) };
        return Ok(store::accounts::find_by_uri(&mut conn, first).await?.map(|group| group.id));
    };
    let parent = store::posts::find_by_uri(&mut conn, parent).await?;
    let Some(id) = parent.and_then(|parent| parent.group_id) else { return Ok(None) };
    let is_ours = store::accounts::get(&mut conn, id).await?.is_local();
    let group = store::groups::find(&mut conn, id).await?.filter(|group| is_ours && group.kind == GroupKind::Open);
    Ok(group.map(|group| group.account_id))
}

/// A post for everybody by somebody whose software knows no groups, meant for an open group of ours: it is posted there where
/// they may post; else it is a post like any other.
pub(in crate::service) async fn posted_from_outside(
    ctx: &Ctx,
    conn: &mut Conn,
    who: &Account,
    post: RemotePost,
    activity: &str,
) -> Result<()> {
    let meant = titled(post.clone());
    if may_take(ctx, conn, who, &meant).await? {
        // In an open group nothing is looked through.
        return posted_by_remote(ctx, conn, who, meant, activity, &screen::Looked::default()).await;
    }
    let post = RemotePost { group: None, ..post };
    store::incoming::insert(conn, std::slice::from_ref(&post)).await.map(drop)
}

async fn may_take(ctx: &Ctx, conn: &mut Conn, who: &Account, post: &RemotePost) -> Result<bool> {
    let Some(id) = post.group else { return Ok(false) };
    let group = store::groups::find(conn, id).await?.ok_or(Error::NotFound)?;
    let membership = store::groups::membership(conn, who.id, id).await?;
    let proven = proven(ctx, conn, &group, who.id).await?;
    match policy::may_post(&group, membership, &proven) {
        Ok(()) => {}
        Err(Error::Forbidden(_) | Error::Invalid(_)) => return Ok(false),
        Err(other) => return Err(other),
    }
    let Some(parent) = &post.reply_to else { return Ok(!post.title.is_empty()) };
    match store::posts::find_by_uri(conn, parent).await? {
        Some(parent) if parent.group_id == Some(id) => Ok(!store::groups::is_locked(conn, parent.id).await?),
        Some(_) | None => Ok(false),
    }
}

/// What opens a discussion has a title.
pub(super) fn titled(post: RemotePost) -> RemotePost {
    if post.reply_to.is_some() || !post.title.is_empty() {
        return post;
    }
    RemotePost { title: title_of(&post.html), ..post }
}

/// The title of a post that came without one: its first line, without whom it names in the beginning.
pub(in crate::service) fn title_of(html: &str) -> String {
    let text = screen::plain(html);
    let words = |line: &str| {
        let words = line.split_whitespace().skip_while(|word| word.starts_with('@')).collect::<Vec<_>>().join(" ");
        sanitize::line(&words, posting::MAX_TITLE)
    };
    text.lines().map(words).find(|line| !line.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_line_without_whom_it_names() {
        let mention = "<a href=\"https://a.example/users/hearts\" class=\"u-url mention\">@<span>hearts</span></a>";
        let long = "x".repeat(200);
        for (html, title) in [
            (format!("<p><span>{mention}</span> Which lead?</p><p>More</p>"), "Which lead?"),
            (format!("<p>{mention}</p><p>Which lead?</p>"), "Which lead?"),
            ("<p>@hearts@a.example Which<br>lead?</p>".to_owned(), "Which"),
            (format!("<p>{mention}</p>"), ""),
            (format!("<p>{long}yz</p>"), long.as_str()),
        ] {
            assert_eq!(title_of(&html), title, "{html}");
        }
    }
}
