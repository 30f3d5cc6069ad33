use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{ConfigFile, Failure, print_json};
use crate::{server, store};

/// Bring the database to the newest schema.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium migrate --config consilium.toml\n  consilium migrate --check")]
pub(super) struct Migrate {
    #[command(flatten)]
    config: ConfigFile,
    /// Only say what would run; ends with 1 where something would.
    #[arg(long)]
    check: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.config.load()?;
        let (url, _cluster) = server::database(&config).await?;
        if self.check {
            let pending = store::pending_migrations(&url).await?;
            self.say("pending", &pending);
            return Ok(if pending.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        self.say("ran", &store::migrate(&url).await?);
        Ok(ExitCode::SUCCESS)
    }

    fn say(&self, word: &str, names: &[String]) {
        if self.json {
            return print_json(&json!({ word: names }));
        }
        for name in names {
            println!("{word}: {name}");
        }
        println!("{} {word}", names.len());
    }
}
