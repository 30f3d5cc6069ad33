//! Documents at the desk: which of them open, and where that takes two persons, who asks and who agrees.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    act::done,
    enter,
    review::{Typed, at},
};
use crate::{
    model::{CredentialId, Evidence, EvidenceId, EvidenceOpeningId},
    service::credentials::{self, ListedWish, May, OpenedAlone, OpeningWish},
    web::{
        credentials::words::EvidenceShown,
        error::Problem,
        layout::{Shell, Who, ago, full_date},
        paging::{At, Pager},
        session::{Form, Visitor},
        settings::Press,
    },
};

/// A document as the desk shows it.
pub(super) struct DocumentShown {
    pub(super) document: EvidenceShown,
    /// It opens to the viewer now.
    pub(super) opens: bool,
    /// The viewer may ask for a second person.
    pub(super) asks: bool,
    /// The wish to which the viewer may be the second person.
    pub(super) agrees: Option<EvidenceOpeningId>,
    /// The viewer's own wish waits.
    pub(super) waits: bool,
    /// It takes an emergency to open it now, and nobody else's yes.
    pub(super) alone: bool,
    /// How that stands, in a sentence or two; empty where nobody has asked.
    pub(super) stands: String,
}

impl DocumentShown {
    /// `by_two` where it takes two persons to open it.
    pub(super) fn of(evidence: Evidence, wishes: &[OpeningWish], may: May, by_two: bool, now: DateTime<Utc>) -> Self {
        let (id, is_here) = (evidence.id, evidence.deleted_at.is_none());
        let about = || wishes.iter().filter(move |wish| is_here && wish.evidence == id);
        let mine = about().find(|wish| wish.mine && wish.until.is_some()).or_else(|| about().find(|wish| wish.mine));
        let other = about().find(|wish| !wish.mine && wish.until.is_none());
        let opens = is_here && (may.open || mine.is_some_and(|wish| wish.until.is_some()));
        Self {
            opens,
            asks: is_here && may.see && !may.open && mine.is_none(),
            agrees: other.map(|wish| wish.id),
            waits: mine.is_some_and(|wish| wish.until.is_none()),
            alone: is_here && !opens && (by_two || !may.claim),
            stands: mine.or(other).or_else(|| about().next()).map(|wish| stands(wish, now)).unwrap_or_default(),
            document: EvidenceShown::of(evidence),
        }
    }
}

fn stands(wish: &OpeningWish, now: DateTime<Utc>) -> String {
    let OpeningWish { by, agreed, .. } = wish;
    match (wish.mine, wish.until) {
        (true, Some(until)) if wish.alone => {
            format!("In an emergency it opens to you alone, once, until {} UTC.", until.format("%H:%M"))
        }
        (false, Some(_)) if wish.alone => format!("{by} opens it alone, in an emergency."),
        (true, Some(until)) => {
            format!("{agreed} has agreed. It opens to you once, until {} UTC.", until.format("%H:%M"))
        }
        (true, None) => {
            format!("You asked {}. For a day it waits for a colleague to agree.", since(wish.asked_at, now))
        }
        (false, Some(_)) => format!("{agreed} has agreed that {by} opens it."),
        (false, None) => format!("{by} asks to open it. If you agree, it opens to them once, within 15 minutes."),
    }
}

/// "just now", "5 min ago".
fn since(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match ago(at, now).as_str() {
        "now" => "just now".to_owned(),
        time => format!("{time} ago"),
    }
}

/// A document of a credential, in an address.
pub(super) type OfDocument = web::Path<(CredentialId, EvidenceId)>;

/// `POST /desk/{id}/evidence/{evidence}/ask`
pub async fn ask(form: Form<Press>, path: OfDocument) -> Result<HttpResponse, Problem> {
    let (visitor, (id, evidence)) = (form.visitor, path.into_inner());
    if let Some(away) = enter(&visitor, &at(&visitor, id)).await? {
        return Ok(away);
    }
    let outcome = credentials::ask_to_open(&visitor.ctx, &visitor.viewer(), id, evidence).await;
    done(&visitor, id, outcome, "document-asked", Typed::default()).await
}

/// The wish that stood on the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Agreed {
    wish: Option<EvidenceOpeningId>,
}

/// `POST /desk/{id}/evidence/{evidence}/agree`
pub async fn agree(form: Form<Agreed>, path: OfDocument) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let (id, evidence) = path.into_inner();
    if let Some(away) = enter(&visitor, &at(&visitor, id)).await? {
        return Ok(away);
    }
    let outcome = credentials::agree_to_open(&visitor.ctx, &visitor.viewer(), id, evidence, fields.wish).await;
    done(&visitor, id, outcome, "document-agreed", Typed::default()).await
}

/// `POST /desk/{id}/evidence/{evidence}/refuse`: also by whoever asked.
pub async fn refuse(form: Form<Press>, path: OfDocument) -> Result<HttpResponse, Problem> {
    let (visitor, (id, evidence)) = (form.visitor, path.into_inner());
    if let Some(away) = enter(&visitor, &at(&visitor, id)).await? {
        return Ok(away);
    }
    let outcome = credentials::refuse_to_open(&visitor.ctx, &visitor.viewer(), id, evidence).await;
    done(&visitor, id, outcome, "document-refused", Typed::default()).await
}

/// A wish as the list shows it.
struct Line {
    credential: CredentialId,
    who: Who,
    holder: String,
    /// It is the viewer's own.
    mine: bool,
    /// A colleague has agreed.
    agreed: bool,
    when: String,
    full: String,
    iso: String,
}

impl Line {
    fn of(wish: ListedWish, shell: &Shell) -> Self {
        let who = Who::of(&wish.by, shell.now);
        Self {
            credential: wish.credential,
            holder: wish.holder,
            mine: shell.me.as_ref().is_some_and(|me| me.id == who.id),
            agreed: wish.agreed_at.is_some(),
            when: ago(wish.asked_at, shell.now),
            full: full_date(wish.asked_at),
            iso: wish.asked_at.to_rfc3339(),
            who,
        }
    }
}

/// An emergency as the list shows it.
struct Emergency {
    credential: CredentialId,
    who: Who,
    holder: String,
    reason: String,
    /// The document was handed out.
    opened: bool,
    when: String,
    full: String,
    iso: String,
}

impl Emergency {
    fn of(one: OpenedAlone, shell: &Shell) -> Self {
        Self {
            credential: one.credential,
            who: Who::of(&one.by, shell.now),
            holder: one.holder,
            reason: one.reason,
            opened: one.used_at.is_some(),
            when: ago(one.at, shell.now),
            full: full_date(one.at),
            iso: one.at.to_rfc3339(),
        }
    }
}

#[derive(Template)]
#[template(path = "web/desk/openings.html")]
struct OpeningsPage {
    shell: Shell,
    lines: Vec<Line>,
    emergencies: Vec<Emergency>,
    pager: Pager,
}

/// `GET /desk/openings`: what waits for a second person, and what one person opened alone.
pub async fn openings(visitor: Visitor, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let (ctx, viewer) = (&visitor.ctx, visitor.viewer());
    let wishes = credentials::wishes(ctx, &viewer).await?;
    let paged = credentials::emergencies(ctx, &viewer, &at.page()).await?;
    let pager = Pager::of(&paged, "/desk/openings");
    let shell = visitor.shell("desk");
    let lines = wishes.into_iter().map(|wish| Line::of(wish, &shell)).collect();
    let emergencies = paged.items.into_iter().map(|one| Emergency::of(one, &shell)).collect();
    visitor.page(&OpeningsPage { shell, lines, emergencies, pager })
}
