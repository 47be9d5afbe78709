//! Whatever is done to the bytes of a package, it never panics or hangs, and is never called valid
//! unless its payload still is what was packed.

use proptest::prelude::*;

use super::super::builder::{BagBuilder, Member, package};
use super::super::{Limits, PackageFormat};
use super::{check_with, on_disk};
use crate::bag::source::Visit;
use crate::bag::{Entry, SourceError};

fn members() -> Vec<Member> {
    BagBuilder::new().top_directory("x").file("minutes.txt", "The minutes. ".repeat(40)).file("a/plan.csv", "1,2\n3,4\n").build()
}

/// Small, so that a damaged size cannot make a case slow.
fn limits() -> Limits {
    Limits { max_unpacked_bytes: 1 << 20, max_decoder_memory: 32 << 20, max_index_bytes: 1 << 20, ..Limits::default() }
}

/// The payload as the package gives it now.
fn payload(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, SourceError> {
    let file = on_disk(bytes);
    let mut source = super::super::open(&file.path, limits()).map_err(|error| SourceError::refused(error.to_string()))?;
    let mut found = Vec::new();
    let mut visit = |entry: &Entry, reader: &mut dyn std::io::Read| {
        let mut content = Vec::new();
        reader.read_to_end(&mut content)?;
        if entry.is_file() && entry.path.starts_with("x/data/") {
            found.push((entry.path.clone(), content));
        }
        Ok(())
    };
    let visit: &mut Visit<'_> = &mut visit;
    source.walk(visit)?;
    found.sort();
    Ok(found)
}

fn packed() -> Vec<(String, Vec<u8>)> {
    let mut payload: Vec<(String, Vec<u8>)> =
        members().into_iter().filter(|member| member.path.starts_with("x/data/")).map(|member| (member.path, member.content)).collect();
    payload.sort();
    payload
}

fn assert_sound_if_valid(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(verdict) = check_with(bytes, limits())
        && verdict.is_valid()
    {
        prop_assert_eq!(payload(bytes).expect("it was just read"), packed());
    }
    Ok(())
}

fn format() -> impl Strategy<Value = PackageFormat> {
    prop::sample::select(PackageFormat::ALL.to_vec())
}

/// Corrects the two checksums at the start of a 7z archive, as somebody would who changed it on purpose.
fn reseal_seven_zip(bytes: &mut [u8]) {
    let crc = |part: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(part);
        crc.sum().to_le_bytes()
    };
    let offset = u64::from_le_bytes(bytes[12..20].try_into().expect("eight bytes"));
    let table = crc(&bytes[32 + offset as usize..]);
    bytes[28..32].copy_from_slice(&table);
    let start = crc(&bytes[12..32]);
    bytes[8..12].copy_from_slice(&start);
}

/// Corrects the checksum of the header at `at`.
fn reseal_tar_header(bytes: &mut [u8], at: usize) {
    let mut header = ::tar::Header::from_byte_slice(&bytes[at..at + 512]).clone();
    header.set_cksum();
    bytes[at..at + 512].copy_from_slice(header.as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cut_off(format in format(), at: prop::sample::Index) {
        let bytes = package(format, &members()).expect("written");
        let cut = &bytes[..at.index(bytes.len())];
        let verdict = check_with(cut, limits());
        // The zeros that fill up a tar archive may be missing; nothing else may.
        if format == PackageFormat::Tar && cut.len() + 1024 > bytes.len() {
            assert_sound_if_valid(cut)?;
        } else {
            prop_assert!(verdict.is_err(), "{:?}", verdict);
        }
    }

    #[test]
    fn flipped_bytes(
        format in format(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4),
    ) {
        let mut bytes = package(format, &members()).expect("written");
        for (at, mask) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= mask;
        }
        assert_sound_if_valid(&bytes)?;
    }

    #[test]
    fn replaced_stretches(
        format in format(), at: prop::sample::Index, noise in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        let mut bytes = package(format, &members()).expect("written");
        let at = at.index(bytes.len());
        let end = (at + noise.len()).min(bytes.len());
        bytes[at..end].copy_from_slice(&noise[..end - at]);
        assert_sound_if_valid(&bytes)?;
    }

    #[test]
    fn noise_behind_a_true_beginning(format in format(), noise in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut bytes = package(format, &members()).expect("written");
        bytes.truncate(64);
        bytes.extend(noise);
        prop_assert!(check_with(&bytes, limits()).is_err());
    }

    #[test]
    fn something_appended(format in format(), tail in prop::collection::vec(1..=255_u8, 1..40)) {
        let mut bytes = package(format, &members()).expect("written");
        bytes.extend(tail);
        prop_assert!(check_with(&bytes, limits()).is_err());
    }

    #[test]
    fn seven_zip_tables_changed_on_purpose(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = package(PackageFormat::SevenZip, &members()).expect("written");
        let offset = u64::from_le_bytes(bytes[12..20].try_into().expect("eight bytes"));
        let table = 32 + offset as usize;
        for (at, value) in flips {
            let at = table + at.index(bytes.len() - table);
            bytes[at] = value;
        }
        reseal_seven_zip(&mut bytes);
        assert_sound_if_valid(&bytes)?;
    }

    #[test]
    fn tar_headers_changed_on_purpose(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), member in 0..3_usize, gzipped: bool,
    ) {
        let mut bytes = package(PackageFormat::Tar, &members()).expect("written");
        // Every member of this bag but one fits into one block.
        let header = member * 1024;
        for (at, value) in flips {
            bytes[header + at.index(512)] = value;
        }
        reseal_tar_header(&mut bytes, header);
        if gzipped {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut gzip, &bytes).expect("memory");
            bytes = gzip.finish().expect("memory");
        }
        assert_sound_if_valid(&bytes)?;
    }
}
