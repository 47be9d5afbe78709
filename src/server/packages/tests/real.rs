//! Packages that other projects publish, when they are at hand, get their true verdicts.

use std::path::{Path, PathBuf};

use super::super::{FolderPack, Limits, verify};
use super::check;
use crate::bag::{NoProgress, Outcome, ProblemCode, Verdict};

/// The folder of such packages, or `None` after having said that the test is skipped.
fn shared_data(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("STRONGROOM_SHARED_DATA")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIP {test}: there is no folder of real packages at {}", folder.display());
    None
}

fn verdict(path: &Path) -> Verdict {
    verify(path, Limits::default(), &mut NoProgress).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn errors(verdict: &Verdict) -> Vec<(ProblemCode, &str)> {
    verdict.errors().map(|problem| (problem.code, problem.path.as_deref().unwrap_or_default())).collect()
}

#[test]
fn containers() {
    use ProblemCode::*;
    let Some(data) = shared_data("containers") else {
        return;
    };
    let cases: [(&str, &[(ProblemCode, &str)]); 6] = [
        ("archivematica-aips/aicsmall_aic-4781e745-96bc-4b06-995c-ee59fddf856d.7z", &[]),
        ("archivematica-aips/working_bag.7z", &[]),
        ("archivematica-aips/working_bag.zip", &[]),
        ("aptrust-bags/example.edu.tagsample_good.tar", &[]),
        ("aptrust-bags/test.edu.btr_good_sha512.tar", &[]),
        ("aptrust-bags/example.edu.sample_missing_data_file.tar", &[(FileMissing, "data/datastream-DC")]),
    ];
    for (name, expected) in cases {
        let verdict = verdict(&data.join(name));
        assert_eq!(errors(&verdict), expected, "{name}");
        assert_eq!(verdict.outcome == Outcome::Valid, expected.is_empty(), "{name}");
    }
}

#[test]
fn folders_as_they_lie_and_as_tar() {
    use ProblemCode::*;
    let Some(data) = shared_data("folders_as_they_lie_and_as_tar") else {
        return;
    };
    let cases: [(&str, &[(ProblemCode, &str)]); 10] = [
        ("archivematica-aips/20200513060703-828c44bb-e631-4137-8638-bda4434218dc", &[]),
        (
            "archivematica-aips/broken_bag",
            &[(FileMissing, "data/dne.txt"), (DigestMismatch, "data/test.txt"), (DigestMismatch, "manifest-md5.txt")],
        ),
        ("archivematica-bags/bag with payload oxum and tag manifest", &[]),
        ("archivematica-bags/bag fail tag manifest", &[(DigestMismatch, "bag-info.txt")]),
        ("bagit-conformance/v0.97/valid/basic-bag", &[]),
        ("bagit-conformance/v0.97/valid/bag-with-encoded-names", &[]),
        ("bagit-conformance/v1.0/valid/basicBag", &[]),
        ("bagit-conformance/v0.97/invalid/extra-file-in-bag", &[(OxumMismatch, "bag-info.txt"), (FileNotListed, "data/bar")]),
        ("bagit-conformance/v0.97/invalid/missing-bagit.txt", &[(DeclarationMissing, "bagit.txt"), (FileMissing, "bagit.txt")]),
        ("bagit-conformance/v0.97/invalid/corrupt-data-file", &[(OxumMismatch, "bag-info.txt"), (DigestMismatch, "data/bare-filename")]),
    ];
    for (name, expected) in cases {
        let folder = data.join(name);
        let as_it_lies = verdict(&folder);
        assert_eq!(errors(&as_it_lies), expected, "{name}");
        assert_eq!(as_it_lies.outcome == Outcome::Valid, expected.is_empty(), "{name}");

        let mut tar = Vec::new();
        FolderPack::plan(&folder, None, Limits::default()).expect("planned").write_to(&mut tar).expect("packed");
        assert_eq!(check(&tar).expect("read"), as_it_lies, "{name} as tar");
    }
}

#[test]
fn what_is_not_a_bag() {
    let Some(data) = shared_data("what_is_not_a_bag") else {
        return;
    };
    for name in ["ocfl/1.1/good-objects/spec-ex-full", "mets"] {
        assert_eq!(verdict(&data.join(name)).outcome, Outcome::NotABag, "{name}");
    }
}
