//! Tar headers, including the extensions of GNU tar and of POSIX (pax) for long names and large files.
//!
//! The tar crate's own iterator holds extension records in memory whatever their size, and tells
//! nothing of what follows the archive's end; so the blocks are driven from here, and the crate reads
//! the fields of each header.

use std::io::Read;

use ::tar::{EntryType, Header};

use crate::bag::{EntryKind, SourceError};

pub(super) const BLOCK: usize = 512;

/// Longer records have no honest purpose: a path has at most 4096 bytes.
const MAX_EXTENSION: u64 = 1024 * 1024;

/// A file or directory as its headers describe it.
#[derive(Debug)]
pub(super) struct Member {
    /// Raw bytes of the path, of any form.
    pub(super) path: Vec<u8>,
    pub(super) kind: EntryKind,
    pub(super) size: u64,
}

/// What extension headers say about the next member.
#[derive(Default)]
struct Extensions {
    path: Option<Vec<u8>>,
    size: Option<u64>,
}

/// Reads headers up to and including that of the next member; `None` at the end of the archive.
///
/// The reader stands at a block boundary and is left at the first byte of the member's content.
pub(super) fn next_member(reader: &mut dyn Read) -> Result<Option<Member>, SourceError> {
    let mut extensions = Extensions::default();
    let mut extended = false;
    loop {
        let Some(header) = read_header(reader)? else {
            if extended {
                return Err(SourceError::refused("the tar archive ends where a member should follow"));
            }
            return Ok(None);
        };
        let kind = header.entry_type();
        let size = header.entry_size().map_err(|_unreadable| SourceError::refused("a tar header has an unreadable size"))?;
        match kind {
            EntryType::GNULongName => {
                let mut path = read_extension(reader, size)?;
                if let Some(end) = path.iter().position(|byte| *byte == 0) {
                    path.truncate(end);
                }
                extensions.path = Some(path);
            }
            // The target of a link, which is refused when it comes.
            EntryType::GNULongLink => drop(read_extension(reader, size)?),
            EntryType::XHeader => read_pax(&read_extension(reader, size)?, &mut extensions)?,
            EntryType::XGlobalHeader => {
                let mut global = Extensions::default();
                read_pax(&read_extension(reader, size)?, &mut global)?;
                if global.path.is_some() || global.size.is_some() {
                    return Err(SourceError::refused("a global tar header gives all members one name or size"));
                }
            }
            _ => return member(&header, size, extensions).map(Some),
        }
        extended = kind != EntryType::XGlobalHeader;
    }
}

/// Bytes from the end of content of `size` bytes to the next block boundary.
pub(super) fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK as u64) - size
}

fn read_header(reader: &mut dyn Read) -> Result<Option<Header>, SourceError> {
    let mut block = [0; BLOCK];
    if !fill(reader, &mut block)? {
        return Err(SourceError::refused("the tar archive has no end mark: it is cut off"));
    }
    if block.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let header = Header::from_byte_slice(&block);
    let sum: u32 =
        block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { u32::from(b' ') } else { u32::from(*byte) }).sum();
    match header.cksum() {
        Ok(stated) if stated == sum => Ok(Some(header.clone())),
        _ => Err(SourceError::refused("a tar header's checksum does not agree: the archive is damaged")),
    }
}

/// Fills the block. `false` if there was nothing left; a part of a block is an archive cut off.
fn fill(reader: &mut dyn Read, block: &mut [u8]) -> Result<bool, SourceError> {
    let mut filled = 0;
    while filled < block.len() {
        match reader.read(&mut block[filled..]) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(SourceError::refused("the tar archive is cut off inside a header")),
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

fn read_extension(reader: &mut dyn Read, size: u64) -> Result<Vec<u8>, SourceError> {
    if size > MAX_EXTENSION {
        return Err(SourceError::refused(format!("a tar extension header is longer than {MAX_EXTENSION} bytes")));
    }
    let padded = size + padding(size);
    let mut bytes = Vec::new();
    reader.take(padded).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < padded {
        return Err(SourceError::refused("the tar archive is cut off inside an extension header"));
    }
    bytes.truncate(size as usize);
    Ok(bytes)
}

/// Reads pax records: a length, a space, a key, an equals sign, a value and a line feed.
fn read_pax(mut records: &[u8], extensions: &mut Extensions) -> Result<(), SourceError> {
    let broken = || SourceError::refused("a pax header of the tar archive is malformed");
    while !records.is_empty() {
        let space = records.iter().position(|byte| *byte == b' ').ok_or_else(broken)?;
        let length: usize = std::str::from_utf8(&records[..space]).ok().and_then(|digits| digits.parse().ok()).ok_or_else(broken)?;
        let record = records.get(space + 1..length).ok_or_else(broken)?;
        let record = record.strip_suffix(b"\n").ok_or_else(broken)?;
        let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(broken)?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" => extensions.path = Some(value.to_vec()),
            b"size" => {
                let size = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
                extensions.size = Some(size.ok_or_else(broken)?);
            }
            _ if key.starts_with(b"GNU.sparse.") => return Err(sparse()),
            _ => {}
        }
        records = &records[length..];
    }
    Ok(())
}

fn sparse() -> SourceError {
    SourceError::refused("the tar archive has a sparse file, whose bytes are not all in it")
}

fn member(header: &Header, size: u64, extensions: Extensions) -> Result<Member, SourceError> {
    let path = extensions.path.unwrap_or_else(|| header.path_bytes().into_owned());
    let size = extensions.size.unwrap_or(size);
    let refuse = |what: &str| Err(SourceError::refused_at(format!("the tar archive has {what}"), String::from_utf8_lossy(&path)));
    let kind = match header.entry_type() {
        // Before POSIX there was no type for directories.
        EntryType::Regular if path.ends_with(b"/") => EntryKind::Directory,
        EntryType::Regular | EntryType::Continuous => EntryKind::File,
        EntryType::Directory => EntryKind::Directory,
        EntryType::Link => return refuse("a hard link"),
        EntryType::Symlink => return refuse("a symbolic link"),
        EntryType::Char | EntryType::Block => return refuse("a device"),
        EntryType::Fifo => return refuse("a named pipe"),
        EntryType::GNUSparse => return Err(sparse()),
        other => {
            return refuse(&format!("an entry of the type {:?}, which is neither a file nor a directory", char::from(other.as_byte())));
        }
    };
    if kind == EntryKind::Directory && size != 0 {
        return refuse("a directory with content");
    }
    Ok(Member { path, kind, size })
}
