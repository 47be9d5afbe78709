//! Handing a package out.

use super::{ServiceError, Services};
use crate::{
    domain::{Aip, AipStatus},
    server::{
        metrics::Traffic,
        objects::{ByteStream, ObjectStore, StoreError},
    },
};
use futures::{StreamExt as _, TryStreamExt as _};
use std::{ops::Range, sync::Arc};
use uuid::Uuid;

/// A package that may be handed out, and is there.
#[derive(Debug, Clone)]
pub struct Download {
    /// The AIP.
    pub aip: Aip,
    /// Bytes of its object.
    pub size: u64,
    objects: Arc<dyn ObjectStore>,
    handed_out: metrics::Counter,
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
        let objects = self.store_of(&row.aip).await?;
        let size = objects.size(row.aip.object_key).await?.ok_or(ServiceError::ObjectNotFound(uuid))?;
        Ok(Download { aip: row.aip, size, objects, handed_out: self.meters().bytes(Traffic::HandedOut) })
    }
}

impl Download {
    /// Its bytes from `range.start` up to, not including, `range.end`.
    ///
    /// # Errors
    /// When they cannot be read any more.
    pub async fn bytes(&self, range: Range<u64>) -> Result<ByteStream, ServiceError> {
        let stream = self.objects.read(self.aip.object_key, range).await.map_err(|error| match error {
            StoreError::Missing(_) => ServiceError::ObjectNotFound(self.aip.uuid),
            other => other.into(),
        })?;
        let handed_out = self.handed_out.clone();
        Ok(stream.inspect_ok(move |piece| handed_out.increment(piece.len() as u64)).boxed())
    }
}
