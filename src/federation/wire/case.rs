//! Cases as they stand in the documents of their posts, under `case`. What they say stands in the post's own text as well.

use serde_json::{Value, json};

use super::value;
use crate::{
    model::{Case, CaseBody, CaseState, Consent, ConsentBasis, ConsentScope, Section, SectionKey, Sex, Step, Urgency},
    policy::{cases, ranking, unnamed},
    service::cases::RemoteCase,
    text::sanitize,
};

/// Most sections that are read.
const SECTIONS: usize = 20;
/// Most steps of a timeline that are read.
const STEPS: usize = 100;
/// Most specialties that are read.
const SPECIALTIES: usize = 10;
/// Longest section or outcome that is read, in bytes.
const LONGEST: usize = 50_000;

/// Adds a case to the document of its post; `answer` is the ActivityPub id of the reply that answers it.
pub fn add(note: &mut Value, case: &Case, consent: Option<&Consent>, answer: Option<&str>) {
    let sections = case.body.sections.iter().map(|s| json!({ "key": s.key.as_str(), "content": s.html }));
    let timeline = case.body.timeline.iter().map(|s| json!({ "at": s.at, "text": s.text, "turning": s.turning }));
    let told = json!({
        "report": case.report,
        "urgency": case.urgency.as_str(),
        "state": case.state.as_str(),
        "specialties": case.specialties,
        "age": case.body.age,
        "sex": case.body.sex.as_str(),
        "sections": sections.collect::<Vec<_>>(),
        "timeline": timeline.collect::<Vec<_>>(),
        "options": case.body.options,
        "rankingEnded": case.body.ranking_ended,
        "consent": consent.map(|c| json!({ "basis": c.basis.as_str(), "scope": c.scope.as_str() })),
        "outcome": case.outcome_html,
        "answer": answer,
    });
    if let Some(note) = note.as_object_mut() {
        note.insert("case".into(), told);
    }
}

/// Adds to the document of a post without a name what stands in its place.
pub fn add_label(note: &mut Value, label: &str) {
    if let Some(note) = note.as_object_mut()
        && !label.is_empty()
    {
        note.insert("askedAs".into(), label.into());
    }
}

/// Reads that of a post: plain text in one line; empty for none.
pub fn read_label(note: &Value) -> String {
    let told = ["askedAs", "consilium:askedAs"].into_iter().find_map(|key| value::text(note, key)).unwrap_or_default();
    sanitize::name(&sanitize::plain(value::bounded(told, 400)), unnamed::MAX_LABEL)
}

/// Says in the context of a document what `case`, `askedAs` and our other terms of posts mean, where they stand in it, in its
/// object, or in that one's object.
pub fn add_term(document: &mut Value, terms: &str) {
    super::interests::add_term(document, terms);
    super::source::add_term(document, terms);
    super::struck::add_term(document, terms);
    super::topic::add_term(document, terms);
    let object = document.get("object");
    let places = [Some(&*document), object, object.and_then(|inner| inner.get("object"))];
    let has = |key: &str| places.iter().flatten().any(|place| place.get(key).is_some());
    let (case, asked_as) = (has("case"), has("askedAs"));
    if !case && !asked_as {
        return;
    }
    let mut term = json!({ "consilium": format!("{terms}#") });
    if let Some(term) = term.as_object_mut() {
        if case {
            term.insert("case".into(), json!({ "@id": "consilium:case", "@type": "@json" }));
        }
        if asked_as {
            term.insert("askedAs".into(), "consilium:askedAs".into());
        }
    }
    if let Some(context) = document.get_mut("@context").and_then(Value::as_array_mut)
        && !context.contains(&term)
    {
        context.push(term);
    }
}

/// Reads the case of a post: what we know of it, and nothing else. A withdrawn one is none.
pub fn read(note: &Value) -> Option<RemoteCase> {
    let told = ["case", "consilium:case"].into_iter().find_map(|key| note.get(key)).filter(|told| told.is_object())?;
    let word = |key: &str| value::text(told, key).unwrap_or_default();
    let state = CaseState::parse(word("state")).unwrap_or(CaseState::Open);
    (state != CaseState::Withdrawn).then_some(())?;
    Some(RemoteCase {
        report: value::flag(told, "report"),
        urgency: Urgency::parse(word("urgency")).unwrap_or_default(),
        state,
        specialties: specialties(told),
        body: CaseBody {
            age: age(word("age")),
            sex: Sex::parse(word("sex")).unwrap_or_default(),
            sections: sections(told),
            timeline: timeline(told),
            options: options(told),
            ranking_ended: value::flag(told, "rankingEnded"),
        },
        consent: told.get("consent").and_then(consent),
        outcome_html: html(word("outcome")),
        answer: value::id(told, "answer").map(ToOwned::to_owned),
    })
}

fn html(untrusted: &str) -> String {
    sanitize::html(value::bounded(untrusted, LONGEST)).trim().to_owned()
}

fn line(object: &Value, key: &str, most: usize) -> String {
    let words = value::bounded(value::text(object, key).unwrap_or_default(), 8_000);
    sanitize::line(&sanitize::plain(words), most)
}

/// Codes of specialties as NUCC has them: ten letters and digits.
fn specialties(told: &Value) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for code in value::list(told, "specialties").into_iter().filter_map(Value::as_str) {
        let fits = code.len() == 10 && code.chars().all(|c| c.is_ascii_alphanumeric());
        if fits && codes.len() < SPECIALTIES && codes.iter().all(|known| known != code) {
            codes.push(code.to_owned());
        }
    }
    codes
}

/// An age in words, as the form of a case takes it: a band, an exact age under 90, or the one wording for all above.
fn age(told: &str) -> String {
    let age = sanitize::line(&sanitize::plain(value::bounded(told, 400)), cases::MAX_AGE);
    if cases::is_age(&age) { age } else { String::new() }
}

fn sections(told: &Value) -> Vec<Section> {
    let mut read: Vec<Section> = Vec::new();
    for section in value::list(told, "sections").into_iter().take(SECTIONS) {
        let Some(key) = value::text(section, "key").and_then(SectionKey::parse) else { continue };
        let html = html(value::text(section, "content").unwrap_or_default());
        if !html.is_empty() && read.iter().all(|known| known.key != key) {
            read.push(Section { key, source: String::new(), html });
        }
    }
    read
}

fn timeline(told: &Value) -> Vec<Step> {
    value::list(told, "timeline")
        .into_iter()
        .take(STEPS)
        .map(|step| Step {
            at: line(step, "at", 40),
            text: line(step, "text", 1_000),
            turning: value::flag(step, "turning"),
        })
        .filter(|step| !step.text.is_empty())
        .collect()
}

/// Options to rank: all of them or none, as ballots name them by their places.
fn options(told: &Value) -> Vec<String> {
    let told = value::list(told, "options");
    if told.iter().any(|option| !option.is_string()) {
        return Vec::new();
    }
    let words = |option: &str| sanitize::line(&sanitize::plain(value::bounded(option, 2_000)), ranking::MAX_OPTION);
    let options: Vec<String> = told.into_iter().filter_map(Value::as_str).map(words).collect();
    let fits = !options.contains(&String::new()) && ranking::wrong_options(&options).is_empty();
    if fits { options } else { Vec::new() }
}

fn consent(told: &Value) -> Option<(ConsentBasis, ConsentScope)> {
    let basis = value::text(told, "basis").and_then(ConsentBasis::parse)?;
    Some((basis, value::text(told, "scope").and_then(ConsentScope::parse)?))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{AccountId, PostId};

    fn case() -> Case {
        Case {
            post_id: PostId(1),
            group_id: AccountId(2),
            report: false,
            urgency: Urgency::Soon,
            state: CaseState::Resolved,
            specialties: vec!["207RC0000X".into()],
            body: CaseBody {
                age: "30 to 39".into(),
                sex: Sex::Female,
                sections: vec![Section {
                    key: SectionKey::History,
                    source: "Fit and **well**.".into(),
                    html: "<p>Fit and <strong>well</strong>.</p>".into(),
                }],
                timeline: vec![Step { at: "Day 0".into(), text: "Collapse".into(), turning: true }],
                options: vec!["Sarcoid".into(), "Lymphoma".into()],
                ranking_ended: true,
            },
            answer_id: None,
            first_answer_at: None,
            outcome: "Sarcoid.".into(),
            outcome_html: "<p>Sarcoid.</p>".into(),
            outcome_at: None,
            asked_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_case_is_read_as_it_is_written_without_what_its_author_typed() {
        let (case, mut note) = (case(), json!({}));
        let consent = Consent {
            post_id: case.post_id,
            basis: ConsentBasis::Written,
            scope: ConsentScope::Group,
            holder: "Records office".into(),
            given_on: None,
            expires_on: None,
            form_hash: "ab".into(),
            withdrawn_at: None,
        };
        add(&mut note, &case, Some(&consent), Some("https://b.example/n/1"));
        let words = note.to_string();
        assert!(!words.contains("Records office") && !words.contains("**well**"), "{words}");
        let told = read(&note).unwrap();
        assert_eq!((told.urgency, told.state, told.report), (case.urgency, case.state, case.report));
        assert_eq!((&told.body.age, told.body.sex), (&case.body.age, case.body.sex));
        assert_eq!((&told.body.timeline, &told.specialties), (&case.body.timeline, &case.specialties));
        assert_eq!((&told.body.options, told.body.ranking_ended), (&case.body.options, true));
        let [section] = told.body.sections.as_slice() else { panic!("{:?}", told.body.sections) };
        assert_eq!((section.key, section.html.as_str()), (SectionKey::History, case.body.sections[0].html.as_str()));
        assert_eq!(told.consent, Some((ConsentBasis::Written, ConsentScope::Group)));
        assert_eq!(
            (told.outcome_html.as_str(), told.answer.as_deref()),
            ("<p>Sarcoid.</p>", Some("https://b.example/n/1"))
        );
    }

    #[test]
    fn what_a_stranger_tells_is_cleaned_and_bounded() {
        let section = |key: &str, content: &str| json!({ "key": key, "content": content });
        let mut sections = vec![
            section("history", "<p onclick=\"x\">Well<script>alert(1)</script></p>"),
            section("history", "<p>Twice</p>"),
            section("horoscope", "<p>Leo</p>"),
            section("done", "  "),
        ];
        sections.extend((0..50).map(|_| section("findings", "<p>Late</p>")).skip(1));
        let told = read(&json!({ "case": {
            "urgency": "emergency", "state": "solved", "sections": sections, "specialties": ["207RC0000X", "207RC0000X", "<b>"],
            "timeline": [{ "at": "Day <b>0</b>", "text": "Collapse\u{202e}" }, { "at": "Day 1" }, 7],
            "consent": { "basis": "written", "scope": "everybody" }, "outcome": "<img src=x onerror=y>", "extra": {},
        } }))
        .unwrap();
        assert_eq!((told.urgency, told.state, told.consent), (Urgency::Routine, CaseState::Open, None));
        let html: Vec<&str> = told.body.sections.iter().map(|s| s.html.as_str()).collect();
        assert_eq!(html, ["<p>Well</p>", "<p>Late</p>"]);
        assert_eq!(told.body.timeline, [Step { at: "Day 0".into(), text: "Collapse".into(), turning: false }]);
        assert_eq!((told.specialties.len(), told.outcome_html.as_str()), (1, ""));
        for odd in [json!(["One"]), json!(["One", "<b></b>"]), json!(["One", 2]), json!(["One", "one"]), json!("One")] {
            assert!(read(&json!({ "case": { "options": odd } })).unwrap().body.options.is_empty(), "{odd}");
        }
        assert_eq!(read(&json!({ "case": { "state": "withdrawn" } })), None);
        assert_eq!(read(&json!({ "case": "yes" })), None);
    }

    #[test]
    fn the_oldest_are_told_of_in_one_wording_as_in_the_form() {
        for (told, kept) in [
            ("30 to 39", "30 to 39"),
            ("7 months", "7 months"),
            ("120 days", "120 days"),
            ("90 or older", "90 or older"),
            ("93", ""),
            ("90 to 99", ""),
            ("in her nineties", ""),
            ("93 years and 2 months", ""),
            ("99999999999", ""),
            ("Child", "Child"),
        ] {
            assert_eq!(age(told), kept, "{told}");
        }
    }

    #[test]
    fn the_context_says_once_what_a_case_is_where_there_is_one() {
        let terms = "https://a.example/ns/practitioner/v1";
        let mut plain = json!({ "@context": [], "object": { "object": {} } });
        add_term(&mut plain, terms);
        assert_eq!(plain["@context"], json!([]));
        let mut told = json!({ "@context": [], "object": { "object": { "case": {} } } });
        add_term(&mut told, terms);
        add_term(&mut told, terms);
        assert_eq!(told["@context"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn what_stands_in_place_of_a_name_is_a_plain_line() {
        let mut note = json!({ "@context": [] });
        add_label(&mut note, "");
        assert_eq!((read_label(&note), note.get("askedAs")), (String::new(), None));
        add_label(&mut note, "a verified cardiologist");
        assert_eq!(read_label(&note), "a verified cardiologist");
        add_term(&mut note, "https://a.example/ns/practitioner/v1");
        assert_eq!(note["@context"][0]["askedAs"], "consilium:askedAs");
        assert_eq!(note["@context"][0].get("case"), None);
        let told = read_label(&json!({ "askedAs": format!("a <b>verified</b>\n{}", "x".repeat(900)) }));
        assert!(told.starts_with("a verified") && told.chars().count() <= unnamed::MAX_LABEL, "{told}");
    }
}
