//! Bags built by code are valid in every container, and the samples are what they claim.

use std::io::{Cursor, Write};

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};
use sevenz_rust2::encoder_options::{Bzip2Options, DeflateOptions, Lzma2Options, LzmaOptions, PpmdOptions};
use sevenz_rust2::{ArchiveEntry, ArchiveWriter, EncoderConfiguration, EncoderMethod};

use super::super::builder::{BagBuilder, Member, package};
use super::super::samples::samples;
use super::super::{Limits, PackageError, PackageFormat, detect, verify};
use super::{check, on_disk};
use crate::bag::{Algorithm, NoProgress, Outcome, ProblemCode, Version};

fn bag() -> BagBuilder {
    BagBuilder::new()
        .algorithms(&[Algorithm::Md5, Algorithm::Sha256])
        .info("External-Identifier", "12/4")
        .file("minutes.txt", "The minutes.")
        .file("empty.txt", "")
        .file("a/b/plan\n100%.csv", vec![7; 300_000])
        .file("Übersicht.txt", "x")
        .tag_file("metadata/dc.xml", "<dc/>")
}

#[test]
fn a_bag_is_valid_in_every_container() {
    for format in PackageFormat::ALL {
        for builder in [bag(), bag().top_directory("fonds-12"), bag().version(Version::V0_97).without_tag_manifests()] {
            let bytes = package(format, &builder.build()).expect("it is written");
            let verdict = check(&bytes).expect("it is read");
            assert_eq!(verdict.problems, [], "{format}");
            assert_eq!(verdict.outcome, Outcome::Valid);
            assert_eq!(verdict.payload_files, 4);
            assert_eq!(verdict.payload_bytes, 300_013);
        }
    }
}

#[test]
fn every_method_that_archives_use_is_read() {
    let members = bag().top_directory("x").build();
    let x86 = || EncoderConfiguration::from(EncoderMethod::BCJ_X86_FILTER);
    let methods: [Vec<EncoderConfiguration>; 7] = [
        vec![EncoderMethod::COPY.into()],
        vec![LzmaOptions::from_level(1).into()],
        vec![Lzma2Options::from_level(1).into()],
        vec![Bzip2Options::from_level(1).into()],
        vec![PpmdOptions::from_level(1).into()],
        vec![DeflateOptions::from_level(1).into()],
        vec![x86(), Lzma2Options::from_level(1).into()],
    ];
    for method in methods {
        let mut archive = ArchiveWriter::new(Cursor::new(Vec::new())).expect("memory");
        archive.set_content_methods(method);
        for member in &members {
            // One block for each file, as 7-Zip writes when told not to be solid.
            archive.push_archive_entry(ArchiveEntry::new_file(&member.path), Some(member.content.as_slice())).expect("pushed");
        }
        archive.push_archive_entry::<&[u8]>(ArchiveEntry::new_directory("x/data/a"), None).expect("pushed");
        let bytes = archive.finish().expect("finished").into_inner();
        assert_eq!(check(&bytes).expect("read").outcome, Outcome::Valid);
    }

    let plain = SimpleFileOptions::default();
    let methods = [
        plain.compression_method(CompressionMethod::Stored),
        plain.compression_method(CompressionMethod::Bzip2),
        plain.compression_method(CompressionMethod::Deflated).large_file(true),
    ];
    for options in methods {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_directory("x/data", plain).expect("added");
        for member in &members {
            zip.start_file(member.path.as_str(), options).expect("started");
            zip.write_all(&member.content).expect("written");
        }
        let bytes = zip.finish().expect("finished").into_inner();
        assert_eq!(check(&bytes).expect("read").outcome, Outcome::Valid);
    }

    // Written without seeking, lengths and checksums follow the content.
    let mut zip = ZipWriter::new_stream(Vec::new());
    for member in &members {
        zip.start_file(member.path.as_str(), plain).expect("started");
        zip.write_all(&member.content).expect("written");
    }
    let bytes = zip.finish().expect("finished").into_inner();
    assert_eq!(check(&bytes).expect("read").outcome, Outcome::Valid);
}

#[test]
fn tar_archives_of_other_writers_are_read() {
    // The tar crate writes long names in its own way, and pax headers when told.
    let members = bag().top_directory("./x").file("d/".repeat(60) + "y", "z").build();
    let mut archive = ::tar::Builder::new(Vec::new());
    for member in &members {
        let mut header = ::tar::Header::new_ustar();
        header.set_size(member.content.len() as u64);
        header.set_mode(0o600);
        archive.append_pax_extensions([("comment", &b"x"[..]), ("mtime", &b"1.5"[..])]).expect("appended");
        archive.append_data(&mut header, &member.path, member.content.as_slice()).expect("appended");
    }
    let bytes = archive.into_inner().expect("finished");
    let verdict = check(&bytes).expect("read");
    assert_eq!(verdict.outcome, Outcome::Valid);
    assert_eq!(verdict.top_directory.as_deref(), Some("x"));
}

#[test]
fn long_names_survive_every_container() {
    let long = format!("{}/{}.txt", "directory".repeat(12), "name".repeat(30));
    let exact = "x".repeat(100 - "data/".len());
    let members = BagBuilder::new().file(&long, "x").file(&exact, "y").build();
    for format in PackageFormat::ALL {
        let bytes = package(format, &members).expect("it is written");
        assert_eq!(check(&bytes).expect("it is read").outcome, Outcome::Valid, "{format}");
    }
}

#[test]
fn damage_is_named_in_every_container() {
    for format in PackageFormat::ALL {
        let mut members = bag().top_directory("x").build();
        for member in &mut members {
            if member.path.ends_with("minutes.txt") {
                member.content = b"The mimutes.".to_vec();
            }
        }
        members.push(Member::new("x/data/extra", "e"));
        let verdict = check(&package(format, &members).expect("written")).expect("read");
        assert_eq!(verdict.outcome, Outcome::Invalid);
        let found: Vec<_> = verdict.errors().map(|p| (p.code, p.path.as_deref().unwrap_or_default())).collect();
        assert_eq!(
            found,
            [
                (ProblemCode::OxumMismatch, "bag-info.txt"),
                (ProblemCode::FileNotListed, "data/extra"),
                (ProblemCode::DigestMismatch, "data/minutes.txt"),
                (ProblemCode::DigestMismatch, "data/minutes.txt"),
            ],
            "{format}"
        );
    }
}

#[test]
fn samples_are_what_they_claim_and_always_the_same() {
    for sample in samples() {
        let bytes = sample.bytes().expect("it is written");
        assert_eq!(bytes, sample.bytes().expect("it is written again"), "{}", sample.file_name);
        assert!(bytes.len() < 200_000, "{} has {} bytes", sample.file_name, bytes.len());
        assert_eq!(format!("{}.{}", sample.name(), sample.format), sample.file_name);
        let file = on_disk(&bytes);
        assert_eq!(detect(&file.path).expect("readable"), Some(sample.format));
        let verdict = verify(&file.path, Limits::default(), &mut NoProgress).expect("readable");
        let expected = if sample.file_name.starts_with("accession") { Outcome::NotABag } else { Outcome::Valid };
        assert_eq!(verdict.outcome, expected, "{}: {:?}", sample.file_name, verdict.problems);
        if expected == Outcome::Valid {
            assert_eq!(verdict.problems, [], "{}", sample.file_name);
            assert_eq!(verdict.top_directory.as_deref(), Some(sample.name()));
        }
    }
}

#[test]
fn a_file_that_is_no_package_is_refused_and_an_absent_one_is_not() {
    let error = check(b"%PDF-1.7 whatever its name");
    assert!(matches!(error, Err(PackageError::Refused { .. })));
    let missing = verify(std::path::Path::new("/no/such/package.zip"), Limits::default(), &mut NoProgress);
    assert!(matches!(&missing, Err(error @ PackageError::Io(_)) if !error.is_permanent()));
}
