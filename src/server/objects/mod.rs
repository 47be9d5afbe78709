//! Where the bytes of packages lie.
//!
//! Invariants: an object has its final name only when all its bytes are on the disk; a name that is taken is never overwritten;
//! nothing is removed but by name.

mod filesystem;
mod folder;
pub(in crate::server) mod own;
mod roots;
pub mod s3;
mod staged;
mod store;

pub use filesystem::Filesystem;
pub(in crate::server) use filesystem::STAGING;
pub(crate) use folder::blocking;
pub use roots::{RootError, Roots};
pub use staged::StagedStore;
pub use store::{ByteStream, ObjectStore};

use std::{io, path::PathBuf};
use uuid::Uuid;

/// Why a store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk refused. Temporary: space may be made, a disk mounted.
    #[error("{action} {path}: {cause}", path = path.display())]
    Io {
        /// What was tried, e.g. "cannot write".
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        cause: io::Error,
    },
    /// An object of that name is there already. Permanent.
    #[error("an object with the key {0} is in the location already")]
    Exists(Uuid),
    /// A store on another machine did not do what was asked.
    #[error("{action} the bucket: {cause}")]
    Remote {
        /// What was tried, e.g. "cannot write to".
        action: &'static str,
        /// Why it failed, for a person; holds nothing secret.
        cause: String,
        /// Whether it may go well when it is tried again.
        temporary: bool,
    },
    /// There is no object of that name. Permanent.
    #[error("there is no object with the key {0} in the location")]
    Missing(Uuid),
}

impl StoreError {
    /// Whether it may go well when it is tried again.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::Remote { temporary: true, .. })
    }

    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Io { action, path, cause }
    }
}
