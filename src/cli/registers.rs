use std::{
    io::{BufRead, Read},
    process::ExitCode,
};

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use serde_json::json;

use super::{Failure, print_json, shown};
use crate::policy::registers::{REGISTERS, Register, WrongNumber};

/// The registers of practitioners, and what their numbers look like.
#[derive(Debug, Subcommand)]
pub(super) enum Registers {
    /// List them.
    List(List),
    /// Check that numbers are well-formed: one a line, from standard input. Ends with 1 where one is not.
    Check(Check),
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
    #[arg(long, value_parser = PossibleValuesParser::new(REGISTERS.iter().map(|register| register.key)))]
    register: String,
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

/// Longest line that is read, in bytes.
const LONGEST: u64 = 4096;

impl Registers {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::List(command) => {
                command.run();
                Ok(ExitCode::SUCCESS)
            }
            Self::Check(command) => command.run(),
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
