//! The digests of a package, computed while its bytes pass.

use crate::domain::Digests;
use bytes::Bytes;
use sha2::{Digest, Sha256, Sha512};
use std::{
    fs::File,
    io::{self, Read},
    sync::mpsc,
    thread,
};

/// Chunks that may wait for a digest.
const QUEUE: usize = 32;
const BUFFER: usize = 1 << 20;

/// Digests of the bytes so far.
#[derive(Clone, Default)]
pub(crate) struct Hashes {
    sha256: Sha256,
    sha512: Sha512,
}

impl Hashes {
    /// Runs `feed` with a function that takes chunks, while each digest is computed on a thread of its own: one after the
    /// other they would be the slowest part of taking a package in.
    pub(crate) fn while_passing<T>(&mut self, feed: impl FnOnce(&mut dyn FnMut(Bytes)) -> T) -> T {
        thread::scope(|scope| {
            let (to_256, from_256) = mpsc::sync_channel::<Bytes>(QUEUE);
            let (to_512, from_512) = mpsc::sync_channel::<Bytes>(QUEUE);
            let (sha256, sha512) = (&mut self.sha256, &mut self.sha512);
            scope.spawn(move || from_256.iter().for_each(|chunk| sha256.update(&chunk)));
            scope.spawn(move || from_512.iter().for_each(|chunk| sha512.update(&chunk)));
            // A digest's thread ends only when its channel does, so sending cannot fail while this runs.
            let mut take = |chunk: Bytes| {
                let _ = to_256.send(chunk.clone());
                let _ = to_512.send(chunk);
            };
            let result = feed(&mut take);
            drop((to_256, to_512));
            result
        })
    }

    /// Digests of the first `len` bytes of a file.
    pub(crate) fn of_file(file: &mut File, len: u64) -> io::Result<Self> {
        let mut hashes = Self::default();
        let mut file = file.take(len);
        let read = hashes.while_passing(|take| {
            let mut read = 0;
            loop {
                let mut buffer = vec![0; BUFFER];
                let count = file.read(&mut buffer)?;
                if count == 0 {
                    return Ok(read);
                }
                read += count as u64;
                buffer.truncate(count);
                take(Bytes::from(buffer));
            }
        });
        match read {
            Ok(read) if read == len => Ok(hashes),
            Ok(read) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("{read} bytes are there where {len} were synced"))),
            Err(error) => Err(error),
        }
    }

    /// The digests of `size` bytes.
    pub(crate) fn finish(self, size: u64) -> Digests {
        Digests { size, sha256: hex(&self.sha256.finalize()), sha512: hex(&self.sha512.finalize()) }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digests_are_those_of_the_standards_examples() {
        // FIPS 180-4, the one-block example "abc", here in two chunks.
        let mut hashes = Hashes::default();
        hashes.while_passing(|take| {
            take(Bytes::from_static(b"a"));
            take(Bytes::from_static(b"bc"));
        });
        let digests = hashes.finish(3);
        assert_eq!(digests.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(digests.sha512.starts_with("ddaf35a193617abacc417349ae204131") && digests.sha512.ends_with("a54ca49f"));
    }
}
