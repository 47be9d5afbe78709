//! A store together with the folder where packages for it are received and verified.
//!
//! A store that is a folder of this machine stages in itself: naming the object moves no byte. For any other store packages are
//! staged in a folder beside the database and sent once they are proven. Before the first byte is sent a note is written (see
//! [`Filesystem::mark_sent`]); as long as it is there, an object without a record may be in the store. So whatever happens between,
//! [`StagedStore::discard`] and [`StagedStore::uncommit`] know what to remove, and touch nothing else.

use super::{Filesystem, ObjectStore, StoreError, blocking};
use futures::StreamExt as _;
use sha2::{Digest as _, Sha256};
use std::{collections::HashSet, fs::File, io, sync::Arc};
use uuid::Uuid;

/// See the [module](self).
#[derive(Debug, Clone)]
pub struct StagedStore {
    staging: Filesystem,
    // None: the staging folder is the store.
    elsewhere: Option<Arc<dyn ObjectStore>>,
}

impl StagedStore {
    /// A folder, which stages in itself.
    #[must_use]
    pub fn folder(folder: Filesystem) -> Self {
        Self { staging: folder, elsewhere: None }
    }

    /// Any other store; packages for it are staged in `staging`.
    #[must_use]
    pub fn elsewhere(objects: Arc<dyn ObjectStore>, staging: Filesystem) -> Self {
        Self { staging, elsewhere: Some(objects) }
    }

    /// The folder where packages are received.
    #[must_use]
    pub fn staging(&self) -> &Filesystem {
        &self.staging
    }

    /// Opens the staged file for writing, creating it if need be. Blocks.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_staged(&self, key: Uuid) -> Result<File, StoreError> {
        // A location's own folder is made only when the location is: if it is missing, its disk is not mounted.
        if self.elsewhere.is_some() {
            self.staging.prepare()?;
        }
        self.staging.open_staged(key)
    }

    /// Bytes that can be received.
    ///
    /// # Errors
    /// When the disk does not say.
    pub async fn room(&self) -> Result<u64, StoreError> {
        let makes_folder = self.elsewhere.is_some();
        blocking(&self.staging, move |staging| {
            if makes_folder {
                staging.prepare()?;
            }
            staging.free_space()
        })
        .await
    }

    /// Makes the object of a staged file whose bytes are synced and proven. What is sent elsewhere is read back and compared; its
    /// staged file stays until [`Self::settle`].
    ///
    /// # Errors
    /// When the key is taken, or the store refuses; then [`Self::discard`] or [`Self::uncommit`] has to follow.
    pub async fn commit(&self, key: Uuid, sha256: &str) -> Result<(), StoreError> {
        let Some(objects) = &self.elsewhere else { return blocking(&self.staging, move |staging| staging.commit(key)).await };
        let size = blocking(&self.staging, move |staging| {
            let path = staging.staged(key);
            let size = path.metadata().map_err(StoreError::io("cannot read", &path))?.len();
            staging.mark_sent(key)?;
            Ok(size)
        })
        .await?;
        let bytes = self.staging.read_file(self.staging.staged(key), key, 0..size).await?;
        let sent = objects.put(key, size, bytes).await;
        if matches!(sent, Err(StoreError::Exists(_))) {
            // It is somebody else's, and is not to be removed as ours.
            blocking(&self.staging, move |staging| staging.unmark_sent(key)).await?;
        }
        sent?;
        // No digest of a store's own is the same everywhere; this one is.
        if read_back(objects, key, size).await? == sha256 {
            return Ok(());
        }
        let cause = io::Error::new(io::ErrorKind::InvalidData, "what was read back is not what was sent");
        Err(StoreError::io("cannot keep", key.to_string())(cause))
    }

    /// Takes [`Self::commit`] back: an object that nobody knows yet is only staged again. Does nothing if it was not committed.
    ///
    /// # Errors
    /// When the store refuses; it can be tried again.
    pub async fn uncommit(&self, key: Uuid) -> Result<(), StoreError> {
        match &self.elsewhere {
            None => blocking(&self.staging, move |staging| staging.uncommit(key)).await,
            Some(objects) => self.unsend(objects, key).await,
        }
    }

    /// Removes all that there is of an object that has no record.
    ///
    /// # Errors
    /// When the store refuses; it can be tried again.
    pub async fn discard(&self, key: Uuid) -> Result<(), StoreError> {
        blocking(&self.staging, move |staging| staging.discard_staged(key)).await?;
        match &self.elsewhere {
            None => Ok(()),
            Some(objects) => self.unsend(objects, key).await,
        }
    }

    async fn unsend(&self, objects: &Arc<dyn ObjectStore>, key: Uuid) -> Result<(), StoreError> {
        if self.staging.is_sent(key) {
            objects.remove(key).await?;
            blocking(&self.staging, move |staging| staging.unmark_sent(key)).await?;
        }
        Ok(())
    }

    /// Removes what is not needed any more when an object has its record.
    ///
    /// # Errors
    /// When the disk refuses; it can be tried again.
    pub async fn settle(&self, key: Uuid) -> Result<(), StoreError> {
        blocking(&self.staging, move |staging| {
            staging.unmark_sent(key)?;
            staging.discard_staged(key)
        })
        .await
    }

    /// Removes what nobody goes on with after a stop. Only for a start, before anything is copied.
    pub async fn discard_copies(&self) {
        // Nothing depends on it; what cannot be removed is told in the log.
        let done = blocking(&self.staging, |staging| {
            staging.discard_copies();
            Ok(())
        });
        drop(done.await);
    }

    /// The keys of everything that was begun and not brought to an end.
    pub async fn unfinished(&self) -> HashSet<Uuid> {
        blocking(&self.staging, |staging| Ok(staging.all_staged())).await.unwrap_or_default()
    }
}

/// The SHA-256 of what a store gives for an object, in hexadecimal.
async fn read_back(objects: &Arc<dyn ObjectStore>, key: Uuid, size: u64) -> Result<String, StoreError> {
    let mut bytes = objects.read(key, 0..size).await?;
    let mut digest = Sha256::new();
    while let Some(piece) = bytes.next().await {
        let piece = piece.map_err(StoreError::io("cannot read back", key.to_string()))?;
        let updated = tokio::task::spawn_blocking(move || {
            digest.update(&piece);
            digest
        });
        digest = updated.await.map_err(|error| StoreError::io("cannot read back", key.to_string())(io::Error::other(error)))?;
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
