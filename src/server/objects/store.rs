//! What every kind of store can do. All backends pass the same conformance suite.

use super::StoreError;
use bytes::Bytes;
use futures::stream::BoxStream;
use std::{fmt, io, ops::Range, path::PathBuf};
use uuid::Uuid;

/// Bytes on their way, in pieces.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// A store of objects: each is written once, as a whole, under a key, and never changed.
#[async_trait::async_trait]
pub trait ObjectStore: fmt::Debug + Send + Sync {
    /// Proves that the store can be reached and written.
    ///
    /// # Errors
    /// When it cannot.
    async fn probe(&self) -> Result<(), StoreError>;

    /// Whether the store answers: cheap, and soon told.
    ///
    /// # Errors
    /// When it does not.
    async fn reachable(&self) -> Result<(), StoreError> {
        self.free_space().await.map(drop)
    }

    /// Bytes of the object under this key; `None` when there is none.
    ///
    /// # Errors
    /// When the store does not say.
    async fn size(&self, key: Uuid) -> Result<Option<u64>, StoreError>;

    /// The bytes of an object from `range.start` up to, not including, `range.end`.
    ///
    /// # Errors
    /// When there is no such object ([`StoreError::Missing`]) or it cannot be read; the stream ends with an error when it breaks later.
    async fn read(&self, key: Uuid, range: Range<u64>) -> Result<ByteStream, StoreError>;

    /// Writes an object from `bytes`, which are `size` long. It has its name only once every byte is durable; when that fails, at
    /// whatever instant, there is no object of this name.
    ///
    /// # Errors
    /// When the key is taken ([`StoreError::Exists`]; what is there is untouched), the stream breaks or is not `size` long, or
    /// the store refuses.
    async fn put(&self, key: Uuid, size: u64, bytes: ByteStream) -> Result<(), StoreError>;

    /// Removes an object, and what an interrupted [`Self::put`] of it may have left. Nothing is done when there is neither.
    ///
    /// # Errors
    /// When the store refuses.
    async fn remove(&self, key: Uuid) -> Result<(), StoreError>;

    /// Bytes that can still be written; `None` where the store knows no bounds.
    ///
    /// # Errors
    /// When the store does not say.
    async fn free_space(&self) -> Result<Option<u64>, StoreError>;

    /// The file that an object is, for a store that is a folder of this machine.
    fn file(&self, key: Uuid) -> Option<PathBuf>;
}
