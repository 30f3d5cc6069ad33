//! A private PostgreSQL cluster, run from the installed binaries in a folder of our own and reached through a
//! Unix socket: for development, tests and small sites. The system's cluster is never touched.

use std::{
    fs::File,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Write},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use diesel_async::{AsyncConnection, SimpleAsyncConnection};

use super::Conn;
use crate::{
    config::{Secret, key_variables},
    error::{Error, Result},
};

/// A running private cluster. Dropped, it is stopped by whoever owns it: the first that started it. A command that comes
/// while a server runs is its guest.
#[derive(Debug)]
pub struct Cluster {
    bin: PathBuf,
    data: PathBuf,
    socket: PathBuf,
    user: Option<(u32, u32)>,
    guard: Option<Child>,
    // Held for as long as the cluster is ours to stop.
    owner: Option<File>,
}

/// How careful the cluster is with its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit is on the disk.
    Safe,
    /// A crash of the machine may lose all: for tests.
    Scratch,
}

impl Cluster {
    /// Starts the cluster in a folder; makes it first where there is none. One that a killed run left behind
    /// is taken over.
    pub fn start(folder: &Path, durability: Durability) -> Result<Self> {
        let bin = find_binaries()?;
        std::fs::create_dir_all(folder).map_err(|e| place(folder, &e))?;
        let folder = folder.canonicalize().map_err(|e| place(folder, &e))?;
        let user = unprivileged_user()?;
        let socket = socket_folder(&folder);
        for path in [&folder, &socket] {
            std::fs::create_dir_all(path).map_err(|e| place(path, &e))?;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).map_err(|e| place(path, &e))?;
            if let Some((uid, gid)) = user {
                std::os::unix::fs::chown(path, Some(uid), Some(gid)).map_err(|e| place(path, &e))?;
            }
        }
        let mut cluster = Self { bin, data: folder.join("data"), socket, user, guard: None, owner: None };
        let path = folder.join("owner.lock");
        let open = || File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let mut lock = open().map_err(|e| place(&path, &e))?;
        while lock.try_lock().is_err() {
            if cluster.is_ready() && is_alive(&path) {
                return Ok(cluster);
            }
            // Its owner is starting it, or was killed and its guard is stopping it.
            std::thread::park_timeout(std::time::Duration::from_millis(100));
        }
        lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(|e| place(&path, &e))?;
        cluster.owner = Some(lock);
        if !cluster.data.join("PG_VERSION").exists() {
            cluster.make(durability)?;
        }
        cluster.run(durability)?;
        cluster.guard = Some(cluster.watch()?);
        Ok(cluster)
    }

    fn make(&self, durability: Durability) -> Result<()> {
        let mut command = self.command("initdb");
        command.args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=consilium"]);
        if durability == Durability::Scratch {
            command.arg("--no-sync");
        }
        run(command.arg("-D").arg(&self.data), "initdb")
    }

    /// Whether we started it, rather than finding it started by somebody who still runs.
    pub fn is_ours(&self) -> bool {
        self.owner.is_some()
    }

    /// Whether it takes connections: the eighth line of its own notes.
    fn is_ready(&self) -> bool {
        let notes = std::fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_else(|_| String::new());
        self.is_running() && notes.lines().nth(7).is_some_and(|line| line.trim() == "ready")
    }

    fn is_running(&self) -> bool {
        self.command("pg_ctl").args(["status", "-s", "-D"]).arg(&self.data).status().is_ok_and(|s| s.success())
    }

    fn run(&self, durability: Durability) -> Result<()> {
        if self.is_running() {
            return Ok(());
        }
        let mut options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c max_connections=200 -c shared_buffers=256MB \
             -c max_wal_size=2GB -c log_min_messages=fatal -c jit=off",
            self.socket.display()
        );
        if durability == Durability::Scratch {
            options.push_str(" -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off");
        }
        let log = self.data.join("server.log");
        run(
            self.command("pg_ctl")
                .args(["start", "-w", "-s", "-t", "60", "-o", &options, "-l"])
                .arg(&log)
                .arg("-D")
                .arg(&self.data),
            "pg_ctl start",
        )
        .map_err(|e| Error::internal(format!("{e}. Its own words are in {}.", log.display())))
    }

    /// A shell that waits for our end, however it comes, and stops the cluster then. It holds our lock for as long, so
    /// that nobody takes over what is being stopped.
    fn watch(&self) -> Result<Child> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "trap '' INT TERM HUP; read -r _; exec \"$0\" stop -s -m fast -D \"$1\""])
            .arg(self.bin.join("pg_ctl"))
            .arg(&self.data)
            .stdin(Stdio::piped())
            .stdout(match self.owner.as_ref().map(File::try_clone) {
                Some(lock) => Stdio::from(lock.map_err(|e| Error::Internal(e.into()))?),
                None => Stdio::null(),
            })
            .stderr(Stdio::null());
        self.as_user(&mut command);
        command.process_group(0).spawn().map_err(|e| Error::Internal(e.into()))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.stdin(Stdio::null()).stdout(Stdio::null());
        self.as_user(&mut command);
        command
    }

    fn as_user(&self, command: &mut Command) {
        command.current_dir("/");
        // What keeps the database has no business with what seals it.
        for key in key_variables() {
            command.env_remove(key);
        }
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
    }

    /// The URL of a database of this cluster.
    pub fn url(&self, database: &str) -> Secret {
        let socket: String = url::form_urlencoded::byte_serialize(self.socket.to_string_lossy().as_bytes()).collect();
        Secret::new(format!("postgresql://consilium@{socket}/{database}"))
    }

    /// Makes a database where there is none, from a template if one is named.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<()> {
        let sound = |n: &str| !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !sound(name) || template.is_some_and(|t| !sound(t)) {
            return Err(Error::internal("a database name has letters, digits and _ only"));
        }
        let mut conn = Conn::establish(self.url("postgres").expose()).await.map_err(|e| Error::Internal(e.into()))?;
        let template = template.map(|t| format!(" TEMPLATE {t} STRATEGY FILE_COPY")).unwrap_or_default();
        // Two that start together make it one after the other; the lock ends with the connection.
        conn.batch_execute("SELECT pg_advisory_lock(20261124)").await.map_err(super::fault)?;
        match conn.batch_execute(&format!("CREATE DATABASE {name}{template}")).await {
            Err(error) if error.to_string().contains("already exists") => Ok(()),
            other => other.map_err(super::fault),
        }
    }

    /// Drops a database and whoever is connected to it.
    pub async fn drop_database(&self, name: &str) -> Result<()> {
        let mut conn = Conn::establish(self.url("postgres").expose()).await.map_err(|e| Error::Internal(e.into()))?;
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.map_err(super::fault)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            // Closing its input is the sign to stop the cluster.
            drop(guard.stdin.take());
            if let Err(error) = guard.wait() {
                tracing::warn!(%error, "the private cluster may still be running");
            }
        }
    }
}

/// Whether the process whose number stands in a file still runs.
fn is_alive(file: &Path) -> bool {
    let pid = std::fs::read_to_string(file).unwrap_or_else(|_| String::new());
    pid.trim().parse::<u32>().is_ok_and(|pid| Path::new(&format!("/proc/{pid}")).exists())
}

/// The newest installed PostgreSQL, 14 or later.
fn find_binaries() -> Result<PathBuf> {
    let mut places: Vec<PathBuf> = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt"]
        .iter()
        .filter_map(|root| std::fs::read_dir(root).ok())
        .flat_map(|dir| dir.flatten().map(|entry| entry.path().join("bin")))
        .collect();
    places.extend(["/usr/bin", "/usr/local/bin", "/usr/local/pgsql/bin"].map(PathBuf::from));
    let version = |bin: &Path| -> Option<u32> {
        let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.split(|c: char| !c.is_ascii_digit()).find(|w| !w.is_empty())?.parse().ok()
    };
    places
        .into_iter()
        .filter(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists())
        .filter_map(|bin| Some((version(&bin)?, bin)))
        .filter(|(version, _)| *version >= 14)
        .max_by_key(|(version, _)| *version)
        .map(|(_, bin)| bin)
        .ok_or_else(|| {
            Error::internal("PostgreSQL 14 or newer is not installed. On Debian or Ubuntu: apt install postgresql")
        })
}

/// PostgreSQL refuses to run as root: whom to run it as then.
fn unprivileged_user() -> Result<Option<(u32, u32)>> {
    let me = std::fs::metadata("/proc/self").map_or(1, |m| std::os::unix::fs::MetadataExt::uid(&m));
    if me != 0 {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd").map_err(|e| Error::Internal(e.into()))?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| {
            let line = passwd.lines().find(|l| l.split(':').next() == Some(*name))?;
            let mut parts = line.split(':').skip(2);
            Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
        })
        .map(Some)
        .ok_or_else(|| Error::internal("Started as root, and there is no user postgres to run PostgreSQL as. Install PostgreSQL or start as another user."))
}

/// A socket's path may have 107 bytes: a deep folder gets its sockets in the temporary one.
fn socket_folder(folder: &Path) -> PathBuf {
    let near = folder.join("run");
    if near.as_os_str().len() < 80 {
        return near;
    }
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    PathBuf::from(format!("/tmp/consilium-{:016x}", hasher.finish()))
}

fn run(command: &mut Command, name: &str) -> Result<()> {
    let output =
        command.stdout(Stdio::null()).stderr(Stdio::piped()).output().map_err(|e| Error::Internal(e.into()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::internal(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

fn place(path: &Path, error: &io::Error) -> Error {
    Error::internal(format!("cannot use {}: {error}. Choose a folder that you may write to.", path.display()))
}
