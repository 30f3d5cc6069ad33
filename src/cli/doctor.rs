use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{ConfigFile, Failure, print_json};
use crate::{
    federation,
    service::doctor::{self, Finding},
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
        // A configuration that cannot be read and a database that does not answer say so themselves.
        let house = self.config.open().await?;
        let mut findings =
            vec![Finding::fine("configuration", format!("{} can be read", self.config.config.display()))];
        findings.extend(doctor::examine(&house.ctx).await?);
        findings.extend(federation::examine(&house.ctx).await);
        for finding in &findings {
            if self.json {
                print_json(&json!(finding));
            } else {
                println!("{} {:<18} {}", if finding.fine { "ok   " } else { "WRONG" }, finding.what, finding.words);
            }
        }
        Ok(if findings.iter().all(|f| f.fine) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
