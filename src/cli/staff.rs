use std::{fs::File, io::Read, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{ConfigFile, Failure, print_json, shown};
use crate::service::credentials::{self, StaffReport};

/// The institution's staff list: who works here, as the personnel office has it.
#[derive(Debug, Subcommand)]
pub(super) enum Staff {
    /// Take a staff list in: who stands in it is attested as employed here.
    Import(Import),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  consilium staff import --file staff.csv --whole\n  consilium staff import --file joiners.csv\n\nThe first line names the columns: email, family_name, given_names, discipline and country, and where wanted role, start,\nend and staff_number. People are found by the address that they confirmed here. docs/CREDENTIALS.md tells more."
)]
pub(super) struct Import {
    #[command(flatten)]
    config: ConfigFile,
    /// The file: CSV in UTF-8.
    #[arg(long)]
    file: PathBuf,
    /// It is the whole list: who was attested from a list before and does not stand in it has left.
    #[arg(long)]
    whole: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Larger files are not held; the rule says what the limit is.
const LARGEST: u64 = 32 << 20;

impl Staff {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Import(command) => command.run().await,
        }
    }
}

impl Import {
    async fn run(self) -> Result<ExitCode, Failure> {
        let failure = |e: std::io::Error| Failure(format!("cannot read {}: {e}", self.file.display()));
        let mut bytes = Vec::new();
        File::open(&self.file).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)).map_err(failure)?;
        let house = self.config.open().await?;
        let report = credentials::import_staff_by_operator(&house.ctx, &bytes, self.whole).await?;
        self.say(&report);
        Ok(ExitCode::SUCCESS)
    }

    fn say(&self, report: &StaffReport) {
        let StaffReport { attested, unchanged, ended, unknown } = report;
        if self.json {
            print_json(&json!({ "attested": attested, "unchanged": unchanged, "ended": ended, "unknown": unknown }));
            return;
        }
        println!("{attested} attested, {unchanged} as before, {ended} ended");
        for line in unknown {
            println!("{}", shown(line));
        }
    }
}
