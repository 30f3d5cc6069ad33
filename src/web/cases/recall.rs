//! Taking a case back: what will happen, where it stands with other servers, and what is left of its own page.

use actix_web::{HttpResponse, http::StatusCode, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    error::Error,
    model::{CopyState, PostId, RecallReason},
    policy::recalls::{MAX_TOLD_AGAIN, Part},
    service::{
        cases::{self, Gone, Holder, RecallView},
        groups,
    },
    web::{
        error::Problem,
        form::Faults,
        layout::{Shell, ago, counted, full_date, post_path},
        session::{Form, Press, Visitor},
    },
};

/// A reason to choose.
struct Choice {
    value: &'static str,
    words: &'static str,
    hint: &'static str,
    chosen: bool,
}

/// A server, and what it says.
struct Line {
    host: String,
    /// Class of its tag.
    colour: &'static str,
    /// Where it stands, in a word or two.
    tag: &'static str,
    /// The same in sentences.
    words: String,
}

impl Line {
    /// `home` is the server on which the case was asked, where that is another one.
    fn of(holder: Holder, home: Option<&str>, told: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let looked = holder
            .checked_at
            .map_or_else(|| "without having been asked yet".to_owned(), |at| format!("asked {}", when(at, now)));
        let next = holder.next_check_at.map(|at| format!(" It is looked at again after {}.", full_date(at)));
        let next = next.unwrap_or_default();
        let (colour, tag, words) = match holder.state {
            CopyState::Gone => (
                "",
                "Nothing left",
                format!("Says that it deleted it, and that nothing of it is left there, {looked}."),
            ),
            CopyState::Acknowledged => {
                let further = if next.is_empty() { " It is not asked further." } else { next.as_str() };
                (
                    "",
                    "Acknowledged",
                    format!("Accepted the deletion. It does not say whether a copy is left, {looked}.{further}"),
                )
            }
            CopyState::Serving => {
                let has = if home == Some(holder.host.as_str()) {
                    "Says that it still has it, or still shows it at the address at which it was asked"
                } else {
                    "Says that it still has a copy"
                };
                let again = if holder.tries <= MAX_TOLD_AGAIN { "It is told again." } else { "It is not told again." };
                ("red", "Still has it", format!("{has}, {looked}. {again}{next}"))
            }
            CopyState::Has | CopyState::Told if holder.tries == 0 => {
                let first = holder.next_check_at.map(full_date);
                let first = first.map_or_else(String::new, |at| format!(" for the first time after {at}"));
                let told = full_date(told);
                (
                    "",
                    "Not asked yet",
                    format!(
                        "Told since {told} to delete it. It is asked{first} whether it has, and its answer stands here then."
                    ),
                )
            }
            CopyState::Has | CopyState::Told => {
                let since = holder.failing_since.map(|at| format!(" It has not answered since {}.", full_date(at)));
                let tries = counted(i64::from(holder.tries), "try", "tries");
                let since = since.unwrap_or_default();
                (
                    "amber",
                    "Silent",
                    format!("Told since {}, without an answer after {tries}.{since}{next}", full_date(told)),
                )
            }
        };
        Self { host: holder.host, colour, tag, words }
    }
}

/// "12 min ago", "on 3 May".
fn when(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - at).num_minutes() {
        ..=0 => "just now".to_owned(),
        1..=10_079 => format!("{} ago", ago(at, now)),
        _ => format!("on {}", ago(at, now)),
    }
}

/// A case that was taken back.
struct Done {
    /// "withdrawn", or "removed" where the moderators did.
    word: &'static str,
    /// By whom, and why.
    words: &'static str,
    /// When: "12 min", in full, and RFC 3339.
    when: (String, String, String),
    /// How many servers say what, under its label.
    counts: Vec<(&'static str, String)>,
    lines: Vec<Line>,
    /// Something may be left, as far as we know.
    open: bool,
}

impl Done {
    fn of(view: &mut RecallView, now: DateTime<Utc>) -> Option<Self> {
        let recall = view.recall.take()?;
        let holders = std::mem::take(&mut view.holders);
        let home = view.author.host.as_deref();
        let silent = |holder: &Holder| matches!(holder.state, CopyState::Told | CopyState::Has);
        let count = |label, meant: &dyn Fn(&Holder) -> bool| {
            let number = holders.iter().filter(|holder| meant(holder)).count();
            (number > 0).then(|| (label, number.to_string()))
        };
        let counts = [
            count("Say that they deleted it", &|holder: &Holder| holder.state == CopyState::Gone),
            count("Accepted the deletion", &|holder: &Holder| holder.state == CopyState::Acknowledged),
            count("Still have it", &|holder: &Holder| holder.state == CopyState::Serving),
            count("Not asked yet", &|holder: &Holder| silent(holder) && holder.tries == 0),
            count("Silent", &|holder: &Holder| silent(holder) && holder.tries > 0),
        ];
        let words = match recall.reason {
            RecallReason::ConsentWithdrawn => "By its author: the patient no longer agrees.",
            RecallReason::ConsentExpired => "By this server: the consent has ended.",
            RecallReason::Identifiable if recall.by == Some(view.author.id) => {
                "By its author: the patient could be recognised."
            }
            RecallReason::Identifiable => "By a moderator of the group: the patient could be recognised.",
            RecallReason::Mistake => "By its author: it should not have been posted.",
            RecallReason::Moderators => "By a moderator of the group.",
            RecallReason::AuthorLeft => "Its author has closed their account.",
        };
        let is_removed = recall.by.is_some_and(|by| by != view.author.id) && recall.reason != RecallReason::AuthorLeft;
        Some(Self {
            word: if is_removed { "removed" } else { "withdrawn" },
            words,
            when: (ago(recall.at, now), full_date(recall.at), recall.at.to_rfc3339()),
            counts: counts.into_iter().flatten().collect(),
            open: holders.iter().any(|holder| holder.state != CopyState::Gone),
            lines: holders.into_iter().map(|holder| Line::of(holder, home, recall.at, now)).collect(),
        })
    }
}

#[derive(Template)]
#[template(path = "web/cases/recall.html")]
struct RecallPage {
    shell: Shell,
    id: PostId,
    /// The page of the case.
    path: String,
    question: String,
    /// Where the page leads back to, and the way: the group, where it may be named.
    group: (String, String),
    /// The servers that have a copy.
    hosts: Vec<String>,
    reasons: Vec<Choice>,
    /// It is a moderator who is asked.
    removes: bool,
    done: Option<Done>,
    faults: Faults,
}

impl RecallPage {
    fn new(visitor: &Visitor, mut view: RecallView, chosen: &str, faults: Faults) -> Self {
        let shell = visitor.shell("cases");
        let done = Done::of(&mut view, shell.now);
        let choice = |reason: &RecallReason| {
            let (words, hint) = reason_words(*reason, view.part);
            Choice { value: reason.as_str(), words, hint, chosen: reason.as_str() == chosen }
        };
        Self {
            id: view.post,
            // What was asked without a name is found there also where the group does not see it yet.
            path: match view.part {
                Part::Author if view.unnamed => "/cases/mine".to_owned(),
                Part::Author | Part::Moderator => post_path(&view.author.handle(), view.post.0),
            },
            group: match &view.group {
                Some(group) => (group.name.clone(), crate::web::groups::path_of(&group.handle())),
                None => ("Cases you asked".to_owned(), "/cases/mine".to_owned()),
            },
            removes: view.part == Part::Moderator,
            reasons: view.part.reasons().iter().map(choice).collect(),
            hosts: view.holders.into_iter().map(|holder| holder.host).collect(),
            question: view.question,
            done,
            faults,
            shell,
        }
    }

    /// Who has a copy, in a sentence.
    fn reach(&self) -> String {
        match self.hosts.as_slice() {
            [] => "No other server has a copy that we know of.".to_owned(),
            [one] => format!("Another server has a copy: {one}. It is told to delete it, and asked whether it has."),
            all => format!(
                "{} other servers have a copy: {}. They are told to delete it, and each is asked whether it has.",
                all.len(),
                all.join(", ")
            ),
        }
    }
}

fn reason_words(reason: RecallReason, part: Part) -> (&'static str, &'static str) {
    match (reason, part) {
        (RecallReason::ConsentWithdrawn, _) => ("The patient no longer agrees", "The consent counts as withdrawn."),
        (RecallReason::ConsentExpired, _) => ("The consent has ended", ""),
        (RecallReason::Identifiable, _) => {
            ("The patient could be recognised", "By the text, a picture, or both together.")
        }
        (RecallReason::Mistake, _) => {
            ("It should not have been posted", "The wrong group, the wrong text, or too early.")
        }
        (RecallReason::Moderators, Part::Moderator) => ("The moderators have decided so", "Its author is told."),
        (RecallReason::Moderators, Part::Author) => ("The moderators have decided so", ""),
        (RecallReason::AuthorLeft, _) => ("Its author has closed their account", ""),
    }
}

/// `GET /cases/{post}/recall`
pub(in crate::web) async fn page(visitor: Visitor, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let view = cases::recall(&visitor.ctx, &visitor.viewer(), *id).await?;
    visitor.page(&RecallPage::new(&visitor, view, "", Faults::none()))
}

/// What was chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Typed {
    reason: String,
}

fn own(id: PostId) -> String {
    format!("/cases/{id}/recall")
}

/// `POST /cases/{post}/recall`
pub(in crate::web) async fn withdraw(form: Form<Typed>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    visitor.require()?;
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let view = cases::recall(ctx, &viewer, *id).await?;
    // The button was pressed twice.
    if view.recall.is_some() {
        return Ok(visitor.go(&own(*id)));
    }
    let done = if view.part == Part::Moderator { "case-removed" } else { "case-withdrawn" };
    let outcome = match RecallReason::parse(&fields.reason) {
        Some(reason) => cases::withdraw(ctx, &viewer, *id, reason).await,
        None => Err(Error::invalid("reason", "Choose why the case is withdrawn.")),
    };
    match outcome {
        Ok(()) => Ok(visitor.go(&format!("{}?done={done}", own(*id)))),
        Err(error) => {
            let page = RecallPage::new(&visitor, view, &fields.reason, Faults::of_error(error, "reason")?);
            page.faults.page(&visitor, &page)
        }
    }
}

/// `POST /cases/{post}/recall/ask`
pub(in crate::web) async fn ask(form: Form<Press>, id: web::Path<PostId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    visitor.require()?;
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    match cases::ask_again(ctx, &viewer, *id).await {
        Ok(()) => Ok(visitor.go(&format!("{}?done=copies-asked", own(*id)))),
        Err(error) => {
            let faults = Faults::of_error(error, "")?;
            let view = cases::recall(ctx, &viewer, *id).await?;
            let page = RecallPage::new(&visitor, view, "", faults);
            page.faults.page(&visitor, &page)
        }
    }
}

#[derive(Template)]
#[template(path = "web/cases/withdrawn.html")]
struct WithdrawnPage {
    shell: Shell,
    /// Who withdrew it, or that the moderators removed it.
    words: &'static str,
    /// The moderators removed it.
    removed: bool,
    /// Why, for whoever may read the group; empty where nobody said.
    why: String,
    /// The group that it was asked in, and its page, where the viewer may know it.
    group: Option<(String, String)>,
    /// Where its author and the moderators see how far it is gone; empty for all others.
    recall: String,
    /// The log of the group, which says why its moderators withdrew it; empty where it was not them.
    log: String,
}

const BY_GROUP: &str = "This case was removed by the moderators of its group.";

fn who_withdrew(gone: &Gone) -> &'static str {
    match gone.reason {
        Some(RecallReason::ConsentExpired) => "This case was withdrawn: the consent has ended.",
        // Where it was asked here and not taken back here, its group has removed it; of others it says why.
        None if gone.local || !gone.refusal.is_empty() => BY_GROUP,
        Some(_) if gone.by.is_some_and(|by| by != gone.author) => BY_GROUP,
        None | Some(_) => "This case was withdrawn by its author.",
    }
}

/// What stands in place of a case that was taken back, for whoever could read it; for all others, and in place of all other
/// posts, the error.
pub(in crate::web) async fn instead(visitor: &Visitor, id: PostId, error: Error) -> Result<HttpResponse, Problem> {
    if !matches!(error, Error::NotFound | Error::Gone) {
        return Err(error.into());
    }
    let viewer = visitor.viewer();
    let Some(gone) = cases::gone(&visitor.ctx, &viewer, id).await? else { return Err(error.into()) };
    let recall = match cases::recall(&visitor.ctx, &viewer, id).await {
        Ok(view) if view.recall.is_some() => own(id),
        Ok(_) | Err(Error::NotFound | Error::Unauthenticated) => String::new(),
        Err(error) => return Err(error.into()),
    };
    let words = who_withdrew(&gone);
    let mut why = String::new();
    let (group, log) = match groups::view_by_id(&visitor.ctx, &viewer, gone.group).await {
        Ok(view) => {
            let path = crate::web::groups::path_of(&view.account.handle());
            let log = if words == BY_GROUP && view.readable { format!("{path}/log") } else { String::new() };
            if !log.is_empty() {
                why = gone.refusal;
            }
            (Some((view.account.name.clone(), path)), log)
        }
        Err(Error::NotFound) => (None, String::new()),
        Err(error) => return Err(error.into()),
    };
    let removed = words == BY_GROUP;
    let page = WithdrawnPage { shell: visitor.shell("cases"), words, removed, why, group, recall, log };
    visitor.page_with(StatusCode::GONE, &page)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn holder(state: CopyState) -> Holder {
        Holder { host: "beta.test".into(), state, checked_at: None, next_check_at: None, tries: 0, failing_since: None }
    }

    #[test]
    fn what_a_server_says_stands_beside_its_name() {
        let told = DateTime::UNIX_EPOCH;
        let now = told + TimeDelta::hours(3);
        let silent = Holder { tries: 3, failing_since: Some(told), ..holder(CopyState::Told) };
        let line = Line::of(silent, None, told, now);
        assert_eq!(
            (line.tag, line.words.as_str()),
            (
                "Silent",
                "Told since 1 January 1970, 00:00 UTC, without an answer after 3 tries. \
                 It has not answered since 1 January 1970, 00:00 UTC."
            )
        );
        let gone = Holder { checked_at: Some(told + TimeDelta::hours(1)), ..holder(CopyState::Gone) };
        let words = "Says that it deleted it, and that nothing of it is left there, asked 2 h ago.";
        assert_eq!(Line::of(gone, None, told, now).words, words);
    }

    #[test]
    fn no_more_is_said_of_a_server_than_is_known() {
        let told = DateTime::UNIX_EPOCH;
        let now = told + TimeDelta::hours(3);
        let of = |state: CopyState, tries: i32, next: bool, home: Option<&str>| {
            let next_check_at = next.then(|| now + TimeDelta::hours(1));
            let asked = Holder { checked_at: Some(now), next_check_at, tries, ..holder(state) };
            Line::of(asked, home, told, now).words
        };
        let heard = "Accepted the deletion. It does not say whether a copy is left, asked just now.";
        assert_eq!(of(CopyState::Acknowledged, 1, false, None), format!("{heard} It is not asked further."));
        let later = " It is looked at again after 1 January 1970, 04:00 UTC.";
        assert_eq!(of(CopyState::Acknowledged, 1, true, None), format!("{heard}{later}"));
        let has = "Says that it still has a copy, asked just now. It is told again.";
        assert_eq!(of(CopyState::Serving, 1, true, Some("alpha.test")), format!("{has}{later}"));
        let home = of(CopyState::Serving, MAX_TOLD_AGAIN + 1, false, Some("beta.test"));
        assert!(home.contains("still shows it at the address") && home.ends_with("It is not told again."), "{home}");
    }

    #[test]
    fn nobody_is_said_to_have_withdrawn_what_others_did() {
        let author = crate::model::AccountId(1);
        let of = |local, by, reason, refusal: &str| {
            who_withdrew(&Gone { author, group: author, local, by, reason, refusal: refusal.to_owned() })
        };
        let gone = |local, by, reason| of(local, by, reason, "");
        let moderator = Some(crate::model::AccountId(2));
        assert!(gone(true, Some(author), Some(RecallReason::Mistake)).ends_with("by its author."));
        assert!(gone(true, moderator, Some(RecallReason::Identifiable)).contains("moderators"));
        assert!(gone(true, None, Some(RecallReason::ConsentExpired)).contains("consent has ended"));
        assert!(gone(true, None, None).contains("moderators"));
        assert!(gone(false, None, None).ends_with("by its author."));
        assert!(of(false, None, None, "It names a patient").contains("removed by the moderators"));
    }
}
