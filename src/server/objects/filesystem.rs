//! A store that is a folder: one file for each object, named by its key, and a folder `.staging` for what is not yet whole.
//!
//! Everything here blocks; async callers use a blocking thread.

use super::{StoreError, own};
use std::{
    collections::HashSet,
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// Where what is not yet whole lies.
pub(in crate::server) const STAGING: &str = ".staging";
/// How the name of a staged file ends.
const STAGED: &str = ".part";
/// How the name of a file ends that is copied from another store.
const COPIED: &str = ".copy";
/// How the name of the note ends that an object may be somewhere else.
const SENT: &str = ".sent";

/// A folder that keeps objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filesystem {
    root: PathBuf,
}

impl Filesystem {
    /// The store in this folder, which need not be there yet.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Makes the folders and proves that they can be written.
    ///
    /// # Errors
    /// When they cannot.
    pub fn prepare(&self) -> Result<(), StoreError> {
        let staging = self.root.join(STAGING);
        fs::create_dir_all(&staging).map_err(StoreError::io("cannot create the folder", &staging))?;
        let probe = staging.join("probe");
        File::create(&probe).and_then(|file| file.sync_all()).map_err(StoreError::io("cannot write", &probe))?;
        fs::remove_file(&probe).map_err(StoreError::io("cannot remove", &probe))
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where an object lies.
    #[must_use]
    pub fn object(&self, key: Uuid) -> PathBuf {
        self.root.join(key.to_string())
    }

    /// Where an object lies while it is not whole.
    #[must_use]
    pub fn staged(&self, key: Uuid) -> PathBuf {
        self.root.join(STAGING).join(format!("{key}{STAGED}"))
    }

    /// Where an object lies while it is copied from another store. Nothing but the copying itself touches it.
    #[must_use]
    pub fn copied(&self, key: Uuid) -> PathBuf {
        self.root.join(STAGING).join(format!("{key}{COPIED}"))
    }

    /// Removes what copying that was cut off has left. Only for a start: what is being copied would go as well.
    pub fn discard_copies(&self) {
        let Ok(entries) = fs::read_dir(self.root.join(STAGING)) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            let ours = path.file_name().and_then(|name| name.to_str()?.strip_suffix(COPIED)?.parse::<Uuid>().ok()).is_some();
            if ours && let Err(error) = remove(&path) {
                tracing::warn!(%error, "what was left of a copy that was never whole could not be removed");
            }
        }
    }

    /// Opens the staged file for writing, creating it if need be.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_staged(&self, key: Uuid) -> Result<File, StoreError> {
        let path = self.staged(key);
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(StoreError::io("cannot write", &path))
    }

    /// Gives a staged file, whose bytes are synced, its final name; refuses if the name is taken. The folder is synced, so that
    /// a power cut cannot take the name back.
    ///
    /// # Errors
    /// When the name is taken or the disk refuses; the staged file is there still.
    pub fn commit(&self, key: Uuid) -> Result<(), StoreError> {
        self.name(&self.staged(key), key)
    }

    /// [`Self::commit`] for a file of [`Self::copied`].
    ///
    /// # Errors
    /// As there.
    pub fn commit_copy(&self, key: Uuid) -> Result<(), StoreError> {
        self.name(&self.copied(key), key)
    }

    fn name(&self, from: &Path, key: Uuid) -> Result<(), StoreError> {
        let to = self.object(key);
        own::at(&to, || self.name_as(from, &to, key))
    }

    fn name_as(&self, from: &Path, to: &Path, key: Uuid) -> Result<(), StoreError> {
        match rustix::fs::renameat_with(rustix::fs::CWD, from, rustix::fs::CWD, to, rustix::fs::RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(rustix::io::Errno::EXIST) => return Err(StoreError::Exists(key)),
            // Some file systems (NFS among them) do not know how to refuse a taken name while renaming; a hard link does so everywhere.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => match fs::hard_link(from, to) {
                Ok(()) => fs::remove_file(from).map_err(StoreError::io("cannot remove", from))?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(StoreError::Exists(key)),
                Err(error) => return Err(StoreError::io("cannot name", to)(error)),
            },
            Err(error) => return Err(StoreError::io("cannot name", to)(error.into())),
        }
        sync_folder(&self.root)
    }

    /// Takes back [`Self::commit`]: an object that nobody knows yet is staged again. Does nothing if it was not committed.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn uncommit(&self, key: Uuid) -> Result<(), StoreError> {
        let (object, staged) = (self.object(key), self.staged(key));
        match own::at(&object, || fs::rename(&object, &staged)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io("cannot rename", object)(error)),
            _ => Ok(()),
        }
    }

    /// The keys of everything that is staged or was sent; what has another name is not ours and is not listed.
    #[must_use]
    pub fn all_staged(&self) -> HashSet<Uuid> {
        let Ok(entries) = fs::read_dir(self.root.join(STAGING)) else { return HashSet::new() };
        let key = |name: OsString| {
            let name = name.to_str()?;
            name.strip_suffix(STAGED).or_else(|| name.strip_suffix(SENT))?.parse().ok()
        };
        entries.flatten().filter_map(|entry| key(entry.file_name())).collect()
    }

    /// Removes a staged file, if it is there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn discard_staged(&self, key: Uuid) -> Result<(), StoreError> {
        remove(&self.staged(key))
    }

    /// Notes, durably, that an object of this key may be somewhere else from now on.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn mark_sent(&self, key: Uuid) -> Result<(), StoreError> {
        let path = self.sent(key);
        File::create(&path).and_then(|file| file.sync_all()).map_err(StoreError::io("cannot write", &path))?;
        sync_folder(&self.root.join(STAGING))
    }

    /// Whether [`Self::mark_sent`] was called and not taken back.
    #[must_use]
    pub fn is_sent(&self, key: Uuid) -> bool {
        self.sent(key).exists()
    }

    /// Takes [`Self::mark_sent`] back.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn unmark_sent(&self, key: Uuid) -> Result<(), StoreError> {
        remove(&self.sent(key))
    }

    fn sent(&self, key: Uuid) -> PathBuf {
        self.root.join(STAGING).join(format!("{key}{SENT}"))
    }

    /// Removes an object, if it is there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove_object(&self, key: Uuid) -> Result<(), StoreError> {
        let object = self.object(key);
        own::at(&object, || remove(&object))?;
        sync_folder(&self.root)
    }

    /// Bytes that can still be written.
    ///
    /// # Errors
    /// When the disk does not say.
    pub fn free_space(&self) -> Result<u64, StoreError> {
        let stat = rustix::fs::statvfs(&self.root).map_err(|error| StoreError::io("cannot look at", &self.root)(error.into()))?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io("cannot remove", path)(error)),
        _ => Ok(()),
    }
}

fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(StoreError::io("cannot sync the folder", folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn store() -> (tempfile::TempDir, Filesystem) {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Filesystem::new(dir.path().join("store"));
        store.prepare().expect("writable");
        (dir, store)
    }

    #[test]
    fn a_staged_file_becomes_an_object_under_its_name() {
        let (_dir, store) = store();
        let key = Uuid::from_u128(7);
        store.open_staged(key).and_then(|mut file| file.write_all(b"bytes").map_err(StoreError::io("write", "x"))).expect("written");
        store.commit(key).expect("named");
        assert_eq!(fs::read(store.object(key)).expect("there"), b"bytes");
        assert!(!store.staged(key).exists());
    }

    #[test]
    fn a_taken_name_is_never_overwritten() {
        let (_dir, store) = store();
        let key = Uuid::from_u128(7);
        fs::write(store.object(key), b"old").expect("written");
        fs::write(store.staged(key), b"new").expect("written");
        assert!(matches!(store.commit(key), Err(StoreError::Exists(k)) if k == key));
        assert_eq!(fs::read(store.object(key)).expect("there"), b"old");
        assert!(store.staged(key).exists());
    }

    #[test]
    fn what_is_staged_or_sent_is_listed_once() {
        let (_dir, store) = store();
        let key = Uuid::from_u128(7);
        fs::write(store.staged(key), b"bytes").expect("written");
        store.mark_sent(key).expect("marked");
        fs::write(store.root().join(STAGING).join("notes.txt"), b"not ours").expect("written");
        assert_eq!(store.all_staged(), HashSet::from([key]));
        assert!(store.is_sent(key));
        store.discard_staged(key).expect("removed");
        assert_eq!(store.all_staged(), HashSet::from([key]));
        store.unmark_sent(key).expect("taken back");
        assert!(store.all_staged().is_empty());
    }

    #[test]
    fn removing_what_is_not_there_is_no_error() {
        let (_dir, store) = store();
        store.discard_staged(Uuid::from_u128(9)).expect("nothing to do");
        store.remove_object(Uuid::from_u128(9)).expect("nothing to do");
    }
}
