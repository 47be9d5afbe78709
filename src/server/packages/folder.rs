//! A folder on disk as a package, as it lies.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::guard::{Guard, Limits};
use crate::bag::source::Visit;
use crate::bag::{Entry, EntryKind, PackageSource, SourceError};

/// Walks a folder: everything below it, sorted by name, its own name not included.
///
/// Symbolic links and special files are refused: what they lead to is not in the package.
pub struct FolderSource {
    root: PathBuf,
    limits: Limits,
}

impl FolderSource {
    /// The folder at `root`, within limits.
    pub fn new(root: impl Into<PathBuf>, limits: Limits) -> Self {
        Self { root: root.into(), limits }
    }
}

impl PackageSource for FolderSource {
    fn index(&mut self, visit: &mut dyn FnMut(&Entry)) -> Result<bool, SourceError> {
        let mut guard = Guard::of_folder(self.limits);
        walk(&self.root, &mut guard, &mut |found, _| {
            visit(&found.entry);
            Ok(())
        })?;
        Ok(true)
    }

    fn walk(&mut self, visit: &mut Visit<'_>) -> Result<(), SourceError> {
        let mut guard = Guard::of_folder(self.limits);
        walk(&self.root, &mut guard, &mut |found, guard| {
            if !found.entry.is_file() {
                return visit(&found.entry, &mut io::empty());
            }
            let file = found.open()?;
            visit(&found.entry, &mut guard.content(file, &found.entry))
        })
    }
}

/// A file or directory met below the folder.
pub(super) struct Found {
    pub(super) entry: Entry,
    pub(super) on_disk: PathBuf,
    pub(super) metadata: Metadata,
}

impl Found {
    /// Opens the file, and refuses it if it is no longer the one that was met: a link put in its place
    /// meanwhile would lead elsewhere.
    pub(super) fn open(&self) -> Result<File, SourceError> {
        let file = File::open(&self.on_disk).map_err(SourceError::Io)?;
        let opened = file.metadata().map_err(SourceError::Io)?;
        if is_same(&opened, &self.metadata) {
            Ok(file)
        } else {
            Err(SourceError::refused_at("a file was replaced while the folder was read", &self.entry.path))
        }
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(one: &Metadata, _: &Metadata) -> bool {
    one.is_file()
}

type Meet<'m> = dyn FnMut(&Found, &mut Guard) -> Result<(), SourceError> + 'm;

/// Calls `meet` with everything below `root`, each directory before what is in it.
pub(super) fn walk(root: &Path, guard: &mut Guard, meet: &mut Meet<'_>) -> Result<(), SourceError> {
    if !fs::metadata(root).map_err(SourceError::Io)?.is_dir() {
        return Err(SourceError::Io(io::ErrorKind::NotADirectory.into()));
    }
    // Recursion ends where the guard refuses the depth.
    walk_directory(root, "", guard, meet)
}

fn walk_directory(directory: &Path, prefix: &str, guard: &mut Guard, meet: &mut Meet<'_>) -> Result<(), SourceError> {
    let mut names = Vec::new();
    for item in fs::read_dir(directory).map_err(SourceError::Io)? {
        names.push(item.map_err(SourceError::Io)?.file_name());
    }
    names.sort_unstable();
    for name in names {
        let on_disk = directory.join(&name);
        let Some(text) = name.to_str() else {
            return Err(SourceError::refused_at("a file's name is not UTF-8 text", format!("{prefix}{}", name.to_string_lossy())));
        };
        let path = format!("{prefix}{text}");
        let metadata = fs::symlink_metadata(&on_disk).map_err(SourceError::Io)?;
        let kind = if metadata.is_file() {
            EntryKind::File
        } else if metadata.is_dir() {
            EntryKind::Directory
        } else if metadata.is_symlink() {
            return Err(SourceError::refused_at("the folder has a symbolic link", path));
        } else {
            return Err(SourceError::refused_at("the folder has a device, a pipe or the like", path));
        };
        let Some(entry) = guard.admit(path.as_bytes(), kind, metadata.len())? else {
            continue;
        };
        meet(&Found { entry, on_disk: on_disk.clone(), metadata }, guard)?;
        if kind == EntryKind::Directory {
            walk_directory(&on_disk, &format!("{path}/"), guard, meet)?;
        }
    }
    Ok(())
}
