use std::process::ExitCode;

use clap::Args;

use super::{ConfigFile, Failure};
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
}

impl Migrate {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.config.load()?;
        let (url, _cluster) = server::database(&config).await?;
        if self.check {
            let pending = store::pending_migrations(&url).await?;
            for name in &pending {
                println!("pending: {name}");
            }
            println!("{} pending", pending.len());
            return Ok(if pending.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        let ran = store::migrate(&url).await?;
        for name in &ran {
            println!("ran: {name}");
        }
        println!("The database is up to date ({} ran).", ran.len());
        Ok(ExitCode::SUCCESS)
    }
}
