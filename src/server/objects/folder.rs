//! [`Filesystem`] as an [`ObjectStore`].

use super::{ByteStream, Filesystem, ObjectStore, StoreError};
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

async fn blocking<T: Send + 'static>(
    store: &Filesystem,
    work: impl FnOnce(Filesystem) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let for_panic = store.root().to_owned();
    let store = store.clone();
    spawn_blocking(move || work(store)).await.map_err(|error| StoreError::io("cannot use", for_panic)(io::Error::other(error)))?
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
        let path = self.object(key);
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
                    bytes::Bytes::from(piece)
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

    async fn put(&self, key: Uuid, size: u64, mut bytes: ByteStream) -> Result<(), StoreError> {
        let path = self.staged(key);
        let (pieces, mut stream) = mpsc::channel::<bytes::Bytes>(QUEUE);
        let store = self.clone();
        let writing = spawn_blocking(move || {
            if store.object(key).exists() {
                return Err(StoreError::Exists(key));
            }
            let mut file = store.open_staged(key)?;
            (|| {
                file.set_len(0)?;
                while let Some(piece) = stream.blocking_recv() {
                    file.write_all(&piece)?;
                }
                file.sync_all()
            })()
            .map_err(StoreError::io("cannot write", store.staged(key)))
        });
        let mut passed = 0;
        let mut broken = None;
        while let Some(piece) = bytes.next().await {
            match piece {
                Ok(piece) => {
                    passed += piece.len() as u64;
                    if pieces.send(piece).await.is_err() {
                        // The disk refused; its own error says why.
                        break;
                    }
                }
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        drop(pieces);
        writing.await.map_err(|error| StoreError::io("cannot write", &path)(io::Error::other(error)))??;
        if let Some(error) = broken {
            return Err(StoreError::io("cannot go on with", &path)(error));
        }
        if passed != size {
            let error = format!("{passed} bytes came where {size} were announced");
            return Err(StoreError::io("cannot finish", &path)(io::Error::new(io::ErrorKind::UnexpectedEof, error)));
        }
        blocking(self, move |store| store.commit(key)).await
    }

    async fn remove(&self, key: Uuid) -> Result<(), StoreError> {
        blocking(self, move |store| {
            store.discard_staged(key)?;
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
