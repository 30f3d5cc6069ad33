//! What is private in groups, looked for through every door of the house and of other houses by everybody who might stand there,
//! in one table. The doors are read from the source, so that a new one cannot be forgotten; each thing is found by somebody for
//! whom it is, so that nothing is missed because it was not there.

mod askers;
mod doors;
mod elsewhere;
mod hidden;
mod mails;
mod staging;
mod streams;
mod table;
mod things;
mod writes;

use std::collections::BTreeMap;

use consilium::{
    model::{HostTrust, Role},
    policy::Viewer,
    service::{cases, posts},
};
use futures_util::{StreamExt, future::join_all, stream};
use reqwest::{Client, Method, header::CONTENT_TYPE, redirect::Policy};

use crate::harness::{App, Cluster, Instance, Options, Stranger, cluster::PASSWORD, people::attest};
use askers::{HERE, Home, Person, SERVERS, Servers, Standing, Who};
use doors::Door;
use elsewhere::{Abroad, check_copies, check_databases};
use staging::{Founded, Stage};
use streams::{Listener, Telephone};
use table::Table;
use things::{KINDS, Kind, Said, Signs};

/// In place of a route: what a server gets without asking.
const INBOX: &str = "what is delivered";
const TELEPHONES: &str = "messages to telephones";

/// Before a route: that servers ask for it, at the server of the groups or at another one.
const DOCUMENT: &str = "as a document: ";
const ABROAD: &str = "as a document at ";

/// What an app may do at most.
const SCOPES: &str = "read write follow push";

/// Everybody at the server of the groups, by name. Whoever belongs to a group of one kind alone comes last, and is on top of lists.
async fn gather(alpha: &Instance, kinds: &[Kind]) -> BTreeMap<String, Viewer> {
    let mut people = BTreeMap::new();
    for (name, _, role, _) in HERE {
        people.insert(name.to_owned(), alpha.account(name, role).await);
    }
    for name in ["doc1", "doc2", "doc3", "asking"] {
        people.insert(name.to_owned(), alpha.account(name, Role::Clinician).await);
    }
    let mut verified = vec!["stranger".to_owned(), "leader".to_owned()];
    for (_, _, kind) in kinds {
        let [quiet, asker, leading] = things::own_people(*kind);
        verified.push(asker.clone());
        for name in [quiet, asker, leading] {
            let viewer = askers::quiet_account(alpha, &name).await;
            people.insert(name, viewer);
        }
    }
    askers::verify(alpha, &verified).await;
    // Whoever says something in a group for clinicians has to be verified.
    let own = things::own_people('v');
    let mut speakers = vec!["owner", "member", "former", "leader", "doc1", "doc2", "doc3"];
    speakers.extend(own.iter().map(String::as_str));
    attest(alpha, &speakers, "medicine").await;
    people
}

/// What somebody hears through every page and call of their server, door by door.
async fn ask(person: &mut Person) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for door in doors::pages(&person.said) {
        for one in &door.asks {
            let page = person.browser.get(&one.path).await;
            let mime = page.headers.get(CONTENT_TYPE).and_then(|mime| mime.to_str().ok()).unwrap_or_default();
            let text = format!("{}\n{}", page.location, page.html);
            let heard = one.heard(&person.signs, (page.status.as_u16(), mime, &text));
            all.push((door.pattern.clone(), heard));
        }
    }
    let book = person.app.get("/api/openapi.json").await.body;
    for door in doors::calls(&book, &person.said) {
        for one in &door.asks {
            let answer = person.app.request(Method::GET, &one.path).send().await.unwrap();
            let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
            all.push((door.pattern.clone(), one.heard(&person.signs, (status, "", &text))));
        }
    }
    all
}

/// What servers hear at another one through every document, in whose name they may ever ask.
async fn ask_as_servers(table: &mut Table, at: &Instance, servers: &Servers, place: &str, doors: Vec<Door>) {
    let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let unsigned = Who::new("server that does not sign", Standing::Nobody, Home::Server);
    let (signers, signs) = (servers.signers(), Signs::default());
    for door in doors {
        let name = format!("{place}{}", door.pattern);
        for one in &door.asks {
            let request = client.get(format!("http://{}{}", at.address, one.path)).header("host", &at.name);
            let answer = request.header("accept", "application/activity+json").send().await.unwrap();
            let mime = answer.headers().get(CONTENT_TYPE).and_then(|mime| mime.to_str().ok());
            let (status, mime) = (answer.status().as_u16(), mime.unwrap_or_default().to_owned());
            let text = answer.text().await.unwrap();
            table.note(&name, unsigned, one.heard(&signs, (status, &mime, &text)));
            let asked = signers.iter().map(|(_, server, actor)| server.fetch_as(at, actor, &one.path));
            for ((who, ..), (status, mime, text)) in signers.iter().zip(join_all(asked).await) {
                table.note(&name, *who, one.heard(&signs, (status.as_u16(), &mime, &text)));
            }
        }
    }
}

/// What servers got without asking.
fn look_into_inboxes(table: &mut Table, servers: &Servers, signs: &Signs) {
    for (who, server, actor) in servers.signers() {
        if actor.ends_with("/actor") {
            let told: Vec<String> = server.received.lock().unwrap().iter().map(ToString::to_string).collect();
            for one in told {
                table.note(INBOX, who, signs.heard(&one));
            }
        }
    }
}

/// Everybody who can sign in somewhere, and on two servers somebody who does not.
async fn seat(cluster: &Cluster, abroad: &Abroad, said: &[Said], known: &BTreeMap<&str, Vec<Said>>) -> Vec<Person> {
    let known_at = |host: &str| known.get(host).cloned().unwrap_or_else(|| said.to_vec());
    let mut all = Vec::new();
    for (host, called, home) in
        [("alpha.test", "anonymous", Home::Here), ("beta.test", "anonymous at beta", Home::Elsewhere)]
    {
        let (at, said) = (cluster.get(host), known_at(host));
        let who = Who::new(called, Standing::Nobody, home);
        let (browser, app, signs) = (at.browser(), App::new(at, ""), Signs::of(&said));
        all.push(Person { who, browser, app, said, signs });
    }
    let here = HERE.map(|(name, called, _, standing)| ("alpha.test", name, Who::new(called, standing, Home::Here)));
    for (host, name, who) in here.into_iter().chain(abroad.people()) {
        let (at, said) = (cluster.get(host), known_at(host));
        let mut browser = at.browser();
        browser.sign_in(name, PASSWORD).await;
        let (app, signs) = (App::of(at, name, SCOPES).await, Signs::of(&said));
        all.push(Person { who, browser, app, said, signs });
    }
    all
}

/// Streams and telephones of those who may be told something by themselves, while it goes on in every group.
async fn listen(
    table: &mut Table,
    stage: &Stage<'_>,
    abroad: &Abroad,
    said: &[Said],
    (telephones, service): (&[Telephone], &Stranger),
) {
    let cluster = stage.cluster;
    streams::refuse_whoever_does_not_sign_in(cluster.get("alpha.test")).await;
    let here = HERE.map(|(name, called, _, standing)| ("alpha.test", name, Who::new(called, standing, Home::Here)));
    let mut listeners = Vec::new();
    for (host, name, who) in here.into_iter().chain(abroad.people()) {
        let app = App::of(cluster.get(host), name, SCOPES).await;
        listeners.push((host, Listener::open(cluster.get(host), &app, who).await));
    }
    for one in said {
        stage.say_more(one).await;
    }
    cluster.settle().await;
    let signs = Signs::of(said);
    let (bo, cy) = (abroad.at("beta.test"), abroad.at("gamma.test"));
    for (host, who) in [("alpha.test", *stage.who("owner")), ("beta.test", bo), ("gamma.test", cy)] {
        let last = format!("This is the end of the story at {host}.");
        let new = posts::NewPost { text: last.clone(), language: "en".into(), ..posts::NewPost::default() };
        posts::publish(&cluster.get(host).ctx, &who, new).await.unwrap();
        for (_, listener) in listeners.iter_mut().filter(|(at, _)| *at == host) {
            let all = listener.until(&last).await;
            table.note("streams", listener.who, signs.heard(&all));
        }
    }
    cluster.settle().await;
    let mut woken = 0;
    for telephone in telephones {
        let messages = telephone.messages(service);
        woken += messages.len();
        table.note(TELEPHONES, telephone.who, signs.heard(&messages.join("\n")));
    }
    assert!(woken > 0, "somebody was woken");
}

/// A cluster with every kind of server.
async fn build(servers: &Servers, service: &Stranger) -> Cluster {
    let mut others: Vec<_> = SERVERS.iter().map(|host| (*host, servers.get(host).address)).collect();
    others.push(("push.test", service.address));
    let config = "[limits]\ncalls_per_five_minutes = 0\nlookups_per_five_minutes = 100000\n\
        searches_per_five_minutes = 100000\nchecks_per_five_minutes = 100000\n[sources]\nlookup = false\n";
    let options = Options { config: config.into(), ..Options::default() };
    Cluster::with(&["alpha.test", "beta.test", "gamma.test"], &others, options).await
}

/// Telephones of all who have an account at the server of the groups.
async fn hand_out(alpha: &Instance, service: &Stranger) -> Vec<Telephone> {
    let mut telephones = Vec::new();
    for (name, called, _, standing) in HERE {
        let app = App::of(alpha, name, SCOPES).await;
        telephones.push(Telephone::of(&app, Who::new(called, standing, Home::Here), service).await);
    }
    telephones
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_private_in_a_group_is_heard_by_those_it_is_for_and_through_no_other_door() {
    let (servers, service) = (Servers::start().await, Stranger::at("push.test").await);
    let cluster = build(&servers, &service).await;
    let alpha = cluster.get("alpha.test");
    let people = gather(alpha, &KINDS).await;
    let stage = Stage { cluster: &cluster, ctx: &alpha.ctx, people: &people };
    let mut founded = Vec::new();
    for kind in KINDS {
        founded.push(stage.found(kind).await);
    }
    askers::trust(alpha, &["beta.test", "gamma.test"], HostTrust::Trusted).await;
    let abroad = Abroad::join(&cluster, &founded).await;
    let uris: Vec<String> = founded.iter().filter(|one| one.is_joined_from_anywhere()).map(Founded::uri).collect();
    servers.settle_down(&cluster, &uris).await;
    let form = cases::WishForm { specialties: Vec::new(), more: "Cardiology".into(), mail: true };
    for name in ["member", "stranger", "former"] {
        cases::wish(&alpha.ctx, stage.who(name), &form).await.unwrap();
    }
    let telephones = hand_out(alpha, &service).await;
    let mut said = Vec::new();
    for one in &founded {
        said.push(stage.say(one).await);
    }
    cluster.settle().await;
    let mut known = abroad.know(&cluster, &said).await;
    abroad.answer(&stage, &mut said, &mut known).await;
    abroad.leave(&cluster, &known).await;

    let mut table = Table::default();
    listen(&mut table, &stage, &abroad, &said, (&telephones, &service)).await;
    mails::check(&cluster).await;
    check_databases(&cluster, &said).await;
    check_copies(&cluster, &said).await;
    let mut persons = seat(&cluster, &abroad, &said, &known).await;
    let whos: Vec<Who> = persons.iter().map(|person| person.who).collect();
    // As one waits for answers, the others ask.
    let answers: Vec<_> = stream::iter(persons.iter_mut().map(ask)).buffered(4).collect().await;
    for (who, answers) in whos.into_iter().zip(answers) {
        for (door, words) in answers {
            table.note(&door, who, words);
        }
    }
    ask_as_servers(&mut table, alpha, &servers, DOCUMENT, doors::documents(&said)).await;
    for (host, said) in &known {
        let place = format!("{ABROAD}{host}: ");
        ask_as_servers(&mut table, cluster.get(host), &servers, &place, doors::documents_elsewhere(said)).await;
    }
    look_into_inboxes(&mut table, &servers, &Signs::of(&said));
    assert_eq!(table.wrong(), "", "somebody hears what is not for them");
    assert_eq!(table.missing(), Vec::<String>::new(), "nobody has heard of it, so nothing was looked for");
    assert_eq!(table.blind(), Vec::<String>::new(), "a door is not what it was: nothing is heard through it");
    insta::assert_snapshot!(table.written());
}
