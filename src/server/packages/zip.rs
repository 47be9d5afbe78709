//! Zip archives, with their 64-bit extensions.

use std::io;
use std::path::Path;

use ::zip::read::{ArchiveOffset, Config};
use ::zip::result::ZipError;
use ::zip::{CompressionMethod, ZipArchive};

use super::guard::{Disk, Guard, Limits};
use super::near_seek::NearSeek;
use super::zip_end;
use crate::bag::source::Visit;
use crate::bag::{Entry, EntryKind, PackageSource, SourceError};

pub(super) struct ZipSource {
    archive: ZipArchive<NearSeek>,
    /// A guard that has seen nothing yet.
    fresh: Guard,
}

impl ZipSource {
    pub(super) fn open(path: &Path, limits: Limits) -> Result<Self, SourceError> {
        let disk = Disk::open(path)?;
        let fresh = disk.guard(limits);
        let mut file = NearSeek::new(disk);
        let len = file.len();
        zip_end::check(&mut file, len, &limits).map_err(|error| match error {
            SourceError::Io(error) => fresh.fault(error, None),
            other => other,
        })?;
        let config = Config { archive_offset: ArchiveOffset::Known(0) };
        let mut archive = ZipArchive::with_config(config, file).map_err(|error| fault(error, &fresh, None))?;
        // What each entry's own header says must be what the table of contents says; no two entries
        // may share bytes, and no entry may be there without being in the table.
        archive.validate_header_consistency().map_err(|error| fault(error, &fresh, None))?;
        Ok(Self { archive, fresh })
    }
}

impl PackageSource for ZipSource {
    fn index(&mut self, visit: &mut dyn FnMut(&Entry)) -> Result<bool, SourceError> {
        let mut guard = self.fresh.clone();
        for number in 0..self.archive.len() {
            if let Some(entry) = admit(&self.archive, number, &mut guard)? {
                visit(&entry);
            }
        }
        Ok(true)
    }

    fn walk(&mut self, visit: &mut Visit<'_>) -> Result<(), SourceError> {
        let mut guard = self.fresh.clone();
        for number in 0..self.archive.len() {
            let Some(entry) = admit(&self.archive, number, &mut guard)? else {
                continue;
            };
            if !entry.is_file() {
                visit(&entry, &mut io::empty())?;
                continue;
            }
            let content = self.archive.by_index(number).map_err(|error| fault(error, &guard, Some(&entry.path)))?;
            visit(&entry, &mut guard.content(content, &entry))?;
        }
        Ok(())
    }
}

fn admit(archive: &ZipArchive<NearSeek>, number: usize, guard: &mut Guard) -> Result<Option<Entry>, SourceError> {
    const TYPE: u32 = 0o170_000;
    const REGULAR: u32 = 0o100_000;
    const DIRECTORY: u32 = 0o040_000;
    const LINK: u32 = 0o120_000;

    let data = archive.by_index_data(number).map_err(|error| fault(error, guard, None))?;
    let raw = data.name_raw();
    let refuse = |what: String| Err(SourceError::refused_at(what, String::from_utf8_lossy(raw)));
    if data.encrypted() {
        return refuse("the zip archive has an encrypted entry, which cannot be read".to_owned());
    }
    match data.unix_mode().map(|mode| mode & TYPE) {
        None | Some(0 | REGULAR | DIRECTORY) => {}
        Some(LINK) => return refuse("the zip archive has a symbolic link".to_owned()),
        Some(_) => return refuse("the zip archive has a device, a pipe or the like".to_owned()),
    }
    let kind = if data.is_dir() { EntryKind::Directory } else { EntryKind::File };
    if kind == EntryKind::Directory && data.size() != 0 {
        return refuse("the zip archive has a directory with content".to_owned());
    }
    if !matches!(
        data.compression(),
        CompressionMethod::Stored | CompressionMethod::Deflated | CompressionMethod::Deflate64 | CompressionMethod::Bzip2
    ) {
        return refuse(format!("the zip archive has an entry compressed by a method that is not supported ({})", data.compression()));
    }
    guard.admit(raw, kind, data.size())
}

fn fault(error: ZipError, guard: &Guard, path: Option<&str>) -> SourceError {
    match error {
        ZipError::Io(error) => guard.fault(error, path),
        ZipError::InvalidArchive(why) => {
            SourceError::Refused { reason: format!("the zip archive is damaged: {why}"), path: path.map(str::to_owned) }
        }
        other => SourceError::Refused { reason: format!("the zip archive cannot be read: {other}"), path: path.map(str::to_owned) },
    }
}
