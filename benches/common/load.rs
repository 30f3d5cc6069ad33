//! A lean load generator, and what the system says of time and memory spent.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What a run measured.
pub struct Run {
    pub seconds: f64,
    pub count: usize,
    pub failed: usize,
    /// The first line of an answer that was no success.
    pub why: String,
    pub p50: Duration,
    pub p99: Duration,
}

impl Run {
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.seconds
    }
}

/// Sends each request once over so many connections; with `seconds`, the requests again and again for so long.
pub async fn drive(address: SocketAddr, requests: Vec<Vec<u8>>, connections: usize, seconds: Option<u64>) -> Run {
    let requests = Arc::new(requests);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let until = seconds.map(|s| begun + Duration::from_secs(s));
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        tasks.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (mut times, mut failed, mut why, mut buffer) = (Vec::new(), 0, String::new(), Vec::new());
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if until.map_or(n >= requests.len(), |u| Instant::now() >= u) {
                    return (times, failed, why);
                }
                let start = Instant::now();
                stream.write_all(&requests[n % requests.len()]).await.unwrap();
                let (head, rest) = read_message(&mut stream, &mut buffer).await.unwrap();
                buffer = rest;
                times.push(start.elapsed());
                if !head.starts_with("HTTP/1.1 2") {
                    failed += 1;
                    head.lines().next().unwrap_or_default().clone_into(&mut why);
                }
            }
        }));
    }
    let (mut times, mut failed, mut why) = (Vec::new(), 0, String::new());
    for task in tasks {
        let (t, f, w) = task.await.unwrap();
        times.extend(t);
        failed += f;
        if why.is_empty() {
            why = w;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
    Run { seconds, count: times.len(), failed, why, p50: at(0.5), p99: at(0.99) }
}

/// One HTTP message: its head, and what was read beyond its end. The body is passed over.
pub async fn read_message(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let (head, end) = loop {
        if let Some(at) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            break (String::from_utf8_lossy(&buffer[..at]).into_owned(), at + 4);
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let lower = head.to_ascii_lowercase();
    if lower.contains("transfer-encoding: chunked") {
        while !buffer[end..].ends_with(b"0\r\n\r\n") {
            stream.read_buf(buffer).await.ok().filter(|n| *n > 0)?;
        }
        return Some((head, Vec::new()));
    }
    let length: usize =
        lower.split("content-length: ").nth(1).and_then(|r| r.split("\r\n").next()?.trim().parse().ok()).unwrap_or(0);
    while buffer.len() < end + length {
        stream.read_buf(buffer).await.ok().filter(|n| *n > 0)?;
    }
    let rest = buffer[end + length..].to_vec();
    Some((head, rest))
}

/// A GET whose body comes back as text.
pub async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut buffer = Vec::new();
    read_message(&mut stream, &mut buffer).await.unwrap();
    String::from_utf8_lossy(&buffer).split("\r\n\r\n").nth(1).unwrap_or_default().to_owned()
}

/// CPU seconds of a process and its children, alive and gone (Linux counts in hundredths).
pub fn cpu_seconds(pid: u32) -> f64 {
    let mut total = times(pid, true);
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(other) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let stat = std::fs::read_to_string(format!("/proc/{other}/stat")).unwrap_or_default();
        let parent = stat.rsplit(") ").next().and_then(|r| r.split(' ').nth(1)?.parse::<u32>().ok());
        if parent == Some(pid) {
            total += times(other, false);
        }
    }
    total
}

fn times(pid: u32, with_gone: bool) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<f64> =
        stat.rsplit(") ").next().unwrap_or_default().split(' ').map(|f| f.parse().unwrap_or(0.0)).collect();
    let take = if with_gone { 11..15 } else { 11..13 };
    fields.get(take).map_or(0.0, |f| f.iter().sum::<f64>() / 100.0)
}

/// Resident memory in megabytes.
pub fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1_024.0
}

/// The postmaster of a data folder.
pub fn postmaster(data: &Path) -> u32 {
    std::fs::read_to_string(data.join("postmaster.pid")).unwrap().lines().next().unwrap().parse().unwrap()
}
