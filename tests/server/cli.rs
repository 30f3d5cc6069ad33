//! Commands as operators and scripts give them, by the real program.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::harness::postgres;

/// Whoever gives commands on a server.
pub struct Operator {
    config: PathBuf,
    environment: Vec<(String, String)>,
}

impl Operator {
    async fn new(name: &str) -> Self {
        let url = postgres::database().await;
        Self::with(name, &format!("[database]\nurl = \"{}\"\n", url.expose()))
    }

    /// With a configuration of its own, whose `[database]` is given.
    pub fn with(name: &str, database: &str) -> Self {
        let folder = PathBuf::from(format!("/tmp/consilium-test-{}/files/cli-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let config = folder.join("consilium.toml");
        let text = format!(
            "[instance]\npublic_url = \"http://{name}.localhost:9\"\n[federation]\nallow_insecure = true\n\
             [mail]\nmailbox_dir = \"mailbox\"\n{database}"
        );
        std::fs::write(&config, text).unwrap();
        Self { config, environment: Vec::new() }
    }

    /// The same with one more variable of the environment.
    pub fn given(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn run(&self, args: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consilium"));
        let mut child = command
            .args(args)
            .arg("--config")
            .arg(&self.config)
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    pub fn says(&self, args: &[&str], input: &str) -> String {
        let output = self.run(args, input);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn json(&self, args: &[&str], input: &str) -> Value {
        serde_json::from_str(&self.says(args, input)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_accounts_and_tokens_from_a_script() {
    let op = Operator::new("cli").await;
    let args = ["accounts", "create", "--username", "aoife", "--email", "a@x.test", "--role", "verifier", "--json"];
    let made =
        op.json(&[&args[..], &["--display-name", "Dr Aoife", "--password-stdin"]].concat(), "three plain words\n");
    assert_eq!(made["handle"], "@aoife@cli.localhost:9");
    assert_eq!(made["role"], "verifier");
    let listed = op.json(&["accounts", "list", "--json"], "");
    assert_eq!((listed["username"].as_str(), listed["display_name"].as_str()), (Some("aoife"), Some("Dr Aoife")));
    assert_eq!(
        op.json(&["accounts", "set-role", "--username", "aoife", "--role", "admin", "--json"], "")["role"],
        "admin"
    );
    let token = op.says(&["accounts", "token", "--username", "aoife", "--scopes", "read write"], "");
    assert!(token.trim().len() >= 32 && token.lines().count() == 1, "{token:?}");
    let confirmed = op.json(&["accounts", "confirm", "--username", "aoife", "--json"], "");
    assert_eq!(confirmed["waits_for_an_admin"], false);
    let reset = ["accounts", "reset-password", "--username", "aoife", "--password-stdin", "--json"];
    assert_eq!(op.json(&reset, "other plain words\n")["username"], "aoife");
    let rotated = op.json(&["accounts", "rotate-keys", "--username", "aoife", "--json"], "");
    assert!(rotated["key_id"].as_str().unwrap().starts_with("http://cli.localhost:9/users/aoife#main-key-"));

    let twice = op.run(&[&args[..], &["--password-stdin"]].concat(), "three plain words\n");
    assert!(!twice.status.success());
    assert!(String::from_utf8_lossy(&twice.stderr).contains("taken"), "{}", String::from_utf8_lossy(&twice.stderr));
    let nobody = op.run(&["accounts", "token", "--username", "nobody"], "");
    assert!(!nobody.status.success() && nobody.stdout.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_decides_about_other_servers() {
    let op = Operator::new("hosts").await;
    for (word, state) in [("allow", "allowed"), ("limit", "limited"), ("block", "blocked")] {
        let decided = op.json(&["hosts", word, "Other.Example", "--note", "why", "--json"], "");
        assert_eq!((decided["name"].as_str(), decided["state"].as_str()), (Some("other.example"), Some(state)));
    }
    assert_eq!(op.json(&["hosts", "list", "--json"], "")["state"], "blocked");
    assert!(!op.run(&["hosts", "allow", "no host name"], "").status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_is_wrong_and_changes_nothing() {
    let op = Operator::new("doctor").await;
    op.says(&["migrate"], "");
    assert_eq!(op.json(&["migrate", "--check", "--json"], "")["pending"], serde_json::json!([]));
    let output = op.run(&["doctor", "--json"], "");
    assert!(!output.status.success(), "nobody answers at the public address");
    let findings: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |what: &str| findings.iter().find(|f| f["what"] == what).unwrap_or_else(|| panic!("{what}: {findings:?}"));
    for what in ["configuration", "database", "clock", "keys", "queues"] {
        assert_eq!(of(what)["fine"], true, "{what}: {}", of(what));
    }
    assert_eq!(of("public address")["fine"], false);
    assert!(of("public address")["words"].as_str().unwrap().contains("start the server"));

    let broken = Operator::with("broken", "[database]\nurl = \"postgresql://nobody@127.0.0.1:1/none\"\n");
    let words = String::from_utf8(broken.run(&["doctor"], "").stdout).unwrap();
    assert!(words.contains("WRONG database") && words.contains("check database.url"), "{words}");
    std::fs::write(&broken.config, "[instance]\npublic_url = \"https://x.example\"\nnmae = 1\n").unwrap();
    let words = String::from_utf8(broken.run(&["doctor"], "").stdout).unwrap();
    assert!(words.contains("WRONG configuration") && words.contains("nmae"), "{words}");
}

/// A command that reads what it is given and needs no configuration.
fn piped(command: &str, args: &[&str], input: &str) -> Output {
    let mut run = Command::new(env!("CARGO_BIN_EXE_consilium"));
    let run = run.arg(command).args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = run.stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn anybody_measures_what_is_found_in_a_text_and_a_bad_line_stops_nothing() {
    let lines = "{\"id\":\"größte\",\"text\":\"Frau Größler rang on 3 March 2025.\"}\nno case\n\n{\"id\":2,\"text\":\"Day 3: well.\"}\n";
    let output = piped("identifiers", &["scan"], lines);
    let found: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found[0]["id"], "größte");
    let name = &found[0]["spans"][0];
    assert_eq!((&name["start"], &name["end"], &name["kind"]), (&json!(5), &json!(12), &json!("name")), "{name}");
    assert_eq!(found[0]["spans"][1]["kind"], "date");
    assert_eq!(found[1], json!({ "id": 2, "spans": [] }));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && words.contains("line 2") && !words.contains("no case"), "{words}");
}

#[test]
fn somebody_in_hr_finds_the_mistyped_numbers_of_a_list() {
    let run = |args: &[&str], input: &str| {
        let output = piped("registers", args, input);
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let check = ["check", "--register", "us-nppes"];
    let (fine, words) = run(&check, "1234567893\r\n\n 1679 567 895\n");
    assert_eq!((fine, words.as_str()), (true, "OK    line 1: 1234567893\nOK    line 3: 1679567895\n"));
    let (fine, words) = run(&check, "1234567893\n1234567890\n\u{1b}[2J");
    assert!(!fine && words.contains("WRONG line 2: the last digit does not fit: please check 1234567890"), "{words}");
    assert!(words.contains("WRONG line 3: NPI: 10 digits") && !words.contains('\u{1b}'), "{words}");
    let (fine, words) = run(&["check", "--register", "gb-gmc", "--json"], "C7012345");
    let said: Value = serde_json::from_str(&words).unwrap();
    assert!(!fine && said["ok"] == false && said["words"].as_str().unwrap().contains("for example 7012345"), "{said}");
    let (fine, words) = run(&["check", "--register", "gmc"], "7012345");
    assert!(!fine && words.contains("gb-gmc"), "the answer names those that there are: {words}");
    let (fine, words) = run(&["list"], "");
    assert!(fine && words.contains("General Medical Council") && words.contains("NPI: 10 digits"), "{words}");
}

#[test]
fn every_command_has_help_with_an_example() {
    let help = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_consilium")).args(args).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let mut waiting: Vec<Vec<String>> = vec![vec![]];
    while let Some(command) = waiting.pop() {
        let args: Vec<&str> = command.iter().map(String::as_str).collect();
        let text = help(&args);
        assert!(text.contains("Example"), "consilium {} --help has no example", args.join(" "));
        let commands = text.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
        for name in commands.lines().filter(|l| l.starts_with("  ")).filter_map(|l| l.split_whitespace().next()) {
            if name != "help" && !name.starts_with('-') {
                waiting.push(command.iter().cloned().chain([name.to_owned()]).collect());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_beside_a_running_server_does_not_stop_its_database() {
    let op = Operator::with("guest", "[database]\nembedded_dir = \"postgres\"\n[http]\nbind = \"127.0.0.1:0\"\n");
    let mut server = Command::new(env!("CARGO_BIN_EXE_consilium"))
        .args(["serve", "--role", "worker", "--config"])
        .arg(&op.config)
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let ready = op.config.with_file_name("postgres").join("data/postmaster.pid");
    while !ready.exists() {
        tokio::task::yield_now().await;
    }
    for name in ["ada", "bo"] {
        let email = format!("{name}@x.test");
        let args = ["accounts", "create", "--username", name, "--email", &email, "--password-stdin"];
        op.says(&args, "three plain words\n");
        assert!(ready.exists(), "the cluster was stopped by a guest");
    }
    assert!(server.try_wait().unwrap().is_none(), "the server still runs");
    server.kill().unwrap();
    server.wait().unwrap();
    // Killed, it leaves nothing that keeps the next one from starting.
    assert_eq!(op.says(&["accounts", "list", "--json"], "").lines().count(), 2);
}
