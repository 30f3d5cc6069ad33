//! What waits for an answer: the queue, and the box beside the home page.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::words;
use crate::{
    error::{Error, Result},
    model::{AccountId, Urgency},
    service::{
        cases::{self, AnswerTime, Asked as Newest, Counts, QueueFilter, Waiting},
        specialties,
    },
    web::{
        error::Problem,
        groups::path_of,
        layout::{Shell, Who, counted, full_date, post_path},
        paging::{At, Pager},
        session::Visitor,
    },
};

/// What the address asks for: `?show=all&specialty=207RC0000X&group=7`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Asked {
    /// `all`; empty for what the viewer is asked about.
    show: String,
    /// Code of a specialty; empty for any.
    specialty: String,
    /// A group's id; empty for any.
    group: String,
}

impl Asked {
    /// What that comes to. For words that nobody offers there is no list.
    fn filter(&self) -> Result<QueueFilter> {
        let group = match self.group.as_str() {
            "" => None,
            id => Some(AccountId(id.parse().map_err(|_| Error::NotFound)?)),
        };
        if !matches!(self.show.as_str(), "" | "all") {
            return Err(Error::NotFound);
        }
        Ok(QueueFilter { specialty: self.specialty.clone(), group, mine: self.is_mine() })
    }

    /// Whether only what the viewer is asked about is asked for.
    fn is_mine(&self) -> bool {
        self.show.is_empty() && self.specialty.is_empty()
    }

    /// Whether it is narrowed within its tab.
    fn is_narrow(&self) -> bool {
        !self.specialty.is_empty() || !self.group.is_empty()
    }

    fn address(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let all = [("show", &self.show), ("specialty", &self.specialty), ("group", &self.group)];
        query.extend_pairs(all.into_iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        if query.is_empty() { "/cases".to_owned() } else { format!("/cases?{query}") }
    }

    /// The same list of one of the tabs: `all`, or empty for what the viewer is asked about.
    fn tab(&self, show: &str) -> String {
        Self { show: show.to_owned(), specialty: String::new(), group: self.group.clone() }.address()
    }

    /// The same list of a specialty, among all that waits.
    fn of_specialty(&self, code: &str) -> String {
        Self { show: "all".to_owned(), specialty: code.to_owned(), group: self.group.clone() }.address()
    }

    /// The same list of a group.
    fn of_group(&self, id: &str) -> String {
        Self { group: id.to_owned(), ..self.clone() }.address()
    }
}

/// A link to the same list with another choice.
struct Choice {
    path: String,
    words: String,
    current: bool,
}

/// Something by which the list is narrowed.
struct Facet {
    name: &'static str,
    /// What is chosen, in a few words.
    chosen: String,
    choices: Vec<Choice>,
}

/// A case as the queue shows it.
struct Row {
    path: String,
    question: String,
    /// Language of the question; empty for ours.
    language: String,
    /// Where it stands, and how soon an answer helps: the class of a tag, and the word.
    tags: [(&'static str, &'static str); 2],
    /// The specialties that are asked; empty where none is named.
    about: String,
    who: Who,
    group: String,
    group_path: String,
    /// How long it waits: "3 hours", in full, and RFC 3339.
    waits: (String, String, String),
    replied: bool,
}

impl Row {
    async fn of(visitor: &Visitor, waiting: Waiting, now: DateTime<Utc>) -> Result<Self> {
        let Waiting { card, case, group } = waiting;
        let mut about = Vec::new();
        for code in &case.specialties {
            about.push(specialties::label(&visitor.ctx, code).await?);
        }
        let mut who = Who::of(&card.author, now);
        if let Some(byline) = card.byline() {
            who.name = byline;
        }
        Ok(Self {
            path: post_path(&who.handle, card.post.id.0),
            question: card.post.title,
            language: foreign(card.post.language),
            tags: [("blue", "Open"), urgency(case.urgency)],
            about: about.join(", "),
            who,
            group_path: path_of(&group.handle()),
            group: if group.name.is_empty() { group.username } else { group.name },
            waits: (since(case.asked_at, now), full_date(case.asked_at), case.asked_at.to_rfc3339()),
            replied: case.first_answer_at.is_some(),
        })
    }
}

/// A language that is not that of the pages.
fn foreign(language: String) -> String {
    if language == "en" { String::new() } else { language }
}

/// How soon an answer helps: the class of a tag, and the word.
fn urgency(urgency: Urgency) -> (&'static str, &'static str) {
    (if urgency == Urgency::Today { "amber" } else { "" }, words::urgency(urgency).0)
}

/// "less than a minute", "40 minutes", "3 hours", "2 days".
fn span(minutes: i64) -> String {
    match minutes {
        ..=0 => "less than a minute".to_owned(),
        1..=59 => counted(minutes, "minute", "minutes"),
        60..=1_439 => counted(minutes / 60, "hour", "hours"),
        _ => counted(minutes / 1_440, "day", "days"),
    }
}

fn since(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    span((now - at).num_minutes())
}

#[derive(Template)]
#[template(path = "web/cases/queue.html")]
struct QueuePage {
    shell: Shell,
    rows: Vec<Row>,
    tabs: [Choice; 2],
    facets: [Facet; 2],
    /// Where the tab is shown whole; empty where it is.
    whole: String,
    mine: bool,
    first: bool,
    /// "The last one in cardiology was answered 40 minutes ago."; empty where that is not known, or something waits.
    last: String,
    /// What the viewer is asked about, in words; empty for nothing in particular.
    asked_about: String,
    /// Groups, and how long answers take there.
    times: Vec<(String, String)>,
    pager: Pager,
}

/// `GET /cases`
pub(in crate::web) async fn show(
    visitor: Visitor,
    asked: web::Query<Asked>,
    at: web::Query<At>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (ctx, viewer, asked) = (&visitor.ctx, visitor.viewer(), asked.into_inner());
    let filter = asked.filter()?;
    let queue = cases::queue(ctx, &viewer, &filter, &at.page()).await?;
    let shell = visitor.shell("cases");
    let pager = Pager::of(&queue.rows, &asked.address());
    let mut rows = Vec::new();
    for waiting in queue.rows.items {
        rows.push(Row::of(&visitor, waiting, shell.now).await?);
    }
    let first = at.is_first();
    let last = if rows.is_empty() && first { last(&visitor, &filter, shell.now).await? } else { String::new() };
    let mut asked_about = Vec::new();
    for code in &queue.asked_about {
        asked_about.push(specialties::label(ctx, code).await?);
    }
    visitor.page(&QueuePage {
        tabs: tabs(&asked, &queue.counts),
        facets: facets(&visitor, &asked, &queue.counts).await?,
        whole: if asked.is_narrow() {
            Asked { show: asked.show.clone(), ..Asked::default() }.address()
        } else {
            String::new()
        },
        mine: filter.mine,
        first,
        last,
        asked_about: asked_about.join(", "),
        times: times(&queue.counts, &queue.times),
        rows,
        pager,
        shell,
    })
}

/// What is said of the last answer where nothing waits.
async fn last(visitor: &Visitor, filter: &QueueFilter, now: DateTime<Utc>) -> Result<String> {
    let Some((label, at)) = cases::last_answered(&visitor.ctx, &visitor.viewer(), filter).await? else {
        return Ok(String::new());
    };
    let field = if label.is_empty() { String::new() } else { format!(" in {}", uncapped(&label)) };
    Ok(format!("The last one{field} was answered {} ago.", since(at, now)))
}

/// A label within a sentence: "Cardiology" is "cardiology" there, and "HIV medicine" stays as it is.
fn uncapped(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => label.to_owned(),
    }
}

/// A name with how many wait under it.
fn with_count(name: &str, count: i64) -> String {
    format!("{name} ({})", if count < 1_000 { count.to_string() } else { "1,000 or more".to_owned() })
}

fn tabs(asked: &Asked, counts: &Counts) -> [Choice; 2] {
    let tab = |show: &str, name: &str, count: i64| Choice {
        path: asked.tab(show),
        words: with_count(name, count),
        current: asked.is_mine() == show.is_empty(),
    };
    [tab("", "For you", counts.mine), tab("all", "All", counts.all)]
}

/// The specialties and groups by which the list can be narrowed: those of which something waits.
async fn facets(visitor: &Visitor, asked: &Asked, counts: &Counts) -> Result<[Facet; 2]> {
    let choice = |path: String, words: String, current: bool| Choice { path, words, current };
    let any = choice(asked.of_specialty(""), "All".to_owned(), asked.specialty.is_empty());
    let mut fields = Facet { name: "Specialty", chosen: "All".to_owned(), choices: vec![any] };
    if !asked.specialty.is_empty() {
        fields.chosen = specialties::label(&visitor.ctx, &asked.specialty).await?;
    }
    for (code, count) in &counts.specialties {
        let label = specialties::label(&visitor.ctx, code).await?;
        fields.choices.push(choice(asked.of_specialty(code), with_count(&label, *count), *code == asked.specialty));
    }
    let any = choice(asked.of_group(""), "All".to_owned(), asked.group.is_empty());
    let mut groups = Facet { name: "Group", chosen: "All".to_owned(), choices: vec![any] };
    if !asked.group.is_empty() {
        "One".clone_into(&mut groups.chosen);
    }
    for (id, name, count) in &counts.groups {
        let id = id.to_string();
        let current = id == asked.group;
        if current {
            groups.chosen.clone_from(name);
        }
        groups.choices.push(choice(asked.of_group(&id), with_count(name, *count), current));
    }
    Ok([fields, groups])
}

/// Groups by name, and how long their answers take.
fn times(counts: &Counts, times: &[AnswerTime]) -> Vec<(String, String)> {
    let of = |(id, name, _): &(AccountId, String, i64)| {
        let time = times.iter().find(|time| time.group == *id)?;
        Some((name.clone(), span(time.median_minutes)))
    };
    counts.groups.iter().filter_map(of).collect()
}

/// How long cases of a group wait for their first answer, in sentences; empty where too little was answered to say.
pub(in crate::web) async fn speed(visitor: &Visitor, group: AccountId) -> Result<String> {
    let time = cases::answer_time(&visitor.ctx, &visitor.viewer(), group).await?;
    Ok(time.map(|time| in_sentences(&time)).unwrap_or_default())
}

fn in_sentences(time: &AnswerTime) -> String {
    format!(
        "Half of the first answers come within {}. Of {} of the last 90 days, {} got one.",
        span(time.median_minutes),
        counted(time.asked, "case", "cases"),
        if time.answered == time.asked { "all".to_owned() } else { time.answered.to_string() }
    )
}

/// A case in the box beside the home page.
pub(in crate::web) struct Beside {
    /// Its page.
    pub path: String,
    /// What is asked.
    pub question: String,
    /// Language of that; empty for ours.
    pub language: String,
    /// How soon an answer helps: the class of a tag, and the word.
    pub tag: (&'static str, &'static str),
    /// How long it waits: "3 hours", in full, and RFC 3339.
    pub waits: (String, String, String),
    /// Somebody has replied.
    pub replied: bool,
}

impl Beside {
    fn of(one: Newest, now: DateTime<Utc>) -> Self {
        Self {
            path: post_path(&one.by, one.post.0),
            question: one.question,
            language: foreign(one.language),
            tag: urgency(one.urgency),
            waits: (since(one.asked_at, now), full_date(one.asked_at), one.asked_at.to_rfc3339()),
            replied: one.replied,
        }
    }
}

/// More than so many are not counted.
const MANY: i64 = 20;

/// The newest cases that wait for the viewer's specialty, and how many there are, in words; nothing where none does.
pub(in crate::web) async fn beside(visitor: &Visitor) -> Result<(Vec<Beside>, String)> {
    let newest = cases::newest(&visitor.ctx, &visitor.viewer()).await?;
    let words = match newest.first().map_or(0, |one| one.count) {
        0 => String::new(),
        1 => "1 case names what you are asked about.".to_owned(),
        count @ ..=MANY => format!("{count} cases name what you are asked about."),
        _ => format!("More than {MANY} cases name what you are asked about."),
    };
    let now = visitor.ctx.now();
    Ok((newest.into_iter().map(|one| Beside::of(one, now)).collect(), words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_group_and_choose_the_rest_anew() {
        let asked = Asked { group: "7".into(), ..Asked::default() };
        assert!(asked.is_mine() && asked.is_narrow());
        assert_eq!(asked.address(), "/cases?group=7");
        assert_eq!(asked.tab("all"), "/cases?show=all&group=7");
        assert_eq!(asked.of_specialty("207RC0000X"), "/cases?show=all&specialty=207RC0000X&group=7");
        let asked = Asked { specialty: "207RC0000X".into(), ..Asked::default() };
        assert!(!asked.is_mine(), "a specialty is chosen among all that waits");
        assert_eq!(asked.tab(""), "/cases");
        assert_eq!(asked.of_group("9"), "/cases?specialty=207RC0000X&group=9");
    }

    #[test]
    fn what_nobody_offers_is_no_list() {
        for (show, group) in [("some", ""), ("", "x"), ("", "1e9")] {
            let asked = Asked { show: show.into(), group: group.into(), ..Asked::default() };
            assert!(matches!(asked.filter(), Err(Error::NotFound)), "{show} {group}");
        }
    }

    #[test]
    fn times_are_said_in_words() {
        for (minutes, words) in
            [(0, "less than a minute"), (1, "1 minute"), (59, "59 minutes"), (60, "1 hour"), (1_440, "1 day")]
        {
            assert_eq!(span(minutes), words);
        }
        let time = AnswerTime { group: AccountId(1), median_minutes: 38, answered: 9, asked: 12 };
        let said = "Half of the first answers come within 38 minutes. Of 12 cases of the last 90 days, 9 got one.";
        assert_eq!(in_sentences(&time), said);
        assert_eq!(uncapped("Cardiac electrophysiology"), "cardiac electrophysiology");
        assert_eq!(uncapped("HIV medicine"), "HIV medicine");
    }
}
