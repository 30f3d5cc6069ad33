//! Labels over a number: the heads of a table's columns.

use std::ops::Range;

use super::{super::page::Page, label::Label};

/// What the head of its column says, where the number stands in a table.
pub(super) fn column(page: &Page<'_>, value: &Range<usize>) -> Option<Label> {
    let line_start = page.lower.get(..value.start)?.rfind('\n').map(|at| at + 1)?;
    let before = page.lower.get(line_start..value.start)?;
    let mark = ["|", "\t", ";"].into_iter().find(|mark| before.contains(mark)).unwrap_or_else(|| {
        let rest = page.after(value.end, 1);
        if before.contains("  ") || !(before.contains(',') || rest == "," || rest == "\t") {
            "  "
        } else if rest == "\t" {
            "\t"
        } else {
            ","
        }
    });
    let place = cells(before, mark).len().checked_sub(1)?;
    let mut end = line_start.checked_sub(1)?;
    for _ in 0..8 {
        let start = page.lower.get(..end)?.rfind('\n').map_or(0, |at| at + 1);
        let line = page.lower.get(start..end)?;
        let rule =
            !line.trim().is_empty() && line.bytes().all(|b| matches!(b, b'-' | b'|' | b':' | b'+' | b' ' | b'='));
        let heads = cells(line, mark);
        if line.trim().is_empty() || heads.len() < if matches!(mark, "," | ";") { 4 } else { 2 } {
            return None;
        }
        let numbers = heads.iter().filter(|cell| cell.1.bytes().filter(u8::is_ascii_digit).count() > 2).count();
        if !rule && numbers == 0 {
            let (at, head) = heads.get(place)?;
            let close = start + at + head.len();
            let mut label = Label::before(page, &(close..close));
            label.mark = true;
            return (label.near && (label.topic.is_some() || label.public || label.marker)).then_some(label);
        }
        end = start.checked_sub(1)?;
    }
    None
}

/// The cells of a line, each with its place.
fn cells<'l>(line: &'l str, mark: &str) -> Vec<(usize, &'l str)> {
    let mut out = Vec::new();
    let mut at = 0;
    // "1,\"Bin Sali, Patricia\",K1104832": a comma in quotation marks ends no cell.
    let mut quoted = false;
    let ends = |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    };
    let parts: Vec<&str> = if mark == "," { line.split(ends).collect() } else { line.split(mark).collect() };
    for cell in parts {
        let lead = cell.len() - cell.trim_start().len();
        if mark != "  " || !cell.trim().is_empty() || line.len() == at {
            out.push((at + lead, cell.trim()));
        }
        at += cell.len() + mark.len();
    }
    if mark == "  " && line.ends_with("  ") {
        out.push((line.len(), ""));
    }
    out
}
