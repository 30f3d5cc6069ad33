use std::{
    io::{BufRead, IsTerminal, Read},
    path::PathBuf,
    pin::pin,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use clap::{Args, Subcommand, builder::PossibleValuesParser};
use serde_json::json;

use super::{ConfigFile, Failure, print_json, shown};
use crate::{
    policy::registers::{REGISTERS, Register, WrongNumber},
    service::{
        registers::{self, Outcome, Progress, Source},
        specialties,
    },
};

/// The registers of practitioners: what their numbers look like, and copies of them.
#[derive(Debug, Subcommand)]
pub(super) enum Registers {
    /// List them.
    List(List),
    /// Check that numbers are well-formed: one a line, from standard input. Ends with 1 where one is not.
    Check(Check),
    /// Take in the copy of a register, and open re-checks for whoever is not in it as before.
    Import(Import),
    /// Take in the official names of specialties (NUCC Health Care Provider Taxonomy, CSV).
    Specialties(Specialties),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium registers list --json")]
pub(super) struct List {
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium registers check --register gb-gmc < numbers.txt")]
pub(super) struct Check {
    /// Whose numbers they are.
    #[arg(long, value_parser = keys())]
    register: String,
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  consilium registers import --register us-nppes --file npidata_pfile_20050523-20261108.csv --snapshot-date 2026-11-08\n  consilium registers import --register gb-gmc --file lrmp.csv --mapping gb-gmc.toml\n\nThe file may have any size; it is read once, and memory stays small. docs/REGISTERS.md tells how to write a mapping."
)]
pub(super) struct Import {
    #[command(flatten)]
    config: ConfigFile,
    /// Which register it is a copy of.
    #[arg(long, value_parser = keys())]
    register: String,
    /// The file: CSV, unpacked.
    #[arg(long)]
    file: PathBuf,
    /// The day that it is of; today unless given.
    #[arg(long, value_name = "YYYY-MM-DD")]
    snapshot_date: Option<NaiveDate>,
    /// Which columns hold what, in TOML; not needed for us-nppes.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Take it also where it has less than half of the entries of the one before, is older, or is hardly readable.
    #[arg(long)]
    force: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium registers specialties --file nucc_taxonomy_251.csv")]
pub(super) struct Specialties {
    #[command(flatten)]
    config: ConfigFile,
    /// The file, as nucc.org gives it.
    #[arg(long)]
    file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Longest line that is read, in bytes.
const LONGEST: u64 = 4096;
/// Time between two lines about how far an import is.
const TOLD: Duration = Duration::from_secs(5);

fn keys() -> PossibleValuesParser {
    PossibleValuesParser::new(REGISTERS.iter().map(|register| register.key))
}

impl Registers {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::List(command) => {
                command.run();
                Ok(ExitCode::SUCCESS)
            }
            Self::Check(command) => command.run(),
            Self::Import(command) => command.run().await,
            Self::Specialties(command) => command.run().await,
        }
    }
}

impl List {
    fn run(&self) {
        for Register { key, name, jurisdiction, number, form, example, system, .. } in REGISTERS {
            if self.json {
                print_json(&json!({
                    "key": key, "name": name, "jurisdiction": jurisdiction, "number": number, "form": form,
                    "example": example, "system": system,
                }));
            } else {
                println!("{key:<9} {jurisdiction:<2}  {name}\n{:14}{number}: {form}, for example {example}", "");
            }
        }
    }
}

impl Check {
    fn run(&self) -> Result<ExitCode, Failure> {
        let register = Register::find(&self.register);
        let register = register.ok_or_else(|| Failure(format!("no register is called {}", self.register)))?;
        let (mut input, mut line, mut place, mut fine) = (std::io::stdin().lock(), Vec::new(), 0, true);
        while input.by_ref().take(LONGEST).read_until(b'\n', &mut line)? > 0 {
            place += 1;
            let typed = String::from_utf8_lossy(&line);
            if !typed.trim().is_empty() {
                let outcome = register.read(&typed);
                fine &= outcome.is_ok();
                self.say(place, &outcome);
            }
            line.clear();
        }
        Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn say(&self, line: usize, outcome: &Result<String, WrongNumber>) {
        match outcome {
            Ok(number) if self.json => print_json(&json!({ "line": line, "ok": true, "number": number })),
            Ok(number) => println!("OK    line {line}: {}", shown(number)),
            Err(why) if self.json => print_json(&json!({ "line": line, "ok": false, "words": why.to_string() })),
            Err(why) => println!("WRONG line {line}: {}", shown(&why.to_string())),
        }
    }
}

impl Import {
    async fn run(self) -> Result<ExitCode, Failure> {
        let unreadable = |e: std::io::Error| Failure(format!("the mapping cannot be read: {e}"));
        let mapping = self.mapping.as_ref().map(std::fs::read_to_string).transpose().map_err(unreadable)?;
        let house = self.config.open().await?;
        let source = Source {
            register: self.register.clone(),
            path: self.file.clone(),
            file_name: self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            snapshot_date: self.snapshot_date,
            mapping,
            force: self.force,
        };
        let (progress, begun) = (Arc::new(Progress::default()), Instant::now());
        let mut work = pin!(registers::import_by_operator(&house.ctx, source, &progress));
        let outcome = loop {
            tokio::select! {
                done = &mut work => break done?,
                () = tokio::time::sleep(TOLD) => tell(&progress),
            }
        };
        self.say(&outcome, &progress, begun.elapsed());
        Ok(ExitCode::SUCCESS)
    }

    fn say(&self, outcome: &Outcome, progress: &Progress, took: Duration) {
        let Outcome { register, taken_on, counts, rechecks, comparing, .. } = outcome;
        if self.json {
            print_json(&json!({
                "register": register.key, "snapshot_date": taken_on.to_string(), "entries": counts.rows,
                "refused": counts.refused, "first_refused": progress.first_refused(), "rechecks": rechecks,
                "seconds": took.as_secs_f64(), "comparing_seconds": comparing.as_secs_f64(),
            }));
            return;
        }
        println!("{}, as of {taken_on}: {} entries in {:.1} s", register.name, counts.rows, took.as_secs_f64());
        if counts.refused > 0 {
            println!("{} lines could not be read; the first is {}", counts.refused, shown(progress.first_refused()));
        }
        println!("{rechecks} re-checks were opened");
    }
}

/// How far an import is, for somebody who waits at a terminal.
fn tell(progress: &Progress) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let (counts, total) = (progress.counts(), progress.total());
    if total > 0 {
        eprintln!("{:>3} %, {} entries", counts.bytes.saturating_mul(100) / total, counts.rows);
    } else {
        eprintln!("{} entries", counts.rows);
    }
}

impl Specialties {
    async fn run(self) -> Result<ExitCode, Failure> {
        let file = std::fs::read(&self.file);
        let file = file.map_err(|e| Failure(format!("cannot read {}: {e}", self.file.display())))?;
        let house = self.config.open().await?;
        let count = specialties::load_by_operator(&house.ctx, &file).await?;
        if self.json {
            print_json(&json!({ "specialties": count }));
        } else {
            println!("{count} specialties have a name now");
        }
        Ok(ExitCode::SUCCESS)
    }
}
