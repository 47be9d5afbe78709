//! The database: one schema and one code path for SQLite (embedded) and, later, PostgreSQL.
//!
//! Invariants: every change goes through [`Db::write`], which appends its events in the same transaction and hands them to the
//! hub in the order of the log; reads never wait for writes (SQLite's write-ahead log).

pub mod aips;
pub mod audit;
mod change;
pub mod deletion_requests;
pub mod events;
pub mod fixity;
pub mod locations;
pub mod migrations;
mod rows;
pub mod search;
pub mod sessions;
pub mod submissions;
pub mod tally;
pub mod uploads;
pub mod work;
pub mod workflows;

pub use change::{Change, Concerns};
pub use sea_orm::DbErr;

use crate::server::actor;
use crate::{
    domain::{Clock, Ids, Timestamp},
    server::{
        hub::{HubEvent, news::Note},
        metrics::Meters,
    },
};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, sqlx::sqlite,
};
use std::{path::Path, pin::Pin, sync::Arc, time::Duration};
use tokio::sync::Mutex;
use tracing::Instrument as _;

/// One writes, the others read.
const CONNECTIONS: u32 = 5;
/// KiB of pages that each connection keeps, as SQLite writes it. The operating system keeps them as well.
const PAGE_CACHE: &str = "-4000";

/// Told of committed events, in the order of the log. Must neither block nor fail.
pub trait Publish: Send + Sync {
    /// These events are in the log now.
    fn publish(&self, events: Vec<Arc<HubEvent>>);

    /// This is so now, and has no place in the log.
    fn tell(&self, _notes: Vec<Note>) {}
}

/// What a write does inside its transaction.
pub type Work<T, E> = Box<dyn for<'c> FnOnce(&'c mut Change) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>> + Send>;

/// A handle on the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: DatabaseConnection,
    // SQLite has one writer. Waiting for it here is fair and cannot time out; it also puts publishing in the order of the log.
    writer: Arc<Mutex<Option<Arc<dyn Publish>>>>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    meters: Meters,
}

impl Db {
    /// Opens the database of a data folder, creating it if need be, without migrating it.
    ///
    /// # Errors
    /// When the file cannot be opened as a database.
    pub async fn open(file: &Path, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
        options.max_connections(CONNECTIONS).min_connections(1).sqlx_logging(false).acquire_timeout(Duration::from_secs(30));
        options.test_before_acquire(false);
        options.map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(sqlite::SqliteJournalMode::Wal)
                // A commit that was answered must survive a power cut.
                .synchronous(sqlite::SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                .statement_cache_capacity(256)
                .pragma("cache_size", PAGE_CACHE)
                .pragma("temp_store", "memory")
        });
        Ok(Self { pool: Database::connect(options).await?, writer: Arc::new(Mutex::new(None)), clock, ids, meters: Meters::default() })
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When a migration fails; what it changed is undone.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        use sea_orm_migration::MigratorTrait as _;
        migrations::Migrator::up(&self.pool, None).await
    }

    /// Sets who is told of committed events.
    pub async fn publish_to(&self, publish: Arc<dyn Publish>) {
        *self.writer.lock().await = Some(publish);
    }

    /// The connection for reads.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Several reads that see one and the same state, whatever is written meanwhile. Give it back with `rollback`.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        self.pool.begin().await
    }

    /// Where changes, and what else is done, are counted.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        &self.meters
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new identifier.
    #[must_use]
    pub fn new_id(&self) -> uuid::Uuid {
        self.ids.next()
    }

    /// Carries out a change and its events as one transaction, then tells of them.
    ///
    /// Runs to its end even if the caller goes away meanwhile: a client that hangs up must not part a commit from its telling.
    ///
    /// # Errors
    /// What `work` returns, or the database's own error; nothing was changed then.
    pub async fn write<T, E>(&self, work: Work<T, E>) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbErr> + Send + 'static,
    {
        let (db, person) = (self.clone(), actor::present());
        let work_and_tell = async move {
            let publish = db.writer.lock().await;
            // The queue's own writes do not pass here. A transaction that reads first and writes later would fail when one of them
            // came between; one that takes its turn at once waits for it.
            let options =
                TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
            let mut change = Change::new(db.pool.begin_with_options(options).await?, db.clock.now(), Arc::clone(&db.ids), person);
            match work(&mut change).await {
                Ok(value) => {
                    let (events, notes) = change.commit(&db.meters).await?;
                    if let Some(publish) = publish.as_ref() {
                        if !events.is_empty() {
                            publish.publish(events);
                        }
                        publish.tell(notes);
                    }
                    Ok(value)
                }
                Err(error) => {
                    change.roll_back().await?;
                    Err(error)
                }
            }
        };
        let task = tokio::spawn(work_and_tell.in_current_span());
        task.await.map_err(|error| E::from(DbErr::Custom(format!("a write did not finish: {error}"))))?
    }

    /// Asks the database whether it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.pool.execute_raw(Statement::from_string(self.pool.get_database_backend(), "SELECT 1")).await.map(|_| ())
    }

    /// Closes all connections, after which SQLite's log is folded into its file.
    ///
    /// # Errors
    /// When the database reports one while closing.
    pub async fn close(self) -> Result<(), DbErr> {
        self.pool.close().await
    }
}
