//! What the form of a case carries when it is sent: all of it, or the part that its page shows.

use std::collections::BTreeSet;

use bytes::Bytes;
use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    error::{Error, FieldError, Result},
    model::{AskedAs, CaseDraft, CaseDraftId, DraftPicture, SectionKey, Step},
    service::{
        cases::{self, OpenDraft},
        specialties,
    },
    web::{form::Fields, session::Visitor},
};

/// The fields of the form. What is not among them stays as it is.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::web) struct Typed(pub(super) Fields);

impl Typed {
    /// A field, where the form has it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    /// All fields of a name.
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.all(name)
    }

    /// The same, cut at what parts words in a list of codes; none where the form does not ask for them.
    fn codes(&self, name: &str) -> Option<Vec<String>> {
        let parts =
            |text: &str| text.split([' ', ',', ';', '\n', '\r', '\t']).map(str::to_uppercase).collect::<Vec<_>>();
        self.get(name).or(self.get("asked"))?;
        let mut seen = BTreeSet::new();
        let is_new = |code: &String| !code.is_empty() && seen.insert(code.clone());
        Some(self.all(name).flat_map(parts).filter(is_new).collect())
    }

    /// Whether it was sent from the page on which the marks are settled.
    pub(super) fn is_checked(&self) -> bool {
        self.get("checked").is_some()
    }

    /// Puts what was typed over a draft.
    fn put(&self, draft: &mut CaseDraft) {
        for (name, text) in [
            ("question", &mut draft.question),
            ("age", &mut draft.age),
            ("options", &mut draft.options),
            ("topic", &mut draft.topic),
            ("interests", &mut draft.interests),
            ("holder", &mut draft.consent.holder),
            ("form_hash", &mut draft.consent.form_hash),
        ] {
            if let Some(typed) = self.get(name) {
                typed.clone_into(text);
            }
        }
        if let Some(typed) = self.get("sources") {
            draft.sources = typed.replace("\r\n", "\n");
        }
        if let Some(report) = self.get("report") {
            draft.report = report == "yes";
        }
        draft.sex = self.get("sex").and_then(|word| word.parse().ok()).unwrap_or(draft.sex);
        draft.urgency = self.get("urgency").and_then(|word| word.parse().ok()).unwrap_or(draft.urgency);
        draft.consent.basis = self.get("basis").and_then(|word| word.parse().ok()).or(draft.consent.basis);
        draft.consent.scope = self.get("scope").and_then(|word| word.parse().ok()).or(draft.consent.scope);
        if self.get("naming").is_some() {
            let finest = self.get("asked_as").and_then(AskedAs::parse).filter(|shade| *shade != AskedAs::Named);
            let unnamed = self.get("unnamed").map(|_| finest.unwrap_or(AskedAs::Specialty));
            draft.asked_as = unnamed.unwrap_or_default();
        }
        if let Some(codes) = self.codes("specialties") {
            draft.specialties = codes;
        }
        self.put_sections(draft);
        if self.get("steps").is_some() {
            draft.timeline = self.steps();
        }
    }

    /// All sections that tell anything: those of the form's kind first, in its order.
    fn put_sections(&self, draft: &mut CaseDraft) {
        let own = SectionKey::of(draft.report);
        let others = SectionKey::ALL.iter().filter(|key| !own.contains(key));
        let mut sections = Vec::new();
        for key in own.iter().chain(others) {
            let stored = draft.sections.iter().find(|(other, _)| other == key).map(|(_, text)| text.as_str());
            let text = self.get(&format!("section-{key}")).or(stored).unwrap_or_default();
            if !text.trim().is_empty() {
                sections.push((*key, text.replace("\r\n", "\n")));
            }
        }
        draft.sections = sections;
    }

    /// The rows of the timeline that were filled in.
    fn steps(&self) -> Vec<Step> {
        let turning: BTreeSet<&str> = self.all("step_turning").collect();
        let rows = self.all("step_at").zip(self.all("step_text")).enumerate();
        let step = |(row, (at, text)): (usize, (&str, &str))| Step {
            at: at.trim().to_owned(),
            text: text.trim().replace("\r\n", "\n"),
            turning: turning.contains((row + 1).to_string().as_str()),
        };
        rows.map(step).filter(|step| !step.at.is_empty() || !step.text.is_empty()).collect()
    }

    /// A day of the consent: as it was typed, and the day that it is, where the form has it.
    fn day(&self, name: &str) -> Option<Result<Option<NaiveDate>, String>> {
        let typed = self.get(name)?.trim();
        if typed.is_empty() {
            return Some(Ok(None));
        }
        Some(typed.parse().map(Some).map_err(|_| typed.to_owned()))
    }

    /// What is said of a picture now: its description, and whether its author has looked.
    fn of_picture(&self, known: &DraftPicture) -> Option<(String, bool)> {
        let id = known.id.to_string();
        if !self.all("picture").any(|other| other == id) {
            return None;
        }
        let description = self.get(&format!("description-{id}")).unwrap_or(&known.description);
        Some((description.trim().replace("\r\n", "\n"), self.get(&format!("looked-{id}")).is_some()))
    }
}

/// What came of keeping a form.
#[derive(Debug)]
pub(super) struct Taken {
    /// The draft as its page shows it, with what could not be stored.
    pub open: OpenDraft,
    /// Days of the consent that are none, as they were typed: given, and ending.
    pub days: (Option<String>, Option<String>),
    /// What could not be kept, and why.
    pub faults: Vec<FieldError>,
}

impl Taken {
    /// A draft as it is stored.
    pub(super) async fn stored(visitor: &Visitor, id: CaseDraftId) -> Result<Self> {
        let open = cases::open_draft(&visitor.ctx, &visitor.viewer(), id).await?;
        Ok(Self { open, days: (None, None), faults: Vec::new() })
    }
}

/// Keeps all that came with a form, before anything else is done: texts, what is said of pictures, and new pictures.
pub(super) async fn keep(
    visitor: &Visitor,
    id: CaseDraftId,
    typed: &Typed,
    files: &[(String, Bytes)],
) -> Result<Taken> {
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let before = cases::open_draft(ctx, &viewer, id).await?.draft;
    let mut draft = before.clone();
    let mut faults = Vec::new();
    typed.put(&mut draft);
    let days = put_days(typed, &mut draft, &mut faults);
    unknown_codes(visitor, &draft, &mut faults).await?;
    let (more, unknown) = specialties::called(ctx, typed.get("more_specialties").unwrap_or_default()).await?;
    let more: Vec<String> = more.into_iter().filter(|code| !draft.specialties.contains(code)).collect();
    draft.specialties.extend(more);
    if !unknown.is_empty() {
        faults.push(FieldError { field: "specialties", message: specialties::unknown_words(&unknown) });
    }
    if draft != before {
        note(&mut faults, cases::save(ctx, &viewer, id, draft.clone()).await)?;
    }
    for known in &before.pictures {
        let Some((description, looked)) = typed.of_picture(known) else { continue };
        if description != known.description {
            note(&mut faults, cases::describe_picture(ctx, &viewer, id, known.id, &description).await)?;
        }
        if looked != known.looked {
            note(&mut faults, cases::look(ctx, &viewer, id, known.id, looked).await)?;
        }
    }
    for (_, file) in files.iter().filter(|(name, _)| name == "file") {
        let added = cases::add_picture(ctx, &viewer, id, file.clone(), "").await;
        note(&mut faults, added.map(drop))?;
    }
    let mut open = cases::open_draft(ctx, &viewer, id).await?;
    if !faults.is_empty() {
        let CaseDraft { pictures, kept, mended, .. } = open.draft;
        open.draft = CaseDraft { pictures, kept, mended, ..draft };
    }
    Ok(Taken { open, days, faults })
}

/// The days of the consent; what is no day is said, and given back as it was typed.
fn put_days(typed: &Typed, draft: &mut CaseDraft, faults: &mut Vec<FieldError>) -> (Option<String>, Option<String>) {
    let mut take = |field: &'static str, day: &mut Option<NaiveDate>| match typed.day(field)? {
        Ok(told) => {
            *day = told;
            None
        }
        Err(wrong) => {
            let message = format!("“{wrong}” is no day. Write it as 2027-05-31.");
            faults.push(FieldError { field, message });
            Some(wrong)
        }
    };
    let given = take("given_on", &mut draft.consent.given_on);
    (given, take("expires_on", &mut draft.consent.expires_on))
}

/// Says which of the codes that were typed are none.
async fn unknown_codes(visitor: &Visitor, draft: &CaseDraft, faults: &mut Vec<FieldError>) -> Result<()> {
    if draft.specialties.is_empty() {
        return Ok(());
    }
    let known = specialties::all(&visitor.ctx).await?;
    let is_none = |code: &&String| known.iter().all(|(other, _)| other != *code);
    let unknown: Vec<&str> = draft.specialties.iter().filter(is_none).map(String::as_str).collect();
    if !unknown.is_empty() {
        let message = format!("No specialty has the code {}. Leave it out, or correct it.", unknown.join(", "));
        faults.push(FieldError { field: "specialties", message });
    }
    Ok(())
}

/// Notes what the author can mend, where the form shows it; everything else goes on its way.
pub(super) fn note(faults: &mut Vec<FieldError>, outcome: Result<()>) -> Result<()> {
    let place = |field: &'static str| match field {
        "box" | "description" => "pictures",
        other => other,
    };
    match outcome {
        Ok(()) => Ok(()),
        Err(Error::Invalid(wrong)) => {
            faults.extend(wrong.into_iter().map(|one| FieldError { field: place(one.field), message: one.message }));
            Ok(())
        }
        Err(Error::Conflict(message)) => {
            faults.push(FieldError { field: "", message });
            Ok(())
        }
        Err(error @ Error::TooMany(_)) => {
            faults.push(FieldError { field: "", message: error.public() });
            Ok(())
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConsentBasis, Sex, Urgency};

    fn sent(pairs: &[(&str, &str)]) -> Typed {
        Typed(Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()))
    }

    #[test]
    fn what_the_form_does_not_carry_stays_as_it_is() {
        let mut draft = CaseDraft {
            question: "Ablate or wait?".into(),
            sex: Sex::Female,
            urgency: Urgency::Soon,
            sections: vec![(SectionKey::History, "Wasp stings.".into()), (SectionKey::Asked, "Now?".into())],
            timeline: vec![Step { at: "Day 0".into(), text: "Stung".into(), turning: false }],
            ..CaseDraft::default()
        };
        draft.consent.basis = Some(ConsentBasis::Written);
        let before = draft.clone();
        sent(&[("csrf", "x")]).put(&mut draft);
        assert_eq!((&draft.question, draft.sex, draft.urgency), (&before.question, before.sex, before.urgency));
        assert_eq!((&draft.timeline, &draft.consent), (&before.timeline, &before.consent));
        let order: Vec<SectionKey> = draft.sections.iter().map(|(key, _)| *key).collect();
        assert_eq!(order, [SectionKey::Asked, SectionKey::History], "in the order of the form");
    }

    #[test]
    fn rows_that_are_empty_are_no_steps_and_turning_points_are_counted_by_rows() {
        let typed = sent(&[
            ("steps", "1"),
            ("step_at", "Day 0"),
            ("step_text", "Stung"),
            ("step_at", " "),
            ("step_text", ""),
            ("step_turning", "3"),
            ("step_at", "+2 h"),
            ("step_text", "ST elevation"),
        ]);
        let mut draft = CaseDraft::default();
        typed.put(&mut draft);
        let steps: Vec<(&str, bool)> = draft.timeline.iter().map(|step| (step.at.as_str(), step.turning)).collect();
        assert_eq!(steps, [("Day 0", false), ("+2 h", true)]);
    }

    #[test]
    fn a_report_keeps_what_was_told_in_the_sections_of_a_quick_case() {
        let mut draft = CaseDraft::default();
        let typed =
            sent(&[("report", "yes"), ("section-presentation", "Stung.\r\nTwice."), ("section-abstract", "Rare.")]);
        typed.put(&mut draft);
        assert!(draft.report);
        assert_eq!(
            draft.sections,
            [(SectionKey::Abstract, "Rare.".to_owned()), (SectionKey::Presentation, "Stung.\nTwice.".to_owned())]
        );
    }

    #[test]
    fn the_name_goes_where_it_is_ticked_off_and_comes_back_where_it_is_not() {
        let mut draft = CaseDraft::default();
        sent(&[("naming", "1"), ("unnamed", "1"), ("asked_as", "member")]).put(&mut draft);
        assert_eq!(draft.asked_as, AskedAs::Member);
        sent(&[("question", "Why?")]).put(&mut draft);
        assert_eq!(draft.asked_as, AskedAs::Member, "a form without the tick changes nothing");
        sent(&[("naming", "1"), ("unnamed", "1")]).put(&mut draft);
        assert_eq!(draft.asked_as, AskedAs::Specialty);
        sent(&[("naming", "1"), ("asked_as", "member")]).put(&mut draft);
        assert_eq!(draft.asked_as, AskedAs::Named);
    }

    #[test]
    fn a_day_that_is_none_is_given_back_as_it_was_typed() {
        let mut draft = CaseDraft::default();
        let mut faults = Vec::new();
        let typed =
            sent(&[("given_on", "2027-05-31"), ("expires_on", "in May"), ("specialties", "207rc0000x, 207RC0000X")]);
        typed.put(&mut draft);
        let days = put_days(&typed, &mut draft, &mut faults);
        assert_eq!(days, (None, Some("in May".to_owned())));
        assert_eq!(draft.consent.given_on, NaiveDate::from_ymd_opt(2027, 5, 31));
        assert_eq!((faults.len(), draft.specialties), (1, vec!["207RC0000X".to_owned()]));
    }
}
