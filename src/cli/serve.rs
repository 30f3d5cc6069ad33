use std::process::ExitCode;

use clap::Args;
use tokio::sync::watch;

use super::{ConfigFile, Failure, stop_signal};
use crate::server::{Role, Server};

/// Run the server.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  consilium serve --config /etc/consilium/consilium.toml\n  consilium serve --role worker"
)]
pub(super) struct Serve {
    #[command(flatten)]
    config: ConfigFile,
    /// What this process does; several processes may share one database.
    #[arg(long, value_enum, default_value = "all")]
    role: Role,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.config.load()?;
        let origin = config.instance.origin();
        let server = Server::bind(config, self.role).await?;
        tracing::info!(port = server.port(), role = ?self.role, %origin, "ready");
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            stop_signal().await;
            tracing::info!("stopping");
            stop.send_replace(true);
            stop.closed().await;
        });
        server.run(stopped).await?;
        Ok(ExitCode::SUCCESS)
    }
}
