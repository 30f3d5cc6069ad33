//! One's own credentials: adding one in a form, seeing where it stands and what is missing, answering the desk.
//! No rule lives here: what a number must look like and what may become of a credential is decided in `service`.

pub mod act;
pub mod edit;
pub mod show;
pub(super) mod words;

use actix_web::HttpResponse;
use askama::Template;

use super::{error::Problem, layout::Shell, session::Visitor};
use crate::{
    error::Result,
    model::{Credential, CredentialId, CredentialState},
    policy::credentials::holds,
    service::credentials::{self, Own},
};

/// A credential as the list shows it.
struct Line {
    id: CredentialId,
    title: String,
    /// "Medicine · Cardiology".
    about: String,
    colour: &'static str,
    tag: &'static str,
    words: String,
    level: i16,
    /// Empty for a draft, which nobody has checked.
    level_words: &'static str,
    missing: Vec<String>,
    renewable: bool,
    over: bool,
}

#[derive(Template)]
#[template(path = "web/credentials/list.html")]
struct ListPage {
    shell: Shell,
    lines: Vec<Line>,
    ended: Vec<Line>,
}

/// Where it stands, in a sentence for its holder.
fn sentence(credential: &Credential, institution: &str) -> String {
    let until = credential.expires_on.map(|day| format!(" until {}", words::date(day))).unwrap_or_default();
    match credential.state {
        CredentialState::Draft => "Only you see it. Send it to the desk when it is complete.".to_owned(),
        CredentialState::Submitted => "It waits for a colleague at the desk.".to_owned(),
        CredentialState::InReview => "A colleague at the desk is checking it.".to_owned(),
        CredentialState::NeedsInformation => "The desk has asked you something. It waits for your answer.".to_owned(),
        CredentialState::Attested => format!("{institution} stands by it{until}."),
        CredentialState::RecheckDue if !holds(credential) => {
            "It was suspended. The desk looks at it before it is shown as verified again.".to_owned()
        }
        CredentialState::RecheckDue => {
            format!("{institution} stands by it{until}. The desk looks at it once more, you need not do anything.")
        }
        CredentialState::Rejected => "The desk has not attested it. Its reason stands inside.".to_owned(),
        CredentialState::Expired => match credential.expires_on {
            Some(day) => format!("It ended on {}. Others see it as a claim.", words::date(day)),
            None => "Its time is over. Others see it as a claim.".to_owned(),
        },
        CredentialState::Suspended => "It is not shown as verified for now. The reason stands inside.".to_owned(),
        CredentialState::Revoked => "It is not shown as verified any more. The reason stands inside.".to_owned(),
        CredentialState::Withdrawn => "It was taken back, or replaced by a newer one.".to_owned(),
    }
}

async fn line(visitor: &Visitor, Own { credential, missing, renewable }: Own) -> Result<Line> {
    let labels = words::specialties(&visitor.ctx, &credential.specialties).await?;
    let (colour, tag) = words::tag(credential.state);
    Ok(Line {
        id: credential.id,
        title: words::title(&credential),
        about: words::joined(&[words::discipline(&credential.discipline), &labels], " · "),
        colour,
        tag,
        words: sentence(&credential, &visitor.ctx.config.instance.short_name),
        level: credential.level,
        level_words: if credential.state == CredentialState::Draft { "" } else { words::level(credential.level) },
        missing,
        renewable,
        over: credential.state.is_over(),
    })
}

/// `GET /credentials`
pub async fn list(visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.require()?;
    let mut lines = Vec::new();
    for own in credentials::mine(&visitor.ctx, &visitor.viewer()).await? {
        lines.push(line(&visitor, own).await?);
    }
    let (ended, lines) = lines.into_iter().partition(|line| line.over);
    visitor.page(&ListPage { shell: visitor.shell("credentials"), lines, ended })
}
