//! Profiles: what people say of themselves. Nothing in here is verified.

use super::{Ctx, credentials, groups, likeness, urls};
use crate::{
    error::{Error, FieldError, Result},
    model::{Account, AccountId, AccountState, CredentialState, Event, Field},
    policy::{Viewer, moderation, posting},
    store::{self, accounts::ProfileChange},
    text::{self, handle, sanitize},
};

/// How the viewer and a person stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Relation {
    /// It is the viewer's own profile.
    pub is_me: bool,
    /// The viewer follows them.
    pub following: bool,
    /// The viewer has asked to.
    pub requested: bool,
    /// They follow the viewer.
    pub followed_by: bool,
    /// They have asked to follow the viewer.
    pub asks_me: bool,
}

/// A profile as a viewer sees it.
#[derive(Debug, Clone)]
pub struct ProfileView {
    /// Whose.
    pub account: Account,
    /// How they stand to the viewer.
    pub relation: Relation,
}

/// By handle: `ada` or `ada@other.example`, of those we know.
pub async fn by_handle(ctx: &Ctx, viewer: &Viewer, text: &str) -> Result<ProfileView> {
    let handle = handle::parse(text, &ctx.config.instance.host()).ok_or(Error::NotFound)?;
    let found =
        store::accounts::find_by_handle(&mut *ctx.pool.read().await?, &handle.username, handle.host.as_deref()).await?;
    view(ctx, viewer, found.ok_or(Error::NotFound)?).await
}

/// By id.
pub async fn by_id(ctx: &Ctx, viewer: &Viewer, id: AccountId) -> Result<ProfileView> {
    let account = store::accounts::get(&mut *ctx.pool.read().await?, id).await?;
    view(ctx, viewer, account).await
}

/// These people, as far as they take part, in the order asked.
pub async fn by_ids(ctx: &Ctx, ids: Vec<AccountId>) -> Result<Vec<Account>> {
    store::accounts::list_by_ids(&mut *ctx.pool.read().await?, ids).await
}

/// The same, also of who has left.
pub async fn also_gone(ctx: &Ctx, ids: Vec<AccountId>) -> Result<Vec<Account>> {
    store::accounts::list_also_gone(&mut *ctx.pool.read().await?, ids).await
}

/// Those of these accounts of which the viewer may know, in the order asked.
pub async fn several(ctx: &Ctx, viewer: &Viewer, ids: Vec<AccountId>) -> Result<Vec<Account>> {
    let mut known = Vec::new();
    for account in by_ids(ctx, ids).await? {
        match groups::require_known(ctx, viewer, &account).await {
            Ok(()) => known.push(account),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(known)
}

async fn view(ctx: &Ctx, viewer: &Viewer, account: Account) -> Result<ProfileView> {
    match account.state {
        AccountState::Active => {}
        AccountState::Gone => return Err(Error::Gone),
        AccountState::Waiting | AccountState::Suspended => return Err(Error::NotFound),
    }
    groups::require_known(ctx, viewer, &account).await?;
    let mut relation = Relation { is_me: viewer.account() == Some(account.id), ..Relation::default() };
    if let (Some(me), false) = (viewer.account(), relation.is_me) {
        let mut conn = ctx.pool.read().await?;
        (relation.following, relation.requested, relation.followed_by, relation.asks_me) =
            store::follows::relation(&mut conn, me, account.id).await?;
    }
    Ok(ProfileView { account, relation })
}

/// One of our own people by user name, whatever their state: for other servers' requests.
pub async fn local(ctx: &Ctx, username: &str) -> Result<Account> {
    let found = store::accounts::find_by_handle(&mut *ctx.pool.read().await?, username, None).await?;
    let account = found.ok_or(Error::NotFound)?;
    match account.state {
        AccountState::Active => Ok(account),
        AccountState::Gone => Err(Error::Gone),
        AccountState::Waiting | AccountState::Suspended => Err(Error::NotFound),
    }
}

/// What a person fills in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileForm {
    /// Display name.
    pub name: String,
    /// As they wish to be called.
    pub pronouns: String,
    /// Claim.
    pub discipline: String,
    /// Claim.
    pub specialty: String,
    /// Claim.
    pub employer: String,
    /// Town or region.
    pub place: String,
    /// Markdown.
    pub bio: String,
    /// Label and value, at most eight.
    pub fields: Vec<(String, String)>,
    /// Addresses, at most five.
    pub links: Vec<String>,
    /// Codes.
    pub languages: Vec<String>,
    /// Followers must be approved.
    pub locked: bool,
    /// May be listed.
    pub discoverable: bool,
    /// Conflicts of interest; empty where none are declared.
    pub interests: String,
}

impl ProfileForm {
    /// What somebody's profile says now.
    pub fn of(account: &Account) -> Self {
        Self {
            fields: account.fields().into_iter().map(|f| (f.name, f.source)).collect(),
            links: account.links(),
            name: account.name.clone(),
            pronouns: account.pronouns.clone(),
            discipline: account.discipline.clone(),
            specialty: account.specialty.clone(),
            employer: account.employer.clone(),
            place: account.place.clone(),
            bio: account.bio_source.clone(),
            languages: account.languages.clone(),
            locked: account.locked,
            discoverable: account.discoverable,
            interests: account.interests.clone(),
        }
    }
}

/// Most fields of a profile.
pub const MAX_FIELDS: usize = 8;
/// Most links of a profile.
pub const MAX_LINKS: usize = 5;
const MAX_BIO: usize = 5_000;

/// What stands on the viewer's own profile as conflicts of interest; empty where none are declared.
pub async fn own_interests(ctx: &Ctx, viewer: &Viewer) -> Result<String> {
    let me = moderation::require_account(viewer)?;
    Ok(store::accounts::get(&mut *ctx.pool.read().await?, me).await?.interests)
}

/// Changes one's own profile and tells followers' servers.
pub async fn update(ctx: &Ctx, viewer: &Viewer, form: ProfileForm) -> Result<()> {
    let me = moderation::require_account(viewer)?;
    let marked = sanitize::wears_badge(&form.name);
    let change = check(ctx, form).await?;
    let mut tx = ctx.tx().await?;
    // The staff list holds the first of these while it looks at the name, the desk one of the second: it stays so long.
    store::users::lock(&mut tx, me).await?;
    let open = CredentialState::ALL.iter().copied().filter(|state| !state.is_over());
    store::credentials::lock_of(&mut tx, me, open.collect()).await?;
    let renamed = store::accounts::lock(&mut tx, me).await?.name != change.name;
    store::accounts::update_profile(&mut tx, me, &change).await?;
    if renamed {
        likeness::look_at(ctx, &mut tx, me).await?;
    }
    if marked {
        likeness::marked(ctx, &mut tx, me, true).await?;
    }
    store::outbox::insert(&mut tx, me, &Event::Profile).await?;
    if renamed {
        credentials::name_changed(ctx, &mut tx, me).await?;
    }
    tx.commit().await
}

async fn check(ctx: &Ctx, form: ProfileForm) -> Result<ProfileChange> {
    let mut wrong = Vec::new();
    let mut line = |field: &'static str, value: &str, max: usize| {
        if value.chars().count() > max {
            wrong.push(FieldError { field, message: format!("Please use {max} characters or fewer.") });
        }
        sanitize::name(value, max)
    };
    let name = line("name", &form.name, 100);
    let pronouns = line("pronouns", &form.pronouns, 40);
    let discipline = line("discipline", &form.discipline, 80);
    let specialty = line("specialty", &form.specialty, 80);
    let employer = line("employer", &form.employer, 120);
    let place = line("place", &form.place, 80);
    let interests = line("interests", &form.interests, posting::MAX_INTERESTS);
    if name.is_empty() {
        wrong.push(FieldError { field: "name", message: "Enter the name your colleagues know you by.".into() });
    }
    if form.bio.chars().count() > MAX_BIO {
        wrong.push(FieldError { field: "bio", message: format!("Please use {MAX_BIO} characters or fewer.") });
    }
    let links: Vec<String> =
        form.links.iter().map(|l| l.trim()).filter(|l| !l.is_empty()).map(ToOwned::to_owned).collect();
    if links.len() > MAX_LINKS {
        wrong.push(FieldError { field: "links", message: format!("A profile may have {MAX_LINKS} links.") });
    }
    if let Some(bad) = links.iter().find(|l| sanitize::web_url(l).is_none()) {
        wrong.push(FieldError {
            field: "links",
            message: format!("{bad} is not a web address. It must begin with https://."),
        });
    }
    let fields: Vec<_> = form.fields.iter().filter(|(n, v)| !n.trim().is_empty() || !v.trim().is_empty()).collect();
    if fields.len() > MAX_FIELDS {
        wrong.push(FieldError { field: "fields", message: format!("A profile may have {MAX_FIELDS} fields.") });
    }
    if fields.iter().any(|(n, v)| n.chars().count() > 100 || v.chars().count() > 500 || n.trim().is_empty()) {
        wrong.push(FieldError {
            field: "fields",
            message: "Each field needs a label of up to 100 and a value of up to 500 characters.".into(),
        });
    }
    if let Some((label, _)) = fields.iter().find(|(label, _)| text::says_verified(label)) {
        let message =
            format!("Please call the field “{label}” otherwise: who is verified is for the institution to say.");
        wrong.push(FieldError { field: "fields", message });
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let fields: Vec<Field> = fields
        .into_iter()
        .map(|(n, v)| Field { name: sanitize::name(n, 100), source: v.trim().to_owned(), value: one_line(ctx, v) })
        .collect();
    let json = |value: serde_json::Result<serde_json::Value>| value.map_err(|e| Error::Internal(e.into()));
    let name_skeleton = text::skeleton(&name);
    Ok(ProfileChange {
        name,
        pronouns,
        discipline,
        specialty,
        employer,
        place,
        name_skeleton,
        bio_html: super::posts::render(ctx, &form.bio, crate::model::Markup::Markdown).await?.html,
        bio_source: form.bio,
        fields: json(serde_json::to_value(fields))?,
        links: json(serde_json::to_value(links))?,
        languages: form.languages.into_iter().filter(|l| text::language::name(l).is_some()).take(10).collect(),
        locked: form.locked,
        discoverable: form.discoverable,
        interests,
    })
}

/// A field's value: plain words, with bare addresses as links.
fn one_line(ctx: &Ctx, value: &str) -> String {
    struct Plain<'a>(&'a Ctx);
    impl text::Links for Plain<'_> {
        fn mention(&self, _: &str) -> Option<(String, String)> {
            None
        }
        fn tag(&self, name: &str) -> String {
            urls::tag(self.0, name)
        }
    }
    let html = text::render(value.trim(), &Plain(ctx));
    html.trim_start_matches("<p>").trim_end_matches("</p>").to_owned()
}
