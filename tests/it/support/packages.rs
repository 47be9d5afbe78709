//! Packages made while the tests run.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// A tar file that holds these files.
pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, *content).expect("in memory");
    }
    builder.into_inner().expect("in memory")
}

/// A bag with one payload file; its manifest is right when `digest_of` is the content.
pub fn bag(content: &[u8], digest_of: &[u8]) -> Vec<u8> {
    let digest = Sha256::digest(digest_of).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("in memory");
        text
    });
    tar(&[
        ("bag/bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        ("bag/manifest-sha256.txt", format!("{digest}  data/letter.txt\n").as_bytes()),
        ("bag/data/letter.txt", content),
    ])
}
