//! The operator's face: one file a command, each with an example in its help.
//! Nothing here decides anything; it reads arguments, calls a rule and prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to its operator on the terminal")]

mod accounts;
mod attestations;
mod audit;
mod credentials;
mod dev;
mod doctor;
mod hosts;
mod identifiers;
mod keys;
mod migrate;
mod registers;
mod serve;
mod staff;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Config, ConfigError},
    error::Error,
    server::{self, House},
    service::Ctx,
    telemetry,
};

/// A federated professional network server for healthcare practitioners.
#[derive(Debug, Parser)]
#[command(
    name = "consilium",
    version,
    about,
    max_term_width = 100,
    after_help = "Examples:\n  consilium dev\n  consilium serve --config /etc/consilium/consilium.toml\n  consilium doctor --config /etc/consilium/consilium.toml"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// Run two hospitals on this machine, with people and posts, to try things out.
    Dev(dev::Dev),
    /// Bring the database to the newest schema.
    Migrate(migrate::Migrate),
    /// Make, list and change accounts.
    #[command(
        subcommand,
        after_help = "Example:\n  consilium accounts list --json\n  consilium accounts set-role --username aoife --role verifier"
    )]
    Accounts(accounts::Accounts),
    /// List other servers and decide whom to speak with.
    #[command(
        subcommand,
        after_help = "Example:\n  consilium hosts list\n  consilium hosts allow nordlicht.example --note 'Contract of May 2026'"
    )]
    Hosts(hosts::Hosts),
    /// Check the audit log, or write it out.
    #[command(
        subcommand,
        after_help = "Example:\n  consilium audit verify\n  consilium audit export > audit-2026-11.jsonl"
    )]
    Audit(audit::Audit),
    /// Exchange the key that seals everything secret, and see what is sealed under which.
    #[command(subcommand, after_help = "Example:\n  consilium keys status\n  consilium keys rotate")]
    Keys(keys::Keys),
    /// The registers of practitioners: what their numbers look like, and copies of them.
    #[command(
        subcommand,
        after_help = "Example:\n  consilium registers list\n  consilium registers check --register gb-gmc < numbers.txt\n  consilium registers import --register us-nppes --file npidata_pfile.csv"
    )]
    Registers(registers::Registers),
    /// What could identify a patient in a text.
    #[command(subcommand, after_help = "Example:\n  consilium identifiers scan < cases.jsonl")]
    Identifiers(identifiers::Identifiers),
    /// Check what an institution states about a practitioner, and look after the keys that ours signs with.
    #[command(
        subcommand,
        after_help = "Example:\n  consilium attestations verify ada.json --with hospital.json --with revoked.json\n  consilium attestations keys"
    )]
    Attestations(attestations::Attestations),
    /// What clinicians claim, and how far it is checked.
    #[command(subcommand, after_help = "Example:\n  consilium credentials list --json")]
    Credentials(credentials::Credentials),
    /// The institution's staff list: who works here, as the personnel office has it.
    #[command(subcommand, after_help = "Example:\n  consilium staff import --file staff.csv --whole")]
    Staff(staff::Staff),
    /// Say what is wrong with this instance, and how to mend it.
    Doctor(doctor::Doctor),
}

/// Where the configuration is.
#[derive(Debug, Clone, Args)]
struct ConfigFile {
    /// The configuration file.
    #[arg(long, short, default_value = "consilium.toml", env = "CONSILIUM_CONFIG")]
    config: PathBuf,
}

impl ConfigFile {
    /// Reads it and starts logging.
    fn load(&self) -> Result<Config, Failure> {
        let config = Config::load(&self.config)?;
        telemetry::start(&config.log);
        Ok(config)
    }

    /// Opens the house for one command; quiet, as its output may be read by a script.
    async fn open(&self) -> Result<House, Failure> {
        let mut config = Config::load(&self.config)?;
        config.log.level = "warn".into();
        config.database.pool_size = config.database.pool_size.min(4);
        telemetry::start(&config.log);
        Ok(server::open(config).await?)
    }
}

/// Why a command failed, in words for the operator.
#[derive(Debug)]
struct Failure(String);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(match &error {
            Error::Internal(source) => source.to_string(),
            Error::Unavailable => "The database does not answer: check database.url.".into(),
            other => other.public(),
        })
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("consilium: the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve(command) => command.run().await,
            Command::Dev(command) => command.run().await,
            Command::Migrate(command) => command.run().await,
            Command::Accounts(command) => command.run().await,
            Command::Hosts(command) => command.run().await,
            Command::Audit(command) => command.run().await,
            Command::Keys(command) => command.run().await,
            Command::Attestations(command) => command.run().await,
            Command::Credentials(command) => command.run().await,
            Command::Staff(command) => command.run().await,
            Command::Registers(command) => command.run().await,
            Command::Identifiers(command) => command.run(),
            Command::Doctor(command) => command.run().await,
        }
    });
    match outcome {
        Ok(code) => code,
        Err(Failure(words)) => {
            eprintln!("consilium: {words}");
            ExitCode::FAILURE
        }
    }
}

/// Sows what `consilium dev` begins with in two houses of one's own whose queues are carried out meanwhile, but for what people
/// follow and post on their own pages: for stories.
///
/// # Errors
/// What went wrong, in words.
pub async fn sow_demo(houses: &[Ctx]) -> Result<(), String> {
    dev::sow_groups(houses).await.map_err(|Failure(words)| words)
}

/// Prints a value as one line of JSON.
fn print_json(value: &serde_json::Value) {
    println!("{value}");
}

/// Words of somebody else, such that they move nothing on the terminal.
fn shown(text: &str) -> String {
    text.escape_debug().to_string().replace("\\'", "'")
}

/// Ends when the operator or the system wants us to stop.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
