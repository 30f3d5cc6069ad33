use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{ConfigFile, Failure, print_json};
use crate::service::{Page, credentials};

/// What clinicians claim, and how far it is checked.
#[derive(Debug, Subcommand)]
pub(super) enum Credentials {
    /// List credentials, newest first. No number is shown.
    List(List),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  consilium credentials list\n  consilium credentials list --json | jq 'select(.state == \"recheck_due\")'"
)]
pub(super) struct List {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Credentials {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::List(command) => command.run().await,
        }
    }
}

/// A day in a column; empty for none.
fn shown_day(day: Option<NaiveDate>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

impl List {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let mut page = Page::first(80);
        loop {
            let listed = credentials::list_by_operator(&house.ctx, &page).await?;
            for (credential, holder) in &listed.items {
                let (kind, state) = (credential.kind.as_str(), credential.state.as_str());
                let (id, handle, register) = (credential.id.to_string(), holder.handle(), &credential.register);
                if self.json {
                    print_json(&json!({
                        "id": id, "handle": handle, "kind": kind, "register": register, "state": state,
                        "level": credential.level, "source": credential.source.as_str(),
                        "submitted_at": credential.submitted_at, "checked_on": credential.checked_on,
                        "next_check_on": credential.next_check_on, "expires_on": credential.expires_on,
                    }));
                } else {
                    let (checked, ends) = (shown_day(credential.checked_on), shown_day(credential.expires_on));
                    let level = credential.level;
                    println!("{id:<19} {handle:<24} {kind:<12} {register:<9} {state:<17} {level} {checked:<10} {ends}");
                }
            }
            match listed.older {
                Some(before) => page.before = Some(before),
                None => return Ok(ExitCode::SUCCESS),
            }
        }
    }
}
