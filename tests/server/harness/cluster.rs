//! Instances that federate: real names, real HTTP, real signatures, and no waiting.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    time::Duration,
};

use chrono::TimeDelta;
use consilium::{
    config::Config,
    model::{HostState, Role},
    policy::Viewer,
    server::{Role as ServerRole, Server},
    service::{Ctx, dead_letters, hosts, registration, sweep},
    worker::Worker,
};
use tokio::{sync::watch, task::JoinHandle};

use super::{Browser, keys, postgres};

pub const PASSWORD: &str = "three plain words";

/// What differs from the usual.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// More TOML, section by section.
    pub config: String,
    /// The institution's own mailbox; empty for none.
    pub contact: String,
    /// As strict towards other servers as in production.
    pub guarded: bool,
    /// RSA keys that are made ahead, where a story has more people than usual.
    pub keys: usize,
}

/// Servers of several hospitals.
pub struct Cluster {
    pub instances: Vec<Instance>,
    expects_dead_letters: bool,
}

/// One hospital's server.
pub struct Instance {
    pub name: String,
    pub ctx: Ctx,
    pub address: SocketAddr,
    worker: Worker,
    config: Config,
    stop: watch::Sender<bool>,
    running: Option<JoinHandle<()>>,
}

impl Cluster {
    /// Starts one instance for each name; all allow each other.
    pub async fn of<const N: usize>(names: [&str; N]) -> Self {
        Self::with(&names, &[], Options::default()).await
    }

    /// The same as in production: neither private addresses nor plain http, which nobody here can answer.
    pub async fn guarded(names: &[&str], config: &str) -> Self {
        let options = Options { config: config.to_owned(), guarded: true, ..Options::default() };
        let mut instances = Vec::new();
        for name in names {
            instances.push(Instance::start(name, free_address(), "{}", &options).await);
        }
        Self { instances, expects_dead_letters: false }
    }

    /// The same with more hosts to be found by name, and with other settings.
    pub async fn with(names: &[&str], others: &[(&str, SocketAddr)], options: Options) -> Self {
        let addresses: Vec<SocketAddr> = names.iter().map(|_| free_address()).collect();
        let mut resolve: Vec<String> =
            names.iter().zip(&addresses).map(|(name, address)| format!("\"{name}\" = \"{address}\"")).collect();
        resolve.extend(others.iter().map(|(name, address)| format!("\"{name}\" = \"{address}\"")));
        let resolve = format!("{{ {} }}", resolve.join(", "));
        let mut instances = Vec::new();
        for (name, address) in names.iter().zip(&addresses) {
            instances.push(Instance::start(name, *address, &resolve, &options).await);
        }
        for instance in &instances {
            let all = names.iter().map(|n| (*n).to_owned()).chain(others.iter().map(|o| o.0.to_owned()));
            for other in all.filter(|n| *n != instance.name) {
                hosts::decide_by_operator(&instance.ctx, &other, HostState::Allowed, "").await.unwrap();
            }
        }
        Self { instances, expects_dead_letters: false }
    }

    pub fn get(&self, name: &str) -> &Instance {
        self.instances.iter().find(|i| i.name == name).unwrap()
    }

    pub fn get_mut(&mut self, name: &str) -> &mut Instance {
        self.instances.iter_mut().find(|i| i.name == name).unwrap()
    }

    /// Dead letters are part of the story.
    pub fn expect_dead_letters(&mut self) {
        self.expects_dead_letters = true;
    }

    /// Carries out everything on every instance until nothing moves any more.
    pub async fn settle(&self) {
        for _ in 0..100 {
            let mut moved = 0;
            for instance in self.instances.iter().filter(|i| i.running.is_some()) {
                moved += instance.worker.run_pending().await.unwrap();
            }
            if moved == 0 {
                self.check_queues().await;
                return;
            }
        }
        panic!("the instances never settle");
    }

    /// Carries out everything on every instance for as long as something goes on there; what comes of that.
    pub async fn during<T>(&self, what: impl Future<Output = T>) -> T {
        let mut what = std::pin::pin!(what);
        loop {
            tokio::select! {
                done = &mut what => return done,
                () = self.carry_out() => {}
            }
        }
    }

    async fn carry_out(&self) {
        for instance in &self.instances {
            instance.worker.run_pending().await.unwrap();
        }
    }

    /// Forgets everywhere what has ended, as the worker does once an hour.
    pub async fn sweep(&self) {
        for instance in &self.instances {
            sweep::run(&instance.ctx).await.unwrap();
        }
    }

    async fn check_queues(&self) {
        for instance in &self.instances {
            let (.., dead) = dead_letters::queue_lengths_by_operator(&instance.ctx).await.unwrap();
            assert!(dead == 0 || self.expects_dead_letters, "{} has {dead} dead letters", instance.name);
        }
    }

    /// Lets time pass everywhere.
    pub fn pass(&self, time: TimeDelta) {
        for instance in &self.instances {
            instance.ctx.clock.advance(time);
        }
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Instance {
    async fn start(name: &str, address: SocketAddr, resolve: &str, options: &Options) -> Self {
        let url = postgres::database().await;
        let folder = PathBuf::from(format!("/tmp/consilium-test-{}/files/{}", std::process::id(), address.port()));
        std::fs::create_dir_all(&folder).unwrap();
        let (scheme, open) = if options.guarded { ("https", false) } else { ("http", true) };
        let mode = if options.guarded { "mode = \"open\"\n" } else { "" };
        let text = format!(
            "[instance]\npublic_url = \"{scheme}://{name}\"\nname = \"Hospital {name}\"\nsentence = \"A hospital.\"\n\
             contact = \"{}\"\n[http]\nbind = \"{address}\"\nworkers = 1\n[database]\nurl = \"{}\"\npool_size = 6\n\
             [mail]\nmailbox_dir = \"mailbox\"\n[federation]\n{mode}allow_insecure = {open}\nallow_private_addresses = {open}\n\
             request_seconds = 5\nresolve = {resolve}\n{}",
            options.contact,
            url.expose(),
            options.config
        );
        // Stories are told without a second factor and with long sessions, but for those about these.
        let usual = [("SECOND_FACTOR_FOR", "[]"), ("IDLE_MINUTES_DESK", "480")];
        let usual = usual.into_iter().filter(|(key, _)| !options.config.contains(&key.to_lowercase()));
        let usual = usual.map(|(key, value)| (format!("CONSILIUM__ACCOUNTS__{key}"), value.to_owned()));
        let config = Config::parse(&text, &folder, usual).unwrap();
        let (ctx, worker, stop, running) = Self::run(config.clone(), options.keys).await;
        Self { name: name.to_owned(), ctx, address, worker, config, stop, running: Some(running) }
    }

    async fn run(config: Config, keys: usize) -> (Ctx, Worker, watch::Sender<bool>, JoinHandle<()>) {
        let server = Server::bind_with(config, ServerRole::Web, keys::some(keys.max(12))).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let (ctx, worker) = (server.ctx().clone(), server.worker());
        let running = tokio::spawn(async move { server.run(stopped).await.unwrap() });
        (ctx, worker, stop, running)
    }

    /// Another process of the same hospital: the same database, another address.
    pub async fn another_process(&self) -> Self {
        let mut config = self.config.clone();
        let address = free_address();
        config.http.bind = address;
        let (ctx, worker, stop, running) = Self::run(config.clone(), 0).await;
        Self { name: self.name.clone(), ctx, address, worker, config, stop, running: Some(running) }
    }

    /// Stops answering.
    pub async fn go_down(&mut self) {
        self.stop.send_replace(true);
        if let Some(running) = self.running.take() {
            tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap();
        }
    }

    /// Answers again, with what it had.
    pub async fn come_back(&mut self) {
        let (ctx, worker, stop, running) = Self::run(self.config.clone(), 0).await;
        (self.ctx, self.worker, self.stop, self.running) = (ctx, worker, stop, Some(running));
    }

    /// Somebody with an account, signed in.
    pub async fn person(&self, username: &str, role: Role) -> Browser {
        self.account(username, role).await;
        self.signed_in(username).await
    }

    /// Somebody who has an account, at another browser.
    pub async fn signed_in(&self, username: &str) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(username, PASSWORD).await;
        browser
    }

    pub async fn clinician(&self, username: &str) -> Browser {
        self.person(username, Role::Clinician).await
    }

    /// An account made by the operator.
    pub async fn account(&self, username: &str, role: Role) -> Viewer {
        let form = registration::SignUp {
            username: username.into(),
            name: format!("Dr {username}"),
            email: format!("{username}@{}", self.name),
            password: PASSWORD.into(),
            // They have chosen to be found: stories of those who have not say so.
            discoverable: true,
            ..Default::default()
        };
        let id = registration::create(&self.ctx, form, role).await.unwrap();
        Viewer::Account { id, role }
    }

    /// Somebody at a browser, not signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(self.address, &self.name).at_origin(&self.ctx.config.instance.origin())
    }

    /// The mails that were sent, as text, oldest first.
    pub fn mails(&self) -> Vec<String> {
        let folder = self.config.mail.mailbox_dir.clone().unwrap();
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default();
        files.sort();
        files.iter().map(|f| std::fs::read_to_string(f).unwrap()).collect()
    }
}
