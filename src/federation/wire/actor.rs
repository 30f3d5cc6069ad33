//! People, servers and groups as documents.

use serde_json::{Value, json};

use super::{Unusable, group, statement, value};
use crate::{
    model::{Account, AccountKey, AccountKind, GroupSaid, KeyKind},
    service::attestations::Carried,
    text::says_verified,
};

/// What we read of an actor. Texts are as they came: whoever stores them cleans them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// ActivityPub id.
    pub id: String,
    /// Its host.
    pub host: String,
    /// What it is.
    pub kind: AccountKind,
    /// User name.
    pub username: String,
    /// Display name.
    pub name: String,
    /// Biography, HTML.
    pub summary: String,
    /// The page for people.
    pub url: String,
    /// Inbox.
    pub inbox: String,
    /// Inbox of the whole server.
    pub shared_inbox: Option<String>,
    /// Outbox.
    pub outbox: Option<String>,
    /// Followers collection.
    pub followers: Option<String>,
    /// Followers must be approved.
    pub locked: bool,
    /// May be listed.
    pub discoverable: bool,
    /// Labels and values (HTML).
    pub fields: Vec<(String, String)>,
    /// Where its picture is.
    pub avatar: Option<String>,
    /// Where the band on top of its page is.
    pub banner: Option<String>,
    /// Keys: id, kind, PEM or Multikey.
    pub keys: Vec<(String, KeyKind, String)>,
    /// Signed statements about it, as they came.
    pub statements: Vec<Value>,
    /// How a group works; none for all else.
    pub group: Option<GroupSaid>,
    /// The collection of those who lead a group.
    pub moderators: Option<String>,
}

/// Reads an actor. Inboxes, collections and keys count only on the actor's own host.
pub fn read(body: &Value) -> Result<Actor, Unusable> {
    let id = value::text(body, "id").ok_or(Unusable("an actor without id"))?;
    let host = value::host(id).ok_or(Unusable("an actor id that is no address"))?;
    let kind = kind(body).ok_or(Unusable("not an actor"))?;
    let username = value::text(body, "preferredUsername").unwrap_or_default();
    if username.is_empty() || username.len() > 255 || username.contains(['@', '/', ' ', '<', '\n']) {
        return Err(Unusable("an actor without a usable name"));
    }
    let here = |address: Option<&str>| {
        address.filter(|a| value::host(a).as_deref() == Some(host.as_str())).map(ToOwned::to_owned)
    };
    let inbox = here(value::id(body, "inbox")).ok_or(Unusable("an actor without an inbox on its own server"))?;
    let shared = body.get("endpoints").and_then(|e| value::text(e, "sharedInbox"));
    Ok(Actor {
        id: id.to_owned(),
        kind,
        username: username.to_owned(),
        name: value::bounded(value::text(body, "name").unwrap_or_default(), 2_000).to_owned(),
        summary: value::said(body, "summary")
            .map(|(words, _)| value::bounded(words, 40_000).to_owned())
            .unwrap_or_default(),
        url: value::page(body).unwrap_or_else(|| id.to_owned()),
        inbox,
        shared_inbox: here(shared),
        outbox: here(value::id(body, "outbox")),
        followers: here(value::id(body, "followers")),
        locked: value::flag(body, "manuallyApprovesFollowers"),
        discoverable: value::flag(body, "discoverable"),
        fields: fields(body),
        avatar: picture(body, "icon"),
        banner: picture(body, "image"),
        keys: keys(body, kind, id, &host),
        statements: statement::read(body),
        group: (kind == AccountKind::Group).then(|| group::read(body)),
        moderators: here(value::id(body, "attributedTo").or_else(|| value::id(body, "moderators"))),
        host,
    })
}

/// What an actor document is; none for other documents.
pub fn kind(body: &Value) -> Option<AccountKind> {
    value::types(body).into_iter().find_map(|kind| {
        Some(match kind {
            "Person" => AccountKind::Person,
            "Service" => AccountKind::Service,
            "Application" => AccountKind::Application,
            "Group" => AccountKind::Group,
            "Organization" => AccountKind::Organization,
            _ => return None,
        })
    })
}

/// The type of an account on the wire.
pub fn kind_name(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Person => "Person",
        AccountKind::Service => "Service",
        AccountKind::Application => "Application",
        AccountKind::Group => "Group",
        AccountKind::Organization => "Organization",
    }
}

/// The address of the first picture of a member.
fn picture(body: &Value, key: &str) -> Option<String> {
    let first = value::list(body, key).into_iter().next()?;
    let address = first.as_str().and_then(crate::text::sanitize::web_url).or_else(|| value::page(first))?;
    (address.len() <= value::MAX_ID).then_some(address)
}

fn fields(body: &Value) -> Vec<(String, String)> {
    value::list(body, "attachment")
        .into_iter()
        .filter(|a| value::is(a, "PropertyValue"))
        .filter_map(|a| Some((value::text(a, "name")?, value::text(a, "value")?)))
        .filter(|(name, _)| !says_verified(value::bounded(name, 1_000)))
        .map(|(name, said)| (value::bounded(name, 1_000).to_owned(), value::bounded(said, 8_000).to_owned()))
        .take(16)
        .collect()
}

/// Keys count where their id and owner are the actor's (R2), and until they are taken back. The Multikeys of an institution
/// sign statements and nothing that is delivered.
fn keys(body: &Value, kind: AccountKind, actor: &str, actor_host: &str) -> Vec<(String, KeyKind, String)> {
    let rsa = value::list(body, "publicKey").into_iter().filter_map(|key| {
        let owner = value::id(key, "owner")?;
        let pem = value::text(key, "publicKeyPem")?;
        (owner == actor).then_some(())?;
        Some((value::text(key, "id")?, KeyKind::Rsa, pem))
    });
    let multikeys = value::list(body, "assertionMethod").into_iter().filter_map(|key| {
        let controller = value::id(key, "controller")?;
        let revoked = key.get("revoked").is_some_and(|at| !at.is_null());
        let delivers = kind != AccountKind::Organization;
        (delivers && value::is(key, "Multikey") && controller == actor && !revoked).then_some(())?;
        Some((value::text(key, "id")?, KeyKind::Ed25519, value::text(key, "publicKeyMultibase")?))
    });
    rsa.chain(multikeys)
        .filter(|(id, _, _)| value::host(id).as_deref() == Some(actor_host))
        .filter(|(_, _, key)| key.len() <= 8_192)
        .map(|(id, kind, key)| (id.to_owned(), kind, key.to_owned()))
        .take(8)
        .collect()
}

/// Labels under which our own servers hand on what people claim of themselves.
pub const CLAIMS: [&str; 6] = ["Discipline", "Specialty", "Employer", "Place", "Pronouns", INTERESTS];
/// The one of them under which conflicts of interest stand.
pub const INTERESTS: &str = "Conflicts of interest";

/// Writes one of our people, or the institution itself.
pub fn write(account: &Account, keys: &[AccountKey], carried: &Carried, origin: &str, host: &str) -> Value {
    let id = &account.uri;
    // What is verified comes first: some programs show four fields and no more.
    let verified = statement::attachments(carried, origin).into_iter();
    let claims = [
        &account.discipline,
        &account.specialty,
        &account.employer,
        &account.place,
        &account.pronouns,
        &account.interests,
    ];
    let claimed = CLAIMS.into_iter().zip(claims).filter(|(_, said)| !said.is_empty()).map(
        |(label, said)| json!({ "type": "PropertyValue", "name": label, "value": crate::text::sanitize::escape(said) }),
    );
    let own =
        account.fields().into_iter().map(|f| json!({ "type": "PropertyValue", "name": f.name, "value": f.value }));
    let links = account.links().into_iter().map(|l| {
        let href = crate::text::sanitize::escape(&l);
        json!({ "type": "PropertyValue", "name": "Link", "value": format!("<a href=\"{href}\" rel=\"me nofollow noopener noreferrer\">{href}</a>") })
    });
    let mut body = json!({
        "@context": [
            "https://www.w3.org/ns/activitystreams",
            "https://w3id.org/security/v1",
            "https://w3id.org/security/multikey/v1",
            "https://purl.archive.org/socialweb/webfinger",
            {
                "toot": "http://joinmastodon.org/ns#",
                "discoverable": "toot:discoverable",
                "featured": { "@id": "toot:featured", "@type": "@id" },
                "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
                "schema": "http://schema.org#",
                "PropertyValue": "schema:PropertyValue",
                "value": "schema:value"
            }
        ],
        "id": id,
        "type": kind_name(account.kind),
        "preferredUsername": account.username,
        "webfinger": format!("{}@{host}", account.username),
        "name": account.name,
        "summary": account.bio_html,
        "url": account.url,
        "published": account.created_at.format("%Y-%m-%dT00:00:00Z").to_string(),
        "updated": stamp(account.updated_at),
        "inbox": account.inbox,
        "outbox": account.outbox,
        "followers": account.followers_uri,
        "following": format!("{id}/following"),
        "featured": format!("{id}/featured"),
        "endpoints": { "sharedInbox": account.shared_inbox },
        "manuallyApprovesFollowers": account.locked,
        "discoverable": account.discoverable,
        "attachment": verified.chain(claimed).chain(own).chain(links).collect::<Vec<_>>(),
        "generator": generator(origin),
    });
    for (key, name) in [("icon", &account.avatar), ("image", &account.banner)] {
        if let (false, Some(body)) = (name.is_empty(), body.as_object_mut()) {
            body.insert(key.into(), json!({ "type": "Image", "url": format!("{origin}/media/{name}") }));
        }
    }
    add_keys(&mut body, id, keys);
    add_carried(&mut body, account, carried);
    body
}

/// Where a group gives tokens to the servers of its members (FEP-db0e).
pub fn add_tokens(body: &mut Value) {
    let address = value::text(body, "id").map(|id| format!("{id}/actor_token"));
    if let Some(endpoints) = body.get_mut("endpoints").and_then(Value::as_object_mut) {
        endpoints.insert("actorToken".into(), address.into());
    }
    if let Some(context) = body.get_mut("@context").and_then(Value::as_array_mut) {
        let term = json!({ "@id": "sm:actorToken", "@type": "@id" });
        context.push(json!({ "sm": "http://smithereen.software/ns#", "actorToken": term }));
    }
}

/// Where another server's group gives them: on its own server.
pub fn token_endpoint(body: &Value) -> Option<&str> {
    let host = value::host(value::text(body, "id")?)?;
    let endpoints = body.get("endpoints")?;
    let named = ["actorToken", "sm:actorToken"].into_iter().find_map(|key| value::id(endpoints, key));
    named.filter(|address| value::host(address).as_ref() == Some(&host))
}

/// What it takes to check what the institution has signed. Its own document is all there is to its Ed25519 keys.
fn add_carried(body: &mut Value, account: &Account, carried: &Carried) {
    let is_institution = account.kind == AccountKind::Organization;
    let Some(members) = body.as_object_mut() else { return };
    if is_institution {
        statement::add_keys(members, account, &carried.keys);
    }
    if (is_institution || !carried.statements.is_empty())
        && let Some(context) = members.get_mut("@context").and_then(Value::as_array_mut)
    {
        context.push(statement::context(&carried.terms));
    }
}

/// What an unsigned request gets of one of our people: enough to check a signature and to knock.
pub fn write_stub(account: &Account, keys: &[AccountKey]) -> Value {
    let mut body = json!({
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1", "https://w3id.org/security/multikey/v1"],
        "id": account.uri,
        "type": kind_name(account.kind),
        "preferredUsername": account.username,
        "inbox": account.inbox,
        "endpoints": { "sharedInbox": account.shared_inbox },
    });
    add_keys(&mut body, &account.uri, keys);
    body
}

/// Writes the actor of the instance itself.
pub fn write_instance(account: &Account, keys: &[AccountKey], origin: &str, name: &str) -> Value {
    let mut body = json!({
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1", "https://w3id.org/security/multikey/v1"],
        "id": account.uri,
        "type": "Application",
        "preferredUsername": account.username,
        "name": name,
        "url": account.url,
        "inbox": format!("{}/inbox", account.uri),
        "outbox": format!("{}/outbox", account.uri),
        "endpoints": { "sharedInbox": account.shared_inbox },
        "manuallyApprovesFollowers": true,
        "implements": implements(),
    });
    add_keys(&mut body, &account.uri, keys);
    if let Some(body) = body.as_object_mut() {
        body.insert("generator".into(), generator(origin));
    }
    body
}

fn generator(origin: &str) -> Value {
    json!({ "type": "Application", "id": format!("{origin}/actor"), "implements": implements() })
}

fn implements() -> Value {
    json!([{ "href": "https://datatracker.ietf.org/doc/html/rfc9421", "name": "RFC-9421: HTTP Message Signatures" }])
}

fn add_keys(body: &mut Value, owner: &str, keys: &[AccountKey]) {
    let Some(body) = body.as_object_mut() else { return };
    if let Some(key) = keys.iter().find(|k| k.kind == KeyKind::Rsa) {
        body.insert("publicKey".into(), json!({ "id": key.uri, "owner": owner, "publicKeyPem": key.public_key }));
    }
    if let Some(key) = keys.iter().find(|k| k.kind == KeyKind::Ed25519) {
        let multikey =
            json!([{ "id": key.uri, "type": "Multikey", "controller": owner, "publicKeyMultibase": key.public_key }]);
        body.insert("assertionMethod".into(), multikey);
    }
}

/// A point in time as we write it: UTC, milliseconds.
pub fn stamp(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(kind: &str) -> Value {
        let id = "https://college.example/org";
        json!({
            "id": id, "type": kind, "preferredUsername": "org", "inbox": format!("{id}/inbox"),
            "publicKey": { "id": format!("{id}#main-key"), "owner": id, "publicKeyPem": "PEM" },
            "assertionMethod": [
                { "id": format!("{id}#key-1"), "type": "Multikey", "controller": id, "publicKeyMultibase": "z6Mk" },
            ],
        })
    }

    #[test]
    fn what_an_institution_signs_statements_with_signs_nothing_that_is_delivered() {
        let kinds = |kind: &str| read(&document(kind)).unwrap().keys.into_iter().map(|key| key.1).collect::<Vec<_>>();
        assert_eq!(kinds("Organization"), [KeyKind::Rsa]);
        assert_eq!(kinds("Person"), [KeyKind::Rsa, KeyKind::Ed25519]);
    }

    #[test]
    fn a_group_names_where_it_gives_tokens_and_only_on_its_own_server() {
        let mut group = document("Group");
        assert_eq!(token_endpoint(&group), None);
        group["endpoints"] = json!({ "sharedInbox": "https://college.example/inbox" });
        add_tokens(&mut group);
        assert_eq!(token_endpoint(&group), Some("https://college.example/org/actor_token"));
        group["endpoints"] = json!({ "sm:actorToken": "https://college.example/token" });
        assert_eq!(token_endpoint(&group), Some("https://college.example/token"));
        group["endpoints"] = json!({ "actorToken": "https://eve.example/token" });
        assert_eq!(token_endpoint(&group), None);
    }

    #[test]
    fn nobody_is_listed_who_has_not_said_so() {
        let mut person = document("Person");
        assert!(!read(&person).unwrap().discoverable);
        person["discoverable"] = true.into();
        assert!(read(&person).unwrap().discoverable);
    }
}
