//! Where a package's entries come from, and how reading them is followed and stopped.

use std::io::{self, Read};
use std::ops::ControlFlow;

/// What an [`Entry`] is. Links, devices and the like never appear: a source refuses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

/// One entry of a package, as its container names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Relative path inside the container, components separated by `/`, without a leading `./`
    /// and without a trailing `/`. Neither unescaped nor Unicode-normalised.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Length of the content in bytes as the container states it, when it does.
    pub size: Option<u64>,
}

impl Entry {
    /// A regular file of `size` bytes.
    pub fn file(path: impl Into<String>, size: u64) -> Self {
        Self { path: path.into(), kind: EntryKind::File, size: Some(size) }
    }

    /// A directory.
    pub fn directory(path: impl Into<String>) -> Self {
        Self { path: path.into(), kind: EntryKind::Directory, size: None }
    }

    /// Whether the entry has content to read.
    pub fn is_file(&self) -> bool {
        self.kind == EntryKind::File
    }
}

/// Why a source could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The package itself is at fault: trying again gives the same answer.
    #[error("{}", refusal(reason, path.as_deref()))]
    Refused {
        /// A sentence for people, without a full stop.
        reason: String,
        /// The entry at fault, when it is one.
        path: Option<String>,
    },
    /// The medium is at fault: trying again may succeed.
    #[error("the package could not be read: {0}")]
    Io(io::Error),
    /// [`Progress`] asked to stop.
    #[error("the check was stopped before its end")]
    Stopped,
}

fn refusal(reason: &str, path: Option<&str>) -> String {
    match path {
        Some(path) => format!("{reason}: {path}"),
        None => reason.to_owned(),
    }
}

impl SourceError {
    /// A refusal that concerns the whole package.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into(), path: None }
    }

    /// A refusal that concerns the entry `path`.
    pub fn refused_at(reason: impl Into<String>, path: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into(), path: Some(path.into()) }
    }
}

/// A `SourceError` can travel through a [`Read`]er inside an [`io::Error`] and comes out unchanged.
impl From<io::Error> for SourceError {
    fn from(error: io::Error) -> Self {
        match error.downcast::<SourceError>() {
            Ok(inner) => inner,
            Err(error) => Self::Io(error),
        }
    }
}

impl From<SourceError> for io::Error {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Io(error) => error,
            other => io::Error::other(other),
        }
    }
}

/// What [`PackageSource::walk`] calls with each entry and a reader of its content. The reader of a
/// directory is empty. Content may be left unread.
pub type Visit<'v> = dyn FnMut(&Entry, &mut dyn Read) -> Result<(), SourceError> + 'v;

/// A package whose entries can be visited in turn, more than once.
///
/// An implementation refuses what cannot be a package honestly written (links, paths that leave
/// the package, contents longer or shorter than stated), so that what is visited is files and
/// directories under sane relative paths only.
pub trait PackageSource {
    /// Tells the entries without reading their content, if that costs much less than a walk.
    ///
    /// Returns `false`, without having called `visit`, when only a walk can tell. Knowing the
    /// names in advance lets the verifier compute exactly the digests that are asked for.
    fn index(&mut self, visit: &mut dyn FnMut(&Entry)) -> Result<bool, SourceError> {
        let _ = visit;
        Ok(false)
    }

    /// Visits every entry from the first to the last, in the container's own order.
    ///
    /// An error from `visit` ends the walk and is returned. A source that can skip unread content
    /// cheaply does so. Reading a file's content to its end without an error means that all of it
    /// was there, with the length stated and with the container's own checksum, if it has one.
    fn walk(&mut self, visit: &mut Visit<'_>) -> Result<(), SourceError>;
}

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadSoFar {
    /// Bytes of content read since the check began; a byte that is read twice counts twice.
    pub bytes: u64,
    /// Files read to their end since the check began.
    pub files: u64,
}

/// Follows a check and may stop it. Called at least once for every mebibyte read.
pub trait Progress {
    /// [`ControlFlow::Break`] ends the check with [`SourceError::Stopped`].
    fn read(&mut self, so_far: ReadSoFar) -> ControlFlow<()>;
}

/// For a caller that neither watches nor stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn read(&mut self, _: ReadSoFar) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl<F: FnMut(ReadSoFar) -> ControlFlow<()>> Progress for F {
    fn read(&mut self, so_far: ReadSoFar) -> ControlFlow<()> {
        self(so_far)
    }
}
