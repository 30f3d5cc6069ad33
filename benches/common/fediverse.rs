//! A fediverse of many hosts in one process: takes deliveries (at once, after 100 ms, or never) and serves actors.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use consilium::crypto::RsaKeyPair;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

use super::common::{free, load};

/// The process of the fediverse, as the benchmark sees it.
pub struct Peers {
    pub address: SocketAddr,
    process: Child,
}

/// How many deliveries were taken, and after how many milliseconds the first and the last.
pub struct Taken {
    pub count: usize,
    pub first: u64,
    pub last: u64,
}

impl Drop for Peers {
    fn drop(&mut self) {
        if let Err(error) = self.process.kill().and_then(|()| self.process.wait()) {
            println!("the fediverse may still run: {error}");
        }
    }
}

impl Peers {
    /// Starts this program once more, as the fediverse; the key is that of all its actors.
    pub fn start(folder: &Path, key: &RsaKeyPair) -> Self {
        let address = free();
        let key_file = folder.join("key.pem");
        std::fs::write(&key_file, key.public_pem().unwrap()).unwrap();
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["fediverse", &address.port().to_string(), &key_file.display().to_string()])
            .spawn()
            .unwrap();
        Self { address, process }
    }

    /// Forgets what was taken.
    pub async fn reset(&self) {
        load::get(self.address, "/reset").await;
    }

    /// Waits until so many deliveries were taken since a time, for a minute at most.
    pub async fn taken(&self, wanted: usize, begun: u64) -> Taken {
        loop {
            let text = load::get(self.address, "/count").await;
            let (count, first) = text.split_once(' ').unwrap();
            let (count, last) = (count.parse::<usize>().unwrap(), millis() - begun);
            if count >= wanted || last > 60_000 {
                return Taken { count, first: first.parse::<u64>().unwrap().saturating_sub(begun), last };
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// Is the fediverse until killed where the arguments of the program say so; false where they do not.
pub fn is_run(args: &[String]) -> bool {
    let Some(at) = args.iter().position(|arg| arg == "fediverse") else { return false };
    run(&args[at + 1], &args[at + 2]);
    true
}

#[derive(Default)]
struct Seen {
    count: AtomicU64,
    first: AtomicU64,
}

/// Milliseconds since 1970.
pub fn millis() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// Runs until killed. Arguments: port, and a file with the public key of every actor.
fn run(port: &str, key_file: &str) {
    let key = std::fs::read_to_string(key_file).unwrap().replace('\n', "\\n");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await.unwrap();
        let (seen, key) = (Arc::new(Seen::default()), Arc::new(key));
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, Arc::clone(&seen), Arc::clone(&key)));
        }
    });
}

async fn serve(mut stream: TcpStream, seen: Arc<Seen>, key: Arc<String>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut buffer = Vec::new();
    loop {
        let (head, rest) = load::read_message(&mut stream, &mut buffer).await?;
        buffer = rest;
        let line = head.lines().next()?;
        let host = head
            .lines()
            .find_map(|l| l.strip_prefix("host: ").or_else(|| l.strip_prefix("Host: ")))
            .unwrap_or_default();
        let body = match line.split(' ').nth(1)? {
            "/count" => format!("{} {}", seen.count.load(Ordering::Relaxed), seen.first.load(Ordering::Relaxed)),
            "/reset" => {
                seen.count.store(0, Ordering::Relaxed);
                seen.first.store(0, Ordering::Relaxed);
                String::new()
            }
            path if line.starts_with("GET /users/") => actor(host, path, &key),
            _ => {
                if host.starts_with("hang") {
                    std::future::pending::<()>().await;
                }
                if host.starts_with("slow") {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                seen.first.compare_exchange(0, millis(), Ordering::Relaxed, Ordering::Relaxed).unwrap_or_default();
                seen.count.fetch_add(1, Ordering::Relaxed);
                String::new()
            }
        };
        let status = if line.starts_with("POST") { "202 Accepted" } else { "200 OK" };
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/activity+json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

fn actor(host: &str, path: &str, key: &str) -> String {
    let id = format!("http://{host}{path}");
    let name = path.rsplit('/').next().unwrap_or_default();
    format!(
        "{{\"id\":\"{id}\",\"type\":\"Person\",\"preferredUsername\":\"{name}\",\"inbox\":\"{id}/inbox\",\"followers\":\"{id}/followers\",\
         \"endpoints\":{{\"sharedInbox\":\"http://{host}/inbox\"}},\"publicKey\":{{\"id\":\"{id}#main-key\",\"owner\":\"{id}\",\"publicKeyPem\":\"{key}\"}}}}"
    )
}
