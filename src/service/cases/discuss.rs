use super::unnamed::{is_own, tell_answered};
use crate::{
    error::{Error, Result},
    model::{AccountId, Case, CaseState, Event, Held, Kept, NotificationKind, Post, PostId, Review},
    policy::{Viewer, cases as policy, moderation},
    service::{
        Ctx, groups,
        marks::{self, Mark},
        posts, sources,
    },
    store::{self, Conn},
    text::{self, NoLinks},
};

/// Longest outcome, in characters.
const MAX_OUTCOME: usize = 10_000;

/// Somebody has answered: notes the time where it is the first answer to a case, and tells those who follow it, and whoever asked
/// without their name. Any posts may be given; those that answer no case change nothing.
pub(in crate::service) async fn replied(ctx: &Ctx, conn: &mut Conn, posts: Vec<PostId>) -> Result<()> {
    store::cases::read::set_first_answer(conn, posts.clone()).await?;
    store::cases::follows::tell_of_answers(conn, posts.clone()).await?;
    tell_answered(ctx, conn, posts).await
}

/// Tells whoever wrote an answer, and those who follow the case, that its author (`from`) says that it answers it.
pub(super) async fn tell_marked(conn: &mut Conn, case: PostId, answer: &Post, from: AccountId) -> Result<()> {
    store::notifications::insert(conn, answer.author_id, NotificationKind::Case, from, Some(answer.id)).await?;
    store::cases::follows::tell_of_mark(conn, case, answer.id, from).await
}

/// Takes that back. Where the author has marked words of their own, what was told is that these are there, and that stays.
pub(super) async fn untell_marked(conn: &mut Conn, case: PostId, answer: &Post, from: AccountId) -> Result<()> {
    if answer.author_id == from {
        return Ok(());
    }
    store::notifications::delete(conn, answer.author_id, NotificationKind::Case, from, Some(answer.id)).await?;
    store::cases::follows::untell_of_mark(conn, case, answer.id, from).await
}

/// Whether a case is the viewer's own, in a group to which they still belong. Returns who is shown as its author.
pub(super) async fn require_own(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<AccountId> {
    let me = moderation::require_account(viewer)?;
    let post = posts::read(ctx, viewer, id).await?.post;
    let mut conn = ctx.pool.read().await?;
    let Some(group) = post.group_id.filter(|_| post.reply_to_uri.is_none()) else { return Err(Error::NotFound) };
    if store::cases::core::find(&mut conn, id).await?.is_none() {
        return Err(Error::NotFound);
    }
    if !is_own(ctx, &mut conn, me, &post).await? {
        return Err(Error::Forbidden("Only the person who asked the case decides that."));
    }
    groups::place(ctx, &mut conn, viewer, me, group, "").await?;
    Ok(post.author_id)
}

/// Takes a case that is not withdrawn, to change it.
pub(super) async fn lock(conn: &mut Conn, id: PostId) -> Result<(Post, Case)> {
    let post = store::posts::lock(conn, id).await?;
    let case = store::cases::core::lock(conn, id).await?;
    if case.state == CaseState::Withdrawn { Err(Error::NotFound) } else { Ok((post, case)) }
}

/// Tells the servers of the members what became of a case. What is held was told to nobody. What its group on another server did not
/// take before goes to it once more.
pub(super) async fn tell(conn: &mut Conn, post: &Post) -> Result<()> {
    let Some(group) = post.group_id.filter(|_| post.held.is_told()) else { return Ok(()) };
    if !post.refusal.is_empty() {
        store::groups::note_refusal(conn, post.id, "").await?;
    }
    groups::tell(conn, group, post.author_id, &Event::Update { post: post.id }).await
}

/// Says which reply answers a case of one's own; whoever wrote it is told, and whoever follows the case.
pub async fn mark_answer(ctx: &Ctx, viewer: &Viewer, case: PostId, reply: PostId) -> Result<()> {
    let from = require_own(ctx, viewer, case).await?;
    let answer = posts::read(ctx, viewer, reply).await?.post;
    if answer.held != Held::No {
        return Err(Error::Conflict("This answer waits for a moderator: the group does not see it yet.".into()));
    }
    let mut tx = ctx.tx().await?;
    if !store::cases::read::is_below(&mut tx, reply, case).await? {
        return Err(Error::NotFound);
    }
    let (post, known) = lock(&mut tx, case).await?;
    if known.answer_id == Some(reply) {
        return Ok(());
    }
    store::cases::read::set_answer(&mut tx, case, Some(reply)).await?;
    if known.state.may_become(CaseState::Answered) {
        store::cases::core::set_state(&mut tx, case, CaseState::Answered).await?;
    }
    store::posts::set_edited(&mut tx, case, ctx.now()).await?;
    tell_marked(&mut tx, case, &answer, from).await?;
    tell(&mut tx, &post).await?;
    tx.commit().await
}

/// Takes that back: the case is open again, unless what it was is known by now.
pub async fn unmark_answer(ctx: &Ctx, viewer: &Viewer, case: PostId) -> Result<()> {
    let from = require_own(ctx, viewer, case).await?;
    let mut tx = ctx.tx().await?;
    let (post, known) = lock(&mut tx, case).await?;
    if known.answer_id.is_none() {
        return Ok(());
    }
    unmark(&mut tx, case, &known, from).await?;
    if known.state == CaseState::Answered {
        store::cases::core::set_state(&mut tx, case, CaseState::Open).await?;
    }
    store::posts::set_edited(&mut tx, case, ctx.now()).await?;
    tell(&mut tx, &post).await?;
    tx.commit().await
}

/// No reply answers a case any more.
async fn unmark(conn: &mut Conn, case: PostId, known: &Case, from: AccountId) -> Result<()> {
    let Some(reply) = known.answer_id else { return Ok(()) };
    store::cases::read::set_answer(conn, case, None).await?;
    match store::posts::find(conn, reply).await? {
        Some(answer) => untell_marked(conn, case, &answer, from).await,
        None => Ok(()),
    }
}

/// Opens a case of one's own again that was answered or resolved. No reply answers it any more; what is known of its outcome
/// stays on it.
pub async fn reopen(ctx: &Ctx, viewer: &Viewer, case: PostId) -> Result<()> {
    let from = require_own(ctx, viewer, case).await?;
    let mut tx = ctx.tx().await?;
    let (post, known) = lock(&mut tx, case).await?;
    if !known.state.may_become(CaseState::Open) {
        return Ok(());
    }
    unmark(&mut tx, case, &known, from).await?;
    store::cases::core::set_state(&mut tx, case, CaseState::Open).await?;
    store::posts::set_edited(&mut tx, case, ctx.now()).await?;
    tell(&mut tx, &post).await?;
    tx.commit().await
}

/// Tells what it was, in Markdown, or tells it anew. Whoever took part or follows is told the first time. What could identify
/// the patient stays for a reason alone. Where much of that stays, or moderators look at all that its author posts, the case waits for
/// them with it, as an edited post does. Returns why the group does not see it.
///
/// # Errors
/// [`Error::Invalid`] of the field `marks` where something is marked, and nothing was said of it: see [`outcome_marks`]. So it is where
/// much stays in a group of another server, as nobody here looks at it first.
pub async fn add_outcome(ctx: &Ctx, viewer: &Viewer, case: PostId, text: &str, kept: &[Kept]) -> Result<Held> {
    require_own(ctx, viewer, case).await?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("outcome", "Write what it turned out to be, or how it went on."));
    }
    let marks = outcome_marks(ctx, viewer, text, kept).await?;
    posts::require_settled(&marks)?;
    let is_much = policy::needs_review(Review::Kept, marks.len(), false);
    let html = text::render(text, &NoLinks);
    let now = ctx.now();
    let mut tx = ctx.tx().await?;
    let (post, known) = lock(&mut tx, case).await?;
    let is_ours = groups::is_of_ours(&mut tx, &post).await?;
    if is_much && !is_ours {
        return Err(Error::invalid("marks", TOO_MUCH));
    }
    // The same words resolve a case anew that was opened again, and go once more to a group that did not take them.
    if known.outcome == text && !known.state.may_become(CaseState::Resolved) && post.refusal.is_empty() {
        return Ok(post.held);
    }
    store::cases::read::set_outcome(&mut tx, case, text, &html, now).await?;
    store::cases::core::add_findings(&mut tx, case, &marks::counts(&marks)).await?;
    sources::add(ctx, &mut tx, &post, text).await?;
    let edit = store::posts::Edit {
        title: post.title.clone(),
        warning: post.warning.clone(),
        source: post.source.clone(),
        html: with_outcome(&post.html, &known.outcome_html, &html),
        language: post.language.clone(),
        mentions: Vec::new(),
        tags: store::tags::list(&mut tx, case).await?,
        sensitive: post.sensitive,
        at: now,
    };
    store::posts::update(&mut tx, &post, edit).await?;
    let post = if is_ours {
        let why = if is_much && post.held == Held::No { Held::Screening } else { Held::No };
        Post { held: groups::held_anew(ctx, &mut tx, &post, why).await?, ..post }
    } else {
        post
    };
    if known.state.may_become(CaseState::Resolved) {
        store::cases::core::set_state(&mut tx, case, CaseState::Resolved).await?;
        store::cases::read::tell_participants(&mut tx, case).await?;
    }
    tell(&mut tx, &post).await?;
    tx.commit().await?;
    Ok(post.held)
}

/// The group sees what a moderator has looked at: where it is a case that is resolved, whoever took part in it or follows it is told
/// now.
pub(in crate::service) async fn seen_now(conn: &mut Conn, post: PostId) -> Result<()> {
    match store::cases::core::find(conn, post).await? {
        Some(case) if case.state == CaseState::Resolved => store::cases::read::tell_participants(conn, post).await,
        Some(_) | None => Ok(()),
    }
}

/// What in an outcome could identify the patient, in the order of the text, each with the reason where it stays.
///
/// # Errors
/// [`Error::Invalid`] for one that is too long to be told; [`Error::TooMany`] for whoever asks too often.
pub async fn outcome_marks(ctx: &Ctx, viewer: &Viewer, text: &str, kept: &[Kept]) -> Result<Vec<Mark>> {
    let me = moderation::require_account(viewer)?;
    let length = text.chars().count();
    if length > MAX_OUTCOME {
        return Err(Error::invalid("outcome", format!("This has {length} characters. The limit is {MAX_OUTCOME}.")));
    }
    let (text, kept) = (text.to_owned(), kept.to_vec());
    marks::look_through(ctx, me, move || Ok(marked(&text, &kept))).await
}

fn marked(text: &str, kept: &[Kept]) -> Vec<Mark> {
    let with_reason = |mark: Mark| {
        let kept = kept.iter().find(|kept| kept.words == mark.words && policy::is_reason(&kept.reason));
        Mark { reason: kept.map(|kept| kept.reason.clone()), ..mark }
    };
    marks::of_fields(&[("outcome".to_owned(), text)]).into_iter().map(with_reason).collect()
}

/// What is said where so much stays that somebody else would have to look first, in a group whose moderators are elsewhere.
const TOO_MUCH: &str =
    "Too much stays here that could identify the patient. Put it in other words: at most two may stay.";

/// The post's own text with the outcome on top of it, for readers and servers that know no cases.
fn with_outcome(html: &str, before: &str, now: &str) -> String {
    let part = |outcome: &str| match outcome {
        "" => String::new(),
        outcome => format!("<h3>Outcome</h3>{outcome}<hr>"),
    };
    format!("{}{}", part(now), html.strip_prefix(part(before).as_str()).unwrap_or(html))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_stands_on_top_of_the_text_once() {
        let first = with_outcome("<p>Asked.</p>", "", "<p>It was a clot.</p>");
        assert_eq!(first, "<h3>Outcome</h3><p>It was a clot.</p><hr><p>Asked.</p>");
        let second = with_outcome(&first, "<p>It was a clot.</p>", "<p>A clot, gone by Day +9.</p>");
        assert_eq!(second, "<h3>Outcome</h3><p>A clot, gone by Day +9.</p><hr><p>Asked.</p>");
    }

    #[test]
    fn an_outcome_that_names_the_patient_is_told_for_a_reason_alone() {
        assert!(posts::require_settled(&marked("Valve replaced on Day +9, well since.", &[])).is_ok());
        let named = "Mrs Miller was operated on 3 March 2026.";
        let found = marked(named, &[]);
        let refused = posts::require_settled(&found);
        assert!(matches!(refused, Err(Error::Invalid(faults)) if faults[0].field == "marks"));
        assert_eq!(found.iter().map(|mark| mark.words.as_str()).collect::<Vec<_>>(), ["Mrs Miller", "3 March 2026"]);
        let kept = |mark: &Mark| Kept {
            field: mark.field.clone(),
            words: mark.words.clone(),
            kind: String::new(),
            reason: "She wants to be named".into(),
        };
        let kept: Vec<Kept> = found.iter().map(kept).collect();
        let stay = marked(named, &kept);
        assert!(posts::require_settled(&stay).is_ok());
        assert_eq!(marks::counts(&stay).into_iter().collect::<Vec<_>>(), [("date", 1), ("name", 1)]);
    }
}
