use serde_json::{Value, json};

use crate::{
    model::{Account, AccountKind, User, Visibility},
    service::{Ctx, follows::Relation},
    text::sanitize,
};

/// `Account`.
pub(in crate::api) fn account(ctx: &Ctx, account: &Account) -> Value {
    let origin = ctx.config.instance.origin();
    let picture = |name: &str| format!("{origin}/pictures/{name}.png");
    let (avatar, header) = (picture("avatar"), picture("header"));
    let url = sanitize::web_url(&account.url).unwrap_or_else(|| account.uri.clone());
    json!({
        "id": account.id.to_string(),
        "username": account.username,
        "acct": account.handle(),
        "url": url,
        "uri": account.uri,
        "display_name": account.name,
        "note": account.bio_html,
        "avatar": avatar,
        "avatar_static": avatar,
        "avatar_description": "",
        "header": header,
        "header_static": header,
        "header_description": "",
        "locked": account.locked,
        "fields": fields(account),
        "emojis": [],
        "bot": matches!(account.kind, AccountKind::Service | AccountKind::Application),
        "group": account.kind == AccountKind::Group,
        "discoverable": account.discoverable,
        "indexable": account.discoverable,
        "noindex": !account.discoverable,
        "created_at": account.created_at.format("%Y-%m-%dT00:00:00.000Z").to_string(),
        "last_status_at": null,
        "statuses_count": account.posts_count,
        "followers_count": account.followers_count,
        "following_count": account.following_count,
        "hide_collections": !account.discoverable,
        "roles": [],
    })
}

/// What people claim of themselves comes under its labels, then their own fields.
fn fields(account: &Account) -> Vec<Value> {
    let claims = [
        ("Discipline", &account.discipline),
        ("Specialty", &account.specialty),
        ("Employer", &account.employer),
        ("Pronouns", &account.pronouns),
    ];
    let claimed = claims
        .into_iter()
        .filter(|(_, said)| !said.is_empty())
        .map(|(label, said)| json!({ "name": label, "value": sanitize::escape(said), "verified_at": null }));
    let own = account.fields().into_iter().map(|f| json!({ "name": f.name, "value": f.value, "verified_at": null }));
    claimed.chain(own).collect()
}

/// `CredentialAccount`: one's own, with what it was typed as.
pub(in crate::api) fn credential_account(ctx: &Ctx, own: &Account, user: &User, requests: i64) -> Value {
    let mut body = account(ctx, own);
    let typed: Vec<Value> =
        own.fields().into_iter().map(|f| json!({ "name": f.name, "value": f.source, "verified_at": null })).collect();
    if let Some(body) = body.as_object_mut() {
        body.insert(
            "source".into(),
            json!({
                "attribution_domains": [],
                "note": own.bio_source,
                "fields": typed,
                "privacy": visibility(user.default_visibility),
                "sensitive": false,
                "language": user.language,
                "follow_requests_count": requests,
                "hide_collections": !own.discoverable,
                "discoverable": own.discoverable,
                "indexable": own.discoverable,
                "quote_policy": "nobody",
            }),
        );
        body.insert(
            "role".into(),
            json!({ "id": user.role.as_str(), "name": user.role.as_str(), "color": "", "permissions": "0", "highlighted": false }),
        );
    }
    body
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

/// `Relationship`.
pub(in crate::api) fn relationship(relation: &Relation) -> Value {
    json!({
        "id": relation.with.to_string(),
        "following": relation.following,
        "showing_reblogs": relation.following,
        "notifying": false,
        "languages": null,
        "followed_by": relation.followed_by,
        "blocking": false,
        "blocked_by": false,
        "muting": false,
        "muting_notifications": false,
        "requested": relation.requested,
        "requested_by": relation.requested_by,
        "domain_blocking": false,
        "endorsed": false,
        "note": "",
    })
}
