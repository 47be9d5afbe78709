//! The end record of a zip archive: how large its table of contents is, known before that table is
//! held in memory.

use std::io::{Read, Seek, SeekFrom};

use super::guard::Limits;
use crate::bag::SourceError;

const END_LEN: usize = 22;
const END_MAGIC: [u8; 4] = *b"PK\x05\x06";
const LOCATOR_LEN: usize = 20;
const LOCATOR_MAGIC: [u8; 4] = *b"PK\x06\x07";
const END64_LEN: usize = 56;
const END64_MAGIC: [u8; 4] = *b"PK\x06\x06";

/// Refuses an archive whose end is missing, ambiguous, or announces too large a table.
///
/// An archive has one end record, and it and its comment are the last bytes of the file. Several
/// candidates would let two programs see two different archives in one file.
pub(super) fn check<R: Read + Seek>(file: &mut R, len: u64, limits: &Limits) -> Result<(), SourceError> {
    let tail_len = len.min((END_LEN + usize::from(u16::MAX) + LOCATOR_LEN) as u64);
    let tail_at = len - tail_len;
    file.seek(SeekFrom::Start(tail_at))?;
    let mut tail = Vec::new();
    (&mut *file).take(tail_len).read_to_end(&mut tail)?;

    let mut ends = (0..tail.len().saturating_sub(END_LEN - 1))
        .filter(|at| tail[*at..].starts_with(&END_MAGIC) && at + END_LEN + usize::from(u16_at(&tail, at + 20)) == tail.len());
    let Some(end) = ends.next() else {
        return Err(SourceError::refused("the zip archive has no end record: it is cut off or something follows it"));
    };
    if ends.next().is_some() {
        return Err(SourceError::refused("the zip archive has more than one end record, so its content is ambiguous"));
    }
    let mut entries = u64::from(u16_at(&tail, end + 10));
    let mut index_bytes = u64::from(u32_at(&tail, end + 12));
    if let Some(locator) = end.checked_sub(LOCATOR_LEN).filter(|at| tail[*at..].starts_with(&LOCATOR_MAGIC)) {
        let end64 = u64_at(&tail, locator + 8);
        file.seek(SeekFrom::Start(end64))?;
        let mut record = Vec::new();
        (&mut *file).take(END64_LEN as u64).read_to_end(&mut record)?;
        if record.len() < END64_LEN || !record.starts_with(&END64_MAGIC) {
            return Err(SourceError::refused("the zip archive's 64-bit end record is not where it should be"));
        }
        entries = u64_at(&record, 32);
        index_bytes = u64_at(&record, 40);
    }
    if entries > limits.max_entries {
        return Err(SourceError::refused(format!("the package has more than {} entries", limits.max_entries)));
    }
    if index_bytes > limits.max_index_bytes {
        return Err(SourceError::refused(format!("the zip archive's table of contents is longer than {} bytes", limits.max_index_bytes)));
    }
    Ok(())
}

fn bytes<const N: usize>(from: &[u8], at: usize) -> [u8; N] {
    from.get(at..at + N).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
}

fn u16_at(from: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes(from, at))
}

fn u32_at(from: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes(from, at))
}

fn u64_at(from: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes(from, at))
}
