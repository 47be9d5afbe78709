//! After a crash, and once an hour: nothing half-done stays.

use super::{ServiceError, Services, receive::Staged};
use crate::{
    domain::Timestamp,
    server::{
        db::{
            aips, locations,
            uploads::{self, Stage, UploadRow},
        },
        objects::StagedStore,
    },
};
use std::sync::Arc;

/// How long an upload may rest before it is given up, and its outcome is remembered.
const PATIENCE: chrono::TimeDelta = chrono::TimeDelta::days(7);

impl Services {
    /// Puts right what a stop at any instant may have left. Called once, before anything is taken in.
    ///
    /// # Errors
    /// When the database fails. A location that cannot be reached is left as it is and told in the log.
    pub async fn recover(&self) -> Result<(), ServiceError> {
        for upload in uploads::under_way(self.db().read()).await? {
            let uuid = upload.uuid;
            if let Err(error) = self.recover_upload(upload).await {
                tracing::warn!(upload = %uuid, %error, "an upload could not be put right; it is tried again");
            }
        }
        // No submission is received while the service starts.
        let submissions = StagedStore::folder(self.submissions());
        for key in submissions.unfinished().await {
            submissions.discard(key).await?;
        }
        for row in locations::list(self.db().read()).await? {
            if let Ok(store) = self.staged_store(&row) {
                store.discard_copies().await;
            }
        }
        self.sweep().await
    }

    /// Removes what no upload accounts for: of a package that was never whole, and of one that has its record.
    async fn sweep(&self) -> Result<(), ServiceError> {
        for row in locations::list(self.db().read()).await? {
            let Ok(store) = self.staged_store(&row) else { continue };
            let mut left = store.unfinished().await;
            // Asked for after the folder was read: what is there by then has its row already.
            for upload in uploads::under_way(self.db().read()).await? {
                left.remove(&upload.object_key);
            }
            for key in left {
                let done = match aips::uuid_of_object(self.db().read(), key).await? {
                    Some(_) => store.settle(key).await,
                    None => store.discard(key).await,
                };
                match done {
                    Ok(()) => tracing::info!(location = row.location.name, %key, "removed what was left of a package"),
                    Err(error) => {
                        tracing::warn!(location = row.location.name, %key, %error, "what is left of a package cannot be removed; tried again")
                    }
                }
            }
        }
        Ok(())
    }

    async fn recover_upload(&self, mut upload: UploadRow) -> Result<(), ServiceError> {
        let store = self.upload_store(&upload).await?;
        let key = upload.object_key;
        if upload.stage == Stage::Storing {
            if let Some(aip_uuid) = aips::uuid_of_object(self.db().read(), key).await? {
                upload.stage = Stage::Stored;
                upload.aip_uuid = Some(aip_uuid);
                self.save(upload).await?;
                return Ok(());
            }
            // The object may have its name already, but no record says so.
            store.uncommit(key).await?;
        }
        if !upload.resumable {
            // Its client was never answered, and will send it again.
            self.end(upload, Stage::Failed, ServiceError::NotAvailable("the service was stopped before the package was whole".into()))
                .await;
            return Ok(());
        }
        let active = self.0.intake.of(upload.uuid);
        if upload.stage != Stage::Receiving {
            let staged = Staged::open(&store, key, upload.safe_offset).await?;
            upload.stage = Stage::Checking;
            self.finish_later(upload, staged, Arc::clone(&active));
        }
        Ok(())
    }

    /// Gives up uploads that nobody went on with, puts right what could not be before, and forgets old outcomes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tidy_uploads(&self) -> Result<(), ServiceError> {
        let before = Timestamp::from(self.clock().now().utc() - PATIENCE);
        for upload in uploads::under_way(self.db().read()).await? {
            if upload.stage == Stage::Receiving && upload.touched_at < before {
                self.cancel_upload(upload.uuid).await?;
            } else if upload.stage == Stage::Storing && !self.0.intake.active().contains_key(&upload.uuid) {
                // Its store could not be reached when it was to be put right.
                let uuid = upload.uuid;
                if let Err(error) = self.recover_upload(upload).await {
                    tracing::warn!(upload = %uuid, %error, "an upload could not be put right; it is tried again");
                }
            }
        }
        self.tidy_submissions().await?;
        self.db()
            .write(Box::new(move |change| Box::pin(async move { Ok::<_, ServiceError>(uploads::forget_before(change, before).await?) })))
            .await?;
        self.sweep().await
    }
}
