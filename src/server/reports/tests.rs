//! What a report has to be, whatever it says.

use super::deletion::{DeletionReport, render};
use crate::domain::{AipStatus, Timestamp};
use proptest::prelude::*;
use std::{
    io::Write as _,
    process::{Command, Output},
};
use tempfile::NamedTempFile;
use uuid::Uuid;

const LOCATION: Uuid = Uuid::from_u128(0x5d2f_6f2e_6a1e_4f0e_9a56_0f0b_7b3a_1c11);

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("RFC 3339")
}

fn report() -> DeletionReport {
    DeletionReport {
        aip_name: "Nachlass Müller.tar".into(),
        aip_uuid: Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5e01),
        status: AipStatus::Deleted,
        size: Some(1_234_567),
        sha256: Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into()),
        location: Some(("second-store".into(), LOCATION)),
        preservation_system: "a3m".into(),
        requester: "archivist@example.org".into(),
        requested_at: at("2026-06-02T09:00:00Z"),
        reason: "The donor has withdrawn the deposit.".into(),
        reviewer: "head@example.org".into(),
        reviewed_at: Some(at("2026-06-02T09:19:58Z")),
        deleted_at: at("2026-06-02T09:20:05Z"),
        reported_at: at("2026-06-02T09:20:06Z"),
        version: "0.1.0".into(),
    }
}

/// Runs one of the programs that read PDFs on a file of its own; `None`, with the reason told, where it is not installed.
fn read_by(test: &str, program: &str, arguments: &[&str], pdf: &[u8]) -> Option<Output> {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(pdf).expect("written");
    let arguments = arguments.iter().map(|argument| if *argument == "FILE" { file.path().as_os_str() } else { argument.as_ref() });
    match Command::new(program).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) => {
            println!("SKIP {test}: {program} does not run: {error}");
            None
        }
    }
}

/// The text that stands in a report, in one line.
fn text_of(test: &str, report: &DeletionReport) -> Option<String> {
    let pdf = render(report).expect("a PDF");
    let output = read_by(test, "pdftotext", &["-q", "-raw", "-enc", "UTF-8", "FILE", "-"], &pdf)?;
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).expect("UTF-8").split_whitespace().collect::<Vec<_>>().join(" "))
}

fn holds(pdf: &[u8], text: &str) -> bool {
    memchr::memmem::find(pdf, text.as_bytes()).is_some()
}

#[test]
fn it_says_what_it_is_and_when_it_was_made() {
    let pdf = render(&report()).expect("a PDF");
    assert!(pdf.starts_with(b"%PDF-1.7") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
    for text in [
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
        "Deletion report: Nachlass Müller.tar (9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01)",
        "<xmp:CreateDate>2026-06-02T09:20:06+00:00</xmp:CreateDate>",
        "<pdf:Producer>Strongroom 0.1.0</pdf:Producer>",
        "/Lang(en)",
    ] {
        assert!(holds(&pdf, text), "{text}");
    }
}

#[test]
fn the_same_report_is_the_same_bytes() {
    assert!(render(&report()).expect("a PDF") == render(&report()).expect("a PDF"));
    let other = DeletionReport { reason: "Another reason, as long.".into(), ..report() };
    assert!(render(&report()).expect("a PDF") != render(&other).expect("a PDF"));
}

#[test]
fn its_structure_is_sound() {
    let pdf = render(&report()).expect("a PDF");
    if let Some(output) = read_by("its_structure_is_sound", "qpdf", &["--check", "FILE"], &pdf) {
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn every_field_can_be_read_out() {
    let Some(text) = text_of("every_field_can_be_read_out", &report()) else { return };
    for field in [
        "Name Nachlass Müller.tar",
        "UUID 9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01",
        "Status deleted",
        "Size 1,234,567 bytes",
        "SHA-256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "Preservation system a3m",
        "Requested by archivist@example.org",
        "Requested at 2026-06-02T09:00:00Z Tuesday, 2 June 2026, 09:00:00 UTC",
        "Reason The donor has withdrawn the deposit.",
        "Approved by head@example.org",
        "Approved at 2026-06-02T09:19:58Z",
        "Deleted at 2026-06-02T09:20:05Z",
        "Reported at 2026-06-02T09:20:06Z",
        "Storage system Strongroom",
        "Version 0.1.0",
        "Location second-store",
        "Location UUID 5d2f6f2e-6a1e-4f0e-9a56-0f0b7b3a1c11",
    ] {
        assert!(text.contains(field), "{field:?} in {text}");
    }
    assert!(!text.contains("Page 1") && !text.contains('\u{fffd}'), "{text}");
}

#[test]
fn what_is_not_known_or_did_not_happen_is_said() {
    let short = DeletionReport { aip_name: " \n".into(), size: None, sha256: None, location: None, reviewed_at: None, ..report() };
    let Some(text) = text_of("what_is_not_known_or_did_not_happen_is_said", &short) else { return };
    for field in [
        "Name (empty)",
        "Size Not known: another system announced this package.",
        "SHA-256 Not known: another system announced this package.",
        "Location None: another system kept this package.",
        "Approved at Approved with the request, without a review.",
    ] {
        assert!(text.contains(field), "{field:?} in {text}");
    }
}

#[test]
fn characters_without_a_shape_are_named_and_can_still_be_copied() {
    let hostile = DeletionReport {
        aip_name: "a\u{0}\u{202e}gpj.exe".into(),
        reason: "😀".repeat(499) + "中",
        requester: "ארכיון העיר".into(),
        reviewer: "أرشيف المدينة".into(),
        location: Some(("W".repeat(500), LOCATION)),
        ..report()
    };
    let Some(text) = text_of("characters_without_a_shape_are_named_and_can_still_be_copied", &hostile) else { return };
    assert!(text.contains("Name U+0000, U+202E"), "{text}");
    assert!(text.contains("Reason U+1F600 × 499, U+4E2D"), "{text}");
    assert_eq!((text.matches('😀').count(), text.matches('中').count()), (499, 1), "copied as they were written");
    assert!(text.contains("העיר") && text.contains("المدينة"), "{text}");
    assert_eq!(text.matches('W').count(), 500, "a word that is longer than a line is broken, not cut");
    assert!(text.contains("Page 1 of 2") && text.contains("Page 2 of 2"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn no_text_makes_a_report_fail(name in any::<String>(), reason in "(?s).{0,500}", requester in "\\PC{0,80}", location in "[\\p{Arabic}\\p{Hebrew}a-z 0-9()-]{0,60}") {
        let report = DeletionReport { aip_name: name, reason, requester, location: Some((location, LOCATION)), ..report() };
        prop_assert!(render(&report).is_ok());
    }
}
