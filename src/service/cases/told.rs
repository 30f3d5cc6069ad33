//! What a case says once it is posted: its structure, and the same as the text of its post, for readers and servers that know
//! no cases.

use crate::{
    error::{Error, Result},
    model::{CaseBody, CaseDraft, Markup, Section, SectionKey, Sex, SourceKey, Step, discreet::discreet},
    policy::{posting, ranking},
    service::{
        Ctx,
        posts::{self, Rendered},
        sources,
    },
    text::sanitize,
};

/// A case that is ready to be posted.
pub(super) struct Told {
    /// What it tells.
    pub(super) body: CaseBody,
    /// The same as the text of its post.
    pub(super) rendered: Rendered,
    /// What it stands on.
    pub(super) cited: Vec<SourceKey>,
}

discreet!(Told {});

/// What a section is headed with.
pub fn heading(key: SectionKey) -> &'static str {
    match key {
        SectionKey::Asked => "What is asked",
        SectionKey::Presentation => "What the patient came with",
        SectionKey::History => "History",
        SectionKey::Findings => "Findings",
        SectionKey::Investigations => "Investigations",
        SectionKey::Diagnosis => "What is thought at present",
        SectionKey::Done => "What was done so far",
        SectionKey::Keywords => "Keywords",
        SectionKey::Abstract => "Abstract",
        SectionKey::Introduction => "Introduction",
        SectionKey::Patient => "Patient information",
        SectionKey::Assessment => "Diagnostic assessment",
        SectionKey::Intervention => "Therapeutic intervention",
        SectionKey::FollowUp => "Follow-up and outcomes",
        SectionKey::Discussion => "Discussion",
        SectionKey::Perspective => "The patient's perspective",
    }
}

/// Makes a case ready. May ask other servers for who is mentioned, so it is never called inside a transaction.
pub(super) async fn tell(ctx: &Ctx, draft: &CaseDraft) -> Result<Told> {
    let cited = cited(draft)?;
    let (mut sections, mut mentions, mut tags) = (Vec::new(), Vec::new(), Vec::new());
    for (key, source) in written(draft) {
        let rendered = posts::render(ctx, source, Markup::Markdown).await?;
        sections.push(Section { key, source: source.to_owned(), html: rendered.html });
        mentions.extend(rendered.mentions);
        tags.extend(rendered.tags);
    }
    mentions.sort_unstable();
    mentions.dedup();
    tags.sort_unstable();
    tags.dedup();
    if mentions.len() > posting::MAX_MENTIONS || tags.len() > posting::MAX_TAGS {
        return Err(Error::invalid("sections", "This case mentions too many people or hashtags."));
    }
    let timeline = draft.timeline.iter().map(|step| Step { at: step.at.trim().to_owned(), ..step.clone() }).collect();
    let options = ranking::options(&draft.options);
    let age = draft.age.trim().to_owned();
    let body = CaseBody { age, sex: draft.sex, sections, timeline, options, ranking_ended: false };
    let rendered = Rendered { html: html(&body) + &sources::html(&cited), mentions, tags, handles: Vec::new() };
    Ok(Told { body, rendered, cited })
}

/// What a case stands on: what its list names, then what its texts do.
fn cited(draft: &CaseDraft) -> Result<Vec<SourceKey>> {
    let sections = draft.sections.iter().map(|(_, text)| text.as_str());
    let steps = draft.timeline.iter().map(|step| step.text.as_str());
    sources::named(&draft.sources, [draft.question.as_str()].into_iter().chain(sections).chain(steps))
}

/// The sections that say something, in the order of the form.
fn written(draft: &CaseDraft) -> Vec<(SectionKey, &str)> {
    let order = SectionKey::of(draft.report);
    let place = |key: SectionKey| order.iter().position(|other| *other == key).unwrap_or(order.len());
    let all = draft.sections.iter().map(|(key, text)| (*key, text.trim()));
    let mut written: Vec<(SectionKey, &str)> = all.filter(|(_, text)| !text.is_empty()).collect();
    written.sort_by_key(|(key, _)| place(*key));
    written
}

/// The text of a case's post: the patient in a line, the sections under their headings, timeline and options as lists.
fn html(body: &CaseBody) -> String {
    let mut parts = Vec::new();
    let sex = match body.sex {
        Sex::Unsaid => "",
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Other => "other sex",
    };
    let patient = [body.age.as_str(), sex].into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join(", ");
    if !patient.is_empty() {
        parts.push(format!("<p><strong>Patient:</strong> {}</p>", sanitize::escape(&patient)));
    }
    for section in &body.sections {
        parts.push(format!("<h3>{}</h3>\n{}", sanitize::escape(heading(section.key)), section.html));
    }
    if !body.timeline.is_empty() {
        let step = |step: &Step| {
            let (at, text) = (sanitize::escape(&step.at), sanitize::escape(&step.text).replace('\n', "<br>"));
            format!("<li><strong>{at}:</strong> {text}</li>")
        };
        let steps = body.timeline.iter().map(step).collect::<Vec<_>>().join("\n");
        parts.push(format!("<h3>Timeline</h3>\n<ul>\n{steps}\n</ul>"));
    }
    if !body.options.is_empty() {
        let option = |option: &String| format!("<li>{}</li>", sanitize::escape(option));
        let options = body.options.iter().map(option).collect::<Vec<_>>().join("\n");
        parts.push(format!("<h3>Options to rank</h3>\n<ul>\n{options}\n</ul>"));
    }
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_who_know_no_cases_read_the_whole_of_it() {
        let body = CaseBody {
            age: "30 to 39".into(),
            sex: Sex::Female,
            sections: vec![Section {
                key: SectionKey::FollowUp,
                source: "*Well*".into(),
                html: "<p><em>Well</em></p>".into(),
            }],
            timeline: vec![Step { at: "Day 0".into(), text: "Pain < 2 h\nand <b>fever</b>".into(), turning: true }],
            options: vec!["Colic".into(), "K < 3".into()],
            ranking_ended: false,
        };
        assert_eq!(
            html(&body),
            "<p><strong>Patient:</strong> 30 to 39, female</p>\n<h3>Follow-up and outcomes</h3>\n<p><em>Well</em></p>\n\
             <h3>Timeline</h3>\n<ul>\n<li><strong>Day 0:</strong> Pain &lt; 2 h<br>and &lt;b&gt;fever&lt;/b&gt;</li>\n</ul>\n\
             <h3>Options to rank</h3>\n<ul>\n<li>Colic</li>\n<li>K &lt; 3</li>\n</ul>"
        );
        assert_eq!(sanitize::html(&html(&body)), html(&body), "other servers leave it as it is");
        assert_eq!(html(&CaseBody::default()), "");
    }

    #[test]
    fn sections_come_in_the_order_of_the_form_and_none_is_lost() {
        let draft = CaseDraft {
            report: true,
            sections: vec![
                (SectionKey::Done, "Nothing yet.".into()),
                (SectionKey::Discussion, "Much.".into()),
                (SectionKey::Abstract, " Short. ".into()),
                (SectionKey::Findings, "  ".into()),
            ],
            ..CaseDraft::default()
        };
        let keys =
            [(SectionKey::Abstract, "Short."), (SectionKey::Discussion, "Much."), (SectionKey::Done, "Nothing yet.")];
        assert_eq!(written(&draft), keys);
    }
}
