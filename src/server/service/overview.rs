//! The archive at a glance.

use super::{ServiceError, Services};
use crate::{
    api::{EventsQuery, Overview, overview::HealthCheck, overview::NamedWorkflow},
    domain::{LocationConfig, Person, Timestamp, WorkflowStatus},
    server::db::{deletion_requests, events, locations, locations::LocationRow, tally, workflows},
};

const WORKFLOWS: u64 = 20;
const AWAITING: u64 = 20;
const ACTIVITY: u64 = 15;
/// How long a failure stays on the first page.
const FAILURES: chrono::TimeDelta = chrono::TimeDelta::days(7);
/// Below this a location is reported as nearly full, in bytes.
const LOW_SPACE: u64 = 1 << 30;

impl Services {
    /// Counts, locations, what is going on and what went wrong. A `reviewer` may decide about deletions, and is told which await that.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn overview(&self, reviewer: Option<&Person>) -> Result<Overview, ServiceError> {
        // What stands beside each other on the page is of one state of the archive.
        let db = self.db().snapshot().await?;
        let tally = tally::read(&db, None).await?;
        let rows = locations::list(&db).await?;
        let since = Timestamp::from(self.clock().now().utc() - FAILURES);
        let running = workflows::newest(&db, WorkflowStatus::InProgress, Timestamp::from_micros(0), WORKFLOWS).await?;
        let failed = workflows::newest(&db, WorkflowStatus::Error, since, WORKFLOWS).await?;
        // How each step went is for whoever looks at the AIP.
        let activity = events::page(&db, &EventsQuery { limit: Some(ACTIVITY), ..EventsQuery::default() }, false).await?;
        let awaiting = match reviewer {
            Some(reviewer) => deletion_requests::awaiting(&db, reviewer, AWAITING).await?,
            None => Vec::new(),
        };
        db.rollback().await?;
        let named = |(aip_name, workflow)| NamedWorkflow { aip_name, workflow };
        Ok(Overview {
            counts: tally.counts,
            total_size: tally.kept_bytes,
            health: self.health(&rows).await,
            locations: rows.into_iter().map(|row| row.location).collect(),
            awaiting,
            running: running.into_iter().map(named).collect(),
            failed: failed.into_iter().map(named).collect(),
            activity: activity.items,
        })
    }

    async fn health(&self, rows: &[LocationRow]) -> Vec<HealthCheck> {
        let database = match self.db().ping().await {
            Ok(()) => HealthCheck { name: "Database".into(), ok: true, message: "answers".into() },
            Err(_told_in_the_log) => HealthCheck { name: "Database".into(), ok: false, message: "does not answer".into() },
        };
        let mut checks = vec![database];
        // Side by side: one that does not answer holds up no other.
        checks.extend(futures::future::join_all(rows.iter().map(|row| self.health_of(row))).await);
        checks
    }

    async fn health_of(&self, row: &LocationRow) -> HealthCheck {
        let looked = async {
            let store = self.object_store(&row.config)?;
            store.reachable().await?;
            Ok::<_, ServiceError>(store.free_space().await?)
        };
        let (ok, message) = match looked.await {
            Ok(Some(bytes)) if bytes < LOW_SPACE => (false, format!("nearly full: {} MB free", bytes / 1_000_000)),
            Ok(Some(bytes)) => (true, format!("{:.1} GB free", bytes as f64 / 1e9)),
            Ok(None) => (true, "reachable".into()),
            Err(error) => {
                tracing::info!(location = row.location.name, %error, "a location cannot be reached");
                let folder = matches!(row.config, LocationConfig::Filesystem { .. } | LocationConfig::Url { .. });
                (false, if folder { "cannot be reached: is its disk mounted?" } else { "cannot be reached" }.into())
            }
        };
        HealthCheck { name: format!("Location {}", row.location.name), ok, message }
    }
}
