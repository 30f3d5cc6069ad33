use activitypub_federation::{
    config::Data,
    fetch::fetch_object_http,
    traits::{Actor, Object},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use crate::{
    error::{Error, Result},
    federation::{
        Fed,
        wire::{
            self,
            actor::{CLAIMS, INTERESTS},
        },
    },
    model::{Account, AccountKind, AccountState, Field},
    policy,
    service::{
        attestations::{self, peers},
        groups, hosts, keys,
        remote::{self, NewKey, RemoteAccount},
        urls,
    },
    text::{handle, sanitize},
};

/// Somebody of another server (or of ours, found by their id).
#[derive(Debug, Clone)]
pub struct RemoteActor(pub Account, Url);

impl RemoteActor {
    /// From a row.
    pub fn new(account: Account) -> Result<Self> {
        let id = Url::parse(&account.uri).map_err(|e| Error::Internal(e.into()))?;
        Ok(Self(account, id))
    }

    /// The document of a group with what it tells to the servers of its members.
    pub async fn for_members(self, data: &Data<Fed>) -> Result<Value> {
        let id = self.0.id;
        let mut body = self.into_json(data).await?;
        if let Some((_, group)) = groups::by_id(&data.ctx, id).await? {
            wire::group::add_inside(&mut body, &group);
        }
        Ok(body)
    }
}

#[async_trait]
impl Object for RemoteActor {
    type DataType = Fed;
    type Kind = Value;
    type Error = Error;

    fn id(&self) -> &Url {
        &self.1
    }

    fn last_refreshed_at(&self) -> Option<DateTime<Utc>> {
        Some(self.0.refreshed_at)
    }

    async fn read_from_id(id: Url, data: &Data<Fed>) -> Result<Option<Self>> {
        match remote::account_by_uri(&data.ctx, id.as_str()).await? {
            Some(account) if account.state == AccountState::Active => Self::new(account).map(Some),
            Some(_) => Err(Error::Gone),
            None => Ok(None),
        }
    }

    async fn delete(&self, data: &Data<Fed>) -> Result<()> {
        remote::mark_gone(&data.ctx, &self.0).await
    }

    fn is_deleted(&self) -> bool {
        self.0.state == AccountState::Gone
    }

    async fn into_json(self, data: &Data<Fed>) -> Result<Value> {
        let keys = keys::public(&data.ctx, self.0.id).await?;
        let carried = attestations::carried(&data.ctx, &self.0).await?;
        let instance = &data.ctx.config.instance;
        let mut body = wire::actor::write(&self.0, &keys, &carried, &instance.origin(), &instance.host());
        if let Some((_, group)) = groups::by_uri(&data.ctx, &self.0.uri).await? {
            wire::group::add(&mut body, &group, &urls::practitioner_terms(&data.ctx));
            if policy::groups::gives_tokens(group.kind) {
                wire::actor::add_tokens(&mut body);
            }
        }
        Ok(body)
    }

    async fn verify(json: &Value, expected: &Url, _: &Data<Fed>) -> Result<()> {
        let host = wire::value::text(json, "id").and_then(|i| Url::parse(i).ok()).and_then(|u| handle::host_of(&u));
        if host.is_some() && host == handle::host_of(expected) {
            Ok(())
        } else {
            Err(Error::refused(handle::host_of(expected).unwrap_or_default(), "the document has another origin"))
        }
    }

    async fn from_json(mut json: Value, data: &Data<Fed>) -> Result<Self> {
        wire::value::without_nul(&mut json);
        let mut actor = wire::actor::read(&json).map_err(|e| Error::refused("", e.0))?;
        let host = hosts::known(&data.ctx, &actor.host).await?;
        for (key_id, ..) in &actor.keys {
            data.keys.forget(key_id);
        }
        let (kind, group, statements) = (actor.kind, actor.group.take(), std::mem::take(&mut actor.statements));
        let moderators = actor.moderators.take();
        let account = remote::store_account(&data.ctx, to_remote_account(actor, host.id)).await?;
        peers::received(&data.ctx, account.id, statements).await?;
        if let Some(group) = group {
            groups::learned(&data.ctx, &account, group).await?;
            if let Err(error) = learn_moderators(data, &account, moderators).await {
                tracing::debug!(%error, "a group does not say who leads it");
            }
        }
        if kind == AccountKind::Organization {
            peers::issuer_changed(&data.ctx, &account.uri).await?;
        }
        Self::new(account)
    }
}

/// Most people who are read of those who lead a group.
const MODERATORS: usize = 100;

/// Asks a group of another server who leads it.
async fn learn_moderators(data: &Data<Fed>, group: &Account, collection: Option<String>) -> Result<()> {
    let Some(url) = collection.and_then(|address| Url::parse(&address).ok()) else { return Ok(()) };
    let fetched = fetch_object_http::<_, Value>(&url, data).await?;
    groups::led_by(&data.ctx, group, wire::collection::item_ids(&fetched.object, MODERATORS)).await
}

/// Cleans what another server says of somebody. Claims come under labels of their own; nothing of it is believed.
fn to_remote_account(actor: wire::actor::Actor, host_id: crate::model::HostId) -> RemoteAccount {
    let claim = |label: &str, max: usize| {
        let said = actor.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(label));
        said.map(|(_, value)| sanitize::name(&sanitize::plain(value), max)).unwrap_or_default()
    };
    let (discipline, employer) = (claim("Discipline", 80), claim("Employer", 120));
    let fields: Vec<Field> = actor
        .fields
        .iter()
        .filter(|(name, _)| !CLAIMS.iter().any(|c| c.eq_ignore_ascii_case(name)))
        .map(|(name, value)| Field {
            name: sanitize::name(name, 100),
            source: String::new(),
            value: sanitize::html(value),
        })
        .collect();
    let said = sanitize::plain(&actor.name);
    let name = sanitize::name(&said, 200);
    RemoteAccount {
        host_id,
        name_marked: sanitize::wears_badge(&said),
        name_skeleton: crate::text::skeleton(&name),
        name,
        username: actor.username,
        kind: actor.kind,
        url: actor.url,
        bio_html: sanitize::html(&actor.summary.chars().take(20_000).collect::<String>()),
        fields: serde_json::to_value(fields).unwrap_or_else(|_| Value::Array(Vec::new())),
        discipline,
        specialty: claim("Specialty", 80),
        employer,
        pronouns: claim("Pronouns", 40),
        place: claim("Place", 80),
        interests: claim(INTERESTS, policy::posting::MAX_INTERESTS),
        locked: actor.locked,
        discoverable: actor.discoverable,
        inbox: actor.inbox,
        shared_inbox: actor.shared_inbox,
        outbox: actor.outbox,
        followers_uri: actor.followers,
        avatar: actor.avatar,
        banner: actor.banner,
        keys: actor
            .keys
            .into_iter()
            .map(|(uri, kind, public_key)| NewKey { uri, kind, public_key, private_sealed: None })
            .collect(),
        uri: actor.id,
        host: actor.host,
    }
}

impl Actor for RemoteActor {
    fn public_key_pem(&self) -> &'static str {
        // Keys are kept in rows of their own and used by our own signature layer alone.
        ""
    }

    fn private_key_pem(&self) -> Option<String> {
        None
    }

    fn inbox(&self) -> Url {
        Url::parse(&self.0.inbox).unwrap_or_else(|_| self.1.clone())
    }
}
