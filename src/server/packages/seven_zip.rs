//! 7z archives.

use std::io::{self, Read};
use std::path::Path;

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use super::guard::{Disk, Guard, Limits};
use super::near_seek::NearSeek;
use super::seven_zip_header::{self, check_memory, coder_memory};
use crate::bag::source::Visit;
use crate::bag::{Entry, EntryKind, PackageSource, SourceError};

/// One thread: several would multiply the memory, and other packages want the processor too.
const THREADS: u32 = 1;

pub(super) struct SevenZipSource {
    file: NearSeek,
    archive: Archive,
    /// A guard that has seen nothing yet.
    fresh: Guard,
}

impl SevenZipSource {
    pub(super) fn open(path: &Path, limits: Limits) -> Result<Self, SourceError> {
        let disk = Disk::open(path)?;
        let fresh = disk.guard(limits);
        let mut file = NearSeek::new(disk);
        let len = file.len();
        seven_zip_header::check(&mut file, len, &limits).map_err(|error| match error {
            SourceError::Io(error) => fresh.fault(error, None),
            other => other,
        })?;
        let archive = Archive::read(&mut file, &Password::empty()).map_err(|error| fault(error, &fresh))?;
        for block in &archive.blocks {
            let mut memory: u64 = 0;
            for coder in &block.coders {
                memory = memory.saturating_add(coder_memory(coder.encoder_method_id(), coder.properties())?);
            }
            check_memory(memory, &limits)?;
        }
        Ok(Self { file, archive, fresh })
    }
}

impl PackageSource for SevenZipSource {
    fn index(&mut self, visit: &mut dyn FnMut(&Entry)) -> Result<bool, SourceError> {
        let mut guard = self.fresh.clone();
        for file in &self.archive.files {
            if let Some(entry) = admit(file, &mut guard)? {
                visit(&entry);
            }
        }
        Ok(true)
    }

    fn walk(&mut self, visit: &mut Visit<'_>) -> Result<(), SourceError> {
        let mut guard = self.fresh.clone();
        let mut seen = 0;
        let no_password = Password::empty();
        for block in 0..self.archive.blocks.len() {
            let mut stopped = None;
            let decoder = BlockDecoder::new(THREADS, block, &self.archive, &no_password, &mut self.file);
            let decoded = decoder.for_each_entries(&mut |file: &ArchiveEntry, content: &mut dyn Read| {
                // Entries without content come at the end, whether or not they lie between others here.
                if !file.has_stream {
                    return Ok(true);
                }
                seen += 1;
                match visit_file(file, content, &mut guard, visit) {
                    Ok(()) => Ok(true),
                    Err(error) => {
                        stopped = Some(error);
                        Ok(false)
                    }
                }
            });
            if let Some(error) = stopped {
                return Err(error);
            }
            decoded.map_err(|error| fault(error, &guard))?;
        }
        for file in self.archive.files.iter().filter(|file| !file.has_stream) {
            seen += 1;
            visit_file(file, &mut io::empty(), &mut guard, visit)?;
        }
        if seen != self.archive.files.len() {
            return Err(SourceError::refused(format!("the 7z archive lists {} entries and contains {seen}", self.archive.files.len())));
        }
        Ok(())
    }
}

fn visit_file(file: &ArchiveEntry, content: &mut dyn Read, guard: &mut Guard, visit: &mut Visit<'_>) -> Result<(), SourceError> {
    match admit(file, guard)? {
        Some(entry) if entry.is_file() => visit(&entry, &mut guard.content(content, &entry)),
        Some(entry) => visit(&entry, &mut io::empty()),
        None => Ok(()),
    }
}

fn admit(file: &ArchiveEntry, guard: &mut Guard) -> Result<Option<Entry>, SourceError> {
    // The attributes are those of Windows; the Unix mode, if there is one, is their upper half.
    const REPARSE_POINT: u32 = 0x400;
    const HAS_UNIX_MODE: u32 = 0x8000;
    const TYPE: u32 = 0o170_000;
    const REGULAR: u32 = 0o100_000;
    const DIRECTORY: u32 = 0o040_000;
    const LINK: u32 = 0o120_000;

    let refuse = |what: &str| Err(SourceError::refused_at(format!("the 7z archive has {what}"), file.name.as_str()));
    if file.is_anti_item {
        return refuse("an entry that stands for a deletion");
    }
    if file.has_windows_attributes {
        let attributes = file.windows_attributes;
        if attributes & HAS_UNIX_MODE != 0 {
            match (attributes >> 16) & TYPE {
                0 | REGULAR | DIRECTORY => {}
                LINK => return refuse("a symbolic link"),
                _ => return refuse("a device, a pipe or the like"),
            }
        }
        if attributes & REPARSE_POINT != 0 {
            return refuse("a link of Windows");
        }
    }
    if file.is_directory && file.size != 0 {
        return refuse("a directory with content");
    }
    let kind = if file.is_directory { EntryKind::Directory } else { EntryKind::File };
    guard.admit(file.name.as_bytes(), kind, file.size)
}

fn fault(error: Error, guard: &Guard) -> SourceError {
    let damaged = |why: &str| SourceError::refused(format!("the 7z archive is damaged: {why}"));
    match error {
        Error::Io(error, _) => guard.fault(error, None),
        Error::PasswordRequired | Error::MaybeBadPassword(_) => SourceError::refused("the 7z archive is encrypted and cannot be read"),
        Error::UnsupportedCompressionMethod(method) => {
            SourceError::refused(format!("the 7z archive is compressed by a method that is not supported ({method})"))
        }
        Error::UnsupportedVersion { major, minor } => {
            SourceError::refused(format!("the 7z archive has the format version {major}.{minor}, which is not supported"))
        }
        Error::Unsupported(what) => SourceError::refused(format!("the 7z archive cannot be read: {what}")),
        Error::ChecksumVerificationFailed => damaged("the checksum of the content does not agree"),
        Error::NextHeaderCrcMismatch => damaged("the checksum of the table of contents does not agree"),
        Error::Other(why) => damaged(&why),
        other => damaged(&format!("its structure is not that of the format ({other})")),
    }
}
