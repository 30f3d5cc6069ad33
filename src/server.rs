//! The composition root: binds the port, puts the rooms together, mounts the faces, runs and stops.

use std::{net::TcpListener, time::Duration};

use activitypub_federation::config::FederationMiddleware;
use actix_web::{
    App, HttpServer,
    dev::{Server as HttpRunner, Service, ServiceRequest},
    http::{Method, header},
    middleware::{Compress, DefaultHeaders},
    web,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use crate::{
    api, blobs,
    config::Config,
    error::{Error, Result},
    federation::{self, Federation, inbox::Intake},
    mail, origin,
    service::{
        Ctx, audit, doctor, instance, keys,
        keys::{Keyring, RsaKeyPair},
        organization,
    },
    store::{
        self, Pool,
        embedded::{Cluster, Durability},
    },
    web as pages,
    worker::Worker,
};

/// Seconds that an admin's file may take.
const LONG_SECONDS: u64 = 7_200;
/// Seconds that a document for the desk may take: 10 MB over a slow line.
const UPLOAD_SECONDS: u64 = 900;

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Answers requests.
    Web,
    /// Carries out what waits.
    Worker,
    /// Both.
    All,
}

/// A bound server that has not started yet.
pub struct Server {
    ctx: Ctx,
    federation: Federation,
    listener: Option<TcpListener>,
    role: Role,
    url: crate::config::Secret,
    // Dropped last: the database outlives everybody who uses it.
    cluster: Option<Cluster>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("role", &self.role).finish_non_exhaustive()
    }
}

/// The rules with a database under them, for commands and servers alike.
#[derive(Debug)]
pub struct House {
    /// The rules.
    pub ctx: Ctx,
    /// The database's URL.
    pub url: crate::config::Secret,
    /// The private cluster, where one is configured.
    pub cluster: Option<Cluster>,
}

/// Opens the database (starting a private cluster where one is configured), migrates it and reads the keys.
pub async fn open(config: Config) -> Result<House> {
    open_with(config, Vec::new()).await
}

async fn open_with(config: Config, spare: Vec<RsaKeyPair>) -> Result<House> {
    doctor::check_names(&config).map_err(|e| Error::Internal(e.into()))?;
    let (url, cluster) = database(&config).await?;
    let ran = store::migrate(&url).await?;
    if !ran.is_empty() {
        tracing::info!(migrations = ran.len(), "the database was migrated");
    }
    let pool = Pool::new(&url, config.database.pool_size)?;
    let may_make = !instance::has_sealed_keys(&pool).await?;
    let keyring = Keyring::open(&config.secrets, may_make).map_err(|e| Error::Internal(e.into()))?.with_spare(spare);
    let (mailer, blobs) = (mail::open(&config)?, blobs::open(&config)?);
    let ctx = Ctx::new(config, pool, keyring, mailer, blobs);
    instance::claim_name(&ctx).await?;
    keys::instance_account(&ctx).await?;
    organization::start(&ctx).await?;
    Ok(House { ctx, url, cluster })
}

/// The database's URL; with `embedded_dir` of a cluster that is started here.
pub async fn database(config: &Config) -> Result<(crate::config::Secret, Option<Cluster>)> {
    if let Some(folder) = config.database.embedded_dir.clone() {
        let started = tokio::task::spawn_blocking(move || Cluster::start(&folder, Durability::Safe)).await;
        let cluster = started.map_err(|e| Error::Internal(e.into()))??;
        cluster.create_database("consilium", None).await?;
        return Ok((cluster.url("consilium"), Some(cluster)));
    }
    let url = config.database_url().map_err(|e| Error::Internal(e.into()))?;
    let url =
        url.ok_or_else(|| Error::internal("Set database.url, or database.embedded_dir for a private cluster."))?;
    Ok((url, None))
}

impl Server {
    /// Binds the port and opens the house.
    pub async fn bind(config: Config, role: Role) -> Result<Self> {
        Self::bind_with(config, role, Vec::new()).await
    }

    /// The same with RSA keys that were made ahead, for whoever opens many houses: making them is most of that work.
    pub async fn bind_with(config: Config, role: Role, spare: Vec<RsaKeyPair>) -> Result<Self> {
        let address = config.http.bind;
        let listener = if role == Role::Worker {
            None
        } else {
            let bound = TcpListener::bind(address);
            Some(bound.map_err(|e| {
                Error::internal(format!("cannot listen on {address}: {e}. Set http.bind to a free address."))
            })?)
        };
        let House { ctx, url, cluster } = open_with(config, spare).await?;
        let federation = federation::open(&ctx).await?;
        Ok(Self { ctx, federation, listener, role, url, cluster })
    }

    /// The port that was bound; 0 for a worker.
    pub fn port(&self) -> u16 {
        self.listener.as_ref().and_then(|l| l.local_addr().ok()).map_or(0, |a| a.port())
    }

    /// The rules, for whoever embeds the server.
    pub fn ctx(&self) -> &Ctx {
        &self.ctx
    }

    /// A worker on the same database, for stories that carry out what waits by hand.
    pub fn worker(&self) -> Worker {
        Worker::new(self.ctx.clone(), self.federation.clone())
    }

    /// Runs until `stop` turns true; requests and work under way are finished first.
    pub async fn run(mut self, stop: watch::Receiver<bool>) -> Result<()> {
        let mut parts = JoinSet::new();
        let (signal_tx, signals) = mpsc::channel(4_096);
        if let Some(listener) = self.listener.take() {
            let (intake, storing) = Intake::new(self.ctx.clone());
            let shared = api::Shared::new(&self.ctx);
            let http = http(&self.ctx, &self.federation, intake, listener, &shared)?;
            parts.spawn(shared.stream(self.ctx.clone(), signals, stop.clone()));
            let handle = http.handle();
            let mut stopped = stop.clone();
            parts.spawn(async move {
                if stopped.wait_for(|s| *s).await.is_err() {
                    tracing::debug!("whoever could have stopped us is gone");
                }
                handle.stop(true).await;
            });
            parts.spawn(async move {
                if let Err(error) = http.await {
                    tracing::error!(%error, "the HTTP server ended");
                }
            });
            parts.spawn(storing);
        }
        let (heard_tx, heard) = mpsc::channel(256);
        let listening = tokio::spawn(store::wake::listen(self.url.clone(), heard_tx, signal_tx));
        if self.role == Role::Web {
            parts.spawn(keep_fresh(self.federation.clone(), heard, stop));
        } else {
            let worker = self.worker();
            parts.spawn(worker.run(heard, stop));
        }
        while let Some(ended) = parts.join_next().await {
            if let Err(error) = ended {
                return Err(Error::internal(format!("a part of the server ended by a fault ({error})")));
            }
        }
        listening.abort();
        drop(self.cluster);
        Ok(())
    }
}

/// A process without workers still hears that policies and keys changed.
async fn keep_fresh(
    federation: Federation,
    mut heard: mpsc::Receiver<crate::service::Queue>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|s| *s) => return,
            queue = heard.recv() => match queue {
                Some(crate::service::Queue::Policy) => federation::forget(&federation),
                Some(_) => {}
                None => return,
            },
        }
    }
}

fn http(
    ctx: &Ctx,
    federation: &Federation,
    intake: Intake,
    listener: TcpListener,
    shared: &api::Shared,
) -> Result<HttpRunner> {
    let config = &ctx.config.http;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = if config.workers == 0 { cores } else { config.workers };
    let https = ctx.config.instance.public_url.scheme() == "https";
    let seconds = config.request_seconds;
    let (data, federation, proxies) = (web::Data::new(ctx.clone()), federation.clone(), config.clone());
    let intake = web::Data::new(intake);
    let shared = shared.clone();
    let server = HttpServer::new(move || {
        let (headers, proxies) = (security_headers(https), proxies.clone());
        App::new()
            .app_data(data.clone())
            .app_data(intake.clone())
            .wrap(FederationMiddleware::new(federation.clone()))
            .wrap(headers)
            .wrap(Compress::default())
            .wrap_fn(move |mut request, service| {
                api::trim_slash(&mut request);
                let seconds = seconds.max(least_seconds(&request));
                let origin = origin::address(&proxies, request.peer_addr(), request.headers());
                let answer = (!is_unusable(&request)).then(|| audit::coming_from(origin, service.call(request)));
                async move {
                    let Some(answer) = answer else {
                        return Err(actix_web::error::ErrorNotFound("There is nothing at this address."));
                    };
                    match tokio::time::timeout(Duration::from_secs(seconds), answer).await {
                        Ok(answer) => answer,
                        Err(_) => Err(actix_web::error::ErrorRequestTimeout("This took too long. Please try again.")),
                    }
                }
            })
            .configure(federation::routes)
            .configure(api::routes(&shared))
            .configure(pages::routes)
    })
    .workers(workers)
    .backlog(4_096)
    .keep_alive(Duration::from_secs(30))
    .client_request_timeout(Duration::from_secs(10))
    .shutdown_timeout(10)
    .disable_signals()
    .listen(listener)
    .map_err(|e| Error::Internal(e.into()))?
    .run();
    Ok(server)
}

/// Seconds that a request may take in any case, as it carries a file. The file of a register has gigabytes, and each line
/// of a staff list is work: both are read of admins alone, who have just given their password. Forms with files are read
/// of those alone who are signed in.
fn least_seconds(request: &ServiceRequest) -> u64 {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if request.method() != Method::POST || !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        return 0;
    }
    match request.path() {
        "/admin/registers" | "/admin/staff" => LONG_SECONDS,
        path if path.starts_with("/credentials/") && path.ends_with("/evidence") => UPLOAD_SECONDS,
        _ => 0,
    }
}

/// An address with the one character that PostgreSQL cannot keep names nothing. The client API answers for itself.
fn is_unusable(request: &ServiceRequest) -> bool {
    !request.path().starts_with("/api/")
        && request.uri().path_and_query().is_some_and(|all| all.as_str().contains("%00"))
}

/// What every answer carries (R19).
fn security_headers(https: bool) -> DefaultHeaders {
    let mut headers = DefaultHeaders::new()
        .add((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self' https: http:; \
             base-uri 'none'; frame-ancestors 'none'",
        ))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::X_FRAME_OPTIONS, "DENY"))
        .add((header::REFERRER_POLICY, "same-origin"))
        .add(("permissions-policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()"))
        .add(("cross-origin-opener-policy", "same-origin"));
    if https {
        headers = headers.add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    }
    headers
}
