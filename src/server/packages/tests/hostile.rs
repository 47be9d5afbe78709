//! Packages made to do harm: each is refused with its sentence.

use std::io::{Cursor, Write};

use ::tar::{EntryType, Header};
use ::zip::ZipWriter;
use ::zip::write::SimpleFileOptions;
use flate2::write::GzEncoder;
use sevenz_rust2::encoder_options::{Lzma2Options, LzmaOptions};
use sevenz_rust2::{ArchiveEntry, ArchiveWriter, EncoderConfiguration};

use super::super::builder::{BagBuilder, Member, package};
use super::super::{Limits, PackageFormat};
use super::{check, check_with, refusal};

fn header(name: &[u8], kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_cksum();
    header
}

/// A tar archive of one member, or of an extension and what it is for.
fn tar(members: &[(&[u8], EntryType, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, kind, content) in members {
        bytes.extend_from_slice(header(name, *kind, content.len() as u64).as_bytes());
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).expect("memory");
    gzip.finish().expect("memory")
}

fn zip(members: &[(&str, &[u8], SimpleFileOptions)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content, options) in members {
        zip.start_file(*name, *options).expect("started");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

fn seven_zip(entries: Vec<(ArchiveEntry, &[u8])>, method: EncoderConfiguration) -> Vec<u8> {
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new())).expect("memory");
    archive.set_content_methods(vec![method]);
    for (entry, content) in entries {
        archive.push_archive_entry(entry, (!content.is_empty()).then_some(content)).expect("pushed");
    }
    archive.finish().expect("finished").into_inner()
}

fn lzma2() -> EncoderConfiguration {
    Lzma2Options::from_level(1).into()
}

/// Replaces bytes wherever they occur, as one would with a hex editor.
fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let mut found = false;
    for at in 0..=bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
            found = true;
        }
    }
    assert!(found, "nothing to replace");
}

const BAD_NAMES: [(&str, &str); 6] = [
    ("/etc/cron.d/x", "is absolute"),
    ("a/../../x", "contains a \"..\" component"),
    ("C:/x", "begins with a drive letter"),
    ("a\\..\\x", "contains a backslash"),
    ("a//b", "contains an empty component"),
    ("a/./b", "contains a \".\" component"),
];

#[test]
fn names_that_leave_the_package() {
    for (name, part) in BAD_NAMES {
        let sentence = refusal(check(&tar(&[(name.as_bytes(), EntryType::Regular, b"x")])));
        assert!(sentence.contains(part), "tar {name}: {sentence}");
        let sentence = refusal(check(&gzip(&tar(&[(name.as_bytes(), EntryType::Regular, b"x")]))));
        assert!(sentence.contains(part), "tar.gz {name}: {sentence}");
        let sentence = refusal(check(&seven_zip(vec![(ArchiveEntry::new_file(name), b"x")], lzma2())));
        assert!(sentence.contains(part), "7z {name}: {sentence}");
        // The zip writer cleans names, so a clean one of the same length is written and replaced.
        let clean = "y".repeat(name.len());
        let mut bytes = zip(&[(&clean, b"x", SimpleFileOptions::default())]);
        replace(&mut bytes, clean.as_bytes(), name.as_bytes());
        let sentence = refusal(check(&bytes));
        assert!(sentence.contains(part), "zip {name}: {sentence}");
    }
}

#[test]
fn names_that_are_not_text() {
    let sentence = refusal(check(&tar(&[(b"caf\xE9", EntryType::Regular, b"x")])));
    assert!(sentence.contains("not UTF-8"), "{sentence}");
    let mut bytes = zip(&[("yyyy", b"x", SimpleFileOptions::default())]);
    replace(&mut bytes, b"yyyy", b"caf\x82");
    assert!(refusal(check(&bytes)).contains("not UTF-8"));
    let long = tar(&[(b"././@LongLink", EntryType::GNULongName, b"a\xFF/b"), (b"a", EntryType::Regular, b"x")]);
    assert!(refusal(check(&long)).contains("not UTF-8"));
}

#[test]
fn what_is_neither_file_nor_directory() {
    let cases = [
        (EntryType::Symlink, "a symbolic link"),
        (EntryType::Link, "a hard link"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a named pipe"),
        (EntryType::GNUSparse, "a sparse file"),
        (EntryType::new(b'M'), "neither a file nor a directory"),
    ];
    for (kind, part) in cases {
        let sentence = refusal(check(&tar(&[(b"data", kind, b"")])));
        assert!(sentence.contains(part), "{kind:?}: {sentence}");
    }
    let mut link = ZipWriter::new(Cursor::new(Vec::new()));
    link.add_symlink("data", "/etc/passwd", SimpleFileOptions::default()).expect("added");
    let bytes = link.finish().expect("finished").into_inner();
    assert!(refusal(check(&bytes)).contains("a symbolic link"));

    let mut link = ArchiveEntry::new_file("data");
    link.has_windows_attributes = true;
    link.windows_attributes = 0x8000 | 0o120_777 << 16;
    assert!(refusal(check(&seven_zip(vec![(link, b"/etc/passwd")], lzma2()))).contains("a symbolic link"));
    let mut junction = ArchiveEntry::new_file("data");
    junction.has_windows_attributes = true;
    junction.windows_attributes = 0x400;
    assert!(refusal(check(&seven_zip(vec![(junction, b"x")], lzma2()))).contains("a link of Windows"));
}

#[test]
fn bombs() {
    let zeros = vec![0; 4 << 20];
    let limits = Limits { ratio_from_bytes: 1 << 20, max_ratio: 100, ..Limits::default() };
    let members = [Member::new("bomb", zeros)];
    for format in [PackageFormat::SevenZip, PackageFormat::Zip, PackageFormat::TarGz] {
        let bytes = package(format, &members).expect("written");
        assert!(check(&bytes).is_ok(), "{format}: four mebibytes are no bomb");
        let sentence = refusal(check_with(&bytes, limits));
        assert!(sentence.contains("decompression bomb"), "{format}: {sentence}");
        let sentence = refusal(check_with(&bytes, Limits { max_unpacked_bytes: 1 << 20, ..Limits::default() }));
        assert!(sentence.contains("more than 1048576 bytes"), "{format}: {sentence}");
    }
}

#[test]
fn too_many_entries() {
    let members: Vec<Member> = (0..20).map(|number| Member::new(format!("f{number}"), "x")).collect();
    let limits = Limits { max_entries: 10, ..Limits::default() };
    for format in PackageFormat::ALL {
        let sentence = refusal(check_with(&package(format, &members).expect("written"), limits));
        assert_eq!(sentence, "the package has more than 10 entries", "{format}");
    }
}

#[test]
fn dictionaries_and_tables_that_need_too_much_memory() {
    let mut options = LzmaOptions::from_level(1);
    options.set_dictionary_size(64 << 20);
    let bytes = seven_zip(vec![(ArchiveEntry::new_file("a"), b"xxxx")], options.into());
    assert!(check(&bytes).is_ok());
    let sentence = refusal(check_with(&bytes, Limits { max_decoder_memory: 32 << 20, ..Limits::default() }));
    assert!(sentence.contains("bytes of memory"), "{sentence}");

    let members: Vec<Member> = (0..200).map(|number| Member::new(format!("a-rather-long-name-{number}"), "x")).collect();
    for format in [PackageFormat::SevenZip, PackageFormat::Zip] {
        let bytes = package(format, &members).expect("written");
        let sentence = refusal(check_with(&bytes, Limits { max_index_bytes: 300, ..Limits::default() }));
        assert!(sentence.contains("table of contents is longer than 300 bytes"), "{format}: {sentence}");
    }
}

#[test]
fn tar_extensions_that_lie_or_swell() {
    let huge = vec![b'x'; 2 << 20];
    for kind in [EntryType::GNULongName, EntryType::XHeader, EntryType::XGlobalHeader, EntryType::GNULongLink] {
        let sentence = refusal(check(&tar(&[(b"x", kind, &huge), (b"a", EntryType::Regular, b"x")])));
        assert!(sentence.contains("extension header is longer"), "{kind:?}: {sentence}");
    }
    for records in ["x", "99 path=a\n", "5 x\n", "12 path=abc", "16 size=1000000000"] {
        let bytes = tar(&[(b"x", EntryType::XHeader, records.as_bytes()), (b"a", EntryType::Regular, b"x")]);
        refusal(check(&bytes));
    }
    let sparse = tar(&[(b"x", EntryType::XHeader, b"22 GNU.sparse.major=1\n"), (b"a", EntryType::Regular, b"x")]);
    assert!(refusal(check(&sparse)).contains("sparse"));
    let global = tar(&[(b"x", EntryType::XGlobalHeader, b"10 path=a\n"), (b"a", EntryType::Regular, b"x")]);
    assert!(refusal(check(&global)).contains("global"));
    let dangling = tar(&[(b"././@LongLink", EntryType::GNULongName, b"name")]);
    assert!(refusal(check(&dangling)).contains("where a member should follow"));
    let directory = tar(&[(b"d/", EntryType::Directory, b"content")]);
    assert!(refusal(check(&directory)).contains("a directory with content"));
    let path = tar(&[(b"x", EntryType::XHeader, b"16 path=../../x\n"), (b"a", EntryType::Regular, b"x")]);
    assert!(refusal(check(&path)).contains("\"..\""));
}

#[test]
fn archives_that_are_cut_off_or_continued() {
    let sound = tar(&[(b"a", EntryType::Regular, &[b'x'; 700])]);
    assert!(check(&sound).is_ok());
    assert!(refusal(check(&sound[..1000])).contains("cut off inside an entry: a"));
    assert!(refusal(check(&sound[..1536])).contains("no end mark"));
    let mut two = sound.clone();
    two.extend_from_slice(&sound);
    assert!(refusal(check(&gzip(&two))).contains("after the end of the tar archive"));
    // A bag in front of which everything is in order, so that it is walked to its end.
    let members = BagBuilder::new().file("a", "x").build();
    let mut two = package(PackageFormat::Tar, &members).expect("written");
    two.extend_from_slice(&sound);
    assert!(refusal(check(&two)).contains("after the end of the tar archive"));

    let whole = gzip(&package(PackageFormat::Tar, &members).expect("written"));
    assert!(check(&whole).is_ok());
    assert!(refusal(check(&whole[..whole.len() - 3])).contains("ends too early"));
    let mut trailing = whole.clone();
    trailing.extend_from_slice(b"more");
    assert!(refusal(check(&trailing)).contains("damaged"));
    let mut wrong_sum = whole;
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 1;
    assert!(refusal(check(&wrong_sum)).contains("damaged"));
    assert!(refusal(check(&gzip(b"not a tar archive"))).contains("cut off inside a header"));
    assert!(refusal(check(&gzip(&[b'x'; 2000]))).contains("checksum"));

    let mut seven = package(PackageFormat::SevenZip, &members).expect("written");
    assert!(refusal(check(&seven[..seven.len() - 1])).contains("cut off"));
    seven.push(0);
    assert!(refusal(check(&seven)).contains("after the end of the 7z archive"));
    let mut zip = package(PackageFormat::Zip, &members).expect("written");
    assert!(refusal(check(&zip[..zip.len() - 1])).contains("no end record"));
    zip.push(0);
    assert!(refusal(check(&zip)).contains("no end record"));
}

#[test]
fn sizes_that_lie() {
    // Stored content whose length is changed in both headers: the checksum or the next header differs.
    let stored = SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Deflated);
    let members: Vec<(String, Vec<u8>)> =
        BagBuilder::new().file("a", "x".repeat(0x1234)).build().into_iter().map(|m| (m.path, m.content)).collect();
    let members: Vec<(&str, &[u8], SimpleFileOptions)> = members.iter().map(|(p, c)| (p.as_str(), c.as_slice(), stored)).collect();
    let bytes = zip(&members);
    for lie in [[0x33, 0x12, 0, 0], [0x35, 0x12, 0, 0]] {
        let mut bytes = bytes.clone();
        replace(&mut bytes, &[0x34, 0x12, 0, 0], &lie);
        let sentence = refusal(check(&bytes));
        assert!(sentence.contains("data/a"), "{sentence}");
    }
    // Only the table of contents is changed: the entry's own header says otherwise.
    let mut bytes = bytes;
    let at = bytes.windows(4).rposition(|window| window == [0x34, 0x12, 0, 0]).expect("in the table");
    bytes[at] = 0x33;
    let sentence = refusal(check(&bytes));
    assert!(sentence.contains("does not match central directory"), "{sentence}");
}

#[test]
fn zip_entries_that_share_bytes_or_names() {
    let members = [("aaaa", &b"one"[..], SimpleFileOptions::default()), ("bbbb", &b"two"[..], SimpleFileOptions::default())];
    let mut bytes = zip(&members);
    replace(&mut bytes, b"bbbb", b"aaaa");
    assert!(refusal(check(&bytes)).contains("duplicate"));

    // Both records of the table point at the first entry.
    let mut bytes = zip(&members);
    let records: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"PK\x01\x02")).collect();
    bytes[records[1] + 42..records[1] + 46].fill(0);
    refusal(check(&bytes));
}

#[test]
fn two_ends_make_a_zip_ambiguous() {
    let mut bytes = zip(&[("a", b"x", SimpleFileOptions::default())]);
    let end = bytes.len() - 22;
    let second = bytes[end..].to_vec();
    bytes[end + 20] = 22;
    bytes.extend_from_slice(&second);
    assert!(refusal(check(&bytes)).contains("more than one end record"));
}

#[test]
fn encrypted_entries() {
    let mut bytes = zip(&[("secret", b"x", SimpleFileOptions::default())]);
    // The lowest bit of the general flags, in both headers.
    let local = bytes.windows(4).position(|window| window == b"PK\x03\x04").expect("a local header");
    let central = bytes.windows(4).position(|window| window == b"PK\x01\x02").expect("a table");
    bytes[local + 6] |= 1;
    bytes[central + 8] |= 1;
    let sentence = refusal(check(&bytes));
    assert!(sentence.contains("encrypted"), "{sentence}");
}

#[test]
fn methods_that_are_not_supported() {
    let mut bytes = zip(&[("a", b"xxxx", SimpleFileOptions::default())]);
    let local = bytes.windows(4).position(|window| window == b"PK\x03\x04").expect("a local header");
    let central = bytes.windows(4).position(|window| window == b"PK\x01\x02").expect("a table");
    bytes[local + 8] = 93;
    bytes[central + 10] = 93;
    let sentence = refusal(check(&bytes));
    assert!(sentence.contains("not supported"), "{sentence}");
}
