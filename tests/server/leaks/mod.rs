//! What is private in groups, looked for through every door of the house and of other houses by everybody who might stand there,
//! in one table. The doors are read from the source, so that a new one cannot be forgotten; each thing is found by somebody for
//! whom it is, so that nothing is missed because it was not there.

mod askers;
mod doors;
mod hidden;
mod streams;
mod table;
mod things;

use std::collections::BTreeMap;

use consilium::{
    model::{AccountId, HostTrust, PostId, Role},
    policy::Viewer,
    service::{
        cases,
        groups::{self, Wish},
        posts, remote,
    },
};
use diesel::{QueryableByName, sql_types::Text};
use diesel_async::RunQueryDsl;
use futures_util::future::join_all;
use reqwest::{Client, Method, redirect::Policy};

use crate::harness::{App, Cluster, Instance, Options, Stranger, cluster::PASSWORD, people::attest};
use askers::{ELSEWHERE, HERE, Home, Person, SERVERS, Servers, Standing, Who};
use streams::{Listener, Telephone};
use table::Table;
use things::{KINDS, Place, Said, Stage, heard};

/// In place of a route: what a server gets without asking.
const INBOX: &str = "what is delivered";
const TELEPHONES: &str = "messages to telephones";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    words: String,
}

/// The column `words` of a query.
async fn rows(at: &Instance, query: &str) -> Vec<String> {
    let mut conn = at.ctx.pool.get().await.unwrap();
    let rows: Vec<Row> = diesel::sql_query(query).load(&mut conn).await.unwrap();
    rows.into_iter().map(|row| row.words).collect()
}

/// All that a server keeps, as text.
async fn kept(at: &Instance) -> String {
    let tables = "SELECT format('%I', table_name) AS words FROM information_schema.tables \
                  WHERE table_schema = 'public' AND table_type = 'BASE TABLE'";
    let mut all = String::new();
    for table in rows(at, tables).await {
        all.push_str(&rows(at, &format!("SELECT t::text AS words FROM {table} t")).await.join("\n"));
    }
    all
}

/// Everybody at the server of the groups, by name.
async fn gather(alpha: &Instance) -> BTreeMap<String, Viewer> {
    let mut people = BTreeMap::new();
    let mut verified = vec!["stranger".to_owned()];
    for (_, _, kind) in KINDS {
        let [quiet, asker] = things::own_people(kind);
        people.insert(quiet.clone(), askers::quiet_account(alpha, &quiet).await);
        people.insert(asker.clone(), askers::quiet_account(alpha, &asker).await);
        verified.push(asker);
    }
    for (name, _, role, _) in HERE {
        people.insert(name.to_owned(), alpha.account(name, role).await);
    }
    for name in ["second", "doc1", "doc2", "doc3"] {
        people.insert(name.to_owned(), alpha.account(name, Role::Clinician).await);
    }
    askers::verify(alpha, &verified).await;
    // Whoever says something in a group for clinicians has to be verified.
    let own = things::own_people('v');
    let mut speakers = vec!["owner", "member", "former", "leader", "second", "doc1", "doc2", "doc3"];
    speakers.extend(own.iter().map(String::as_str));
    attest(alpha, &speakers, "medicine").await;
    people
}

/// The people of other servers, each with what they know of the groups there once something was said.
struct Abroad(Vec<(&'static str, &'static str, Who, Viewer)>);

impl Abroad {
    /// They come, and those of them who are or were members join what can be joined from elsewhere.
    async fn join(cluster: &Cluster, groups: &[(AccountId, String)]) -> Self {
        let mut all = Vec::new();
        for (host, name, called, role, standing) in ELSEWHERE {
            let at = cluster.get(host);
            let viewer = at.account(name, role).await;
            if matches!(standing, Standing::Member | Standing::Former) {
                for (_, handle) in groups {
                    let there = at.ctx.remote().unwrap().account(handle, "alpha.test").await.unwrap();
                    groups::join(&at.ctx, &viewer, there, &Wish::default()).await.unwrap();
                    cluster.settle().await;
                }
            }
            all.push((host, name, Who::new(called, standing, Home::Elsewhere), viewer));
        }
        Self(all)
    }

    /// What was said, as each server with a member knows it.
    async fn know(&self, cluster: &Cluster, said: &[Said]) -> BTreeMap<&'static str, Vec<Said>> {
        let mut known: BTreeMap<&'static str, Vec<Said>> = BTreeMap::new();
        for (host, _, who, viewer) in &self.0 {
            if matches!(who.standing, Standing::Member | Standing::Former) {
                for one in said.iter().filter(|one| !matches!(one.kind, 'l' | 'i')) {
                    known.entry(*host).or_default().push(seen_from(cluster.get(host), viewer, one).await);
                }
            }
        }
        known
    }

    /// One of them leaves.
    async fn leave(&self, cluster: &Cluster, said: &BTreeMap<&'static str, Vec<Said>>) {
        for (host, _, _, viewer) in self.0.iter().filter(|one| one.2.standing == Standing::Former) {
            for one in &said[host] {
                groups::leave(&cluster.get(host).ctx, viewer, one.group).await.unwrap();
            }
            cluster.settle().await;
        }
    }
}

/// What was said in a group of alpha, by the ids of another server; `who` is a member there.
async fn seen_from(at: &Instance, who: &Viewer, said: &Said) -> Said {
    let ctx = &at.ctx;
    let mut places = BTreeMap::new();
    for place in said.posts() {
        let id = posts::by_uri(ctx, &place.uri).await.unwrap().map_or(PostId(0), |post| post.id);
        let by = format!("{}@alpha.test", place.by);
        places.insert(place.uri.clone(), Place { id, by, uri: place.uri.clone() });
    }
    let there = |place: &Place| places[&place.uri].clone();
    let (group, _) = groups::by_uri(ctx, &said.uri).await.unwrap().unwrap();
    let owner = remote::account_by_uri(ctx, "http://alpha.test/users/owner").await.unwrap().unwrap().id;
    let case = posts::read(ctx, who, there(&said.case).id).await.unwrap();
    Said {
        kind: said.kind,
        group: group.id,
        uri: said.uri.clone(),
        handle: format!("{}@alpha.test", said.handle),
        owner,
        case: there(&said.case),
        answer: there(&said.answer),
        farewell: there(&said.farewell),
        unnamed: said.unnamed.as_ref().map(there),
        withdrawn: there(&said.withdrawn),
        removed: there(&said.removed),
        draft: None,
        picture: case.media.0.as_slice().first().map(|media| (media.id, media.name.clone())),
    }
}

/// What somebody hears through every page and call of their server, door by door.
async fn ask(person: &mut Person) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for door in doors::pages(&person.said) {
        for path in door.paths {
            let page = person.browser.get(&path).await;
            all.push((door.pattern.clone(), heard(&format!("{}\n{}", page.location, page.html))));
        }
    }
    let book = person.app.get("/api/openapi.json").await.body;
    for door in doors::calls(&book, &person.said) {
        for path in door.paths {
            let answer = person.app.request(Method::GET, &path).send().await.unwrap();
            all.push((door.pattern.clone(), heard(&answer.text().await.unwrap())));
        }
    }
    for one in &person.said {
        let Some((_, file)) = &one.picture else { continue };
        let page = person.browser.get(&format!("/media/{file}")).await;
        let seen = if page.status == 200 { vec![format!("p{}", one.kind)] } else { Vec::new() };
        all.push(("the picture itself".into(), seen));
    }
    all
}

/// What servers hear through every document, in whose name they may ever ask.
async fn ask_as_servers(table: &mut Table, alpha: &Instance, servers: &Servers, said: &[Said]) {
    let pictured = |path: &str, status: u16| {
        let is_shown = |one: &&Said| status == 200 && one.picture.as_ref().is_some_and(|(_, file)| path.contains(file));
        said.iter().filter(is_shown).map(|one| format!("p{}", one.kind)).collect::<Vec<String>>()
    };
    let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let unsigned = Who::new("server that does not sign", Standing::Nobody, Home::Server);
    for door in doors::documents(said) {
        let name = format!("as a document: {}", door.pattern);
        for path in &door.paths {
            let request = client.get(format!("http://{}{path}", alpha.address)).header("host", "alpha.test");
            let answer = request.header("accept", "application/activity+json").send().await.unwrap();
            let status = answer.status().as_u16();
            table.note(&name, unsigned, heard(&answer.text().await.unwrap()));
            table.note(&name, unsigned, pictured(path, status));
            for (who, server, actor) in servers.signers() {
                let (status, body) = server.get_as(alpha, &actor, path).await;
                table.note(&name, who, heard(&body.to_string()));
                table.note(&name, who, pictured(path, status.as_u16()));
            }
        }
    }
    for (who, server, actor) in servers.signers() {
        if actor.ends_with("/actor") {
            let told: Vec<String> = server.received.lock().unwrap().iter().map(ToString::to_string).collect();
            table.note(INBOX, who, heard(&told.join("\n")));
        }
    }
}

/// Everybody who can sign in somewhere, and somebody who does not.
async fn seat(cluster: &Cluster, abroad: &Abroad, said: &[Said], known: &BTreeMap<&str, Vec<Said>>) -> Vec<Person> {
    let alpha = cluster.get("alpha.test");
    let who = Who::new("anonymous", Standing::Nobody, Home::Here);
    let said = said.to_vec();
    let (browser, app) = (alpha.browser(), App::new(alpha, ""));
    let mut all = vec![Person { who, browser, app, said: said.clone() }];
    let here = HERE.map(|(name, called, _, standing)| ("alpha.test", name, Who::new(called, standing, Home::Here)));
    let elsewhere = abroad.0.iter().map(|(host, name, who, _)| (*host, *name, *who));
    for (host, name, who) in here.into_iter().chain(elsewhere) {
        let at = cluster.get(host);
        let mut browser = at.browser();
        browser.sign_in(name, PASSWORD).await;
        let app = App::of(at, name, "read write follow push").await;
        let said = known.get(host).unwrap_or(&said).clone();
        all.push(Person { who, browser, app, said });
    }
    all
}

/// Streams and telephones of those who may be told something by themselves, while it goes on in every group.
async fn listen(table: &mut Table, stage: &Stage<'_>, said: &[Said], telephones: &[Telephone], service: &Stranger) {
    let alpha = stage.cluster.get("alpha.test");
    let mut listeners = Vec::new();
    for (name, called, _, standing) in HERE {
        let app = App::of(alpha, name, "read write follow push").await;
        listeners.push(Listener::open(alpha, &app, Who::new(called, standing, Home::Here)).await);
    }
    for one in said {
        stage.say_more(one).await;
    }
    let last = "This is the end of the story.";
    let new = posts::NewPost { text: last.into(), language: "en".into(), ..posts::NewPost::default() };
    posts::publish(stage.ctx, stage.who("owner"), new).await.unwrap();
    for listener in &mut listeners {
        let all = listener.until(last).await;
        table.note("streams", listener.who, heard(&all));
    }
    stage.cluster.settle().await;
    let mut woken = 0;
    for telephone in telephones {
        let messages = telephone.messages(service);
        woken += messages.len();
        table.note(TELEPHONES, telephone.who, heard(&messages.join("\n")));
    }
    assert!(woken > 0, "somebody was woken");
}

/// No mail tells anything, not even what a group is called.
async fn check_mails(cluster: &Cluster) {
    let alpha = cluster.get("alpha.test");
    cases::mail_due(&alpha.ctx).await.unwrap();
    cluster.settle().await;
    assert!(
        alpha.mails().iter().any(|mail| mail.contains("Subject: Cases wait for you\n")),
        "one is told that cases wait"
    );
    for instance in &cluster.instances {
        for mail in instance.mails() {
            assert_eq!(heard(&mail), Vec::<String>::new(), "a mail tells what was said: {mail}");
        }
    }
}

/// Other servers keep nothing of what never leaves this one, and one whose member has left nothing of what was said later.
async fn check_databases(cluster: &Cluster) {
    let never = |word: &String| word.ends_with(['l', 'i']) || word.starts_with(['u', 'd', 'h', 'm']);
    let beta = heard(&kept(cluster.get("beta.test")).await);
    assert!(beta.contains(&"tc".to_owned()) && beta.contains(&"ec".to_owned()), "beta has a member: {beta:?}");
    assert_eq!(beta.iter().filter(|word| never(word)).collect::<Vec<_>>(), Vec::<&String>::new());
    let gamma = heard(&kept(cluster.get("gamma.test")).await);
    let later = |word: &String| never(word) || word.starts_with('e');
    assert_eq!(gamma.iter().filter(|word| later(word)).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// A cluster with every kind of server.
async fn build(servers: &Servers, service: &Stranger) -> Cluster {
    let mut others: Vec<_> = SERVERS.iter().map(|host| (*host, servers.get(host).address)).collect();
    others.push(("push.test", service.address));
    let config = "[limits]\ncalls_per_five_minutes = 0\nlookups_per_five_minutes = 100000\n[sources]\nlookup = false\n";
    let options = Options { config: config.into(), ..Options::default() };
    Cluster::with(&["alpha.test", "beta.test", "gamma.test"], &others, options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_private_in_a_group_is_heard_by_those_it_is_for_and_through_no_other_door() {
    let (servers, service) = (Servers::start().await, Stranger::at("push.test").await);
    let cluster = build(&servers, &service).await;
    let alpha = cluster.get("alpha.test");
    let people = gather(alpha).await;
    let stage = Stage { cluster: &cluster, ctx: &alpha.ctx, people: &people };
    let mut founded = Vec::new();
    for kind in KINDS {
        founded.push(stage.found(kind).await);
    }
    askers::trust(alpha, &["beta.test", "gamma.test"], HostTrust::Trusted).await;
    // Open, verified and closed ones are joined from elsewhere.
    let abroad = Abroad::join(&cluster, &founded[..3]).await;
    let uris: Vec<String> = founded[..3].iter().map(|one| format!("http://alpha.test/users/{}", one.1)).collect();
    servers.settle_down(&cluster, &uris).await;
    let form = cases::WishForm { specialties: Vec::new(), more: "Cardiology".into(), mail: true };
    for name in ["member", "stranger", "former"] {
        cases::wish(&alpha.ctx, stage.who(name), &form).await.unwrap();
    }
    let mut telephones = Vec::new();
    for (name, called, _, standing) in HERE {
        let app = App::of(alpha, name, "read write follow push").await;
        telephones.push(Telephone::of(&app, Who::new(called, standing, Home::Here), &service).await);
    }
    let mut said = Vec::new();
    for ((_, _, kind), (group, handle)) in KINDS.into_iter().zip(&founded) {
        said.push(stage.say(kind, *group, handle).await);
    }
    cluster.settle().await;
    let known = abroad.know(&cluster, &said).await;
    abroad.leave(&cluster, &known).await;

    let mut table = Table::default();
    listen(&mut table, &stage, &said, &telephones, &service).await;
    check_mails(&cluster).await;
    check_databases(&cluster).await;
    let mut persons = seat(&cluster, &abroad, &said, &known).await;
    for some in persons.chunks_mut(3) {
        let answers = join_all(some.iter_mut().map(ask)).await;
        for (person, heard) in some.iter().zip(answers) {
            for (door, words) in heard {
                table.note(&door, person.who, words);
            }
        }
    }
    ask_as_servers(&mut table, alpha, &servers, &said).await;
    assert_eq!(table.wrong(), "", "somebody hears what is not for them");
    assert_eq!(table.missing(), Vec::<String>::new(), "nobody has heard of it, so nothing was looked for");
    insta::assert_snapshot!(table.written());
}
