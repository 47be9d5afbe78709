//! The durable queue: apalis on the application's database. It holds which work is to be carried on; how far that is, is in the work's
//! own row. A job is therefore harmless twice, and none is needed to know what is unfinished: what has no job gets one at the start.

use crate::server::{
    service::Services,
    telemetry::origin::{self, Origin},
};
use apalis::prelude::*;
use apalis_sqlite::{Config, SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteStorage};
use futures::channel::mpsc;
use std::{
    collections::HashMap,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// The queue's name in the database.
const QUEUE: &str = "work";
/// How often the queue is looked at without being told that there is something.
const LOOK: Duration = Duration::from_secs(5);
/// How often a worker says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// How long to wait before a worker that failed is replaced.
const REPLACE: Duration = Duration::from_secs(1);
/// Connections of its own: one looks, one says how it went.
const CONNECTIONS: u32 = 2;

/// Why the queue cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the queue cannot be used: {0}")]
pub struct QueueError(String);

fn failed(error: impl std::fmt::Display) -> QueueError {
    QueueError(error.to_string())
}

/// The queue; one for each process.
#[derive(Debug)]
pub struct Queue {
    pool: SqlitePool,
    wake: mpsc::Sender<()>,
    woken: Mutex<Option<mpsc::Receiver<()>>>,
    // The requests that began what is not over. Not in the database: a process that takes work over never saw them.
    origins: Mutex<HashMap<Uuid, Origin>>,
}

impl Queue {
    /// Opens the queue in the application's database and brings its own tables up to date.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn open(database: &Path) -> Result<Self, QueueError> {
        let options = SqliteConnectOptions::new().filename(database).busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await.map_err(failed)?;
        // Not `SqliteStorage::setup`: that gives up durability for the connection that it runs on.
        SqliteStorage::migrations().run(&pool).await.map_err(failed)?;
        let (wake, woken) = mpsc::channel(1);
        Ok(Self { pool, wake, woken: Mutex::new(Some(woken)), origins: Mutex::default() })
    }

    /// Has work carried on. Asking twice is the same as asking once.
    ///
    /// # Errors
    /// When the queue cannot be written. The work is there still, and is carried on after the next start.
    pub async fn push(&self, work: Uuid) -> Result<(), QueueError> {
        if let Some(origin) = origin::present() {
            self.origins().insert(work, origin);
        }
        let job = TaskBuilder::new(serde_json::to_vec(&work).map_err(failed)?)
            .idempotency_key(work.to_string())
            // Work ends by itself; the number of restarts that it sees on the way must not end it.
            .max_attempts(i32::MAX as usize)
            .build();
        let mut connection = self.pool.acquire().await.map_err(failed)?;
        apalis_sqlite::queries::push_tasks(&mut *connection, QUEUE, &[job]).await.map_err(failed)?;
        self.look();
        Ok(())
    }

    /// The request that began some work, or had it go on; none after a restart, and for what the service began itself.
    pub(super) fn origin(&self, work: Uuid) -> Option<Origin> {
        self.origins().get(&work).cloned()
    }

    fn origins(&self) -> MutexGuard<'_, HashMap<Uuid, Origin>> {
        // Nothing that can panic happens under this lock.
        self.origins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the queue looked at now.
    fn look(&self) {
        // Full means that it was told already.
        let _ = self.wake.clone().try_send(());
    }

    /// Gives the jobs of a process that is no more back. Only for whoever holds the data folder: every other process is no more then.
    ///
    /// # Errors
    /// When the queue cannot be written.
    pub async fn take_over(&self) -> Result<(), QueueError> {
        let mut connection = self.pool.acquire().await.map_err(failed)?;
        for sql in [
            // What is over is told by the workflow's own rows; nobody reads the jobs, nor who did them.
            "DELETE FROM Jobs WHERE status IN ('Done', 'Killed')",
            // Also those that failed, as they do when the service stops: they are still in the name of who tried.
            "UPDATE Jobs SET status = 'Pending', lock_by = NULL, lock_at = NULL, done_at = NULL",
            "DELETE FROM Workers",
        ] {
            sea_orm::sqlx::query(sql).execute(&mut *connection).await.map_err(failed)?;
        }
        Ok(())
    }

    /// Carries work on until the service stops.
    pub async fn run(&self, services: Services, at_once: usize) {
        let woken = self.woken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let Some(mut woken) = woken else { return };
        let stopping = services.stopping().clone();
        while !stopping.is_cancelled() {
            let (tell, told) = mpsc::channel(1);
            let worker = self.worker(services.clone(), told, at_once);
            tokio::pin!(worker);
            let ended = loop {
                tokio::select! {
                    ended = &mut worker => break ended,
                    // Handed on, so that a worker that replaces another hears of what was pushed meanwhile.
                    Some(()) = futures::StreamExt::next(&mut woken) => drop(tell.clone().try_send(())),
                }
            };
            if stopping.is_cancelled() {
                return;
            }
            tracing::error!(?ended, "what carries work on ended; another one takes over");
            if stopping.run_until_cancelled(tokio::time::sleep(REPLACE)).await.is_none() {
                return;
            }
            if let Err(error) = self.take_over().await {
                tracing::error!(%error, "jobs could not be taken over; tried again");
            }
        }
    }

    async fn worker(&self, services: Services, told: mpsc::Receiver<()>, at_once: usize) -> Result<(), WorkerError> {
        let config = Config::default().queue(QUEUE).batch_size(at_once).heartbeat_interval(HEARTBEAT).persist_results(true);
        let strategy = Strategy::new().stream(told).interval(LOOK);
        let backend = SqliteStorage::<Uuid>::new(&self.pool).with_config(config).poll_with_strategy(strategy);
        let stopping = services.stopping().clone();
        let worker = WorkerBuilder::new(format!("strongroom-{}", services.new_id()))
            .backend(backend)
            .layer(tower::limit::ConcurrencyLimitLayer::new(at_once))
            .data(services)
            .build(carry_on);
        worker
            .run_until(async move {
                stopping.cancelled().await;
                Ok::<_, WorkerError>(())
            })
            .await
    }
}

async fn carry_on(work: Uuid, services: Data<Services>) -> Result<(), BoxDynError> {
    let services = Services::clone(&services);
    // On its own task: a bug in one step ends this work's turn, and nobody else's.
    let done = {
        let services = services.clone();
        tokio::spawn(async move { super::carry_on(&services, work).await }).await
    };
    // Over, or it rests until a person decides, whose request it goes on with.
    if matches!(done, Ok(Ok(()))) {
        services.queue().origins().remove(&work);
    }
    // There is room for the next one.
    services.queue().look();
    done?.map_err(Into::into)
}
