//! Taking packages in.
//!
//! A package goes through these rooms: [`receive`] (bytes to a staged file, digests on the way), `check` (verification), `store`
//! (final name, then the record). `recover` puts things right after a crash. Invariants:
//!
//! - A row in `upload` is written before the first byte, so that after a crash everything on the disk is accounted for.
//! - An object gets its final name, or is sent to a store elsewhere, only after its bytes are synced and verified; the AIP's row
//!   comes after that, in one transaction with its events.
//! - Whatever is refused, fails or is called off leaves nothing behind.

mod check;
mod hashes;
mod receive;
mod recover;
mod store;
mod submit;

pub(crate) use hashes::Hashes;

use super::{ServiceError, Services, checked_name};
use crate::{
    api::{CreateUpload, Deposited, Upload, UploadState, uploads::DepositQuery},
    server::{
        actor,
        db::{
            locations::{self, LocationRow},
            uploads::{self, Stage, UploadRow},
        },
        metrics::Traffic,
        objects::StagedStore,
    },
};
use bytes::Bytes;
use futures::Stream;
use receive::Staged;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use tokio::sync::{Mutex as AsyncMutex, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What can go wrong with a body on its way.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// Packages verified at a time: more would only share the same processors.
const CHECKS_AT_ONCE: usize = 2;
/// Uploads under way at a time.
const MOST_UPLOADS: usize = 500;

/// What is known in memory of the uploads under way.
pub(super) struct Intake {
    active: Mutex<HashMap<Uuid, Arc<Active>>>,
    checks: Arc<Semaphore>,
}

impl Default for Intake {
    fn default() -> Self {
        Self { active: Mutex::default(), checks: Arc::new(Semaphore::new(CHECKS_AT_ONCE)) }
    }
}

/// One upload under way.
#[derive(Default)]
struct Active {
    // Held while a part is received: parts come one after the other. `None` until the first part after a start.
    staged: AsyncMutex<Option<Staged>>,
    checked: AtomicU64,
    cancelled: AtomicBool,
    // Cancelled when verification and storing are over, however they ended.
    finished: CancellationToken,
}

impl Intake {
    fn active(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Active>>> {
        // Nothing that can panic happens under this lock.
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, uuid: Uuid) -> Arc<Active> {
        Arc::clone(self.active().entry(uuid).or_default())
    }

    fn forget(&self, uuid: Uuid) {
        self.active().remove(&uuid);
    }
}

impl Services {
    /// Takes a package in from one stream and waits for the outcome.
    ///
    /// # Errors
    /// When the package is refused, the stream breaks, or the service fails; nothing of it is kept then.
    pub async fn deposit<S>(&self, query: DepositQuery, body: S) -> Result<Deposited, ServiceError>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        let name = checked_name(&query.name)?;
        let location = self.location_for(query.location.as_deref()).await?;
        let upload = self.begin(name, None, &location, false).await?;
        let services = self.clone();
        // On its own task: a client that hangs up must not leave a half package behind.
        let task = tokio::spawn(actor::handed_on(async move {
            let uuid = upload.uuid;
            let outcome = services.deposit_stream(upload, body).await;
            services.0.intake.forget(uuid);
            outcome
        }));
        task.await.map_err(|error| ServiceError::Internal(format!("a deposit did not finish: {error}")))?
    }

    async fn deposit_stream<S>(&self, mut upload: UploadRow, body: S) -> Result<Deposited, ServiceError>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        let store = self.upload_store(&upload).await?;
        let active = self.0.intake.of(upload.uuid);
        let mut staged = match Staged::open(&store, upload.object_key, 0).await {
            Ok(staged) => staged,
            Err(error) => return Err(self.end(upload, Stage::Failed, error.into()).await),
        };
        if let Err(error) = staged.receive(Box::pin(body), self.config().upload_max_size, &self.meters().bytes(Traffic::TakenIn)).await {
            return Err(self.end(upload, Stage::Failed, error).await);
        }
        upload.size = Some(staged.len());
        self.finish(upload, staged, &active).await
    }

    /// Announces a package that will come in parts.
    ///
    /// # Errors
    /// When the name or size is none, the location is none, or there is no room for it.
    pub async fn create_upload(&self, body: CreateUpload) -> Result<Upload, ServiceError> {
        let name = checked_name(&body.name)?;
        let most = self.config().upload_max_size;
        if body.size == 0 {
            return Err(ServiceError::NotValid("size: the package is empty".into()));
        }
        if body.size > most {
            return Err(ServiceError::NotValid(format!("size: packages of more than {most} bytes are not taken in here")));
        }
        if self.0.intake.active().len() >= MOST_UPLOADS {
            return Err(ServiceError::Busy("too many uploads are under way; try again when some have ended".into()));
        }
        let location = self.location_for(body.location_uuid.map(|uuid| uuid.to_string()).as_deref()).await?;
        let free = self.staged_store(&location)?.room().await?;
        if free < body.size {
            let name = location.location.name;
            return Err(ServiceError::NotAvailable(format!(
                "where packages for the location \"{name}\" are received {free} bytes are free, and the package needs {}",
                body.size
            )));
        }
        let upload = self.begin(name, Some(body.size), &location, true).await?;
        self.0.intake.of(upload.uuid);
        Ok(self.told(&upload))
    }

    /// How far an upload is.
    ///
    /// # Errors
    /// When there is none with this UUID.
    pub async fn upload(&self, uuid: Uuid) -> Result<Upload, ServiceError> {
        Ok(self.told(&self.upload_row(uuid).await?))
    }

    /// Takes the next part of an upload. When it was the last, verification begins by itself.
    ///
    /// # Errors
    /// When the part does not begin where the one before it ended (the answer tells where), another part is on its way, or the
    /// stream breaks: what was received until then stays, and the upload can be gone on with.
    pub async fn append_upload<S>(&self, uuid: Uuid, offset: u64, body: S) -> Result<Upload, ServiceError>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        let services = self.clone();
        let task = tokio::spawn(actor::handed_on(async move { services.append(uuid, offset, body).await }));
        task.await.map_err(|error| ServiceError::Internal(format!("a part of an upload was not taken in: {error}")))?
    }

    async fn append<S>(&self, uuid: Uuid, offset: u64, body: S) -> Result<Upload, ServiceError>
    where
        S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
    {
        let row = self.upload_row(uuid).await?;
        if row.stage != Stage::Receiving {
            return Err(ServiceError::WrongOffset { upload: Box::new(self.told(&row)) });
        }
        let active = self.0.intake.of(uuid);
        let Ok(mut slot) = active.staged.try_lock() else {
            return Err(ServiceError::NotAvailable(
                "another part of this upload is on its way; wait for it, then ask for the offset".into(),
            ));
        };
        // Read again under the lock: a part, or the cancelling, may have ended since.
        let mut upload = self.upload_row(uuid).await?;
        if upload.stage != Stage::Receiving || offset != upload.safe_offset {
            return Err(ServiceError::WrongOffset { upload: Box::new(self.told(&upload)) });
        }
        let mut staged = match slot.take() {
            Some(staged) if staged.len() == offset => staged,
            _ => Staged::open(&self.upload_store(&upload).await?, upload.object_key, offset).await?,
        };
        let received = staged.receive(Box::pin(body), upload.size.unwrap_or(0), &self.meters().bytes(Traffic::TakenIn)).await;
        upload.safe_offset = staged.len();
        // A connection that breaks after the last byte has brought everything. One write for both: a stop between the last byte
        // and the beginning of the check would leave an upload for which nothing is left to send.
        let whole = upload.size == Some(upload.safe_offset) && !matches!(received, Err(ServiceError::NotValid(_)));
        if whole {
            upload.stage = Stage::Checking;
        }
        upload = self.save(upload).await?;
        if whole {
            let told = self.told(&upload);
            drop(slot);
            self.finish_later(upload, staged, Arc::clone(&active));
            return Ok(told);
        }
        *slot = Some(staged);
        received.map(|()| self.told(&upload))
    }

    fn finish_later(&self, upload: UploadRow, staged: Staged, active: Arc<Active>) {
        let services = self.clone();
        tokio::spawn(actor::handed_on(async move {
            let uuid = upload.uuid;
            // The outcome is in the upload's row, for whoever asks.
            if let Err(ServiceError::Internal(cause)) = services.finish(upload, staged, &active).await {
                tracing::error!(upload = %uuid, cause, "an upload failed");
            }
            active.finished.cancel();
            services.0.intake.forget(uuid);
        }));
    }

    /// Calls an upload off; nothing of it is kept.
    ///
    /// # Errors
    /// When there is none with this UUID, or it was stored already.
    pub async fn cancel_upload(&self, uuid: Uuid) -> Result<(), ServiceError> {
        let stored = || ServiceError::NotValid("the package is stored already: it was whole before it could be called off".into());
        let row = self.upload_row(uuid).await?;
        if row.stage == Stage::Stored {
            return Err(stored());
        }
        let active = self.0.intake.of(uuid);
        active.cancelled.store(true, Ordering::Relaxed);
        if matches!(row.stage, Stage::Checking | Stage::Storing) {
            // What verifies sees the mark and ends, unless it is past the point where it looks.
            active.finished.cancelled().await;
        }
        let mut slot = active.staged.lock().await;
        *slot = None;
        let row = self.upload_row(uuid).await?;
        match row.stage {
            Stage::Stored | Stage::Storing | Stage::Checking => return Err(stored()),
            Stage::Receiving => {
                self.end(row, Stage::Failed, ServiceError::NotAvailable("the upload was cancelled".into())).await;
            }
            Stage::Refused | Stage::Failed => {}
        }
        self.db()
            .write(Box::new(move |change| Box::pin(async move { Ok::<_, ServiceError>(uploads::delete(change, uuid).await?) })))
            .await?;
        drop(slot);
        self.0.intake.forget(uuid);
        Ok(())
    }

    async fn upload_row(&self, uuid: Uuid) -> Result<UploadRow, ServiceError> {
        uploads::find(self.db().read(), uuid).await?.ok_or(ServiceError::UploadNotFound(uuid))
    }

    async fn upload_store(&self, upload: &UploadRow) -> Result<StagedStore, ServiceError> {
        let location = locations::find(self.db().read(), upload.location_uuid).await?;
        self.staged_store(&location.ok_or(ServiceError::LocationNotFound(upload.location_uuid))?)
    }

    /// The location that somebody named, by UUID or name, or the first AIP store.
    async fn location_for(&self, named: Option<&str>) -> Result<LocationRow, ServiceError> {
        let db = self.db().read();
        let found = match named.map(str::trim).filter(|text| !text.is_empty()) {
            None => locations::first_store(db)
                .await?
                .ok_or_else(|| ServiceError::NotValid("there is no location yet: create one first".into()))?,
            Some(text) => {
                let by_uuid = match Uuid::try_parse(text) {
                    Ok(uuid) => locations::find(db, uuid).await?,
                    Err(_not_a_uuid) => None,
                };
                match by_uuid {
                    Some(row) => row,
                    None => locations::find_named(db, text)
                        .await?
                        .ok_or_else(|| ServiceError::NotValid(format!("location: there is no location \"{text}\"")))?,
                }
            }
        };
        if found.location.purpose != crate::domain::LocationPurpose::AipStore {
            return Err(ServiceError::NotValid(format!("location: \"{}\" is not a store for AIPs", found.location.name)));
        }
        Ok(found)
    }

    async fn begin(&self, name: String, size: Option<u64>, location: &LocationRow, resumable: bool) -> Result<UploadRow, ServiceError> {
        let upload = UploadRow {
            uuid: self.db().new_id(),
            name,
            size,
            location_id: location.id,
            location_uuid: location.location.uuid,
            object_key: self.db().new_id(),
            stage: Stage::Receiving,
            resumable,
            safe_offset: 0,
            created_at: self.clock().now(),
            touched_at: self.clock().now(),
            aip_uuid: None,
            message: None,
            verdict: None,
        };
        let row = upload.clone();
        self.db()
            .write(Box::new(move |change| Box::pin(async move { Ok::<_, ServiceError>(uploads::insert(change, &row).await?) })))
            .await?;
        Ok(upload)
    }

    async fn save(&self, upload: UploadRow) -> Result<UploadRow, ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    uploads::update(change, &upload).await?;
                    Ok(upload)
                })
            }))
            .await
    }

    fn told(&self, row: &UploadRow) -> Upload {
        let checked = self.0.intake.active().get(&row.uuid).map_or(0, |active| active.checked.load(Ordering::Relaxed));
        let size = row.size.unwrap_or(row.safe_offset);
        Upload {
            uuid: row.uuid,
            name: row.name.clone(),
            location_uuid: row.location_uuid,
            size,
            offset: row.safe_offset,
            checked: if row.stage == Stage::Stored { size } else { checked.min(size) },
            state: match row.stage {
                Stage::Receiving => UploadState::Receiving,
                Stage::Checking | Stage::Storing => UploadState::Checking,
                Stage::Stored => UploadState::Stored,
                Stage::Refused => UploadState::Refused,
                Stage::Failed => UploadState::Failed,
            },
            aip_uuid: row.aip_uuid,
            message: row.message.clone(),
            verdict: row.verdict.clone(),
        }
    }
}
