//! After a crash, and once an hour: nothing half-done stays.

use super::{ServiceError, Services, receive::Staged, store::blocking};
use crate::{
    domain::Timestamp,
    server::{
        db::{
            aips, locations,
            uploads::{self, Stage, UploadRow},
        },
        objects::Filesystem,
    },
};
use std::{collections::HashSet, fs, sync::Arc};
use uuid::Uuid;

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
                tracing::warn!(upload = %uuid, %error, "an upload could not be put right; it is tried again at the next start");
            }
        }
        // No submission is received while the service starts.
        blocking(&self.submissions(), |store| {
            sweep(&store, &HashSet::new());
            Ok(())
        })
        .await?;
        let expected: HashSet<Uuid> = uploads::under_way(self.db().read()).await?.into_iter().map(|row| row.object_key).collect();
        for row in locations::list(self.db().read()).await? {
            let expected = expected.clone();
            let Ok(store) = self.store(&row.config) else { continue };
            blocking(&store, move |store| {
                sweep(&store, &expected);
                Ok(())
            })
            .await?;
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
            blocking(&store, move |store| store.uncommit(key)).await?;
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

    /// Gives up uploads that nobody went on with, and forgets old outcomes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tidy_uploads(&self) -> Result<(), ServiceError> {
        let before = Timestamp::from(self.clock().now().utc() - PATIENCE);
        for upload in uploads::under_way(self.db().read()).await? {
            if upload.stage == Stage::Receiving && upload.touched_at < before {
                self.cancel_upload(upload.uuid).await?;
            }
        }
        self.tidy_submissions().await?;
        self.db().write(Box::new(move |change| Box::pin(async move { Ok(uploads::forget_before(change, before).await?) }))).await
    }
}

/// Removes staged files that no upload accounts for.
fn sweep(store: &Filesystem, expected: &HashSet<Uuid>) {
    for (key, path) in store.all_staged() {
        if !expected.contains(&key) {
            match fs::remove_file(&path) {
                Ok(()) => tracing::info!(path = %path.display(), "removed what was left of a package that was never whole"),
                Err(error) => tracing::warn!(path = %path.display(), %error, "a staged file could not be removed"),
            }
        }
    }
}
