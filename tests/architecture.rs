//! The never-arrows: which room may know of which, checked on the source itself.
#![expect(clippy::unwrap_used, reason = "a check ends loudly where it cannot read the source")]

use std::path::{Path, PathBuf};

/// Room and the rooms that it may import, as `crate::<room>`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("config", &[]),
    ("telemetry", &["config"]),
    ("schema", &[]),
    ("model", &["schema"]),
    ("policy", &["model", "config", "error"]),
    ("text", &["model"]),
    ("crypto", &["error"]),
    ("picture", &[]),
    ("multipart", &["error"]),
    ("origin", &["config"]),
    ("store", &["schema", "policy", "model", "config", "error"]),
    ("service", &["store", "policy", "crypto", "picture", "text", "model", "config", "error"]),
    ("web", &["multipart", "origin", "service", "policy", "text", "model", "config", "error"]),
    ("api", &["multipart", "origin", "service", "policy", "text", "model", "config", "error"]),
    ("federation", &["service", "policy", "crypto", "text", "model", "config", "error"]),
    ("mail", &["service", "model", "config", "error"]),
    ("blobs", &["service", "crypto", "config", "error"]),
    ("worker", &["federation", "service", "model", "config", "error"]),
    (
        "server",
        &["web", "api", "federation", "worker", "mail", "blobs", "origin", "service", "store", "config", "error"],
    ),
    (
        "cli",
        &[
            "server",
            "federation",
            "worker",
            "service",
            "store",
            "policy",
            "model",
            "crypto",
            "text",
            "config",
            "telemetry",
            "error",
        ],
    ),
];

/// A word and the rooms in which alone it may stand.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("actix_web", &["web", "api", "federation", "multipart", "origin", "server"]),
    ("activitypub_federation", &["federation", "server"]),
    ("reqwest", &["federation", "server"]),
    ("askama", &["web"]),
    ("openssl", &["crypto"]),
    ("totp_rs", &["crypto"]),
    ("webauthn_rs", &["crypto", "telemetry"]),
    ("image::", &["picture"]),
    ("qrcodegen", &["picture"]),
    ("object_store", &["blobs"]),
    ("ece::", &["crypto"]),
    ("lettre", &["mail", "service/registration.rs"]),
    ("diesel::", &["store", "model", "schema.rs"]),
    ("tokio::spawn(", &["worker", "server", "cli"]),
    ("Utc::now", &["service/clock.rs"]),
    ("begin_transaction", &["store/mod.rs"]),
    ("identifiers::find(", &["service/marks.rs", "service/groups/screen.rs", "cli"]),
];

/// Rooms without await, connection, request or clock.
const PURE: &[&str] = &["policy", "text", "crypto", "model", "picture"];

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            // Tests below the code may reach further.
            let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
            let code = code.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            (path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), code)
        })
        .collect()
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn room(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The rooms that a file names, in `crate::room` and in `use crate::{room…}` trees.
fn imported(code: &str) -> Vec<String> {
    let mut out = Vec::new();
    for part in code.split("crate::").skip(1) {
        if let Some(tree) = part.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in tree.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        out.push(std::mem::take(&mut word));
                        continue;
                    }
                    _ => {}
                }
                if depth == 0 && c != '}' {
                    word.push(c);
                }
            }
            out.push(word);
        } else {
            out.push(part.to_owned());
        }
    }
    out.into_iter()
        .map(|word| word.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>())
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn no_room_knows_of_a_room_above_it() {
    let rooms: Vec<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).collect();
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let here = room(&path);
        if matches!(here, "main" | "lib") {
            continue;
        }
        let (_, allowed) =
            MAY_IMPORT.iter().find(|(name, _)| *name == here).unwrap_or_else(|| panic!("{path} is in no known room"));
        for name in imported(&code).iter().filter(|n| rooms.contains(&n.as_str())) {
            if name != here && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{path} imports {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_library_stays_in_its_room() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        for (word, places) in ONLY_IN {
            let here =
                places.iter().any(|p| path == *p || path.starts_with(&format!("{p}/")) || path == format!("{p}.rs"));
            // The commit of our own transactions is asked for by its own name.
            if !here && code.split(word).zip(code.split(word).skip(1)).any(|(before, _)| !before.ends_with(is_name)) {
                wrong.push(format!("{path} has {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pure_rooms_never_await() {
    for (path, code) in sources() {
        if PURE.contains(&room(&path)) {
            assert!(!code.contains(".await") && !code.contains("async fn"), "{path} awaits");
        }
    }
}

#[test]
fn neither_the_network_nor_long_work_is_ever_inside_a_transaction() {
    for (path, code) in sources().into_iter().filter(|(p, _)| p.starts_with("service/")) {
        for part in code.split(".tx().await?").skip(1) {
            let inside = part.split("commit()").next().unwrap();
            assert!(
                !inside.contains("remote()?") && !inside.contains("render(ctx"),
                "{path} asks another server inside a transaction"
            );
            assert!(
                !inside.contains(".heavy(") && !inside.contains("look_through(") && !inside.contains("marks_of("),
                "{path} keeps a core busy inside a transaction"
            );
        }
    }
}

#[test]
fn every_room_says_what_lives_there_and_what_never_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (path, _) in sources().into_iter().filter(|(p, _)| p.ends_with("mod.rs") && p.matches('/').count() == 1) {
        let text = std::fs::read_to_string(root.join(&path)).unwrap();
        assert!(text.lines().take_while(|l| l.starts_with("//!")).count() >= 2, "{path} opens without two sentences");
    }
}

#[test]
fn no_file_grows_past_what_one_can_hold_in_mind() {
    for (path, code) in sources().into_iter().filter(|(p, _)| p != "schema.rs") {
        let lines = code.lines().count();
        assert!(lines <= 400, "{path} has {lines} lines of code");
    }
}
