use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{ConfigFile, Failure, print_json};
use crate::{model::HostState, service::hosts};

/// List other servers and decide whom to speak with.
#[derive(Debug, Subcommand)]
pub(super) enum Hosts {
    /// List other servers and what was decided.
    List(List),
    /// Speak with a server.
    #[command(after_help = "Example:\n  consilium hosts allow nordlicht.example --note 'Contract of May 2026'")]
    Allow(Decide),
    /// Speak with a server, but keep its posts out of public timelines.
    #[command(after_help = "Example:\n  consilium hosts limit loud.example --note 'Much advertising'")]
    Limit(Decide),
    /// Stop speaking with a server: it gets nothing, sends nothing, and follows are cut.
    #[command(after_help = "Example:\n  consilium hosts block spam.example --note 'Unsolicited mail to patients'")]
    Block(Decide),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium hosts list --json")]
pub(super) struct List {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Decide {
    #[command(flatten)]
    config: ConfigFile,
    /// Its host name.
    host: String,
    /// Why, for other admins.
    #[arg(long, default_value = "")]
    note: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Hosts {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::List(command) => command.run().await,
            Self::Allow(command) => command.run(HostState::Allowed).await,
            Self::Limit(command) => command.run(HostState::Limited).await,
            Self::Block(command) => command.run(HostState::Blocked).await,
        }
    }
}

impl List {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        for host in hosts::list_by_operator(&house.ctx).await? {
            if self.json {
                print_json(&json!({
                    "name": host.name, "state": host.state.as_str(), "note": host.note,
                    "failing_since": host.failing_since, "last_error": host.last_error,
                }));
            } else {
                println!("{:<40} {:<8} {}", host.name, host.state, host.note);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Decide {
    async fn run(self, state: HostState) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let host = hosts::decide_by_operator(&house.ctx, &self.host, state, &self.note).await?;
        if self.json {
            print_json(&json!({ "name": host.name, "state": host.state.as_str(), "note": host.note }));
        } else {
            println!("{} is {} now.", host.name, host.state);
        }
        Ok(ExitCode::SUCCESS)
    }
}
