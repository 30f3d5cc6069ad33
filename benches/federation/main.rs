//! `cargo bench --bench federation [-- --quick]`: the real server with a private PostgreSQL, a fake fediverse in another
//! process, and the machine's own limits measured in the same run. Load goes to 127.0.0.1 only and ends by itself.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a benchmark ends loudly, prints, and counts in floating point"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/fediverse.rs"]
mod fediverse;
#[path = "../common/form.rs"]
mod form;

use common::{Ground, HOST, House, free, hex, load};
use fediverse::{Peers, Taken};
use std::{
    fmt::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use chrono::Utc;
use consilium::{
    config::Secret,
    crypto::{RsaKeyPair, signature::cavage, token},
    store::Conn,
};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use url::Url;

/// The server, the fake fediverse, and the key of its people.
struct Bench {
    house: House,
    peers: Peers,
    key: RsaKeyPair,
    client: reqwest::Client,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if fediverse::is_run(&args) {
        return;
    }
    let quick = args.iter().any(|a| a == "--quick");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(all(quick));
}

async fn all(quick: bool) {
    let ground = Ground::new("federation").await;
    let signing = limits(&ground.url(), quick).await;
    let mut bench = Bench::start(&ground).await;
    println!("idle memory                                   {:>10.1} MB", bench.house.memory());
    bench.prepare(quick).await;
    bench.inbox(if quick { 2_000 } else { 20_000 }).await;
    bench.follows(if quick { 1_000 } else { 2_000 }).await;
    for (kind, name) in [("fast", "at once"), ("slow", "after 100 ms"), ("mix", "one in ten hangs")] {
        for hosts in if quick { vec![100] } else { vec![500, 2_000] } {
            bench.deliveries(kind, name, hosts, signing).await;
        }
    }
    let seconds = if quick { 3 } else { 10 };
    let small = bench.reads(10_000, seconds).await;
    if !quick {
        let large = bench.reads(1_000_000, seconds).await;
        println!("growth of a home timeline, 10 thousand to 1 million {:>5.2} x", small / large);
    }
    println!("memory after all of it                        {:>10.1} MB", bench.house.memory());
    bench.ready().await;
    drop(bench);
    ground.end();
}

/// What the machine can do at best: RSA-2048 a second on one core, commits and batched rows a second.
async fn limits(url: &Secret, quick: bool) -> f64 {
    let key = RsaKeyPair::generate().unwrap();
    let (signing, verifying) = (key.signing_key(), key.verifying_key().unwrap());
    let rounds = if quick { 500 } else { 3_000 };
    let begun = Instant::now();
    let mut signature = Vec::new();
    for n in 0..rounds {
        signature = signing.sign_rsa_sha256(format!("message {n}").as_bytes()).unwrap();
    }
    let signs = f64::from(rounds) / begun.elapsed().as_secs_f64();
    let last = format!("message {}", rounds - 1);
    let begun = Instant::now();
    assert!((0..rounds * 5).all(|_| verifying.verify(last.as_bytes(), &signature)));
    let verifies = f64::from(rounds * 5) / begun.elapsed().as_secs_f64();
    println!("limit: RSA-2048 signatures, one core          {signs:>10.0} /s");
    println!("limit: RSA-2048 verifications, one core       {verifies:>10.0} /s");
    let mut conn = Conn::establish(url.expose()).await.unwrap();
    conn.batch_execute("CREATE TABLE limit_rows (id bigserial PRIMARY KEY, text text)").await.unwrap();
    let begun = Instant::now();
    for _ in 0..rounds {
        diesel::sql_query("INSERT INTO limit_rows (text) VALUES ('a row')").execute(&mut conn).await.unwrap();
    }
    println!(
        "limit: single-row commits, one connection     {:>10.0} /s",
        f64::from(rounds) / begun.elapsed().as_secs_f64()
    );
    let begun = Instant::now();
    for _ in 0..rounds / 10 {
        let many = "INSERT INTO limit_rows (text) SELECT 'a row' FROM generate_series(1, 256)";
        diesel::sql_query(many).execute(&mut conn).await.unwrap();
    }
    println!(
        "limit: rows in INSERTs of 256                 {:>10.0} /s",
        f64::from(rounds / 10 * 256) / begun.elapsed().as_secs_f64()
    );
    conn.batch_execute("DROP TABLE limit_rows").await.unwrap();
    let empty = free();
    let server = actix_web::HttpServer::new(|| {
        actix_web::App::new().route("/", actix_web::web::get().to(actix_web::HttpResponse::Ok))
    })
    .workers(2)
    .disable_signals()
    .bind(empty)
    .unwrap()
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    let run = load::drive(empty, vec![b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()], 16, Some(2)).await;
    println!("limit: empty answers of the HTTP library      {:>10.0} /s", run.rate());
    handle.stop(false).await;
    signs
}

impl Bench {
    async fn start(ground: &Ground) -> Self {
        let key = RsaKeyPair::generate().unwrap();
        let peers = Peers::start(&ground.folder, &key);
        let at = peers.address;
        let names = (0..2_000)
            .flat_map(|n| ["fast", "slow", "hang"].map(|k| format!("\"{k}{n}.test\" = \"{at}\"")))
            .collect::<Vec<_>>();
        let more = format!(
            "[federation]\nmode = \"open\"\nallow_insecure = true\nallow_private_addresses = true\nauthorized_fetch = false\n\
             resolve = {{ \"peers.test\" = \"{at}\", {} }}\n[accounts]\nidle_minutes = 10000\nsession_hours = 1000\n",
            names.join(", ")
        );
        let house = House::start(ground, &more).await;
        Self { house, peers, key, client: form::client() }
    }

    async fn until(&self, query: &str, wanted: i64) {
        let begun = Instant::now();
        while self.house.count(query).await != wanted {
            assert!(begun.elapsed() < Duration::from_secs(180), "{query} never becomes {wanted}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// One of our own people, 200 known actors whom they follow, and a session.
    async fn prepare(&self, _quick: bool) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_consilium"))
            .args([
                "accounts",
                "create",
                "--username",
                "reader",
                "--email",
                "reader@bench.test",
                "--password-stdin",
                "--config",
            ])
            .arg(&self.house.config)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"three plain words\n").unwrap();
        assert!(child.wait().unwrap().success());
        let pem = self.key.public_pem().unwrap();
        let hash = hex(&token::hash("bench"));
        self.house.sql(&format!(
            "INSERT INTO hosts (name) VALUES ('peers.test');
             INSERT INTO accounts (host_id, host, username, uri, url, inbox, shared_inbox, followers_uri)
               SELECT h.id, h.name, 'known' || n, 'http://peers.test/users/known' || n, 'http://peers.test/users/known' || n,
                 'http://peers.test/users/known' || n || '/inbox', 'http://peers.test/inbox', 'http://peers.test/users/known' || n || '/followers'
               FROM hosts h, generate_series(0, 199) n WHERE h.name = 'peers.test';
             INSERT INTO account_keys (account_id, uri, kind, public_key) SELECT id, uri || '#main-key', 'rsa', '{pem}' FROM accounts WHERE host = 'peers.test';
             INSERT INTO follows (follower_id, target_id, state, uri) SELECT r.id, a.id, 'accepted', 'x' || a.id FROM accounts r, accounts a
               WHERE r.username = 'reader' AND a.host = 'peers.test';
             INSERT INTO sessions (token_hash, account_id) SELECT '\\x{hash}', id FROM accounts WHERE username = 'reader';
             ANALYZE;"
        )).await;
    }

    fn signed(&self, actor: &str, body: &str) -> Vec<u8> {
        let url = Url::parse(&format!("http://{HOST}/inbox")).unwrap();
        let headers = cavage::sign(
            ("POST", &url, Some(body.as_bytes())),
            &format!("{actor}#main-key"),
            &self.key.signing_key(),
            Utc::now(),
            None,
        )
        .unwrap();
        let mut request = format!(
            "POST /inbox HTTP/1.1\r\nContent-Type: application/activity+json\r\nContent-Length: {}\r\n",
            body.len()
        );
        if !headers.iter().any(|(n, _)| *n == "host") {
            write!(request, "host: {HOST}\r\n").unwrap();
        }
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        request.push_str("\r\n");
        request.push_str(body);
        request.into_bytes()
    }

    /// Signed Create(Note) from 200 known actors, until all are on the timeline.
    async fn inbox(&self, many: usize) {
        let requests: Vec<Vec<u8>> = (0..many).map(|n| {
            let actor = format!("http://peers.test/users/known{}", n % 200);
            let note = format!("http://peers.test/notes/{n}");
            let body = serde_json::json!({ "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{note}/activity"), "type": "Create",
                "actor": actor, "object": { "id": note, "type": "Note", "attributedTo": actor, "published": Utc::now().to_rfc3339(),
                "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [format!("{actor}/followers")],
                "content": format!("<p>A note of usual length, number {n}, with <a href=\"https://example.org/{n}\">a link</a> and some words about the ward.</p>") } });
            self.signed(&actor, &body.to_string())
        }).collect();
        let before = self.house.cpu();
        let begun = Instant::now();
        let run = load::drive(self.house.address, requests, 32, None).await;
        assert_eq!(run.failed, 0, "{}", run.why);
        self.until("SELECT count(*) AS n FROM received", 0).await;
        let seconds = begun.elapsed().as_secs_f64();
        assert_eq!(
            self.house.count("SELECT count(*) AS n FROM posts WHERE uri LIKE 'http://peers.test/notes/%'").await,
            i64::try_from(many).unwrap()
        );
        let spent = (self.house.cpu() - before) / many as f64 * 1_000.0;
        println!("inbox, Create of known actors: accepted       {:>10.0} /s", run.rate());
        println!(
            "inbox, Create of known actors: processed      {:>10.0} /s   {spent:.2} CPU s per 1,000, p99 of the 202 {:.1} ms",
            many as f64 / seconds,
            run.p99.as_secs_f64() * 1e3
        );
    }

    /// Follows by actors nobody knows: fetched, stored, accepted, told.
    async fn follows(&self, many: usize) {
        self.peers.reset().await;
        let requests: Vec<Vec<u8>> = (0..many).map(|n| {
            let actor = format!("http://peers.test/users/new{n}");
            let body = serde_json::json!({ "id": format!("{actor}/follow"), "type": "Follow", "actor": actor, "object": format!("http://{HOST}/users/reader") });
            self.signed(&actor, &body.to_string())
        }).collect();
        let before = self.house.cpu();
        let begun = Instant::now();
        let run = load::drive(self.house.address, requests, 32, None).await;
        self.until("SELECT (SELECT count(*) FROM received) + (SELECT count(*) FROM outbox WHERE fanned_out_at IS NULL) + (SELECT count(*) FROM deliveries) AS n", 0).await;
        let seconds = begun.elapsed().as_secs_f64();
        let spent = (self.house.cpu() - before) / many as f64 * 1_000.0;
        let accepted = self
            .house
            .count("SELECT count(*) AS n FROM follows WHERE state = 'accepted' AND uri LIKE '%/follow'")
            .await;
        println!(
            "Follow of unknown actors, until accepted      {:>10.0} /s   {spent:.2} CPU s per 1,000, {accepted} of {many}, {} refused",
            accepted as f64 / seconds,
            run.failed
        );
    }

    /// One post to so many hosts.
    async fn deliveries(&self, kind: &str, name: &str, hosts: usize, signing: f64) {
        let host = match kind {
            "mix" => "CASE WHEN n % 10 = 0 THEN 'hang' ELSE 'fast' END".to_owned(),
            k => format!("'{k}'"),
        };
        self.house.sql(&format!(
            "DELETE FROM deliveries; DELETE FROM follows WHERE target_id = (SELECT id FROM accounts WHERE username = 'reader');
             INSERT INTO hosts (name, dialect) SELECT {host} || n || '.test', 'cavage' FROM generate_series(0, {hosts} - 1) n ON CONFLICT DO NOTHING;
             UPDATE hosts SET failures = 0, retry_at = 'epoch', leased_until = 'epoch';
             INSERT INTO accounts (host_id, host, username, uri, url, inbox, shared_inbox) SELECT h.id, h.name, 'f', 'http://' || h.name || '/users/f',
               'http://' || h.name, 'http://' || h.name || '/users/f/inbox', 'http://' || h.name || '/inbox'
               FROM generate_series(0, {hosts} - 1) n JOIN hosts h ON h.name = {host} || n || '.test' ON CONFLICT DO NOTHING;
             ANALYZE;"
        )).await;
        // ANALYZE had every statement planned anew; that is no part of a post.
        self.publish("To nobody").await;
        self.until("SELECT count(*) AS n FROM outbox WHERE fanned_out_at IS NULL", 0).await;
        self.house.sql(&format!(
            "INSERT INTO follows (follower_id, target_id, state, uri) SELECT a.id, r.id, 'accepted', 'y' || a.id FROM accounts r, generate_series(0, {hosts} - 1) n
               JOIN accounts a ON a.host = {host} || n || '.test' WHERE r.username = 'reader' ON CONFLICT DO NOTHING;"
        )).await;
        self.peers.reset().await;
        let before = self.house.cpu();
        let begun = self.publish(&format!("To {hosts} hosts {kind}")).await;
        let wanted = if kind == "mix" { hosts - hosts / 10 } else { hosts };
        let Taken { count, first, last } = self.peers.taken(wanted, begun).await;
        let rate = count as f64 / (last as f64 / 1_000.0);
        println!(
            "deliveries to {hosts:>5} hosts, {name:<17}       {rate:>10.0} /s   {:.0} % of signing, first after {first} ms, {:.2} CPU s per 1,000, {count} of {wanted}",
            rate / signing * 100.0,
            (self.house.cpu() - before) / count as f64 * 1_000.0
        );
    }

    /// Posts as the reader, by the form; returns when the form was sent.
    async fn publish(&self, words: &str) -> u64 {
        let fields = [("text", words), ("visibility", "public"), ("warning", ""), ("language", "en")];
        let begun = fediverse::millis();
        form::send(&self.client, self.house.address, "bench", "/posts", &fields).await;
        begun
    }

    /// Home timeline with 500 follows and ActivityPub objects, at so many posts. Returns timelines a second.
    async fn reads(&self, posts: usize, seconds: u64) -> f64 {
        self.house.sql(&format!(
            "INSERT INTO accounts (username, uri, url, name) SELECT 'w' || n, 'http://{HOST}/users/w' || n, 'http://{HOST}/@w' || n, 'Writer ' || n
               FROM generate_series(1, 2000) n ON CONFLICT DO NOTHING;
             INSERT INTO follows (follower_id, target_id, state, uri) SELECT r.id, a.id, 'accepted', 'z' || a.id FROM accounts r, accounts a
               WHERE r.username = 'reader' AND a.username ~ '^w[0-9]+$' AND substring(a.username from 2)::int <= 500 ON CONFLICT DO NOTHING;
             INSERT INTO posts (id, author_id, local, uri, url, visibility, html, language, published_at)
               SELECT timestamp_id(now() - make_interval(secs => {posts} - n)), w.id, true, 'http://{HOST}/p/{posts}/' || n, 'http://{HOST}/p/' || n, 'public',
                 '<p>A post of usual length, number ' || n || ', with a few words about what works on a ward and what does not, and why.</p>', 'en',
                 now() - make_interval(secs => {posts} - n)
               FROM generate_series(1, {posts}) n JOIN accounts w ON w.username = 'w' || (n % 2000 + 1);
             INSERT INTO home_entries SELECT r.id, p.id FROM accounts r, posts p JOIN follows f ON f.target_id = p.author_id
               WHERE r.username = 'reader' AND f.follower_id = r.id AND p.local ON CONFLICT DO NOTHING;"
        )).await;
        self.house.sql("VACUUM ANALYZE").await;
        let home = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\nCookie: session-80=bench\r\n\r\n");
        let name = if posts >= 1_000_000 { "1 million posts" } else { "10 thousand posts" };
        let run = self.again(&format!("home timeline, {name}"), home, seconds).await;
        let id = self.house.count("SELECT max(id) AS n FROM posts p WHERE local AND author_id = (SELECT id FROM accounts WHERE username = 'reader')").await;
        let object = format!(
            "GET /users/reader/posts/{id} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/activity+json\r\n\r\n"
        );
        self.again(&format!("ActivityPub object, {name}"), object, seconds).await;
        run.rate()
    }

    /// Asks for the same again and again over 16 connections, and says what came of it.
    async fn again(&self, what: &str, request: String, seconds: u64) -> load::Run {
        let before = self.house.cpu();
        let run = load::drive(self.house.address, vec![request.into_bytes()], 16, Some(seconds)).await;
        println!(
            "{what:<46}{:>10.0} /s   p50 {:.1} ms, p99 {:.1} ms, {:.2} CPU s per 1,000, {} failed",
            run.rate(),
            run.p50.as_secs_f64() * 1e3,
            run.p99.as_secs_f64() * 1e3,
            (self.house.cpu() - before) / run.count as f64 * 1_000.0,
            run.failed
        );
        run
    }

    /// From spawn to the first answer on a migrated database.
    async fn ready(&mut self) {
        let begun = Instant::now();
        self.house.restart().await;
        println!("ready on a migrated database after            {:>10.0} ms", begun.elapsed().as_secs_f64() * 1e3);
    }
}
