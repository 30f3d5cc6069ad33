//! The nouns: rows of the database, their ids, and the states they go through.
//! Nothing here awaits, decides who may do what, or knows of HTTP.

mod account;
mod app;
mod attestation;
mod audit;
mod case;
mod credential;
mod delivery;
pub(crate) mod discreet;
mod follow;
mod group;
mod host;
mod id;
mod media;
mod notification;
mod opening;
mod order;
mod person_name;
mod poll;
mod post;
mod push;
mod ranking;
mod register;
mod relation;
mod source;
pub(crate) mod text_enum;
mod unnamed;
mod user;

pub use account::{Account, AccountKey, AccountKind, AccountState, Author, Field, KeyKind, Named};
pub use app::{App, OAuthCode};
pub use attestation::{Attestation, Badge, HostTrust, Issuer, IssuingKey, ListPurpose, StatedSpecialty};
pub use audit::{AuditAction, AuditEntry, AuditSubject};
pub use case::{
    Case, CaseBody, CaseDraft, CaseLine, CaseState, Consent, ConsentBasis, ConsentScope, CopyState, Cover,
    DraftConsent, DraftPicture, DraftRow, Kept, Mended, RecallReason, Review, Section, SectionKey, Sex, Step, Urgency,
};
pub use credential::{Credential, CredentialKind, CredentialSource, CredentialState, Evidence};
pub use delivery::{DeadLetter, Delivery, Direction, Event, OutboxRow, Received};
pub use follow::{Follow, FollowState};
pub use group::{Admission, Group, GroupDeed, GroupKind, GroupRole, GroupSaid, Held, Membership, Premoderation};
pub use host::{Host, HostBar, HostState, SignatureDialect};
pub use id::{
    AccountId, AnnouncementId, AppId, AttestationId, CaseDraftId, CaseOpeningId, CasePictureId, ConversationId,
    CredentialId, DeadLetterId, DeliveryId, EvidenceId, EvidenceOpeningId, FilterId, FilterKeywordId, FilterPostId,
    FollowId, GroupInvitationId, GroupLogId, GroupReportId, HostId, InvitationId, ListId, MailId, MediaId,
    NotificationId, OutboxId, PasskeyId, PostId, PushId, ReceivedId, ReportId, ScheduledId, SessionId, SnapshotId,
    TokenId,
};
pub use media::{Json, Media, MediaFile, Purpose};
pub use notification::{Notification, NotificationKind};
pub use opening::{EvidenceOpening, EvidenceOpeningState};
pub use order::{Order, OrderKind};
pub use person_name::{PARTICLES, PersonName, TITLES};
pub use poll::{Poll, PollOption};
pub use post::{Markup, Mentioned, Post, PostCard, PostEdit, PostKind, Visibility};
pub use push::{Push, PushSubscription};
pub use ranking::{Ballot, Ranking, RankingCell, RankingColumn};
pub use register::{RegisterEntry, Snapshot, SnapshotState};
pub use relation::{Filter, FilterAction, FilterContext, FilterKeyword, FilterPost, List, ListReplies};
pub use source::{Source, SourceKey, SourceScheme, SourceState};
pub use unnamed::{AskedAs, CaseOpening, OpeningState, Share};
pub use user::{AccessToken, Invitation, Mail, MailPurpose, Passkey, Role, Session, User, UserState};
