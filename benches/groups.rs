//! `cargo bench --bench groups [-- --quick]`: what a group costs: a case on its way to the servers of 2,000 members, and the
//! pages on which cases and discussions are read, of a group of ours and of one of another server. A real server over a private
//! PostgreSQL, and 200 fake hosts in another process; load goes to 127.0.0.1 only.
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
mod common;
#[path = "common/fediverse.rs"]
mod fediverse;
#[path = "common/form.rs"]
mod form;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use common::{Ground, HOST, House, hex, load};
use consilium::{
    config::Secret,
    crypto::{RsaKeyPair, token},
    store::Conn,
};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fediverse::{Peers, Taken};

/// The other server whose group is read.
const ELSEWHERE: &str = "elsewhere.test";
/// Members on each of the hosts that a case goes to.
const MEMBERS: usize = 10;
/// Cases that are posted for one time.
const ROUNDS: usize = 7;
/// Pages of which the statements are counted.
const COUNTED: usize = 5;
/// After so long everything that follows from a case is done.
const SETTLED: Duration = Duration::from_secs(3);

/// A badge, as JSON in SQL.
const BADGE: &str = r#"'{"token": "bench", "discipline": "medicine", "specialty": "Cardiology",
    "issuer": "St Brigid''s University Hospital", "register": "General Medical Council", "jurisdiction": "GB",
    "checked_on": "2026-05-04", "until": "2099-01-01T00:00:00Z", "confirmed_at": null}'::jsonb"#;

/// What a case tells, in SQL: seven sections of about 450 letters.
const BODY: &str = "jsonb_build_object('age', '30 to 39', 'sex', 'male', \
    'timeline', jsonb_build_array(jsonb_build_object('at', 'Day 0', 'text', 'It began.')), \
    'sections', (SELECT jsonb_agg(jsonb_build_object('key', s.key, 'source', s.words, 'html', '<p>' || s.words || '</p>')) \
      FROM (SELECT key, repeat('A section of usual length, with what was found and what was done so far. ', 6) AS words \
        FROM unnest(ARRAY['asked', 'presentation', 'history', 'findings', 'investigations', 'diagnosis', 'done']) AS key) s))";

/// The text of a post that opens something, in SQL.
const OPENING: &str =
    "'<p>' || repeat('A text of usual length, with what was found and what was done so far. ', 20) || '</p>'";

/// What is written into a new case.
const CASE: [(&str, &str); 12] = [
    ("question", "Ablate now, or wait?"),
    ("age", "30 to 39"),
    ("sex", "male"),
    ("urgency", "soon"),
    ("section-asked", "Would you ablate before he runs again?"),
    ("section-history", "Endurance runner, no medicines."),
    ("section-findings", "Blood pressure 118/70, lungs clear."),
    ("steps", "yes"),
    ("step_at", "Day 0"),
    ("step_text", "Palpitations after a hard run."),
    ("basis", "not_identifiable"),
    ("scope", "group"),
];

/// How much there is of everything.
#[derive(Clone, Copy)]
struct Size {
    /// Hosts with members of the group in which a case is posted.
    hosts: usize,
    /// Posts of a group that is read, every second one a case.
    posts: usize,
    /// Direct answers to the newest of them; it has five times as many in all.
    direct: usize,
    /// Open cases of each group of the queue.
    cases: usize,
    /// Seconds for each page.
    seconds: u64,
}

/// A page that is measured, and who reads it.
struct Page {
    name: &'static str,
    path: String,
    who: &'static str,
    /// What stands in it, and how often at least.
    holds: (&'static str, usize),
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    words: String,
}

/// The server, the fake hosts, and the log of PostgreSQL.
struct Bench {
    house: House,
    url: Secret,
    log: PathBuf,
    peers: Peers,
    client: reqwest::Client,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if fediverse::is_run(&args) {
        return;
    }
    let size = if args.iter().any(|a| a == "--quick") {
        Size { hosts: 20, posts: 100, direct: 10, cases: 10, seconds: 2 }
    } else {
        Size { hosts: 200, posts: 1_000, direct: 100, cases: 250, seconds: 10 }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(all(size));
}

async fn all(size: Size) {
    let ground = Ground::new("groups").await;
    let mut bench = Bench::start(&ground, size).await;
    bench.people().await;
    for host in [HOST, ELSEWHERE] {
        bench.room(host, size).await;
        bench.answers(host, size).await;
    }
    bench.queue(size).await;
    let group = bench.wards(size).await;
    bench.house.sql("VACUUM ANALYZE").await;
    let pages = bench.pages(size).await;
    bench.record(true).await;
    let queries = bench.queries(&pages).await;
    bench.cost_of_case(group, size).await;
    bench.record(false).await;
    bench.fan_out(group, size).await;
    // Every connection has prepared every statement before a page is measured.
    for page in &pages {
        load::drive(bench.house.address, vec![request(page)], 16, Some(1)).await;
    }
    for (page, queries) in pages.iter().zip(queries) {
        bench.page(page, queries, size.seconds).await;
    }
    println!("memory after all of it                              {:>8.1} MB", bench.house.memory());
    drop(bench);
    ground.end();
}

impl Bench {
    async fn start(ground: &Ground, size: Size) -> Self {
        let peers = Peers::start(&ground.folder, &RsaKeyPair::generate().unwrap());
        let names: Vec<String> = (0..size.hosts).map(|n| format!("\"fast{n}.test\" = \"{}\"", peers.address)).collect();
        // The worker looks at its queues when it is woken, and so seldom by itself that nothing of that is counted.
        let more = format!(
            "[federation]\nmode = \"open\"\nallow_insecure = true\nallow_private_addresses = true\nresolve = {{ {} }}\n\
             [worker]\npoll_milliseconds = 3600000\nsweep_seconds = 86400\n[accounts]\nidle_minutes = 10000\nsession_hours = 1000\n",
            names.join(", ")
        );
        let house = House::start(ground, &more).await;
        let log = ground.folder.join("data").join("server.log");
        Self { house, url: ground.url(), log, peers, client: form::client() }
    }

    /// One who asks, one who reads, and one who is asked in many groups, each with a session; and what counts the rows that
    /// were written since a transaction.
    async fn people(&self) {
        let people = ["asker", "reader", "caller"];
        let sessions = people.map(|name| format!("('{name}', '\\x{}'::bytea)", hex(&token::hash(name)))).join(", ");
        self.house
            .sql(&format!(
                "INSERT INTO accounts (username, uri, url, name, name_skeleton) SELECT v, 'http://{HOST}/users/' || v, 'http://{HOST}/@' || v, v, v
                   FROM unnest(ARRAY['asker', 'reader', 'caller']) AS v;
                 INSERT INTO users (account_id, email, email_confirmed_at, password_hash, state) SELECT id, username || '@{HOST}', now(), 'x', 'active'
                   FROM accounts WHERE username IN ('asker', 'reader', 'caller');
                 INSERT INTO sessions (token_hash, account_id) SELECT v.hash, a.id FROM (VALUES {sessions}) AS v (name, hash)
                   JOIN accounts a ON a.username = v.name;
                 CREATE FUNCTION bench_written(since bigint) RETURNS text LANGUAGE plpgsql AS $$
                 DECLARE place text; found bigint; whole bigint := 0; words text := '';
                 BEGIN
                   FOR place IN SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1 LOOP
                     EXECUTE format('SELECT count(*) FROM %I WHERE xmin::text::bigint >= $1', place) INTO found USING since;
                     IF found > 0 THEN
                       whole := whole + found;
                       words := words || ', ' || place || ' ' || found;
                     END IF;
                   END LOOP;
                   RETURN whole || ': ' || substr(words, 3);
                 END $$;"
            ))
            .await;
    }

    /// A closed group on a server with the reader and 100 writers with badges, so many posts of theirs, every second one a case,
    /// one a minute.
    async fn room(&self, host: &str, size: Size) {
        let (base, local, posts) = (format!("http://{host}"), host == HOST, size.posts);
        self.house
            .sql(&format!(
                "INSERT INTO hosts (name) SELECT '{host}' WHERE NOT {local};
                 INSERT INTO accounts (host_id, host, username, uri, url, name, name_skeleton, discipline, employer, inbox, badge_until, badge)
                   SELECT h.id, h.name, 'w' || n, '{base}/users/w' || n, '{base}/@w' || n, 'Writer ' || n, 'writer ' || n, 'Cardiologist', 'St Brigid''s',
                     '{base}/users/w' || n || '/inbox', now() + interval '1 day', {BADGE}
                   FROM generate_series(1, 100) n LEFT JOIN hosts h ON h.name = '{host}';
                 INSERT INTO accounts (host_id, host, username, kind, uri, url, name, name_skeleton, inbox, followers_count)
                   SELECT h.id, h.name, 'rounds', 'group', '{base}/users/rounds', '{base}/@rounds', 'Rounds', 'rounds', '{base}/users/rounds/inbox', 101
                   FROM (SELECT 1) x LEFT JOIN hosts h ON h.name = '{host}';
                 INSERT INTO groups (account_id, kind, admission, topics) SELECT id, 'closed', 'request', '{{Rhythm,Valves}}'::text[]
                   FROM accounts WHERE uri = '{base}/users/rounds';
                 INSERT INTO follows (follower_id, target_id, state, uri) SELECT a.id, g.id, 'accepted', 'room-' || a.id || '-' || g.id
                   FROM accounts a JOIN accounts g ON g.uri = '{base}/users/rounds'
                   WHERE a.uri ~ '^{base}/users/w[0-9]+$' OR a.uri = 'http://{HOST}/users/reader';
                 INSERT INTO posts (id, author_id, local, uri, url, kind, visibility, group_id, topic, title, html, language, published_at)
                   SELECT timestamp_id(x.at), w.id, {local}, '{base}/p/' || n, '{base}/@w/' || n, 'page', 'group', g.id,
                     (ARRAY['', 'Rhythm', 'Valves'])[1 + n % 3], 'Question ' || n || ': would you treat this as it looks, or wait?', {OPENING}, 'en', x.at
                   FROM generate_series(1, {posts}) n CROSS JOIN LATERAL (SELECT now() - make_interval(mins => {posts} + 1 - n) AS at) x
                     JOIN accounts w ON w.uri = '{base}/users/w' || (1 + n % 100) JOIN accounts g ON g.uri = '{base}/users/rounds';
                 INSERT INTO cases (post_id, group_id, urgency, state, specialties, body, asked_at, first_answer_at)
                   SELECT p.id, p.group_id, 'soon', CASE WHEN x.n % 4 = 0 THEN 'open' ELSE 'answered' END, '{{207RC0000X}}'::text[], {BODY},
                     p.published_at, p.published_at + interval '40 minutes'
                   FROM posts p CROSS JOIN LATERAL (SELECT substring(p.uri from '[0-9]+$')::int AS n) x
                   WHERE p.uri ~ '^{base}/p/[0-9]+$' AND x.n % 2 = 0;
                 INSERT INTO case_consents (post_id, basis, scope) SELECT c.post_id, 'written', 'group' FROM cases c
                   JOIN posts p ON p.id = c.post_id WHERE p.uri ~ '^{base}/p/[0-9]+$';"
            ))
            .await;
    }

    /// Five answers to each case of that group; to the newest one many, in three levels: two to each direct one, and one to
    /// each of these. That thread was completed a moment ago.
    async fn answers(&self, host: &str, size: Size) {
        let (base, local) = (format!("http://{host}"), host == HOST);
        let busy = format!("{base}/p/{}", size.posts);
        let is_case = "EXISTS (SELECT 1 FROM cases q WHERE q.post_id = c.id)";
        for (below, letter, many) in [
            (format!("c.uri ~ '^{base}/p/[0-9]+$' AND c.uri <> '{busy}' AND {is_case}"), 'a', 5),
            (format!("c.uri = '{busy}'"), 'a', size.direct),
            (format!("c.uri ~ '^{busy}/a[0-9]+$'"), 'b', 2),
            (format!("c.uri ~ '^{busy}/a[0-9]+/b[0-9]+$'"), 'c', 1),
        ] {
            self.house
                .sql(&format!(
                    "INSERT INTO posts (id, author_id, local, uri, url, visibility, group_id, html, language, published_at, reply_to_id, reply_to_uri)
                       SELECT timestamp_id(c.published_at + make_interval(secs => 0.01 * k)), w.id, {local}, c.uri || '/{letter}' || k, c.url || '/{letter}' || k,
                         'group', c.group_id, '<p>An answer of usual length, number ' || k || ', that says what to do next and why, and what to look out for.</p>',
                         'en', c.published_at + make_interval(secs => 0.01 * k), c.id, c.uri
                       FROM posts c CROSS JOIN generate_series(1, {many}) k
                         JOIN accounts w ON w.uri = '{base}/users/w' || (1 + (c.id + 7 * k) % 100) WHERE {below}"
                ))
                .await;
        }
        self.house
            .sql(&format!(
                "INSERT INTO thread_checks (post_id, due_at, checked_at) SELECT id, 'infinity', now() FROM posts WHERE uri = '{busy}'"
            ))
            .await;
    }

    /// Twenty closed groups of ours with so many open cases each; half of these name a specialty.
    async fn queue(&self, size: Size) {
        let cases = size.cases;
        self.house
            .sql(&format!(
                "INSERT INTO accounts (username, kind, uri, url, name, name_skeleton, followers_count)
                   SELECT 'g' || n, 'group', 'http://{HOST}/users/g' || n, 'http://{HOST}/@g' || n, 'Group ' || n, 'group ' || n, 101
                   FROM generate_series(1, 20) n;
                 INSERT INTO groups (account_id, kind, admission) SELECT id, 'closed', 'free' FROM accounts WHERE uri ~ '^http://{HOST}/users/g[0-9]+$';
                 INSERT INTO follows (follower_id, target_id, state, uri) SELECT a.id, g.id, 'accepted', 'queue-' || a.id || '-' || g.id
                   FROM accounts a JOIN accounts g ON g.uri ~ '^http://{HOST}/users/g[0-9]+$'
                   WHERE a.uri ~ '^http://{HOST}/users/(w[0-9]+|caller)$';
                 INSERT INTO posts (id, author_id, local, uri, url, kind, visibility, group_id, title, html, language, published_at)
                   SELECT timestamp_id(x.at), w.id, true, 'http://{HOST}/q/' || g.username || '/' || n, 'http://{HOST}/@w/' || g.username || '/' || n,
                     'page', 'group', g.id, 'Question ' || n || ': would you treat this as it looks, or wait?', {OPENING}, 'en', x.at
                   FROM accounts g CROSS JOIN generate_series(1, {cases}) n CROSS JOIN LATERAL (SELECT now() - make_interval(mins => 9 * n) AS at) x
                     JOIN accounts w ON w.uri = 'http://{HOST}/users/w' || (1 + n % 100)
                   WHERE g.uri ~ '^http://{HOST}/users/g[0-9]+$';
                 INSERT INTO cases (post_id, group_id, urgency, specialties, body, asked_at)
                   SELECT p.id, p.group_id, (ARRAY['routine', 'soon', 'today'])[1 + p.id % 3],
                     CASE WHEN p.id % 2 = 0 THEN '{{207RC0000X}}'::text[] ELSE '{{}}'::text[] END, {BODY}, p.published_at
                   FROM posts p WHERE p.uri ~ '^http://{HOST}/q/';
                 INSERT INTO case_consents (post_id, basis, scope) SELECT id, 'written', 'group' FROM posts WHERE uri ~ '^http://{HOST}/q/';"
            ))
            .await;
    }

    /// A closed group that the asker founds, with members on many hosts; returns its id. Nothing is delivered there yet.
    async fn wards(&self, size: Size) -> i64 {
        let form = [("name", "Wards"), ("username", "wards"), ("kind", "closed"), ("admission", "request")];
        let place = self.send("/groups/new", &form).await;
        assert!(place.contains("done=founded"), "{place}");
        let hosts = size.hosts;
        self.house
            .sql(&format!(
                "INSERT INTO hosts (name, dialect, software, retry_at) SELECT 'fast' || n || '.test', 'cavage', 'consilium', now() + interval '1 day'
                   FROM generate_series(0, {hosts} - 1) n;
                 INSERT INTO accounts (host_id, host, username, uri, url, inbox, shared_inbox)
                   SELECT h.id, h.name, 'm' || k, 'http://' || h.name || '/users/m' || k, 'http://' || h.name || '/@m' || k,
                     'http://' || h.name || '/users/m' || k || '/inbox', 'http://' || h.name || '/inbox'
                   FROM hosts h CROSS JOIN generate_series(1, {MEMBERS}) k WHERE h.name ~ '^fast[0-9]+[.]test$';
                 INSERT INTO follows (follower_id, target_id, state, uri) SELECT a.id, g.id, 'accepted', 'ward-' || a.id
                   FROM accounts a JOIN accounts g ON g.uri = 'http://{HOST}/users/wards' WHERE a.host ~ '^fast[0-9]+[.]test$';
                 UPDATE accounts SET followers_count = 1 + {hosts} * {MEMBERS} WHERE uri = 'http://{HOST}/users/wards';"
            ))
            .await;
        self.house.count(&format!("SELECT id AS n FROM accounts WHERE uri = 'http://{HOST}/users/wards'")).await
    }

    async fn pages(&self, size: Size) -> Vec<Page> {
        let busy = async |host: &str| {
            self.house.count(&format!("SELECT id AS n FROM posts WHERE uri = 'http://{host}/p/{}'", size.posts)).await
        };
        let (ours, theirs) = (busy(HOST).await, busy(ELSEWHERE).await);
        let page = |name, path: String, holds| Page { name, path, who: "reader", holds };
        let (list, thread) = (("Question", 20), ("An answer of usual length", 5 * size.direct));
        let caller = |page: Page| Page { who: "caller", ..page };
        vec![
            page("discussions of a group", "/groups/rounds".into(), list),
            page("cases of a group", "/groups/rounds?what=cases".into(), list),
            page("a case with all its answers", format!("/@w1/{ours}"), thread),
            page("discussions of a group elsewhere", format!("/groups/rounds@{ELSEWHERE}"), list),
            page("cases of a group elsewhere", format!("/groups/rounds@{ELSEWHERE}?what=cases"), list),
            page("a case elsewhere with all its answers", format!("/@w1@{ELSEWHERE}/{theirs}"), thread),
            caller(page("queue of 20 groups, as it opens", "/cases".into(), list)),
            caller(page("queue of 20 groups, all that waits", "/cases?show=all".into(), list)),
        ]
    }

    /// Has PostgreSQL write down each statement of a server that is started anew, or no longer.
    async fn record(&mut self, on: bool) {
        let settings = if on {
            "ALTER DATABASE bench SET log_min_messages = 'log'; ALTER DATABASE bench SET log_statement = 'all'"
        } else {
            "ALTER DATABASE bench RESET log_statement; ALTER DATABASE bench RESET log_min_messages"
        };
        self.house.sql(settings).await;
        self.house.restart().await;
        tokio::time::sleep(SETTLED).await;
    }

    /// How many statements were written down, without what a new connection sets.
    fn statements(&self) -> usize {
        let log = std::fs::read(&self.log).unwrap();
        let log = String::from_utf8_lossy(&log);
        let is_one = |line: &&str| line.contains("] LOG:  execute ") || line.contains("] LOG:  statement: ");
        log.lines().filter(is_one).filter(|line| !line.contains("statement: SET ")).count()
    }

    /// The statements of each page.
    async fn queries(&self, pages: &[Page]) -> Vec<usize> {
        let mut all = Vec::new();
        for page in pages {
            for _ in 0..COUNTED {
                self.read(page).await;
            }
            let before = self.statements();
            for _ in 0..COUNTED {
                self.read(page).await;
            }
            all.push((self.statements() - before) / COUNTED);
        }
        all
    }

    /// What posting one case comes to, until its deliveries are lined up: statements, and rows that were written.
    async fn cost_of_case(&self, group: i64, size: Size) {
        // Once without counting, so that nothing is done for the first time.
        let draft = self.draft(group).await;
        self.publish(&draft).await;
        tokio::time::sleep(SETTLED).await;
        let draft = self.draft(group).await;
        let since = self.house.count("SELECT txid_current() AS n").await;
        let before = self.statements();
        self.publish(&draft).await;
        tokio::time::sleep(SETTLED).await;
        let statements = self.statements() - before;
        let mut conn = Conn::establish(self.url.expose()).await.unwrap();
        let written = format!("SELECT bench_written({since} + 1) AS words");
        let written: Words = diesel::sql_query(written).get_result(&mut conn).await.unwrap();
        println!(
            "a case to {} members on {} hosts              {statements:>8} statements",
            size.hosts * MEMBERS,
            size.hosts
        );
        println!("rows written, {}", written.words);
    }

    /// How long a case takes to be posted, to be lined up for every host, and to reach them all.
    async fn fan_out(&self, group: i64, size: Size) {
        let mut conn = Conn::establish(self.url.expose()).await.unwrap();
        let wanted = i64::try_from(size.hosts).unwrap();
        let (mut posted, mut queued, mut spent) = (Vec::new(), Vec::new(), 0.0);
        for round in 0..=ROUNDS {
            self.house.sql("DELETE FROM deliveries").await;
            let draft = self.draft(group).await;
            let (before, begun) = (self.house.cpu(), Instant::now());
            self.publish(&draft).await;
            let answered = begun.elapsed();
            let waiting = "SELECT count(*) AS n FROM deliveries";
            while diesel::sql_query(waiting).get_result::<Number>(&mut conn).await.unwrap().n < wanted {
                assert!(begun.elapsed() < Duration::from_secs(60), "the case is not lined up");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            // The first one plans its statements; that is no part of a case.
            if round > 0 {
                posted.push(answered);
                queued.push(begun.elapsed());
                spent += self.house.cpu() - before;
            }
        }
        posted.sort_unstable();
        queued.sort_unstable();
        let middle = |times: &[Duration]| times[times.len() / 2].as_secs_f64() * 1e3;
        println!(
            "a case to {:>5} members, until posted          {:>8.1} ms p50",
            size.hosts * MEMBERS,
            middle(&posted)
        );
        println!(
            "the same until lined up for {:>4} hosts         {:>8.1} ms p50, {:.1} ms at most, {:.3} CPU s each",
            size.hosts,
            middle(&queued),
            queued[queued.len() - 1].as_secs_f64() * 1e3,
            spent / ROUNDS as f64
        );
        self.deliver(group, size).await;
    }

    /// The same to hosts that answer at once.
    async fn deliver(&self, group: i64, size: Size) {
        self.house
            .sql("DELETE FROM deliveries; UPDATE hosts SET failures = 0, retry_at = 'epoch', leased_until = 'epoch'")
            .await;
        self.peers.reset().await;
        let draft = self.draft(group).await;
        let (before, begun) = (self.house.cpu(), fediverse::millis());
        self.publish(&draft).await;
        let Taken { count, first, last } = self.peers.taken(size.hosts, begun).await;
        println!(
            "the same until all of them have it              {last:>8} ms, first after {first} ms, {:.2} CPU s per 1,000, {count} of {}",
            (self.house.cpu() - before) / count as f64 * 1_000.0,
            size.hosts
        );
    }

    /// Begins a case and saves all that it tells; returns the address of its form.
    async fn draft(&self, group: i64) -> String {
        let new = format!("http://{}/cases/new?group={group}", self.house.address);
        let ask = self.client.get(new).header("host", HOST).header("cookie", "session-80=asker");
        let draft = form::location(&ask.send().await.unwrap());
        let saved = self.send(&format!("{draft}/save"), &CASE).await;
        assert!(saved.contains("done=saved"), "{saved}");
        draft
    }

    /// Posts what was saved.
    async fn publish(&self, draft: &str) {
        let place = self.send(&format!("{draft}/check"), &[]).await;
        assert!(place.contains("done=case-posted"), "{place}");
    }

    /// Sends a form as the asker; returns where it leads.
    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> String {
        form::send(&self.client, self.house.address, "asker", path, fields).await
    }

    /// A page as its reader gets it.
    async fn read(&self, page: &Page) -> String {
        let address = format!("http://{}{}", self.house.address, page.path);
        let cookie = format!("session-80={}", page.who);
        let ask = self.client.get(address).header("host", HOST).header("cookie", cookie).header("accept", "text/html");
        let answer = ask.send().await.unwrap();
        assert!(answer.status().is_success(), "{}: {}", page.path, answer.status());
        answer.text().await.unwrap()
    }

    /// One page: by one reader, then over 16 connections.
    async fn page(&self, page: &Page, queries: usize, seconds: u64) {
        let text = self.read(page).await;
        let (words, least) = page.holds;
        assert!(text.matches(words).count() >= least, "{} does not hold {least} times “{words}”", page.path);
        let address = self.house.address;
        let alone = load::drive(address, vec![request(page)], 1, Some(seconds.min(3))).await;
        let before = self.house.cpu();
        let run = load::drive(address, vec![request(page)], 16, Some(seconds)).await;
        let spent = self.house.cpu() - before;
        assert_eq!(alone.failed + run.failed, 0, "{}: {}{}", page.path, alone.why, run.why);
        println!(
            "{:<40} {:>6.0} /s   p50 {:.1} ms, p99 {:.1} ms, alone {:.1} and {:.1} ms, {:.2} CPU s per 1,000, {queries} queries, {:.1} kB",
            page.name,
            run.rate(),
            run.p50.as_secs_f64() * 1e3,
            run.p99.as_secs_f64() * 1e3,
            alone.p50.as_secs_f64() * 1e3,
            alone.p99.as_secs_f64() * 1e3,
            spent / run.count as f64 * 1_000.0,
            text.len() as f64 / 1e3
        );
    }
}

fn request(page: &Page) -> Vec<u8> {
    format!(
        "GET {} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\nCookie: session-80={}\r\n\r\n",
        page.path, page.who
    )
    .into_bytes()
}
