//! What its holder does with a credential: documents, codes, answers, withdrawing, renewing.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use askama::Template;
use serde::Deserialize;

use super::{
    show::{Typed, page},
    words,
};
use crate::{
    error::{Error, Result},
    model::{CredentialId, EvidenceId},
    policy::credentials::require_verifier,
    service::credentials,
    web::{
        admin,
        error::Problem,
        form::Faults,
        layout::Shell,
        session::{Form, Visitor},
        settings::Press,
    },
};

/// On to the page of the credential, or back to it with what is wrong.
async fn done(
    visitor: &Visitor,
    id: CredentialId,
    outcome: Result<()>,
    (code, field): (&str, &'static str),
    typed: Typed,
) -> Result<HttpResponse, Problem> {
    match outcome {
        Ok(()) => Ok(visitor.go(&format!("/credentials/{id}?done={code}"))),
        Err(error) => page(visitor, id, typed, Faults::of_error(error, field)?).await,
    }
}

/// Words to the desk.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Words {
    words: String,
}

/// `POST /credentials/{id}/answer`
pub async fn answer(form: Form<Words>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let words = fields.words.replace("\r\n", "\n");
    let outcome = credentials::answer(&visitor.ctx, &visitor.viewer(), *id, &words).await;
    done(&visitor, *id, outcome, ("answered", "words"), Typed { answer: words, ..Typed::default() }).await
}

/// What a document is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Label {
    label: String,
}

/// `POST /credentials/{id}/evidence`
pub async fn add_evidence(form: Form<Label>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, files } = form;
    visitor.require()?;
    let file = files.into_iter().find(|(name, _)| name == "file").map(|(_, bytes)| bytes);
    let outcome = match file {
        Some(bytes) => credentials::add_evidence(&visitor.ctx, &visitor.viewer(), *id, &fields.label, bytes).await,
        None => Err(Error::invalid("file", "Choose a document first.")),
    };
    done(&visitor, *id, outcome, ("evidence-added", "file"), Typed { label: fields.label, ..Typed::default() }).await
}

/// `POST /credentials/evidence/{id}/remove`
pub async fn remove_evidence(form: Form<Press>, id: web::Path<EvidenceId>) -> Result<HttpResponse, Problem> {
    let credential = credentials::remove_evidence(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go(&format!("/credentials/{credential}?done=evidence-removed")))
}

/// `?desk=7`: opened from the desk's page on that credential.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Opened {
    desk: Option<CredentialId>,
}

/// `GET /credentials/evidence/{id}`: handed out as a file, never shown in the page.
pub async fn open_evidence(
    visitor: Visitor,
    request: HttpRequest,
    id: web::Path<EvidenceId>,
    opened: web::Query<Opened>,
) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    // Whoever may open the documents of others has to be there in person.
    if require_verifier(&visitor.viewer()).is_ok() {
        let back = opened.desk.map_or_else(|| "/credentials".to_owned(), |id| format!("/desk/{id}"));
        // Opening one can use up the yes of a second person, which no link on somebody else's page may do.
        if request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
            return Ok(visitor.go(&back));
        }
        if let Some(away) = admin::proved(&visitor, &back).await? {
            return Ok(away);
        }
    }
    let (evidence, bytes) = credentials::open_evidence(&visitor.ctx, &visitor.viewer(), *id).await?;
    let disposition = format!("attachment; filename=\"{}\"", words::file_name(&evidence));
    Ok(HttpResponse::Ok()
        .content_type(evidence.media_type.as_str())
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(bytes))
}

/// A mailbox of the institution.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Email {
    email: String,
}

/// `POST /credentials/{id}/code`
pub async fn send_code(form: Form<Email>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let outcome = credentials::send_code(&visitor.ctx, &visitor.viewer(), *id, &fields.email).await;
    done(&visitor, *id, outcome, ("code-sent", "email"), Typed { email: fields.email, ..Typed::default() }).await
}

/// What stood in the mail.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Code {
    code: String,
}

/// `POST /credentials/{id}/code/enter`
pub async fn enter_code(form: Form<Code>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    let outcome = credentials::enter_code(&visitor.ctx, &visitor.viewer(), *id, &fields.code).await;
    done(&visitor, *id, outcome, ("code-right", "code"), Typed::default()).await
}

#[derive(Template)]
#[template(path = "web/credentials/withdraw.html")]
struct WithdrawPage {
    shell: Shell,
    id: CredentialId,
    title: String,
    in_force: bool,
    /// How long documents are kept afterwards.
    days: i64,
    words: String,
    faults: Faults,
}

impl WithdrawPage {
    async fn new(visitor: &Visitor, id: CredentialId, words: String, faults: Faults) -> Result<Self, Problem> {
        let credential = credentials::read(&visitor.ctx, &visitor.viewer(), id).await?.credential;
        let (title, in_force) = (words::title(&credential), credential.state.is_in_force());
        let days = visitor.ctx.config.verification.evidence_days;
        Ok(Self { shell: visitor.shell("credentials"), id, title, in_force, days, words, faults })
    }
}

/// `GET /credentials/{id}/withdraw`
pub async fn withdraw_page(visitor: Visitor, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    visitor.page(&WithdrawPage::new(&visitor, *id, String::new(), Faults::none()).await?)
}

/// `POST /credentials/{id}/withdraw`
pub async fn withdraw(form: Form<Words>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let Form { visitor, fields, .. } = form;
    match credentials::withdraw(&visitor.ctx, &visitor.viewer(), *id, &fields.words).await {
        Ok(()) => Ok(visitor.go("/credentials?done=credential-withdrawn")),
        Err(error) => {
            let page = WithdrawPage::new(&visitor, *id, fields.words, Faults::of_error(error, "words")?).await?;
            page.faults.page(&visitor, &page)
        }
    }
}

/// `POST /credentials/{id}/renew`
pub async fn renew(form: Form<Press>, id: web::Path<CredentialId>) -> Result<HttpResponse, Problem> {
    let new = credentials::renew(&form.visitor.ctx, &form.visitor.viewer(), *id).await?;
    Ok(form.visitor.go(&format!("/credentials/{new}/edit?done=renewing")))
}
