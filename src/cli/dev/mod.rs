//! `consilium dev`: two hospitals on one machine, with people, follows and posts between them.
//! A private database, real HTTP, real signatures; nothing here is for production.

mod content;
mod desk;
mod groups;
mod seed;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use tokio::{sync::watch, task::JoinSet};

use super::{Failure, stop_signal};
use crate::{
    config::{self, Config, Log},
    model::HostState,
    server::{Role, Server},
    service::{Ctx, hosts},
    store::embedded::{Cluster, Durability},
    telemetry,
};
use content::Content;

/// Run two hospitals on this machine, with people and posts, to try things out.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium dev\n  consilium dev --fresh --port 9000 --data-dir /tmp/consilium")]
pub(super) struct Dev {
    /// Port of the first hospital; the second takes the next one.
    #[arg(long, default_value_t = 8101)]
    port: u16,
    /// Where the data stays between runs.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// How many hospitals.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=2))]
    instances: u16,
    /// Begin with no people and no posts.
    #[arg(long)]
    no_seed: bool,
    /// Throw the data of earlier runs away first.
    #[arg(long)]
    fresh: bool,
}

/// The hospitals: key in the content and label in the host name.
const HOSPITALS: [&str; 2] = ["st-brigid", "nordlicht"];
/// Tells our own folder from somebody else's before anything is removed.
const MARK: &str = "consilium-dev-data";

/// Sows the demo once. What a run was stopped at in the middle of that stays as it is, and a later run says so.
async fn sow(folder: &std::path::Path, houses: &[Ctx], content: &Content) -> Result<(), Failure> {
    let begun = folder.join("sowing");
    if seed::has_people(houses).await? {
        if begun.exists() {
            eprintln!(
                "An earlier run was stopped while it sowed, so that some of the demo is missing: --fresh begins anew."
            );
        }
        return Ok(());
    }
    std::fs::write(&begun, "")?;
    seed::sow(houses, content).await?;
    std::fs::remove_file(&begun)?;
    Ok(())
}

/// Sows people, what they bring to the desks, and groups with their cases.
pub(super) async fn sow_groups(houses: &[Ctx]) -> Result<(), Failure> {
    seed::sow(houses, &Content::read()?.without_posts()).await
}

impl Dev {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        telemetry::start(&Log { level: "warn".into(), ..Log::default() });
        let folder = self.data_dir.clone().unwrap_or_else(config::default_dev_dir).join(self.port.to_string());
        self.prepare(&folder)?;
        let content = Content::read()?;
        let data = folder.join("postgres");
        eprintln!("Starting a private PostgreSQL in {} …", data.display());
        let started = tokio::task::spawn_blocking(move || Cluster::start(&data, Durability::Safe)).await;
        let cluster = started.map_err(|e| Failure(e.to_string()))??;
        let (stop, stopped) = watch::channel(false);
        let mut running = JoinSet::new();
        let mut houses = Vec::new();
        for (number, key) in (0..self.instances).zip(HOSPITALS) {
            let database = key.replace('-', "_");
            cluster.create_database(&database, None).await?;
            let config = self.config(number, key, &content, &folder, cluster.url(&database).expose())?;
            let server = Server::bind(config, Role::All).await?;
            houses.push(server.ctx().clone());
            running.spawn(server.run(stopped.clone()));
        }
        for (ctx, other) in houses.iter().zip(houses.iter().rev()) {
            if ctx.config.instance.host() != other.config.instance.host() {
                hosts::decide_by_operator(
                    ctx,
                    &other.config.instance.host(),
                    HostState::Allowed,
                    "Our partner hospital",
                )
                .await?;
            }
        }
        let stopping = async {
            stop_signal().await;
            eprintln!("\nStopping …");
        };
        let work = async {
            if !self.no_seed {
                sow(&folder, &houses, &content).await?;
            }
            content.print_table(&houses, !self.no_seed);
            std::future::pending::<Result<(), Failure>>().await
        };
        let outcome = tokio::select! {
            () = stopping => Ok(()),
            failed = work => failed,
        };
        stop.send_replace(true);
        while let Some(ended) = running.join_next().await {
            ended.map_err(|e| Failure(e.to_string()))??;
        }
        drop(houses);
        tokio::task::spawn_blocking(move || drop(cluster)).await.map_err(|e| Failure(e.to_string()))?;
        outcome.map(|()| ExitCode::SUCCESS)
    }

    fn prepare(&self, folder: &std::path::Path) -> Result<(), Failure> {
        if self.fresh && folder.exists() {
            if !folder.join(MARK).exists() {
                return Err(Failure(format!("{} was not made by consilium dev: it is left alone.", folder.display())));
            }
            // A cluster that a killed run left behind is stopped before its files go.
            let cluster = Cluster::start(&folder.join("postgres"), Durability::Safe)?;
            if !cluster.is_ours() {
                return Err(Failure(format!("{} is in use by another run: stop that one first.", folder.display())));
            }
            drop(cluster);
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(MARK), "Data of consilium dev. Remove the folder to start again.\n")?;
        Ok(())
    }

    fn config(
        &self,
        number: u16,
        key: &str,
        content: &Content,
        folder: &std::path::Path,
        url: &str,
    ) -> Result<Config, Failure> {
        let port = self.port.saturating_add(number);
        let hospital = content.instances.get(key).ok_or_else(|| Failure(format!("no content for {key}")))?;
        let mut table = toml::Table::new();
        let mut section = |name: &str, entries: Vec<(&str, toml::Value)>| {
            let entries = entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
            table.insert(name.to_owned(), toml::Value::Table(entries));
        };
        let path = |name: &str| toml::Value::from(folder.join(format!("{key}-{name}")).display().to_string());
        section(
            "instance",
            vec![
                ("public_url", format!("http://{key}.localhost:{port}").into()),
                ("name", hospital.name.clone().into()),
                ("short_name", hospital.short_name.clone().into()),
                ("sentence", hospital.sentence.clone().into()),
                ("about", hospital.about.clone().into()),
                ("contact", hospital.contact.clone().into()),
            ],
        );
        section("http", vec![("bind", format!("127.0.0.1:{port}").into())]);
        section("database", vec![("url", url.into())]);
        section("secrets", vec![("key_file", path("key"))]);
        // Whoever tries things out signs in with the password that is shown, and may leave a page open.
        section(
            "accounts",
            vec![
                ("second_factor_for", toml::Value::Array(Vec::new())),
                ("idle_minutes_desk", toml::Value::Integer(480)),
            ],
        );
        section("mail", vec![("mailbox_dir", path("mailbox"))]);
        section("federation", vec![("allow_insecure", true.into()), ("allow_private_addresses", true.into())]);
        section("media", vec![("folder", path("media"))]);
        section("log", vec![("level", "warn".into())]);
        Ok(Config::parse(&table.to_string(), folder, std::env::vars())?)
    }
}
