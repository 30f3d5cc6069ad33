use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{ConfigFile, Failure, attestations::read, print_json, shown};
use crate::{
    server::House,
    service::{
        attestations::Documents,
        audit::{self, Broken, Chain},
        audit_heads::{self, HeadFault, SignedHead},
        clock::Clock,
    },
};

/// Check the audit log, or write it out.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Check that no entry was changed, removed or moved. Ends with 1 where one was.
    Verify(Verify),
    /// Write every entry to standard output, oldest first, one JSON object a line.
    Export(Export),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  consilium audit verify --config /etc/consilium/consilium.toml\n  consilium audit verify --file audit-2026-11.jsonl\n  consilium audit verify --file audit-2026-11.jsonl --signed-head 2026-11-25.json --with hospital.json"
)]
pub(super) struct Verify {
    #[command(flatten)]
    config: ConfigFile,
    /// Check an export in place of the database; neither database nor configuration is needed.
    #[arg(long)]
    file: Option<PathBuf>,
    /// The head that an earlier check printed: it must still be in the log, else its end was cut off.
    #[arg(long)]
    head: Option<String>,
    /// A head that the institution has signed (/audit/heads/…): the same, and its signature must hold.
    #[arg(long, value_name = "FILE")]
    signed_head: Option<PathBuf>,
    /// The institution's own ActivityPub document, with the keys that it lists. Without it those in the database are used.
    #[arg(long, value_name = "FILE", requires = "signed_head")]
    with: Option<PathBuf>,
    /// Check the signature as of this time (RFC 3339) in place of now.
    #[arg(long, requires = "signed_head")]
    at: Option<DateTime<Utc>>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium audit export > audit-2026-11.jsonl")]
pub(super) struct Export {
    #[command(flatten)]
    config: ConfigFile,
}

/// Longest line of an export that is read.
const LONGEST: u64 = 1 << 20;

impl Audit {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Verify(command) => command.run().await,
            Self::Export(command) => command.run().await,
        }
    }
}

impl Verify {
    async fn run(self) -> Result<ExitCode, Failure> {
        let mut chain = Chain::new(self.head.as_deref());
        let house = if self.file.is_none() { Some(self.config.open().await?) } else { None };
        if let Some(path) = &self.signed_head {
            match self.check(&read(path)?, house.as_ref()).await? {
                Ok(head) => chain.expect(head.seq, &head.hash),
                Err(fault) => {
                    self.refuse(&fault);
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        let outcome = match (&self.file, &house) {
            (Some(path), _) => {
                walk(path, &mut chain).map_err(|e| Failure(format!("cannot read {}: {e}", path.display())))?
            }
            (None, Some(house)) => audit::verify(&house.ctx, &mut chain).await?,
            (None, None) => return Err(Failure("There is no log to check.".into())),
        };
        self.say(&chain, outcome);
        Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Checks who has signed a head.
    async fn check(&self, head: &Value, house: Option<&House>) -> Result<Result<SignedHead, HeadFault>, Failure> {
        let now = self.at.unwrap_or_else(|| Clock::default().now());
        if let Some(path) = &self.with {
            let issuer = read(path)?;
            let id = issuer.get("id").and_then(Value::as_str);
            let id = id.ok_or_else(|| Failure(format!("{} has no id", path.display())))?.to_owned();
            return Ok(audit_heads::check(head, &Documents::from([(id, issuer)]), now));
        }
        match house {
            Some(house) => Ok(audit_heads::check_by_operator(&house.ctx, head, now).await?),
            None => Err(Failure("Give the institution's document by --with: an export has no keys.".into())),
        }
    }

    fn refuse(&self, fault: &HeadFault) {
        if self.json {
            print_json(&json!({ "ok": false, "fault": fault.word(), "entry": null, "words": fault.to_string() }));
        } else {
            println!("WRONG: the signed head cannot be used: {}.", shown(&fault.to_string()));
        }
    }

    fn say(&self, chain: &Chain, outcome: Result<(), Broken>) {
        let (entries, head) = (chain.entries(), chain.head());
        match outcome {
            Ok(()) if self.json => print_json(&json!({ "ok": true, "entries": entries, "head": head })),
            Ok(()) => println!("OK: {entries} {}, head {head}", if entries == 1 { "entry" } else { "entries" }),
            Err(broken) if self.json => print_json(&json!({
                "ok": false, "fault": broken.word(), "entry": broken.entry(), "words": broken.to_string(),
            })),
            Err(broken) => println!("WRONG: {broken}"),
        }
    }
}

/// Walks an export line by line.
fn walk(path: &Path, chain: &mut Chain) -> std::io::Result<Result<(), Broken>> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    while reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)? > 0 {
        if let Err(broken) = chain.add_line(&line) {
            return Ok(Err(broken));
        }
        line.clear();
    }
    Ok(chain.end())
}

impl Export {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let mut last = i64::MIN;
        loop {
            let entries = audit::after_by_operator(&house.ctx, last).await?;
            let Some(newest) = entries.last() else { return Ok(ExitCode::SUCCESS) };
            last = newest.seq;
            let mut text = String::new();
            for entry in &entries {
                text.push_str(&audit::line(entry)?);
                text.push('\n');
            }
            // Not `println!`, which panics where the reader has had enough.
            std::io::stdout().lock().write_all(text.as_bytes())?;
        }
    }
}
