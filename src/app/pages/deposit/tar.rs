//! The heads of a tar archive (POSIX.1-2001 pax interchange format), so that a folder can be sent as one package.
//!
//! Only heads and padding are made here; the contents stay where they are and are put between them by the caller, so that a
//! folder of any size needs little memory. The same folder gives the same bytes each time, which resuming depends on.

/// Bytes of a block; everything in a tar archive is a multiple of it.
pub const BLOCK: u64 = 512;

/// The largest size that a plain header can tell: eleven octal digits.
const MAX_PLAIN_SIZE: u64 = 0o77_777_777_777;

/// What a head announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file, whose content follows.
    File,
    /// A folder.
    Folder,
}

/// The head of one entry: a header block, preceded by a pax header where the plain one cannot tell the path or the size.
/// `path` is relative, with `/` between its parts; `modified` is in seconds since 1970.
#[must_use]
pub fn head(kind: Kind, path: &str, size: u64, modified: u64) -> Vec<u8> {
    let path = match kind {
        Kind::File => path.to_owned(),
        Kind::Folder => format!("{}/", path.trim_end_matches('/')),
    };
    let mut records = String::new();
    let plain_path = path.is_ascii() && path.len() <= 100;
    if !plain_path {
        records.push_str(&record("path", &path));
    }
    if size > MAX_PLAIN_SIZE {
        records.push_str(&record("size", &size.to_string()));
    }
    let mut head = Vec::with_capacity(512);
    if !records.is_empty() {
        let length = records.len() as u64;
        head.extend_from_slice(&header(b'x', "pax-header", length, modified));
        head.extend_from_slice(records.as_bytes());
        head.resize(head.len() + padding(length), 0);
    }
    // Readers take the path of the pax header; this one is for those that do not know it.
    let short: String =
        if plain_path { path } else { path.chars().map(|c| if c.is_ascii_graphic() { c } else { '_' }).take(100).collect() };
    let flag = match kind {
        Kind::File => b'0',
        Kind::Folder => b'5',
    };
    head.extend_from_slice(&header(flag, &short, size, modified));
    head
}

/// How many zero bytes follow a content of `size` bytes.
#[must_use]
pub fn padding(size: u64) -> usize {
    // Less than a block, so it fits.
    (size.next_multiple_of(BLOCK) - size) as usize
}

/// What ends an archive: two blocks of zeros.
#[must_use]
pub const fn end() -> [u8; 1024] {
    [0; 1024]
}

/// One record of a pax header. Its length counts its own digits.
fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + rest.to_string().len();
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}

fn header(flag: u8, name: &str, size: u64, modified: u64) -> [u8; 512] {
    let mut block = [0; 512];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, if flag == b'5' { b"0000755" } else { b"0000644" });
    put(108, b"0000000");
    put(116, b"0000000");
    put(124, format!("{:011o}", if size > MAX_PLAIN_SIZE { 0 } else { size }).as_bytes());
    put(136, format!("{:011o}", modified.min(MAX_PLAIN_SIZE)).as_bytes());
    put(148, b"        ");
    put(156, &[flag]);
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use std::io::Read;

    fn archive(entries: &[(Kind, &str, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (kind, path, content) in entries {
            bytes.extend(head(*kind, path, content.len() as u64, 1_780_000_000));
            bytes.extend_from_slice(content);
            bytes.resize(bytes.len() + padding(content.len() as u64), 0);
        }
        bytes.extend(end());
        bytes
    }

    fn read(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut read = Vec::new();
        for entry in ::tar::Archive::new(bytes).entries().expect("an archive") {
            let mut entry = entry.expect("an entry");
            let path = String::from_utf8(entry.path_bytes().into_owned()).expect("UTF-8");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("content");
            assert_eq!(entry.header().mtime().expect("a time"), 1_780_000_000);
            read.push((path, content));
        }
        read
    }

    #[test]
    fn another_program_reads_what_was_packed() {
        let long = format!("bag/data/{}/{}.tif", "d".repeat(120), "f".repeat(200));
        let entries: [(Kind, &str, &[u8]); 6] = [
            (Kind::Folder, "bag/data/empty", b""),
            (Kind::File, "bag/bagit.txt", b"BagIt-Version: 1.0\n"),
            (Kind::File, "bag/data/Älterer Brief – 1.txt", b"x"),
            (Kind::File, &long, &[7; 512]),
            (Kind::File, "bag/data/zero", b""),
            (Kind::File, "bag/data/日本語.txt", &[1; 513]),
        ];
        let bytes = archive(&entries);
        assert_eq!(bytes.len() % 512, 0);
        let expected: Vec<_> = entries
            .iter()
            .map(|(kind, path, content)| (if *kind == Kind::Folder { format!("{path}/") } else { (*path).to_owned() }, content.to_vec()))
            .collect();
        assert_eq!(read(&bytes), expected);
        assert_eq!(crate::bag::PackageFormat::detect(&bytes[..512]), Some(crate::bag::PackageFormat::Tar));
    }

    #[test]
    fn an_exact_hundred_needs_no_pax_header() {
        assert_eq!(head(Kind::File, &"a".repeat(100), 0, 0).len(), 512);
        assert_eq!(head(Kind::File, &"a".repeat(101), 0, 0).len(), 512 * 3);
    }

    #[test]
    fn sizes_beyond_eight_gigabytes_are_told() {
        let size = 9 << 30;
        let bytes = head(Kind::File, "big", size, 1_780_000_000);
        let mut archive = ::tar::Archive::new(bytes.as_slice());
        let entry = archive.entries().expect("an archive").next().expect("one entry").expect("a head");
        assert_eq!(entry.size(), size);
    }

    #[test]
    fn the_length_of_a_record_counts_itself() {
        for length in [1, 80, 84, 85, 86, 90, 91, 980, 986, 987, 990, 9_990] {
            let record = record("path", &"x".repeat(length));
            let told: usize = record.split(' ').next().expect("a number").parse().expect("a number");
            assert_eq!(told, record.len(), "{length}");
        }
    }
}
