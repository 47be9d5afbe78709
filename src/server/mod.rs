//! The server: everything that needs a disk, a socket or a clock.
//!
//! # Reading order
//!
//! [`service`] (the operations), [`db`] and [`objects`] (where things are kept), [`hub`] (how changes reach everybody),
//! [`packages`] (containers on disk), [`reports`] (documents to be kept), [`auth`] (who may do what), [`http`] and [`pages`] (the
//! doors), [`metrics`] (what is counted), [`telemetry`] (logs and traces), [`config`] and [`cli`].

pub mod actor;
pub mod auth;
pub mod cli;
pub mod config;
pub mod db;
pub mod demo;
pub mod http;
pub mod hub;
pub mod metrics;
pub mod objects;
pub mod packages;
pub mod pages;
pub mod reports;
pub mod service;
pub mod system;
pub mod tasks;
pub mod telemetry;
mod watch;
mod witness;
pub mod workflows;

use crate::domain::{Clock, Ids, RandomIds, SystemClock};
use axum::serve::ListenerExt as _;
use config::{Config, ConfigError};
use db::{Db, DbErr, events};
use http::Api;
use hub::{Hub, ToBus, bus::MemoryBus};
use leptos::config::LeptosOptions;
use objects::Roots;
use service::{ServiceError, Services};
use std::{fs::File, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};
use workflows::queue::{Queue, QueueError};

/// How long requests and work under way may take to end when the service stops. With what comes after, it has ended within ten seconds:
/// that is how long those who stop services wait before they kill them.
const GRACE: Duration = Duration::from_secs(8);
/// How long the database may take to be closed.
const CLOSING: Duration = Duration::from_secs(1);
/// Workflows at a time: more would only share the same disks and processors.
const WORK_AT_ONCE: usize = 2;
/// How often resting uploads are looked at.
const TIDY: Duration = Duration::from_secs(3600);

/// Why the service could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A folder cannot be used.
    #[error("{what} {path}: {cause}", path = path.display())]
    Folder {
        /// What it is for.
        what: &'static str,
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Another process has the data folder.
    #[error("another Strongroom is running on the data folder {}: stop it, or use another folder (--data)", .0.display())]
    InUse(PathBuf),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}. Is something else running there? Use another port (--listen).")]
    Listen(SocketAddr, #[source] io::Error),
    /// The database cannot be used.
    #[error("the database cannot be used: {0}")]
    Database(#[from] DbErr),
    /// The queue cannot be used.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Something failed while the service was put together. Whoever starts it reads the cause here: there is no other log of it.
    #[error("{}", match .0 { ServiceError::Internal(cause) => cause.clone(), error => error.to_string() })]
    Service(#[from] ServiceError),
}

/// A running service.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The second listener, without the prefix: where it listens, and its end.
    direct: Option<(SocketAddr, JoinHandle<io::Result<()>>)>,
    /// Its operations.
    pub services: Services,
    /// How busy the machine is.
    pub system: system::System,
    server: JoinHandle<io::Result<()>>,
    work: JoinHandle<()>,
    _lock: File,
}

/// Opens the data folder, puts right what a crash may have left, and serves.
///
/// # Errors
/// When the settings, folders, database or address cannot be used.
pub async fn start(config: Config, leptos: LeptosOptions) -> Result<Running, StartError> {
    start_with(config, leptos, Arc::new(SystemClock), Arc::new(RandomIds)).await
}

/// [`start`] with a clock and ids of the caller's.
///
/// # Errors
/// As [`start`].
pub async fn start_with(config: Config, leptos: LeptosOptions, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Result<Running, StartError> {
    let lock = lock_data(&config)?;
    let listener = TcpListener::bind(config.listen).await.map_err(|error| StartError::Listen(config.listen, error))?;
    let addr = listener.local_addr().map_err(|error| StartError::Listen(config.listen, error))?;
    let direct = match config.api_listen {
        Some(wanted) => {
            let listener = TcpListener::bind(wanted).await.map_err(|error| StartError::Listen(wanted, error))?;
            let addr = listener.local_addr().map_err(|error| StartError::Listen(wanted, error))?;
            Some((listener, addr))
        }
        None => None,
    };
    let services = open(config, clock, ids.as_ref(), Arc::clone(&ids)).await?;
    services.recover().await?;
    let searched = services.clone();
    tokio::spawn(async move { searched.prepare_search().await });
    tokio::spawn(witness::watch(services.hub().clone(), services.config().data.clone()));
    let tidying = services.clone();
    let shutdown = services.hub().shutdown();
    tokio::spawn(async move {
        let mut every = tokio::time::interval(TIDY);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = every.tick() => {
                    // What is let go of once a day or once an hour makes no difference to anybody.
                    if let Err(error) = tidying.prune_log().await {
                        tracing::warn!(%error, "the event log could not be pruned; tried again in an hour");
                    }
                    if let Err(error) = tidying.tidy_uploads().await {
                        tracing::warn!(%error, "resting uploads could not be tidied; tried again in an hour");
                    }
                }
            }
        }
    });
    tokio::spawn(services.tasks().clone().run(services.stopping().clone()));
    tokio::spawn(tasks::own::report(services.clone(), services.hub().subscribe()));
    tokio::spawn(watch::run(services.clone(), services.hub().subscribe()));
    tokio::spawn(services.meters().clone().keep_up(services.hub().shutdown()));
    services.take_over_work().await?;
    let working = services.clone();
    let work = tokio::spawn(async move { working.queue().run(working.clone(), WORK_AT_ONCE).await });
    let api = Api::new(services.clone());
    if api.auth.is_required() {
        tokio::spawn(api.auth.clone().watch(services.hub().shutdown()));
    }
    let direct = match direct {
        Some((listener, addr)) => {
            let router = http::listener::without_prefix(http::api_router(api.clone()));
            Some((addr, serve(listener, router, services.stopping())))
        }
        None => None,
    };
    let system = api.system.clone();
    let server = serve(listener, pages::router(api, leptos), services.stopping());
    Ok(Running { addr, direct, services, system, server, work, _lock: lock })
}

/// What a task of the service ended with; none if it had to be ended, which the log tells.
async fn within_grace<T>(mut task: JoinHandle<T>, otherwise: &'static str) -> Option<T> {
    match tokio::time::timeout(GRACE, &mut task).await {
        Ok(ended) => ended.ok(),
        Err(_too_long) => {
            task.abort();
            tracing::info!("{otherwise}");
            None
        }
    }
}

/// Answers until the service stops, and then to what is under way.
fn serve(listener: TcpListener, router: axum::Router, stopping: &tokio_util::sync::CancellationToken) -> JoinHandle<io::Result<()>> {
    let stopping = stopping.clone();
    // A live update is a small packet. Without this, one that follows another waits until the other side acknowledges that one, which it may
    // put off for 40 ms.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small packets of a connection may be late");
        }
    });
    tokio::spawn(async move {
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async move { stopping.cancelled().await })
            .await
    })
}

/// Opens database, hub and stores without serving.
///
/// # Errors
/// When one of them cannot be used.
pub async fn open(config: Config, clock: Arc<dyn Clock>, draw: &dyn Ids, ids: Arc<dyn Ids>) -> Result<Services, StartError> {
    let roots = Roots::open(&config.location_roots).map_err(|cause| StartError::Folder {
        what: "cannot use the folder for locations",
        path: config.location_roots.first().cloned().unwrap_or_default(),
        cause,
    })?;
    let db = Db::open(&config.database(), Arc::clone(&clock), ids).await?;
    db.migrate().await?;
    let position = events::open(&db, draw.next().as_u64_pair().0).await?;
    let position = witness::compare(&db, &config.data, position, draw.next().as_u64_pair().0).await?;
    let bus = Arc::new(MemoryBus::default());
    let hub = Hub::open(db.clone(), bus.as_ref(), position, config.ring_size);
    db.publish_to(Arc::new(ToBus(bus, hub.news().clone()))).await;
    let queue = Queue::open(&config.database()).await?;
    let services = Services::new(config, db, queue, hub, roots, clock, draw);
    services.ensure_a_location().await?;
    Ok(services)
}

/// Makes the data folder if need be and takes it for this process, for as long as the file is held.
fn lock_data(config: &Config) -> Result<File, StartError> {
    let unusable = |cause| StartError::Folder { what: "cannot use the data folder", path: config.data.clone(), cause };
    std::fs::create_dir_all(&config.data).map_err(unusable)?;
    let file = File::options().create(true).truncate(false).write(true).open(config.data.join("lock")).map_err(unusable)?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(StartError::InUse(config.data.clone())),
        Err(error) => Err(unusable(error.into())),
    }
}

impl Running {
    /// Where the second listener listens, if there is one.
    #[must_use]
    pub fn direct_addr(&self) -> Option<SocketAddr> {
        self.direct.as_ref().map(|(addr, _)| *addr)
    }

    /// Stops within ten seconds: connections are told, requests under way may end, work is handed back, the database is closed.
    ///
    /// # Errors
    /// When the server ended with an error of its own.
    pub async fn stop(mut self) -> io::Result<()> {
        self.services.hub().shutdown().cancel();
        let direct = self.direct.take().map(|(_, server)| server);
        let server = within_grace(self.server, "some requests or connections did not end in time; they see a cut");
        let direct = async {
            match direct {
                Some(server) => within_grace(server, "some requests of the second listener did not end in time; they see a cut").await,
                None => None,
            }
        };
        // Each step ends where it can be gone on with; one that does not in time is done again after the next start.
        let work = within_grace(self.work, "some work did not come to a rest in time; it is gone on with after the next start");
        // Those that are no requests any more are not waited for by the servers.
        let goodbyes = tokio::time::timeout(GRACE, self.services.hub().deserted());
        let (ended, _, _, _) = tokio::join!(server, direct, work, goodbyes);
        match tokio::time::timeout(CLOSING, self.services.db().clone().close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the database was not closed cleanly; it puts itself right at the next start"),
            Err(_too_long) => tracing::warn!("the database was not closed in time; it puts itself right at the next start"),
        }
        ended.unwrap_or(Ok(()))
    }

    /// Waits until the server ends by itself, which it does only when it fails.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn ended(&mut self) -> io::Result<()> {
        (&mut self.server).await.map_err(io::Error::other)?
    }
}
