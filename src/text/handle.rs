//! Handles such as `@ada@clinic.example`, and the names that may stand in them.

/// A handle in its parts, lower case; the host is none for our own people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// The user name.
    pub username: String,
    /// The server.
    pub host: Option<String>,
}

/// Reads `ada`, `@ada`, `ada@host`, `@ada@host`, `acct:ada@host`; our own host counts as none.
pub fn parse(text: &str, own_host: &str) -> Option<Handle> {
    let text = text.trim();
    let text = text.strip_prefix("acct:").unwrap_or(text);
    let text = text.strip_prefix('@').unwrap_or(text);
    let (username, host) = match text.split_once('@') {
        Some((username, host)) => (username, Some(host)),
        None => (text, None),
    };
    let fine = !username.is_empty()
        && username.len() <= 64
        && username.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if !fine {
        return None;
    }
    let host = match host.map(normal_host) {
        Some(None) => return None,
        Some(Some(host)) => (host != own_host).then_some(host),
        None => None,
    };
    Some(Handle { username: username.to_lowercase(), host })
}

/// A host name in its one spelling: IDNA, lower case, no trailing dot, no usual port, no literal address (R4).
pub fn normal_host(text: &str) -> Option<String> {
    let url = url::Url::parse(&format!("https://{}/", text.trim())).ok()?;
    if !url.username().is_empty() || url.password().is_some() || url.path() != "/" || url.query().is_some() {
        return None;
    }
    host_of(&url)
}

/// The same from a URL; none for literal addresses.
pub fn host_of(url: &url::Url) -> Option<String> {
    let domain = url.domain()?.trim_end_matches('.').to_ascii_lowercase();
    if domain.is_empty() || domain.len() > 253 {
        return None;
    }
    Some(match url.port() {
        Some(port) => format!("{domain}:{port}"),
        None => domain,
    })
}

/// User names that a person cannot take.
const RESERVED: &[&str] = &[
    "instance.actor",
    "instance",
    "institution",
    "admin",
    "administrator",
    "root",
    "support",
    "help",
    "moderator",
    "verifier",
    "consilium",
    "org",
    "actor",
    "inbox",
    "about",
    "api",
    "everyone",
    "all",
    "here",
    "security",
    "postmaster",
    "abuse",
    "webmaster",
    "new",
    "hospital",
    "emergency",
    "system",
];

/// Whether a new account may have this name, which is not that of the institution; the text says what is wrong.
pub fn check_username(name: &str, institution: &str) -> Result<(), String> {
    if name.len() < 2 || name.len() > 30 {
        return Err("A user name has 2 to 30 characters.".into());
    }
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        return Err("Use the letters a to z, digits and _ only.".into());
    }
    if RESERVED.contains(&name) || name == institution {
        return Err(format!("The name {name} is kept for the hospital. Please choose another."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_of_our_own_host_is_one_of_ours() {
        let own = "clinic.example";
        let ada = Handle { username: "ada".into(), host: None };
        for text in ["ada", "@ada", "@Ada@Clinic.Example", "acct:ada@clinic.example."] {
            assert_eq!(parse(text, own), Some(ada.clone()), "{text}");
        }
        assert_eq!(parse("@bo@h.localhost:8102", own).unwrap().host.unwrap(), "h.localhost:8102");
    }

    #[test]
    fn nonsense_and_addresses_are_no_handles() {
        for text in ["", "@", "a b", "a@", "a@b@c/d", "ada@127.0.0.1", "ada@[::1]", "<script>"] {
            assert_eq!(parse(text, "clinic.example"), None, "{text}");
        }
    }

    #[test]
    fn one_host_has_one_spelling() {
        assert_eq!(normal_host("MÜNCHEN.example:443").unwrap(), "xn--mnchen-3ya.example");
        assert_eq!(normal_host("a.example."), normal_host("A.example"));
        assert_eq!(normal_host("user@a.example"), None);
    }
}
