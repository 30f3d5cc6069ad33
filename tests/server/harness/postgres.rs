//! One private PostgreSQL for the whole test process; a migrated template that every database is copied from.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use consilium::{
    config::Secret,
    store::{
        self,
        embedded::{Cluster, Durability},
    },
};
use tokio::sync::OnceCell;

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

async fn cluster() -> &'static Cluster {
    CLUSTER
        .get_or_init(|| async {
            let cluster =
                tokio::task::spawn_blocking(|| Cluster::start(&folder(), Durability::Scratch).unwrap()).await.unwrap();
            cluster.create_database("template", None).await.unwrap();
            store::migrate(&cluster.url("template")).await.unwrap();
            cluster
        })
        .await
}

/// A folder of this process; those of processes that are gone are removed. The cluster stops with the process.
fn folder() -> PathBuf {
    let root = PathBuf::from("/tmp");
    for entry in std::fs::read_dir(&root).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(pid) = name.strip_prefix("consilium-test-")
            && !PathBuf::from(format!("/proc/{pid}")).exists()
            && std::fs::remove_dir_all(entry.path()).is_err()
        {
            eprintln!("{name} is still in use");
        }
    }
    root.join(format!("consilium-test-{}", std::process::id()))
}

/// A fresh, migrated database.
pub async fn database() -> Secret {
    let cluster = cluster().await;
    let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
    cluster.create_database(&name, Some("template")).await.unwrap();
    cluster.url(&name)
}
