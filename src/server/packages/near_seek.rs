//! A buffer that survives seeking to where it already reaches.
//!
//! The zip and 7z libraries seek before every small read, mostly a few bytes ahead. The standard
//! buffered reader throws its buffer away each time.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::guard::Disk;

const BUFFER: usize = 64 * 1024;

/// A container file, read through a buffer.
#[derive(Debug)]
pub(super) struct NearSeek {
    inner: BufReader<Disk>,
    at: u64,
    len: u64,
}

impl NearSeek {
    pub(super) fn new(disk: Disk) -> Self {
        let len = disk.len();
        Self { inner: BufReader::with_capacity(BUFFER, disk), at: 0, len }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }
}

impl Read for NearSeek {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for NearSeek {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let outside = || io::Error::from(io::ErrorKind::InvalidInput);
        let target = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.len.checked_add_signed(by).ok_or_else(outside)?,
            SeekFrom::Current(by) => self.at.checked_add_signed(by).ok_or_else(outside)?,
        };
        // Files are shorter than this type's half; a container that points beyond it lies.
        let by = i64::try_from(i128::from(target) - i128::from(self.at)).map_err(|_too_far| outside())?;
        self.inner.seek_relative(by)?;
        self.at = target;
        Ok(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// However one jumps about, the bytes are those at the position.
        #[test]
        fn reads_what_is_there(jumps in proptest::collection::vec((0..200_000_u64, 0..3_u8, 1..100_usize), 1..20)) {
            let bytes: Vec<u8> = (0..200_000_u32).map(|at| (at ^ (at >> 8)) as u8).collect();
            let file = tempfile::NamedTempFile::new().expect("a temporary file");
            std::fs::write(file.path(), &bytes).expect("written");
            let mut near = NearSeek::new(Disk::open(file.path()).expect("opened"));
            for (at, way, count) in jumps {
                let to = match way {
                    0 => SeekFrom::Start(at),
                    1 => SeekFrom::End(at as i64 - 200_000),
                    _ => SeekFrom::Current(at as i64 - near.at as i64),
                };
                proptest::prop_assert_eq!(near.seek(to).expect("inside"), at);
                let mut found = Vec::new();
                (&mut near).take(count as u64).read_to_end(&mut found).expect("read");
                let end = (at as usize + count).min(bytes.len());
                proptest::prop_assert_eq!(&found, &bytes[at as usize..end]);
            }
        }
    }
}
