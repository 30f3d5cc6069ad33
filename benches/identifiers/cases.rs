//! Reading of case files.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use consilium::text::identifiers::Kind;

/// A text, and what is marked in it.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) id: String,
    /// The file it stands in, without its ending.
    pub(super) file: String,
    pub(super) text: String,
    pub(super) marks: Vec<(Range<usize>, Kind)>,
}

/// The cases of a folder of files.
pub(super) fn cases_of(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/identifiers").join(folder);
    let Ok(files) = std::fs::read_dir(&folder) else { return Vec::new() };
    let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    let texts = paths.iter().filter(|p| p.extension().is_some_and(|e| e == "txt"));
    let read = |path: &PathBuf| {
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        cases(&std::fs::read_to_string(path).unwrap(), &file)
    };
    texts.flat_map(read).collect()
}

/// Reads `=== id` and the text below it, with marks `[[kind|words]]`.
fn cases(text: &str, file: &str) -> Vec<Case> {
    let text = format!("\n{text}");
    let parts = text.split("\n=== ").skip(1).map(|part| part.split_once('\n').unwrap_or((part, "")));
    parts.map(|(id, body)| case(id.trim(), file, body)).collect()
}

fn case(id: &str, file: &str, body: &str) -> Case {
    let (mut text, mut marks) = (String::with_capacity(body.len()), Vec::new());
    let mut pieces = body.split("[[");
    text.push_str(pieces.next().unwrap());
    for piece in pieces {
        let (mark, rest) = piece.split_once("]]").unwrap_or_else(|| panic!("{id}: a mark has no end"));
        let (kind, words) = mark.split_once('|').unwrap_or_else(|| panic!("{id}: a mark has no kind"));
        let kind = Kind::ALL.iter().find(|k| k.as_str() == kind).unwrap_or_else(|| panic!("{id}: {kind} is no kind"));
        marks.push((text.len()..text.len() + words.len(), *kind));
        text.push_str(words);
        text.push_str(rest);
    }
    Case { id: id.to_owned(), file: file.to_owned(), text, marks }
}
