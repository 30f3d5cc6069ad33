//! `cargo bench --bench cases [-- --quick]`: what reading cases costs: the queue of somebody in twenty groups, the cases of a
//! group, a case without an answer, and one with 500. A real server over a private PostgreSQL; load goes to 127.0.0.1 only.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    unreachable_pub,
    reason = "a benchmark ends loudly, prints, and counts in floating point"
)]

#[path = "common/mod.rs"]
#[expect(dead_code, reason = "another benchmark uses the rest")]
mod common;

use std::{path::PathBuf, time::Duration};

use common::{HOST, House, hex, load};
use consilium::{
    crypto::token,
    store::{
        self,
        embedded::{Cluster, Durability},
    },
};

/// After so long at rest PostgreSQL has added up what its sessions did.
const SETTLED: Duration = Duration::from_secs(12);
/// Of so many pages the queries are counted.
const COUNTED: usize = 200;

fn main() {
    let quick = std::env::args().any(|a| a == "--quick");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(all(quick));
}

async fn all(quick: bool) {
    let folder = PathBuf::from(format!("/var/tmp/consilium-bench-cases-{}", std::process::id()));
    let cluster = Cluster::start(&folder, Durability::Safe).unwrap();
    cluster.create_database("bench", None).await.unwrap();
    let url = cluster.url("bench");
    store::migrate(&url).await.unwrap();
    // The worker looks at its queues so seldom that its queries are not among those that are counted.
    let more = "[federation]\nallow_insecure = true\n[accounts]\nidle_minutes = 10000\nsession_hours = 1000\n\
        [worker]\npoll_milliseconds = 3600000\n";
    let house = House::start(&folder, url, more).await;
    fill(&house, if quick { 20 } else { 200 }).await;
    let seconds = if quick { 2 } else { 10 };
    let group = house.count("SELECT id AS n FROM accounts WHERE username = 'g1'").await;
    let case = |number: i64| format!("SELECT id AS n FROM posts WHERE uri = 'http://{HOST}/p/g1-{number}'");
    let (quiet, busy) = (house.count(&case(1)).await, house.count(&case(2)).await);
    let pages = [
        ("queue, for one's own specialty", "/cases".to_owned()),
        ("queue, all that waits", "/cases?show=all".to_owned()),
        ("queue, of one group", format!("/cases?show=all&group={group}")),
        ("the cases of a group", "/groups/g1?what=cases".to_owned()),
        ("a case without an answer", format!("/@w1/{quiet}")),
        ("a case with 500 answers", format!("/@w2/{busy}")),
        ("home page", "/".to_owned()),
    ];
    // Every connection has prepared every statement before anything is measured.
    for (_, path) in &pages {
        load::drive(house.address, vec![request(path)], 16, Some(1)).await;
    }
    let queries = queries(&house, &pages).await;
    for ((name, path), queries) in pages.iter().zip(queries) {
        page(&house, name, path, seconds, queries).await;
    }
    println!("memory after all of it                {:>10.1} MB", house.memory());
    drop(house);
    drop(cluster);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A reader who is asked about cardiology and belongs to 20 closed groups of 500 people; in each so many open cases and as many
/// that are answered, by 100 writers; and 500 answers to the second case of the first group, a quarter of them to other answers.
async fn fill(house: &House, cases: usize) {
    house.sql(&format!(
        "INSERT INTO accounts (username, uri, url, name, discoverable) SELECT 'w' || n, 'http://{HOST}/users/w' || n, 'http://{HOST}/@w' || n, 'Writer ' || n, true
           FROM generate_series(1, 500) n;
         INSERT INTO users (account_id, email, email_confirmed_at, password_hash, state) SELECT id, username || '@{HOST}', now(), 'x', 'active'
           FROM accounts WHERE username ~ '^w[0-9]+$';
         UPDATE accounts SET badge_until = now() + interval '1 day', badge = '{{\"token\": \"bench\", \"discipline\": \"medicine\",
           \"specialty\": \"Cardiology\", \"issuer\": \"St Brigid''s University Hospital\", \"register\": \"General Medical Council\",
           \"jurisdiction\": \"GB\", \"checked_on\": \"2026-05-04\", \"until\": \"2099-01-01T00:00:00Z\", \"confirmed_at\": null}}'
           WHERE username ~ '^w[0-9]+$';
         INSERT INTO accounts (username, kind, uri, url, name, followers_count) SELECT 'g' || n, 'group', 'http://{HOST}/users/g' || n, 'http://{HOST}/@g' || n,
           'Group ' || n, 500 FROM generate_series(1, 20) n;
         INSERT INTO groups (account_id, kind, admission) SELECT id, 'closed', 'free' FROM accounts WHERE username ~ '^g[0-9]+$';
         INSERT INTO follows (follower_id, target_id, state, uri) SELECT w.id, g.id, 'accepted', 'f' || w.id || '-' || g.id
           FROM accounts w, accounts g WHERE w.username ~ '^w[0-9]+$' AND g.username ~ '^g[0-9]+$';
         INSERT INTO posts (id, author_id, local, uri, url, kind, visibility, group_id, title, html, language, published_at)
           SELECT timestamp_id(now() - make_interval(mins => 9 * n)), w.id, true, 'http://{HOST}/p/' || g.username || '-' || n, 'http://{HOST}/@' || w.username || '/' || n,
             'page', 'group', g.id, 'Question ' || n || ': would you treat this as it looks, or wait for the next test?',
             '<p>' || repeat('A section of usual length, with what was found and what was done so far. ', 30) || '</p>', 'en', now() - make_interval(mins => 9 * n)
           FROM accounts g CROSS JOIN generate_series(1, {cases} * 2) n JOIN accounts w ON w.username = 'w' || (n % 100) WHERE g.username ~ '^g[0-9]+$' AND n % 100 <> 0;
         INSERT INTO cases (post_id, group_id, urgency, state, specialties, body, asked_at, first_answer_at)
           SELECT p.id, p.group_id, (ARRAY['routine', 'soon', 'today'])[1 + p.id % 3], CASE WHEN x.n <= {cases} THEN 'open' ELSE 'answered' END,
             CASE x.n % 4 WHEN 0 THEN '{{}}'::text[] WHEN 1 THEN '{{207RC0000X}}' ELSE '{{207N00000X,207L00000X}}' END,
             jsonb_build_object('age', '30 to 39', 'sex', 'male', 'timeline', jsonb_build_array(jsonb_build_object('at', 'Day 0', 'text', 'It began.')), 'sections',
               (SELECT jsonb_agg(jsonb_build_object('key', k, 'source', s.text, 'html', '<p>' || s.text || '</p>'))
                FROM unnest(ARRAY['asked', 'presentation', 'history', 'findings', 'investigations', 'diagnosis', 'done']) k,
                  (SELECT repeat('A section of usual length, with what was found and what was done so far. ', 6) AS text) s)),
             p.published_at, CASE WHEN x.n > {cases} THEN p.published_at + interval '40 minutes' END
           FROM posts p CROSS JOIN LATERAL (SELECT substring(p.uri from '[0-9]+$')::int AS n) x;
         INSERT INTO case_consents (post_id, basis, scope) SELECT post_id, 'written', 'group' FROM cases;
         INSERT INTO posts (id, author_id, local, uri, url, visibility, group_id, html, language, published_at, reply_to_id, reply_to_uri)
           SELECT timestamp_id(c.published_at + make_interval(secs => n)), w.id, true, c.uri || '/a' || n, c.url || '/a' || n, 'group', c.group_id,
             '<p>An answer of usual length, number ' || n || ', that says what to do next and why, and what to look out for meanwhile.</p>', 'en',
             c.published_at + make_interval(secs => n), c.id, c.uri
           FROM generate_series(1, 500) n JOIN accounts w ON w.username = 'w' || n JOIN posts c ON c.uri = 'http://{HOST}/p/g1-2';
         UPDATE posts a SET reply_to_id = b.id, reply_to_uri = b.uri FROM posts b
           WHERE a.uri ~ '/a[0-9]+$' AND substring(a.uri from '[0-9]+$')::int % 4 = 0
             AND b.uri = regexp_replace(a.uri, '[0-9]+$', '') || (substring(a.uri from '[0-9]+$')::int - 1);
         UPDATE posts SET replies_count = 375 WHERE uri = 'http://{HOST}/p/g1-2';
         INSERT INTO case_wishes (account_id, specialties) SELECT id, '{{207RC0000X}}' FROM accounts WHERE username = 'w500';
         INSERT INTO sessions (token_hash, account_id) SELECT '\\x{}', id FROM accounts WHERE username = 'w500';",
        hex(&token::hash("bench"))
    ))
    .await;
    house.sql("VACUUM ANALYZE").await;
}

fn request(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\nCookie: session-80=bench\r\n\r\n").into_bytes()
}

/// How many statements outside of transactions, and transactions, the database has carried out.
async fn carried_out(house: &House) -> i64 {
    tokio::time::sleep(SETTLED).await;
    house.count("SELECT xact_commit AS n FROM pg_stat_database WHERE datname = current_database()").await
}

/// How many queries each page takes. What the server and the counting do by themselves is taken off.
async fn queries(house: &House, pages: &[(&str, String)]) -> Vec<f64> {
    let idle = carried_out(house).await;
    let mut before = carried_out(house).await;
    let noise = before - idle;
    let mut all = Vec::new();
    for (_, path) in pages {
        load::drive(house.address, vec![request(path); COUNTED], 1, None).await;
        let after = carried_out(house).await;
        all.push((after - before - noise) as f64 / COUNTED as f64);
        before = after;
    }
    all
}

/// One page: by one reader, then over 16 connections.
async fn page(house: &House, name: &str, path: &str, seconds: u64, queries: f64) {
    let alone = load::drive(house.address, vec![request(path)], 1, Some(seconds.min(3))).await;
    let before = house.cpu();
    let run = load::drive(house.address, vec![request(path)], 16, Some(seconds)).await;
    let spent = house.cpu() - before;
    assert_eq!(alone.failed + run.failed, 0, "{path}: {}{}", alone.why, run.why);
    println!(
        "{name:<34} {:>8.0} /s   p50 {:.1} ms, p99 {:.1} ms, alone {:.1} ms, {:.2} CPU s per 1,000, {queries:.1} queries",
        run.rate(),
        run.p50.as_secs_f64() * 1e3,
        run.p99.as_secs_f64() * 1e3,
        alone.p50.as_secs_f64() * 1e3,
        spent / run.count as f64 * 1_000.0
    );
}
