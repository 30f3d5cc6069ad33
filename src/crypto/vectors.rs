//! The shared test vectors, read in place: from the folder that `CONSILIUM_VECTORS` names, else
//! beside the repository.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The path of one vector file or folder, or `None`, said aloud, where the vectors are not at hand.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/vectors").into();
    let folder = std::env::var_os("CONSILIUM_VECTORS").unwrap_or_else(beside);
    let folder = Path::new(&folder);
    if folder.is_dir() {
        return Some(folder.join(name));
    }
    eprintln!("vectors not found at {}: skipped", folder.display());
    None
}

/// One vector file, parsed.
pub(crate) fn json(name: &str) -> Option<Value> {
    let text = std::fs::read(path(name)?).expect("a vector file that can be read");
    Some(serde_json::from_slice(&text).expect("a vector file in JSON"))
}

/// The text of a member that a vector must have.
pub(crate) fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case.get(member).and_then(Value::as_str).unwrap_or_else(|| panic!("{member} is missing in {case}"))
}

/// The array of a member that a vector must have.
pub(crate) fn list<'a>(case: &'a Value, member: &str) -> &'a [Value] {
    case.get(member).and_then(Value::as_array).unwrap_or_else(|| panic!("{member} is missing in {case}"))
}

/// The bytes that a text in hexadecimal stands for.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).expect("a hexadecimal digit");
    let byte = |pair: &[u8]| pair.iter().fold(0, |sum, half| sum * 16 + digit(half));
    let bytes = text.as_bytes().chunks(2).map(byte);
    bytes.map(|value| u8::try_from(value).expect("a byte")).collect()
}
