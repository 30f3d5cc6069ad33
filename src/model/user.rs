use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{AccountId, AppId, InvitationId, MailId, PasskeyId, SessionId, TokenId, Visibility, text_enum::text_enum};
use crate::schema::{access_tokens, invitations, mails, passkeys, sessions, users};

text_enum! {
    /// What a user may do here, least first.
    Role {
        /// A member of the public.
        Public = "public",
        /// A clinician.
        Clinician = "clinician",
        /// Checks credentials.
        Verifier = "verifier",
        /// Keeps order.
        Moderator = "moderator",
        /// Runs the instance.
        Admin = "admin",
    }
}

text_enum! {
    /// Where a sign-up stands.
    UserState {
        /// The e-mail address is not confirmed.
        Unconfirmed = "unconfirmed",
        /// Waits for an admin.
        Waiting = "waiting",
        /// May sign in.
        Active = "active",
        /// Refused by an admin.
        Rejected = "rejected",
        /// Closed by an admin.
        Disabled = "disabled",
    }
}

impl UserState {
    /// The transitions of a sign-up.
    pub fn may_become(self, next: Self) -> bool {
        use UserState::{Active, Disabled, Rejected, Unconfirmed, Waiting};
        matches!(
            (self, next),
            (Unconfirmed, Waiting | Active | Rejected)
                | (Waiting, Active | Rejected)
                | (Active, Disabled)
                | (Disabled | Rejected, Active)
        )
    }
}

text_enum! {
    /// What a mailed link is for.
    MailPurpose {
        /// Confirm the address of a new account.
        Confirm = "confirm",
        /// Choose a new password.
        Reset = "reset",
        /// Confirm a new address.
        ChangeEmail = "change_email",
    }
}

/// A person who can sign in here.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Their account.
    pub account_id: AccountId,
    /// Address; never shown to others.
    pub email: String,
    /// When it was confirmed.
    pub email_confirmed_at: Option<DateTime<Utc>>,
    /// PHC string.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// Where the sign-up stands.
    pub state: UserState,
    /// Why they asked for an account.
    pub reason: String,
    /// They came by an invitation, which is an admin's decision already.
    pub invited: bool,
    /// Language they write in.
    pub language: String,
    /// Whom their posts are for unless they choose.
    pub default_visibility: Visibility,
    /// The newest notification they have seen.
    pub notifications_read_id: i64,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A browser that is signed in.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// Its id: safe to show to its owner.
    pub id: SessionId,
    /// Whose.
    pub account_id: AccountId,
    /// Such as "Firefox on Windows".
    pub device: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Last request.
    pub seen_at: DateTime<Utc>,
    /// When the password was last given.
    pub proved_at: DateTime<Utc>,
}

/// A passkey or security key: the second factor that somebody holds.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = passkeys)]
pub struct Passkey {
    /// Its id: safe to show to its owner.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Last use; none before the first.
    pub used_at: Option<DateTime<Utc>>,
}

/// A bearer token of an app or script.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = access_tokens)]
pub struct AccessToken {
    /// Its id.
    pub id: TokenId,
    /// Whose; none for a token of an app itself.
    pub account_id: Option<AccountId>,
    /// The app; none for tokens that the operator made.
    pub app_id: Option<AppId>,
    /// Name of the app.
    pub name: String,
    /// Scopes, separated by spaces.
    pub scopes: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Last use.
    pub used_at: Option<DateTime<Utc>>,
}

/// An invitation link.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who made it.
    pub created_by: AccountId,
    /// How many may still use it.
    pub uses_left: i32,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// A mail that waits to leave.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mails)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// Address.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// Tries so far.
    pub attempts: i32,
}
