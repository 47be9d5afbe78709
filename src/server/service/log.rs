//! The event log's own upkeep.

use super::{ServiceError, Services};
use crate::server::{
    db::work::{self, About},
    workflows::Work,
};
use uuid::Uuid;

impl Services {
    /// Begins to let go of the entries of the event log that the settings do not want kept, which goes on by itself; does nothing
    /// where everything is kept.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_log(&self) -> Result<Option<Uuid>, ServiceError> {
        let config = self.config();
        if config.event_retention_days == 0 && config.event_retention_count == 0 {
            return Ok(None);
        }
        let work: Uuid = self
            .db()
            .write(Box::new(|change| {
                Box::pin(async move {
                    let work = change.new_id();
                    work::insert(change, work, About::default(), false, &Work::PruneLog).await?;
                    Ok::<_, ServiceError>(work)
                })
            }))
            .await?;
        self.carry_on_later(work).await;
        Ok(Some(work))
    }

    /// How much work there is, at work or waiting for its turn.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn queue_depth(&self) -> Result<u64, ServiceError> {
        Ok(work::depth(self.db().read()).await?)
    }

    /// Whether this work is not over yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_at_work(&self, work: Uuid) -> Result<bool, ServiceError> {
        Ok(work::find::<_, Work>(self.db().read(), work).await?.is_some())
    }
}
