//! Many open streams: what they cost when nothing happens, and how soon something reaches all of them.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

use super::{
    common::{HOST, House, hex},
    request,
};

/// Opens a stream for each of so many people, waits, and posts as the writer whom all follow.
pub(super) async fn run(bench: &House, people: usize, posts: usize) {
    bench.sql(&format!(
        "INSERT INTO access_tokens (token_hash, account_id, name, scopes) SELECT '\\x{}'::bytea, id, 'Bench', 'read write' FROM accounts WHERE username = 'w1'",
        hex(&consilium::crypto::token::hash("writer"))
    )).await;
    let empty = bench.memory();
    let (heard, mut told) = mpsc::unbounded_channel();
    let sent = Arc::new(Mutex::new(Instant::now()));
    let mut open = Vec::new();
    for person in 1..people {
        let mut stream = TcpStream::connect(bench.address).await.unwrap();
        stream.write_all(&request("/api/v1/streaming/user", person)).await.unwrap();
        let mut first = [0; 1_024];
        assert!(stream.read(&mut first).await.unwrap() > 0);
        let (heard, sent) = (heard.clone(), Arc::clone(&sent));
        open.push(tokio::spawn(async move {
            let mut buffer = vec![0; 16_384];
            let mut text = String::new();
            while let Ok(n @ 1..) = stream.read(&mut buffer).await {
                text.push_str(&String::from_utf8_lossy(&buffer[..n]));
                while let Some(end) = text.find("\n\n") {
                    if text.drain(..end + 2).as_str().contains("event: update") {
                        let since = sent.lock().unwrap().elapsed();
                        heard.send(since).unwrap();
                    }
                }
            }
        }));
    }
    let streams = open.len();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let per_stream = (bench.memory() - empty) * 1_024.0 / streams as f64;
    let before = bench.cpu();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let idle = (bench.cpu() - before) / 10.0;
    println!(
        "{streams:>5} idle streams                            {per_stream:>10.1} kB each, {:.1} % of a core",
        idle * 100.0
    );
    let client = reqwest::Client::new();
    let (mut delays, before) = (Vec::new(), bench.cpu());
    for n in 0..posts {
        *sent.lock().unwrap() = Instant::now();
        let answer = client
            .post(format!("http://{}/api/v1/statuses", bench.address))
            .header("host", HOST)
            .bearer_auth("writer")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("status=A+word+to+all%2C+number+{n}&visibility=public"));
        let posting = tokio::spawn(answer.send());
        for _ in 0..streams {
            delays.push(tokio::time::timeout(Duration::from_secs(30), told.recv()).await.unwrap().unwrap());
        }
        let status = posting.await.unwrap().unwrap().status();
        assert!(status.is_success(), "{status}");
    }
    delays.sort_unstable();
    let at = |share: f64| delays[(delays.len() as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "from the request of a post to {streams:>5} streams      {:>10.0} ms p50, {:.0} ms p99, {:.3} CPU s a post",
        at(0.5),
        at(0.99),
        (bench.cpu() - before) / posts as f64
    );
    for one in open {
        one.abort();
    }
}
