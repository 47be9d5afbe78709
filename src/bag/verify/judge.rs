//! From what was found to a verdict.

use super::VerifyOptions;
use super::inventory::{Facts, Fetch, Inventory, LineFact, LineFacts, Manifest, PathId};
use super::plan::Names;
use super::resolve;
use crate::bag::bag_info::{self, Oxum};
use crate::bag::digest::{Algorithms, to_hex};
use crate::bag::encoding::TextFacts;
use crate::bag::manifest::{ManifestKind, ManifestName};
use crate::bag::path::is_payload;
use crate::bag::problem::{Problem, ProblemCode, Problems, Severity};
use crate::bag::source::EntryKind;
use crate::bag::verdict::{InfoField, Outcome, Verdict};
use crate::bag::{Declaration, Version, declaration, fetch};

pub(super) fn not_a_bag(names: &Names, why: &str) -> Verdict {
    Verdict {
        outcome: Outcome::NotABag,
        version: None,
        top_directory: None,
        algorithms: Vec::new(),
        payload_files: names.files,
        payload_bytes: names.bytes,
        info: Vec::new(),
        problems: vec![Problem { severity: Severity::Error, code: ProblemCode::DeclarationMissing, path: None, message: why.to_owned() }],
    }
}

pub(super) fn judge(mut inventory: Inventory, options: &VerifyOptions) -> Verdict {
    let mut problems = Problems::new(options.max_problems);
    let declaration = read_declaration(&inventory, &mut problems);
    // Without a readable version the strictest rules apply: the bag is invalid anyway.
    let version = declaration.version.unwrap_or(Version::V1_0);

    check_structure(&inventory, &mut problems);
    for manifest in &inventory.manifests {
        check_lines(&manifest.file, &manifest.text, &manifest.lines, manifest.too_large, version, &mut problems);
    }
    let info = read_info(&inventory, &declaration, version, &mut problems);
    resolve::decode_listed(&mut inventory, version, &mut problems);
    resolve::pair_by_form(&mut inventory, &mut problems);
    check_files(&inventory, version, &mut problems);
    if let Some(fetch) = &inventory.fetch {
        check_fetch(&inventory, fetch, version, &mut problems);
    }
    resolve::warn_of_collisions(&inventory, &mut problems);

    let algorithms: Algorithms = inventory
        .manifests
        .iter()
        .filter(|manifest| manifest.kind == ManifestKind::Payload)
        .filter_map(|manifest| manifest.algorithm)
        .collect();
    Verdict {
        outcome: if problems.has_errors() { Outcome::Invalid } else { Outcome::Valid },
        version: declaration.version,
        top_directory: (!inventory.top.is_empty()).then(|| inventory.top.clone()),
        algorithms: algorithms.iter().collect(),
        payload_files: inventory.payload_files,
        payload_bytes: inventory.payload_bytes,
        info,
        problems: problems.into_list(),
    }
}

fn read_declaration(inventory: &Inventory, problems: &mut Problems) -> Declaration {
    let Some(small) = &inventory.declaration else {
        problems.error(ProblemCode::DeclarationMissing, Some(declaration::FILE_NAME), "There is no bagit.txt.");
        return Declaration::default();
    };
    if small.cut {
        problems.error(
            ProblemCode::DeclarationMalformed,
            Some(declaration::FILE_NAME),
            "bagit.txt is far longer than two lines; only its beginning was read.",
        );
    }
    declaration::parse(&small.bytes, problems)
}

fn check_structure(inventory: &Inventory, problems: &mut Problems) {
    if !inventory.payload_directory {
        problems.error(ProblemCode::PayloadDirectoryMissing, None, "There is no data directory for the payload.");
    }
    if !inventory.manifests.iter().any(|manifest| manifest.kind == ManifestKind::Payload) {
        problems.error(
            ProblemCode::PayloadManifestMissing,
            None,
            "There is no payload manifest, so nothing tells what the payload should be.",
        );
    }
    for manifest in &inventory.manifests {
        if manifest.algorithm.is_none() {
            problems.error(
                ProblemCode::AlgorithmUnknown,
                Some(&manifest.file),
                format!("{} has digests of an algorithm that is not known here; they were not checked.", manifest.file),
            );
        }
    }
}

/// Reports what was noticed about the text of a manifest or of `fetch.txt`.
fn check_lines(file: &str, text: &TextFacts, lines: &LineFacts, too_large: bool, version: Version, problems: &mut Problems) {
    check_text(file, text, version, problems);
    if too_large {
        problems.error(
            ProblemCode::TagFileTooLarge,
            Some(file),
            format!("{file} lists more paths than can be checked; the rest of it was not read."),
        );
    }
    for (number, fact) in &lines.kept {
        match fact {
            LineFact::Tolerated(form) => problems.report(
                if version.is_rfc() { Severity::Error } else { Severity::Warning },
                if version.is_rfc() { ProblemCode::ManifestLineMalformed } else { ProblemCode::ManifestLineTolerated },
                Some(file),
                format!("Line {number} of {file} {}.", form.describe()),
            ),
            LineFact::Malformed(why) => problems.error(
                if file == fetch::FILE_NAME { ProblemCode::FetchLineMalformed } else { ProblemCode::ManifestLineMalformed },
                Some(file),
                format!("Line {number} of {file} {why}."),
            ),
            LineFact::Unsafe(path, why) => {
                problems.error(ProblemCode::PathUnsafe, Some(file), format!("Line {number} of {file} has the path {path:?}, which {why}."))
            }
        }
    }
    if lines.omitted > 0 {
        problems.error(ProblemCode::ProblemsOmitted, Some(file), format!("{} more lines of {file} have problems.", lines.omitted));
    }
}

fn check_text(file: &str, text: &TextFacts, version: Version, problems: &mut Problems) {
    if text.malformed {
        problems.error(ProblemCode::EncodingMismatch, Some(file), format!("{file} is not text in the encoding that bagit.txt declares."));
    }
    if text.needless_mark {
        problems.report(
            if version.is_rfc() { Severity::Error } else { Severity::Warning },
            ProblemCode::TagFileByteOrderMark,
            Some(file),
            format!("{file} begins with a byte order mark."),
        );
    }
    if let Some(line) = text.line_too_long {
        problems.error(
            ProblemCode::TagFileTooLarge,
            Some(file),
            format!("Line {line} of {file} is too long; the rest of the file was not read."),
        );
    }
}

fn read_info(inventory: &Inventory, declaration: &Declaration, version: Version, problems: &mut Problems) -> Vec<InfoField> {
    let Some(small) = inventory.info.iter().find(|small| small.file == version.info_file_name()) else {
        return Vec::new();
    };
    if small.cut {
        problems.error(
            ProblemCode::TagFileTooLarge,
            Some(small.file),
            format!("{} is larger than {} bytes; only its beginning was read.", small.file, bag_info::MAX_LEN),
        );
    }
    let encoding = declaration.encoding.unwrap_or_default();
    let (fields, text) = bag_info::parse(&small.bytes, encoding, version, small.file, problems);
    check_text(small.file, &text, version, problems);
    let found = Oxum { octets: inventory.payload_bytes, streams: inventory.payload_files };
    bag_info::check_oxum(&fields, found, small.file, problems);
    fields
}

/// Checks every path that is in the bag or in a manifest.
fn check_files(inventory: &Inventory, version: Version, problems: &mut Problems) {
    let sorted = inventory.sorted();
    let fetched: std::collections::HashSet<PathId> =
        inventory.fetch.iter().flat_map(|fetch| fetch.entries.iter().map(|(id, _)| *id)).collect();
    let is_directory = |path: &str, facts: &Facts| {
        facts.kind == Some(EntryKind::Directory) || {
            let inside = format!("{path}/");
            let at = sorted.partition_point(|(other, _)| *other < &*inside);
            sorted[at..].iter().take_while(|(other, _)| other.starts_with(&inside)).any(|(_, id)| inventory.facts(*id).is_file())
        }
    };
    for (path, id) in &sorted {
        let facts = inventory.facts(*id);
        if facts.repeated {
            problems.error(
                ProblemCode::DuplicateEntry,
                Some(path),
                format!("The package holds {path} more than once; only one can be meant."),
            );
        }
        check_listings(path, facts, inventory, problems);
        if facts.is_file() {
            check_digests(path, facts, inventory, problems);
            check_coverage(path, facts, inventory, version, problems);
        } else if !facts.listed.is_empty() {
            let listing = names_of(facts, inventory);
            if is_directory(path, facts) {
                problems.error(ProblemCode::ManifestListsDirectory, Some(path), format!("{listing} lists {path}, which is a directory."));
            } else if fetched.contains(id) {
                problems.error(
                    ProblemCode::FileNotFetched,
                    Some(path),
                    format!(
                        "{path} is listed in {listing} and still has to be fetched from where \
                         fetch.txt says."
                    ),
                );
            } else {
                problems.error(ProblemCode::FileMissing, Some(path), format!("{path} is listed in {listing} and is not in the bag."));
            }
        }
    }
}

/// "manifest-md5.txt and manifest-sha256.txt": the manifests that list a path.
fn names_of(facts: &Facts, inventory: &Inventory) -> String {
    let mut names: Vec<&str> = facts
        .listed
        .iter()
        .filter_map(|(manifest, _)| inventory.manifests.get(usize::from(*manifest)))
        .map(|manifest| manifest.file.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(" and ")
}

/// What a manifest may list, and that it lists it once (RFC 8493 sections 2.1.3 and 2.2.1).
fn check_listings(path: &str, facts: &Facts, inventory: &Inventory, problems: &mut Problems) {
    for (at, (index, digest)) in facts.listed.iter().enumerate() {
        let Some(manifest) = inventory.manifests.get(usize::from(*index)) else {
            continue;
        };
        let file = &manifest.file;
        let earlier = facts.listed[..at].iter().find(|(other, _)| other == index);
        match earlier {
            Some((_, other)) if other == digest => {
                problems.warning(
                    ProblemCode::ManifestDuplicatePath,
                    Some(path),
                    format!("{file} lists {path} more than once, with the same digest."),
                );
                continue;
            }
            Some(_) => {
                problems.error(
                    ProblemCode::ManifestConflictingDigests,
                    Some(path),
                    format!("{file} lists {path} more than once, with different digests."),
                );
                continue;
            }
            None => {}
        }
        let misplaced = match manifest.kind {
            ManifestKind::Payload if !is_payload(path) => Some("which is not in data/"),
            ManifestKind::Tag if is_payload(path) => Some("which is a payload file"),
            ManifestKind::Tag if is_tag_manifest(path) => Some("which is a tag manifest"),
            _ => None,
        };
        if let Some(why) = misplaced {
            problems.error(ProblemCode::ManifestPathMisplaced, Some(path), format!("{file} must not list {path}, {why}."));
        }
    }
}

fn is_tag_manifest(path: &str) -> bool {
    ManifestName::parse(path).is_some_and(|name| name.kind == ManifestKind::Tag)
}

fn check_digests(path: &str, facts: &Facts, inventory: &Inventory, problems: &mut Problems) {
    for (index, stated) in &facts.listed {
        let Some(manifest) = inventory.manifests.get(usize::from(*index)) else {
            continue;
        };
        let Some(algorithm) = manifest.algorithm else {
            continue;
        };
        match facts.digests.get(algorithm) {
            Some(found) if found == &**stated => {}
            Some(found) => problems.error(
                ProblemCode::DigestMismatch,
                Some(path),
                format!("{path} is not what was packed: {} says {}, the file has {}.", manifest.file, to_hex(stated), to_hex(found)),
            ),
            // A misplaced path: a payload file in a tag manifest or the other way round. That is
            // already an error; the digest was not asked for by a manifest that may ask.
            None => {}
        }
    }
}

/// Which manifests should list a file and do not.
fn check_coverage(path: &str, facts: &Facts, inventory: &Inventory, version: Version, problems: &mut Problems) {
    let lists = |at: usize| facts.listed.iter().any(|(index, _)| usize::from(*index) == at);
    let absent_from = |kind: ManifestKind| {
        inventory
            .manifests
            .iter()
            .enumerate()
            .filter(move |(at, manifest)| manifest.kind == kind && !lists(*at))
            .map(|(_, manifest)| manifest)
    };
    let count = |kind: ManifestKind| inventory.manifests.iter().filter(|manifest| manifest.kind == kind).count();
    if is_payload(path) {
        let absent: Vec<&Manifest> = absent_from(ManifestKind::Payload).collect();
        if absent.len() == count(ManifestKind::Payload) {
            problems.error(ProblemCode::FileNotListed, Some(path), format!("{path} is in the payload and in no payload manifest."));
        } else if version.is_rfc() {
            for manifest in absent {
                problems.error(
                    ProblemCode::ManifestIncomplete,
                    Some(path),
                    format!(
                        "{} does not list {path}; since BagIt 1.0 every payload manifest lists \
                         every payload file.",
                        manifest.file
                    ),
                );
            }
        }
        return;
    }
    if count(ManifestKind::Tag) == 0 || is_tag_manifest(path) {
        return;
    }
    if ManifestName::parse(path).is_some() {
        for manifest in absent_from(ManifestKind::Tag) {
            problems.report(
                if version.is_rfc() { Severity::Error } else { Severity::Warning },
                ProblemCode::TagManifestIncomplete,
                Some(path),
                format!("{} does not list {path}.", manifest.file),
            );
        }
    } else if absent_from(ManifestKind::Tag).count() == count(ManifestKind::Tag) {
        problems.warning(
            ProblemCode::TagFileNotListed,
            Some(path),
            format!("{path} is in no tag manifest, so nothing shows whether it is unchanged."),
        );
    }
}

/// Checks `fetch.txt` against the manifests and the files that are there (section 2.2.3).
fn check_fetch(inventory: &Inventory, fetch: &Fetch, version: Version, problems: &mut Problems) {
    check_lines(fetch::FILE_NAME, &fetch.text, &fetch.lines, fetch.too_large, version, problems);
    let entries: std::collections::HashMap<PathId, Option<u64>> = fetch.entries.iter().copied().collect();
    if entries.len() < fetch.entries.len() {
        problems.warning(ProblemCode::FetchInconsistent, Some(fetch::FILE_NAME), "fetch.txt lists some files more than once.");
    }
    for (path, id) in inventory.sorted() {
        let Some(length) = entries.get(&id) else {
            continue;
        };
        let facts = inventory.facts(id);
        if !is_payload(path) {
            problems.error(ProblemCode::FetchPathMisplaced, Some(path), format!("fetch.txt lists {path}, which is not in data/."));
        } else if facts.listed.is_empty() {
            // If the file is there, it is reported as not listed anyway.
            problems.error(
                ProblemCode::FetchPathMisplaced,
                Some(path),
                format!("fetch.txt lists {path}, which no payload manifest lists."),
            );
        }
        if let Some(length) = length.filter(|length| facts.is_file() && *length != facts.size) {
            problems.warning(
                ProblemCode::FetchInconsistent,
                Some(path),
                format!("fetch.txt says that {path} has {length} bytes; it has {}.", facts.size),
            );
        }
    }
}
