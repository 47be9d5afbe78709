//! The archive at a glance.

use super::{ServiceError, Services};
use crate::{
    api::{EventsQuery, Overview, overview::HealthCheck, overview::NamedWorkflow},
    domain::{Timestamp, WorkflowStatus},
    server::db::{events, locations, locations::LocationRow, tally, workflows},
};

const WORKFLOWS: u64 = 20;
const ACTIVITY: u64 = 15;
/// How long a failure stays on the first page.
const FAILURES: chrono::TimeDelta = chrono::TimeDelta::days(7);
/// Below this a location is reported as nearly full, in bytes.
const LOW_SPACE: u64 = 1 << 30;

impl Services {
    /// Counts, locations, what is going on and what went wrong.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn overview(&self) -> Result<Overview, ServiceError> {
        let db = self.db().read();
        let tally = tally::read(db, None).await?;
        let rows = locations::list(db).await?;
        let since = Timestamp::from(self.clock().now().utc() - FAILURES);
        let named = |(aip_name, workflow)| NamedWorkflow { aip_name, workflow };
        let running = workflows::newest(db, WorkflowStatus::InProgress, Timestamp::from_micros(0), WORKFLOWS).await?;
        let failed = workflows::newest(db, WorkflowStatus::Error, since, WORKFLOWS).await?;
        // How each step went is for whoever looks at the AIP.
        let activity = events::page(db, &EventsQuery { limit: Some(ACTIVITY), ..EventsQuery::default() }, false).await?;
        Ok(Overview {
            counts: tally.counts,
            total_size: tally.kept_bytes,
            health: self.health(&rows).await,
            locations: rows.into_iter().map(|row| row.location).collect(),
            awaiting: Vec::new(),
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
        for row in rows {
            let name = format!("Location {}", row.location.name);
            let free = match self.store(&row.config) {
                Ok(store) => tokio::task::spawn_blocking(move || store.free_space()).await.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            checks.push(match free {
                Ok(Ok(bytes)) if bytes < LOW_SPACE => {
                    HealthCheck { name, ok: false, message: format!("nearly full: {} MB free", bytes / 1_000_000) }
                }
                Ok(Ok(bytes)) => HealthCheck { name, ok: true, message: format!("{:.1} GB free", bytes as f64 / 1e9) },
                Ok(Err(_)) | Err(_) => HealthCheck { name, ok: false, message: "cannot be reached: is its disk mounted?".into() },
            });
        }
        checks
    }
}
