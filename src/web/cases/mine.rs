//! The cases that somebody asked, under their name or not: for them alone.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{DateTime, Utc};

use crate::{
    model::{CaseState, Held, PostId},
    service::cases::{self, OwnCase, Returned},
    web::{
        error::Problem,
        layout::{Shell, ago, full_date, post_path},
        session::Visitor,
    },
};

/// A case as a line.
struct Line {
    id: PostId,
    question: String,
    /// Its page; empty where its author sees none.
    path: String,
    group: String,
    state: &'static str,
    /// Why it came back; empty where it did not, or nobody said.
    refusal: String,
    /// It has come back, to be changed and sent again.
    back: bool,
    /// In place of the name; empty where it was asked under the name.
    label: String,
    /// When it was asked: "5 min", in full, and RFC 3339.
    asked: (String, String, String),
}

impl Line {
    fn of(one: OwnCase, now: DateTime<Utc>) -> Self {
        let waits = one.held != Held::No;
        // Of what is the group's own its author sees no page before the group does, nor once they have left a hidden one.
        let has_page = !one.handle.is_empty() && (one.label.is_empty() || !waits);
        let path = if has_page { post_path(&one.handle, one.post.0) } else { String::new() };
        let state = match (one.held, one.state) {
            (Held::Review, _) => "Waits for a second look",
            (Held::Premoderation | Held::Screening | Held::Waits, _) => "Waits for a moderator",
            (Held::Sent, _) => "On its way to the group",
            (Held::Refused, _) => "The group did not take it",
            (Held::No, CaseState::Open) => "Open",
            (Held::No, CaseState::Answered) => "Answered",
            (Held::No, CaseState::Resolved) => "Resolved",
            (Held::No, CaseState::Withdrawn) => "Withdrawn",
        };
        Self {
            id: one.post,
            question: one.question,
            path,
            group: one.group_name,
            state,
            refusal: one.refusal,
            back: one.held == Held::Refused,
            label: one.label,
            asked: (ago(one.asked_at, now), full_date(one.asked_at), one.asked_at.to_rfc3339()),
        }
    }
}

/// An answer without a name that has come back.
struct BackLine {
    id: PostId,
    text: String,
    refusal: String,
    group: String,
    /// The page of what it answers; empty where its author sees none.
    path: String,
}

impl BackLine {
    fn of(one: Returned) -> Self {
        let path = one.answers.map(|(handle, id)| post_path(&handle, id.0)).unwrap_or_default();
        Self { id: one.post, text: one.text, refusal: one.refusal, group: one.group_name, path }
    }
}

#[derive(Template)]
#[template(path = "web/cases/mine.html")]
struct MinePage {
    shell: Shell,
    lines: Vec<Line>,
    answers: Vec<BackLine>,
}

/// `GET /cases/mine`
pub(in crate::web) async fn show(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let shell = visitor.shell("cases");
    let asked = cases::mine(&visitor.ctx, &visitor.viewer()).await?;
    let lines = asked.into_iter().map(|one| Line::of(one, shell.now)).collect();
    let answers = cases::returned_answers(&visitor.ctx, &visitor.viewer()).await?;
    let answers = answers.into_iter().map(BackLine::of).collect();
    visitor.page(&MinePage { shell, lines, answers })
}
