//! BagIt (RFC 8493): is this package a bag, and is every byte of it the byte that was packed?
//!
//! The module is pure. It knows no file system, no archive format, no clock and no thread; a
//! [`PackageSource`] hands it the package's entries one after another and it answers with a
//! [`Verdict`] that names every problem and the file it was found in. The same code therefore runs
//! in the server, in the command line and in the browser.
//!
//! Reading order: [`source`] (what is read), [`verify()`] (what is done with it), [`verdict`] and
//! [`problem`] (what comes out); then one file for each part of a bag: [`declaration`],
//! [`manifest`], [`bag_info`], [`fetch`], [`path`], [`encoding`], [`digest`].
//!
//! Versions 0.93 to 1.0 are understood. Where the versions differ, the rule of the version that
//! the bag declares is applied.

pub mod bag_info;
pub mod declaration;
pub mod digest;
pub mod encoding;
pub mod fetch;
pub mod manifest;
pub mod path;
pub mod problem;
pub mod source;
pub mod verdict;
pub mod verify;

pub use declaration::{Declaration, Version};
pub use digest::{Algorithm, Algorithms};
pub use problem::{Problem, ProblemCode, Severity};
pub use source::{Entry, EntryKind, NoProgress, PackageSource, Progress, ReadSoFar, SourceError};
pub use verdict::{InfoField, Outcome, Verdict};
pub use verify::{VerifyOptions, verify};

pub use crate::domain::PackageFormat;
