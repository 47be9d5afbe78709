//! Bytes that pass by: hashed and counted on the way.

use crate::server::{
    objects::{ByteStream, ObjectStore, StoreError},
    service::Hashes,
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use std::{io, sync::Arc};
use tokio::{sync::mpsc, task::JoinHandle};
use uuid::Uuid;

use crate::domain::Digests;

/// Pieces that may wait for their digest.
const QUEUE: usize = 8;

/// The digests of a stream, once it was read to its end.
pub(super) struct Passed(JoinHandle<Digests>);

impl Passed {
    /// Waits for the digests. Ask only after the stream was dropped or read to its end.
    pub(super) async fn digests(self) -> Result<Digests, StoreError> {
        self.0.await.map_err(|error| StoreError::io("cannot compute the digests of", "a stream")(io::Error::other(error)))
    }
}

/// The same stream, with its digests computed and its bytes counted while it passes.
pub(super) fn passing(stream: ByteStream, count: impl Fn(u64) + Send + Sync + 'static) -> (ByteStream, Passed) {
    let (to_hash, mut pieces) = mpsc::channel::<Bytes>(QUEUE);
    let hashing = tokio::task::spawn_blocking(move || {
        let mut hashes = Hashes::default();
        let size = hashes.while_passing(|take| {
            let mut size = 0;
            while let Some(piece) = pieces.blocking_recv() {
                size += piece.len() as u64;
                take(piece);
            }
            size
        });
        hashes.finish(size)
    });
    let count = Arc::new(count);
    let through = stream::unfold((stream, to_hash), move |(mut stream, to_hash)| {
        let count = Arc::clone(&count);
        async move {
            let piece = match stream.next().await? {
                // The digests' thread ends only with its channel.
                Ok(piece) => to_hash.send(piece.clone()).await.map(|()| piece).map_err(io::Error::other),
                Err(error) => Err(error),
            };
            if let Ok(piece) = &piece {
                count(piece.len() as u64);
            }
            Some((piece, (stream, to_hash)))
        }
    });
    (through.boxed(), Passed(hashing))
}

/// Reads an object from its first to its last byte. What it returns was read.
pub(super) async fn read_through(
    store: &Arc<dyn ObjectStore>,
    key: Uuid,
    size: u64,
    count: impl Fn(u64) + Send + Sync + 'static,
) -> Result<Digests, StoreError> {
    let (mut stream, passed) = passing(store.read(key, 0..size).await?, count);
    while let Some(piece) = stream.next().await {
        piece.map_err(StoreError::io("cannot read", key.to_string()))?;
    }
    drop(stream);
    passed.digests().await
}
