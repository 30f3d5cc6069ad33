//! What a verifier does with a credential: taking it, ticking, asking, and the decision.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{
    asked::Asked,
    enter,
    review::{Typed, at, page},
};
use crate::{
    error::{Error, Result},
    model::CredentialId,
    service::credentials::{self, CHANGED, Decision, REASONS},
    web::{
        credentials::words,
        error::Problem,
        form::Faults,
        layout::{Shell, Who},
        session::{Form, Visitor},
        settings::Press,
    },
};

/// On to the page with a word of what was done.
fn go(visitor: &Visitor, id: CredentialId, code: &str) -> HttpResponse {
    visitor.go_back(&at(visitor, id), code)
}

/// On to the page with a word of what was done, or back to it with what is wrong.
pub(super) async fn done(
    visitor: &Visitor,
    id: CredentialId,
    outcome: Result<()>,
    code: &str,
    typed: Typed,
) -> Result<HttpResponse, Problem> {
    match outcome {
        Ok(()) => Ok(go(visitor, id, code)),
        Err(error) => page(visitor, id, typed, Faults::of_error(error, "")?).await,
    }
}

/// `POST /desk/{id}/claim`
pub async fn claim(form: Form<Press>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    if let Some(away) = enter(&visitor, &at(&visitor, *id)).await? {
        return Ok(away);
    }
    let outcome = credentials::claim(&visitor.ctx, &visitor.viewer(), *id).await;
    done(&visitor, *id, outcome, "claimed", Typed::default()).await
}

/// `POST /desk/{id}/release`
pub async fn release(form: Form<Press>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let visitor = form.visitor;
    if let Some(away) = enter(&visitor, &at(&visitor, *id)).await? {
        return Ok(away);
    }
    match credentials::release(&visitor.ctx, &visitor.viewer(), *id).await {
        Ok(()) => Ok(visitor.go_back(&Asked::of(&visitor.here).address(), "released")),
        Err(error) => page(&visitor, *id, Typed::default(), Faults::of_error(error, "")?).await,
    }
}

/// The checklist as it was sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ticked {
    keys: Vec<String>,
    seen: String,
    /// The checklist is part of the form.
    checks: Option<String>,
    /// What stood on the page comes to this.
    mark: String,
}

impl Ticked {
    /// What was typed, for the page again. What has changed meanwhile is ticked anew, by who has looked.
    fn typed<T>(&self, outcome: &Result<T>) -> Typed {
        let changed = matches!(outcome, Err(Error::Conflict(words)) if words == CHANGED);
        let keys = if changed { Vec::new() } else { self.keys.clone() };
        Typed { checks: self.checks.as_ref().map(|_| (keys, self.seen.clone())), day: None }
    }
}

async fn tick_all(visitor: &Visitor, id: CredentialId, checks: &Ticked) -> Result<()> {
    let seen = checks.seen.replace("\r\n", "\n");
    credentials::tick(&visitor.ctx, &visitor.viewer(), id, checks.keys.clone(), &seen, &checks.mark).await
}

/// `POST /desk/{id}/tick`
pub async fn tick(form: Form<Ticked>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, &at(&visitor, *id)).await? {
        return Ok(away);
    }
    let outcome = tick_all(&visitor, *id, &fields).await;
    let typed = fields.typed(&outcome);
    done(&visitor, *id, outcome, "saved", typed).await
}

/// `POST /desk/{id}/attest`: what is ticked on the page counts, saved or not.
pub async fn attest(form: Form<Ticked>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, &at(&visitor, *id)).await? {
        return Ok(away);
    }
    let outcome = async {
        if fields.checks.is_some() {
            tick_all(&visitor, *id, &fields).await?;
        }
        credentials::attest(&visitor.ctx, &visitor.viewer(), *id, &fields.mark).await
    };
    let outcome = outcome.await;
    let typed = fields.typed(&outcome);
    match outcome {
        Ok(Decision::Attested) => Ok(go(&visitor, *id, "attested")),
        Ok(Decision::SecondNeeded) => Ok(go(&visitor, *id, "second")),
        Err(error) => page(&visitor, *id, typed, Faults::of_error(error, "")?).await,
    }
}

/// The day of the next check.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Day {
    day: String,
}

/// `POST /desk/{id}/next-check`
pub async fn next_check(form: Form<Day>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, &at(&visitor, *id)).await? {
        return Ok(away);
    }
    let outcome = credentials::set_next_check(&visitor.ctx, &visitor.viewer(), *id, &fields.day).await;
    done(&visitor, *id, outcome, "saved", Typed { day: Some(fields.day), ..Typed::default() }).await
}

/// Why: one of a few openings, a sentence of one's own, or both.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Because {
    opening: String,
    reason: String,
    /// The same, where it is a question.
    words: String,
}

impl Because {
    /// The words that the holder reads.
    fn said(&self) -> String {
        let opening = REASONS.iter().find(|(key, _)| *key == self.opening).map_or("", |(_, sentence)| sentence);
        words::joined(&[opening, &self.own()], " ")
    }

    /// The words that were typed.
    fn own(&self) -> String {
        let typed = if self.words.is_empty() { &self.reason } else { &self.words };
        typed.replace("\r\n", "\n").trim().to_owned()
    }
}

/// What is about to be done, in words.
#[derive(Debug, Clone, Copy)]
struct Act {
    /// The last part of the address.
    path: &'static str,
    heading: &'static str,
    /// What will happen.
    points: &'static [&'static str],
    /// Name and label of the words of one's own.
    field: &'static str,
    own_words: &'static str,
    press: &'static str,
    keep: &'static str,
    /// Sentences to begin with are offered.
    openings: bool,
    /// It takes something away.
    takes: bool,
    /// What the next page says.
    done: &'static str,
}

const ASK: Act = Act {
    path: "ask",
    heading: "Ask the clinician",
    points: &["They are told, and can answer and add documents. It waits until then."],
    field: "words",
    own_words: "Your question",
    press: "Ask",
    keep: "Leave it",
    openings: true,
    takes: false,
    done: "asked",
};
const REJECT: Act = Act {
    path: "reject",
    heading: "Reject this credential?",
    points: &[
        "They are told, and read your reason.",
        "It cannot be taken up again: they can bring a new one.",
        "Documents are deleted some time afterwards.",
    ],
    field: "reason",
    own_words: "Words of your own",
    press: "Reject the credential",
    keep: "Keep it in review",
    openings: true,
    takes: true,
    done: "refused",
};
const SUSPEND: Act = Act {
    path: "suspend",
    heading: "Suspend this credential?",
    points: &[
        "It is no longer shown as verified, here at once and at other hospitals within minutes. Nobody there reads why.",
        "They are told, and read your reason.",
        "The suspension can be ended again.",
    ],
    field: "reason",
    own_words: "Words of your own",
    press: "Suspend the credential",
    keep: "Leave it as it is",
    openings: true,
    takes: true,
    done: "suspended",
};
const REINSTATE: Act = Act {
    path: "reinstate",
    heading: "End the suspension?",
    points: &[
        "It is shown as verified again, here at once and at other hospitals within minutes. They are told.",
        "What was to be looked at again goes back to the desk instead, and is shown once it is attested there.",
    ],
    field: "reason",
    own_words: "Why",
    press: "End the suspension",
    keep: "Leave it suspended",
    openings: false,
    takes: false,
    done: "reinstated",
};
const REVOKE: Act = Act {
    path: "revoke",
    heading: "Revoke this credential?",
    points: &[
        "It is no longer shown as verified, here at once and at other hospitals within minutes. Nobody there reads why.",
        "They are told, and read your reason.",
        "This is for good: they would have to bring a new one.",
    ],
    field: "reason",
    own_words: "Words of your own",
    press: "Revoke the credential",
    keep: "Leave it as it is",
    openings: true,
    takes: true,
    done: "credential-revoked",
};

#[derive(Template)]
#[template(path = "web/desk/act.html")]
struct ActPage {
    shell: Shell,
    id: CredentialId,
    /// The query of the list from which one came.
    query: String,
    who: Who,
    title: String,
    act: Act,
    typed: Because,
    faults: Faults,
}

impl ActPage {
    async fn new(
        visitor: &Visitor,
        id: CredentialId,
        act: Act,
        typed: Because,
        faults: Faults,
    ) -> Result<Self, Problem> {
        let review = credentials::open(&visitor.ctx, &visitor.viewer(), id).await?;
        let may = match act.path {
            "ask" => review.may.ask,
            "reject" => review.may.reject,
            "suspend" => review.may.suspend,
            "reinstate" => review.may.reinstate,
            _ => review.may.revoke,
        };
        if !may {
            return Err(Error::Forbidden("This cannot be done with it now, or not by you.").into());
        }
        let shell = visitor.shell("desk");
        let who = Who::from_account(&review.holder, shell.now);
        let query = Asked::of(&visitor.here).query();
        Ok(Self { shell, id, query, who, title: words::title(&review.credential), act, typed, faults })
    }
}

async fn ask_why(visitor: Visitor, id: CredentialId, act: Act) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    visitor.page(&ActPage::new(&visitor, id, act, Because::default(), Faults::none()).await?)
}

async fn carry_out(form: Form<Because>, id: CredentialId, act: Act) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    if let Some(away) = enter(&visitor, &at(&visitor, id)).await? {
        return Ok(away);
    }
    let (ctx, viewer, said) = (&visitor.ctx, visitor.viewer(), fields.said());
    let outcome = match act.path {
        "ask" => credentials::ask(ctx, &viewer, id, &said).await,
        "reject" => credentials::reject(ctx, &viewer, id, &said).await,
        "suspend" => credentials::suspend(ctx, &viewer, id, &said).await,
        "reinstate" => credentials::reinstate(ctx, &viewer, id, &said).await,
        _ => credentials::revoke(ctx, &viewer, id, &said).await,
    };
    match outcome {
        Ok(()) => Ok(go(&visitor, id, act.done)),
        Err(error @ Error::Conflict(_)) => page(&visitor, id, Typed::default(), Faults::of_error(error, "")?).await,
        Err(error) => {
            let page = ActPage::new(&visitor, id, act, fields, Faults::of_error(error, act.field)?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}

/// `GET /desk/{id}/ask`
pub async fn ask_page(visitor: Visitor, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    ask_why(visitor, *id, ASK).await
}

/// `POST /desk/{id}/ask`
pub async fn ask(form: Form<Because>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    carry_out(form, *id, ASK).await
}

/// `GET /desk/{id}/reject`
pub async fn reject_page(visitor: Visitor, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    ask_why(visitor, *id, REJECT).await
}

/// `POST /desk/{id}/reject`
pub async fn reject(form: Form<Because>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    carry_out(form, *id, REJECT).await
}

/// `GET /desk/{id}/suspend`
pub async fn suspend_page(visitor: Visitor, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    ask_why(visitor, *id, SUSPEND).await
}

/// `POST /desk/{id}/suspend`
pub async fn suspend(form: Form<Because>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    carry_out(form, *id, SUSPEND).await
}

/// `GET /desk/{id}/reinstate`
pub async fn reinstate_page(visitor: Visitor, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    ask_why(visitor, *id, REINSTATE).await
}

/// `POST /desk/{id}/reinstate`
pub async fn reinstate(form: Form<Because>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    carry_out(form, *id, REINSTATE).await
}

/// `GET /desk/{id}/revoke`
pub async fn revoke_page(visitor: Visitor, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    ask_why(visitor, *id, REVOKE).await
}

/// `POST /desk/{id}/revoke`
pub async fn revoke(form: Form<Because>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    carry_out(form, *id, REVOKE).await
}
