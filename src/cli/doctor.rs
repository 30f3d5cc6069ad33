use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{ConfigFile, Failure, print_json};
use crate::{
    config::Config,
    federation, server,
    service::doctor::{self, Finding},
    store,
};

/// Say what is wrong with this instance, and how to mend it. Ends with 1 where something is wrong.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium doctor --config /etc/consilium/consilium.toml")]
pub(super) struct Doctor {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let findings = self.look().await;
        for finding in &findings {
            if self.json {
                print_json(&json!(finding));
            } else {
                println!("{} {:<18} {}", if finding.fine { "ok   " } else { "WRONG" }, finding.what, finding.words);
            }
        }
        Ok(if findings.iter().all(|f| f.fine) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Everything that can be looked at; what stands on something broken is left out. Nothing is changed.
    async fn look(&self) -> Vec<Finding> {
        let config = Config::load(&self.config.config);
        let config = match config.and_then(|config| doctor::check_names(&config).map(|()| config)) {
            Ok(config) => config,
            Err(error) => return vec![Finding::wrong("configuration", error.to_string())],
        };
        let mut findings =
            vec![Finding::fine("configuration", format!("{} can be read", self.config.config.display()))];
        let database = match server::database(&config).await {
            Ok(database) => database,
            Err(error) => {
                findings.push(Finding::wrong("database", Failure::from(error).0));
                return findings;
            }
        };
        match store::pending_migrations(&database.0).await {
            Ok(pending) if pending.is_empty() => findings.push(Finding::fine("database", "has the newest schema")),
            Ok(pending) => {
                let words = format!("{} migrations have not run: run `consilium migrate`.", pending.len());
                findings.push(Finding::wrong("database", words));
                return findings;
            }
            Err(error) => {
                let words = format!("does not answer ({error}): check database.url and that PostgreSQL runs.");
                findings.push(Finding::wrong("database", words));
                return findings;
            }
        }
        let house = match self.config.open().await {
            Ok(house) => house,
            Err(Failure(words)) => {
                findings.push(Finding::wrong("keys", words));
                return findings;
            }
        };
        match doctor::examine(&house.ctx).await {
            Ok(more) => findings.extend(more),
            Err(error) => findings.push(Finding::wrong("database", Failure::from(error).0)),
        }
        findings.extend(federation::examine(&house.ctx).await);
        findings
    }
}
