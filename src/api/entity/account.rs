use serde::Serialize;
use utoipa::ToSchema;

use super::CustomEmoji;
use crate::{
    model::{self, AccountKind, User, Visibility},
    service::{Ctx, follows::Relation, media::Size, urls},
    text::sanitize,
};

/// Somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Account {
    id: String,
    username: String,
    /// `ada`, or `ada@other.example` for people of other servers.
    acct: String,
    /// The page for people.
    url: String,
    /// ActivityPub id.
    uri: String,
    display_name: String,
    /// HTML.
    note: String,
    avatar: String,
    avatar_static: String,
    avatar_description: String,
    header: String,
    header_static: String,
    header_description: String,
    locked: bool,
    fields: Vec<Field>,
    emojis: Vec<CustomEmoji>,
    bot: bool,
    group: bool,
    discoverable: bool,
    indexable: bool,
    noindex: bool,
    created_at: String,
    last_status_at: Option<String>,
    statuses_count: i64,
    followers_count: i64,
    following_count: i64,
    hide_collections: bool,
    roles: Vec<Role>,
}

/// A line of a profile.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Field {
    name: String,
    /// HTML; in `source` as it was typed.
    value: String,
    verified_at: Option<String>,
}

/// What somebody may do here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Role {
    id: String,
    name: String,
    color: String,
    permissions: String,
    highlighted: bool,
}

/// `Account`.
pub(in crate::api) fn account(ctx: &Ctx, account: &model::Account) -> Account {
    let origin = ctx.config.instance.origin();
    let picture = |name: &str, size, fallback: &str| {
        if name.is_empty() { format!("{origin}/pictures/{fallback}.png") } else { urls::media(ctx, name, size) }
    };
    let avatar = picture(&account.avatar, Size::Small, "avatar");
    let header = picture(&account.banner, Size::Full, "header");
    Account {
        id: account.id.to_string(),
        username: account.username.clone(),
        acct: account.handle(),
        url: sanitize::web_url(&account.url).unwrap_or_else(|| account.uri.clone()),
        uri: account.uri.clone(),
        display_name: account.name.clone(),
        note: account.bio_html.clone(),
        avatar: avatar.clone(),
        avatar_static: avatar,
        avatar_description: String::new(),
        header: header.clone(),
        header_static: header,
        header_description: String::new(),
        locked: account.locked,
        fields: fields(account),
        emojis: Vec::new(),
        bot: matches!(account.kind, AccountKind::Service | AccountKind::Application),
        group: account.kind == AccountKind::Group,
        discoverable: account.discoverable,
        indexable: account.discoverable,
        noindex: !account.discoverable,
        created_at: account.created_at.format("%Y-%m-%dT00:00:00.000Z").to_string(),
        last_status_at: None,
        statuses_count: account.posts_count,
        followers_count: account.followers_count,
        following_count: account.following_count,
        hide_collections: !account.discoverable,
        roles: Vec::new(),
    }
}

fn field(name: &str, value: String) -> Field {
    Field { name: name.to_owned(), value, verified_at: None }
}

/// What people claim of themselves comes under its labels, then their own fields.
fn fields(account: &model::Account) -> Vec<Field> {
    let claimed = account.claims().into_iter().map(|(label, said)| field(label, sanitize::escape(said)));
    claimed.chain(account.fields().into_iter().map(|f| field(&f.name, f.value))).collect()
}

/// One's own account, with what it was typed as.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct CredentialAccount {
    #[serde(flatten)]
    account: Account,
    source: Source,
    role: Role,
}

/// A profile as it was typed, and what one's posts begin with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Source {
    attribution_domains: Vec<String>,
    note: String,
    fields: Vec<Field>,
    privacy: &'static str,
    sensitive: bool,
    language: String,
    follow_requests_count: i64,
    hide_collections: bool,
    discoverable: bool,
    indexable: bool,
    quote_policy: &'static str,
}

/// `CredentialAccount`.
pub(in crate::api) fn credential_account(
    ctx: &Ctx,
    own: &model::Account,
    user: &User,
    requests: i64,
) -> CredentialAccount {
    let role = user.role.as_str().to_owned();
    CredentialAccount {
        account: account(ctx, own),
        source: Source {
            attribution_domains: Vec::new(),
            note: own.bio_source.clone(),
            fields: own.fields().into_iter().map(|f| field(&f.name, f.source)).collect(),
            privacy: visibility(user.default_visibility),
            sensitive: false,
            language: user.language.clone(),
            follow_requests_count: requests,
            hide_collections: !own.discoverable,
            discoverable: own.discoverable,
            indexable: own.discoverable,
            quote_policy: "nobody",
        },
        role: Role { id: role.clone(), name: role, color: String::new(), permissions: "0".into(), highlighted: false },
    }
}

/// The contract's word for an audience.
pub(in crate::api) fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Unlisted => "unlisted",
        Visibility::Followers => "private",
        Visibility::Direct => "direct",
    }
}

/// How one stands to somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Relationship {
    id: String,
    following: bool,
    showing_reblogs: bool,
    notifying: bool,
    languages: Option<Vec<String>>,
    followed_by: bool,
    blocking: bool,
    blocked_by: bool,
    muting: bool,
    muting_notifications: bool,
    muting_expires_at: Option<String>,
    requested: bool,
    requested_by: bool,
    domain_blocking: bool,
    endorsed: bool,
    note: String,
}

/// `Relationship`.
pub(in crate::api) fn relationship(relation: &Relation) -> Relationship {
    Relationship {
        id: relation.with.to_string(),
        following: relation.following,
        showing_reblogs: relation.following && relation.boosts,
        notifying: relation.notify,
        languages: None,
        followed_by: relation.followed_by,
        blocking: relation.blocking,
        blocked_by: relation.blocked_by,
        muting: relation.muting,
        muting_notifications: relation.muting_notifications,
        muting_expires_at: relation.mute_ends_at.map(super::stamp),
        requested: relation.requested,
        requested_by: relation.requested_by,
        domain_blocking: relation.host_blocked,
        endorsed: false,
        note: relation.note.clone(),
    }
}

/// `Account` for each.
pub(in crate::api) fn accounts(ctx: &Ctx, people: &[model::Account]) -> Vec<Account> {
    people.iter().map(|one| account(ctx, one)).collect()
}

/// Somebody muted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct MutedAccount {
    #[serde(flatten)]
    pub(in crate::api) account: Account,
    /// When the mute ends; null where it does not.
    pub(in crate::api) mute_expires_at: Option<String>,
}
