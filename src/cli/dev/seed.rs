//! Sows the demo content through the same rules that people use, over real HTTP between the hospitals.

use std::{collections::HashMap, time::Duration};

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};

use super::{
    HOSPITALS,
    content::{Content, PASSWORD, Person},
    desk,
    groups::Rooms,
};
use crate::{
    cli::Failure,
    error::Error,
    model::{AccountId, HostTrust, PostId, Role, Visibility},
    policy::Viewer,
    service::{Ctx, Page, accounts, dead_letters, follows, hosts, posts, profiles, reactions, registration, remote},
};

/// Everybody by `name@instance`: where they are and how they look at things.
pub(super) type People<'a> = HashMap<String, (&'a Ctx, AccountId, Viewer)>;

/// Whether anybody has an account in any of the hospitals.
pub(super) async fn has_people(houses: &[Ctx]) -> Result<bool, Failure> {
    for ctx in houses {
        if !accounts::list(ctx, &Page::first(1)).await?.items.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Sows all of it, where there is nobody yet.
pub(super) async fn sow(houses: &[Ctx], content: &Content) -> Result<(), Failure> {
    eprintln!("Sowing people and posts, once …");
    believe(houses).await?;
    let by_key: HashMap<&str, &Ctx> = HOSPITALS.into_iter().zip(houses).collect();
    let people = people(&by_key, content).await?;
    follow(&people, content).await?;
    settle(houses).await?;
    admit(&people, content).await?;
    settle(houses).await?;
    let addresses = write(houses, &by_key, &people, content).await?;
    react(&people, &addresses, content).await?;
    desk::attest(&people, content).await?;
    settle(houses).await?;
    Rooms::read()?.sow(houses, &people).await
}

/// The hospitals believe what they state about their people, so that a badge shows in the other one as well.
async fn believe(houses: &[Ctx]) -> Result<(), Failure> {
    for ctx in houses {
        for other in houses {
            let host = other.config.instance.host();
            if host != ctx.config.instance.host() {
                let reason = "Agreement of the demo hospitals";
                hosts::trust_by_operator(ctx, &host, HostTrust::Trusted, Vec::new(), reason).await?;
            }
        }
    }
    Ok(())
}

async fn people<'a>(by_key: &HashMap<&str, &'a Ctx>, content: &Content) -> Result<People<'a>, Failure> {
    let here: Vec<(&'a Ctx, &Person)> =
        content.people.iter().filter_map(|p| Some((*by_key.get(p.instance.as_str())?, p))).collect();
    let made: Vec<Result<_, Failure>> = stream::iter(here)
        .map(|(ctx, person)| async move {
            let (id, viewer) = make(ctx, person).await?;
            Ok((format!("{}@{}", person.username, person.instance), (ctx, id, viewer)))
        })
        .buffered(4)
        .collect()
        .await;
    made.into_iter().collect()
}

async fn make(ctx: &Ctx, person: &Person) -> Result<(AccountId, Viewer), Failure> {
    let role = Role::parse(&person.role).ok_or_else(|| Failure(format!("no such role: {}", person.role)))?;
    let form = registration::SignUp {
        username: person.username.clone(),
        name: person.name.clone(),
        email: format!("{}@{}.example", person.username, person.instance),
        password: PASSWORD.into(),
        ..registration::SignUp::default()
    };
    let id = registration::create(ctx, form, role).await?;
    let viewer = Viewer::Account { id, role };
    let profile = profiles::ProfileForm {
        name: person.name.clone(),
        pronouns: person.pronouns.clone(),
        discipline: person.discipline.clone(),
        specialty: person.specialty.clone(),
        employer: person.employer.clone(),
        place: person.place.clone(),
        bio: person.bio.clone(),
        fields: person.fields.iter().map(|f| (f.name.clone(), f.value.clone())).collect(),
        links: Vec::new(),
        languages: person.languages.clone(),
        locked: person.locked,
        discoverable: person.discoverable,
        interests: String::new(),
    };
    profiles::update(ctx, &viewer, profile).await?;
    Ok((id, viewer))
}

/// The account of somebody as one hospital knows them.
pub(super) async fn known_at(ctx: &Ctx, who: (&Ctx, AccountId)) -> Result<AccountId, Failure> {
    if ctx.config.instance.host() == who.0.config.instance.host() {
        return Ok(who.1);
    }
    let account = remote::account(who.0, who.1).await?;
    Ok(ctx.remote()?.account(&account.username, &who.0.config.instance.host()).await?)
}

async fn follow(people: &People<'_>, content: &Content) -> Result<(), Failure> {
    for follow in &content.follows {
        let (Some((ctx, _, viewer)), Some((home, target, _))) = (people.get(&follow.from), people.get(&follow.to))
        else {
            continue;
        };
        let target = known_at(ctx, (home, *target)).await?;
        follows::request(ctx, viewer, target).await?;
    }
    Ok(())
}

/// The locked ones let in who asked.
async fn admit(people: &People<'_>, content: &Content) -> Result<(), Failure> {
    for person in content.people.iter().filter(|p| p.locked) {
        let Some((ctx, id, viewer)) = people.get(&format!("{}@{}", person.username, person.instance)) else { continue };
        let own = remote::account(ctx, *id).await?;
        let waiting = follows::list(ctx, viewer, &own, follows::Side::Requests, &Page::first(40)).await?;
        for (_, follower) in waiting.items {
            follows::accept(ctx, viewer, follower.id).await?;
        }
    }
    Ok(())
}

/// Publishes the posts in their order, each at its hour, and returns their ActivityPub ids by key.
async fn write(
    houses: &[Ctx],
    by_key: &HashMap<&str, &Ctx>,
    people: &People<'_>,
    content: &Content,
) -> Result<HashMap<String, String>, Failure> {
    let mut addresses: HashMap<String, String> = HashMap::new();
    let mut moved = TimeDelta::zero();
    for post in &content.posts {
        let Some((ctx, _, viewer)) = people.get(&post.author) else { continue };
        #[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "hours of a week fit")]
        let wanted = -TimeDelta::minutes((post.hours_ago * 60.0) as i64);
        for house in houses {
            house.clock.advance(wanted - moved);
        }
        moved = wanted;
        let reply_to = match addresses.get(&post.reply_to) {
            Some(uri) => Some(find(ctx, uri).await?),
            None => None,
        };
        let mut text = post.text.clone();
        for (key, house) in by_key {
            text = text.replace(&format!("@{key}"), &format!("@{}", house.config.instance.host()));
        }
        let new = posts::NewPost {
            markup: posts::Markup::Markdown,
            text,
            warning: post.warning.clone(),
            language: post.language.clone(),
            visibility: Visibility::parse(&post.visibility)
                .ok_or_else(|| Failure(format!("no such visibility: {}", post.visibility)))?,
            reply_to,
            ..posts::NewPost::default()
        };
        let id = posts::publish(ctx, viewer, new).await?;
        addresses.insert(post.key.clone(), posts::raw(ctx, id).await?.uri);
        settle(houses).await?;
    }
    for house in houses {
        house.clock.advance(-moved);
    }
    Ok(addresses)
}

/// A post as one hospital knows it.
pub(super) async fn find(ctx: &Ctx, uri: &str) -> Result<PostId, Failure> {
    match posts::by_uri(ctx, uri).await? {
        Some(post) => Ok(post.id),
        None => Err(Failure(format!("{uri} did not reach {}", ctx.config.instance.host()))),
    }
}

async fn react(people: &People<'_>, addresses: &HashMap<String, String>, content: &Content) -> Result<(), Failure> {
    for like in &content.likes {
        if let (Some((ctx, _, viewer)), Some(uri)) = (people.get(&like.by), addresses.get(&like.post)) {
            reactions::like(ctx, viewer, find(ctx, uri).await?).await?;
        }
    }
    for boost in &content.boosts {
        if let (Some((ctx, _, viewer)), Some(uri)) = (people.get(&boost.by), addresses.get(&boost.post)) {
            reactions::boost(ctx, viewer, find(ctx, uri).await?).await?;
        }
    }
    for saved in &content.bookmarks {
        if let (Some((ctx, _, viewer)), Some(uri)) = (people.get(&saved.by), addresses.get(&saved.post)) {
            reactions::bookmark(ctx, viewer, find(ctx, uri).await?).await?;
        }
    }
    Ok(())
}

/// So many looks in a row find nothing on its way: the hospitals are looked at one after the other, and what passes between two
/// of them meanwhile is seen at neither.
const QUIET: usize = 3;

/// Waits until the hospitals have nothing more to tell each other.
pub(super) async fn settle(houses: &[Ctx]) -> Result<(), Failure> {
    let mut quiet = 0;
    for _ in 0..3_000 {
        let mut waiting = 0;
        for ctx in houses {
            let (received, outbox, deliveries, _, dead) = dead_letters::queue_lengths_by_operator(ctx).await?;
            if dead > 0 {
                return Err(Failure("something could not be delivered between the demo hospitals".into()));
            }
            waiting += received + outbox + deliveries;
        }
        quiet = if waiting == 0 { quiet + 1 } else { 0 };
        if quiet == QUIET {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(Failure::from(Error::internal("the demo hospitals did not settle within 30 seconds")))
}
