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
use std::io::{self, Read};
use std::path::Path;

pub mod builder;
pub mod folder;
pub mod guard;
mod near_seek;
pub mod pack;
pub mod samples;
mod seven_zip;
mod seven_zip_header;
mod tar;
mod tar_header;
#[cfg(test)]
mod tests;
mod zip;
mod zip_end;

pub use crate::bag::PackageFormat;
use crate::bag::{self, PackageSource, Progress, SourceError, Verdict};
pub use folder::FolderSource;
pub use guard::Limits;
pub use pack::FolderPack;

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
///
/// # Errors
///
/// [`PackageError::Io`] if the file cannot be read.
pub fn detect(path: &Path) -> Result<Option<PackageFormat>, PackageError> {
    let mut head = Vec::with_capacity(PackageFormat::DETECT_LEN);
    let file = File::open(path).map_err(PackageError::Io)?;
    file.take(PackageFormat::DETECT_LEN as u64).read_to_end(&mut head).map_err(PackageError::Io)?;
    Ok(PackageFormat::detect(&head))
}

/// Opens the package at `path`: a container file, or a folder as it lies.
///
/// # Errors
///
/// [`PackageError::Refused`] for a file that is none of the known containers, and for a container
/// whose own structure is broken or hostile as far as that shows at opening; the rest shows while
/// walking. [`PackageError::Io`] if it cannot be read.
pub fn open(path: &Path, limits: Limits) -> Result<Box<dyn PackageSource + Send>, PackageError> {
    if std::fs::metadata(path).map_err(PackageError::Io)?.is_dir() {
        return Ok(Box::new(FolderSource::new(path, limits)));
    }
    let format = detect(path)?.ok_or_else(|| PackageError::Refused {
        reason: "the file is none of the package formats 7z, zip, tar and tar.gz".to_owned(),
        path: None,
    })?;
    Ok(match format {
        PackageFormat::SevenZip => Box::new(seven_zip::SevenZipSource::open(path, limits)?),
        PackageFormat::Zip => Box::new(zip::ZipSource::open(path, limits)?),
        PackageFormat::Tar => Box::new(tar::TarSource::open(path, limits, tar::Compression::None)?),
        PackageFormat::TarGz => Box::new(tar::TarSource::open(path, limits, tar::Compression::Gzip)?),
    })
}

/// Opens the package at `path` and verifies it as a bag. Every byte is read.
///
/// # Errors
///
/// As [`open`], and [`PackageError::Stopped`] if `progress` asked for it.
pub fn verify(path: &Path, limits: Limits, progress: &mut dyn Progress) -> Result<Verdict, PackageError> {
    let mut source = open(path, limits)?;
    Ok(bag::verify(source.as_mut(), &bag::VerifyOptions::default(), progress)?)
}
