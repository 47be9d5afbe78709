//! Tar archives, plain and gzip-compressed.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::guard::{Disk, Guard, Limits};
use super::tar_header::{next_member, padding};
use crate::bag::source::Visit;
use crate::bag::{Entry, EntryKind, PackageSource, SourceError};

/// Headers are read through a buffer; longer reads of content pass it by.
const BUFFER: usize = 64 * 1024;

/// What lies around the tar archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
}

pub(super) struct TarSource {
    disk: Disk,
    limits: Limits,
    compression: Compression,
}

impl TarSource {
    pub(super) fn open(path: &Path, limits: Limits, compression: Compression) -> Result<Self, SourceError> {
        Ok(Self { disk: Disk::open(path)?, limits, compression })
    }

    fn walk_by(&mut self, content: &mut Visit<'_>, names_only: bool) -> Result<(), SourceError> {
        let mut guard = self.disk.guard(self.limits);
        let len = self.disk.len();
        self.disk.seek(SeekFrom::Start(0)).map_err(SourceError::Io)?;
        let buffered = BufReader::with_capacity(BUFFER, &mut self.disk);
        let mut stream = match self.compression {
            Compression::None => Stream::Plain { inner: buffered, at: 0, len },
            Compression::Gzip => Stream::Gzip(Box::new(MultiGzDecoder::new(buffered))),
        };
        // A fault in a header is told from a failing disk like one in content.
        let walked = walk(&mut stream, &mut guard, content, names_only);
        walked.map_err(|error| match error {
            SourceError::Io(error) => guard.fault(error, None),
            other => other,
        })
    }
}

impl PackageSource for TarSource {
    fn index(&mut self, visit: &mut dyn FnMut(&Entry)) -> Result<bool, SourceError> {
        // Under gzip the headers cost as much to reach as the contents.
        if self.compression != Compression::None {
            return Ok(false);
        }
        let mut each = |entry: &Entry, _: &mut dyn Read| {
            visit(entry);
            Ok(())
        };
        self.walk_by(&mut each, true)?;
        Ok(true)
    }

    fn walk(&mut self, visit: &mut Visit<'_>) -> Result<(), SourceError> {
        self.walk_by(visit, false)
    }
}

fn walk(stream: &mut Stream<'_>, guard: &mut Guard, visit: &mut Visit<'_>, names_only: bool) -> Result<(), SourceError> {
    while let Some(member) = next_member(stream)? {
        let Some(entry) = guard.admit(&member.path, member.kind, member.size)? else {
            continue;
        };
        if member.kind == EntryKind::Directory {
            visit(&entry, &mut io::empty())?;
            continue;
        }
        let mut left = member.size;
        if names_only {
            visit(&entry, &mut io::empty())?;
        } else {
            let section = Section { stream, left: &mut left };
            visit(&entry, &mut guard.content(section, &entry))?;
        }
        let rest = left.checked_add(padding(member.size)).ok_or_else(|| cut_off(&entry))?;
        if !stream.skip(rest)? {
            return Err(cut_off(&entry));
        }
    }
    if names_only { Ok(()) } else { check_end(stream) }
}

fn cut_off(entry: &Entry) -> SourceError {
    SourceError::refused_at("the tar archive is cut off inside an entry", &entry.path)
}

/// After the end mark there are only zeros, which fill up the last record. Anything else would be
/// kept without ever being looked at. For gzip this also reads the last checksum.
fn check_end(stream: &mut Stream<'_>) -> Result<(), SourceError> {
    let mut buffer = vec![0; BUFFER];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) if buffer[..count].iter().all(|byte| *byte == 0) => {}
            Ok(_) => return Err(SourceError::refused("there is something after the end of the tar archive")),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The bytes of the tar archive.
enum Stream<'d> {
    Plain { inner: BufReader<&'d mut Disk>, at: u64, len: u64 },
    Gzip(Box<MultiGzDecoder<BufReader<&'d mut Disk>>>),
}

impl Stream<'_> {
    /// Passes over `count` bytes; `false` if there are fewer.
    fn skip(&mut self, count: u64) -> io::Result<bool> {
        match self {
            Self::Plain { inner, at, len } => {
                // Seeking beyond the end succeeds, so the end is checked here.
                let Some(to) = at.checked_add(count).filter(|to| to <= len) else {
                    return Ok(false);
                };
                let by = i64::try_from(count).map_err(|_too_large| io::Error::from(io::ErrorKind::InvalidData))?;
                inner.seek_relative(by)?;
                *at = to;
                Ok(true)
            }
            Self::Gzip(inner) => Ok(io::copy(&mut inner.take(count), &mut io::sink())? == count),
        }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain { inner, at, .. } => {
                let count = inner.read(buffer)?;
                *at += count as u64;
                Ok(count)
            }
            Self::Gzip(inner) => inner.read(buffer),
        }
    }
}

/// The content of one member.
struct Section<'s, 'd> {
    stream: &'s mut Stream<'d>,
    left: &'s mut u64,
}

impl Read for Section<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(*self.left).map_or(buffer.len(), |left| buffer.len().min(left));
        if most == 0 {
            return Ok(0);
        }
        let count = self.stream.read(&mut buffer[..most])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        *self.left -= count as u64;
        Ok(count)
    }
}
