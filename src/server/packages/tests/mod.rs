//! Packages of every format: sound, damaged and hostile ones, and real ones when they are at hand.

mod damage;
mod folders;
mod hostile;
mod real;
mod sound;

use std::path::PathBuf;

use super::{Limits, PackageError, verify};
use crate::bag::{NoProgress, Verdict};

/// Keeps the directory alive as long as the file in it is needed.
struct OnDisk {
    path: PathBuf,
    _directory: tempfile::TempDir,
}

fn on_disk(bytes: &[u8]) -> OnDisk {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("package");
    std::fs::write(&path, bytes).expect("the file is written");
    OnDisk { path, _directory: directory }
}

fn check_with(bytes: &[u8], limits: Limits) -> Result<Verdict, PackageError> {
    verify(&on_disk(bytes).path, limits, &mut NoProgress)
}

fn check(bytes: &[u8]) -> Result<Verdict, PackageError> {
    check_with(bytes, Limits::default())
}

/// The sentence by which a package is refused.
fn refusal(result: Result<Verdict, PackageError>) -> String {
    match result {
        Err(error @ PackageError::Refused { .. }) => error.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}
