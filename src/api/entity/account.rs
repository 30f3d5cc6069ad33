use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{CustomEmoji, stamp};
use crate::{
    model::{self, AccountKind, User, Visibility},
    policy::badges,
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
    /// What the contract has no words for.
    consilium: Beyond,
}

/// What is told of somebody beyond Mastodon's contract.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Beyond {
    /// What is verified of them now; null for nothing.
    badge: Option<VerifiedBadge>,
}

/// What this hospital, or one that it trusts, has verified of somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct VerifiedBadge {
    /// Such as "Doctor · Cardiology".
    title: String,
    /// Such as `medicine`.
    discipline: String,
    /// In words; empty for none.
    specialty: String,
    /// Name of the institution that states it.
    issuer: String,
    /// The register or body that it was checked against, in words.
    register: String,
    /// ISO 3166.
    jurisdiction: String,
    /// The day of the check.
    checked_on: Option<String>,
    valid_until: String,
    /// When the other institution last confirmed it; null where it is this hospital's own word.
    confirmed_at: Option<String>,
    /// False where another institution could not be asked for a day.
    confirmed: bool,
    /// The page with the facts.
    url: String,
}

/// What is verified of somebody now.
pub(in crate::api) fn badge(ctx: &Ctx, account: &model::Account) -> Option<VerifiedBadge> {
    let now = ctx.now();
    let badge = account.badge(now)?;
    Some(VerifiedBadge {
        title: badges::title(badge),
        discipline: badge.discipline.clone(),
        specialty: badge.specialty.clone(),
        issuer: badge.issuer.clone(),
        register: badge.register.clone(),
        jurisdiction: badge.jurisdiction.clone(),
        checked_on: badge.checked_on.map(|day| day.to_string()),
        valid_until: stamp(badge.until),
        confirmed_at: badge.confirmed_at.map(stamp),
        confirmed: badges::unconfirmed_since(badge, now).is_none(),
        url: page(ctx, badge),
    })
}

/// The page about a badge.
fn page(ctx: &Ctx, badge: &model::Badge) -> String {
    urls::verify(&ctx.config.instance.origin(), &badge.token)
}

/// A line of a profile.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::api) struct Field {
    name: String,
    /// HTML; in `source` as it was typed.
    value: String,
    /// The day of the check, where it says what is verified.
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
        fields: fields(ctx, account),
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
        consilium: Beyond { badge: badge(ctx, account) },
    }
}

fn field(name: &str, value: String) -> Field {
    Field { name: name.to_owned(), value, verified_at: None }
}

/// What is verified comes first, then what people claim of themselves under its labels, then their own fields.
fn fields(ctx: &Ctx, account: &model::Account) -> Vec<Field> {
    let verified = account.badge(ctx.now()).map(|badge| verified(&page(ctx, badge), badge));
    let claimed = account.claims().into_iter().map(|(label, said)| field(label, sanitize::escape(said)));
    let own = account.fields().into_iter().map(|f| field(&f.name, f.value));
    verified.into_iter().chain(claimed).chain(own).collect()
}

fn verified(page: &str, badge: &model::Badge) -> Field {
    let against = badges::against(badge);
    let checked = if against.is_empty() { "" } else { ", checked" };
    let words = format!("{}{checked}{}", badges::title(badge), against.trim_start_matches(','));
    let day = |day: NaiveDate| day.format("%Y-%m-%dT00:00:00.000Z").to_string();
    Field {
        name: format!("Verified by {}", badge.issuer),
        value: format!(
            "<a href=\"{}\" rel=\"me nofollow noopener noreferrer\">{}</a>",
            sanitize::escape(page),
            sanitize::escape(&words)
        ),
        verified_at: badge.checked_on.map(day),
    }
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
        // Apps know no groups: what is for one is passed on as little as what is for followers.
        Visibility::Followers | Visibility::Group => "private",
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
        muting_expires_at: relation.mute_ends_at.map(stamp),
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
