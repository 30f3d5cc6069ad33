//! The cases that somebody is writing: begun in a group, gone on with, discarded.

use std::collections::HashMap;

use actix_web::{
    HttpResponse,
    web::{self, Query},
};
use askama::Template;
use serde::Deserialize;

use super::words;
use crate::{
    error::{Error, Result},
    model::{AccountId, CaseDraft, CaseDraftId},
    service::{
        cases::{self, OpenDraft},
        groups::{self, Listed},
    },
    web::{
        error::Problem,
        groups::readers,
        layout::{Shell, Who, ago, counted, full_date},
        marked::several,
        session::{Form, Press, Visitor},
    },
};

/// A group in which one may post.
struct Room {
    id: AccountId,
    who: Who,
    /// Who reads a case there: "12 members, 3 hospitals".
    readers: String,
}

#[derive(Template)]
#[template(path = "web/cases/new.html")]
struct NewPage {
    shell: Shell,
    rooms: Vec<Room>,
    drafts: usize,
    trouble: String,
}

/// `?group=7`; `?choose=yes` where another group is wanted than is usual.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Asked {
    group: Option<AccountId>,
    choose: String,
}

/// The page on which a group is chosen.
pub(super) const CHOICE: &str = "/cases/new?choose=yes";

/// `GET /cases/new`: begins a case in a group, which is the usual one where none is named; asks which where none is usual.
pub(in crate::web) async fn new(visitor: Visitor, asked: Query<Asked>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let own = cases::drafts(ctx, &viewer).await?;
    let group = match asked.group {
        None if asked.choose.is_empty() => cases::likely_group(ctx, &viewer).await?,
        named => named,
    };
    let Some(group) = group else { return choice(&visitor, own.len(), String::new()).await };
    // A case that was begun and left empty is gone on with, so that nobody fills their list by opening this page.
    if let Some(empty) = own.iter().find(|one| one.group == group && is_empty(&one.draft)) {
        return Ok(visitor.go(&path_of(empty.id)));
    }
    match cases::start(ctx, &viewer, group).await {
        Ok(id) => Ok(visitor.go(&path_of(id))),
        Err(Error::Conflict(words)) => choice(&visitor, own.len(), words).await,
        // The usual one is closed to them now; others may not be.
        Err(error @ (Error::Forbidden(_) | Error::Invalid(_))) => {
            let words = match error {
                Error::Invalid(faults) => faults.into_iter().next().map(|fault| fault.message).unwrap_or_default(),
                error => error.public(),
            };
            choice(&visitor, own.len(), words).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn choice(visitor: &Visitor, drafts: usize, trouble: String) -> Result<HttpResponse, Problem> {
    let shell = visitor.shell("cases");
    let mine = groups::mine(&visitor.ctx, &visitor.viewer()).await?;
    let room = |one: &Listed| Room {
        id: one.account.id,
        who: Who::of(&one.account, shell.now),
        readers: readers(one.kind, one.members, one.servers, one.account.host.is_none()),
    };
    let rooms = mine.iter().filter(|one| one.membership.member && !one.archived).map(room).collect();
    visitor.page(&NewPage { shell, rooms, drafts, trouble })
}

/// The form of a draft.
fn path_of(id: CaseDraftId) -> String {
    format!("/cases/drafts/{id}")
}

/// Whether nothing was written yet.
fn is_empty(draft: &CaseDraft) -> bool {
    let texts = [&draft.question, &draft.age, &draft.sources, &draft.returned];
    texts.into_iter().all(String::is_empty)
        && draft.sections.iter().all(|(_, text)| text.is_empty())
        && draft.timeline.is_empty()
        && draft.pictures.is_empty()
}

/// A draft as a line.
struct Line {
    path: String,
    question: String,
    group: String,
    /// "Soon, 1 picture".
    about: String,
    /// When it was saved: "5 min", in full, and RFC 3339.
    saved: (String, String, String),
    /// A second member has sent it back.
    returned: bool,
}

#[derive(Template)]
#[template(path = "web/cases/drafts.html")]
struct DraftsPage {
    shell: Shell,
    drafts: Vec<Line>,
    /// How long one stays that nobody goes on with: "90 days".
    stay: String,
}

/// `GET /cases/drafts`
pub(in crate::web) async fn list(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let shell = visitor.shell("cases");
    let names = names(&visitor).await?;
    let line = |one: OpenDraft| {
        let mut about = vec![words::urgency(one.draft.urgency).0.to_owned()];
        if !one.draft.pictures.is_empty() {
            about.push(several(one.draft.pictures.len(), "picture", "pictures"));
        }
        Line {
            path: path_of(one.id),
            question: titled(&one.draft),
            group: names.get(&one.group).cloned().unwrap_or_else(|| cases::LEFT.to_owned()),
            about: about.join(", "),
            saved: (ago(one.saved_at, shell.now), full_date(one.saved_at), one.saved_at.to_rfc3339()),
            returned: !one.draft.returned.is_empty(),
        }
    };
    let drafts = cases::drafts(&visitor.ctx, &visitor.viewer()).await?.into_iter().map(line).collect();
    let stay = counted(visitor.ctx.config.cases.draft_days, "day", "days");
    visitor.page(&DraftsPage { shell, drafts, stay })
}

/// What a draft is called where it has no question yet.
fn titled(draft: &CaseDraft) -> String {
    if draft.question.is_empty() { "No question yet".to_owned() } else { draft.question.clone() }
}

/// What the viewer's groups are called.
async fn names(visitor: &Visitor) -> Result<HashMap<AccountId, String>> {
    let mine = groups::mine(&visitor.ctx, &visitor.viewer()).await?;
    Ok(mine.into_iter().map(|one| (one.account.id, one.account.name)).collect())
}

#[derive(Template)]
#[template(path = "web/cases/discard.html")]
struct DiscardPage {
    shell: Shell,
    path: String,
    question: String,
    pictures: bool,
}

/// `GET /cases/drafts/{id}/discard`
pub(in crate::web) async fn discard_page(
    visitor: Visitor,
    id: web::Path<CaseDraftId>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let open = cases::open_draft(&visitor.ctx, &visitor.viewer(), *id).await?;
    visitor.page(&DiscardPage {
        shell: visitor.shell("cases"),
        path: path_of(*id),
        question: titled(&open.draft),
        pictures: !open.draft.pictures.is_empty(),
    })
}

/// `POST /cases/drafts/{id}/discard`
pub(in crate::web) async fn discard(form: Form<Press>, id: web::Path<CaseDraftId>) -> Result<HttpResponse, Problem> {
    form.visitor.require()?;
    cases::discard(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go("/cases/drafts?done=discarded"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConsentBasis, SectionKey, Urgency};

    #[test]
    fn a_case_that_only_remembers_the_last_one_is_empty() {
        let mut draft = CaseDraft { urgency: Urgency::Soon, interests: "None".into(), ..CaseDraft::default() };
        draft.consent.basis = Some(ConsentBasis::Written);
        assert!(is_empty(&draft));
        draft.sections = vec![(SectionKey::History, "Stung.".into())];
        assert!(!is_empty(&draft));
    }
}
