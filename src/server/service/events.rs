//! The log, read back.

use super::{ServiceError, Services};
use crate::{
    api::{EventRecords, EventsQuery},
    server::db::events,
};

impl Services {
    /// A page of the log, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events(&self, query: &EventsQuery) -> Result<EventRecords, ServiceError> {
        Ok(events::page(self.db().read(), query, true).await?)
    }
}
