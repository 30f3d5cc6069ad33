//! A case as lists and its own page show it.

use chrono::{DateTime, Utc};

use super::ranking::RankingShown;
use crate::{
    error::Result,
    model::{CaseLine, CaseState, ConsentBasis, ConsentScope, Held, Post, PostId, SectionKey, Sex, Step, Urgency},
    service::{
        Ctx,
        cases::{self, CaseView, Hearing},
        specialties,
    },
    web::{
        layout::{self, PostShown, ago, counted, full_date},
        session::Visitor,
        shown::CaseTeaser,
    },
};

/// Lets the cases of a list be shown as cases: one look at what they tell and one at their answers for the whole page, and none
/// where nothing on it was posted in a group.
pub(in crate::web) async fn fill(visitor: &Visitor, posts: &mut [PostShown]) -> Result<()> {
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let opens = |post: &Post| post.group_id.is_some() && post.reply_to_uri.is_none();
    let asked: Vec<PostId> =
        posts.iter().map(|p| &p.card.post).filter(|post| opens(post)).map(|post| post.id).collect();
    let known = cases::lines(ctx, &viewer, &asked).await?;
    let ids: Vec<PostId> = known.keys().copied().collect();
    let replies = cases::replies(ctx, &viewer, &ids).await?;
    for post in posts {
        if let Some(case) = known.get(&post.card.post.id) {
            let count = match replies.get(&case.post_id).copied().unwrap_or_default() {
                cases::MANY_REPLIES.. => format!("{} replies or more", cases::MANY_REPLIES),
                count => layout::replies(count),
            };
            post.case = Some(teaser(ctx, case, &post.card.post.topic, count).await?);
        }
    }
    Ok(())
}

async fn teaser(ctx: &Ctx, case: &CaseLine, topic: &str, replies: String) -> Result<CaseTeaser> {
    let mut about: Vec<String> = Vec::new();
    if !topic.is_empty() {
        about.push(topic.to_owned());
    }
    for code in &case.specialties {
        about.push(specialties::label(ctx, code).await?);
    }
    let first = case.first_answer_at.map(|at| format!("first answer after {}", span(case.asked_at, at)));
    Ok(CaseTeaser {
        tags: vec![state(case.state), urgency(case.urgency)],
        about: about.join(", "),
        who: [case.age.as_str(), sex(case.sex)].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(", "),
        replies,
        first_answer: first.unwrap_or_default(),
    })
}

/// A case as its own page shows it.
#[derive(Debug)]
pub(in crate::web) struct CaseShown {
    /// Its post.
    pub id: PostId,
    /// What lists show of it.
    pub teaser: CaseTeaser,
    /// What exactly is asked, as safe HTML; empty where the question says it all.
    pub asked: String,
    /// The patient's history, as safe HTML.
    pub background: String,
    /// What happened when.
    pub timeline: Vec<Step>,
    /// What else it tells: a word for its address, the heading, and safe HTML.
    pub sections: Vec<(&'static str, &'static str, String)>,
    /// Its options to rank, where it has any.
    pub ranking: Option<RankingShown>,
    /// What it was, as safe HTML; empty while that is not known.
    pub outcome: String,
    /// Since when that is known: "3 d", in full, and RFC 3339.
    pub since: (String, String, String),
    /// Where the parts of the page are, and what they are called.
    pub contents: Vec<(String, String)>,
    /// What is to be known about it, under its labels.
    pub facts: Vec<(&'static str, String)>,
    /// The viewer asked it.
    pub mine: bool,
    /// Why its group on another server did not take the outcome, for whoever asked it; empty where it did.
    pub refusal: String,
    /// It was asked without a name.
    pub unnamed: bool,
    /// The reply that answers it.
    pub answer: Option<PostId>,
    /// It was answered or resolved, and can be opened again.
    pub settled: bool,
    /// What the viewer hears of it, where that is theirs to choose.
    pub hearing: Option<Hearing>,
}

impl CaseShown {
    /// For somebody who has read its post. `readers` is who else does; `replies` is how many answers there are.
    pub(in crate::web) async fn of(
        visitor: &Visitor,
        view: CaseView,
        post: &Post,
        pictures: usize,
        readers: String,
        replies: i64,
    ) -> Result<Self> {
        let now = visitor.ctx.now();
        let facts = facts(&view, post, readers);
        let ranking = RankingShown::of(visitor, post, &view.case).await?;
        let hearing = cases::hearing(&visitor.ctx, &visitor.viewer(), &view).await?;
        let case = view.case;
        let replies = layout::replies(replies);
        let teaser = teaser(&visitor.ctx, &case.line(), &post.topic, replies).await?;
        let (mut asked, mut background, mut sections) = (String::new(), String::new(), Vec::new());
        for section in case.body.sections {
            match section.key {
                SectionKey::Asked => asked = section.html,
                SectionKey::History | SectionKey::Patient if background.is_empty() => background = section.html,
                key => sections.push((key.as_str(), cases::heading(key), section.html)),
            }
        }
        let since = case.outcome_at.unwrap_or(case.asked_at);
        let mut shown = Self {
            id: case.post_id,
            asked,
            background,
            sections,
            timeline: case.body.timeline,
            ranking,
            outcome: case.outcome_html,
            since: (ago(since, now), full_date(since), since.to_rfc3339()),
            contents: Vec::new(),
            facts,
            mine: view.mine,
            refusal: if view.mine && post.held == Held::No { post.refusal.clone() } else { String::new() },
            unnamed: !post.label.is_empty(),
            answer: case.answer_id,
            settled: matches!(case.state, CaseState::Answered | CaseState::Resolved),
            hearing,
            teaser,
        };
        shown.contents = shown.listed(pictures);
        Ok(shown)
    }

    /// Whether anything is told of the patient apart from the sections.
    pub(in crate::web) fn tells_of_patient(&self) -> bool {
        !self.teaser.who.is_empty() || !self.background.is_empty()
    }

    /// Says that its sources are on the page, before the replies.
    pub(in crate::web) fn lists_sources(&mut self) {
        let place = self.contents.len().saturating_sub(1);
        self.contents.insert(place, ("cited".to_owned(), "Sources".to_owned()));
    }

    fn listed(&self, pictures: usize) -> Vec<(String, String)> {
        let one = |is_there: bool, id: &str, words: &str| is_there.then(|| (id.to_owned(), words.to_owned()));
        let sections = self.sections.iter().map(|(id, words, _)| Some((format!("section-{id}"), (*words).to_owned())));
        [
            one(true, "question", "Question"),
            one(!self.outcome.is_empty(), "outcome", "Outcome"),
            one(self.tells_of_patient(), "patient", "Patient"),
            one(!self.timeline.is_empty(), "timeline", "Timeline"),
        ]
        .into_iter()
        .chain(sections)
        .chain([one(pictures > 0, "images", "Images"), one(self.ranking.is_some(), "ranking", "Ranking")])
        .chain([one(true, "replies", &self.teaser.replies)])
        .flatten()
        .collect()
    }

    /// How the viewer can say that a reply answers it, or does not after all: where that goes, and in words.
    pub(in crate::web) fn mark(&self, reply: &Post) -> Option<(String, &'static str)> {
        if !self.mine || reply.held != Held::No {
            return None;
        }
        let place = format!("/cases/{}/answer/{}", self.id, reply.id);
        Some(if self.answer == Some(reply.id) {
            (format!("{place}/undo"), "It is not the answer")
        } else {
            (place, "Mark as the answer")
        })
    }
}

/// What is to be known about a case.
fn facts(view: &CaseView, post: &Post, readers: String) -> Vec<(&'static str, String)> {
    let case = &view.case;
    let first = case.first_answer_at.map_or_else(|| "None yet".to_owned(), |at| span(case.asked_at, at));
    let mut facts =
        vec![("State", state(case.state).1.to_owned()), ("First answer", first), ("Who can read it", readers)];
    if let Some(consent) = &view.consent {
        facts.push(("Consent", format!("{}, {}", basis(consent.basis), scope(consent.scope))));
        // Who holds the form, and until when it holds, is for whoever answers for it.
        if view.mine && !consent.holder.is_empty() {
            facts.push(("Form held by", consent.holder.clone()));
        }
        if let Some(day) = consent.expires_on.filter(|_| view.mine) {
            facts.push(("Consent until", day.format("%-d %B %Y").to_string()));
        }
    }
    let kept: i32 = view.findings.iter().map(|(_, _, kept)| *kept).sum();
    let checked = match (post.local, kept) {
        (false, _) => "Up to its own server".to_owned(),
        (true, 0) => "Checked, none open".to_owned(),
        (true, _) => format!("Checked, {kept} kept for a reason"),
    };
    facts.push(("Identifiers", checked));
    facts
}

/// How long it took: "38 min".
fn span(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    match (to - from).num_minutes() {
        ..=0 => "under a minute".to_owned(),
        minutes @ 1..=59 => format!("{minutes} min"),
        minutes @ 60..=1_439 => format!("{} h", minutes / 60),
        minutes => counted(minutes / 1_440, "day", "days"),
    }
}

/// Where a case stands: the class of its tag, and the word.
fn state(state: CaseState) -> (&'static str, &'static str) {
    match state {
        CaseState::Open => ("blue", "Open"),
        CaseState::Answered => ("green", "Answered"),
        CaseState::Resolved => ("", "Resolved"),
        CaseState::Withdrawn => ("", "Withdrawn"),
    }
}

/// The same of how soon an answer helps.
fn urgency(urgency: Urgency) -> (&'static str, &'static str) {
    match urgency {
        Urgency::Routine => ("", "Routine"),
        Urgency::Soon => ("", "Soon"),
        Urgency::Today => ("amber", "Today"),
    }
}

fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Unsaid => "",
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Other => "other sex",
    }
}

fn basis(basis: ConsentBasis) -> &'static str {
    match basis {
        ConsentBasis::Written => "Written",
        ConsentBasis::NotIdentifiable => "Not identifiable",
        ConsentBasis::NextOfKin => "Next of kin",
        ConsentBasis::Institution => "Institution",
    }
}

fn scope(scope: ConsentScope) -> &'static str {
    match scope {
        ConsentScope::Group => "this group",
        ConsentScope::Network => "verified colleagues",
        ConsentScope::Public => "everybody",
        ConsentScope::Teaching => "this group and teaching",
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn how_long_an_answer_took_is_said_in_the_unit_that_tells() {
        let asked = DateTime::UNIX_EPOCH;
        for (minutes, words) in [
            (-3, "under a minute"),
            (0, "under a minute"),
            (38, "38 min"),
            (60 * 23, "23 h"),
            (60 * 24, "1 day"),
            (60 * 24 * 12, "12 days"),
        ] {
            assert_eq!(span(asked, asked + TimeDelta::minutes(minutes)), words);
        }
    }
}
