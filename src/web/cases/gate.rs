//! The gate: what could identify the patient, shown in the text and settled mark by mark, and what else is open before the
//! case can be posted.

use actix_web::{HttpResponse, web};

use super::{
    typed::{Taken, Typed, keep, note},
    words, write,
};
use crate::{
    error::{Error, Result},
    model::{CaseDraft, CaseDraftId, DraftPicture, GroupKind, Held, Mended, PostId},
    service::{
        cases::{self, Mark},
        posts,
    },
    web::{
        error::Problem,
        layout::post_path,
        marked::{Reading, Row, several},
        session::{Form, Visitor},
    },
};

/// The row of what was mended.
fn row_of_mended(index: usize, mended: &Mended) -> Row {
    Row {
        tag: "green",
        class: "mended",
        was: mended.was.trim().to_owned(),
        now: mended.now.clone(),
        line: format!("{}, mended", words::kind(&mended.kind)),
        value: index.to_string(),
        ..Row::default()
    }
}

/// A row with its number, and what was typed for it before.
fn numbered(mut row: Row, number: usize, typed: Option<&Typed>) -> Row {
    row.number = number;
    row.value = format!("{number} {}", row.value);
    if let Some(typed) = typed {
        let of = |name: &str| typed.get(&format!("{name}-{number}")).map(str::to_owned);
        row.wording = of("now").unwrap_or(row.wording);
        row.reason = of("reason").unwrap_or_default();
        row.failed = typed.get("mark") == Some(row.value.as_str());
    }
    row
}

/// What was found in a draft.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// The fields in which anything was found.
    pub readings: Vec<Reading>,
    /// How many marks are open.
    pub open: usize,
    /// Anything is marked, be it that it stays.
    pub any: bool,
}

impl Gate {
    /// Of a draft with these marks; `typed` is what was typed where it could not be carried out.
    pub(super) fn of(draft: &CaseDraft, marks: &[Mark], typed: Option<&Typed>) -> Self {
        let mut number = 0;
        let readings =
            fields(draft).iter().filter_map(|field| reading(draft, field, marks, &mut number, typed)).collect();
        let open = marks.iter().filter(|mark| mark.reason.is_none()).count();
        Self { readings, open, any: !marks.is_empty() }
    }

    /// Whether the text of a field is shown for reading.
    pub(super) fn shows(&self, field: &str) -> bool {
        self.readings.iter().any(|one| one.field == field)
    }
}

/// The names of the fields with texts, in the order of the form.
fn fields(draft: &CaseDraft) -> Vec<String> {
    let sections = draft.sections.iter().map(|(key, _)| format!("section-{key}"));
    let steps = (1..=draft.timeline.len()).map(|n| format!("step-{n}"));
    let pictures = draft.pictures.iter().map(|one| format!("picture-{}", one.id));
    let first = ["question".to_owned(), "age".to_owned()].into_iter();
    first.chain(sections).chain(steps).chain(pictures).chain(["options", "interests"].map(str::to_owned)).collect()
}

/// A field in which anything was found.
fn reading(
    draft: &CaseDraft,
    field: &str,
    marks: &[Mark],
    number: &mut usize,
    typed: Option<&Typed>,
) -> Option<Reading> {
    let text = cases::field_text(draft, field)?;
    let marks = marks.iter().filter(|mark| mark.field == field);
    let mut spans: Vec<(usize, usize, Row)> = marks.map(|mark| (mark.start, mark.end, Row::of_mark(mark))).collect();
    let mended = draft.mended.iter().enumerate().filter(|(_, one)| one.field == field);
    spans.extend(mended.map(|(index, one)| (one.at, one.at.saturating_add(one.now.len()), row_of_mended(index, one))));
    Reading::of((field, words::field(field, draft)), text, spans, number, &|row, number| numbered(row, number, typed))
}

/// A line of what has to be done before the case can be posted.
#[derive(Debug)]
pub(super) struct Item {
    /// Where on the page it is.
    pub place: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// How it stands.
    pub state: String,
    /// Nothing of it is open.
    pub done: bool,
}

/// What is still open.
#[derive(Debug)]
pub(super) struct Todo {
    /// How many things.
    pub count: usize,
    /// "5 things still open".
    pub heading: String,
    /// "4 marks in the text and 1 picture"; empty where nothing is open.
    pub words: String,
    /// The list.
    pub items: Vec<Item>,
}

impl Todo {
    /// Of a draft for a group of some kind, in which so many marks are open; none where it was not looked through.
    pub(super) fn of(draft: &CaseDraft, kind: GroupKind, marks: Option<usize>) -> Self {
        let is_read = marks.is_some();
        let marks = marks.unwrap_or_default();
        let points = cases::open_points(draft, kind, marks);
        let is_open = |field: &str| points.iter().any(|one| one.field == field);
        let pictures = draft.pictures.iter().filter(|one| is_unsettled(one)).count();
        let others = [
            ("question", "the question"),
            ("sections", "what happened"),
            ("age", "the age"),
            ("timeline", "the timeline"),
            ("options", "the options"),
            ("sources", "the sources"),
            ("interests", "the conflicts of interest"),
            ("consent", "the consent"),
        ];
        let others: Vec<&str> =
            others.into_iter().filter(|(field, _)| is_open(field)).map(|(_, words)| words).collect();
        let count = marks + pictures + others.len();
        let mut parts = Vec::new();
        if marks > 0 {
            parts.push(format!("{} in the text", several(marks, "mark", "marks")));
        }
        if pictures > 0 {
            parts.push(several(pictures, "picture", "pictures"));
        }
        parts.extend(others.into_iter().map(str::to_owned));
        Self {
            count: if is_read { count } else { count.max(1) },
            heading: match count {
                _ if !is_read => "Not looked through yet".to_owned(),
                0 => "Nothing open".to_owned(),
                n => format!("{} still open", several(n, "thing", "things")),
            },
            words: words::and(&parts),
            items: items(draft, &is_open, marks, pictures),
        }
    }
}

/// Whether a picture waits for its author.
pub(super) fn is_unsettled(picture: &DraftPicture) -> bool {
    !picture.looked || picture.corner.is_some() || picture.description.trim().is_empty()
}

fn items(draft: &CaseDraft, is_open: &dyn Fn(&str) -> bool, marks: usize, pictures: usize) -> Vec<Item> {
    let item = |place, name, done: bool, yes: &str, no: String| Item {
        place,
        name,
        done,
        state: if done { yes.to_owned() } else { no },
    };
    let missing = || "Not written yet".to_owned();
    let told = match (is_open("sections"), marks) {
        (true, _) => missing(),
        (false, n) => format!("{} to settle", several(n, "mark", "marks")),
    };
    let covered = match draft.pictures.len() {
        0 => "None".to_owned(),
        n => format!("{n} looked at"),
    };
    let consent = match (draft.consent.basis, draft.consent.scope) {
        (Some(basis), Some(scope)) => format!("{}. {}", words::basis(basis).0, words::scope(scope)),
        _ => String::new(),
    };
    let mut all = vec![
        item("question", "Question", !is_open("question"), "Written", "To be written, in one line".to_owned()),
        item("sections", "What happened", !is_open("sections") && marks == 0, "Written", told),
    ];
    if is_open("age") {
        all.push(item("age", "Age", false, "", "To be put in other words".to_owned()));
    }
    if is_open("timeline") {
        all.push(item("timeline", "Timeline", false, "", "A step to put right".to_owned()));
    }
    if is_open("options") {
        all.push(item("options", "Options to rank", false, "", "To be put right".to_owned()));
    }
    if is_open("sources") {
        all.push(item("sources", "Sources", false, "", "A line to put right".to_owned()));
    }
    if is_open("interests") {
        all.push(item("interests", "Conflicts of interest", false, "", "To be made shorter".to_owned()));
    }
    let unsettled = format!("{pictures} of {} to confirm", draft.pictures.len());
    all.push(item("pictures", "Pictures", pictures == 0, &covered, unsettled));
    all.push(item("consent", "Consent", !is_open("consent"), &consent, "To be filled in".to_owned()));
    all.push(item("urgency", "Urgency", true, words::urgency(draft.urgency).0, String::new()));
    all
}

/// `GET /cases/drafts/{id}/check`
pub(in crate::web) async fn show(visitor: Visitor, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let taken = Taken::stored(&visitor, *id).await?;
    write::page(&visitor, taken, true, None).await
}

/// `POST /cases/drafts/{id}/check`: posts the case, or says what is still open.
pub(in crate::web) async fn check(form: Form<Typed>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields: typed, files } = form;
    visitor.require()?;
    let mut taken = keep(&visitor, *id, &typed, &files).await?;
    if taken.faults.is_empty() {
        match cases::publish(&visitor.ctx, &visitor.viewer(), *id).await {
            Ok(post) => return posted(&visitor, post).await,
            Err(error) => note(&mut taken.faults, Err(error))?,
        }
    }
    write::page_where_marked(&visitor, taken, &typed).await
}

/// On to the page of the case that was posted.
async fn posted(visitor: &Visitor, id: PostId) -> Result<HttpResponse, Problem> {
    let card = match posts::read(&visitor.ctx, &visitor.viewer(), id).await {
        // Asked without a name, and not seen by the group yet: its author finds it among their cases.
        Err(Error::NotFound) => return Ok(visitor.go("/cases/mine?done=case-waits")),
        read => read?,
    };
    let done = match card.post.held {
        Held::No => "case-posted",
        Held::Review => "case-review",
        Held::Premoderation | Held::Screening => "post-held",
        Held::Sent | Held::Waits | Held::Refused => "post-sent",
    };
    Ok(visitor.go(&format!("{}?done={done}", post_path(&card.author.handle(), id.0))))
}

/// What is done about marks.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// The suggestion of one.
    Use,
    /// Its sentence goes.
    Cut,
    /// The author's own words.
    Reword,
    /// It stays, for a reason.
    Keep,
    /// It does not stay after all.
    Unkeep,
    /// What stood there comes back.
    Undo,
    /// Every suggestion.
    All,
}

/// `POST /cases/drafts/{id}/marks/use`
pub(in crate::web) async fn follow(form: Form<Typed>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    settle(form, *id, Act::Use).await
}

/// `POST /cases/drafts/{id}/marks/cut`
pub(in crate::web) async fn cut(form: Form<Typed>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    settle(form, *id, Act::Cut).await
}

/// `POST /cases/drafts/{id}/marks/reword`
pub(in crate::web) async fn reword(form: Form<Typed>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    settle(form, *id, Act::Reword).await
}

/// `POST /cases/drafts/{id}/marks/keep`
pub(in crate::web) async fn keep_it(form: Form<Typed>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    settle(form, *id, Act::Keep).await
}

/// `POST /cases/drafts/{id}/marks/unkeep`
pub(in crate::web) async fn unkeep(form: Form<Typed>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    settle(form, *id, Act::Unkeep).await
}

/// `POST /cases/drafts/{id}/marks/undo`
pub(in crate::web) async fn undo(form: Form<Typed>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    settle(form, *id, Act::Undo).await
}

/// `POST /cases/drafts/{id}/marks/all`
pub(in crate::web) async fn follow_all(form: Form<Typed>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    settle(form, *id, Act::All).await
}

/// Keeps what was typed, does it, and returns to the same row.
async fn settle(form: Form<Typed>, id: CaseDraftId, act: Act) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields: typed, files } = form;
    visitor.require()?;
    let mut taken = keep(&visitor, id, &typed, &files).await?;
    if taken.faults.is_empty() {
        let outcome = carry_out(&visitor, id, &typed, act).await;
        note(&mut taken.faults, outcome)?;
    }
    if !taken.faults.is_empty() {
        return write::page(&visitor, taken, true, Some(&typed)).await;
    }
    let number = typed.get("mark").and_then(|value| value.split(' ').next()).and_then(|n| n.parse::<usize>().ok());
    let place = number.map_or_else(|| "marks".to_owned(), |number| format!("mark-{number}"));
    Ok(visitor.go(&format!("/cases/drafts/{id}/check#{place}")))
}

/// A mark whose button was pressed.
struct Pressed<'a> {
    number: &'a str,
    start: usize,
    field: &'a str,
    words: String,
}

/// What a button of a mark sends: its number, where it begins, its field, and its words.
fn pressed(typed: &Typed) -> Result<Pressed<'_>> {
    let value = typed.get("mark").unwrap_or_default();
    let mut parts = value.splitn(4, ' ');
    let mut next = || parts.next().ok_or_else(|| Error::invalid("marks", "Choose one of the marks first."));
    let (number, start, field, words) = (next()?, next()?, next()?, next()?);
    Ok(Pressed { number, start: start.parse().unwrap_or(usize::MAX), field, words: words.replace("\r\n", "\n") })
}

async fn carry_out(visitor: &Visitor, id: CaseDraftId, typed: &Typed, act: Act) -> Result<()> {
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    match act {
        Act::All => return cases::mend_all(ctx, &viewer, id).await,
        Act::Undo => {
            let index = typed.get("mark").and_then(|value| value.split(' ').nth(1)).and_then(|n| n.parse().ok());
            return cases::undo(ctx, &viewer, id, index.unwrap_or(usize::MAX)).await;
        }
        Act::Use | Act::Cut | Act::Reword | Act::Keep | Act::Unkeep => {}
    }
    let Pressed { number, start, field, words } = pressed(typed)?;
    let typed_for = |name: &str| typed.get(&format!("{name}-{number}")).unwrap_or_default();
    match act {
        Act::Keep => cases::keep(ctx, &viewer, id, field, &words, typed_for("reason")).await,
        Act::Unkeep => cases::unkeep(ctx, &viewer, id, field, &words).await,
        Act::Cut => cases::leave_out_sentence(ctx, &viewer, id, field, start, &words).await,
        Act::Reword => cases::mend(ctx, &viewer, id, field, start, &words, typed_for("now")).await,
        Act::Use | Act::Undo | Act::All => cases::use_suggestion(ctx, &viewer, id, field, start, &words).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SectionKey, Urgency};

    fn told(text: &str) -> CaseDraft {
        CaseDraft { sections: vec![(SectionKey::Presentation, text.into())], ..CaseDraft::default() }
    }

    fn mended(was: &str, now: &str, at: usize) -> Mended {
        Mended { field: "section-presentation".into(), was: was.into(), now: now.into(), kind: "name".into(), at }
    }

    #[test]
    fn a_text_is_read_with_its_marks_in_their_places() {
        let mut draft = told("The patient came on 3 March 2024.");
        draft.mended = vec![mended("Mr Hargreaves", "The patient", 0), mended("gone ", "", 12)];
        let gate = Gate::of(&draft, &cases::marks(&draft), None);
        assert_eq!((gate.open, gate.readings.len()), (1, 1));
        assert!(gate.shows("section-presentation") && !gate.shows("question"));
        let reading = &gate.readings[0];
        assert_eq!((reading.label.as_str(), reading.words.as_str()), ("What happened", "3 marks, 2 mended"));
        let whole: String = reading.pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(whole, "The patient came on 3 March 2024.");
        let marked: Vec<(&str, usize, &str)> = reading
            .pieces
            .iter()
            .filter(|piece| piece.number > 0)
            .map(|piece| (piece.text.as_str(), piece.number, piece.class))
            .collect();
        assert_eq!(marked, [("The patient", 1, "mended"), ("", 2, "mended"), ("3 March 2024", 3, "")]);
        assert_eq!(reading.rows[0].value, "1 0", "number and place of what was mended");
        assert_eq!(reading.rows[2].value, "3 20 section-presentation 3 March 2024");
    }

    #[test]
    fn what_lies_within_another_mark_stands_in_the_list_alone() {
        let mut draft = told("Seen on 3 March 2024.");
        draft.mended = vec![mended("then", "March", 10)];
        let gate = Gate::of(&draft, &cases::marks(&draft), None);
        let reading = &gate.readings[0];
        assert_eq!(reading.rows.len(), 2);
        let whole: String = reading.pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(whole, "Seen on 3 March 2024.");
    }

    #[test]
    fn what_is_open_is_counted_thing_by_thing() {
        let mut draft = told("Seen on 3 March 2024 and on 9 March 2024.");
        draft.urgency = Urgency::Soon;
        let marks = Gate::of(&draft, &cases::marks(&draft), None).open;
        let unread = Todo::of(&draft, GroupKind::Closed, None);
        assert_eq!((unread.count, unread.heading.as_str()), (2, "Not looked through yet"));
        let todo = Todo::of(&draft, GroupKind::Closed, Some(marks));
        assert_eq!((todo.count, todo.heading.as_str()), (4, "4 things still open"));
        assert_eq!(todo.words, "2 marks in the text, the question and the consent");
        let state = |name: &str| todo.items.iter().find(|item| item.name == name).map(|item| item.state.as_str());
        assert_eq!(state("What happened"), Some("2 marks to settle"));
        assert_eq!((state("Pictures"), state("Urgency"), state("Age")), (Some("None"), Some("Soon"), None));
    }
}
