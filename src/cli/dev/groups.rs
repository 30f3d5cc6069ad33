//! Groups of the demo hospitals and the cases in them, as written in `groups.toml`: founded, joined, asked and answered through
//! the same rules that people use. Something of each kind is left undone, so that no page is empty.

use std::collections::HashMap;

use bytes::Bytes;
use chrono::TimeDelta;
use serde::Deserialize;

use super::seed::{People, find, known_at, settle};
use crate::{
    cli::Failure,
    model::{
        AccountId, Admission, CaseDraft, CaseDraftId, ConsentBasis, ConsentScope, DraftConsent, GroupKind, PostId,
        Premoderation, RecallReason, Review, SectionKey, Sex, Step, Urgency,
    },
    policy::Viewer,
    service::{
        Ctx, Page, cases,
        groups::{self, GroupForm, Wish},
        posts, reports,
    },
};

/// The picture of a case: a rhythm strip that nobody's heart has drawn.
const STRIP: &[u8] = include_bytes!("strip.png");

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
    /// Who still asks to join, and why. Where somebody does, its founder has let the members in.
    #[serde(default)]
    asks: Vec<(String, String)>,
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
    /// Why what is marked in it stays; empty where nothing is.
    #[serde(default)]
    stays: String,
    /// What its picture shows; empty for none.
    #[serde(default)]
    picture: String,
    /// What is ranked.
    #[serde(default)]
    options: Vec<String>,
    /// Who ranks how: options, counted from 1, the best first.
    #[serde(default)]
    ballots: Vec<(String, Vec<usize>)>,
    /// Its author is still writing it.
    #[serde(default)]
    unfinished: bool,
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
    /// Who reports it, and in which words.
    reported: Option<(String, String)>,
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
            let Some(uri) = case.ask(*room, people).await? else { continue };
            settle(houses).await?;
            let mut replies = Vec::new();
            for reply in self.replies.iter().filter(|reply| reply.case == case.key) {
                move_to(houses, &mut moved, at + TimeDelta::minutes(reply.after_minutes));
                let said = reply.say(&uri, people).await?;
                settle(houses).await?;
                if let Some(said) = &said {
                    reply.report(said, people).await?;
                }
                replies.push(said);
            }
            case.rank(&uri, people).await?;
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
            admission: if self.asks.is_empty() { Admission::Free } else { Admission::Request },
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
            join(people, member, (home, group), "").await?;
        }
        settle(houses).await?;
        for asking in groups::requests(home, founder, group, &Page::first(40)).await?.items {
            groups::admit(home, founder, group, asking.who.id).await?;
        }
        settle(houses).await?;
        for (who, reason) in &self.asks {
            join(people, who, (home, group), reason).await?;
        }
        settle(houses).await?;
        Ok((home, group))
    }
}

/// Joins a group, or asks to; nothing where somebody's hospital is not there.
async fn join(people: &People<'_>, who: &str, group: (&Ctx, AccountId), reason: &str) -> Result<(), Failure> {
    let Some((ctx, _, viewer)) = people.get(who) else { return Ok(()) };
    let wish = Wish { reason: reason.to_owned(), ..Wish::default() };
    groups::join(ctx, viewer, known_at(ctx, group).await?, &wish).await?;
    Ok(())
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
            options: self.options.join("\n"),
            consent: DraftConsent {
                basis: Some(ConsentBasis::parse(&self.basis).ok_or_else(|| word("basis"))?),
                scope: Some(if self.group == "bedside" { ConsentScope::Public } else { ConsentScope::Group }),
                holder: self.holder.clone(),
                ..DraftConsent::default()
            },
            ..CaseDraft::default()
        })
    }

    /// Asks it as its author would; its address. Nothing where their hospital is not there, or they still write.
    async fn ask(&self, (home, group): (&Ctx, AccountId), people: &People<'_>) -> Result<Option<String>, Failure> {
        let Some((ctx, _, viewer)) = people.get(&self.author) else { return Ok(None) };
        let is_home = home.config.instance.host() == ctx.config.instance.host();
        let group = known_at(ctx, (home, group)).await?;
        let draft = cases::start(ctx, viewer, group).await?;
        let mut written = self.draft()?;
        // Only the group's own server knows its topics.
        if !is_home {
            written.topic.clear();
        }
        cases::save(ctx, viewer, draft, written).await?;
        self.add_picture(ctx, viewer, draft).await?;
        if self.unfinished {
            return Ok(None);
        }
        if !self.stays.is_empty() {
            let opened = cases::open_draft(ctx, viewer, draft).await?.draft;
            for mark in cases::marks_of(ctx, viewer, &opened).await? {
                cases::keep(ctx, viewer, draft, &mark.field, &mark.words, &self.stays).await?;
            }
        }
        let post = cases::publish(ctx, viewer, draft).await.map_err(|e| Failure(format!("{}: {e:?}", self.key)))?;
        Ok(Some(posts::raw(ctx, post).await?.uri))
    }

    /// Adds its picture, where it has one. Whoever is still writing has not looked at it again.
    async fn add_picture(&self, ctx: &Ctx, viewer: &Viewer, draft: CaseDraftId) -> Result<(), Failure> {
        if self.picture.is_empty() {
            return Ok(());
        }
        let picture = cases::add_picture(ctx, viewer, draft, Bytes::from_static(STRIP), &self.picture).await?;
        Ok(cases::look(ctx, viewer, draft, picture, !self.unfinished).await?)
    }

    /// Has the members rank its options.
    async fn rank(&self, uri: &str, people: &People<'_>) -> Result<(), Failure> {
        for (who, places) in &self.ballots {
            let Some((ctx, _, viewer)) = people.get(who) else { continue };
            let chosen: Vec<Option<usize>> = places.iter().map(|place| place.checked_sub(1)).collect();
            cases::rank(ctx, viewer, find(ctx, uri).await?, &chosen).await?;
        }
        Ok(())
    }

    /// What became of it.
    async fn end(&self, uri: &str, replies: &[Option<String>], people: &People<'_>) -> Result<(), Failure> {
        let Some((ctx, _, viewer)) = people.get(&self.author) else { return Ok(()) };
        let case: PostId = find(ctx, uri).await?;
        let answer = self.answer.checked_sub(1).and_then(|n| replies.get(n));
        if let Some(reply) = answer.and_then(Option::as_ref) {
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
    /// Says it; its address. Nothing where the hospital of its author is not there.
    async fn say(&self, case: &str, people: &People<'_>) -> Result<Option<String>, Failure> {
        let Some((ctx, _, viewer)) = people.get(&self.author) else { return Ok(None) };
        let new = posts::NewPost {
            markup: posts::Markup::Markdown,
            text: self.text.clone(),
            language: "en".into(),
            reply_to: Some(find(ctx, case).await?),
            stays: posts::Stays::All("The people of the demonstration are invented.".into()),
            ..posts::NewPost::default()
        };
        let id = posts::publish(ctx, viewer, new).await?;
        Ok(Some(posts::raw(ctx, id).await?.uri))
    }

    /// Has it reported to those who lead the group, where somebody does that.
    async fn report(&self, said: &str, people: &People<'_>) -> Result<(), Failure> {
        let Some((who, comment)) = &self.reported else { return Ok(()) };
        let Some((ctx, _, viewer)) = people.get(who) else { return Ok(()) };
        let post = posts::raw(ctx, find(ctx, said).await?).await?;
        let complaint = reports::Complaint {
            target: post.author_id,
            posts: vec![post.id],
            comment: comment.clone(),
            category: "violation".into(),
            forward: false,
            words_to_leaders: true,
        };
        reports::file(ctx, viewer, complaint).await?;
        Ok(())
    }
}
