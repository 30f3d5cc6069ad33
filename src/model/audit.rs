use chrono::{DateTime, Utc};

use super::{AccountId, text_enum::text_enum};

text_enum! {
    /// What an admin, a moderator or the operator may have done.
    AuditAction {
        /// Made an account.
        CreateAccount = "create_account",
        /// Changed what an account may do.
        SetRole = "set_role",
        /// Set somebody's password.
        SetPassword = "set_password",
        /// Confirmed somebody's e-mail address.
        ConfirmEmail = "confirm_email",
        /// Closed an account.
        CloseAccount = "close_account",
        /// Gave an account new keys.
        RotateKeys = "rotate_keys",
        /// Made a token for somebody.
        CreateToken = "create_token",
        /// Let somebody in.
        ApproveSignUp = "approve_sign_up",
        /// Refused a sign-up.
        RejectSignUp = "reject_sign_up",
        /// Made an invitation.
        CreateInvitation = "create_invitation",
        /// Ended an invitation.
        RevokeInvitation = "revoke_invitation",
        /// Decided about another server.
        DecideHost = "decide_host",
        /// Had another server tried again.
        RetryHost = "retry_host",
        /// Closed a report.
        ResolveReport = "resolve_report",
        /// Opened a report again.
        ReopenReport = "reopen_report",
        /// Published an announcement.
        PublishAnnouncement = "publish_announcement",
        /// Took an announcement back.
        WithdrawAnnouncement = "withdraw_announcement",
        /// Tried a dead letter again.
        RetryDeadLetter = "retry_dead_letter",
        /// Threw a dead letter away.
        DiscardDeadLetter = "discard_dead_letter",
    }
}

text_enum! {
    /// What kind of thing an action was about.
    AuditSubject {
        /// Somebody.
        Account = "account",
        /// Another server.
        Host = "host",
        /// An invitation.
        Invitation = "invitation",
        /// A report.
        Report = "report",
        /// An announcement.
        Announcement = "announcement",
        /// A dead letter.
        DeadLetter = "dead_letter",
    }
}

/// One entry of the audit log. Words of enums stay text here: a log can be checked also where it says what this version
/// does not know.
#[derive(Debug, Clone, diesel::Queryable)]
pub struct AuditEntry {
    /// Its place in the log, from 1 without a gap.
    pub seq: i64,
    /// When, in whole microseconds.
    pub at: DateTime<Utc>,
    /// Who; none for the operator at the command line.
    pub actor_id: Option<AccountId>,
    /// Their handle at that time, with the host.
    pub actor: String,
    /// An [`AuditAction`].
    pub action: String,
    /// An [`AuditSubject`].
    pub subject_kind: String,
    /// The id of whom or what it was about.
    pub subject_id: String,
    /// The handle or host name of the same; empty where it has none.
    pub subject: String,
    /// Why, as typed by whoever did it.
    pub reason: String,
    /// What else tells the deed, an object: states, numbers, names.
    pub details: serde_json::Value,
    /// Hash of the entry before; zeros for the first.
    pub previous: Vec<u8>,
    /// SHA-256 of the canonical JSON of everything above.
    pub hash: Vec<u8>,
}
