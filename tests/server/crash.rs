//! The process is killed in the middle of storms, at moments nobody chose; afterwards nothing is lost, nothing doubled.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use consilium::config::Secret;
use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{AsyncConnection, RunQueryDsl};
use serde_json::json;

use crate::harness::{Stranger, postgres};

/// The real server as a process of its own, that can be killed.
struct Process {
    child: Child,
    config: PathBuf,
    address: SocketAddr,
    url: Secret,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Moments that nobody chose; the seed is printed, so that a bad day can be had again.
struct Kills(u64);

impl Kills {
    fn new() -> Self {
        let seed = std::env::var("CONSILIUM_CRASH_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(rand::random);
        eprintln!("CONSILIUM_CRASH_SEED={seed}");
        Self(seed)
    }

    /// One time in thirty.
    fn now(&mut self) -> bool {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).is_multiple_of(30)
    }
}

impl Process {
    async fn start(stranger: &Stranger) -> Self {
        Self::start_as(stranger, "all").await
    }

    async fn start_as(stranger: &Stranger, role: &str) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = postgres::database().await;
        let folder = PathBuf::from(format!("/tmp/consilium-test-{}/files/{}", std::process::id(), address.port()));
        std::fs::create_dir_all(&folder).unwrap();
        let config = folder.join("consilium.toml");
        let text = format!(
            "[instance]\npublic_url = \"http://alpha.test\"\n[http]\nbind = \"{address}\"\nworkers = 1\n\
             [database]\nurl = \"{}\"\npool_size = 6\n[federation]\nmode = \"open\"\nallow_insecure = true\nallow_private_addresses = true\n\
             resolve = {{ \"{}\" = \"{}\" }}\n[worker]\nlease_seconds = 1\nactivity_seconds = 1\nfirst_retry_seconds = 1\npoll_milliseconds = 100\n[log]\nlevel = \"error\"\n",
            url.expose(),
            stranger.host,
            stranger.address
        );
        std::fs::write(&config, text).unwrap();
        let child = Self::spawn_as(&config, role);
        let process = Self { child, config, address, url };
        process.wait_until_ready().await;
        process
    }

    fn spawn(config: &PathBuf) -> Child {
        Self::spawn_as(config, "all")
    }

    fn spawn_as(config: &PathBuf, role: &str) -> Child {
        Command::new(env!("CARGO_BIN_EXE_consilium"))
            .args(["serve", "--role", role])
            .arg("--config")
            .arg(config)
            .stdin(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn command(&self, args: &[&str], input: &str) -> String {
        use std::io::Write;
        let mut command = Command::new(env!("CARGO_BIN_EXE_consilium"));
        let mut child = command
            .args(args)
            .arg("--config")
            .arg(&self.config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }

    async fn wait_until_ready(&self) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        while client.get(format!("http://{}/actor", self.address)).send().await.is_err() {
            assert!(Instant::now() < until, "the server does not come up");
            tokio::task::yield_now().await;
        }
    }

    /// Killed while a request is under way; what came of the request.
    async fn killed_during<T>(&mut self, request: impl Future<Output = T>) -> T {
        let mut request = std::pin::pin!(request);
        tokio::select! {
            biased;
            answer = &mut request => {
                self.kill_and_restart().await;
                return answer;
            }
            () = async { for _ in 0..200 { tokio::task::yield_now().await } } => {}
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let answer = request.await;
        self.child = Self::spawn(&self.config);
        self.wait_until_ready().await;
        answer
    }

    async fn kill_and_restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = Self::spawn(&self.config);
        self.wait_until_ready().await;
    }

    async fn count(&self, query: &str) -> i64 {
        let mut conn = consilium::store::Conn::establish(self.url.expose()).await.unwrap();
        diesel::sql_query(query).get_result::<Count>(&mut conn).await.unwrap().n
    }

    /// Until a number is reached; time is only the limit of patience.
    async fn until(&self, query: &str, wanted: i64) {
        let until = Instant::now() + Duration::from_secs(90);
        loop {
            let now = self.count(query).await;
            if now == wanted {
                return;
            }
            assert!(Instant::now() < until, "{query}: {now}, not {wanted}");
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_storm_survives_being_killed_again_and_again() {
    let eve = Stranger::at("eve.test").await;
    let mut process = Process::start(&eve).await;
    let target = crate::harness::stranger::Target { name: "alpha.test".into(), address: process.address };
    process.command(
        &["accounts", "create", "--username", "ada", "--email", "ada@alpha.test", "--password-stdin"],
        "three plain words\n",
    );
    let mut acknowledged = 0;
    let mut kills = Kills::new();
    for n in 0..240 {
        let mut note = eve.note(&n.to_string(), &format!("Note {n}"));
        note["tag"] = json!([{ "type": "Mention", "href": "http://alpha.test/users/ada" }]);
        let activity = eve.activity("Create", &n.to_string(), note);
        // What is not acknowledged is sent again, as every server does.
        loop {
            // The process may die while it answers.
            let sending = eve.try_deliver(&target, &activity);
            let answer = if kills.now() { process.killed_during(sending).await } else { sending.await };
            if answer == Some(202) {
                break;
            }
            tokio::task::yield_now().await;
        }
        acknowledged += 1;
    }
    process.until("SELECT count(*) AS n FROM received", 0).await;
    assert_eq!(process.count("SELECT count(*) AS n FROM posts").await, acknowledged);
    assert_eq!(process.count("SELECT posts_count AS n FROM accounts WHERE username = 'eve'").await, acknowledged);
    assert_eq!(process.count("SELECT count(*) AS n FROM dead_letters").await, 0);
    assert_eq!(process.count("SELECT count(*) AS n FROM notifications").await, acknowledged, "told of each once");
    assert_eq!(process.count("SELECT count(*) AS n FROM mentions").await, acknowledged);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_storm_survives_being_killed_again_and_again() {
    let eve = Stranger::at("eve.test").await;
    let mut process = Process::start(&eve).await;
    process.command(
        &["accounts", "create", "--username", "ada", "--email", "ada@alpha.test", "--password-stdin"],
        "three plain words\n",
    );
    let target = crate::harness::stranger::Target { name: "alpha.test".into(), address: process.address };
    let follow = eve.activity("Follow", "f", json!("http://alpha.test/users/ada"));
    assert_eq!(eve.try_deliver(&target, &follow).await, Some(202));
    process.until("SELECT count(*) AS n FROM follows WHERE state = 'accepted'", 1).await;
    let mut ada = crate::harness::Browser::new(process.address, "alpha.test");
    ada.sign_in("ada", "three plain words").await;
    let mut kills = Kills::new();
    for n in 0..60 {
        ada.post(&format!("Word number {n}."), "public").await;
        // What is under way at this moment is somewhere between the commit and the other side's answer.
        if kills.now() {
            process.kill_and_restart().await;
        }
    }
    assert_eq!(process.count("SELECT count(*) AS n FROM home_entries").await, 60, "on her own home once");
    process
        .until(
            "SELECT (SELECT count(*) FROM outbox WHERE fanned_out_at IS NULL) + (SELECT count(*) FROM deliveries) AS n",
            0,
        )
        .await;
    let received = eve.received.lock().unwrap().clone();
    let ids: Vec<String> =
        received.iter().filter(|a| a["type"] == "Create").map(|a| a["id"].as_str().unwrap().to_owned()).collect();
    let mut distinct = ids.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(
        distinct.len(),
        60,
        "every post arrived; a repeated one has the same id and is dropped by whoever gets it"
    );
    let firsts: Vec<&String> =
        ids.iter().enumerate().filter(|(n, id)| !ids[..*n].contains(id)).map(|(_, id)| id).collect();
    let numbers: Vec<i64> = firsts.iter().map(|id| id.split('/').rev().nth(1).unwrap().parse().unwrap()).collect();
    assert!(numbers.is_sorted(), "in the order in which they were written");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_share_what_a_web_process_takes_in_and_nothing_is_done_twice() {
    let eve = Stranger::at("eve.test").await;
    let mut web = Process::start_as(&eve, "web").await;
    web.command(
        &["accounts", "create", "--username", "ada", "--email", "ada@alpha.test", "--password-stdin"],
        "three plain words\n",
    );
    let mut workers: Vec<Child> = (0..2).map(|_| Process::spawn_as(&web.config, "worker")).collect();
    let target = crate::harness::stranger::Target { name: "alpha.test".into(), address: web.address };
    let follow = eve.activity("Follow", "f", json!("http://alpha.test/users/ada"));
    assert_eq!(eve.try_deliver(&target, &follow).await, Some(202));
    web.until("SELECT count(*) AS n FROM follows WHERE state = 'accepted'", 1).await;
    let mut ada = crate::harness::Browser::new(web.address, "alpha.test");
    ada.sign_in("ada", "three plain words").await;
    for n in 0..20 {
        ada.post(&format!("Word number {n}."), "public").await;
        let like = eve.note(&n.to_string(), &format!("Note {n}"));
        assert_eq!(eve.try_deliver(&target, &eve.activity("Create", &n.to_string(), like)).await, Some(202));
    }
    let waiting = "SELECT (SELECT count(*) FROM outbox WHERE fanned_out_at IS NULL) + (SELECT count(*) FROM deliveries) \
        + (SELECT count(*) FROM received) AS n";
    web.until(waiting, 0).await;
    let ids: Vec<String> = eve
        .received
        .lock()
        .unwrap()
        .iter()
        .filter(|a| a["type"] == "Create")
        .map(|a| a["id"].as_str().unwrap().to_owned())
        .collect();
    let numbers: Vec<i64> = ids.iter().map(|id| id.split('/').rev().nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!(ids.len(), 20, "each once");
    assert!(numbers.is_sorted(), "in order");
    assert_eq!(web.count("SELECT count(*) AS n FROM posts WHERE NOT local").await, 20);
    for worker in &mut workers {
        worker.kill().unwrap();
        worker.wait().unwrap();
    }
    web.child.kill().unwrap();
}
