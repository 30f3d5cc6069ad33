//! Cases that are being written, in words.

use crate::{
    model::{CaseDraft, ConsentBasis, ConsentScope, SectionKey, Sex, Urgency},
    text::identifiers::Kind,
};

/// What a section is called in the form, and what belongs in it.
pub(super) fn section(key: SectionKey, report: bool) -> (&'static str, &'static str) {
    match key {
        SectionKey::Asked => ("What exactly is asked", "Where the one line above is too short for it."),
        SectionKey::Presentation if report => ("Presentation", "What the patient came with."),
        SectionKey::Presentation => {
            ("What happened", "Write as you would tell a colleague. Times as Day 0, +2 h, Day +3.")
        }
        SectionKey::History => ("Background", "History, medicines, family."),
        SectionKey::Findings if report => ("Clinical findings", "CARE 6: examination, vital signs."),
        SectionKey::Findings => ("Findings", "Examination, vital signs."),
        SectionKey::Investigations => ("Investigations", "Laboratory, imaging, other tests."),
        SectionKey::Diagnosis => ("Working diagnosis", "What you think at present."),
        SectionKey::Done => ("Done so far", "What was given or done, and what came of it."),
        SectionKey::Keywords => ("Keywords", "CARE 2: two to five."),
        SectionKey::Abstract => ("Abstract", "CARE 3: what is new, the main findings, the lesson."),
        SectionKey::Introduction => ("Introduction", "CARE 4: why this case is told, with literature."),
        SectionKey::Patient => ("Patient information", "CARE 5: symptoms, history, family, earlier treatment."),
        SectionKey::Assessment => ("Diagnostic assessment", "CARE 8: tests, difficulties, differential, prognosis."),
        SectionKey::Intervention => ("Treatment", "CARE 9: what was given, and what was changed."),
        SectionKey::FollowUp => ("Follow-up and outcomes", "CARE 10: course, adherence, adverse events."),
        SectionKey::Discussion => ("Discussion", "CARE 11: strengths, limits, literature, the lesson."),
        SectionKey::Perspective => ("The patient's perspective", "CARE 12: in their own words."),
    }
}

/// What a field of a draft is called.
pub(super) fn field(name: &str, draft: &CaseDraft) -> String {
    let called = match name.split_once('-') {
        None if name == "question" => "What do you want to know?".to_owned(),
        None if name == "age" => "Age".to_owned(),
        None if name == "options" => "Options to rank".to_owned(),
        Some(("section", key)) => SectionKey::parse(key).map_or("", |key| section(key, draft.report).0).to_owned(),
        Some(("step", number)) => format!("Timeline, step {number}"),
        Some(("picture", id)) => match draft.pictures.iter().position(|one| one.id.to_string() == id) {
            Some(place) => format!("Picture {}", place + 1),
            None => "A picture".to_owned(),
        },
        None | Some(_) => "Conflicts of interest".to_owned(),
    };
    if called.is_empty() { name.to_owned() } else { called }
}

/// Why a case may be told: what it is called, and what that means.
pub(super) fn basis(basis: ConsentBasis) -> (&'static str, &'static str) {
    match basis {
        ConsentBasis::Written => ("The patient agreed in writing", "The form stays in your hospital."),
        ConsentBasis::NotIdentifiable => ("The patient cannot be identified", "By nobody, not even by themselves."),
        ConsentBasis::NextOfKin => ("The next of kin agreed", "In writing. The form stays in your hospital."),
        ConsentBasis::Institution => {
            ("The institution has approved it", "Its ethics board or its data protection officer.")
        }
    }
}

/// To whom a case may be told.
pub(super) fn scope(scope: ConsentScope) -> &'static str {
    match scope {
        ConsentScope::Group => "This group",
        ConsentScope::Network => "Verified clinicians of trusted institutions",
        ConsentScope::Public => "Everybody",
        ConsentScope::Teaching => "This group, and teaching",
    }
}

/// How soon an answer helps: what it is called, and what that means.
pub(super) fn urgency(urgency: Urgency) -> (&'static str, &'static str) {
    match urgency {
        Urgency::Routine => ("Routine", "There is time."),
        Urgency::Soon => ("Soon", "Within days."),
        Urgency::Today => ("Today", "Before the day ends."),
    }
}

/// The patient's sex.
pub(super) fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Unsaid => "Not said",
        Sex::Female => "Female",
        Sex::Male => "Male",
        Sex::Other => "Another",
    }
}

/// "Date", "Age over 89": an identifier's kind as the beginning of a line.
pub(in crate::web) fn kind(name: &str) -> String {
    let title = Kind::ALL.iter().find(|kind| kind.as_str() == name).map_or("a detail", |kind| kind.title());
    let bare = title.strip_prefix("a ").or_else(|| title.strip_prefix("an ")).unwrap_or(title);
    let mut letters = bare.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// "4 marks in the text, 1 picture and the consent".
pub(super) fn and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CasePictureId, DraftPicture};

    #[test]
    fn kinds_begin_a_line() {
        assert_eq!(kind("date"), "Date");
        assert_eq!(kind("age_over_89"), "Age over 89");
        assert_eq!(kind("unheard of"), "Detail");
        for one in Kind::ALL {
            assert!(!kind(one.as_str()).is_empty());
        }
    }

    #[test]
    fn fields_are_called_what_the_form_calls_them() {
        let picture = |id| DraftPicture {
            id: CasePictureId(id),
            description: String::new(),
            boxes: Vec::new(),
            corner: None,
            looked: false,
        };
        let draft = CaseDraft { pictures: vec![picture(70), picture(71)], ..CaseDraft::default() };
        assert_eq!(field("section-presentation", &draft), "What happened");
        assert_eq!(field("step-2", &draft), "Timeline, step 2");
        assert_eq!(field("picture-71", &draft), "Picture 2");
        assert_eq!(field("picture-72", &draft), "A picture");
        assert_eq!(field("interests", &draft), "Conflicts of interest");
    }

    #[test]
    fn lists_are_read_aloud() {
        let all = ["4 marks".to_owned(), "1 picture".to_owned(), "the consent".to_owned()];
        assert_eq!(and(&all), "4 marks, 1 picture and the consent");
        assert_eq!((and(&all[..1]), and(&[])), ("4 marks".to_owned(), String::new()));
    }
}
