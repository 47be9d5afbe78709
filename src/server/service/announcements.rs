//! What other systems and the watch over locations announce, and who took note of it.

use super::{ServiceError, Services};
use crate::{
    api::{EventsQuery, LocationChanges},
    domain::{
        StorageEvent,
        announcement::{Announced, Announcement},
    },
    server::db::{Concerns, events, locations},
};
use std::path::PathBuf;
use uuid::Uuid;

/// Changes that one answer tells of.
const MOST: u64 = 100;

impl Services {
    /// Records an announcement and tells everybody who may see it. `source` is who announces, by the service's knowledge.
    ///
    /// # Errors
    /// When it is about a location that there is not, or cannot be written.
    pub async fn announce(&self, announcement: Announcement, source: String) -> Result<Announced, ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let location = announcement.location_uuid();
                    if let Some(uuid) = location
                        && locations::id_of(change.tx(), uuid).await?.is_none()
                    {
                        return Err(ServiceError::NotValid(format!("data.location_uuid: there is no location {uuid}")));
                    }
                    let uuid = change.new_id();
                    let item = announcement.announced(uuid, source, change.at());
                    let concerns = Concerns { location, ..Concerns::default() };
                    change.tell(StorageEvent::Announced { uuid, item: item.clone() }, 1, concerns);
                    Ok(item)
                })
            }))
            .await
    }

    /// What changed under a location without the service having done it, and that nobody took note of yet: the first of it, newest first.
    /// What follows is shown when note was taken of these, so nobody takes note of what they did not see.
    ///
    /// # Errors
    /// When there is no such location, or the database fails.
    pub async fn location_changes(&self, uuid: Uuid) -> Result<LocationChanges, ServiceError> {
        let db = self.db().read();
        let noted = locations::noted(db, uuid).await?.ok_or(ServiceError::LocationNotFound(uuid))?;
        let query = EventsQuery { after: Some(noted), limit: Some(MOST), ..EventsQuery::default() };
        // No other announcement names a location.
        let mut items = events::announced_of(db, uuid, &query).await?;
        items.reverse();
        Ok(LocationChanges { items })
    }

    /// Somebody took note of all changes up to a place in the log.
    ///
    /// # Errors
    /// When there is no such location, or the database fails.
    pub async fn acknowledge_changes(&self, uuid: Uuid, up_to: u64) -> Result<(), ServiceError> {
        // What has not happened yet cannot have been seen.
        let up_to = up_to.min(self.position().seq);
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut row = locations::find(change.tx(), uuid).await?.ok_or(ServiceError::LocationNotFound(uuid))?;
                    if locations::note(change, row.id, up_to).await? {
                        let (name, description) = (row.location.name.clone(), row.location.description.clone());
                        // Everybody who looks at it is told that it is otherwise now.
                        locations::update(change, &mut row, name, description).await?;
                    }
                    Ok(())
                })
            }))
            .await
    }

    /// The locations that are folders of this machine, and the folders.
    ///
    /// # Errors
    /// When the database fails.
    pub(in crate::server) async fn location_folders(&self) -> Result<Vec<(Uuid, PathBuf)>, ServiceError> {
        let rows = locations::list(self.db().read()).await?;
        Ok(rows.iter().filter_map(|row| Some((row.location.uuid, self.folder(&row.config).ok()?))).collect())
    }
}
