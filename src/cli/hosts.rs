use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{ConfigFile, Failure, print_json};
use crate::{
    model::{HostState, HostTrust},
    service::hosts,
};

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
    /// Decide how far what its institutions state about their people is believed.
    #[command(
        after_help = "Examples:\n  consilium hosts trust nordlicht.example --as trusted --reason 'Agreement of May 2026'\n  consilium hosts trust college.example --as trusted --discipline medicine --discipline nursing"
    )]
    Trust(Trust),
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

#[derive(Debug, Args)]
pub(super) struct Trust {
    #[command(flatten)]
    config: ConfigFile,
    /// Its host name.
    host: String,
    /// How far: none (nothing of it is shown), claim (it is shown as a claim) or trusted (it is shown as verified).
    #[arg(long = "as", value_name = "TRUST")]
    how_far: HostTrust,
    /// Key of a discipline, such as medicine; may be given again. Without any, all are meant.
    #[arg(long = "discipline", value_name = "KEY")]
    disciplines: Vec<String>,
    /// Why, for the audit log.
    #[arg(long, default_value = "")]
    reason: String,
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
            Self::Trust(command) => command.run().await,
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
                    "trust": host.trust.as_str(), "trusted_disciplines": host.trusted_disciplines,
                    "failing_since": host.failing_since, "last_error": host.last_error,
                }));
            } else {
                println!("{:<40} {:<8} {:<8} {}", host.name, host.state.as_str(), host.trust.as_str(), host.note);
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

impl Trust {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let host =
            hosts::trust_by_operator(&house.ctx, &self.host, self.how_far, self.disciplines, &self.reason).await?;
        if self.json {
            print_json(&json!({
                "name": host.name, "trust": host.trust.as_str(), "trusted_disciplines": host.trusted_disciplines,
            }));
            return Ok(ExitCode::SUCCESS);
        }
        match host.trust {
            HostTrust::None => println!("Nothing that {} states is shown now.", host.name),
            HostTrust::Claim => println!("What {} states is shown as a claim now.", host.name),
            HostTrust::Trusted if host.trusted_disciplines.is_empty() => {
                println!("What {} states is shown as verified now.", host.name);
            }
            HostTrust::Trusted => println!(
                "What {} states is shown as verified now for {}, and as a claim for all others.",
                host.name,
                host.trusted_disciplines.join(", ")
            ),
        }
        Ok(ExitCode::SUCCESS)
    }
}
