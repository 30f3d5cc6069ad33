//! Groups of the demo hospitals and the cases in them, as written in `groups.toml`: founded, joined, asked and answered through
//! the same rules that people use.

use std::collections::HashMap;

use chrono::TimeDelta;
use serde::Deserialize;

use super::seed::{People, find, known_at, settle};
use crate::{
    cli::Failure,
    model::{
        AccountId, Admission, CaseDraft, ConsentBasis, ConsentScope, DraftConsent, GroupKind, PostId, Premoderation,
        RecallReason, Review, SectionKey, Sex, Step, Urgency,
    },
    service::{
        Ctx, cases,
        groups::{self, GroupForm, Wish},
        posts,
    },
};

/// All of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rooms {
    groups: Vec<Room>,
    cases: Vec<Asked>,
    replies: Vec<Reply>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Room {
    key: String,
    founder: String,
    username: String,
    name: String,
    kind: String,
    about: String,
    rules: String,
    welcome: String,
    topics: Vec<String>,
    members: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    key: String,
    group: String,
    author: String,
    hours_ago: f64,
    question: String,
    /// What exactly is asked.
    detail: String,
    age: String,
    sex: String,
    presentation: String,
    history: String,
    findings: String,
    investigations: String,
    diagnosis: String,
    done: String,
    timeline: Vec<(String, String, bool)>,
    urgency: String,
    topic: String,
    specialties: Vec<String>,
    basis: String,
    holder: String,
    /// Which of its replies answers it, counted from 1; 0 for none.
    #[serde(default)]
    answer: usize,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    withdrawn: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    case: String,
    author: String,
    after_minutes: i64,
    text: String,
}

impl Rooms {
    pub(super) fn read() -> Result<Self, Failure> {
        toml::from_str(include_str!("groups.toml")).map_err(|e| Failure(format!("the demo groups are broken: {e}")))
    }

    /// Founds the groups, lets the members in, and asks the cases in their order, each at its hour.
    pub(super) async fn sow(&self, houses: &[Ctx], people: &People<'_>) -> Result<(), Failure> {
        let mut rooms = HashMap::new();
        for room in &self.groups {
            rooms.insert(room.key.as_str(), room.open(houses, people).await?);
        }
        let mut moved = TimeDelta::zero();
        let mut cases: Vec<&Asked> = self.cases.iter().collect();
        cases.sort_by(|a, b| b.hours_ago.total_cmp(&a.hours_ago));
        for case in cases {
            let Some(room) = rooms.get(case.group.as_str()) else { continue };
            #[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "hours of a week fit")]
            let at = -TimeDelta::minutes((case.hours_ago * 60.0) as i64);
            move_to(houses, &mut moved, at);
            let uri = case.ask(*room, people).await?;
            settle(houses).await?;
            let mut replies = Vec::new();
            for reply in self.replies.iter().filter(|reply| reply.case == case.key) {
                move_to(houses, &mut moved, at + TimeDelta::minutes(reply.after_minutes));
                replies.push(reply.say(&uri, people).await?);
                settle(houses).await?;
            }
            case.end(&uri, &replies, people).await?;
            settle(houses).await?;
        }
        move_to(houses, &mut moved, TimeDelta::zero());
        Ok(())
    }
}

/// Sets the clocks of the hospitals to a time that lies so far from now.
fn move_to(houses: &[Ctx], moved: &mut TimeDelta, wanted: TimeDelta) {
    for house in houses {
        house.clock.advance(wanted - *moved);
    }
    *moved = wanted;
}

impl Room {
    /// The hospital and the account of the group, founded and with its members.
    async fn open<'a>(&self, houses: &[Ctx], people: &People<'a>) -> Result<(&'a Ctx, AccountId), Failure> {
        let (home, _, founder) =
            people.get(&self.founder).ok_or_else(|| Failure(format!("no founder {}", self.founder)))?;
        let kind = GroupKind::parse(&self.kind).ok_or_else(|| Failure(format!("no such group: {}", self.kind)))?;
        let form = GroupForm {
            name: self.name.clone(),
            about: self.about.clone(),
            rules: self.rules.clone(),
            welcome: self.welcome.clone(),
            topics: self.topics.join("\n"),
            admission: Admission::Free,
            premoderation: Premoderation::None,
            review: Review::Kept,
            level: 0,
            disciplines: Vec::new(),
            specialties: Vec::new(),
            issuers: String::new(),
        };
        let group = groups::found(home, founder, &self.username, kind, &form).await?;
        settle(houses).await?;
        for member in &self.members {
            let Some((ctx, _, viewer)) = people.get(member) else { continue };
            let known = known_at(ctx, (home, group)).await?;
            groups::join(ctx, viewer, known, &Wish::default()).await?;
        }
        settle(houses).await?;
        Ok((home, group))
    }
}

impl Asked {
    fn draft(&self) -> Result<CaseDraft, Failure> {
        let word = |what: &str| Failure(format!("{}: no such {what}", self.key));
        let texts = [
            (SectionKey::Asked, &self.detail),
            (SectionKey::Presentation, &self.presentation),
            (SectionKey::History, &self.history),
            (SectionKey::Findings, &self.findings),
            (SectionKey::Investigations, &self.investigations),
            (SectionKey::Diagnosis, &self.diagnosis),
            (SectionKey::Done, &self.done),
        ];
        let step = |(at, text, turning): &(String, String, bool)| Step {
            at: at.clone(),
            text: text.clone(),
            turning: *turning,
        };
        Ok(CaseDraft {
            question: self.question.clone(),
            age: self.age.clone(),
            sex: Sex::parse(&self.sex).ok_or_else(|| word("sex"))?,
            sections: texts.into_iter().map(|(key, text)| (key, text.clone())).collect(),
            timeline: self.timeline.iter().map(step).collect(),
            urgency: Urgency::parse(&self.urgency).ok_or_else(|| word("urgency"))?,
            topic: self.topic.clone(),
            specialties: self.specialties.clone(),
            consent: DraftConsent {
                basis: Some(ConsentBasis::parse(&self.basis).ok_or_else(|| word("basis"))?),
                scope: Some(if self.group == "bedside" { ConsentScope::Public } else { ConsentScope::Group }),
                holder: self.holder.clone(),
                ..DraftConsent::default()
            },
            ..CaseDraft::default()
        })
    }

    /// Asks it as its author would; its address.
    async fn ask(&self, (home, group): (&Ctx, AccountId), people: &People<'_>) -> Result<String, Failure> {
        let (ctx, _, viewer) = people.get(&self.author).ok_or_else(|| Failure(format!("no author {}", self.author)))?;
        let is_home = home.config.instance.host() == ctx.config.instance.host();
        let group = known_at(ctx, (home, group)).await?;
        let draft = cases::start(ctx, viewer, group).await?;
        let mut written = self.draft()?;
        // Only the group's own server knows its topics.
        if !is_home {
            written.topic.clear();
        }
        cases::save(ctx, viewer, draft, written).await?;
        let post = cases::publish(ctx, viewer, draft).await.map_err(|e| Failure(format!("{}: {e:?}", self.key)))?;
        Ok(posts::raw(ctx, post).await?.uri)
    }

    /// What became of it.
    async fn end(&self, uri: &str, replies: &[String], people: &People<'_>) -> Result<(), Failure> {
        let Some((ctx, _, viewer)) = people.get(&self.author) else { return Ok(()) };
        let case: PostId = find(ctx, uri).await?;
        if let Some(reply) = self.answer.checked_sub(1).and_then(|n| replies.get(n)) {
            cases::mark_answer(ctx, viewer, case, find(ctx, reply).await?).await?;
        }
        if !self.outcome.is_empty() {
            cases::add_outcome(ctx, viewer, case, &self.outcome, &[]).await?;
        }
        if self.withdrawn {
            cases::withdraw(ctx, viewer, case, RecallReason::ConsentWithdrawn).await?;
        }
        Ok(())
    }
}

impl Reply {
    /// Says it; its address.
    async fn say(&self, case: &str, people: &People<'_>) -> Result<String, Failure> {
        let (ctx, _, viewer) = people.get(&self.author).ok_or_else(|| Failure(format!("no author {}", self.author)))?;
        let new = posts::NewPost {
            markup: posts::Markup::Markdown,
            text: self.text.clone(),
            language: "en".into(),
            reply_to: Some(find(ctx, case).await?),
            stays: posts::Stays::All("The people of the demonstration are invented.".into()),
            ..posts::NewPost::default()
        };
        let id = posts::publish(ctx, viewer, new).await?;
        Ok(posts::raw(ctx, id).await?.uri)
    }
}
