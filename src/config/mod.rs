//! The configuration: one TOML file, one struct a section, overridden by `CONSILIUM__SECTION__KEY`.
//!
//! `config.example.toml` shows every key with its default; a test holds it against these structs.

mod cases;
mod defaults;
mod secrets;
mod sources;
mod verification;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use url::Url;

pub use cases::Cases;
pub use secrets::{KEY_VARIABLES, Secret, Secrets, key_variables};
pub use sources::Sources;
pub use verification::{Demand, Verification};

/// Everything an operator can decide.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who we are.
    pub instance: Instance,
    /// Where we listen.
    #[serde(default)]
    pub http: Http,
    /// Where the data is.
    #[serde(default)]
    pub database: Database,
    /// The key that seals secrets.
    #[serde(default)]
    pub secrets: Secrets,
    /// Sign-up and sessions.
    #[serde(default)]
    pub accounts: Accounts,
    /// How often is too often.
    #[serde(default)]
    pub limits: Limits,
    /// Other servers.
    #[serde(default)]
    pub federation: Federation,
    /// How mail leaves.
    #[serde(default)]
    pub mail: Mail,
    /// Pictures.
    #[serde(default)]
    pub media: Media,
    /// Credentials.
    #[serde(default)]
    pub verification: Verification,
    /// Cases.
    #[serde(default)]
    pub cases: Cases,
    /// Titles of papers.
    #[serde(default)]
    pub sources: Sources,
    /// Background work.
    #[serde(default)]
    pub worker: Worker,
    /// Logging.
    #[serde(default)]
    pub log: Log,
}

/// `[instance]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// The address people and servers know us by; it can never change. No path.
    pub public_url: Url,
    /// Full name of the institution.
    #[serde(default = "defaults::instance_name")]
    pub name: String,
    /// Short name, used in lists.
    #[serde(default)]
    pub short_name: String,
    /// One sentence for the landing page.
    #[serde(default = "defaults::sentence")]
    pub sentence: String,
    /// The about page, in Markdown.
    #[serde(default)]
    pub about: String,
    /// E-mail address for people who need help.
    #[serde(default)]
    pub contact: String,
    /// Emergency number named on the landing page.
    #[serde(default = "defaults::emergency_number")]
    pub emergency_number: String,
}

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port to listen on.
    pub bind: SocketAddr,
    /// Threads that answer requests; 0 means one a core.
    pub workers: usize,
    /// Largest form, in bytes.
    pub max_form_bytes: usize,
    /// How many trusted reverse proxies stand in front and append to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// Seconds a request may take.
    pub request_seconds: u64,
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// A PostgreSQL URL (14 or newer).
    pub url: Option<Secret>,
    /// A file that holds the URL.
    pub url_file: Option<PathBuf>,
    /// Instead of a URL: a folder for a private cluster that we start and stop ourselves.
    pub embedded_dir: Option<PathBuf>,
    /// Connections held by one process.
    pub pool_size: usize,
}

/// Who may ask for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Nobody.
    Closed,
    /// Whoever holds an invitation.
    Invite,
    /// Everybody, and an admin decides.
    Approval,
    /// Everybody.
    Open,
}

/// What a user may do, least first; a test holds it against the roles themselves.
const ROLES: [&str; 5] = ["public", "clinician", "verifier", "moderator", "admin"];

/// `[accounts]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Who may ask for an account.
    pub registration: Registration,
    /// Whether an e-mail address has to be confirmed by the link that is mailed to it. Off only for set-ups by machines.
    pub confirm_email: bool,
    /// Roles that need a second factor: who has one of them and no second factor can do nothing but set one up.
    pub second_factor_for: Vec<String>,
    /// Minutes without a request after which a session ends.
    pub idle_minutes: i64,
    /// The same for verifiers, moderators and admins, where that is shorter.
    pub idle_minutes_desk: i64,
    /// The same for admin pages: after it the password is asked again.
    pub admin_idle_minutes: i64,
    /// Hours after which a session ends in any case.
    pub session_hours: i64,
    /// Failed sign-ins of one account, or of one address times ten, within 15 minutes before it has to wait.
    pub failed_sign_ins: i32,
    /// Seconds of the first wait; it doubles with each further failure.
    pub sign_in_wait_seconds: i64,
}

/// `[limits]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Sign-ups from one address in half an hour.
    pub sign_ups_per_half_hour: i32,
    /// New passwords asked for from one address, or for one e-mail address, in an hour.
    pub resets_per_hour: i32,
    /// Times that one person, or one address, makes us ask another server in five minutes.
    pub lookups_per_five_minutes: i32,
    /// Searches of one person in five minutes, on the pages and by apps together.
    pub searches_per_five_minutes: i32,
    /// Times that one person has a text looked through for what could identify a patient, in five minutes.
    pub checks_per_five_minutes: i32,
    /// Calls of one person's apps, or of nobody's from one address, to the client API in five minutes; 0 is no limit.
    pub calls_per_five_minutes: u32,
    /// Pictures that one person may send in half an hour.
    pub uploads_per_half_hour: i32,
    /// Apps registered from one address in half an hour.
    pub apps_per_half_hour: i32,
}

/// Which servers we speak with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FederationMode {
    /// Only servers whose state is allowed.
    Allowlist,
    /// The same; unknown servers that knock are listed for an admin.
    Approval,
    /// Every server that is not blocked.
    Open,
}

/// `[federation]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Federation {
    /// Which servers we speak with.
    pub mode: FederationMode,
    /// Answer requests for people and posts only when they are signed.
    pub authorized_fetch: bool,
    /// Speak http and use ports other than 443: development and tests only.
    pub allow_insecure: bool,
    /// Connect to private and loopback addresses: development and tests only.
    pub allow_private_addresses: bool,
    /// Fixed addresses of other servers, as in /etc/hosts: `"peer.example" = "10.0.0.7:443"`.
    pub resolve: BTreeMap<String, SocketAddr>,
    /// Largest activity taken in, in bytes.
    pub max_inbox_bytes: usize,
    /// Seconds for one fetch or delivery, all in all.
    pub request_seconds: u64,
    /// Seconds to connect.
    pub connect_seconds: u64,
    /// Fetches that one incoming activity may cause.
    pub max_fetches: u32,
    /// Posts above or below a post that are fetched to complete a thread.
    pub max_thread_fetches: u32,
    /// Seconds that a signature may lie in the past.
    pub max_signature_age_seconds: i64,
    /// Seconds that a signature may lie in the future.
    pub max_signature_ahead_seconds: i64,
}

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// Sender, as in `Consilium <consilium@hospital.example>`.
    pub from: String,
    /// `smtps://user:password@mail.hospital.example` or `smtp://…?tls=required`.
    pub smtp_url: Option<Secret>,
    /// A file that holds the SMTP URL.
    pub smtp_url_file: Option<PathBuf>,
    /// Instead of sending: a folder that gets one file a mail (development and tests).
    pub mailbox_dir: Option<PathBuf>,
}

/// `[media]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// The folder for files; not used where a bucket is named.
    pub folder: PathBuf,
    /// Instead of a folder: a bucket of S3 or of anything that speaks like it.
    pub s3_bucket: String,
    /// Its region.
    pub s3_region: String,
    /// Its address; empty for Amazon's own.
    pub s3_endpoint: String,
    /// Id of the access key.
    pub s3_access_key: String,
    /// The secret of the access key.
    pub s3_secret_key: Option<Secret>,
    /// A file that holds the secret.
    pub s3_secret_key_file: Option<PathBuf>,
    /// Largest file, in bytes; of other servers' pictures too.
    pub max_bytes: usize,
    /// Most pixels of a picture; of an animation, of all its frames.
    pub max_pixels: u64,
    /// Pictures of one post.
    pub per_post: usize,
    /// Hours that a picture waits for its post.
    pub loose_hours: i64,
    /// Days that the copy of another server's picture is kept after it was last looked at.
    pub cache_days: i64,
    /// Megabytes that all these copies may take.
    pub cache_megabytes: u64,
}

/// `[worker]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Worker {
    /// Deliveries under way at once.
    pub deliveries: usize,
    /// Incoming activities under way at once.
    pub received_batch: i64,
    /// Seconds that one incoming activity may take, fetches included.
    pub activity_seconds: u64,
    /// Milliseconds between looks at the queues when nothing wakes us.
    pub poll_milliseconds: u64,
    /// Seconds until work of a process that died is taken over.
    pub lease_seconds: i64,
    /// Seconds until the first retry; it doubles each time.
    pub first_retry_seconds: i64,
    /// Longest wait between two tries of a host, in seconds.
    pub longest_retry_seconds: i64,
    /// Hours after which deliveries to a silent host become dead letters.
    pub give_up_hours: i64,
    /// Tries of an incoming activity before it becomes a dead letter.
    pub received_tries: i32,
    /// Seconds between two tellings of a poll's counts to other servers.
    pub poll_counts_seconds: i64,
    /// Seconds between rounds of sweeping (ended tokens, old receipts).
    pub sweep_seconds: u64,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors.
    Json,
}

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, or a filter such as `info,consilium=debug`.
    pub level: String,
    /// Text or JSON lines.
    pub format: LogFormat,
}

/// Why a configuration cannot be used, in words that say what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

impl Config {
    /// Reads a file, applies the environment and checks the whole.
    ///
    /// Relative paths in it are relative to the file's folder.
    ///
    /// # Errors
    /// When the file cannot be read, has an unknown key, or makes no sense.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            ConfigError(format!(
                "cannot read {}: {e}. Copy config.example.toml to that place and fill it in.",
                path.display()
            ))
        })?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        Self::parse(&text, folder, std::env::vars()).map_err(|e| ConfigError(format!("{}: {e}", path.display())))
    }

    /// The same from a text and given variables.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(
        text: &str,
        folder: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table: toml::Table = text.parse().map_err(|e: toml::de::Error| unreadable(text, &e))?;
        secrets::check_file(&table)?;
        for (name, value) in environment {
            override_key(&mut table, &name, &value);
        }
        secrets::check_whole(&table)?;
        let mut config: Self = table.try_into().map_err(|e: toml::de::Error| ConfigError(e.to_string()))?;
        config.anchor(folder);
        config.check()?;
        Ok(config)
    }

    /// Makes relative paths absolute and fills in what follows from other keys.
    fn anchor(&mut self, folder: &Path) {
        let optional = [
            &mut self.database.url_file,
            &mut self.database.embedded_dir,
            &mut self.mail.smtp_url_file,
            &mut self.mail.mailbox_dir,
            &mut self.media.s3_secret_key_file,
        ];
        for path in optional.into_iter().flatten() {
            *path = folder.join(&path);
        }
        self.media.folder = folder.join(&self.media.folder);
        self.secrets.key_file = folder.join(&self.secrets.key_file);
        for path in &mut self.secrets.previous_key_files {
            *path = folder.join(&path);
        }
        if self.instance.short_name.is_empty() {
            self.instance.short_name.clone_from(&self.instance.name);
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.verification.check()?;
        self.cases.check()?;
        self.accounts.check()?;
        self.sources.check()?;
        let wrong = |text: &str| Err(ConfigError(text.to_owned()));
        let url = &self.instance.public_url;
        match url.scheme() {
            "https" => {}
            "http" if self.federation.allow_insecure => {}
            _ => {
                return wrong(
                    "instance.public_url must begin with https:// (http only with federation.allow_insecure = true).",
                );
            }
        }
        if url.host_str().is_none() || url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
            return wrong("instance.public_url must be a bare address such as https://consilium.hospital.example.");
        }
        if url.port().is_some() && !self.federation.allow_insecure {
            return wrong("instance.public_url must have no port (a port only with federation.allow_insecure = true).");
        }
        if self.federation.allow_private_addresses && url.scheme() == "https" && !self.federation.allow_insecure {
            return wrong(
                "federation.allow_private_addresses is for development and tests: set allow_insecure too, or leave it out.",
            );
        }
        if std::env::var_os("DANGER_FEDERATION_ALLOW_LOCAL_IP").is_some() && !self.federation.allow_private_addresses {
            return wrong(
                "DANGER_FEDERATION_ALLOW_LOCAL_IP is set: it would open private addresses to other servers. Unset it.",
            );
        }
        if self.database.pool_size < 2 || self.worker.deliveries < 1 || self.worker.received_batch < 1 {
            return wrong(
                "database.pool_size must be 2 or more, worker.deliveries and worker.received_batch 1 or more.",
            );
        }
        Ok(())
    }

    /// The database URL where one is configured, from the key or the file.
    ///
    /// # Errors
    /// When the named file cannot be read.
    pub fn database_url(&self) -> Result<Option<Secret>, ConfigError> {
        secrets::read(self.database.url.as_ref(), self.database.url_file.as_deref())
    }

    /// The SMTP URL where one is configured, from the key or the file.
    ///
    /// # Errors
    /// When the named file cannot be read.
    pub fn smtp_url(&self) -> Result<Option<Secret>, ConfigError> {
        secrets::read(self.mail.smtp_url.as_ref(), self.mail.smtp_url_file.as_deref())
    }

    /// The secret of the S3 access key where one is configured.
    ///
    /// # Errors
    /// When the named file cannot be read.
    pub fn s3_secret_key(&self) -> Result<Option<Secret>, ConfigError> {
        secrets::read(self.media.s3_secret_key.as_ref(), self.media.s3_secret_key_file.as_deref())
    }
}

impl Accounts {
    fn check(&self) -> Result<(), ConfigError> {
        let times = [self.idle_minutes, self.idle_minutes_desk, self.admin_idle_minutes, self.session_hours];
        if times.iter().any(|time| *time < 1) {
            let keys = "accounts.idle_minutes, idle_minutes_desk, admin_idle_minutes and session_hours";
            return Err(ConfigError(format!("{keys} must be 1 or more.")));
        }
        if let Some(unknown) = self.second_factor_for.iter().find(|role| !ROLES.contains(&role.as_str())) {
            let known = ROLES.join(", ");
            return Err(ConfigError(format!("accounts.second_factor_for: {unknown:?} is no role. Roles are {known}.")));
        }
        Ok(())
    }
}

impl Http {
    /// Where a request comes from: the connection's other end, or what our own proxies say of it in
    /// `X-Forwarded-For` (its values in order).
    pub fn client_address<'a>(&self, peer: String, forwarded: impl Iterator<Item = &'a str>) -> String {
        let Some(hop) = self.trusted_proxies.checked_sub(1) else { return peer };
        let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        hops.iter().rev().nth(hop).map_or(peer, |address| (*address).to_owned())
    }
}

impl Instance {
    /// Our host name as other servers write it: with the port where it is not the usual one.
    pub fn host(&self) -> String {
        let host = self.public_url.host_str().unwrap_or_default();
        match self.public_url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// `https://host` without a slash at the end.
    pub fn origin(&self) -> String {
        self.public_url.as_str().trim_end_matches('/').to_owned()
    }
}

/// Where `consilium dev` keeps its data unless told otherwise. Started as root, a place that the user `postgres` can
/// reach: `/root` is closed to it.
pub fn default_dev_dir() -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|h| h != Path::new("/root") && h.is_absolute());
    match home {
        Some(home) => home.join(".local/share/consilium-dev"),
        None => PathBuf::from("/var/tmp/consilium-dev"),
    }
}

/// Where a file cannot be read. The line itself may hold a key, and is not repeated.
fn unreadable(text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    ConfigError(format!("line {}: {}", before.matches('\n').count() + 1, error.message()))
}

/// `CONSILIUM__HTTP__BIND=…` sets `http.bind`; the value is TOML where it parses as such, else a string.
fn override_key(table: &mut toml::Table, name: &str, value: &str) {
    let Some(path) = name.strip_prefix("CONSILIUM__") else { return };
    let Some((section, key)) = path.split_once("__") else { return };
    let parsed = format!("v = {value}").parse::<toml::Table>().ok().and_then(|mut t| t.remove("v"));
    // A key that looks like a number is a text all the same, and no message is to repeat it.
    let is_key = KEY_VARIABLES.iter().any(|known| known.eq_ignore_ascii_case(name));
    let parsed = parsed.filter(|parsed| !is_key || parsed.is_str());
    let parsed = parsed.unwrap_or_else(|| toml::Value::String(value.to_owned()));
    let section = table.entry(section.to_lowercase()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    if let Some(section) = section.as_table_mut() {
        section.insert(key.to_lowercase(), parsed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = "[instance]\npublic_url = \"https://hospital.example\"\n";

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("/etc/consilium"), std::iter::empty())
    }

    #[test]
    fn a_public_url_is_all_that_must_be_given() {
        let config = parse(MINIMAL).unwrap();
        assert_eq!(config.instance.host(), "hospital.example");
        assert_eq!(config.secrets.key_file, Path::new("/etc/consilium/consilium.key"));
    }

    #[test]
    fn a_misspelt_key_is_refused_by_name() {
        let error = parse(&format!("{MINIMAL}[http]\nbindd = \"x\"\n")).unwrap_err();
        assert!(error.to_string().contains("bindd"), "{error}");
    }

    #[test]
    fn plain_http_needs_the_insecure_switch() {
        assert!(parse("[instance]\npublic_url = \"http://hospital.example\"\n").is_err());
        let insecure = "[instance]\npublic_url = \"http://h.localhost:81\"\n[federation]\nallow_insecure = true\n";
        assert_eq!(parse(insecure).unwrap().instance.host(), "h.localhost:81");
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let variables = [
            ("CONSILIUM__HTTP__BIND".to_owned(), "127.0.0.1:9".to_owned()),
            ("CONSILIUM__DATABASE__POOL_SIZE".to_owned(), "3".to_owned()),
        ];
        let config = Config::parse(MINIMAL, Path::new("."), variables.into_iter()).unwrap();
        assert_eq!(config.http.bind.port(), 9);
        assert_eq!(config.database.pool_size, 3);
    }

    #[test]
    fn only_roles_that_there_are_can_need_a_second_factor() {
        assert_eq!(ROLES.to_vec(), crate::model::Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>());
        let with = |list: &str| parse(&format!("{MINIMAL}[accounts]\nsecond_factor_for = {list}\n"));
        assert_eq!(with("[]").unwrap().accounts.second_factor_for, Vec::<String>::new());
        let error = with("[\"admin\", \"doctor\"]").unwrap_err().to_string();
        assert!(error.contains("\"doctor\" is no role") && error.contains("verifier"), "{error}");
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        let text = format!("{MINIMAL}[database]\nurl = \"postgres://u:topsecret@db/x\"\n");
        assert!(!format!("{:?}", parse(&text).unwrap()).contains("topsecret"));
    }

    #[test]
    fn the_example_shows_every_key_with_its_default() {
        let example = include_str!("../../config.example.toml");
        let shown = parse(example).unwrap();
        let bare = parse("[instance]\npublic_url = \"https://consilium.hospital.example\"\n").unwrap();
        assert_eq!(format!("{shown:?}"), format!("{bare:?}"));
        // Optional keys stand there as comments.
        for key in [
            "key_file =",
            "url =",
            "url_file =",
            "embedded_dir =",
            "smtp_url =",
            "smtp_url_file =",
            "mailbox_dir =",
            "s3_secret_key =",
            "s3_secret_key_file =",
        ] {
            assert!(example.contains(&format!("# {key}")), "{key} is missing in config.example.toml");
        }
    }
}
