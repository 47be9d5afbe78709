//! What the service does for those who ask, whatever door they come through.
//!
//! Each method is one operation: it checks what was asked, changes the database and the stores through one transaction, and
//! answers with the wire's types. Errors are told once, in [`ServiceError`].

mod aips;
mod announcements;
mod audit;
mod deletions;
mod download;
mod error;
mod events;
pub mod export;
mod fixity;
mod intake;
mod locations;
mod log;
mod metrics;
mod moves;
mod overview;
mod reports;
mod search;
mod workflows;

pub use download::Download;
pub use error::ServiceError;
pub use intake::BodyError;
pub(crate) use intake::Hashes;
pub use locations::shown_as;
pub use workflows::{NewTask, NewWorkflow};

use crate::{
    api::About,
    domain::{Clock, Ids},
    realtime::{Position, progress::board::Limits},
    server::{
        config::Config,
        db::Db,
        hub::Hub,
        objects::Roots,
        tasks::Tasks,
        workflows::{Progress, queue::Queue},
    },
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

struct Inner {
    config: Config,
    db: Db,
    hub: Hub,
    roots: Roots,
    clock: Arc<dyn Clock>,
    instance_id: Uuid,
    intake: intake::Intake,
    texts: search::Search,
    queue: Queue,
    work_in_hand: Progress,
    stopping: CancellationToken,
    refusals: audit::Refusals,
    tasks: Tasks,
}

/// The service; cheap to clone.
#[derive(Clone)]
pub struct Services(Arc<Inner>);

impl Services {
    /// Puts the service together.
    #[must_use]
    pub fn new(config: Config, db: Db, queue: Queue, hub: Hub, roots: Roots, clock: Arc<dyn Clock>, ids: &dyn Ids) -> Self {
        let stopping = hub.shutdown();
        let limits = Limits {
            silence: u64::from(config.task_silence_seconds) * 1_000,
            finished: u64::from(config.task_kept_seconds) * 1_000,
            ..Limits::default()
        };
        let tasks = Tasks::new(limits, hub.news().clone(), Arc::clone(&clock));
        Self(Arc::new(Inner {
            config,
            db,
            hub,
            roots,
            clock,
            instance_id: ids.next(),
            intake: intake::Intake::default(),
            texts: search::Search::default(),
            queue,
            work_in_hand: Progress::default(),
            stopping,
            refusals: audit::Refusals::default(),
            tasks,
        }))
    }

    /// Where the log stands. Read it before the data that it is told with.
    #[must_use]
    pub fn position(&self) -> Position {
        self.0.hub.position()
    }

    /// What this service is.
    #[must_use]
    pub fn about(&self) -> About {
        About {
            version: env!("CARGO_PKG_VERSION").into(),
            preservation_system: self.0.config.preservation_system.clone(),
            upload_max_size: self.0.config.upload_max_size,
            instance_id: self.0.instance_id.to_string(),
            authentication: self.0.config.authentication(),
        }
    }

    /// Identity of this process.
    #[must_use]
    pub fn instance_id(&self) -> Uuid {
        self.0.instance_id
    }

    /// The way to every connection.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    /// A new identifier.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.0.db.new_id()
    }

    /// Cancelled once the service stops.
    #[must_use]
    pub fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    /// What work is to be carried on.
    #[must_use]
    pub fn queue(&self) -> &Queue {
        &self.0.queue
    }

    /// The progress of tasks.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.0.tasks
    }

    pub(in crate::server) fn work_in_hand(&self) -> &Progress {
        &self.0.work_in_hand
    }

    /// The clock, to be kept.
    #[must_use]
    pub fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }
}

/// Checks a name that people will know something by.
fn checked_name(name: &str) -> Result<String, ServiceError> {
    const MOST: usize = 500;
    let name = name.trim();
    if name.is_empty() {
        return Err(ServiceError::NotValid("name: must not be empty".into()));
    }
    if name.chars().count() > MOST {
        return Err(ServiceError::NotValid(format!("name: must not be longer than {MOST} characters")));
    }
    if name.chars().any(char::is_control) {
        return Err(ServiceError::NotValid("name: must not contain line breaks or other control characters".into()));
    }
    Ok(name.to_owned())
}
