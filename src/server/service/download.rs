//! Handing a package out.

use super::{ServiceError, Services};
use crate::{
    domain::{Aip, AipStatus},
    server::db::locations,
};
use std::path::PathBuf;
use uuid::Uuid;

/// A package that may be handed out, and is there.
#[derive(Debug, Clone)]
pub struct Download {
    /// The AIP.
    pub aip: Aip,
    /// Where its bytes lie.
    pub path: PathBuf,
}

impl Services {
    /// The package of an AIP, to be read (`storage-api.md` section 4.6, "AIP download").
    ///
    /// # Errors
    /// When there is no such AIP, it is neither stored nor pending, or its bytes are not where they should be.
    pub async fn download(&self, uuid: Uuid) -> Result<Download, ServiceError> {
        let row = self.aip_row(uuid).await?;
        if !matches!(row.aip.status, AipStatus::Stored | AipStatus::Pending) {
            return Err(ServiceError::NotValid("AIP is not available for download".into()));
        }
        let location = match row.aip.location_uuid {
            Some(location) => locations::find(self.db().read(), location).await?,
            None => None,
        };
        let location = location.ok_or(ServiceError::ObjectNotFound(uuid))?;
        let path = self.store(&location.config)?.object(row.aip.object_key);
        match tokio::fs::metadata(&path).await {
            Ok(found) if found.is_file() => Ok(Download { aip: row.aip, path }),
            _ => Err(ServiceError::ObjectNotFound(uuid)),
        }
    }
}
