use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use url::Url;

use super::{ConfigFile, Failure, print_json, shown};
use crate::{
    crypto::jcs::parse_strict,
    model::IssuingKey,
    service::{
        attestations::{Carrier, Documents, Fault, Statement, check, keys},
        clock::Clock,
    },
};

/// Check what an institution states about a practitioner, and look after the keys that ours signs with.
#[derive(Debug, Subcommand)]
pub(super) enum Attestations {
    /// Check one signed statement from files alone: no network, no database. Ends with 1 where it does not hold.
    Verify(Verify),
    /// List the keys that our institution signs with, the newest first.
    Keys(Keys),
    /// Give our institution a new key to sign with. The old one vouches for it, and for all that it has signed.
    RotateKey(RotateKey),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium attestations keys --json")]
pub(super) struct Keys {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  consilium attestations rotate-key\n  consilium attestations rotate-key --compromised"
)]
pub(super) struct RotateKey {
    #[command(flatten)]
    config: ConfigFile,
    /// The old keys are stolen or lost: nothing holds any more that they have signed, and all that is still true is signed
    /// anew. Other servers believe the new key once their admins have confirmed it.
    #[arg(long)]
    compromised: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  consilium attestations verify ada.json --with hospital.json --with revoked.json\n  consilium attestations verify ada.json --with hospital.json --with revoked.json --actor ada-actor.json"
)]
pub(super) struct Verify {
    /// The statement: a verifiable credential in JSON.
    file: PathBuf,
    /// A document that it points to: its issuer's, the list of what was revoked. May be given again.
    #[arg(long = "with", value_name = "FILE")]
    with: Vec<PathBuf>,
    /// The ActivityPub document of the account that carries it, to be compared with whom it speaks of.
    #[arg(long, value_name = "FILE")]
    actor: Option<PathBuf>,
    /// Check as of this time (RFC 3339) in place of now.
    #[arg(long)]
    at: Option<DateTime<Utc>>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Largest file that is read, in bytes.
const LARGEST: u64 = 2 << 20;

impl Attestations {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Verify(command) => command.run(),
            Self::Keys(command) => command.run().await,
            Self::RotateKey(command) => command.run().await,
        }
    }
}

/// What a key is good for now.
fn state(key: &IssuingKey) -> &'static str {
    match (key.revoked_at, key.retired_at) {
        (Some(_), _) => "revoked",
        (None, Some(_)) => "retired",
        (None, None) => "signs",
    }
}

impl Keys {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        for key in keys::list(&house.ctx).await? {
            let (fingerprint, state) = (keys::fingerprint(&key.public_key), state(&key));
            if self.json {
                print_json(&json!({
                    "id": key.uri, "multikey": key.public_key, "fingerprint": fingerprint, "state": state,
                    "created_at": key.created_at, "retired_at": key.retired_at, "revoked_at": key.revoked_at,
                }));
            } else {
                println!("{state:<8} {fingerprint}  since {}  {}", key.created_at.format("%Y-%m-%d"), key.uri);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl RotateKey {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let keys::Rotation { key, reissued } = keys::rotate(&house.ctx, self.compromised).await?;
        let fingerprint = keys::fingerprint(&key.public_key);
        if self.json {
            print_json(&json!({ "id": key.uri, "fingerprint": fingerprint, "reissued": reissued }));
            return Ok(ExitCode::SUCCESS);
        }
        println!("The institution signs with {} from now on; other servers are told.", key.uri);
        println!("Fingerprint: {fingerprint}");
        if self.compromised {
            println!("Statements signed anew: {reissued}. Nothing holds any more that earlier keys have signed.");
            println!("Tell the admins of servers that trust this one the fingerprint, by telephone or on paper:");
            println!("they believe nothing that the new key signs before they have confirmed it.");
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Verify {
    fn run(self) -> Result<ExitCode, Failure> {
        let credential = read(&self.file)?;
        let mut documents = Documents::new();
        for path in &self.with {
            let document = read(path)?;
            let id = document.get("id").and_then(Value::as_str);
            let id = id.ok_or_else(|| Failure(format!("{} has no id", path.display())))?.to_owned();
            documents.insert(id, document);
        }
        let carrier = self.actor.as_deref().map(carrier).transpose()?;
        let now = self.at.unwrap_or_else(|| Clock::default().now());
        let outcome = check(&credential, &documents, carrier.as_ref(), now);
        self.say(&outcome);
        Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn say(&self, outcome: &Result<Statement, Fault>) {
        match outcome {
            Ok(statement) if self.json => {
                print_json(&json!({ "ok": true, "statement": statement, "actor_compared": self.actor.is_some() }));
            }
            Ok(statement) => {
                println!("OK: {} has signed this statement and has not taken it back.", shown(&statement.issuer));
                println!("It speaks of {}, {}", shown(&statement.name), shown(&statement.subject));
                println!("and holds until {}.", statement.valid_until.format("%-d %B %Y"));
                if self.actor.is_none() {
                    println!("No account was compared with it: give --actor to do so.");
                }
                println!("Whether that issuer may be believed is for you to know.");
            }
            Err(fault) if self.json => {
                print_json(&json!({ "ok": false, "fault": fault.word(), "words": fault.to_string() }));
            }
            Err(Fault::Needs(address)) => {
                println!("UNKNOWN: it cannot be checked without {}", shown(address));
                println!("Fetch that (Accept: application/activity+json, application/vc) and give the file by --with.");
            }
            Err(fault) => println!("WRONG: {fault}."),
        }
    }
}

fn carrier(path: &Path) -> Result<Carrier, Failure> {
    let actor = read(path)?;
    let text = |name| actor.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(id), Some(name)) = (text("id"), text("name")) else {
        return Err(Failure(format!("{} is not the document of an account: it has no id or no name", path.display())));
    };
    let host = Url::parse(&id).ok().and_then(|id| id.host_str().map(str::to_owned));
    let handle = text("preferredUsername").zip(host).map(|(user, host)| format!("{user}@{host}"));
    Ok(Carrier { handle: text("webfinger").or(handle), id, name })
}

/// Reads a document of JSON that has one reading.
pub(super) fn read(path: &Path) -> Result<Value, Failure> {
    let failure = |words: String| Failure(format!("cannot read {}: {words}", path.display()));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| failure(e.to_string()))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| failure(e.to_string()))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(failure("it is larger than 2 MiB".into()));
    }
    parse_strict(&bytes).map_err(|_| failure("it is not JSON with one reading".into()))
}
