//! Founding a group, and changing how it works.

use super::{Led, posts::tell, proven};
use crate::{
    error::{Error, FieldError, Result},
    model::{
        AccountId, AccountKind, AccountState, Admission, Event, Group, GroupDeed, GroupKind, GroupRole, Premoderation,
        Review, Role,
    },
    policy::{Viewer, demands, disciplines::Discipline, groups as policy, moderation},
    service::{Ctx, keys, posts, urls},
    store::{self, accounts::NewLocal},
    text::{self, handle, sanitize},
};

/// What a group is to be like, as it was typed.
#[derive(Debug, Clone)]
pub struct GroupForm {
    /// What it is called.
    pub name: String,
    /// What it is about, in Markdown.
    pub about: String,
    /// Its rules, in Markdown.
    pub rules: String,
    /// What a new member reads, in Markdown.
    pub welcome: String,
    /// What posts can be about, one a line.
    pub topics: String,
    /// How somebody becomes a member.
    pub admission: Admission,
    /// What a moderator looks at first.
    pub premoderation: Premoderation,
    /// When a second member looks at a case first.
    pub review: Review,
    /// Least level that is proven of its members.
    pub level: i16,
    /// Disciplines of its members.
    pub disciplines: Vec<String>,
    /// Specialties of its members (codes).
    pub specialties: Vec<String>,
    /// Hosts of the institutions of its members, one a line.
    pub issuers: String,
}

/// Lines of a text that hold anything, each once.
fn lines(text: &str) -> Vec<String> {
    let mut known = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let line = sanitize::line(line, policy::MAX_LINE);
        if !known.contains(&line) {
            known.push(line);
        }
    }
    known
}

impl GroupForm {
    /// What is wrong with it; else its name, and how the group works.
    fn read(&self, id: AccountId, kind: GroupKind, now: chrono::DateTime<chrono::Utc>) -> Result<(String, Group)> {
        let mut wrong = Vec::new();
        let mut fault = |field, message: String| wrong.push(FieldError { field, message });
        let name = sanitize::name(&self.name, policy::MAX_NAME);
        if name.is_empty() {
            fault("name", "Give the group a name.".into());
        }
        for (field, text) in [("about", &self.about), ("rules", &self.rules), ("welcome", &self.welcome)] {
            if text.chars().count() > policy::MAX_TEXT {
                fault(field, format!("This may have {} characters.", policy::MAX_TEXT));
            }
        }
        let topics = lines(&self.topics);
        if topics.len() > policy::MAX_TOPICS {
            fault("topics", format!("A group has at most {} topics.", policy::MAX_TOPICS));
        }
        if kind == GroupKind::Open && self.admission == Admission::Invitation {
            fault("admission", "Everybody reads an open group, so nobody needs an invitation to follow it.".into());
        }
        if !(0..=4).contains(&self.level) {
            fault("level", "Choose a level from the list.".into());
        }
        if let Some(key) = self.disciplines.iter().find(|key| Discipline::find(key).is_none()) {
            fault("disciplines", format!("There is no discipline “{key}”. Choose from the list."));
        }
        let mut issuers = Vec::new();
        for host in lines(&self.issuers) {
            match handle::normal_host(&host) {
                Some(host) => issuers.push(host),
                None => fault("issuers", format!("“{host}” is no server. Write names such as hospital.example.")),
            }
        }
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        let group = Group {
            account_id: id,
            kind,
            admission: self.admission,
            premoderation: self.premoderation,
            topics,
            rules: self.rules.trim().to_owned(),
            welcome: self.welcome.trim().to_owned(),
            level: self.level,
            disciplines: self.disciplines.clone(),
            specialties: self.specialties.clone(),
            issuers,
            archived_at: None,
            created_at: now,
            review: self.review,
        };
        Ok((name, group))
    }
}

/// Nobody asks of others what is not proven of themselves: they would be no member, or could not post.
async fn require_met(ctx: &Ctx, group: &Group, who: AccountId) -> Result<()> {
    let proven = proven(ctx, &mut *ctx.pool.read().await?, group, who).await?;
    if !demands::meets(&policy::demand(group), &proven) {
        let words = "You do not meet this yourself, and would be no member: ask for less, or have it attested first.";
        return Err(Error::invalid("level", words));
    }
    if demands::meets(&policy::posting_demand(group), &proven) {
        return Ok(());
    }
    let words = "Only verified clinicians post in a group for clinicians. Have a credential of yours attested first.";
    Err(Error::invalid("level", words))
}

/// Founds a group; whoever does owns it, and is its first member. Returns its id.
pub async fn found(ctx: &Ctx, viewer: &Viewer, username: &str, kind: GroupKind, form: &GroupForm) -> Result<AccountId> {
    let me = moderation::require_account(viewer)?;
    if viewer.role() == Some(Role::Public) {
        return Err(Error::Forbidden("Groups are founded by clinicians."));
    }
    let username = username.trim().to_lowercase();
    handle::check_username(&username, &ctx.config.verification.organization)
        .map_err(|message| Error::invalid("username", message))?;
    let (name, group) = form.read(me, kind, ctx.now())?;
    let about = posts::render(ctx, form.about.trim(), crate::model::Markup::Markdown).await?;
    let uri = urls::account(ctx, &username);
    let keys = keys::make(ctx, &uri, "").await?;
    require_met(ctx, &group, me).await?;
    let mut tx = ctx.tx().await?;
    let made = store::accounts::insert_local(
        &mut tx,
        NewLocal {
            username: username.clone(),
            name_skeleton: text::skeleton(&name),
            name,
            kind: AccountKind::Group,
            state: AccountState::Active,
            discoverable: kind == GroupKind::Open,
            url: urls::group(ctx, &username),
            uri,
            shared_inbox: urls::shared_inbox(ctx),
            keys,
        },
    )
    .await;
    let id = match made {
        Ok(id) => id,
        Err(error) => {
            tx.roll_back().await?;
            return Err(match error {
                Error::Conflict(_) => {
                    Error::invalid("username", "Somebody, or another group, has this name. Please choose another.")
                }
                other => other,
            });
        }
    };
    let group = Group { account_id: id, ..group };
    store::groups::set_about(&mut tx, id, form.about.trim(), &about.html, is_locked(&group)).await?;
    store::groups::insert(&mut tx, &group).await?;
    let founder = store::accounts::get(&mut tx, me).await?;
    let follow = urls::fresh(ctx, &founder.username, "follows");
    store::follows::insert(&mut tx, me, id, crate::model::FollowState::Accepted, &follow).await?;
    store::groups::set_role(&mut tx, id, me, Some(GroupRole::Owner)).await?;
    store::groups::log(&mut tx, id, Some(me), GroupDeed::Found, None, "").await?;
    tx.commit().await?;
    tracing::info!(group = %id, account = %me, %kind, "a group was founded");
    Ok(id)
}

/// Whether whoever asks to join has to wait, as other servers are told.
fn is_locked(group: &Group) -> bool {
    group.admission != Admission::Free || group.kind.is_for_members()
}

/// Changes what a group is called, what it is about and how it works. Who it is for never changes: what was written for
/// members stays for members.
pub async fn change(ctx: &Ctx, viewer: &Viewer, id: AccountId, form: &GroupForm) -> Result<()> {
    let about = posts::render(ctx, form.about.trim(), crate::model::Markup::Markdown).await?;
    let mut tx = ctx.tx().await?;
    let led = Led::lock(ctx, &mut tx, viewer, id).await?;
    let (name, group) = form.read(id, led.group.kind, led.group.created_at)?;
    let group = Group { archived_at: led.group.archived_at, ..group };
    require_met(ctx, &group, led.me).await?;
    store::groups::update(&mut tx, &group).await?;
    store::groups::rename(&mut tx, id, &name, &text::skeleton(&name), ctx.now()).await?;
    store::groups::set_about(&mut tx, id, form.about.trim(), &about.html, is_locked(&group)).await?;
    store::groups::log(&mut tx, id, Some(led.me), GroupDeed::Change, None, "").await?;
    tell(&mut tx, id, id, &Event::Profile).await?;
    tx.commit().await
}
