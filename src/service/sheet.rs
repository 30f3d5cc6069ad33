//! What people take along as CSV: one way to write it, so that no cell is taken for a formula by a program that opens it.

use crate::error::{Error, Result};

/// A sheet that is being written, line by line.
pub(super) struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self(csv::Writer::from_writer(Vec::new()))
    }

    /// Adds a line.
    pub(super) fn line<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<()> {
        let cells = cells.iter().map(|cell| harmless(cell.as_ref()));
        self.0.write_record(cells).map_err(|e| Error::Internal(e.into()))
    }

    /// The whole of it.
    pub(super) fn finish(self) -> Result<String> {
        let bytes = self.0.into_inner().map_err(|e| Error::internal(e.to_string()))?;
        String::from_utf8(bytes).map_err(|e| Error::Internal(e.into()))
    }
}

/// A cell that begins as a formula does gets an apostrophe before it, as OWASP has it ("CSV injection").
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let mut sheet = Sheet::new();
        sheet.line(&["Question", "By"]).unwrap();
        sheet.line(&["=HYPERLINK(\"https://e.example\")", "@ada"]).unwrap();
        sheet.line(&["\tTab", "Day -1 + 2"]).unwrap();
        let written = sheet.finish().unwrap();
        assert_eq!(written, "Question,By\n\"'=HYPERLINK(\"\"https://e.example\"\")\",'@ada\n'\tTab,Day -1 + 2\n");
    }
}
