//! A folder as one tar stream of known length, for storage that keeps objects and not folders.
//!
//! The stream depends on the folder's names, contents and modification times and on nothing else: the
//! same folder gives the same bytes, and so the same digest, on any machine.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use ::tar::{EntryType, Header};

use super::folder::{self, Found};
use super::guard::{Guard, Limits};
use super::tar_header::{BLOCK, padding};
use super::{PackageError, SourceError, bag};

const BUFFER: usize = 256 * 1024;

/// The end mark of a tar archive.
const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// A folder whose members and their sizes are known and whose contents are not yet read.
pub struct FolderPack {
    /// With its slash, or empty.
    prefix: String,
    members: Vec<Found>,
    len: u64,
}

impl FolderPack {
    /// Looks through the folder at `root`. If `top` is given, the members lie in a directory of that
    /// name inside the archive, as archives are mostly packed; otherwise at its top.
    ///
    /// # Errors
    ///
    /// [`PackageError::Refused`] for links, special files, names that are not UTF-8, and a `top`
    /// that is not the name of one directory.
    pub fn plan(root: impl Into<PathBuf>, top: Option<&str>, limits: Limits) -> Result<Self, PackageError> {
        if let Some(top) = top
            && (top.contains('/') || bag::path::check(top).is_err())
        {
            return Err(SourceError::refused_at("the name cannot be that of a directory", top).into());
        }
        let root = root.into();
        let mut members = Vec::new();
        let mut guard = Guard::of_folder(limits);
        folder::walk(&root, &mut guard, &mut |found, _| {
            members.push(Found { entry: found.entry.clone(), on_disk: found.on_disk.clone(), metadata: found.metadata.clone() });
            Ok(())
        })?;
        let prefix = top.map(|top| format!("{top}/")).unwrap_or_default();
        let mut pack = Self { prefix, members, len: 0 };
        let mut length = Length(0);
        pack.write_with(&mut length, &mut |_, size, out| {
            out.0 += size;
            Ok(())
        })
        .map_err(PackageError::Io)?;
        pack.len = length.0;
        Ok(pack)
    }

    /// The exact length of the stream in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the folder holds nothing. The stream then still has its end mark.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Writes the stream, [`len`](Self::len) bytes.
    ///
    /// # Errors
    ///
    /// [`PackageError::Io`] if reading or writing fails, also if a file is no longer as long as it was
    /// when the folder was looked through: a later attempt, planned anew, may succeed.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), PackageError> {
        let mut buffer = vec![0; BUFFER];
        let mut out = out;
        let written = self.write_with(&mut out, &mut |found, size, out| {
            let mut file = found.open()?;
            let mut left = size;
            while left > 0 {
                let most = usize::try_from(left).map_or(buffer.len(), |left| buffer.len().min(left));
                let count = file.read(&mut buffer[..most])?;
                if count == 0 {
                    return Err(changed(found));
                }
                out.write_all(&buffer[..count])?;
                left -= count as u64;
            }
            if file.read(&mut buffer[..1])? != 0 {
                return Err(changed(found));
            }
            Ok(())
        });
        written.map_err(|error| SourceError::from(error).into())
    }

    fn write_with<W: Write>(&self, out: &mut W, content: &mut dyn FnMut(&Found, u64, &mut W) -> io::Result<()>) -> io::Result<()> {
        if !self.prefix.is_empty() {
            write_header(out, &self.prefix, EntryType::Directory, 0, 0)?;
        }
        for found in &self.members {
            let path = format!("{}{}", self.prefix, found.entry.path);
            let mtime = modified(found);
            if !found.entry.is_file() {
                write_header(out, &format!("{path}/"), EntryType::Directory, 0, mtime)?;
                continue;
            }
            let size = found.entry.size.unwrap_or_default();
            write_header(out, &path, EntryType::Regular, size, mtime)?;
            content(found, size, out)?;
            write_padding(out, size)?;
        }
        out.write_all(&END)
    }
}

fn changed(found: &Found) -> io::Error {
    io::Error::other(format!("{} changed while the folder was packed", found.entry.path))
}

/// Seconds since 1970. A time before that, which tar cannot write, becomes 1970.
fn modified(found: &Found) -> u64 {
    found.metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map_or(0, |since| since.as_secs())
}

/// Writes the header of a member, before it one for the path if that is too long for the field.
pub(super) fn write_header<W: Write>(out: &mut W, path: &str, kind: EntryType, size: u64, mtime: u64) -> io::Result<()> {
    let mut header = header(kind, size, mtime);
    let field = header.as_old().name.len();
    if path.len() > field {
        let long = path.len() as u64 + 1;
        let mut extension = self::header(EntryType::GNULongName, long, 0);
        extension.as_old_mut().name[..13].copy_from_slice(b"././@LongLink");
        extension.set_cksum();
        out.write_all(extension.as_bytes())?;
        out.write_all(path.as_bytes())?;
        out.write_all(&[0])?;
        write_padding(out, long)?;
    }
    let shown = &path.as_bytes()[..path.len().min(field)];
    header.as_old_mut().name[..shown.len()].copy_from_slice(shown);
    header.set_cksum();
    out.write_all(header.as_bytes())
}

fn header(kind: EntryType, size: u64, mtime: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(if kind == EntryType::Directory { 0o755 } else { 0o644 });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(mtime);
    header.set_size(size);
    header
}

pub(super) fn write_padding<W: Write>(out: &mut W, size: u64) -> io::Result<()> {
    // Less than a block.
    out.write_all(&END[..padding(size) as usize])
}

/// Counts instead of writing.
struct Length(u64);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
