//! Which servers we speak with.

use crate::{config::FederationMode, model::HostState};

/// May this server send to us, fetch from us and get our posts?
pub fn may_speak(mode: FederationMode, state: HostState) -> bool {
    match state {
        HostState::Blocked => false,
        HostState::Allowed | HostState::Limited => true,
        HostState::Unknown => mode == FederationMode::Open,
    }
}

/// The words of `hosts.state` that [`may_speak`] lets through.
pub fn speaking_states(mode: FederationMode) -> Vec<&'static str> {
    HostState::ALL.iter().filter(|s| may_speak(mode, **s)).map(|s| s.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_server_is_heard_in_open_mode_only() {
        assert!(may_speak(FederationMode::Open, HostState::Unknown));
        assert!(!may_speak(FederationMode::Approval, HostState::Unknown));
        assert!(!may_speak(FederationMode::Allowlist, HostState::Unknown));
    }

    #[test]
    fn a_blocked_server_is_never_heard() {
        for mode in [FederationMode::Open, FederationMode::Approval, FederationMode::Allowlist] {
            assert!(!may_speak(mode, HostState::Blocked));
        }
    }
}
