//! Folders as packages, and packed as tar streams.

use std::fs;
use std::path::Path;

use super::super::builder::{BagBuilder, Member};
use super::super::{FolderPack, Limits, PackageError, verify};
use super::{check, refusal};
use crate::bag::{NoProgress, Outcome};

fn lay_out(members: &[Member]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for member in members {
        let path = directory.path().join(&member.path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("created");
        fs::write(path, &member.content).expect("written");
    }
    directory
}

fn pack(folder: &Path, top: Option<&str>) -> Vec<u8> {
    let pack = FolderPack::plan(folder, top, Limits::default()).expect("planned");
    let mut bytes = Vec::new();
    pack.write_to(&mut bytes).expect("written");
    assert_eq!(bytes.len() as u64, pack.len(), "the length is known beforehand");
    bytes
}

#[test]
fn a_folder_and_its_tar_have_the_same_verdict() {
    let long = format!("{}/{}", "d".repeat(90), "f".repeat(90));
    let folder = lay_out(&BagBuilder::new().file("a", vec![1; 2000]).file(&long, "x").file("é", "").build());
    let verdict = verify(folder.path(), Limits::default(), &mut NoProgress).expect("read");
    assert_eq!((verdict.outcome, verdict.problems.len()), (Outcome::Valid, 0));

    let bytes = pack(folder.path(), None);
    assert_eq!(bytes, pack(folder.path(), None), "the same folder gives the same bytes");
    assert_eq!(check(&bytes).expect("read"), verdict);

    let inside = check(&pack(folder.path(), Some("fonds-12"))).expect("read");
    assert_eq!(inside.outcome, Outcome::Valid);
    assert_eq!(inside.top_directory.as_deref(), Some("fonds-12"));
}

#[test]
fn an_empty_folder_is_an_empty_tar() {
    let folder = lay_out(&[]);
    let plan = FolderPack::plan(folder.path(), None, Limits::default()).expect("planned");
    assert!(plan.is_empty());
    assert!(matches!(FolderPack::plan(folder.path(), Some("../x"), Limits::default()), Err(PackageError::Refused { .. })));
    assert_eq!(plan.len(), 1024);
}

#[cfg(unix)]
#[test]
fn links_and_special_files_are_refused() {
    let folder = lay_out(&BagBuilder::new().file("a", "x").build());
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("data/b")).expect("linked");
    let sentence = refusal(verify(folder.path(), Limits::default(), &mut NoProgress));
    assert_eq!(sentence, "the folder has a symbolic link: data/b");
    assert!(matches!(FolderPack::plan(folder.path(), None, Limits::default()), Err(PackageError::Refused { .. })));

    fs::remove_file(folder.path().join("data/b")).expect("removed");
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("data/s")).expect("bound");
    assert!(refusal(verify(folder.path(), Limits::default(), &mut NoProgress)).contains("a device, a pipe or the like"));
}

#[cfg(unix)]
#[test]
fn names_that_are_not_text_are_refused() {
    use std::os::unix::ffi::OsStrExt;
    let folder = lay_out(&BagBuilder::new().file("a", "x").build());
    let name = std::ffi::OsStr::from_bytes(b"caf\xE9");
    fs::write(folder.path().join("data").join(name), "").expect("written");
    assert!(refusal(verify(folder.path(), Limits::default(), &mut NoProgress)).contains("not UTF-8"));
}

#[test]
fn a_file_that_changes_while_packed_is_noticed() {
    let folder = lay_out(&BagBuilder::new().file("a", "x").build());
    let plan = FolderPack::plan(folder.path(), None, Limits::default()).expect("planned");
    fs::write(folder.path().join("data/a"), "longer").expect("written");
    assert!(matches!(plan.write_to(&mut Vec::new()), Err(PackageError::Io(_))));
}
