use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{ConfigFile, Failure, print_json};
use crate::service::secrets_rotate::{self, Done, Standing};

/// Exchange the key that seals everything secret, and see what is sealed under which.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Seal everything under the present instance key that is sealed under an earlier one. No key is made, written or
    /// printed.
    Rotate(Rotate),
    /// Say how many records are sealed under which key. Ends with 1 where a key is not at hand.
    Status(Status),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  head -c 32 /dev/urandom | base64 > /etc/consilium/new.key\n  # secrets.key_file = \"new.key\", secrets.previous_key_files = [\"consilium.key\"]; restart every process\n  consilium keys rotate\n  consilium keys status\n\n  # By the environment of every process, and of these commands, instead of files:\n  # CONSILIUM__SECRETS__KEY is the new key, CONSILIUM__SECRETS__PREVIOUS_KEYS the one before; restart every process\n  consilium keys rotate"
)]
pub(super) struct Rotate {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium keys status --json")]
pub(super) struct Status {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Keys {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Rotate(command) => command.run().await,
            Self::Status(command) => command.run().await,
        }
    }
}

impl Rotate {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let all = secrets_rotate::rotate(&house.ctx).await?;
        for Done { table, column, sealed, left } in &all {
            if self.json {
                print_json(&json!({ "table": table, "column": column, "sealed": sealed, "left": left }));
            } else {
                let place = format!("{table}.{column}");
                println!("{place:<40} {sealed:>9} sealed anew{}", left_words(*left));
            }
        }
        let left: usize = all.iter().map(|done| done.left).sum();
        if !self.json {
            println!("{}", outcome(left, &house.ctx.config.secrets.place()));
        }
        Ok(if left == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Where an earlier key is looked for.
const EARLIER: &str = "name its file in secrets.previous_key_files, or give it by CONSILIUM__SECRETS__PREVIOUS_KEYS";

fn outcome(left: usize, place: &str) -> String {
    if left > 0 {
        return format!("The key of {left} is not at hand: {EARLIER}, and run this again.");
    }
    format!(
        "Everything is sealed under the key in {place}. Where every process runs with it, `consilium keys status` says \
         whether an earlier one may go."
    )
}

fn left_words(left: usize) -> String {
    if left == 0 { String::new() } else { format!(", {left} LEFT") }
}

impl Status {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let all = secrets_rotate::status(&house.ctx).await?;
        for one in &all {
            if self.json {
                print_json(&json!({ "key": one.key, "standing": one.standing.word(), "records": one.records }));
            } else {
                let words = match one.standing {
                    Standing::Present => format!("seals: {}", house.ctx.config.secrets.place()),
                    Standing::Previous if one.records == 0 => "opens nothing any more: it may go".into(),
                    Standing::Previous => "opens: run `consilium keys rotate`".into(),
                    Standing::Unknown => format!("NOT AT HAND: {EARLIER}"),
                };
                println!("{} {:>9} records  {words}", one.key, one.records);
            }
        }
        let lost = all.iter().any(|one| one.standing == Standing::Unknown);
        Ok(if lost { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}
