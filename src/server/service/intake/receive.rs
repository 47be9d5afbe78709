//! From a stream to a staged file.

use super::{BodyError, ServiceError, hashes::Hashes};
use crate::server::objects::{StagedStore, StoreError};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use std::{
    fs::File,
    io::{Seek as _, SeekFrom, Write as _},
    path::PathBuf,
    pin::Pin,
};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Chunks between the network and the disk.
const QUEUE: usize = 32;

/// A package that is not yet whole: its file, and the digests of what is in it.
pub(super) struct Staged {
    file: File,
    path: PathBuf,
    hashes: Hashes,
    len: u64,
}

impl Staged {
    /// Opens the staged file of an object and goes on after its first `offset` bytes. What lies beyond them was never said to
    /// be safe and is cut off.
    pub(super) async fn open(store: &StagedStore, key: Uuid, offset: u64) -> Result<Self, StoreError> {
        let store = store.clone();
        let path = store.staging().staged(key);
        let for_panic = path.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let mut file = store.open_staged(key)?;
            let hashes = (|| {
                file.set_len(offset)?;
                file.rewind()?;
                let hashes = Hashes::of_file(&mut file, offset)?;
                file.seek(SeekFrom::Start(offset))?;
                Ok(hashes)
            })();
            let hashes = hashes.map_err(StoreError::io("cannot go on with", &path))?;
            Ok(Self { file, path, hashes, len: offset })
        });
        opened.await.map_err(|error| StoreError::io("cannot open", for_panic)(std::io::Error::other(error)))?
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn into_digests(self) -> crate::domain::Digests {
        self.hashes.finish(self.len)
    }

    /// Takes a stream in until its end and syncs it. On an error, what was received before it is in the file, synced, and
    /// counted by [`Self::len`], and with those of all packages in `in_all`.
    pub(super) async fn receive(
        &mut self,
        mut body: Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>,
        most: u64,
        in_all: &metrics::Counter,
    ) -> Result<(), ServiceError> {
        let (to_disk, mut from_network) = mpsc::channel::<Bytes>(QUEUE);
        let mut file = self.file.try_clone().map_err(StoreError::io("cannot write", &self.path))?;
        let mut hashes = self.hashes.clone();
        let writing = tokio::task::spawn_blocking(move || {
            let mut written = 0;
            let outcome = hashes.while_passing(|take| {
                while let Some(chunk) = from_network.blocking_recv() {
                    file.write_all(&chunk)?;
                    written += chunk.len() as u64;
                    take(chunk);
                }
                file.sync_data()
            });
            (outcome, written, hashes)
        });
        let mut error = None;
        let mut total = self.len;
        while let Some(chunk) = body.next().await {
            match chunk {
                Ok(chunk) if total + chunk.len() as u64 > most => {
                    error = Some(ServiceError::NotValid(format!(
                        "the package is larger than the {most} bytes that may come; nothing beyond them was taken"
                    )));
                    break;
                }
                Ok(chunk) => {
                    total += chunk.len() as u64;
                    if to_disk.send(chunk).await.is_err() {
                        // The disk refused; its own error says why.
                        break;
                    }
                }
                Err(cause) => {
                    error = Some(ServiceError::NotAvailable(format!("the connection broke before the package was whole ({cause})")));
                    break;
                }
            }
        }
        drop(to_disk);
        let (outcome, written, hashes) =
            writing.await.map_err(|error| ServiceError::Internal(format!("writing a package ended: {error}")))?;
        match outcome {
            Ok(()) => {
                self.len += written;
                in_all.increment(written);
                self.hashes = hashes;
            }
            Err(cause) => {
                // How much of the last chunk is in the file is not known: go back to what was there before.
                let len = self.len;
                self.file
                    .set_len(len)
                    .and_then(|()| self.file.seek(SeekFrom::Start(len)))
                    .map_err(StoreError::io("cannot write", &self.path))?;
                return Err(StoreError::io("cannot write", &self.path)(cause).into());
            }
        }
        error.map_or(Ok(()), Err)
    }
}
