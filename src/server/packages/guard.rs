//! What is refused before it can do harm: names that lead out of the package, entries that are not
//! files, contents that are not what the container says, and bombs.
//!
//! Nothing here unpacks to disk, so a hostile name could not write anywhere by itself. It is refused
//! nevertheless: a package that this service keeps will be unpacked by somebody, somewhere.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::bag::path::{self, UnsafePath};
use crate::bag::{Entry, EntryKind, SourceError};

/// Bounds on what a package may be. The defaults are far above what archives keep and far below what
/// would harm the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files and directories. Each costs some hundred bytes of memory while a package is read, so
    /// this, not the package's size, is what bounds memory. The largest real packages (web harvests,
    /// newspaper pages) hold some hundred thousand files.
    pub max_entries: u64,
    /// Bytes of content in all, unpacked.
    pub max_unpacked_bytes: u64,
    /// How many times the container's own size the content may be. Compressed text reaches 20, a
    /// spreadsheet or an empty image 100; a bomb reaches 1000 for each layer.
    pub max_ratio: u64,
    /// Content up to this length is never a bomb, whatever its ratio: a scanned blank page is not.
    pub ratio_from_bytes: u64,
    /// Length of a path in bytes: what Linux allows.
    pub max_path_bytes: usize,
    /// Directories inside one another.
    pub max_depth: usize,
    /// Memory that a decompressor may ask for. 7-Zip's strongest preset has a dictionary of 256 MiB;
    /// the format allows 4 GiB.
    pub max_decoder_memory: u64,
    /// Length of a container's own table of contents, unpacked, which has to be held in memory.
    pub max_index_bytes: u64,
}

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_entries: 1_000_000,
            max_unpacked_bytes: 16 * 1024 * GIB,
            max_ratio: 200,
            ratio_from_bytes: GIB,
            max_path_bytes: 4096,
            max_depth: 128,
            max_decoder_memory: 384 * MIB,
            max_index_bytes: 256 * MIB,
        }
    }
}

/// A file that remembers whether the disk failed, so that a broken package is told from a broken disk
/// however many decompressors lie between.
#[derive(Debug)]
pub(super) struct Disk {
    file: File,
    len: u64,
    failed: Arc<AtomicBool>,
}

impl Disk {
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let file = File::open(path).map_err(SourceError::Io)?;
        let len = file.metadata().map_err(SourceError::Io)?.len();
        Ok(Self { file, len, failed: Arc::default() })
    }

    /// Length of the container in bytes.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn guard(&self, limits: Limits) -> Guard {
        Guard { limits, packed: Some(self.len), entries: 0, unpacked: 0, disk_failed: Arc::clone(&self.failed) }
    }

    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.failed.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl Read for Disk {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.file.read(buffer);
        self.note(result)
    }
}

impl Seek for Disk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // A position before the start is a lie in the container, not a failure of the disk.
        self.file.seek(to)
    }
}

/// Watches one walk over one package.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    limits: Limits,
    /// The container's own length; `None` for a folder, which cannot be a bomb.
    packed: Option<u64>,
    entries: u64,
    unpacked: u64,
    disk_failed: Arc<AtomicBool>,
}

impl Guard {
    /// For a folder on disk.
    pub(super) fn of_folder(limits: Limits) -> Self {
        Self { limits, packed: None, entries: 0, unpacked: 0, disk_failed: Arc::default() }
    }

    /// Admits an entry under a clean path, or refuses it. `None` stands for the container's own top,
    /// which some tools list as `./`.
    pub(super) fn admit(&mut self, raw: &[u8], kind: EntryKind, size: u64) -> Result<Option<Entry>, SourceError> {
        self.entries += 1;
        if self.entries > self.limits.max_entries {
            return Err(SourceError::refused(format!("the package has more than {} entries", self.limits.max_entries)));
        }
        let Ok(name) = std::str::from_utf8(raw) else {
            return Err(SourceError::refused_at("an entry's name is not UTF-8 text", String::from_utf8_lossy(raw)));
        };
        let mut path = name;
        while let Some(rest) = path.strip_prefix("./") {
            path = rest.trim_start_matches('/');
        }
        if kind == EntryKind::Directory {
            path = path.trim_end_matches('/');
            if (path.is_empty() && name.starts_with('.')) || path == "." {
                return Ok(None);
            }
        }
        match path::check(path) {
            // A "~" means something to a shell only; as the name of an entry it is harmless.
            Ok(()) | Err(UnsafePath::Home) => {}
            Err(why) => return Err(SourceError::refused_at(format!("an entry's path {why}"), name)),
        }
        if path.len() > self.limits.max_path_bytes {
            let start: String = path.chars().take(80).collect();
            return Err(SourceError::refused_at(
                format!("an entry's path is longer than {} bytes", self.limits.max_path_bytes),
                format!("{start}…"),
            ));
        }
        if path.split('/').count() > self.limits.max_depth {
            return Err(SourceError::refused_at(format!("an entry lies more than {} directories deep", self.limits.max_depth), path));
        }
        if kind == EntryKind::File {
            self.foresee(size).map_err(|error| at(error, path))?;
        }
        Ok(Some(Entry { path: path.to_owned(), kind, size: (kind == EntryKind::File).then_some(size) }))
    }

    /// Refuses content of a stated size that would be too much, before any of it is read.
    fn foresee(&self, size: u64) -> Result<(), SourceError> {
        self.check_total(self.unpacked.saturating_add(size))
    }

    fn count(&mut self, bytes: u64) -> Result<(), SourceError> {
        self.unpacked = self.unpacked.saturating_add(bytes);
        self.check_total(self.unpacked)
    }

    fn check_total(&self, total: u64) -> Result<(), SourceError> {
        if total > self.limits.max_unpacked_bytes {
            return Err(SourceError::refused(format!("the package unpacks to more than {} bytes", self.limits.max_unpacked_bytes)));
        }
        if let Some(packed) = self.packed
            && total > self.limits.ratio_from_bytes
            && total / self.limits.max_ratio > packed
        {
            return Err(SourceError::refused(format!(
                "the package unpacks to more than {} times its size, as only a decompression bomb does",
                self.limits.max_ratio
            )));
        }
        Ok(())
    }

    /// Tells a damaged container from a failing disk.
    pub(super) fn fault(&self, error: io::Error, path: Option<&str>) -> SourceError {
        match error.downcast::<SourceError>() {
            Ok(inner) => inner,
            Err(error) if self.disk_failed.load(Ordering::Relaxed) => SourceError::Io(error),
            Err(error) => {
                SourceError::Refused { reason: format!("the package is damaged: {}", plain(&error)), path: path.map(str::to_owned) }
            }
        }
    }

    /// A reader of one entry's content that holds the container to its word.
    pub(super) fn content<'g, R: Read>(&'g mut self, inner: R, entry: &'g Entry) -> Content<'g, R> {
        Content { inner, guard: self, entry, read: 0 }
    }
}

fn at(error: SourceError, path: &str) -> SourceError {
    match error {
        SourceError::Refused { reason, path: None } => SourceError::refused_at(reason, path),
        other => other,
    }
}

/// A sentence part for what a decompressor says.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    if error.kind() == io::ErrorKind::UnexpectedEof {
        "it ends too early".to_owned()
    } else if text == "ChecksumVerificationFailed" || text == "Invalid checksum" {
        "the checksum of the content does not agree".to_owned()
    } else {
        text
    }
}

/// See [`Guard::content`].
pub(super) struct Content<'g, R> {
    inner: R,
    guard: &'g mut Guard,
    entry: &'g Entry,
    read: u64,
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = match self.inner.read(buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(self.guard.fault(error, Some(&self.entry.path)).into()),
        };
        self.read += count as u64;
        let stated = self.entry.size.unwrap_or_default();
        if self.read > stated {
            return Err(self.lie(format!("an entry is longer than the {stated} bytes that the package says")));
        }
        if count == 0 && self.read < stated {
            return Err(self.lie(format!("an entry has {} bytes and the package says {stated}", self.read)));
        }
        self.guard.count(count as u64).map_err(|error| at(error, &self.entry.path))?;
        Ok(count)
    }
}

impl<R> Content<'_, R> {
    fn lie(&self, reason: String) -> io::Error {
        SourceError::refused_at(reason, &self.entry.path).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(raw: &[u8]) -> String {
        let mut guard = Guard::of_folder(Limits::default());
        match guard.admit(raw, EntryKind::File, 1) {
            Err(SourceError::Refused { reason, .. }) => reason,
            other => panic!("{raw:?} gave {other:?}"),
        }
    }

    #[test]
    fn names_that_are_refused() {
        let long = format!("data/{}", "x".repeat(5000));
        let deep = "d/".repeat(200) + "x";
        let cases: [(&[u8], &str); 10] = [
            (b"/etc/passwd", "absolute"),
            (b"a/../../x", "\"..\""),
            (b"..", "\"..\""),
            (b"C:/x", "drive letter"),
            (b"a\\x", "backslash"),
            (b"a\0x", "NUL"),
            (b"a//x", "empty component"),
            (b"caf\xE9", "not UTF-8"),
            (long.as_bytes(), "longer than"),
            (deep.as_bytes(), "directories deep"),
        ];
        for (raw, part) in cases {
            assert!(refusal(raw).contains(part), "{raw:?}: {}", refusal(raw));
        }
    }

    #[test]
    fn names_are_cleaned() {
        let mut guard = Guard::of_folder(Limits::default());
        let mut admit = |raw: &str, kind| guard.admit(raw.as_bytes(), kind, 0).expect("admitted").map(|entry| entry.path);
        assert_eq!(admit("./data/a", EntryKind::File).as_deref(), Some("data/a"));
        assert_eq!(admit("data/", EntryKind::Directory).as_deref(), Some("data"));
        assert_eq!(admit("~lock", EntryKind::File).as_deref(), Some("~lock"));
        assert_eq!(admit("./", EntryKind::Directory), None);
        assert_eq!(admit(".", EntryKind::Directory), None);
    }

    #[test]
    fn too_much_is_refused() {
        let limits = Limits { max_entries: 2, max_unpacked_bytes: 1000, ..Limits::default() };
        let mut guard = Guard::of_folder(limits);
        assert!(guard.admit(b"a", EntryKind::File, 1001).is_err());
        assert!(guard.admit(b"b", EntryKind::File, 1000).is_ok());
        assert!(guard.admit(b"c", EntryKind::File, 0).is_err());
    }

    #[test]
    fn content_is_held_to_its_stated_length() {
        let read = |stated, bytes: &[u8]| {
            let mut guard = Guard::of_folder(Limits::default());
            let entry = Entry::file("a", stated);
            io::copy(&mut guard.content(bytes, &entry), &mut io::sink()).map_err(SourceError::from)
        };
        assert!(read(3, b"abc").is_ok());
        assert!(matches!(read(2, b"abc"), Err(SourceError::Refused { .. })));
        assert!(matches!(read(4, b"abc"), Err(SourceError::Refused { .. })));
    }
}
