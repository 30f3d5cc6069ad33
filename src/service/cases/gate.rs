//! The gate: what in a draft could identify a patient, what its author makes of that, and what is still open before a group
//! may see it.

use std::{collections::BTreeMap, ops::Range};

use super::draft::{change, rework};
use crate::{
    error::{Error, FieldError, Result},
    model::{CaseDraft, CaseDraftId, CasePictureId, GroupKind, Kept, Mended},
    policy::{Viewer, cases as policy, moderation, posting, ranking},
    service::{
        Ctx,
        marks::{self as found, Cut, Mark},
        sources,
    },
};

/// What is said where a text is no longer what it was when it was looked at.
const CHANGED: &str = "The text has been changed since. Please look at it again.";

/// The fields with their texts, in the order of the form.
fn fields(draft: &CaseDraft) -> Vec<(String, &str)> {
    let mut all = vec![("question".to_owned(), draft.question.as_str()), ("age".to_owned(), draft.age.as_str())];
    all.extend(draft.sections.iter().map(|(key, text)| (format!("section-{key}"), text.as_str())));
    all.extend((1_usize..).zip(&draft.timeline).map(|(n, step)| (format!("step-{n}"), step.text.as_str())));
    all.extend(draft.pictures.iter().map(|p| (format!("picture-{}", p.id), p.description.as_str())));
    all.push(("options".to_owned(), draft.options.as_str()));
    all.push(("interests".to_owned(), draft.interests.as_str()));
    all
}

/// The text of a field; none where there is no such field.
pub fn field_text<'a>(draft: &'a CaseDraft, field: &str) -> Option<&'a str> {
    fields(draft).into_iter().find(|(name, _)| name == field).map(|(_, text)| text)
}

fn text_mut<'a>(draft: &'a mut CaseDraft, field: &str) -> Option<&'a mut String> {
    match field.split_once('-') {
        None => match field {
            "question" => Some(&mut draft.question),
            "age" => Some(&mut draft.age),
            "options" => Some(&mut draft.options),
            "interests" => Some(&mut draft.interests),
            _ => None,
        },
        Some(("section", key)) => draft.sections.iter_mut().find(|(k, _)| k.as_str() == key).map(|(_, text)| text),
        Some(("step", n)) => {
            let place = n.parse::<usize>().ok()?.checked_sub(1)?;
            draft.timeline.get_mut(place).map(|step| &mut step.text)
        }
        Some(("picture", id)) => {
            let id: CasePictureId = id.parse().ok()?;
            draft.pictures.iter_mut().find(|p| p.id == id).map(|p| &mut p.description)
        }
        Some(_) => None,
    }
}

/// What in a draft could identify a patient, in the order of the form. All fields are read as one text: so days count from the
/// same first one, and a name that is told of in one place is known in the next. With a long case that takes a while: whoever
/// waits for it asks [`marks_of`].
pub fn marks(draft: &CaseDraft) -> Vec<Mark> {
    let with_reason = |mark: Mark| {
        let kept = draft.kept.iter().find(|kept| kept.field == mark.field && kept.words == mark.words);
        Mark { reason: kept.map(|kept| kept.reason.clone()), ..mark }
    };
    found::of_fields(&fields(draft)).into_iter().map(with_reason).collect()
}

/// The same away from the async threads.
///
/// # Errors
/// [`Error::TooMany`] for whoever has cases looked through too often.
pub async fn marks_of(ctx: &Ctx, viewer: &Viewer, draft: &CaseDraft) -> Result<Vec<Mark>> {
    let (me, draft) = (moderation::require_account(viewer)?, draft.clone());
    found::look_through(ctx, me, move || Ok(marks(&draft))).await
}

/// Puts other words in the place of what was marked, and remembers both. Where nothing takes its place, the phrase that says
/// nothing without it goes too, or the whole sentence; `marks` are those of the draft that stand where they did.
fn replace(draft: &mut CaseDraft, mark: &Mark, now: &str, how: Cut, marks: &[Mark]) -> Result<()> {
    let changed = || Error::Conflict(CHANGED.into());
    let before = field_text(draft, &mark.field).ok_or_else(changed)?.to_owned();
    let here = |field: &str| field == mark.field;
    let marked = marks.iter().filter(|one| here(&one.field) && one.start != mark.start).map(|one| one.start..one.end);
    let mended = draft.mended.iter().filter(|one| here(&one.field)).map(|one| one.at..one.at + one.now.len());
    let others: Vec<Range<usize>> = marked.chain(mended).collect();
    let (gone, after) = found::mended(&before, mark, now, how, &others).ok_or_else(changed)?;
    let was = before.get(gone.clone()).ok_or_else(changed)?.to_owned();
    *text_mut(draft, &mark.field).ok_or_else(changed)? = after;
    // What was mended in a sentence that goes is gone with it.
    let is_gone = |one: &Mended| {
        one.field == mark.field && gone.contains(&one.at) && !(one.now.is_empty() && one.at == gone.start)
    };
    draft.mended.retain(|one| !is_gone(one));
    shift(draft, &mark.field, gone.start, was.len(), now.len());
    draft.kept.retain(|kept| kept.field != mark.field || kept.words != mark.words);
    draft.mended.push(Mended {
        field: mark.field.clone(),
        was,
        now: now.to_owned(),
        kind: mark.kind.as_str().to_owned(),
        at: gone.start,
    });
    Ok(())
}

/// What stands behind a place of a field moves when something there gets longer or shorter.
fn shift(draft: &mut CaseDraft, field: &str, place: usize, was: usize, now: usize) {
    for other in draft.mended.iter_mut().filter(|other| other.field == field && other.at > place) {
        other.at = (other.at + now).saturating_sub(was);
    }
}

/// Forgets what was kept in words that are gone, and what was mended in a text that says something else now.
pub(super) fn settle(before: &CaseDraft, draft: &mut CaseDraft) {
    let (kept, mended) = (std::mem::take(&mut draft.kept), std::mem::take(&mut draft.mended));
    let stays = |one: &Kept| field_text(draft, &one.field).is_some_and(|text| text.contains(&one.words));
    let found = |one: Mended| {
        let text = field_text(draft, &one.field)?;
        if field_text(before, &one.field) == Some(text) {
            return Some(one);
        }
        let at = if one.now.is_empty() { None } else { text.find(&one.now) };
        at.map(|at| Mended { at, ..one })
    };
    let kept = kept.into_iter().filter(stays).collect();
    let mended = mended.into_iter().filter_map(found).collect();
    (draft.kept, draft.mended) = (kept, mended);
}

/// Remembers how much of each kind has been marked at most: what is mended later was found all the same. `marks` are those that
/// stand in the draft.
pub(super) fn note(draft: &mut CaseDraft, marks: &[Mark]) {
    let mut counts: BTreeMap<String, i32> = BTreeMap::new();
    let marked = marks.iter().map(|mark| mark.kind.as_str().to_owned());
    for kind in marked.chain(draft.mended.iter().map(|one| one.kind.clone())) {
        *counts.entry(kind).or_default() += 1;
    }
    for (kind, most) in draft.found.drain(..) {
        let count = counts.entry(kind).or_default();
        *count = most.max(*count);
    }
    draft.found = counts.into_iter().collect();
}

/// What the log keeps of a draft with these marks: kinds, how many were found, how many stay.
pub(super) fn findings(draft: &CaseDraft, marks: &[Mark]) -> Vec<(String, i32, i32)> {
    let stay = |kind: &str| {
        let marked = marks.iter().filter(|mark| mark.kind.as_str() == kind).count();
        i32::try_from(marked).unwrap_or(i32::MAX)
    };
    draft.found.iter().map(|(kind, found)| (kind.clone(), *found, stay(kind))).collect()
}

/// Puts other words in the place of what is marked there.
///
/// # Errors
/// [`Error::Conflict`] where the text has changed.
pub async fn mend(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CaseDraftId,
    field: &str,
    start: usize,
    words: &str,
    now: &str,
) -> Result<()> {
    let (field, words, now) = (field.to_owned(), words.to_owned(), now.to_owned());
    rework(ctx, viewer, id, move |draft| mend_in(draft, &field, start, &words, &now)).await
}

/// Leaves out the whole sentence in which something is marked.
///
/// # Errors
/// [`Error::Conflict`] where the text has changed.
pub async fn leave_out_sentence(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CaseDraftId,
    field: &str,
    start: usize,
    words: &str,
) -> Result<()> {
    let (field, words) = (field.to_owned(), words.to_owned());
    rework(ctx, viewer, id, move |draft| put(draft, &field, start, &words, Some(""), Cut::Sentence)).await
}

/// Follows the suggestion of what is marked there.
///
/// # Errors
/// [`Error::Conflict`] where the text has changed.
pub async fn use_suggestion(
    ctx: &Ctx,
    viewer: &Viewer,
    id: CaseDraftId,
    field: &str,
    start: usize,
    words: &str,
) -> Result<()> {
    let (field, words) = (field.to_owned(), words.to_owned());
    rework(ctx, viewer, id, move |draft| put(draft, &field, start, &words, None, Cut::Phrase)).await
}

fn mend_in(draft: &mut CaseDraft, field: &str, start: usize, words: &str, now: &str) -> Result<()> {
    let now = now.trim();
    if now.chars().count() > policy::MAX_WORDING {
        let words = format!("The new wording may have {} characters: edit the text instead.", policy::MAX_WORDING);
        return Err(Error::invalid("now", words));
    }
    put(draft, field, start, words, Some(now), Cut::Phrase)
}

/// Puts these words in the place of a mark, or else those that were suggested.
fn put(draft: &mut CaseDraft, field: &str, start: usize, words: &str, now: Option<&str>, how: Cut) -> Result<()> {
    let all = marks(draft);
    note(draft, &all);
    let mark = all.iter().find(|m| m.field == field && m.start == start && m.words == words);
    let mark = mark.ok_or_else(|| Error::Conflict(CHANGED.into()))?;
    replace(draft, mark, now.unwrap_or(&mark.suggestion), how, &all)
}

/// Follows every suggestion, but where the words stay with a reason.
pub async fn mend_all(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId) -> Result<()> {
    rework(ctx, viewer, id, mend_all_in).await
}

fn mend_all_in(draft: &mut CaseDraft) -> Result<()> {
    // From the end, so that the places of those before stay what they are.
    let mut all = marks(draft);
    note(draft, &all);
    while let Some(mark) = all.pop() {
        if mark.reason.is_none() {
            replace(draft, &mark, &mark.suggestion, Cut::Phrase, &all)?;
        }
    }
    Ok(())
}

/// Lets what is marked stay, with a reason.
///
/// # Errors
/// [`Error::Invalid`] without a reason; [`Error::Conflict`] where the text has changed.
pub async fn keep(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, field: &str, words: &str, reason: &str) -> Result<()> {
    let (field, words, reason) = (field.to_owned(), words.to_owned(), reason.to_owned());
    rework(ctx, viewer, id, move |draft| keep_in(draft, &field, &words, &reason)).await
}

fn keep_in(draft: &mut CaseDraft, field: &str, words: &str, reason: &str) -> Result<()> {
    if !policy::is_reason(reason) {
        let words = "Say in a few words why this may stay: “name of a drug”, “the patient wants to be named”.";
        return Err(Error::invalid("reason", words));
    }
    let all = marks(draft);
    note(draft, &all);
    let mark = all.into_iter().find(|mark| mark.field == field && mark.words == words);
    let mark = mark.ok_or_else(|| Error::Conflict(CHANGED.into()))?;
    draft.kept.retain(|kept| kept.field != field || kept.words != words);
    draft.kept.push(Kept {
        field: mark.field,
        words: mark.words,
        kind: mark.kind.as_str().to_owned(),
        reason: reason.trim().to_owned(),
    });
    Ok(())
}

/// What stays does not stay any more.
pub async fn unkeep(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, field: &str, words: &str) -> Result<()> {
    let unkeep = |draft: &mut CaseDraft| {
        draft.kept.retain(|kept| kept.field != field || kept.words != words);
        Ok(())
    };
    change(ctx, viewer, id, unkeep).await
}

/// Puts back what stood in the place of new words; `index` is the place in [`CaseDraft::mended`].
///
/// # Errors
/// [`Error::Conflict`] where the text has changed.
pub async fn undo(ctx: &Ctx, viewer: &Viewer, id: CaseDraftId, index: usize) -> Result<()> {
    change(ctx, viewer, id, |draft| undo_in(draft, index)).await
}

fn undo_in(draft: &mut CaseDraft, index: usize) -> Result<()> {
    let changed = || Error::Conflict(CHANGED.into());
    if index >= draft.mended.len() {
        return Err(changed());
    }
    let Mended { field, was, now, at, .. } = draft.mended.remove(index);
    let text = text_mut(draft, &field).ok_or_else(changed)?;
    if !text.get(at..).is_some_and(|rest| rest.starts_with(&now)) {
        return Err(changed());
    }
    text.replace_range(at..at + now.len(), &was);
    shift(draft, &field, at, now.len(), was.len());
    Ok(())
}

/// How many marks wait for a decision.
pub(super) fn unsettled(marks: &[Mark]) -> usize {
    marks.iter().filter(|mark| mark.reason.is_none()).count()
}

/// What has to be done before a group of this kind may see it, in the order of the form; so many of its marks are open.
pub fn open_points(draft: &CaseDraft, kind: GroupKind, marks: usize) -> Vec<FieldError> {
    let mut open = Vec::new();
    let mut say = |field: &'static str, message: String| open.push(FieldError { field, message });
    match draft.question.trim().chars().count() {
        0 => say("question", "Ask your question in one line.".into()),
        n if n > posting::MAX_TITLE => {
            say("question", format!("The question has {n} characters. The limit is {}.", posting::MAX_TITLE));
        }
        _ => {}
    }
    if !policy::is_age(&draft.age) {
        say("age", "Give an age under 90 or a band such as “30 to 39”, or write “90 or older”.".into());
    }
    if draft.sections.iter().all(|(_, text)| text.trim().is_empty()) {
        say("sections", "Tell what happened: fill in one of the sections at least.".into());
    }
    for (n, step) in (1_usize..).zip(&draft.timeline) {
        if !policy::is_relative(&step.at) {
            let how = "count from the first day, as in “Day 0”, “Day +3”, “+2 h” or “-1 week”. A date could identify the patient.";
            say("timeline", format!("Step {n}: {how}"));
        }
        if step.text.trim().is_empty() {
            say("timeline", format!("Step {n}: say what happened."));
        }
    }
    for wrong in ranking::wrong_options(&ranking::options(&draft.options)) {
        say("options", wrong);
    }
    for (n, picture) in (1_usize..).zip(&draft.pictures) {
        if picture.description.trim().is_empty() {
            say("pictures", format!("Picture {n}: describe it for those who do not see it."));
        }
        if picture.corner.is_some() {
            say("pictures", format!("Picture {n}: a box has one corner only. Give the other one, or undo it."));
        }
        if !picture.looked {
            say(
                "pictures",
                format!("Picture {n}: look once more, and say that no face, tattoo, name or number is left."),
            );
        }
    }
    match marks {
        0 => {}
        1 => say("marks", "1 mark is open: put it in other words, or say why it stays.".into()),
        n => say("marks", format!("{n} marks are open: put them in other words, or say why they stay.")),
    }
    if let Err(error) = posting::check_interests(&draft.interests) {
        say("interests", error.public());
    }
    for fault in sources::faults(&draft.sources) {
        say("sources", fault);
    }
    for gap in policy::consent_gaps(&draft.consent, kind) {
        say("consent", gap.into());
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConsentBasis, ConsentScope, DraftConsent, DraftPicture, SectionKey, Step};

    fn written() -> CaseDraft {
        CaseDraft {
            question: "Ablate or wait?".into(),
            age: "30 to 39".into(),
            sections: vec![
                (SectionKey::Asked, "Would you ablate now?".into()),
                (SectionKey::History, "Mr Hargreaves came on 3 March 2024 with palpitations.".into()),
                (SectionKey::Done, "On 9 March 2024 Hargreaves was well on flecainide.".into()),
            ],
            consent: DraftConsent {
                basis: Some(ConsentBasis::NotIdentifiable),
                scope: Some(ConsentScope::Group),
                ..DraftConsent::default()
            },
            ..CaseDraft::default()
        }
    }

    fn words(draft: &CaseDraft) -> Vec<(String, String)> {
        marks(draft).into_iter().map(|mark| (mark.field, mark.words)).collect()
    }

    fn open(draft: &CaseDraft, kind: GroupKind) -> Vec<FieldError> {
        open_points(draft, kind, unsettled(&marks(draft)))
    }

    fn history(draft: &CaseDraft) -> &str {
        field_text(draft, "section-history").unwrap()
    }

    #[test]
    fn marks_say_where_they_are_and_days_count_from_the_first_one_of_all_fields() {
        let draft = written();
        for mark in marks(&draft) {
            assert_eq!(field_text(&draft, &mark.field).unwrap().get(mark.start..mark.end), Some(mark.words.as_str()));
        }
        let found = words(&draft);
        for (field, text) in
            [("section-history", "3 March 2024"), ("section-done", "9 March 2024"), ("section-done", "Hargreaves")]
        {
            assert!(found.contains(&(field.into(), text.into())), "{text}: {found:?}");
        }
        let second = marks(&draft).into_iter().find(|mark| mark.words == "9 March 2024").unwrap();
        assert_eq!(second.suggestion, "Day +6");
    }

    #[test]
    fn all_suggestions_at_once_leave_nothing_open_and_can_be_undone() {
        let mut draft = written();
        let before = draft.clone();
        mend_all_in(&mut draft).unwrap();
        assert!(marks(&draft).is_empty(), "{:?}", words(&draft));
        assert_eq!(history(&draft), "The patient came on Day 0 with palpitations.");
        assert!(open(&draft, GroupKind::Closed).is_empty());
        let log = findings(&draft, &marks(&draft));
        assert!(log.contains(&("date".into(), 2, 0)), "{log:?}");
        while !draft.mended.is_empty() {
            undo_in(&mut draft, 0).unwrap();
        }
        assert_eq!(draft.sections, before.sections, "whatever the order");
    }

    #[test]
    fn what_stays_has_a_reason_and_what_has_changed_is_looked_at_again() {
        let mut draft = written();
        let first = marks(&draft).into_iter().find(|mark| mark.words == "3 March 2024").unwrap();
        assert!(keep_in(&mut draft, &first.field, &first.words, "ok").is_err());
        keep_in(&mut draft, &first.field, &first.words, "The day of the flood").unwrap();
        mend_all_in(&mut draft).unwrap();
        assert!(history(&draft).contains("3 March 2024"));
        assert!(open(&draft, GroupKind::Closed).is_empty());
        assert!(findings(&draft, &marks(&draft)).contains(&("date".into(), 2, 1)));

        let stale = mend_in(&mut draft, &first.field, first.start + 9, &first.words, "Day 0");
        assert!(matches!(stale, Err(Error::Conflict(_))));
        assert!(matches!(keep_in(&mut draft, "section-done", "nothing there", "A reason"), Err(Error::Conflict(_))));
        assert!(matches!(undo_in(&mut draft, 99), Err(Error::Conflict(_))));
    }

    #[test]
    fn words_that_are_gone_are_not_kept_and_mended_ones_are_found_again() {
        let mut draft = written();
        keep_in(&mut draft, "section-history", "3 March 2024", "The day of the flood").unwrap();
        let other = marks(&draft).into_iter().find(|mark| mark.words == "9 March 2024").unwrap();
        mend_in(&mut draft, &other.field, other.start, &other.words, "Day +6").unwrap();
        let before = draft.clone();
        draft.sections = vec![
            (SectionKey::History, "He came with palpitations.".into()),
            (SectionKey::Done, "Then, on Day +6, he was well.".into()),
        ];
        settle(&before, &mut draft);
        assert!(draft.kept.is_empty());
        undo_in(&mut draft, 0).unwrap();
        assert_eq!(field_text(&draft, "section-done").unwrap(), "Then, on 9 March 2024, he was well.");
    }

    #[test]
    fn what_is_open_is_told_field_by_field() {
        let fields = |draft: &CaseDraft, kind| open(draft, kind).iter().map(|one| one.field).collect::<Vec<_>>();
        assert_eq!(
            fields(&CaseDraft::default(), GroupKind::Closed),
            ["question", "sections", "consent", "consent"],
            "nothing was written yet"
        );
        let mut draft = written();
        assert_eq!(fields(&draft, GroupKind::Open), ["marks", "consent"]);
        mend_all_in(&mut draft).unwrap();
        assert!(fields(&draft, GroupKind::Local).is_empty());
        draft.age = "93".into();
        draft.timeline = vec![
            Step { at: "Day 0".into(), text: "Palpitations".into(), turning: true },
            Step { at: "12.03.2024".into(), text: String::new(), turning: false },
        ];
        draft.pictures = vec![DraftPicture {
            id: CasePictureId(7),
            description: String::new(),
            boxes: Vec::new(),
            corner: Some((1, 1)),
            looked: false,
        }];
        assert_eq!(
            fields(&draft, GroupKind::Closed),
            ["age", "timeline", "timeline", "pictures", "pictures", "pictures"]
        );
        draft.pictures[0].description = "ECG of Mr Hargreaves".into();
        assert!(words(&draft).contains(&("picture-7".into(), "Mr Hargreaves".into())), "{:?}", words(&draft));
    }
}
