//! Logging: ids and outcomes, never bodies, names, addresses or e-mail.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Log, LogFormat};

/// Starts logging to standard error. A second call changes nothing.
pub fn start(log: &Log) {
    // What is wrong with the answer of a passkey is told to whoever gave it; the library would write parts of it down.
    let wanted = format!("webauthn_rs=off,{}", log.level);
    let filter = EnvFilter::try_new(wanted).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let started = match log.format {
        LogFormat::Text => registry.with(fmt::layer().with_writer(std::io::stderr).with_target(false)).try_init(),
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging had been started before");
    }
}
