//! Cases: what is asked about a patient whom nobody may recognise, and the states that it goes through.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{AccountId, AskedAs, CaseDraftId, CasePictureId, PostId, discreet::discreet, text_enum::text_enum};
use crate::schema::case_consents;

text_enum! {
    /// How soon an answer helps. None of it is an emergency line.
    #[derive(Default)]
    Urgency {
        /// There is time.
        #[default]
        Routine = "routine",
        /// Within days.
        Soon = "soon",
        /// Before the day ends.
        Today = "today",
    }
}

text_enum! {
    /// Where a case stands.
    CaseState {
        /// It waits for an answer.
        Open = "open",
        /// Its author says which reply answers it.
        Answered = "answered",
        /// What it was is known.
        Resolved = "resolved",
        /// It was taken back: nothing of it is kept.
        Withdrawn = "withdrawn",
    }
}

impl CaseState {
    /// Whether one state may follow another.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Open => matches!(next, Self::Answered | Self::Resolved | Self::Withdrawn),
            Self::Answered => matches!(next, Self::Open | Self::Resolved | Self::Withdrawn),
            Self::Resolved => matches!(next, Self::Open | Self::Withdrawn),
            Self::Withdrawn => false,
        }
    }
}

text_enum! {
    /// The patient's sex, where it matters.
    #[derive(Default)]
    Sex {
        /// Not said.
        #[default]
        Unsaid = "",
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Another.
        Other = "other",
    }
}

text_enum! {
    /// What a section tells. The first ones make a quick case; a full report has the items of CARE 2013, whose title is the
    /// question, whose timeline is the timeline, and whose consent is the consent record.
    SectionKey {
        /// What exactly is asked.
        Asked = "asked",
        /// What the patient came with.
        Presentation = "presentation",
        /// History, medicines, family.
        History = "history",
        /// Examination (CARE 6).
        Findings = "findings",
        /// Laboratory, imaging, other tests.
        Investigations = "investigations",
        /// What is thought at present.
        Diagnosis = "diagnosis",
        /// What was done so far.
        Done = "done",
        /// Two to five keywords (CARE 2).
        Keywords = "keywords",
        /// Abstract (CARE 3).
        Abstract = "abstract",
        /// Introduction with literature (CARE 4).
        Introduction = "introduction",
        /// Patient information (CARE 5).
        Patient = "patient",
        /// Diagnostic assessment (CARE 8).
        Assessment = "assessment",
        /// Therapeutic intervention (CARE 9).
        Intervention = "intervention",
        /// Follow-up and outcomes (CARE 10).
        FollowUp = "follow_up",
        /// Discussion (CARE 11).
        Discussion = "discussion",
        /// The patient's perspective (CARE 12).
        Perspective = "perspective",
    }
}

impl SectionKey {
    /// The sections of a quick case, in their order.
    pub const QUICK: &'static [Self] = &[
        Self::Asked,
        Self::Presentation,
        Self::History,
        Self::Findings,
        Self::Investigations,
        Self::Diagnosis,
        Self::Done,
    ];
    /// The sections of a full report, in the order of CARE.
    pub const REPORT: &'static [Self] = &[
        Self::Asked,
        Self::Keywords,
        Self::Abstract,
        Self::Introduction,
        Self::Patient,
        Self::Findings,
        Self::Assessment,
        Self::Intervention,
        Self::FollowUp,
        Self::Discussion,
        Self::Perspective,
    ];

    /// Those of either kind.
    pub fn of(report: bool) -> &'static [Self] {
        if report { Self::REPORT } else { Self::QUICK }
    }
}

/// A section, as it was written and as safe HTML.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// What it tells.
    pub key: SectionKey,
    /// In Markdown; empty for cases of other servers.
    #[serde(default)]
    pub source: String,
    /// As safe HTML.
    pub html: String,
}

discreet!(Section { key });

/// A step of the timeline.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Time relative to the first day: "Day 0", "+2 h", "Day +3".
    pub at: String,
    /// What happened, plain text.
    pub text: String,
    /// Things changed here.
    #[serde(default)]
    pub turning: bool,
}

discreet!(Step {});

/// What a case tells: no name, no date, no place.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CaseBody {
    /// An age band or an exact age under 90, in words: "30 to 39", "7 months"; empty where it is not said.
    #[serde(default)]
    pub age: String,
    /// Sex, where it matters.
    #[serde(default)]
    pub sex: Sex,
    /// Sections in their order, none of them empty.
    #[serde(default)]
    pub sections: Vec<Section>,
    /// The timeline.
    #[serde(default)]
    pub timeline: Vec<Step>,
    /// What the members of its group rank: diagnoses or courses of action. None where nothing is asked like that.
    #[serde(default)]
    pub options: Vec<String>,
    /// Its author has ended the ranking.
    #[serde(default)]
    pub ranking_ended: bool,
}

discreet!(CaseBody {});

/// A case beside its post.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// Its post.
    pub post_id: PostId,
    /// The group.
    pub group_id: AccountId,
    /// A full report rather than a quick case.
    pub report: bool,
    /// How soon.
    pub urgency: Urgency,
    /// Where it stands.
    pub state: CaseState,
    /// Specialties that are asked (NUCC codes).
    pub specialties: Vec<String>,
    /// What it tells.
    pub body: CaseBody,
    /// The reply that answers it, says its author.
    pub answer_id: Option<PostId>,
    /// When somebody first replied.
    pub first_answer_at: Option<DateTime<Utc>>,
    /// What it was, in Markdown.
    pub outcome: String,
    /// The same as safe HTML.
    pub outcome_html: String,
    /// Since when that is known.
    pub outcome_at: Option<DateTime<Utc>>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
}

discreet!(Case { post_id, group_id });

impl Case {
    /// What lists show of it.
    pub fn line(&self) -> CaseLine {
        CaseLine {
            post_id: self.post_id,
            group_id: self.group_id,
            urgency: self.urgency,
            state: self.state,
            specialties: self.specialties.clone(),
            age: self.body.age.clone(),
            sex: self.body.sex,
            first_answer_at: self.first_answer_at,
            asked_at: self.asked_at,
        }
    }
}

/// A case as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct CaseLine {
    /// Its post.
    pub post_id: PostId,
    /// The group.
    pub group_id: AccountId,
    /// How soon.
    pub urgency: Urgency,
    /// Where it stands.
    pub state: CaseState,
    /// Specialties that are asked (NUCC codes).
    pub specialties: Vec<String>,
    /// Age, as a band.
    pub age: String,
    /// Sex.
    pub sex: Sex,
    /// When somebody first replied.
    pub first_answer_at: Option<DateTime<Utc>>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
}

text_enum! {
    /// Why a case may be told.
    ConsentBasis {
        /// The patient agreed in writing.
        Written = "written",
        /// The patient cannot be identified.
        NotIdentifiable = "not_identifiable",
        /// The next of kin agreed.
        NextOfKin = "next_of_kin",
        /// The institution has approved it.
        Institution = "institution",
    }
}

text_enum! {
    /// To whom it may be told.
    ConsentScope {
        /// The group.
        Group = "group",
        /// Verified practitioners of trusted institutions.
        Network = "network",
        /// Everybody.
        Public = "public",
        /// The group, and in teaching.
        Teaching = "teaching",
    }
}

/// How the patient of a case agreed. The form itself stays in the hospital.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_consents)]
pub struct Consent {
    /// The case.
    pub post_id: PostId,
    /// Why it may be told.
    pub basis: ConsentBasis,
    /// To whom.
    pub scope: ConsentScope,
    /// Who holds the form.
    pub holder: String,
    /// When it was given.
    pub given_on: Option<NaiveDate>,
    /// Until when it holds.
    pub expires_on: Option<NaiveDate>,
    /// SHA-256 of the form in hexadecimal; empty where it is not known.
    pub form_hash: String,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

discreet!(Consent { post_id });

text_enum! {
    /// When a second member looks at a case before the group sees it.
    #[derive(Default)]
    Review {
        /// Where its author kept several things that were marked.
        #[default]
        Kept = "kept",
        /// Always.
        All = "all",
    }
}

text_enum! {
    /// Why a case is taken back everywhere.
    RecallReason {
        /// The patient no longer agrees.
        ConsentWithdrawn = "consent_withdrawn",
        /// The consent ended on its day.
        ConsentExpired = "consent_expired",
        /// The patient could be recognised.
        Identifiable = "identifiable",
        /// It should not have been posted.
        Mistake = "mistake",
        /// The moderators removed it.
        Moderators = "moderators",
        /// Its author has closed their account.
        AuthorLeft = "author_left",
    }
}

text_enum! {
    /// Where a recall stands with another server.
    CopyState {
        /// It got the case.
        Has = "has",
        /// It is being told, and has not answered yet.
        Told = "told",
        /// It has taken the word that the case is withdrawn.
        Acknowledged = "acknowledged",
        /// It says that it still has a copy.
        Serving = "serving",
        /// It says that it has no copy any more.
        Gone = "gone",
    }
}

/// A case that is being written. It is kept sealed, and nobody but its author opens it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseDraft {
    /// What is asked, in one line: the title.
    pub question: String,
    /// A full report rather than a quick case.
    pub report: bool,
    /// Age in words.
    pub age: String,
    /// Sex, where it matters.
    pub sex: Sex,
    /// Texts by section, in the order of the form.
    pub sections: Vec<(SectionKey, String)>,
    /// The timeline.
    pub timeline: Vec<Step>,
    /// What the members rank, one a line; empty for nothing.
    pub options: String,
    /// How soon.
    pub urgency: Urgency,
    /// What of the group's topics it is about; empty for none.
    pub topic: String,
    /// Specialties that are asked (NUCC codes).
    pub specialties: Vec<String>,
    /// Conflicts of interest.
    pub interests: String,
    /// Sources by DOI or PMID, one a line, as they were typed: what is kept of them in the end is the numbers.
    pub sources: String,
    /// How the patient agreed.
    pub consent: DraftConsent,
    /// Pictures.
    pub pictures: Vec<DraftPicture>,
    /// What was marked and stays, with reasons.
    pub kept: Vec<Kept>,
    /// What was marked and has been put in other words.
    pub mended: Vec<Mended>,
    /// How many of each kind of identifier have been marked at most; never the words.
    pub found: Vec<(String, i32)>,
    /// Why a second member sent it back; empty where nobody has.
    pub returned: String,
    /// Why its group, on another server, did not take it; empty where it was not asked there yet.
    pub refused: String,
    /// What stands in place of its author's name.
    pub asked_as: AskedAs,
}

discreet!(CaseDraft {});

/// A consent as far as it has been filled in.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftConsent {
    /// Why it may be told.
    pub basis: Option<ConsentBasis>,
    /// To whom.
    pub scope: Option<ConsentScope>,
    /// Who holds the form.
    pub holder: String,
    /// When it was given.
    pub given_on: Option<NaiveDate>,
    /// Until when it holds.
    pub expires_on: Option<NaiveDate>,
    /// SHA-256 of the form in hexadecimal.
    pub form_hash: String,
}

discreet!(DraftConsent {});

/// A picture of a draft. Its pixels are kept apart, sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftPicture {
    /// Where its pixels are.
    pub id: CasePictureId,
    /// What can be seen, for those who do not see it.
    pub description: String,
    /// What is painted over, in pixels of the picture.
    pub boxes: Vec<Cover>,
    /// A first corner, where the second has not been given yet.
    pub corner: Option<(u32, u32)>,
    /// Its author has looked: no face, tattoo, name or number is left.
    pub looked: bool,
}

discreet!(DraftPicture { id });

/// A box that is painted over, in pixels from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width, at least 1.
    pub width: u32,
    /// Height, at least 1.
    pub height: u32,
}

/// Words that were marked and stay.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Where: the name of a field, such as `question`, `age`, `section-history`, `step-2` (the second), `picture-7` (by its id),
    /// `options`, `interests`.
    pub field: String,
    /// The words.
    pub words: String,
    /// What they could be: an identifier's kind.
    pub kind: String,
    /// Why they stay.
    pub reason: String,
}

discreet!(Kept {});

/// Words that were marked and have been replaced.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// Where.
    pub field: String,
    /// What stood there.
    pub was: String,
    /// What stands there now.
    pub now: String,
    /// What it could have been: an identifier's kind.
    pub kind: String,
    /// Where it stands in the text of its field, in bytes.
    #[serde(default)]
    pub at: usize,
}

discreet!(Mended {});

/// A draft in a list of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct DraftRow {
    /// Its id.
    pub id: CaseDraftId,
    /// The group that it is for.
    pub group_id: AccountId,
    /// What is in it, sealed.
    pub sealed: Vec<u8>,
    /// When it was last saved.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_was_taken_back_stays_so() {
        for next in CaseState::ALL {
            assert!(!CaseState::Withdrawn.may_become(*next), "{next}");
        }
        assert!(CaseState::Open.may_become(CaseState::Answered) && CaseState::Answered.may_become(CaseState::Open));
        assert!(
            CaseState::Resolved.may_become(CaseState::Open) && !CaseState::Resolved.may_become(CaseState::Answered)
        );
    }

    #[test]
    fn drafts_survive_new_fields() {
        let old: CaseDraft =
            serde_json::from_str(r#"{"question":"Treat or wait?","sections":[["history","None."]]}"#).unwrap();
        assert_eq!((old.question.as_str(), old.sections.len()), ("Treat or wait?", 1));
    }
}
