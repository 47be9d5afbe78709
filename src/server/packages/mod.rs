//! Packages on disk: containers (7z, zip, tar, tar.gz) and folders, opened for
//! [`verify`](crate::bag::verify()) and refused when they are hostile or broken.
//!
//! Synchronous: a caller in an async context runs it on a blocking thread. Memory stays bounded
//! whatever the size of the package: contents are streamed, and what is kept grows with the number
//! of entries only (see [`Limits`]).
//!
//! Reading order: [`guard`] (what is refused), then one file for each container, then [`folder`],
//! [`pack`] (a folder to a tar stream), [`builder`] and [`samples`] (packages made by code).

use std::fs::File;
use std::io;
use std::path::Path;

pub mod guard;

pub use crate::bag::PackageFormat;
use crate::bag::{self, PackageSource, Progress, SourceError, Verdict};
pub use guard::Limits;

/// Why a package could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The package itself is at fault; trying again gives the same answer.
    #[error("{}", SourceError::Refused { reason: reason.clone(), path: path.clone() })]
    Refused {
        /// A sentence for people, without a full stop.
        reason: String,
        /// The entry at fault, when it is one.
        path: Option<String>,
    },
    /// The disk is at fault, or the package is not there; trying again may succeed.
    #[error("the package could not be read: {0}")]
    Io(#[source] io::Error),
    /// The caller's [`Progress`] asked to stop.
    #[error("the check was stopped before its end")]
    Stopped,
}

impl PackageError {
    /// Whether trying again is useless.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl From<SourceError> for PackageError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Refused { reason, path } => Self::Refused { reason, path },
            SourceError::Io(error) => Self::Io(error),
            SourceError::Stopped => Self::Stopped,
        }
    }
}

/// Tells the format of the file at `path` by its first bytes; `None` if it is none that is known.
pub fn detect(path: &Path) -> Result<Option<PackageFormat>, PackageError> {
    todo!()
}

/// Opens the package at `path`: a container file, or a folder as it lies.
///
/// Refuses a file that is none of the known containers, and a container whose own structure is
/// broken or hostile as far as that shows at opening; the rest shows while walking.
pub fn open(path: &Path, limits: Limits) -> Result<Box<dyn PackageSource + Send>, PackageError> {
    todo!()
}

/// Opens the package at `path` and verifies it as a bag. Every byte is read.
pub fn verify(
    path: &Path,
    limits: Limits,
    progress: &mut dyn Progress,
) -> Result<Verdict, PackageError> {
    let mut source = open(path, limits)?;
    Ok(bag::verify(
        source.as_mut(),
        &bag::VerifyOptions::default(),
        progress,
    )?)
}
