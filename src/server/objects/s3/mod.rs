//! A bucket of an S3-compatible store as an [`ObjectStore`]: each object under its key's text.
//!
//! Invariants: bytes go up in parts that are no object until the last one is there and is asked to be put together; that request, like
//! that for a small object, is refused by the store when the name is taken (`If-None-Match: *`). Every object carries the mark of
//! the [`put`](ObjectStore::put) that wrote it, so that a lost answer can be told from somebody else's object. An ETag is no
//! digest and is not looked at.

mod settings;
mod trouble;

pub use settings::{S3Credentials, S3Settings, SettingsError};

use super::{ByteStream, ObjectStore, StoreError};
use futures::{StreamExt as _, TryStreamExt as _};
use opendal::{
    ErrorKind, Metadata, Operator,
    layers::{RetryLayer, TimeoutLayer},
};
use std::{
    fmt, io,
    ops::Range,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use trouble::Trouble;
use uuid::Uuid;

/// Bytes of a part. S3 asks for 5 MiB at least.
const PART: u64 = 8 << 20;
/// S3 takes 10,000 parts; what is larger than so many of [`PART`] has larger parts.
const MOST_PARTS: u64 = 9_000;
/// Parts under way at a time: with what is being filled, a put needs five parts of memory.
const PARTS_AT_ONCE: usize = 3;
/// Bytes asked for at a time when an object is read. A piece that breaks off is asked for again; nobody sees it.
const PIECE: usize = 4 << 20;
/// Pieces asked for at a time.
const PIECES_AT_ONCE: usize = 2;
/// How long one request without a body may take.
const ANSWER: Duration = Duration::from_secs(20);
/// How long one part may take on its way.
const TRANSFER: Duration = Duration::from_secs(120);
/// How long somebody waits who only asks whether the store is there.
const GLANCE: Duration = Duration::from_secs(4);
/// Where the mark of a put is kept.
const MARK: &str = "strongroom-put";

/// A bucket that keeps objects.
pub struct S3 {
    bucket: String,
    // Tries again what fails for the moment.
    patient: Operator,
    // Tries once, and not for long.
    brisk: Operator,
    mark: Uuid,
    puts: AtomicU64,
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3({}, credentials not shown)", self.bucket)
    }
}

impl S3 {
    /// The store that these settings lead to. Nothing is asked of it yet. `mark` tells this instance's puts from all others.
    ///
    /// # Errors
    /// When the settings cannot lead anywhere; says which.
    pub fn open(settings: &S3Settings<'_>, mark: Uuid) -> Result<Self, SettingsError> {
        let operator = settings.operator()?;
        let retry = RetryLayer::new()
            .with_min_delay(Duration::from_millis(100))
            .with_factor(3.0)
            .with_max_times(4)
            .with_jitter()
            .with_notify(|event: opendal::layers::RetryEvent<'_>| {
                tracing::info!(operation = %event.op, attempt = event.attempt, cause = %Trouble::of(event.err), "a store is asked again");
            });
        let timeout = |control, transfer| TimeoutLayer::new().with_timeout(control).with_io_timeout(transfer);
        Ok(Self {
            bucket: settings.bucket.to_owned(),
            patient: operator.clone().layer(timeout(ANSWER, TRANSFER)).layer(retry),
            brisk: operator.layer(timeout(GLANCE, GLANCE)),
            mark,
            puts: AtomicU64::new(0),
        })
    }

    fn failed(action: &'static str) -> impl FnOnce(opendal::Error) -> StoreError {
        move |error| Trouble::of(&error).into_store_error(action)
    }

    fn refused(action: &'static str, cause: &str) -> StoreError {
        StoreError::Remote { action, cause: cause.to_owned(), temporary: false }
    }

    fn new_mark(&self) -> String {
        format!("{}-{}", self.mark, self.puts.fetch_add(1, Ordering::Relaxed))
    }

    async fn stat(&self, name: &str) -> Result<Option<Metadata>, StoreError> {
        match self.patient.stat(name).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Self::failed("cannot look into")(error)),
        }
    }

    /// Sends the parts and has them put together. `Err` leaves no part behind, unless the store cannot be reached for that either.
    async fn send(&self, name: &str, size: u64, mark: &str, mut bytes: ByteStream) -> Result<(), StoreError> {
        let part = PART.max(size.div_ceil(MOST_PARTS).next_multiple_of(1 << 20));
        let mut writer = self
            .patient
            .writer_with(name)
            .chunk(usize::try_from(part).unwrap_or(usize::MAX))
            .concurrent(PARTS_AT_ONCE)
            .if_not_exists(true)
            .user_metadata([(MARK.to_owned(), mark.to_owned())])
            .await
            .map_err(Self::failed("cannot write to"))?;
        let mut passed = 0;
        let outcome = loop {
            match bytes.next().await {
                Some(Ok(piece)) => {
                    passed += piece.len() as u64;
                    if passed > size {
                        break Err(Self::wrong_length(name, passed, size));
                    }
                    if let Err(error) = writer.write(piece).await {
                        break Err(Self::failed("cannot write to")(error));
                    }
                }
                Some(Err(error)) => break Err(StoreError::io("cannot go on with", name)(error)),
                None if passed < size => break Err(Self::wrong_length(name, passed, size)),
                None => break writer.close().await.map(drop).map_err(Self::failed("cannot write to")),
            }
        };
        if outcome.is_err()
            && let Err(error) = writer.abort().await
        {
            tracing::warn!(bucket = self.bucket, cause = %Trouble::of(&error), "parts of an object that was never whole may be left; the bucket's lifecycle removes them");
        }
        outcome
    }

    fn wrong_length(name: &str, passed: u64, size: u64) -> StoreError {
        let error = format!("{passed} bytes came where {size} were announced");
        StoreError::io("cannot finish", name)(io::Error::new(io::ErrorKind::UnexpectedEof, error))
    }

    /// What became of a put, by what is there now: an answer may be lost, and a store may not know conditions.
    async fn settled(&self, key: Uuid, size: u64, mark: &str, outcome: Result<(), StoreError>) -> Result<(), StoreError> {
        let name = key.to_string();
        let there = match self.stat(&name).await {
            Ok(there) => there,
            // What went wrong first says more.
            Err(error) => return outcome.and(Err(error)),
        };
        let Some(there) = there else {
            return outcome.and(Err(Self::refused("cannot write to", "it took an object and does not have it")));
        };
        let found = there.user_metadata().and_then(|metadata| metadata.get(MARK));
        // A store that keeps no marks is believed when it says that it took the object.
        if found.map_or(outcome.is_ok(), |found| found == mark) {
            if there.content_length() == size {
                return Ok(());
            }
            self.patient.delete(&name).await.map_err(Self::failed("cannot remove from"))?;
            return Err(Self::refused("cannot write to", "it kept another number of bytes than were sent; they were removed"));
        }
        match outcome {
            // Whose it is cannot be told, so it is not touched.
            Err(error) if found.is_none() && error.is_temporary() => Err(error),
            _ => Err(StoreError::Exists(key)),
        }
    }
}

#[async_trait::async_trait]
impl ObjectStore for S3 {
    /// Writes a small object, reads it back and removes it.
    async fn probe(&self) -> Result<(), StoreError> {
        let mark = self.new_mark();
        let name = format!("strongroom-probe-{mark}");
        match self.brisk.stat(&name).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Self::failed("cannot look into")(error)),
            Ok(_) => return Err(Self::refused("cannot use", "it tells of objects that were never written")),
        }
        self.brisk.write_with(&name, mark.clone()).if_not_exists(true).await.map_err(Self::failed("cannot write to"))?;
        let read = self.brisk.read(&name).await.map_err(Self::failed("cannot read from"));
        self.brisk.delete(&name).await.map_err(Self::failed("cannot remove from"))?;
        if read?.to_vec() == mark.as_bytes() { Ok(()) } else { Err(Self::refused("cannot use", "it gives other bytes than it was given")) }
    }

    async fn reachable(&self) -> Result<(), StoreError> {
        // Read rather than looked at: only then does the store say whether it is the object or the bucket that is missing.
        match self.brisk.read("strongroom-probe").await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Self::failed("cannot read from")(error)),
            _ => Ok(()),
        }
    }

    async fn size(&self, key: Uuid) -> Result<Option<u64>, StoreError> {
        Ok(self.stat(&key.to_string()).await?.map(|found| found.content_length()))
    }

    async fn read(&self, key: Uuid, range: Range<u64>) -> Result<ByteStream, StoreError> {
        let name = key.to_string();
        let size = self.size(key).await?.ok_or(StoreError::Missing(key))?;
        if range.end > size {
            let error = io::Error::new(io::ErrorKind::UnexpectedEof, format!("it has {size} bytes"));
            return Err(StoreError::io("cannot read", name)(error));
        }
        if range.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        let reader = self.patient.reader_with(&name).chunk(PIECE).concurrent(PIECES_AT_ONCE).await;
        let stream =
            reader.map_err(Self::failed("cannot read from"))?.into_stream(range).await.map_err(Self::failed("cannot read from"))?;
        Ok(stream
            .map_ok(|buffer| buffer.to_bytes())
            .map_err(|error| io::Error::other(Trouble::of(&error).into_store_error("cannot read from")))
            .boxed())
    }

    async fn put(&self, key: Uuid, size: u64, bytes: ByteStream) -> Result<(), StoreError> {
        let name = key.to_string();
        // Before anything is sent: a store that knows no conditions would not refuse it afterwards.
        if self.stat(&name).await?.is_some() {
            return Err(StoreError::Exists(key));
        }
        let mark = self.new_mark();
        match self.send(&name, size, &mark, bytes).await {
            // The source broke, so nothing was put together.
            Err(error @ StoreError::Io { .. }) => Err(error),
            outcome => self.settled(key, size, &mark, outcome).await,
        }
    }

    /// Parts that an interrupted put left are no object; the bucket's lifecycle removes them.
    async fn remove(&self, key: Uuid) -> Result<(), StoreError> {
        self.patient.delete(&key.to_string()).await.map_err(Self::failed("cannot remove from"))
    }

    async fn free_space(&self) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    fn file(&self, _key: Uuid) -> Option<PathBuf> {
        None
    }
}
