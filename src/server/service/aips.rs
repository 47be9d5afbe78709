//! AIPs: list, show, announce, and the changes that workflows make to them.

use super::{ServiceError, Services, checked_name};
use crate::{
    api::{Aips, AipsQuery, CreateAip},
    bag::Verdict,
    domain::{Aip, AipStatus},
    server::db::{Change, aips, aips::AipRow, locations, search},
};
use uuid::Uuid;

impl Services {
    /// A filtered, sorted page.
    ///
    /// # Errors
    /// When the database fails. A location that does not exist holds nothing.
    pub async fn list_aips(&self, query: &AipsQuery) -> Result<Aips, ServiceError> {
        let location_id = self.location_id(query).await?;
        if query.query.is_some() || query.earliest_created_time.is_some() || query.latest_created_time.is_some() {
            self.search_aips(query, location_id).await
        } else {
            // The total says from which end of the order the rows are read: were something recorded in between, one would be missing.
            let snapshot = self.db().snapshot().await?;
            let page = search::page(&snapshot, query, location_id).await?;
            snapshot.rollback().await?;
            Ok(page)
        }
    }

    /// Row id for a query's location; -1, which no row has, for one that does not exist.
    pub(super) async fn location_id(&self, query: &AipsQuery) -> Result<Option<i64>, ServiceError> {
        let Some(uuid) = query.location_uuid else { return Ok(None) };
        Ok(Some(locations::id_of(self.db().read(), uuid).await?.unwrap_or(-1)))
    }

    /// One AIP.
    ///
    /// # Errors
    /// When there is none with this UUID.
    pub async fn aip(&self, uuid: Uuid) -> Result<Aip, ServiceError> {
        Ok(self.aip_row(uuid).await?.aip)
    }

    pub(super) async fn aip_row(&self, uuid: Uuid) -> Result<AipRow, ServiceError> {
        aips::find(self.db().read(), uuid).await?.ok_or(ServiceError::AipNotFound(uuid))
    }

    /// Records an AIP whose bytes another system keeps or will bring. The status is stored as given.
    ///
    /// # Errors
    /// When the name is not one, the uuid or object key is taken, or the location does not exist.
    pub async fn create_aip(&self, body: CreateAip) -> Result<Aip, ServiceError> {
        let name = checked_name(&body.name)?;
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    if let Some(field) = aips::taken(change.tx(), body.uuid, body.object_key).await? {
                        return Err(ServiceError::NotValid(format!("{field}: an AIP with this {field} is recorded already")));
                    }
                    let location = match body.location_uuid {
                        None => None,
                        Some(uuid) => Some(
                            locations::find(change.tx(), uuid)
                                .await?
                                .ok_or_else(|| ServiceError::NotValid("location_uuid: there is no location with this UUID".into()))?,
                        ),
                    };
                    let aip = Aip {
                        name,
                        uuid: body.uuid,
                        status: body.status,
                        object_key: body.object_key,
                        location_uuid: body.location_uuid,
                        deletion_report_key: None,
                        created_at: change.at(),
                        size: None,
                        format: None,
                        sha256: None,
                        sha512: None,
                        version: 1,
                    };
                    aips::insert(change, &aip, location.as_ref().map(|row| (row.id, row.location.name.as_str()))).await?;
                    if let Some(row) = location {
                        locations::touch(change, row.id).await?;
                    }
                    Ok(aip)
                })
            }))
            .await
    }

    /// What the verification of a deposited package found; `None` for an AIP whose bytes were never read here.
    ///
    /// # Errors
    /// When there is no such AIP.
    pub async fn verification(&self, aip: Uuid) -> Result<Option<Verdict>, ServiceError> {
        let row = self.aip_row(aip).await?;
        Ok(aips::verdict(self.db().read(), row.id).await?)
    }

    /// Sets an AIP's status.
    ///
    /// # Errors
    /// When there is no such AIP.
    pub async fn set_aip_status(&self, uuid: Uuid, status: AipStatus) -> Result<(), ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut row = found(change, uuid).await?;
                    Ok(aips::set_status(change, &mut row, status).await?)
                })
            }))
            .await
    }

    /// Records that an AIP is kept in another location.
    ///
    /// # Errors
    /// When there is no such AIP or location.
    pub async fn set_aip_location(&self, uuid: Uuid, location: Uuid) -> Result<(), ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut row = found(change, uuid).await?;
                    let target = locations::find(change.tx(), location).await?.ok_or(ServiceError::LocationNotFound(location))?;
                    if let Some(source) = row.location_id {
                        locations::touch(change, source).await?;
                    }
                    locations::touch(change, target.id).await?;
                    Ok(aips::set_location(change, &mut row, (target.id, location, &target.location.name)).await?)
                })
            }))
            .await
    }

    /// Records where the report of an AIP's deletion lies.
    ///
    /// # Errors
    /// When there is no such AIP.
    pub async fn set_deletion_report(&self, uuid: Uuid, key: String) -> Result<(), ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut row = found(change, uuid).await?;
                    Ok(aips::set_deletion_report(change, &mut row, key).await?)
                })
            }))
            .await
    }
}

async fn found(change: &Change, uuid: Uuid) -> Result<AipRow, ServiceError> {
    aips::find(change.tx(), uuid).await?.ok_or(ServiceError::AipNotFound(uuid))
}
