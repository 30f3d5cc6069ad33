//! What every benchmark needs: the real server over a private PostgreSQL, load for it, and what both of them cost.

pub mod load;

use std::{
    fmt::Write,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command},
    time::Duration,
};

use consilium::{
    config::Secret,
    store::{
        self, Conn,
        embedded::{Cluster, Durability},
    },
};
use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};

/// The name under which the server is asked.
pub const HOST: &str = "bench.test";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A private PostgreSQL with a migrated database, in a folder of its own.
pub struct Ground {
    pub folder: PathBuf,
    cluster: Cluster,
}

impl Ground {
    /// The folder bears this name.
    pub async fn new(name: &str) -> Self {
        let folder = PathBuf::from(format!("/var/tmp/consilium-bench-{name}-{}", std::process::id()));
        let cluster = Cluster::start(&folder, Durability::Safe).unwrap();
        cluster.create_database("bench", None).await.unwrap();
        let ground = Self { folder, cluster };
        store::migrate(&ground.url()).await.unwrap();
        ground
    }

    pub fn url(&self) -> Secret {
        self.cluster.url("bench")
    }

    /// Stops it, and leaves nothing of it.
    pub fn end(self) {
        drop(self.cluster);
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

/// A server, and the way into its database.
#[derive(Debug)]
pub struct House {
    pub address: SocketAddr,
    pub config: PathBuf,
    server: Child,
    postmaster: u32,
    url: Secret,
}

impl Drop for House {
    fn drop(&mut self) {
        if let Err(error) = self.server.kill().and_then(|()| self.server.wait()) {
            println!("the server may still run: {error}");
        }
    }
}

pub fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

impl House {
    /// Starts a server whose configuration has these lines more.
    pub async fn start(ground: &Ground, more: &str) -> Self {
        let (address, url) = (free(), ground.url());
        let config = ground.folder.join("consilium.toml");
        let text = format!(
            "[instance]\npublic_url = \"http://{HOST}\"\n[http]\nbind = \"{address}\"\n[database]\nurl = \"{}\"\n\
             [log]\nlevel = \"error\"\n{more}",
            url.expose()
        );
        std::fs::write(&config, text).unwrap();
        let server = spawn(&config);
        let house = Self { address, config, server, postmaster: load::postmaster(&ground.folder.join("data")), url };
        house.wait().await;
        house
    }

    /// Until it answers.
    async fn wait(&self) {
        while reqwest::get(format!("http://{}/actor", self.address)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Ends it and starts it anew.
    pub async fn restart(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        self.server = spawn(&self.config);
        self.wait().await;
    }

    pub async fn sql(&self, statement: &str) {
        Conn::establish(self.url.expose()).await.unwrap().batch_execute(statement).await.unwrap();
    }

    /// The number `n` of a query.
    pub async fn count(&self, query: &str) -> i64 {
        let mut conn = Conn::establish(self.url.expose()).await.unwrap();
        diesel::sql_query(query).get_result::<Count>(&mut conn).await.unwrap().n
    }

    /// CPU seconds of the server and of PostgreSQL.
    pub fn cpu(&self) -> f64 {
        load::cpu_seconds(self.server.id()) + load::cpu_seconds(self.postmaster)
    }

    /// Memory of the server, in megabytes.
    pub fn memory(&self) -> f64 {
        load::resident(self.server.id())
    }
}

fn spawn(config: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_consilium")).arg("serve").arg("--config").arg(config).spawn().unwrap()
}
