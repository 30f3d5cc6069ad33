use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{ConfigFile, Failure, print_json};
use crate::service::audit::{self, Broken, Chain};

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
    after_help = "Examples:\n  consilium audit verify --config /etc/consilium/consilium.toml\n  consilium audit verify --file audit-2026-11.jsonl"
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
        let outcome = if let Some(path) = &self.file {
            walk(path, &mut chain).map_err(|e| Failure(format!("cannot read {}: {e}", path.display())))?
        } else {
            let house = self.config.open().await?;
            audit::verify(&house.ctx, &mut chain).await?
        };
        self.say(&chain, outcome);
        Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
