//! Texts that never show themselves, and where the instance key comes from.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::ConfigError;

/// By which the present instance key, and earlier ones, come from the environment.
pub const KEY_VARIABLES: [&str; 2] = ["CONSILIUM__SECRETS__KEY", "CONSILIUM__SECRETS__PREVIOUS_KEYS"];

/// The variables of this process that hold instance keys, however they are written.
pub fn key_variables() -> impl Iterator<Item = std::ffi::OsString> {
    let holds = |name: &std::ffi::OsString| KEY_VARIABLES.iter().any(|known| name.eq_ignore_ascii_case(known));
    std::env::vars_os().map(|(name, _)| name).filter(holds)
}

/// `[secrets]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// 32 bytes in hexadecimal or base64 that seal all private keys, by the environment alone; none where a file holds
    /// them.
    pub key: Option<Secret>,
    /// The file that holds them. Made on first start where missing.
    pub key_file: PathBuf,
    /// Earlier keys, still accepted for reading, by the environment alone: parted by commas or blanks.
    pub previous_keys: Option<Secret>,
    /// Files that hold such keys.
    pub previous_key_files: Vec<PathBuf>,
}

impl Secrets {
    /// Where the present key is, in words.
    pub fn place(&self) -> String {
        let [variable, _] = KEY_VARIABLES;
        if self.key.is_some() { variable.to_owned() } else { self.key_file.display().to_string() }
    }

    /// The earlier keys that came by the environment.
    pub fn previous_texts(&self) -> impl Iterator<Item = &str> {
        let text = self.previous_keys.as_ref().map_or("", Secret::expose);
        text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty())
    }
}

fn names(table: &toml::Table, key: &str) -> bool {
    table.get("secrets").is_some_and(|section| section.get(key).is_some())
}

/// Refuses a key in the configuration file itself, which is copied and shown around. The key is not repeated.
pub(super) fn check_file(table: &toml::Table) -> Result<(), ConfigError> {
    let fields = [("key", "key_file"), ("previous_keys", "previous_key_files")];
    let found = fields.into_iter().zip(KEY_VARIABLES).find(|((key, _), _)| names(table, key));
    match found {
        Some(((key, file), variable)) => Err(ConfigError(format!(
            "secrets.{key} must not stand in this file. Give it by the environment ({variable}), or keep it in a file of \
             its own and name that one (secrets.{file})."
        ))),
        None => Ok(()),
    }
}

/// Refuses two places for one key, as none can tell which is meant.
pub(super) fn check_whole(table: &toml::Table) -> Result<(), ConfigError> {
    if names(table, "key") && names(table, "key_file") {
        let [variable, _] = KEY_VARIABLES;
        return Err(ConfigError(format!(
            "The instance key is given twice, by {variable} and by secrets.key_file. Take one of them away; an earlier key \
             goes to secrets.previous_key_files."
        )));
    }
    Ok(())
}

/// A secret that never shows itself in a log.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself: hand it to the library that needs it and to nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A secret from its key, or from the file that holds it.
pub(super) fn read(value: Option<&Secret>, file: Option<&Path>) -> Result<Option<Secret>, ConfigError> {
    match (value, file) {
        (Some(secret), _) => Ok(Some(secret.clone())),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(|text| Some(Secret::new(text.trim())))
            .map_err(|e| ConfigError(format!("cannot read {}: {e}", path.display()))),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const KEY: &str = "00000000000000000000000000000000000000000000000000000000000000e9";

    fn parse(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let text = format!("[instance]\npublic_url = \"https://hospital.example\"\n{file}");
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::parse(&text, Path::new("/etc/consilium"), environment).map_err(|e| e.to_string())
    }

    #[test]
    fn the_instance_key_comes_by_the_environment_and_does_not_show_itself() {
        let [present, previous] = KEY_VARIABLES;
        for typed in [KEY.to_owned(), format!("\"{KEY}\""), "12".into(), "[\"12\"]".into(), "true".into()] {
            let config = parse("", &[(present, &typed), (previous, &format!("{KEY}, {KEY}\n{KEY}"))]).unwrap();
            assert_eq!(
                config.secrets.key.as_ref().unwrap().expose(),
                typed.trim_matches('"'),
                "a text, whatever it is"
            );
            assert_eq!(config.secrets.previous_texts().collect::<Vec<_>>(), [KEY, KEY, KEY]);
            assert!(!format!("{config:?}").contains(KEY));
            assert_eq!(config.secrets.place(), present);
        }
        let bare = parse("", &[]).unwrap().secrets;
        assert_eq!((bare.place().as_str(), bare.previous_texts().count()), ("/etc/consilium/consilium.key", 0));
    }

    #[test]
    fn a_key_in_two_places_or_in_the_configuration_itself_is_refused() {
        let [present, previous] = KEY_VARIABLES;
        let file = "[secrets]\nkey_file = \"hospital.key\"\n";
        let words = parse(file, &[(present, KEY)]).unwrap_err();
        assert!(words.contains("given twice") && words.contains("secrets.key_file"), "{words}");
        assert!(parse("", &[(present, KEY), ("CONSILIUM__SECRETS__KEY_FILE", "hospital.key")]).is_err());
        assert!(parse("[secrets]\nprevious_key_files = [\"old.key\"]\n", &[(present, KEY), (previous, KEY)]).is_ok());
        for key in ["key", "previous_keys"] {
            let words = parse(&format!("[secrets]\n{key} = \"{KEY}\"\n"), &[]).unwrap_err();
            assert!(words.contains("must not stand in this file") && !words.contains(KEY), "{words}");
        }
    }
}
