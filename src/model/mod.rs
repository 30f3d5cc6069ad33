//! The nouns: rows of the database, their ids, and the states they go through.
//! Nothing here awaits, decides who may do what, or knows of HTTP.

mod account;
mod delivery;
mod follow;
mod host;
mod id;
mod notification;
mod post;
mod text_enum;
mod user;

pub use account::{Account, AccountKey, AccountKind, AccountState, Author, Field, KeyKind};
pub use delivery::{DeadLetter, Delivery, Direction, Event, OutboxRow, Received};
pub use follow::{Follow, FollowState};
pub use host::{Host, HostState, SignatureDialect};
pub use id::{
    AccountId, DeadLetterId, DeliveryId, FollowId, HostId, InvitationId, MailId, NotificationId, OutboxId, PostId,
    ReceivedId, SessionId, TokenId,
};
pub use notification::{Notification, NotificationKind};
pub use post::{Post, PostCard, PostEdit, PostKind, Visibility};
pub use user::{AccessToken, Invitation, Mail, MailPurpose, Role, Session, User, UserState};
