//! Ids: time-sorted 64-bit integers, one type a noun, so that they cannot be mixed up.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
            diesel::deserialize::FromSqlRow, diesel::expression::AsExpression,
        )]
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::BigInt, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                <i64 as diesel::serialize::ToSql<diesel::sql_types::BigInt, diesel::pg::Pg>>::to_sql(&self.0, out)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::BigInt, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                <i64 as diesel::deserialize::FromSql<diesel::sql_types::BigInt, diesel::pg::Pg>>::from_sql(value).map(Self)
            }
        }
    )+ };
}

ids! {
    /// An account, ours or of another server.
    AccountId,
    /// A post or boost.
    PostId,
    /// Another server.
    HostId,
    /// A follow or follow request.
    FollowId,
    /// A link that lets people into a group.
    GroupInvitationId,
    /// A line of what moderators of a group did.
    GroupLogId,
    /// A report of a post in a group.
    GroupReportId,
    /// A notification.
    NotificationId,
    /// A browser's session.
    SessionId,
    /// A passkey or security key of somebody.
    PasskeyId,
    /// An access token.
    TokenId,
    /// A program that acts for people.
    AppId,
    /// An invitation.
    InvitationId,
    /// A mail that waits to leave.
    MailId,
    /// An event that other servers are to be told.
    OutboxId,
    /// One inbox that an event has to reach.
    DeliveryId,
    /// An activity taken in.
    ReceivedId,
    /// A list of people.
    ListId,
    /// A filter.
    FilterId,
    /// A word of a filter.
    FilterKeywordId,
    /// A post of a filter.
    FilterPostId,
    /// A direct conversation as one of its people has it.
    ConversationId,
    /// A post that waits for its time, or a draft.
    ScheduledId,
    /// Word of the house.
    AnnouncementId,
    /// A push message that waits to be sent.
    PushId,
    /// A report.
    ReportId,
    /// A picture.
    MediaId,
    /// A credential.
    CredentialId,
    /// A case that is being written.
    CaseDraftId,
    /// A moderator's wish to know who asked a case.
    CaseOpeningId,
    /// A picture of a case that is being written.
    CasePictureId,
    /// A document sent with a credential.
    EvidenceId,
    /// Somebody's wish to open one.
    EvidenceOpeningId,
    /// A statement about somebody.
    AttestationId,
    /// The copy of a register.
    SnapshotId,
    /// Something that could not be delivered or understood.
    DeadLetterId,
}
