//! The audit log: what admins, moderators and the operator did, in sentences.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use super::enter;
use crate::{
    model::{AuditAction, AuditEntry, AuditSubject},
    service::audit::{self, HOUSE, OPERATOR},
    web::{
        error::Problem,
        layout::{self, Shell},
        paging::{At, Pager},
        session::Visitor,
    },
};

/// Where the words for operators stand.
const HELP: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/OPERATING.md#audit-log");

/// An entry as the list shows it.
struct Line {
    seq: i64,
    by: String,
    words: String,
    reason: String,
    origin: String,
    /// The report, host or credential that it is about; empty for all else.
    path: String,
    full: String,
    iso: String,
}

impl Line {
    fn of(entry: AuditEntry, host: &str) -> Self {
        Self {
            seq: entry.seq,
            by: match entry.actor.as_str() {
                OPERATOR => "The operator".to_owned(),
                HOUSE => "The server".to_owned(),
                person => handle(person, host),
            },
            words: words(&entry, host),
            path: path(&entry),
            full: layout::full_date(entry.at),
            iso: entry.at.to_rfc3339(),
            reason: entry.reason,
            origin: entry.origin,
        }
    }
}

/// "@ada", or "@bo@beta.example" for people of other servers.
fn handle(full: &str, host: &str) -> String {
    let own = full.strip_suffix(host).and_then(|rest| rest.strip_suffix('@'));
    format!("@{}", own.unwrap_or(full))
}

fn path(entry: &AuditEntry) -> String {
    match AuditSubject::parse(&entry.subject_kind) {
        Some(AuditSubject::Report) => format!("/admin/reports/{}", entry.subject_id),
        Some(AuditSubject::Host) => format!("/admin/hosts/{}", entry.subject),
        Some(AuditSubject::Credential) => format!("/desk/{}", entry.subject_id),
        _ => String::new(),
    }
}

/// What was done, after the name of whoever did it.
fn words(entry: &AuditEntry, host: &str) -> String {
    let said = |name: &str| entry.details.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| entry.details.get(name).and_then(Value::as_i64).unwrap_or_default();
    let (whom, name) = (handle(&entry.subject, host), &entry.subject);
    let Some(action) = AuditAction::parse(&entry.action) else {
        return format!("did {} to {} {}", entry.action, entry.subject_kind, entry.subject_id);
    };
    match action {
        AuditAction::CreateAccount => format!("made the account {whom} with the role {}", said("role")),
        AuditAction::SetRole => format!("changed the role of {whom} from {} to {}", said("from"), said("to")),
        AuditAction::SetPassword => format!("set a new password for {whom}"),
        AuditAction::ConfirmEmail => format!("confirmed the e-mail address of {whom}"),
        AuditAction::CloseAccount if !said("archived_groups").is_empty() => {
            format!("closed their own account, and left groups that nobody else leads: {}", said("archived_groups"))
        }
        AuditAction::CloseAccount if entry.actor == entry.subject => "closed their own account".to_owned(),
        AuditAction::CloseAccount => format!("closed the account {whom}"),
        AuditAction::RotateKeys => format!("gave {whom} new keys"),
        AuditAction::CreateToken => format!("made the token “{}” ({}) for {whom}", said("name"), said("scopes")),
        AuditAction::TurnOnSecondFactor => "turned on their second factor".to_owned(),
        AuditAction::TurnOffSecondFactor if said("left") == "passkeys" => {
            "turned off the app of their second factor, and kept passkeys".to_owned()
        }
        AuditAction::TurnOffSecondFactor => "turned off their second factor".to_owned(),
        AuditAction::ReplaceSecondFactor => "moved their second factor to another phone".to_owned(),
        AuditAction::ResetSecondFactor => format!("reset the second factor of {whom}"),
        AuditAction::AddPasskey => "added a passkey".to_owned(),
        AuditAction::RemovePasskey => "removed a passkey".to_owned(),
        AuditAction::RefusePasskey => "was refused: there may be a copy of their passkey".to_owned(),
        AuditAction::ApproveSignUp => format!("approved the sign-up of {whom}"),
        AuditAction::RejectSignUp => format!("rejected the sign-up of {whom}"),
        AuditAction::CreateInvitation => {
            let people = layout::counted(number("uses"), "person", "people");
            format!("made an invitation for {people}, good for {}", layout::counted(number("days"), "day", "days"))
        }
        AuditAction::RevokeInvitation => "revoked an invitation".to_owned(),
        AuditAction::DecideHost => format!("changed the host {name} from {} to {}", said("from"), said("to")),
        AuditAction::RetryHost => format!("had the host {name} tried again"),
        AuditAction::ResolveReport => format!("closed a report on {whom}"),
        AuditAction::ReopenReport => format!("opened a report on {whom} again"),
        AuditAction::PublishAnnouncement => "published an announcement".to_owned(),
        AuditAction::WithdrawAnnouncement => "withdrew an announcement".to_owned(),
        AuditAction::RetryDeadLetter => format!("tried a dead letter again, {} {name}", way(said("direction"))),
        AuditAction::DiscardDeadLetter => format!("discarded a dead letter, {} {name}", way(said("direction"))),
        credential => of_credentials(credential, entry, &whom),
    }
}

/// The same, of credentials and what is stated about them.
fn of_credentials(action: AuditAction, entry: &AuditEntry, whom: &str) -> String {
    let said = |name: &str| entry.details.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = &entry.subject;
    match action {
        AuditAction::SubmitCredential => "brought a credential to the desk".to_owned(),
        AuditAction::ClaimCredential => format!("took a credential of {whom} to work on"),
        AuditAction::ReleaseCredential => format!("gave a credential of {whom} back to the queue"),
        AuditAction::AskAboutCredential => format!("asked {whom} about a credential"),
        AuditAction::AnswerAboutCredential => "answered the desk".to_owned(),
        AuditAction::ProveMailbox => "proved control of a mailbox".to_owned(),
        AuditAction::AddEvidence => "added a document to a credential".to_owned(),
        AuditAction::SeeEvidence => format!("looked at a document of {whom}"),
        AuditAction::AskEvidence => format!("asked for a second person to open a document of {whom}"),
        AuditAction::AgreeEvidence => format!("agreed, as the second person, to opening a document of {whom}"),
        AuditAction::RefuseEvidence => format!("refused, or took back, opening a document of {whom}"),
        AuditAction::BreakGlass => {
            let told = match entry.details.get("told_count").and_then(Value::as_i64) {
                None => String::new(),
                Some(0) => ", and nobody was told".to_owned(),
                Some(count) => format!(", and {} told", layout::counted(count, "other was", "others were")),
            };
            format!("opened a document of {whom} alone, in an emergency{told}")
        }
        AuditAction::SeeNumber => format!("looked at a full number of {whom}"),
        AuditAction::DeleteEvidence => format!("deleted a document of {whom}"),
        AuditAction::CheckCredential => format!("noted what was looked at of a credential of {whom}"),
        AuditAction::ConfirmCredential => format!("said yes first to a credential of {whom}"),
        AuditAction::AttestCredential => format!("attested a credential of {whom}"),
        AuditAction::RejectCredential => format!("rejected a credential of {whom}"),
        AuditAction::SuspendCredential => format!("suspended a credential of {whom}"),
        AuditAction::ReinstateCredential => format!("ended the suspension of a credential of {whom}"),
        AuditAction::RevokeCredential => format!("revoked a credential of {whom}"),
        AuditAction::ExpireCredential => format!("let a credential of {whom} expire"),
        AuditAction::RecheckCredential => format!("opened a re-check of a credential of {whom}"),
        AuditAction::WithdrawCredential => format!("withdrew a credential of {whom}"),
        AuditAction::SetNextCheck => format!("set the next check of a credential of {whom}"),
        AuditAction::ImportRegister => format!("took in a copy of the register {name}"),
        AuditAction::ImportSpecialties => "took in a list of specialties".to_owned(),
        AuditAction::ImportStaff => "took in the staff list".to_owned(),
        AuditAction::TrustHost => format!("changed the trust in {name} from {} to {}", said("from"), said("to")),
        AuditAction::ConfirmIssuer => format!("confirmed the keys of {name}"),
        AuditAction::RotateIssuingKey => "gave the institution a new issuing key".to_owned(),
        AuditAction::RotateInstanceKey => "sealed all secrets under a new instance key".to_owned(),
        // Groups go by their numbers: an admin need not know how they are called.
        AuditAction::AskOpening => format!("asked to know who asked a case in the group {}", entry.subject_id),
        AuditAction::OpenAsker => format!("agreed to open who asked a case in the group {}", entry.subject_id),
        AuditAction::RefuseOpening => format!("refused to open who asked a case in the group {}", entry.subject_id),
        AuditAction::ArchiveGroup => format!("archived the group {}, which nobody owned", entry.subject_id),
        AuditAction::PassOnGroup => format!("passed on the group {}, which nobody owned", entry.subject_id),
        AuditAction::StrikeVersion => {
            format!("struck earlier versions of a reported post in the group {}", entry.subject_id)
        }
        other => format!("did {other} to {name}"),
    }
}

fn way(direction: &str) -> &'static str {
    if direction == "in" { "received from" } else { "sent to" }
}

#[derive(Template)]
#[template(path = "web/admin/audit.html")]
struct AuditPage {
    shell: Shell,
    tab: &'static str,
    who: String,
    lines: Vec<Line>,
    pager: Pager,
    help: &'static str,
}

/// `?who=ada`: only what that person did, and what was about that person or host.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    who: String,
}

/// `GET /admin/audit`
pub async fn show(visitor: Visitor, asked: web::Query<Asked>, at: web::Query<At>) -> Result<HttpResponse, Problem> {
    if let Some(away) = enter(&visitor, &visitor.here).await? {
        return Ok(away);
    }
    let who = asked.into_inner().who.trim().to_owned();
    let list = audit::list(&visitor.ctx, &visitor.viewer(), &who, &at.page()).await?;
    let pager = if who.is_empty() {
        Pager::of(&list, "/admin/audit")
    } else {
        let name: String = url::form_urlencoded::byte_serialize(who.as_bytes()).collect();
        Pager::of(&list, &format!("/admin/audit?who={name}"))
    };
    let shell = visitor.shell("admin");
    let lines = list.items.into_iter().map(|entry| Line::of(entry, &shell.host)).collect();
    visitor.page(&AuditPage { shell, tab: "audit", who, lines, pager, help: HELP })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(action: &str, subject: &str, details: Value) -> AuditEntry {
        AuditEntry {
            seq: 1,
            at: chrono::DateTime::UNIX_EPOCH,
            actor_id: None,
            actor: OPERATOR.into(),
            action: action.into(),
            subject_kind: "account".into(),
            subject_id: "9".into(),
            subject: subject.into(),
            origin: String::new(),
            reason: String::new(),
            details,
            previous: Vec::new(),
            hash: Vec::new(),
        }
    }

    #[test]
    fn entries_read_as_sentences() {
        let roles = serde_json::json!({ "from": "clinician", "to": "moderator" });
        let line = Line::of(entry("set_role", "ada@alpha.test", roles), "alpha.test");
        assert_eq!(line.by, "The operator");
        assert_eq!(line.words, "changed the role of @ada from clinician to moderator");
        let report = entry("resolve_report", "bo@beta.test", Value::Null);
        assert_eq!(words(&report, "alpha.test"), "closed a report on @bo@beta.test");
        assert_eq!(handle("eve@notalpha.test", "alpha.test"), "@eve@notalpha.test");
        let mut due = entry("recheck_credential", "ada@alpha.test", Value::Null);
        (due.actor, due.subject_kind) = (HOUSE.into(), "credential".into());
        let due = Line::of(due, "alpha.test");
        assert_eq!((due.by.as_str(), due.path.as_str()), ("The server", "/desk/9"));
        assert_eq!(due.words, "opened a re-check of a credential of @ada");
        let archived = entry("archive_group", "hidden@alpha.test", Value::Null);
        assert_eq!(words(&archived, "alpha.test"), "archived the group 9, which nobody owned");
        let later = entry("of_a_later_version", "", Value::Null);
        assert_eq!(words(&later, "alpha.test"), "did of_a_later_version to account 9");
    }
}
