//! The nouns: rows of the database, their ids, and the states they go through.
//! Nothing here awaits, decides who may do what, or knows of HTTP.

mod account;
mod app;
mod delivery;
mod follow;
mod host;
mod id;
mod notification;
mod post;
mod text_enum;
mod user;

pub use account::{Account, AccountKey, AccountKind, AccountState, Author, Field, KeyKind};
pub use app::{App, OAuthCode};
pub use delivery::{DeadLetter, Delivery, Direction, Event, OutboxRow, Received};
pub use follow::{Follow, FollowState};
pub use host::{Host, HostState, SignatureDialect};
pub use id::{
    AccountId, AppId, DeadLetterId, DeliveryId, FollowId, HostId, InvitationId, MailId, NotificationId, OutboxId,
    PostId, ReceivedId, SessionId, TokenId,
};
pub use notification::{Notification, NotificationKind};
pub use post::{Markup, Post, PostCard, PostEdit, PostKind, Visibility};
pub use user::{AccessToken, Invitation, Mail, MailPurpose, Role, Session, User, UserState};
