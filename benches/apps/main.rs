//! `cargo bench --bench apps [-- --quick]`: what the apps on telephones ask of a real server with a million posts in a
//! private PostgreSQL: pages of the client API, open streams, and a photo. Load goes to 127.0.0.1 only.
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

#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "another benchmark uses the rest")]
mod common;
mod streams;

use std::{io::Cursor, time::Instant};

use common::{Ground, HOST, House, hex, load};
use consilium::crypto::token;

/// The server that is asked.
struct Bench(House);

fn main() {
    let quick = std::env::args().any(|a| a == "--quick");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(all(quick));
}

async fn all(quick: bool) {
    let ground = Ground::new("apps").await;
    let (posts, people, seconds) = if quick { (10_000, 100, 2) } else { (1_000_000, 1_000, 10) };
    let more = format!(
        "[federation]\nallow_insecure = true\n[media]\nfolder = \"{}\"\n\
         [limits]\ncalls_per_five_minutes = 0\nsearches_per_five_minutes = 100000000\n\
         uploads_per_half_hour = 100000\n",
        ground.folder.join("media").display()
    );
    let bench = Bench(House::start(&ground, &more).await);
    bench.fill(posts, people).await;
    bench.pages(seconds).await;
    streams::run(&bench.0, people, if quick { 10 } else { 50 }).await;
    bench.photo(if quick { 2 } else { 10 }).await;
    println!("memory after all of it                        {:>10.1} MB", bench.0.memory());
    drop(bench);
    ground.end();
}

impl Bench {
    /// Writers with so many posts, one in a thousand with a rare word; a reader (`p0`) who follows 500 of them and was
    /// told of 2,000 likes; a thread of 100 answers; and so many people (`p0`…) with a token (`bench0`…) who follow `w1`.
    async fn fill(&self, posts: usize, people: usize) {
        self.0.sql(&format!(
            "INSERT INTO accounts (username, uri, url, name, discoverable) SELECT 'w' || n, 'http://{HOST}/users/w' || n, 'http://{HOST}/@w' || n, 'Writer ' || n, true
               FROM generate_series(1, 2000) n;
             INSERT INTO accounts (username, uri, url, name, discoverable) SELECT 'p' || n, 'http://{HOST}/users/p' || n, 'http://{HOST}/@p' || n, 'Person ' || n, true
               FROM generate_series(0, {people} - 1) n;
             INSERT INTO users (account_id, email, password_hash, state) SELECT id, username || '@{HOST}', 'x', 'active' FROM accounts
               WHERE username ~ '^[pw][0-9]+$';
             INSERT INTO follows (follower_id, target_id, state, uri) SELECT r.id, a.id, 'accepted', 'f' || r.id || '-' || a.id FROM accounts r, accounts a
               WHERE (r.username = 'p0' AND a.username ~ '^w[0-9]+$' AND substring(a.username from 2)::int <= 500)
                 OR (r.username ~ '^p[1-9][0-9]*$' AND a.username = 'w1');
             INSERT INTO posts (id, author_id, local, uri, url, visibility, html, language, published_at)
               SELECT timestamp_id(now() - make_interval(secs => {posts} - n)), w.id, true, 'http://{HOST}/p/' || n, 'http://{HOST}/@w/' || n, 'public',
                 '<p>A post of usual length, number ' || n || ', with a few words about what works on a ward and what does not, and why.' ||
                   CASE WHEN n % 1000 = 0 THEN ' Takotsubo.' ELSE '' END || '</p>', 'en', now() - make_interval(secs => {posts} - n)
               FROM generate_series(1, {posts}) n JOIN accounts w ON w.username = 'w' || (n % 2000 + 1);
             INSERT INTO home_entries SELECT r.id, p.id FROM accounts r JOIN follows f ON f.follower_id = r.id JOIN posts p ON p.author_id = f.target_id
               WHERE r.username = 'p0' ON CONFLICT DO NOTHING;
             INSERT INTO posts (author_id, local, uri, url, visibility, html, language) SELECT id, true, 'http://{HOST}/p/own' || n, 'http://{HOST}/@p0/' || n,
                 'public', '<p>One of my own, number ' || n || '.</p>', 'en' FROM accounts, generate_series(1, 20) n WHERE username = 'p0';
             INSERT INTO posts (author_id, local, uri, url, visibility, html, language, reply_to_id, reply_to_uri)
               SELECT w.id, true, 'http://{HOST}/p/answer' || n, 'http://{HOST}/@w/a' || n, 'public', '<p>An answer, number ' || n || '.</p>', 'en', p.id, p.uri
               FROM generate_series(1, 100) n JOIN accounts w ON w.username = 'w' || n JOIN posts p ON p.uri = 'http://{HOST}/p/own1';
             INSERT INTO notifications (account_id, kind, from_id, post_id) SELECT r.id, 'like', w.id, p.id
               FROM generate_series(1, 2000) n JOIN accounts w ON w.username = 'w' || n JOIN accounts r ON r.username = 'p0'
               JOIN posts p ON p.uri = 'http://{HOST}/p/own' || (n % 20 + 1);"
        )).await;
        let rows: Vec<String> =
            (0..people).map(|n| format!("('p{n}', '\\x{}'::bytea)", hex(&token::hash(&format!("bench{n}"))))).collect();
        self.0
            .sql(&format!(
            "INSERT INTO access_tokens (token_hash, account_id, name, scopes) SELECT v.hash, a.id, 'Bench', 'read write'
               FROM (VALUES {}) v (name, hash) JOIN accounts a ON a.username = v.name;",
            rows.join(", ")
        ))
            .await;
        self.0.sql("VACUUM ANALYZE").await;
    }

    /// Pages of the client API.
    async fn pages(&self, seconds: u64) {
        let thread = self.0.count(&format!("SELECT id AS n FROM posts WHERE uri = 'http://{HOST}/p/own1'")).await;
        let pages = [
            ("home timeline", "/api/v1/timelines/home?limit=20".to_owned()),
            ("public timeline", "/api/v1/timelines/public?limit=20".to_owned()),
            ("one post", format!("/api/v1/statuses/{thread}")),
            ("its thread of 100 answers", format!("/api/v1/statuses/{thread}/context")),
            ("notifications", "/api/v1/notifications?limit=20".to_owned()),
            ("notifications, grouped", "/api/v2/notifications?limit=20".to_owned()),
            ("search, a word in each post", "/api/v2/search?type=statuses&q=ward".to_owned()),
            ("search, one post in a thousand", "/api/v2/search?type=statuses&q=takotsubo".to_owned()),
        ];
        for (name, path) in pages {
            self.page(name, &path, seconds).await;
        }
        let forty = "/api/v1/timelines/home?limit=40";
        self.page("40 posts of the home timeline", forty, seconds).await;
        self.0
            .sql(
                r#"UPDATE accounts SET badge_until = now() + interval '1 day', badge = '{"token": "bench", "discipline": "medicine",
                   "specialty": "Cardiology", "issuer": "St Brigid''s University Hospital", "register": "General Medical Council",
                   "jurisdiction": "GB", "checked_on": "2026-05-04", "until": "2099-01-01T00:00:00Z", "confirmed_at": null}'"#,
            )
            .await;
        self.0.sql("VACUUM ANALYZE accounts").await;
        self.page("the same, everybody with a badge", forty, seconds).await;
    }

    /// One page, over 16 connections.
    async fn page(&self, name: &str, path: &str, seconds: u64) {
        load::drive(self.0.address, vec![request(path, 0)], 16, Some(1)).await;
        let before = self.0.cpu();
        let run = load::drive(self.0.address, vec![request(path, 0)], 16, Some(seconds)).await;
        assert_eq!(run.failed, 0, "{path}: {}", run.why);
        println!(
            "{name:<34}            {:>10.0} /s   p50 {:.1} ms, p99 {:.1} ms, {:.2} CPU s per 1,000",
            run.rate(),
            run.p50.as_secs_f64() * 1e3,
            run.p99.as_secs_f64() * 1e3,
            (self.0.cpu() - before) / run.count as f64 * 1_000.0
        );
    }

    /// A photo of 12 megapixels, again and again, one after the other.
    async fn photo(&self, times: usize) {
        let mut seed = 1_u32;
        let pixels = image::RgbImage::from_fn(4_000, 3_000, |x, y| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (seed >> 28) as u8;
            image::Rgb([(x / 16) as u8 ^ grain, (y / 12) as u8 ^ grain, 0x5a ^ grain])
        });
        let mut photo = Cursor::new(Vec::new());
        pixels.write_to(&mut photo, image::ImageFormat::Jpeg).unwrap();
        let photo = photo.into_inner();
        let mut body = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n".to_vec();
        body.extend_from_slice(&photo);
        body.extend_from_slice(b"\r\n--b--\r\n");
        let mut request = format!(
            "POST /api/v2/media HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer bench0\r\n\
             Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(&body);
        let (before, begun, memory) = (self.0.cpu(), Instant::now(), self.0.memory());
        let run = load::drive(self.0.address, vec![request; times], 1, None).await;
        assert_eq!(run.failed, 0, "{}", run.why);
        println!(
            "a photo of 12 megapixels, {:.1} MB               {:>10.2} CPU s, answered after {:.2} s; memory {memory:.0} to {:.0} MB",
            photo.len() as f64 / 1e6,
            (self.0.cpu() - before) / times as f64,
            begun.elapsed().as_secs_f64() / times as f64,
            self.0.memory()
        );
    }
}

fn request(path: &str, person: usize) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer bench{person}\r\n\r\n").into_bytes()
}
