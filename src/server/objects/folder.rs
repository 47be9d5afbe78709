//! [`Filesystem`] as an [`ObjectStore`].

use super::{ByteStream, Filesystem, ObjectStore, StoreError, filesystem::remove};
use bytes::Bytes;
use futures::StreamExt as _;
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    ops::Range,
    path::PathBuf,
};
use tokio::{sync::mpsc, task::spawn_blocking};
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

/// Bytes read or written at a time.
const PIECE: usize = 1 << 20;
/// Pieces between the disk and whoever reads or writes.
const QUEUE: usize = 4;

/// Runs what blocks on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    store: &Filesystem,
    work: impl FnOnce(Filesystem) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let for_panic = store.root().to_owned();
    let store = store.clone();
    spawn_blocking(move || work(store)).await.map_err(|error| StoreError::io("cannot use", for_panic)(io::Error::other(error)))?
}

impl Filesystem {
    /// A part of an object's file, staged or not.
    pub(super) async fn read_file(&self, path: PathBuf, key: Uuid, range: Range<u64>) -> Result<ByteStream, StoreError> {
        let mut file = blocking(self, move |_| match File::open(&path) {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::Missing(key)),
            Err(error) => Err(StoreError::io("cannot read", &path)(error)),
        })
        .await?;
        let (pieces, stream) = mpsc::channel(QUEUE);
        spawn_blocking(move || {
            let mut left = range.end.saturating_sub(range.start);
            if let Err(error) = file.seek(SeekFrom::Start(range.start)) {
                drop(pieces.blocking_send(Err(error)));
                return;
            }
            while left > 0 {
                let mut piece = vec![0; usize::try_from(left).unwrap_or(PIECE).min(PIECE)];
                let read =
                    file.read(&mut piece).and_then(|read| if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(read) });
                let piece = read.map(|read| {
                    piece.truncate(read);
                    left -= read as u64;
                    Bytes::from(piece)
                });
                let failed = piece.is_err();
                // Nobody reads any more: there is nothing left to do.
                if pieces.blocking_send(piece).is_err() || failed {
                    return;
                }
            }
        });
        Ok(ReceiverStream::new(stream).boxed())
    }
}

#[async_trait::async_trait]
impl ObjectStore for Filesystem {
    async fn probe(&self) -> Result<(), StoreError> {
        blocking(self, |store| store.prepare()).await
    }

    async fn size(&self, key: Uuid) -> Result<Option<u64>, StoreError> {
        let path = self.object(key);
        match tokio::fs::metadata(&path).await {
            Ok(found) => Ok(Some(found.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("cannot look at", path)(error)),
        }
    }

    async fn read(&self, key: Uuid, range: Range<u64>) -> Result<ByteStream, StoreError> {
        self.read_file(self.object(key), key, range).await
    }

    async fn put(&self, key: Uuid, size: u64, mut bytes: ByteStream) -> Result<(), StoreError> {
        let path = self.copied(key);
        let (pieces, stream) = mpsc::channel(QUEUE);
        // On its own to the end: whatever becomes of the caller, the object is whole or nothing of it is left.
        let writing = blocking(self, move |store| write_object(&store, key, size, stream));
        let sending = async move {
            loop {
                let piece = match bytes.next().await.transpose() {
                    Ok(piece) => piece,
                    Err(error) => return Some(error),
                };
                let last = piece.is_none();
                // When nobody takes it the disk refused, and its own error says why.
                if pieces.send(piece).await.is_err() || last {
                    return None;
                }
            }
        };
        match tokio::join!(writing, sending) {
            (_, Some(broken)) => Err(StoreError::io("cannot go on with", path)(broken)),
            (written, None) => written,
        }
    }

    async fn remove(&self, key: Uuid) -> Result<(), StoreError> {
        blocking(self, move |store| {
            remove(&store.copied(key))?;
            store.remove_object(key)
        })
        .await
    }

    async fn free_space(&self) -> Result<Option<u64>, StoreError> {
        blocking(self, |store| Filesystem::free_space(&store).map(Some)).await
    }

    fn file(&self, key: Uuid) -> Option<PathBuf> {
        Some(self.object(key))
    }
}

/// Writes, names or takes back one object. `None` ends the pieces: without it their source broke off.
fn write_object(store: &Filesystem, key: Uuid, size: u64, mut pieces: mpsc::Receiver<Option<Bytes>>) -> Result<(), StoreError> {
    if store.object(key).exists() {
        return Err(StoreError::Exists(key));
    }
    let path = store.copied(key);
    // Only one writes it at a time.
    let mut file = File::create_new(&path).map_err(StoreError::io("cannot write", &path))?;
    let mut receive = || {
        let mut passed = 0;
        while let Some(piece) = pieces.blocking_recv() {
            let Some(piece) = piece else {
                if passed == size {
                    return file.sync_all();
                }
                break;
            };
            passed += piece.len() as u64;
            if passed > size {
                break;
            }
            file.write_all(&piece)?;
        }
        let error = format!("{passed} bytes came where {size} were announced");
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, error))
    };
    let written = receive().map_err(StoreError::io("cannot finish", &path)).and_then(|()| store.commit_copy(key));
    if written.is_err()
        && let Err(error) = remove(&path)
    {
        // It is swept away at the next start.
        tracing::warn!(%error, "what was left of an object that was never whole could not be removed");
    }
    written
}
