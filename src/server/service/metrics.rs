//! What the service tells of itself to those who watch over it.

use super::{ServiceError, Services};
use crate::server::{
    db::work,
    metrics::{Backlog, Meters},
};

impl Services {
    /// The service's figures.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        self.db().meters()
    }

    /// All figures, in Prometheus' text exposition format.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exposition(&self) -> Result<String, ServiceError> {
        let backlog = work::backlog(self.db().read()).await?;
        let age = backlog.oldest.map_or(0, |began| self.clock().now().micros().saturating_sub(began.micros()) / 1_000_000);
        let oldest_seconds = age.try_into().unwrap_or_default();
        Ok(self.meters().exposition(Backlog { queued: backlog.queued, waiting: backlog.waiting, oldest_seconds }))
    }
}
