//! The gate of posts in groups: what in an answer or a discussion could identify a patient stays only where its author has said
//! why. What was found is kept as kinds and numbers, never as words.

use super::{
    edit::{Change, Draft},
    publish::NewPost,
};
use crate::{
    error::{Error, Result},
    model::{Kept, Media, Post, PostId, Review, discreet::discreet},
    policy::{Viewer, cases as policy, moderation, posting},
    service::{
        Ctx,
        marks::{self, Cut, Mark},
    },
    store::{self, Conn},
};

/// Why what could identify a patient stays in a post.
#[derive(Clone)]
pub enum Stays {
    /// These words, each for a reason of its own.
    Words(Vec<Kept>),
    /// All that is marked, for one reason.
    All(String),
}

discreet!(Stays {});

impl Default for Stays {
    fn default() -> Self {
        Self::Words(Vec::new())
    }
}

impl Stays {
    /// Why something stays that is marked; none where nothing was said, or too little.
    fn reason(&self, mark: &Mark) -> Option<&str> {
        let reason = match self {
            Self::All(reason) => Some(reason.as_str()),
            Self::Words(kept) => kept
                .iter()
                .find(|kept| kept.field == mark.field && kept.words == mark.words)
                .map(|kept| kept.reason.as_str()),
        };
        reason.filter(|reason| policy::is_reason(reason))
    }
}

/// What in a post to come could identify a patient, in the order of its form, each with the reason where it stays. Nothing is
/// asked of its place: whether it is for a group is for [`super::publish()`] to say.
///
/// # Errors
/// [`Error::Invalid`] where a text is too long to be posted.
pub async fn marks(ctx: &Ctx, viewer: &Viewer, new: &NewPost) -> Result<Vec<Mark>> {
    posting::check_text(&new.text, &new.warning, true)?;
    posting::check_title(&new.title)?;
    let handles = super::render(ctx, &new.text, new.markup).await?.handles;
    found(ctx, viewer, new, &handles).await
}

/// The same of a post whose text has been rendered.
pub(super) async fn found(ctx: &Ctx, viewer: &Viewer, new: &NewPost, handles: &[String]) -> Result<Vec<Mark>> {
    let pictures = match new.media.as_slice() {
        [] => Vec::new(),
        ids => {
            let me = moderation::require_account(viewer)?;
            store::media::list_loose(&mut *ctx.pool.get().await?, me, ids.to_vec()).await?
        }
    };
    // What stands on the author's own page tells of no patient.
    let interests = match new.interests.trim() {
        "" => None,
        said => {
            let me = moderation::require_account(viewer)?;
            let known = store::accounts::get(&mut *ctx.pool.get().await?, me).await?.interests;
            (said != known).then_some(new.interests.as_str())
        }
    };
    let options = new.poll.iter().flat_map(|poll| &poll.options);
    let mut fields = vec![
        ("title".to_owned(), new.title.as_str()),
        ("text".to_owned(), new.text.as_str()),
        ("warning".to_owned(), new.warning.as_str()),
    ];
    fields.extend(interests.map(|said| ("interests".to_owned(), said)));
    fields.extend(pictures.iter().map(|one| (format!("picture-{}", one.id), one.description.as_str())));
    fields.extend((1_usize..).zip(options).map(|(n, option)| (format!("choice-{n}"), option.as_str())));
    Ok(of_fields(&fields, handles, &new.stays))
}

/// What is marked in fields. Whoever is named by a handle in them is a colleague.
fn of_fields(fields: &[(String, &str)], handles: &[String], stays: &Stays) -> Vec<Mark> {
    let hidden: Vec<String> = fields.iter().map(|(_, text)| without_handles(text, handles)).collect();
    let read: Vec<(String, &str)> =
        fields.iter().zip(&hidden).map(|((field, _), text)| (field.clone(), text.as_str())).collect();
    let whole = |mut mark: Mark| {
        let text =
            fields.iter().find(|(field, _)| *field == mark.field).and_then(|(_, text)| text.get(mark.start..mark.end));
        if let Some(words) = text {
            words.clone_into(&mut mark.words);
        }
        mark.reason = stays.reason(&mark).map(str::to_owned);
        mark
    };
    marks::of_fields(&read).into_iter().map(whole).collect()
}

/// A text of the same length in which spaces stand for the handles.
fn without_handles(text: &str, handles: &[String]) -> String {
    let mut kept = text.to_owned();
    for handle in handles {
        let written = format!("@{handle}");
        let lower = kept.to_ascii_lowercase();
        for (at, _) in lower.match_indices(&written) {
            let end = at + written.len();
            let goes_on = lower
                .get(end..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '@')));
            if !goes_on && kept.is_char_boundary(at) && kept.is_char_boundary(end) {
                kept.replace_range(at..end, &" ".repeat(written.len()));
            }
        }
    }
    kept
}

/// Refuses a post in which something is marked, and nothing was said of it.
///
/// # Errors
/// [`Error::Invalid`] of the field `marks`; what is marked, [`marks()`] says.
pub(in crate::service) fn require_settled(found: &[Mark]) -> Result<()> {
    match found.iter().filter(|mark| mark.reason.is_none()).count() {
        0 => Ok(()),
        1 => Err(Error::invalid(
            "marks",
            "Something here could identify a patient: put it in other words, or say why it stays.",
        )),
        n => Err(Error::invalid(
            "marks",
            format!("{n} things here could identify a patient: put them in other words, or say why they stay."),
        )),
    }
}

/// Whether so much stays in a post that somebody else looks at it first, as at a case.
pub(super) fn needs_look(found: &[Mark]) -> bool {
    policy::needs_review(Review::Kept, found.len(), false)
}

/// Writes down what was found in a post, and stays.
pub(super) async fn log(conn: &mut Conn, post: PostId, found: &[Mark]) -> Result<()> {
    store::cases::core::add_findings(conn, post, &marks::counts(found)).await
}

/// What in new words for one's own post in a group could identify a patient, and did not stand in it before.
///
/// # Errors
/// [`Error::Invalid`] where a text is too long to be posted.
pub async fn marks_of_edit(ctx: &Ctx, post: &Post, draft: &Draft) -> Result<Vec<Mark>> {
    posting::check_text(&draft.text, &draft.warning, true)?;
    let handles = super::render(ctx, &draft.text, post.markup).await?.handles;
    Ok(rewritten(post, draft, &added(ctx, post, draft).await?, &handles))
}

/// The pictures that come into a post in a group with new words.
pub(super) async fn added(ctx: &Ctx, post: &Post, draft: &Draft) -> Result<Vec<Media>> {
    match draft.media.as_deref() {
        Some(ids) if post.group_id.is_some() && !ids.is_empty() => {
            store::media::list_loose(&mut *ctx.pool.get().await?, post.author_id, ids.to_vec()).await
        }
        Some(_) | None => Ok(Vec::new()),
    }
}

/// The same of words that have been rendered; nothing where the post is in no group.
pub(super) fn rewritten(post: &Post, draft: &Draft, added: &[Media], handles: &[String]) -> Vec<Mark> {
    if post.group_id.is_none() {
        return Vec::new();
    }
    let mut fields = vec![("text".to_owned(), draft.text.as_str()), ("warning".to_owned(), draft.warning.as_str())];
    fields.extend(added.iter().map(|one| (format!("picture-{}", one.id), one.description.as_str())));
    if let Change::Replace(poll) = &draft.poll {
        fields.extend((1_usize..).zip(&poll.options).map(|(n, option)| (format!("choice-{n}"), option.as_str())));
    }
    let before = [("text".to_owned(), post.source.as_str()), ("warning".to_owned(), post.warning.as_str())];
    let before = of_fields(&before, handles, &Stays::default());
    let is_new = |mark: &Mark| before.iter().all(|old| (old.kind, &old.words) != (mark.kind, &mark.words));
    of_fields(&fields, handles, &draft.stays).into_iter().filter(is_new).collect()
}

/// A text with other words in the place of a mark, or without what is marked; none where that is not there any more.
pub fn mended(text: &str, mark: &Mark, now: &str, how: Cut, all: &[Mark]) -> Option<String> {
    let here = all.iter().filter(|one| one.field == mark.field && one.start != mark.start);
    let others: Vec<_> = here.map(|one| one.start..one.end).collect();
    marks::mended(text, mark, now.trim(), how, &others).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(words: &str, reason: &str) -> Stays {
        let (field, words, kind) = ("text".into(), words.into(), "name".into());
        Stays::Words(vec![Kept { field, words, kind, reason: reason.into() }])
    }

    fn open(text: &str, handles: &[&str], stays: &Stays) -> Vec<String> {
        let handles: Vec<String> = handles.iter().map(|one| (*one).to_owned()).collect();
        let found = of_fields(&[("text".to_owned(), text)], &handles, stays);
        assert_eq!(require_settled(&found).is_ok(), found.iter().all(|mark| mark.reason.is_some()));
        found.into_iter().filter(|mark| mark.reason.is_none()).map(|mark| mark.words).collect()
    }

    #[test]
    fn a_colleague_named_by_a_handle_is_no_patient() {
        let text = "@Bo@beta.test I saw Mr Hargreaves too.";
        assert_eq!(open(text, &["bo@beta.test"], &Stays::default()), ["Mr Hargreaves"]);
        assert_eq!(without_handles("@bo @bob", &["bo".into()]), "    @bob");
    }

    #[test]
    fn words_stay_for_a_reason_alone() {
        let text = "I saw Mr Hargreaves too.";
        assert_eq!(open(text, &[], &kept("Mr Hargreaves", "ok")).len(), 1, "that is no reason");
        assert_eq!(open(text, &[], &kept("Mr Miller", "The author of the score")).len(), 1);
        assert!(open(text, &[], &kept("Mr Hargreaves", "The author of the score")).is_empty());
        assert!(open(text, &[], &Stays::All("The author of the score".into())).is_empty());
    }
}
