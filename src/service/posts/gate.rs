//! The gate of posts in groups: what in an answer or a discussion could identify a patient stays only where its author has said
//! why, and its pictures are seen by others only where its author has looked at each. What was found is kept as kinds and numbers,
//! never as words.

use super::{
    again,
    edit::{Change, Draft},
    publish::NewPost,
};
use crate::{
    error::{Error, FieldError, Result},
    model::{Kept, Media, MediaId, Post, PostId, Review, discreet::discreet},
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

/// Which pictures of a post in a group its author has looked at, and found nothing in them by which the patient could be recognised.
#[derive(Debug, Clone, Default)]
pub enum Looked {
    /// Nobody was asked, as by an app that does not know of it.
    #[default]
    Unasked,
    /// These.
    At(Vec<MediaId>),
    /// All of them.
    AtAll,
}

impl Looked {
    /// Which ones of these, as they are kept with a post to come.
    pub(in crate::service) fn of(self, pictures: &[MediaId]) -> Vec<MediaId> {
        match self {
            Self::Unasked => Vec::new(),
            Self::At(seen) => seen.into_iter().filter(|id| pictures.contains(id)).collect(),
            Self::AtAll => pictures.to_vec(),
        }
    }

    /// What is to be said of the pictures of a form that nobody has looked at; `new` are those that nobody has seen yet.
    fn faults(&self, pictures: &[MediaId], new: &[MediaId]) -> Vec<FieldError> {
        let say = |message: String| FieldError { field: "pictures", message };
        match self {
            _ if new.is_empty() => Vec::new(),
            Self::AtAll => Vec::new(),
            Self::Unasked => {
                vec![say("Pictures in a group are added on the pages, where parts of them can be covered.".into())]
            }
            Self::At(seen) => {
                let numbered = (1_usize..).zip(pictures);
                let unseen = numbered.filter(|(_, id)| new.contains(id) && !seen.contains(id));
                let words = "look at it, cover what has to be covered, and say that you have looked.";
                unseen.map(|(n, _)| say(format!("Picture {n}: {words}"))).collect()
            }
        }
    }
}

/// What in a post to come could identify a patient, in the order of its form, each with the reason where it stays. Nothing is
/// asked of its place: whether it is for a group is for [`super::publish()`] to say.
///
/// # Errors
/// [`Error::Invalid`] where a text is too long to be posted; [`Error::TooMany`] for whoever asks too often.
pub async fn marks(ctx: &Ctx, viewer: &Viewer, new: &NewPost) -> Result<Vec<Mark>> {
    posting::check_text(&new.text, &new.warning, true)?;
    posting::check_title(&new.title)?;
    let handles = super::render(ctx, &new.text, new.markup).await?.handles;
    found(ctx, viewer, new, &handles).await
}

/// The same of a post whose text has been rendered.
pub(super) async fn found(ctx: &Ctx, viewer: &Viewer, new: &NewPost, handles: &[String]) -> Result<Vec<Mark>> {
    let me = moderation::require_account(viewer)?;
    let pictures = match new.media.as_slice() {
        [] => Vec::new(),
        ids => store::media::list_loose(&mut *ctx.pool.get().await?, me, ids.to_vec()).await?,
    };
    // What stands on the author's own page tells of no patient.
    let interests = match new.interests.trim() {
        "" => None,
        said => {
            let known = store::accounts::get(&mut *ctx.pool.get().await?, me).await?.interests;
            (said != known).then_some(new.interests.as_str())
        }
    };
    let options = new.poll.as_ref().map(|poll| poll.options.as_slice()).unwrap_or_default();
    let mut fields = vec![field("title", &new.title), field("text", &new.text), field("warning", &new.warning)];
    fields.extend(interests.map(|said| field("interests", said)));
    fields.extend(around(&pictures, options));
    let (handles, stays) = (handles.to_vec(), new.stays.clone());
    marks::look_through(ctx, me, move || Ok(of_fields(&fields, &handles, &stays))).await
}

/// A field with its text.
fn field(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

/// The fields of what stands around a text.
fn around(pictures: &[Media], options: &[String]) -> impl Iterator<Item = (String, String)> {
    let pictures = pictures.iter().map(|one| field(&format!("picture-{}", one.id), &one.description));
    pictures.chain((1_usize..).zip(options).map(|(n, option)| field(&format!("choice-{n}"), option)))
}

/// What is marked in fields. Whoever is named by a handle in them is a colleague.
fn of_fields(fields: &[(String, String)], handles: &[String], stays: &Stays) -> Vec<Mark> {
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
    unsettled(found).map_or(Ok(()), |fault| Err(Error::Invalid(vec![fault])))
}

fn unsettled(found: &[Mark]) -> Option<FieldError> {
    let message = match found.iter().filter(|mark| mark.reason.is_none()).count() {
        0 => return None,
        1 => "Something here could identify a patient: put it in other words, or say why it stays.".to_owned(),
        n => format!("{n} things here could identify a patient: put them in other words, or say why they stay."),
    };
    Some(FieldError { field: "marks", message })
}

/// The same, and refuses pictures that nobody has looked at; `new` are those of a post's pictures that come into the group with it.
///
/// # Errors
/// [`Error::Invalid`] of the fields `marks` and `pictures`.
pub(in crate::service) fn require_passed(
    found: &[Mark],
    (pictures, new): (&[MediaId], &[MediaId]),
    looked: &Looked,
) -> Result<()> {
    let mut faults: Vec<FieldError> = unsettled(found).into_iter().collect();
    faults.extend(looked.faults(pictures, new));
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
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
/// [`Error::Invalid`] where a text is too long to be posted; [`Error::TooMany`] for whoever asks too often.
pub async fn marks_of_edit(ctx: &Ctx, post: &Post, draft: &Draft) -> Result<Vec<Mark>> {
    posting::check_text(&draft.text, &draft.warning, true)?;
    let handles = super::render(ctx, &draft.text, post.markup).await?.handles;
    rewritten(ctx, post, draft, &added(ctx, post, draft).await?, &handles).await
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
pub(super) async fn rewritten(
    ctx: &Ctx,
    post: &Post,
    draft: &Draft,
    added: &[Media],
    handles: &[String],
) -> Result<Vec<Mark>> {
    if post.group_id.is_none() {
        return Ok(Vec::new());
    }
    let options = if let Change::Replace(poll) = &draft.poll { poll.options.as_slice() } else { &[] };
    let mut fields = vec![field("text", &draft.text), field("warning", &draft.warning)];
    fields.extend(around(added, options));
    let (text, warning) = again::as_read(ctx, post).await?;
    let before = [field("text", &text), field("warning", &warning)];
    let (handles, stays) = (handles.to_vec(), draft.stays.clone());
    let look = move || {
        let before = of_fields(&before, &handles, &Stays::default());
        let is_new = |mark: &Mark| before.iter().all(|old| (old.kind, &old.words) != (mark.kind, &mark.words));
        Ok(of_fields(&fields, &handles, &stays).into_iter().filter(is_new).collect::<Vec<Mark>>())
    };
    marks::look_through(ctx, post.author_id, look).await
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
        let found = of_fields(&[field("text", text)], &handles, stays);
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
    fn each_new_picture_is_looked_at() {
        let (pictures, new) = ([MediaId(7), MediaId(8), MediaId(9)], [MediaId(8), MediaId(9)]);
        let faults = |looked: &Looked| {
            let said = looked.faults(&pictures, &new).into_iter();
            said.map(|fault| fault.message.split(':').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(faults(&Looked::At(vec![MediaId(8)])), ["Picture 3"]);
        assert_eq!(faults(&Looked::At(vec![MediaId(9), MediaId(8)])), Vec::<String>::new());
        assert!(faults(&Looked::AtAll).is_empty() && faults(&Looked::Unasked).len() == 1);
        assert!(Looked::Unasked.faults(&pictures, &[]).is_empty(), "those that stand there stay");
        assert_eq!(Looked::At(vec![MediaId(1), MediaId(8)]).of(&pictures), [MediaId(8)]);
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
