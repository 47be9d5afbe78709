//! Reports of deletions: written once, read by who may.

use super::{ServiceError, Services};
use crate::{
    domain::{AipStatus, Timestamp},
    server::{
        db::deletion_requests::RequestRow,
        objects::StoreError,
        reports::deletion::{DeletionReport, render},
    },
};
use std::{fs, io::Write as _};
use uuid::Uuid;

impl Services {
    /// The report of an AIP's deletion, a PDF.
    ///
    /// # Errors
    /// When there is no such AIP, it was not deleted, there is no report, or it is not where it was kept.
    pub async fn deletion_report(&self, aip: Uuid) -> Result<Vec<u8>, ServiceError> {
        let row = self.aip_row(aip).await.map_err(|error| match error {
            ServiceError::AipNotFound(_) => ServiceError::ReportNotFound("AIP not found"),
            other => other,
        })?;
        let key = row.aip.deletion_report_key.filter(|_| row.aip.status == AipStatus::Deleted);
        let key = key.ok_or_else(|| ServiceError::NotValid("deletion report is not available for download".into()))?;
        tokio::fs::read(self.config().data.join(key)).await.map_err(|error| {
            tracing::error!(%aip, %error, "the report of a deletion cannot be read");
            ServiceError::ReportNotFound("The report of this deletion is not where it was kept.")
        })
    }

    /// Writes the report of a deletion; returns its key. Written again, it is the same file.
    pub(crate) async fn write_deletion_report(
        &self,
        aip: Uuid,
        request: &RequestRow,
        deleted_at: Timestamp,
    ) -> Result<String, ServiceError> {
        let report = self.deletion_of(aip, request, deleted_at).await?;
        let key = format!("reports/aip_deletion_report_{aip}.pdf");
        let path = self.config().data.join(&key);
        let written = tokio::task::spawn_blocking(move || {
            let bytes = render(&report).map_err(|error| ServiceError::NotValid(format!("the report cannot be made: {error}")))?;
            let folder = path.parent().unwrap_or(&path);
            let part = path.with_extension("pdf.part");
            (|| {
                fs::create_dir_all(folder)?;
                let mut file = fs::File::create(&part)?;
                file.write_all(&bytes)?;
                file.sync_all()?;
                fs::rename(&part, &path)?;
                fs::File::open(folder)?.sync_all()
            })()
            .map_err(|error| ServiceError::NotValid(StoreError::io("cannot write", path.as_path())(error).to_string()))
        });
        // One that breaks off would do so each time: it is told, and not tried for ever.
        written.await.map_err(|error| ServiceError::NotValid(format!("the report cannot be made: {error}")))??;
        Ok(key)
    }

    /// What there is to say about a deletion.
    async fn deletion_of(
        &self,
        aip: Uuid,
        RequestRow { request, .. }: &RequestRow,
        deleted_at: Timestamp,
    ) -> Result<DeletionReport, ServiceError> {
        let aip = self.aip(aip).await?;
        let location = match aip.location_uuid {
            Some(uuid) => Some(self.location(uuid).await?),
            None => None,
        };
        Ok(DeletionReport {
            aip_name: aip.name,
            aip_uuid: aip.uuid,
            status: aip.status,
            size: aip.size,
            sha256: aip.sha256,
            location: location.map(|location| (location.name, location.uuid)),
            preservation_system: self.config().preservation_system.clone(),
            requester: request.requester.clone(),
            requested_at: request.requested_at,
            reason: request.reason.clone(),
            reviewer: request.reviewer.clone().unwrap_or_else(|| request.requester.clone()),
            // A request that is approved as it is made was reviewed by nobody.
            reviewed_at: request.reviewed_at.filter(|at| *at != request.requested_at),
            deleted_at,
            reported_at: self.clock().now(),
            version: env!("CARGO_PKG_VERSION").into(),
        })
    }
}
