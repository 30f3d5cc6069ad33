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
        /// Turned on their second factor.
        TurnOnSecondFactor = "turn_on_second_factor",
        /// Turned off their second factor.
        TurnOffSecondFactor = "turn_off_second_factor",
        /// Put another phone in place of the one of their second factor.
        ReplaceSecondFactor = "replace_second_factor",
        /// Took a second factor away from somebody who has lost it.
        ResetSecondFactor = "reset_second_factor",
        /// Added a passkey to those that they had, or to an app.
        AddPasskey = "add_passkey",
        /// Removed a passkey of theirs.
        RemovePasskey = "remove_passkey",
        /// Was refused, as their passkey counted backwards: there may be a copy of it.
        RefusePasskey = "refuse_passkey",
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
        /// Brought a credential to the desk.
        SubmitCredential = "submit_credential",
        /// Took a credential to work on.
        ClaimCredential = "claim_credential",
        /// Gave a credential back to the queue.
        ReleaseCredential = "release_credential",
        /// Asked a credential's holder for something.
        AskAboutCredential = "ask_about_credential",
        /// Answered the desk.
        AnswerAboutCredential = "answer_about_credential",
        /// Entered the code that was sent to a mailbox of the institution.
        ProveMailbox = "prove_mailbox",
        /// Added a document to a credential.
        AddEvidence = "add_evidence",
        /// Looked at a document.
        SeeEvidence = "see_evidence",
        /// Asked for a second person to open a document.
        AskEvidence = "ask_evidence",
        /// Agreed, as the second person, that somebody opens a document.
        AgreeEvidence = "agree_evidence",
        /// Refused that, or took the wish back.
        RefuseEvidence = "refuse_evidence",
        /// Opened a document alone, in an emergency, with a reason.
        BreakGlass = "break_glass",
        /// Looked at a full number.
        SeeNumber = "see_number",
        /// Deleted a document.
        DeleteEvidence = "delete_evidence",
        /// Noted what was looked at of a credential.
        CheckCredential = "check_credential",
        /// Said yes first, where two persons decide.
        ConfirmCredential = "confirm_credential",
        /// Attested a credential.
        AttestCredential = "attest_credential",
        /// Rejected a credential.
        RejectCredential = "reject_credential",
        /// Suspended a credential.
        SuspendCredential = "suspend_credential",
        /// Ended the suspension of a credential.
        ReinstateCredential = "reinstate_credential",
        /// Revoked a credential.
        RevokeCredential = "revoke_credential",
        /// Let a credential expire.
        ExpireCredential = "expire_credential",
        /// Asked for a re-check of a credential.
        RecheckCredential = "recheck_credential",
        /// Withdrew a credential.
        WithdrawCredential = "withdraw_credential",
        /// Set the day of the next check.
        SetNextCheck = "set_next_check",
        /// Took in the copy of a register.
        ImportRegister = "import_register",
        /// Took in a list of specialties.
        ImportSpecialties = "import_specialties",
        /// Took in the staff list.
        ImportStaff = "import_staff",
        /// Decided how far another server's institutions are believed.
        TrustHost = "trust_host",
        /// Confirmed the keys of another institution.
        ConfirmIssuer = "confirm_issuer",
        /// Gave the institution a new issuing key.
        RotateIssuingKey = "rotate_issuing_key",
        /// Sealed all secrets under a new instance key.
        RotateInstanceKey = "rotate_instance_key",
        /// As a moderator of a group wanted to know who asked a case without their name.
        AskOpening = "ask_opening",
        /// As another one agreed: both know it now.
        OpenAsker = "open_asker",
        /// As another one refused it, or took the wish back.
        RefuseOpening = "refuse_opening",
        /// Archived a group that nobody owned.
        ArchiveGroup = "archive_group",
        /// Gave a group that nobody owned to a member.
        PassOnGroup = "pass_on_group",
        /// As a moderator of the house took the words out of earlier versions of a reported post in a group.
        StrikeVersion = "strike_version",
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
        /// A credential.
        Credential = "credential",
        /// A register.
        Register = "register",
        /// Another institution.
        Issuer = "issuer",
        /// This instance.
        Instance = "instance",
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
    /// From which network address they asked for it; empty for the operator, the clock, and entries of old.
    pub origin: String,
    /// Why, as typed by whoever did it.
    pub reason: String,
    /// What else tells the deed, an object: states, numbers, names.
    pub details: serde_json::Value,
    /// Hash of the entry before; zeros for the first.
    pub previous: Vec<u8>,
    /// SHA-256 of the canonical JSON of everything above.
    pub hash: Vec<u8>,
}
