use std::{
    io::{BufRead, BufWriter, Write},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::Failure;
use crate::text::identifiers;

/// What could identify a patient in a text.
#[derive(Debug, Subcommand)]
pub(super) enum Identifiers {
    /// Find it in many texts: one a line, as JSON, from standard input. Ends with 2 where a line cannot be read.
    Scan(Scan),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo '{\"id\":\"1\",\"text\":\"Seen on 3 March by Dr Doyle.\"}' | consilium identifiers scan\n\nEach line of the output names the text by its id, and each place by its first and last character (counted in Unicode code\npoints from 0, the end not included) and its kind. Nothing is kept, and no configuration is needed."
)]
pub(super) struct Scan {}

/// A text to look at. The id is handed back as it came: a string or a number.
#[derive(Debug, Deserialize)]
struct Asked {
    id: serde_json::Value,
    text: String,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a serde_json::Value,
    spans: Vec<Span>,
}

#[derive(Debug, Serialize)]
struct Span {
    start: usize,
    end: usize,
    kind: &'static str,
}

/// What the command ends with where a line could not be read.
const UNREADABLE: u8 = 2;

impl Identifiers {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let Self::Scan(Scan {}) = self;
        scan()
    }
}

/// One line in, one line out, so that memory is that of the longest line.
fn scan() -> Result<ExitCode, Failure> {
    let (mut input, mut out) = (std::io::stdin().lock(), BufWriter::new(std::io::stdout().lock()));
    let (mut line, mut place, mut fine) = (Vec::new(), 0_u64, true);
    while input.read_until(b'\n', &mut line)? > 0 {
        place += 1;
        if !line.trim_ascii().is_empty() {
            match serde_json::from_slice::<Asked>(&line) {
                Ok(asked) => answer(&asked, &mut out)?,
                Err(error) => {
                    fine = false;
                    // Where the line is wrong, never what stands in it.
                    let column = error.column();
                    eprintln!(
                        "consilium: line {place} is no JSON object with an \"id\" and a \"text\" (see its column {column})"
                    );
                }
            }
        }
        line.clear();
        // A text may have been a large one.
        line.shrink_to(LINE_KEPT);
    }
    out.flush()?;
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::from(UNREADABLE) })
}

/// Room for a line that is kept from one to the next, in bytes.
const LINE_KEPT: usize = 64 * 1024;

fn answer(asked: &Asked, out: &mut impl Write) -> Result<(), Failure> {
    let found = identifiers::find(&asked.text);
    let places = identifiers::all_code_points(&asked.text, &found);
    let span =
        |((start, end), found): ((usize, usize), &identifiers::Found)| Span { start, end, kind: found.kind.as_str() };
    let spans = places.into_iter().zip(&found).map(span).collect();
    serde_json::to_writer(&mut *out, &Answer { id: &asked.id, spans }).map_err(std::io::Error::from)?;
    writeln!(out)?;
    // Whoever asks one by one gets each answer at once.
    out.flush()?;
    Ok(())
}
