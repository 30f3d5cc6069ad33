//! What could not be delivered or understood. An activity's content may be private and is not shown.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use super::{AFTER_FORM, enter};
use crate::{
    model::{DeadLetter, DeadLetterId, Direction},
    service::dead_letters,
    web::{
        error::Problem,
        layout::{self, Shell},
        paging::{At, Pager},
        session::{Form, Visitor},
        settings::Press,
    },
};

/// As much of an activity as may be shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Activity {
    id: Value,
    #[serde(rename = "type")]
    kind: Value,
}

impl Activity {
    fn of(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }
}

/// A word of an activity, cut to what a line can hold.
fn word(value: &Value, or: &str) -> String {
    value.as_str().filter(|s| !s.is_empty()).unwrap_or(or).chars().take(300).collect()
}

/// A dead letter as the list shows it.
struct LetterShown {
    id: DeadLetterId,
    incoming: bool,
    kind: String,
    activity: String,
    host: String,
    reason: String,
    /// What it said was for a group alone: it cannot be tried again.
    withheld: bool,
    when: String,
    iso: String,
}

impl From<DeadLetter> for LetterShown {
    fn from(letter: DeadLetter) -> Self {
        let activity = Activity::of(&letter.body);
        Self {
            id: letter.id,
            incoming: letter.direction == Direction::In,
            kind: word(&activity.kind, "Unknown activity"),
            activity: word(&activity.id, "without an id"),
            host: letter.host,
            reason: letter.reason,
            withheld: letter.withheld,
            when: layout::full_date(letter.created_at),
            iso: letter.created_at.to_rfc3339(),
        }
    }
}

#[derive(Template)]
#[template(path = "web/admin/dead_letters.html")]
struct DeadLettersPage {
    shell: Shell,
    tab: &'static str,
    letters: Vec<LetterShown>,
    pager: Pager,
    hours: i64,
}

/// `GET /admin/dead-letters`
pub async fn show(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let list = dead_letters::list(&visitor.ctx, &visitor.viewer(), &at.page()).await?.map(LetterShown::from);
    let pager = Pager::of(&list, "/admin/dead-letters");
    visitor.page(&DeadLettersPage {
        shell: visitor.shell("admin"),
        tab: "dead-letters",
        letters: list.items,
        pager,
        hours: visitor.ctx.config.worker.give_up_hours,
    })
}

/// `POST /admin/dead-letters/{id}/retry`
pub async fn retry(form: Form<Press>, id: web::Path<DeadLetterId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    dead_letters::retry(&visitor.ctx, &visitor.viewer(), id.into_inner()).await?;
    Ok(visitor.go("/admin/dead-letters?done=retried"))
}

/// `POST /admin/dead-letters/{id}/discard`
pub async fn discard(form: Form<Press>, id: web::Path<DeadLetterId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    if let Some(away) = enter(&visitor, AFTER_FORM).await? {
        return Ok(away);
    }
    dead_letters::discard(&visitor.ctx, &visitor.viewer(), id.into_inner()).await?;
    Ok(visitor.go("/admin/dead-letters?done=discarded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_id_and_type_are_read_from_an_activity() {
        let activity = Activity::of(r#"{"id":"https://a.example/1","type":"Create","object":{"content":"private"}}"#);
        assert_eq!(word(&activity.id, "-"), "https://a.example/1");
        assert_eq!(word(&activity.kind, "-"), "Create");
        assert_eq!(word(&Activity::of("not JSON").kind, "-"), "-");
        assert_eq!(word(&Activity::of(r#"{"type":["Create"]}"#).kind, "-"), "-");
    }
}
