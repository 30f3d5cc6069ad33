//! Conflicts of interest: what the forms of posts in groups begin with, and what stands beside a post.

use crate::{
    error::Result,
    model::{Account, Post},
    service::profiles,
    web::session::Visitor,
};

/// What the field is for.
pub(in crate::web) const HINT: &str =
    "Shown beside what you write, in at most 500 characters. What stands on your profile is filled in.";

/// What stands on the viewer's own profile.
pub(in crate::web) async fn own(visitor: &Visitor) -> Result<String> {
    profiles::own_interests(&visitor.ctx, &visitor.viewer()).await
}

/// The same for an answer to a post in a group. Where they may answer without their name (`unnamed`) it is nothing: it would tell
/// who they are.
pub(super) async fn for_answer(visitor: &Visitor, to: &Post, unnamed: bool) -> Result<String> {
    if visitor.signed_in.is_none() || to.group_id.is_none() || unnamed {
        return Ok(String::new());
    }
    own(visitor).await
}

/// What the author of a post declares: for this post, and on their own page.
pub(super) fn declared(post: &Post, people: &[Account]) -> String {
    let author = people.iter().find(|one| one.id == post.author_id);
    let all = [post.interests.as_str(), author.map_or("", |author| author.interests.as_str())];
    let mut said: Vec<&str> = all.into_iter().filter(|one| !one.is_empty()).collect();
    said.dedup();
    said.join("; ")
}
